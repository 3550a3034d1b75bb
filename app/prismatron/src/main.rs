//! The `prismatron` program: reads the command line and hands over. What is served is put together in
//! [`serve`]; every other command is a few lines in [`tools`].

mod admin;
mod appliance;
mod blackout;
mod board;
mod bystanders;
mod cli;
mod clock;
mod configured;
mod demo;
mod devices;
mod diagnostics;
mod displays;
mod health;
mod identity;
mod leave;
mod listen;
mod log;
mod passwd;
mod position;
mod proof;
mod pulse;
mod ready;
mod reload;
mod safe_mode;
mod secure;
mod serve;
mod show;
mod stop;
mod timekeeper;
mod tools;
mod updates;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let log = log::begin();
    let done = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(options) => serve::run(options, log),
        Command::CheckConfig { file } => tools::check_config(&file),
        Command::Verify { data_dir } => tools::verify(&data_dir),
        Command::Blackout { sources, data_dir } => blackout::run(&sources, data_dir),
        Command::Admin(command) => admin::run(&command),
        Command::Appliance(command) => appliance::run(command),
        Command::Health { display, runtime_directory } => {
            let usual = || prismatron_system::runtime_directory(display.as_deref());
            Ok(health::check(&runtime_directory.unwrap_or_else(usual)))
        }
        Command::Displays => displays::list(),
        Command::Board(command) => board::run(&command),
        Command::Token { data_dir } => tools::token(&data_dir),
    };
    done.unwrap_or_else(|error| {
        eprintln!("prismatron: {error:#}");
        ExitCode::FAILURE
    })
}
