SUMMARY = "A menu on the serial line, in the place of a login"
SECTION = "base"

inherit prismatron_dist systemd features_check

REQUIRED_DISTRO_FEATURES = "polkit systemd"

PACKAGE_ARCH = "${MACHINE_ARCH}"

PRISMATRON_DIST = "appliance/systemd/system/prismatron-console@.service:${systemd_system_unitdir}"

SYSTEMD_SERVICE:${PN} = "prismatron-console@${PRISMATRON_CONSOLE}.service"

RDEPENDS:${PN} += "prismatron-service"
