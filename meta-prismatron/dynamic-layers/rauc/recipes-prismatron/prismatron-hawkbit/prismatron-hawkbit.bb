SUMMARY = "Updates from a hawkBit server, where the setup file names one"
SECTION = "base"

inherit prismatron_dist systemd features_check

REQUIRED_DISTRO_FEATURES = "polkit rauc systemd"

PRISMATRON_DIST = "appliance/systemd/system/prismatron-hawkbit.service:${systemd_system_unitdir}"

SYSTEMD_SERVICE:${PN} = "prismatron-hawkbit.service"

# Its own unit, which the updater's package has too, is left to the preset: not started.
RDEPENDS:${PN} += "prismatron-provision prismatron-rauc rauc-hawkbit-updater"
