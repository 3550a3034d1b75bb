//! What an output is told to be.

use prismatron_core::output as domain;
use prismatron_core::power::PowerLimit;
use prismatron_core::unit::{Fps, LedRange, Milliamps};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire::{self, Invalid, mirror};

const MOST_OUTPUTS: usize = 1024;
const MOST_HOSTS: usize = 16;
const LONGEST_HOST: usize = 255;
const LONGEST_PACE_MS: u32 = 1000;

/// Outputs to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOutputs {
    pub(crate) outputs: Vec<OutputSpec>,
}

/// An output as configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutputSpec {
    /// Unique among outputs; the first host when left out.
    #[serde(default)]
    pub(crate) name: String,
    /// Whether anything is sent; true when left out.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// DDP to the default device when left out.
    #[serde(default = "ddp")]
    pub(crate) protocol: Protocol,
    /// Names or addresses to try in order, with `:port` where it is not the protocol's own. Empty only
    /// with multicast.
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    /// The LEDs it takes; null or left out is the whole wall.
    #[serde(default)]
    pub(crate) leds: Option<Leds>,
    /// `rgb` when left out.
    #[serde(default = "rgb")]
    pub(crate) colour_order: ColourOrder,
    /// Most frames a second the controller can take, 1 to 240; null or left out is as many as are made.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 240)]
    pub(crate) max_fps: Option<f32>,
    /// Datagrams of a frame are spread over this many milliseconds, 0 to 1000.
    #[serde(default)]
    #[schema(maximum = 1000)]
    pub(crate) pace_ms: u32,
    /// How much current its LEDs may draw; null or left out is any.
    #[serde(default)]
    pub(crate) power: Option<Power>,
    /// How it is found out whether the controller is alive; not at all when left out.
    #[serde(default = "no_probe")]
    pub(crate) probe: Probe,
}

fn yes() -> bool {
    true
}

fn ddp() -> Protocol {
    Protocol::Ddp { destination: default_destination() }
}

fn rgb() -> ColourOrder {
    ColourOrder::Rgb
}

fn no_probe() -> Probe {
    Probe::None {}
}

fn default_destination() -> u8 {
    1
}

fn default_priority() -> u8 {
    100
}

/// How LED values are put on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Protocol {
    /// Distributed Display Protocol, UDP port 4048.
    Ddp {
        /// Destination id; 1 when left out, the default output device.
        #[serde(default = "default_destination")]
        destination: u8,
    },
    /// E1.31 (streaming ACN), UDP port 5568.
    Sacn {
        /// First universe, 1 to 63999.
        #[schema(minimum = 1, maximum = 63999)]
        universe: u16,
        /// 0 to 200; 100 when left out.
        #[serde(default = "default_priority")]
        #[schema(maximum = 200)]
        priority: u8,
        /// Universe of the synchronisation packet after each frame, 1 to 63999; none when left out.
        #[serde(default)]
        #[schema(minimum = 1, maximum = 63999)]
        sync_universe: Option<u16>,
        /// Send to 239.255.x.x rather than to hosts.
        #[serde(default)]
        multicast: bool,
    },
    /// Art-Net 4, UDP port 6454.
    #[serde(rename = "artnet")]
    ArtNet {
        /// First port-address, 0 to 32767.
        #[schema(maximum = 32767)]
        universe: u16,
        /// Send ArtSync after each frame.
        #[serde(default)]
        sync: bool,
    },
    /// LEDs on an SPI bus of the machine; the one host is its device below /dev, such as `spidev0.0`.
    Spi {
        chip: LedChip,
        /// Of the bus, for chips with a clock line, 100 to 30000; 4000 when left out.
        #[serde(default)]
        #[schema(minimum = 100, maximum = 30000)]
        clock_khz: Option<u32>,
    },
}

/// Consecutive LEDs in wall order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Leds {
    /// Number of the first one, from 0.
    pub(crate) first: u32,
    /// How many.
    #[schema(minimum = 1)]
    pub(crate) count: u32,
}

/// How much current LEDs may draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Power {
    /// What one LED draws with all channels full on, in mA.
    #[schema(minimum = 1)]
    pub(crate) per_led_ma: u32,
    /// What all LEDs of the output may draw together, in mA.
    pub(crate) budget_ma: u32,
}

/// How it is found out whether a controller is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Probe {
    /// Not at all.
    None {},
    /// As WLED answers it: `GET /json/info`.
    Wled {
        /// 80 when left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(minimum = 1)]
        port: Option<u16>,
    },
}

mirror! {
    /// LEDs that are chained.
    LedChip = domain::LedChip { Apa102, Sk9822, Ws2812, Sk6812 }
}

mirror! {
    /// Order of the channels of one LED.
    ColourOrder = domain::ColourOrder { Rgb, Rbg, Grb, Gbr, Brg, Bgr, Rgbw, Grbw }
}

impl From<domain::OutputSpec> for OutputSpec {
    fn from(spec: domain::OutputSpec) -> Self {
        Self {
            name: spec.name,
            enabled: spec.enabled,
            protocol: match spec.protocol {
                domain::Protocol::Ddp { destination } => Protocol::Ddp { destination },
                domain::Protocol::Sacn { universe, priority, sync_universe, multicast } => {
                    Protocol::Sacn { universe, priority, sync_universe, multicast }
                }
                domain::Protocol::ArtNet { universe, sync } => Protocol::ArtNet { universe, sync },
                domain::Protocol::Spi { chip, clock_khz } => {
                    Protocol::Spi { chip: chip.into(), clock_khz }
                }
            },
            hosts: spec.hosts,
            leds: spec.leds.map(|LedRange { first, count }| Leds { first, count }),
            colour_order: spec.colour_order.into(),
            max_fps: spec.max_fps.map(Fps::get),
            pace_ms: spec.pace_ms,
            power: spec
                .power
                .map(|limit| Power { per_led_ma: limit.per_led.0, budget_ma: limit.budget.0 }),
            probe: match spec.probe {
                domain::Probe::None => Probe::None {},
                domain::Probe::Wled => Probe::Wled { port: None },
                domain::Probe::WledPort(port) => Probe::Wled { port: Some(port) },
            },
        }
    }
}

impl TryFrom<NewOutputs> for Vec<domain::OutputSpec> {
    type Error = Invalid;

    fn try_from(value: NewOutputs) -> Result<Self, Invalid> {
        if value.outputs.len() > MOST_OUTPUTS {
            return Err(Invalid::new("outputs", format!("may be {MOST_OUTPUTS} at most")));
        }
        let mut outputs = Self::new();
        for (index, spec) in value.outputs.into_iter().enumerate() {
            let holder = format!("outputs[{index}]");
            let spec = domain::OutputSpec::try_from(spec).map_err(|e| e.within(&holder))?;
            if outputs.iter().any(|other| other.name == spec.name) {
                let reason = format!("“{}” is the name of another output", spec.name);
                return Err(Invalid::new("name", reason).within(&holder));
            }
            outputs.push(spec);
        }
        Ok(outputs)
    }
}

impl TryFrom<OutputSpec> for domain::OutputSpec {
    type Error = Invalid;

    fn try_from(spec: OutputSpec) -> Result<Self, Invalid> {
        let hosts: Vec<String> = spec.hosts.iter().map(|host| host.trim().to_owned()).collect();
        if hosts.len() > MOST_HOSTS {
            return Err(Invalid::new("hosts", format!("may be {MOST_HOSTS} at most")));
        }
        let is_host = |host: &String| {
            !host.is_empty()
                && host.len() <= LONGEST_HOST
                && !host.chars().any(|c| c.is_control() || c.is_whitespace() || c == '/')
        };
        if let Some(host) = hosts.iter().find(|host| !is_host(host)) {
            let reason = format!("“{host}” is neither a name nor an address");
            return Err(Invalid::new("hosts", reason));
        }
        let protocol = protocol(spec.protocol)?;
        if matches!(protocol, domain::Protocol::Spi { .. })
            && !matches!(&*hosts, [device] if domain::is_spi_device(device))
        {
            let reason = "must be one device of SPI, such as spidev0.0";
            return Err(Invalid::new("hosts", reason));
        }
        let multicast = matches!(protocol, domain::Protocol::Sacn { multicast: true, .. });
        if hosts.is_empty() && !multicast {
            return Err(Invalid::new("hosts", "must have at least one host"));
        }
        let given = if spec.name.trim().is_empty() {
            hosts.first().map_or("multicast", String::as_str)
        } else {
            &spec.name
        };
        if spec.leds.is_some_and(|leds| leds.count == 0) {
            return Err(Invalid::new("leds.count", "must be at least 1"));
        }
        if spec.pace_ms > LONGEST_PACE_MS {
            let reason = format!("must be from 0 to {LONGEST_PACE_MS}, not {}", spec.pace_ms);
            return Err(Invalid::new("pace_ms", reason));
        }
        if spec.power.is_some_and(|power| power.per_led_ma == 0) {
            return Err(Invalid::new("power.per_led_ma", "must be at least 1"));
        }
        let max_fps = spec.max_fps.map(Fps::try_from).transpose();
        Ok(Self {
            name: wire::name("name", given)?,
            enabled: spec.enabled,
            protocol,
            leds: spec.leds.map(|Leds { first, count }| LedRange { first, count }),
            colour_order: spec.colour_order.into(),
            max_fps: max_fps.map_err(|error| Invalid::new("max_fps", error))?,
            pace_ms: spec.pace_ms,
            power: spec.power.map(|power| PowerLimit {
                per_led: Milliamps(power.per_led_ma),
                budget: Milliamps(power.budget_ma),
            }),
            probe: match spec.probe {
                Probe::None {} => domain::Probe::None,
                Probe::Wled { port: None } => domain::Probe::Wled,
                Probe::Wled { port: Some(0) } => {
                    return Err(Invalid::new("probe.port", "must not be 0"));
                }
                Probe::Wled { port: Some(port) } => domain::Probe::WledPort(port),
            },
            hosts,
        })
    }
}

fn protocol(value: Protocol) -> Result<domain::Protocol, Invalid> {
    let universe = |field: &str, universe: u16| {
        if (1..=63999).contains(&universe) {
            Ok(universe)
        } else {
            Err(Invalid::new(field, format!("must be from 1 to 63999, not {universe}")))
        }
    };
    Ok(match value {
        Protocol::Ddp { destination } => domain::Protocol::Ddp { destination },
        Protocol::Sacn { universe: first, priority, sync_universe, multicast } => {
            if priority > 200 {
                let reason = format!("must be from 0 to 200, not {priority}");
                return Err(Invalid::new("protocol.priority", reason));
            }
            domain::Protocol::Sacn {
                universe: universe("protocol.universe", first)?,
                priority,
                sync_universe: sync_universe
                    .map(|sync| universe("protocol.sync_universe", sync))
                    .transpose()?,
                multicast,
            }
        }
        Protocol::ArtNet { universe, sync } => {
            if universe > 0x7fff {
                let reason = format!("must be from 0 to 32767, not {universe}");
                return Err(Invalid::new("protocol.universe", reason));
            }
            domain::Protocol::ArtNet { universe, sync }
        }
        Protocol::Spi { chip, clock_khz } => {
            if let Some(khz) = clock_khz.filter(|khz| !domain::SPI_CLOCK_KHZ.contains(khz)) {
                let reason = format!("must be from 100 to 30000, not {khz}");
                return Err(Invalid::new("protocol.clock_khz", reason));
            }
            domain::Protocol::Spi { chip: chip.into(), clock_khz }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(json: &str) -> Result<Vec<domain::OutputSpec>, String> {
        let outputs: NewOutputs = serde_json::from_str(json).map_err(|error| error.to_string())?;
        outputs.try_into().map_err(|error: Invalid| error.to_string())
    }

    #[test]
    fn a_host_is_enough() {
        let specs = outputs(r#"{"outputs":[{"hosts":["wled.local"]}]}"#).unwrap();
        assert_eq!(specs[0].name, "wled.local");
        assert_eq!(specs[0].protocol, domain::Protocol::Ddp { destination: 1 });
        assert!(specs[0].enabled);
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (json, reason) in [
            (r#"{"outputs":[{}]}"#, "outputs[0].hosts: must have at least one host"),
            (
                r#"{"outputs":[{"hosts":["a"]},{"hosts":["a"]}]}"#,
                "outputs[1].name: “a” is the name of another output",
            ),
            (
                r#"{"outputs":[{"hosts":["a"],"protocol":{"type":"sacn","universe":0}}]}"#,
                "outputs[0].protocol.universe: must be from 1 to 63999, not 0",
            ),
            (
                r#"{"outputs":[{"hosts":["a"],"max_fps":0}]}"#,
                "outputs[0].max_fps: frame rate must be from 1 to 240 fps, not 0",
            ),
            (
                r#"{"outputs":[{"hosts":["a"],"protocol":{"type":"spi","chip":"ws2812"}}]}"#,
                "outputs[0].hosts: must be one device of SPI, such as spidev0.0",
            ),
        ] {
            assert_eq!(outputs(json), Err(reason.to_owned()));
        }
        let unknown = r#"{"outputs":[{"hosts":["a"],"protocol":{"type":"ddp","x":1}}]}"#;
        assert!(outputs(unknown).unwrap_err().contains("unknown field `x`"));
    }
}
