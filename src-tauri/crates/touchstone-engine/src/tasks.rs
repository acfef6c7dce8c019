//! A project's tasks: in the project's order, or as a view that is filtered and sorted.

mod field;
mod matching;
mod orders;
mod views;

pub use views::TaskViewProgress;
pub(crate) use views::Views;

use crate::{Engine, Error, Inner, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use touchstone_domain::{ProjectId, TaskId};
use touchstone_labeling::Region;
use touchstone_store::{ProjectRow, TaskRow as StoredTask};

#[derive(Clone, Debug, Serialize, Type)]
pub struct TaskRow {
    pub id: TaskId,
    pub position: u32,
    pub data: Map<String, Value>,
    pub annotation_count: u32,
    pub ground_truth: Option<Vec<Region>>,
    /// It has ground truth and is held out from improving prompts.
    pub held_out: bool,
}

/// What the tasks of a view have in common.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TaskFilter {
    /// The value of this field of the data contains the text, in any case.
    FieldContains {
        field: String,
        text: String,
    },
    /// Some value of the data contains the text, in any case.
    AnyContains {
        text: String,
    },
    GroundTruth {
        has: bool,
    },
    Annotated {
        has: bool,
    },
    /// The ground truth that counts has this label, choice or other value on this control.
    Label {
        control: String,
        label: String,
    },
    /// It has ground truth, and that is held out or not.
    Split {
        held_out: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TaskSortKey {
    /// The project's order.
    Position,
    /// A field of the data: numbers by size, then texts in natural order ("item 2" before "item 10") and any case, then
    /// everything else, then tasks without the field. Equal values keep the project's order.
    Field { field: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
pub struct TaskSort {
    pub by: TaskSortKey,
    /// The ascending order read from its end.
    pub descending: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
pub struct TaskQuery {
    /// A task passes when it passes all of them.
    pub filters: Vec<TaskFilter>,
    pub sort: Option<TaskSort>,
}

/// A view that was opened. Its order is stable while it is open; the rows that are known already stay where they are.
#[derive(Clone, Debug, Serialize, Type)]
pub struct TaskView {
    /// `None`: all tasks in the project's order, which need no view.
    pub view_id: Option<String>,
    /// Tasks found so far.
    pub total: u32,
    /// Otherwise the event `taskView` tells how it grows.
    pub total_is_final: bool,
}

/// Rows of a table of tasks, from the place `from` up to but not including `to`, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
pub struct TaskRange {
    pub from: u32,
    pub to: u32,
}

/// Tasks that were chosen in a table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
pub struct TaskSelection {
    /// The view whose places are meant; `None` means those of the project's order.
    pub view_id: Option<String>,
    /// Places past the end mean nothing, and one that is named twice means its task once.
    pub ranges: Vec<TaskRange>,
}

impl TaskSelection {
    /// The positions of the tasks, ascending.
    pub(crate) fn positions(&self, inner: &Inner, project: &ProjectRow) -> Result<Vec<u32>> {
        let mut positions = Vec::new();
        match &self.view_id {
            None => {
                let places = self.ranges.iter().map(|range| range.from..range.to.min(project.tasks));
                positions.extend(places.flatten());
            }
            Some(view_id) => {
                let view = inner.task_views.view(view_id).ok_or_else(|| view_is_gone(view_id))?;
                if view.project_key() != project.key {
                    return Err(view_is_gone(view_id));
                }
                for range in &self.ranges {
                    positions.extend(view.page(range.from, range.to.saturating_sub(range.from))?.1);
                }
            }
        }
        positions.sort_unstable();
        positions.dedup();
        Ok(positions)
    }
}

fn view_is_gone(view_id: &str) -> Error {
    Error::not_found("view of tasks", view_id)
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct TaskPage {
    pub total: u32,
    pub rows: Vec<TaskRow>,
}

/// Rows of one page at most.
const PAGE_ROWS_MAX: u32 = 500;

impl Engine {
    /// Opens a view of a project's tasks. Answers as soon as a first page is known, or after a moment; the rest is
    /// looked for in the background. Views of the same project that are still being looked for are given up.
    pub async fn open_tasks(&self, id: ProjectId, query: TaskQuery) -> Result<TaskView> {
        let inner = std::sync::Arc::clone(&self.inner);
        self.blocking(move |_| views::open(&inner, &id, &query)).await
    }

    /// Where labeling begins: the place of the first task of these that has no annotation, and where all have one, of the
    /// first. `None` where there are no tasks. It may have to look through all of them.
    pub async fn first_to_label(&self, id: ProjectId, query: TaskQuery) -> Result<Option<u32>> {
        let inner = std::sync::Arc::clone(&self.inner);
        self.blocking(move |_| {
            let mut unannotated = query.clone();
            unannotated.filters.push(TaskFilter::Annotated { has: false });
            match views::first(&inner, &id, &unannotated)? {
                Some(first) => Ok(Some(first)),
                None => views::first(&inner, &id, &query),
            }
        })
        .await
    }

    /// Rows `offset..offset + limit` of an open view. [`Error::NotFound`] once the view was closed for others: it is to
    /// be opened again.
    pub async fn view_rows(&self, view_id: String, offset: u32, limit: u32) -> Result<TaskPage> {
        self.blocking(move |inner| {
            let view = inner.task_views.view(&view_id).ok_or_else(|| view_is_gone(&view_id))?;
            let (total, positions) = view.page(offset, limit.min(PAGE_ROWS_MAX))?;
            let rows = inner.store.tasks_at(view.project_key(), &positions)?;
            Ok(TaskPage { total, rows: rows.into_iter().map(task_row).collect() })
        })
        .await
    }

    /// Tasks from `offset` on, at most `limit`, in the project's order.
    pub async fn tasks(&self, id: ProjectId, offset: u32, limit: u32) -> Result<TaskPage> {
        let shared = std::sync::Arc::clone(&self.inner);
        self.blocking(move |inner| {
            let project = inner.store.project(id.as_str())?;
            let rows = inner.store.tasks(project.key, offset, limit)?;
            if offset == 0 && limit > 1 {
                orders::prepare(&shared, &project, rows.first());
            }
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
        held_out: row.held_out,
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
