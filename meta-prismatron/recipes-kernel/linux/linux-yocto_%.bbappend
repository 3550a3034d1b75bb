# What the appliance needs of a kernel.
FILESEXTRAPATHS:prepend:prismatron-appliance := "${THISDIR}/files:"
SRC_URI:append:prismatron-appliance = " file://prismatron.cfg"
