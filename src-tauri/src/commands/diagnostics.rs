//! What the program wrote down of itself, for the user to read and to copy.

use super::{Reply, show_folder, unshown};
use crate::ipc::IpcError;
use crate::logs;
use crate::state::App;
use tauri::State;
use touchstone_engine::diagnostics::Program;
use touchstone_engine::logs::{CrashReport, last_crash, note_crashes_seen};

/// Everything that somebody who helps needs to know, as one text; see `engine/diagnostics.rs` for what is in it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn diagnostics(app: State<'_, App>) -> Reply<String> {
    let logs = logs::folder(&app);
    let program = Program { name: "Touchstone", version: env!("CARGO_PKG_VERSION"), logs: &logs };
    let engine = app.workspace().await.as_ref().map_err(String::as_str);
    Ok(touchstone_engine::diagnostics::diagnostics(&program, engine).await)
}

/// The newest report of a crash, if there is one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn crash_report(app: State<'_, App>) -> Reply<Option<CrashReport>> {
    Ok(last_crash(&logs::folder(&app)))
}

/// It was shown, and is not offered again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn dismiss_crash_report(app: State<'_, App>) -> Reply<()> {
    note_crashes_seen(&logs::folder(&app))
        .map_err(|error| IpcError::internal(format!("the crash report could not be put away: {error}")))
}

/// Shows the folder of logs and crash reports in the system's file manager.
#[tauri::command]
#[specta::specta]
pub(crate) async fn show_logs(app: State<'_, App>) -> Reply<()> {
    let folder = logs::folder(&app);
    // Nothing may have been written yet.
    std::fs::create_dir_all(&folder).map_err(|error| unshown(&folder, &error))?;
    show_folder(&folder)
}
