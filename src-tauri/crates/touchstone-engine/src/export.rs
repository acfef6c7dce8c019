//! Predictions as files: JSON Lines for scripts, Label Studio's import format for Label Studio.

use crate::dollars;
use crate::files::{WriteFailure, write_file};
use crate::{Engine, Error, Inner, Result};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use specta::Type;
use std::io::Write;
use std::path::PathBuf;
use touchstone_domain::RunId;
use touchstone_store::{ResultRow, RunRow};

/// Results that are read at a time.
const PAGE_ROWS: u32 = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ExportFormat {
    /// One JSON object a line: `task_id, data, result, correct, score, error, tokens, cost_usd`.
    Jsonl,
    /// A list of tasks with `data` and `predictions`, as Label Studio imports it.
    LabelStudio,
}

impl Engine {
    /// Writes the run's results, in the project's order, to `path`, and gives back how many. A file that is there is
    /// replaced once the new one is complete, so it is never half of either.
    pub async fn export_predictions(&self, run: RunId, format: ExportFormat, path: PathBuf) -> Result<u32> {
        self.blocking(move |inner| {
            let run = inner.store.run(&run)?;
            write_file(&path, |out| write_results(inner, &run, format, out))
        })
        .await
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

fn write_results(
    inner: &Inner,
    run: &RunRow,
    format: ExportFormat,
    out: &mut impl Write,
) -> std::result::Result<u32, WriteFailure> {
    let model_version = model_version(inner, run)?;
    let mut rows = 0;
    let mut after = None;
    loop {
        let page = inner.store.results_after(run.key, after, PAGE_ROWS)?;
        let Some(last) = page.last() else { break };
        after = Some(last.task_id);
        for row in &page {
            let json = match format {
                ExportFormat::Jsonl => line(row)?,
                ExportFormat::LabelStudio => label_studio_task(row, &model_version)?,
            };
            let (before, after) = match format {
                ExportFormat::Jsonl => ("", "\n"),
                ExportFormat::LabelStudio => (if rows == 0 { "[\n" } else { ",\n" }, ""),
            };
            for piece in [before.as_bytes(), &json, after.as_bytes()] {
                out.write_all(piece)?;
            }
            rows += 1;
        }
    }
    if format == ExportFormat::LabelStudio {
        out.write_all(if rows == 0 { b"[]\n" } else { b"\n]\n" })?;
    }
    Ok(rows)
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
