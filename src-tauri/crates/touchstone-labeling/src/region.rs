//! Regions: one answer of one control, as Label Studio stores it in the `result` of annotations and predictions.

use foldhash::fast::RandomState;
use memchr::memchr2;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use specta::Type;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

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
        let mut region = Region::default();
        if let Value::Object(members) = json {
            members.into_iter().for_each(|(name, member)| region.take(Member::of(name.into()), member));
        }
        region
    }

    fn take(&mut self, name: Member, member: Value) {
        let text = |member| match member {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        match name {
            Member::Id => self.id = text(member),
            Member::From => self.from_name = text(member),
            Member::To => self.to_name = text(member),
            Member::Kind => self.kind = text(member),
            Member::Value => {
                self.value = match member {
                    Value::Object(value) => value,
                    _ => Map::new(),
                }
            }
            Member::Other(name) => drop(self.other.insert(name, member)),
        }
    }
}

/// What a member of a region is called. The usual names are told apart without a copy of each: nearly all of what a run reads
/// of ground truth is such.
enum Member {
    Id,
    From,
    To,
    Kind,
    Value,
    Other(String),
}

impl Member {
    fn of(name: Cow<'_, str>) -> Member {
        match &*name {
            "id" => Member::Id,
            "from_name" => Member::From,
            "to_name" => Member::To,
            "type" => Member::Kind,
            "value" => Member::Value,
            _ => Member::Other(name.into_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Member, D::Error> {
        struct Spelled;
        impl Visitor<'_> for Spelled {
            type Value = Member;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Member, E> {
                Ok(Member::of(name.into()))
            }

            fn visit_string<E>(self, name: String) -> Result<Member, E> {
                Ok(Member::of(name.into()))
            }
        }
        deserializer.deserialize_str(Spelled)
    }
}

/// Member by member, without a map of all of them in between: a run reads the ground truth of every task.
impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Region, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Region;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a region")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Region, A::Error> {
                let mut region = Region::default();
                while let Some((name, member)) = members.next_entry()? {
                    region.take(name, member);
                }
                Ok(region)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Region, A::Error> {
                while elements.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Region::default())
            }

            fn visit_unit<E>(self) -> Result<Region, E> {
                Ok(Region::default())
            }

            fn visit_bool<E>(self, _: bool) -> Result<Region, E> {
                Ok(Region::default())
            }

            fn visit_i64<E>(self, _: i64) -> Result<Region, E> {
                Ok(Region::default())
            }

            fn visit_u64<E>(self, _: u64) -> Result<Region, E> {
                Ok(Region::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<Region, E> {
                Ok(Region::default())
            }

            fn visit_str<E>(self, _: &str) -> Result<Region, E> {
                Ok(Region::default())
            }
        }
        deserializer.deserialize_any(Members)
    }
}

/// Regions by what is stored of them, for whoever measures many tasks: most say one of a few things, and that is read once. The ids
/// of the regions are left out, as no measure looks at them.
#[derive(Default)]
pub struct RegionReader {
    known: HashMap<Vec<u8>, Vec<Region>, RandomState>,
    bare: Vec<u8>,
    last: Vec<Region>,
}

impl RegionReader {
    /// How many different ones are remembered. Where none is like another, a look at these costs little beside reading it.
    const KNOWN_MAX: usize = 512;

    /// Those of a JSON list; none, if it is no such list.
    pub fn read(&mut self, json: &[u8]) -> &[Region] {
        self.bare.clear();
        without_ids(json, &mut self.bare);
        if self.known.contains_key(&self.bare) {
            return &self.known[&self.bare];
        }
        let regions = serde_json::from_slice(&self.bare).unwrap_or_default();
        if self.known.len() < Self::KNOWN_MAX {
            return self.known.entry(self.bare.clone()).or_insert(regions);
        }
        self.last = regions;
        &self.last
    }
}

/// Adds `json`, a list of regions, to `bare` with each region's own id empty.
fn without_ids(json: &[u8], bare: &mut Vec<u8>) {
    let (mut depth, mut at, mut kept) = (0_u32, 0, 0);
    while at < json.len() {
        match json[at] {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = end_of_text(json, at);
                let opens = if depth == 2 && &json[at..end] == b"\"id\"" { text_of_member(json, end) } else { None };
                at = end;
                if let Some(opens) = opens {
                    bare.extend_from_slice(&json[kept..=opens]);
                    at = end_of_text(json, opens);
                    // Its closing quote follows.
                    kept = at.saturating_sub(1).max(opens + 1);
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    bare.extend_from_slice(&json[kept..]);
}

/// Where a text that opens at `at` ends: behind its closing quote, or with what there is.
fn end_of_text(json: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while let Some(found) = memchr2(b'"', b'\\', json.get(end..).unwrap_or_default()) {
        end += found;
        if json[end] == b'"' {
            return end + 1;
        }
        end += 2;
    }
    json.len()
}

/// Where the text opens that follows a member's name, which ends at `at`; `None` where something else follows.
fn text_of_member(json: &[u8], at: usize) -> Option<usize> {
    let skip =
        |at: usize| json.get(at..)?.iter().position(|byte| !byte.is_ascii_whitespace()).map(|blanks| at + blanks);
    let colon = skip(at).filter(|&colon| json[colon] == b':')?;
    skip(colon + 1).filter(|&opens| json[opens] == b'"')
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
    fn regions_are_read_as_they_are_but_for_their_ids() {
        let mut reader = RegionReader::default();
        for json in [
            r#"[{"id":"r1","from_name":"topic","to_name":"text","type":"choices","value":{"choices":["Bug"]}}]"#,
            r#"[{"id":"r2","from_name":"topic","to_name":"text","type":"choices","value":{"choices":["Bug"]}}]"#,
            r#" [ { "type" : "id" , "id" : "a\"b" , "value" : { "id" : "kept", "text": ["\\", "id", "]}"] } }, {"id": 7} ]"#,
            r#"[{"type":"labels","value":{"start":0},"id":""},{"id":"x","score":0.5}]"#,
            r#"[{"id":"never closed"#,
            r#"[{"id":"never closed\"#,
            r#"{"id":"of no list"}"#,
            "",
        ] {
            let mut parsed: Vec<Region> = serde_json::from_str(json).unwrap_or_default();
            let is_text = |region: &Region| !matches!(region.id.as_str(), "7");
            parsed.iter_mut().filter(|region| is_text(region)).for_each(|region| region.id.clear());
            assert_eq!(reader.read(json.as_bytes()), parsed, "{json}");
            assert_eq!(reader.read(json.as_bytes()), parsed, "{json}, known by now");
        }
        for number in 0..2_000 {
            let json = json!([{ "id": "r", "value": { "number": number } }]).to_string();
            assert_eq!(reader.read(json.as_bytes())[0].value["number"], number);
        }
        assert_eq!(reader.known.len(), RegionReader::KNOWN_MAX);
    }

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
        for json in [
            json!(null),
            json!(true),
            json!(1),
            json!(-1),
            json!(0.5),
            json!("x"),
            json!([1, [2]]),
            json!({"id": 5, "value": "x", "type": null, "from_name": "c", "origin": "manual"}),
        ] {
            let region = Region::from_json(json.clone());
            assert_eq!(serde_json::from_value::<Region>(json.clone()).ok().as_ref(), Some(&region), "{json}");
            assert_eq!(serde_json::from_str::<Region>(&json.to_string()).ok(), Some(region), "{json}");
        }
    }

    #[test]
    fn ids_differ() {
        let mut ids = RegionIds::new(&Map::new());
        let made: std::collections::HashSet<_> = (0..1000).map(|_| ids.next()).collect();
        assert_eq!(made.len(), 1000);
    }
}
