//! Runs: what they cover, where they stand, who is at work on them.

use crate::batches::{self, BatchSums, SUMS};
use crate::connections::OR_ADD_TO_SPENDING;
use crate::coverage::{Coverage, is_listed};
use crate::database::Store;
use crate::error::{Result, StoreError};
use crate::journal::{Lost, column};
use crate::queue::IS_AHEAD;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use std::time::{Duration, Instant};
use touchstone_domain::prompt::Provider;
use touchstone_domain::run::{Only, PauseCause, Repetition, RunStatus, Subset};
use touchstone_domain::{ConnectionId, PromptId, RunId, TaskId, VersionId};

/// Waiting longer than this to write says that another program wrote meanwhile.
const LOCK_PROMPT: Duration = Duration::from_millis(500);

/// The model that a run asks in place of the one that its version names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherModel {
    pub provider: Provider,
    pub model: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    pub key: i64,
    pub id: RunId,
    pub prompt_key: i64,
    pub prompt_id: PromptId,
    pub number: u32,
    pub version_id: VersionId,
    pub version_number: u32,
    pub project_key: i64,
    /// Who is asked; the connection may be gone.
    pub connection_id: ConnectionId,
    /// `None` where the version's own is asked.
    pub other_model: Option<OtherModel>,
    /// Which of how many, from 1.
    pub repetition: u32,
    pub repetitions: u32,
    pub subset: Subset,
    pub only: Option<Only>,
    /// Position after the last task that it can cover.
    pub position_end: u32,
    pub config_hash: String,
    pub status: RunStatus,
    /// Why it paused or failed, in words.
    pub reason: Option<String>,
    pub cause: Option<PauseCause>,
    /// It goes on with others that wait for the same: see [`Store::held_with`].
    pub is_held: bool,
    /// It paused because its program ended, also while it was queued there.
    pub is_interrupted: bool,
    pub total: u32,
    pub done: u32,
    pub scored: u32,
    pub correct: u32,
    pub failed: u32,
    pub failed_with_truth: u32,
    pub cached: u32,
    pub requests: u32,
    /// Those of the requests that found out in which form the model answers.
    pub probes: u32,
    /// Those of the requests that asked again.
    pub retries: u32,
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
    /// The part of the input that was read from a cache.
    pub cached_tokens: u64,
    /// The part of the output that the model thought.
    pub reasoning_tokens: u64,
    /// What its replies cost as far as prices are known, in picodollars.
    pub cost_picos: u64,
    /// Replies that were paid and whose price is not known.
    pub unpriced: u32,
    /// Replies that were paid and whose tokens the server did not count.
    pub uncounted: u32,
    /// What may be charged for its calls beside that.
    pub lost: Lost,
    /// What it may cost, in millionths of a dollar, as it was typed; `None` for whatever it costs.
    pub limit_micros: Option<u64>,
    /// How its model is held to the schema; `None` is what the provider is known for.
    pub structure: Option<String>,
    /// The run found that out, and no usable answer has shown yet that it is any better.
    pub is_structure_on_trial: bool,
    /// Sum of the scores of its scored tasks.
    pub score_sum: f64,
    /// Predictions that were decided about, and how often one was, or such a decision was taken back.
    pub reviewed: u32,
    pub review_changes: i64,
    pub created_at: String,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    pub wall_ms: u64,
    /// Names the process that is at work on it, or has queued it.
    pub lease_owner: Option<String>,
    /// When that process said so last, by its clock.
    pub lease_beat_ms: Option<i64>,
    /// Why it was not faster when that process said so, in words.
    pub waiting: Option<String>,
    pub stop_requested: bool,
    pub pause_requested: bool,
    /// Requests at once, where somebody said so for this run.
    pub concurrency: Option<u32>,
    /// How many runs go before it, while it is queued.
    pub queue_place: Option<u32>,
    /// Where its batches stand, if it asks by batch.
    pub batch: Option<BatchSums>,
}

impl RunRow {
    /// `None` for the only one.
    pub fn repetition(&self) -> Option<Repetition> {
        Repetition::among(self.repetition, self.repetitions)
    }
}

/// What the process that is at work on a run says each time it renews its lease.
#[derive(Clone, Copy, Debug)]
pub struct Beat<'a> {
    pub now_ms: i64,
    /// Time at work since it said so last.
    pub worked_ms: u64,
    /// Why it is not faster, in words.
    pub waiting: Option<&'a str>,
}

/// What somebody wants of a run that is at work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    pub stop: bool,
    pub pause: bool,
    /// Requests at once; `None` as it was begun.
    pub concurrency: Option<u32>,
}

/// A run about to be made, queued and leased by who makes it: one that is killed before the first task is found out like any
/// other.
pub struct NewRun<'a> {
    pub id: RunId,
    pub prompt_key: i64,
    pub version_key: i64,
    pub project_key: i64,
    pub connection_id: &'a ConnectionId,
    /// `None` where the version's own is asked.
    pub other_model: Option<OtherModel>,
    /// `None` for the only one.
    pub repetition: Option<Repetition>,
    pub coverage: Coverage<'a>,
    /// Tasks that the project has now.
    pub tasks: u32,
    /// How many of them it covers.
    pub total: u32,
    pub config_hash: &'a str,
    pub structure: Option<&'a str>,
    pub limit_micros: Option<u64>,
    pub concurrency: Option<u32>,
    pub is_batch: bool,
    pub owner: &'a str,
    pub now_ms: i64,
    pub now: &'a str,
}

const COLUMNS: &str = "run.key, run.id, run.prompt_key, prompt.id AS prompt_id, run.number,
    version.id AS version_id, version.number AS version_number, project_key, run.connection_id, subset, only_those, position_end,
    config_hash, status, reason, cause, held_by IS NOT NULL AS is_held, interrupted, total, done, scored, correct, failed, failed_with_truth, cached, requests, retries,
    prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, cost_picos, unpriced, limit_micros, structure,
    is_structure_on_trial, probes, uncounted, lost, lost_picos, score_sum, reviewed, review_changes, run.created_at, started_at, finished_at, wall_ms,
    lease_owner, lease_beat_ms, waiting, stop_requested, pause_requested, concurrency, run.provider, run.model, repetition, repetitions";

pub(crate) const TABLES: &str =
    "run JOIN version ON version.key = run.version_key JOIN prompt ON prompt.key = run.prompt_key";

/// Ends a run that no program is at work on, at the moment ?3.
const STOP_NOW: &str =
    "UPDATE run SET status = 'canceled', reason = NULL, cause = NULL, held_by = NULL, interrupted = 0,
    finished_at = ?2, lease_owner = NULL, stop_requested = 0";

/// That nobody is at work on a run that is not over: it is queued, or its lease was given back.
const IS_NOBODYS: &str = "(status = 'queued' OR (status IN ('in_progress', 'paused') AND lease_owner IS NULL))";

/// When the lease of a run was renewed last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    pub run_key: i64,
    pub beat_ms: Option<i64>,
    /// The run is queued: nobody has begun it.
    pub is_queued: bool,
}

/// How the work on a run ended.
pub struct RunEnd<'a> {
    pub status: RunStatus,
    /// Why it paused, in words.
    pub reason: Option<&'a str>,
    pub cause: Option<PauseCause>,
    /// The keys of queued runs that would be refused as it was: they are paused too, and wait for the same, for this reason.
    pub holds: (&'a [i64], &'a str),
    /// It paused because its program ends.
    pub is_interrupted: bool,
    /// Since the lease was renewed last.
    pub worked_ms: u64,
    pub now: &'a str,
}

pub(crate) fn run_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    let spelled = |column: &'static str, text: String| {
        rusqlite::Error::InvalidColumnType(0, format!("{column} = {text}"), rusqlite::types::Type::Text)
    };
    let subset: String = row.get("subset")?;
    let only: Option<String> = row.get("only_those")?;
    let status: String = row.get("status")?;
    let cause: Option<String> = row.get("cause")?;
    let provider: Option<String> = row.get("provider")?;
    let provider = match provider {
        Some(name) => {
            let known = Provider::ALL.into_iter().find(|provider| provider.as_str() == name);
            Some(known.ok_or_else(|| spelled("provider", name))?)
        }
        None => None,
    };
    let model: Option<String> = row.get("model")?;
    Ok(RunRow {
        key: row.get("key")?,
        id: RunId(row.get("id")?),
        prompt_key: row.get("prompt_key")?,
        prompt_id: PromptId(row.get("prompt_id")?),
        number: row.get("number")?,
        version_id: VersionId(row.get("version_id")?),
        version_number: row.get("version_number")?,
        project_key: row.get("project_key")?,
        connection_id: ConnectionId(row.get("connection_id")?),
        other_model: provider.zip(model).map(|(provider, model)| OtherModel { provider, model }),
        repetition: row.get("repetition")?,
        repetitions: row.get("repetitions")?,
        subset: Subset::parse(&subset).ok_or_else(|| spelled("subset", subset))?,
        only: match only {
            Some(only) => Some(Only::parse(&only).ok_or_else(|| spelled("only_those", only))?),
            None => None,
        },
        position_end: row.get("position_end")?,
        config_hash: row.get("config_hash")?,
        status: RunStatus::parse(&status).ok_or_else(|| spelled("status", status))?,
        reason: row.get("reason")?,
        cause: match cause {
            Some(cause) => Some(PauseCause::parse(&cause).ok_or_else(|| spelled("cause", cause))?),
            None => None,
        },
        is_held: row.get("is_held")?,
        is_interrupted: row.get("interrupted")?,
        total: row.get("total")?,
        done: row.get("done")?,
        scored: row.get("scored")?,
        correct: row.get("correct")?,
        failed: row.get("failed")?,
        failed_with_truth: row.get("failed_with_truth")?,
        cached: row.get("cached")?,
        requests: row.get("requests")?,
        retries: row.get("retries")?,
        prompt_tokens: row.get::<_, i64>("prompt_tokens")?.unsigned_abs(),
        completion_tokens: row.get::<_, i64>("completion_tokens")?.unsigned_abs(),
        cached_tokens: row.get::<_, i64>("cached_tokens")?.unsigned_abs(),
        reasoning_tokens: row.get::<_, i64>("reasoning_tokens")?.unsigned_abs(),
        cost_picos: row.get::<_, i64>("cost_picos")?.unsigned_abs(),
        unpriced: row.get("unpriced")?,
        probes: row.get("probes")?,
        uncounted: row.get("uncounted")?,
        lost: Lost { calls: row.get("lost")?, picos: row.get::<_, i64>("lost_picos")?.unsigned_abs() },
        is_structure_on_trial: row.get("is_structure_on_trial")?,
        limit_micros: row.get::<_, Option<i64>>("limit_micros")?.map(i64::unsigned_abs),
        structure: row.get("structure")?,
        score_sum: row.get("score_sum")?,
        reviewed: row.get("reviewed")?,
        review_changes: row.get("review_changes")?,
        created_at: row.get("created_at")?,
        started_at: row.get("started_at")?,
        finished_at: row.get("finished_at")?,
        wall_ms: row.get::<_, i64>("wall_ms")?.unsigned_abs(),
        lease_owner: row.get("lease_owner")?,
        lease_beat_ms: row.get("lease_beat_ms")?,
        waiting: row.get("waiting")?,
        stop_requested: row.get("stop_requested")?,
        pause_requested: row.get("pause_requested")?,
        concurrency: row.get("concurrency")?,
        queue_place: row.get("queue_place")?,
        batch: batches::sums(row)?,
    })
}

/// The columns of a run.
pub(crate) fn columns() -> String {
    format!(
        "{COLUMNS}, CASE WHEN status = 'queued' THEN (SELECT count(*) FROM run AS ahead WHERE {IS_AHEAD}) END AS queue_place,
         {SUMS}"
    )
}

impl Store {
    /// Makes all of these runs, in their order, or none; they are queued.
    pub fn insert_runs(&self, runs: &[NewRun<'_>]) -> Result<()> {
        self.write(|transaction| runs.iter().try_for_each(|run| insert(transaction, run)))
    }

    /// The highest number that a repetition of any run has; 1 where nothing was repeated.
    pub fn repetition_max(&self) -> Result<u32> {
        self.read(|reader| Ok(reader.query_row("SELECT coalesce(max(repetition), 1) FROM run", [], |row| row.get(0))?))
    }

    /// The run with this id.
    pub fn run(&self, id: &RunId) -> Result<RunRow> {
        self.read(|reader| {
            let sql = format!("SELECT {} FROM {TABLES} WHERE run.id = ?1", columns());
            let found = reader.prepare_cached(&sql)?.query_row([id.as_str()], run_row).optional()?;
            found.ok_or_else(|| StoreError::not_found("run", id))
        })
    }

    /// The run with this key.
    pub fn run_by_key(&self, run_key: i64) -> Result<RunRow> {
        self.read(|reader| {
            let sql = format!("SELECT {} FROM {TABLES} WHERE run.key = ?1", columns());
            let found = reader.prepare_cached(&sql)?.query_row([run_key], run_row).optional()?;
            found.ok_or_else(|| StoreError::not_found("run", run_key))
        })
    }

    /// The runs that somebody is offered to go on with, of prompts that are not in the bin and were not run again since: those
    /// that paused for a reason, whichever program was at work on them. Its end is one, also for what it had queued; what the
    /// user paused has none. Newest first. Those that wait for a batch are not among them: see [`Store::waiting_batch_runs`].
    pub fn offered_runs(&self) -> Result<Vec<RunRow>> {
        self.read(|reader| {
            let sql = format!(
                "SELECT {} FROM {TABLES} WHERE reason IS NOT NULL AND status = 'paused' AND prompt.deleted_at IS NULL
                   AND NOT EXISTS (SELECT 1 FROM run AS later
                                   WHERE later.prompt_key = run.prompt_key AND later.key > run.key
                                     AND later.started_at > coalesce(run.finished_at, run.created_at))
                   AND NOT EXISTS (SELECT 1 FROM batch WHERE batch.run_key = run.key AND state = 'open')
                 ORDER BY run.key DESC",
                columns()
            );
            let mut statement = reader.prepare_cached(&sql)?;
            let runs = statement.query_map([], run_row)?;
            Ok(runs.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The runs of one prompt, or of all prompts outside the bin; newest first.
    pub fn runs(&self, prompt_key: Option<i64>) -> Result<Vec<RunRow>> {
        self.read(|reader| {
            let sql = format!(
                "SELECT {} FROM {TABLES} WHERE prompt.deleted_at IS NULL
                 AND (?1 IS NULL OR run.prompt_key = ?1) ORDER BY run.key DESC",
                columns()
            );
            let mut statement = reader.prepare_cached(&sql)?;
            Ok(statement.query_map([prompt_key], run_row)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The key of every run over a project's tasks, with what its version says.
    pub fn runs_over(&self, project_key: i64) -> Result<Vec<(i64, String)>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT run.key, version.content FROM run JOIN version ON version.key = run.version_key
                 WHERE run.project_key = ?1",
            )?;
            let rows = statement.query_map([project_key], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The runs that some process is at work on, newest first, and then those that are queued, in their order.
    pub fn active_runs(&self) -> Result<Vec<RunRow>> {
        self.read(|reader| {
            let sql = format!(
                "SELECT {} FROM {TABLES} WHERE status IN ('queued', 'in_progress')
                 AND prompt.deleted_at IS NULL
                 ORDER BY status = 'queued', CASE status WHEN 'queued' THEN run.key ELSE -run.key END",
                columns()
            );
            let mut statement = reader.prepare_cached(&sql)?;
            Ok(statement.query_map([], run_row)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Takes the run for `owner` and marks it in progress, whether or not it is its turn. `None` when someone is at work on
    /// it, or it is complete.
    pub fn lease_run(&self, run_key: i64, owner: &str, now_ms: i64, now: &str) -> Result<Option<RunRow>> {
        self.lease(run_key, owner, now_ms, now, "lease_owner IS NULL OR status = 'queued'")
    }

    pub(crate) fn lease(
        &self,
        run_key: i64,
        owner: &str,
        now_ms: i64,
        now: &str,
        condition: &str,
    ) -> Result<Option<RunRow>> {
        self.write(|transaction| {
            let sql = format!(
                "UPDATE run SET lease_owner = ?2, lease_beat_ms = ?3, status = 'in_progress', reason = NULL,
                   cause = NULL, held_by = NULL, stop_requested = 0, pause_requested = 0, interrupted = 0, finished_at = NULL,
                   waiting = NULL, started_at = coalesce(started_at, ?4)
                 WHERE key = ?1 AND status <> 'completed' AND ({condition})"
            );
            if transaction.execute(&sql, params![run_key, owner, now_ms, now])? == 0 {
                return Ok(None);
            }
            let sql = format!("SELECT {} FROM {TABLES} WHERE run.key = ?1", columns());
            Ok(Some(transaction.query_row(&sql, [run_key], run_row)?))
        })
    }

    /// Changes what a run may cost; `None` for whatever it costs. Refused (`false`) while a program is at work on it.
    pub fn set_run_limit(&self, run_key: i64, limit_micros: Option<u64>) -> Result<bool> {
        self.write(|transaction| {
            let changed = transaction.execute(
                "UPDATE run SET limit_micros = ?2 WHERE key = ?1 AND status <> 'in_progress'",
                params![run_key, limit_micros.map(column)],
            )?;
            Ok(changed == 1)
        })
    }

    /// Changes how the model of a run is held to the schema, and whether it is still to be shown that this is any better.
    pub fn set_run_structure(&self, run_key: i64, structure: &str, is_on_trial: bool) -> Result<()> {
        self.write(|transaction| {
            let sql = "UPDATE run SET structure = ?2, is_structure_on_trial = ?3 WHERE key = ?1";
            transaction.execute(sql, params![run_key, structure, is_on_trial])?;
            Ok(())
        })
    }

    /// Renews the lease, keeps what its owner says of the run, and says what is wanted of the run. `None` when the lease was lost.
    pub fn renew_lease(&self, run_key: i64, owner: &str, beat: &Beat<'_>) -> Result<Option<Wishes>> {
        self.write(|transaction| {
            Ok(transaction
                .query_row(
                    "UPDATE run SET lease_beat_ms = ?3, wall_ms = wall_ms + ?4, waiting = ?5
                     WHERE key = ?1 AND lease_owner = ?2 RETURNING stop_requested, pause_requested, concurrency",
                    params![run_key, owner, beat.now_ms, column(beat.worked_ms), beat.waiting],
                    |row| Ok(Wishes { stop: row.get(0)?, pause: row.get(1)?, concurrency: row.get(2)? }),
                )
                .optional()?)
        })
    }

    /// Keeps what a run may have cost at the most, in picodollars, with so many calls that its owner has in flight, or soon will:
    /// what of it nobody accounts for counts as lost once the owner is gone. `false` once the lease is lost.
    pub fn keep_calls_out(&self, run_key: i64, owner: &str, calls: u32, gone_max_picos: u64) -> Result<bool> {
        self.write(|transaction| {
            let sql = "UPDATE run SET calls_out = ?3, gone_max_picos = ?4 WHERE key = ?1 AND lease_owner = ?2";
            Ok(transaction.execute(sql, params![run_key, owner, calls, column(gone_max_picos)])? == 1)
        })
    }

    /// Gives the lease back and records how the run ended, or that it paused. Does nothing once the lease is lost: its
    /// new owner decides. A run that pauses while somebody asks it to stop is stopped, unless its batch is still out: that could not be
    /// canceled, and is paid for. Those that it holds are paused with it.
    pub fn finish_run(&self, run_key: i64, owner: &str, end: &RunEnd<'_>) -> Result<()> {
        self.write(|transaction| {
            let ended = transaction.execute(
                "UPDATE run SET status = ?3, reason = ?4, interrupted = ?5, wall_ms = wall_ms + ?6, finished_at = ?7,
                   cause = ?8, lease_owner = NULL, lease_beat_ms = NULL, waiting = NULL, pause_requested = 0,
                   calls_out = 0, gone_max_picos = 0
                 WHERE key = ?1 AND lease_owner = ?2",
                params![
                    run_key,
                    owner,
                    end.status.as_str(),
                    end.reason,
                    end.is_interrupted,
                    column(end.worked_ms),
                    end.now,
                    end.cause.map(PauseCause::as_str)
                ],
            )?;
            if ended == 1 {
                hold(transaction, run_key, end)?;
            }
            // One that is out was not canceled, though somebody asked for it.
            let is_out = "EXISTS (SELECT 1 FROM batch WHERE batch.run_key = run.key AND state = 'open')";
            let sql = format!("{STOP_NOW} WHERE key = ?1 AND stop_requested AND {IS_NOBODYS} AND NOT {is_out}");
            transaction.execute(&sql, params![run_key, end.now])?;
            transaction
                .execute("UPDATE run SET stop_requested = 0 WHERE key = ?1 AND lease_owner IS NULL", [run_key])?;
            Ok(())
        })
    }

    /// Asks the owner of a run's lease to stop; ends at once a run that nobody is at work on.
    pub fn request_stop(&self, id: &RunId, now: &str) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("UPDATE run SET stop_requested = 1 WHERE id = ?1", [id.as_str()])?;
            let sql = format!("{STOP_NOW} WHERE id = ?1 AND {IS_NOBODYS}");
            transaction.execute(&sql, params![id.as_str(), now])?;
            Ok(())
        })
    }

    /// Asks the owner of a run's lease to pause it. `false` when there is nothing to pause.
    pub fn request_pause(&self, id: &RunId) -> Result<bool> {
        self.write(|transaction| {
            let sql = "UPDATE run SET pause_requested = 1 WHERE id = ?1 AND status = 'in_progress'";
            Ok(transaction.execute(sql, [id.as_str()])? == 1)
        })
    }

    /// Keeps how many requests a run may have in flight at once; whoever is at work on it obeys.
    pub fn set_run_concurrency(&self, id: &RunId, concurrency: u32) -> Result<()> {
        self.write(|transaction| {
            let sql = "UPDATE run SET concurrency = ?2 WHERE id = ?1";
            let changed = transaction.execute(sql, params![id.as_str(), concurrency])?;
            if changed == 1 { Ok(()) } else { Err(StoreError::not_found("run", id)) }
        })
    }

    /// The leases of runs that were not renewed between two moments, though their runs are at work: they were given up, or
    /// renewed before somebody set the clock. `owner` asks, so its own are left out, however long the computer slept.
    pub fn outdated_leases(&self, owner: &str, from_ms: i64, to_ms: i64) -> Result<Vec<Lease>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT key, lease_beat_ms, status = 'queued' FROM run
                 WHERE status IN ('queued', 'in_progress') AND lease_owner IS NOT ?1
                   AND coalesce(lease_beat_ms NOT BETWEEN ?2 AND ?3, 1)",
            )?;
            let leases = statement.query_map(params![owner, from_ms, to_ms], |row| {
                Ok(Lease { run_key: row.get(0)?, beat_ms: row.get(1)?, is_queued: row.get(2)? })
            })?;
            Ok(leases.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Marks the run of a lease as paused, whose process is gone; as stopped, if somebody asked it to stop. What it had in flight
    /// counts as lost, also for the day. `false` where the lease was renewed since it was looked at.
    pub fn pause_abandoned_run(&self, lease: Lease, reason: &str, now: &str) -> Result<bool> {
        let asked = Instant::now();
        self.write(|transaction| {
            // Who held the file meanwhile, such as a long import, kept the owner from renewing its lease too.
            if asked.elapsed() > LOCK_PROMPT {
                return Ok(false);
            }
            let is_it = "key = ?1 AND lease_beat_ms IS ?2 AND status IN ('queued', 'in_progress')";
            let is_out = "gone_max_picos - cost_picos > lost_picos";
            let sql = format!(
                "INSERT INTO spending (day, connection_id, owner, cost_picos, lost, lost_picos)
                 SELECT substr(?3, 1, 10), connection_id, lease_owner, 0, calls_out, gone_max_picos - cost_picos - lost_picos FROM run
                 WHERE {is_it} AND {is_out} {OR_ADD_TO_SPENDING}"
            );
            transaction.execute(&sql, params![lease.run_key, lease.beat_ms, now])?;
            let sql = format!(
                "UPDATE run SET status = 'paused', reason = ?3, interrupted = 1, lease_owner = NULL, pause_requested = 0,
                   finished_at = ?4, lost = lost + iif({is_out}, calls_out, 0),
                   lost_picos = max(lost_picos, gone_max_picos - cost_picos), calls_out = 0, gone_max_picos = 0
                 WHERE {is_it}"
            );
            let paused = transaction.execute(&sql, params![lease.run_key, lease.beat_ms, reason, now])?;
            let sql = format!("{STOP_NOW} WHERE key = ?1 AND stop_requested AND {IS_NOBODYS}");
            transaction.execute(&sql, params![lease.run_key, now])?;
            Ok(paused == 1)
        })
    }

    /// Up to `limit` tasks of the run after `position` that have no prediction in it yet, in order:
    /// task, position, data, and its newest ground truth.
    pub fn unanswered_tasks(&self, run: &RunRow, after: Option<u32>, limit: u32) -> Result<Vec<PendingTask>> {
        self.read(|reader| {
            let (tables, subset) = match run.subset {
                _ if is_listed(run.subset, run.only) => {
                    ("run_task CROSS JOIN task USING (position)", "AND run_task.run_key = ?4".to_owned())
                }
                Subset::All | Subset::Sample { .. } | Subset::Custom => ("task", String::new()),
                Subset::GroundTruth => ("task", "AND has_ground_truth = 1".to_owned()),
                Subset::GroundTruthDev => ("task", format!("AND {}", crate::tasks::split(false))),
                Subset::GroundTruthHeldOut => ("task", format!("AND {}", crate::tasks::split(true))),
            };
            let sql = format!(
                "SELECT task.id, position, data, {} FROM {tables}
                 WHERE project_key = ?1 AND position > ?2 AND position < ?3 {subset}
                   AND NOT EXISTS (SELECT 1 FROM prediction WHERE prediction.run_key = ?4 AND task_id = task.id)
                 ORDER BY position LIMIT ?5",
                crate::tasks::GROUND_TRUTH
            );
            let after = after.map_or(-1, i64::from);
            let mut statement = reader.prepare_cached(&sql)?;
            let rows = statement
                .query_map(params![run.project_key, after, run.position_end, run.key, limit], PendingTask::read)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// Pauses the queued runs that wait for the same as one that was refused.
fn hold(transaction: &Transaction<'_>, run_key: i64, end: &RunEnd<'_>) -> Result<()> {
    let (behind, reason) = end.holds;
    let mut pause = transaction.prepare_cached(
        "UPDATE run SET status = 'paused', reason = ?3, cause = ?4, held_by = ?2, finished_at = ?5, lease_owner = NULL,
           lease_beat_ms = NULL
         WHERE key = ?1 AND status = 'queued'",
    )?;
    let mut held = 0;
    for key in behind {
        held += pause.execute(params![key, run_key, reason, end.cause.map(PauseCause::as_str), end.now])?;
    }
    if held > 0 {
        transaction.execute("UPDATE run SET held_by = key WHERE key = ?1", [run_key])?;
    }
    Ok(())
}

fn insert(transaction: &Transaction<'_>, run: &NewRun<'_>) -> Result<()> {
    let Coverage { subset, only, .. } = run.coverage;
    let position_end = match subset {
        Subset::Sample { tasks, seed: None } => tasks.min(run.tasks),
        _ => run.tasks,
    };
    let (provider, model) = run.other_model.as_ref().map(|other| (other.provider.as_str(), &other.model)).unzip();
    let (repetition, repetitions) = run.repetition.map_or((1, 1), |repetition| (repetition.number, repetition.of));
    let sql = "INSERT INTO run (id, prompt_key, number, version_key, project_key, connection_id, subset, position_end, config_hash,
                 status, total, created_at, lease_owner, lease_beat_ms, structure, concurrency, only_those, limit_micros,
                 is_batch, provider, model, repetition, repetitions)
               VALUES (?1, ?2, (SELECT coalesce(max(number), 0) + 1 FROM run WHERE prompt_key = ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9,
                 ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)";
    transaction.execute(
        sql,
        params![
            run.id.as_str(),
            run.prompt_key,
            run.version_key,
            run.project_key,
            run.connection_id.as_str(),
            subset.to_string(),
            position_end,
            run.config_hash,
            RunStatus::Queued.as_str(),
            run.total,
            run.now,
            run.owner,
            run.now_ms,
            run.structure,
            run.concurrency,
            only.map(Only::as_str),
            run.limit_micros.map(column),
            run.is_batch,
            provider,
            model,
            repetition,
            repetitions,
        ],
    )?;
    let key = transaction.last_insert_rowid();
    let sql = "INSERT INTO run_tally (run_key, config_hash) VALUES (?1, ?2)";
    transaction.execute(sql, params![key, run.config_hash])?;
    if run.coverage.is_listed() {
        let total = run.coverage.list(transaction, key, run.project_key)?;
        transaction.execute("UPDATE run SET total = ?2 WHERE key = ?1", params![key, total])?;
    }
    Ok(())
}

/// A task that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingTask {
    pub id: TaskId,
    pub position: u32,
    /// JSON object.
    pub data: String,
    /// JSON list of regions.
    pub ground_truth: Option<String>,
}

impl PendingTask {
    /// Of a row of task, position, data and its newest ground truth.
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: TaskId(row.get(0)?), position: row.get(1)?, data: row.get(2)?, ground_truth: row.get(3)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, new_run, workspace_with_run};

    /// How many runs others than `owner` have given up, by a clock that says so; they are paused.
    fn pause_abandoned(store: &Store, owner: &str, now_ms: i64) -> usize {
        let leases = store.outdated_leases(owner, now_ms, now_ms).expect("looked");
        leases.into_iter().filter(|lease| store.pause_abandoned_run(*lease, "gone", NOW).expect("paused")).count()
    }

    fn end(status: RunStatus, reason: Option<&str>) -> RunEnd<'_> {
        RunEnd { status, reason, cause: None, holds: (&[], ""), is_interrupted: false, worked_ms: 7, now: NOW }
    }

    fn beat(now_ms: i64, worked_ms: u64) -> Beat<'static> {
        Beat { now_ms, worked_ms, waiting: Some("Climbing.") }
    }

    #[test]
    fn a_lease_has_one_holder_until_it_is_stale() {
        let (_folder, store, run) = workspace_with_run();
        assert!(store.lease_run(run.key, "me", 1_000, NOW).expect("lease").is_some(), "who made the run takes it");
        assert!(store.lease_run(run.key, "me", 1_100, NOW).expect("lease").is_none(), "once");
        assert!(store.lease_run(run.key, "other", 1_100, NOW).expect("lease").is_none());
        assert_eq!(store.renew_lease(run.key, "me", &beat(2_000, 900)).expect("renewed"), Some(Wishes::default()));
        let known = store.run(&run.id).expect("run");
        assert_eq!((known.wall_ms, known.lease_beat_ms), (900, Some(2_000)), "its time goes on while it is at work");
        assert_eq!(known.waiting.as_deref(), Some("Climbing."), "for whoever looks on");
        store.request_stop(&run.id, NOW).expect("asked");
        let stop = Wishes { stop: true, ..Wishes::default() };
        assert_eq!(store.renew_lease(run.key, "me", &beat(2_000, 0)).expect("renewed"), Some(stop));

        assert_eq!(pause_abandoned(&store, "other", 2_000), 0, "it was renewed at 2000");
        assert!(store.lease_run(run.key, "other", 9_000, NOW).expect("lease").is_none());
        assert_eq!(pause_abandoned(&store, "me", 9_000), 0, "who asks is there");
        assert_eq!(pause_abandoned(&store, "other", 9_000), 1);
        assert_eq!(store.run(&run.id).expect("run").status, RunStatus::Canceled, "somebody wanted it to stop");
        assert!(store.lease_run(run.key, "other", 9_000, NOW).expect("lease").is_some(), "now it is nobody's");
        assert_eq!(store.renew_lease(run.key, "me", &beat(9_000, 0)).expect("lost"), None);
        store.finish_run(run.key, "me", &end(RunStatus::Completed, None)).expect("ignored");
        assert_eq!(
            store.run(&run.id).expect("run").status,
            RunStatus::InProgress,
            "who lost the lease decides nothing"
        );
        store.finish_run(run.key, "other", &end(RunStatus::Paused, Some("full"))).expect("finished");
        let run = store.run(&run.id).expect("run");
        assert_eq!((run.status, run.reason.as_deref(), run.wall_ms), (RunStatus::Paused, Some("full"), 907));
        assert_eq!(run.waiting, None, "nobody is at work on it");
        store.request_stop(&run.id, NOW).expect("stopped");
        assert_eq!(store.run(&run.id).expect("run").status, RunStatus::Canceled, "nobody had to be asked");
    }

    #[test]
    fn a_stop_that_comes_while_a_run_pauses_is_not_lost() {
        for (status, becomes) in
            [(RunStatus::Paused, RunStatus::Canceled), (RunStatus::Completed, RunStatus::Completed)]
        {
            let (_folder, store, run) = workspace_with_run();
            assert!(store.lease_run(run.key, "me", 1_000, NOW).expect("lease").is_some());
            store.request_stop(&run.id, NOW).expect("asked");
            store.finish_run(run.key, "me", &end(status, Some("full"))).expect("finished");
            let run = store.run(&run.id).expect("run");
            assert_eq!((run.status, run.stop_requested), (becomes, false));
        }
    }

    #[test]
    fn a_run_that_paused_for_a_reason_is_offered_until_it_goes_on_or_is_stopped() {
        let (_folder, store, run) = workspace_with_run();
        let offered = || store.offered_runs().expect("runs").iter().map(|run| run.is_interrupted).collect::<Vec<_>>();
        assert!(store.lease_run(run.key, "me", 1_000, NOW).expect("lease").is_some());
        let closed = RunEnd { is_interrupted: true, ..end(RunStatus::Paused, Some("closed")) };
        store.finish_run(run.key, "me", &closed).expect("finished");
        assert_eq!(offered(), [true]);
        assert!(store.lease_run(run.key, "me", 1_000, NOW).expect("lease").is_some());
        assert_eq!(offered(), [false; 0], "somebody goes on with it");
        store.finish_run(run.key, "me", &end(RunStatus::Paused, Some("full"))).expect("finished");
        assert_eq!(offered(), [false], "it paused for another reason");
        assert!(store.lease_run(run.key, "me", 1_000, NOW).expect("lease").is_some());
        store.finish_run(run.key, "me", &end(RunStatus::Paused, None)).expect("finished");
        assert_eq!(offered(), [false; 0], "whoever paused it by hand knows");
        assert!(store.lease_run(run.key, "me", 1_000, NOW).expect("lease").is_some());
        assert_eq!(pause_abandoned(&store, "other", 2_000), 1);
        assert_eq!(offered(), [true], "its program was killed");
        store.request_stop(&run.id, NOW).expect("stopped");
        assert_eq!(offered(), [false; 0]);
    }

    #[test]
    fn what_a_program_had_begun_and_queued_is_interrupted_together() {
        let (_folder, store, first) = workspace_with_run();
        let make = |ids: &[&str]| {
            let version = store.version(&first.version_id).expect("version");
            let new = |id: &&str| NewRun { id: RunId((*id).to_owned()), ..new_run(&version, first.project_key) };
            store.insert_runs(&ids.iter().map(new).collect::<Vec<_>>()).expect("runs");
        };
        let interrupted = || -> Vec<_> {
            let runs = store.offered_runs().expect("runs").into_iter();
            runs.map(|run| run.id.to_string()).collect()
        };
        make(&["a"]);
        assert!(store.lease_run(first.key, "me", 1_000, NOW).expect("lease").is_some());
        let closed = RunEnd { is_interrupted: true, ..end(RunStatus::Paused, Some("closed")) };
        store.interrupt_queue("me", "closed", NOW).expect("closed");
        store.finish_run(first.key, "me", &closed).expect("closed");
        assert_eq!(interrupted(), ["a", "r"]);

        make(&["b", "c"]);
        let begun = store.run(&RunId("b".to_owned())).expect("run");
        assert!(store.lease_run(begun.key, "me", 1_000, "2026-02-01T00:00:00.000Z").expect("lease").is_some());
        assert_eq!(pause_abandoned(&store, "other", 2_000), 2);
        assert_eq!(interrupted(), ["c", "b"], "the prompt was run again since");
    }

    #[test]
    fn runs_are_made_all_or_none() {
        let (_folder, store, run) = workspace_with_run();
        let version = store.version(&run.version_id).expect("version");
        let new = |id: &str| NewRun { id: RunId(id.to_owned()), ..new_run(&version, run.project_key) };
        store.insert_runs(&[new("a"), new("r")]).expect_err("the second is there already");
        assert_eq!(store.runs(None).expect("runs").len(), 1, "neither is made");
    }

    #[test]
    fn a_run_that_could_not_renew_its_lease_while_the_file_was_locked_is_not_abandoned() {
        let (_folder, store, _) = workspace_with_run();
        let import = Store::open(store.path()).expect("another process");
        let (began, begun) = std::sync::mpsc::channel();
        let long = std::thread::spawn(move || {
            import.write(|_| {
                began.send(()).expect("somebody waits");
                std::thread::sleep(LOCK_PROMPT + Duration::from_millis(300));
                Ok(())
            })
        });
        begun.recv().expect("it began");
        assert_eq!(pause_abandoned(&store, "other", 2_000), 0, "it may still be there");
        long.join().expect("no panic").expect("written");
        assert_eq!(pause_abandoned(&store, "other", 2_000), 1);
    }

    #[test]
    fn a_pause_is_asked_of_who_is_at_work_and_over_where_nobody_is() {
        let (_folder, store, run) = workspace_with_run();
        assert!(store.lease_run(run.key, "me", 1_000, NOW).expect("lease").is_some());
        store.set_run_concurrency(&run.id, 3).expect("kept");
        assert!(store.request_pause(&run.id).expect("asked"));
        let wishes = Wishes { pause: true, concurrency: Some(3), ..Wishes::default() };
        assert_eq!(store.renew_lease(run.key, "me", &beat(2_000, 0)).expect("renewed"), Some(wishes));
        assert_eq!(store.run(&run.id).expect("run").status, RunStatus::InProgress, "its calls may still be out");
        assert!(store.request_pause(&run.id).expect("asked"));
        assert_eq!(pause_abandoned(&store, "other", 3_000), 1);
        let paused = store.run(&run.id).expect("run");
        assert_eq!(
            (paused.status, paused.reason, paused.pause_requested),
            (RunStatus::Paused, Some("gone".to_owned()), false)
        );
        assert!(!store.request_pause(&run.id).expect("asked"), "it is paused already");

        assert!(store.lease_run(run.key, "other", 4_000, NOW).expect("lease").is_some());
        let limited = Wishes { concurrency: Some(3), ..Wishes::default() };
        assert_eq!(
            store.renew_lease(run.key, "other", &beat(5_000, 0)).expect("renewed"),
            Some(limited),
            "its limit stays"
        );
    }

    #[test]
    fn a_lease_of_another_time_is_out_of_date_until_it_is_renewed() {
        let (_folder, store, run) = workspace_with_run();
        assert!(store.lease_run(run.key, "me", 9_000, NOW).expect("lease").is_some());
        let outdated = |from_ms, to_ms| store.outdated_leases("other", from_ms, to_ms).expect("looked");
        let lease = Lease { run_key: run.key, beat_ms: Some(9_000), is_queued: false };
        assert_eq!(outdated(8_000, 10_000), []);
        assert_eq!(outdated(10_000, 12_000), [lease], "it was given up, or the clock was set forwards");
        assert_eq!(outdated(5_000, 7_000), [lease], "the clock was set back");
        store.renew_lease(run.key, "me", &beat(6_000, 0)).expect("renewed");
        assert!(!store.pause_abandoned_run(lease, "gone", NOW).expect("looked"), "it was renewed since");
        assert_eq!(outdated(5_000, 7_000), []);
    }

    #[test]
    fn a_run_that_was_made_but_never_begun_is_abandoned_too() {
        let (_folder, store, run) = workspace_with_run();
        assert_eq!(pause_abandoned(&store, "me", 2_000), 0, "who asks is there");
        assert_eq!(pause_abandoned(&store, "other", 2_000), 1);
        let run = store.run(&run.id).expect("run");
        assert_eq!((run.status, run.reason.as_deref()), (RunStatus::Paused, Some("gone")));
    }
}
