//! Runs: one version asked of one connection over a subset of the project's tasks.
//!
//! The work itself is in `runs/worker.rs`: what is asked, what is asked again, what is kept. This file starts, stops
//! and resumes it. A run belongs to the process that holds its lease, renewed every second; a process that is killed
//! leaves a stale lease behind, and whoever notices marks the run as paused. Resuming goes on with the tasks that have
//! no result yet, and answers that are owned are not asked for again.

mod budget;
mod flights;
mod meter;
mod pacing;
mod picked;
mod replies;
mod spent;
mod worker;

pub(crate) use budget::check_limit;
pub use picked::Picked;
pub(crate) use replies::{Replies, Turn, placed};

use crate::connections::{ConnectionSettings, Pricing, model, model_without_secrets, provider, reads};
use crate::projects::stored_config;
use crate::prompts::connection_name;
use crate::requests::{Severity, Template, left_out, problems, target};
use crate::settings::{CONCURRENCY_MAX, Settings};
use crate::tasks::stored_data;
use crate::versions::{self, VersionSummary, parsed, usable_connection};
use crate::{Changed, Engine, Error, Inner, Result, clock};
use budget::{Budget, Money, Purses};
use flights::Flights;
use pacing::Pacing;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use touchstone_domain::prompt::{PromptContent, Provider};
use touchstone_domain::run::{Only, RunStatus, Subset};
use touchstone_domain::stats::Accuracy;
use touchstone_domain::{ConnectionId, PromptId, RunId, TaskId, VersionId};
use touchstone_labeling::Config;
use touchstone_net::Purpose;
use touchstone_providers::{ChatModel, StructuredMode};
use touchstone_store::{
    ConnectionRow, Coverage, NewRun as NewRow, Positions, ProjectRow, PromptRow, RunRow, VersionRow,
};
use worker::{End, Work};

/// A lease that was not renewed for this long was given up. Ten times the interval of its renewal, because a machine
/// under load, or a long import by another process, may hold one up.
pub(crate) const LEASE_STALE_MS: i64 = 10_000;

/// Why a run without a process is paused.
const ABANDONED: &str = "The program that was at work on it ended. What it had received is kept; resume to go on.";

/// Why a run is paused whose program was closed in order.
const CLOSED: &str = "Touchstone was closed. Resume to go on.";

/// Tasks that a check before the start looks at for one whose variables all have values.
const TASKS_CHECKED: u32 = 100;

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
    pub subset: Subset,
    /// The tasks of a custom subset.
    pub picked: Option<Picked>,
    /// Of these tasks only some, by what runs of the same version made of them before; `None` is every one.
    pub only: Option<Only>,
    /// Requests at once, for this run only; `None` is as many as the settings and its connection let it.
    pub concurrency: Option<u32>,
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
    pub version: VersionSummary,
    /// The draft had changed and was saved as this version.
    pub saved_version: bool,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct RunSummary {
    pub id: RunId,
    pub number: u32,
    pub prompt_id: PromptId,
    pub version_id: VersionId,
    pub version_number: u32,
    pub subset: Subset,
    pub only: Option<Only>,
    pub status: RunStatus,
    /// Why it paused or failed, in words; a run that is paused without a reason was paused by hand.
    pub reason: Option<String>,
    pub total: u32,
    pub done: u32,
    pub correct: u32,
    pub scored: u32,
    pub failed: u32,
    /// Tasks whose answer was owned already.
    pub cached: u32,
    pub requests: u32,
    pub retries: u32,
    /// Tokens of answers that this run asked for; owned ones were paid by another.
    #[specta(type = f64)]
    pub prompt_tokens: u64,
    #[specta(type = f64)]
    pub completion_tokens: u64,
    /// What its replies cost; `None` when the price of one is not known.
    pub cost_usd: Option<f64>,
    /// What those of its replies cost whose price is known, in millionths of a dollar.
    #[specta(type = f64)]
    pub cost_micros: u64,
    /// Replies that were paid and whose price is not known.
    pub unpriced: u32,
    /// What it may cost, in millionths of a dollar; `None` for whatever it costs.
    #[specta(type = Option<f64>)]
    pub limit_micros: Option<u64>,
    pub accuracy: Option<Accuracy>,
    /// The accuracy if failed tasks with ground truth counted as wrong, in [0, 1].
    pub accuracy_with_failed: Option<f64>,
    /// Mean score of the scored tasks, in [0, 1].
    pub mean_score: Option<f64>,
    /// What of its parameters is not sent, and why, in sentences.
    pub notes: Vec<String>,
    pub model: String,
    pub provider: Provider,
    /// `None` once the connection is removed.
    pub connection_name: Option<String>,
    pub created_at: String,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    /// Time at work, without pauses.
    #[specta(type = f64)]
    pub wall_ms: u64,
}

/// Where a run stands. Told at most ten times a second while it is at work, and once more when it ends.
#[derive(Clone, Debug, Serialize, Type)]
pub struct RunProgress {
    pub run: RunSummary,
    /// Tasks a second over the last seconds.
    pub rate: Option<f64>,
    #[specta(type = Option<f64>)]
    pub eta_ms: Option<u64>,
    /// Requests that wait for their answer.
    pub in_flight: u32,
    /// Requests that may do so at once.
    pub concurrency: u32,
    /// It was paused, and waits for the answers to what it has asked.
    pub is_pausing: bool,
    /// Why it is not faster now, in words.
    pub waiting: Option<String>,
}

impl Engine {
    /// Starts a run of a version, or of the draft. Returns once the run is recorded; see [`Self::wait_for_run`].
    pub async fn start_run(&self, run: NewRun) -> Result<StartedRun> {
        self.start(run, None).await
    }

    /// The same over the tasks whose ids stand in a file, one a line or as a JSON list.
    pub async fn start_run_of_file(&self, run: NewRun, tasks: PathBuf) -> Result<StartedRun> {
        self.start(run, Some(tasks)).await
    }

    /// How many tasks such a run would cover if it were started now.
    pub async fn run_size(&self, run: NewRun) -> Result<u32> {
        self.blocking(move |inner| {
            let prompt = inner.store.prompt(run.prompt_id.as_str())?;
            let project = target(inner, &prompt)?;
            let picked = picked(inner, &project, &run, None)?;
            let version = known_version(inner, &prompt, &run)?;
            Ok(inner.store.covered(&project, &coverage(&run, &picked, version.as_ref()))?)
        })
        .await
    }

    async fn start(&self, run: NewRun, tasks: Option<PathBuf>) -> Result<StartedRun> {
        let (started, setup, prompt_id) = self.blocking(move |inner| start(inner, &run, tasks.as_deref())).await?;
        if started.saved_version {
            self.changed(Changed::Prompt { prompt_id });
            self.changed(Changed::Prompts);
        }
        self.launch(setup);
        Ok(started)
    }

    /// Stops a run and keeps its results; calls in flight are given up. A run of this process has stopped when this
    /// returns, one of another process stops within a second.
    pub async fn stop_run(&self, id: RunId) -> Result<()> {
        if let Some(work) = self.inner.active.work(&id) {
            work.end(End::Stopped);
            self.wait_for_run(id).await?;
            return Ok(());
        }
        let prompt_id = self
            .blocking(move |inner| {
                let run = inner.store.run(&id)?;
                inner.store.request_stop(&id, clock::now_ms() - LEASE_STALE_MS, &clock::now())?;
                Ok(run.prompt_id)
            })
            .await?;
        self.changed(Changed::Runs { prompt_id });
        Ok(())
    }

    /// Pauses a run: nothing more is asked, and what is in flight is still awaited, as it is paid for. Returns once it is
    /// asked to; see [`Self::wait_for_run`]. A run of another process hears of it within a second.
    pub async fn pause_run(&self, id: RunId) -> Result<()> {
        if let Some(work) = self.inner.active.work(&id) {
            work.pause();
            return Ok(());
        }
        let prompt_id = self
            .blocking(move |inner| {
                let run = inner.store.run(&id)?;
                if !inner.store.request_pause(&id, clock::now_ms() - LEASE_STALE_MS)? {
                    return Err(Error::invalid(format!("run {} is not at work", run.number)));
                }
                Ok(run.prompt_id)
            })
            .await?;
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

    /// Goes on with a run that was paused or stopped: with the tasks that have no result yet.
    pub async fn resume_run(&self, id: RunId) -> Result<()> {
        let setup = self.blocking(move |inner| resume(inner, &id)).await?;
        self.launch(setup);
        Ok(())
    }

    /// Changes what a run may cost. Refused while it is at work.
    pub async fn set_run_limit(&self, id: RunId, limit: RunLimit) -> Result<()> {
        let limit_micros = limit.limit_micros;
        let prompt_id = self
            .blocking(move |inner| {
                let run = inner.store.run(&id)?;
                check_limit("limit_micros", limit_micros)?;
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
            inner.store.runs(key)?.iter().map(|run| Ok(summary(run, &library.about(run)?))).collect()
        })
        .await
    }

    pub async fn run(&self, id: RunId) -> Result<RunSummary> {
        self.blocking(move |inner| stored_summary(inner, &id)).await
    }

    /// Where the runs at work stand, those of other processes too.
    pub async fn active_runs(&self) -> Result<Vec<RunProgress>> {
        self.blocking(|inner| {
            let mut library = Library::open(inner)?;
            let active = inner.store.active_runs()?;
            let settings = Settings::read(inner)?;
            active
                .iter()
                .map(|run| {
                    let summary = summary(run, &library.about(run)?);
                    Ok(match inner.active.work(&run.id) {
                        Some(work) => work.progress(summary),
                        None => RunProgress {
                            concurrency: library.concurrency(&settings, run, &summary.model),
                            is_pausing: run.pause_requested,
                            run: summary,
                            rate: None,
                            eta_ms: None,
                            in_flight: 0,
                            waiting: None,
                        },
                    })
                })
                .collect()
        })
        .await
    }

    /// The runs that ended with the program that was at work on them, by a crash or because it was closed, and that nobody has
    /// gone on with or stopped since; newest first. Of each prompt at most one, and none that was run again since.
    pub async fn interrupted_runs(&self) -> Result<Vec<RunSummary>> {
        self.blocking(|inner| {
            let mut library = Library::open(inner)?;
            let mut prompts = HashSet::new();
            let mut runs = inner.store.runs(None)?;
            runs.retain(|run| prompts.insert(run.prompt_key));
            runs.retain(|run| {
                run.status == RunStatus::Paused && matches!(run.reason.as_deref(), Some(ABANDONED | CLOSED))
            });
            runs.iter().map(|run| Ok(summary(run, &library.about(run)?))).collect()
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

    /// Pauses the runs of this process and waits until they are, so that another can resume them at once: what a
    /// program does before it ends.
    pub async fn pause_runs(&self) -> Result<()> {
        let active = self.inner.active.every();
        for (_, work) in &active {
            work.end(End::Paused(CLOSED.to_owned()));
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

    /// Marks runs as paused whose process is gone.
    pub(crate) fn pause_abandoned_runs(&self) -> Result<()> {
        let stale_before = clock::now_ms() - LEASE_STALE_MS;
        let paused = self.inner.store.pause_abandoned_runs(&self.inner.owner, stale_before, ABANDONED)?;
        if paused > 0 {
            self.changed(Changed::Everything);
        }
        Ok(())
    }

    /// Puts a leased run to work.
    fn launch(&self, setup: Setup) {
        let (ended, over) = watch::channel(None);
        let id = setup.run.id.clone();
        let work = Arc::new(Work::new(self.clone(), setup));
        self.inner.active.add(id, Arc::clone(&work), over);
        tokio::spawn(worker::supervise(work, ended));
    }
}

/// Everything that the work needs, checked.
struct Setup {
    run: RunRow,
    about: About,
    config: Config,
    template: Template,
    settings: Settings,
    model: Box<dyn ChatModel>,
    pricing: Pricing,
    concurrency: usize,
    /// Requests that the connection takes at once, over all runs.
    connection_limit: Option<usize>,
    budget: Option<Budget>,
}

/// What a summary says of a run beside its row.
#[derive(Clone, Debug)]
struct About {
    /// What of its parameters is not sent, in sentences.
    notes: Vec<String>,
    model: String,
    provider: Provider,
    connection_name: Option<String>,
}

/// The versions and connections of the runs in a list, each read once.
struct Library<'i> {
    inner: &'i Inner,
    connections: Vec<ConnectionRow>,
    /// By version and connection.
    known: HashMap<(VersionId, ConnectionId), About>,
}

impl<'i> Library<'i> {
    fn open(inner: &'i Inner) -> Result<Self> {
        Ok(Self { inner, connections: inner.store.connections()?, known: HashMap::new() })
    }

    fn about(&mut self, run: &RunRow) -> Result<About> {
        let key = (run.version_id.clone(), run.connection_id.clone());
        if let Some(about) = self.known.get(&key) {
            return Ok(about.clone());
        }
        let content = parsed(&self.inner.store.version(&run.version_id)?.content)?;
        let connection = self.connections.iter().find(|row| row.id == run.connection_id);
        let asked = connection.and_then(|row| Some((row, model_without_secrets(self.inner, row)?.model)));
        let notes =
            asked.map(|(row, model)| left_out(&content, &ConnectionSettings::of(row).refused(&content.model), &*model));
        let about = About {
            notes: notes.unwrap_or_default(),
            connection_name: connection_name(&self.connections, Some(&run.connection_id)),
            model: content.model,
            provider: content.provider,
        };
        self.known.insert(key, about.clone());
        Ok(about)
    }

    fn concurrency(&self, settings: &Settings, run: &RunRow, model: &str) -> u32 {
        let connection = self.connections.iter().find(|row| row.id == run.connection_id);
        let allowed = connection.map(|row| allowed(settings, run, row, model));
        allowed.and_then(|allowed| u32::try_from(allowed).ok()).unwrap_or(settings.concurrency)
    }
}

/// How many requests a run may have in flight: what was said for it, or what the settings and a test of its model say; and
/// never more than its connection takes.
fn allowed(settings: &Settings, run: &RunRow, connection: &ConnectionRow, model: &str) -> usize {
    let own = run.concurrency.map(|said| said as usize);
    let allowed = own.unwrap_or_else(|| worker::concurrency(settings, connection, model));
    allowed.min(connection_limit(connection).unwrap_or(usize::MAX))
}

fn connection_limit(connection: &ConnectionRow) -> Option<usize> {
    ConnectionSettings::of(connection).concurrency.map(|limit| limit as usize)
}

fn check_concurrency(concurrency: Option<u32>) -> Result<()> {
    match concurrency {
        Some(said) if !(1..=CONCURRENCY_MAX).contains(&said) => {
            Err(Error::invalid_field("concurrency", format!("choose a number from 1 to {CONCURRENCY_MAX}")))
        }
        _ => Ok(()),
    }
}

/// The runs of this process, and what they share.
#[derive(Default)]
pub(crate) struct ActiveRuns {
    runs: Mutex<HashMap<RunId, Active>>,
    flights: Flights,
    /// Tasks whose annotations were edited while any run was at work.
    edited: Mutex<HashSet<TaskId>>,
    pacing: Mutex<HashMap<ConnectionId, Arc<Pacing>>>,
    purses: Purses,
}

struct Active {
    work: Arc<Work>,
    /// Turns `Some` when the run is over.
    ended: watch::Receiver<Option<RunSummary>>,
}

impl ActiveRuns {
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Remembers tasks that were edited, if a run is at work that may have read them before.
    pub(crate) fn note_edited(&self, tasks: &[TaskId]) {
        if !self.is_empty() {
            self.edited.lock().unwrap_or_else(PoisonError::into_inner).extend(tasks);
        }
    }

    /// The tasks that were edited while a run was at work; once none is, they are forgotten.
    pub(crate) fn edited(&self) -> Vec<TaskId> {
        let mut edited = self.edited.lock().unwrap_or_else(PoisonError::into_inner);
        let tasks = edited.iter().copied().collect();
        if self.is_empty() {
            edited.clear();
        }
        tasks
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Active>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, id: RunId, work: Arc<Work>, ended: watch::Receiver<Option<RunSummary>>) {
        self.lock().insert(id, Active { work, ended });
    }

    fn remove(&self, id: &RunId) {
        self.lock().remove(id);
    }

    fn work(&self, id: &RunId) -> Option<Arc<Work>> {
        self.lock().get(id).map(|active| Arc::clone(&active.work))
    }

    fn ended(&self, id: &RunId) -> Option<watch::Receiver<Option<RunSummary>>> {
        self.lock().get(id).map(|active| active.ended.clone())
    }

    fn every(&self) -> Vec<(RunId, Arc<Work>)> {
        self.lock().iter().map(|(id, active)| (id.clone(), Arc::clone(&active.work))).collect()
    }

    /// The pauses that a server asked for hold for every run that asks it.
    fn pacing(&self, connection: &ConnectionId) -> Arc<Pacing> {
        let mut pacing = self.pacing.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(pacing.entry(connection.clone()).or_default())
    }
}

fn picked(inner: &Inner, project: &ProjectRow, new: &NewRun, tasks: Option<&Path>) -> Result<Positions> {
    match (new.subset, tasks, &new.picked) {
        (Subset::Custom, Some(path), _) => picked::listed(inner, project, path),
        (Subset::Custom, None, Some(picked)) => picked.positions(inner, project),
        _ => Ok(Positions::default()),
    }
}

fn coverage<'a>(new: &NewRun, picked: &'a Positions, version: Option<&VersionRow>) -> Coverage<'a> {
    Coverage { subset: new.subset, picked, only: new.only, version_key: version.map(|version| version.key) }
}

/// The version that is to be run, unless it would be saved first.
fn known_version(inner: &Inner, prompt: &PromptRow, new: &NewRun) -> Result<Option<VersionRow>> {
    match &new.version_id {
        Some(id) => Ok(Some(inner.store.version(id)?)),
        None => versions::unchanged_base(inner, prompt, &inner.store.draft(prompt.key)?),
    }
}

/// Why a run would cover no task, in words.
fn nothing_to_run(project: &ProjectRow, new: &NewRun, version: Option<&VersionRow>) -> Error {
    let name = &project.name;
    Error::invalid(match (new.only, version, new.subset) {
        (Some(Only::Missing), Some(version), _) => {
            format!("version {} has an answer for each of these tasks already", version.number)
        }
        (Some(Only::Failed), Some(version), _) => {
            format!("none of these tasks failed when version {} ran over it last", version.number)
        }
        (Some(Only::Failed), None, _) => "the draft was never run as it is now, so no task of it failed".to_owned(),
        (_, _, Subset::GroundTruth) => {
            format!("“{name}” has no task with ground truth; run all tasks or a sample")
        }
        (_, _, Subset::GroundTruthDev) => format!("“{name}” has no task with ground truth that is not held out"),
        (_, _, Subset::GroundTruthHeldOut) => format!("“{name}” has no task with ground truth that is held out"),
        (_, _, Subset::Sample { tasks: 0, .. }) => "a sample has at least one task".to_owned(),
        (_, _, Subset::Custom) => format!("“{name}” has none of these tasks"),
        (_, _, Subset::All | Subset::Sample { .. }) => format!("“{name}” has no tasks"),
    })
}

fn start(inner: &Inner, new: &NewRun, tasks: Option<&Path>) -> Result<(StartedRun, Setup, PromptId)> {
    check_limit("limit_micros", new.limit_micros)?;
    check_concurrency(new.concurrency)?;
    let prompt = inner.store.prompt(new.prompt_id.as_str())?;
    let project = target(inner, &prompt)?;
    let config = stored_config(&project)?;
    let picked = picked(inner, &project, new, tasks)?;
    if new.subset == Subset::Custom && picked.is_empty() {
        return Err(Error::invalid("no task was picked"));
    }
    let known = known_version(inner, &prompt, new)?;
    let total = inner.store.covered(&project, &coverage(new, &picked, known.as_ref()))?;
    if total == 0 {
        return Err(nothing_to_run(&project, new, known.as_ref()));
    }
    let (version, connection, saved_version) = match &new.version_id {
        Some(id) => saved_version(inner, &prompt, &project, &config, id)?,
        None => draft_version(inner, &prompt, &project, &config)?,
    };
    let mut same = inner.store.runs(Some(prompt.key))?.into_iter().filter(|run| run.status.is_active());
    // Other tasks may have been picked.
    let is_same = |run: &RunRow| run.version_id == version.id && run.subset == new.subset && run.only == new.only;
    if let Some(run) = same.find(|run| new.subset != Subset::Custom && is_same(run)) {
        return Err(Error::RunActive(run.number));
    }
    let content = parsed(&version.content)?;
    let model = model(inner, &connection, Purpose::Model)?;
    let money = Money::of(inner, new.limit_micros, &connection, &content, &*model)?;
    let structure = ConnectionSettings::of(&connection).structure(&content.model);
    let id = RunId(clock::new_id());
    inner.store.insert_run(&NewRow {
        id: id.clone(),
        prompt_key: prompt.key,
        version_key: version.key,
        project_key: project.key,
        connection_id: &connection.id,
        coverage: coverage(new, &picked, Some(&version)),
        tasks: project.tasks,
        total,
        config_hash: &project.config_hash,
        structure: structure.map(StructuredMode::as_str),
        limit_micros: new.limit_micros,
        concurrency: new.concurrency,
        owner: &inner.owner,
        now_ms: clock::now_ms(),
        now: &clock::now(),
    })?;
    let setup = leased(inner, &id, config, content, &connection, model, money)?;
    let version = versions::version_summary(inner, &inner.store.version(&version.id)?)?;
    Ok((StartedRun { run_id: id, version, saved_version }, setup, prompt.id))
}

/// The version with this id, and whom it asks.
fn saved_version(
    inner: &Inner,
    prompt: &PromptRow,
    project: &ProjectRow,
    config: &Config,
    id: &VersionId,
) -> Result<(VersionRow, ConnectionRow, bool)> {
    let version = inner.store.version(id)?;
    if version.prompt_key != prompt.key {
        return Err(Error::invalid(format!("that version belongs to another prompt than “{}”", prompt.name)));
    }
    let connection = match usable_connection(inner, &version)? {
        Some(id) => inner.store.connection(id.as_str())?,
        None => {
            return Err(Error::invalid(format!(
                "the connection that version {} asks is gone; restore the version as draft and choose a base model",
                version.number
            )));
        }
    };
    check(inner, project, config, parsed(&version.content)?, Some(&connection))?;
    Ok((version, connection, false))
}

/// The draft as a version, and whom it asks; `true` if it had to be saved. A draft that may not run is not saved.
fn draft_version(
    inner: &Inner,
    prompt: &PromptRow,
    project: &ProjectRow,
    config: &Config,
) -> Result<(VersionRow, ConnectionRow, bool)> {
    let draft = inner.store.draft(prompt.key)?;
    let connection = match &draft.connection_id {
        Some(id) => Some(inner.store.connection(id.as_str())?),
        None => None,
    };
    check(inner, project, config, parsed(&draft.content)?, connection.as_ref())?;
    let connection = connection.ok_or_else(|| Error::invalid("choose a base model"))?;
    if let Some(version) = versions::unchanged_base(inner, prompt, &draft)? {
        return Ok((version, connection, false));
    }
    let (version, unchanged) = versions::save(inner, prompt, None)?;
    Ok((version, connection, !unchanged))
}

/// Refuses, in words, what no task of the project's first ones could be asked.
fn check(
    inner: &Inner,
    project: &ProjectRow,
    config: &Config,
    content: PromptContent,
    connection: Option<&ConnectionRow>,
) -> Result<()> {
    let mut known = None;
    if let Some(connection) = connection {
        if provider(connection) != content.provider {
            return Err(Error::invalid(format!("“{}” is not the connection that this version asks", connection.name)));
        }
        // A key that cannot be read is said before anything is saved.
        model(inner, connection, Purpose::Model)?;
        known = Some(reads(connection, &ConnectionSettings::of(connection), &content.model));
    }
    let template = Template::new(content, config, None, Vec::new());
    let mut first = None;
    for task in inner.store.tasks(project.key, 0, TASKS_CHECKED)? {
        let mut found = problems(&template, config, &stored_data(&task.data), known);
        found.retain(|problem| problem.severity == Severity::Error);
        if found.is_empty() {
            return Ok(());
        }
        first.get_or_insert(found);
    }
    let words: Vec<_> = first.unwrap_or_default().into_iter().map(|problem| problem.message).collect();
    Err(Error::invalid(if words.is_empty() { format!("“{}” has no tasks", project.name) } else { words.join(" ") }))
}

fn resume(inner: &Inner, id: &RunId) -> Result<Setup> {
    let run = inner.store.run(id)?;
    if run.status == RunStatus::Completed {
        return Err(Error::invalid(format!("run {} is complete; there is nothing to resume", run.number)));
    }
    let config = stored_config(&inner.store.project_by_key(run.project_key)?)?;
    let content = parsed(&inner.store.version(&run.version_id)?.content)?;
    let connection = inner.store.connection(run.connection_id.as_str()).map_err(|_| {
        Error::invalid(format!("the connection that run {} asked is gone; start a new run instead", run.number))
    })?;
    let model = model(inner, &connection, Purpose::Model)?;
    let money = Money::of(inner, run.limit_micros, &connection, &content, &*model)?;
    leased(inner, id, config, content, &connection, model, money)
}

/// Takes the lease of a run; refused while another has it.
fn leased(
    inner: &Inner,
    id: &RunId,
    config: Config,
    content: PromptContent,
    connection: &ConnectionRow,
    model: Box<dyn ChatModel>,
    money: Option<Money>,
) -> Result<Setup> {
    let run = inner.store.run(id)?;
    let now_ms = clock::now_ms();
    let is_ours = inner.active.work(id).is_some();
    if is_ours || !inner.store.lease_run(run.key, &inner.owner, now_ms, now_ms - LEASE_STALE_MS, &clock::now())? {
        return Err(Error::RunActive(run.number));
    }
    let about = About {
        notes: Vec::new(),
        model: content.model.clone(),
        provider: content.provider,
        connection_name: Some(connection.name.clone()),
    };
    let settings = Settings::read(inner)?;
    let pricing = Pricing::of(connection, &content.model);
    let run = inner.store.run(id)?;
    let connection_limit = connection_limit(connection);
    let concurrency = allowed(&settings, &run, connection, &content.model);
    let refused = ConnectionSettings::of(connection).refused(&content.model);
    let template = Template::new(content, &config, structure(&run), refused);
    let budget = money.map(|money| Budget::new(inner, money, run.cost_micros)).transpose()?;
    Ok(Setup { run, about, config, template, settings, model, pricing, concurrency, connection_limit, budget })
}

fn stored_summary(inner: &Inner, id: &RunId) -> Result<RunSummary> {
    let run = inner.store.run(id)?;
    let about = Library::open(inner)?.about(&run)?;
    Ok(summary(&run, &about))
}

fn summary(run: &RunRow, about: &About) -> RunSummary {
    RunSummary {
        id: run.id.clone(),
        number: run.number,
        prompt_id: run.prompt_id.clone(),
        version_id: run.version_id.clone(),
        version_number: run.version_number,
        subset: run.subset,
        only: run.only,
        status: run.status,
        reason: run.reason.clone(),
        total: run.total,
        done: run.done,
        correct: run.correct,
        scored: run.scored,
        failed: run.failed,
        cached: run.cached,
        requests: run.requests,
        retries: run.retries,
        prompt_tokens: run.prompt_tokens,
        completion_tokens: run.completion_tokens,
        cost_usd: (run.unpriced == 0).then(|| dollars(run.cost_micros)),
        cost_micros: run.cost_micros,
        unpriced: run.unpriced,
        limit_micros: run.limit_micros,
        accuracy: Accuracy::of(run.correct, run.scored),
        accuracy_with_failed: Accuracy::of(run.correct, run.scored + run.failed_with_truth)
            .map(|accuracy| accuracy.value),
        mean_score: (run.scored > 0).then(|| run.score_sum / f64::from(run.scored)),
        notes: about.notes.clone(),
        model: about.model.clone(),
        provider: about.provider,
        connection_name: about.connection_name.clone(),
        created_at: run.created_at.clone(),
        started_at: run.started_at.clone(),
        finished_at: run.finished_at.clone(),
        wall_ms: run.wall_ms,
    }
}

/// How the model of a run is held to the schema, from its start to its end.
pub(crate) fn structure(run: &RunRow) -> Option<StructuredMode> {
    serde_json::from_value(run.structure.as_deref()?.into()).ok()
}

/// An amount for people and files; sums are made of the millionths.
pub(crate) fn dollars(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// The accuracy that promises most: the one with the highest lower end of its interval, so that three right answers out
/// of three do not beat 170 out of 200. Runs that are still at work do not count.
pub(crate) fn best_accuracy<'r>(runs: impl Iterator<Item = &'r RunRow>) -> Option<Accuracy> {
    runs.filter(|run| !run.status.is_active())
        .filter_map(|run| Accuracy::of(run.correct, run.scored))
        .max_by(|one, other| one.low.total_cmp(&other.low))
}

/// When the last thing happened to a run.
pub(crate) fn happened_at(run: &RunRow) -> String {
    run.finished_at.as_ref().or(run.started_at.as_ref()).unwrap_or(&run.created_at).clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::PRACTICE;
    use crate::imports::{ConfigSource, ImportTarget, NewImport};
    use crate::prompts::NewPrompt;
    use crate::{Keychain, Silent};
    use serde_json::Value;
    use std::pin::Pin;
    use touchstone_providers::{ChatError, ChatReply, ChatRequest};

    /// Stands for the practice model: says what it is told to, and for nothing, has a bug.
    struct StandIn(Option<&'static str>);

    impl ChatModel for StandIn {
        fn provider(&self) -> Provider {
            Provider::Practice
        }

        fn endpoint(&self) -> &str {
            ""
        }

        fn body(&self, request: &ChatRequest) -> Value {
            Value::from(request.messages.iter().map(|message| message.text().into_owned()).collect::<Vec<_>>())
        }

        fn ask<'m, 'r, 'b, 'a>(
            &'m self,
            _: &'r ChatRequest,
            _: &'b Value,
        ) -> Pin<Box<dyn Future<Output = std::result::Result<ChatReply, ChatError>> + Send + 'a>>
        where
            'm: 'a,
            'r: 'a,
            'b: 'a,
        {
            let content = self.0.expect("a bug").to_owned();
            let usage = touchstone_providers::Usage::default();
            Box::pin(async move { Ok(ChatReply { content, usage, latency_ms: 0, model: None, request_id: None }) })
        }
    }

    /// A run over three tasks that asks a stand-in.
    async fn run_of(stand_in: StandIn) -> RunSummary {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = |name: &str, content: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).expect("file is written");
            path.to_str().expect("temporary paths are text").to_owned()
        };
        let engine =
            Engine::open(&folder.path().join("workspace"), Keychain::none(), Arc::new(Silent)).expect("engine");
        let config = r#"<View><Text name="text" value="$text"/>
            <Choices name="topic" toName="text"><Choice value="Bug"/><Choice value="Praise"/></Choices></View>"#;
        let config = ConfigSource::Text { xml: config.to_owned() };
        let import = NewImport {
            target: ImportTarget::New { name: "Feedback".to_owned(), config },
            tasks_path: Some(file("tasks.json", r#"[{"text": "one"}, {"text": "two"}, {"text": "three"}]"#)),
            mapping: Vec::new(),
            skip_duplicates: false,
        };
        let project_id = engine.import_project(import).await.expect("project").project_id;
        let prompt = NewPrompt { name: "Topics".to_owned(), description: String::new(), project_id, space_id: None };
        let prompt_id = engine.create_prompt(prompt).await.expect("prompt");
        let mut draft = engine.prompt(prompt_id.to_string()).await.expect("prompt").draft.content;
        draft.connection_id = Some(ConnectionId(PRACTICE.to_owned()));
        draft.model = PRACTICE.to_owned();
        engine.save_draft(prompt_id.clone(), draft).await.expect("draft");

        let new = NewRun {
            prompt_id,
            version_id: None,
            subset: Subset::All,
            picked: None,
            only: None,
            concurrency: None,
            limit_micros: None,
        };
        let (started, mut setup, _) = engine.blocking(move |inner| start(inner, &new, None)).await.expect("leased");
        setup.model = Box::new(stand_in);
        engine.launch(setup);
        engine.wait_for_run(started.run_id).await.expect("it ends")
    }

    #[tokio::test]
    async fn a_bug_that_a_task_uncovers_fails_that_task_and_ends_no_run() {
        let run = run_of(StandIn(None)).await;
        assert_eq!((run.status, run.done, run.failed), (RunStatus::Completed, 3, 3), "{:?}", run.reason);
    }

    #[tokio::test]
    async fn the_practice_model_is_not_asked_again_as_it_would_say_the_same() {
        let run = run_of(StandIn(Some("nonsense"))).await;
        assert_eq!((run.status, run.failed, run.requests), (RunStatus::Completed, 3, 3), "{:?}", run.reason);
    }
}
