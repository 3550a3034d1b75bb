# The EFI partition is there once, and nothing in a running appliance has business in it: it is not mounted.
do_install:append:prismatron-appliance() {
    install -d ${D}${sysconfdir}/systemd/system
    ln -s /dev/null ${D}${sysconfdir}/systemd/system/${ESPMOUNTUNIT}
}
