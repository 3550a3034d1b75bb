//! Receivers written from the specifications, not from the encoders, put frames together again.

use std::collections::BTreeMap;

use prismatron_core::frame::Rgb8;
use prismatron_core::output::ColourOrder;
use prismatron_output::artnet::ArtNet;
use prismatron_output::ddp::Ddp;
use prismatron_output::sacn::Sacn;
use prismatron_output::{Encoder, Packets, Stream};
use proptest::prelude::*;

/// Encodes frame after frame in the same buffer, as an output does.
struct Wire<E> {
    encoder: E,
    packets: Packets,
    number: u64,
}

impl<E: Encoder> Wire<E> {
    fn new(encoder: E) -> Self {
        Self { packets: encoder.packets(), encoder, number: 0 }
    }

    /// Every datagram of the next frame with its universe.
    fn frame(&mut self, leds: &[Rgb8], stream: Stream) -> Vec<(u16, Vec<u8>)> {
        self.packets.fill(leds);
        self.encoder.stamp(&mut self.packets, self.number, stream);
        self.number += 1;
        let datagrams = match stream {
            Stream::Lasts => self.packets.len(),
            Stream::Ends => self.encoder.ending().datagrams,
        };
        let one = |i| (self.packets.universe(i), self.packets.bytes(i..i + 1).to_vec());
        (0..datagrams).map(one).collect()
    }
}

/// What the LEDs of a controller with this colour order show for the channels it received.
fn shown(order: ColourOrder, channels: &[u8]) -> Vec<Rgb8> {
    let places = match order {
        ColourOrder::Rgb => "rgb",
        ColourOrder::Rbg => "rbg",
        ColourOrder::Grb => "grb",
        ColourOrder::Gbr => "gbr",
        ColourOrder::Brg => "brg",
        ColourOrder::Bgr => "bgr",
        ColourOrder::Rgbw => "rgbw",
        ColourOrder::Grbw => "grbw",
    };
    assert_eq!(channels.len() % places.len(), 0, "an LED was cut in two");
    channels
        .chunks(places.len())
        .map(|led| {
            let channel = |c| places.find(c).map_or(0, |place| led[place]);
            // A white LED beside the others adds to all three of them.
            ['r', 'g', 'b'].map(|c| channel(c) + channel('w'))
        })
        .collect()
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |n, &byte| n << 8 | usize::from(byte))
}

/// A display by the DDP document: a frame buffer written at offsets and shown by the push flag.
#[derive(Default)]
struct DdpDisplay {
    buffer: Vec<u8>,
    frames: Vec<Vec<u8>>,
    sequence: Option<u8>,
    data_type: u8,
}

impl DdpDisplay {
    fn receive(&mut self, packet: &[u8]) {
        assert_eq!(packet[0] & 0b1100_0000, 0b0100_0000, "version 1");
        assert_eq!(packet[0] & 0b0011_1110, 0, "no timecode, storage, reply or query");
        let sequence = packet[1];
        assert!(sequence <= 15);
        if let Some(before) = self.sequence.replace(sequence) {
            let expected = if before == 0 { 0 } else { before % 15 + 1 };
            assert_eq!(sequence, expected, "one more than the datagram before");
        }
        self.data_type = packet[2];
        assert_eq!(packet[3], 1);
        let (offset, length) = (number(&packet[4..8]), number(&packet[8..10]));
        assert!(length <= 1440);
        assert_eq!(packet.len(), 10 + length);
        assert_eq!(offset, self.buffer.len(), "datagrams follow each other");
        self.buffer.extend_from_slice(&packet[10..]);
        if packet[0] & 1 == 1 {
            self.frames.push(std::mem::take(&mut self.buffer));
        }
    }
}

/// The layers of an E1.31 data packet, by the tables of the standard.
struct SacnPacket {
    universe: usize,
    sequence: u8,
    sync: usize,
    priority: u8,
    terminated: bool,
    slots: Vec<u8>,
}

fn sacn_root(packet: &[u8], vector: usize) -> &[u8] {
    assert_eq!(number(&packet[0..2]), 0x10);
    assert_eq!(number(&packet[2..4]), 0);
    assert_eq!(&packet[4..16], b"ASC-E1.17\x00\x00\x00");
    assert_eq!(number(&packet[16..18]), 0x7000 + packet.len() - 16);
    assert_eq!(number(&packet[18..22]), vector);
    &packet[22..38]
}

fn sacn_data(packet: &[u8]) -> SacnPacket {
    assert_eq!(sacn_root(packet, 4), [7; 16]);
    assert_eq!(number(&packet[38..40]), 0x7000 + packet.len() - 38);
    assert_eq!(number(&packet[40..44]), 2);
    assert_eq!(&packet[44..49], b"Test\0");
    assert_eq!(packet[112] & 0b1011_1111, 0, "no preview, no forced synchronisation");
    assert_eq!(number(&packet[115..117]), 0x7000 + packet.len() - 115);
    assert_eq!(packet[117..123], [0x02, 0xA1, 0, 0, 0, 1]);
    let values = number(&packet[123..125]);
    assert!((2..=513).contains(&values));
    assert_eq!(packet.len(), 125 + values);
    assert_eq!(packet[125], 0, "NULL START code");
    SacnPacket {
        universe: number(&packet[113..115]),
        sequence: packet[111],
        sync: number(&packet[109..111]),
        priority: packet[108],
        terminated: packet[112] & 0x40 != 0,
        slots: packet[126..].to_vec(),
    }
}

fn artnet_dmx(packet: &[u8]) -> (usize, u8, Vec<u8>) {
    assert_eq!(&packet[..8], b"Art-Net\0");
    assert_eq!(u16::from_le_bytes([packet[8], packet[9]]), 0x5000);
    assert_eq!(number(&packet[10..12]), 14);
    assert_eq!(packet[13], 0);
    let length = number(&packet[16..18]);
    assert!(length.is_multiple_of(2) && (2..=512).contains(&length));
    assert_eq!(packet.len(), 18 + length);
    assert_eq!(packet[15] & 0x80, 0, "port-addresses have 15 bits");
    (usize::from(packet[15]) << 8 | usize::from(packet[14]), packet[12], packet[18..].to_vec())
}

fn order() -> impl Strategy<Value = ColourOrder> {
    prop::sample::select(vec![
        ColourOrder::Rgb,
        ColourOrder::Rbg,
        ColourOrder::Grb,
        ColourOrder::Gbr,
        ColourOrder::Brg,
        ColourOrder::Bgr,
        ColourOrder::Rgbw,
        ColourOrder::Grbw,
    ])
}

/// Frames of any LEDs, all of one length, which is often at or beside a whole number of datagrams.
fn frames() -> impl Strategy<Value = Vec<Vec<Rgb8>>> {
    let length = prop_oneof![
        1..2000_usize,
        (1..5_usize, prop::sample::select(vec![128, 170, 360, 480]), 0..3_usize)
            .prop_map(|(n, each, off)| n * each + off - 1),
    ];
    length.prop_flat_map(|leds| {
        prop::collection::vec(prop::collection::vec(any::<Rgb8>(), leds), 1..4)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_ddp_display_shows_what_was_sent(order in order(), frames in frames()) {
        let mut wire = Wire::new(Ddp::new(1, order, frames[0].len()));
        let mut display = DdpDisplay::default();
        for leds in &frames {
            for (_, datagram) in wire.frame(leds, Stream::Lasts) {
                display.receive(&datagram);
            }
        }
        prop_assert_eq!(display.data_type, if order.channels() == 4 { 0x1B } else { 0x0B });
        let seen: Vec<_> = display.frames.iter().map(|frame| shown(order, frame)).collect();
        prop_assert_eq!(seen, frames);
    }

    #[test]
    fn an_e131_receiver_shows_what_was_sent(
        order in order(),
        frames in frames(),
        first in 1..60_000_u16,
        sync in prop::option::of(1..=63_999_u16),
    ) {
        let sacn =
            Sacn::new([7; 16], "Test", first, order, frames[0].len()).with_priority(7).with_sync(sync);
        let mut wire = Wire::new(sacn);
        let mut sequences = BTreeMap::new();
        for leds in &frames {
            let mut packets = wire.frame(leds, Stream::Lasts);
            if let Some(address) = sync {
                let (to, packet) = packets.pop().unwrap();
                prop_assert_eq!(to, address);
                prop_assert_eq!(sacn_root(&packet, 8), [7; 16]);
                prop_assert_eq!(packet.len(), 49);
                prop_assert_eq!(number(&packet[38..40]), 0x7000 + 11);
                prop_assert_eq!(number(&packet[40..44]), 1);
                prop_assert_eq!(number(&packet[45..47]), usize::from(address));
                prop_assert_eq!(&packet[47..], [0, 0]);
            }
            let mut channels = Vec::new();
            for (i, (to, packet)) in packets.iter().enumerate() {
                let packet = sacn_data(packet);
                prop_assert_eq!(packet.universe, usize::from(first) + i);
                prop_assert_eq!(usize::from(*to), packet.universe);
                prop_assert_eq!(packet.sync, usize::from(sync.unwrap_or(0)));
                prop_assert_eq!((packet.priority, packet.terminated), (7, false));
                if let Some(before) = sequences.insert(packet.universe, packet.sequence) {
                    prop_assert_eq!(packet.sequence, before + 1);
                }
                channels.extend(packet.slots);
            }
            prop_assert_eq!(&shown(order, &channels), leds);
        }
        prop_assert_eq!(wire.encoder.ending().frames, 3);
        for (_, packet) in wire.frame(&frames[0], Stream::Ends) {
            let packet = sacn_data(&packet);
            prop_assert!(packet.terminated);
            prop_assert_eq!(packet.sequence, sequences[&packet.universe] + 1);
        }
    }

    #[test]
    fn an_art_net_node_shows_what_was_sent(
        order in order(),
        frames in frames(),
        first in 0..32_000_u16,
        sync in any::<bool>(),
    ) {
        let mut wire =
            Wire::new(ArtNet::new(first, order, frames[0].len()).with_sync(sync));
        for (sequence, leds) in (1..).zip(&frames) {
            let mut packets = wire.frame(leds, Stream::Lasts);
            if sync {
                let expected = b"Art-Net\x00\x00\x52\x00\x0E\x00\x00".to_vec();
                prop_assert_eq!(packets.pop().unwrap().1, expected);
            }
            let mut channels = Vec::new();
            for (i, (_, packet)) in packets.iter().enumerate() {
                let (universe, number, data) = artnet_dmx(packet);
                prop_assert_eq!(universe, usize::from(first) + i);
                prop_assert_eq!(number, sequence);
                channels.extend(data);
            }
            let wanted = leds.len() * order.channels();
            prop_assert!(channels.len() - wanted < 2, "only evenness adds a byte");
            prop_assert!(channels[wanted..].iter().all(|&byte| byte == 0));
            prop_assert_eq!(&shown(order, &channels[..wanted]), leds);
        }
    }
}

#[test]
fn nothing_is_sent_twice_or_left_out_of_a_million_leds() {
    let leds: Vec<Rgb8> =
        (0..1_000_000_u32).map(|n| [n as u8, (n >> 8) as u8, (n >> 16) as u8]).collect();
    let mut display = DdpDisplay::default();
    let mut wire = Wire::new(Ddp::new(1, ColourOrder::Rgb, leds.len()));
    let packets = wire.frame(&leds, Stream::Lasts);
    assert_eq!(packets.len(), 2084);
    packets.iter().for_each(|(_, packet)| display.receive(packet));
    assert_eq!(display.frames, [leds.as_flattened()]);
}
