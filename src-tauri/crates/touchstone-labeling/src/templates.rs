//! Labeling configs for the common jobs, to start a project from.

use crate::xml::ConfigError;
use serde::Serialize;
use serde_json::{Map, Value};
use specta::Type;

/// A config for a common job.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub struct ConfigTemplate {
    pub id: &'static str,
    /// What it is listed under.
    pub group: &'static str,
    pub title: &'static str,
    pub description: &'static str,
    pub xml: String,
    /// The data of one task that it suits.
    pub sample: Map<String, Value>,
}

struct Row {
    id: &'static str,
    group: &'static str,
    title: &'static str,
    description: &'static str,
    /// The config, and in a comment at its end the data of one task.
    file: &'static str,
}

macro_rules! rows {
    ($($id:literal, $group:literal, $title:literal, $description:literal;)*) => {
        &[$(Row {
            id: $id,
            group: $group,
            title: $title,
            description: $description,
            file: include_str!(concat!("../templates/", $id, ".xml")),
        }),*]
    };
}

#[rustfmt::skip]
const ROWS: &[Row] = rows! {
    "sentiment", "Text", "Sentiment", "Is a text positive, negative or neutral?";
    "topic", "Text", "Topic", "Which one topic is a text about?";
    "tags", "Text", "Tags", "Which of several tags fit a text?";
    "entities", "Text", "Named entities", "Mark people, places and the like in a text.";
    "spans-and-kind", "Text", "Spans and kind", "Mark spans in a message and say what kind of message it is.";
    "taxonomy", "Text", "Taxonomy", "Find the place of a text in a tree of subjects.";
    "summary-quality", "Text", "Summary quality", "Rate a summary of a text and say why.";
    "translation", "Text", "Translation review", "Rate a translation and correct it.";
    "numbers", "Extraction", "Amounts and fields", "Read an amount and other fields from a document.";
    "dates", "Extraction", "Dates", "Read a date from a text.";
    "table-row", "Extraction", "Table row", "Check a row of a table.";
    "pairwise", "Model answers", "Compare two answers", "Which of two answers to a question is better?";
    "ranking", "Model answers", "Rank results", "Put search results in the order of their use.";
    "chat", "Model answers", "Conversation quality", "Rate a conversation with an assistant.";
    "image-class", "Images and documents", "Image kind", "What does a picture show?";
    "image-boxes", "Images and documents", "Boxes in an image", "Mark objects in a picture with boxes.";
    "pdf-class", "Images and documents", "PDF kind", "What kind of document is a PDF?";
};

/// The templates, in the order in which to offer them.
pub fn templates() -> Result<Vec<ConfigTemplate>, ConfigError> {
    ROWS.iter().map(Row::template).collect()
}

impl Row {
    fn template(&self) -> Result<ConfigTemplate, ConfigError> {
        let damaged = || ConfigError { message: format!("the template {} has no sample", self.id), line: 1, column: 1 };
        let (xml, rest) = self.file.rsplit_once("<!--").ok_or_else(damaged)?;
        let sample = rest.rsplit_once("-->").and_then(|(json, _)| serde_json::from_str(json).ok());
        Ok(ConfigTemplate {
            id: self.id,
            group: self.group,
            title: self.title,
            description: self.description,
            xml: format!("{}\n", xml.trim_end()),
            sample: sample.ok_or_else(damaged)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::fillable::Capabilities;
    use crate::lint;

    #[test]
    fn every_template_can_be_saved_filled_and_suits_its_sample() -> Result<(), ConfigError> {
        for template in templates()? {
            let id = template.id;
            assert_eq!(lint::problems(&template.xml), [], "{id}");
            let config = Config::parse(&template.xml)?;
            let fillable = config.fillable(Capabilities::ALL);
            assert!(!fillable.controls.is_empty() && fillable.skipped.is_empty(), "{id}");
            for variable in config.variables() {
                assert!(template.sample.contains_key(&variable), "{id}: the sample has {variable}");
            }
            assert!(config.schema().is_some(), "{id}");
        }
        Ok(())
    }
}
