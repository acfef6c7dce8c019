//! Azure OpenAI and Azure AI Foundry: other vendors' words at an endpoint of the user's own.
//!
//! What is pasted decides what is spoken; `azure/target.rs` reads it.

mod target;
#[cfg(test)]
mod tests;

use crate::anthropic;
use crate::body::Body;
use crate::catalogue::{Model, find_model};
use crate::chat::{ChatError, ChatErrorKind, ChatModel, ChatReply, ChatRequest, Fault, KeyCheck, LeftOut};
use crate::chat_format::{self, Dialect};
use crate::check::{self, TestReport};
use crate::limits;
use crate::line::{Line, Options};
use crate::media::{self, MediaLimits};
use crate::openai::{self, key_check};
use crate::params;
use crate::reply::{Rules, Verdict};
use crate::structured::StructuredMode;
use crate::wire::{Speech as Words, Wire};
use async_trait::async_trait;
use serde_json::Value;
use target::{Speech, Target};
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_net::{Client, Credential};

static RULES: Rules = Rules {
    sort,
    endpoint_hint: "",
    key_hint: ", or the endpoint is not the one that the key belongs to",
    request_id: "x-request-id",
};

/// Where models are deployed, one that is missing is a deployment that is.
fn sort(status: u16, body: &Value, everything: &str) -> Option<Verdict> {
    if status == 404 && body["error"]["code"] == "DeploymentNotFound" {
        return Some((ChatErrorKind::NotFound, Fault::Deployment));
    }
    chat_format::sort(status, body, everything)
}

/// Models that are not OpenAI's know the older name of the output limit.
const INFERENCE: Dialect = Dialect { output_limit: "max_tokens", structure: StructuredMode::JsonSchema };

/// The deployment that a pasted address of Azure names, if it names one; in words why it cannot be used, otherwise.
pub fn deployment_in(endpoint: &str) -> Result<Option<String>, String> {
    target::named(endpoint)
}

/// A deployment in Azure.
#[derive(Debug)]
pub(crate) struct AzureModel {
    provider: Provider,
    line: Line,
    target: Target,
    /// What the deployment is named after, or what the user says that it is: it decides parameters and price.
    base_model: Option<String>,
}

impl AzureModel {
    /// A deployment of Azure OpenAI. `endpoint` is pasted in any of its forms; what it names wins over `deployment`.
    /// In words why it cannot be used, otherwise.
    pub(crate) fn openai(
        client: Client,
        endpoint: &str,
        deployment: &str,
        key: Secret,
        base_model: Option<&str>,
        options: &Options,
    ) -> Result<Self, String> {
        let target = target::azure_openai(endpoint, deployment)?;
        Ok(Self::new(Provider::AzureOpenAi, client, target, key, base_model, options))
    }

    /// A model of Azure AI Foundry at its Target URI.
    pub(crate) fn foundry(
        client: Client,
        endpoint: &str,
        model: &str,
        key: Secret,
        options: &Options,
    ) -> Result<Self, String> {
        let target = target::foundry(endpoint, model)?;
        Ok(Self::new(Provider::Foundry, client, target, key, None, options))
    }

    fn new(
        provider: Provider,
        client: Client,
        mut target: Target,
        key: Secret,
        base_model: Option<&str>,
        options: &Options,
    ) -> Self {
        target.base = options.base(&target.base).to_owned();
        let (credential, rules) = match target.speech {
            Speech::Anthropic => (Credential::Header("x-api-key".into(), key), &anthropic::RULES),
            Speech::Serverless => (Credential::Bearer(key), &RULES),
            Speech::V1 | Speech::Dated { .. } | Speech::Inference { .. } => {
                (Credential::Header("api-key".into(), key), &RULES)
            }
        };
        let line = Line::new(client, target.url(), vec![credential], rules).with(options);
        let base_model = base_model.map(str::trim).filter(|model| !model.is_empty()).map(str::to_owned);
        Self { provider, line, target, base_model }
    }

    fn known(&self) -> Option<&'static Model> {
        find_model(self.provider, self.base_model.as_deref().unwrap_or(&self.target.deployment))
    }

    fn rules_of(&self) -> params::Rules<'static> {
        params::Rules { model: self.known(), foreign: openai::FOREIGN }
    }

    /// The request for the deployment, whatever the request calls it.
    fn named(&self, request: &ChatRequest) -> ChatRequest {
        ChatRequest { model: self.target.deployment.clone(), ..request.clone() }
    }

    fn headers(&self, body: &Value) -> Vec<(&'static str, &'static str)> {
        match self.target.speech {
            Speech::Anthropic => vec![anthropic::version(body)],
            // What the API does not know goes on to the model.
            Speech::Inference { .. } => vec![("extra-parameters", "pass-through")],
            _ => Vec::new(),
        }
    }

    /// The same resource by the older addresses, which some clouds and gateways know alone.
    fn by_date(&self) -> Option<Self> {
        let target = self.target.by_date()?;
        let line = Line { endpoint: target.url(), ..self.line.clone() };
        Some(Self { provider: self.provider, line, target, base_model: self.base_model.clone() })
    }
}

#[async_trait]
impl ChatModel for AzureModel {
    fn provider(&self) -> Provider {
        self.provider
    }

    fn endpoint(&self) -> &str {
        &self.line.endpoint
    }

    fn body(&self, request: &ChatRequest) -> Body {
        let request = self.named(request);
        match self.target.speech {
            Speech::Anthropic => anthropic::body(&request, self.known()).into(),
            Speech::V1 | Speech::Dated { .. } => chat_format::body(&request, openai::DIALECT, self.rules_of()),
            Speech::Inference { .. } | Speech::Serverless => chat_format::body(&request, INFERENCE, self.rules_of()),
        }
    }

    fn left_out(&self, request: &ChatRequest) -> Vec<LeftOut> {
        match self.target.speech {
            Speech::Anthropic => anthropic::left_out(request, self.known()),
            _ => chat_format::left_out(request, self.rules_of()),
        }
    }

    fn wire(&self, body: &Value) -> Option<Wire> {
        let base = &self.target.base;
        let chat = |base: String| Words::OpenAi { base, api_version: None };
        let words = match &self.target.speech {
            Speech::V1 => chat(format!("{base}/openai/v1")),
            Speech::Dated { version } => Words::AzureOpenAi { endpoint: base.clone(), api_version: version.clone() },
            Speech::Anthropic => Words::Anthropic { base: format!("{base}/anthropic") },
            Speech::Inference { version } => {
                Words::OpenAi { base: format!("{base}/models"), api_version: Some(version.clone()) }
            }
            Speech::Serverless => chat(format!("{base}/v1")),
        };
        Some(self.line.wire(self.line.endpoint.clone(), &self.headers(body), body.clone(), words))
    }

    fn media_limits(&self) -> MediaLimits {
        match self.target.speech {
            Speech::Anthropic => anthropic::MEDIA_LIMITS,
            Speech::V1 | Speech::Dated { .. } => openai::MEDIA_LIMITS,
            Speech::Inference { .. } | Speech::Serverless => MediaLimits::UNKNOWN,
        }
    }

    fn structures(&self, _: &str) -> &'static [StructuredMode] {
        match self.target.speech {
            Speech::Anthropic => anthropic::STRUCTURES,
            _ => chat_format::STRUCTURES,
        }
    }

    fn must_be_probed(&self) -> bool {
        self.target.speech != Speech::Anthropic
    }

    async fn ask(&self, request: &ChatRequest, body: &Body) -> Result<ChatReply, ChatError> {
        let headers = self.headers(body);
        let sent = match self.target.speech {
            Speech::Anthropic => anthropic::written(body, request),
            _ => media::sent(body, request),
        };
        let (reply, latency_ms) = self.line.post(&self.line.endpoint, &headers, sent, self.line.ask_timeout).await?;
        let reader = self.line.reader(&self.target.deployment);
        let read = match self.target.speech {
            Speech::Anthropic => anthropic::read(&reader, &reply, latency_ms),
            _ => chat_format::read(&reader, &reply, latency_ms),
        };
        limits::noted(&reply, read)
    }

    /// Proves the key; only the question proves the deployment.
    async fn check_key(&self, model: &str) -> Result<KeyCheck, ChatError> {
        if self.target.speech != Speech::V1 {
            return Ok(KeyCheck::Unknown);
        }
        let reply = self.line.get(&format!("{}/openai/v1/models", self.target.base), &[]).await?;
        key_check(self.line.reader(model).json(&reply))
    }

    async fn test(&self, model: &str) -> TestReport {
        let report = check::test(self, &self.line, model).await;
        if report.fault != Some(Fault::Endpoint) {
            return report;
        }
        let Some(older) = self.by_date() else { return report };
        let request = check::test_question(model);
        let body = older.body(&request);
        match tokio::time::timeout(self.line.test_timeout, older.ask(&request, &body)).await {
            Ok(Ok(_)) => report.suggest(older.line.endpoint),
            // A deployment that is missing there is still an address that exists.
            Ok(Err(error)) if error.kind == ChatErrorKind::Truncated || error.fault == Fault::Deployment => {
                report.suggest(older.line.endpoint)
            }
            _ => report,
        }
    }
}
