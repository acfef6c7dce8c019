//! Choosing files and importing them as a project.

use super::Reply;
use crate::state::App;
use crate::window;
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_dialog::DialogExt;
use touchstone_engine::imports::{ImportPlan, ImportReport, NewProject};

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
