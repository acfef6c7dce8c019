//! The review queues of runs.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::{ProjectId, RunId};
use touchstone_engine::reviews::{ReviewPage, ReviewReason, ReviewRun, ReviewTasks, ReviewVerdict, Reviewed};

/// The runs of a project that have results, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn review_runs(app: State<'_, App>, project_id: ProjectId) -> Reply<Vec<ReviewRun>> {
    Ok(app.engine().await?.review_runs(project_id).await?)
}

/// A page of what is worth a look for one of these reasons, or for any where none is named.
#[tauri::command]
#[specta::specta]
pub(crate) async fn review_queue(
    app: State<'_, App>,
    run_id: RunId,
    reasons: Vec<ReviewReason>,
    offset: u32,
    limit: u32,
) -> Reply<ReviewPage> {
    Ok(app.engine().await?.review_queue(run_id, reasons, offset, limit).await?)
}

/// Decides about predictions of a run.
#[tauri::command]
#[specta::specta]
pub(crate) async fn decide_reviews(
    app: State<'_, App>,
    run_id: RunId,
    tasks: ReviewTasks,
    verdict: ReviewVerdict,
) -> Reply<Reviewed> {
    Ok(app.engine().await?.decide_reviews(run_id, tasks, verdict).await?)
}

/// Takes back what was decided together, but for what somebody changed since, and says of how many tasks.
#[tauri::command]
#[specta::specta]
pub(crate) async fn undo_reviews(app: State<'_, App>, batch: i64) -> Reply<u32> {
    Ok(app.engine().await?.undo_reviews(batch).await?)
}
