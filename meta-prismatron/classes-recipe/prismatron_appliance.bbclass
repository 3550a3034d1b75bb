# What is held of an image when it is made, whatever its packages bring along: names of programs that must not be there,
# nobody who logs in where PRISMATRON_VARIANT is empty, and a mark on an image that is not for a wall.

# Programs that are looked for in every folder for programs.
PRISMATRON_FORBIDDEN ??= ""
# What the image is for, where that is not the wall.
PRISMATRON_VARIANT ??= ""

python prismatron_mark() {
    variant = d.getVar("PRISMATRON_VARIANT")
    if not variant:
        return
    path = d.expand("${IMAGE_ROOTFS}${nonarch_libdir}/os-release")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(prismatron.image.mark(text, variant))
}

# The time zone is the setup file's, which is read at each boot; until then, and without one, this leads to nothing, which
# is UTC.
prismatron_time_zone() {
    rm -f ${IMAGE_ROOTFS}${sysconfdir}/timezone
    ln -sf ../run/prismatron-setup/localtime ${IMAGE_ROOTFS}${sysconfdir}/localtime
}

python prismatron_check() {
    found = prismatron.image.faults(
        d.getVar("IMAGE_ROOTFS"), d.getVar("PRISMATRON_FORBIDDEN").split(), not d.getVar("PRISMATRON_VARIANT"))
    if found:
        bb.fatal("not an image to put on a wall:\n  " + "\n  ".join(found))
}

ROOTFS_POSTPROCESS_COMMAND += "prismatron_mark prismatron_time_zone"
IMAGE_QA_COMMANDS += "prismatron_check"
