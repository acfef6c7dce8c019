//! The media of a request: which fields of a task a prompt shows as pictures or documents, and where each stands.
//!
//! A variable that stands for such a field is filled with a mark instead of the address, and the filled text is cut at
//! its marks. So media stand wherever the address would have stood, in sections, lists and objects too.

use crate::media::{MediaKind, named};
use serde_json::{Map, Value};
use touchstone_domain::prompt::{Message, PromptContent, Role};
use touchstone_domain::template::{VariableFormat, flat, mentions};
use touchstone_labeling::{Capabilities, Config};

/// A field of the tasks' data that the labeling interface shows as media, and the prompt too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MediaField {
    /// Where it is in the data, as `image` or `page.scan`.
    pub path: String,
    pub kind: MediaKind,
}

/// Media that a request needs, and where they stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// What the task says.
    pub source: String,
    pub kind: MediaKind,
    /// Index of the message.
    pub message: usize,
    /// Index among the message's parts.
    pub part: usize,
}

/// The media fields that the messages of `content` show, in the config's order, each once.
pub(crate) fn media_fields(content: &PromptContent, config: &Config) -> Vec<MediaField> {
    let mut fields: Vec<MediaField> = Vec::new();
    for object in config.objects() {
        let (Some(kind), Some(path)) = (MediaKind::of_tag(&object.tag), &object.variable) else { continue };
        let is_shown = content.messages.iter().any(|message| shows(message, content.input_variable_format, path));
        if is_shown && !fields.iter().any(|field| field.path == *path) {
            fields.push(MediaField { path: path.clone(), kind });
        }
    }
    fields
}

/// What a model must be able to read to be shown these.
pub(crate) fn capabilities_for(fields: &[MediaField]) -> Capabilities {
    Capabilities {
        sees_images: fields.iter().any(|field| field.kind == MediaKind::Image),
        reads_pdf: fields.iter().any(|field| field.kind == MediaKind::Pdf),
    }
}

/// The first field that a message shows whose role holds nothing but text, with that message's number from 1.
pub(super) fn misplaced<'f>(content: &PromptContent, fields: &'f [MediaField]) -> Option<(usize, &'f MediaField)> {
    content.messages.iter().enumerate().filter(|(_, message)| message.role != Role::User).find_map(|(at, message)| {
        let is_shown = |field: &&MediaField| shows(message, content.input_variable_format, &field.path);
        Some((at + 1, fields.iter().find(is_shown)?))
    })
}

/// Whether a message names a path, something around it, or something in it.
fn shows(message: &Message, format: VariableFormat, path: &str) -> bool {
    mentions(message.text(), format).into_iter().any(|named| is_on_the_way(named, path))
}

/// Whether two paths are the same, or one is around the other.
pub(super) fn is_on_the_way(one: &str, other: &str) -> bool {
    let leads_to = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    leads_to(one, other) || leads_to(other, one)
}

/// A piece of a message that was filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Media { source: String, kind: MediaKind },
}

/// A task's data with marks in place of its media.
pub(super) struct Marked {
    pub data: Map<String, Value>,
    /// What a mark begins with; nothing else in the data or the prompt begins so.
    start: String,
    media: Vec<(String, MediaKind)>,
    /// Lists of marks as they read in a text, each with its marks alone.
    lists: Vec<(String, String)>,
}

/// Letters of no language, which are written in JSON as they are.
const MARK_START: char = '\u{E000}';
const MARK_END: char = '\u{E001}';

impl Marked {
    /// The data of a task for `templates`; `None` where it has none of the fields.
    pub(super) fn of(
        data: &Map<String, Value>,
        fields: &[MediaField],
        templates: &[&str],
        format: VariableFormat,
    ) -> Option<Self> {
        if fields.is_empty() {
            return None;
        }
        let said = Value::Object(data.clone()).to_string();
        let is_free = |start: &String| !said.contains(start) && !templates.iter().any(|text| text.contains(start));
        let start = (0_u32..).map(|number| format!("{MARK_START}{number}:")).find(is_free)?;
        let mut marked = Self { data: data.clone(), start, media: Vec::new(), lists: Vec::new() };
        // Sections ask whether there is any, so what is empty stays so for them; elsewhere it is missed.
        let has_sections = templates.iter().any(|template| flat(template, format).is_err());
        for field in fields {
            marked.mark(field, has_sections);
        }
        (!marked.media.is_empty()).then_some(marked)
    }

    fn mark(&mut self, field: &MediaField, has_sections: bool) {
        let Some(value) = value_at_mut(&mut self.data, &field.path) else { return };
        let mut sources = named(Some(value));
        if has_sections && sources.iter().all(|source| source.is_empty()) {
            return;
        }
        if sources.is_empty() {
            sources.push(String::new());
        }
        let first = self.media.len();
        let marks: Vec<_> =
            (first..first + sources.len()).map(|index| format!("{}{index}{MARK_END}", self.start)).collect();
        self.media.extend(sources.into_iter().map(|source| (source, field.kind)));
        if value.is_array() {
            let list = Value::from(marks.clone());
            self.lists.push((list.to_string(), marks.concat()));
            *value = list;
        } else {
            *value = Value::from(marks.concat());
        }
    }

    /// Whether a text holds media.
    pub(super) fn is_in(&self, text: &str) -> bool {
        text.contains(&self.start)
    }

    /// A text that was filled with this data, cut at its marks. What is nothing but blanks between media goes: vendors
    /// refuse such texts.
    pub(super) fn cut(&self, mut text: String) -> Vec<Piece> {
        for (list, marks) in &self.lists {
            text = text.replace(list, marks);
        }
        let mut pieces = Vec::new();
        for (index, part) in text.split(self.start.as_str()).enumerate() {
            let mut rest = part;
            if index > 0
                && let Some((number, after)) = part.split_once(MARK_END)
                && let Some((source, kind)) = number.parse::<usize>().ok().and_then(|number| self.media.get(number))
            {
                pieces.push(Piece::Media { source: source.clone(), kind: *kind });
                rest = after;
            }
            if !rest.trim().is_empty() {
                pieces.push(Piece::Text(rest.to_owned()));
            }
        }
        pieces
    }
}

/// As [`touchstone_labeling::value_at`], to be changed.
fn value_at_mut<'d>(data: &'d mut Map<String, Value>, path: &str) -> Option<&'d mut Value> {
    if data.contains_key(path) {
        return data.get_mut(path);
    }
    let mut steps = path.split(['.', '[']).map(|step| step.trim_end_matches(']'));
    let mut value = data.get_mut(steps.next()?)?;
    for step in steps {
        value = match value {
            Value::Object(members) => members.get_mut(step)?,
            Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use touchstone_domain::template::render;

    const FIELD: &str = "doc.pages";

    /// What a template becomes, with media as `‹source›` and the pieces divided by `|`.
    #[track_caller]
    fn check(format: VariableFormat, template: &str, pages: Value, want: &str) {
        let data = json!({"doc": {"pages": pages, "title": "T"}, "title": "\u{E000}0:"});
        let data = data.as_object().expect("an object");
        let field = MediaField { path: FIELD.to_owned(), kind: MediaKind::Image };
        let shown = match Marked::of(data, &[field], &[template], format) {
            None => render(template, format, data).expect("it is filled"),
            Some(marked) => {
                let pieces = marked.cut(render(template, format, &marked.data).expect("it is filled"));
                let words = pieces.into_iter().map(|piece| match piece {
                    Piece::Text(text) => text,
                    Piece::Media { source, .. } => format!("‹{source}›"),
                });
                words.collect::<Vec<_>>().join("|")
            }
        };
        assert_eq!(shown, want, "{template}");
    }

    #[test]
    fn media_stand_where_their_address_would() {
        use VariableFormat::{FString, Mustache};
        check(FString, "{title} A {doc.pages} B\n{doc.pages}", json!("a.png"), "\u{E000}0: A |‹a.png›| B\n|‹a.png›");
        check(FString, "{doc.pages}", json!(["a", "b"]), "‹a›|‹b›");
        check(FString, "Two: {doc.pages[1]}", json!(["a", "b"]), "Two: |‹b›");
        check(FString, "{doc}", json!(["a", "b"]), r#"{"pages":|‹a›|‹b›|,"title":"T"}"#);
        check(Mustache, "{{#doc.pages}}Page {{.}};{{/doc.pages}}", json!(["a", "b"]), "Page |‹a›|;Page |‹b›|;");
        check(Mustache, "{{#doc}}{{title}}{{pages}}{{/doc}}", json!("a"), "T|‹a›");
    }

    #[test]
    fn what_is_missing_is_missed_unless_a_section_asks_for_it() {
        use VariableFormat::{FString, Mustache};
        for none in [json!(""), json!(null), json!([]), json!(7)] {
            check(FString, "A {doc.pages}", none.clone(), "A |‹›");
            check(Mustache, "A {{doc.pages}}", none, "A |‹›");
        }
        check(
            Mustache,
            "A{{#doc.pages}} {{doc.pages}}{{/doc.pages}}{{^doc.pages}}none{{/doc.pages}}",
            json!(""),
            "Anone",
        );
    }
}
