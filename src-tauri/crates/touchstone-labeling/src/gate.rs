//! What Label Studio's server looks at before it saves a config.
//!
//! It has four looks: the shape of some tags below the root's Views, names that must differ, targets that must exist,
//! and the playback speeds of videos. The shape is checked on a JSON form of the XML in which attribute and text
//! values that look like numbers or truth values are such, so a control must not be called `5` or `true`.

use crate::config::Config;
use crate::numbers;
use crate::xml::Tree;
use std::collections::HashSet;

/// The speeds that a video can be played at.
const SPEED_MIN: f64 = 0.05;
const SPEED_MAX: f64 = 10.0;

impl Config {
    /// What Label Studio's server objects to in the config, one sentence each; empty when it would save it.
    pub fn faults(&self) -> Vec<String> {
        self.placed_faults().into_iter().map(|fault| fault.message).collect()
    }

    /// The same, each with its place.
    pub(crate) fn placed_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.tree.elements.first().is_some_and(|root| &*root.tag == "View") {
            Shape { tree: &self.tree, faults: &mut faults }.view(0, View::Root);
        }
        names(&self.tree, &mut faults);
        speeds(self, &mut faults);
        faults
    }
}

/// What the server objects to.
pub(crate) struct Fault {
    /// Index of the element; `None` for what stands in a text between elements.
    pub(crate) element: Option<usize>,
    /// The attribute at fault, there or missing.
    pub(crate) attribute: Option<&'static str>,
    pub(crate) message: String,
}

/// Where a View stands decides what is looked at in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    /// The root, in which stray labels may be anything.
    Root,
    /// Below the root through Views only.
    Nested,
    /// In a Choices or Labels. The server forgets there to read a single Choice as a list of one.
    InControl,
}

struct Shape<'a> {
    tree: &'a Tree,
    faults: &'a mut Vec<Fault>,
}

impl Shape<'_> {
    fn view(&mut self, view: usize, place: View) {
        let tree = self.tree;
        let children: Vec<usize> = tree.children(view).collect();
        let choice_count = |index: usize| tree.children(index).filter(|&child| tag(tree, child) == "Choice").count();
        let choices: Vec<usize> = children.iter().copied().filter(|&child| tag(tree, child) == "Choices").collect();
        // A single Choice is read as a list of one only if every Choices beside it has a Choice too.
        let singles_are_lists = place != View::InControl && choices.iter().all(|&index| choice_count(index) > 0);
        for index in children {
            let element = &tree.elements[index];
            match &*element.tag {
                "View" if place == View::InControl => self.view(index, View::InControl),
                "View" => self.view(index, View::Nested),
                "Text" | "HyperText" | "Image" => self.object(index),
                "TextArea" | "Number" => {
                    self.named(index);
                    self.text(index);
                }
                "Choices" => {
                    self.labelled(index, "Choice");
                    if choice_count(index) == 1 && !singles_are_lists {
                        self.fault(index, None, "has a single Choice beside a Choices that has none");
                    }
                }
                "Labels" => self.labelled(index, "Label"),
                "Label" | "Choice" if place != View::Root => self.label(index),
                _ => {}
            }
        }
    }

    fn object(&mut self, index: usize) {
        let element = &self.tree.elements[index];
        if element.attribute("name").is_none() {
            self.fault(index, Some("name"), "has no name");
        }
        match (element.attribute("value"), element.attribute("valueList")) {
            (None, None) => self.fault(index, Some("value"), "has no value"),
            (Some(_), Some(_)) => self.fault(index, Some("valueList"), "has both value and valueList"),
            _ => {}
        }
        self.text(index);
    }

    /// A control must have a name and a target, and neither may look like a number or a truth value.
    fn named(&mut self, index: usize) {
        let element = &self.tree.elements[index];
        for attribute in ["name", "toName"] {
            match element.attribute(attribute) {
                None => self.fault(index, Some(attribute), &format!("has no {attribute}")),
                Some(text) if !reads_as_text(text) => {
                    self.fault(
                        index,
                        Some(attribute),
                        &format!("has the {attribute} “{text}”, which is not read as a text"),
                    );
                }
                Some(_) => {}
            }
        }
    }

    fn labelled(&mut self, index: usize, label: &str) {
        let tree = self.tree;
        let element = &tree.elements[index];
        self.named(index);
        self.text(index);
        let mut has_any = element.attribute("value").is_some();
        for child in tree.children(index) {
            let child_tag = tag(tree, child);
            has_any |= child_tag == label || child_tag == "View";
            if child_tag == label {
                self.label(child);
            } else if child_tag == "View" {
                self.view(child, View::InControl);
            }
        }
        if !has_any {
            self.fault(index, None, &format!("has no {label}"));
        }
    }

    fn label(&mut self, index: usize) {
        if self.tree.elements[index].attribute("value").is_none() {
            self.fault(index, Some("value"), "has no value");
        }
        self.text(index);
    }

    /// Text inside an element must not look like a number or a truth value.
    fn text(&mut self, index: usize) {
        let element = &self.tree.elements[index];
        if !element.text.trim().is_empty() && !reads_as_text(&element.text) {
            self.fault(index, None, &format!("has the text “{}”, which is not read as a text", element.text.trim()));
        }
    }

    fn fault(&mut self, index: usize, attribute: Option<&'static str>, fault: &str) {
        let element = &self.tree.elements[index];
        let name = element.filled("name").map(|name| format!(" “{name}”")).unwrap_or_default();
        let message = format!("{}{name} {fault}.", element.tag);
        self.faults.push(Fault { element: Some(index), attribute, message });
    }
}

fn tag(tree: &Tree, index: usize) -> &str {
    &tree.elements[index].tag
}

/// Whether the JSON form of the XML keeps a value as a text.
fn reads_as_text(value: &str) -> bool {
    let is_truth_value = matches!(value.to_lowercase().as_str(), "true" | "false");
    !is_truth_value && numbers::finite(value).is_none()
}

/// All names differ, and every target is a name. The server searches the text of the XML for `name="…"`, so any
/// attribute that ends so is a name, and so is what texts hold.
fn names(tree: &Tree, faults: &mut Vec<Fault>) {
    let ending = |end: &'static str| {
        tree.elements.iter().enumerate().flat_map(move |(index, element)| {
            let attributes = element.attributes.iter().filter(move |(key, _)| key.ends_with(end));
            attributes.map(move |(_, value)| (Some(index), value))
        })
    };
    let in_texts = |before: &'static str| quoted(tree, before).map(|value| (None, value));
    let mut known = HashSet::new();
    for (element, name) in ending("name").chain(in_texts("name=\"")) {
        if !known.insert(name) {
            let message = format!("The name “{name}” is given twice.");
            faults.push(Fault { element, attribute: Some("name"), message });
        }
    }
    for (element, targets) in ending("toName").chain(in_texts("toName=\"")) {
        for target in targets.split(',').filter(|target| !known.contains(target)) {
            let message = format!("toName is “{target}”, but nothing has this name.");
            faults.push(Fault { element, attribute: Some("toName"), message });
        }
    }
}

/// What stands in quotes behind `before` in texts between elements.
fn quoted<'a>(tree: &'a Tree, before: &'static str) -> impl Iterator<Item = &'a str> {
    let texts = tree.naming_texts.iter();
    texts
        .flat_map(move |text| text.split(before).skip(1))
        .filter_map(|rest| rest.split_once('"'))
        .map(|(value, _)| value)
}

fn speeds(config: &Config, faults: &mut Vec<Fault>) {
    for video in config.objects().iter().filter(|object| object.tag.eq_ignore_ascii_case("video")) {
        let mut fault = |attribute, message| faults.push(Fault { element: Some(video.element), attribute, message });
        let mut speed = |name: &'static str| {
            let written = video.attribute(name).or_else(|| video.attribute(&name.to_lowercase()))?;
            if written.trim().is_empty() {
                return None;
            }
            let speed = numbers::float(written);
            if !speed.is_some_and(|speed| (SPEED_MIN..=SPEED_MAX).contains(&speed)) {
                let message = format!(
                    "Video “{}” has the {name} “{written}”, which is not between {SPEED_MIN} and {SPEED_MAX}.",
                    video.name
                );
                fault(Some(name), message);
            }
            speed
        };
        let (default, minimum) = (speed("defaultPlaybackSpeed"), speed("minPlaybackSpeed"));
        if default.zip(minimum).is_some_and(|(default, minimum)| minimum > default) {
            let message = format!("Video “{}” has a minimal speed above its default speed.", video.name);
            fault(Some("minPlaybackSpeed"), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(inner: &str) -> Vec<String> {
        let config = Config::parse(&format!("<View>{inner}</View>")).expect("the config is well-formed");
        config.faults()
    }

    #[test]
    fn a_usual_config_has_none() {
        assert_eq!(
            faults(r#"<Text name="t" value="$t"/><Choices name="c" toName="t"><Choice value="A"/></Choices>"#),
            Vec::<String>::new()
        );
    }

    #[test]
    fn each_fault_is_a_sentence() {
        let cases = [
            (r#"<Text name="t"/>"#, "Text “t” has no value."),
            (r#"<Image name="i" value="$a" valueList="$b"/>"#, "Image “i” has both value and valueList."),
            (r#"<Text name="t" value="$t"/><Choices name="c" toName="t"/>"#, "Choices “c” has no Choice."),
            (r#"<Text name="t" value="$t"/><Labels name="c" toName="t"><Label/></Labels>"#, "Label has no value."),
            (
                r#"<Text name="t" value="$t"/><Number name="5" toName="t"/>"#,
                "Number “5” has the name “5”, which is not read as a text.",
            ),
            (r#"<Text name="t" value="$t"/><Rating name="t" toName="t"/>"#, "The name “t” is given twice."),
            (r#"<Rating name="r" toName="doc"/>"#, "toName is “doc”, but nothing has this name."),
            (
                r#"<Video name="v" value="$v" minPlaybackSpeed="slow"/>"#,
                "Video “v” has the minPlaybackSpeed “slow”, which is not between 0.05 and 10.",
            ),
        ];
        for (inner, fault) in cases {
            assert_eq!(faults(inner), [fault], "{inner}");
        }
    }
}
