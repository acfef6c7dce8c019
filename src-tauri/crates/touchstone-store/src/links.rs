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

/// The prompt of the other side that one of ours is, which may have left the linked space since.
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

/// A prompt of ours that the other side has too, and what is known of it.
pub struct KnownPrompt<'a> {
    pub prompt_key: i64,
    pub remote_id: &'a str,
    /// Keys of versions here with their ids there, beside those that are known already.
    pub versions: &'a [(i64, String)],
    /// JSON of what both sides agree on.
    pub agreed: &'a str,
}

/// What is brought to a prompt that is there.
pub struct Brought<'a> {
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

    /// Every link of a space, whether its prompt is there, in the bin, or in another space by now.
    pub fn prompt_links(&self, space: &SpaceId) -> Result<Vec<PromptLinkRow>> {
        self.read(|reader| {
            let mut statement =
                reader.prepare_cached("SELECT prompt_key, remote_id, agreed FROM prompt_link WHERE space_id = ?1")?;
            let rows = statement.query_map([space.as_str()], |row| {
                Ok(PromptLinkRow { prompt_key: row.get(0)?, remote_id: row.get(1)?, agreed: row.get(2)? })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The versions of a prompt that the link of this space knows: their keys here and their ids there.
    pub fn version_links(&self, space: &SpaceId, prompt_key: i64) -> Result<HashMap<i64, String>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT version_key, remote_id FROM version_link JOIN version ON version.key = version_key
                 WHERE space_id = ?1 AND prompt_key = ?2",
            )?;
            let given = params![space.as_str(), prompt_key];
            let rows = statement.query_map(given, |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Makes a prompt of one that the other side has, with its versions, oldest first, and the labels that point to them.
    /// One that left the space is another one from then on.
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
                     WHERE prompt_link.space_id = ?1 AND remote_id = ?2 AND prompt.space_id = ?1 AND deleted_at IS NULL",
                )?
                .query_row(params![prompt.space.as_str(), remote_id], |row| row.get(0).map(PromptId))
                .optional()?;
            if let Some(id) = known {
                return Ok(id);
            }
            let history = versions.iter().map(|brought| &brought.version);
            let (key, id, made) = insert_with_history(transaction, prompt, history, labels)?;
            link_prompt(transaction, prompt.space, key, remote_id, agreed)?;
            for (version, brought) in made.iter().zip(versions) {
                link_version(transaction, prompt.space, version.key, brought.remote_id)?;
            }
            Ok(id)
        })
    }

    /// Brings versions, labels and the description of the other side to a prompt outside the bin. What the draft says of
    /// its own stays.
    pub fn bring(
        &self,
        space: &SpaceId,
        known: &KnownPrompt<'_>,
        brought: &Brought<'_>,
        author: &str,
        now: &str,
    ) -> Result<()> {
        self.write(|transaction| {
            let prompt_key = known.prompt_key;
            let is_there = transaction
                .prepare_cached("SELECT 1 FROM prompt WHERE key = ?1 AND space_id = ?2 AND deleted_at IS NULL")?
                .exists(params![prompt_key, space.as_str()])?;
            if !is_there {
                return Err(StoreError::not_found("prompt", prompt_key));
            }
            note(transaction, space, known)?;
            for version in brought.versions {
                // Another process may have been quicker.
                if linked_version(transaction, space, prompt_key, version.remote_id)?.is_some() {
                    continue;
                }
                let made = append_version(transaction, prompt_key, &version.version, DraftThen::FollowsUnlessChanged)?;
                link_version(transaction, space, made.key, version.remote_id)?;
            }
            for (name, remote_id) in brought.labels {
                let to = match remote_id {
                    Some(remote_id) => Some(
                        linked_version(transaction, space, prompt_key, remote_id)?
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
    pub fn note_pushed(&self, space: &SpaceId, known: &KnownPrompt<'_>) -> Result<()> {
        self.write(|transaction| note(transaction, space, known))
    }

    /// Notes prompts that proved to be on both sides, unless somebody pulled or pushed since `synced_at` or is at it: what
    /// was noted by that is newer.
    pub fn note_recognised(
        &self,
        space: &SpaceId,
        synced_at: Option<&str>,
        stale_before_ms: i64,
        known: &[KnownPrompt<'_>],
    ) -> Result<()> {
        self.write(|transaction| {
            let is_at_rest = transaction
                .prepare_cached(
                    "SELECT 1 FROM space_link WHERE space_id = ?1 AND synced_at IS ?2
                       AND (lease_owner IS NULL OR lease_beat_ms < ?3)",
                )?
                .exists(params![space.as_str(), synced_at, stale_before_ms])?;
            if is_at_rest { known.iter().try_for_each(|known| note(transaction, space, known)) } else { Ok(()) }
        })
    }

    /// Forgets which prompt of the other side one of ours is.
    pub fn unlink_prompt(&self, space: &SpaceId, prompt_key: i64) -> Result<()> {
        self.write(|transaction| {
            let given = params![space.as_str(), prompt_key];
            transaction.execute(
                "DELETE FROM version_link
                 WHERE space_id = ?1 AND version_key IN (SELECT key FROM version WHERE prompt_key = ?2)",
                given,
            )?;
            transaction.execute("DELETE FROM prompt_link WHERE space_id = ?1 AND prompt_key = ?2", given)?;
            Ok(())
        })
    }

    /// Lets `owner` alone pull and push this space. `false` while another does; a lease that was not renewed since
    /// `stale_before_ms` counts as given up.
    pub fn lease_space_link(&self, space: &SpaceId, owner: &str, now_ms: i64, stale_before_ms: i64) -> Result<bool> {
        self.write(|transaction| {
            let taken = transaction.execute(
                "UPDATE space_link SET lease_owner = ?2, lease_beat_ms = ?3
                 WHERE space_id = ?1 AND (lease_owner IS NULL OR lease_owner = ?2 OR lease_beat_ms < ?4)",
                params![space.as_str(), owner, now_ms, stale_before_ms],
            )?;
            Ok(taken == 1)
        })
    }

    /// `false` when the lease was lost.
    pub fn renew_space_link_lease(&self, space: &SpaceId, owner: &str, now_ms: i64) -> Result<bool> {
        self.write(|transaction| {
            let renewed = transaction.execute(
                "UPDATE space_link SET lease_beat_ms = ?3 WHERE space_id = ?1 AND lease_owner = ?2",
                params![space.as_str(), owner, now_ms],
            )?;
            Ok(renewed == 1)
        })
    }

    /// Does nothing once the lease is lost.
    pub fn give_back_space_link_lease(&self, space: &SpaceId, owner: &str) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE space_link SET lease_owner = NULL, lease_beat_ms = NULL
                 WHERE space_id = ?1 AND lease_owner = ?2",
                params![space.as_str(), owner],
            )?;
            Ok(())
        })
    }

    pub fn set_space_synced(&self, space: &SpaceId, now: &str) -> Result<()> {
        self.write(|transaction| {
            let given = params![space.as_str(), now];
            transaction.execute("UPDATE space_link SET synced_at = ?2 WHERE space_id = ?1", given)?;
            Ok(())
        })
    }
}

fn note(connection: &Connection, space: &SpaceId, known: &KnownPrompt<'_>) -> Result<()> {
    link_prompt(connection, space, known.prompt_key, known.remote_id, known.agreed)?;
    known.versions.iter().try_for_each(|(key, remote_id)| link_version(connection, space, *key, remote_id))
}

/// One prompt of the other side is one here: another that was it is so no more.
fn link_prompt(connection: &Connection, space: &SpaceId, prompt_key: i64, remote_id: &str, agreed: &str) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO prompt_link (space_id, prompt_key, remote_id, agreed) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![space.as_str(), prompt_key, remote_id, agreed])?;
    Ok(())
}

fn link_version(connection: &Connection, space: &SpaceId, version_key: i64, remote_id: &str) -> Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO version_link (space_id, version_key, remote_id) VALUES (?1, ?2, ?3)")?
        .execute(params![space.as_str(), version_key, remote_id])?;
    Ok(())
}

/// Key and number of the version here that has this id there.
fn linked_version(
    connection: &Connection,
    space: &SpaceId,
    prompt_key: i64,
    remote_id: &str,
) -> Result<Option<(i64, u32)>> {
    let found = connection
        .prepare_cached(
            "SELECT version.key, number FROM version_link JOIN version ON version.key = version_key
             WHERE space_id = ?1 AND prompt_key = ?2 AND remote_id = ?3 ORDER BY number DESC LIMIT 1",
        )?
        .query_row(params![space.as_str(), prompt_key, remote_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found)
}

pub(crate) fn forget_prompts(connection: &Connection, space: &SpaceId) -> Result<()> {
    connection.execute("DELETE FROM version_link WHERE space_id = ?1", [space.as_str()])?;
    connection.execute("DELETE FROM prompt_link WHERE space_id = ?1", [space.as_str()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, workspace_with_version};

    #[test]
    fn one_process_at_a_time_pulls_or_pushes_a_space() {
        let (_folder, store, version) = workspace_with_version();
        let space = store.prompt("Prompt").expect("the prompt").space_id;
        assert!(!store.lease_space_link(&space, "me", 1_000, 0).expect("lease"), "it has no link");
        let link = SpaceLinkRow {
            space_id: space.clone(),
            address: "http://127.0.0.1:1".to_owned(),
            remote_space_id: "theirs".to_owned(),
            remote_space_name: "Theirs".to_owned(),
            key_storage: KeyStorage::None,
            synced_at: None,
        };
        store.set_space_link(&link).expect("linked");
        assert!(store.lease_space_link(&space, "me", 1_000, 0).expect("lease"));
        assert!(!store.lease_space_link(&space, "other", 1_100, 0).expect("lease"));
        assert!(store.renew_space_link_lease(&space, "me", 2_000).expect("renewed"));
        let versions = [(version.key, "v1".to_owned())];
        let known =
            || KnownPrompt { prompt_key: version.prompt_key, remote_id: "p1", versions: &versions, agreed: "{}" };
        store.note_recognised(&space, None, 0, &[known()]).expect("noted");
        assert!(store.prompt_links(&space).expect("links").is_empty(), "what is pulled meanwhile is newer");
        assert!(store.lease_space_link(&space, "other", 9_000, 2_001).expect("lease"), "now it is stale");
        assert!(!store.renew_space_link_lease(&space, "me", 9_000).expect("renewed"), "lost");
        store.give_back_space_link_lease(&space, "me").expect("nothing to give back");
        assert!(store.renew_space_link_lease(&space, "other", 9_100).expect("renewed"), "it was not mine to give");
        store.give_back_space_link_lease(&space, "other").expect("given back");
        store.set_space_synced(&space, NOW).expect("synced");
        store.note_recognised(&space, None, 0, &[known()]).expect("noted");
        assert!(store.prompt_links(&space).expect("links").is_empty(), "somebody pulled since");
        store.note_recognised(&space, Some(NOW), 0, &[known()]).expect("noted");
        assert_eq!(store.prompt_links(&space).expect("links").len(), 1);
    }
}
