//! Who looks after the program.

use std::ffi::OsStr;

/// Who started the program and looks after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supervisor {
    /// systemd, as the main process of a unit.
    Systemd,
    /// A person at a terminal, or a test.
    Nobody,
}

impl Supervisor {
    /// Finds out: systemd 248 and later name the process they start in `SYSTEMD_EXEC_PID` (`systemd.exec(5)`),
    /// which what that process starts inherits, but is not.
    pub fn detect() -> Self {
        Self::from(std::env::var_os("SYSTEMD_EXEC_PID").as_deref(), std::process::id())
    }

    fn from(exec_pid: Option<&OsStr>, own: u32) -> Self {
        let named = exec_pid.and_then(OsStr::to_str).and_then(|pid| pid.parse::<u32>().ok());
        if named == Some(own) { Self::Systemd } else { Self::Nobody }
    }
}

/// Whether systemd, which is running this after its service (`ExecStopPost=`), says that the service has ended
/// as it should, and so has done by itself what it does at its end.
pub fn service_ended_well() -> bool {
    std::env::var_os("SERVICE_RESULT").is_some_and(|result| result == "success")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_process_that_systemd_started_is_looked_after() {
        let from = |text: &str| Supervisor::from(Some(OsStr::new(text)), 7);
        assert_eq!(from("7"), Supervisor::Systemd);
        assert_eq!(from("8"), Supervisor::Nobody, "started from something that systemd started");
        assert_eq!(from("x"), Supervisor::Nobody);
        assert_eq!(Supervisor::from(None, 7), Supervisor::Nobody);
    }
}
