//! The neutral call that every provider adapter translates, and its outcomes.

use crate::batch::BatchApi;
use crate::body::Body;
use crate::check::{self, TestReport};
use crate::limits::Limits;
use crate::line::TEST_TIMEOUT;
use crate::media::{Media, MediaLimits};
use crate::schema::Schema;
use crate::structured::StructuredMode;
use crate::wire::Wire;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;
use touchstone_domain::prompt::{Provider, Role};
use touchstone_net::Via;

/// A piece of a message, in the order in which the model reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text(String),
    Image(Media),
    Pdf(Media),
}

impl Part {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Image(_) | Self::Pdf(_) => None,
        }
    }
}

/// One message as it is sent: variables are filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    pub role: Role,
    pub content: Vec<Part>,
    /// Of a tool's message: which call it answers.
    pub tool_call_id: Option<String>,
    /// Of an assistant's message: the calls that it makes, spelled as the Arize API does.
    pub tool_calls: Option<Value>,
}

impl ChatMessage {
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, content: vec![Part::Text(text.into())], tool_call_id: None, tool_calls: None }
    }

    /// Everything in it that is text.
    pub fn text(&self) -> Cow<'_, str> {
        match self.content.as_slice() {
            [Part::Text(text)] => Cow::Borrowed(text),
            parts => parts.iter().filter_map(Part::text).collect::<String>().into(),
        }
    }
}

/// One task's question, not yet in any provider's words.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatRequest {
    pub model: String,
    pub messages: Vec<ChatMessage>,
    /// JSON Schema that the answer must satisfy.
    pub schema: Schema,
    /// How the schema is enforced, as a probe found; `None` is what the provider is known for.
    pub structure: Option<StructuredMode>,
    /// Sampling parameters that the user set, by their Arize names; nothing else is sent.
    pub params: Map<String, Value>,
    /// The values that the task contributed to `messages`. Never sent; the practice model reads them to tell the text
    /// that it should classify from the instructions around it.
    pub inputs: Vec<String>,
    /// What comes before the conversation, the system messages and the schema, is the same in many requests: worth keeping
    /// where the vendor has to be told so.
    pub shares_beginning: bool,
}

/// What stands for an answer without a text: some vendors refuse an empty message.
const NOTHING_SAID: &str = "(no answer)";

impl ChatRequest {
    /// The conversation after `answer`, with `correction` from the user.
    #[must_use]
    pub fn continued(&self, answer: &str, correction: &str) -> Self {
        let mut request = self.clone();
        let answer = if answer.trim().is_empty() { NOTHING_SAID } else { answer };
        request.messages.push(ChatMessage::new(Role::Assistant, answer));
        request.messages.push(ChatMessage::new(Role::User, correction));
        request
    }
}

/// A parameter that the user set and that is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// By its Arize name.
    pub name: String,
    /// Why, as the end of a sentence: “gpt-6-luna does not take it”.
    pub reason: String,
}

/// Tokens as the provider bills them, counted in one way for all; `None` when the server does not say, which is not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// All input, with what was read from and written to a cache.
    pub prompt_tokens: Option<u32>,
    /// All billed output, with what the model thought.
    pub completion_tokens: Option<u32>,
    /// The part of the input that was read from a cache.
    pub cached_tokens: Option<u32>,
    /// The part of the input that was written to a cache.
    pub cache_write_tokens: Option<u32>,
    /// The part of the output that the model thought.
    pub reasoning_tokens: Option<u32>,
}

/// A reply that arrived and is the model's answer. Its text may be empty, which is paid for and no answer to anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatReply {
    /// The text of the model's message.
    pub content: String,
    pub usage: Usage,
    pub latency_ms: u32,
    /// The model that answered, as the server names it: a deployment's name does not tell.
    pub model: Option<String>,
    /// What the vendor finds this call by.
    pub request_id: Option<String>,
    /// What the server told of its limits.
    pub limits: Option<Box<Limits>>,
    /// It came with the likelihood of its tokens.
    pub has_logprobs: bool,
}

/// Why there is no answer. Each kind is one that the engine or the user acts on differently.
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
    /// The model takes neither the parameter nor the schema that was sent, whatever the task. Ends the run.
    Unsupported,
    /// The server does not accept the request as such (400, 422 and kin). This task only.
    BadRequest,
    /// The prompt is longer than the model can read. This task only.
    ContextTooLong,
    /// Asked to slow down (429). Retried.
    RateLimited,
    /// The server has no room now (503, 529). Retried.
    Overloaded,
    /// The server failed (5xx). Retried.
    ServerError,
    /// Nothing answered within the time limit. Retried.
    Timeout,
    /// The connection could not be made or broke. Retried.
    Network,
    /// Offline is switched on, and the server is not on this machine. Ends the run.
    Offline,
    /// Something answered that is no chat reply: HTML, half a JSON, another shape. Retried.
    Malformed,
    /// The model stopped at its output limit. This task only.
    Truncated,
    /// The model refused. This task only.
    Refused,
    /// A filter held back the prompt or the answer. This task only.
    Filtered,
}

impl ChatErrorKind {
    /// The code that is stored with a failed task and that the UI may branch on.
    pub fn code(self) -> &'static str {
        match self {
            Self::KeyRejected => "key_rejected",
            Self::NotPermitted => "not_permitted",
            Self::OutOfMoney => "out_of_money",
            Self::NotFound => "not_found",
            Self::Unsupported => "unsupported",
            Self::BadRequest => "bad_request",
            Self::ContextTooLong => "context_too_long",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::ServerError => "server_error",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::Offline => "offline",
            Self::Malformed => "malformed",
            Self::Truncated => "truncated",
            Self::Refused => "refused",
            Self::Filtered => "filtered",
        }
    }

    /// Whether asking the same again may help.
    pub fn is_retryable(self) -> bool {
        use ChatErrorKind::*;
        matches!(self, RateLimited | Overloaded | ServerError | Timeout | Network | Malformed)
    }

    /// Whether every other task of the run would meet it too.
    pub fn ends_run(self) -> bool {
        use ChatErrorKind::*;
        matches!(self, KeyRejected | NotPermitted | OutOfMoney | NotFound | Unsupported | Offline)
    }
}

/// What a user looks at to mend a failure: finer than the kind where one kind has several causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    Key,
    Permission,
    Model,
    Deployment,
    Endpoint,
    /// The model is not offered there, or the country is not served.
    Region,
    Quota,
    /// The name of the host cannot be found.
    Dns,
    /// Who signed the server's certificate is not known here.
    Authority,
    /// Any other reason why no secure connection is made.
    Tls,
    NothingListening,
    /// Any other trouble on the way.
    Network,
    /// The user switched the way there off.
    Offline,
    Timeout,
    Server,
    Request,
    Answer,
}

impl Fault {
    /// The word that the UI may branch on.
    pub fn code(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Permission => "permission",
            Self::Model => "model",
            Self::Deployment => "deployment",
            Self::Endpoint => "endpoint",
            Self::Region => "region",
            Self::Quota => "quota",
            Self::Dns => "dns",
            Self::Authority => "authority",
            Self::Tls => "tls",
            Self::NothingListening => "nothing_listening",
            Self::Network => "network",
            Self::Offline => "offline",
            Self::Timeout => "timeout",
            Self::Server => "server",
            Self::Request => "request",
            Self::Answer => "answer",
        }
    }

    /// What a failure of this kind is most often due to.
    pub(crate) fn of(kind: ChatErrorKind) -> Self {
        use ChatErrorKind::*;
        match kind {
            KeyRejected => Self::Key,
            NotPermitted => Self::Permission,
            OutOfMoney | RateLimited => Self::Quota,
            NotFound | Malformed => Self::Endpoint,
            Unsupported | BadRequest | ContextTooLong => Self::Request,
            Overloaded | ServerError => Self::Server,
            Timeout => Self::Timeout,
            Network => Self::Network,
            Offline => Self::Offline,
            Truncated | Refused | Filtered => Self::Answer,
        }
    }
}

/// What the vendor said of a failure, for a support ticket. Without secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorWords {
    pub status: Option<u16>,
    /// The vendor's own code, type or status, the most exact that it gave.
    pub code: Option<String>,
    pub message: Option<String>,
    /// The parameter that it does not accept.
    pub param: Option<String>,
    pub request_id: Option<String>,
    /// Its own verdict on whether asking again may help, which outweighs ours.
    pub should_retry: Option<bool>,
}

/// A failed call, in words for the user: what happened, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ChatError {
    pub kind: ChatErrorKind,
    pub fault: Fault,
    pub message: String,
    /// How long the server asked to wait before the next try, in milliseconds.
    pub retry_after_ms: Option<u32>,
    pub vendor: Box<VendorWords>,
    /// What the call cost nevertheless: a refusal and half an answer are billed.
    pub usage: Usage,
    /// What the model said before it broke off, or how it refused.
    pub said: Option<String>,
    /// What the server told of its limits.
    pub limits: Option<Box<Limits>>,
}

/// Codes that say no more than that something went wrong; no support ticket needs them.
const GENERIC_CODES: [&str; 6] = ["error", "unknown", "unknown_error", "api_error", "server_error", "internal_error"];

impl ChatError {
    pub(crate) fn new(kind: ChatErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            fault: Fault::of(kind),
            message: message.into(),
            retry_after_ms: None,
            vendor: Box::default(),
            usage: Usage::default(),
            said: None,
            limits: None,
        }
    }

    /// Its message, with what a support ticket needs beside it.
    pub fn in_full(&self) -> String {
        let VendorWords { code, request_id, .. } = &*self.vendor;
        let code = code.as_ref().filter(|code| !GENERIC_CODES.contains(&code.to_ascii_lowercase().as_str()));
        let code = code.map(|code| format!("code: {code}"));
        let id = request_id.as_ref().map(|id| format!("request id: {id}"));
        let said: Vec<_> = [code, id].into_iter().flatten().collect();
        if said.is_empty() { self.message.clone() } else { format!("{} ({})", self.message, said.join(", ")) }
    }

    /// Whether the call is billed though it failed: the provider counted its tokens, or the model answered and was cut off.
    pub fn is_billed(&self) -> bool {
        use ChatErrorKind::{Filtered, Refused, Truncated};
        let is_counted = self.usage.prompt_tokens.is_some() || self.usage.completion_tokens.is_some();
        let is_cut_off = matches!(self.kind, Truncated | Refused | Filtered);
        is_counted || (is_cut_off && self.vendor.status == Some(200))
    }

    /// Whether whatever is asked by the same connection would meet it too, whichever model it names.
    pub fn is_of_connection(&self) -> bool {
        use ChatErrorKind::{KeyRejected, OutOfMoney};
        matches!(self.kind, KeyRejected | OutOfMoney) || self.fault == Fault::Endpoint
    }

    /// Whether asking the same again may help, by the server's own verdict if it gave one.
    pub fn is_retryable(&self) -> bool {
        self.vendor.should_retry.unwrap_or_else(|| self.kind.is_retryable()) && !self.kind.ends_run()
    }
}

/// What a cheap call proved, before anything is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyCheck {
    /// The key is good, and the model is there as far as the server tells.
    Accepted,
    /// The key is good but may not list models, which a restricted key need not.
    CannotList,
    /// The server has no call that would tell.
    Unknown,
}

/// A model as the vendor lists it. What it does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListedModel {
    pub id: String,
    pub name: Option<String>,
    pub context_tokens: Option<u32>,
    pub output_tokens_max: Option<u32>,
    pub has_vision: Option<bool>,
    /// The day on which it stops to answer, as `2027-01-14`.
    pub retires: Option<String>,
}

/// The day of a date as vendors write it, which is a moment or a day.
pub(crate) fn day_of(date: &Value) -> Option<String> {
    let date = date.as_str()?;
    Some(date.get(..10).unwrap_or(date).to_owned())
}

/// A model that can be asked. One implementation per provider.
#[async_trait]
pub trait ChatModel: Send + Sync {
    fn provider(&self) -> Provider;

    /// Where requests go, as part of an answer's identity; empty for a model inside this program.
    fn endpoint(&self) -> &str;

    /// The request body for [`Self::ask`]. Pure: previews and answer hashes use it too.
    fn body(&self, request: &ChatRequest) -> Body;

    /// The parameters of `request` that [`Self::body`] does not hold, and why.
    fn left_out(&self, _request: &ChatRequest) -> Vec<LeftOut> {
        Vec::new()
    }

    /// How [`Self::ask`] sends `body`; `None` for a model inside this program.
    fn wire(&self, _body: &Value) -> Option<Wire> {
        None
    }

    /// The proxy on the way to it.
    fn via(&self) -> Option<Via> {
        None
    }

    /// What of pictures and documents may be sent.
    fn media_limits(&self) -> MediaLimits {
        MediaLimits::UNKNOWN
    }

    /// The ways of holding `model` to a schema that may work here, the strongest first.
    fn structures(&self, _model: &str) -> &'static [StructuredMode] {
        &[]
    }

    /// Whether only asking tells how a model is held to a schema: any server may stand at the endpoint, or any model.
    fn must_be_probed(&self) -> bool {
        false
    }

    /// Whether asking found that the server knows only the older of its addresses, dated as Azure's are. A caller remembers
    /// it in [`crate::Access`], so that it is not found out again; the answer's identity stays the same.
    fn has_found_dated(&self) -> bool {
        false
    }

    /// Asks once, with the `body` of `request`: what was hashed is what is sent, and retries do not make it again.
    /// No retry, no pacing. Dropping the future ends the call.
    async fn ask(&self, request: &ChatRequest, body: &Body) -> Result<ChatReply, ChatError>;

    /// The provider's batches; `None` where it has none that could be used.
    fn batches(&self) -> Option<&dyn BatchApi> {
        None
    }

    /// Whether the vendor has a free call that counts the tokens of a request as it bills them.
    fn counts_tokens(&self) -> bool {
        false
    }

    /// How many tokens of input the vendor counts for `body`, which is about text alone; `None` where it does not say.
    async fn count_tokens(&self, _body: &Body) -> Result<Option<u32>, ChatError> {
        Ok(None)
    }

    /// Calls what costs nothing and needs the key.
    async fn check_key(&self, _model: &str) -> Result<KeyCheck, ChatError> {
        Ok(KeyCheck::Unknown)
    }

    /// Calls what is free, then asks `model` one short question, and says in words how it went.
    async fn test(&self, model: &str) -> TestReport {
        check::ask_test_question(self, model, TEST_TIMEOUT).await
    }

    /// Whether an answer of `model` may come with the likelihood of its tokens where the parameter `logprobs` asks for it:
    /// nothing is known against it, and a refusal of it is told in words.
    fn may_give_logprobs(&self, _model: &str) -> bool {
        false
    }

    /// Asks for a short answer with the likelihood of its tokens, and says whether it came with it; `None` where that is
    /// not found out by asking.
    async fn gives_logprobs(&self, _model: &str) -> Result<Option<Logprobs>, ChatError> {
        Ok(None)
    }

    /// The models that the vendor lists for this key; `None` where it lists none that could be asked.
    async fn models(&self) -> Result<Option<Vec<ListedModel>>, ChatError> {
        Ok(None)
    }
}

/// Whether an answer came with the likelihood of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logprobs {
    pub are_given: bool,
    /// What the server counted of the question; `None` where it was refused, and not billed.
    pub took: Option<Usage>,
}

/// Who asks a model what finds out something about it: such questions are paid for like all others, so whoever has them
/// asked counts them here. A model that is asked itself counts nothing.
pub trait Asker: Sync {
    fn model(&self) -> &dyn ChatModel;

    /// Puts a question, once. No retry.
    fn put(&self, question: &ChatRequest) -> impl Future<Output = Result<ChatReply, ChatError>> + Send;
}

impl<M: ChatModel> Asker for M {
    fn model(&self) -> &dyn ChatModel {
        self
    }

    async fn put(&self, question: &ChatRequest) -> Result<ChatReply, ChatError> {
        self.ask(question, &self.body(question)).await
    }
}
