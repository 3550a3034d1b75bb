//! LED values as the bits of a strip's wire. Pure.
//!
//! *Clocked* chips (APA102, SK9822) take each bit when a second line says so: 32 bits of 0, then for each LED `111`,
//! five bits of *global brightness* and three channels of eight bits; at the end 32 bits of 0, on which an SK9822
//! takes over what it has, and a clock edge for every second LED, since each of them delays the data by half a
//! clock (datasheets of APA102 and SK9822). The end is of zeros: an LED that is one too many stays dark.
//!
//! *One-wire* chips (WS2812, SK6812) go by how long the line is high in each bit. Four bits of SPI make one of theirs:
//! at 3.2 MHz each is 312.5 ns.
//!
//! | chip | 0 | 1 | high for a 0 | high for a 1 |
//! |---|---|---|---|---|
//! | WS2812B, all versions | `1000` | `1110` | 220 to 380 ns: 312 | 650 to 950 ns: 937 |
//! | SK6812 | `1000` | `1100` | 150 to 450 ns: 312 | 450 to 750 ns: 625 |
//!
//! They show what they have after the line was low for 280 µs (WS2812B since version 5) or 80 µs (SK6812). That
//! gap is also put in front, for a controller whose line rests high.

use prismatron_core::frame::Rgb8;
use prismatron_core::order;
use prismatron_core::output::{ColourOrder, LedChip};

/// Rate of the bus for one-wire chips.
pub const ONE_WIRE_HZ: u32 = 3_200_000;
/// Of the bus for clocked chips, unless configured.
pub const CLOCKED_KHZ: u32 = 4000;

/// Bytes of the bus for one of a one-wire chip.
const SPREAD: usize = 4;
/// 300 µs.
const WS2812_GAP: usize = 120;
/// 85 µs.
const SK6812_GAP: usize = 34;
/// Bytes before the first LED, and as many more at the end, of clocked chips.
const FRAME: usize = 4;
/// Highest global brightness.
const FULL: u32 = 31;

/// Encodes frames of a fixed number of LEDs into a buffer that is its own. Nothing is allocated after it is made.
#[derive(Debug, Clone)]
pub struct Encoder {
    chip: LedChip,
    order: ColourOrder,
    leds: usize,
    /// Channels in the order of the wire.
    channels: Vec<u8>,
    wire: Vec<u8>,
}

impl Encoder {
    /// For so many LEDs.
    pub fn new(chip: LedChip, order: ColourOrder, leds: usize) -> Self {
        let channels = vec![0; leds * order.channels()];
        let mut encoder = Self { chip, order, leds, channels, wire: Vec::new() };
        let (before, after) = encoder.margins();
        encoder.wire = vec![0; before + leds * encoder.led_bytes() + after];
        encoder
    }

    /// Bytes that an LED takes on the bus.
    pub fn led_bytes(&self) -> usize {
        if self.chip.is_clocked() { 4 } else { SPREAD * self.order.channels() }
    }

    /// Bytes before the first LED, and behind the last.
    pub fn margins(&self) -> (usize, usize) {
        match self.chip {
            LedChip::Apa102 | LedChip::Sk9822 => (FRAME, FRAME + self.leds.div_ceil(16)),
            LedChip::Ws2812 => (WS2812_GAP, WS2812_GAP),
            LedChip::Sk6812 => (SK6812_GAP, SK6812_GAP),
        }
    }

    /// The bytes of a frame. LEDs that are missing are black, and those that are too many left out.
    pub fn encode(&mut self, leds: &[Rgb8]) -> &[u8] {
        let given = &leds[..leds.len().min(self.leds)];
        let (lit, dark) = self.channels.split_at_mut(given.len() * self.order.channels());
        order::write(self.order, given, lit);
        dark.fill(0);
        let (before, after) = self.margins();
        let end = self.wire.len() - after;
        let body = &mut self.wire[before..end];
        match self.chip {
            LedChip::Apa102 | LedChip::Sk9822 => clocked(&self.channels, body),
            LedChip::Ws2812 => spread(&WS2812, &self.channels, body),
            LedChip::Sk6812 => spread(&SK6812, &self.channels, body),
        }
        &self.wire
    }
}

/// The brightest channel says how low the global brightness can be; the channels make up for it. The light is the
/// same, and pulses that would be very short in the dark are up to 31 times as long.
fn clocked(channels: &[u8], wire: &mut [u8]) {
    let leds = channels.as_chunks::<3>().0;
    for (to, led) in wire.as_chunks_mut::<4>().0.iter_mut().zip(leds) {
        let brightest = u32::from(led[0].max(led[1]).max(led[2]));
        let global = (brightest * FULL).div_ceil(255).max(1);
        let raised = led.map(|value| ((u32::from(value) * FULL + global / 2) / global) as u8);
        *to = [0xe0 | global as u8, raised[0], raised[1], raised[2]];
    }
}

type Table = [[u8; SPREAD]; 256];

static WS2812: Table = table(0b1000, 0b1110);
static SK6812: Table = table(0b1000, 0b1100);

/// What each byte becomes, the most significant bit first.
const fn table(zero: u8, one: u8) -> Table {
    let mut table = [[0; SPREAD]; 256];
    let mut value = 0;
    while value < 256 {
        let mut pair = 0;
        while pair < SPREAD {
            let high = if value >> (7 - 2 * pair) & 1 == 1 { one } else { zero };
            let low = if value >> (6 - 2 * pair) & 1 == 1 { one } else { zero };
            table[value][pair] = high << 4 | low;
            pair += 1;
        }
        value += 1;
    }
    table
}

fn spread(table: &Table, channels: &[u8], wire: &mut [u8]) {
    for (to, &value) in wire.as_chunks_mut::<SPREAD>().0.iter_mut().zip(channels) {
        *to = table[usize::from(value)];
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(chip: LedChip, order: ColourOrder, leds: &[Rgb8]) -> Vec<u8> {
        Encoder::new(chip, order, leds.len()).encode(leds).to_vec()
    }

    #[test]
    fn an_apa102_is_told_a_start_a_head_three_channels_and_an_end() {
        let leds = [[255, 0, 128], [0, 0, 0]];
        for chip in [LedChip::Apa102, LedChip::Sk9822] {
            let expected = [[0, 0, 0, 0], [0xff, 128, 0, 255], [0xe1, 0, 0, 0], [0, 0, 0, 0]];
            let wire = encoded(chip, ColourOrder::Bgr, &leds);
            assert_eq!(wire[..16], *expected.as_flattened());
            assert_eq!(wire[16..], [0], "a clock edge for every second of two LEDs");
        }
        assert_eq!(
            encoded(LedChip::Apa102, ColourOrder::Bgr, &[[0; 3]; 3200]).len(),
            4 + 12_800 + 4 + 200
        );
    }

    #[test]
    fn low_levels_have_longer_pulses_at_less_global_brightness() {
        let wire = encoded(LedChip::Apa102, ColourOrder::Rgb, &[[1, 0, 2], [8, 4, 0], [9, 0, 0]]);
        assert_eq!(wire[4..8], [0xe1, 31, 0, 62]);
        assert_eq!(wire[8..12], [0xe1, 248, 124, 0]);
        assert_eq!(wire[12..16], [0xe2, 140, 0, 0], "9 × 31 / 2, to the nearest");
    }

    #[test]
    fn a_ws2812_is_told_by_one_or_three_quarters_of_a_bit() {
        let wire = encoded(LedChip::Ws2812, ColourOrder::Grb, &[[0b0110_0001, 0xff, 0]]);
        assert_eq!(wire.len(), 120 + 12 + 120);
        assert!(wire[..120].iter().chain(&wire[132..]).all(|byte| *byte == 0));
        // Green first: eight ones. Then red, 01100001, and blue, eight zeros.
        assert_eq!(wire[120..124], [0xee; 4]);
        assert_eq!(wire[124..128], [0b1000_1110, 0b1110_1000, 0b1000_1000, 0b1000_1110]);
        assert_eq!(wire[128..132], [0x88; 4]);
    }

    #[test]
    fn an_sk6812_is_told_by_one_or_two_quarters_of_a_bit_and_may_have_white() {
        let wire = encoded(LedChip::Sk6812, ColourOrder::Grbw, &[[0x80, 0x80, 0x81]]);
        assert_eq!(wire.len(), 34 + 16 + 34);
        assert_eq!(wire[34..42], [0x88; 8], "green and red are in the white");
        assert_eq!(wire[42..46], [0x88, 0x88, 0x88, 0x8c]);
        assert_eq!(wire[46..50], [0xc8, 0x88, 0x88, 0x88]);
    }

    #[test]
    fn gaps_are_as_long_as_the_datasheets_ask() {
        let micros = |bytes: usize| bytes as f64 * 8.0 / f64::from(ONE_WIRE_HZ) * 1e6;
        assert!(micros(WS2812_GAP) >= 280.0 && micros(SK6812_GAP) >= 80.0);
    }

    /// What a chip that goes by pulses reads of a wire, by the times of its datasheet.
    fn read(wire: &[u8], zero: std::ops::Range<f64>, one: std::ops::Range<f64>) -> Vec<u8> {
        let bit = 1e9 / f64::from(ONE_WIRE_HZ);
        let levels = wire.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1));
        let (mut bits, mut high) = (Vec::new(), 0);
        for level in levels {
            match (level, high) {
                (1, _) => high += 1,
                (_, 0) => {}
                _ => {
                    let nanos = f64::from(high) * bit;
                    assert!(zero.contains(&nanos) || one.contains(&nanos), "{nanos} ns");
                    bits.push(u8::from(one.contains(&nanos)));
                    high = 0;
                }
            }
        }
        bits.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
    }

    proptest! {
        #[test]
        fn one_wire_chips_read_what_was_meant(leds in prop::collection::vec(any::<[u8; 3]>(), 1..40)) {
            let meant = leds.as_flattened().to_vec();
            let ws2812 = encoded(LedChip::Ws2812, ColourOrder::Rgb, &leds);
            prop_assert_eq!(&read(&ws2812, 220.0..380.0, 650.0..950.0), &meant);
            let sk6812 = encoded(LedChip::Sk6812, ColourOrder::Rgb, &leds);
            prop_assert_eq!(&read(&sk6812, 150.0..450.0, 450.0..750.0), &meant);
        }

        #[test]
        fn global_brightness_changes_no_light(led in any::<[u8; 3]>()) {
            let wire = encoded(LedChip::Apa102, ColourOrder::Rgb, &[led]);
            let global = f64::from(wire[4] & 0x1f);
            prop_assert_eq!(wire[4] >> 5, 7);
            for (meant, told) in led.iter().zip(&wire[5..8]) {
                let light = f64::from(*told) * global / 31.0;
                prop_assert!((light - f64::from(*meant)).abs() <= 0.5, "{light} for {meant}");
            }
        }
    }
}
