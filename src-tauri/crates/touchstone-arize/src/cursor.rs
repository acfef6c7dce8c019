//! Cursors: where a list goes on, opaque to the caller.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use touchstone_domain::prompt::sha256_hex;

/// Characters of a hash that tell one filter from another.
const FILTER_CHARS: usize = 16;

/// The name of a list that is narrowed to `filter`. A cursor holds it, so that one of another list or filter is told.
pub(crate) fn list(kind: &str, filter: &Value) -> String {
    let mut hash = sha256_hex(filter.to_string().as_bytes());
    hash.truncate(FILTER_CHARS);
    format!("{kind} {hash}")
}

/// `list` names the list that the place is of.
pub(crate) fn write(list: &str, place: &Value) -> String {
    URL_SAFE_NO_PAD.encode(Value::from(vec![Value::from(list), place.clone()]).to_string())
}

/// The place that a cursor of this list holds.
pub(crate) fn read(list: &str, cursor: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let [kind, place] = serde_json::from_slice::<[Value; 2]>(&bytes).ok()?;
    (kind == list).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cursor_is_of_one_list_and_filter() {
        let prompts = list("prompts", &json!([null, "a"]));
        let cursor = write(&prompts, &json!({"after": 7}));
        assert_eq!(read(&prompts, &cursor), Some(json!({"after": 7})));
        assert_eq!(read(&list("prompts", &json!(["a", null])), &cursor), None);
        assert_eq!(read(&list("spaces", &json!([null, "a"])), &cursor), None);
        assert_eq!(read(&prompts, "what?"), None);
    }
}
