//! A project's tasks and their annotations.

use crate::{Engine, Result};
use serde::Serialize;
use serde_json::{Map, Value};
use specta::Type;
use touchstone_domain::{ProjectId, TaskId};
use touchstone_labeling::Region;
use touchstone_store::TaskRow as StoredTask;

#[derive(Clone, Debug, Serialize, Type)]
pub struct TaskRow {
    pub id: TaskId,
    pub position: u32,
    pub data: Map<String, Value>,
    pub annotation_count: u32,
    pub ground_truth: Option<Vec<Region>>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct TaskPage {
    pub total: u32,
    pub rows: Vec<TaskRow>,
}

impl Engine {
    /// Tasks from `offset` on, at most `limit`, in the project's order.
    pub async fn tasks(&self, id: ProjectId, offset: u32, limit: u32) -> Result<TaskPage> {
        self.blocking(move |inner| {
            let project = inner.store.project(id.as_str())?;
            let rows = inner.store.tasks(project.key, offset, limit)?;
            Ok(TaskPage { total: project.tasks, rows: rows.into_iter().map(task_row).collect() })
        })
        .await
    }
}

pub(crate) fn task_row(row: StoredTask) -> TaskRow {
    TaskRow {
        id: row.id,
        position: row.position,
        data: stored_data(&row.data),
        annotation_count: row.annotations,
        ground_truth: row.ground_truth.as_deref().map(stored_regions),
    }
}

/// Regions as they are stored; text that is none of ours reads as no regions.
pub(crate) fn stored_regions(json: &str) -> Vec<Region> {
    serde_json::from_str(json).unwrap_or_default()
}

/// A task's data as it is stored.
pub(crate) fn stored_data(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap_or_default()
}
