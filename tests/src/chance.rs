//! Chance that can be had again, by a number that a failing test has printed.

use std::time::{SystemTime, UNIX_EPOCH};

/// By the number in `PRISMATRON_SEED`, or by the clock.
///
/// # Panics
/// It is not a number.
pub fn chance() -> fastrand::Rng {
    let seed = match std::env::var("PRISMATRON_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs(),
    };
    println!("PRISMATRON_SEED={seed}");
    fastrand::Rng::with_seed(seed)
}
