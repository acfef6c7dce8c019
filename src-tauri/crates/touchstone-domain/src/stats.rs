//! What a number of correct answers may claim.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Share of tasks that were correct, with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Accuracy {
    /// Tasks on which every counted control matches ground truth exactly.
    pub correct: u32,
    /// Tasks that have ground truth and a prediction. Failed tasks are not among them.
    pub scored: u32,
    /// `correct / scored`, in [0, 1].
    pub value: f64,
    /// Lower end of the interval, in [0, 1].
    pub low: f64,
    /// Upper end of the interval, in [0, 1].
    pub high: f64,
}

impl Accuracy {
    /// `None` when nothing was scored: no number is more honest than 0 %.
    pub fn of(correct: u32, scored: u32) -> Option<Self> {
        let (low, high) = wilson(correct, scored)?;
        Some(Self { correct, scored, value: f64::from(correct) / f64::from(scored), low, high })
    }
}

/// The Wilson score interval at 95 % for `successes` out of `trials`; both ends in [0, 1].
/// `None` without trials or with more successes than trials. Source: Wilson (1927).
pub fn wilson(successes: u32, trials: u32) -> Option<(f64, f64)> {
    /// The 97.5th percentile of the standard normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if trials == 0 || successes > trials {
        return None;
    }
    let n = f64::from(trials);
    let p = f64::from(successes) / n;
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    let centre = p + Z * Z / (2.0 * n);
    // Rounding must not leave the share itself outside.
    Some((((centre - spread) / scale).clamp(0.0, p), ((centre + spread) / scale).clamp(p, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(successes: u32, trials: u32, want: Option<(f64, f64)>) {
        match (wilson(successes, trials), want) {
            (None, None) => {}
            (Some(got), Some(want)) => {
                assert!((got.0 - want.0).abs() < 5e-4 && (got.1 - want.1).abs() < 5e-4, "{got:?}, not {want:?}");
            }
            (got, want) => panic!("{got:?}, not {want:?}"),
        }
    }

    #[test]
    fn wilson_agrees_with_published_tables() {
        check(15, 18, Some((0.608, 0.942)));
        check(0, 10, Some((0.0, 0.2775)));
        check(10, 10, Some((0.7225, 1.0)));
        check(50, 100, Some((0.4038, 0.5962)));
    }

    #[test]
    fn an_interval_holds_its_share_to_the_last_digit() {
        for trials in 1..300 {
            for successes in [0, 1, trials / 2, trials - 1, trials] {
                let of = Accuracy::of(successes, trials).expect("trials");
                assert!(of.low <= of.value && of.value <= of.high, "{of:?}");
            }
        }
    }

    #[test]
    fn nothing_scored_claims_nothing() {
        check(0, 0, None);
        check(3, 2, None);
        assert_eq!(Accuracy::of(0, 0), None);
    }
}
