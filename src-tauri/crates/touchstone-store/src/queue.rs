//! The queue: which run of a connection goes before which, and who begins it. It is a matter of the runs' own columns.

use crate::database::Store;
use crate::error::Result;
use crate::runs::{RunRow, TABLES, columns, run_row};
use rusqlite::params;
use touchstone_domain::{PromptId, RunId};

/// That the run `ahead` goes before the run `run`: it asks the same connection, and is at work or was made earlier. A batch
/// goes before none and waits for none, as it is the vendor that takes its time.
pub(crate) const IS_AHEAD: &str =
    "ahead.connection_id = run.connection_id AND ahead.status IN ('queued', 'in_progress')
    AND (ahead.status = 'in_progress' OR ahead.key < run.key) AND ahead.key <> run.key AND NOT ahead.is_batch
    AND NOT run.is_batch";

/// A run that waits until it is its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedRun {
    pub id: RunId,
    pub prompt_id: PromptId,
    /// How many go before it; at 0 it is its turn.
    pub place: u32,
}

impl Store {
    /// Takes a run that `owner` queued and marks it in progress; `None` until it is its turn, or where somebody else has taken it.
    pub fn lease_run_in_turn(&self, run_key: i64, owner: &str, now_ms: i64, now: &str) -> Result<Option<RunRow>> {
        let is_its_turn = format!(
            "status = 'queued' AND lease_owner = ?2 AND NOT EXISTS (SELECT 1 FROM run AS ahead WHERE {IS_AHEAD})"
        );
        self.lease(run_key, owner, now_ms, now, &is_its_turn)
    }

    /// Puts runs that nobody is at work on into the queue, for `owner` to begin, all at once, so that none begins before one that
    /// was made earlier. Gives back those that are not: someone is at work on them, they are queued, or complete.
    pub fn queue_runs(&self, ids: &[RunId], owner: &str, now_ms: i64) -> Result<Vec<RunId>> {
        self.write(|transaction| {
            let mut queue = transaction.prepare_cached(
                "UPDATE run SET status = 'queued', reason = NULL, cause = NULL, held_by = NULL, interrupted = 0,
                   finished_at = NULL, stop_requested = 0,
                   lease_owner = ?2, lease_beat_ms = ?3
                 WHERE id = ?1 AND lease_owner IS NULL AND status <> 'completed'",
            )?;
            let mut left = Vec::new();
            for id in ids {
                if queue.execute(params![id.as_str(), owner, now_ms])? == 0 {
                    left.push(id.clone());
                }
            }
            Ok(left)
        })
    }

    /// The queued runs that go after a run at work, in their order, whoever queued them.
    pub fn queued_behind(&self, run_key: i64) -> Result<Vec<RunRow>> {
        self.read(|reader| {
            let sql = format!(
                "SELECT {} FROM {TABLES} WHERE status = 'queued'
                   AND EXISTS (SELECT 1 FROM run AS ahead WHERE ahead.key = ?1 AND {IS_AHEAD})
                 ORDER BY run.key",
                columns()
            );
            let mut statement = reader.prepare_cached(&sql)?;
            let runs = statement.query_map([run_key], run_row)?;
            Ok(runs.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Those that wait for the same as any of these runs, beside these: one was refused, the others were queued behind it.
    pub fn held_with(&self, ids: &[RunId]) -> Result<Vec<RunId>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT id FROM run WHERE held_by = (SELECT held_by FROM run WHERE id = ?1) AND status = 'paused' ORDER BY key",
            )?;
            let mut others = Vec::new();
            for id in ids {
                for other in statement.query_map([id.as_str()], |row| Ok(RunId(row.get(0)?)))? {
                    let other = other?;
                    if !ids.contains(&other) && !others.contains(&other) {
                        others.push(other);
                    }
                }
            }
            Ok(others)
        })
    }

    /// Renews the leases of the runs that `owner` queued, and tells of them in their order.
    pub fn renew_queue(&self, owner: &str, now_ms: i64) -> Result<Vec<QueuedRun>> {
        self.write(|transaction| {
            let sql = "UPDATE run SET lease_beat_ms = ?2 WHERE status = 'queued' AND lease_owner = ?1";
            transaction.execute(sql, params![owner, now_ms])?;
            let sql = format!(
                "SELECT run.id, prompt.id, (SELECT count(*) FROM run AS ahead WHERE {IS_AHEAD})
                 FROM run JOIN prompt ON prompt.key = run.prompt_key
                 WHERE status = 'queued' AND lease_owner = ?1 ORDER BY run.key"
            );
            let mut statement = transaction.prepare_cached(&sql)?;
            let runs = statement.query_map([owner], |row| {
                Ok(QueuedRun { id: RunId(row.get(0)?), prompt_id: PromptId(row.get(1)?), place: row.get(2)? })
            })?;
            Ok(runs.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Takes a run out of the queue, paused for this reason. `false` when it is not queued.
    pub fn pause_queued_run(&self, id: &RunId, reason: Option<&str>, now: &str) -> Result<bool> {
        self.write(|transaction| {
            let sql = "UPDATE run SET status = 'paused', reason = ?2, finished_at = ?3, lease_owner = NULL,
                         lease_beat_ms = NULL
                       WHERE id = ?1 AND status = 'queued'";
            Ok(transaction.execute(sql, params![id.as_str(), reason, now])? == 1)
        })
    }

    /// Takes all runs that `owner` queued out of the queue, because its program ends.
    pub fn interrupt_queue(&self, owner: &str, reason: &str, now: &str) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE run SET status = 'paused', reason = ?2, finished_at = ?3, interrupted = 1, lease_owner = NULL,
                   lease_beat_ms = NULL
                 WHERE lease_owner = ?1 AND status = 'queued'",
                params![owner, reason, now],
            )?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, new_run, workspace_with_run};
    use crate::runs::{NewRun, RunEnd};
    use touchstone_domain::ConnectionId;
    use touchstone_domain::run::RunStatus;

    fn end(status: RunStatus) -> RunEnd<'static> {
        RunEnd { status, reason: None, cause: None, holds: (&[], ""), is_interrupted: false, worked_ms: 7, now: NOW }
    }

    #[test]
    fn a_run_waits_for_those_of_its_connection_that_were_there_before_and_for_no_batch() {
        let (_folder, store, first) = workspace_with_run();
        let version = store.version(&first.version_id).expect("version");
        let other = ConnectionId("other".to_owned());
        let new = |id: &str| NewRun { id: RunId(id.to_owned()), ..new_run(&version, first.project_key) };
        let elsewhere = NewRun { connection_id: &other, ..new("elsewhere") };
        let batch = NewRun { is_batch: true, ..new("batch") };
        store.insert_runs(&[new("a"), batch, elsewhere, new("b")]).expect("runs");
        let run = |id: &str| store.run(&RunId(id.to_owned())).expect("run");
        let places = || {
            let queue = store.renew_queue("me", 1_000).expect("queue").into_iter();
            queue.map(|run| (run.id.to_string(), run.place)).collect::<Vec<_>>()
        };
        let queue = [("r", 0), ("a", 1), ("batch", 0), ("elsewhere", 0), ("b", 2)];
        assert_eq!(places(), queue.map(|(id, place)| (id.to_owned(), place)));
        let takes = |id: &str| store.lease_run_in_turn(run(id).key, "me", 1_000, NOW).expect("looked").is_some();
        assert!(!takes("a") && takes("r") && takes("batch") && takes("elsewhere") && !takes("a"));
        assert_eq!((run("a").queue_place, run("b").queue_place, run("r").queue_place), (Some(1), Some(2), None));

        assert!(
            store.lease_run(run("b").key, "other", 1_000, NOW).expect("lease").is_some(),
            "anybody begins it at once"
        );
        assert_eq!(run("a").queue_place, Some(2), "both are at work");
        store.finish_run(run("b").key, "other", &end(RunStatus::Paused)).expect("paused");
        store.finish_run(first.key, "me", &end(RunStatus::Completed)).expect("finished");
        let ids = [run("b").id, run("a").id];
        assert_eq!(store.queue_runs(&ids, "me", 1_000).expect("queued"), [run("a").id], "it is queued already");
        assert!(!takes("b") && takes("a"), "it is in its place again");
        assert!(store.pause_queued_run(&run("b").id, Some("why"), NOW).expect("paused"));
        assert_eq!((run("b").status, run("b").reason.as_deref()), (RunStatus::Paused, Some("why")));
        assert!(!store.pause_queued_run(&run("a").id, None, NOW).expect("looked"), "it is at work");
    }

    #[test]
    fn a_queued_run_is_stopped_by_anybody() {
        let (_folder, store, run) = workspace_with_run();
        store.request_stop(&run.id, NOW).expect("stopped");
        assert_eq!(store.run(&run.id).expect("run").status, RunStatus::Canceled);
        assert_eq!(store.renew_queue("me", 1_000).expect("queue"), []);
        assert!(store.lease_run_in_turn(run.key, "me", 1_000, NOW).expect("looked").is_none());
    }
}
