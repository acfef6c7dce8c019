//! One call of a server: signed in, asked again where that does no harm, and its reply sorted.
//!
//! What only reads, or does the same however often it is done, is asked up to three times. Of what would be done twice only
//! what surely did nothing is repeated; after any other failure the caller reads what is there.

use crate::error::Error;
use crate::sign_in::SignIn;
use crate::tasks::PageRows;
use crate::{Asked, TokenKind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;
use touchstone_domain::secret::Secret;
use touchstone_net::{Call, Credential, Method, NetError, Reply};

/// How long a call may take. A page of a thousand tasks takes a small server some seconds.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a call may take within which the server works through many tasks.
pub(crate) const WORK_TIMEOUT: Duration = Duration::from_secs(600);

/// How often a server is asked, how long it is left alone before it is asked again, which doubles, and the longest wait that
/// is obeyed.
const ATTEMPTS_MAX: u32 = 3;
const WAIT: Duration = Duration::from_millis(250);
const WAIT_MAX: Duration = Duration::from_secs(30);

/// Longest part of a server's words that is repeated, in characters.
const QUOTED_CHARS_MAX: usize = 300;

/// What need not be written in another way inside of a query (RFC 3986, section 3.4), so that addresses stay short.
const QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b',').remove(b':');

/// The way to one server.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) net: touchstone_net::Client,
    /// As [`crate::parse_address`] gives it.
    pub(crate) address: String,
    pub(crate) host: String,
    pub(crate) sign_in: SignIn,
    pub(crate) page_rows: PageRows,
}

/// A call that is about to be made.
#[derive(Clone, Debug)]
pub(crate) struct Question<'a> {
    pub(crate) method: Method,
    /// Behind the server's address, with its query.
    pub(crate) path: &'a str,
    pub(crate) json: Option<String>,
    /// What a 404 is about.
    pub(crate) what: &'static str,
    /// Asking it twice does no more than asking it once.
    pub(crate) is_repeatable: bool,
    pub(crate) timeout: Duration,
}

impl<'a> Question<'a> {
    pub(crate) fn get(path: &'a str, what: &'static str) -> Self {
        Self { method: Method::Get, path, json: None, what, is_repeatable: true, timeout: CALL_TIMEOUT }
    }

    /// A call that writes; never repeated where it may have been done.
    pub(crate) fn write(method: Method, path: &'a str, json: String, what: &'static str) -> Self {
        Self { method, path, json: Some(json), what, is_repeatable: false, timeout: CALL_TIMEOUT }
    }
}

impl Line {
    pub(crate) fn new(net: &touchstone_net::Client, address: &str, token: &Secret) -> Self {
        let host = host_of(address);
        let (sign_in, page_rows) = (SignIn::new(token), PageRows::default());
        Self { net: net.clone(), address: address.to_owned(), host, sign_in, page_rows }
    }

    /// Asks, and reads what is answered.
    pub(crate) async fn read<T: DeserializeOwned>(&self, question: &Question<'_>) -> Asked<T> {
        let body = self.ask(question).await?;
        self.parsed(&body)
    }

    pub(crate) fn parsed<'b, T: Deserialize<'b>>(&self, body: &'b [u8]) -> Asked<T> {
        serde_json::from_slice(body).map_err(|_| self.not_label_studio())
    }

    /// The body of a reply that says yes.
    pub(crate) async fn ask(&self, question: &Question<'_>) -> Asked<Vec<u8>> {
        let credential = self.credential(None).await?;
        let mut reply = self.repeated(question, std::slice::from_ref(&credential)).await?;
        if self.is_ended(&reply) {
            reply = self.repeated(question, &[self.credential(Some(&credential)).await?]).await?;
        }
        self.accepted(reply, question)
    }

    /// The access token was not taken, and nothing was done: another one may be.
    pub(crate) fn is_ended(&self, reply: &Reply) -> bool {
        reply.status == 401 && self.sign_in.kind == TokenKind::Personal
    }

    /// What a call signs in with; not `rejected`, which the server did not take.
    pub(crate) async fn credential(&self, rejected: Option<&Credential>) -> Asked<Credential> {
        #[derive(Deserialize)]
        struct Exchanged {
            access: String,
        }
        if let Some(standing) = self.sign_in.standing() {
            return Ok(standing);
        }
        let mut held = self.sign_in.access.lock().await;
        if let Some(access) = held.as_ref().filter(|access| access.is_good(rejected)) {
            return Ok(access.credential());
        }
        let asked = Instant::now();
        let body = self.sign_in.exchange();
        let question = Question::write(Method::Post, "/api/token/refresh/", body, "way to sign in with such a token");
        let question = Question { is_repeatable: true, ..question };
        let reply = self.repeated(&question, &[]).await?;
        let Exchanged { access } = self.parsed(&self.accepted(reply, &question)?)?;
        let access = held.insert(self.sign_in.exchanged(access, asked));
        Ok(access.credential())
    }

    /// What is answered, after as many attempts as the question allows.
    async fn repeated(&self, question: &Question<'_>, credentials: &[Credential]) -> Asked<Reply> {
        let url = format!("{}{}", self.address, question.path);
        let mut attempt = 1;
        loop {
            let call = Call { method: question.method, headers: &[], credentials, json: question.json.clone() };
            let outcome = self.net.call(&url, call, question.timeout).await;
            let wait = match &outcome {
                Ok(reply) => match reply.status {
                    // It did nothing.
                    429 => wait_of(reply, attempt),
                    500 | 502..=504 if question.is_repeatable => wait_of(reply, attempt),
                    _ => None,
                },
                // Nothing was sent.
                Err(NetError::Refused) => Some(backoff(attempt)),
                Err(NetError::Broken | NetError::Wordless) if question.is_repeatable => Some(backoff(attempt)),
                Err(_) => None,
            };
            match wait {
                Some(wait) if attempt < ATTEMPTS_MAX => tokio::time::sleep(wait).await,
                _ => return outcome.map_err(|error| self.unreachable(error)),
            }
            attempt += 1;
        }
    }

    /// The body of a reply that says yes.
    fn accepted(&self, reply: Reply, question: &Question<'_>) -> Asked<Vec<u8>> {
        // A server of another kind, or a page to sign in on before it, answers with a page.
        if matches!(reply.status, 200..300) && !reply.body.is_empty() && !is_json(&reply) {
            return Err(self.not_label_studio());
        }
        self.checked(&reply, question.path, question.what)?;
        Ok(reply.body)
    }

    /// Why the reply to a question for `path` says no; `what` is what a 404 is about.
    pub(crate) fn checked(&self, reply: &Reply, path: &str, what: &'static str) -> Asked<()> {
        let (host, is_json) = (self.host.clone(), is_json(reply));
        // What it does not find at a path without a slash at its end it looks for once more with one, and then says so with
        // a page, as any server does that is another.
        let is_slashless = path.split('?').next().is_some_and(|path| !path.ends_with('/'));
        let words = || self.words_of(reply);
        Err(match reply.status {
            200..300 => return Ok(()),
            300..=399 => self.moved(reply),
            401 if is_json => Error::SignIn { host, kind: self.sign_in.kind, words: words() },
            403 if is_json => Error::Forbidden { host, words: words() },
            404 if is_json || is_slashless => Error::NotFound { host, what },
            401 | 404 | 405 => self.not_label_studio(),
            429 => Error::Busy { host },
            status @ 500.. => Error::Failed { host, status, words: words() },
            status => Error::Refused { host, status, words: words() },
        })
    }

    /// Where a reply leads, which is told by the host alone: what comes behind it may be a secret.
    fn moved(&self, reply: &Reply) -> Error {
        let to = reply.header("location").and_then(|to| url::Url::parse(&self.address).ok()?.join(to).ok());
        match to.map(|to| to.origin().ascii_serialization()) {
            Some(to) if !is_of(&self.address, &to) => Error::Moved { host: self.host.clone(), to },
            _ => self.not_label_studio(),
        }
    }

    /// What an error of the server says of itself, to go behind a sentence; empty for none.
    fn words_of(&self, reply: &Reply) -> String {
        let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let mut said = Vec::new();
        texts(&body["validation_errors"], &mut said);
        if said.is_empty() {
            texts(&body["detail"], &mut said);
        }
        let words = self.sign_in.redacted(said.join("; ").trim().trim_end_matches('.'));
        if words.is_empty() {
            return words;
        }
        match words.char_indices().nth(QUOTED_CHARS_MAX) {
            Some((end, _)) => format!(": {}…", &words[..end]),
            None => format!(": {words}"),
        }
    }

    pub(crate) fn unreachable(&self, error: NetError) -> Error {
        Error::Unreachable { host: self.host.clone(), error }
    }

    pub(crate) fn not_label_studio(&self) -> Error {
        Error::NotLabelStudio { host: self.host.clone() }
    }
}

/// `path` with a query.
pub(crate) fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let mut whole = path.to_owned();
    for (index, (name, value)) in query.iter().enumerate() {
        whole.push(if index == 0 { '?' } else { '&' });
        whole.push_str(name);
        whole.push('=');
        whole.extend(utf8_percent_encode(value, QUERY));
    }
    whole
}

/// Host and port of an address.
pub(crate) fn host_of(address: &str) -> String {
    touchstone_net::parse_address(address).map_or_else(|| address.to_owned(), |parsed| parsed.host)
}

/// Whether `url` is of the same scheme, host and port as `address`.
pub(crate) fn is_of(address: &str, url: &str) -> bool {
    let origin = |text: &str| url::Url::parse(text).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
    origin(address).is_some_and(|address| Some(address) == origin(url))
}

/// The texts in a value, in their order; so many as are ever repeated.
fn texts(value: &Value, said: &mut Vec<String>) {
    match value {
        _ if said.len() > 20 => {}
        Value::String(text) => said.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, said)),
        Value::Object(members) => members.values().for_each(|member| texts(member, said)),
        _ => {}
    }
}

fn is_json(reply: &Reply) -> bool {
    reply.header("content-type").is_some_and(|kind| kind.contains("json"))
}

/// How long a server that cannot answer now wants to be left alone; none if that is too long.
fn wait_of(reply: &Reply, attempt: u32) -> Option<Duration> {
    let named = reply.header("retry-after").and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    named.or_else(|| Some(backoff(attempt))).filter(|wait| *wait <= WAIT_MAX)
}

fn backoff(attempt: u32) -> Duration {
    WAIT * 2_u32.pow(attempt - 1)
}
