//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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
    /// Read all media again and name what no longer is what was uploaded
    Verify {
        /// Where everything that outlives a restart is kept
        #[arg(long, value_name = "DIR", default_value = DATA_DIR)]
        data_dir: PathBuf,
    },
    /// Print a bearer token for scripts
    Token {
        /// Where everything that outlives a restart is kept
        #[arg(long, value_name = "DIR", default_value = DATA_DIR)]
        data_dir: PathBuf,
    },
}

/// Where data are kept unless the command line or the configuration says otherwise.
pub(crate) const DATA_DIR: &str = "prismatron-data";

/// Options of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where everything that outlives a restart is kept [default: prismatron-data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Configuration file (RON)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Address of the page [default: 127.0.0.1:8080, or the next free port]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Serve the page and play nothing
    #[arg(long)]
    pub(crate) safe_mode: bool,
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
}
