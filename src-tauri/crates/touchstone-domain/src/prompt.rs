//! What a prompt's version holds, and the hash that identifies it.

use crate::json::{Json, Object};
use crate::template::VariableFormat;
use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use specta::Type;

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
/// As JSON its keys stand in the order of the fields, absent ones are left out, and keys that we do not know follow as
/// they were given.
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
    #[specta(skip)]
    pub other: Object,
}

impl Message {
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: Some(content.into()), tool_call_id: None, tool_calls: None, other: Object::default() }
    }

    /// The text; empty where there is none.
    pub fn text(&self) -> &str {
        self.content.as_deref().unwrap_or_default()
    }

    fn restored(mut self, before: &Message) -> Message {
        if let (Some(calls), Some(known)) = (self.tool_calls.take(), &before.tool_calls) {
            self.tool_calls = Some(calls.restored(known));
        }
        self.other = self.other.restored(&before.other);
        self
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("role", &self.role)?;
        map.serialize_entry("content", &self.content)?;
        if let Some(id) = &self.tool_call_id {
            map.serialize_entry("tool_call_id", id)?;
        }
        if let Some(calls) = &self.tool_calls {
            map.serialize_entry("tool_calls", calls)?;
        }
        for (key, value) in &self.other.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Object::deserialize(deserializer)?;
        let mut text = |key: &'static str| match fields.remove(key) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(D::Error::custom(format!("a message's {key} is no text"))),
        };
        let role = text("role")?.ok_or_else(|| D::Error::missing_field("role"))?;
        let role = Role::deserialize(serde::de::value::StringDeserializer::new(role))?;
        let (content, tool_call_id) = (text("content")?, text("tool_call_id")?);
        let tool_calls = fields.remove("tool_calls").filter(|calls| *calls != Json::Null);
        Ok(Self { role, content, tool_call_id, tool_calls, other: fields })
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
    hex::encode(Sha256::digest(bytes))
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
