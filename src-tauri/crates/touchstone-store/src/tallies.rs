//! What is counted of the predictions of a run, beside them.
//!
//! A tally is kept like a sum: whoever counts adds to what is there, in any order. What a run at work counts is with its
//! journal for a moment before it is here. A tally whose numbers are not those of the run has missed something, as one of a
//! program that was killed, and is made anew from the predictions.

use crate::StoreError;
use crate::database::Store;
use crate::error::Result;
use crate::runs::{RunRow, TABLES, columns, run_row};
use rusqlite::{Connection, OptionalExtension, Rows, Transaction, params};
use std::ops::RangeInclusive;
use touchstone_domain::RunId;
use touchstone_domain::metrics::RunTally;

/// A prediction that a scan comes by, as far as it is counted.
#[derive(Clone, Copy, Debug)]
pub struct CountedPrediction<'a> {
    pub latency_ms: Option<u32>,
    /// `None` unless it was scored.
    pub scored: Option<ScannedScore<'a>>,
}

/// A prediction with its score and what it was scored by.
#[derive(Clone, Copy, Debug)]
pub struct ScannedScore<'a> {
    pub is_correct: bool,
    pub score: f64,
    /// UTF-8 of JSON lists of regions.
    pub result: &'a [u8],
    pub ground_truth: &'a [u8],
}

/// Adds to what is counted of a run, if that is by the config that its project has.
pub(crate) fn add(transaction: &Transaction<'_>, run_key: i64, more: &RunTally) -> Result<()> {
    let mut select = transaction.prepare_cached(
        "SELECT state FROM run_tally JOIN run ON run.key = run_key JOIN project ON project.key = run.project_key
         WHERE run_key = ?1 AND run_tally.config_hash = project.config_hash",
    )?;
    let Some(state) = select.query_row([run_key], |row| row.get::<_, String>(0)).optional()? else { return Ok(()) };
    let mut update =
        transaction.prepare_cached("UPDATE run_tally SET state = ?2, changes = changes + 1 WHERE run_key = ?1")?;
    let mut sum = read(&state);
    sum.merge(more);
    update.execute(params![run_key, written(&sum)])?;
    Ok(())
}

/// One that cannot be read, as another version of the program wrote it, counts nothing, and is made anew for that.
fn read(state: &str) -> RunTally {
    serde_json::from_str(state).unwrap_or_default()
}

fn written(tally: &RunTally) -> String {
    serde_json::to_string(tally).expect("a tally has finite numbers and texts for keys")
}

/// Forgets what is counted of the runs over a project.
pub(crate) fn forget_all(transaction: &Transaction<'_>, project_key: i64) -> Result<()> {
    transaction.execute(
        "DELETE FROM run_tally WHERE run_key IN (SELECT key FROM run WHERE project_key = ?1)",
        [project_key],
    )?;
    Ok(())
}

impl Store {
    /// The run with this id, and what is counted of it by its project's config, as one moment has them. Whether that is all
    /// of it, its numbers tell.
    pub fn run_with_tally(&self, id: &RunId) -> Result<(RunRow, Option<RunTally>)> {
        self.read(|reader| {
            let moment = reader.unchecked_transaction()?;
            let sql = format!("SELECT {} FROM {TABLES} WHERE run.id = ?1", columns());
            let run = moment.prepare_cached(&sql)?.query_row([id.as_str()], run_row).optional()?;
            let run = run.ok_or_else(|| StoreError::not_found("run", id))?;
            let mut select = moment.prepare_cached(
                "SELECT state FROM run_tally WHERE run_key = ?1
                   AND config_hash = (SELECT config_hash FROM project WHERE key = ?2)",
            )?;
            let state = select.query_row([run.key, run.project_key], |row| row.get::<_, String>(0)).optional()?;
            Ok((run, state.as_deref().map(read)))
        })
    }

    /// What is counted of a run from here on is added to what there is. Gives back what [`Store::keep_tally`] wants to know.
    pub fn expect_tally(&self, run_key: i64) -> Result<i64> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO run_tally (run_key, config_hash)
                 SELECT run.key, project.config_hash FROM run JOIN project ON project.key = run.project_key WHERE run.key = ?1
                 ON CONFLICT (run_key) DO UPDATE SET config_hash = excluded.config_hash, state = '', changes = changes + 1
                   WHERE config_hash <> excluded.config_hash",
                [run_key],
            )?;
            let sql = "SELECT changes FROM run_tally WHERE run_key = ?1";
            Ok(transaction.query_row(sql, [run_key], |row| row.get(0))?)
        })
    }

    /// Keeps a tally that was made of the predictions after [`Store::expect_tally`] gave back `changes`. `false` if it is not
    /// kept: somebody has counted or scored since, the run counts otherwise, or a program other than `owner` is at work on it,
    /// which may have more to hand over.
    pub fn keep_tally(&self, run_key: i64, owner: Option<&str>, changes: i64, tally: &RunTally) -> Result<bool> {
        let counts = tally.tallied();
        self.write(|transaction| {
            let kept = transaction.execute(
                "UPDATE run_tally SET state = ?3, changes = changes + 1
                 WHERE run_key = ?1 AND changes = ?2 AND EXISTS
                   (SELECT 1 FROM run WHERE key = ?1 AND (status <> 'in_progress' OR lease_owner = ?4)
                      AND done = ?5 AND scored = ?6 AND correct = ?7)",
                params![run_key, changes, written(tally), owner, counts.predictions, counts.scored, counts.correct],
            )?;
            Ok(kept == 1)
        })
    }

    /// How often what is counted of a run has changed, whoever did it; `None` while nothing is.
    pub fn tally_changes(&self, run_key: i64) -> Result<Option<i64>> {
        self.read(|reader| {
            let mut select = reader.prepare_cached("SELECT changes FROM run_tally WHERE run_key = ?1")?;
            Ok(select.query_row([run_key], |row| row.get(0)).optional()?)
        })
    }

    /// Forgets what is counted of a run.
    pub fn forget_tally(&self, run_key: i64) -> Result<()> {
        self.write(|transaction| {
            let sql = "UPDATE run_tally SET state = '', changes = changes + 1 WHERE run_key = ?1";
            transaction.execute(sql, [run_key])?;
            Ok(())
        })
    }

    /// The predictions of a run, in two halves of its tasks by their ids; none if it has none.
    pub fn prediction_halves(&self, run_key: i64) -> Result<Vec<RangeInclusive<i64>>> {
        self.read(|reader| {
            let sql = "SELECT min(task_id), max(task_id) FROM prediction WHERE run_key = ?1";
            let ends: (Option<i64>, Option<i64>) =
                reader.query_row(sql, [run_key], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let (Some(first), Some(last)) = ends else { return Ok(Vec::new()) };
            let middle = first + (last - first) / 2;
            Ok([first..=middle, middle + 1..=last].into_iter().filter(|half| !half.is_empty()).collect())
        })
    }

    /// Comes by the predictions of a run for these tasks, by task.
    pub fn scan_predictions(
        &self,
        run_key: i64,
        tasks: RangeInclusive<i64>,
        each: impl FnMut(CountedPrediction<'_>),
    ) -> Result<()> {
        self.read(|reader| scan(reader, run_key, tasks, each))
    }
}

fn scan(
    reader: &Connection,
    run_key: i64,
    tasks: RangeInclusive<i64>,
    mut each: impl FnMut(CountedPrediction<'_>),
) -> Result<()> {
    let moment = reader.unchecked_transaction()?;
    let done: i64 = moment.query_row("SELECT done FROM run WHERE key = ?1", [run_key], |row| row.get(0))?;
    // Both by task, side by side: to look the ground truth of each up takes twice as long, unless few of the tasks are the run's.
    let theirs = if (tasks.end() - tasks.start()) / SPARSE > done {
        "prediction CROSS JOIN annotation USING (task_id) WHERE run_key = ?3 AND"
    } else {
        "annotation WHERE ?3 = ?3 AND"
    };
    let mut truths = moment.prepare_cached(&format!(
        "SELECT task_id, annotation.result, annotation.created_at, annotation.id FROM {theirs}
         task_id BETWEEN ?1 AND ?2 AND ground_truth = 1 AND was_cancelled = 0 ORDER BY task_id"
    ))?;
    let rows = truths.query([*tasks.start(), *tasks.end(), run_key])?;
    let mut truths = Truths { rows, newest: Truth::default(), next: None };
    truths.step()?;
    let mut predictions = moment.prepare_cached(
        "SELECT task_id, latency_ms, correct, score, result FROM prediction
         WHERE run_key = ?1 AND task_id BETWEEN ?2 AND ?3 ORDER BY task_id",
    )?;
    let mut rows = predictions.query(params![run_key, tasks.start(), tasks.end()])?;
    while let Some(row) = rows.next()? {
        let (is_correct, score): (Option<bool>, Option<f64>) = (row.get(2)?, row.get(3)?);
        let scored = match is_correct.zip(score) {
            None => None,
            Some((is_correct, score)) => Some(ScannedScore {
                is_correct,
                score,
                result: row.get_ref(4)?.as_bytes_or_null().map_err(rusqlite::Error::from)?.unwrap_or(NO_REGIONS),
                ground_truth: truths.of(row.get(0)?)?.unwrap_or(NO_REGIONS),
            }),
        };
        each(CountedPrediction { latency_ms: row.get(1)?, scored });
    }
    Ok(())
}

/// Where a run has predicted less than one of so many tasks, theirs are looked for one by one.
const SPARSE: i64 = 8;

const NO_REGIONS: &[u8] = b"[]";

/// Annotations that may be the ground truth that counts, by task.
struct Truths<'s> {
    rows: Rows<'s>,
    /// The newest of the task that was asked for last.
    newest: Truth,
    /// Read, but not looked at yet.
    next: Option<Truth>,
}

#[derive(Default)]
struct Truth {
    task_id: i64,
    created_at: Option<String>,
    id: i64,
    result: Vec<u8>,
}

impl Truth {
    /// The greatest of a task's is the one that counts, as in [`crate::tasks::GROUND_TRUTH`].
    fn age(&self) -> (i64, Option<&str>, i64) {
        (self.task_id, self.created_at.as_deref(), self.id)
    }
}

impl Truths<'_> {
    fn step(&mut self) -> Result<()> {
        self.next = match self.rows.next()? {
            None => None,
            Some(row) => Some(Truth {
                task_id: row.get(0)?,
                result: row.get_ref(1)?.as_bytes().map_err(rusqlite::Error::from)?.to_owned(),
                created_at: row.get(2)?,
                id: row.get(3)?,
            }),
        };
        Ok(())
    }

    /// The ground truth that counts of a task, which comes after those that were asked for before.
    fn of(&mut self, task_id: i64) -> Result<Option<&[u8]>> {
        while let Some(next) = self.next.take_if(|next| next.task_id <= task_id) {
            if next.age() > self.newest.age() {
                self.newest = next;
            }
            self.step()?;
        }
        Ok((self.newest.task_id == task_id).then_some(&*self.newest.result))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, workspace_with_run};
    use crate::{Entry, NewConfig, PredictionRow, RunEnd};
    use touchstone_domain::TaskId;
    use touchstone_domain::metrics::{ControlTally, FamilyTally, Tallied, TaskMeasure};
    use touchstone_domain::run::RunStatus;

    fn measure(is_correct: bool) -> TaskMeasure<'static> {
        let score = f64::from(u8::from(is_correct));
        TaskMeasure { score, is_correct, confidence: None, controls: vec![None] }
    }

    fn empty() -> RunTally {
        RunTally::new(vec![ControlTally::new("control", "Rating", FamilyTally::Other)])
    }

    fn entry(run: &RunRow, task: i64, is_correct: bool) -> Entry {
        let prediction = PredictionRow {
            task_id: TaskId(task),
            answer_hash: None,
            result: Some("[]".to_owned()),
            repairs: None,
            measure: Some(Box::new(measure(is_correct))),
            confidence: None,
            error: None,
            error_vendor: None,
            has_truth: true,
            cached: false,
            attempts: 1,
            prompt_tokens: None,
            completion_tokens: None,
            cached_tokens: None,
            reasoning_tokens: None,
            cost_picos: 0,
            unpriced: 0,
            uncounted: 0,
            lost: crate::Lost::default(),
            latency_ms: Some(7),
        };
        Entry {
            run_key: run.key,
            owner: "me".to_owned(),
            answers: Vec::new(),
            prediction,
            is_given_up: false,
            is_probe: false,
            counted: crate::Counted::default(),
            now: NOW.to_owned(),
        }
    }

    /// Predictions, scored ones and correct ones.
    fn counted(store: &Store, run: &RunRow) -> Option<(i64, i64, i64)> {
        let (_, tally) = store.run_with_tally(&run.id).expect("run");
        tally.map(|tally| {
            let Tallied { predictions, scored, correct } = tally.tallied();
            (predictions, scored, correct)
        })
    }

    #[tokio::test]
    async fn what_the_journal_counted_is_handed_over_once() {
        let (_folder, store, run) = workspace_with_run();
        let journal = store.journal();
        assert_eq!(counted(&store, &run), Some((0, 0, 0)), "a new run has nothing");
        journal.commit(entry(&run, 1, true)).await.expect("committed");
        journal.count(run.key, empty());
        for entry in [entry(&run, 2, false), entry(&run, 2, true), Entry { is_given_up: true, ..entry(&run, 3, true) }]
        {
            journal.commit(entry).await.expect("committed");
        }
        journal.hand_over(run.key).await.expect("handed over");
        assert_eq!(counted(&store, &run), Some((1, 1, 0)), "what was added since it was to be counted");
        journal.commit(entry(&run, 3, true)).await.expect("committed");
        journal.count_no_more(run.key).await.expect("handed over");
        journal.hand_over(run.key).await.expect("handed over");
        assert_eq!(counted(&store, &run), Some((2, 2, 1)));
    }

    #[tokio::test]
    async fn what_another_program_counts_from_now_on_is_forgotten() {
        let (_folder, store, run) = workspace_with_run();
        store.journal().count(run.key, empty());
        store.journal().commit(entry(&run, 1, true)).await.expect("committed");
        store.journal().forget(run.key);
        store.journal().count_no_more(run.key).await.expect("there is nothing");
        assert_eq!(counted(&store, &run), Some((0, 0, 0)));
    }

    #[tokio::test]
    async fn a_tally_made_anew_is_kept_unless_somebody_counted_meanwhile() {
        let (_folder, store, run) = workspace_with_run();
        store.journal().commit(entry(&run, 1, true)).await.expect("committed");
        let mut anew = empty();
        anew.add(Some(7), Some(&measure(true)));
        let keep = |changes| store.keep_tally(run.key, None, changes, &anew).expect("written");

        let changes = store.expect_tally(run.key).expect("expected");
        store
            .edit_tasks(run.project_key, &[TaskId(1)], |task| {
                task.measured_again(run.key, empty, Some(&measure(true)), Some(&measure(true)));
                Ok(())
            })
            .expect("edited");
        assert!(!keep(changes), "a prediction was scored again");
        let changes = store.expect_tally(run.key).expect("expected");
        assert!(keep(changes));
        assert_eq!(counted(&store, &run), Some((1, 1, 1)));
        assert!(!keep(changes), "somebody was faster");
        store.forget_tally(run.key).expect("forgotten");
        let changes = store.expect_tally(run.key).expect("expected");
        store.journal().commit(entry(&run, 2, true)).await.expect("committed");
        assert!(!keep(changes), "the run counts otherwise");
    }

    #[tokio::test]
    async fn who_is_at_work_on_a_run_alone_keeps_a_tally_that_was_made_anew() {
        let (_folder, store, run) = workspace_with_run();
        assert!(store.lease_run(run.key, "me", 1_000, NOW).expect("lease").is_some());
        let changes = store.expect_tally(run.key).expect("expected");
        let keep = |owner| store.keep_tally(run.key, owner, changes, &empty()).expect("written");
        assert!(!keep(None) && !keep(Some("other")));
        assert!(keep(Some("me")));
        let end = RunEnd {
            status: RunStatus::Paused,
            reason: None,
            cause: None,
            holds: (&[], ""),
            is_interrupted: false,
            worked_ms: 0,
            now: NOW,
        };
        store.finish_run(run.key, "me", &end).expect("finished");
        let changes = store.expect_tally(run.key).expect("expected");
        assert!(store.keep_tally(run.key, None, changes, &empty()).expect("written"), "nobody is");
    }

    #[tokio::test]
    async fn another_config_is_another_count() {
        let (_folder, store, run) = workspace_with_run();
        store.journal().count(run.key, empty());
        store.journal().commit(entry(&run, 1, true)).await.expect("committed");
        store.journal().count_no_more(run.key).await.expect("handed over");
        let end = "UPDATE run SET status = 'completed'";
        store.write(|transaction| Ok(transaction.execute(end, [])?)).expect("over");
        let config = NewConfig { xml: "<View/>", hash: "other", now: NOW };
        store.save_config(run.project_key, config, None).expect("saved");
        assert_eq!(counted(&store, &run), None);
        store.expect_tally(run.key).expect("expected");
        assert_eq!(counted(&store, &run), Some((0, 0, 0)));
    }

    #[test]
    fn predictions_are_come_by_once_in_halves_with_the_ground_truth_that_counts() {
        let (_folder, store, run) = workspace_with_run();
        assert!(store.prediction_halves(run.key).expect("read").is_empty());
        let insert = "INSERT INTO prediction (run_key, task_id, result, correct, score, cached, attempts, latency_ms)
                      VALUES (?1, ?2, '[1]', ?3, ?3, 0, 0, ?2)";
        store
            .write(|transaction| {
                transaction.execute(insert, params![run.key, 1, Some(1)])?;
                transaction.execute(insert, params![run.key, 2, None::<i64>])?;
                transaction.execute(insert, params![run.key, 3, Some(0)])?;
                let truth = "INSERT INTO annotation (task_id, result, ground_truth, was_cancelled, created_at)
                             VALUES (?1, ?2, ?3, ?4, ?5)";
                for (task, result, is_truth, is_cancelled, at) in [
                    (1, "[2]", 1, 0, Some("1")),
                    (1, "[3]", 1, 0, Some("2")),
                    (1, "[4]", 1, 0, Some("2")),
                    (1, "[5]", 1, 0, None),
                    (1, "[6]", 0, 0, Some("3")),
                    (1, "[7]", 1, 1, Some("3")),
                    (2, "[8]", 1, 0, Some("1")),
                ] {
                    transaction.execute(truth, params![task, result, is_truth, is_cancelled, at])?;
                }
                Ok(())
            })
            .expect("written");
        let looked_up = store.read(|reader| {
            let sql = format!("SELECT {} FROM task WHERE id = 1", crate::tasks::GROUND_TRUTH);
            Ok(reader.query_row(&sql, [], |row| row.get::<_, String>(0))?)
        });
        let newest = looked_up.expect("read").into_bytes();
        assert_eq!(newest, b"[4]", "the newest, and of two the one that came last");
        // As of a run that covers most tasks, and of one that covers few.
        for done in [3, -1] {
            store
                .write(|transaction| Ok(transaction.execute("UPDATE run SET done = ?1", [done])?))
                .expect("as if so many were done");
            let mut seen = Vec::new();
            for half in store.prediction_halves(run.key).expect("read") {
                store
                    .scan_predictions(run.key, half, |prediction| {
                        let scored = prediction.scored.map(|scored| {
                            assert_eq!(scored.result, b"[1]");
                            (scored.is_correct, scored.ground_truth.to_owned())
                        });
                        seen.push((prediction.latency_ms, scored));
                    })
                    .expect("read");
            }
            let first = Some((true, newest.clone()));
            assert_eq!(seen, [(Some(1), first), (Some(2), None), (Some(3), Some((false, b"[]".to_vec())))], "{done}");
        }
    }
}
