//! What predictions beside ground truth say about who made them.
//!
//! A [`Measure`] is what one control of one task says. A [`ControlTally`] is what is counted of any number of measures: one
//! can be added and taken away again, and two tallies are merged, in any order, with the same outcome. [`ControlMetrics`] are
//! the numbers made of a tally, in a time that does not depend on how many measures it counts. [`RunTally`] has those of all
//! controls of a run, and what is counted of its tasks as a whole.
//!
//! Counts are signed: what is taken away may be added later, by somebody who counts beside.

mod agreement;
mod bootstrap;
mod boxes;
mod calibration;
mod classes;
mod control;
mod labels;
mod latency;
pub mod matching;
mod measure;
mod numbers;
mod paths;
mod ranking;
mod run;
mod scores;
mod sets;
mod spans;
mod sum;
mod texts;

pub use agreement::Agreement;
pub use bootstrap::{SEED, mean_interval};
pub use boxes::{BoxMetrics, BoxTally};
pub use calibration::{Calibration, CalibrationBin, CalibrationTally, Coverage};
pub use classes::{ClassMetrics, ClassTally, Confusion, PairwiseMetrics, PerClass};
pub use control::{ControlMetrics, ControlTally, FamilyTally};
pub use latency::{LatencyBin, LatencyMetrics, LatencyTally};
pub use measure::{Area, Measure, Span};
pub use numbers::{NumberMetrics, NumberTally};
pub use paths::{PATH_STEP, PathMetrics, PathTally};
pub use ranking::{RankingMetrics, RankingTally, kendall_tau};
pub use run::{ControlMeasure, RunTally, Tallied, TaskMeasure};
pub use scores::ScoreTally;
pub use sets::{SetMetrics, SetTally};
pub use spans::{SpanClass, SpanMetrics, SpanScheme, SpanTally};
pub use sum::ExactSum;
pub use texts::{TextMetrics, TextTally, token_f1};

use crate::stats::wilson;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Two spans or boxes of the same label match from this overlap on.
pub const OVERLAP_MIN: f64 = 0.5;

/// A number with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Interval {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Interval {
    /// The share `successes / trials` with its Wilson interval; `None` without trials.
    pub fn of_share(successes: u32, trials: u32) -> Option<Self> {
        let (low, high) = wilson(successes, trials)?;
        Some(Self { value: f64::from(successes) / f64::from(trials), low, high })
    }

    /// F1 with its interval. F1 is 2J / (1 + J), where J is the share of true positives among all that are positive on either
    /// side, so that Wilson's interval of J becomes one of F1; unlike Wald's it stays within [0, 1] and does not vanish at its
    /// ends. `None` where nothing is positive. Source: Lam, Gopal & Qian (2023), Confidence Intervals for the F1 Score: A
    /// Comparison of Four Methods, arXiv 2309.14621, “Wilson indirect”.
    pub fn of_f1(true_positives: u32, false_positives: u32, false_negatives: u32) -> Option<Self> {
        let positives = true_positives.saturating_add(false_positives).saturating_add(false_negatives);
        let Self { value, low, high } = Self::of_share(true_positives, positives)?;
        let f1 = |shared: f64| 2.0 * shared / (1.0 + shared);
        Some(Self { value: f1(value), low: f1(low), high: f1(high) })
    }
}

/// A count as it is shown: one below zero counts what another counter, which is to be merged, has not counted yet.
fn shown(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

/// `part / whole`; 0 where the whole is nothing, as scikit-learn has it.
#[allow(clippy::cast_precision_loss)]
fn ratio(part: i64, whole: i64) -> f64 {
    if whole > 0 { part.max(0) as f64 / whole as f64 } else { 0.0 }
}

/// The harmonic mean of precision and recall by counts; 0 where nothing is positive.
fn f1(true_positives: i64, false_positives: i64, false_negatives: i64) -> f64 {
    ratio(2 * true_positives, 2 * true_positives + false_positives + false_negatives)
}
