//! Label Studio's verdict on regions that someone made: predictions, annotations, tasks.
//!
//! The verdict is lenient where Label Studio is: labels must be known and values of the right types, but offsets are
//! not held to the text, paths not to the tree, and a single choice may hold two. A comparison of two objects may name
//! itself as its target, which Label Studio makes but refuses.

use crate::answer::knows_labels;
use crate::config::{Config, Control};
use crate::kind::Kind;
use crate::satisfy::canonical;
use crate::{numbers, value};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// Whether a prediction or annotation is fine, and which entries of its result are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The result is a list of objects with types that are texts, and the score, if there is one, a number within
    /// 0..=1.
    pub(crate) envelope: bool,
    /// Places in the result, from 0, in order.
    pub(crate) faulty: Vec<usize>,
}

impl Verdict {
    pub(crate) fn is_valid(&self) -> bool {
        self.envelope && self.faulty.is_empty()
    }
}

impl Config {
    /// The entries of an annotation's result that Label Studio would refuse, by their places from 0. What is not even
    /// an object with a type is among them.
    pub fn faulty_regions(&self, result: &[Value]) -> Vec<usize> {
        let judged = check_result(self, &serde_json::json!({ "result": result }));
        let is_entry = |entry: &Value| entry.get("type").is_some_and(Value::is_string);
        (0..result.len()).filter(|place| judged.faulty.contains(place) || !is_entry(&result[*place])).collect()
    }
}

/// Judges a prediction or an annotation, both of which hold regions under `result`.
pub(crate) fn check_result(config: &Config, holder: &Value) -> Verdict {
    let Some(result) = holder.get("result").and_then(Value::as_array) else { return Verdict::default() };
    let mut envelope = holder.get("score").is_none_or(is_score);
    let geometries = geometries(result);
    let mut faulty = Vec::new();
    let mut fine_ids = HashSet::new();
    for (place, region) in result.iter().enumerate().filter(|(_, region)| !is_relation(region)) {
        match check_region(config, region, &geometries) {
            Judged::Fine => fine_ids.extend(region.get("id").map(canonical)),
            Judged::Faulty => faulty.push(place),
            Judged::NoRegion => envelope = false,
            // Label Studio gives up here, so nothing is said of the entries behind it.
            Judged::NoType => return Verdict { envelope: false, faulty },
        }
    }
    let relations = result.iter().enumerate().filter(|(_, region)| is_relation(region));
    faulty.extend(relations.filter(|(_, relation)| !check_relation(relation, &fine_ids)).map(|(place, _)| place));
    faulty.sort_unstable();
    Verdict { envelope, faulty }
}

/// Whether a task has what the config's objects show, and nothing but fine annotations and predictions.
pub(crate) fn check_task(config: &Config, task: &Value) -> bool {
    let Some(data) = task.get("data").and_then(Value::as_object) else { return false };
    let variables = config.objects().iter().filter_map(|object| object.variable.as_ref());
    let complete = variables.into_iter().all(|variable| data.get(variable).is_some_and(|value| !value.is_null()));
    complete
        && ["annotations", "predictions"].iter().all(|name| match task.get(name) {
            None => true,
            Some(Value::Array(holders)) => holders.iter().all(|holder| check_result(config, holder).is_valid()),
            Some(_) => false,
        })
}

fn is_score(score: &Value) -> bool {
    let number = match score {
        Value::Null => return true,
        Value::Bool(yes) => Some(f64::from(u8::from(*yes))),
        Value::String(text) => numbers::float(text),
        other => other.as_f64(),
    };
    number.is_some_and(|number| (0.0..=1.0).contains(&number))
}

fn is_relation(region: &Value) -> bool {
    region.get("type").and_then(Value::as_str) == Some("relation")
}

fn check_relation(relation: &Value, fine_ids: &HashSet<String>) -> bool {
    let names = |end: &str| relation.get(end).is_some_and(|id| fine_ids.contains(&canonical(id)));
    let direction = relation.get("direction").and_then(Value::as_str);
    matches!(direction, Some("left" | "right" | "bi")) && names("from_id") && names("to_id")
}

/// The kind of geometry by region id: labels and a shape that share an id are one region seen by two controls.
fn geometries(result: &[Value]) -> HashMap<String, Kind> {
    let mut geometries = HashMap::new();
    for region in result {
        let kind = Kind::of(region.get("type").and_then(Value::as_str).unwrap_or_default());
        let is_geometry = matches!(
            kind,
            Kind::Rectangle
                | Kind::Polygon
                | Kind::Ellipse
                | Kind::KeyPoint
                | Kind::Brush
                | Kind::Bitmask
                | Kind::Vector
        );
        if let Some(id) = region.get("id").filter(|id| is_geometry && !id.is_null()) {
            geometries.entry(canonical(id)).or_insert(kind);
        }
    }
    geometries
}

/// What is said of an entry that is no relation.
enum Judged {
    Fine,
    Faulty,
    /// It is no object: the list is at fault, not a region.
    NoRegion,
    /// Its type is no text.
    NoType,
}

fn check_region(config: &Config, region: &Value, geometries: &HashMap<String, Kind>) -> Judged {
    let Value::Object(members) = region else { return Judged::NoRegion };
    let text = |key: &str| members.get(key).and_then(Value::as_str);
    let (Some(from_name), Some(to_name), Some(kind), Some(value)) =
        (text("from_name"), text("to_name"), members.get("type"), members.get("value"))
    else {
        return Judged::Faulty;
    };
    let Some(control) = config.control(from_name) else { return Judged::Faulty };
    let about_itself = control.kind == Kind::Pairwise && to_name == control.name;
    if config.object(to_name).is_none() && !about_itself {
        return Judged::Faulty;
    }
    let Some(kind) = kind.as_str() else { return Judged::NoType };
    let wired = about_itself || control.to_name.iter().any(|name| name == to_name);
    let geometry = region.get("id").and_then(|id| geometries.get(&canonical(id))).copied();
    match wired && check_typed(config, control, &kind.to_lowercase(), value, geometry) {
        true => Judged::Fine,
        false => Judged::Faulty,
    }
}

/// Whether a region's type is its control's and its value fits; `geometry` is what the region shares its id with.
fn check_typed(config: &Config, control: &Control, kind: &str, value: &Value, geometry: Option<Kind>) -> bool {
    if let Some(geometry) = merged_geometry(config, control, kind) {
        return check_merged(control, geometry.kind, kind, value);
    }
    kind == control.tag.to_lowercase() && check_value(control, value, geometry.filter(|_| kind == "labels"))
}

/// The control that draws what a Labels control labels, when a region of the latter has the type of the former's
/// labelled variant, such as `videovectorlabels`.
fn merged_geometry<'a>(config: &'a Config, labels: &Control, kind: &str) -> Option<&'a Control> {
    let geometry =
        kind.strip_suffix("labels").filter(|geometry| !geometry.is_empty() && labels.kind == Kind::Labels)?;
    config.controls().iter().find(|control| {
        control.name != labels.name
            && control.tag.to_lowercase() == geometry
            && control.to_name.iter().any(|name| labels.to_name.contains(name))
    })
}

fn check_merged(control: &Control, geometry: Kind, kind: &str, value: &Value) -> bool {
    let Value::Object(value) = value else { return false };
    let key = if value.contains_key(kind) { kind } else { "labels" };
    let Some(Value::Array(labels)) = value.get(key) else { return false };
    let known = |label: &Value| label.as_str().is_some_and(|label| control.labels.iter().any(|known| known == label));
    let mut rest = value.clone();
    rest.shift_remove(key);
    !labels.is_empty() && labels.iter().all(known) && fits(geometry, &rest)
}

fn fits(kind: Kind, value: &Map<String, Value>) -> bool {
    !value::has_shape(kind) || value::read(kind, value).is_ok()
}

/// Whether a value is fine for a control; `geometry` is what the region shares its id with.
fn check_value(control: &Control, value: &Value, geometry: Option<Kind>) -> bool {
    let Value::Object(outer) = value else {
        // Nothing is known of the values of other controls.
        return control.kind == Kind::Other;
    };
    match control.kind {
        Kind::Other => return true,
        Kind::Relations => return false,
        Kind::Ranker => return fits(Kind::Ranker, outer),
        Kind::VideoRectangle if control.labels.is_empty() && !outer.contains_key("labels") => {
            return fits(Kind::VideoRectangle, outer);
        }
        _ => {}
    }
    // A value may be nested once under the control's own name.
    let value = outer.get(&control.name).and_then(Value::as_object).unwrap_or(outer);
    if let Some(key) = control.kind.answer_key() {
        let Some(chosen) = value.get(key) else { return false };
        let known = match control.kind {
            Kind::Rating => rating_in_range(control, chosen),
            Kind::Taxonomy => match chosen {
                Value::Array(paths) => paths.iter().all(|path| path.is_array() && knows_labels(control, path)),
                _ => false,
            },
            _ => knows_labels(control, chosen),
        };
        if !known {
            return false;
        }
    }
    // Of a shape and its labels that share an id, the labels' value holds the shape.
    fits(geometry.unwrap_or(control.kind), value)
}

fn rating_in_range(control: &Control, rating: &Value) -> bool {
    let number = match rating {
        Value::String(text) => numbers::integer(text),
        Value::Bool(yes) => Some(i64::from(*yes)),
        #[allow(clippy::cast_possible_truncation)]
        other => other.as_f64().map(|number| number as i64),
    };
    let maximum = control.max_rating();
    number.zip(maximum).is_some_and(|(number, maximum)| (0..=maximum).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CONFIG: &str = r#"<View><Image name="pic" value="$p"/><Text name="l" value="$l"/><Text name="r" value="$r"/>
        <Labels name="what" toName="pic"><Label value="Crab"/></Labels><Rectangle name="box" toName="pic"/>
        <VideoVector name="vv" toName="pic"/><Rating name="stars" toName="l"/><Pairwise name="pw" toName="l,r"/></View>"#;

    fn faulty(result: Value) -> Vec<usize> {
        let config = Config::parse(CONFIG).expect("the config is well-formed");
        check_result(&config, &json!({"result": result})).faulty
    }

    #[test]
    fn a_shape_and_its_labels_may_share_an_id() {
        let shape = json!({"x": 1, "y": 2, "width": 3, "height": 4});
        let labels = json!({"x": 1, "y": 2, "width": 3, "height": 4, "labels": ["Crab"]});
        let regions = |id: &str| {
            json!([
                {"id": "a", "from_name": "what", "to_name": "pic", "type": "labels", "value": labels},
                {"id": id, "from_name": "box", "to_name": "pic", "type": "rectangle", "value": shape},
            ])
        };
        assert_eq!(faulty(regions("a")), Vec::<usize>::new());
        assert_eq!(faulty(regions("b")), [0]);
    }

    #[test]
    fn labels_may_be_merged_into_the_shape_they_label() {
        let vector = |labels: Value| {
            let steps = json!([{"frame": 1, "vertices": []}]);
            json!([{"from_name": "what", "to_name": "pic", "type": "VideoVectorLabels",
                "value": {"sequence": steps, "videovectorlabels": labels}}])
        };
        assert_eq!(faulty(vector(json!(["Crab"]))), Vec::<usize>::new());
        assert_eq!(faulty(vector(json!([]))), [0]);
    }

    #[test]
    fn relations_name_regions_that_are_fine() {
        let rating = |id: &str, rating: i64| json!({"id": id, "from_name": "stars", "to_name": "l", "type": "rating", "value": {"rating": rating}});
        let relation = json!({"type": "relation", "direction": "bi", "from_id": "a", "to_id": "b"});
        assert_eq!(faulty(json!([relation, rating("a", 0), rating("b", 5)])), Vec::<usize>::new());
        assert_eq!(faulty(json!([relation, rating("a", 0), rating("b", 6)])), [0, 2]);
    }

    #[test]
    fn a_comparison_may_be_about_itself_or_its_objects() {
        for to_name in ["pw", "l"] {
            let region =
                json!({"from_name": "pw", "to_name": to_name, "type": "pairwise", "value": {"selected": "left"}});
            assert_eq!(faulty(json!([region])), Vec::<usize>::new(), "{to_name}");
        }
    }

    #[test]
    fn a_task_has_what_is_shown() {
        let config = Config::parse(CONFIG).expect("the config is well-formed");
        assert!(check_task(&config, &json!({"data": {"p": "", "l": 0, "r": "x"}})));
        assert!(!check_task(&config, &json!({"data": {"p": null, "l": 0, "r": "x"}})));
        assert!(!check_task(&config, &json!({"data": {"p": "", "l": 0, "r": "x"}, "predictions": [{}]})));
    }
}
