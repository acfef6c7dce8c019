//! What a task contributes to a request: texts that stand in its data, and files that its data names.

use crate::media::{Origin, Original};
use crate::requests::Wanted;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};
use touchstone_domain::prompt::PromptContent;
use touchstone_domain::template::{flat, plain, value_at, variables};
use touchstone_providers::{Media, Part};

/// Marks are characters that no text of the request has: of a plane for private use.
pub(super) const FIRST_MARK: u32 = 0xF0000;
const LAST_MARK: u32 = 0xFFFFD;

/// Bytes of a picture that stands in the task itself, up to which it stands in the code too.
const BYTES_IN_CODE_MAX: usize = 64 << 10;

/// A value that the task contributes.
#[derive(Clone, Debug)]
pub(super) struct Input {
    /// What stands for it in the texts of a body.
    pub mark: char,
    /// What the prompt calls it.
    pub path: String,
    pub value: Supply,
    /// What whoever runs the code should know of it; a sentence.
    pub note: Option<String>,
}

/// Where code has the value of an input from.
#[derive(Clone, Debug)]
pub(super) enum Supply {
    Text(String),
    /// The bytes of a file, in base64.
    Base64(String),
    /// A file at this path, which is put in as base64.
    File(String),
    /// The same at an address.
    Web(String),
}

impl Input {
    /// Whether it is a file, in base64.
    pub(super) fn is_file(&self) -> bool {
        !matches!(self.value, Supply::Text(_))
    }
}

impl Supply {
    /// The value, where it stands in the code.
    pub(super) fn literal(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Base64(text) => Some(text),
            Self::File(_) | Self::Web(_) => None,
        }
    }
}

/// Marks that `said` has none of.
pub(super) fn free_marks(said: &str) -> impl Iterator<Item = char> {
    let taken: Vec<char> = said.chars().filter(|char| (FIRST_MARK..=LAST_MARK).contains(&u32::from(*char))).collect();
    (FIRST_MARK..=LAST_MARK).filter_map(char::from_u32).filter(move |char| !taken.contains(char))
}

/// The values that `data` contributes to the messages, and the data with a mark in the place of each, but for those that
/// are `media`. None where a template does more with values than to show them.
pub(super) fn texts(
    content: &PromptContent,
    data: &Map<String, Value>,
    is_media: impl Fn(&str) -> bool,
    marks: &mut impl Iterator<Item = char>,
) -> (Vec<Input>, Map<String, Value>) {
    let mut inputs: Vec<Input> = Vec::new();
    let mut marked = data.clone();
    let format = content.input_variable_format;
    if content.messages.iter().any(|message| flat(message.text(), format).is_err()) {
        return (inputs, marked);
    }
    for variable in content.messages.iter().flat_map(|message| variables(message.text(), format)) {
        let path = variable.path;
        let Some(value) = value_at(data, path).filter(|_| !is_media(path)) else { continue };
        if inputs.iter().any(|known| known.path == path) {
            continue;
        }
        let Some(mark) = marks.next() else { break };
        // The key that is spelled like the path comes before the steps of it.
        marked.insert(path.to_owned(), Value::String(mark.into()));
        let value = Supply::Text(plain(value).into_owned());
        inputs.push(Input { mark, path: path.to_owned(), value, note: None });
    }
    (inputs, marked)
}

/// The files of a request, each once, and its parts with a mark in the place of the bytes. `name_of` says what the prompt
/// calls a file.
pub(super) fn files(
    wanted: &[Wanted],
    originals: Vec<Original>,
    name_of: impl Fn(&str) -> String,
    marks: &mut impl Iterator<Item = char>,
) -> (Vec<Input>, Vec<Part>) {
    let mut inputs: Vec<(&str, Input)> = Vec::new();
    let mut parts = Vec::with_capacity(wanted.len());
    for (wanted, original) in wanted.iter().zip(originals) {
        let mime = original.mime;
        let known = inputs.iter().find(|(source, _)| *source == wanted.source).map(|(_, input)| input.mark);
        let mark = known.unwrap_or_else(|| {
            let mark = marks.next().unwrap_or(char::REPLACEMENT_CHARACTER);
            inputs.push((wanted.source.as_str(), input(mark, name_of(&wanted.source), original)));
            mark
        });
        parts.push(wanted.kind.part(Media::put_in_elsewhere(mime, mark.into())));
    }
    (inputs.into_iter().map(|(_, input)| input).collect(), parts)
}

fn input(mark: char, path: String, original: Original) -> Input {
    let mut notes = Vec::new();
    let value = match original.origin {
        Origin::File(path) => Supply::File(path),
        Origin::Web(url) => Supply::Web(url),
        Origin::Task(bytes) if bytes.len() <= BYTES_IN_CODE_MAX => Supply::Base64(BASE64_STANDARD.encode(bytes)),
        Origin::Task(_) => {
            notes.push("It stands in the task itself; save it as this file.".to_owned());
            Supply::File(format!("file.{}", original.mime.rsplit('/').next().unwrap_or_default()))
        }
    };
    notes.extend(original.smaller_to.map(|side| {
        format!(
            "A run makes this picture smaller first, to {side} pixels on its longer side; here it is sent as it is."
        )
    }));
    Input { mark, path, value, note: (!notes.is_empty()).then(|| notes.join(" ")) }
}

/// Which of `inputs` a character stands for.
pub(super) fn marked(inputs: &[Input], char: char) -> Option<usize> {
    // Most characters are none.
    (u32::from(char) >= FIRST_MARK).then(|| inputs.iter().position(|input| input.mark == char)).flatten()
}

/// `body` with values in place of their marks, as far as they stand in the code.
pub(super) fn filled(body: &Value, inputs: &[Input]) -> Value {
    match body {
        Value::String(text) => {
            let mut filled = String::with_capacity(text.len());
            for char in text.chars() {
                match marked(inputs, char).and_then(|index| inputs[index].value.literal()) {
                    Some(value) => filled.push_str(value),
                    None => filled.push(char),
                }
            }
            Value::String(filled)
        }
        Value::Array(items) => items.iter().map(|item| self::filled(item, inputs)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), self::filled(value, inputs))).collect()
        }
        other => other.clone(),
    }
}

/// Whether a text of `body` has the mark of `input`.
pub(super) fn is_used(body: &Value, input: &Input) -> bool {
    match body {
        Value::String(text) => text.contains(input.mark),
        Value::Array(items) => items.iter().any(|item| is_used(item, input)),
        Value::Object(members) => members.values().any(|value| is_used(value, input)),
        _ => false,
    }
}
