SUMMARY = "Prismatron as a service: units, folders, configuration, log rotation"
SECTION = "multimedia"

inherit allarch prismatron_dist systemd features_check

REQUIRED_DISTRO_FEATURES = "polkit systemd"

PRISMATRON_DIST = "\
    logrotate.d/prismatron:${sysconfdir}/logrotate.d \
    prismatron.ron:${sysconfdir}/prismatron \
    systemd/prismatron-admin.socket:${systemd_system_unitdir} \
    systemd/prismatron-admin@.socket:${systemd_system_unitdir} \
    systemd/prismatron-network.target:${systemd_system_unitdir} \
    systemd/prismatron.service:${systemd_system_unitdir} \
    systemd/prismatron@.service:${systemd_system_unitdir} \
    tmpfiles.d/prismatron.conf:${nonarch_libdir}/tmpfiles.d \
"
CONFFILES:${PN} = "\
    ${sysconfdir}/logrotate.d/prismatron \
    ${sysconfdir}/prismatron/prismatron.ron \
"

# The same as tmpfiles.d says, for a root that is not written.
do_install[postfuncs] += "prismatron_link_issue"
prismatron_link_issue() {
    install -d ${D}${sysconfdir}/issue.d
    ln -s /run/prismatron/issue ${D}${sysconfdir}/issue.d/prismatron.issue
}

FILES:${PN} += "${sysconfdir}/issue.d"

# Not prismatron@.service: who wants a further display names it.
SYSTEMD_SERVICE:${PN} = "prismatron.service prismatron-admin.socket"

RDEPENDS:${PN} += "prismatron prismatron-access"
RRECOMMENDS:${PN} += "logrotate"
