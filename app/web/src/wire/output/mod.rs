//! Outputs: what they are told to be and how they fare.

mod spec;

use prismatron_core::output as domain;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::layout::Source;
pub(crate) use spec::{ColourOrder, Leds, NewOutputs, OutputSpec, Power, Probe, Protocol};

/// All outputs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutputList {
    pub(crate) source: Source,
    pub(crate) outputs: Vec<Output>,
}

/// An output as configured, and how it fares.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) enabled: bool,
    pub(crate) protocol: Protocol,
    pub(crate) hosts: Vec<String>,
    #[schema(required = true)]
    pub(crate) leds: Option<Leds>,
    pub(crate) colour_order: ColourOrder,
    #[schema(required = true)]
    pub(crate) max_fps: Option<f32>,
    pub(crate) pace_ms: u32,
    #[schema(required = true)]
    pub(crate) power: Option<Power>,
    pub(crate) probe: Probe,
    pub(crate) status: OutputStatus,
}

impl Output {
    /// An output with how it fares.
    pub(crate) fn new(spec: domain::OutputSpec, status: OutputStatus) -> Self {
        let OutputSpec {
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
        } = spec.into();
        Self {
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
            status,
        }
    }
}

/// How an output fares.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct OutputStatus {
    pub(crate) state: OutputState,
    /// The host that is sent to.
    #[schema(required = true)]
    pub(crate) host: Option<String>,
    /// What is wrong, in words for people.
    #[schema(required = true)]
    pub(crate) message: Option<String>,
    /// Frames sent.
    pub(crate) frames: u64,
    /// Datagrams sent.
    pub(crate) datagrams: u64,
    /// Bytes sent.
    pub(crate) bytes: u64,
    /// Frames that were replaced by a newer one before they went out.
    pub(crate) dropped_frames: u64,
    pub(crate) send_errors: u64,
    /// How often it went over to another host.
    pub(crate) failovers: u64,
    /// Whether the controller answers; null where it is not asked.
    #[schema(required = true)]
    pub(crate) alive: Option<bool>,
    /// What the controller says it is.
    #[schema(required = true)]
    pub(crate) device: Option<String>,
    /// What its LEDs draw by reckoning, in mA; null without a power limit.
    #[schema(required = true)]
    pub(crate) current_ma: Option<u32>,
    /// Whether the power limit holds it down.
    pub(crate) limited: bool,
}

/// Controllers that have answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ControllerList {
    /// By name.
    pub(crate) controllers: Vec<Controller>,
}

/// A controller that has answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Controller {
    /// What it calls itself.
    pub(crate) name: String,
    /// Its name in the network, where it says so.
    #[schema(required = true)]
    pub(crate) host: Option<String>,
    pub(crate) address: String,
    /// Port of its own page.
    pub(crate) port: u16,
    /// Name of the output that sends to it, if one does.
    #[schema(required = true)]
    pub(crate) output: Option<String>,
}

/// What LEDs are taken to draw.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PowerQuery {
    /// What an LED draws at full white, in mA, where the output does not say; 60 when left out.
    pub(crate) per_led_ma: Option<u32>,
}

/// What the LEDs would draw at most, by reckoning.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PowerEstimate {
    pub(crate) outputs: Vec<OutputPower>,
    /// All of them together at full white and full brightness, in mA.
    pub(crate) full_ma: u64,
    /// All of them together at full white, with the brightness and the limits in force, in mA.
    pub(crate) most_ma: u64,
}

/// What the LEDs of an output would draw at most, by reckoning.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutputPower {
    pub(crate) name: String,
    pub(crate) leds: usize,
    /// What an LED is taken to draw at full white, in mA.
    pub(crate) per_led_ma: u32,
    /// At full white and full brightness, in mA.
    pub(crate) full_ma: u64,
    /// What the limit allows, in mA; null where there is none.
    #[schema(required = true)]
    pub(crate) budget_ma: Option<u32>,
    /// At full white, with the brightness and the limit in force, in mA.
    pub(crate) most_ma: u64,
    /// What they draw now, in mA; null without a limit, as it is not reckoned then.
    #[schema(required = true)]
    pub(crate) now_ma: Option<u32>,
}

/// An output by name, and how it fares.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct NamedOutputStatus {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) status: OutputStatus,
}

/// How an output fares, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutputState {
    /// It is switched off.
    Off,
    /// It has not sent anything yet.
    Waiting,
    /// It sends.
    Sending,
    /// It cannot send, or its controller does not answer.
    Failing,
}
