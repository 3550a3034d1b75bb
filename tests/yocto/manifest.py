"""Every file of app/dist is installed by exactly one recipe, and no recipe installs what is not there.

Only what belongs to the Debian package is nobody's. The program's source is held too: every member of the workspace.
"""

import sys
import tomllib

from recipes import DIST, ROOT, label, recipes

# Maintainer scripts and the copyright file: dpkg's, not the image's.
NOT_INSTALLED = "debian/"


def faults():
    """Words for what is wrong."""
    there = {str(path.relative_to(DIST)) for path in DIST.rglob("*") if path.is_file()}
    takers = {}
    for recipe in recipes():
        for source in recipe.installs():
            takers.setdefault(source, []).append(recipe.name)
        yield from unit_faults(recipe)
    for source in sorted(there):
        if not source.startswith(NOT_INSTALLED) and source not in takers:
            yield f"app/dist/{source} is installed by no recipe"
    for source, names in sorted(takers.items()):
        if source not in there:
            yield f"{names[0]} installs app/dist/{source}, which is not there"
        if len(names) > 1:
            yield f"app/dist/{source} is installed by {' and '.join(names)}"
    yield from source_faults()


def unit_faults(recipe):
    """Units that a recipe starts and does not install."""
    installed = {source.rsplit("/", 1)[-1].removesuffix(".in") for source in recipe.installs()}
    for unit in recipe.words("SYSTEMD_SERVICE"):
        template = f"{unit.split('@')[0]}@.{unit.rsplit('.', 1)[-1]}" if "@" in unit else unit
        if template not in installed:
            yield f"{label(recipe.path)}: starts {unit} and does not install it"


def source_faults():
    """Members of the workspace that the program's recipe does not take along."""
    program = next(recipe for recipe in recipes() if recipe.name == "prismatron")
    taken = {word.removeprefix("file://").split(";")[0] for word in program.words("SRC_URI")}
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]
    for member in workspace["members"]:
        if member not in taken and f"{member}/Cargo.toml" not in taken:
            yield f"prismatron.bb does not take {member}, a member of the workspace"
    for path in sorted(taken):
        if not (ROOT / path).exists():
            yield f"prismatron.bb takes {path}, which is not there"


if __name__ == "__main__":
    sys.exit("\n".join(faults()) or 0)
