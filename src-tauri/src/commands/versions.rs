//! Versions of prompts, and the labels that point to them.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::{PromptId, VersionId};
use touchstone_engine::drafts::Draft;
use touchstone_engine::labels::LabelMove;
use touchstone_engine::snippets::VersionCode;
use touchstone_engine::versions::{SavedVersion, VersionDetail, VersionPage};

/// An empty message becomes the engine's default.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_version(app: State<'_, App>, prompt_id: PromptId, message: String) -> Reply<SavedVersion> {
    let message = Some(message).filter(|message| !message.trim().is_empty());
    Ok(app.engine().await?.save_version(prompt_id, message).await?)
}

/// Newest first; those whose message or content holds `search`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_versions(
    app: State<'_, App>,
    prompt_id: PromptId,
    search: String,
    offset: u32,
    limit: u32,
) -> Reply<VersionPage> {
    Ok(app.engine().await?.version_page(prompt_id, search, offset, limit).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn get_version(app: State<'_, App>, version_id: VersionId) -> Reply<VersionDetail> {
    Ok(app.engine().await?.version(version_id).await?)
}

/// Code that asks what a version asks, about the task at `position` or the first one that has all values.
#[tauri::command]
#[specta::specta]
pub(crate) async fn version_code(
    app: State<'_, App>,
    version_id: VersionId,
    position: Option<u32>,
) -> Reply<VersionCode> {
    Ok(app.engine().await?.version_code(version_id, position).await?)
}

/// Makes a version's content the draft.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_version(app: State<'_, App>, version_id: VersionId) -> Reply<Draft> {
    Ok(app.engine().await?.restore_version(version_id).await?)
}

/// A prompt of its own with this version's content.
#[tauri::command]
#[specta::specta]
pub(crate) async fn duplicate_version(app: State<'_, App>, version_id: VersionId, name: String) -> Reply<PromptId> {
    Ok(app.engine().await?.duplicate_version(version_id, name).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn move_label(app: State<'_, App>, version_id: VersionId, name: String) -> Reply<()> {
    Ok(app.engine().await?.move_label(version_id, name).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_label(app: State<'_, App>, version_id: VersionId, name: String) -> Reply<()> {
    Ok(app.engine().await?.remove_label(version_id, name).await?)
}

/// Newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_label_moves(app: State<'_, App>, prompt_id: PromptId) -> Reply<Vec<LabelMove>> {
    Ok(app.engine().await?.label_moves(prompt_id).await?)
}
