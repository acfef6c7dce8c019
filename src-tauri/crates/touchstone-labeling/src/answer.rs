//! From a model's answer to regions.
//!
//! An answer is an object of control names and payloads. It is held to the prompt schema, its spans are placed by
//! their quotes, and each payload becomes regions of its control. Nothing is coerced; whatever is taken otherwise than
//! the answer said is recorded as a repair. One control that fails fails the whole answer.

use crate::config::{Config, Control};
use crate::fillable::Capabilities;
use crate::kind::Kind;
use crate::region::{Region, RegionIds};
use crate::repairs::{place_spans, repaired};
use crate::satisfy::{Violation, satisfies, shown};
use crate::value;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use std::borrow::Cow;

/// How many members that were left out a message names.
const LOSSES_NAMED_MAX: usize = 5;

/// The regions of an answer, in the answer's order, and what was taken otherwise than it said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placed {
    pub regions: Vec<Region>,
    pub repairs: Vec<Repair>,
}

/// Something of an answer that was taken otherwise than the answer said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Repair {
    pub control: String,
    /// In words.
    pub detail: String,
}

/// Why an answer makes no regions: where in it, and what is wrong there, such as
/// `sentiment: “Angry” is none of Positive, Negative`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{fault}", place, if place.is_empty() { "" } else { ": " })]
pub struct AnswerError {
    /// Control name and what is inside it, such as `spans[2].labels`; empty for the answer as a whole.
    pub place: String,
    /// In words.
    pub fault: String,
}

impl AnswerError {
    pub(crate) fn new(place: &str, fault: impl Into<String>) -> Self {
        AnswerError { place: place.to_owned(), fault: fault.into() }
    }
}

impl From<Violation> for AnswerError {
    fn from(violation: Violation) -> Self {
        AnswerError { place: violation.place, fault: violation.fault }
    }
}

impl Config {
    /// Makes regions of an answer to [`Config::prompt_schema`] about the task with this data, of a model that can read
    /// `capabilities`.
    pub fn place_answer(
        &self,
        answer: &Value,
        data: &Map<String, Value>,
        capabilities: Capabilities,
    ) -> Result<Placed, AnswerError> {
        if let Cow::Owned(config) = self.for_task(data) {
            return config.place_answer(answer, data, capabilities);
        }
        let Value::Object(answered) = answer else {
            return Err(AnswerError::new("", format!("the answer is not an object: {}", shown(answer))));
        };
        let fillable = self.fillable(capabilities);
        if let Some(missing) = fillable.controls.iter().find(|filled| !answered.contains_key(&filled.control.name)) {
            return Err(AnswerError::new(&missing.control.name, "is missing"));
        }
        satisfies(answer, self.held_schema(capabilities))?;
        let mut repairs = Vec::new();
        let mut members = Map::new();
        for (name, payload) in answered {
            match fillable.controls.iter().find(|filled| filled.control.name == *name) {
                Some(filled) => {
                    let payload = repaired(self, filled.control, payload.clone(), data, &mut repairs)?;
                    members.insert(name.clone(), payload);
                }
                None => {
                    let skipped = fillable.skipped.iter().find(|skipped| skipped.name == *name);
                    let why = skipped.map(|skipped| format!(" ({})", skipped.reason)).unwrap_or_default();
                    let detail = format!("the answer has it, but it was not asked for{why}; it was left out");
                    repairs.push(Repair { control: name.clone(), detail });
                }
            }
        }
        let regions = regions(self, &members, Quotes::Kept, &mut repairs)?;
        Ok(Placed { regions, repairs })
    }
}

/// What the conformance pipeline `prompts` makes of an answer: held to the reference schema of all controls.
pub(crate) fn reference_regions(
    config: &Config,
    answer: &Value,
    data: &Map<String, Value>,
) -> Result<Vec<Region>, AnswerError> {
    let schema = config.schema().ok_or_else(|| AnswerError::new("", "no schema can be made of the config"))?;
    satisfies(answer, &schema)?;
    let Value::Object(members) = answer else { return Err(AnswerError::new("", "the answer is not an object")) };
    let mut members = members.clone();
    for (name, payload) in &mut members {
        if let Some(control) = config.control(name).filter(|control| control.kind == Kind::Labels) {
            place_spans(config, control, payload, data, &mut Vec::new());
        }
    }
    regions(config, &members, Quotes::Dropped, &mut Vec::new())
}

/// Whether the regions of spans hold their text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// Placed texts, so they are right and worth showing.
    Kept,
    /// As Label Studio's SDK does.
    Dropped,
}

/// Makes regions of an answer without holding it to any schema, in the answer's order. Null and unknown names are
/// skipped; that, and members that regions have no place for, are told in `losses`. A payload may be a text, a number, a list of texts, a value object, an object of `label`, value members and
/// `to_name`, or a list of such objects.
pub(crate) fn regions(
    config: &Config,
    answer: &Map<String, Value>,
    quotes: Quotes,
    losses: &mut Vec<Repair>,
) -> Result<Vec<Region>, AnswerError> {
    let mut ids = RegionIds::new(answer);
    let mut regions = Vec::new();
    for (name, payload) in answer {
        let mut lose = |detail: String| losses.push(Repair { control: name.clone(), detail });
        let Some(control) = config.control(name) else {
            lose("the config has no such control; it was left out".to_owned());
            continue;
        };
        if payload.is_null() {
            lose("it was answered with null; it is left unanswered".to_owned());
        }
        for item in items(control, payload)? {
            let given: Vec<String> = item.keys().cloned().collect();
            let quote = item.get("text").filter(|_| control.kind == Kind::Labels && quotes == Quotes::Kept).cloned();
            let (to_name, mut value) =
                region_value(config, control, item).map_err(|fault| AnswerError::new(name, fault))?;
            value.extend(quote.map(|quote| ("text".to_owned(), quote)));
            if let Some(detail) = left_out(control, &given, &value) {
                lose(detail);
            }
            regions.push(Region {
                id: ids.next(),
                from_name: control.name.clone(),
                to_name,
                kind: control.tag.to_lowercase(),
                value,
                other: Map::new(),
            });
        }
    }
    Ok(regions)
}

/// Says which members of an item its region has no place for, if there are any.
fn left_out(control: &Control, given: &[String], value: &Map<String, Value>) -> Option<String> {
    // What an object holds is all of a ReactCode's value, and these are understood otherwise.
    let understood = |member: &str| {
        matches!(member, "label" | "to_name")
            || member == "text" && control.kind == Kind::Labels
            || member == "utterance" && control.kind == Kind::ParagraphLabels
    };
    let lost = given.iter().filter(|member| !value.contains_key(*member) && !understood(member));
    let lost: Vec<_> = lost.take(LOSSES_NAMED_MAX).map(|member| shown(&Value::from(member.as_str()))).collect();
    (control.kind != Kind::ReactCode && !lost.is_empty())
        .then(|| format!("a {} has no place for {}; it was left out", control.tag, lost.join(", ")))
}

/// The objects that a payload stands for, each of which becomes a region.
fn items(control: &Control, payload: &Value) -> Result<Vec<Map<String, Value>>, AnswerError> {
    let labelled = |label: &Value| Map::from_iter([("label".to_owned(), label.clone())]);
    Ok(match payload {
        Value::Null => Vec::new(),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => vec![labelled(payload)],
        Value::Object(item) => vec![item.clone()],
        Value::Array(items) => match (items.first(), control.kind.answer_key()) {
            (Some(Value::String(_)), _) => vec![labelled(payload)],
            (Some(Value::Array(_)), Some(key)) => vec![Map::from_iter([(key.to_owned(), payload.clone())])],
            _ => {
                let object = |(index, item): (usize, &Value)| match item {
                    Value::Object(item) => Ok(item.clone()),
                    other => Err(AnswerError::new(
                        &format!("{}[{}]", control.name, index + 1),
                        format!("{} is not an object", shown(other)),
                    )),
                };
                items.iter().enumerate().map(object).collect::<Result<_, _>>()?
            }
        },
    })
}

/// Target and value of the region that one item makes.
fn region_value(
    config: &Config,
    control: &Control,
    mut item: Map<String, Value>,
) -> Result<(String, Map<String, Value>), String> {
    match control.kind {
        // These two are about themselves.
        Kind::Pairwise => {
            let label = item.get("label").filter(|_| item.len() == 1).and_then(Value::as_str);
            let label = label.ok_or_else(|| "it takes a text and nothing else".to_owned())?;
            let value = Map::from_iter([("selected".to_owned(), Value::from(label))]);
            return Ok((control.name.clone(), value));
        }
        Kind::ReactCode => {
            return Ok((control.name.clone(), Map::from_iter([("reactcode".to_owned(), Value::Object(item))])));
        }
        Kind::ParagraphLabels => {
            if let Some(utterance) = item.shift_remove("utterance")
                && (utterance.is_i64() || utterance.is_u64())
            {
                item.insert("start".to_owned(), utterance.clone());
                item.insert("end".to_owned(), utterance);
            }
        }
        _ => {}
    }
    if let Some(label) = item.shift_remove("label").filter(|label| !label.is_null())
        && let Some(key) = control.kind.answer_key()
    {
        let label = if label.is_string() { Value::Array(vec![label]) } else { label };
        if !knows_labels(control, &label) {
            return Err(format!("{} is none of its labels", shown(&label)));
        }
        item.insert(key.to_owned(), label);
    }
    if control.kind == Kind::DateTime
        && let Some(Value::Array(dates)) = item.get("datetime")
    {
        let first = dates.first().cloned().ok_or_else(|| "the list of dates is empty".to_owned())?;
        item.insert("datetime".to_owned(), first);
    }
    let to_name = target(config, control, item.shift_remove("to_name"))?;
    Ok((to_name, value::read(control.kind, &item)?))
}

fn target(config: &Config, control: &Control, given: Option<Value>) -> Result<String, String> {
    let name = match given {
        None => control.to_name.first().cloned(),
        // What Python takes for false names no target.
        Some(given) if is_empty(&given) => control.to_name.first().cloned(),
        Some(Value::String(name)) => control.to_name.iter().find(|known| **known == name).cloned(),
        Some(_) => None,
    };
    let name = name.ok_or_else(|| "to_name is none of its targets".to_owned())?;
    if config.object(&name).is_none() {
        return Err(format!("it belongs to “{name}”, which is not shown"));
    }
    Ok(name)
}

/// Whether labels are among a control's. Nothing is checked where it has none, or where none are given.
pub(crate) fn knows_labels(control: &Control, labels: &Value) -> bool {
    let known = |label: &Value| label.as_str().is_some_and(|label| control.labels.iter().any(|known| known == label));
    match labels {
        _ if control.labels.is_empty() || is_empty(labels) => true,
        Value::Array(labels) => labels.iter().all(known),
        _ => false,
    }
}

/// What Python takes for false.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CONFIG: &str = r#"<View><Text name="doc" value="$body"/>
        <Choices name="mood" toName="doc"><Choice value="Calm"/><Choice value="Tense"/></Choices>
        <Labels name="ents" toName="doc"><Label value="Person"/></Labels></View>"#;

    fn place(xml: &str, answer: Value) -> Result<Placed, String> {
        let config = Config::parse(xml).expect("the config is well-formed");
        let data = json!({"body": "Ada met Bob."});
        let data = data.as_object().expect("data is an object");
        config.place_answer(&answer, data, Capabilities::ALL).map_err(|error| error.to_string())
    }

    #[test]
    fn an_answer_becomes_regions_and_repairs_are_recorded() {
        let placed = place(
            CONFIG,
            json!({
                "ents": [
                    {"text": "bob", "labels": ["Person"], "start": 0, "end": 3},
                    {"text": "Eve", "labels": ["Person"], "start": 0, "end": 3},
                    {"start": 0, "end": 3, "labels": ["Person"]},
                ],
                "mood": "Calm",
                "why": "no reason",
            }),
        )
        .expect("the answer is fine");
        let values: Vec<_> = placed.regions.iter().map(|region| Value::Object(region.value.clone())).collect();
        assert_eq!(
            values,
            [
                json!({"start": 8, "end": 11, "labels": ["Person"], "text": "Bob"}),
                json!({"start": 0, "end": 3, "text": "Ada", "labels": ["Person"]}),
                json!({"choices": ["Calm"]}),
            ]
        );
        let repairs: Vec<_> = placed.repairs.iter().map(|repair| repair.detail.as_str()).collect();
        assert_eq!(
            repairs,
            [
                "“bob” is written “Bob” in the text",
                "“bob” was said to be at 0 to 3; it is at 8 to 11",
                "“Eve” (Person) does not occur in the text; it was left out",
                "the answer has it, but it was not asked for; it was left out",
            ]
        );
    }

    #[test]
    fn a_target_that_python_takes_for_false_is_none() {
        let config = Config::parse(CONFIG).expect("the config is well-formed");
        for none in [json!(0), json!([]), json!({}), json!(""), json!(false), json!(null)] {
            let answer = json!({"mood": {"choices": ["Calm"], "to_name": none}});
            let made = regions(&config, answer.as_object().expect("an object"), Quotes::Dropped, &mut Vec::new());
            assert_eq!(made.map(|regions| regions[0].to_name.clone()), Ok("doc".to_owned()), "{none}");
        }
    }

    #[test]
    fn a_fault_names_the_place_and_what_is_possible() {
        assert_eq!(
            place(CONFIG, json!({"mood": "Angry", "ents": []})),
            Err("mood: “Angry” is none of Calm, Tense".to_owned())
        );
        assert_eq!(place(CONFIG, json!({"mood": "Calm"})), Err("ents: is missing".to_owned()));
        assert_eq!(place(CONFIG, json!("Calm")), Err("the answer is not an object: “Calm”".to_owned()));
    }
}
