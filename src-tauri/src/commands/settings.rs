//! What the window and the command line both obey.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::settings::Settings;

#[tauri::command]
#[specta::specta]
pub(crate) async fn settings(app: State<'_, App>) -> Reply<Settings> {
    Ok(app.engine().await?.settings().await?)
}

/// Keeps them all, or refuses with the field at fault.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_settings(app: State<'_, App>, settings: Settings) -> Reply<()> {
    Ok(app.engine().await?.set_settings(settings).await?)
}
