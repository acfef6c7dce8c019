//! Exports of projects and of a run's predictions, and reports of runs.

use super::Reply;
use crate::state::App;
use crate::window;
use std::path::PathBuf;
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_dialog::DialogExt;
use touchstone_engine::domain::{ProjectId, RunId};
use touchstone_engine::export::ExportFormat;
use touchstone_engine::project_export::{ExportedProject, ProjectExport, ProjectFormat};
use touchstone_engine::report::{ReportFormat, ReportOptions, WrittenReport};
use touchstone_engine::results::RowQuery;

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
        ExportFormat::Csv => ("Export the results", "CSV", "csv"),
        ExportFormat::LabelStudio => ("Export predictions for Label Studio", "JSON", "json"),
    };
    choose_path(&app, title, filter, extension, &suggested_name).await
}

/// Asks where to put the export of a project; `None` when the dialog is dismissed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_project_export_path<R: Runtime>(
    app: AppHandle<R>,
    format: ProjectFormat,
    suggested_name: String,
) -> Reply<Option<String>> {
    let (filter, extension) = match format {
        ProjectFormat::LabelStudio | ProjectFormat::JsonMin => ("JSON", "json"),
        ProjectFormat::Csv => ("CSV", "csv"),
        ProjectFormat::Jsonl => ("JSON Lines", "jsonl"),
    };
    choose_path(&app, "Export the project", filter, extension, &suggested_name).await
}

/// Asks where to put a file in the system's dialog.
pub(super) async fn choose_path<R: Runtime>(
    app: &AppHandle<R>,
    title: &str,
    filter: &str,
    extension: &str,
    name: &str,
) -> Reply<Option<String>> {
    let mut dialog = app
        .dialog()
        .file()
        .set_title(title)
        .add_filter(filter, &[extension])
        .set_file_name(format!("{name}.{extension}"));
    if let Some(window) = window::main(app) {
        dialog = dialog.set_parent(&window);
    }
    let (answer, answered) = tokio::sync::oneshot::channel();
    // A caller that is gone is not told.
    dialog.save_file(|file| drop(answer.send(file)));
    let path = answered.await.ok().flatten().and_then(|file| file.into_path().ok());
    Ok(path.and_then(|path| window::texts([path]).pop()))
}

/// Writes a project, with its annotations, into a file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_project(
    app: State<'_, App>,
    project_id: ProjectId,
    options: ProjectExport,
) -> Reply<ExportedProject> {
    Ok(app.engine().await?.export_project(project_id, options).await?)
}

/// Writes those of a run's predictions that a query is about, or all, into a file and says how many.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_predictions(
    app: State<'_, App>,
    run_id: RunId,
    format: ExportFormat,
    query: Option<RowQuery>,
    path: String,
) -> Reply<u32> {
    Ok(app.engine().await?.export_predictions(run_id, format, query, PathBuf::from(path)).await?)
}

/// Asks where to put a report; `None` when the dialog is dismissed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_report_path<R: Runtime>(
    app: AppHandle<R>,
    format: ReportFormat,
    suggested_name: String,
) -> Reply<Option<String>> {
    let (filter, extension) = match format {
        ReportFormat::Html => ("HTML", "html"),
        ReportFormat::Markdown => ("Markdown", "md"),
    };
    choose_path(&app, "Write a report", filter, extension, &suggested_name).await
}

/// Writes a report of a run into a file, as HTML or Markdown by its ending.
#[tauri::command]
#[specta::specta]
pub(crate) async fn write_report(
    app: State<'_, App>,
    run_id: RunId,
    options: ReportOptions,
    path: String,
) -> Reply<WrittenReport> {
    Ok(app.engine().await?.write_report(run_id, options, PathBuf::from(path)).await?)
}
