//! Mistakes in a labeling config that is being written, each with its place in the text and, where the answer is
//! clear, how to mend it.
//!
//! Errors are what Label Studio would not save; warnings what it would save but hardly anybody means; the rest tells
//! what a prompt cannot fill and what the table of tags does not know.

use crate::config::Config;
use crate::fillable::Capabilities;
use crate::gate::Fault;
use crate::levenshtein;
use crate::tags::{self, Known, TagKind};
use crate::xml::{self, ConfigError};
use roxmltree::{Document, Node};
use serde::Serialize;
use specta::Type;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// More are of no use to anybody who writes a config.
const PROBLEMS_MAX: usize = 500;

/// How alike what is written and what may be meant must be, from 0 to 1, and how long they may be.
const ALIKE_MIN: f64 = 0.6;
const ALIKE_CHARS_MAX: usize = 64;

/// Names that one looks through for what may be meant.
const CANDIDATES_MAX: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ProblemSeverity {
    Error,
    Warning,
    Info,
}

/// A mistake, or what is worth knowing. Places are byte offsets into the XML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub severity: ProblemSeverity,
    pub range: Range<usize>,
    /// A sentence.
    pub message: String,
    pub fix: Option<Fix>,
}

/// A change of the text that mends a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a button says it.
    pub label: String,
    pub range: Range<usize>,
    pub insert: String,
}

/// The problems of a config in the order of the text, at most 500. One that cannot be read has one problem.
pub fn problems(xml: &str) -> Vec<Problem> {
    let (document, config) = match (xml::document(xml), Config::parse(xml)) {
        (Ok(document), Ok(config)) => (document, config),
        (Err(error), _) | (_, Err(error)) => return vec![unreadable(xml, &error)],
    };
    let mut lint = Lint::new(xml, &document);
    lint.faults(config.placed_faults());
    for place in 0..lint.nodes.len() {
        lint.element(place);
    }
    lint.controls(&config);
    let mut problems = lint.problems;
    problems.sort_by_key(|problem| (problem.range.start, problem.severity));
    problems.truncate(PROBLEMS_MAX);
    problems
}

fn unreadable(xml: &str, error: &ConfigError) -> Problem {
    let from = xml::offset(xml, error.line, error.column);
    let to = from + xml[from..].chars().next().map_or(0, char::len_utf8);
    let mut words = error.message.chars();
    let first = words.next().map(char::to_uppercase).into_iter().flatten();
    let message = first.chain(words).chain(std::iter::once('.')).collect();
    Problem { severity: ProblemSeverity::Error, range: from..to, message, fix: None }
}

struct Lint<'a, 'd> {
    xml: &'a str,
    /// The elements in the order of the document, as the config counts them.
    nodes: Vec<Node<'d, 'd>>,
    /// The names that a target can be.
    names: Vec<&'d str>,
    /// Attributes that the server's look has already found at fault.
    found: HashSet<(usize, &'static str)>,
    problems: Vec<Problem>,
}

impl<'a, 'd> Lint<'a, 'd> {
    fn new(xml: &'a str, document: &'d Document<'d>) -> Self {
        let nodes: Vec<_> = document.descendants().filter(Node::is_element).collect();
        let objects = nodes.iter().filter(|node| node.attribute("toName").is_none());
        let names = objects.filter_map(|node| node.attribute("name")).take(CANDIDATES_MAX).collect();
        Lint { xml, nodes, names, found: HashSet::new(), problems: Vec::new() }
    }

    fn put(&mut self, severity: ProblemSeverity, range: Range<usize>, message: String, fix: Option<Fix>) {
        // Bounded while they are gathered too; what stands first in the text is found first.
        if self.problems.len() < 4 * PROBLEMS_MAX {
            self.problems.push(Problem { severity, range, message, fix });
        }
    }

    /// What the server objects to.
    fn faults(&mut self, faults: Vec<Fault>) {
        for Fault { element, attribute, message } in faults {
            let Some(place) = element else {
                self.put(ProblemSeverity::Error, 0..0, message, None);
                continue;
            };
            let node = self.nodes[place];
            if let Some(attribute) = attribute {
                self.found.insert((place, attribute));
            }
            let range = attribute.and_then(|name| value_range(node, name)).unwrap_or_else(|| self.tag_range(node));
            let fix = match attribute {
                Some("toName") => self.target_fix(node, &message),
                Some("value") if node.attribute("value").is_none() => self.value_fix(node),
                _ => None,
            };
            self.put(ProblemSeverity::Error, range, message, fix);
        }
    }

    /// Another target for the one that names nothing.
    fn target_fix(&self, node: Node<'_, '_>, message: &str) -> Option<Fix> {
        let range = value_range(node, "toName")?;
        let targets = node.attribute("toName")?;
        let wrong = targets.split(',').find(|target| message.contains(&format!("“{target}”")))?;
        let right = match self.names.as_slice() {
            [only] => Some(*only),
            names => alike(wrong, names.iter().copied()),
        }?;
        let targets: Vec<_> = targets.split(',').map(|target| if target == wrong { right } else { target }).collect();
        Some(Fix { label: format!("Use “{right}”"), range, insert: escaped(&targets.join(",")) })
    }

    /// The field that an object without one may show.
    fn value_fix(&self, node: Node<'_, '_>) -> Option<Fix> {
        let name = node.attribute("name").filter(|name| is_field(name))?;
        Known::find(node.tag_name().name()).filter(|known| known.kind() == TagKind::Object)?;
        let at = self.tag_range(node).end;
        let insert = format!(" value=\"${name}\"");
        Some(Fix { label: format!("Show the field “{name}”"), range: at..at, insert })
    }

    /// What the table of tags says about an element.
    fn element(&mut self, place: usize) {
        let node = self.nodes[place];
        let tag = node.tag_name().name();
        let Some(known) = Known::find(tag) else {
            if !is_markup(tag) {
                self.unknown_tag(node, tag);
            }
            return;
        };
        for attribute in node.attributes().filter(|attribute| attribute.namespace().is_none()) {
            let name = attribute.name();
            let Some(found) = known.attributes().find(|known| known.name.eq_ignore_ascii_case(name)) else {
                if !is_general(name) {
                    let meant = alike(name, known.attributes().map(|known| known.name));
                    let fix = meant.map(|meant| Fix {
                        label: format!("Use {meant}"),
                        range: attribute.range_qname(),
                        insert: meant.to_owned(),
                    });
                    let message = format!("{} is not known to have the attribute {name}.", known.name());
                    self.put(ProblemSeverity::Info, attribute.range_qname(), message, fix);
                }
                continue;
            };
            if !found.values.is_empty() && !found.values.contains(&attribute.value()) {
                let message = format!("{name} is one of {}.", found.values.join(", "));
                let fix = alike(attribute.value(), found.values.iter().copied()).map(|meant| Fix {
                    label: format!("Use {meant}"),
                    range: attribute.range_value(),
                    insert: meant.to_owned(),
                });
                self.put(ProblemSeverity::Warning, attribute.range_value(), message, fix);
            }
        }
        for required in known.attributes().filter(|attribute| attribute.required) {
            let aliased = required.name == "value" && known.kind() == TagKind::Label && filled(node, "alias").is_some();
            let missing = node.attribute(required.name).is_none_or(|value| {
                // A label may be the empty text.
                value.is_empty() && known.kind() != TagKind::Label
            });
            if missing && !aliased && !self.found.contains(&(place, required.name)) {
                let fix = if required.name == "value" { self.value_fix(node) } else { None };
                let message = format!("{} has no {}. {}", known.name(), required.name, required.summary);
                self.put(ProblemSeverity::Warning, self.tag_range(node), message, fix);
            }
        }
        if known.kind() == TagKind::Object {
            self.literal(node, known);
        }
    }

    fn unknown_tag(&mut self, node: Node<'_, '_>, tag: &str) {
        let range = self.tag_range(node);
        let meant = alike(tag, tags::tag_names());
        let message = match meant {
            Some(meant) => format!("{tag} is no tag of Label Studio. Is {meant} meant?"),
            None => format!("{tag} is no tag of Label Studio; it is shown as it is, or not at all."),
        };
        let fix = meant.map(|meant| {
            let element = node.range();
            let text = &self.xml[element.clone()];
            let end = format!("</{tag}");
            let Some(close) = text.rfind(&end).filter(|_| !text.ends_with("/>") || node.has_children()) else {
                return Fix { label: format!("Use {meant}"), range: range.clone(), insert: meant.to_owned() };
            };
            // Both ends at once: the text between stays as it is.
            let close = element.start + close;
            let insert = format!("{meant}{}</{meant}", &self.xml[range.end..close]);
            let range = range.start..close + end.len();
            Fix { label: format!("Use {meant}"), range, insert }
        });
        self.put(ProblemSeverity::Warning, range, message, fix);
    }

    /// An object that shows the same words for every task.
    fn literal(&mut self, node: Node<'_, '_>, known: Known) {
        let (Some(value), Some(range)) = (filled(node, "value"), value_range(node, "value")) else { return };
        if value.contains('$') {
            return;
        }
        let message = format!("{} shows “{value}” for every task: a field of the data begins with $.", known.name());
        let fix = is_field(value).then(|| Fix {
            label: format!("Show the field “{value}”"),
            range: range.start..range.start,
            insert: "$".to_owned(),
        });
        self.put(ProblemSeverity::Warning, range, message, fix);
    }

    /// What is wrong with controls as a whole: their classes, and what keeps prompts from filling them.
    fn controls(&mut self, config: &Config) {
        let places: HashMap<&str, usize> =
            config.controls().iter().filter_map(|control| Some((control.name.as_str(), control.element?))).collect();
        let skipped = config.fillable(Capabilities::ALL).skipped;
        let mut without_classes = HashSet::new();
        for control in config.controls() {
            let Some(place) = control.element else { continue };
            let node = self.nodes[place];
            let class_tag = Known::find(&control.tag).and_then(Known::class_tag);
            if let Some(class_tag) = class_tag.filter(|_| control.labels.is_empty() && !control.dynamic) {
                without_classes.insert(control.name.as_str());
                // Label Studio itself objects to these two only where it looks.
                let range = self.tag_range(node);
                if !self
                    .problems
                    .iter()
                    .any(|problem| problem.range == range && problem.severity == ProblemSeverity::Error)
                {
                    let message = format!("{} “{}” has no {class_tag} in it.", control.tag, control.name);
                    self.put(ProblemSeverity::Warning, range, message, None);
                }
            }
        }
        self.repeated_classes(config);
        for skipped in skipped {
            if without_classes.contains(skipped.name.as_str()) {
                continue;
            }
            let Some(&place) = places.get(skipped.name.as_str()) else { continue };
            // The reason would be the error told again.
            if self.found.contains(&(place, "toName")) {
                continue;
            }
            let message = format!("Prompts do not fill {} “{}”: {}.", skipped.tag, skipped.name, skipped.reason);
            let range = self.tag_range(self.nodes[place]);
            self.put(ProblemSeverity::Info, range, message, None);
        }
    }

    /// Classes of one control that answers cannot tell apart.
    fn repeated_classes(&mut self, config: &Config) {
        let mut seen: HashSet<(usize, &str)> = HashSet::new();
        let controls: HashMap<usize, &str> =
            config.controls().iter().filter_map(|control| Some((control.element?, control.tag.as_str()))).collect();
        let places: HashMap<_, _> = self.nodes.iter().enumerate().map(|(place, node)| (node.id(), place)).collect();
        for index in 0..self.nodes.len() {
            let node = self.nodes[index];
            if !matches!(node.tag_name().name(), "Label" | "Choice" | "Relation") {
                continue;
            }
            let Some(key) = filled(node, "alias").or_else(|| node.attribute("value")) else { continue };
            let around = node.ancestors().skip(1).filter_map(|around| places.get(&around.id()));
            let Some(&control) = around.into_iter().find(|place| controls.contains_key(place)) else { continue };
            if seen.insert((control, key)) {
                continue;
            }
            let taxonomy = controls.get(&control).is_some_and(|tag| tag.eq_ignore_ascii_case("Taxonomy"));
            let message = if taxonomy {
                format!("“{key}” occurs twice in the tree: a model is offered it once.")
            } else {
                format!("“{key}” is there twice: answers cannot tell the two apart.")
            };
            let severity = if taxonomy { ProblemSeverity::Info } else { ProblemSeverity::Warning };
            let range = value_range(node, "alias").filter(|_| filled(node, "alias").is_some());
            let range = range.or_else(|| value_range(node, "value")).unwrap_or_else(|| self.tag_range(node));
            self.put(severity, range, message, None);
        }
    }

    /// Where the name of an element stands in its opening tag.
    fn tag_range(&self, node: Node<'_, '_>) -> Range<usize> {
        let from = node.range().start + 1;
        let name = self.xml[from..].find(|letter: char| letter.is_whitespace() || matches!(letter, '/' | '>'));
        from..from + name.unwrap_or(0)
    }
}

fn value_range(node: Node<'_, '_>, name: &str) -> Option<Range<usize>> {
    node.attribute_node(name).map(|attribute| attribute.range_value())
}

fn filled<'d>(node: Node<'d, 'd>, name: &str) -> Option<&'d str> {
    node.attribute(name).filter(|value| !value.is_empty())
}

/// Attributes that any tag may have.
fn is_general(name: &str) -> bool {
    name.starts_with("data-") || matches!(name, "id" | "class" | "className" | "style" | "idAttr" | "xmlns")
}

/// Tags that Label Studio passes on to the page.
fn is_markup(tag: &str) -> bool {
    matches!(
        tag,
        "a" | "b"
            | "br"
            | "button"
            | "code"
            | "details"
            | "div"
            | "em"
            | "footer"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "i"
            | "iframe"
            | "img"
            | "li"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "summary"
            | "sup"
            | "table"
            | "tbody"
            | "td"
            | "th"
            | "thead"
            | "tr"
            | "u"
            | "ul"
    )
}

fn is_field(text: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && text.chars().all(is_part)
}

/// What may be meant, if something is enough like what is written.
fn alike<'c>(written: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    if written.len() > ALIKE_CHARS_MAX {
        return None;
    }
    let written = written.to_lowercase();
    candidates
        .filter(|candidate| candidate.len() <= ALIKE_CHARS_MAX)
        .map(|candidate| (levenshtein::similarity(&written, &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= ALIKE_MIN)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// A text as it stands in an attribute of either quotes.
pub fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&apos;"),
            '\n' => written.push_str("&#10;"),
            '\r' => written.push_str("&#13;"),
            '\t' => written.push_str("&#9;"),
            other => written.push(other),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each problem as its severity, the text it is about, and the message.
    fn found(xml: &str) -> Vec<String> {
        let say =
            |problem: Problem| format!("{:?} [{}] {}", problem.severity, &xml[problem.range.clone()], problem.message);
        problems(xml).into_iter().map(say).collect()
    }

    /// The config after all fixes of one look.
    fn mended(xml: &str) -> String {
        let mut fixes: Vec<_> = problems(xml).into_iter().filter_map(|problem| problem.fix).collect();
        fixes.sort_by_key(|fix| std::cmp::Reverse(fix.range.start));
        let mut text = xml.to_owned();
        fixes.into_iter().for_each(|fix| text.replace_range(fix.range, &fix.insert));
        text
    }

    #[test]
    fn a_usual_config_has_no_problems() {
        let xml = r#"<View><Header value="Read"/><Text name="t" value="$t"/>
            <Choices name="c" toName="t" choice="single"><Choice value="A"/><Choice value="B" alias="b"/></Choices></View>"#;
        assert_eq!(found(xml), Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_read_is_told_at_its_place() {
        assert_eq!(found("<View>\n  <Text></View>"), ["Error [<] </View> where </Text> was expected."]);
        assert_eq!(
            found("<!DOCTYPE View><View/>"),
            ["Error [<] It has a DOCTYPE, which a labeling config must not have."]
        );
        assert_eq!(found(""), ["Error [] It is empty."]);
    }

    #[test]
    fn each_problem_stands_where_it_is_made() {
        let cases = [
            (
                r#"<View><Text name="doc" value="$t"/><Rating name="r" toName="dok"/></View>"#,
                "Error [dok] toName is “dok”, but nothing has this name.",
            ),
            (
                r#"<View><Text name="t" value="$t"/><Rating name="t" toName="t"/></View>"#,
                "Error [t] The name “t” is given twice.",
            ),
            (
                r#"<View><Text name="t" value="t"/></View>"#,
                "Warning [t] Text shows “t” for every task: a field of the data begins with $.",
            ),
            (r#"<View><Text name="t"/></View>"#, "Error [Text] Text “t” has no value."),
            (
                r#"<View><Txt name="t" value="$t"/></View>"#,
                "Warning [Txt] Txt is no tag of Label Studio. Is Text meant?",
            ),
            (
                r#"<View><Text name="t" value="$t" granularty="word"/></View>"#,
                "Info [granularty] Text is not known to have the attribute granularty.",
            ),
            (
                r#"<View><Text name="t" value="$t"/><Taxonomy name="x" toName="t"/></View>"#,
                "Warning [Taxonomy] Taxonomy “x” has no Choice in it.",
            ),
            (
                r#"<View><Text name="t" value="$t"/><Choices name="x" toName="t"/></View>"#,
                "Error [Choices] Choices “x” has no Choice.",
            ),
            (
                r#"<View><Text name="t" value="$t"/><Choices name="5" toName="t"><Choice value="A"/></Choices></View>"#,
                "Error [5] Choices “5” has the name “5”, which is not read as a text.",
            ),
            (
                r#"<View><Text name="t" value="$t"/><Labels name="x" toName="t"><Label value="A"/><Label value="A"/></Labels></View>"#,
                "Warning [A] “A” is there twice: answers cannot tell the two apart.",
            ),
            (
                r#"<View><Image name="i" value="$i"/><Brush name="b" toName="i"/></View>"#,
                "Info [Brush] Prompts do not fill Brush “b”: a prompt cannot fill Brush.",
            ),
            (
                r#"<View><Audio name="a" value="$a"/><Header/></View>"#,
                "Warning [Header] Header has no value. The words, or a field of the data.",
            ),
            (
                r#"<View><Text name="t" value="$t" valueType="urll"/></View>"#,
                "Warning [urll] valueType is one of text, url.",
            ),
        ];
        for (xml, problem) in cases {
            assert_eq!(found(xml), [problem], "{xml}");
        }
    }

    #[test]
    fn fixes_leave_a_config_without_problems() {
        let xml = r#"<View><Txt name="doc" value="body"></Txt><Header valeu="Hi" value="Hi"/>
            <Choices name='c' toName='dok' choice="singel"><Choice value="A"/></Choices></View>"#;
        let once = mended(&xml.replace(r#" valeu="Hi""#, ""));
        assert_eq!(found(&mended(&once)), Vec::<String>::new(), "{once}");
    }

    #[test]
    fn any_text_has_problems_within_it() {
        for xml in ["<", "<é", "<View>é</Vie", "\u{feff}<View/>", "<View é='1'/>", "<x:View/>", "<View><é/></View>"]
        {
            for problem in problems(xml) {
                assert!(xml.get(problem.range.clone()).is_some(), "{xml}: {problem:?}");
            }
        }
    }
}
