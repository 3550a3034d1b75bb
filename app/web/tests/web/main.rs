//! The server as clients see it: over real connections, with a real store and engine behind it.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests may")]

mod access;
mod accounts;
mod audit;
mod brute_force;
mod control;
mod description;
mod diagnostics;
mod events;
mod health;
mod media;
mod playlists;
mod preview;
mod problems;
mod rights;
mod schedule;
mod shutdown;
mod snapshots;
mod system;
mod tls;
mod update;
mod uploads;
mod wall;
mod world;
