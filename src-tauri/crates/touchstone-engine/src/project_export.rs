//! Whole projects as files, in the formats that Label Studio exports, and as JSON Lines.
//!
//! The shapes are those of Label Studio 1.23: a full export keeps everything; JSON-MIN and CSV are one flat record per
//! annotation, newest first, without canceled ones, and the data alone where a task has no annotation. One thing is
//! other: a CSV's columns stand in the order of the data and of the config, not of the alphabet.

use crate::export::{model_version, raw};
use crate::files::{WriteFailure, write_file};
use crate::projects::stored_config;
use crate::{Engine, Error, Inner, Result};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use specta::Type;
use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use touchstone_domain::{ProjectId, RunId};
use touchstone_labeling::Config;
use touchstone_store::{ExportedAnnotation, ExportedTask, Snapshot};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ProjectFormat {
    /// A list of tasks with annotations and predictions, as Label Studio exports and imports it.
    LabelStudio,
    /// Label Studio's flat JSON: a record per annotation.
    JsonMin,
    /// The same records as a table.
    Csv,
    /// The tasks of the first format, one a line.
    Jsonl,
}

#[derive(Clone, Debug, Deserialize, Type)]
pub struct ProjectExport {
    pub format: ProjectFormat,
    pub path: String,
    /// Leaves out tasks without an annotation, canceled ones not counted.
    pub only_annotated: bool,
    /// A run whose predictions go along, in the formats that have predictions.
    pub run_id: Option<RunId>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ExportedProject {
    pub tasks: u32,
    pub path: String,
}

impl Engine {
    /// Writes a project to a file. One that is there is replaced once the new one is complete.
    pub async fn export_project(&self, project: ProjectId, options: ProjectExport) -> Result<ExportedProject> {
        self.blocking(move |inner| export(inner, &project, options)).await
    }
}

/// A run whose predictions go along.
struct Predictions {
    run_key: i64,
    model_version: String,
}

fn export(inner: &Inner, project: &ProjectId, options: ProjectExport) -> Result<ExportedProject> {
    let project = inner.store.project(project.as_str())?;
    let config = stored_config(&project)?;
    let ProjectExport { format, path, only_annotated, run_id } = options;
    let predictions = run_id.map(|run| predictions(inner, project.key, format, &run)).transpose()?;
    let run_key = predictions.as_ref().map(|predictions| predictions.run_key);
    let tasks = write_file(Path::new(&path), |out| {
        inner.store.snapshot(|snapshot| {
            let tasks = Tasks { snapshot, project_key: project.key, run_key, only_annotated };
            match format {
                ProjectFormat::LabelStudio => {
                    let version = predictions.as_ref().map(|predictions| predictions.model_version.as_str());
                    list(out, &tasks, |task, each| each(&full(task, version)?))
                }
                ProjectFormat::JsonMin => list(out, &tasks, |task, each| {
                    records(&config, task)?.into_iter().try_for_each(|record| each(&json(&record.flat())?))
                }),
                ProjectFormat::Jsonl => {
                    let version = predictions.as_ref().map(|predictions| predictions.model_version.as_str());
                    tasks.each(|task| {
                        out.write_all(&full(&task, version)?)?;
                        Ok(out.write_all(b"\n")?)
                    })
                }
                ProjectFormat::Csv => table(out, &tasks, &config),
            }
        })
    })?;
    Ok(ExportedProject { tasks, path })
}

fn predictions(inner: &Inner, project_key: i64, format: ProjectFormat, run: &RunId) -> Result<Predictions> {
    if !matches!(format, ProjectFormat::LabelStudio | ProjectFormat::Jsonl) {
        let message = "predictions go along in Label Studio's JSON and in JSON Lines only";
        return Err(Error::invalid_field("run_id", message));
    }
    let run = inner.store.run(run)?;
    if run.project_key != project_key {
        return Err(Error::invalid_field("run_id", "the run is one of another project"));
    }
    Ok(Predictions { run_key: run.key, model_version: model_version(inner, &run)? })
}

type Written<T> = std::result::Result<T, WriteFailure>;

/// The tasks that are exported.
struct Tasks<'s> {
    snapshot: &'s Snapshot<'s>,
    project_key: i64,
    run_key: Option<i64>,
    only_annotated: bool,
}

impl Tasks<'_> {
    /// Gives each of them to `write`, and back how many there are.
    fn each(&self, mut write: impl FnMut(ExportedTask) -> Written<()>) -> Written<u32> {
        let mut written = 0;
        self.snapshot.each_task(self.project_key, self.run_key, |task| {
            if self.only_annotated && task.annotations.iter().all(|annotation| annotation.was_cancelled) {
                return Ok(());
            }
            written += 1;
            write(task)
        })?;
        Ok(written)
    }
}

/// Writes a JSON list of what `items` makes of each task.
fn list(
    out: &mut impl Write,
    tasks: &Tasks<'_>,
    mut items: impl FnMut(&ExportedTask, &mut dyn FnMut(&[u8]) -> Written<()>) -> Written<()>,
) -> Written<u32> {
    let mut is_first = true;
    let written = tasks.each(|task| {
        items(&task, &mut |item| {
            out.write_all(if is_first { b"[\n" } else { b",\n" })?;
            is_first = false;
            Ok(out.write_all(item)?)
        })
    })?;
    out.write_all(if is_first { b"[]\n" } else { b"\n]\n" })?;
    Ok(written)
}

/// A task of a full export.
#[derive(Serialize)]
struct FullTask<'t> {
    id: i64,
    data: &'t RawValue,
    meta: &'t RawValue,
    annotations: Vec<FullAnnotation<'t>>,
    predictions: Vec<FullPrediction<'t>>,
}

#[derive(Serialize)]
struct FullAnnotation<'t> {
    id: Value,
    result: &'t RawValue,
    ground_truth: bool,
    was_cancelled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<&'t str>,
    #[serde(skip_serializing_if = "Value::is_null")]
    updated_at: Value,
    /// The members it was imported with beside these.
    #[serde(flatten)]
    source: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum FullPrediction<'t> {
    Imported(&'t RawValue),
    OfRun { model_version: &'t str, score: Option<f64>, result: &'t RawValue },
}

fn full(task: &ExportedTask, version: Option<&str>) -> Result<Vec<u8>> {
    let imported: Vec<&RawValue> = match &task.predictions {
        Some(predictions) => serde_json::from_str(predictions).map_err(|error| Error::Internal(error.into()))?,
        None => Vec::new(),
    };
    let mut predictions: Vec<_> = imported.into_iter().map(FullPrediction::Imported).collect();
    if let (Some((result, score)), Some(model_version)) = (&task.predicted, version) {
        predictions.push(FullPrediction::OfRun { model_version, score: *score, result: raw(result)? });
    }
    json(&FullTask {
        id: id(task),
        data: raw(&task.data)?,
        meta: raw(task.meta.as_deref().unwrap_or("{}"))?,
        annotations: task.annotations.iter().map(full_annotation).collect::<Result<_>>()?,
        predictions,
    })
}

fn full_annotation(annotation: &ExportedAnnotation) -> Result<FullAnnotation<'_>> {
    let mut source = source(annotation);
    let id = source.shift_remove("id").unwrap_or(Value::from(annotation.id));
    let updated_at = updated_at(annotation, source.shift_remove("updated_at"));
    Ok(FullAnnotation {
        id,
        result: raw(&annotation.result)?,
        ground_truth: annotation.ground_truth,
        was_cancelled: annotation.was_cancelled,
        created_at: annotation.created_at.as_deref(),
        updated_at,
        source,
    })
}

/// The id that the task was imported with; without one, its id in this workspace.
fn id(task: &ExportedTask) -> i64 {
    task.source_id.unwrap_or(task.id)
}

fn source(annotation: &ExportedAnnotation) -> Map<String, Value> {
    annotation.source.as_deref().and_then(|source| serde_json::from_str(source).ok()).unwrap_or_default()
}

/// When it was changed last: here, or where it comes from.
fn updated_at(annotation: &ExportedAnnotation, imported: Option<Value>) -> Value {
    annotation.updated_at.as_deref().map(Value::from).or(imported).unwrap_or_default()
}

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::Internal(error.into()))
}

/// A flat record: a task with one of its annotations, or alone.
struct Record {
    id: i64,
    data: Map<String, Value>,
    /// What was answered, by control.
    answers: Map<String, Value>,
    /// `annotator`, `annotation_id`, `created_at`, `updated_at`, `lead_time`.
    about: Map<String, Value>,
}

impl Record {
    /// One object: a control that is named like a key of the data takes its place.
    fn flat(self) -> Map<String, Value> {
        let mut flat = self.data;
        flat.insert("id".to_owned(), Value::from(self.id));
        flat.extend(self.answers);
        flat.extend(self.about);
        flat
    }

    /// The same with a column of its own for each: a key of the data that collides with a control is marked.
    fn row(self, colliding: &HashSet<String>) -> Map<String, Value> {
        let mut row = Map::from_iter([("id".to_owned(), Value::from(self.id))]);
        let named =
            |(key, value)| if colliding.contains(&key) { (format!("_data_{key}"), value) } else { (key, value) };
        row.extend(self.data.into_iter().map(named));
        row.extend(self.answers);
        row.extend(self.about);
        row
    }
}

/// The records of a task: one for each annotation that was not canceled, the newest first; none if all were.
fn records(config: &Config, task: &ExportedTask) -> Result<Vec<Record>> {
    let data: Map<String, Value> = serde_json::from_str(&task.data).map_err(|error| Error::Internal(error.into()))?;
    if task.annotations.is_empty() {
        let about = about(None);
        return Ok(vec![Record { id: id(task), data, answers: Map::new(), about }]);
    }
    let mut annotations: Vec<_> = task.annotations.iter().filter(|annotation| !annotation.was_cancelled).collect();
    annotations.sort_by(|one, other| other.created_at.cmp(&one.created_at));
    let record = |annotation: &ExportedAnnotation| Record {
        id: id(task),
        data: data.clone(),
        answers: answers(config, &annotation.result),
        about: about(Some(annotation)),
    };
    Ok(annotations.into_iter().map(record).collect())
}

fn about(annotation: Option<&ExportedAnnotation>) -> Map<String, Value> {
    let mut source = annotation.map(source).unwrap_or_default();
    let annotator = match source.shift_remove("completed_by") {
        Some(Value::Object(mut user)) => user.shift_remove("email").unwrap_or_default(),
        user => user.unwrap_or_default(),
    };
    let id = source.shift_remove("id").or(annotation.map(|annotation| Value::from(annotation.id)));
    let created_at = annotation.and_then(|annotation| annotation.created_at.as_deref());
    let imported = source.shift_remove("updated_at");
    let updated_at = annotation.map(|annotation| updated_at(annotation, imported));
    Map::from_iter([
        ("annotator".to_owned(), annotator),
        ("annotation_id".to_owned(), id.unwrap_or_default()),
        ("created_at".to_owned(), created_at.into()),
        ("updated_at".to_owned(), updated_at.unwrap_or_default()),
        ("lead_time".to_owned(), source.shift_remove("lead_time").unwrap_or_default()),
    ])
}

/// What the regions of an annotation say, by control and as plainly as it can be said: the text of a single choice or
/// of a single answer, else the list of the regions' values.
pub(crate) fn answers(config: &Config, result: &str) -> Map<String, Value> {
    let regions: Vec<Map<String, Value>> = serde_json::from_str(result).unwrap_or_default();
    let mut answers: Map<String, Value> = Map::new();
    let mut tags: Map<String, Value> = Map::new();
    for mut region in regions {
        let Some(Value::String(name)) = region.get("from_name").cloned() else { continue };
        let Some(control) = config.controls().iter().find(|control| control.name == name) else { continue };
        let Some(Value::Object(mut value)) = region.shift_remove("value") else { continue };
        for size in ["original_width", "original_height"] {
            if let Some(pixels) = region.shift_remove(size) {
                value.insert(size.to_owned(), pixels);
            }
        }
        let member = match control.tag.as_str() {
            "Choices" => "choices",
            "TextArea" => "text",
            _ => "",
        };
        let said = match value.get_mut(member) {
            Some(Value::Array(only)) if only.len() == 1 => only.remove(0),
            _ => Value::Object(value),
        };
        tags.insert(name.clone(), Value::from(control.tag.as_str()));
        match answers.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(list) => list.push(said),
            _ => unreachable!("only lists are inserted above"),
        }
    }
    for (name, answer) in &mut answers {
        let is_plain = tags.get(name).is_some_and(|tag| tag == "Choices" || tag == "TextArea");
        if let Value::Array(list) = answer
            && is_plain
            && list.len() == 1
        {
            *answer = list.remove(0);
        }
    }
    answers
}

/// Writes the records as a table, after a first look at all of them for its columns.
fn table(out: &mut impl Write, tasks: &Tasks<'_>, config: &Config) -> Written<u32> {
    let (mut keys, mut answered) = (Map::new(), HashSet::new());
    tasks.each(|task| {
        for record in records(config, &task)? {
            for (key, _) in record.data {
                keys.entry(key).or_insert(Value::Null);
            }
            answered.extend(record.answers.into_iter().map(|(control, _)| control));
        }
        Ok(())
    })?;
    let colliding: HashSet<String> = keys.keys().filter(|key| answered.contains(*key)).cloned().collect();
    let controls = config.controls().iter().filter(|control| answered.contains(&control.name));
    // What a record of all keys and all answers has, in its order.
    let columns = Record {
        id: 0,
        data: keys,
        answers: controls.map(|control| (control.name.clone(), Value::Null)).collect(),
        about: about(None),
    };
    let columns: Vec<String> = columns.row(&colliding).into_iter().map(|(column, _)| column).collect();
    let mut table = csv::Writer::from_writer(out);
    table.write_record(&columns)?;
    let written = tasks.each(|task| {
        for record in records(config, &task)? {
            let row = record.row(&colliding);
            table.write_record(columns.iter().map(|column| cell(row.get(column))))?;
        }
        Ok(())
    })?;
    table.flush()?;
    Ok(written)
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
