//! Labeling configs while they are written: problems, changes of classes, templates, what a change does to the
//! annotations of a project, and keeping it.

use crate::projects::{ProjectDetail, ineligible, pretty, stored_config};
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specta::Type;
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;
use touchstone_domain::ProjectId;
use touchstone_domain::prompt::sha256_hex;
use touchstone_labeling::{
    Capabilities, Config, ConfigEdit, ConfigTemplate, Outline, Problem, ProblemSeverity, Renames, Tag,
};
use touchstone_store::{ConfigSaved, NewConfig, Rewrite};

/// What a labeling config says and what is wrong with it.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ConfigCheck {
    /// Why it cannot be read at all; the rest is empty then.
    pub error: Option<ConfigProblem>,
    /// In the order of the text.
    pub problems: Vec<ConfigProblem>,
    pub outline: Option<Outline>,
    pub variables: Vec<String>,
    /// Pretty JSON of the schema that a model's answer must satisfy.
    pub answer_schema: String,
    /// Why no prompt can aim at it, in words; `None` when one can.
    pub ineligible: Option<String>,
}

/// A problem of a config. Places are UTF-16 offsets into the XML, as editors in a page count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct ConfigProblem {
    pub severity: ProblemSeverity,
    pub from: u32,
    pub to: u32,
    /// The first line is 1.
    pub line: u32,
    pub message: String,
    pub fix: Option<ConfigFix>,
}

/// A change of the text that mends a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct ConfigFix {
    /// What it does, as a button says it.
    pub label: String,
    pub from: u32,
    pub to: u32,
    pub insert: String,
}

/// A class that annotations shall know by another name: what they say (its alias, else its value), and shall say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ClassRename {
    pub control: String,
    pub from: String,
    pub to: String,
}

/// What another config would mean for a project. Counts are of annotations, unless they say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Type)]
pub struct ConfigImpact {
    /// How many were looked at.
    pub annotations: u32,
    /// Controls that annotations use and the new config does not have.
    pub removed_controls: Vec<RemovedControl>,
    /// Classes that annotations use and the new config does not have.
    pub removed_labels: Vec<RemovedLabel>,
    /// Controls that annotations use and that ask for something else now.
    pub changed_controls: Vec<ChangedControl>,
    /// Variables of the new config that tasks have nothing for.
    pub missing_variables: Vec<MissingVariable>,
    /// How many fit the config of now and would not fit the new one.
    pub invalid_annotations: u32,
    /// How many of those are ground truth.
    pub ground_truths: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct RemovedControl {
    pub control: String,
    pub annotations: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct RemovedLabel {
    pub control: String,
    pub label: String,
    pub annotations: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct ChangedControl {
    pub control: String,
    /// The tag of now, and the new one.
    pub from: String,
    pub to: String,
    pub annotations: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct MissingVariable {
    pub variable: String,
    pub tasks: u32,
}

/// What a config says, and its problems.
pub fn check_config(xml: &str) -> ConfigCheck {
    let problems = placed(xml, touchstone_labeling::problems(xml));
    let Ok(config) = Config::parse(xml) else {
        let error = problems.into_iter().next();
        let (problems, variables, answer_schema) = (Vec::new(), Vec::new(), String::new());
        return ConfigCheck { error, problems, outline: None, variables, answer_schema, ineligible: None };
    };
    ConfigCheck {
        error: None,
        problems,
        outline: Some(config.outline()),
        variables: config.variables(),
        answer_schema: pretty(&config.prompt_schema(Capabilities::ALL)),
        ineligible: ineligible(&config),
    }
}

/// The tags that a config is written with.
pub fn config_tags() -> Vec<Tag> {
    touchstone_labeling::tags()
}

/// Configs for the common jobs.
pub fn config_templates() -> Result<Vec<ConfigTemplate>> {
    touchstone_labeling::templates().map_err(|error| Error::Internal(error.into()))
}

/// What they are called by.
pub fn template_ids() -> Vec<&'static str> {
    touchstone_labeling::template_ids()
}

/// The config after a change of its classes; all other text stays as it is.
pub fn edit_config(xml: &str, edit: &ConfigEdit) -> Result<String> {
    touchstone_labeling::edit(xml, edit).map_err(|error| Error::invalid(error.to_string()))
}

impl Engine {
    /// What another config would mean for the annotations and tasks of a project, once these classes are renamed. A
    /// further call ends the one before it with [`Error::Canceled`].
    pub async fn config_impact(
        &self,
        project_id: ProjectId,
        xml: String,
        renames: Vec<ClassRename>,
    ) -> Result<ConfigImpact> {
        let cancel = CancellationToken::new();
        {
            let mut latest = self.inner.impact.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(before) = latest.replace(cancel.clone()) {
                before.cancel();
            }
        }
        self.blocking(move |inner| impact(inner, &project_id, &readable(&xml)?, &renamed(renames), &cancel)).await
    }

    /// Gives a project another config. Classes that were renamed are renamed in its annotations and predictions too,
    /// in the same transaction; what does not fit the new config stays as it is. Runs keep their scores.
    pub async fn save_config(
        &self,
        project_id: ProjectId,
        xml: String,
        renames: Vec<ClassRename>,
    ) -> Result<ProjectDetail> {
        let id = project_id.clone();
        self.blocking(move |inner| {
            let config = readable(&xml)?;
            for ClassRename { control, to, .. } in &renames {
                let found = config.controls().iter().find(|found| found.name == *control);
                if !found.is_some_and(|found| found.labels.contains(to)) {
                    return Err(Error::invalid(format!(
                        "“{control}” has no class “{to}” to rename to; nothing was changed"
                    )));
                }
            }
            let row = inner.store.project(project_id.as_str())?;
            let (hash, now) = (sha256_hex(xml.as_bytes()), clock::now());
            let renames = renamed(renames);
            let rewrite = |result: &str| {
                let mut regions: Vec<Value> = serde_json::from_str(result).ok()?;
                config.rename_classes(&mut regions, &renames).then(|| Value::Array(regions).to_string())
            };
            let rewrite: Option<&Rewrite<'_>> = if renames.is_empty() { None } else { Some(&rewrite) };
            match inner.store.save_config(row.key, NewConfig { xml: &xml, hash: &hash, now: &now }, rewrite)? {
                ConfigSaved::Saved => Ok(()),
                ConfigSaved::RunActive(number) => Err(Error::invalid(format!(
                    "run {number} is at work with this labeling config; cancel it or let it finish, then save"
                ))),
            }
        })
        .await?;
        self.inner.views.note_edit();
        self.changed(Changed::Config { project_id: id.clone() });
        self.project(id.0).await
    }
}

fn readable(xml: &str) -> Result<Config> {
    Config::parse(xml)
        .map_err(|error| Error::invalid_field("xml", format!("the labeling config cannot be read: {error}")))
}

fn renamed(renames: Vec<ClassRename>) -> Renames {
    renames.into_iter().map(|ClassRename { control, from, to }| ((control, from), to)).collect()
}

fn impact(
    inner: &Inner,
    project_id: &ProjectId,
    new: &Config,
    renames: &Renames,
    cancel: &CancellationToken,
) -> Result<ConfigImpact> {
    let row = inner.store.project(project_id.as_str())?;
    let old = stored_config(&row)?;
    let mut tally = Tally::new(&old, new);
    inner.store.each_annotation(row.key, |result, is_truth| {
        // As damaged as it is, it stays what it is.
        if let Ok(regions) = serde_json::from_str(result) {
            tally.annotation(regions, is_truth, renames);
        }
        !cancel.is_cancelled()
    })?;
    let mut impact = tally.impact();
    for variable in new.variables() {
        let tasks = inner.store.tasks_without(&row, &variable, || !cancel.is_cancelled())?.ok_or(Error::Canceled)?;
        if tasks > 0 {
            impact.missing_variables.push(MissingVariable { variable, tasks });
        }
    }
    if cancel.is_cancelled() { Err(Error::Canceled) } else { Ok(impact) }
}

/// Counts over annotations; what is counted is bounded by the configs, not by the annotations.
struct Tally<'a> {
    old: &'a Config,
    new: &'a Config,
    impact: ConfigImpact,
    /// By control; the value is how many annotations, and the number of the last of them.
    controls: BTreeMap<String, (u32, u32)>,
    labels: BTreeMap<(String, String), (u32, u32)>,
    changed: BTreeMap<String, (u32, u32)>,
}

impl<'a> Tally<'a> {
    fn new(old: &'a Config, new: &'a Config) -> Self {
        let impact = ConfigImpact::default();
        Tally { old, new, impact, controls: BTreeMap::new(), labels: BTreeMap::new(), changed: BTreeMap::new() }
    }

    fn annotation(&mut self, before: Vec<Value>, is_truth: bool, renames: &Renames) {
        self.impact.annotations += 1;
        let number = self.impact.annotations;
        let mut after = before.clone();
        self.old.rename_classes(&mut after, renames);
        for region in &after {
            let Some((control, chosen)) = self.old.chosen(region) else { continue };
            let Some(now) = self.new.controls().iter().find(|new| new.name == control.name) else {
                count(&mut self.controls, control.name.clone(), number);
                continue;
            };
            if !now.tag.eq_ignore_ascii_case(&control.tag) {
                count(&mut self.changed, control.name.clone(), number);
            } else if !now.dynamic {
                // One that the config of now does not know either is not lost by the change.
                let is_lost = |label: &&str| {
                    let knows = |labels: &[String]| labels.iter().any(|known| known == label);
                    knows(&control.labels) && !knows(&now.labels)
                };
                for label in chosen.into_iter().filter(is_lost) {
                    count(&mut self.labels, (control.name.clone(), label.to_owned()), number);
                }
            }
        }
        if !self.new.faulty_regions(&after).is_empty() && self.old.faulty_regions(&before).is_empty() {
            self.impact.invalid_annotations += 1;
            self.impact.ground_truths += u32::from(is_truth);
        }
    }

    fn impact(self) -> ConfigImpact {
        let tag = |config: &Config, name: &str| {
            let found = config.controls().iter().find(|control| control.name == name);
            found.map(|control| control.tag.clone()).unwrap_or_default()
        };
        let controls = self.controls.into_iter();
        let labels = self.labels.into_iter();
        let changed = self.changed.into_iter().map(|(control, (annotations, _))| {
            let (from, to) = (tag(self.old, &control), tag(self.new, &control));
            ChangedControl { control, from, to, annotations }
        });
        ConfigImpact {
            removed_controls: controls
                .map(|(control, (annotations, _))| RemovedControl { control, annotations })
                .collect(),
            removed_labels: labels
                .map(|((control, label), (annotations, _))| RemovedLabel { control, label, annotations })
                .collect(),
            changed_controls: changed.collect(),
            ..self.impact
        }
    }
}

/// Counts an annotation once, however many of its regions are concerned.
fn count<K: Ord>(counts: &mut BTreeMap<K, (u32, u32)>, key: K, number: u32) {
    let (annotations, last) = counts.entry(key).or_default();
    if *last != number {
        (*annotations, *last) = (*annotations + 1, number);
    }
}

/// Problems with their places in UTF-16, counted in one walk over the text.
fn placed(xml: &str, problems: Vec<Problem>) -> Vec<ConfigProblem> {
    let ranges = problems.iter().flat_map(|problem| {
        let fix = problem.fix.iter().map(|fix| fix.range.clone());
        std::iter::once(problem.range.clone()).chain(fix)
    });
    let mut offsets: Vec<usize> = ranges.flat_map(|range| [range.start, range.end]).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let (mut at, mut units, mut line) = (0, 0u32, 1u32);
    let mut places = Vec::with_capacity(offsets.len());
    for offset in offsets {
        let passed = &xml[at..offset];
        let count = passed.chars().map(char::len_utf16).sum::<usize>();
        units = units.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        line = line.saturating_add(u32::try_from(passed.matches('\n').count()).unwrap_or(u32::MAX));
        at = offset;
        places.push((offset, units, line));
    }
    let place = |offset: usize| {
        let found = places.binary_search_by_key(&offset, |(offset, ..)| *offset);
        found.map_or((0, 1), |index| (places[index].1, places[index].2))
    };
    let problem = |Problem { severity, range, message, fix }: Problem| {
        let ((from, line), (to, _)) = (place(range.start), place(range.end));
        let fix = fix.map(|fix| {
            let ((from, _), (to, _)) = (place(fix.range.start), place(fix.range.end));
            ConfigFix { label: fix.label, from, to, insert: fix.insert }
        });
        ConfigProblem { severity, from, to, line, message, fix }
    };
    problems.into_iter().map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_utf_16() {
        let xml = "<View><!-- é😀 -->\n<Text name=\"t\" value=\"é😀\"/></View>";
        let problem = check_config(xml).problems.remove(0);
        let units: Vec<u16> = xml.encode_utf16().collect();
        let range = problem.from as usize..problem.to as usize;
        assert_eq!(String::from_utf16_lossy(&units[range]), "é😀");
        assert_eq!(problem.line, 2);
    }
}
