//! The review queue of a run: predictions that are worth a look, and what was decided about them.
//!
//! A task is in the queue of a run while nobody has decided about it, and it failed, or has no ground truth and is in doubt:
//! another run answered it otherwise, or the model was not sure. What is accepted becomes an annotation in the same transaction
//! that remembers the decision, so that scores follow at once. `reviews/queue.rs` keeps queues, `reviews/doubts.rs` finds what is
//! in doubt, `reviews/decide.rs` decides.

use crate::results::TaskError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use touchstone_domain::run::RunStatus;
use touchstone_domain::{AnnotationId, PromptId, RunId, TaskId};
use touchstone_labeling::Region;

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
    Accept { ground_truth: bool },
    /// Somebody labeled the one task by hand: with this annotation of it.
    Correct { annotation_id: AnnotationId },
    Reject,
}

/// Tasks of a run that are decided about together.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReviewTasks {
    These { task_ids: Vec<TaskId> },
    /// All that the queue holds for one of these reasons; for any, where none is named.
    All { reasons: Vec<ReviewReason> },
}

/// What came of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
pub struct Reviewed {
    /// Undoes all of it.
    pub batch: i64,
    pub decided: u32,
    /// They failed: there is nothing to accept.
    pub passed_over: u32,
}
