//! From a template and a task to the exact request: one path for the preview, the answer's hash and the run.

mod shown;

pub(crate) use shown::{Wanted, capabilities_for, media_fields};

use crate::connections::{
    ConnectionSettings, RefusedParam, Silenced, known_model, model_without_secrets, provider, reads,
};
use crate::drafts::DraftContent;
use crate::media::{MediaKind, Reading, Sending};
use crate::projects::{pretty, stored_config};
use crate::tasks::stored_data;
use crate::{Engine, Error, Inner, Result, clock};
use serde::Serialize;
use serde_json::{Map, Value};
use shown::{Marked, MediaField, Piece, is_on_the_way, misplaced};
use specta::Type;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use touchstone_domain::json::Json;
use touchstone_domain::prompt::{Message, PromptContent, Role};
use touchstone_domain::template::{self, TemplateError, VariableFormat, mentions, plain, render, value_at, variables};
use touchstone_domain::{PromptId, TaskId};
use touchstone_labeling::{Capabilities, Config};
use touchstone_providers::{
    Body, ChatMessage, ChatModel, ChatRequest, MediaLimits, Part, Schema, StructuredMode, expected_instead,
};
use touchstone_store::{ConnectionRow, ProjectRow, PromptRow};

/// The request for one task, as the editor shows it.
#[derive(Clone, Debug, Serialize, Type)]
pub struct RequestPreview {
    pub task_id: TaskId,
    pub position: u32,
    pub task_total: u32,
    /// Variables are filled in where the task has a value for them; a picture or document is told by its type, its size
    /// and its hash.
    pub messages: Vec<Message>,
    /// Pretty JSON of the request body as it would be sent, with type, size and hash of each file in place of its bytes;
    /// empty while no model is chosen.
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
    /// The prompt does not show the picture or document that a control is about.
    UnshownObject,
    /// The prompt shows a picture or document, and the model is known to read none.
    UnreadableMedia,
    /// A message whose role holds nothing but text shows a picture or document.
    MisplacedMedia,
    /// A picture or document of the task cannot be sent.
    UnsentMedia,
    /// A parameter has a value that none can have.
    ParameterInvalid,
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

impl Problem {
    fn error(code: ProblemCode, message: String, variable: Option<&str>) -> Self {
        Self { severity: Severity::Error, code, message, variable: variable.map(str::to_owned) }
    }
}

impl Engine {
    /// The request that `content` makes of the task at `position` of the prompt's project.
    pub async fn preview_request(
        &self,
        prompt: PromptId,
        content: DraftContent,
        position: u32,
    ) -> Result<RequestPreview> {
        let plan = self.blocking(move |inner| plan(inner, &prompt, content, position)).await?;
        let (mut problems, silenced) = (plan.problems, plan.silenced);
        let sending = Sending {
            reading: plan.reading,
            limits: silenced.as_ref().map_or(MediaLimits::UNKNOWN, |silenced| silenced.model.media_limits()),
            to: plan.content.provider.label(),
            may_be_kept: true,
        };
        let prompt_tokens = estimate_tokens(&plan.filled);
        let (parts, unsent) = self.media_to_show(&plan.filled.wanted, &sending).await;
        let request = plan.filled.with(parts);
        let warning = |code, message| Problem { severity: Severity::Warning, code, message, variable: None };
        problems.extend(unsent.into_iter().map(|unsent| warning(ProblemCode::UnsentMedia, unsent.message)));
        let mut body = String::new();
        let mut endpoint = None;
        if let Some(Silenced { model, endpoint: address }) = silenced {
            body = pretty(&model.body(&request));
            endpoint = address;
            let left_out = left_out(&plan.content, &plan.refused, &*model).into_iter();
            problems.extend(left_out.map(|message| warning(ProblemCode::ParameterLeftOut, message)));
        }
        let messages = plan.content.messages.iter().zip(&request.messages);
        let messages = messages.map(|(message, sent)| message.map_text(|_| in_words(&sent.content))).collect();
        let (task_id, position, task_total) = (plan.task_id, plan.position, plan.task_total);
        Ok(RequestPreview { task_id, position, task_total, messages, body, endpoint, prompt_tokens, problems })
    }
}

/// A preview before the task's media are read.
struct Plan {
    task_id: TaskId,
    position: u32,
    task_total: u32,
    content: PromptContent,
    refused: Vec<RefusedParam>,
    filled: Filled,
    problems: Vec<Problem>,
    silenced: Option<Silenced>,
    reading: Reading,
}

fn plan(inner: &Inner, prompt: &PromptId, content: DraftContent, position: u32) -> Result<Plan> {
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
    let settings = connection.as_ref().map(ConnectionSettings::of);
    let asked = connection.as_ref().zip(settings.as_ref());
    let structure = settings.as_ref().and_then(|settings| settings.structure(&content.model));
    let refused = settings.as_ref().map(|settings| settings.refused(&content.model)).unwrap_or_default();
    let template = Template::new(content, &config, structure, refused.clone());
    let content = &template.content;
    let mut problems =
        problems(&template, &config, &data, asked.map(|(row, settings)| reads(row, settings, &content.model)));
    problems.extend(asked.and_then(|(row, settings)| retirement(row, settings, &content.model)));
    let schema = config.for_task(&data).prompt_schema(template.capabilities()).into();
    Ok(Plan {
        task_id: task.id,
        position,
        task_total: project.tasks,
        filled: template.filled_as_known(&schema, &data),
        problems,
        silenced: connection.and_then(|row| model_without_secrets(inner, &row)),
        reading: Reading::of(inner, project.key)?,
        content: template.content,
        refused,
    })
}

/// A version as it asks about one task after the other: everything of its requests that does not depend on the task.
pub(crate) struct Template {
    content: PromptContent,
    /// How the model is held to the schema; a run may find that out while it is at work.
    structure: Mutex<Option<StructuredMode>>,
    media: Vec<MediaField>,
    /// What the server does not take; a run may find out more while it is at work.
    refused: Mutex<Vec<RefusedParam>>,
}

/// A request whose media are still to be read.
pub(crate) struct Filled {
    request: ChatRequest,
    /// In the order of the messages and their parts.
    pub wanted: Vec<Wanted>,
}

impl Filled {
    /// Its beginning is that of no other request.
    pub(crate) fn shares_nothing(&mut self) {
        self.request.shares_beginning = false;
    }

    /// The request with its media: a part for each that is wanted.
    pub(crate) fn with(self, parts: Vec<Part>) -> ChatRequest {
        let mut request = self.request;
        for (wanted, part) in self.wanted.iter().zip(parts) {
            request.messages[wanted.message].content.insert(wanted.part, part);
        }
        request
    }
}

impl Template {
    pub(crate) fn new(
        content: PromptContent,
        config: &Config,
        structure: Option<StructuredMode>,
        refused: Vec<RefusedParam>,
    ) -> Self {
        let media = media_fields(&content, config);
        Self { content, structure: Mutex::new(structure), media, refused: Mutex::new(refused) }
    }

    pub(crate) fn model(&self) -> &str {
        &self.content.model
    }

    pub(crate) fn structure(&self) -> Option<StructuredMode> {
        *self.structure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds the model to the schema in this way in every request from now on.
    pub(crate) fn hold_by(&self, mode: StructuredMode) {
        *self.structure.lock().unwrap_or_else(PoisonError::into_inner) = Some(mode);
    }

    /// Leaves a parameter out of every request from now on. `false` if it was left out already.
    pub(crate) fn refuse(&self, param: RefusedParam) -> bool {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !refused.contains(&param);
        if is_new {
            refused.push(param);
        }
        is_new
    }

    /// Brings a request to what was found out since it was made: without what was refused, in the form that holds.
    pub(crate) fn bring_up_to_date(&self, request: &mut Arc<ChatRequest>) {
        let structure = self.structure();
        if request.structure != structure {
            Arc::make_mut(request).structure = structure;
        }
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if request.params.iter().any(|(name, value)| is_refused(&refused, name, value)) {
            Arc::make_mut(request).params.retain(|name, value| !is_refused(&refused, name, value));
        }
    }

    /// What of the parameters is not sent, and why, in sentences.
    pub(crate) fn left_out(&self, model: &dyn ChatModel) -> Vec<String> {
        left_out(&self.content, &self.refused.lock().unwrap_or_else(PoisonError::into_inner), model)
    }

    /// What a model must be able to read to be asked. It is asked about nothing that the prompt does not show, and
    /// scored on nothing else.
    pub(crate) fn capabilities(&self) -> Capabilities {
        capabilities_for(&self.media)
    }

    /// Whether what stands at `path` of a task's data is media, holds some, or is a part of them.
    pub(crate) fn shows_as_media(&self, path: &str) -> bool {
        self.media.iter().any(|field| is_on_the_way(&field.path, path))
    }

    /// Where media stand in a task's data.
    pub(crate) fn media_paths(&self) -> impl Iterator<Item = &str> {
        self.media.iter().map(|field| field.path.as_str())
    }

    /// How its variables are written.
    pub(crate) fn format(&self) -> VariableFormat {
        self.content.input_variable_format
    }

    /// The request about one task. `schema` is the prompt schema of the config, or of the task's own.
    pub(crate) fn filled(
        &self,
        schema: &Schema,
        data: &Map<String, Value>,
    ) -> std::result::Result<Filled, TemplateError> {
        self.fill(schema, data, |text, data| render(text, self.content.input_variable_format, data))
    }

    /// The same for a preview: what has no value stays as it is written.
    fn filled_as_known(&self, schema: &Schema, data: &Map<String, Value>) -> Filled {
        let known = |text: &str, data: &_| Ok(render_known(text, self.content.input_variable_format, data));
        self.fill(schema, data, known).unwrap_or_else(|_| Filled { request: self.empty(schema), wanted: Vec::new() })
    }

    fn fill(
        &self,
        schema: &Schema,
        data: &Map<String, Value>,
        render: impl Fn(&str, &Map<String, Value>) -> std::result::Result<String, TemplateError>,
    ) -> std::result::Result<Filled, TemplateError> {
        let format = self.content.input_variable_format;
        let texts: Vec<_> = self.content.messages.iter().map(Message::text).collect();
        let marked = Marked::of(data, &self.media, &texts, format);
        let data = marked.as_ref().map_or(data, |marked| &marked.data);
        let is_media = |text: &str| marked.as_ref().is_some_and(|marked| marked.is_in(text));
        let mut request = self.empty(schema);
        let mut wanted = Vec::new();
        let mut missing = Vec::new();
        for (message, template) in self.content.messages.iter().zip(texts) {
            match render(template, data) {
                Ok(text) => {
                    let pieces = match &marked {
                        Some(marked) if marked.is_in(&text) => marked.cut(text),
                        _ => vec![Piece::Text(text)],
                    };
                    let mut content = Vec::with_capacity(pieces.len());
                    for (part, piece) in pieces.into_iter().enumerate() {
                        match piece {
                            Piece::Text(text) => content.push(Part::Text(text)),
                            Piece::Media { source, kind } => {
                                wanted.push(Wanted { source, kind, message: request.messages.len(), part });
                            }
                        }
                    }
                    request.messages.push(ChatMessage {
                        role: message.role,
                        content,
                        tool_call_id: message.tool_call_id.clone(),
                        tool_calls: message.tool_calls.as_ref().map(Json::to_value),
                    });
                }
                Err(TemplateError::Missing(names)) => missing.extend(names),
                Err(other) => return Err(other),
            }
            for variable in variables(template, format) {
                if let Some(value) = value_at(data, variable.path) {
                    let text = plain(value);
                    if !is_media(&text) && !request.inputs.iter().any(|known| *known == text) {
                        request.inputs.push(text.into_owned());
                    }
                }
            }
        }
        if !missing.is_empty() {
            let mut seen = HashSet::new();
            missing.retain(|name| seen.insert(name.clone()));
            return Err(TemplateError::Missing(missing));
        }
        Ok(Filled { request, wanted })
    }

    /// The request without messages.
    fn empty(&self, schema: &Schema) -> ChatRequest {
        let format = self.content.input_variable_format;
        let mut system = self.content.messages.iter().filter(|message| message.role == Role::System);
        let mut request = ChatRequest {
            schema: schema.clone(),
            structure: self.structure(),
            shares_beginning: system.all(|message| mentions(message.text(), format).is_empty()),
            ..unfilled(&self.content)
        };
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        request.params.retain(|name, value| !is_refused(&refused, name, value));
        request
    }
}

/// What a version sends but for its messages and schema.
pub(crate) fn bare_body(content: &PromptContent, model: &dyn ChatModel) -> Body {
    model.body(&unfilled(content))
}

/// What of a version is the same for every task and project.
fn unfilled(content: &PromptContent) -> ChatRequest {
    let params = content.invocation_params.0.iter().chain(&content.extra.0);
    ChatRequest {
        model: content.model.clone(),
        messages: Vec::new(),
        schema: Schema::default(),
        structure: None,
        params: params.map(|(name, value)| (name.clone(), value.to_value())).collect(),
        inputs: Vec::new(),
        shares_beginning: false,
    }
}

fn is_refused(refused: &[RefusedParam], name: &str, value: &Value) -> bool {
    refused.iter().any(|param| param.name == name && param.value == *value)
}

/// What of the parameters of a version is not sent to `model`, and why, in sentences.
pub(crate) fn left_out(content: &PromptContent, refused: &[RefusedParam], model: &dyn ChatModel) -> Vec<String> {
    let request = unfilled(content);
    let known = model.left_out(&request);
    let mut sentences: Vec<_> =
        known.iter().map(|left| format!("{} is not sent: {}.", left.name, left.reason)).collect();
    for (name, value) in &request.params {
        if is_refused(refused, name, value) && !known.iter().any(|left| left.name == *name) {
            sentences.push(format!("{name} is not sent: {} refused it.", content.model));
        }
    }
    sentences
}

/// The parts of a message as one text, for people.
fn in_words(parts: &[Part]) -> String {
    let words = parts.iter().map(|part| match part {
        Part::Text(text) => text.as_str(),
        Part::Image(file) | Part::Pdf(file) => file.stand_in(),
    });
    words.collect()
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

/// How much is repeated of a parameter's value, in characters.
const SHOWN_CHARS_MAX: usize = 60;

/// What stands in the way of running a version, or deserves a warning; checked against one task's `data`. `reads` is
/// what the model can read, as far as is known; `None` without a connection.
pub(crate) fn problems(
    template: &Template,
    config: &Config,
    data: &Map<String, Value>,
    reads: Option<Capabilities>,
) -> Vec<Problem> {
    let content = &template.content;
    let mut problems = Vec::new();
    if reads.is_none() || content.model.is_empty() {
        problems.push(Problem::error(ProblemCode::NoModel, "Choose a model.".to_owned(), None));
    }
    if let Some(reads) = reads {
        media_problems(template, config, reads, &mut problems);
    }
    let mut add = |severity, code, message: String, variable: Option<&str>| {
        problems.push(Problem { severity, code, message, variable: variable.map(str::to_owned) });
    };
    if !content.messages.iter().any(|message| message.role == Role::User && !message.text().trim().is_empty()) {
        add(Severity::Error, ProblemCode::NoMessage, "Write a user message.".to_owned(), None);
    }
    for (name, value) in content.invocation_params.0.iter().chain(&content.extra.0) {
        let value = value.to_value();
        if let Some(expected) = expected_instead(name, &value) {
            let given: String = value.to_string().chars().take(SHOWN_CHARS_MAX).collect();
            let message = format!("The parameter {name} is {given}, and must be {expected}.");
            add(Severity::Error, ProblemCode::ParameterInvalid, message, None);
        }
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

/// What the model cannot read or is not shown.
fn media_problems(template: &Template, config: &Config, reads: Capabilities, problems: &mut Vec<Problem>) {
    let content = &template.content;
    let format = content.input_variable_format;
    let readable = config.fillable(reads);
    let shown = config.fillable(template.capabilities());
    let is_readable = |name: &str| readable.controls.iter().any(|filled| filled.control.name == name);
    let is_asked = shown.controls.iter().any(|filled| is_readable(&filled.control.name));
    let severity = if is_asked { Severity::Warning } else { Severity::Error };
    for skipped in readable.skipped.iter().filter(|skipped| skipped.for_model) {
        let message = format!("{} “{}” cannot be asked: {}.", skipped.tag, skipped.name, skipped.reason);
        problems.push(Problem { severity, code: ProblemCode::UnreadableObject, message, variable: None });
    }
    for skipped in shown.skipped.iter().filter(|skipped| is_readable(&skipped.name)) {
        let message =
            format!("{} “{}” is not asked: the prompt does not show what it is about.", skipped.tag, skipped.name);
        problems.push(Problem { severity, code: ProblemCode::UnshownObject, message, variable: None });
    }
    for MediaField { path, kind } in &template.media {
        let (can, what) = match kind {
            MediaKind::Image => (reads.sees_images, "see images"),
            MediaKind::Pdf => (reads.reads_pdf, "read PDF files"),
        };
        // Where nothing is left to be asked, that was said already.
        if !can && is_asked {
            let message = format!(
                "{} cannot {what}, and the prompt shows it {}. Choose another model, or take that out.",
                content.model,
                format.written(path)
            );
            problems.push(Problem::error(ProblemCode::UnreadableMedia, message, Some(path)));
        }
    }
    if let Some((number, field)) = misplaced(content, &template.media) {
        let message = format!(
            "Message {number} cannot hold the {} {}: only a user message can.",
            field.kind.word(),
            format.written(&field.path)
        );
        problems.push(Problem::error(ProblemCode::MisplacedMedia, message, Some(&field.path)));
    }
}

/// That the model's days are counted, or over.
fn retirement(row: &ConnectionRow, settings: &ConnectionSettings, model: &str) -> Option<Problem> {
    let known = known_model(row, settings, model)?;
    let day = known.retires.as_deref()?;
    let stops = if known.is_retired(&clock::today()) { "stopped" } else { "stops" };
    Some(Problem {
        severity: Severity::Warning,
        code: ProblemCode::ModelRetires,
        message: format!("{} {stops} to answer on {day}. Choose another model.", known.id),
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

/// What a picture or a document counts for in an estimate, in tokens: what vendors say of one, in its order of magnitude.
const TOKENS_OF_MEDIA: u64 = 1_000;

/// What is taken for a token while no usage says more.
pub(crate) const BYTES_PER_TOKEN: u64 = 4;

impl Filled {
    /// What its input is estimated by, in bytes: its texts and its schema, a few for each message, and what stands for the
    /// media, which need not be read for it.
    pub(crate) fn weight(&self) -> u64 {
        let messages: usize = self.request.messages.iter().map(|message| message.text().len() + 16).sum();
        let texts = messages + self.request.schema.written().get().len();
        texts as u64 + TOKENS_OF_MEDIA * BYTES_PER_TOKEN * self.wanted.len() as u64
    }
}

/// A rough count for a preview; an estimate of a run holds it against what was really counted.
fn estimate_tokens(filled: &Filled) -> u32 {
    u32::try_from(filled.weight().div_ceil(BYTES_PER_TOKEN)).unwrap_or(u32::MAX)
}
