//! Percentile bootstrap of a mean, from counts.

use super::Interval;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Binomial, Distribution};

/// The same counts give the same interval, on every machine.
const SEED: u64 = 0x70_75_63_68;

/// Beyond this many different values, neighbours are drawn as one.
const CELLS_MAX: usize = 256;

/// Draws of one cell that an interval may take, so that it comes at once.
const CELL_DRAWS_MAX: usize = 500_000;

/// Resamples: many where they are cheap; few enough for a moment where each takes long, which moves an end of the interval by
/// some 3 % of its width.
const RESAMPLES: std::ops::RangeInclusive<usize> = 2_000..=10_000;

/// Share of the resampled means that lies below the interval, and above it.
const TAIL: f64 = 0.025;

/// The mean of values with its 95 % interval by the percentile bootstrap, in time that does not depend on how many values
/// there are: a resample with replacement is a multinomial draw over the counts of each value.
///
/// `cells` are different values, ascending, and how often each occurs. More than [`CELLS_MAX`] are first joined with their
/// neighbours to their common mean; what that takes from the variance is beyond the third digit. `None` without values.
/// Seeded: the same cells give the same interval. Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap, §13.3.
pub(super) fn mean_interval(cells: &[(f64, u32)]) -> Option<Interval> {
    let count: u64 = cells.iter().map(|&(_, count)| u64::from(count)).sum();
    let value = mean(cells, count)?;
    let cells = joined(cells);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let resamples = (CELL_DRAWS_MAX / cells.len()).clamp(*RESAMPLES.start(), *RESAMPLES.end());
    let mut means: Vec<f64> = (0..resamples).map(|_| resampled_mean(&cells, count, &mut random)).collect();
    means.sort_unstable_by(f64::total_cmp);
    Some(Interval { value, low: quantile(&means, TAIL), high: quantile(&means, 1.0 - TAIL) })
}

#[allow(clippy::cast_precision_loss)]
fn mean(cells: &[(f64, u32)], count: u64) -> Option<f64> {
    let sum: f64 = cells.iter().map(|&(value, count)| value * f64::from(count)).sum();
    (count > 0).then(|| sum / count as f64)
}

/// The cells that occur, at most [`CELLS_MAX`] of them, the most frequent first: a resample ends once all is drawn.
fn joined(cells: &[(f64, u32)]) -> Vec<(f64, u64)> {
    let occurring: Vec<_> = cells.iter().filter(|&&(_, count)| count > 0).copied().collect();
    let mut joined: Vec<(f64, u64)> = match occurring.as_slice() {
        [(first, _), .., (last, _)] if occurring.len() > CELLS_MAX => {
            #[allow(clippy::cast_precision_loss)]
            let width = (last - first) / CELLS_MAX as f64;
            let place = |value: f64| ((value - first) / width).floor();
            occurring
                .chunk_by(|&(one, _), &(next, _)| place(one) == place(next))
                .map(|group| {
                    let count = group.iter().map(|&(_, count)| u64::from(count)).sum();
                    (mean(group, count).unwrap_or(group[0].0), count)
                })
                .collect()
        }
        few => few.iter().map(|&(value, count)| (value, u64::from(count))).collect(),
    };
    joined.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    joined
}

/// Draws the cells one after the other, each out of what those before it left.
#[allow(clippy::cast_precision_loss)]
fn resampled_mean(cells: &[(f64, u64)], count: u64, random: &mut Xoshiro256PlusPlus) -> f64 {
    let (mut to_draw, mut left, mut sum) = (count, count, 0.0);
    for &(value, cell) in cells {
        if to_draw == 0 {
            break;
        }
        let share = cell as f64 / left as f64;
        let drawn = Binomial::new(to_draw, share).expect("a share of what is left lies in [0, 1]").sample(random);
        sum += value * drawn as f64;
        to_draw -= drawn;
        left -= cell;
    }
    sum / count as f64
}

/// Between the two values around it in proportion, as numpy's `quantile` does. `sorted` is not empty.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}
