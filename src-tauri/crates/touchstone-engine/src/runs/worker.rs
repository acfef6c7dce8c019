//! The work of a run: every task of its subset is asked once, scored and committed; nothing is paid for twice.
//!
//! What is kept under which key decides what a later run asks:
//! - A usable answer is kept under the hash of its exact request. The same request is never sent again, by any run.
//! - An answer that cannot be used (no JSON, outside the schema) was paid for. It is kept beside its request, and before
//!   anything else is sent: then the conversation goes on with it, once, in a request of its own that says what is wrong.
//!   Whoever comes to a conversation that was begun and not finished goes on with it; one that ended without a usable
//!   answer is begun anew by another run.
//! - A failure without an answer is kept with its task only.
//!
//! An owned answer that this task cannot use, though another with the same request could, stays as it is, and the
//! conversation goes on after it too.
//!
//! Tasks are read in pages and each is a small async task of its own, so memory does not grow with the project. More of
//! them are alive than requests are allowed: while one waits for the disk or for its next try, another may ask.

use super::meter::Meter;
use super::pacing::{Pacing, backoff};
use super::replies::{Replies, Turn, Unusable, placed};
use super::spent::{Account, Spent, answer_row, evidence, is_paid, vendor_json};
use super::{About, RunProgress, RunSummary, Setup, summary};
use crate::connections::{Pricing, RefusedParam, parallel, provider, remember_refused};
use crate::media::{MediaError, Sending, Unsent};
use crate::requests::{Filled, Template};
use crate::settings::Settings;
use crate::tasks::{stored_data, stored_regions};
use crate::{Changed, Engine, Error, Result, clock};
use futures_util::FutureExt;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use touchstone_domain::TaskId;
use touchstone_domain::prompt::Provider;
use touchstone_domain::run::RunStatus;
use touchstone_domain::template::TemplateError;
use touchstone_labeling::{Capabilities, Config};
use touchstone_net::parse_address;
use touchstone_providers::{ChatErrorKind, ChatModel, ChatRequest, refused_param};
use touchstone_store::{AnswerRow, ConnectionRow, Entry, PendingTask, PredictionRow, RunRow, Scored};

/// Tasks that are alive for each request that may be in flight.
const TASKS_PER_SLOT: usize = 3;

/// Tasks that are read at a time.
const PAGE_TASKS: u32 = 256;

/// Tasks that look into the store at a time: each takes a thread and a connection to the file.
const LOOKUPS_MAX: usize = 4;

/// Tasks whose media are read while the requests of others are in flight.
const MEDIA_AHEAD: usize = 2;

/// How often a task may be asked again, for whatever reason.
const RETRIES_MAX: u32 = 3;

/// So many equal failures in a row are no matter of the tasks.
const EQUAL_FAILURES_MAX: u32 = 10;

const HEARTBEAT: Duration = Duration::from_secs(1);

/// Progress is told this often at most.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// How a run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Every task was attended to.
    Completed,
    /// The user stopped it.
    Stopped,
    /// Something that can be mended stands in the way; in words.
    Paused(String),
    /// Another process owns it now, and decides how it ends.
    LeaseLost,
}

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

/// One run at work.
pub(super) struct Work {
    engine: Engine,
    run: RunRow,
    about: About,
    config: Config,
    schema: Value,
    template: Template,
    /// What the model is asked for, and scored on.
    asked: Capabilities,
    sending: Sending,
    model: Box<dyn ChatModel>,
    pricing: Pricing,
    concurrency: usize,
    slots: Semaphore,
    /// Shared with the other runs that ask the connection, where it has a limit of its own.
    places: Option<Arc<Semaphore>>,
    lookups: Semaphore,
    /// Tasks whose media are in memory.
    media: Semaphore,
    pacing: Arc<Pacing>,
    cancel: CancellationToken,
    /// The first end that was called for; it is the one that counts.
    end: Mutex<Option<End>>,
    streak: Mutex<Streak>,
    in_flight: AtomicU32,
    /// Tasks that wait before they are asked again.
    waiting: AtomicU32,
    /// What the last retry was for.
    trouble: Mutex<String>,
    meter: Mutex<Meter>,
    started: Instant,
}

/// Why a task has no usable answer.
#[derive(Clone, Debug)]
struct Failure {
    code: &'static str,
    message: String,
    /// JSON of what the provider said of it.
    vendor: Option<String>,
    /// It says nothing about this task: a network or a server that fails. Such a task is worth asking again later.
    is_systemic: bool,
}

/// A usable answer.
struct Usable {
    result: String,
    repairs: Option<String>,
    scored: Option<Scored>,
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

/// Failures in a row. Those that are systemic are not committed before it is known that they were not the beginning of
/// an outage: if they were, the run pauses and their tasks are asked again when it is resumed.
#[derive(Default)]
struct Streak {
    code: &'static str,
    message: String,
    length: u32,
    held: Vec<Entry>,
    /// At least one request was answered usably since the run was taken up.
    had_answer: bool,
}

/// Counts something for as long as it lives.
struct Counted<'c>(&'c AtomicU32);

impl<'c> Counted<'c> {
    fn new(count: &'c AtomicU32) -> Self {
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
    work.engine.changed(Changed::Runs { prompt_id: prompt_id.clone() });
    let heartbeat = tokio::spawn(Arc::clone(&work).keep_lease());
    let mut tasks = tokio::spawn(Arc::clone(&work).attend_to_all());
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
    match work.engine.blocking(crate::annotations::score_edited).await {
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
            waiting: None,
        });
    }
    work.engine.changed(Changed::Runs { prompt_id });
    work.engine.changed(Changed::Prompts);
    // Whoever waits reads the store if there is nothing to send.
    if run.is_some() {
        ended.send_replace(run);
    }
}

impl Work {
    pub(super) fn new(engine: Engine, setup: Setup) -> Self {
        let pacing = engine.inner.active.pacing(&setup.run.connection_id);
        let asked = setup.template.capabilities();
        Self {
            engine,
            run: setup.run,
            schema: setup.config.prompt_schema(asked),
            config: setup.config,
            template: setup.template,
            asked,
            sending: Sending {
                settings: setup.settings,
                limits: setup.model.media_limits(),
                to: setup.about.provider.label(),
                may_be_kept: false,
            },
            model: setup.model,
            pricing: setup.pricing,
            concurrency: setup.concurrency,
            slots: Semaphore::new(setup.concurrency),
            places: setup.connection_limit.map(|limit| pacing.places(limit)),
            lookups: Semaphore::new(LOOKUPS_MAX),
            media: Semaphore::new(setup.concurrency + MEDIA_AHEAD),
            about: setup.about,
            pacing,
            cancel: CancellationToken::new(),
            end: Mutex::default(),
            streak: Mutex::default(),
            in_flight: AtomicU32::new(0),
            waiting: AtomicU32::new(0),
            trouble: Mutex::default(),
            meter: Mutex::default(),
            started: Instant::now(),
        }
    }

    /// Ends the work, unless it is ending already. Calls in flight are given up.
    pub(super) fn end(&self, end: End) {
        lock(&self.end).get_or_insert(end);
        self.cancel.cancel();
    }

    /// The progress to tell beside `run`, which must be of this run.
    pub(super) fn progress(&self, run: RunSummary) -> RunProgress {
        let meter = lock(&self.meter);
        RunProgress {
            rate: meter.rate(),
            eta_ms: meter.eta_ms(run.total.saturating_sub(run.done)),
            in_flight: self.in_flight.load(Ordering::Relaxed),
            waiting: self.waiting_for(),
            run,
        }
    }

    fn about(&self) -> About {
        About { notes: self.template.left_out(&*self.model), ..self.about.clone() }
    }

    fn waiting_for(&self) -> Option<String> {
        if let Some(pause) = self.pacing.remaining() {
            let seconds = pause.as_secs_f64().ceil();
            return Some(format!("The server asked to slow down; going on in {seconds} s."));
        }
        match self.waiting.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(format!("1 task will be asked again. {}", lock(&self.trouble))),
            waiting => Some(format!("{waiting} tasks will be asked again. {}", lock(&self.trouble))),
        }
    }

    async fn tell_progress(&self, told: &mut Option<(u32, u32, Option<String>)>) {
        let key = self.run.id.clone();
        let run = match self.engine.blocking(move |inner| Ok(inner.store.run(&key)?)).await {
            Ok(run) => run,
            Err(error) => return tracing::warn!(%error, "reading the progress of a run"),
        };
        lock(&self.meter).read(Instant::now(), run.done);
        let mut progress = self.progress(summary(&run, &self.about()));
        progress.run.wall_ms += self.worked_ms();
        let news = Some((progress.run.done, progress.in_flight, progress.waiting.clone()));
        if *told != news {
            *told = news;
            self.engine.inner.sink.run_progress(progress);
        }
    }

    fn worked_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Renews the lease every second, and obeys what another process asked for.
    async fn keep_lease(self: Arc<Self>) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let (key, owner) = (self.run.key, self.engine.inner.owner.clone());
            let renewed = self
                .engine
                .blocking(move |inner| {
                    // Another process may have switched it, and this one may have nobody else who looks.
                    if let Err(error) = inner.obey_offline_switch() {
                        tracing::warn!(%error, "looking at the Offline switch");
                    }
                    Ok(inner.store.renew_lease(key, &owner, clock::now_ms())?)
                })
                .await;
            match renewed {
                Ok(Some(false)) => {}
                Ok(Some(true)) => self.end(End::Stopped),
                Ok(None) => self.end(End::LeaseLost),
                // The journal meets the same fault, and its answers decide what becomes of the run.
                Err(error) => tracing::warn!(%error, "renewing the lease of a run"),
            }
        }
    }

    /// Records how the run ended, and gives back where it stands then; `None` if that cannot be read.
    async fn finish(self: &Arc<Self>) -> Option<RunSummary> {
        let held = {
            let mut streak = lock(&self.streak);
            let mut end = lock(&self.end);
            if end.is_none() && !streak.held.is_empty() && !streak.had_answer {
                // Too few tasks for a streak, but nothing at all was answered.
                *end = Some(End::Paused(streak.message.clone()));
                streak.given_up()
            } else {
                std::mem::take(&mut streak.held)
            }
        };
        for entry in held {
            self.commit(entry).await;
        }
        let end = lock(&self.end).clone().unwrap_or(End::Completed);
        let (status, reason) = match end {
            End::Completed => (RunStatus::Completed, None),
            End::Stopped => (RunStatus::Canceled, None),
            End::Paused(reason) => (RunStatus::Paused, Some(reason)),
            End::LeaseLost => return self.stored().await,
        };
        let worked_ms = self.worked_ms();
        let recorded = self.record(status, reason.clone(), worked_ms).await;
        let mut run = self.stored().await?;
        if let Err(error) = recorded {
            // On a full disk not even this can be written.
            tracing::error!(%error, "recording how a run ended");
            run.status = RunStatus::Paused;
            run.reason = Some(reason.unwrap_or_else(|| error.to_string()));
            tokio::spawn(Arc::clone(self).record_later(run.reason.clone(), worked_ms));
        }
        Some(run)
    }

    async fn record(&self, status: RunStatus, reason: Option<String>, worked_ms: u64) -> Result<()> {
        let (key, owner) = (self.run.key, self.engine.inner.owner.clone());
        self.engine
            .blocking(move |inner| {
                Ok(inner.store.finish_run(key, &owner, status, reason.as_deref(), worked_ms, &clock::now())?)
            })
            .await
    }

    /// Records that the run is paused as soon as the workspace can be written again.
    async fn record_later(self: Arc<Self>, reason: Option<String>, worked_ms: u64) {
        while self.record(RunStatus::Paused, reason.clone(), worked_ms).await.is_err() {
            tokio::time::sleep(HEARTBEAT).await;
        }
        self.engine.changed(Changed::Runs { prompt_id: self.run.prompt_id.clone() });
    }

    async fn stored(&self) -> Option<RunSummary> {
        let id = self.run.id.clone();
        match self.engine.blocking(move |inner| Ok(inner.store.run(&id)?)).await {
            Ok(run) => Some(summary(&run, &self.about())),
            Err(error) => {
                tracing::error!(%error, "reading a run");
                None
            }
        }
    }

    async fn attend_to_all(self: Arc<Self>) {
        let mut alive = JoinSet::new();
        let mut page = VecDeque::new();
        let mut after = None;
        let mut has_more = true;
        loop {
            while has_more && !self.cancel.is_cancelled() && alive.len() < self.concurrency * TASKS_PER_SLOT {
                if page.is_empty() {
                    page = self.page(after).await;
                    after = page.back().map(|task: &PendingTask| task.position);
                    has_more = !page.is_empty();
                }
                if let Some(task) = page.pop_front() {
                    alive.spawn(Arc::clone(&self).attend_safely(task));
                }
            }
            if alive.join_next().await.is_none() {
                return;
            }
        }
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
    async fn attend_safely(self: Arc<Self>, task: PendingTask) {
        let subject = Subject::of(&task);
        if AssertUnwindSafe(self.attend(task)).catch_unwind().await.is_err() {
            self.settle(self.failed(subject, Failure::bug(), Account::default()), Some(Failure::bug())).await;
        }
    }

    async fn attend(&self, task: PendingTask) {
        let question = Question { data: stored_data(&task.data), task };
        let filled = match self.filled(&question.data) {
            Ok(filled) => filled,
            Err(failure) => return self.unasked(&question, failure).await,
        };
        // Held until the task is done: the media of so many tasks, and no more, are in memory.
        let Some(_room) = self.unless_ended(self.room_for_media(&filled)).await else { return };
        let request = match self.unless_ended(self.with_media(filled)).await {
            Some(Ok(request)) => request,
            Some(Err(failure)) if failure.code == MediaError::OFFLINE => return self.end(End::Paused(failure.message)),
            Some(Err(failure)) => return self.unasked(&question, failure).await,
            None => return,
        };
        let mut request = request;
        let mut account = Account::default();
        // Once more for each parameter that is refused.
        loop {
            self.template.leave_out(&mut request);
            let turn = self.turn(request.clone());
            let Some(_flight) = self.unless_ended(self.engine.inner.active.flights.board(&turn.hash)).await else {
                return self.give_up(Subject::of(&question.task), account).await;
            };
            account = match self.attend_to(&question, turn, account).await {
                Ok(Some(so_far)) => so_far,
                Ok(None) => return,
                Err(error) => return self.end(End::Paused(error.to_string())),
            };
            // The flight ends here, after the commit: the next with the same request finds the answer.
        }
    }

    /// Answers a task with what is owned, or asks. Gives back what it took if the server refused a parameter, and it is
    /// to be asked without it.
    async fn attend_to(&self, question: &Question, turn: Turn, mut account: Account) -> Result<Option<Account>> {
        let replies = self.replies(&turn.hash).await?;
        let subject = Subject::of(&question.task);
        if let Some((answer, usable)) = self.usable_of(&replies, question) {
            self.keep(subject, &mut account).await;
            self.settle(self.cached(subject, answer, usable), None).await;
            return Ok(None);
        }
        if let Some(said) = replies.last()
            && let Err(unusable) = self.usable(&said.content, question)
            && let Some(second) = self.second(&turn, &said.content, &unusable)
        {
            let answers = self.replies(&second.hash).await?;
            if let Some((answer, usable)) = self.usable_of(&answers, question) {
                self.keep(subject, &mut account).await;
                self.settle(self.cached(subject, answer, usable), None).await;
                return Ok(None);
            }
            if answers.is_empty() {
                // Begun by a run that ended here.
                return self.ask(question, account, second, answers, false).await;
            }
        }
        self.ask(question, account, turn, replies, true).await
    }

    fn turn(&self, request: ChatRequest) -> Turn {
        Turn::of(request, &*self.model, self.model.provider(), self.model.endpoint())
    }

    /// The conversation after an answer that cannot be used. The practice model would say the same again.
    fn second(&self, turn: &Turn, said: &str, unusable: &Unusable) -> Option<Turn> {
        let may_be_better = self.model.provider() != Provider::Practice;
        may_be_better.then(|| self.turn(turn.request.continued(said, &unusable.correction())))
    }

    /// What is kept of the replies to a request.
    async fn replies(&self, hash: &str) -> Result<Replies> {
        let _turn = self.lookups.acquire().await.expect("the semaphores of a run are never closed");
        let hash = hash.to_owned();
        self.engine.blocking(move |inner| Replies::read(inner, &hash)).await
    }

    /// The first of the replies that this task can use.
    fn usable_of<'r>(&self, replies: &'r Replies, question: &Question) -> Option<(&'r AnswerRow, Usable)> {
        replies.all().find_map(|reply| Some((reply, self.usable(&reply.content, question).ok()?)))
    }

    /// Records why a task cannot be asked. Nothing was sent, so there is nothing to save by pausing, unless it is a network
    /// that fails.
    async fn unasked(&self, question: &Question, failure: Failure) {
        let entry = self.failed(Subject::of(&question.task), failure.clone(), Account::default());
        if failure.is_systemic { self.settle(entry, Some(failure)).await } else { self.commit(entry).await }
    }

    async fn room_for_media(&self, filled: &Filled) -> Option<SemaphorePermit<'_>> {
        let shows_media = !filled.wanted.is_empty();
        if shows_media {
            Some(self.media.acquire().await.expect("the semaphores of a run are never closed"))
        } else {
            None
        }
    }

    /// The request with its media, which are read until they are there or the budget is spent.
    async fn with_media(&self, filled: Filled) -> std::result::Result<ChatRequest, Failure> {
        let mut tries = 0;
        loop {
            let Unsent { code, message, is_passing } =
                match self.engine.media_to_send(&filled.wanted, &self.sending).await {
                    Ok(parts) => return Ok(filled.with(parts)),
                    Err(unsent) => unsent,
                };
            tries += 1;
            if !is_passing || tries > RETRIES_MAX {
                return Err(Failure { is_systemic: is_passing, ..Failure::of_task(code, message) });
            }
            lock(&self.trouble).clone_from(&message);
            let _waiting = Counted::new(&self.waiting);
            tokio::time::sleep(backoff(tries, clock::random_share(), None)).await;
        }
    }

    /// Asks until there is a usable answer, or the budget is spent. `replies` are those to the request that are kept. After
    /// an answer that cannot be used the conversation goes on once, unless this is its second turn.
    async fn ask(
        &self,
        question: &Question,
        mut account: Account,
        mut turn: Turn,
        mut replies: Replies,
        mut is_first: bool,
    ) -> Result<Option<Account>> {
        let subject = Subject::of(&question.task);
        let mut retries = 0;
        loop {
            let Some(slot) = self.unless_ended(self.slot()).await else {
                self.give_up(subject, account).await;
                return Ok(None);
            };
            if let Some(why) = self.held_back() {
                self.end(End::Paused(why));
                self.give_up(subject, account).await;
                return Ok(None);
            }
            account.spent.attempts += 1;
            let asked = {
                let _in_flight = Counted::new(&self.in_flight);
                self.unless_ended(self.model.ask(&turn.request, &turn.body)).await
            };
            let Some(asked) = asked else {
                self.give_up(subject, account).await;
                return Ok(None);
            };
            // The slot is held until it is known whether anything may be asked after this.
            let error = match asked {
                Err(error) => error,
                Ok(reply) => {
                    let cost_micros = self.pricing.cost_micros(&reply.usage, reply.model.as_deref());
                    account.spent.add(&reply.usage, cost_micros);
                    account.spent.latency_ms = Some(reply.latency_ms);
                    let outcome = self.usable(&reply.content, question);
                    let key = replies.key(&turn.hash, &reply.content, outcome.is_ok());
                    let said = reply.content.clone();
                    account.receive(answer_row(key, reply, cost_micros));
                    drop(slot);
                    let unusable = match outcome {
                        Ok(usable) => {
                            self.settle(self.answered(subject, account, usable), None).await;
                            return Ok(None);
                        }
                        Err(unusable) => unusable,
                    };
                    let second = if is_first { self.second(&turn, &said, &unusable) } else { None };
                    let Some(second) = second else {
                        let failure = Failure::of_task(unusable.code, unusable.message());
                        self.settle(self.failed(subject, failure.clone(), account), Some(failure)).await;
                        return Ok(None);
                    };
                    // Kept before the second question is sent: after a program that is killed, a run goes on from here.
                    self.keep(subject, &mut account).await;
                    (turn, is_first) = (second, false);
                    replies = self.replies(&turn.hash).await?;
                    if let Some((answer, usable)) = self.usable_of(&replies, question) {
                        account.last = Some(answer.hash.clone());
                        self.settle(self.answered(subject, account, usable), None).await;
                        return Ok(None);
                    }
                    continue;
                }
            };
            if let Some(name) = refused_param(&turn.request, &error)
                && let Some(value) = turn.request.params.get(&name)
            {
                self.leave_out(RefusedParam { name, value: value.clone() }).await;
                return Ok(Some(account));
            }
            if is_paid(&error) {
                let cost_micros = self.pricing.cost_micros(&error.usage, None);
                account.spent.add(&error.usage, cost_micros);
                if let Some(said) = evidence(&turn.hash, &error, cost_micros) {
                    account.receive(said);
                }
            }
            if error.kind.ends_run() {
                self.end(End::Paused(error.message));
                self.give_up(subject, account).await;
                return Ok(None);
            }
            let retry_after = error.retry_after_ms.map(|wait| Duration::from_millis(wait.into()));
            if error.kind == ChatErrorKind::RateLimited
                && let Some(wait) = retry_after
            {
                self.pacing.pause(wait);
            }
            drop(slot);
            retries += 1;
            let may_be_asked_again = error.is_retryable() && retries <= RETRIES_MAX;
            let failure = Failure {
                code: error.kind.code(),
                vendor: vendor_json(&error.vendor),
                is_systemic: error.kind.is_retryable(),
                message: error.message,
            };
            if !may_be_asked_again {
                self.settle(self.failed(subject, failure.clone(), account), Some(failure)).await;
                return Ok(None);
            }
            lock(&self.trouble).clone_from(&failure.message);
            let _waiting = Counted::new(&self.waiting);
            let wait = backoff(retries, clock::random_share(), retry_after);
            if self.unless_ended(tokio::time::sleep(wait)).await.is_none() {
                self.give_up(subject, account).await;
                return Ok(None);
            }
        }
    }

    /// Leaves a parameter out that the server does not take, in this run and those after it.
    async fn leave_out(&self, param: RefusedParam) {
        if !self.template.refuse(param.clone()) {
            return;
        }
        let (id, model) = (self.run.connection_id.clone(), self.template.model().to_owned());
        match self.engine.blocking(move |inner| remember_refused(inner, &id, &model, param)).await {
            Ok(()) => self.engine.changed(Changed::Connections),
            Err(error) => tracing::warn!(%error, "remembering a parameter that was refused"),
        }
    }

    /// Why nothing may be asked at all now, in words. Answers that are owned are used nevertheless.
    fn held_back(&self) -> Option<String> {
        let address = parse_address(self.model.endpoint()).filter(|address| !address.is_loopback)?;
        let is_offline = self.engine.inner.network.is_offline();
        is_offline.then(|| format!("{}, and {} is not on it.", Error::Offline, address.host))
    }

    /// The outcome of `work`, or `None` if the run ends first.
    async fn unless_ended<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => None,
            outcome = work => Some(outcome),
        }
    }

    /// Waits until one more request may be in flight.
    async fn slot(&self) -> (SemaphorePermit<'_>, Option<OwnedSemaphorePermit>) {
        loop {
            self.pacing.wait().await;
            let slot = self.slots.acquire().await.expect("the semaphores of a run are never closed");
            let place = match &self.places {
                Some(places) => Some(Arc::clone(places).acquire_owned().await.expect("those of a connection neither")),
                None => None,
            };
            // The server may have asked to slow down in the meantime.
            if self.pacing.remaining().is_none() {
                return (slot, place);
            }
        }
    }

    /// What the model is asked about a task, or why it cannot be asked.
    fn filled(&self, data: &Map<String, Value>) -> std::result::Result<Filled, Failure> {
        let asked = self.asked;
        let own = match self.config.for_task(data) {
            Cow::Borrowed(_) => None,
            Cow::Owned(config) if config.fillable(asked).controls.is_empty() => {
                let why = "The task has nothing to choose from: what its choices come from is missing or no list.";
                return Err(Failure::of_task("nothing_to_choose", why.to_owned()));
            }
            Cow::Owned(config) => Some(config.prompt_schema(asked)),
        };
        let schema = own.as_ref().unwrap_or(&self.schema);
        let filled = self.template.filled(schema, data).map(|mut filled| {
            if own.is_some() || self.run.total == 1 {
                filled.shares_nothing();
            }
            filled
        });
        filled.map_err(|error| match error {
            TemplateError::Missing(names) => {
                let format = self.template.format();
                let names: Vec<_> = names.iter().map(|name| format.written(name)).collect();
                Failure::of_task("missing_variables", format!("The task has no value for {}.", names.join(", ")))
            }
            TemplateError::Syntax(_) | TemplateError::TooLarge => {
                Failure::of_task("broken_template", format!("The prompt cannot be filled: {error}."))
            }
        })
    }

    /// What the model's text makes of the task, or why it makes nothing.
    fn usable(&self, content: &str, question: &Question) -> std::result::Result<Usable, Unusable> {
        let placed = placed(&self.config, &question.data, self.asked, content)?;
        let scored = question.task.ground_truth.as_deref().map(|truth| {
            let score = self.config.score(&stored_regions(truth), &placed.regions, self.asked);
            Scored { correct: score.correct, score: score.score }
        });
        let json = |value: serde_json::Result<String>| value.expect("regions are maps with text keys");
        Ok(Usable {
            result: json(serde_json::to_string(&placed.regions)),
            repairs: (!placed.repairs.is_empty()).then(|| json(serde_json::to_string(&placed.repairs))),
            scored,
        })
    }

    fn cached(&self, subject: Subject, answer: &AnswerRow, usable: Usable) -> Entry {
        let spent = Spent {
            attempts: 0,
            prompt_tokens: answer.prompt_tokens,
            completion_tokens: answer.completion_tokens,
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
    fn answered(&self, subject: Subject, account: Account, usable: Usable) -> Entry {
        let mut entry = self.entry(subject, account);
        entry.prediction.result = Some(usable.result);
        entry.prediction.repairs = usable.repairs;
        entry.prediction.scored = usable.scored;
        entry
    }

    fn failed(&self, subject: Subject, failure: Failure, account: Account) -> Entry {
        let mut entry = self.entry(subject, account);
        entry.prediction.error = Some((failure.code.to_owned(), failure.message));
        entry.prediction.error_vendor = failure.vendor;
        entry
    }

    fn entry(&self, subject: Subject, account: Account) -> Entry {
        let spent = account.spent;
        Entry {
            run_key: self.run.key,
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
                cost_micros: spent.cost_micros,
                unpriced: spent.unpriced,
                latency_ms: spent.latency_ms,
            },
            answers: account.received,
            is_given_up: false,
            counted: account.counted,
            now: clock::now(),
        }
    }

    /// Records what a task took that the run ends before: it stays open, but what was received for it is kept, and what
    /// was sent is counted.
    async fn give_up(&self, subject: Subject, account: Account) {
        if account.is_open() {
            self.commit(Entry { is_given_up: true, ..self.entry(subject, account) }).await;
        }
    }

    /// Keeps what was received for a task that goes on.
    async fn keep(&self, subject: Subject, account: &mut Account) {
        if !account.is_open() {
            return;
        }
        let received = std::mem::take(&mut account.received);
        let so_far = Account { received, ..account.clone() };
        self.commit(Entry { is_given_up: true, ..self.entry(subject, so_far) }).await;
        account.kept();
    }

    /// Commits what became of a task, and looks at how many failed in a row.
    async fn settle(&self, entry: Entry, failure: Option<Failure>) {
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
                        self.end(End::Paused(format!(
                            "{EQUAL_FAILURES_MAX} tasks in a row failed in the same way. {}",
                            streak.message
                        )));
                    }
                    due
                }
            }
        };
        for entry in due {
            self.commit(entry).await;
        }
    }

    async fn commit(&self, entry: Entry) {
        if let Err(error) = self.engine.inner.store.journal().commit(entry).await {
            self.end(End::Paused(error.to_string()));
        }
    }
}

impl Failure {
    fn of_task(code: &'static str, message: String) -> Self {
        Self { code, message, vendor: None, is_systemic: false }
    }

    fn bug() -> Self {
        Self::of_task("internal", "An error inside Touchstone: this task could not be worked on.".to_owned())
    }
}

impl Streak {
    /// What was held back was an outage: its tasks stay open, to be asked again when the run is resumed.
    fn given_up(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.held).into_iter().map(|entry| Entry { is_given_up: true, ..entry }).collect()
    }

    /// A request was answered usably: what was held back was no outage, and is due.
    fn broken(&mut self) -> Vec<Entry> {
        self.length = 0;
        self.had_answer = true;
        std::mem::take(&mut self.held)
    }

    /// One more failure. Gives back what is due to be committed.
    fn add(&mut self, entry: Entry, failure: Failure) -> Vec<Entry> {
        let mut due = Vec::new();
        if self.code != failure.code {
            self.code = failure.code;
            self.length = 0;
            due = std::mem::take(&mut self.held);
        }
        self.length += 1;
        self.message = failure.message;
        // What was paid for is committed at once.
        if failure.is_systemic && entry.answers.is_empty() {
            self.held.push(entry);
        } else {
            due.push(entry);
        }
        due
    }
}
