//! A project's tasks.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::ProjectId;
use touchstone_engine::tasks::TaskPage;

#[tauri::command]
#[specta::specta]
pub(crate) async fn task_rows(app: State<'_, App>, project_id: ProjectId, offset: u32, limit: u32) -> Reply<TaskPage> {
    Ok(app.engine().await?.tasks(project_id, offset, limit).await?)
}
