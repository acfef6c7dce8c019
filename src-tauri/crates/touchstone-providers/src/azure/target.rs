//! What a pasted Azure address means: users paste a resource's host, a Target URI, or anything between.

use crate::gemini::path_segment;
use touchstone_net::parse_address;

/// The last dated version that is no preview.
const DATED_DEFAULT: &str = "2024-10-21";

/// The version of the older inference API, where the address names none.
const INFERENCE_DEFAULT: &str = "2024-05-01-preview";

/// How addresses end that belong to models which do not chat.
const NO_CHAT: [&str; 4] = ["/embeddings", "/images/generations", "/audio/transcriptions", "/audio/speech"];

/// The hosts at which a resource answers, after its name.
const HOSTS: [&str; 3] = [".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com"];

/// What is spoken at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Speech {
    /// OpenAI chat without a date, the deployment as the model.
    V1,
    /// OpenAI chat of a date, the deployment in the path.
    Dated {
        version: String,
    },
    Anthropic,
    /// The Model Inference API of older Foundry resources.
    Inference {
        version: String,
    },
    /// A model with a host of its own.
    Serverless,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Scheme, host and what a gateway puts before the vendor's path.
    pub base: String,
    pub speech: Speech,
    pub deployment: String,
}

impl Target {
    /// The address to call.
    pub(super) fn url(&self) -> String {
        let base = &self.base;
        match &self.speech {
            Speech::V1 => format!("{base}/openai/v1/chat/completions"),
            Speech::Dated { version } => {
                let deployment = path_segment(&self.deployment);
                format!("{base}/openai/deployments/{deployment}/chat/completions?api-version={version}")
            }
            Speech::Anthropic => format!("{base}/anthropic/v1/messages"),
            Speech::Inference { version } => format!("{base}/models/chat/completions?api-version={version}"),
            Speech::Serverless => format!("{base}/v1/chat/completions"),
        }
    }

    /// Where the resource tells about itself to its key and takes nothing for it. Of a model with a host of its own that is
    /// what it is; an older inference API has no list, and the resource that it belongs to has one.
    pub(super) fn list_url(&self) -> String {
        let base = &self.base;
        match &self.speech {
            Speech::V1 | Speech::Inference { .. } => format!("{base}/openai/v1/models"),
            Speech::Dated { version } => format!("{base}/openai/models?api-version={version}"),
            Speech::Anthropic => format!("{base}/anthropic/v1/models?limit=1"),
            Speech::Serverless => format!("{base}/info"),
        }
    }

    /// The resource and the deployment: neither knows capitals, and a resource has a host for each of its services.
    pub(super) fn id(&self) -> String {
        let base = self.base.split_once("://").map_or(self.base.as_str(), |(_, rest)| rest).to_ascii_lowercase();
        let resource = HOSTS.iter().find_map(|host| base.strip_suffix(host)).unwrap_or(&base);
        format!("{resource} {}", self.deployment.to_ascii_lowercase())
    }

    /// The same deployment by the dated address, if this is not one.
    pub(super) fn by_date(&self) -> Option<Self> {
        let speech = Speech::Dated { version: DATED_DEFAULT.to_owned() };
        (self.speech == Speech::V1).then(|| Self { speech, ..self.clone() })
    }
}

/// An address, taken apart at the path that is Azure's own.
struct Pasted {
    base: String,
    host: String,
    /// From the first segment that is Azure's on; empty for a bare host.
    path: String,
    version: Option<String>,
}

pub(super) fn azure_openai(endpoint: &str, deployment: &str) -> Result<Target, String> {
    let pasted = pasted(endpoint, &["openai"])?;
    let (speech, named) = openai_speech(&pasted);
    target(pasted.base, speech, named.as_deref().unwrap_or(deployment), "deployment")
}

pub(super) fn foundry(endpoint: &str, model: &str) -> Result<Target, String> {
    let pasted = pasted(endpoint, &["openai", "anthropic", "models", "api", "v1", "chat"])?;
    let first = pasted.path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let (speech, named) = match first {
        "anthropic" => (Speech::Anthropic, None),
        "models" => {
            let version = pasted.version.clone().unwrap_or_else(|| INFERENCE_DEFAULT.to_owned());
            (Speech::Inference { version }, None)
        }
        _ if pasted.host.ends_with(".models.ai.azure.com") => (Speech::Serverless, None),
        "openai" => openai_speech(&pasted),
        _ if model.trim().starts_with("claude-") => (Speech::Anthropic, None),
        // `/api/projects/…` manages; the same host answers elsewhere.
        _ => (Speech::V1, None),
    };
    target(pasted.base, speech, named.as_deref().unwrap_or(model), "model")
}

/// The deployment that a pasted address names, if it names one; in words why nothing at it chats, otherwise.
pub(super) fn named(endpoint: &str) -> Result<Option<String>, String> {
    let path = endpoint.trim().split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    if let Some(step) = NO_CHAT.iter().find(|step| path.ends_with(*step)) {
        return Err(format!(
            "an address that ends in {step} takes no chat; paste the Target URI of a model that chats"
        ));
    }
    Ok(openai_speech(&pasted(endpoint, &["openai"])?).1)
}

fn target(base: String, speech: Speech, deployment: &str, what: &str) -> Result<Target, String> {
    let deployment = deployment.trim().to_owned();
    if deployment.is_empty() {
        return Err(format!("enter the name of the {what}"));
    }
    Ok(Target { base, speech, deployment })
}

/// How OpenAI is spoken at an address, and the deployment that it names.
fn openai_speech(pasted: &Pasted) -> (Speech, Option<String>) {
    let mut segments = pasted.path.split('/').skip_while(|segment| *segment != "deployments").skip(1);
    let deployment = segments.next().filter(|name| !name.is_empty()).map(str::to_owned);
    let is_dated = |version: &&String| version.starts_with(|char: char| char.is_ascii_digit());
    match (&deployment, pasted.version.as_ref().filter(is_dated)) {
        (None, None) => (Speech::V1, None),
        (None, Some(_)) if pasted.path.starts_with("/openai/v1") => (Speech::V1, None),
        (_, version) => {
            let version = version.cloned().unwrap_or_else(|| DATED_DEFAULT.to_owned());
            (Speech::Dated { version }, deployment)
        }
    }
}

fn pasted(endpoint: &str, own: &[&str]) -> Result<Pasted, String> {
    let endpoint = endpoint.trim();
    let example = "for example https://my-resource.openai.azure.com";
    if endpoint.is_empty() {
        return Err(format!("enter the endpoint, {example}"));
    }
    let address = parse_address(endpoint)
        .ok_or_else(|| format!("the endpoint must start with https:// and name a host, {example}"))?;
    if address.has_credentials {
        return Err("take the user name and password out of the endpoint; the key has a field of its own".to_owned());
    }
    let query = endpoint.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    let version = query.split('&').find_map(|pair| pair.strip_prefix("api-version="));
    let is_version = |version: &&str| version.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let version = version.filter(is_version).filter(|version| !version.is_empty()).map(str::to_owned);
    let origin_end =
        address.url.len() - address.url.split_once("://").map_or("", |(_, rest)| rest).len() + address.host.len();
    let (origin, path) = address.url.split_at(origin_end);
    let mut at = 0;
    let mut found = path.len();
    for segment in path.split('/') {
        if own.contains(&segment) {
            found = at.max(1) - 1;
            break;
        }
        at += segment.len() + 1;
    }
    let (prefix, path) = path.split_at(found);
    Ok(Pasted { base: format!("{origin}{prefix}"), host: address.host, path: path.to_owned(), version })
}
