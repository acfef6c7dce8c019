//! Prompts as files: written for other programs and people, and read from theirs.
//!
//! Our own format keeps everything, exactly, both ways: content byte for byte, hashes, authors, times, labels, the draft.
//! The others keep what they can say. Formats of other programs: the Arize prompts API (`touchstone-arize`), Phoenix
//! (`v1/prompts`: a version with `template`), Langfuse (a prompt's JSON: `prompt`, `config`, `labels`).

use crate::files::{WriteFailure, write_file};
use crate::sample::with_free_name;
use crate::versions::parsed;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use serde_json::json;
use specta::Type;
use std::io::Write;
use std::path::{Path, PathBuf};
use touchstone_arize::{VersionRecord, files};
use touchstone_domain::PromptId;
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::{Message, PromptContent, Provider, Role, sha256_hex};
use touchstone_domain::template::VariableFormat;
use touchstone_store::{DraftRow, NewPrompt, PromptRow, VersionContent, VersionRow};

/// A file of prompts is text that people write; one that is larger is none.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// What our own files call themselves, and the newest form that is read.
const FORMAT: &str = "touchstone-prompts";
const FORM: &str = "1";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PromptFormat {
    /// Everything, to be read here again.
    Touchstone,
    /// As the Arize prompts API has prompts and their versions.
    Arize,
    /// The newest version of each, as Phoenix's REST API has one.
    Phoenix,
    /// Every version of each, as Langfuse's API has them.
    Langfuse,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ExportedPrompts {
    pub prompts: u32,
    pub path: String,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ImportedPrompt {
    pub id: PromptId,
    /// That of the file, or the next that was free.
    pub name: String,
    pub version_count: u32,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ImportedPrompts {
    pub prompts: Vec<ImportedPrompt>,
    /// What could not be read, each in words.
    pub refused: Vec<String>,
}

impl Engine {
    /// Writes prompts to a file; all outside the bin where `ids` is empty. One that is there is replaced once the new one
    /// is complete.
    pub async fn export_prompts(
        &self,
        ids: Vec<PromptId>,
        format: PromptFormat,
        path: PathBuf,
    ) -> Result<ExportedPrompts> {
        self.blocking(move |inner| {
            let prompts = match ids.is_empty() {
                true => inner.store.prompts()?,
                false => ids.iter().map(|id| Ok(inner.store.prompt(id.as_str())?)).collect::<Result<_>>()?,
            };
            let written = prompts.iter().map(|prompt| object_of(inner, prompt, format)).collect::<Result<Vec<_>>>()?;
            let file = match format {
                PromptFormat::Touchstone => Json::Object(Object(vec![
                    ("format".to_owned(), text(FORMAT)),
                    ("form".to_owned(), Json::Number(FORM.to_owned())),
                    ("prompts".to_owned(), Json::Array(written)),
                ])),
                // One by one they stand alone, as those programs give them out.
                _ => match <[Json; 1]>::try_from(written) {
                    Ok([only]) => only,
                    Err(several) => Json::Array(several),
                },
            };
            write_file(&path, |out| {
                serde_json::to_writer_pretty(&mut *out, &file).map_err(|error| WriteFailure::Io(error.into()))?;
                Ok(out.write_all(b"\n")?)
            })?;
            let path = path.display().to_string();
            Ok(ExportedPrompts { prompts: u32::try_from(prompts.len()).unwrap_or(u32::MAX), path })
        })
        .await
    }

    /// Reads the prompts of files, whose format is told by what they hold. Each prompt is taken whole or not at all, under
    /// the next free name where its own is taken.
    pub async fn import_prompts(&self, paths: Vec<PathBuf>) -> Result<ImportedPrompts> {
        let imported = self
            .blocking(move |inner| {
                let mut imported = ImportedPrompts { prompts: Vec::new(), refused: Vec::new() };
                for path in &paths {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    match read(path) {
                        Ok(found) => {
                            for found in found {
                                match found {
                                    Ok(found) => imported.prompts.push(take(inner, &found)?),
                                    Err(why) => imported.refused.push(format!("“{name}”: {why}")),
                                }
                            }
                        }
                        Err(why) => imported.refused.push(format!("“{name}”: {why}")),
                    }
                }
                Ok(imported)
            })
            .await?;
        if !imported.prompts.is_empty() {
            self.changed(Changed::Prompts);
        }
        Ok(imported)
    }
}

fn text(value: &str) -> Json {
    Json::String(value.to_owned())
}

fn number(value: u32) -> Json {
    Json::Number(value.to_string())
}

fn object<const N: usize>(entries: [(&str, Json); N]) -> Object {
    Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// JSON that we wrote; failing means a damaged file.
fn exact(content: &str) -> Result<Json> {
    serde_json::from_str(content)
        .map_err(|error| Error::Internal(anyhow::Error::new(error).context("reading a prompt's content")))
}

fn object_of(inner: &Inner, prompt: &PromptRow, format: PromptFormat) -> Result<Json> {
    let mut versions = inner.store.version_page(prompt.key, "", u32::MAX, u32::MAX)?;
    let labels = inner.store.labels(prompt.key)?;
    let labels_of = |version: &VersionRow| -> Vec<String> {
        labels.iter().filter(|label| label.version_key == version.key).map(|label| label.name.clone()).collect()
    };
    let names = |version: &VersionRow| Json::Array(labels_of(version).iter().map(|label| text(label)).collect());
    match format {
        PromptFormat::Touchstone => {
            versions.reverse();
            let history = versions.iter().map(|version| {
                Ok(Json::Object(object([
                    ("commit_hash", text(&version.commit_hash)),
                    ("commit_message", text(&version.commit_message)),
                    ("author", text(&version.author)),
                    ("created_at", text(&version.created_at)),
                    ("labels", names(version)),
                    ("content", exact(&version.content)?),
                ])))
            });
            let draft = inner.store.draft(prompt.key)?;
            let based_on = draft.based_on.map_or(Json::Null, number);
            Ok(Json::Object(object([
                ("name", text(&prompt.name)),
                ("description", text(&prompt.description)),
                ("folder", text(&prompt.folder)),
                ("versions", Json::Array(history.collect::<Result<_>>()?)),
                ("draft", Json::Object(object([("based_on", based_on), ("content", exact(&draft.content)?)]))),
            ])))
        }
        PromptFormat::Arize => {
            let record = |version: &VersionRow| -> Result<Json> {
                let record = VersionRecord {
                    id: version.id.clone(),
                    prompt_id: prompt.id.clone(),
                    commit_hash: version.commit_hash.clone(),
                    commit_message: version.commit_message.clone(),
                    content: parsed(&version.content)?,
                    created_at: version.created_at.clone(),
                    labels: labels_of(version),
                };
                Ok(Json::Object(files::version_object(&record, "")))
            };
            Ok(Json::Object(object([
                ("name", text(&prompt.name)),
                ("description", text(&prompt.description)),
                ("versions", Json::Array(versions.iter().map(record).collect::<Result<_>>()?)),
            ])))
        }
        PromptFormat::Phoenix => {
            let Some(version) = versions.first() else { return Err(no_version(prompt)) };
            let content = parsed(&version.content)?;
            let messages = content.messages.iter().map(|message| {
                let role = match message.role {
                    Role::Assistant => "ai",
                    other => other.as_str(),
                };
                json!({ "role": role, "content": message.text() })
            });
            let family = phoenix_family(content.provider);
            let params: serde_json::Map<_, _> = content
                .invocation_params
                .to_map()
                .into_iter()
                .filter(|(name, _)| name != "tool_config" && name != "response_format")
                .collect();
            let value = json!({
                "name": prompt.name,
                "description": prompt.description,
                "version": {
                    "description": version.commit_message,
                    "model_provider": family.to_uppercase(),
                    "model_name": content.model,
                    "template_type": "CHAT",
                    "template_format": content.input_variable_format,
                    "template": { "type": "chat", "messages": messages.collect::<Vec<_>>() },
                    "invocation_parameters": { "type": family, family: params },
                },
            });
            Ok(Json::from(&value))
        }
        PromptFormat::Langfuse => {
            let all = versions.iter().map(|version| {
                let content = parsed(&version.content)?;
                let messages = content.messages.iter().map(|message| {
                    json!({ "role": message.role.as_str(), "content": braces(message.text(), content.input_variable_format) })
                });
                let mut config = content.invocation_params.to_map();
                config.insert("model".to_owned(), content.model.clone().into());
                Ok(Json::from(&json!({
                    "name": prompt.name,
                    "version": version.number,
                    "type": "chat",
                    "prompt": messages.collect::<Vec<_>>(),
                    "config": config,
                    "labels": labels_of(version),
                    "tags": [],
                    "commitMessage": version.commit_message,
                })))
            });
            let all = all.collect::<Result<Vec<_>>>()?;
            match <[Json; 1]>::try_from(all) {
                Ok([only]) => Ok(only),
                Err(several) => Ok(Json::Array(several)),
            }
        }
    }
}

fn no_version(prompt: &PromptRow) -> Error {
    Error::invalid(format!("“{}” has no version yet; save one first", prompt.name))
}

/// The kind of parameters that Phoenix keeps for a provider.
fn phoenix_family(provider: Provider) -> &'static str {
    match provider {
        Provider::Anthropic => "anthropic",
        Provider::Gemini | Provider::VertexAi => "google",
        Provider::AwsBedrock => "aws",
        Provider::AzureOpenAi => "azure_openai",
        _ => "openai",
    }
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

/// A prompt that a file holds.
struct Found {
    name: String,
    description: String,
    folder: String,
    /// Oldest first.
    versions: Vec<FoundVersion>,
    draft: Option<(PromptContent, Option<u32>)>,
}

struct FoundVersion {
    /// Canonical JSON, byte for byte where our own format has it.
    content: String,
    commit_message: Option<String>,
    author: Option<String>,
    created_at: Option<String>,
    labels: Vec<String>,
}

impl FoundVersion {
    fn of(content: &PromptContent, commit_message: Option<String>, labels: Vec<String>) -> Self {
        Self { content: content.canonical_json(), commit_message, author: None, created_at: None, labels }
    }
}

type Read<T> = std::result::Result<T, String>;

fn read(path: &Path) -> Read<Vec<Read<Found>>> {
    let length = std::fs::metadata(path).map_err(|error| format!("it could not be read: {error}"))?.len();
    if length > FILE_BYTES_MAX {
        return Err(format!("it is larger than {} MB", FILE_BYTES_MAX >> 20));
    }
    let bytes = std::fs::read(path).map_err(|error| format!("it could not be read: {error}"))?;
    let json: Json = serde_json::from_slice(&bytes).map_err(|error| format!("it is not JSON: {error}"))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if let Json::Object(object) = &json
        && object.get("format").and_then(Json::as_str) == Some(FORMAT)
    {
        if object.get("form") != Some(&Json::Number(FORM.to_owned())) {
            return Err("it was written by a newer Touchstone".to_owned());
        }
        let prompts = object.get("prompts").and_then(Json::as_array).ok_or("it has no prompts")?;
        return Ok(prompts.iter().map(own).collect());
    }
    let items: Vec<&Json> = match &json {
        Json::Array(items) => {
            items.iter().flat_map(|item| item.as_array().map_or(vec![item], |all| all.iter().collect())).collect()
        }
        Json::Object(object) => match object.get("prompts").or_else(|| object.get("data")) {
            Some(Json::Array(items)) => items.iter().collect(),
            Some(data @ Json::Object(_)) => vec![data],
            _ => vec![&json],
        },
        _ => return Err("it holds no prompt".to_owned()),
    };
    Ok(joined(items.into_iter().map(|item| foreign(item, &stem)).collect()))
}

/// Versions of one name, which Langfuse gives out one by one, as one prompt.
fn joined(found: Vec<Read<(Found, Option<u32>)>>) -> Vec<Read<Found>> {
    let mut prompts: Vec<Read<Found>> = Vec::new();
    let mut numbered: Vec<(Found, u32)> = Vec::new();
    for one in found {
        match one {
            Ok((found, Some(number))) => numbered.push((found, number)),
            Ok((found, None)) => prompts.push(Ok(found)),
            Err(why) => prompts.push(Err(why)),
        }
    }
    numbered.sort_by_key(|(_, number)| *number);
    for (found, _) in numbered {
        let known = prompts.iter_mut().flatten().find(|known| known.name == found.name);
        match known {
            Some(known) => known.versions.extend(found.versions),
            None => prompts.push(Ok(found)),
        }
    }
    prompts
}

fn own(json: &Json) -> Read<Found> {
    let object = json.as_object().ok_or("a prompt is no object")?;
    let word = |name: &str| object.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let name = word("name");
    if name.trim().is_empty() {
        return Err("a prompt has no name".to_owned());
    }
    let mut versions = Vec::new();
    for (place, version) in object.get("versions").and_then(Json::as_array).unwrap_or_default().iter().enumerate() {
        let at = format!("version {} of “{name}”", place + 1);
        let version = version.as_object().ok_or_else(|| format!("{at} is no object"))?;
        let word = |name: &str| version.get(name).and_then(Json::as_str).map(str::to_owned);
        let content = serde_json::to_string(version.get("content").ok_or_else(|| format!("{at} has no content"))?)
            .map_err(|error| format!("{at}: {error}"))?;
        parsed(&content).map_err(|error| format!("{at}: {error}"))?;
        if word("commit_hash").is_some_and(|hash| hash != sha256_hex(content.as_bytes())) {
            return Err(format!("{at} is not what its hash says; the file was changed"));
        }
        versions.push(FoundVersion {
            content,
            commit_message: word("commit_message"),
            author: word("author"),
            created_at: word("created_at"),
            labels: texts(version.get("labels")),
        });
    }
    let draft = match object.get("draft").and_then(Json::as_object) {
        None => None,
        Some(draft) => {
            let content = serde_json::to_string(draft.get("content").unwrap_or(&Json::Null)).unwrap_or_default();
            let content = parsed(&content).map_err(|error| format!("the draft of “{name}”: {error}"))?;
            let based_on = match draft.get("based_on") {
                Some(Json::Number(digits)) => digits.parse().ok(),
                _ => None,
            };
            Some((content, based_on))
        }
    };
    if versions.is_empty() && draft.is_none() {
        return Err(format!("“{name}” has neither a version nor a draft"));
    }
    Ok(Found { name, description: word("description"), folder: word("folder"), versions, draft })
}

/// A prompt of another program, and the number of its version where the file holds versions one by one.
fn foreign(json: &Json, stem: &str) -> Read<(Found, Option<u32>)> {
    let object = json.as_object().ok_or("a prompt is no object")?;
    let word = |name: &str| object.get(name).and_then(Json::as_str).map(str::to_owned);
    let name = word("name").filter(|name| !name.trim().is_empty()).unwrap_or_else(|| stem.to_owned());
    let found = |versions| Found {
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
        return Ok((found(vec![langfuse(object, prompt).map_err(at)?]), Some(number.unwrap_or(1))));
    }
    let nested = object.get("version").and_then(Json::as_object).unwrap_or(object);
    if let Some(template) = nested.get("template").and_then(Json::as_object) {
        return Ok((found(vec![phoenix(nested, template).map_err(at)?]), None));
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
    if versions.is_empty() { Err(at("it has no version".to_owned())) } else { Ok((found(versions), None)) }
}

fn phoenix(version: &Object, template: &Object) -> Read<FoundVersion> {
    let given = template.get("messages").and_then(Json::as_array).ok_or("it is no chat template")?;
    let messages = given.iter().map(message).collect::<Read<Vec<_>>>()?;
    let word = |name: &str| version.get(name).and_then(Json::as_str).unwrap_or_default();
    let format = match word("template_format") {
        "MUSTACHE" => VariableFormat::Mustache,
        "NONE" => VariableFormat::Verbatim,
        _ => VariableFormat::FString,
    };
    let provider = match word("model_provider") {
        "OPENAI" => Provider::OpenAi,
        "AZURE_OPENAI" => Provider::AzureOpenAi,
        "ANTHROPIC" => Provider::Anthropic,
        "GOOGLE" => Provider::Gemini,
        "AWS" => Provider::AwsBedrock,
        _ => Provider::Custom,
    };
    let parameters = version.get("invocation_parameters").and_then(Json::as_object);
    let params = parameters.and_then(|object| {
        let family = object.get("type").and_then(Json::as_str)?;
        object.get(family)?.as_object().cloned()
    });
    let content = content_of(messages, format, provider, word("model_name"), params.unwrap_or_default());
    let message = Some(word("description").to_owned()).filter(|words| !words.is_empty());
    Ok(FoundVersion::of(&content, message, Vec::new()))
}

fn langfuse(object: &Object, prompt: &Json) -> Read<FoundVersion> {
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
    let role = match object.get("role").and_then(Json::as_str).unwrap_or_default().to_ascii_lowercase().as_str() {
        "system" | "developer" => Role::System,
        "assistant" | "ai" | "model" => Role::Assistant,
        "tool" => Role::Tool,
        "user" | "human" => Role::User,
        other => return Err(format!("“{other}” is no role of a message")),
    };
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

fn texts(list: Option<&Json>) -> Vec<String> {
    let items = list.and_then(Json::as_array).unwrap_or_default().iter();
    items.filter_map(Json::as_str).filter(|item| !item.trim().is_empty()).map(str::to_owned).collect()
}

/// Keeps a prompt, under the next free name where its own is taken.
fn take(inner: &Inner, found: &Found) -> Result<ImportedPrompt> {
    let now = clock::now();
    let author = clock::author();
    let hashes: Vec<_> = found.versions.iter().map(|version| sha256_hex(version.content.as_bytes())).collect();
    let tails: Vec<_> = found.versions.iter().map(|_| clock::tail()).collect();
    let versions: Vec<_> = found
        .versions
        .iter()
        .enumerate()
        .map(|(place, version)| VersionContent {
            content: &version.content,
            commit_hash: &hashes[place],
            commit_message: version.commit_message.as_deref(),
            connection_id: None,
            author: version.author.as_deref().unwrap_or(&author),
            tail: &tails[place],
            now: version.created_at.as_deref().unwrap_or(&now),
        })
        .collect();
    let mut labels: Vec<(String, usize)> = Vec::new();
    for (place, version) in found.versions.iter().enumerate() {
        labels.extend(version.labels.iter().map(|name| (name.clone(), place)));
    }
    let (content, based_on) = match &found.draft {
        Some((content, based_on)) => (content.canonical_json(), *based_on),
        None => (found.versions.last().map(|version| version.content.clone()).unwrap_or_default(), None),
    };
    let draft = DraftRow { content, connection_id: None, based_on, updated_at: now.clone() };
    with_free_name(&found.name, |name| {
        let prompt = NewPrompt {
            space: &inner.space,
            project: None,
            name,
            description: &found.description,
            folder: &found.folder,
            is_sample: false,
            draft: &draft,
            tail: &clock::tail(),
        };
        let id = inner.store.insert_prompt_with_history(&prompt, &versions, &labels)?;
        let version_count = u32::try_from(versions.len()).unwrap_or(u32::MAX);
        Ok(ImportedPrompt { id, name: name.to_owned(), version_count })
    })
}
