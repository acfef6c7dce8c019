//! What several runs say of the same tasks, read side by side.

use crate::database::Store;
use crate::error::Result;
use crate::tasks::GROUND_TRUTH;
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::{OptionalExtension, Row, params};
use std::ops::Range;
use touchstone_domain::TaskId;
use touchstone_domain::comparison::RUNS_MAX;

/// What one run says of a task that it has answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SidePrediction<'a> {
    /// UTF-8 of a JSON list of regions. Not yet checked to be UTF-8, which would cost a walk more than comparing it.
    pub result: &'a [u8],
    /// `None` when the task has no ground truth.
    pub correct: Option<bool>,
    pub score: Option<f64>,
    pub latency_ms: Option<u32>,
}

impl<'a> SidePrediction<'a> {
    const NONE: Self = Self { result: &[], correct: None, score: None, latency_ms: None };

    /// Of a row whose columns from the second on are these.
    pub(crate) fn of(row: &'a Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            result: row.get_ref(1)?.as_bytes()?,
            correct: row.get(2)?,
            score: row.get(3)?,
            latency_ms: row.get(4)?,
        })
    }
}

/// The predictions of the run ?1 for the tasks from ?2 up to ?3 that it has answered, by task.
fn answered(with_truth: bool) -> String {
    // Ground truth is looked for as that of the row that is called `task`.
    format!(
        "SELECT id, result, correct, score, latency_ms, {} FROM
           (SELECT task_id AS id, result, correct, score, latency_ms FROM prediction
            WHERE run_key = ?1 AND task_id >= ?2 AND task_id < ?3 AND result IS NOT NULL ORDER BY task_id) AS task",
        if with_truth { GROUND_TRUTH } else { "NULL" }
    )
}

/// Owned answers that are looked at for what they cost.
const OWNED_LOOKED_AT: u32 = 1_000;

impl Store {
    /// What answers that a run owned already cost when they were asked for, in picodollars, and how many were looked at: 1,000
    /// at most. `None` when a price is not known, or there are none.
    pub fn owned_cost_picos(&self, run_key: i64) -> Result<Option<(u64, u32)>> {
        self.read(|reader| {
            let sql = "SELECT sum(cost), count(*) FROM
                (SELECT answer.cost_picos AS cost FROM prediction JOIN answer ON answer.hash = answer_hash
                 WHERE run_key = ?1 AND cached = 1 LIMIT ?2)
                HAVING count(*) > 0 AND count(*) = count(cost)";
            let sum = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?));
            Ok(reader.prepare_cached(sql)?.query_row(params![run_key, OWNED_LOOKED_AT], sum).optional()?)
        })
    }

    /// Ids of tasks from the first that each of these runs has answered or failed at to the last, in `parts` ranges; none
    /// where the runs lie apart.
    pub fn shared_ranges(&self, run_keys: &[i64], parts: u32) -> Result<Vec<Range<i64>>> {
        self.read(|reader| {
            let mut ends = reader.prepare_cached(
                "SELECT (SELECT min(task_id) FROM prediction WHERE run_key = ?1),
                        (SELECT max(task_id) FROM prediction WHERE run_key = ?1)",
            )?;
            let mut shared = i64::MIN..i64::MAX;
            for run_key in run_keys {
                let (first, last) = ends
                    .query_row([run_key], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)))?;
                let Some((first, last)) = first.zip(last) else { return Ok(Vec::new()) };
                shared = shared.start.max(first)..shared.end.min(last + 1);
            }
            if shared.is_empty() {
                return Ok(Vec::new());
            }
            let step = ((shared.end - shared.start - 1) / i64::from(parts.max(1))) + 1;
            let starts = std::iter::successors(Some(shared.start), |start| Some(start + step));
            Ok(starts
                .take_while(|start| *start < shared.end)
                .map(|start| start..(start + step).min(shared.end))
                .collect())
        })
    }

    /// Comes by the tasks of a range of ids that all of these runs have answered, in the order of their ids, with what each
    /// run says, in the order of `run_keys`, at most [`RUNS_MAX`]. Each run's predictions lie in that order, so each is read
    /// once and none is looked for.
    pub fn walk_side_by_side(
        &self,
        run_keys: &[i64],
        tasks: Range<i64>,
        mut each: impl FnMut(TaskId, &[SidePrediction<'_>]),
    ) -> Result<()> {
        self.walk(run_keys, tasks, false, |task, _, sides| each(task, sides))
    }

    /// The same with the ground truth of each task, as UTF-8 of a JSON list of regions, which is looked for task by task.
    pub fn walk_beside_truth(
        &self,
        run_keys: &[i64],
        tasks: Range<i64>,
        each: impl FnMut(TaskId, Option<&[u8]>, &[SidePrediction<'_>]),
    ) -> Result<()> {
        self.walk(run_keys, tasks, true, each)
    }

    fn walk(
        &self,
        run_keys: &[i64],
        tasks: Range<i64>,
        with_truth: bool,
        mut each: impl FnMut(TaskId, Option<&[u8]>, &[SidePrediction<'_>]),
    ) -> Result<()> {
        self.read(|reader| {
            // The first run looks for the ground truth, for all.
            let sql = (0..run_keys.len()).map(|run| answered(with_truth && run == 0));
            let mut statements: Vec<_> = sql.map(|sql| reader.prepare_cached(&sql)).collect::<rusqlite::Result<_>>()?;
            let mut runs = Vec::with_capacity(run_keys.len());
            for (statement, run_key) in statements.iter_mut().zip(run_keys) {
                runs.push(statement.query(params![run_key, tasks.start, tasks.end])?);
            }
            let mut standing_at = [None; RUNS_MAX];
            // Each run in turn goes on to the first task that is not before the one wanted, which is wanted from then on; once
            // all of them stand at it, they share it.
            let (mut wanted, mut agreeing) = (tasks.start, 0);
            for side in (0..runs.len()).cycle() {
                let found = loop {
                    if let Some(task) = standing_at[side].filter(|task| *task >= wanted) {
                        break task;
                    }
                    runs[side].advance()?;
                    let Some(row) = runs[side].get() else { return Ok(()) };
                    standing_at[side] = Some(row.get::<_, i64>(0)?);
                };
                agreeing = if found == wanted { agreeing + 1 } else { 1 };
                wanted = found;
                if agreeing == runs.len() {
                    let mut sides = [SidePrediction::NONE; RUNS_MAX];
                    let mut truth = None;
                    for (place, (side, run)) in sides.iter_mut().zip(&runs).enumerate() {
                        if let Some(row) = run.get() {
                            *side = SidePrediction::of(row)?;
                            if place == 0 {
                                truth = row.get_ref(5)?.as_bytes_or_null().map_err(rusqlite::Error::from)?;
                            }
                        }
                    }
                    each(TaskId(wanted), truth, &sides[..runs.len()]);
                    (wanted, agreeing) = (wanted + 1, 0);
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{new_run, workspace_with_version};
    use touchstone_domain::RunId;

    /// A task, its result (`None` where it failed) and whether that is correct.
    type Predicted = (i64, Option<&'static str>, Option<bool>);

    /// A task, and the same of each run.
    type Seen = (i64, Vec<(&'static str, Option<bool>)>);

    /// What is seen of runs that have these predictions.
    #[track_caller]
    fn check(runs: &[&[Predicted]], parts: u32, want: &[Seen]) {
        let (_folder, store, version) = workspace_with_version();
        let project_key = store.project("Project").expect("project").key;
        let mut keys = Vec::new();
        store
            .write(|transaction| {
                transaction.execute(
                    "WITH RECURSIVE later (id) AS (SELECT 4 UNION ALL SELECT id + 1 FROM later WHERE id < 20)
                     INSERT INTO task (id, project_key, position, data) SELECT id, ?1, id - 1, '{}' FROM later",
                    [project_key],
                )?;
                Ok(())
            })
            .expect("more tasks");
        for (number, predictions) in runs.iter().enumerate() {
            let id = RunId(format!("r{number}"));
            store.insert_runs(&[crate::NewRun { id: id.clone(), ..new_run(&version, project_key) }]).expect("a run");
            let key = store.run(&id).expect("the run").key;
            store
                .write(|transaction| {
                    for (task, result, correct) in *predictions {
                        transaction.execute(
                            "INSERT INTO prediction (run_key, task_id, result, correct, score, error_code, cached, attempts)
                             VALUES (?1, ?2, ?3, ?4, ?4, ?5, 0, 1)",
                            params![key, task, result, correct, result.is_none().then_some("refused")],
                        )?;
                    }
                    Ok(())
                })
                .expect("predictions");
            keys.push(key);
        }
        let mut seen = Vec::new();
        for range in store.shared_ranges(&keys, parts).expect("ranges") {
            store
                .walk_side_by_side(&keys, range, |task, sides| {
                    let said = sides.iter().map(|side| {
                        assert_eq!(side.score, side.correct.map(|correct| f64::from(u8::from(correct))));
                        (String::from_utf8_lossy(side.result).into_owned(), side.correct)
                    });
                    seen.push((task.0, said.collect::<Vec<_>>()));
                })
                .expect("walked");
        }
        let want: Vec<_> = want
            .iter()
            .map(|(task, said)| {
                (*task, said.iter().map(|(result, correct)| ((*result).to_owned(), *correct)).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(seen, want, "in {parts} parts");
    }

    #[test]
    fn runs_are_read_side_by_side_where_all_have_answered() {
        let first = [
            (2, Some("a"), Some(true)),
            (3, Some("b"), None),
            (5, None, None),
            (6, Some("c"), Some(false)),
            (9, Some("d"), None),
        ];
        let second = [
            (1, Some("x"), None),
            (3, Some("y"), None),
            (5, Some("z"), Some(true)),
            (6, Some("c"), Some(true)),
            (8, Some("v"), None),
        ];
        let third = [(3, None, None), (6, Some("w"), Some(true)), (20, Some("u"), None)];
        let c = [("c", Some(false)), ("c", Some(true)), ("w", Some(true))];
        let two = [(3, vec![("b", None), ("y", None)]), (6, c[..2].to_vec())];
        for parts in [1, 2, 3, 16] {
            check(&[&first, &second], parts, &two);
            check(&[&first, &second, &third], parts, &[(6, c.to_vec())]);
            check(&[&first, &[]], parts, &[]);
            check(&[&first[..1], &third[2..]], parts, &[]);
        }
    }
}
