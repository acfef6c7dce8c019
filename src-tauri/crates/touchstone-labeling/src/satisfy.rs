//! Whether a JSON value satisfies a JSON schema, for the part of JSON Schema that our schemas and those of ReactCode
//! elements use.
//!
//! Two readings are our own, fixed by the conformance rules: `oneOf` counts as `anyOf`, because Label Studio offers
//! integer and number as alternatives and a whole number is both; and null is fine for a property that is not
//! required. Nothing is coerced: `"4"` is no number. Formats and unknown keywords say nothing.

use serde_json::{Map, Value};
use std::collections::HashSet;

/// How deep schemas and values are followed. Both come from JSON texts, whose reader stops at 128.
const DEPTH_MAX: u32 = 200;

/// Where a value violates a schema, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Member names and, in brackets, places counted from 1, such as `spans[2].labels`; empty for the value itself.
    pub(crate) place: String,
    /// In words, such as `“Angry” is none of Positive, Negative`.
    pub(crate) fault: String,
}

pub(crate) fn satisfies(value: &Value, schema: &Value) -> Result<(), Violation> {
    check(value, schema, &mut Place::default(), 0)
}

/// The way to the value at hand.
#[derive(Default)]
struct Place(Vec<String>);

impl Place {
    fn violation<T>(&self, fault: impl Into<String>) -> Result<T, Violation> {
        let mut place = String::new();
        for step in &self.0 {
            if !place.is_empty() && !step.starts_with('[') {
                place.push('.');
            }
            place.push_str(step);
        }
        Err(Violation { place, fault: fault.into() })
    }
}

fn check(value: &Value, schema: &Value, place: &mut Place, depth: u32) -> Result<(), Violation> {
    let schema = match schema {
        Value::Object(schema) if depth < DEPTH_MAX => schema,
        Value::Bool(false) => return place.violation("must not be there"),
        _ => return Ok(()),
    };
    check_type(value, schema, place)?;
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.iter().any(|allowed| same(value, allowed))
    {
        let fault = match allowed.is_empty() {
            true => format!("{} is not possible: nothing can be chosen", shown(value)),
            false => format!("{} is none of {}", shown(value), listed(allowed)),
        };
        return place.violation(fault);
    }
    if let Some(constant) = schema.get("const")
        && !same(value, constant)
    {
        return place.violation(format!("{} is not {}", shown(value), shown(constant)));
    }
    match value {
        Value::Number(_) => check_number(value, schema, place)?,
        Value::String(text) => check_text(text, schema, place)?,
        Value::Array(items) => check_items(items, schema, place, depth)?,
        Value::Object(members) => check_members(members, schema, place, depth)?,
        Value::Null | Value::Bool(_) => {}
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(alternatives) = schema.get(keyword).and_then(Value::as_array) {
            check_any(value, alternatives, place, depth)?;
        }
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        check(value, part, place, depth + 1)?;
    }
    if let Some(not) = schema.get("not")
        && check(value, not, place, depth + 1).is_ok()
    {
        return place.violation(format!("{} is excluded", shown(value)));
    }
    Ok(())
}

fn check_type(value: &Value, schema: &Map<String, Value>, place: &Place) -> Result<(), Violation> {
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    if kinds.iter().any(|kind| is(value, kind)) {
        return Ok(());
    }
    let wanted: Vec<_> = kinds.iter().map(|kind| noun(kind)).collect();
    place.violation(format!("{} is not {}", shown(value), wanted.join(" or ")))
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => match value {
            Value::Number(number) => number.as_f64().is_some_and(|number| number.fract() == 0.0),
            _ => false,
        },
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn noun(kind: &str) -> &str {
    match kind {
        "string" => "a text",
        "number" => "a number",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

fn check_number(value: &Value, schema: &Map<String, Value>, place: &Place) -> Result<(), Violation> {
    let Some(number) = value.as_f64() else { return Ok(()) };
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let shown_bound = |keyword: &str| schema.get(keyword).map(shown).unwrap_or_default();
    if bound("minimum").is_some_and(|minimum| number < minimum) {
        return place.violation(format!("{} is below {}", shown(value), shown_bound("minimum")));
    }
    if bound("maximum").is_some_and(|maximum| number > maximum) {
        return place.violation(format!("{} is above {}", shown(value), shown_bound("maximum")));
    }
    if bound("exclusiveMinimum").is_some_and(|minimum| number <= minimum) {
        return place.violation(format!("{} is not above {}", shown(value), shown_bound("exclusiveMinimum")));
    }
    if bound("exclusiveMaximum").is_some_and(|maximum| number >= maximum) {
        return place.violation(format!("{} is not below {}", shown(value), shown_bound("exclusiveMaximum")));
    }
    if bound("multipleOf").is_some_and(|step| step > 0.0 && ((number / step) - (number / step).round()).abs() > 1e-9) {
        return place.violation(format!("{} is no multiple of {}", shown(value), shown_bound("multipleOf")));
    }
    Ok(())
}

fn check_text(text: &str, schema: &Map<String, Value>, place: &Place) -> Result<(), Violation> {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
    let length = text.chars().count() as u64;
    if let Some(minimum) = bound("minLength").filter(|minimum| length < *minimum) {
        return place.violation(format!("the text is shorter than {minimum} characters"));
    }
    if let Some(maximum) = bound("maxLength").filter(|maximum| length > *maximum) {
        return place.violation(format!("the text is longer than {maximum} characters"));
    }
    Ok(())
}

fn check_items(items: &[Value], schema: &Map<String, Value>, place: &mut Place, depth: u32) -> Result<(), Violation> {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
    let count = items.len() as u64;
    if bound("minItems").is_some_and(|minimum| count < minimum) {
        let fault = match items.is_empty() {
            true => "the list is empty".to_owned(),
            false => format!("the list has {count} of at least {} items", bound("minItems").unwrap_or_default()),
        };
        return place.violation(fault);
    }
    if let Some(maximum) = bound("maxItems").filter(|maximum| count > *maximum) {
        return place.violation(format!("the list has {count} items, {maximum} at most are possible"));
    }
    if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
        let mut seen = HashSet::new();
        if let Some(twice) = items.iter().find(|item| !seen.insert(canonical(item))) {
            return place.violation(format!("{} occurs twice", shown(twice)));
        }
    }
    let Some(item_schema) = schema.get("items") else { return Ok(()) };
    for (index, item) in items.iter().enumerate() {
        // A list of schemas describes the items one by one.
        let item_schema = match item_schema {
            Value::Array(schemas) => schemas.get(index).unwrap_or(&Value::Bool(true)),
            schema => schema,
        };
        place.0.push(format!("[{}]", index + 1));
        check(item, item_schema, place, depth + 1)?;
        place.0.pop();
    }
    Ok(())
}

fn check_members(
    members: &Map<String, Value>,
    schema: &Map<String, Value>,
    place: &mut Place,
    depth: u32,
) -> Result<(), Violation> {
    let required: HashSet<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema.get("properties").and_then(Value::as_object);
    // In the schema's order, so that the first fault named is the first in the config.
    let names = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for name in names {
        if !members.contains_key(name) {
            place.0.push(name.to_owned());
            return place.violation("is missing");
        }
    }
    for (name, member) in members {
        place.0.push(name.clone());
        match properties.and_then(|properties| properties.get(name)) {
            Some(_) if member.is_null() && !required.contains(name.as_str()) => {}
            Some(property) => check(member, property, place, depth + 1)?,
            None => match schema.get("additionalProperties") {
                Some(Value::Bool(false)) => return place.violation("must not be there"),
                Some(additional) => check(member, additional, place, depth + 1)?,
                None => {}
            },
        }
        place.0.pop();
    }
    Ok(())
}

/// One alternative at least must hold. If none does, the fault named is that of the alternative that got furthest.
fn check_any(value: &Value, alternatives: &[Value], place: &mut Place, depth: u32) -> Result<(), Violation> {
    let length = place.0.len();
    let mut closest: Option<Violation> = None;
    for alternative in alternatives {
        let outcome = check(value, alternative, place, depth + 1);
        place.0.truncate(length);
        match outcome {
            Ok(()) => return Ok(()),
            Err(violation) if closest.as_ref().is_none_or(|best| violation.place.len() > best.place.len()) => {
                closest = Some(violation);
            }
            Err(_) => {}
        }
    }
    closest.map_or_else(|| place.violation("no alternative is possible"), Err)
}

/// JSON equality: numbers by value, objects regardless of order.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// A text that is equal for equal values: numbers by value, members sorted.
pub(crate) fn canonical(value: &Value) -> String {
    match value {
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| format!("{number:?}")),
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            let mut members: Vec<_> = members
                .iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
                .collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        other => other.to_string(),
    }
}

/// A value as a message shows it: texts in quotes, everything cut to a readable length.
pub(crate) fn shown(value: &Value) -> String {
    const CHARS_MAX: usize = 60;
    let cut = |text: &str| match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    };
    match value {
        Value::String(text) => format!("“{}”", cut(text)),
        other => cut(&other.to_string()),
    }
}

/// What may be chosen, as a message lists it.
fn listed(allowed: &[Value]) -> String {
    const LISTED_MAX: usize = 12;
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut list: Vec<_> = allowed.iter().take(LISTED_MAX).map(plain).collect();
    if allowed.len() > LISTED_MAX {
        list.push(format!("{} more", allowed.len() - LISTED_MAX));
    }
    list.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(value: &Value, schema: &Value) -> String {
        match satisfies(value, schema) {
            Ok(()) => String::new(),
            Err(violation) => format!("{}: {}", violation.place, violation.fault),
        }
    }

    #[test]
    fn a_fault_says_where_and_what() {
        let schema = json!({
            "type": "object",
            "properties": {
                "mood": {"type": "string", "enum": ["Calm", "Tense"]},
                "spans": {"type": "array", "items": {"type": "object", "required": ["labels"]}},
                "n": {"type": "integer", "minimum": 0, "maximum": 5},
            },
            "required": ["mood"],
        });
        assert_eq!(fault(&json!({"mood": "Angry"}), &schema), "mood: “Angry” is none of Calm, Tense");
        assert_eq!(fault(&json!({}), &schema), "mood: is missing");
        assert_eq!(fault(&json!({"mood": null}), &schema), "mood: null is not a text");
        assert_eq!(fault(&json!({"mood": "Calm", "n": null}), &schema), "", "null is fine where nothing is required");
        assert_eq!(fault(&json!({"mood": "Calm", "n": "4"}), &schema), "n: “4” is not a whole number");
        assert_eq!(fault(&json!({"mood": "Calm", "n": 4.0}), &schema), "", "4.0 is whole");
        assert_eq!(fault(&json!({"mood": "Calm", "n": 6}), &schema), "n: 6 is above 5");
        assert_eq!(
            fault(&json!({"mood": "Calm", "spans": [{"labels": []}, {}]}), &schema),
            "spans[2].labels: is missing"
        );
        assert_eq!(fault(&json!([]), &schema), ": [] is not an object");
    }

    #[test]
    fn one_of_counts_as_any_of() {
        let schema = json!({"oneOf": [{"type": "integer", "minimum": 0}, {"type": "number", "minimum": 0}]});
        assert_eq!(fault(&json!(3), &schema), "");
        assert_eq!(fault(&json!(-3), &schema), ": -3 is below 0");
    }

    #[test]
    fn items_are_unique_by_value() {
        let schema = json!({"uniqueItems": true});
        assert_eq!(fault(&json!([1, "1", [2]]), &schema), "");
        assert_eq!(fault(&json!([1, 1.0]), &schema), ": 1.0 occurs twice");
    }
}
