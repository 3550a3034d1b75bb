SUMMARY = "The appliance for development: SSH with keys, root on the serial line"

require prismatron-image.inc

# nooelint: oelint.var.badimagefeature.tools-debug - what it is for
IMAGE_FEATURES += "ssh-server-openssh tools-debug"
IMAGE_INSTALL += "prismatron-development"

# `PRETTY_NAME` is what the page and the console show, VARIANT_ID what a program asks.
PRISMATRON_VARIANT = "development"
