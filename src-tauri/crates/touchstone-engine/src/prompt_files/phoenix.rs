//! Versions of Phoenix's REST API, as the body that `POST /v1/prompts` takes. What it has no word for is refused by name, both ways.
//!
//! Messages hold parts (`text`, `tool_call`, `tool_result`), tools are functions or raw, answers have a schema or no form
//! at all, and parameters are typed by the family of the model. Source: Phoenix's types of prompts at 9478f95.

use super::foreign::{Case, has_only, parameters, respelled, role, unsaid};
use super::{FoundVersion, History, Read, object, text};
use crate::Result;
use crate::versions::parsed;
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::{Message, PromptContent, Provider, Role};
use touchstone_domain::template::VariableFormat;

/// How Phoenix keeps the parameters of a kind of model.
struct Family {
    word: &'static str,
    known: &'static [&'static str],
    /// By our names and by Phoenix's, where they differ.
    renamed: &'static [(&'static str, &'static str)],
    /// Whether others can go into the request's body as they are.
    has_body: bool,
}

const OPENAI_PARAMETERS: &[&str] = &[
    "temperature",
    "max_tokens",
    "max_completion_tokens",
    "frequency_penalty",
    "presence_penalty",
    "top_p",
    "seed",
    "stop",
    "reasoning_effort",
];

const OPENAI: Family = Family { word: "openai", known: OPENAI_PARAMETERS, renamed: &[], has_body: true };
const AZURE: Family = Family { word: "azure_openai", ..OPENAI };
const ANTHROPIC: Family = Family {
    word: "anthropic",
    known: &["max_tokens", "temperature", "top_p", "stop_sequences", "output_config", "thinking"],
    renamed: &[("stop", "stop_sequences")],
    has_body: true,
};
const GOOGLE: Family = Family {
    word: "google",
    known: &[
        "temperature",
        "max_output_tokens",
        "stop_sequences",
        "presence_penalty",
        "frequency_penalty",
        "top_p",
        "top_k",
        "thinking_config",
    ],
    renamed: &[("stop", "stop_sequences"), ("max_tokens", "max_output_tokens")],
    has_body: false,
};
const AWS: Family = Family {
    word: "aws",
    known: &["max_tokens", "temperature", "top_p", "stop_sequences"],
    renamed: &[("stop", "stop_sequences")],
    has_body: false,
};

impl Family {
    /// Servers that speak the OpenAI format are of its family.
    fn of(provider: Provider) -> &'static Self {
        match provider {
            Provider::Anthropic => &ANTHROPIC,
            Provider::Gemini | Provider::VertexAi => &GOOGLE,
            Provider::AwsBedrock => &AWS,
            Provider::AzureOpenAi => &AZURE,
            Provider::OpenAi | Provider::Foundry | Provider::Custom | Provider::Practice => &OPENAI,
        }
    }
}

/// The newest version.
pub(super) fn written(history: &History, refused: &mut Vec<String>) -> Result<Option<Json>> {
    let Some(version) = history.versions.first() else {
        refused.push(format!("“{}” has no version yet; save one first", history.prompt.name));
        return Ok(None);
    };
    let content = parsed(&version.content)?;
    let written = match version_object(&content, &version.commit_message) {
        Ok(written) => written,
        Err(why) => {
            refused.push(unsaid(history, version, "Phoenix", &why));
            return Ok(None);
        }
    };
    let prompt = object([("name", text(&history.prompt.name)), ("description", text(&history.prompt.description))]);
    Ok(Some(Json::Object(object([("prompt", Json::Object(prompt)), ("version", Json::Object(written))]))))
}

fn version_object(content: &PromptContent, description: &str) -> Read<Object> {
    let family = Family::of(content.provider);
    if let Some((name, _)) = content.provider_params.0.first() {
        return Err(format!("it has no place for the provider's parameter “{name}”"));
    }
    let format = match content.input_variable_format {
        VariableFormat::FString => "F_STRING",
        VariableFormat::Mustache => "MUSTACHE",
        VariableFormat::Verbatim => "NONE",
    };
    let messages = content.messages.iter().map(message).collect::<Read<Vec<_>>>()?;
    let mut extra = content.extra.clone();
    let tools = tools(content.invocation_params.get("tool_config"), &mut extra)?;
    let parameters = parameters_object(family, &content.invocation_params, &extra)?;
    let mut version = object([
        ("description", text(description)),
        ("model_provider", text(&family.word.to_uppercase())),
        ("model_name", text(&content.model)),
        ("template_type", text("CHAT")),
        ("template_format", text(format)),
        ("template", Json::Object(object([("type", text("chat")), ("messages", Json::Array(messages))]))),
        (
            "invocation_parameters",
            Json::Object(object([("type", text(family.word)), (family.word, Json::Object(parameters))])),
        ),
    ]);
    if let Some(tools) = tools {
        version.set("tools", Json::Object(tools));
    }
    if let Some(format) = content.invocation_params.get("response_format").map(response_format).transpose()?.flatten() {
        version.set("response_format", format);
    }
    Ok(version)
}

fn message(message: &Message) -> Read<Json> {
    let role = match message.role {
        Role::Assistant => "ai",
        other => other.as_str(),
    };
    if let Some((name, _)) = message.other.0.first() {
        return Err(format!("its messages have no place for “{name}”"));
    }
    let calls = message.tool_calls.as_ref().and_then(Json::as_array).unwrap_or_default();
    let content = match &message.tool_call_id {
        Some(_) if !calls.is_empty() => {
            return Err("a message answers a call and calls tools itself, which one cannot do there".to_owned());
        }
        Some(id) => Json::Array(vec![Json::Object(object([
            ("type", text("tool_result")),
            ("tool_call_id", text(id)),
            ("tool_result", message.content.as_deref().map_or(Json::Null, text)),
        ]))]),
        None if calls.is_empty() => text(message.text()),
        None => {
            let words = message.content.as_deref();
            let words = words.map(|words| Json::Object(object([("type", text("text")), ("text", text(words))])));
            let calls = calls.iter().map(tool_call);
            Json::Array(words.map(Ok).into_iter().chain(calls).collect::<Read<_>>()?)
        }
    };
    Ok(Json::Object(object([("role", text(role)), ("content", content)])))
}

fn tool_call(call: &Json) -> Read<Json> {
    let call = respelled(call, Case::Lower);
    let call = call.as_object().ok_or("a call of a tool is no object")?;
    has_only(call, &["id", "type", "function"], "its calls of tools")?;
    let kind = call.get("type").and_then(Json::as_str).unwrap_or_default();
    let function = call.get("function").and_then(Json::as_object).filter(|_| kind == "function");
    let function = function.ok_or_else(|| format!("it knows no call of a “{kind}”"))?;
    has_only(function, &["name", "arguments"], "its calls of tools")?;
    let id = call.get("id").and_then(Json::as_str).ok_or("a call of a tool has no id, which it asks for")?;
    let word = |name: &str| text(function.get(name).and_then(Json::as_str).unwrap_or_default());
    let function = object([("type", text("function")), ("name", word("name")), ("arguments", word("arguments"))]);
    Ok(Json::Object(object([
        ("type", text("tool_call")),
        ("tool_call_id", text(id)),
        ("tool_call", Json::Object(function)),
    ])))
}

/// Takes what is said of parallel calls out of `extra`: there it belongs to the tools.
fn tools(config: Option<&Json>, extra: &mut Object) -> Read<Option<Object>> {
    let Some(config) = config.and_then(Json::as_object).filter(|config| !config.is_empty()) else { return Ok(None) };
    has_only(config, &["tools", "tool_choice"], "its tools")?;
    let given = config.get("tools").and_then(Json::as_array).unwrap_or_default();
    if given.is_empty() {
        return Err("it has no “tool_choice” where there are no tools".to_owned());
    }
    let tools = given.iter().map(tool).collect::<Read<_>>()?;
    let mut written = object([("type", text("tools")), ("tools", Json::Array(tools))]);
    if let Some(choice) = config.get("tool_choice").filter(|choice| **choice != Json::Null) {
        written.set("tool_choice", Json::Object(tool_choice(choice)?));
    }
    if let Some(Json::Bool(parallel)) = extra.get("parallel_tool_calls").cloned() {
        extra.remove("parallel_tool_calls");
        written.set("disable_parallel_tool_calls", Json::Bool(!parallel));
    }
    Ok(Some(written))
}

/// A function, or what else a provider takes for a tool, as it is.
fn tool(given: &Json) -> Read<Json> {
    let lower = respelled(given, Case::Lower);
    let tool = lower.as_object().ok_or("a tool is no object")?;
    let is_function = tool.get("type").and_then(Json::as_str) == Some("function")
        && has_only(tool, &["type", "function"], "").is_ok()
        && tool
            .get("function")
            .and_then(Json::as_object)
            .is_some_and(|function| has_only(function, &["name", "description", "parameters", "strict"], "").is_ok());
    Ok(if is_function { lower } else { Json::Object(object([("type", text("raw")), ("raw", given.clone())])) })
}

fn tool_choice(choice: &Json) -> Read<Object> {
    let kind = |word: &str| Ok(object([("type", text(word))]));
    let named = || {
        let choice = choice.as_object()?;
        has_only(choice, &["type", "function"], "").ok()?;
        let function = choice.get("function")?.as_object()?;
        has_only(function, &["name"], "").ok()?;
        function.get("name")?.as_str()
    };
    match choice.as_str() {
        Some("none") => kind("none"),
        Some("auto") => kind("zero_or_more"),
        Some("required") => kind("one_or_more"),
        _ => match named() {
            Some(name) => Ok(object([("type", text("specific_function")), ("function_name", text(name))])),
            None => Err("it has no word for this “tool_choice”".to_owned()),
        },
    }
}

/// `None` for plain text, which is what there is without a format.
fn response_format(format: &Json) -> Read<Option<Json>> {
    let format = respelled(format, Case::Lower);
    let fields = format.as_object().ok_or("its response_format is no object")?;
    match fields.get("type").and_then(Json::as_str).unwrap_or_default() {
        "text" => Ok(None),
        "json_schema" => {
            has_only(fields, &["type", "json_schema"], "its response_format")?;
            let schema = fields.get("json_schema").and_then(Json::as_object).ok_or("its response_format is empty")?;
            has_only(schema, &["name", "description", "schema", "strict"], "its response_format")?;
            Ok(Some(format))
        }
        other => Err(format!("it knows no response_format of the type “{other}”")),
    }
}

fn parameters_object(family: &Family, params: &Object, extra: &Object) -> Read<Object> {
    let mut known = Object::default();
    let mut body = Object::default();
    let others = params.0.iter().filter(|(name, _)| name != "tool_config" && name != "response_format");
    for (name, value) in others.chain(&extra.0) {
        let renamed = family.renamed.iter().find(|(ours, _)| ours == name);
        let there = renamed.map_or(name.as_str(), |(_, there)| there);
        let into = if family.known.contains(&there) {
            &mut known
        } else if family.has_body {
            &mut body
        } else {
            return Err(format!("it has no parameter “{name}” for such a model"));
        };
        if into.get(there).is_some() {
            return Err(format!("it has the parameter “{there}” once only"));
        }
        into.set(there, value.clone());
    }
    if !body.is_empty() {
        known.set("extra_body", Json::Object(body));
    }
    Ok(known)
}

pub(super) fn read(version: &Object, template: &Object) -> Read<FoundVersion> {
    let messages = match (template.get("messages"), template.get("template")) {
        (Some(Json::Array(given)), _) => {
            let messages = given.iter().map(messages_of).collect::<Read<Vec<_>>>()?;
            messages.into_iter().flatten().collect()
        }
        (_, Some(Json::String(words))) => vec![Message::new(Role::User, words.clone())],
        _ => return Err("its template is neither a text nor a list of messages".to_owned()),
    };
    let word = |name: &str| version.get(name).and_then(Json::as_str).unwrap_or_default();
    let input_variable_format = match word("template_format") {
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
    let (mut invocation_params, mut extra) = parameters(parameters_of(version)?);
    let is_there = |value: &&Json| **value != Json::Null;
    if let Some(tools) = version.get("tools").filter(is_there) {
        let (config, parallel) = tool_config(tools)?;
        invocation_params.set("tool_config", Json::Object(config));
        if let Some(parallel) = parallel {
            extra.set("parallel_tool_calls", Json::Bool(parallel));
        }
    }
    if let Some(format) = version.get("response_format").filter(is_there) {
        invocation_params.set("response_format", respelled(format, Case::Upper));
    }
    let content = PromptContent {
        messages,
        input_variable_format,
        provider,
        model: word("model_name").to_owned(),
        invocation_params,
        provider_params: Object::default(),
        extra,
    };
    let message = Some(word("description").to_owned()).filter(|words| !words.is_empty());
    Ok(FoundVersion::of(&content, message, Vec::new()))
}

/// By our names, with those that go into the body as they are.
fn parameters_of(version: &Object) -> Read<Object> {
    let Some(given) = version.get("invocation_parameters").and_then(Json::as_object) else {
        return Ok(Object::default());
    };
    let word = given.get("type").and_then(Json::as_str).unwrap_or_default();
    let family = [&OPENAI, &AZURE, &ANTHROPIC, &GOOGLE, &AWS].into_iter().find(|family| family.word == word);
    let mut given = given.get(word).and_then(Json::as_object).cloned().unwrap_or_default();
    let body = match given.get("extra_body").cloned() {
        Some(Json::Object(body)) => {
            given.remove("extra_body");
            body
        }
        _ => Object::default(),
    };
    let mut params = Object::default();
    for (name, value) in given.0.into_iter().chain(body.0) {
        let renamed = family.and_then(|family| family.renamed.iter().find(|(_, there)| *there == name));
        let ours = renamed.map_or(name.as_str(), |(ours, _)| ours);
        if params.get(ours).is_some() {
            return Err(format!("its parameter “{name}” is given twice"));
        }
        params.set(ours, value);
    }
    Ok(params)
}

/// One message, but that each result of a tool is one of its own here.
fn messages_of(json: &Json) -> Read<Vec<Message>> {
    let fields = json.as_object().ok_or("a message is no object")?;
    let role = role(fields.get("role").and_then(Json::as_str).unwrap_or_default())?;
    let parts = match fields.get("content") {
        Some(Json::String(words)) => return Ok(vec![Message::new(role, words.clone())]),
        Some(Json::Array(parts)) => parts,
        _ => return Err("a message has no text".to_owned()),
    };
    let mut messages = Vec::new();
    let mut open: Option<Message> = None;
    for part in parts {
        let part = part.as_object().ok_or("a part of a message is no object")?;
        let word = |name: &str| part.get(name).and_then(Json::as_str);
        let silent = || {
            let mut message = Message::new(role, "");
            message.content = None;
            message
        };
        match word("type").unwrap_or("text") {
            "text" => {
                let words = word("text").ok_or("a message has a part without its text")?;
                open.get_or_insert_with(silent).content.get_or_insert_default().push_str(words);
            }
            "tool_call" => {
                let function = part.get("tool_call").and_then(Json::as_object).ok_or("a call of a tool calls none")?;
                let word = |name: &str| function.get(name).and_then(Json::as_str);
                let (Some(name), Some(arguments)) = (word("name"), word("arguments")) else {
                    return Err("a call of a tool lacks its name or its arguments".to_owned());
                };
                let function = object([("name", text(name)), ("arguments", text(arguments))]);
                let mut call = Object::default();
                if let Some(id) = part.get("tool_call_id") {
                    call.set("id", id.clone());
                }
                call.set("type", text("FUNCTION"));
                call.set("function", Json::Object(function));
                let calls = &mut open.get_or_insert_with(silent).tool_calls;
                match calls {
                    Some(Json::Array(calls)) => calls.push(Json::Object(call)),
                    _ => *calls = Some(Json::Array(vec![Json::Object(call)])),
                }
            }
            "tool_result" => {
                messages.extend(open.take());
                let mut result = Message::new(Role::Tool, "");
                result.content = match part.get("tool_result") {
                    None | Some(Json::Null) => None,
                    Some(Json::String(words)) => Some(words.clone()),
                    Some(other) => Some(serde_json::to_string(other).map_err(|error| error.to_string())?),
                };
                result.tool_call_id = word("tool_call_id").map(str::to_owned);
                messages.push(result);
            }
            other => return Err(format!("a message holds a part of the type “{other}”, which is not known here")),
        }
    }
    messages.extend(open);
    if messages.is_empty() { Err("a message has no text".to_owned()) } else { Ok(messages) }
}

/// The tools, and whether they may be called in parallel.
fn tool_config(tools: &Json) -> Read<(Object, Option<bool>)> {
    let tools = tools.as_object().ok_or("its tools are no object")?;
    has_only(tools, &["type", "tools", "tool_choice", "disable_parallel_tool_calls"], "its tools")?;
    let given = tools.get("tools").and_then(Json::as_array).unwrap_or_default().iter();
    let given = given.map(|tool| {
        let fields = tool.as_object().ok_or("a tool is no object")?;
        match fields.get("type").and_then(Json::as_str).unwrap_or_default() {
            "function" => Ok(tool.clone()),
            "raw" => fields.get("raw").cloned().ok_or_else(|| "a raw tool is empty".to_owned()),
            other => Err(format!("a tool is of the type “{other}”, which is not known here")),
        }
    });
    let mut config = object([("tools", Json::Array(given.collect::<Read<_>>()?))]);
    if let Some(choice) = tools.get("tool_choice").and_then(Json::as_object) {
        let word = |name: &str| choice.get(name).and_then(Json::as_str).unwrap_or_default();
        let choice = match word("type") {
            "none" => text("none"),
            "zero_or_more" => text("auto"),
            "one_or_more" => text("required"),
            "specific_function" => {
                let function = object([("name", text(word("function_name")))]);
                Json::Object(object([("type", text("function")), ("function", Json::Object(function))]))
            }
            other => return Err(format!("its tool_choice is “{other}”, which is not known here")),
        };
        config.set("tool_choice", choice);
    }
    let parallel = match tools.get("disable_parallel_tool_calls") {
        Some(Json::Bool(disabled)) => Some(!disabled),
        _ => None,
    };
    Ok((config, parallel))
}
