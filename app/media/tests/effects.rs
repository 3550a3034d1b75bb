//! The catalogue of effects: every one draws, follows its parameters, and shows the same at the same time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends there")]

mod stage;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use prismatron_core::effect::{Effect, EffectSpec, ParamKind, ParamValue};
use prismatron_core::frame::Frame;
use prismatron_core::id::MediaId;
use prismatron_core::media::{Fit, MediaInfo};
use prismatron_core::playlist::Content;
use prismatron_core::port::{MediaError, MediaFault, MediaLocator, OpenRequest, Opener, Source};
use prismatron_core::unit::Size;
use prismatron_media::{Limits, Media, effects};
use stage::size;

struct NoFiles;

impl MediaLocator for NoFiles {
    fn locate(&self, _: MediaId) -> Option<(PathBuf, MediaInfo)> {
        None
    }
}

fn open(name: &str, params: &[(&str, ParamValue)], detail: Size) -> Result<Source, MediaError> {
    let params: BTreeMap<_, _> = params.iter().map(|(n, v)| ((*n).into(), v.clone())).collect();
    let content = Content::Effect(Effect { name: name.into(), params });
    let media = Media::new(Arc::new(NoFiles), Limits::default());
    media.open(OpenRequest { content: &content, fit: Fit::Cover, canvas: Size::CANVAS, detail })
}

/// The frames at these times, in this order, from one generator.
fn frames(name: &str, params: &[(&str, ParamValue)], times: &[f64]) -> Vec<Frame> {
    let detail = size(96, 60);
    match open(name, params, detail).unwrap() {
        Source::Still(frame) => vec![frame; times.len()],
        Source::Generated { mut generator, size } => times
            .iter()
            .map(|at| {
                assert_eq!(size, detail);
                let mut frame = Frame::new(detail);
                frame.fill([9, 99, 199]);
                generator.render(Duration::from_secs_f64(*at), &mut frame);
                frame
            })
            .collect(),
        Source::Stream { .. } => panic!("an effect is not a stream"),
    }
}

fn difference(a: &Frame, b: &Frame) -> u64 {
    a.pixels().iter().zip(b.pixels()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
}

#[test]
fn the_catalogue_has_all_eight() {
    let names: Vec<_> = effects().iter().map(|spec| spec.name).collect();
    let all = ["rainbow", "plasma", "fire", "starfield", "clouds", "ripples", "gradient", "solid"];
    assert_eq!(names, all);
    for spec in effects() {
        assert!(!spec.title.is_empty() && !spec.params.is_empty());
        for param in spec.params {
            assert!(!param.title.is_empty());
            match param.kind {
                ParamKind::Number { min, max, default, .. } => {
                    assert!(
                        min < max && (min..=max).contains(&default),
                        "{} {}",
                        spec.name,
                        param.name
                    );
                }
                ParamKind::Choice { options } => assert!(options.len() > 1),
                ParamKind::Colour { .. } | ParamKind::Switch { .. } => {}
            }
        }
    }
}

#[test]
fn the_same_time_shows_the_same() {
    let times = [0.0, 1.5, 4.0, 90.0, 2e6];
    let backwards: Vec<_> = times.iter().rev().copied().collect();
    for spec in effects() {
        let there = frames(spec.name, &[], &times);
        let mut back = frames(spec.name, &[], &backwards);
        back.reverse();
        assert!(there == back, "{} depends on what it showed before", spec.name);
    }
}

#[test]
fn effects_are_lit_and_move_smoothly_even_after_weeks() {
    for spec in effects().iter().filter(|spec| spec.name != "solid") {
        for start in [0.3, 3e6] {
            let f = frames(spec.name, &[], &[start, start + 1.0 / 60.0, start + 4.0]);
            let light: u64 = f[0].pixels().iter().map(|v| u64::from(*v)).sum();
            let mean = light / f[0].pixels().len() as u64;
            let least = if spec.name == "starfield" { 1 } else { 15 };
            assert!(mean >= least, "{} is dark: {mean}", spec.name);
            let (near, far) = (difference(&f[0], &f[1]), difference(&f[0], &f[2]));
            assert!(near > 0, "{} stands still at {start}", spec.name);
            assert!(near * 2 < far, "{} jumps at {start}: {near} {far}", spec.name);
        }
    }
}

/// Another value than the default.
fn other(kind: &ParamKind) -> Vec<ParamValue> {
    match kind {
        ParamKind::Number { min, max, default, .. } => [*min, *max, (min + max) / 2.0]
            .into_iter()
            .filter(|value| (value - default).abs() > (max - min) / 100.0)
            .map(ParamValue::Number)
            .collect(),
        ParamKind::Colour { default } => {
            vec![
                ParamValue::Colour(default.map(|channel| 255 - channel)),
                ParamValue::Colour([0; 3]),
            ]
        }
        ParamKind::Choice { options } => {
            options[1..].iter().map(|option| ParamValue::Choice((*option).into())).collect()
        }
        ParamKind::Switch { default } => vec![ParamValue::Switch(!default)],
    }
}

#[test]
fn every_parameter_is_followed_over_its_whole_range() {
    for spec in effects() {
        let plain = frames(spec.name, &[], &[7.3]);
        for param in spec.params {
            for value in other(&param.kind) {
                let changed = frames(spec.name, &[(param.name, value.clone())], &[7.3]);
                assert!(
                    difference(&plain[0], &changed[0]) > 0,
                    "{} does not care for {} = {value:?}",
                    spec.name,
                    param.name
                );
            }
        }
    }
}

#[test]
fn walls_of_any_shape() {
    for spec in effects() {
        for detail in [size(1, 1), size(300, 2), size(2, 300), size(17, 33)] {
            if let Source::Generated { mut generator, .. } = open(spec.name, &[], detail).unwrap() {
                let mut frame = Frame::new(detail);
                for at in [0, 1, 1000] {
                    generator.render(Duration::from_secs(at), &mut frame);
                }
                assert_eq!(frame.size(), detail);
            }
        }
    }
}

#[test]
fn solid_is_its_colour() {
    let frame = &frames("solid", &[("colour", ParamValue::Colour([1, 2, 3]))], &[0.0])[0];
    assert!(frame.pixels().as_chunks::<3>().0.iter().all(|pixel| *pixel == [1, 2, 3]));
}

#[test]
fn disagreements_are_refused_in_words() {
    let refused = |name: &str, param: &str, value: ParamValue| {
        open(name, &[(param, value)], size(8, 8)).err().unwrap()
    };
    let number = ParamValue::Number;
    let error = refused("lasers", "speed", number(1.0));
    assert_eq!(error.fault, MediaFault::Missing);
    assert!(error.reason.contains("lasers"));
    let error = refused("plasma", "speed", number(99.0));
    assert_eq!(error.fault, MediaFault::Unsupported);
    assert!(error.reason.contains("speed") && error.reason.contains("from 0 to 5"), "{error}");
    assert!(refused("plasma", "colour", number(1.0)).reason.contains("no parameter"));
    assert!(refused("plasma", "speed", number(f32::NAN)).reason.contains("speed"));
    let spec: &EffectSpec = &effects()[1];
    assert_eq!(spec.name, "plasma");
}
