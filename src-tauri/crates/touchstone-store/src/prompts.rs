//! Spaces, prompts, their immutable versions, and the one draft of each.

use crate::database::Store;
use crate::error::{Result, StoreError, name_taken};
use rusqlite::{Connection, OptionalExtension, Row, params};
use touchstone_domain::id::wire_id;
use touchstone_domain::prompt::sha256_hex;
use touchstone_domain::{ConnectionId, ProjectId, PromptId, SpaceId, VersionId};

/// The space that every workspace has.
const DEFAULT_SPACE: &str = "Default";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptRow {
    pub key: i64,
    pub id: PromptId,
    pub space_id: SpaceId,
    pub project_id: ProjectId,
    pub project_name: String,
    pub name: String,
    pub description: String,
    pub is_sample: bool,
    pub versions: u32,
    pub runs: u32,
    pub created_at: String,
    pub updated_at: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRow {
    pub key: i64,
    pub id: VersionId,
    pub prompt_key: i64,
    pub number: u32,
    /// Canonical JSON; its SHA-256 is `commit_hash`, checked when the row is read.
    pub content: String,
    pub commit_hash: String,
    pub commit_message: String,
    pub connection_id: Option<ConnectionId>,
    pub parent_id: Option<VersionId>,
    pub author: String,
    pub created_at: String,
    pub runs: u32,
}

/// A version about to be made.
pub struct NewVersion<'a> {
    pub prompt_key: i64,
    /// Canonical JSON.
    pub content: &'a str,
    pub commit_hash: &'a str,
    /// `None` gives the usual "Version 4".
    pub commit_message: Option<&'a str>,
    pub connection_id: Option<&'a ConnectionId>,
    pub author: &'a str,
    /// Four letters or digits for the id.
    pub tail: &'a str,
    pub now: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// Canonical JSON of the content.
    pub content: String,
    pub connection_id: Option<ConnectionId>,
    /// Number of the version it was started from.
    pub based_on: Option<u32>,
    pub updated_at: String,
}

const PROMPT_COLUMNS: &str = "prompt.key, prompt.id, space_id, project_id, project.name AS project_name, prompt.name,
    description, prompt.is_sample, prompt.created_at, prompt.updated_at,
    (SELECT count(*) FROM version WHERE version.prompt_key = prompt.key) AS versions,
    (SELECT count(*) FROM run WHERE run.prompt_key = prompt.key) AS runs";

const VERSION_COLUMNS: &str = "key, id, prompt_key, number, content, commit_hash, commit_message, connection_id,
    parent_id, author, created_at, (SELECT count(*) FROM run WHERE run.version_key = version.key) AS runs";

fn prompt_row(row: &Row<'_>) -> rusqlite::Result<PromptRow> {
    Ok(PromptRow {
        key: row.get("key")?,
        id: PromptId(row.get("id")?),
        space_id: SpaceId(row.get("space_id")?),
        project_id: ProjectId(row.get("project_id")?),
        project_name: row.get("project_name")?,
        name: row.get("name")?,
        description: row.get("description")?,
        is_sample: row.get("is_sample")?,
        versions: row.get("versions")?,
        runs: row.get("runs")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn version_row(row: &Row<'_>) -> rusqlite::Result<VersionRow> {
    Ok(VersionRow {
        key: row.get("key")?,
        id: VersionId(row.get("id")?),
        prompt_key: row.get("prompt_key")?,
        number: row.get("number")?,
        content: row.get("content")?,
        commit_hash: row.get("commit_hash")?,
        commit_message: row.get("commit_message")?,
        connection_id: row.get::<_, Option<String>>("connection_id")?.map(ConnectionId),
        parent_id: row.get::<_, Option<String>>("parent_id")?.map(VersionId),
        author: row.get("author")?,
        created_at: row.get("created_at")?,
        runs: row.get("runs")?,
    })
}

/// A version whose content is not what its hash says was changed behind our back, and must not pass for itself.
fn verified(version: VersionRow) -> Result<VersionRow> {
    if sha256_hex(version.content.as_bytes()) == version.commit_hash {
        Ok(version)
    } else {
        Err(StoreError::NotFound { what: "intact version", which: version.commit_hash })
    }
}

/// Integer keys are handed out by us, because a wire id spells its row's key.
fn next_key(connection: &Connection, table: &'static str) -> rusqlite::Result<i64> {
    connection.query_row(&format!("SELECT coalesce(max(key), 0) + 1 FROM {table}"), [], |row| row.get(0))
}

impl Store {
    /// The id of the space that every workspace has; made on the first call.
    pub fn default_space(&self, tail: &str, now: &str) -> Result<SpaceId> {
        self.write(|transaction| {
            let found = transaction
                .query_row("SELECT id FROM space WHERE name = ?1", [DEFAULT_SPACE], |row| row.get(0).map(SpaceId))
                .optional()?;
            if let Some(id) = found {
                return Ok(id);
            }
            let id = SpaceId(wire_id("Space", 1, tail));
            transaction.execute(
                "INSERT INTO space (id, name, created_at) VALUES (?1, ?2, ?3)",
                params![id.as_str(), DEFAULT_SPACE, now],
            )?;
            Ok(id)
        })
    }

    /// Makes a prompt with its first draft.
    #[expect(clippy::too_many_arguments, reason = "the columns of one row; a struct would repeat each name twice")]
    pub fn insert_prompt(
        &self,
        space: &SpaceId,
        project: &ProjectId,
        name: &str,
        description: &str,
        is_sample: bool,
        draft: &DraftRow,
        tail: &str,
    ) -> Result<PromptId> {
        self.write(|transaction| {
            let key = next_key(transaction, "prompt")?;
            let id = PromptId(wire_id("Prompt", key, tail));
            transaction
                .execute(
                    "INSERT INTO prompt
                       (key, id, space_id, project_id, name, description, is_sample, created_at, updated_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
                    params![
                        key,
                        id.as_str(),
                        space.as_str(),
                        project.as_str(),
                        name,
                        description,
                        is_sample,
                        draft.updated_at
                    ],
                )
                .map_err(name_taken(name))?;
            write_draft(transaction, key, draft)?;
            Ok(id)
        })
    }

    /// Every prompt outside the bin, last updated first.
    pub fn prompts(&self) -> Result<Vec<PromptRow>> {
        self.read(|reader| {
            let sql = format!(
                "SELECT {PROMPT_COLUMNS} FROM prompt JOIN project ON project.id = prompt.project_id
                 WHERE prompt.deleted_at IS NULL ORDER BY prompt.updated_at DESC, prompt.key DESC"
            );
            let mut statement = reader.prepare_cached(&sql)?;
            Ok(statement.query_map([], prompt_row)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The prompt with this id, or outside the bin with this name.
    pub fn prompt(&self, id_or_name: &str) -> Result<PromptRow> {
        self.read(|reader| {
            let sql = format!(
                "SELECT {PROMPT_COLUMNS} FROM prompt JOIN project ON project.id = prompt.project_id
                 WHERE (prompt.id = ?1 OR prompt.name = ?1) AND prompt.deleted_at IS NULL
                 ORDER BY prompt.id = ?1 DESC LIMIT 1"
            );
            let found = reader.prepare_cached(&sql)?.query_row([id_or_name], prompt_row).optional()?;
            found.ok_or_else(|| StoreError::not_found("prompt", id_or_name))
        })
    }

    pub fn update_prompt(&self, id: &PromptId, name: &str, description: &str, now: &str) -> Result<()> {
        self.write(|transaction| {
            let changed = transaction
                .execute(
                    "UPDATE prompt SET name = ?2, description = ?3, updated_at = ?4 WHERE id = ?1",
                    params![id.as_str(), name, description, now],
                )
                .map_err(name_taken(name))?;
            if changed == 0 { Err(StoreError::not_found("prompt", id)) } else { Ok(()) }
        })
    }

    /// Moves a prompt into the bin, or back out of it when `deleted_at` is `None`.
    pub fn set_prompt_deleted(&self, id: &PromptId, deleted_at: Option<&str>) -> Result<()> {
        self.write(|transaction| {
            let name: String = transaction
                .query_row("SELECT name FROM prompt WHERE id = ?1", [id.as_str()], |row| row.get(0))
                .optional()?
                .ok_or_else(|| StoreError::not_found("prompt", id))?;
            transaction
                .execute("UPDATE prompt SET deleted_at = ?2 WHERE id = ?1", params![id.as_str(), deleted_at])
                .map_err(name_taken(&name))?;
            Ok(())
        })
    }

    pub fn draft(&self, prompt_key: i64) -> Result<DraftRow> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT content, connection_id, based_on, updated_at FROM draft WHERE prompt_key = ?1",
            )?;
            let found = statement
                .query_row([prompt_key], |row| {
                    Ok(DraftRow {
                        content: row.get(0)?,
                        connection_id: row.get::<_, Option<String>>(1)?.map(ConnectionId),
                        based_on: row.get(2)?,
                        updated_at: row.get(3)?,
                    })
                })
                .optional()?;
            found.ok_or_else(|| StoreError::not_found("draft of prompt", prompt_key))
        })
    }

    pub fn save_draft(&self, prompt_key: i64, draft: &DraftRow) -> Result<()> {
        self.write(|transaction| write_draft(transaction, prompt_key, draft))
    }

    /// Appends a version and makes it what the draft is based on.
    pub fn insert_version(&self, version: &NewVersion<'_>) -> Result<VersionRow> {
        self.write(|transaction| {
            let key = next_key(transaction, "version")?;
            let parent: Option<(String, u32)> = transaction
                .query_row(
                    "SELECT id, number FROM version WHERE prompt_key = ?1 ORDER BY number DESC LIMIT 1",
                    [version.prompt_key],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            let number = parent.as_ref().map_or(1, |(_, latest)| latest + 1);
            let usual_message = format!("Version {number}");
            transaction.execute(
                "INSERT INTO version (key, id, prompt_key, number, content, commit_hash, commit_message, connection_id,
                   parent_id, author, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    key,
                    wire_id("PromptVersion", key, version.tail),
                    version.prompt_key,
                    number,
                    version.content,
                    version.commit_hash,
                    version.commit_message.unwrap_or(&usual_message),
                    version.connection_id.map(ConnectionId::as_str),
                    parent.map(|(id, _)| id),
                    version.author,
                    version.now
                ],
            )?;
            let draft = DraftRow {
                content: version.content.to_owned(),
                connection_id: version.connection_id.cloned(),
                based_on: Some(number),
                updated_at: version.now.to_owned(),
            };
            write_draft(transaction, version.prompt_key, &draft)?;
            transaction.execute(
                "UPDATE prompt SET updated_at = ?2 WHERE key = ?1",
                params![version.prompt_key, version.now],
            )?;
            Ok(transaction.query_row(
                &format!("SELECT {VERSION_COLUMNS} FROM version WHERE key = ?1"),
                [key],
                version_row,
            )?)
        })
    }

    /// Every version of a prompt, newest first, hashes checked.
    pub fn versions(&self, prompt_key: i64) -> Result<Vec<VersionRow>> {
        let rows: Vec<_> = self.read(|reader| {
            let sql = format!("SELECT {VERSION_COLUMNS} FROM version WHERE prompt_key = ?1 ORDER BY number DESC");
            let mut statement = reader.prepare_cached(&sql)?;
            Ok(statement.query_map([prompt_key], version_row)?.collect::<rusqlite::Result<_>>()?)
        })?;
        rows.into_iter().map(verified).collect()
    }

    /// The newest version of a prompt, its hash checked; `None` before the first.
    pub fn latest_version(&self, prompt_key: i64) -> Result<Option<VersionRow>> {
        self.read(|reader| {
            let sql =
                format!("SELECT {VERSION_COLUMNS} FROM version WHERE prompt_key = ?1 ORDER BY number DESC LIMIT 1");
            reader.prepare_cached(&sql)?.query_row([prompt_key], version_row).optional()?.map(verified).transpose()
        })
    }

    /// The version of a prompt with this number, its hash checked; `None` if there is none.
    pub fn version_by_number(&self, prompt_key: i64, number: u32) -> Result<Option<VersionRow>> {
        self.read(|reader| {
            let sql = format!("SELECT {VERSION_COLUMNS} FROM version WHERE prompt_key = ?1 AND number = ?2");
            let found = reader.prepare_cached(&sql)?.query_row(params![prompt_key, number], version_row).optional()?;
            found.map(verified).transpose()
        })
    }

    /// The version with this id, its hash checked.
    pub fn version(&self, id: &VersionId) -> Result<VersionRow> {
        self.read(|reader| {
            let sql = format!("SELECT {VERSION_COLUMNS} FROM version WHERE id = ?1");
            let found = reader.prepare_cached(&sql)?.query_row([id.as_str()], version_row).optional()?;
            verified(found.ok_or_else(|| StoreError::not_found("version", id))?)
        })
    }

    /// Id and name of the prompt that a row of this key is, in the bin or not.
    pub fn prompt_by_key(&self, prompt_key: i64) -> Result<(PromptId, String)> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached("SELECT id, name FROM prompt WHERE key = ?1")?;
            Ok(statement.query_row([prompt_key], |row| Ok((PromptId(row.get(0)?), row.get(1)?)))?)
        })
    }
}

fn write_draft(connection: &Connection, prompt_key: i64, draft: &DraftRow) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO draft (prompt_key, content, connection_id, based_on, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (prompt_key) DO UPDATE SET content = excluded.content,
               connection_id = excluded.connection_id, based_on = excluded.based_on, updated_at = excluded.updated_at",
        )?
        .execute(params![
            prompt_key,
            draft.content,
            draft.connection_id.as_ref().map(ConnectionId::as_str),
            draft.based_on,
            draft.updated_at
        ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::fixture::workspace_with_version;

    #[test]
    fn no_statement_changes_or_removes_a_version() {
        let (_folder, store, version) = workspace_with_version();
        for sql in
            ["UPDATE version SET content = '{}'", "UPDATE version SET commit_message = 'other'", "DELETE FROM version"]
        {
            let refused = store.write(|transaction| Ok(transaction.execute(sql, [])?));
            assert!(refused.is_err_and(|error| error.to_string().contains("a version")), "{sql}");
        }
        assert_eq!(store.version(&version.id).expect("version"), version);
    }

    #[test]
    fn a_version_that_was_changed_behind_our_back_is_not_read() {
        let (_folder, store, version) = workspace_with_version();
        store
            .write(|transaction| {
                transaction.execute("DROP TRIGGER version_is_immutable", [])?;
                Ok(transaction.execute("UPDATE version SET content = '{}'", [])?)
            })
            .expect("with the trigger gone");
        assert!(store.version(&version.id).is_err());
        assert!(store.versions(version.prompt_key).is_err());
    }

    #[test]
    fn a_prompt_goes_with_its_versions() {
        let (_folder, store, version) = workspace_with_version();
        store.write(|transaction| Ok(transaction.execute("DELETE FROM prompt", [])?)).expect("removed");
        assert!(store.version(&version.id).is_err());
    }
}
