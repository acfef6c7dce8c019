//! What an estimate of a run reads: tasks here and there in a project, and what earlier runs of the same model took. Every
//! read is bounded, however many tasks and runs there are.

use crate::database::Store;
use crate::error::Result;
use rusqlite::{OptionalExtension, params};
use std::collections::HashSet;
use touchstone_domain::run::Subset;
use touchstone_domain::{ConnectionId, TaskId};

/// A run that asked a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedRun {
    pub key: i64,
    pub prompt_key: i64,
    pub version_key: i64,
    /// JSON of the version's content.
    pub version_content: String,
    pub project_key: i64,
    pub connection_id: ConnectionId,
    pub subset: Subset,
    pub done: u32,
    /// Tasks that it asked about, each once however often it asked again.
    pub asked: u32,
    /// Time at work up to its last pause or end.
    pub wall_ms: u64,
}

/// What one task of a run took, over all its requests, or the owned answer when it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskUsage {
    /// JSON object: the task's data as it is now.
    pub data: String,
    pub prompt_tokens: u32,
    pub completion_tokens: u32,
    /// Of the last reply: its input, and the part of it that was read from a cache.
    pub last_prompt_tokens: Option<u32>,
    pub cached_tokens: Option<u32>,
}

impl Store {
    /// Up to `limit` runs that asked `model` of `provider`, as versions and runs spell them: those of the version first, then those of
    /// the prompt, then any others; of each the newest first.
    pub fn asked_runs(
        &self,
        (provider, model): (&str, &str),
        version_key: Option<i64>,
        prompt_key: i64,
        limit: u32,
    ) -> Result<Vec<AskedRun>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT run.key, run.prompt_key, version_key, content, project_key, run.connection_id, subset, done,
                   requests - retries, wall_ms
                 FROM run JOIN version ON version.key = run.version_key
                 WHERE requests > retries AND coalesce(run.model, json_extract(content, '$.model')) = ?2
                   AND coalesce(run.provider, json_extract(content, '$.provider')) = ?1
                 ORDER BY version_key IS ?3 DESC, run.prompt_key = ?4 DESC, run.key DESC LIMIT ?5",
            )?;
            let runs = statement.query_map(params![provider, model, version_key, prompt_key, limit], |row| {
                let subset: String = row.get(6)?;
                Ok(AskedRun {
                    key: row.get(0)?,
                    prompt_key: row.get(1)?,
                    version_key: row.get(2)?,
                    version_content: row.get(3)?,
                    project_key: row.get(4)?,
                    connection_id: ConnectionId(row.get(5)?),
                    subset: Subset::parse(&subset).unwrap_or(Subset::Custom),
                    done: row.get(7)?,
                    asked: row.get(8)?,
                    wall_ms: row.get::<_, i64>(9)?.unsigned_abs(),
                })
            })?;
            Ok(runs.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// What up to `limit` tasks of a run took whose tokens are known, evenly over its tasks.
    pub fn task_usage(&self, run_key: i64, limit: u32) -> Result<Vec<TaskUsage>> {
        self.read(|reader| {
            let moment = reader.unchecked_transaction()?;
            let end = |order: &str| {
                let sql = format!("SELECT task_id FROM prediction WHERE run_key = ?1 ORDER BY task_id {order} LIMIT 1");
                moment.prepare_cached(&sql)?.query_row([run_key], |row| row.get::<_, i64>(0)).optional()
            };
            let (Some(first), Some(last)) = (end("ASC")?, end("DESC")?) else { return Ok(Vec::new()) };
            let mut statement = moment.prepare_cached(
                "SELECT task_id, data, prediction.prompt_tokens, prediction.completion_tokens, answer.prompt_tokens,
                   answer.cached_tokens
                 FROM prediction JOIN task ON task.id = task_id LEFT JOIN answer ON hash = answer_hash
                 WHERE run_key = ?1 AND task_id >= ?2 ORDER BY task_id LIMIT 1",
            )?;
            let mut found = Vec::new();
            let mut next = first;
            for step in 0..i64::from(limit) {
                next = next.max(first + (last - first) / i64::from(limit) * step);
                let row = statement.query_row(params![run_key, next], |row| {
                    let tokens: (Option<u32>, Option<u32>) = (row.get(2)?, row.get(3)?);
                    let usage = match tokens {
                        (Some(prompt_tokens), Some(completion_tokens)) => Some(TaskUsage {
                            data: row.get(1)?,
                            prompt_tokens,
                            completion_tokens,
                            last_prompt_tokens: row.get(4)?,
                            cached_tokens: row.get(5)?,
                        }),
                        _ => None,
                    };
                    Ok((row.get::<_, i64>(0)?, usage))
                });
                let Some((task, usage)) = row.optional()? else { break };
                found.extend(usage);
                next = task + 1;
            }
            Ok(found)
        })
    }

    /// The tasks at these positions with their data, in the order given; a position that has none is left out.
    pub fn task_data_at(&self, project_key: i64, positions: &[u32]) -> Result<Vec<(TaskId, String)>> {
        self.read(|reader| {
            let moment = reader.unchecked_transaction()?;
            let mut statement =
                moment.prepare_cached("SELECT id, data FROM task WHERE project_key = ?1 AND position = ?2")?;
            let mut tasks = Vec::with_capacity(positions.len());
            for position in positions {
                let task = |row: &rusqlite::Row<'_>| Ok((TaskId(row.get(0)?), row.get(1)?));
                tasks.extend(statement.query_row(params![project_key, position], task).optional()?);
            }
            Ok(tasks)
        })
    }

    /// Those of `tasks` for which one of the runs has a usable answer.
    pub fn answered_in(&self, run_keys: &[i64], tasks: &[TaskId]) -> Result<HashSet<TaskId>> {
        self.read(|reader| {
            let moment = reader.unchecked_transaction()?;
            let mut statement = moment.prepare_cached(
                "SELECT 1 FROM prediction WHERE run_key = ?1 AND task_id = ?2 AND error_code IS NULL",
            )?;
            let mut answered = HashSet::new();
            for task in tasks {
                for run_key in run_keys {
                    if statement.exists(params![run_key, task.0])? {
                        answered.insert(*task);
                        break;
                    }
                }
            }
            Ok(answered)
        })
    }
}
