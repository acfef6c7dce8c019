//! The outline of a config: what a native preview of the labeling interface shows.

use crate::config::{Config, Control, Object};
use crate::data;
use crate::kind::Kind;
use crate::schema::buckets;
use crate::xml::Element;
use serde::Serialize;
use specta::Type;
use std::collections::HashMap;

/// How the labeling interface looks: nodes in the config's order, each with its depth in the tree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Type)]
pub struct Outline {
    pub nodes: Vec<OutlineNode>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum OutlineKind {
    /// Groups what is in it.
    View,
    Header,
    Object,
    Control,
    Other,
}

#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub struct OutlineNode {
    pub depth: u32,
    /// As written in the config.
    pub tag: String,
    pub kind: OutlineKind,
    pub name: Option<String>,
    /// Of objects the raw value attribute, such as `$text`; of headers and the like their text.
    pub value: Option<String>,
    /// Of objects the data key, such as `text`.
    pub variable: Option<String>,
    pub to_name: Vec<String>,
    /// What a control can be answered with, in the config's order.
    pub classes: Vec<OutlineClass>,
    /// Of a Taxonomy the way from the root to each of its nodes, in the config's order.
    pub paths: Vec<Vec<String>>,
    /// Several classes may be chosen at once.
    pub multiple: bool,
    pub required: bool,
    /// What an annotator reads where a required answer is missing.
    pub required_message: Option<String>,
    /// It is asked about each region of another control, not about the task.
    pub per_region: bool,
    pub max_rating: Option<u32>,
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    pub placeholder: Option<String>,
    /// Where a Ranker's items can go: its buckets, or one list under its own name; empty for everything else.
    pub buckets: Vec<OutlineBucket>,
    /// All that must hold for it to be shown; always shown where empty.
    pub visible_when: Vec<VisibleWhen>,
    /// What a model must be able to do beside reading text to fill this control, as "sees images".
    pub needs: Option<String>,
    /// Why a prompt cannot fill this control, in words; `None` when one can, and for everything that is no control.
    pub skipped: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct OutlineBucket {
    pub name: String,
    pub title: String,
}

/// When Label Studio shows an element that is not always shown (`visibleWhen`), the Views around it included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct VisibleWhen {
    pub kind: VisibleKind,
    /// The control whose choice or label decides; any where it is `None`.
    pub control: Option<String>,
    /// Any of these, by what stands for a class in answers; any class where empty.
    pub values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum VisibleKind {
    ChoiceSelected,
    ChoiceUnselected,
    RegionSelected,
    NoRegionSelected,
}

impl VisibleWhen {
    /// What an element's own attributes say; a condition that Label Studio does not know is none.
    fn of(element: &Element) -> Option<Self> {
        let (kind, values) = match element.filled("visibleWhen")? {
            "choice-selected" => (VisibleKind::ChoiceSelected, "whenChoiceValue"),
            "choice-unselected" => (VisibleKind::ChoiceUnselected, "whenChoiceValue"),
            "region-selected" => (VisibleKind::RegionSelected, "whenLabelValue"),
            "no-region-selected" => (VisibleKind::NoRegionSelected, "whenLabelValue"),
            _ => return None,
        };
        let values = element.filled(values).unwrap_or_default().split(',').map(str::trim);
        Some(Self {
            kind,
            control: element.filled("whenTagName").map(str::to_owned),
            values: values.filter(|value| !value.is_empty()).map(str::to_owned).collect(),
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct OutlineClass {
    pub value: String,
    /// What stands for the class in answers and regions, if it is not its value.
    pub alias: Option<String>,
    /// `#rrggbb`, or a name that CSS knows.
    pub colour: String,
    pub hotkey: Option<String>,
}

/// Colours of classes that name none, in turn, as Label Studio gives them out.
const PALETTE: [&str; 11] = [
    "#FFA39E", "#D4380D", "#FFC069", "#AD8B00", "#D3F261", "#389E0D", "#5CDBD3", "#096DD9", "#ADC6FF", "#9254DE",
    "#F759AB",
];

/// The colour names of CSS. Anything else that a config calls a colour is not passed on.
const COLOUR_NAMES: &str = "aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue \
    blueviolet brown burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue \
    darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid \
    darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey darkturquoise darkviolet deeppink \
    deepskyblue dimgray dimgrey dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold \
    goldenrod gray green greenyellow grey honeydew hotpink indianred indigo ivory khaki lavender lavenderblush \
    lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey \
    lightpink lightsalmon lightseagreen lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime \
    limegreen linen magenta maroon mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen \
    mediumslateblue mediumspringgreen mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin \
    navajowhite navy oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise \
    palevioletred papayawhip peachpuff peru pink plum powderblue purple rebeccapurple red rosybrown royalblue \
    saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue slateblue slategray slategrey snow \
    springgreen steelblue tan teal thistle tomato turquoise violet wheat white whitesmoke yellow yellowgreen";

impl Config {
    /// The elements worth showing, in the config's order. Labels are in the `classes` of their control.
    pub fn outline(&self) -> Outline {
        let controls: HashMap<usize, &Control> =
            self.controls().iter().filter_map(|control| Some((control.element?, control))).collect();
        let objects: HashMap<usize, &Object> = self.objects().iter().map(|object| (object.element, object)).collect();
        let mut nodes = Vec::new();
        // The depth of the control whose inside is being read: what lays out its labels is not shown by itself.
        let mut inside: Option<u32> = None;
        // The conditions of the elements around, with the depth of each.
        let mut conditions: Vec<(u32, VisibleWhen)> = Vec::new();
        for (index, element) in self.tree.elements.iter().enumerate() {
            conditions.retain(|(depth, _)| *depth < element.depth);
            conditions.extend(VisibleWhen::of(element).map(|condition| (element.depth, condition)));
            let before = nodes.len();
            inside = inside.filter(|depth| element.depth > *depth);
            if let Some(control) = controls.get(&index) {
                inside = inside.or(Some(element.depth));
                nodes.push(self.control_node(control, element.depth));
            } else if let Some(object) = objects.get(&index) {
                nodes.push(object_node(object, element));
            } else if inside.is_none() {
                nodes.extend(plain_node(element));
            }
            // What a Chat or a ReactCode is asked stands behind it.
            let made = objects.get(&index).and_then(|object| self.control(&object.name));
            if let Some(control) = made.filter(|control| control.element.is_none()) {
                nodes.push(self.control_node(control, element.depth));
            }
            for node in &mut nodes[before..] {
                node.visible_when = conditions.iter().map(|(_, condition)| condition.clone()).collect();
            }
        }
        Outline { nodes }
    }

    fn control_node(&self, control: &Control, depth: u32) -> OutlineNode {
        let rating = control.max_rating().filter(|_| control.kind == Kind::Rating);
        let bound = |name| control.bound(name).filter(|_| control.kind == Kind::Number);
        let filled = |name| control.attribute(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        OutlineNode {
            name: Some(control.name.clone()),
            to_name: control.to_name.clone(),
            classes: classes(control),
            paths: control.paths().to_vec(),
            // A path is added to those that are chosen, whatever the config says.
            multiple: control.multiple() || control.kind == Kind::Taxonomy,
            required: control.required,
            per_region: control.attribute("perRegion") == Some("true"),
            max_rating: rating.and_then(|rating| u32::try_from(rating).ok()),
            minimum: bound("min"),
            maximum: bound("max"),
            required_message: filled("requiredMessage"),
            placeholder: filled("placeholder"),
            buckets: if control.kind == Kind::Ranker { self.outline_buckets(control) } else { Vec::new() },
            needs: self.needed(control),
            skipped: self.skip_reason(control),
            ..node(depth, &control.tag, OutlineKind::Control)
        }
    }
}

impl Config {
    fn outline_buckets(&self, control: &Control) -> Vec<OutlineBucket> {
        let title = |name: &str| {
            let inside = control.element.into_iter().flat_map(|element| self.tree.children(element));
            let mut elements = inside.map(|child| &self.tree.elements[child]);
            let bucket =
                elements.find(|element| &*element.tag == "Bucket" && element.attribute("name") == Some(name))?;
            bucket.filled("title").map(str::to_owned)
        };
        let named = buckets(self, control).into_iter();
        named.map(|name| OutlineBucket { title: title(&name).unwrap_or_else(|| name.clone()), name }).collect()
    }
}

fn node(depth: u32, tag: &str, kind: OutlineKind) -> OutlineNode {
    OutlineNode {
        depth,
        tag: tag.to_owned(),
        kind,
        name: None,
        value: None,
        variable: None,
        to_name: Vec::new(),
        classes: Vec::new(),
        paths: Vec::new(),
        multiple: false,
        required: false,
        per_region: false,
        max_rating: None,
        minimum: None,
        maximum: None,
        required_message: None,
        placeholder: None,
        buckets: Vec::new(),
        visible_when: Vec::new(),
        needs: None,
        skipped: None,
    }
}

fn object_node(object: &Object, element: &Element) -> OutlineNode {
    let kind = if is_header(&object.tag) { OutlineKind::Header } else { OutlineKind::Object };
    OutlineNode {
        name: Some(object.name.clone()),
        value: object.value.clone(),
        variable: object.variable.clone(),
        ..node(element.depth, &object.tag, kind)
    }
}

/// An element that neither asks nor shows data, if it is seen at all.
fn plain_node(element: &Element) -> Option<OutlineNode> {
    let text = Some(element.text.trim()).filter(|text| !text.is_empty());
    let kind = match &*element.tag {
        "View" => OutlineKind::View,
        tag if is_header(tag) => OutlineKind::Header,
        "Style" | "Shortcut" | "Filter" | "Label" | "Choice" | "Relation" | "Bucket" | "Channel" => return None,
        _ => OutlineKind::Other,
    };
    let value = match kind {
        OutlineKind::View => None,
        _ => element.filled("value").or(text),
    };
    Some(OutlineNode {
        value: value.map(str::to_owned),
        variable: value.and_then(data::variable).map(str::to_owned),
        ..node(element.depth, &element.tag, kind)
    })
}

fn is_header(tag: &str) -> bool {
    matches!(tag, "Header" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

fn classes(control: &Control) -> Vec<OutlineClass> {
    let labels = control.labels.iter().zip(&control.label_attributes);
    labels
        .enumerate()
        .map(|(place, (key, attributes))| {
            let attribute = |name: &str| attributes.filled(name);
            OutlineClass {
                value: attribute("value").unwrap_or(key).to_owned(),
                alias: attribute("alias").map(str::to_owned),
                colour: attribute("background")
                    .and_then(colour)
                    .unwrap_or_else(|| PALETTE[place % PALETTE.len()].to_owned()),
                hotkey: attribute("hotkey").map(str::to_owned),
            }
        })
        .collect()
}

/// A colour that is safe to put in a style sheet: `#rrggbb` of any hexadecimal notation, or a name that CSS knows.
fn colour(written: &str) -> Option<String> {
    let written = written.trim();
    if let Some(digits) = written.strip_prefix('#') {
        let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        return match digits.len() {
            3 | 4 if hexadecimal => {
                Some(format!("#{}", digits.chars().take(3).flat_map(|digit| [digit, digit]).collect::<String>()))
            }
            6 | 8 if hexadecimal => Some(format!("#{}", &digits[..6])),
            _ => None,
        };
    }
    let name = written.to_ascii_lowercase();
    COLOUR_NAMES.split_whitespace().any(|known| known == name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_shows_what_is_seen_in_its_order() {
        let config = Config::parse(
            r##"<View><Style>.a { color: red }</Style><Header value="What is it about?"/><Text name="t" value="$text"/>
                <View className="box"><Choices name="c" toName="t" choice="multiple" required="true"
                requiredMessage=" What is it? "><View><Choice value="Bug" alias="BUG" background="#abc" hotkey="b"/></View>
                <Choice value="Praise" background="url(x)"/></Choices></View>
                <Rating name="r" toName="t" maxRating="3" perRegion="true"/></View>"##,
        )
        .expect("the config is well-formed");
        let outline = config.outline();
        let tags: Vec<_> = outline.nodes.iter().map(|node| format!("{} {}", node.depth, node.tag)).collect();
        assert_eq!(tags, ["0 View", "1 Header", "1 Text", "1 View", "2 Choices", "1 Rating"]);
        let choices = &outline.nodes[4];
        assert!(choices.multiple && choices.required && choices.skipped.is_none());
        assert_eq!(choices.required_message.as_deref(), Some("What is it?"));
        assert_eq!(
            choices.classes,
            [
                OutlineClass {
                    value: "Bug".to_owned(),
                    alias: Some("BUG".to_owned()),
                    colour: "#aabbcc".to_owned(),
                    hotkey: Some("b".to_owned()),
                },
                OutlineClass { value: "Praise".to_owned(), alias: None, colour: PALETTE[1].to_owned(), hotkey: None },
            ]
        );
        assert_eq!(outline.nodes[5].max_rating, Some(3));
        assert!(outline.nodes[5].skipped.is_some() && outline.nodes[5].per_region);
    }

    #[test]
    fn an_outline_says_when_something_is_shown() {
        let config = Config::parse(
            r#"<View><Text name="t" value="$t"/><Choices name="kind" toName="t"><Choice value="Bug"/></Choices>
                <View visibleWhen="choice-selected" whenTagName="kind" whenChoiceValue="Bug, Crash">
                <View visibleWhen="region-selected"><Rating name="r" toName="t"/></View><Number name="n" toName="t"/></View>
                <TextArea name="x" toName="t" visibleWhen="sometimes"/></View>"#,
        )
        .expect("the config is well-formed");
        let nodes = config.outline().nodes;
        let of = |name: &str| {
            let node = nodes.iter().find(|node| node.name.as_deref() == Some(name)).expect("it is shown");
            node.visible_when.clone()
        };
        let bug = VisibleWhen {
            kind: VisibleKind::ChoiceSelected,
            control: Some("kind".to_owned()),
            values: vec!["Bug".to_owned(), "Crash".to_owned()],
        };
        let any = VisibleWhen { kind: VisibleKind::RegionSelected, control: None, values: Vec::new() };
        assert_eq!((of("r"), of("n")), (vec![bug.clone(), any], vec![bug]));
        assert_eq!((of("kind"), of("x")), (Vec::new(), Vec::new()));
    }

    #[test]
    fn an_outline_says_what_a_model_must_be_able_to_do() {
        let config = Config::parse(
            r#"<View><Image name="i" value="$i"/><Pdf name="p" value="$p"/><List name="l" value="$l"/>
                <RectangleLabels name="b" toName="i"><Label value="Car"/></RectangleLabels>
                <Rating name="r" toName="p"/><Ranker name="k" toName="l"/>
                <Ranker name="m" toName="l"><Bucket name="good" title="Good"/><Bucket name="bad"/></Ranker></View>"#,
        )
        .expect("the config is well-formed");
        let nodes = config.outline().nodes;
        let needs: Vec<_> = nodes[4..].iter().map(|node| node.needs.as_deref()).collect();
        assert_eq!(needs, [Some("sees images"), Some("reads PDF files"), None, None]);
        let titles =
            |place: usize| -> Vec<_> { nodes[place].buckets.iter().map(|bucket| bucket.title.as_str()).collect() };
        assert_eq!((titles(6), titles(7)), (vec!["k"], vec!["Good", "bad"]));
    }
}
