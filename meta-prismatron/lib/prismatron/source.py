"""The checkout this layer lies in: the program's version, and the files that go beside the program.

The version is said by Cargo.toml and by nothing else. The files are said by a recipe's PRISMATRON_DIST, one entry
a file: SOURCE:FOLDER, or SOURCE:FOLDER:MODE where the mode is not 0644. SOURCE is below app/dist.
"""

import os
from typing import NamedTuple


class File(NamedTuple):
    source: str
    folder: str
    mode: str


def version(d):
    """The version of the workspace; whatever uses it is parsed again when Cargo.toml changes."""
    import tomllib
    import bb.parse

    manifest = os.path.join(d.getVar("PRISMATRON_SOURCE"), "Cargo.toml")
    bb.parse.mark_dependency(d, manifest)
    with open(manifest, "rb") as file:
        return tomllib.load(file)["workspace"]["package"]["version"]


def files(d):
    """What the recipe installs."""
    return [parse(entry) for entry in (d.getVar("PRISMATRON_DIST") or "").split()]


def parse(entry):
    """One entry of PRISMATRON_DIST."""
    source, folder, *mode = entry.split(":")
    return File(source, folder, mode[0] if mode else "0644")


def uris(d):
    """The files for SRC_URI."""
    return " ".join(f"file://app/dist/{file.source}" for file in files(d))


def paths(d):
    """The files where they will be on the target, for FILES. A template loses its suffix."""
    return " ".join(os.path.join(file.folder, name(file)) for file in files(d))


def name(file):
    """What a file is called on the target."""
    return os.path.basename(file.source).removesuffix(".in")


def console(d):
    """The terminal of the machine's first serial console: `115200;ttyTCU0 115200;ttyS0` gives ttyTCU0."""
    first = (d.getVar("SERIAL_CONSOLES") or "115200;ttyS0").split()[0]
    return first.split(";")[1]
