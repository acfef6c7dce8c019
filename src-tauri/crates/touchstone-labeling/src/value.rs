//! The `value` of a region: which members each kind of control has there, and how loosely they are read.
//!
//! Label Studio's SDK reads values with a lax reader: numeric strings pass as numbers, `4.0` as the integer 4, true as
//! 1; coordinates have an upper bound only; unknown members are dropped and defaults written out. The same table
//! serves making regions from answers and judging regions that someone else made.

use crate::kind::Kind;
use crate::numbers;
use crate::satisfy::shown;
use serde_json::{Map, Value};

/// What a member must be.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Texts,
    Bool,
    /// At most this.
    Float(f64),
    /// At least this.
    Integer(i64),
    /// An integer, a float, or a text such as an XPath: kept as it is.
    Offset,
    /// An integer or a float.
    Frame,
    /// Bytes of a run-length encoding, at least one.
    Bytes,
    /// Pairs of percentages.
    Points,
    /// Lists of texts: the paths of a Taxonomy.
    Paths,
    /// An object of lists of texts: the buckets of a Ranker.
    Buckets,
    /// Any object.
    Object,
    /// An object of these members.
    Record(&'static [Member]),
    /// A list of such objects, at least this many.
    Records(&'static [Member], usize),
}

/// What a missing member is.
#[derive(Clone, Copy)]
enum Missing {
    Refused,
    Null,
    Zero,
    False,
    True,
    /// The text `rle`, which unlike the other defaults null does not stand for.
    Rle,
}

struct Member {
    name: &'static str,
    kind: Type,
    missing: Missing,
}

const fn needed(name: &'static str, kind: Type) -> Member {
    Member { name, kind, missing: Missing::Refused }
}

const fn optional(name: &'static str, kind: Type, missing: Missing) -> Member {
    Member { name, kind, missing }
}

const PERCENT: Type = Type::Float(100.0);
const ANY_FLOAT: Type = Type::Float(f64::INFINITY);
const ANY_INTEGER: Type = Type::Integer(i64::MIN);
const ROTATION: Member = optional("rotation", Type::Float(360.0), Missing::Zero);
const FREE_ROTATION: Member = optional("rotation", ANY_FLOAT, Missing::Zero);
const START: Member = needed("start", Type::Offset);
const END: Member = needed("end", Type::Offset);
const START_OFFSET: Member = optional("startOffset", Type::Integer(0), Missing::Null);
const END_OFFSET: Member = optional("endOffset", Type::Integer(0), Missing::Null);
const X: Member = needed("x", PERCENT);
const Y: Member = needed("y", PERCENT);
const FREE_X: Member = needed("x", ANY_FLOAT);
const FREE_Y: Member = needed("y", ANY_FLOAT);
const CLOSED: Member = optional("closed", Type::Bool, Missing::False);

const VERTEX: &[Member] = &[
    FREE_X,
    FREE_Y,
    optional("id", Type::Text, Missing::Null),
    optional("isBezier", Type::Bool, Missing::False),
    optional("prevPointId", Type::Text, Missing::Null),
];
const RANGE: &[Member] =
    &[needed("start", Type::Frame), needed("end", Type::Frame), optional("enabled", Type::Bool, Missing::Null)];
const BOX_STEP: &[Member] = &[
    X,
    Y,
    needed("time", ANY_FLOAT),
    needed("frame", ANY_INTEGER),
    needed("width", PERCENT),
    needed("height", PERCENT),
    FREE_ROTATION,
];
const VECTOR_STEP: &[Member] = &[
    optional("time", ANY_FLOAT, Missing::Null),
    needed("frame", ANY_INTEGER),
    CLOSED,
    optional("enabled", Type::Bool, Missing::True),
    needed("vertices", Type::Records(VERTEX, 0)),
];
const MESSAGE: &[Member] =
    &[needed("role", Type::Text), needed("content", Type::Text), optional("createdAt", ANY_INTEGER, Missing::Null)];

/// The members of a kind's value without what was chosen; `None` for kinds whose value is not looked into.
fn members(kind: Kind) -> Option<&'static [Member]> {
    Some(match kind {
        Kind::Labels => const { &[START, END] },
        Kind::HyperTextLabels | Kind::ParagraphLabels => const { &[START, END, START_OFFSET, END_OFFSET] },
        Kind::TimeSeriesLabels => const { &[START, END, needed("instant", Type::Bool)] },
        Kind::TimelineLabels => const { &[needed("ranges", Type::Records(RANGE, 1))] },
        Kind::Brush | Kind::BrushLabels | Kind::MagicWand => {
            const { &[optional("format", Type::Text, Missing::Rle), needed("rle", Type::Bytes)] }
        }
        Kind::Bitmask | Kind::BitmaskLabels => {
            const { &[needed("imageDataURL", Type::Text), optional("format", Type::Text, Missing::Null)] }
        }
        Kind::Ellipse | Kind::EllipseLabels => {
            const { &[X, Y, needed("radiusX", Type::Float(50.0)), needed("radiusY", Type::Float(50.0)), ROTATION] }
        }
        Kind::KeyPoint | Kind::KeyPointLabels => const { &[X, Y] },
        Kind::Vector | Kind::VectorLabels => const { &[CLOSED, needed("vertices", Type::Records(VERTEX, 0))] },
        Kind::OcrLabels => {
            const {
                &[
                    FREE_X,
                    FREE_Y,
                    needed("width", ANY_FLOAT),
                    needed("height", ANY_FLOAT),
                    FREE_ROTATION,
                    optional("ocrtext", Type::Text, Missing::Null),
                    optional("pageIndex", ANY_INTEGER, Missing::Null),
                ]
            }
        }
        Kind::Polygon | Kind::PolygonLabels => const { &[needed("points", Type::Points)] },
        Kind::Rectangle | Kind::RectangleLabels => {
            const { &[X, Y, needed("width", PERCENT), needed("height", PERCENT), ROTATION] }
        }
        Kind::VideoRectangle => {
            const {
                &[
                    needed("framesCount", ANY_INTEGER),
                    needed("duration", ANY_FLOAT),
                    needed("sequence", Type::Records(BOX_STEP, 0)),
                ]
            }
        }
        Kind::VideoVector | Kind::VideoVectorLabels => {
            const {
                &[
                    optional("framesCount", ANY_INTEGER, Missing::Null),
                    optional("duration", ANY_FLOAT, Missing::Null),
                    needed("sequence", Type::Records(VECTOR_STEP, 0)),
                ]
            }
        }
        Kind::Ranker => const { &[needed("ranker", Type::Buckets)] },
        Kind::ChatMessage => const { &[needed("chatmessage", Type::Record(MESSAGE))] },
        Kind::Choices
        | Kind::DateTime
        | Kind::Number
        | Kind::Pairwise
        | Kind::Rating
        | Kind::ReactCode
        | Kind::Taxonomy
        | Kind::TextArea => &[],
        Kind::Relations | Kind::Other => return None,
    })
}

/// The member that holds what was chosen.
fn choice(kind: Kind) -> Option<Member> {
    let name = kind.answer_key()?;
    Some(match kind {
        Kind::Number => needed(name, ANY_FLOAT),
        Kind::Rating => needed(name, Type::Integer(0)),
        Kind::DateTime | Kind::Pairwise => needed(name, Type::Text),
        Kind::Taxonomy => needed(name, Type::Paths),
        Kind::ReactCode => needed(name, Type::Object),
        Kind::VideoRectangle | Kind::VideoVectorLabels => optional(name, Type::Texts, Missing::Null),
        _ => needed(name, Type::Texts),
    })
}

/// Whether the value of this kind of control has a shape at all.
pub(crate) fn has_shape(kind: Kind) -> bool {
    members(kind).is_some()
}

/// Reads a value of this kind of control: the members that it has, defaults written out, others dropped. The error
/// says in words what is wrong.
pub(crate) fn read(kind: Kind, value: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    let Some(members) = members(kind) else { return Err("such a region cannot be made".to_owned()) };
    let mut read = read_members(members, value)?;
    if let Some(member) = choice(kind) {
        read.insert(member.name.to_owned(), read_member(&member, value)?);
    }
    Ok(read)
}

fn read_members(members: &[Member], value: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    members.iter().map(|member| Ok((member.name.to_owned(), read_member(member, value)?))).collect()
}

fn read_member(member: &Member, value: &Map<String, Value>) -> Result<Value, String> {
    let Some(found) = value.get(member.name) else {
        return match member.missing {
            Missing::Refused => Err(format!("{} is missing", member.name)),
            Missing::Null => Ok(Value::Null),
            Missing::Zero => Ok(Value::from(0)),
            Missing::False => Ok(Value::Bool(false)),
            Missing::True => Ok(Value::Bool(true)),
            Missing::Rle => Ok(Value::from("rle")),
        };
    };
    if found.is_null() && !matches!(member.missing, Missing::Refused | Missing::Rle) {
        return Ok(Value::Null);
    }
    coerce(found, member.kind).ok_or_else(|| format!("{} cannot be {}", member.name, shown(found)))
}

/// The value as the type wants it; `None` if it cannot be that.
fn coerce(value: &Value, kind: Type) -> Option<Value> {
    match kind {
        Type::Text => value.as_str().map(Value::from),
        Type::Texts => list(value, |text| coerce(text, Type::Text)),
        Type::Bool => boolean(value).map(Value::Bool),
        Type::Float(maximum) => {
            let number = float(value)?;
            (number <= maximum).then(|| if value.is_number() { value.clone() } else { numbers::json(number) })
        }
        Type::Integer(minimum) => integer(value).filter(|number| *number >= minimum).map(Value::from),
        Type::Offset if value.is_string() || value.is_number() => Some(value.clone()),
        Type::Frame if value.is_number() => Some(value.clone()),
        Type::Offset | Type::Frame => float(value).map(numbers::json),
        Type::Bytes => {
            let bytes = list(value, |byte| integer(byte).filter(|byte| (0..=255).contains(byte)).map(Value::from))?;
            bytes.as_array().is_some_and(|bytes| !bytes.is_empty()).then_some(bytes)
        }
        Type::Points => list(value, |point| match point.as_array()?.as_slice() {
            [x, y] => Some(Value::Array(vec![coerce(x, PERCENT)?, coerce(y, PERCENT)?])),
            _ => None,
        }),
        Type::Paths => list(value, |path| coerce(path, Type::Texts)),
        Type::Buckets => {
            let buckets = value.as_object()?.iter();
            buckets
                .map(|(name, ids)| Some((name.clone(), coerce(ids, Type::Texts)?)))
                .collect::<Option<_>>()
                .map(Value::Object)
        }
        Type::Object => value.is_object().then(|| value.clone()),
        Type::Record(members) => read_members(members, value.as_object()?).ok().map(Value::Object),
        Type::Records(members, count_min) => {
            let records = list(value, |record| coerce(record, Type::Record(members)))?;
            records.as_array().is_some_and(|records| records.len() >= count_min).then_some(records)
        }
    }
}

fn list(value: &Value, item: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    value.as_array()?.iter().map(item).collect::<Option<Vec<_>>>().map(Value::Array)
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(yes) => Some(f64::from(u8::from(*yes))),
        Value::String(text) => numbers::finite(text),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => numbers::whole(number),
        Value::Bool(yes) => Some(i64::from(*yes)),
        Value::String(text) => {
            // A text may spell a whole number with decimals, but only with zeros.
            let digits = match text.trim().split_once('.') {
                Some((digits, zeros)) if !zeros.is_empty() && zeros.chars().all(|zero| zero == '0') => digits,
                Some(_) => return None,
                None => text,
            };
            numbers::integer(digits)
        }
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<bool> {
    let word = match value {
        Value::Bool(yes) => return Some(*yes),
        Value::Number(number) => numbers::whole(number)?.to_string(),
        Value::String(word) => word.to_lowercase(),
        _ => return None,
    };
    match word.as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
        "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_json(kind: Kind, value: Value) -> Result<Value, String> {
        match value {
            Value::Object(value) => read(kind, &value).map(Value::Object),
            other => Err(format!("{other} is no value")),
        }
    }

    #[test]
    fn values_are_read_loosely() {
        let rectangle = |x: Value| {
            read_json(Kind::Rectangle, json!({"x": x, "y": 2.5, "width": 3, "height": 4, "rotation": null, "z": 0}))
        };
        let read = json!({"x": 1, "y": 2.5, "width": 3, "height": 4, "rotation": null});
        assert_eq!(rectangle(json!("1")), Ok(read.clone()));
        assert_eq!(rectangle(json!(true)), Ok(read));
        assert!(rectangle(json!(-5)).is_ok(), "there is no lower bound");
        assert_eq!(rectangle(json!(100.5)), Err("x cannot be 100.5".to_owned()));
        assert_eq!(read_json(Kind::Rating, json!({"rating": 4.0})), Ok(json!({"rating": 4})));
        assert_eq!(read_json(Kind::Rating, json!({"rating": 4.5})), Err("rating cannot be 4.5".to_owned()));
        assert_eq!(read_json(Kind::Labels, json!({"start": "/p[1]", "end": 3})), Err("labels is missing".to_owned()));
    }

    #[test]
    fn defaults_are_written_out() {
        assert_eq!(
            read_json(Kind::Vector, json!({"vertices": [{"x": 1, "y": 2}]})),
            Ok(json!({
                "closed": false,
                "vertices": [{"x": 1, "y": 2, "id": null, "isBezier": false, "prevPointId": null}],
            }))
        );
        assert_eq!(read_json(Kind::Brush, json!({"rle": [0, 255]})), Ok(json!({"format": "rle", "rle": [0, 255]})));
        assert!(read_json(Kind::Brush, json!({"rle": []})).is_err());
    }
}
