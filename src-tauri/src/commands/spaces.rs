//! Spaces, and the prompts that are in them.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::{PromptId, SpaceId};
use touchstone_engine::spaces::{SpaceSummary, SpaceWords};

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_spaces(app: State<'_, App>) -> Reply<Vec<SpaceSummary>> {
    Ok(app.engine().await?.spaces().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn create_space(app: State<'_, App>, space: SpaceWords) -> Reply<SpaceId> {
    Ok(app.engine().await?.create_space(space).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn edit_space(app: State<'_, App>, space_id: SpaceId, space: SpaceWords) -> Reply<()> {
    Ok(app.engine().await?.edit_space(space_id, space).await?)
}

/// Refused while it has prompts.
#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_space(app: State<'_, App>, space_id: SpaceId) -> Reply<()> {
    Ok(app.engine().await?.delete_space(space_id).await?)
}

/// All of them or, where one's name is taken there, none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn move_prompts(app: State<'_, App>, prompt_ids: Vec<PromptId>, space_id: SpaceId) -> Reply<()> {
    Ok(app.engine().await?.move_prompts(prompt_ids, space_id).await?)
}
