//! Parameters of an effect as its drawing takes them: every one has a value.

use prismatron_core::effect::{Effect, EffectSpec, ParamKind, ParamSpec, ParamValue};
use prismatron_core::frame::Rgb8;

/// The parameters of an effect that has been checked against its schema.
pub(super) struct Params<'a> {
    spec: &'a EffectSpec,
    effect: &'a Effect,
}

impl<'a> Params<'a> {
    pub(super) fn new(spec: &'a EffectSpec, effect: &'a Effect) -> Self {
        Self { spec, effect }
    }

    fn kind(&self, name: &str) -> Option<&ParamKind> {
        let param = self.spec.params.iter().find(|param| param.name == name);
        debug_assert!(param.is_some(), "{} has no parameter {name}", self.spec.name);
        param.map(|param| &param.kind)
    }

    pub(super) fn number(&self, name: &str) -> f32 {
        match (self.effect.params.get(name), self.kind(name)) {
            (Some(ParamValue::Number(value)), _) => *value,
            (_, Some(ParamKind::Number { default, .. })) => *default,
            _ => 0.0,
        }
    }

    pub(super) fn colour(&self, name: &str) -> Rgb8 {
        match (self.effect.params.get(name), self.kind(name)) {
            (Some(ParamValue::Colour(value)), _) => *value,
            (_, Some(ParamKind::Colour { default })) => *default,
            _ => [0; 3],
        }
    }

    pub(super) fn choice(&self, name: &str) -> &str {
        match (self.effect.params.get(name), self.kind(name)) {
            (Some(ParamValue::Choice(value)), _) => value,
            (_, Some(ParamKind::Choice { options })) => options.first().copied().unwrap_or(""),
            _ => "",
        }
    }
}

/// A number from `min` to `max`.
pub(super) const fn number(
    name: &'static str,
    title: &'static str,
    (min, max): (f32, f32),
    default: f32,
    unit: &'static str,
) -> ParamSpec {
    ParamSpec { name, title, kind: ParamKind::Number { min, max, default, unit } }
}

/// A colour.
pub(super) const fn colour(name: &'static str, title: &'static str, default: Rgb8) -> ParamSpec {
    ParamSpec { name, title, kind: ParamKind::Colour { default } }
}

/// One of several names.
pub(super) const fn choice(
    name: &'static str,
    title: &'static str,
    options: &'static [&'static str],
) -> ParamSpec {
    ParamSpec { name, title, kind: ParamKind::Choice { options } }
}
