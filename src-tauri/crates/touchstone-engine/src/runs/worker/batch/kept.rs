//! What comes of a batch, kept as a reply to a single request is.
//!
//! An answer that cannot be used is kept beside its request and its task stays open: the conversation goes on online. So
//! does a task whose request the vendor did not come to, or failed to answer for no fault of the request.

use super::Out;
use crate::Result;
use crate::runs::replies::Replies;
use crate::runs::spent::{Account, answer_row, evidence, vendor_json};
use crate::runs::worker::streak::Failure;
use crate::runs::worker::{End, Question, Subject, Work, lock};
use crate::tasks::stored_data;
use futures_util::future::{BoxFuture, join_all};
use touchstone_providers::{BatchApi, BatchResult, ChatError, ChatReply};
use touchstone_store::{BatchRow, Entry, Lost, PendingTask};

/// Results that are kept at a time.
const RESULTS_AT_ONCE: usize = 256;

/// What was found out while results were kept.
#[derive(Default)]
struct Found {
    /// What some of them cost is not known.
    has_unpriced: bool,
    /// Requests that were refused for what every request has, and why.
    refused: Vec<String>,
    why_refused: Option<String>,
    /// Requests that failed for no fault of theirs, and are asked online.
    failed: usize,
}

impl Work {
    /// Keeps everything that came of a batch that has ended.
    pub(super) async fn merge<'w>(
        &'w self,
        api: &dyn BatchApi,
        row: &BatchRow,
        id: &str,
        out: &mut Out<'w>,
    ) -> Result<std::result::Result<bool, ChatError>> {
        let key = row.key;
        let hashes = self.engine.blocking(move |inner| Ok(inner.store.batch_hashes(key)?)).await?;
        let mut results = match api.results(id, &hashes, self.template.model()).await {
            Ok(results) => results,
            Err(error) => return Ok(Err(error)),
        };
        let done = u32::try_from(results.len()).unwrap_or(u32::MAX);
        // Of a batch that was given up, nobody says whether the rest was asked.
        let is_stopped = matches!(*lock(&self.end), Some(End::Stopped));
        let expired = if is_stopped { 0 } else { hashes.len().saturating_sub(results.len()) };
        let mut found = Found::default();
        while !results.is_empty() {
            let rest = results.split_off(results.len().min(RESULTS_AT_ONCE));
            self.keep_results(key, results, out, &mut found).await?;
            results = rest;
        }
        let in_vain = u32::try_from(expired + found.failed).unwrap_or(u32::MAX);
        let refused = found.refused;
        self.engine
            .blocking(move |inner| {
                inner.store.free_batch_requests(key, &refused)?;
                Ok(inner.store.batch_merged(key, done, in_vain)?)
            })
            .await?;
        out.batches.retain(|row| row.key != key);
        out.rooms.remove(&key);
        if let Some(why) = found.why_refused {
            self.end(End::Paused(why));
        }
        Ok(Ok(true))
    }

    async fn keep_results(&self, key: i64, results: Vec<BatchResult>, out: &Out<'_>, found: &mut Found) -> Result<()> {
        let hashes: Vec<_> = results.iter().map(|result| result.key.clone()).collect();
        let run = self.run.clone();
        let (tasks, replies) = self
            .engine
            .blocking(move |inner| {
                Ok((inner.store.batch_tasks(&run, key, &hashes)?, Replies::read_all(inner, &hashes)?))
            })
            .await?;
        let mut commits = Vec::new();
        for ((result, task), replies) in results.into_iter().zip(tasks).zip(replies) {
            // It is kept already, by this program or one before it.
            let Some(task) = task else { continue };
            let BatchResult { key: hash, outcome } = result;
            commits.extend(match outcome {
                Ok(reply) => self.keep_reply(key, &hash, task, reply, &replies, out, found),
                Err(error) => self.keep_failure(key, hash, task, error, out, found),
            });
        }
        join_all(commits).await;
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "each says something else of one reply")]
    fn keep_reply(
        &self,
        key: i64,
        hash: &str,
        task: PendingTask,
        reply: ChatReply,
        replies: &Replies,
        out: &Out<'_>,
        found: &mut Found,
    ) -> Option<BoxFuture<'_, ()>> {
        let question = Question { data: stored_data(&task.data), task };
        let outcome = self.usable(&reply.content, &question);
        let is_known = replies.all().any(|known| known.content == reply.content);
        if outcome.is_err() && is_known {
            return None;
        }
        let cost_picos = self.pricing.batch_cost_picos(&reply.usage, reply.model.as_deref());
        let mut account = asked_once();
        account.spent.add(&reply.usage, cost_picos);
        account.spent.lose(pay(key, cost_picos, out, found));
        let subject = Subject::of(&question.task);
        account.receive(answer_row(replies.key(hash, &reply.content, outcome.is_ok()), reply, cost_picos));
        Some(match outcome {
            Ok(usable) => Box::pin(self.committed(self.settle(self.answered(subject, account, usable), None).into())),
            Err(_) => Box::pin(self.commit(Entry { is_given_up: true, ..self.entry(subject, account) })),
        })
    }

    fn keep_failure(
        &self,
        key: i64,
        hash: String,
        task: PendingTask,
        error: ChatError,
        out: &Out<'_>,
        found: &mut Found,
    ) -> Option<BoxFuture<'_, ()>> {
        if error.kind.ends_run() {
            found.refused.push(hash);
            found.why_refused.get_or_insert(error.message);
            return None;
        }
        if error.is_retryable() {
            found.failed += 1;
            return None;
        }
        let mut account = asked_once();
        if error.is_billed() {
            let cost_picos = self.pricing.batch_cost_picos(&error.usage, None);
            account.spent.add(&error.usage, cost_picos);
            account.spent.lose(pay(key, cost_picos, out, found));
            if let Some(said) = evidence(&hash, &error, cost_picos) {
                account.receive(said);
            }
        }
        let vendor = vendor_json(&error.vendor);
        let failure = Failure { vendor, ..Failure::of_task(error.kind.code(), error.message) };
        // A streak of them says nothing: they were all asked at once.
        Some(Box::pin(self.commit(self.failed(Subject::of(&task), failure, account))))
    }
}

fn asked_once() -> Account {
    let mut account = Account::default();
    account.spent.attempts = 1;
    account
}

/// Takes what one request cost from what was set aside for its batch. Gives back what may be charged where nobody says: with
/// the first such reply, all that was set aside.
fn pay(key: i64, cost_picos: Option<u64>, out: &Out<'_>, found: &mut Found) -> Lost {
    let Some(room) = out.rooms.get(&key) else { return Lost::default() };
    match cost_picos {
        Some(cost) => {
            room.pay(cost);
            Lost::default()
        }
        None => room.count_lost(!std::mem::replace(&mut found.has_unpriced, true)),
    }
}
