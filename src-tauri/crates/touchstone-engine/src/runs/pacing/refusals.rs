//! What refusals mean: whose they are, how long nothing is asked after them, and at what rate it goes on.
//!
//! Some servers refuse one request among many and take the next. Such a refusal is left to its task, which waits as long as
//! it was told to. Others refuse whatever comes: then it is the connection, and nothing more is asked until the server's wait is
//! over. Which of the two it is shows in what is under way when a server wants a wait: until that has come back, nothing
//! more leaves ([`Suspicion`]). Where the last that had left is answered, and most are, the server refuses singly, which is known
//! of it from then on. Else, and where several are refused all the same that left one after the other, or the server says that a
//! limit is used up, the connection pauses. The same holds where all were refused that left since the last pause or the
//! beginning, be it one. What counts is the order in which they left, as a server may answer slowly and refuse at once.
//!
//! After a pause one request goes ahead (`climb.rs`). Where refusals come back, the rate at which requests got through from one storm to the next is
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

/// Waits that some servers ask for whatever holds are no longer than this.
const WAIT_STOCK: Duration = Duration::from_secs(2);

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
    /// The last to leave of those that were answered.
    answered_last: u64,
    /// When a request got through last, or else was first refused.
    through_at: Option<Instant>,
    rate: Rate,
    suspicion: Option<Suspicion>,
    /// Since the last pause it came to light that single requests are refused, and others taken.
    refuses_singly: bool,
}

/// A server wants a wait, and it is not known yet whether that is for one task or for all. Nothing leaves meanwhile.
#[derive(Clone, Copy)]
struct Suspicion {
    /// When the wait is over, whatever came back by then.
    until: Instant,
    /// Requests that have not ended.
    out: usize,
    answered: u32,
    refused: u32,
    /// The last to leave of those that ended so, and whether it was answered.
    last: (u64, bool),
}

impl Suspicion {
    fn pause(self) -> Pause {
        Pause { until: self.until, is_announced: true }
    }

    fn is_of_one_task(&self) -> bool {
        self.out == 0 && self.last.1 && self.answered >= self.refused
    }
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
        let pause = self.suspicion.map(Suspicion::pause).or(self.pause);
        *self = Self { pause, mark: self.mark, answered_last: self.answered_last, ..Self::default() };
    }

    pub(super) fn paused(&self, now: Instant) -> Option<Pause> {
        self.suspicion.map(Suspicion::pause).or(self.pause).filter(|pause| pause.until > now)
    }

    /// A request ended; `None` where that says nothing about whether the server takes requests. See [`Self::decide`].
    pub(super) fn ended(&mut self, number: u64, is_answered: Option<bool>) {
        let Some(suspicion) = &mut self.suspicion else { return };
        suspicion.out = suspicion.out.saturating_sub(1);
        let Some(is_answered) = is_answered else { return };
        suspicion.answered += u32::from(is_answered);
        suspicion.refused += u32::from(!is_answered);
        suspicion.last = suspicion.last.max((number, is_answered));
    }

    /// Whether what is suspected is so, once everything has come back or the wait is over. How many pauses there are in a
    /// row, if it is.
    pub(super) fn decide(&mut self, at: Position) -> Option<u32> {
        let suspicion = self.suspicion.filter(|suspicion| suspicion.out == 0 || suspicion.until <= at.now)?;
        self.suspicion = None;
        if suspicion.is_of_one_task() {
            self.refuses_singly = true;
            return None;
        }
        Some(self.begin_pause(suspicion.pause(), suspicion.refused > 1, at.sent))
    }

    /// Nothing got through since the server refused several, and not one alone.
    pub(super) fn is_storm(&self) -> bool {
        self.rate.is_storm
    }

    pub(super) fn answered(&mut self, number: u64, left_at: Instant, now: Instant) {
        self.ended(number, Some(true));
        self.answered_last = self.answered_last.max(number);
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
        Position { now, sent, out, .. }: Position,
    ) -> Option<u32> {
        self.through_at.get_or_insert(now);
        self.ended(number, Some(false));
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
        // Where requests are spread, none follows another at once, and a short wait is what some servers say whatever holds.
        let counts = |wait: &Duration| if self.interval(now).is_some() { *wait > WAIT_STOCK } else { !wait.is_zero() };
        let until = wait.filter(counts).map(|wait| now + wait);
        if let Some(suspicion) = self.suspicion.as_mut().filter(|_| !is_used_up) {
            suspicion.until = suspicion.until.max(until.unwrap_or(now));
            return None;
        }
        if let Some(until) = until.filter(|_| !self.refuses_singly && !is_used_up) {
            // One that left after it may have been answered before.
            let last = (number, false).max((self.answered_last, true));
            self.suspicion = Some(Suspicion { until, out, answered: u32::from(last.1), refused: 1, last });
            return None;
        }
        let enough = IN_SEQUENCE.min(2 * at_once as u64).min(sent - self.mark);
        if self.in_sequence(number) < enough && !is_used_up {
            return None;
        }
        let row = self.row_with(sent);
        let own = PAUSE_FIRST.saturating_mul(1 << (row.min(16) - 1)).min(PAUSE_MAX);
        let pause = Pause { until: now + wait.unwrap_or(own), is_announced: wait.is_some() };
        Some(self.begin_pause(pause, true, sent))
    }

    /// Pauses in a row, with one that begins now.
    fn row_with(&self, sent: u64) -> u32 {
        // What is still under way may get through.
        if self.refused_since == sent - self.mark { self.row + 1 } else { 1 }
    }

    /// Gives back how many pauses there are in a row.
    fn begin_pause(&mut self, pause: Pause, is_storm: bool, sent: u64) -> u32 {
        self.row = self.row_with(sent);
        self.recent.clear();
        (self.refused_since, self.mark) = (0, sent);
        (self.suspicion, self.refuses_singly) = (None, false);
        self.pause = Some(pause);
        // One that was refused alone says when to go on, and nothing of a rate.
        self.rate.is_storm |= is_storm;
        self.row
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
        Position { now, sent, in_flight: 1, out: 0, ceiling: 32 }
    }

    /// Refuses a request after which nothing is under way any more, and decides.
    fn refuse(refusals: &mut Refusals, number: u64, wait: Option<Duration>, at: Position) -> Option<u32> {
        refusals.refused(number, wait, false, 32, at).or_else(|| refusals.decide(at))
    }

    #[test]
    fn single_refusals_pause_nothing_and_a_sequence_of_them_does() {
        let now = Instant::now();
        let mut refusals = Refusals { refuses_singly: true, ..Refusals::default() };
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
    fn after_a_refusal_with_a_wait_nothing_leaves_until_what_is_under_way_tells_whose_it_is() {
        let now = Instant::now();
        // Of eight that are out, the one with this number is refused first, and all others end in their order.
        let among_eight = |first: u64, is_refused: &dyn Fn(u64) -> bool| {
            let mut refusals = Refusals::default();
            let mut out = 7;
            let under_way = |out| Position { out, ..at(now, 8) };
            assert_eq!(refusals.refused(first, Some(SECOND), false, 8, under_way(out)), None);
            let mut row = refusals.decide(under_way(out));
            for number in (1..=8).filter(|number| *number != first) {
                assert_eq!((row, refusals.paused(now).is_some()), (None, true), "nothing leaves");
                out -= 1;
                if is_refused(number) {
                    refusals.refused(number, Some(SECOND * 2), false, 8, under_way(out));
                } else {
                    refusals.answered(number, now, now);
                }
                row = refusals.decide(under_way(out));
            }
            (row, refusals.paused(now).map(|pause| pause.until.duration_since(now)))
        };
        assert_eq!(among_eight(3, &|_| false), (None, None), "one among many");
        assert_eq!(among_eight(3, &|number| number == 5), (None, None), "two among many");
        assert_eq!(among_eight(4, &|number| number > 4), (Some(1), Some(SECOND * 2)), "the longest wait counts");
        assert_eq!(among_eight(8, &|_| false), (Some(1), Some(SECOND)), "what left before it proves nothing");
        assert_eq!(among_eight(1, &|number| number != 8), (Some(1), Some(SECOND * 2)), "one got through, and no more");

        let mut refusals = Refusals::default();
        refusals.answered(2, now, now);
        assert_eq!(refuse(&mut refusals, 1, Some(SECOND), at(now, 2)), None, "what left after it was answered before");

        // One that hangs is not waited for longer than the server wants.
        let mut refusals = Refusals::default();
        refusals.refused(1, Some(SECOND), false, 8, Position { out: 1, ..at(now, 2) });
        assert_eq!(refusals.decide(Position { out: 1, ..at(now, 2) }), None);
        assert_eq!(refusals.decide(Position { out: 1, ..at(now + SECOND, 2) }), Some(1));
        assert_eq!(refusals.paused(now + SECOND), None);
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
            refuse(&mut refusals, number, Some(SECOND), at(now, number));
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
        refuse(&mut refusals, 1, Some(SECOND), at(start, 1));
        let first = start + SECOND;
        for number in 2..=101 {
            refusals.answered(number, first, first);
        }
        assert_eq!(refusals.interval(first), None, "nothing got through before");
        let storm = at(first + SECOND * 9, 103);
        refusals.refused(102, Some(SECOND), false, 32, Position { out: 1, ..storm });
        refuse(&mut refusals, 103, Some(SECOND), storm);
        let now = first + SECOND * 10;
        refusals.answered(104, now, now);
        assert_eq!(refusals.interval(now), Some(SECOND / 10), "100 in 10 seconds");
        assert!(refusals.interval(now + SECOND * 10).is_some_and(|interval| interval < SECOND / 12));
        assert_eq!(refusals.interval(now + SECOND * 100), None);
    }
}
