//! Deciding about predictions, and taking decisions back.

use super::doubts::Reasons;
use super::queue::{Moves, State};
use super::{ReviewDecision, ReviewTasks, ReviewVerdict, Reviewed};
use crate::annotations::{checked, edit, new_row};
use crate::export::model_version;
use crate::projects::stored_config;
use crate::{Changed, Error, Inner, Result, clock};
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

/// Decides about predictions of a run, in transactions of some each. Where one of them fails, those before it are taken back.
pub(super) fn decide(inner: &Arc<Inner>, id: &RunId, tasks: ReviewTasks, verdict: &ReviewVerdict) -> Result<Reviewed> {
    let _turn = inner.reviews.turn();
    let run = inner.store.run(id)?;
    let tasks = named(inner, &run, tasks, verdict)?;
    let project = inner.store.project_by_key(run.project_key)?;
    let config = stored_config(&project)?;
    let before = State::now(inner, &run)?;
    let now = clock::now();
    let batch = inner.store.new_review_batch(run.key, &now)?;
    let work = Work { inner, run: &run, project: &project, config: &config, verdict, batch, now: &now };
    let mut passed_over = 0;
    let mut decided = Moves::default();
    let outcome = tasks.chunks(DECIDED_AT_ONCE).try_for_each(|tasks| {
        let done = work.decide(tasks)?;
        passed_over += size(tasks.len() - done.len());
        decided.tasks.extend(done);
        decided.edits += 1;
        Ok(())
    });
    let outcome = outcome.and_then(|()| match (decided.tasks.as_slice(), tasks.as_slice()) {
        ([_, ..], _) => Ok(()),
        ([], [_]) => {
            Err(Error::invalid("there is no answer that could be accepted; correct the task by hand, or reject it"))
        }
        ([], _) => Err(Error::invalid(
            "none of these tasks has an answer that could be accepted; correct them by hand, or reject them",
        )),
    });
    if outcome.is_ok() {
        inner.reviews.note_decided(inner, &run, &before, &decided);
    } else {
        // Why it failed is what is told; what could not be taken back either shows as decided.
        if let Err(error) = take_back_all(inner, &run, &project, &config, batch, &mut Moves::default()) {
            tracing::error!(%error, batch, "taking back decisions that could not be made together");
        }
        inner.reviews.forget(&run);
    }
    if !decided.tasks.is_empty() {
        inner.changed(Changed::Annotations { project_id: project.id.clone() });
    }
    outcome.map(|()| Reviewed { batch, decided: size(decided.tasks.len()), passed_over })
}

/// Takes back what was decided together, but for what somebody changed since. Says of how many tasks.
pub(super) fn undo(inner: &Inner, batch: i64) -> Result<u32> {
    let _turn = inner.reviews.turn();
    let run = decided_run(inner, batch)?;
    let project = inner.store.project_by_key(run.project_key)?;
    let config = stored_config(&project)?;
    let before = State::now(inner, &run)?;
    let mut undone = Moves::default();
    let outcome = take_back_all(inner, &run, &project, &config, batch, &mut undone);
    if outcome.is_ok() {
        inner.reviews.note_undone(inner, &run, &before, &undone);
    } else {
        inner.reviews.forget(&run);
    }
    if !undone.tasks.is_empty() {
        inner.changed(Changed::Annotations { project_id: project.id });
    }
    outcome.map(|()| size(undone.tasks.len()))
}

/// The run whose predictions were decided about together.
pub(super) fn decided_run(inner: &Inner, batch: i64) -> Result<RunRow> {
    let run_key = inner.store.run_of_review_batch(batch).map_err(|error| match error {
        StoreError::NotFound { .. } => Error::invalid("this decision was taken back already"),
        other => other.into(),
    })?;
    Ok(inner.store.run_by_key(run_key)?)
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
                let made = match take_away(task, review)? {
                    Made::Removed(made) => Some(made),
                    Made::Nothing | Made::Changed => None,
                };
                task.keep_replaced_review(run_key, review, made.as_ref())?;
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

/// Takes back what was decided under a number, and adds of what that was possible.
fn take_back_all(
    inner: &Inner,
    run: &RunRow,
    project: &ProjectRow,
    config: &Config,
    batch: i64,
    undone: &mut Moves,
) -> Result<()> {
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
        undone.tasks.extend(tasks.into_iter().zip(outcomes).filter(|(_, is_undone)| *is_undone).map(|(task, _)| task));
        undone.edits += 1;
    }
    Ok(inner.store.close_review_batch(batch)?)
}

/// Takes a decision back, with the annotation that it made; the one before it holds again. `false` where somebody has changed
/// that annotation since: it stays, and so does the decision.
fn take_back(task: &TaskEdit<'_>, run_key: i64, review: &ReviewRow) -> std::result::Result<bool, StoreError> {
    if matches!(take_away(task, review)?, Made::Changed) {
        return Ok(false);
    }
    task.take_back_review(run_key)?;
    Ok(true)
}

/// What became of the annotation that a decision made.
enum Made {
    /// There is none.
    Nothing,
    Removed(AnnotationRow),
    /// Somebody has changed it, or it is another by now: it stays.
    Changed,
}

/// Takes away the annotation that a decision made.
fn take_away(task: &TaskEdit<'_>, review: &ReviewRow) -> std::result::Result<Made, StoreError> {
    let made = match review.annotation_id {
        Some(id) if review.decision == ReviewDecision::Accepted.word() => {
            task.annotations()?.into_iter().find(|annotation| annotation.id == id)
        }
        _ => None,
    };
    let Some(annotation) = made else { return Ok(Made::Nothing) };
    // An id that was freed may be that of another annotation by now.
    let is_as_made =
        annotation.updated_at.is_none() && annotation.row.created_at.as_deref() == Some(&review.decided_at);
    if !is_as_made {
        return Ok(Made::Changed);
    }
    task.remove(annotation.id)?;
    Ok(Made::Removed(annotation.row))
}
