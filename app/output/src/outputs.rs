//! Makes the sinks: checks what is configured, and gives each output its slot and its thread.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use prismatron_core::frame::Rgb8;
use prismatron_core::output::{LedChip, OutputSpec, Protocol, SPI_CLOCK_KHZ, is_spi_device};
use prismatron_core::port::{Sink, SinkError, SinkFactory};

use crate::contact::Watch;
use crate::encoder;
use crate::error::OutputError;
use crate::host::Host;
use crate::local;
use crate::running::Running;
use crate::sender::{Parts, Route, Sender};
use crate::settings::Settings;
use crate::slot::Slot;
use crate::status::{OutputState, Report, StatusBoard};
use crate::{artnet, sacn};

/// Longest time a frame may be spread over: keep-alives must still fit between two.
const MAX_PACE_MS: u32 = 500;

/// Makes sinks that send over UDP.
#[derive(Debug)]
pub struct Outputs {
    settings: Settings,
    board: StatusBoard,
}

impl Outputs {
    /// Outputs with default settings, and the board that tells how each is doing.
    pub fn new() -> (Self, StatusBoard) {
        Self::with_settings(Settings::default())
    }

    /// The same with other settings.
    pub fn with_settings(settings: Settings) -> (Self, StatusBoard) {
        let board = StatusBoard::default();
        (Self { settings, board: board.clone() }, board)
    }

    /// Checks whether an output of `leds` LEDs can work as it is configured.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn check(spec: &OutputSpec, leds: usize) -> Result<(), OutputError> {
        check_leds(spec, leds)?;
        check_protocol(spec, leds)?;
        if spec.pace_ms > MAX_PACE_MS {
            return Err(OutputError::Pace(spec.pace_ms));
        }
        if let Protocol::Spi { chip, clock_khz } = spec.protocol {
            return check_bus(spec, chip, clock_khz);
        }
        let multicast = is_multicast(&spec.protocol);
        if spec.hosts.is_empty() && !multicast {
            let hint = match spec.protocol {
                Protocol::Sacn { .. } => "; E1.31 needs none with multicast: true",
                _ => "",
            };
            return Err(OutputError::NoHost { hint });
        }
        spec.hosts.iter().try_for_each(|host| host.parse::<Host>().map(drop))
    }

    fn start(&self, spec: &OutputSpec, leds: usize) -> Result<Box<dyn Sink>, OutputError> {
        Self::check(spec, leds)?;
        let name = name(spec);
        let span = tracing::info_span!("output", name);
        let _entered = span.enter();
        let named = OutputSpec { name: name.clone(), ..spec.clone() };
        let Some((encoder, port)) = encoder::for_output(&named, leds, &self.settings.identity)
        else {
            return self.start_local(&named, leds);
        };
        let hosts = spec.hosts.iter().map(|host| host.parse()).collect::<Result<Vec<Host>, _>>()?;
        let slot = Arc::new(Slot::new(encoder.packets()));
        let route = if is_multicast(&spec.protocol) {
            Route::Groups(port)
        } else {
            let watch = Watch::start(&hosts, port, spec.probe, &self.settings, &slot);
            Route::Hosts(hosts, watch.map_err(|source| OutputError::Thread { source })?)
        };
        let report = Arc::new(Report::new(&name, OutputState::Waiting));
        let (back, stop) = (encoder.packets(), self.settings.timing.stop);
        let sender = Sender::new(Parts {
            slot: Arc::clone(&slot),
            report: Arc::clone(&report),
            route,
            encoder,
            period: spec.max_fps.map(|fps| fps.period()),
            pace: Duration::from_millis(spec.pace_ms.into()),
            timing: self.settings.timing.clone(),
            offload: self.settings.offload,
            leds,
            remedies: self.board.remedies(),
        });
        let sink = Running::start(back, &slot, &report, stop, move || sender.run())?;
        self.board.add(&report);
        Ok(Box::new(sink))
    }

    fn start_local(&self, spec: &OutputSpec, leds: usize) -> Result<Box<dyn Sink>, OutputError> {
        let opener = self.settings.strips.clone().ok_or(OutputError::NoBus)?;
        let report = Arc::new(Report::new(&spec.name, OutputState::Waiting));
        let reopen = self.board.remedies().reopen;
        let timing = &self.settings.timing;
        let sink = local::start(spec, leds, opener, timing, &report, reopen)?;
        self.board.add(&report);
        Ok(Box::new(sink))
    }
}

impl SinkFactory for Outputs {
    fn make(&self, spec: &OutputSpec, leds: usize) -> Result<Box<dyn Sink>, SinkError> {
        let refuse = |error: OutputError| SinkError { output: name(spec), reason: reason(&error) };
        if !spec.enabled {
            let report = Arc::new(Report::new(&name(spec), OutputState::Off));
            self.board.add(&report);
            return Ok(Box::new(Off { _report: report }));
        }
        self.start(spec, leds).map_err(refuse)
    }
}

/// An error with what lies under it, in a line.
fn reason(error: &OutputError) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// What an output is called.
fn name(spec: &OutputSpec) -> String {
    match (spec.name.as_str(), spec.hosts.first(), spec.protocol) {
        ("", _, Protocol::Sacn { universe, multicast: true, .. }) => {
            format!("E1.31 universe {universe}")
        }
        ("", Some(host), _) => host.clone(),
        (name, ..) => name.to_owned(),
    }
}

fn is_multicast(protocol: &Protocol) -> bool {
    matches!(protocol, Protocol::Sacn { multicast: true, .. })
}

fn check_leds(spec: &OutputSpec, leds: usize) -> Result<(), OutputError> {
    if let Some(range) = spec.leds
        && range.count as usize > leds
    {
        let last = u64::from(range.first) + u64::from(range.count) - 1;
        return Err(OutputError::BeyondWall { first: range.first, last, available: leds });
    }
    if leds == 0 { Err(OutputError::NoLeds) } else { Ok(()) }
}

fn check_protocol(spec: &OutputSpec, leds: usize) -> Result<(), OutputError> {
    let universes = |protocol, per_universe: usize, first: u16, lowest: u16, highest: u16| {
        let needed = leds.div_ceil(per_universe);
        let fits = first >= lowest && usize::from(first) + needed - 1 <= usize::from(highest);
        let error = OutputError::Universes { leds, needed, first, protocol, lowest, highest };
        if fits { Ok(()) } else { Err(error) }
    };
    match spec.protocol {
        Protocol::Ddp { destination: destination @ (0 | 246 | 250 | 251) } => {
            Err(OutputError::Destination(destination))
        }
        Protocol::Ddp { .. } => {
            let bytes = leds.checked_mul(spec.colour_order.channels());
            let fits = bytes.is_some_and(|bytes| u32::try_from(bytes).is_ok());
            if fits { Ok(()) } else { Err(OutputError::TooManyLeds { leds }) }
        }
        Protocol::Sacn { universe, priority, sync_universe, .. } => {
            if priority > sacn::MAX_PRIORITY {
                return Err(OutputError::Priority(priority));
            }
            if let Some(sync) = sync_universe
                && !(1..=sacn::LAST_UNIVERSE).contains(&sync)
            {
                return Err(OutputError::SyncUniverse(sync));
            }
            let each = sacn::leds_a_universe(spec.colour_order);
            universes("E1.31", each, universe, 1, sacn::LAST_UNIVERSE)
        }
        Protocol::Spi { .. } => Ok(()),
        Protocol::ArtNet { universe, .. } => {
            let each = artnet::leds_a_universe(spec.colour_order);
            universes("Art-Net", each, universe, 0, artnet::LAST_UNIVERSE)
        }
    }
}

fn check_bus(spec: &OutputSpec, chip: LedChip, clock: Option<u32>) -> Result<(), OutputError> {
    if !matches!(&*spec.hosts, [device] if is_spi_device(device)) {
        return Err(OutputError::Device);
    }
    match clock {
        Some(_) if !chip.is_clocked() => Err(OutputError::Clock(
            "these LEDs have the clock rate of their own: leave clock_khz out",
        )),
        Some(khz) if !SPI_CLOCK_KHZ.contains(&khz) => {
            Err(OutputError::Clock("clock_khz is not from 100 to 30000"))
        }
        _ if chip.is_clocked() && spec.colour_order.channels() != 3 => Err(OutputError::White),
        _ => Ok(()),
    }
}

/// The sink of an output that is switched off.
struct Off {
    _report: Arc<Report>,
}

impl Sink for Off {
    fn submit(&mut self, _leds: &[Rgb8]) {}
}

#[cfg(test)]
mod tests {
    use prismatron_core::output::{ColourOrder, Probe};
    use prismatron_core::unit::LedRange;

    use super::*;

    fn spec(protocol: Protocol) -> OutputSpec {
        OutputSpec {
            name: "wall".to_owned(),
            enabled: true,
            protocol,
            hosts: vec!["127.0.0.1".to_owned()],
            leds: None,
            colour_order: ColourOrder::Rgb,
            max_fps: None,
            pace_ms: 0,
            power: None,
            probe: Probe::None,
        }
    }

    fn sacn(universe: u16, priority: u8, sync: Option<u16>, multicast: bool) -> OutputSpec {
        spec(Protocol::Sacn { universe, priority, sync_universe: sync, multicast })
    }

    fn refusal(spec: &OutputSpec, leds: usize) -> String {
        let (outputs, board) = Outputs::new();
        let error = outputs.make(spec, leds).err().expect("it was accepted");
        assert!(board.snapshot().is_empty());
        error.to_string()
    }

    #[test]
    fn universes_must_fit_the_protocol() {
        assert_eq!(
            refusal(&sacn(63_999, 100, None, false), 171),
            "output “wall”: 171 LEDs need 2 universes from 63999 on, but E1.31 universes go from 1 to 63999"
        );
        assert!(refusal(&sacn(0, 100, None, false), 1).contains("from 1 to 63999"));
        assert!(refusal(&sacn(1, 201, None, false), 1).contains("priority 201"));
        assert!(refusal(&sacn(1, 100, Some(64_000), false), 1).contains("64000"));
        let artnet = spec(Protocol::ArtNet { universe: 32_767, sync: false });
        assert!(refusal(&artnet, 171).contains("from 0 to 32767"));
        assert!(Outputs::check(&artnet, 170).is_ok());
        assert!(Outputs::check(&sacn(63_999, 200, Some(63_999), true), 170).is_ok());
    }

    #[test]
    fn hosts_must_be_hosts_and_there() {
        let mut ddp = spec(Protocol::default());
        ddp.hosts = vec!["wled.local".to_owned(), "http://x".to_owned()];
        assert!(refusal(&ddp, 1).contains("host “http://x”"));
        ddp.hosts.clear();
        assert!(refusal(&ddp, 1).contains("names no host"));
        let mut stream = sacn(1, 100, None, false);
        stream.hosts.clear();
        assert!(refusal(&stream, 1).contains("multicast"));
        stream.protocol = sacn(1, 100, None, true).protocol;
        assert!(Outputs::check(&stream, 1).is_ok());
    }

    #[test]
    fn leds_on_a_bus_have_one_device_and_colours_they_can_show() {
        let mut spi = spec(Protocol::Spi { chip: LedChip::Apa102, clock_khz: None });
        assert!(refusal(&spi, 1).contains("spidev0.0"));
        spi.hosts = vec!["spidev0.0".to_owned()];
        assert!(refusal(&spi, 1).contains("by this program"), "nobody opens strips here");
        assert!(Outputs::check(&spi, 1).is_ok());
        spi.colour_order = ColourOrder::Grbw;
        assert!(refusal(&spi, 1).contains("three channels"));
        spi.protocol = Protocol::Spi { chip: LedChip::Sk6812, clock_khz: None };
        assert!(Outputs::check(&spi, 1).is_ok());
        spi.protocol = Protocol::Spi { chip: LedChip::Sk6812, clock_khz: Some(3000) };
        assert!(refusal(&spi, 1).contains("leave clock_khz out"));
        spi.protocol = Protocol::Spi { chip: LedChip::Apa102, clock_khz: Some(50) };
        assert!(refusal(&spi, 1).contains("clock_khz"));
    }

    #[test]
    fn leds_must_be_on_the_wall() {
        let mut ddp = spec(Protocol::default());
        assert!(refusal(&ddp, 0).contains("no LEDs"));
        ddp.leds = Some(LedRange { first: 100, count: 50 });
        assert_eq!(
            refusal(&ddp, 20),
            "output “wall”: takes LEDs 100 to 149, but only 20 of these are on the wall"
        );
        assert!(Outputs::check(&ddp, 50).is_ok());
    }

    #[test]
    fn other_nonsense_is_refused_too() {
        for destination in [0, 246, 250, 251] {
            let ddp = spec(Protocol::Ddp { destination });
            assert!(refusal(&ddp, 1).contains("not a display"));
        }
        let mut ddp = spec(Protocol::default());
        assert!(refusal(&ddp, usize::MAX).contains("more than DDP"));
        ddp.pace_ms = 501;
        assert!(refusal(&ddp, 1).contains("pace_ms"));
    }

    #[test]
    fn an_output_that_is_off_is_listed_and_does_nothing() {
        let (outputs, board) = Outputs::new();
        let mut off = spec(Protocol::default());
        off.enabled = false;
        off.name.clear();
        let mut sink = outputs.make(&off, 3).unwrap();
        sink.submit(&[[1; 3]; 3]);
        let status = &board.snapshot()[0];
        assert_eq!((status.name.as_str(), status.state), ("127.0.0.1", OutputState::Off));
        drop(sink);
        assert!(board.snapshot().is_empty());
    }
}
