//! LEDs on SPI, as the outputs of `prismatron-output` have them told.

use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use embedded_hal::spi::SpiDevice;
use linux_embedded_hal::SpidevDevice;
use linux_embedded_hal::spidev::{SpiModeFlags, SpidevOptions};
use prismatron_core::frame::Rgb8;
use prismatron_core::output::{OutputSpec, Protocol, is_spi_device};
use prismatron_core::port::{Strip, StripError, StripOpener};

use crate::encode::{CLOCKED_KHZ, Encoder, ONE_WIRE_HZ};

/// Most bytes that spidev sends in one go, unless it was loaded with more.
const USUAL_BUFSIZ: usize = 4096;

/// Opens strips on the SPI buses of this machine.
#[derive(Debug, Clone)]
pub struct Strips {
    devices: PathBuf,
    bufsiz: PathBuf,
}

impl Strips {
    /// Those of this machine.
    pub fn of_this_machine() -> Self {
        Self { devices: "/dev".into(), bufsiz: "/sys/module/spidev/parameters/bufsiz".into() }
    }

    fn bufsiz(&self) -> usize {
        let told = fs::read_to_string(&self.bufsiz).ok().and_then(|text| text.trim().parse().ok());
        told.unwrap_or(USUAL_BUFSIZ)
    }
}

impl StripOpener for Strips {
    fn open(&self, spec: &OutputSpec, leds: usize) -> Result<Box<dyn Strip>, StripError> {
        let (Protocol::Spi { chip, clock_khz }, [device]) = (spec.protocol, &*spec.hosts) else {
            return Err(StripError("it is no output on SPI with one device".to_owned()));
        };
        if !is_spi_device(device) {
            return Err(StripError(format!("“{device}” is no SPI device, such as spidev0.0")));
        }
        let path = self.devices.join(device);
        let refused = |error: &dyn std::fmt::Display| {
            StripError(format!(
                "{} cannot be used: {error}. SPI has to be on in the device tree, with spidev on it, and the \
                 device must be the group spi’s",
                path.display()
            ))
        };
        let hertz =
            if chip.is_clocked() { clock_khz.unwrap_or(CLOCKED_KHZ) * 1000 } else { ONE_WIRE_HZ };
        let mut spi = SpidevDevice::open(&path).map_err(|error| refused(&error))?;
        let options = SpidevOptions::new()
            .bits_per_word(8)
            .max_speed_hz(hertz)
            .mode(SpiModeFlags::SPI_MODE_0)
            .build();
        spi.configure(&options).map_err(|error| refused(&error))?;
        let encoder = Encoder::new(chip, spec.colour_order, leds);
        Ok(Box::new(SpiStrip::new(spi, encoder, self.bufsiz(), chip.is_clocked())))
    }
}

/// A strip on any SPI device.
#[derive(Debug)]
pub(crate) struct SpiStrip<S> {
    spi: S,
    encoder: Encoder,
    /// Bytes in a go.
    piece: NonZeroUsize,
    /// Most bytes in a go, where frames are longer and the LEDs mind a pause.
    too_short: Option<usize>,
}

impl<S: SpiDevice> SpiStrip<S> {
    /// A strip that is sent at most `most` bytes in a go: always whole LEDs of those that mind a pause.
    pub(crate) fn new(spi: S, encoder: Encoder, most: usize, is_clocked: bool) -> Self {
        let step = if is_clocked { 1 } else { encoder.led_bytes() };
        let piece = NonZeroUsize::new(most / step * step).unwrap_or(NonZeroUsize::MIN);
        let mut probe = encoder.clone();
        let frame = probe.encode(&[]).len();
        let too_short = (!is_clocked && frame > most).then_some(most);
        Self { spi, encoder, piece, too_short }
    }
}

impl<S: SpiDevice + Send> Strip for SpiStrip<S> {
    fn show(&mut self, leds: &[Rgb8]) -> Result<usize, StripError> {
        let (gap, _) = self.encoder.margins();
        let is_split = self.too_short.is_some();
        let wire = self.encoder.encode(leds);
        // The gap is sent by itself, so that what follows is whole LEDs.
        let (before, rest) = wire.split_at(if is_split { gap } else { 0 });
        let gap = (!before.is_empty()).then_some(before);
        for piece in gap.into_iter().chain(rest.chunks(self.piece.get())) {
            self.spi
                .write(piece)
                .map_err(|error| StripError(format!("the SPI bus does not take it: {error:?}")))?;
        }
        Ok(wire.len())
    }

    fn notice(&self) -> Option<String> {
        let most = self.too_short?;
        Some(format!(
            "a frame takes more than the {most} bytes that spidev sends at a time, and these LEDs may flicker \
             behind each pause: load spidev with bufsiz=65536 (spidev.bufsiz=65536 on the kernel’s command line)"
        ))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use embedded_hal_mock::eh1::spi::{Mock, Transaction};
    use prismatron_core::output::{ColourOrder, LedChip};

    use super::*;

    fn written(pieces: &[&[u8]]) -> Vec<Transaction<u8>> {
        let piece = |piece: &&[u8]| {
            [
                Transaction::transaction_start(),
                Transaction::write_vec(piece.to_vec()),
                Transaction::transaction_end(),
            ]
        };
        pieces.iter().flat_map(piece).collect()
    }

    #[test]
    fn a_frame_goes_out_in_one_transaction_if_it_can() {
        let wire = [0, 0, 0, 0, 0xff, 3, 2, 255, 0, 0, 0, 0, 0];
        let mut spi = Mock::new(&written(&[&wire]));
        let encoder = Encoder::new(LedChip::Apa102, ColourOrder::Bgr, 1);
        let mut strip = SpiStrip::new(spi.clone(), encoder, 4096, true);
        assert_eq!(strip.show(&[[255, 2, 3]]), Ok(13));
        assert_eq!(strip.notice(), None);
        spi.done();
    }

    #[test]
    fn clocked_leds_are_split_anywhere_and_do_not_mind() {
        let wire = [0, 0, 0, 0, 0xff, 3, 2, 255, 0, 0, 0, 0, 0];
        let mut spi = Mock::new(&written(&[&wire[..5], &wire[5..10], &wire[10..]]));
        let encoder = Encoder::new(LedChip::Sk9822, ColourOrder::Bgr, 1);
        let mut strip = SpiStrip::new(spi.clone(), encoder, 5, true);
        strip.show(&[[255, 2, 3]]).unwrap();
        assert_eq!(strip.notice(), None);
        spi.done();
    }

    #[test]
    fn one_wire_leds_are_split_between_leds_and_it_is_told() {
        let mut encoder = Encoder::new(LedChip::Ws2812, ColourOrder::Grb, 12);
        let leds: Vec<Rgb8> = (0..12).map(|n| [n, 2 * n, 3 * n]).collect();
        let wire = encoder.encode(&leds).to_vec();
        // 130 bytes a go are ten LEDs: the gap, ten LEDs, two with the beginning of the last gap, and its rest.
        let body = &wire[120..];
        let pieces = [&wire[..120], &body[..120], &body[120..240], &body[240..]];
        let mut spi = Mock::new(&written(&pieces));
        let mut strip = SpiStrip::new(spi.clone(), encoder, 130, false);
        strip.show(&leds).unwrap();
        assert!(strip.notice().unwrap().contains("130 bytes"));
        spi.done();
    }

    #[test]
    fn a_device_that_is_not_there_says_what_to_look_at() {
        let folder = tempfile::tempdir().unwrap();
        let strips = Strips { devices: folder.path().into(), bufsiz: folder.path().join("bufsiz") };
        let mut spec: OutputSpec = OutputSpec {
            name: "strip".into(),
            enabled: true,
            protocol: Protocol::Spi { chip: LedChip::Ws2812, clock_khz: None },
            hosts: vec!["spidev0.0".into()],
            leds: None,
            colour_order: ColourOrder::Grb,
            max_fps: None,
            pace_ms: 0,
            power: None,
            probe: Default::default(),
        };
        let reason = strips.open(&spec, 3).err().unwrap().to_string();
        assert!(reason.contains("spidev0.0") && reason.contains("device tree"), "{reason}");
        spec.hosts = vec!["../etc/passwd".into()];
        assert!(strips.open(&spec, 3).err().unwrap().to_string().contains("no SPI device"));
        assert_eq!(strips.bufsiz(), 4096);
        fs::write(folder.path().join("bufsiz"), "65536\n").unwrap();
        assert_eq!(strips.bufsiz(), 65_536);
    }
}
