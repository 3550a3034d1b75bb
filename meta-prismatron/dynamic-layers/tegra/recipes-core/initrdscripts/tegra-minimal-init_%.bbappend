# Where no root can be mounted the vendor's initramfs gives a shell to whoever has the serial line, and waits. Here it
# starts the machine again, which uses up the slot's retries and leads to the other one.
do_install:append:prismatron-appliance() {
    grep -q 'exec sh$' ${D}/init || bbfatal "the initramfs has changed: it gives no shell where this looks for one"
    sed -i 's/exec sh$/{ echo "No root: starting again"; sleep 5; reboot -f; }/' ${D}/init
}
