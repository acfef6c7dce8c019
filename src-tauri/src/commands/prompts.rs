//! Prompts, their drafts and their versions.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::{PromptId, VersionId};
use touchstone_engine::prompts::{
    Draft, DraftContent, NewPrompt, PromptDetail, PromptSummary, SavedVersion, VersionDetail, VersionSummary,
};
use touchstone_engine::requests::RequestPreview;

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_prompts(app: State<'_, App>) -> Reply<Vec<PromptSummary>> {
    Ok(app.engine().await?.prompts().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn get_prompt(app: State<'_, App>, prompt_id: PromptId) -> Reply<PromptDetail> {
    Ok(app.engine().await?.prompt(prompt_id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn create_prompt(app: State<'_, App>, prompt: NewPrompt) -> Reply<PromptId> {
    Ok(app.engine().await?.create_prompt(prompt).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn edit_prompt(
    app: State<'_, App>,
    prompt_id: PromptId,
    name: String,
    description: String,
) -> Reply<()> {
    Ok(app.engine().await?.edit_prompt(prompt_id, name, description).await?)
}

/// Moves a prompt into the bin.
#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_prompt(app: State<'_, App>, prompt_id: PromptId) -> Reply<()> {
    Ok(app.engine().await?.delete_prompt(prompt_id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_prompt(app: State<'_, App>, prompt_id: PromptId) -> Reply<()> {
    Ok(app.engine().await?.restore_prompt(prompt_id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_draft(app: State<'_, App>, prompt_id: PromptId, content: DraftContent) -> Reply<Draft> {
    Ok(app.engine().await?.save_draft(prompt_id, content).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn discard_draft(app: State<'_, App>, prompt_id: PromptId) -> Reply<Draft> {
    Ok(app.engine().await?.discard_draft(prompt_id).await?)
}

/// The exact request that `content` makes of the task at `position`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn preview_request(
    app: State<'_, App>,
    prompt_id: PromptId,
    content: DraftContent,
    position: u32,
) -> Reply<RequestPreview> {
    Ok(app.engine().await?.preview_request(prompt_id, content, position).await?)
}

/// An empty message becomes the engine's default.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_version(app: State<'_, App>, prompt_id: PromptId, message: String) -> Reply<SavedVersion> {
    let message = Some(message).filter(|message| !message.trim().is_empty());
    Ok(app.engine().await?.save_version(prompt_id, message).await?)
}

/// Newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_versions(app: State<'_, App>, prompt_id: PromptId) -> Reply<Vec<VersionSummary>> {
    Ok(app.engine().await?.versions(prompt_id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn get_version(app: State<'_, App>, version_id: VersionId) -> Reply<VersionDetail> {
    Ok(app.engine().await?.version(version_id).await?)
}

/// Makes a version's content the draft.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_version(app: State<'_, App>, version_id: VersionId) -> Reply<Draft> {
    Ok(app.engine().await?.restore_version(version_id).await?)
}
