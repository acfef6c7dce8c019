//! Prompts of other programs, in JSON, told apart by what they hold: the Arize prompts API (`touchstone-arize`), Phoenix
//! (`phoenix.rs`), Langfuse (`langfuse.rs`). And what is common to programs.

use super::{Found, FoundVersion, History, Read, joined, langfuse, object, phoenix, text, texts};
use crate::Result;
use crate::versions::parsed;
use touchstone_arize::{VersionRecord, files};
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::{Message, Role};
use touchstone_store::VersionRow;

/// All of it can be said.
pub(super) fn arize(history: &History, _: &mut Vec<String>) -> Result<Option<Json>> {
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
    Ok(Some(Json::Object(object([
        ("name", text(&history.prompt.name)),
        ("description", text(&history.prompt.description)),
        ("versions", Json::Array(history.versions.iter().map(version).collect::<Result<_>>()?)),
    ]))))
}

/// Why a version is not written for another program.
pub(super) fn unsaid(history: &History, version: &VersionRow, program: &str, why: &str) -> String {
    let name = &history.prompt.name;
    format!("version {} of “{name}” cannot be written for {program}: {why}", version.number)
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
    // Phoenix takes a prompt's words beside its version.
    let (words, prompt) = match (object.get("prompt"), object.get("version")) {
        (Some(Json::Object(words)), Some(Json::Object(_))) => (words, None),
        (prompt, _) => (object, prompt),
    };
    let word = |name: &str| words.get(name).and_then(Json::as_str).map(str::to_owned);
    let name = word("name").filter(|name| !name.trim().is_empty()).unwrap_or_else(|| stem.to_owned());
    let holding = |versions| Found {
        name: name.clone(),
        description: word("description").unwrap_or_default(),
        folder: String::new(),
        versions,
        moves: Vec::new(),
        draft: None,
    };
    let at = |why: String| format!("“{name}”: {why}");
    if let Some(prompt) = prompt {
        let number = match object.get("version") {
            Some(Json::Number(digits)) => digits.parse().ok(),
            _ => None,
        };
        return Ok((holding(vec![langfuse::read(object, prompt).map_err(at)?]), Some(number.unwrap_or(1))));
    }
    let nested = object.get("version").and_then(Json::as_object).unwrap_or(object);
    if let Some(template) = nested.get("template").and_then(Json::as_object) {
        return Ok((holding(vec![phoenix::read(nested, template).map_err(at)?]), None));
    }
    // Our own word, and that of the API's list of a prompt's versions.
    let several = object.get("versions").or_else(|| object.get("prompt_versions")).and_then(Json::as_array);
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

/// A message of the chat format that most programs share; `beside` reads the texts that are not its own.
pub(super) fn message(json: &Json, beside: &dyn Fn(&str) -> Read<String>) -> Read<Message> {
    let mut fields = json.as_object().ok_or("a message is no object")?.clone();
    let role = role(fields.remove("role").as_ref().and_then(Json::as_str).unwrap_or_default())?;
    let mut message = Message::new(role, "");
    message.content = match fields.remove("content") {
        Some(Json::String(words)) => Some(words),
        Some(Json::Array(parts)) => Some(parts.iter().map(part).collect::<Read<String>>()?),
        None | Some(Json::Null) if fields.get("tool_calls").is_some() => None,
        _ => return Err("a message has no text".to_owned()),
    };
    message.tool_call_id = match fields.remove("tool_call_id") {
        None | Some(Json::Null) => None,
        Some(Json::String(id)) => Some(beside(&id)?),
        Some(_) => return Err("a message's tool_call_id is no text".to_owned()),
    };
    message.tool_calls = match fields.remove("tool_calls") {
        None | Some(Json::Null) => None,
        Some(Json::Array(calls)) => {
            let calls = calls.iter().map(|call| mapped(&respelled(call, Case::Upper), beside));
            Some(Json::Array(calls.collect::<Read<_>>()?))
        }
        Some(_) => return Err("a message's tool_calls are no list".to_owned()),
    };
    for (name, value) in &fields.0 {
        message.other.set(name, mapped(value, beside)?);
    }
    Ok(message)
}

fn part(json: &Json) -> Read<&str> {
    let object = json.as_object();
    let kind = object.and_then(|part| part.get("type")).map_or(Some("text"), Json::as_str);
    let words = object.and_then(|part| part.get("text")?.as_str());
    words.filter(|_| kind == Some("text")).ok_or_else(|| "a message holds something that is no text".to_owned())
}

/// `json` with each of its texts changed.
pub(super) fn mapped(json: &Json, change: &dyn Fn(&str) -> Read<String>) -> Read<Json> {
    Ok(match json {
        Json::String(words) => Json::String(change(words)?),
        Json::Array(items) => Json::Array(items.iter().map(|item| mapped(item, change)).collect::<Read<_>>()?),
        Json::Object(object) => {
            let entries = object.0.iter().map(|(name, value)| Ok((name.clone(), mapped(value, change)?)));
            Json::Object(Object(entries.collect::<Read<_>>()?))
        }
        other => other.clone(),
    })
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
