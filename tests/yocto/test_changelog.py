"""What an update says is new in it."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "meta-prismatron/lib"))

from prismatron import changelog  # noqa: E402


class Changelog(unittest.TestCase):
    def test_the_newest_section_is_one_line(self):
        text = "# Changelog\n\nThe form …\n\n## [2.0.0] - 2026-02-01\n\n### Added\n- One,\n  and `C:\\n`.\n\n## [1.0.0]\n- Old.\n"
        self.assertEqual(changelog.value(changelog.newest(text)), r"### Added\n- One,\n  and `C:\\n`.")

    def test_that_of_the_checkout_is_there_and_bitbake_leaves_it_alone(self):
        said = changelog.read(ROOT / "CHANGELOG.md")
        self.assertTrue(said.startswith("### "), said)
        self.assertNotIn("\n", said)
        self.assertNotIn("${", said)
        # RAUC takes signatures of 64 KiB, with manifest and certificates.
        self.assertLess(len(said.encode()), 32 << 10)


if __name__ == "__main__":
    unittest.main()
