//! One colour all over.

use prismatron_core::effect::EffectSpec;
use prismatron_core::frame::Frame;
use prismatron_core::unit::Size;

use super::params::{Params, colour};

pub(super) const SPEC: EffectSpec = EffectSpec {
    name: "solid",
    title: "Solid colour",
    params: &[colour("colour", "Colour", [255, 160, 60])],
};

pub(super) fn frame(params: &Params<'_>, size: Size) -> Frame {
    let mut frame = Frame::new(size);
    frame.fill(params.colour("colour"));
    frame
}
