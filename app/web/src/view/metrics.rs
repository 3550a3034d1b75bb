//! The numbers that monitoring collects, in the form of OpenMetrics.
//!
//! How many there are does not depend on what peers do: some for the program, and some for each output that is configured.
//! Words among the labels are those of the API.

use std::fmt;
use std::time::Duration;

use prismatron_system::{Memory, Readings};
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType::{self, Counter, Gauge};
use prometheus_client::registry::Registry;
use prometheus_client::registry::Unit::{self, Amperes, Bytes, Celsius, Ratios, Seconds};
use serde::Serialize;

use crate::app::App;
use crate::health;
use crate::view;
use crate::wire::output::{NamedOutputStatus, OutputState, OutputStatus};
use crate::wire::player::Mode;
use crate::wire::status::{CheckState, HealthState, Recovery, Status};

/// The form, as `Content-Type` names it.
pub(crate) const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the status does not tell.
#[derive(Debug, Clone, Default)]
struct More {
    readings: Option<Readings>,
    failed_items: u64,
    passwords_hashed: u64,
    audit_lines_lost: u64,
}

/// All numbers, as they are now.
///
/// # Errors
/// None that happens: they are written to memory.
pub(crate) fn metrics(app: &App) -> Result<String, fmt::Error> {
    let more = More {
        readings: health::readings(app),
        failed_items: app.engine.failures(Duration::ZERO).total,
        passwords_hashed: app.access.hashes_computed(),
        audit_lines_lost: app.access.audit().lost(),
    };
    exposition(&view::status(app), &more)
}

fn exposition(status: &Status, more: &More) -> Result<String, fmt::Error> {
    let all = [program(status), player(status), outputs(&status.outputs), machine(status, more)];
    let mut registry = Registry::with_prefix("prismatron");
    for Family(kind, name, unit, help, samples) in all.into_iter().flatten() {
        let samples = Samples { kind, samples };
        match unit {
            Some(unit) => registry.register_with_unit(name, help, unit, samples),
            None => registry.register(name, help, samples),
        }
    }
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

/// Numbers of one kind: its type, name without prefix and unit, unit, what it is, and the numbers.
struct Family(MetricType, &'static str, Option<Unit>, &'static str, Vec<Sample>);

/// A number, and what of its family it belongs to.
type Sample = (Vec<(&'static str, String)>, f64);

fn program(status: &Status) -> Vec<Family> {
    let health = [HealthState::Ok, HealthState::Degraded, HealthState::Failing];
    let check = [CheckState::Ok, CheckState::Unknown, CheckState::Degraded, CheckState::Failing];
    let checks = status.health.checks.iter();
    let checks = checks.flat_map(|is| states(&[("check", word(&is.check))], &check, &is.state));
    let recoveries = |count: fn(&Recovery) -> u64| {
        let all = status.health.recoveries.iter();
        all.map(|one| (vec![("kind", word(&one.kind))], count(one) as f64)).collect()
    };
    let version = (vec![("version", status.version.to_owned())], 1.0);
    vec![
        Family(Gauge, "build_info", None, "1, for the version that runs", vec![version]),
        Family(
            Gauge,
            "uptime",
            Some(Seconds),
            "Since the start",
            one(status.uptime_seconds as f64),
        ),
        Family(
            Gauge,
            "health",
            None,
            "1 for how everything is",
            states(&[], &health, &status.health.state),
        ),
        Family(Gauge, "check", None, "1 for what a check came to", checks.collect()),
        Family(
            Gauge,
            "safe_mode",
            None,
            "1 while nothing plays until somebody says so",
            one(yes(status.safe_mode.is_some())),
        ),
        Family(
            Counter,
            "recoveries",
            None,
            "What was done without being asked",
            recoveries(|one| one.tried),
        ),
        Family(
            Counter,
            "recoveries_succeeded",
            None,
            "How much of it has helped",
            recoveries(|one| one.succeeded),
        ),
    ]
}

fn player(status: &Status) -> Vec<Family> {
    let is = &status.player;
    let modes = [Mode::Playing, Mode::Paused, Mode::Stopped];
    vec![
        Family(Gauge, "player", None, "1 for what the player does", states(&[], &modes, &is.mode)),
        Family(Counter, "frames", None, "Frames made", one(is.frames as f64)),
        Family(Counter, "late_frames", None, "Frames made too late", one(is.late_frames as f64)),
        Family(Gauge, "leds", None, "LEDs of the wall", one(is.leds as f64)),
        Family(Gauge, "brightness", Some(Ratios), "What is set", one(is.brightness.into())),
    ]
}

fn outputs(all: &[NamedOutputStatus]) -> Vec<Family> {
    let of = |output: &NamedOutputStatus| [("output", output.name.clone())];
    let state =
        [OutputState::Off, OutputState::Waiting, OutputState::Sending, OutputState::Failing];
    let states = all.iter().flat_map(|output| states(&of(output), &state, &output.status.state));
    let each = |number: fn(&OutputStatus) -> u64| {
        all.iter().map(|output| (of(output).into(), number(&output.status) as f64)).collect()
    };
    let limited = |number: fn(f64, bool) -> f64| {
        let known = all.iter().filter_map(|output| Some((output, output.status.current_ma?)));
        let number = |(output, milliamps): (&NamedOutputStatus, u32)| {
            (of(output).into(), number(milliamps.into(), output.status.limited))
        };
        known.map(number).collect()
    };
    vec![
        Family(Gauge, "output", None, "1 for how an output fares", states.collect()),
        Family(Counter, "output_frames", None, "Frames sent", each(|is| is.frames)),
        Family(
            Counter,
            "output_dropped_frames",
            None,
            "Frames replaced by a newer one before they went out",
            each(|is| is.dropped_frames),
        ),
        Family(Counter, "output_sent", Some(Bytes), "What was sent", each(|is| is.bytes)),
        Family(Counter, "output_send_errors", None, "Failures to send", each(|is| is.send_errors)),
        Family(
            Counter,
            "output_failovers",
            None,
            "Times it went over to another host",
            each(|is| is.failovers),
        ),
        Family(
            Gauge,
            "output_current",
            Some(Amperes),
            "What its LEDs draw by reckoning, where a power limit is set",
            limited(|milliamps, _| milliamps / 1000.0),
        ),
        Family(
            Gauge,
            "output_limited",
            None,
            "1 while its power limit holds it down",
            limited(|_, is| yes(is)),
        ),
    ]
}

fn machine(status: &Status, more: &More) -> Vec<Family> {
    let storage = &status.storage;
    let quota = storage.quota_bytes.map_or_else(Vec::new, |bytes| one(bytes as f64));
    let readings = more.readings.as_ref();
    let heat = readings.and_then(|readings| readings.temperature.as_ref());
    let celsius = |number: fn(&prismatron_system::Temperature) -> f32| {
        let heat = heat.map(|heat| (vec![("sensor", heat.sensor.clone())], number(heat).into()));
        heat.into_iter().collect()
    };
    let memory = |number: fn(Memory) -> u64| {
        let known = readings.map(|is| [("machine", is.memory), ("service", is.allowance)]);
        let known = known.into_iter().flatten().filter_map(|(of, memory)| Some((of, memory?)));
        known.map(|(of, memory)| (vec![("of", of.to_owned())], number(memory) as f64)).collect()
    };
    let errors = readings.and_then(|readings| readings.disk_errors);
    vec![
        Family(
            Gauge,
            "storage_used",
            Some(Bytes),
            "Taken by media",
            one(storage.used_bytes as f64),
        ),
        Family(
            Gauge,
            "storage_quota",
            Some(Bytes),
            "Most that media may take, where that is limited",
            quota,
        ),
        Family(
            Gauge,
            "storage_free",
            Some(Bytes),
            "Free on the disk",
            one(storage.free_bytes as f64),
        ),
        Family(
            Gauge,
            "storage_reserve",
            Some(Bytes),
            "What uploads leave free",
            one(storage.reserve_bytes as f64),
        ),
        Family(Gauge, "uploads", None, "Uploads that have not ended", one(storage.uploads as f64)),
        Family(
            Gauge,
            "disk_errors",
            None,
            "What the file system has counted since it was made or repaired",
            errors.map_or_else(Vec::new, |count| one(count as f64)),
        ),
        Family(
            Gauge,
            "temperature",
            Some(Celsius),
            "Of the sensor closest to what it may have, or furthest beyond",
            celsius(|heat| heat.celsius),
        ),
        Family(
            Gauge,
            "temperature_hot",
            Some(Celsius),
            "From here on that sensor is hot",
            celsius(|heat| heat.hot),
        ),
        Family(
            Gauge,
            "memory_total",
            Some(Bytes),
            "Of the machine, and what the service may use",
            memory(|memory| memory.total),
        ),
        Family(
            Gauge,
            "memory_available",
            Some(Bytes),
            "What is left of it",
            memory(|memory| memory.available),
        ),
        Family(
            Counter,
            "failed_items",
            None,
            "Items that could not be played",
            one(more.failed_items as f64),
        ),
        Family(
            Counter,
            "passwords_hashed",
            None,
            "Passwords compared or set",
            one(more.passwords_hashed as f64),
        ),
        Family(
            Gauge,
            "audit_lines_lost",
            None,
            "Lines that could not be written to the audit log, and are not told of in it yet",
            one(more.audit_lines_lost as f64),
        ),
    ]
}

/// The only number of its family.
fn one(value: f64) -> Vec<Sample> {
    vec![(Vec::new(), value)]
}

fn yes(is: bool) -> f64 {
    f64::from(u8::from(is))
}

/// 1 for the state that something is in, and 0 for the others.
fn states<T: PartialEq + Serialize>(
    of: &[(&'static str, String)],
    all: &[T],
    is: &T,
) -> Vec<Sample> {
    let sample = |state: &T| ([of, &[("state", word(state))]].concat(), yes(state == is));
    all.iter().map(sample).collect()
}

/// The word that the API has for it.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// The numbers of a family as they are written.
#[derive(Debug)]
struct Samples {
    kind: MetricType,
    samples: Vec<Sample>,
}

impl EncodeMetric for Samples {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        for (labels, value) in &self.samples {
            let mut one = encoder.encode_family(labels)?;
            match self.kind {
                Counter => one.encode_counter::<NoLabelSet, _, f64>(value, None)?,
                _ => one.encode_gauge(value)?,
            }
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        self.kind
    }
}
