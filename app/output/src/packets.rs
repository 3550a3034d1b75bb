//! A frame as the datagrams that show it.
//!
//! What does not change from frame to frame (headers, sizes, universes) is laid out once. LED values are
//! copied straight to their places between the headers, in the copy that a latest-wins slot takes anyway,
//! and sequence numbers are stamped on just before sending: so a whole frame lies ready for the kernel, and
//! its bytes are touched once.

use std::ops::Range;
use std::sync::Arc;

use prismatron_core::frame::Rgb8;
use prismatron_core::order;
use prismatron_core::output::ColourOrder;

/// All datagrams of a frame, end to end in one buffer.
#[derive(Debug, Clone)]
pub struct Packets {
    bytes: Vec<u8>,
    table: Arc<[Packet]>,
    order: ColourOrder,
}

/// One datagram in the buffer.
#[derive(Debug, Clone)]
struct Packet {
    start: usize,
    /// Where its LED values begin.
    body: usize,
    end: usize,
    leds: Range<usize>,
    universe: u16,
}

impl Packets {
    /// Begins to lay out a frame whose LEDs have their channels in this order.
    pub(crate) fn plan(order: ColourOrder) -> Plan {
        Plan { bytes: Vec::new(), table: Vec::new(), order }
    }

    /// Puts in the LED values of a frame, in wall order. Those that are missing are black.
    pub fn fill(&mut self, leds: &[Rgb8]) {
        let channels = self.order.channels();
        for packet in self.table.iter() {
            let first = packet.leds.start.min(leds.len());
            let given = &leds[first..packet.leds.end.min(leds.len())];
            let body = &mut self.bytes[packet.body..][..packet.leds.len() * channels];
            let (lit, dark) = body.split_at_mut(given.len() * channels);
            order::write(self.order, given, lit);
            dark.fill(0);
        }
    }

    /// How many datagrams there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The bytes of the datagrams in `range`, end to end.
    pub fn bytes(&self, range: Range<usize>) -> &[u8] {
        match (self.table.get(range.start), range.end.checked_sub(1)) {
            (Some(first), Some(last)) if !range.is_empty() => {
                &self.bytes[first.start..self.table[last].end]
            }
            _ => &[],
        }
    }

    /// The bytes of a datagram, to stamp.
    pub(crate) fn datagram_mut(&mut self, index: usize) -> &mut [u8] {
        let packet = &self.table[index];
        &mut self.bytes[packet.start..packet.end]
    }

    /// Universe of a datagram, by which a multicast transport knows where it goes; 0 in a protocol without.
    pub fn universe(&self, index: usize) -> u16 {
        self.table[index].universe
    }

    /// Bytes in a datagram.
    pub fn size(&self, index: usize) -> usize {
        self.table[index].end - self.table[index].start
    }

    /// One past the last datagram, of those in `range`, that segmentation offload can send together with
    /// the first: all of its size, and one shorter after them, within the limits of a call.
    pub(crate) fn run(&self, range: Range<usize>, most: usize, most_bytes: usize) -> usize {
        let size = self.size(range.start);
        let limit = range.start + most.min(most_bytes / size.max(1)).max(1);
        let mut end = range.start + 1;
        while end < range.end.min(limit) && self.size(end) == size {
            end += 1;
        }
        if end < range.end.min(limit) && self.size(end) < size {
            end += 1;
        }
        end
    }
}

/// A frame being laid out.
#[derive(Debug)]
pub(crate) struct Plan {
    bytes: Vec<u8>,
    table: Vec<Packet>,
    order: ColourOrder,
}

impl Plan {
    /// Adds a datagram: its header, then room for LEDs, then bytes that are 0.
    pub(crate) fn push(
        &mut self,
        universe: u16,
        header: &[u8],
        leds: Range<usize>,
        padding: usize,
    ) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(header);
        let body = self.bytes.len();
        let end = body + leds.len() * self.order.channels() + padding;
        self.bytes.resize(end, 0);
        self.table.push(Packet { start, body, end, leds, universe });
    }

    /// Adds datagrams for `leds` LEDs with `each` of them in all but the last. `header` is given the number
    /// of the datagram and its LEDs, and returns the universe, the header and the padding.
    pub(crate) fn spread<H: AsRef<[u8]>>(
        &mut self,
        leds: usize,
        each: usize,
        header: impl Fn(usize, Range<usize>) -> (u16, H, usize),
    ) {
        for index in 0..leds.div_ceil(each) {
            let range = index * each..leds.min((index + 1) * each);
            let (universe, head, padding) = header(index, range.clone());
            self.push(universe, head.as_ref(), range, padding);
        }
    }

    /// The frame, black.
    pub(crate) fn done(self) -> Packets {
        let mut bytes = self.bytes;
        bytes.shrink_to_fit();
        Packets { bytes, table: self.table.into(), order: self.order }
    }
}

#[cfg(test)]
impl Packets {
    /// All datagrams apart.
    pub(crate) fn apart(&self) -> Vec<Vec<u8>> {
        (0..self.len()).map(|i| self.bytes(i..i + 1).to_vec()).collect()
    }

    /// Datagrams of these sizes, filled with their numbers.
    pub(crate) fn of_sizes(sizes: &[usize]) -> Self {
        let mut plan = Self::plan(ColourOrder::Rgb);
        for (i, &size) in sizes.iter().enumerate() {
            plan.push(0, &vec![i as u8; size], 0..0, 0);
        }
        plan.done()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leds_go_between_the_headers() {
        let mut plan = Packets::plan(ColourOrder::Grb);
        plan.spread(3, 2, |i, leds| (i as u16 + 7, [90 + i as u8, leds.len() as u8], i));
        plan.push(1, &[99], 0..0, 0);
        let mut packets = plan.done();
        packets.fill(&[[1, 2, 3], [4, 5, 6], [7, 8, 9]]);
        let expected = [vec![90, 2, 2, 1, 3, 5, 4, 6], vec![91, 1, 8, 7, 9, 0], vec![99]];
        assert_eq!(packets.apart(), expected);
        assert_eq!(packets.bytes(0..3), expected.concat());
        assert_eq!(packets.bytes(1..1), [0_u8; 0]);
        assert_eq!([0, 1, 2].map(|i| packets.universe(i)), [7, 8, 1]);
        packets.fill(&[[1, 2, 3]]);
        assert_eq!(packets.bytes(0..3), [90, 2, 2, 1, 3, 0, 0, 0, 91, 1, 0, 0, 0, 0, 99]);
    }

    #[test]
    fn a_run_is_equal_sizes_and_one_shorter() {
        let packets = Packets::of_sizes(&[9, 9, 9, 4, 4, 9, 9]);
        let run = |first, end| packets.run(first..end, 64, 65_507);
        assert_eq!(run(0, 7), 4);
        assert_eq!(run(0, 2), 2);
        assert_eq!(run(4, 7), 5, "a longer datagram starts a run of its own");
        assert_eq!(run(5, 7), 7);
    }

    #[test]
    fn a_run_stays_within_a_call() {
        let packets = Packets::of_sizes(&[1450; 100]);
        assert_eq!(packets.run(0..100, 64, 65_507), 45);
        let packets = Packets::of_sizes(&[10; 100]);
        assert_eq!(packets.run(3..100, 64, 65_507), 67);
        assert_eq!(Packets::of_sizes(&[70_000]).run(0..1, 64, 65_507), 1);
    }
}
