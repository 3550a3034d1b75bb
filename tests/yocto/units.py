"""The units of the appliance together, as the image has them: systemd finds no cycle in their order, and starts what the
preset says.

They are laid into a folder beside this computer's own units of systemd, a boot of which is computed and not done.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

from recipes import DIST

OWN = (DIST / "systemd", DIST / "appliance/systemd/system", DIST / "appliance/grub")
PRESET = DIST / "appliance/systemd-preset/80-prismatron-appliance.preset"
SYSTEM = pathlib.Path("/usr/lib/systemd/system")
FOLDER = "usr/lib/systemd/system"
# As OpenEmbedded has it on a read-only root, where a distribution leaves it in.
VOLATILE = """\
[Unit]
DefaultDependencies=no
RequiresMountsFor=/var/volatile /var
Before=local-fs.target systemd-random-seed.service
[Service]
Type=oneshot
ExecStart=/bin/true
[Install]
WantedBy=local-fs.target systemd-random-seed.service
"""
# Programs that are on the appliance and not here.
NOT_HERE = re.compile(r"is not executable: No such file or directory$")


def lay(root):
    """All units into a folder, enabled as on the appliance."""
    units = root / FOLDER
    units.mkdir(parents=True)
    subprocess.run(["cp", "-a", f"{SYSTEM}/.", units], check=True)
    for folder in OWN:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix not in (".cfg", ".in"):
                target = units / path.relative_to(folder)
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(path.read_bytes())
    (units / "var-volatile-lib.service").write_text(VOLATILE, encoding="utf-8")
    presets = root / "usr/lib/systemd/system-preset"
    presets.mkdir()
    (presets / PRESET.name).write_bytes(PRESET.read_bytes())
    (presets / "90-rest.preset").write_text(
        "enable boot.mount\nenable prismatron-grubenv.service\nenable var-volatile-lib.service\nenable prismatron-console@.service ttyS0\ndisable *\n", encoding="utf-8")
    subprocess.run(["systemctl", "--quiet", f"--root={root}", "preset-all"], check=True, stderr=subprocess.DEVNULL)


def faults():
    """Words for what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        lay(root)
        links = {path.name for path in (root / "etc/systemd/system").rglob("*") if path.is_symlink()}
        for path in sorted(OWN[1].iterdir()):
            if "@" not in path.name and path.is_file() and "[Install]" in path.read_text(encoding="utf-8") and path.name not in links:
                yield f"{path.name} is not enabled by {PRESET.name}"
        yield from unordered(root / FOLDER)
        env = dict(os.environ, SYSTEMD_UNIT_PATH=f"{root}/etc/systemd/system:{root}/{FOLDER}")
        own = [str(root / FOLDER / path.name) for path in OWN[1].iterdir() if path.is_file()]
        command = ["systemd-analyze", "verify", "--man=no", f"{root}/{FOLDER}/multi-user.target", *own]
        done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
        yield from sorted({line.replace(folder, "") for line in done.stderr.splitlines() if not NOT_HERE.search(line)})


def unordered(units):
    """Mounts that what is laid over /var/lib could hide."""
    for path in sorted([*units.glob("var-lib-prismatron-*.mount"), units / "var-lib-systemd.mount"]):
        after = re.findall(r"^After=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        if "var-volatile-lib.service" not in " ".join(after).split():
            yield f"{path.name} does not wait for what is laid over /var/lib"


if __name__ == "__main__":
    sys.exit("\n".join(faults()) or 0)
