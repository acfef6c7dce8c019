//! Numbers: ratings and measurements.

use super::ExactSum;
use super::agreement::quadratic_kappa;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// Different pairs of numbers that are told apart for the rank correlation.
const PAIRS_MAX: usize = 4_096;

/// How far apart numbers are, of the tasks that have one on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct NumberMetrics {
    /// Tasks with a number on both sides.
    pub pairs: u32,
    /// Mean absolute error.
    pub mae: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Spearman's rank correlation, ties at their mean rank, in [-1, 1]; `None` where a side does not vary. Of more than 4,096
    /// different pairs numbers that are close are taken for the same, which moves it by less than 0.01. Source: Spearman
    /// (1904), as Pearson's correlation of ranks.
    pub spearman: Option<f64>,
    /// Cohen's kappa with quadratic weights, where the numbers are the classes; `None` where nothing could have differed.
    /// Source: Cohen (1968), Weighted Kappa.
    pub quadratic_kappa: Option<f64>,
    /// Pairs of equal numbers.
    pub exact: u32,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct NumberTally {
    pairs: i64,
    exact: i64,
    errors: ExactSum,
    squared_errors: ExactSum,
    truths: ExactSum,
    predictions: ExactSum,
    /// Of the numbers of both sides.
    squares: ExactSum,
    ranks: RankTally,
}

impl NumberTally {
    /// Counts the pair `times` more, -1 to take it away; one that lacks a number is not counted.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn count(&mut self, truth: Option<f64>, predicted: Option<f64>, is_exact: bool, times: i64) {
        let (Some(truth), Some(predicted)) = (truth.filter(|x| x.is_finite()), predicted.filter(|x| x.is_finite()))
        else {
            return;
        };
        let sign = times as f64;
        let error = truth - predicted;
        self.pairs += times;
        self.exact += if is_exact { times } else { 0 };
        self.errors.add(sign * error.abs());
        self.squared_errors.add(sign * error * error);
        self.truths.add(sign * truth);
        self.predictions.add(sign * predicted);
        self.squares.add(sign * truth * truth);
        self.squares.add(sign * predicted * predicted);
        self.ranks.count(truth, predicted, times);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.pairs += other.pairs;
        self.exact += other.exact;
        self.errors.merge(&other.errors);
        self.squared_errors.merge(&other.squared_errors);
        self.truths.merge(&other.truths);
        self.predictions.merge(&other.predictions);
        self.squares.merge(&other.squares);
        self.ranks.merge(&other.ranks);
    }

    /// `None` without a pair.
    #[allow(clippy::cast_precision_loss)]
    pub fn metrics(&self) -> Option<NumberMetrics> {
        Some(NumberMetrics {
            pairs: super::shown(self.pairs),
            mae: self.errors.mean(self.pairs)?.max(0.0),
            rmse: self.squared_errors.mean(self.pairs)?.max(0.0).sqrt(),
            spearman: self.ranks.spearman(),
            quadratic_kappa: quadratic_kappa(
                self.pairs as f64,
                self.squared_errors.value(),
                self.truths.value(),
                self.predictions.value(),
                self.squares.value(),
            ),
            exact: super::shown(self.exact),
        })
    }
}

/// How often each pair of numbers occurs. Only the order of numbers matters, so each is kept as whole number in that order,
/// of which the last bits are left out once there are too many pairs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct RankTally {
    bits_left_out: u32,
    #[serde(with = "pairs")]
    pairs: BTreeMap<(u64, u64), i64>,
}

/// A finite number as a whole number that is ordered as it is. Source: IEEE 754-2019, §5.10, totalOrder.
fn in_order(number: f64) -> u64 {
    // One zero of the two.
    let bits = (number + 0.0).to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

impl RankTally {
    fn count(&mut self, truth: f64, predicted: f64, times: i64) {
        self.add((in_order(truth) >> self.bits_left_out, in_order(predicted) >> self.bits_left_out), times);
        self.leave_out_bits();
    }

    fn add(&mut self, pair: (u64, u64), times: i64) {
        let count = self.pairs.entry(pair).or_default();
        *count += times;
        if *count == 0 {
            self.pairs.remove(&pair);
        }
    }

    fn coarsen(&mut self, bits: u32) {
        let pairs = std::mem::take(&mut self.pairs);
        self.bits_left_out += bits;
        for ((truth, predicted), count) in pairs {
            self.add((truth >> bits, predicted >> bits), count);
        }
    }

    fn leave_out_bits(&mut self) {
        while self.pairs.len() > PAIRS_MAX {
            self.coarsen(1);
        }
    }

    fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        let bits = self.bits_left_out.max(other.bits_left_out);
        self.coarsen(bits - self.bits_left_out);
        other.coarsen(bits - other.bits_left_out);
        for (pair, count) in other.pairs {
            self.add(pair, count);
        }
        self.leave_out_bits();
    }

    #[allow(clippy::cast_precision_loss)]
    fn spearman(&self) -> Option<f64> {
        let pairs = || self.pairs.iter().filter(|(_, count)| **count > 0);
        let all: i64 = pairs().map(|(_, count)| count).sum();
        let ranks = |side: fn(&(u64, u64)) -> u64| {
            let mut counts: BTreeMap<u64, i64> = BTreeMap::new();
            for (pair, count) in pairs() {
                *counts.entry(side(pair)).or_default() += count;
            }
            let mut below = 0;
            let ranked = counts.into_iter().map(|(value, count)| {
                // Twice the distance of the mean rank of its ties to the middle: a whole number.
                let rank = 2 * below + count - all;
                below += count;
                (value, rank as f64)
            });
            ranked.collect::<BTreeMap<_, _>>()
        };
        let (truths, predictions) = (ranks(|pair| pair.0), ranks(|pair| pair.1));
        let (mut both, mut truth_squares, mut predicted_squares) = (0.0, 0.0, 0.0);
        for ((truth, predicted), &count) in pairs() {
            let (truth, predicted, count) = (truths[truth], predictions[predicted], count as f64);
            both += count * truth * predicted;
            truth_squares += count * truth * truth;
            predicted_squares += count * predicted * predicted;
        }
        let varying = truth_squares.sqrt() * predicted_squares.sqrt();
        (varying > 0.0).then(|| (both / varying).clamp(-1.0, 1.0))
    }
}

/// Pairs as a list of two numbers and a count: keys of JSON are texts.
mod pairs {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::collections::BTreeMap;

    type Pairs = BTreeMap<(u64, u64), i64>;

    pub(super) fn serialize<S: Serializer>(pairs: &Pairs, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(pairs.iter().map(|(&(truth, predicted), &count)| (truth, predicted, count)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pairs, D::Error> {
        let pairs = Vec::<(u64, u64, i64)>::deserialize(deserializer)?;
        Ok(pairs.into_iter().map(|(truth, predicted, count)| ((truth, predicted), count)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn numbers_keep_their_order() {
        let numbers = [f64::MIN, -2.5, -1e-300, 0.0, 1e-300, 1.0, 1.5, f64::MAX];
        assert!(numbers.windows(2).all(|pair| in_order(pair[0]) < in_order(pair[1])));
        assert_eq!(in_order(-0.0), in_order(0.0));
    }

    /// Spearman's correlation of values by their ranks among all of them.
    fn spearman(pairs: &[(f64, f64)]) -> f64 {
        let ranks = |side: fn(&(f64, f64)) -> f64| -> Vec<f64> {
            let mut order: Vec<_> = (0..pairs.len()).collect();
            order.sort_by(|a, b| side(&pairs[*a]).total_cmp(&side(&pairs[*b])));
            let mut ranks = vec![0.0; pairs.len()];
            for (rank, place) in order.into_iter().enumerate() {
                ranks[place] = rank as f64 - (pairs.len() - 1) as f64 / 2.0;
            }
            ranks
        };
        let (x, y) = (ranks(|pair| pair.0), ranks(|pair| pair.1));
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        sum(&x, &y) / (sum(&x, &x) * sum(&y, &y)).sqrt()
    }

    #[test]
    fn many_different_numbers_move_the_rank_correlation_little() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
        for (offset, scale) in [(0.0, 1.0), (1e6, 1.0), (-0.5, 1e-9)] {
            for noise in [0.05, 2.0] {
                let mut tally = NumberTally::default();
                let pairs: Vec<_> = (0..20_000)
                    .map(|_| {
                        let truth: f64 = random.random();
                        (offset + scale * truth, offset + scale * (truth + noise * random.random::<f64>()))
                    })
                    .collect();
                pairs.iter().for_each(|&(truth, predicted)| tally.count(Some(truth), Some(predicted), false, 1));
                assert!(tally.ranks.pairs.len() <= PAIRS_MAX);
                let (got, want) = (tally.metrics().and_then(|of| of.spearman).expect("they vary"), spearman(&pairs));
                assert!((got - want).abs() < 0.01, "{got}, not {want}, at {offset} with {noise}");
            }
        }
    }

    #[test]
    fn a_number_beyond_all_bounds_leaves_no_trace() {
        let mut tally = NumberTally::default();
        tally.count(Some(3.0), Some(4.0), false, 1);
        let before = tally.metrics();
        tally.count(Some(1e308), Some(-1e308), false, 1);
        tally.count(Some(f64::NAN), Some(1.0), false, 1);
        assert!(tally.metrics().is_some_and(|of| of.rmse.is_finite() && of.mae.is_finite()));
        tally.count(Some(1e308), Some(-1e308), false, -1);
        assert_eq!(tally.metrics(), before);
    }
}
