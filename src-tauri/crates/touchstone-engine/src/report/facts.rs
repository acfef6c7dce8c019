//! What is known of a run, as a report tells it.

use super::ReportOptions;
use crate::comparison::{Comparison, compared};
use crate::metrics::RunMetrics;
use crate::project_export::answers;
use crate::projects::stored_config;
use crate::requests::{capabilities_for, media_fields};
use crate::results::{RowFilter, RowQuery, RowSort, found};
use crate::runs::{RunSummary, content_of};
use crate::tasks::stored_data;
use crate::{Error, Inner, Result};
use serde_json::{Map, Value};
use touchstone_domain::prompt::PromptContent;
use touchstone_labeling::Config;
use touchstone_store::{ErrorRow, ProjectRow, ResultRow, RunRow, VersionRow};

/// Runs that are tried for a comparison where nobody named one: each is read whole.
const BASELINES_MAX: usize = 5;

pub(super) struct Facts {
    pub run: RunRow,
    pub summary: RunSummary,
    pub metrics: RunMetrics,
    pub errors: Vec<ErrorRow>,
    pub prompt_name: String,
    pub version: VersionRow,
    /// As the run asked it.
    pub content: PromptContent,
    pub project: ProjectRow,
    /// The run beside what it is compared with, which comes first.
    pub comparison: Option<Comparison>,
    pub examples: Vec<Example>,
}

/// A task that went wrong.
pub(super) struct Example {
    /// As exports name the task.
    pub task_id: i64,
    pub score: Option<f64>,
    pub data: Map<String, Value>,
    /// By control, what is true and what was answered.
    pub controls: Vec<(String, Value, Value)>,
    /// Why there is no answer.
    pub error: Option<(String, String)>,
}

impl Facts {
    pub(super) fn of(inner: &Inner, summary: RunSummary, metrics: RunMetrics, options: &ReportOptions) -> Result<Self> {
        let run = inner.store.run(&summary.id)?;
        let project = inner.store.project_by_key(run.project_key)?;
        let content = content_of(inner, &run)?;
        let comparison = match &options.against {
            Some(other) => Some(compared(inner, &[other.clone(), run.id.clone()])?),
            None => comparison(inner, &run, &content)?,
        };
        Ok(Self {
            errors: inner.store.run_errors(run.key)?,
            prompt_name: inner.store.prompt_by_key(run.prompt_key)?.1,
            version: inner.store.version(&run.version_id)?,
            examples: examples(inner, &run, &content, &stored_config(&project)?, options.examples as usize)?,
            comparison,
            content,
            project,
            summary,
            metrics,
            run,
        })
    }
}

/// The run beside the one that the window would compare it with: the newest scored one of an earlier version, else of another
/// model, else any other, also one that is not scored.
fn comparison(inner: &Inner, run: &RunRow, content: &PromptContent) -> Result<Option<Comparison>> {
    let mut others = Vec::new();
    for other in inner.store.runs(Some(run.prompt_key))? {
        if other.id == run.id || other.project_key != run.project_key || other.done == other.failed {
            continue;
        }
        let rank = if other.scored == 0 {
            3
        } else if other.version_number < run.version_number {
            0
        } else if content_of(inner, &other)?.model != content.model {
            1
        } else {
            2
        };
        others.push((rank, other.id));
    }
    others.sort_by_key(|(rank, _)| *rank);
    for (_, other) in others.into_iter().take(BASELINES_MAX) {
        match compared(inner, &[other, run.id.clone()]) {
            Ok(comparison) => return Ok(Some(comparison)),
            Err(Error::NoSharedTasks) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// The wrong ones with the least score, then those that failed.
fn examples(
    inner: &Inner,
    run: &RunRow,
    content: &PromptContent,
    config: &Config,
    count: usize,
) -> Result<Vec<Example>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let of = |filter, sort| found(inner, run, &RowQuery { filter, sort, search: String::new(), cell: None });
    let mut tasks = of(RowFilter::Wrong, RowSort::ScoreAscending)?;
    if tasks.len() < count {
        tasks.extend(of(RowFilter::Failed, RowSort::Position)?);
    }
    tasks.truncate(count);
    let asked = capabilities_for(&media_fields(content, config));
    let controls: Vec<_> = config.tallies(asked).into_iter().map(|tally| tally.name).collect();
    Ok(inner.store.results(run.key, &tasks)?.into_iter().map(|row| example(config, &controls, row)).collect())
}

fn example(config: &Config, controls: &[String], row: ResultRow) -> Example {
    let said = |json: &Option<String>| json.as_deref().map(|json| answers(config, json)).unwrap_or_default();
    let (mut truth, mut predicted) = (said(&row.ground_truth), said(&row.result));
    let mut of = |control: &String| {
        let sides = (truth.shift_remove(control), predicted.shift_remove(control));
        let is_said = sides.0.is_some() || sides.1.is_some();
        is_said.then(|| (control.clone(), sides.0.unwrap_or_default(), sides.1.unwrap_or_default()))
    };
    Example {
        task_id: row.source_id.unwrap_or(row.task_id.0),
        score: row.score,
        data: stored_data(&row.data),
        controls: controls.iter().filter_map(&mut of).collect(),
        error: row.error,
    }
}
