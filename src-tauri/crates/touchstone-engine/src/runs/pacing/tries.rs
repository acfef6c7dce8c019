//! How often a task may be asked again, and how long it waits before that.

use crate::runs::replies::Unusable;
use std::time::Duration;
use tokio::time::Instant;

/// How often a task may be asked again, for whatever reason.
pub(in crate::runs) const RETRIES_MAX: u32 = 3;

/// A server that wants a longer wait than this is not waited for in silence: the run pauses and says so.
pub(super) const WAIT_MAX: Duration = Duration::from_secs(120);

/// A task that was refused so often, for so long, while others got through, is what the server never takes.
const REFUSALS_MAX: u32 = 16;
const REFUSED_MAX: Duration = Duration::from_secs(300);

/// So many refusals make a task wait as much longer as one failure.
const REFUSALS_PER_RETRY: u32 = 4;

/// The first wait before a retry; each further one may be twice as long.
const BACKOFF_FIRST: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// What the end of a request means for its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runs) enum Verdict {
    /// If it failed, that counts.
    Fault,
    /// It was asked too fast, which is no matter of the task. `answered` requests of the connection were answered so far.
    TooFast { answered: u64 },
    /// Nothing at all got through for so long.
    Hopeless(Duration),
    /// The server wants a wait that is longer than anyone should wait without a word.
    TooLong(Duration),
}

/// What a task has used of its budget.
///
/// That the server refused a request for the rate (429) says that all runs together asked too fast, and it is the pace that
/// must change: in a storm every task is refused again and again, and none of them is at fault. So a refusal is no retry.
/// But what a server never takes, such as a prompt beyond the tokens of a whole minute, must end: once it was refused
/// often, and over several of the minutes that limits are for, though others got through each time.
///
/// An answer without any JSON is a failure like a body that was cut off. One that is JSON and outside the schema is another
/// matter: the model is told once what is wrong with it, and more of that would not help.
#[derive(Debug, Default)]
pub(in crate::runs) struct Tries {
    retries: u32,
    /// An answer outside the schema was asked for again.
    is_corrected: bool,
    /// Between which others got through.
    refusals: u32,
    /// When the task was refused first.
    refused_at: Option<Instant>,
    /// Of the connection, when the task was refused last.
    answered: Option<u64>,
}

impl Tries {
    /// One more try failed. Whether the task may be asked again.
    pub(in crate::runs) fn failed(&mut self, verdict: Verdict, now: Instant) -> bool {
        match verdict {
            Verdict::Fault => {
                self.retries += 1;
                self.retries <= RETRIES_MAX
            }
            Verdict::TooFast { answered } => {
                let since = *self.refused_at.get_or_insert(now);
                if self.answered.replace(answered).is_some_and(|before| answered > before) {
                    self.refusals += 1;
                }
                self.refusals < REFUSALS_MAX || now.duration_since(since) < REFUSED_MAX
            }
            Verdict::Hopeless(_) | Verdict::TooLong(_) => false,
        }
    }

    /// An answer came that cannot be used. Whether the conversation may go on after it.
    pub(in crate::runs) fn unusable(&mut self, unusable: &Unusable) -> bool {
        if unusable.code == Unusable::NOT_JSON {
            self.retries += 1;
            self.retries <= RETRIES_MAX
        } else {
            !std::mem::replace(&mut self.is_corrected, true)
        }
    }

    /// How long to wait before the next try.
    pub(in crate::runs) fn wait(&self, share: f64, retry_after: Option<Duration>) -> Duration {
        backoff((self.retries + self.refusals / REFUSALS_PER_RETRY).max(1), share, retry_after)
    }
}

/// The wait before retry number `retry` (the first is 1): exponential with full jitter, and at least what the server
/// asked for. `share` is random, in [0, 1). Source: AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
pub(in crate::runs) fn backoff(retry: u32, share: f64, retry_after: Option<Duration>) -> Duration {
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

    #[test]
    fn three_failures_may_be_followed_by_another_try() {
        let mut tries = Tries::default();
        let now = Instant::now();
        assert_eq!([1, 2, 3, 4].map(|_| tries.failed(Verdict::Fault, now)), [true, true, true, false]);
    }

    #[test]
    fn answers_without_json_share_the_budget_and_one_outside_the_schema_is_corrected_once() {
        let of = |code| Unusable { code, why: String::new() };
        let (prose, outside) = (of(Unusable::NOT_JSON), of(Unusable::OUTSIDE_SCHEMA));
        let mut tries = Tries::default();
        assert_eq!([0; 4].map(|_| tries.unusable(&prose)), [true, true, true, false]);
        let mut tries = Tries::default();
        assert_eq!([&outside, &prose, &outside].map(|said| tries.unusable(said)), [true, true, false]);
        let mut tries = Tries::default();
        assert!(tries.failed(Verdict::Fault, Instant::now()) && tries.failed(Verdict::Fault, Instant::now()));
        assert_eq!([&outside, &prose, &prose].map(|said| tries.unusable(said)), [true, true, false]);
    }

    #[test]
    fn a_refusal_costs_no_task_but_what_is_never_taken_while_others_are_ends() {
        /// Refused each `apart`, while one more answer comes for each `others`: how often until it failed.
        fn refused(apart: Duration, others: u64) -> Option<u64> {
            let (mut tries, start) = (Tries::default(), Instant::now());
            (0..10_000).find(|number| {
                let now = start + apart * u32::try_from(*number).expect("small");
                !tries.failed(Verdict::TooFast { answered: number * others }, now)
            })
        }
        let second = Duration::from_secs(1);
        assert_eq!(refused(second, 0), None, "nobody gets through");
        assert_eq!(refused(second, 1), Some(300), "five minutes of it");
        assert_eq!(refused(second * 60, 1), Some(16), "more than a few times");
        let mut tries = Tries::default();
        for verdict in [Verdict::Hopeless(BACKOFF_MAX), Verdict::TooLong(BACKOFF_MAX)] {
            assert!(!tries.failed(verdict, Instant::now()));
        }
    }

    #[test]
    fn who_is_refused_again_and_again_asks_less_often() {
        let mut tries = Tries::default();
        for answered in 0..=16 {
            tries.failed(Verdict::TooFast { answered }, Instant::now());
        }
        assert_eq!(tries.wait(0.5, None), Duration::from_secs(2));
        assert_eq!(tries.wait(0.5, Some(Duration::from_secs(9))), Duration::from_secs(9));
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
