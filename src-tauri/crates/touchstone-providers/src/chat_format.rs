//! The OpenAI chat format, which OpenAI, Azure and every local server speak: `POST …/chat/completions`.

use crate::chat::{
    ChatError, ChatErrorKind, ChatMessage, ChatReply, ChatRequest, Fault, LeftOut, ListedModel, Part, Usage, day_of,
};
use crate::line::Line;
use crate::params;
use crate::reply::{Reader, Verdict, tokens};
use crate::schema::Schema;
use crate::structured::{self, StructuredMode};
use crate::wire::{Speech, Wire};
use serde_json::{Map, Value, json};
use touchstone_net::Reply;

/// What the schema is called where it needs a name.
const SCHEMA_NAME: &str = "labels";

/// What differs between those who speak the format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    /// The name of the output limit: local servers do not know the newer one.
    pub output_limit: &'static str,
    pub structure: StructuredMode,
}

/// Where chat is spoken below a base URL.
pub(crate) fn url(base: &str) -> String {
    format!("{base}/chat/completions")
}

/// The base URL of `line` with `/v1`, if it lacks one and a model list is found there.
pub(crate) async fn endpoint_with_version(line: &Line) -> Option<String> {
    if line.endpoint.ends_with("/v1") {
        return None;
    }
    let endpoint = format!("{}/v1", line.endpoint);
    let reply = line.get(&format!("{endpoint}/models"), &[]).await.ok()?;
    let lists_models = serde_json::from_slice::<Value>(&reply.body).is_ok_and(|body| body["data"].is_array());
    (reply.status == 200 && lists_models).then_some(endpoint)
}

/// How `body` is sent over a line whose endpoint is a base URL.
pub(crate) fn wire(line: &Line, body: &Value) -> Wire {
    let speech = Speech::OpenAi { base: line.endpoint.clone(), api_version: None };
    line.wire(url(&line.endpoint), &[], body.clone(), speech)
}

/// The strongest first.
pub(crate) const STRUCTURES: &[StructuredMode] = &[
    StructuredMode::JsonSchema,
    StructuredMode::JsonObjectWithSchema,
    StructuredMode::JsonObject,
    StructuredMode::Instruction,
];

/// `model`, `messages`, `response_format`, then the parameters that the user set in their order; the format of the
/// answer is always that of the labeling config. `rules_of` is the model whose rules decide what is left out.
pub(crate) fn body(request: &ChatRequest, dialect: Dialect, rules_of: params::Rules<'_>) -> Value {
    let mode = request.structure.unwrap_or(dialect.structure);
    let mut body = Map::new();
    body.insert("model".to_owned(), Value::from(request.model.as_str()));
    let messages = structured::messages(request, mode);
    body.insert("messages".to_owned(), messages.iter().map(message).collect());
    if let Some(format) = response_format(&request.schema, mode) {
        body.insert("response_format".to_owned(), format);
    }
    for (name, value) in &request.params {
        if params::refusal(name, value, rules_of).is_some() {
            continue;
        }
        if name == "tool_config" {
            for part in ["tools", "tool_choice"] {
                if let Some(value) = value.get(part) {
                    body.entry(part).or_insert_with(|| value.clone());
                }
            }
            continue;
        }
        let is_limit = matches!(name.as_str(), "max_tokens" | "max_completion_tokens");
        let name = if is_limit { dialect.output_limit } else { name.as_str() };
        if name != "response_format" {
            body.entry(name).or_insert_with(|| value.clone());
        }
    }
    Value::Object(body)
}

pub(crate) fn left_out(request: &ChatRequest, rules_of: params::Rules<'_>) -> Vec<LeftOut> {
    params::left_out(request, |name, value| params::refusal(name, value, rules_of))
}

fn response_format(schema: &Schema, mode: StructuredMode) -> Option<Value> {
    match mode {
        StructuredMode::JsonSchema => Some(json!({
            "type": "json_schema",
            "json_schema": {"name": SCHEMA_NAME, "strict": true, "schema": schema.in_openais_form()},
        })),
        StructuredMode::JsonObjectWithSchema => Some(json!({"type": "json_object", "schema": **schema})),
        StructuredMode::JsonObject => Some(json!({"type": "json_object"})),
        StructuredMode::Instruction => None,
    }
}

fn message(message: &ChatMessage) -> Value {
    // A list of parts only where a text does not do: not every server reads one.
    let is_text = message.content.iter().all(|part| matches!(part, Part::Text(_)));
    let content = if is_text { Value::from(message.text()) } else { message.content.iter().map(part).collect() };
    let mut sent = json!({"role": message.role.as_str(), "content": content});
    if let Some(id) = &message.tool_call_id {
        sent["tool_call_id"] = Value::from(id.as_str());
    }
    if let Some(calls) = &message.tool_calls {
        sent["tool_calls"] = in_lower_case_types(calls);
    }
    sent
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"type": "text", "text": text}),
        Part::Image(media) => json!({"type": "image_url", "image_url": {"url": media.data_url()}}),
        Part::Pdf(media) => {
            json!({"type": "file", "file": {"filename": "document.pdf", "file_data": media.data_url()}})
        }
    }
}

/// A tool call's `type`, which is in capitals in the Arize API, as the chat format spells it.
fn in_lower_case_types(calls: &Value) -> Value {
    let mut calls = calls.clone();
    for call in calls.as_array_mut().into_iter().flatten() {
        if let Some(Value::String(kind)) = call.get_mut("type") {
            kind.make_ascii_lowercase();
        }
    }
    calls
}

/// An answer, or why the reply is none.
pub(crate) fn read(reader: &Reader<'_>, reply: &Reply, latency_ms: u32) -> Result<ChatReply, ChatError> {
    let (host, model) = (reader.host, reader.model);
    let body = reader.json(reply)?;
    let request_id = reader.request_id(reply, Some(&body));
    let usage = usage(&body["usage"]);
    let choice = &body["choices"][0];
    let message = &choice["message"];
    let said = message["content"].as_str();
    let none = |outcome, code: &str, said| Err(reader.no_answer(outcome, code, usage, said, request_id.clone()));
    if let Some(refused) = message["refusal"].as_str().filter(|text| !text.is_empty()) {
        let words = format!("{model} refused: “{}”.", reader.quoted(refused));
        return none((ChatErrorKind::Refused, words), "refusal", Some(refused));
    }
    match choice["finish_reason"].as_str() {
        Some("content_filter") => {
            let words = format!("A content filter of {host} held the answer back.");
            return none((ChatErrorKind::Filtered, words), "content_filter", said);
        }
        Some("length") => {
            let words = format!("{model} reached its output limit before the answer was complete. Raise max tokens.");
            return none((ChatErrorKind::Truncated, words), "length", said);
        }
        _ => {}
    }
    let content = match message.get("content") {
        Some(Value::String(content)) => reader.without_secrets(content),
        // A model that only thought, and said nothing.
        Some(Value::Null) => String::new(),
        _ => return Err(reader.malformed(reply, format!("{host} sent JSON that is not a chat answer."))),
    };
    let model = body["model"].as_str().map(|model| reader.quoted(model));
    Ok(ChatReply { content, usage, latency_ms, model, request_id, limits: None })
}

fn usage(usage: &Value) -> Usage {
    let input = &usage["prompt_tokens_details"];
    Usage {
        prompt_tokens: tokens(&usage["prompt_tokens"]),
        completion_tokens: tokens(&usage["completion_tokens"]),
        cached_tokens: tokens(&input["cached_tokens"]),
        cache_write_tokens: tokens(&input["cache_write_tokens"]),
        reasoning_tokens: tokens(&usage["completion_tokens_details"]["reasoning_tokens"]),
    }
}

/// The rules of OpenAI's error bodies, which others imitate.
pub(crate) fn sort(status: u16, body: &Value, everything: &str) -> Option<Verdict> {
    use ChatErrorKind::*;
    let mentions = |words: &[&str]| words.iter().any(|word| everything.contains(word));
    let error = &body["error"];
    let code = [&error["code"], &error["type"]].into_iter().find_map(Value::as_str).unwrap_or_default();
    Some(match status {
        400 if mentions(&["invalid_api_key", "authentication_error", "auth_error"]) => (KeyRejected, Fault::Key),
        400 if mentions(&["responsibleaipolicyviolation"]) || code == "content_filter" => (Filtered, Fault::Answer),
        400 if matches!(code, "unsupported_value" | "unsupported_parameter" | "invalid_json_schema") => {
            (Unsupported, Fault::Request)
        }
        403 if code == "unsupported_country_region_territory" => (NotPermitted, Fault::Region),
        404 if code == "DeploymentNotFound" => (NotFound, Fault::Deployment),
        404 if code == "model_not_found" => (NotFound, Fault::Model),
        429 if mentions(&[
            "insufficient_quota",
            "credit_balance_exhausted",
            "spend_limit_exceeded",
            "usage_limit_exceeded",
        ]) =>
        {
            (OutOfMoney, Fault::Quota)
        }
        _ => return None,
    })
}

/// The models of `GET …/models`.
pub(crate) fn models(body: &Value) -> Option<Vec<ListedModel>> {
    let list = body["data"].as_array()?;
    let listed = list.iter().filter_map(|model| {
        Some(ListedModel {
            id: model["id"].as_str()?.to_owned(),
            context_tokens: tokens(&model["max_model_len"]).or_else(|| tokens(&model["context_length"])),
            retires: day_of(&model["shutdown_date"]),
            ..ListedModel::default()
        })
    });
    Some(listed.collect())
}
