//! Prompts of other programs, in JSON: the Arize prompts API (`touchstone-arize`), Phoenix (a version with `template`; see
//! `phoenix.rs`), Langfuse (a prompt's JSON: `prompt`, `config`, `labels`).

use super::{Found, FoundVersion, History, Read, alone_or_listed, joined, object, phoenix, text, texts};
use crate::versions::parsed;
use crate::{Error, Result};
use serde_json::json;
use touchstone_arize::{VersionRecord, files};
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::{Message, PromptContent, Provider, Role};
use touchstone_domain::template::VariableFormat;
use touchstone_store::{PromptRow, VersionRow};

pub(super) fn arize(history: &History) -> Result<Json> {
    let version = |version: &VersionRow| -> Result<Json> {
        let record = VersionRecord {
            id: version.id.clone(),
            prompt_id: history.prompt.id.clone(),
            commit_hash: version.commit_hash.clone(),
            commit_message: version.commit_message.clone(),
            content: parsed(&version.content)?,
            created_at: version.created_at.clone(),
            labels: history.labels_of(version),
        };
        Ok(Json::Object(files::version_object(&record, "")))
    };
    Ok(Json::Object(object([
        ("name", text(&history.prompt.name)),
        ("description", text(&history.prompt.description)),
        ("versions", Json::Array(history.versions.iter().map(version).collect::<Result<_>>()?)),
    ])))
}

pub(super) fn langfuse(history: &History) -> Result<Json> {
    let version = |version: &VersionRow| {
        let content = parsed(&version.content)?;
        let messages = content.messages.iter().map(|message| {
            json!({ "role": message.role.as_str(), "content": braces(message.text(), content.input_variable_format) })
        });
        let mut config = content.invocation_params.to_map();
        config.insert("model".to_owned(), content.model.clone().into());
        Ok(Json::from(&json!({
            "name": history.prompt.name,
            "version": version.number,
            "type": "chat",
            "prompt": messages.collect::<Vec<_>>(),
            "config": config,
            "labels": history.labels_of(version),
            "tags": [],
            "commitMessage": version.commit_message,
        })))
    };
    Ok(alone_or_listed(history.versions.iter().map(version).collect::<Result<_>>()?))
}

pub(super) fn no_version(prompt: &PromptRow) -> Error {
    Error::invalid(format!("“{}” has no version yet; save one first", prompt.name))
}

/// Why a version is not written for another program.
pub(super) fn unsaid(history: &History, version: &VersionRow, program: &str, why: &str) -> Error {
    let name = &history.prompt.name;
    Error::invalid(format!("version {} of “{name}” cannot be written for {program}: {why}", version.number))
}

/// Refuses an object that has more than the other program knows.
pub(super) fn has_only(object: &Object, known: &[&str], what: &str) -> Read<()> {
    match object.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(format!("{what} have no place for “{name}”")),
        None => Ok(()),
    }
}

/// Parameters by our names: those that the Arize prompts API knows, and the others, which go into the request as they are.
pub(super) fn parameters(given: Object) -> (Object, Object) {
    let (known, extra) = given.0.into_iter().partition(|(name, _)| files::is_param(name));
    (Object(known), Object(extra))
}

/// A template in double braces, the only ones that Langfuse knows.
fn braces(template: &str, format: VariableFormat) -> String {
    if format != VariableFormat::FString {
        return template.to_owned();
    }
    let mut text = String::with_capacity(template.len());
    let mut at = 0;
    for variable in touchstone_domain::template::variables(template, format) {
        text.push_str(&template[at..variable.range.start]);
        text.push_str(&VariableFormat::Mustache.written(variable.path));
        at = variable.range.end;
    }
    text.push_str(&template[at..]);
    text
}

/// The prompts of a file, each named after the file where it has no name.
pub(super) fn read(json: &Json, stem: &str) -> Read<Vec<Read<Found>>> {
    let items: Vec<&Json> = match json {
        Json::Array(items) => {
            items.iter().flat_map(|item| item.as_array().map_or(vec![item], |all| all.iter().collect())).collect()
        }
        Json::Object(object) => match object.get("prompts").or_else(|| object.get("data")) {
            Some(Json::Array(items)) => items.iter().collect(),
            Some(data @ Json::Object(_)) => vec![data],
            _ => vec![json],
        },
        _ => return Err("it holds no prompt".to_owned()),
    };
    Ok(joined(items.into_iter().map(|item| found(item, stem)).collect()))
}

/// A prompt of another program, and the number of its version where the file holds versions one by one.
fn found(json: &Json, stem: &str) -> Read<(Found, Option<u32>)> {
    let object = json.as_object().ok_or("a prompt is no object")?;
    let word = |name: &str| object.get(name).and_then(Json::as_str).map(str::to_owned);
    let name = word("name").filter(|name| !name.trim().is_empty()).unwrap_or_else(|| stem.to_owned());
    let holding = |versions| Found {
        name: name.clone(),
        description: word("description").unwrap_or_default(),
        folder: String::new(),
        versions,
        draft: None,
    };
    let at = |why: String| format!("“{name}”: {why}");
    if let Some(prompt) = object.get("prompt") {
        let number = match object.get("version") {
            Some(Json::Number(digits)) => digits.parse().ok(),
            _ => None,
        };
        return Ok((holding(vec![langfuse_version(object, prompt).map_err(at)?]), Some(number.unwrap_or(1))));
    }
    let nested = object.get("version").and_then(Json::as_object).unwrap_or(object);
    if let Some(template) = nested.get("template").and_then(Json::as_object) {
        return Ok((holding(vec![phoenix::read(nested, template).map_err(at)?]), None));
    }
    let several = object.get("versions").and_then(Json::as_array);
    if several.is_none() && nested.get("messages").is_none() {
        return Err(at("it is in no format that is known".to_owned()));
    }
    let mut versions = Vec::new();
    // The API gives the newest first.
    let given: Vec<&Object> = match several {
        Some(several) => several.iter().rev().filter_map(Json::as_object).collect(),
        None => vec![nested],
    };
    for version in given {
        let read = files::version_of(version).map_err(at)?;
        let mut made = FoundVersion::of(&read.content, Some(read.commit_message), texts(version.get("labels")));
        made.created_at = version.get("created_at").and_then(Json::as_str).map(str::to_owned);
        versions.push(made);
    }
    if versions.is_empty() { Err(at("it has no version".to_owned())) } else { Ok((holding(versions), None)) }
}

fn langfuse_version(object: &Object, prompt: &Json) -> Read<FoundVersion> {
    let messages = match prompt {
        Json::String(words) => vec![Message::new(Role::User, words.clone())],
        Json::Array(given) => given.iter().map(message).collect::<Read<Vec<_>>>()?,
        _ => return Err("its prompt is neither a text nor a list of messages".to_owned()),
    };
    let mut params = object.get("config").and_then(Json::as_object).cloned().unwrap_or_default();
    let model = match params.remove("model") {
        Some(Json::String(model)) => model,
        _ => String::new(),
    };
    let content = content_of(messages, VariableFormat::Mustache, Provider::Custom, &model, params);
    let message = object.get("commitMessage").and_then(Json::as_str).map(str::to_owned);
    let mut labels = texts(object.get("labels"));
    // Langfuse puts it on the newest by itself.
    labels.retain(|label| label != "latest");
    Ok(FoundVersion::of(&content, message, labels))
}

/// A role by any of the names that it has elsewhere.
pub(super) fn role(word: &str) -> Read<Role> {
    match word.to_ascii_lowercase().as_str() {
        "system" | "developer" => Ok(Role::System),
        "assistant" | "ai" | "model" => Ok(Role::Assistant),
        "tool" => Ok(Role::Tool),
        "user" | "human" => Ok(Role::User),
        other => Err(format!("“{other}” is no role of a message")),
    }
}

fn content_of(
    messages: Vec<Message>,
    input_variable_format: VariableFormat,
    provider: Provider,
    model: &str,
    invocation_params: Object,
) -> PromptContent {
    PromptContent {
        messages,
        input_variable_format,
        provider,
        model: model.to_owned(),
        invocation_params,
        provider_params: Object::default(),
        extra: Object::default(),
    }
}

/// A message of Phoenix or Langfuse; content in parts is joined, as far as it is text.
fn message(json: &Json) -> Read<Message> {
    let object = json.as_object().ok_or("a message is no object")?;
    let role = role(object.get("role").and_then(Json::as_str).unwrap_or_default())?;
    let content = match object.get("content") {
        Some(Json::String(words)) => words.clone(),
        Some(Json::Array(parts)) => {
            let words = parts.iter().filter_map(|part| part.as_object()?.get("text")?.as_str());
            words.collect::<Vec<_>>().join("")
        }
        _ => return Err("a message has no text".to_owned()),
    };
    Ok(Message::new(role, content))
}

#[derive(Clone, Copy)]
pub(super) enum Case {
    /// As the Arize prompts API has it, and so have we.
    Upper,
    Lower,
}

/// An answer's format or a tool's call, the word for its kind in the other case.
pub(super) fn respelled(json: &Json, case: Case) -> Json {
    let mut json = json.clone();
    if let Json::Object(object) = &mut json
        && let Some(kind) = object.get("type").and_then(Json::as_str).map(str::to_ascii_lowercase)
        && ["function", "text", "json_object", "json_schema"].contains(&kind.as_str())
    {
        object.set(
            "type",
            Json::String(match case {
                Case::Upper => kind.to_ascii_uppercase(),
                Case::Lower => kind,
            }),
        );
    }
    json
}
