//! Anthropic: `POST {base}/v1/messages`, `GET {base}/v1/models`. Foundry speaks it too.

use crate::batch::BatchApi;
use crate::body::Body;
use crate::catalogue::{Model, find_model};
use crate::chat::{
    ChatError, ChatErrorKind, ChatMessage, ChatModel, ChatReply, ChatRequest, Fault, KeyCheck, LeftOut, ListedModel,
    Part, Usage, day_of,
};
use crate::check::{self, TestReport};
use crate::limits;
use crate::line::{Line, Options};
use crate::media::{self, Media, MediaLimits};
use crate::openai::key_check;
use crate::params::{self, Rules as ParamRules};
use crate::reply::{Reader, Rules, Verdict, id_in, tokens};
use crate::schema;
use crate::structured::{self, StructuredMode};
use crate::wire::{Speech, Wire};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use touchstone_domain::prompt::{Provider, Role};
use touchstone_domain::secret::Secret;
use touchstone_net::{Client, Credential, Reply, Via};

const BASE: &str = "https://api.anthropic.com";

/// The newer version refuses to be told how to sample, even what it would do anyway.
pub(crate) const VERSION: (&str, &str) = ("anthropic-version", "2026-10-21");
const VERSION_WITH_SAMPLING: (&str, &str) = ("anthropic-version", "2023-06-01");
const SAMPLING: [&str; 3] = ["temperature", "top_p", "top_k"];

/// The API demands a limit. This one leaves room to think, and is below what would have to be streamed.
const OUTPUT_TOKENS_DEFAULT: u32 = 16_000;

const FOREIGN: &[&str] =
    &["frequency_penalty", "presence_penalty", "seed", "verbosity", "thinking_level", "tool_config"];

pub(crate) static RULES: Rules = Rules { sort, endpoint_hint: "", key_hint: "", request_id: "request-id" };

pub(crate) const STRUCTURES: &[StructuredMode] = &[StructuredMode::JsonSchema, StructuredMode::Instruction];

/// Of a gateway, whose models may be older than the field for a schema, or others altogether. Tools they have known for
/// longer. The vendor's own models know the field, and those that always think refuse to be told which tool to use.
const STRUCTURES_OF_GATEWAYS: &[StructuredMode] =
    &[StructuredMode::JsonSchema, StructuredMode::JsonObjectWithSchema, StructuredMode::Instruction];

/// What its free count of tokens takes of a request.
const COUNTED: [&str; 7] = ["model", "system", "messages", "tools", "tool_choice", "thinking", "output_config"];

/// The tool whose input is the answer.
const TOOL_NAME: &str = "labels";

pub(crate) const MEDIA_LIMITS: MediaLimits = MediaLimits {
    side_px_max: Some(8_000),
    side_px_max_of_many: Some((20, 2_000)),
    request_bytes_max: Some(32_000_000),
    ..MediaLimits::UNKNOWN
};

/// Anthropic's models.
#[derive(Debug)]
pub struct AnthropicModel {
    line: Line,
    /// Somebody else's server stands for Anthropic's.
    is_gateway: bool,
}

impl AnthropicModel {
    pub fn new(client: Client, key: Secret, options: &Options) -> Self {
        let base = options.base(BASE);
        // The vendor's paths begin with the version; a base that ends in one has it twice otherwise.
        let endpoint = base.strip_suffix("/v1").unwrap_or(base).to_owned();
        let credentials = vec![Credential::Header("x-api-key".into(), key)];
        let is_gateway = options.base_url.is_some();
        Self { line: Line::new(client, endpoint, credentials, &RULES).with(options), is_gateway }
    }

    async fn list(&self, query: &str) -> Result<Value, ChatError> {
        let reply = self.line.get(&format!("{}/v1/models?{query}", self.line.endpoint), &[VERSION]).await?;
        self.line.reader("").json(&reply)
    }

    /// The way to it, for its batches.
    pub(crate) fn line(&self) -> &Line {
        &self.line
    }
}

/// The request in Anthropic's words. `known` is the model whose rules decide what is left out.
pub(crate) fn body(request: &ChatRequest, known: Option<&Model>) -> Value {
    // JSON without a schema has no field here; words ask for it then.
    let mode = request.structure.unwrap_or(StructuredMode::JsonSchema);
    let messages = structured::messages(request, mode);
    let mut body = Map::new();
    body.insert("model".to_owned(), Value::from(request.model.as_str()));
    let limit = params::output_limit(request).cloned().unwrap_or_else(|| {
        let most = known.and_then(|model| model.output_max).unwrap_or(OUTPUT_TOKENS_DEFAULT);
        Value::from(OUTPUT_TOKENS_DEFAULT.min(most))
    });
    body.insert("max_tokens".to_owned(), limit);
    let system: Vec<_> = messages
        .iter()
        .filter(|message| message.role == Role::System)
        .map(|message| json!({"type": "text", "text": message.text()}))
        .filter(|block| block["text"] != "")
        .collect();
    if !system.is_empty() {
        body.insert("system".to_owned(), Value::Array(system));
    }
    let said = messages.iter().filter(|message| message.role != Role::System).map(message);
    body.insert("messages".to_owned(), said.collect());
    let mut output = Map::new();
    if mode == StructuredMode::JsonSchema {
        let format = json!({"type": "json_schema", "schema": schema::for_anthropic(&request.schema)});
        output.insert("format".to_owned(), format);
    }
    for (name, value) in &request.params {
        if refusal(name, value, known).is_some() {
            continue;
        }
        match name.as_str() {
            "max_tokens" | "max_completion_tokens" | "response_format" => {}
            "stop" => {
                body.insert("stop_sequences".to_owned(), listed(value));
            }
            "reasoning_effort" if value == "none" => {
                body.insert("thinking".to_owned(), json!({"type": "disabled"}));
            }
            "reasoning_effort" => {
                output.insert("effort".to_owned(), value.clone());
            }
            "thinking_budget" => {
                body.insert("thinking".to_owned(), json!({"type": "enabled", "budget_tokens": value}));
            }
            name => {
                body.entry(name).or_insert_with(|| value.clone());
            }
        }
    }
    if mode == StructuredMode::JsonObjectWithSchema {
        let tool = json!({
            "name": TOOL_NAME,
            "description": "Takes the answer.",
            "input_schema": schema::for_anthropic(&request.schema),
        });
        // A model that is told to think may be given a tool, and not be forced to use it.
        let thinks = body.get("thinking").is_some_and(|thinking| thinking["type"] == "enabled");
        let choice = if thinks { json!({"type": "auto"}) } else { json!({"type": "tool", "name": TOOL_NAME}) };
        body.insert("tools".to_owned(), json!([tool]));
        body.insert("tool_choice".to_owned(), choice);
    }
    if !output.is_empty() {
        body.insert("output_config".to_owned(), Value::Object(output));
    }
    Value::Object(body)
}

pub(crate) fn left_out(request: &ChatRequest, known: Option<&Model>) -> Vec<LeftOut> {
    params::left_out(request, |name, value| refusal(name, value, known))
}

fn refusal(name: &str, value: &Value, known: Option<&Model>) -> Option<String> {
    // Those that do not sample as told think as they see fit.
    match known {
        Some(model) if name == "thinking_budget" && model.refuses.iter().any(|refused| refused == "temperature") => {
            Some(format!("{} takes no thinking budget", model.id))
        }
        model => params::refusal(name, value, ParamRules { model, foreign: FOREIGN, thinks: false }),
    }
}

/// One stop sequence or several, as a list.
pub(crate) fn listed(value: &Value) -> Value {
    if value.is_array() { value.clone() } else { json!([value]) }
}

/// Those of `names` that `body` has.
pub(crate) fn members(body: &Value, names: &[&str]) -> Value {
    let has = |name: &&str| Some(((*name).to_owned(), body.get(*name)?.clone()));
    Value::Object(names.iter().filter_map(has).collect())
}

fn message(message: &ChatMessage) -> Value {
    let role = if message.role == Role::Assistant { "assistant" } else { "user" };
    let is_text = message.content.iter().all(|part| matches!(part, Part::Text(_)));
    let content = match &message.tool_calls {
        // Tools are told of, not called: a label needs none.
        Some(calls) => Value::from(format!("{}{calls}", message.text())),
        None if is_text => Value::from(message.text()),
        None => message.content.iter().map(part).collect(),
    };
    json!({"role": role, "content": content})
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"type": "text", "text": text}),
        Part::Image(media) => json!({"type": "image", "source": source(media)}),
        Part::Pdf(media) => json!({"type": "document", "source": source(media)}),
    }
}

fn url(base: &str) -> String {
    format!("{base}/v1/messages")
}

fn source(media: &Media) -> Value {
    json!({"type": "base64", "media_type": media.mime(), "data": media.stand_in()})
}

/// Bytes of a beginning that is worth marking: about 512 tokens, the fewest that any model keeps. Of what is too short for
/// a model nothing is kept, and nothing is said or paid.
const KEPT_BYTES_MIN: usize = 2_048;

/// `body` as it is sent. A beginning that many requests share is marked, so that it is read from the cache from the second
/// time on, at a tenth of its price or less; the first time costs a quarter more. The mark is not part of the body, because
/// it changes nothing of the answer: what was asked without it is owned.
pub(crate) fn written(body: &Value, request: &ChatRequest) -> String {
    let length = |part: &Value| part.to_string().len();
    let is_long = || length(&body["system"]) + length(&body["output_config"]["format"]) >= KEPT_BYTES_MIN;
    if !request.shares_beginning || !is_long() {
        return media::written(body, request);
    }
    let mut marked = body.clone();
    if let Some(last) = marked.get_mut("system").and_then(Value::as_array_mut).and_then(|blocks| blocks.last_mut()) {
        last["cache_control"] = json!({"type": "ephemeral"});
    }
    media::written(&marked, request)
}

/// The version under which `body` is accepted.
pub(crate) fn version(body: &Value) -> (&'static str, &'static str) {
    let samples = SAMPLING.iter().any(|name| body.get(*name).is_some());
    if samples { VERSION_WITH_SAMPLING } else { VERSION }
}

/// An answer, or why the reply is none.
pub(crate) fn read(reader: &Reader<'_>, reply: &Reply, latency_ms: u32) -> Result<ChatReply, ChatError> {
    let (host, model) = (reader.host, reader.model);
    let body = reader.json(reply)?;
    let Some(blocks) = body["content"].as_array() else {
        return Err(reader.malformed(reply, format!("{host} sent JSON that is not a message.")));
    };
    let request_id = reader.request_id(reply, id_in(&body));
    let usage = usage(&body["usage"]);
    // What the model thought may stand before what it says.
    let texts = blocks.iter().filter(|block| block["type"] == "text").filter_map(|block| block["text"].as_str());
    // What a tool is given is the answer, and what stands before it only leads up to it.
    let is_used = |block: &&Value| block["type"] == "tool_use" && block["name"] == TOOL_NAME;
    let content = match blocks.iter().find(is_used) {
        Some(used) => used["input"].to_string(),
        None => texts.collect::<String>(),
    };
    let none = |outcome, code: &str| Err(reader.no_answer(outcome, code, usage, Some(&content), request_id.clone()));
    match body["stop_reason"].as_str() {
        Some(code @ ("max_tokens" | "model_context_window_exceeded")) => {
            let words = format!("{model} reached its output limit before the answer was complete. Raise max tokens.");
            none((ChatErrorKind::Truncated, words), code)
        }
        Some("refusal") => {
            let details = &body["stop_details"];
            let category = details["category"].as_str();
            let about = category.map(|category| format!(" ({})", reader.quoted(category))).unwrap_or_default();
            let why = details["explanation"].as_str().filter(|why| !why.is_empty());
            let why = why.map_or_else(|| ".".to_owned(), |why| format!(": “{}”.", reader.quoted(why)));
            none((ChatErrorKind::Refused, format!("{model} refused{about}{why}")), category.unwrap_or("refusal"))
        }
        _ => Ok(ChatReply {
            content: reader.without_secrets(&content),
            usage,
            latency_ms,
            model: body["model"].as_str().map(|model| reader.quoted(model)),
            request_id,
            limits: None,
            has_logprobs: false,
        }),
    }
}

/// `input_tokens` are those alone that no cache was involved in.
fn usage(usage: &Value) -> Usage {
    let (cached, written) = (tokens(&usage["cache_read_input_tokens"]), tokens(&usage["cache_creation_input_tokens"]));
    let fresh = tokens(&usage["input_tokens"]);
    Usage {
        prompt_tokens: fresh
            .map(|fresh| fresh.saturating_add(cached.unwrap_or(0)).saturating_add(written.unwrap_or(0))),
        completion_tokens: tokens(&usage["output_tokens"]),
        cached_tokens: cached,
        cache_write_tokens: written,
        reasoning_tokens: tokens(&usage["output_tokens_details"]["thinking_tokens"]),
    }
}

pub(crate) fn sort(status: u16, body: &Value, everything: &str) -> Option<Verdict> {
    use ChatErrorKind::*;
    let mentions = |words: &[&str]| words.iter().any(|word| everything.contains(word));
    Some(match status {
        400 if mentions(&["prompt is too long"]) => (ContextTooLong, Fault::Request),
        400 if mentions(&["credit balance is too low"]) => (OutOfMoney, Fault::Quota),
        400 if mentions(&["schema is too complex", "grammar is too large", "extra inputs are not permitted"]) => {
            (Unsupported, Fault::Request)
        }
        404 if body["error"]["type"] == "not_found_error" => (NotFound, Fault::Model),
        429 if mentions(&["enforced_spend_limit_reached", "contract_spend_limit_reached"]) => {
            (OutOfMoney, Fault::Quota)
        }
        _ => return None,
    })
}

#[async_trait]
impl ChatModel for AnthropicModel {
    fn provider(&self) -> Provider {
        Provider::Anthropic
    }

    fn endpoint(&self) -> &str {
        &self.line.endpoint
    }

    fn body(&self, request: &ChatRequest) -> Body {
        body(request, find_model(Provider::Anthropic, &request.model)).into()
    }

    fn left_out(&self, request: &ChatRequest) -> Vec<LeftOut> {
        left_out(request, find_model(Provider::Anthropic, &request.model))
    }

    fn wire(&self, body: &Value) -> Option<Wire> {
        let base = &self.line.endpoint;
        Some(self.line.wire(url(base), &[version(body)], body.clone(), Speech::Anthropic { base: base.clone() }))
    }

    fn via(&self) -> Option<Via> {
        self.line.via()
    }

    fn media_limits(&self) -> MediaLimits {
        MEDIA_LIMITS
    }

    fn structures(&self, _: &str) -> &'static [StructuredMode] {
        if self.is_gateway { STRUCTURES_OF_GATEWAYS } else { STRUCTURES }
    }

    fn must_be_probed(&self) -> bool {
        self.is_gateway
    }

    async fn ask(&self, request: &ChatRequest, body: &Body) -> Result<ChatReply, ChatError> {
        let url = url(&self.line.endpoint);
        let (reply, latency_ms) =
            self.line.post(&url, &[version(body)], written(body, request), self.line.ask_timeout).await?;
        limits::noted(&reply, read(&self.line.reader(&request.model), &reply, latency_ms))
    }

    fn batches(&self) -> Option<&dyn BatchApi> {
        Some(self)
    }

    fn counts_tokens(&self) -> bool {
        true
    }

    async fn count_tokens(&self, body: &Body) -> Result<Option<u32>, ChatError> {
        let url = format!("{}/count_tokens", url(&self.line.endpoint));
        let sent = members(body, &COUNTED).to_string();
        let (reply, _) = self.line.post(&url, &[VERSION], sent, self.line.test_timeout).await?;
        let counted = self.line.reader(body["model"].as_str().unwrap_or_default()).json(&reply)?;
        Ok(tokens(&counted["input_tokens"]))
    }

    async fn check_key(&self, _: &str) -> Result<KeyCheck, ChatError> {
        key_check(self.list("limit=1").await)
    }

    async fn test(&self, model: &str) -> TestReport {
        check::test(self, &self.line, model).await
    }

    async fn models(&self) -> Result<Option<Vec<ListedModel>>, ChatError> {
        let mut models = Vec::new();
        let mut query = "limit=1000".to_owned();
        loop {
            let page = self.list(&query).await?;
            models.extend(page["data"].as_array().into_iter().flatten().filter_map(listed_model));
            // A server that repeats its last page would be read without end.
            let last = page["last_id"].as_str().map(|id| format!("limit=1000&after_id={id}"));
            match last.filter(|next| page["has_more"] == true && *next != query) {
                Some(next) => query = next,
                None => return Ok(Some(models)),
            }
        }
    }
}

fn listed_model(model: &Value) -> Option<ListedModel> {
    if model["lifecycle"] == "retired" {
        return None;
    }
    let capability = &model["capabilities"]["image_input"];
    Some(ListedModel {
        id: model["id"].as_str()?.to_owned(),
        name: model["display_name"].as_str().map(str::to_owned),
        context_tokens: tokens(&model["max_input_tokens"]),
        output_tokens_max: tokens(&model["max_tokens"]),
        has_vision: capability.as_bool().or_else(|| capability["supported"].as_bool()),
        retires: day_of(&model["retires_at"]),
    })
}

#[cfg(test)]
mod tests;
