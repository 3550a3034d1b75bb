//! The `prismatron` program: reads the command line and hands over. What is served is put together in
//! [`serve`]; every other command is a few lines in [`tools`].

mod cli;
mod clock;
mod demo;
mod identity;
mod listen;
mod position;
mod serve;
mod stop;
mod tools;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    let done = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(options) => serve::run(options),
        Command::CheckConfig { file } => tools::check_config(&file),
        Command::Verify { data_dir } => tools::verify(&data_dir),
        Command::Token { data_dir } => tools::token(&data_dir),
    };
    done.unwrap_or_else(|error| {
        eprintln!("prismatron: {error:#}");
        ExitCode::FAILURE
    })
}
