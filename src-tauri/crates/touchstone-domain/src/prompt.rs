//! What a prompt's version holds, and the hash that identifies it.

use crate::template::VariableFormat;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
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
}

impl Role {
    /// The role as every chat API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message of a template; `content` still has its `{variables}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Message {
    pub role: Role,
    pub content: String,
}

/// Who answers. Spelled on disk and on the wire in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Any server that speaks the OpenAI chat format.
    Custom,
    /// The built-in deterministic classifier; not a language model.
    Practice,
}

impl Provider {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Practice => "practice",
        }
    }
}

/// What a version says, without who said it and when: the part that is hashed, sent and compared.
///
/// Content is kept as given: nothing is trimmed or normalised, and parameters keep their key order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct PromptContent {
    pub messages: Vec<Message>,
    pub input_variable_format: VariableFormat,
    pub provider: Provider,
    /// The model id as the provider knows it.
    pub model: String,
    /// Sampling parameters by their Arize names (`temperature`, `max_tokens`, …); only those the user set.
    pub invocation_params: Map<String, Value>,
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
            messages: vec![Message { role: Role::User, content: user.to_owned() }],
            input_variable_format: VariableFormat::FString,
            provider: Provider::Practice,
            model: "practice".to_owned(),
            invocation_params: Map::new(),
        }
    }

    #[test]
    fn canonical_json_has_one_spelling() {
        assert_eq!(
            content("Hi {name}").canonical_json(),
            r#"{"messages":[{"role":"USER","content":"Hi {name}"}],"input_variable_format":"F_STRING","provider":"practice","model":"practice","invocation_params":{}}"#
        );
    }

    #[test]
    fn hash_is_stable_and_sees_every_character() {
        assert_eq!(content("a").commit_hash(), content("a").commit_hash());
        assert_ne!(content("a").commit_hash(), content("a ").commit_hash(), "trailing blanks are content");
        assert_eq!(content("a").commit_hash().len(), 64);
    }
}
