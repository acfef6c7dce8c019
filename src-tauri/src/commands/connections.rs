//! Connections to model providers. Secrets come in here and go out nowhere.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::connections::{ConnectionEdit, ConnectionSummary, NewConnection, TestRecord};
use touchstone_engine::domain::ConnectionId;

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_connections(app: State<'_, App>) -> Reply<Vec<ConnectionSummary>> {
    Ok(app.engine().await?.connections().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn add_connection(app: State<'_, App>, connection: NewConnection) -> Reply<ConnectionSummary> {
    Ok(app.engine().await?.add_connection(connection).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn edit_connection(
    app: State<'_, App>,
    connection_id: ConnectionId,
    edit: ConnectionEdit,
) -> Reply<ConnectionSummary> {
    Ok(app.engine().await?.edit_connection(connection_id, edit).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_connection(app: State<'_, App>, connection_id: ConnectionId) -> Reply<()> {
    Ok(app.engine().await?.remove_connection(connection_id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn test_connection(app: State<'_, App>, connection_id: ConnectionId) -> Reply<TestRecord> {
    Ok(app.engine().await?.test_connection(connection_id.0).await?)
}
