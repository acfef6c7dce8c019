//! Ground truth that good runs contradict.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::{ProjectId, TaskId};
use touchstone_engine::gold::{GoldCheck, GoldMark};

/// Looks for ground truth of a project that good runs contradict.
#[tauri::command]
#[specta::specta]
pub(crate) async fn gold_check(app: State<'_, App>, project_id: ProjectId) -> Reply<GoldCheck> {
    Ok(app.engine().await?.gold_check(project_id).await?)
}

/// Decides about the ground truth that a task has, or takes the last decision back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mark_gold(app: State<'_, App>, task_id: TaskId, mark: Option<GoldMark>) -> Reply<()> {
    Ok(app.engine().await?.mark_gold(task_id, mark).await?)
}
