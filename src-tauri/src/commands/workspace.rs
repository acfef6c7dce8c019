//! The workspace file: whether it is whole, backups, what can be read of a damaged one. These need no open workspace.

use super::exports::choose_path;
use super::imports::pick_files;
use super::{Reply, show_folder};
use crate::state::App;
use serde::Serialize;
use specta::Type;
use std::path::PathBuf;
use tauri::{AppHandle, Runtime, State};
use touchstone_engine::workspace::{self, SalvagedWorkspace, WorkspaceBackup, WorkspaceCheck};

/// The file, and what lies beside it.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct WorkspaceFile {
    pub path: String,
    /// `None` where there is no file.
    #[specta(type = Option<f64>)]
    pub bytes: Option<u64>,
    pub backups: Vec<WorkspaceBackup>,
    /// What was found wrong with it since it was opened.
    pub damage: Option<WorkspaceCheck>,
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn workspace_file(app: State<'_, App>) -> Reply<WorkspaceFile> {
    let path = app.workspace_path();
    Ok(WorkspaceFile {
        bytes: workspace::bytes_on_disk(&path),
        backups: workspace::backups(&path).await?,
        damage: app.workspace().await.as_ref().ok().and_then(|engine| engine.found_damage()),
        path: path.display().to_string(),
    })
}

/// Looks at the whole file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_workspace(app: State<'_, App>) -> Reply<WorkspaceCheck> {
    Ok(workspace::check(&app.workspace_path()).await?)
}

/// Asks where to put a backup, or a new workspace; `None` when the dialog is dismissed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_workspace_path<R: Runtime>(
    app: AppHandle<R>,
    suggested_name: String,
) -> Reply<Option<String>> {
    choose_path(&app, "Save a copy of the workspace", "Touchstone workspace", "touchstone", &suggested_name).await
}

/// Asks for a backup; `None` when the dialog is dismissed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_backup<R: Runtime>(app: AppHandle<R>) -> Reply<Option<String>> {
    let extensions = ["touchstone", "backup"];
    Ok(pick_files(&app, "Restore a backup", "Backups of a workspace", &extensions).await.into_iter().next())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn back_up_workspace(app: State<'_, App>, path: String) -> Reply<WorkspaceCheck> {
    Ok(workspace::back_up(&app.workspace_path(), PathBuf::from(path)).await?)
}

/// Lets a backup take the place of the workspace, and starts the program again, for only then nobody has it open.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_workspace<R: Runtime>(app: AppHandle<R>, state: State<'_, App>, path: String) -> Reply<()> {
    workspace::restore_at_next_start(&state.workspace_path(), PathBuf::from(path)).await?;
    state.start_again();
    app.exit(0);
    Ok(())
}

/// Makes a new workspace of what can be read of this one, which stays as it is.
#[tauri::command]
#[specta::specta]
pub(crate) async fn salvage_workspace(app: State<'_, App>, path: String) -> Reply<SalvagedWorkspace> {
    Ok(workspace::salvage(&app.workspace_path(), PathBuf::from(path)).await?)
}

/// Shows the folder of the workspace in the system's file manager.
#[tauri::command]
#[specta::specta]
pub(crate) async fn show_workspace(app: State<'_, App>) -> Reply<()> {
    let path = app.workspace_path();
    show_folder(path.parent().unwrap_or(&path))
}
