//! The results of a run: a table that can be filtered, sorted and paged, and each row in full.
//!
//! `views.rs` keeps what was found under a query, `shown.rs` finds it, `cells.rs` tells which tasks a table of metrics counts in a
//! cell, `stamp.rs` how long any of it holds.

mod cells;
mod shown;
mod stamp;
mod views;

pub(crate) use cells::Cell;
pub use cells::{CellFilter, ClassOutcome};
pub(crate) use shown::{Shown, stored_filter};
pub(crate) use stamp::Stamp;
pub(crate) use views::{Views, found};

use crate::connections::{ConnectionSettings, Silenced, model_of_provider, model_without_secrets, provider};
use crate::dollars;
use crate::media::{Reading, Sending};
use crate::projects::{pretty, stored_config};
use crate::requests::{Filled, Template};
use crate::reviews::ReviewDecision;
use crate::runs::{Replies, Turn, Unusable, Whom, content_of, placed, structure};
use crate::tasks::{stored_data, stored_regions};
use crate::{Engine, Inner, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use std::collections::HashSet;
use std::sync::Arc;
use touchstone_domain::prompt::Provider;
use touchstone_domain::{RunId, TaskId};
use touchstone_labeling::{Capabilities, Config, Region, Repair};
use touchstone_providers::{ChatModel, VendorWords};
use touchstone_store::{AnswerRow, ErrorRow, ResultRow as StoredResult};

/// Rows of one page at most.
const PAGE_ROWS_MAX: u32 = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RowFilter {
    All,
    Correct,
    Wrong,
    Failed,
    /// Answered, but the task has no ground truth.
    Unscored,
    /// What the review queue of the run holds.
    NeedsReview,
    /// Its prediction is not that of the run that `changed_since` names, which answered it too.
    Changed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RowSort {
    Position,
    ScoreAscending,
    ScoreDescending,
    ConfidenceAscending,
    ConfidenceDescending,
    LatencyAscending,
    LatencyDescending,
    CostAscending,
    CostDescending,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
pub struct RowQuery {
    pub filter: RowFilter,
    pub sort: RowSort,
    /// Text that the task's data contains; empty for any.
    pub search: String,
    /// `None` for any.
    pub cell: Option<CellFilter>,
}

/// Why a task has no usable answer.
#[derive(Clone, Debug, Serialize, Type)]
pub struct TaskError {
    pub code: String,
    pub message: String,
    /// `None` where no server said anything.
    pub vendor: Option<VendorError>,
}

/// Tasks of a run that failed in the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct RunError {
    /// As in `TaskError::code`.
    pub code: String,
    pub count: u32,
    /// In the words of the last of them, in the order of the project.
    pub message: String,
}

/// What a provider said of a failed call, for a support ticket. Without secrets.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct VendorError {
    /// Of HTTP.
    pub status: Option<u16>,
    pub code: Option<String>,
    pub message: Option<String>,
    /// The parameter that it does not accept.
    pub param: Option<String>,
    pub request_id: Option<String>,
}

impl From<&VendorWords> for VendorError {
    fn from(words: &VendorWords) -> Self {
        Self {
            status: words.status,
            code: words.code.clone(),
            message: words.message.clone(),
            param: words.param.clone(),
            request_id: words.request_id.clone(),
        }
    }
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ResultRow {
    pub task_id: TaskId,
    pub position: u32,
    pub data: Map<String, Value>,
    pub ground_truth: Option<Vec<Region>>,
    /// `None` when the task failed.
    pub prediction: Option<Vec<Region>>,
    /// `None` when the task has no ground truth, or failed.
    pub correct: Option<bool>,
    pub score: Option<f64>,
    /// Of the prediction's least certain region, in [0, 1]; `None` unless all regions say theirs.
    pub confidence: Option<f64>,
    pub error: Option<TaskError>,
    /// The answer was owned already; nothing was sent.
    pub cached: bool,
    pub repaired: bool,
    pub latency_ms: Option<u32>,
    pub prompt_tokens: Option<u32>,
    pub completion_tokens: Option<u32>,
    /// What the run paid for it; `None` when a price is not known.
    pub cost_usd: Option<f64>,
    /// What was decided about the prediction; `None` while nobody has.
    pub review: Option<ReviewDecision>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct RowPage {
    /// Rows of the whole view, as far as it is known.
    pub total: u32,
    /// False while more may be found behind them.
    pub total_is_final: bool,
    pub rows: Vec<ResultRow>,
}

/// How a prediction compares with ground truth on one control; both are `None` where it does not count.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ControlScore {
    pub name: String,
    pub score: Option<f64>,
    pub exact: Option<bool>,
}

/// An answer that could not be used, and why.
#[derive(Clone, Debug, Serialize, Type)]
pub struct AskedAgain {
    /// The model's text as it came.
    pub answer: String,
    /// Words that end a sentence.
    pub why: String,
    /// How often the conversation went on up to the answer that is shown; at least 1.
    pub times: u32,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ResultDetail {
    pub row: ResultRow,
    /// Empty unless the task was scored.
    pub controls: Vec<ControlScore>,
    pub repairs: Vec<Repair>,
    /// Pretty JSON of the request body, with type, size and hash of each file in place of its bytes; empty when the task
    /// has no value for one of its variables, so nothing was sent, and where only the connection knew it, which is removed.
    pub request: String,
    /// `None` for the practice model, and once the connection is removed.
    pub endpoint: Option<String>,
    /// The model's text as it came, usable or not; `None` when none arrived.
    pub answer: Option<String>,
    /// The part of the input that was read from a cache, of all its requests.
    pub cached_tokens: Option<u32>,
    /// The part of the output that the model thought, of all its requests.
    pub reasoning_tokens: Option<u32>,
    /// What the provider finds the answer's call by.
    pub request_id: Option<String>,
    /// Requests that were sent for it.
    pub attempts: u32,
    /// The answer before, if it could not be used and was asked for again; `request` goes on from it.
    pub asked_again: Option<AskedAgain>,
    /// `request` is not what the answer was given to: something has changed since, such as a picture or the connection.
    pub has_changed: bool,
    /// The task's annotations that were not cancelled, oldest first.
    pub annotations: Vec<Vec<Region>>,
}

impl Engine {
    /// Rows `offset..offset + limit` of the run's results under `query`.
    pub async fn result_rows(&self, run: RunId, query: RowQuery, offset: u32, limit: u32) -> Result<RowPage> {
        let shared = Arc::clone(&self.inner);
        self.blocking(move |inner| {
            let run = inner.store.run(&run)?;
            let view = inner.views.open(&shared, &run, &query)?;
            let (total, total_is_final, tasks) = view.page(offset, limit.min(PAGE_ROWS_MAX))?;
            let rows = inner.store.results(run.key, &tasks)?;
            Ok(RowPage { total, total_is_final, rows: rows.into_iter().map(result_row).collect() })
        })
        .await
    }

    /// Why tasks of a run failed, each way once; the most frequent first.
    pub async fn run_errors(&self, run: RunId) -> Result<Vec<RunError>> {
        self.blocking(move |inner| {
            let run = inner.store.run(&run)?;
            let errors = inner.store.run_errors(run.key)?.into_iter();
            Ok(errors.map(|ErrorRow { code, count, message }| RunError { code, count, message }).collect())
        })
        .await
    }

    /// Everything about one task of a run: the exact request, the answer as it came, repairs and scores.
    pub async fn result(&self, run: RunId, task: TaskId) -> Result<ResultDetail> {
        let Stored { mut detail, conversation } = self.blocking(move |inner| Stored::of(inner, &run, task)).await?;
        let Some(Conversation { filled, model, sending, config, data, asked, provider, repetition, answer }) =
            conversation
        else {
            return Ok(detail);
        };
        let (parts, _) = self.media_to_show(&filled.wanted, &sending).await;
        let endpoint = detail.endpoint.clone().unwrap_or_default();
        self.blocking(move |inner| {
            let whom = Whom { model: &*model, provider, endpoint: &endpoint, repetition };
            let opening = whom.turn(Arc::new(filled.with(parts)));
            detail.request = pretty(&opening.body);
            let Some(answer) = answer else { return Ok(detail) };
            let why_not = |said: &str| placed(&config, &data, asked, said).err();
            match answered_turn(inner, &whom, &why_not, &answer, (opening, None))? {
                Some((turn, asked_again)) => {
                    detail.request = pretty(&turn.body);
                    detail.asked_again = asked_again;
                }
                None => detail.has_changed = true,
            }
            Ok(detail)
        })
        .await
    }
}

/// The turn of a conversation that `answer` is kept as a reply to, with the answer before it; looked for from one turn on.
fn answered_turn(
    inner: &Inner,
    whom: &Whom<'_>,
    why_not: &dyn Fn(&str) -> Option<Unusable>,
    answer: &AnswerRow,
    (turn, before): (Turn, Option<AskedAgain>),
) -> Result<Option<(Turn, Option<AskedAgain>)>> {
    let replies = Replies::read(inner, &turn.hash)?;
    if replies.include(&turn.hash, answer) {
        return Ok(Some((turn, before)));
    }
    let times = before.map_or(0, |before| before.times) + 1;
    let mut looked_at = HashSet::new();
    for said in replies.all() {
        let Some(unusable) = why_not(&said.content) else { continue };
        // What was said twice leads to the same turn.
        if looked_at.insert(&said.content) {
            let next = whom.turn_after(&turn, &said.content, &unusable);
            let before = AskedAgain { answer: said.content.clone(), why: unusable.why, times };
            let found = answered_turn(inner, whom, why_not, answer, (next, Some(before)))?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    Ok(None)
}

/// A result before the media of its task are read.
struct Stored {
    /// Without its request.
    detail: ResultDetail,
    /// `None` where nothing was sent, or where nobody knows in which words.
    conversation: Option<Conversation>,
}

/// What it takes to say what was sent for a task.
struct Conversation {
    filled: Filled,
    model: Box<dyn ChatModel>,
    sending: Sending,
    config: Config,
    data: Map<String, Value>,
    asked: Capabilities,
    provider: Provider,
    /// From 1.
    repetition: u32,
    /// The last reply that was received.
    answer: Option<AnswerRow>,
}

impl Stored {
    fn of(inner: &Inner, run: &RunId, task: TaskId) -> Result<Self> {
        let run = inner.store.run(run)?;
        let row = inner.store.result(run.key, task)?;
        let project = inner.store.project_by_key(run.project_key)?;
        let config = stored_config(&project)?;
        let content = content_of(inner, &run)?;
        let provider_of_run = content.provider;
        let connection = inner.store.connection(run.connection_id.as_str()).ok();
        let connection = connection.filter(|row| provider(row) == provider_of_run);
        let silenced = match &connection {
            Some(row) => model_without_secrets(inner, row),
            None => model_of_provider(inner, provider_of_run),
        };
        let refused = connection.as_ref().map(|row| ConnectionSettings::of(row).refused(&content.model));
        let template = Template::new(content, &config, structure(&run), refused.unwrap_or_default());
        let asked_for = template.capabilities();
        let data = stored_data(&row.data);
        let filled = template.filled(&config.for_task(&data).prompt_schema(asked_for).into(), &data).ok();
        let reading = Reading::of(inner, run.project_key)?;
        let (model, endpoint) = silenced.map(|Silenced { model, endpoint }| (model, endpoint)).unzip();
        let answer = match &row.answer_hash {
            Some(hash) => inner.store.answer(hash)?,
            None => None,
        };
        let controls = match (&row.ground_truth, &row.result) {
            (Some(truth), Some(guess)) => {
                config.score(&stored_regions(truth), &stored_regions(guess), asked_for).controls
            }
            _ => Vec::new(),
        };
        let annotations = inner.store.annotations(task)?;
        let detail = ResultDetail {
            controls: controls
                .into_iter()
                .map(|control| ControlScore { name: control.name, score: control.score, exact: control.exact })
                .collect(),
            repairs: row.repairs.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default(),
            request: String::new(),
            endpoint: endpoint.flatten(),
            cached_tokens: row.cached_tokens,
            reasoning_tokens: row.reasoning_tokens,
            request_id: answer.as_ref().and_then(|answer| answer.request_id.clone()),
            answer: answer.as_ref().map(|answer| answer.content.clone()),
            attempts: row.attempts,
            asked_again: None,
            has_changed: false,
            annotations: annotations
                .iter()
                .filter(|annotation| !annotation.was_cancelled)
                .map(|annotation| stored_regions(&annotation.result))
                .collect(),
            row: result_row(row),
        };
        let conversation = filled.zip(model).map(|(filled, model)| Conversation {
            sending: Sending { reading, limits: model.media_limits(), to: provider_of_run.label(), may_be_kept: true },
            filled,
            model,
            config,
            data,
            asked: asked_for,
            provider: provider_of_run,
            repetition: run.repetition,
            // Once the connection is gone, nobody knows where it went.
            answer: answer.filter(|_| connection.is_some()),
        });
        Ok(Self { detail, conversation })
    }
}

pub(crate) fn result_row(row: StoredResult) -> ResultRow {
    ResultRow {
        task_id: row.task_id,
        position: row.position,
        data: stored_data(&row.data),
        ground_truth: row.ground_truth.as_deref().map(stored_regions),
        prediction: row.result.as_deref().map(stored_regions),
        correct: row.correct,
        score: row.score,
        confidence: row.confidence,
        error: row.error.map(|(code, message)| TaskError {
            code,
            message,
            vendor: row.error_vendor.as_deref().and_then(|json| serde_json::from_str(json).ok()),
        }),
        cached: row.cached,
        repaired: row.repairs.is_some(),
        latency_ms: row.latency_ms,
        prompt_tokens: row.prompt_tokens,
        completion_tokens: row.completion_tokens,
        cost_usd: row.cost_picos.map(dollars::of_picos),
        review: row.review.as_deref().and_then(ReviewDecision::parse),
    }
}
