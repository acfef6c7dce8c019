//! Which predictions of a run are in doubt, and why: found in the order of its tasks, a few at a time.

use super::{ReviewItem, ReviewOther, ReviewReason};
use crate::comparison::Sameness;
use crate::results::{ResultRow, result_row};
use crate::tasks::stored_regions;
use crate::{Inner, Result};
use std::borrow::Cow;
use std::ops::ControlFlow;
use touchstone_domain::TaskId;
use touchstone_labeling::Config;
use touchstone_store::{ResultRow as StoredResult, ReviewedPrediction, RunRow};

/// Other runs whose word counts, at most: the newest of so many versions and models.
pub(super) const OTHERS_MAX: u32 = 6;

/// A model that is less sure than this of a prediction may be wrong.
const CONFIDENCE_MIN: f64 = 0.8;

/// Predictions that are looked at together, and the first of them: a screen is not to wait for more than it shows.
const LOOKED_AT_TOGETHER: u32 = 2_048;
const LOOKED_AT_FIRST: u32 = 256;

/// Steps of a doubt of 1, which is what one reason can come to.
const STEPS: f64 = 1e6;

/// Reasons for a look, each a bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reasons(u8);

impl Reasons {
    /// All, where none is named.
    pub(super) fn any_of(reasons: &[ReviewReason]) -> Self {
        let named = reasons.iter().fold(Self::default(), |all, reason| all.with(*reason));
        if named == Self::default() { Self(u8::MAX) } else { named }
    }

    fn with(self, reason: ReviewReason) -> Self {
        Self(self.0 | 1 << reason as u8)
    }

    pub(super) fn has(self, reason: ReviewReason) -> bool {
        self.meets(Self::default().with(reason))
    }

    /// Has one of them.
    pub(super) fn meets(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    fn list(self) -> Vec<ReviewReason> {
        let all = [ReviewReason::Failed, ReviewReason::Disagreement, ReviewReason::LowConfidence];
        all.into_iter().filter(|reason| self.has(*reason)).collect()
    }
}

/// A task that is worth a look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doubt {
    pub(crate) task: TaskId,
    /// The most doubtful have the lowest, those that failed the highest.
    rank: u32,
    pub(super) reasons: Reasons,
}

impl Doubt {
    /// By which a queue is sorted.
    pub(super) fn place(&self) -> (u32, TaskId) {
        (self.rank, self.task)
    }

    pub(super) fn failed(task: TaskId) -> Self {
        Self { task, rank: u32::MAX, reasons: Reasons::default().with(ReviewReason::Failed) }
    }

    /// `None` where there is no doubt; `differing` of the runs that `answered` say something else.
    fn of(prediction: &ReviewedPrediction, answered: u32, differing: u32) -> Option<Self> {
        let task = prediction.task_id;
        if prediction.result.is_none() {
            return Some(Self::failed(task));
        }
        let reasons = reasons_of(prediction.confidence, differing);
        let share = f64::from(differing) / f64::from(answered.max(1));
        let doubt = share + 1.0 - prediction.confidence.unwrap_or(1.0);
        (reasons != Reasons::default()).then_some(Self { task, rank: ((2.0 - doubt) * STEPS) as u32, reasons })
    }
}

/// Of a prediction that `differing` other runs contradict.
fn reasons_of(confidence: Option<f64>, differing: u32) -> Reasons {
    let mut reasons = Reasons::default();
    if differing > 0 {
        reasons = reasons.with(ReviewReason::Disagreement);
    }
    if confidence.is_some_and(|confidence| confidence < CONFIDENCE_MIN) {
        reasons = reasons.with(ReviewReason::LowConfidence);
    }
    reasons
}

/// What a run's predictions are held against.
pub(crate) struct Doubter<'i> {
    inner: &'i Inner,
    run_key: i64,
    /// Newest first.
    others: Vec<RunRow>,
}

impl<'i> Doubter<'i> {
    pub(crate) fn of(inner: &'i Inner, run: &RunRow) -> Result<Self> {
        Ok(Self::beside(inner, run, inner.store.other_runs(run, OTHERS_MAX)?))
    }

    pub(super) fn beside(inner: &'i Inner, run: &RunRow, others: Vec<RunRow>) -> Self {
        Self { inner, run_key: run.key, others }
    }

    /// The other runs, newest first.
    pub(super) fn others(&self) -> &[RunRow] {
        &self.others
    }

    /// Tells what is in doubt in the order of the tasks, until it breaks.
    pub(crate) fn each(&self, config: &Config, mut each: impl FnMut(Vec<Doubt>) -> ControlFlow<()>) -> Result<()> {
        let mut same = Sameness::by(config);
        let (mut after, mut limit) = (None, LOOKED_AT_FIRST);
        loop {
            let open = self.inner.store.open_predictions_after(self.run_key, after, limit)?;
            let Some(last) = open.last() else { return Ok(()) };
            (after, limit) = (Some(last.task_id), LOOKED_AT_TOGETHER);
            if each(self.judged(&open, &mut same)?).is_break() {
                return Ok(());
            }
        }
    }

    /// Those of these tasks that are in doubt, in their order, which is ascending.
    pub(super) fn among(&self, config: &Config, tasks: &[TaskId]) -> Result<Vec<Doubt>> {
        let open = self.inner.store.predictions_of(self.run_key, tasks, true)?;
        self.judged(&open, &mut Sameness::by(config))
    }

    fn judged(&self, open: &[ReviewedPrediction], same: &mut Sameness<'_>) -> Result<Vec<Doubt>> {
        let answers: Vec<_> = open
            .iter()
            .enumerate()
            .filter_map(|(place, prediction)| Some((place, prediction.result.as_deref()?)))
            .collect();
        let tasks: Vec<_> = answers.iter().map(|(place, _)| open[*place].task_id).collect();
        // How many others have answered, and how many of them otherwise.
        let mut said = vec![(0, 0); open.len()];
        for run in &self.others {
            self.inner.store.each_answer_among(run.key, &tasks, |answer, other| {
                let (place, own) = answers[answer];
                said[place].0 += 1;
                said[place].1 += u32::from(!same.of(own.as_bytes(), other.result));
            })?;
        }
        let all = open.iter().zip(said);
        Ok(all.filter_map(|(prediction, (answered, differing))| Doubt::of(prediction, answered, differing)).collect())
    }

    /// Predictions of the run with what the others say of their tasks.
    pub(super) fn items(&self, config: &Config, rows: Vec<StoredResult>) -> Result<Vec<ReviewItem>> {
        let mut same = Sameness::by(config);
        let mut by_task: Vec<_> = (0..rows.len()).collect();
        by_task.sort_unstable_by_key(|place| rows[*place].task_id);
        let tasks: Vec<_> = by_task.iter().map(|place| rows[*place].task_id).collect();
        let mut answered = vec![0; rows.len()];
        let mut others: Vec<Vec<ReviewOther>> = rows.iter().map(|_| Vec::new()).collect();
        for run in &self.others {
            self.inner.store.each_answer_among(run.key, &tasks, |answer, other| {
                let place = by_task[answer];
                answered[place] += 1;
                let own = rows[place].result.as_deref();
                if own.is_none_or(|own| !same.of(own.as_bytes(), other.result)) {
                    let said: Cow<'_, str> = String::from_utf8_lossy(other.result);
                    others[place].push(ReviewOther { run_id: run.id.clone(), prediction: stored_regions(&said) });
                }
            })?;
        }
        let told = rows.into_iter().zip(others).zip(answered);
        Ok(told.map(|((row, others), answered)| item(result_row(row), others, answered)).collect())
    }
}

fn item(row: ResultRow, others: Vec<ReviewOther>, answered: u32) -> ReviewItem {
    let differing = u32::try_from(others.len()).unwrap_or(u32::MAX);
    let reasons = match row.prediction {
        None => Reasons::default().with(ReviewReason::Failed),
        Some(_) => reasons_of(row.confidence, differing),
    };
    ReviewItem {
        task_id: row.task_id,
        position: row.position,
        data: row.data,
        prediction: row.prediction,
        error: row.error,
        reasons: reasons.list(),
        confidence: row.confidence,
        others,
        answered,
    }
}
