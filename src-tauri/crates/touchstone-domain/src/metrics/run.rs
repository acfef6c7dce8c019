//! What is counted of a run.

use super::{
    Calibration, CalibrationTally, ControlMetrics, ControlTally, Interval, LatencyMetrics, LatencyTally, Measure,
    ScoreTally,
};
use serde::{Deserialize, Serialize};

/// What a prediction for one task says beside its ground truth.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskMeasure<'m> {
    /// The mean over the counted controls, in [0, 1]; 1 when there is none.
    pub score: f64,
    /// Every counted control matches exactly.
    pub is_correct: bool,
    /// How sure the model is of the prediction, in [0, 1]; `None` where it does not say.
    pub confidence: Option<f64>,
    /// The controls that were looked at, in the config's order; `None` where neither side answered it, and such a control is
    /// not counted.
    pub controls: Vec<Option<ControlMeasure<'m>>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ControlMeasure<'m> {
    /// In [0, 1].
    pub score: f64,
    pub is_exact: bool,
    pub measure: Measure<'m>,
}

impl TaskMeasure<'_> {
    /// The same without what it borrows.
    pub fn into_owned(self) -> TaskMeasure<'static> {
        let owned = |control: ControlMeasure<'_>| ControlMeasure {
            score: control.score,
            is_exact: control.is_exact,
            measure: control.measure.into_owned(),
        };
        TaskMeasure {
            score: self.score,
            is_correct: self.is_correct,
            confidence: self.confidence,
            controls: self.controls.into_iter().map(|control| control.map(owned)).collect(),
        }
    }
}

/// What is counted of the predictions of a run, for all of its controls. The default counts nothing, of no control, and gets
/// those of what is merged into it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RunTally {
    predictions: i64,
    correct: i64,
    scores: ScoreTally,
    calibration: CalibrationTally,
    latency: LatencyTally,
    controls: Vec<ControlTally>,
}

/// How many predictions a tally counts, and how many of them were scored and are correct: where somebody else counts them
/// otherwise, the tally has missed something and is to be made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tallied {
    pub predictions: i64,
    pub scored: i64,
    pub correct: i64,
}

impl RunTally {
    /// One that counts nothing yet, of these controls.
    pub fn new(controls: Vec<ControlTally>) -> Self {
        Self { controls, ..Self::default() }
    }

    /// Adds a prediction, a failed one too; `measure` is `None` where it was not scored.
    pub fn add(&mut self, latency_ms: Option<u32>, measure: Option<&TaskMeasure<'_>>) {
        self.predictions += 1;
        if let Some(latency_ms) = latency_ms {
            self.latency.count(latency_ms, 1);
        }
        self.count(measure, 1);
    }

    /// Counts a prediction that was added, or will be, by another measure.
    pub fn measured_again(&mut self, before: Option<&TaskMeasure<'_>>, after: Option<&TaskMeasure<'_>>) {
        self.count(before, -1);
        self.count(after, 1);
    }

    fn count(&mut self, measure: Option<&TaskMeasure<'_>>, times: i64) {
        let Some(measure) = measure else { return };
        self.correct += if measure.is_correct { times } else { 0 };
        self.scores.count(measure.score, times);
        if let Some(confidence) = measure.confidence {
            self.calibration.count(confidence, measure.is_correct, times);
        }
        for (tally, control) in self.controls.iter_mut().zip(&measure.controls) {
            if let Some(control) = control {
                tally.count(control, times);
            }
        }
    }

    /// Adds what another tally of the same controls counts.
    pub fn merge(&mut self, other: &Self) {
        if self.controls.is_empty() {
            self.controls.clone_from(&other.controls);
        } else {
            self.controls.iter_mut().zip(&other.controls).for_each(|(mine, other)| mine.merge(other));
        }
        self.predictions += other.predictions;
        self.correct += other.correct;
        self.scores.merge(&other.scores);
        self.calibration.merge(&other.calibration);
        self.latency.merge(&other.latency);
    }

    pub fn tallied(&self) -> Tallied {
        Tallied { predictions: self.predictions, scored: self.scores.scores(), correct: self.correct }
    }

    /// The mean of the tasks' scores with its interval by the bootstrap; `None` where nothing was scored.
    pub fn mean_score(&self, seed: u64) -> Option<Interval> {
        self.scores.mean(seed)
    }

    /// `None` without a prediction that was scored and has a confidence.
    pub fn calibration(&self) -> Option<Calibration> {
        self.calibration.metrics()
    }

    /// `None` where nobody knows how long any answer took.
    pub fn latency(&self) -> Option<LatencyMetrics> {
        self.latency.metrics()
    }

    /// In the config's order. The same counts and seed give the same numbers.
    pub fn controls(&self, seed: u64) -> Vec<ControlMetrics> {
        self.controls.iter().map(|control| control.metrics(seed)).collect()
    }
}
