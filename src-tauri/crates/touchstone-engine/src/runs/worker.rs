//! The work of a run: every task of its subset is asked once, scored and committed; nothing is paid for twice.
//!
//! What is kept under which key decides what a later run asks:
//! - A usable answer is kept under the hash of its exact request. The same request is never sent again, by any run.
//! - An answer that cannot be used (no JSON, outside the schema) was paid for. It is kept beside its request, and before
//!   anything else is sent: then the conversation goes on with it, in a request of its own that says what is wrong; once
//!   where it is outside the schema, and where it holds no JSON as often as any failed request is asked again. Whoever comes
//!   to a conversation that was begun and not finished goes on with it; one that ended without a usable answer is begun
//!   anew by another run.
//! - A failure without an answer is kept with its task only.
//!
//! An owned answer that this task cannot use, though another with the same request could, stays as it is, and the
//! conversation goes on after it too.
//!
//! Tasks are read in pages and each is a small async task of its own, so memory does not grow with the project. More of
//! them are alive than requests are allowed: while one waits for the disk or for its next try, another may ask.
//!
//! Here a run is kept alive. `progress.rs` tells where it stands, `ending.rs` records how it ended. `ahead.rs` prepares some tasks at once for those in
//! `attendants.rs`, `asking.rs` sees one task through,
//! `form.rs` finds out how the model is held to the schema where nobody knows, `outcome.rs` records what became of a task,
//! and `streak.rs` knows when failures are no matter of the tasks.

mod address;
mod ahead;
mod asking;
mod attendants;
mod batch;
mod ending;
mod form;
mod out;
mod outcome;
mod places;
mod progress;
mod retries;
mod streak;

pub(super) use ending::{CLOSED, End};

use super::budget::Budget;
use super::meter::Meter;
use super::pacing::{Lane, Reach};
use super::spent::Account;
use super::start::{Setup, connection_limit};
use super::summary::About;
use super::{RunProgress, RunSummary, RunWorker, outage};
use crate::annotations::score_edited;
use crate::connections::{Pricing, parallel, provider};
use crate::media::Sending;
use crate::metrics;
use crate::requests::Template;
use crate::settings::Settings;
use crate::{Changed, Engine, clock};
use ahead::Prepared;
use attendants::Attendants;
pub use batch::BatchRules;
use batch::Batching;
pub(super) use batch::{check_batch, waiting};
use form::Form;
pub(super) use form::State as FormState;
use futures_util::FutureExt;
use out::Out;
use outcome::Committing;
use places::Places;
use retries::{Retries, Waiting};
use serde_json::{Map, Value};
use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use streak::{Failure, Streak};
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use touchstone_domain::metrics::{RunTally, TaskMeasure};
use touchstone_domain::prompt::Provider;
use touchstone_domain::run::RunStatus;
use touchstone_domain::{RunId, TaskId};
use touchstone_labeling::{Capabilities, Config};
use touchstone_net::parse_address;
use touchstone_providers::{ChatModel, Schema};
use touchstone_store::{Beat, ConnectionRow, PendingTask, RunRow, Wishes};

/// Tasks that wait for their next try and let others in meanwhile, for each request that may be in flight.
const WAITING_PER_SLOT: usize = 2;

/// Tasks that are read at a time.
const PAGE_TASKS: u32 = 256;

/// Tasks that look into the store at a time: each takes a thread and a connection to the file.
const LOOKUPS_MAX: usize = 4;

/// Tasks whose media are read while the requests of others are in flight.
const MEDIA_AHEAD: usize = 2;

const HEARTBEAT: Duration = Duration::from_secs(1);

/// Progress is told this often at most. Where a window shows it, each time it paints costs more than the tasks between.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// How many requests a run may have in flight: as many as the settings let it, and no more than a test found to help.
pub(super) fn concurrency(settings: &Settings, connection: &ConnectionRow, model: &str) -> usize {
    match provider(connection) {
        // It waits for nothing: more than a processor each would only take turns.
        Provider::Practice => std::thread::available_parallelism().map_or(1, usize::from),
        _ => {
            let most = settings.concurrency as usize;
            parallel(connection, model).map_or(most, |helps| most.min(helps))
        }
    }
}

/// How far a run may go that may have `ceiling` requests in flight.
pub(super) fn reach(ceiling: usize, connection: &ConnectionRow, model: &dyn ChatModel, model_id: &str) -> Reach {
    let is_built_in = provider(connection) == Provider::Practice;
    let is_near = parse_address(model.endpoint()).is_some_and(|address| address.is_loopback);
    let measured = parallel(connection, model_id);
    Reach {
        ceiling,
        connection_limit: connection_limit(connection),
        measured,
        at_once: is_built_in || is_near || measured.is_some(),
        is_built_in,
    }
}

/// One run at work.
pub(super) struct Work {
    engine: Engine,
    run: RunRow,
    about: About,
    config: Config,
    schema: Schema,
    template: Template,
    form: Form,
    /// What the model is asked for, and scored on.
    asked: Capabilities,
    sending: Sending,
    model: Box<dyn ChatModel>,
    /// The host of the model, unless it is this computer.
    elsewhere: Option<String>,
    pricing: Pricing,
    budget: Option<Arc<Budget>>,
    /// Of a run that asks by batch.
    batch: Option<Batching>,
    /// How many requests may be in flight.
    concurrency: AtomicUsize,
    /// There may be more of them than before.
    has_room: Notify,
    connection_limit: Option<usize>,
    slots: Places,
    /// Its way to the connection, which it shares with other runs.
    lane: Lane,
    lookups: Semaphore,
    committing: Committing,
    /// Tasks whose media are in memory.
    media: Places,
    /// Nothing more is asked.
    closing: CancellationToken,
    /// What is in flight is given up.
    cancel: CancellationToken,
    /// The first end that was called for; it is the one that counts.
    end: Mutex<Option<End>>,
    streak: Mutex<Streak>,
    /// The hashes of requests whose conversations ended in this run without a usable answer.
    hopeless: Mutex<HashSet<String>>,
    /// At which address the model answers is remembered, or another run does so.
    is_address_kept: AtomicBool,
    /// Its requests that are out.
    out: Out,
    /// Why it is not faster, as it was told last.
    waiting: Mutex<Option<String>>,
    retries: Retries,
    meter: Mutex<Meter>,
    started: Instant,
    /// What of its time at work the workspace has.
    wall_kept_ms: AtomicU64,
    /// Held while more of it is kept.
    keeping_wall: Mutex<()>,
}

/// A usable answer.
struct Usable {
    result: String,
    repairs: Option<String>,
    /// `None` where the task has no ground truth.
    measure: Option<Box<TaskMeasure<'static>>>,
    confidence: Option<f64>,
}

/// What a result must know of its task.
#[derive(Clone, Copy)]
struct Subject {
    task_id: TaskId,
    has_truth: bool,
}

impl Subject {
    fn of(task: &PendingTask) -> Self {
        Self { task_id: task.id, has_truth: task.ground_truth.is_some() }
    }
}

/// A task in the form the work needs it.
struct Question {
    task: PendingTask,
    data: Map<String, Value>,
}

/// Counts something for as long as it lives.
pub(super) struct Counted<'c>(&'c AtomicU32);

impl<'c> Counted<'c> {
    pub(super) fn new(count: &'c AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sees a run through to its end: works, keeps the lease, tells progress, and records how it ended.
pub(super) async fn supervise(work: Arc<Work>, ended: watch::Sender<Option<RunSummary>>) {
    let prompt_id = work.run.prompt_id.clone();
    // A vendor that works on a batch does so while this computer sleeps.
    let _awake = work.batch.is_none().then(|| work.engine.inner.active.awake.hold());
    work.engine.changed(Changed::Runs { prompt_id: prompt_id.clone() });
    let heartbeat = tokio::spawn(Arc::clone(&work).keep_lease());
    work.begin_to_count().await;
    let mut tasks = match work.batch {
        None => tokio::spawn(Arc::clone(&work).attend_to_all()),
        Some(_) => tokio::spawn(Arc::clone(&work).attend_by_batch()),
    };
    let mut tick = tokio::time::interval(PROGRESS_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut told = None;
    let outcome = loop {
        tokio::select! {
            outcome = &mut tasks => break outcome,
            _ = tick.tick() => work.tell_progress(&mut told).await,
        }
    };
    if let Err(panic) = outcome {
        tracing::error!(%panic, "the work of a run ended early");
        work.end(End::Paused("An error inside Touchstone ended the work. Resume to go on.".to_owned()));
    }
    heartbeat.abort();
    let mut run = work.finish().await;
    work.engine.inner.active.remove(&work.run.id);
    work.engine.inner.active.queue.tell();
    if work.batch.is_some() {
        // What is still out is nobody's now, and counts as such.
        work.engine.obey_budgets().await;
    }
    let run_key = work.run.key;
    match work.engine.blocking(move |inner| score_edited(inner, run_key)).await {
        Ok(true) if run.is_some() => run = work.stored().await.or(run),
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "scoring what was edited during a run"),
    }
    if let Some(run) = &run {
        work.engine.inner.sink.run_progress(RunProgress {
            run: run.clone(),
            rate: None,
            eta_ms: None,
            in_flight: 0,
            concurrency: u32::try_from(work.concurrency.load(Ordering::Relaxed)).unwrap_or(u32::MAX),
            is_pausing: false,
            waiting: None,
            worker: RunWorker::Here,
        });
    }
    work.engine.changed(Changed::Runs { prompt_id });
    work.engine.changed(Changed::Prompts);
    if work.engine.inner.active.is_looked_after(work.id()) {
        match run.as_ref().filter(|run| run.status == RunStatus::Paused) {
            Some(run) => {
                tokio::spawn(outage::go_on(work.engine.clone(), Arc::clone(&work), run.finished_at.clone()));
            }
            None => work.engine.inner.active.leave_alone(work.id()),
        }
    }
    // Whoever waits reads the store if there is nothing to send.
    if run.is_some() {
        ended.send_replace(run);
    }
}

impl Work {
    pub(super) fn new(engine: Engine, setup: Setup) -> Self {
        let lane = engine.inner.active.pacing(&setup.run.connection_id).open(setup.reach);
        let asked = setup.template.capabilities();
        let batch = setup.run.batch.is_some().then(|| Batching::new(*lock(&engine.inner.batch_rules)));
        Self {
            engine,
            run: setup.run,
            schema: setup.config.prompt_schema(asked).into(),
            config: setup.config,
            template: setup.template,
            form: Form::new(setup.form),
            asked,
            sending: Sending {
                reading: setup.reading,
                limits: setup.model.media_limits(),
                to: setup.about.provider.label(),
                may_be_kept: false,
            },
            elsewhere: parse_address(setup.model.endpoint())
                .filter(|address| !address.is_loopback)
                .map(|address| address.host),
            model: setup.model,
            pricing: setup.pricing,
            budget: setup.budget.map(Arc::new),
            batch,
            concurrency: AtomicUsize::new(setup.reach.ceiling),
            has_room: Notify::new(),
            connection_limit: setup.reach.connection_limit,
            slots: Places::new(setup.reach.ceiling),
            lane,
            lookups: Semaphore::new(LOOKUPS_MAX),
            committing: Committing::new(setup.reach.ceiling),
            media: Places::new(setup.reach.ceiling + MEDIA_AHEAD),
            about: setup.about,
            closing: CancellationToken::new(),
            cancel: CancellationToken::new(),
            end: Mutex::default(),
            streak: Mutex::default(),
            hopeless: Mutex::default(),
            is_address_kept: AtomicBool::new(false),
            out: Out::default(),
            waiting: Mutex::default(),
            retries: Retries::default(),
            meter: Mutex::default(),
            started: Instant::now(),
            wall_kept_ms: AtomicU64::new(0),
            keeping_wall: Mutex::default(),
        }
    }

    /// Has the journal count what the predictions say, beginning with those that are there.
    async fn begin_to_count(&self) {
        let (id, asked) = (self.run.id.clone(), self.asked);
        let empty = RunTally::new(self.config.tallies(asked));
        // Of a run that begins anew there is nothing to look at.
        if self.run.done > 0
            && let Err(error) = self.engine.blocking(move |inner| metrics::count_before(inner, &id)).await
        {
            tracing::warn!(%error, "counting what a run has predicted");
        }
        self.engine.inner.store.journal().count(self.run.key, empty);
    }

    /// Gives up what is in flight of a run that is ending.
    pub(super) fn give_up_calls(&self) {
        self.cancel.cancel();
    }

    /// Changes how many requests may be in flight. Those that are out beyond it come home first.
    pub(super) fn set_concurrency(&self, wanted: usize) {
        let allowed = wanted.clamp(1, self.connection_limit.unwrap_or(usize::MAX));
        let before = self.concurrency.swap(allowed, Ordering::SeqCst);
        self.slots.resize(before, allowed);
        self.media.resize(before, allowed);
        self.committing.resize(before, allowed);
        self.lane.set_ceiling(allowed);
        self.has_room.notify_one();
    }

    pub(super) fn id(&self) -> &RunId {
        &self.run.id
    }

    pub(super) fn model(&self) -> &dyn ChatModel {
        &*self.model
    }

    /// What the provider calls the model.
    pub(super) fn model_id(&self) -> &str {
        self.template.model()
    }

    fn goes_on_by_itself(&self) -> bool {
        let inner = &self.engine.inner;
        inner.is_watching.load(Ordering::Relaxed) || inner.keeps_trying.load(Ordering::Relaxed)
    }

    fn about(&self) -> About {
        About { notes: self.template.left_out(&*self.model), ..self.about.clone() }
    }

    fn worked_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Renews the lease every second, says why the run is not faster, and obeys what another process asked for.
    async fn keep_lease(self: Arc<Self>) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let work = Arc::clone(&self);
            let renewed = self
                .engine
                .blocking(move |inner| {
                    // Another process may have switched it, and this one may have nobody else who looks.
                    if let Err(error) = inner.obey_offline_switch() {
                        tracing::warn!(%error, "looking at the Offline switch");
                    }
                    let _keeping = lock(&work.keeping_wall);
                    let worked_ms = work.worked_ms();
                    let more_ms = worked_ms.saturating_sub(work.wall_kept_ms.load(Ordering::Relaxed));
                    let waiting = lock(&work.waiting).clone();
                    let beat = Beat { now_ms: clock::now_ms(), worked_ms: more_ms, waiting: waiting.as_deref() };
                    let wishes = inner.store.renew_lease(work.run.key, &inner.owner, &beat)?;
                    work.wall_kept_ms.store(worked_ms, Ordering::Relaxed);
                    Ok(wishes)
                })
                .await;
            match renewed {
                Ok(Some(wishes)) => self.obey(wishes),
                Ok(None) => self.end(End::LeaseLost),
                // The journal meets the same fault, and its answers decide what becomes of the run.
                Err(error) => tracing::warn!(%error, "renewing the lease of a run"),
            }
            self.obey_budgets().await;
        }
    }

    /// Looks at the budgets of the day and at what was paid.
    pub(super) async fn obey_budgets(&self) {
        if let Some(budget) = &self.budget {
            budget.keep_up(&self.engine).await;
        }
    }

    fn obey(&self, wishes: Wishes) {
        if let Some(concurrency) = wishes.concurrency {
            self.set_concurrency(concurrency as usize);
        }
        if wishes.pause {
            self.pause();
        }
        if wishes.stop {
            self.end(End::Stopped);
        }
    }

    async fn attend_to_all(self: Arc<Self>) {
        let mut attendants = Attendants::new();
        let mut page: VecDeque<PendingTask> = VecDeque::new();
        let mut after = None;
        while !self.closing.is_cancelled() {
            let together = self.concurrency.load(Ordering::Relaxed);
            // Those that wait for their next try leave room, up to a limit: they are in memory too.
            let waiting = self.retries.count().min(together * WAITING_PER_SLOT);
            // Half as many as may be in flight stand by, and half of these are prepared at a time.
            let beside = together.div_ceil(2).max(MEDIA_AHEAD);
            let (most, next) = (together + beside + waiting, beside.div_ceil(2));
            if attendants.undone() + next > most {
                tokio::select! {
                    () = attendants.at_most(most - next) => {}
                    // Tasks that are alive may all wait for a slow server.
                    () = self.has_room.notified() => {}
                }
                continue;
            }
            if page.is_empty() {
                page = self.page(after).await;
                let Some(last) = page.back() else { break };
                after = Some(last.position);
            }
            let tasks = self.prepared(page.drain(..page.len().min(next)).collect()).await;
            let work = Arc::clone(&self);
            attendants.hand_over(tasks, move |task| Arc::clone(&work).attend_safely(task));
        }
        attendants.at_most(0).await;
        self.committing.all_done().await;
    }

    async fn page(&self, after: Option<u32>) -> VecDeque<PendingTask> {
        let run = self.run.clone();
        let page = self.engine.blocking(move |inner| Ok(inner.store.unanswered_tasks(&run, after, PAGE_TASKS)?)).await;
        match page {
            Ok(page) => page.into(),
            Err(error) => {
                self.end(End::Paused(format!("The tasks could not be read: {error}")));
                VecDeque::new()
            }
        }
    }

    /// Attends to one task; a bug that it uncovers fails this task and no other.
    async fn attend_safely(self: Arc<Self>, task: Prepared) {
        let subject = Subject::of(&task.question.task);
        let settled = AssertUnwindSafe(self.attend(task)).catch_unwind().await.unwrap_or_else(|_| {
            self.settle(self.failed(subject, Failure::bug(), Account::default()), Some(Failure::bug())).into()
        });
        self.let_go(settled).await;
    }

    /// Counts a task among those that wait `time` for their next try for as long as this lives, and lets others in
    /// meanwhile.
    fn wait(&self, time: Duration, trouble: String) -> Waiting<'_> {
        let waiting = self.retries.wait(Instant::now() + time, trouble);
        self.has_room.notify_one();
        waiting
    }

    /// The outcome of `work`, or `None` once nothing more is to be asked.
    async fn unless_closing<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        unless(&self.closing, work).await
    }

    /// The outcome of `work`, or `None` once what is in flight is given up.
    async fn unless_given_up<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        unless(&self.cancel, work).await
    }
}

async fn unless<T>(token: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = token.cancelled() => None,
        outcome = work => Some(outcome),
    }
}
