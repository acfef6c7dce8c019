//! Choices that come from a task's data (`value="$choices"`): a config as it is for one task.
//!
//! Label Studio's own schema leaves such a control without anything to choose from; a model can only be asked with what
//! the task offers.

use crate::attributes::{AttributeStore, Attributes};
use crate::config::{Config, Control, TaxonomyNode};
use crate::data::value_at;
use crate::kind::Kind;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// Choices of one control that are taken from a task; a schema with more would be refused by every model.
const CHOICES_MAX: usize = 2_000;

/// What an annotator is shown of a choice, and what stands for it.
const MEMBERS: [&str; 5] = ["value", "alias", "background", "hotkey", "hint"];

impl Control {
    /// The variable whose value in a task's data lists the choices; `None` for choices of the config, and for those that a
    /// server would list.
    pub(crate) fn choices_from(&self) -> Option<&str> {
        let chooses =
            matches!(self.kind, Kind::Choices | Kind::Labels | Kind::RectangleLabels | Kind::Taxonomy) && self.dynamic;
        if !chooses || self.attribute("apiUrl").is_some_and(|url| !url.is_empty()) {
            return None;
        }
        self.attribute("value")?.strip_prefix('$').filter(|variable| !variable.is_empty())
    }
}

impl Config {
    /// Whether what can be chosen differs from task to task.
    pub fn depends_on_task(&self) -> bool {
        self.controls().iter().any(|control| control.choices_from().is_some())
    }

    /// The config with the choices that this task offers, behind those of the config itself. Of a list that has texts or
    /// objects with `value` and perhaps `alias`, `background`, `hotkey` and, of a Taxonomy, `children`; anything else
    /// offers nothing.
    pub fn for_task(&self, data: &Map<String, Value>) -> Cow<'_, Config> {
        if !self.depends_on_task() {
            return Cow::Borrowed(self);
        }
        Cow::Owned(self.with_controls(|control| {
            if let Some(variable) = control.choices_from() {
                let offered = value_at(data, variable).and_then(Value::as_array);
                let mut offer = Offer { choices: Vec::new(), store: AttributeStore::default(), nodes: Vec::new() };
                offer.take(offered.map_or(&[][..], Vec::as_slice), None);
                offer.give(control);
                control.dynamic = false;
            }
        }))
    }
}

/// The choices of one task, as they are read.
struct Offer {
    /// What stands for each, and which attributes are its.
    choices: Vec<(String, std::ops::Range<u32>)>,
    store: AttributeStore,
    /// Of a Taxonomy: the choice, and the place of the node around it.
    nodes: Vec<(usize, Option<u32>)>,
}

impl Offer {
    fn take(&mut self, items: &[Value], outer: Option<u32>) {
        for item in items {
            if self.nodes.len() >= CHOICES_MAX {
                return;
            }
            let member = |name: &str| item.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            let Some(value) = item.as_str().or_else(|| member("value")).filter(|value| !value.is_empty()) else {
                continue;
            };
            let key = member("alias").unwrap_or(value).to_owned();
            let first = self.store.count();
            match item {
                Value::Object(_) => {
                    for name in MEMBERS {
                        if let Some(text) = member(name) {
                            self.store.push(None, name, text);
                        }
                    }
                }
                _ => self.store.push(None, "value", value),
            }
            self.choices.push((key, first..self.store.count()));
            let place = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
            self.nodes.push((self.choices.len() - 1, outer));
            if let Some(children) = item.get("children").and_then(Value::as_array) {
                self.take(children, Some(place));
            }
        }
    }

    fn give(self, control: &mut Control) {
        let store = Arc::new(self.store);
        let before = u32::try_from(control.nodes.len()).unwrap_or(u32::MAX);
        let mut places = Vec::with_capacity(self.choices.len());
        for (key, range) in self.choices {
            let known = control.labels.iter().position(|label| *label == key);
            let place = known.unwrap_or(control.labels.len());
            if known.is_none() {
                control.labels.push(key);
                control.label_attributes.push(Attributes::of(&store, range));
            }
            places.push(u32::try_from(place).unwrap_or(u32::MAX));
        }
        if control.kind == Kind::Taxonomy {
            for (choice, outer) in self.nodes {
                let outer = outer.map(|outer| outer.saturating_add(before));
                control.nodes.push(TaxonomyNode { label: places[choice], outer });
            }
            control.forget_paths();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Capabilities;
    use serde_json::json;

    fn parse(control: &str) -> Config {
        Config::parse(&format!(r#"<View><Text name="doc" value="$text"/>{control}</View>"#)).expect("well-formed")
    }

    fn for_task(config: &Config, data: Value) -> Config {
        config.for_task(data.as_object().expect("an object")).into_owned()
    }

    #[test]
    fn choices_are_those_of_the_task() {
        let config = parse(r#"<Choices name="c" toName="doc" value="$options"><Choice value="None"/></Choices>"#);
        assert!(config.depends_on_task());
        assert_eq!(config.fillable(Capabilities::TEXT).controls.len(), 1);
        let data = json!({"text": "x", "options": ["A", {"value": "Bee", "alias": "b", "hotkey": "2"}, 7, {"value": ""}, "A"]});
        let own = for_task(&config, data.clone());
        assert_eq!(own.controls()[0].labels, ["None", "A", "b"]);
        assert_eq!(own.prompt_schema(Capabilities::TEXT)["properties"]["c"]["enum"], json!(["None", "A", "b"]));
        let classes = &own.outline().nodes[2].classes;
        assert_eq!((classes[2].value.as_str(), classes[2].hotkey.as_deref()), ("Bee", Some("2")));
        let data = data.as_object().expect("an object");
        let placed = config.place_answer(&json!({"c": "b"}), data, Capabilities::TEXT).expect("one of the task's");
        assert_eq!(placed.regions[0].value.get("choices"), Some(&json!(["b"])));
        assert!(config.place_answer(&json!({"c": "C"}), data, Capabilities::TEXT).is_err(), "no choice of this task");
    }

    #[test]
    fn a_taxonomy_is_nested_as_the_task_has_it() {
        let config = parse(r#"<Taxonomy name="t" toName="doc" value="$tree"/>"#);
        let tree =
            json!([{"value": "Animals", "children": [{"value": "Cats"}, {"value": "Dogs"}]}, {"value": "Plants"}]);
        let own = for_task(&config, json!({"text": "x", "tree": tree}));
        let paths: Vec<String> = own.controls()[0].paths().iter().map(|path| path.join(">")).collect();
        assert_eq!(paths, ["Animals", "Animals>Cats", "Animals>Dogs", "Plants"]);
    }

    #[test]
    fn a_task_that_offers_nothing_is_not_asked() {
        let config = parse(r#"<Labels name="l" toName="doc" value="$labels"/>"#);
        for data in [json!({"text": "x"}), json!({"text": "x", "labels": "A"}), json!({"text": "x", "labels": []})] {
            let own = for_task(&config, data);
            assert!(own.fillable(Capabilities::TEXT).controls.is_empty());
        }
        let schema = config.prompt_schema(Capabilities::TEXT).to_string();
        assert!(!schema.contains("\"enum\":[]"), "nothing that no answer could satisfy: {schema}");
    }

    #[test]
    fn what_a_server_lists_is_skipped() {
        let config = parse(r#"<Taxonomy name="t" toName="doc" apiUrl="https://host/tree" value="$tree"/>"#);
        assert!(!config.depends_on_task());
        assert!(config.fillable(Capabilities::TEXT).controls.is_empty());
    }
}
