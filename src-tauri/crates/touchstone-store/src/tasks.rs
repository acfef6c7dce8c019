//! Tasks and their annotations.

use crate::database::Store;
use crate::error::{Result, StoreError};
use rusqlite::{OptionalExtension, Row, params};
use std::ops::Range;
use touchstone_domain::TaskId;
use touchstone_domain::task::HELD_OUT_PERCENT;

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
    /// It has ground truth and is held out.
    pub held_out: bool,
}

/// What a task must meet, as far as the file alone can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskCondition {
    GroundTruth(bool),
    Annotated(bool),
    /// It has ground truth, and that is held out or not.
    HeldOut(bool),
}

impl TaskCondition {
    fn sql(self) -> String {
        match self {
            Self::GroundTruth(has) => format!("has_ground_truth = {}", u8::from(has)),
            Self::Annotated(has) => format!(
                "{} EXISTS (SELECT 1 FROM annotation WHERE annotation.task_id = task.id)",
                if has { "" } else { "NOT" }
            ),
            Self::HeldOut(held_out) => split(held_out),
        }
    }
}

/// A task that a scan comes by.
#[derive(Clone, Copy, Debug)]
pub struct ScannedTask<'a> {
    pub position: u32,
    /// UTF-8 of a JSON object; empty unless it was asked for. Not yet checked to be UTF-8, which would cost a scan more
    /// than looking through it.
    pub data: &'a [u8],
    /// UTF-8 of a JSON list of regions of the ground truth that counts; `None` unless it was asked for.
    pub ground_truth: Option<&'a [u8]>,
}

/// What a scan reads of each task beside its position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanColumns {
    pub data: bool,
    pub ground_truth: bool,
}

/// The condition for tasks with ground truth on one side of the split.
pub(crate) fn split(held_out: bool) -> String {
    let side = if held_out { "<" } else { ">=" };
    format!("has_ground_truth = 1 AND data_hash % 100 {side} {HELD_OUT_PERCENT}")
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
        held_out: row.get("held_out")?,
    })
}

fn task_columns() -> String {
    format!(
        "task.id, task.position, task.source_id, task.data,
         (SELECT count(*) FROM annotation WHERE annotation.task_id = task.id) AS annotations,
         {GROUND_TRUTH} AS ground_truth, ({}) AS held_out",
        split(true)
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

    /// The tasks at these positions, in the order given; a position that has none is left out.
    pub fn tasks_at(&self, project_key: i64, positions: &[u32]) -> Result<Vec<TaskRow>> {
        self.read(|reader| {
            let sql = format!("SELECT {} FROM task WHERE project_key = ?1 AND position = ?2", task_columns());
            let mut statement = reader.prepare_cached(&sql)?;
            let mut rows = Vec::with_capacity(positions.len());
            for position in positions {
                rows.extend(statement.query_row(params![project_key, position], task_row).optional()?);
            }
            Ok(rows)
        })
    }

    /// The ids of the tasks at these positions, in the order given; a position that has none is left out.
    pub fn task_ids_at(&self, project_key: i64, positions: &[u32]) -> Result<Vec<TaskId>> {
        self.read(|reader| {
            let mut statement =
                reader.prepare_cached("SELECT id FROM task WHERE project_key = ?1 AND position = ?2")?;
            let mut ids = Vec::with_capacity(positions.len());
            for position in positions {
                ids.extend(
                    statement.query_row(params![project_key, position], |row| row.get(0).map(TaskId)).optional()?,
                );
            }
            Ok(ids)
        })
    }

    /// Comes by the tasks of these ranges of positions that meet all conditions, in the order given, until `each` says
    /// `false`.
    pub fn scan_tasks(
        &self,
        project_key: i64,
        ranges: impl IntoIterator<Item = Range<u32>>,
        conditions: &[TaskCondition],
        columns: ScanColumns,
        mut each: impl FnMut(ScannedTask<'_>) -> bool,
    ) -> Result<()> {
        let conditions: String = conditions.iter().map(|condition| format!(" AND {}", condition.sql())).collect();
        // Ids ascend with positions, and a run of ids is read without a way back to the index for each: the `+` keeps the
        // index on positions out of it.
        let sql = format!(
            "SELECT position, {}, {} FROM task
             WHERE id >= (SELECT id FROM task WHERE project_key = ?1 AND position >= ?2 ORDER BY position LIMIT 1)
               AND id <= (SELECT id FROM task WHERE project_key = ?1 AND position < ?3 ORDER BY position DESC LIMIT 1)
               AND +project_key = ?1{conditions} ORDER BY id",
            if columns.data { "data" } else { "''" },
            if columns.ground_truth { GROUND_TRUTH } else { "NULL" },
        );
        self.read(|reader| {
            let mut statement = reader.prepare_cached(&sql)?;
            for range in ranges {
                let mut rows = statement.query(params![project_key, range.start, range.end])?;
                while let Some(row) = rows.next()? {
                    let text = |column: usize| row.get_ref(column)?.as_bytes_or_null().map_err(rusqlite::Error::from);
                    let task = ScannedTask {
                        position: row.get(0)?,
                        data: text(1)?.unwrap_or_default(),
                        ground_truth: text(2)?,
                    };
                    if !each(task) {
                        return Ok(());
                    }
                }
            }
            Ok(())
        })
    }

    /// The kept order of a project's tasks by a field of their data: positions, ascending. `None` when there is none,
    /// or it is not of exactly `tasks` tasks.
    pub fn task_order(&self, project_key: i64, field: &str, tasks: u32) -> Result<Option<Vec<u32>>> {
        self.read(|reader| {
            let found: Option<Vec<u8>> = reader
                .prepare_cached(
                    "SELECT positions FROM task_order WHERE project_key = ?1 AND field = ?2 AND tasks = ?3",
                )?
                .query_row(params![project_key, field, tasks], |row| row.get(0))
                .optional()?;
            Ok(found
                .map(|bytes| bytes.as_chunks::<4>().0.iter().map(|position| u32::from_le_bytes(*position)).collect()))
        })
    }

    /// Keeps the order of a project's tasks by a field, in place of an earlier one.
    pub fn keep_task_order(&self, project_key: i64, field: &str, positions: &[u32]) -> Result<()> {
        let tasks = i64::try_from(positions.len()).unwrap_or(i64::MAX);
        let bytes: Vec<u8> = positions.iter().flat_map(|position| position.to_le_bytes()).collect();
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO task_order (project_key, field, tasks, positions) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (project_key, field) DO UPDATE SET tasks = excluded.tasks, positions = excluded.positions",
                params![project_key, field, tasks, bytes],
            )?;
            Ok(())
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
}
