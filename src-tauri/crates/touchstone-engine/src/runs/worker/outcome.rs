//! What becomes of a task: its prediction, what is counted of it, and what many failures in a row mean.

use super::streak::{EQUAL_FAILURES_MAX, Failure};
use super::{End, Subject, Usable, Work, lock};
use crate::clock;
use crate::runs::spent::{Account, Spent};
use touchstone_store::{AnswerRow, Entry, PredictionRow};

impl Work {
    pub(super) fn cached(&self, subject: Subject, answer: &AnswerRow, usable: Usable) -> Entry {
        let spent = Spent {
            attempts: 0,
            prompt_tokens: answer.prompt_tokens,
            completion_tokens: answer.completion_tokens,
            cached_tokens: answer.cached_tokens,
            reasoning_tokens: answer.reasoning_tokens,
            latency_ms: Some(answer.latency_ms),
            // Paid by the run that asked.
            ..Spent::default()
        };
        let account = Account { spent, last: Some(answer.hash.clone()), ..Account::default() };
        let mut entry = self.answered(subject, account, usable);
        entry.prediction.cached = true;
        entry
    }

    /// The last of what came is the usable answer.
    pub(super) fn answered(&self, subject: Subject, account: Account, usable: Usable) -> Entry {
        let mut entry = self.entry(subject, account);
        entry.prediction.result = Some(usable.result);
        entry.prediction.repairs = usable.repairs;
        entry.prediction.scored = usable.scored;
        entry
    }

    pub(super) fn failed(&self, subject: Subject, failure: Failure, account: Account) -> Entry {
        let mut entry = self.entry(subject, account);
        entry.prediction.error = Some((failure.code.to_owned(), failure.message));
        entry.prediction.error_vendor = failure.vendor;
        entry
    }

    pub(super) fn entry(&self, subject: Subject, account: Account) -> Entry {
        let spent = account.spent;
        Entry {
            run_key: self.run.key,
            owner: self.engine.inner.owner.clone(),
            prediction: PredictionRow {
                task_id: subject.task_id,
                answer_hash: account.last,
                result: None,
                repairs: None,
                scored: None,
                error: None,
                error_vendor: None,
                has_truth: subject.has_truth,
                cached: false,
                attempts: spent.attempts,
                prompt_tokens: spent.prompt_tokens,
                completion_tokens: spent.completion_tokens,
                cached_tokens: spent.cached_tokens,
                reasoning_tokens: spent.reasoning_tokens,
                cost_picos: spent.cost_picos,
                unpriced: spent.unpriced,
                uncounted: spent.uncounted,
                latency_ms: spent.latency_ms,
            },
            answers: account.received,
            is_given_up: false,
            is_probe: false,
            counted: account.counted,
            now: clock::now(),
        }
    }

    /// Records what a task took that the run ends before: it stays open, but what was received for it is kept, and what
    /// was sent is counted.
    pub(super) async fn give_up(&self, subject: Subject, account: Account) {
        if account.is_open() {
            self.commit(Entry { is_given_up: true, ..self.entry(subject, account) }).await;
        }
    }

    /// Keeps what was received for a task that goes on.
    pub(super) async fn keep(&self, subject: Subject, account: &mut Account) {
        if !account.is_open() && account.received.is_empty() {
            return;
        }
        let received = std::mem::take(&mut account.received);
        let so_far = Account { received, ..account.clone() };
        let commit = self.commit(Entry { is_given_up: true, ..self.entry(subject, so_far) });
        commit.await;
        account.kept();
    }

    /// Commits what became of a task, and looks at how many failed in a row. Like all here, it holds no entry while it waits:
    /// as many tasks wait as are alive, and each is moved with all that it holds.
    pub(super) fn settle(&self, entry: Entry, failure: Option<Failure>) -> impl Future<Output = ()> {
        let is_cached = entry.prediction.cached;
        let due = {
            let mut streak = lock(&self.streak);
            match failure {
                // An owned answer says nothing about the server.
                None if is_cached => vec![entry],
                None => {
                    let mut due = streak.broken();
                    due.push(entry);
                    due
                }
                Some(failure) => {
                    let mut due = streak.add(entry, failure);
                    if streak.length >= EQUAL_FAILURES_MAX {
                        due.extend(streak.given_up());
                        self.end(streak.end(format!(
                            "{EQUAL_FAILURES_MAX} tasks in a row failed in the same way. {}",
                            streak.message
                        )));
                    }
                    due
                }
            }
        };
        let commits: Vec<_> = due.into_iter().map(|entry| self.commit(entry)).collect();
        async move {
            for commit in commits {
                commit.await;
            }
        }
    }

    pub(super) fn commit(&self, entry: Entry) -> impl Future<Output = ()> {
        let committed = self.engine.inner.store.journal().commit(entry);
        async move {
            if let Err(error) = committed.await {
                self.end(End::Paused(error.to_string()));
            }
        }
    }
}
