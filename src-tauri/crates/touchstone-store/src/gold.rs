//! Ground truth that runs contradict, and what was decided about it.

use crate::annotations::TaskEdit;
use crate::database::Store;
use crate::error::Result;
use rusqlite::{OptionalExtension, params, params_from_iter};
use touchstone_domain::{AnnotationId, TaskId};

/// A run that may say something about ground truth: the newest of its version and model.
#[derive(Clone, Debug, PartialEq)]
pub struct GoldRunRow {
    pub run_key: i64,
    pub run_id: String,
    pub scored: u32,
    pub correct: u32,
}

/// What was decided about the ground truth of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldMarkRow {
    /// `kept` or `ambiguous`.
    pub mark: String,
    /// The annotation that was ground truth, and its regions as JSON.
    pub annotation_id: AnnotationId,
    pub result: String,
}

impl Store {
    /// The newest finished run of each version and model over a project's tasks that scored at least `scored_min` tasks, and of
    /// those the most accurate, at most `limit`.
    pub fn gold_runs(&self, project_key: i64, scored_min: u32, limit: u32) -> Result<Vec<GoldRunRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT key, id, scored, correct FROM run
                 WHERE key IN (SELECT max(run.key) FROM run JOIN prompt ON prompt.key = run.prompt_key
                     WHERE run.project_key = ?1 AND status = 'completed' AND scored >= ?2 AND prompt.deleted_at IS NULL
                     GROUP BY version_key, provider, model)
                 ORDER BY CAST(correct AS REAL) / scored DESC, key DESC LIMIT ?3",
            )?;
            let rows = statement.query_map(params![project_key, scored_min, limit], |row| {
                Ok(GoldRunRow { run_key: row.get(0)?, run_id: row.get(1)?, scored: row.get(2)?, correct: row.get(3)? })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Tasks that at least two of these runs answered wrongly, those that more of them did first, at most `limit`.
    pub fn contradicted(&self, run_keys: &[i64], limit: u32) -> Result<Vec<TaskId>> {
        self.read(|reader| {
            let places = vec!["?"; run_keys.len()].join(", ");
            let mut statement = reader.prepare(&format!(
                "SELECT task_id FROM prediction WHERE run_key IN ({places}) AND correct = 0
                 GROUP BY task_id HAVING count(*) >= 2 ORDER BY count(*) DESC, task_id LIMIT {limit}"
            ))?;
            let rows = statement.query_map(params_from_iter(run_keys), |row| row.get(0))?;
            Ok(rows.map(|id| id.map(TaskId)).collect::<rusqlite::Result<_>>()?)
        })
    }

    /// What was decided about the ground truth of a task, whether or not it has changed since.
    pub fn gold_mark(&self, task: TaskId) -> Result<Option<GoldMarkRow>> {
        self.read(|reader| {
            let mut statement =
                reader.prepare_cached("SELECT mark, annotation_id, result FROM gold_mark WHERE task_id = ?1")?;
            let mark = statement.query_row([task.0], |row| {
                Ok(GoldMarkRow { mark: row.get(0)?, annotation_id: AnnotationId(row.get(1)?), result: row.get(2)? })
            });
            Ok(mark.optional()?)
        })
    }

    /// The tasks of a project with such a mark, in its order.
    pub fn gold_marked(&self, project_key: i64, mark: &str) -> Result<Vec<TaskId>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT task_id FROM gold_mark JOIN task ON task.id = task_id WHERE project_key = ?1 AND mark = ?2
                 ORDER BY task_id",
            )?;
            let rows = statement.query_map(params![project_key, mark], |row| row.get(0))?;
            Ok(rows.map(|id| id.map(TaskId)).collect::<rusqlite::Result<_>>()?)
        })
    }
}

impl TaskEdit<'_> {
    /// Decides about the ground truth that the task has; `None` takes the decision back.
    pub fn set_gold_mark(&self, mark: Option<&GoldMarkRow>, now: &str) -> Result<()> {
        match mark {
            None => self.transaction.execute("DELETE FROM gold_mark WHERE task_id = ?1", [self.task_id.0])?,
            Some(GoldMarkRow { mark, annotation_id, result }) => self.transaction.execute(
                "INSERT OR REPLACE INTO gold_mark (task_id, mark, annotation_id, result, marked_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![self.task_id.0, mark, annotation_id.0, result, now],
            )?,
        };
        Ok(())
    }
}
