"""What is refused in an image, and GRUB's first state."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "meta-prismatron/lib"))

from prismatron import grub, image  # noqa: E402


class Image(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        self.write("etc/shadow", "root:*:1::::::\nprismatron:!:1::::::\n")
        self.write("usr/bin/prismatron", "")
        self.write("usr/sbin/agetty", "")

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def faults(self, closed=True):
        return image.faults(self.root, ["sshd", "gcc", "opkg"], closed)

    def test_an_appliance_has_none(self):
        self.assertEqual(self.faults(), [])

    def test_programs(self):
        for path in ("usr/sbin/sshd", "usr/bin/aarch64-prismatron-linux-gcc", "usr/bin/opkg"):
            self.write(path, "")
            self.assertEqual(self.faults(), [f"the program /{path}"])
            os.remove(os.path.join(self.root, path))

    def test_logins_on_consoles(self):
        for unit in (
            "etc/systemd/system/getty.target.wants/serial-getty@ttyTCU0.service",
            "usr/lib/systemd/system/getty.target.wants/getty@tty1.service",
            "etc/systemd/system/sysinit.target.wants/debug-shell.service",
        ):
            self.write(unit, "")
            self.assertEqual(self.faults(), [f"a login on a console: /{unit}"])
            self.assertEqual(self.faults(closed=False), [])
            os.remove(os.path.join(self.root, unit))
        self.write("usr/lib/systemd/system-generators/systemd-getty-generator", "")
        self.assertEqual(len(self.faults()), 1)

    def test_passwords(self):
        for password in ("", "$6$salt$hash"):
            self.write("etc/shadow", f"root:{password}:1::::::\n")
            self.assertEqual(self.faults(), ["a password that is not locked: root"])


class Mark(unittest.TestCase):
    RELEASE = 'ID=prismatron\nPRETTY_NAME="Prismatron 0.1.0"\nVARIANT="old"\nVARIANT_ID=old\n'

    def test_people_and_programs_see_it(self):
        lines = image.mark(self.RELEASE, "development").splitlines()
        self.assertIn('PRETTY_NAME="Prismatron 0.1.0 (development)"', lines)
        self.assertEqual([line for line in lines if "VARIANT" in line], ['VARIANT="Development"', "VARIANT_ID=development"])

    def test_a_shell_reads_it(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(image.mark(self.RELEASE, "development"))
            file.flush()
            shown = subprocess.run(["sh", "-c", f'. {file.name}; echo "$PRETTY_NAME/$VARIANT_ID"'], capture_output=True, text=True, check=True)
        self.assertEqual(shown.stdout, "Prismatron 0.1.0 (development)/development\n")


class Grub(unittest.TestCase):
    def test_environment_has_its_size(self):
        block = grub.environment(ORDER="A B", A_OK=1)
        self.assertEqual(len(block), 1024)
        self.assertRaises(ValueError, grub.environment, ORDER="A" * 1024)

    @unittest.skipUnless(shutil.which("grub-editenv"), "grub-editenv is not installed")
    def test_grub_reads_it(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(grub.environment(ORDER="A B", A_OK=1, A_TRY=0))
            file.flush()
            listed = subprocess.run(["grub-editenv", file.name, "list"], capture_output=True, text=True, check=True)
        self.assertEqual(listed.stdout.split("\n")[:3], ["ORDER=A B", "A_OK=1", "A_TRY=0"])


if __name__ == "__main__":
    unittest.main()
