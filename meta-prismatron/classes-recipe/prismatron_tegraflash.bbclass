# Puts the provisioning partition into the package that is flashed: FAT, empty, with the name a laptop shows.
tegraflash_custom_pre:append() {
    rm -f provision.img
    mkfs.vfat -C -n PRISMATRON -i 50524953 --invariant provision.img 65536
}
# nooelint: oelint.vars.mispell.unknown - a task of image_types_tegra
do_image_tegraflash_tar[depends] += "dosfstools-native:do_populate_sysroot"
