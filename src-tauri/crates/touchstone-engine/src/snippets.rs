//! Code that asks a model what a version asks it: the address, model, parameters, messages and schema that a run sends.
//!
//! It is written from the very request that `requests.rs` makes of a task. That is made twice, the second time with a mark
//! for each value that the task contributes to the messages: the marks become the inputs of the code, unless the
//! template chooses or repeats by its values, or anything else than a value would change. Pictures and documents are inputs
//! of their own: the code reads the file that the task names, and puts it in as base64 (`inputs.rs`). Keys are never part of
//! it; `environment.rs` says in which variables it looks for them.
//!
//! `literal.rs` writes values and texts, and one file per language puts them around the vendor's own client library.

mod curl;
mod environment;
mod inputs;
mod literal;
mod python;
#[cfg(all(test, unix))]
mod tests;
mod typescript;

use crate::connections::{ConnectionSettings, model_without_secrets, provider, wire};
use crate::media::{Original, Reading, Sending, named};
use crate::projects::stored_config;
use crate::requests::{Template, Wanted, target};
use crate::tasks::stored_data;
use crate::versions::{parsed, usable_connection};
use crate::{Engine, Error, Inner, Result};
use inputs::{Input, filled, free_marks};
use literal::shown;
use serde::Serialize;
use serde_json::{Map, Value};
use specta::Type;
use touchstone_domain::VersionId;
use touchstone_domain::prompt::{PromptContent, Provider};
use touchstone_domain::template::TemplateError;
use touchstone_labeling::value_at;
use touchstone_providers::{ChatModel, Schema, SecretPlace, Speech, Wire};
use touchstone_store::ConnectionRow;

/// Tasks that are looked at for one that has all values, where none is named.
const TASKS_LOOKED_AT: u32 = 100;

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

impl Asked {
    /// The model without the folder that lists put before it, as Google's clients take it.
    fn bare_model(&self) -> &str {
        self.model.rsplit_once("models/").map_or(&self.model, |(_, id)| id)
    }
}

impl Engine {
    /// Code that asks what `version` asks about the task at `position`, or about the first task that has all its values.
    /// The task's pictures and documents must be there: their types are told by their bytes.
    pub async fn version_code(&self, version: VersionId, position: Option<u32>) -> Result<VersionCode> {
        let plan = self.blocking(move |inner| plan(inner, &version, position)).await?;
        let originals = self.originals(&plan.wanted, &plan.sending).await;
        let originals = originals.map_err(|unsent| Error::invalid(unsent.message))?;
        self.blocking(move |inner| written(inner, plan, originals)).await
    }
}

/// What is asked, before the task's media are read.
struct Plan {
    version_number: u32,
    title: String,
    connection: ConnectionRow,
    model: Box<dyn ChatModel>,
    content: PromptContent,
    template: Template,
    schema: Schema,
    position: u32,
    data: Map<String, Value>,
    wanted: Vec<Wanted>,
    sending: Sending,
}

fn plan(inner: &Inner, version: &VersionId, position: Option<u32>) -> Result<Plan> {
    let version = inner.store.version(version)?;
    let (prompt, _) = inner.store.prompt_by_key(version.prompt_key)?;
    let prompt = inner.store.prompt(prompt.as_str())?;
    let project = target(inner, &prompt)?;
    let content = parsed(&version.content)?;
    if content.provider == Provider::Practice {
        return Err(Error::invalid(
            "the practice model is part of Touchstone and no server, so there is no code that would ask it; \
             choose another model",
        ));
    }
    let connection = usable_connection(inner, &version)?.ok_or_else(|| {
        Error::invalid(format!(
            "the connection that version {} asks is gone; restore the version as draft and choose a model",
            version.number
        ))
    })?;
    let connection = inner.store.connection(connection.as_str())?;
    if provider(&connection) != content.provider {
        let name = &connection.name;
        return Err(Error::invalid(format!("“{name}” is not the connection that this version asks")));
    }
    let config = stored_config(&project)?;
    let silenced = model_without_secrets(inner, &connection)
        .ok_or_else(|| Error::invalid(format!("“{}” cannot be asked as it is now", connection.name)))?;
    let settings = ConnectionSettings::of(&connection);
    let (structure, left_out) = (settings.structure(&content.model), settings.refused(&content.model));
    let template = Template::new(content.clone(), &config, structure, left_out);
    let (first, count) = position.map_or((0, TASKS_LOOKED_AT), |position| (position, 1));
    let mut refused = None;
    for (task, position) in inner.store.tasks(project.key, first, count)?.iter().zip(first..) {
        let data = stored_data(&task.data);
        let schema = config.for_task(&data).prompt_schema(template.capabilities()).into();
        let wanted = match template.filled(&schema, &data) {
            Ok(made) => made.wanted,
            Err(why) => {
                refused.get_or_insert(why);
                continue;
            }
        };
        return Ok(Plan {
            version_number: version.number,
            title: format!("Version {} of “{}”, as Touchstone sends it.", version.number, prompt.name),
            sending: Sending {
                reading: Reading::of(inner, project.key)?,
                limits: silenced.model.media_limits(),
                to: content.provider.label(),
                may_be_kept: true,
            },
            connection,
            model: silenced.model,
            content,
            template,
            schema,
            position,
            data,
            wanted,
        });
    }
    Err(Error::invalid(match refused {
        Some(TemplateError::Missing(names)) => format!("the task has no value for {}", names.join(", ")),
        Some(why) => format!("the prompt cannot be filled: {why}"),
        None if project.tasks == 0 => format!("“{}” has no tasks", project.name),
        None => format!("“{}” has {} tasks", project.name, project.tasks),
    }))
}

/// The code of a plan whose media are these.
fn written(inner: &Inner, plan: Plan, originals: Vec<Original>) -> Result<VersionCode> {
    let Plan { template, data, .. } = &plan;
    let filled_with = |data: &Map<String, Value>| template.filled(&plan.schema, data);
    let made = || filled_with(data).map_err(|why| anyhow::anyhow!("a task that was filled is not again: {why}"));
    let without_files = plan.model.body(&made()?.with(Vec::new()));
    let mut marks = free_marks(without_files.text());
    let (files, parts) = inputs::files(&plan.wanted, originals, |source| name_of(template, data, source), &mut marks);
    let body = plan.model.body(&made()?.with(parts.clone()));
    let (texts, marked_data) = inputs::texts(&plan.content, data, |path| template.shows_as_media(path), &mut marks);
    let (mut inputs, body) = match filled_with(&marked_data) {
        Ok(marked) if marked.wanted == plan.wanted => match plan.model.body(&marked.with(parts)) {
            // Files are marked in both.
            marked if filled(&marked, &texts) == *body => (texts, marked),
            _ => (Vec::new(), body),
        },
        _ => (Vec::new(), body),
    };
    inputs.extend(files);
    let asked = Asked {
        title: shown(&plan.title),
        task: format!("task {}", u64::from(plan.position) + 1),
        wire: wire(inner, &plan.connection, &body)?,
        provider: provider(&plan.connection),
        model: plan.content.model.clone(),
        inputs,
    };
    Ok(VersionCode {
        version_number: plan.version_number,
        position: plan.position,
        environment: environment::variables(&asked),
        left_out: template.left_out(&*plan.model),
        snippets: vec![
            Snippet { language: SnippetLanguage::Curl, code: curl::write(&asked) },
            Snippet { language: SnippetLanguage::Python, code: python::write(&asked) },
            Snippet { language: SnippetLanguage::Typescript, code: typescript::write(&asked) },
        ],
    })
}

/// Where in a task's data `source` stands among its media: `page.scan`, or `pages[2]` in a list of several.
fn name_of(template: &Template, data: &Map<String, Value>, source: &str) -> String {
    let place = |path: &str| {
        let sources = named(value_at(data, path));
        let at = sources.iter().position(|named| named == source)?;
        Some(if sources.len() == 1 { path.to_owned() } else { format!("{path}[{at}]") })
    };
    template.media_paths().find_map(place).unwrap_or_else(|| "file".to_owned())
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
    "responseLogprobs",
    "logprobs",
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
