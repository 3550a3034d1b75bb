SUMMARY = "Which units run on the appliance, and which do not"
SECTION = "base"

inherit allarch prismatron_dist features_check

REQUIRED_DISTRO_FEATURES = "systemd"

PRISMATRON_DIST = "\
    appliance/systemd-preset/80-prismatron-appliance.preset:${nonarch_libdir}/systemd/system-preset \
"
