//! One class of several: how each is found, and what is taken for what.

use super::agreement::{Agreement, cohens_kappa};
use super::labels::LabelTable;
use super::{Interval, f1, ratio, shown};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::{BTreeMap, BTreeSet};

/// Classes that a confusion matrix shows, at most: the most frequent ones. A matrix of all would be a million cells.
const CONFUSION_CLASSES_MAX: usize = 200;

/// What a side is said to have chosen that chose nothing.
const NOTHING: &str = "";

/// How well classes are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ClassMetrics {
    /// Mean of the classes' F1, over those that occur on either side.
    pub macro_f1: f64,
    /// The same, each as often as it occurs in the truth.
    pub weighted_f1: f64,
    /// F1 of the sums of all classes: the accuracy, where each task has exactly one class on both sides.
    pub micro_f1: f64,
    /// Cohen's kappa between truth and prediction; `None` where only one class occurs, and where a task can have several.
    pub kappa: Option<f64>,
    /// Krippendorff's alpha between truth and prediction; `None` as `kappa`.
    pub alpha: Option<f64>,
    /// Those that occur, in the config's order; then others, by name.
    pub per_class: Vec<PerClass>,
    /// `None` where a task can have several classes.
    pub confusion: Option<Confusion>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct PerClass {
    pub class: String,
    /// Of what was predicted to be of it, the share that is; `None` where nothing was.
    pub precision: Option<Interval>,
    /// Of what is of it, the share that was found; `None` where nothing is.
    pub recall: Option<Interval>,
    pub f1: Option<Interval>,
    /// How often it occurs in the truth.
    pub support: u32,
    pub predicted: u32,
    pub true_positives: u32,
}

/// What was taken for what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Confusion {
    /// The 200 most frequent classes at most, in the order of [`ClassMetrics::per_class`]; last the empty text, for nothing
    /// chosen, where that occurs.
    pub labels: Vec<String>,
    /// A row for each class of the truth, a column for each predicted.
    pub counts: Vec<Vec<u32>>,
}

/// Whether the first of two texts is preferred more often than it should be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct PairwiseMetrics {
    pub left_truth: u32,
    pub left_predicted: u32,
    /// Pairs that both sides decided.
    pub compared: u32,
    /// Share of “left” in the predictions less that in the truth, in [-1, 1], with Wald's interval of a paired difference.
    /// Source: Agresti (2013), Categorical Data Analysis, §11.1.1.
    pub bias: Option<Interval>,
}

/// How often a class was rightly and wrongly predicted, and missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Found {
    #[serde(rename = "tp")]
    pub(super) true_positives: i64,
    #[serde(rename = "fp")]
    pub(super) false_positives: i64,
    #[serde(rename = "fn")]
    pub(super) false_negatives: i64,
}

impl Found {
    pub(super) fn add(&mut self, other: &Self) {
        self.true_positives += other.true_positives;
        self.false_positives += other.false_positives;
        self.false_negatives += other.false_negatives;
    }

    pub(super) fn precision(&self) -> f64 {
        ratio(self.true_positives, self.true_positives + self.false_positives)
    }

    pub(super) fn recall(&self) -> f64 {
        ratio(self.true_positives, self.true_positives + self.false_negatives)
    }

    pub(super) fn f1(&self) -> f64 {
        f1(self.true_positives, self.false_positives, self.false_negatives)
    }

    fn occurs(&self) -> bool {
        self.true_positives > 0 || self.false_positives > 0 || self.false_negatives > 0
    }
}

impl ClassMetrics {
    /// Of classes that are counted one by one; `None` where none occurs.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn of<'c>(classes: impl IntoIterator<Item = (&'c str, Found)>) -> Option<Self> {
        let occurring: Vec<_> = classes.into_iter().filter(|(_, found)| found.occurs()).collect();
        let mut all = Found::default();
        let (mut f1_sum, mut weighted_sum) = (0.0, 0.0);
        let mut per_class = Vec::with_capacity(occurring.len());
        for (class, found) in &occurring {
            all.add(found);
            let support = found.true_positives + found.false_negatives;
            f1_sum += found.f1();
            weighted_sum += found.f1() * support as f64;
            let [true_positives, false_positives, false_negatives] =
                [found.true_positives, found.false_positives, found.false_negatives].map(shown);
            per_class.push(PerClass {
                class: (*class).to_owned(),
                precision: Interval::of_share(true_positives, true_positives.saturating_add(false_positives)),
                recall: Interval::of_share(true_positives, true_positives.saturating_add(false_negatives)),
                f1: Interval::of_f1(true_positives, false_positives, false_negatives),
                support: shown(support),
                predicted: true_positives.saturating_add(false_positives),
                true_positives,
            });
        }
        let support = all.true_positives + all.false_negatives;
        (!per_class.is_empty()).then(|| Self {
            macro_f1: f1_sum / per_class.len() as f64,
            weighted_f1: if support > 0 { weighted_sum / support as f64 } else { 0.0 },
            micro_f1: all.f1(),
            kappa: None,
            alpha: None,
            per_class,
            confusion: None,
        })
    }
}

/// How often each class was predicted where each was true.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ClassTally {
    labels: LabelTable<()>,
    /// Truth and prediction by their places among the labels, and how often they meet.
    #[serde(with = "cells")]
    cells: BTreeMap<(usize, usize), i64>,
}

impl ClassTally {
    pub fn new(labels: &[String]) -> Self {
        Self { labels: LabelTable::new(labels), cells: BTreeMap::new() }
    }

    /// Counts `times` more; `None` where a side chose nothing.
    pub(super) fn count(&mut self, truth: Option<&str>, predicted: Option<&str>, times: i64) {
        let places = [truth, predicted].map(|label| self.labels.place(label.unwrap_or(NOTHING)));
        let [Some(truth), Some(predicted)] = places else { return self.cells.clear() };
        let count = self.cells.entry((truth, predicted)).or_default();
        *count += times;
        if *count == 0 {
            self.cells.remove(&(truth, predicted));
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.labels.merge(&other.labels, |(), ()| {});
        if self.labels.has_too_many() {
            return self.cells.clear();
        }
        for (&(truth, predicted), &count) in &other.cells {
            self.count(Some(other.labels.name(truth)), Some(other.labels.name(predicted)), count);
        }
    }

    /// `None` where nothing was counted, and where there are too many classes to be told apart.
    pub fn metrics(&self) -> Option<ClassMetrics> {
        let cells = || self.cells.iter().filter(|(_, count)| **count > 0).map(|(&cell, &count)| (cell, count));
        let mut found = vec![Found::default(); self.labels.len()];
        let mut agreement = Agreement::default();
        for ((truth, predicted), count) in cells() {
            if truth == predicted {
                found[truth].true_positives += count;
            } else {
                found[truth].false_negatives += count;
                found[predicted].false_positives += count;
            }
            agreement.add(&[truth, predicted], count);
        }
        let is_class = |place: &usize| self.labels.name(*place) != NOTHING;
        let classes: Vec<_> = self.labels.in_order().into_iter().filter(is_class).collect();
        let metrics = ClassMetrics::of(classes.iter().map(|&place| (self.labels.name(place), found[place])))?;
        Some(ClassMetrics {
            kappa: cohens_kappa(cells()),
            alpha: agreement.alpha(),
            confusion: Some(self.confusion(classes, &found)),
            ..metrics
        })
    }

    fn confusion(&self, classes: Vec<usize>, found: &[Found]) -> Confusion {
        let frequency = |place: usize| {
            let Found { true_positives, false_positives, false_negatives } = found[place];
            2 * true_positives + false_positives + false_negatives
        };
        let mut frequent: Vec<_> = classes.iter().copied().filter(|&place| frequency(place) > 0).collect();
        frequent.sort_by_key(|&place| std::cmp::Reverse(frequency(place)));
        frequent.truncate(CONFUSION_CLASSES_MAX);
        let frequent: BTreeSet<_> = frequent.into_iter().collect();
        let nothing =
            (0..self.labels.len()).filter(|&place| self.labels.name(place) == NOTHING && frequency(place) > 0);
        let places: Vec<_> = classes.into_iter().filter(|place| frequent.contains(place)).chain(nothing).collect();
        let count = |truth: usize, predicted: usize| self.cells.get(&(truth, predicted)).copied().unwrap_or(0);
        Confusion {
            labels: places.iter().map(|&place| self.labels.name(place).to_owned()).collect(),
            counts: places
                .iter()
                .map(|&truth| places.iter().map(|&predicted| shown(count(truth, predicted))).collect())
                .collect(),
        }
    }

    /// Of a comparison of two texts, the left and the right one. `None` where no pair was decided by both sides.
    #[allow(clippy::cast_precision_loss)]
    pub fn pairwise(&self) -> Option<PairwiseMetrics> {
        const LEFT: &str = "left";
        /// The 97.5th percentile of the standard normal distribution.
        const Z: f64 = 1.959_963_984_540_054;
        let (mut compared, mut left_truth, mut left_predicted, mut gained, mut lost) = (0, 0, 0, 0, 0);
        for (&(truth, predicted), &count) in self.cells.iter().filter(|(_, count)| **count > 0) {
            let [truth, predicted] = [truth, predicted].map(|place| self.labels.name(place));
            if truth == NOTHING || predicted == NOTHING {
                continue;
            }
            compared += count;
            left_truth += if truth == LEFT { count } else { 0 };
            left_predicted += if predicted == LEFT { count } else { 0 };
            gained += if predicted == LEFT && truth != LEFT { count } else { 0 };
            lost += if truth == LEFT && predicted != LEFT { count } else { 0 };
        }
        let all = compared as f64;
        let value = (gained - lost) as f64 / all;
        let spread = Z * ((gained + lost) as f64 / all - value * value).max(0.0).sqrt() / all.sqrt();
        (compared > 0).then(|| PairwiseMetrics {
            left_truth: shown(left_truth),
            left_predicted: shown(left_predicted),
            compared: shown(compared),
            bias: Some(Interval { value, low: (value - spread).max(-1.0), high: (value + spread).min(1.0) }),
        })
    }
}

/// Cells as a list of truth, prediction and count: keys of JSON are texts.
mod cells {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::collections::BTreeMap;

    type Cells = BTreeMap<(usize, usize), i64>;

    pub(super) fn serialize<S: Serializer>(cells: &Cells, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(cells.iter().map(|(&(truth, predicted), &count)| (truth, predicted, count)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cells, D::Error> {
        let cells = Vec::<(usize, usize, i64)>::deserialize(deserializer)?;
        Ok(cells.into_iter().map(|(truth, predicted, count)| ((truth, predicted), count)).collect())
    }
}
