//! Why an output can never work as it is configured.

/// Why an output can never work as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A host that cannot be one.
    #[error("host “{host}”: {reason}")]
    Host {
        /// As it was written.
        host: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Nowhere to send to.
    #[error("names no host to send to{hint}")]
    NoHost {
        /// What else could be done.
        hint: &'static str,
    },
    /// LEDs that the wall does not have.
    #[error("takes LEDs {first} to {last}, but only {available} of these are on the wall")]
    BeyondWall {
        /// Number of the first LED asked for.
        first: u32,
        /// Number of the last LED asked for.
        last: u64,
        /// How many of them there are.
        available: usize,
    },
    /// Nothing to send.
    #[error("takes no LEDs")]
    NoLeds,
    /// More than the protocol can address.
    #[error("{leds} LEDs are more than DDP can address")]
    TooManyLeds {
        /// How many were asked for.
        leds: usize,
    },
    /// Universes outside the protocol's range.
    #[error(
        "{leds} LEDs need {needed} universes from {first} on, but {protocol} universes go from {lowest} to {highest}"
    )]
    Universes {
        /// How many LEDs.
        leds: usize,
        /// How many universes that takes.
        needed: usize,
        /// First universe asked for.
        first: u16,
        /// Name of the protocol.
        protocol: &'static str,
        /// Lowest universe it has.
        lowest: u16,
        /// Highest universe it has.
        highest: u16,
    },
    /// A synchronisation universe outside the protocol's range.
    #[error("synchronisation universe {0} is not from 1 to 63999")]
    SyncUniverse(u16),
    /// A priority over 200.
    #[error("priority {0} is not from 0 to 200")]
    Priority(u8),
    /// A DDP destination that is not a display.
    #[error(
        "DDP destination {0} is not a display: 1 is the default one, 0 is reserved, 246, 250 and 251 take JSON"
    )]
    Destination(u8),
    /// A frame spread over more time than keep-alives leave.
    #[error("pace_ms {0} is not from 0 to 500")]
    Pace(u32),
    /// A host that is no SPI device, or not one.
    #[error(
        "LEDs on SPI have one host, the device's name below /dev, as in hosts: [\"spidev0.0\"]"
    )]
    Device,
    /// A clock rate that no strip can be told by, or one for a strip that has no clock line.
    #[error("{0}")]
    Clock(&'static str),
    /// Colours that the LEDs do not have.
    #[error("APA102 and SK9822 have three channels, not four: colour_order Bgr fits most")]
    White,
    /// Nobody here knows how.
    #[error("LEDs on SPI cannot be told anything by this program")]
    NoBus,
    /// No thread could be started for it.
    #[error("starting its thread failed")]
    Thread {
        /// What the system said.
        source: std::io::Error,
    },
}
