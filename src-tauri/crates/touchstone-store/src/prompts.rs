//! Prompts, and the one draft of each.

use crate::database::Store;
use crate::error::{Result, StoreError, name_taken};
use crate::labels::{LabelMoveRow, remember_moves, set as set_label};
use crate::versions::{DraftThen, VersionContent, VersionRow, append_version};
use rusqlite::{Connection, OptionalExtension, Row, params};
use touchstone_domain::id::wire_id;
use touchstone_domain::{ConnectionId, ProjectId, PromptId, SpaceId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptRow {
    pub key: i64,
    pub id: PromptId,
    pub space_id: SpaceId,
    pub space_name: String,
    /// `None` for a prompt that came from elsewhere and is not aimed at a project yet.
    pub project_id: Option<ProjectId>,
    pub project_name: Option<String>,
    pub name: String,
    pub description: String,
    /// Path with slashes; empty for none.
    pub folder: String,
    pub is_sample: bool,
    pub versions: u32,
    pub runs: u32,
    pub created_at: String,
    pub updated_at: String,
    /// When it was moved to the bin.
    pub deleted_at: Option<String>,
}

/// A prompt about to be made.
pub struct NewPrompt<'a> {
    pub space: &'a SpaceId,
    pub project: Option<&'a ProjectId>,
    pub name: &'a str,
    pub description: &'a str,
    pub folder: &'a str,
    pub is_sample: bool,
    pub draft: &'a DraftRow,
    /// Four letters or digits for the id.
    pub tail: &'a str,
}

/// What a list of prompts is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct PromptFilter {
    pub space: Option<SpaceId>,
    /// Letters, in any case, that the name of the space holds.
    pub space_name: Option<String>,
    /// Letters, in any case, that the name holds.
    pub name: Option<String>,
}

/// Where a page of prompts goes on: the list's order is that of the updates up to `as_of`, and the last prompt that was
/// given had `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromptPlace {
    pub as_of: i64,
    pub after: i64,
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

const COLUMNS: &str = "prompt.key, prompt.id, space_id, space.name AS space_name, project_id,
    project.name AS project_name, prompt.name, prompt.description, folder, prompt.is_sample, prompt.created_at,
    prompt.updated_at, prompt.deleted_at,
    (SELECT count(*) FROM version WHERE version.prompt_key = prompt.key) AS versions,
    (SELECT count(*) FROM run WHERE run.prompt_key = prompt.key) AS runs";

const TABLES: &str =
    "prompt JOIN space ON space.id = prompt.space_id LEFT JOIN project ON project.id = prompt.project_id";

fn prompt_row(row: &Row<'_>) -> rusqlite::Result<PromptRow> {
    Ok(PromptRow {
        key: row.get("key")?,
        id: PromptId(row.get("id")?),
        space_id: SpaceId(row.get("space_id")?),
        space_name: row.get("space_name")?,
        project_id: row.get::<_, Option<String>>("project_id")?.map(ProjectId),
        project_name: row.get("project_name")?,
        name: row.get("name")?,
        description: row.get("description")?,
        folder: row.get("folder")?,
        is_sample: row.get("is_sample")?,
        versions: row.get("versions")?,
        runs: row.get("runs")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        deleted_at: row.get("deleted_at")?,
    })
}

/// Integer keys are handed out by us, because a wire id spells its row's key.
pub(crate) fn next_key(connection: &Connection, table: &'static str) -> rusqlite::Result<i64> {
    connection.query_row(&format!("SELECT coalesce(max(key), 0) + 1 FROM {table}"), [], |row| row.get(0))
}

/// Notes that a prompt was changed now: it comes first in lists, and last in those that were begun before.
pub(crate) fn touch(connection: &Connection, prompt_key: i64, now: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE prompt SET updated_at = ?2 WHERE key = ?1")?.execute(params![prompt_key, now])?;
    connection.prepare_cached("INSERT INTO prompt_update (prompt_key) VALUES (?1)")?.execute([prompt_key])?;
    Ok(())
}

impl Store {
    /// Makes a prompt with its first draft.
    pub fn insert_prompt(&self, prompt: &NewPrompt<'_>) -> Result<PromptId> {
        self.write(|transaction| Ok(insert_prompt(transaction, prompt)?.1))
    }

    /// Makes a prompt and its first version at once; the draft is that version.
    pub fn insert_prompt_with_version(
        &self,
        prompt: &NewPrompt<'_>,
        version: &VersionContent<'_>,
    ) -> Result<(PromptId, VersionRow)> {
        self.write(|transaction| {
            let (key, id) = insert_prompt(transaction, prompt)?;
            Ok((id, append_version(transaction, key, version, DraftThen::Follows)?))
        })
    }

    /// Makes a prompt with a history from elsewhere, oldest version first, and labels by the place of their version. The
    /// draft is the newest version's content, or `prompt.draft` where that says which version it is based on. `moves` are
    /// those of its labels, oldest first, where they are known.
    pub fn insert_prompt_with_history(
        &self,
        prompt: &NewPrompt<'_>,
        versions: &[VersionContent<'_>],
        labels: &[(String, usize)],
        moves: &[LabelMoveRow],
    ) -> Result<PromptId> {
        self.write(|transaction| {
            let (key, id, _) = insert_with_history(transaction, prompt, versions, labels)?;
            if !moves.is_empty() {
                remember_moves(transaction, key, moves)?;
            }
            Ok(id)
        })
    }

    /// Every prompt outside the bin, last updated first.
    pub fn prompts(&self) -> Result<Vec<PromptRow>> {
        self.prompts_where("prompt.deleted_at IS NULL ORDER BY prompt.updated_at DESC, prompt.key DESC")
    }

    /// What is in the bin, last deleted first.
    pub fn deleted_prompts(&self) -> Result<Vec<PromptRow>> {
        self.prompts_where("prompt.deleted_at IS NOT NULL ORDER BY prompt.deleted_at DESC, prompt.key DESC")
    }

    /// The prompts outside the bin whose name, description, draft or latest version says `text`, in any case of letters.
    pub fn prompts_that_say(&self, text: &str) -> Result<Vec<PromptId>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT id FROM prompt JOIN draft ON draft.prompt_key = prompt.key
                 WHERE deleted_at IS NULL AND (contains(name, ?1) OR contains(description, ?1)
                   OR says(draft.content, ?1) OR says(coalesce(
                     (SELECT content FROM version WHERE version.prompt_key = prompt.key ORDER BY number DESC LIMIT 1),
                     ''), ?1))",
            )?;
            Ok(statement.query_map([text], |row| row.get(0).map(PromptId))?.collect::<rusqlite::Result<_>>()?)
        })
    }

    fn prompts_where(&self, condition: &str) -> Result<Vec<PromptRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(&format!("SELECT {COLUMNS} FROM {TABLES} WHERE {condition}"))?;
            Ok(statement.query_map([], prompt_row)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// A page of the prompts outside the bin that have a version, last updated first, and where the next one begins;
    /// `None` at the end. What is created or changed while a list is read moves nothing in it.
    pub fn prompt_page(
        &self,
        filter: &PromptFilter,
        place: Option<PromptPlace>,
        limit: u32,
    ) -> Result<(Vec<PromptRow>, Option<PromptPlace>)> {
        self.read(|reader| {
            let place = match place {
                Some(place) => place,
                None => PromptPlace {
                    as_of: reader.query_row("SELECT coalesce(max(id), 0) FROM prompt_update", [], |row| row.get(0))?,
                    after: i64::MAX,
                },
            };
            let sql = format!(
                "SELECT {COLUMNS},
                   (SELECT max(id) FROM prompt_update WHERE prompt_key = prompt.key AND id <= ?1) AS updated
                 FROM {TABLES}
                 WHERE prompt.deleted_at IS NULL AND updated < ?2 AND versions > 0
                   AND (?3 IS NULL OR space_id = ?3)
                   AND (?4 IS NULL OR contains(space.name, ?4))
                   AND (?5 IS NULL OR contains(prompt.name, ?5))
                 ORDER BY updated DESC LIMIT ?6"
            );
            let mut statement = reader.prepare_cached(&sql)?;
            let given = params![
                place.as_of,
                place.after,
                filter.space.as_ref().map(SpaceId::as_str),
                filter.space_name,
                filter.name,
                i64::from(limit) + 1
            ];
            let mut rows = statement
                .query_map(given, |row| Ok((prompt_row(row)?, row.get::<_, i64>("updated")?)))?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            let more = rows.len() > limit as usize;
            rows.truncate(limit as usize);
            let next = rows.last().filter(|_| more).map(|(_, updated)| PromptPlace { after: *updated, ..place });
            Ok((rows.into_iter().map(|(row, _)| row).collect(), next))
        })
    }

    /// The prompt outside the bin with this id or name. A name that prompts of several spaces have names none of them.
    pub fn prompt(&self, id_or_name: &str) -> Result<PromptRow> {
        self.read(|reader| {
            let sql = format!(
                "SELECT {COLUMNS} FROM {TABLES}
                 WHERE (prompt.id = ?1 OR prompt.name = ?1) AND prompt.deleted_at IS NULL
                 ORDER BY prompt.id = ?1 DESC, prompt.key"
            );
            let mut statement = reader.prepare_cached(&sql)?;
            let found: Vec<_> = statement.query_map([id_or_name], prompt_row)?.collect::<rusqlite::Result<_>>()?;
            let has_this_id = found.first().is_some_and(|prompt| prompt.id.as_str() == id_or_name);
            if found.len() > 1 && !has_this_id {
                let words = |prompt: &PromptRow| format!("{} in the space “{}”", prompt.id, prompt.space_name);
                let (which, found) = (id_or_name.to_owned(), found.iter().map(words).collect());
                return Err(StoreError::Ambiguous { what: "prompt", which, found });
            }
            found.into_iter().next().ok_or_else(|| StoreError::not_found("prompt", id_or_name))
        })
    }

    /// Id and name of the prompt that a row of this key is, in the bin or not.
    pub fn prompt_by_key(&self, prompt_key: i64) -> Result<(PromptId, String)> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached("SELECT id, name FROM prompt WHERE key = ?1")?;
            Ok(statement.query_row([prompt_key], |row| Ok((PromptId(row.get(0)?), row.get(1)?)))?)
        })
    }

    /// `None` leaves the name, the description or the space as it is.
    pub fn update_prompt(
        &self,
        id: &PromptId,
        name: Option<&str>,
        description: Option<&str>,
        space: Option<&SpaceId>,
        now: &str,
    ) -> Result<()> {
        self.change_prompt(id, now, |transaction, key| {
            let space = space.map(SpaceId::as_str);
            let sql = "UPDATE prompt SET name = coalesce(?2, name), description = coalesce(?3, description),
                         space_id = coalesce(?4, space_id)
                       WHERE key = ?1";
            let given = params![key, name, description, space];
            transaction.execute(sql, given).map_err(name_taken(name.unwrap_or_default()))?;
            Ok(())
        })
    }

    /// Aims a prompt at a project.
    pub fn set_prompt_project(&self, id: &PromptId, project: &ProjectId, now: &str) -> Result<()> {
        self.change_prompt(id, now, |transaction, key| {
            transaction.execute("UPDATE prompt SET project_id = ?2 WHERE key = ?1", params![key, project.as_str()])?;
            Ok(())
        })
    }

    /// Moves prompts to another space, where their names must be free. What a link of the space that they leave knows of
    /// them stays with that space.
    pub fn set_prompt_space(&self, ids: &[PromptId], space: &SpaceId, now: &str) -> Result<()> {
        self.write(|transaction| {
            for id in ids {
                let (key, name): (i64, String) = transaction
                    .query_row(
                        "SELECT key, name FROM prompt WHERE id = ?1 AND deleted_at IS NULL",
                        [id.as_str()],
                        |row| Ok((row.get(0)?, row.get(1)?)),
                    )
                    .optional()?
                    .ok_or_else(|| StoreError::not_found("prompt", id))?;
                let moved = transaction
                    .execute(
                        "UPDATE prompt SET space_id = ?2 WHERE key = ?1 AND space_id <> ?2",
                        params![key, space.as_str()],
                    )
                    .map_err(name_taken(&name))?;
                if moved > 0 {
                    touch(transaction, key, now)?;
                }
            }
            Ok(())
        })
    }

    /// Puts prompts into a folder; an empty path takes them out of theirs. That is no change of what they say.
    pub fn set_prompt_folder(&self, ids: &[PromptId], folder: &str) -> Result<()> {
        self.write(|transaction| {
            for id in ids {
                transaction.execute("UPDATE prompt SET folder = ?2 WHERE id = ?1", params![id.as_str(), folder])?;
            }
            Ok(())
        })
    }

    fn change_prompt(
        &self,
        id: &PromptId,
        now: &str,
        change: impl FnOnce(&Connection, i64) -> Result<()>,
    ) -> Result<()> {
        self.write(|transaction| {
            let key: i64 = transaction
                .query_row("SELECT key FROM prompt WHERE id = ?1 AND deleted_at IS NULL", [id.as_str()], |row| {
                    row.get(0)
                })
                .optional()?
                .ok_or_else(|| StoreError::not_found("prompt", id))?;
            change(transaction, key)?;
            Ok(touch(transaction, key, now)?)
        })
    }

    /// Moves a prompt into the bin, or back out of it when `deleted_at` is `None`; `name` is another name to come back
    /// under.
    pub fn set_prompt_deleted(&self, id: &PromptId, deleted_at: Option<&str>, name: Option<&str>) -> Result<()> {
        self.write(|transaction| {
            // What is in the bin is not moved there again.
            let old_name: String = transaction
                .query_row(
                    "SELECT name FROM prompt WHERE id = ?1 AND (?2 IS NULL OR deleted_at IS NULL)",
                    params![id.as_str(), deleted_at],
                    |row| row.get(0),
                )
                .optional()?
                .ok_or_else(|| StoreError::not_found("prompt", id))?;
            transaction
                .execute(
                    "UPDATE prompt SET deleted_at = ?2, name = coalesce(?3, name) WHERE id = ?1",
                    params![id.as_str(), deleted_at, name],
                )
                .map_err(name_taken(name.unwrap_or(&old_name)))?;
            Ok(())
        })
    }

    /// Removes for good what has been in the bin since before `before`, with versions and runs; how many that was.
    ///
    /// Takes no lock where there is nothing to remove, which is at nearly every start of the program.
    pub fn purge_prompts(&self, before: &str) -> Result<usize> {
        let is_due = self.read(|reader| {
            Ok(reader.prepare_cached("SELECT 1 FROM prompt WHERE deleted_at < ?1")?.exists([before])?)
        })?;
        if !is_due {
            return Ok(0);
        }
        self.write(|transaction| Ok(transaction.execute("DELETE FROM prompt WHERE deleted_at < ?1", [before])?))
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
}

/// See [`Store::insert_prompt_with_history`].
pub(crate) fn insert_with_history<'a, 'b: 'a>(
    transaction: &Connection,
    prompt: &NewPrompt<'_>,
    versions: impl IntoIterator<Item = &'a VersionContent<'b>>,
    labels: &[(String, usize)],
) -> Result<(i64, PromptId, Vec<VersionRow>)> {
    let (key, id) = insert_prompt(transaction, prompt)?;
    let mut made = Vec::new();
    for version in versions {
        made.push(append_version(transaction, key, version, DraftThen::Follows)?);
    }
    for (name, place) in labels {
        if let Some(version) = made.get(*place) {
            let to = Some((version.key, version.number));
            set_label(transaction, key, name, to, &version.author, &prompt.draft.updated_at)?;
        }
    }
    if prompt.draft.based_on.is_some() || made.is_empty() {
        write_draft(transaction, key, prompt.draft)?;
    }
    // Its versions are old; it came today.
    touch(transaction, key, &prompt.draft.updated_at)?;
    Ok((key, id, made))
}

fn insert_prompt(transaction: &Connection, prompt: &NewPrompt<'_>) -> Result<(i64, PromptId)> {
    let key = next_key(transaction, "prompt")?;
    let id = PromptId(wire_id("Prompt", key, prompt.tail));
    let now = &prompt.draft.updated_at;
    transaction
        .execute(
            "INSERT INTO prompt
               (key, id, space_id, project_id, name, description, folder, is_sample, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
            params![
                key,
                id.as_str(),
                prompt.space.as_str(),
                prompt.project.map(ProjectId::as_str),
                prompt.name,
                prompt.description,
                prompt.folder,
                prompt.is_sample,
                now
            ],
        )
        .map_err(name_taken(prompt.name))?;
    touch(transaction, key, now)?;
    write_draft(transaction, key, prompt.draft)?;
    Ok((key, id))
}

pub(crate) fn write_draft(connection: &Connection, prompt_key: i64, draft: &DraftRow) -> Result<()> {
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
