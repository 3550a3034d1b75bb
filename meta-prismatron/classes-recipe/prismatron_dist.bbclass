# Installs files of app/dist, the one copy of what goes beside the program: packages, images and tests take these.
#
# A recipe lists them in PRISMATRON_DIST, as lib/prismatron/source.py says. A file whose name ends in .in is a template:
# it loses that ending, and each @NAME@ in it becomes what PRISMATRON_DIST_VALUES has as NAME=value.

LICENSE = "MIT | Apache-2.0"
LIC_FILES_CHKSUM = "\
    file://LICENSE-MIT;md5=4afaafd426c901f44cbbb8782af1f1cf \
    file://LICENSE-APACHE;md5=3b83ef96387f14655fc854ddc3c6bd57 \
"

PV = "${@prismatron.source.version(d)}"

PRISMATRON_DIST ?= ""
PRISMATRON_DIST_VALUES ?= ""

# The checkout itself is the source. Every file counts with its content in the task's signature, so what is built is what
# is checked out, changes included; it needs no network, no git, and shared state serves it.
FILESEXTRAPATHS:prepend := "${PRISMATRON_SOURCE}:"
SRC_URI = "\
    file://LICENSE-APACHE \
    file://LICENSE-MIT \
    ${@prismatron.source.uris(d)} \
"
S = "${UNPACKDIR}"

INHIBIT_DEFAULT_DEPS = "1"
do_configure[noexec] = "1"
do_compile[noexec] = "1"

python do_install() {
    import os
    import re

    values = dict(entry.split("=", 1) for entry in d.getVar("PRISMATRON_DIST_VALUES").split())
    for file in prismatron.source.files(d):
        source = os.path.join(d.getVar("S"), "app/dist", file.source)
        target = d.getVar("D") + os.path.join(file.folder, prismatron.source.name(file))
        with open(source, encoding="utf-8") as opened:
            text = opened.read()
        if source.endswith(".in"):
            text = re.sub(r"@([A-Z_]+)@", lambda found: values[found[1]], text)
        bb.utils.mkdirhier(os.path.dirname(target))
        with open(target, "w", encoding="utf-8") as opened:
            opened.write(text)
        os.chmod(target, int(file.mode, 8))
}
do_install[vardeps] += "PRISMATRON_DIST PRISMATRON_DIST_VALUES"

FILES:${PN} += "${@prismatron.source.paths(d)}"
