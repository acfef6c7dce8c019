//! The tasks that a table counts in one of its cells.

use crate::projects::stored_config;
use crate::requests::{capabilities_for, media_fields};
use crate::runs::content_of;
use crate::tasks::stored_regions;
use crate::{Inner, Result};
use serde::{Deserialize, Serialize};
use specta::Type;
use touchstone_domain::metrics::matching::{Extent, Pair, one_to_one, pairs};
use touchstone_domain::metrics::{Measure, OVERLAP_MIN, PATH_STEP};
use touchstone_labeling::{Capabilities, Config};
use touchstone_store::{CellHints, RunRow};

/// Results that a table of metrics counts in one of its cells. A class that is `""` means that nothing was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CellFilter {
    /// A cell of a control's confusion matrix.
    Confusion { control: String, truth: String, predicted: String },
    /// What one class got right or wrong.
    Class { control: String, class: String, outcome: ClassOutcome },
    /// One of the ways in which tasks failed, as in `TaskError::code`.
    Error { code: String },
}

/// Of one class: predicted and true, predicted and not true, or true and not predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ClassOutcome {
    Tp,
    Fp,
    Fn,
}

impl CellFilter {
    /// The code with which its tasks failed, for one that is of no control.
    pub(crate) fn error(&self) -> Option<&str> {
        match self {
            Self::Confusion { .. } | Self::Class { .. } => None,
            Self::Error { code } => Some(code),
        }
    }

    /// What can be told of its results without reading regions. Ground truth may spell a class in many ways, a prediction is
    /// written here.
    fn hints(&self) -> CellHints {
        let (predicted, is_wrong) = match self {
            Self::Error { .. } => return CellHints::default(),
            Self::Confusion { truth, predicted, .. } => (predicted.as_str(), truth != predicted),
            Self::Class { class, outcome: ClassOutcome::Fn, .. } => ("", !class.is_empty()),
            Self::Class { class, outcome, .. } => (class.as_str(), *outcome != ClassOutcome::Tp),
        };
        let last = predicted.rsplit(PATH_STEP).next().filter(|step| !step.is_empty());
        CellHints { predicted: last.map(str::to_owned), is_wrong }
    }
}

/// A cell of one run's metrics.
pub(crate) struct Cell {
    filter: CellFilter,
    config: Config,
    asked: Capabilities,
    /// Which of the measured controls it is of; `None` if the config has no such control.
    place: Option<usize>,
}

impl Cell {
    /// `None` where the code of a failure tells all.
    pub(crate) fn of(inner: &Inner, run: &RunRow, filter: CellFilter) -> Result<Option<Self>> {
        let control = match &filter {
            CellFilter::Confusion { control, .. } | CellFilter::Class { control, .. } => control,
            CellFilter::Error { .. } => return Ok(None),
        };
        let config = stored_config(&inner.store.project_by_key(run.project_key)?)?;
        let asked = capabilities_for(&media_fields(&content_of(inner, run)?, &config));
        let place = config.tallies(asked).iter().position(|tally| tally.name == *control);
        Ok(Some(Self { filter, config, asked, place }))
    }

    pub(crate) fn hints(&self) -> CellHints {
        self.filter.hints()
    }

    /// Whether a prediction beside its ground truth, both as stored, is counted in it.
    pub(crate) fn counts(&self, truth: &str, guess: &str) -> bool {
        let (truth, guess) = (stored_regions(truth), stored_regions(guess));
        let measure = self.config.measure(&truth, &guess, self.asked);
        let control = self.place.and_then(|place| measure.controls.into_iter().nth(place).flatten());
        control.is_some_and(|control| match &self.filter {
            CellFilter::Confusion { truth, predicted, .. } => is_pair(&control.measure, truth, predicted),
            CellFilter::Class { class, outcome, .. } => has_outcome(&control.measure, class, *outcome),
            CellFilter::Error { .. } => false,
        })
    }
}

fn is_pair(measure: &Measure<'_>, wanted_truth: &str, wanted_prediction: &str) -> bool {
    let Measure::Class { truth, predicted } = measure else { return false };
    truth.as_deref().unwrap_or_default() == wanted_truth
        && predicted.as_deref().unwrap_or_default() == wanted_prediction
}

fn has_outcome(measure: &Measure<'_>, class: &str, outcome: ClassOutcome) -> bool {
    let of_labels = |is_true: bool, is_predicted: bool| match outcome {
        ClassOutcome::Tp => is_true && is_predicted,
        ClassOutcome::Fp => !is_true && is_predicted,
        ClassOutcome::Fn => is_true && !is_predicted,
    };
    match measure {
        Measure::Class { truth, predicted } => {
            of_labels(truth.as_deref().unwrap_or_default() == class, predicted.as_deref().unwrap_or_default() == class)
        }
        Measure::Set { truth, predicted } => {
            of_labels(truth.iter().any(|label| label == class), predicted.iter().any(|label| label == class))
        }
        Measure::Paths { truth, predicted } => {
            let is = |path: &Vec<_>| path.join(PATH_STEP) == class;
            of_labels(truth.iter().any(is), predicted.iter().any(is))
        }
        Measure::Spans { truth, predicted } => of_extents(truth, predicted, class, outcome),
        Measure::Boxes { truth, predicted } => of_extents(truth, predicted, class, outcome),
        Measure::Number { .. } | Measure::Text { .. } | Measure::Ranking { .. } | Measure::Other => false,
    }
}

/// Whether any extent of the class has that outcome, matched as the metrics of its class match them.
fn of_extents<E: Extent>(truth: &[E], predicted: &[E], class: &str, outcome: ClassOutcome) -> bool {
    let matches = |pair: &Pair| pair.has_same_label && pair.overlap >= OVERLAP_MIN;
    let matched = one_to_one(pairs(truth, predicted).into_iter().filter(matches), |_| 0);
    let found = matched.iter().filter(|pair| truth[pair.truth].label() == class).count();
    let all = |side: &[E]| side.iter().filter(|extent| extent.label() == class).count();
    match outcome {
        ClassOutcome::Tp => found > 0,
        ClassOutcome::Fp => all(predicted) > found,
        ClassOutcome::Fn => all(truth) > found,
    }
}
