//! Annotations of tasks, made and changed by hand.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::annotations::{AnnotationContent, DeletedAnnotation, MarkedTasks, TaskDetail};
use touchstone_engine::domain::{AnnotationId, ProjectId, TaskId};
use touchstone_engine::tasks::TaskSelection;

/// A task with all of its annotations.
#[tauri::command]
#[specta::specta]
pub(crate) async fn get_task(app: State<'_, App>, task_id: TaskId) -> Reply<TaskDetail> {
    Ok(app.engine().await?.task(task_id).await?)
}

/// Keeps an annotation, a new one or a changed one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_annotation(
    app: State<'_, App>,
    task_id: TaskId,
    content: AnnotationContent,
) -> Reply<TaskDetail> {
    Ok(app.engine().await?.save_annotation(task_id, content).await?)
}

/// Deletes an annotation; what it answers brings it back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn delete_annotation(app: State<'_, App>, annotation_id: AnnotationId) -> Reply<DeletedAnnotation> {
    Ok(app.engine().await?.delete_annotation(annotation_id).await?)
}

/// Brings a deleted annotation back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_annotation(app: State<'_, App>, deleted: DeletedAnnotation) -> Reply<TaskDetail> {
    Ok(app.engine().await?.restore_annotation(deleted).await?)
}

/// Marks the newest annotation of each task as ground truth, or takes all marks of it away.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_ground_truth(
    app: State<'_, App>,
    project_id: ProjectId,
    tasks: TaskSelection,
    mark: bool,
) -> Reply<MarkedTasks> {
    Ok(app.engine().await?.set_ground_truth(project_id, tasks, mark).await?)
}
