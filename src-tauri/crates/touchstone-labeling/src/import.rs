//! Reading tasks from a file, one at a time and whatever its size: JSON, JSON lines, tables, texts.
//!
//! What makes an item a task follows Label Studio's upload: an item without data is data itself; the data must have
//! what the config's elements show, in a fitting type; an annotation without a ground-truth mark is ground truth. Label
//! Studio refuses a whole file for one bad item; here the item is refused and the rest read on. Two things more are
//! let pass: a byte order mark, and predictions that are mere ids, as Label Studio itself exports them.
//!
//! Start reading at [`read_tasks`], then [`TaskRules::task`]; `items.rs` cuts JSON, `lines.rs` everything else;
//! `raw.rs` takes an item in.

mod items;
mod lines;
mod raw;

use crate::config::Config;
use crate::data::variables;
use items::Items;
use lines::BlankLines;
use raw::{RawAnnotation, RawItem, RawPart};
use serde_json::{Map, Value};
use std::io::{self, BufRead, BufReader, Read};
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
    /// Regions and relations as they were written: a list in compact JSON.
    pub result: String,
    pub ground_truth: bool,
    /// There was no ground-truth mark, so the upload rule made it one.
    pub ground_truth_implied: bool,
    pub was_cancelled: bool,
    pub created_at: Option<String>,
    /// Every other member, as it was written: an object in compact JSON.
    pub extra: Option<String>,
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
    /// Label Studio's own id of the task that it would be, where the item says it.
    pub id: Option<i64>,
    pub message: String,
}

impl Refusal {
    pub fn new(message: impl Into<String>) -> Self {
        Self { id: None, message: message.into() }
    }
}

/// How the tasks of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextFormat {
    /// A list of tasks or a single one: a Label Studio export, plain data, or JSON-MIN, which is plain data.
    Json,
    /// A task a line.
    JsonLines,
    /// Comma- or semicolon-separated cells under a line of headings, a row a task.
    Csv,
    /// The same, tab-separated.
    Tsv,
    /// A line is the text of a task.
    Lines,
}

/// Where an item is in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The first item is 1.
    pub item: u64,
    /// The line that it begins in, the first is 1; `None` where the format has no lines.
    pub line: Option<u64>,
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
    Syntax { item: u64, line: u64, column: usize, message: String },
    #[error("it holds {0}, where a list of tasks or a single task was expected")]
    Shape(&'static str),
    #[error("its headings are not UTF-8 text")]
    Headings,
    #[error(
        "there is more after the first task; a list of tasks must be in [ ] with commas between them (line {line})"
    )]
    More { line: u64 },
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
pub struct TaskRules {
    loader: Loader,
    keys: Vec<DataKey>,
    /// What the data gets under another name: the key, and the key that it is taken from.
    mapping: Vec<(String, String)>,
}

/// Something that the data must have.
struct DataKey {
    path: String,
    /// The tag of the element that shows it, which says what types it can have.
    tag: String,
}

/// Reads the tasks of a file and gives them to `each` with their place until it breaks. Memory holds one item at a
/// time. A broken item is refused and reading goes on; a file that is broken between its items ends with an error,
/// after the items before the fault were given.
pub fn read_tasks(
    reader: impl Read,
    format: TextFormat,
    rules: &TaskRules,
    mut each: impl FnMut(Place, Result<ImportedTask, Refusal>) -> ControlFlow<()>,
) -> Result<(), ImportError> {
    let mut reader = BufReader::with_capacity(1 << 18, reader);
    skip_byte_order_mark(&mut reader)?;
    match format {
        TextFormat::Json => read_items(reader, rules, each),
        TextFormat::JsonLines => lines::read_lines(reader, BlankLines::Skipped, |place, line| {
            each(place, line.and_then(|line| rules.item(line)))
        }),
        TextFormat::Lines => {
            // Of texts Label Studio makes tasks of blank lines too.
            lines::read_lines(reader, BlankLines::Kept, |place, line| {
                let is_blank = line.as_ref().is_ok_and(|line| line.trim_ascii().is_empty());
                let mut task = line.and_then(|line| rules.data(rules.single(line)));
                if let (true, Ok(task)) = (is_blank, &mut task) {
                    task.warnings.push("the line is blank, and so is the text of its task".to_owned());
                }
                each(place, task)
            })
        }
        TextFormat::Csv => {
            lines::read_table(reader, None, |place, row| each(place, row.and_then(|row| rules.data(row))))
        }
        TextFormat::Tsv => {
            lines::read_table(reader, Some(b'\t'), |place, row| each(place, row.and_then(|row| rules.data(row))))
        }
    }
}

fn skip_byte_order_mark(reader: &mut impl BufRead) -> Result<(), ImportError> {
    if reader.fill_buf().map_err(ImportError::Io)?.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    }
    Ok(())
}

/// What a parser objects to, without where: its lines begin with the item.
fn fault(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "it ends too early".to_owned();
    }
    error.to_string().split(" at line ").next().unwrap_or_default().to_owned()
}

fn malformed(error: &serde_json::Error) -> Refusal {
    Refusal::new(format!("it is not well-formed JSON: {}", fault(error)))
}

/// Reads the items of a JSON text; no byte order mark is let pass.
pub(crate) fn read_items(
    reader: impl Read,
    rules: &TaskRules,
    mut each: impl FnMut(Place, Result<ImportedTask, Refusal>) -> ControlFlow<()>,
) -> Result<(), ImportError> {
    let mut items = Items::new(reader);
    let mut number = 0;
    loop {
        number += 1;
        let item = match items.next() {
            Ok(Some(item)) => item,
            Ok(None) => return Ok(()),
            Err(ImportError::Syntax { line, column, message, .. }) => {
                return Err(ImportError::Syntax { item: number, line, column, message });
            }
            Err(error) => return Err(error),
        };
        let place = Place { item: number, line: Some(item.line) };
        let task = match item.bytes {
            None => Err(lines::too_large()),
            // Of a file that is one value there is no rest to read on with.
            Some(bytes) if item.is_only => match serde_json::from_slice::<Value>(bytes) {
                Ok(value) if value.is_object() => rules.task(value),
                Ok(value) => return Err(ImportError::Shape(noun(&value))),
                Err(error) => {
                    let (line, column) = (item.line + error.line() as u64 - 1, error.column());
                    return Err(ImportError::Syntax { item: 0, line, column, message: fault(&error) });
                }
            },
            Some(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => rules.item(text),
                Err(_) => Err(lines::not_text()),
            },
        };
        if each(place, task).is_break() {
            return Ok(());
        }
    }
}

impl TaskRules {
    /// The rules of an upload: the data must have what the config shows.
    pub fn upload(config: &Config) -> Self {
        Self::new(config, Loader::Upload)
    }

    /// Takes any data, to see what a file holds before a config is chosen.
    pub fn any() -> Self {
        Self { loader: Loader::Upload, keys: Vec::new(), mapping: Vec::new() }
    }

    /// Lets the data have each first name too, with what it has under the second.
    pub fn with_mapping(mut self, mapping: Vec<(String, String)>) -> Self {
        self.mapping = mapping;
        self
    }

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
                Some(key) => key.tag = element.tag.to_string(),
                None => keys.push(DataKey { path: path.to_owned(), tag: element.tag.to_string() }),
            }
        }
        TaskRules { loader, keys, mapping: Vec::new() }
    }

    /// The first thing that the data must have, where a text file's lines go.
    pub(crate) fn first_key(&self) -> Option<&str> {
        self.keys.first().map(|key| key.path.as_str())
    }

    /// How many things the data must have.
    pub(crate) fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// The data of a task that is one text, under whatever the config shows first.
    pub(crate) fn single(&self, text: &str) -> Map<String, Value> {
        Map::from_iter([(self.first_key().unwrap_or("$undefined$").to_owned(), Value::from(text))])
    }

    /// Takes data for a task.
    pub fn data(&self, mut data: Map<String, Value>) -> Result<ImportedTask, Refusal> {
        self.rename(&mut data);
        self.check_data(&data)?;
        Ok(ImportedTask { data, ..ImportedTask::default() })
    }

    fn rename(&self, data: &mut Map<String, Value>) {
        for (name, from) in &self.mapping {
            if let Some(value) = data.get(from).cloned() {
                data.insert(name.clone(), value);
            }
        }
    }

    /// Reads an item as a task.
    pub(crate) fn task(&self, item: Value) -> Result<ImportedTask, Refusal> {
        self.item(&item.to_string())
    }

    /// Reads an item, a JSON text, as a task.
    pub(crate) fn item(&self, text: &str) -> Result<ImportedTask, Refusal> {
        if !text.starts_with('{') {
            let item: Value = serde_json::from_str(text).map_err(|error| malformed(&error))?;
            return match item {
                Value::Object(data) => self.task(Value::Object(data)),
                other => refuse(format!("it is {}, not an object", noun(&other))),
            };
        }
        let item: RawItem<'_> = serde_json::from_str(text).map_err(|error| malformed(&error))?;
        let id = item.id.as_ref().and_then(Value::as_i64);
        let task = self.raw_item(item, text).map_err(|refusal| Refusal { id, ..refusal })?;
        Ok(ImportedTask { id, ..task })
    }

    /// `text` is that of the whole item.
    fn raw_item(&self, item: RawItem<'_>, text: &str) -> Result<ImportedTask, Refusal> {
        let has_data = match self.loader {
            Loader::Upload => item.data.as_ref().is_some_and(truthy),
            Loader::Storage => item.data.as_ref().is_some_and(Value::is_object),
        };
        if !has_data {
            let has_annotations = match &item.annotations {
                Some(RawPart::List(list)) => !list.is_empty(),
                Some(RawPart::Annotation(annotation)) => !annotation.is_empty(),
                Some(RawPart::Other(other)) => truthy(other),
                None => false,
            };
            if self.loader == Loader::Storage && (has_annotations || item.predictions.as_ref().is_some_and(truthy)) {
                return refuse("it has annotations or predictions but no data");
            }
            return self.data(serde_json::from_str(text).map_err(|error| malformed(&error))?);
        }
        let data = match item.data {
            Some(Value::Object(data)) => data,
            Some(other) => return refuse(format!("its data is {}, not an object", noun(&other))),
            None => Map::new(),
        };
        let mut task = self.data(data)?;
        let annotations = match item.annotations {
            None => Vec::new(),
            Some(RawPart::List(annotations)) => annotations,
            Some(other) => return refuse(format!("its annotations are {}, not a list", other.noun())),
        };
        for annotation in annotations {
            match annotation {
                RawPart::Annotation(annotation) => task.annotations.push(self.annotation(annotation)?),
                other => task.warnings.push(format!("annotations that are {} were left out", other.noun())),
            }
        }
        let predictions = match item.predictions {
            None => Vec::new(),
            Some(Value::Array(predictions)) => predictions,
            Some(other) => return refuse(format!("its predictions are {}, not a list", noun(&other))),
        };
        for prediction in predictions {
            match prediction {
                Value::Object(prediction) => task.predictions.push(read_prediction(prediction)?),
                other => {
                    let warning = format!("predictions that are {} were left out", noun(&other));
                    // Once a task, however many they are.
                    if !task.warnings.contains(&warning) {
                        task.warnings.push(warning);
                    }
                }
            }
        }
        task.meta = match item.meta {
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

    fn annotation(&self, annotation: RawAnnotation<'_>) -> Result<ImportedAnnotation, Refusal> {
        let mut result = String::new();
        match annotation.result {
            Some(list) if list.get().starts_with('[') => {
                result.reserve(list.get().len());
                raw::compact(list, &mut result)?;
            }
            None if self.loader == Loader::Storage => result.push_str("[]"),
            None => return refuse("an annotation of it has no result"),
            Some(other) => {
                let other: Value = serde_json::from_str(other.get()).map_err(|error| malformed(&error))?;
                return refuse(format!("the result of an annotation of it is {}, not a list", noun(&other)));
            }
        }
        let mark = annotation.ground_truth.filter(|mark| !mark.is_null());
        let implied = mark.is_none() && self.loader == Loader::Upload;
        Ok(ImportedAnnotation {
            result,
            ground_truth: mark.as_ref().map_or(implied, truthy),
            ground_truth_implied: implied,
            was_cancelled: annotation.was_cancelled.as_ref().is_some_and(truthy),
            created_at: annotation.created_at,
            extra: raw::object(&annotation.extra)?,
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
    Err(Refusal::new(message))
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
        let end = read_tasks(content, TextFormat::Json, &TaskRules::upload(&config), |Place { item, .. }, task| {
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
        let end = read_tasks(content.as_bytes(), TextFormat::Json, &TaskRules::upload(&config), |_, task| {
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
    fn a_malformed_item_is_refused_and_a_file_that_is_broken_between_items_ends_with_where_and_what() {
        for (content, items, end) in [
            (&b"[{\"body\": \"a\"},\n {\"body\": }]"[..], 2, ""),
            (b"[{\"body\": \"a\"}", 1, "item 2 is not well-formed JSON: the file ends too early (line 1, column 15)"),
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
        let rules = TaskRules::upload(&config);
        let end = read_tasks(&br#"[{"body": "a"}, {"body": "b"}, oops"#[..], TextFormat::Json, &rules, |_, _| {
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
        assert_eq!(task.annotations[0].extra.as_deref(), Some(r#"{"lead_time":3}"#));
        let result = r#"[{"type":"choices","origin":"manual"}]"#;
        assert_eq!(task.annotations[0].result, result, "regions are kept as they were written");
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

    /// The items of a file of another format, in words.
    fn rows(format: TextFormat, content: &[u8]) -> Vec<String> {
        let config = Config::parse(CONFIG).expect("the config is well-formed");
        let rules = TaskRules::upload(&config).with_mapping(vec![("body".to_owned(), "text".to_owned())]);
        let mut items = Vec::new();
        let end = read_tasks(content, format, &rules, |Place { item, line }, task| {
            let place = format!("{item} in line {}", line.unwrap_or_default());
            items.push(match task {
                Ok(task) => format!("{place}: {}", Value::Object(task.data)),
                Err(refusal) => format!("{place} refused: {}", refusal.message),
            });
            ControlFlow::Continue(())
        });
        items.extend(end.err().map(|error| error.to_string()));
        items
    }

    #[test]
    fn tables_keep_their_cells_as_texts_and_say_the_line_of_a_refused_row() {
        assert_eq!(
            rows(TextFormat::Csv, b"\xef\xbb\xbfid;text\r\n007;\"a;\nb\"\r\n\r\n8\r\n9;c;d\r\n10;\xff\r\n"),
            [
                r#"1 in line 2: {"id":"007","text":"a;\nb","body":"a;\nb"}"#,
                r#"2 in line 5: {"id":"8","text":"","body":""}"#,
                "3 in line 6 refused: it has 3 cells, but there are 2 headings",
                "4 in line 7 refused: its cell “text” is not UTF-8 text",
            ]
        );
        assert_eq!(rows(TextFormat::Tsv, b"body\tbody\nx, y\tz\n"), [r#"1 in line 2: {"body":"x, y","body.1":"z"}"#]);
        assert_eq!(rows(TextFormat::Csv, b""), ["it is empty"]);
    }

    #[test]
    fn lines_are_items_and_a_bad_one_is_refused() {
        assert_eq!(
            rows(TextFormat::JsonLines, b"{\"text\": \"a\"}\n\n{\"text\": }\r\n{\"data\": {\"body\": \"b\"}}"),
            [
                r#"1 in line 1: {"text":"a","body":"a"}"#,
                "2 in line 3 refused: it is not well-formed JSON: expected value",
                r#"3 in line 4: {"body":"b"}"#,
            ]
        );
        assert_eq!(
            rows(TextFormat::Lines, b"one\r\n \ntwo\n\xff"),
            [
                r#"1 in line 1: {"body":"one"}"#,
                r#"2 in line 2: {"body":" "}"#,
                r#"3 in line 3: {"body":"two"}"#,
                "4 in line 4 refused: it is not UTF-8 text",
            ],
            "of texts a blank line is a task too"
        );
    }
}
