//! What becomes of a task: its prediction, what is counted of it, and what many failures in a row mean.

use super::places::Places;
use super::streak::{EQUAL_FAILURES_MAX, Failure};
use super::{End, Subject, Usable, Work, lock};
use crate::clock;
use crate::runs::flights::Flight;
use crate::runs::spent::{Account, Spent};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;
use touchstone_store::{AnswerRow, Entry, PredictionRow};

/// What is on its way to the disk, with nobody waiting for it: no more entries than half as many again as requests may be in
/// flight, as all of them are asked again after a crash. With fewer, a provider that answers at once waits for the disk.
pub(super) struct Committing {
    places: Places,
    entries: AtomicUsize,
    none: Notify,
}

impl Committing {
    /// For a run that may have `concurrency` requests in flight.
    pub(super) fn new(concurrency: usize) -> Self {
        Self { places: Places::new(most(concurrency)), entries: AtomicUsize::new(0), none: Notify::new() }
    }

    pub(super) fn resize(&self, from: usize, to: usize) {
        self.places.resize(most(from), most(to));
    }

    async fn begin(&self) {
        self.places.take().await.forget();
        self.entries.fetch_add(1, Ordering::SeqCst);
    }

    fn done(&self) {
        self.places.give_back();
        if self.entries.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.none.notify_one();
        }
    }

    /// Waits until nothing is on its way. One at a time may wait.
    pub(super) async fn all_done(&self) {
        while self.entries.load(Ordering::SeqCst) > 0 {
            self.none.notified().await;
        }
    }
}

/// Entries that may be on their way beside so many requests.
fn most(concurrency: usize) -> usize {
    concurrency + concurrency / 2
}

/// What is to be committed of a task, and its right to ask until that is done; nothing of one that was given up.
#[derive(Default)]
pub(super) struct Settled {
    pub due: Vec<Entry>,
    pub flight: Option<Flight>,
}

impl From<Vec<Entry>> for Settled {
    fn from(due: Vec<Entry>) -> Self {
        Self { due, flight: None }
    }
}

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
        entry.prediction.measure = usable.measure;
        entry.prediction.confidence = usable.confidence;
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
                measure: None,
                confidence: None,
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
                lost: spent.lost,
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

    /// Looks at how many failed in a row, and gives back what is to be committed now that this became of a task.
    pub(super) fn settle(&self, entry: Entry, failure: Option<Failure>) -> Vec<Entry> {
        let Some(failure) = failure else {
            // An owned answer says nothing about the server.
            let mut due = if entry.prediction.cached { Vec::new() } else { lock(&self.streak).broken() };
            due.reserve_exact(1);
            due.push(entry);
            return due;
        };
        let mut streak = lock(&self.streak);
        let mut due = streak.add(entry, failure);
        if streak.length >= EQUAL_FAILURES_MAX {
            let reason = format!("{EQUAL_FAILURES_MAX} tasks in a row failed in the same way. {}", streak.message);
            self.end(streak.end(streak.with_open(reason)));
            due.extend(streak.given_up());
        }
        due
    }

    /// Commits what became of a task without waiting for the disk: whoever attended to it is free for the next one.
    pub(super) async fn let_go(self: &Arc<Self>, Settled { due, mut flight }: Settled) {
        let mut left = due.len();
        for entry in due {
            left -= 1;
            self.committing.begin().await;
            let work = Arc::clone(self);
            // It ends after the last commit: the next with the same request finds the answer.
            let flight = flight.take_if(|_| left == 0);
            self.engine.inner.store.journal().commit_then(entry, move |committed| {
                drop(flight);
                if let Err(error) = committed {
                    work.end(End::Paused(error.to_string()));
                }
                work.committing.done();
            });
        }
    }

    /// Commits what became of a task, and waits until it is.
    pub(super) async fn committed(&self, Settled { due, flight: _flight }: Settled) {
        for entry in due {
            self.commit(entry).await;
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
