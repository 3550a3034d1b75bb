//! The command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::appliance::Appliance;
use crate::configured::Sources;

/// Plays media to LEDs.
#[derive(Debug, Parser)]
#[command(name = "prismatron", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    /// What to do; `serve` when left out.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// For `serve` without its name.
    #[command(flatten)]
    pub(crate) serve: Serve,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play, and serve the page (the default)
    Serve(Serve),
    /// Check a configuration file, and say where it is wrong
    CheckConfig {
        /// The file to check
        file: PathBuf,
    },
    /// Read all media and the audit log again and name what no longer is what was written
    Verify {
        /// Where everything that outlives a restart is kept
        #[arg(long, value_name = "DIR", default_value = DATA_DIR)]
        data_dir: PathBuf,
    },
    /// Turn all LEDs off, for when the service has crashed: works while nothing runs
    ///
    /// Sends one black frame to each host of each output of the configuration, or of those set on the page,
    /// then switches the LEDs' supply off. Takes two seconds at most, and does not mind hosts that are not there. Under ExecStopPost= it does
    /// nothing where SERVICE_RESULT is “success”.
    Blackout {
        #[command(flatten)]
        sources: Sources,
        /// Where everything that outlives a restart is kept [default: prismatron-data]
        #[arg(long, value_name = "DIR")]
        data_dir: Option<PathBuf>,
    },
    #[command(flatten)]
    Admin(Admin),
    #[command(flatten)]
    Appliance(Appliance),
    /// Whether the service is well: 0, not running: 1, or does not answer: 2
    Health {
        /// Of a further display: the NAME of prismatron@NAME.service
        #[arg(long, value_name = "NAME")]
        display: Option<String>,
        /// Where the running service tells its process id and its page's address [default: that of its unit]
        #[arg(long, value_name = "DIR", conflicts_with = "display")]
        runtime_directory: Option<PathBuf>,
    },
    /// List the displays of this machine, where their pages are and how they fare
    Displays,
    /// Look at the appliance's own hardware, and try it
    #[command(subcommand)]
    Board(Board),
    /// Print a bearer token for scripts
    Token {
        /// Where everything that outlives a restart is kept
        #[arg(long, value_name = "DIR", default_value = DATA_DIR)]
        data_dir: PathBuf,
    },
}

/// What is done with the appliance's own hardware, without the service.
#[derive(Debug, Subcommand)]
pub(crate) enum Board {
    /// List chips, buses and devices, and print a configuration for what was recognised
    Probe,
    /// Try a device of the configuration; the service must not run
    Test {
        /// Which
        device: Device,
        /// Configuration file (RON)
        #[arg(long, value_name = "FILE", default_value = "/etc/prismatron/prismatron.ron")]
        config: PathBuf,
    },
}

/// A device that can be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Device {
    /// Switches the LEDs' supply on for three seconds.
    Relay,
    /// Says when button and contacts are pressed and let go, for twenty seconds.
    Button,
    /// Shows red, green, blue and white on each output on SPI, with the supply on.
    Strip,
    /// Measures the light around, and what the LEDs draw.
    Light,
}

/// What is asked of the running service by its local socket, by root and the group prismatron-admin.
#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// Say how everything is
    Status(Socket),
    /// Restart the running service; the last picture stays meanwhile
    Restart(Socket),
    /// Reboot the machine
    Reboot(Socket),
    /// Power the machine off
    Poweroff(Socket),
    /// Print the code by which the first account is made on the page
    ClaimCode(Socket),
    /// Print the last lines of the log
    Logs {
        /// How many
        #[arg(long, value_name = "N", default_value_t = 100)]
        lines: usize,
        #[command(flatten)]
        socket: Socket,
    },
    /// Give an account another password, which ends its sessions
    ///
    /// Asks for it twice, or reads a line of standard input where that is no terminal.
    Passwd {
        /// Whose
        name: String,
        #[command(flatten)]
        socket: Socket,
    },
    /// Write logs, state and versions into one archive, without secrets
    Diagnostics {
        /// Where to; it must not be there yet [default: prismatron-diagnostics-HOST-TIME.tar.gz]
        file: Option<PathBuf>,
        #[command(flatten)]
        socket: Socket,
    },
    /// Go dark and stay so over restarts, or play again
    SafeMode {
        /// Which
        state: Switch,
        #[command(flatten)]
        socket: Socket,
    },
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// Go dark and stay so.
    On,
    /// Play.
    Off,
}

/// Where the running service is asked.
#[derive(Debug, Args)]
pub(crate) struct Socket {
    /// A further display: the NAME of prismatron@NAME.service
    #[arg(long, value_name = "NAME")]
    display: Option<String>,
    /// The service's local socket [default: that of its unit]
    #[arg(long, value_name = "FILE", conflicts_with = "display")]
    socket: Option<PathBuf>,
}

impl Socket {
    /// Its path.
    pub(crate) fn path(&self) -> PathBuf {
        let of_unit = || match &self.display {
            Some(name) => format!("/run/prismatron-admin-{name}.sock").into(),
            None => "/run/prismatron-admin.sock".into(),
        };
        self.socket.clone().unwrap_or_else(of_unit)
    }
}

/// Where data are kept unless the command line or the configuration says otherwise.
pub(crate) const DATA_DIR: &str = "prismatron-data";

/// Options of `serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Serve {
    /// Where everything that outlives a restart is kept [default: prismatron-data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) sources: Sources,
    /// Address of the page [default: 127.0.0.1:8080, or the next free port]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Serve the page and play nothing
    #[arg(long)]
    pub(crate) safe_mode: bool,
}

impl Serve {
    /// The arguments that start the same again, at the address it listens on now: that may have been
    /// whichever was free.
    pub(crate) fn arguments(&self, listening: SocketAddr) -> Vec<OsString> {
        let mut arguments: Vec<OsString> =
            ["serve", "--listen", &listening.to_string()].map(OsString::from).into();
        let Sources { config, setup } = &self.sources;
        for (name, path) in
            [("--data-dir", &self.data_dir), ("--config", config), ("--setup", setup)]
        {
            if let Some(path) = path {
                arguments.extend([name.into(), path.into()]);
            }
        }
        if self.safe_mode {
            arguments.push("--safe-mode".into());
        }
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn serve_is_the_default() -> Result<(), clap::Error> {
        let bare = Cli::try_parse_from(["prismatron", "--safe-mode"])?;
        assert!(bare.command.is_none() && bare.serve.safe_mode);
        let named = Cli::try_parse_from(["prismatron", "serve", "--listen", "[::1]:0"])?;
        assert!(matches!(named.command, Some(Command::Serve(Serve { listen: Some(_), .. }))));
        Ok(())
    }

    #[test]
    fn each_display_has_a_socket_of_its_own() -> Result<(), clap::Error> {
        let socket = |arguments: &[&str]| {
            let given = [&["prismatron", "status"], arguments].concat();
            Cli::try_parse_from(given).map(|cli| match cli.command {
                Some(Command::Admin(Admin::Status(socket))) => socket.path(),
                _ => panic!("it is another command"),
            })
        };
        assert_eq!(socket(&[])?, PathBuf::from("/run/prismatron-admin.sock"));
        assert_eq!(
            socket(&["--display", "left"])?,
            PathBuf::from("/run/prismatron-admin-left.sock")
        );
        assert_eq!(socket(&["--socket", "s"])?, PathBuf::from("s"));
        assert!(socket(&["--socket", "s", "--display", "left"]).is_err());
        Ok(())
    }

    #[test]
    fn its_arguments_start_the_same_again() -> Result<(), clap::Error> {
        let given =
            ["prismatron", "--safe-mode", "--config", "a b.ron", "--data-dir", "d", "--setup", "s"];
        let options = Cli::try_parse_from(given)?.serve;
        let again = options.arguments(([127, 0, 0, 1], 8081).into());
        let parsed = Cli::try_parse_from(std::iter::once("prismatron".into()).chain(again))?;
        let Some(Command::Serve(again)) = parsed.command else { panic!("it is another command") };
        assert_eq!(again.listen, Some(([127, 0, 0, 1], 8081).into()));
        assert_eq!(
            (again.sources, again.data_dir, again.safe_mode),
            (options.sources, options.data_dir, options.safe_mode)
        );
        Ok(())
    }
}
