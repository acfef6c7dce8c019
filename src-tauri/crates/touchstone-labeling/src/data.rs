//! What a config's variables mean in a task's data.

use crate::letters::is_alphanumeric;
use serde_json::{Map, Value};

/// The variable in a value that is nothing else, `body` in `$body`.
pub(crate) fn variable(value: &str) -> Option<&str> {
    value.strip_prefix('$').filter(|variable| !variable.is_empty() && !variable.contains([',', ' ']))
}

/// The variables of a value: the one that it is, or the words behind `$` in it.
pub(crate) fn variables(value: &str) -> Vec<&str> {
    if let Some(variable) = variable(value) {
        return vec![variable];
    }
    value.split('$').skip(1).map(word).filter(|word| !word.is_empty()).collect()
}

/// The letters, digits and underscores that a text begins with.
fn word(text: &str) -> &str {
    let end = text.find(|letter: char| letter != '_' && !is_alphanumeric(letter)).unwrap_or(text.len());
    &text[..end]
}

/// The key of the data that a variable's path begins at.
pub(crate) fn root(variable: &str) -> &str {
    variable.split(['.', '[']).next().unwrap_or(variable)
}

/// The value that a variable such as `body`, `user.name` or `items[0].text` shows: the key spelled exactly like it,
/// else step by step.
pub fn value_at<'a>(data: &'a Map<String, Value>, variable: &str) -> Option<&'a Value> {
    if let Some(value) = data.get(variable) {
        return Some(value);
    }
    let mut steps = variable.split(['.', '[']).map(|step| step.trim_end_matches(']'));
    let mut value = data.get(steps.next()?)?;
    for step in steps {
        value = match value {
            Value::Object(members) => members.get(step)?,
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_leads_into_the_data_and_an_exact_key_wins() {
        let data = json!({"a": {"b": [1, 2]}, "a.b": 3});
        let data = data.as_object().expect("data is an object");
        assert_eq!(value_at(data, "a.b"), Some(&json!(3)));
        assert_eq!(value_at(data, "a.b[1]"), Some(&json!(2)));
        assert_eq!(value_at(data, "a.c"), None);
    }
}
