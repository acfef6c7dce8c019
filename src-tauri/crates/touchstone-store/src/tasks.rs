//! Tasks and their annotations.

use crate::database::Store;
use crate::error::{Result, StoreError};
use crate::projects::ProjectRow;
use rusqlite::{OptionalExtension, Row, params};
use touchstone_domain::TaskId;
use touchstone_domain::run::Subset;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnotationRow {
    /// JSON list of regions.
    pub result: String,
    pub ground_truth: bool,
    pub was_cancelled: bool,
    pub created_at: Option<String>,
    /// JSON of the other fields it was imported with.
    pub source: Option<String>,
}

impl AnnotationRow {
    /// Whether predictions are compared with it.
    pub fn is_ground_truth(&self) -> bool {
        self.ground_truth && !self.was_cancelled
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    pub id: TaskId,
    pub position: u32,
    pub source_id: Option<i64>,
    /// JSON object.
    pub data: String,
    pub annotations: u32,
    /// JSON list of regions of the newest ground truth, if there is one.
    pub ground_truth: Option<String>,
}

/// The newest ground truth of the task in scope counts.
pub(crate) const GROUND_TRUTH: &str = "(SELECT result FROM annotation
    WHERE annotation.task_id = task.id AND ground_truth = 1 AND was_cancelled = 0
    ORDER BY created_at DESC, annotation.id DESC LIMIT 1)";

fn task_row(row: &Row<'_>) -> rusqlite::Result<TaskRow> {
    Ok(TaskRow {
        id: TaskId(row.get("id")?),
        position: row.get("position")?,
        source_id: row.get("source_id")?,
        data: row.get("data")?,
        annotations: row.get("annotations")?,
        ground_truth: row.get("ground_truth")?,
    })
}

fn task_columns() -> String {
    format!(
        "task.id, task.position, task.source_id, task.data,
         (SELECT count(*) FROM annotation WHERE annotation.task_id = task.id) AS annotations,
         {GROUND_TRUTH} AS ground_truth"
    )
}

impl Store {
    /// Tasks from `offset` on, at most `limit`, in the project's order.
    pub fn tasks(&self, project_key: i64, offset: u32, limit: u32) -> Result<Vec<TaskRow>> {
        self.read(|reader| {
            let sql = format!(
                "SELECT {} FROM task WHERE project_key = ?1 AND position >= ?2 ORDER BY position LIMIT ?3",
                task_columns()
            );
            let mut statement = reader.prepare_cached(&sql)?;
            let rows = statement.query_map(params![project_key, offset, limit], task_row)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// One task of any project.
    pub fn task(&self, id: TaskId) -> Result<TaskRow> {
        self.read(|reader| {
            let sql = format!("SELECT {} FROM task WHERE id = ?1", task_columns());
            let found = reader.prepare_cached(&sql)?.query_row([id.0], task_row).optional()?;
            found.ok_or_else(|| StoreError::not_found("task", id))
        })
    }

    /// The annotations of a task, oldest first.
    pub fn annotations(&self, task: TaskId) -> Result<Vec<AnnotationRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT result, ground_truth, was_cancelled, created_at, source FROM annotation
                 WHERE task_id = ?1 ORDER BY id",
            )?;
            let rows = statement.query_map([task.0], |row| {
                Ok(AnnotationRow {
                    result: row.get(0)?,
                    ground_truth: row.get(1)?,
                    was_cancelled: row.get(2)?,
                    created_at: row.get(3)?,
                    source: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// How many tasks of the project a subset has now, and the position after its last one.
    pub fn subset_size(&self, project: &ProjectRow, subset: Subset) -> (u32, u32) {
        match subset {
            Subset::All => (project.tasks, project.tasks),
            Subset::Sample => {
                let size = project.tasks.min(touchstone_domain::run::SAMPLE_TASKS);
                (size, size)
            }
            Subset::GroundTruth => (project.ground_truths, project.tasks),
        }
    }
}
