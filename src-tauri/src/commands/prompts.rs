//! Prompts and their drafts.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::{ProjectId, PromptId, SpaceId};
use touchstone_engine::drafts::{Draft, DraftContent};
use touchstone_engine::prompts::{DeletedPrompt, NewPrompt, PromptDetail, PromptSummary};
use touchstone_engine::requests::RequestPreview;

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_prompts(app: State<'_, App>) -> Reply<Vec<PromptSummary>> {
    Ok(app.engine().await?.prompts().await?)
}

/// The prompts whose name, description or text holds `text`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn find_prompts(app: State<'_, App>, text: String) -> Reply<Vec<PromptId>> {
    Ok(app.engine().await?.find_prompts(text).await?)
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
    space_id: Option<SpaceId>,
) -> Reply<()> {
    Ok(app.engine().await?.edit_prompt(prompt_id, name, description, space_id).await?)
}

/// Moves a prompt into the bin.
#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_prompt(app: State<'_, App>, prompt_id: PromptId) -> Reply<()> {
    Ok(app.engine().await?.delete_prompt(prompt_id).await?)
}

/// Out of the bin; under another name, where its own is taken.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_prompt(app: State<'_, App>, prompt_id: PromptId, name: Option<String>) -> Reply<()> {
    Ok(app.engine().await?.restore_prompt(prompt_id, name).await?)
}

/// What is in the bin, last deleted first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_deleted_prompts(app: State<'_, App>) -> Reply<Vec<DeletedPrompt>> {
    Ok(app.engine().await?.deleted_prompts().await?)
}

/// Aims a prompt at a project.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_prompt_project(app: State<'_, App>, prompt_id: PromptId, project_id: ProjectId) -> Reply<()> {
    Ok(app.engine().await?.set_prompt_project(prompt_id, project_id).await?)
}

/// An empty folder takes them out of theirs.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_prompt_folder(app: State<'_, App>, prompt_ids: Vec<PromptId>, folder: String) -> Reply<()> {
    Ok(app.engine().await?.set_prompt_folder(prompt_ids, folder).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_draft(app: State<'_, App>, prompt_id: PromptId, content: DraftContent) -> Reply<Draft> {
    Ok(app.engine().await?.save_draft(prompt_id, content).await?)
}

/// A draft as it was before a version was restored over it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_draft(
    app: State<'_, App>,
    prompt_id: PromptId,
    content: DraftContent,
    based_on: Option<u32>,
) -> Reply<Draft> {
    Ok(app.engine().await?.restore_draft(prompt_id, content, based_on).await?)
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
