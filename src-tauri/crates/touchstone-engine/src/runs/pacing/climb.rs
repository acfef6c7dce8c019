//! How many requests may be in flight: it climbs while that helps, and falls when it does not.
//!
//! As TCP does it: below a threshold the limit grows by one with every answer, which doubles it each round trip; above, by
//! one each round trip. After refusals the threshold falls to a half and the limit to one, so that what still refuses meets no
//! second volley. A few refusals among many answers are
//! not worth that: where there are many of them they take their share, so that a server which refuses one request in ten,
//! however often it is asked, is still asked at full speed.
//! Sources: RFC 5681; Alizadeh et al., "Data Center TCP" (2010), for falling by the share.

use std::time::Duration;
use tokio::time::Instant;

/// Where a connection starts whose server is not known.
const START: f64 = 4.0;

/// A limit that no ceiling reaches.
const UNLIMITED: f64 = 1e6;

/// Refusals below this share are left to the tasks that met them. A task pays for a server without room with a retry, and
/// with nothing for one that it asked too fast.
const SHARE_MIN: f64 = 0.1;
const SHARE_MIN_FOR_RATE: f64 = 0.4;

/// Requests whose share of refusals is no chance.
const SHARE_OF: u32 = 16;

/// Answers of a round trip whose mean says something.
const ANSWERS_MIN: u32 = 4;

/// Answers that take so many times as long as they did at best, without more of them, come from a queue.
const SLOWER: f64 = 2.0;

/// More answers a second by this much are worth waiting longer for each.
const MORE: f64 = 1.1;

/// What it falls to when more at once only made it slower, once it is known again how long answers take without a queue.
const FALL_WHEN_SLOWER: f64 = 0.75;

/// What the best latency is forgotten by, each round trip: the prompts of another hour are longer.
const FORGET: f64 = 1.01;

/// Where things stand when a request ends.
#[derive(Clone, Copy)]
pub(super) struct Position {
    pub now: Instant,
    /// The number of the last request that left.
    pub sent: u64,
    /// With the one that ends.
    pub in_flight: usize,
    /// Those whose end is not known yet, without the one that ends.
    pub out: usize,
    pub ceiling: usize,
}

/// Why it fell last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fell {
    Refused,
    Slower,
}

pub(super) struct Climb {
    limit: f64,
    threshold: f64,
    watches_latency: bool,
    round: Round,
    refusals: Share,
    /// The shortest mean of a round trip, in seconds.
    latency_best: f64,
    /// The most answers a second of a round trip.
    rate_best: f64,
    /// The round trip after a fall says nothing: its requests left before it.
    is_settling: bool,
    fell: Option<Fell>,
}

/// A round trip: until a request ends that left after its beginning.
#[derive(Default)]
struct Round {
    began: Option<Instant>,
    ends_with: u64,
    answers: u32,
    latency: Duration,
    /// Requests that were in flight at once. Several may end in one moment, and the last of them are not alone.
    in_flight_max: usize,
}

/// What became of requests over one round trip or more.
#[derive(Default)]
struct Share {
    ended: u32,
    refused: u32,
    /// Of those refused, for want of room.
    no_room: u32,
}

impl Default for Climb {
    fn default() -> Self {
        Self::new(false)
    }
}

impl Climb {
    /// Starts at any ceiling if `at_once`, and climbs to it else. How long answers take is watched only where it climbs: a
    /// server of this machine answers the slower the more it is asked, and how much it is asked was chosen or measured.
    pub(super) fn new(at_once: bool) -> Self {
        Self {
            limit: if at_once { UNLIMITED } else { START },
            threshold: UNLIMITED,
            watches_latency: !at_once,
            round: Round::default(),
            refusals: Share::default(),
            latency_best: f64::INFINITY,
            rate_best: 0.0,
            is_settling: false,
            fell: None,
        }
    }

    /// Requests that may be in flight; at least 1.
    pub(super) fn limit(&self) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and the unlimited")]
        let limit = self.limit as usize;
        limit
    }

    pub(super) fn fell(&self) -> Option<Fell> {
        self.fell
    }

    /// A request was answered. The share of requests that was refused, if a round trip ends here and it fell by that.
    pub(super) fn answered(&mut self, number: u64, latency: Duration, at: Position) -> Option<f64> {
        self.round.answers += 1;
        self.refusals.ended += 1;
        self.round.latency += latency;
        self.round.in_flight_max = self.round.in_flight_max.max(at.in_flight);
        // What is not used proves nothing.
        let is_used = self.round.in_flight_max * 2 >= self.limit();
        let is_probing = self.is_settling && self.fell == Some(Fell::Slower);
        if is_used && !is_probing && self.limit < at.ceiling as f64 {
            self.limit += if self.limit < self.threshold { 1.0 } else { 1.0 / self.limit };
            self.limit = self.limit.min(at.ceiling as f64);
        }
        self.end_round(number, at)
    }

    /// A request was refused, and its connection goes on.
    pub(super) fn refused(&mut self, number: u64, is_for_rate: bool, at: Position) -> Option<f64> {
        self.refusals.ended += 1;
        self.refusals.refused += 1;
        self.refusals.no_room += u32::from(!is_for_rate);
        self.end_round(number, at)
    }

    /// The server refuses whatever comes: to the bottom, from where it doubles up to a half, and then goes one by one; up to
    /// what that was if it was refused `again`, or one alone was.
    pub(super) fn fall(&mut self, again: bool, at: Position) {
        if !again {
            // Where it was still doubling, it is half of what it would have come to.
            let known = if self.threshold < UNLIMITED { self.threshold.min(at.ceiling as f64) } else { 0.0 };
            self.threshold = (self.within(at).max(known) / 2.0).max(1.0);
        }
        self.limit = 1.0;
        self.fell = Some(Fell::Refused);
        self.refusals = Share::default();
        self.begin_round(at);
        self.is_settling = true;
    }

    /// The limit in force.
    fn within(&self, at: Position) -> f64 {
        self.limit.min(at.ceiling as f64)
    }

    fn begin_round(&mut self, at: Position) {
        self.round =
            Round { began: Some(at.now), ends_with: at.sent + 1, in_flight_max: at.in_flight, ..Round::default() };
    }

    fn end_round(&mut self, number: u64, at: Position) -> Option<f64> {
        if number < self.round.ends_with {
            return None;
        }
        let round = std::mem::take(&mut self.round);
        self.begin_round(at);
        if std::mem::take(&mut self.is_settling) {
            self.refusals = Share::default();
            return None;
        }
        if self.refusals.ended >= SHARE_OF
            && let Some(refused) = std::mem::take(&mut self.refusals).too_large()
        {
            self.limit = (self.within(at) * (1.0 - refused / 2.0)).max(1.0);
            self.threshold = self.limit;
            self.fell = Some(Fell::Refused);
            return Some(refused);
        }
        if self.watches_latency
            && round.answers >= ANSWERS_MIN
            && let Some(began) = round.began
        {
            self.look_at_latency(&round, at.now.duration_since(began), at);
        }
        None
    }

    fn look_at_latency(&mut self, round: &Round, took: Duration, at: Position) {
        let latency = round.latency.as_secs_f64() / f64::from(round.answers);
        let rate = f64::from(round.answers) / took.as_secs_f64().max(f64::EPSILON);
        if latency > self.latency_best * SLOWER && rate < self.rate_best * MORE {
            self.threshold = (self.within(at) * FALL_WHEN_SLOWER).max(1.0);
            // So low that no queue is left, for a round trip: else what a queue takes would come to pass for the best.
            self.limit = (self.threshold * self.latency_best / latency).max(1.0);
            self.fell = Some(Fell::Slower);
            self.is_settling = true;
        }
        self.latency_best = latency.min(self.latency_best * FORGET);
        self.rate_best = rate.max(self.rate_best / FORGET);
    }
}

impl Share {
    fn too_large(&self) -> Option<f64> {
        let share = f64::from(self.refused) / f64::from(self.ended);
        let most = if self.no_room > 1 { SHARE_MIN } else { SHARE_MIN_FOR_RATE };
        (share > most).then_some(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Round trips of 100 ms in which all that may be in flight is, and is answered.
    fn rounds(climb: &mut Climb, ceiling: usize, count: u32) -> Vec<usize> {
        let mut now = Instant::now();
        let mut sent = 0;
        let mut limits = Vec::new();
        for _ in 0..count {
            now += Duration::from_millis(100);
            let in_flight = climb.limit().min(ceiling);
            let first = sent + 1;
            sent += in_flight as u64;
            for number in first..=sent {
                climb.answered(number, Duration::from_millis(100), Position { now, sent, in_flight, out: 0, ceiling });
            }
            limits.push(climb.limit().min(ceiling));
        }
        limits
    }

    #[test]
    fn it_doubles_each_round_trip_up_to_the_ceiling() {
        assert_eq!(rounds(&mut Climb::new(false), 100, 6), [8, 16, 32, 64, 100, 100]);
        assert_eq!(rounds(&mut Climb::new(true), 100, 1), [100], "or starts there");
    }

    #[test]
    fn after_a_fall_it_begins_with_one_doubles_up_to_a_half_and_goes_on_one_by_one() {
        let at = Position { now: Instant::now(), sent: 0, in_flight: 64, out: 0, ceiling: 64 };
        let mut climb = Climb::new(true);
        climb.fall(false, at);
        // Once more before anything got through: the half is that of before.
        climb.fall(true, at);
        assert_eq!(climb.limit(), 1);
        assert_eq!(rounds(&mut climb, 64, 7), [2, 4, 8, 16, 32, 32, 33]);
    }

    #[test]
    fn single_refusals_do_not_slow_it_down_and_many_do_by_their_share() {
        for (is_for_rate, refused_each, want) in [(true, 6, 32), (true, 16, 24), (false, 1, 32), (false, 6, 29)] {
            let mut climb = Climb::new(true);
            let at = Position { now: Instant::now(), sent: 32, in_flight: 32, out: 0, ceiling: 32 };
            climb.begin_round(at);
            for number in 1..=32 {
                if number <= refused_each {
                    climb.refused(number, is_for_rate, at)
                } else {
                    climb.answered(number, Duration::ZERO, at)
                };
            }
            climb.answered(33, Duration::ZERO, at);
            assert_eq!(climb.limit().min(32), want, "{refused_each} of 33 refused, for the rate {is_for_rate}");
        }
    }

    #[test]
    fn it_falls_when_more_at_once_only_takes_longer() {
        // A server that works on 8 at a time: what comes beyond that waits.
        let mut climb = Climb::new(false);
        let (mut now, mut sent, mut most, mut late) = (Instant::now(), 0, 0, Vec::new());
        for round in 0..200 {
            let in_flight = climb.limit().min(256);
            most = most.max(in_flight);
            if round > 50 {
                late.push(in_flight);
            }
            let latency = Duration::from_secs_f64(0.1 * (in_flight as f64 / 8.0).max(1.0));
            now += latency;
            let first = sent + 1;
            sent += in_flight as u64;
            for number in first..=sent {
                climb.answered(number, latency, Position { now, sent, in_flight, out: 0, ceiling: 256 });
            }
        }
        assert!(most <= 64, "it went up to {most}");
        assert!(late.iter().all(|at_once| (5..=20).contains(at_once)), "{late:?}");
        assert_eq!(climb.fell(), Some(Fell::Slower));
    }

    proptest! {
        #[test]
        fn it_stays_between_one_and_the_ceiling(
            at_once: bool,
            ceiling in 1_usize..600,
            events in proptest::collection::vec((0_u8..5, 1_u64..5_000), 1..400),
        ) {
            let mut climb = Climb::new(at_once);
            let (mut now, mut sent) = (Instant::now(), 0);
            for (what, ms) in events {
                now += Duration::from_millis(ms);
                sent += 1;
                let in_flight = climb.limit().min(ceiling);
                let at = Position { now, sent, in_flight, out: 0, ceiling };
                let share = match what {
                    0 => climb.refused(sent, ms % 3 == 0, at),
                    1 => { climb.fall(ms % 2 == 0, at); None }
                    _ => climb.answered(sent, Duration::from_millis(ms), at),
                };
                prop_assert!(share.is_none_or(|share| share > 0.0 && share <= 1.0));
                prop_assert!((1..=ceiling).contains(&climb.limit().min(ceiling)));
            }
        }
    }
}
