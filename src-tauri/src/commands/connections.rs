//! Connections to model providers. Secrets come in here and go out nowhere.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::connections::{
    ConnectionEdit, ConnectionSummary, LocalServer, LocalTest, NewConnection, NewPrice, SavedConnection, TestRecord,
};
use touchstone_engine::domain::ConnectionId;

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_connections(app: State<'_, App>) -> Reply<Vec<ConnectionSummary>> {
    Ok(app.engine().await?.connections().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn add_connection(app: State<'_, App>, connection: NewConnection) -> Reply<SavedConnection> {
    Ok(app.engine().await?.add_connection(connection).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn edit_connection(
    app: State<'_, App>,
    connection_id: ConnectionId,
    edit: ConnectionEdit,
) -> Reply<SavedConnection> {
    Ok(app.engine().await?.edit_connection(connection_id, edit).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_connection(app: State<'_, App>, connection_id: ConnectionId) -> Reply<()> {
    Ok(app.engine().await?.remove_connection(connection_id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn test_connection(
    app: State<'_, App>,
    connection_id: ConnectionId,
    model: Option<String>,
) -> Reply<TestRecord> {
    Ok(app.engine().await?.test_connection(connection_id.0, model).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn refresh_models(app: State<'_, App>, connection_id: ConnectionId) -> Reply<ConnectionSummary> {
    Ok(app.engine().await?.refresh_models(connection_id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn add_model(
    app: State<'_, App>,
    connection_id: ConnectionId,
    model: String,
) -> Reply<ConnectionSummary> {
    Ok(app.engine().await?.add_model(connection_id.0, model).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_model(
    app: State<'_, App>,
    connection_id: ConnectionId,
    model: String,
) -> Reply<ConnectionSummary> {
    Ok(app.engine().await?.remove_model(connection_id.0, model).await?)
}

/// Without a price, the catalogue's holds again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_model_price(
    app: State<'_, App>,
    connection_id: ConnectionId,
    model: String,
    price: Option<NewPrice>,
) -> Reply<ConnectionSummary> {
    Ok(app.engine().await?.set_model_price(connection_id.0, model, price).await?)
}

/// On these ports of this computer, or without any on the usual ones.
#[tauri::command]
#[specta::specta]
pub(crate) async fn find_local_servers(app: State<'_, App>, ports: Vec<u16>) -> Reply<Vec<LocalServer>> {
    Ok(app.engine().await?.find_local_servers(ports).await?)
}

/// Tests what a model on this computer can do; how far it has come arrives as the event `localTest`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn test_local_model(app: State<'_, App>, port: u16, model: String) -> Reply<LocalTest> {
    Ok(app.engine().await?.test_local_model(port, model).await?)
}

/// Ends the test of a model on this computer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_local_test(app: State<'_, App>) -> Reply<()> {
    app.engine().await?.cancel_local_test();
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn add_local_model(app: State<'_, App>, port: u16, model: String) -> Reply<SavedConnection> {
    Ok(app.engine().await?.add_local_model(port, model).await?)
}
