//! Label Studio servers, the projects that came from them, and what is to be given back.

use crate::connections::KeyStorage;
use crate::database::Store;
use crate::error::{Result, StoreError, name_taken};
use crate::imports::TaskWriter;
use rusqlite::{OptionalExtension, Row, params};
use touchstone_domain::{ProjectId, RunId, ServerId, TaskId};

/// A server that the workspace is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerRow {
    pub id: ServerId,
    pub name: String,
    /// Base URL, without a slash at the end.
    pub address: String,
    pub key_storage: KeyStorage,
    pub proxy: Option<String>,
    pub custom_ca: Option<String>,
    /// JSON of what it said of itself and of who signs in.
    pub about: String,
    pub checked_at: String,
    /// Projects here, outside the bin, that came from it.
    pub linked: u32,
}

/// The project of a server that one of ours came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectLinkRow {
    pub project_key: i64,
    pub project_id: ProjectId,
    pub server_id: ServerId,
    pub server_name: String,
    pub address: String,
    pub remote_id: i64,
    pub title: String,
    /// The newest change to its tasks that is known to be here.
    pub pulled_to: Option<String>,
    pub pulled_at: String,
}

/// A task of a linked project by its id there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkedId {
    pub remote_id: i64,
    /// It was gone there, and the user said that it stays here.
    pub is_kept: bool,
}

/// What a link says once its project was pulled.
#[derive(Clone, Debug)]
pub struct PulledLink<'a> {
    pub server_id: &'a ServerId,
    pub remote_id: i64,
    pub title: &'a str,
    pub pulled_to: Option<&'a str>,
    pub pulled_at: &'a str,
}

/// Something to be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushRow {
    pub key: i64,
    pub run_id: RunId,
    pub prompt_name: String,
    pub version_number: u32,
    pub server_name: String,
    pub title: String,
    /// JSON of what was chosen.
    pub options: String,
    /// `waiting`, `under_way`, `done` or `failed`.
    pub state: String,
    pub written: u32,
    pub unchanged: u32,
    pub failed: u32,
    pub reason: Option<String>,
    pub created_at: String,
    pub finished_at: Option<String>,
    /// When the program that is at it said so last, in milliseconds since 1970.
    pub lease_beat_ms: Option<i64>,
}

/// How a push stands.
#[derive(Clone, Copy, Debug)]
pub struct PushState<'a> {
    pub state: &'a str,
    pub written: u32,
    pub unchanged: u32,
    pub failed: u32,
    pub reason: Option<&'a str>,
    pub finished_at: Option<&'a str>,
    /// When it was ended in the middle of a write, in milliseconds since 1970: it stays taken for as long as a program that says
    /// nothing any more.
    pub unsettled_ms: Option<i64>,
}

/// A prediction of a run, and the task that it is for on the server.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenPrediction {
    pub task_id: TaskId,
    /// `None` where the task did not come from there.
    pub remote_id: Option<i64>,
    /// JSON list of regions; `None` where the task failed.
    pub result: Option<String>,
    pub score: Option<f64>,
    /// A pull gave the task other data after the run had begun.
    pub is_of_other_data: bool,
    /// What an accepted or corrected prediction became, if it is still there.
    pub annotation_id: Option<i64>,
}

const SERVER: &str = "SELECT id, name, address, key_storage, proxy, custom_ca, about, checked_at,
    (SELECT count(*) FROM project_link JOIN project ON project.key = project_key
     WHERE server_id = label_studio_server.id AND deleted_at IS NULL) AS linked FROM label_studio_server";

fn server(row: &Row<'_>) -> rusqlite::Result<ServerRow> {
    Ok(ServerRow {
        id: ServerId(row.get("id")?),
        name: row.get("name")?,
        address: row.get("address")?,
        key_storage: KeyStorage::of(&row.get::<_, String>("key_storage")?),
        proxy: row.get("proxy")?,
        custom_ca: row.get("custom_ca")?,
        about: row.get("about")?,
        checked_at: row.get("checked_at")?,
        linked: row.get("linked")?,
    })
}

const LINK: &str = "SELECT project_key, project.id AS project_id, server_id, label_studio_server.name AS server_name, address,
    remote_id, title, pulled_to, pulled_at
    FROM project_link JOIN project ON project.key = project_key JOIN label_studio_server ON label_studio_server.id = server_id";

fn link(row: &Row<'_>) -> rusqlite::Result<ProjectLinkRow> {
    Ok(ProjectLinkRow {
        project_key: row.get("project_key")?,
        project_id: ProjectId(row.get("project_id")?),
        server_id: ServerId(row.get("server_id")?),
        server_name: row.get("server_name")?,
        address: row.get("address")?,
        remote_id: row.get("remote_id")?,
        title: row.get("title")?,
        pulled_to: row.get("pulled_to")?,
        pulled_at: row.get("pulled_at")?,
    })
}

const PUSH: &str = "SELECT push.key, run.id AS run_id, prompt.name AS prompt_name, version.number AS version_number,
    label_studio_server.name AS server_name, coalesce(title, '') AS title, options, push.state, written, unchanged,
    push.failed, push.reason, push.created_at, push.finished_at, push.lease_beat_ms
    FROM push JOIN run ON run.key = run_key JOIN version ON version.key = version_key JOIN prompt ON prompt.key = run.prompt_key
      JOIN label_studio_server ON label_studio_server.id = push.server_id
      LEFT JOIN project_link ON project_link.project_key = run.project_key";

fn push(row: &Row<'_>) -> rusqlite::Result<PushRow> {
    Ok(PushRow {
        key: row.get("key")?,
        run_id: RunId(row.get("run_id")?),
        prompt_name: row.get("prompt_name")?,
        version_number: row.get("version_number")?,
        server_name: row.get("server_name")?,
        title: row.get("title")?,
        options: row.get("options")?,
        state: row.get("state")?,
        written: row.get("written")?,
        unchanged: row.get("unchanged")?,
        failed: row.get("failed")?,
        reason: row.get("reason")?,
        created_at: row.get("created_at")?,
        finished_at: row.get("finished_at")?,
        lease_beat_ms: row.get("lease_beat_ms")?,
    })
}

impl Store {
    /// By name.
    pub fn servers(&self) -> Result<Vec<ServerRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(&format!("{SERVER} ORDER BY name COLLATE NOCASE"))?;
            Ok(statement.query_map([], server)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The server with this id or this name.
    pub fn server(&self, id_or_name: &str) -> Result<ServerRow> {
        self.read(|reader| {
            let sql = format!("{SERVER} WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC LIMIT 1");
            let found = reader.prepare_cached(&sql)?.query_row([id_or_name], server).optional()?;
            found.ok_or_else(|| StoreError::not_found("server", id_or_name))
        })
    }

    /// Adds a server, or changes the one with this id.
    pub fn set_server(&self, row: &ServerRow) -> Result<()> {
        self.write(|transaction| {
            let ServerRow { id, name, address, key_storage, proxy, custom_ca, about, checked_at, linked: _ } = row;
            let sql =
                "INSERT INTO label_studio_server (id, name, address, key_storage, proxy, custom_ca, about, checked_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address,
                   key_storage = excluded.key_storage, proxy = excluded.proxy, custom_ca = excluded.custom_ca,
                   about = excluded.about, checked_at = excluded.checked_at";
            transaction
                .execute(
                    sql,
                    params![id.as_str(), name, address, key_storage.as_str(), proxy, custom_ca, about, checked_at],
                )
                .map_err(name_taken(name))?;
            Ok(())
        })
    }

    /// Keeps what a server said of itself, unless it is gone or at another address by now.
    pub fn set_server_about(&self, row: &ServerRow, about: &str, now: &str) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE label_studio_server SET about = ?3, checked_at = ?4 WHERE id = ?1 AND address = ?2",
                params![row.id.as_str(), row.address, about, now],
            )?;
            Ok(())
        })
    }

    /// Forgets a server, what came from it and what was to be given back. Projects stay.
    pub fn remove_server(&self, id: &ServerId) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM label_studio_server WHERE id = ?1", [id.as_str()])?;
            Ok(())
        })
    }

    /// Where the projects outside the bin came from that came from a server.
    pub fn project_links(&self) -> Result<Vec<ProjectLinkRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(&format!("{LINK} WHERE deleted_at IS NULL"))?;
            Ok(statement.query_map([], link)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Where a project came from; `None` if from no server.
    pub fn project_link(&self, project_key: i64) -> Result<Option<ProjectLinkRow>> {
        self.read(|reader| {
            let sql = format!("{LINK} WHERE project_key = ?1");
            Ok(reader.prepare_cached(&sql)?.query_row([project_key], link).optional()?)
        })
    }

    /// The project outside the bin that came from one of a server.
    pub fn linked_project(&self, server: &ServerId, remote_id: i64) -> Result<Option<ProjectLinkRow>> {
        self.read(|reader| {
            let sql = format!("{LINK} WHERE server_id = ?1 AND remote_id = ?2 AND deleted_at IS NULL");
            Ok(reader.prepare_cached(&sql)?.query_row(params![server.as_str(), remote_id], link).optional()?)
        })
    }

    /// Notes that a linked project was pulled once more.
    pub fn set_pulled(&self, project_key: i64, pulled: &PulledLink<'_>) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE project_link SET title = ?2, pulled_to = ?3, pulled_at = ?4 WHERE project_key = ?1",
                params![project_key, pulled.title, pulled.pulled_to, pulled.pulled_at],
            )?;
            Ok(())
        })
    }

    /// The task here that has this id there.
    pub fn linked_task(&self, project_key: i64, remote_id: i64) -> Result<Option<TaskId>> {
        self.read(|reader| {
            let sql = "SELECT task_id FROM linked_task WHERE project_key = ?1 AND remote_id = ?2";
            let found = reader.prepare_cached(sql)?.query_row([project_key, remote_id], |row| row.get(0).map(TaskId));
            Ok(found.optional()?)
        })
    }

    /// The ids there of linked tasks after `after`, ascending, `limit` of them at the most.
    pub fn linked_ids(&self, project_key: i64, after: i64, limit: u32) -> Result<Vec<LinkedId>> {
        self.read(|reader| {
            let sql =
                "SELECT remote_id, is_kept FROM linked_task WHERE project_key = ?1 AND remote_id > ?2 ORDER BY remote_id LIMIT ?3";
            let mut statement = reader.prepare_cached(sql)?;
            let rows = statement.query_map(params![project_key, after, limit], |row| {
                Ok(LinkedId { remote_id: row.get(0)?, is_kept: row.get(1)? })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Notes of linked tasks whether they stay here though they are gone there.
    pub fn set_kept(&self, project_key: i64, remote_ids: &[i64], is_kept: bool) -> Result<()> {
        self.write(|transaction| {
            let sql = "UPDATE linked_task SET is_kept = ?3 WHERE project_key = ?1 AND remote_id = ?2";
            let mut update = transaction.prepare_cached(sql)?;
            for id in remote_ids {
                update.execute(params![project_key, id, is_kept])?;
            }
            Ok(())
        })
    }

    /// How many tasks of a linked project have annotations that were made or edited here.
    pub fn edited_here(&self, project_key: i64) -> Result<u32> {
        self.read(|reader| {
            let sql = "SELECT count(DISTINCT task_id) FROM linked_task JOIN annotation USING (task_id)
                 WHERE project_key = ?1 AND (updated_at IS NOT NULL OR source IS NULL OR source ->> '$.id' IS NULL)";
            Ok(reader.query_row(sql, [project_key], |row| row.get(0))?)
        })
    }

    /// Predictions of a run for the tasks after `after`, in their order, `limit` of them at the most.
    pub fn given_predictions(&self, run_key: i64, after: TaskId, limit: u32) -> Result<Vec<GivenPrediction>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT prediction.task_id, remote_id, prediction.result, prediction.score, annotation.id,
                   coalesce(data_changed_at > coalesce(run.started_at, run.created_at), 0)
                 FROM prediction JOIN run ON run.key = prediction.run_key LEFT JOIN linked_task USING (task_id)
                   LEFT JOIN review ON review.run_key = prediction.run_key AND review.task_id = prediction.task_id
                   LEFT JOIN annotation ON annotation.id = review.annotation_id
                 WHERE prediction.run_key = ?1 AND prediction.task_id > ?2 ORDER BY prediction.task_id LIMIT ?3",
            )?;
            let rows = statement.query_map(params![run_key, after.0, limit], |row| {
                Ok(GivenPrediction {
                    task_id: TaskId(row.get(0)?),
                    remote_id: row.get(1)?,
                    result: row.get(2)?,
                    score: row.get(3)?,
                    annotation_id: row.get(4)?,
                    is_of_other_data: row.get(5)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Something is to be given back. Its number.
    pub fn add_push(&self, run_key: i64, server: &ServerId, options: &str, now: &str) -> Result<i64> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO push (run_key, server_id, options, state, created_at) VALUES (?1, ?2, ?3, 'waiting', ?4)",
                params![run_key, server.as_str(), options, now],
            )?;
            Ok(transaction.last_insert_rowid())
        })
    }

    pub fn set_push(&self, key: i64, push: &PushState<'_>) -> Result<()> {
        self.write(|transaction| {
            let PushState { state, written, unchanged, failed, reason, finished_at, unsettled_ms } = push;
            transaction.execute(
                "UPDATE push SET state = ?2, written = ?3, unchanged = ?4, failed = ?5, reason = ?6, finished_at = ?7,
                   lease_owner = iif(?8 IS NULL, NULL, lease_owner), lease_beat_ms = ?8 WHERE key = ?1",
                params![key, state, written, unchanged, failed, reason, finished_at, unsettled_ms],
            )?;
            Ok(())
        })
    }

    /// Takes a push, or says that it is still taken. `false` while another program is at it that has said so since `stale_ms`.
    pub fn take_push(&self, key: i64, owner: &str, now_ms: i64, stale_ms: i64) -> Result<bool> {
        self.write(|transaction| {
            let taken = transaction.execute(
                "UPDATE push SET state = 'under_way', lease_owner = ?2, lease_beat_ms = ?3
                 WHERE key = ?1 AND (lease_owner IS NULL OR lease_owner = ?2 OR lease_beat_ms NOT BETWEEN ?4 AND ?3)",
                params![key, owner, now_ms, stale_ms],
            )?;
            Ok(taken == 1)
        })
    }

    pub fn remove_push(&self, key: i64) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM push WHERE key = ?1", [key])?;
            Ok(())
        })
    }

    pub fn push(&self, key: i64) -> Result<PushRow> {
        self.read(|reader| {
            let found =
                reader.prepare_cached(&format!("{PUSH} WHERE push.key = ?1"))?.query_row([key], push).optional()?;
            found.ok_or_else(|| StoreError::not_found("push", key))
        })
    }

    /// What is to be given back, what failed, and what was given back, each the newest first, `limit` at the most.
    pub fn pushes(&self, limit: u32) -> Result<Vec<PushRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(&format!(
                "{PUSH} ORDER BY push.state IN ('waiting', 'under_way') DESC, push.state = 'failed' DESC, push.key DESC LIMIT ?1"
            ))?;
            Ok(statement.query_map([limit], push)?.collect::<rusqlite::Result<_>>()?)
        })
    }
}

impl TaskWriter<'_> {
    /// Notes where the project comes from, and which of its tasks is which there, by the ids that they came with.
    pub fn link(&self, link: &PulledLink<'_>) -> Result<()> {
        let PulledLink { server_id, remote_id, title, pulled_to, pulled_at } = link;
        // Of one in the bin, whose place this one takes.
        self.transaction.execute(
            "DELETE FROM project_link WHERE server_id = ?1 AND remote_id = ?2 AND project_key <> ?3
               AND project_key IN (SELECT key FROM project WHERE deleted_at IS NOT NULL)",
            params![server_id.as_str(), remote_id, self.project_key],
        )?;
        self.transaction.execute(
            "INSERT INTO project_link (project_key, server_id, remote_id, title, pulled_to, pulled_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (project_key) DO UPDATE SET title = excluded.title, pulled_to = excluded.pulled_to, pulled_at = excluded.pulled_at",
            params![self.project_key, server_id.as_str(), remote_id, title, pulled_to, pulled_at],
        )?;
        // A server has each id once; where a page came twice, the first counts.
        self.transaction.execute(
            "INSERT OR IGNORE INTO linked_task (project_key, remote_id, task_id)
             SELECT project_key, source_id, id FROM task WHERE project_key = ?1 AND position >= ?2 AND source_id IS NOT NULL",
            params![self.project_key, self.position],
        )?;
        Ok(())
    }
}
