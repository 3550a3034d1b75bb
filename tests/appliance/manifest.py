"""The root in QEMU is what the recipes declare: files with their modes, owners and content, and units that are enabled.

    manifest.py SLOT BASE

SLOT is the content of a slot as squashfs, BASE the Debian root it stands on. What no recipe knows of is in NOT_DECLARED:
what Debian needs otherwise than the distribution of the image, and what tests need.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/yocto"))
sys.path.insert(0, str(ROOT / "meta-prismatron/lib"))

from prismatron import source  # noqa: E402
from recipes import DIST, recipes  # noqa: E402

# As bitbake.conf and systemd's classes have them.
FOLDERS = {
    "bindir": "/usr/bin",
    "datadir": "/usr/share",
    "libdir": "/usr/lib",
    "localstatedir": "/var",
    "nonarch_base_libdir": "/usr/lib",
    "nonarch_libdir": "/usr/lib",
    "sysconfdir": "/etc",
    "systemd_system_unitdir": "/usr/lib/systemd/system",
    "systemd_unitdir": "/usr/lib/systemd",
}
# The line of QEMU's computer.
CONSOLE = "ttyS0"
# Recipes of other machines, and of the image for development.
OTHERS = ("/tegra/", "/prismatron-development/")
NOT_DECLARED = {
    # The distribution's part on Debian.
    "/etc/fstab": "tmpfs on what changes",
    "/etc/issue.d": "made by prismatron-service.bb otherwise than by its list",
    "/etc/issue.d/prismatron.issue": "a link into /run",
    "/etc/localtime": "a link into /run",
    "/etc/machine-id": "empty: made at each boot, in memory",
    "/etc/modules-load.d/emulated.conf": "what the image's kernel has built in",
    "/etc/resolv.conf": "a link into /run",
    "/etc/systemd/system/ctrl-alt-del.target": "Debian's way to enable reboot.target",
    "/usr/lib/os-release": "the name of the image",
    "/usr/lib/systemd/system-preset/99-image.preset": "nothing else is enabled",
    # A processor that is emulated.
    "/boot/slot.cfg": "arguments of the kernel",
    "/etc/systemd/system.conf.d": "",
    "/etc/systemd/system.conf.d/emulated.conf": "longer deadlines",
    "/etc/systemd/system/prismatron.service.d": "",
    "/etc/systemd/system/prismatron.service.d/emulated.conf": "longer deadlines",
    # The tests' own.
    "/usr/lib/systemd/system/prismatron-test-shell.service": "a root's shell",
    "/etc/systemd/system/sysinit.target.wants/prismatron-test-shell.service": "",
    # The site's.
    "/etc/rauc/keyring.pem": "keys of the tests",
}
# Content that is the machine's: templates, and what an emulated processor needs otherwise.
CHANGED = ("/etc/prismatron/prismatron.ron",)
# Users and groups, which sysusers makes here and useradd in the image.
ACCOUNTS = re.compile(r"^/etc/(passwd|group|shadow|gshadow)-?$|^/etc/\.pwd\.lock$")
# What is enabled is compared by itself.
LINKS = re.compile(r"^/etc/systemd/system/[^/]+\.(wants|requires)(/[^/]+)?$|^/etc/systemd/system/dbus-[^/]+\.service$")


def expand(path):
    """A folder of a recipe on the target."""
    return re.sub(r"\$\{(\w+)\}", lambda found: FOLDERS[found[1]], path)


def declared():
    """What the recipes of this machine install: path on the target to source and mode; the units they enable; and the folders they make."""
    files, units, folders = {"/usr/bin/prismatron": (None, 0o755)}, set(), set()
    for recipe in recipes():
        if any(part in str(recipe.path) for part in OTHERS):
            continue
        for entry in recipe.words("PRISMATRON_DIST"):
            file = source.parse(entry)
            if "tegra" in file.source:
                continue
            path = f"{expand(file.folder)}/{source.name(file)}"
            # One recipe has a template for each kind of boot loader.
            files[re.sub(r"/system-grub\.conf$", "/system.conf", path)] = (file.source, int(file.mode, 8))
        units |= {unit.replace("${PRISMATRON_CONSOLE}", CONSOLE) for unit in recipe.words("SYSTEMD_SERVICE")}
        folders |= {expand(folder) for folder in recipe.words("PRISMATRON_FOLDERS")}
    return files, units, folders


def listing(slot):
    """Every path of a squashfs: kind, mode, owner."""
    said = subprocess.run(["unsquashfs", "-lln", "-d", "", slot], check=True, capture_output=True, text=True).stdout
    entries = {}
    for line in said.splitlines():
        found = re.match(r"^([-dlcbps])(\S{9}) (\d+)/(\d+) .{16,}? \d\d:\d\d (/.*)$", line)
        if found:
            kind, mode, user, group, path = found.groups()
            entries[path.split(" -> ")[0]] = (kind, octal(mode), int(user), int(group))
    return entries


def octal(text):
    """rwxr-xr-x as a number."""
    bits = sum(1 << (8 - at) for at, letter in enumerate(text) if letter not in "-ST")
    special = (text[2] in "sS") << 11 | (text[5] in "sS") << 10 | (text[8] in "tT") << 9
    return bits | special


def faults(slot, base, root):
    """Words for what is wrong. `root` is a folder with the slot's own content."""
    entries = listing(slot)
    files, units, folders = declared()
    for path, (origin, mode) in sorted(files.items()):
        entry = entries.get(path)
        if entry is None:
            yield f"{path} is declared and not there"
        elif entry != ("-", mode, 0, 0):
            yield f"{path} is {entry}, and declared as a file of root with {mode:o}"
        elif origin and path not in CHANGED and not is_of((root / path[1:]).read_text(), (DIST / origin).read_text()):
            yield f"{path} is not app/dist/{origin}"
    for path in sorted(folders):
        if entries.get(path, "")[:1] != ("d",):
            yield f"{path} is declared as a folder and not there"
    for path in sorted(entries):
        if (base / path[1:]).exists() or (base / path[1:]).is_symlink():
            continue
        known = path in files or path in folders or path in NOT_DECLARED or ACCOUNTS.match(path) or LINKS.match(path)
        if not known and not any(other.startswith(path + "/") for other in (*files, *folders)):
            yield f"{path} is there, and no recipe declares it"
    yield from unit_faults(entries, units)


def is_of(text, template):
    """Whether a text is a template's, whatever stands at its `@PLACES@`."""
    return re.fullmatch(re.sub(r"@[A-Z]+@", r"[^\\n]+", re.escape(template)), text) is not None


def unit_faults(entries, units):
    """Units that a recipe enables and the root does not, and the other way round."""
    enabled = {found[1] for path in entries if (found := re.match(r"^/etc/systemd/system/[^/]+\.(?:wants|requires)/(.+)$", path))}
    enabled -= {path.rsplit("/", 1)[-1] for path in NOT_DECLARED}
    for unit in sorted(units - enabled):
        yield f"{unit} is declared to be enabled and is not"
    ours = {path.name.removesuffix(".in") for path in DIST.rglob("*")}
    for unit in sorted(enabled - units):
        if re.sub(r"@.*\.", "@.", unit) in ours:
            yield f"{unit} is enabled, and no recipe declares it"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        unpacked = pathlib.Path(folder) / "root"
        subprocess.run(
            ["unsquashfs", "-quiet", "-no-progress", "-d", unpacked, sys.argv[1], "etc", "usr/lib/modprobe.d", "usr/lib/repart.d",
             "usr/lib/systemd", "usr/lib/sysusers.d", "usr/lib/tmpfiles.d", "usr/lib/udev", "usr/share/prismatron",
             "usr/share/polkit-1", "usr/bin/prismatron"],
            check=True, stdout=subprocess.DEVNULL)
        sys.exit("\n".join(faults(sys.argv[1], pathlib.Path(sys.argv[2]), unpacked)) or 0)
