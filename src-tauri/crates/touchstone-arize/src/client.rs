//! A client of the API: the prompts of an account, or of another Touchstone.
//!
//! It reads every spelling and says who it is, so that another Touchstone answers with the exact content of a version.

use crate::files;
use crate::prompts::VersionRecord;
use crate::spelling::TOUCHSTONE;
use crate::{params, wire};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::{PromptContent, Provider, sha256_hex};
use touchstone_domain::secret::Secret;
use touchstone_domain::template::VariableFormat;
use touchstone_domain::{PromptId, VersionId};
use touchstone_net::{Call, Credential, Method, NetError, Reply};

/// How long one call may take. A page of a hundred versions of a million characters is some time on its way.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// How often a server that asks to wait is asked again, and the longest wait that is obeyed.
const ATTEMPTS_MAX: u32 = 4;
const WAIT_MAX: Duration = Duration::from_secs(30);

/// The most rows of a page that the API gives.
const PAGE_ROWS: &str = "100";

/// Longest part of a server's words that is repeated, in characters.
const QUOTED_CHARS_MAX: usize = 300;

/// Who we are; see [`crate::spelling`].
const HEADERS: [(&str, &str); 2] = [("sdk-package-name", TOUCHSTONE), ("sdk-version", env!("CARGO_PKG_VERSION"))];

/// Why a call brought nothing. Texts are for the user and never hold the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    #[error("{host} could not be asked: {error}")]
    Unreachable { host: String, error: NetError },
    #[error("{host} wants an API key")]
    KeyMissing { host: String },
    #[error("{host} rejected the API key")]
    KeyRejected { host: String },
    #[error("the API key may not do this at {host}{words}")]
    NotPermitted { host: String, words: String },
    #[error("{host} has no such {what} any more")]
    NotFound { host: String, what: &'static str },
    #[error("{host} has a prompt called “{name}” already")]
    NameTaken { host: String, name: String },
    #[error("{host} asks to wait; try again later")]
    Busy { host: String },
    #[error("{host} did not accept this (status {status}){words}")]
    Refused { host: String, status: u16, words: String },
    /// A version says something that we cannot keep.
    #[error("one of its versions there cannot be read: {words}")]
    Unreadable { words: String },
    /// It answers, but with something else.
    #[error("{host} does not answer as the Arize prompts API does; check the address")]
    NotTheApi { host: String },
}

type Asked<T> = Result<T, ClientError>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteSpace {
    pub id: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemotePrompt {
    pub id: String,
    pub name: String,
    /// Empty for none.
    pub description: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct RemoteVersion {
    pub id: String,
    pub commit_message: String,
    pub content: PromptContent,
    pub created_at: String,
    /// Names that point to it now.
    pub labels: Vec<String>,
}

/// Reads the address of a server of the API as a user types it: `api.arize.com`, `http://127.0.0.1:47360`. The base URL,
/// without a slash or the API's own path at the end, or in words why it cannot be used. Without encryption only this
/// machine is spoken to.
pub fn parse_address(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("enter the server's address, for example https://api.arize.com".to_owned());
    }
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let Some(address) = touchstone_net::parse_address(&whole) else {
        return Err("the address must start with https:// and name a host".to_owned());
    };
    if address.has_credentials {
        return Err("take the user name and password out of the address; the key has a field of its own".to_owned());
    }
    if address.has_query {
        return Err("take everything after ? or # out of the address".to_owned());
    }
    if !address.is_encrypted && !address.is_loopback {
        return Err("the key would travel unencrypted; use https:// for servers on other computers".to_owned());
    }
    let url = address.url.trim_end_matches("/prompts").trim_end_matches("/v2");
    Ok(url.trim_end_matches('/').to_owned())
}

/// What the API of an account cannot say of a version, each in words; another Touchstone takes all of it.
pub fn losses(content: &PromptContent) -> Vec<String> {
    let mut lost = Vec::new();
    if matches!(content.provider, Provider::Gemini | Provider::Foundry | Provider::Practice) {
        lost.push(format!("{} is called custom there", content.provider.label()));
    }
    if content.input_variable_format == VariableFormat::Verbatim {
        lost.push("braces are read as variables there, and here they are not".to_owned());
    }
    let mut names = params::unknown_params(content);
    names.extend(content.provider_params.get("custom_provider_params").map(|_| "custom_provider_params".to_owned()));
    for message in &content.messages {
        names.extend(message.other.0.iter().map(|(name, _)| name.clone()));
        names.extend(message.tool_calls.iter().flat_map(wire::unknown_of_tool_calls));
    }
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    if !names.is_empty() {
        lost.push(format!("left out there: {}", names.join(", ")));
    }
    lost
}

/// A content as it comes back from an account of the API that it was sent to.
pub fn as_kept_there(content: &PromptContent) -> PromptContent {
    files::version_of(&body_of(content, "")).map_or_else(|_| content.clone(), |version| version.content)
}

/// The body that makes a version at an account.
fn body_of(content: &PromptContent, commit_message: &str) -> Object {
    let mut known = content.clone();
    known.extra = Object::default();
    known.invocation_params.0.retain(|(name, _)| params::is_param(name));
    known.provider_params.remove("custom_provider_params");
    for message in &mut known.messages {
        message.other = Object::default();
    }
    let record = VersionRecord {
        id: VersionId(String::new()),
        prompt_id: PromptId(String::new()),
        commit_hash: String::new(),
        commit_message: commit_message.to_owned(),
        content: known,
        created_at: String::new(),
        labels: Vec::new(),
    };
    let mut body = files::new_version_object(&record);
    if content.model.is_empty() {
        body.remove("model");
    }
    body
}

/// Asks one server. What it is asked is never retried but where it says that it did nothing.
#[derive(Debug)]
pub struct Client {
    net: touchstone_net::Client,
    address: String,
    host: String,
    credentials: Vec<Credential>,
    is_touchstone: AtomicBool,
}

impl Client {
    /// `address` is one that [`parse_address`] gave.
    pub fn new(net: &touchstone_net::Client, address: &str, key: Option<Secret>) -> Self {
        let host = touchstone_net::parse_address(address).map_or_else(|| address.to_owned(), |parsed| parsed.host);
        Self {
            net: net.clone(),
            address: address.to_owned(),
            host,
            credentials: key.map(Credential::Bearer).into_iter().collect(),
            is_touchstone: AtomicBool::new(false),
        }
    }

    pub fn host(&self) -> &str {
        &self.host
    }

    /// It is another Touchstone, which loses nothing. Known once it has answered.
    pub fn is_touchstone(&self) -> bool {
        self.is_touchstone.load(Ordering::Relaxed)
    }

    /// Every space that the key may see.
    pub async fn spaces(&self) -> Asked<Vec<RemoteSpace>> {
        let rows = self.list("/v2/spaces", &[], "spaces", "space").await?;
        rows.iter().map(|row| Ok(RemoteSpace { id: self.word(row, "id")?, name: self.word(row, "name")? })).collect()
    }

    /// Every prompt of a space.
    pub async fn prompts(&self, space_id: &str) -> Asked<Vec<RemotePrompt>> {
        let rows = self.list("/v2/prompts", &[("space_id", space_id)], "prompts", "space").await?;
        rows.iter().map(|row| self.prompt(row)).collect()
    }

    /// Every version of a prompt, oldest first.
    pub async fn versions(&self, prompt_id: &str) -> Asked<Vec<RemoteVersion>> {
        let path = format!("/v2/prompts/{}/versions", encoded(prompt_id));
        let rows = self.list(&path, &[], "prompt_versions", "prompt").await?;
        rows.iter().rev().map(|row| self.version(row)).collect()
    }

    /// Makes a prompt with its first version.
    pub async fn create(
        &self,
        space_id: &str,
        name: &str,
        description: &str,
        content: &PromptContent,
        commit_message: &str,
    ) -> Asked<(RemotePrompt, RemoteVersion)> {
        let mut body = Object::default();
        body.set("space_id", Json::String(space_id.to_owned()));
        body.set("name", Json::String(name.to_owned()));
        if !description.is_empty() {
            body.set("description", Json::String(description.to_owned()));
        }
        body.set("version", Json::Object(self.new_version(content, commit_message)));
        let reply = self.call(Method::Post, "/v2/prompts", Some(&body)).await?;
        if reply.status == 409 {
            return Err(ClientError::NameTaken { host: self.host.clone(), name: name.to_owned() });
        }
        let made = self.object(&self.accepted(reply, "space")?)?;
        let version = made.get("version").and_then(Json::as_object).ok_or_else(|| self.not_the_api())?;
        Ok((self.prompt(&made)?, self.version(version)?))
    }

    /// Adds a version to a prompt.
    pub async fn create_version(
        &self,
        prompt_id: &str,
        content: &PromptContent,
        commit_message: &str,
    ) -> Asked<RemoteVersion> {
        let path = format!("/v2/prompts/{}/versions", encoded(prompt_id));
        let reply = self.call(Method::Post, &path, Some(&self.new_version(content, commit_message))).await?;
        self.version(&self.object(&self.accepted(reply, "prompt")?)?)
    }

    /// Replaces the labels of a version; those that others of the prompt hold move.
    pub async fn set_labels(&self, version_id: &str, labels: &[String]) -> Asked<()> {
        let path = format!("/v2/prompt-versions/{}/labels", encoded(version_id));
        let mut body = Object::default();
        body.set("labels", Json::Array(labels.iter().map(|label| Json::String(label.clone())).collect()));
        let reply = self.call(Method::Put, &path, Some(&body)).await?;
        self.accepted(reply, "version").map(drop)
    }

    /// Takes a label away from a version that has `labels`; one that is not there is taken away already.
    pub async fn delete_label(&self, version_id: &str, label: &str, labels: &[String]) -> Asked<()> {
        // As steps of a path they would lead elsewhere, also encoded.
        if matches!(label, "." | "..") {
            let others: Vec<_> = labels.iter().filter(|other| *other != label).cloned().collect();
            return self.set_labels(version_id, &others).await;
        }
        let path = format!("/v2/prompt-versions/{}/labels/{}", encoded(version_id), encoded(label));
        let reply = self.call(Method::Delete, &path, None).await?;
        if reply.status == 404 { Ok(()) } else { self.accepted(reply, "version").map(drop) }
    }

    /// Changes the description of a prompt; an empty one takes it away.
    pub async fn describe(&self, prompt_id: &str, description: &str) -> Asked<()> {
        let description = match description {
            "" => Json::Null,
            words => Json::String(words.to_owned()),
        };
        let mut body = Object::default();
        body.set("description", description);
        let reply = self.call(Method::Patch, &format!("/v2/prompts/{}", encoded(prompt_id)), Some(&body)).await?;
        self.accepted(reply, "prompt").map(drop)
    }

    fn new_version(&self, content: &PromptContent, commit_message: &str) -> Object {
        if !self.is_touchstone() {
            return body_of(content, commit_message);
        }
        let mut body = Object::default();
        body.set("commit_message", Json::String(commit_message.to_owned()));
        let exact = serde_json::from_str(&content.canonical_json()).expect("canonical JSON is JSON");
        body.set("content", exact);
        body
    }

    /// All rows of a list, page by page.
    async fn list(
        &self,
        path: &str,
        query: &[(&str, &str)],
        name: &'static str,
        scope: &'static str,
    ) -> Asked<Vec<Object>> {
        let mut rows = Vec::new();
        let mut cursor: Option<String> = None;
        let mut seen = HashSet::new();
        loop {
            let page = page_path(path, query, cursor.as_deref());
            let reply = self.call(Method::Get, &page, None).await?;
            let page = self.object(&self.accepted(reply, scope)?)?;
            let items = page.get(name).and_then(Json::as_array).ok_or_else(|| self.not_the_api())?;
            for item in items {
                rows.push(item.as_object().ok_or_else(|| self.not_the_api())?.clone());
            }
            let next = page.get("pagination").and_then(Json::as_object).and_then(|pagination| {
                let more = pagination.get("has_more") == Some(&Json::Bool(true));
                pagination.get("next_cursor").and_then(Json::as_str).filter(|_| more)
            });
            match next {
                None => return Ok(rows),
                // A server that leads in a circle is none that can be read.
                Some(next) if !seen.insert(next.to_owned()) => return Err(self.not_the_api()),
                Some(next) => cursor = Some(next.to_owned()),
            }
        }
    }

    async fn call(&self, method: Method, path: &str, body: Option<&Object>) -> Asked<Reply> {
        let url = format!("{}{path}", self.address);
        let json = body.map(|body| serde_json::to_string(body).expect("maps with text keys, lists and scalars"));
        let mut attempt = 1;
        loop {
            let call = Call { method, headers: &HEADERS, credentials: &self.credentials, json: json.clone() };
            let reply = self.net.call(&url, call, CALL_TIMEOUT).await;
            let reply = reply.map_err(|error| ClientError::Unreachable { host: self.host.clone(), error })?;
            if reply.header("server") == Some(TOUCHSTONE) {
                self.is_touchstone.store(true, Ordering::Relaxed);
            }
            let wait = match reply.status {
                429 | 503 => wait_of(&reply, attempt),
                _ => return Ok(reply),
            };
            if attempt >= ATTEMPTS_MAX || wait > WAIT_MAX {
                return Err(ClientError::Busy { host: self.host.clone() });
            }
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    /// The body of a reply that says yes; `what` is what a 404 is about.
    fn accepted(&self, reply: Reply, what: &'static str) -> Asked<Vec<u8>> {
        let host = self.host.clone();
        match reply.status {
            200..300 => Ok(reply.body),
            401 if self.credentials.is_empty() => Err(ClientError::KeyMissing { host }),
            401 => Err(ClientError::KeyRejected { host }),
            403 => Err(ClientError::NotPermitted { host, words: self.words_of(&reply) }),
            // A server of another kind says it with a page.
            404 if self.is_problem(&reply) => Err(ClientError::NotFound { host, what }),
            300..=399 | 404 | 405 => Err(self.not_the_api()),
            status => Err(ClientError::Refused { host, status, words: self.words_of(&reply) }),
        }
    }

    fn is_problem(&self, reply: &Reply) -> bool {
        reply.header("content-type").is_some_and(|kind| kind.contains("json"))
    }

    /// What a problem says of itself, to go behind a sentence; empty for none. A server may repeat the key that it
    /// refuses.
    fn words_of(&self, reply: &Reply) -> String {
        let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let Some(words) = ["detail", "title", "message"].iter().find_map(|name| body[name].as_str()) else {
            return String::new();
        };
        let mut words = words.trim().trim_end_matches('.').to_owned();
        for credential in &self.credentials {
            words = words.replace(credential.secret().expose().as_str(), "<key>");
        }
        if let Some((end, _)) = words.char_indices().nth(QUOTED_CHARS_MAX) {
            words.truncate(end);
            words.push('…');
        }
        format!(": {words}")
    }

    fn object(&self, body: &[u8]) -> Asked<Object> {
        serde_json::from_slice(body).map_err(|_| self.not_the_api())
    }

    fn not_the_api(&self) -> ClientError {
        ClientError::NotTheApi { host: self.host.clone() }
    }

    /// The content that another Touchstone gives byte for byte, which must be what its hash says.
    fn exact(&self, content: &Json, commit_hash: &str) -> Asked<PromptContent> {
        let text = serde_json::to_string(content).map_err(|_| self.not_the_api())?;
        let content: PromptContent = serde_json::from_str(&text).map_err(|_| self.not_the_api())?;
        if sha256_hex(text.as_bytes()) == commit_hash { Ok(content) } else { Err(self.not_the_api()) }
    }

    fn word(&self, row: &Object, name: &str) -> Asked<String> {
        row.get(name).and_then(Json::as_str).map(str::to_owned).ok_or_else(|| self.not_the_api())
    }

    fn prompt(&self, row: &Object) -> Asked<RemotePrompt> {
        let description = row.get("description").and_then(Json::as_str).unwrap_or_default().to_owned();
        Ok(RemotePrompt { id: self.word(row, "id")?, name: self.word(row, "name")?, description })
    }

    fn version(&self, row: &Object) -> Asked<RemoteVersion> {
        let content = match row.get("content") {
            Some(exact) => self.exact(exact, &self.word(row, "commit_hash")?)?,
            None => {
                // Fields that the API may have one day say nothing that we could keep.
                let mut known = row.clone();
                known.0.retain(|(name, _)| wire::is_version_field(name));
                files::version_of(&known).map_err(|words| ClientError::Unreadable { words })?.content
            }
        };
        let labels = row.get("labels").and_then(Json::as_array).unwrap_or_default();
        Ok(RemoteVersion {
            id: self.word(row, "id")?,
            commit_message: self.word(row, "commit_message")?,
            content,
            created_at: self.word(row, "created_at")?,
            labels: labels.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        })
    }
}

/// How long a server that is too busy wants to be left alone.
fn wait_of(reply: &Reply, attempt: u32) -> Duration {
    let named = reply.header("retry-after").and_then(|text| text.trim().parse().ok());
    named.map_or_else(|| Duration::from_secs(u64::from(attempt)), Duration::from_secs)
}

/// The path of a page of a list, with its query.
fn page_path(path: &str, query: &[(&str, &str)], cursor: Option<&str>) -> String {
    let mut given = url::form_urlencoded::Serializer::new(String::new());
    given.extend_pairs(query).append_pair("limit", PAGE_ROWS);
    if let Some(cursor) = cursor {
        given.append_pair("cursor", cursor);
    }
    format!("{path}?{}", given.finish())
}

fn encoded(part: &str) -> String {
    utf8_percent_encode(part, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use touchstone_domain::prompt::{Message, Role};

    #[test]
    fn addresses_are_taken_as_they_are_typed() {
        for (typed, address) in [
            (" api.arize.com ", "https://api.arize.com"),
            ("https://api.eu.arize.com/v2/", "https://api.eu.arize.com"),
            ("https://gateway.example.org/arize/v2/prompts", "https://gateway.example.org/arize"),
            ("http://127.0.0.1:47360/", "http://127.0.0.1:47360"),
            ("http://localhost:1", "http://localhost:1"),
        ] {
            assert_eq!(parse_address(typed).as_deref(), Ok(address), "{typed}");
        }
        for typed in ["", "http://api.arize.com", "ftp://a", "https://me:secret@a.org", "https://a.org?key=1"] {
            let refused = parse_address(typed).expect_err(typed);
            assert!(!refused.contains("secret"), "{refused}");
        }
    }

    fn content() -> PromptContent {
        PromptContent {
            messages: vec![Message::new(Role::User, "Hi {name}")],
            input_variable_format: VariableFormat::FString,
            provider: Provider::OpenAi,
            model: "gpt".to_owned(),
            invocation_params: Object::default(),
            provider_params: Object::default(),
            extra: Object::default(),
        }
    }

    #[test]
    fn what_an_account_cannot_keep_is_said_and_not_sent() {
        assert!(losses(&content()).is_empty());
        assert_eq!(as_kept_there(&content()), content());
        let mut own = content();
        own.provider = Provider::Gemini;
        own.extra.set("seed", Json::Number("7".to_owned()));
        own.messages[0].other.set("name", Json::String("x".to_owned()));
        assert_eq!(losses(&own), ["Gemini is called custom there", "left out there: seed, name"]);
        let body = serde_json::to_string(&body_of(&own, "why")).expect("JSON");
        assert_eq!(
            body,
            r#"{"commit_message":"why","messages":[{"role":"USER","content":"Hi {name}"}],"input_variable_format":"F_STRING","provider":"CUSTOM","model":"gpt"}"#
        );
        assert_eq!(as_kept_there(&own), PromptContent { provider: Provider::Custom, ..content() });
    }
}
