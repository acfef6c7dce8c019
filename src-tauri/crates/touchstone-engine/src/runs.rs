//! Runs: one version asked of one model over a subset of the project's tasks.
//!
//! `runs/estimate.rs` says what one would take, `runs/start.rs` makes one, `runs/together.rs` several, `runs/worker.rs`
//! does the work: what is asked, what is asked again, what is kept. `runs/queue.rs` says when. Here it is steered. A
//! run belongs to the process that holds its lease, renewed every second; a process that is killed leaves a stale lease
//! behind, and whoever notices marks the run as paused. Resuming goes on with the tasks that have no result yet, and
//! answers that are owned are not asked for again.

mod active;
mod asked;
mod awake;
mod budget;
mod estimate;
mod flights;
mod meter;
mod others;
mod outage;
mod pacing;
mod picked;
mod queue;
mod replies;
mod spent;
mod start;
mod summary;
mod together;
mod worker;

pub(crate) use active::ActiveRuns;
pub use asked::AskedModel;
pub(crate) use asked::content_of;
pub(crate) use budget::{check_limit, pay_for_test};
pub(crate) use estimate::Counts;
pub use estimate::{CostUnknown, EstimateBasis, EstimatedCost, RunEstimate, Span};
pub use others::RunWorker;
use others::Said;
pub use picked::Picked;
pub(crate) use replies::{Replies, Turn, Unusable, Whom, placed};
pub use summary::{RunBatch, RunSummary};
pub(crate) use summary::{best_accuracy, happened_at, structure};
pub use worker::BatchRules;

use crate::settings::Settings;
use crate::versions::VersionSummary;
use crate::{Changed, Engine, Error, ErrorCode, Result, clock};
use budget::check_raised;
use serde::{Deserialize, Serialize};
use specta::Type;
use start::{Setup, check_concurrency, covered, resume};
use std::slice;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use summary::{Library, stored_summary, summary};
use tokio::sync::watch;
use touchstone_domain::run::{Only, Repetition, RunStatus, Subset};
use touchstone_domain::{PromptId, RunId, VersionId};
use worker::{End, Work};

/// A lease that was not renewed for this long was given up. Ten times the interval of its renewal, because a machine
/// under load, or a long import by another process, may hold one up.
pub(crate) const LEASE_STALE_MS: i64 = 10_000;

/// So long an outdated lease is looked at before it counts as given up: where somebody has set the clock, or the computer
/// slept, it is renewed within a second.
const LEASE_LOOKED_AT: Duration = Duration::from_secs(3);

/// Why a run without a process is paused.
const ABANDONED: &str = "The program that was at work on it ended. What it had received is kept; resume to go on.";

/// Why a run that was queued by such a process is.
const ABANDONED_QUEUE: &str = "The program that had queued it ended; resume to go on.";

/// How long a program that closes waits for the calls in flight, which are paid for.
const CLOSING: Duration = Duration::from_secs(3);

/// How often a run of another process is looked at while waiting for it.
const OTHERS_LOOKED_AT: Duration = Duration::from_millis(200);

/// A run about to be started.
#[derive(Clone, Debug, Deserialize, Type)]
pub struct NewRun {
    pub prompt_id: PromptId,
    /// `None` runs the draft, which is saved as a version first if it has changed.
    pub version_id: Option<VersionId>,
    /// `None` asks the model that the version names.
    pub model: Option<AskedModel>,
    /// Which of several runs that ask the same; `None` for the only one.
    pub repetition: Option<Repetition>,
    /// Asks everything anew, also what is owned already: it is a repetition that no run had yet, or those are, so that what is
    /// owned stays.
    pub ask_again: bool,
    pub subset: Subset,
    /// The tasks of a custom subset.
    pub picked: Option<Picked>,
    /// Of these tasks only some, by what runs that asked the same made of them before; `None` is every one.
    pub only: Option<Only>,
    /// Requests at once, for this run only; `None` is as many as the settings and its connection let it.
    pub concurrency: Option<u32>,
    /// As a batch: answered within 24 hours, at about half the price.
    pub batch: bool,
    /// What it may cost before it pauses, in millionths of a dollar; `None` for whatever it costs.
    #[specta(type = Option<f64>)]
    pub limit_micros: Option<u64>,
}

/// What a run may cost from now on, with what it has cost.
#[derive(Clone, Copy, Debug, Deserialize, Type)]
pub struct RunLimit {
    /// In millionths of a dollar; `None` for whatever it costs.
    #[specta(type = Option<f64>)]
    pub limit_micros: Option<u64>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct StartedRun {
    pub run_id: RunId,
    /// As it was before.
    pub version: VersionSummary,
    /// The draft had changed and was saved as this version.
    pub saved_version: bool,
}

/// Where a run stands. Told at most ten times a second while it is at work, and once more when it ends.
#[derive(Clone, Debug, Serialize, Type)]
pub struct RunProgress {
    pub run: RunSummary,
    /// Tasks a second over the last seconds, and no more than its connection allows now; `None` where nothing was done.
    pub rate: Option<f64>,
    /// How long the rest takes, as far as that rate and what the server announces tell.
    #[specta(type = Option<f64>)]
    pub eta_ms: Option<u64>,
    /// Requests that wait for their answer; 0 where another program asks, as only that knows.
    pub in_flight: u32,
    /// Requests that may do so at once.
    pub concurrency: u32,
    /// It was paused, and waits for the answers to what it has asked.
    pub is_pausing: bool,
    /// Why it is not faster now, in words; of another program as it said last, and `None` before it did or where it is silent.
    pub waiting: Option<String>,
    pub worker: RunWorker,
}

impl Engine {
    /// Starts a run of a version, or of the draft. Returns once the run is recorded; see [`Self::wait_for_run`]. While others
    /// of its connection are at work it is queued.
    pub async fn start_run(&self, run: NewRun) -> Result<StartedRun> {
        Ok(self.start_runs(vec![run], None).await?.remove(0))
    }

    /// How many tasks such a run would cover if it were started now.
    pub async fn run_size(&self, run: NewRun) -> Result<u32> {
        self.blocking(move |inner| covered(inner, &run)).await
    }

    /// Stops a run and keeps its results; calls in flight are given up, and batches canceled. A run of this process, and one
    /// that is queued, has stopped when this returns; one of another process stops within a second. Refused where a batch could
    /// not be canceled, which would go on and be charged for: such a run stays paused.
    pub async fn stop_run(&self, id: RunId) -> Result<()> {
        let is_taken_up = self.take_up_to_stop(&id).await?;
        let work = self.inner.active.work(&id);
        if let Some(work) = &work {
            work.end(End::Stopped);
        }
        if work.is_some() || is_taken_up {
            let run = self.wait_for_run(id.clone()).await?;
            // It may have been about to pause.
            if run.status != RunStatus::Paused {
                return Ok(());
            }
            if let Some(reason) = run.reason.filter(|_| run.batch.is_some_and(|batch| batch.open > 0)) {
                return Err(Error::invalid(format!(
                    "the run is not stopped, for its batch goes on at the vendor: {reason}"
                )));
            }
        }
        let prompt_id = self
            .blocking(move |inner| {
                let run = inner.store.run(&id)?;
                inner.store.request_stop(&id, &clock::now())?;
                Ok(run.prompt_id)
            })
            .await?;
        self.inner.active.queue.tell();
        self.changed(Changed::Runs { prompt_id });
        Ok(())
    }

    /// Only who is at work on a run can cancel its batch, so one that waits for it without a program is taken up once more. `true`
    /// if it was.
    async fn take_up_to_stop(&self, id: &RunId) -> Result<bool> {
        let known = id.clone();
        let is_out = self
            .blocking(move |inner| {
                let run = inner.store.run(&known)?;
                let is_out = run.status == RunStatus::Paused && run.batch.is_some_and(|batch| batch.open > 0);
                // Without its connection nobody can cancel it anymore.
                Ok(is_out && inner.store.connection(run.connection_id.as_str()).is_ok())
            })
            .await?;
        if !is_out {
            return Ok(false);
        }
        match self.resume_run(id.clone()).await {
            Ok(_) => Ok(true),
            // Another program has taken it up meanwhile, and is asked.
            Err(error) if error.code() == ErrorCode::RunActive => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Pauses a run: nothing more is asked, and what is in flight is still awaited, as it is paid for. Returns once it is
    /// asked to; see [`Self::wait_for_run`]. A run of another process hears of it within a second, and one that is queued
    /// leaves the queue.
    pub async fn pause_run(&self, id: RunId) -> Result<()> {
        if let Some(work) = self.inner.active.work(&id) {
            work.pause();
            return Ok(());
        }
        let prompt_id = self
            .blocking(move |inner| {
                let run = inner.store.run(&id)?;
                if !inner.store.pause_queued_run(&id, None, &clock::now())? && !inner.store.request_pause(&id)? {
                    return Err(Error::invalid(format!("run {} is not at work", run.number)));
                }
                Ok(run.prompt_id)
            })
            .await?;
        self.inner.active.queue.tell();
        self.changed(Changed::Runs { prompt_id });
        Ok(())
    }

    /// Changes how many requests a run may have in flight at once, from now to its end; never more than its connection takes.
    /// A run of another process hears of it within a second.
    pub async fn set_run_concurrency(&self, id: RunId, concurrency: u32) -> Result<()> {
        let known = id.clone();
        let prompt_id = self
            .blocking(move |inner| {
                check_concurrency(Some(concurrency))?;
                let run = inner.store.run(&known)?;
                if run.status == RunStatus::Completed {
                    return Err(Error::invalid(format!("run {} is complete", run.number)));
                }
                inner.store.set_run_concurrency(&known, concurrency)?;
                Ok(run.prompt_id)
            })
            .await?;
        if let Some(work) = self.inner.active.work(&id) {
            work.set_concurrency(concurrency as usize);
        }
        self.changed(Changed::Runs { prompt_id });
        Ok(())
    }

    /// Goes on with a run that was paused or stopped: with the tasks that have no result yet. At once, whatever else is at
    /// work, and so with one that is queued; see [`Self::queue_runs`]. Gives back the others that waited for the same as it: they
    /// are queued behind it.
    pub async fn resume_run(&self, id: RunId) -> Result<Vec<RunId>> {
        let (setup, others) = self
            .blocking(move |inner| {
                let others = inner.store.held_with(slice::from_ref(&id))?;
                Ok((resume(inner, &id)?, others))
            })
            .await?;
        self.launch(setup);
        if others.is_empty() {
            return Ok(others);
        }
        match self.queue_runs(others.clone()).await {
            // Somebody was faster.
            Err(error) if error.code() != ErrorCode::RunActive => Err(error),
            _ => Ok(others),
        }
    }

    /// Changes what a run may cost. Refused while it is at work, and below what it may have cost already.
    pub async fn set_run_limit(&self, id: RunId, limit: RunLimit) -> Result<()> {
        let limit_micros = limit.limit_micros;
        let prompt_id = self
            .blocking(move |inner| {
                let run = inner.store.run(&id)?;
                check_limit("limit_micros", limit_micros)?;
                check_raised(&run, limit_micros)?;
                if !inner.store.set_run_limit(run.key, limit_micros)? {
                    return Err(Error::RunActive(run.number));
                }
                Ok(run.prompt_id)
            })
            .await?;
        self.changed(Changed::Runs { prompt_id });
        Ok(())
    }

    /// The runs of a prompt, or of all prompts outside the bin; newest first.
    pub async fn runs(&self, prompt: Option<PromptId>) -> Result<Vec<RunSummary>> {
        self.blocking(move |inner| {
            let key = match prompt {
                Some(id) => Some(inner.store.prompt(id.as_str())?.key),
                None => None,
            };
            let mut library = Library::open(inner)?;
            inner.store.runs(key)?.iter().map(|run| Ok(summary(inner, run, &library.about(run)?))).collect()
        })
        .await
    }

    pub async fn run(&self, id: RunId) -> Result<RunSummary> {
        self.blocking(move |inner| stored_summary(inner, &id)).await
    }

    /// Where the runs at work stand, those of other processes too, and after them those that are queued, in their order.
    pub async fn active_runs(&self) -> Result<Vec<RunProgress>> {
        self.blocking(|inner| {
            let mut library = Library::open(inner)?;
            let active = inner.store.active_runs()?;
            let settings = Settings::read(inner)?;
            active
                .iter()
                .map(|run| {
                    let summary = summary(inner, run, &library.about(run)?);
                    Ok(match inner.active.work(&run.id) {
                        Some(work) => work.progress(summary),
                        None => {
                            // One that is about to begin here, or is queued, is no other's.
                            let is_here =
                                run.status == RunStatus::Queued || run.lease_owner.as_ref() == Some(&inner.owner);
                            let other = (!is_here)
                                .then(|| inner.active.others.look(&Said::of(run), clock::now_ms(), Instant::now()));
                            let worker = other.as_ref().map_or(RunWorker::Here, |other| other.worker);
                            let waiting = run.waiting.clone().filter(|_| worker == RunWorker::Elsewhere);
                            RunProgress {
                                waiting: summary.queued_words().or(waiting),
                                concurrency: library.concurrency(&settings, run, &summary.model),
                                is_pausing: run.pause_requested,
                                run: summary,
                                rate: other.as_ref().and_then(|other| other.rate),
                                eta_ms: other.as_ref().and_then(|other| other.eta_ms),
                                in_flight: 0,
                                worker,
                            }
                        }
                    })
                })
                .collect()
        })
        .await
    }

    /// The runs that a user is offered to go on with, newest first: those that paused for a reason, whichever program was at work
    /// on them. Among them are those that ended with it, by a crash or because it was closed, with those that it had queued, and
    /// those that wait together because their connection refused one of them. None that somebody has gone on with or stopped
    /// since, or whose prompt was run again since.
    pub async fn offered_runs(&self) -> Result<Vec<RunSummary>> {
        self.blocking(|inner| {
            let mut library = Library::open(inner)?;
            let runs = inner.store.offered_runs()?;
            runs.iter().map(|run| Ok(summary(inner, run, &library.about(run)?))).collect()
        })
        .await
    }

    /// Waits until a run is over, or paused, whichever process is at work on it.
    pub async fn wait_for_run(&self, id: RunId) -> Result<RunSummary> {
        loop {
            if let Some(mut ended) = self.inner.active.ended(&id)
                && let Ok(ended) = ended.wait_for(Option::is_some).await
                && let Some(run) = ended.as_ref()
            {
                return Ok(run.clone());
            }
            let engine = self.clone();
            let known = id.clone();
            let run = self
                .blocking(move |inner| {
                    engine.pause_abandoned_runs()?;
                    stored_summary(inner, &known)
                })
                .await?;
            if !run.status.is_active() {
                return Ok(run);
            }
            tokio::time::sleep(OTHERS_LOOKED_AT).await;
        }
    }

    /// As [`Self::wait_for_run`], but a run that paused because its model was not reached is gone on with once it is, if that
    /// takes no longer than `patience` and nobody calls [`Self::stop_trying`]. To be called before the run is at work with
    /// [`Self::keep_trying`].
    pub async fn wait_out(&self, id: RunId, patience: Duration) -> Result<RunSummary> {
        let mut paused_at = None;
        loop {
            let run = self.wait_for_run(id.clone()).await?;
            if run.status != RunStatus::Paused || !self.inner.active.is_looked_after(&id) {
                return Ok(run);
            }
            let since = match &paused_at {
                Some((of, since)) if *of == run.finished_at => *since,
                _ => paused_at.insert((run.finished_at.clone(), Instant::now())).1,
            };
            if since.elapsed() >= patience || !self.inner.keeps_trying.load(Ordering::Relaxed) {
                self.inner.active.leave_alone(&id);
                return self.run(id).await;
            }
            tokio::time::sleep(OTHERS_LOOKED_AT).await;
        }
    }

    /// From now on runs of this process that cannot reach their model are gone on with once they can, as where a window is
    /// open.
    pub fn keep_trying(&self) {
        self.inner.keeps_trying.store(true, Ordering::Relaxed);
    }

    pub fn stop_trying(&self) {
        self.inner.keeps_trying.store(false, Ordering::Relaxed);
    }

    /// Pauses the runs of this process and waits until they are, so that another can resume them at once: what a
    /// program does before it ends.
    pub async fn pause_runs(&self) -> Result<()> {
        self.inner.is_watching.store(false, Ordering::Relaxed);
        self.close_queue().await;
        let active = self.inner.active.every();
        for (_, work) in &active {
            work.end(End::Closed);
        }
        let over = async {
            for (id, _) in &active {
                self.wait_for_run(id.clone()).await?;
            }
            Ok(())
        };
        tokio::pin!(over);
        if let Ok(over) = tokio::time::timeout(CLOSING, &mut over).await {
            return over;
        }
        for (_, work) in &active {
            work.give_up_calls();
        }
        over.await
    }

    /// Makes the runs of this process obey the budgets as they are now; another's look at them within a second.
    pub(crate) async fn obey_budgets(&self) {
        for (_, work) in self.inner.active.every() {
            work.obey_budgets().await;
        }
    }

    /// Waits until it is known whose process is gone, and their runs are paused: what a program does before it works with
    /// runs, unless it watches them.
    pub async fn settle_abandoned_runs(&self) -> Result<()> {
        let began = Instant::now();
        loop {
            let engine = self.clone();
            let is_settled = self.blocking(move |_| engine.pause_abandoned_runs()).await?;
            // A lease that another computer renews, by a clock of its own, stays out of date.
            if is_settled || began.elapsed() > 2 * LEASE_LOOKED_AT {
                return Ok(());
            }
            tokio::time::sleep(OTHERS_LOOKED_AT).await;
        }
    }

    /// Marks runs as paused whose process is gone. `false` when that is not certain yet of some, and to be looked at again.
    pub(crate) fn pause_abandoned_runs(&self) -> Result<bool> {
        let inner = &self.inner;
        let now_ms = clock::now_ms();
        let outdated = inner.store.outdated_leases(&inner.owner, now_ms - LEASE_STALE_MS, now_ms + LEASE_STALE_MS)?;
        let abandoned = inner.active.abandoned(&outdated, Instant::now());
        for lease in &abandoned {
            let reason = if lease.is_queued { ABANDONED_QUEUE } else { ABANDONED };
            if inner.store.pause_abandoned_run(*lease, reason, &clock::now())? {
                self.changed(Changed::Everything);
            }
        }
        Ok(abandoned.len() == outdated.len())
    }

    /// Puts a leased run to work.
    fn launch(&self, setup: Setup) {
        let (ended, over) = watch::channel(None);
        let id = setup.run.id.clone();
        self.inner.active.leave_alone(&id);
        let work = Arc::new(Work::new(self.clone(), setup));
        self.inner.active.add(id, Arc::clone(&work), over);
        tokio::spawn(worker::supervise(work, ended));
    }
}
