//! OpenAI: the chat format at its source. Wire format: `POST {base}/chat/completions`, `GET {base}/models`.

use crate::batch::BatchApi;
use crate::body::Body;
use crate::catalogue::find_model;
use crate::chat::{ChatError, ChatErrorKind, ChatModel, ChatReply, ChatRequest, Fault, KeyCheck, LeftOut, ListedModel};
use crate::chat_format::{self, Dialect};
use crate::check::{self, TestReport};
use crate::limits;
use crate::line::{Line, Options};
use crate::media::{self, MediaLimits};
use crate::params;
use crate::reply::Rules;
use crate::structured::StructuredMode;
use crate::wire::Wire;
use async_trait::async_trait;
use serde_json::Value;
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_net::{Client, Credential, Via, parse_address};

const BASE: &str = "https://api.openai.com/v1";

static RULES: Rules = Rules { sort: chat_format::sort, endpoint_hint: "", key_hint: "", request_id: "x-request-id" };

/// Reasoning counts towards the limit under its newer name; the older one is refused by models that reason.
pub(crate) const DIALECT: Dialect =
    Dialect { output_limit: "max_completion_tokens", structure: StructuredMode::JsonSchema };

pub(crate) const MEDIA_LIMITS: MediaLimits =
    MediaLimits { request_bytes_max: Some(50_000_000), ..MediaLimits::UNKNOWN };

/// What other vendors have and the chat format at OpenAI and Azure has not.
pub(crate) const FOREIGN: &[&str] = &["top_k", "thinking_level", "thinking_budget"];

/// OpenAI's models.
#[derive(Debug)]
pub(crate) struct OpenAiModel {
    line: Line,
    /// Somebody else's server stands for OpenAI's.
    is_gateway: bool,
}

impl OpenAiModel {
    pub(crate) fn new(client: Client, key: Secret, options: &Options) -> Self {
        let endpoint = with_version(options.base(BASE));
        let line = Line::new(client, endpoint, vec![Credential::Bearer(key)], &RULES).with(options);
        Self { line, is_gateway: options.base_url.is_some() }
    }

    /// The way to it, for its batches.
    pub(crate) fn line(&self) -> &Line {
        &self.line
    }
}

/// A base URL that is nothing but a host gets the version that the vendor's own has.
fn with_version(base: &str) -> String {
    let is_bare = parse_address(base).is_some_and(|address| address.url.ends_with(&address.host));
    if is_bare { format!("{base}/v1") } else { base.to_owned() }
}

fn rules_of(request: &ChatRequest) -> params::Rules<'static> {
    let model = find_model(Provider::OpenAi, &request.model);
    params::Rules { model, foreign: FOREIGN, thinks: params::thinks(request) }
}

/// A key that may chat need not be allowed to list models.
pub(crate) fn key_check(listed: Result<Value, ChatError>) -> Result<KeyCheck, ChatError> {
    match listed {
        Ok(_) => Ok(KeyCheck::Accepted),
        Err(error) if error.kind == ChatErrorKind::NotPermitted => Ok(KeyCheck::CannotList),
        Err(error) => Err(error),
    }
}

#[async_trait]
impl ChatModel for OpenAiModel {
    // Its count of tokens (`POST /v1/responses/input_tokens`) takes requests of the Responses API, whose members are others;
    // what it would say of a chat completion written anew is not what that is billed.

    fn provider(&self) -> Provider {
        Provider::OpenAi
    }

    fn endpoint(&self) -> &str {
        &self.line.endpoint
    }

    fn body(&self, request: &ChatRequest) -> Body {
        chat_format::body(request, DIALECT, rules_of(request))
    }

    fn left_out(&self, request: &ChatRequest) -> Vec<LeftOut> {
        chat_format::left_out(request, rules_of(request))
    }

    fn wire(&self, body: &Value) -> Option<Wire> {
        Some(chat_format::wire(&self.line, body))
    }

    fn via(&self) -> Option<Via> {
        self.line.via()
    }

    fn media_limits(&self) -> MediaLimits {
        MEDIA_LIMITS
    }

    fn structures(&self, _: &str) -> &'static [StructuredMode] {
        if self.is_gateway {
            return chat_format::STRUCTURES;
        }
        &[StructuredMode::JsonSchema, StructuredMode::JsonObject, StructuredMode::Instruction]
    }

    /// Older models of the vendor's own do not know the strongest form either.
    fn must_be_probed(&self) -> bool {
        true
    }

    async fn ask(&self, request: &ChatRequest, body: &Body) -> Result<ChatReply, ChatError> {
        let url = chat_format::url(&self.line.endpoint);
        let (reply, latency_ms) = self.line.post(&url, &[], media::sent(body, request), self.line.ask_timeout).await?;
        limits::noted(&reply, chat_format::read(&self.line.reader(&request.model), &reply, latency_ms))
    }

    fn batches(&self) -> Option<&dyn BatchApi> {
        Some(self)
    }

    async fn check_key(&self, model: &str) -> Result<KeyCheck, ChatError> {
        let reply = self.line.get(&format!("{}/models", self.line.endpoint), &[]).await?;
        key_check(self.line.reader(model).json(&reply))
    }

    fn may_give_logprobs(&self, model: &str) -> bool {
        params::takes_logprobs(find_model(Provider::OpenAi, model))
    }

    async fn test(&self, model: &str) -> TestReport {
        let report = check::test(self, &self.line, model).await;
        match report.fault {
            Some(Fault::Endpoint | Fault::Model) if self.is_gateway => {
                match chat_format::endpoint_with_version(&self.line).await {
                    Some(endpoint) => report.suggest(endpoint),
                    None => report,
                }
            }
            _ => report,
        }
    }

    async fn models(&self) -> Result<Option<Vec<ListedModel>>, ChatError> {
        let reply = self.line.get(&format!("{}/models", self.line.endpoint), &[]).await?;
        Ok(chat_format::models(&self.line.reader("").json(&reply)?))
    }
}

#[cfg(test)]
mod tests;
