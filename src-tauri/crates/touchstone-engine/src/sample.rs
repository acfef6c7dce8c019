//! The sample: a project of support tickets and a prompt with two versions, both really run on the practice model.
//!
//! Nothing in it is recorded: its accuracies are what the practice model scores here and now. It is made step by step
//! through the same use cases that the user has, each step only if its result is not there yet, so that a sample which
//! a killed process left half made is finished by the next one.

use crate::connections::PRACTICE;
use crate::drafts::DraftContent;
use crate::imports::{Source, import_from};
use crate::runs::NewRun;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use std::fs::File;
use std::path::{Path, PathBuf};
use touchstone_domain::json::Object;
use touchstone_domain::prompt::{Message, Provider, Role};
use touchstone_domain::run::{RunStatus, Subset};
use touchstone_domain::template::VariableFormat;
use touchstone_domain::{ConnectionId, ProjectId, PromptId, RunId, VersionId};
use touchstone_labeling::Config;
use touchstone_providers::PRACTICE_MODEL_ID;
use touchstone_store::{DraftRow, NewPrompt, StoreError};

const CONFIG_XML: &str = include_str!("../sample/config.xml");
const TASKS: &str = include_str!("../sample/tasks.json");

const PROJECT_NAME: &str = "Support tickets (sample)";
const PROMPT_NAME: &str = "Ticket topics (sample)";
const DESCRIPTION: &str =
    "What is a support ticket about? Run on the built-in practice model, which is not a language model.";

/// The setting that holds the id of the sample prompt that was finished last, whether or not it is still there.
const FINISHED: &str = "sample_prompt";

/// A run that pauses again and again does so for a reason that only the user can mend, such as a full disk.
const RESUMES_MAX: u32 = 3;

/// A version of the sample prompt, as its author would write it.
struct SampleVersion {
    commit_message: &'static str,
    messages: &'static [(Role, &'static str)],
}

const VERSIONS: [SampleVersion; 2] = [
    SampleVersion {
        commit_message: "First try: class names only",
        messages: &[(Role::User, include_str!("../sample/version-1-user.txt"))],
    },
    SampleVersion {
        commit_message: "Define each class",
        messages: &[
            (Role::System, include_str!("../sample/version-2-system.txt")),
            (Role::User, include_str!("../sample/version-2-user.txt")),
        ],
    },
];

impl SampleVersion {
    fn draft(&self) -> DraftContent {
        DraftContent {
            messages: self.messages.iter().map(|(role, text)| Message::new(*role, text.trim_end())).collect(),
            input_variable_format: VariableFormat::FString,
            connection_id: Some(ConnectionId(PRACTICE.to_owned())),
            model: PRACTICE_MODEL_ID.to_owned(),
            provider: Provider::Practice,
            invocation_params: Object::default(),
            provider_params: Object::default(),
            extra: Object::default(),
        }
    }
}

impl Engine {
    /// The sample prompt. Makes it, with its project, versions and runs, if it is not there.
    ///
    /// Two processes may ask at once: one makes it, the other waits and gets the same.
    pub async fn open_sample(&self) -> Result<PromptId> {
        if let Some(id) = self.finished_sample().await? {
            return Ok(id);
        }
        // A task of its own, so that a caller who stops waiting does not leave half a sample behind.
        let engine = self.clone();
        let making = tokio::spawn(async move {
            let turn = engine.blocking(|inner| Turn::wait(inner.store.path())).await?;
            let id = match engine.finished_sample().await? {
                Some(id) => id,
                None => engine.make_sample().await?,
            };
            turn.end();
            Ok(id)
        });
        match making.await {
            Ok(outcome) => outcome,
            Err(panic) => Err(Error::Internal(anyhow::anyhow!("making the sample ended early: {panic}"))),
        }
    }

    /// Makes the sample if this workspace is new: it never had the sample, and nobody has put a project into it.
    /// `None` if it is not, so a deleted sample stays deleted.
    pub async fn open_sample_once(&self) -> Result<Option<PromptId>> {
        let is_new = self
            .blocking(|inner| {
                Ok(inner.store.setting(FINISHED)?.is_none()
                    && inner.store.projects()?.iter().all(|project| project.is_sample))
            })
            .await?;
        if is_new { self.open_sample().await.map(Some) } else { Ok(None) }
    }

    /// The sample prompt, if it was finished and is not in the bin.
    async fn finished_sample(&self) -> Result<Option<PromptId>> {
        self.blocking(|inner| {
            let Some(finished) = inner.store.setting(FINISHED)? else { return Ok(None) };
            let prompts = inner.store.prompts()?;
            Ok(prompts.into_iter().map(|prompt| prompt.id).find(|id| id.as_str() == finished))
        })
        .await
    }

    async fn make_sample(&self) -> Result<PromptId> {
        let project = self.blocking(sample_project).await?;
        self.changed(Changed::Projects);
        let prompt = self.blocking(move |inner| sample_prompt(inner, &project)).await?;
        self.changed(Changed::Prompts);
        for version in &VERSIONS {
            let version = self.sample_version(&prompt, version).await?;
            self.run_sample(&prompt, &version).await?;
        }
        let finished = prompt.clone();
        self.blocking(move |inner| Ok(inner.store.set_setting(FINISHED, finished.as_str())?)).await?;
        Ok(prompt)
    }

    /// The version of the sample prompt with this content, saved if it is not there.
    async fn sample_version(&self, prompt: &PromptId, version: &SampleVersion) -> Result<VersionId> {
        let hash = version.draft().into_content().commit_hash();
        if let Ok(known) = self.find_version(prompt.clone(), hash).await {
            return Ok(known.id);
        }
        self.save_draft(prompt.clone(), version.draft()).await?;
        let saved = self.save_version(prompt.clone(), Some(version.commit_message.to_owned())).await?;
        Ok(saved.version.id)
    }

    /// Runs a version over the ground truth, or goes on with such a run, until one is completed.
    async fn run_sample(&self, prompt: &PromptId, version: &VersionId) -> Result<()> {
        let runs = self.runs(Some(prompt.clone())).await?;
        let mut known = runs.into_iter().filter(|run| run.version_id == *version && run.subset == Subset::GroundTruth);
        let id = match known.find(|run| !matches!(run.status, RunStatus::Failed | RunStatus::Canceled)) {
            Some(run) if run.status == RunStatus::Completed => return Ok(()),
            Some(run) => {
                self.resume_sample_run(&run.id).await?;
                run.id
            }
            None => {
                let (prompt_id, version_id) = (prompt.clone(), Some(version.clone()));
                let run = NewRun {
                    prompt_id,
                    version_id,
                    model: None,
                    repetition: None,
                    ask_again: false,
                    subset: Subset::GroundTruth,
                    picked: None,
                    only: None,
                    concurrency: None,
                    batch: false,
                    limit_micros: None,
                };
                self.start_run(run).await?.run_id
            }
        };
        let mut resumes = 0;
        loop {
            let run = self.wait_for_run(id.clone()).await?;
            match run.status {
                RunStatus::Completed => return Ok(()),
                RunStatus::Paused if resumes < RESUMES_MAX => {
                    resumes += 1;
                    self.resume_sample_run(&id).await?;
                }
                _ => {
                    let reason = run.reason.unwrap_or_else(|| "its run was stopped".to_owned());
                    return Err(Error::invalid(format!("the sample could not be run: {reason}")));
                }
            }
        }
    }

    /// Goes on with a run of the sample, unless somebody is, or was until just now, at work on it.
    async fn resume_sample_run(&self, id: &RunId) -> Result<()> {
        match self.resume_run(id.clone()).await {
            Ok(_) | Err(Error::RunActive(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The sample project, imported if it is not there.
fn sample_project(inner: &Inner) -> Result<ProjectId> {
    let known = inner.store.projects()?.into_iter().find(|project| project.is_sample);
    if let Some(project) = known {
        return Ok(project.id);
    }
    let config =
        Config::parse(CONFIG_XML).map_err(|error| Error::Internal(anyhow::anyhow!("sample config: {error}")))?;
    with_free_name(PROJECT_NAME, |name| {
        let source = Source::Text { json: TASKS, name: "the sample" };
        Ok(import_from(inner, name, CONFIG_XML, &config, true, source)?.project_id)
    })
}

/// The prompt of the sample project, made with the first version as its draft if it is not there.
fn sample_prompt(inner: &Inner, project: &ProjectId) -> Result<PromptId> {
    let known = inner
        .store
        .prompts()?
        .into_iter()
        .find(|prompt| prompt.is_sample && prompt.project_id.as_ref() == Some(project));
    if let Some(prompt) = known {
        return Ok(prompt.id);
    }
    let content = VERSIONS[0].draft();
    let draft = DraftRow {
        connection_id: content.connection_id.clone(),
        content: content.into_content().canonical_json(),
        based_on: None,
        updated_at: clock::now(),
    };
    with_free_name(PROMPT_NAME, |name| {
        Ok(inner.store.insert_prompt(&NewPrompt {
            space: &inner.space,
            project: Some(project),
            name,
            description: DESCRIPTION,
            folder: "",
            is_sample: true,
            draft: &draft,
            tail: &clock::tail(),
        })?)
    })
}

/// Makes something under `name`, or under the first free of `name 2`, `name 3`, …
pub(crate) fn with_free_name<T>(name: &str, make: impl Fn(&str) -> Result<T>) -> Result<T> {
    let mut tried = name.to_owned();
    let mut number = 1;
    loop {
        match make(&tried) {
            Err(Error::Store(StoreError::NameTaken(_))) => {
                number += 1;
                tried = format!("{name} {number}");
            }
            outcome => return outcome,
        }
    }
}

/// The right to make the sample, held by one at a time: a locked file beside the workspace. The lock ends with its
/// process, however that ends.
struct Turn {
    path: PathBuf,
    _file: File,
}

impl Turn {
    /// Waits until nobody else is making the sample of this workspace.
    fn wait(workspace: &Path) -> Result<Self> {
        let mut path = workspace.as_os_str().to_owned();
        path.push("-sample-lock");
        let path = PathBuf::from(path);
        match File::create(&path).and_then(|file| file.lock().map(|()| file)) {
            Ok(file) => Ok(Self { path, _file: file }),
            Err(error) => Err(Error::invalid(format!("{} could not be locked: {error}", path.display()))),
        }
    }

    /// Gives the right back once the sample is made. Who waits for the removed file still gets its lock, and finds
    /// nothing left to do.
    fn end(self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, "removing {}", self.path.display());
        }
    }
}
