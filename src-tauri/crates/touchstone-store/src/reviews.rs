//! Predictions that somebody looked at, and what was decided about them.

use crate::annotations::TaskEdit;
use crate::comparison::SidePrediction;
use crate::database::Store;
use crate::error::{Result, StoreError};
use crate::runs::{RunRow, TABLES, columns, run_row};
use crate::tasks::AnnotationRow;
use rusqlite::{OptionalExtension, Row, params};
use touchstone_domain::{AnnotationId, TaskId};

/// What was decided about the prediction of a run for a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRow {
    pub task_id: TaskId,
    /// `accepted`, `corrected` or `rejected`.
    pub decision: String,
    pub batch: i64,
    /// What it became, or what it was corrected to; it may be gone.
    pub annotation_id: Option<AnnotationId>,
    pub decided_at: String,
}

/// A prediction as far as somebody can decide about it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewedPrediction {
    pub task_id: TaskId,
    /// JSON list of regions; `None` when the task failed.
    pub result: Option<String>,
    /// `None` when the task has no ground truth, or failed.
    pub correct: Option<bool>,
    pub confidence: Option<f64>,
}

impl ReviewedPrediction {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { task_id: TaskId(row.get(0)?), result: row.get(1)?, correct: row.get(2)?, confidence: row.get(3)? })
    }
}

const PREDICTION: &str = "task_id, result, correct, confidence";

/// That a prediction is one that somebody may have to decide about: its task failed, or has no ground truth.
const IS_OPEN: &str = "correct IS NULL AND NOT EXISTS
    (SELECT 1 FROM review WHERE review.run_key = prediction.run_key AND review.task_id = prediction.task_id)";

const REVIEW: &str = "task_id, decision, batch, annotation_id, decided_at FROM review JOIN review_batch ON id = batch";

fn review_row(row: &Row<'_>) -> rusqlite::Result<ReviewRow> {
    Ok(ReviewRow {
        task_id: TaskId(row.get(0)?),
        decision: row.get(1)?,
        batch: row.get(2)?,
        annotation_id: row.get::<_, Option<i64>>(3)?.map(AnnotationId),
        decided_at: row.get(4)?,
    })
}

/// Tasks of which so many lie between two of them, and more, are looked for one by one.
const SPARSE: i64 = 8;

impl Store {
    /// The runs over a project's tasks that have results, of prompts outside the bin; newest first.
    pub fn runs_with_results(&self, project_key: i64) -> Result<Vec<RunRow>> {
        self.some_runs(&format!("project_key = {project_key} AND done > 0 AND prompt.deleted_at IS NULL"))
    }

    /// The newest run with results of each version and model but those of `run`, over the same project; at most `limit`, newest
    /// first.
    pub fn other_runs(&self, run: &RunRow, limit: u32) -> Result<Vec<RunRow>> {
        self.some_runs(&format!(
            "run.key IN
               (SELECT max(other.key) FROM run AS other JOIN prompt ON prompt.key = other.prompt_key
                  JOIN run AS this ON this.key = {}
                WHERE other.project_key = this.project_key AND other.done > 0 AND prompt.deleted_at IS NULL
                  AND NOT (other.version_key = this.version_key AND other.provider IS this.provider
                    AND other.model IS this.model)
                GROUP BY other.version_key, other.provider, other.model
                ORDER BY max(other.key) DESC LIMIT {limit})",
            run.key
        ))
    }

    /// The runs with results of earlier versions of the same prompt, over the same project; newest first.
    pub fn earlier_runs(&self, run: &RunRow) -> Result<Vec<RunRow>> {
        self.some_runs(&format!(
            "run.prompt_key = {} AND project_key = {} AND version.number < {} AND done > 0",
            run.prompt_key, run.project_key, run.version_number
        ))
    }

    /// The newest of [`Store::earlier_runs`] that has answered a task which `run` has answered too.
    pub fn run_before(&self, run: &RunRow) -> Result<Option<RunRow>> {
        let earlier = self.earlier_runs(run)?;
        self.read(|reader| {
            // One after the other: to find no task that two runs share is to read one of them.
            let mut shares = reader.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM prediction AS earlier JOIN prediction AS later USING (task_id)
                   WHERE earlier.run_key = ?1 AND earlier.result IS NOT NULL
                     AND later.run_key = ?2 AND later.result IS NOT NULL)",
            )?;
            for before in earlier {
                if shares.query_row([before.key, run.key], |row| row.get(0))? {
                    return Ok(Some(before));
                }
            }
            Ok(None)
        })
    }

    fn some_runs(&self, condition: &str) -> Result<Vec<RunRow>> {
        self.read(|reader| {
            let sql = format!("SELECT {} FROM {TABLES} WHERE {condition} ORDER BY run.key DESC", columns());
            let mut statement = reader.prepare(&sql)?;
            Ok(statement.query_map([], run_row)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Up to `limit` predictions of a run after the task `after`, by task, that somebody may have to decide about: of tasks that
    /// failed or have no ground truth, and about which nobody has.
    pub fn open_predictions_after(
        &self,
        run_key: i64,
        after: Option<TaskId>,
        limit: u32,
    ) -> Result<Vec<ReviewedPrediction>> {
        self.predictions_after(IS_OPEN, run_key, after, limit)
    }

    /// Up to `limit` answers of a run after the task `after`, by task.
    pub fn answers_after(&self, run_key: i64, after: Option<TaskId>, limit: u32) -> Result<Vec<ReviewedPrediction>> {
        self.predictions_after("result IS NOT NULL", run_key, after, limit)
    }

    fn predictions_after(
        &self,
        condition: &str,
        run_key: i64,
        after: Option<TaskId>,
        limit: u32,
    ) -> Result<Vec<ReviewedPrediction>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(&format!(
                "SELECT {PREDICTION} FROM prediction WHERE run_key = ?1 AND task_id > ?2 AND {condition}
                 ORDER BY task_id LIMIT ?3"
            ))?;
            let after = after.map_or(i64::MIN, |task| task.0);
            let rows = statement.query_map(params![run_key, after, limit], ReviewedPrediction::of)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The predictions of a run for these tasks, in their order; those that it has not come to are left out. With `is_open`,
    /// those only that somebody may have to decide about.
    pub fn predictions_of(&self, run_key: i64, tasks: &[TaskId], is_open: bool) -> Result<Vec<ReviewedPrediction>> {
        self.read(|reader| {
            let condition = if is_open { IS_OPEN } else { "TRUE" };
            let mut statement = reader.prepare_cached(&format!(
                "SELECT {PREDICTION} FROM prediction WHERE run_key = ?1 AND task_id = ?2 AND {condition}"
            ))?;
            let mut found = Vec::with_capacity(tasks.len());
            for task in tasks {
                found.extend(statement.query_row([run_key, task.0], ReviewedPrediction::of).optional()?);
            }
            Ok(found)
        })
    }

    /// Tells what a run has answered of these tasks, which ascend: the place of each among them, and what it says.
    pub fn each_answer_among(
        &self,
        run_key: i64,
        tasks: &[TaskId],
        mut each: impl FnMut(usize, &SidePrediction<'_>),
    ) -> Result<()> {
        let (Some(first), Some(last)) = (tasks.first(), tasks.last()) else { return Ok(()) };
        let columns = "task_id, result, correct, score, latency_ms";
        let is_sparse = (last.0 - first.0) / SPARSE > i64::try_from(tasks.len()).unwrap_or(i64::MAX);
        self.read(|reader| {
            if is_sparse {
                let mut statement = reader.prepare_cached(&format!(
                    "SELECT {columns} FROM prediction WHERE run_key = ?1 AND task_id = ?2 AND result IS NOT NULL"
                ))?;
                for (place, task) in tasks.iter().enumerate() {
                    let mut rows = statement.query([run_key, task.0])?;
                    if let Some(row) = rows.next()? {
                        each(place, &SidePrediction::of(row)?);
                    }
                }
                return Ok(());
            }
            let mut statement = reader.prepare_cached(&format!(
                "SELECT {columns} FROM prediction
                 WHERE run_key = ?1 AND task_id BETWEEN ?2 AND ?3 AND result IS NOT NULL ORDER BY task_id"
            ))?;
            let mut rows = statement.query([run_key, first.0, last.0])?;
            let mut place = 0;
            while let Some(row) = rows.next()? {
                let task: i64 = row.get(0)?;
                while tasks[place].0 < task {
                    place += 1;
                }
                if tasks[place].0 == task {
                    each(place, &SidePrediction::of(row)?);
                }
            }
            Ok(())
        })
    }

    /// A number for what is decided together about predictions of a run.
    pub fn new_review_batch(&self, run_key: i64, now: &str) -> Result<i64> {
        self.write(|transaction| {
            let sql = "INSERT INTO review_batch (run_key, decided_at) VALUES (?1, ?2)";
            transaction.execute(sql, params![run_key, now])?;
            Ok(transaction.last_insert_rowid())
        })
    }

    /// The key of the run that was decided about together.
    pub fn run_of_review_batch(&self, batch: i64) -> Result<i64> {
        self.read(|reader| {
            let found = reader
                .query_row("SELECT run_key FROM review_batch WHERE id = ?1", [batch], |row| row.get(0))
                .optional()?;
            found.ok_or_else(|| StoreError::not_found("decision", batch))
        })
    }

    /// Up to `limit` decisions that were made together, after the task `after`, by task.
    pub fn reviews_after(&self, batch: i64, after: Option<TaskId>, limit: u32) -> Result<Vec<ReviewRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(&format!(
                "SELECT {REVIEW} WHERE batch = ?1 AND task_id > ?2 ORDER BY task_id LIMIT ?3"
            ))?;
            let after = after.map_or(i64::MIN, |task| task.0);
            Ok(statement.query_map(params![batch, after, limit], review_row)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Forgets which of the decisions that were made together others took the place of, and their number if none is left.
    pub fn close_review_batch(&self, batch: i64) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM replaced_review WHERE batch = ?1", [batch])?;
            let sql = "DELETE FROM review_batch WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM review WHERE batch = ?1)";
            transaction.execute(sql, [batch])?;
            Ok(())
        })
    }
}

impl TaskEdit<'_> {
    /// What was decided about the prediction of a run for the task.
    pub fn review(&self, run_key: i64) -> Result<Option<ReviewRow>> {
        let mut statement =
            self.transaction.prepare_cached(&format!("SELECT {REVIEW} WHERE review.run_key = ?1 AND task_id = ?2"))?;
        Ok(statement.query_row([run_key, self.task_id.0], review_row).optional()?)
    }

    /// Decides about the prediction of a run for the task. A decision before it is gone: see [`TaskEdit::keep_replaced_review`].
    pub fn set_review(
        &self,
        run_key: i64,
        batch: i64,
        decision: &str,
        annotation_id: Option<AnnotationId>,
    ) -> Result<()> {
        let is_first = self.review(run_key)?.is_none();
        let mut statement = self.transaction.prepare_cached(
            "INSERT OR REPLACE INTO review (run_key, task_id, decision, batch, annotation_id) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        statement.execute(params![run_key, self.task_id.0, decision, batch, annotation_id.map(|id| id.0)])?;
        self.count_review(run_key, i64::from(is_first))
    }

    /// Keeps a decision that another is about to take the place of, with the annotation that it had made if that was taken away
    /// for it.
    pub fn keep_replaced_review(&self, run_key: i64, review: &ReviewRow, made: Option<&AnnotationRow>) -> Result<()> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO replaced_review (run_key, task_id, batch, decision, annotation_id, result, ground_truth, source)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        statement.execute(params![
            run_key,
            self.task_id.0,
            review.batch,
            review.decision,
            review.annotation_id.map(|id| id.0),
            made.map(|made| &made.result),
            made.map(|made| made.ground_truth),
            made.and_then(|made| made.source.as_ref()),
        ])?;
        Ok(())
    }

    /// Takes back what was decided about the prediction of a run for the task. The decision that it took the place of holds
    /// again, and what that had made is there again, under an id of its own.
    pub fn take_back_review(&self, run_key: i64) -> Result<()> {
        let Some((before, made)) = self.replaced_review(run_key)? else {
            let mut delete =
                self.transaction.prepare_cached("DELETE FROM review WHERE run_key = ?1 AND task_id = ?2")?;
            let removed = delete.execute([run_key, self.task_id.0])?;
            return if removed == 1 { self.count_review(run_key, -1) } else { Ok(()) };
        };
        let annotation_id = made.map(|made| self.add(&made)).transpose()?.or(before.annotation_id);
        self.set_review(run_key, before.batch, &before.decision, annotation_id)?;
        let mut delete = self
            .transaction
            .prepare_cached("DELETE FROM replaced_review WHERE run_key = ?1 AND task_id = ?2 AND batch = ?3")?;
        delete.execute([run_key, self.task_id.0, before.batch])?;
        Ok(())
    }

    /// The last decision that another took the place of, and the annotation that was taken away then.
    fn replaced_review(&self, run_key: i64) -> Result<Option<(ReviewRow, Option<AnnotationRow>)>> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT task_id, decision, batch, annotation_id, decided_at, result, ground_truth, source
             FROM replaced_review AS replaced JOIN review_batch ON id = batch
             WHERE replaced.run_key = ?1 AND task_id = ?2 ORDER BY batch DESC LIMIT 1",
        )?;
        let found = statement.query_row([run_key, self.task_id.0], |row| {
            let review = review_row(row)?;
            let made = match row.get("result")? {
                Some(result) => Some(AnnotationRow {
                    result,
                    ground_truth: row.get("ground_truth")?,
                    was_cancelled: false,
                    // As it was made, by which it is known again.
                    created_at: Some(review.decided_at.clone()),
                    source: row.get("source")?,
                }),
                None => None,
            };
            Ok((review, made))
        });
        Ok(found.optional()?)
    }

    /// One decision was made or taken back, and so many more predictions are decided about.
    fn count_review(&self, run_key: i64, more: i64) -> Result<()> {
        let mut statement = self.transaction.prepare_cached(
            "UPDATE run SET reviewed = reviewed + ?2, review_changes = review_changes + 1 WHERE key = ?1",
        )?;
        statement.execute([run_key, more])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, new_run, next_version, workspace_with_version};
    use crate::{NewRun, VersionRow};
    use tempfile::TempDir;
    use touchstone_domain::RunId;

    /// A task, and what a run predicts for it: nothing where it failed.
    type Predicted = (i64, Option<&'static str>);

    struct Workspace {
        _folder: TempDir,
        store: Store,
        version: VersionRow,
        project_key: i64,
    }

    impl Workspace {
        fn new() -> Self {
            let (folder, store, version) = workspace_with_version();
            let project_key = store.project("Project").expect("project").key;
            store
                .write(|transaction| {
                    transaction.execute(
                        "WITH RECURSIVE later (id) AS (SELECT 4 UNION ALL SELECT id + 1 FROM later WHERE id < 100)
                         INSERT INTO task (id, project_key, position, data) SELECT id, ?1, id - 1, '{}' FROM later",
                        [project_key],
                    )?;
                    Ok(())
                })
                .expect("more tasks");
            Self { _folder: folder, store, version, project_key }
        }

        fn run(&self, id: &str, version: &VersionRow, predictions: &[Predicted]) -> RunRow {
            let id = RunId(id.to_owned());
            let new = NewRun { id: id.clone(), ..new_run(version, self.project_key) };
            self.store.insert_runs(&[new]).expect("a run");
            let key = self.store.run(&id).expect("the run").key;
            self.store
                .write(|transaction| {
                    for (task, result) in predictions {
                        transaction.execute(
                            "INSERT INTO prediction (run_key, task_id, result, error_code, cached, attempts)
                             VALUES (?1, ?2, ?3, ?4, 0, 1)",
                            params![key, task, result, result.is_none().then_some("refused")],
                        )?;
                    }
                    let sql =
                        "UPDATE run SET done = (SELECT count(*) FROM prediction WHERE run_key = key) WHERE key = ?1";
                    transaction.execute(sql, [key])?;
                    Ok(())
                })
                .expect("predictions");
            self.store.run(&id).expect("the run")
        }
    }

    fn ids(runs: &[RunRow]) -> Vec<&str> {
        runs.iter().map(|run| run.id.as_str()).collect()
    }

    #[test]
    fn the_newest_run_of_each_other_version_counts() {
        let at = Workspace::new();
        let second = next_version(&at.store, &at.version);
        let third = next_version(&at.store, &second);
        at.run("old", &at.version, &[(1, Some("a"))]);
        let first = at.run("first", &at.version, &[(1, Some("a"))]);
        at.run("nothing yet", &at.version, &[]);
        let other = at.run("second", &second, &[(2, Some("a"))]);
        let last = at.run("third", &third, &[(1, Some("b"))]);
        let others = |run: &RunRow, limit| at.store.other_runs(run, limit).expect("runs");
        assert_eq!(ids(&others(&last, 6)), ["second", "first"]);
        assert_eq!(ids(&others(&first, 6)), ["third", "second"]);
        assert_eq!(ids(&others(&first, 1)), ["third"]);
        assert_eq!(
            ids(&at.store.runs_with_results(at.project_key).expect("runs")),
            ["third", "second", "first", "old"]
        );
        let before = |run: &RunRow| at.store.run_before(run).expect("read").map(|run| run.id.0);
        assert_eq!(before(&last).as_deref(), Some("first"), "the second has answered no task of it");
        assert_eq!((before(&other), before(&first)), (None, None));
    }

    #[test]
    fn answers_are_told_for_the_tasks_that_are_asked_for_wherever_these_lie() {
        let at = Workspace::new();
        let predictions = [(2, Some("b")), (3, None), (5, Some("e")), (6, Some("f")), (90, Some("z"))];
        let run = at.run("r", &at.version, &predictions);
        for (tasks, want) in [
            (vec![1, 2, 3, 5], vec![(1, "b"), (3, "e")]),
            (vec![5, 6], vec![(0, "e"), (1, "f")]),
            (vec![2, 90], vec![(0, "b"), (1, "z")]),
            (vec![7, 100], vec![]),
            (vec![], vec![]),
        ] {
            let tasks: Vec<_> = tasks.into_iter().map(TaskId).collect();
            let mut told = Vec::new();
            at.store
                .each_answer_among(run.key, &tasks, |place, said| {
                    told.push((place, String::from_utf8_lossy(said.result).into_owned()));
                })
                .expect("told");
            let want: Vec<_> = want.into_iter().map(|(place, said)| (place, said.to_owned())).collect();
            assert_eq!(told, want, "{tasks:?}");
        }
    }

    #[test]
    fn what_was_decided_about_is_open_no_more_until_that_is_taken_back() {
        let at = Workspace::new();
        let run = at.run("r", &at.version, &[(1, Some("a")), (2, None), (3, Some("c"))]);
        let open = |after| {
            let found = at.store.open_predictions_after(run.key, after, 2).expect("read");
            found.into_iter().map(|prediction| prediction.task_id.0).collect::<Vec<_>>()
        };
        assert_eq!((open(None), open(Some(TaskId(2)))), (vec![1, 2], vec![3]));
        let batch = at.store.new_review_batch(run.key, NOW).expect("a number");
        let edit = |task, decision: Option<&str>| {
            let edited = at.store.edit_tasks(at.project_key, &[TaskId(task)], |task| match decision {
                Some(decision) => task.set_review(run.key, batch, decision, None),
                None => task.take_back_review(run.key),
            });
            edited.expect("edited");
        };
        let counted = || {
            let run = at.store.run(&run.id).expect("the run");
            (run.reviewed, run.review_changes)
        };
        edit(1, Some("rejected"));
        edit(2, Some("rejected"));
        assert_eq!((open(None), counted()), (vec![3], (2, 2)));
        let reviews = at.store.reviews_after(batch, Some(TaskId(1)), 9).expect("read");
        assert_eq!((reviews.len(), reviews[0].task_id, reviews[0].decided_at.as_str()), (1, TaskId(2), NOW));
        assert_eq!(at.store.result(run.key, TaskId(1)).expect("a row").review.as_deref(), Some("rejected"));
        at.store.close_review_batch(batch).expect("looked at");
        assert_eq!(at.store.run_of_review_batch(batch).expect("it is not empty"), run.key);
        edit(1, None);
        edit(2, None);
        assert_eq!((open(None), counted()), (vec![1, 2], (0, 4)));
        at.store.close_review_batch(batch).expect("removed");
        assert!(at.store.run_of_review_batch(batch).is_err());
        assert!(at.store.new_review_batch(run.key, NOW).expect("a number") > batch, "a number is never used again");
    }

    #[test]
    fn a_decision_that_is_taken_back_leaves_the_one_before_it_unless_that_was_taken_back_too() {
        let at = Workspace::new();
        let run = at.run("r", &at.version, &[(1, Some("a"))]);
        let made = AnnotationRow {
            result: "[]".to_owned(),
            ground_truth: true,
            was_cancelled: false,
            created_at: Some(NOW.to_owned()),
            source: Some("{}".to_owned()),
        };
        let decided = |decision| {
            let batch = at.store.new_review_batch(run.key, NOW).expect("a number");
            let edited = at.store.edit_tasks(at.project_key, &[TaskId(1)], |task| {
                if let Some(before) = task.review(run.key)? {
                    let gone = before.annotation_id.map(|id| task.remove(id)).transpose()?;
                    task.keep_replaced_review(run.key, &before, gone.map(|()| &made))?;
                }
                let annotation = if decision == "accepted" { Some(task.add(&made)?) } else { None };
                task.set_review(run.key, batch, decision, annotation)
            });
            edited.expect("edited");
            batch
        };
        let take_back = || {
            let edited = at.store.edit_tasks(at.project_key, &[TaskId(1)], |task| {
                task.take_back_review(run.key)?;
                Ok((task.review(run.key)?.map(|review| review.decision), task.annotations()?.len()))
            });
            edited.expect("edited").remove(0)
        };
        let annotated = at.store.stored_annotations(TaskId(1)).expect("read").len();
        decided("accepted");
        let second = decided("rejected");
        decided("rejected");
        at.store.close_review_batch(second).expect("closed");
        assert!(at.store.run_of_review_batch(second).is_err(), "nothing is left of it");
        assert_eq!(at.store.run(&run.id).expect("the run").reviewed, 1, "one prediction, however often");
        assert_eq!(take_back(), (Some("accepted".to_owned()), annotated + 1));
        let restored = at.store.stored_annotations(TaskId(1)).expect("read").pop().expect("it is there again");
        assert_eq!((restored.row, restored.updated_at), (made.clone(), None));
        assert_eq!(take_back(), (None, annotated + 1), "the annotation is no matter of the store here");
        assert_eq!(at.store.run(&run.id).expect("the run").reviewed, 0);
    }
}
