//! Changes of the classes of a control that leave all other text of the config as it is: formatting, comments, the
//! order of attributes and their quotes.

use crate::config::Config;
use crate::lint::escaped;
use crate::tags::Known;
use crate::xml::{self, ConfigError};
use roxmltree::{Document, Node};
use serde::Deserialize;
use specta::Type;
use std::ops::Range;

/// A change of the classes of the control named `control`. A class is named by its value, or by its alias where no
/// class has the value; of equal ones the first in the config is meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ConfigEdit {
    /// Adds a class behind the last one.
    AddClass { control: String, value: String, background: Option<String> },
    /// Gives a class another value. Its alias stays.
    RenameClass { control: String, from: String, to: String },
    /// Gives a class another colour; an empty one takes its colour away.
    RecolourClass { control: String, class: String, background: String },
    /// Removes a class, and what is nested in it.
    RemoveClass { control: String, class: String },
    /// Moves a class to a place, from 0, among those beside it; places beyond the last are the last.
    MoveClass { control: String, class: String, to: u32 },
}

/// Why a config cannot be changed so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error("the labeling config cannot be read: {0}")]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Refused(String),
}

/// The config after a change of its classes.
pub fn edit(xml: &str, edit: &ConfigEdit) -> Result<String, EditError> {
    let document = xml::document(xml)?;
    let config = Config::parse(xml)?;
    let (ConfigEdit::AddClass { control, .. }
    | ConfigEdit::RenameClass { control, .. }
    | ConfigEdit::RecolourClass { control, .. }
    | ConfigEdit::RemoveClass { control, .. }
    | ConfigEdit::MoveClass { control, .. }) = edit;
    let classes = Classes::of(xml, &document, &config, control)?;
    let mut text = xml.to_owned();
    match edit {
        ConfigEdit::AddClass { value, background, .. } => {
            classes.free(value)?;
            let (at, insert) = classes.added(value, background.as_deref().filter(|colour| !colour.is_empty()));
            text.replace_range(at, &insert);
        }
        ConfigEdit::RenameClass { from, to, .. } => {
            let class = classes.find(from)?;
            if from != to {
                classes.free(to)?;
            }
            let (at, insert) = set(xml, class, "value", to);
            text.replace_range(at, &insert);
        }
        ConfigEdit::RecolourClass { class, background, .. } => {
            let class = classes.find(class)?;
            if background.is_empty() {
                if let Some(attribute) = class.attribute_node("background") {
                    let range = attribute.range();
                    let before = xml[..range.start].trim_end().len();
                    text.replace_range(before..range.end, "");
                }
            } else {
                let (at, insert) = set(xml, class, "background", background);
                text.replace_range(at, &insert);
            }
        }
        ConfigEdit::RemoveClass { class, .. } => {
            text.replace_range(whole_line(xml, classes.find(class)?.range()), "");
        }
        ConfigEdit::MoveClass { class, to, .. } => text = classes.moved(classes.find(class)?, *to),
    }
    Ok(text)
}

/// The classes of one control.
struct Classes<'a, 'd> {
    xml: &'a str,
    name: &'a str,
    control: Node<'d, 'd>,
    /// `Label` or `Choice`.
    tag: &'static str,
    /// In the config's order, nested ones too.
    nodes: Vec<Node<'d, 'd>>,
}

impl<'a, 'd> Classes<'a, 'd> {
    fn of(xml: &'a str, document: &'d Document<'d>, config: &Config, name: &'a str) -> Result<Self, EditError> {
        let found = config.control(name).and_then(|control| Some((control, control.element?)));
        let Some((parsed, element)) = found else {
            return Err(EditError::Refused(format!("the labeling config has no control “{name}”")));
        };
        let control = document.descendants().filter(Node::is_element).nth(element);
        let control = control.ok_or_else(|| EditError::Refused(format!("“{name}” was not found in the text")))?;
        let Some(tag) = Known::find(&parsed.tag).and_then(Known::class_tag) else {
            return Err(EditError::Refused(format!("{} “{name}” has no classes", parsed.tag)));
        };
        let is_class = |node: &Node<'_, '_>| node.is_element() && matches!(node.tag_name().name(), "Label" | "Choice");
        // What stands in a control of its own belongs to that.
        let is_own = |node: &Node<'d, 'd>| {
            let mut around = node.ancestors().skip(1);
            let nearest =
                around.find(|around| around.attribute("name").is_some_and(|name| config.control(name).is_some()));
            nearest == Some(control)
        };
        let nodes = control.descendants().skip(1).filter(is_class).filter(is_own).collect();
        Ok(Classes { xml, name, control, tag, nodes })
    }

    fn find(&self, class: &str) -> Result<Node<'d, 'd>, EditError> {
        let with = |name: &str| self.nodes.iter().find(|node| node.attribute(name) == Some(class)).copied();
        with("value")
            .or_else(|| with("alias"))
            .ok_or_else(|| EditError::Refused(format!("“{}” has no class “{class}”", self.name)))
    }

    /// Refuses a value that a class has already, or that stands for nothing.
    fn free(&self, value: &str) -> Result<(), EditError> {
        if value.trim().is_empty() {
            return Err(EditError::Refused("a class needs a name".to_owned()));
        }
        if let Some(letter) = value.chars().find(|&letter| !is_xml(letter)) {
            return Err(EditError::Refused(format!("a class cannot be called so: XML has no place for {letter:?}")));
        }
        match self.find(value) {
            Ok(_) => Err(EditError::Refused(format!("“{}” already has a class “{value}”", self.name))),
            Err(_) => Ok(()),
        }
    }

    /// Where a further class is written, and how.
    fn added(&self, value: &str, background: Option<&str>) -> (Range<usize>, String) {
        let background = background.map(|colour| format!(" background=\"{}\"", escaped(colour))).unwrap_or_default();
        let class = format!("<{} value=\"{}\"{background}/>", self.tag, escaped(value));
        let mut outer =
            self.nodes.iter().filter(|node| node.parent().is_none_or(|parent| !self.nodes.contains(&parent)));
        if let Some(last) = outer.next_back() {
            // On a line of its own where the last one is.
            let range = last.range();
            let before = &self.xml[..range.start];
            let indent = &before[before.trim_end_matches([' ', '\t']).len()..];
            let own_line = before.trim_end_matches([' ', '\t']).ends_with('\n');
            let lead = if own_line { format!("{}{indent}", line_end(self.xml)) } else { String::new() };
            return (range.end..range.end, format!("{lead}{class}"));
        }
        let range = self.control.range();
        let text = &self.xml[range.clone()];
        let before = &self.xml[..range.start];
        let indent = &before[before.trim_end_matches([' ', '\t']).len()..];
        let end = line_end(self.xml);
        if !self.control.has_children() && text.ends_with("/>") {
            // As it is written, with a namespace prefix if it has one.
            let name_end = text.find(|letter: char| letter.is_whitespace() || letter == '/').unwrap_or(text.len());
            let tag = &text[1..name_end];
            let open = text.trim_end_matches("/>").trim_end().len();
            let insert = format!(">{end}{indent}  {class}{end}{indent}</{tag}>");
            return (range.start + open..range.end, insert);
        }
        let close = range.start + text.rfind("</").unwrap_or(text.len());
        let blank = self.xml[..close].trim_end_matches([' ', '\t']).len();
        if self.xml[..blank].ends_with('\n') {
            (blank..blank, format!("{indent}  {class}{end}"))
        } else {
            (close..close, class)
        }
    }

    /// The text with a class at another place among those beside it; what stands between them stays where it is.
    fn moved(&self, class: Node<'d, 'd>, to: u32) -> String {
        let beside: Vec<_> = self.nodes.iter().filter(|node| node.parent() == class.parent()).collect();
        let mut order = beside.clone();
        let from = order.iter().position(|node| **node == class).unwrap_or(0);
        let moved = order.remove(from);
        order.insert((to as usize).min(order.len()), moved);
        let mut text = String::with_capacity(self.xml.len());
        let mut at = 0;
        for (slot, node) in beside.iter().zip(order) {
            text.push_str(&self.xml[at..slot.range().start]);
            text.push_str(&self.xml[node.range()]);
            at = slot.range().end;
        }
        text.push_str(&self.xml[at..]);
        text
    }
}

/// The change that gives an element an attribute.
fn set(xml: &str, node: Node<'_, '_>, name: &str, value: &str) -> (Range<usize>, String) {
    if let Some(attribute) = node.attribute_node(name) {
        return (attribute.range_value(), escaped(value));
    }
    let behind = node.attributes().map(|attribute| attribute.range().end).max();
    let at = behind.unwrap_or_else(|| {
        let start = node.range().start;
        let tag = xml[start..].find(|letter: char| letter.is_whitespace() || matches!(letter, '/' | '>'));
        start + tag.unwrap_or(0)
    });
    (at..at, format!(" {name}=\"{}\"", escaped(value)))
}

/// The range, or the lines that it fills alone.
fn whole_line(xml: &str, range: Range<usize>) -> Range<usize> {
    let from = xml[..range.start].trim_end_matches([' ', '\t']).len();
    let rest = &xml[range.end..];
    let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
    let ends_line = rest[blank..].starts_with('\n');
    if ends_line && xml[..from].ends_with('\n') { from..range.end + blank + 1 } else { range }
}

fn line_end(xml: &str) -> &'static str {
    if xml.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Whether XML can hold a letter at all.
fn is_xml(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CONFIG: &str = r#"<View>
  <Text name="t" value="$t"/>
  <!-- what it is about -->
  <Choices name='c' toName='t'>
    <Choice alias="b" value='Bug'  background="red" /> <!-- first -->
    <Choice value="A &amp; B"/>
    <Choice value="Other"></Choice>
  </Choices>
  <Labels name="l" toName="t"/>
  <Taxonomy name="x" toName="t"><Choice value="Up"><Choice value="In"/></Choice></Taxonomy>
  <Rating name="r" toName="t"/>
</View>
"#;

    /// The lines that a change takes away and puts there.
    fn check(change: ConfigEdit, gone: &[&str], new: &[&str]) {
        let after = edit(CONFIG, &change).expect("the change is possible");
        let missing = |these: &str, those: &str| -> Vec<String> {
            let those: Vec<_> = those.lines().collect();
            these.lines().filter(|line| !those.contains(line)).map(|line| line.trim().to_owned()).collect()
        };
        assert_eq!(missing(CONFIG, &after), gone, "{after}");
        assert_eq!(missing(&after, CONFIG), new, "{after}");
    }

    fn text(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn a_class_is_added_as_the_others_are_written() {
        let add = |control: &str, value: &str| ConfigEdit::AddClass {
            control: text(control),
            value: text(value),
            background: None,
        };
        check(add("c", "<\"new\">"), &[], &[r#"<Choice value="&lt;&quot;new&quot;&gt;"/>"#]);
        check(
            add("l", "Person"),
            &[r#"<Labels name="l" toName="t"/>"#],
            &[r#"<Labels name="l" toName="t">"#, r#"<Label value="Person"/>"#, "</Labels>"],
        );
        let tree = r#"<Taxonomy name="x" toName="t"><Choice value="Up"><Choice value="In"/></Choice>"#;
        check(
            add("x", "Down"),
            &[&format!("{tree}</Taxonomy>")],
            &[&format!(r#"{tree}<Choice value="Down"/></Taxonomy>"#)],
        );
        let refused = |change| edit(CONFIG, &change).expect_err("refused").to_string();
        assert_eq!(refused(add("c", "Bug")), "“c” already has a class “Bug”");
        assert_eq!(refused(add("r", "Bug")), "Rating “r” has no classes");
        assert_eq!(refused(add("z", "Bug")), "the labeling config has no control “z”");
        assert_eq!(refused(add("c", " ")), "a class needs a name");
    }

    #[test]
    fn a_class_is_renamed_recoloured_and_removed_alone() {
        let first = r#"<Choice alias="b" value='Bug'  background="red" /> <!-- first -->"#;
        check(
            ConfigEdit::RenameClass { control: text("c"), from: text("Bug"), to: text("Defect's") },
            &[first],
            &[r#"<Choice alias="b" value='Defect&apos;s'  background="red" /> <!-- first -->"#],
        );
        let recolour = |class: &str, background: &str| ConfigEdit::RecolourClass {
            control: text("c"),
            class: text(class),
            background: text(background),
        };
        check(recolour("Bug", ""), &[first], &[r#"<Choice alias="b" value='Bug' /> <!-- first -->"#]);
        check(
            recolour("A & B", "#fff"),
            &[r#"<Choice value="A &amp; B"/>"#],
            &[r##"<Choice value="A &amp; B" background="#fff"/>"##],
        );
        check(
            ConfigEdit::RemoveClass { control: text("c"), class: text("A & B") },
            &[r#"<Choice value="A &amp; B"/>"#],
            &[],
        );
        check(
            ConfigEdit::RenameClass { control: text("x"), from: text("In"), to: text("Inner") },
            &[r#"<Taxonomy name="x" toName="t"><Choice value="Up"><Choice value="In"/></Choice></Taxonomy>"#],
            &[r#"<Taxonomy name="x" toName="t"><Choice value="Up"><Choice value="Inner"/></Choice></Taxonomy>"#],
        );
    }

    fn any_edit() -> impl Strategy<Value = ConfigEdit> {
        let class = || "[A-E]|[ -~é😀]{1,6}";
        let control = || Just(text("c"));
        prop_oneof![
            (control(), class(), proptest::option::of("[#a-f<>'\"&]{0,7}"))
                .prop_map(|(control, value, background)| ConfigEdit::AddClass { control, value, background }),
            (control(), class(), class()).prop_map(|(control, from, to)| ConfigEdit::RenameClass { control, from, to }),
            (control(), class(), "[#a-f<>'\"&]{0,7}")
                .prop_map(|(control, class, background)| ConfigEdit::RecolourClass { control, class, background }),
            (control(), class()).prop_map(|(control, class)| ConfigEdit::RemoveClass { control, class }),
            (control(), class(), 0u32..9).prop_map(|(control, class, to)| ConfigEdit::MoveClass { control, class, to }),
        ]
    }

    /// What a change should do to the values and colours.
    fn expected(classes: &mut Vec<(String, Option<String>)>, change: &ConfigEdit) {
        let place = |classes: &[(String, Option<String>)], class: &str| {
            classes.iter().position(|(value, _)| value == class).expect("the change was possible")
        };
        match change {
            ConfigEdit::AddClass { value, background, .. } => {
                classes.push((value.clone(), background.clone().filter(|colour| !colour.is_empty())));
            }
            ConfigEdit::RenameClass { from, to, .. } => {
                let place = place(classes, from);
                classes[place].0.clone_from(to);
            }
            ConfigEdit::RecolourClass { class, background, .. } => {
                let place = place(classes, class);
                classes[place].1 = Some(background.clone()).filter(|colour| !colour.is_empty());
            }
            ConfigEdit::RemoveClass { class, .. } => {
                classes.remove(place(classes, class));
            }
            ConfigEdit::MoveClass { class, to, .. } => {
                let moved = classes.remove(place(classes, class));
                classes.insert((*to as usize).min(classes.len()), moved);
            }
        }
    }

    proptest! {
        #[test]
        fn a_change_changes_what_it_says_and_nothing_else(
            inline in any::<bool>(),
            start in proptest::sample::subsequence(vec!["A", "B", "C", "D"], 0..=4),
            changes in proptest::collection::vec(any_edit(), 1..12),
        ) {
            let gap = if inline { "" } else { "\n    " };
            let mut written: String = start.iter().map(|value| format!("{gap}<Choice value='{value}'/>")).collect();
            if !inline {
                written.push_str("\n  ");
            }
            let before = "<View><!-- c -->\n  <Text name='t'  value=\"$t\"/>\n  <Choices toName='t' name='c'>";
            let behind = "</Choices>\n\n<Rating toName=\"t\" name='r'/>\n</View><!-- end -->";
            let mut xml = format!("{before}{written}{behind}");
            let mut classes: Vec<_> = start.iter().map(|value| (text(value), None)).collect();
            for change in changes {
                let Ok(after) = edit(&xml, &change) else { continue };
                expected(&mut classes, &change);
                prop_assert!(after.starts_with(before) && after.ends_with(behind), "{change:?}: {after}");
                let config = Config::parse(&after).expect("it can still be read");
                let control = config.control("c").expect("the control");
                let read: Vec<_> = control.labels.iter().zip(&control.label_attributes)
                    .map(|(value, attributes)| (value.clone(), attributes.get("background").map(str::to_owned)))
                    .collect();
                prop_assert_eq!(&read, &classes, "{:?}: {}", change, after);
                xml = after;
            }
        }
    }
}
