//! Custom LLM: any server that speaks the OpenAI chat format, such as Ollama, vLLM, llama.cpp or LM Studio.
//!
//! Wire format: `POST {endpoint}/chat/completions`. Unless a probe found something stronger, the answer's form is asked
//! for with `"response_format": {"type": "json_object", "schema": …}`, which is what Label Studio asks of a custom model.

#[cfg(test)]
mod tests;

use crate::body::Body;
use crate::chat::{
    ChatError, ChatErrorKind, ChatModel, ChatReply, ChatRequest, Fault, KeyCheck, LeftOut, ListedModel, Logprobs,
};
use crate::chat_format::{self, Dialect};
use crate::check::{self, TestReport};
use crate::limits;
use crate::line::{Line, Options};
use crate::media;
use crate::openai::key_check;
use crate::params;
use crate::reply::Rules;
use crate::structured::StructuredMode;
use crate::wire::Wire;
use async_trait::async_trait;
use serde_json::Value;
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_net::{Client, Credential, Via};

/// Where the auth token goes when the API key already takes `Authorization`.
const AUTH_TOKEN_HEADER: &str = "x-auth-token";

static RULES: Rules = Rules {
    sort: chat_format::sort,
    endpoint_hint: "; it usually ends in /v1",
    key_hint: "",
    request_id: "x-request-id",
};

/// The output limit goes by its older name, because local servers do not know the newer one.
const DIALECT: Dialect = Dialect { output_limit: "max_tokens", structure: StructuredMode::JsonObjectWithSchema };

/// A model on an OpenAI-compatible server.
#[derive(Debug)]
pub(crate) struct CustomModel {
    line: Line,
}

impl CustomModel {
    /// `endpoint` is a base URL as [`crate::parse_endpoint`] gives it. With an API key the auth token travels in
    /// `X-Auth-Token`; alone, it is the bearer.
    pub(crate) fn new(client: Client, endpoint: String, api_key: Option<Secret>, auth_token: Option<Secret>) -> Self {
        let credentials = match (api_key, auth_token) {
            (Some(key), Some(token)) => {
                vec![Credential::Bearer(key), Credential::Header(AUTH_TOKEN_HEADER.into(), token)]
            }
            (Some(secret), None) | (None, Some(secret)) => vec![Credential::Bearer(secret)],
            (None, None) => Vec::new(),
        };
        Self { line: Line::new(client, endpoint, credentials, &RULES) }
    }

    /// The same server, reached as `options` say.
    #[must_use]
    pub(crate) fn with(mut self, options: &Options) -> Self {
        let endpoint = options.base(&self.line.endpoint).to_owned();
        let credentials = std::mem::take(&mut self.line.credentials);
        self.line = Line::new(self.line.client.clone(), endpoint, credentials, &RULES).with(options);
        self
    }

    /// Asks `model` one short question and says in words how it went.
    pub(crate) async fn test(&self, model: &str) -> TestReport {
        let report = check::test(self, &self.line, model).await;
        match report.fault {
            Some(Fault::Endpoint | Fault::Model) => match chat_format::endpoint_with_version(&self.line).await {
                Some(endpoint) => report.suggest(endpoint),
                None => report,
            },
            // Behind a proxy it may be the proxy that does not answer.
            Some(Fault::Timeout) if self.line.via().is_none() => {
                report.adding("It may still be loading its model; try again in a while.")
            }
            _ => report,
        }
    }
}

#[async_trait]
impl ChatModel for CustomModel {
    fn provider(&self) -> Provider {
        Provider::Custom
    }

    fn endpoint(&self) -> &str {
        &self.line.endpoint
    }

    fn body(&self, request: &ChatRequest) -> Body {
        chat_format::body(request, DIALECT, params::Rules::ANY)
    }

    fn left_out(&self, request: &ChatRequest) -> Vec<LeftOut> {
        chat_format::left_out(request, params::Rules::ANY)
    }

    fn wire(&self, body: &Value) -> Option<Wire> {
        Some(chat_format::wire(&self.line, body))
    }

    fn via(&self) -> Option<Via> {
        self.line.via()
    }

    fn structures(&self, _: &str) -> &'static [StructuredMode] {
        chat_format::STRUCTURES
    }

    fn must_be_probed(&self) -> bool {
        true
    }

    async fn ask(&self, request: &ChatRequest, body: &Body) -> Result<ChatReply, ChatError> {
        let url = chat_format::url(&self.line.endpoint);
        let (reply, latency_ms) = self.line.post(&url, &[], media::sent(body, request), self.line.ask_timeout).await?;
        limits::noted(&reply, chat_format::read(&self.line.reader(&request.model), &reply, latency_ms))
    }

    async fn test(&self, model: &str) -> TestReport {
        Self::test(self, model).await
    }

    /// Lists models, if there is a key that this could prove. A server may have no list, or one that breaks: then only the
    /// question tells.
    async fn check_key(&self, model: &str) -> Result<KeyCheck, ChatError> {
        if self.line.credentials.is_empty() {
            return Ok(KeyCheck::Unknown);
        }
        match self.line.get(&format!("{}/models", self.line.endpoint), &[]).await {
            Ok(reply) => key_check(self.line.reader(model).json(&reply)),
            Err(error) if error.fault == Fault::Network => Ok(KeyCheck::Unknown),
            Err(error) => Err(error),
        }
    }

    async fn gives_logprobs(&self, model: &str) -> Result<Option<Logprobs>, ChatError> {
        let mut body = Value::clone(&self.body(&check::test_question(model)));
        body["logprobs"] = Value::from(true);
        let url = format!("{}/chat/completions", self.line.endpoint);
        let (reply, _) = self.line.post(&url, &[], body.to_string(), self.line.ask_timeout).await?;
        let reader = self.line.reader(model);
        match reader.json(&reply) {
            Ok(body) => {
                let are_given = chat_format::gives_logprobs(&body);
                Ok(Some(Logprobs { are_given, took: Some(chat_format::usage(&body["usage"])) }))
            }
            // A server that does not know the field mostly leaves it out in silence; some refuse it.
            Err(error) if matches!(error.kind, ChatErrorKind::BadRequest | ChatErrorKind::Unsupported) => {
                Ok(Some(Logprobs { are_given: false, took: None }))
            }
            Err(error) => Err(error),
        }
    }

    async fn models(&self) -> Result<Option<Vec<ListedModel>>, ChatError> {
        let reply = self.line.get(&format!("{}/models", self.line.endpoint), &[]).await?;
        Ok(chat_format::models(&self.line.reader("").json(&reply)?))
    }
}
