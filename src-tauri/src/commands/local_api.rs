//! The local API: the workspace's prompts for other programs of this machine.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::local_api::{LocalApi, LocalApiSettings};

#[tauri::command]
#[specta::specta]
pub(crate) async fn local_api(app: State<'_, App>) -> Reply<LocalApi> {
    Ok(app.engine().await?.local_api().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_local_api(app: State<'_, App>, settings: LocalApiSettings) -> Reply<LocalApi> {
    Ok(app.engine().await?.set_local_api(settings).await?)
}

/// A new token in place of the one that is there. The only secret that ever goes to the page: it is shown once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn make_local_api_token(app: State<'_, App>, until_quit: bool) -> Reply<String> {
    Ok(app.engine().await?.make_local_api_token(until_quit).await?.expose().clone())
}
