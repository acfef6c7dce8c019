//! Ways from the root of a taxonomy to a node, any number for each task.

use super::classes::{ClassMetrics, Found};
use super::sets::SetTally;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// How a path is written as the name of a class: “Animal / Cat”.
pub const PATH_STEP: &str = " / ";

/// How well paths are found, over all tasks together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct PathMetrics {
    /// Of whole paths.
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    /// Of paths and all paths that they begin with, so that a neighbour of the right node counts for what it shares with it.
    /// Source: Kiritchenko, Matwin & Famili (2005), Functional Annotation of Genes Using Hierarchical Text Categorization.
    pub hierarchical_precision: f64,
    pub hierarchical_recall: f64,
    pub hierarchical_f1: f64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PathTally {
    paths: SetTally,
    whole: Found,
    with_beginnings: Found,
}

/// Paths with all paths that they begin with.
fn with_beginnings<'p, 'm>(paths: &'p [Vec<Cow<'m, str>>]) -> BTreeSet<&'p [Cow<'m, str>]> {
    paths.iter().flat_map(|path| (1..=path.len()).map(|steps| &path[..steps])).collect()
}

fn found<T: Ord>(truth: &BTreeSet<T>, predicted: &BTreeSet<T>, times: i64) -> Found {
    let count = |count: usize| times * i64::try_from(count).unwrap_or(i64::MAX);
    Found {
        true_positives: count(truth.intersection(predicted).count()),
        false_positives: count(predicted.difference(truth).count()),
        false_negatives: count(truth.difference(predicted).count()),
    }
}

impl PathTally {
    /// `paths` are those of the config.
    pub fn new(paths: &[Vec<String>]) -> Self {
        let names: Vec<_> = paths.iter().map(|path| path.join(PATH_STEP)).collect();
        Self { paths: SetTally::new(&names), ..Self::default() }
    }

    /// Counts the paths `times` more, -1 to take them away.
    pub(super) fn count(&mut self, truth: &[Vec<Cow<'_, str>>], predicted: &[Vec<Cow<'_, str>>], times: i64) {
        let names = |paths: &[Vec<Cow<'_, str>>]| {
            let names: BTreeSet<_> = paths.iter().map(|path| path.join(PATH_STEP)).collect();
            names.into_iter().map(Cow::Owned).collect::<Vec<_>>()
        };
        self.paths.count(&names(truth), &names(predicted), times);
        let whole = |paths| <[Vec<Cow<'_, str>>]>::iter(paths).collect::<BTreeSet<_>>();
        self.whole.add(&found(&whole(truth), &whole(predicted), times));
        self.with_beginnings.add(&found(&with_beginnings(truth), &with_beginnings(predicted), times));
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.paths.merge(&other.paths);
        self.whole.add(&other.whole);
        self.with_beginnings.add(&other.with_beginnings);
    }

    pub fn metrics(&self) -> PathMetrics {
        let (whole, hierarchical) = (&self.whole, &self.with_beginnings);
        PathMetrics {
            precision: whole.precision(),
            recall: whole.recall(),
            f1: whole.f1(),
            hierarchical_precision: hierarchical.precision(),
            hierarchical_recall: hierarchical.recall(),
            hierarchical_f1: hierarchical.f1(),
        }
    }

    /// Each path on its own, named as “Animal / Cat”.
    pub fn classes(&self) -> Option<ClassMetrics> {
        self.paths.classes()
    }
}
