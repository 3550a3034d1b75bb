SUMMARY = "The data partition, and the four folders that are written, on a root that is not"
SECTION = "base"

inherit allarch prismatron_dist systemd features_check

REQUIRED_DISTRO_FEATURES = "polkit systemd"

PRISMATRON_DIST = "\
    appliance/repart.d/50-prismatron-data.conf:${nonarch_libdir}/repart.d \
    appliance/systemd/journald.conf.d/prismatron.conf:${nonarch_libdir}/systemd/journald.conf.d \
    appliance/systemd/system/logrotate.service.d/appliance.conf:${systemd_system_unitdir}/logrotate.service.d \
    appliance/systemd/system/logrotate.timer.d/appliance.conf:${systemd_system_unitdir}/logrotate.timer.d \
    appliance/systemd/system/data.mount:${systemd_system_unitdir} \
    appliance/systemd/system/prismatron-data-remedy.path:${systemd_system_unitdir} \
    appliance/systemd/system/prismatron-data-remedy.service:${systemd_system_unitdir} \
    appliance/systemd/system/prismatron-data.service:${systemd_system_unitdir} \
    appliance/systemd/system/prismatron-errors.service:${systemd_system_unitdir} \
    appliance/systemd/system/prismatron-errors.timer:${systemd_system_unitdir} \
    appliance/systemd/system/prismatron-factory-reset.service:${systemd_system_unitdir} \
    appliance/systemd/system/prismatron-folders.service:${systemd_system_unitdir} \
    appliance/systemd/system/var-lib-prismatron-logs.mount:${systemd_system_unitdir} \
    appliance/systemd/system/var-lib-prismatron-media.mount:${systemd_system_unitdir} \
    appliance/systemd/system/var-lib-prismatron-playlists.mount:${systemd_system_unitdir} \
    appliance/systemd/system/var-lib-prismatron-uploads.mount:${systemd_system_unitdir} \
    appliance/systemd/system/var-lib-systemd.mount:${systemd_system_unitdir} \
    appliance/tmpfiles.d/prismatron-appliance.conf:${nonarch_libdir}/tmpfiles.d \
"

SYSTEMD_SERVICE:${PN} = "\
    data.mount \
    prismatron-data-remedy.path \
    prismatron-errors.timer \
    var-lib-prismatron-logs.mount \
    var-lib-prismatron-media.mount \
    var-lib-prismatron-playlists.mount \
    var-lib-prismatron-uploads.mount \
    var-lib-systemd.mount \
"

# What is mounted upon: nobody can make a folder on a read-only root. Whose they are is said by what is mounted.
PRISMATRON_FOLDERS = "\
    /data \
    ${localstatedir}/lib/prismatron/logs \
    ${localstatedir}/lib/prismatron/media \
    ${localstatedir}/lib/prismatron/playlists \
    ${localstatedir}/lib/prismatron/uploads \
    ${localstatedir}/lib/systemd \
"

python do_install:append() {
    for folder in d.getVar("PRISMATRON_FOLDERS").split():
        bb.utils.mkdirhier(d.getVar("D") + folder)
}

FILES:${PN} += "${PRISMATRON_FOLDERS}"

# systemd has to be built with `repart`. The options of rm and sync are those of coreutils.
RDEPENDS:${PN} += "\
    coreutils \
    e2fsprogs-e2fsck \
    e2fsprogs-mke2fs \
    e2fsprogs-resize2fs \
    prismatron-service \
    systemd-extra-utils \
    util-linux-blkid \
"
