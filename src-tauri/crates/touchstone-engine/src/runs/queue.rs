//! The queue: runs that ask the same connection go one after the other, in the order in which they were made.
//!
//! It stands in the workspace, so that it is one for all programs: what a server allows it allows the account, and the pace is
//! known only within a program. A run that is queued is in the hands of the program that made it, which renews its lease,
//! and begins it once it is its turn; anybody may begin it sooner, by resuming it, or stop it. Nothing of it is in memory but
//! that somebody looks after it.

use super::start;
use crate::{Changed, Engine, Error, ErrorCode, Result, clock};
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use touchstone_domain::RunId;

/// How often the queue is looked at: what another program does is not heard of.
const LOOKED_AT: Duration = Duration::from_secs(1);

/// Who looks after the runs that this process queued.
#[derive(Default)]
pub(super) struct Queue {
    attended: Mutex<Attended>,
    /// A run ended here, or joined or left the queue.
    news: Notify,
    /// Held while a run is begun, so that a program that closes misses none.
    pub(super) turn: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Attended {
    #[default]
    No,
    Yes,
    /// And something joined since it was looked at.
    Anew,
}

impl Queue {
    fn update(&self, change: impl FnOnce(Attended) -> Attended) -> Attended {
        let mut attended = self.attended.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *attended;
        *attended = change(before);
        before
    }

    /// Has the queue looked at now, if somebody looks after it.
    pub(super) fn tell(&self) {
        self.news.notify_one();
    }
}

impl Engine {
    /// Sees to it that the queued runs of this process begin once it is their turn.
    pub(super) fn attend_queue(&self) {
        let queue = &self.inner.active.queue;
        let before = queue.update(|attended| if attended == Attended::No { Attended::Yes } else { Attended::Anew });
        if before == Attended::No {
            tokio::spawn(attend(self.clone()));
        }
        queue.tell();
    }

    /// Begins the runs whose turn it is, and tells of those whose place has changed. `false` once none is queued.
    async fn look_at_queue(&self, places: &mut HashMap<RunId, u32>) -> Result<bool> {
        let _turn = self.inner.active.queue.turn.lock().await;
        let engine = self.clone();
        let queued = self
            .blocking(move |inner| {
                // One before them may have been left by a program that is gone.
                engine.pause_abandoned_runs()?;
                Ok(inner.store.renew_queue(&inner.owner, clock::now_ms())?)
            })
            .await?;
        let moved = queued.iter().filter(|run| places.get(&run.id) != Some(&run.place));
        for prompt_id in moved.map(|run| run.prompt_id.clone()).collect::<HashSet<_>>() {
            self.changed(Changed::Runs { prompt_id });
        }
        *places = queued.iter().map(|run| (run.id.clone(), run.place)).collect();
        for run in queued.iter().filter(|run| run.place == 0) {
            let id = run.id.clone();
            match self.blocking(move |inner| start::begin(inner, &id)).await {
                Ok(setup) => self.launch(setup),
                // Somebody was faster, and begun or stopped it.
                Err(error) if error.code() == ErrorCode::RunActive => {}
                Err(error) => self.give_up_queued(&run.id, error).await?,
            }
            self.changed(Changed::Runs { prompt_id: run.prompt_id.clone() });
        }
        Ok(!queued.is_empty())
    }

    /// What stood in the way of a run whose turn it was is why it is paused.
    async fn give_up_queued(&self, id: &RunId, error: Error) -> Result<()> {
        tracing::warn!(%error, "beginning a queued run");
        let (id, reason) = (id.clone(), error.to_string());
        self.blocking(move |inner| {
            inner.store.pause_queued_run(&id, Some(&reason), &clock::now())?;
            Ok(())
        })
        .await
    }

    /// Queues runs that were paused or stopped, so that each goes on with its tasks without a result once it is its turn.
    /// Those that wait for the same as one of them are queued too, and given back. Refused where one is complete; of those that
    /// somebody is at work on already one is named, and the others are queued.
    pub async fn queue_runs(&self, mut ids: Vec<RunId>) -> Result<Vec<RunId>> {
        let (prompts, others, at_work) = self
            .blocking(move |inner| {
                let others = inner.store.held_with(&ids)?;
                ids.extend_from_slice(&others);
                let mut prompts = HashSet::new();
                for id in &ids {
                    let run = inner.store.run(id)?;
                    start::check_unfinished(&run)?;
                    prompts.insert(run.prompt_id);
                }
                let left = inner.store.queue_runs(&ids, &inner.owner, clock::now_ms())?;
                let at_work = left.first().map(|id| inner.store.run(id)).transpose()?;
                Ok((prompts, others, at_work))
            })
            .await?;
        self.attend_queue();
        for prompt_id in prompts {
            self.changed(Changed::Runs { prompt_id });
        }
        at_work.map_or(Ok(others), |run| Err(Error::RunActive(run.number)))
    }

    /// Takes the queued runs of this process out of the queue, because the program closes. They are kept, and offered at its
    /// next start.
    pub(super) async fn close_queue(&self) {
        let _turn = self.inner.active.queue.turn.lock().await;
        let closed = self
            .blocking(|inner| Ok(inner.store.interrupt_queue(&inner.owner, super::worker::CLOSED, &clock::now())?));
        // Whoever comes next finds that nobody renews their leases.
        if let Err(error) = closed.await {
            tracing::warn!(%error, "closing the queue");
        }
    }
}

async fn attend(engine: Engine) {
    let queue = &engine.inner.active.queue;
    let mut places = HashMap::new();
    loop {
        match engine.look_at_queue(&mut places).await {
            Ok(true) => {}
            Ok(false) => {
                let step = |attended| if attended == Attended::Anew { Attended::Yes } else { Attended::No };
                if queue.update(step) == Attended::Yes {
                    return;
                }
            }
            Err(error) => tracing::warn!(%error, "looking at the queue"),
        }
        // What comes meanwhile is kept for the next look.
        let _ = tokio::time::timeout(LOOKED_AT, queue.news.notified()).await;
    }
}

/// What a queued run waits for, in words; `None` when it is its turn.
pub(super) fn words(place: u32, connection: Option<&str>) -> Option<String> {
    let on = connection.map(|name| format!(" on “{name}”")).unwrap_or_default();
    match place {
        0 => None,
        1 => Some(format!("Queued: the next{on}.")),
        _ => Some(format!("Queued: number {place}{on}.")),
    }
}
