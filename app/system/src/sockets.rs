//! Sockets that systemd has opened and hands over (`sd_listen_fds(3)`).

use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::net::UnixListener;

/// Its name in the socket's unit (`FileDescriptorName=`).
const ADMIN: &str = "admin";

/// The socket for the machine's administrators, if systemd has handed it over. To be called once: the socket is
/// closed with what is returned. Programs that this one starts do not inherit it.
pub fn admin_socket() -> Option<UnixListener> {
    let mut handed = sd_notify::listen_fds_with_names()
        .inspect_err(|error| tracing::warn!("there is no admin socket: {error}"))
        .ok()?;
    let (socket, _) = handed.find(|(_, name)| name == ADMIN)?;
    // SAFETY: systemd says that this descriptor is open and meant for this process, and nothing else in it
    // takes descriptors by number.
    #[allow(unsafe_code, reason = "a number becomes an open file")]
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    Some(socket.into())
}
