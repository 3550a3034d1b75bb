SUMMARY = "What the appliance is made of, beside what it takes to boot"

# Before packagegroup, which would take it for one of all architectures: the boot loader's part goes with the machine.
PACKAGE_ARCH = "${MACHINE_ARCH}"

inherit packagegroup features_check

REQUIRED_DISTRO_FEATURES = "polkit rauc systemd"

RDEPENDS:${PN} = "\
    ffmpeg \
    liberation-fonts \
    logrotate \
    os-release \
    prismatron-console \
    prismatron-firewall \
    prismatron-hawkbit \
    prismatron-health-gate \
    prismatron-network \
    prismatron-persistence \
    prismatron-preset \
    prismatron-provision \
    prismatron-rauc \
    prismatron-service \
    tzdata \
"
RDEPENDS:${PN}:append:qemuarm64 = " prismatron-grub"

# What keeps the board cool and its devices usable.
RDEPENDS:${PN}:append:tegra = " \
    prismatron-jetson \
    tegra-configs-sysctl \
    tegra-configs-udev \
"
# Network, USB and buses. A Jetson's own network is driven by modules out of the kernel's tree, whose names the machine has
# in variables that nothing but packagegroup-base takes.
RRECOMMENDS:${PN} = "kernel-modules"
RRECOMMENDS:${PN}:append:tegra = " \
    ${DEVKIT_ETHERNET_RRECOMMENDS} \
    ${DEVKIT_WIFI_RRECOMMENDS} \
    tegra-firmware-rtl8822 \
"
