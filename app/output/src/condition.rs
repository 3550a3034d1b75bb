//! How an output stands, and what the errors of its sends say about it.

use std::io;

use rustix::io::Errno;

use crate::status::OutputState;

/// What the output's state follows from. Small, so that it can be compared with every frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// No host has an address yet.
    NoAddress,
    /// There was nothing to send yet.
    NoFrame,
    /// The system has no way to the host.
    NoNetwork(io::ErrorKind),
    /// Frames go out.
    Fine,
    /// Frames do not go out.
    Failing(io::ErrorKind),
}

/// What an error says about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    /// More is sent than goes through.
    Rate,
    /// The host is not there or does not want it.
    Host,
    /// The socket or the network under it is of no use any more.
    Link,
}

impl Condition {
    /// The state it comes to.
    pub(crate) fn state(self) -> OutputState {
        match self {
            Self::Fine => OutputState::Sending,
            Self::Failing(_) => OutputState::Failing,
            Self::NoAddress | Self::NoFrame | Self::NoNetwork(_) => OutputState::Waiting,
        }
    }

    /// What is to be said about it where nothing more is known.
    pub(crate) fn message(self, host: &str) -> Option<String> {
        match self {
            Self::NoNetwork(kind) => Some(format!("no way to {host} yet: {kind}")),
            Self::Failing(kind) => Some(format!("sending to {host} fails: {kind}")),
            Self::NoFrame => Some("no frame has come yet".to_owned()),
            Self::NoAddress | Self::Fine => None,
        }
    }
}

impl Blame {
    /// What is to blame for an error of a send.
    pub(crate) fn of(error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::WouldBlock | Kind::TimedOut | Kind::OutOfMemory => Self::Rate,
            Kind::ConnectionRefused | Kind::HostUnreachable | Kind::PermissionDenied => Self::Host,
            _ if error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) => Self::Rate,
            _ if error.raw_os_error() == Some(Errno::MSGSIZE.raw_os_error()) => Self::Host,
            _ => Self::Link,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_laid_to_whom_they_belong() {
        let blame = |errno: Errno| Blame::of(&errno.into());
        for errno in [Errno::AGAIN, Errno::NOBUFS, Errno::NOMEM] {
            assert_eq!(blame(errno), Blame::Rate, "{errno}");
        }
        for errno in [Errno::CONNREFUSED, Errno::HOSTUNREACH, Errno::MSGSIZE, Errno::PERM] {
            assert_eq!(blame(errno), Blame::Host, "{errno}");
        }
        for errno in [Errno::NETUNREACH, Errno::NETDOWN, Errno::INVAL, Errno::ADDRNOTAVAIL] {
            assert_eq!(blame(errno), Blame::Link, "{errno}");
        }
    }
}
