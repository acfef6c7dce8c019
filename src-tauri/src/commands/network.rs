//! Whom the workspace's programs contacted.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::network::HostContacts;

/// The one contacted last first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_contacts(app: State<'_, App>) -> Reply<Vec<HostContacts>> {
    Ok(app.engine().await?.contacts().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn clear_contacts(app: State<'_, App>) -> Reply<()> {
    Ok(app.engine().await?.clear_contacts().await?)
}
