//! Exports of a run's predictions.

use super::Reply;
use crate::state::App;
use crate::window;
use std::path::PathBuf;
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_dialog::DialogExt;
use touchstone_engine::domain::RunId;
use touchstone_engine::export::ExportFormat;

/// Asks where to put an export in the system's dialog; `None` when it is dismissed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_export_path<R: Runtime>(
    app: AppHandle<R>,
    format: ExportFormat,
    suggested_name: String,
) -> Reply<Option<String>> {
    let (title, filter, extension) = match format {
        ExportFormat::Jsonl => ("Export predictions", "JSON Lines", "jsonl"),
        ExportFormat::LabelStudio => ("Export predictions for Label Studio", "JSON", "json"),
    };
    let mut dialog = app
        .dialog()
        .file()
        .set_title(title)
        .add_filter(filter, &[extension])
        .set_file_name(format!("{suggested_name}.{extension}"));
    if let Some(window) = window::main(&app) {
        dialog = dialog.set_parent(&window);
    }
    let (answer, answered) = tokio::sync::oneshot::channel();
    // A caller that is gone is not told.
    dialog.save_file(|file| drop(answer.send(file)));
    let path = answered.await.ok().flatten().and_then(|file| file.into_path().ok());
    Ok(path.and_then(|path| window::texts([path]).pop()))
}

/// Writes a run's predictions into a file and says how many.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_predictions(
    app: State<'_, App>,
    run_id: RunId,
    format: ExportFormat,
    path: String,
) -> Reply<u32> {
    Ok(app.engine().await?.export_predictions(run_id, format, PathBuf::from(path)).await?)
}
