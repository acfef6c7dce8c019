//! Values and texts as Python and TypeScript write them.
//!
//! Texts may be anything: what would end a literal, mean something in it, or stand where nobody sees it is escaped.

use super::inputs::{Input, Supply, is_used, marked};
use super::{Asked, HeaderValue, other_headers};
use serde_json::{Map, Value};

/// Longest line into which a list or an object is put whole.
const LINE_CHARS_MAX: usize = 100;

/// How one language writes values.
pub(super) struct Tongue {
    pub indent: usize,
    pub null: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    /// A member's name in an object.
    pub key: fn(&str) -> String,
    /// One line of a text without inputs.
    pub text: fn(&str) -> String,
    /// One line of a text with inputs.
    pub woven: fn(&[Piece<'_>]) -> String,
    /// Several lines of a text as one value; `inner` and `outer` are the indents.
    pub lines: fn(lines: &[String], inner: &str, outer: &str) -> String,
    /// What is at a path, in base64; the path as a literal.
    pub file: fn(&str) -> String,
    /// What is at an address, in base64; the address as a literal.
    pub web: fn(&str) -> String,
    /// The value of an environment variable.
    pub environment: fn(&str) -> String,
    /// Words that an input cannot be called by.
    pub reserved: &'static [&'static str],
}

/// A piece of a line of text.
pub(super) enum Piece<'a> {
    Text(String),
    /// The name of an input.
    Input(&'a str),
}

/// An input as it is written.
pub(super) struct Written<'a> {
    pub name: &'a str,
    pub value: String,
    pub input: &'a Input,
}

pub(super) struct Writer<'a> {
    tongue: &'static Tongue,
    /// What each input is called.
    names: Vec<String>,
    inputs: &'a [Input],
}

impl<'a> Writer<'a> {
    pub(super) fn new(tongue: &'static Tongue, inputs: &'a [Input]) -> Self {
        let mut names: Vec<String> = Vec::new();
        for input in inputs {
            let plain = identifier(&input.path);
            let is_free = |name: &String| !tongue.reserved.contains(&name.as_str()) && !names.contains(name);
            let numbered = || (2..).map(|number| format!("{plain}_{number}")).find(|name| is_free(name));
            let name = Some(plain.clone()).filter(|name| is_free(name)).or_else(numbered);
            names.push(name.unwrap_or(plain));
        }
        Self { tongue, names, inputs }
    }

    /// The inputs that `body` has.
    pub(super) fn inputs(&self, body: &Value) -> Vec<Written<'_>> {
        let used = self.inputs.iter().zip(&self.names).filter(|(input, _)| is_used(body, input));
        let written = |input: &Input| match &input.value {
            Supply::Text(text) | Supply::Base64(text) => self.lines(split(text, |_| None), 0),
            Supply::File(path) => (self.tongue.file)(&(self.tongue.text)(path)),
            Supply::Web(url) => (self.tongue.web)(&(self.tongue.text)(url)),
        };
        used.map(|(input, name)| Written { name, value: written(input), input }).collect()
    }

    /// `value` in a line that is indented `depth` times.
    pub(super) fn value(&self, value: &Value, depth: usize) -> String {
        match value {
            Value::Null => self.tongue.null.to_owned(),
            Value::Bool(true) => self.tongue.yes.to_owned(),
            Value::Bool(false) => self.tongue.no.to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => self.text(text, depth),
            Value::Array(items) => {
                let items = items.iter().map(|item| self.value(item, depth + 1)).collect();
                self.enclosed("[", items, "]", depth)
            }
            Value::Object(members) => {
                let written = |(name, value): (&String, &Value)| {
                    format!("{}: {}", (self.tongue.key)(name), self.value(value, depth + 1))
                };
                self.enclosed("{", members.iter().map(written).collect(), "}", depth)
            }
        }
    }

    /// The members of an object for a call whose arguments are indented `depth` times, each by its name.
    pub(super) fn arguments(&self, members: &Map<String, Value>, sign: &str, depth: usize) -> Vec<String> {
        let written = |(name, value): (&String, &Value)| format!("{name}{sign}{}", self.value(value, depth));
        members.iter().map(written).collect()
    }

    /// The headers that the vendor's client does not send of itself, as an object in a call.
    pub(super) fn headers(&self, asked: &Asked) -> Option<String> {
        let header = |(name, value): (&str, HeaderValue)| {
            let value = match value {
                HeaderValue::Text(value) => (self.tongue.text)(&value),
                HeaderValue::Variable(variable) => (self.tongue.environment)(&variable),
            };
            format!("{}: {value}", (self.tongue.key)(name))
        };
        let headers: Vec<_> = other_headers(asked).into_iter().map(header).collect();
        (!headers.is_empty()).then(|| self.enclosed("{", headers, "}", 1))
    }

    /// `items` between brackets: in one line if they fit.
    pub(super) fn enclosed(&self, open: &str, items: Vec<String>, close: &str, depth: usize) -> String {
        let chars: usize = items.iter().map(|item| item.chars().count() + 2).sum();
        let is_short = depth * self.tongue.indent + chars <= LINE_CHARS_MAX;
        if items.is_empty() || is_short && !items.iter().any(|item| item.contains('\n')) {
            let blank = if open.ends_with('{') && self.tongue.indent == 2 && !items.is_empty() { " " } else { "" };
            return format!("{open}{blank}{}{blank}{close}", items.join(", "));
        }
        let (inner, outer) = (self.indent(depth + 1), self.indent(depth));
        let lines: String = items.iter().map(|item| format!("{inner}{item},\n")).collect();
        format!("{open}\n{lines}{outer}{close}")
    }

    pub(super) fn indent(&self, depth: usize) -> String {
        " ".repeat(depth * self.tongue.indent)
    }

    fn text(&self, text: &str, depth: usize) -> String {
        let name_of = |char| marked(self.inputs, char).map(|index| self.names[index].as_str());
        self.lines(split(text, name_of), depth)
    }

    fn lines(&self, lines: Vec<Vec<Piece<'_>>>, depth: usize) -> String {
        if let [line] = lines.as_slice()
            && let [Piece::Input(name)] = line.as_slice()
        {
            return (*name).to_owned();
        }
        let line = |pieces: &Vec<Piece<'_>>| match pieces.as_slice() {
            [] => (self.tongue.text)(""),
            [Piece::Text(text)] => (self.tongue.text)(text),
            pieces => (self.tongue.woven)(pieces),
        };
        let lines: Vec<_> = lines.iter().map(line).collect();
        match lines.as_slice() {
            [] => (self.tongue.text)(""),
            [only] => only.clone(),
            lines => (self.tongue.lines)(lines, &self.indent(depth + 1), &self.indent(depth)),
        }
    }
}

/// The lines of a text, each with its end, in pieces.
fn split<'n>(text: &str, name_of: impl Fn(char) -> Option<&'n str>) -> Vec<Vec<Piece<'n>>> {
    let mut lines = Vec::new();
    let mut line: Vec<Piece<'n>> = Vec::new();
    for char in text.chars() {
        match (name_of(char), line.last_mut()) {
            (Some(name), _) => line.push(Piece::Input(name)),
            (None, Some(Piece::Text(text))) => text.push(char),
            (None, _) => line.push(Piece::Text(char.into())),
        }
        if char == '\n' {
            lines.push(std::mem::take(&mut line));
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A path as the name of a variable: `user.name` as `user_name`.
fn identifier(path: &str) -> String {
    let mut name = String::new();
    for char in path.chars() {
        let char = if char.is_ascii_alphanumeric() { char } else { '_' };
        if char != '_' || !name.ends_with('_') {
            name.push(char);
        }
    }
    let name = name.trim_matches('_');
    if name.is_empty() {
        "input".to_owned()
    } else if name.starts_with(|char: char| char.is_ascii_digit()) {
        format!("input_{name}")
    } else {
        name.to_owned()
    }
}

/// Whether a character is not seen, or turns around what is seen, so that code must not have it as it is.
pub(super) fn is_unseen(char: char) -> bool {
    char.is_control()
        || matches!(
            u32::from(char),
            0xAD | 0x61C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xE000..=0xF8FF | 0xFEFF
                | 0xFFF0..=0xFFFB | 0xFFFE..=0xFFFF | 0xE0000..=0x10_FFFF
        )
}

/// A text for a comment: one line, and nothing in it that is not seen.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|char| if is_unseen(char) { ' ' } else { char }).collect()
}

/// `text` with escapes: those of `special` behind a backslash, line ends and tabs by their letters, and what is not seen
/// by `coded`.
pub(super) fn escaped(text: &str, special: &[char], coded: fn(u32) -> String) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for char in text.chars() {
        match char {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            char if special.contains(&char) => out.extend(['\\', char]),
            char if is_unseen(char) => out.push_str(&coded(u32::from(char))),
            char => out.push(char),
        }
    }
    out
}
