//! Open ways to the hosts of an output.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use crate::packets::Packets;
use crate::transport::{Delivery, Transport};

/// An open socket to one of the hosts.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) host: usize,
    pub(crate) address: SocketAddr,
    pub(crate) transport: Transport,
    /// Frames in a row that met an error.
    pub(crate) failed: u32,
}

/// Waits for a network that is not there, longer each time.
#[derive(Debug, Default)]
pub(crate) struct Network {
    pub(crate) until: Duration,
    pub(crate) wait: Duration,
}

impl Link {
    /// Sends some datagrams of a frame, unless earlier ones of it could not be sent, and adds to the total
    /// what came of it.
    pub(crate) fn deliver(&mut self, packets: &Packets, range: Range<usize>, total: &mut Delivery) {
        if total.gave_up {
            return;
        }
        let delivery = self.transport.send(packets, range);
        total.datagrams += delivery.datagrams;
        total.bytes += delivery.bytes;
        total.calls += delivery.calls;
        total.errors += delivery.errors;
        total.gave_up = delivery.gave_up;
        total.error = total.error.take().or(delivery.error);
    }
}

impl Network {
    /// Another failure: waits twice as long as after the one before, within these bounds.
    pub(crate) fn wait_on(&mut self, now: Duration, least: Duration, most: Duration) {
        self.wait = (self.wait * 2).clamp(least.min(most), most);
        self.until = now + self.wait;
    }
}
