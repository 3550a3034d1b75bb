SUMMARY = "Only what is served can be reached"
SECTION = "net"

inherit allarch prismatron_dist systemd features_check

REQUIRED_DISTRO_FEATURES = "systemd"

PRISMATRON_DIST = "\
    appliance/nftables/prismatron.nft:${datadir}/prismatron \
    appliance/systemd/system/prismatron-firewall.service:${systemd_system_unitdir} \
"

SYSTEMD_SERVICE:${PN} = "prismatron-firewall.service"

RDEPENDS:${PN} += "nftables"
