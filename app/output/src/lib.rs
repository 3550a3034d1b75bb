//! LED values to the wire: DDP, E1.31 (streaming ACN) and Art-Net over UDP, and to buses of this machine through a
//! [`StripOpener`](prismatron_core::port::StripOpener).
//!
//! Three layers, each usable without the next:
//! - *encoders* ([`ddp`], [`sacn`], [`artnet`]) are pure: LED values in, datagrams end to end in reused
//!   [`Packets`] out;
//! - the [`Transport`] hands them to the kernel in as few calls as it can;
//! - [`Outputs`] gives every output a thread of its own behind a latest-wins slot, so that a slow, dead or
//!   unresolvable controller delays neither another nor whoever submits frames.
//!
//! Terms: a *datagram* is one UDP packet; a *frame* is all datagrams that show one set of LED values; a
//! *host* is one of the controllers an output may send to, in order of preference; a *link* is the open
//! socket to one of them.
//!
//! [`find_wled`] asks networks for controllers, for whoever sets outputs up.
//!
//! Nothing is allocated per frame once an output has sent its first.

pub mod artnet;
mod condition;
mod contact;
pub mod ddp;
mod encoder;
mod error;
mod failover;
mod finder;
mod host;
mod link;
mod local;
mod outputs;
mod packets;
mod running;
pub mod sacn;
mod schedule;
mod sender;
mod settings;
mod slot;
mod status;
mod transport;
pub mod wled;

pub use encoder::{Encoder, Ending, Stream};
pub use error::OutputError;
pub use finder::{FoundController, find_wled};
pub use host::Host;
pub use outputs::Outputs;
pub use packets::Packets;
pub use settings::{Identity, Resolver, Settings, Timing};
pub use status::{OutputState, OutputStatus, Pulse, StatusBoard};
pub use transport::{Delivery, Offload, Transport};
