//! Prompts: their names, what they aim at, the folders and the bin. What they say is in `drafts.rs` and `versions.rs`.

mod first_draft;

use crate::drafts::{self, Draft};
use crate::labels::{self, Label};
use crate::names::checked_name;
use crate::projects::{self, ProjectSummary, ineligible, stored_config};
use crate::runs::{best_accuracy, happened_at};
use crate::spaces;
use crate::tasks::stored_data;
use crate::versions::{parsed, same_content};
use crate::{Changed, Engine, Error, Inner, Result, clock};
use first_draft::first_draft;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use touchstone_domain::prompt::{NAME_CHARS_MAX, Provider};
use touchstone_domain::run::RunStatus;
use touchstone_domain::stats::Accuracy;
use touchstone_domain::template::plain;
use touchstone_domain::{ConnectionId, ProjectId, PromptId, SpaceId, VersionId};
use touchstone_labeling::Config;
use touchstone_store::{ConnectionRow, NewPrompt as NewRow, PromptRow, RunRow};

/// How much of a task's value is shown beside its variable.
const SAMPLE_CHARS_MAX: usize = 200;

/// How long the bin keeps a prompt.
const BIN_DAYS: i64 = 30;

/// Longest path of a folder, in characters.
const FOLDER_CHARS_MAX: usize = 200;

#[derive(Clone, Debug, Serialize, Type)]
pub struct PromptSummary {
    pub id: PromptId,
    pub name: String,
    pub description: String,
    pub space_id: SpaceId,
    pub space_name: String,
    /// Path with slashes; empty for none.
    pub folder: String,
    /// `None` for a prompt that came from elsewhere and is not aimed at a project yet.
    pub project_id: Option<ProjectId>,
    pub project_name: Option<String>,
    pub latest_version: Option<VersionRef>,
    pub labels: Vec<Label>,
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

#[derive(Clone, Debug, Serialize, Type)]
pub struct PromptDetail {
    pub summary: PromptSummary,
    pub draft: Draft,
    /// Of the project's data; none without a project.
    pub variables: Vec<VariableInfo>,
    pub project: Option<ProjectSummary>,
}

/// A prompt in the bin.
#[derive(Clone, Debug, Serialize, Type)]
pub struct DeletedPrompt {
    pub id: PromptId,
    pub name: String,
    pub version_count: u32,
    pub run_count: u32,
    pub deleted_at: String,
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
    /// The default space where it is `None`.
    pub space_id: Option<SpaceId>,
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

    /// The ids of the prompts whose name, description, draft or latest version holds `text`, in any case of letters.
    pub async fn find_prompts(&self, text: String) -> Result<Vec<PromptId>> {
        self.blocking(move |inner| Ok(inner.store.prompts_that_say(&text)?)).await
    }

    /// The prompt with this id or name, with its draft.
    pub async fn prompt(&self, id_or_name: String) -> Result<PromptDetail> {
        self.blocking(move |inner| {
            let prompt = inner.store.prompt(&id_or_name)?;
            let project = match &prompt.project_id {
                Some(id) => Some(inner.store.project(id.as_str())?),
                None => None,
            };
            let variables = match &project {
                Some(project) => data_keys(&stored_config(project)?, &first_task(inner, project.key)?),
                None => Vec::new(),
            };
            Ok(PromptDetail {
                summary: summary(inner, &prompt, &inner.store.connections()?)?,
                draft: drafts::draft(inner, &prompt)?,
                variables,
                project: project.as_ref().map(projects::summary),
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

    /// Makes a prompt of a version's content: its first version, which the draft starts from. It aims at the same
    /// project.
    pub async fn duplicate_version(&self, id: VersionId, name: String) -> Result<PromptId> {
        let id = self
            .blocking(move |inner| {
                let version = inner.store.version(&id)?;
                let (source, _) = inner.store.prompt_by_key(version.prompt_key)?;
                let source = inner.store.prompt(source.as_str())?;
                let name = checked_name(&name, "the prompt", NAME_CHARS_MAX)?;
                let draft = drafts::draft_of(inner, &version)?;
                let prompt = NewRow {
                    space: &source.space_id,
                    project: source.project_id.as_ref(),
                    name,
                    description: &source.description,
                    folder: &source.folder,
                    is_sample: false,
                    draft: &draft,
                    tail: &clock::tail(),
                };
                let message = format!("Version {} of {}", version.number, source.name);
                let content = parsed(&version.content)?.canonical_json();
                let made = crate::versions::made_of(&content, Some(&message), draft.connection_id.as_ref());
                Ok(made.with(|new| inner.store.insert_prompt_with_version(&prompt, new))?.0)
            })
            .await?;
        self.changed(Changed::Prompts);
        self.changed(Changed::Projects);
        Ok(id)
    }

    /// The name is kept exactly as it is typed; with a space the prompt moves there.
    pub async fn edit_prompt(
        &self,
        id: PromptId,
        name: String,
        description: String,
        space: Option<SpaceId>,
    ) -> Result<()> {
        self.blocking(move |inner| {
            let name = checked_name(&name, "the prompt", NAME_CHARS_MAX)?;
            let space = space.map(|space| inner.store.space(space.as_str())).transpose()?.map(|space| space.id);
            let now = clock::now();
            Ok(inner.store.update_prompt(&id, Some(name), Some(&description), space.as_ref(), &now)?)
        })
        .await?;
        self.changed(Changed::Prompts);
        Ok(())
    }

    /// Aims a prompt at a project. Runs that it has keep theirs.
    pub async fn set_prompt_project(&self, id: PromptId, project: ProjectId) -> Result<()> {
        self.blocking(move |inner| {
            let project = inner.store.project(project.as_str())?;
            if let Some(reason) = ineligible(&stored_config(&project)?) {
                return Err(Error::invalid_field("project_id", reason));
            }
            Ok(inner.store.set_prompt_project(&id, &project.id, &clock::now())?)
        })
        .await?;
        self.changed(Changed::Prompts);
        self.changed(Changed::Projects);
        Ok(())
    }

    /// Puts prompts into a folder, a path with slashes; an empty one takes them out of theirs.
    pub async fn set_prompt_folder(&self, ids: Vec<PromptId>, folder: String) -> Result<()> {
        self.blocking(move |inner| {
            let steps: Vec<_> = folder.split('/').map(str::trim).filter(|step| !step.is_empty()).collect();
            let folder = steps.join("/");
            if folder.chars().count() > FOLDER_CHARS_MAX {
                let most = format!("a folder has at most {FOLDER_CHARS_MAX} characters");
                return Err(Error::invalid_field("folder", most));
            }
            Ok(inner.store.set_prompt_folder(&ids, &folder)?)
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
            Ok(inner.store.set_prompt_deleted(&prompt.id, Some(&clock::now()), None)?)
        })
        .await?;
        self.changed(Changed::Prompts);
        self.changed(Changed::Projects);
        Ok(())
    }

    /// What is in the bin, last deleted first.
    pub async fn deleted_prompts(&self) -> Result<Vec<DeletedPrompt>> {
        self.blocking(|inner| {
            let rows = inner.store.deleted_prompts()?.into_iter().map(|row| DeletedPrompt {
                id: row.id,
                name: row.name,
                version_count: row.versions,
                run_count: row.runs,
                deleted_at: row.deleted_at.unwrap_or_default(),
            });
            Ok(rows.collect())
        })
        .await
    }

    /// Takes a prompt back out of the bin, and its project too if that is there. Where its name is taken meanwhile it
    /// needs another.
    pub async fn restore_prompt(&self, id: PromptId, name: Option<String>) -> Result<()> {
        self.blocking(move |inner| {
            let name = name.as_deref().map(|name| checked_name(name, "the prompt", NAME_CHARS_MAX)).transpose()?;
            inner.store.set_prompt_deleted(&id, None, name)?;
            if let Some(project) = inner.store.prompt(id.as_str())?.project_id
                && inner.store.project(project.as_str()).is_err()
                && let Err(error) = inner.store.set_project_deleted(&project, None)
            {
                inner.store.set_prompt_deleted(&id, Some(&clock::now()), None)?;
                return Err(error.into());
            }
            Ok(())
        })
        .await?;
        self.changed(Changed::Prompts);
        self.changed(Changed::Projects);
        Ok(())
    }

    /// Removes what has been in the bin for 30 days.
    pub(crate) fn empty_bin(&self) -> Result<()> {
        self.inner.store.purge_prompts(&clock::days_ago(BIN_DAYS))?;
        Ok(())
    }
}

pub(crate) fn connection_name(connections: &[ConnectionRow], id: Option<&ConnectionId>) -> Option<String> {
    connections.iter().find(|row| Some(&row.id) == id).map(|row| row.name.clone())
}

fn summary(inner: &Inner, prompt: &PromptRow, connections: &[ConnectionRow]) -> Result<PromptSummary> {
    let latest = inner.store.latest_version(prompt.key)?;
    let draft = inner.store.draft(prompt.key)?;
    let runs: Vec<RunRow> = if prompt.runs == 0 { Vec::new() } else { inner.store.runs(Some(prompt.key))? };
    let has_draft = latest.as_ref().is_none_or(|version| !same_content(&version.content, &draft.content));
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
        space_id: prompt.space_id.clone(),
        space_name: prompt.space_name.clone(),
        folder: prompt.folder.clone(),
        project_id: prompt.project_id.clone(),
        project_name: prompt.project_name.clone(),
        labels: labels::labels(inner, prompt.key)?,
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

fn create(inner: &Inner, prompt: &NewPrompt) -> Result<PromptId> {
    let name = checked_name(&prompt.name, "the prompt", NAME_CHARS_MAX)?;
    let project = inner.store.project(prompt.project_id.as_str())?;
    let config = stored_config(&project)?;
    if let Some(reason) = ineligible(&config) {
        return Err(Error::invalid_field("project_id", reason));
    }
    let draft = first_draft(inner, project.key, &config)?;
    let space = spaces::chosen(inner, prompt.space_id.as_ref())?;
    let row = NewRow {
        space: &space,
        project: Some(&project.id),
        name,
        description: &prompt.description,
        folder: "",
        is_sample: false,
        draft: &draft,
        tail: &clock::tail(),
    };
    Ok(inner.store.insert_prompt(&row)?)
}

/// The draft that a prompt without a version goes back to.
pub(crate) fn draft_from_nothing(inner: &Inner, prompt: &PromptRow) -> Result<touchstone_store::DraftRow> {
    match &prompt.project_id {
        Some(id) => {
            let project = inner.store.project(id.as_str())?;
            first_draft(inner, project.key, &stored_config(&project)?)
        }
        None => Ok(inner.store.draft(prompt.key)?),
    }
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
