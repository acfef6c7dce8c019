//! Pictures and documents of tasks. Their bytes take the `media:` scheme, see [`crate::media`].

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::{ProjectId, TaskId};
use touchstone_engine::media::{MediaCheck, MediaInfo};

/// What a field of a task names, each looked at whole.
#[tauri::command]
#[specta::specta]
pub(crate) async fn media_info(app: State<'_, App>, task_id: TaskId, variable: String) -> Reply<Vec<MediaInfo>> {
    Ok(app.engine().await?.media_info(task_id, variable).await?)
}

/// Reads all media of a project; how far it has come arrives as the event `mediaProgress`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_media(app: State<'_, App>, project_id: ProjectId) -> Reply<MediaCheck> {
    Ok(app.engine().await?.check_media(project_id).await?)
}

/// Ends the look at a project's media, which then answers with what it found.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_media_check(app: State<'_, App>) -> Reply<()> {
    app.engine().await?.cancel_media_check();
    Ok(())
}
