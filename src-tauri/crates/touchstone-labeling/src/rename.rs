//! Giving classes other names in regions that were made before.

use crate::config::{Config, Control};
use serde_json::Value;
use std::collections::HashMap;

/// By the name of a control and what its regions say, what they shall say.
pub type Renames = HashMap<(String, String), String>;

impl Config {
    /// What a region says was chosen, and by which control; nothing for what chooses nothing.
    pub fn chosen<'r>(&self, region: &'r Value) -> Option<(&Control, Vec<&'r str>)> {
        let control = self.control(region.get("from_name")?.as_str()?)?;
        let value = region.get("value")?;
        let mut chosen = Vec::new();
        for key in keys(control, region) {
            texts(value.get(key).unwrap_or(&Value::Null), &mut chosen);
        }
        Some((control, chosen))
    }

    /// Renames classes in regions; whether anything changed. The config may be that of before or of after.
    pub fn rename_classes(&self, regions: &mut [Value], renames: &Renames) -> bool {
        let mut changed = false;
        for region in regions {
            let Some(control) = region.get("from_name").and_then(Value::as_str).and_then(|name| self.control(name))
            else {
                continue;
            };
            let keys = keys(control, region);
            let Some(value) = region.get_mut("value").and_then(Value::as_object_mut) else { continue };
            for key in keys {
                if let Some(chosen) = value.get_mut(&key) {
                    changed |= rename(chosen, &control.name, renames);
                }
            }
        }
        changed
    }
}

/// The members of a region's value that can hold classes.
fn keys(control: &Control, region: &Value) -> Vec<String> {
    // A control that has no classes holds other texts there.
    if control.labels.is_empty() && !control.dynamic {
        return Vec::new();
    }
    let mut keys: Vec<String> = control.kind.answer_key().map(str::to_owned).into_iter().collect();
    // A label and a shape drawn with two controls: the region is of the shape's kind.
    let kind = region.get("type").and_then(Value::as_str).filter(|kind| kind.ends_with("labels"));
    for key in kind.into_iter().chain(std::iter::once("labels")) {
        if !keys.iter().any(|known| known == key) {
            keys.push(key.to_owned());
        }
    }
    keys
}

/// The texts of a list, also of lists in it; deeper than a Taxonomy nests them is not looked.
fn texts<'r>(value: &'r Value, found: &mut Vec<&'r str>) {
    for item in value.as_array().into_iter().flatten() {
        match item {
            Value::String(text) => found.push(text),
            Value::Array(steps) => found.extend(steps.iter().filter_map(Value::as_str)),
            _ => {}
        }
    }
}

fn rename(chosen: &mut Value, control: &str, renames: &Renames) -> bool {
    let mut changed = false;
    let mut one = |item: &mut Value| {
        let Value::String(text) = item else { return };
        if let Some(new) = renames.get(&(control.to_owned(), text.clone())) {
            changed = true;
            text.clone_from(new);
        }
    };
    for item in chosen.as_array_mut().into_iter().flatten() {
        match item {
            Value::Array(steps) => steps.iter_mut().for_each(&mut one),
            item => one(item),
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn classes_are_renamed_where_they_are_chosen_and_nowhere_else() {
        let config = Config::parse(
            r#"<View><Text name="t" value="$t"/><Choices name="c" toName="t"><Choice value="A"/><Choice value="B"/></Choices>
               <Labels name="l" toName="t"><Label value="A"/></Labels><TextArea name="a" toName="t"/>
               <Taxonomy name="x" toName="t"><Choice value="A"><Choice value="B"/></Choice></Taxonomy></View>"#,
        )
        .expect("the config is well-formed");
        let region = |name: &str, kind: &str, value: Value| json!({ "from_name": name, "type": kind, "value": value });
        let mut regions = [
            region("c", "choices", json!({ "choices": ["A", "B"] })),
            region("l", "labels", json!({ "start": 0, "text": "A", "labels": ["A"] })),
            region("a", "textarea", json!({ "text": ["A"] })),
            region("x", "taxonomy", json!({ "taxonomy": [["A", "B"]] })),
            json!({ "type": "relation", "labels": ["A"] }),
            json!(7),
        ];
        let rename = |control: &str, from: &str, to: &str| ((control.to_owned(), from.to_owned()), to.to_owned());
        // Two names may change places.
        let renames = [rename("c", "A", "B"), rename("c", "B", "A"), rename("x", "B", "C"), rename("a", "A", "Z")];
        assert!(config.rename_classes(&mut regions, &renames.into()));
        assert_eq!(regions[0]["value"], json!({ "choices": ["B", "A"] }));
        assert_eq!(regions[1]["value"], json!({ "start": 0, "text": "A", "labels": ["A"] }));
        assert_eq!(regions[2]["value"], json!({ "text": ["A"] }));
        assert_eq!(regions[3]["value"], json!({ "taxonomy": [["A", "C"]] }));
        assert!(!config.rename_classes(&mut regions, &Renames::new()));
        let (control, chosen) = config.chosen(&regions[3]).expect("a Taxonomy");
        assert_eq!((control.name.as_str(), chosen), ("x", vec!["A", "C"]));
    }
}
