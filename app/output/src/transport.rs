//! Datagrams into the kernel in as few calls as it can.
//!
//! With UDP segmentation offload (`UDP_SEGMENT`, see udp(7)) one `send` takes up to 64 datagrams of one
//! size, and one shorter, through the network stack as if they were one. The size is set on the socket, and
//! only when it changes. Where the kernel, the route or the interface refuses, `sendmmsg` takes over for
//! good: still one call for all, but each datagram pays its own way.
//!
//! Sockets block, with a time limit: that is the flow control, and nothing can hang.

use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::ops::Range;
use std::time::Duration;

use nix::sys::socket::{setsockopt, sockopt};
use rustix::io::Errno;
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, SocketAddrAny, sendmmsg};

use crate::packets::Packets;
use crate::sacn::multicast_group;

/// Most datagrams in a call: what every kernel with segmentation offload takes (`UDP_MAX_SEGMENTS` was 64
/// before it was 128).
const MOST: usize = 64;
/// Most bytes in an offloaded call: the largest UDP payload over IPv4.
const MOST_BYTES: usize = 65_507;
/// Routers a multicast datagram may pass: a few within the site.
const MULTICAST_HOPS: u32 = 8;

/// Whether segmentation offload is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offload {
    /// Until it is refused.
    Allowed,
    /// Not any more, or never.
    Refused,
}

/// What came of some datagrams.
#[derive(Debug, Default)]
pub struct Delivery {
    /// Datagrams the kernel took.
    pub datagrams: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Calls it took, failed ones included.
    pub calls: u64,
    /// Calls that failed.
    pub errors: u64,
    /// The first error. Where it did not keep the rest from going out, `gave_up` is false.
    pub error: Option<io::Error>,
    /// The rest was not sent.
    pub gave_up: bool,
}

impl Delivery {
    fn took(&mut self, datagrams: usize, bytes: usize) {
        self.datagrams += datagrams as u64;
        self.bytes += bytes as u64;
    }

    fn failed(&mut self, error: io::Error) {
        self.errors += 1;
        self.error.get_or_insert(error);
    }
}

/// A socket and where its datagrams go.
#[derive(Debug)]
pub struct Transport {
    socket: UdpSocket,
    route: Route,
    offload: Offload,
    /// Segment size set on the socket; 0 is none.
    segment: usize,
    #[cfg(test)]
    refuse: Option<Errno>,
}

#[derive(Debug, Clone, Copy)]
enum Route {
    /// All to one address, which the socket is connected to: so the kernel looks the route up once, and
    /// tells what the other side refuses.
    Peer,
    /// Each to the group of its universe, at this port.
    Groups(u16),
}

impl Transport {
    /// Datagrams to one address. `send` is the longest wait for room in the socket's buffer.
    ///
    /// # Errors
    /// There is no socket to be had or no route to the address.
    pub fn to_peer(peer: SocketAddr, offload: Offload, send: Duration) -> io::Result<Self> {
        let any: SocketAddr = match peer {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any)?;
        // Otherwise Linux tells of a peer that refuses, and not of one that nobody finds (ip(7), `IP_RECVERR`).
        if peer.is_ipv4() {
            socket.set_broadcast(true)?;
            setsockopt(&socket, sockopt::Ipv4RecvErr, &true)?;
        } else {
            setsockopt(&socket, sockopt::Ipv6RecvErr, &true)?;
        }
        socket.connect(peer)?;
        Self::over(socket, Route::Peer, offload, send)
    }

    /// Datagrams to the E1.31 multicast groups of their universes, by the system's default interface.
    ///
    /// # Errors
    /// There is no socket to be had.
    pub fn to_groups(port: u16, send: Duration) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.set_multicast_ttl_v4(MULTICAST_HOPS)?;
        // Every datagram has another address, and offload takes one address a call.
        Self::over(socket, Route::Groups(port), Offload::Refused, send)
    }

    fn over(socket: UdpSocket, route: Route, offload: Offload, send: Duration) -> io::Result<Self> {
        socket.set_write_timeout(Some(send))?;
        Ok(Self {
            socket,
            route,
            offload,
            segment: 0,
            #[cfg(test)]
            refuse: None,
        })
    }

    /// Whether segmentation offload is still in use.
    pub fn offload(&self) -> Offload {
        self.offload
    }

    /// Sends the datagrams in `range` in order, or as many as can be.
    ///
    /// A refusal that the kernel reports late (`ECONNREFUSED` tells of an earlier datagram) is counted and
    /// the send repeated: the other side may have come up since.
    pub fn send(&mut self, packets: &Packets, range: Range<usize>) -> Delivery {
        let mut delivery = Delivery::default();
        let mut next = range.start;
        let mut repeated = false;
        while next < range.end {
            delivery.calls += 1;
            let sent = match self.offload {
                Offload::Allowed => self.send_run(packets, next..range.end, &mut delivery),
                Offload::Refused => self.send_each(packets, next..range.end),
            };
            match sent {
                Ok(end) => {
                    delivery.took(end - next, packets.bytes(next..end).len());
                    next = end;
                    repeated = false;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused && !repeated => {
                    repeated = true;
                    delivery.failed(error);
                }
                Err(error) => {
                    delivery.failed(error);
                    delivery.gave_up = true;
                    return delivery;
                }
            }
        }
        delivery
    }

    /// Sends one run by segmentation offload and returns its end.
    fn send_run(
        &mut self,
        packets: &Packets,
        range: Range<usize>,
        delivery: &mut Delivery,
    ) -> io::Result<usize> {
        let run = range.start..packets.run(range, MOST, MOST_BYTES);
        match self.send_segments(packets, run.clone()) {
            Ok(()) => Ok(run.end),
            Err(error) if refuses_offload(&error) => {
                self.set_segment(0)?;
                delivery.calls += 1;
                let sent = self.send_each(packets, run)?;
                // Only now is it clear that offload was at fault and not the route.
                self.offload = Offload::Refused;
                tracing::info!(reason = %error, "no UDP segmentation offload on this route");
                Ok(sent)
            }
            Err(error) => Err(error),
        }
    }

    fn send_segments(&mut self, packets: &Packets, run: Range<usize>) -> io::Result<()> {
        #[cfg(test)]
        if let Some(errno) = self.refuse {
            return Err(errno.into());
        }
        let size = packets.size(run.start);
        // A lone datagram up to the size that is set goes as it is.
        if self.segment != size && (run.len() > 1 || size > self.segment) {
            self.set_segment(size)?;
        }
        self.socket.send(packets.bytes(run)).map(drop)
    }

    fn set_segment(&mut self, size: usize) -> io::Result<()> {
        setsockopt(&self.socket, sockopt::UdpGsoSegment, &i32::try_from(size).unwrap_or(0))?;
        self.segment = size;
        Ok(())
    }

    /// Sends as many of these datagrams as one `sendmmsg` takes and returns where it stopped.
    fn send_each(&self, packets: &Packets, range: Range<usize>) -> io::Result<usize> {
        let first = range.start;
        let count = range.len().min(MOST);
        let slices: [[IoSlice<'_>; 1]; MOST] = std::array::from_fn(|i| {
            let one = if i < count { first + i..first + i + 1 } else { first..first };
            [IoSlice::new(packets.bytes(one))]
        });
        let mut control: [SendAncillaryBuffer<'_, '_, '_>; MOST] =
            std::array::from_fn(|_| SendAncillaryBuffer::default());
        let mut slice = slices.iter();
        let sent = match self.route {
            Route::Peer => {
                let mut messages = control
                    .each_mut()
                    .map(|control| MMsgHdr::new(slice.next().map_or(&[], |s| s), control));
                sendmmsg(&self.socket, &mut messages[..count], SendFlags::empty())?
            }
            Route::Groups(port) => {
                let groups: [SocketAddrAny; MOST] = std::array::from_fn(|i| {
                    let universe = if i < count { packets.universe(first + i) } else { 0 };
                    SocketAddrV4::new(multicast_group(universe), port).into()
                });
                let mut group = groups.iter().zip(slice);
                let fallback: SocketAddrAny = groups[0].clone();
                let mut messages = control.each_mut().map(|control| {
                    let (to, slice) = group.next().map_or((&fallback, &[][..]), |(to, s)| (to, s));
                    MMsgHdr::new_with_addr(to, slice, control)
                });
                sendmmsg(&self.socket, &mut messages[..count], SendFlags::empty())?
            }
        };
        Ok(first + sent)
    }
}

/// Errors by which a kernel, a route or an interface may refuse offload: unknown option, segments larger
/// than the path takes, no checksum offload, a tunnel or a socket filter in the way.
fn refuses_offload(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(
            Errno::INVAL
                | Errno::IO
                | Errno::MSGSIZE
                | Errno::NOPROTOOPT
                | Errno::NOSYS
                | Errno::NOTSUP
                | Errno::PERM
        )
    )
}

#[cfg(test)]
mod tests {
    use prismatron_core::output::ColourOrder;

    use super::*;

    fn receiver() -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    fn send(transport: &mut Transport, sizes: &[usize]) -> Delivery {
        transport.send(&Packets::of_sizes(sizes), 0..sizes.len())
    }

    fn transport(peer: SocketAddr, offload: Offload) -> Transport {
        Transport::to_peer(peer, offload, Duration::from_secs(10)).unwrap()
    }

    /// Sends `sizes` and checks that just these datagrams arrive; returns the calls it took.
    fn calls_for(
        transport: &mut Transport,
        receiver: &UdpSocket,
        sizes: &[usize],
    ) -> (u64, Delivery) {
        let delivery = send(transport, sizes);
        for (i, &size) in sizes.iter().enumerate() {
            let mut bytes = [0; 2048];
            let length = receiver.recv(&mut bytes).unwrap();
            assert_eq!(&bytes[..length], vec![i as u8; size]);
        }
        assert_eq!(delivery.datagrams, sizes.len() as u64);
        assert_eq!(delivery.bytes, sizes.iter().sum::<usize>() as u64);
        (delivery.calls, delivery)
    }

    #[test]
    fn offload_takes_a_run_of_one_size_and_a_shorter_one_in_a_call() {
        let (receiver, address) = receiver();
        let mut transport = transport(address, Offload::Allowed);
        let frame = [1450, 1450, 1450, 1450, 1450, 1450, 970];
        assert_eq!(calls_for(&mut transport, &receiver, &frame).0, 1);
        assert_eq!(calls_for(&mut transport, &receiver, &[600, 600, 49, 1000, 2, 2]).0, 3);
        assert_eq!(calls_for(&mut transport, &receiver, &[1450]).0, 1);
        assert_eq!(transport.offload(), Offload::Allowed);
    }

    #[test]
    fn sendmmsg_takes_any_sizes_in_a_call() {
        let (receiver, address) = receiver();
        let mut transport = transport(address, Offload::Refused);
        assert_eq!(calls_for(&mut transport, &receiver, &[5, 1450, 7, 7, 900]).0, 1);
        assert_eq!(calls_for(&mut transport, &receiver, &[20; MOST]).0, 1);
        assert_eq!(calls_for(&mut transport, &receiver, &[20; MOST + 1]).0, 2);
    }

    #[test]
    fn a_refusal_falls_back_once_and_loses_nothing() {
        for errno in [Errno::INVAL, Errno::IO, Errno::MSGSIZE, Errno::NOPROTOOPT] {
            let (receiver, address) = receiver();
            let mut transport = transport(address, Offload::Allowed);
            assert_eq!(calls_for(&mut transport, &receiver, &[100; 5]).0, 1);
            transport.refuse = Some(errno);
            assert_eq!(calls_for(&mut transport, &receiver, &[100, 100, 50, 70]).0, 3);
            assert_eq!(transport.offload(), Offload::Refused);
            let (calls, delivery) = calls_for(&mut transport, &receiver, &[100; 5]);
            assert_eq!((calls, delivery.errors), (1, 0), "it is not tried again");
        }
    }

    #[test]
    fn a_route_that_fails_either_way_is_not_held_against_offload() {
        let mut transport = transport(receiver().1, Offload::Allowed);
        transport.refuse = Some(Errno::INVAL);
        // No datagram can be this large, however it is sent.
        let delivery = send(&mut transport, &[65_508]);
        assert!(delivery.gave_up && delivery.datagrams == 0);
        assert_eq!(transport.offload(), Offload::Allowed);
    }

    #[test]
    fn a_closed_port_is_told_and_the_frame_goes_out_all_the_same() {
        let (receiver, address) = receiver();
        drop(receiver);
        let mut transport = transport(address, Offload::Allowed);
        assert!(send(&mut transport, &[10]).error.is_none(), "the kernel does not know yet");
        let delivery = send(&mut transport, &[10]);
        assert_eq!((delivery.errors, delivery.datagrams, delivery.gave_up), (1, 1, false));
    }

    #[test]
    fn multicast_goes_to_the_group_of_each_universe() {
        let receiver = UdpSocket::bind("0.0.0.0:0").unwrap();
        receiver.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        for universe in [7, 263] {
            receiver.join_multicast_v4(&multicast_group(universe), &Ipv4Addr::UNSPECIFIED).unwrap();
        }
        let port = receiver.local_addr().unwrap().port();
        let mut transport = Transport::to_groups(port, Duration::from_secs(10)).unwrap();
        let mut plan = Packets::plan(ColourOrder::Rgb);
        plan.push(7, &[1, 2], 0..0, 0);
        plan.push(263, &[3], 0..0, 0);
        let delivery = transport.send(&plan.done(), 0..2);
        assert_eq!((delivery.datagrams, delivery.calls), (2, 1));
        let mut bytes = [0; 16];
        assert_eq!(receiver.recv(&mut bytes).unwrap(), 2);
        assert_eq!(receiver.recv(&mut bytes).unwrap(), 1);
    }
}
