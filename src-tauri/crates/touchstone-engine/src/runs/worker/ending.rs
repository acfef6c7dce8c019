//! How a run ends: what is called for first counts, and what is recorded of it.

use super::{HEARTBEAT, Work, lock};
use crate::runs::RunSummary;
use crate::runs::asked::content_of;
use crate::runs::budget::Shortage;
use crate::runs::summary::summary;
use crate::{Changed, Inner, Result, clock};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use touchstone_domain::run::{PauseCause, RunStatus};
use touchstone_providers::{ChatError, ChatErrorKind};
use touchstone_store::RunEnd;

/// Why a run is paused whose program was closed in order.
pub(in crate::runs) const CLOSED: &str = "Touchstone was closed. Resume to go on.";

/// How a run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::runs) enum End {
    /// Every task was attended to.
    Completed,
    /// The user stopped it.
    Stopped,
    /// The user paused it. Gives way to any other end.
    Held,
    /// Something that can be mended stands in the way; in words.
    Paused(String),
    /// There is no money for the next call.
    Short(Shortage),
    /// Who is asked refuses whatever is asked, and so what is queued behind it.
    Refused(Refusal),
    /// The model cannot be reached; in words. A program that stays goes on by itself once it can be.
    Unreached(String),
    /// Offline is on; in words. A program that stays goes on by itself once it is off.
    Offline(String),
    /// The program closes.
    Closed,
    /// Another process owns it now, and decides how it ends.
    LeaseLost,
}

/// What a connection says that takes nobody's questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::runs) struct Refusal {
    reason: String,
    /// Other models of the connection would meet it too.
    is_of_connection: bool,
}

impl End {
    /// The end by an error that every task would meet.
    pub(in crate::runs) fn by(error: &ChatError) -> Self {
        let reason = error.in_full();
        match error.kind {
            ChatErrorKind::Offline => Self::Offline(reason),
            _ => Self::Refused(Refusal { reason, is_of_connection: error.is_of_connection() }),
        }
    }
}

/// What is recorded of an end.
#[derive(Clone)]
struct Ended {
    status: RunStatus,
    reason: Option<String>,
    cause: Option<PauseCause>,
    /// By whom it was refused.
    refusal: Option<Refusal>,
    is_interrupted: bool,
    worked_ms: u64,
}

/// How runs that wait for the same go on.
const TOGETHER: &str = "Resume any of them once that is mended, and the others follow, one after the other.";

/// The keys of the queued runs that would be refused as a run of `model` was.
fn refused_too(inner: &Inner, run_key: i64, model: &str, refusal: &Refusal) -> Result<Vec<i64>> {
    let mut keys = Vec::new();
    for run in inner.store.queued_behind(run_key)? {
        // What cannot be read says so itself, once it is its turn.
        if refusal.is_of_connection || content_of(inner, &run).is_ok_and(|content| content.model == model) {
            keys.push(run.key);
        }
    }
    Ok(keys)
}

impl Work {
    /// Ends the work; nothing more is asked. What is in flight is paid for and still awaited, unless the user stopped it or
    /// another process owns it now. The first end counts, but for one that gives up more.
    pub(in crate::runs) fn end(&self, end: End) {
        let gives_up = matches!(end, End::Stopped | End::LeaseLost);
        {
            let mut known = lock(&self.end);
            let is_weaker = |known: &End| match known {
                End::Held => true,
                End::Paused(_)
                | End::Short(_)
                | End::Refused(_)
                | End::Unreached(_)
                | End::Offline(_)
                | End::Closed => gives_up,
                End::Completed | End::Stopped | End::LeaseLost => false,
            };
            if known.as_ref().is_none_or(is_weaker) {
                *known = Some(end);
            }
        }
        self.closing.cancel();
        if gives_up {
            self.give_up_calls();
        }
    }

    /// Ends the work because the user wants it to pause.
    pub(in crate::runs) fn pause(&self) {
        lock(&self.end).get_or_insert(End::Held);
        self.closing.cancel();
    }

    /// Records how the run ended, and gives back where it stands then; `None` if that cannot be read.
    pub(super) async fn finish(self: &Arc<Self>) -> Option<RunSummary> {
        let held = {
            let mut streak = lock(&self.streak);
            let mut end = lock(&self.end);
            if end.is_none() && streak.had_answer {
                std::mem::take(&mut streak.held)
            } else {
                if end.is_none() && !streak.held.is_empty() {
                    // Too few tasks for a streak, but nothing at all was answered.
                    *end = Some(streak.end(streak.with_open(streak.message.clone())));
                }
                // Whether a server failed for good, a resumed run finds out.
                streak.given_up()
            }
        };
        for entry in held {
            self.commit(entry).await;
        }
        self.count_no_more().await;
        let end = lock(&self.end).clone().unwrap_or(End::Completed);
        let is_interrupted = end == End::Closed;
        let cause = match &end {
            End::Refused(_) => Some(PauseCause::Refused),
            End::Offline(_) => Some(PauseCause::Offline),
            End::Short(shortage) => shortage.cause,
            _ => None,
        };
        let refusal = if let End::Refused(refusal) = &end { Some(refusal.clone()) } else { None };
        let (status, reason) = match end {
            End::Completed => (RunStatus::Completed, None),
            // What a vendor takes longer to give up is fetched by whoever goes on with the run.
            End::Stopped => (RunStatus::Canceled, self.batch_words()),
            // Of a batch that is out it says itself what it waits for, and nothing is wrong.
            End::Closed if self.stored().await.is_some_and(|run| run.batch.is_some_and(|batch| batch.open > 0)) => {
                (RunStatus::Paused, None)
            }
            End::Closed => (RunStatus::Paused, Some(CLOSED.to_owned())),
            // What came home, or failed, may have been all that was missing: nothing is left to go on with.
            End::Held | End::Paused(_) | End::Short(_) | End::Refused(_) | End::Unreached(_) | End::Offline(_)
                if self.stored().await.is_some_and(|run| run.done == run.total) =>
            {
                (RunStatus::Completed, None)
            }
            End::Held => (RunStatus::Paused, None),
            End::Paused(reason) | End::Short(Shortage { words: reason, .. }) | End::Refused(Refusal { reason, .. }) => {
                (RunStatus::Paused, Some(reason))
            }
            End::Unreached(reason) | End::Offline(reason) => {
                if self.goes_on_by_itself() {
                    self.engine.inner.active.look_after(self.id());
                }
                (RunStatus::Paused, Some(reason))
            }
            End::LeaseLost => return self.stored().await,
        };
        let worked_ms = self.worked_ms();
        let (cause, refusal) = if status == RunStatus::Paused { (cause, refusal) } else { (None, None) };
        let ended = Ended { status, reason: reason.clone(), cause, refusal, is_interrupted, worked_ms };
        let recorded = self.record(ended.clone()).await;
        let mut run = self.stored().await?;
        if let Err(error) = recorded {
            // On a full disk not even this can be written.
            tracing::error!(%error, "recording how a run ended");
            run.status = RunStatus::Paused;
            run.reason = Some(reason.unwrap_or_else(|| error.to_string()));
            let paused = Ended { status: RunStatus::Paused, reason: run.reason.clone(), ..ended };
            tokio::spawn(Arc::clone(self).record_later(paused));
        }
        tracing::info!(run = run.id.as_str(), status = run.status.as_str(), run.done, run.total, "a run ended");
        Some(run)
    }

    /// Hands over what was counted of the run; nothing more is.
    async fn count_no_more(&self) {
        let journal = self.engine.inner.store.journal();
        if *lock(&self.end) == Some(End::LeaseLost) {
            return journal.forget(self.run.key);
        }
        if let Err(error) = journal.count_no_more(self.run.key).await {
            // Whoever asks for metrics finds out, and makes the tally anew.
            tracing::warn!(%error, "keeping what was counted of a run");
        }
    }

    async fn record(self: &Arc<Self>, ended: Ended) -> Result<()> {
        let (key, owner) = (self.run.key, self.engine.inner.owner.clone());
        let work = Arc::clone(self);
        let model = self.model_id().to_owned();
        self.engine
            .blocking(move |inner| {
                let Ended { status, mut reason, cause, refusal, is_interrupted, worked_ms } = ended;
                let (mut behind, mut held) = (Vec::new(), String::new());
                if let Some(refusal) = refusal {
                    behind = refused_too(inner, key, &model, &refusal)?;
                    held = format!(
                        "{} Nothing was asked for this run: it was queued behind that one. {TOGETHER}",
                        refusal.reason
                    );
                    if !behind.is_empty() {
                        reason = Some(format!(
                            "{} What was queued behind it waits for the same. {TOGETHER}",
                            refusal.reason
                        ));
                    }
                }
                let (reason, now) = (reason.as_deref(), clock::now());
                let holds = (behind.as_slice(), held.as_str());
                let _keeping = lock(&work.keeping_wall);
                let worked_ms = worked_ms.saturating_sub(work.wall_kept_ms.load(Ordering::Relaxed));
                let end = RunEnd { status, reason, cause, holds, is_interrupted, worked_ms, now: &now };
                Ok(inner.store.finish_run(key, &owner, &end)?)
            })
            .await
    }

    /// Records that the run is paused as soon as the workspace can be written again.
    async fn record_later(self: Arc<Self>, paused: Ended) {
        while self.record(paused.clone()).await.is_err() {
            tokio::time::sleep(HEARTBEAT).await;
        }
        self.engine.changed(Changed::Runs { prompt_id: self.run.prompt_id.clone() });
    }

    pub(super) async fn stored(&self) -> Option<RunSummary> {
        let id = self.run.id.clone();
        match self.engine.blocking(move |inner| Ok(inner.store.run(&id)?)).await {
            Ok(run) => Some(summary(&self.engine.inner, &run, &self.about())),
            Err(error) => {
                tracing::error!(%error, "reading a run");
                None
            }
        }
    }
}
