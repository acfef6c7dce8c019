//! Annotations: looking at those of a task, making and changing them by hand, and marking ground truth.
//!
//! Whatever changes the ground truth that counts scores every prediction for the task again, in the same transaction,
//! so that an accuracy is always that of the ground truth one sees.

use crate::media::MediaKind;
use crate::projects::stored_config;
use crate::requests::{capabilities_for, media_fields};
use crate::tasks::{TaskRow, TaskSelection, stored_regions, task_row};
use crate::versions::parsed;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use touchstone_domain::metrics::{RunTally, TaskMeasure};
use touchstone_domain::{AnnotationId, ProjectId, TaskId};
use touchstone_labeling::{Capabilities, Config, Outline, Region};
use touchstone_store::{AnnotationRow, ProjectRow, Scored, ScoredPrediction, StoreError, StoredAnnotation, TaskEdit};

/// Regions of one annotation, beyond which an editor gave something by mistake.
const REGIONS_MAX: usize = 100_000;

/// Tasks whose marks are changed in one transaction.
const MARKED_AT_ONCE: usize = 1_000;

#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct Annotation {
    pub id: AnnotationId,
    /// Regions and relations as Label Studio writes them.
    pub result: Vec<Value>,
    pub ground_truth: bool,
    /// It is the ground truth that predictions are compared with: the newest of the task.
    pub counts: bool,
    pub was_cancelled: bool,
    pub created_at: Option<String>,
    /// When it was last changed here.
    pub updated_at: Option<String>,
    /// A name, an e-mail address, or "user 3".
    pub completed_by: Option<String>,
    /// What does not fit the labeling config, in words; empty when Label Studio would take it.
    pub faults: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct TaskDetail {
    pub row: TaskRow,
    pub project_id: ProjectId,
    /// An object or a list, as it was imported.
    pub meta: Option<Value>,
    /// Oldest first.
    pub annotations: Vec<Annotation>,
    /// The config as it is for this task, where choices come from the task's data.
    pub outline: Option<Outline>,
}

/// What is to be kept of an annotation.
#[derive(Clone, Debug, Deserialize, Type)]
pub struct AnnotationContent {
    /// The annotation to change; `None` makes a new one.
    pub id: Option<AnnotationId>,
    pub result: Vec<Value>,
    pub ground_truth: bool,
}

/// An annotation that was deleted, with all that is needed to bring it back.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct DeletedAnnotation {
    pub task_id: TaskId,
    result: String,
    ground_truth: bool,
    was_cancelled: bool,
    created_at: Option<String>,
    source: Option<String>,
}

/// What became of tasks whose marks were to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Type)]
pub struct MarkedTasks {
    pub changed: u32,
    /// They have no annotation that could be marked.
    pub unannotated: u32,
}

impl Engine {
    /// A task with all of its annotations.
    pub async fn task(&self, id: TaskId) -> Result<TaskDetail> {
        self.blocking(move |inner| detail(inner, id)).await
    }

    /// Keeps an annotation, a new one or a changed one. Regions that Label Studio would refuse are refused.
    pub async fn save_annotation(&self, task_id: TaskId, content: AnnotationContent) -> Result<TaskDetail> {
        let saved = self
            .blocking(move |inner| {
                let (project, config) = subject(inner, task_id)?;
                let stored = inner.store.stored_annotations(task_id)?;
                let before = stored.iter().find(|stored| Some(stored.id) == content.id);
                let known: Vec<Value> =
                    before.and_then(|stored| serde_json::from_str(&stored.row.result).ok()).unwrap_or_default();
                let result = checked(&config, content.result, &known)?;
                let now = clock::now();
                edit(inner, &project, &config, &[task_id], |task| match content.id {
                    // What is given as ground truth is no task that was skipped, whoever skipped it before.
                    Some(id) => task
                        .update(id, &result, content.ground_truth, &now)
                        .and_then(|()| if content.ground_truth { task.unskip(id) } else { Ok(()) }),
                    None => task.add(&new_row(&result, content.ground_truth, &now)).map(drop),
                })?;
                detail(inner, task_id)
            })
            .await?;
        self.annotated(&saved.project_id);
        Ok(saved)
    }

    /// Deletes an annotation; what is returned brings it back.
    pub async fn delete_annotation(&self, id: AnnotationId) -> Result<DeletedAnnotation> {
        let (deleted, project_id) = self
            .blocking(move |inner| {
                let task_id = inner.store.task_of_annotation(id)?;
                let (project, config) = subject(inner, task_id)?;
                let removed = edit(inner, &project, &config, &[task_id], |task| {
                    let annotation = task.annotation(id)?;
                    task.remove(id)?;
                    Ok(annotation)
                })?;
                let StoredAnnotation { row, .. } =
                    removed.into_iter().next().ok_or_else(|| Error::not_found("annotation", id.to_string()))?;
                let AnnotationRow { result, ground_truth, was_cancelled, created_at, source } = row;
                let deleted = DeletedAnnotation { task_id, result, ground_truth, was_cancelled, created_at, source };
                Ok((deleted, project.id))
            })
            .await?;
        self.annotated(&project_id);
        Ok(deleted)
    }

    /// Brings back what [`Self::delete_annotation`] took away.
    pub async fn restore_annotation(&self, deleted: DeletedAnnotation) -> Result<TaskDetail> {
        let restored = self
            .blocking(move |inner| {
                let DeletedAnnotation { task_id, result, ground_truth, was_cancelled, created_at, source } = deleted;
                serde_json::from_str::<Vec<Value>>(&result)
                    .map_err(|_| Error::invalid("the deleted annotation cannot be read; nothing was changed"))?;
                let (project, config) = subject(inner, task_id)?;
                let row = AnnotationRow { result, ground_truth, was_cancelled, created_at, source };
                edit(inner, &project, &config, &[task_id], |task| task.add(&row))?;
                detail(inner, task_id)
            })
            .await?;
        self.annotated(&restored.project_id);
        Ok(restored)
    }

    /// Marks the newest annotation of each task as ground truth, or takes the mark from all of a task's annotations. A
    /// task without an annotation cannot be marked and is passed over.
    ///
    /// Many tasks are changed in several transactions, so that whatever else is to be kept does not wait for all of them.
    pub async fn set_ground_truth(
        &self,
        project_id: ProjectId,
        tasks: TaskSelection,
        mark: bool,
    ) -> Result<MarkedTasks> {
        let (marked, project_id) = self
            .blocking(move |inner| {
                let project = inner.store.project(project_id.as_str())?;
                let config = stored_config(&project)?;
                let now = clock::now();
                let mut marked = MarkedTasks::default();
                for positions in tasks.positions(inner, &project)?.chunks(MARKED_AT_ONCE) {
                    let ids = inner.store.task_ids_at(project.key, positions)?;
                    for outcome in edit(inner, &project, &config, &ids, |task| mark_task(task, mark, &now))? {
                        match outcome {
                            Marked::Changed => marked.changed += 1,
                            Marked::Unannotated => marked.unannotated += 1,
                            Marked::AsItWas => {}
                        }
                    }
                }
                Ok((marked, project.id))
            })
            .await?;
        self.annotated(&project_id);
        Ok(marked)
    }

    fn annotated(&self, project_id: &ProjectId) {
        self.changed(Changed::Annotations { project_id: project_id.clone() });
    }
}

pub(crate) fn subject(inner: &Inner, task_id: TaskId) -> Result<(ProjectRow, Config)> {
    let project = inner.store.project_of_task(task_id)?;
    let config = stored_config(&project)?;
    Ok((project, config))
}

/// Edits tasks of a project and scores again what was predicted for them.
pub(crate) fn edit<T>(
    inner: &Inner,
    project: &ProjectRow,
    config: &Config,
    tasks: &[TaskId],
    mut work: impl FnMut(&TaskEdit<'_>) -> std::result::Result<T, StoreError>,
) -> Result<Vec<T>> {
    let asked = Asked::of(inner, project, config)?;
    let values = inner.store.edit_tasks(project.key, tasks, |task| {
        let before = task.ground_truth()?;
        let value = work(task)?;
        let after = task.ground_truth()?;
        if after != before {
            let regions = |truth: Option<String>| truth.as_deref().map(stored_regions);
            score_again(config, &asked, task, regions(before).as_deref(), regions(after).as_deref())?;
        }
        Ok(value)
    })?;
    inner.active.note_edited(tasks);
    inner.views.note_edit();
    Ok(values)
}

/// What each run of a project asked its model for.
struct Asked(HashMap<i64, Capabilities>);

impl Asked {
    fn of(inner: &Inner, project: &ProjectRow, config: &Config) -> Result<Self> {
        if !config.objects().iter().any(|object| MediaKind::of_tag(&object.tag).is_some()) {
            // Nobody asks for more than reading text.
            return Ok(Self(HashMap::new()));
        }
        let runs = inner.store.runs_over(project.key)?;
        let asked = runs
            .into_iter()
            .map(|(key, content)| Ok((key, capabilities_for(&media_fields(&parsed(&content)?, config)))));
        Ok(Self(asked.collect::<Result<_>>()?))
    }

    /// A run that began meanwhile is scored again when it ends.
    fn by(&self, run_key: i64) -> Capabilities {
        self.0.get(&run_key).copied().unwrap_or(Capabilities::TEXT)
    }
}

/// Gives what was predicted for a task the score that its ground truth demands, and counts it so; `before` is the ground truth
/// that it was scored by.
fn score_again(
    config: &Config,
    asked: &Asked,
    task: &TaskEdit<'_>,
    before: Option<&[Region]>,
    after: Option<&[Region]>,
) -> std::result::Result<(), StoreError> {
    for prediction in task.predictions()? {
        let Some(guess) = prediction.result.as_deref().map(stored_regions) else { continue };
        let run = asked.by(prediction.run_key);
        // What was counted once is what was kept of it, whatever its score would be by now.
        let before = prediction.scored.zip(before).map(|(Scored { correct, score }, truth)| TaskMeasure {
            score,
            is_correct: correct,
            ..config.measure(truth, &guess, run)
        });
        let after = after.map(|truth| config.measure(truth, &guess, run));
        let empty = || RunTally::new(config.tallies(run));
        task.measured_again(prediction.run_key, empty, before.as_ref(), after.as_ref());
        set_score(task, &prediction, after.as_ref())?;
    }
    Ok(())
}

fn set_score(
    task: &TaskEdit<'_>,
    prediction: &ScoredPrediction,
    measure: Option<&TaskMeasure<'_>>,
) -> std::result::Result<(), StoreError> {
    let scored = measure.map(|measure| Scored { correct: measure.is_correct, score: measure.score });
    if scored == prediction.scored { Ok(()) } else { task.set_score(prediction, scored) }
}

/// Scores tasks again that were edited while a run was at work, which is over now: it may have read their ground truth before
/// the edit and written its prediction after it. By which of the two it was counted nobody knows, so its tally is made anew
/// when it is asked for.
/// Says whether there were any.
pub(crate) fn score_edited(inner: &Inner, run_key: i64) -> Result<bool> {
    let edited = inner.active.edited();
    for &task_id in &edited {
        let (project, config) = subject(inner, task_id)?;
        let asked = Asked::of(inner, &project, &config)?;
        inner.store.edit_tasks(project.key, &[task_id], |task| {
            let truth = task.ground_truth()?.as_deref().map(stored_regions);
            for prediction in task.predictions()? {
                let Some(guess) = prediction.result.as_deref().map(stored_regions) else { continue };
                let measure = truth.as_deref().map(|truth| config.measure(truth, &guess, asked.by(prediction.run_key)));
                set_score(task, &prediction, measure.as_ref())?;
            }
            Ok(())
        })?;
    }
    if !edited.is_empty() {
        inner.store.forget_tally(run_key)?;
    }
    Ok(!edited.is_empty())
}

enum Marked {
    Changed,
    AsItWas,
    /// It has no annotation that could be ground truth.
    Unannotated,
}

fn mark_task(task: &TaskEdit<'_>, mark: bool, now: &str) -> std::result::Result<Marked, StoreError> {
    let annotations = task.annotations()?;
    let newest = annotations
        .iter()
        .filter(|annotation| !annotation.row.was_cancelled)
        .max_by(|a, b| a.row.created_at.cmp(&b.row.created_at).then(a.id.cmp(&b.id)));
    if newest.is_none() && mark {
        return Ok(Marked::Unannotated);
    }
    let wrong: Vec<_> = match mark {
        true => newest.into_iter().filter(|annotation| !annotation.row.ground_truth).collect(),
        false => annotations.iter().filter(|annotation| annotation.row.ground_truth).collect(),
    };
    for annotation in &wrong {
        task.update(annotation.id, &annotation.row.result, mark, now)?;
    }
    Ok(if wrong.is_empty() { Marked::AsItWas } else { Marked::Changed })
}

pub(crate) fn new_row(result: &str, ground_truth: bool, now: &str) -> AnnotationRow {
    AnnotationRow {
        result: result.to_owned(),
        ground_truth,
        was_cancelled: false,
        created_at: Some(now.to_owned()),
        source: Some(serde_json::json!({ "completed_by": clock::author() }).to_string()),
    }
}

/// The regions as they are kept: each with an id, and none that does not fit the config, unless it is one of `known`:
/// what was there before stays until somebody takes it away.
pub(crate) fn checked(config: &Config, mut result: Vec<Value>, known_regions: &[Value]) -> Result<String> {
    if result.len() > REGIONS_MAX {
        return Err(Error::invalid(format!("an annotation has at most {REGIONS_MAX} regions")));
    }
    let mut known: HashSet<String> =
        result.iter().filter_map(|region| region.get("id")?.as_str().map(str::to_owned)).collect();
    for region in result.iter_mut().filter_map(Value::as_object_mut) {
        let is_relation = region.get("type").and_then(Value::as_str) == Some("relation");
        if !is_relation && region.get("id").is_none_or(Value::is_null) {
            let id = std::iter::repeat_with(clock::region_id).find(|id| !known.contains(id)).unwrap_or_default();
            known.insert(id.clone());
            region.insert("id".to_owned(), id.into());
        }
    }
    let faults = faults(config, &result, |region| !known_regions.contains(region));
    if !faults.is_empty() {
        return Err(Error::invalid(format!("the annotation was not kept: {}", faults.join("; "))));
    }
    Ok(Value::Array(result).to_string())
}

/// What of `is_meant` does not fit the config, in words.
fn faults(config: &Config, result: &[Value], is_meant: impl Fn(&Value) -> bool) -> Vec<String> {
    let describe = |place: usize| {
        let text = |key: &str| result[place].get(key).and_then(Value::as_str);
        match (text("from_name"), text("type")) {
            (Some(name), _) if !config.controls().iter().any(|control| control.name == name) => {
                format!("the labeling config has no control “{name}”")
            }
            (Some(name), Some(kind)) => format!("region {} ({kind}) does not fit the control “{name}”", place + 1),
            (None, Some("relation")) => format!("the relation at {} names regions that are not there", place + 1),
            _ => format!("entry {} is no region", place + 1),
        }
    };
    let mut words: Vec<String> = Vec::new();
    for place in config.faulty_regions(result).into_iter().filter(|&place| is_meant(&result[place])) {
        let fault = describe(place);
        if !words.contains(&fault) {
            words.push(fault);
        }
    }
    words
}

fn detail(inner: &Inner, id: TaskId) -> Result<TaskDetail> {
    let (project, config) = subject(inner, id)?;
    let meta = inner.store.task_meta(id)?;
    let annotations = inner.store.stored_annotations(id)?;
    let row = task_row(inner.store.task(id)?);
    let outline = match config.for_task(&row.data) {
        Cow::Borrowed(_) => None,
        Cow::Owned(config) => Some(config.outline()),
    };
    Ok(TaskDetail {
        row,
        project_id: project.id,
        meta: meta.and_then(|meta| serde_json::from_str(&meta).ok()),
        annotations: annotations.into_iter().map(|stored| annotation(&config, stored)).collect(),
        outline,
    })
}

fn annotation(config: &Config, stored: StoredAnnotation) -> Annotation {
    let result: Vec<Value> = serde_json::from_str(&stored.row.result).unwrap_or_default();
    Annotation {
        id: stored.id,
        faults: faults(config, &result, |_| true),
        result,
        ground_truth: stored.row.ground_truth,
        counts: stored.counts,
        was_cancelled: stored.row.was_cancelled,
        created_at: stored.row.created_at,
        updated_at: stored.updated_at,
        completed_by: stored.row.source.as_deref().and_then(completed_by),
    }
}

/// Who made an annotation, as far as the fields it came with say.
fn completed_by(source: &str) -> Option<String> {
    let source: Map<String, Value> = serde_json::from_str(source).ok()?;
    match source.get("completed_by")? {
        Value::String(name) => Some(name.clone()),
        Value::Number(id) => Some(format!("user {id}")),
        Value::Object(user) => {
            let named = |key: &str| user.get(key).and_then(Value::as_str).filter(|name| !name.is_empty());
            named("email").or_else(|| named("username")).map(str::to_owned)
        }
        _ => None,
    }
}
