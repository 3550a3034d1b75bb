"""The recipes as text, without BitBake: what they are, what they install, what their licences are."""

import pathlib
import re
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIST = ROOT / "app/dist"
LAYERS = (ROOT / "meta-prismatron", ROOT / "recipes-core")

ASSIGNMENT = re.compile(r'^([A-Za-z0-9_${}:.-]+)\s*(?:\?\?=|\?=|:=|\+=|=\+|\.=|=\.|=)\s*"((?:[^"\\]|\\.|\\\n)*)"', re.MULTILINE)


class Recipe(NamedTuple):
    path: pathlib.Path
    text: str

    @property
    def name(self):
        return self.path.stem

    def inherits(self, name):
        """Whether the recipe inherits that class."""
        return any(name in line.split() for line in re.findall(r"^inherit (.+)$", self.text, re.MULTILINE))

    def values(self, variable):
        """All that the recipe may set this variable to, one value an assignment, whatever its overrides."""
        return [
            value.replace("\\\n", " ").strip()
            for key, value in ASSIGNMENT.findall(self.text)
            if key.split(":")[0] == variable
        ]

    def words(self, variable):
        """The words of those values, with the recipe's own variables put in: one word for each value they may have."""
        return {word for value in self.values(variable) for raw in value.split() for word in self.expand(raw)}

    def expand(self, word):
        """The word with ${PRISMATRON_…} replaced by each value that the recipe gives it."""
        found = re.search(r"\$\{(PRISMATRON_[A-Z_]+)\}", word)
        if not found or not self.values(found[1]):
            return {word}
        return {
            done for value in self.values(found[1]) for done in self.expand(word.replace(found[0], value))
        }

    def installs(self):
        """Which files of app/dist it takes."""
        entries = {word.split(":")[0] for word in self.words("PRISMATRON_DIST")}
        return entries | self.words("PRISMATRON_DIST_DEPLOYED")


def recipes():
    """Every recipe of both layers."""
    return [Recipe(path, path.read_text(encoding="utf-8")) for layer in LAYERS for path in sorted(layer.rglob("*.bb"))]


def label(path):
    """A path as it is said to a person."""
    return str(path.relative_to(ROOT))
