//! Labelled boxes of a picture.

use super::classes::{ClassMetrics, Found};
use super::labels::LabelTable;
use super::matching::{Pair, one_to_one, pairs};
use super::{Area, ExactSum, OVERLAP_MIN};
use serde::{Deserialize, Serialize};
use specta::Type;

/// How well boxes are found: one belongs to the box of the truth with its label that it overlaps most, if they share at least
/// half of their union, each box once. Source: Everingham et al. (2010), The Pascal Visual Object Classes Challenge, §4.2.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct BoxMetrics {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    /// Mean intersection over union of those that belong together; `None` without any.
    pub mean_iou: Option<f64>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BoxTally {
    labels: LabelTable<Found>,
    all: Found,
    overlap: ExactSum,
}

impl BoxTally {
    pub fn new(labels: &[String]) -> Self {
        Self { labels: LabelTable::new(labels), ..Self::default() }
    }

    /// Counts the boxes `times` more, -1 to take them away.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn count(&mut self, truth: &[Area<'_>], predicted: &[Area<'_>], times: i64) {
        let matches = |pair: &Pair| pair.has_same_label && pair.overlap >= OVERLAP_MIN;
        let matched = one_to_one(pairs(truth, predicted).into_iter().filter(matches), |_| 0);
        let (mut found, mut was_predicted) = (vec![false; truth.len()], vec![false; predicted.len()]);
        for pair in &matched {
            (found[pair.truth], was_predicted[pair.predicted]) = (true, true);
            self.overlap.add(times as f64 * pair.overlap);
        }
        let hit = Found { true_positives: times, ..Found::default() };
        let miss = Found { false_negatives: times, ..Found::default() };
        let extra = Found { false_positives: times, ..Found::default() };
        let of_truth = truth.iter().zip(found).map(|(area, found)| (area, if found { hit } else { miss }));
        let of_predicted =
            predicted.iter().zip(was_predicted).filter(|(_, matched)| !matched).map(|(area, _)| (area, extra));
        for (area, outcome) in of_truth.chain(of_predicted) {
            self.all.add(&outcome);
            if let Some(found) = self.labels.value(&area.label) {
                found.add(&outcome);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.labels.merge(&other.labels, Found::add);
        self.all.add(&other.all);
        self.overlap.merge(&other.overlap);
    }

    pub fn metrics(&self) -> BoxMetrics {
        BoxMetrics {
            precision: self.all.precision(),
            recall: self.all.recall(),
            f1: self.all.f1(),
            mean_iou: self.overlap.mean(self.all.true_positives),
        }
    }

    /// Each label on its own.
    pub fn classes(&self) -> Option<ClassMetrics> {
        ClassMetrics::of(self.labels.iter().map(|(label, found)| (label, *found)))
    }
}
