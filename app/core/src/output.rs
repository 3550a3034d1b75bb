//! What an output is told to be: which LEDs it takes, how they are sent, and to whom.

use serde::{Deserialize, Serialize};

use crate::power::PowerLimit;
use crate::unit::{Fps, LedRange};

/// An output as configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputSpec {
    /// What people call it; unique among outputs. Left out in a file, it is the first host.
    #[serde(default)]
    pub name: String,
    /// Whether anything is sent.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// How LED values are put on the wire.
    #[serde(default)]
    pub protocol: Protocol,
    /// Hosts to try in order: a name or address, with `:port` where it is not the protocol's own. The first
    /// that answers is used; empty only with multicast. Of LEDs on SPI it is the one device, such as
    /// `spidev0.0`.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The LEDs it takes; `None` is the whole wall.
    #[serde(default)]
    pub leds: Option<LedRange>,
    /// Order of the channels of one LED.
    #[serde(default)]
    pub colour_order: ColourOrder,
    /// Most frames a second the controller can take; `None` is as many as are made.
    #[serde(default)]
    pub max_fps: Option<Fps>,
    /// Datagrams of a frame are spread over this many milliseconds (for Wi-Fi); 0 sends them at once.
    #[serde(default)]
    pub pace_ms: u32,
    /// How much current its LEDs may draw.
    #[serde(default)]
    pub power: Option<PowerLimit>,
    /// How it is found out whether the controller is alive.
    #[serde(default)]
    pub probe: Probe,
}

fn yes() -> bool {
    true
}

/// The protocol of an output and what only it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Protocol {
    /// Distributed Display Protocol, <http://www.3waylabs.com/ddp/>, UDP port 4048.
    Ddp {
        /// Destination id; 1 is the default output device.
        #[serde(default = "ddp_display")]
        destination: u8,
    },
    /// ANSI E1.31-2018 (streaming ACN), UDP port 5568, 170 RGB or 128 RGBW LEDs a universe.
    Sacn {
        /// First universe, 1 to 63999.
        universe: u16,
        /// 0 to 200; 100 is the default. The highest priority heard wins.
        #[serde(default = "sacn_priority")]
        priority: u8,
        /// Universe of the synchronisation packet after each frame.
        #[serde(default)]
        sync_universe: Option<u16>,
        /// Send to 239.255.x.x rather than to `hosts`.
        #[serde(default)]
        multicast: bool,
    },
    /// Art-Net 4, UDP port 6454, 170 RGB or 128 RGBW LEDs a port-address.
    ArtNet {
        /// First 15-bit port-address.
        universe: u16,
        /// Send ArtSync after each frame.
        #[serde(default)]
        sync: bool,
    },
    /// LEDs on an SPI bus of this machine.
    Spi {
        /// What LEDs they are.
        chip: LedChip,
        /// Of the bus, for chips that have a clock line; 4000 unless given. Others have the rate of their own.
        #[serde(default)]
        clock_khz: Option<u32>,
    },
}

/// LEDs that are chained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum LedChip {
    Apa102,
    Sk9822,
    Ws2812,
    Sk6812,
}

impl LedChip {
    /// Whether a second line tells it when data are valid; otherwise it goes by how long a level lasts.
    pub fn is_clocked(self) -> bool {
        matches!(self, Self::Apa102 | Self::Sk9822)
    }
}

/// Clock rates of an SPI bus that clocked LEDs can be told by.
pub const SPI_CLOCK_KHZ: std::ops::RangeInclusive<u32> = 100..=30_000;

/// Whether a host is the name of an SPI device below `/dev`: `spidev`, number of the bus, point, chip select.
pub fn is_spi_device(host: &str) -> bool {
    let is_number =
        |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    host.strip_prefix("spidev")
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(bus, select)| is_number(bus) && is_number(select))
}

fn ddp_display() -> u8 {
    1
}

fn sacn_priority() -> u8 {
    100
}

impl Default for Protocol {
    fn default() -> Self {
        Self::Ddp { destination: ddp_display() }
    }
}

/// Order in which the channels of an LED are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ColourOrder {
    #[default]
    Rgb,
    Rbg,
    Grb,
    Gbr,
    Brg,
    Bgr,
    /// Four channels; the white one takes what red, green and blue share.
    Rgbw,
    /// As `Rgbw`, green first (SK6812).
    Grbw,
}

impl ColourOrder {
    /// Bytes an LED takes on the wire.
    pub fn channels(self) -> usize {
        match self {
            Self::Rgbw | Self::Grbw => 4,
            _ => 3,
        }
    }
}

/// How it is found out whether a controller is alive. UDP alone hardly ever tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Probe {
    /// Not at all: it counts as alive while sends succeed.
    #[default]
    None,
    /// `GET /json/info` on port 80, as WLED answers it.
    Wled,
    /// The same on another port (for WLED behind a proxy).
    WledPort(u16),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_spi_device_is_a_name_and_never_a_path() {
        assert!(is_spi_device("spidev0.0") && is_spi_device("spidev10.1"));
        for bad in [
            "",
            "spidev",
            "spidev0",
            "spidev0.",
            "spidev/../sda.0",
            "/dev/spidev0.0",
            "spidev0.0:1",
        ] {
            assert!(!is_spi_device(bad), "{bad}");
        }
    }
}
