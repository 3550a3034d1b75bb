//! The sink of an output that has a thread: what is handed over waits in a slot, and the end is waited for.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use prismatron_core::frame::Rgb8;
use prismatron_core::port::Sink;

use crate::error::OutputError;
use crate::packets::Packets;
use crate::slot::Slot;
use crate::status::Report;

/// A frame as it waits for the thread.
pub(crate) trait Waiting: Send + 'static {
    /// Puts LED values in, in wall order. Those that are missing are black, those that are too many left out.
    fn fill(&mut self, leds: &[Rgb8]);
}

impl Waiting for Packets {
    fn fill(&mut self, leds: &[Rgb8]) {
        self.fill(leds);
    }
}

impl Waiting for Vec<Rgb8> {
    fn fill(&mut self, leds: &[Rgb8]) {
        let given = leds.len().min(self.len());
        let (lit, dark) = self.split_at_mut(given);
        lit.copy_from_slice(&leds[..given]);
        dark.fill([0; 3]);
    }
}

/// The sink. When it is dropped the thread ends, having sent what still waited.
pub(crate) struct Running<F> {
    back: F,
    slot: Arc<Slot<F>>,
    report: Arc<Report>,
    thread: Option<JoinHandle<()>>,
    stop: Duration,
}

impl<F: Waiting> Running<F> {
    /// Starts the thread, which takes frames out of the slot until that is closed. `back` is a buffer like those in
    /// the slot, `stop` how long its end is waited for.
    ///
    /// # Errors
    /// No thread can be had.
    pub(crate) fn start(
        back: F,
        slot: &Arc<Slot<F>>,
        report: &Arc<Report>,
        stop: Duration,
        run: impl FnOnce() + Send + 'static,
    ) -> Result<Self, OutputError> {
        let ending = Ending(Arc::clone(slot));
        let span = tracing::Span::current();
        let thread = std::thread::Builder::new()
            .name("output".to_owned())
            .spawn(move || {
                let _ending = ending;
                span.in_scope(run);
            })
            .map_err(|source| OutputError::Thread { source })?;
        let (slot, report) = (Arc::clone(slot), Arc::clone(report));
        Ok(Self { back, slot, report, thread: Some(thread), stop })
    }
}

/// Says that the thread is at its end, however it came to it.
struct Ending<F>(Arc<Slot<F>>);

impl<F> Drop for Ending<F> {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl<F: Waiting> Sink for Running<F> {
    fn submit(&mut self, leds: &[Rgb8]) {
        self.back.fill(leds);
        if self.slot.submit(&mut self.back) {
            self.report.dropped_frames.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<F> Drop for Running<F> {
    fn drop(&mut self) {
        self.report.leave();
        let ended = self.slot.close(self.stop);
        match self.thread.take() {
            Some(thread) if ended => {
                // That it came to its end by a panic has been reported by the panic.
                let _ = thread.join();
            }
            _ => tracing::warn!("an output did not end in time and is left to itself"),
        }
    }
}
