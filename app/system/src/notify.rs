//! What systemd is told over its notification socket, as `sd_notify(3)` describes. Where there is no socket,
//! nothing is told.

use sd_notify::NotifyState;

/// The start is done.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(&line(status))]);
}

/// How it fares, in a line for `systemctl status`.
pub fn status(status: &str) {
    tell(&[NotifyState::Status(&line(status))]);
}

/// The configuration is being read again; [`reloaded`] follows. systemd before 253 ignores the time.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        // Without the time systemd 253 would end the program.
        Err(error) => tracing::warn!("systemd is not told of the reload: {error}"),
    }
}

/// The configuration has been read again; how it fares is as it was, unless there is something to say.
pub fn reloaded(trouble: Option<&str>) {
    match trouble {
        Some(trouble) => ready(trouble),
        None => tell(&[NotifyState::Ready]),
    }
}

/// The end has begun.
pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("Stopping")]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!("systemd does not hear: {error}");
    }
}

/// A message has lines of `KEY=value`: what people named must not add one.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_one_line() {
        assert_eq!(line("Playing “a\nWATCHDOG=trigger”"), "Playing “a WATCHDOG=trigger”");
    }
}
