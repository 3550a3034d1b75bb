"""oelint-adv on both layers. oelint.json beside this has the names it cannot know, and each exception with its reason."""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SETTINGS = pathlib.Path(__file__).with_name("oelint.json")


# Written by a program, in its own style, and held by crates.py.
CRATES = "meta-prismatron/recipes-prismatron/prismatron/prismatron-crates.inc"


def files():
    """Recipes, classes and configuration of both layers."""
    found = [path for kind in ("bb", "bbappend", "inc", "bbclass") for path in (ROOT / "meta-prismatron").rglob(f"*.{kind}")]
    found += [path for kind in ("bb", "inc") for path in (ROOT / "recipes-core").rglob(f"*.{kind}")]
    found += [ROOT / "conf/layer.conf", ROOT / "meta-prismatron/conf/layer.conf", *(ROOT / "conf/distro").rglob("*.*")]
    return sorted(path for path in found if path.is_file())


def main():
    """Says what oelint-adv finds; 1 where that is anything."""
    settings = json.loads(SETTINGS.read_text(encoding="utf-8"))
    with tempfile.NamedTemporaryFile("w", suffix=".json") as constants:
        json.dump(settings["constants"], constants)
        constants.flush()
        command = [sys.executable, "-m", "oelint_adv", "--quiet", "--relpaths", "--hide", "info", "--release", "wrynose"]
        command += ["--constantmods", f"+{constants.name}"]
        for rule in settings["exceptions"]:
            command += ["--suppress", rule]
        command += ["--exit-zero", "--", *map(str, files())]
        done = subprocess.run(command, cwd=ROOT, check=False, stderr=subprocess.PIPE, text=True)
    found = [line for line in done.stderr.splitlines() if not line.startswith(f"{CRATES}:")]
    print("\n".join(found))
    return done.returncode or bool(found)


if __name__ == "__main__":
    sys.exit(main())
