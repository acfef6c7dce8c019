//! The `MUSTACHE` format, as the Phoenix server reads it (through pystache, with HTML escaping off).
//!
//! Where it differs on purpose: objects and lists read as JSON, a key that is spelled like a whole path is found first,
//! and what stands between braces is a name only if it holds no brace itself; else it is literal text.

use super::{Piece, SyntaxError, TemplateError, Variable, VariableFormat, plain};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::ops::Range;

/// Sections in sections; a template that nests deeper is no template that somebody wrote.
const DEPTH_MAX: usize = 100;
/// Tags and texts that one template may expand to: sections over lists in sections over lists multiply.
const STEPS_MAX: usize = 2_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Value,
    Section,
    Inverted,
    Close,
    /// Comments, changes of the delimiters, partials: nothing is shown for them.
    Silent,
}

#[derive(Clone, Debug)]
enum Token<'a> {
    Text(&'a str),
    Tag { kind: Kind, name: &'a str, range: Range<usize> },
}

/// The variables that are asked for: those outside of sections, and what sections outside of sections are about.
pub(super) fn variables(template: &str) -> Vec<Variable<'_>> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for token in tokens(template) {
        let Token::Tag { kind, name, range } = token else { continue };
        if matches!(kind, Kind::Value | Kind::Section | Kind::Inverted) && depth == 0 && name != "." {
            found.push(Variable { path: name, range });
        }
        match kind {
            Kind::Section | Kind::Inverted => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Value | Kind::Silent => {}
        }
    }
    found
}

/// See [`super::mentions`].
pub(super) fn mentions(template: &str) -> Vec<&str> {
    let named = tokens(template).into_iter().filter_map(|token| match token {
        Token::Tag { kind: Kind::Value | Kind::Section | Kind::Inverted, name, .. } if name != "." => Some(name),
        _ => None,
    });
    named.collect()
}

/// Texts and top-level variables, for whoever shows a template; what is in sections is text here.
pub(super) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for variable in variables(template) {
        if at < variable.range.start {
            pieces.push(Piece::Text(&template[at..variable.range.start]));
        }
        at = variable.range.end;
        pieces.push(Piece::Variable(variable));
    }
    if at < template.len() {
        pieces.push(Piece::Text(&template[at..]));
    }
    pieces
}

/// See [`super::flat`].
pub(super) fn flat(template: &str) -> Result<Vec<Piece<'_>>, &str> {
    let mut pieces = Vec::new();
    for token in tokens(template) {
        match token {
            Token::Text(text) => pieces.push(Piece::Text(text)),
            Token::Tag { kind: Kind::Silent, .. } => {}
            Token::Tag { kind: Kind::Value, name, range } if name != "." => {
                pieces.push(Piece::Variable(Variable { path: name, range }));
            }
            Token::Tag { range, .. } => return Err(&template[range]),
        }
    }
    Ok(pieces)
}

pub(super) fn check(template: &str) -> Result<(), SyntaxError> {
    nodes(template).map(drop)
}

pub(super) fn render(template: &str, data: &Map<String, Value>) -> Result<String, TemplateError> {
    let nodes = nodes(template)?;
    super::all_there(template, VariableFormat::Mustache, data)?;
    let mut rendering = Rendering { data, around: Vec::new(), text: String::new(), steps: 0 };
    rendering.nodes(&nodes)?;
    Ok(rendering.text)
}

/// Whether `data` has what a path begins with.
pub(super) fn is_there(data: &Map<String, Value>, path: &str) -> bool {
    data.contains_key(path) || data.contains_key(first(path))
}

enum Node<'a> {
    Text(&'a str),
    Value(&'a str),
    Section { name: &'a str, inverted: bool, inside: Vec<Node<'a>> },
}

fn nodes(template: &str) -> Result<Vec<Node<'_>>, SyntaxError> {
    let mut open: Vec<(&str, bool, usize)> = Vec::new();
    let mut levels: Vec<Vec<Node<'_>>> = vec![Vec::new()];
    let refuse = |message: String, at: usize| Err(SyntaxError { message, at });
    for token in tokens(template) {
        match token {
            Token::Text(text) => add(&mut levels, Node::Text(text)),
            Token::Tag { kind: Kind::Value, name, .. } => add(&mut levels, Node::Value(name)),
            Token::Tag { kind: Kind::Silent, .. } => {}
            Token::Tag { kind: kind @ (Kind::Section | Kind::Inverted), name, range } => {
                if open.len() == DEPTH_MAX {
                    return refuse(format!("sections are nested more than {DEPTH_MAX} deep"), range.start);
                }
                open.push((name, kind == Kind::Inverted, range.start));
                levels.push(Vec::new());
            }
            Token::Tag { kind: Kind::Close, name, range } => match open.pop() {
                Some((opened, inverted, _)) if opened == name => {
                    let inside = levels.pop().unwrap_or_default();
                    add(&mut levels, Node::Section { name, inverted, inside });
                }
                Some((opened, ..)) => {
                    return refuse(format!("section “{opened}” is closed as “{name}”"), range.start);
                }
                None => return refuse(format!("“{name}” is closed but was not opened"), range.start),
            },
        }
    }
    match open.pop() {
        Some((name, _, at)) => refuse(format!("section “{name}” is not closed"), at),
        None => Ok(levels.pop().unwrap_or_default()),
    }
}

fn add<'a>(levels: &mut [Vec<Node<'a>>], node: Node<'a>) {
    levels.last_mut().expect("the outermost level is never closed").push(node);
}

struct Rendering<'v> {
    data: &'v Map<String, Value>,
    /// What the sections around are about, the innermost last.
    around: Vec<&'v Value>,
    text: String,
    steps: usize,
}

impl<'v> Rendering<'v> {
    fn nodes(&mut self, nodes: &[Node<'_>]) -> Result<(), TemplateError> {
        for node in nodes {
            self.steps += 1;
            if self.steps > STEPS_MAX {
                return Err(TemplateError::TooLarge);
            }
            match node {
                Node::Text(text) => self.text.push_str(text),
                Node::Value(".") if self.around.is_empty() => {
                    self.text.push_str(&Value::Object(self.data.clone()).to_string());
                }
                Node::Value(name) => {
                    let value = self.value(name).map_or(Cow::Borrowed(""), plain);
                    self.text.push_str(&value);
                }
                Node::Section { name, inverted, inside } => self.section(name, *inverted, inside)?,
            }
        }
        Ok(())
    }

    fn section(&mut self, name: &str, inverted: bool, inside: &[Node<'_>]) -> Result<(), TemplateError> {
        // Outside of all sections the data itself is meant, which is there.
        if name == "." && self.around.is_empty() {
            return if inverted { Ok(()) } else { self.nodes(inside) };
        }
        let value = self.value(name).filter(|value| !falsy(value));
        match value {
            None if inverted => self.nodes(inside)?,
            None => {}
            Some(_) if inverted => {}
            Some(Value::Array(items)) => {
                for item in items {
                    self.within(item, inside)?;
                }
            }
            Some(value) => self.within(value, inside)?,
        }
        Ok(())
    }

    fn within(&mut self, value: &'v Value, inside: &[Node<'_>]) -> Result<(), TemplateError> {
        self.around.push(value);
        let outcome = self.nodes(inside);
        self.around.pop();
        outcome
    }

    /// The first name of a path is looked for from the innermost section outwards, the others step by step.
    fn value(&self, path: &str) -> Option<&'v Value> {
        if path == "." {
            return self.around.last().copied();
        }
        let name = first(path);
        let nearest = self.around.iter().rev().find_map(|value| value.as_object()?.get(name));
        let mut value = match nearest {
            Some(value) => value,
            None => match self.data.get(path) {
                Some(whole) => return Some(whole),
                None => self.data.get(name)?,
            },
        };
        for step in path[name.len()..].split('.').skip(1) {
            value = value.as_object()?.get(step)?;
        }
        Some(value)
    }
}

fn falsy(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

fn first(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// Splits `template` at its tags. What is between delimiters and is no tag is text, and so is what is never closed.
fn tokens(template: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut open, mut close) = ("{{", "}}");
    let mut text_start = 0;
    let mut at = 0;
    while let Some(start) = template[at..].find(open).map(|found| at + found) {
        let Some(tag) = tag_at(template, start, open, close) else {
            at = start + open.len();
            continue;
        };
        let (mut text_end, mut next) = (start, tag.range.end);
        // A tag that shows nothing takes its line with it, if it has one to itself.
        if tag.kind != Kind::Value
            && let Some(line) = own_line(template, &tag.range)
        {
            (text_end, next) = (line.start.max(text_start), line.end);
        }
        if text_start < text_end {
            tokens.push(Token::Text(&template[text_start..text_end]));
        }
        if let Some(changed) = tag.delimiters {
            (open, close) = changed;
        }
        tokens.push(Token::Tag { kind: tag.kind, name: tag.name, range: tag.range });
        text_start = next;
        at = next;
    }
    if text_start < template.len() {
        tokens.push(Token::Text(&template[text_start..]));
    }
    tokens
}

struct Tag<'a> {
    kind: Kind,
    name: &'a str,
    range: Range<usize>,
    delimiters: Option<(&'a str, &'a str)>,
}

fn tag_at<'a>(template: &'a str, start: usize, open: &str, close: &str) -> Option<Tag<'a>> {
    let inside = &template[start + open.len()..];
    let ends = |length: usize| start..start + open.len() + length + close.len();
    if let Some(raw) = inside.strip_prefix('{') {
        let length = raw.find('}').filter(|length| raw[length + 1..].starts_with(close))?;
        let name = named(&raw[..length])?;
        // Both braces belong to the tag.
        return Some(Tag { kind: Kind::Value, name, range: ends(length + 2), delimiters: None });
    }
    if let Some(change) = inside.strip_prefix('=') {
        let length = change.find('=').filter(|length| change[length + 1..].starts_with(close))?;
        let mut both = change[..length].split_whitespace();
        let (Some(open), Some(close), None) = (both.next(), both.next(), both.next()) else { return None };
        let delimiters = Some((open, close));
        return Some(Tag { kind: Kind::Silent, name: "", range: ends(length + 2), delimiters });
    }
    let length = inside.find(close)?;
    let content = &inside[..length];
    let range = ends(length);
    let tag = |kind, name| Some(Tag { kind, name, range, delimiters: None });
    match content.chars().next()? {
        '!' => tag(Kind::Silent, ""),
        '#' => tag(Kind::Section, named(&content[1..])?),
        '^' => tag(Kind::Inverted, named(&content[1..])?),
        '/' => tag(Kind::Close, named(&content[1..])?),
        '>' => tag(Kind::Silent, named(&content[1..])?),
        '&' => tag(Kind::Value, named(&content[1..])?),
        _ => tag(Kind::Value, named(content)?),
    }
}

fn named(content: &str) -> Option<&str> {
    Some(content.trim()).filter(|name| !name.is_empty() && !name.contains(['{', '}']))
}

/// The line that a tag has to itself, with its end; `None` when something else stands on it.
fn own_line(template: &str, tag: &Range<usize>) -> Option<Range<usize>> {
    let blanks = [' ', '\t'];
    let start = template[..tag.start].trim_end_matches(blanks).len();
    if !(start == 0 || template[..start].ends_with(['\n', '\r'])) {
        return None;
    }
    let rest = template[tag.end..].trim_start_matches(blanks);
    let ending = if rest.starts_with("\r\n") {
        2
    } else if rest.starts_with(['\n', '\r']) {
        1
    } else if rest.is_empty() {
        0
    } else {
        return None;
    };
    Some(start..template.len() - rest.len() + ending)
}
