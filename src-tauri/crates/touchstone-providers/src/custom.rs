//! Custom LLM: any server that speaks the OpenAI chat format, such as Ollama, vLLM, llama.cpp or LM Studio.
//!
//! Wire format: `POST {endpoint}/chat/completions`. The answer's form is asked for with
//! `"response_format": {"type": "json_object", "schema": …}`, which is what Label Studio asks of a custom model. What
//! comes back is sorted in `custom/reply.rs`.

mod reply;
#[cfg(test)]
mod tests;

use crate::chat::{ChatError, ChatErrorKind, ChatMessage, ChatModel, ChatReply, ChatRequest};
use async_trait::async_trait;
use reply::{Reader, failure};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};
use touchstone_domain::prompt::{Provider, Role};
use touchstone_domain::secret::Secret;
use touchstone_net::{Client, Credential, NetError, parse_address};

/// How long one answer may take: a local server may first have to load its model.
const ASK_TIMEOUT: Duration = Duration::from_secs(300);

/// How long a test of a connection may take.
const TEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Where the auth token goes when the API key already takes `Authorization`.
const AUTH_TOKEN_HEADER: &str = "x-auth-token";

/// A model on an OpenAI-compatible server.
#[derive(Debug)]
pub struct CustomModel {
    client: Client,
    endpoint: String,
    /// Host and port, for words.
    host: String,
    /// What is sent can be read on its way.
    is_exposed: bool,
    credentials: Vec<Credential>,
    ask_timeout: Duration,
    test_timeout: Duration,
}

/// What a test of a connection found, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestReport {
    pub ok: bool,
    pub message: String,
    pub latency_ms: Option<u32>,
    /// An endpoint that answers where the given one does not.
    pub suggested_endpoint: Option<String>,
}

impl CustomModel {
    /// `endpoint` is a base URL as [`crate::parse_endpoint`] gives it. With an API key the auth token travels in
    /// `X-Auth-Token`; alone, it is the bearer.
    pub fn new(client: Client, endpoint: String, api_key: Option<Secret>, auth_token: Option<Secret>) -> Self {
        let credentials = match (api_key, auth_token) {
            (Some(key), Some(token)) => {
                vec![Credential::Bearer(key), Credential::Header(AUTH_TOKEN_HEADER.into(), token)]
            }
            (Some(secret), None) | (None, Some(secret)) => vec![Credential::Bearer(secret)],
            (None, None) => Vec::new(),
        };
        let address = parse_address(&endpoint);
        let is_exposed = address.as_ref().is_some_and(|address| !address.is_encrypted && !address.is_loopback);
        let host = address.map_or_else(|| endpoint.clone(), |address| address.host);
        Self { client, endpoint, host, is_exposed, credentials, ask_timeout: ASK_TIMEOUT, test_timeout: TEST_TIMEOUT }
    }

    /// Asks `model` one short question and says in words how it went.
    pub async fn test(&self, model: &str) -> TestReport {
        let started = Instant::now();
        let outcome = self.ask_within(model, &self.body(&test_question(model)), self.test_timeout).await;
        let mut report = match outcome {
            Ok(reply) => {
                let seconds = f64::from(reply.latency_ms) / 1000.0;
                let held = crate::json_of(&reply.content).is_ok_and(|answer| answer["ready"] == "yes");
                let message = if held {
                    format!("Works: {model} answered in {seconds:.1} s, in the form that was asked for.")
                } else if reply.content.trim().is_empty() {
                    format!("{model} answered in {seconds:.1} s, but its answer is empty.")
                } else {
                    format!(
                        "{model} answered in {seconds:.1} s, but not in the form that was asked for: “{}”. \
                         Answers that leave the form count as failed.",
                        self.reader(model).quoted(&reply.content)
                    )
                };
                TestReport { ok: held, message, latency_ms: Some(reply.latency_ms), suggested_endpoint: None }
            }
            Err(error) => {
                let suggested_endpoint = match error.kind {
                    ChatErrorKind::NotFound | ChatErrorKind::Malformed => {
                        self.endpoint_with_version(self.test_timeout.saturating_sub(started.elapsed())).await
                    }
                    _ => None,
                };
                let message = match &suggested_endpoint {
                    Some(endpoint) => format!("{} The server answers at {endpoint}.", error.message),
                    None if error.kind == ChatErrorKind::Timeout => {
                        format!("{} It may still be loading its model; try again in a while.", error.message)
                    }
                    None => error.message,
                };
                TestReport { ok: false, message, latency_ms: None, suggested_endpoint }
            }
        };
        if self.is_exposed && !self.credentials.is_empty() {
            report.message.push_str(" The key travels unencrypted: the endpoint is http, and not on this computer.");
        }
        report
    }

    /// The endpoint with `/v1`, if it lacks one and a model list is found there.
    async fn endpoint_with_version(&self, timeout: Duration) -> Option<String> {
        if self.endpoint.ends_with("/v1") {
            return None;
        }
        let endpoint = format!("{}/v1", self.endpoint);
        let reply = self.client.get(&format!("{endpoint}/models"), &self.credentials, timeout).await.ok()?;
        let lists_models = serde_json::from_slice::<Value>(&reply.body).is_ok_and(|body| body["data"].is_array());
        (reply.status == 200 && lists_models).then_some(endpoint)
    }

    async fn ask_within(&self, model: &str, body: &Value, timeout: Duration) -> Result<ChatReply, ChatError> {
        let started = Instant::now();
        let url = format!("{}/chat/completions", self.endpoint);
        let outcome = self.client.post_json(&url, &self.credentials, body, timeout).await;
        let latency_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        match outcome {
            Ok(reply) => self.reader(model).read(&reply, latency_ms),
            Err(error) => Err(self.no_reply(error, timeout)),
        }
    }

    fn reader<'q>(&'q self, model: &'q str) -> Reader<'q> {
        Reader { host: &self.host, model, credentials: &self.credentials }
    }

    fn no_reply(&self, error: NetError, timeout: Duration) -> ChatError {
        use ChatErrorKind::*;
        let host = &self.host;
        let (kind, message) = match error {
            NetError::Refused => (Network, format!("Nothing is listening on {host}. Is the server running?")),
            NetError::UnknownHost => {
                (Network, format!("The host {host} could not be found. Check the endpoint and the network."))
            }
            NetError::Tls => (
                Network,
                format!("No secure connection to {host}: its certificate is not trusted, or it does not speak https."),
            ),
            NetError::Timeout => (Timeout, format!("{host} did not answer within {} s.", timeout.as_secs_f64())),
            NetError::TooLarge(_) | NetError::Redirected => (Malformed, format!("{host}: {error}.")),
            NetError::InvalidUrl | NetError::Unusable => (NotFound, format!("{host}: {error}.")),
            NetError::InvalidCredential => {
                (KeyRejected, "The key or token holds a character that cannot be sent; enter it again.".to_owned())
            }
            NetError::Broken => (Network, format!("The connection to {host} broke before the answer was complete.")),
        };
        failure(kind, message)
    }
}

/// A question whose only allowed answer is known.
fn test_question(model: &str) -> ChatRequest {
    ChatRequest {
        model: model.to_owned(),
        messages: vec![ChatMessage::new(
            Role::User,
            "Answer with the JSON object {\"ready\": \"yes\"} and nothing else.",
        )],
        schema: json!({
            "type": "object",
            "properties": {"ready": {"type": "string", "enum": ["yes"]}},
            "required": ["ready"],
        }),
        params: Map::new(),
        inputs: Vec::new(),
    }
}

/// A tool call's `type`, which is in capitals in the Arize API, as the chat format spells it.
fn in_lower_case_types(calls: &Value) -> Value {
    let mut calls = calls.clone();
    for call in calls.as_array_mut().into_iter().flatten() {
        if let Some(Value::String(kind)) = call.get_mut("type") {
            kind.make_ascii_lowercase();
        }
    }
    calls
}

#[async_trait]
impl ChatModel for CustomModel {
    fn provider(&self) -> Provider {
        Provider::Custom
    }

    fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// `model`, `messages`, `response_format`, then the parameters that the user set in their order; the format of the
    /// answer is always that of the labeling config. The output limit
    /// is always `max_tokens`: local servers do not know its newer name, `max_completion_tokens`.
    fn body(&self, request: &ChatRequest) -> Value {
        let messages: Vec<_> = request
            .messages
            .iter()
            .map(|message| {
                let mut sent = json!({"role": message.role.as_str(), "content": message.content});
                if let Some(id) = &message.tool_call_id {
                    sent["tool_call_id"] = Value::from(id.as_str());
                }
                if let Some(calls) = &message.tool_calls {
                    sent["tool_calls"] = in_lower_case_types(calls);
                }
                sent
            })
            .collect();
        let mut body = Map::new();
        body.insert("model".to_owned(), Value::from(request.model.as_str()));
        body.insert("messages".to_owned(), Value::from(messages));
        body.insert("response_format".to_owned(), json!({"type": "json_object", "schema": request.schema}));
        for (name, value) in &request.params {
            if name == "tool_config" {
                for part in ["tools", "tool_choice"] {
                    if let Some(value) = value.get(part) {
                        body.entry(part).or_insert_with(|| value.clone());
                    }
                }
                continue;
            }
            let name = if name == "max_completion_tokens" { "max_tokens" } else { name.as_str() };
            body.entry(name).or_insert_with(|| value.clone());
        }
        Value::Object(body)
    }

    async fn ask(&self, request: &ChatRequest, body: &Value) -> Result<ChatReply, ChatError> {
        self.ask_within(&request.model, body, self.ask_timeout).await
    }
}
