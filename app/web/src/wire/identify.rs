//! Finding out which LED is where.

use std::time::Duration;

use prismatron_core::pattern::Pattern as DomainPattern;
use prismatron_core::unit::{Brightness, LedRange};
use prismatron_engine::Sign;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Colour, Invalid, seconds};

/// How long a pattern is shown.
const USUAL: f64 = 30.0;
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(600);
/// How bright: easily seen, and kind to eyes and power supplies.
const USUAL_BRIGHTNESS: f32 = 0.5;

/// A test pattern in place of whatever is on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identify {
    pub(crate) pattern: Pattern,
    /// For so long, 0.1 to 600; 30 when left out.
    #[serde(default = "usual")]
    #[schema(minimum = 0.1, maximum = 600)]
    pub(crate) seconds: f64,
    /// 0 to 1, whatever that of the wall; 0.5 when left out. Power limits hold.
    #[serde(default = "usual_brightness")]
    #[schema(minimum = 0, maximum = 1)]
    pub(crate) brightness: f32,
}

fn usual() -> f64 {
    USUAL
}

fn usual_brightness() -> f32 {
    USUAL_BRIGHTNESS
}

/// Light by number, not by place.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = TestPattern)]
pub(crate) enum Pattern {
    /// Some LEDs in one colour; dark but for them.
    Leds {
        /// Number of the first, from 0.
        first: u32,
        /// How many; 1 when left out.
        #[serde(default = "one")]
        count: u32,
        /// White when left out.
        #[serde(default = "white")]
        colour: Colour,
    },
    /// All of them red, green, blue and white, a second each: for the colour order.
    Colours {},
    /// One after the other from number 0 on, through all of them in ten seconds, with a tail.
    Run {},
    /// From red for number 0 over green to blue for the last.
    Order {},
    /// Those of each output in a colour of its own, the first of them white.
    Outputs {},
}

fn one() -> u32 {
    1
}

fn white() -> Colour {
    Colour([255; 3])
}

/// Whether a test pattern is shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub(crate) struct Identifying {
    /// Until it goes by itself; null where none is shown.
    #[schema(required = true)]
    pub(crate) seconds_left: Option<f64>,
}

impl TryFrom<Identify> for Sign {
    type Error = Invalid;

    fn try_from(identify: Identify) -> Result<Self, Invalid> {
        Ok(Self {
            pattern: match identify.pattern {
                Pattern::Leds { first, count, colour } => {
                    DomainPattern::Leds { range: LedRange { first, count }, colour: colour.0 }
                }
                Pattern::Colours {} => DomainPattern::Colours,
                Pattern::Run {} => DomainPattern::Run,
                Pattern::Order {} => DomainPattern::Order,
                Pattern::Outputs {} => DomainPattern::Outputs,
            },
            brightness: Brightness::try_from(identify.brightness)
                .map_err(|error| Invalid::new("brightness", error))?,
            lasting: seconds("seconds", identify.seconds, SHORTEST, LONGEST)?,
        })
    }
}
