//! How long answers are that nobody has given yet: no shorter than the schema lets them be, and as long as it, or the
//! model's limit, lets them get.

use crate::requests::BYTES_PER_TOKEN;
use serde_json::Value;

/// Bytes of a token where answers are rare words, and of what a model writes around them.
const BYTES_PER_RARE_TOKEN: u64 = 2;
const AROUND: u64 = 20;

/// Bytes of the longest number that a model is likely to write.
const NUMBER_MAX: u64 = 20;

/// The least and the most tokens that an answer under `schema` has. The most is `None` where neither the schema nor the
/// limit of the model says it; a model that thinks is bound by its limit alone.
pub(super) fn answer_tokens(schema: &Value, may_think: bool, limit: Option<u32>) -> (u64, Option<u64>) {
    let (shortest, longest) = bytes(schema);
    let limit = limit.map(u64::from);
    let by_schema = longest.map(|bytes| bytes.div_ceil(BYTES_PER_RARE_TOKEN) + AROUND).filter(|_| !may_think);
    let most = match (by_schema, limit) {
        (Some(schema), Some(limit)) => Some(schema.min(limit)),
        (one, other) => one.or(other),
    };
    let least = shortest.div_ceil(BYTES_PER_TOKEN);
    (most.map_or(least, |most| least.min(most)), most)
}

/// The least and the most bytes of compact JSON under `schema`, as far as it says so.
fn bytes(schema: &Value) -> (u64, Option<u64>) {
    for alternatives in ["anyOf", "oneOf"] {
        if let Some(alternatives) = schema[alternatives].as_array() {
            let each = || alternatives.iter().map(bytes);
            let longest: Option<Vec<_>> = each().map(|(_, longest)| longest).collect();
            let shortest = each().map(|(shortest, _)| shortest).min();
            return (shortest.unwrap_or(0), longest.and_then(|longest| longest.into_iter().max()));
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let each = || values.iter().map(|value| value.to_string().len() as u64);
        return (each().min().unwrap_or(0), each().max());
    }
    match schema["type"].as_str() {
        Some("object") => object(schema),
        Some("array") => array(schema),
        Some("string") => (2, schema["maxLength"].as_u64().map(|letters| letters.saturating_add(2))),
        Some("boolean") => (4, Some(5)),
        Some("integer" | "number") => (1, Some(NUMBER_MAX)),
        Some("null") => (4, Some(4)),
        _ => (0, None),
    }
}

fn object(schema: &Value) -> (u64, Option<u64>) {
    let Some(properties) = schema["properties"].as_object() else { return (2, None) };
    properties.iter().fold((2, Some(2)), |(shortest, longest), (name, schema)| {
        // Quotes, colon and comma.
        let around = name.len() as u64 + 4;
        let (least, most) = bytes(schema);
        let longest = longest.zip(most).map(|(sum, most)| sum + around + most);
        (shortest + around + least, longest)
    })
}

fn array(schema: &Value) -> (u64, Option<u64>) {
    let items = &schema["items"];
    let (least, most) = bytes(items);
    let count_min = schema["minItems"].as_u64().unwrap_or(0);
    let distinct = items["enum"].as_array().filter(|_| schema["uniqueItems"] == true).map(|values| values.len() as u64);
    let count_max = schema["maxItems"].as_u64().or(distinct);
    let with = |count: u64, item: u64| 2 + count.saturating_mul(item.saturating_add(1));
    (with(count_min, least), count_max.zip(most).map(|(count, most)| with(count, most)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(schema: Value, shortest: &str, longest: Option<&str>) {
        let want = (shortest.len() as u64, longest.map(|text| text.len() as u64));
        let (least, most) = bytes(&schema);
        // A comma too many is no matter.
        assert!(least.abs_diff(want.0) <= 2, "{least} for {shortest}");
        assert_eq!(most.is_some(), want.1.is_some(), "{most:?} for {longest:?}");
        assert!(most.unwrap_or(0).abs_diff(want.1.unwrap_or(0)) <= 2, "{most:?} for {longest:?}");
    }

    #[test]
    fn the_schema_says_how_long_answers_are() {
        let topic = json!({"type": "string", "enum": ["Bug", "Praise"]});
        let of = |schema: &Value| json!({"type": "object", "properties": {"topic": schema}});
        check(of(&topic), r#"{"topic":"Bug"}"#, Some(r#"{"topic":"Praise"}"#));
        let several = json!({"type": "array", "items": topic, "uniqueItems": true});
        check(of(&several), r#"{"topic":[]}"#, Some(r#"{"topic":["Praise","Praise"]}"#));
        check(of(&json!({"type": "string"})), r#"{"topic":""}"#, None);
        check(of(&json!({"anyOf": [{"type": "null"}, topic]})), r#"{"topic":null}"#, Some(r#"{"topic":"Praise"}"#));
        check(json!({}), "", None);
    }

    #[test]
    fn who_may_think_is_bound_by_the_limit_alone() {
        let topic = json!({"type": "object", "properties": {"topic": {"enum": ["Bug", "Praise"]}}});
        let (least, most) = answer_tokens(&topic, false, Some(32_768));
        assert!(least >= 3 && most.is_some_and(|most| (5..50).contains(&most)), "{least} {most:?}");
        assert_eq!(answer_tokens(&topic, true, Some(32_768)), (least, Some(32_768)));
        assert_eq!(answer_tokens(&topic, true, None), (least, None), "nobody says");
        assert_eq!(answer_tokens(&topic, false, Some(2)), (2, Some(2)));
    }
}
