//! Spaces: prompts of one have names of their own.

use crate::database::Store;
use crate::error::{Result, StoreError, name_taken};
use crate::links::forget_prompts;
use rusqlite::{Connection, OptionalExtension, Row, params};
use touchstone_domain::SpaceId;
use touchstone_domain::id::wire_id;

/// The space that every workspace has.
const DEFAULT_SPACE: &str = "Default";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceRow {
    /// Its place among the spaces, in the order in which they were made.
    pub key: i64,
    pub id: SpaceId,
    pub name: String,
    pub description: String,
    pub created_at: String,
    /// Its prompts outside the bin.
    pub prompts: u32,
}

const COLUMNS: &str = "rowid, id, name, description, created_at,
    (SELECT count(*) FROM prompt WHERE space_id = space.id AND deleted_at IS NULL)";

fn space_row(row: &Row<'_>) -> rusqlite::Result<SpaceRow> {
    Ok(SpaceRow {
        key: row.get(0)?,
        id: SpaceId(row.get(1)?),
        name: row.get(2)?,
        description: row.get(3)?,
        created_at: row.get(4)?,
        prompts: row.get(5)?,
    })
}

impl Store {
    /// The id of the space that every workspace has; made on the first call.
    pub fn default_space(&self, tail: &str, now: &str) -> Result<SpaceId> {
        self.write(|transaction| {
            let first = transaction
                .query_row("SELECT id FROM space ORDER BY rowid LIMIT 1", [], |row| row.get(0).map(SpaceId))
                .optional()?;
            match first {
                Some(id) => Ok(id),
                None => insert(transaction, DEFAULT_SPACE, "", tail, now),
            }
        })
    }

    pub fn insert_space(&self, name: &str, description: &str, tail: &str, now: &str) -> Result<SpaceId> {
        self.write(|transaction| insert(transaction, name, description, tail, now))
    }

    pub fn update_space(&self, id: &SpaceId, name: &str, description: &str) -> Result<()> {
        self.write(|transaction| {
            let given = params![id.as_str(), name, description];
            let changed = transaction
                .execute("UPDATE space SET name = ?2, description = ?3 WHERE id = ?1", given)
                .map_err(name_taken(name))?;
            if changed == 0 { Err(StoreError::not_found("space", id)) } else { Ok(()) }
        })
    }

    /// Removes a space without prompts; `false` where it has some. What is in the bin can be brought back, then into the
    /// space `heir`.
    pub fn delete_space(&self, id: &SpaceId, heir: &SpaceId) -> Result<bool> {
        self.write(|transaction| {
            let has_prompts = transaction
                .prepare_cached("SELECT 1 FROM prompt WHERE space_id = ?1 AND deleted_at IS NULL")?
                .exists([id.as_str()])?;
            if has_prompts {
                return Ok(false);
            }
            forget_prompts(transaction, id)?;
            transaction.execute("UPDATE prompt SET space_id = ?2 WHERE space_id = ?1", [id.as_str(), heir.as_str()])?;
            match transaction.execute("DELETE FROM space WHERE id = ?1", [id.as_str()])? {
                0 => Err(StoreError::not_found("space", id)),
                _ => Ok(true),
            }
        })
    }

    /// Spaces behind the one with key `after`, in the order in which they were made; with letters, in any case, that
    /// their name holds.
    pub fn spaces(&self, name: Option<&str>, after: i64, limit: u32) -> Result<Vec<SpaceRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM space
                 WHERE rowid > ?1 AND (?2 IS NULL OR contains(name, ?2)) ORDER BY rowid LIMIT ?3"
            ))?;
            Ok(statement.query_map(params![after, name, limit], space_row)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The space with this id or name.
    pub fn space(&self, id_or_name: &str) -> Result<SpaceRow> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM space WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC LIMIT 1"
            ))?;
            let found = statement.query_row([id_or_name], space_row).optional()?;
            found.ok_or_else(|| StoreError::not_found("space", id_or_name))
        })
    }
}

fn insert(connection: &Connection, name: &str, description: &str, tail: &str, now: &str) -> Result<SpaceId> {
    let number: i64 = connection.query_row("SELECT coalesce(max(rowid), 0) + 1 FROM space", [], |row| row.get(0))?;
    let id = SpaceId(wire_id("Space", number, tail));
    connection
        .execute(
            "INSERT INTO space (rowid, id, name, description, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![number, id.as_str(), name, description, now],
        )
        .map_err(name_taken(name))?;
    Ok(id)
}
