//! Holds the crate to the conformance vectors of `tests/fixtures/labeling`, and to never panicking.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use touchstone_labeling::vectors::answer_vector;
use touchstone_labeling::{Capabilities, Config, Region, TaskRules, TextFormat, read_tasks};

const VECTORS: &str = include_str!("../../../../tests/fixtures/labeling/public.jsonl");

/// What a vector does not give away.
const EXPECTATIONS: [&str; 6] = ["expect", "expect_regions", "expect_error", "expect_valid", "grade", "note"];

fn vectors() -> impl Iterator<Item = Value> {
    VECTORS
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).expect("a vector is JSON"))
}

/// JSON equality: numbers by value, and a null member is no member.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0),
            _ => false,
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<_> =
                a.iter().chain(b).filter(|(_, value)| !value.is_null()).map(|(key, _)| key).collect();
            keys.into_iter().all(|key| a.get(key).zip(b.get(key)).is_some_and(|(a, b)| same(a, b)))
        }
        _ => a == b,
    }
}

/// Schemas must be equal member by member; `required` is a set.
fn same_schema(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, a)| {
                    b.get(key).is_some_and(|b| match (a, b) {
                        (Value::Array(a), Value::Array(b)) if key == "required" => {
                            let set = |list: &[Value]| list.iter().map(Value::to_string).collect::<BTreeSet<_>>();
                            set(a) == set(b)
                        }
                        _ => same_schema(a, b),
                    })
                })
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_schema(a, b)),
        _ => same(a, b),
    }
}

/// Cells of a task's data, loosely: `"00123"` agrees with 123, and `""` with nothing.
fn same_cell(a: &Value, b: &Value) -> bool {
    let is_empty = |cell: &Value| cell.is_null() || cell == "";
    let number = |cell: &Value| match cell {
        Value::String(text) => text.trim().parse::<f64>().ok(),
        other => other.as_f64(),
    };
    if same(a, b) || is_empty(a) && is_empty(b) {
        return true;
    }
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let cell = |row: &serde_json::Map<String, Value>, key: &str| row.get(key).cloned().unwrap_or_default();
            a.keys().chain(b.keys()).all(|key| same_cell(&cell(a, key), &cell(b, key)))
        }
        _ => number(a).is_some() && number(a) == number(b),
    }
}

/// The same regions in any order; ids differ from each other, and the text of a span is optional.
fn regions_problem(wanted: &Value, got: &Value) -> Option<String> {
    let (Some(wanted), Some(got)) = (wanted.as_array(), got.as_array()) else {
        return (!wanted.is_null() || !got.is_null()).then(|| format!("wanted {wanted}, got {got}"));
    };
    let ids: BTreeSet<_> = got.iter().filter_map(|region| region["id"].as_str().filter(|id| !id.is_empty())).collect();
    if ids.len() != got.len() {
        return Some("every region needs an id of its own".to_owned());
    }
    let mut rest: Vec<Value> = got.clone();
    for region in &mut rest {
        let members = region.as_object_mut()?;
        members.shift_remove("id");
        if members["type"] == "labels" {
            members["value"].as_object_mut()?.shift_remove("text");
        }
    }
    for wanted in wanted {
        match rest.iter().position(|region| same(wanted, region)) {
            Some(place) => drop(rest.remove(place)),
            None => return Some(format!("{wanted} is missing")),
        }
    }
    rest.first().map(|region| format!("{region} is too much"))
}

/// The same entries with the same names in the same order, compared on `keys`.
fn named_problem(wanted: &Value, got: &Value, keys: &[&str]) -> Option<String> {
    let names = |entries: &Value| -> Vec<Value> {
        entries.as_array().into_iter().flatten().map(|entry| entry["name"].clone()).collect()
    };
    if names(wanted) != names(got) {
        return Some(format!("names {:?}, got {:?}", names(wanted), names(got)));
    }
    wanted.as_array()?.iter().zip(got.as_array()?).find_map(|(wanted, got)| {
        let differs = |key: &&&str| !same(&wanted[**key], &got[**key]);
        keys.iter().find(differs).map(|key| format!("{key} of {}: {}, got {}", wanted["name"], wanted[key], got[key]))
    })
}

fn tasks_problem(wanted: &Value, got: &Value, predictions: bool) -> Option<String> {
    let (Some(wanted), Some(got)) = (wanted.as_array(), got.as_array()) else {
        return Some(format!("wanted {wanted}, got {got}"));
    };
    if wanted.len() != got.len() {
        return Some(format!("{} tasks, got {}", wanted.len(), got.len()));
    }
    let differs = |wanted: &Value, got: &Value| {
        !same_cell(&wanted["data"], &got["data"])
            || !same(&wanted["annotations"], &got["annotations"])
            || predictions && !same(&wanted["predictions"], &got["predictions"])
    };
    wanted
        .iter()
        .zip(got)
        .find(|(wanted, got)| differs(wanted, got))
        .map(|(wanted, got)| format!("{wanted}, got {got}"))
}

fn scores_problem(wanted: &Value, got: &Value) -> Option<String> {
    let close = |a: &Value, b: &Value| match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-6,
        _ => a.is_null() && b.is_null(),
    };
    let controls = wanted["controls"].as_object()?;
    let agree = close(&wanted["score"], &got["score"])
        && controls.iter().all(|(name, wanted)| {
            let got = &got["controls"][name];
            close(&wanted["score"], &got["score"]) && close(&wanted["exact"], &got["exact"])
        });
    (!agree).then(|| format!("{wanted}, got {got}"))
}

/// What is wrong with an answer, if anything.
fn problem(vector: &Value, got: &Value) -> Option<String> {
    let grades: Vec<_> = vector["grade"].as_array()?.iter().filter_map(Value::as_str).collect();
    let expected = match vector.get("expect") {
        Some(expected) => expected.clone(),
        None => json!({
            "error": vector["expect_error"], "valid": vector["expect_valid"], "regions": vector["expect_regions"],
        }),
    };
    if grades.contains(&"error") {
        if expected["error"].is_null() != got["error"].is_null() {
            return Some(format!("error {}, got {}", expected["error"], got["error"]));
        }
        if !expected["error"].is_null() {
            return None;
        }
    }
    let is_task = vector["target"] == "task";
    grades.iter().find_map(|grade| match (*grade, vector["kind"].as_str()?) {
        ("controls", "score") | ("score", _) => scores_problem(&expected, got),
        ("controls", _) => named_problem(
            &expected["controls"],
            &got["controls"],
            &["tag", "type", "to_name", "labels", "label_attrs", "dynamic", "required", "conditionals", "paths"],
        ),
        ("objects", _) => named_problem(&expected["objects"], &got["objects"], &["tag", "value", "variable"]),
        ("json_schema", _) => (!same_schema(&expected["json_schema"], &got["json_schema"]))
            .then(|| format!("{}, got {}", expected["json_schema"], got["json_schema"])),
        ("valid", _) => {
            (expected["valid"] != got["valid"]).then(|| format!("valid {}, got {}", expected["valid"], got["valid"]))
        }
        ("regions", "answer") => regions_problem(&expected["regions"], &got["regions"]),
        ("regions", _) => (!is_task && expected["regions"] != got["regions"])
            .then(|| format!("regions {}, got {}", expected["regions"], got["regions"])),
        ("tasks", _) => tasks_problem(&expected["tasks"], &got["tasks"], true),
        ("tasks_without_predictions", _) => tasks_problem(&expected["tasks"], &got["tasks"], false),
        _ => None,
    })
}

#[test]
fn every_vector_is_answered_as_expected() {
    let mut failures = Vec::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for vector in vectors() {
        let mut question = vector.clone();
        for expectation in EXPECTATIONS {
            question.as_object_mut().expect("a vector is an object").shift_remove(expectation);
        }
        let got = answer_vector(&question);
        assert_eq!(got["id"], vector["id"]);
        *kinds.entry(vector["kind"].to_string()).or_default() += 1;
        failures.extend(problem(&vector, &got).map(|problem| format!("{}: {problem}", vector["id"])));
    }
    assert_eq!(kinds.len(), 5, "all kinds are there: {kinds:?}");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// Pseudo-random numbers, so that a failure can be repeated (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap_or(0)
    }

    /// One of the strings that occur somewhere in the vectors, or a strange one.
    fn text(&mut self, pool: &[String]) -> String {
        const STRANGE: [&str; 10] = ["", " ", "$", "$a.b[0]", "\u{0}", "İ", "👩‍🚀", "1_0", "nan", "}{\"<>&]]>"];
        match self.below(4) {
            0 => STRANGE[self.below(STRANGE.len())].to_owned(),
            _ => pool[self.below(pool.len())].clone(),
        }
    }

    fn json(&mut self, pool: &[String], depth: usize) -> Value {
        match self.below(if depth > 3 { 6 } else { 8 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 0),
            2 => Value::from(self.below(12)),
            3 => json!(-1.5),
            4 => json!(1e300),
            5 => Value::String(self.text(pool)),
            6 => (0..self.below(4)).map(|_| self.json(pool, depth + 1)).collect(),
            _ => (0..self.below(5)).map(|_| (self.text(pool), self.json(pool, depth + 1))).collect(),
        }
    }

    /// Changes a few places of a JSON value.
    fn disturb(&mut self, value: &mut Value, pool: &[String]) {
        match value {
            _ if self.below(12) == 0 => *value = self.json(pool, 2),
            Value::Array(items) => items.iter_mut().for_each(|item| self.disturb(item, pool)),
            Value::Object(members) => members.values_mut().for_each(|member| self.disturb(member, pool)),
            _ => {}
        }
    }

    /// Cuts, doubles or overwrites a piece of a text.
    fn garble(&mut self, text: &str, pool: &[String]) -> String {
        let letters: Vec<char> = text.chars().collect();
        let (from, to) = (self.below(letters.len() + 1), self.below(letters.len() + 1));
        let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 20));
        let middle = if self.below(2) == 0 { self.text(pool) } else { String::new() };
        letters[..from].iter().chain(middle.chars().collect::<Vec<_>>().iter()).chain(&letters[to..]).collect()
    }
}

/// All texts and member names in a value.
fn collect(value: &Value, pool: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() < 200 => drop(pool.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| collect(item, pool)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            pool.insert(name.clone());
            collect(member, pool);
        }),
        _ => {}
    }
}

#[test]
fn nothing_panics_on_disturbed_vectors() {
    let mut pool = BTreeSet::new();
    vectors().for_each(|vector| collect(&vector, &mut pool));
    let pool: Vec<String> = pool.into_iter().collect();
    let mut random = Random(0x5eed);
    for vector in vectors() {
        for _ in 0..20 {
            let mut disturbed = vector.clone();
            for name in ["task", "llm_answer", "payload", "truth", "guess", "filename"] {
                if let Some(member) = disturbed.get_mut(name) {
                    random.disturb(member, &pool);
                }
            }
            for name in ["config", "content"] {
                if let Some(Value::String(text)) = disturbed.get(name).cloned().filter(|_| random.below(2) == 0) {
                    disturbed[name] = Value::String(random.garble(&text, &pool));
                }
            }
            let got = answer_vector(&disturbed);
            assert_eq!(got["id"], vector["id"]);
            exercise(&disturbed, &mut random, &pool);
        }
    }
}

/// Runs what vectors do not: the outline, the prompt schema, placing answers, reading tasks.
fn exercise(vector: &Value, random: &mut Random, pool: &[String]) {
    let Ok(config) = Config::parse(vector["config"].as_str().unwrap_or_default()) else { return };
    config.outline();
    let all = Capabilities::ALL;
    let schema = config.prompt_schema(all);
    assert_eq!(config.fillable(all).controls.len(), schema["properties"].as_object().map_or(0, serde_json::Map::len));
    let data = vector["task"]["data"].as_object().cloned().unwrap_or_default();
    let answers = [vector["llm_answer"].clone(), random.json(pool, 0)];
    for answer in answers {
        if let Ok(placed) = config.place_answer(&answer, &data, all) {
            let score = config.score(&placed.regions, &placed.regions, all);
            assert!(score.correct && (score.score - 1.0).abs() < 1e-9, "an answer equals itself: {answer}");
        }
    }
    let content = vector["content"].as_str().unwrap_or_default();
    let rules = TaskRules::upload(&config);
    for format in [TextFormat::Json, TextFormat::JsonLines, TextFormat::Csv, TextFormat::Tsv, TextFormat::Lines] {
        let _ = read_tasks(content.as_bytes(), format, &rules, |_, _| std::ops::ControlFlow::Continue(()));
    }
    let _ = serde_json::from_value::<Vec<Region>>(random.json(pool, 0));
}
