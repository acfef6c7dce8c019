//! What of a control's answer is taken otherwise than it was written, before regions are made of it: spans are placed
//! by their quotes, paths completed, boxes cut at the picture's edge. What is only odd is kept and told.
//!
//! Each function gives back or changes a payload that satisfies the schema, and adds a plain sentence to `repairs` for
//! all that it changed, dropped or found odd. Nothing is lost silently.

use crate::answer::{AnswerError, Repair};
use crate::config::{Config, Control};
use crate::data;
use crate::kind::Kind;
use crate::satisfy::shown;
use crate::spans::Source;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::ops::Range;

/// Where the repairs of one control are told.
struct Told<'a> {
    control: &'a str,
    repairs: &'a mut Vec<Repair>,
}

impl Told<'_> {
    fn tell(&mut self, detail: impl Into<String>) {
        self.repairs.push(Repair { control: self.control.to_owned(), detail: detail.into() });
    }
}

/// The payload that regions are made of.
pub(crate) fn repaired(
    config: &Config,
    control: &Control,
    mut payload: Value,
    data: &Map<String, Value>,
    repairs: &mut Vec<Repair>,
) -> Result<Value, AnswerError> {
    let mut told = Told { control: &control.name, repairs };
    match (control.kind, &mut payload) {
        (Kind::Labels, payload) => place_spans(config, control, payload, data, told.repairs),
        (Kind::Taxonomy, Value::Array(paths)) => complete_paths(control, paths, &mut told),
        (Kind::RectangleLabels, Value::Array(boxes)) => cut_boxes(boxes, &mut told),
        (Kind::Ranker, Value::Object(answer)) => check_ranking(config, control, answer, data, &mut told),
        (Kind::TextArea, Value::String(text)) if text.trim().is_empty() => told.tell("it was answered with no text"),
        (Kind::DateTime, Value::String(text)) if control.attribute("only").is_none() && !is_date(text) => {
            let fault = format!("{} is not a date such as 2024-05-07", quoted(text));
            return Err(AnswerError::new(&control.name, fault));
        }
        _ => {}
    }
    Ok(payload)
}

fn quoted(text: &str) -> String {
    shown(&Value::from(text))
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

/// Takes each path that is not in the tree as the only one that ends with it; one that is not to be found, or fits
/// several, is kept as it was answered, as Label Studio keeps it.
fn complete_paths(control: &Control, paths: &mut [Value], told: &mut Told<'_>) {
    for path in paths.iter_mut() {
        let Some(steps) = path.as_array() else { continue };
        let steps: Vec<&str> = steps.iter().filter_map(Value::as_str).collect();
        if control.paths().iter().any(|known| *known == steps) {
            continue;
        }
        let ends_so = |known: &&Vec<String>| {
            known.len() > steps.len() && known[known.len() - steps.len()..].iter().eq(steps.iter())
        };
        let mut fitting = control.paths().iter().filter(ends_so);
        let written = quoted(&steps.join(" / "));
        match (fitting.next(), fitting.next()) {
            (Some(known), None) => {
                told.tell(format!("{written} was completed to {}", quoted(&known.join(" / "))));
                *path = Value::from(known.clone());
            }
            (Some(_), Some(_)) => told.tell(format!("more than one path ends with {written}; it was kept as answered")),
            (None, _) => told.tell(format!("{written} is not a path from the root; it was kept as answered")),
        }
    }
    let mut seen = HashSet::new();
    for path in paths.iter().filter(|path| !seen.insert(path.to_string())) {
        let steps: Vec<_> = path.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        told.tell(format!("{} was answered more than once", quoted(&steps.join(" / "))));
    }
}

/// Cuts boxes at the picture's right and lower edge, and drops those that have no area.
fn cut_boxes(boxes: &mut Vec<Value>, told: &mut Told<'_>) {
    boxes.retain_mut(|marked| {
        let Value::Object(marked) = marked else { return true };
        let label = labels_of(marked, "rectanglelabels");
        for (from, size) in [("x", "width"), ("y", "height")] {
            let number = |key: &str| marked.get(key).and_then(Value::as_f64).unwrap_or_default();
            let (start, length) = (number(from), number(size));
            // A sum of decimals may be a little above what it is on paper.
            if start + length > 100.0 + 1e-9 {
                let fitting = 100.0 - start;
                told.tell(format!("a box{label} reached beyond the picture; its {size} was cut to {fitting}"));
                marked.insert(size.to_owned(), crate::numbers::json(fitting));
            }
        }
        let area = ["width", "height"].iter().all(|key| marked.get(*key).and_then(Value::as_f64) > Some(0.0));
        if !area {
            told.tell(format!("a box{label} had no area; it was left out"));
        }
        area
    });
}

/// Tells of ids that are not among the items, of ids that stand twice, and of items that were not ranked.
fn check_ranking(
    config: &Config,
    control: &Control,
    answer: &Map<String, Value>,
    data: &Map<String, Value>,
    told: &mut Told<'_>,
) {
    let id = |item: &Value| match item.get("id").unwrap_or(item) {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    };
    let object = control.to_name.first().and_then(|name| config.object(name));
    let items = object.and_then(|object| data::value_at(data, object.variable.as_ref()?)).and_then(Value::as_array);
    let known: Vec<String> = items.into_iter().flatten().filter_map(id).collect();
    let buckets = answer.get("ranker").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let ranked: Vec<&str> = buckets.filter_map(Value::as_array).flatten().filter_map(Value::as_str).collect();
    let mut seen = HashSet::new();
    for id in ranked {
        if !seen.insert(id) {
            told.tell(format!("{} was ranked more than once", quoted(id)));
        } else if !known.iter().any(|known| known == id) {
            told.tell(format!("{} is the id of no item; it was kept as answered", quoted(id)));
        }
    }
    for id in known.iter().filter(|id| !seen.contains(id.as_str())) {
        told.tell(format!("the item {} was not ranked", quoted(id)));
    }
}

/// Gives each span of a Labels control the offsets of the place where its quote stands; those whose quote stands
/// nowhere, or only where others of the control were placed, are dropped.
pub(crate) fn place_spans(
    config: &Config,
    control: &Control,
    payload: &mut Value,
    data: &Map<String, Value>,
    repairs: &mut Vec<Repair>,
) {
    let Value::Array(items) = payload else { return };
    let mut told = Told { control: &control.name, repairs };
    let mut source = Source::new(&source_text(config, control, data));
    if source.is_empty() && !items.is_empty() {
        told.tell("the task has no text to mark spans in");
    }
    items.retain_mut(|item| match item {
        Value::Object(span) => place_span(span, &mut source, &mut told),
        _ => true,
    });
}

/// The text that a control's spans are in: what its first target shows.
fn source_text(config: &Config, control: &Control, data: &Map<String, Value>) -> String {
    let target = control.to_name.first().and_then(|name| config.object(name)).or_else(|| config.objects().first());
    let Some(target) = target else { return String::new() };
    match &target.variable {
        Some(variable) => match data::value_at(data, variable) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        },
        None => target.value.clone().unwrap_or_default(),
    }
}

/// Places one span. False if it is dropped.
fn place_span(span: &mut Map<String, Value>, source: &mut Source, told: &mut Told<'_>) -> bool {
    let label = labels_of(span, "labels");
    let offset = |key: &str| span.get(key).and_then(Value::as_f64);
    let (start, end) = (offset("start"), offset("end"));
    let given = match (start, end) {
        (Some(start), Some(end)) => Some(index(start)..index(end)),
        _ => None,
    };
    let quote = match (span.get("text").and_then(Value::as_str), &given) {
        (Some(quote), _) => quote.to_owned(),
        (None, Some(given)) => source.slice(given.clone()).to_owned(),
        (None, None) => {
            told.tell(format!("a span{label} had neither text nor offsets; it was left out"));
            return false;
        }
    };
    if quote.is_empty() {
        told.tell(format!("a span{label} was empty; it was left out"));
        return false;
    }
    let shown = quoted(&quote);
    let Some(place) = source.place(&quote, start) else {
        told.tell(match source.contains(&quote) {
            true => format!("every {shown} in the text was marked already; one more{label} was left out"),
            false => format!("{shown}{label} does not occur in the text; it was left out"),
        });
        return false;
    };
    let text = source.slice(place.clone());
    if text != quote {
        told.tell(format!("{shown} is written {} in the text", quoted(text)));
    }
    span.insert("start".to_owned(), Value::from(place.start));
    span.insert("end".to_owned(), Value::from(place.end));
    span.insert("text".to_owned(), Value::from(text));
    let (start, end) = (place.start, place.end);
    match given {
        Some(given) if given == place => {}
        Some(given) => {
            told.tell(format!("{shown} was said to be at {} to {}; it is at {start} to {end}", given.start, given.end))
        }
        None => told.tell(format!("{shown} came without offsets; it is at {start} to {end}")),
    }
    true
}

/// The labels of an item as a message adds them behind what has them; empty if there are none.
fn labels_of(item: &Map<String, Value>, key: &str) -> String {
    let labels: Vec<_> =
        item.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if labels.is_empty() { String::new() } else { format!(" ({})", labels.join(", ")) }
}

/// A place in a text from a number that is not negative.
fn index(offset: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let index = offset as usize;
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fillable::Capabilities;
    use serde_json::json;

    /// The values of the regions that an answer of the control `c` makes, and what was told.
    fn placed(objects: &str, control: &str, payload: Value, data: Value) -> (Vec<Value>, Vec<String>) {
        let config = Config::parse(&format!("<View>{objects}{control}</View>")).expect("the config is well-formed");
        let data = data.as_object().expect("data is an object");
        let placed = config.place_answer(&json!({"c": payload}), data, Capabilities::ALL).expect("the answer is fine");
        let values = placed.regions.into_iter().map(|region| Value::Object(region.value)).collect();
        (values, placed.repairs.into_iter().map(|repair| repair.detail).collect())
    }

    const TEXT: &str = r#"<Text name="doc" value="$body"/>"#;

    #[test]
    fn every_loss_of_a_span_is_told() {
        let labels = r#"<Labels name="c" toName="doc"><Label value="P"/><Label value="Q"/></Labels>"#;
        let spans = json!([
            {"text": "ADA", "labels": ["P"], "start": 0, "end": 3, "certainty": 0.9},
            {"text": "Ada", "labels": ["Q"], "start": 0, "end": 3},
            {"text": "Eve", "labels": ["Q"], "start": 0, "end": 3},
            {"text": "", "labels": ["P"]},
            {"labels": ["P"]},
            {"text": "Bob", "labels": ["P"]},
        ]);
        let (values, told) = placed(TEXT, labels, spans.clone(), json!({"body": "Ada met Bob."}));
        assert_eq!(
            values,
            [
                json!({"start": 0, "end": 3, "labels": ["P"], "text": "Ada"}),
                json!({"start": 8, "end": 11, "labels": ["P"], "text": "Bob"}),
            ]
        );
        assert_eq!(
            told,
            [
                "“ADA” is written “Ada” in the text",
                "every “Ada” in the text was marked already; one more (Q) was left out",
                "“Eve” (Q) does not occur in the text; it was left out",
                "a span (P) was empty; it was left out",
                "a span (P) had neither text nor offsets; it was left out",
                "“Bob” came without offsets; it is at 8 to 11",
                "a Labels has no place for “certainty”; it was left out",
            ]
        );
        assert_eq!(placed(TEXT, labels, spans, json!({})).1[0], "the task has no text to mark spans in");
    }

    #[test]
    fn a_null_is_told_where_no_answer_is_required() {
        let (values, told) = placed(TEXT, r#"<Rating name="c" toName="doc"/>"#, Value::Null, json!({}));
        assert!(values.is_empty());
        assert_eq!(told, ["it was answered with null; it is left unanswered"]);
        let (values, told) = placed(TEXT, r#"<TextArea name="c" toName="doc"/>"#, json!(""), json!({}));
        assert_eq!(values, [json!({"text": [""]})], "the rule keeps an empty text");
        assert_eq!(told, ["it was answered with no text"]);
    }

    #[test]
    fn a_path_is_completed_where_only_one_ends_with_it() {
        let taxonomy = r#"<Taxonomy name="c" toName="doc">
            <Choice value="A"><Choice value="B"/><Choice value="X"/></Choice>
            <Choice value="C"><Choice value="X"/></Choice></Taxonomy>"#;
        let paths = json!([["B"], ["C", "X"], ["X"], ["B", "A"], ["C", "X"]]);
        let (values, told) = placed(TEXT, taxonomy, paths, json!({}));
        assert_eq!(values, [json!({"taxonomy": [["A", "B"], ["C", "X"], ["X"], ["B", "A"], ["C", "X"]]})]);
        assert_eq!(
            told,
            [
                "“B” was completed to “A / B”",
                "more than one path ends with “X”; it was kept as answered",
                "“B / A” is not a path from the root; it was kept as answered",
                "“C / X” was answered more than once",
            ]
        );
    }

    #[test]
    fn a_date_must_be_one() {
        let xml = r#"<View><Text name="doc" value="$body"/><DateTime name="when" toName="doc"/></View>"#;
        let config = Config::parse(xml).expect("the config is well-formed");
        let place = |when: &str| config.place_answer(&json!({"when": when}), &Map::new(), Capabilities::TEXT);
        assert!(place("2024-05-07T10:00:00Z").is_ok());
        let error = place("soon").expect_err("it is no date").to_string();
        assert_eq!(error, "when: “soon” is not a date such as 2024-05-07");
    }

    #[test]
    fn boxes_are_a_list_and_end_at_the_edge() {
        let image = r#"<Image name="doc" value="$body"/>"#;
        let boxes = r#"<RectangleLabels name="c" toName="doc"><Label value="P"/></RectangleLabels>"#;
        let at = |x: f64, width: f64| json!({"x": x, "y": 10, "width": width, "height": 5, "rectanglelabels": ["P"]});
        let (values, told) = placed(image, boxes, json!([at(1.5, 20.0), at(90.0, 20.0), at(100.0, 5.0)]), json!({}));
        let (width, count) = (values[1]["width"].as_f64(), values.len());
        assert_eq!((width, count), (Some(10.0), 2));
        assert_eq!(values[0]["rotation"], 0);
        assert_eq!(
            told,
            [
                "a box (P) reached beyond the picture; its width was cut to 10",
                "a box (P) reached beyond the picture; its width was cut to 0",
                "a box (P) had no area; it was left out",
            ]
        );
    }

    #[test]
    fn a_ranking_is_held_against_the_items() {
        let list = r#"<List name="doc" value="$body"/>"#;
        let data = json!({"body": [{"id": "a", "title": "A"}, {"id": 2, "title": "B"}, {"id": "c"}]});
        let (values, told) =
            placed(list, r#"<Ranker name="c" toName="doc"/>"#, json!({"ranker": {"c": ["2", "z", "2"]}}), data.clone());
        assert_eq!(values, [json!({"ranker": {"c": ["2", "z", "2"]}})]);
        assert_eq!(
            told,
            [
                "“z” is the id of no item; it was kept as answered",
                "“2” was ranked more than once",
                "the item “a” was not ranked",
                "the item “c” was not ranked",
            ]
        );
        let buckets = r#"<Ranker name="c" toName="doc"><Bucket name="good"/><Bucket name="bad"/></Ranker>"#;
        let answer = json!({"ranker": {"good": ["a", "c"], "bad": ["2"]}});
        let (values, told) = placed(list, buckets, answer.clone(), data);
        assert_eq!((values, told.len()), (vec![answer], 0));
    }

    #[test]
    fn declared_outputs_become_one_region() {
        let code = r#"<ReactCode name="c" toName="c" data="$body" outputs="mood:choices(good,bad), note"/>"#;
        let (values, told) = placed("", code, json!({"mood": "good", "note": "x"}), json!({}));
        assert_eq!((values, told.len()), (vec![json!({"reactcode": {"mood": "good", "note": "x"}})], 0));
    }
}
