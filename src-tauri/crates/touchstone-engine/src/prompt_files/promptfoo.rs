//! Configs of promptfoo (`promptfooconfig.yaml`): prompts, and the providers that they are asked of. Tests are not ours.
//!
//! Written, each version is a prompt of its own, named “Tone (v3)”, so that promptfoo shows versions side by side; read,
//! prompts of such names are the versions of one again. Nothing is run and nothing fetched, and what would change its
//! meaning here is refused, one prompt at a time.
//!
//! `nunjucks.rs` has the templates, `models.rs` the providers, `folder.rs` the files that a config names.
//! Source: the documentation of promptfoo 0.120, and what it does with such files.

mod folder;
mod models;
mod nunjucks;

use super::foreign::{Case, mapped, message, respelled, unsaid};
use super::{Found, FoundVersion, History, Read, joined, object, text, yaml};
use crate::versions::parsed;
use crate::{Error, Result};
use folder::{Folder, Named};
use models::Asked;
use nunjucks::Piece;
use serde_json::json;
use std::collections::HashMap;
use std::path::Path;
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::{Message, NAME_CHARS_MAX, PromptContent, Provider, Role};

/// More than somebody compares. Each is written on its own, which takes its time.
const PROMPTS_MAX: usize = 10_000;

/// A config with every version of the prompts, oldest first, and how many prompts have one in it. Versions that cannot be
/// said are left out and refused.
pub(super) fn file(all: &[History], refused: &mut Vec<String>) -> Result<(String, usize)> {
    if all.is_empty() {
        return Err(Error::invalid("there is no version to write yet; save one first"));
    }
    let mut prompts = Vec::new();
    let mut count = 0;
    let mut asked: Vec<(String, Object, Vec<String>)> = Vec::new();
    for history in all {
        let name = &history.prompt.name;
        let before = prompts.len();
        for version in history.versions.iter().rev() {
            let content = parsed(&version.content)?;
            let said = raw(&content).and_then(|raw| Ok((raw, models::config(&content)?)));
            let (raw, config) = match said {
                Ok(said) => said,
                Err(why) => {
                    refused.push(unsaid(history, version, "promptfoo", &why));
                    continue;
                }
            };
            let label = format!("{name} (v{})", version.number);
            let mut prompt = object([("label", text(&label)), ("raw", Json::String(raw))]);
            match models::id(&content) {
                Some(id) => match asked.iter_mut().find(|(known, with, _)| *known == id && *with == config) {
                    Some((_, _, labels)) => labels.push(label),
                    None => asked.push((id, config, vec![label])),
                },
                // Whoever asks adds the model; the parameters are the prompt's as well.
                None if !config.is_empty() => prompt.set("config", Json::Object(config)),
                None => {}
            }
            prompts.push(Json::Object(prompt).to_value());
        }
        count += usize::from(prompts.len() > before);
    }
    if prompts.is_empty() {
        return Err(Error::invalid(refused.join("; ")));
    }
    let mut numbers = HashMap::new();
    let providers: Vec<_> = asked
        .iter()
        .map(|(id, config, labels)| {
            let mut provider = serde_json::Map::from_iter([("id".to_owned(), id.as_str().into())]);
            // promptfoo tells providers apart by their labels.
            provider.insert("label".to_owned(), numbered(&mut numbers, id).into());
            if !config.is_empty() {
                provider.insert("config".to_owned(), config.to_map().into());
            }
            provider.insert("prompts".to_owned(), labels.as_slice().into());
            provider
        })
        .collect();
    let description = match all {
        [only] if only.prompt.description.is_empty() => only.prompt.name.clone(),
        [only] => only.prompt.description.clone(),
        _ => format!("{count} prompts of Touchstone"),
    };
    let mut file = json!({ "description": description, "prompts": prompts });
    if !providers.is_empty() {
        file["providers"] = json!(providers);
    }
    Ok((yaml::written(&file)?, count))
}

/// `name` at first, then `name 2`, `name 3`, …
fn numbered(numbers: &mut HashMap<String, u32>, name: &str) -> String {
    let number = numbers.entry(name.to_owned()).or_insert(0);
    *number += 1;
    if *number == 1 { name.to_owned() } else { format!("{name} {number}") }
}

/// A version as the text of one message where that is safe, else as JSON of its messages.
fn raw(content: &PromptContent) -> Read<String> {
    let messages = content.messages.iter().map(|message| {
        let words = match &message.content {
            Some(words) => text(&nunjucks::written(words, content.input_variable_format)?),
            None => Json::Null,
        };
        let mut written = object([("role", text(message.role.as_str())), ("content", words)]);
        if let Some(id) = &message.tool_call_id {
            written.set("tool_call_id", text(&nunjucks::literal(id)));
        }
        if let Some(calls) = &message.tool_calls {
            let calls = calls.as_array().unwrap_or_default().iter();
            let calls = calls.map(|call| mapped(&respelled(call, Case::Lower), &|words| Ok(nunjucks::literal(words))));
            written.set("tool_calls", Json::Array(calls.collect::<Read<_>>()?));
        }
        for (name, value) in &message.other.0 {
            written.set(name, mapped(value, &|words| Ok(nunjucks::literal(words)))?);
        }
        Ok(written)
    });
    let messages = messages.collect::<Read<Vec<_>>>()?;
    if let [only] = messages.as_slice()
        && only.0.len() == 2
        && content.messages[0].role == Role::User
        && let Some(words) = only.get("content").and_then(Json::as_str).filter(|words| is_safe_text(words))
    {
        return Ok(words.to_owned());
    }
    let messages = Json::Array(messages.into_iter().map(Json::Object).collect());
    serde_json::to_string_pretty(&messages).map_err(|error| error.to_string())
}

/// Whether promptfoo takes `words` for what they say. To it one line with a sign of a path is a file's name, and what is a
/// list in JSON or YAML once it is filled in is messages. Text with signs in quotes is safe in JSON alone, because text
/// that looks broken is not filled in at all.
fn is_safe_text(words: &str) -> bool {
    let line = words.strip_suffix('.').unwrap_or(words);
    words.starts_with(char::is_alphabetic)
        && !matches!(words.trim_end(), "true" | "false" | "null")
        && !words.contains(nunjucks::QUOTED)
        && !words.contains("://")
        && !words.starts_with("exec:")
        && (words.contains('\n') || !line.contains(['.', '/', '\\', '*']))
}

/// Whether JSON is a config rather than another program's list of prompts.
pub(super) fn is_config(json: &Json) -> bool {
    json.as_object().is_some_and(|config| {
        config.get("prompts").is_some() && ["providers", "targets"].iter().any(|name| config.get(name).is_some())
    })
}

/// A prompt as it stands in a config.
struct Entry<'a> {
    label: Option<&'a str>,
    id: Option<&'a str>,
    /// What it says, or the name of a file.
    raw: &'a str,
    config: Object,
}

/// What a prompt says, before its messages are told apart.
enum Source {
    Text(String),
    /// As a file has them.
    Messages(Json),
}

/// The prompts of a config.
pub(super) fn read(json: &Json, path: &Path) -> Read<Vec<Read<Found>>> {
    let config = json.as_object().ok_or("it is no config of promptfoo")?;
    let entries = entries(config);
    if entries.is_empty() {
        return Err("it has no prompts".to_owned());
    }
    let too_many = || Err(format!("it has more than {PROMPTS_MAX} prompts"));
    if entries.len() > PROMPTS_MAX {
        return too_many();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let description = config.get("description").and_then(Json::as_str).filter(|words| !words.trim().is_empty());
    let asked = models::asked(config);
    let mut folder = Folder::of(path);
    let mut numbers = HashMap::new();
    let mut prompts = Vec::new();
    for (place, entry) in entries.into_iter().enumerate() {
        let at = |why: String| format!("prompt {}: {why}", place + 1);
        let (entry, file) = match entry.and_then(|entry| Ok((folder.named(entry.raw).transpose()?, entry))) {
            Ok((file, entry)) => (entry, file),
            Err(why) => {
                prompts.push(Err(at(why)));
                continue;
            }
        };
        let given = [entry.label, entry.id.filter(|id| *id != entry.raw)].into_iter().flatten();
        let given = given.into_iter().find(|name| !name.trim().is_empty());
        let (given, number) = given.map_or((None, None), version_of);
        let in_file = file.as_ref().map(|file| file.stem.as_str());
        let name = given.or(in_file).or(description).unwrap_or(&stem).chars().take(NAME_CHARS_MAX - 10);
        let name: String = name.collect();
        let asked_here = only_one(asked.iter().filter(|provider| provider.is_asked_with(&entry.names())));
        let sources = match file {
            Some(file) => sources(file),
            None => Ok(vec![Source::Text(entry.raw.to_owned())]),
        };
        if sources.as_ref().is_ok_and(|sources| prompts.len() + sources.len() > PROMPTS_MAX) {
            return too_many();
        }
        let contents = match sources {
            Ok(sources) => sources.into_iter().map(|source| content(source, &entry.config, asked_here)).collect(),
            Err(why) => vec![Err(why)],
        };
        for content in contents {
            prompts.push(match content {
                Ok(content) => {
                    let name = if number.is_some() { name.clone() } else { numbered(&mut numbers, &name) };
                    Ok((found(name, &content), number))
                }
                Err(why) => Err(at(format!("“{name}”: {why}"))),
            });
        }
    }
    let mut prompts = joined(prompts);
    if let ([Ok(only)], Some(description)) = (prompts.as_mut_slice(), description)
        && only.name != description
    {
        only.description = description.to_owned();
    }
    Ok(prompts)
}

fn entries(config: &Object) -> Vec<Read<Entry<'_>>> {
    match config.get("prompts") {
        Some(Json::Array(given)) => given.iter().map(Entry::of).collect(),
        Some(only @ Json::String(_)) => vec![Entry::of(only)],
        // The old way: files and their labels.
        Some(Json::Object(files)) => {
            let entry = |raw, label| Entry { label, id: None, raw, config: Object::default() };
            files.0.iter().map(|(raw, label)| Ok(entry(raw.as_str(), label.as_str()))).collect()
        }
        _ => Vec::new(),
    }
}

impl<'a> Entry<'a> {
    fn of(given: &'a Json) -> Read<Self> {
        match given {
            Json::String(raw) => Ok(Self { label: None, id: None, raw, config: Object::default() }),
            Json::Object(given) => {
                let word = |name: &str| given.get(name).and_then(Json::as_str);
                let raw = match given.get("raw") {
                    Some(raw) => raw.as_str(),
                    None => word("id"),
                };
                Ok(Self {
                    label: word("label"),
                    id: word("id"),
                    raw: raw.ok_or("it has no text")?,
                    config: given.get("config").and_then(Json::as_object).cloned().unwrap_or_default(),
                })
            }
            _ => Err("it is neither text nor an object".to_owned()),
        }
    }

    /// What providers can call it.
    fn names(&self) -> Vec<&'a str> {
        let names = [self.label, self.id, Some(self.raw), self.raw.strip_prefix("file://")];
        names.into_iter().flatten().collect()
    }
}

fn only_one<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    items.next().filter(|_| items.next().is_none())
}

/// The name and the number in “Tone (v3)”.
fn version_of(label: &str) -> (Option<&str>, Option<u32>) {
    let parts = label.strip_suffix(')').and_then(|label| label.rsplit_once(" (v"));
    match parts.and_then(|(name, digits)| Some((name, digits.parse().ok()?))) {
        Some((name, number)) => (Some(name), Some(number)),
        None => (Some(label), None),
    }
}

fn found(name: String, content: &PromptContent) -> Found {
    let versions = vec![FoundVersion::of(content, None, Vec::new())];
    Found { name, description: String::new(), folder: String::new(), versions, moves: Vec::new(), draft: None }
}

/// The prompts of a file: several in a text with lines of three hyphens, else one.
fn sources(file: Named) -> Read<Vec<Source>> {
    let messages = |json: Json| match mentions_file(&json) {
        true => Err("it names files inside of its messages, which are not read".to_owned()),
        false => Ok(vec![Source::Messages(json)]),
    };
    match file.ending.as_str() {
        "yaml" | "yml" => messages(yaml::read(&file.text, 0)?),
        "json" => match serde_json::from_str(&file.text) {
            Ok(json) => messages(json),
            Err(_) => Ok(vec![Source::Text(file.text)]),
        },
        "txt" => {
            let lines: Vec<_> = file.text.lines().collect();
            let parts = lines.split(|line| line.trim() == "---").map(|lines| lines.join("\n").trim().to_owned());
            let parts: Vec<_> = parts.filter(|part| !part.is_empty()).map(Source::Text).collect();
            if parts.is_empty() { Err("the file is empty".to_owned()) } else { Ok(parts) }
        }
        _ => Ok(vec![Source::Text(file.text)]),
    }
}

fn mentions_file(json: &Json) -> bool {
    match json {
        Json::String(words) => words.starts_with("file://"),
        Json::Array(items) => items.iter().any(mentions_file),
        Json::Object(object) => object.0.iter().any(|(_, value)| mentions_file(value)),
        _ => false,
    }
}

fn content(source: Source, config: &Object, asked: Option<&Asked>) -> Read<PromptContent> {
    let mut messages = match source {
        Source::Text(raw) => messages(&raw)?,
        Source::Messages(json) => listed(&json)?,
    };
    let pieces = messages.iter().map(|message| nunjucks::pieces(message.text())).collect::<Read<Vec<_>>>()?;
    let (input_variable_format, texts) = nunjucks::said(&pieces)?;
    for (message, words) in messages.iter_mut().zip(texts) {
        message.content = message.content.is_some().then_some(words);
    }
    let mut given = asked.map(|asked| asked.config.clone()).unwrap_or_default();
    for (name, value) in &config.0 {
        given.set(name, value.clone());
    }
    let (invocation_params, extra) = models::parameters(&given)?;
    let (provider, model) = asked.and_then(Asked::model).unwrap_or((Provider::Custom, ""));
    Ok(PromptContent {
        messages,
        input_variable_format,
        provider,
        model: model.to_owned(),
        invocation_params,
        provider_params: Object::default(),
        extra,
    })
}

/// What promptfoo makes of a text: the messages that it lists, or one of the user's.
fn messages(raw: &str) -> Read<Vec<Message>> {
    if let Ok(json) = serde_json::from_str(raw) {
        return listed(&json);
    }
    let trimmed = raw.trim();
    if trimmed.starts_with("- role:") {
        return listed(&yaml::read(raw, 0)?);
    }
    let is_template = ["{{", "{%", "{#"].iter().any(|sign| trimmed.starts_with(sign));
    let is_object = trimmed.starts_with('{') && trimmed.ends_with('}') && !is_template;
    let is_list = trimmed.strip_prefix('[').is_some_and(|inside| inside.trim_start().starts_with(['{', '"', '[']));
    if is_object || (is_list && trimmed.ends_with(']')) {
        return Err("it is JSON only once it is filled in, and what its messages are cannot be told before".to_owned());
    }
    Ok(vec![Message::new(Role::User, raw)])
}

fn listed(json: &Json) -> Read<Vec<Message>> {
    json.as_array()
        .ok_or("it is data, but no list of messages")?
        .iter()
        .map(|json| message(json, &without_variables))
        .collect()
}

/// Text beside what a message says, where nothing is filled in here.
fn without_variables(words: &str) -> Read<String> {
    match nunjucks::pieces(words)?.as_slice() {
        [] => Ok(String::new()),
        [Piece::Text(words)] => Ok(words.clone()),
        _ => Err("a variable stands beside the text of a message, where none is filled in here".to_owned()),
    }
}
