"""What must not be in an image that goes on a wall, looked for in its root folder, and the mark on one that does not."""

import os

PROGRAM_FOLDERS = ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/libexec")


def faults(root, forbidden, closed):
    """Words for all that is wrong. `closed`: nobody logs in."""
    found = [f"the program {path}" for path in programs(root, set(forbidden))]
    if closed:
        found += [f"a login on a console: {unit}" for unit in logins(root)]
        found += [f"a password that is not locked: {user}" for user in open_accounts(root)]
    return found


def programs(root, names):
    """Paths of programs with one of these names, with a target's prefix or without."""
    for folder in PROGRAM_FOLDERS:
        path = os.path.join(root, folder)
        if os.path.isdir(path) and not os.path.islink(path):
            for entry in sorted(os.listdir(path)):
                if entry in names or entry.rsplit("-", 1)[-1] in names:
                    yield os.path.join("/", folder, entry)


def logins(root):
    """Units that put a login on a console, by the links that start them."""
    for base in ("etc/systemd/system", "usr/lib/systemd/system"):
        for folder, _, files in os.walk(os.path.join(root, base)):
            if folder.endswith((".wants", ".requires")):
                for name in sorted(files):
                    if "getty@" in name or name.startswith(("console-getty", "debug-shell")):
                        yield os.path.join("/", os.path.relpath(folder, root), name)
    generator = "usr/lib/systemd/system-generators/systemd-getty-generator"
    if os.path.lexists(os.path.join(root, generator)):
        yield "/" + generator


def open_accounts(root):
    """Users whose password field lets somebody in."""
    path = os.path.join(root, "etc/shadow")
    if not os.path.exists(path):
        path = os.path.join(root, "etc/passwd")
    with open(path, encoding="utf-8") as file:
        for line in file:
            user, password = line.split(":")[:2]
            if not password.startswith(("*", "!")) and password != "x":
                yield user


def mark(release, variant):
    """The text of os-release with the variant, in the name that people are shown too."""
    lines = [line for line in release.splitlines() if not line.startswith(("VARIANT=", "VARIANT_ID="))]
    lines = [f'{line[:-1]} ({variant})"' if line.startswith('PRETTY_NAME="') else line for line in lines]
    return "\n".join([*lines, f'VARIANT="{variant.capitalize()}"', f"VARIANT_ID={variant}"]) + "\n"
