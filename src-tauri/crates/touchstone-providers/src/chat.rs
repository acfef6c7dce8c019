//! The neutral call that every provider adapter translates, and its outcomes.

use async_trait::async_trait;
use serde_json::{Map, Value};
use touchstone_domain::prompt::{Provider, Role};

/// One message as it is sent: variables are filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    pub role: Role,
    pub content: String,
    /// Of a tool's message: which call it answers.
    pub tool_call_id: Option<String>,
    /// Of an assistant's message: the calls that it makes, spelled as the Arize API does.
    pub tool_calls: Option<Value>,
}

impl ChatMessage {
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into(), tool_call_id: None, tool_calls: None }
    }
}

/// One task's question, not yet in any provider's words.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRequest {
    pub model: String,
    pub messages: Vec<ChatMessage>,
    /// JSON Schema that the answer must satisfy.
    pub schema: Value,
    /// Sampling parameters that the user set, by their Arize names; nothing else is sent.
    pub params: Map<String, Value>,
    /// The values that the task contributed to `messages`. Never sent; the practice model reads them to tell the text
    /// that it should classify from the instructions around it.
    pub inputs: Vec<String>,
}

/// Tokens as the provider bills them; `None` when the server does not say, which is not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub prompt_tokens: Option<u32>,
    pub completion_tokens: Option<u32>,
}

/// A reply that arrived and holds text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatReply {
    /// The text of the model's message.
    pub content: String,
    pub usage: Usage,
    pub latency_ms: u32,
}

/// Why there is no reply. Each kind is one that the engine or the user acts on differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChatErrorKind {
    /// The key is missing, wrong or revoked (401). Ends the run.
    KeyRejected,
    /// The key works but may not use this (403). Ends the run.
    NotPermitted,
    /// The account is out of money or quota that waiting does not bring back. Ends the run.
    OutOfMoney,
    /// No such model or path at this endpoint (404). Ends the run.
    NotFound,
    /// The server does not accept the request as such (400, 422 and kin). This task only.
    BadRequest,
    /// The prompt is longer than the model can read. This task only.
    ContextTooLong,
    /// Asked to slow down (429). Retried.
    RateLimited,
    /// The server is overloaded or failed (5xx, 529). Retried.
    ServerError,
    /// Nothing answered within the time limit. Retried.
    Timeout,
    /// The connection could not be made or broke. Retried.
    Network,
    /// Something answered that is no chat reply: HTML, half a JSON, another shape. Retried.
    Malformed,
    /// The model stopped at its output limit (`finish_reason: length`). This task only.
    Truncated,
    /// The model refused, or a content filter did. This task only.
    Refused,
}

impl ChatErrorKind {
    /// The code that is stored with a failed task and that the UI may branch on.
    pub fn code(self) -> &'static str {
        match self {
            Self::KeyRejected => "key_rejected",
            Self::NotPermitted => "not_permitted",
            Self::OutOfMoney => "out_of_money",
            Self::NotFound => "not_found",
            Self::BadRequest => "bad_request",
            Self::ContextTooLong => "context_too_long",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::Malformed => "malformed",
            Self::Truncated => "truncated",
            Self::Refused => "refused",
        }
    }

    /// Whether asking the same again may help.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::ServerError | Self::Timeout | Self::Network | Self::Malformed)
    }

    /// Whether every other task of the run would meet it too.
    pub fn ends_run(self) -> bool {
        matches!(self, Self::KeyRejected | Self::NotPermitted | Self::OutOfMoney | Self::NotFound)
    }
}

/// A failed call, in words for the user: what happened, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ChatError {
    pub kind: ChatErrorKind,
    pub message: String,
    /// How long the server asked to wait before the next try, in milliseconds.
    pub retry_after_ms: Option<u32>,
}

/// A model that can be asked. One implementation per provider.
#[async_trait]
pub trait ChatModel: Send + Sync {
    fn provider(&self) -> Provider;

    /// Where requests go, as part of an answer's identity; empty for a model inside this program.
    fn endpoint(&self) -> &str;

    /// The request body for [`Self::ask`]. Pure: previews and answer hashes use it too.
    fn body(&self, request: &ChatRequest) -> Value;

    /// Asks once, with the `body` of `request`: what was hashed is what is sent, and retries do not make it again.
    /// No retry, no pacing. Dropping the future ends the call.
    async fn ask(&self, request: &ChatRequest, body: &Value) -> Result<ChatReply, ChatError>;
}
