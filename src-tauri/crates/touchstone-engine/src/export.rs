//! Predictions as files: JSON Lines for scripts, a table for spreadsheets, Label Studio's import format for Label Studio.

mod table;

use crate::dollars;
use crate::files::{WriteFailure, write_file};
use crate::results::{RowFilter, RowQuery, RowSort, found};
use crate::{Engine, Error, Inner, Result};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use specta::Type;
use std::io::Write;
use std::path::PathBuf;
use touchstone_domain::{RunId, TaskId};
use touchstone_store::{ResultRow, RunRow};

/// Results that are read at a time.
const PAGE_ROWS: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// One JSON object a line: `task_id, data, result, correct, score, error, tokens, cost_usd`.
    Jsonl,
    /// A row for each result, with every field of its data and everything that is known of it.
    Csv,
    /// A list of tasks with `data` and `predictions`, as Label Studio imports it.
    LabelStudio,
}

impl Engine {
    /// Writes those of the run's results that `query` is about, in its order, to `path`, and gives back how many; without one
    /// all of them, in the project's order. A file that is there is replaced once the new one is complete, so it is never
    /// half of either.
    pub async fn export_predictions(
        &self,
        run: RunId,
        format: ExportFormat,
        query: Option<RowQuery>,
        path: PathBuf,
    ) -> Result<u32> {
        self.blocking(move |inner| {
            let run = inner.store.run(&run)?;
            let results = Results::of(inner, &run, query)?;
            write_file(&path, |out| match format {
                ExportFormat::Jsonl => results.each(|row| {
                    out.write_all(&line(row)?)?;
                    Ok(out.write_all(b"\n")?)
                }),
                ExportFormat::Csv => table::write(inner, &run, &results, out),
                ExportFormat::LabelStudio => write_tasks(&results, &model_version(inner, &run)?, out),
            })
        })
        .await
    }
}

type Written<T> = std::result::Result<T, WriteFailure>;

/// The results that are exported. Only their tasks' ids are held, so that memory does not grow with what they say.
struct Results<'i> {
    inner: &'i Inner,
    run_key: i64,
    tasks: Vec<TaskId>,
}

impl<'i> Results<'i> {
    fn of(inner: &'i Inner, run: &RunRow, query: Option<RowQuery>) -> Result<Self> {
        let all = || RowQuery { filter: RowFilter::All, sort: RowSort::Position, search: String::new(), cell: None };
        let tasks = found(inner, run, &query.unwrap_or_else(all))?;
        Ok(Self { inner, run_key: run.key, tasks })
    }

    /// Gives each of them to `write`, and back how many there are.
    fn each(&self, mut write: impl FnMut(&ResultRow) -> Written<()>) -> Written<u32> {
        let mut written = 0;
        for page in self.tasks.chunks(PAGE_ROWS) {
            for row in &self.inner.store.results(self.run_key, page)? {
                write(row)?;
                written += 1;
            }
        }
        Ok(written)
    }
}

/// One line of the JSON Lines format.
#[derive(Serialize)]
struct Line<'r> {
    /// The id that the task was imported with; without one, its id in this workspace.
    task_id: i64,
    data: &'r RawValue,
    /// Regions; null when the task failed.
    result: Option<&'r RawValue>,
    /// Null when not scored.
    correct: Option<bool>,
    score: Option<f64>,
    error: Option<LineError<'r>>,
    /// Of all requests that its answer took; null where the server does not say.
    tokens: Tokens,
    /// What the run paid for it; null when a price is not known.
    cost_usd: Option<f64>,
}

#[derive(Serialize)]
struct LineError<'r> {
    code: &'r str,
    message: &'r str,
    /// What the provider said: its status, code, words and request id; null where it said nothing.
    vendor: Option<&'r RawValue>,
}

#[derive(Serialize)]
struct Tokens {
    prompt: Option<u32>,
    completion: Option<u32>,
    /// The part of `prompt` that was read from a cache.
    cached: Option<u32>,
    /// The part of `completion` that the model thought.
    reasoning: Option<u32>,
}

/// A task with its prediction, as Label Studio imports it.
#[derive(Serialize)]
struct LabelStudioTask<'r> {
    /// Label Studio's own id, where the task came with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    data: &'r RawValue,
    /// Empty when the task failed.
    predictions: Vec<LabelStudioPrediction<'r>>,
}

#[derive(Serialize)]
struct LabelStudioPrediction<'r> {
    model_version: &'r str,
    /// Agreement with ground truth; null without ground truth.
    score: Option<f64>,
    result: &'r RawValue,
}

fn write_tasks(results: &Results<'_>, model_version: &str, out: &mut impl Write) -> Written<u32> {
    let mut is_first = true;
    let written = results.each(|row| {
        out.write_all(if is_first { b"[\n" } else { b",\n" })?;
        is_first = false;
        Ok(out.write_all(&label_studio_task(row, model_version)?)?)
    })?;
    out.write_all(if is_first { b"[]\n" } else { b"\n]\n" })?;
    Ok(written)
}

/// What the predictions of a run say they are from: the prompt and its version, and the model and the repetition where the
/// version alone does not say them.
pub(crate) fn model_version(inner: &Inner, run: &RunRow) -> Result<String> {
    let (_, prompt) = inner.store.prompt_by_key(run.prompt_key)?;
    let mut words = format!("{prompt} v{}", run.version_number);
    if let Some(other) = &run.other_model {
        words.push_str(&format!(", {}", other.model));
    }
    if let Some(repetition) = run.repetition() {
        words.push_str(&format!(", {repetition}"));
    }
    Ok(words)
}

fn line(row: &ResultRow) -> Result<Vec<u8>> {
    json(&Line {
        task_id: row.source_id.unwrap_or(row.task_id.0),
        data: raw(&row.data)?,
        result: regions(row)?,
        correct: row.correct,
        score: row.score,
        error: match &row.error {
            Some((code, message)) => {
                Some(LineError { code, message, vendor: row.error_vendor.as_deref().map(raw).transpose()? })
            }
            None => None,
        },
        tokens: Tokens {
            prompt: row.prompt_tokens,
            completion: row.completion_tokens,
            cached: row.cached_tokens,
            reasoning: row.reasoning_tokens,
        },
        cost_usd: row.cost_picos.map(dollars::of_picos),
    })
}

fn label_studio_task(row: &ResultRow, model_version: &str) -> Result<Vec<u8>> {
    let prediction = regions(row)?.map(|result| LabelStudioPrediction { model_version, score: row.score, result });
    json(&LabelStudioTask { id: row.source_id, data: raw(&row.data)?, predictions: prediction.into_iter().collect() })
}

fn regions(row: &ResultRow) -> Result<Option<&RawValue>> {
    row.result.as_deref().map(raw).transpose()
}

/// Stored JSON as it is written.
pub(crate) fn raw(json: &str) -> Result<&RawValue> {
    serde_json::from_str(json).map_err(|error| Error::Internal(error.into()))
}

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::Internal(error.into()))
}
