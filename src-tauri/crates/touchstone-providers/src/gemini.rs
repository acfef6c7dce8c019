//! Gemini with an API key: `POST {base}/v1beta/models/{model}:generateContent`, `GET {base}/v1beta/models`. Vertex
//! speaks the same in another place.

use crate::anthropic::listed;
use crate::batch::BatchApi;
use crate::body::Body;
use crate::catalogue::find_model;
use crate::chat::{
    ChatError, ChatErrorKind, ChatMessage, ChatModel, ChatReply, ChatRequest, Fault, KeyCheck, LeftOut, ListedModel,
    Part, Usage,
};
use crate::check::{self, TestReport};
use crate::limits;
use crate::line::{Line, Options};
use crate::media::{self, MediaLimits};
use crate::openai::key_check;
use crate::params::{self, Rules as ParamRules};
use crate::reply::{Reader, Rules, Verdict, details, id_in, tokens};
use crate::schema;
use crate::structured::{self, StructuredMode};
use crate::wire::{Speech, Wire};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use touchstone_domain::prompt::{Provider, Role};
use touchstone_domain::secret::Secret;
use touchstone_net::{Client, Credential, Reply, Via};

const BASE: &str = "https://generativelanguage.googleapis.com";
const VERSION: &str = "v1beta";

const FOREIGN: &[&str] = &["verbosity", "tool_config"];

/// Parameters of `generationConfig`, by their Arize names. Everything else goes beside it as it is.
const CONFIG_NAMES: &[(&str, &str)] = &[
    ("max_tokens", "maxOutputTokens"),
    ("max_completion_tokens", "maxOutputTokens"),
    ("temperature", "temperature"),
    ("top_p", "topP"),
    ("top_k", "topK"),
    ("seed", "seed"),
    ("presence_penalty", "presencePenalty"),
    ("frequency_penalty", "frequencyPenalty"),
    ("logprobs", "responseLogprobs"),
    ("top_logprobs", "logprobs"),
];

pub(crate) const STRUCTURES: &[StructuredMode] =
    &[StructuredMode::JsonSchema, StructuredMode::JsonObject, StructuredMode::Instruction];

pub(crate) const MEDIA_LIMITS: MediaLimits = MediaLimits {
    image_types: &["image/png", "image/jpeg", "image/webp"],
    request_bytes_max: Some(20_000_000),
    ..MediaLimits::UNKNOWN
};

static RULES: Rules = Rules { sort, endpoint_hint: "", key_hint: "", request_id: "x-goog-request-id" };

/// Google's models by an API key.
#[derive(Debug)]
pub(crate) struct GeminiModel {
    line: Line,
    /// Somebody else's server stands for Google's.
    is_gateway: bool,
}

impl GeminiModel {
    pub(crate) fn new(client: Client, key: Secret, options: &Options) -> Self {
        let base = options.base(BASE);
        let has_version = base.ends_with("/v1beta") || base.ends_with("/v1");
        let endpoint = if has_version { base.to_owned() } else { format!("{base}/{VERSION}") };
        // Never in the address, where it would end up in logs.
        let credentials = vec![Credential::Header("x-goog-api-key".into(), key)];
        let is_gateway = options.base_url.is_some();
        Self { line: Line::new(client, endpoint, credentials, &RULES).with(options), is_gateway }
    }

    async fn list(&self, query: &str) -> Result<Value, ChatError> {
        let reply = self.line.get(&format!("{}/models?{query}", self.line.endpoint), &[]).await?;
        self.line.reader("").json(&reply)
    }

    /// The way to it, for its batches.
    pub(crate) fn line(&self) -> &Line {
        &self.line
    }
}

/// The request in Gemini's words. `model` is part of it for the answer's identity, and goes into the address when it is
/// sent; see [`split`].
pub(crate) fn body(request: &ChatRequest) -> Value {
    let mode = request.structure.unwrap_or(StructuredMode::JsonSchema);
    let messages = structured::messages(request, mode);
    let mut body = Map::new();
    body.insert("model".to_owned(), Value::from(request.model.as_str()));
    let system: Vec<_> = messages
        .iter()
        .filter(|message| message.role == Role::System)
        .map(|message| json!({"text": message.text()}))
        .collect();
    if !system.is_empty() {
        body.insert("systemInstruction".to_owned(), json!({"parts": system}));
    }
    let said = messages.iter().filter(|message| message.role != Role::System).map(content);
    body.insert("contents".to_owned(), said.collect());
    let mut config = Map::new();
    if mode != StructuredMode::Instruction {
        config.insert("responseMimeType".to_owned(), Value::from("application/json"));
    }
    if matches!(mode, StructuredMode::JsonSchema | StructuredMode::JsonObjectWithSchema) {
        config.insert("responseJsonSchema".to_owned(), schema::for_gemini(&request.schema));
    }
    for (name, value) in &request.params {
        if name == "response_format" || refusal(&request.model, name, value).is_some() {
            continue;
        }
        let known = CONFIG_NAMES.iter().find(|(arize, _)| arize == name);
        match (name.as_str(), known) {
            (_, Some((_, name))) => {
                config.entry(*name).or_insert_with(|| value.clone());
            }
            ("stop", _) => {
                config.insert("stopSequences".to_owned(), listed(value));
            }
            ("reasoning_effort" | "thinking_level", _) => {
                let thinking = if value == "none" {
                    json!({"thinkingBudget": 0})
                } else {
                    json!({"thinkingLevel": value.as_str().unwrap_or_default().to_ascii_uppercase()})
                };
                config.entry("thinkingConfig").or_insert(thinking);
            }
            ("thinking_budget", _) => {
                config.insert("thinkingConfig".to_owned(), json!({"thinkingBudget": value}));
            }
            ("generationConfig", _) => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    config.entry(name.as_str()).or_insert_with(|| value.clone());
                }
            }
            (name, _) => {
                body.entry(name).or_insert_with(|| value.clone());
            }
        }
    }
    if !config.is_empty() {
        body.insert("generationConfig".to_owned(), Value::Object(config));
    }
    Value::Object(body)
}

pub(crate) fn left_out(request: &ChatRequest) -> Vec<LeftOut> {
    params::left_out(request, |name, value| refusal(&request.model, name, value))
}

/// Whether the likelihood of tokens may be asked of a model.
pub(crate) fn may_give_logprobs(id: &str) -> bool {
    refusal(id, "logprobs", &Value::from(true)).is_none()
}

fn refusal(id: &str, name: &str, value: &Value) -> Option<String> {
    let model = find_model(Provider::Gemini, id);
    // The generation before levels counts what it thinks in tokens; each refuses the other's way.
    let counts = bare_id(id).starts_with("gemini-2.5");
    let levels = bare_id(id).starts_with("gemini-3");
    match name {
        "thinking_budget" if levels => Some(format!("{id} takes a thinking level, and no budget")),
        "reasoning_effort" if counts && value != "none" => Some(format!("{id} takes a thinking budget, and no level")),
        "thinking_level" if counts => Some(format!("{id} takes a thinking budget, and no level")),
        "reasoning_effort" if levels && value == "none" => Some(format!("{id} always thinks")),
        _ => params::refusal(name, value, ParamRules { model, foreign: FOREIGN, thinks: false }),
    }
}

/// An id without the folder that lists put before it.
pub(crate) fn bare_id(id: &str) -> &str {
    id.rsplit_once("models/").map_or(id, |(_, id)| id)
}

fn url(endpoint: &str, model: &str, method: &str) -> String {
    format!("{endpoint}/models/{model}:{method}")
}

/// The model for the address, and the body as it is sent.
pub(crate) fn split(body: &Value) -> (String, Value) {
    let mut sent = body.clone();
    let model = sent.as_object_mut().and_then(|members| members.shift_remove("model"));
    let model = model.as_ref().and_then(Value::as_str).unwrap_or_default();
    (path_segment(bare_id(model)), sent)
}

/// `text` as one segment of a path.
pub(crate) fn path_segment(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

fn content(message: &ChatMessage) -> Value {
    let role = if message.role == Role::Assistant { "model" } else { "user" };
    let mut parts: Vec<_> = message.content.iter().map(part).collect();
    if let Some(calls) = &message.tool_calls {
        // Tools are told of, not called: a label needs none.
        parts.push(json!({"text": calls.to_string()}));
    }
    json!({"role": role, "parts": parts})
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"text": text}),
        Part::Image(media) | Part::Pdf(media) => {
            json!({"inlineData": {"mimeType": media.mime(), "data": media.stand_in()}})
        }
    }
}

/// An answer, or why the reply is none.
pub(crate) fn read(reader: &Reader<'_>, reply: &Reply, latency_ms: u32) -> Result<ChatReply, ChatError> {
    let (host, model) = (reader.host, reader.model);
    let body = reader.json(reply)?;
    if body.get("candidates").is_none() && body.get("promptFeedback").is_none() && body.get("usageMetadata").is_none() {
        return Err(reader.malformed(reply, format!("{host} sent JSON that is not an answer of a model.")));
    }
    let request_id = reader.request_id(reply, id_in(&body));
    let usage = usage(&body);
    let candidate = &body["candidates"][0];
    let parts = candidate["content"]["parts"].as_array().into_iter().flatten();
    let spoken = parts.filter(|part| part["thought"] != true).filter_map(|part| part["text"].as_str());
    let content: String = spoken.collect();
    let none = |outcome, code: &str| Err(reader.no_answer(outcome, code, usage, Some(&content), request_id.clone()));
    if let Some(reason) = body["promptFeedback"]["blockReason"].as_str().filter(|_| candidate.is_null()) {
        let words = format!("A content filter of {host} held the prompt back ({}).", reader.quoted(reason));
        return none((ChatErrorKind::Filtered, words), reason);
    }
    match candidate["finishReason"].as_str() {
        Some(code @ "MAX_TOKENS") => {
            let words = format!("{model} reached its output limit before the answer was complete. Raise max tokens.");
            none((ChatErrorKind::Truncated, words), code)
        }
        Some(
            code @ ("SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "MODEL_ARMOR"),
        ) => {
            let words = format!("A content filter of {host} held the answer back ({code}).");
            none((ChatErrorKind::Filtered, words), code)
        }
        // The set of reasons is open: with words it is an answer, which is then held to the schema.
        Some(code) if code != "STOP" && content.is_empty() => {
            let words = format!("{model} ended without an answer ({}).", reader.quoted(code));
            none((ChatErrorKind::Refused, words), code)
        }
        _ => Ok(ChatReply {
            content: reader.without_secrets(&content),
            usage,
            latency_ms,
            model: body["modelVersion"].as_str().map(|model| reader.quoted(model)),
            request_id,
            limits: None,
            has_logprobs: body["candidates"][0]["logprobsResult"]["chosenCandidates"]
                .as_array()
                .is_some_and(|tokens| !tokens.is_empty()),
        }),
    }
}

/// What the model thought is counted beside its answer, and billed with it. Counts of zero are left out.
fn usage(body: &Value) -> Usage {
    let Some(usage) = body.get("usageMetadata") else { return Usage::default() };
    let count = |name: &str| tokens(&usage[name]).unwrap_or(0);
    let thought = count("thoughtsTokenCount");
    Usage {
        prompt_tokens: tokens(&usage["promptTokenCount"]),
        completion_tokens: Some(count("candidatesTokenCount").saturating_add(thought)),
        cached_tokens: Some(count("cachedContentTokenCount")),
        cache_write_tokens: None,
        reasoning_tokens: Some(thought),
    }
}

pub(crate) fn sort(status: u16, body: &Value, everything: &str) -> Option<Verdict> {
    use ChatErrorKind::*;
    let said = &body["error"]["status"];
    let is_invalid_key = details(body).any(|detail| detail["reason"] == "API_KEY_INVALID");
    Some(match status {
        400 if is_invalid_key => (KeyRejected, Fault::Key),
        400 if said == "FAILED_PRECONDITION" => {
            (NotPermitted, if everything.contains("location") { Fault::Region } else { Fault::Permission })
        }
        400 if everything.contains("input token count") && everything.contains("exceeds") => {
            (ContextTooLong, Fault::Request)
        }
        400 if everything.contains("too many states") => (Unsupported, Fault::Request),
        404 if said == "NOT_FOUND" => (NotFound, Fault::Model),
        429 if everything.contains("perday") => (OutOfMoney, Fault::Quota),
        _ => return None,
    })
}

/// The models of a list that can be asked.
fn models(page: &Value) -> impl Iterator<Item = ListedModel> {
    let models = page["models"].as_array().into_iter().flatten();
    models.filter_map(|model| {
        let methods = model["supportedGenerationMethods"].as_array()?;
        methods.iter().any(|method| method == "generateContent").then_some(())?;
        Some(ListedModel {
            id: bare_id(model["name"].as_str()?).to_owned(),
            name: model["displayName"].as_str().map(str::to_owned),
            context_tokens: tokens(&model["inputTokenLimit"]),
            output_tokens_max: tokens(&model["outputTokenLimit"]),
            ..ListedModel::default()
        })
    })
}

#[async_trait]
impl ChatModel for GeminiModel {
    fn provider(&self) -> Provider {
        Provider::Gemini
    }

    fn endpoint(&self) -> &str {
        &self.line.endpoint
    }

    fn body(&self, request: &ChatRequest) -> Body {
        body(request).into()
    }

    fn left_out(&self, request: &ChatRequest) -> Vec<LeftOut> {
        left_out(request)
    }

    fn wire(&self, body: &Value) -> Option<Wire> {
        let (model, sent) = split(body);
        let (base, version) = self.line.endpoint.rsplit_once('/')?;
        let speech = Speech::Gemini { base: base.to_owned(), version: version.to_owned() };
        Some(self.line.wire(url(&self.line.endpoint, &model, "generateContent"), &[], sent, speech))
    }

    fn via(&self) -> Option<Via> {
        self.line.via()
    }

    fn media_limits(&self) -> MediaLimits {
        MEDIA_LIMITS
    }

    fn structures(&self, _: &str) -> &'static [StructuredMode] {
        STRUCTURES
    }

    fn must_be_probed(&self) -> bool {
        self.is_gateway
    }

    async fn ask(&self, request: &ChatRequest, body: &Body) -> Result<ChatReply, ChatError> {
        let (model, sent) = split(body);
        let url = url(&self.line.endpoint, &model, "generateContent");
        let (reply, latency_ms) =
            self.line.post(&url, &[], media::written(&sent, request), self.line.ask_timeout).await?;
        limits::noted(&reply, read(&self.line.reader(&request.model), &reply, latency_ms))
    }

    fn batches(&self) -> Option<&dyn BatchApi> {
        Some(self)
    }

    fn counts_tokens(&self) -> bool {
        true
    }

    /// System messages and schema count only inside of a whole request, which names the model again.
    async fn count_tokens(&self, body: &Body) -> Result<Option<u32>, ChatError> {
        let (model, mut whole) = split(body);
        let id = body["model"].as_str().unwrap_or_default();
        whole["model"] = Value::from(format!("models/{}", bare_id(id)));
        let url = url(&self.line.endpoint, &model, "countTokens");
        let sent = json!({ "generateContentRequest": whole }).to_string();
        let (reply, _) = self.line.post(&url, &[], sent, self.line.test_timeout).await?;
        let counted = self.line.reader(id).json(&reply)?;
        Ok(tokens(&counted["totalTokens"]))
    }

    async fn check_key(&self, _: &str) -> Result<KeyCheck, ChatError> {
        key_check(self.list("pageSize=1").await)
    }

    fn may_give_logprobs(&self, model: &str) -> bool {
        may_give_logprobs(model)
    }

    async fn test(&self, model: &str) -> TestReport {
        check::test(self, &self.line, model).await
    }

    async fn models(&self) -> Result<Option<Vec<ListedModel>>, ChatError> {
        let page = self.list("pageSize=1000").await?;
        Ok(Some(models(&page).collect()))
    }
}

#[cfg(test)]
mod tests;
