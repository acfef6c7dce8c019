//! JSON kept exactly: key order, repeated keys and the digits of numbers, whatever their size.
//!
//! [`serde_json::Value`] reads a number that is no 64-bit integer as a double, which is right for what is computed with
//! and wrong for what is kept and hashed. [`Json`] is for the latter.

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use specta::{Types, datatype::DataType};
use std::fmt;

/// Nesting at which the reader gives up, as others do: neither the stack runs out here nor in a program that reads it next.
const DEPTH_MAX: u32 = 120;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    Null,
    Bool(bool),
    /// The number as it was written.
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Object),
}

/// Keys and values in the order in which they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object(pub Vec<(String, Json)>);

impl Object {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, key: &str) -> Option<&Json> {
        // Of a repeated key the last counts, as everywhere.
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Puts `value` where the key stands already, else at the end.
    pub fn set(&mut self, key: &str, value: Json) {
        match self.0.iter_mut().rev().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    pub fn remove(&mut self, key: &str) -> Option<Json> {
        let found = self.get(key).cloned();
        self.0.retain(|(name, _)| name != key);
        found
    }

    /// For computing and for sending.
    pub fn to_map(&self) -> serde_json::Map<String, Value> {
        self.0.iter().map(|(key, value)| (key.clone(), value.to_value())).collect()
    }
}

impl Json {
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// A number that is a whole one, however large.
    pub fn is_integer(&self) -> bool {
        matches!(self, Self::Number(digits) if !digits.contains(['.', 'e', 'E']))
    }

    /// For computing: a number that is no 64-bit integer becomes the nearest double.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(*truth),
            // Beyond what a double can be there is no number that could be computed with.
            Self::Number(digits) => serde_json::from_str(digits).unwrap_or(Value::Null),
            Self::String(text) => Value::String(text.clone()),
            Self::Array(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Self::Object(object) => Value::Object(object.to_map()),
        }
    }

    /// The same JSON after it went through a program that knows doubles only and may have sorted its keys, such as a
    /// web page: numbers that are still those of `before` get their digits back, and objects with the same keys their
    /// order.
    #[must_use]
    pub fn restored(self, before: &Json) -> Json {
        match (self, before) {
            (Self::Number(digits), Self::Number(known)) if same_number(&digits, known) => Self::Number(known.clone()),
            // What no double can be is infinite to a page, which has no word for that but null.
            (Self::Null, Self::Number(known)) if is_beyond_doubles(known) => Self::Number(known.clone()),
            (Self::Array(items), Self::Array(known)) => {
                let known = known.iter().map(Some).chain(std::iter::repeat(None));
                Self::Array(items.into_iter().zip(known).map(|(item, known)| restored_by(item, known)).collect())
            }
            (Self::Object(object), Self::Object(known)) => Self::Object(object.restored(known)),
            (changed, _) => changed,
        }
    }
}

impl Object {
    /// See [`Json::restored`].
    #[must_use]
    pub fn restored(self, before: &Object) -> Object {
        let mut left: Vec<_> = self.0.into_iter().map(Some).collect();
        let mut entries = Vec::with_capacity(left.len());
        // Keys that were there before stand where they stood; new ones follow.
        for (key, known) in &before.0 {
            let same = left.iter_mut().find(|entry| entry.as_ref().is_some_and(|(name, _)| name == key));
            if let Some((name, value)) = same.and_then(Option::take) {
                entries.push((name, value.restored(known)));
            }
        }
        entries.extend(left.into_iter().flatten());
        Object(entries)
    }
}

fn restored_by(item: Json, known: Option<&Json>) -> Json {
    match known {
        Some(known) => item.restored(known),
        None => item,
    }
}

fn is_beyond_doubles(digits: &str) -> bool {
    digits.parse::<f64>().is_ok_and(f64::is_infinite)
}

fn same_number(a: &str, b: &str) -> bool {
    matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a == b)
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::String(text.clone()),
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(map) => Self::Object(Object::from(map)),
        }
    }
}

impl From<&serde_json::Map<String, Value>> for Object {
    fn from(map: &serde_json::Map<String, Value>) -> Self {
        Self(map.iter().map(|(key, value)| (key.clone(), Json::from(value))).collect())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Number(digits) => {
                RawValue::from_string(digits.clone()).map_err(serde::ser::Error::custom)?.serialize(serializer)
            }
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// Only from JSON: numbers are taken as they are written.
impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        read(raw.get(), 0).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Json::deserialize(deserializer)? {
            Json::Object(object) => Ok(object),
            _ => Err(de::Error::custom("not an object")),
        }
    }
}

fn read(text: &str, depth: u32) -> serde_json::Result<Json> {
    if depth > DEPTH_MAX {
        return Err(de::Error::custom(format!("it is nested more than {DEPTH_MAX} deep")));
    }
    Ok(match text.as_bytes().first() {
        Some(b'n') => Json::Null,
        Some(b't') => Json::Bool(true),
        Some(b'f') => Json::Bool(false),
        Some(b'"') => Json::String(serde_json::from_str(text)?),
        Some(b'[') => {
            let items: Items = serde_json::from_str(text)?;
            Json::Array(items.0.iter().map(|item| read(item.get(), depth + 1)).collect::<Result<_, _>>()?)
        }
        Some(b'{') => {
            let Entries(entries) = serde_json::from_str(text)?;
            let entries = entries.into_iter().map(|(key, value)| Ok((key, read(value.get(), depth + 1)?)));
            Json::Object(Object(entries.collect::<serde_json::Result<_>>()?))
        }
        _ => Json::Number(text.to_owned()),
    })
}

/// The items of an array, unread.
struct Items<'a>(Vec<&'a RawValue>);

/// The entries of an object, their values unread.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

struct Unread<T>(std::marker::PhantomData<T>);

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Unread::<Self>(std::marker::PhantomData))
    }
}

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Unread::<Self>(std::marker::PhantomData))
    }
}

impl<'de> Visitor<'de> for Unread<Items<'de>> {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element()? {
            found.push(item);
        }
        Ok(Items(found))
    }
}

impl<'de> Visitor<'de> for Unread<Entries<'de>> {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            found.push(entry);
        }
        Ok(Entries(found))
    }
}

/// In the window it is whatever JSON is.
impl specta::Type for Json {
    fn definition(types: &mut Types) -> DataType {
        Value::definition(types)
    }
}

/// In the window it is an object of anything.
impl specta::Type for Object {
    fn definition(types: &mut Types) -> DataType {
        serde_json::Map::<String, Value>::definition(types)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Json {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn numbers_keys_and_their_order_are_kept() {
        for text in [
            r#"{"seed":123456789012345678901234567890,"10":1.0,"2":1e400,"a":-0.10,"a":[1,true,null]}"#,
            "[]",
            "{}",
            r#""é\n\u0001""#,
        ] {
            assert_eq!(serde_json::to_string(&read(text)).expect("JSON"), text);
        }
    }

    #[test]
    fn blanks_and_spellings_of_letters_are_not() {
        assert_eq!(serde_json::to_string(&read("{ \"\\u00e9\" : [ 1 , 2 ] }")).expect("JSON"), r#"{"é":[1,2]}"#);
    }

    #[test]
    fn what_a_web_page_changed_unasked_is_put_back() {
        let before = read(r#"{"seed":12345678901234567890,"top":1.0,"bias":{"50":-1,"7":2},"gone":1}"#);
        let after = read(r#"{"bias":{"7":2,"50":-1},"seed":12345678901234567000,"top":1,"new":0.5}"#);
        let restored = serde_json::to_string(&after.restored(&before)).expect("JSON");
        assert_eq!(restored, r#"{"seed":12345678901234567890,"top":1.0,"bias":{"50":-1,"7":2},"new":0.5}"#);
        assert_eq!(read(r#"{"seed":7}"#).restored(&before), read(r#"{"seed":7}"#), "what was changed stays changed");
    }

    #[test]
    fn what_is_nested_too_deep_is_refused() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(serde_json::from_str::<Json>(&nested(100)).is_ok());
        assert!(serde_json::from_str::<Json>(&nested(200)).is_err());
        let object = "{\"a\":".repeat(100_000) + "1" + &"}".repeat(100_000);
        assert!(serde_json::from_str::<Json>(&object).is_err(), "the stack does not run out");
    }

    #[test]
    fn it_can_be_read_from_a_value_too() {
        let value = serde_json::json!({"a": [1, 2.5, "x"]});
        let json: Json = serde_json::from_value(value.clone()).expect("JSON");
        assert_eq!(json.to_value(), value);
    }
}
