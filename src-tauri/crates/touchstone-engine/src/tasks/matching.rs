//! Whether a task passes the filters of a view.

use super::TaskFilter;
use serde_json::Value;
use touchstone_store::{ScanColumns, ScannedTask, TaskCondition};

/// Filters made ready: those that the file can decide, and those that need a look at the content.
pub(super) struct Matching {
    pub(super) conditions: Vec<TaskCondition>,
    contents: Vec<Content>,
}

enum Content {
    /// In this field, or in any.
    Text {
        field: Option<String>,
        needle: Needle,
    },
    Label {
        control: String,
        label: String,
    },
}

/// A text that is looked for in any case.
enum Needle {
    /// ASCII, whose letters have two cases.
    Ascii {
        needle: Vec<u8>,
        /// JSON spells the text as it is, so that JSON without it has no value with it.
        plain: bool,
    },
    /// Lower case.
    Any(String),
}

impl Needle {
    fn new(text: &str) -> Self {
        if !text.is_ascii() {
            return Self::Any(text.to_lowercase());
        }
        let plain = text.bytes().all(|byte| !matches!(byte, 0..0x20 | b'"' | b'\\'));
        Self::Ascii { needle: text.to_ascii_lowercase().into_bytes(), plain }
    }

    fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Ascii { needle, .. } => contains_ascii(text, needle),
            Self::Any(needle) => text.to_lowercase().contains(needle),
        }
    }

    fn may_be_in_json(&self, json: &str) -> bool {
        match self {
            Self::Ascii { needle, plain } => !plain || contains_ascii(json, needle),
            Self::Any(_) => true,
        }
    }

    /// In a text or number at any depth, never in the name of a member.
    fn is_in_value(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.is_in(text),
            Value::Number(number) => self.is_in(&number.to_string()),
            Value::Bool(truth) => self.is_in(if *truth { "true" } else { "false" }),
            Value::Null => false,
            Value::Array(items) => items.iter().any(|item| self.is_in_value(item)),
            Value::Object(members) => members.values().any(|member| self.is_in_value(member)),
        }
    }
}

/// Whether `text` contains `needle`, which is lower case, not empty, and ASCII, in either case.
fn contains_ascii(text: &str, needle: &[u8]) -> bool {
    let first = needle[0];
    text.as_bytes()
        .windows(needle.len())
        .any(|window| window[0].to_ascii_lowercase() == first && window.eq_ignore_ascii_case(needle))
}

impl Matching {
    pub(super) fn new(filters: &[TaskFilter]) -> Self {
        let mut matching = Self { conditions: Vec::new(), contents: Vec::new() };
        for filter in filters {
            match filter {
                TaskFilter::FieldContains { text, .. } | TaskFilter::AnyContains { text } if text.is_empty() => {}
                TaskFilter::FieldContains { field, text } => {
                    let needle = Needle::new(text);
                    matching.contents.push(Content::Text { field: Some(field.clone()), needle });
                }
                TaskFilter::AnyContains { text } => {
                    matching.contents.push(Content::Text { field: None, needle: Needle::new(text) });
                }
                TaskFilter::GroundTruth { has } => matching.conditions.push(TaskCondition::GroundTruth(*has)),
                TaskFilter::Annotated { has } => matching.conditions.push(TaskCondition::Annotated(*has)),
                TaskFilter::Split { held_out } => matching.conditions.push(TaskCondition::HeldOut(*held_out)),
                TaskFilter::Label { control, label } => {
                    matching.conditions.push(TaskCondition::GroundTruth(true));
                    matching.contents.push(Content::Label { control: control.clone(), label: label.clone() });
                }
            }
        }
        matching
    }

    /// Every task passes.
    pub(super) fn is_empty(&self) -> bool {
        self.conditions.is_empty() && self.contents.is_empty()
    }

    /// What [`Self::passes`] reads.
    pub(super) fn columns(&self) -> ScanColumns {
        ScanColumns {
            data: self.contents.iter().any(|content| matches!(content, Content::Text { .. })),
            ground_truth: self.contents.iter().any(|content| matches!(content, Content::Label { .. })),
        }
    }

    /// Whether a task that meets the conditions passes the rest as well.
    pub(super) fn passes(&self, task: ScannedTask<'_>) -> bool {
        self.contents.iter().all(|content| match content {
            Content::Text { field, needle } => {
                needle.may_be_in_json(task.data)
                    && serde_json::from_str::<Value>(task.data).is_ok_and(|data| match field {
                        Some(field) => data.get(field).is_some_and(|value| needle.is_in_value(value)),
                        None => needle.is_in_value(&data),
                    })
            }
            Content::Label { control, label } => task.ground_truth.is_some_and(|regions| {
                // A label without escapes stands in the JSON as it is, and parsing is the slow part.
                let escaped = label.contains(['"', '\\']) || label.contains(char::is_control);
                (escaped || regions.contains(label.as_str())) && has_label(regions, control, label)
            }),
        })
    }
}

fn has_label(regions: &str, control: &str, label: &str) -> bool {
    let Ok(Value::Array(regions)) = serde_json::from_str(regions) else { return false };
    regions.iter().any(|region| {
        let kind = region.get("type").and_then(Value::as_str).unwrap_or_default();
        region.get("from_name").and_then(Value::as_str) == Some(control)
            && region.get("value").and_then(|value| value.get(kind)).is_some_and(|value| is_value(value, label))
    })
}

fn is_value(value: &Value, label: &str) -> bool {
    match value {
        Value::String(text) => text == label,
        Value::Number(number) => number.to_string() == label,
        Value::Array(items) => items.iter().any(|item| is_value(item, label)),
        Value::Null | Value::Bool(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(filter: TaskFilter, data: &str, expected: bool) {
        let matching = Matching::new(std::slice::from_ref(&filter));
        let task = ScannedTask { position: 0, data, ground_truth: None };
        assert_eq!(matching.passes(task), expected, "{filter:?} on {data}");
    }

    fn any(text: &str) -> TaskFilter {
        TaskFilter::AnyContains { text: text.to_owned() }
    }

    fn field(field: &str, text: &str) -> TaskFilter {
        TaskFilter::FieldContains { field: field.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn only_values_are_searched_and_in_any_case() {
        let data = r#"{"text":"Große ÄPFEL \"n\\n\" and\ttea","size":12,"tags":["Red",{"deep":"Blue"}]}"#;
        for (text, expected) in [
            ("GROSSE", false),
            ("GROßE äpfel", true),
            ("\"N\\n\"", true),
            ("and\ttea", true),
            ("text", false),
            ("\":\"", false),
            ("12", true),
            ("blue", true),
            ("deep", false),
            ("", true),
        ] {
            check(any(text), data, expected);
        }
        check(field("text", "tea"), data, true);
        check(field("size", "tea"), data, false);
        check(field("missing", "tea"), data, false);
    }
}
