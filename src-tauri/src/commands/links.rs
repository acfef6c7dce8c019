//! Links of spaces to an Arize account or another Touchstone.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::SpaceId;
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::links::{LinkPlan, LinkReport, LinkTarget, NewLink, SpaceLink};

/// What the server at `address` has to link with.
#[tauri::command]
#[specta::specta]
pub(crate) async fn look_at_link(app: State<'_, App>, address: String, key: Option<String>) -> Reply<LinkTarget> {
    Ok(app.engine().await?.look_at_link(address, key.map(Secret::new)).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn link_space(app: State<'_, App>, space_id: SpaceId, link: NewLink) -> Reply<SpaceLink> {
    Ok(app.engine().await?.link_space(space_id, link).await?)
}

/// Prompts stay, here and there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unlink_space(app: State<'_, App>, space_id: SpaceId) -> Reply<()> {
    Ok(app.engine().await?.unlink_space(space_id).await?)
}

/// What pulling and pushing would change; nothing is changed by it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn plan_link(app: State<'_, App>, space_id: SpaceId) -> Reply<LinkPlan> {
    Ok(app.engine().await?.plan_link(space_id).await?)
}

/// Makes the changes with these ids.
#[tauri::command]
#[specta::specta]
pub(crate) async fn apply_link(app: State<'_, App>, space_id: SpaceId, change_ids: Vec<String>) -> Reply<LinkReport> {
    Ok(app.engine().await?.apply_link(space_id, change_ids).await?)
}
