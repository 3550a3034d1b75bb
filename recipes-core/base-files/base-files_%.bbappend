# What is in memory holds no programs and no devices.
do_install:append() {
    grep -q '^tmpfs.*/var/volatile.*defaults' ${D}${sysconfdir}/fstab || bbfatal "fstab has changed: no /var/volatile with defaults"
    sed -i '/[[:space:]]\/var\/volatile[[:space:]]/s/defaults/nodev,nosuid,noexec/' ${D}${sysconfdir}/fstab
}
