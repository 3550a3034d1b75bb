//! ANSI E1.31-2018, *Lightweight streaming protocol for transport of DMX512 using ACN*:
//! <https://tsp.esta.org/tsp/documents/docs/ANSI_E1-31-2018.pdf>.
//!
//! A data packet (section 4.1) is a root layer, a framing layer and a DMP layer, each with its length in
//! the low twelve bits of a word whose top bits are `0x7`, all big-endian:
//!
//! | byte | root layer (5) | byte | framing layer (6.2) | byte | DMP layer (7) |
//! |---|---|---|---|---|---|
//! | 0 | preamble size 0x0010 | 38 | flags and length | 115 | flags and length |
//! | 2 | post-amble size 0 | 40 | vector 0x00000002 | 117 | vector 0x02 |
//! | 4 | `ASC-E1.17` and three NUL | 44 | source name, 64 bytes | 118 | address type 0xA1 |
//! | 16 | flags and length | 108 | priority | 119 | first address 0 |
//! | 18 | vector 0x00000004 | 109 | synchronisation address | 121 | increment 1 |
//! | 22 | CID, 16 bytes | 111 | sequence | 123 | count of values |
//! | | | 112 | options | 125 | START code 0, then the slots |
//! | | | 113 | universe | | |
//!
//! A synchronisation packet (6.3) has root vector 0x00000008 and ends with its own framing layer. A
//! stream's end is told by three packets with the `Stream_Terminated` option (6.2.6).

use std::net::Ipv4Addr;

use prismatron_core::output::ColourOrder;

use crate::encoder::{Encoder, Ending, Stream};
use crate::packets::Packets;

/// UDP port of E1.31 (`ACN_SDT_MULTICAST_PORT`).
pub const PORT: u16 = 5568;
/// Highest universe for data (section 6.2.7); the lowest is 1.
pub const LAST_UNIVERSE: u16 = 63_999;
/// Slots of a universe.
pub const SLOTS: usize = 512;
/// Bytes before the slots of a data packet.
pub const HEADER_BYTES: usize = 126;
/// Bytes of a synchronisation packet.
pub const SYNC_BYTES: usize = 49;
/// Highest priority (section 6.2.3).
pub const MAX_PRIORITY: u8 = 200;

const ROOT_DATA: u32 = 0x0000_0004;
const ROOT_EXTENDED: u32 = 0x0000_0008;
const FRAMING_DATA: u32 = 0x0000_0002;
const FRAMING_SYNC: u32 = 0x0000_0001;
const STREAM_TERMINATED: u8 = 0x40;
const ROOT_AT: usize = 16;
const FRAMING_AT: usize = 38;
const DMP_AT: usize = 115;
const SEQUENCE_AT: usize = 111;
const OPTIONS_AT: usize = 112;
const SYNC_SEQUENCE_AT: usize = 44;
const SOURCE_NAME_BYTES: usize = 64;

/// The multicast group of a universe: 239.255.0.0 with the universe in its low bytes (section 9.3.1).
pub fn multicast_group(universe: u16) -> Ipv4Addr {
    let [high, low] = universe.to_be_bytes();
    Ipv4Addr::new(239, 255, high, low)
}

/// LEDs in a universe: whole ones only.
pub fn leds_a_universe(order: ColourOrder) -> usize {
    match order.channels() {
        4 => 128,
        _ => 170,
    }
}

/// E1.31 for a fixed number of LEDs on consecutive universes. Each of them, and the synchronisation address,
/// takes part in every frame exactly once, so the number of the frame is the sequence of each.
#[derive(Debug, Clone)]
pub struct Sacn {
    cid: [u8; 16],
    source: [u8; SOURCE_NAME_BYTES],
    first: u16,
    priority: u8,
    sync: Option<u16>,
    order: ColourOrder,
    leds: usize,
}

impl Sacn {
    /// An encoder at priority 100 without synchronisation. `first` and the universes after it must lie
    /// within 1 to [`LAST_UNIVERSE`]. The source name is cut to 63 bytes.
    pub fn new(cid: [u8; 16], source: &str, first: u16, order: ColourOrder, leds: usize) -> Self {
        let mut name = [0; SOURCE_NAME_BYTES];
        let end = source.floor_char_boundary(SOURCE_NAME_BYTES - 1);
        name[..end].copy_from_slice(&source.as_bytes()[..end]);
        Self { cid, source: name, first, priority: 100, sync: None, order, leds }
    }

    /// The same at another priority, at most [`MAX_PRIORITY`].
    pub fn with_priority(self, priority: u8) -> Self {
        Self { priority, ..self }
    }

    /// The same with a synchronisation packet on this universe after each frame.
    pub fn with_sync(self, sync: Option<u16>) -> Self {
        Self { sync, ..self }
    }

    fn root(&self, out: &mut [u8], packet: usize, vector: u32) {
        out[..2].copy_from_slice(&[0x00, 0x10]);
        out[4..16].copy_from_slice(b"ASC-E1.17\0\0\0");
        out[ROOT_AT..18].copy_from_slice(&flags_and_length(packet - ROOT_AT));
        out[18..22].copy_from_slice(&vector.to_be_bytes());
        out[22..38].copy_from_slice(&self.cid);
    }

    fn data_header(&self, universe: u16, slots: usize) -> [u8; HEADER_BYTES] {
        let mut out = [0; HEADER_BYTES];
        let packet = HEADER_BYTES + slots;
        self.root(&mut out, packet, ROOT_DATA);
        out[FRAMING_AT..40].copy_from_slice(&flags_and_length(packet - FRAMING_AT));
        out[40..44].copy_from_slice(&FRAMING_DATA.to_be_bytes());
        out[44..108].copy_from_slice(&self.source);
        out[108] = self.priority;
        out[109..111].copy_from_slice(&self.sync.unwrap_or(0).to_be_bytes());
        out[113..115].copy_from_slice(&universe.to_be_bytes());
        out[DMP_AT..117].copy_from_slice(&flags_and_length(packet - DMP_AT));
        out[117..123].copy_from_slice(&[0x02, 0xA1, 0x00, 0x00, 0x00, 0x01]);
        out[123..125].copy_from_slice(&((slots + 1) as u16).to_be_bytes());
        out
    }

    fn synchronisation(&self, address: u16) -> [u8; SYNC_BYTES] {
        let mut out = [0; SYNC_BYTES];
        self.root(&mut out, SYNC_BYTES, ROOT_EXTENDED);
        out[FRAMING_AT..40].copy_from_slice(&flags_and_length(SYNC_BYTES - FRAMING_AT));
        out[40..44].copy_from_slice(&FRAMING_SYNC.to_be_bytes());
        out[45..47].copy_from_slice(&address.to_be_bytes());
        out
    }
}

fn flags_and_length(length: usize) -> [u8; 2] {
    (0x7000 | length as u16).to_be_bytes()
}

impl Encoder for Sacn {
    fn packets(&self) -> Packets {
        let mut plan = Packets::plan(self.order);
        plan.spread(self.leds, leds_a_universe(self.order), |index, leds| {
            let universe = self.first + index as u16;
            (universe, self.data_header(universe, leds.len() * self.order.channels()), 0)
        });
        if let Some(address) = self.sync {
            plan.push(address, &self.synchronisation(address), 0..0, 0);
        }
        plan.done()
    }

    fn stamp(&self, packets: &mut Packets, number: u64, stream: Stream) {
        let sequence = number as u8;
        let options = if stream == Stream::Ends { STREAM_TERMINATED } else { 0 };
        let universes = self.ending().datagrams;
        for index in 0..universes {
            let datagram = packets.datagram_mut(index);
            datagram[SEQUENCE_AT] = sequence;
            datagram[OPTIONS_AT] = options;
        }
        if self.sync.is_some() {
            packets.datagram_mut(universes)[SYNC_SEQUENCE_AT] = sequence;
        }
    }

    fn ending(&self) -> Ending {
        // A receiver that waits for synchronisation takes the end of the stream without it.
        Ending { frames: 3, datagrams: self.leds.div_ceil(leds_a_universe(self.order)) }
    }
}

#[cfg(test)]
mod tests {
    use prismatron_core::frame::Rgb8;

    use super::*;

    const CID: [u8; 16] = [
        0xF0, 0xE1, 0xD2, 0xC3, 0xB4, 0xA5, 0x46, 0x87, 0x98, 0x69, 0x5A, 0x4B, 0x3C, 0x2D, 0x1E,
        0x0F,
    ];

    fn frame(encoder: &Sacn, number: u64, leds: &[Rgb8]) -> Vec<(u16, Vec<u8>)> {
        let mut packets = encoder.packets();
        packets.fill(leds);
        encoder.stamp(&mut packets, number, Stream::Lasts);
        (0..packets.len()).map(|i| packets.universe(i)).zip(packets.apart()).collect()
    }

    #[test]
    fn one_led_as_the_standard_lays_it_out() {
        let sacn = Sacn::new(CID, "Wall", 0x0102, ColourOrder::Rgb, 1)
            .with_priority(120)
            .with_sync(Some(0x0304));
        let mut data = vec![
            0x00, 0x10, 0x00, 0x00, 0x41, 0x53, 0x43, 0x2d, 0x45, 0x31, 0x2e, 0x31, 0x37, 0x00,
            0x00, 0x00, // 129 bytes in all: 113 from the root layer's length on
            0x70, 0x71, 0x00, 0x00, 0x00, 0x04,
        ];
        data.extend(CID);
        data.extend([0x70, 0x5B, 0x00, 0x00, 0x00, 0x02, b'W', b'a', b'l', b'l']);
        data.extend([0; 60]);
        data.extend([120, 0x03, 0x04, 0x01, 0x00, 0x01, 0x02]);
        data.extend([0x70, 0x0E, 0x02, 0xA1, 0x00, 0x00, 0x00, 0x01, 0x00, 0x04]);
        data.extend([0x00, 9, 8, 7]);
        let mut sync = vec![
            0x00, 0x10, 0x00, 0x00, 0x41, 0x53, 0x43, 0x2d, 0x45, 0x31, 0x2e, 0x31, 0x37, 0x00,
            0x00, 0x00, 0x70, 0x21, 0x00, 0x00, 0x00, 0x08,
        ];
        sync.extend(CID);
        sync.extend([0x70, 0x0B, 0x00, 0x00, 0x00, 0x01, 0x01, 0x03, 0x04, 0x00, 0x00]);
        assert_eq!(frame(&sacn, 257, &[[9, 8, 7]]), [(0x0102, data), (0x0304, sync)]);
    }

    #[test]
    fn a_full_universe_is_170_rgb_or_128_rgbw_leds() {
        let rgb = frame(&Sacn::new(CID, "", 1, ColourOrder::Rgb, 171), 0, &[[1; 3]; 171]);
        assert_eq!(rgb.iter().map(|(_, d)| d.len()).collect::<Vec<_>>(), [126 + 510, 126 + 3]);
        assert_eq!(rgb[0].1[16..18], [0x72, 0x6C], "a length of 620 below the flags");
        assert_eq!(rgb[0].1[123..125], [0x01, 0xFF]);
        let rgbw = frame(&Sacn::new(CID, "", 1, ColourOrder::Rgbw, 128), 0, &[[1; 3]; 128]);
        assert_eq!(rgbw.iter().map(|(_, d)| d.len()).collect::<Vec<_>>(), [638]);
    }

    #[test]
    fn the_end_is_told_in_three_packets_a_universe_without_synchronisation() {
        let sacn = Sacn::new(CID, "", 5, ColourOrder::Rgb, 200).with_sync(Some(9));
        assert_eq!(sacn.ending(), Ending { frames: 3, datagrams: 2 });
        let mut packets = sacn.packets();
        assert_eq!(packets.len(), 3);
        sacn.stamp(&mut packets, 300, Stream::Ends);
        let end = packets.apart();
        assert!(end[..2].iter().all(|d| d[111] == 44 && d[112] == 0x40));
        sacn.stamp(&mut packets, 0, Stream::Lasts);
        assert!(packets.apart()[..2].iter().all(|d| d[111] == 0 && d[112] == 0));
    }

    #[test]
    fn a_long_source_name_is_cut_between_characters() {
        let sacn = Sacn::new(CID, &"é".repeat(40), 1, ColourOrder::Rgb, 1);
        let datagram = &frame(&sacn, 0, &[[0; 3]])[0].1;
        assert_eq!(datagram[44..106], *"é".repeat(31).as_bytes());
        assert_eq!(datagram[106..108], [0, 0]);
    }

    #[test]
    fn a_universe_has_its_multicast_group() {
        assert_eq!(multicast_group(1), Ipv4Addr::new(239, 255, 0, 1));
        assert_eq!(multicast_group(63_999), Ipv4Addr::new(239, 255, 249, 255));
    }
}
