//! When a server may be asked again, and how long to wait before a retry.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// The first wait before a retry; each further one may be twice as long.
const BACKOFF_FIRST: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// What holds for everything that is asked of one connection: a pause, and how many requests it takes at once.
#[derive(Default)]
pub(super) struct Pacing {
    until: Mutex<Option<Instant>>,
    /// A limit, and the places that it leaves.
    places: Mutex<Option<(usize, Arc<Semaphore>)>>,
}

impl Pacing {
    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The places that all runs share while the connection takes `limit` requests at once. With another limit there are
    /// new ones; a run that is at work goes on with those that it has.
    pub(super) fn places(&self, limit: usize) -> Arc<Semaphore> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        match &*places {
            Some((known, places)) if *known == limit => Arc::clone(places),
            _ => Arc::clone(&places.insert((limit, Arc::new(Semaphore::new(limit)))).1),
        }
    }

    /// Asks nothing more for `wait` from now; a longer pause that is in force stays.
    pub(super) fn pause(&self, wait: Duration) {
        let end = Instant::now() + wait;
        let mut until = self.lock();
        *until = Some(until.map_or(end, |before| before.max(end)));
    }

    /// How long the pause still lasts; `None` when there is none.
    pub(super) fn remaining(&self) -> Option<Duration> {
        let until = (*self.lock())?;
        let remaining = until.saturating_duration_since(Instant::now());
        (!remaining.is_zero()).then_some(remaining)
    }

    /// Returns when there is no pause.
    pub(super) async fn wait(&self) {
        while let Some(remaining) = self.remaining() {
            tokio::time::sleep(remaining).await;
        }
    }
}

/// The wait before retry number `retry` (the first is 1): exponential with full jitter, and at least what the server
/// asked for. `share` is random, in [0, 1). Source: AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
pub(super) fn backoff(retry: u32, share: f64, retry_after: Option<Duration>) -> Duration {
    let longest = BACKOFF_FIRST.saturating_mul(1 << (retry.clamp(1, 16) - 1)).min(BACKOFF_MAX);
    longest.mul_f64(share).max(retry_after.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_obey_the_server() {
        let nearly = 0.999_999;
        let seconds = |retry| backoff(retry, nearly, None).as_secs_f64().round_to(1);
        assert_eq!([1, 2, 3, 4].map(seconds), [0.5, 1.0, 2.0, 4.0]);
        assert_eq!(seconds(40), 30.0);
        assert_eq!(backoff(3, 0.0, None), Duration::ZERO, "full jitter reaches down to nothing");
        assert_eq!(backoff(1, nearly, Some(Duration::from_secs(7))), Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_for_everyone_and_a_shorter_one_does_not_end_it() {
        let pacing = Pacing::default();
        pacing.wait().await;
        pacing.pause(Duration::from_secs(9));
        pacing.pause(Duration::from_secs(1));
        let before = Instant::now();
        pacing.wait().await;
        assert!(before.elapsed() >= Duration::from_secs(9));
        assert_eq!(pacing.remaining(), None);
    }

    trait RoundTo {
        fn round_to(self, digits: i32) -> f64;
    }

    impl RoundTo for f64 {
        fn round_to(self, digits: i32) -> f64 {
            let scale = 10_f64.powi(digits);
            (self * scale).round() / scale
        }
    }
}
