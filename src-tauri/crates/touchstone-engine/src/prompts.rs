//! Prompts: the one draft of each, and its immutable versions.
//!
//! A draft is written at once and has no history; saving it appends a version, whose content is hashed and never
//! changes. The same words asked of another connection are the same words: who is asked is kept beside the content and
//! makes no version of its own.

use crate::connections::{models, provider};
use crate::projects::{self, ProjectSummary, ineligible, stored_config};
use crate::runs::{best_accuracy, happened_at};
use crate::tasks::stored_data;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use std::fmt::Write as _;
use touchstone_domain::prompt::{Message, NAME_CHARS_MAX, PromptContent, Provider, Role};
use touchstone_domain::run::RunStatus;
use touchstone_domain::stats::Accuracy;
use touchstone_domain::template::{VariableFormat, plain, variables};
use touchstone_domain::{ConnectionId, ProjectId, PromptId, VersionId};
use touchstone_labeling::{Config, OutlineKind, OutlineNode};
use touchstone_store::{ConnectionRow, DraftRow, NewVersion, PromptRow, RunRow, VersionRow};

/// How much of a task's value is shown beside its variable.
const SAMPLE_CHARS_MAX: usize = 200;

/// Classes that a first draft lists; a model that needs more of them is better served by a hand-written prompt.
const CLASSES_LISTED: usize = 200;

#[derive(Clone, Debug, Serialize, Type)]
pub struct PromptSummary {
    pub id: PromptId,
    pub name: String,
    pub description: String,
    pub project_id: ProjectId,
    pub project_name: String,
    pub latest_version: Option<VersionRef>,
    pub version_count: u32,
    /// Of the run that promises most, see [`best_accuracy`]; `None` when nothing was scored.
    pub best_accuracy: Option<Accuracy>,
    pub run_count: u32,
    pub last_run: Option<LastRun>,
    /// The draft differs from the latest version, or there is none yet.
    pub has_draft: bool,
    pub is_sample: bool,
    pub updated_at: String,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct VersionRef {
    pub id: VersionId,
    pub number: u32,
    pub model: String,
    pub provider: Provider,
    pub connection_name: Option<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct LastRun {
    pub status: RunStatus,
    pub at: String,
}

/// What the editor edits: a version's content, with the connection in place of the provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct DraftContent {
    pub messages: Vec<Message>,
    pub input_variable_format: VariableFormat,
    pub connection_id: Option<ConnectionId>,
    /// The model id as the provider knows it; empty while none is chosen.
    pub model: String,
    pub invocation_params: Map<String, Value>,
}

impl DraftContent {
    /// What a version of this draft would hold, asked of `provider`.
    pub fn into_content(self, provider: Provider) -> PromptContent {
        PromptContent {
            messages: self.messages,
            input_variable_format: self.input_variable_format,
            provider,
            model: self.model,
            invocation_params: self.invocation_params,
        }
    }

    fn from_content(content: PromptContent, connection_id: Option<ConnectionId>) -> Self {
        Self {
            messages: content.messages,
            input_variable_format: content.input_variable_format,
            connection_id,
            model: content.model,
            invocation_params: content.invocation_params,
        }
    }
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct Draft {
    pub content: DraftContent,
    /// Number of the version that it was started from.
    pub based_on: Option<u32>,
    /// Its content differs from that version's, or it was started from none: running it saves a version first.
    pub changed: bool,
    pub updated_at: String,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct PromptDetail {
    pub summary: PromptSummary,
    pub draft: Draft,
    pub variables: Vec<VariableInfo>,
    pub project: ProjectSummary,
}

/// A key of the project's data.
#[derive(Clone, Debug, Serialize, Type)]
pub struct VariableInfo {
    pub name: String,
    /// What the first task has for it, cut short; empty if it has nothing.
    pub sample: String,
}

/// A prompt about to be created.
#[derive(Clone, Debug, Deserialize, Type)]
pub struct NewPrompt {
    pub name: String,
    pub description: String,
    pub project_id: ProjectId,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct VersionSummary {
    pub id: VersionId,
    pub number: u32,
    pub commit_hash: String,
    pub message: String,
    pub author: String,
    pub created_at: String,
    pub provider: Provider,
    pub model: String,
    pub connection_id: Option<ConnectionId>,
    /// `None` once the connection is removed.
    pub connection_name: Option<String>,
    pub run_count: u32,
    pub best_accuracy: Option<Accuracy>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct VersionDetail {
    pub summary: VersionSummary,
    pub content: DraftContent,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct SavedVersion {
    pub version: VersionSummary,
    /// The content equals the latest version's, which `version` is: nothing was saved.
    pub unchanged: bool,
}

impl Engine {
    /// Every prompt outside the bin, last updated first.
    pub async fn prompts(&self) -> Result<Vec<PromptSummary>> {
        self.blocking(|inner| {
            let connections = inner.store.connections()?;
            inner.store.prompts()?.iter().map(|prompt| summary(inner, prompt, &connections)).collect()
        })
        .await
    }

    /// The prompt with this id or name, with its draft.
    pub async fn prompt(&self, id_or_name: String) -> Result<PromptDetail> {
        self.blocking(move |inner| {
            let prompt = inner.store.prompt(&id_or_name)?;
            let project = inner.store.project(prompt.project_id.as_str())?;
            let config = stored_config(&project)?;
            Ok(PromptDetail {
                summary: summary(inner, &prompt, &inner.store.connections()?)?,
                draft: draft(inner, &prompt)?,
                variables: data_keys(&config, &first_task(inner, project.key)?),
                project: projects::summary(&project),
            })
        })
        .await
    }

    /// Creates a prompt, with a first draft that names the project's classes and shows its data.
    pub async fn create_prompt(&self, prompt: NewPrompt) -> Result<PromptId> {
        let id = self.blocking(move |inner| create(inner, &prompt)).await?;
        self.changed(Changed::Prompts);
        self.changed(Changed::Projects);
        Ok(id)
    }

    pub async fn edit_prompt(&self, id: PromptId, name: String, description: String) -> Result<()> {
        self.blocking(move |inner| {
            let name = checked_name(&name)?;
            Ok(inner.store.update_prompt(&id, name, description.trim(), &clock::now())?)
        })
        .await?;
        self.changed(Changed::Prompts);
        Ok(())
    }

    /// Moves a prompt into the bin, with its versions and runs. Refused while a run of it is at work.
    pub async fn delete_prompt(&self, id: PromptId) -> Result<()> {
        self.blocking(move |inner| {
            let prompt = inner.store.prompt(id.as_str())?;
            if let Some(run) = inner.store.active_runs()?.iter().find(|run| run.prompt_key == prompt.key) {
                return Err(Error::RunActive(run.number));
            }
            Ok(inner.store.set_prompt_deleted(&prompt.id, Some(&clock::now()))?)
        })
        .await?;
        self.changed(Changed::Prompts);
        self.changed(Changed::Projects);
        Ok(())
    }

    /// Takes a prompt back out of the bin, and its project too if that is there.
    pub async fn restore_prompt(&self, id: PromptId) -> Result<()> {
        self.blocking(move |inner| {
            inner.store.set_prompt_deleted(&id, None)?;
            let project = inner.store.prompt(id.as_str())?.project_id;
            if inner.store.project(project.as_str()).is_err()
                && let Err(error) = inner.store.set_project_deleted(&project, None)
            {
                inner.store.set_prompt_deleted(&id, Some(&clock::now()))?;
                return Err(error.into());
            }
            Ok(())
        })
        .await?;
        self.changed(Changed::Prompts);
        self.changed(Changed::Projects);
        Ok(())
    }

    /// Replaces the draft. When this returns, it survives a crash.
    pub async fn save_draft(&self, id: PromptId, content: DraftContent) -> Result<Draft> {
        self.change_draft(id, move |inner, prompt, before| {
            let asked = match &content.connection_id {
                Some(id) => provider(&inner.store.connection(id.as_str())?),
                // Without a connection the provider stays as it was, so that losing one is no change of content.
                None => parsed(&before.content)?.provider,
            };
            let after = DraftRow {
                connection_id: content.connection_id.clone(),
                content: content.into_content(asked).canonical_json(),
                based_on: before.based_on,
                updated_at: clock::now(),
            };
            Ok(inner.store.save_draft(prompt.key, &after)?)
        })
        .await
    }

    /// Puts the draft back to the version that it was started from; to the first draft where there is none.
    pub async fn discard_draft(&self, id: PromptId) -> Result<Draft> {
        self.change_draft(id, |inner, prompt, before| {
            let based_on = match before.based_on {
                Some(number) => inner.store.version_by_number(prompt.key, number)?,
                None => None,
            };
            let after = match based_on {
                Some(version) => draft_of(inner, &version)?,
                None => {
                    let project = inner.store.project(prompt.project_id.as_str())?;
                    first_draft(inner, project.key, &stored_config(&project)?)?
                }
            };
            Ok(inner.store.save_draft(prompt.key, &after)?)
        })
        .await
    }

    /// Saves the draft as a version. Content that equals the latest version's makes none. Without a message it gets the
    /// usual "Version 4".
    pub async fn save_version(&self, id: PromptId, message: Option<String>) -> Result<SavedVersion> {
        let (saved, prompt_id) = self
            .blocking(move |inner| {
                let prompt = inner.store.prompt(id.as_str())?;
                let (version, unchanged) = save(inner, &prompt, message.as_deref())?;
                let version = version_summary(inner, &version)?;
                Ok((SavedVersion { version, unchanged }, prompt.id))
            })
            .await?;
        self.changed(Changed::Prompt { prompt_id });
        if !saved.unchanged {
            self.changed(Changed::Prompts);
        }
        Ok(saved)
    }

    /// The versions of a prompt, newest first.
    pub async fn versions(&self, id: PromptId) -> Result<Vec<VersionSummary>> {
        self.blocking(move |inner| {
            let prompt = inner.store.prompt(id.as_str())?;
            let connections = inner.store.connections()?;
            let runs = inner.store.runs(Some(prompt.key))?;
            let versions = inner.store.versions(prompt.key)?;
            versions.iter().map(|version| summary_among(version, &connections, &runs)).collect()
        })
        .await
    }

    pub async fn version(&self, id: VersionId) -> Result<VersionDetail> {
        self.blocking(move |inner| {
            let version = inner.store.version(&id)?;
            Ok(VersionDetail {
                summary: version_summary(inner, &version)?,
                content: DraftContent::from_content(parsed(&version.content)?, usable_connection(inner, &version)?),
            })
        })
        .await
    }

    /// Makes a version's content the draft of its prompt, which then starts from that version.
    pub async fn restore_version(&self, id: VersionId) -> Result<Draft> {
        let prompt = self
            .blocking({
                let id = id.clone();
                move |inner| Ok(inner.store.prompt_by_key(inner.store.version(&id)?.prompt_key)?.0)
            })
            .await?;
        self.change_draft(prompt, move |inner, prompt, _| {
            let version = inner.store.version(&id)?;
            Ok(inner.store.save_draft(prompt.key, &draft_of(inner, &version)?)?)
        })
        .await
    }

    /// Lets `change` write another draft, given the one that is there.
    async fn change_draft(
        &self,
        id: PromptId,
        change: impl FnOnce(&Inner, &PromptRow, DraftRow) -> Result<()> + Send + 'static,
    ) -> Result<Draft> {
        let (draft, asks_another, prompt_id) = self
            .blocking(move |inner| {
                let prompt = inner.store.prompt(id.as_str())?;
                let before = inner.store.draft(prompt.key)?;
                let asked_before = before.connection_id.clone();
                change(inner, &prompt, before)?;
                let draft = draft(inner, &prompt)?;
                let asks_another = draft.content.connection_id != asked_before;
                Ok((draft, asks_another, prompt.id))
            })
            .await?;
        self.changed(Changed::Draft { prompt_id });
        if asks_another {
            self.changed(Changed::Connections);
        }
        Ok(draft)
    }
}

/// Saves the draft as a version; `true` when it equals the latest one, which is given back then.
pub(crate) fn save(inner: &Inner, prompt: &PromptRow, message: Option<&str>) -> Result<(VersionRow, bool)> {
    let draft = inner.store.draft(prompt.key)?;
    if let Some(latest) = inner.store.latest_version(prompt.key)?
        && latest.content == draft.content
    {
        // A restored older draft that was edited into the latest version starts from that one now.
        inner.store.save_draft(prompt.key, &DraftRow { based_on: Some(latest.number), ..draft })?;
        return Ok((latest, true));
    }
    let version = inner.store.insert_version(&NewVersion {
        prompt_key: prompt.key,
        content: &draft.content,
        commit_hash: &parsed(&draft.content)?.commit_hash(),
        commit_message: message.map(str::trim).filter(|message| !message.is_empty()),
        connection_id: draft.connection_id.as_ref(),
        author: &clock::author(),
        tail: &clock::tail(),
        now: &clock::now(),
    })?;
    Ok((version, false))
}

/// Stored content; it was written by us, so failing means a damaged file.
pub(crate) fn parsed(content: &str) -> Result<PromptContent> {
    serde_json::from_str(content)
        .map_err(|error| Error::Internal(anyhow::Error::new(error).context("reading a prompt's content")))
}

/// The version that the draft was started from, if the draft has not changed since.
pub(crate) fn unchanged_base(inner: &Inner, prompt: &PromptRow, draft: &DraftRow) -> Result<Option<VersionRow>> {
    let Some(number) = draft.based_on else { return Ok(None) };
    let version = inner.store.version_by_number(prompt.key, number)?;
    Ok(version.filter(|version| version.content == draft.content))
}

/// Whom a version can ask: the connection that it was saved with, or, once that is gone, one that offers its model.
pub(crate) fn usable_connection(inner: &Inner, version: &VersionRow) -> Result<Option<ConnectionId>> {
    let content = parsed(&version.content)?;
    let connections = inner.store.connections()?;
    let saved = connections.iter().find(|row| version.connection_id.as_ref() == Some(&row.id));
    let offering =
        || connections.iter().find(|row| provider(row) == content.provider && models(row).contains(&content.model));
    Ok(saved.or_else(offering).map(|row| row.id.clone()))
}

pub(crate) fn version_summary(inner: &Inner, version: &VersionRow) -> Result<VersionSummary> {
    let runs = if version.runs == 0 { Vec::new() } else { inner.store.runs(Some(version.prompt_key))? };
    summary_among(version, &inner.store.connections()?, &runs)
}

/// `runs` are those of the version's prompt.
fn summary_among(version: &VersionRow, connections: &[ConnectionRow], runs: &[RunRow]) -> Result<VersionSummary> {
    let content = parsed(&version.content)?;
    Ok(VersionSummary {
        id: version.id.clone(),
        number: version.number,
        commit_hash: version.commit_hash.clone(),
        message: version.commit_message.clone(),
        author: version.author.clone(),
        created_at: version.created_at.clone(),
        provider: content.provider,
        model: content.model,
        connection_id: version.connection_id.clone(),
        connection_name: connection_name(connections, version.connection_id.as_ref()),
        run_count: version.runs,
        best_accuracy: best_accuracy(runs.iter().filter(|run| run.version_id == version.id)),
    })
}

pub(crate) fn connection_name(connections: &[ConnectionRow], id: Option<&ConnectionId>) -> Option<String> {
    connections.iter().find(|row| Some(&row.id) == id).map(|row| row.name.clone())
}

fn summary(inner: &Inner, prompt: &PromptRow, connections: &[ConnectionRow]) -> Result<PromptSummary> {
    let latest = inner.store.latest_version(prompt.key)?;
    let draft = inner.store.draft(prompt.key)?;
    let runs: Vec<RunRow> = if prompt.runs == 0 { Vec::new() } else { inner.store.runs(Some(prompt.key))? };
    let has_draft = latest.as_ref().is_none_or(|version| version.content != draft.content);
    let latest_version = match latest {
        None => None,
        Some(version) => {
            let content = parsed(&version.content)?;
            Some(VersionRef {
                id: version.id,
                number: version.number,
                model: content.model,
                provider: content.provider,
                connection_name: connection_name(connections, version.connection_id.as_ref()),
            })
        }
    };
    Ok(PromptSummary {
        id: prompt.id.clone(),
        name: prompt.name.clone(),
        description: prompt.description.clone(),
        project_id: prompt.project_id.clone(),
        project_name: prompt.project_name.clone(),
        latest_version,
        version_count: prompt.versions,
        best_accuracy: best_accuracy(runs.iter()),
        run_count: prompt.runs,
        last_run: runs.first().map(|run| LastRun { status: run.status, at: happened_at(run) }),
        has_draft,
        is_sample: prompt.is_sample,
        updated_at: prompt.updated_at.clone(),
    })
}

fn draft(inner: &Inner, prompt: &PromptRow) -> Result<Draft> {
    let row = inner.store.draft(prompt.key)?;
    Ok(Draft {
        changed: unchanged_base(inner, prompt, &row)?.is_none(),
        content: DraftContent::from_content(parsed(&row.content)?, row.connection_id),
        based_on: row.based_on,
        updated_at: row.updated_at,
    })
}

fn draft_of(inner: &Inner, version: &VersionRow) -> Result<DraftRow> {
    Ok(DraftRow {
        content: version.content.clone(),
        connection_id: usable_connection(inner, version)?,
        based_on: Some(version.number),
        updated_at: clock::now(),
    })
}

fn create(inner: &Inner, prompt: &NewPrompt) -> Result<PromptId> {
    let name = checked_name(&prompt.name)?;
    let project = inner.store.project(prompt.project_id.as_str())?;
    let config = stored_config(&project)?;
    if let Some(reason) = ineligible(&config) {
        return Err(Error::invalid_field("project_id", reason));
    }
    let draft = first_draft(inner, project.key, &config)?;
    let description = prompt.description.trim();
    Ok(inner.store.insert_prompt(&inner.space, &project.id, name, description, false, &draft, &clock::tail())?)
}

fn checked_name(name: &str) -> Result<&str> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::invalid_field("name", "enter a name for the prompt"));
    }
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(Error::invalid_field("name", format!("a name has at most {NAME_CHARS_MAX} characters")));
    }
    Ok(name)
}

fn first_task(inner: &Inner, project_key: i64) -> Result<Map<String, Value>> {
    let task = inner.store.tasks(project_key, 0, 1)?.into_iter().next();
    Ok(task.map(|task| stored_data(&task.data)).unwrap_or_default())
}

/// The keys of the project's data, those that its labeling interface shows first.
fn data_keys(config: &Config, data: &Map<String, Value>) -> Vec<VariableInfo> {
    let mut names = config.variables();
    for name in data.keys() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let sample = |name: &String| match data.get(name) {
        None => String::new(),
        Some(value) => plain(value).chars().take(SAMPLE_CHARS_MAX).collect(),
    };
    names.into_iter().map(|name| VariableInfo { sample: sample(&name), name }).collect()
}

/// A prompt to start from: it names what is asked for and shows the data that the labeling interface shows. It asks the
/// connection that was used last, if there is one.
fn first_draft(inner: &Inner, project_key: i64, config: &Config) -> Result<DraftRow> {
    let connection = match inner.store.last_used_connection()? {
        Some(id) => inner.store.connection(id.as_str()).ok(),
        None => None,
    };
    let messages = vec![
        Message { role: Role::System, content: INSTRUCTION.to_owned() },
        Message { role: Role::User, content: question(config, &first_task(inner, project_key)?) },
    ];
    let content = PromptContent {
        messages,
        input_variable_format: VariableFormat::FString,
        provider: connection.as_ref().map_or(Provider::Custom, provider),
        model: connection.as_ref().and_then(|row| models(row).into_iter().next()).unwrap_or_default(),
        invocation_params: Map::new(),
    };
    Ok(DraftRow {
        content: content.canonical_json(),
        connection_id: connection.map(|row| row.id),
        based_on: None,
        updated_at: clock::now(),
    })
}

const INSTRUCTION: &str = "You label data. Read the item and answer with one JSON object that follows the given schema, \
                           and nothing else. Where classes are listed, use only those, spelled exactly as they are.";

fn question(config: &Config, data: &Map<String, Value>) -> String {
    let mut text = String::from("Answer for this item:\n");
    for node in config.outline().nodes {
        let (OutlineKind::Control, Some(name), None) = (node.kind, &node.name, &node.skipped) else { continue };
        let _ = writeln!(text, "- {}: {}", literal(name), wanted(&node));
    }
    text.push_str("\nThe item:\n");
    let shown = config.variables();
    let names: Vec<_> = if shown.is_empty() { data.keys().cloned().collect() } else { shown };
    for name in &names {
        let variable = format!("{{{name}}}");
        // A key that the template language cannot spell is left for the user.
        if variables(&variable, VariableFormat::FString).len() == 1 {
            let label = if names.len() == 1 { String::new() } else { format!("{name}: ") };
            let _ = writeln!(text, "{label}{variable}");
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// What a control asks for, in words.
fn wanted(node: &OutlineNode) -> String {
    let classes: Vec<_> =
        node.classes.iter().take(CLASSES_LISTED).map(|class| class.alias.as_ref().unwrap_or(&class.value)).collect();
    let listed = if classes.is_empty() {
        "the classes that the schema names".to_owned()
    } else {
        classes.iter().map(|class| literal(class)).collect::<Vec<_>>().join(", ")
    };
    match node.tag.to_ascii_lowercase().as_str() {
        "labels" | "hypertextlabels" => format!("mark every piece of the text that is one of: {listed}"),
        "textarea" => "write a short text".to_owned(),
        "rating" => format!("a whole number from 1 to {}", node.max_rating.unwrap_or(5)),
        "number" => match (node.minimum, node.maximum) {
            (Some(low), Some(high)) => format!("a number from {low} to {high}"),
            (Some(low), None) => format!("a number, at least {low}"),
            (None, Some(high)) => format!("a number, at most {high}"),
            (None, None) => "a number".to_owned(),
        },
        "pairwise" => "which of the two is better, left or right".to_owned(),
        "datetime" => "a date, such as 2024-05-07, with the time if it is known".to_owned(),
        "taxonomy" => format!("every path that applies, from the root down, through: {listed}"),
        "ranker" => "the ids of the items, the best first".to_owned(),
        "reactcode" => "the values that the schema names".to_owned(),
        "rectanglelabels" => format!("a box, in percent of the picture, around everything that is one of: {listed}"),
        _ if node.multiple => format!("choose all that apply: {listed}"),
        _ => format!("choose one: {listed}"),
    }
}

/// `text` as a template that shows it as it is: braces that would make a variable are doubled.
fn literal(text: &str) -> String {
    if variables(text, VariableFormat::FString).is_empty() {
        text.to_owned()
    } else {
        text.replace('{', "{{").replace('}', "}}")
    }
}
