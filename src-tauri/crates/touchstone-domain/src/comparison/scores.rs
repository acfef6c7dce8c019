//! How far the scores of the same tasks lie apart.

use crate::metrics::{ExactSum, Interval, SEED, mean_interval};

/// Steps of a score of 1.
const STEPS: i32 = 10_000;

/// How often each difference of two scores occurs, in steps of 0.0001, and their exact sum.
#[derive(Clone, Debug)]
pub struct ScoreDifferences {
    /// By difference, from -1 to 1.
    counts: Vec<u32>,
    sum: ExactSum,
}

impl Default for ScoreDifferences {
    fn default() -> Self {
        Self { counts: vec![0; 2 * STEPS as usize + 1], sum: ExactSum::default() }
    }
}

impl ScoreDifferences {
    /// Scores are in [0, 1].
    pub fn add(&mut self, first: f64, second: f64) {
        #[allow(clippy::cast_possible_truncation)]
        let steps = ((second - first) * f64::from(STEPS)).round() as i32;
        let place = steps.clamp(-STEPS, STEPS) + STEPS;
        self.counts[place.unsigned_abs() as usize] += 1;
        self.sum.add(second);
        self.sum.subtract(first);
    }

    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.sum.merge(&other.sum);
    }

    /// The second run's mean score minus the first's, in [-1, 1], with its interval by the paired bootstrap. `None` without
    /// any.
    #[allow(clippy::cast_precision_loss)]
    pub fn mean(&self) -> Option<Interval> {
        let occurring = (-STEPS..).zip(&self.counts).filter(|&(_, &count)| count > 0);
        let cells: Vec<_> = occurring.map(|(steps, &count)| (f64::from(steps) / f64::from(STEPS), count)).collect();
        let Interval { value, low, high } = mean_interval(&cells, SEED)?;
        let pairs: u64 = self.counts.iter().map(|&count| u64::from(count)).sum();
        // The interval is that of the differences as they were counted.
        let exact = self.sum.value() / pairs as f64;
        let moved = exact - value;
        Some(Interval { value: exact, low: (low + moved).max(-1.0), high: (high + moved).min(1.0) })
    }
}
