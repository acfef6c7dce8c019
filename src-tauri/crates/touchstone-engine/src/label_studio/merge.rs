//! Bringing tasks that a project here has already up to what they are on their server.

use crate::annotations::edit;
use crate::imports::{Source, new_task};
use crate::{Error, Inner, Result, clock};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicU64;
use touchstone_domain::TaskId;
use touchstone_labeling::{Config, Refusal, TaskRules};
use touchstone_store::{AnnotationRow, NewAnnotation, NewTask, ProjectRow, StoreError, StoredAnnotation, TaskEdit};

/// Tasks that are merged in one transaction.
const MERGED_AT_ONCE: usize = 256;

/// What became of tasks.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub changed: u32,
    /// Annotations of them were edited here, and changed there too or were deleted there: they stay as they are here.
    pub kept_here: u32,
    /// Tasks that this program could not read, and why, the first few.
    pub refused: u32,
    pub reasons: Vec<String>,
}

/// Reasons that are told.
const REASONS_TOLD: usize = 20;

struct Merging<'m> {
    inner: &'m Inner,
    project: &'m ProjectRow,
    config: &'m Config,
    merged: Merged,
}

/// Merges the tasks of a source, which the project has by their ids there. Each piece of them is committed by itself: merging
/// again what is merged changes nothing.
pub(super) fn merge(inner: &Inner, project: &ProjectRow, config: &Config, source: Source) -> Result<Merged> {
    let mut merging = Merging { inner, project, config, merged: Merged::default() };
    let mut waiting: Vec<NewTask> = Vec::with_capacity(MERGED_AT_ONCE);
    let mut failure = None;
    let name = source.name().to_owned();
    let read = source.read(&TaskRules::upload(config), &AtomicU64::new(0), &mut |_, task| {
        match task {
            Ok(task) => waiting.push(new_task(task)),
            Err(Refusal { id, message }) => {
                merging.merged.refused += 1;
                if merging.merged.reasons.len() < REASONS_TOLD {
                    let task = id.map_or_else(|| "a task".to_owned(), |id| format!("task {id}"));
                    merging.merged.reasons.push(format!("{task} stays as it is here, because there {message}"));
                }
            }
        }
        if waiting.len() < MERGED_AT_ONCE {
            return ControlFlow::Continue(());
        }
        let outcome = merging.these(&waiting);
        waiting.clear();
        match outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    if let Some(error) = failure {
        return Err(error);
    }
    read.map_err(|reason| Error::invalid(format!("what came of “{name}” could not be read: {reason}")))?;
    merging.these(&waiting)?;
    Ok(merging.merged)
}

impl Merging<'_> {
    fn these(&mut self, tasks: &[NewTask]) -> Result<()> {
        let mut theirs = HashMap::with_capacity(tasks.len());
        for task in tasks {
            let Some(remote_id) = task.source_id else { continue };
            if let Some(id) = self.inner.store.linked_task(self.project.key, remote_id)? {
                theirs.insert(id, task);
            }
        }
        let mut ids: Vec<TaskId> = theirs.keys().copied().collect();
        ids.sort_unstable();
        let (mut of, now) = (ids.iter(), clock::now());
        let done = edit(self.inner, self.project, self.config, &ids, |task| {
            let id = of.next().expect("one call for each task");
            merge_task(task, theirs[id], &now)
        })?;
        for Outcome { is_changed, is_kept_here } in done {
            self.merged.changed += u32::from(is_changed);
            self.merged.kept_here += u32::from(is_kept_here);
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Outcome {
    is_changed: bool,
    is_kept_here: bool,
}

fn merge_task(task: &TaskEdit<'_>, theirs: &NewTask, now: &str) -> std::result::Result<Outcome, StoreError> {
    let mut outcome = Outcome { is_changed: task.set_data(theirs, now)?, is_kept_here: false };
    let here = task.annotations()?;
    let mut met = Vec::new();
    for annotation in &theirs.annotations {
        let remote_id = remote_id(annotation.source.as_deref());
        let row = row(annotation);
        let own = here.iter().find(|own| remote_id.is_some() && remote_id_of(own) == remote_id);
        match own {
            Some(own) => {
                met.push(own.id);
                if own.updated_at.is_some() {
                    outcome.is_kept_here |= own.row.result != row.result || own.row.ground_truth != row.ground_truth;
                } else if own.row != row {
                    task.replace(own.id, &row)?;
                    outcome.is_changed = true;
                }
            }
            // One that was given back comes home: it says the same, and has no id there yet.
            None => {
                match here.iter().find(|own| remote_id_of(own).is_none() && !met.contains(&own.id) && says(own, &row)) {
                    Some(own) => {
                        met.push(own.id);
                        if let Some(source) = &row.source {
                            task.set_source(own.id, source)?;
                        }
                    }
                    None => {
                        task.add(&row)?;
                        outcome.is_changed = true;
                    }
                }
            }
        }
    }
    let is_theirs = |own: &&StoredAnnotation| remote_id_of(own).is_some() && !is_given(own.row.source.as_deref());
    for own in here.iter().filter(is_theirs).filter(|own| !met.contains(&own.id)) {
        if own.updated_at.is_some() {
            outcome.is_kept_here = true;
        } else {
            task.remove(own.id)?;
            outcome.is_changed = true;
        }
    }
    Ok(outcome)
}

fn row(annotation: &NewAnnotation) -> AnnotationRow {
    AnnotationRow {
        result: annotation.result.clone(),
        ground_truth: annotation.ground_truth,
        was_cancelled: annotation.was_cancelled,
        created_at: annotation.created_at.clone(),
        source: annotation.source.clone(),
    }
}

fn says(own: &StoredAnnotation, row: &AnnotationRow) -> bool {
    let value = |json: &str| serde_json::from_str::<Value>(json).ok();
    own.row.was_cancelled == row.was_cancelled && value(&own.row.result) == value(&row.result)
}

/// The id that an annotation has on its server.
pub(super) fn remote_id(source: Option<&str>) -> Option<i64> {
    #[derive(Deserialize)]
    struct Id {
        id: Option<i64>,
    }
    serde_json::from_str::<Id>(source?).ok()?.id
}

/// Says that an annotation was given back and has not come home yet: what was read of the server before is not without it because
/// it was deleted there.
const GIVEN: &str = "given_back";

/// What an annotation has beside its regions, once it was given back and has this id there.
pub(super) fn given_source(source: Option<&str>, remote_id: i64) -> String {
    let mut members: Map<String, Value> =
        source.and_then(|source| serde_json::from_str(source).ok()).unwrap_or_default();
    members.insert("id".to_owned(), remote_id.into());
    members.insert(GIVEN.to_owned(), true.into());
    Value::Object(members).to_string()
}

fn is_given(source: Option<&str>) -> bool {
    let members = source.and_then(|source| serde_json::from_str::<Map<String, Value>>(source).ok());
    members.is_some_and(|members| members.contains_key(GIVEN))
}

fn remote_id_of(own: &StoredAnnotation) -> Option<i64> {
    remote_id(own.row.source.as_deref())
}
