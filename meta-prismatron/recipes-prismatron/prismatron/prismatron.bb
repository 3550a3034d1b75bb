SUMMARY = "Plays pictures, video, text and effects on walls of LEDs"
DESCRIPTION = "One program: media go in through a web page, light comes out over DDP (WLED), E1.31, Art-Net or SPI."
SECTION = "multimedia"
LICENSE = "MIT | Apache-2.0"
LIC_FILES_CHKSUM = "\
    file://LICENSE-MIT;md5=4afaafd426c901f44cbbb8782af1f1cf \
    file://LICENSE-APACHE;md5=3b83ef96387f14655fc854ddc3c6bd57 \
"

PV = "${@prismatron.source.version(d)}"

# The checkout this layer lies in is the source, as in prismatron_dist.bbclass: no network, no git, no second place that
# names a revision. Cargo wants every member of the workspace to be there, the tests too. Not app/dist: what changes
# there must not compile the program again.
FILESEXTRAPATHS:prepend := "${PRISMATRON_SOURCE}:"
SRC_URI = "\
    file://Cargo.lock;subdir=${BP} \
    file://Cargo.toml;subdir=${BP} \
    file://LICENSE-APACHE;subdir=${BP} \
    file://LICENSE-MIT;subdir=${BP} \
    file://app/board;subdir=${BP} \
    file://app/core;subdir=${BP} \
    file://app/engine;subdir=${BP} \
    file://app/media;subdir=${BP} \
    file://app/output;subdir=${BP} \
    file://app/prismatron;subdir=${BP} \
    file://app/store;subdir=${BP} \
    file://app/system;subdir=${BP} \
    file://app/web;subdir=${BP} \
    file://tests/Cargo.toml;subdir=${BP} \
    file://tests/appliance;subdir=${BP} \
    file://tests/bench;subdir=${BP} \
    file://tests/e2e;subdir=${BP} \
    file://tests/rooms.rs;subdir=${BP} \
    file://tests/service;subdir=${BP} \
    file://tests/src;subdir=${BP} \
"
require prismatron-crates.inc

inherit cargo cargo-update-recipe-crates

CARGO_BUILD_FLAGS:append = " --package prismatron"

# Letters for text; the bundled ones are for machines without any.
RRECOMMENDS:${PN} += "liberation-fonts"
# Video. A recommendation would keep the layer from being built where nobody has accepted ffmpeg's licence flags.
RSUGGESTS:${PN} += "ffmpeg"
