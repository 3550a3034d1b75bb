SUMMARY = "The appliance: nobody logs in, nothing is installed, four folders are written"

require prismatron-image.inc

# Held when the image is made: classes-recipe/prismatron_appliance.bbclass.
PRISMATRON_FORBIDDEN = "\
    dropbear dropbearmulti sshd telnetd \
    as cc gcc ld make rustc \
    apt apt-get dnf dpkg opkg rpm \
    gdb strace \
"
