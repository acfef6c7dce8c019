//! Choosing files and folders, importing them into projects, and what an import did not take.

use super::Reply;
use super::exports::choose_path;
use crate::state::App;
use crate::window;
use std::path::PathBuf;
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder};
use touchstone_engine::domain::ProjectId;
use touchstone_engine::imports::{ImportIssues, ImportPlan, ImportReport, ImportTarget, NewImport};

/// Asks for the files of an import in the system's dialog; none when it is dismissed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_files<R: Runtime>(app: AppHandle<R>) -> Reply<Vec<String>> {
    let title = "Import a labeling config and its tasks";
    let extensions = ["xml", "json", "jsonl", "ndjson", "csv", "tsv", "tab", "txt", "parquet"];
    Ok(pick_files(&app, title, "Labeling config and tasks", &extensions).await)
}

/// The files that the user picks in the system's dialog; none when it is dismissed.
pub(super) async fn pick_files<R: Runtime>(
    app: &AppHandle<R>,
    title: &str,
    filter: &str,
    extensions: &[&str],
) -> Vec<String> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    // A caller that is gone is not told.
    dialog(app, title).add_filter(filter, extensions).pick_files(|files| drop(answer.send(files)));
    let files = answered.await.ok().flatten().unwrap_or_default();
    window::texts(files.into_iter().filter_map(|file| file.into_path().ok()))
}

/// Asks for a folder of images or texts; `None` when the dialog is dismissed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_folder<R: Runtime>(app: AppHandle<R>) -> Reply<Option<String>> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    // A caller that is gone is not told.
    dialog(&app, "Import a folder of images or texts").pick_folder(|folder| drop(answer.send(folder)));
    let folder = answered.await.ok().flatten().and_then(|folder| folder.into_path().ok());
    Ok(folder.and_then(|folder| window::texts([folder]).pop()))
}

/// Asks where to put the list of what an import did not take; `None` when the dialog is dismissed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_issues_path<R: Runtime>(app: AppHandle<R>, suggested_name: String) -> Reply<Option<String>> {
    choose_path(&app, "Save what was not imported", "CSV", "csv", &suggested_name).await
}

fn dialog<R: Runtime>(app: &AppHandle<R>, title: &str) -> FileDialogBuilder<R> {
    let dialog = app.dialog().file().set_title(title);
    match window::main(app) {
        Some(window) => dialog.set_parent(&window),
        None => dialog,
    }
}

/// Says what these files, or this folder, would import into `target`, or into a new project while it is `None`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn plan_import(
    app: State<'_, App>,
    paths: Vec<String>,
    target: Option<ImportTarget>,
) -> Reply<ImportPlan> {
    Ok(app.engine().await?.plan_import(paths, target).await?)
}

/// Progress arrives as the event `importProgress`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_project(app: State<'_, App>, new_import: NewImport) -> Reply<ImportReport> {
    Ok(app.engine().await?.import_project(new_import).await?)
}

/// Makes a project of a template and the tasks that it brings; without a name it is called as the template is.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_template(app: State<'_, App>, id: String, name: Option<String>) -> Reply<ImportReport> {
    Ok(app.engine().await?.import_template(id, name).await?)
}

/// Ends the import at work, which then keeps nothing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_import(app: State<'_, App>) -> Reply<()> {
    app.engine().await?.cancel_import();
    Ok(())
}

/// What imports of a project did not take as it was, from `offset` on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_issues(
    app: State<'_, App>,
    project_id: ProjectId,
    offset: u32,
    limit: u32,
) -> Reply<ImportIssues> {
    Ok(app.engine().await?.import_issues(project_id, offset, limit).await?)
}

/// Writes all of it into a CSV file and says how many rows there are.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_import_issues(app: State<'_, App>, project_id: ProjectId, path: String) -> Reply<u32> {
    Ok(app.engine().await?.export_import_issues(project_id, PathBuf::from(path)).await?)
}
