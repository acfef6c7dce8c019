//! Importing: which files make a project, and reading them into one.

use crate::projects::ineligible;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use touchstone_domain::ProjectId;
use touchstone_domain::prompt::{NAME_CHARS_MAX, sha256_hex};
use touchstone_labeling::{Config, ImportedTask, Outline, TaskRules, TextFormat, read_tasks};
use touchstone_store::{AnnotationRow, ImportFailure, NewProject as NewRow, NewTask};

/// A labeling config larger than this is not one.
const CONFIG_BYTES_MAX: u64 = 10 << 20;

/// How many refused items a report names; all of them are counted.
const REFUSALS_LISTED: usize = 200;

/// Progress of an import is told this often.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

#[derive(Clone, Debug, Serialize, Type)]
pub struct ConfigPreview {
    pub outline: Outline,
    pub variables: Vec<String>,
    pub ineligible: Option<String>,
    pub config_faults: Vec<String>,
}

/// What a set of chosen or dropped files would import.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ImportPlan {
    pub config_path: Option<String>,
    pub tasks_path: Option<String>,
    pub suggested_name: String,
    pub config: Option<ConfigPreview>,
    /// What stands in the way, in words; empty when the import can start.
    pub problems: Vec<String>,
}

/// A project about to be imported.
#[derive(Clone, Debug, Deserialize, Type)]
pub struct NewProject {
    pub name: String,
    pub config_path: String,
    pub tasks_path: String,
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

/// An item of the tasks file that was not imported, and why.
#[derive(Clone, Debug, Serialize, Type)]
pub struct Refusal {
    /// Its place in the file, the first is 1.
    pub item: u32,
    pub message: String,
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
    /// The first of the refused items.
    pub first_refusals: Vec<Refusal>,
    pub warnings: Vec<String>,
}

impl Engine {
    /// Says what these files would import: which is the config, which the tasks, and what is missing.
    pub async fn plan_import(&self, paths: Vec<String>) -> Result<ImportPlan> {
        self.blocking(move |inner| Ok(plan(inner, &paths))).await
    }

    /// Imports a project in one transaction: all of it, or nothing. One import at a time; see [`Self::cancel_import`].
    pub async fn import_project(&self, project: NewProject) -> Result<ImportReport> {
        let cancel = CancellationToken::new();
        {
            let mut current = self.inner.import.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if current.is_some() {
                return Err(Error::invalid("another import is still at work; wait for it or cancel it"));
            }
            *current = Some(cancel.clone());
        }
        let outcome = self.blocking(move |inner| import(inner, &project, &cancel)).await;
        *self.inner.import.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        if outcome.is_ok() {
            self.changed(Changed::Projects);
        }
        outcome
    }

    /// Ends the import at work, which then keeps nothing.
    pub fn cancel_import(&self) {
        if let Some(cancel) = &*self.inner.import.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            cancel.cancel();
        }
    }
}

fn plan(inner: &Inner, paths: &[String]) -> ImportPlan {
    let mut plan = ImportPlan {
        config_path: None,
        tasks_path: None,
        suggested_name: String::new(),
        config: None,
        problems: Vec::new(),
    };
    for path in paths {
        let extension = Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let slot = match extension.to_ascii_lowercase().as_str() {
            "xml" => &mut plan.config_path,
            "json" => &mut plan.tasks_path,
            _ => {
                plan.problems.push(format!(
                    "“{}” is neither a labeling config (.xml) nor tasks (.json); it is left out.",
                    file_name(path)
                ));
                continue;
            }
        };
        if slot.is_some() {
            plan.problems.push(format!("“{}” is a second .{extension} file; it is left out.", file_name(path)));
        } else {
            *slot = Some(path.clone());
        }
    }
    if let Some(path) = &plan.config_path {
        match read_config(Path::new(path)) {
            Ok((_, config)) => {
                plan.config = Some(ConfigPreview {
                    outline: config.outline(),
                    variables: config.variables(),
                    ineligible: ineligible(&config),
                    config_faults: config.faults(),
                });
            }
            Err(error) => plan.problems.push(error.to_string()),
        }
    } else {
        plan.problems.push("Add the labeling config, an .xml file.".to_owned());
    }
    if plan.tasks_path.is_none() {
        plan.problems.push("Add the tasks, a .json file: a Label Studio export or a list of objects.".to_owned());
    }
    plan.suggested_name = suggested_name(inner, plan.tasks_path.as_ref().or(plan.config_path.as_ref()));
    plan
}

/// The file's name without its ending, made free by a number if a project has it already.
fn suggested_name(inner: &Inner, path: Option<&String>) -> String {
    let stem = path.and_then(|path| Path::new(path).file_stem()?.to_str()).unwrap_or("New project");
    let base: String = stem.replace(['_', '-'], " ").chars().take(NAME_CHARS_MAX - 10).collect();
    let mut name = base.clone();
    for number in 2.. {
        if inner.store.project(&name).is_err() {
            break;
        }
        name = format!("{base} {number}");
    }
    name
}

fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}

fn read_config(path: &Path) -> Result<(String, Config)> {
    let name = file_name(path.to_str().unwrap_or("the labeling config")).to_owned();
    let unreadable = |error: std::io::Error| {
        Error::invalid_field("config_path", format!("“{}” could not be read: {error}", path.display()))
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(CONFIG_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > CONFIG_BYTES_MAX {
        return Err(Error::invalid_field(
            "config_path",
            format!("“{name}” is larger than {} MB; a labeling config is not", CONFIG_BYTES_MAX >> 20),
        ));
    }
    let xml = String::from_utf8(bytes)
        .map_err(|_| Error::invalid_field("config_path", format!("“{name}” is not UTF-8 text")))?;
    let config = Config::parse(&xml)
        .map_err(|error| Error::invalid_field("config_path", format!("“{name}” is not a labeling config: {error}")))?;
    Ok((xml, config))
}

/// Counts what is read through it.
struct Counted<R> {
    reader: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

fn import(inner: &Inner, project: &NewProject, cancel: &CancellationToken) -> Result<ImportReport> {
    let (xml, config) = read_config(Path::new(&project.config_path))?;
    let path = PathBuf::from(&project.tasks_path);
    let file = File::open(&path).map_err(|error| {
        Error::invalid_field("tasks_path", format!("“{}” could not be read: {error}", path.display()))
    })?;
    let bytes_total = file.metadata().map_or(0, |metadata| metadata.len());
    let bytes = Arc::new(AtomicU64::new(0));
    let reader = BufReader::with_capacity(1 << 20, Counted { reader: file, bytes: Arc::clone(&bytes) });
    let report = |tasks, refused| {
        inner.sink.import_progress(ImportProgress {
            bytes_done: bytes.load(Ordering::Relaxed),
            bytes_total,
            tasks,
            refused,
        });
    };
    import_from(inner, &project.name, &xml, &config, false, reader, file_name(&project.tasks_path), cancel, &report)
}

/// Imports tasks from any reader. `source` names it in errors; `report` is told tasks and refused items so far.
#[expect(clippy::too_many_arguments, reason = "one call site for files and one for the sample")]
pub(crate) fn import_from(
    inner: &Inner,
    name: &str,
    xml: &str,
    config: &Config,
    is_sample: bool,
    reader: impl Read,
    source: &str,
    cancel: &CancellationToken,
    report: &dyn Fn(u32, u32),
) -> Result<ImportReport> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::invalid_field("name", "enter a name for the project"));
    }
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(Error::invalid_field("name", format!("a name has at most {NAME_CHARS_MAX} characters")));
    }
    let now = clock::now();
    let row = NewRow {
        id: ProjectId(clock::new_id()),
        name,
        config_xml: xml,
        config_hash: &sha256_hex(xml.as_bytes()),
        is_sample,
        now: &now,
    };
    let mut tally = Tally::default();
    let stored = inner.store.import_project(&row, |writer| {
        let mut failure = None;
        let mut told = Instant::now();
        let outcome = read_tasks(reader, TextFormat::Json, &TaskRules::upload(config), |place, read| {
            if cancel.is_cancelled() {
                failure = Some(ImportFailure::Aborted(Error::Canceled));
                return ControlFlow::Break(());
            }
            match read {
                Ok(task) => {
                    if let Err(error) = add_task(writer, task, &mut tally) {
                        failure = Some(ImportFailure::Store(error));
                        return ControlFlow::Break(());
                    }
                }
                Err(refusal) => tally.refuse(place.item, refusal.message),
            }
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                report(tally.tasks, tally.refused);
            }
            ControlFlow::Continue(())
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
        outcome.map_err(|error| {
            ImportFailure::Aborted(Error::invalid_field(
                "tasks_path",
                format!("“{source}” could not be imported: {error}"),
            ))
        })?;
        if tally.tasks == 0 {
            let message = match tally.first_refusals.first() {
                Some(first) => format!(
                    "no task of “{source}” could be imported; item {} was refused because {}",
                    first.item, first.message
                ),
                None => format!("“{source}” has no tasks"),
            };
            return Err(ImportFailure::Aborted(Error::invalid_field("tasks_path", message)));
        }
        Ok(())
    })?;
    report(tally.tasks, tally.refused);
    Ok(ImportReport {
        project_id: stored.id,
        tasks: stored.tasks,
        annotations: stored.annotations,
        ground_truth: stored.ground_truths,
        ground_truth_implied: tally.ground_truth_implied,
        refused: tally.refused,
        first_refusals: tally.first_refusals,
        warnings: tally.warnings,
    })
}

#[derive(Default)]
struct Tally {
    tasks: u32,
    refused: u32,
    ground_truth_implied: u32,
    first_refusals: Vec<Refusal>,
    warnings: Vec<String>,
}

impl Tally {
    fn refuse(&mut self, item: u64, message: String) {
        self.refused += 1;
        if self.first_refusals.len() < REFUSALS_LISTED {
            self.first_refusals.push(Refusal { item: u32::try_from(item).unwrap_or(u32::MAX), message });
        }
    }

    fn warn(&mut self, warning: String) {
        if self.warnings.len() < REFUSALS_LISTED && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

fn add_task(
    writer: &mut touchstone_store::TaskWriter<'_>,
    task: ImportedTask,
    tally: &mut Tally,
) -> touchstone_store::Result<()> {
    let annotations: Vec<_> = task
        .annotations
        .iter()
        .map(|annotation| {
            tally.ground_truth_implied += u32::from(annotation.ground_truth_implied);
            AnnotationRow {
                result: serde_json::to_string(&annotation.result).unwrap_or_else(|_| "[]".to_owned()),
                ground_truth: annotation.ground_truth,
                was_cancelled: annotation.was_cancelled,
                created_at: annotation.created_at.as_deref().map(clock::sortable),
                source: (!annotation.extra.is_empty())
                    .then(|| serde_json::to_string(&annotation.extra).unwrap_or_default()),
            }
        })
        .collect();
    for warning in task.warnings {
        tally.warn(warning);
    }
    writer.add(&NewTask {
        source_id: task.id,
        data: &Value::Object(task.data).to_string(),
        meta: task.meta.map(|meta| meta.to_string()).as_deref(),
        annotations: &annotations,
    })?;
    tally.tasks += 1;
    Ok(())
}
