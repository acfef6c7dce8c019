//! How fast a run is, over the last seconds.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Older readings do not count: a rate from before a pause would promise too much.
pub(super) const WINDOW: Duration = Duration::from_secs(5);

/// Readings of a counter, by time.
#[derive(Default)]
pub(super) struct Meter {
    readings: VecDeque<(Instant, u32)>,
}

impl Meter {
    pub(super) fn read(&mut self, now: Instant, done: u32) {
        self.readings.push_back((now, done));
        // The last reading before the window is kept: the window starts there.
        while self.readings.get(1).is_some_and(|(at, _)| now.duration_since(*at) >= WINDOW) {
            self.readings.pop_front();
        }
    }

    /// Per second; `None` where nothing was done.
    pub(super) fn rate(&self) -> Option<f64> {
        let ((first_at, first), (last_at, last)) = (self.readings.front()?, self.readings.back()?);
        let seconds = last_at.duration_since(*first_at).as_secs_f64();
        (last > first && seconds > 0.0).then(|| f64::from(last - first) / seconds)
    }

    /// How long `remaining` more take at this rate.
    pub(super) fn eta_ms(&self, remaining: u32) -> Option<u64> {
        Some(Duration::from_secs_f64(f64::from(remaining) / self.rate()?).as_millis() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_seconds_count() {
        let start = Instant::now();
        let mut meter = Meter::default();
        meter.read(start, 0);
        assert_eq!((meter.rate(), meter.eta_ms(10)), (None, None), "nothing done says nothing");
        meter.read(start + Duration::from_secs(1), 100);
        assert_eq!((meter.rate(), meter.eta_ms(50)), (Some(100.0), Some(500)));
        meter.read(start + Duration::from_secs(6), 110);
        meter.read(start + Duration::from_secs(7), 112);
        assert_eq!(meter.rate(), Some(2.0), "the fast second has left the window");
    }
}
