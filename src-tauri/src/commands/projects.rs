//! Projects: choosing files, importing them, and looking at their tasks.

use super::Reply;
use crate::state::App;
use crate::window;
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_dialog::DialogExt;
use touchstone_engine::domain::ProjectId;
use touchstone_engine::projects::{ImportPlan, ImportReport, NewProject, ProjectDetail, ProjectSummary, TaskPage};

/// Asks for the files of an import in the system's dialog; none when it is dismissed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_files<R: Runtime>(app: AppHandle<R>) -> Reply<Vec<String>> {
    let mut dialog = app
        .dialog()
        .file()
        .set_title("Import a labeling config and its tasks")
        .add_filter("Labeling config and tasks", &["xml", "json"]);
    if let Some(window) = window::main(&app) {
        dialog = dialog.set_parent(&window);
    }
    let (answer, answered) = tokio::sync::oneshot::channel();
    // A caller that is gone is not told.
    dialog.pick_files(|files| drop(answer.send(files)));
    let files = answered.await.ok().flatten().unwrap_or_default();
    Ok(window::texts(files.into_iter().filter_map(|file| file.into_path().ok())))
}

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

/// Says what these files would import.
#[tauri::command]
#[specta::specta]
pub(crate) async fn plan_import(app: State<'_, App>, paths: Vec<String>) -> Reply<ImportPlan> {
    Ok(app.engine().await?.plan_import(paths).await?)
}

/// Progress arrives as the event `importProgress`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_project(app: State<'_, App>, project: NewProject) -> Reply<ImportReport> {
    Ok(app.engine().await?.import_project(project).await?)
}

/// Ends the import at work, which then keeps nothing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_import(app: State<'_, App>) -> Reply<()> {
    app.engine().await?.cancel_import();
    Ok(())
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

#[tauri::command]
#[specta::specta]
pub(crate) async fn task_rows(app: State<'_, App>, project_id: ProjectId, offset: u32, limit: u32) -> Reply<TaskPage> {
    Ok(app.engine().await?.tasks(project_id, offset, limit).await?)
}
