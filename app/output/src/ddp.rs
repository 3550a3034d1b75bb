//! Distributed Display Protocol, version 1: <http://www.3waylabs.com/ddp/>.
//!
//! A datagram is a 10-byte header and up to 1,440 bytes of data, big-endian:
//!
//! | byte | field |
//! |---|---|
//! | 0 | flags: version 1 in the top bits (`0x40`), push (`0x01`) on the last datagram of a frame only |
//! | 1 | sequence in the low four bits: 1 to 15, counted per datagram; 0 is "not used" |
//! | 2 | data type `C R TTT SSS`: TTT 1 is RGB, 3 is RGBW; SSS 3 is eight bits a channel |
//! | 3 | destination: 1 is the default display |
//! | 4–7 | offset of the data in the frame, in bytes |
//! | 8–9 | length of the data, in bytes |

use prismatron_core::output::ColourOrder;

use crate::encoder::{Encoder, Stream};
use crate::packets::Packets;

/// UDP port of DDP.
pub const PORT: u16 = 4048;
/// Bytes before the data.
pub const HEADER_BYTES: usize = 10;
/// Most data in a datagram: a whole number of RGB and of RGBW LEDs that fits an Ethernet frame.
pub const DATA_BYTES: usize = 1440;

const SEQUENCE_AT: usize = 1;
const VERSION_1: u8 = 0x40;
const PUSH: u8 = 0x01;
const RGB_8_BIT: u8 = 0x0B;
const RGBW_8_BIT: u8 = 0x1B;

/// Frames of more datagrams go without sequence numbers. With only fifteen of them a receiver cannot tell
/// late datagrams from those of a long frame: WLED takes a number up to four behind the last push for late
/// and drops it, which an eleventh datagram would run into.
const LONGEST_NUMBERED_FRAME: usize = 10;

/// DDP for a fixed number of LEDs.
#[derive(Debug, Clone)]
pub struct Ddp {
    destination: u8,
    order: ColourOrder,
    leds: usize,
}

impl Ddp {
    /// An encoder for `leds` LEDs, at least one, whose channels together stay below 4 GiB.
    pub fn new(destination: u8, order: ColourOrder, leds: usize) -> Self {
        Self { destination, order, leds }
    }

    fn leds_a_datagram(&self) -> usize {
        DATA_BYTES / self.order.channels()
    }
}

impl Encoder for Ddp {
    fn packets(&self) -> Packets {
        let channels = self.order.channels();
        let data_type = if channels == 4 { RGBW_8_BIT } else { RGB_8_BIT };
        let mut plan = Packets::plan(self.order);
        plan.spread(self.leds, self.leds_a_datagram(), |_, leds| {
            let push = if leds.end == self.leds { PUSH } else { 0 };
            let mut header = [0; HEADER_BYTES];
            header[..4].copy_from_slice(&[VERSION_1 | push, 0, data_type, self.destination]);
            header[4..8].copy_from_slice(&((leds.start * channels) as u32).to_be_bytes());
            header[8..].copy_from_slice(&((leds.len() * channels) as u16).to_be_bytes());
            (0, header, 0)
        });
        plan.done()
    }

    fn stamp(&self, packets: &mut Packets, number: u64, _: Stream) {
        let datagrams = packets.len();
        if datagrams > LONGEST_NUMBERED_FRAME {
            return;
        }
        let first = (number % 15) as usize * datagrams;
        for index in 0..datagrams {
            packets.datagram_mut(index)[SEQUENCE_AT] = ((first + index) % 15 + 1) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use prismatron_core::frame::Rgb8;

    use super::*;

    fn frame(ddp: &Ddp, number: u64, leds: &[Rgb8]) -> Vec<Vec<u8>> {
        let mut packets = ddp.packets();
        packets.fill(leds);
        ddp.stamp(&mut packets, number, Stream::Lasts);
        packets.apart()
    }

    #[test]
    fn two_leds_as_the_specification_lays_them_out() {
        let ddp = Ddp::new(1, ColourOrder::Rgb, 2);
        #[rustfmt::skip]
        let expected = vec![vec![
            0x41, 0x01, 0x0B, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x06,
            0xFF, 0x80, 0x00, 0x01, 0x02, 0x03,
        ]];
        assert_eq!(frame(&ddp, 0, &[[255, 128, 0], [1, 2, 3]]), expected);
    }

    #[test]
    fn rgbw_has_its_own_type_and_four_bytes_an_led() {
        let ddp = Ddp::new(7, ColourOrder::Grbw, 1);
        let expected = vec![vec![0x41, 1, 0x1B, 7, 0, 0, 0, 0, 0, 4, 10, 0, 20, 10]];
        assert_eq!(frame(&ddp, 0, &[[10, 20, 30]]), expected);
    }

    #[test]
    fn only_the_last_of_seven_datagrams_pushes() {
        let ddp = Ddp::new(1, ColourOrder::Rgb, 3200);
        let datagrams = frame(&ddp, 0, &vec![[1, 2, 3]; 3200]);
        let flags: Vec<_> = datagrams.iter().map(|d| d[0]).collect();
        assert_eq!(flags, [0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 0x41]);
        let offsets: Vec<_> = datagrams.iter().map(|d| d[4..8].to_vec()).collect();
        assert_eq!(offsets[1], [0, 0, 0x05, 0xA0]);
        assert_eq!(offsets[6], [0, 0, 0x21, 0xC0]);
        assert_eq!(datagrams[6][8..10], [0x03, 0xC0], "9,600 − 6 × 1,440 bytes");
        let mut numbers = Vec::new();
        for number in 0..3 {
            numbers.extend(frame(&ddp, number, &vec![[0; 3]; 3200]).iter().map(|d| d[1]));
        }
        assert_eq!(numbers[..16], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 1]);
    }

    #[test]
    fn a_frame_too_long_for_fifteen_numbers_has_none() {
        let numbered = Ddp::new(1, ColourOrder::Rgb, 4800);
        assert_eq!(frame(&numbered, 0, &vec![[0; 3]; 4800])[9][1], 10);
        let long = Ddp::new(1, ColourOrder::Rgb, 4801);
        assert!(frame(&long, 7, &vec![[0; 3]; 4801]).iter().all(|d| d[1] == 0));
    }
}
