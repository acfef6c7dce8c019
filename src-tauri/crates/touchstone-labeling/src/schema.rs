//! The JSON schemas of answers.
//!
//! There are two. The reference schema is what Label Studio makes of all controls; it is what conformance is held to,
//! and parts of it cannot be sent to a model: an empty choice that nothing satisfies, `oneOf` of integer and number
//! that every whole number violates. The prompt schema is what a model is asked for: only the controls that a prompt
//! can fill, everything required, nothing beside it.

use crate::config::{Config, Control};
use crate::fillable::{Capabilities, FillableControl};
use crate::kind::Kind;
use crate::numbers;
use crate::outputs;
use serde_json::{Map, Value, json};

/// How strict a prompt schema is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// As tight as a model can satisfy: what is sent.
    Sent,
    /// Looser where reading an answer loses nothing by it: what an answer is held to.
    Held,
}

/// What Label Studio makes of all controls; `None` where it can make none.
pub(crate) fn reference(config: &Config) -> Option<Value> {
    let mut properties = Map::new();
    for control in config.controls() {
        properties.insert(control.name.clone(), fragment(control)?);
    }
    let required: Vec<_> =
        config.controls().iter().filter(|control| control.required).map(|control| control.name.as_str()).collect();
    Some(object_of(properties, required))
}

/// What a model that can read `capabilities` is asked for. Key order follows the config.
pub(crate) fn prompt(config: &Config, capabilities: Capabilities) -> Value {
    let properties = fragments(config, capabilities, Strictness::Sent);
    let required: Vec<_> = properties.keys().cloned().collect();
    let mut schema = object_of(properties, required);
    schema["additionalProperties"] = Value::Bool(false);
    schema
}

/// What an answer to [`prompt`] is held to: members that are no control are no fault, null is fine where Label Studio
/// does not require an answer, and a span may lack its offsets if it has its text, or its text if it has its offsets.
/// That nothing is missing is not said here.
pub(crate) fn held(config: &Config, capabilities: Capabilities) -> Value {
    let properties = fragments(config, capabilities, Strictness::Held);
    let required: Vec<_> = config
        .controls()
        .iter()
        .filter(|control| control.required && properties.contains_key(&control.name))
        .map(|control| control.name.as_str())
        .collect();
    object_of(properties, required)
}

fn fragments(config: &Config, capabilities: Capabilities, strictness: Strictness) -> Map<String, Value> {
    let fillable = config.fillable(capabilities).controls.into_iter();
    let fragment = |filled: FillableControl<'_>| {
        let mut fragment = prompt_fragment(config, filled.control, strictness);
        if filled.control.choices_from().is_some() && filled.control.labels.is_empty() {
            forget_enums(&mut fragment);
        }
        (filled.control.name.clone(), fragment)
    };
    fillable.map(fragment).collect()
}

/// What can be chosen is known with the task: until then, anything.
fn forget_enums(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members
                .retain(|name, member| name != "enum" || member.as_array().is_none_or(|choices| !choices.is_empty()));
            members.values_mut().for_each(forget_enums);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_enums),
        _ => {}
    }
}

fn prompt_fragment(config: &Config, control: &Control, strictness: Strictness) -> Value {
    let target = control.to_name.first().map_or("", String::as_str);
    match control.kind {
        Kind::Labels => {
            let mut span = json!({
                "type": "object",
                "properties": {
                    "text": {"type": "string", "description": "The exact words, copied from the text"},
                    "labels": {"type": "array", "items": {"type": "string", "enum": control.labels}, "minItems": 1},
                    "start": {"type": "integer", "minimum": 0, "description": "Index of its first character, from 0"},
                    "end": {"type": "integer", "minimum": 0, "description": "Index after its last character"},
                },
                "required": ["text", "labels", "start", "end"],
            });
            match strictness {
                Strictness::Sent => span["additionalProperties"] = Value::Bool(false),
                Strictness::Held => span["required"] = json!(["labels"]),
            }
            json!({"type": "array", "items": span, "description": format!("Spans of {target}")})
        }
        Kind::TextArea => json!({"type": "string", "description": format!("Text for {target}")}),
        Kind::RectangleLabels => boxes(control, strictness),
        Kind::Ranker => {
            let ids = json!({"type": "array", "items": {"type": "string"}});
            let buckets = buckets(config, control);
            let buckets: Vec<_> = buckets.iter().map(|bucket| (bucket.as_str(), ids.clone())).collect();
            let names: Vec<_> = buckets.iter().map(|(name, _)| *name).collect();
            let mut ranking = object(if strictness == Strictness::Sent { &names } else { &[] }, buckets.clone());
            ranking["additionalProperties"] = Value::Bool(false);
            let mut schema = object(&["ranker"], [("ranker", ranking)]);
            if strictness == Strictness::Sent {
                schema["additionalProperties"] = Value::Bool(false);
            }
            schema["description"] = Value::String(format!("Ids of the items of {target}, the best first"));
            schema
        }
        Kind::ReactCode => {
            let mut schema = fragment(control).unwrap_or_else(|| json!({}));
            if strictness == Strictness::Sent && schema.get("required").is_none() {
                let properties = schema.get("properties").and_then(Value::as_object);
                if let Some(names) = properties.map(|properties| properties.keys().cloned().collect::<Vec<_>>()) {
                    schema["required"] = Value::from(names);
                }
                if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
                    schema["additionalProperties"] = Value::Bool(false);
                }
            }
            schema
        }
        // What can be filled has a fragment; the empty one accepts anything.
        _ => fragment(control).unwrap_or_else(|| json!({})),
    }
}

/// Boxes in percent of the picture's sides; Label Studio describes one, an answer has as many as there are.
fn boxes(control: &Control, strictness: Strictness) -> Value {
    let percent =
        |description: &str| json!({"type": "number", "minimum": 0, "maximum": 100, "description": description});
    let mut marked = object(
        &["x", "y", "width", "height", "rectanglelabels"],
        [
            ("x", percent("Left edge in percent of the picture's width")),
            ("y", percent("Top edge in percent of the picture's height")),
            ("width", percent("Width in percent of the picture's width")),
            ("height", percent("Height in percent of the picture's height")),
            ("rectanglelabels", labels(control)),
        ],
    );
    match strictness {
        Strictness::Sent => marked["additionalProperties"] = Value::Bool(false),
        Strictness::Held => marked["properties"]["rotation"] = within(0, 360),
    }
    let target = control.to_name.first().map_or("", String::as_str);
    json!({"type": "array", "items": marked, "description": format!("Boxes in {target}")})
}

/// Where a Ranker's items can go: its buckets, or one list under its own name.
pub(crate) fn buckets(config: &Config, control: &Control) -> Vec<String> {
    let tree = &config.tree;
    let inside = control.element.into_iter().flat_map(|element| tree.children(element));
    let mut names: Vec<String> = Vec::new();
    for bucket in inside.map(|child| &tree.elements[child]).filter(|element| &*element.tag == "Bucket") {
        if let Some(name) = bucket.filled("name").filter(|name| !names.iter().any(|known| known == name)) {
            names.push(name.to_owned());
        }
    }
    if names.is_empty() { vec![control.name.clone()] } else { names }
}

/// What Label Studio makes of one control.
fn fragment(control: &Control) -> Option<Value> {
    let target = control.to_name.first().map_or("", String::as_str);
    Some(match control.kind {
        Kind::Choices if control.multiple() => json!({
            "type": "array",
            "items": {"type": "string", "enum": control.labels},
            "uniqueItems": true,
            "description": format!("Choices for {target}"),
        }),
        Kind::Choices => {
            json!({"type": "string", "enum": control.labels, "description": format!("Choices for {target}")})
        }
        Kind::Labels => json!({
            "type": "array",
            "items": object(
                &["start", "end", "labels"],
                [
                    ("start", integer_or_number()),
                    ("end", integer_or_number()),
                    ("labels", json!({"type": "array", "items": {"type": "string", "enum": control.labels}})),
                    ("text", json!({"type": "string"})),
                ],
            ),
            "description": format!("Labels and span indices for {target}"),
        }),
        Kind::TextArea => json!({
            "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "description": format!("Text or list of texts for {target}"),
        }),
        Kind::Number => {
            let mut schema = json!({"type": "number", "description": format!("Number for {target}")});
            for (bound, key) in [("min", "minimum"), ("max", "maximum")] {
                if let Some(number) = control.bound(bound) {
                    schema[key] = numbers::json(number);
                }
            }
            schema
        }
        Kind::Rating => {
            let maximum = control.max_rating()?;
            json!({
                "type": "integer",
                "minimum": 0,
                "maximum": maximum,
                "description": format!("Rating for {target} (0 to {maximum})"),
            })
        }
        Kind::DateTime => json!({
            "type": "string",
            "format": "date-time",
            "description": format!("Date and time for {target}"),
        }),
        Kind::Pairwise => {
            let [left, right] = control.to_name.get(..2)? else { return None };
            json!({
                "type": "string",
                "enum": ["left", "right"],
                "description": format!("Pairwise selection between {left} (left) and {right} (right)"),
            })
        }
        Kind::Taxonomy => json!({
            "type": "array",
            "minItems": 1,
            "items": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": control.labels}},
            "description": format!("Taxonomy for {target}. Each item is a path from root to selected node."),
        }),
        Kind::Ranker => {
            let name = control.name.as_str();
            let order = json!({"type": "array", "items": {"type": "string"}, "minItems": 1});
            object(&["ranker"], [("ranker", object(&[name], [(name, order)]))])
        }
        Kind::ChatMessage => {
            let mut message = object(
                &["role", "content"],
                [
                    ("role", json!({"type": "string"})),
                    ("content", json!({"type": "string"})),
                    ("createdAt", json!({"type": "number"})),
                ],
            );
            message["additionalProperties"] = Value::Bool(true);
            let mut schema = object(&["chatmessage"], [("chatmessage", message)]);
            schema["description"] = Value::String(format!("Chat message for {target}"));
            schema
        }
        Kind::ReactCode => outputs::schema(control.attribute("outputs").unwrap_or_default())?,
        Kind::Relations | Kind::Other => json!({"type": "string"}),
        _ => region_fragment(control),
    })
}

/// The schema of one region, of controls that mark parts of images, audio, video and documents.
fn region_fragment(control: &Control) -> Value {
    let mut properties: Vec<(&str, Value)> = match control.kind {
        Kind::HyperTextLabels | Kind::ParagraphLabels => vec![
            ("start", integer_or_number()),
            ("end", integer_or_number()),
            ("startOffset", json!({"type": "integer", "minimum": 0})),
            ("endOffset", json!({"type": "integer", "minimum": 0})),
        ],
        Kind::TimeSeriesLabels => {
            let either = json!({"oneOf": [{"type": "integer"}, {"type": "number"}]});
            vec![("start", either.clone()), ("end", either), ("instant", json!({"type": "boolean"}))]
        }
        Kind::TimelineLabels => {
            let range = object(
                &["start", "end"],
                [
                    ("start", json!({"type": "number"})),
                    ("end", json!({"type": "number"})),
                    ("enabled", json!({"type": "boolean"})),
                ],
            );
            vec![("ranges", json!({"type": "array", "items": range, "minItems": 1}))]
        }
        Kind::Rectangle | Kind::RectangleLabels => {
            vec![("x", within(1, 99)), ("y", within(1, 99)), ("width", within(1, 99)), ("height", within(1, 99))]
        }
        Kind::Ellipse | Kind::EllipseLabels => {
            vec![("x", within(0, 100)), ("y", within(0, 100)), ("radiusX", within(0, 50)), ("radiusY", within(0, 50))]
        }
        Kind::KeyPoint | Kind::KeyPointLabels => vec![("x", within(0, 100)), ("y", within(0, 100))],
        Kind::Polygon | Kind::PolygonLabels => {
            let point = json!({"type": "array", "items": within(0, 100), "minItems": 2, "maxItems": 2});
            let mut points = json!({"type": "array", "items": point});
            if control.kind == Kind::Polygon {
                points["minItems"] = Value::from(3);
            }
            vec![("points", points)]
        }
        Kind::Vector | Kind::VectorLabels => {
            vec![("closed", json!({"type": "boolean"})), ("vertices", vertices(None))]
        }
        Kind::OcrLabels => vec![
            ("x", json!({"type": "number"})),
            ("y", json!({"type": "number"})),
            ("width", json!({"type": "number"})),
            ("height", json!({"type": "number"})),
            ("rotation", json!({"type": "number"})),
            ("ocrtext", json!({"type": "string"})),
            ("pageIndex", json!({"type": "integer"})),
        ],
        Kind::Brush | Kind::BrushLabels | Kind::MagicWand => vec![
            ("format", json!({"type": "string", "enum": ["rle"]})),
            (
                "rle",
                json!({"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}, "minItems": 1}),
            ),
        ],
        Kind::Bitmask | Kind::BitmaskLabels => {
            vec![("imageDataURL", json!({"type": "string"})), ("format", json!({"type": "string"}))]
        }
        Kind::VideoRectangle => {
            let step = object(
                &["x", "y", "time", "frame", "width", "height"],
                [
                    ("x", within(0, 100)),
                    ("y", within(0, 100)),
                    ("time", json!({"type": "number", "minimum": 0})),
                    ("frame", json!({"type": "integer", "minimum": 0})),
                    ("width", within(0, 100)),
                    ("height", within(0, 100)),
                    ("rotation", json!({"type": "number"})),
                ],
            );
            vec![
                ("framesCount", json!({"type": "integer", "minimum": 1})),
                ("duration", json!({"type": "number", "minimum": 0})),
                ("sequence", json!({"type": "array", "minItems": 1, "items": step})),
            ]
        }
        Kind::VideoVector => vec![
            ("framesCount", json!({"type": "integer", "minimum": 1})),
            ("duration", json!({"type": "number", "minimum": 0})),
            ("sequence", vector_sequence(true)),
        ],
        Kind::VideoVectorLabels => vec![
            ("framesCount", json!({"type": "integer"})),
            ("duration", json!({"type": "number"})),
            ("sequence", vector_sequence(false)),
        ],
        // All other kinds are described by `fragment`.
        _ => Vec::new(),
    };
    let optional = ["rotation", "startOffset", "endOffset", "ocrtext", "pageIndex", "closed"];
    let mut required: Vec<&str> =
        properties.iter().map(|(name, _)| *name).filter(|name| !optional.contains(name)).collect();
    match control.kind {
        Kind::Bitmask | Kind::BitmaskLabels => required.retain(|name| *name != "format"),
        Kind::VideoVector | Kind::VideoVectorLabels => required.retain(|name| *name == "sequence"),
        Kind::Rectangle | Kind::RectangleLabels | Kind::Ellipse | Kind::EllipseLabels => {
            properties.push(("rotation", within(0, 360)));
        }
        _ => {}
    }
    let unlabelled = control.kind == Kind::VideoRectangle && control.labels.is_empty();
    if let Some(key) = control.kind.answer_key().filter(|_| !unlabelled) {
        properties.push((key, labels(control)));
        required.push(key);
    }
    object(&required, properties)
}

fn object<'a>(required: &[&str], properties: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let properties: Map<_, _> = properties.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    object_of(properties, required.iter().copied())
}

/// The schema of an object. Its parts are moved into it, where `json!` would copy them with all their classes.
fn object_of<T: Into<String>>(properties: Map<String, Value>, required: impl IntoIterator<Item = T>) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), Value::from("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    let required = required.into_iter().map(|name| Value::String(name.into())).collect();
    schema.insert("required".to_owned(), Value::Array(required));
    Value::Object(schema)
}

/// Label Studio writes it so, though a strict reader refuses every whole number, which matches both.
fn integer_or_number() -> Value {
    json!({"oneOf": [{"type": "integer", "minimum": 0}, {"type": "number", "minimum": 0}]})
}

fn within(minimum: i64, maximum: i64) -> Value {
    json!({"type": "number", "minimum": minimum, "maximum": maximum})
}

fn labels(control: &Control) -> Value {
    let mut schema = json!({"type": "array", "items": {"type": "string", "enum": control.labels}, "minItems": 1});
    if !control.multiple() {
        schema["maxItems"] = Value::from(1);
    }
    schema
}

fn vertices(count_min: Option<u32>) -> Value {
    let vertex = object(
        &["x", "y"],
        [
            ("x", json!({"type": "number"})),
            ("y", json!({"type": "number"})),
            ("id", json!({"type": "string"})),
            ("isBezier", json!({"type": "boolean"})),
            ("prevPointId", json!({"type": "string"})),
        ],
    );
    let mut schema = json!({"type": "array", "items": vertex});
    if let Some(count_min) = count_min {
        schema["minItems"] = Value::from(count_min);
    }
    schema
}

fn vector_sequence(bounded: bool) -> Value {
    let at_least_zero = |kind: &str| if bounded { json!({"type": kind, "minimum": 0}) } else { json!({"type": kind}) };
    let step = object(
        &["frame", "vertices"],
        [
            ("time", at_least_zero("number")),
            ("frame", at_least_zero("integer")),
            ("closed", json!({"type": "boolean"})),
            ("enabled", json!({"type": "boolean"})),
            ("vertices", vertices(bounded.then_some(2))),
        ],
    );
    let mut schema = json!({"type": "array", "items": step});
    if bounded {
        schema["minItems"] = Value::from(1);
    }
    schema
}
