SUMMARY = "The appliance for development: SSH with keys, root on the serial line"

require prismatron-image.inc

# nooelint: oelint.var.badimagefeature.tools-debug - what it is for
IMAGE_FEATURES += "ssh-server-openssh tools-debug"
IMAGE_INSTALL += "prismatron-development"

# The name by which it presents itself, and what a program asks. The page and the console say it by prismatron-development.
PRISMATRON_VARIANT = "development"
