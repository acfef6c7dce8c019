//! Prompts as files.

use super::Reply;
use super::exports::choose_path;
use super::imports::pick_files;
use crate::state::App;
use std::path::PathBuf;
use tauri::{AppHandle, Runtime, State};
use touchstone_engine::domain::{PromptId, SpaceId};
use touchstone_engine::prompt_files::{ExportedPrompts, ImportedPrompts, PromptFormat};

/// Asks where to put prompts in the system's dialog; `None` when it is dismissed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_prompts_path<R: Runtime>(
    app: AppHandle<R>,
    format: PromptFormat,
    suggested_name: String,
) -> Reply<Option<String>> {
    let (filter, extension) = match format {
        PromptFormat::Touchstone | PromptFormat::Arize | PromptFormat::Phoenix | PromptFormat::Langfuse => {
            ("JSON", "json")
        }
        PromptFormat::Promptfoo => ("YAML", "yaml"),
    };
    choose_path(&app, "Export prompts", filter, extension, &suggested_name).await
}

/// Asks for files of prompts in the system's dialog; none when it is dismissed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn choose_prompt_files<R: Runtime>(app: AppHandle<R>) -> Reply<Vec<String>> {
    Ok(pick_files(&app, "Import prompts", "JSON and YAML", &["json", "yaml", "yml"]).await)
}

/// All prompts outside the bin where `prompt_ids` is empty.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_prompts(
    app: State<'_, App>,
    prompt_ids: Vec<PromptId>,
    format: PromptFormat,
    path: String,
) -> Reply<ExportedPrompts> {
    Ok(app.engine().await?.export_prompts(prompt_ids, format, PathBuf::from(path)).await?)
}

/// Into the default space where `space_id` is `None`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_prompts(
    app: State<'_, App>,
    paths: Vec<String>,
    space_id: Option<SpaceId>,
) -> Reply<ImportedPrompts> {
    Ok(app.engine().await?.import_prompts(paths.into_iter().map(PathBuf::from).collect(), space_id).await?)
}
