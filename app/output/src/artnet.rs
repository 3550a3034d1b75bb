//! Art-Net 4: <https://art-net.org.uk/downloads/art-net.pdf>.
//!
//! `ArtDmx` carries one port-address (a universe of 512 channels):
//!
//! | byte | field |
//! |---|---|
//! | 0–7 | `Art-Net` and NUL |
//! | 8–9 | op code 0x5000, low byte first |
//! | 10–11 | protocol revision 14, high byte first |
//! | 12 | sequence, 1 to 255 a port-address; 0 is "not used" |
//! | 13 | physical input port, for information only |
//! | 14–15 | the 15-bit port-address: low byte (Sub-Net and Universe), then the Net |
//! | 16–17 | length of the data, high byte first: even, 2 to 512 |
//!
//! `ArtSync` (op code 0x5200, then two bytes Aux that are 0) shows all of it at once.

use prismatron_core::output::ColourOrder;

use crate::encoder::{Encoder, Stream};
use crate::packets::Packets;
use crate::sacn;

/// UDP port of Art-Net.
pub const PORT: u16 = 6454;
/// Highest port-address.
pub const LAST_UNIVERSE: u16 = 0x7FFF;
/// Bytes before the data of an `ArtDmx`.
pub const HEADER_BYTES: usize = 18;

const START_BYTES: usize = 12;
const SEQUENCE_AT: usize = 12;
const ID: &[u8; 8] = b"Art-Net\0";
const OP_DMX: u16 = 0x5000;
const OP_SYNC: u16 = 0x5200;
const REVISION: u16 = 14;

/// LEDs in a port-address: whole ones only.
pub fn leds_a_universe(order: ColourOrder) -> usize {
    sacn::leds_a_universe(order)
}

/// Art-Net for a fixed number of LEDs on consecutive port-addresses. Each of them takes part in every frame
/// exactly once, so the number of the frame is the sequence of each.
#[derive(Debug, Clone)]
pub struct ArtNet {
    first: u16,
    sync: bool,
    order: ColourOrder,
    leds: usize,
}

impl ArtNet {
    /// An encoder without `ArtSync`. `first` and the port-addresses after it must not pass
    /// [`LAST_UNIVERSE`].
    pub fn new(first: u16, order: ColourOrder, leds: usize) -> Self {
        Self { first, sync: false, order, leds }
    }

    /// The same with or without an `ArtSync` after each frame.
    pub fn with_sync(self, sync: bool) -> Self {
        Self { sync, ..self }
    }
}

impl Encoder for ArtNet {
    fn packets(&self) -> Packets {
        let mut plan = Packets::plan(self.order);
        plan.spread(self.leds, leds_a_universe(self.order), |index, leds| {
            let universe = self.first + index as u16;
            let channels = leds.len() * self.order.channels();
            let padding = channels % 2;
            let [net, sub] = universe.to_be_bytes();
            let mut header = [0; HEADER_BYTES];
            header[..START_BYTES].copy_from_slice(&start(OP_DMX));
            header[14..16].copy_from_slice(&[sub, net]);
            header[16..].copy_from_slice(&((channels + padding) as u16).to_be_bytes());
            (universe, header, padding)
        });
        if self.sync {
            plan.push(0, &start(OP_SYNC), 0..0, 2);
        }
        plan.done()
    }

    fn stamp(&self, packets: &mut Packets, number: u64, _: Stream) {
        let sequence = (number % 255 + 1) as u8;
        for index in 0..packets.len() - usize::from(self.sync) {
            packets.datagram_mut(index)[SEQUENCE_AT] = sequence;
        }
    }
}

/// What every packet starts with.
fn start(op: u16) -> [u8; START_BYTES] {
    let mut start = [0; START_BYTES];
    start[..8].copy_from_slice(ID);
    start[8..10].copy_from_slice(&op.to_le_bytes());
    start[10..].copy_from_slice(&REVISION.to_be_bytes());
    start
}

#[cfg(test)]
mod tests {
    use prismatron_core::frame::Rgb8;

    use super::*;

    fn frame(encoder: &ArtNet, number: u64, leds: &[Rgb8]) -> Vec<Vec<u8>> {
        let mut packets = encoder.packets();
        packets.fill(leds);
        encoder.stamp(&mut packets, number, Stream::Lasts);
        packets.apart()
    }

    #[test]
    fn one_led_as_the_specification_lays_it_out() {
        let artnet = ArtNet::new(0x1234, ColourOrder::Rgb, 1).with_sync(true);
        #[rustfmt::skip]
        let expected = vec![
            vec![
                0x41, 0x72, 0x74, 0x2d, 0x4e, 0x65, 0x74, 0x00, 0x00, 0x50, 0x00, 0x0e,
                0x01, 0x00, 0x34, 0x12, 0x00, 0x04, 9, 8, 7, 0,
            ],
            vec![
                0x41, 0x72, 0x74, 0x2d, 0x4e, 0x65, 0x74, 0x00, 0x00, 0x52, 0x00, 0x0e, 0x00, 0x00,
            ],
        ];
        assert_eq!(frame(&artnet, 0, &[[9, 8, 7]]), expected);
    }

    #[test]
    fn port_addresses_follow_each_other_over_the_net_boundary() {
        let artnet = ArtNet::new(0x00FF, ColourOrder::Rgb, 340);
        let datagrams = frame(&artnet, 0, &[[1; 3]; 340]);
        assert_eq!(datagrams.iter().map(Vec::len).collect::<Vec<_>>(), [528, 528]);
        assert_eq!(datagrams[0][14..18], [0xFF, 0x00, 0x01, 0xFE]);
        assert_eq!(datagrams[1][14..18], [0x00, 0x01, 0x01, 0xFE]);
    }

    #[test]
    fn sequence_runs_from_1_to_255_and_leaves_0_out() {
        let artnet = ArtNet::new(0, ColourOrder::Rgb, 1);
        let numbers: Vec<_> = (0..256).map(|n| frame(&artnet, n, &[[0; 3]])[0][12]).collect();
        assert_eq!(numbers[..255], (1..=255).collect::<Vec<u8>>());
        assert_eq!(numbers[255], 1);
    }
}
