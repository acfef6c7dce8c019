//! Projects.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::ProjectId;
use touchstone_engine::projects::{ProjectDetail, ProjectSummary};

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_projects(app: State<'_, App>) -> Reply<Vec<ProjectSummary>> {
    Ok(app.engine().await?.projects().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn get_project(app: State<'_, App>, project_id: ProjectId) -> Reply<ProjectDetail> {
    Ok(app.engine().await?.project(project_id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn rename_project(app: State<'_, App>, project_id: ProjectId, name: String) -> Reply<()> {
    Ok(app.engine().await?.rename_project(project_id, name).await?)
}

/// Moves a project into the bin; refused while prompts aim at it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_project(app: State<'_, App>, project_id: ProjectId) -> Reply<()> {
    Ok(app.engine().await?.delete_project(project_id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_project(app: State<'_, App>, project_id: ProjectId) -> Reply<()> {
    Ok(app.engine().await?.restore_project(project_id).await?)
}
