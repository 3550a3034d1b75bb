//! `prismatron board`: what hardware of its own the machine has, and trying it, for whoever stands beside it.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use prismatron_board::{Hardware, Linux, Strips, measure_current, measure_light, pulse, watch};
use prismatron_core::board::BoardSpec;
use prismatron_core::output::{OutputSpec, Protocol};
use prismatron_core::port::StripOpener;
use prismatron_store::config::{self, Config};

use crate::cli::{Board, Device};

/// How long the relay is on.
const RELAY: Duration = Duration::from_secs(3);
/// How long lines are watched, one after the other.
const WATCH: Duration = Duration::from_secs(20);
/// How long each colour stays.
const COLOUR: Duration = Duration::from_millis(800);
/// Bright enough to be seen, and what any supply bears.
const SOFT: u8 = 24;

/// Does it.
///
/// # Errors
/// The configuration is wrong or names no such device, or it cannot be had.
pub(crate) fn run(command: &Board) -> anyhow::Result<ExitCode> {
    match command {
        Board::Probe => probe(),
        Board::Test { device, config } => test(*device, config),
    }
}

fn probe() -> anyhow::Result<ExitCode> {
    let found = prismatron_board::probe(&Linux);
    println!("{}", found.lines.join("\n"));
    println!(
        "\n// A configuration for what was recognised. Lines are for you to name: a relay, for one, as"
    );
    println!("// supply: (line: (chip: \"gpiochip0\", line: Offset(12)))");
    for device in &found.spi {
        println!(
            "// outputs: [(protocol: Spi(chip: Ws2812), hosts: [\"{device}\"], colour_order: Grb)]"
        );
    }
    println!("{}", config::board_text(&found.spec)?);
    Ok(ExitCode::SUCCESS)
}

fn test(device: Device, file: &Path) -> anyhow::Result<ExitCode> {
    let config = config::load(file)?;
    let board = &config.board;
    match device {
        Device::Relay => {
            let supply = board.supply.as_ref().context("the configuration names no supply")?;
            say(&format!("the relay is on for {} s", RELAY.as_secs()));
            pulse(&Linux, &supply.line, RELAY)?;
            say("the relay is off");
        }
        Device::Button => buttons(&Linux, board)?,
        Device::Strip => strips(&config)?,
        Device::Light => {
            anyhow::ensure!(
                board.light.is_some() || board.current.is_some(),
                "the configuration names no sensor of light or current"
            );
            if let Some(light) = &board.light {
                let lux = measure_light(&Linux, light)?;
                let percent = light.curve.at(lux) * 100.0;
                say(&format!("{lux:.1} lx around: brightness {percent:.0} %"));
            }
            if let Some(current) = &board.current {
                say(&format!("the LEDs draw {}", measure_current(&Linux, current)?));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn buttons<H: Hardware>(hardware: &H, board: &BoardSpec) -> anyhow::Result<()> {
    let button = board.button.iter().map(|button| ("button", &button.line));
    let contacts = board.contacts.iter().map(|contact| (contact.name.as_str(), &contact.line));
    let mut seen = 0;
    for (name, line) in button.chain(contacts) {
        say(&format!("{name}: watched for {} s", WATCH.as_secs()));
        let tell =
            |is_active| say(&format!("{name}: {}", if is_active { "active" } else { "inactive" }));
        watch(hardware, line, WATCH, tell)?;
        seen += 1;
    }
    anyhow::ensure!(seen > 0, "the configuration names neither a button nor contacts");
    Ok(())
}

fn strips(config: &Config) -> anyhow::Result<()> {
    let wall = config.layout.clone().unwrap_or_default().resolve()?.leds.len();
    let on_spi: Vec<&OutputSpec> = config
        .outputs
        .iter()
        .filter(|spec| matches!(spec.protocol, Protocol::Spi { .. }))
        .collect();
    anyhow::ensure!(!on_spi.is_empty(), "the configuration names no output on SPI");
    let strips = Strips::of_this_machine();
    let show = || -> anyhow::Result<()> {
        for spec in on_spi {
            let leds = spec.leds.map_or(wall, |range| range.within(wall).len());
            let mut strip = strips.open(spec, leds)?;
            let colours = [
                ("red", [SOFT, 0, 0]),
                ("green", [0, SOFT, 0]),
                ("blue", [0, 0, SOFT]),
                ("white", [SOFT; 3]),
            ];
            for (name, colour) in colours {
                say(&format!("“{}”: {leds} LEDs {name}", spec.name));
                strip.show(&vec![colour; leds])?;
                thread::sleep(COLOUR);
            }
            strip.show(&vec![[0; 3]; leds])?;
            if let Some(notice) = strip.notice() {
                say(&format!("“{}”: {notice}", spec.name));
            }
        }
        Ok(())
    };
    let Some(supply) = &config.board.supply else { return show() };
    // As long as it is held, the supply is on.
    let spec = BoardSpec { supply: Some(supply.clone()), ..BoardSpec::default() };
    let (board, _presses) = prismatron_board::Board::start(&spec, Linux, None)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(board.ready());
    show()
}

/// Says it at once, also where somebody reads it through a pipe.
fn say(what: &str) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{what}");
    let _ = out.flush();
}
