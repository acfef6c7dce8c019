//! What a ReactCode element says that its code gives back: the attribute `outputs`, in any of three notations.

use crate::numbers;
use serde_json::{Map, Value, json};

/// The JSON schema of `outputs`: a JSON schema, an object of properties, or a list such as
/// `mood:choices(good, bad), score:number(0, 10), note`. `None` if a bound in it is no number.
pub(crate) fn schema(outputs: &str) -> Option<Value> {
    let outputs = outputs.trim();
    if outputs.is_empty() {
        return Some(json!({"type": "object", "properties": {}}));
    }
    if let Ok(Value::Object(written)) = serde_json::from_str::<Value>(outputs) {
        let is = |kind: &str, member: &str| {
            written.get("type").and_then(Value::as_str) == Some(kind) && written.contains_key(member)
        };
        let complete = is("object", "properties") || is("array", "items");
        return Some(match complete {
            true => Value::Object(written),
            false => json!({"type": "object", "properties": written}),
        });
    }
    let mut properties = Map::new();
    for field in fields(outputs) {
        let (name, schema) = match field.split_once(':') {
            Some((name, kind)) => (name.trim(), field_schema(kind.trim())?),
            None => (field.as_str(), json!({"type": "string"})),
        };
        if !name.is_empty() {
            properties.insert(name.to_owned(), schema);
        }
    }
    Some(json!({"type": "object", "properties": properties}))
}

/// Splits at separators that are not between parentheses; a blank does not separate.
fn fields(outputs: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut depth = 0i64;
    for letter in outputs.chars() {
        depth += i64::from(letter == '(') - i64::from(letter == ')');
        if depth == 0 && matches!(letter, ',' | ';' | '|' | '\t' | '\n') {
            fields.push(String::new());
        } else if let Some(field) = fields.last_mut() {
            field.push(letter);
        }
    }
    fields.into_iter().map(|field| field.trim().to_owned()).filter(|field| !field.is_empty()).collect()
}

/// The schema of `alias(arguments)`; what is no known alias, or has nothing between its parentheses, is a text.
fn field_schema(kind: &str) -> Option<Value> {
    let text = Some(json!({"type": "string"}));
    let Some((alias, arguments)) = kind.strip_suffix(')').and_then(|kind| kind.split_once('(')) else { return text };
    let alias = alias.trim_end();
    let word = |letter: char| letter.is_alphanumeric() || letter == '_';
    if alias.is_empty() || !alias.chars().all(word) || arguments.is_empty() || arguments.trim().contains('\n') {
        return text;
    }
    let arguments: Vec<_> = arguments.split(',').map(str::trim).collect();
    let given: Vec<_> = arguments.iter().filter(|argument| !argument.is_empty()).collect();
    let argument = |index: usize| arguments.get(index).filter(|argument| !argument.is_empty());
    Some(match alias.to_lowercase().as_str() {
        "choices" => json!({"type": "string", "enum": given}),
        "multichoices" => json!({"type": "array", "items": {"type": "string", "enum": given}}),
        "number" => {
            let mut schema = json!({"type": "number"});
            for (index, key) in ["minimum", "maximum"].into_iter().enumerate() {
                if let Some(argument) = argument(index) {
                    let bound = numbers::float(argument)?;
                    if bound.is_finite() {
                        schema[key] = numbers::json(bound);
                    }
                }
            }
            schema
        }
        "rating" => {
            let maximum = argument(0).map_or(Some(5), |argument| numbers::integer(argument))?;
            json!({"type": "integer", "minimum": 1, "maximum": maximum})
        }
        _ => return text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_notations() {
        let properties = |outputs: &str| schema(outputs).map(|mut schema| schema["properties"].take());
        assert_eq!(properties(""), Some(json!({})));
        assert_eq!(
            properties("mood:choices(good, bad) | n:number(0,) ; s:rating(7), note, empty:choices()"),
            Some(json!({
                "mood": {"type": "string", "enum": ["good", "bad"]},
                "n": {"type": "number", "minimum": 0},
                "s": {"type": "integer", "minimum": 1, "maximum": 7},
                "note": {"type": "string"},
                "empty": {"type": "string"},
            }))
        );
        assert_eq!(properties(r#"{"a": {"type": "number"}}"#), Some(json!({"a": {"type": "number"}})));
        assert_eq!(
            schema(r#"{"type": "array", "items": {}}"#),
            Some(json!({"type": "array", "items": {}})),
            "a whole schema is used as it stands"
        );
        assert_eq!(properties("n:number(low, high)"), None);
    }
}
