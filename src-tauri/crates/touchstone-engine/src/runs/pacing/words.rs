//! Why requests wait, in words.

use super::Reach;
use super::climb::Fell;
use super::refusals::Pause;
use std::time::Duration;
use tokio::time::Instant;
use touchstone_providers::LimitKind;

/// How long a limit of requests or tokens a minute takes at most until it is whole.
pub(super) const MINUTE: Duration = Duration::from_secs(61);

/// What of a limit is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Used {
    pub kind: LimitKind,
    pub used: f64,
    pub limit: f64,
    /// When it is whole again.
    pub until: Instant,
}

/// What holds the next request back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Hold {
    Paused(Pause),
    /// As many are in flight as may be.
    Full,
    /// Nothing is left of a limit.
    UsedUp(Used),
    /// What is left of a limit must last.
    Spread {
        used: Used,
        due: Instant,
    },
    /// The server refused more.
    Rate {
        per_second: f64,
        due: Instant,
    },
}

impl Hold {
    /// When it ends by itself.
    pub(super) fn until(&self) -> Option<Instant> {
        match self {
            Self::Paused(pause) => Some(pause.until),
            Self::Full => None,
            Self::UsedUp(used) => Some(used.until),
            Self::Spread { due, .. } | Self::Rate { due, .. } => Some(*due),
        }
    }

    pub(super) fn words(&self, now: Instant) -> Option<String> {
        match self {
            Self::Paused(pause) => {
                let left = span(pause.until.saturating_duration_since(now));
                Some(if pause.is_announced {
                    format!("The server asked to slow down; going on in {left}.")
                } else {
                    format!("The server has no room; trying again in {left}.")
                })
            }
            Self::Full => None,
            Self::UsedUp(used) => Some(format!("{}; resumes in {}.", used.words(now), used.left(now))),
            Self::Spread { used, .. } => {
                Some(format!("{}; spreading the rest over {}.", used.words(now), used.left(now)))
            }
            Self::Rate { per_second, .. } => {
                Some(format!("Keeping to the {} that the server takes.", pace(*per_second)))
            }
        }
    }
}

impl Used {
    fn left(&self, now: Instant) -> String {
        span(self.until.saturating_duration_since(now))
    }

    fn words(&self, now: Instant) -> String {
        let of = match self.kind {
            LimitKind::Requests => "Requests",
            LimitKind::Tokens => "Tokens",
            LimitKind::InputTokens => "Input tokens",
            LimitKind::OutputTokens => "Output tokens",
        };
        // Headers do not name the time that a limit is for. It is a minute nearly everywhere, and a day at some.
        let per = if self.until.saturating_duration_since(now) <= MINUTE { " per minute" } else { "" };
        format!("{of}{per} {} of {}", amount(self.used), amount(self.limit))
    }
}

/// Why fewer may be in flight than the user allows.
pub(super) fn climbing(limit: usize, ceiling: usize, fell: Option<Fell>) -> String {
    match fell {
        None => format!("Climbing: {limit} of {ceiling} at once."),
        Some(Fell::Refused) => format!("{limit} of {ceiling} at once, as the server refused more; climbing."),
        Some(Fell::Slower) => format!("{limit} of {ceiling} at once, as more only made it slower."),
    }
}

/// That a run goes as far as it may.
pub(super) fn ceiling(reach: &Reach) -> String {
    let Reach { ceiling, connection_limit, measured, .. } = *reach;
    if reach.is_built_in {
        return "As fast as this computer goes through the tasks.".to_owned();
    }
    if connection_limit == Some(ceiling) {
        format!("{ceiling} at once is the limit of this connection.")
    } else if measured == Some(ceiling) {
        format!("{ceiling} at once is what helped in the model's test.")
    } else {
        format!("{ceiling} at once is your limit.")
    }
}

/// `180k`, `1.5M`; as it is below ten thousand.
fn amount(number: f64) -> String {
    match number {
        number if number < 1e4 => format!("{number:.0}"),
        number if number < 1e6 => format!("{:.0}k", number / 1e3),
        number => format!("{}M", (number / 1e5).round() / 10.0),
    }
}

fn pace(per_second: f64) -> String {
    if per_second < 2.0 {
        format!("{:.0} requests a minute", per_second * 60.0)
    } else {
        format!("{per_second:.0} requests a second")
    }
}

/// `12 s`, `4 min`, `2 h`; rounded up.
pub(in crate::runs) fn span(time: Duration) -> String {
    let seconds = time.as_secs_f64().ceil();
    match seconds {
        seconds if seconds <= 90.0 => format!("{seconds} s"),
        seconds if seconds <= 5400.0 => format!("{} min", (seconds / 60.0).ceil()),
        seconds => format!("{} h", (seconds / 3600.0).ceil()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_a_sentence() {
        let now = Instant::now();
        let until = now + Duration::from_millis(11_500);
        let words = |hold: Hold| hold.words(now).unwrap_or_default();
        let paused = |is_announced| Hold::Paused(Pause { until, is_announced });
        assert_eq!(words(paused(true)), "The server asked to slow down; going on in 12 s.");
        assert_eq!(words(paused(false)), "The server has no room; trying again in 12 s.");
        let used = Used { kind: LimitKind::Tokens, used: 180_400.0, limit: 200_000.0, until };
        assert_eq!(words(Hold::UsedUp(used)), "Tokens per minute 180k of 200k; resumes in 12 s.");
        let requests = Used { kind: LimitKind::Requests, used: 9_000.0, limit: 1.44e6, until: now + MINUTE * 90 };
        assert_eq!(
            words(Hold::Spread { used: requests, due: until }),
            "Requests 9000 of 1.4M; spreading the rest over 2 h."
        );
        let rate = |per_second| words(Hold::Rate { per_second, due: until });
        assert_eq!(rate(8.33), "Keeping to the 8 requests a second that the server takes.");
        assert_eq!(rate(0.05), "Keeping to the 3 requests a minute that the server takes.");
        assert_eq!(climbing(8, 32, None), "Climbing: 8 of 32 at once.");
        assert_eq!(span(Duration::from_secs(200)), "4 min");
        let reach = Reach { ceiling: 8, connection_limit: None, measured: None, at_once: true, is_built_in: false };
        assert_eq!(ceiling(&reach), "8 at once is your limit.");
        let own = Reach { connection_limit: Some(8), ..reach };
        assert_eq!(ceiling(&own), "8 at once is the limit of this connection.");
        assert!(ceiling(&Reach { is_built_in: true, ..reach }).starts_with("As fast as this computer"));
    }
}
