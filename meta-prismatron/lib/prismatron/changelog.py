"""What is new in an update: the newest section of the changelog, as a value of RAUC's manifest.

The manifest is a key file of GLib, whose values are of one line: line breaks and what begins with a space are escaped.
"""

import os
import re


def of_checkout(d):
    """That of the checkout; whatever uses it is parsed again when CHANGELOG.md changes."""
    import bb.parse

    path = os.path.join(d.getVar("PRISMATRON_SOURCE"), "CHANGELOG.md")
    bb.parse.mark_dependency(d, path)
    return read(path)


def read(path):
    """That of a file."""
    with open(path, encoding="utf-8") as file:
        return value(newest(file.read()))


def newest(text):
    """The newest section without its title, which is the version."""
    sections = re.split(r"^## .*$", text, flags=re.MULTILINE)
    return sections[1].strip()


def value(text):
    """A text as a value."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
