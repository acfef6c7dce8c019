//! What refusals mean: whose they are, how long nothing is asked after them, and at what rate it goes on.
//!
//! Some servers refuse one request among many and take the next. Such a refusal is left to its task, which waits as long as
//! it was told to. Once several are refused that left one after the other, or the server says that a limit is used up, it is
//! the connection: nothing more is asked until the server's wait is over. The same holds where all were refused that left
//! since the last pause or the beginning, be it one. What counts is the order in which they left, as a server may answer
//! slowly and refuse at once. Where refusals come back, the rate at which requests got through from one storm to the next is
//! what the server allows: from then on they are spread over the time, a little faster each time, rather than sent in bursts
//! that end in refusals.

use super::climb::Position;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// So many that left one after the other must be refused; fewer where only few are in flight. By chance a server that
/// refuses one request in five comes to that less than once in ten thousand.
const IN_SEQUENCE: u64 = 6;

/// Refusals that are remembered; several may end before those that left between them.
const REMEMBERED: usize = 32;

/// The first wait where the server names none; it doubles while nothing gets through.
const PAUSE_FIRST: Duration = Duration::from_millis(500);

/// Short, as limits are per minute at most: a longer one would sleep through what is allowed.
const PAUSE_MAX: Duration = Duration::from_secs(4);

/// So many pauses in a row, and so long a time, in which nothing gets through are no storm that passes.
const ROW_MAX: u32 = 10;
const NOTHING_THROUGH_MAX: Duration = Duration::from_secs(120);

/// A learned rate grows so much in the time from one storm to the next.
const GROWTH: f64 = 1.25;

/// Once it has grown so much it limits nothing any more.
const OUTGROWN: f64 = 4.0;

#[derive(Default)]
pub(super) struct Refusals {
    /// The numbers of requests that were refused last.
    recent: VecDeque<u64>,
    pause: Option<Pause>,
    /// Pauses in a row after which all that left was refused.
    row: u32,
    /// The last request that left before the pause began.
    mark: u64,
    /// Refusals of requests that left after it.
    refused_since: u64,
    /// When a request got through last, or else was first refused.
    through_at: Option<Instant>,
    rate: Rate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pause {
    pub until: Instant,
    /// The server said how long to wait.
    pub is_announced: bool,
}

/// What is learned of the rate that a server allows.
#[derive(Default)]
struct Rate {
    /// Requests a second, and from when it grows.
    learned: Option<(f64, Instant)>,
    /// Seconds from the end of one storm to the end of the next.
    cycle: f64,
    /// When the cycle began: when the first request left that got through after a storm.
    began: Option<Instant>,
    /// Requests that got through in it.
    accepted: u32,
    /// Nothing got through since a storm began.
    is_storm: bool,
}

impl Refusals {
    /// Forgets what is not in force any more.
    pub(super) fn begin_anew(&mut self) {
        *self = Self { pause: self.pause, mark: self.mark, ..Self::default() };
    }

    pub(super) fn paused(&self, now: Instant) -> Option<Pause> {
        self.pause.filter(|pause| pause.until > now)
    }

    pub(super) fn answered(&mut self, number: u64, left_at: Instant, now: Instant) {
        if number > self.mark {
            self.row = 0;
            self.through_at = Some(now);
            self.rate.goes_on(left_at);
        }
        self.rate.accepted += 1;
    }

    /// A request was refused while `at_once` could be in flight. How many pauses there are in a row, if it begins one.
    pub(super) fn refused(
        &mut self,
        number: u64,
        wait: Option<Duration>,
        is_used_up: bool,
        at_once: usize,
        Position { now, sent, .. }: Position,
    ) -> Option<u32> {
        self.through_at.get_or_insert(now);
        if number <= self.mark {
            // It left before the pause, and says once more what began it.
            if let (Some(pause), Some(wait)) = (self.paused(now), wait) {
                self.pause = Some(Pause { until: pause.until.max(now + wait), is_announced: true });
            }
            return None;
        }
        self.refused_since += 1;
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(number);
        let enough = IN_SEQUENCE.min(2 * at_once as u64).min(sent - self.mark);
        if self.in_sequence(number) < enough && !is_used_up {
            return None;
        }
        // What is still under way may get through.
        self.row = if self.refused_since == sent - self.mark { self.row + 1 } else { 1 };
        self.recent.clear();
        (self.refused_since, self.mark) = (0, sent);
        let own = PAUSE_FIRST.saturating_mul(1 << (self.row.min(16) - 1)).min(PAUSE_MAX);
        self.pause = Some(Pause { until: now + wait.unwrap_or(own), is_announced: wait.is_some() });
        self.rate.is_storm = true;
        Some(self.row)
    }

    /// How many were refused that left one after the other, with `number` among them.
    fn in_sequence(&self, number: u64) -> u64 {
        let is_refused = |other: &u64| self.recent.contains(other);
        let before = (1..).take_while(|distance| is_refused(&(number - distance))).count();
        let after = (1..).take_while(|distance| is_refused(&(number + distance))).count();
        (before + 1 + after) as u64
    }

    /// For how long nothing got through, if that is no storm that passes.
    pub(super) fn hopeless_for(&mut self, now: Instant) -> Option<Duration> {
        let since = now.duration_since(self.through_at?);
        let is_hopeless = self.row >= ROW_MAX && since >= NOTHING_THROUGH_MAX;
        is_hopeless.then(|| {
            (self.row, self.through_at) = (0, None);
            since
        })
    }

    /// The time between two requests at the rate that was learned.
    pub(super) fn interval(&self, now: Instant) -> Option<Duration> {
        Some(Duration::from_secs_f64(1.0 / self.rate.current(now)?))
    }

    /// This share of the requests was refused.
    pub(super) fn slow_down(&mut self, share: f64, now: Instant) {
        if let Some(rate) = self.rate.current(now) {
            self.rate.learned = Some((rate * (1.0 - share / 2.0), now));
        }
    }
}

impl Rate {
    fn current(&self, now: Instant) -> Option<f64> {
        let (rate, since) = self.learned?;
        let grown = GROWTH.powf(now.saturating_duration_since(since).as_secs_f64() / self.cycle);
        (grown < OUTGROWN).then_some(rate * grown)
    }

    /// A request got through that left at `left_at`, after the last storm. Where that was the first, what got through since
    /// the one before tells the rate: windows begin where storms end, and limits that fill up are as empty as they were then.
    fn goes_on(&mut self, left_at: Instant) {
        let began = *self.began.get_or_insert(left_at);
        if !std::mem::take(&mut self.is_storm) {
            return;
        }
        if self.accepted > 0 {
            let seconds = left_at.saturating_duration_since(began).as_secs_f64().max(0.25);
            self.learned = Some((f64::from(self.accepted) / seconds, left_at));
            self.cycle = seconds.clamp(1.0, 60.0);
        }
        (self.began, self.accepted) = (Some(left_at), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(now: Instant, sent: u64) -> Position {
        Position { now, sent, in_flight: 1, ceiling: 32 }
    }

    #[test]
    fn single_refusals_pause_nothing_and_a_sequence_of_them_does() {
        let now = Instant::now();
        let mut refusals = Refusals::default();
        for number in 1..=100 {
            if number % 5 > 1 {
                assert_eq!(refusals.refused(number, Some(SECOND), false, 32, at(now, 100)), None);
            } else {
                refusals.answered(number, now, now);
            }
        }
        let begun = [101, 103, 102, 106, 105, 104]
            .map(|number| refusals.refused(number, Some(SECOND), false, 32, at(now, 110)));
        assert_eq!(begun, [None, None, None, None, None, Some(1)], "in whatever order they ended");
        assert_eq!(refusals.paused(now), Some(Pause { until: now + SECOND, is_announced: true }));
        assert_eq!(refusals.refused(110, Some(SECOND * 2), false, 32, at(now, 110)), None, "it left before the pause");
        assert_eq!(refusals.paused(now).map(|pause| pause.until), Some(now + SECOND * 2), "a longer wait counts");
        assert_eq!(refusals.paused(now + SECOND * 2), None);
    }

    #[test]
    fn one_refusal_is_enough_if_nothing_else_was_asked_or_the_server_says_what_is_used_up() {
        let now = Instant::now();
        let first = |is_used_up, sent| Refusals::default().refused(1, None, is_used_up, 32, at(now, sent));
        assert_eq!(first(false, 1), Some(1));
        assert_eq!(first(false, 2), None, "another is under way");
        assert_eq!(first(true, 32), Some(1));
        let mut alone = Refusals::default();
        alone.answered(1, now, now);
        assert_eq!([2, 3].map(|number| alone.refused(number, None, false, 1, at(now, number))), [None, Some(1)]);
    }

    #[test]
    fn without_a_wait_of_the_server_pauses_double_until_something_gets_through() {
        let mut now = Instant::now();
        let mut refusals = Refusals::default();
        let mut waits = Vec::new();
        for number in 1..=5 {
            refusals.refused(number, None, false, 1, at(now, number));
            let until = refusals.paused(now).expect("a pause").until;
            waits.push(until.duration_since(now).as_millis());
            now = until;
        }
        assert_eq!(waits, [500, 1000, 2000, 4000, 4000]);
        refusals.answered(6, now, now);
        assert_eq!([7, 8].map(|number| refusals.refused(number, None, false, 1, at(now, number))), [None, Some(1)]);
    }

    #[test]
    fn what_refuses_everything_for_minutes_is_no_storm() {
        let start = Instant::now();
        let mut now = start;
        let mut refusals = Refusals::default();
        let gave_up = (1..1000).find_map(|number| {
            refusals.refused(number, Some(SECOND), false, 1, at(now, number));
            now += SECOND;
            refusals.hopeless_for(now)
        });
        assert_eq!(gave_up, Some(NOTHING_THROUGH_MAX));
        assert_eq!(now.duration_since(start), NOTHING_THROUGH_MAX);
    }

    #[test]
    fn the_rate_from_one_storm_to_the_next_is_kept_to_and_outgrown() {
        let start = Instant::now();
        let mut refusals = Refusals::default();
        refusals.refused(1, Some(SECOND), false, 1, at(start, 1));
        let first = start + SECOND;
        for number in 2..=101 {
            refusals.answered(number, first, first);
        }
        assert_eq!(refusals.interval(first), None, "nothing got through before");
        for number in [102, 103] {
            refusals.refused(number, Some(SECOND), false, 1, at(first + SECOND * 9, number));
        }
        let now = first + SECOND * 10;
        refusals.answered(104, now, now);
        assert_eq!(refusals.interval(now), Some(SECOND / 10), "100 in 10 seconds");
        assert!(refusals.interval(now + SECOND * 10).is_some_and(|interval| interval < SECOND / 12));
        assert_eq!(refusals.interval(now + SECOND * 100), None);
    }
}
