//! Connections to model providers: the API Keys window.
//!
//! `connections/form.rs` knows what each provider takes, `credentials.rs` reads key files, `access.rs` makes a model of it that can be asked, `models.rs`
//! says which models it offers, `check.rs` tests it and `questions.rs` adds up what that takes, `prices.rs` takes prices from the user, `pricing.rs` says what a call
//! costs, and `local.rs` finds the models of this computer.

mod access;
mod check;
mod credentials;
mod form;
mod headers;
mod local;
mod models;
mod pasted;
mod prices;
mod pricing;
mod questions;
mod settings;
mod wire;

pub use check::{TestRecord, TestStep};
pub use form::{ConnectionEdit, NewConnection, SavedConnection, certificates_pem};
pub use headers::EnteredHeader;
pub use local::{LocalModel, LocalServer, LocalTest, LocalTestProgress};
pub use models::{ModelInfo, ModelPrice, Retirement};
pub use prices::NewPrice;
pub use questions::TestUsage;

pub(crate) use access::{Silenced, model, model_of_provider, model_without_secrets, where_to};
pub(crate) use local::{LocalTests, parallel};
pub(crate) use models::{
    Lengths, known_model, lengths, models, reads, remember_answered, remember_dated, remember_refused,
    remember_structure,
};
pub(crate) use pasted::{cleaned, why_no_key};
pub(crate) use pricing::Pricing;
pub(crate) use settings::{ConnectionSettings, RefusedParam};
pub(crate) use wire::wire;

pub use touchstone_providers::{
    Abilities, AbilitySource, AbilitySources, LocalKind, LocalProblem, Speed, StructuredMode,
};

use crate::{Changed, Engine, Error, Result, clock};
use serde::Serialize;
use specta::Type;
use touchstone_domain::ConnectionId;
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_store::{ConnectionRow, SecretKind, StoreError};

/// Id and name of the practice model's connection.
pub const PRACTICE: &str = "practice";

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
    /// As it was entered. Of Vertex AI, where its project and location are.
    pub endpoint: Option<String>,
    /// Replaces the scheme, host and prefix of the vendor's address.
    pub base_url: Option<String>,
    pub deployment: Option<String>,
    pub model: Option<String>,
    /// The model behind the deployment, where the user named it.
    pub base_model: Option<String>,
    /// A deployment of the same model that answers batches and nothing else.
    pub batch_deployment: Option<String>,
    pub project_id: Option<String>,
    pub location: Option<String>,
    /// Who signs in, of a service account's credentials.
    pub account: Option<String>,
    /// Of the headers that every request carries; their values are secrets.
    pub header_names: Vec<String>,
    /// The way to it, instead of the system's; not for this machine.
    pub proxy: Option<String>,
    /// Certificates in PEM that are trusted beside the system's.
    pub custom_ca: Option<String>,
    /// Requests that it takes at once, over all runs.
    pub concurrency: Option<u32>,
    /// What its runs may cost a day, in millionths of a dollar.
    #[specta(type = Option<f64>)]
    pub budget_micros: Option<u64>,
    /// What it offers, the model to start with first.
    pub models: Vec<ModelInfo>,
    /// When the provider listed its models last.
    pub models_listed_at: Option<String>,
    pub has_api_key: bool,
    pub has_auth_token: bool,
    pub key_storage: KeyStorage,
    /// The last four characters of the API key, unless it is short.
    pub key_hint: Option<String>,
    pub key_added_at: Option<String>,
    pub last_test: Option<TestRecord>,
    /// Prompts whose draft asks it.
    pub prompt_count: u32,
    pub created_at: String,
}

impl Engine {
    pub async fn connections(&self) -> Result<Vec<ConnectionSummary>> {
        self.blocking(|inner| Ok(inner.store.connections()?.into_iter().map(summary).collect())).await
    }

    /// The connection with this id or name.
    pub async fn connection(&self, id_or_name: String) -> Result<ConnectionSummary> {
        self.blocking(move |inner| Ok(summary(inner.store.connection(&id_or_name)?))).await
    }

    /// Adds a connection and keeps its secrets.
    pub async fn add_connection(&self, connection: NewConnection) -> Result<SavedConnection> {
        let added = self.blocking(move |inner| form::add(inner, connection)).await?;
        self.changed(Changed::Connections);
        Ok(added)
    }

    /// Changes what a connection says, or its secrets.
    pub async fn edit_connection(&self, id: ConnectionId, edit: ConnectionEdit) -> Result<SavedConnection> {
        let edited = self.blocking(move |inner| form::edit(inner, &id, edit)).await?;
        self.obey_budgets().await;
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
            let has_headers = !ConnectionSettings::of(&row).header_names.is_empty();
            for (kind, has) in [
                (SecretKind::ApiKey, row.has_api_key),
                (SecretKind::AuthToken, row.has_auth_token),
                (SecretKind::Headers, has_headers),
            ] {
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

    /// Gives this process a secret for a connection, kept in memory until it ends: how a headless command passes a key
    /// where no keychain answers.
    pub async fn lend_api_key(&self, id_or_name: String, key: Secret) -> Result<()> {
        self.blocking(move |inner| {
            let row = inner.store.connection(&id_or_name)?;
            let key = cleaned(key);
            if let Some(why) = why_no_key(&key).filter(|_| provider(&row) != Provider::VertexAi) {
                return Err(Error::invalid_field("api_key", why));
            }
            inner.keychain.keep_until_quit(row.id.as_str(), SecretKind::ApiKey, key);
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
            settings: ConnectionSettings::default().to_json(),
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
    Provider::ALL.into_iter().find(|provider| provider.as_str() == row.provider).unwrap_or(Provider::Custom)
}

fn summary(row: ConnectionRow) -> ConnectionSummary {
    let settings = ConnectionSettings::of(&row);
    ConnectionSummary {
        provider: provider(&row),
        models: models::infos(&row, &clock::today()),
        base_url: settings.base_url,
        deployment: settings.deployment,
        model: settings.model,
        base_model: settings.base_model,
        batch_deployment: settings.batch_deployment,
        project_id: settings.project_id,
        location: settings.location,
        account: settings.account,
        header_names: settings.header_names,
        proxy: settings.proxy,
        custom_ca: settings.custom_ca,
        concurrency: settings.concurrency,
        budget_micros: settings.budget_micros,
        models_listed_at: settings.listed.map(|listing| listing.at),
        key_storage: row.key_storage.into(),
        last_test: row.last_test.and_then(|json| serde_json::from_str(&json).ok()),
        id: row.id,
        name: row.name,
        endpoint: row.endpoint,
        has_api_key: row.has_api_key,
        has_auth_token: row.has_auth_token,
        key_hint: row.key_hint,
        key_added_at: row.key_added_at,
        prompt_count: row.prompts,
        created_at: row.created_at,
    }
}
