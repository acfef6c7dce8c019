//! Batches: what a run has handed over to a vendor, written down before it is, and what of it is still out.

use crate::database::Store;
use crate::error::Result;
use crate::journal::column;
use crate::runs::{PendingTask, RunRow};
use rusqlite::{OptionalExtension, Row, params};
use touchstone_domain::{RunId, TaskId};

/// A batch of which something may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchRow {
    pub key: i64,
    pub part: u32,
    /// `None` while it is not known whether the vendor has it.
    pub vendor_id: Option<String>,
    pub requests: u32,
    /// Those that have an outcome, as the vendor said last.
    pub done: u32,
    /// What it can cost, in picodollars.
    pub most_picos: u64,
    pub created_at: String,
}

/// A batch about to be handed over.
#[derive(Clone, Copy, Debug)]
pub struct NewBatch<'a> {
    pub run_key: i64,
    /// The hash of each request, and a task that it is made for.
    pub requests: &'a [(String, TaskId)],
    pub most_picos: u64,
    pub now: &'a str,
}

/// Where the batches of a run stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchSums {
    /// All but those of which nothing was asked.
    pub parts: u32,
    /// Those that are still out.
    pub open: u32,
    pub requests: u32,
    /// Requests that have an outcome, as the vendor said last.
    pub done: u32,
    /// When the first that is still out was handed over.
    pub submitted_at: Option<String>,
}

/// The sums as columns of a query over `run`.
pub(crate) const SUMS: &str = "is_batch,
    (SELECT count(*) FROM batch WHERE batch.run_key = run.key AND state <> 'void') AS batch_parts,
    (SELECT count(*) FROM batch WHERE batch.run_key = run.key AND state = 'open') AS batch_open,
    (SELECT coalesce(sum(requests), 0) FROM batch WHERE batch.run_key = run.key AND state <> 'void') AS batch_requests,
    (SELECT coalesce(sum(batch.done), 0) FROM batch WHERE batch.run_key = run.key AND state <> 'void') AS batch_done,
    (SELECT min(submitted_at) FROM batch WHERE batch.run_key = run.key AND state = 'open') AS batch_submitted_at";

/// `None` for a run that does not ask by batch.
pub(crate) fn sums(row: &Row<'_>) -> rusqlite::Result<Option<BatchSums>> {
    if !row.get::<_, bool>("is_batch")? {
        return Ok(None);
    }
    Ok(Some(BatchSums {
        parts: row.get("batch_parts")?,
        open: row.get("batch_open")?,
        requests: row.get("batch_requests")?,
        done: row.get("batch_done")?,
        submitted_at: row.get("batch_submitted_at")?,
    }))
}

fn batch_row(row: &Row<'_>) -> rusqlite::Result<BatchRow> {
    Ok(BatchRow {
        key: row.get("key")?,
        part: row.get("part")?,
        vendor_id: row.get("vendor_id")?,
        requests: row.get("requests")?,
        done: row.get("done")?,
        most_picos: row.get::<_, i64>("most_picos")?.unsigned_abs(),
        created_at: row.get("created_at")?,
    })
}

const COLUMNS: &str = "key, part, vendor_id, requests, done, most_picos, created_at";

impl Store {
    /// Writes down what is about to be handed over, so that it can be looked for.
    pub fn insert_batch(&self, batch: &NewBatch<'_>) -> Result<BatchRow> {
        let requests = u32::try_from(batch.requests.len()).unwrap_or(u32::MAX);
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO batch (run_key, part, requests, most_picos, created_at)
                 VALUES (?1, (SELECT coalesce(max(part), 0) + 1 FROM batch WHERE run_key = ?1), ?2, ?3, ?4)",
                params![batch.run_key, requests, column(batch.most_picos), batch.now],
            )?;
            let key = transaction.last_insert_rowid();
            let mut insert = transaction
                .prepare_cached("INSERT INTO batch_request (batch_key, hash, task_id) VALUES (?1, ?2, ?3)")?;
            for (hash, task) in batch.requests {
                insert.execute(params![key, hash, task.0])?;
            }
            let sql = format!("SELECT {COLUMNS} FROM batch WHERE key = ?1");
            Ok(transaction.query_row(&sql, [key], batch_row)?)
        })
    }

    /// The vendor has it under this id, since `at`.
    pub fn batch_submitted(&self, key: i64, vendor_id: &str, at: &str) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE batch SET vendor_id = ?2, submitted_at = ?3 WHERE key = ?1",
                params![key, vendor_id, at],
            )?;
            Ok(())
        })
    }

    /// So many of its requests have an outcome.
    pub fn batch_counted(&self, key: i64, done: u32) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("UPDATE batch SET done = ?2 WHERE key = ?1", params![key, done])?;
            Ok(())
        })
    }

    /// Everything that came of it is kept; `done` of its requests had an outcome. Those that were asked in vain, as nothing
    /// came of them that is kept, are counted as requests of its run.
    pub fn batch_merged(&self, key: i64, done: u32, in_vain: u32) -> Result<()> {
        self.write(|transaction| {
            let sql = "UPDATE batch SET state = 'merged', done = ?2 WHERE key = ?1";
            transaction.execute(sql, params![key, done])?;
            let sql = "UPDATE run SET requests = requests + ?2 WHERE key = (SELECT run_key FROM batch WHERE key = ?1)";
            transaction.execute(sql, params![key, in_vain])?;
            Ok(())
        })
    }

    /// Nothing of it was asked: its tasks can go into another batch.
    pub fn void_batch(&self, key: i64) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("UPDATE batch SET state = 'void' WHERE key = ?1", [key])?;
            transaction.execute("DELETE FROM batch_request WHERE batch_key = ?1", [key])?;
            Ok(())
        })
    }

    /// Takes requests out of a batch that were refused for what every request has, so that they can go into another one.
    pub fn free_batch_requests(&self, key: i64, hashes: &[String]) -> Result<()> {
        self.write(|transaction| {
            let sql = "DELETE FROM batch_request WHERE batch_key = ?1 AND hash = ?2";
            let mut delete = transaction.prepare_cached(sql)?;
            for hash in hashes {
                delete.execute(params![key, hash])?;
            }
            Ok(())
        })
    }

    /// The batches of a run of which something may come, in the order in which they were handed over.
    pub fn open_batches(&self, run_key: i64) -> Result<Vec<BatchRow>> {
        self.read(|reader| {
            let sql = format!("SELECT {COLUMNS} FROM batch WHERE run_key = ?1 AND state = 'open' ORDER BY part");
            let mut statement = reader.prepare_cached(&sql)?;
            Ok(statement.query_map([run_key], batch_row)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The hashes of a batch's requests, in their order.
    pub fn batch_hashes(&self, key: i64) -> Result<Vec<String>> {
        self.read(|reader| {
            let sql = "SELECT hash FROM batch_request WHERE batch_key = ?1 ORDER BY key";
            let mut statement = reader.prepare_cached(sql)?;
            Ok(statement.query_map([key], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Whether each of these tasks, or its request, is or was in a batch of the run.
    pub fn are_batched(&self, run_key: i64, requests: &[(String, TaskId)]) -> Result<Vec<bool>> {
        self.read(|reader| {
            let of = |condition: &str| {
                format!(
                    "SELECT 1 FROM batch_request JOIN batch ON batch.key = batch_key
                     WHERE run_key = ?1 AND {condition}"
                )
            };
            let mut by_task = reader.prepare_cached(&of("task_id = ?2"))?;
            let mut by_hash = reader.prepare_cached(&of("hash = ?2"))?;
            let mut is_batched = |(hash, task): &(String, TaskId)| -> Result<bool> {
                Ok(by_task.exists(params![run_key, task.0])? || by_hash.exists(params![run_key, hash])?)
            };
            requests.iter().map(&mut is_batched).collect()
        })
    }

    /// The task of each of these requests of a batch; `None` where the run has an outcome for it already, or it is none of
    /// the batch's.
    pub fn batch_tasks(&self, run: &RunRow, key: i64, hashes: &[String]) -> Result<Vec<Option<PendingTask>>> {
        self.read(|reader| {
            let sql = format!(
                "SELECT task.id, position, data, {} FROM batch_request JOIN task ON task.id = task_id
                 WHERE batch_key = ?1 AND hash = ?2 AND NOT EXISTS
                   (SELECT 1 FROM prediction WHERE prediction.run_key = ?3 AND prediction.task_id = task.id)",
                crate::tasks::GROUND_TRUTH
            );
            let mut statement = reader.prepare_cached(&sql)?;
            let mut task = |hash: &String| {
                let found = statement.query_row(params![key, hash, run.key], PendingTask::read);
                Ok(found.optional()?)
            };
            hashes.iter().map(&mut task).collect()
        })
    }

    /// The runs whose program ended while they waited for a batch. Of prompts in the bin there are none.
    pub fn waiting_batch_runs(&self) -> Result<Vec<RunId>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT run.id FROM run JOIN prompt ON prompt.key = run.prompt_key
                 WHERE interrupted AND status = 'paused' AND prompt.deleted_at IS NULL AND EXISTS
                   (SELECT 1 FROM batch WHERE batch.run_key = run.key AND state = 'open') ORDER BY run.key",
            )?;
            Ok(statement.query_map([], |row| Ok(RunId(row.get(0)?)))?.collect::<rusqlite::Result<_>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, workspace_with_run};

    fn requests(tasks: &[i64]) -> Vec<(String, TaskId)> {
        tasks.iter().map(|task| (format!("hash of {task}"), TaskId(*task))).collect()
    }

    #[test]
    fn a_batch_is_written_down_before_it_has_an_id_and_its_number_is_never_used_again() {
        let (_folder, store, run) = workspace_with_run();
        let insert = |tasks: &[i64]| {
            let requests = requests(tasks);
            let new = NewBatch { run_key: run.key, requests: &requests, most_picos: 7, now: NOW };
            store.insert_batch(&new).expect("written down")
        };
        let first = insert(&[1, 2]);
        assert_eq!((first.part, &first.vendor_id, first.requests, first.most_picos), (1, &None, 2, 7));
        assert_eq!(store.batch_hashes(first.key).expect("hashes"), ["hash of 1", "hash of 2"]);
        let batched = |tasks: &[i64]| store.are_batched(run.key, &requests(tasks)).expect("looked");
        assert_eq!(batched(&[1, 3]), [true, false]);
        let twin = [("hash of 1".to_owned(), TaskId(3))];
        assert_eq!(store.are_batched(run.key, &twin).expect("looked"), [true], "by its request");

        store.void_batch(first.key).expect("void");
        assert_eq!(batched(&[1]), [false], "nothing of it was asked");
        let second = insert(&[1]);
        assert_eq!(second.part, 2);
        store.batch_submitted(second.key, "batch_2", NOW).expect("kept");
        let open = store.open_batches(run.key).expect("open");
        assert_eq!(open.iter().map(|batch| batch.vendor_id.as_deref()).collect::<Vec<_>>(), [Some("batch_2")]);
        let requests = || store.run(&run.id).expect("run").requests;
        let before = requests();
        store.batch_merged(second.key, 1, 3).expect("merged");
        assert_eq!(requests(), before + 3, "what was asked in vain was asked");
        assert_eq!(store.open_batches(run.key).expect("open"), []);
        assert_eq!(batched(&[1]), [true], "it was asked once");
        store.free_batch_requests(second.key, &["hash of 1".to_owned()]).expect("freed");
        assert_eq!(batched(&[1]), [false]);
    }

    #[test]
    fn what_a_batch_may_cost_that_is_out_is_told_to_all_but_who_is_at_work_on_it() {
        let (_folder, store, run) = workspace_with_run();
        let requests = requests(&[1]);
        let new = NewBatch { run_key: run.key, requests: &requests, most_picos: 7, now: NOW };
        let batch = store.insert_batch(&new).expect("written down");
        let out = |owner: &str| -> Vec<_> {
            let spending = store.spending(&NOW[..10], owner).expect("read").into_iter();
            spending.map(|spent| (spent.own_picos, spent.others_picos, spent.out_picos)).collect()
        };
        assert_eq!((out("me"), out("another")), (vec![], vec![(0, 0, 7)]), "it holds that back itself");
        for lease in store.outdated_leases("other", 2_000, 3_000).expect("leases") {
            assert!(store.pause_abandoned_run(lease, "gone", NOW).expect("paused"));
        }
        assert_eq!(out("me"), [(0, 0, 7)], "nobody is at work on it");
        store.batch_merged(batch.key, 1, 0).expect("merged");
        assert_eq!(out("me"), []);
    }

    #[test]
    fn only_a_run_that_its_program_left_waiting_is_taken_up_unasked() {
        let (_folder, store, run) = workspace_with_run();
        let requests = requests(&[1]);
        store.insert_batch(&NewBatch { run_key: run.key, requests: &requests, most_picos: 0, now: NOW }).expect("kept");
        let waiting = || store.waiting_batch_runs().expect("runs");
        assert_eq!(waiting(), [], "somebody is at work on it");
        for lease in store.outdated_leases("other", 2_000, 3_000).expect("leases") {
            assert!(store.pause_abandoned_run(lease, "gone", NOW).expect("paused"));
        }
        assert_eq!(waiting(), std::slice::from_ref(&run.id));
        assert_eq!(store.offered_runs().expect("runs"), [], "nobody has to be asked");
        let task = |hash: &str| store.batch_tasks(&run, 1, &[hash.to_owned()]).expect("tasks").remove(0);
        assert_eq!(task("hash of 1").map(|task| task.id), Some(TaskId(1)));
        assert_eq!(task("hash of 2"), None, "it is none of the batch's");
    }
}
