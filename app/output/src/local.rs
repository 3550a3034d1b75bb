//! An output whose LEDs hang on a bus of this machine: its thread.
//!
//! What is on the bus is somebody else's, who has given a [`StripOpener`]; when to show which frame, to try again
//! and what to say of it is decided here, as for any output.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use prismatron_core::frame::Rgb8;
use prismatron_core::output::OutputSpec;
use prismatron_core::port::{Strip, StripError, StripOpener};
use prismatron_core::recovery::Tally;

use crate::error::OutputError;
use crate::running::Running;
use crate::schedule::{Schedule, Step};
use crate::settings::Timing;
use crate::slot::{Interest, Slot};
use crate::status::{OutputState, Report, Said};

/// The thread looks up at least this often, to show that it lives.
const PULSE: Duration = Duration::from_secs(1);

/// Starts the thread, which opens the strip.
pub(crate) fn start(
    spec: &OutputSpec,
    leds: usize,
    opener: Arc<dyn StripOpener>,
    timing: &Timing,
    report: &Arc<Report>,
    reopen: Tally,
) -> Result<Running<Vec<Rgb8>>, OutputError> {
    let black = vec![[0; 3]; leds];
    let slot = Arc::new(Slot::new(black.clone()));
    let teller = Teller {
        slot: Arc::clone(&slot),
        report: Arc::clone(report),
        opener,
        spec: spec.clone(),
        front: black.clone(),
        strip: None,
        schedule: Schedule::new(spec.max_fps.map(|fps| fps.period()), timing.keep_alive),
        retry: timing.retry,
        pause: timing.retry,
        retry_at_most: timing.retry_at_most,
        next_try: Duration::ZERO,
        reopen,
        said: None,
        is_mending: false,
        start: Instant::now(),
    };
    Running::start(black, &slot, report, timing.stop, move || teller.run())
}

/// Everything the thread owns.
struct Teller {
    slot: Arc<Slot<Vec<Rgb8>>>,
    report: Arc<Report>,
    opener: Arc<dyn StripOpener>,
    spec: OutputSpec,
    front: Vec<Rgb8>,
    strip: Option<Box<dyn Strip>>,
    schedule: Schedule,
    retry: Duration,
    /// Before the next try.
    pause: Duration,
    retry_at_most: Duration,
    next_try: Duration,
    reopen: Tally,
    /// How it was said to be.
    said: Option<OutputState>,
    /// Whether it failed, was opened again and has shown nothing since.
    is_mending: bool,
    start: Instant,
}

impl Teller {
    fn run(mut self) {
        loop {
            self.report.rounds.fetch_add(1, Ordering::Relaxed);
            let seen = self.slot.look();
            if seen.closing {
                break;
            }
            let now = self.start.elapsed();
            if self.strip.is_none() && now >= self.next_try {
                self.open(now);
            }
            if self.strip.is_none() {
                self.wait(Some(self.next_try), Interest::News);
                continue;
            }
            match self.schedule.step(now, seen.fresh) {
                Step::Fresh => {
                    self.slot.take(&mut self.front);
                    self.show(now);
                }
                Step::Again => self.show(now),
                Step::Rest(until) => self.wait(Some(until), Interest::Resting),
                Step::Idle(until) => {
                    if until.is_none() && self.said != Some(OutputState::Waiting) {
                        self.say(OutputState::Waiting, Some("no frame has come yet".to_owned()));
                    }
                    self.wait(until, Interest::Frames);
                }
            }
        }
        self.finish();
    }

    /// Shows what still waits.
    fn finish(&mut self) {
        let now = self.start.elapsed();
        if !self.slot.take(&mut self.front) {
            return;
        }
        if self.strip.is_none() {
            self.open(now);
        }
        if self.strip.is_some() {
            self.show(now);
        }
    }

    /// Waits until then, or until it is time to show some life.
    fn wait(&self, until: Option<Duration>, interest: Interest) {
        let pulse = Instant::now() + PULSE;
        let until = until.map_or(pulse, |until| (self.start + until).min(pulse));
        self.slot.wait(Some(until), interest);
    }

    fn open(&mut self, now: Duration) {
        if self.is_mending {
            self.reopen.tried(SystemTime::now());
        }
        match self.opener.open(&self.spec, self.front.len()) {
            Ok(strip) => {
                self.strip = Some(strip);
                self.schedule.owe();
            }
            Err(error) => self.fail(now, &error),
        }
    }

    fn show(&mut self, now: Duration) {
        let Some(strip) = &mut self.strip else { return };
        self.schedule.sent(now);
        match strip.show(&self.front) {
            Ok(bytes) => {
                self.report.frames.fetch_add(1, Ordering::Relaxed);
                self.report.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
                self.pause = self.retry;
                if std::mem::take(&mut self.is_mending) {
                    self.reopen.succeeded();
                }
                if self.said != Some(OutputState::Sending) {
                    let notice = strip.notice();
                    self.say(OutputState::Sending, notice);
                }
            }
            Err(error) => {
                self.report.send_errors.fetch_add(1, Ordering::Relaxed);
                self.schedule.owe();
                self.fail(now, &error);
            }
        }
    }

    /// Gives the strip up until a while from now.
    fn fail(&mut self, now: Duration, error: &StripError) {
        self.strip = None;
        self.is_mending = true;
        self.next_try = now + self.pause;
        self.pause = (self.pause * 2).min(self.retry_at_most);
        self.say(OutputState::Failing, Some(error.to_string()));
    }

    fn say(&mut self, state: OutputState, message: Option<String>) {
        self.said = Some(state);
        let host = self.spec.hosts.first().cloned();
        self.report.say(Said { state, host, message, alive: None, device: None });
    }
}
