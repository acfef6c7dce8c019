//! Which controls a prompt can fill.

use crate::config::{Config, Control, Object};
use crate::kind::Kind;

/// The controls of a config, divided by whether a prompt can fill them; both in the config's order.
#[derive(Clone, Debug)]
pub struct Fillable<'a> {
    pub controls: Vec<&'a Control>,
    pub skipped: Vec<Skipped>,
}

/// A control that a prompt cannot fill. It is shown, and left out of what a model is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub tag: String,
    pub name: String,
    /// A sentence without its full stop and its capital: it follows the control's name.
    pub reason: String,
}

impl Config {
    /// Divides the controls by whether a prompt can fill them.
    pub fn fillable(&self) -> Fillable<'_> {
        let mut fillable = Fillable { controls: Vec::new(), skipped: Vec::new() };
        for control in self.controls() {
            match self.skip_reason(control) {
                None => fillable.controls.push(control),
                Some(reason) => {
                    fillable.skipped.push(Skipped { tag: control.tag.clone(), name: control.name.clone(), reason })
                }
            }
        }
        fillable
    }

    /// Why a prompt cannot fill a control, in words.
    pub(crate) fn skip_reason(&self, control: &Control) -> Option<String> {
        if let Some(reason) = unsupported(control) {
            return Some(reason);
        }
        let targets_min = if control.kind == Kind::Pairwise { 2 } else { 1 };
        if control.to_name.len() < targets_min {
            return Some("it compares two objects, but names only one".to_owned());
        }
        for name in &control.to_name {
            let Some(object) = self.object(name) else {
                return Some(format!("it belongs to “{name}”, which is not shown"));
            };
            if let Some(reason) = unreadable(control, object) {
                return Some(reason);
            }
        }
        None
    }
}

fn unsupported(control: &Control) -> Option<String> {
    let reason = match control.kind {
        _ if control.attribute("perRegion") == Some("true") => "it is asked about each region, not about the task",
        _ if control.attribute("perItem") == Some("true") => "it is asked about each item, not about the task",
        Kind::Choices | Kind::Labels | Kind::Taxonomy if control.dynamic => {
            "its choices come from each task's data, not from the config"
        }
        Kind::Choices | Kind::Labels | Kind::Taxonomy if control.labels.is_empty() => "it has nothing to choose from",
        Kind::Rating if control.max_rating().is_none_or(|maximum| maximum <= 0) => {
            "its highest rating is not a whole number above 0"
        }
        Kind::Number if matches!((control.bound("min"), control.bound("max")), (Some(low), Some(high)) if low > high) => {
            "its minimum is above its maximum"
        }
        Kind::Choices
        | Kind::Labels
        | Kind::Taxonomy
        | Kind::Rating
        | Kind::Number
        | Kind::TextArea
        | Kind::DateTime
        | Kind::Pairwise => return None,
        _ => return Some(format!("a prompt cannot fill {} yet", control.tag)),
    };
    Some(reason.to_owned())
}

/// Why a prompt cannot put an object before a model for this control, in words.
fn unreadable(control: &Control, object: &Object) -> Option<String> {
    let is = |tags: &[&str]| tags.iter().any(|tag| object.tag.eq_ignore_ascii_case(tag));
    if is(&["Text", "HyperText", "Paragraphs"]) && object.attribute("valueType") == Some("url") {
        return Some(format!("it is about “{}”, whose text is not in the data: only its address is", object.name));
    }
    if control.kind == Kind::Labels {
        return (!is(&["Text"])).then(|| format!("it marks spans in a {}, a prompt only can in a Text", object.tag));
    }
    let readable = is(&["Text", "HyperText", "Header", "Markdown", "Paragraphs", "Chat", "List", "Table"]);
    (!readable)
        .then(|| format!("it is about the {} “{}”, which a prompt cannot show to a model yet", object.tag, object.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(controls: &str) -> Vec<String> {
        let xml = format!(
            r#"<View><Text name="t" value="$t"/><Text name="u" value="$u"/><Image name="i" value="$i"/>
               <HyperText name="h" value="$h"/>{controls}</View>"#
        );
        let config = Config::parse(&xml).expect("the config is well-formed");
        config.fillable().skipped.into_iter().map(|skipped| skipped.reason).collect()
    }

    #[test]
    fn what_asks_for_text_about_text_can_be_filled() {
        let all = r#"<Choices name="c" toName="t"><Choice value="A"/></Choices>
            <Labels name="l" toName="t"><Label value="A"/></Labels><TextArea name="a" toName="h"/>
            <Rating name="r" toName="t"/><Number name="n" toName="t"/><Pairwise name="p" toName="t,u"/>
            <DateTime name="d" toName="t"/><Taxonomy name="x" toName="t"><Choice value="A"/></Taxonomy>"#;
        assert_eq!(skipped(all), Vec::<String>::new());
    }

    #[test]
    fn everything_else_is_skipped_with_a_reason() {
        let reasons = [
            (r#"<Rating name="r" toName="t" perRegion="true"/>"#, "it is asked about each region, not about the task"),
            (
                r#"<Choices name="c" toName="t" value="$x"/>"#,
                "its choices come from each task's data, not from the config",
            ),
            (r#"<Choices name="c" toName="t"/>"#, "it has nothing to choose from"),
            (r#"<Rating name="r" toName="t" maxRating="many"/>"#, "its highest rating is not a whole number above 0"),
            (r#"<Rating name="r" toName="nope"/>"#, "it belongs to “nope”, which is not shown"),
            (r#"<Pairwise name="p" toName="t"/>"#, "it compares two objects, but names only one"),
            (
                r#"<Rating name="r" toName="i"/>"#,
                "it is about the Image “i”, which a prompt cannot show to a model yet",
            ),
            (
                r#"<Labels name="l" toName="h"><Label value="A"/></Labels>"#,
                "it marks spans in a HyperText, a prompt only can in a Text",
            ),
            (r#"<Brush name="b" toName="i"/>"#, "a prompt cannot fill Brush yet"),
        ];
        for (control, reason) in reasons {
            assert_eq!(skipped(control), [reason], "{control}");
        }
    }
}
