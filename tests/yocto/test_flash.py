"""conf/flash writes nothing before it is sure.

The board, the cable and the card are imitated by what the real tools would print; the package, its checksum and its
unpacking are real.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NANO = "Bus 001 Device 009: ID 0955:7523 NVIDIA Corp. APX\n"
CARD = "disk 1 31914983424"
NVME = "jetson-orin-nano-devkit-nvme"
SD = "jetson-orin-nano-devkit"


class Flash(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tools = self.folder / "tools"
        self.tools.mkdir()
        for tool in ("bmaptool", "cpp", "dtc", "sgdisk", "udisksctl"):
            self.tool(tool, "exit 0")
        self.usb(NANO)
        self.card(CARD)
        self.image = self.pack(NVME)

    def tool(self, name, text):
        path = self.tools / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)

    def usb(self, text):
        self.tool("lsusb", f"printf '%s' '{text}'")

    def card(self, row, mounts=""):
        self.tool("lsblk", f"case $* in *MOUNTPOINTS*) echo '{mounts}' ;; *) echo '{row}' ;; esac")

    def pack(self, machine):
        """A package like the build's, whose vendor's tools write down that they were called."""
        content = self.folder / f"content-{machine}"
        content.mkdir()
        (content / ".env.initrd-flash").write_text(f'CHIPID="0x23"\nMACHINE="{machine}"\n', encoding="utf-8")
        for name in ("initrd-flash", "dosdcard.sh"):
            script = content / name
            script.write_text(f'#!/bin/sh\necho {name} "$@" >>{self.folder}/called\n', encoding="utf-8")
            script.chmod(0o755)
        image = self.folder / f"{machine}.tegraflash-tar.zst"
        names = sorted(path.name for path in content.iterdir())
        subprocess.run(["tar", "-C", content, "-cf", image, "--use-compress-program", "zstd", *names], check=True)
        total = hashlib.sha256(image.read_bytes()).hexdigest()
        pathlib.Path(f"{image}.sha256sum").write_text(f"{total}  {image.name}\n", encoding="utf-8")
        return image

    def flash(self, *args, answer="erase\n", path=None):
        env = dict(os.environ, PATH=path or f"{self.tools}:{os.environ['PATH']}", TMPDIR=str(self.folder))
        command = [ROOT / "conf/flash", *args]
        return subprocess.run(command, input=answer, env=env, capture_output=True, text=True, check=False)

    def called(self):
        path = self.folder / "called"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def refuses(self, words, *args, answer="erase\n", path=None):
        done = self.flash(*args, answer=answer, path=path)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(words, done.stderr)
        self.assertEqual(self.called(), [])

    def test_flashes_a_board_when_told_to(self):
        done = self.flash(self.image)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.called(), ["initrd-flash --erase-nvme"])
        self.assertIn("NVMe", done.stdout)

    def test_flashes_the_card_in_a_board(self):
        self.assertEqual(self.flash(self.pack(SD)).returncode, 0)
        self.assertEqual(self.called(), ["initrd-flash"])

    def test_writes_a_card_in_a_reader(self):
        disk = self.disk()
        self.assertEqual(self.flash(self.pack(SD), disk).returncode, 0)
        self.assertEqual(self.called(), [f"dosdcard.sh -y {disk}"])

    def test_asks(self):
        for answer in ("", "\n", "y\n", "yes\n", "ERASE\n"):
            self.refuses("nothing was written", self.image, answer=answer)

    def test_asks_before_it_writes_a_card(self):
        self.refuses("nothing was written", self.pack(SD), self.disk(), answer="yes\n")

    def test_leaves_nothing_behind(self):
        before = set(self.folder.iterdir())
        self.flash(self.image, answer="no\n")
        self.assertEqual(set(self.folder.iterdir()), before)

    def test_a_file_that_is_not_whole(self):
        with open(self.image, "r+b") as file:
            file.truncate(os.path.getsize(self.image) - 1)
        self.refuses("not what its checksum says", self.image)

    def test_a_file_without_a_sum(self):
        os.remove(f"{self.image}.sha256sum")
        self.refuses("is missing", self.image)

    def test_no_file(self):
        self.refuses("is no file", self.folder / "nothing")

    def test_another_kind_of_file(self):
        text = self.folder / "text"
        text.write_text("not a package", encoding="utf-8")
        total = hashlib.sha256(text.read_bytes()).hexdigest()
        pathlib.Path(f"{text}.sha256sum").write_text(f"{total}  text\n", encoding="utf-8")
        self.refuses("not a package", text)

    def test_an_image_for_something_else(self):
        self.refuses("not for a Jetson Orin Nano", self.pack("jetson-agx-orin-devkit"))

    def test_no_board(self):
        self.usb("")
        self.refuses("no board in recovery mode", self.image)

    def test_a_board_that_runs(self):
        self.usb("Bus 001 Device 009: ID 0955:7020 NVIDIA Corp. L4T\n")
        self.refuses("not an Orin Nano in recovery mode", self.image)

    def test_two_boards(self):
        self.usb(NANO + NANO)
        self.refuses("2 NVIDIA devices", self.image)

    def test_a_card_for_an_nvme_image(self):
        self.refuses("does not start from a card", self.image, self.disk())

    def test_no_card(self):
        self.refuses("is no disk", self.pack(SD), self.folder / "nothing")

    def test_cards_that_are_none(self):
        image = self.pack(SD)
        for row, words in (
            ("part 1 31914983424", "not a whole disk"),
            ("disk 0 31914983424", "is not removable"),
            ("disk 1 8000000000", "is too small"),
        ):
            self.card(row)
            self.refuses(words, image, self.disk())

    def test_a_card_in_use(self):
        self.card(CARD, "/media/card")
        self.refuses("is in use", self.pack(SD), self.disk())

    def test_a_tool_that_is_missing(self):
        # On this computer it may be installed.
        os.remove(self.tools / "sgdisk")
        for tool in ("bash", "python3", "tar", "zstd"):
            os.symlink(shutil.which(tool), self.tools / tool)
        self.refuses("not installed: sgdisk (", self.image, path=str(self.tools))

    def disk(self):
        """Any block device of this machine: nothing is ever written to it here."""
        for path in pathlib.Path("/dev").iterdir():
            if path.is_block_device():
                return path
        self.skipTest("there is no block device")


if __name__ == "__main__":
    unittest.main()
