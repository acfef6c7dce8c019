//! The OpenAI chat format, which OpenAI, Azure and every local server speak: `POST …/chat/completions`.

use crate::body::Body;
use crate::chat::{
    ChatError, ChatErrorKind, ChatMessage, ChatReply, ChatRequest, Fault, LeftOut, ListedModel, Part, Usage, day_of,
};
use crate::line::Line;
use crate::params;
use crate::reply::{Reader, Verdict, id_in, tokens};
use crate::schema::Schema;
use crate::structured::{self, StructuredMode};
use crate::wire::{Speech, Wire};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::borrow::Cow;
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
pub(crate) fn body(request: &ChatRequest, dialect: Dialect, rules_of: params::Rules<'_>) -> Body {
    let mode = request.structure.unwrap_or(dialect.structure);
    let messages = structured::messages(request, mode);
    let mut params: Vec<(&str, &Value)> = Vec::new();
    let mut set = |name, value| {
        let is_taken = FIXED.contains(&name) || params.iter().any(|(taken, _)| *taken == name);
        if !is_taken {
            params.push((name, value));
        }
    };
    for (name, value) in &request.params {
        if params::refusal(name, value, rules_of).is_some() {
            continue;
        }
        match name.as_str() {
            "tool_config" => {
                for part in ["tools", "tool_choice"] {
                    if let Some(value) = value.get(part) {
                        set(part, value);
                    }
                }
            }
            "max_tokens" | "max_completion_tokens" => set(dialect.output_limit, value),
            name => set(name, value),
        }
    }
    Body::of(&Members {
        model: &request.model,
        messages: messages.iter().map(Message::of).collect(),
        response_format: ResponseFormat::of(&request.schema, mode),
        params,
    })
}

/// What no parameter replaces.
const FIXED: [&str; 3] = ["model", "messages", "response_format"];

/// The members of a body, in their order.
struct Members<'r> {
    model: &'r str,
    messages: Vec<Message<'r>>,
    response_format: Option<ResponseFormat<'r>>,
    params: Vec<(&'r str, &'r Value)>,
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let [model, messages, response_format] = FIXED;
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry(model, self.model)?;
        members.serialize_entry(messages, &self.messages)?;
        if let Some(format) = &self.response_format {
            members.serialize_entry(response_format, format)?;
        }
        for (name, value) in &self.params {
            members.serialize_entry(name, value)?;
        }
        members.end()
    }
}

pub(crate) fn left_out(request: &ChatRequest, rules_of: params::Rules<'_>) -> Vec<LeftOut> {
    params::left_out(request, |name, value| params::refusal(name, value, rules_of))
}

#[derive(Serialize)]
struct ResponseFormat<'r> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    json_schema: Option<NamedSchema<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'r RawValue>,
}

#[derive(Serialize)]
struct NamedSchema<'r> {
    name: &'static str,
    strict: bool,
    schema: &'r RawValue,
}

impl<'r> ResponseFormat<'r> {
    fn of(schema: &'r Schema, mode: StructuredMode) -> Option<Self> {
        let any_json = Self { r#type: "json_object", json_schema: None, schema: None };
        match mode {
            StructuredMode::JsonSchema => {
                let named = NamedSchema { name: SCHEMA_NAME, strict: true, schema: schema.written_for_openai() };
                Some(Self { r#type: "json_schema", json_schema: Some(named), schema: None })
            }
            StructuredMode::JsonObjectWithSchema => Some(Self { schema: Some(schema.written()), ..any_json }),
            StructuredMode::JsonObject => Some(any_json),
            StructuredMode::Instruction => None,
        }
    }
}

#[derive(Serialize)]
struct Message<'r> {
    role: &'static str,
    content: Content<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<Value>,
}

/// A list of parts only where a text does not do: not every server reads one.
#[derive(Serialize)]
#[serde(untagged)]
enum Content<'r> {
    Text(Cow<'r, str>),
    Parts(Vec<Value>),
}

impl<'r> Message<'r> {
    fn of(message: &'r ChatMessage) -> Self {
        let is_text = message.content.iter().all(|part| matches!(part, Part::Text(_)));
        Self {
            role: message.role.as_str(),
            content: if is_text {
                Content::Text(message.text())
            } else {
                Content::Parts(message.content.iter().map(part).collect())
            },
            tool_call_id: message.tool_call_id.as_deref(),
            tool_calls: message.tool_calls.as_ref().map(in_lower_case_types),
        }
    }
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
    let plain = if reply.status == 200 { Said::plainly(&reply.body) } else { None };
    let said = match plain {
        Some(said) => said,
        None => Said::of(&reader.json(reply)?),
    };
    let request_id = reader.request_id(reply, said.request_id.as_deref());
    let content = said.content.as_deref();
    let none = |outcome, code: &str, words| Err(reader.no_answer(outcome, code, said.usage, words, request_id.clone()));
    if let Some(refused) = said.refusal.as_deref().filter(|text| !text.is_empty()) {
        let words = format!("{model} refused: “{}”.", reader.quoted(refused));
        return none((ChatErrorKind::Refused, words), "refusal", Some(refused));
    }
    match said.finish_reason.as_deref() {
        Some("content_filter") => {
            let words = format!("A content filter of {host} held the answer back.");
            return none((ChatErrorKind::Filtered, words), "content_filter", content);
        }
        Some("length") => {
            let words = format!("{model} reached its output limit before the answer was complete. Raise max tokens.");
            return none((ChatErrorKind::Truncated, words), "length", content);
        }
        _ => {}
    }
    let content = match content {
        Some(content) => reader.without_secrets(content),
        // A model that only thought, and said nothing.
        None if said.is_silent => String::new(),
        None => return Err(reader.malformed(reply, format!("{host} sent JSON that is not a chat answer."))),
    };
    let model = said.model.as_deref().map(|model| reader.quoted(model));
    let has_logprobs = said.has_logprobs;
    Ok(ChatReply { content, usage: said.usage, latency_ms, model, request_id, limits: None, has_logprobs })
}

/// What of a reply is read.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    content: Option<String>,
    /// There is a message, and its content is null.
    is_silent: bool,
    refusal: Option<String>,
    finish_reason: Option<String>,
    usage: Usage,
    model: Option<String>,
    request_id: Option<String>,
    has_logprobs: bool,
}

impl Said {
    /// What servers mostly send, read without making values of all that stands around it; `None` if it is anything else.
    fn plainly(body: &[u8]) -> Option<Self> {
        let plain: Plain = serde_json::from_slice(body).ok()?;
        let [PlainChoice { message, finish_reason, logprobs }] = plain.choices;
        let (input, output) = (plain.usage.prompt_tokens_details, plain.usage.completion_tokens_details);
        Some(Self {
            content: Some(message.content),
            is_silent: false,
            refusal: message.refusal,
            finish_reason: Some(finish_reason),
            usage: Usage {
                prompt_tokens: plain.usage.prompt_tokens,
                completion_tokens: plain.usage.completion_tokens,
                cached_tokens: input.cached_tokens,
                cache_write_tokens: input.cache_write_tokens,
                reasoning_tokens: output.reasoning_tokens,
            },
            model: plain.model,
            request_id: None,
            has_logprobs: logprobs.is_some_and(|told| !told.content.unwrap_or_default().is_empty()),
        })
    }

    fn of(body: &Value) -> Self {
        let choice = &body["choices"][0];
        let message = &choice["message"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Self {
            content: text(&message["content"]),
            is_silent: message.get("content") == Some(&Value::Null),
            refusal: text(&message["refusal"]),
            finish_reason: text(&choice["finish_reason"]),
            usage: usage(&body["usage"]),
            model: text(&body["model"]),
            request_id: id_in(body).map(str::to_owned),
            has_logprobs: gives_logprobs(body),
        }
    }
}

/// The shape of a plain answer. Whatever does not fit it exactly is left to [`Said::of`], and so is what names an error or an
/// id of its own.
#[derive(Deserialize)]
struct Plain {
    choices: [PlainChoice; 1],
    model: Option<String>,
    #[serde(default)]
    usage: PlainUsage,
    #[serde(default, rename = "error")]
    _error: Absent,
    #[serde(default, rename = "request_id")]
    _request_id: Absent,
    #[serde(default, rename = "responseId")]
    _response_id: Absent,
}

#[derive(Deserialize)]
struct PlainChoice {
    message: PlainMessage,
    finish_reason: String,
    #[serde(default)]
    logprobs: Option<PlainLogprobs>,
}

#[derive(Deserialize)]
struct PlainLogprobs {
    #[serde(default)]
    content: Option<Vec<PlainToken>>,
}

#[derive(Deserialize)]
struct PlainToken {
    #[serde(rename = "logprob")]
    _logprob: f64,
}

#[derive(Deserialize)]
struct PlainMessage {
    content: String,
    #[serde(default)]
    refusal: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PlainUsage {
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
    prompt_tokens_details: PlainInput,
    completion_tokens_details: PlainOutput,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PlainInput {
    cached_tokens: Option<u32>,
    cache_write_tokens: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PlainOutput {
    reasoning_tokens: Option<u32>,
}

/// A member that a plain answer does not have.
type Absent = ();

/// Whether an answer says how likely its tokens were.
pub(crate) fn gives_logprobs(body: &Value) -> bool {
    let told = body["choices"][0]["logprobs"]["content"].as_array();
    told.is_some_and(|tokens| tokens.iter().any(|token| token["logprob"].is_number()))
}

pub(crate) fn usage(usage: &Value) -> Usage {
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
        404 if matches!(code, "model_not_found" | "DeploymentNotFound") => (NotFound, Fault::Model),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_answer_says_the_same_whichever_way_it_is_read() {
        let answer = |changed: Value| {
            let mut body = json!({
                "id": "chatcmpl-1", "object": "chat.completion", "model": "m-2", "system_fingerprint": null,
                "choices": [{"index": 0, "logprobs": null, "finish_reason": "stop",
                             "message": {"role": "assistant", "content": "{\"a\": 1}", "refusal": null}}],
                "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15,
                          "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
                          "completion_tokens_details": {"reasoning_tokens": 1}},
            });
            for (pointer, value) in changed.as_object().into_iter().flatten() {
                *body.pointer_mut(pointer).expect("a member") = value.clone();
            }
            body
        };
        let message = "/choices/0/message";
        for (changed, is_plain) in [
            (json!({}), true),
            (json!({"/usage": {}}), true),
            (json!({"/choices/0/message/refusal": "no"}), true),
            (json!({"/choices/0/finish_reason": "length"}), true),
            (json!({"/usage/prompt_tokens_details": {"cache_write_tokens": 2}}), true),
            (json!({"/usage": null}), false),
            (json!({"/usage/prompt_tokens": 12.5}), false),
            (json!({"/usage/prompt_tokens_details": null}), false),
            (json!({"/choices/0/finish_reason": null}), false),
            (json!({"/model": 5}), false),
            (json!({message: {"content": null}}), false),
            (json!({message: {"content": [{"type": "text"}]}}), false),
            (json!({message: {}}), false),
            (json!({"/choices": []}), false),
        ] {
            let body = answer(changed);
            let plainly = Said::plainly(body.to_string().as_bytes());
            assert_eq!(plainly.is_some(), is_plain, "{body}");
            assert_eq!(plainly.unwrap_or_else(|| Said::of(&body)), Said::of(&body), "{body}");
        }
        for name in ["error", "request_id", "responseId"] {
            let mut body = answer(json!({}));
            body[name] = json!({"message": "no"});
            assert_eq!(Said::plainly(body.to_string().as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn what_is_fixed_no_parameter_replaces_and_none_is_sent_twice() {
        let mut request = crate::check::test_question("m");
        let params = json!({
            "model": "other", "messages": [], "response_format": {"type": "text"}, "max_tokens": 5,
            "max_completion_tokens": 6, "tools": [1], "tool_config": {"tools": [2], "tool_choice": "auto"}, "seed": 1,
        });
        request.params = params.as_object().expect("an object").clone();
        let dialect = Dialect { output_limit: "max_tokens", structure: StructuredMode::JsonObject };
        let body = body(&request, dialect, params::Rules::ANY);
        let names: Vec<_> = body.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(names, ["model", "messages", "response_format", "max_tokens", "tools", "tool_choice", "seed"]);
        assert_eq!((&body["model"], &body["response_format"]["type"]), (&json!("m"), &json!("json_object")));
        assert_eq!((&body["max_tokens"], &body["tools"]), (&json!(5), &json!([1])));
        assert_eq!(body.text(), Value::clone(&body).to_string(), "as it would be written from values");
    }
}
