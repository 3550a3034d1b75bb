# The same as for the other kernel: one list of options.
FILESEXTRAPATHS:prepend:prismatron-appliance := "${THISDIR}/../../../../recipes-kernel/linux/files:"
SRC_URI:append:prismatron-appliance = " file://prismatron.cfg"
