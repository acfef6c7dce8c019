//! Code that asks a model what a version asks it: the address, model, parameters, messages and schema that a run sends.
//!
//! It is written from the very request that `requests.rs` makes of a task. That is made twice, the second time with a mark
//! for each value that the task contributes to the messages: the marks become the inputs of the code, unless the
//! template chooses or repeats by its values, or anything else than a value would change. Keys are never part of it;
//! `environment.rs` says in which variables it looks for them.
//!
//! `literal.rs` writes values and texts, and one file per language puts them around the vendor's own client library.

mod curl;
mod environment;
mod literal;
mod python;
#[cfg(all(test, unix))]
mod tests;
mod typescript;

use crate::connections::{ConnectionSettings, model_without_secrets, provider, wire};
use crate::projects::stored_config;
use crate::requests::{Template, target};
use crate::tasks::stored_data;
use crate::versions::{parsed, usable_connection};
use crate::{Engine, Error, Inner, Result};
use literal::shown;
use serde::Serialize;
use serde_json::{Map, Value};
use specta::Type;
use touchstone_domain::VersionId;
use touchstone_domain::prompt::{PromptContent, Provider};
use touchstone_domain::template::{TemplateError, flat, plain, value_at, variables};
use touchstone_providers::{SecretPlace, Speech, Wire};
use touchstone_store::{ConnectionRow, ProjectRow};

/// Tasks that are looked at for one that has all values, where none is named.
const TASKS_LOOKED_AT: u32 = 100;

/// Marks are characters that no text has: the first of a plane for private use, and those after it.
const FIRST_MARK: u32 = 0xF0000;
const MARKS_MAX: usize = 0xFFFD;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SnippetLanguage {
    Curl,
    Python,
    Typescript,
}

/// The code of a version.
#[derive(Clone, Debug, Serialize, Type)]
pub struct VersionCode {
    pub version_number: u32,
    /// The task whose values the code has, from 0.
    pub position: u32,
    /// The environment variables in which it looks for keys.
    pub environment: Vec<String>,
    /// Parameters that a run does not send either, and why; sentences.
    pub left_out: Vec<String>,
    /// The same request in each language.
    pub snippets: Vec<Snippet>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct Snippet {
    pub language: SnippetLanguage,
    pub code: String,
}

/// What is written in every language.
#[derive(Debug)]
struct Asked {
    /// A sentence: what this is.
    title: String,
    /// Whose values the inputs have: “task 12”.
    task: String,
    /// A run's request; where an input goes in, its texts have the mark.
    wire: Wire,
    provider: Provider,
    model: String,
    inputs: Vec<Input>,
}

/// A value that the task contributes.
#[derive(Debug)]
struct Input {
    /// What the prompt calls it.
    path: String,
    value: String,
}

impl Asked {
    /// The model without the folder that lists put before it, as Google's clients take it.
    fn bare_model(&self) -> &str {
        self.model.rsplit_once("models/").map_or(&self.model, |(_, id)| id)
    }
}

impl Engine {
    /// Code that asks what `version` asks about the task at `position`, or about the first task that has all its values.
    pub async fn version_code(&self, version: VersionId, position: Option<u32>) -> Result<VersionCode> {
        self.blocking(move |inner| {
            let version = inner.store.version(&version)?;
            let (prompt, _) = inner.store.prompt_by_key(version.prompt_key)?;
            let prompt = inner.store.prompt(prompt.as_str())?;
            let project = target(inner, &prompt)?;
            let content = parsed(&version.content)?;
            if content.provider == Provider::Practice {
                return Err(Error::invalid(
                    "the practice model is part of Touchstone and no server, so there is no code that would ask it; \
                     choose another base model",
                ));
            }
            let connection = usable_connection(inner, &version)?.ok_or_else(|| {
                Error::invalid(format!(
                    "the connection that version {} asks is gone; restore the version as draft and choose a base model",
                    version.number
                ))
            })?;
            let connection = inner.store.connection(connection.as_str())?;
            if provider(&connection) != content.provider {
                let name = &connection.name;
                return Err(Error::invalid(format!("“{name}” is not the connection that this version asks")));
            }
            let title = format!("Version {} of “{}”, as Touchstone sends it.", version.number, prompt.name);
            let (position, asked, left_out) = asked(inner, title, &project, &content, &connection, position)?;
            Ok(VersionCode {
                version_number: version.number,
                position,
                environment: environment::variables(&asked),
                left_out,
                snippets: vec![
                    Snippet { language: SnippetLanguage::Curl, code: curl::write(&asked) },
                    Snippet { language: SnippetLanguage::Python, code: python::write(&asked) },
                    Snippet { language: SnippetLanguage::Typescript, code: typescript::write(&asked) },
                ],
            })
        })
        .await
    }
}

/// The request that `content` makes of a task, the task's position, and what is left out of it.
fn asked(
    inner: &Inner,
    title: String,
    project: &ProjectRow,
    content: &PromptContent,
    connection: &ConnectionRow,
    position: Option<u32>,
) -> Result<(u32, Asked, Vec<String>)> {
    let config = stored_config(project)?;
    let silenced = model_without_secrets(inner, connection)
        .ok_or_else(|| Error::invalid(format!("“{}” cannot be asked as it is now", connection.name)))?;
    let settings = ConnectionSettings::of(connection);
    let (structure, left_out) = (settings.structure(&content.model), settings.refused(&content.model));
    let template = Template::new(content.clone(), &config, structure, left_out);
    let (first, count) = position.map_or((0, TASKS_LOOKED_AT), |position| (position, 1));
    let mut refused = None;
    for (task, position) in inner.store.tasks(project.key, first, count)?.iter().zip(first..) {
        let data = stored_data(&task.data);
        let schema = config.for_task(&data).prompt_schema(template.capabilities()).into();
        let filled_with = |data: &Map<String, Value>| template.filled(&schema, data);
        let made = match filled_with(&data) {
            Ok(made) => made,
            Err(why) => {
                refused.get_or_insert(why);
                continue;
            }
        };
        if !made.wanted.is_empty() {
            return Err(Error::invalid(
                "the prompt shows a picture or document, and code is written for prompts of text only",
            ));
        }
        let body = silenced.model.body(&made.with(Vec::new()));
        let (inputs, marked_data) = marked(content, &data);
        let (inputs, body) = match filled_with(&marked_data) {
            Ok(marked) if marked.wanted.is_empty() => match silenced.model.body(&marked.with(Vec::new())) {
                marked if filled(&marked, &inputs) == *body => (inputs, marked),
                _ => (Vec::new(), body),
            },
            _ => (Vec::new(), body),
        };
        let wire = wire(inner, connection, &body)?;
        let task = format!("task {}", u64::from(position) + 1);
        let model = content.model.clone();
        let asked = Asked { title: shown(&title), task, wire, provider: provider(connection), model, inputs };
        return Ok((position, asked, template.left_out(&*silenced.model)));
    }
    Err(Error::invalid(match refused {
        Some(TemplateError::Missing(names)) => format!("the task has no value for {}", names.join(", ")),
        Some(why) => format!("the prompt cannot be filled: {why}"),
        None if project.tasks == 0 => format!("“{}” has no tasks", project.name),
        None => format!("“{}” has {} tasks", project.name, project.tasks),
    }))
}

/// The values that `data` contributes to the messages, and the data with a mark in the place of each. None where a
/// template does more with values than to show them.
fn marked(content: &PromptContent, data: &Map<String, Value>) -> (Vec<Input>, Map<String, Value>) {
    let mut inputs: Vec<Input> = Vec::new();
    let mut marked = data.clone();
    let format = content.input_variable_format;
    if content.messages.iter().any(|message| flat(message.text(), format).is_err()) {
        return (inputs, marked);
    }
    for variable in content.messages.iter().flat_map(|message| variables(message.text(), format)) {
        let path = variable.path;
        let Some(value) = value_at(data, path) else { continue };
        if inputs.len() < MARKS_MAX && !inputs.iter().any(|known| known.path == path) {
            // The key that is spelled like the path comes before the steps of it.
            marked.insert(path.to_owned(), Value::String(mark(inputs.len()).into()));
            inputs.push(Input { path: path.to_owned(), value: plain(value).into_owned() });
        }
    }
    (inputs, marked)
}

fn mark(index: usize) -> char {
    u32::try_from(index)
        .ok()
        .and_then(|index| char::from_u32(FIRST_MARK + index))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Which of `count` inputs a character marks.
fn marks(character: char, count: usize) -> Option<usize> {
    let index = usize::try_from(u32::from(character).checked_sub(FIRST_MARK)?).ok()?;
    (index < count).then_some(index)
}

/// `body` with values in place of their marks.
fn filled(body: &Value, inputs: &[Input]) -> Value {
    match body {
        Value::String(text) => {
            let mut filled = String::with_capacity(text.len());
            for character in text.chars() {
                match marks(character, inputs.len()) {
                    Some(index) => filled.push_str(&inputs[index].value),
                    None => filled.push(character),
                }
            }
            Value::String(filled)
        }
        Value::Array(items) => items.iter().map(|item| self::filled(item, inputs)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), self::filled(value, inputs))).collect()
        }
        other => other.clone(),
    }
}

/// Whether a text of `body` has the mark of the input at `index`.
fn is_used(body: &Value, index: usize) -> bool {
    match body {
        Value::String(text) => text.contains(mark(index)),
        Value::Array(items) => items.iter().any(|item| is_used(item, index)),
        Value::Object(members) => members.values().any(|value| is_used(value, index)),
        _ => false,
    }
}

/// The members of a body that a client takes by name, and the others.
fn divided(body: &Value, known: &[&str]) -> (Map<String, Value>, Map<String, Value>) {
    let members = body.as_object().cloned().unwrap_or_default();
    members.into_iter().partition(|(name, _)| known.contains(&name.as_str()))
}

/// Where a client goes that is given no address.
const OPENAI_ADDRESS: &str = "https://api.openai.com/v1";
const ANTHROPIC_ADDRESS: &str = "https://api.anthropic.com";
const GEMINI_ADDRESS: &str = "https://generativelanguage.googleapis.com";

/// What `chat.completions.create` knows by name in every client; everything else goes into the body as it is.
const OPENAI_MEMBERS: &[&str] = &[
    "model",
    "messages",
    "response_format",
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "stop",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "n",
    "user",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "metadata",
    "parallel_tool_calls",
    "reasoning_effort",
    "service_tier",
    "store",
    "tools",
    "tool_choice",
    "verbosity",
];

/// What `messages.create` knows. How to sample is not among it any more.
const ANTHROPIC_MEMBERS: &[&str] = &[
    "model",
    "max_tokens",
    "system",
    "messages",
    "output_config",
    "stop_sequences",
    "thinking",
    "metadata",
    "service_tier",
    "tools",
    "tool_choice",
];

/// The members of `generationConfig` that Google's clients know.
const GEMINI_CONFIG: &[&str] = &[
    "temperature",
    "topP",
    "topK",
    "candidateCount",
    "maxOutputTokens",
    "stopSequences",
    "presencePenalty",
    "frequencyPenalty",
    "seed",
    "responseMimeType",
    "responseJsonSchema",
    "thinkingConfig",
];

/// What Google's clients call the config of a request: the instructions and how to generate, in one. The second are the
/// parts of the body that they have no name for.
fn gemini_config(body: &Value) -> (Map<String, Value>, Map<String, Value>) {
    let (known, unknown) = divided(&body["generationConfig"], GEMINI_CONFIG);
    let (mut config, mut others) = (Map::new(), Map::new());
    for (name, value) in body.as_object().into_iter().flatten() {
        match name.as_str() {
            "systemInstruction" => {
                config.insert(name.clone(), value.clone());
            }
            "contents" | "generationConfig" => {}
            _ => {
                others.insert(name.clone(), value.clone());
            }
        }
    }
    config.extend(known);
    if !unknown.is_empty() {
        others.insert("generationConfig".to_owned(), Value::Object(unknown));
    }
    (config, others)
}

/// What a header says.
enum HeaderValue {
    Text(String),
    /// What this environment variable has.
    Variable(String),
}

/// The headers that a client does not send of itself.
fn other_headers(asked: &Asked) -> Vec<(&str, HeaderValue)> {
    let wire = &asked.wire;
    let mut headers = Vec::new();
    // The version of Anthropic's words is said with each call.
    if !matches!(wire.speech, Speech::Anthropic { .. }) {
        headers.extend(wire.headers.iter().map(|(name, value)| (name.as_str(), HeaderValue::Text(value.clone()))));
    }
    // OpenAI's client does not know where the older inference API of Azure looks for the key.
    let is_foreign = matches!(wire.speech, Speech::OpenAi { api_version: Some(_), .. });
    for (at, place) in wire.secrets.iter().enumerate() {
        if let SecretPlace::Header(name) = place
            && (is_foreign || !environment::is_key(asked, at))
        {
            headers.push((name, HeaderValue::Variable(environment::variable(asked, at, place))));
        }
    }
    headers
}
