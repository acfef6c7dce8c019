//! From a model's answer to regions.
//!
//! An answer is an object of control names and payloads. It is held to the prompt schema, its spans are placed by
//! their quotes, and each payload becomes regions of its control. Nothing is coerced; whatever is taken otherwise than
//! the answer said is recorded as a repair. One control that fails fails the whole answer.

use crate::config::{Config, Control};
use crate::kind::Kind;
use crate::region::{Region, RegionIds};
use crate::satisfy::{Violation, satisfies, shown};
use crate::spans::Source;
use crate::{schema, value};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use std::collections::HashSet;
use std::ops::Range;

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
    fn new(place: &str, fault: impl Into<String>) -> Self {
        AnswerError { place: place.to_owned(), fault: fault.into() }
    }
}

impl From<Violation> for AnswerError {
    fn from(violation: Violation) -> Self {
        AnswerError { place: violation.place, fault: violation.fault }
    }
}

impl Config {
    /// Makes regions of a model's answer to [`Config::prompt_schema`] about the task with this data.
    pub fn place_answer(&self, answer: &Value, data: &Map<String, Value>) -> Result<Placed, AnswerError> {
        let Value::Object(members) = answer else {
            return Err(AnswerError::new("", format!("the answer is not an object: {}", shown(answer))));
        };
        satisfies(answer, &schema::held(self))?;
        let mut members = members.clone();
        let mut repairs = Vec::new();
        let fillable = self.fillable().controls;
        let names: HashSet<&str> = fillable.iter().map(|control| control.name.as_str()).collect();
        members.retain(|name, _| {
            let known = names.contains(name.as_str());
            if !known {
                let detail = "the answer has it, but it was not asked for; it was left out".to_owned();
                repairs.push(Repair { control: name.clone(), detail });
            }
            known
        });
        for control in fillable {
            match (control.kind, members.get_mut(&control.name)) {
                (Kind::Taxonomy, Some(Value::Array(paths))) => complete_paths(control, paths, &mut repairs)?,
                (Kind::DateTime, Some(Value::String(text))) if !is_date(text) => {
                    return Err(AnswerError::new(&control.name, format!("“{text}” is not a date such as 2024-05-07")));
                }
                _ => {}
            }
        }
        place_spans(self, &mut members, data, &mut repairs);
        Ok(Placed { regions: regions(self, &members, Quotes::Kept)?, repairs })
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
    place_spans(config, &mut members, data, &mut Vec::new());
    regions(config, &members, Quotes::Dropped)
}

/// Whether a text begins with a calendar date.
fn is_date(text: &str) -> bool {
    let digits = |range: Range<usize>| {
        text.get(range).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())).and_then(|part| part.parse().ok())
    };
    let within = |number: Option<u32>, low, high| number.is_some_and(|number| (low..=high).contains(&number));
    digits(0..4).is_some()
        && text.get(4..5) == Some("-")
        && within(digits(5..7), 1, 12)
        && text.get(7..8) == Some("-")
        && within(digits(8..10), 1, 31)
}

/// Takes each path that is not in the tree as the only one that ends with it.
fn complete_paths(control: &Control, paths: &mut [Value], repairs: &mut Vec<Repair>) -> Result<(), AnswerError> {
    for path in paths {
        let Some(steps) = path.as_array() else { continue };
        let steps: Vec<&str> = steps.iter().filter_map(Value::as_str).collect();
        if control.paths.iter().any(|known| *known == steps) {
            continue;
        }
        let ends_so = |known: &&Vec<String>| {
            known.len() > steps.len() && known[known.len() - steps.len()..].iter().eq(steps.iter())
        };
        let mut fitting = control.paths.iter().filter(ends_so);
        let written = steps.join(" / ");
        match (fitting.next(), fitting.next()) {
            (Some(known), None) => {
                let detail = format!("“{written}” was completed to “{}”", known.join(" / "));
                repairs.push(Repair { control: control.name.clone(), detail });
                *path = Value::from(known.clone());
            }
            (Some(_), Some(_)) => {
                return Err(AnswerError::new(&control.name, format!("more than one path ends with “{written}”")));
            }
            (None, _) => {
                return Err(AnswerError::new(&control.name, format!("“{written}” is not a path from the root")));
            }
        }
    }
    Ok(())
}

/// Gives each span of Labels controls the offsets of the place where its quote stands; those whose quote stands
/// nowhere, or only where others of the control were placed, are dropped.
fn place_spans(config: &Config, answer: &mut Map<String, Value>, data: &Map<String, Value>, repairs: &mut Vec<Repair>) {
    for (name, payload) in answer {
        let Some(control) = config.control(name).filter(|control| control.kind == Kind::Labels) else { continue };
        let Value::Array(items) = payload else { continue };
        let mut source = Source::new(&source_text(config, control, data));
        let mut repair = |detail: String| repairs.push(Repair { control: name.clone(), detail });
        items.retain_mut(|item| match item {
            Value::Object(span) => match place_span(span, &mut source) {
                Ok(None) => true,
                Ok(Some(detail)) => {
                    repair(detail);
                    true
                }
                Err(detail) => {
                    repair(detail);
                    false
                }
            },
            _ => true,
        });
    }
}

/// The text that a control's spans are in: what its first target shows.
fn source_text(config: &Config, control: &Control, data: &Map<String, Value>) -> String {
    let target = control.to_name.first().and_then(|name| config.object(name)).or_else(|| config.objects().first());
    let Some(target) = target else { return String::new() };
    match &target.variable {
        Some(variable) => match crate::data::value_at(data, variable) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        },
        None => target.value.clone().unwrap_or_default(),
    }
}

/// Places one span. `Ok` holds the repair if its offsets were not right, `Err` why it is dropped.
fn place_span(span: &mut Map<String, Value>, source: &mut Source) -> Result<Option<String>, String> {
    let offset = |key: &str| span.get(key).and_then(Value::as_f64);
    let (start, end) = (offset("start"), offset("end"));
    let given = match (start, end) {
        (Some(start), Some(end)) => Some(index(start)..index(end)),
        _ => None,
    };
    let quote = match (span.get("text").and_then(Value::as_str), &given) {
        (Some(quote), _) => quote.to_owned(),
        (None, Some(given)) => source.slice(given.clone()),
        (None, None) => return Err("a span had neither text nor offsets; it was left out".to_owned()),
    };
    if quote.is_empty() {
        return Err("a span was empty; it was left out".to_owned());
    }
    let shown = shown(&Value::from(quote.as_str()));
    let Some(place) = source.place(&quote, start) else {
        return Err(match source.contains(&quote) {
            true => format!("every {shown} in the text was marked already; one more was left out"),
            false => format!("{shown} does not occur in the text; it was left out"),
        });
    };
    span.insert("start".to_owned(), Value::from(place.start));
    span.insert("end".to_owned(), Value::from(place.end));
    span.insert("text".to_owned(), Value::from(source.slice(place.clone())));
    Ok(match given {
        Some(given) if given == place => None,
        Some(given) => Some(format!(
            "{shown} was said to be at {} to {}; it is at {} to {}",
            given.start, given.end, place.start, place.end
        )),
        None => Some(format!("{shown} came without offsets; it is at {} to {}", place.start, place.end)),
    })
}

/// A place in a text from a number that is not negative.
fn index(offset: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let index = offset as usize;
    index
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
/// skipped. A payload may be a text, a number, a list of texts, a value object, an object of `label`, value members and
/// `to_name`, or a list of such objects.
pub(crate) fn regions(
    config: &Config,
    answer: &Map<String, Value>,
    quotes: Quotes,
) -> Result<Vec<Region>, AnswerError> {
    let mut ids = RegionIds::new(answer);
    let mut regions = Vec::new();
    for (name, payload) in answer {
        let Some(control) = config.control(name) else { continue };
        for item in items(control, payload)? {
            let quote = item.get("text").filter(|_| control.kind == Kind::Labels && quotes == Quotes::Kept).cloned();
            let (to_name, mut value) =
                region_value(config, control, item).map_err(|fault| AnswerError::new(name, fault))?;
            value.extend(quote.map(|quote| ("text".to_owned(), quote)));
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
        None | Some(Value::Null | Value::Bool(false)) => control.to_name.first().cloned(),
        Some(Value::String(name)) if name.is_empty() => control.to_name.first().cloned(),
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
        _ if control.labels.is_empty() => true,
        Value::Null | Value::Bool(false) => true,
        Value::Array(labels) => labels.iter().all(known),
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Object(members) => members.is_empty(),
        Value::Bool(true) => false,
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
        config.place_answer(&answer, data.as_object().expect("data is an object")).map_err(|error| error.to_string())
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
                "the answer has it, but it was not asked for; it was left out",
                "“bob” was said to be at 0 to 3; it is at 8 to 11",
                "“Eve” does not occur in the text; it was left out",
            ]
        );
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

    #[test]
    fn a_path_is_completed_where_only_one_ends_with_it() {
        let xml = r#"<View><Text name="doc" value="$body"/><Taxonomy name="area" toName="doc">
            <Choice value="A"><Choice value="B"/><Choice value="X"/></Choice>
            <Choice value="C"><Choice value="X"/></Choice></Taxonomy></View>"#;
        let placed = place(xml, json!({"area": [["B"], ["C", "X"]]})).expect("the answer is fine");
        assert_eq!(placed.regions[0].value["taxonomy"], json!([["A", "B"], ["C", "X"]]));
        assert_eq!(placed.repairs[0].detail, "“B” was completed to “A / B”");
        assert_eq!(place(xml, json!({"area": [["X"]]})), Err("area: more than one path ends with “X”".to_owned()));
        assert_eq!(
            place(xml, json!({"area": [["B", "A"]]})),
            Err("area: “B / A” is not a path from the root".to_owned())
        );
    }

    #[test]
    fn a_date_must_be_one() {
        let xml = r#"<View><Text name="doc" value="$body"/><DateTime name="when" toName="doc"/></View>"#;
        assert!(place(xml, json!({"when": "2024-05-07T10:00:00Z"})).is_ok());
        assert_eq!(
            place(xml, json!({"when": "soon"})),
            Err("when: “soon” is not a date such as 2024-05-07".to_owned())
        );
    }
}
