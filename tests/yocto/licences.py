"""Every recipe has a licence with a name that SPDX knows, and the files that it says have that text are as it says."""

import hashlib
import re
import sys
import tomllib

from license_expression import get_spdx_licensing

from recipes import ROOT, label, recipes, Recipe

CLASSES = ROOT / "meta-prismatron/classes-recipe"


def faults():
    """Words for what is wrong."""
    known = get_spdx_licensing()
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["license"]
    own = known.parse(workspace, validate=True)
    for recipe in recipes():
        name = label(recipe.path)
        sources = [recipe, *inherited(recipe)]
        licences = [value for source in sources for value in source.values("LICENSE")]
        # A group of names has no text that could have a licence of its own; its class says MIT.
        if not licences and not recipe.inherits("packagegroup"):
            yield f"{name}: has no licence"
        for licence in licences:
            found = known.validate(licence.replace("|", " OR ").replace("&", " AND "))
            if found.errors:
                yield f"{name}: {licence}: {' '.join(found.errors)}"
            elif known.parse(found.normalized_expression) != own:
                yield f"{name}: {licence} is not {workspace}, which Cargo.toml says"
        for source in sources:
            yield from sum_faults(name, source)


def inherited(recipe):
    """What of this repository the recipe inherits or requires."""
    for names in re.findall(r"^inherit (.+)$", recipe.text, re.MULTILINE):
        for name in names.split():
            path = CLASSES / f"{name}.bbclass"
            if path.exists():
                yield Recipe(path, path.read_text(encoding="utf-8"))
    for name in re.findall(r"^require (\S+)$", recipe.text, re.MULTILINE):
        path = recipe.path.parent / name
        yield Recipe(path, path.read_text(encoding="utf-8"))


def sum_faults(name, source):
    """Files of licence texts that are not as their sums say."""
    for entry in source.words("LIC_FILES_CHKSUM"):
        found = re.fullmatch(r"file://([^;]+);md5=([0-9a-f]{32})", entry)
        if not found:
            yield f"{name}: {entry} is not a file of this checkout with its sum"
        elif hashlib.md5((ROOT / found[1]).read_bytes()).hexdigest() != found[2]:
            yield f"{name}: {found[1]} is not the text it was"


if __name__ == "__main__":
    sys.exit("\n".join(faults()) or 0)
