//! Percentile bootstrap of a mean, from counts.

use super::Interval;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Binomial, Distribution};

/// Of all bootstraps, of a run alone and of several: the same counts give the same interval, on every machine and screen.
pub const SEED: u64 = 0x70_75_63_68;

/// Beyond this many different values neighbours are drawn as one.
const CELLS_MAX: usize = 256;

/// Draws of one cell that an interval may take: some twenty milliseconds.
const DRAWS_MAX: usize = 500_000;

/// Resamples. The fewest leave an end of the interval uncertain by some 3 % of its width.
const RESAMPLES: std::ops::RangeInclusive<usize> = 2_000..=10_000;

/// Share of the resampled means that lies below the interval, and above it.
const TAIL: f64 = 0.025;

/// The mean of values with its 95 % interval by the percentile bootstrap, in a time that does not depend on how many values
/// there are: to draw as many again, with replacement, is to draw from a multinomial distribution how often each occurs.
///
/// `cells` are different values, ascending, each with how often it occurs. Of more than 256, neighbours are taken together at
/// their mean, which takes less than a thousandth from the interval's width. The same cells and seed give the same interval on
/// every machine. `None` without values. Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap, §13.3.
pub fn mean_interval(cells: &[(f64, u32)], seed: u64) -> Option<Interval> {
    let (count, value) = count_and_mean(cells)?;
    let cells = together(cells);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let resamples = (DRAWS_MAX / cells.len()).clamp(*RESAMPLES.start(), *RESAMPLES.end());
    let mut means: Vec<f64> = (0..resamples).map(|_| resampled_mean(&cells, count, &mut random)).collect();
    means.sort_unstable_by(f64::total_cmp);
    Some(Interval { value, low: quantile(&means, TAIL), high: quantile(&means, 1.0 - TAIL) })
}

/// `None` without values.
#[allow(clippy::cast_precision_loss)]
fn count_and_mean(cells: &[(f64, u32)]) -> Option<(u64, f64)> {
    let count: u64 = cells.iter().map(|&(_, count)| u64::from(count)).sum();
    let sum: f64 = cells.iter().map(|&(value, count)| value * f64::from(count)).sum();
    (count > 0).then(|| (count, sum / count as f64))
}

/// Those that occur, the most frequent first: a resample is complete once all are drawn.
#[allow(clippy::cast_precision_loss)]
fn together(cells: &[(f64, u32)]) -> Vec<(f64, u64)> {
    let cells: Vec<_> = cells.iter().copied().filter(|&(_, count)| count > 0).collect();
    let first = cells.first().map_or(0.0, |&(value, _)| value);
    let width = match cells.last() {
        Some(&(last, _)) if cells.len() > CELLS_MAX => (last - first) / CELLS_MAX as f64,
        _ => 0.0,
    };
    let are_neighbours = |one: &(f64, u32), other: &(f64, u32)| {
        let bin = |value: f64| ((value - first) / width).floor();
        width > 0.0 && bin(one.0) == bin(other.0)
    };
    let bins = cells.chunk_by(are_neighbours).filter_map(count_and_mean);
    let mut bins: Vec<_> = bins.map(|(count, mean)| (mean, count)).collect();
    bins.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    bins
}

/// Draws how often each cell occurs out of what those before it left.
#[allow(clippy::cast_precision_loss)]
fn resampled_mean(cells: &[(f64, u64)], count: u64, random: &mut Xoshiro256PlusPlus) -> f64 {
    let (mut to_draw, mut left, mut sum) = (count, count, 0.0);
    for &(value, in_cell) in cells {
        if to_draw == 0 {
            break;
        }
        let share = in_cell as f64 / left as f64;
        let drawn = Binomial::new(to_draw, share).expect("a share of what is left is in [0, 1]").sample(random);
        sum += value * drawn as f64;
        to_draw -= drawn;
        left -= in_cell;
    }
    sum / count as f64
}

/// Between two of the values in proportion. Source: Hyndman & Fan (1996), definition 7.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let cells = [(0.0, 3_000), (0.5, 2_000), (1.0, 15_000)];
        let interval = mean_interval(&cells, 7).expect("values");
        assert_eq!(mean_interval(&cells, 7), Some(interval));
        assert_ne!(mean_interval(&cells, 8), Some(interval));
        assert_eq!((interval.value, mean_interval(&[(0.3, 0)], 7)), (0.8, None));
        assert_eq!(mean_interval(&[(1.0, 9)], 7), Some(Interval { value: 1.0, low: 1.0, high: 1.0 }));
    }

    /// With many values the mean is nearly normal, and so is the share of its resamples.
    #[test]
    fn an_interval_of_many_values_is_the_normal_one() {
        let many: Vec<_> = (0..=10_000).map(|step| (f64::from(step) / 10_000.0, 10 + step % 7)).collect();
        for cells in [vec![(0.0, 300_000), (1.0, 700_000)], many] {
            let (count, mean) = count_and_mean(&cells).expect("values");
            let square = |&(value, count): &(f64, u32)| f64::from(count) * (value - mean) * (value - mean);
            let spread = 1.96 * cells.iter().map(square).sum::<f64>().sqrt() / count as f64;
            let interval = mean_interval(&cells, 7).expect("values");
            let (below, above) = (interval.value - interval.low, interval.high - interval.value);
            for side in [below, above] {
                assert!((side / spread - 1.0).abs() < 0.05, "{side}, not {spread}");
            }
        }
    }
}
