//! Giving predictions of a run back to the server that its project came from, and, by choice, what became of them.
//!
//! What the server has is read first, and only what it has not is written (`told.rs`). So a second push changes nothing, and one that
//! ended midway is done again. One whose server is out of reach waits; it is kept in the workspace.

use super::merge::given_source;
use super::told::{Counts, Here, Missing, Unsent, Version};
use super::{ProjectLink, page, project_link};
use crate::projects::stored_config;
use crate::runs::LEASE_STALE_MS;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use specta::Type;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use touchstone_domain::{AnnotationId, RunId, TaskId};
use touchstone_labelstudio::{Client, NewAnnotation, NewPrediction};
use touchstone_store::{ProjectLinkRow, PushRow, PushState as StoredState, RunRow};

/// Tasks that are looked at and written together: a server takes as long for few as for many.
const TASKS_AT_ONCE: u32 = 2_000;

/// Pushes that are listed.
const PUSHES_LISTED: u32 = 100;

/// How long what was found for a plan holds, for other options.
const PLAN_AGE_MAX: Duration = Duration::from_secs(60);

/// How often a program says that it is at a push.
const BEAT: Duration = Duration::from_secs(4);

/// How often is looked whether a write that was stopped has settled.
const SETTLE_LOOK: Duration = Duration::from_millis(500);

/// How often what waits is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Why a server leaves predictions out.
const LEFT_OUT: &str = "The server left them out without saying why: they do not fit the labeling config that the project has there. \
    Pull its changes, and run again.";

/// Why one cannot be begun.
const ELSEWHERE: &str = "another program is giving this back; wait for it, or 15 seconds if it was killed just now";

/// Why one is not done that was ended with its program, and what is said where that was in the middle of a write.
const STOPPED: &str = "it was stopped before its end; push again to go on";
const STOPPED_WRITING: &str =
    "it was stopped while its server was writing; what of that is there is told by the next push, which goes on";

/// What is said where a server was lost in the middle of a write.
const LOST_WRITING: &str = "what it was writing may be there, which the next push tells";

/// Reasons of failures that are told.
const REASONS_TOLD: usize = 20;

/// Characters of a version's hash that name it.
const HASH_CHARS: usize = 10;

/// What becomes of predictions of other versions of the prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum OtherVersions {
    #[default]
    Beside,
    /// They are deleted there.
    Replace,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PushOptions {
    pub other_versions: OtherVersions,
    /// Accepted and corrected predictions become annotations there.
    pub annotations: bool,
    /// Ground-truth marks of here are set there.
    pub ground_truth: bool,
    /// Tasks there that nobody has annotated begin with these predictions from then on. Without it Label Studio shows an annotator
    /// the predictions of the version that the project names, by default of none.
    pub prelabel: bool,
}

/// Exactly what a push would write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct PushPlan {
    pub model_version: String,
    pub server_name: String,
    pub title: String,
    pub url: String,
    /// To be written.
    pub predictions: u32,
    /// Those of them whose task got other data from there after the run had begun: they are not of what annotators see.
    pub of_other_data: u32,
    /// They are there already.
    pub unchanged: u32,
    /// Predictions of other versions that would be deleted there.
    pub replaced: u32,
    /// Tasks of the run that failed: there is nothing to give.
    pub failed_tasks: u32,
    /// Tasks that the project there has not.
    pub not_there: u32,
    pub annotations: u32,
    pub ground_truths: u32,
    /// The model version that the project there names for tasks to begin with; `None` where they begin empty, or it is not known.
    pub prelabels_with: Option<String>,
    /// Of the predictions that would be deleted, those of that version: their tasks would begin empty.
    pub prelabels_replaced: u32,
    /// There is a prediction of the run for each task there.
    pub covers_all: bool,
    /// Why the server is not reached now: a push waits, and what is there is not known.
    pub waiting: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Type)]
pub struct PushReport {
    pub written: u32,
    pub unchanged: u32,
    /// Predictions of other versions that were deleted.
    pub replaced: u32,
    pub annotations: u32,
    pub ground_truths: u32,
    /// Tasks that the project there has not.
    pub not_there: u32,
    pub failed: u32,
    /// Why, each way once.
    pub reasons: Vec<String>,
    pub model_version: String,
    /// Tasks there that nobody has annotated begin with these predictions from now on, which they did not before.
    pub prelabels: bool,
    /// Why the rest waits, where the server is not reached.
    pub waiting: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PushState {
    Waiting,
    UnderWay,
    Done,
    Failed,
}

/// Something that is to be given back, or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct Push {
    #[specta(type = f64)]
    pub id: i64,
    pub run_id: RunId,
    pub prompt_name: String,
    /// Number of the version.
    pub version: u32,
    pub server_name: String,
    /// Of the project there.
    pub title: String,
    pub state: PushState,
    pub written: u32,
    pub unchanged: u32,
    pub failed: u32,
    /// Why it waits, or failed.
    pub reason: Option<String>,
    pub created_at: String,
    pub finished_at: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct PushProgress {
    #[specta(type = f64)]
    pub push_id: i64,
    pub run_id: RunId,
    /// Tasks that were looked at.
    pub done: u32,
    pub total: u32,
}

/// Pushes that this program is at, and what it found for plans.
#[derive(Default)]
pub(crate) struct Pushing {
    at_work: Mutex<HashMap<i64, (RunId, CancellationToken)>>,
    planned: Mutex<Option<Planned>>,
    /// When what waits was tried last.
    tried: Mutex<Option<Instant>>,
    /// The program is about to end.
    stopping: CancellationToken,
}

/// What was found for a run, and how many edits of annotations there had been then.
struct Planned {
    run: RunId,
    at: Instant,
    edits: u64,
    found: Found,
}

/// How much there is to do, and how the project there stands.
#[derive(Clone, Default)]
struct Found {
    counts: Counts,
    /// Tasks there.
    tasks: u32,
    prelabels_with: Option<String>,
}

impl Pushing {
    fn at_work(&self) -> std::sync::MutexGuard<'_, HashMap<i64, (RunId, CancellationToken)>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_due(&self) -> bool {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = tried.is_none_or(|at| at.elapsed() >= AGAIN_AFTER);
        if is_due {
            *tried = Some(Instant::now());
        }
        is_due
    }

    fn planned(&self, run: &RunId, edits: u64) -> Option<Found> {
        let planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let holds =
            |planned: &&Planned| planned.run == *run && planned.edits == edits && planned.at.elapsed() < PLAN_AGE_MAX;
        planned.as_ref().filter(holds).map(|planned| planned.found.clone())
    }

    fn plan(&self, planned: Option<Planned>) {
        *self.planned.lock().unwrap_or_else(PoisonError::into_inner) = planned;
    }
}

/// A run, and where its project came from.
struct Given {
    run: RunRow,
    link: ProjectLinkRow,
    version: Version,
}

impl Given {
    fn of(inner: &Inner, id: &RunId) -> Result<Self> {
        let run = inner.store.run(id)?;
        let link = inner.store.project_link(run.project_key)?.ok_or_else(|| {
            Error::invalid(
                "the project of this run came from no Label Studio server, so there is none to give it back to",
            )
        })?;
        let version = version(inner, &run)?;
        Ok(Self { run, link, version })
    }
}

/// Prompt and version hash, and the model and the repetition where the version alone does not say them.
fn version(inner: &Inner, run: &RunRow) -> Result<Version> {
    let (_, prompt) = inner.store.prompt_by_key(run.prompt_key)?;
    let hash = inner.store.version(&run.version_id)?.commit_hash;
    let mut name = format!("{prompt} @{}", &hash[..HASH_CHARS.min(hash.len())]);
    if let Some(other) = &run.other_model {
        name.push_str(&format!(", {}", other.model));
    }
    if let Some(repetition) = run.repetition() {
        name.push_str(&format!(", {repetition}"));
    }
    let config = stored_config(&inner.store.project_by_key(run.project_key)?)?;
    let pairs = config.controls().iter().filter(|control| control.tag.eq_ignore_ascii_case("Pairwise"));
    let compared = pairs.filter_map(|control| Some((control.name.clone(), control.to_name.first()?.clone()))).collect();
    Ok(Version { name, prompt: format!("{prompt} @"), hash: hash[..HASH_CHARS.min(hash.len())].to_owned(), compared })
}

impl Engine {
    /// Exactly what a push of a run would write, by what its server has now. Changes nothing.
    pub async fn plan_push(&self, run: RunId, options: PushOptions) -> Result<PushPlan> {
        let id = run.clone();
        let given = self.blocking(move |inner| Given::of(inner, &id)).await?;
        let edits = self.inner.views.edits();
        let looked = match self.inner.pushing.planned(&run, edits) {
            Some(found) => Ok(found),
            None => self.count_given(&given).await.inspect(|found| {
                let (at, found) = (Instant::now(), found.clone());
                self.inner.pushing.plan(Some(Planned { run, at, edits, found }));
            }),
        };
        let (found, waiting) = match looked {
            Ok(found) => (found, None),
            Err(error) if error.is_passing() => {
                let counts = self.count_alone(&given).await?;
                (Found { counts, ..Found::default() }, Some(error.to_string()))
            }
            Err(error) => return Err(error),
        };
        let counts = found.counts.chosen(&options);
        Ok(PushPlan {
            model_version: given.version.name,
            url: page(&given.link.address, given.link.remote_id),
            server_name: given.link.server_name,
            title: given.link.title,
            predictions: counts.predictions,
            of_other_data: counts.of_other_data,
            unchanged: counts.unchanged,
            replaced: counts.others,
            failed_tasks: counts.failed_tasks,
            not_there: counts.not_there,
            annotations: counts.annotations,
            ground_truths: counts.marks,
            prelabels_replaced: counts.named,
            covers_all: waiting.is_none() && counts.predictions + counts.unchanged >= found.tasks,
            prelabels_with: found.prelabels_with,
            waiting,
        })
    }

    /// Gives a run back: writes what its server has not. Where the server is out of reach, it waits, which the report says.
    pub async fn push_run(&self, run: RunId, options: PushOptions) -> Result<PushReport> {
        self.let_writes_settle(&run).await?;
        let (server, id) = (run.clone(), run.clone());
        let given = self.blocking(move |inner| Given::of(inner, &id)).await?;
        let (run_key, server_id) = (given.run.key, given.link.server_id.clone());
        let json = serde_json::to_string(&options).expect("words and switches");
        if self.inner.pushing.at_work().values().any(|(of, _)| *of == server) {
            return Err(Error::invalid("this run is being given back already; wait for it or cancel it"));
        }
        let key = self
            .blocking(move |inner| {
                for other in inner.store.pushes(PUSHES_LISTED)?.into_iter().filter(|other| other.run_id == server) {
                    if is_leased(&other) {
                        return Err(Error::invalid(ELSEWHERE));
                    }
                    // One that waits or failed is done with this one.
                    if other.state != "done" {
                        inner.store.remove_push(other.key)?;
                    }
                }
                Ok(inner.store.add_push(run_key, &server_id, &json, &clock::now())?)
            })
            .await?;
        self.work_on_push(key, given, options).await
    }

    /// Where the project of a run came from; refused if from no server.
    pub async fn link_of_run(&self, run: RunId) -> Result<ProjectLink> {
        self.blocking(move |inner| Ok(project_link(Given::of(inner, &run)?.link))).await
    }

    /// What is to be given back, what failed, and what was given back, each the newest first.
    pub async fn pushes(&self) -> Result<Vec<Push>> {
        self.blocking(|inner| Ok(inner.store.pushes(PUSHES_LISTED)?.into_iter().map(push).collect())).await
    }

    /// Does a push again that waits or failed.
    pub async fn resume_push(&self, id: i64) -> Result<PushReport> {
        let run = self.blocking(move |inner| Ok(inner.store.push(id)?.run_id)).await?;
        self.let_writes_settle(&run).await?;
        let (given, options) = self
            .blocking(move |inner| {
                let row = inner.store.push(id)?;
                Ok((Given::of(inner, &row.run_id)?, kept_options(&row.options)?))
            })
            .await?;
        self.work_on_push(id, given, options).await
    }

    /// Ends the pushes that this program is at, which is about to end itself. What is written stays there and is told of; the next
    /// push of the run does the rest.
    pub fn stop_pushes(&self) {
        self.inner.pushing.stopping.cancel();
    }

    /// Ends a push that is at work, or takes one out of the list. What is written stays there.
    pub async fn cancel_push(&self, id: i64) -> Result<()> {
        if let Some((_, cancel)) = self.inner.pushing.at_work().get(&id) {
            cancel.cancel();
        }
        self.blocking(move |inner| Ok(inner.store.remove_push(id)?)).await?;
        self.changed(Changed::Pushes);
        Ok(())
    }

    async fn work_on_push(&self, key: i64, given: Given, options: PushOptions) -> Result<PushReport> {
        let cancel = CancellationToken::new();
        // This program takes what it has once more: two that ask at once must not both be at it.
        match self.inner.pushing.at_work().entry(key) {
            Entry::Occupied(_) => return Err(Error::invalid("this is being given back already")),
            Entry::Vacant(place) => place.insert((given.run.id.clone(), cancel.clone())),
        };
        let taken = self.take_push(key).await;
        if !matches!(taken, Ok(true)) {
            self.inner.pushing.at_work().remove(&key);
            return Err(taken.err().unwrap_or_else(|| Error::invalid(ELSEWHERE)));
        }
        self.changed(Changed::Pushes);
        let mut report = PushReport { model_version: given.version.name.clone(), ..PushReport::default() };
        let is_writing = AtomicBool::new(false);
        let mut is_stopped = false;
        let outcome = tokio::select! {
            outcome = self.write_all(key, &given, options, &mut report, &is_writing) => outcome,
            () = self.keep_push(key) => Err(Error::invalid("another program has taken this over")),
            () = cancel.cancelled() => Err(Error::Canceled),
            () = self.inner.pushing.stopping.cancelled() => {
                is_stopped = true;
                Err(Error::invalid(if is_writing.load(Ordering::Relaxed) { STOPPED_WRITING } else { STOPPED }))
            }
        };
        self.inner.pushing.at_work().remove(&key);
        self.inner.pushing.plan(None);
        let was_writing = is_writing.into_inner();
        let (state, reason) = match &outcome {
            Ok(()) => ("done", report.reasons.first().cloned()),
            Err(error) if error.is_passing() && was_writing => ("waiting", Some(format!("{error}; {LOST_WRITING}"))),
            Err(error) if error.is_passing() => ("waiting", Some(error.to_string())),
            Err(error) => ("failed", Some(error.to_string())),
        };
        let (written, unchanged, failed) = (report.written, report.unchanged, report.failed);
        let (is_over, told) = (state != "waiting", reason.clone());
        let is_unsettled = is_stopped && was_writing;
        self.blocking(move |inner| {
            let now = clock::now();
            let finished_at = is_over.then_some(now.as_str());
            let (reason, unsettled_ms) = (told.as_deref(), is_unsettled.then(clock::now_ms));
            let state = StoredState { state, written, unchanged, failed, reason, finished_at, unsettled_ms };
            Ok(inner.store.set_push(key, &state)?)
        })
        .await?;
        self.changed(Changed::Pushes);
        match outcome {
            Ok(()) => Ok(report),
            Err(error) if is_stopped || error.is_passing() => Ok(PushReport { waiting: reason, ..report }),
            Err(error) => Err(error),
        }
    }

    /// Waits until nothing comes any more of a write that was under way when a push of the run was stopped: what is there is only
    /// known after it, and it would be written twice.
    async fn let_writes_settle(&self, run: &RunId) -> Result<()> {
        loop {
            let run = run.clone();
            let is_unsettled = self.blocking(move |inner| {
                let pushes = inner.store.pushes(PUSHES_LISTED)?;
                Ok(pushes.iter().any(|push| push.run_id == run && push.state == "failed" && is_leased(push)))
            });
            if !is_unsettled.await? {
                return Ok(());
            }
            tokio::select! {
                () = tokio::time::sleep(SETTLE_LOOK) => {}
                () = self.inner.pushing.stopping.cancelled() => return Err(Error::invalid(STOPPED)),
            }
        }
    }

    async fn take_push(&self, key: i64) -> Result<bool> {
        self.blocking(move |inner| {
            let now_ms = clock::now_ms();
            Ok(inner.store.take_push(key, &inner.owner, now_ms, now_ms - LEASE_STALE_MS)?)
        })
        .await
    }

    /// Says that this program is at a push, until another has taken it.
    async fn keep_push(&self, key: i64) {
        loop {
            tokio::time::sleep(BEAT).await;
            match self.take_push(key).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, "saying that something is being given back"),
            }
        }
    }

    /// Tries what waits once more, each in its own time. For a program that stays until its user closes it.
    pub(crate) async fn go_on_with_pushes(&self) {
        if !self.inner.pushing.is_due() {
            return;
        }
        let waiting = match self.blocking(|inner| Ok(inner.store.pushes(PUSHES_LISTED)?)).await {
            Ok(pushes) => pushes.into_iter().filter(|push| is_open(push) && !is_leased(push)),
            Err(error) => return tracing::warn!(%error, "looking for what is to be given back"),
        };
        for PushRow { key, .. } in waiting {
            let engine = self.clone();
            tokio::spawn(async move {
                if let Err(error) = engine.resume_push(key).await {
                    tracing::info!(%error, "giving back what waited");
                }
            });
        }
    }

    async fn count_given(&self, given: &Given) -> Result<Found> {
        let (_, client) = self.server_client(given.link.server_id.clone()).await?;
        // A project that was deleted has no tasks either, which would look like many that are not there.
        let there = client.project(given.link.remote_id).await?;
        // By the name of this version, what takes their place is what tasks begin with.
        let named = there.prelabels_with.as_deref().filter(|named| *named != given.version.name);
        let mut counts = Counts::default();
        let mut after = TaskId(0);
        while let Some(here) = self.some(given, after).await? {
            let told = here.beside(&client, given.link.remote_id, &given.version).await?;
            counts.add(&told, named);
            after = here.last().unwrap_or(after);
        }
        Ok(Found { counts, tasks: there.tasks, prelabels_with: there.prelabels_with })
    }

    /// By what is known here.
    async fn count_alone(&self, given: &Given) -> Result<Counts> {
        let mut counts = Counts::default();
        let mut after = TaskId(0);
        while let Some(here) = self.some(given, after).await? {
            let Counts { predictions, of_other_data, failed_tasks, not_there, .. } = here.alone();
            counts.predictions += predictions;
            counts.of_other_data += of_other_data;
            counts.failed_tasks += failed_tasks;
            counts.not_there += not_there;
            after = here.last().unwrap_or(after);
        }
        Ok(counts)
    }

    async fn some(&self, given: &Given, after: TaskId) -> Result<Option<Here>> {
        let run_key = given.run.key;
        let here = self.blocking(move |inner| Here::read(inner, run_key, after, TASKS_AT_ONCE)).await?;
        Ok(Some(here).filter(|here| here.last().is_some()))
    }

    /// `is_writing` holds while nobody knows what is written of a request.
    async fn write_all(
        &self,
        key: i64,
        given: &Given,
        options: PushOptions,
        report: &mut PushReport,
        is_writing: &AtomicBool,
    ) -> Result<()> {
        let (_, client) = self.server_client(given.link.server_id.clone()).await?;
        let there = client.project(given.link.remote_id).await?;
        let (mut after, mut done) = (TaskId(0), 0);
        while let Some(here) = self.some(given, after).await? {
            self.write_some(&client, given, options, &here, report, is_writing).await?;
            after = here.last().unwrap_or(after);
            done += here.len();
            let (run_id, total) = (given.run.id.clone(), given.run.done.max(done));
            self.inner.sink.push_progress(PushProgress { push_id: key, run_id, done, total });
        }
        // Last: whoever opens a task there meanwhile begins with what is whole.
        let version = &given.version.name;
        if options.prelabel && there.prelabels_with.as_ref() != Some(version) {
            client.prelabel_with(given.link.remote_id, version).await?;
            report.prelabels = true;
        }
        Ok(())
    }

    async fn write_some(
        &self,
        client: &Client,
        given: &Given,
        options: PushOptions,
        here: &Here,
        report: &mut PushReport,
        is_writing: &AtomicBool,
    ) -> Result<()> {
        let project = given.link.remote_id;
        let mut told = here.beside(client, project, &given.version).await?;
        report.unchanged += told.unchanged;
        report.not_there += told.not_there;
        let mut refused = HashSet::new();
        if !told.missing.is_empty() {
            let asked = told.missing.len();
            // A write of which no answer comes may be done all the same, now or in a moment: the push waits then, and looks at what
            // is there before it writes again.
            is_writing.store(true, Ordering::Relaxed);
            let created = client.add_predictions(project, &predictions(&told.missing, &given.version)).await? as usize;
            is_writing.store(false, Ordering::Relaxed);
            report.written += size(created.min(asked));
            if created < asked {
                told = here.beside(client, project, &given.version).await?;
                refused.extend(told.missing.iter().map(|missing| missing.remote_id));
                report.failed += size(refused.len());
                report.fail(LEFT_OUT.to_owned());
            }
        }
        if options.other_versions == OtherVersions::Replace {
            // What nothing took the place of stays. Counted one by one: a push may be stopped between two.
            for earlier in told.others.iter().filter(|earlier| !refused.contains(&earlier.remote_id)) {
                report.replaced += u32::from(client.remove_prediction(earlier.prediction).await?);
            }
        }
        if options.annotations {
            let mut known = Vec::with_capacity(told.annotations.len());
            let outcome = give_annotations(client, options, &told.annotations, &mut known).await;
            report.annotations += size(known.len());
            if options.ground_truth {
                let is_marked =
                    |id| told.annotations.iter().any(|own| own.annotation.id == id && own.annotation.row.ground_truth);
                report.ground_truths += size(known.iter().filter(|(_, id, _)| is_marked(*id)).count());
            }
            // Those that are there are noted, whatever became of the others.
            self.note_given(given.run.project_key, known).await?;
            outcome?;
        }
        if options.ground_truth {
            for mark in told.marks {
                client.set_ground_truth(mark, true).await?;
                report.ground_truths += 1;
            }
        }
        Ok(())
    }

    /// Notes the ids that annotations of here have there.
    async fn note_given(&self, project_key: i64, known: Vec<(TaskId, AnnotationId, String)>) -> Result<()> {
        self.blocking(move |inner| {
            let ids: Vec<_> = known.iter().map(|(task, ..)| *task).collect();
            let mut each = known.iter();
            inner.store.edit_tasks(project_key, &ids, |task| {
                let (_, own, source) = each.next().expect("one call for each task");
                task.set_source(*own, source)
            })?;
            Ok(())
        })
        .await
    }
}

/// Adds annotations there. `known` gets those that were, each with what is kept beside its regions from now on.
async fn give_annotations(
    client: &Client,
    options: PushOptions,
    unsent: &[Unsent],
    known: &mut Vec<(TaskId, AnnotationId, String)>,
) -> Result<()> {
    for unsent in unsent {
        let unique_id = unsent.unique_id();
        let row = &unsent.annotation.row;
        let result: &RawValue = serde_json::from_str(&row.result).map_err(|error| Error::Internal(error.into()))?;
        let ground_truth = row.ground_truth && options.ground_truth;
        let annotation = NewAnnotation { unique_id: &unique_id, result, ground_truth };
        // One that was given before is there, and comes home with the next pull.
        if let Some(id) = client.add_annotation(unsent.remote_id, &annotation).await? {
            known.push((unsent.task_id, unsent.annotation.id, given_source(row.source.as_deref(), id)));
        }
    }
    Ok(())
}

fn predictions<'m>(missing: &'m [Missing], version: &'m Version) -> Vec<NewPrediction<'m>> {
    let new = |missing: &'m Missing| NewPrediction {
        task: missing.remote_id,
        result: &missing.result,
        score: missing.score.map(|score| score.clamp(0.0, 1.0)),
        model_version: &version.name,
    };
    missing.iter().map(new).collect()
}

/// What a push was to do, as it was kept. One of before an option was there did without it; of an option with a default of
/// serde's, the page would make one that may be left out.
fn kept_options(json: &str) -> Result<PushOptions> {
    let read = || {
        let mut kept: serde_json::Map<_, _> = serde_json::from_str(json)?;
        kept.entry("prelabel").or_insert(false.into());
        serde_json::from_value(kept.into())
    };
    read().map_err(|error: serde_json::Error| Error::Internal(error.into()))
}

impl PushReport {
    fn fail(&mut self, reason: String) {
        if self.reasons.len() < REASONS_TOLD && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }
}

/// It waits, or a program that was at it is gone, or is at it.
fn is_open(push: &PushRow) -> bool {
    matches!(push.state.as_str(), "waiting" | "under_way")
}

/// A program is at it now.
fn is_leased(push: &PushRow) -> bool {
    let now_ms = clock::now_ms();
    push.lease_beat_ms.is_some_and(|beat| (now_ms - LEASE_STALE_MS..=now_ms).contains(&beat))
}

fn push(row: PushRow) -> Push {
    Push {
        state: match row.state.as_str() {
            "done" => PushState::Done,
            "failed" => PushState::Failed,
            _ if is_leased(&row) => PushState::UnderWay,
            // A program that was at it is gone, or it waits.
            _ => PushState::Waiting,
        },
        id: row.key,
        run_id: row.run_id,
        prompt_name: row.prompt_name,
        version: row.version_number,
        server_name: row.server_name,
        title: row.title,
        written: row.written,
        unchanged: row.unchanged,
        failed: row.failed,
        reason: row.reason,
        created_at: row.created_at,
        finished_at: row.finished_at,
    }
}

pub(super) fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
