SUMMARY = "A Jetson's own services on a root that is not written"
SECTION = "base"

inherit prismatron_dist features_check

REQUIRED_DISTRO_FEATURES = "systemd"
COMPATIBLE_MACHINE = "(tegra)"
PACKAGE_ARCH = "${MACHINE_ARCH}"

PRISMATRON_DIST = "\
    appliance/systemd/system/nvfancontrol.service.d/appliance.conf:${systemd_system_unitdir}/nvfancontrol.service.d \
    appliance/systemd/system/nvpmodel.service.d/appliance.conf:${systemd_system_unitdir}/nvpmodel.service.d \
"

# What keeps the board cool.
RDEPENDS:${PN} += "tegra-nvfancontrol"
