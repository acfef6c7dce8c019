//! Runs of a version over a project. Progress arrives as the event `runProgress`.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::{PromptId, RunId};
use touchstone_engine::runs::{NewRun, RunEstimate, RunLimit, RunProgress, RunSummary, StartedRun};

#[tauri::command]
#[specta::specta]
pub(crate) async fn start_run(app: State<'_, App>, run: NewRun) -> Reply<StartedRun> {
    Ok(app.engine().await?.start_run(run).await?)
}

/// Starts each of these, or none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn start_runs(app: State<'_, App>, runs: Vec<NewRun>) -> Reply<Vec<StartedRun>> {
    Ok(app.engine().await?.start_runs(runs, None).await?)
}

/// How many tasks such a run would cover if it were started now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn run_size(app: State<'_, App>, run: NewRun) -> Reply<u32> {
    Ok(app.engine().await?.run_size(run).await?)
}

/// What such a run would take if it were started now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn estimate_run(app: State<'_, App>, run: NewRun) -> Reply<RunEstimate> {
    Ok(app.engine().await?.estimate_run(run).await?)
}

/// What all of these would take.
#[tauri::command]
#[specta::specta]
pub(crate) async fn estimate_runs(app: State<'_, App>, runs: Vec<NewRun>) -> Reply<RunEstimate> {
    Ok(app.engine().await?.estimate_runs(runs, None).await?)
}

/// The same by the vendor's count of some tasks, where nothing else tells; takes up to ten seconds.
#[tauri::command]
#[specta::specta]
pub(crate) async fn counted_estimate(app: State<'_, App>, runs: Vec<NewRun>) -> Reply<RunEstimate> {
    Ok(app.engine().await?.counted_estimate(runs, None).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn stop_run(app: State<'_, App>, run_id: RunId) -> Reply<()> {
    Ok(app.engine().await?.stop_run(run_id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn pause_run(app: State<'_, App>, run_id: RunId) -> Reply<()> {
    Ok(app.engine().await?.pause_run(run_id).await?)
}

/// Changes how many requests a run may have in flight at once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_run_concurrency(app: State<'_, App>, run_id: RunId, concurrency: u32) -> Reply<()> {
    Ok(app.engine().await?.set_run_concurrency(run_id, concurrency).await?)
}

/// At once, also one that is queued; those that wait for the same follow.
#[tauri::command]
#[specta::specta]
pub(crate) async fn resume_run(app: State<'_, App>, run_id: RunId) -> Reply<()> {
    app.engine().await?.resume_run(run_id).await?;
    Ok(())
}

/// Goes on with each of these once it is its turn.
#[tauri::command]
#[specta::specta]
pub(crate) async fn queue_runs(app: State<'_, App>, run_ids: Vec<RunId>) -> Reply<()> {
    app.engine().await?.queue_runs(run_ids).await?;
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_run_limit(app: State<'_, App>, run_id: RunId, limit: RunLimit) -> Reply<()> {
    Ok(app.engine().await?.set_run_limit(run_id, limit).await?)
}

/// Newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_runs(app: State<'_, App>, prompt_id: PromptId) -> Reply<Vec<RunSummary>> {
    Ok(app.engine().await?.runs(Some(prompt_id)).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn get_run(app: State<'_, App>, run_id: RunId) -> Reply<RunSummary> {
    Ok(app.engine().await?.run(run_id).await?)
}

/// Those that are paused for a reason, whichever program was at work on them; newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn offered_runs(app: State<'_, App>) -> Reply<Vec<RunSummary>> {
    Ok(app.engine().await?.offered_runs().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn active_runs(app: State<'_, App>) -> Reply<Vec<RunProgress>> {
    Ok(app.engine().await?.active_runs().await?)
}
