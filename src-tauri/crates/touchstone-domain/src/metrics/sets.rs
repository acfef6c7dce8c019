//! Any number of labels for each task.

use super::ExactSum;
use super::classes::{ClassMetrics, Found};
use super::labels::LabelTable;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::borrow::Cow;

/// How alike sets of labels are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct SetMetrics {
    /// Mean over the tasks of shared labels / labels of either side. Source: Jaccard (1912).
    pub jaccard: f64,
    /// Share of all decisions, one for each task and label, that are wrong; 0 is best. Source: Tsoumakas & Katakis (2007),
    /// Multi-Label Classification, eq. 1.
    pub hamming: f64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SetTally {
    labels: LabelTable<Found>,
    sets: i64,
    jaccard: ExactSum,
    /// Labels that one side alone has.
    differing: i64,
}

impl SetTally {
    pub fn new(labels: &[String]) -> Self {
        Self { labels: LabelTable::new(labels), ..Self::default() }
    }

    /// Counts the sets `times` more, -1 to take them away. Each label stands in a set once.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn count(&mut self, truth: &[Cow<'_, str>], predicted: &[Cow<'_, str>], times: i64) {
        let mut shared = 0;
        for label in truth {
            let is_shared = predicted.contains(label);
            shared += i64::from(is_shared);
            if let Some(found) = self.labels.value(label) {
                match is_shared {
                    true => found.true_positives += times,
                    false => found.false_negatives += times,
                }
            }
        }
        for label in predicted.iter().filter(|label| !truth.contains(label)) {
            if let Some(found) = self.labels.value(label) {
                found.false_positives += times;
            }
        }
        let union = (truth.len() + predicted.len()) as i64 - shared;
        self.sets += times;
        self.differing += times * (union - shared);
        self.jaccard.add(times as f64 * if union == 0 { 1.0 } else { shared as f64 / union as f64 });
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.labels.merge(&other.labels, Found::add);
        self.sets += other.sets;
        self.jaccard.merge(&other.jaccard);
        self.differing += other.differing;
    }

    /// `None` where nothing was counted, and where there are too many labels to be told apart.
    #[allow(clippy::cast_precision_loss)]
    pub fn metrics(&self) -> Option<SetMetrics> {
        let jaccard = self.jaccard.mean(self.sets)?;
        let decisions = self.sets as f64 * self.labels.len() as f64;
        (decisions > 0.0).then(|| SetMetrics { jaccard, hamming: self.differing.max(0) as f64 / decisions })
    }

    /// Each label on its own.
    pub fn classes(&self) -> Option<ClassMetrics> {
        ClassMetrics::of(self.labels.iter().map(|(label, found)| (label, *found)))
    }
}
