//! Regions: one answer of one control, as Label Studio stores it in the `result` of annotations and predictions.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use specta::Type;

/// One entry of a `result`. Reading is lenient, because old exports hold entries of many shapes: members that are
/// missing or of another type read as empty, and members that are not named here are kept in `other` and written back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Type)]
pub struct Region {
    pub id: String,
    /// The control.
    pub from_name: String,
    /// The object.
    pub to_name: String,
    /// The control's tag in lower case, as a rule.
    #[serde(rename = "type")]
    pub kind: String,
    pub value: Map<String, Value>,
    #[serde(flatten)]
    #[specta(skip)]
    pub other: Map<String, Value>,
}

impl Region {
    /// Reads any JSON value as a region; what is no object is an empty one.
    pub fn from_json(json: Value) -> Region {
        let Value::Object(mut members) = json else { return Region::default() };
        let mut text = |key: &str| match members.shift_remove(key) {
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let (id, from_name, to_name, kind) = (text("id"), text("from_name"), text("to_name"), text("type"));
        let value = match members.shift_remove("value") {
            Some(Value::Object(value)) => value,
            _ => Map::new(),
        };
        Region { id, from_name, to_name, kind, value, other: members }
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Region, D::Error> {
        Value::deserialize(deserializer).map(Region::from_json)
    }
}

/// Ids for the regions of one answer: ten characters as Label Studio's editor makes them, all different. They follow
/// from the answer alone, so that the same answer always makes the same regions.
pub(crate) struct RegionIds {
    hash: u64,
    given: u64,
}

impl RegionIds {
    pub(crate) fn new(answer: &Map<String, Value>) -> Self {
        // FNV-1a: ids have to differ, not to be secret.
        let text = serde_json::to_string(answer).unwrap_or_default();
        let hash = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        RegionIds { hash, given: 0 }
    }

    pub(crate) fn next(&mut self) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        // An odd step visits all 2^60 numbers of ten letters before it repeats one.
        let number = self.hash.wrapping_add(self.given.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        self.given += 1;
        (0..10).map(|place| char::from(LETTERS[(number >> (6 * place) & 63) as usize])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_beyond_the_usual_are_kept() {
        let json = json!({"id": "r1", "type": "relation", "from_id": "a", "to_id": "b"});
        let region = Region::from_json(json);
        assert_eq!((region.id.as_str(), region.kind.as_str()), ("r1", "relation"));
        assert_eq!(
            serde_json::to_value(&region).ok(),
            Some(json!({
                "id": "r1", "from_name": "", "to_name": "", "type": "relation", "value": {}, "from_id": "a", "to_id": "b",
            }))
        );
    }

    #[test]
    fn anything_reads_as_a_region() {
        for json in [json!(null), json!([1]), json!({"id": 5, "value": "x"})] {
            assert!(serde_json::from_value::<Region>(json.clone()).is_ok(), "{json}");
        }
    }

    #[test]
    fn ids_differ() {
        let mut ids = RegionIds::new(&Map::new());
        let made: std::collections::HashSet<_> = (0..1000).map(|_| ids.next()).collect();
        assert_eq!(made.len(), 1000);
    }
}
