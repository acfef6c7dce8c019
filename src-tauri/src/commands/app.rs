//! The program itself: what it is, its window, its preferences.

use super::Reply;
use super::imports::pick_files;
use crate::ipc::IpcError;
use crate::ipc::events::{AppEvent, Outbox};
use crate::menu::MenuSection;
use crate::openings::{self, Opening};
use crate::state::App;
use crate::{desktop, locale, menu, window};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager, Runtime, State, WebviewWindow};
use tauri_plugin_store::{Store, StoreExt};
use touchstone_engine::domain::PromptId;

/// What the page must know before it shows anything.
#[derive(Clone, Debug, Serialize, Type)]
pub(crate) struct AppInfo {
    pub version: String,
    pub workspace_path: String,
    /// It was chosen, and is not the one in the program's own folder.
    pub workspace_is_chosen: bool,
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

/// What the file of preferences is made of.
const PREFERENCES: &str = "preferences";
const WORKSPACE: &str = "workspace";

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
        workspace_is_chosen: app.is_chosen(),
        workspace_problem,
        locale: locale::from_environment(),
        keychain_available,
    })
}

/// The page has what its first screen shows: the window shows.
#[tauri::command]
#[specta::specta]
pub(crate) fn window_ready<R: Runtime>(window: WebviewWindow<R>) -> Reply<()> {
    window::show(&window);
    Ok(())
}

/// What happened since this was last called, as soon as there is something. The page calls it again and again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn next_events(outbox: State<'_, Outbox>) -> Reply<Vec<AppEvent>> {
    Ok(outbox.take().await)
}

/// What the program was asked to open since this was last called; the event `opened` says that there is something. Files are
/// looked at, which on a disk that is far away takes its time.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn take_openings(app: State<'_, App>) -> Reply<Vec<Opening>> {
    Ok(app.take_openings())
}

/// What files that are dropped on the window ask for.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn openings_of(paths: Vec<String>) -> Reply<Vec<Opening>> {
    Ok(openings::of_files(paths.into_iter().map(PathBuf::from)).into_iter().map(openings::looked_at).collect())
}

/// Asks for a workspace file in the system's dialog; `None` when it is dismissed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_workspace<R: Runtime>(app: AppHandle<R>) -> Reply<Option<String>> {
    Ok(pick_files(&app, "Open another workspace", "Workspace", &["touchstone"]).await.pop())
}

/// Works with this workspace from now on, or with the one in the program's own folder where it is `None`: the program
/// ends, which pauses its runs, and starts again. Refused where the file is no workspace.
#[tauri::command]
#[specta::specta]
pub(crate) fn switch_workspace<R: Runtime>(app: AppHandle<R>, path: Option<String>) -> Reply<()> {
    if let Some(path) = &path {
        touchstone_engine::require_workspace(Path::new(path))?;
    }
    let unsaved = |error: tauri_plugin_store::Error| {
        IpcError::internal(format!("which workspace to open could not be kept: {error}"))
    };
    let store = preferences_store(&app).map_err(unsaved)?;
    store.set(WORKSPACE, path);
    store.save().map_err(unsaved)?;
    app.state::<App>().start_again();
    app.exit(0);
    Ok(())
}

/// Ends the program. While runs are at work it asks first, by the event `closeAsked`, unless the user has answered.
#[tauri::command]
#[specta::specta]
pub(crate) fn quit<R: Runtime>(window: WebviewWindow<R>, is_answered: bool) -> Reply<()> {
    if is_answered || desktop::may_close(window.app_handle()) {
        // The program ends with its window; this one asks nobody, and is not hidden instead.
        window.destroy().map_err(|error| IpcError::internal(format!("the window could not be closed: {error}")))?;
    }
    Ok(())
}

/// The answer to `closeAsked` is no.
#[tauri::command]
#[specta::specta]
pub(crate) fn stay_open<R: Runtime>(app: AppHandle<R>) -> Reply<()> {
    desktop::stay_open(&app);
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) fn toggle_fullscreen<R: Runtime>(window: WebviewWindow<R>) -> Reply<()> {
    window::toggle_fullscreen(&window)
        .map_err(|error| IpcError::internal(format!("the window could not be made to fill the screen: {error}")))
}

/// Says what stands in the system's menu bar, where it has one. What is chosen there arrives as the event `menuChosen`.
#[tauri::command]
#[specta::specta]
pub(crate) fn set_menu<R: Runtime>(app: AppHandle<R>, sections: Vec<MenuSection>) -> Reply<()> {
    menu::set(&app, &sections).map_err(|error| IpcError::internal(format!("the menu could not be shown: {error}")))
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

/// The workspace that the user chose instead of the one in the program's own folder.
pub(crate) fn chosen_workspace<R: Runtime>(app: &AppHandle<R>) -> Option<PathBuf> {
    let chosen = preferences_store(app).ok().and_then(|store| store.get(WORKSPACE))?;
    chosen.as_str().map(PathBuf::from)
}

fn preferences_store<R: Runtime>(app: &AppHandle<R>) -> tauri_plugin_store::Result<std::sync::Arc<Store<R>>> {
    app.store(app.state::<App>().preferences_path())
}
