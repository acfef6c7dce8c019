//! What a connection says beside its name and endpoint, as its row keeps it: JSON without secrets.

use super::prices::OwnPrice;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use touchstone_providers::{Abilities, ListedModel, LocalKind, Speed, StructuredMode};
use touchstone_store::ConnectionRow;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ConnectionSettings {
    /// Replaces the scheme, host and prefix of the vendor's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Azure OpenAI: the name of the deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<String>,
    /// Azure AI Foundry, and a custom model that is not called as its connection is: the id that is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Azure OpenAI: the model behind the deployment, where the name does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_model: Option<String>,
    /// Azure OpenAI: a deployment of the same model that answers batches and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_deployment: Option<String>,
    /// Vertex AI: instead of the credentials' own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Vertex AI: who signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Of the headers that every request carries; the keychain has their values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub header_names: Vec<String>,
    /// As `touchstone_net::Proxy` writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// As `touchstone_net::Authorities` writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_ca: Option<String>,
    /// Requests that it takes at once, over all runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// What its runs may cost a day, in millionths of a dollar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_micros: Option<u64>,
    /// Ids that the user entered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added_models: Vec<String>,
    /// What the provider listed for this key last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<Listing>,
    /// A custom server on this computer: which one it is, of those that run models themselves, as a look or a test found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_kind: Option<LocalKind>,
    /// Azure: the resource knows the addresses of a date alone, as asking it found out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_dated: bool,
    /// How each model is held to a schema, where a test found that out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub structures: BTreeMap<String, StructuredMode>,
    /// Models whose answers to runs came in the form that their provider is usually asked in: it is asked in it from then
    /// on, so that what was answered stays owned.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub answered: BTreeSet<String>,
    /// What models cost by the user's own words, which outweigh the catalogue's.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub prices: BTreeMap<String, OwnPrice>,
    /// What the server refused to take for each model, and is left out since.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub refused: BTreeMap<String, Vec<RefusedParam>>,
    /// What tests found out of each model that the catalogue does not know.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub measured: BTreeMap<String, Measured>,
}

/// What a model can do where it is asked, as tests found out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Measured {
    pub abilities: Abilities,
    /// What one request may hold.
    pub context_tokens: Option<u32>,
    pub speed: Option<Speed>,
}

/// A parameter that a server does not take with this value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RefusedParam {
    /// By its Arize name.
    pub name: String,
    pub value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listing {
    pub at: String,
    pub models: Vec<ListedModel>,
}

impl ConnectionSettings {
    /// They were written by us, so failing means a damaged file. The connection is then as if nothing were set, can be
    /// seen, and be removed; a change of them is refused.
    pub(crate) fn of(row: &ConnectionRow) -> Self {
        Self::parse(&row.settings).unwrap_or_else(|error| {
            tracing::error!(%error, connection = row.id.as_str(), "reading the settings of a connection");
            Self::default()
        })
    }

    /// Refused in words where they are damaged, or of a newer program.
    pub(crate) fn readable(row: &ConnectionRow) -> Result<Self> {
        Self::parse(&row.settings).map_err(|_| {
            let words = "cannot be read by this version; remove it and add it again";
            Error::invalid(format!("the settings of “{}” {words}", row.name))
        })
    }

    pub(crate) fn parse(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }

    /// What `change` makes of stored settings.
    pub(super) fn changed(json: &str, change: impl FnOnce(&mut Self)) -> serde_json::Result<String> {
        let mut settings = Self::parse(json)?;
        change(&mut settings);
        Ok(settings.to_json())
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are written as JSON")
    }

    pub(crate) fn refused(&self, model: &str) -> Vec<RefusedParam> {
        self.refused.get(model).cloned().unwrap_or_default()
    }

    pub(crate) fn structure(&self, model: &str) -> Option<StructuredMode> {
        self.structures.get(model).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_be_read_are_not_written_over() {
        assert!(ConnectionSettings::changed("{", |settings| settings.structures.clear()).is_err());
    }
}
