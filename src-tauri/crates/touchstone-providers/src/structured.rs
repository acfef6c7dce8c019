//! How a model is held to a schema: a ladder from what constrains it to what only asks it.

use crate::chat::{ChatMessage, ChatRequest, Part};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use std::borrow::Cow;
use touchstone_domain::prompt::Role;

/// One rung. The caller remembers which one a connection and a model take; see [`crate::probe`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StructuredMode {
    /// The vendor's own field for a JSON Schema, in the subset that it takes.
    JsonSchema,
    /// The schema beside the request, in another way than the vendor's own field: `json_object` with it, which is what Label
    /// Studio asks of a custom model, or the only tool that Anthropic's format lets the model use.
    JsonObjectWithSchema,
    /// Any JSON; the schema stands in the prompt.
    JsonObject,
    /// Nothing but words; the answer is looked for in the text.
    Instruction,
}

impl StructuredMode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JsonSchema => "json_schema",
            Self::JsonObjectWithSchema => "json_object_with_schema",
            Self::JsonObject => "json_object",
            Self::Instruction => "instruction",
        }
    }

    /// How runs ask by it, as the end of “runs ask by …”.
    pub fn asked_by(self) -> &'static str {
        match self {
            Self::JsonSchema => "the vendor's own field for a schema",
            Self::JsonObjectWithSchema => "a schema beside the request for JSON",
            Self::JsonObject => "JSON mode, with the schema in the prompt",
            Self::Instruction => "words in the prompt, and look for the JSON in what is answered",
        }
    }

    /// Whether a server that keeps to it holds the model to the schema itself.
    pub fn is_enforced(self) -> bool {
        matches!(self, Self::JsonSchema | Self::JsonObjectWithSchema)
    }

    /// Whether the prompt must say what the server does not enforce.
    fn needs_words(self) -> bool {
        !self.is_enforced()
    }
}

/// The messages of `request`, with the schema in words where `mode` does not enforce it. The words go to the
/// instructions; without a system message, to the last user message, because some models know no other.
pub(crate) fn messages(request: &ChatRequest, mode: StructuredMode) -> Cow<'_, [ChatMessage]> {
    if !mode.needs_words() {
        return Cow::Borrowed(&request.messages);
    }
    let mut messages = request.messages.clone();
    let words = instruction(&request.schema);
    let at = messages
        .iter()
        .position(|message| message.role == Role::System)
        .or_else(|| messages.iter().rposition(|message| message.role == Role::User));
    match at {
        Some(at) => messages[at].content.push(Part::Text(format!("\n\n{words}"))),
        None => messages.push(ChatMessage::new(Role::User, words)),
    }
    Cow::Owned(messages)
}

/// OpenAI's JSON mode refuses a prompt without the word "JSON".
fn instruction(schema: &Value) -> String {
    format!("Answer with one JSON object and nothing else. It must be valid under this JSON Schema:\n{schema}")
}
