//! Runs compared on the tasks that they share.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::comparison::{ComparedPage, ComparedQuery, Comparison, VersionScore};
use touchstone_engine::domain::{PromptId, RunId};

/// Two to four runs of one project, each with the first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn compare_runs(app: State<'_, App>, run_ids: Vec<RunId>) -> Reply<Comparison> {
    Ok(app.engine().await?.compare_runs(run_ids).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn compared_rows(
    app: State<'_, App>,
    query: ComparedQuery,
    offset: u32,
    limit: u32,
) -> Reply<ComparedPage> {
    Ok(app.engine().await?.compared_rows(query, offset, limit).await?)
}

/// The latest completed run of each version with each model, oldest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn version_scores(app: State<'_, App>, prompt_id: PromptId) -> Reply<Vec<VersionScore>> {
    Ok(app.engine().await?.version_scores(prompt_id).await?)
}
