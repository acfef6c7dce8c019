//! How a request leaves, told without sending it: for code that asks the same by other means.

use crate::line::Line;
use serde_json::Value;
use touchstone_net::Credential;

/// A request as it is sent, with the places of its secrets instead of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    pub url: String,
    /// Beside those of every JSON request.
    pub headers: Vec<(String, String)>,
    /// The first is the key's.
    pub secrets: Vec<SecretPlace>,
    pub body: Value,
    pub speech: Speech,
}

/// Where a secret travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// `Authorization: Bearer …`.
    Bearer,
    /// A header of this name.
    Header(String),
}

/// Whose words are spoken at an address, as the vendor's own client library takes it apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speech {
    /// OpenAI's chat format at `{base}/chat/completions`, with the version that some servers want in the query.
    OpenAi { base: String, api_version: Option<String> },
    /// The same in Azure, with the deployment in the path.
    AzureOpenAi { endpoint: String, api_version: String },
    /// `{base}/v1/messages`.
    Anthropic { base: String },
    /// `{base}/{version}/models/{model}:generateContent`.
    Gemini { base: String, version: String },
    /// The same in a project of Google Cloud.
    Vertex { base: String, version: String, project: String, location: String },
}

impl Line {
    /// A request to `url` over this line.
    pub(crate) fn wire(
        &self,
        url: String,
        headers: &[(&'static str, &'static str)],
        body: Value,
        speech: Speech,
    ) -> Wire {
        let place = |credential: &Credential| match credential {
            Credential::Bearer(_) => SecretPlace::Bearer,
            Credential::Header(name, _) => SecretPlace::Header(name.to_string()),
        };
        Wire {
            url,
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            secrets: self.credentials.iter().map(place).collect(),
            body,
            speech,
        }
    }
}
