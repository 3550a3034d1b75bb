# nooelint: oelint.var.mandatoryvar - the class has LICENSE and SRC_URI
SUMMARY = "Ways in, for development: root on the serial line, SSH with keys"
SECTION = "devel"

inherit prismatron_dist features_check

REQUIRED_DISTRO_FEATURES = "polkit systemd"
PACKAGE_ARCH = "${MACHINE_ARCH}"

# Whose keys: a file in the form of authorized_keys, outside the layers. Without it there is the serial line only.
PRISMATRON_SSH_KEYS ??= "${TOPDIR}/keys/authorized_keys"

PRISMATRON_DIST = "\
    development/issue.d/prismatron-development.issue:${sysconfdir}/issue.d \
    development/ssh/prismatron-development.conf:${sysconfdir}/ssh/sshd_config.d \
    development/systemd-preset/70-prismatron-development.preset.in:${nonarch_libdir}/systemd/system-preset \
    development/systemd/system/prismatron-firewall.service.d/prismatron-development.conf:${systemd_system_unitdir}/prismatron-firewall.service.d \
    development/systemd/system/serial-getty@.service.d/prismatron-development.conf:${systemd_system_unitdir}/serial-getty@.service.d \
    development/tmpfiles.d/prismatron-development.conf:${nonarch_libdir}/tmpfiles.d \
"
PRISMATRON_DIST_VALUES = "CONSOLE=${PRISMATRON_CONSOLE}"

python do_install:append() {
    import shutil

    keys = d.getVar("PRISMATRON_SSH_KEYS")
    if os.path.isfile(keys):
        shutil.copyfile(keys, d.expand("${D}${sysconfdir}/ssh/authorized_keys"))
    else:
        bb.note("no SSH keys: %s is no file" % keys)
}
do_install[file-checksums] += "${PRISMATRON_SSH_KEYS}:${@os.path.isfile(d.getVar('PRISMATRON_SSH_KEYS'))}"

FILES:${PN} += "${sysconfdir}/ssh"

# With what docs/flash.md has typed on a board.
RDEPENDS:${PN} += "\
    openssh \
    prismatron-console \
    prismatron-firewall \
    systemd-analyze \
    util-linux-agetty \
    util-linux-findmnt \
    util-linux-lsblk \
"
