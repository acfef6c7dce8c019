//! What a prompt's version holds, and the hash that identifies it.

use crate::json::{Json, Object};
use crate::template::VariableFormat;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use specta::Type;
use std::collections::HashSet;

/// Longest prompt name, in characters. Source: Label Studio's `title` field.
pub const NAME_CHARS_MAX: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    System,
    User,
    Assistant,
    /// What a tool answered to a call of the assistant's.
    Tool,
}

impl Role {
    /// The role as every chat API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// One message of a template; `content` still has its `{variables}`.
///
/// As JSON it has the keys that it was given, in their order. Those of a new one stand in the order of the fields, and
/// what is absent is left out, but for `content`, which is null.
#[derive(Clone, Debug, PartialEq, Eq, Type)]
pub struct Message {
    pub role: Role,
    /// `None` where an assistant only calls tools.
    pub content: Option<String>,
    /// Of a tool's message: which call it answers.
    #[specta(optional)]
    pub tool_call_id: Option<String>,
    /// Of an assistant's message: a list of calls, each with `type`, `function` and perhaps `id`.
    #[specta(optional)]
    pub tool_calls: Option<Json>,
    /// What has no meaning here.
    #[specta(skip)]
    pub other: Object,
    /// The keys as they were given, each once; empty where they stand as those of a new message do.
    #[specta(skip)]
    keys: Vec<String>,
}

impl Message {
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        let content = Some(content.into());
        Self { role, content, tool_call_id: None, tool_calls: None, other: Object::default(), keys: Vec::new() }
    }

    /// The text; empty where there is none.
    pub fn text(&self) -> &str {
        self.content.as_deref().unwrap_or_default()
    }

    /// The same message with its text, if it has one, changed.
    #[must_use]
    pub fn map_text(&self, change: impl FnOnce(&str) -> String) -> Self {
        Self { content: self.content.as_deref().map(change), ..self.clone() }
    }

    /// The same message with its keys in the order of `keys`, and null for those of them that it has no value for.
    #[must_use]
    pub fn with_keys(mut self, keys: Vec<String>) -> Self {
        self.keys.clear();
        let once: HashSet<_> = keys.iter().collect();
        let stands_as_new = self.keys().into_iter().eq(keys.iter().map(String::as_str));
        // Keys that are given twice have no order that could be kept.
        if once.len() == keys.len() && !stands_as_new {
            self.keys = keys;
        }
        self
    }

    /// The keys that its JSON has, in their order.
    pub fn keys(&self) -> Vec<&str> {
        self.entries().into_iter().map(|(key, _)| key).collect()
    }

    fn restored(mut self, before: &Message) -> Message {
        if let (Some(calls), Some(known)) = (self.tool_calls.take(), &before.tool_calls) {
            self.tool_calls = Some(calls.restored(known));
        }
        self.other = self.other.restored(&before.other);
        let has_same_keys = self.keys().into_iter().collect::<HashSet<_>>() == before.keys().into_iter().collect();
        if has_same_keys {
            self.keys.clone_from(&before.keys);
        }
        self
    }

    fn entries(&self) -> Vec<(&str, Entry<'_>)> {
        let value = |key: &str| match key {
            "role" => Some(Entry::Role(self.role)),
            "content" => Some(Entry::Text(self.content.as_deref())),
            "tool_call_id" => Some(Entry::Text(self.tool_call_id.as_deref())),
            "tool_calls" => Some(self.tool_calls.as_ref().map_or(Entry::Text(None), Entry::Json)),
            other => self.other.get(other).map(Entry::Json),
        };
        let is_given = |name: &str| self.keys.iter().any(|key| key == name);
        let mut entries: Vec<_> = self.keys.iter().filter_map(|key| Some((key.as_str(), value(key)?))).collect();
        for key in KNOWN_KEYS.into_iter().filter(|key| !is_given(key)) {
            let has_to_be = key == "content" && self.keys.is_empty();
            let entry = value(key).filter(|entry| has_to_be || !matches!(entry, Entry::Text(None)));
            entries.extend(entry.map(|entry| (key, entry)));
        }
        let other = self.other.0.iter().filter(|(key, _)| !is_given(key));
        entries.extend(other.map(|(key, value)| (key.as_str(), Entry::Json(value))));
        entries
    }
}

/// In the order that a new message has them.
const KNOWN_KEYS: [&str; 4] = ["role", "content", "tool_call_id", "tool_calls"];

/// The value of a message's key.
enum Entry<'a> {
    Role(Role),
    Text(Option<&'a str>),
    Json(&'a Json),
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Role(role) => role.serialize(serializer),
            Self::Text(text) => text.serialize(serializer),
            Self::Json(value) => value.serialize(serializer),
        }
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.entries())
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Object::deserialize(deserializer)?;
        let given: Vec<_> = fields.0.iter().map(|(key, _)| key.clone()).collect();
        let mut text = |key: &'static str| match fields.remove(key) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(D::Error::custom(format!("a message's {key} is no text"))),
        };
        let role = text("role")?.ok_or_else(|| D::Error::missing_field("role"))?;
        let role = Role::deserialize(serde::de::value::StringDeserializer::new(role))?;
        let (content, tool_call_id) = (text("content")?, text("tool_call_id")?);
        let tool_calls = fields.remove("tool_calls").filter(|calls| *calls != Json::Null);
        let message = Self { role, content, tool_call_id, tool_calls, other: fields, keys: Vec::new() };
        Ok(message.with_keys(given))
    }
}

/// Who answers. Spelled in lower case on disk and in the window; the Arize API has spellings of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    OpenAi,
    AzureOpenAi,
    /// Kept, but not run from here.
    AwsBedrock,
    VertexAi,
    Anthropic,
    Gemini,
    Foundry,
    /// Any server that speaks the OpenAI chat format.
    Custom,
    /// The built-in deterministic classifier; not a language model.
    Practice,
}

impl Provider {
    pub const ALL: [Self; 9] = [
        Self::OpenAi,
        Self::AzureOpenAi,
        Self::AwsBedrock,
        Self::VertexAi,
        Self::Anthropic,
        Self::Gemini,
        Self::Foundry,
        Self::Custom,
        Self::Practice,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "open_ai",
            Self::AzureOpenAi => "azure_open_ai",
            Self::AwsBedrock => "aws_bedrock",
            Self::VertexAi => "vertex_ai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Foundry => "foundry",
            Self::Custom => "custom",
            Self::Practice => "practice",
        }
    }

    /// As its makers write it.
    pub fn label(self) -> &'static str {
        match self {
            Self::OpenAi => "OpenAI",
            Self::AzureOpenAi => "Azure OpenAI",
            Self::AwsBedrock => "AWS Bedrock",
            Self::VertexAi => "Vertex AI",
            Self::Anthropic => "Anthropic",
            Self::Gemini => "Gemini",
            Self::Foundry => "Azure AI Foundry",
            Self::Custom => "Custom",
            Self::Practice => "Practice model",
        }
    }
}

/// What a version says, without who said it and when: the part that is hashed, sent and compared.
///
/// Content is kept as given: nothing is trimmed or normalised, keys keep their order and numbers their digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct PromptContent {
    pub messages: Vec<Message>,
    pub input_variable_format: VariableFormat,
    pub provider: Provider,
    /// The model id as the provider knows it; empty where none was chosen.
    pub model: String,
    /// Sampling parameters, `response_format` and `tool_config` by their Arize names; only what the user set.
    pub invocation_params: Object,
    /// What only this provider knows (`azure_params`, `region`, …), by its Arize names.
    #[serde(default)]
    pub provider_params: Object,
    /// Whatever else goes into the request's body as it is (`seed`, …).
    #[serde(default)]
    pub extra: Object,
}

impl PromptContent {
    /// The compact JSON that is stored and hashed; key order is the order of the fields.
    pub fn canonical_json(&self) -> String {
        serde_json::to_string(self).expect("prompt content is maps with text keys, lists and scalars")
    }

    /// SHA-256, in lower-case hex, of [`Self::canonical_json`].
    pub fn commit_hash(&self) -> String {
        sha256_hex(self.canonical_json().as_bytes())
    }

    /// The same content after it went through a web page; see [`Json::restored`].
    #[must_use]
    pub fn restored(mut self, before: &PromptContent) -> PromptContent {
        let mut known = before.messages.iter();
        self.messages = self
            .messages
            .into_iter()
            .map(|message| match known.next() {
                Some(known) => message.restored(known),
                None => message,
            })
            .collect();
        self.invocation_params = self.invocation_params.restored(&before.invocation_params);
        self.provider_params = self.provider_params.restored(&before.provider_params);
        self.extra = self.extra.restored(&before.extra);
        self
    }
}

/// SHA-256 of `bytes` in lower-case hex, 64 characters.
pub fn sha256_hex(bytes: &[u8]) -> String {
    in_hex(&Sha256::digest(bytes))
}

/// A digest in lower-case hex.
pub(crate) fn in_hex(digest: &[u8]) -> String {
    // `hex::encode` pushes one character after the other, which takes longer than the hash of a short text.
    let mut text = vec![0; digest.len() * 2];
    hex::encode_to_slice(digest, &mut text).expect("there is room for two digits a byte");
    String::from_utf8(text).expect("digits are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(user: &str) -> PromptContent {
        PromptContent {
            messages: vec![Message::new(Role::User, user)],
            input_variable_format: VariableFormat::FString,
            provider: Provider::Practice,
            model: "practice".to_owned(),
            invocation_params: Object::default(),
            provider_params: Object::default(),
            extra: Object::default(),
        }
    }

    #[test]
    fn canonical_json_has_one_spelling() {
        assert_eq!(
            content("Hi {name}").canonical_json(),
            r#"{"messages":[{"role":"USER","content":"Hi {name}"}],"input_variable_format":"F_STRING","provider":"practice","model":"practice","invocation_params":{},"provider_params":{},"extra":{}}"#
        );
    }

    #[test]
    fn hash_is_stable_and_sees_every_character() {
        assert_eq!(content("a").commit_hash(), content("a").commit_hash());
        assert_ne!(content("a").commit_hash(), content("a ").commit_hash(), "trailing blanks are content");
        assert_eq!(content("a").commit_hash().len(), 64);
    }

    #[test]
    fn content_is_kept_as_given() {
        let given = r#"{"messages":[{"role":"ASSISTANT","content":null,"tool_calls":[{"id":"1","type":"FUNCTION","function":{"name":"f","arguments":"{ \"a\":1 }"}}],"name":"é"},{"role":"TOOL","content":" x ","tool_call_id":"1"}],"input_variable_format":"MUSTACHE","provider":"open_ai","model":"m","invocation_params":{"temperature":1.0,"tool_config":{"tools":[{"b":1,"a":2}]}},"provider_params":{"region":"eu"},"extra":{"seed":123456789012345678901234567890}}"#;
        let content: PromptContent = serde_json::from_str(given).expect("content");
        assert_eq!(content.canonical_json(), given);
    }

    #[test]
    fn keys_of_a_message_stand_as_they_were_given() {
        let written = |message: &Message| serde_json::to_string(message).expect("JSON");
        for given in [
            r#"{"content":"Hi","role":"USER"}"#,
            r#"{"name":"n","role":"TOOL","tool_call_id":null,"tool_calls":null,"content":null}"#,
            r#"{"role":"ASSISTANT"}"#,
            r#"{"cache":{"b":1,"a":2},"tool_calls":[],"role":"ASSISTANT"}"#,
            r#"{"role":"USER","content":"Hi","x":1,"x":2}"#,
        ] {
            let message: Message = serde_json::from_str(given).expect("message");
            assert_eq!(written(&message), given);
        }
        let given = r#"{"content":"Hi","name":1.0,"role":"USER"}"#;
        let before: Message = serde_json::from_str(given).expect("message");
        let page: Message = serde_json::from_str(r#"{"role":"USER","content":"Ho","name":1}"#).expect("message");
        assert_eq!(written(&page.restored(&before)), given.replace("Hi", "Ho"));
        let mut called = before.map_text(str::to_uppercase);
        called.tool_call_id = Some("1".to_owned());
        assert_eq!(written(&called), r#"{"content":"HI","name":1.0,"role":"USER","tool_call_id":"1"}"#);
    }

    #[test]
    fn a_version_from_before_there_were_provider_parameters_says_the_same() {
        let old = r#"{"messages":[{"role":"USER","content":"Hi {name}"}],"input_variable_format":"F_STRING","provider":"practice","model":"practice","invocation_params":{}}"#;
        assert_eq!(serde_json::from_str::<PromptContent>(old).expect("content"), content("Hi {name}"));
    }

    #[test]
    fn providers_are_spelled_on_disk_as_they_are_named() {
        for provider in Provider::ALL {
            assert_eq!(serde_json::to_value(provider).expect("JSON"), provider.as_str());
        }
    }
}
