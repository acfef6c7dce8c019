//! How often each score occurs.

use super::{ExactSum, Interval, mean_interval};
use crate::stats::wilson;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Steps of a score of 1.
const STEPS: f64 = 10_000.0;

/// Scores, counted in steps of 0.0001, and their exact sum.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ScoreTally {
    counts: BTreeMap<u32, i64>,
    sum: ExactSum,
}

impl ScoreTally {
    /// Counts a score, in [0, 1], `times` more, -1 to take it away.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    pub fn count(&mut self, score: f64, times: i64) {
        let step = (score.clamp(0.0, 1.0) * STEPS).round() as u32;
        let count = self.counts.entry(step).or_default();
        *count += times;
        if *count == 0 {
            self.counts.remove(&step);
        }
        self.sum.add(times as f64 * score);
    }

    pub fn merge(&mut self, other: &Self) {
        for (&step, &count) in &other.counts {
            *self.counts.entry(step).or_default() += count;
        }
        self.counts.retain(|_, count| *count != 0);
        self.sum.merge(&other.sum);
    }

    /// How many scores there are.
    pub fn scores(&self) -> i64 {
        self.counts.values().sum()
    }

    /// Their mean with its interval by the bootstrap; `None` of nothing.
    pub fn mean(&self, seed: u64) -> Option<Interval> {
        let value = self.sum.mean(self.scores())?;
        let cells: Vec<_> =
            self.counts.iter().map(|(&step, &count)| (f64::from(step) / STEPS, super::shown(count))).collect();
        let counted = match certain(&cells) {
            Some(interval) => interval,
            None => mean_interval(&cells, seed)?,
        };
        // The interval is that of the scores as they were counted.
        let moved = value - counted.value;
        Some(Interval { value, low: (counted.low + moved).max(0.0), high: (counted.high + moved).min(1.0) })
    }
}

/// Where all scores are 0, or all are 1, each resample is the same and would say that the next score is certain: their mean is
/// as sure as a share.
fn certain(cells: &[(f64, u32)]) -> Option<Interval> {
    let mut there = cells.iter().filter(|(_, count)| *count > 0);
    match (there.next(), there.next()) {
        (Some(&(value, count)), None) if value == 0.0 || value == 1.0 => {
            let (low, high) = wilson(if value == 1.0 { count } else { 0 }, count)?;
            Some(Interval { value, low, high })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_right_answers_are_as_sure_as_a_share_of_them() {
        let mut tally = ScoreTally::default();
        tally.count(1.0, 18);
        let all = tally.mean(7).expect("scores");
        assert_eq!((all.value, (all.low, all.high)), (1.0, wilson(18, 18).expect("trials")));
        tally.count(0.5, 1);
        let drawn = tally.mean(7).expect("scores");
        assert_eq!(Some(drawn), mean_interval(&[(0.5, 1), (1.0, 18)], 7), "one other score, and resamples differ");
    }
}
