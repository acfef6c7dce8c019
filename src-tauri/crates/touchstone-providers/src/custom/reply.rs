//! What a server sent back, sorted into an answer or a kind of failure, in words.

use crate::chat::{ChatError, ChatErrorKind, ChatReply, Usage};
use serde_json::Value;
use std::time::SystemTime;
use touchstone_net::{Credential, Reply};

/// How much of a server's own words an error quotes, in characters.
const QUOTED_CHARS_MAX: usize = 300;

/// Shortest secret that is looked for in a server's words. The shorter ones are what servers without keys want to see
/// in the field ("ollama", "EMPTY"), and ordinary words.
const SECRET_BYTES_MIN: usize = 8;

/// Reads replies to one question.
pub(super) struct Reader<'q> {
    /// Host and port of the server, for words.
    pub host: &'q str,
    /// The model that was asked.
    pub model: &'q str,
    /// What the question carried; a server may repeat it in its errors.
    pub credentials: &'q [Credential],
}

impl Reader<'_> {
    pub(super) fn read(&self, reply: &Reply, latency_ms: u32) -> Result<ChatReply, ChatError> {
        let Self { host, model, .. } = self;
        let body: Result<Value, _> = serde_json::from_slice(&reply.body);
        if !(200..300).contains(&reply.status) {
            return Err(self.refusal(reply, reply.status, body.ok().as_ref()));
        }
        let body = body.map_err(|error| {
            failure(
                ChatErrorKind::Malformed,
                if looks_like_html(&reply.body) {
                    format!("{host} sent a web page instead of an answer. Check the endpoint; it usually ends in /v1.")
                } else if error.is_eof() {
                    format!("{host} sent an answer that breaks off in the middle.")
                } else {
                    let said = self.quoted(&String::from_utf8_lossy(&reply.body));
                    format!("{host} sent something that is not JSON: “{said}”.")
                },
            )
        })?;
        if body.get("choices").is_none() && body.get("error").is_some_and(|error| !error.is_null()) {
            // Gateways report errors with status 200, and the status that they mean in the body.
            let meant = body["error"]["code"].as_u64().and_then(|code| u16::try_from(code).ok());
            return Err(match meant.filter(|status| (400..600).contains(status)) {
                Some(status) => self.refusal(reply, status, Some(&body)),
                None => failure(ChatErrorKind::Malformed, format!("{host}: {}", self.said_by(&body))),
            });
        }
        let choice = &body["choices"][0];
        let message = &choice["message"];
        if let Some(refused) = message["refusal"].as_str().filter(|text| !text.is_empty()) {
            return Err(failure(ChatErrorKind::Refused, format!("{model} refused: “{}”.", self.quoted(refused))));
        }
        match choice["finish_reason"].as_str() {
            Some("content_filter") => {
                let words = format!("A content filter of {host} held the answer back.");
                return Err(failure(ChatErrorKind::Refused, words));
            }
            Some("length") => {
                let words =
                    format!("{model} reached its output limit before the answer was complete. Raise max tokens.");
                return Err(failure(ChatErrorKind::Truncated, words));
            }
            _ => {}
        }
        let content = match message.get("content") {
            Some(Value::String(content)) => self.without_secrets(content),
            // A model that only thought, and said nothing.
            Some(Value::Null) => String::new(),
            _ => {
                let words = format!("{host} sent JSON that is not a chat answer.");
                return Err(failure(ChatErrorKind::Malformed, words));
            }
        };
        let tokens = |name: &str| body["usage"][name].as_u64().and_then(|tokens| u32::try_from(tokens).ok());
        let usage = Usage { prompt_tokens: tokens("prompt_tokens"), completion_tokens: tokens("completion_tokens") };
        Ok(ChatReply { content, usage, latency_ms })
    }

    /// A reply that is no answer, by its status and by what its body says: the status alone does not tell "wait" from
    /// "you are out of money".
    fn refusal(&self, reply: &Reply, status: u16, body: Option<&Value>) -> ChatError {
        use ChatErrorKind::*;
        let Self { host, model, .. } = self;
        let said = match body {
            Some(body) => self.said_by(body),
            None if looks_like_html(&reply.body) => "it sent a web page".to_owned(),
            None => self.quoted(&String::from_utf8_lossy(&reply.body)),
        };
        let everything = body.map(Value::to_string).unwrap_or_default().to_ascii_lowercase();
        let mentions = |words: &[&str]| words.iter().any(|word| everything.contains(word));
        let its_words =
            if said.is_empty() { String::new() } else { format!(" It said: “{}”.", said.trim_end_matches('.')) };
        let (kind, words) = match status {
            401 if self.credentials.is_empty() => {
                (KeyRejected, format!("{host} wants a key, and this connection has none."))
            }
            401 => (KeyRejected, format!("{host} rejected the key.")),
            400 if mentions(&["invalid_api_key", "authentication_error", "auth_error"]) => {
                (KeyRejected, format!("{host} rejected the key."))
            }
            402 => (OutOfMoney, format!("The account at {host} is out of money.")),
            429 if mentions(&[
                "insufficient_quota",
                "credit_balance_exhausted",
                "spend_limit_exceeded",
                "usage_limit_exceeded",
            ]) =>
            {
                (OutOfMoney, format!("The account at {host} is out of money or quota."))
            }
            403 => (NotPermitted, format!("{host} does not permit this with the given key.")),
            404 | 405 | 410 => (
                NotFound,
                format!(
                    "{host} has no model “{model}” at this endpoint, or the endpoint is wrong; it usually ends in /v1."
                ),
            ),
            400 | 413 if mentions(&["context_length_exceeded", "exceed_context_size", "maximum context length"]) => {
                (ContextTooLong, format!("The prompt is longer than {model} can read."))
            }
            300..400 => {
                (NotFound, format!("{host} points to another address, which is not followed. Enter the final address."))
            }
            408 => (Timeout, format!("{host} gave up waiting.")),
            409 => (ServerError, format!("{host} had a conflict.")),
            429 => (RateLimited, format!("{host} asks to slow down.")),
            500.. => (ServerError, format!("{host} failed with status {status}.")),
            _ => (BadRequest, format!("{host} did not accept the request (status {status}).")),
        };
        ChatError { kind, message: words + &its_words, retry_after_ms: retry_after_ms(reply) }
    }

    /// The server's own words in an error body: `error` may be a text, an object with a message, or `detail`.
    fn said_by(&self, body: &Value) -> String {
        let error = &body["error"];
        let words = [&error["message"], error, &body["detail"], &body["message"]];
        match words.into_iter().find_map(Value::as_str) {
            Some(text) => self.quoted(text),
            None => self.quoted(&body.to_string()),
        }
    }

    /// A text of the server without the key: some servers repeat the one that they refuse, and what they say is kept.
    fn without_secrets(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for credential in self.credentials {
            let secret = credential.secret().expose();
            if secret.len() >= SECRET_BYTES_MIN && text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), "<key>");
            }
        }
        text
    }

    /// The beginning of a text of the server, without the key.
    pub(super) fn quoted(&self, text: &str) -> String {
        let text = self.without_secrets(text.trim());
        match text.char_indices().nth(QUOTED_CHARS_MAX) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
}

pub(super) fn failure(kind: ChatErrorKind, message: String) -> ChatError {
    ChatError { kind, message, retry_after_ms: None }
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
