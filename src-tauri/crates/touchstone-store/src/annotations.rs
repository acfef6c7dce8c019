//! Editing annotations, and what follows from it: counts of the project, scores of the runs.

use crate::database::Store;
use crate::error::{Result, StoreError};
use crate::imports::NewTask;
use crate::journal::Scored;
use crate::projects::ProjectRow;
use crate::tallies;
use crate::tasks::{AnnotationRow, GROUND_TRUTH};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use std::cell::RefCell;
use std::collections::BTreeMap;
use touchstone_domain::metrics::{RunTally, TaskMeasure};
use touchstone_domain::task::is_held_out;
use touchstone_domain::{AnnotationId, TaskId};

/// An annotation as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnnotation {
    pub id: AnnotationId,
    pub task_id: TaskId,
    pub row: AnnotationRow,
    /// `None` until somebody edits it here.
    pub updated_at: Option<String>,
    /// It is the ground truth that predictions are compared with: the newest.
    pub counts: bool,
}

/// A prediction for a task, as far as scoring it again needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredPrediction {
    pub run_key: i64,
    /// JSON list of regions; `None` when the task failed.
    pub result: Option<String>,
    pub scored: Option<Scored>,
}

/// One task whose annotations are being edited; what it writes is committed together or not at all.
pub struct TaskEdit<'t> {
    pub(crate) transaction: &'t Transaction<'t>,
    pub(crate) task_id: TaskId,
    /// What is counted otherwise from now on, by run.
    tallies: &'t RefCell<BTreeMap<i64, RunTally>>,
}

const COLUMNS: &str = "annotation.id, annotation.task_id, annotation.result, annotation.ground_truth,
    annotation.was_cancelled, annotation.created_at, annotation.source, annotation.updated_at,
    annotation.id = (SELECT newest.id FROM annotation AS newest
      WHERE newest.task_id = annotation.task_id AND newest.ground_truth = 1 AND newest.was_cancelled = 0
      ORDER BY newest.created_at DESC, newest.id DESC LIMIT 1) AS counts";

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredAnnotation> {
    Ok(StoredAnnotation {
        id: AnnotationId(row.get("id")?),
        task_id: TaskId(row.get("task_id")?),
        row: AnnotationRow {
            result: row.get("result")?,
            ground_truth: row.get("ground_truth")?,
            was_cancelled: row.get("was_cancelled")?,
            created_at: row.get("created_at")?,
            source: row.get("source")?,
        },
        updated_at: row.get("updated_at")?,
        counts: row.get::<_, Option<bool>>("counts")?.unwrap_or(false),
    })
}

impl TaskEdit<'_> {
    /// The annotation with this id, if it is one of this task.
    pub fn annotation(&self, id: AnnotationId) -> Result<StoredAnnotation> {
        let sql = format!("SELECT {COLUMNS} FROM annotation WHERE id = ?1 AND task_id = ?2");
        let found = self.transaction.prepare_cached(&sql)?.query_row([id.0, self.task_id.0], stored).optional()?;
        found.ok_or_else(|| StoreError::not_found("annotation", id))
    }

    /// The annotations of the task, oldest first.
    pub fn annotations(&self) -> Result<Vec<StoredAnnotation>> {
        let sql = format!("SELECT {COLUMNS} FROM annotation WHERE task_id = ?1 ORDER BY id");
        let mut statement = self.transaction.prepare_cached(&sql)?;
        Ok(statement.query_map([self.task_id.0], stored)?.collect::<rusqlite::Result<_>>()?)
    }

    pub fn add(&self, row: &AnnotationRow) -> Result<AnnotationId> {
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO annotation (task_id, result, ground_truth, was_cancelled, created_at, source)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        insert.execute(params![
            self.task_id.0,
            row.result,
            row.ground_truth,
            row.was_cancelled,
            row.created_at,
            row.source
        ])?;
        Ok(AnnotationId(self.transaction.last_insert_rowid()))
    }

    pub fn update(&self, id: AnnotationId, result: &str, ground_truth: bool, now: &str) -> Result<()> {
        let changed = self.transaction.execute(
            "UPDATE annotation SET result = ?3, ground_truth = ?4, updated_at = ?5 WHERE id = ?1 AND task_id = ?2",
            params![id.0, self.task_id.0, result, ground_truth, now],
        )?;
        if changed == 1 { Ok(()) } else { Err(StoreError::not_found("annotation", id)) }
    }

    /// The annotation is as it came from elsewhere, and not edited here.
    pub fn replace(&self, id: AnnotationId, row: &AnnotationRow) -> Result<()> {
        let mut update = self.transaction.prepare_cached(
            "UPDATE annotation SET result = ?3, ground_truth = ?4, was_cancelled = ?5, created_at = ?6, source = ?7,
               updated_at = NULL WHERE id = ?1 AND task_id = ?2",
        )?;
        let changed = update.execute(params![
            id.0,
            self.task_id.0,
            row.result,
            row.ground_truth,
            row.was_cancelled,
            row.created_at,
            row.source
        ])?;
        if changed == 1 { Ok(()) } else { Err(StoreError::not_found("annotation", id)) }
    }

    /// What an annotation has beside its regions, as it is elsewhere.
    pub fn set_source(&self, id: AnnotationId, source: &str) -> Result<()> {
        let sql = "UPDATE annotation SET source = ?3 WHERE id = ?1 AND task_id = ?2";
        self.transaction.execute(sql, params![id.0, self.task_id.0, source])?;
        Ok(())
    }

    /// Gives the task other data, if it is other; what was predicted from that before stays, and is known for it where the task is
    /// linked. `true` if it was.
    pub fn set_data(&self, task: &NewTask, now: &str) -> Result<bool> {
        let NewTask { data, data_hash, meta, .. } = task;
        let mut update = self.transaction.prepare_cached(
            "UPDATE task SET data = ?2, data_hash = ?3, meta = ?4 WHERE id = ?1 AND (data <> ?2 OR meta IS NOT ?4)",
        )?;
        let before: (i64, bool) = self.transaction.query_row(
            "SELECT data_hash, has_ground_truth FROM task WHERE id = ?1",
            [self.task_id.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let is_changed = update.execute(params![self.task_id.0, data, data_hash, meta])? == 1;
        let (was, is) = (is_held_out(before.0), is_held_out(*data_hash));
        if is_changed && before.1 && was != is {
            self.transaction.execute(
                "UPDATE project SET held_out = held_out + ?2
                 WHERE key = (SELECT project_key FROM task WHERE id = ?1)",
                params![self.task_id.0, i64::from(is) - i64::from(was)],
            )?;
        }
        if before.0 != *data_hash {
            let sql = "UPDATE linked_task SET data_changed_at = ?2 WHERE task_id = ?1";
            self.transaction.prepare_cached(sql)?.execute(params![self.task_id.0, now])?;
        }
        Ok(is_changed)
    }

    /// The annotation is an answer, and no longer a task that was skipped.
    pub fn unskip(&self, id: AnnotationId) -> Result<()> {
        let sql = "UPDATE annotation SET was_cancelled = 0 WHERE id = ?1 AND task_id = ?2";
        self.transaction.execute(sql, [id.0, self.task_id.0])?;
        Ok(())
    }

    pub fn remove(&self, id: AnnotationId) -> Result<()> {
        let removed = self
            .transaction
            .execute("DELETE FROM annotation WHERE id = ?1 AND task_id = ?2", [id.0, self.task_id.0])?;
        if removed == 1 { Ok(()) } else { Err(StoreError::not_found("annotation", id)) }
    }

    /// JSON list of regions of the ground truth that counts, as things stand.
    pub fn ground_truth(&self) -> Result<Option<String>> {
        let sql = format!("SELECT {GROUND_TRUTH} FROM task WHERE id = ?1");
        Ok(self.transaction.prepare_cached(&sql)?.query_row([self.task_id.0], |row| row.get(0))?)
    }

    /// What the runs of the project predicted for the task.
    pub fn predictions(&self) -> Result<Vec<ScoredPrediction>> {
        // By run, because predictions are kept by run and then task. SQLite takes a CROSS JOIN in the order in which it is written:
        // left to itself it looks for the task among all predictions.
        let mut statement = self.transaction.prepare_cached(
            "SELECT prediction.run_key, prediction.result, prediction.correct, prediction.score
             FROM task CROSS JOIN run CROSS JOIN prediction
             WHERE task.id = ?1 AND run.project_key = task.project_key
               AND prediction.run_key = run.key AND prediction.task_id = task.id",
        )?;
        let rows = statement.query_map([self.task_id.0], |row| {
            let (correct, score): (Option<bool>, Option<f64>) = (row.get(2)?, row.get(3)?);
            Ok(ScoredPrediction {
                run_key: row.get(0)?,
                result: row.get(1)?,
                scored: correct.zip(score).map(|(correct, score)| Scored { correct, score }),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Gives a prediction another score, and its run the counts that follow.
    pub fn set_score(&self, prediction: &ScoredPrediction, scored: Option<Scored>) -> Result<()> {
        let (run_key, before) = (prediction.run_key, prediction.scored);
        self.transaction.execute(
            "UPDATE prediction SET correct = ?3, score = ?4 WHERE run_key = ?1 AND task_id = ?2",
            params![run_key, self.task_id.0, scored.map(|scored| scored.correct), scored.map(|scored| scored.score)],
        )?;
        // Differences, because the journal of a run at work counts beside this.
        let count = |scored: Option<Scored>| i64::from(scored.is_some());
        let correct = |scored: Option<Scored>| i64::from(scored.is_some_and(|scored| scored.correct));
        let score = |scored: Option<Scored>| scored.map_or(0.0, |scored| scored.score);
        self.transaction.execute(
            "UPDATE run SET scored = scored + ?2, correct = correct + ?3, score_sum = score_sum + ?4 WHERE key = ?1",
            params![
                run_key,
                count(scored) - count(before),
                correct(scored) - correct(before),
                score(scored) - score(before)
            ],
        )?;
        Ok(())
    }

    /// Counts a prediction of a run otherwise than before; `empty` makes a tally of the run that counts nothing.
    pub fn measured_again(
        &self,
        run_key: i64,
        empty: impl FnOnce() -> RunTally,
        before: Option<&TaskMeasure<'_>>,
        after: Option<&TaskMeasure<'_>>,
    ) {
        self.tallies.borrow_mut().entry(run_key).or_insert_with(empty).measured_again(before, after);
    }
}

impl Store {
    /// The annotations of a task, oldest first.
    pub fn stored_annotations(&self, task: TaskId) -> Result<Vec<StoredAnnotation>> {
        self.read(|reader| {
            let sql = format!("SELECT {COLUMNS} FROM annotation WHERE task_id = ?1 ORDER BY id");
            let mut statement = reader.prepare_cached(&sql)?;
            Ok(statement.query_map([task.0], stored)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The project that a task is of, in the bin or not.
    pub fn project_of_task(&self, task: TaskId) -> Result<ProjectRow> {
        let key = self.read(|reader| {
            let found = reader.query_row("SELECT project_key FROM task WHERE id = ?1", [task.0], |row| row.get(0));
            found.optional()?.ok_or_else(|| StoreError::not_found("task", task))
        })?;
        self.project_by_key(key)
    }

    /// JSON of what a task came with beside its data.
    pub fn task_meta(&self, task: TaskId) -> Result<Option<String>> {
        self.read(|reader| Ok(reader.query_row("SELECT meta FROM task WHERE id = ?1", [task.0], |row| row.get(0))?))
    }

    /// The task that an annotation is of.
    pub fn task_of_annotation(&self, id: AnnotationId) -> Result<TaskId> {
        self.read(|reader| {
            let found = reader
                .query_row("SELECT task_id FROM annotation WHERE id = ?1", [id.0], |row| row.get(0).map(TaskId))
                .optional()?;
            found.ok_or_else(|| StoreError::not_found("annotation", id))
        })
    }

    /// Edits the annotations of tasks of one project, one after the other in one transaction, and brings the project's
    /// counts up to date, and what is counted of its runs.
    pub fn edit_tasks<T>(
        &self,
        project_key: i64,
        tasks: &[TaskId],
        mut work: impl FnMut(&TaskEdit<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.write(|transaction| {
            let counted = RefCell::default();
            let edit =
                |&task_id| edit_task(&TaskEdit { transaction, task_id, tallies: &counted }, project_key, &mut work);
            let values = tasks.iter().map(edit).collect::<Result<_>>()?;
            for (run_key, more) in counted.into_inner() {
                tallies::add(transaction, run_key, &more)?;
            }
            Ok(values)
        })
    }
}

fn edit_task<T>(edit: &TaskEdit<'_>, project_key: i64, work: &mut impl FnMut(&TaskEdit<'_>) -> Result<T>) -> Result<T> {
    let &TaskEdit { transaction, task_id, .. } = edit;
    let mut counts = transaction.prepare_cached(
        "SELECT has_ground_truth, (SELECT count(*) FROM annotation WHERE task_id = task.id)
         FROM task WHERE id = ?1 AND project_key = ?2",
    )?;
    let mut read = || -> Result<(bool, i64)> {
        let found = counts.query_row([task_id.0, project_key], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        found.ok_or_else(|| StoreError::not_found("task", task_id))
    };
    let (had_truth, annotations_before) = read()?;
    let value = work(edit)?;
    let (_, annotations) = read()?;
    let has_truth = edit.ground_truth()?.is_some();
    let truths = i64::from(has_truth) - i64::from(had_truth);
    transaction.execute(
        "UPDATE project SET annotations = annotations + ?2, ground_truths = ground_truths + ?3 WHERE key = ?1",
        params![project_key, annotations - annotations_before, truths],
    )?;
    if truths != 0 {
        let data_hash: i64 = transaction.query_row(
            "UPDATE task SET has_ground_truth = ?2 WHERE id = ?1 RETURNING data_hash",
            params![task_id.0, has_truth],
            |row| row.get(0),
        )?;
        if is_held_out(data_hash) {
            transaction
                .execute("UPDATE project SET held_out = held_out + ?2 WHERE key = ?1", params![project_key, truths])?;
        }
        // A failed task cannot be scored, but whether it could have been is counted.
        transaction.execute(
            "UPDATE run SET failed_with_truth = failed_with_truth + ?3 WHERE project_key = ?1 AND EXISTS
               (SELECT 1 FROM prediction WHERE run_key = run.key AND task_id = ?2 AND error_code IS NOT NULL)",
            params![project_key, task_id.0, truths],
        )?;
    }
    Ok(value)
}
