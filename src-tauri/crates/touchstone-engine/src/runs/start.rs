//! From what is wanted to a run that can be worked on: which tasks, which version, whom it asks, under which limits. What
//! stands in the way is refused in words before anything is made.

use super::asked::{content_of, other_model};
use super::budget::{Budget, Money, check_limit};
use super::pacing::Reach;
use super::summary::{About, structure};
use super::worker::FormState;
use super::{NewRun, StartedRun, picked, worker};
use crate::connections::{ConnectionSettings, Pricing, model, provider, reads};
use crate::media::Reading;
use crate::projects::stored_config;
use crate::requests::{Severity, Template, problems, target};
use crate::settings::{CONCURRENCY_MAX, Settings};
use crate::tasks::stored_data;
use crate::versions::{self, VersionSummary, parsed, usable_connection};
use crate::{Error, Inner, Result, clock};
use std::path::Path;
use touchstone_domain::prompt::PromptContent;
use touchstone_domain::run::{Only, REPETITIONS_MAX, Repetition, RunStatus, Subset};
use touchstone_domain::{PromptId, RunId};
use touchstone_labeling::Config;
use touchstone_net::Purpose;
use touchstone_providers::{ChatModel, StructuredMode};
use touchstone_store::{
    ConnectionRow, Coverage, NewRun as NewRow, OtherModel, Positions, ProjectRow, PromptRow, RunRow, VersionRow,
};

/// Tasks that a check before the start looks at for one whose variables all have values.
const TASKS_CHECKED: u32 = 100;

/// Everything that the work needs, checked.
pub(super) struct Setup {
    pub run: RunRow,
    pub about: About,
    pub config: Config,
    pub template: Template,
    /// How far it is known how the model is held to the schema.
    pub form: FormState,
    pub reading: Reading,
    pub model: Box<dyn ChatModel>,
    pub pricing: Pricing,
    /// How far it may go.
    pub reach: Reach,
    pub budget: Option<Budget>,
}

/// How many requests a run may have in flight: what was said for it, or what the settings and a test of its model say; and
/// never more than its connection takes.
pub(super) fn allowed(settings: &Settings, run: &RunRow, connection: &ConnectionRow, model: &str) -> usize {
    let own = run.concurrency.map(|said| said as usize);
    let allowed = own.unwrap_or_else(|| worker::concurrency(settings, connection, model));
    allowed.min(connection_limit(connection).unwrap_or(usize::MAX))
}

pub(super) fn connection_limit(connection: &ConnectionRow) -> Option<usize> {
    ConnectionSettings::of(connection).concurrency.map(|limit| limit as usize)
}

pub(super) fn check_concurrency(concurrency: Option<u32>) -> Result<()> {
    match concurrency {
        Some(said) if !(1..=CONCURRENCY_MAX).contains(&said) => {
            Err(Error::invalid_field("concurrency", format!("choose a number from 1 to {CONCURRENCY_MAX}")))
        }
        _ => Ok(()),
    }
}

fn check_repetition(repetition: Option<Repetition>) -> Result<()> {
    match repetition {
        Some(Repetition { number, of }) if !(1..=REPETITIONS_MAX).contains(&of) || !(1..=of).contains(&number) => Err(
            Error::invalid_field("repetition", format!("choose a number of repetitions from 1 to {REPETITIONS_MAX}")),
        ),
        _ => Ok(()),
    }
}

/// Which repetition such a run is. Where everything is asked anew, it is one that no run of the workspace had: the same may be
/// asked by another version or prompt.
pub(super) fn repetition(inner: &Inner, new: &NewRun) -> Result<Option<Repetition>> {
    if !new.ask_again {
        return Ok(new.repetition);
    }
    let before = inner.store.repetition_max()?;
    let Repetition { number, of } = new.repetition.unwrap_or(Repetition { number: 1, of: 1 });
    Ok(Some(Repetition { number: before.saturating_add(number), of: before.saturating_add(of) }))
}

fn picked(inner: &Inner, project: &ProjectRow, new: &NewRun, tasks: Option<&Path>) -> Result<Positions> {
    match (new.subset, tasks, &new.picked) {
        (Subset::Custom, Some(path), _) => picked::listed(inner, project, path),
        (Subset::Custom, None, Some(picked)) => picked.positions(inner, project),
        _ => Ok(Positions::default()),
    }
}

fn coverage<'a>(new: &NewRun, picked: &'a Positions, before: &'a [i64]) -> Coverage<'a> {
    Coverage { subset: new.subset, picked, only: new.only, before }
}

/// The earlier runs that asked the same of the same model, newest first: those of every version that says what is to be run,
/// as a draft that was not saved yet may say what an earlier version does.
fn same_before(inner: &Inner, prompt: &PromptRow, new: &NewRun, version: Option<&VersionRow>) -> Result<Vec<RunRow>> {
    let content = match version {
        Some(version) => parsed(&version.content)?,
        None => parsed(&inner.store.draft(prompt.key)?.content)?,
    };
    let other = other_model(inner, new.model.as_ref(), &content)?;
    let repetition = new.repetition.map_or(1, |repetition| repetition.number);
    let versions = inner.store.versions_saying(prompt.key, &content.commit_hash())?;
    let mut runs = inner.store.runs(Some(prompt.key))?;
    runs.retain(|run| versions.contains(&run.version_id) && run.other_model == other && run.repetition == repetition);
    Ok(runs)
}

fn keys(runs: &[RunRow]) -> Vec<i64> {
    runs.iter().map(|run| run.key).collect()
}

/// What is to be run, before it is known whom it asks.
pub(super) struct Plan {
    pub prompt: PromptRow,
    pub project: ProjectRow,
    pub config: Config,
    /// The version that is to be run, unless it would be saved first.
    pub version: Option<VersionRow>,
    /// Runs that asked the same before, newest first.
    pub before: Vec<RunRow>,
    before_keys: Vec<i64>,
    picked: Positions,
}

impl Plan {
    pub(super) fn of(inner: &Inner, new: &NewRun, tasks: Option<&Path>) -> Result<Self> {
        check_limit("limit_micros", new.limit_micros)?;
        check_concurrency(new.concurrency)?;
        let prompt = inner.store.prompt(new.prompt_id.as_str())?;
        let project = target(inner, &prompt)?;
        let config = stored_config(&project)?;
        let picked = picked(inner, &project, new, tasks)?;
        if new.subset == Subset::Custom && picked.is_empty() {
            return Err(Error::invalid("no task was picked"));
        }
        let version = known_version(inner, &prompt, new)?;
        let before = same_before(inner, &prompt, new, version.as_ref())?;
        // Whoever asked anew often enough has runs beyond what is started together, and may run such a one again.
        if !before.iter().any(|run| run.repetition() == new.repetition) {
            check_repetition(new.repetition)?;
        }
        Ok(Self { prompt, project, config, version, before_keys: keys(&before), before, picked })
    }

    pub(super) fn coverage(&self, new: &NewRun) -> Coverage<'_> {
        coverage(new, &self.picked, &self.before_keys)
    }

    /// What is asked, and who. Refused, in words, where that cannot be asked about any task; whether there is a key is not
    /// looked at.
    pub(super) fn asked(&self, inner: &Inner, new: &NewRun) -> Result<(PromptContent, ConnectionRow)> {
        let saved = self.version.as_ref().filter(|_| new.version_id.is_some());
        let (content, own) = match saved {
            Some(version) => of_version(inner, &self.prompt, version)?,
            None => of_draft(inner, &self.prompt)?,
        };
        let (content, connection) = match (&new.model, own, saved) {
            (Some(other), own, _) => {
                let (content, connection) = other.instead(inner, content, own)?;
                (content, Some(connection))
            }
            (None, None, Some(version)) => return Err(gone(version)),
            (None, own, _) => (content, own),
        };
        check(inner, &self.project, &self.config, content.clone(), connection.as_ref())?;
        let connection = connection.ok_or_else(|| Error::invalid("choose a model"))?;
        Ok((content, connection))
    }

    /// That it would cover no task, in words.
    pub(super) fn nothing_to_run(&self, new: &NewRun) -> Error {
        let refused = nothing_to_run(&self.project, new, self.version.as_ref());
        let open = self.before.iter().find(|run| run.status == RunStatus::Paused && run.done < run.total);
        match open.filter(|_| new.only == Some(Only::Failed)) {
            Some(run) => Error::invalid(format!(
                "{refused}; run {} is paused with {} open, which did not fail for good: resume it to ask them again",
                run.number,
                match run.total - run.done {
                    1 => "1 task".to_owned(),
                    open => format!("{open} tasks"),
                }
            )),
            None => refused,
        }
    }
}

/// How many tasks such a run would cover if it were started now.
pub(super) fn covered(inner: &Inner, new: &NewRun) -> Result<u32> {
    let prompt = inner.store.prompt(new.prompt_id.as_str())?;
    let project = target(inner, &prompt)?;
    let picked = picked(inner, &project, new, None)?;
    let version = known_version(inner, &prompt, new)?;
    let before = keys(&same_before(inner, &prompt, new, version.as_ref())?);
    Ok(inner.store.covered(&project, &coverage(new, &picked, &before))?)
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
        (Some(Only::Missing), None, _) => {
            "an earlier version says what the draft does, and has an answer for each of these tasks already".to_owned()
        }
        (Some(Only::Failed), None, _) => {
            "the draft was never run as it is now, or none of these tasks failed when it was".to_owned()
        }
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

/// A run that may be started.
pub(super) struct Ready {
    pub plan: Plan,
    total: u32,
    pub content: PromptContent,
    pub connection: ConnectionRow,
    model: Box<dyn ChatModel>,
    money: Option<Money>,
}

impl Ready {
    /// Everything that can be refused is refused here, before anything is saved.
    pub(super) fn of(inner: &Inner, new: &NewRun, tasks: Option<&Path>) -> Result<Self> {
        let plan = Plan::of(inner, new, tasks)?;
        let total = inner.store.covered(&plan.project, &plan.coverage(new))?;
        if total == 0 {
            return Err(plan.nothing_to_run(new));
        }
        let (content, connection) = plan.asked(inner, new)?;
        let model = model(inner, &connection, Purpose::Model)?;
        if new.batch {
            worker::check_batch(&*model, &content, &plan.config)?;
        }
        let money = Money::of(inner, new.limit_micros, &connection, &content, &*model)?;
        refuse_active(new, &plan.before, &connection)?;
        Ok(Self { plan, total, content, connection, model, money })
    }
}

/// Refuses what is being asked already.
fn refuse_active(new: &NewRun, before: &[RunRow], connection: &ConnectionRow) -> Result<()> {
    let is_same = |run: &&RunRow| {
        // Other tasks may have been picked.
        run.status.is_active()
            && !new.ask_again
            && run.connection_id == connection.id
            && new.subset != Subset::Custom
            && (run.subset, run.only) == (new.subset, new.only)
    };
    before.iter().find(is_same).map_or(Ok(()), |run| Err(Error::RunActive(run.number)))
}

/// A run that was made.
pub(super) struct Made {
    pub started: StartedRun,
    pub prompt_id: PromptId,
    /// Everything that the work needs; `None` where it is not its turn.
    pub setup: Option<Setup>,
}

/// What is about to be recorded of a run.
struct Record {
    id: RunId,
    version: VersionRow,
    summary: VersionSummary,
    saved_version: bool,
    before: Vec<i64>,
    other: Option<OtherModel>,
    repetition: Option<Repetition>,
    structure: Option<StructuredMode>,
}

/// Makes all of these runs or none, and begins those whose turn it is; the others stay queued.
pub(super) fn start(inner: &Inner, runs: &[NewRun], ready: Vec<Ready>) -> Result<Vec<Made>> {
    let each = || runs.iter().zip(&ready);
    let records = each().map(|(new, ready)| Record::of(inner, new, ready)).collect::<Result<Vec<_>>>()?;
    let (now_ms, now) = (clock::now_ms(), clock::now());
    let rows: Vec<_> =
        each().zip(&records).map(|((new, ready), record)| record.row(inner, new, ready, now_ms, &now)).collect();
    inner.store.insert_runs(&rows)?;
    for (Record { id, .. }, row) in records.iter().zip(&rows) {
        tracing::info!(run = id.as_str(), tasks = row.total, "a run was started");
    }
    let begun = ready.into_iter().zip(records).map(|(ready, Record { id, summary, saved_version, .. })| {
        let prompt_id = ready.plan.prompt.id.clone();
        let Ready { plan, content, connection, model, money, .. } = ready;
        let setup = leased(inner, &id, Turn::Its, plan.config, content, &connection, model, money);
        // It is made, and stays queued: who looks after the queue tries again, and says with the run what is wrong.
        let setup = setup.inspect_err(|error| tracing::warn!(%error, "beginning a run")).unwrap_or_default();
        Made { started: StartedRun { run_id: id, version: summary, saved_version }, prompt_id, setup }
    });
    Ok(begun.collect())
}

impl Record {
    /// From here on nothing is refused for what the draft says, so that one which may not run is not saved.
    fn of(inner: &Inner, new: &NewRun, ready: &Ready) -> Result<Self> {
        let Ready { plan, content, connection, .. } = ready;
        let (version, saved_version) = match &plan.version {
            Some(version) => (version.clone(), false),
            None => {
                let (version, unchanged) = versions::save(inner, &plan.prompt, None)?;
                (version, !unchanged)
            }
        };
        let before = same_before(inner, &plan.prompt, new, Some(&version))?;
        refuse_active(new, &before, connection)?;
        Ok(Self {
            id: RunId(clock::new_id()),
            summary: versions::version_summary(inner, &version)?,
            saved_version,
            before: keys(&before),
            other: other_model(inner, new.model.as_ref(), &parsed(&version.content)?)?,
            repetition: repetition(inner, new)?,
            structure: ConnectionSettings::of(connection).structure(&content.model),
            version,
        })
    }

    fn row<'r>(&'r self, inner: &'r Inner, new: &NewRun, ready: &'r Ready, now_ms: i64, now: &'r str) -> NewRow<'r> {
        let Plan { prompt, project, picked, .. } = &ready.plan;
        NewRow {
            id: self.id.clone(),
            prompt_key: prompt.key,
            version_key: self.version.key,
            project_key: project.key,
            connection_id: &ready.connection.id,
            other_model: self.other.clone(),
            repetition: self.repetition,
            coverage: coverage(new, picked, &self.before),
            tasks: project.tasks,
            total: ready.total,
            config_hash: &project.config_hash,
            structure: self.structure.map(StructuredMode::as_str),
            limit_micros: new.limit_micros,
            concurrency: new.concurrency,
            is_batch: new.batch,
            owner: &inner.owner,
            now_ms,
            now,
        }
    }
}

/// What a saved version says, and whom it asks by itself, unless that connection is gone.
fn of_version(
    inner: &Inner,
    prompt: &PromptRow,
    version: &VersionRow,
) -> Result<(PromptContent, Option<ConnectionRow>)> {
    if version.prompt_key != prompt.key {
        return Err(Error::invalid(format!("that version belongs to another prompt than “{}”", prompt.name)));
    }
    let connection = match usable_connection(inner, version)? {
        Some(id) => Some(inner.store.connection(id.as_str())?),
        None => None,
    };
    Ok((parsed(&version.content)?, connection))
}

fn gone(version: &VersionRow) -> Error {
    Error::invalid(format!(
        "the connection that version {} asks is gone; restore the version as draft and choose a model",
        version.number
    ))
}

/// What the draft says, and whom it asks by itself, once that is chosen.
fn of_draft(inner: &Inner, prompt: &PromptRow) -> Result<(PromptContent, Option<ConnectionRow>)> {
    let draft = inner.store.draft(prompt.key)?;
    let connection = match &draft.connection_id {
        Some(id) => Some(inner.store.connection(id.as_str())?),
        None => None,
    };
    Ok((parsed(&draft.content)?, connection))
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

pub(super) fn check_unfinished(run: &RunRow) -> Result<()> {
    match run.status {
        RunStatus::Completed => {
            Err(Error::invalid(format!("run {} is complete; there is nothing to resume", run.number)))
        }
        _ => Ok(()),
    }
}

/// Goes on with a run, whether or not it is its turn.
pub(super) fn resume(inner: &Inner, id: &RunId) -> Result<Setup> {
    go_on(inner, id, Turn::Anyones)
}

/// Begins a run that this process queued; refused where it is not its turn any more.
pub(super) fn begin(inner: &Inner, id: &RunId) -> Result<Setup> {
    go_on(inner, id, Turn::Its)
}

fn go_on(inner: &Inner, id: &RunId, turn: Turn) -> Result<Setup> {
    let run = inner.store.run(id)?;
    check_unfinished(&run)?;
    let config = stored_config(&inner.store.project_by_key(run.project_key)?)?;
    let content = content_of(inner, &run)?;
    let connection = inner.store.connection(run.connection_id.as_str()).map_err(|_| {
        Error::invalid(format!("the connection that run {} asked is gone; start a new run instead", run.number))
    })?;
    let model = model(inner, &connection, Purpose::Model)?;
    let money = Money::of(inner, run.limit_micros, &connection, &content, &*model)?;
    leased(inner, id, turn, config, content, &connection, model, money)?.ok_or(Error::RunActive(run.number))
}

/// When a run may begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Once it is its turn in the queue.
    Its,
    Anyones,
}

/// Takes the lease of a run; `None` while another has it, or it is not its turn. Nothing can fail once it is taken: a run that
/// nobody is at work on would look as if it were.
#[expect(clippy::too_many_arguments, reason = "all that a setup is made of")]
fn leased(
    inner: &Inner,
    id: &RunId,
    turn: Turn,
    config: Config,
    content: PromptContent,
    connection: &ConnectionRow,
    model: Box<dyn ChatModel>,
    money: Option<Money>,
) -> Result<Option<Setup>> {
    let RunRow { key, project_key, .. } = inner.store.run(id)?;
    let reading = Reading::of(inner, project_key)?;
    let (owner, now_ms, now) = (&inner.owner, clock::now_ms(), clock::now());
    let run = match turn {
        _ if inner.active.work(id).is_some() => None,
        Turn::Its => inner.store.lease_run_in_turn(key, owner, now_ms, &now)?,
        Turn::Anyones => inner.store.lease_run(key, owner, now_ms, &now)?,
    };
    let Some(run) = run else { return Ok(None) };
    let about = About {
        notes: Vec::new(),
        model: content.model.clone(),
        provider: content.provider,
        connection_name: Some(connection.name.clone()),
    };
    let pricing = Pricing::of(connection, &content.model);
    let reach = worker::reach(
        allowed(&reading.settings, &run, connection, &content.model),
        connection,
        &*model,
        &content.model,
    );
    let own = ConnectionSettings::of(connection);
    let held_by = structure(&run);
    let form = match held_by {
        None if model.must_be_probed() && !own.answered.contains(&content.model) => FormState::Open,
        Some(mode) if run.is_structure_on_trial && own.structure(&content.model).is_none() => FormState::OnTrial(mode),
        _ => FormState::Settled,
    };
    let refused = own.refused(&content.model);
    let template = Template::new(content, &config, held_by, refused);
    let budget = money.map(|money| Budget::new(inner, money, &run));
    Ok(Some(Setup { run, about, config, template, form, reading, model, pricing, reach, budget }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::PRACTICE;
    use crate::imports::{ConfigSource, ImportTarget, NewImport};
    use crate::prompts::NewPrompt;
    use crate::runs::RunSummary;
    use crate::{Engine, Keychain, Silent};
    use std::pin::Pin;
    use std::sync::Arc;
    use touchstone_domain::ConnectionId;
    use touchstone_domain::prompt::Provider;
    use touchstone_providers::{Body, ChatError, ChatReply, ChatRequest};

    /// Stands for the practice model: says what it is told to, and for nothing, has a bug.
    struct StandIn(Option<&'static str>);

    impl ChatModel for StandIn {
        fn provider(&self) -> Provider {
            Provider::Practice
        }

        fn endpoint(&self) -> &str {
            ""
        }

        fn body(&self, request: &ChatRequest) -> Body {
            Body::of(&request.messages.iter().map(|message| message.text()).collect::<Vec<_>>())
        }

        fn ask<'m, 'r, 'b, 'a>(
            &'m self,
            _: &'r ChatRequest,
            _: &'b Body,
        ) -> Pin<Box<dyn Future<Output = std::result::Result<ChatReply, ChatError>> + Send + 'a>>
        where
            'm: 'a,
            'r: 'a,
            'b: 'a,
        {
            let content = self.0.expect("a bug").to_owned();
            let usage = touchstone_providers::Usage::default();
            Box::pin(async move {
                Ok(ChatReply {
                    content,
                    usage,
                    latency_ms: 0,
                    model: None,
                    request_id: None,
                    limits: None,
                    has_logprobs: false,
                })
            })
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
            model: None,
            repetition: None,
            ask_again: false,
            subset: Subset::All,
            picked: None,
            only: None,
            concurrency: None,
            batch: false,
            limit_micros: None,
        };
        let make = move |inner: &Inner| start(inner, std::slice::from_ref(&new), vec![Ready::of(inner, &new, None)?]);
        let made = engine.blocking(make).await.expect("made").remove(0);
        let mut setup = made.setup.expect("it is its turn");
        setup.model = Box::new(stand_in);
        engine.launch(setup);
        engine.wait_for_run(made.started.run_id).await.expect("it ends")
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
