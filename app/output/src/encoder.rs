//! What the three protocols have in common.

use std::sync::Arc;

use prismatron_core::output::{OutputSpec, Protocol};

use crate::artnet::ArtNet;
use crate::ddp::Ddp;
use crate::packets::Packets;
use crate::sacn::Sacn;
use crate::settings::Identity;

/// Puts the LED values of one output on the wire. Pure: what is sent follows from its settings, the LED
/// values and the number of the frame.
pub trait Encoder: Send + Sync {
    /// A black frame, laid out, to be [filled](Packets::fill) again and again.
    fn packets(&self) -> Packets;

    /// Writes into a frame what differs from one to the next beside the LED values: its sequence numbers,
    /// and whether the stream goes on. `number` counts the frames sent, from 0.
    fn stamp(&self, packets: &mut Packets, number: u64, stream: Stream);

    /// How a stream's end is told.
    fn ending(&self) -> Ending {
        Ending { frames: 0, datagrams: 0 }
    }
}

/// Whether there will be more frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// There will.
    Lasts,
    /// This frame tells the end.
    Ends,
}

/// How a stream's end is told: by this many frames, stamped [`Stream::Ends`], of the first so many
/// datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// How many frames; none where the protocol has no word for it.
    pub frames: usize,
    /// How many datagrams of each.
    pub datagrams: usize,
}

/// The encoder of a checked output and the UDP port of its protocol, unless a host names another; none for LEDs on
/// a bus of this machine.
pub(crate) fn for_output(
    spec: &OutputSpec,
    leds: usize,
    identity: &Identity,
) -> Option<(Arc<dyn Encoder>, u16)> {
    let order = spec.colour_order;
    Some(match spec.protocol {
        Protocol::Ddp { destination } => {
            (Arc::new(Ddp::new(destination, order, leds)), crate::ddp::PORT)
        }
        Protocol::Sacn { universe, priority, sync_universe, multicast: _ } => {
            let source = identity.source_name(&spec.name);
            let stream = Sacn::new(identity.cid, &source, universe, order, leds);
            let stream = stream.with_priority(priority).with_sync(sync_universe);
            (Arc::new(stream), crate::sacn::PORT)
        }
        Protocol::ArtNet { universe, sync } => {
            let artnet = ArtNet::new(universe, order, leds).with_sync(sync);
            (Arc::new(artnet), crate::artnet::PORT)
        }
        Protocol::Spi { .. } => return None,
    })
}
