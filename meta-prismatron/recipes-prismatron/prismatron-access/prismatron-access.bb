SUMMARY = "The user Prismatron runs as, its groups, devices, and polkit rules"
SECTION = "base"

inherit allarch prismatron_dist useradd features_check

REQUIRED_DISTRO_FEATURES = "polkit systemd"

PRISMATRON_DIST = "\
    modprobe.d/prismatron-spidev.conf:${nonarch_libdir}/modprobe.d \
    polkit-1/rules.d/50-prismatron.rules:${datadir}/polkit-1/rules.d \
    sysusers.d/prismatron.conf:${nonarch_libdir}/sysusers.d \
    udev/rules.d/60-prismatron-board.rules:${nonarch_libdir}/udev/rules.d \
"

# The same as sysusers.d says: on a read-only root nobody is made at run time. The image's build compares the two.
USERADD_PACKAGES = "${PN}"
GROUPADD_PARAM:${PN} = "--system gpio; --system i2c; --system spi; --system prismatron-admin"
USERADD_PARAM:${PN} = "\
    --system --user-group --groups video,gpio,i2c,spi,dialout --comment 'Prismatron LED display' \
    --home-dir ${localstatedir}/lib/prismatron --no-create-home --shell ${sbindir}/nologin prismatron \
"

RDEPENDS:${PN} += "polkit"
