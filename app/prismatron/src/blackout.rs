//! `prismatron blackout`: turns the LEDs and their supply off after a crash, when nobody else does.
//!
//! After a service that has ended well it does nothing: that one has sent black itself, or left the picture on
//! purpose for a restart. It takes what it can get: a configuration or settings that cannot be read are no reason to leave lit what
//! the other of them names.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use prismatron_board::{Linux, Strips};
use prismatron_core::board::SupplySpec;
use prismatron_core::output::{OutputSpec, Probe};
use prismatron_core::port::{Sink, SinkFactory};
use prismatron_output::{Identity, Outputs, StatusBoard};
use prismatron_store::{self as store, config::Config};

use crate::configured::Sources;
use crate::{cli, identity};

/// How long names may take to be found and frames to go out.
const SEND: Duration = Duration::from_millis(1400);
/// How long outputs may take to end then; together they keep to two seconds.
const END: Duration = Duration::from_millis(400);
/// How often it is looked whether all is done.
const LOOK: Duration = Duration::from_millis(5);

/// Sends black to every host of every output that is switched on.
///
/// # Errors
/// It is not known where to, or not all of it: a data directory that was named is not there. What is known has
/// been darkened then all the same.
pub(crate) fn run(sources: &Sources, data_dir: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    if prismatron_system::service_ended_well() {
        println!("the service has ended well and seen to its LEDs itself");
        return Ok(ExitCode::SUCCESS);
    }
    let configured = sources.load();
    let known = configured.as_ref().ok().and_then(|config| config.data_dir.clone());
    let named = data_dir.or(known);
    let is_named = named.is_some();
    let data_dir = named.unwrap_or_else(|| PathBuf::from(cli::DATA_DIR));
    let set = store::settings(&data_dir);
    if let Err(error) = &set {
        tracing::warn!("what was set on the page is not used: {error}");
    }
    let supply = configured.as_ref().ok().and_then(|config| config.board.supply.clone());
    let sent = darken(configured, set.unwrap_or_default(), &data_dir);
    // However that went, and after it.
    let switched = switch_off(supply.as_ref());
    let hosts = sent?;
    switched?;
    anyhow::ensure!(
        store::is_data_dir(&data_dir) || (hosts > 0 && !is_named),
        "{} is no data directory: what was set on the page is not known",
        data_dir.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Sends black to where it is known, and returns to how many hosts that is.
fn darken(
    configured: anyhow::Result<Config>,
    set: store::Settings,
    data_dir: &Path,
) -> anyhow::Result<usize> {
    let config = match configured {
        Ok(config) => config,
        Err(error) if set.outputs.is_none() => return Err(error),
        Err(error) => {
            tracing::warn!("the configuration is not used: {error}");
            Config::default()
        }
    };
    let layout = set.layout.or(config.layout).unwrap_or_default();
    let leds = layout.resolve()?.leds.len();
    let outputs = set.outputs.unwrap_or(config.outputs);
    let (sent, hosts) = send(&outputs, leds, identity::peek(data_dir));
    match hosts {
        0 => println!("no host is known that could be lit"),
        _ => println!("black went out to {sent} of {hosts} hosts"),
    }
    Ok(hosts)
}

/// Switches the LEDs' supply off, where there is a relay. A running service has the line, and sees to it itself.
fn switch_off(supply: Option<&SupplySpec>) -> anyhow::Result<()> {
    let runtime = prismatron_system::own_runtime_directory();
    if prismatron_board::switch_off(&Linux, supply, runtime.as_deref())? {
        println!("the LEDs’ supply is off");
    }
    Ok(())
}

/// Sends one black frame to each host, and returns to how many it went and how many there are.
fn send(outputs: &[OutputSpec], leds: usize, identity: Identity) -> (usize, usize) {
    let strips = Some(Arc::new(Strips::of_this_machine()) as _);
    let mut settings = prismatron_output::Settings { identity, strips, ..Default::default() };
    settings.timing.stop = END;
    let (factory, board) = Outputs::with_settings(settings);
    let mut hosts = 0;
    let mut sinks = Vec::new();
    for spec in outputs.iter().filter(|spec| spec.enabled).flat_map(each_host) {
        hosts += 1;
        let part = spec.leds.map_or(leds, |range| range.within(leds).len());
        match factory.make(&spec, part) {
            Ok(mut sink) => {
                sink.submit(&vec![[0; 3]; part]);
                sinks.push(sink);
            }
            Err(error) => tracing::warn!("{error}"),
        }
    }
    let until = Instant::now() + SEND;
    while has_sent(&board) < sinks.len() && Instant::now() < until {
        thread::sleep(LOOK);
    }
    let sent = has_sent(&board);
    end(sinks);
    (sent, hosts)
}

/// An output for each host: any of them may be the one that is lit.
fn each_host(spec: &OutputSpec) -> Vec<OutputSpec> {
    let to =
        |hosts: Vec<String>, name| OutputSpec { name, hosts, probe: Probe::None, ..spec.clone() };
    if spec.hosts.is_empty() {
        return vec![to(Vec::new(), spec.name.clone())];
    }
    let one = |host: &String| to(vec![host.clone()], format!("{} at {host}", spec.name));
    spec.hosts.iter().map(one).collect()
}

fn has_sent(board: &StatusBoard) -> usize {
    board.snapshot().iter().filter(|output| output.frames > 0).count()
}

/// Ends all at once: each may take its time.
fn end(sinks: Vec<Box<dyn Sink>>) {
    let ending: Vec<_> = sinks.into_iter().map(|sink| thread::spawn(move || drop(sink))).collect();
    for thread in ending {
        // A panic has been reported by the panic.
        let _ = thread.join();
    }
}
