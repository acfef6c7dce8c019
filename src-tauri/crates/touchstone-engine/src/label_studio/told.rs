//! What there is to give of some tasks of a run, beside what their server has of them.

use super::merge::remote_id;
use super::push::{OtherVersions, PushOptions, size};
use crate::{Error, Inner, Result};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashMap;
use touchstone_domain::TaskId;
use touchstone_domain::prompt::sha256_hex;
use touchstone_labelstudio::{Asked, Client, RemotePrediction};
use touchstone_store::{GivenPrediction, StoredAnnotation};

/// What predictions say that they are from.
pub(super) struct Version {
    /// Prompt and version hash, and what else the version alone does not say.
    pub name: String,
    /// What those of all versions of the same prompt begin with, and what follows it in this one's.
    pub prompt: String,
    pub hash: String,
    /// Controls that compare objects, and the first of them: a server takes a region of theirs only as one of an object, where
    /// the editor's own has the control.
    pub compared: HashMap<String, String>,
}

impl Version {
    /// Whether a prediction by another name, or by this one with another result, is of an earlier version of the prompt or of an
    /// earlier run of this one. That of another model or repetition is neither.
    fn replaces(&self, name: &str) -> bool {
        let hash = name.strip_prefix(&self.prompt).and_then(|rest| rest.get(..self.hash.len()));
        let is_version = hash.is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        is_version && (hash != Some(&*self.hash) || name == self.name)
    }

    /// The regions as a server takes them.
    fn as_taken(&self, result: &str) -> Option<Value> {
        let mut regions: Value = serde_json::from_str(result).ok()?;
        for region in regions.as_array_mut()? {
            let object = region.get("from_name").and_then(Value::as_str).and_then(|control| self.compared.get(control));
            if let (Some(object), Some(region)) = (object.cloned(), region.as_object_mut()) {
                region.insert("to_name".to_owned(), object.into());
            }
        }
        Some(regions)
    }
}

/// A task as its server has it.
#[derive(Deserialize)]
struct Theirs {
    id: i64,
    #[serde(default)]
    predictions: Vec<RemotePrediction>,
    #[serde(default)]
    annotations: Vec<TheirAnnotation>,
}

#[derive(Deserialize)]
struct TheirAnnotation {
    id: i64,
    #[serde(default)]
    ground_truth: bool,
    result: Box<RawValue>,
}

/// A prediction that is not there.
pub(super) struct Missing {
    pub remote_id: i64,
    pub result: Box<RawValue>,
    pub score: Option<f64>,
    /// A pull gave the task other data after the run had begun.
    pub is_of_other_data: bool,
}

/// An annotation that is not there.
pub(super) struct Unsent {
    pub remote_id: i64,
    pub task_id: TaskId,
    pub annotation: StoredAnnotation,
}

/// A prediction there of the same prompt, which another takes the place of.
pub(super) struct Earlier {
    /// The task there.
    pub remote_id: i64,
    pub prediction: i64,
    pub version: String,
}

/// What there is to do for some tasks of a run, whatever is chosen of it.
#[derive(Default)]
pub(super) struct Told {
    pub missing: Vec<Missing>,
    pub unchanged: u32,
    pub others: Vec<Earlier>,
    pub failed_tasks: u32,
    pub not_there: u32,
    pub annotations: Vec<Unsent>,
    /// Annotations there that are ground truth here.
    pub marks: Vec<i64>,
}

/// How much there is to do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub predictions: u32,
    /// Those of them whose task got other data since.
    pub of_other_data: u32,
    pub unchanged: u32,
    pub others: u32,
    /// Those of them of the version that `add` was told.
    pub named: u32,
    pub failed_tasks: u32,
    pub not_there: u32,
    pub annotations: u32,
    /// Those of them that are ground truth here.
    pub marked: u32,
    pub marks: u32,
}

impl Counts {
    /// `named` is the version to count apart of those that others take the place of.
    pub(super) fn add(&mut self, told: &Told, named: Option<&str>) {
        self.predictions += size(told.missing.len());
        self.of_other_data += size(told.missing.iter().filter(|missing| missing.is_of_other_data).count());
        self.unchanged += told.unchanged;
        self.others += size(told.others.len());
        let is_named = |earlier: &&Earlier| named == Some(earlier.version.as_str());
        self.named += size(told.others.iter().filter(is_named).count());
        self.failed_tasks += told.failed_tasks;
        self.not_there += told.not_there;
        self.annotations += size(told.annotations.len());
        self.marked += size(told.annotations.iter().filter(|unsent| unsent.annotation.row.ground_truth).count());
        self.marks += size(told.marks.len());
    }

    /// With nothing that was not chosen.
    pub(super) fn chosen(self, options: &PushOptions) -> Self {
        let when = |is_chosen, count| if is_chosen { count } else { 0 };
        Self {
            others: when(options.other_versions == OtherVersions::Replace, self.others),
            named: when(options.other_versions == OtherVersions::Replace, self.named),
            annotations: when(options.annotations, self.annotations),
            marks: when(options.ground_truth, self.marks + when(options.annotations, self.marked)),
            ..self
        }
    }
}

/// What is here of some tasks of a run.
pub(super) struct Here {
    rows: Vec<GivenPrediction>,
    annotations: HashMap<TaskId, Vec<StoredAnnotation>>,
}

impl Here {
    pub(super) fn read(inner: &Inner, run_key: i64, after: TaskId, limit: u32) -> Result<Self> {
        let rows = inner.store.given_predictions(run_key, after, limit)?;
        let mut annotations = HashMap::new();
        for row in rows.iter().filter(|row| row.remote_id.is_some()) {
            let own = inner.store.stored_annotations(row.task_id)?;
            if own.iter().any(|own| own.row.is_ground_truth() || Some(own.id.0) == row.annotation_id) {
                annotations.insert(row.task_id, own);
            }
        }
        Ok(Self { rows, annotations })
    }

    pub(super) fn last(&self) -> Option<TaskId> {
        self.rows.last().map(|row| row.task_id)
    }

    pub(super) fn len(&self) -> u32 {
        size(self.rows.len())
    }

    /// What there is of them, without a look at what the server has.
    pub(super) fn alone(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.rows {
            match (row.remote_id, &row.result) {
                (_, None) => counts.failed_tasks += 1,
                (None, _) => counts.not_there += 1,
                _ => {
                    counts.predictions += 1;
                    counts.of_other_data += u32::from(row.is_of_other_data);
                }
            }
        }
        counts
    }

    /// Beside what the server has of them.
    pub(super) async fn beside(&self, client: &Client, project: i64, version: &Version) -> Result<Told> {
        let ids: Vec<_> = self.rows.iter().filter_map(|row| row.remote_id).collect();
        let theirs = if ids.is_empty() { HashMap::new() } else { theirs(client, project, &ids).await? };
        let mut told = Told::default();
        for row in &self.rows {
            let Some(there) = row.remote_id.and_then(|id| theirs.get(&id)) else {
                told.not_there += 1;
                continue;
            };
            match &row.result {
                None => told.failed_tasks += 1,
                Some(result) => told.prediction(there, row, result, version)?,
            }
            if let Some(own) = self.annotations.get(&row.task_id) {
                told.annotations(there, row, own);
            }
        }
        Ok(told)
    }
}

async fn theirs(client: &Client, project: i64, ids: &[i64]) -> Result<HashMap<i64, Theirs>> {
    let tasks: Asked<_> = client.tasks_by_id(project, ids).await;
    let read = |task: touchstone_labelstudio::RemoteTask| {
        let theirs: Theirs = serde_json::from_str(task.json.get()).map_err(|error| {
            Error::invalid(format!("{} told of task {} what cannot be read: {error}", client.host(), task.id))
        })?;
        Ok((theirs.id, theirs))
    };
    tasks?.into_iter().map(read).collect()
}

impl Told {
    fn prediction(&mut self, there: &Theirs, row: &GivenPrediction, result: &str, version: &Version) -> Result<()> {
        let regions = version.as_taken(result);
        // Ground truth that changed since gives it another score here; it is the same prediction for that.
        let is_it = |other: &RemotePrediction| {
            other.model_version.as_deref() == Some(&version.name) && value(other.result.get()) == regions
        };
        let same = there.predictions.iter().find(|other| is_it(other));
        let others = there.predictions.iter().filter(|other| same.is_none_or(|same| same.id != other.id));
        self.others.extend(others.filter_map(|other| {
            let version = other.model_version.clone().filter(|name| version.replaces(name))?;
            Some(Earlier { remote_id: there.id, prediction: other.id, version })
        }));
        if same.is_some() {
            self.unchanged += 1;
        } else {
            let regions = regions.map_or_else(|| result.to_owned(), |regions| regions.to_string());
            let result = RawValue::from_string(regions).map_err(|error| Error::Internal(error.into()))?;
            let (score, is_of_other_data) = (row.score, row.is_of_other_data);
            self.missing.push(Missing { remote_id: there.id, result, score, is_of_other_data });
        }
        Ok(())
    }

    fn annotations(&mut self, there: &Theirs, row: &GivenPrediction, own: &[StoredAnnotation]) {
        for annotation in own {
            match remote_id(annotation.row.source.as_deref()) {
                None if Some(annotation.id.0) == row.annotation_id => {
                    // One whose id was not noted any more comes home with the next pull.
                    let own = value(&annotation.row.result);
                    if !there.annotations.iter().any(|theirs| value(theirs.result.get()) == own) {
                        let (remote_id, task_id, annotation) = (there.id, row.task_id, annotation.clone());
                        self.annotations.push(Unsent { remote_id, task_id, annotation });
                    }
                }
                Some(id) if annotation.counts => {
                    let unmarked = there.annotations.iter().find(|theirs| theirs.id == id && !theirs.ground_truth);
                    self.marks.extend(unmarked.map(|theirs| theirs.id));
                }
                _ => {}
            }
        }
    }
}

impl Unsent {
    /// What the server knows it by, as a UUID: the same whenever it is given.
    pub(super) fn unique_id(&self) -> String {
        let StoredAnnotation { id, row, .. } = &self.annotation;
        let hex =
            sha256_hex(format!("{}/{id}/{}", self.remote_id, row.created_at.as_deref().unwrap_or_default()).as_bytes());
        let digits = u128::from_str_radix(&hex[..32], 16).expect("a hash has hexadecimal digits");
        uuid::Builder::from_custom_bytes(digits.to_be_bytes()).into_uuid().to_string()
    }
}

fn value(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok()
}
