//! Immutable versions of prompts.

use crate::database::Store;
use crate::error::{Result, StoreError};
use crate::prompts::{DraftRow, next_key, touch, write_draft};
use rusqlite::{Connection, OptionalExtension, Row, params};
use touchstone_domain::id::wire_id;
use touchstone_domain::prompt::sha256_hex;
use touchstone_domain::{ConnectionId, VersionId};

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
pub struct VersionContent<'a> {
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

/// What becomes of the draft when a version is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftThen {
    /// The version was made of it.
    Follows,
    /// The version came from elsewhere: a draft that says something of its own stays.
    FollowsUnlessChanged,
}

const COLUMNS: &str = "key, id, prompt_key, number, content, commit_hash, commit_message, connection_id,
    parent_id, author, created_at, (SELECT count(*) FROM run WHERE run.version_key = version.key) AS runs";

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

impl Store {
    /// Appends a version to a prompt that is not in the bin.
    pub fn insert_version(
        &self,
        prompt_key: i64,
        version: &VersionContent<'_>,
        draft: DraftThen,
    ) -> Result<VersionRow> {
        self.write(|transaction| {
            let is_there = transaction
                .prepare_cached("SELECT 1 FROM prompt WHERE key = ?1 AND deleted_at IS NULL")?
                .exists([prompt_key])?;
            if !is_there {
                return Err(StoreError::not_found("prompt", prompt_key));
            }
            append_version(transaction, prompt_key, version, draft)
        })
    }

    /// Versions of a prompt, newest first, hashes checked: those with a number below `before`, and, where `search` is
    /// not empty, those whose message holds it or whose content says it, in any case of letters.
    pub fn version_page(&self, prompt_key: i64, search: &str, before: u32, limit: u32) -> Result<Vec<VersionRow>> {
        let rows: Vec<_> = self.read(|reader| {
            let sql = format!(
                "SELECT {COLUMNS} FROM version WHERE prompt_key = ?1 AND number < ?3
                   AND (?2 = '' OR contains(commit_message, ?2) OR says(content, ?2))
                 ORDER BY number DESC LIMIT ?4"
            );
            let mut statement = reader.prepare_cached(&sql)?;
            let given = params![prompt_key, search, before, limit];
            Ok(statement.query_map(given, version_row)?.collect::<rusqlite::Result<_>>()?)
        })?;
        rows.into_iter().map(verified).collect()
    }

    /// The numbers of the versions that a search finds, newest first; see [`Self::version_page`].
    pub fn version_numbers(&self, prompt_key: i64, search: &str) -> Result<Vec<u32>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT number FROM version WHERE prompt_key = ?1
                   AND (?2 = '' OR contains(commit_message, ?2) OR says(content, ?2))
                 ORDER BY number DESC",
            )?;
            Ok(statement.query_map(params![prompt_key, search], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The newest version of a prompt, its hash checked; `None` before the first.
    pub fn latest_version(&self, prompt_key: i64) -> Result<Option<VersionRow>> {
        Ok(self.version_page(prompt_key, "", u32::MAX, 1)?.into_iter().next())
    }

    /// The version of a prompt with this number, its hash checked; `None` if there is none.
    pub fn version_by_number(&self, prompt_key: i64, number: u32) -> Result<Option<VersionRow>> {
        self.find("prompt_key = ?1 AND number = ?2", params![prompt_key, number])
    }

    /// The version of a prompt whose hash begins with `start`, its hash checked; the newest of several.
    pub fn version_by_hash(&self, prompt_key: i64, start: &str) -> Result<Option<VersionRow>> {
        self.find(
            "prompt_key = ?1 AND substr(commit_hash, 1, length(?2)) = ?2 ORDER BY number DESC LIMIT 1",
            params![prompt_key, start],
        )
    }

    /// The versions of a prompt that say the same to the letter: those with this hash.
    pub fn versions_saying(&self, prompt_key: i64, commit_hash: &str) -> Result<Vec<VersionId>> {
        self.read(|reader| {
            let mut statement =
                reader.prepare_cached("SELECT id FROM version WHERE prompt_key = ?1 AND commit_hash = ?2")?;
            let ids = statement.query_map(params![prompt_key, commit_hash], |row| Ok(VersionId(row.get(0)?)))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The version with this id, its hash checked.
    pub fn version(&self, id: &VersionId) -> Result<VersionRow> {
        self.find("id = ?1", [id.as_str()])?.ok_or_else(|| StoreError::not_found("version", id))
    }

    fn find(&self, condition: &str, given: impl rusqlite::Params) -> Result<Option<VersionRow>> {
        self.read(|reader| {
            let sql = format!("SELECT {COLUMNS} FROM version WHERE {condition}");
            reader.prepare_cached(&sql)?.query_row(given, version_row).optional()?.map(verified).transpose()
        })
    }
}

pub(crate) fn append_version(
    transaction: &Connection,
    prompt_key: i64,
    version: &VersionContent<'_>,
    draft: DraftThen,
) -> Result<VersionRow> {
    let key = next_key(transaction, "version")?;
    let parent: Option<(String, u32)> = transaction
        .query_row(
            "SELECT id, number FROM version WHERE prompt_key = ?1 ORDER BY number DESC LIMIT 1",
            [prompt_key],
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
            prompt_key,
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
    let has_words_of_its_own = draft == DraftThen::FollowsUnlessChanged
        && transaction.query_row(
            "SELECT NOT EXISTS (SELECT 1 FROM draft JOIN version
               ON version.prompt_key = draft.prompt_key AND version.number = draft.based_on
               WHERE draft.prompt_key = ?1 AND draft.content = version.content)",
            [prompt_key],
            |row| row.get(0),
        )?;
    if !has_words_of_its_own {
        let draft = DraftRow {
            content: version.content.to_owned(),
            connection_id: version.connection_id.cloned(),
            based_on: Some(number),
            updated_at: version.now.to_owned(),
        };
        write_draft(transaction, prompt_key, &draft)?;
    }
    touch(transaction, prompt_key, version.now)?;
    Ok(transaction.query_row(&format!("SELECT {COLUMNS} FROM version WHERE key = ?1"), [key], version_row)?)
}

#[cfg(test)]
mod tests {
    use crate::fixture::workspace_with_version;

    #[test]
    fn no_statement_changes_or_removes_a_version() {
        let (_folder, store, version) = workspace_with_version();
        let put = |or: &str, key: &str, id: &str, number: &str| {
            format!(
                "INSERT {or} INTO version SELECT {key}, {id}, prompt_key, {number}, '{{}}', commit_hash, commit_message,
                   connection_id, parent_id, author, created_at FROM version"
            )
        };
        for sql in [
            "UPDATE version SET content = '{}'",
            "UPDATE version SET commit_message = 'other'",
            "DELETE FROM version",
            &put("OR REPLACE", "key", "'other'", "number + 1"),
            &put("OR REPLACE", "NULL", "id", "number + 1"),
            &put("OR REPLACE", "NULL", "'other'", "number"),
        ] {
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
        assert!(store.version_page(version.prompt_key, "", u32::MAX, 10).is_err());
    }

    #[test]
    fn a_prompt_goes_with_its_versions() {
        let (_folder, store, version) = workspace_with_version();
        store.write(|transaction| Ok(transaction.execute("DELETE FROM prompt", [])?)).expect("removed");
        assert!(store.version(&version.id).is_err());
    }
}
