//! Bringing a project of a server here, and what changed of it since.
//!
//! What is read is kept beside the workspace until all of it is there (`spool.rs`). Tasks that are new go through the import that
//! files go through, in one transaction; those that are known are merged (`merge.rs`). What a pull is up to is noted before it
//! reads: the newest change of then. So nothing is missed that changes while it reads; it is read once more the next time.

use super::merge::{Merged, merge};
use super::projects::{warning, why_ineligible};
use super::push::size;
use super::spool::{Head, Spool};
use crate::imports::{self, ImportReport, Source};
use crate::projects::{ineligible, stored_config};
use crate::sample::with_free_name;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use touchstone_domain::prompt::sha256_hex;
use touchstone_domain::{ProjectId, ServerId};
use touchstone_labeling::{Config, TextFormat};
use touchstone_labelstudio::{Client, RemoteProject, SnapshotState, TaskQuery};
use touchstone_store::{
    ImportTarget, LinkedId, NewProject, ProjectLinkRow, ProjectRow, PulledLink, ServerRow, TasksRemoved,
};

/// Projects of so many tasks are read as a snapshot, in one piece.
const SNAPSHOT_TASKS_MIN: u32 = 20_000;

/// How often a server is asked whether its snapshot is ready.
const SNAPSHOT_LOOK: Duration = Duration::from_secs(2);

/// How often is told how much of a snapshot has come.
const TOLD_EVERY: Duration = Duration::from_millis(100);

/// What a pull says that takes no config.
const CONFIG_LEFT: &str = "Their labeling config is another by now and was not taken. Until it is, tasks that only the new one has a place \
    for are left out.";

/// Ids that are asked for at once.
const IDS_PAGE: u32 = 10_000;

/// What becomes here of tasks that are no longer on the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum GoneTasks {
    /// They stay, and are told of again.
    #[default]
    Leave,
    /// They stay, and are told of no more.
    Keep,
    /// They are removed for good, those that were to be kept before included, with what hangs on them.
    Remove,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PullOptions {
    /// Takes the labeling config of there, if it is another by now.
    pub take_config: bool,
    pub gone: GoneTasks,
}

/// What pulling would change here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct PullPlan {
    /// It was never pulled.
    pub is_new: bool,
    pub title: String,
    /// There.
    pub tasks: u32,
    /// Tasks that were written to there since, predictions included; a pull takes what differs of their data and annotations.
    pub changed: u32,
    pub new: u32,
    /// Tasks that are no longer there, but for those that were to be kept.
    pub gone: u32,
    /// Tasks that are no longer there, and were to be kept.
    pub kept: u32,
    /// Tasks with annotations that were made or edited here; these stay as they are here.
    pub edited_here: u32,
    /// `None` where the config is the same.
    pub config: Option<ConfigChange>,
}

/// A labeling config that is another there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct ConfigChange {
    /// Of here.
    pub before: String,
    /// Of there.
    pub after: String,
    /// What Label Studio would object to in it.
    pub faults: Vec<String>,
    /// Why no prompt could aim at the project with it.
    pub ineligible: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct PullProgress {
    pub server_id: ServerId,
    #[specta(type = f64)]
    pub remote_id: i64,
    /// Tasks that were read; as many as `total` while they are brought into the project.
    pub done: u32,
    pub total: u32,
    /// Of a project that is read in one piece: so much of it is here, before its tasks are read.
    #[specta(type = f64)]
    pub bytes: u64,
}

/// What a pull brought. The tasks, annotations and ground truth of the report are those of the project after it.
#[derive(Clone, Debug, Serialize, Type)]
pub struct PullReport {
    pub new: u32,
    pub changed: u32,
    /// Tasks that changed there and were edited here.
    pub kept_here: u32,
    /// Tasks that are no longer there and stay here, but for those that were to be kept before.
    pub gone: u32,
    /// Tasks that were removed here, because they are no longer there.
    pub removed: u32,
    /// Their labeling config was another, and is that of here now.
    pub config_taken: bool,
    #[serde(flatten)]
    pub report: ImportReport,
}

/// A pull at work.
struct Pull<'e> {
    engine: &'e Engine,
    client: Client,
    server: ServerRow,
    remote: RemoteProject,
    /// The project here, if it was pulled before.
    here: Option<(ProjectLinkRow, ProjectRow)>,
    options: PullOptions,
    cancel: CancellationToken,
}

/// Tasks of both sides by their ids there.
#[derive(Default)]
struct Compared {
    /// How many are there.
    there: u32,
    /// Those of them that are not here.
    new: u32,
    /// Here and no longer there; and those of them that were to be kept.
    gone: Vec<i64>,
    kept: Vec<i64>,
    /// There again, and were to be kept once.
    back: Vec<i64>,
}

impl Engine {
    /// What pulling a project of a server would bring and change. Changes nothing.
    pub async fn plan_pull(&self, server: ServerId, remote_id: i64) -> Result<PullPlan> {
        let pull = self.pull(server, remote_id, PullOptions::default(), CancellationToken::new()).await?;
        let Some((link, row)) = &pull.here else {
            pull.check_eligible()?;
            let title = pull.remote.title.clone();
            let (tasks, config) = (pull.remote.tasks, None);
            return Ok(PullPlan {
                is_new: true,
                title,
                tasks,
                changed: 0,
                new: tasks,
                gone: 0,
                kept: 0,
                edited_here: 0,
                config,
            });
        };
        let changed = pull.count_changed(link).await?;
        let Compared { new, gone, kept, .. } = pull.compare_ids(link.project_key).await?;
        let key = link.project_key;
        let edited_here = self.blocking(move |inner| Ok(inner.store.edited_here(key)?)).await?;
        Ok(PullPlan {
            is_new: false,
            title: pull.remote.title.clone(),
            tasks: pull.remote.tasks,
            changed,
            new,
            gone: size(gone.len()),
            kept: size(kept.len()),
            edited_here,
            config: config_change(&pull.remote, row),
        })
    }

    /// Brings a project of a server here, or what changed of it since. One at a time. What was read before it was canceled or failed
    /// is kept, and the next goes on from there.
    pub async fn pull_project(&self, server: ServerId, remote_id: i64, options: PullOptions) -> Result<PullReport> {
        let cancel = CancellationToken::new();
        {
            let mut current = self.inner.pull.lock().unwrap_or_else(PoisonError::into_inner);
            if current.is_some() {
                return Err(Error::invalid("another project is being pulled; wait for it or cancel it"));
            }
            *current = Some(cancel.clone());
        }
        let outcome = self.pulled(server, remote_id, options, cancel).await;
        *self.inner.pull.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // Also where it failed midway: pieces of it may be here.
        self.changed(Changed::Projects);
        self.changed(Changed::LabelStudio);
        outcome
    }

    /// Ends the pull at work. What it has read is kept for the next.
    pub fn cancel_pull(&self) {
        if let Some(cancel) = &*self.inner.pull.lock().unwrap_or_else(PoisonError::into_inner) {
            cancel.cancel();
        }
    }

    async fn pulled(
        &self,
        server: ServerId,
        remote_id: i64,
        options: PullOptions,
        cancel: CancellationToken,
    ) -> Result<PullReport> {
        let mut pull = tokio::select! {
            pull = self.pull(server, remote_id, options, cancel.clone()) => pull?,
            () = cancel.cancelled() => return Err(Error::Canceled),
        };
        // Tasks that the config of before had no place for did not come, whenever they changed.
        let mut since = pull.here.as_ref().and_then(|(link, _)| link.pulled_to.clone());
        let mut config_taken = false;
        match &pull.here {
            None => pull.check_eligible()?,
            Some((_, row)) if options.take_config && config_change(&pull.remote, row).is_some() => {
                let (id, xml) = (row.id.clone(), pull.remote.label_config.clone());
                self.save_config(id.clone(), xml, Vec::new()).await?;
                let row = self.blocking(move |inner| Ok(inner.store.project(id.as_str())?)).await?;
                pull.here = pull.here.map(|(link, _)| (link, row));
                since = None;
                config_taken = true;
            }
            Some(_) => {}
        }
        // What is brought is waited for: whoever pulls next finds all of it, or nothing.
        let (spool, compared, warned) = tokio::select! {
            read = pull.read(since) => read?,
            () = cancel.cancelled() => return Err(Error::Canceled),
        };
        let snapshot = spool.head.snapshot.clone();
        let mut report = pull.bring(spool, compared).await?;
        report.config_taken = config_taken;
        report.report.warnings.extend(warned);
        // Not before all of it is here: a program that ends in between finds it again.
        if let Some(title) = snapshot
            && let Ok(Some(snapshot)) = pull.client.find_snapshot(pull.remote.id, &title).await
        {
            pull.remove_snapshot(snapshot.id).await;
        }
        Ok(report)
    }

    async fn pull(
        &self,
        server: ServerId,
        remote_id: i64,
        options: PullOptions,
        cancel: CancellationToken,
    ) -> Result<Pull<'_>> {
        let (server, client) = self.server_client(server).await?;
        let remote = client.project(remote_id).await?;
        let id = server.id.clone();
        let here = self
            .blocking(move |inner| {
                let Some(link) = inner.store.linked_project(&id, remote_id)? else { return Ok(None) };
                let row = inner.store.project_by_key(link.project_key)?;
                Ok(Some((link, row)))
            })
            .await?;
        if options.gone == GoneTasks::Remove
            && let Some((link, _)) = &here
        {
            let key = link.project_key;
            // Before anything is read, which takes a while.
            if let Some(number) = self.blocking(move |inner| Ok(inner.store.run_over_tasks(key)?)).await? {
                return Err(Error::invalid(in_use(number)));
            }
        }
        Ok(Pull { engine: self, client, server, remote, here, options, cancel })
    }
}

/// Why no task is removed now.
fn in_use(run: u32) -> String {
    format!(
        "no task is removed while run {run} is at work on the project, or waits for its turn; let it end, or cancel it"
    )
}

fn config_change(remote: &RemoteProject, row: &ProjectRow) -> Option<ConfigChange> {
    if remote.label_config.trim() == row.config_xml.trim() {
        return None;
    }
    let (faults, ineligible) = match Config::parse(&remote.label_config) {
        Ok(config) => (config.faults(), ineligible(&config)),
        Err(error) => (Vec::new(), Some(format!("It cannot be read: {error}."))),
    };
    Some(ConfigChange { before: row.config_xml.clone(), after: remote.label_config.clone(), faults, ineligible })
}

impl Pull<'_> {
    fn check_eligible(&self) -> Result<()> {
        match why_ineligible(&self.remote) {
            Some(why) => Err(Error::invalid(format!("“{}” cannot be used: {why}", self.remote.title))),
            None => Ok(()),
        }
    }

    fn tell(&self, done: u32, total: u32, bytes: u64) {
        let (server_id, remote_id) = (self.server.id.clone(), self.remote.id);
        let total = total.max(done);
        self.engine.inner.sink.pull_progress(PullProgress { server_id, remote_id, done, total, bytes });
    }

    /// Tasks known here that changed there since the last pull.
    async fn count_changed(&self, link: &ProjectLinkRow) -> Result<u32> {
        let Some(since) = &link.pulled_to else { return Ok(self.remote.tasks) };
        let mut query = TaskQuery { changed_since: Some(since.clone()), ..TaskQuery::default() };
        let mut changed = 0;
        loop {
            let page = self.client.changes(self.remote.id, &query).await?;
            let is_last = page.tasks.is_empty() || size(page.tasks.len()) >= page.total;
            query.after_id = page.tasks.last().map(|task| task.id).or(query.after_id);
            // Those that changed in that very moment come once more.
            let moved = page.tasks.into_iter().filter(|task| task.updated_at.as_ref().is_none_or(|at| at > since));
            let (ids, key) = (moved.map(|task| task.id).collect::<Vec<_>>(), link.project_key);
            changed += self
                .engine
                .blocking(move |inner| {
                    ids.iter()
                        .try_fold(0, |known, id| Ok(known + u32::from(inner.store.linked_task(key, *id)?.is_some())))
                })
                .await?;
            if is_last {
                return Ok(changed);
            }
        }
    }

    async fn compare_ids(&self, project_key: i64) -> Result<Compared> {
        let mut compared = Compared::default();
        let (mut after, page) = (0, NonZeroU32::new(IDS_PAGE).expect("not 0"));
        loop {
            let theirs = self.client.task_ids(self.remote.id, Some(after), page).await?;
            let end = theirs.last().copied().filter(|_| theirs.len() >= IDS_PAGE as usize);
            let (from, to) = (after, end.unwrap_or(i64::MAX));
            compared = self
                .engine
                .blocking(move |inner| {
                    compared.add(inner, project_key, from, to, &theirs)?;
                    Ok(compared)
                })
                .await?;
            match end {
                Some(end) => after = end,
                None => return Ok(compared),
            }
        }
    }

    /// Reads what is to be brought, looks for the tasks that are here only, and says what is to be minded.
    async fn read(&self, since: Option<String>) -> Result<(Spool, Compared, Option<String>)> {
        let spool = self.read_tasks(since).await?;
        Ok(match &self.here {
            Some((link, row)) => {
                let warned = config_change(&self.remote, row).map(|_| CONFIG_LEFT.to_owned());
                (spool, self.compare_ids(link.project_key).await?, warned)
            }
            // What cannot be asked holds up no pull.
            None => (spool, Compared::default(), warning(&self.client, self.remote.id).await.ok().flatten()),
        })
    }

    /// Goes on from what was read before.
    async fn read_tasks(&self, since: Option<String>) -> Result<Spool> {
        let is_snapshot = self.here.is_none() && self.remote.tasks >= SNAPSHOT_TASKS_MIN;
        let snapshot = is_snapshot.then(|| format!("Touchstone {}", clock::new_id()));
        let changed_at = self.client.changed_at(self.remote.id).await?;
        let head = Head { since: since.clone(), changed_at, snapshot, ..Head::default() };
        let (id, remote_id) = (self.server.id.clone(), self.remote.id);
        let known = self.here.as_ref().map(|(link, _)| link.pulled_at.clone());
        let opened = self.engine.blocking(move |inner| {
            let spool = Spool::open(inner, &id, remote_id, head)?;
            let link = inner.store.linked_project(&id, remote_id)?;
            // Another program may have been at it until now.
            if link.map(|link| link.pulled_at) != known {
                return Err(Error::invalid("the project was pulled by another program just now; look at it again"));
            }
            Ok(spool)
        });
        let mut spool = opened.await?;
        if let Some(title) = spool.head.snapshot.clone() {
            self.read_snapshot(&title, &spool).await?;
            return Ok(spool);
        }
        let key = self.here.as_ref().map(|(link, _)| link.project_key);
        loop {
            let query = TaskQuery { after_id: spool.head.after_id, changed_since: since.clone() };
            let page = self.client.tasks(self.remote.id, &query).await?;
            // A page of nothing is the last, whatever a server counts.
            let left = if page.tasks.is_empty() { 0 } else { page.total.saturating_sub(size(page.tasks.len())) };
            spool = self
                .engine
                .blocking(move |inner| {
                    let is_known = |id| match key {
                        Some(key) => Ok(inner.store.linked_task(key, id)?.is_some()),
                        None => Ok(false),
                    };
                    spool.add(&page.tasks, is_known).map(|()| spool)
                })
                .await?;
            self.tell(spool.head.read, spool.head.read + left, 0);
            if left == 0 {
                return Ok(spool);
            }
        }
    }

    async fn read_snapshot(&self, title: &str, spool: &Spool) -> Result<()> {
        self.tell(0, self.remote.tasks, 0);
        let project = self.remote.id;
        let mut snapshot = match self.client.find_snapshot(project, title).await? {
            Some(snapshot) => snapshot,
            None => {
                // What there is of it here would be the beginning of another.
                spool.forget_snapshot()?;
                self.client.start_snapshot(project, title).await?
            }
        };
        while snapshot.state == SnapshotState::UnderWay {
            tokio::time::sleep(SNAPSHOT_LOOK).await;
            snapshot = self.client.snapshot(project, snapshot.id).await?;
        }
        if snapshot.state == SnapshotState::Failed {
            // The next pull begins anew.
            self.remove_snapshot(snapshot.id).await;
            let message = format!("{} could not make a snapshot of “{}”", self.client.host(), self.remote.title);
            return Err(Error::invalid(message));
        }
        // It comes in thousands of pieces a second.
        let mut told_at = None;
        let told = |bytes| {
            if told_at.is_none_or(|at: Instant| at.elapsed() >= TOLD_EVERY) {
                told_at = Some(Instant::now());
                self.tell(0, self.remote.tasks, bytes);
            }
        };
        self.client.download_snapshot(project, snapshot.id, &spool.snapshot(), told).await?;
        Ok(())
    }

    async fn remove_snapshot(&self, snapshot: i64) {
        if let Err(error) = self.client.delete_snapshot(self.remote.id, snapshot).await {
            // It is the server's to tidy up then; what is in it is here.
            tracing::warn!(%error, "removing a snapshot");
        }
    }

    /// Brings what was read into the workspace.
    async fn bring(&self, spool: Spool, compared: Compared) -> Result<PullReport> {
        let Self { engine, client: _, server, remote, here, options, cancel } = self;
        let name = remote.title.clone();
        let is_known = here.is_some();
        let telling = Engine::clone(engine);
        let told = {
            let (server_id, remote_id, total) = (server.id.clone(), remote.id, remote.tasks);
            move |done: u32, _refused: u32| {
                let (server_id, total) = (server_id.clone(), total.max(done));
                telling.inner.sink.pull_progress(PullProgress { server_id, remote_id, done, total, bytes: 0 });
            }
        };
        let (server_id, remote, here) = (server.id.clone(), Arc::new(remote.clone()), here.clone());
        let (cancel, of_it, gone) = (cancel.clone(), Arc::clone(&remote), options.gone);
        let (merged, new, mut report, left, removed) = engine
            .blocking(move |inner| {
                let now = clock::now();
                let link = PulledLink {
                    server_id: &server_id,
                    remote_id: of_it.id,
                    title: &of_it.title,
                    pulled_to: spool.head.changed_at.as_deref().or(spool.head.since.as_deref()),
                    pulled_at: &now,
                };
                let (merged, new, mut report) = match &here {
                    None => bring_anew(inner, &of_it, &link, &spool, &name, &cancel, &told),
                    Some(_) if cancel.is_cancelled() => return Err(Error::Canceled),
                    // It takes no time that is worth ending it midway.
                    Some((_, row)) => bring_changes(inner, row, &link, &spool, &name, &told),
                }?;
                spool.remove();
                let (left, removed) = match &here {
                    Some((link, _)) => settle_gone(inner, link.project_key, &of_it, gone, compared, &mut report)?,
                    None => (0, 0),
                };
                Ok((merged, new, report, left, removed))
            })
            .await?;
        let project = report.project_id.clone();
        if removed > 0 {
            engine.changed(Changed::Everything);
        } else if is_known {
            engine.changed(Changed::Annotations { project_id: project.clone() });
        }
        let row = engine.blocking(move |inner| Ok(inner.store.project(project.as_str())?)).await?;
        (report.tasks, report.annotations, report.ground_truth) = (row.tasks, row.annotations, row.ground_truths);
        Ok(PullReport {
            new,
            changed: merged.changed,
            kept_here: merged.kept_here,
            gone: left,
            removed,
            config_taken: false,
            report,
        })
    }
}

/// Does with the tasks that are no longer there what was chosen. How many of them stay without having been kept before, and how
/// many are removed; why none is, where that was chosen, is a warning of the report: what was brought is here.
fn settle_gone(
    inner: &Inner,
    project_key: i64,
    remote: &RemoteProject,
    chosen: GoneTasks,
    compared: Compared,
    report: &mut ImportReport,
) -> Result<(u32, u32)> {
    let Compared { there, new: _, gone, kept, back } = compared;
    inner.store.set_kept(project_key, &back, false)?;
    let left = size(gone.len());
    match chosen {
        GoneTasks::Leave => {}
        GoneTasks::Keep => inner.store.set_kept(project_key, &gone, true)?,
        GoneTasks::Remove if gone.is_empty() && kept.is_empty() => {}
        // Whoever may not see all tasks would lose those here that are only hidden there.
        GoneTasks::Remove if there < remote.tasks => report.warnings.push(format!(
            "no task was removed: the server counts {} tasks and lists {there}, so that it cannot be told which are gone",
            remote.tasks
        )),
        GoneTasks::Remove => {
            match inner.store.remove_linked_tasks(project_key, &[gone, kept].concat(), &clock::now())? {
                TasksRemoved::Removed(removed) => {
                    inner.task_views.forget(project_key);
                    inner.views.note_edit();
                    return Ok((0, removed));
                }
                TasksRemoved::RunActive(number) => report.warnings.push(in_use(number)),
            }
        }
    }
    Ok((left, 0))
}

impl Compared {
    /// Adds the tasks after `from` up to `to`. `theirs` are those of there, which ascend.
    fn add(&mut self, inner: &Inner, project_key: i64, from: i64, to: i64, theirs: &[i64]) -> Result<()> {
        let (mut after, mut known) = (from, 0);
        loop {
            let here = inner.store.linked_ids(project_key, after, IDS_PAGE)?;
            for LinkedId { remote_id, is_kept } in here.iter().take_while(|linked| linked.remote_id <= to) {
                let is_there = theirs.binary_search(remote_id).is_ok();
                known += usize::from(is_there);
                match (is_there, is_kept) {
                    (true, false) => {}
                    (true, true) => self.back.push(*remote_id),
                    (false, true) => self.kept.push(*remote_id),
                    (false, false) => self.gone.push(*remote_id),
                }
            }
            let last = here.last().map(|linked| linked.remote_id);
            match last.filter(|last| here.len() == IDS_PAGE as usize && *last <= to) {
                Some(last) => after = last,
                None => break,
            }
        }
        self.there += size(theirs.len());
        self.new += size(theirs.len() - known);
        Ok(())
    }
}

type Told<'t> = &'t dyn Fn(u32, u32);

fn new_source(spool: &Spool, name: &str) -> Result<Source> {
    if spool.head.snapshot.is_some() {
        Source::file(&spool.snapshot(), TextFormat::Json, name)
    } else {
        Source::file(&spool.new_tasks(), TextFormat::JsonLines, name)
    }
}

fn bring_anew(
    inner: &Inner,
    remote: &RemoteProject,
    link: &PulledLink<'_>,
    spool: &Spool,
    name: &str,
    cancel: &CancellationToken,
    told: Told<'_>,
) -> Result<(Merged, u32, ImportReport)> {
    let config = Config::parse(&remote.label_config)
        .map_err(|error| Error::invalid(format!("the labeling config of “{name}” cannot be read: {error}")))?;
    let hash = sha256_hex(remote.label_config.as_bytes());
    let report = with_free_name(name, |free| {
        let project = NewProject {
            id: ProjectId(clock::new_id()),
            name: free,
            config_xml: &remote.label_config,
            config_hash: &hash,
            is_sample: false,
            now: link.pulled_at,
        };
        let target = ImportTarget::New(project);
        if !spool.has_new() {
            return imports::make_linked(inner, &target, link);
        }
        imports::import_linked(inner, &target, new_source(spool, name)?, &config, link, cancel, told)
    })?;
    Ok((Merged::default(), report.tasks, report))
}

fn bring_changes(
    inner: &Inner,
    row: &ProjectRow,
    link: &PulledLink<'_>,
    spool: &Spool,
    name: &str,
    told: Told<'_>,
) -> Result<(Merged, u32, ImportReport)> {
    let config = stored_config(row)?;
    let merged = if spool.has_known() {
        merge(inner, row, &config, Source::file(&spool.known_tasks(), TextFormat::JsonLines, name)?)?
    } else {
        Merged::default()
    };
    let target = ImportTarget::Existing { project_key: row.key, now: link.pulled_at };
    let mut report = if spool.has_new() {
        imports::import_linked(
            inner,
            &target,
            new_source(spool, name)?,
            &config,
            link,
            &CancellationToken::new(),
            told,
        )?
    } else {
        inner.store.set_pulled(row.key, link)?;
        ImportReport::none(row.id.clone())
    };
    let new = report.tasks;
    report.refused += merged.refused;
    report.warnings.extend(merged.reasons.iter().cloned());
    Ok((merged, new, report))
}
