SUMMARY = "A boot is complete when there is light, and a machine that hangs starts again"
SECTION = "base"

inherit allarch prismatron_dist systemd features_check

REQUIRED_DISTRO_FEATURES = "polkit systemd"

PRISMATRON_DIST = "\
    appliance/systemd/system.conf.d/prismatron.conf:${nonarch_libdir}/systemd/system.conf.d \
    appliance/systemd/system/emergency.service.d/appliance.conf:${systemd_system_unitdir}/emergency.service.d \
    appliance/systemd/system/rescue.service.d/appliance.conf:${systemd_system_unitdir}/rescue.service.d \
    appliance/systemd/system/prismatron-health-gate.service:${systemd_system_unitdir} \
    appliance/systemd/system/prismatron-failed.service:${systemd_system_unitdir} \
    appliance/systemd/system/prismatron-kernel-panic.service:${systemd_system_unitdir} \
    appliance/systemd/system/prismatron.service.d/appliance.conf:${systemd_system_unitdir}/prismatron.service.d \
"

SYSTEMD_SERVICE:${PN} = "prismatron-health-gate.service prismatron-kernel-panic.service"

RDEPENDS:${PN} += "prismatron-service"
