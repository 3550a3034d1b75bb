"""Values of recipes that an appliance stands on: words that must be there, or, with a ! in front, must not."""

ALL = {
    "prismatron-image": {
        "DISTRO_FEATURES": "systemd usrmerge polkit pam overlayfs rauc seccomp !sysvinit !x11 !wayland !pulseaudio",
        "IMAGE_FEATURES": "read-only-rootfs !package-management !ssh-server-openssh !empty-root-password !debug-tweaks",
        "PACKAGE_INSTALL": "packagegroup-prismatron !prismatron-development",
        "IMAGE_FSTYPES": "ext4",
        "USERADD_ERROR_DYNAMIC": "error",
        "USERADDEXTENSION": "useradd-staticids",
        "INIT_MANAGER": "systemd",
        "VIRTUAL-RUNTIME_init_manager": "systemd",
        "COPY_LIC_MANIFEST": "1",
        "PRISMATRON_FORBIDDEN": "sshd gcc opkg",
        "BAD_RECOMMENDATIONS": "rauc-mark-good",
        "IMAGE_QA_COMMANDS": "prismatron_check",
        "ROOTFS_POSTPROCESS_COMMAND": "prismatron_mark prismatron_time_zone zap_empty_root_password read_only_rootfs_hook",
        "TARGET_CC_ARCH": "-fstack-protector-strong -D_FORTIFY_SOURCE=2",
        "TARGET_LDFLAGS": "-Wl,-z,relro,-z,now",
        "ERROR_QA": "buildpaths",
        "INHERIT": "create-spdx",
    },
    "volatile-binds": {"SYSTEMD_SERVICE:volatile-binds": "!var-volatile-lib.service"},
    "base-files": {"hostname": "!{machine}"},
    "systemd": {"PACKAGECONFIG": "repart resolved networkd timesyncd randomseed !firstboot !serial-getty-generator"},
    "prismatron-image-dev": {
        "IMAGE_FEATURES": "read-only-rootfs ssh-server-openssh tools-debug !empty-root-password !allow-empty-password",
        "PACKAGE_INSTALL": "prismatron-development",
        "PRISMATRON_VARIANT": "development",
    },
    "prismatron-bundle": {
        "RAUC_BUNDLE_FORMAT": "verity",
        "RAUC_BUNDLE_COMPATIBLE": "prismatron-{machine}",
        "RAUC_BUNDLE_SLOTS": "rootfs",
        "RAUC_META_SECTIONS": "prismatron",
    },
}
TEGRA = {
    "prismatron-image": {
        "USE_REDUNDANT_FLASH_LAYOUT": "1",
        "ROOTFSPART_SIZE": "4294967296",
        "TEGRA_BOOTCONTROL_OVERLAYS": "L4TConfiguration-RootfsRedundancyLevelABEnable.dtbo",
        "KERNEL_ARGS": "ro console=ttyTCU0,115200 !console=tty0",
        "IMAGE_FSTYPES": "tegraflash-tar.zst tegraflash-tar.zst.sha256sum",
        "PRISMATRON_CONSOLE": "ttyTCU0",
    },
    "linux-noble-nvidia-tegra": {"SRC_URI": "file://prismatron.cfg"},
    "tegra-storage-layout": {"PRISMATRON_LAYOUT": "prismatron_extend_layout"},
    "prismatron-rauc": {
        "PRISMATRON_DIST": "appliance/rauc/tegra-bootloader:/usr/lib/prismatron:0755",
        "RDEPENDS:prismatron-rauc": "devmem2 tegra-redundant-boot-base !tegra-redundant-boot",
    },
    "packagegroup-prismatron": {
        "RDEPENDS:packagegroup-prismatron": "prismatron-jetson prismatron-rauc !prismatron-grub",
        "RRECOMMENDS:packagegroup-prismatron": "nv-kernel-module-r8168 nv-kernel-module-rtl8822ce",
    },
}
QEMU = {
    "prismatron-image": {
        "IMAGE_FSTYPES": "wic.zst",
        "EFI_PROVIDER": "grub-efi",
        "IMAGE_BOOT_FILES": "prismatron-grub.cfg;grub/grub.cfg prismatron-grubenv;grub/grubenv",
        "PRISMATRON_CONSOLE": "ttyAMA0",
    },
    "linux-yocto": {"SRC_URI": "file://prismatron.cfg"},
    "prismatron-rauc": {"PRISMATRON_DIST": "!appliance/rauc/tegra-bootloader:/usr/lib/prismatron:0755"},
}


def tables(machine):
    """Those for a machine: variables by recipe."""
    return [ALL, TEGRA if machine.startswith("jetson") else QEMU]
