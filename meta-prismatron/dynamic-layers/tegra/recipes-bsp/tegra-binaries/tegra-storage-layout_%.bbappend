# Two partitions more on the disk that has the roots: the NVMe, or the SD card, whichever this machine starts from.
# nooelint: oelint.vars.noncoreoverride - a definition: what runs it is specific
python prismatron_extend_layout() {
    external = d.getVar("TNSPEC_BOOTDEV") != d.getVar("TNSPEC_BOOTDEV_DEFAULT")
    prismatron.layout.extend(d.expand("${B}/%s-flash.xml" % ("external" if external else "internal")))
}
# nooelint: oelint.vars.noncoreoverride - the same
PRISMATRON_LAYOUT = ""
PRISMATRON_LAYOUT:prismatron-appliance = "prismatron_extend_layout"
do_compile[postfuncs] += "${PRISMATRON_LAYOUT}"
