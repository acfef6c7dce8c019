//! What the requests for a task took, and what of their replies is kept.

use crate::results::VendorError;
use touchstone_domain::answer::evidence_hash;
use touchstone_providers::{ChatError, ChatErrorKind, ChatReply, Fault, Usage, VendorWords};
use touchstone_store::{AnswerRow, Counted, Lost};

/// What a task took, over all its requests.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spent {
    pub attempts: u32,
    pub prompt_tokens: Option<u32>,
    pub completion_tokens: Option<u32>,
    pub cached_tokens: Option<u32>,
    pub reasoning_tokens: Option<u32>,
    /// Of the replies whose price is known, in picodollars.
    pub cost_picos: u64,
    /// Replies whose price is not known.
    pub unpriced: u32,
    /// Replies whose tokens the server did not count.
    pub uncounted: u32,
    /// Calls that may be charged for though nobody says what.
    pub lost: Lost,
    /// Of the last reply.
    pub latency_ms: Option<u32>,
}

impl Spent {
    /// One more reply that was paid, usable or not.
    pub(super) fn add(&mut self, usage: &Usage, cost_picos: Option<u64>) {
        let sum = |before: Option<u32>, more: Option<u32>| match (before, more) {
            (None, more) => more,
            (before, None) => before,
            (Some(before), Some(more)) => Some(before.saturating_add(more)),
        };
        self.prompt_tokens = sum(self.prompt_tokens, usage.prompt_tokens);
        self.completion_tokens = sum(self.completion_tokens, usage.completion_tokens);
        self.cached_tokens = sum(self.cached_tokens, usage.cached_tokens);
        self.reasoning_tokens = sum(self.reasoning_tokens, usage.reasoning_tokens);
        self.uncounted += u32::from(usage.prompt_tokens.is_none() && usage.completion_tokens.is_none());
        match cost_picos {
            Some(cost) => self.cost_picos = self.cost_picos.saturating_add(cost),
            None => self.unpriced += 1,
        }
    }

    /// What a call may be charged that nobody says, as [`Reserved`](super::budget::Reserved) gave it back.
    pub(super) fn lose(&mut self, lost: Lost) {
        self.lost = self.lost.plus(lost);
    }
}

/// What came for a task so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    pub spent: Spent,
    /// What of it is counted and kept already.
    pub counted: Counted,
    /// Replies that are not kept yet.
    pub received: Vec<AnswerRow>,
    /// The key of the last reply, kept or not.
    pub last: Option<String>,
}

impl Account {
    pub(super) fn receive(&mut self, reply: AnswerRow) {
        self.last = Some(reply.hash.clone());
        self.received.push(reply);
    }

    /// Whether anything was sent that is not counted yet.
    pub(super) fn is_open(&self) -> bool {
        self.spent.attempts > self.counted.attempts
    }

    /// Everything up to now is kept.
    pub(super) fn kept(&mut self) {
        let spent = &self.spent;
        self.counted = Counted {
            attempts: spent.attempts,
            prompt_tokens: spent.prompt_tokens.unwrap_or(0),
            completion_tokens: spent.completion_tokens.unwrap_or(0),
            cached_tokens: spent.cached_tokens.unwrap_or(0),
            reasoning_tokens: spent.reasoning_tokens.unwrap_or(0),
            cost_picos: spent.cost_picos,
            unpriced: spent.unpriced,
            uncounted: spent.uncounted,
            lost: spent.lost,
        };
        self.received.clear();
    }
}

pub(super) fn answer_row(hash: String, reply: ChatReply, cost_picos: Option<u64>) -> AnswerRow {
    AnswerRow {
        hash,
        content: reply.content,
        prompt_tokens: reply.usage.prompt_tokens,
        completion_tokens: reply.usage.completion_tokens,
        cached_tokens: reply.usage.cached_tokens,
        reasoning_tokens: reply.usage.reasoning_tokens,
        cost_picos,
        latency_ms: reply.latency_ms,
        request_id: reply.request_id,
    }
}

/// Whether a call that failed may be billed although nobody says so: it was answered by something that could not be read,
/// or it was sent and its answer never came. What never reached a server is free.
pub(super) fn may_be_paid(error: &ChatError) -> bool {
    use ChatErrorKind::{Malformed, Offline, Timeout};
    let is_lost = matches!(error.kind, Timeout | Malformed | Offline) || error.fault == Fault::Network;
    is_lost || error.vendor.status == Some(200)
}

/// What the model said before it was cut off, as something to look at and never an answer.
pub(super) fn evidence(hash: &str, error: &ChatError, cost_picos: Option<u64>) -> Option<AnswerRow> {
    let said = error.said.clone()?;
    Some(AnswerRow {
        hash: evidence_hash(hash, &said),
        content: said,
        prompt_tokens: error.usage.prompt_tokens,
        completion_tokens: error.usage.completion_tokens,
        cached_tokens: error.usage.cached_tokens,
        reasoning_tokens: error.usage.reasoning_tokens,
        cost_picos,
        latency_ms: 0,
        request_id: error.vendor.request_id.clone(),
    })
}

/// What a support ticket needs of a failure, as it is kept with the task; `None` where no server said anything.
pub(super) fn vendor_json(words: &VendorWords) -> Option<String> {
    words.status?;
    Some(serde_json::to_string(&VendorError::from(words)).expect("texts and numbers are written as JSON"))
}
