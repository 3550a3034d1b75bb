SUMMARY = "Wired network by DHCP, Wi-Fi where it is set up, a name by mDNS"
SECTION = "net"

inherit allarch prismatron_dist features_check

REQUIRED_DISTRO_FEATURES = "systemd"

PRISMATRON_DIST = "\
    appliance/systemd/network/80-prismatron.network:${nonarch_libdir}/systemd/network \
    appliance/systemd/resolved.conf.d/prismatron.conf:${nonarch_libdir}/systemd/resolved.conf.d \
    appliance/systemd/system/prismatron-network.target.d/appliance.conf:${systemd_system_unitdir}/prismatron-network.target.d \
    appliance/systemd/system/prismatron-wifi@.service:${systemd_system_unitdir} \
    appliance/systemd/system/systemd-networkd.service.d/appliance.conf:${systemd_system_unitdir}/systemd-networkd.service.d \
    appliance/systemd/system/systemd-networkd-wait-online.service.d/appliance.conf:${systemd_system_unitdir}/systemd-networkd-wait-online.service.d \
    appliance/systemd/system/systemd-udevd.service.d/appliance.conf:${systemd_system_unitdir}/systemd-udevd.service.d \
    appliance/udev/rules.d/80-prismatron-wifi.rules:${nonarch_libdir}/udev/rules.d \
"

FILES:${PN} += "${systemd_system_unitdir}"

RDEPENDS:${PN} += "systemd-networkd"
# A country's rules for radio are in the second.
RRECOMMENDS:${PN} += "wpa-supplicant wireless-regdb-static"
