//! What a run found: row by row, and in numbers.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::{RunId, TaskId};
use touchstone_engine::metrics::RunMetrics;
use touchstone_engine::results::{ResultDetail, RowPage, RowQuery, RunError};
use touchstone_engine::reviews::ReviewRun;

#[tauri::command]
#[specta::specta]
pub(crate) async fn result_rows(
    app: State<'_, App>,
    run_id: RunId,
    query: RowQuery,
    offset: u32,
    limit: u32,
) -> Reply<RowPage> {
    Ok(app.engine().await?.result_rows(run_id, query, offset, limit).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn get_result(app: State<'_, App>, run_id: RunId, task_id: TaskId) -> Reply<ResultDetail> {
    Ok(app.engine().await?.result(run_id, task_id).await?)
}

/// What the results of a run show, also while it is at work.
#[tauri::command]
#[specta::specta]
pub(crate) async fn run_metrics(app: State<'_, App>, run_id: RunId) -> Reply<RunMetrics> {
    Ok(app.engine().await?.run_metrics(run_id).await?)
}

/// The run that the filter `changed` compares a run with; `None` where no earlier version of its prompt has answered any of its
/// tasks.
#[tauri::command]
#[specta::specta]
pub(crate) async fn changed_since(app: State<'_, App>, run_id: RunId) -> Reply<Option<ReviewRun>> {
    Ok(app.engine().await?.changed_since(run_id).await?)
}

/// Why tasks of a run failed, each way once; the most frequent first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn run_errors(app: State<'_, App>, run_id: RunId) -> Reply<Vec<RunError>> {
    Ok(app.engine().await?.run_errors(run_id).await?)
}
