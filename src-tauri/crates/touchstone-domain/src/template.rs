//! The template language: one grammar for the editor, the preview and the run.
//!
//! In the `F_STRING` format `{…}` is a variable only if what it holds, trimmed, is a name or a path (`text`,
//! `first name`, `user.name`, `items[0]`). A name has letters, digits, `_`, `-` and blanks; it does not begin with `_`, and is no
//! mere number, which would be a position to Python and is part of a regular expression (`[0-9]{4}`) in most prompts. `{{` and `}}` stand
//! for one brace only as a matched pair, so pasted JSON such as `{"a":{"b":1}}` survives as it is. Everything else is
//! literal text. The `MUSTACHE` format has sections, see
//! `template/mustache.rs`. Values are inserted once and never expanded again, and a variable that the data has no value
//! for is an error before anything is sent. `ui/src/lib/template.ts` implements the same grammar for highlighting; both
//! are held to `tests/fixtures/templates.json` and to each other on random templates (`ui/tests/agreement`).

mod mustache;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use std::borrow::Cow;
use std::ops::Range;

/// How variables are written. Spelled as the Arize prompts API spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
pub enum VariableFormat {
    /// `{name}`.
    #[serde(rename = "F_STRING")]
    FString,
    /// `{{name}}`, with sections.
    #[serde(rename = "MUSTACHE")]
    Mustache,
    /// No variables: the text is sent as it is.
    #[serde(rename = "NONE")]
    Verbatim,
}

impl VariableFormat {
    /// A variable as it is written in a template.
    pub fn written(self, path: &str) -> String {
        match self {
            Self::Mustache => format!("{{{{{path}}}}}"),
            Self::FString | Self::Verbatim => format!("{{{path}}}"),
        }
    }
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it is sent: escaped braces are one brace.
    Text(&'a str),
    Variable(Variable<'a>),
}

/// A variable as it occurs: `{ user.name }` has the path `user.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable<'a> {
    /// The trimmed content of the braces.
    pub path: &'a str,
    /// Where it stands in the template, braces included; byte offsets.
    pub range: Range<usize>,
}

impl<'a> Variable<'a> {
    /// The first name of the path: the key of the task's data that must exist.
    pub fn root(&self) -> &'a str {
        root(self.path)
    }
}

/// Why a template cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Variables that the data has no value for, in order of appearance, each once.
    #[error("no value for {}", .0.join(", "))]
    Missing(Vec<String>),
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    #[error("the template's sections repeat too much text for this task")]
    TooLarge,
}

/// A template that its format cannot read: a section that is not closed, or closed without being open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    pub message: String,
    /// Byte offset of the tag at fault.
    pub at: usize,
}

/// What is wrong with `template` whatever the data.
pub fn check(template: &str, format: VariableFormat) -> Result<(), SyntaxError> {
    match format {
        VariableFormat::Mustache => mustache::check(template),
        VariableFormat::FString | VariableFormat::Verbatim => Ok(()),
    }
}

/// Splits `template` into text and variables. Total: any text has pieces.
fn pieces(template: &str, format: VariableFormat) -> Vec<Piece<'_>> {
    match format {
        VariableFormat::Verbatim => vec![Piece::Text(template)],
        VariableFormat::FString => f_string_pieces(template),
        VariableFormat::Mustache => mustache::pieces(template),
    }
}

/// The variables that `template` asks the data for, in order of appearance, repeated ones repeated. What a section of a
/// mustache template holds is looked up where it is shown, and not asked for.
pub fn variables(template: &str, format: VariableFormat) -> Vec<Variable<'_>> {
    pieces(template, format)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(variable),
            Piece::Text(_) => None,
        })
        .collect()
}

/// Every path that `template` names, those in sections too, repeated ones repeated.
pub fn mentions(template: &str, format: VariableFormat) -> Vec<&str> {
    match format {
        VariableFormat::Mustache => mustache::mentions(template),
        VariableFormat::FString | VariableFormat::Verbatim => {
            variables(template, format).into_iter().map(|variable| variable.path).collect()
        }
    }
}

/// The texts and variables that [`render`] puts one after the other, for whoever writes `template` in another language.
/// The error is the first tag, as it is written, that chooses or repeats what is shown, or shows all of the data.
pub fn flat(template: &str, format: VariableFormat) -> Result<Vec<Piece<'_>>, &str> {
    match format {
        VariableFormat::Mustache => mustache::flat(template),
        VariableFormat::FString | VariableFormat::Verbatim => Ok(pieces(template, format)),
    }
}

/// Fills `template` with `data`, the task's data object.
///
/// Texts go in as they are, objects and lists as JSON, `true`, `false` and null the Python way (`True`, `False`,
/// `None`), because that is what the Phoenix server sends for the same prompt.
pub fn render(template: &str, format: VariableFormat, data: &Map<String, Value>) -> Result<String, TemplateError> {
    if format == VariableFormat::Mustache {
        return mustache::render(template, data);
    }
    let mut text = String::with_capacity(template.len());
    for piece in pieces(template, format) {
        match piece {
            Piece::Text(literal) => text.push_str(literal),
            Piece::Variable(variable) => match value_at(data, variable.path) {
                Some(value) => text.push_str(&plain(value)),
                None => return all_there(template, format, data).map(|()| text),
            },
        }
    }
    Ok(text)
}

/// The variables of `template` that `data` has no value for, in order of appearance, each once. Of a path in a mustache
/// template only the first name must be there: what is missing inside of a value shows nothing.
pub fn missing<'t>(template: &'t str, format: VariableFormat, data: &Map<String, Value>) -> Vec<&'t str> {
    let mut missing = Vec::new();
    for Variable { path, .. } in variables(template, format) {
        let is_there = match format {
            VariableFormat::Mustache => mustache::is_there(data, path),
            VariableFormat::FString | VariableFormat::Verbatim => value_at(data, path).is_some(),
        };
        if !is_there && !missing.contains(&path) {
            missing.push(path);
        }
    }
    missing
}

fn all_there(template: &str, format: VariableFormat, data: &Map<String, Value>) -> Result<(), TemplateError> {
    let missing = missing(template, format, data);
    if missing.is_empty() {
        Ok(())
    } else {
        Err(TemplateError::Missing(missing.into_iter().map(str::to_owned).collect()))
    }
}

/// The value that a variable's path leads to: the key spelled exactly like the path, else step by step.
/// Negative indexes count from the end. `None` when a step does not exist.
pub fn value_at<'v>(data: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    if let Some(value) = data.get(path) {
        return Some(value);
    }
    let first = root(path);
    let mut value = data.get(first)?;
    let mut rest = &path[first.len()..];
    while !rest.is_empty() {
        let step;
        (step, rest) = if let Some(bracketed) = rest.strip_prefix('[') {
            bracketed.split_once(']')?
        } else {
            let name = root(rest.strip_prefix('.')?);
            (name, &rest[1 + name.len()..])
        };
        value = match value {
            Value::Object(fields) => fields.get(step)?,
            Value::Array(items) => {
                let index: i64 = step.parse().ok()?;
                let from_start = if index < 0 { index + i64::try_from(items.len()).ok()? } else { index };
                items.get(usize::try_from(from_start).ok()?)?
            }
            _ => return None,
        };
    }
    Some(value)
}

/// How a value reads inside a prompt.
pub fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed("None"),
        Value::Bool(true) => Cow::Borrowed("True"),
        Value::Bool(false) => Cow::Borrowed("False"),
        other => Cow::Owned(other.to_string()),
    }
}

fn root(path: &str) -> &str {
    &path[..path.find(['.', '[']).unwrap_or(path.len())]
}

fn is_name(text: &str) -> bool {
    let named = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ');
    !text.is_empty() && text.chars().all(named) && !text.starts_with([' ', '_']) && !text.ends_with(' ')
}

/// Whether `text` is a name followed by any number of `.name`, `[name]` and `[-1]` steps.
fn is_path(text: &str) -> bool {
    let first = root(text);
    if !is_name(first) || first.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let mut rest = &text[first.len()..];
    while !rest.is_empty() {
        let step;
        (step, rest) = if let Some(bracketed) = rest.strip_prefix('[') {
            let Some(parts) = bracketed.split_once(']') else { return false };
            parts
        } else if let Some(dotted) = rest.strip_prefix('.') {
            let name = root(dotted);
            (name, &dotted[name.len()..])
        } else {
            return false;
        };
        if !is_name(step) {
            return false;
        }
    }
    true
}

/// The variable that starts at the `{` at `start`, if one does.
fn variable_at(template: &str, start: usize) -> Option<Variable<'_>> {
    let inside = &template[start + 1..];
    let end = inside.find(['{', '}']).filter(|end| inside.as_bytes()[*end] == b'}')?;
    let path = inside[..end].trim();
    is_path(path).then(|| Variable { path, range: start..start + end + 2 })
}

fn f_string_pieces(template: &str) -> Vec<Piece<'_>> {
    let pairs = escaped_braces(template);
    let mut pieces = Vec::new();
    let mut text_start = 0;
    let mut at = 0;
    let bytes = template.as_bytes();
    while let Some(brace) = next_brace(template, at) {
        at = brace;
        if pairs.binary_search(&at).is_ok() {
            // One brace of the doubled pair is text, the other is dropped.
            pieces.push(Piece::Text(&template[text_start..=at]));
            at += 2;
            text_start = at;
        } else if doubled(bytes, at) {
            at += 2;
        } else if let Some(variable) = (bytes[at] == b'{').then(|| variable_at(template, at)).flatten() {
            if text_start < at {
                pieces.push(Piece::Text(&template[text_start..at]));
            }
            at = variable.range.end;
            text_start = at;
            pieces.push(Piece::Variable(variable));
        } else {
            at += 1;
        }
    }
    if text_start < bytes.len() {
        pieces.push(Piece::Text(&template[text_start..]));
    }
    pieces
}

/// Where the first brace stands from `at` on.
fn next_brace(template: &str, at: usize) -> Option<usize> {
    memchr::memchr2(b'{', b'}', template.as_bytes().get(at..)?).map(|found| at + found)
}

fn doubled(bytes: &[u8], at: usize) -> bool {
    matches!(bytes[at], b'{' | b'}') && bytes.get(at + 1) == Some(&bytes[at])
}

/// Where the doubled braces stand that pair up, `{{` with the nearest later `}}`; byte offsets in ascending order.
fn escaped_braces(template: &str) -> Vec<usize> {
    let bytes = template.as_bytes();
    let mut open = Vec::new();
    let mut pairs = Vec::new();
    let mut at = 0;
    while let Some(brace) = next_brace(template, at) {
        at = brace;
        if doubled(bytes, at) {
            if bytes[at] == b'{' {
                open.push(at);
            } else if let Some(start) = open.pop() {
                pairs.extend([start, at]);
            }
            at += 2;
        } else if let Some(variable) = (bytes[at] == b'{').then(|| variable_at(template, at)).flatten() {
            at = variable.range.end;
        } else {
            at += 1;
        }
    }
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    /// One case of `tests/fixtures/templates.json`: what the template shows for `data`, and which variables it has.
    #[derive(Deserialize)]
    struct Case {
        #[serde(default = "f_string")]
        format: VariableFormat,
        template: String,
        data: Map<String, Value>,
        variables: Vec<String>,
        rendered: Option<String>,
        missing: Option<Vec<String>>,
        broken: Option<String>,
    }

    fn f_string() -> VariableFormat {
        VariableFormat::FString
    }

    #[test]
    fn templates_read_as_the_shared_cases_say() {
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../../../tests/fixtures/templates.json")).expect("fixture is JSON");
        for case in cases {
            let Case { format, template, .. } = &case;
            let found: Vec<_> = variables(template, *format).iter().map(|v| v.path).collect();
            assert_eq!(found, case.variables, "variables of {template:?}");
            let (rendered, missing, broken) = match render(template, *format, &case.data) {
                Ok(text) => (Some(text), None, None),
                Err(TemplateError::Missing(names)) => (None, Some(names), None),
                Err(other) => (None, None, Some(other.to_string())),
            };
            assert_eq!(rendered, case.rendered, "text of {template:?}");
            assert_eq!(missing, case.missing, "missing in {template:?}");
            assert_eq!(broken, case.broken, "what is wrong with {template:?}");
        }
    }

    #[test]
    fn a_template_without_sections_is_texts_and_variables() {
        let spelled = |template: &str, format| {
            let pieces = flat(template, format).map_err(str::to_owned)?;
            let words = pieces.into_iter().map(|piece| match piece {
                Piece::Text(text) => text.to_owned(),
                Piece::Variable(variable) => format!("<{}>", variable.path),
            });
            Ok::<_, String>(words.collect::<String>())
        };
        for (template, format, expected) in [
            ("{{\"a\": { x.y }}} {}", VariableFormat::FString, Ok("{\"a\": <x.y>} {}")),
            ("{a} {{b}}", VariableFormat::Verbatim, Ok("{a} {{b}}")),
            ("{{!why}}\n{{a}}{{=<% %>=}}{{b}}<%& c %>", VariableFormat::Mustache, Ok("<a>{{b}}<c>")),
            ("{{a}}{{# b }}x{{/ b }}", VariableFormat::Mustache, Err("{{# b }}")),
            ("{{^a}}", VariableFormat::Mustache, Err("{{^a}}")),
            ("{{.}}", VariableFormat::Mustache, Err("{{.}}")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(spelled(template, format), expected, "{template:?}");
        }
    }

    #[test]
    fn what_stands_in_sections_is_mentioned_though_it_is_not_asked_for() {
        let template = "{{a}}{{#b}}{{c.d}}{{.}}{{/b}}{{^e}}{{/e}}";
        assert_eq!(mentions(template, VariableFormat::Mustache), ["a", "b", "c.d", "e"]);
        assert_eq!(mentions("{a} {{b}} {c.d}", VariableFormat::FString), ["a", "c.d"]);
        assert_eq!(mentions("{a}", VariableFormat::Verbatim), [""; 0]);
    }

    #[test]
    fn sections_of_sections_end() {
        let template = "{{#a}}".repeat(50) + "x" + &"{{/a}}".repeat(50);
        let data = Map::from_iter([("a".to_owned(), serde_json::json!([1, 2, 3]))]);
        assert_eq!(render(&template, VariableFormat::Mustache, &data), Err(TemplateError::TooLarge));
        let deep = "{{#a}}".repeat(100_000);
        assert!(check(&deep, VariableFormat::Mustache).is_err(), "neither the stack nor the memory runs out");
    }

    proptest! {
        #[test]
        fn any_text_is_a_template(template in "[{}#^/!&=>.\\[\\]a-c \\n\"é🙂-]{0,60}") {
            let data = Map::from_iter([
                ("a".to_owned(), serde_json::json!({"b": [1, {"c": "{a}"}], "c": "{{b}}"})),
                ("b".to_owned(), serde_json::json!([true, null, 1.5])),
            ]);
            for format in [VariableFormat::FString, VariableFormat::Mustache, VariableFormat::Verbatim] {
                let asked = variables(&template, format);
                for variable in &asked {
                    prop_assert!(template[variable.range.clone()].contains(variable.path));
                }
                // What is asked for and is there is enough, and what is not there is named before anything else.
                match render(&template, format, &data) {
                    Ok(text) => prop_assert!(format != VariableFormat::Verbatim || text == template),
                    Err(TemplateError::Missing(names)) => {
                        for name in names {
                            prop_assert!(asked.iter().any(|variable| variable.path == name));
                            prop_assert!(!data.contains_key(&name));
                        }
                    }
                    Err(TemplateError::Syntax(error)) => prop_assert!(template.is_char_boundary(error.at)),
                    Err(TemplateError::TooLarge) => prop_assert!(false, "a short template is not large"),
                }
            }
        }
    }

    #[test]
    fn verbatim_format_has_no_variables() {
        let data = Map::new();
        assert_eq!(render("{a} {{b}}", VariableFormat::Verbatim, &data), Ok("{a} {{b}}".to_owned()));
    }

    #[test]
    fn pieces_cover_the_template_whatever_it_is() {
        for template in
            ["", "{", "}", "{{", "}}", "{{{", "{{}}", "}{", "{é}", "{{é}}", "a{{b{c}d}}e", "{a}}}", "{{{{x}}}}"]
        {
            let spelled: usize = pieces(template, VariableFormat::FString)
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => text.len(),
                    Piece::Variable(variable) => variable.range.len(),
                })
                .sum();
            let dropped = escaped_braces(template).len();
            assert_eq!(spelled + dropped, template.len(), "{template:?}");
        }
    }
}
