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
    /// Frames in a row that met none.
    pub(crate) clean: u32,
    pub(crate) standing: Standing,
}

/// Whether what a link says is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// At once.
    Believed,
    /// Only once its host has taken frames for a while: it was opened in place of one whose sends failed, and
    /// a new socket has not heard yet of what is wrong.
    OnTrial,
}

/// When a socket is given up whose sends keep failing: after a while, and after longer each time.
#[derive(Debug, Default)]
pub(crate) struct Weariness {
    due: Option<Duration>,
    wait: Duration,
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

impl Weariness {
    /// Sends fail; whether they have for so long that another socket is due.
    pub(crate) fn grows(&mut self, now: Duration, least: Duration, most: Duration) -> bool {
        let due = *self.due.get_or_insert_with(|| {
            self.wait = (self.wait * 2).clamp(least.min(most), most);
            now + self.wait
        });
        let is_due = now >= due;
        if is_due {
            self.due = None;
        }
        is_due
    }
}

impl Network {
    /// Another failure: waits twice as long as after the one before, within these bounds.
    pub(crate) fn wait_on(&mut self, now: Duration, least: Duration, most: Duration) {
        self.wait = (self.wait * 2).clamp(least.min(most), most);
        self.until = now + self.wait;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_that_fails_on_is_given_up_after_longer_each_time() {
        let s = Duration::from_secs;
        let mut weariness = Weariness::default();
        let given_up: Vec<u64> =
            (0..100).filter(|&now| weariness.grows(s(now), s(10), s(30))).collect();
        // The next wait begins with the next failure.
        assert_eq!(given_up, [10, 31, 62, 93]);
        let mut calm = Weariness::default();
        assert!(!calm.grows(s(0), s(10), s(30)));
        calm = Weariness::default();
        assert!(!calm.grows(s(10), s(10), s(30)), "what went well in between counts");
    }
}
