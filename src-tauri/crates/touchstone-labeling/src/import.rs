//! Reading tasks from a JSON file, one at a time: a list of tasks, or a single one.
//!
//! What makes an item a task follows Label Studio's upload: an item without data is data itself; the data must have
//! what the config's elements show, in a fitting type; an annotation without a ground-truth mark is ground truth. Label
//! Studio refuses a whole file for one bad item; here the item is refused and the rest read on. Two things more are
//! let pass: a byte order mark, and predictions that are mere ids, as Label Studio itself exports them.

use crate::config::Config;
use crate::data::variables;
use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Deserializer, Map, Value};
use std::fmt;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;

/// A task of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportedTask {
    /// The task's id where it comes from.
    pub id: Option<i64>,
    pub data: Map<String, Value>,
    /// An object or a list; `None` if there is none or it is empty.
    pub meta: Option<Value>,
    pub annotations: Vec<ImportedAnnotation>,
    pub predictions: Vec<ImportedPrediction>,
    /// What was left out, in words.
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ImportedAnnotation {
    /// Regions and relations as they were written.
    pub result: Vec<Value>,
    pub ground_truth: bool,
    /// There was no ground-truth mark, so the upload rule made it one.
    pub ground_truth_implied: bool,
    pub was_cancelled: bool,
    pub created_at: Option<String>,
    /// Every other member, as it was written.
    pub extra: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ImportedPrediction {
    /// Regions and relations as they were written.
    pub result: Value,
    pub score: Option<f64>,
    /// `undefined` if the prediction names none.
    pub model_version: Option<String>,
}

/// Why an item of a tasks file is no task: a clause that goes on from "it was refused because".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub message: String,
}

/// Why a tasks file could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("reading failed: {0}")]
    Io(#[source] io::Error),
    #[error("it is empty")]
    Empty,
    /// The first item is 1; 0 is outside of any.
    #[error("{} (line {line}, column {column})", broken(*.item, .message))]
    Syntax { item: u64, line: usize, column: usize, message: String },
    #[error("it holds {0}, where a list of tasks or a single task was expected")]
    Shape(&'static str),
    #[error(
        "there is more after the first task; a list of tasks must be in [ ] with commas between them (line {line})"
    )]
    More { line: usize },
}

fn broken(item: u64, message: &str) -> String {
    match item {
        0 => format!("it is not well-formed JSON: {message}"),
        item => format!("item {item} is not well-formed JSON: {message}"),
    }
}

/// How files are brought into Label Studio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loader {
    Upload,
    /// From a storage bucket: the data is not held to the config, and nothing is ground truth without a mark.
    Storage,
}

/// What makes an item a task.
pub(crate) struct Rules {
    loader: Loader,
    keys: Vec<DataKey>,
}

/// Something that the data must have.
struct DataKey {
    path: String,
    /// The tag of the element that shows it, which says what types it can have.
    tag: String,
}

/// Reads the tasks of a JSON file and gives them to `each` with their place in the file, the first is 1, until it
/// breaks. Memory holds one item at a time. A broken item is refused and reading goes on; a file that is not
/// well-formed ends with an error, after the items before the fault were given.
pub fn read_tasks(
    reader: impl Read,
    config: &Config,
    each: impl FnMut(u64, Result<ImportedTask, Refusal>) -> ControlFlow<()>,
) -> Result<(), ImportError> {
    let mut reader = BufReader::new(reader);
    let mut first = [0; 3];
    let read = fill(&mut reader, &mut first).map_err(ImportError::Io)?;
    let begin = if first == *b"\xef\xbb\xbf" { &[][..] } else { &first[..read] };
    read_items(begin.chain(reader), &Rules::new(config, Loader::Upload), each)
}

/// Reads until `buffer` is full or there is no more.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads the items of a JSON text; no byte order mark is let pass.
pub(crate) fn read_items(
    reader: impl Read,
    rules: &Rules,
    each: impl FnMut(u64, Result<ImportedTask, Refusal>) -> ControlFlow<()>,
) -> Result<(), ImportError> {
    let mut deserializer = Deserializer::from_reader(BufReader::new(reader));
    let mut progress = Progress::default();
    let outcome = deserializer.deserialize_any(Items { rules, each, progress: &mut progress });
    if progress.stopped {
        return Ok(());
    }
    outcome.map_err(|error| failure(error, &progress))?;
    deserializer.end().map_err(|error| match error.is_io() {
        true => failure(error, &progress),
        false => ImportError::More { line: error.line() },
    })
}

fn failure(error: serde_json::Error, progress: &Progress) -> ImportError {
    if let Some(shape) = progress.shape {
        return ImportError::Shape(shape);
    }
    let (line, column) = (error.line(), error.column());
    if error.is_io() {
        return ImportError::Io(error.into());
    }
    if error.is_eof() && !progress.begun {
        return ImportError::Empty;
    }
    let message = if error.is_eof() {
        "the file ends too early".to_owned()
    } else {
        error.to_string().split(" at line ").next().unwrap_or_default().to_owned()
    };
    ImportError::Syntax { item: progress.item, line, column, message }
}

#[derive(Default)]
struct Progress {
    /// Something was found.
    begun: bool,
    /// The item at hand.
    item: u64,
    /// `each` broke.
    stopped: bool,
    /// What was found where tasks were expected.
    shape: Option<&'static str>,
}

struct Items<'a, F> {
    rules: &'a Rules,
    each: F,
    progress: &'a mut Progress,
}

impl<F> Items<'_, F> {
    fn refuse<E: serde::de::Error>(self, shape: &'static str) -> Result<(), E> {
        self.progress.shape = Some(shape);
        Err(E::custom(shape))
    }
}

impl<'de, F: FnMut(u64, Result<ImportedTask, Refusal>) -> ControlFlow<()>> Visitor<'de> for Items<'_, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of tasks or a single task")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        self.progress.begun = true;
        loop {
            self.progress.item += 1;
            let Some(item) = items.next_element::<Value>()? else { return Ok(()) };
            if (self.each)(self.progress.item, self.rules.task(item)).is_break() {
                self.progress.stopped = true;
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        self.progress.begun = true;
        self.progress.item = 1;
        let mut item = Map::new();
        while let Some((name, member)) = members.next_entry::<String, Value>()? {
            item.insert(name, member);
        }
        self.progress.stopped = (self.each)(1, self.rules.task(Value::Object(item))).is_break();
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.refuse("null")
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.refuse("true or false")
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        self.refuse("a number")
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        self.refuse("a number")
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.refuse("a number")
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        self.refuse("a text")
    }
}

impl Rules {
    pub(crate) fn new(config: &Config, loader: Loader) -> Self {
        let mut keys: Vec<DataKey> = Vec::new();
        // Below the root, whatever is named and has a value shows data, controls with a prefilled value included.
        for element in config.tree.elements.iter().skip(1) {
            let (Some(_), Some(value)) = (element.filled("name"), element.attribute("value")) else { continue };
            let path = match value.strip_prefix('$').filter(|path| !path.is_empty()) {
                Some(path) => path,
                None => match variables(value).first() {
                    Some(variable) => variable,
                    None => continue,
                },
            };
            match keys.iter_mut().find(|key| key.path == path) {
                // A video and its sound may come from one key, which is a video then.
                Some(key) if key.tag == "Video" => {}
                Some(key) => key.tag.clone_from(&element.tag),
                None => keys.push(DataKey { path: path.to_owned(), tag: element.tag.clone() }),
            }
        }
        Rules { loader, keys }
    }

    /// The first thing that the data must have, where a text file's lines go.
    pub(crate) fn first_key(&self) -> Option<&str> {
        self.keys.first().map(|key| key.path.as_str())
    }

    /// How many things the data must have.
    pub(crate) fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// Reads an item as a task.
    pub(crate) fn task(&self, item: Value) -> Result<ImportedTask, Refusal> {
        let Value::Object(mut item) = item else {
            return refuse(format!("it is {}, not an object", noun(&item)));
        };
        let mut task = ImportedTask::default();
        let has_data = match self.loader {
            Loader::Upload => item.get("data").is_some_and(truthy),
            Loader::Storage => item.get("data").is_some_and(Value::is_object),
        };
        if !has_data {
            if self.loader == Loader::Storage
                && ["annotations", "predictions"].iter().any(|key| item.get(*key).is_some_and(truthy))
            {
                return refuse("it has annotations or predictions but no data");
            }
            task.data = item;
            self.check_data(&task.data)?;
            return Ok(task);
        }
        task.data = match item.shift_remove("data") {
            Some(Value::Object(data)) => data,
            Some(other) => return refuse(format!("its data is {}, not an object", noun(&other))),
            None => Map::new(),
        };
        self.check_data(&task.data)?;
        task.id = item.get("id").and_then(Value::as_i64);
        for annotation in list(&mut item, "annotations")? {
            match annotation {
                Value::Object(annotation) => task.annotations.push(self.annotation(annotation)?),
                other => task.warnings.push(format!("annotations that are {} were left out", noun(&other))),
            }
        }
        for prediction in list(&mut item, "predictions")? {
            match prediction {
                Value::Object(prediction) => task.predictions.push(read_prediction(prediction)?),
                other => task.warnings.push(format!("predictions that are {} were left out", noun(&other))),
            }
        }
        task.meta = match item.shift_remove("meta") {
            None => None,
            Some(meta @ (Value::Object(_) | Value::Array(_))) => Some(meta).filter(truthy),
            Some(other) => return refuse(format!("its meta is {}, neither an object nor a list", noun(&other))),
        };
        Ok(task)
    }

    /// Whether the data has what the config shows, in a type that can be shown.
    fn check_data(&self, data: &Map<String, Value>) -> Result<(), Refusal> {
        if self.loader == Loader::Storage {
            return Ok(());
        }
        for DataKey { path, tag } in &self.keys {
            // Whatever a Repeater repeats over is a list.
            let (path, repeated) = path.split_once('[').map_or((path.as_str(), false), |(path, _)| (path, true));
            let value = match path.contains('.') {
                true => path.split('.').try_fold(Member::Data(data), Member::step).and_then(Member::value),
                false => data.get(path),
            };
            let Some(value) = value else {
                return refuse(format!("its data has no “{path}”, which the {tag} of the config shows"));
            };
            if repeated && !value.is_array() || !repeated && !shows(tag, value) {
                let wanted = if repeated { "a list" } else { tag.as_str() };
                return refuse(format!("“{path}” of its data is {}, which does not fit {wanted}", noun(value)));
            }
        }
        Ok(())
    }

    fn annotation(&self, mut annotation: Map<String, Value>) -> Result<ImportedAnnotation, Refusal> {
        let result = match annotation.shift_remove("result") {
            Some(Value::Array(result)) => result,
            None if self.loader == Loader::Storage => Vec::new(),
            None => return refuse("an annotation of it has no result"),
            Some(other) => return refuse(format!("the result of an annotation of it is {}, not a list", noun(&other))),
        };
        let mark = annotation.shift_remove("ground_truth").filter(|mark| !mark.is_null());
        let implied = mark.is_none() && self.loader == Loader::Upload;
        let created_at = match annotation.get("created_at") {
            Some(Value::String(_)) => annotation.shift_remove("created_at"),
            _ => None,
        };
        Ok(ImportedAnnotation {
            result,
            ground_truth: mark.as_ref().map_or(implied, truthy),
            ground_truth_implied: implied,
            was_cancelled: annotation.shift_remove("was_cancelled").as_ref().is_some_and(truthy),
            created_at: created_at.as_ref().and_then(Value::as_str).map(str::to_owned),
            extra: annotation,
        })
    }
}

/// A place in the data on the way along a path.
#[derive(Clone, Copy)]
enum Member<'a> {
    Data(&'a Map<String, Value>),
    Value(&'a Value),
}

impl<'a> Member<'a> {
    fn step(self, name: &str) -> Option<Self> {
        match self {
            Member::Data(members) | Member::Value(Value::Object(members)) => members.get(name).map(Member::Value),
            Member::Value(_) => None,
        }
    }

    fn value(self) -> Option<&'a Value> {
        match self {
            Member::Data(_) => None,
            Member::Value(value) => Some(value),
        }
    }
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { message: message.into() })
}

/// Takes the list under `name` out of an item; none is an empty one.
fn list(item: &mut Map<String, Value>, name: &str) -> Result<Vec<Value>, Refusal> {
    match item.shift_remove(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) => Ok(list),
        Some(other) => refuse(format!("its {name} are {}, not a list", noun(&other))),
    }
}

fn read_prediction(mut prediction: Map<String, Value>) -> Result<ImportedPrediction, Refusal> {
    let Some(result) = prediction.shift_remove("result") else { return refuse("a prediction of it has no result") };
    let score = match prediction.get("score") {
        Some(Value::String(score)) => crate::numbers::finite(score),
        Some(Value::Bool(score)) => Some(f64::from(u8::from(*score))),
        score => score.and_then(Value::as_f64),
    };
    let model_version = match prediction.get("model_version") {
        None => Some("undefined".to_owned()),
        Some(Value::Null) => None,
        Some(Value::String(version)) => Some(version.clone()),
        Some(other) => Some(other.to_string()),
    };
    Ok(ImportedPrediction { result, score, model_version })
}

/// Whether an element of this tag can show a value of this type.
fn shows(tag: &str, value: &Value) -> bool {
    let is_text = value.is_string();
    match tag {
        "Text" => is_text || value.is_number() || value.is_boolean() || value.is_array(),
        "Header" => is_text || value.is_number() || value.is_boolean(),
        "Table" | "TimeSeries" | "TimeSeriesChannel" => is_text || value.is_array() || value.is_object(),
        "Taxonomy" => is_text || value.is_array() || value.is_null(),
        "Image" | "Paragraphs" | "Chat" | "List" | "Ranker" | "Choices" | "Labels" | "BrushLabels"
        | "EllipseLabels" | "HyperTextLabels" | "KeyPointLabels" | "ParagraphLabels" | "PolygonLabels"
        | "RectangleLabels" | "TimeSeriesLabels" => is_text || value.is_array(),
        _ => is_text,
    }
}

/// What counts as something, as Python sees it.
fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"<View><Text name="doc" value="$body"/>
        <Choices name="c" toName="doc"><Choice value="A"/></Choices></View>"#;

    /// The items of a file, in words, and how reading it ended.
    fn read(xml: &str, content: &[u8]) -> (Vec<String>, String) {
        let config = Config::parse(xml).expect("the config is well-formed");
        let mut items = Vec::new();
        let end = read_tasks(content, &config, |item, task| {
            items.push(match task {
                Ok(task) => format!("{item}: {}", Value::Object(task.data)),
                Err(refusal) => format!("{item} refused: {}", refusal.message),
            });
            ControlFlow::Continue(())
        });
        (items, end.map_or_else(|error| error.to_string(), |()| String::new()))
    }

    fn one(content: &str) -> ImportedTask {
        let config = Config::parse(CONFIG).expect("the config is well-formed");
        let mut tasks = Vec::new();
        let end = read_tasks(content.as_bytes(), &config, |_, task| {
            tasks.extend(task);
            ControlFlow::Continue(())
        });
        assert!(end.is_ok());
        tasks.remove(0)
    }

    #[test]
    fn a_broken_item_is_refused_and_the_rest_read_on() {
        let (items, end) =
            read(CONFIG, br#"[{"body": "a"}, 7, {"data": {"text": "b"}}, {"data": {"body": "c"}, "id": 9}]"#);
        assert_eq!(
            items,
            [
                r#"1: {"body":"a"}"#,
                "2 refused: it is a number, not an object",
                "3 refused: its data has no “body”, which the Text of the config shows",
                r#"4: {"body":"c"}"#,
            ]
        );
        assert_eq!(end, "");
    }

    #[test]
    fn a_file_that_is_not_well_formed_ends_with_where_and_what() {
        for (content, items, end) in [
            (
                &b"[{\"body\": \"a\"},\n {\"body\": }]"[..],
                1,
                "item 2 is not well-formed JSON: expected value (line 2, column 11)",
            ),
            (b"[{\"body\": \"a\"}", 1, "item 2 is not well-formed JSON: the file ends too early (line 1, column 14)"),
            (b"", 0, "it is empty"),
            (b" \n", 0, "it is empty"),
            (b"\xef\xbb\xbf[{\"body\": \"a\"}]", 1, ""),
            (b"hello", 0, "it is not well-formed JSON: expected value (line 1, column 1)"),
            (b"\"one\"", 0, "it holds a text, where a list of tasks or a single task was expected"),
            (
                b"{\"body\": \"a\"}\n{\"body\": \"b\"}",
                1,
                "there is more after the first task; a list of tasks must be in [ ] with commas between them (line 2)",
            ),
        ] {
            let read = read(CONFIG, content);
            assert_eq!((read.0.len(), read.1.as_str()), (items, end), "{:?}", String::from_utf8_lossy(content));
        }
    }

    #[test]
    fn reading_stops_where_the_caller_breaks() {
        let config = Config::parse(CONFIG).expect("the config is well-formed");
        let mut count = 0;
        let end = read_tasks(&br#"[{"body": "a"}, {"body": "b"}, oops"#[..], &config, |_, _| {
            count += 1;
            ControlFlow::Break(())
        });
        assert_eq!((count, end.is_ok()), (1, true));
    }

    #[test]
    fn an_annotation_without_a_mark_is_ground_truth() {
        let task = one(r#"[{"id": 5, "data": {"body": "a"}, "meta": {}, "predictions": [286], "annotations": [
                {"result": [{"type": "choices", "origin": "manual"}], "created_at": "2024", "lead_time": 3},
                {"result": [], "ground_truth": false, "was_cancelled": true}]}]"#);
        let marks: Vec<_> = task
            .annotations
            .iter()
            .map(|annotation| (annotation.ground_truth, annotation.ground_truth_implied, annotation.was_cancelled))
            .collect();
        assert_eq!(marks, [(true, true, false), (false, false, true)]);
        assert_eq!((task.id, task.meta), (Some(5), None));
        assert_eq!(task.annotations[0].created_at.as_deref(), Some("2024"));
        assert_eq!(task.annotations[0].extra.keys().collect::<Vec<_>>(), ["lead_time"]);
        assert_eq!(task.annotations[0].result[0]["origin"], "manual", "regions are kept as they were written");
        assert_eq!(task.warnings, ["predictions that are a number were left out"]);
    }

    #[test]
    fn data_must_fit_what_shows_it() {
        let refused = |value: &str, data: &str| {
            let xml = format!(r#"<View><HyperText name="t" value="{value}"/></View>"#);
            read(&xml, format!(r#"[{{"data": {data}}}]"#).as_bytes()).0.remove(0)
        };
        assert_eq!(
            refused("$a", r#"{"a": 3}"#),
            "1 refused: “a” of its data is a number, which does not fit HyperText"
        );
        assert_eq!(refused("$a.b", r#"{"a": {"b": "x"}}"#), r#"1: {"a":{"b":"x"}}"#);
        assert_eq!(
            refused("Title: $t", r#"{"a": ""}"#),
            "1 refused: its data has no “t”, which the HyperText of the config shows"
        );
        assert_eq!(
            refused("$a[0].b", r#"{"a": "x"}"#),
            "1 refused: “a” of its data is a text, which does not fit a list"
        );
    }
}
