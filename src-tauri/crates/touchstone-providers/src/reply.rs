//! What a server sent back, sorted into JSON to read on or a kind of failure, in words.
//!
//! The status alone does not tell "wait" from "you are out of money", nor a wrong key from a wrong question: each vendor
//! has [`Rules`] that look at the body first. What they do not know goes by the status.

use crate::chat::{ChatError, ChatErrorKind, Fault, Usage, VendorWords};
use crate::clock;
use serde_json::Value;
use touchstone_net::{Credential, Reply};

/// How much of a server's own words an error quotes, in characters.
const QUOTED_CHARS_MAX: usize = 300;

/// Shortest secret that is looked for in a server's words. The shorter ones are what servers without keys want to see
/// in the field ("ollama", "EMPTY"), and ordinary words.
const SECRET_BYTES_MIN: usize = 8;

/// So much of a key in a row is looked for in a server's words about a failure.
const PART_BYTES: usize = 10;

pub(crate) type Verdict = (ChatErrorKind, Fault);

/// What is particular to one vendor's failures.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Looks at a failure's status, body, and everything in that body in lower case.
    pub sort: fn(u16, &Value, &str) -> Option<Verdict>,
    /// What an endpoint usually ends in, for words about a wrong one.
    pub endpoint_hint: &'static str,
    /// What else a rejected key may mean.
    pub key_hint: &'static str,
    /// The header that carries the vendor's id of a call.
    pub request_id: &'static str,
}

/// Reads replies to one question.
pub(crate) struct Reader<'q> {
    /// Host and port of the server, for words.
    pub host: &'q str,
    /// The model that was asked.
    pub model: &'q str,
    /// What the question carried; a server may repeat it in its errors.
    pub credentials: &'q [Credential],
    pub rules: &'static Rules,
}

impl Reader<'_> {
    /// The JSON of a reply that is no failure.
    pub(crate) fn json(&self, reply: &Reply) -> Result<Value, ChatError> {
        let host = self.host;
        let body: Result<Value, _> = serde_json::from_slice(&reply.body);
        if !(200..300).contains(&reply.status) {
            return Err(self.failure(reply, reply.status, body.ok()));
        }
        let body = body.map_err(|error| {
            let words = if looks_like_html(&reply.body) {
                let hint = self.rules.endpoint_hint;
                format!("{host} sent a web page instead of an answer. Check the endpoint{hint}.")
            } else if error.is_eof() {
                format!("{host} ended its reply before the JSON in it was complete.")
            } else {
                let said = self.quoted(&String::from_utf8_lossy(&reply.body));
                format!("{host} sent something that is not JSON: “{said}”.")
            };
            self.malformed(reply, words)
        })?;
        let is_failure = body.get("error").is_some_and(|error| !error.is_null());
        if is_failure && body.get("choices").is_none() && body.get("content").is_none() {
            // Gateways report errors with status 200, and the status that they mean in the body.
            let meant = body["error"]["code"].as_u64().and_then(|code| u16::try_from(code).ok());
            return Err(match meant.filter(|status| (400..600).contains(status)) {
                Some(status) => self.failure(reply, status, Some(body)),
                None => self.malformed(reply, format!("{host}: {}", self.said_by(&body))),
            });
        }
        Ok(body)
    }

    pub(crate) fn malformed(&self, reply: &Reply, words: String) -> ChatError {
        let mut error = ChatError::new(ChatErrorKind::Malformed, words);
        error.vendor.status = Some(reply.status);
        error.vendor.request_id = self.request_id(reply, None);
        error
    }

    /// An outcome that was billed and is no answer.
    pub(crate) fn no_answer(
        &self,
        (kind, words): (ChatErrorKind, String),
        code: &str,
        usage: Usage,
        said: Option<&str>,
        request_id: Option<String>,
    ) -> ChatError {
        let mut error = ChatError::new(kind, words);
        *error.vendor =
            VendorWords { status: Some(200), code: Some(code.to_owned()), request_id, ..VendorWords::default() };
        error.usage = usage;
        error.said = said.filter(|said| !said.is_empty()).map(|said| self.without_secrets(said));
        error
    }

    /// What the vendor finds the call by; a header says it before the body does.
    pub(crate) fn request_id(&self, reply: &Reply, in_body: Option<&str>) -> Option<String> {
        reply.header(self.rules.request_id).or(in_body).map(|id| self.quoted(id))
    }

    fn failure(&self, reply: &Reply, status: u16, body: Option<Value>) -> ChatError {
        // Gemini wraps some of its errors in a list.
        let body = match body {
            Some(Value::Array(mut items)) if !items.is_empty() => Some(items.swap_remove(0)),
            body => body,
        };
        let is_page = body.is_none() && looks_like_html(&reply.body);
        let said = match &body {
            Some(body) => self.said_by(body),
            None if is_page => String::new(),
            None => self.quoted(&String::from_utf8_lossy(&reply.body)),
        };
        let body = body.unwrap_or_default();
        let everything = body.to_string().to_ascii_lowercase();
        let sorted = (self.rules.sort)(status, &body, &everything);
        let (kind, fault) = sorted.unwrap_or_else(|| by_status(status, &everything));
        let mut words = self.words(kind, fault, status, &everything);
        if is_page {
            words.push_str(" It sent a web page.");
        } else if !said.is_empty() {
            words.push_str(&format!(" It said: “{}”.", said.trim_end_matches('.')));
        }
        if let Some(link) = activation_link(&body) {
            words.push_str(&format!(" Switch the API on at {}", self.quoted(link)));
        }
        let error = &body["error"];
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(|text| self.quoted(text));
        let reason = details(&body).find_map(|detail| detail.get("reason")).and_then(text);
        let inner =
            [&error["details"], &error["details"]["error_code"], &error["code"], &error["status"], &error["type"]];
        ChatError {
            kind,
            fault,
            message: words,
            retry_after_ms: wait_ms(reply, &body),
            vendor: Box::new(VendorWords {
                status: Some(status),
                code: reason.or_else(|| inner.into_iter().find_map(text)),
                message: Some(said).filter(|said| !said.is_empty()),
                param: text(&error["param"]),
                request_id: self.request_id(reply, id_in(&body)),
                should_retry: reply.header("x-should-retry").and_then(|verdict| verdict.trim().parse().ok()),
            }),
            usage: Usage::default(),
            said: None,
            limits: None,
        }
    }

    fn words(&self, kind: ChatErrorKind, fault: Fault, status: u16, everything: &str) -> String {
        use ChatErrorKind::*;
        let Self { host, model, .. } = self;
        let hint = self.rules.endpoint_hint;
        match (kind, fault) {
            (KeyRejected, _) if self.credentials.is_empty() => {
                format!("{host} wants a key, and this connection has none.")
            }
            (KeyRejected, _) => format!("{host} rejected the key{}.", self.rules.key_hint),
            (OutOfMoney, _) if everything.contains("perday") => {
                format!("The day's quota at {host} is used up; it begins anew at midnight Pacific time.")
            }
            (OutOfMoney, _) if status == 402 => format!("The account at {host} is out of money."),
            (OutOfMoney, _) => format!("The account at {host} is out of money or quota."),
            (NotPermitted, Fault::Region) => format!("{host} does not serve this country or account."),
            (NotPermitted, _) => format!("{host} does not permit this with the given key."),
            (NotFound, Fault::Model) => format!("{host} has no model “{model}”, or this key may not use it."),
            (NotFound, Fault::Deployment) => {
                format!("{host} has no deployment “{model}”; a new one takes up to 5 minutes to appear.")
            }
            (NotFound, Fault::Region) => {
                format!("“{model}” is not offered at this location; “global” offers most models.")
            }
            (NotFound, _) if (300..400).contains(&status) => {
                format!("{host} points to another address, which is not followed. Enter the final address.")
            }
            (NotFound, _) if model.is_empty() => format!("{host} has nothing at this address{hint}."),
            (NotFound, _) => {
                format!("{host} has no model “{model}” at this endpoint, or the endpoint is wrong{hint}.")
            }
            (Unsupported, _) => format!("{model} does not take what was sent with every request."),
            (ContextTooLong, _) => format!("The prompt is longer than {model} can read."),
            (Filtered, _) => format!("A content filter of {host} held the prompt back."),
            (Timeout, _) => format!("{host} gave up waiting."),
            (ServerError, _) if status == 409 => format!("{host} had a conflict."),
            (RateLimited, _) => format!("{host} asks to slow down."),
            (Overloaded, _) if status == 502 => format!("{host} did not reach the server behind it (status 502)."),
            (Overloaded, _) => format!("{host} has no room at the moment (status {status})."),
            (ServerError, _) => format!("{host} failed with status {status}."),
            _ => format!("{host} did not accept the request (status {status})."),
        }
    }

    /// The server's own words in an error body: `error` may be a text, an object with a message, or `detail`, which in
    /// FastAPI is a list of what is wrong with which member of the request.
    fn said_by(&self, body: &Value) -> String {
        let error = &body["error"];
        let words = [&error["message"], &body["error_description"], error, &body["detail"], &body["message"]];
        match words.into_iter().find_map(Value::as_str) {
            Some(text) => self.quoted(text),
            None => self.quoted(&faults_of_members(&body["detail"]).unwrap_or_else(|| body.to_string())),
        }
    }

    /// A text of the server without the key: some servers repeat the one that they refuse, and what they say is kept.
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for credential in self.credentials {
            let secret = credential.secret().expose();
            if secret.len() >= SECRET_BYTES_MIN && text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), "<key>");
            }
        }
        text
    }

    /// The beginning of a text of the server, without the key and without parts of it.
    pub(crate) fn quoted(&self, text: &str) -> String {
        let mut text = self.without_secrets(text.trim());
        for credential in self.credentials {
            text = without_parts(text, credential.secret().expose());
        }
        match text.char_indices().nth(QUOTED_CHARS_MAX) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
}

/// A text without any part of `secret` that is twice as long as [`PART_BYTES`]; shorter ones may go too.
fn without_parts(mut text: String, secret: &str) -> String {
    let alike = |one: &[u8], other: &[u8]| one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let alike_before = |one: &[u8], other: &[u8]| {
        one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count()
    };
    for start in (0..secret.len().saturating_sub(PART_BYTES - 1)).step_by(PART_BYTES) {
        let Some(part) = secret.get(start..start + PART_BYTES) else { continue };
        while let Some(at) = text.find(part) {
            let before = alike_before(&text.as_bytes()[..at], &secret.as_bytes()[..start]);
            let after = alike(&text.as_bytes()[at..], &secret.as_bytes()[start..]);
            let (mut first, mut end) = (at - before, at + after);
            while !text.is_char_boundary(first) {
                first += 1;
            }
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.replace_range(first..end, "<key>");
        }
    }
    text
}

/// What a failure is by its status, where nothing more is known of who answered.
fn by_status(status: u16, everything: &str) -> Verdict {
    use ChatErrorKind::*;
    let kind = match status {
        401 => KeyRejected,
        402 => OutOfMoney,
        403 => NotPermitted,
        300..400 | 404 | 405 | 410 => NotFound,
        400 | 413 | 500 if says_too_long(everything) => ContextTooLong,
        408 => Timeout,
        409 => ServerError,
        429 => RateLimited,
        // A gateway says 502 while the server behind it is started anew, which is no matter of the task either.
        502 | 503 | 529 => Overloaded,
        500.. => ServerError,
        _ => BadRequest,
    };
    (kind, Fault::of(kind))
}

fn says_too_long(everything: &str) -> bool {
    ["context_length_exceeded", "exceed_context_size", "maximum context length"]
        .iter()
        .any(|words| everything.contains(words))
}

/// The id of a call in a body.
pub(crate) fn id_in(body: &Value) -> Option<&str> {
    body["request_id"].as_str().or(body["responseId"].as_str())
}

/// FastAPI's list of faults in words: “response_format: Input should be a valid dictionary; …”.
fn faults_of_members(detail: &Value) -> Option<String> {
    let faults = detail.as_array()?.iter().map(|fault| {
        let steps = fault["loc"].as_array().into_iter().flatten().map(|step| match step {
            Value::String(name) => name.clone(),
            other => other.to_string(),
        });
        // Where in a call the member stands is of no interest: it is always its body.
        let path: Vec<_> =
            steps.enumerate().filter(|(at, step)| *at > 0 || step != "body").map(|(_, step)| step).collect();
        let said = fault["msg"].as_str()?;
        Some(if path.is_empty() { said.to_owned() } else { format!("{}: {said}", path.join(".")) })
    });
    let faults: Vec<_> = faults.collect::<Option<_>>()?;
    (!faults.is_empty()).then(|| faults.join("; "))
}

/// The entries of Google's `error.details`.
pub(crate) fn details(body: &Value) -> impl Iterator<Item = &Value> {
    body["error"]["details"].as_array().into_iter().flatten()
}

fn activation_link(body: &Value) -> Option<&str> {
    details(body).find_map(|detail| detail["metadata"]["activationUrl"].as_str())
}

/// The longest wait that the server asks for: `retry-after-ms`, `retry-after` in seconds or as a date (RFC 9110, 10.2.3),
/// or Google's `RetryInfo`; else until a limit that is used up begins anew, in OpenAI's headers.
fn wait_ms(reply: &Reply, body: &Value) -> Option<u32> {
    let in_ms = reply.header("retry-after-ms").and_then(|text| text.trim().parse().ok()).map(whole_ms);
    let retry_info = details(body).find_map(|detail| duration_ms(detail["retryDelay"].as_str()?));
    in_ms.max(retry_after_ms(reply)).max(retry_info).or_else(|| {
        ["requests", "tokens"]
            .iter()
            .filter(|what| {
                reply.header(&format!("x-ratelimit-remaining-{what}")).is_some_and(|left| left.trim() == "0")
            })
            .filter_map(|what| duration_ms(reply.header(&format!("x-ratelimit-reset-{what}"))?))
            .max()
    })
}

fn retry_after_ms(reply: &Reply) -> Option<u32> {
    let text = reply.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(whole_ms(seconds * 1000.0));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    // The server's `Date` header would be the better clock; servers that send a date here without it exist.
    let now = reply.header("date").and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or_else(clock::now);
    Some(until.duration_since(now).map_or(0, |wait| whole_ms(wait.as_secs_f64() * 1000.0)))
}

/// A duration such as `6m0s`, `37s`, `1.5s` or `12ms`.
pub(crate) fn duration_ms(text: &str) -> Option<u32> {
    let mut rest = text.trim();
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..].find(|char: char| char.is_ascii_digit()).map_or(rest.len(), |at| digits + at);
        total += number
            * match &rest[digits..unit_end] {
                "ms" => 1.0,
                "s" => 1e3,
                "m" => 6e4,
                "h" => 3.6e6,
                "d" => 8.64e7,
                _ => return None,
            };
        rest = &rest[unit_end..];
    }
    Some(whole_ms(total))
}

/// Saturates; negative and NaN become 0.
pub(crate) fn whole_ms(ms: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is meant")]
    let whole = ms.ceil() as u32;
    whole
}

fn looks_like_html(body: &[u8]) -> bool {
    let start: Vec<u8> = body.iter().copied().skip_while(u8::is_ascii_whitespace).take(15).collect();
    let start = start.to_ascii_lowercase();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}

/// A count of tokens, wherever it stands.
pub(crate) fn tokens(value: &Value) -> Option<u32> {
    // Some servers count in floating point.
    let whole =
        || value.as_f64().filter(|tokens| tokens.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(tokens));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and in range")]
    let cast = |tokens: f64| tokens as u32;
    value.as_u64().map_or_else(|| whole().map(cast), |tokens| u32::try_from(tokens).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_in_whole_numbers_however_they_are_written() {
        for (json, want) in [
            ("12", Some(12)),
            ("12.0", Some(12)),
            ("12.5", None),
            ("-1", None),
            ("-1.0", None),
            ("1e300", None),
            ("\"12\"", None),
        ] {
            assert_eq!(tokens(&serde_json::from_str(json).expect("JSON")), want, "{json}");
        }
    }

    #[test]
    fn parts_of_a_key_are_not_repeated() {
        const KEY: &str = "sk-0123456789abcdefghijABCDEFGHIJ";
        for (text, want) in [
            ("no key 0123456789abcdefghijABCDEFGHIJ.", "no key <key>."),
            ("no key sk-0123456789abcdefghij…", "no key <key>…"),
            ("of 6789abcdefghijABCDEFGH and 456789abcdefghijABCDEFG", "of <key> and <key>"),
            ("ends in GHIJ", "ends in GHIJ"),
            ("é0123456789abcdefghijABCé", "é<key>é"),
        ] {
            assert_eq!(without_parts(text.to_owned(), KEY), want);
        }
    }

    #[test]
    fn durations_are_read_as_vendors_write_them() {
        for (text, want) in [
            ("6m0s", Some(360_000)),
            ("12ms", Some(12)),
            ("1.5s", Some(1_500)),
            ("1h2m3s", Some(3_723_000)),
            ("soon", None),
            ("5", None),
        ] {
            assert_eq!(duration_ms(text), want, "{text}");
        }
    }
}
