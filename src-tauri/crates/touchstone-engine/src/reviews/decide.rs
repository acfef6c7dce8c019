//! Deciding about predictions, and taking decisions back.

use super::doubts::Reasons;
use super::queue::State;
use super::{ReviewDecision, ReviewTasks, ReviewVerdict, Reviewed};
use crate::annotations::{checked, edit, new_row};
use crate::export::model_version;
use crate::projects::stored_config;
use crate::{Error, Inner, Result, clock};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use touchstone_domain::{AnnotationId, RunId, TaskId};
use touchstone_labeling::Config;
use touchstone_store::{AnnotationRow, ProjectRow, ReviewRow, ReviewedPrediction, RunRow, StoreError, TaskEdit};

/// Tasks that are decided about in one transaction.
const DECIDED_AT_ONCE: usize = 1_000;

impl ReviewDecision {
    fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Corrected => "corrected",
            Self::Rejected => "rejected",
        }
    }

    /// As it is stored.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Accepted, Self::Corrected, Self::Rejected].into_iter().find(|decision| decision.word() == word)
    }
}

/// What was decided, and over which project.
pub(super) struct Decided {
    pub(super) reviewed: Reviewed,
    pub(super) project: ProjectRow,
}

/// Decides about predictions of a run, in transactions of some each. Where one of them fails, those before it are taken back.
pub(super) fn decide(inner: &Arc<Inner>, id: &RunId, tasks: ReviewTasks, verdict: &ReviewVerdict) -> Result<Decided> {
    let _turn = inner.reviews.turn();
    let run = inner.store.run(id)?;
    let tasks = named(inner, &run, tasks, verdict)?;
    let project = inner.store.project_by_key(run.project_key)?;
    let config = stored_config(&project)?;
    let before = State::now(inner, &run)?;
    let now = clock::now();
    let batch = inner.store.new_review_batch(run.key, &now)?;
    let work = Work { inner, run: &run, project: &project, config: &config, verdict, batch, now: &now };
    let mut reviewed = Reviewed { batch, decided: 0, passed_over: 0 };
    let mut decided = Vec::new();
    let outcome = tasks.chunks(DECIDED_AT_ONCE).try_for_each(|tasks| {
        let done = work.decide(tasks)?;
        reviewed.decided += size(done.len());
        reviewed.passed_over += size(tasks.len() - done.len());
        decided.extend(done);
        Ok(())
    });
    let outcome = outcome.and_then(|()| match (reviewed.decided, tasks.as_slice()) {
        (1.., _) => Ok(()),
        (0, [_]) => {
            Err(Error::invalid("there is no answer that could be accepted; correct the task by hand, or reject it"))
        }
        (0, _) => Err(Error::invalid(
            "none of these tasks has an answer that could be accepted; correct them by hand, or reject them",
        )),
    });
    if let Err(error) = outcome {
        take_back_all(inner, &run, &project, &config, batch)?;
        return Err(error);
    }
    inner.reviews.note_decided(inner, &run, &before, &decided)?;
    Ok(Decided { reviewed, project })
}

/// Takes back what was decided together, but for what somebody changed since. Says of how many tasks, and over which project.
pub(super) fn undo(inner: &Inner, batch: i64) -> Result<(u32, ProjectRow)> {
    let _turn = inner.reviews.turn();
    let taken_back = |error| match error {
        StoreError::NotFound { .. } => Error::invalid("this decision was taken back already"),
        other => other.into(),
    };
    let run_key = inner.store.run_of_review_batch(batch).map_err(taken_back)?;
    let run = inner.store.run_by_key(run_key)?;
    let project = inner.store.project_by_key(run.project_key)?;
    let config = stored_config(&project)?;
    let before = State::now(inner, &run)?;
    let undone = take_back_all(inner, &run, &project, &config, batch)?;
    inner.reviews.note_undone(inner, &run, &before, &undone)?;
    Ok((size(undone.len()), project))
}

fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The tasks that are meant, ascending.
fn named(inner: &Arc<Inner>, run: &RunRow, tasks: ReviewTasks, verdict: &ReviewVerdict) -> Result<Vec<TaskId>> {
    let corrects = matches!(verdict, ReviewVerdict::Correct { .. });
    let tasks = match tasks {
        ReviewTasks::These { task_ids } if corrects && task_ids.len() != 1 => {
            return Err(Error::invalid("name the one task that was corrected"));
        }
        ReviewTasks::All { .. } if corrects => {
            return Err(Error::invalid("tasks are corrected one by one; name the one that was"));
        }
        ReviewTasks::These { task_ids: mut tasks } => {
            tasks.sort_unstable();
            tasks.dedup();
            tasks
        }
        ReviewTasks::All { reasons } => inner.reviews.open(inner, run)?.all(Reasons::any_of(&reasons))?,
    };
    if tasks.is_empty() {
        return Err(Error::invalid(
            "there is nothing to decide about; choose tasks of the run, or wait until it has answered some",
        ));
    }
    Ok(tasks)
}

struct Work<'w> {
    inner: &'w Inner,
    run: &'w RunRow,
    project: &'w ProjectRow,
    config: &'w Config,
    verdict: &'w ReviewVerdict,
    batch: i64,
    now: &'w str,
}

/// What becomes of one prediction.
struct Plan {
    task: TaskId,
    decision: ReviewDecision,
    /// To be added.
    annotation: Option<AnnotationRow>,
    /// Ground truth says the same already: it is not annotated again.
    is_known: bool,
    /// That somebody made.
    corrected: Option<AnnotationId>,
}

impl Work<'_> {
    /// Gives back those that were decided about.
    fn decide(&self, tasks: &[TaskId]) -> Result<Vec<TaskId>> {
        let predictions = self.inner.store.predictions_of(self.run.key, tasks, false)?;
        if predictions.len() < tasks.len() {
            return Err(Error::invalid(format!(
                "run {} has no result for {} of these tasks; decide about tasks that it has come to",
                self.run.number,
                tasks.len() - predictions.len()
            )));
        }
        let version = model_version(self.inner, self.run)?;
        let mut plans = Vec::with_capacity(predictions.len());
        for prediction in &predictions {
            plans.extend(self.plan(prediction, &version, tasks.len() == 1)?);
        }
        let decided: Vec<_> = plans.iter().map(|plan| plan.task).collect();
        let mut plans = plans.into_iter();
        let (run_key, batch) = (self.run.key, self.batch);
        edit(self.inner, self.project, self.config, &decided, |task| {
            let plan = plans.next().expect("a plan for each task, in their order");
            // Whoever decides again changed their mind.
            let before = task.review(run_key)?;
            if let Some(review) = &before {
                take_back(task, run_key, review)?;
            }
            let annotation = match (&plan.annotation, plan.corrected) {
                // It may be known by the decision before alone.
                (Some(_), _) if plan.is_known && before.is_none() => None,
                (Some(row), _) => Some(task.add(row)?),
                (None, Some(corrected)) => Some(task.annotation(corrected)?.id),
                (None, None) => None,
            };
            task.set_review(run_key, batch, plan.decision.word(), annotation)
        })?;
        Ok(decided)
    }

    /// `None` where there is nothing to accept.
    fn plan(&self, prediction: &ReviewedPrediction, version: &str, is_alone: bool) -> Result<Option<Plan>> {
        let task = prediction.task_id;
        let plan = |decision| Plan { task, decision, annotation: None, is_known: false, corrected: None };
        let ground_truth = match *self.verdict {
            ReviewVerdict::Reject => return Ok(Some(plan(ReviewDecision::Rejected))),
            ReviewVerdict::Correct { annotation_id } => {
                return Ok(Some(Plan { corrected: Some(annotation_id), ..plan(ReviewDecision::Corrected) }));
            }
            ReviewVerdict::Accept { ground_truth } => ground_truth,
        };
        let Some(result) = &prediction.result else { return Ok(None) };
        let result = match annotated(self.config, result) {
            Ok(result) => result,
            // The config may be another by now.
            Err(Error::Invalid { .. }) if !is_alone => return Ok(None),
            Err(error) => return Err(error),
        };
        let source = json!({ "completed_by": clock::author(), "prediction": { "model_version": version } });
        let row = AnnotationRow { source: Some(source.to_string()), ..new_row(&result, ground_truth, self.now) };
        let is_known = ground_truth && prediction.correct == Some(true);
        Ok(Some(Plan { annotation: Some(row), is_known, ..plan(ReviewDecision::Accepted) }))
    }
}

/// Regions of a prediction as an annotation has them: under ids of its own, the same ones where they were the same, and said to
/// come from a prediction, as Label Studio says it. How sure a model was is no matter of an annotation.
fn annotated(config: &Config, result: &str) -> Result<String> {
    let mut regions: Vec<Value> = serde_json::from_str(result).map_err(|error| Error::Internal(error.into()))?;
    let mut ids: HashMap<String, String> = HashMap::new();
    for region in regions.iter_mut().filter_map(Value::as_object_mut) {
        region.remove("score");
        for name in ["id", "from_id", "to_id", "parentID"] {
            if let Some(Value::String(id)) = region.get_mut(name)
                && !id.is_empty()
            {
                *id = ids.entry(std::mem::take(id)).or_insert_with(clock::region_id).clone();
            }
        }
        region.insert("origin".to_owned(), "prediction".into());
    }
    checked(config, regions, &[])
}

/// Takes back what was decided under a number, and gives back the tasks of which that was possible, ascending.
fn take_back_all(
    inner: &Inner,
    run: &RunRow,
    project: &ProjectRow,
    config: &Config,
    batch: i64,
) -> Result<Vec<TaskId>> {
    let mut undone = Vec::new();
    let mut after = None;
    loop {
        let reviews = inner.store.reviews_after(batch, after, size(DECIDED_AT_ONCE))?;
        let Some(last) = reviews.last() else { break };
        after = Some(last.task_id);
        let tasks: Vec<_> = reviews.iter().map(|review| review.task_id).collect();
        let mut each = reviews.iter();
        let outcomes = edit(inner, project, config, &tasks, |task| {
            take_back(task, run.key, each.next().expect("a decision for each task, in their order"))
        })?;
        undone.extend(tasks.into_iter().zip(outcomes).filter(|(_, is_undone)| *is_undone).map(|(task, _)| task));
    }
    inner.store.remove_empty_review_batch(batch)?;
    Ok(undone)
}

/// Takes a decision back, with the annotation that it made. `false` where somebody has changed that since: it stays, and so does
/// the decision.
fn take_back(task: &TaskEdit<'_>, run_key: i64, review: &ReviewRow) -> std::result::Result<bool, StoreError> {
    if review.decision == ReviewDecision::Accepted.word()
        && let Some(id) = review.annotation_id
        && let Some(annotation) = task.annotations()?.into_iter().find(|annotation| annotation.id == id)
    {
        // An id that was freed may be that of another annotation by now.
        let is_as_made =
            annotation.updated_at.is_none() && annotation.row.created_at.as_deref() == Some(&review.decided_at);
        if !is_as_made {
            return Ok(false);
        }
        task.remove(id)?;
    }
    task.remove_review(run_key)?;
    Ok(true)
}
