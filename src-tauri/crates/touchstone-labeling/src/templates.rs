//! Labeling configs for the common jobs, to start a project from, each with a few tasks to try it on.

use crate::config::Config;
use crate::xml::ConfigError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;

/// A config for a common job.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub struct ConfigTemplate {
    pub id: &'static str,
    /// What it is listed under.
    pub group: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    pub xml: &'static str,
    /// The tags of its controls, each once, in the config's order.
    pub controls: Vec<String>,
    /// The data of the first of its tasks.
    pub sample: Map<String, Value>,
    /// How many tasks there are.
    pub task_count: u32,
    /// Tasks to try it on, all with ground truth, in Label Studio's format: a JSON list.
    #[serde(skip)]
    #[specta(skip)]
    pub tasks: &'static str,
}

struct Row {
    id: &'static str,
    group: &'static str,
    title: &'static str,
    description: &'static str,
    xml: &'static str,
    tasks: &'static str,
}

/// What is read of a task here.
#[derive(Deserialize)]
struct Task {
    data: Map<String, Value>,
}

macro_rules! rows {
    ($($id:literal, $group:literal, $title:literal, $description:literal;)*) => {
        &[$(Row {
            id: $id,
            group: $group,
            title: $title,
            description: $description,
            xml: include_str!(concat!("../templates/", $id, ".xml")),
            tasks: include_str!(concat!("../templates/", $id, ".json")),
        }),*]
    };
}

#[rustfmt::skip]
const ROWS: &[Row] = rows! {
    "sentiment", "Text", "Sentiment", "Is a text positive, negative or neutral?";
    "topic", "Text", "Topic", "Which one topic is a text about?";
    "tags", "Text", "Tags", "Which of several tags fit a text?";
    "entities", "Text", "Named entities", "Mark people, places and the like in a text.";
    "spans-and-kind", "Text", "Spans and kind", "Mark spans in a message and say what kind of message it is.";
    "taxonomy", "Text", "Taxonomy", "Find the place of a text in a tree of subjects.";
    "summary-quality", "Text", "Summary quality", "Rate a summary of a text and say why.";
    "translation", "Text", "Translation review", "Rate a translation and correct it.";
    "numbers", "Extraction", "Amounts and fields", "Read an amount and other fields from a document.";
    "dates", "Extraction", "Dates", "Read a date from a text.";
    "table-row", "Extraction", "Table row", "Check a row of a table.";
    "interface", "Extraction", "Interface of your own", "Read several fields at once, with code for a form in Label Studio.";
    "pairwise", "Model answers", "Compare two answers", "Which of two answers to a question is better?";
    "ranking", "Model answers", "Rank results", "Put search results in the order of their use.";
    "sorting", "Model answers", "Sort results", "Tell useful search results from useless ones, the best first.";
    "chat", "Model answers", "Conversation quality", "Rate a conversation with an assistant.";
    "image-class", "Images and documents", "Image kind", "What does a picture show?";
    "image-boxes", "Images and documents", "Boxes in an image", "Mark objects in a picture with boxes.";
    "pdf-class", "Images and documents", "PDF kind", "What kind of document is a PDF?";
};

/// The templates, in the order in which to offer them.
pub fn templates() -> Result<Vec<ConfigTemplate>, ConfigError> {
    ROWS.iter().map(Row::template).collect()
}

/// What the templates are called by, in the same order.
pub fn template_ids() -> Vec<&'static str> {
    ROWS.iter().map(|row| row.id).collect()
}

impl Row {
    fn template(&self) -> Result<ConfigTemplate, ConfigError> {
        let damaged = || ConfigError { message: format!("the template {} has no tasks", self.id), line: 1, column: 1 };
        let tasks: Vec<Task> = serde_json::from_str(self.tasks).map_err(|_| damaged())?;
        let task_count = u32::try_from(tasks.len()).map_err(|_| damaged())?;
        let mut controls: Vec<String> = Vec::new();
        for control in Config::parse(self.xml)?.controls() {
            if !controls.contains(&control.tag) {
                controls.push(control.tag.clone());
            }
        }
        Ok(ConfigTemplate {
            id: self.id,
            group: self.group,
            title: self.title,
            description: self.description,
            xml: self.xml,
            controls,
            sample: tasks.into_iter().next().ok_or_else(damaged)?.data,
            task_count,
            tasks: self.tasks,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Control;
    use crate::fillable::Capabilities;
    use crate::import::{ImportedTask, TaskRules, TextFormat, read_tasks};
    use crate::kind::Kind;
    use crate::region::Region;
    use crate::tags::{TagKind, tags};
    use crate::{data, lint};
    use serde_json::json;
    use std::collections::BTreeSet;
    use std::ops::ControlFlow;

    /// Each template with its config and its tasks as an import reads them.
    fn each(mut look: impl FnMut(&ConfigTemplate, &Config, &[ImportedTask])) {
        for template in templates().expect("the templates can be read") {
            let config = Config::parse(template.xml).expect("the config is well-formed");
            let mut tasks = Vec::new();
            let rules = TaskRules::upload(&config);
            let read = read_tasks(template.tasks.as_bytes(), TextFormat::Json, &rules, |place, task| {
                tasks.push(task.unwrap_or_else(|refusal| panic!("{} {place:?}: {}", template.id, refusal.message)));
                ControlFlow::Continue(())
            });
            read.expect("the list can be read");
            look(&template, &config, &tasks);
        }
    }

    /// The ground truth of a task.
    fn truth(task: &ImportedTask) -> Vec<Value> {
        let [annotation] = &task.annotations[..] else { panic!("a task has one annotation: {task:?}") };
        assert!(annotation.ground_truth && !annotation.ground_truth_implied && !annotation.was_cancelled, "{task:?}");
        serde_json::from_str(&annotation.result).expect("regions are JSON")
    }

    fn regions(truth: &[Value]) -> Vec<Region> {
        truth.iter().cloned().map(Region::from_json).collect()
    }

    /// What a model would have to say of a control for these regions.
    fn answer(control: &Control, regions: &[Region]) -> Value {
        let values: Vec<_> =
            regions.iter().filter(|region| region.from_name == control.name).map(|region| &region.value).collect();
        let member = |key: &str| values.first().and_then(|value| value.get(key)).cloned();
        match control.kind {
            Kind::Labels | Kind::RectangleLabels => json!(values),
            Kind::Choices if control.multiple() => member("choices").unwrap_or_else(|| json!([])),
            Kind::Choices => member("choices").map_or(Value::Null, |chosen| chosen[0].clone()),
            Kind::TextArea => member("text").map_or(Value::Null, |texts| texts[0].clone()),
            Kind::Ranker => json!(values[0]),
            kind => member(kind.answer_key().expect("such a control is answered")).unwrap_or(Value::Null),
        }
    }

    #[test]
    fn every_template_can_be_saved_filled_and_suits_its_sample() {
        each(|template, config, tasks| {
            let id = template.id;
            assert_eq!(lint::problems(template.xml), [], "{id}");
            let fillable = config.fillable(Capabilities::ALL);
            assert!(!fillable.controls.is_empty() && fillable.skipped.is_empty(), "{id}");
            for variable in config.variables() {
                assert!(template.sample.contains_key(&variable), "{id}: the sample has {variable}");
            }
            assert!(config.schema().is_some(), "{id}");
            assert_eq!((tasks.len(), &tasks[0].data), (template.task_count as usize, &template.sample), "{id}");
        });
    }

    #[test]
    fn every_template_has_ground_truth_that_a_model_can_reach() {
        each(|template, config, tasks| {
            let id = template.id;
            assert!(tasks.len() >= 6, "{id}: a few tasks to try it on");
            let mut answered = BTreeSet::new();
            for task in tasks {
                assert_eq!(task.warnings, Vec::<String>::new(), "{id}");
                let truth = truth(task);
                assert_eq!(config.faulty_regions(&truth), Vec::<usize>::new(), "{id}: {truth:?}");
                let truth = regions(&truth);
                answered.extend(truth.iter().map(|region| region.from_name.clone()));
                let required = config.controls().iter().filter(|control| control.required);
                for control in required {
                    assert!(truth.iter().any(|region| region.from_name == control.name), "{id}: {}", control.name);
                }
                let same = config.score(&truth, &truth, Capabilities::ALL);
                assert!(same.correct && same.controls.iter().any(|control| control.exact.is_some()), "{id}: {same:?}");
                let answers = config.controls().iter().map(|control| (control.name.clone(), answer(control, &truth)));
                let answers = Value::Object(answers.collect());
                let placed = config.place_answer(&answers, &task.data, Capabilities::ALL);
                let placed = placed.unwrap_or_else(|error| panic!("{id}: {error:?} in {answers}"));
                let score = config.score(&truth, &placed.regions, Capabilities::ALL);
                assert!(score.correct, "{id}: {score:?} of {answers}, placed as {:?}", placed.regions);
            }
            let controls: BTreeSet<_> = config.controls().iter().map(|control| control.name.clone()).collect();
            assert_eq!(answered, controls, "{id}: each control has ground truth");
        });
    }

    #[test]
    fn what_the_tasks_mark_is_there() {
        each(|template, config, tasks| {
            for (task, region) in
                tasks.iter().flat_map(|task| regions(&truth(task)).into_iter().map(move |region| (task, region)))
            {
                let (id, value) = (template.id, &region.value);
                let control = config.control(&region.from_name).expect("a control");
                let shown = config.object(&control.to_name[0]).and_then(|object| object.variable.as_deref());
                let shown = shown.and_then(|variable| data::value_at(&task.data, variable));
                let number = |key: &str| value[key].as_f64().expect("a number");
                match control.kind {
                    Kind::Labels => {
                        let (start, end) = (value["start"].as_u64(), value["end"].as_u64());
                        let (Some(start), Some(end)) = (start, end) else { panic!("{id}: {value:?}") };
                        let text = shown.and_then(Value::as_str).expect("a text").chars();
                        let marked: String = text.skip(start as usize).take((end - start) as usize).collect();
                        assert_eq!(value["text"], marked, "{id}");
                    }
                    Kind::RectangleLabels => {
                        let (right, bottom) = (number("x") + number("width"), number("y") + number("height"));
                        assert!(
                            number("x") >= 0.0 && number("y") >= 0.0 && right <= 100.0 && bottom <= 100.0,
                            "{id}: {value:?}"
                        );
                    }
                    Kind::Taxonomy => {
                        let chosen: Vec<Vec<String>> =
                            serde_json::from_value(value["taxonomy"].clone()).expect("paths");
                        assert!(chosen.iter().all(|path| control.paths().contains(path)), "{id}: {chosen:?}");
                    }
                    Kind::Ranker => {
                        let buckets = value["ranker"].as_object().expect("buckets").values();
                        let ranked: BTreeSet<_> =
                            buckets.flat_map(|ids| ids.as_array().expect("ids")).map(Value::to_string).collect();
                        let items = shown.and_then(Value::as_array).expect("a list").iter();
                        let items: BTreeSet<_> = items.map(|item| item["id"].to_string()).collect();
                        assert_eq!(ranked, items, "{id}");
                    }
                    _ => {}
                }
            }
        });
    }

    #[test]
    fn every_control_that_a_prompt_can_fill_has_a_template() {
        let mut offered = BTreeSet::new();
        each(|template, _, _| offered.extend(template.controls.iter().cloned()));
        let fillable = tags().into_iter().filter(|tag| tag.kind == TagKind::Control && tag.fillable);
        let missing: Vec<_> = fillable.map(|tag| tag.name).filter(|name| !offered.contains(*name)).collect();
        assert_eq!(missing, Vec::<&str>::new());
    }
}
