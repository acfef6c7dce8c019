//! The draft that a new prompt starts from.

use super::first_task;
use crate::connections::{models, provider};
use crate::{Inner, Result, clock};
use serde_json::{Map, Value};
use std::fmt::Write as _;
use touchstone_domain::json::Object;
use touchstone_domain::prompt::{Message, PromptContent, Provider, Role};
use touchstone_domain::template::{VariableFormat, variables};
use touchstone_labeling::{Config, OutlineKind, OutlineNode};
use touchstone_store::DraftRow;

/// A prompt to start from: it names what is asked for and shows the data that the labeling interface shows. It asks the
/// connection that was used last, if there is one.
pub(super) fn first_draft(inner: &Inner, project_key: i64, config: &Config) -> Result<DraftRow> {
    let connection = match inner.store.last_used_connection()? {
        Some(id) => inner.store.connection(id.as_str()).ok(),
        None => None,
    };
    let messages = vec![
        Message::new(Role::System, INSTRUCTION),
        Message::new(Role::User, question(config, &first_task(inner, project_key)?)),
    ];
    let content = PromptContent {
        messages,
        input_variable_format: VariableFormat::FString,
        provider: connection.as_ref().map_or(Provider::Custom, provider),
        model: connection.as_ref().and_then(|row| models(row).into_iter().next()).unwrap_or_default(),
        invocation_params: Object::default(),
        provider_params: Object::default(),
        extra: Object::default(),
    };
    Ok(DraftRow {
        content: content.canonical_json(),
        connection_id: connection.map(|row| row.id),
        based_on: None,
        updated_at: clock::now(),
    })
}

const INSTRUCTION: &str = "You label data. Read the item and answer with one JSON object that follows the given schema, \
                           and nothing else. Where classes are listed, use only those, spelled exactly as they are.";

fn question(config: &Config, data: &Map<String, Value>) -> String {
    let mut text = String::from("Answer for this item:\n");
    for node in config.outline().nodes {
        let (OutlineKind::Control, Some(name), None) = (node.kind, &node.name, &node.skipped) else { continue };
        let _ = writeln!(text, "- {}: {}", literal(name), wanted(&node));
    }
    text.push_str("\nThe item:\n");
    let shown = config.variables();
    let names: Vec<_> = if shown.is_empty() { data.keys().cloned().collect() } else { shown };
    for name in &names {
        let variable = format!("{{{name}}}");
        // A key that the template language cannot spell is left for the user.
        if variables(&variable, VariableFormat::FString).len() == 1 {
            let label = if names.len() == 1 { String::new() } else { format!("{name}: ") };
            let _ = writeln!(text, "{label}{variable}");
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Names of classes that a first draft lists: some thousands. More would be sent with each task, and be too much to edit.
const LISTED_BYTES_MAX: usize = 64 << 10;

/// What a control asks for, in words.
fn wanted(node: &OutlineNode) -> String {
    // All or none: the model is told to use only those, and not each one is shown the schema as well.
    let classes = node.classes.iter().map(|class| class.alias.as_ref().unwrap_or(&class.value));
    let listed = if node.classes.is_empty() || classes.clone().map(String::len).sum::<usize>() > LISTED_BYTES_MAX {
        "the classes that the schema names".to_owned()
    } else {
        classes.map(|class| literal(class)).collect::<Vec<_>>().join(", ")
    };
    match node.tag.to_ascii_lowercase().as_str() {
        "labels" | "hypertextlabels" => format!("mark every piece of the text that is one of: {listed}"),
        "textarea" => "write a short text".to_owned(),
        "rating" => format!("a whole number from 1 to {}", node.max_rating.unwrap_or(5)),
        "number" => match (node.minimum, node.maximum) {
            (Some(low), Some(high)) => format!("a number from {low} to {high}"),
            (Some(low), None) => format!("a number, at least {low}"),
            (None, Some(high)) => format!("a number, at most {high}"),
            (None, None) => "a number".to_owned(),
        },
        "pairwise" => "which of the two is better, left or right".to_owned(),
        "datetime" => "a date, such as 2024-05-07, with the time if it is known".to_owned(),
        "taxonomy" => format!("every path that applies, from the root down, through: {listed}"),
        "ranker" => "the ids of the items, the best first".to_owned(),
        "reactcode" => "the values that the schema names".to_owned(),
        "rectanglelabels" => format!("a box, in percent of the picture, around everything that is one of: {listed}"),
        _ if node.multiple => format!("choose all that apply: {listed}"),
        _ => format!("choose one: {listed}"),
    }
}

/// `text` as a template that shows it as it is: braces that would make a variable are doubled.
fn literal(text: &str) -> String {
    if variables(text, VariableFormat::FString).is_empty() {
        text.to_owned()
    } else {
        text.replace('{', "{{").replace('}', "}}")
    }
}
