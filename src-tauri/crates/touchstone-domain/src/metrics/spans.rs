//! Labelled stretches of a text.

use super::classes::{ClassMetrics, Found};
use super::labels::LabelTable;
use super::matching::{Pair, one_to_one, pairs};
use super::{ExactSum, OVERLAP_MIN, Span};
use serde::{Deserialize, Serialize};
use specta::Type;

/// How well spans are found, by the four schemes of SemEval 2013.
///
/// A predicted span belongs to one span of the truth that it overlaps, if there is any: to the one that the scheme likes best
/// of those that are left, and of these to the one that it overlaps most. Source: Segura-Bedmar, Martínez & Herrero-Zazo
/// (2013), SemEval-2013 Task 9, §4; counts as in Chinchor & Sundheim (1993), MUC-5 Evaluation Metrics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct SpanMetrics {
    /// Correct with the same place and label.
    pub strict: SpanScheme,
    /// Correct at the same place, whatever its label.
    pub exact: SpanScheme,
    /// Correct at the same place, half correct where it only overlaps, whatever its label.
    pub partial: SpanScheme,
    /// Correct with the same label, wherever it overlaps.
    pub by_type: SpanScheme,
    /// Mean intersection over union of spans with the same label that share at least half of their union; `None` without any.
    pub mean_iou: Option<f64>,
    /// The same schemes among the spans of each label alone, in the order of [`ClassMetrics::per_class`].
    pub per_class: Vec<SpanClass>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct SpanClass {
    pub class: String,
    pub strict: SpanScheme,
    pub exact: SpanScheme,
    pub partial: SpanScheme,
    pub by_type: SpanScheme,
}

/// What one scheme makes of the spans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct SpanScheme {
    /// (correct + partial / 2) / all that were predicted; 0 where none was.
    pub precision: f64,
    /// (correct + partial / 2) / all of the truth; 0 where there is none.
    pub recall: f64,
    pub f1: f64,
    pub correct: u32,
    /// It overlaps, and that is not enough.
    pub incorrect: u32,
    pub partial: u32,
    /// Spans of the truth that belong to none that was predicted.
    pub missed: u32,
    /// Predicted spans that belong to none of the truth.
    pub spurious: u32,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct SchemeCounts {
    #[serde(rename = "c")]
    correct: i64,
    #[serde(rename = "i")]
    incorrect: i64,
    #[serde(rename = "p")]
    partial: i64,
    #[serde(rename = "m")]
    missed: i64,
    #[serde(rename = "s")]
    spurious: i64,
}

/// In the order of [`SCHEMES`].
type Counts = [SchemeCounts; 4];

#[derive(Clone, Copy)]
enum Outcome {
    Correct,
    Partial,
    Incorrect,
}

const STRICT: fn(&Pair) -> Outcome = |pair| match pair.is_same_place && pair.has_same_label {
    true => Outcome::Correct,
    false => Outcome::Incorrect,
};
const EXACT: fn(&Pair) -> Outcome = |pair| if pair.is_same_place { Outcome::Correct } else { Outcome::Incorrect };
const PARTIAL: fn(&Pair) -> Outcome = |pair| if pair.is_same_place { Outcome::Correct } else { Outcome::Partial };
const BY_TYPE: fn(&Pair) -> Outcome = |pair| if pair.has_same_label { Outcome::Correct } else { Outcome::Incorrect };

const SCHEMES: [fn(&Pair) -> Outcome; 4] = [STRICT, EXACT, PARTIAL, BY_TYPE];

impl SchemeCounts {
    fn of(pairs: &[Pair], truth: usize, predicted: usize, outcome: fn(&Pair) -> Outcome) -> Self {
        let matched = one_to_one(pairs.iter().copied(), |pair| u8::from(matches!(outcome(pair), Outcome::Correct)));
        let left = |all: usize| i64::try_from(all - matched.len()).unwrap_or(i64::MAX);
        let mut counts = Self { missed: left(truth), spurious: left(predicted), ..Self::default() };
        for pair in &matched {
            match outcome(pair) {
                Outcome::Correct => counts.correct += 1,
                Outcome::Partial => counts.partial += 1,
                Outcome::Incorrect => counts.incorrect += 1,
            }
        }
        counts
    }

    fn add(&mut self, other: &Self, times: i64) {
        self.correct += times * other.correct;
        self.incorrect += times * other.incorrect;
        self.partial += times * other.partial;
        self.missed += times * other.missed;
        self.spurious += times * other.spurious;
    }

    fn scheme(&self) -> SpanScheme {
        let Self { correct, incorrect, partial, missed, spurious } = *self;
        let matched = correct + incorrect + partial;
        // Halves are counted as ones, and wholes as twos.
        let share = |all: i64| super::ratio(2 * correct + partial, 2 * all);
        let (precision, recall) = (share(matched + spurious), share(matched + missed));
        let sum = precision + recall;
        let [correct, incorrect, partial, missed, spurious] =
            [correct, incorrect, partial, missed, spurious].map(super::shown);
        SpanScheme {
            precision,
            recall,
            f1: if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 },
            correct,
            incorrect,
            partial,
            missed,
            spurious,
        }
    }
}

fn add(counts: &mut Counts, other: &Counts, times: i64) {
    counts.iter_mut().zip(other).for_each(|(counts, other)| counts.add(other, times));
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct OfLabel {
    counts: Counts,
    /// As a task's score counts them: at least half of the union shared.
    found: Found,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SpanTally {
    all: Counts,
    labels: LabelTable<OfLabel>,
    overlap: ExactSum,
    matched: i64,
}

impl SpanTally {
    pub fn new(labels: &[String]) -> Self {
        Self { labels: LabelTable::new(labels), ..Self::default() }
    }

    /// Counts the spans `times` more, -1 to take them away.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn count(&mut self, truth: &[Span<'_>], predicted: &[Span<'_>], times: i64) {
        let pairs = pairs(truth, predicted);
        let schemes =
            |pairs: &[Pair], truth, predicted| SCHEMES.map(|scheme| SchemeCounts::of(pairs, truth, predicted, scheme));
        add(&mut self.all, &schemes(&pairs, truth.len(), predicted.len()), times);
        let matches = |pair: &&Pair| pair.has_same_label && pair.overlap >= OVERLAP_MIN;
        let matched = one_to_one(pairs.iter().filter(matches).copied(), |_| 0);
        self.matched += times * matched.len() as i64;
        for pair in &matched {
            self.overlap.add(times as f64 * pair.overlap);
        }
        let mut labels: Vec<&str> = truth.iter().chain(predicted).map(|span| &*span.label).collect();
        labels.sort_unstable();
        labels.dedup();
        for label in labels {
            let Some(value) = self.labels.value(label) else { break };
            let count = |side: &[Span<'_>]| side.iter().filter(|span| span.label == label).count();
            let is_its = |pair: &&Pair| pair.has_same_label && truth[pair.truth].label == label;
            let its: Vec<_> = pairs.iter().filter(is_its).copied().collect();
            let (of_truth, of_predicted) = (count(truth), count(predicted));
            add(&mut value.counts, &schemes(&its, of_truth, of_predicted), times);
            let found = matched.iter().filter(is_its).count();
            value.found.add(&Found {
                true_positives: times * found as i64,
                false_positives: times * (of_predicted - found) as i64,
                false_negatives: times * (of_truth - found) as i64,
            });
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        add(&mut self.all, &other.all, 1);
        self.labels.merge(&other.labels, |mine, more| {
            add(&mut mine.counts, &more.counts, 1);
            mine.found.add(&more.found);
        });
        self.overlap.merge(&other.overlap);
        self.matched += other.matched;
    }

    pub fn metrics(&self) -> SpanMetrics {
        let [strict, exact, partial, by_type] = self.all.map(|counts| counts.scheme());
        let per_class = self.labels.iter().map(|(label, value)| {
            let [strict, exact, partial, by_type] = value.counts.map(|counts| counts.scheme());
            SpanClass { class: label.to_owned(), strict, exact, partial, by_type }
        });
        let occurs = |class: &SpanClass| class.strict != SpanScheme::default();
        SpanMetrics {
            strict,
            exact,
            partial,
            by_type,
            mean_iou: self.overlap.mean(self.matched),
            per_class: per_class.filter(occurs).collect(),
        }
    }

    /// Each label on its own, where spans match that share at least half of their union.
    pub fn classes(&self) -> Option<ClassMetrics> {
        ClassMetrics::of(self.labels.iter().map(|(label, value)| (label, value.found)))
    }
}
