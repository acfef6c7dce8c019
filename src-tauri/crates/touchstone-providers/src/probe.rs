//! Finding out how a server really holds a model to a schema: some refuse the field, some ignore it in silence.
//!
//! The question asks for a word that the schema forbids: an answer inside the schema proves that it was enforced.

use crate::chat::{Asker, ChatError, ChatErrorKind, ChatMessage, ChatRequest};
use crate::json_of;
use crate::structured::StructuredMode;
use serde_json::{Map, Value, json};
use touchstone_domain::prompt::Role;

/// Answers outside the form that a rung may give before it counts as ignored.
const MISSES_MAX: u32 = 2;

/// The output limit of a probe, in tokens: a small model in a grammar may repeat itself without end.
const OUTPUT_TOKENS_MAX: u32 = 1_000;

/// Tries the rungs of the model `id` from the strongest down, and gives back the first that holds. Asks at most three times
/// a rung. An error that is no matter of the form (a key, a network) is given back as it is.
pub async fn probe(asker: &impl Asker, id: &str) -> Result<StructuredMode, ChatError> {
    for &mode in asker.model().structures(id) {
        if mode == StructuredMode::Instruction || enforces(asker, id, mode).await? {
            return Ok(mode);
        }
    }
    Ok(StructuredMode::Instruction)
}

/// Whether `mode` really holds the model `id` to its form, by at most three questions.
pub async fn enforces(asker: &impl Asker, id: &str, mode: StructuredMode) -> Result<bool, ChatError> {
    let request = question(id, mode);
    let takes_tool = asker.model().body(&request).get("tools").is_some();
    let (mut hits, mut misses) = (0, 0);
    while misses < MISSES_MAX {
        match asker.put(&request).await {
            Ok(reply) if is_held(&reply.content, mode) => {
                // One might be chance: a model that ignores the schema may still pick a letter.
                hits += 1;
                if hits == 2 {
                    return Ok(true);
                }
            }
            Ok(_) => misses += 1,
            Err(error) if is_about_form(&error) => return Ok(false),
            Err(error) if takes_tool && is_about(&TOOL_WORDS, &error) => return Ok(false),
            Err(error) if matches!(error.kind, ChatErrorKind::Truncated | ChatErrorKind::Refused) => misses += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

fn is_held(content: &str, mode: StructuredMode) -> bool {
    if mode == StructuredMode::JsonObject {
        return serde_json::from_str::<Value>(content.trim()).is_ok_and(|answer| answer.is_object());
    }
    json_of(content).is_ok_and(|answer| matches!(answer["label"].as_str(), Some("a" | "b")))
}

/// Where requests say in which form the answer should be, in lower case.
const FORM_WORDS: [&str; 5] = ["response_format", "schema", "output_config", "response_mime_type", "responsemimetype"];

/// The same where the schema is that of a tool.
const TOOL_WORDS: [&str; 2] = ["tools", "tool_choice"];

/// What servers say that give JSON only where the prompt speaks of it, in lower case; some name the messages as the matter.
const WANTS_JSON_SAID: [&str; 2] = ["contain the word 'json'", "contain the word \"json\""];

/// What is said of a schema that is not taken as it is, in lower case: another one might be.
const SCHEMA_FAULTS: [&str; 5] =
    ["invalid_json_schema", "invalid schema", "schema is too complex", "grammar is too large", "too many states"];

/// Whether the server says that it does not take the field for the form of the answer, and not that it finds fault with
/// the schema in it. Local servers say so with 500 as well.
pub fn is_about_form(error: &ChatError) -> bool {
    is_about(&FORM_WORDS, error)
}

fn is_about(form_words: &[&str], error: &ChatError) -> bool {
    let vendor = &error.vendor;
    let said = |words: &[&str], texts: &[&Option<String>]| {
        let mut texts = texts.iter().filter_map(|text| text.as_deref()).map(str::to_lowercase);
        texts.any(|text| words.iter().any(|word| text.contains(word)))
    };
    let all = [&vendor.message, &vendor.code, &vendor.param];
    // Where a parameter is named, the others that are spoken of are not the matter.
    let about = if vendor.param.is_some() { &all[2..] } else { &all[..2] };
    let is_spoken_of = said(form_words, about) || said(&WANTS_JSON_SAID, &all[..1]);
    matches!(vendor.status, Some(400 | 404 | 422 | 500)) && is_spoken_of && !said(&SCHEMA_FAULTS, &all)
}

fn question(model: &str, mode: StructuredMode) -> ChatRequest {
    let mut params = Map::new();
    params.insert("max_completion_tokens".to_owned(), Value::from(OUTPUT_TOKENS_MAX));
    ChatRequest {
        model: model.to_owned(),
        messages: vec![ChatMessage::new(Role::User, "Answer with the word zebra.")],
        schema: json!({
            "type": "object",
            "properties": {"label": {"type": "string", "enum": ["a", "b"]}},
            "required": ["label"],
            "additionalProperties": false,
        })
        .into(),
        structure: Some(mode),
        params,
        inputs: Vec::new(),
        shares_beginning: false,
    }
}

#[cfg(test)]
mod tests;
