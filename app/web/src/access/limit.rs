//! How often somebody may do something: so many at once, and one more after each so long. By the generic cell
//! rate algorithm, in bounded memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};
use prismatron_core::port::Clock;

/// Most that are told apart; the one that has used up least gives way.
const MOST: usize = 1024;

/// Holds each key to its rate.
pub(crate) struct Limiter<K: Hash + Eq + Clone> {
    inner: RateLimiter<K, Bounded<K>, Ticks, NoOpMiddleware<Nanos>>,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// `burst` at once, and one more after each `period`, which is not zero.
    pub(crate) fn new(burst: NonZeroU32, period: Duration, clock: Arc<dyn Clock>) -> Self {
        let period = period.max(Duration::from_millis(1));
        let quota = Quota::with_period(period).unwrap_or_else(|| Quota::per_second(burst));
        let quota = quota.allow_burst(burst);
        let state = Bounded(Mutex::default());
        Self { inner: RateLimiter::new(quota, state, Ticks(clock)) }
    }

    /// Takes one.
    ///
    /// # Errors
    /// How long to wait until there is one to take.
    pub(crate) fn take(&self, key: &K) -> Result<(), Duration> {
        self.inner.check_key(key).map_err(|not_until| {
            let now = governor::clock::Clock::now(self.inner.clock());
            not_until.wait_time_from(now)
        })
    }
}

/// The injected clock, as the algorithm reads it.
struct Ticks(Arc<dyn Clock>);

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        u64::try_from(self.0.now().as_nanos()).unwrap_or(u64::MAX).into()
    }
}

/// Until when each key has used up its rate.
struct Bounded<K>(Mutex<HashMap<K, Nanos>>);

impl<K: Hash + Eq + Clone> StateStore for Bounded<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.get(key).copied();
        let (outcome, until) = measure(known)?;
        if known.is_none() && all.len() >= MOST {
            let least = all.iter().min_by_key(|(_, until)| **until);
            if let Some(least) = least.map(|(key, _)| key.clone()) {
                all.remove(&least);
            }
        }
        all.insert(key.clone(), until);
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[derive(Default)]
    struct Hands(AtomicU64);

    impl Clock for Hands {
        fn now(&self) -> Duration {
            Duration::from_millis(self.0.load(Ordering::SeqCst))
        }
    }

    fn limiter<K: Hash + Eq + Clone>(clock: &Arc<Hands>) -> Limiter<K> {
        let burst = NonZeroU32::new(3).unwrap();
        Limiter::new(burst, Duration::from_secs(2), Arc::clone(clock) as Arc<dyn Clock>)
    }

    #[test]
    fn a_burst_passes_and_then_one_each_period() {
        let clock = Arc::new(Hands::default());
        let limiter = limiter(&clock);
        for _ in 0..3 {
            assert_eq!(limiter.take(&"a"), Ok(()));
        }
        assert_eq!(limiter.take(&"a"), Err(Duration::from_secs(2)));
        assert_eq!(limiter.take(&"b"), Ok(()), "others are not held up");
        clock.0.store(1999, Ordering::SeqCst);
        assert_eq!(limiter.take(&"a"), Err(Duration::from_millis(1)));
        clock.0.store(2000, Ordering::SeqCst);
        assert_eq!(limiter.take(&"a"), Ok(()));
        assert!(limiter.take(&"a").is_err());
    }

    #[test]
    fn many_take_bounded_memory() {
        let clock = Arc::new(Hands::default());
        let limiter = limiter(&clock);
        for n in 0..3000u32 {
            assert_eq!(limiter.take(&n), Ok(()));
        }
        assert_eq!(limiter.inner.into_state_store().0.lock().unwrap().len(), MOST);
    }
}
