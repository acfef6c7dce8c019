//! Azure OpenAI and Azure AI Foundry: other vendors' words at an endpoint of the user's own.
//!
//! What is pasted decides what is spoken; `azure/target.rs` reads it.

mod target;
#[cfg(test)]
mod tests;

use crate::anthropic;
use crate::batch::BatchApi;
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
use std::sync::atomic::{AtomicBool, Ordering};
use target::{Speech, Target};
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_net::{Client, Credential, Via};

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

/// What tells a deployment of Azure OpenAI, or a model of Azure AI Foundry, from all others of its provider, however its
/// address is pasted: its resource and its name. `None` for an address that is none of Azure's, and for other providers.
pub fn deployment_id(provider: Provider, endpoint: &str, name: &str) -> Option<String> {
    let target = match provider {
        Provider::AzureOpenAi => target::azure_openai(endpoint, name),
        Provider::Foundry => target::foundry(endpoint, name),
        _ => return None,
    };
    target.ok().map(|target| target.id())
}

/// A deployment in Azure.
#[derive(Debug)]
pub(crate) struct AzureModel {
    provider: Provider,
    line: Line,
    target: Target,
    /// What the deployment is named after, or what the user says that it is: it decides parameters and price.
    base_model: Option<String>,
    /// A deployment of the same model that answers batches and nothing else.
    batch_deployment: Option<String>,
    /// The resource knows the addresses of a date alone, as some clouds and gateways do.
    is_dated: AtomicBool,
    /// The caller knew it already.
    was_dated: bool,
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
        Self {
            provider,
            line,
            target,
            base_model,
            batch_deployment: None,
            is_dated: AtomicBool::new(false),
            was_dated: false,
        }
    }

    /// The same deployment, of which is known whether its resource knows the addresses of a date alone.
    #[must_use]
    pub(crate) fn known_as(self, is_dated: bool) -> Self {
        Self { is_dated: AtomicBool::new(is_dated), was_dated: is_dated, ..self }
    }

    /// With a deployment for batches.
    pub(crate) fn with_batches(mut self, deployment: Option<&str>) -> Self {
        self.batch_deployment =
            deployment.map(str::trim).filter(|deployment| !deployment.is_empty()).map(str::to_owned);
        self
    }

    /// The way to it, for its batches.
    pub(crate) fn line(&self) -> &Line {
        &self.line
    }

    /// Where the resource answers by the paths that have no date.
    pub(crate) fn v1(&self) -> String {
        format!("{}/openai/v1", self.target.base)
    }

    /// The deployment that answers batches.
    pub(crate) fn batch_deployment(&self) -> &str {
        self.batch_deployment.as_deref().unwrap_or(&self.target.deployment)
    }

    /// What is called: the target, unless the resource does not know its address.
    fn called(&self) -> Target {
        let dated = self.target.by_date().filter(|_| self.is_dated.load(Ordering::Relaxed));
        dated.unwrap_or_else(|| self.target.clone())
    }

    fn known(&self) -> Option<&'static Model> {
        find_model(self.provider, self.base_model.as_deref().unwrap_or(&self.target.deployment))
    }

    fn rules_of(&self, request: &ChatRequest) -> params::Rules<'static> {
        params::Rules { model: self.known(), foreign: openai::FOREIGN, thinks: params::thinks(request) }
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

    async fn ask_at(&self, url: &str, request: &ChatRequest, body: &Body) -> Result<ChatReply, ChatError> {
        let (headers, sent) = match self.target.speech {
            Speech::Anthropic => (self.headers(body), anthropic::written(body, request)),
            // They look at no member of it.
            _ => (self.headers(&Value::Null), media::sent(body, request)),
        };
        let (reply, latency_ms) = self.line.post(url, &headers, sent, self.line.ask_timeout).await?;
        let reader = self.line.reader(&self.target.deployment);
        let read = match self.target.speech {
            Speech::Anthropic => anthropic::read(&reader, &reply, latency_ms),
            _ => chat_format::read(&reader, &reply, latency_ms),
        };
        limits::noted(&reply, read)
    }
}

/// Whether there is nothing at the address that was called. A deployment that is missing is at an address that exists.
fn is_nowhere(error: &ChatError) -> bool {
    error.kind == ChatErrorKind::NotFound && error.fault == Fault::Endpoint
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
            Speech::V1 | Speech::Dated { .. } => chat_format::body(&request, openai::DIALECT, self.rules_of(&request)),
            Speech::Inference { .. } | Speech::Serverless => {
                chat_format::body(&request, INFERENCE, self.rules_of(&request))
            }
        }
    }

    fn left_out(&self, request: &ChatRequest) -> Vec<LeftOut> {
        match self.target.speech {
            Speech::Anthropic => anthropic::left_out(request, self.known()),
            _ => chat_format::left_out(request, self.rules_of(request)),
        }
    }

    fn wire(&self, body: &Value) -> Option<Wire> {
        let called = self.called();
        let base = &called.base;
        let chat = |base: String| Words::OpenAi { base, api_version: None };
        let words = match &called.speech {
            Speech::V1 => chat(format!("{base}/openai/v1")),
            Speech::Dated { version } => Words::AzureOpenAi { endpoint: base.clone(), api_version: version.clone() },
            Speech::Anthropic => Words::Anthropic { base: format!("{base}/anthropic") },
            Speech::Inference { version } => {
                Words::OpenAi { base: format!("{base}/models"), api_version: Some(version.clone()) }
            }
            Speech::Serverless => chat(format!("{base}/v1")),
        };
        Some(self.line.wire(called.url(), &self.headers(body), body.clone(), words))
    }

    fn via(&self) -> Option<Via> {
        self.line.via()
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

    fn has_found_dated(&self) -> bool {
        self.is_dated.load(Ordering::Relaxed) && !self.was_dated
    }

    /// Where the resource does not know the address, the same deployment is asked by the dated one. The first call cost
    /// nothing, as nobody was there to answer it.
    async fn ask(&self, request: &ChatRequest, body: &Body) -> Result<ChatReply, ChatError> {
        let called = self.called();
        let first = self.ask_at(&called.url(), request, body).await;
        let Some(dated) = called.by_date().filter(|_| first.as_ref().is_err_and(is_nowhere)) else { return first };
        let second = self.ask_at(&dated.url(), request, body).await;
        match &second {
            Err(error) if is_nowhere(error) || matches!(error.fault, Fault::NothingListening | Fault::Dns) => {
                return first;
            }
            Err(error) if error.vendor.status.is_none() => {}
            _ => self.is_dated.store(true, Ordering::Relaxed),
        }
        second
    }

    fn batches(&self) -> Option<&dyn BatchApi> {
        let speaks = matches!(self.target.speech, Speech::V1 | Speech::Dated { .. });
        if speaks && self.batch_deployment.is_some() { Some(self) } else { None }
    }

    /// Proves the key; only the question proves the deployment.
    async fn check_key(&self, model: &str) -> Result<KeyCheck, ChatError> {
        let reply = self.line.get(&self.called().list_url(), &self.headers(&Value::Null)).await?;
        key_check(self.line.reader(model).json(&reply))
    }

    fn may_give_logprobs(&self, _: &str) -> bool {
        self.target.speech != Speech::Anthropic && params::takes_logprobs(self.known())
    }

    async fn test(&self, model: &str) -> TestReport {
        let report = check::test(self, &self.line, model).await;
        if self.target.speech == Speech::V1 && self.called() != self.target {
            return report.adding("The resource knows the addresses of a date alone, and is asked by them.");
        }
        report
    }
}
