//! Model provider connections, without their secrets.

use crate::database::Store;
use crate::error::{Result, StoreError, name_taken};
use crate::journal::{Lost, column};
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use touchstone_domain::ConnectionId;

/// Where a connection's secrets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStorage {
    /// It has none.
    None,
    Keychain,
    /// In the memory of the process that was given them.
    UntilQuit,
}

impl KeyStorage {
    /// As it stands in a column.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Keychain => "keychain",
            Self::UntilQuit => "until_quit",
        }
    }

    pub(crate) fn of(text: &str) -> Self {
        match text {
            "keychain" => Self::Keychain,
            "until_quit" => Self::UntilQuit,
            _ => Self::None,
        }
    }
}

/// Follows an insertion into `spending`: what was paid before on the day is added up.
pub(crate) const OR_ADD_TO_SPENDING: &str = "ON CONFLICT (day, connection_id, owner) DO UPDATE
    SET cost_picos = min(cost_picos + excluded.cost_picos, 9223372036854775807), lost = lost + excluded.lost,
        lost_picos = min(lost_picos + excluded.lost_picos, 9223372036854775807)";

/// What the replies of one connection, to runs and to tests of it, cost on a day, in picodollars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spending {
    pub connection_id: ConnectionId,
    /// Paid by the program that asks.
    pub own_picos: u64,
    /// Paid by others on the same workspace, or before it was started.
    pub others_picos: u64,
    /// What may be charged for calls of the program that asks.
    pub own_lost: Lost,
    /// The same of others.
    pub others_lost: Lost,
    /// What batches may yet cost that are out, and that the program that asks is not at work on.
    pub out_picos: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionRow {
    pub id: ConnectionId,
    /// As `Provider` spells it.
    pub provider: String,
    pub name: String,
    pub endpoint: Option<String>,
    /// JSON object; the engine knows its fields.
    pub settings: String,
    pub has_api_key: bool,
    pub has_auth_token: bool,
    pub key_storage: KeyStorage,
    /// The last characters of the key.
    pub key_hint: Option<String>,
    pub key_added_at: Option<String>,
    /// JSON of the last test.
    pub last_test: Option<String>,
    pub created_at: String,
    /// Prompts, outside the bin, whose draft or latest version asks it.
    pub prompts: u32,
}

const COLUMNS: &str = "id, provider, name, endpoint, settings, has_api_key, has_auth_token, key_storage, key_hint,
    key_added_at, last_test, created_at,
    (SELECT count(*) FROM draft JOIN prompt ON prompt.key = draft.prompt_key
     WHERE draft.connection_id = connection.id AND prompt.deleted_at IS NULL) AS prompts";

fn connection_row(row: &Row<'_>) -> rusqlite::Result<ConnectionRow> {
    Ok(ConnectionRow {
        id: ConnectionId(row.get("id")?),
        provider: row.get("provider")?,
        name: row.get("name")?,
        endpoint: row.get("endpoint")?,
        settings: row.get("settings")?,
        has_api_key: row.get("has_api_key")?,
        has_auth_token: row.get("has_auth_token")?,
        key_storage: KeyStorage::of(&row.get::<_, String>("key_storage")?),
        key_hint: row.get("key_hint")?,
        key_added_at: row.get("key_added_at")?,
        last_test: row.get("last_test")?,
        created_at: row.get("created_at")?,
        prompts: row.get("prompts")?,
    })
}

impl Store {
    pub fn connections(&self) -> Result<Vec<ConnectionRow>> {
        self.read(|reader| {
            let sql = format!("SELECT {COLUMNS} FROM connection ORDER BY provider = 'practice', created_at, id");
            let mut statement = reader.prepare_cached(&sql)?;
            Ok(statement.query_map([], connection_row)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The connection with this id or name.
    pub fn connection(&self, id_or_name: &str) -> Result<ConnectionRow> {
        self.read(|reader| {
            let sql =
                format!("SELECT {COLUMNS} FROM connection WHERE id = ?1 OR name = ?1 ORDER BY id = ?1 DESC LIMIT 1");
            let found = reader.prepare_cached(&sql)?.query_row([id_or_name], connection_row).optional()?;
            found.ok_or_else(|| StoreError::not_found("connection", id_or_name))
        })
    }

    /// The connection of the draft that was written last, leaving out the sample's.
    pub fn last_used_connection(&self) -> Result<Option<ConnectionId>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT connection_id FROM draft JOIN prompt ON prompt.key = draft.prompt_key
                 WHERE connection_id IS NOT NULL AND prompt.is_sample = 0 AND prompt.deleted_at IS NULL
                 ORDER BY draft.updated_at DESC LIMIT 1",
            )?;
            Ok(statement.query_row([], |row| row.get(0).map(ConnectionId)).optional()?)
        })
    }

    pub fn insert_connection(&self, connection: &ConnectionRow) -> Result<()> {
        self.write(|transaction| {
            transaction
                .execute(
                    "INSERT INTO connection
                       (id, provider, name, endpoint, settings, has_api_key, has_auth_token, key_storage, key_hint,
                        key_added_at, created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                    params![
                        connection.id.as_str(),
                        connection.provider,
                        connection.name,
                        connection.endpoint,
                        connection.settings,
                        connection.has_api_key,
                        connection.has_auth_token,
                        connection.key_storage.as_str(),
                        connection.key_hint,
                        connection.key_added_at,
                        connection.created_at
                    ],
                )
                .map_err(name_taken(&connection.name))?;
            Ok(())
        })
    }

    /// Replaces everything but the provider and the settings, of which `change` makes others. What the last test said holds
    /// unless it `is_reached_anew`: elsewhere, on another way or with another key. Gives back the row as it is then.
    pub fn update_connection(
        &self,
        connection: &ConnectionRow,
        is_reached_anew: bool,
        change: impl FnOnce(&str) -> serde_json::Result<String>,
    ) -> Result<ConnectionRow> {
        self.write(|transaction| {
            let settings = changed_settings(transaction, &connection.id, change)?;
            transaction
                .execute(
                    "UPDATE connection SET name = ?2, endpoint = ?3, settings = ?4, has_api_key = ?5,
                       has_auth_token = ?6, key_storage = ?7, key_hint = ?8, key_added_at = ?9,
                       last_test = CASE WHEN ?10 THEN NULL ELSE last_test END
                     WHERE id = ?1",
                    params![
                        connection.id.as_str(),
                        connection.name,
                        connection.endpoint,
                        settings,
                        connection.has_api_key,
                        connection.has_auth_token,
                        connection.key_storage.as_str(),
                        connection.key_hint,
                        connection.key_added_at,
                        is_reached_anew
                    ],
                )
                .map_err(name_taken(&connection.name))?;
            row_of(transaction, &connection.id)
        })
    }

    /// Lets `change` make other settings of those that are there, and gives back the row with them.
    pub fn change_connection_settings(
        &self,
        id: &ConnectionId,
        change: impl FnOnce(&str) -> serde_json::Result<String>,
    ) -> Result<ConnectionRow> {
        self.write(|transaction| {
            let settings = changed_settings(transaction, id, change)?;
            transaction.execute("UPDATE connection SET settings = ?2 WHERE id = ?1", params![id.as_str(), settings])?;
            row_of(transaction, id)
        })
    }

    /// Adds what a test of a connection cost to what `owner` paid on `day`, in picodollars.
    pub fn add_spending(&self, day: &str, id: &ConnectionId, owner: &str, cost_picos: u64) -> Result<()> {
        self.write(|transaction| {
            let values = params![day, id.as_str(), owner, column(cost_picos)];
            let sql = "INSERT INTO spending (day, connection_id, owner, cost_picos) VALUES (?1, ?2, ?3, ?4)";
            transaction.execute(&format!("{sql} {OR_ADD_TO_SPENDING}"), values)?;
            Ok(())
        })
    }

    /// What the replies to runs and tests cost on `day`, by connection: what `owner` paid itself, and what others did. In
    /// picodollars, as far as prices are known.
    /// Beside it, what batches may yet cost that are out, but for those that `owner` is at work on.
    pub fn spending(&self, day: &str, owner: &str) -> Result<Vec<Spending>> {
        self.read(|reader| {
            let sql =
                "SELECT connection_id, CASE owner WHEN ?2 THEN 'own' ELSE 'others' END, cost_picos, lost, lost_picos
                       FROM spending WHERE day = ?1
                       UNION ALL
                       SELECT connection_id, 'out', most_picos, 0, 0 FROM batch JOIN run ON run.key = batch.run_key
                       WHERE batch.state = 'open' AND lease_owner IS NOT ?2
                       ORDER BY connection_id";
            let mut statement = reader.prepare_cached(sql)?;
            let mut rows = statement.query([day, owner])?;
            let mut spending: Vec<Spending> = Vec::new();
            // Added up here: SQLite fails where a sum has no room.
            while let Some(row) = rows.next()? {
                let connection_id = ConnectionId(row.get(0)?);
                if spending.last().is_none_or(|spent| spent.connection_id != connection_id) {
                    spending.push(Spending {
                        connection_id,
                        own_picos: 0,
                        others_picos: 0,
                        own_lost: Lost::default(),
                        others_lost: Lost::default(),
                        out_picos: 0,
                    });
                }
                if let Some(spent) = spending.last_mut() {
                    let mut out = Lost::default();
                    let (sum, lost) = match row.get::<_, String>(1)?.as_str() {
                        "own" => (&mut spent.own_picos, &mut spent.own_lost),
                        "others" => (&mut spent.others_picos, &mut spent.others_lost),
                        _ => (&mut spent.out_picos, &mut out),
                    };
                    *sum = sum.saturating_add(row.get::<_, i64>(2)?.unsigned_abs());
                    *lost = lost.plus(Lost { calls: row.get(3)?, picos: row.get::<_, i64>(4)?.unsigned_abs() });
                }
            }
            Ok(spending)
        })
    }

    pub fn set_connection_test(&self, id: &ConnectionId, test: &str) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("UPDATE connection SET last_test = ?2 WHERE id = ?1", params![id.as_str(), test])?;
            Ok(())
        })
    }

    /// Forgets the connection. Drafts that used it have none then; versions keep its id, which names nothing any more.
    pub fn delete_connection(&self, id: &ConnectionId) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("UPDATE draft SET connection_id = NULL WHERE connection_id = ?1", [id.as_str()])?;
            transaction.execute("DELETE FROM connection WHERE id = ?1", [id.as_str()])?;
            Ok(())
        })
    }
}

fn row_of(transaction: &Transaction<'_>, id: &ConnectionId) -> Result<ConnectionRow> {
    let sql = format!("SELECT {COLUMNS} FROM connection WHERE id = ?1");
    Ok(transaction.query_row(&sql, [id.as_str()], connection_row)?)
}

/// What `change` makes of the settings that are there.
fn changed_settings(
    transaction: &Transaction<'_>,
    id: &ConnectionId,
    change: impl FnOnce(&str) -> serde_json::Result<String>,
) -> Result<String> {
    let sql = "SELECT settings FROM connection WHERE id = ?1";
    let before: Option<String> = transaction.query_row(sql, [id.as_str()], |row| row.get(0)).optional()?;
    let before = before.ok_or_else(|| StoreError::not_found("connection", id))?;
    Ok(change(&before).map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))?)
}
