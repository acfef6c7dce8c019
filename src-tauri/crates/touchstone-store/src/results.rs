//! The results of a run, as a table that can be filtered, sorted and paged.

use crate::coverage::Positions;
use crate::database::Store;
use crate::error::{Result, StoreError};
use crate::tasks::GROUND_TRUTH;
use rusqlite::{OptionalExtension, Row, params, params_from_iter};
use std::ops::ControlFlow;
use touchstone_domain::TaskId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResultFilter {
    All,
    Correct,
    Wrong,
    Failed,
    /// Answered, but the task has no ground truth.
    Unscored,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResultSort {
    /// The project's order.
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

impl ResultSort {
    /// What has none of it comes last, whichever way.
    fn order(self) -> &'static str {
        match self {
            Self::Position => "task_id",
            Self::ScoreAscending => "score NULLS LAST, task_id",
            Self::ScoreDescending => "score DESC NULLS LAST, task_id",
            Self::ConfidenceAscending => "confidence NULLS LAST, task_id",
            Self::ConfidenceDescending => "confidence DESC NULLS LAST, task_id",
            Self::LatencyAscending => "latency_ms NULLS LAST, task_id",
            Self::LatencyDescending => "latency_ms DESC NULLS LAST, task_id",
            Self::CostAscending => "cost_picos NULLS LAST, task_id",
            Self::CostDescending => "cost_picos DESC NULLS LAST, task_id",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ResultRow {
    pub task_id: TaskId,
    pub position: u32,
    pub source_id: Option<i64>,
    /// JSON object.
    pub data: String,
    /// JSON list of regions of the newest ground truth.
    pub ground_truth: Option<String>,
    pub answer_hash: Option<String>,
    pub result: Option<String>,
    pub repairs: Option<String>,
    pub correct: Option<bool>,
    pub score: Option<f64>,
    pub error: Option<(String, String)>,
    /// JSON of what the provider said of the failure.
    pub error_vendor: Option<String>,
    pub cached: bool,
    pub attempts: u32,
    pub prompt_tokens: Option<u32>,
    pub completion_tokens: Option<u32>,
    /// The part of the input that was read from a cache.
    pub cached_tokens: Option<u32>,
    /// The part of the output that the model thought.
    pub reasoning_tokens: Option<u32>,
    /// What the run paid for it, in picodollars; `None` when a price is not known.
    pub cost_picos: Option<u64>,
    pub latency_ms: Option<u32>,
    /// Of the prediction's least certain region; `None` unless all regions say theirs.
    pub confidence: Option<f64>,
    /// What was decided about the prediction: `accepted`, `corrected` or `rejected`; `None` while nobody has.
    pub review: Option<String>,
}

/// Tasks of a run that failed in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorRow {
    /// As it is stored with each of them.
    pub code: String,
    pub count: u32,
    /// In the words of the last of them, in the order of the project.
    pub message: String,
}

fn columns() -> String {
    format!(
        "task.id, position, source_id, data, {GROUND_TRUTH} AS ground_truth, answer_hash, prediction.result, repairs,
         correct, score, error_code, error_message, error_vendor, cached, attempts, prompt_tokens, completion_tokens,
         cached_tokens, reasoning_tokens, cost_picos, latency_ms, confidence,
         (SELECT decision FROM review WHERE review.run_key = prediction.run_key AND review.task_id = prediction.task_id)
           AS review"
    )
}

fn result_row(row: &Row<'_>) -> rusqlite::Result<ResultRow> {
    let code: Option<String> = row.get("error_code")?;
    let message: Option<String> = row.get("error_message")?;
    Ok(ResultRow {
        task_id: TaskId(row.get("id")?),
        position: row.get("position")?,
        source_id: row.get("source_id")?,
        data: row.get("data")?,
        ground_truth: row.get("ground_truth")?,
        answer_hash: row.get("answer_hash")?,
        result: row.get("result")?,
        repairs: row.get("repairs")?,
        correct: row.get("correct")?,
        score: row.get("score")?,
        error: code.map(|code| (code, message.unwrap_or_default())),
        error_vendor: row.get("error_vendor")?,
        cached: row.get("cached")?,
        attempts: row.get("attempts")?,
        prompt_tokens: row.get("prompt_tokens")?,
        completion_tokens: row.get("completion_tokens")?,
        cached_tokens: row.get("cached_tokens")?,
        reasoning_tokens: row.get("reasoning_tokens")?,
        cost_picos: row.get::<_, Option<i64>>("cost_picos")?.map(i64::unsigned_abs),
        latency_ms: row.get("latency_ms")?,
        confidence: row.get("confidence")?,
        review: row.get("review")?,
    })
}

/// Which results of a run are wanted, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultQuery {
    pub filter: ResultFilter,
    pub sort: ResultSort,
    /// Text that the task's data contains (any case, ASCII); empty for any.
    pub search: String,
    /// Only results that are scored, told with both sides.
    pub cell: Option<CellHints>,
    /// Only tasks that failed with this code.
    pub error: Option<String>,
    /// Only these tasks.
    pub among: Option<Vec<TaskId>>,
}

/// What can be told of the results in a cell of a table of metrics without reading their regions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellHints {
    /// A text of the prediction.
    pub predicted: Option<String>,
    pub is_wrong: bool,
}

/// The regions of a result beside those of the ground truth, as JSON.
pub struct Sides<'r> {
    pub truth: &'r str,
    pub prediction: &'r str,
}

impl Store {
    /// Tells the tasks of a run that are wanted one after the other, until it breaks: those in the project's order are there
    /// from the first on, any other order is made first. The sides are told if a cell is asked for.
    pub fn each_result(
        &self,
        run_key: i64,
        query: &ResultQuery,
        mut each: impl FnMut(TaskId, Option<Sides<'_>>) -> ControlFlow<()>,
    ) -> Result<()> {
        let condition = condition(query.filter);
        let order = query.sort.order();
        let (among, listed) = match &query.among {
            None => ("AND ?6 IS NULL", None),
            Some(tasks) => {
                let ids: Vec<_> = tasks.iter().map(|task| task.0).collect();
                let json = serde_json::to_string(&ids).expect("numbers are JSON");
                ("AND task_id IN (SELECT value FROM json_each(?6))", Some(json))
            }
        };
        let (sides, cell) = match &query.cell {
            None => ("NULL, NULL".to_owned(), ""),
            Some(CellHints { is_wrong: true, .. }) => (sides(), "AND correct = 0"),
            Some(_) => (sides(), "AND correct IS NOT NULL"),
        };
        let predicted = query.cell.as_ref().and_then(|cell| cell.predicted.as_deref()).map(spelled).unwrap_or_default();
        self.read(|reader| {
            // Tasks of a project are inserted in order, so their ids sort as their positions do.
            let sql = format!(
                "SELECT task_id, {sides} FROM prediction WHERE run_key = ?1 {condition} {cell} {among}
                 AND (?2 = '' OR EXISTS (SELECT 1 FROM task WHERE id = task_id AND data LIKE ?3 ESCAPE '\\'))
                 AND (?4 = '' OR instr(prediction.result, ?4)) AND (?5 IS NULL OR error_code = ?5) ORDER BY {order}"
            );
            let mut statement = reader.prepare_cached(&sql)?;
            let mut rows = statement.query(params![
                run_key,
                query.search,
                contains_pattern(&query.search),
                predicted,
                query.error,
                listed
            ])?;
            while let Some(row) = rows.next()? {
                let both = (text(row, 1)?, text(row, 2)?);
                let sides = match both {
                    (Some(truth), Some(prediction)) => Some(Sides { truth, prediction }),
                    _ if query.cell.is_some() => continue,
                    _ => None,
                };
                if each(TaskId(row.get(0)?), sides).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// The positions of the tasks of a run that pass `filter` and `search`.
    pub fn result_positions(&self, run_key: i64, filter: ResultFilter, search: &str) -> Result<Positions> {
        self.read(|reader| {
            let sql = format!(
                "SELECT position FROM prediction JOIN task ON task.id = task_id WHERE run_key = ?1 {}
                 AND (?2 = '' OR data LIKE ?3 ESCAPE '\\')",
                condition(filter)
            );
            let mut statement = reader.prepare_cached(&sql)?;
            let rows =
                statement.query_map(params![run_key, search, contains_pattern(search)], |row| row.get::<_, u32>(0))?;
            Ok(rows.collect::<rusqlite::Result<Positions>>()?)
        })
    }

    /// Why tasks of a run failed, by code; the most frequent first.
    pub fn run_errors(&self, run_key: i64) -> Result<Vec<ErrorRow>> {
        self.read(|reader| {
            // SQLite takes a column that is not aggregated from the row that has the maximum.
            let mut statement = reader.prepare_cached(
                "SELECT error_code, count(*) AS count, max(task_id), coalesce(error_message, '') AS message FROM prediction
                 WHERE run_key = ?1 AND error_code IS NOT NULL GROUP BY error_code ORDER BY count DESC, error_code",
            )?;
            let rows = statement.query_map([run_key], |row| {
                Ok(ErrorRow { code: row.get("error_code")?, count: row.get("count")?, message: row.get("message")? })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The rows of these tasks, in the order given; a task without a prediction in the run is left out.
    pub fn results(&self, run_key: i64, tasks: &[TaskId]) -> Result<Vec<ResultRow>> {
        self.read(|reader| {
            let places = vec!["?"; tasks.len()].join(", ");
            let sql = format!(
                "SELECT {} FROM prediction JOIN task ON task.id = task_id WHERE run_key = ? AND task_id IN ({places})",
                columns()
            );
            let mut statement = reader.prepare(&sql)?;
            let values = std::iter::once(run_key).chain(tasks.iter().map(|task| task.0));
            let mut rows: Vec<_> =
                statement.query_map(params_from_iter(values), result_row)?.collect::<rusqlite::Result<_>>()?;
            let place: std::collections::HashMap<_, _> =
                tasks.iter().zip(0..).collect::<std::collections::HashMap<_, usize>>();
            rows.sort_by_key(|row| place.get(&row.task_id).copied());
            Ok(rows)
        })
    }

    /// The result of one task in one run.
    pub fn result(&self, run_key: i64, task: TaskId) -> Result<ResultRow> {
        self.read(|reader| {
            let sql = format!(
                "SELECT {} FROM prediction JOIN task ON task.id = task_id WHERE run_key = ?1 AND task_id = ?2",
                columns()
            );
            let found = reader.prepare_cached(&sql)?.query_row(params![run_key, task.0], result_row).optional()?;
            found.ok_or_else(|| StoreError::not_found("result of task", task))
        })
    }
}

fn condition(filter: ResultFilter) -> &'static str {
    match filter {
        ResultFilter::All => "",
        ResultFilter::Correct => "AND correct = 1",
        ResultFilter::Wrong => "AND correct = 0",
        ResultFilter::Failed => "AND error_code IS NOT NULL",
        ResultFilter::Unscored => "AND correct IS NULL AND error_code IS NULL",
    }
}

fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<Option<&'r str>> {
    Ok(row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?)
}

/// Ground truth and prediction of a row of `prediction`.
fn sides() -> String {
    format!("(SELECT {GROUND_TRUTH} FROM task WHERE task.id = task_id), prediction.result")
}

/// The inside of a text as JSON spells it.
fn spelled(text: &str) -> String {
    let spelled = serde_json::Value::from(text).to_string();
    spelled[1..spelled.len() - 1].to_owned()
}

/// A LIKE pattern for "contains `text`", its wildcards taken literally, and quotes and backslashes as JSON spells them.
fn contains_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in spelled(text).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
