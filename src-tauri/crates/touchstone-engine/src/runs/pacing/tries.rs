//! How often a task may be asked again, and how long it waits before that.

use std::time::Duration;

/// How often a task may be asked again, for whatever reason.
pub(in crate::runs) const RETRIES_MAX: u32 = 3;

/// So many refusals, while others got through, weigh as much as one failure.
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
}

/// What a task has used of its budget.
///
/// That the server refused a request for the rate (429) says that all runs together asked too fast, and it is the pace that
/// must change: in a storm every task is refused again and again, and none of them is at fault. So a refusal counts only if
/// others got through since the task was refused before, and then for a quarter: what a server never takes, such as a prompt
/// beyond the tokens of a whole minute, ends as a failure nevertheless.
#[derive(Debug, Default)]
pub(in crate::runs) struct Tries {
    retries: u32,
    refusals: u32,
    /// Of the connection, when the task was refused last.
    answered: Option<u64>,
}

impl Tries {
    /// One more try failed. Whether the task may be asked again.
    pub(in crate::runs) fn failed(&mut self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Fault => self.retries += 1,
            Verdict::TooFast { answered } => {
                if self.answered.replace(answered).is_some_and(|before| answered > before) {
                    self.refusals += 1;
                    self.retries += u32::from(self.refusals.is_multiple_of(REFUSALS_PER_RETRY));
                }
            }
            Verdict::Hopeless(_) => return false,
        }
        self.retries <= RETRIES_MAX
    }

    /// How long to wait before the next try.
    pub(in crate::runs) fn wait(&self, share: f64, retry_after: Option<Duration>) -> Duration {
        backoff(self.retries.max(1), share, retry_after)
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
    fn a_failure_counts_and_a_refusal_only_for_a_quarter_while_others_get_through() {
        let tries = |verdicts: &mut dyn Iterator<Item = Verdict>| {
            let mut tries = Tries::default();
            verdicts.take(100).take_while(|verdict| tries.failed(*verdict)).count()
        };
        assert_eq!(tries(&mut std::iter::repeat(Verdict::Fault)), 3);
        assert_eq!(tries(&mut std::iter::repeat(Verdict::TooFast { answered: 7 })), 100, "nobody gets through");
        assert_eq!(tries(&mut (0..).map(|answered| Verdict::TooFast { answered })), 16, "it is this task");
        assert_eq!(tries(&mut std::iter::once(Verdict::Hopeless(BACKOFF_MAX))), 0);
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
