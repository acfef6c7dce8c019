//! What a run found: row by row, and in numbers.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::{RunId, TaskId};
use touchstone_engine::metrics::RunMetrics;
use touchstone_engine::results::{ResultDetail, RowPage, RowQuery, RunError};

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

/// Why tasks of a run failed, each way once; the most frequent first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn run_errors(app: State<'_, App>, run_id: RunId) -> Reply<Vec<RunError>> {
    Ok(app.engine().await?.run_errors(run_id).await?)
}
