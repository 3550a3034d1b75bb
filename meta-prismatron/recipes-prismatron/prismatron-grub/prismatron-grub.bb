SUMMARY = "A/B by GRUB: which slot is started, and where its state is mounted"
SECTION = "bootloaders"

inherit prismatron_dist systemd deploy features_check

REQUIRED_DISTRO_FEATURES = "polkit systemd"
COMPATIBLE_MACHINE = "^qemu(arm64|x86-64)$"
PACKAGE_ARCH = "${MACHINE_ARCH}"

# What the kernel is told beside its root.
PRISMATRON_KERNEL_ARGS ??= "console=${KERNEL_CONSOLE}"

PRISMATRON_DIST = "\
    appliance/grub/boot.mount:${systemd_system_unitdir} \
    appliance/grub/prismatron-grubenv.service:${systemd_system_unitdir} \
"
PRISMATRON_DIST_DEPLOYED = "\
    appliance/grub/boot.cfg \
    appliance/grub/grub.cfg \
"
# nooelint: oelint.var.order.SRC_URI - after the list it is made of
SRC_URI += "${@' '.join('file://app/dist/' + file for file in d.getVar('PRISMATRON_DIST_DEPLOYED').split())}"

SYSTEMD_SERVICE:${PN} = "boot.mount prismatron-grubenv.service"

# GRUB reads the slot's kernel by a name that does not change, and the slot's own arguments beside it.
python do_install:append() {
    folder = d.expand("${D}/boot")
    bb.utils.mkdirhier(folder)
    os.symlink(d.getVar("KERNEL_IMAGETYPE"), folder + "/vmlinuz")
    with open(folder + "/slot.cfg", "w", encoding="utf-8") as file:
        file.write(d.expand('set arguments="${PRISMATRON_KERNEL_ARGS}"\n'))
}

# For the boot partition: both files, and a state in which A is started first.
python do_deploy() {
    import shutil

    folder = d.getVar("DEPLOYDIR")
    for source in d.getVar("PRISMATRON_DIST_DEPLOYED").split():
        shutil.copyfile(d.expand("${S}/app/dist/") + source, "%s/prismatron-%s" % (folder, os.path.basename(source)))
    with open(folder + "/prismatron-grubenv", "wb") as file:
        file.write(prismatron.grub.environment(ORDER="A B", A_OK=1, A_TRY=0, B_OK=1, B_TRY=0))
}
addtask deploy after do_install before do_build

FILES:${PN} += "/boot"

RDEPENDS:${PN} += "kernel-image prismatron-service"
