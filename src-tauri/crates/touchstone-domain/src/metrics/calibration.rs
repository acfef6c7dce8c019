//! Whether a confidence can be believed.

use super::{ratio, shown};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// Steps of a confidence of 1.
const STEPS: u32 = 10_000;

const BINS: u32 = 10;

/// Accuracies for which it is said how many tasks could be left to the model.
const TARGETS: [f64; 3] = [0.9, 0.95, 0.99];

/// How confidence and correctness go together, of predictions that were scored and have a confidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Calibration {
    /// The reliability curve: ten bins of equal width, without the empty ones.
    pub bins: Vec<CalibrationBin>,
    /// Expected calibration error: how far confidence and accuracy of a bin lie apart, in the mean over the predictions; 0 is
    /// best. Source: Guo et al. (2017), On Calibration of Modern Neural Networks, eq. 3.
    pub ece: f64,
    /// How often a correct prediction has a higher confidence than a wrong one, equal ones half; 0.5 is chance. `None` unless
    /// there are both. Source: Hanley & McNeil (1982).
    pub auroc: Option<f64>,
    /// For each accuracy that can be had, at most how many of the predictions have it together, the most confident first.
    /// Source: El-Yaniv & Wiener (2010), On the Foundations of Noise-free Selective Classification.
    pub coverage: Vec<Coverage>,
}

/// Predictions with a confidence above `low`, up to and including `high`; the first includes 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct CalibrationBin {
    pub low: f64,
    pub high: f64,
    pub count: u32,
    /// Mean of their confidence.
    pub confidence: f64,
    pub accuracy: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Coverage {
    /// The accuracy that is wanted.
    pub accuracy: f64,
    /// Share of the predictions that have at least it together.
    pub coverage: f64,
    /// Their lowest confidence.
    pub threshold: f64,
}

/// Confidences, counted in steps of 0.0001, by whether the prediction is correct.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CalibrationTally {
    correct: BTreeMap<u32, i64>,
    wrong: BTreeMap<u32, i64>,
}

impl CalibrationTally {
    /// Counts a prediction `times` more, -1 to take it away. Its confidence is in [0, 1].
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn count(&mut self, confidence: f64, is_correct: bool, times: i64) {
        let step = (confidence.clamp(0.0, 1.0) * f64::from(STEPS)).round() as u32;
        let counts = if is_correct { &mut self.correct } else { &mut self.wrong };
        let count = counts.entry(step).or_default();
        *count += times;
        if *count == 0 {
            counts.remove(&step);
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (mine, others) in [(&mut self.correct, &other.correct), (&mut self.wrong, &other.wrong)] {
            for (&step, &count) in others {
                *mine.entry(step).or_default() += count;
            }
            mine.retain(|_, count| *count != 0);
        }
    }

    /// Correct and wrong ones of each confidence, ascending.
    fn steps(&self) -> BTreeMap<u32, (i64, i64)> {
        let mut steps: BTreeMap<u32, (i64, i64)> = BTreeMap::new();
        for (&step, &count) in &self.correct {
            steps.entry(step).or_default().0 = count.max(0);
        }
        for (&step, &count) in &self.wrong {
            steps.entry(step).or_default().1 = count.max(0);
        }
        steps
    }

    /// `None` without any.
    #[allow(clippy::cast_precision_loss)]
    pub fn metrics(&self) -> Option<Calibration> {
        let steps = self.steps();
        let (mut correct, mut wrong, mut wins) = (0, 0, 0.0);
        for &(correct_here, wrong_here) in steps.values() {
            wins += correct_here as f64 * (wrong as f64 + wrong_here as f64 / 2.0);
            correct += correct_here;
            wrong += wrong_here;
        }
        let all = correct + wrong;
        if all == 0 {
            return None;
        }
        let bins: Vec<_> = (0..BINS).filter_map(|bin| calibration_bin(&steps, bin)).collect();
        let apart = |bin: &CalibrationBin| f64::from(bin.count) * (bin.accuracy - bin.confidence).abs();
        Some(Calibration {
            ece: bins.iter().map(apart).sum::<f64>() / all as f64,
            auroc: (correct > 0 && wrong > 0).then(|| wins / (correct as f64 * wrong as f64)),
            coverage: TARGETS.into_iter().filter_map(|target| coverage(&steps, all, target)).collect(),
            bins,
        })
    }
}

fn calibration_bin(steps: &BTreeMap<u32, (i64, i64)>, bin: u32) -> Option<CalibrationBin> {
    let width = STEPS / BINS;
    let first = if bin == 0 { 0 } else { bin * width + 1 };
    let (mut correct, mut count, mut step_sum) = (0, 0, 0);
    for (&step, &(correct_here, wrong_here)) in steps.range(first..=(bin + 1) * width) {
        correct += correct_here;
        count += correct_here + wrong_here;
        step_sum += i64::from(step) * (correct_here + wrong_here);
    }
    (count > 0).then(|| CalibrationBin {
        low: f64::from(bin) / f64::from(BINS),
        high: f64::from(bin + 1) / f64::from(BINS),
        count: shown(count),
        confidence: ratio(step_sum, count * i64::from(STEPS)),
        accuracy: ratio(correct, count),
    })
}

fn coverage(steps: &BTreeMap<u32, (i64, i64)>, all: i64, target: f64) -> Option<Coverage> {
    let (mut correct, mut kept) = (0, 0);
    let reaching = steps.iter().rev().filter_map(|(&step, &(correct_here, wrong_here))| {
        correct += correct_here;
        kept += correct_here + wrong_here;
        (kept > 0 && ratio(correct, kept) >= target).then_some((step, kept))
    });
    let (step, kept) = reaching.last()?;
    Some(Coverage { accuracy: target, coverage: ratio(kept, all), threshold: f64::from(step) / f64::from(STEPS) })
}
