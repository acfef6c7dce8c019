//! Two runs over the same tasks: which one is better, and whether that can be told.
//!
//! Everything here is made of counts, so that it takes no longer for a million tasks than for ten. Start reading at
//! [`PairedCounts`].

mod scores;

pub use scores::ScoreDifferences;

use crate::metrics::{ControlMetrics, Interval, PerClass, SEED, mean_interval};
use serde::{Deserialize, Serialize};
use specta::Type;

/// Runs that are compared at once, at most.
pub const RUNS_MAX: usize = 4;

/// A difference is told apart from chance where chance makes one as large less often than this.
pub const SIGNIFICANCE: f64 = 0.05;

/// Below this many shared tasks nothing is called better, worse or the same, whatever a test says of them: so few are rarely
/// a fair sample of what the prompt is for, and one wrong ground truth among them counts too much.
pub const SHARED_MIN: u32 = 30;

/// Accuracies that lie within this of each other are the same for all that is decided by them.
pub const SAME_WITHIN: f64 = 0.01;

/// Normal quantiles of the two-sided 5 % level, divided among one, two or three comparisons.
const Z_SIGNIFICANCE: [f64; RUNS_MAX - 1] = [1.959_963_984_540_054, 2.241_402_727_604_945, 2.393_979_799_818_51];

/// Normal quantile of a power of 80 %.
const Z_POWER: f64 = 0.841_621_233_572_914_3;

/// What is known of a run beside another that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Better,
    Worse,
    CannotTell,
    Same,
}

/// Tasks that were scored in two runs, by which of the two was right on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairedCounts {
    pub both_correct: u32,
    /// Wrong in the first run, correct in the second.
    pub fixed: u32,
    /// Correct in the first run, wrong in the second.
    pub broken: u32,
    pub both_wrong: u32,
}

impl PairedCounts {
    pub fn add(&mut self, first: bool, second: bool) {
        *match (first, second) {
            (true, true) => &mut self.both_correct,
            (false, true) => &mut self.fixed,
            (true, false) => &mut self.broken,
            (false, false) => &mut self.both_wrong,
        } += 1;
    }

    pub fn merge(&mut self, other: &Self) {
        self.both_correct += other.both_correct;
        self.fixed += other.fixed;
        self.broken += other.broken;
        self.both_wrong += other.both_wrong;
    }

    /// Tasks scored in both.
    pub fn shared(&self) -> u32 {
        self.both_correct + self.fixed + self.broken + self.both_wrong
    }

    /// The second run's accuracy minus the first's, in [-1, 1], with its interval by the paired bootstrap: tasks are drawn
    /// again, each with both of its outcomes. `None` without shared tasks.
    ///
    /// Where no task is fixed or none broken, no resample has one either, and the interval is narrower than what is known;
    /// the verdict does not rest on it.
    pub fn difference(&self) -> Option<Interval> {
        mean_interval(&[(-1.0, self.broken), (0.0, self.both_correct + self.both_wrong), (1.0, self.fixed)], SEED)
    }

    /// The exact two-sided McNemar test: how often chance alone splits the tasks on which the runs differ at least as
    /// unevenly into fixed and broken. In [0, 1]; 1 where they differ on none. Source: McNemar (1947), with the exact
    /// binomial distribution in place of the chi-squared one, as in statsmodels' `mcnemar(exact=True)`.
    ///
    /// Relative error below 1e-9 at any count; what is below the smallest double is 0.
    pub fn mcnemar_p(&self) -> f64 {
        let (fewer, differing) = (self.fixed.min(self.broken), u64::from(self.fixed) + u64::from(self.broken));
        if self.fixed == self.broken {
            return 1.0;
        }
        // The binomial's weights beside the largest, from the middle down; by symmetry both halves weigh the same.
        let middle = differing / 2;
        let mut weight = 1.0;
        let (mut half, mut tail) = (0.0, 0.0);
        for successes in (0..=middle).rev() {
            half += weight;
            if successes <= u64::from(fewer) {
                tail += weight;
            }
            #[allow(clippy::cast_precision_loss)]
            let next = weight * (successes as f64 / (differing - successes + 1) as f64);
            weight = next;
            if weight == 0.0 {
                break;
            }
        }
        let all = if differing.is_multiple_of(2) { 2.0 * half - 1.0 } else { 2.0 * half };
        (2.0 * tail / all).min(1.0)
    }

    /// What these tasks tell of the second run, where `p` is [`Self::mcnemar_p`], adjusted by [`holm`] if more than one
    /// comparison was made:
    /// - fewer than [`SHARED_MIN`] tasks: cannot tell;
    /// - `p` below [`SIGNIFICANCE`]: better if more are fixed than broken, else worse;
    /// - the 95 % interval of the difference lies within [`SAME_WITHIN`] on both sides of zero: the same;
    /// - else cannot tell.
    ///
    /// That interval is the adjusted Wald interval of Bonett & Price (2012, Journal of Educational and Behavioral Statistics
    /// 37, 479-488), which adds one fixed and one broken task: few tasks without any difference are not certain either, it
    /// takes 276 to call them the same. That an interval within a margin shows equality is Schuirmann (1987).
    pub fn verdict(&self, p: f64) -> Verdict {
        if self.shared() < SHARED_MIN {
            return Verdict::CannotTell;
        }
        if p < SIGNIFICANCE {
            return if self.fixed > self.broken { Verdict::Better } else { Verdict::Worse };
        }
        let tasks = f64::from(self.shared()) + 2.0;
        let (fixed, broken) = ((f64::from(self.fixed) + 1.0) / tasks, (f64::from(self.broken) + 1.0) / tasks);
        let difference = fixed - broken;
        let spread = Z_SIGNIFICANCE[0] * ((fixed + broken - difference * difference) / tasks).sqrt();
        if difference.abs() + spread <= SAME_WITHIN { Verdict::Same } else { Verdict::CannotTell }
    }

    /// How many more tasks with ground truth would tell the runs apart with a power of 80 % at [`SIGNIFICANCE`], if further
    /// tasks are fixed and broken at the rates of these. `comparisons` is how many are made at once (1 to 3): the level is
    /// divided among them. `None` where the verdict at `p` is settled, and where as many are fixed as broken: then no number
    /// of tasks is known to do.
    ///
    /// Source: Connor (1987), Sample size for testing differences in proportions for the paired-sample design, Biometrics
    /// 43, p. 209: n = (z_α/2 √ψ + z_β √(ψ − δ²))² / δ², with ψ the rate of tasks on which the runs differ and δ the
    /// difference of their accuracies.
    pub fn more_tasks_needed(&self, p: f64, comparisons: usize) -> Option<u32> {
        if self.fixed == self.broken || self.verdict(p) != Verdict::CannotTell {
            return None;
        }
        let shared = f64::from(self.shared());
        let differing = (f64::from(self.fixed) + f64::from(self.broken)) / shared;
        let difference = (f64::from(self.fixed) - f64::from(self.broken)) / shared;
        let needed = tasks_needed(differing, difference, comparisons).max(f64::from(SHARED_MIN));
        // A test that is as likely as that to tell, and did not: one more may do.
        let more = (needed - shared).max(1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (more <= f64::from(u32::MAX)).then_some(more as u32)
    }
}

/// Connor's number of tasks, see [`PairedCounts::more_tasks_needed`]; whole.
fn tasks_needed(differing: f64, difference: f64, comparisons: usize) -> f64 {
    let z = Z_SIGNIFICANCE[comparisons.clamp(1, Z_SIGNIFICANCE.len()) - 1];
    let square = difference * difference;
    let root = z * differing.sqrt() + Z_POWER * (differing - square).max(0.0).sqrt();
    (root * root / square).ceil()
}

/// The p-values of several comparisons, in their order, so adjusted that the chance of telling apart any two runs that do not
/// differ stays below the level. Never below what was given, at most 1. Source: Holm (1979), as in statsmodels'
/// `multipletests(method="holm")`.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut ascending: Vec<usize> = (0..p_values.len()).collect();
    ascending.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut highest: f64 = 0.0;
    for (rank, index) in ascending.into_iter().enumerate() {
        #[allow(clippy::cast_precision_loss)]
        let tests = (p_values.len() - rank) as f64;
        highest = highest.max((p_values[index] * tests).min(1.0));
        adjusted[index] = highest;
    }
    adjusted
}

/// How well a class is found in the second run, beside the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ClassChange {
    pub control: String,
    pub class: String,
    /// How often it occurs in the truth.
    pub support: u32,
    /// In [0, 1].
    pub f1_before: f64,
    pub f1_after: f64,
}

/// How each class that occurs in the truth is found by two runs over the same tasks, control by control; those that only one of
/// the runs was asked for are left out.
pub fn class_changes(first: &[ControlMetrics], second: &[ControlMetrics]) -> Vec<ClassChange> {
    let mut changes = Vec::new();
    for before in first {
        let after = second.iter().find(|after| after.name == before.name);
        let Some((before_classes, after)) = before.classes.as_ref().zip(after) else { continue };
        for class in &before_classes.per_class {
            let found_after = |after: &PerClass| after.class == class.class;
            let after = after.classes.iter().flat_map(|classes| &classes.per_class).find(|after| found_after(after));
            if let Some((f1_before, f1_after)) = class.f1.zip(after.and_then(|after| after.f1))
                && class.support > 0
            {
                changes.push(ClassChange {
                    control: before.name.clone(),
                    class: class.class.clone(),
                    support: class.support,
                    f1_before: f1_before.value,
                    f1_after: f1_after.value,
                });
            }
        }
    }
    changes
}

/// Which of several things, as cost and accuracy of each, are worth a thought: no other is more accurate for as little, or
/// cheaper and as accurate. Their places in `all`, the cheapest first; of equals all.
pub fn frontier(all: &[(f64, f64)]) -> Vec<usize> {
    let is_beaten = |(cost, accuracy): (f64, f64)| {
        all.iter().any(|other| other.0 <= cost && other.1 >= accuracy && (other.0 < cost || other.1 > accuracy))
    };
    let mut places: Vec<usize> = (0..all.len()).filter(|place| !is_beaten(all[*place])).collect();
    places.sort_by(|a, b| all[*a].0.total_cmp(&all[*b].0));
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// A list of `tests/fixtures/metrics/comparison.json`, which comparison.py beside it made with statsmodels and scipy.
    fn cases(name: &str) -> Vec<Value> {
        let all: Value = serde_json::from_str(include_str!("../../../../tests/fixtures/metrics/comparison.json"))
            .expect("the fixture is JSON");
        let list = all[name].as_array().expect("a list of that name").clone();
        assert!(!list.is_empty(), "{name} has no cases");
        list
    }

    fn number(case: &Value, name: &str) -> f64 {
        case[name].as_f64().expect("a number")
    }

    fn count(value: &Value) -> u32 {
        value.as_u64().and_then(|count| u32::try_from(count).ok()).expect("a count")
    }

    fn paired(both_correct: u32, fixed: u32, broken: u32, both_wrong: u32) -> PairedCounts {
        PairedCounts { both_correct, fixed, broken, both_wrong }
    }

    fn verdict(counts: PairedCounts) -> Verdict {
        counts.verdict(counts.mcnemar_p())
    }

    /// Ours and theirs are both drawn, with an error each, and of few tasks only in steps.
    #[track_caller]
    fn check_interval(got: Option<Interval>, case: &Value, step: f64) {
        let got = got.expect("an interval");
        assert!((got.value - number(case, "value")).abs() < 1e-6 + step / 100.0, "{got:?}, not {case}");
        let near = 7.0 * number(case, "error") + step;
        for (got, want) in [(got.low, number(case, "low")), (got.high, number(case, "high"))] {
            assert!((got - want).abs() <= near, "{got} is not within {near} of {want}");
        }
    }

    #[test]
    fn mcnemar_agrees_with_statsmodels_at_any_count() {
        for case in cases("mcnemar") {
            let got = paired(7, count(&case["fixed"]), count(&case["broken"]), 9).mcnemar_p();
            let want = number(&case, "p");
            assert!((got - want).abs() <= want * 1e-8, "{got}, not {case}");
        }
        assert_eq!(paired(0, 1_000_000, 10, 0).mcnemar_p(), 0.0, "too small for a double");
    }

    #[test]
    fn holm_agrees_with_statsmodels() {
        for case in cases("holm") {
            let list = |name: &str| -> Vec<f64> {
                case[name].as_array().expect("a list").iter().map(|p| p.as_f64().expect("a number")).collect()
            };
            let (got, want) = (holm(&list("p")), list("adjusted"));
            assert_eq!(got.len(), want.len());
            assert!(got.iter().zip(&want).all(|(got, want)| (got - want).abs() < 1e-12), "{got:?}, not {want:?}");
        }
        assert_eq!(holm(&[]), Vec::<f64>::new());
    }

    #[test]
    fn the_interval_of_the_difference_is_that_of_a_plain_paired_bootstrap() {
        for case in cases("paired") {
            let counts: Vec<u32> = case["counts"].as_array().expect("counts").iter().map(count).collect();
            let counts = paired(counts[0], counts[1], counts[2], counts[3]);
            check_interval(counts.difference(), &case, 1.0 / f64::from(counts.shared()));
            assert_eq!(counts.difference(), counts.difference(), "it is seeded");
        }
        assert_eq!(PairedCounts::default().difference(), None);
    }

    #[test]
    fn the_interval_of_score_differences_is_that_of_a_plain_bootstrap() {
        for case in cases("scores") {
            let mut differences = ScoreDifferences::default();
            for (steps, occurs) in
                case["steps"].as_array().expect("steps").iter().zip(case["counts"].as_array().expect("counts"))
            {
                let difference = steps.as_f64().expect("a number") / 10_000.0;
                for _ in 0..count(occurs) {
                    differences.add((-difference).max(0.0), difference.max(0.0));
                }
            }
            check_interval(differences.mean(), &case, 1e-5);
        }
        assert_eq!(ScoreDifferences::default().mean(), None);
    }

    #[test]
    fn an_interval_of_a_million_tasks_is_as_quick_as_one_of_ten() {
        let narrow = paired(700_000, 100_000, 99_000, 101_000).difference().expect("an interval");
        assert!((narrow.value - 0.001).abs() < 1e-12);
        // 1.96 standard errors of the difference.
        assert!((narrow.high - narrow.low - 2.0 * 0.000_874_3).abs() < 0.000_04, "{narrow:?}");
    }

    #[test]
    fn what_is_counted_in_parts_is_the_same_as_what_is_counted_at_once() {
        let outcomes = [(true, true), (false, true), (true, false), (false, false), (false, true)];
        let mut whole = (PairedCounts::default(), ScoreDifferences::default());
        let mut parts = [whole.clone(), whole.clone()];
        for (index, (first, second)) in outcomes.into_iter().enumerate() {
            let scores = (f64::from(u8::from(first)), f64::from(u8::from(second)) / 3.0);
            for (paired, differences) in [&mut whole, &mut parts[index % 2]] {
                paired.add(first, second);
                differences.add(scores.0, scores.1);
            }
        }
        let [mut merged, other] = parts;
        merged.0.merge(&other.0);
        merged.1.merge(&other.1);
        assert_eq!((merged.0, merged.1.mean()), (whole.0, whole.1.mean()));
        assert_eq!(merged.0, paired(1, 2, 1, 1));
    }

    #[test]
    fn connors_number_of_tasks_is_the_published_one() {
        let of = |case: &Value, tasks: f64, comparisons| {
            let (fixed, broken) = (number(case, "fixed") / tasks, number(case, "broken") / tasks);
            tasks_needed(fixed + broken, fixed - broken, comparisons)
        };
        for case in cases("published") {
            assert_eq!(of(&case, 100.0, 1), number(&case, "needed"), "{case}");
        }
        for case in cases("tasks") {
            let comparisons = count(&case["comparisons"]) as usize;
            assert_eq!(of(&case, number(&case, "of"), comparisons), number(&case, "needed"), "{case}");
            // The exact test is a little more cautious than the formula's.
            assert!(case["power"].as_f64().is_none_or(|power| (0.76..0.82).contains(&power)), "{case}");
        }
    }

    #[test]
    fn tasks_are_asked_for_where_they_can_tell() {
        let needed = |counts: PairedCounts| counts.more_tasks_needed(counts.mcnemar_p(), 1);
        // 6 of 100 fixed and 2 broken: 391 in all.
        assert_eq!(needed(paired(80, 6, 2, 12)), Some(291));
        assert_eq!(needed(paired(80, 2, 6, 12)), Some(291));
        assert_eq!(needed(paired(80, 4, 4, 12)), None, "no difference is seen that more of them could show");
        assert_eq!(needed(paired(250, 31, 15, 54)), None, "it is told already");
        assert_eq!(needed(PairedCounts::default()), None);
        assert_eq!(needed(paired(10, 7, 0, 1)), Some(12), "clear, but of few tasks");
        let close = paired(300, 20, 11, 69);
        assert_eq!(
            close
                .more_tasks_needed(0.15, 1)
                .zip(close.more_tasks_needed(0.15, 3))
                .map(|(one, of_three)| one < of_three),
            Some(true)
        );
    }

    #[test]
    fn a_verdict_says_no_more_than_is_known() {
        assert_eq!(verdict(paired(250, 31, 15, 54)), Verdict::Better);
        assert_eq!(verdict(paired(250, 15, 31, 54)), Verdict::Worse);
        assert_eq!(verdict(paired(250, 25, 18, 57)), Verdict::CannotTell);
        assert_eq!(verdict(paired(10, 8, 0, 0)), Verdict::CannotTell, "few tasks, though p is below 0.01");
        assert_eq!(verdict(paired(0, 0, 9, 9)), Verdict::CannotTell);
        assert_eq!(verdict(PairedCounts::default()), Verdict::CannotTell);
        assert_eq!(
            paired(250, 31, 15, 54).verdict(0.0777),
            Verdict::CannotTell,
            "what several comparisons leave of it counts"
        );
    }

    #[test]
    fn runs_are_the_same_where_many_tasks_show_no_difference_that_matters() {
        assert_eq!(verdict(paired(200, 0, 0, 75)), Verdict::CannotTell);
        assert_eq!(verdict(paired(200, 0, 0, 76)), Verdict::Same);
        assert_eq!(verdict(paired(9_000, 90, 100, 810)), Verdict::Same);
        assert_eq!(verdict(paired(900, 12, 10, 78)), Verdict::CannotTell);
        assert_eq!(verdict(paired(900_000, 6_000, 5_000, 89_000)), Verdict::Better, "small, but certain");
    }

    #[test]
    fn the_frontier_leaves_out_what_another_beats() {
        assert_eq!(frontier(&[(3.0, 0.9), (1.0, 0.8), (2.0, 0.7), (0.0, 0.5), (3.0, 0.9), (4.0, 0.85)]), [3, 1, 0, 4]);
        assert_eq!(frontier(&[(0.0, 0.4), (0.0, 0.6)]), [1], "of what costs nothing the most accurate");
        assert_eq!(frontier(&[]), [0; 0]);
    }
}
