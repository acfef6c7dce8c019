//! A project's tasks.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::domain::ProjectId;
use touchstone_engine::tasks::{TaskPage, TaskQuery, TaskView};

/// Opens a filtered and sorted view of a project's tasks; how it grows arrives as the event `taskView`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_tasks(app: State<'_, App>, project_id: ProjectId, query: TaskQuery) -> Reply<TaskView> {
    Ok(app.engine().await?.open_tasks(project_id, query).await?)
}

/// The place of the first task of a query that has no annotation, and where all have one, of the first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn first_to_label(app: State<'_, App>, project_id: ProjectId, query: TaskQuery) -> Reply<Option<u32>> {
    Ok(app.engine().await?.first_to_label(project_id, query).await?)
}

/// A page of a view, or without one of all tasks in the project's order.
#[tauri::command]
#[specta::specta]
pub(crate) async fn task_rows(
    app: State<'_, App>,
    project_id: ProjectId,
    view_id: Option<String>,
    offset: u32,
    limit: u32,
) -> Reply<TaskPage> {
    let engine = app.engine().await?;
    Ok(match view_id {
        Some(view_id) => engine.view_rows(view_id, offset, limit).await?,
        None => engine.tasks(project_id, offset, limit).await?,
    })
}
