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

# What keeps the board cool and its devices usable, and nvbootctrl. Not tegra-redundant-boot: it confirms each boot as
# soon as userspace is up, with light or without.
RDEPENDS:${PN}:append:tegra = " \
    tegra-configs-sysctl \
    tegra-configs-udev \
    tegra-nvfancontrol \
    tegra-redundant-boot-base \
"
# Network, USB and buses.
RRECOMMENDS:${PN} = "kernel-modules"
