//! LEDs on a bus as outputs like any other, on buses that the test holds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use prismatron_core::frame::Rgb8;
use prismatron_core::output::{LedChip, OutputSpec, Protocol};
use prismatron_core::port::{SinkFactory, Strip, StripError, StripOpener};
use prismatron_output::{OutputState, Outputs, Settings, StatusBoard};

const PATIENCE: Duration = Duration::from_secs(10);

/// What a bus does, one after the other; then it works.
struct Bus {
    openings: Mutex<Vec<Result<(), &'static str>>>,
    shows: Arc<Mutex<Vec<Result<(), &'static str>>>>,
    shown: Sender<Vec<Rgb8>>,
}

struct OnBus(Arc<Mutex<Vec<Result<(), &'static str>>>>, Sender<Vec<Rgb8>>);

fn next(of: &Mutex<Vec<Result<(), &'static str>>>) -> Result<(), StripError> {
    of.lock().unwrap().pop().unwrap_or(Ok(())).map_err(|reason| StripError(reason.to_owned()))
}

impl StripOpener for Bus {
    fn open(&self, _: &OutputSpec, _: usize) -> Result<Box<dyn Strip>, StripError> {
        next(&self.openings)?;
        Ok(Box::new(OnBus(Arc::clone(&self.shows), self.shown.clone())))
    }
}

impl Strip for OnBus {
    fn show(&mut self, leds: &[Rgb8]) -> Result<usize, StripError> {
        next(&self.0)?;
        let _ = self.1.send(leds.to_vec());
        Ok(3 * leds.len())
    }

    fn notice(&self) -> Option<String> {
        Some("a notice".to_owned())
    }
}

fn outputs(
    openings: Vec<Result<(), &'static str>>,
    shows: Vec<Result<(), &'static str>>,
) -> (Outputs, StatusBoard, Receiver<Vec<Rgb8>>) {
    let (shown, frames) = channel();
    let bus = Bus { openings: Mutex::new(openings), shows: Arc::new(Mutex::new(shows)), shown };
    let mut settings = Settings { strips: Some(Arc::new(bus)), ..Settings::default() };
    settings.timing.retry = Duration::from_millis(1);
    settings.timing.keep_alive = Duration::from_millis(20);
    let (outputs, board) = Outputs::with_settings(settings);
    (outputs, board, frames)
}

fn spec() -> OutputSpec {
    OutputSpec {
        name: "strip".to_owned(),
        enabled: true,
        protocol: Protocol::Spi { chip: LedChip::Ws2812, clock_khz: None },
        hosts: vec!["spidev0.0".to_owned()],
        leds: None,
        colour_order: Default::default(),
        max_fps: None,
        pace_ms: 0,
        power: None,
        probe: Default::default(),
    }
}

#[test]
fn a_frame_is_shown_and_shown_again_and_the_last_one_always() {
    let (outputs, board, frames) = outputs(vec![], vec![]);
    let mut sink = outputs.make(&spec(), 3).unwrap();
    sink.submit(&[[1; 3], [2; 3]]);
    let first = [[1; 3], [2; 3], [0; 3]];
    for _ in 0..2 {
        assert_eq!(frames.recv_timeout(PATIENCE).unwrap(), first, "an LED left out is black");
    }
    let status = &board.snapshot()[0];
    assert_eq!((status.state, status.host.as_deref()), (OutputState::Sending, Some("spidev0.0")));
    assert_eq!(status.message.as_deref(), Some("a notice"));
    assert_eq!(status.bytes % 9, 0);
    assert!(status.bytes >= 9, "{}", status.bytes);
    sink.submit(&[[9; 3]; 3]);
    drop(sink);
    assert_eq!(frames.try_iter().last().unwrap(), [[9; 3]; 3]);
}

#[test]
fn what_fails_is_told_and_opened_again() {
    let (outputs, board, frames) =
        outputs(vec![Ok(()), Err("no such device")], vec![Err("the bus is stuck")]);
    let mut sink = outputs.make(&spec(), 1).unwrap();
    sink.submit(&[[5; 3]]);
    assert_eq!(frames.recv_timeout(PATIENCE).unwrap(), [[5; 3]], "the frame was kept");
    drop(sink);
    let reopened = board.reopened();
    assert_eq!((reopened.tried, reopened.succeeded), (2, 1));
}
