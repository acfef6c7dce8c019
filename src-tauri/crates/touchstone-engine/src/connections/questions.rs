//! The questions that a test puts to a model: they are paid for as those of runs are, so what they take is told with the test.

use super::Pricing;
use crate::dollars;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::sync::{Mutex, MutexGuard, PoisonError};
use touchstone_providers::{Asker, ChatError, ChatModel, ChatReply, ChatRequest, Usage};

/// What the questions of a test took, those that were billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct TestUsage {
    pub questions: u32,
    /// `None` where the server does not count them for each.
    pub prompt_tokens: Option<u32>,
    pub completion_tokens: Option<u32>,
    /// `None` where the price of one of them is not known.
    pub cost_usd: Option<f64>,
}

/// Puts the questions of one test and adds up what they take.
pub(super) struct Questions<'m> {
    model: &'m dyn ChatModel,
    pricing: Pricing,
    took: Mutex<Took>,
}

#[derive(Clone, Copy, Default)]
struct Took {
    questions: u32,
    /// Of those that were counted.
    prompt_tokens: u32,
    completion_tokens: u32,
    uncounted: u32,
    /// Of those whose price is known.
    cost_picos: u64,
    unpriced: u32,
}

impl<'m> Questions<'m> {
    pub(super) fn new(model: &'m dyn ChatModel, pricing: Pricing) -> Self {
        Self { model, pricing, took: Mutex::default() }
    }

    /// One more was put; `took` is what the server counted of it, and `None` where it was not billed.
    pub(super) fn count(&self, took: Option<&Usage>, answered_by: Option<&str>) {
        let Some(usage) = took else { return };
        let mut sum = self.took();
        sum.questions += 1;
        match usage.prompt_tokens.zip(usage.completion_tokens) {
            Some((prompt, completion)) => {
                sum.prompt_tokens = sum.prompt_tokens.saturating_add(prompt);
                sum.completion_tokens = sum.completion_tokens.saturating_add(completion);
            }
            None => sum.uncounted += 1,
        }
        match self.pricing.cost_picos(usage, answered_by) {
            Some(cost) => sum.cost_picos = sum.cost_picos.saturating_add(cost),
            None => sum.unpriced += 1,
        }
    }

    /// What they cost so far as far as prices are known, in picodollars.
    pub(super) fn cost_picos(&self) -> u64 {
        self.took().cost_picos
    }

    /// What they took so far; `None` where nothing was billed.
    pub(super) fn usage(&self) -> Option<TestUsage> {
        let took = *self.took();
        (took.questions > 0).then(|| TestUsage {
            questions: took.questions,
            prompt_tokens: (took.uncounted == 0).then_some(took.prompt_tokens),
            completion_tokens: (took.uncounted == 0).then_some(took.completion_tokens),
            cost_usd: (took.unpriced == 0).then(|| dollars::of_picos(took.cost_picos)),
        })
    }

    fn took(&self) -> MutexGuard<'_, Took> {
        self.took.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asker for Questions<'_> {
    fn model(&self) -> &dyn ChatModel {
        self.model
    }

    async fn put(&self, question: &ChatRequest) -> Result<ChatReply, ChatError> {
        let outcome = self.model.ask(question, &self.model.body(question)).await;
        match &outcome {
            Ok(reply) => self.count(Some(&reply.usage), reply.model.as_deref()),
            Err(error) => self.count(error.is_billed().then_some(&error.usage), None),
        }
        outcome
    }
}
