//! Whatever the domain holds survives the way to JSON and back.

use std::time::Duration;

use prismatron_core::effect::{Effect, ParamValue};
use prismatron_core::id::{ItemId, MediaId};
use prismatron_core::layout::{Along, Corner, Layout, Matrix, Piece, Points, Ring, Strip, Turn};
use prismatron_core::media::Fit;
use prismatron_core::output::{ColourOrder, OutputSpec, Probe, Protocol};
use prismatron_core::playlist::{Content, Item};
use prismatron_core::power::PowerLimit;
use prismatron_core::text::{Align, Motion, Text};
use prismatron_core::transition::{Easing, Transition, TransitionKind, WipeDirection};
use prismatron_core::unit::{Fps, LedRange, Milliamps, Size};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::layout::NewLayout;
use super::output::NewOutputs;
use super::playlist::NewItem;

fn through_json<T: Serialize + DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

fn duration(most: u64) -> impl Strategy<Value = Duration> {
    (100..most).prop_map(Duration::from_millis)
}

fn text() -> impl Strategy<Value = Content> {
    let motion = prop_oneof![
        Just(Motion::Static),
        (0.01f32..10.0).prop_map(|speed| Motion::Scroll { speed }),
        (0.2f32..60.0).prop_map(|period| Motion::Fade { period }),
    ];
    let align = select(vec![Align::Left, Align::Centre, Align::Right]);
    let font = option::of("[A-Za-z]([A-Za-z ]{0,20}[a-z])?");
    (".{0,40}[!-~].{0,40}", font, 0.05f32..1.0, any::<[u8; 3]>(), any::<[u8; 3]>(), align, motion)
        .prop_map(|(text, font, size, colour, background, align, motion)| {
            Content::Text(Text { text, font, size, colour, background, align, motion })
        })
}

fn effect() -> impl Strategy<Value = Content> {
    let value = prop_oneof![
        (-1e6f32..1e6).prop_map(ParamValue::Number),
        any::<[u8; 3]>().prop_map(ParamValue::Colour),
        "[a-z_]{1,12}".prop_map(ParamValue::Choice),
        any::<bool>().prop_map(ParamValue::Switch),
    ];
    let params = prop::collection::btree_map("[a-z_]{1,8}", value, 0..5);
    ("[a-z_]{1,12}", params).prop_map(|(name, params)| Content::Effect(Effect { name, params }))
}

fn transition() -> impl Strategy<Value = Transition> {
    use WipeDirection::{Down, Left, Right, Up};
    let kind = prop_oneof![
        Just(TransitionKind::Cut),
        Just(TransitionKind::Crossfade),
        Just(TransitionKind::FadeThroughBlack),
        select(vec![Right, Left, Down, Up]).prop_map(TransitionKind::Wipe),
    ];
    let easing = select(vec![Easing::Linear, Easing::In, Easing::Out, Easing::InOut]);
    (kind, duration(30_000), easing).prop_map(|(kind, duration, easing)| Transition {
        kind,
        duration,
        easing,
    })
}

fn item() -> impl Strategy<Value = Item> {
    let media = any::<u64>().prop_map(|id| Content::Media(MediaId(id)));
    let content = prop_oneof![media, text(), effect()];
    let fit = select(vec![Fit::Cover, Fit::Contain, Fit::Stretch]);
    (any::<u64>(), content, option::of(duration(10_000_000)), fit, transition()).prop_map(
        |(id, content, duration, fit, transition)| Item {
            id: ItemId(id),
            content,
            duration,
            fit,
            transition,
        },
    )
}

fn point() -> impl Strategy<Value = (f32, f32)> {
    (-1e4f32..1e4, -1e4f32..1e4)
}

fn piece() -> impl Strategy<Value = Piece> {
    use Corner::{BottomLeft, BottomRight, TopLeft, TopRight};
    let corner = select(vec![TopLeft, TopRight, BottomLeft, BottomRight]);
    let along = select(vec![Along::Rows, Along::Columns]);
    let turn = select(vec![Turn::Clockwise, Turn::Anticlockwise]);
    let footprint = || option::of(0.1f32..100.0);
    prop_oneof![
        (point(), option::of(point()), any::<(u32, u32)>(), corner, along, any::<bool>()).prop_map(
            |(origin, extent, (columns, rows), start, along, serpentine)| Piece::Matrix(Matrix {
                origin,
                extent,
                columns,
                rows,
                start,
                along,
                serpentine,
            })
        ),
        (prop::collection::vec(point(), 0..5), any::<u32>(), footprint())
            .prop_map(|(path, count, footprint)| Piece::Strip(Strip { path, count, footprint })),
        (point(), 0f32..1e4, any::<u32>(), -360f32..360.0, turn, footprint()).prop_map(
            |(centre, radius, count, start_degrees, turn, footprint)| Piece::Ring(Ring {
                centre,
                radius,
                count,
                start_degrees,
                turn,
                footprint,
            })
        ),
        (prop::collection::vec(point(), 0..5), 0.1f32..100.0)
            .prop_map(|(at, footprint)| Piece::Points(Points { at, footprint })),
    ]
}

fn layout() -> impl Strategy<Value = Layout> {
    let canvas = (1..=8192u32, 1..=8192u32).prop_map(|(w, h)| Size::new(w, h).unwrap());
    (canvas, prop::collection::vec(piece(), 1..4))
        .prop_map(|(canvas, pieces)| Layout { canvas, pieces })
}

fn output() -> impl Strategy<Value = OutputSpec> {
    use ColourOrder::{Bgr, Brg, Gbr, Grb, Grbw, Rbg, Rgb, Rgbw};
    let protocol = prop_oneof![
        any::<u8>().prop_map(|destination| Protocol::Ddp { destination }),
        (1..64000u16, 0..=200u8, option::of(1..64000u16), any::<bool>()).prop_map(
            |(universe, priority, sync_universe, multicast)| Protocol::Sacn {
                universe,
                priority,
                sync_universe,
                multicast,
            }
        ),
        (0..0x8000u16, any::<bool>())
            .prop_map(|(universe, sync)| Protocol::ArtNet { universe, sync }),
    ];
    let leds = (any::<u32>(), 1..u32::MAX).prop_map(|(first, count)| LedRange { first, count });
    let power = (1..u32::MAX, any::<u32>()).prop_map(|(per_led, budget)| PowerLimit {
        per_led: Milliamps(per_led),
        budget: Milliamps(budget),
    });
    let probe =
        prop_oneof![Just(Probe::None), Just(Probe::Wled), (1..u16::MAX).prop_map(Probe::WledPort),];
    let fps = (1f32..240.0).prop_map(|fps| Fps::try_from(fps).unwrap());
    let order = select(vec![Rgb, Rbg, Grb, Gbr, Brg, Bgr, Rgbw, Grbw]);
    (
        ("[a-z]{1,9}", any::<bool>(), protocol, prop::collection::vec("[a-z.]{1,20}", 1..4)),
        (option::of(leds), order, option::of(fps), 0..=1000u32, option::of(power), probe),
    )
        .prop_map(|((name, enabled, protocol, hosts), rest)| {
            let (leds, colour_order, max_fps, pace_ms, power, probe) = rest;
            OutputSpec {
                name,
                enabled,
                protocol,
                hosts,
                leds,
                colour_order,
                max_fps,
                pace_ms,
                power,
                probe,
            }
        })
}

proptest! {
    #[test]
    fn items(item in item()) {
        let wire = NewItem {
            content: item.content.clone().into(),
            duration_seconds: item.duration.map(|time| time.as_secs_f64()),
            fit: Some(item.fit.into()),
            transition: Some(item.transition.into()),
        };
        prop_assert_eq!(through_json(&wire).into_item(item.id), Ok(item));
    }

    #[test]
    fn layouts(layout in layout()) {
        let wire = through_json(&NewLayout::from(layout.clone()));
        prop_assert_eq!(Layout::try_from(wire), Ok(layout));
    }

    #[test]
    fn outputs(output in output()) {
        let wire = through_json(&NewOutputs { outputs: vec![output.clone().into()] });
        prop_assert_eq!(Vec::<OutputSpec>::try_from(wire), Ok(vec![output]));
    }
}
