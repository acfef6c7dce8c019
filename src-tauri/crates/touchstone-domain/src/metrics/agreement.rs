//! Agreement beyond chance.

use super::ExactSum;
use std::collections::BTreeMap;

/// Krippendorff's alpha for classes, of any number of annotators, who need not all have looked at everything.
///
/// Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C (nominal data, any number of
/// observers, missing data).
#[derive(Clone, Debug, Default)]
pub struct Agreement<C> {
    /// How often each class was given, in units that more than one looked at.
    classes: BTreeMap<C, i64>,
    /// Pairs of equal classes within a unit, each unit's divided by one less than the number who looked at it.
    agreeing: ExactSum,
}

impl<C: Ord + Copy> Agreement<C> {
    /// Adds a unit of which each of its annotators said one of `classes`, as often as it occurs so. One that fewer than two
    /// looked at says nothing.
    #[allow(clippy::cast_precision_loss)]
    pub fn add(&mut self, classes: &[C], times: i64) {
        if classes.len() < 2 {
            return;
        }
        let mut counts: BTreeMap<C, i64> = BTreeMap::new();
        for class in classes {
            *counts.entry(*class).or_default() += 1;
        }
        let pairs: i64 = counts.values().map(|count| count * (count - 1)).sum();
        self.agreeing.add((times * pairs) as f64 / (classes.len() - 1) as f64);
        for (class, count) in counts {
            *self.classes.entry(class).or_default() += count * times;
        }
    }

    /// At most 1, which is perfect; 0 is what chance alone would bring. `None` where fewer than two classes occur: nothing
    /// could have differed.
    #[allow(clippy::cast_precision_loss)]
    pub fn alpha(&self) -> Option<f64> {
        let given: i64 = self.classes.values().sum();
        let by_chance: f64 = self.classes.values().map(|&count| count as f64 * (count - 1) as f64).sum();
        let given = given as f64;
        let differing = given - self.agreeing.value();
        let differing_by_chance = given - by_chance / (given - 1.0);
        (differing_by_chance > 0.0).then(|| 1.0 - differing / differing_by_chance)
    }
}

/// Cohen's kappa of two sides from how often each pair of their classes occurs. In [-1, 1]; `None` where both always say the
/// same one class. Source: Cohen (1960), A Coefficient of Agreement for Nominal Scales, eq. 1.
#[allow(clippy::cast_precision_loss)]
pub(super) fn cohens_kappa(cells: impl IntoIterator<Item = ((usize, usize), i64)>) -> Option<f64> {
    let mut sides: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
    let (mut all, mut agreeing) = (0, 0);
    for ((first, second), count) in cells {
        all += count;
        agreeing += if first == second { count } else { 0 };
        sides.entry(first).or_default().0 += count;
        sides.entry(second).or_default().1 += count;
    }
    let all = all as f64;
    let by_chance: f64 = sides.values().map(|&(first, second)| first as f64 * second as f64).sum::<f64>() / (all * all);
    (by_chance < 1.0).then(|| (agreeing as f64 / all - by_chance) / (1.0 - by_chance))
}

/// Cohen's kappa with quadratic weights, of paired numbers: 1 less the mean square of their differences, divided by what it
/// would be between numbers that were paired by chance. `squares_of_both` is the sum of the squares of all numbers of both
/// sides. `None` where that chance leaves no difference. Source: Cohen (1968), Weighted Kappa, with the distance of the numbers
/// themselves in place of that of their ranks among those that occur.
pub(super) fn quadratic_kappa(
    pairs: f64,
    squared_differences: f64,
    truths: f64,
    predictions: f64,
    squares_of_both: f64,
) -> Option<f64> {
    let by_chance = squares_of_both - 2.0 * truths * predictions / pairs;
    // What rounding leaves of no difference at all is none.
    let is_different = by_chance > squares_of_both * 1e-12;
    let kappa = 1.0 - squared_differences / by_chance;
    (is_different && kappa.is_finite()).then_some(kappa)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_of_several_annotators_with_gaps() {
        // Krippendorff (2011), section C: four observers, twelve units.
        let observers = [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
            [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
        ];
        let mut agreement = Agreement::default();
        for unit in 0..12 {
            let classes: Vec<_> = observers.iter().map(|observer| observer[unit]).filter(|class| *class != 0).collect();
            agreement.add(&classes, 1);
        }
        assert!((agreement.alpha().expect("several classes") - 0.743).abs() < 5e-4, "{:?}", agreement.alpha());
    }

    #[test]
    fn where_nothing_could_differ_nothing_is_said() {
        let mut agreement = Agreement::default();
        assert_eq!(agreement.alpha(), None);
        agreement.add(&["a", "a"], 5);
        agreement.add(&["b"], 1);
        assert_eq!(agreement.alpha(), None);
        assert_eq!(cohens_kappa([((0, 0), 5)]), None);
        assert_eq!(cohens_kappa([]), None);
        assert_eq!(quadratic_kappa(2.0, 0.0, 0.2, 0.2, 0.04), None);
        assert_eq!(cohens_kappa([((0, 1), 5), ((1, 0), 5)]), Some(-1.0));
    }
}
