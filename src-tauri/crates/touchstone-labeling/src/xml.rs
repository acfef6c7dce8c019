//! From XML text to a flat tree of elements.
//!
//! Nothing external is ever read, no entity is ever declared (a DOCTYPE is refused whatever is in it), and what an
//! attacker could make grow without bound is capped before the parser sees it.

use crate::attributes::{AttributeStore, Attributes};
use memchr::{memchr, memchr_iter, memchr3, memmem};
use roxmltree::{Document, Error, Node, NodeId, ParsingOptions};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Nesting from which the XML library behind Label Studio gives up too.
const DEPTH_MAX: usize = 255;

/// A hand-written config has some kilobytes, one with a big taxonomy some hundred.
pub(crate) const CONFIG_BYTES_MAX: usize = 16 << 20;

/// The parser copies namespaces in scope and compares attribute names pairwise, so both are capped. Real configs have
/// none of the former and a dozen of the latter.
const NAMESPACES_MAX: usize = 64;
const ATTRIBUTES_MAX: usize = 1000;

/// Why a text is no labeling config: what is wrong, and where in the text (the first line and column are 1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {line}, column {column})")]
pub struct ConfigError {
    pub message: String,
    pub line: u32,
    pub column: u32,
}

/// An element of the config.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    /// The tag as written, or `{uri}local` in a namespace.
    pub(crate) tag: Arc<str>,
    pub(crate) attributes: Attributes,
    /// Index of the parent element; `None` for the root.
    pub(crate) parent: Option<usize>,
    pub(crate) depth: u32,
    /// The text before the first child element.
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)
    }

    /// The attribute, if it is there and not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.attributes.filled(name)
    }
}

/// All elements in document order, the root first, and all other text that the server's name check would see.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) elements: Vec<Element>,
    /// Text nodes that hold `name="`.
    pub(crate) naming_texts: Vec<String>,
}

impl Tree {
    pub(crate) fn parse(xml: &str) -> Result<Tree, ConfigError> {
        let document = document(xml)?;
        let mut tree = Tree::default();
        let mut attributes = AttributeStore::with_capacity(xml.len());
        let nothing = Attributes::default();
        // More than there are, since end tags count too; what is not used is not touched either.
        tree.elements.reserve(memchr_iter(b'<', xml.as_bytes()).count());
        // The elements around the node at hand, outermost first.
        let mut around: Vec<(NodeId, usize)> = Vec::new();
        let mut last_tag: Arc<str> = Arc::default();
        for node in document.root_element().descendants() {
            let parent = node.parent().map(|parent| parent.id());
            while around.last().is_some_and(|(id, _)| Some(*id) != parent) {
                around.pop();
            }
            let (depth, parent) = (around.len(), around.last().map(|(_, index)| *index));
            if node.is_element() {
                let from = attributes.count();
                node.attributes().for_each(|each| attributes.push(each.namespace(), each.name(), each.value()));
                around.push((node.id(), tree.elements.len()));
                // Elements of one tag come in rows, which share its name.
                let tag = tag(node);
                if *last_tag != *tag {
                    last_tag = Arc::from(&*tag);
                }
                tree.elements.push(Element {
                    tag: Arc::clone(&last_tag),
                    attributes: Attributes::promised(&nothing, from..attributes.count()),
                    parent,
                    depth: u32::try_from(depth).unwrap_or(u32::MAX),
                    text: String::new(),
                });
            } else if let (Some(text), Some(parent)) = (node.text().filter(|_| node.is_text()), parent) {
                if text.contains("ame=\"") {
                    tree.naming_texts.push(text.to_owned());
                }
                // Only what stands before the first child.
                if parent + 1 == tree.elements.len() {
                    tree.elements[parent].text.push_str(text);
                }
            }
        }
        let attributes = Arc::new(attributes);
        tree.elements.iter_mut().for_each(|element| element.attributes.keep(&attributes));
        Ok(tree)
    }

    pub(crate) fn children(&self, parent: usize) -> impl Iterator<Item = usize> + '_ {
        let depth = self.elements[parent].depth;
        (parent + 1..self.elements.len())
            .take_while(move |&index| self.elements[index].depth > depth)
            .filter(move |&index| self.elements[index].parent == Some(parent))
    }
}

/// The XML with the places of everything in it, under the same limits.
pub(crate) fn document(xml: &str) -> Result<Document<'_>, ConfigError> {
    check_text(xml)?;
    let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
    let document = Document::parse_with_options(xml, options).map_err(|error| refusal(&error, xml))?;
    // A prefix that is declared to stand for nothing; the parser lets it pass.
    if memmem::find(xml.as_bytes(), b"xmlns:").is_some()
        && let Some(node) = document
            .descendants()
            .find(|node| node.namespaces().any(|namespace| namespace.name().is_some() && namespace.uri().is_empty()))
    {
        let (line, column) = position(xml, node.range().start);
        let message = "a namespace prefix is declared without a namespace".to_owned();
        return Err(ConfigError { message, line, column });
    }
    Ok(document)
}

/// The byte offset of a line and column, both from 1; columns count characters.
pub(crate) fn offset(text: &str, line: u32, column: u32) -> usize {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1) as usize).map(str::len).sum::<usize>();
    let line = &text[before..];
    before + line.char_indices().nth(column.saturating_sub(1) as usize).map_or(line.len(), |(at, _)| at)
}

/// The tag as written, or `{uri}local` in a namespace.
fn tag<'a>(node: Node<'a, '_>) -> Cow<'a, str> {
    match (node.tag_name().namespace(), node.tag_name().name()) {
        (Some(uri), local) if !uri.is_empty() => format!("{{{uri}}}{local}").into(),
        (_, local) => local.into(),
    }
}

/// Looks over the tags of `xml`, which may be malformed, for what the parser must not be given, and for what it would let
/// pass though it is not well-formed.
fn check_text(xml: &str) -> Result<(), ConfigError> {
    let refuse = |at: usize, message: String| {
        let (line, column) = position(xml, at);
        Err(ConfigError { message, line, column })
    };
    if xml.len() > CONFIG_BYTES_MAX {
        return refuse(0, format!("it is larger than {} MB", CONFIG_BYTES_MAX >> 20));
    }
    if let Some(at) = memmem::find_iter(xml.as_bytes(), "xmlns").nth(NAMESPACES_MAX) {
        return refuse(at, format!("more than {NAMESPACES_MAX} namespace declarations"));
    }
    let bytes = xml.as_bytes();
    if let Some(message) = declaration_fault(xml) {
        return refuse(0, message);
    }
    let mut depth = 0usize;
    // Where references count begins: not in comments, CDATA and instructions.
    let mut counts = 0;
    let mut at = 0;
    while let Some(offset) = memchr(b'<', &bytes[at..]) {
        let start = at + offset;
        let rest = &xml[start..];
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
        if let Some((_, end)) = skipped.iter().find(|(begin, _)| rest.starts_with(begin)) {
            if let Some(at) = no_character(xml, counts..start) {
                return refuse(at, "it refers to a character that XML does not have".to_owned());
            }
            at = rest.find(end).map_or(xml.len(), |found| start + found + end.len());
            counts = at;
        } else {
            let (end, attributes) = tag_end(bytes, start);
            if attributes > ATTRIBUTES_MAX {
                return refuse(start, format!("an element with more than {ATTRIBUTES_MAX} attributes"));
            }
            if rest.starts_with("</") {
                depth = depth.saturating_sub(1);
            } else if !rest.starts_with("<!") && bytes.get(end.wrapping_sub(2)) != Some(&b'/') {
                depth += 1;
                if depth > DEPTH_MAX {
                    return refuse(start, format!("elements nested more than {DEPTH_MAX} deep"));
                }
            }
            at = end;
        }
    }
    match no_character(xml, counts..xml.len()) {
        Some(at) => refuse(at, "it refers to a character that XML does not have".to_owned()),
        None => Ok(()),
    }
}

/// Where a reference such as `&#0;` names what is no character of XML; what is no such reference is left to the parser.
fn no_character(xml: &str, within: Range<usize>) -> Option<usize> {
    let text = &xml[within.clone()];
    memmem::find_iter(text.as_bytes(), "&#").find_map(|at| {
        let reference = &text[at + 2..];
        let reference = &reference[..reference.find(';')?];
        let code = match reference.strip_prefix('x') {
            Some(digits) if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => u32::from_str_radix(digits, 16),
            None if reference.bytes().all(|digit| digit.is_ascii_digit()) => reference.parse(),
            _ => return None,
        };
        // Too large a number is no character either.
        let known = code.ok().and_then(char::from_u32);
        let fits = known.is_some_and(
            |letter| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..),
        );
        (!fits).then_some(within.start + at)
    })
}

/// What is wrong with the XML declaration that the parser does not look at.
fn declaration_fault(xml: &str) -> Option<String> {
    let declaration = xml.strip_prefix("<?xml")?.split_once("?>")?.0;
    let (_, standalone) = declaration.split_once("standalone")?;
    let value = standalone.trim_start().strip_prefix('=')?.trim();
    let is_known = ["yes", "no"].iter().any(|known| value == format!("\"{known}\"") || value == format!("'{known}'"));
    (!is_known).then(|| "its declaration says neither standalone=\"yes\" nor \"no\"".to_owned())
}

/// Where the tag that opens at `start` ends (just behind its `>`), and how many attributes it has.
fn tag_end(bytes: &[u8], start: usize) -> (usize, usize) {
    let mut attributes = 0;
    let mut at = start;
    while let Some(offset) = memchr3(b'"', b'\'', b'>', &bytes[at..]) {
        let found = at + offset;
        if bytes[found] == b'>' {
            return (found + 1, attributes);
        }
        // What is quoted is an attribute's value.
        attributes += 1;
        let Some(length) = memchr(bytes[found], &bytes[found + 1..]) else { break };
        at = found + 1 + length + 1;
    }
    (bytes.len(), attributes)
}

/// Line and column, from 1, of a byte offset; columns count characters.
fn position(text: &str, at: usize) -> (u32, u32) {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// The parser's error in our words: it repeats its position in the text of each message.
fn refusal(error: &Error, xml: &str) -> ConfigError {
    let at = error.pos();
    let (mut line, mut column) = (at.row, at.col);
    let message = match error {
        Error::DtdDetected => {
            (line, column) = position(xml, xml.find("<!DOCTYPE").unwrap_or(0));
            "it has a DOCTYPE, which a labeling config must not have".to_owned()
        }
        Error::NoRootNode if xml.trim().is_empty() => "it is empty".to_owned(),
        Error::NoRootNode => "it is not XML: it has no element".to_owned(),
        Error::UnclosedRootNode => "an element is not closed before the end".to_owned(),
        Error::UnexpectedCloseTag(expected, found, _) => format!("</{found}> where </{expected}> was expected"),
        Error::DuplicatedAttribute(name, _) => format!("the attribute {name} is given twice"),
        Error::UnknownNamespace(prefix, _) => format!("the namespace prefix {prefix} is not declared"),
        Error::UnknownEntityReference(name, _) => format!("the entity &{name}; is not defined"),
        Error::UnexpectedEndOfStream => {
            (line, column) = position(xml, xml.len());
            "it ends in the middle".to_owned()
        }
        other => {
            let words = other.to_string();
            words.rsplit_once(" at ").map_or(words.as_str(), |(words, _)| words).to_owned()
        }
    };
    ConfigError { message, line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(xml: &str) -> String {
        match Tree::parse(xml) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_doctype_is_refused_whatever_is_in_it() {
        assert_eq!(
            refused("<!-- x -->\n<!DOCTYPE View><View/>"),
            "it has a DOCTYPE, which a labeling config must not have (line 2, column 1)"
        );
    }

    #[test]
    fn an_error_says_what_and_where() {
        assert_eq!(refused("<View>\n  <Text></View>"), "</View> where </Text> was expected (line 2, column 9)");
        assert_eq!(refused(" \n"), "it is empty (line 1, column 1)");
        assert_eq!(refused("hello").split(" (").next(), Some("unknown token"));
    }

    #[test]
    fn what_could_grow_without_bound_is_capped() {
        let nested = |depth: usize| "<View>".repeat(depth) + &"</View>".repeat(depth);
        assert_eq!(refused(&nested(255)), "");
        assert!(refused(&nested(256)).starts_with("elements nested more than 255 deep"));
        assert!(refused(&"<View>".repeat(1_000_000)).starts_with("elements nested"), "unclosed ones are counted too");
        let wide: String = (0..2000).map(|index| format!(" a{index}=''")).collect();
        assert!(refused(&format!("<View{wide}/>")).starts_with("an element with more than 1000 attributes"));
        let many: String = (0..100).map(|index| format!(" xmlns:a{index}='u'")).collect();
        assert!(refused(&format!("<View{many}/>")).starts_with("more than 64 namespace declarations"));
    }

    #[test]
    fn a_huge_attribute_is_refused_unread() {
        let refusal = refused(&format!("<View name=\"{}\"/>", "a".repeat(100 << 20)));
        assert_eq!(refusal, "it is larger than 16 MB (line 1, column 1)");
    }

    #[test]
    fn an_entity_bomb_ends_at_its_doctype() {
        let mut bomb = String::from("<!DOCTYPE View [<!ENTITY a0 \"lol\">");
        for level in 1..30 {
            bomb.push_str(&format!("<!ENTITY a{level} \"{}\">", format!("&a{};", level - 1).repeat(10)));
        }
        bomb.push_str("]><View><Header value=\"&a29;\"/></View>");
        assert!(refused(&bomb).starts_with("it has a DOCTYPE"));
        assert!(refused("<View>&a29;</View>").starts_with("the entity &a29; is not defined"));
    }

    #[test]
    fn what_is_not_well_formed_is_refused_where_it_stands() {
        for letter in ["&#xD800;", "&#x110000;", "&#0;", "&#xFFFE;", "&#99999999999;"] {
            let refusal = "it refers to a character that XML does not have (line 1, column 10)";
            assert_eq!(refused(&format!("<View a=\"{letter}\"/>")), refusal, "{letter}");
        }
        assert_eq!(refused("<View a=\"&#9;&#x10FFFF;\"><!-- &#0; --><![CDATA[&#0;]]></View>"), "");
        assert!(refused("<View>\n <b xmlns:a=\"\"/></View>").ends_with("without a namespace (line 2, column 2)"));
        assert!(refused("<?xml version=\"1.0\" standalone=\"maybe\"?><View/>").starts_with("its declaration"));
        assert_eq!(refused("<?xml version='1.0' standalone = 'no' ?><View/>"), "");
    }

    #[test]
    fn comments_are_no_elements_and_do_not_end_a_text() -> Result<(), ConfigError> {
        let tree = Tree::parse("<?xml version=\"1.0\" encoding=\"UTF-8\"?><View>a<!-- <B> -->b<C/>c</View>")?;
        assert_eq!(tree.elements.len(), 2);
        assert_eq!(tree.elements[0].text, "ab");
        Ok(())
    }
}
