//! What is kept of the replies to one request, and what a model's text makes of a task.

use crate::{Inner, Result};
use serde_json::{Map, Value};
use std::sync::Arc;
use touchstone_domain::answer::{answer_hash, evidence_hash, repeated_hash, unusable_hash};
use touchstone_domain::prompt::Provider;
use touchstone_labeling::{AnswerError, Capabilities, Config, Placed};
use touchstone_providers::{Body, ChatModel, ChatRequest, json_of};
use touchstone_store::AnswerRow;

/// Replies to one request that are kept in their order beside its answer. Whoever repeats a run that fails more often
/// keeps them out of order.
const UNUSABLE_MAX: u32 = 100;

/// A request as it is sent, and who it is sent to.
pub(crate) struct Turn {
    pub request: Arc<ChatRequest>,
    pub body: Body,
    pub hash: String,
    /// The hash of the request with which the conversation began.
    pub opening: String,
}

impl Turn {
    /// Nothing was said before it.
    pub(crate) fn is_opening(&self) -> bool {
        self.hash == self.opening
    }
}

/// Who is asked, as the hash of a request has it.
#[derive(Clone, Copy)]
pub(crate) struct Whom<'w> {
    pub model: &'w dyn ChatModel,
    pub provider: Provider,
    pub endpoint: &'w str,
    /// From 1.
    pub repetition: u32,
}

impl Whom<'_> {
    /// The beginning of a conversation.
    pub(crate) fn turn(&self, request: Arc<ChatRequest>) -> Turn {
        let body = self.model.body(&request);
        let hash = repeated_hash(answer_hash(self.provider, self.endpoint, body.text()), self.repetition);
        Turn { opening: hash.clone(), hash, request, body }
    }

    /// The conversation after an answer to `turn` that cannot be used, with what is wrong with it.
    pub(crate) fn turn_after(&self, turn: &Turn, said: &str, unusable: &Unusable) -> Turn {
        let correction = unusable.correction(&turn.request, self.provider);
        let next = self.turn(Arc::new(turn.request.continued(said, &correction)));
        Turn { opening: turn.opening.clone(), ..next }
    }
}

/// The replies to one request that are kept.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    /// The one that answers it.
    answer: Option<AnswerRow>,
    /// Those that could not be used by the tasks that asked, in the order in which they came.
    unusable: Vec<AnswerRow>,
}

impl Replies {
    pub(crate) fn read(inner: &Inner, hash: &str) -> Result<Self> {
        let mut replies = Self::read_all(inner, &[hash])?;
        Ok(replies.pop().expect("as many as were asked for"))
    }

    /// What is kept of the replies to each of several requests, in their order.
    pub(crate) fn read_all(inner: &Inner, hashes: &[impl AsRef<str>]) -> Result<Vec<Self>> {
        let first_unusable: Vec<_> = hashes.iter().map(|hash| unusable_hash(hash.as_ref(), 0)).collect();
        let wanted = hashes.iter().zip(&first_unusable).flat_map(|(hash, unusable)| [hash.as_ref(), unusable.as_str()]);
        let mut found = inner.store.answers(wanted)?.into_iter();
        let mut all = Vec::with_capacity(hashes.len());
        for hash in hashes {
            let mut replies =
                Self { answer: found.next().flatten(), unusable: found.next().flatten().into_iter().collect() };
            while let Ok(number @ 1..UNUSABLE_MAX) = u32::try_from(replies.unusable.len()) {
                match inner.store.answer(&unusable_hash(hash.as_ref(), number))? {
                    Some(reply) => replies.unusable.push(reply),
                    None => break,
                }
            }
            all.push(replies);
        }
        Ok(all)
    }

    /// All of them, the answer first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &AnswerRow> {
        self.answer.iter().chain(&self.unusable)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.answer.is_none() && self.unusable.is_empty()
    }

    /// The one that came last.
    pub(crate) fn last(&self) -> Option<&AnswerRow> {
        self.unusable.last().or(self.answer.as_ref())
    }

    /// The key for one more reply to the request with this hash. One that cannot be used never becomes its answer, and an
    /// answer that another task can use keeps its key.
    pub(crate) fn key(&self, hash: &str, content: &str, is_usable: bool) -> String {
        if is_usable && self.answer.is_none() {
            return hash.to_owned();
        }
        match u32::try_from(self.unusable.len()) {
            Ok(number) if number < UNUSABLE_MAX => unusable_hash(hash, number),
            _ => evidence_hash(hash, content),
        }
    }

    /// Whether a kept reply is one to the request with this hash: one of these, evidence of what broke off, or what came
    /// when its key was taken.
    pub(crate) fn include(&self, hash: &str, reply: &AnswerRow) -> bool {
        let is_evidence = |key: &str| reply.hash == evidence_hash(key, &reply.content);
        self.all().any(|known| known.hash == reply.hash || is_evidence(&known.hash)) || is_evidence(hash)
    }
}

/// Why a model's text makes nothing of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unusable {
    pub code: &'static str,
    /// Words that end a sentence, for people and for the model.
    pub why: String,
}

impl Unusable {
    pub(crate) const NOT_JSON: &str = "not_json";
    pub(crate) const OUTSIDE_SCHEMA: &str = "outside_schema";

    /// For whoever looks at the task.
    pub(crate) fn message(&self) -> String {
        match self.code {
            Self::OUTSIDE_SCHEMA => format!("The model's answer is outside the schema: {}", self.why),
            _ => format!("The model's answer could not be used: {}.", self.why),
        }
    }

    /// For the model that `request` asked. The schema is said in words where nothing proved that the server shows it to the
    /// model or enforces it.
    pub(crate) fn correction(&self, request: &ChatRequest, provider: Provider) -> String {
        let why = self.why.trim_end_matches('.');
        let words = format!(
            "This answer cannot be used: {why}. Answer again with one JSON object that follows the schema, and nothing else."
        );
        if provider == Provider::Custom && request.structure.is_none() {
            return format!("{words} This is its JSON Schema:\n{}", *request.schema);
        }
        words
    }
}

/// What a model's text makes of a task with this data.
pub(crate) fn placed(
    config: &Config,
    data: &Map<String, Value>,
    asked: Capabilities,
    content: &str,
) -> std::result::Result<Placed, Unusable> {
    let answer = json_of(content).map_err(|why| Unusable { code: Unusable::NOT_JSON, why })?;
    let outside = |error: AnswerError| Unusable { code: Unusable::OUTSIDE_SCHEMA, why: error.to_string() };
    config.place_answer(&answer, data, asked).map_err(outside)
}
