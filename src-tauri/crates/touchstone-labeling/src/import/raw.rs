//! An item as it is read: what decides is taken in as values, regions and the rest of an annotation stay the text that
//! they are. Most of a large export is annotations, and building values of them only to write them again takes longer
//! than everything else.

use super::{Refusal, malformed, noun};
use memchr::memchr2;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Text that nests deeper is left to the parser, which has a limit.
const DEPTH_PLAIN: usize = 100;

/// A number with more digits is left to the parser: it may be too large for one.
const DIGITS_PLAIN: usize = 300;

/// The members of an item that a task is made of; the last of several with one name.
#[derive(Default)]
pub(super) struct RawItem<'a> {
    pub id: Option<Value>,
    pub data: Option<Value>,
    pub meta: Option<Value>,
    pub predictions: Option<Value>,
    pub annotations: Option<RawPart<'a>>,
}

/// What was written where annotations, or one of them, are expected.
pub(super) enum RawPart<'a> {
    List(Vec<RawPart<'a>>),
    Annotation(RawAnnotation<'a>),
    Other(Value),
}

impl RawPart<'_> {
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::List(_) => "a list",
            Self::Annotation(_) => "an object",
            Self::Other(value) => noun(value),
        }
    }
}

#[derive(Default)]
pub(super) struct RawAnnotation<'a> {
    pub result: Option<&'a RawValue>,
    pub ground_truth: Option<Value>,
    pub was_cancelled: Option<Value>,
    pub created_at: Option<String>,
    /// Every other member, each name once.
    pub extra: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl RawAnnotation<'_> {
    /// There is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        let Self { result, ground_truth, was_cancelled, created_at, extra } = self;
        result.is_none()
            && ground_truth.is_none()
            && was_cancelled.is_none()
            && created_at.is_none()
            && extra.is_empty()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawItem<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Item;
        impl<'de> Visitor<'de> for Item {
            type Value = RawItem<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawItem<'de>, A::Error> {
                let mut item = RawItem::default();
                while let Some(Name(name)) = map.next_key()? {
                    match &*name {
                        "id" => item.id = Some(map.next_value()?),
                        "data" => item.data = Some(map.next_value()?),
                        "meta" => item.meta = Some(map.next_value()?),
                        "predictions" => item.predictions = Some(map.next_value()?),
                        "annotations" => item.annotations = Some(map.next_value()?),
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(item)
            }
        }
        deserializer.deserialize_map(Item)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawPart<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Part;
        impl<'de> Visitor<'de> for Part {
            type Value = RawPart<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("annotations")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<RawPart<'de>, A::Error> {
                let mut list = Vec::new();
                while let Some(element) = elements.next_element()? {
                    list.push(element);
                }
                Ok(RawPart::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawPart<'de>, A::Error> {
                annotation(map).map(RawPart::Annotation)
            }

            fn visit_unit<E>(self) -> Result<RawPart<'de>, E> {
                Ok(RawPart::Other(Value::Null))
            }

            fn visit_bool<E>(self, value: bool) -> Result<RawPart<'de>, E> {
                Ok(RawPart::Other(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<RawPart<'de>, E> {
                Ok(RawPart::Other(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<RawPart<'de>, E> {
                Ok(RawPart::Other(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<RawPart<'de>, E> {
                Ok(RawPart::Other(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<RawPart<'de>, E> {
                Ok(RawPart::Other(value.into()))
            }
        }
        deserializer.deserialize_any(Part)
    }
}

fn annotation<'de, A: MapAccess<'de>>(mut map: A) -> Result<RawAnnotation<'de>, A::Error> {
    let mut annotation = RawAnnotation::default();
    while let Some(Name(name)) = map.next_key()? {
        match &*name {
            "result" => annotation.result = Some(map.next_value()?),
            "ground_truth" => annotation.ground_truth = Some(map.next_value()?),
            "was_cancelled" => annotation.was_cancelled = Some(map.next_value()?),
            _ => {
                let value: &RawValue = map.next_value()?;
                annotation.extra.retain(|(known, _)| *known != name);
                if name == "created_at" {
                    annotation.created_at = None;
                    if value.get().starts_with('"') {
                        annotation.created_at = serde_json::from_str(value.get()).map_err(A::Error::custom)?;
                        continue;
                    }
                }
                annotation.extra.push((name, value));
            }
        }
    }
    Ok(annotation)
}

/// A name in an object, borrowed where it is written without escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// An object of these members as compact JSON; `None` if there are none.
pub(super) fn object(members: &[(Cow<'_, str>, &RawValue)]) -> Result<Option<String>, Refusal> {
    if members.is_empty() {
        return Ok(None);
    }
    let mut out = String::with_capacity(members.iter().map(|(name, value)| name.len() + value.get().len() + 4).sum());
    for (name, value) in members {
        out.push(if out.is_empty() { '{' } else { ',' });
        match name {
            // It was written without escapes, so it needs none.
            Cow::Borrowed(name) => out.extend(["\"", name, "\":"]),
            Cow::Owned(name) => out.extend([&*Value::from(name.as_str()).to_string(), ":"]),
        }
        compact(value, &mut out)?;
    }
    out.push('}');
    Ok(Some(out))
}

/// Adds a value as compact JSON that can be read again: the parser that found where it ends takes a lone surrogate, an
/// endless number and any nesting, one that reads it does not.
pub(super) fn compact(value: &RawValue, out: &mut String) -> Result<(), Refusal> {
    let before = out.len();
    if !squeeze(value.get(), out) {
        out.truncate(before);
        let value: Value = serde_json::from_str(value.get()).map_err(|error| malformed(&error))?;
        out.push_str(&value.to_string());
    }
    Ok(())
}

/// Adds well-formed JSON without the blanks between its parts. Gives `false`, and may stop early, where only a parser
/// can tell whether it can be read.
fn squeeze(text: &str, out: &mut String) -> bool {
    let bytes = text.as_bytes();
    let (mut start, mut at) = (0, 0);
    let (mut depth, mut digits) = (0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        match byte {
            b'"' => {
                at += 1;
                while let Some(found) = memchr2(b'"', b'\\', &bytes[at..]) {
                    at += found + 1;
                    if bytes[at - 1] == b'"' {
                        break;
                    }
                    if bytes.get(at) == Some(&b'u') {
                        return false;
                    }
                    at += 1;
                }
                continue;
            }
            b' ' | b'\t' | b'\n' | b'\r' => {
                out.push_str(&text[start..at]);
                start = at + 1;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            // Of a number, not of true or false.
            b'e' | b'E' if at > 0 && (bytes[at - 1].is_ascii_digit() || bytes[at - 1] == b'.') => return false,
            _ => {}
        }
        if depth > DEPTH_PLAIN || digits > DIGITS_PLAIN {
            return false;
        }
        at += 1;
    }
    out.push_str(&text[start..]);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compacted(text: &str) -> Result<String, Refusal> {
        let value: &RawValue = serde_json::from_str(text).expect("it can be skipped over");
        let mut out = String::new();
        compact(value, &mut out).map(|()| out)
    }

    #[test]
    fn compact_json_says_the_same() {
        for text in [
            r#"{ "a" : [ 1 , 2.50 , true, false , null ], "b c" : " x \" \\ y\n" , "é" : {} }"#,
            r#"[1e5, 1E-7, -0.0, 123456789012345678901234567890]"#,
            r#""\u00e9 \ud83d\ude00""#,
            "[\n\n\t[ ]\r\n]",
        ] {
            let compacted = compacted(text).expect("it is well-formed");
            let parsed = |text: &str| serde_json::from_str::<Value>(text).expect("it is well-formed");
            assert_eq!(parsed(&compacted), parsed(text), "{compacted}");
            assert!(!compacted.contains(['\n', '\t']) && !compacted.contains(", "), "{compacted}");
        }
    }

    #[test]
    fn what_could_not_be_read_again_is_refused() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for text in [r#"["\ud83d"]"#, "[1e999]", deep.as_str()] {
            assert!(compacted(text).is_err(), "{text}");
        }
    }
}
