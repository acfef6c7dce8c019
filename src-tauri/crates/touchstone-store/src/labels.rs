//! Labels: movable names for versions, and every move that they made.

use crate::database::Store;
use crate::error::{Result, StoreError};
use rusqlite::{Connection, OptionalExtension, params};
use touchstone_domain::VersionId;

/// Where a label points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelRow {
    pub name: String,
    pub version_key: i64,
    pub version_id: VersionId,
    pub number: u32,
    pub moved_at: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelMoveRow {
    pub name: String,
    /// Number of the version that it left; `None` where it was new.
    pub from: Option<u32>,
    /// Number of the version that it came to; `None` where it was removed.
    pub to: Option<u32>,
    pub author: String,
    pub moved_at: String,
}

impl Store {
    /// The labels of a prompt by name.
    pub fn labels(&self, prompt_key: i64) -> Result<Vec<LabelRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT label.name, version.key, version.id, version.number, moved_at
                 FROM label JOIN version ON version.key = label.version_key
                 WHERE label.prompt_key = ?1 ORDER BY label.name",
            )?;
            let rows = statement.query_map([prompt_key], |row| {
                Ok(LabelRow {
                    name: row.get(0)?,
                    version_key: row.get(1)?,
                    version_id: VersionId(row.get(2)?),
                    number: row.get(3)?,
                    moved_at: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Every move of the prompt's labels, newest first.
    pub fn label_moves(&self, prompt_key: i64) -> Result<Vec<LabelMoveRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT name, from_number, to_number, author, moved_at FROM label_move
                 WHERE prompt_key = ?1 ORDER BY id DESC",
            )?;
            let rows = statement.query_map([prompt_key], |row| {
                Ok(LabelMoveRow {
                    name: row.get(0)?,
                    from: row.get(1)?,
                    to: row.get(2)?,
                    author: row.get(3)?,
                    moved_at: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Lets `names` point to a version; those that point elsewhere move. `replace` takes its other labels away.
    pub fn put_labels(
        &self,
        version: &VersionId,
        names: &[String],
        replace: bool,
        author: &str,
        now: &str,
    ) -> Result<()> {
        self.write(|transaction| {
            let (prompt_key, key, number) = place(transaction, version)?;
            if replace {
                let mut statement = transaction.prepare_cached("SELECT name FROM label WHERE version_key = ?1")?;
                let held: Vec<String> =
                    statement.query_map([key], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
                for name in held.iter().filter(|name| !names.contains(name)) {
                    set(transaction, prompt_key, name, None, author, now)?;
                }
            }
            for name in names {
                set(transaction, prompt_key, name, Some((key, number)), author, now)?;
            }
            Ok(())
        })
    }

    /// Takes a label away from a version that has it.
    pub fn remove_label(&self, version: &VersionId, name: &str, author: &str, now: &str) -> Result<()> {
        self.write(|transaction| {
            let (prompt_key, key, _) = place(transaction, version)?;
            let has_it = transaction
                .prepare_cached("SELECT 1 FROM label WHERE prompt_key = ?1 AND name = ?2 AND version_key = ?3")?
                .exists(params![prompt_key, name, key])?;
            if !has_it {
                return Err(StoreError::not_found("label", name));
            }
            set(transaction, prompt_key, name, None, author, now)
        })
    }
}

/// Keys of a version's prompt and of itself, and its number.
fn place(connection: &Connection, version: &VersionId) -> Result<(i64, i64, u32)> {
    connection
        .query_row("SELECT prompt_key, key, number FROM version WHERE id = ?1", [version.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?
        .ok_or_else(|| StoreError::not_found("version", version))
}

/// Puts the moves that a prompt's labels made elsewhere, oldest first, in the place of those that brought them here.
pub(crate) fn remember_moves(connection: &Connection, prompt_key: i64, moves: &[LabelMoveRow]) -> Result<()> {
    connection.execute("DELETE FROM label_move WHERE prompt_key = ?1", [prompt_key])?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO label_move (prompt_key, name, from_number, to_number, author, moved_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut moved = connection.prepare_cached("UPDATE label SET moved_at = ?3 WHERE prompt_key = ?1 AND name = ?2")?;
    for LabelMoveRow { name, from, to, author, moved_at } in moves {
        insert.execute(params![prompt_key, name, from, to, author, moved_at])?;
        moved.execute(params![prompt_key, name, moved_at])?;
    }
    Ok(())
}

/// Moves one label to a version, given by key and number, or away; a move to where it is already is none.
pub(crate) fn set(
    connection: &Connection,
    prompt_key: i64,
    name: &str,
    to: Option<(i64, u32)>,
    author: &str,
    now: &str,
) -> Result<()> {
    let from: Option<u32> = connection
        .prepare_cached(
            "SELECT number FROM label JOIN version ON version.key = label.version_key
             WHERE label.prompt_key = ?1 AND name = ?2",
        )?
        .query_row(params![prompt_key, name], |row| row.get(0))
        .optional()?;
    let number = to.map(|(_, number)| number);
    if from == number {
        return Ok(());
    }
    match to {
        Some((key, _)) => connection
            .prepare_cached(
                "INSERT INTO label (prompt_key, name, version_key, moved_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (prompt_key, name) DO UPDATE SET version_key = excluded.version_key,
                   moved_at = excluded.moved_at",
            )?
            .execute(params![prompt_key, name, key, now])?,
        None => connection
            .prepare_cached("DELETE FROM label WHERE prompt_key = ?1 AND name = ?2")?
            .execute(params![prompt_key, name])?,
    };
    connection
        .prepare_cached(
            "INSERT INTO label_move (prompt_key, name, from_number, to_number, author, moved_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![prompt_key, name, from, number, author, now])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, next_version, workspace_with_version};

    #[test]
    fn a_label_points_to_one_version_and_every_move_is_kept() {
        let (_folder, store, first) = workspace_with_version();
        let second = next_version(&store, &first);
        let names = |version: &VersionId| -> Vec<String> {
            let labels = store.labels(first.prompt_key).expect("labels");
            labels.into_iter().filter(|label| label.version_id == *version).map(|label| label.name).collect()
        };
        let put = |version: &VersionId, labels: &[&str], replace| {
            let labels: Vec<_> = labels.iter().map(|&name| name.to_owned()).collect();
            store.put_labels(version, &labels, replace, "me", NOW).expect("moved");
        };
        put(&first.id, &["production", "Production"], true);
        put(&second.id, &["production"], false);
        assert_eq!((names(&first.id), names(&second.id)), (vec!["Production".into()], vec!["production".into()]));
        put(&second.id, &["new"], true);
        assert_eq!(names(&second.id), ["new"], "the others are taken away");
        assert!(store.remove_label(&first.id, "new", "me", NOW).is_err(), "it points elsewhere");
        store.remove_label(&second.id, "new", "me", NOW).expect("removed");
        put(&first.id, &["Production"], true);
        let moves: Vec<_> = store
            .label_moves(first.prompt_key)
            .expect("moves")
            .into_iter()
            .map(|step| (step.name, step.from, step.to))
            .collect();
        let step = |name: &str, from, to| (name.to_owned(), from, to);
        assert_eq!(
            moves,
            [
                step("new", Some(2), None),
                step("new", None, Some(2)),
                step("production", Some(2), None),
                step("production", Some(1), Some(2)),
                step("Production", None, Some(1)),
                step("production", None, Some(1)),
            ],
            "what stayed where it was is no move"
        );
    }
}
