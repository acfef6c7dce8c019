//! A parsed labeling config: controls, objects, labels and how they are wired.
//!
//! Which element is what follows Label Studio's reader: elements are asked in document order, and the first of these
//! that fits wins. A control has a name and a target; an object has a name and a value; a label is an element called
//! `Label`, `Choice` or `Relation` and belongs to the nearest control around it.

use crate::attributes::Attributes;
use crate::fillable::Capabilities;
use crate::kind::Kind;
use crate::xml::{ConfigError, Element, Tree};
use crate::{data, numbers, schema};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A labeling config.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) tree: Tree,
    controls: Named<Control>,
    objects: Named<Object>,
    /// By capabilities.
    held: [OnceLock<Value>; 4],
}

/// Something that is asked about objects.
#[derive(Clone, Debug)]
pub struct Control {
    pub name: String,
    /// As written in the config; `{uri}local` in a namespace.
    pub tag: String,
    /// `toName` split at commas; not every one need be the name of an object.
    pub to_name: Vec<String>,
    /// What it can be answered with, each once: the alias of each label, else its value.
    pub labels: Vec<String>,
    /// All attributes of each label, in the order of `labels`.
    pub label_attributes: Vec<Attributes>,
    /// Label Studio does not let an annotator submit without an answer.
    pub required: bool,
    /// Its labels come from the task's data or a server, not from the config.
    pub dynamic: bool,
    /// What a region must be for the control to be asked about it, of controls that are asked about each region.
    pub conditional: Option<Conditional>,
    pub(crate) kind: Kind,
    /// The labels of a Taxonomy as they are nested; empty for other controls.
    pub(crate) nodes: Vec<TaxonomyNode>,
    paths: OnceLock<Vec<Vec<String>>>,
    pub(crate) attributes: Attributes,
    /// Index of the element that defines it; `None` for a control that a Chat or a ReactCode brings along.
    pub(crate) element: Option<usize>,
}

/// A label of a Taxonomy.
#[derive(Clone, Debug)]
pub(crate) struct TaxonomyNode {
    /// Place among the control's labels.
    pub(crate) label: u32,
    /// Place of the node around it.
    pub(crate) outer: Option<u32>,
}

/// When a control that is asked about each region applies to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditional {
    /// `tag`, `label` or `choice`.
    pub kind: &'static str,
    pub name: String,
}

/// Something that is shown.
#[derive(Clone, Debug)]
pub struct Object {
    pub name: String,
    /// As written in the config; `{uri}local` in a namespace.
    pub tag: String,
    /// As written, such as `$text`; `None` for a Chat or ReactCode without one.
    pub value: Option<String>,
    /// The data key that it shows, if its value is one variable.
    pub variable: Option<String>,
    pub(crate) attributes: Attributes,
    /// Index of the element that defines it.
    pub(crate) element: usize,
}

impl Control {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)
    }

    /// Every way from the root to a node, of a Taxonomy; empty for other controls.
    pub fn paths(&self) -> &[Vec<String>] {
        self.paths.get_or_init(|| {
            let mut steps = 0;
            let mut paths: Vec<Vec<String>> = Vec::with_capacity(self.nodes.len());
            for node in &self.nodes {
                // What is around a node was read before it.
                let outer = node.outer.map_or(&[][..], |outer| paths[outer as usize].as_slice());
                steps += outer.len() + 1;
                if steps > PATH_STEPS_MAX {
                    break;
                }
                let mut path = Vec::with_capacity(outer.len() + 1);
                path.extend_from_slice(outer);
                path.push(self.labels[node.label as usize].clone());
                paths.push(path);
            }
            paths
        })
    }

    /// The paths are read again from the nodes.
    pub(crate) fn forget_paths(&mut self) {
        self.paths = OnceLock::new();
    }

    /// Several labels may be chosen at once. Only the exact spelling counts.
    pub fn multiple(&self) -> bool {
        self.attribute("choice") == Some("multiple")
    }

    /// The highest rating, of a Rating; `None` if the config gives one that is no whole number.
    pub(crate) fn max_rating(&self) -> Option<i64> {
        self.attribute("maxRating").map_or(Some(5), numbers::integer)
    }

    /// The lower or upper bound, of a Number; a bound that is no number, such as `$last`, is none.
    pub(crate) fn bound(&self, name: &str) -> Option<f64> {
        self.attribute(name).and_then(numbers::finite)
    }
}

impl Object {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)
    }
}

impl Config {
    /// Reads a labeling config. Refuses what is not well-formed XML, any DOCTYPE, and absurd nesting; everything else
    /// is a config, though perhaps one that Label Studio would not save (see [`Config::faults`]).
    pub fn parse(xml: &str) -> Result<Config, ConfigError> {
        let tree = Tree::parse(xml)?;
        let label_places = vec![None; tree.elements.len()];
        let (controls, objects) = (Named::new(), Named::new());
        let mut reader = Reader {
            tree: &tree,
            controls,
            objects,
            labels: Vec::new(),
            named_around: Vec::with_capacity(tree.elements.len()),
            last_around: None,
            label_places,
        };
        for index in 0..tree.elements.len() {
            reader.read(index);
        }
        reader.complete_self_references();
        reader.attach_labels();
        let (controls, objects) = (reader.controls, reader.objects);
        Ok(Config { tree, controls, objects, held: Default::default() })
    }

    /// In the order in which their names first occur.
    pub fn controls(&self) -> &[Control] {
        &self.controls.entries
    }

    /// In the order in which their names first occur.
    pub fn objects(&self) -> &[Object] {
        &self.objects.entries
    }

    pub(crate) fn control(&self, name: &str) -> Option<&Control> {
        self.controls.get(name)
    }

    pub(crate) fn object(&self, name: &str) -> Option<&Object> {
        self.objects.get(name)
    }

    /// The keys of a task's data that the objects show, in the config's order, each once: `user` for `$user.name`,
    /// `title` for `Title: $title`.
    pub fn variables(&self) -> Vec<String> {
        let mut variables: Vec<String> = Vec::new();
        for value in self.objects().iter().filter_map(|object| object.value.as_ref()) {
            for variable in data::variables(value) {
                let root = data::root(variable);
                if !variables.iter().any(|known| known == root) {
                    variables.push(root.to_owned());
                }
            }
        }
        variables
    }

    /// The JSON schema that Label Studio makes of all controls. `None` where it can make none: a Pairwise with fewer
    /// than two targets, a maximal rating that is no whole number.
    pub fn schema(&self) -> Option<Value> {
        schema::reference(self)
    }

    /// The JSON schema of what a prompt asks a model for that can read `capabilities`: the controls that it can fill,
    /// all required.
    pub fn prompt_schema(&self, capabilities: Capabilities) -> Value {
        schema::prompt(self, capabilities)
    }

    /// The same config with changed controls.
    pub(crate) fn with_controls(&self, change: impl FnMut(&mut Control)) -> Config {
        let mut config = self.clone();
        config.controls.entries.iter_mut().for_each(change);
        config.held = Default::default();
        config
    }

    /// What an answer to [`Config::prompt_schema`] is held to, made once.
    pub(crate) fn held_schema(&self, capabilities: Capabilities) -> &Value {
        let place = usize::from(capabilities.sees_images) + 2 * usize::from(capabilities.reads_pdf);
        self.held[place].get_or_init(|| schema::held(self, capabilities))
    }
}

/// A label of a control, whichever of its definitions turns out to be the last.
struct Label<'a> {
    element: usize,
    key: &'a str,
}

/// Controls or objects in the order in which their names first occur, found by name.
#[derive(Clone, Debug)]
struct Named<T> {
    entries: Vec<T>,
    places: HashMap<String, usize>,
}

impl<T> Named<T> {
    fn new() -> Self {
        Named { entries: Vec::new(), places: HashMap::new() }
    }

    fn get(&self, name: &str) -> Option<&T> {
        self.places.get(name).map(|&place| &self.entries[place])
    }

    /// Replaces the entry of this name in its place, or adds one.
    fn put(&mut self, name: &str, entry: T) {
        if let Some(&place) = self.places.get(name) {
            self.entries[place] = entry;
        } else {
            self.places.insert(name.to_owned(), self.entries.len());
            self.entries.push(entry);
        }
    }
}

/// Places in a config are small: it has at most so many elements as bytes, and those are capped.
fn small(place: usize) -> u32 {
    u32::try_from(place).expect("a config has at most CONFIG_BYTES_MAX bytes")
}

struct Reader<'a> {
    tree: &'a Tree,
    controls: Named<Control>,
    objects: Named<Object>,
    /// By the place of their control.
    labels: Vec<Vec<Label<'a>>>,
    /// By element, as far as they were read: itself or the nearest around it that has a name.
    named_around: Vec<Option<u32>>,
    /// The element found last to be named as a control, and that control's place. Neither ever changes.
    last_around: Option<(u32, usize)>,
    /// By element: of a label, the place of its control and its own among that control's labels.
    label_places: Vec<Option<(u32, u32)>>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, index: usize) {
        let tree: &'a Tree = self.tree;
        let element = &tree.elements[index];
        let name = element.filled("name");
        self.named_around.push(name.map(|_| small(index)).or_else(|| self.named_around[element.parent?]));
        let target = name.and_then(|_| element.filled("toName"));
        let is_object = || {
            let has_value = element.filled("value").is_some() || element.filled("valueList").is_some();
            has_value || self_referencing(&element.tag).is_some()
        };
        match (name, target) {
            (Some(name), Some(target)) if &*element.tag != "Filter" => {
                self.controls.put(name, control(name, target, element, index));
            }
            (Some(name), _) if is_object() => {
                self.objects.put(name, object(name, element, index));
            }
            _ if is_label(element) => {
                if let (Some(key), Some(place)) = (label_key(element), self.control_around(index)) {
                    if self.labels.len() <= place {
                        self.labels.resize_with(place + 1, Vec::new);
                    }
                    self.label_places[index] = Some((small(place), small(self.labels[place].len())));
                    self.labels[place].push(Label { element: index, key });
                }
            }
            _ => {}
        }
    }

    /// The place of the nearest control around an element, among those that were read before it.
    fn control_around(&mut self, index: usize) -> Option<usize> {
        let around = |index: usize| self.named_around[self.tree.elements[index].parent?];
        let nearest = around(index)?;
        // Labels come in rows.
        if let Some((_, place)) = self.last_around.filter(|(named, _)| *named == nearest) {
            return Some(place);
        }
        let mut named = std::iter::successors(Some(nearest), |&index| around(index as usize));
        let place_of = |index| self.controls.places.get(self.tree.elements[index as usize].attribute("name")?).copied();
        let (named, place) = named.find_map(|index| Some((index, place_of(index)?)))?;
        if named == nearest {
            self.last_around = Some((named, place));
        }
        Some(place)
    }

    /// Gives every Chat and ReactCode the side that it lacks: it is shown and asked about at once.
    fn complete_self_references(&mut self) {
        let objects = self.objects.entries.iter().map(|object| (&object.name, &object.tag, Some(object.element)));
        let controls = self.controls.entries.iter().map(|control| (&control.name, &control.tag, control.element));
        let parsed: Vec<_> = objects
            .chain(controls)
            .filter_map(|(name, tag, element)| Some((name.clone(), self_referencing(tag)?, element?)))
            .collect();
        for (name, control_tag, index) in parsed {
            if !self.controls.places.contains_key(&name) {
                self.controls.put(&name, made_control(&name, control_tag));
            }
            if !self.objects.places.contains_key(&name) {
                self.objects.put(&name, object(&name, &self.tree.elements[index], index));
            }
        }
    }

    /// Gives every control its labels, those of all its definitions together: a repeated label keeps its first place
    /// and its last attributes.
    fn attach_labels(&mut self) {
        let mut places = foldhash::HashMap::default();
        for (control_place, (control, labels)) in self.controls.entries.iter_mut().zip(&self.labels).enumerate() {
            places.clear();
            places.reserve(labels.len());
            control.labels.reserve(labels.len());
            control.label_attributes.reserve(labels.len());
            for label in labels {
                let element = &self.tree.elements[label.element];
                let place = *places.entry(label.key).or_insert(control.labels.len());
                if place == control.labels.len() {
                    control.labels.push(label.key.to_owned());
                    control.label_attributes.push(element.attributes.clone());
                } else {
                    control.label_attributes[place] = element.attributes.clone();
                }
                if control.kind == Kind::Taxonomy {
                    let around = std::iter::successors(element.parent, |&index| self.tree.elements[index].parent);
                    let mut outer = around.filter_map(|index| self.label_places[index]);
                    let outer = outer.find(|(place, _)| *place == small(control_place)).map(|(_, outer)| outer);
                    control.nodes.push(TaxonomyNode { label: small(place), outer });
                }
            }
        }
    }
}

/// The control that a Chat or a ReactCode without a target brings along.
fn made_control(name: &str, tag: &str) -> Control {
    Control {
        name: name.to_owned(),
        tag: tag.to_owned(),
        to_name: vec![name.to_owned()],
        labels: Vec::new(),
        label_attributes: Vec::new(),
        nodes: Vec::new(),
        paths: OnceLock::new(),
        required: false,
        dynamic: false,
        conditional: None,
        kind: Kind::of(tag),
        attributes: Attributes::default(),
        element: None,
    }
}

/// Paths beyond this many steps in all are left out: a small config can spell billions of them.
const PATH_STEPS_MAX: usize = 2_000_000;

/// The tag of the control that comes with an element which is shown and asked about at once.
fn self_referencing(tag: &str) -> Option<&'static str> {
    if tag.eq_ignore_ascii_case("chat") {
        Some("ChatMessage")
    } else {
        tag.eq_ignore_ascii_case("reactcode").then_some("ReactCode")
    }
}

pub(crate) fn is_label(element: &Element) -> bool {
    matches!(&*element.tag, "Label" | "Choice" | "Relation")
}

/// What stands for a label in answers and regions; an empty alias is none, an empty value is a value.
fn label_key(element: &Element) -> Option<&str> {
    element.filled("alias").or_else(|| element.attribute("value"))
}

fn control(name: &str, target: &str, element: &Element, index: usize) -> Control {
    let per_region = element.attribute("perRegion") == Some("true");
    let conditions = [("tag", "whenTagName"), ("label", "whenLabelValue"), ("choice", "whenChoiceValue")];
    let conditional = conditions.iter().find_map(|(kind, attribute)| {
        let name = element.filled(attribute).filter(|_| per_region)?;
        Some(Conditional { kind, name: name.to_owned() })
    });
    Control {
        name: name.to_owned(),
        tag: element.tag.to_string(),
        to_name: target.split(',').map(str::to_owned).collect(),
        labels: Vec::new(),
        label_attributes: Vec::new(),
        nodes: Vec::new(),
        paths: OnceLock::new(),
        required: element.attribute("required").is_some_and(|required| required.to_lowercase() == "true"),
        dynamic: element.attribute("value").is_some_and(|value| value.starts_with('$'))
            || element.filled("apiUrl").is_some(),
        conditional,
        kind: Kind::of(&element.tag),
        attributes: element.attributes.clone(),
        element: Some(index),
    }
}

fn object(name: &str, element: &Element, index: usize) -> Object {
    let value = element.attribute("valueList").or_else(|| element.attribute("value"));
    Object {
        name: name.to_owned(),
        tag: element.tag.to_string(),
        value: value.map(str::to_owned),
        variable: value.and_then(data::variable).map(str::to_owned),
        attributes: element.attributes.clone(),
        element: index,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(xml: &str) -> Config {
        Config::parse(xml).expect("the config is well-formed")
    }

    #[test]
    fn the_first_that_fits_decides_what_an_element_is() {
        let config = parse(
            r#"<View><Text name="title" toName="title"/><Text name="doc" value="$body"/>
               <Choices name="c" toName="doc"><Choice name="named" value="Yes"/><Choice value="No"/></Choices></View>"#,
        );
        let controls: Vec<_> = config.controls().iter().map(|control| control.name.as_str()).collect();
        assert_eq!(controls, ["title", "c"], "a Text with a target is a control");
        let objects: Vec<_> = config.objects().iter().map(|object| object.name.as_str()).collect();
        assert_eq!(objects, ["doc", "named"], "a Choice with a name is an object");
        assert_eq!(config.controls()[1].labels, ["No"]);
        assert_eq!(config.variables(), ["body"]);
    }

    #[test]
    fn an_alias_stands_for_its_label_and_a_repeated_name_keeps_its_place() {
        let config = parse(
            r#"<View><Choices name="a" toName="t"><Choice value="Yes" alias="1"/></Choices>
               <Rating name="b" toName="t"/>
               <Labels name="a" toName="t"><Label value="2"/><Label value="1"/></Labels></View>"#,
        );
        assert_eq!(config.controls()[0].tag, "Labels", "the last definition counts");
        assert_eq!(config.controls()[0].labels, ["1", "2"], "the labels of both do");
    }

    #[test]
    fn a_chat_is_shown_and_asked_about_at_once() {
        let config = parse(r#"<View><Chat name="talk"/><Rating name="r" toName="talk"/></View>"#);
        let controls: Vec<_> = config.controls().iter().map(|control| control.tag.as_str()).collect();
        assert_eq!(controls, ["Rating", "ChatMessage"]);
        assert_eq!(config.objects()[0].value, None);
    }

    #[test]
    fn variables_are_the_data_keys_that_are_shown() {
        let config = parse(
            r#"<View><Text name="a" value="Title: $title"/><Text name="b" value="$rec.body"/>
               <Text name="c" value="$title"/><Text name="d" value="as it is"/></View>"#,
        );
        assert_eq!(config.variables(), ["title", "rec"]);
        let variables: Vec<_> = config.objects().iter().map(|object| object.variable.as_deref()).collect();
        assert_eq!(variables, [None, Some("rec.body"), Some("title"), None]);
    }

    #[test]
    fn a_path_leads_from_the_root_to_the_node() {
        let config = parse(
            r#"<Taxonomy name="t" toName="d"><Choice value="A"><View><Choice value="B"/></View></Choice></Taxonomy>"#,
        );
        assert_eq!(config.controls()[0].paths(), [vec!["A"], vec!["A", "B"]]);
    }
}
