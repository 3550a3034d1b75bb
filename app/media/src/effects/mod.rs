//! Generated pictures. Each effect is a function of time and place alone, so that a seek, a restart or a
//! second wall shows the same; what it takes to be quick (tables, buffers) is made when it is opened.
//!
//! Places are in units of the frame's height, so that an effect has the same shape on every wall. Time is
//! wrapped to the effect's period in double precision before it is used: a wall runs for months.

mod clouds;
mod fire;
mod gradient;
mod noise;
mod palette;
mod params;
mod plasma;
mod rainbow;
mod ripples;
mod solid;
mod starfield;
mod wave;

use prismatron_core::effect::{Effect, EffectError, EffectSpec};
use prismatron_core::port::{Generator, MediaError, MediaFault, Source};
use prismatron_core::unit::Size;

use self::params::Params;

static CATALOGUE: [EffectSpec; 8] = [
    rainbow::SPEC,
    plasma::SPEC,
    fire::SPEC,
    starfield::SPEC,
    clouds::SPEC,
    ripples::SPEC,
    gradient::SPEC,
    solid::SPEC,
];

/// The catalogue of effects.
pub fn effects() -> &'static [EffectSpec] {
    &CATALOGUE
}

/// Makes the generator of an effect.
pub(crate) fn open(effect: &Effect, size: Size) -> Result<Source, MediaError> {
    let spec = EffectSpec::check(effects(), effect).map_err(|error| {
        let fault = match error {
            EffectError::UnknownEffect(_) => MediaFault::Missing,
            _ => MediaFault::Unsupported,
        };
        MediaError::new(fault, error)
    })?;
    let params = Params::new(spec, effect);
    let generator: Box<dyn Generator> = match spec.name {
        "rainbow" => Box::new(rainbow::Rainbow::new(&params, size)),
        "plasma" => Box::new(plasma::Plasma::new(&params, size)),
        "fire" => Box::new(fire::Fire::new(&params, size)),
        "starfield" => Box::new(starfield::Starfield::new(&params, size)),
        "clouds" => Box::new(clouds::Clouds::new(&params, size)),
        "ripples" => Box::new(ripples::Ripples::new(&params, size)),
        "gradient" => Box::new(gradient::Gradient::new(&params, size)),
        _ => return Ok(Source::Still(solid::frame(&params, size))),
    };
    Ok(Source::Generated { generator, size })
}
