//! Taking tasks out of a project, and bringing everything that counts or numbers tasks up to what is left.

use crate::database::Store;
use crate::error::Result;
use rusqlite::{Connection, OptionalExtension, params};

/// What became of tasks that were to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TasksRemoved {
    /// So many.
    Removed(u32),
    /// None, because the run of this number is at work on the project, or waits for its turn or its provider.
    RunActive(u32),
}

/// The number of a run over the project that has tasks in its hands: of the project with the key ?1.
const ACTIVE: &str = "SELECT number FROM run WHERE project_key = ?1
    AND (status IN ('queued', 'in_progress') OR lease_owner IS NOT NULL
      OR EXISTS (SELECT 1 FROM batch WHERE run_key = run.key AND state = 'open')) LIMIT 1";

/// Each table that names tasks goes along by its reference. For one that has no index of them, all of it would be looked through
/// for each task that goes.
const INDEXES: [&str; 3] = ["prediction", "review", "replaced_review"];

impl Store {
    /// The number of a run because of which no task of the project can be removed now.
    pub fn run_over_tasks(&self, project_key: i64) -> Result<Option<u32>> {
        self.read(|reader| Ok(reader.query_row(ACTIVE, [project_key], |row| row.get(0)).optional()?))
    }

    /// Removes the tasks of a linked project that have these ids on its server, with their annotations, and what runs predicted for
    /// them and was decided about that. What runs cost stays what was paid. All of them, or none.
    pub fn remove_linked_tasks(&self, project_key: i64, remote_ids: &[i64], now: &str) -> Result<TasksRemoved> {
        self.write(|transaction| {
            if let Some(number) = transaction.query_row(ACTIVE, [project_key], |row| row.get(0)).optional()? {
                return Ok(TasksRemoved::RunActive(number));
            }
            transaction.execute_batch("CREATE TEMP TABLE removed (task_id INTEGER PRIMARY KEY, position INTEGER)")?;
            {
                let mut insert = transaction.prepare(
                    "INSERT INTO removed SELECT task_id, position FROM linked_task JOIN task ON task.id = task_id
                     WHERE linked_task.project_key = ?1 AND remote_id = ?2",
                )?;
                for id in remote_ids {
                    insert.execute(params![project_key, id])?;
                }
            }
            for table in INDEXES {
                transaction.execute_batch(&format!("CREATE INDEX {table}_removed ON {table} (task_id)"))?;
            }
            transaction.execute(LEFT_OF_TOTAL, [project_key])?;
            let removed = transaction.execute("DELETE FROM task WHERE id IN (SELECT task_id FROM removed)", [])?;
            for table in INDEXES {
                transaction.execute_batch(&format!("DROP INDEX {table}_removed"))?;
            }
            transaction.execute_batch(
                "DROP TABLE removed;
                 DELETE FROM review_batch WHERE NOT EXISTS (SELECT 1 FROM review WHERE batch = review_batch.id)
                   AND NOT EXISTS (SELECT 1 FROM replaced_review WHERE batch = review_batch.id);",
            )?;
            close_gaps(transaction, Some(project_key))?;
            let sql = "UPDATE project SET updated_at = ?2 WHERE key = ?1";
            transaction.execute(sql, params![project_key, now])?;
            Ok(TasksRemoved::Removed(u32::try_from(removed).unwrap_or(u32::MAX)))
        })
    }
}

/// A run is over as many tasks less as it has answered of those that go, or would yet answer.
const LEFT_OF_TOTAL: &str = "UPDATE run SET total = total - (
    SELECT count(*) FROM removed JOIN task ON task.id = task_id
    WHERE EXISTS (SELECT 1 FROM prediction WHERE prediction.run_key = run.key AND prediction.task_id = removed.task_id)
      OR run.done < run.total AND removed.position < run.position_end AND CASE
        WHEN only_those IS NOT NULL OR subset = 'custom' OR subset LIKE 'sample:%@%'
          THEN EXISTS (SELECT 1 FROM run_task WHERE run_task.run_key = run.key AND run_task.position = removed.position)
        WHEN subset = 'ground-truth' THEN has_ground_truth = 1
        WHEN subset = 'ground-truth-dev' THEN has_ground_truth = 1 AND data_hash % 100 >= 50
        WHEN subset = 'ground-truth-held-out' THEN has_ground_truth = 1 AND data_hash % 100 < 50
        ELSE 1 END)
    WHERE project_key = ?1";

/// Closes the gaps between the positions of tasks, and counts again what is counted: of one project, or of all. What runs cost
/// stays what was paid.
pub(crate) fn close_gaps(connection: &Connection, project_key: Option<i64>) -> Result<()> {
    let (of_project, of_task) = match project_key {
        Some(key) => (format!("key = {key}"), format!("project_key = {key}")),
        None => ("TRUE".to_owned(), "TRUE".to_owned()),
    };
    Ok(connection.execute_batch(&format!(
        "CREATE TEMP TABLE moved (project_key, was, now, PRIMARY KEY (project_key, was)) WITHOUT ROWID;
         INSERT INTO moved
           SELECT project_key, position, row_number() OVER (PARTITION BY project_key ORDER BY position) - 1 FROM task
           WHERE {of_task};
         UPDATE run SET position_end =
           (SELECT count(*) FROM moved WHERE moved.project_key = run.project_key AND was < run.position_end)
           WHERE {of_task};
         CREATE TEMP TABLE picked AS
           SELECT run_key, now FROM run_task JOIN run ON run.key = run_key
             JOIN moved ON moved.project_key = run.project_key AND was = run_task.position;
         DELETE FROM run_task WHERE run_key IN (SELECT key FROM run WHERE {of_task});
         INSERT INTO run_task (run_key, position) SELECT run_key, now FROM picked;
         UPDATE task SET position =
           -1 - (SELECT now FROM moved WHERE moved.project_key = task.project_key AND was = position) WHERE {of_task};
         UPDATE task SET position = -1 - position WHERE {of_task};
         DROP TABLE picked;
         DROP TABLE moved;
         DELETE FROM task_order WHERE {of_task};
         UPDATE run_tally SET state = '', changes = changes + 1
           WHERE run_key IN (SELECT key FROM run WHERE {of_task});
         UPDATE project SET
           tasks = (SELECT count(*) FROM task WHERE project_key = project.key),
           annotations = (SELECT count(*) FROM annotation JOIN task ON task.id = task_id WHERE project_key = project.key),
           ground_truths = (SELECT count(*) FROM task WHERE project_key = project.key AND has_ground_truth = 1),
           held_out = (SELECT count(*) FROM task
                       WHERE project_key = project.key AND has_ground_truth = 1 AND data_hash % 100 < 50)
           WHERE {of_project};
         UPDATE run SET (done, scored, correct, failed, failed_with_truth, cached, score_sum) =
           (SELECT count(*), count(prediction.correct), coalesce(sum(prediction.correct), 0), count(error_code),
                   count(CASE WHEN error_code IS NOT NULL AND has_ground_truth = 1 THEN 1 END),
                   coalesce(sum(prediction.cached), 0), coalesce(sum(prediction.score), 0.0)
            FROM prediction JOIN task ON task.id = task_id WHERE run_key = run.key),
           reviewed = (SELECT count(*) FROM review WHERE run_key = run.key), review_changes = review_changes + 1
           WHERE {of_task};"
    ))?)
}
