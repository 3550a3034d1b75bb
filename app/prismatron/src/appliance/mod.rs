//! What the appliance's image runs beside the service: commands of its units, and of nobody else.
//!
//! Each is a process of its own, as root, short, and made so that the boot goes on whatever it meets. What people
//! have to know of it becomes a note, which the console shows and the service's page has among its findings.
//!
//! Terms: a *slot* is one of the two places the system is installed in, of which one is booted; a slot is *confirmed*
//! when it has proved itself in this boot; the *setup file* is what somebody has written to the partition that any
//! laptop can write.

mod boots;
mod console;
mod data_partition;
mod grub;
mod health_gate;
mod machine;
mod notes;
mod panics;
mod provision;
mod replace;
mod slots;
mod superblock;
mod tool;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;

pub(crate) use boots::{BOOTS, given_up};
pub(crate) use machine::confirm_by_hand;
pub(crate) use notes::{NOTES, report};

/// Commands of the appliance's units.
#[derive(Debug, Subcommand)]
pub(crate) enum Appliance {
    /// Make, check, mend and grow the data partition before it is mounted
    #[command(hide = true)]
    DataPartition {
        /// Where it should be
        #[arg(long, default_value = "/dev/disk/by-partlabel/data")]
        device: PathBuf,
        /// Where what is to be mounted is left
        #[arg(long, default_value = "/run/prismatron-data")]
        link: PathBuf,
        /// Where notes go
        #[arg(long, default_value = NOTES)]
        notes: PathBuf,
    },
    /// Mend a data partition that was set aside, or make it anew, as the page has asked for
    #[command(hide = true)]
    DataRemedy {
        /// Where it is
        #[arg(long, default_value = "/dev/disk/by-partlabel/data")]
        device: PathBuf,
        /// What is mounted
        #[arg(long, default_value = "/run/prismatron-data")]
        link: PathBuf,
        /// What was asked for
        #[arg(long, default_value = "/run/prismatron/data-remedy")]
        request: PathBuf,
        /// Where notes go
        #[arg(long, default_value = NOTES)]
        notes: PathBuf,
    },
    /// Do what the setup file says
    #[command(hide = true)]
    Provision {
        /// The partition it is on
        #[arg(long, default_value = "/dev/disk/by-partlabel/provision")]
        device: PathBuf,
        /// Where that is mounted meanwhile
        #[arg(long, default_value = "/run/prismatron-setup/partition")]
        at: PathBuf,
        /// Where the system's root is, for what is written
        #[arg(long, default_value = "/")]
        root: PathBuf,
    },
    /// Keep how the kernel stopped in the boot before, if it did
    #[command(hide = true)]
    KernelPanic {
        /// Where systemd-pstore leaves what the kernel logged last
        #[arg(long, default_value = "/var/lib/systemd/pstore")]
        from: PathBuf,
        /// Where it is kept
        #[arg(long, default_value = BOOTS)]
        boots: PathBuf,
        /// Where notes go
        #[arg(long, default_value = NOTES)]
        notes: PathBuf,
    },
    /// Make GRUB's environment anew where a power cut has left none
    #[command(hide = true)]
    GrubEnvironment {
        /// The file that GRUB and RAUC keep it in
        #[arg(long, default_value = "/boot/grub/grubenv")]
        file: PathBuf,
        /// Where notes go
        #[arg(long, default_value = NOTES)]
        notes: PathBuf,
    },
    /// Wait until this boot can be confirmed; fail where it cannot and another slot can be booted
    #[command(hide = true)]
    HealthGate,
    /// Show the menu of the serial console
    #[command(hide = true)]
    Console,
}

/// Does it.
///
/// # Errors
/// It cannot be done at all.
pub(crate) fn run(command: Appliance) -> anyhow::Result<ExitCode> {
    match command {
        Appliance::DataPartition { device, link, notes } => {
            data_partition::run(&device, &link, &notes)?;
        }
        Appliance::DataRemedy { device, link, request, notes } => {
            data_partition::remedy(&device, &link, &request, &notes)?;
        }
        Appliance::Provision { device, at, root } => provision::run(&device, &at, &root)?,
        Appliance::KernelPanic { from, boots, notes } => panics::run(&from, &boots, &notes)?,
        Appliance::GrubEnvironment { file, notes } => {
            let slot = machine::slot().context("it is not known which slot runs")?;
            grub::run(&file, &slot, &notes)?;
        }
        Appliance::HealthGate => return health_gate::run(),
        Appliance::Console => console::run()?,
    }
    Ok(ExitCode::SUCCESS)
}
