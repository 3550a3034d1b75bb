SUMMARY = "Updates by RAUC: slots, keyring, who may ask, when a slot is good"
SECTION = "base"

inherit prismatron_dist systemd features_check

REQUIRED_DISTRO_FEATURES = "polkit rauc systemd"

# Slots and keyring are the machine's.
PACKAGE_ARCH = "${MACHINE_ARCH}"

# Whose updates are taken: a file with certificates, outside the layers.
PRISMATRON_KEYRING ??= ""
# The boot loader whose slots are switched.
PRISMATRON_BOOTLOADER = "grub"
PRISMATRON_BOOTLOADER:tegra = "tegra"

PRISMATRON_DIST = "\
    appliance/rauc/system-${PRISMATRON_BOOTLOADER}.conf.in:${sysconfdir}/rauc \
    appliance/systemd/system/prismatron-mark-good.service:${systemd_system_unitdir} \
    appliance/systemd/system/rauc.service.d/appliance.conf:${systemd_system_unitdir}/rauc.service.d \
    dbus-1/system.d/prismatron-rauc.conf:${sysconfdir}/dbus-1/system.d \
"
PRISMATRON_DIST:append:tegra = " appliance/rauc/tegra-bootloader:${nonarch_libdir}/prismatron:0755"
PRISMATRON_DIST_VALUES = "COMPATIBLE=${PRISMATRON_COMPATIBLE}"

SYSTEMD_SERVICE:${PN} = "prismatron-mark-good.service"

python do_install:append() {
    import shutil

    folder = d.expand("${D}${sysconfdir}/rauc/")
    os.rename(folder + d.expand("system-${PRISMATRON_BOOTLOADER}.conf"), folder + "system.conf")
    keyring = d.getVar("PRISMATRON_KEYRING")
    if not os.path.isfile(keyring):
        bb.fatal("PRISMATRON_KEYRING is '%s', which is no file: `conf/rauc-keys FOLDER` makes keys for development" % keyring)
    shutil.copyfile(keyring, folder + "keyring.pem")
}
do_install[file-checksums] += "${@d.getVar('PRISMATRON_KEYRING') + ':True' if d.getVar('PRISMATRON_KEYRING') else ''}"

FILES:${PN} += "${sysconfdir}/rauc"

# RAUC's own unit would mark each boot good that got so far, with light or without.
RDEPENDS:${PN} += "prismatron-access prismatron-health-gate rauc-service"
# What tegra-bootloader asks. Not tegra-redundant-boot: it confirms each boot as soon as userspace is up.
RDEPENDS:${PN}:append:tegra = " devmem2 tegra-redundant-boot-base"
RPROVIDES:${PN} += "virtual-rauc-conf"
RCONFLICTS:${PN} += "rauc-conf rauc-mark-good"
