//! The operating system around the program: what systemd is told and asked, and the machine's power.
//!
//! [`notify`] and [`PidFile`] tell how the program fares, [`Issue`] tells those at a login prompt where the page is,
//! [`Ladder`] how often the program has just ended unclean. [`displays`](displays()) finds the displays of this machine.
//! [`System`] restarts it, and reboots or powers off the machine, over D-Bus: one task owns the [`SystemState`], a [`Handle`] asks it. [`Watchdog`] feeds systemd's
//! watchdog for as long as every part of the program shows signs of life. [`Gauges`] read the machine's heat, memory,
//! clock and disk, [`Zones`] know where it is on the clock. [`DataPartition`] asks for a data partition to be mended or
//! made anew that was set aside. [`update`] has RAUC put another system in this one's place.
//!
//! Terms: a *request* is accepted at once and carried out when its delay has passed and whoever asked has
//! their answer; until then it is *pending* and can be cancelled; from then on it is *under way*. An
//! [`Order`] is what the task has the program do for it. Invariants: one request at a time; a reboot or
//! power off that is refused ends nothing.
//!
//! Nothing here needs systemd: without it nothing is told, a restart is the program's own affair, and the
//! machine's power is left alone.

mod action;
mod agenda;
mod bus;
mod data_partition;
mod displays;
mod error;
mod gauges;
mod handle;
mod issue;
mod ladder;
mod login1;
pub mod notify;
mod pid_file;
mod runtime;
mod sockets;
mod supervisor;
mod system;
mod systemd1;
pub mod update;
mod vitals;
mod watchdog;
mod zones;

pub use action::{Ability, Action, Failure, Pending, Stage, SystemState};
pub use data_partition::{DataPartition, DataPartitionState, Remedy, memory_beside};
pub use displays::{
    Display, DisplayStage, PageAddress, PageFile, Scheme, displays, runtime_directory,
};
pub use error::SystemError;
pub use gauges::{ClockState, Gauges, Machine, Memory, Readings, Temperature};
pub use handle::{Accepted, Answering, Handle};
pub use issue::Issue;
pub use ladder::Ladder;
pub use pid_file::PidFile;
pub use runtime::directory as own_runtime_directory;
pub use sockets::admin_socket;
pub use supervisor::{Supervisor, service_ended_well};
pub use system::{Order, Orders, Return, System};
pub use vitals::{Life, Sign, Vitals};
pub use watchdog::Watchdog;
pub use zones::Zones;

/// Exit code that asks for another start: the unit has it in `RestartForceExitStatus=`.
pub const RESTART_EXIT_CODE: u8 = 123;
