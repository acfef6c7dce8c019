//! Connections to model providers: the API Keys window.

mod pricing;

pub(crate) use pricing::Pricing;

use crate::requests::connect;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use specta::Type;
use touchstone_domain::ConnectionId;
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_providers::{CustomModel, PRACTICE_MODEL_ID, parse_endpoint};
use touchstone_store::{ConnectionRow, SecretKind, StoreError};

/// Id and name of the practice model's connection.
pub const PRACTICE: &str = "practice";

/// Longest name and endpoint, in characters. Source: Label Studio's provider connections.
const FIELD_CHARS_MAX: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum KeyStorage {
    None,
    Keychain,
    UntilQuit,
}

impl From<touchstone_store::KeyStorage> for KeyStorage {
    fn from(storage: touchstone_store::KeyStorage) -> Self {
        match storage {
            touchstone_store::KeyStorage::None => Self::None,
            touchstone_store::KeyStorage::Keychain => Self::Keychain,
            touchstone_store::KeyStorage::UntilQuit => Self::UntilQuit,
        }
    }
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ConnectionSummary {
    pub id: ConnectionId,
    pub provider: Provider,
    pub name: String,
    pub endpoint: Option<String>,
    pub models: Vec<String>,
    pub has_api_key: bool,
    pub has_auth_token: bool,
    pub key_storage: KeyStorage,
    pub last_test: Option<TestRecord>,
    /// Prompts whose draft asks it.
    pub prompt_count: u32,
    pub created_at: String,
}

/// What a test of a connection found, in words.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct TestRecord {
    pub ok: bool,
    pub message: String,
    pub latency_ms: Option<u32>,
    /// An endpoint that answers where this one does not.
    pub suggested_endpoint: Option<String>,
    pub tested_at: String,
}

/// A Custom LLM connection about to be added. `name` is the model id that is sent.
#[derive(Debug, Deserialize, Type)]
pub struct NewConnection {
    pub name: String,
    pub endpoint: String,
    #[specta(type = Option<String>)]
    pub api_key: Option<Secret>,
    #[specta(type = Option<String>)]
    pub auth_token: Option<Secret>,
    /// Keep the secrets in memory until the program ends, where no keychain answers.
    pub until_quit: bool,
}

/// New values for a connection; a secret that is `None` stays, an empty one is removed.
#[derive(Debug, Deserialize, Type)]
pub struct ConnectionEdit {
    pub endpoint: String,
    #[specta(type = Option<String>)]
    pub api_key: Option<Secret>,
    #[specta(type = Option<String>)]
    pub auth_token: Option<Secret>,
    pub until_quit: bool,
}

impl Engine {
    pub async fn connections(&self) -> Result<Vec<ConnectionSummary>> {
        self.blocking(|inner| Ok(inner.store.connections()?.into_iter().map(summary).collect())).await
    }

    /// Adds a Custom LLM connection and keeps its secrets.
    pub async fn add_connection(&self, connection: NewConnection) -> Result<ConnectionSummary> {
        let added = self.blocking(move |inner| add(inner, connection)).await?;
        self.changed(Changed::Connections);
        Ok(added)
    }

    /// Changes the endpoint or the secrets of a connection.
    pub async fn edit_connection(&self, id: ConnectionId, edit: ConnectionEdit) -> Result<ConnectionSummary> {
        let edited = self.blocking(move |inner| self::edit(inner, &id, edit)).await?;
        self.changed(Changed::Connections);
        Ok(edited)
    }

    /// Removes a connection and its secrets. Drafts that used it have no model then.
    pub async fn remove_connection(&self, id_or_name: String) -> Result<()> {
        self.blocking(move |inner| {
            let row = inner.store.connection(&id_or_name)?;
            if row.id.as_str() == PRACTICE {
                return Err(Error::invalid("the practice model is part of Touchstone and cannot be removed"));
            }
            // Row before keychain: a secret without its row is found by nobody, but a row whose secret is gone would
            // fail runs. A keychain that is locked now must not keep the connection from going.
            inner.store.delete_connection(&row.id)?;
            for (kind, has) in [(SecretKind::ApiKey, row.has_api_key), (SecretKind::AuthToken, row.has_auth_token)] {
                if has && let Err(error) = inner.keychain.forget(row.id.as_str(), kind) {
                    tracing::warn!(%error, "removing a secret from the keychain");
                }
            }
            Ok(())
        })
        .await?;
        self.changed(Changed::Connections);
        self.changed(Changed::Prompts);
        Ok(())
    }

    /// Asks the connection's model one short question and remembers, in words, how it went.
    pub async fn test_connection(&self, id_or_name: String) -> Result<TestRecord> {
        let (row, custom) = self
            .blocking(move |inner| {
                let row = inner.store.connection(&id_or_name)?;
                let custom = match provider(&row) {
                    Provider::Practice => None,
                    _ => Some(custom_model(inner, &row)?),
                };
                Ok((row, custom))
            })
            .await?;
        let record = match custom {
            None => TestRecord {
                ok: true,
                message: "Works. It is built in, needs no key and no network, and is not a language model.".to_owned(),
                latency_ms: Some(0),
                suggested_endpoint: None,
                tested_at: clock::now(),
            },
            Some(model) => {
                let report = model.test(&row.name).await;
                TestRecord {
                    ok: report.ok,
                    message: report.message,
                    latency_ms: report.latency_ms,
                    suggested_endpoint: report.suggested_endpoint,
                    tested_at: clock::now(),
                }
            }
        };
        let json = serde_json::to_string(&record).map_err(|error| Error::Internal(error.into()))?;
        self.blocking(move |inner| Ok(inner.store.set_connection_test(&row.id, &json)?)).await?;
        self.changed(Changed::Connections);
        Ok(record)
    }

    /// Gives this process a secret for a connection, kept in memory until it ends: how a headless command passes a key
    /// where no keychain answers.
    pub async fn lend_api_key(&self, id_or_name: String, key: Secret) -> Result<()> {
        self.blocking(move |inner| {
            let row = inner.store.connection(&id_or_name)?;
            inner.keychain.keep_until_quit(row.id.as_str(), SecretKind::ApiKey, cleaned(key));
            Ok(())
        })
        .await
    }

    pub(crate) fn ensure_practice_connection(&self) -> Result<()> {
        let store = &self.inner.store;
        if store.connection(PRACTICE).is_ok() {
            return Ok(());
        }
        let made = store.insert_connection(&ConnectionRow {
            id: ConnectionId(PRACTICE.to_owned()),
            provider: Provider::Practice.as_str().to_owned(),
            name: PRACTICE.to_owned(),
            endpoint: None,
            settings: "{}".to_owned(),
            has_api_key: false,
            has_auth_token: false,
            key_storage: touchstone_store::KeyStorage::None,
            key_hint: None,
            key_added_at: None,
            last_test: None,
            created_at: clock::now(),
            prompts: 0,
        });
        match made {
            // Another process opened the new workspace at the same moment.
            Err(StoreError::NameTaken(_)) => Ok(()),
            outcome => Ok(outcome?),
        }
    }
}

pub(crate) fn provider(row: &ConnectionRow) -> Provider {
    if row.provider == Provider::Practice.as_str() { Provider::Practice } else { Provider::Custom }
}

/// The models that a connection offers.
pub(crate) fn models(row: &ConnectionRow) -> Vec<String> {
    match provider(row) {
        Provider::Practice => vec![PRACTICE_MODEL_ID.to_owned()],
        _ => vec![row.name.clone()],
    }
}

/// The connection's model with its secrets, ready to be asked.
pub(crate) fn custom_model(inner: &Inner, row: &ConnectionRow) -> Result<CustomModel> {
    let secret = |kind, has: bool, what: &str| {
        if !has {
            // Only lent, if at all: a connection without a secret of its own must not unlock the keychain.
            return Ok(inner.keychain.find_in_memory(row.id.as_str(), kind));
        }
        match inner.keychain.find(row.id.as_str(), kind) {
            Ok(Some(secret)) => Ok(Some(secret)),
            Ok(None) => Err(Error::invalid(format!(
                "the {what} of “{}” is not in the keychain any more; enter it again in the API Keys window",
                row.name
            ))),
            Err(error) => Err(Error::invalid(format!("the {what} of “{}” could not be read: {error}", row.name))),
        }
    };
    let api_key = secret(SecretKind::ApiKey, row.has_api_key, "API key")?;
    let auth_token = secret(SecretKind::AuthToken, row.has_auth_token, "auth token")?;
    Ok(connect(inner, row, api_key, auth_token))
}

fn summary(row: ConnectionRow) -> ConnectionSummary {
    ConnectionSummary {
        provider: provider(&row),
        models: models(&row),
        key_storage: row.key_storage.into(),
        last_test: row.last_test.and_then(|json| serde_json::from_str(&json).ok()),
        id: row.id,
        name: row.name,
        endpoint: row.endpoint,
        has_api_key: row.has_api_key,
        has_auth_token: row.has_auth_token,
        prompt_count: row.prompts,
        created_at: row.created_at,
    }
}

/// A pasted secret often brings blanks, a line end or quotes along.
pub(crate) fn cleaned(secret: Secret) -> Secret {
    let text = secret.expose().trim();
    let unquoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    Secret::new(unquoted.trim().to_owned())
}

/// The secret if there is one; an empty field is none.
fn given(secret: Option<Secret>) -> Option<Secret> {
    secret.map(cleaned).filter(|secret| !secret.expose().is_empty())
}

fn checked_endpoint(endpoint: &str) -> Result<String> {
    if endpoint.chars().count() > FIELD_CHARS_MAX {
        return Err(Error::invalid_field("endpoint", format!("an endpoint has at most {FIELD_CHARS_MAX} characters")));
    }
    parse_endpoint(endpoint).map_err(|message| Error::invalid_field("endpoint", message))
}

fn add(inner: &Inner, connection: NewConnection) -> Result<ConnectionSummary> {
    let name = connection.name.trim();
    if name.is_empty() {
        return Err(Error::invalid_field(
            "name",
            "enter the model's name as the server knows it, for example llama3.2",
        ));
    }
    if name.chars().count() > FIELD_CHARS_MAX {
        return Err(Error::invalid_field("name", format!("a name has at most {FIELD_CHARS_MAX} characters")));
    }
    let mut row = ConnectionRow {
        id: ConnectionId(clock::new_id()),
        provider: Provider::Custom.as_str().to_owned(),
        name: name.to_owned(),
        endpoint: Some(checked_endpoint(&connection.endpoint)?),
        settings: "{}".to_owned(),
        has_api_key: false,
        has_auth_token: false,
        key_storage: touchstone_store::KeyStorage::None,
        key_hint: None,
        key_added_at: None,
        last_test: None,
        created_at: clock::now(),
        prompts: 0,
    };
    if inner.store.connection(name).is_ok() {
        return Err(touchstone_store::StoreError::NameTaken(name.to_owned()).into());
    }
    // Keychain before database: a row without its key is worse than a key without its row.
    keep(inner, &mut row, connection.api_key, connection.auth_token, connection.until_quit)?;
    inner.store.insert_connection(&row)?;
    Ok(summary(row))
}

fn edit(inner: &Inner, id: &ConnectionId, edit: ConnectionEdit) -> Result<ConnectionSummary> {
    let mut row = inner.store.connection(id.as_str())?;
    if provider(&row) == Provider::Practice {
        return Err(Error::invalid("the practice model has nothing to change"));
    }
    row.endpoint = Some(checked_endpoint(&edit.endpoint)?);
    for (kind, secret, has) in [
        (SecretKind::ApiKey, &edit.api_key, &mut row.has_api_key),
        (SecretKind::AuthToken, &edit.auth_token, &mut row.has_auth_token),
    ] {
        if *has && secret.as_ref().is_some_and(|secret| secret.expose().trim().is_empty()) {
            inner.keychain.forget(id.as_str(), kind)?;
            *has = false;
        }
    }
    if !row.has_api_key && !row.has_auth_token {
        row.key_storage = touchstone_store::KeyStorage::None;
    }
    keep(inner, &mut row, edit.api_key, edit.auth_token, edit.until_quit)?;
    inner.store.update_connection(&row)?;
    row.last_test = None;
    Ok(summary(row))
}

/// Puts the given secrets where they belong and marks the row accordingly.
fn keep(
    inner: &Inner,
    row: &mut ConnectionRow,
    api_key: Option<Secret>,
    auth_token: Option<Secret>,
    until_quit: bool,
) -> Result<()> {
    for (kind, secret) in [(SecretKind::ApiKey, given(api_key)), (SecretKind::AuthToken, given(auth_token))] {
        let Some(secret) = secret else { continue };
        if until_quit {
            inner.keychain.keep_until_quit(row.id.as_str(), kind, secret);
            row.key_storage = touchstone_store::KeyStorage::UntilQuit;
        } else {
            inner.keychain.keep(row.id.as_str(), kind, &secret)?;
            row.key_storage = touchstone_store::KeyStorage::Keychain;
        }
        match kind {
            SecretKind::ApiKey => row.has_api_key = true,
            SecretKind::AuthToken => row.has_auth_token = true,
            SecretKind::LocalApiToken | SecretKind::SpaceKey => {}
        }
    }
    Ok(())
}
