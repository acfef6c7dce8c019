//! From a template and a task to the exact request: one path for the preview, the answer's hash and the run.

use crate::connections::{ConnectionSettings, Silenced, known_model, model_without_secrets, provider};
use crate::drafts::DraftContent;
use crate::projects::{pretty, stored_config};
use crate::tasks::stored_data;
use crate::{Engine, Error, Inner, Result, clock};
use serde::Serialize;
use serde_json::{Map, Value};
use specta::Type;
use std::collections::HashSet;
use touchstone_domain::json::Json;
use touchstone_domain::prompt::{Message, PromptContent, Provider, Role};
use touchstone_domain::template::{self, TemplateError, VariableFormat, plain, render, value_at, variables};
use touchstone_domain::{PromptId, TaskId};
use touchstone_labeling::{Capabilities, Config};
use touchstone_providers::{ChatMessage, ChatRequest, Part, StructuredMode};
use touchstone_store::{ConnectionRow, ProjectRow, PromptRow};

/// The request for one task, as the editor shows it.
#[derive(Clone, Debug, Serialize, Type)]
pub struct RequestPreview {
    pub task_id: TaskId,
    pub position: u32,
    pub task_total: u32,
    /// Variables are filled in where the task has a value for them.
    pub messages: Vec<Message>,
    /// Pretty JSON of the request body exactly as it would be sent; empty while no model is chosen.
    pub body: String,
    pub endpoint: Option<String>,
    /// Our own estimate.
    pub prompt_tokens: u32,
    pub problems: Vec<Problem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A run cannot start.
    Error,
    Warning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    NoModel,
    NoMessage,
    UnknownVariable,
    /// A section that is not closed, or closed without being open.
    BrokenTemplate,
    NoVariable,
    UnusedVariable,
    /// The model cannot read what a control is about.
    UnreadableObject,
    /// A parameter that the model does not take is not sent.
    ParameterLeftOut,
    /// The model stops to answer on a day that is known, or has stopped.
    ModelRetires,
}

/// Something about a draft that the user should know before running it.
#[derive(Clone, Debug, Serialize, Type)]
pub struct Problem {
    pub severity: Severity,
    pub code: ProblemCode,
    pub message: String,
    /// The variable in question, without braces.
    pub variable: Option<String>,
}

impl Engine {
    /// The request that `content` makes of the task at `position` of the prompt's project.
    pub async fn preview_request(
        &self,
        prompt: PromptId,
        content: DraftContent,
        position: u32,
    ) -> Result<RequestPreview> {
        self.blocking(move |inner| {
            let prompt = inner.store.prompt(prompt.as_str())?;
            let project = target(inner, &prompt)?;
            let config = stored_config(&project)?;
            let position = position.min(project.tasks.saturating_sub(1));
            let task = inner.store.tasks(project.key, position, 1)?.into_iter().next();
            let task = task.ok_or_else(|| Error::invalid("the project has no tasks"))?;
            let data = stored_data(&task.data);
            let connection = match &content.connection_id {
                Some(id) => inner.store.connection(id.as_str()).ok(),
                None => None,
            };
            let mut content = content.into_content();
            if let Some(connection) = &connection {
                content.provider = provider(connection);
            }
            let schema = config.for_task(&data).prompt_schema(capabilities(content.provider));
            let messages: Vec<_> = content
                .messages
                .iter()
                .map(|message| message.map_text(|text| render_known(text, content.input_variable_format, &data)))
                .collect();
            let mut problems = problems(&content, &config, &data, connection.is_some());
            let mut body = String::new();
            let mut endpoint = None;
            if let Some(row) = &connection {
                let settings = ConnectionSettings::of(row);
                let structure = settings.structure(&content.model);
                problems.extend(retirement(row, &settings, &content.model));
                if let Some(Silenced { model, endpoint: address }) = model_without_secrets(inner, row) {
                    let request = ChatRequest {
                        messages: messages.iter().map(sent).collect(),
                        ..request(&content, &schema, structure, &data)
                            .unwrap_or_else(|_| empty_request(&content, &schema, structure))
                    };
                    body = pretty(&model.body(&request));
                    endpoint = address;
                    problems.extend(model.left_out(&request).into_iter().map(|left_out| Problem {
                        severity: Severity::Warning,
                        code: ProblemCode::ParameterLeftOut,
                        message: format!("{} is not sent: {}.", left_out.name, left_out.reason),
                        variable: None,
                    }));
                }
            }
            Ok(RequestPreview {
                task_id: task.id,
                position,
                task_total: project.tasks,
                prompt_tokens: estimate_tokens(&messages, &schema),
                problems,
                messages,
                body,
                endpoint,
            })
        })
        .await
    }
}

/// The request that a version makes of one task. `schema` is the config's prompt schema, made once for many tasks;
/// `structure` is how the model is held to it.
pub(crate) fn request(
    content: &PromptContent,
    schema: &Value,
    structure: Option<StructuredMode>,
    data: &Map<String, Value>,
) -> std::result::Result<ChatRequest, TemplateError> {
    let mut messages = Vec::with_capacity(content.messages.len());
    let mut inputs: Vec<String> = Vec::new();
    let mut missing = Vec::new();
    for message in &content.messages {
        match render(message.text(), content.input_variable_format, data) {
            Ok(text) => messages.push(ChatMessage { content: vec![Part::Text(text)], ..sent(message) }),
            Err(TemplateError::Missing(names)) => missing.extend(names),
            Err(other) => return Err(other),
        }
        for variable in variables(message.text(), content.input_variable_format) {
            if let Some(value) = value_at(data, variable.path) {
                let text = plain(value);
                if !inputs.iter().any(|known| *known == text) {
                    inputs.push(text.into_owned());
                }
            }
        }
    }
    if !missing.is_empty() {
        let mut seen = HashSet::new();
        missing.retain(|name| seen.insert(name.clone()));
        return Err(TemplateError::Missing(missing));
    }
    Ok(ChatRequest { messages, inputs, ..empty_request(content, schema, structure) })
}

/// Everything of a request that does not depend on the task.
fn empty_request(content: &PromptContent, schema: &Value, structure: Option<StructuredMode>) -> ChatRequest {
    ChatRequest {
        model: content.model.clone(),
        messages: Vec::new(),
        schema: schema.clone(),
        structure,
        params: content.invocation_params.0.iter().chain(&content.extra.0).map(entry).collect(),
        inputs: Vec::new(),
    }
}

fn entry((name, value): &(String, Json)) -> (String, Value) {
    (name.clone(), value.to_value())
}

fn sent(message: &Message) -> ChatMessage {
    ChatMessage {
        role: message.role,
        content: vec![Part::Text(message.text().to_owned())],
        tool_call_id: message.tool_call_id.clone(),
        tool_calls: message.tool_calls.as_ref().map(Json::to_value),
    }
}

/// Fills what can be filled and leaves the rest as it is written, for the preview.
fn render_known(template: &str, format: VariableFormat, data: &Map<String, Value>) -> String {
    match render(template, format, data) {
        Ok(text) => text,
        Err(TemplateError::Missing(missing)) => {
            let mut padded = data.clone();
            for name in missing {
                padded.insert(name.clone(), Value::String(format.written(&name)));
            }
            render(template, format, &padded).unwrap_or_else(|_| template.to_owned())
        }
        Err(TemplateError::Syntax(_) | TemplateError::TooLarge) => template.to_owned(),
    }
}

/// What stands in the way of running `content`, or deserves a warning; checked against one task's `data`.
pub(crate) fn problems(
    content: &PromptContent,
    config: &Config,
    data: &Map<String, Value>,
    has_connection: bool,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut add = |severity, code, message: String, variable: Option<&str>| {
        problems.push(Problem { severity, code, message, variable: variable.map(str::to_owned) });
    };
    if !has_connection || content.model.is_empty() {
        add(Severity::Error, ProblemCode::NoModel, "Choose a base model.".to_owned(), None);
    }
    if has_connection {
        let fillable = config.fillable(capabilities(content.provider));
        let severity = if fillable.controls.is_empty() { Severity::Error } else { Severity::Warning };
        for skipped in fillable.skipped.iter().filter(|skipped| skipped.for_model) {
            let message = format!("{} “{}” cannot be asked: {}.", skipped.tag, skipped.name, skipped.reason);
            add(severity, ProblemCode::UnreadableObject, message, None);
        }
    }
    if !content.messages.iter().any(|message| message.role == Role::User && !message.text().trim().is_empty()) {
        add(Severity::Error, ProblemCode::NoMessage, "Write a user message.".to_owned(), None);
    }
    let format = content.input_variable_format;
    for (index, message) in content.messages.iter().enumerate() {
        if let Err(error) = template::check(message.text(), format) {
            let message = format!("Message {} cannot be filled: {error}.", index + 1);
            add(Severity::Error, ProblemCode::BrokenTemplate, message, None);
        }
    }
    let used: Vec<_> = content.messages.iter().flat_map(|message| variables(message.text(), format)).collect();
    let mut reported: Vec<&str> = Vec::new();
    for message in &content.messages {
        for path in template::missing(message.text(), format, data) {
            if !reported.contains(&path) {
                reported.push(path);
                let message = format!("The task has no value for {}.", format.written(path));
                add(Severity::Error, ProblemCode::UnknownVariable, message, Some(path));
            }
        }
    }
    let needed = config.variables();
    if used.is_empty() {
        let example = needed.first().map_or("text", String::as_str);
        add(
            Severity::Error,
            ProblemCode::NoVariable,
            match format {
                VariableFormat::Verbatim => {
                    "The prompt is sent as it is, without variables, so every task would get the \
                                             same question. Choose another format of variables."
                        .to_owned()
                }
                _ => format!(
                    "The prompt uses no variable, so every task would get the same question. Insert {}.",
                    format.written(example)
                ),
            },
            Some(example),
        );
    } else {
        for name in &needed {
            if !used.iter().any(|variable| variable.root() == name) {
                add(
                    Severity::Warning,
                    ProblemCode::UnusedVariable,
                    format!("The labeling interface shows {}, but the prompt does not use it.", format.written(name)),
                    Some(name),
                );
            }
        }
    }
    problems
}

/// That the model's days are counted, or over.
fn retirement(row: &ConnectionRow, settings: &ConnectionSettings, model: &str) -> Option<Problem> {
    let known = known_model(row, settings, model)?;
    let day = known.retires.as_deref()?;
    let stops = if known.is_retired(&clock::today()) { "stopped" } else { "stops" };
    Some(Problem {
        severity: Severity::Warning,
        code: ProblemCode::ModelRetires,
        message: format!("{} {stops} to answer on {day}. Choose another base model.", known.id),
        variable: None,
    })
}

/// The project that a prompt aims at.
pub(crate) fn target(inner: &Inner, prompt: &PromptRow) -> Result<ProjectRow> {
    match &prompt.project_id {
        Some(id) => Ok(inner.store.project(id.as_str())?),
        None => Err(Error::invalid(format!("“{}” is not aimed at a project yet; choose one", prompt.name))),
    }
}

/// What the models of a provider can read. None is told yet whether it sees images or reads documents, so none is sent
/// any.
pub(crate) fn capabilities(provider: Provider) -> Capabilities {
    match provider {
        Provider::OpenAi
        | Provider::AzureOpenAi
        | Provider::AwsBedrock
        | Provider::VertexAi
        | Provider::Anthropic
        | Provider::Gemini
        | Provider::Foundry
        | Provider::Custom
        | Provider::Practice => Capabilities::TEXT,
    }
}

/// A rough count: four bytes of text make a token, and each message a few. Calibrating it is a later matter.
fn estimate_tokens(messages: &[Message], schema: &Value) -> u32 {
    let bytes: usize = messages.iter().map(|message| message.text().len() + 16).sum();
    u32::try_from((bytes + schema.to_string().len()).div_ceil(4)).unwrap_or(u32::MAX)
}
