SUMMARY = "What a laptop has written to the provisioning partition, read once at boot"
SECTION = "base"

inherit allarch prismatron_dist systemd features_check

REQUIRED_DISTRO_FEATURES = "polkit systemd"

PRISMATRON_DIST = "appliance/systemd/system/prismatron-provision.service:${systemd_system_unitdir}"

SYSTEMD_SERVICE:${PN} = "prismatron-provision.service"

RDEPENDS:${PN} += "prismatron-service"
