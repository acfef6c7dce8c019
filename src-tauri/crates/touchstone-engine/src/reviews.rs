//! The review queue of a run: predictions that are worth a look, and what was decided about them.
//!
//! A task is in the queue of a run while nobody has decided about it, and it failed, or has no ground truth and is in doubt:
//! another run answered it otherwise, or the model was not sure. What is accepted becomes an annotation in the same transaction
//! that remembers the decision, so that scores follow at once. `reviews/queue.rs` keeps queues, `reviews/doubts.rs` finds what is
//! in doubt, `reviews/decide.rs` decides.

mod decide;
mod doubts;
mod queue;

pub(crate) use doubts::Doubter;
pub(crate) use queue::{Queue, Queues};

use crate::projects::stored_config;
use crate::results::TaskError;
use crate::runs::content_of;
use crate::{Engine, Error, Inner, Result};
use doubts::Reasons;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use std::collections::HashMap;
use std::sync::Arc;
use touchstone_domain::run::RunStatus;
use touchstone_domain::{AnnotationId, ProjectId, PromptId, RunId, TaskId};
use touchstone_labeling::Region;
use touchstone_store::RunRow;

/// Items of one page at most.
const PAGE_ITEMS_MAX: u32 = 1_000;

/// Why a prediction is worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReviewReason {
    /// The task has no usable answer.
    Failed,
    /// Another run answered the task otherwise.
    Disagreement,
    /// The prediction's confidence is below 0.8.
    LowConfidence,
}

/// What was decided about a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReviewDecision {
    /// It became an annotation.
    Accepted,
    /// Somebody labeled the task by hand instead.
    Corrected,
    /// It is wrong, and nothing was annotated.
    Rejected,
}

/// A run whose predictions can be reviewed.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ReviewRun {
    pub run_id: RunId,
    pub run_number: u32,
    pub prompt_id: PromptId,
    pub prompt_name: String,
    pub version: u32,
    pub model: String,
    pub status: RunStatus,
    /// Tasks that were decided about.
    pub decided: u32,
}

/// What another run says of a task, which is not what the reviewed run says.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ReviewOther {
    pub run_id: RunId,
    pub prediction: Vec<Region>,
}

/// A prediction that is worth a look.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ReviewItem {
    pub task_id: TaskId,
    pub position: u32,
    pub data: Map<String, Value>,
    /// `None` when the task failed.
    pub prediction: Option<Vec<Region>>,
    pub error: Option<TaskError>,
    /// At least one.
    pub reasons: Vec<ReviewReason>,
    /// Of the least certain region, in [0, 1]; `None` unless all regions say theirs.
    pub confidence: Option<f64>,
    /// The other runs that say something else, newest first.
    pub others: Vec<ReviewOther>,
    /// How many other runs answered the task, whatever they say.
    pub answered: u32,
}

/// Tasks of a queue by reason; one may be there for several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Type)]
pub struct ReviewCounts {
    pub failed: u32,
    pub disagreement: u32,
    pub low_confidence: u32,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ReviewPage {
    /// Tasks that are there for one of the reasons asked for, as far as they are known.
    pub total: u32,
    /// False while more may be found, also before those that were.
    pub total_is_final: bool,
    pub counts: ReviewCounts,
    /// The most doubtful first; those that failed last.
    pub items: Vec<ReviewItem>,
}

/// What is decided about predictions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReviewVerdict {
    /// It becomes an annotation.
    Accept {
        ground_truth: bool,
    },
    /// Somebody labeled the one task by hand: with this annotation of it.
    Correct {
        annotation_id: AnnotationId,
    },
    Reject,
}

/// Tasks of a run that are decided about together.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReviewTasks {
    These {
        task_ids: Vec<TaskId>,
    },
    /// All that the queue holds for one of these reasons; for any, where none is named.
    All {
        reasons: Vec<ReviewReason>,
    },
}

/// What came of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
pub struct Reviewed {
    /// Undoes all of it.
    pub batch: i64,
    pub decided: u32,
    /// There is nothing to accept: they failed, or their answer does not fit the labeling config any more.
    pub passed_over: u32,
}

impl Engine {
    /// The runs over a project that have results, newest first.
    pub async fn review_runs(&self, project_id: ProjectId) -> Result<Vec<ReviewRun>> {
        self.blocking(move |inner| {
            let project = inner.store.project(project_id.as_str())?;
            inner.store.runs_with_results(project.key)?.iter().map(|run| reviewed_run(inner, run)).collect()
        })
        .await
    }

    /// Items `offset..offset + limit` of what is worth a look in a run for one of these reasons, or for any where none is named.
    pub async fn review_queue(
        &self,
        run: RunId,
        reasons: Vec<ReviewReason>,
        offset: u32,
        limit: u32,
    ) -> Result<ReviewPage> {
        let shared = Arc::clone(&self.inner);
        self.blocking(move |inner| page(&shared, &inner.store.run(&run)?, Reasons::any_of(&reasons), offset, limit))
            .await
    }

    /// Decides about predictions of a run, whatever was decided about them before. A prediction that is accepted becomes an
    /// annotation, and scores follow. Refused where there is nothing to accept, or no such result.
    pub async fn decide_reviews(&self, run: RunId, tasks: ReviewTasks, verdict: ReviewVerdict) -> Result<Reviewed> {
        let shared = Arc::clone(&self.inner);
        self.blocking(move |_| decide::decide(&shared, &run, tasks, &verdict)).await
    }

    /// Takes back what was decided together, with the annotations that it made, and says of how many tasks; decisions that it
    /// took the place of hold again. What somebody has changed since stays, with its decision.
    pub async fn undo_reviews(&self, batch: i64) -> Result<u32> {
        self.blocking(move |inner| decide::undo(inner, batch)).await
    }

    /// The run whose predictions were decided about together. Refused where that was taken back.
    pub async fn run_decided_about(&self, batch: i64) -> Result<RunId> {
        self.blocking(move |inner| Ok(decide::decided_run(inner, batch)?.id)).await
    }

    /// The ids that exports give to tasks of a run, in their order: those that they were imported with, or else those here.
    pub async fn shown_ids(&self, run: RunId, tasks: Vec<TaskId>) -> Result<Vec<i64>> {
        self.blocking(move |inner| {
            let rows = inner.store.results(inner.store.run(&run)?.key, &tasks)?;
            Ok(rows.iter().map(|row| row.source_id.unwrap_or(row.task_id.0)).collect())
        })
        .await
    }

    /// The tasks of a run's project to which exports give these ids. Refused where an id is that of none, or of several.
    pub async fn tasks_shown_as(&self, run: RunId, ids: Vec<i64>) -> Result<Vec<TaskId>> {
        self.blocking(move |inner| {
            let project = inner.store.project_by_key(inner.store.run(&run)?.project_key)?;
            let mut positions: HashMap<i64, Vec<u32>> = ids.iter().map(|id| (*id, Vec::new())).collect();
            inner.store.each_shown_id(project.key, |id, position| {
                if let Some(of_id) = positions.get_mut(&id) {
                    of_id.push(position);
                }
            })?;
            let position = |id: &i64| match positions[id][..] {
                [position] => Ok(position),
                [] => Err(Error::invalid(format!("“{id}” is no task of “{}”", project.name))),
                _ => Err(Error::invalid(format!(
                    "“{id}” is the id of several tasks of “{}”; decide about these in the window",
                    project.name
                ))),
            };
            Ok(inner.store.task_ids_at(project.key, &ids.iter().map(position).collect::<Result<Vec<_>>>()?)?)
        })
        .await
    }

    /// The run that the filter [`crate::results::RowFilter::Changed`] compares a run with: the newest of an earlier version of
    /// its prompt that has answered a task of it.
    pub async fn changed_since(&self, run: RunId) -> Result<Option<ReviewRun>> {
        self.blocking(move |inner| {
            let before = inner.store.run_before(&inner.store.run(&run)?)?;
            before.map(|before| reviewed_run(inner, &before)).transpose()
        })
        .await
    }
}

fn reviewed_run(inner: &Inner, run: &RunRow) -> Result<ReviewRun> {
    let (prompt_id, prompt_name) = inner.store.prompt_by_key(run.prompt_key)?;
    Ok(ReviewRun {
        run_id: run.id.clone(),
        run_number: run.number,
        prompt_id,
        prompt_name,
        version: run.version_number,
        model: content_of(inner, run)?.model,
        status: run.status,
        decided: run.reviewed,
    })
}

fn page(inner: &Arc<Inner>, run: &RunRow, reasons: Reasons, offset: u32, limit: u32) -> Result<ReviewPage> {
    let doubter = Doubter::of(inner, run)?;
    let queue = inner.reviews.open_with_page(inner, run, doubter.others())?;
    loop {
        let piece = queue.piece(reasons, offset, limit.min(PAGE_ITEMS_MAX))?;
        let rows = inner.store.results(run.key, &piece.tasks)?;
        // Another program may have decided, or given ground truth, since they were found.
        let is_open = |task: &TaskId| {
            rows.iter().any(|row| row.task_id == *task && row.review.is_none() && row.correct.is_none())
        };
        let mut gone: Vec<_> = piece.tasks.iter().copied().filter(|task| !is_open(task)).collect();
        if gone.is_empty() {
            let config = stored_config(&inner.store.project_by_key(run.project_key)?)?;
            return Ok(ReviewPage {
                total: piece.total,
                total_is_final: piece.is_final,
                counts: piece.counts,
                items: doubter.items(&config, rows)?,
            });
        }
        gone.sort_unstable();
        queue.remove(&gone);
    }
}
