# nooelint: oelint.var.mandatoryvar.SRC_URI - it is made of an image
SUMMARY = "An update to the appliance"

require prismatron-bundle.inc

RAUC_SLOT_rootfs = "prismatron-image"
