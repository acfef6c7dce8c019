//! Model provider connections, without their secrets.

use crate::database::Store;
use crate::error::{Result, StoreError, name_taken};
use rusqlite::{OptionalExtension, Row, params};
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionRow {
    pub id: ConnectionId,
    /// `custom` or `practice`.
    pub provider: String,
    pub name: String,
    pub endpoint: Option<String>,
    pub has_api_key: bool,
    pub has_auth_token: bool,
    pub key_storage: KeyStorage,
    /// JSON of the last test.
    pub last_test: Option<String>,
    pub created_at: String,
    /// Prompts, outside the bin, whose draft or latest version asks it.
    pub prompts: u32,
}

const COLUMNS: &str = "id, provider, name, endpoint, has_api_key, has_auth_token, key_storage, last_test, created_at,
    (SELECT count(*) FROM draft JOIN prompt ON prompt.key = draft.prompt_key
     WHERE draft.connection_id = connection.id AND prompt.deleted_at IS NULL) AS prompts";

fn connection_row(row: &Row<'_>) -> rusqlite::Result<ConnectionRow> {
    Ok(ConnectionRow {
        id: ConnectionId(row.get("id")?),
        provider: row.get("provider")?,
        name: row.get("name")?,
        endpoint: row.get("endpoint")?,
        has_api_key: row.get("has_api_key")?,
        has_auth_token: row.get("has_auth_token")?,
        key_storage: KeyStorage::of(&row.get::<_, String>("key_storage")?),
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
                       (id, provider, name, endpoint, has_api_key, has_auth_token, key_storage, created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    params![
                        connection.id.as_str(),
                        connection.provider,
                        connection.name,
                        connection.endpoint,
                        connection.has_api_key,
                        connection.has_auth_token,
                        connection.key_storage.as_str(),
                        connection.created_at
                    ],
                )
                .map_err(name_taken(&connection.name))?;
            Ok(())
        })
    }

    /// Replaces endpoint and key marks; what the last test said no longer holds.
    pub fn update_connection(&self, connection: &ConnectionRow) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE connection SET endpoint = ?2, has_api_key = ?3, has_auth_token = ?4, key_storage = ?5,
                   last_test = NULL WHERE id = ?1",
                params![
                    connection.id.as_str(),
                    connection.endpoint,
                    connection.has_api_key,
                    connection.has_auth_token,
                    connection.key_storage.as_str()
                ],
            )?;
            Ok(())
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
