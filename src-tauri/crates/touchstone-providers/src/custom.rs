//! Custom LLM: any server that speaks the OpenAI chat format, such as Ollama, vLLM, llama.cpp or LM Studio.
//!
//! Wire format: `POST {endpoint}/chat/completions`. The answer's form is asked for with
//! `"response_format": {"type": "json_object", "schema": …}`, which is what Label Studio asks of a custom model.

use crate::chat::{ChatError, ChatErrorKind, ChatModel, ChatReply, ChatRequest, Usage};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant, SystemTime};
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_net::{Client, Credential, NetError, Reply};

/// How long one answer may take: a local server may first have to load its model.
const ASK_TIMEOUT: Duration = Duration::from_secs(300);

/// How long a test of a connection may take.
const TEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Where the auth token goes when the API key already takes `Authorization`.
const AUTH_TOKEN_HEADER: &str = "x-auth-token";

/// How much of a server's own words an error quotes, in characters.
const QUOTED_CHARS_MAX: usize = 300;

/// A model on an OpenAI-compatible server.
#[derive(Debug)]
pub struct CustomModel {
    client: Client,
    endpoint: String,
    credentials: Vec<Credential>,
    ask_timeout: Duration,
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
            (Some(key), Some(token)) => vec![Credential::Bearer(key), Credential::Header(AUTH_TOKEN_HEADER, token)],
            (Some(secret), None) | (None, Some(secret)) => vec![Credential::Bearer(secret)],
            (None, None) => Vec::new(),
        };
        Self { client, endpoint, credentials, ask_timeout: ASK_TIMEOUT }
    }

    /// Asks `model` one short question and says in words how it went.
    pub async fn test(&self, model: &str) -> TestReport {
        let request = ChatRequest {
            model: model.to_owned(),
            messages: vec![crate::ChatMessage {
                role: touchstone_domain::prompt::Role::User,
                content: "Answer with the JSON object {\"ready\": \"yes\"} and nothing else.".to_owned(),
            }],
            schema: json!({
                "type": "object",
                "properties": {"ready": {"type": "string", "enum": ["yes"]}},
                "required": ["ready"],
            }),
            params: Map::new(),
            inputs: Vec::new(),
        };
        match self.ask_within(&request, TEST_TIMEOUT).await {
            Ok(reply) => {
                let seconds = f64::from(reply.latency_ms) / 1000.0;
                let held = crate::json_of(&reply.content).is_ok_and(|answer| answer["ready"] == "yes");
                let message = if held {
                    format!("Works: {model} answered in {seconds:.1} s, in the form that was asked for.")
                } else {
                    format!(
                        "{model} answered in {seconds:.1} s, but not in the form that was asked for: “{}”. \
                         Answers that leave the form count as failed.",
                        quoted(&reply.content)
                    )
                };
                TestReport { ok: held, message, latency_ms: Some(reply.latency_ms), suggested_endpoint: None }
            }
            Err(error) => {
                let suggested_endpoint = match error.kind {
                    ChatErrorKind::NotFound | ChatErrorKind::Malformed => self.endpoint_with_version().await,
                    _ => None,
                };
                let message = match &suggested_endpoint {
                    Some(endpoint) => format!("{} The server answers at {endpoint}.", error.message),
                    None => error.message,
                };
                TestReport { ok: false, message, latency_ms: None, suggested_endpoint }
            }
        }
    }

    /// The endpoint with `/v1`, if it lacks one and a model list is found there.
    async fn endpoint_with_version(&self) -> Option<String> {
        if self.endpoint.ends_with("/v1") {
            return None;
        }
        let endpoint = format!("{}/v1", self.endpoint);
        let reply = self.client.get(&format!("{endpoint}/models"), &self.credentials, TEST_TIMEOUT).await.ok()?;
        let lists_models = serde_json::from_slice::<Value>(&reply.body).is_ok_and(|body| body["data"].is_array());
        (reply.status == 200 && lists_models).then_some(endpoint)
    }

    async fn ask_within(&self, request: &ChatRequest, timeout: Duration) -> Result<ChatReply, ChatError> {
        let started = Instant::now();
        let url = format!("{}/chat/completions", self.endpoint);
        let outcome = self.client.post_json(&url, &self.credentials, &self.body(request), timeout).await;
        let latency_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        match outcome {
            Ok(reply) => read_reply(&reply, self.host(), &request.model, latency_ms),
            Err(error) => Err(self.no_reply(error, timeout)),
        }
    }

    /// Host and port, for words.
    fn host(&self) -> &str {
        let after_scheme = self.endpoint.split_once("://").map_or(self.endpoint.as_str(), |(_, rest)| rest);
        after_scheme.split('/').next().unwrap_or(after_scheme)
    }

    fn no_reply(&self, error: NetError, timeout: Duration) -> ChatError {
        let host = self.host();
        let (kind, message) = match error {
            NetError::Refused => {
                (ChatErrorKind::Network, format!("Nothing is listening on {host}. Is the server running?"))
            }
            NetError::UnknownHost => (
                ChatErrorKind::Network,
                format!("The host {host} could not be found. Check the endpoint and the network."),
            ),
            NetError::Tls => (
                ChatErrorKind::Network,
                format!("No secure connection to {host}: its certificate is not trusted, or it does not speak https."),
            ),
            NetError::Timeout => {
                (ChatErrorKind::Timeout, format!("{host} did not answer within {} s.", timeout.as_secs_f64()))
            }
            NetError::TooLarge => (ChatErrorKind::Malformed, format!("{host}: {error}.")),
            NetError::InvalidUrl | NetError::Unusable => (ChatErrorKind::NotFound, format!("{host}: {error}.")),
            NetError::InvalidCredential => (
                ChatErrorKind::KeyRejected,
                "The key or token holds a character that cannot be sent; enter it again.".to_owned(),
            ),
            NetError::Broken => {
                (ChatErrorKind::Network, format!("The connection to {host} broke before the answer was complete."))
            }
        };
        ChatError { kind, message, retry_after_ms: None }
    }
}

#[async_trait]
impl ChatModel for CustomModel {
    fn provider(&self) -> Provider {
        Provider::Custom
    }

    fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// `model`, `messages`, `response_format`, then the parameters that the user set, in that order.
    fn body(&self, request: &ChatRequest) -> Value {
        let messages: Vec<_> = request
            .messages
            .iter()
            .map(|message| json!({"role": message.role.as_str(), "content": message.content}))
            .collect();
        let mut body = Map::new();
        body.insert("model".to_owned(), Value::from(request.model.as_str()));
        body.insert("messages".to_owned(), Value::from(messages));
        body.insert("response_format".to_owned(), json!({"type": "json_object", "schema": request.schema}));
        for (name, value) in &request.params {
            body.entry(name.as_str()).or_insert_with(|| value.clone());
        }
        Value::Object(body)
    }

    async fn ask(&self, request: &ChatRequest) -> Result<ChatReply, ChatError> {
        self.ask_within(request, self.ask_timeout).await
    }
}

fn read_reply(reply: &Reply, host: &str, model: &str, latency_ms: u32) -> Result<ChatReply, ChatError> {
    let body: Result<Value, _> = serde_json::from_slice(&reply.body);
    if !(200..300).contains(&reply.status) {
        return Err(refusal(reply, body.ok().as_ref(), host, model));
    }
    let malformed = |message: String| ChatError { kind: ChatErrorKind::Malformed, message, retry_after_ms: None };
    let body = body.map_err(|error| {
        malformed(if looks_like_html(&reply.body) {
            format!("{host} sent a web page instead of an answer. Check the endpoint; it usually ends in /v1.")
        } else if error.is_eof() {
            format!("{host} sent an answer that breaks off in the middle.")
        } else {
            format!("{host} sent something that is not JSON: “{}”.", quoted(&String::from_utf8_lossy(&reply.body)))
        })
    })?;
    // Some servers report errors with status 200.
    if body.get("choices").is_none() && body.get("error").is_some_and(|error| !error.is_null()) {
        return Err(malformed(format!("{host}: {}", said_by(&body))));
    }
    let choice = &body["choices"][0];
    let message = &choice["message"];
    let ended = |kind, message: String| Err(ChatError { kind, message, retry_after_ms: None });
    if let Some(refused) = message["refusal"].as_str().filter(|text| !text.is_empty()) {
        return ended(ChatErrorKind::Refused, format!("{model} refused: “{}”.", quoted(refused)));
    }
    match choice["finish_reason"].as_str() {
        Some("content_filter") => {
            return ended(ChatErrorKind::Refused, format!("A content filter of {host} held the answer back."));
        }
        Some("length") => {
            return ended(
                ChatErrorKind::Truncated,
                format!("{model} reached its output limit before the answer was complete. Raise max tokens."),
            );
        }
        _ => {}
    }
    let Some(content) = message["content"].as_str() else {
        return Err(malformed(format!("{host} sent JSON that is not a chat answer.")));
    };
    let tokens = |name: &str| body["usage"][name].as_u64().and_then(|tokens| u32::try_from(tokens).ok());
    Ok(ChatReply {
        content: content.to_owned(),
        usage: Usage { prompt_tokens: tokens("prompt_tokens"), completion_tokens: tokens("completion_tokens") },
        latency_ms,
    })
}

/// A reply that is no answer, by its status and by what its body says: the status alone does not tell "wait" from "you
/// are out of money".
fn refusal(reply: &Reply, body: Option<&Value>, host: &str, model: &str) -> ChatError {
    use ChatErrorKind::*;
    let said = match body {
        Some(body) => said_by(body),
        None if looks_like_html(&reply.body) => "it sent a web page".to_owned(),
        None => quoted(&String::from_utf8_lossy(&reply.body)),
    };
    let mentions = |words: &[&str]| {
        let everything = body.map(Value::to_string).unwrap_or_default().to_ascii_lowercase();
        words.iter().any(|word| everything.contains(word))
    };
    let status = reply.status;
    let its_words = if said.is_empty() { String::new() } else { format!(" It said: “{said}”.") };
    let (kind, message) = match status {
        401 => (KeyRejected, format!("{host} rejected the key.{its_words}")),
        402 => (OutOfMoney, format!("The account at {host} is out of money.{its_words}")),
        429 if mentions(&[
            "insufficient_quota",
            "credit_balance_exhausted",
            "spend_limit_exceeded",
            "usage_limit_exceeded",
        ]) =>
        {
            (OutOfMoney, format!("The account at {host} is out of money or quota.{its_words}"))
        }
        403 => (NotPermitted, format!("{host} does not permit this with the given key.{its_words}")),
        404 => (
            NotFound,
            format!(
                "{host} has no model “{model}” at this endpoint, or the endpoint is wrong; it usually ends in /v1.{its_words}"
            ),
        ),
        400 | 413 if mentions(&["context_length_exceeded", "exceed_context_size", "maximum context length"]) => {
            (ContextTooLong, format!("The prompt is longer than {model} can read.{its_words}"))
        }
        300..400 => {
            (NotFound, format!("{host} points to another address, which is not followed. Enter the final address."))
        }
        408 => (Timeout, format!("{host} gave up waiting.{its_words}")),
        409 => (ServerError, format!("{host} had a conflict.{its_words}")),
        429 => (RateLimited, format!("{host} asks to slow down.{its_words}")),
        500.. => (ServerError, format!("{host} failed with status {status}.{its_words}")),
        _ => (BadRequest, format!("{host} did not accept the request (status {status}).{its_words}")),
    };
    ChatError { kind, message, retry_after_ms: retry_after_ms(reply) }
}

/// The server's own words in an error body: `error` may be a text, an object with a message, or `detail`.
fn said_by(body: &Value) -> String {
    let error = &body["error"];
    let words = [&error["message"], error, &body["detail"], &body["message"]];
    match words.into_iter().find_map(Value::as_str) {
        Some(text) => quoted(text),
        None => quoted(&body.to_string()),
    }
}

/// `retry-after-ms`, or `retry-after` in seconds or as a date. Source: RFC 9110, 10.2.3.
fn retry_after_ms(reply: &Reply) -> Option<u32> {
    if let Some(ms) = reply.header("retry-after-ms").and_then(|text| text.trim().parse::<f64>().ok()) {
        return Some(whole_ms(ms));
    }
    let text = reply.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(whole_ms(seconds * 1000.0));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    // The server's `Date` header would be the better clock; servers that send a date here without it exist.
    let now = reply.header("date").and_then(|date| httpdate::parse_http_date(date).ok());
    #[expect(
        clippy::disallowed_methods,
        reason = "the only clock that a date from another machine can be held against"
    )]
    let now = now.unwrap_or_else(SystemTime::now);
    Some(until.duration_since(now).map_or(0, |wait| whole_ms(wait.as_secs_f64() * 1000.0)))
}

/// Saturates; negative and NaN become 0.
fn whole_ms(ms: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is meant")]
    let whole = ms.ceil() as u32;
    whole
}

fn looks_like_html(body: &[u8]) -> bool {
    let start: Vec<u8> = body.iter().copied().skip_while(u8::is_ascii_whitespace).take(15).collect();
    let start = start.to_ascii_lowercase();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}

fn quoted(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(QUOTED_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
