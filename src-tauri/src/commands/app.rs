//! The program itself: what it is, its window, its preferences.

use super::Reply;
use crate::ipc::IpcError;
use crate::state::App;
use crate::{locale, window};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use tauri::{AppHandle, Manager, Runtime, State, WebviewWindow};
use tauri_plugin_store::{Store, StoreExt};
use touchstone_engine::domain::PromptId;

/// What the page must know before it shows anything.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct AppInfo {
    pub version: String,
    pub workspace_path: String,
    /// Why the workspace could not be opened, in words. Every command that needs it fails then, with the same words.
    pub workspace_problem: Option<String>,
    /// A valid BCP 47 tag for numbers and dates.
    pub locale: String,
    pub keychain_available: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// How the window looks on this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Preferences {
    pub theme: Theme,
    pub sidebar_collapsed: bool,
    pub compact_rows: bool,
}

const PREFERENCES: &str = "preferences";

#[tauri::command]
#[specta::specta]
pub(crate) async fn app_info(app: State<'_, App>) -> Reply<AppInfo> {
    let (keychain_available, workspace_problem) = match app.workspace().await {
        Ok(engine) => (engine.keychain_available().await, None),
        Err(problem) => (false, Some(problem.clone())),
    };
    Ok(AppInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        workspace_path: app.workspace_path().display().to_string(),
        workspace_problem,
        locale: locale::from_environment(),
        keychain_available,
    })
}

/// The page has painted: the window shows.
#[tauri::command]
#[specta::specta]
pub(crate) fn window_ready<R: Runtime>(window: WebviewWindow<R>) -> Reply<()> {
    window::show(&window);
    Ok(())
}

/// The files that the program was started with; none the second time.
#[tauri::command]
#[specta::specta]
pub(crate) fn take_opened_files(app: State<'_, App>) -> Reply<Vec<String>> {
    Ok(window::texts(app.take_files()))
}

#[tauri::command]
#[specta::specta]
pub(crate) fn preferences<R: Runtime>(app: AppHandle<R>) -> Reply<Preferences> {
    Ok(read_preferences(&app))
}

#[tauri::command]
#[specta::specta]
pub(crate) fn set_preferences<R: Runtime>(app: AppHandle<R>, preferences: Preferences) -> Reply<()> {
    let unsaved = |error: String| IpcError::internal(format!("the preferences could not be saved: {error}"));
    let store = preferences_store(&app).map_err(|error| unsaved(error.to_string()))?;
    store.set(PREFERENCES, serde_json::to_value(preferences).map_err(|error| unsaved(error.to_string()))?);
    store.save().map_err(|error| unsaved(error.to_string()))
}

/// The sample prompt; makes it, with its project, versions and runs, if it is gone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_sample(app: State<'_, App>) -> Reply<PromptId> {
    Ok(app.engine().await?.open_sample().await?)
}

/// The preferences. A member that the file does not have has its default, and so do all where none can be read: a
/// damaged file must not keep the window from opening.
pub(crate) fn read_preferences<R: Runtime>(app: &AppHandle<R>) -> Preferences {
    let stored = preferences_store(app).ok().and_then(|store| store.get(PREFERENCES));
    let (Ok(Value::Object(mut members)), Some(Value::Object(stored))) =
        (serde_json::to_value(Preferences::default()), stored)
    else {
        return Preferences::default();
    };
    members.extend(stored);
    serde_json::from_value(Value::Object(members)).unwrap_or_default()
}

fn preferences_store<R: Runtime>(app: &AppHandle<R>) -> tauri_plugin_store::Result<std::sync::Arc<Store<R>>> {
    app.store(app.state::<App>().preferences_path())
}
