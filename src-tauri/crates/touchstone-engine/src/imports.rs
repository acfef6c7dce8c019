//! Importing: which files make a project, and reading them into one.
//!
//! `plan.rs` says what chosen files would import, `source.rs` reads them whatever their format, `load.rs` brings what is
//! read into the workspace, `duplicates.rs` finds equal tasks.

mod duplicates;
mod load;
mod parquet;
mod plan;
mod source;

pub(crate) use load::{import_from, import_linked, make_linked, new_task};
pub(crate) use source::Source;

use crate::configs::config_templates;
use crate::files::{Unread, read_text, write_file};
use crate::names::checked_name;
use crate::sample::with_free_name;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_util::sync::CancellationToken;
use touchstone_domain::ProjectId;
use touchstone_domain::prompt::{NAME_CHARS_MAX, sha256_hex};
use touchstone_labeling::{Config, Outline, TaskRules};
use touchstone_store::{ImportIssueRow, ImportTarget as StoredTarget, NewProject, ProjectRow};

/// A labeling config larger than this is not one.
const CONFIG_BYTES_MAX: u64 = 10 << 20;

/// Issues that are read at a time while they are written to a file.
const ISSUES_PAGE: u32 = 1_000;

#[derive(Clone, Debug, Serialize, Type)]
pub struct ConfigPreview {
    pub outline: Outline,
    pub variables: Vec<String>,
    pub ineligible: Option<String>,
    pub config_faults: Vec<String>,
}

/// How the tasks that are imported are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TaskFormat {
    /// A Label Studio export, a plain list of objects, or JSON-MIN, which is plain data.
    LabelStudioJson,
    JsonLines,
    Csv,
    Tsv,
    /// A line is a task.
    Text,
    Parquet,
    /// A picture is a task: a `file:` URL.
    ImageFolder,
    /// A text file is a task.
    TextFolder,
}

/// Where the labeling config of a new project comes from.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ConfigSource {
    File { path: String },
    Text { xml: String },
}

#[derive(Clone, Debug, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ImportTarget {
    New { name: String, config: ConfigSource },
    Existing { project_id: ProjectId },
}

/// What a variable of the config is taken from, where the data calls it otherwise. The column is kept too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Mapping {
    pub variable: String,
    pub column: String,
}

/// A key of the data of the first tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct Column {
    pub name: String,
    /// The first value that is not empty, shortened.
    pub sample: String,
}

/// One of the first items, before the mapping.
#[derive(Clone, Debug, Serialize, Type)]
pub struct PreviewRow {
    pub item: u32,
    pub line: Option<u32>,
    pub data: Map<String, Value>,
    /// Why it would be refused with the suggested mapping.
    pub problem: Option<String>,
}

/// What a set of chosen or dropped files would import.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ImportPlan {
    pub config_path: Option<String>,
    pub tasks_path: Option<String>,
    pub format: Option<TaskFormat>,
    pub suggested_name: String,
    pub config: Option<ConfigPreview>,
    /// Of the first items.
    pub columns: Vec<Column>,
    pub preview: Vec<PreviewRow>,
    /// Suggested for variables that no column is named after.
    pub mapping: Vec<Mapping>,
    /// Variables that nothing was found for.
    pub unmapped: Vec<String>,
    /// What stands in the way, in words; empty when the import can start. A new project may do without tasks.
    pub problems: Vec<String>,
}

/// An import about to start.
#[derive(Clone, Debug, Deserialize, Type)]
pub struct NewImport {
    pub target: ImportTarget,
    /// A file or a folder; `None` makes an empty project.
    pub tasks_path: Option<String>,
    pub mapping: Vec<Mapping>,
    /// Leaves out tasks whose data the project has already.
    pub skip_duplicates: bool,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Type)]
pub struct ImportProgress {
    #[specta(type = f64)]
    pub bytes_done: u64,
    #[specta(type = f64)]
    pub bytes_total: u64,
    pub tasks: u32,
    pub refused: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum IssueKind {
    /// It was not imported.
    Refused,
    /// Its data is that of another task.
    Duplicate,
    /// It was imported, but not all of it.
    Changed,
}

impl IssueKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Duplicate => "duplicate",
            Self::Changed => "changed",
        }
    }

    /// Of its name in the workspace, which knows no others.
    fn named(name: &str) -> Self {
        match name {
            "duplicate" => Self::Duplicate,
            "changed" => Self::Changed,
            _ => Self::Refused,
        }
    }
}

/// Something that an import did not take as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct ImportIssue {
    pub kind: IssueKind,
    pub file: String,
    /// Its place in the file, the first is 1.
    pub item: u32,
    pub line: Option<u32>,
    /// The id on its server of the task that it is about; `None` where it came from a file.
    #[specta(type = Option<f64>)]
    pub remote_id: Option<i64>,
    pub message: String,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ImportIssues {
    pub total: u32,
    pub rows: Vec<ImportIssue>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ImportReport {
    pub project_id: ProjectId,
    pub tasks: u32,
    pub annotations: u32,
    /// Tasks that have ground truth.
    pub ground_truth: u32,
    /// Annotations that had no ground-truth mark and count as ground truth by Label Studio's upload rule.
    pub ground_truth_implied: u32,
    pub refused: u32,
    /// Tasks whose data equals that of an earlier one, left out or not.
    pub duplicates: u32,
    /// The first of what was not taken as it was; [`Engine::import_issues`] has the others.
    pub first_issues: Vec<ImportIssue>,
    pub warnings: Vec<String>,
}

impl ImportReport {
    /// Of an import that has nothing to bring.
    pub(crate) fn none(project_id: ProjectId) -> Self {
        Self {
            project_id,
            tasks: 0,
            annotations: 0,
            ground_truth: 0,
            ground_truth_implied: 0,
            refused: 0,
            duplicates: 0,
            first_issues: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

impl Engine {
    /// Says what these files, or this folder, would import: which is the config, which the tasks, what a first look at
    /// them shows, and what is missing. The config of a target that is given already counts before a chosen file.
    pub async fn plan_import(&self, paths: Vec<String>, target: Option<ImportTarget>) -> Result<ImportPlan> {
        self.blocking(move |inner| Ok(plan::plan(inner, &paths, target.as_ref()))).await
    }

    /// Imports in one transaction: all of it, or nothing. One import at a time; see [`Self::cancel_import`].
    pub async fn import_project(&self, import: NewImport) -> Result<ImportReport> {
        let cancel = CancellationToken::new();
        {
            let mut current = self.inner.import.lock().unwrap_or_else(PoisonError::into_inner);
            if current.is_some() {
                return Err(Error::invalid("another import is still at work; wait for it or cancel it"));
            }
            *current = Some(cancel.clone());
        }
        let outcome = self.blocking(move |inner| import_tasks(inner, import, &cancel)).await;
        *self.inner.import.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if let Ok(report) = &outcome {
            tracing::info!(report.tasks, report.refused, "tasks were imported");
            self.changed(Changed::Projects);
        }
        outcome
    }

    /// Makes a project of a template with the tasks that it brings to try it on. Without a name it gets the template's title, or
    /// the first free of `title 2`, `title 3`, …
    pub async fn import_template(&self, id: String, name: Option<String>) -> Result<ImportReport> {
        let report = self.blocking(move |inner| import_template(inner, &id, name.as_deref())).await?;
        self.changed(Changed::Projects);
        Ok(report)
    }

    /// Ends the import at work, which then keeps nothing.
    pub fn cancel_import(&self) {
        if let Some(cancel) = &*self.inner.import.lock().unwrap_or_else(PoisonError::into_inner) {
            cancel.cancel();
        }
    }

    /// What imports of a project did not take as it was, from `offset` on, at most `limit`.
    pub async fn import_issues(&self, project: ProjectId, offset: u32, limit: u32) -> Result<ImportIssues> {
        self.blocking(move |inner| {
            let project = inner.store.project(project.as_str())?;
            let rows = inner.store.import_issues(project.key, offset, limit)?;
            let total = inner.store.import_issue_count(project.key)?;
            Ok(ImportIssues { total, rows: rows.into_iter().map(issue).collect() })
        })
        .await
    }

    /// Writes all of them as CSV to `path`, and gives back how many. A file that is there is replaced.
    pub async fn export_import_issues(&self, project: ProjectId, path: PathBuf) -> Result<u32> {
        self.blocking(move |inner| {
            let project = inner.store.project(project.as_str())?;
            write_file(&path, |out| {
                let mut table = csv::Writer::from_writer(out);
                table.write_record(["kind", "file", "item", "line", "task", "message"])?;
                let mut written = 0;
                loop {
                    let page = inner.store.import_issues(project.key, written, ISSUES_PAGE)?;
                    if page.is_empty() {
                        break;
                    }
                    for row in page {
                        let line = row.line.map(|line| line.to_string()).unwrap_or_default();
                        let task = row.remote_id.map(|id| id.to_string()).unwrap_or_default();
                        table.write_record([row.kind, row.file, row.item.to_string(), line, task, row.message])?;
                        written += 1;
                    }
                }
                table.flush()?;
                Ok(written)
            })
        })
        .await
    }
}

fn issue(row: ImportIssueRow) -> ImportIssue {
    ImportIssue {
        kind: IssueKind::named(&row.kind),
        file: row.file,
        item: row.item,
        line: row.line,
        remote_id: row.remote_id,
        message: row.message,
    }
}

fn import_tasks(inner: &Inner, import: NewImport, cancel: &CancellationToken) -> Result<ImportReport> {
    let now = clock::now();
    let (xml, config, place) = match &import.target {
        ImportTarget::New { name, config } => {
            let (xml, config) = read_config(config)?;
            (xml, config, Place::New(checked_name(name.trim(), "the project", NAME_CHARS_MAX)?.to_owned()))
        }
        ImportTarget::Existing { project_id } => {
            let row = inner.store.project(project_id.as_str())?;
            let config = crate::projects::stored_config(&row)?;
            (String::new(), config, Place::Existing(row))
        }
    };
    let hash = sha256_hex(xml.as_bytes());
    let target = match &place {
        Place::New(name) => StoredTarget::New(NewProject {
            id: ProjectId(clock::new_id()),
            name,
            config_xml: &xml,
            config_hash: &hash,
            is_sample: false,
            now: &now,
        }),
        Place::Existing(row) => StoredTarget::Existing { project_key: row.key, now: &now },
    };
    let Some(path) = &import.tasks_path else {
        return match target {
            StoredTarget::New(_) => load::make_empty(inner, &target),
            StoredTarget::Existing { .. } => Err(Error::invalid_field("tasks_path", "choose the tasks to import")),
        };
    };
    let source = Source::open(Path::new(path), Some(&config))?;
    let mapping = import.mapping.into_iter().map(|mapping| (mapping.variable, mapping.column)).collect();
    let rules = TaskRules::upload(&config).with_mapping(mapping);
    let bytes_total = source.bytes();
    let bytes_done = AtomicU64::new(0);
    let report = |tasks, refused| {
        let bytes_done = bytes_done.load(Ordering::Relaxed).min(bytes_total);
        inner.sink.import_progress(ImportProgress { bytes_done, bytes_total, tasks, refused });
    };
    let job = load::Job {
        target: &target,
        source,
        rules: &rules,
        skip_duplicates: import.skip_duplicates,
        link: None,
        bytes_done: &bytes_done,
        report: &report,
    };
    load::load(inner, job, cancel)
}

fn import_template(inner: &Inner, id: &str, name: Option<&str>) -> Result<ImportReport> {
    let template = config_templates()?.into_iter().find(|template| template.id == id);
    let template = template.ok_or_else(|| Error::not_found("template", id))?;
    let config = Config::parse(template.xml).map_err(|error| Error::Internal(error.into()))?;
    let import = |name: &str| {
        let source = Source::Text { json: template.tasks, name: template.title };
        import_from(inner, name, template.xml, &config, false, source)
    };
    match name {
        Some(name) => import(checked_name(name.trim(), "the project", NAME_CHARS_MAX)?),
        None => with_free_name(template.title, import),
    }
}

/// Where an import goes.
enum Place {
    New(String),
    Existing(ProjectRow),
}

fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}

/// The text of a config and what it says.
fn read_config(source: &ConfigSource) -> Result<(String, Config)> {
    let (xml, name) = match source {
        ConfigSource::File { path } => (read_config_file(path)?, format!("“{}”", file_name(path))),
        ConfigSource::Text { xml } => (xml.clone(), "this".to_owned()),
    };
    let config = Config::parse(&xml)
        .map_err(|error| Error::invalid_field("config_path", format!("{name} is not a labeling config: {error}")))?;
    Ok((xml, config))
}

/// The text of a labeling config; larger files are not read on.
pub fn read_config_file(path: &str) -> Result<String> {
    read_text(Path::new(path), CONFIG_BYTES_MAX).map_err(|unread| {
        let also = if matches!(unread, Unread::TooLarge(_)) { "; a labeling config is not" } else { "" };
        Error::invalid_field("config_path", format!("“{path}” {unread}{also}"))
    })
}
