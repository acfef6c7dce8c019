//! Reading a whole project, task by task, as it is at one moment.

use crate::database::Store;
use crate::error::{Result, StoreError};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

/// A task with all that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportedTask {
    pub id: i64,
    pub source_id: Option<i64>,
    /// JSON object.
    pub data: String,
    /// JSON.
    pub meta: Option<String>,
    /// JSON list of the predictions that it was imported with.
    pub predictions: Option<String>,
    /// Oldest first.
    pub annotations: Vec<ExportedAnnotation>,
    /// The regions that the run predicted, and their score.
    pub predicted: Option<(String, Option<f64>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedAnnotation {
    pub id: i64,
    /// JSON list of regions.
    pub result: String,
    pub ground_truth: bool,
    pub was_cancelled: bool,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    /// JSON of the other fields it was imported with.
    pub source: Option<String>,
}

/// The workspace at one moment, whatever is written meanwhile.
pub struct Snapshot<'c> {
    reader: &'c Connection,
}

impl Store {
    /// Lets `work` read the workspace as it is now, as often as it likes.
    pub fn snapshot<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Snapshot<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.read(|reader| {
            let transaction = reader.unchecked_transaction()?;
            Ok(work(&Snapshot { reader: &transaction }))
        })?
    }
}

impl Snapshot<'_> {
    /// Gives the tasks of a project to `each`, in its order, until it fails; with what the run predicted, if one is
    /// named. Memory holds one task at a time.
    pub fn each_task<E: From<StoreError>>(
        &self,
        project_key: i64,
        run_key: Option<i64>,
        mut each: impl FnMut(ExportedTask) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let stored = |error: rusqlite::Error| E::from(error.into());
        let mut tasks = self
            .reader
            .prepare("SELECT id, source_id, data, meta, predictions FROM task WHERE project_key = ?1 ORDER BY position")
            .map_err(stored)?;
        let mut annotations = self
            .reader
            .prepare_cached(
                "SELECT id, result, ground_truth, was_cancelled, created_at, updated_at, source FROM annotation
                 WHERE task_id = ?1 ORDER BY id",
            )
            .map_err(stored)?;
        let mut predicted = self
            .reader
            .prepare_cached(
                "SELECT result, score FROM prediction WHERE run_key = ?1 AND task_id = ?2 AND result IS NOT NULL",
            )
            .map_err(stored)?;
        let mut rows = tasks.query([project_key]).map_err(stored)?;
        while let Some(row) = rows.next().map_err(stored)? {
            let mut task = task(row).map_err(stored)?;
            task.annotations = annotations_of(&mut annotations, task.id).map_err(E::from)?;
            if let Some(run_key) = run_key {
                let found = predicted.query_row(params![run_key, task.id], |row| Ok((row.get(0)?, row.get(1)?)));
                task.predicted = found.optional().map_err(stored)?;
            }
            each(task)?;
        }
        Ok(())
    }
}

fn task(row: &Row<'_>) -> rusqlite::Result<ExportedTask> {
    Ok(ExportedTask {
        id: row.get(0)?,
        source_id: row.get(1)?,
        data: row.get(2)?,
        meta: row.get(3)?,
        predictions: row.get(4)?,
        annotations: Vec::new(),
        predicted: None,
    })
}

fn annotations_of(statement: &mut CachedStatement<'_>, task: i64) -> Result<Vec<ExportedAnnotation>> {
    let rows = statement.query_map([task], |row| {
        Ok(ExportedAnnotation {
            id: row.get(0)?,
            result: row.get(1)?,
            ground_truth: row.get(2)?,
            was_cancelled: row.get(3)?,
            created_at: row.get(4)?,
            updated_at: row.get(5)?,
            source: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
