//! Bringing what is read into the workspace: one thread reads and prepares, another writes, in one transaction.

use super::duplicates::Tasks;
use super::source::Source;
use super::{ImportIssue, ImportReport, IssueKind};
use crate::{Error, Inner, Result, clock};
use serde_json::Value;
use std::collections::HashSet;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use touchstone_domain::ProjectId;
use touchstone_domain::prompt::sha256_hex;
use touchstone_domain::task::data_hash;
use touchstone_domain::text::file_problem;
use touchstone_labeling::{Config, ImportedTask, Place, Refusal, TaskRules};
use touchstone_store::{
    ImportFailure, ImportIssueRow, ImportTarget, Imported, NewAnnotation, NewProject, NewTask, PulledLink, TaskWriter,
};

/// Issues that a report names; the workspace keeps more of them.
const ISSUES_LISTED: usize = 200;

/// Issues of one import that the workspace keeps; all of them are counted.
const ISSUES_KEPT: u32 = 100_000;

/// Of these, how many say what of a task was left out: an export may have the same in each of its tasks.
const CHANGES_KEPT: u32 = 1_000;

/// Kinds of warnings that a report names.
const WARNINGS_LISTED: usize = 50;

/// Progress of an import is told this often.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Label Studio's prompts take no larger task.
const TASK_BYTES_LARGE: usize = 1 << 20;

/// Items that are handed from the reading thread to the writing one at once, by number and by bytes.
const BATCH_ITEMS: usize = 256;
const BATCH_BYTES: usize = 1 << 20;

/// Batches that wait to be written.
const BATCHES_WAITING: usize = 4;

/// An import that is about to be done.
pub(super) struct Job<'j> {
    pub target: &'j ImportTarget<'j>,
    pub source: Source,
    pub rules: &'j TaskRules,
    pub skip_duplicates: bool,
    /// Where the tasks come from, if from a server.
    pub link: Option<&'j PulledLink<'j>>,
    /// Bytes of the source that were read.
    pub bytes_done: &'j AtomicU64,
    /// Told tasks and refused items so far.
    pub report: &'j dyn Fn(u32, u32),
}

/// What became of an item.
struct Item {
    place: Place,
    outcome: std::result::Result<Prepared, Refusal>,
}

/// Which item of an import an issue is about.
#[derive(Clone, Copy)]
struct Subject {
    item: u32,
    line: Option<u32>,
    /// Of a task of a server: its id there, which the user knows it by. The line is that of a file that only we know then.
    remote_id: Option<i64>,
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.remote_id, self.line) {
            (Some(id), _) => write!(formatter, "task {id}"),
            (None, Some(line)) => write!(formatter, "item {}, line {line}", self.item),
            (None, None) => write!(formatter, "item {}", self.item),
        }
    }
}

/// A task that is ready to be written.
struct Prepared {
    task: NewTask,
    ground_truth_implied: u32,
    /// What was left out of it.
    changes: Vec<String>,
    bytes: usize,
}

/// Makes a project of no tasks that comes from a server.
pub(crate) fn make_linked(inner: &Inner, target: &ImportTarget<'_>, link: &PulledLink<'_>) -> Result<ImportReport> {
    let imported = inner.store.import::<Error>(target, |writer| Ok(writer.link(link)?))?;
    Ok(Tally::default().report(imported))
}

/// Imports tasks that come from a server, and notes which of them is which there. `told` hears of tasks and refused items.
pub(crate) fn import_linked(
    inner: &Inner,
    target: &ImportTarget<'_>,
    source: Source,
    config: &Config,
    link: &PulledLink<'_>,
    cancel: &CancellationToken,
    told: &dyn Fn(u32, u32),
) -> Result<ImportReport> {
    let job = Job {
        target,
        source,
        rules: &TaskRules::upload(config),
        skip_duplicates: false,
        link: Some(link),
        bytes_done: &AtomicU64::new(0),
        report: told,
    };
    load(inner, job, cancel)
}

/// Makes a project of no tasks.
pub(super) fn make_empty(inner: &Inner, target: &ImportTarget<'_>) -> Result<ImportReport> {
    let imported = inner.store.import::<Error>(target, |_| Ok(()))?;
    Ok(Tally::default().report(imported))
}

/// Imports the tasks of a source into a new project.
pub(crate) fn import_from(
    inner: &Inner,
    name: &str,
    xml: &str,
    config: &Config,
    is_sample: bool,
    source: Source,
) -> Result<ImportReport> {
    let (hash, now) = (sha256_hex(xml.as_bytes()), clock::now());
    let id = ProjectId(clock::new_id());
    let project = NewProject { id, name, config_xml: xml, config_hash: &hash, is_sample, now: &now };
    let job = Job {
        target: &ImportTarget::New(project),
        source,
        rules: &TaskRules::upload(config),
        skip_duplicates: false,
        link: None,
        bytes_done: &AtomicU64::new(0),
        report: &|_, _| {},
    };
    load(inner, job, &CancellationToken::new())
}

/// Does an import: all of it is there afterwards, or nothing.
pub(super) fn load(inner: &Inner, job: Job<'_>, cancel: &CancellationToken) -> Result<ImportReport> {
    let Job { target, source, rules, skip_duplicates, link, bytes_done, report } = job;
    let name = source.name().to_owned();
    let mut tally = Tally { file: name.clone(), ..Tally::default() };
    let (sender, batches) = sync_channel(BATCHES_WAITING);
    let (give_back, written) = channel();
    let imported = std::thread::scope(|scope| {
        let reading = scope.spawn(move || read(source, rules, bytes_done, &Batches { sender, written }));
        inner.store.import(target, |writer| {
            let (equal, is_linked) = (Equal::new(skip_duplicates), link.is_some());
            let mut writing = Writing { writer, tally: &mut tally, equal, is_linked };
            writing.begin()?;
            writing.all(batches, &give_back, cancel, report)?;
            // A thread that panicked met a bug of a parser's; the file is what set it off.
            let read = reading.join().unwrap_or_else(|_| Err("it is damaged".to_owned()));
            read.map_err(|reason| {
                let message = format!("“{name}” could not be imported: {reason}");
                ImportFailure::Aborted(Error::invalid_field("tasks_path", message))
            })?;
            if cancel.is_cancelled() {
                return Err(ImportFailure::Aborted(Error::Canceled));
            }
            writing.finish()?;
            Ok(link.map_or(Ok(()), |link| writer.link(link))?)
        })
    })?;
    report(tally.tasks, tally.refused);
    Ok(tally.report(imported))
}

/// Where the reading thread's batches go, and where they come back from once they are written: what a thread allocated it
/// also frees, as each would wait for the other's part of the heap.
struct Batches {
    sender: SyncSender<Vec<Item>>,
    written: Receiver<Vec<Item>>,
}

impl Batches {
    /// An empty batch.
    fn next(&self) -> Vec<Item> {
        let mut batch = self.written.try_iter().last().unwrap_or_else(|| Vec::with_capacity(BATCH_ITEMS));
        batch.clear();
        batch
    }
}

/// Reads and prepares until nobody wants to write any more.
fn read(
    source: Source,
    rules: &TaskRules,
    bytes_done: &AtomicU64,
    batches: &Batches,
) -> std::result::Result<(), String> {
    let mut batch = batches.next();
    let mut bytes = 0;
    let outcome = source.read(rules, bytes_done, &mut |place, task| {
        let outcome = task.map(prepared);
        bytes += outcome.as_ref().map_or(0, |prepared| prepared.bytes);
        batch.push(Item { place, outcome });
        if batch.len() < BATCH_ITEMS && bytes < BATCH_BYTES {
            return ControlFlow::Continue(());
        }
        bytes = 0;
        match batches.sender.send(std::mem::replace(&mut batch, batches.next())) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    // Nobody may want the rest.
    drop(batches.sender.send(batch));
    outcome
}

/// A task as the workspace keeps it.
pub(crate) fn new_task(task: ImportedTask) -> NewTask {
    prepared(task).task
}

fn prepared(task: ImportedTask) -> Prepared {
    let mut ground_truth_implied = 0;
    let annotations = task.annotations.into_iter().map(|annotation| {
        ground_truth_implied += u32::from(annotation.ground_truth_implied);
        NewAnnotation {
            result: annotation.result,
            ground_truth: annotation.ground_truth,
            was_cancelled: annotation.was_cancelled,
            created_at: annotation.created_at.as_deref().map(clock::sortable),
            source: annotation.extra,
        }
    });
    let annotations: Vec<_> = annotations.collect();
    let predictions: Vec<_> = task
        .predictions
        .into_iter()
        .map(|prediction| {
            let (score, version) = (Value::from(prediction.score), Value::from(prediction.model_version));
            serde_json::json!({ "model_version": version, "score": score, "result": prediction.result })
        })
        .collect();
    let data = serde_json::to_string(&task.data).expect("a map with text keys");
    let task_row = NewTask {
        source_id: task.id,
        data_hash: data_hash(&data),
        data,
        meta: task.meta.map(|meta| meta.to_string()),
        predictions: (!predictions.is_empty()).then(|| Value::Array(predictions).to_string()),
        annotations,
    };
    let bytes =
        task_row.data.len() + task_row.annotations.iter().map(|annotation| annotation.result.len()).sum::<usize>();
    Prepared { task: task_row, ground_truth_implied, changes: task.warnings, bytes }
}

type Written<T> = std::result::Result<T, ImportFailure<Error>>;

/// How equal tasks are found.
enum Equal {
    /// Afterwards, since all of them stay.
    Kept(Tasks),
    /// At once, by the hashes that were seen.
    Skipped(HashSet<i64>),
}

impl Equal {
    fn new(skip: bool) -> Self {
        if skip { Self::Skipped(HashSet::new()) } else { Self::Kept(Tasks::new()) }
    }
}

struct Writing<'w, 't> {
    writer: &'w mut TaskWriter<'t>,
    tally: &'w mut Tally,
    equal: Equal,
    /// The tasks are a server's.
    is_linked: bool,
}

impl Writing<'_, '_> {
    fn begin(&mut self) -> Written<()> {
        let mut failure = None;
        let equal = &mut self.equal;
        self.writer.earlier_hashes(|hash| match equal {
            Equal::Kept(tasks) => failure = failure.take().or(tasks.add_earlier(hash).err()),
            Equal::Skipped(seen) => drop(seen.insert(hash)),
        })?;
        failure.map_or(Ok(()), |error| Err(no_temporary_file(&error)))
    }

    fn all(
        &mut self,
        batches: Receiver<Vec<Item>>,
        give_back: &Sender<Vec<Item>>,
        cancel: &CancellationToken,
        report: &dyn Fn(u32, u32),
    ) -> Written<()> {
        let mut told = Instant::now();
        for batch in batches {
            if cancel.is_cancelled() {
                return Err(ImportFailure::Aborted(Error::Canceled));
            }
            for item in &batch {
                self.one(item)?;
            }
            // The reading thread may have ended.
            drop(give_back.send(batch));
            if told.elapsed() >= PROGRESS_EVERY {
                told = Instant::now();
                report(self.tally.tasks, self.tally.refused);
            }
        }
        Ok(())
    }

    fn one(&mut self, item: &Item) -> Written<()> {
        let id = item.outcome.as_ref().map_or_else(|refusal| refusal.id, |prepared| prepared.task.source_id);
        let subject = Subject {
            item: short(item.place.item),
            line: item.place.line.map(short).filter(|_| !self.is_linked),
            remote_id: id.filter(|_| self.is_linked),
        };
        let prepared = match &item.outcome {
            Ok(prepared) => prepared,
            Err(refusal) => {
                self.tally.refused += 1;
                return self.issue(IssueKind::Refused, subject, refusal.message.clone());
            }
        };
        match &mut self.equal {
            Equal::Skipped(seen) => {
                if !seen.insert(prepared.task.data_hash) {
                    self.tally.duplicates += 1;
                    let message = "its data equals that of an earlier task; it was left out";
                    return self.issue(IssueKind::Duplicate, subject, message.to_owned());
                }
            }
            Equal::Kept(tasks) => {
                // Tasks of a server are counted instead, so that each is found again, and its id.
                let number = if self.is_linked { self.tally.tasks + 1 } else { subject.item };
                tasks.add(prepared.task.data_hash, number, subject.line).map_err(|error| no_temporary_file(&error))?;
            }
        }
        self.writer.add(&prepared.task)?;
        self.tally.tasks += 1;
        self.tally.ground_truth_implied += prepared.ground_truth_implied;
        if prepared.bytes > TASK_BYTES_LARGE {
            self.tally.large(subject);
        }
        for change in &prepared.changes {
            self.tally.warn(change);
            if self.tally.changes < CHANGES_KEPT {
                self.tally.changes += 1;
                self.issue(IssueKind::Changed, subject, change.clone())?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Written<()> {
        if self.tally.tasks == 0 && self.tally.duplicates == 0 {
            let name = &self.tally.file;
            let message = match self.tally.first_issues.first() {
                Some(first) => {
                    let ImportIssue { item, remote_id, message, .. } = first;
                    let subject = Subject { item: *item, line: None, remote_id: *remote_id };
                    format!("no task of “{name}” could be imported; {subject} was refused because {message}")
                }
                None => format!("“{name}” has no tasks"),
            };
            return Err(ImportFailure::Aborted(Error::invalid_field("tasks_path", message)));
        }
        if let Equal::Kept(tasks) = std::mem::replace(&mut self.equal, Equal::Skipped(HashSet::new())) {
            let kept = ISSUES_KEPT.saturating_sub(self.tally.issues) as usize;
            let (duplicates, total) = tasks.duplicates(kept).map_err(|error| no_temporary_file(&error))?;
            self.tally.duplicates = total;
            for duplicate in duplicates {
                let first = duplicate.first.map(|first| self.counted(first, None)).transpose()?;
                let message = match first {
                    Some(first) => format!("its data equals that of {first}"),
                    None => "its data equals that of a task that the project had before".to_owned(),
                };
                let subject = self.counted(duplicate.item, duplicate.line)?;
                self.issue(IssueKind::Duplicate, subject, message)?;
            }
        }
        Ok(())
    }

    /// A task by what duplicates are found by: its count among those that were added, if it is a server's.
    fn counted(&self, item: u32, line: Option<u32>) -> Written<Subject> {
        let remote_id = if self.is_linked { self.writer.source_id(item - 1)? } else { None };
        Ok(Subject { item, line, remote_id })
    }

    fn issue(&mut self, kind: IssueKind, subject: Subject, message: String) -> Written<()> {
        let Subject { item, line, remote_id } = subject;
        let file = &self.tally.file;
        if self.tally.issues < ISSUES_KEPT {
            self.tally.issues += 1;
            let (kind, file) = (kind.as_str().to_owned(), file.clone());
            let message = message.clone();
            self.writer.add_issue(&ImportIssueRow { kind, file, item, line, remote_id, message })?;
        }
        if self.tally.first_issues.len() < ISSUES_LISTED {
            let file = self.tally.file.clone();
            self.tally.first_issues.push(ImportIssue { kind, file, item, line, remote_id, message });
        }
        Ok(())
    }
}

/// Counted in 32 bits; no file that is read has more items.
fn short(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn no_temporary_file(error: &std::io::Error) -> ImportFailure<Error> {
    let message = format!("the import needs a temporary file, which could not be written: {}", file_problem(error));
    ImportFailure::Aborted(Error::invalid(message))
}

/// What an import came to so far.
#[derive(Default)]
struct Tally {
    file: String,
    tasks: u32,
    refused: u32,
    duplicates: u32,
    ground_truth_implied: u32,
    /// Kept in the workspace; of these, those that say what was left out.
    issues: u32,
    changes: u32,
    first_issues: Vec<ImportIssue>,
    /// What was left out of tasks, and of how many.
    warnings: Vec<(String, u32)>,
    /// Tasks that are too large for Label Studio's prompts, and where the first is.
    larges: u32,
    first_large: Option<Subject>,
}

impl Tally {
    fn warn(&mut self, warning: &str) {
        if let Some((_, tasks)) = self.warnings.iter_mut().find(|(known, _)| known == warning) {
            *tasks += 1;
        } else if self.warnings.len() < WARNINGS_LISTED {
            self.warnings.push((warning.to_owned(), 1));
        }
    }

    fn large(&mut self, subject: Subject) {
        self.larges += 1;
        self.first_large.get_or_insert(subject);
    }

    fn report(self, imported: Imported) -> ImportReport {
        let of = |tasks| if tasks == 1 { "1 task".to_owned() } else { format!("{tasks} tasks") };
        let mut warnings: Vec<_> =
            self.warnings.iter().map(|(warning, tasks)| format!("{warning} ({})", of(*tasks))).collect();
        if let Some(first) = self.first_large {
            let has = if self.larges == 1 { "has" } else { "have" };
            warnings.push(format!(
                "{} {has} more than 1 MB, which Label Studio's prompts do not take; the first is {first}",
                of(self.larges)
            ));
        }
        ImportReport {
            project_id: imported.project.id,
            tasks: imported.tasks,
            annotations: imported.annotations,
            ground_truth: imported.ground_truths,
            ground_truth_implied: self.ground_truth_implied,
            refused: self.refused,
            duplicates: self.duplicates,
            first_issues: self.first_issues,
            warnings,
        }
    }
}
