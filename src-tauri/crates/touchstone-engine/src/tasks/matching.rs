//! Whether a task passes the filters of a view.

use super::TaskFilter;
use super::field::field_of;
use serde_json::Value;
use touchstone_domain::text::folded;
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
        needle: AsciiNeedle,
        /// JSON spells the text as it is, so that JSON without it has no value with it.
        plain: bool,
    },
    /// Folded.
    Any(String),
}

impl Needle {
    fn new(text: &str) -> Self {
        if !text.is_ascii() {
            return Self::Any(folded(text));
        }
        let plain = text.bytes().all(|byte| !matches!(byte, 0..0x20 | b'"' | b'\\'));
        Self::Ascii { needle: AsciiNeedle::new(text), plain }
    }

    fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Ascii { needle, .. } => needle.is_in(text.as_bytes()),
            Self::Any(needle) => folded(text).contains(needle),
        }
    }

    fn may_be_in_json(&self, json: &[u8]) -> bool {
        match self {
            Self::Ascii { needle, plain } => !plain || needle.is_in(json),
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

/// An ASCII text, looked for in either case by its rarest character.
struct AsciiNeedle {
    /// Lower case, not empty.
    text: Vec<u8>,
    /// The place of that character.
    rarest: usize,
}

/// Characters by how often texts of many languages have them, the most frequent first; everything else is rarer.
const FREQUENT: &[u8] = b" eaintorsludhcm.,pgfyb-vw0123456789kzjxq";

impl AsciiNeedle {
    fn new(text: &str) -> Self {
        let text = text.to_ascii_lowercase().into_bytes();
        let rarity = |byte: u8| FREQUENT.iter().position(|known| *known == byte).unwrap_or(FREQUENT.len());
        let rarest = (0..text.len()).max_by_key(|&place| rarity(text[place])).unwrap_or_default();
        Self { text, rarest }
    }

    fn is_in(&self, text: &[u8]) -> bool {
        let letter = self.text[self.rarest];
        memchr::memchr2_iter(letter, letter.to_ascii_uppercase(), text).any(|place| {
            let found = place.checked_sub(self.rarest).and_then(|start| text.get(start..start + self.text.len()));
            found.is_some_and(|found| found.eq_ignore_ascii_case(&self.text))
        })
    }
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
                    && match field {
                        Some(field) => field_of(task.data, field).is_some_and(|value| needle.is_in_value(&value)),
                        None => serde_json::from_slice::<Value>(task.data).is_ok_and(|data| needle.is_in_value(&data)),
                    }
            }
            Content::Label { control, label } => task.ground_truth.is_some_and(|regions| {
                // A label without escapes stands in the JSON as it is, and parsing is the slow part.
                let escaped = label.contains(['"', '\\']) || label.contains(char::is_control);
                (escaped || memchr::memmem::find(regions, label.as_bytes()).is_some())
                    && has_label(regions, control, label)
            }),
        })
    }
}

fn has_label(regions: &[u8], control: &str, label: &str) -> bool {
    let Ok(Value::Array(regions)) = serde_json::from_slice(regions) else { return false };
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
        let task = ScannedTask { position: 0, data: data.as_bytes(), ground_truth: None };
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
        // A sigma is another small letter at the end of a word.
        for (data, text) in [("ΟΔΟΣ", "οδος"), ("ΟΔΟΣ 7", "οδοσ"), ("οδος", "ΟΔΟΣ"), ("ΣΟΦΟΣ", "φοΣ")]
        {
            check(any(text), &format!(r#"{{"text":"{data}"}}"#), true);
        }
        check(field("text", "tea"), data, true);
        check(field("size", "tea"), data, false);
        check(field("missing", "tea"), data, false);
    }
}
