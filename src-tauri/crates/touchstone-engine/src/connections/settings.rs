//! What a connection says beside its name and endpoint, as its row keeps it: JSON without secrets.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use touchstone_providers::{ListedModel, StructuredMode};
use touchstone_store::ConnectionRow;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Vertex AI: instead of the credentials' own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Vertex AI: who signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Ids that the user entered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added_models: Vec<String>,
    /// What the provider listed for this key last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<Listing>,
    /// How each model is held to a schema, where a test found that out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub structures: BTreeMap<String, StructuredMode>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listing {
    pub at: String,
    pub models: Vec<Listed>,
}

/// A model as the provider lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Listed {
    pub id: String,
    pub name: Option<String>,
    pub context_tokens: Option<u32>,
    pub output_tokens_max: Option<u32>,
    pub has_vision: Option<bool>,
    /// A day, as `2027-01-14`.
    pub retires: Option<String>,
}

impl From<ListedModel> for Listed {
    fn from(model: ListedModel) -> Self {
        // Vendors write a moment or a day.
        let day = |text: String| text.get(..10).map_or_else(|| text.clone(), str::to_owned);
        Self {
            id: model.id,
            name: model.name,
            context_tokens: model.context_tokens,
            output_tokens_max: model.output_tokens_max,
            has_vision: model.has_vision,
            retires: model.retires.map(day),
        }
    }
}

impl ConnectionSettings {
    pub(crate) fn of(row: &ConnectionRow) -> Self {
        Self::parse(&row.settings)
    }

    /// What cannot be read counts as not set: nothing in it is worth losing the connection for.
    pub(crate) fn parse(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_default()
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are written as JSON")
    }

    pub(crate) fn structure(&self, model: &str) -> Option<StructuredMode> {
        self.structures.get(model).copied()
    }
}
