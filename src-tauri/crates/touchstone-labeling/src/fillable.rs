//! Which controls a prompt can fill, and what a model must be able to read for each.

use crate::config::{Config, Control, Object};
use crate::kind::Kind;
use crate::outputs;
use serde_json::Value;

/// What a model can read beside text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    pub sees_images: bool,
    pub reads_pdf: bool,
}

impl Capabilities {
    /// Text and nothing else.
    pub const TEXT: Capabilities = Capabilities { sees_images: false, reads_pdf: false };
    /// Everything that can be sent: what a project may hope for before a model is chosen.
    pub const ALL: Capabilities = Capabilities { sees_images: true, reads_pdf: true };

    fn cover(self, needs: Capabilities) -> bool {
        (self.sees_images || !needs.sees_images) && (self.reads_pdf || !needs.reads_pdf)
    }
}

/// The controls of a config, divided by whether a prompt can fill them; both in the config's order.
#[derive(Clone, Debug)]
pub struct Fillable<'a> {
    pub controls: Vec<FillableControl<'a>>,
    pub skipped: Vec<Skipped>,
}

/// A control that a prompt can fill.
#[derive(Clone, Copy, Debug)]
pub struct FillableControl<'a> {
    pub control: &'a Control,
    /// What a model must be able to read to be asked for it.
    pub needs: Capabilities,
}

/// A control that a prompt cannot fill. It is shown, and left out of what a model is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub tag: String,
    pub name: String,
    /// A sentence without its full stop and its capital: it follows the control's name.
    pub reason: String,
    /// Another model could fill it: one that can read what this one cannot.
    pub for_model: bool,
}

/// Why a control is skipped.
struct Refusal {
    reason: String,
    for_model: bool,
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Refusal { reason, for_model: false }
    }
}

impl Config {
    /// Divides the controls by whether a prompt can fill them with a model that can read `capabilities`.
    pub fn fillable(&self, capabilities: Capabilities) -> Fillable<'_> {
        let mut fillable = Fillable { controls: Vec::new(), skipped: Vec::new() };
        for control in self.controls() {
            match self.needs(control, capabilities) {
                Ok(needs) => fillable.controls.push(FillableControl { control, needs }),
                Err(Refusal { reason, for_model }) => fillable.skipped.push(Skipped {
                    tag: control.tag.clone(),
                    name: control.name.clone(),
                    reason,
                    for_model,
                }),
            }
        }
        fillable
    }

    /// Why no prompt can fill a control, whatever the model can read, in words.
    pub(crate) fn skip_reason(&self, control: &Control) -> Option<String> {
        self.needs(control, Capabilities::ALL).err().map(|refusal| refusal.reason)
    }

    /// What a model must be able to do beside reading text to fill a control; `None` where that is enough, or where no
    /// model can.
    pub(crate) fn needed(&self, control: &Control) -> Option<String> {
        let needs = self.needs(control, Capabilities::ALL).ok()?;
        let words = [(needs.sees_images, "sees images"), (needs.reads_pdf, "reads PDF files")];
        let words: Vec<_> = words.into_iter().filter(|(needed, _)| *needed).map(|(_, word)| word).collect();
        (!words.is_empty()).then(|| words.join(" and "))
    }

    /// What a model must be able to read to fill a control, if one of these capabilities can.
    fn needs(&self, control: &Control, capabilities: Capabilities) -> Result<Capabilities, Refusal> {
        if let Some(reason) = unsupported(control) {
            return Err(reason.into());
        }
        let targets_min = if control.kind == Kind::Pairwise { 2 } else { 1 };
        if control.to_name.len() < targets_min {
            return Err("it compares two objects, but names only one".to_owned().into());
        }
        let mut needs = Capabilities::TEXT;
        for name in &control.to_name {
            // What a ReactCode shows is its own, and the prompt's variables carry it.
            if control.kind == Kind::ReactCode && *name == control.name {
                continue;
            }
            let Some(object) = self.object(name) else {
                return Err(format!("it belongs to “{name}”, which is not shown").into());
            };
            let more = readable(control, object)?;
            if !capabilities.cover(more) {
                let lack = if more.sees_images { "see images" } else { "read PDF files" };
                let reason = format!("it is about the {} “{name}”, and the model cannot {lack}", object.tag);
                return Err(Refusal { reason, for_model: true });
            }
            needs.sees_images |= more.sees_images;
            needs.reads_pdf |= more.reads_pdf;
        }
        Ok(needs)
    }
}

fn unsupported(control: &Control) -> Option<String> {
    let chooses = matches!(control.kind, Kind::Choices | Kind::Labels | Kind::RectangleLabels | Kind::Taxonomy);
    let reason = match control.kind {
        _ if control.attribute("perRegion") == Some("true") => "it is asked about each region, not about the task",
        _ if control.attribute("perItem") == Some("true") => "it is asked about each item, not about the task",
        // What each task offers is known with the task.
        _ if control.choices_from().is_some() => return None,
        _ if chooses && control.dynamic => "its choices come from a server, not from the config or the task",
        _ if chooses && control.labels.is_empty() => "it has nothing to choose from",
        Kind::Rating if control.max_rating().is_none_or(|maximum| maximum <= 0) => {
            "its highest rating is not a whole number above 0"
        }
        Kind::Number if matches!((control.bound("min"), control.bound("max")), (Some(low), Some(high)) if low > high) => {
            "its minimum is above its maximum"
        }
        Kind::ReactCode if !declares_outputs(control) => "it does not declare its outputs",
        _ if chooses => return None,
        Kind::Rating
        | Kind::Number
        | Kind::TextArea
        | Kind::DateTime
        | Kind::Pairwise
        | Kind::Ranker
        | Kind::ReactCode => return None,
        _ => return Some(format!("a prompt cannot fill {}", control.tag)),
    };
    Some(reason.to_owned())
}

/// Whether a ReactCode says what it gives back, so that a model can be asked for it.
fn declares_outputs(control: &Control) -> bool {
    let Some(schema) = outputs::schema(control.attribute("outputs").unwrap_or_default()) else { return false };
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.is_some_and(|properties| !properties.is_empty()) || schema.get("items").is_some()
}

/// What a model must be able to read to be shown an object for this control, or in words why none can be.
fn readable(control: &Control, object: &Object) -> Result<Capabilities, String> {
    let is = |tags: &[&str]| tags.iter().any(|tag| object.tag.eq_ignore_ascii_case(tag));
    if is(&["Text", "HyperText", "Paragraphs"]) && object.attribute("valueType") == Some("url") {
        return Err(format!("it is about “{}”, whose text is not in the data: only its address is", object.name));
    }
    match control.kind {
        Kind::Labels if !is(&["Text"]) => {
            return Err(format!("it marks spans in a {}, a prompt only can in a Text", object.tag));
        }
        Kind::RectangleLabels if !is(&["Image"]) => {
            return Err(format!("it marks boxes in a {}, a prompt only can in an Image", object.tag));
        }
        _ => {}
    }
    if is(&["Image"]) {
        Ok(Capabilities { sees_images: true, ..Capabilities::TEXT })
    } else if is(&["Pdf"]) {
        Ok(Capabilities { reads_pdf: true, ..Capabilities::TEXT })
    } else if is(&["Text", "HyperText", "Paragraphs", "Chat", "List", "Table"]) {
        Ok(Capabilities::TEXT)
    } else {
        Err(format!("it is about the {} “{}”, which a prompt cannot send to a model", object.tag, object.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(controls: &str, capabilities: Capabilities) -> Vec<String> {
        let xml = format!(
            r#"<View><Text name="t" value="$t"/><Text name="u" value="$u"/><Image name="i" value="$i"/>
               <HyperText name="h" value="$h"/><List name="l" value="$l"/><Pdf name="f" value="$f"/>
               <Video name="v" value="$v"/>{controls}</View>"#
        );
        let config = Config::parse(&xml).expect("the config is well-formed");
        config.fillable(capabilities).skipped.into_iter().map(|skipped| skipped.reason).collect()
    }

    #[test]
    fn what_asks_for_text_about_text_can_be_filled() {
        let all = r#"<Choices name="c" toName="t"><Choice value="A"/></Choices>
            <Labels name="s" toName="t"><Label value="A"/></Labels><TextArea name="a" toName="h"/>
            <Rating name="r" toName="t"/><Number name="n" toName="t"/><Pairwise name="p" toName="t,u"/>
            <DateTime name="d" toName="t"/><Taxonomy name="x" toName="t"><Choice value="A"/></Taxonomy>
            <Ranker name="k" toName="l"/><ReactCode name="z" toName="z" outputs="mood"/>"#;
        assert_eq!(skipped(all, Capabilities::TEXT), Vec::<String>::new());
    }

    #[test]
    fn pictures_and_documents_need_a_model_that_reads_them() {
        let all = r#"<RectangleLabels name="b" toName="i"><Label value="A"/></RectangleLabels>
            <TextArea name="a" toName="f"/><Pairwise name="p" toName="t,i"/>"#;
        assert_eq!(skipped(all, Capabilities::ALL), Vec::<String>::new());
        assert_eq!(
            skipped(all, Capabilities::TEXT),
            [
                "it is about the Image “i”, and the model cannot see images",
                "it is about the Pdf “f”, and the model cannot read PDF files",
                "it is about the Image “i”, and the model cannot see images",
            ]
        );
        assert_eq!(skipped(all, Capabilities { sees_images: true, ..Capabilities::TEXT }).len(), 1);
    }

    #[test]
    fn everything_else_is_skipped_with_a_reason() {
        let reasons = [
            (r#"<Rating name="r" toName="t" perRegion="true"/>"#, "it is asked about each region, not about the task"),
            (
                r#"<Choices name="c" toName="t" apiUrl="https://host"/>"#,
                "its choices come from a server, not from the config or the task",
            ),
            (r#"<Choices name="c" toName="t"/>"#, "it has nothing to choose from"),
            (r#"<Rating name="r" toName="t" maxRating="many"/>"#, "its highest rating is not a whole number above 0"),
            (r#"<Rating name="r" toName="nope"/>"#, "it belongs to “nope”, which is not shown"),
            (r#"<Pairwise name="p" toName="t"/>"#, "it compares two objects, but names only one"),
            (r#"<Rating name="r" toName="v"/>"#, "it is about the Video “v”, which a prompt cannot send to a model"),
            (
                r#"<Labels name="s" toName="h"><Label value="A"/></Labels>"#,
                "it marks spans in a HyperText, a prompt only can in a Text",
            ),
            (
                r#"<RectangleLabels name="b" toName="f"><Label value="A"/></RectangleLabels>"#,
                "it marks boxes in a Pdf, a prompt only can in an Image",
            ),
            (r#"<ReactCode name="z" toName="z"/>"#, "it does not declare its outputs"),
            (r#"<Brush name="b" toName="i"/>"#, "a prompt cannot fill Brush"),
        ];
        for (control, reason) in reasons {
            assert_eq!(skipped(control, Capabilities::ALL), [reason], "{control}");
        }
    }
}
