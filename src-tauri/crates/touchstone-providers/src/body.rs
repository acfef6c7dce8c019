//! A request's body: written once, hashed and sent as it was written.

use serde::Serialize;
use serde_json::Value;
use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

/// The body of a request. What is hashed is what is sent, and another try does not write it again. It can be looked into as
/// the JSON that it is, which is read from the text when somebody does: thousands of requests are sent unseen.
#[derive(Clone)]
pub struct Body {
    text: String,
    value: OnceLock<Value>,
}

impl Body {
    /// `members` as JSON. They must be what JSON can say: maps with text keys.
    pub fn of(members: &impl Serialize) -> Self {
        let text = serde_json::to_string(members).expect("a body is made of JSON");
        Self { text, value: OnceLock::new() }
    }

    /// As it stands before the bytes of files come in.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl From<Value> for Body {
    fn from(value: Value) -> Self {
        Self::of(&value)
    }
}

impl Deref for Body {
    type Target = Value;

    fn deref(&self) -> &Value {
        self.value.get_or_init(|| serde_json::from_str(&self.text).expect("it was written from JSON"))
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
