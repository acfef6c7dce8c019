//! Links of spaces to spaces of other servers, and what stands for what on both sides.

use crate::connections::KeyStorage;
use crate::database::Store;
use crate::error::{Result, StoreError};
use crate::labels::set as set_label;
use crate::prompts::{NewPrompt, insert_with_history, touch};
use crate::versions::{DraftThen, VersionContent, append_version};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use touchstone_domain::{PromptId, SpaceId};

/// The link of a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceLinkRow {
    pub space_id: SpaceId,
    /// Base URL of the server, without a slash at the end.
    pub address: String,
    pub remote_space_id: String,
    pub remote_space_name: String,
    pub key_storage: KeyStorage,
    pub synced_at: Option<String>,
}

/// The prompt of the other side that one of ours is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptLinkRow {
    pub prompt_key: i64,
    pub remote_id: String,
    /// JSON of what both sides agreed on last.
    pub agreed: String,
}

/// A version that comes from the other side.
pub struct BroughtVersion<'a> {
    pub remote_id: &'a str,
    pub version: VersionContent<'a>,
}

/// What is brought to a prompt that is there.
pub struct Brought<'a> {
    /// Keys of versions here that are known now to be versions there.
    pub recognised: &'a [(i64, String)],
    /// Oldest first; they become the newest ones.
    pub versions: &'a [BroughtVersion<'a>],
    /// Labels by the id that their version has there; without one they are taken away.
    pub labels: &'a [(String, Option<String>)],
    /// `None` leaves it as it is.
    pub description: Option<&'a str>,
}

impl Store {
    /// The link of a space; `None` if it has none.
    pub fn space_link(&self, space: &SpaceId) -> Result<Option<SpaceLinkRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT address, remote_space_id, remote_space_name, key_storage, synced_at FROM space_link
                 WHERE space_id = ?1",
            )?;
            let found = statement.query_row([space.as_str()], |row| {
                Ok(SpaceLinkRow {
                    space_id: space.clone(),
                    address: row.get(0)?,
                    remote_space_id: row.get(1)?,
                    remote_space_name: row.get(2)?,
                    key_storage: KeyStorage::of(&row.get::<_, String>(3)?),
                    synced_at: row.get(4)?,
                })
            });
            Ok(found.optional()?)
        })
    }

    /// Links a space that has no link, or changes its address and key; what is known of its prompts stays while the
    /// space of the other side is the same.
    pub fn set_space_link(&self, link: &SpaceLinkRow) -> Result<()> {
        self.write(|transaction| {
            let known: Option<String> = transaction
                .query_row(
                    "SELECT remote_space_id FROM space_link WHERE space_id = ?1",
                    [link.space_id.as_str()],
                    |row| row.get(0),
                )
                .optional()?;
            if known.is_some_and(|known| known != link.remote_space_id) {
                forget_prompts(transaction, &link.space_id)?;
            }
            transaction.execute(
                "INSERT INTO space_link (space_id, address, remote_space_id, remote_space_name, key_storage, synced_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (space_id) DO UPDATE SET address = excluded.address,
                   remote_space_id = excluded.remote_space_id, remote_space_name = excluded.remote_space_name,
                   key_storage = excluded.key_storage, synced_at = excluded.synced_at",
                params![
                    link.space_id.as_str(),
                    link.address,
                    link.remote_space_id,
                    link.remote_space_name,
                    link.key_storage.as_str(),
                    link.synced_at
                ],
            )?;
            Ok(())
        })
    }

    /// Forgets the link of a space and what stood for what; prompts and versions stay, on both sides.
    pub fn remove_space_link(&self, space: &SpaceId) -> Result<()> {
        self.write(|transaction| {
            forget_prompts(transaction, space)?;
            transaction.execute("DELETE FROM space_link WHERE space_id = ?1", [space.as_str()])?;
            Ok(())
        })
    }

    /// The links of a space's prompts, those in the bin too.
    pub fn prompt_links(&self, space: &SpaceId) -> Result<Vec<PromptLinkRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT prompt_key, remote_id, agreed FROM prompt_link JOIN prompt ON prompt.key = prompt_key
                 WHERE space_id = ?1",
            )?;
            let rows = statement.query_map([space.as_str()], |row| {
                Ok(PromptLinkRow { prompt_key: row.get(0)?, remote_id: row.get(1)?, agreed: row.get(2)? })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The versions of a prompt that are known on the other side: their keys here and their ids there.
    pub fn version_links(&self, prompt_key: i64) -> Result<HashMap<i64, String>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT version_key, remote_id FROM version_link JOIN version ON version.key = version_key
                 WHERE prompt_key = ?1",
            )?;
            let rows = statement.query_map([prompt_key], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Makes a prompt of one that the other side has, with its versions, oldest first, and the labels that point to them.
    pub fn insert_linked_prompt(
        &self,
        prompt: &NewPrompt<'_>,
        remote_id: &str,
        versions: &[BroughtVersion<'_>],
        labels: &[(String, usize)],
        agreed: &str,
    ) -> Result<PromptId> {
        self.write(|transaction| {
            // Another process may have been quicker.
            let known = transaction
                .prepare_cached(
                    "SELECT id FROM prompt JOIN prompt_link ON prompt_key = prompt.key
                     WHERE space_id = ?1 AND remote_id = ?2 AND deleted_at IS NULL",
                )?
                .query_row(params![prompt.space.as_str(), remote_id], |row| row.get(0).map(PromptId))
                .optional()?;
            if let Some(id) = known {
                return Ok(id);
            }
            let history = versions.iter().map(|brought| &brought.version);
            let (key, id, made) = insert_with_history(transaction, prompt, history, labels)?;
            link_prompt(transaction, key, remote_id, agreed)?;
            for (version, brought) in made.iter().zip(versions) {
                link_version(transaction, version.key, brought.remote_id)?;
            }
            Ok(id)
        })
    }

    /// Brings versions, labels and the description of the other side to a prompt outside the bin. What the draft says of
    /// its own stays.
    pub fn bring(
        &self,
        prompt_key: i64,
        remote_id: &str,
        brought: &Brought<'_>,
        agreed: &str,
        author: &str,
        now: &str,
    ) -> Result<()> {
        self.write(|transaction| {
            let is_there = transaction
                .prepare_cached("SELECT 1 FROM prompt WHERE key = ?1 AND deleted_at IS NULL")?
                .exists([prompt_key])?;
            if !is_there {
                return Err(StoreError::not_found("prompt", prompt_key));
            }
            link_prompt(transaction, prompt_key, remote_id, agreed)?;
            for (key, remote_id) in brought.recognised {
                link_version(transaction, *key, remote_id)?;
            }
            for version in brought.versions {
                // Another process may have been quicker.
                if linked_version(transaction, prompt_key, version.remote_id)?.is_some() {
                    continue;
                }
                let made = append_version(transaction, prompt_key, &version.version, DraftThen::FollowsUnlessChanged)?;
                link_version(transaction, made.key, version.remote_id)?;
            }
            for (name, remote_id) in brought.labels {
                let to = match remote_id {
                    Some(remote_id) => Some(
                        linked_version(transaction, prompt_key, remote_id)?
                            .ok_or_else(|| StoreError::not_found("version", remote_id))?,
                    ),
                    None => None,
                };
                set_label(transaction, prompt_key, name, to, author, now)?;
            }
            if let Some(description) = brought.description {
                transaction
                    .execute("UPDATE prompt SET description = ?2 WHERE key = ?1", params![prompt_key, description])?;
            }
            Ok(touch(transaction, prompt_key, now)?)
        })
    }

    /// Notes that a prompt of ours is there on the other side, and these of its versions.
    pub fn note_pushed(
        &self,
        prompt_key: i64,
        remote_id: &str,
        versions: &[(i64, String)],
        agreed: &str,
    ) -> Result<()> {
        self.write(|transaction| {
            link_prompt(transaction, prompt_key, remote_id, agreed)?;
            for (key, remote_id) in versions {
                link_version(transaction, *key, remote_id)?;
            }
            Ok(())
        })
    }

    /// Forgets which prompt of the other side one of ours is.
    pub fn unlink_prompt(&self, prompt_key: i64) -> Result<()> {
        self.write(|transaction| forget_prompt(transaction, prompt_key))
    }

    pub fn set_space_synced(&self, space: &SpaceId, now: &str) -> Result<()> {
        self.write(|transaction| {
            let given = params![space.as_str(), now];
            transaction.execute("UPDATE space_link SET synced_at = ?2 WHERE space_id = ?1", given)?;
            Ok(())
        })
    }
}

fn link_prompt(connection: &Connection, prompt_key: i64, remote_id: &str, agreed: &str) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO prompt_link (prompt_key, remote_id, agreed) VALUES (?1, ?2, ?3)
             ON CONFLICT (prompt_key) DO UPDATE SET remote_id = excluded.remote_id, agreed = excluded.agreed",
        )?
        .execute(params![prompt_key, remote_id, agreed])?;
    Ok(())
}

fn link_version(connection: &Connection, version_key: i64, remote_id: &str) -> Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO version_link (version_key, remote_id) VALUES (?1, ?2)")?
        .execute(params![version_key, remote_id])?;
    Ok(())
}

/// Key and number of the version here that has this id there.
fn linked_version(connection: &Connection, prompt_key: i64, remote_id: &str) -> Result<Option<(i64, u32)>> {
    let found = connection
        .prepare_cached(
            "SELECT version.key, number FROM version_link JOIN version ON version.key = version_key
             WHERE prompt_key = ?1 AND remote_id = ?2 ORDER BY number DESC LIMIT 1",
        )?
        .query_row(params![prompt_key, remote_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found)
}

pub(crate) fn forget_prompt(connection: &Connection, prompt_key: i64) -> Result<()> {
    connection.execute(
        "DELETE FROM version_link WHERE version_key IN (SELECT key FROM version WHERE prompt_key = ?1)",
        [prompt_key],
    )?;
    connection.execute("DELETE FROM prompt_link WHERE prompt_key = ?1", [prompt_key])?;
    Ok(())
}

pub(crate) fn forget_prompts(connection: &Connection, space: &SpaceId) -> Result<()> {
    connection.execute(
        "DELETE FROM version_link WHERE version_key IN (
           SELECT version.key FROM version JOIN prompt ON prompt.key = prompt_key WHERE space_id = ?1)",
        [space.as_str()],
    )?;
    connection.execute(
        "DELETE FROM prompt_link WHERE prompt_key IN (SELECT key FROM prompt WHERE space_id = ?1)",
        [space.as_str()],
    )?;
    Ok(())
}
