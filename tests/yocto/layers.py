"""What needs BitBake and the layers of kas.yml, in the folder that PRISMATRON_LAYERS names.

    layers.py --why-not   says what is missing; nothing where all is there
    layers.py --list      names the checks
    layers.py NAME        does one

No network is used. A dry run computes every task that an image would take and runs none.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import builds
import features as expected
from recipes import recipes

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PRISMATRON_TEST_CACHE", ROOT / "tests/.cache")) / "yocto/build"
BUILDER = os.environ.get("PRISMATRON_BUILDER", "nobody")
TARGETS = ("prismatron-image", "prismatron-image-dev", "prismatron-bundle", "prismatron-bundle-dev")

# What Yocto says on every machine without a network and without a shared state of its own, of no recipe; and that the
# recipes below were installed by force.
NOT_OURS = re.compile(r"sstate|uninative|BB_SIGNATURE_HANDLER|do_install is tainted from a forced run")

# Which of the recipes without a compiler are for one kind of machine.
QEMU_ONLY = {"prismatron-grub"}
JETSON_ONLY = {"prismatron-jetson"}
# What they make themselves.
MADE = {
    "prismatron-development": {"etc/ssh/authorized_keys"},
    "prismatron-grub": {"boot/slot.cfg", "boot/vmlinuz"},
    "prismatron-rauc": {"etc/rauc/keyring.pem"},
    "prismatron-service": {"etc/issue.d/prismatron.issue"},
}


class Fault(Exception):
    """Something is not as it should be."""


def checks():
    """Every check by its name."""
    named = {"layers are at the commits of kas.yml": commits}
    for name, machine in builds.machines().items():
        named[f"{name}: parses without a warning"] = lambda machine=machine: parse(machine)
        named[f"{name}: features"] = lambda machine=machine: features(machine)
        named[f"{name}: configuration recipes install"] = lambda machine=machine: install(machine)
        named[f"{name}: dry run of images and bundles"] = lambda machine=machine: dry_run(machine)
    named["vendor's tool reads the disk's layout"] = vendor_layout
    named["yocto-check-layer"] = check_layer
    return named


def why_not():
    """What keeps them from running, in words, or None."""
    folder = layers()
    missing = [name for name in builds.pins() if not (folder / name).is_dir()]
    if missing:
        return f"{folder} lacks {' '.join(missing)}"
    tools = [tool for tool in ("chrpath", "diffstat", "gawk", "lz4c", "zstd", "cpio", "file", "wget", "makeinfo", "setpriv")
             if not shutil.which(tool)]
    if tools:
        return f"not installed: {' '.join(tools)}"
    locales = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.lower().split()
    return None if "en_us.utf8" in locales else "there is no locale en_US.UTF-8, which BitBake asks for"


def layers():
    """Where they are."""
    return pathlib.Path(os.environ.get("PRISMATRON_LAYERS", ".")).resolve()


def paths():
    """The folders of the layers that kas.yml asks for, the project's own last."""
    found = []
    for name, repo in builds.load(ROOT / "kas.yml")["repos"].items():
        base = ROOT if not (repo or {}).get("url") else layers() / name
        parts = (repo or {}).get("layers") or {".": None}
        found += [base / part for part, state in parts.items() if state != "disabled"]
    own = [path for path in found if path.is_relative_to(ROOT)]
    return [path for path in found if path not in own] + own


def configure(build, conf, with_layers):
    """A build folder that the builder owns."""
    (build / "conf").mkdir(parents=True, exist_ok=True)
    listed = " ".join(str(path.resolve()) for path in with_layers)
    (build / "conf/bblayers.conf").write_text(
        f'LCONF_VERSION = "7"\nBBPATH = "${{TOPDIR}}"\nBBFILES ?= ""\nBBLAYERS = "{listed}"\n', encoding="utf-8")
    (build / "conf/local.conf").write_text(conf, encoding="utf-8")
    keys = build / "keys"
    if not keys.exists():
        subprocess.run([ROOT / "conf/rauc-keys", keys], check=True, stdout=subprocess.DEVNULL)
        (keys / "authorized_keys").write_text("ssh-ed25519 AAAA test\n", encoding="utf-8")
        (keys / "authorized_keys").chmod(0o644)
    # pseudo would have to be built. Nothing that runs here gives a file to somebody else.
    fakeroot = build / "fakeroot"
    fakeroot.write_text('#!/bin/sh\n[ "$1" = -S ] || exec "$@"\n', encoding="utf-8")
    fakeroot.chmod(0o755)
    if os.getuid() == 0:
        subprocess.run(["chown", "--recursive", BUILDER, build], check=True)


# Of meta-openembedded's two thousand recipes those that an image of ours takes: the rest would only be parsed, which is
# most of the time that all this takes.
TAKEN = "devmem2|duktape|jansson|libnftnl|nftables|polkit|python3-kconfiglib[^/]*"
LOCAL = f"""\
CONF_VERSION = "2"
BBMASK = "/meta-openembedded/(?!.*/({TAKEN})) /meta-tegra/external/"
BBFILE_PATTERN_IGNORE_EMPTY_meta-python = "1"
FAKEROOTCMD = "${{TOPDIR}}/fakeroot"
BB_NO_NETWORK = "1"
CONNECTIVITY_CHECK_URIS = ""
INHERIT:remove = "uninative"
BB_SERVER_TIMEOUT = "0"
"""


def run(build, machine, *command):
    """A command of Yocto's as the builder; its output, and its exit code."""
    core = layers() / "openembedded-core"
    env = {
        "HOME": str(build), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "BUILDDIR": str(build), "BBPATH": str(build),
        "MACHINE": machine, "BB_ENV_PASSTHROUGH_ADDITIONS": "MACHINE",
        # Checkouts that somebody else owns.
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        "PATH": f"{core}/scripts:{layers()}/bitbake/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    }
    user = ["setpriv", f"--reuid={BUILDER}", "--clear-groups"] if os.getuid() == 0 else []
    done = subprocess.run([*user, *command], cwd=build, env=env, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr, done.returncode


def bitbake(machine, *args):
    """BitBake with all layers; no error, and no warning of ours."""
    configure(BUILD, f'DISTRO = "prismatron"\n{LOCAL}', paths())
    output, code = run(BUILD, machine, "bitbake", *args)
    said = [line for line in output.splitlines() if line.startswith(("WARNING", "ERROR")) and not NOT_OURS.search(line)]
    if code or said:
        raise Fault(f"bitbake {' '.join(args)} for {machine} ended with {code}\n" + "\n".join(said or [output[-4000:]]))
    return output


def commits():
    """What is tested is what is pinned."""
    for name, commit in builds.pins().items():
        command = ["git", "-c", "safe.directory=*", "-C", layers() / name, "rev-parse", "HEAD"]
        head = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        if head != commit:
            raise Fault(f"{name} is at {head}, kas.yml says {commit}")


def parse(machine):
    """Every recipe of every layer."""
    print(bitbake(machine, "-p"))


def features(machine):
    """What features.py says of each recipe."""
    tables = expected.tables(machine)
    for recipe in sorted({name for table in tables for name in table}):
        values = environment(machine, recipe)
        for table in tables:
            for variable, words in table.get(recipe, {}).items():
                compare(recipe, variable, values.get(variable, ""), words.format(machine=machine))


def environment(machine, recipe):
    """The recipe's variables as BitBake sees them. One of ours needs no other parsed; one of others has our appends."""
    configure(BUILD, f'DISTRO = "prismatron"\n{LOCAL}', paths())
    path = next((found.path for found in recipes() if found.name == recipe), None)
    output, code = run(BUILD, machine, "bitbake", "-e", *(["-b", str(path)] if path else [recipe]))
    if code:
        raise Fault(f"bitbake -e {recipe} for {machine} ended with {code}\n{output[-4000:]}")
    lines = re.findall(r'^(?:export )?([A-Za-z0-9_:./-]+)="((?:[^"\\]|\\.)*)"$', output, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", value.replace("\\\n", " ")) for name, value in lines}


def compare(recipe, variable, value, words):
    """One line of a table with what is there."""
    for word in words.split():
        if word.startswith("!"):
            if word[1:] in value.split():
                raise Fault(f"{recipe}: {variable} has {word[1:]}: {value}")
        elif word not in value.split() and word != value:
            raise Fault(f"{recipe}: {variable} lacks {word}: {value}")


def install(machine):
    """Each recipe without a compiler, for real, up to do_install; what is then there is what the recipe says."""
    configure(BUILD, f'DISTRO = "prismatron"\n{LOCAL}', paths())
    for recipe in recipes():
        if not recipe.inherits("prismatron_dist") or recipe.name in (JETSON_ONLY if machine.startswith("qemu") else QEMU_ONLY):
            continue
        # One that is for all machines is the same on each: the first shows it.
        if recipe.inherits("allarch") and machine != next(iter(builds.machines().values())):
            continue
        output, code = run(BUILD, machine, "bitbake", "-b", str(recipe.path), "-c", "install", "-f")
        if code:
            raise Fault(f"{recipe.name} for {machine} ended with {code}\n{output[-4000:]}")
        values = environment(machine, recipe.name)
        said = {target(*entry.split(":")[:2]) for entry in values["PRISMATRON_DIST"].split()} | MADE.get(recipe.name, set())
        image = pathlib.Path(values["D"])
        found = {str(path.relative_to(image)) for path in image.rglob("*") if not path.is_dir() or path.is_symlink()}
        if found != said:
            raise Fault(f"{recipe.name} for {machine} installs {sorted(found)} and says {sorted(said)}")
        print(f"{recipe.name}: {len(found)} files")


def target(source, folder):
    """Where a file of app/dist is on the target; RAUC's has a name of its own."""
    name = source.rsplit("/", 1)[-1].removesuffix(".in")
    return f"{folder.lstrip('/')}/{'system.conf' if folder == '/etc/rauc' else name}"


def dry_run(machine):
    """All tasks of all targets are found and none is run."""
    print(bitbake(machine, "-n", *TARGETS)[-2000:])


def vendor_layout():
    """meta-tegra's reader, which the flashing scripts go by, takes the layout as it is meant."""
    sys.path.insert(0, str(ROOT / "meta-prismatron/lib"))
    from prismatron import layout
    from test_layout import LAYOUT

    reader = layers() / "meta-tegra/recipes-bsp/tegra-binaries/tegra-helper-scripts/nvflashxmlparse.py"
    with tempfile.NamedTemporaryFile("w+", suffix=".xml") as file:
        file.write(LAYOUT.replace("EXT_NUM_SECTORS", "490733568").replace("APPSIZE", "4294967296"))
        file.flush()
        layout.extend(file.name)
        command = [sys.executable, reader, "--type", "rootfs", file.name]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = [dict(re.findall(r'(\w+)="?([^";]*)"?', line)) for line in output.splitlines()]
    found = {row["partname"]: row for row in rows}
    numbers = [row["partnumber"] for row in rows]
    if len(set(numbers)) != len(numbers):
        raise Fault(f"two partitions have the same number: {output}")
    if (found["APP"]["partnumber"], found["APP_b"]["partnumber"]) != ("1", "2"):
        raise Fault(f"the roots have other numbers than the vendor's: {output}")
    if found["data"]["partfilltoend"] != "1" or found["data"]["parttype"] != layout.DATA:
        raise Fault(f"data does not go to the end of the disk, or has another type: {output}")
    if found["provision"]["partfile"] != "provision.img" or found["provision"]["parttype"] != layout.BASIC_DATA:
        raise Fault(f"the provisioning partition is not filled: {output}")


def check_layer():
    """Yocto's own test of a layer that others may add."""
    build = BUILD.with_name("check-layer")
    shutil.rmtree(build, ignore_errors=True)
    core = layers() / "openembedded-core/meta"
    configure(build, LOCAL, [core])
    others = [str(path) for path in paths() if path != core and not path.is_relative_to(ROOT)]
    output, code = run(build, "qemuarm64", "yocto-check-layer", "--no-auto-dependency", "--machines", "qemuarm64",
                       "--dependency", *others, "--", str(ROOT / "meta-prismatron"))
    print(output)
    if code or "PASS" not in output:
        raise Fault("yocto-check-layer fails")


def main():
    """One of the three uses."""
    if sys.argv[1:] == ["--list"]:
        print("\n".join(checks()))
    elif sys.argv[1:] == ["--why-not"]:
        print(why_not() or "")
    else:
        checks()[sys.argv[1]]()


if __name__ == "__main__":
    try:
        main()
    except Fault as fault:
        sys.exit(str(fault))
