//! Bodies: from JSON to what is kept, and back in the caller's spelling.
//!
//! Rule of thumb of the API's documentation: what cannot be read or has the wrong JSON type is a 400; what can be read
//! and is not right (missing, empty, unknown) is a 422. Replies have exactly the documented fields, because older
//! clients refuse any other.

use crate::fields::{Fields, Others, Read, check, documented_of, undocumented_of};
use crate::params::{
    TOOL_CALL, TOOL_CONFIG, check_documented, invocation_params, is_param, params_of, provider_params,
    provider_params_of,
};
use crate::problem::Problem;
use crate::prompts::{NewPrompt, NewVersion, PromptRecord, SpaceRecord, VersionRecord};
use crate::spelling::{self, Caller, Spelling};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use touchstone_domain::SpaceId;
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::{Message, PromptContent};
use touchstone_domain::template::VariableFormat;

/// Longest name of a prompt that is created here, in characters.
const NAME_CHARS_MAX: usize = 255;

/// Longest name of a label, in characters.
pub(crate) const LABEL_CHARS_MAX: usize = 255;

/// The body of a request as an object.
pub(crate) fn object(body: &[u8]) -> Read<Object> {
    match serde_json::from_slice(body) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err(Problem::unreadable("The body is not a JSON object.")),
        Err(error) => Err(Problem::unreadable(format!("The body is not JSON: {error}."))),
    }
}

/// An id as the API has it: base64 of text with a colon.
pub(crate) fn checked_id(id: &str, what: &str) -> Read<String> {
    let decoded = STANDARD.decode(id).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded {
        Some(text) if text.contains(':') => Ok(id.to_owned()),
        _ => Err(Problem::unreadable(format!("“{id}” is not the id of a {what}."))),
    }
}

pub(crate) fn new_prompt(body: &[u8], caller: Caller) -> Read<NewPrompt> {
    let fields = Fields::of(object(body)?, "", &["space_id", "name", "description", "version"])?;
    let space_id = checked_id(&fields.required_text("space_id")?, "space")?;
    let name = fields.required_text("name")?;
    if name.trim().is_empty() {
        return Err(Problem::invalid("name is empty."));
    }
    // Clients find a prompt by its name through a filter of so many.
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(Problem::invalid(format!("name has more than {NAME_CHARS_MAX} characters.")));
    }
    let description = fields.text("description")?.unwrap_or_default();
    let version = match fields.get("version") {
        Some(Json::Object(version)) => version_by(version.clone(), "version.", caller)?,
        Some(_) => return Err(Problem::unreadable("version is not an object.")),
        None => return Err(Problem::invalid("version is missing.")),
    };
    Ok(NewPrompt { space_id: SpaceId(space_id), name, description, version })
}

pub(crate) fn new_version(body: &[u8], caller: Caller) -> Read<NewVersion> {
    version_by(object(body)?, "", caller)
}

/// A version as this caller may give it: another Touchstone also as exact content in place of the single fields.
fn version_by(fields: Object, at: &str, caller: Caller) -> Read<NewVersion> {
    if !caller.is_touchstone() || fields.get("content").is_none() {
        let version = version_of(fields, Others::Refused, at)?;
        check_documented(&version.content.invocation_params, at)?;
        return Ok(version);
    }
    let fields = Fields::of(fields, at, &["commit_message", "content"])?;
    let commit_message = fields.required_text("commit_message")?;
    let content = fields.object("content")?.ok_or_else(|| fields.missing("content"))?;
    Ok(NewVersion { commit_message, content: exact_content(content, &format!("{at}content"))? })
}

/// What [`content_object`] made of a version's content, as the same content again: one hash on both sides.
fn exact_content(content: Object, at: &str) -> Read<PromptContent> {
    let known =
        ["messages", "input_variable_format", "provider", "model", "invocation_params", "provider_params", "extra"];
    let json = serde_json::to_string(&content).expect("JSON that was read can be written");
    // Reading it would drop a field that only a newer Touchstone knows, and with it the hash.
    Fields::of(content, &format!("{at}."), &known)?;
    let content: PromptContent = serde_json::from_str(&json)
        .map_err(|error| Problem::invalid(format!("{at} is not the content of a version: {error}.")))?;
    if content.messages.is_empty() {
        return Err(Problem::invalid(format!("{at}.messages is empty; a prompt needs one.")));
    }
    Ok(content)
}

/// Exactly what is hashed; `None` where it is nested deeper than another Touchstone reads.
fn content_object(content: &PromptContent) -> Option<Json> {
    serde_json::from_str(&content.canonical_json()).ok()
}

/// The description that a prompt gets; none is empty.
pub(crate) fn description(body: &[u8]) -> Read<String> {
    let fields = Fields::of(object(body)?, "", &["description"])?;
    if !fields.has("description") {
        return Err(Problem::invalid("Give at least one field to change: description."));
    }
    Ok(fields.text("description")?.unwrap_or_default())
}

pub(crate) fn labels(body: &[u8], caller: Caller) -> Read<Vec<String>> {
    let fields = Fields::of(object(body)?, "", &["labels"])?;
    let mut labels: Vec<String> = Vec::new();
    for label in fields.list("labels")?.ok_or_else(|| Problem::invalid("labels is missing."))? {
        let label = label.as_str().ok_or_else(|| Problem::unreadable("A label is not a text."))?;
        if label.trim().is_empty() {
            return Err(Problem::invalid("A label is empty."));
        }
        if label.chars().count() > LABEL_CHARS_MAX {
            return Err(Problem::invalid(format!("A label has more than {LABEL_CHARS_MAX} characters.")));
        }
        if !labels.iter().any(|known| known == label) {
            labels.push(label.to_owned());
        }
    }
    if labels.is_empty() && caller.spelling == Spelling::First {
        return Err(Problem::invalid("labels is empty."));
    }
    Ok(labels)
}

/// The spelling that a body which creates something is in, as far as its provider tells.
pub(crate) fn spelling_of(body: &[u8], unnamed: Spelling) -> Option<Spelling> {
    let fields = object(body).ok()?;
    let version = fields.get("version").and_then(Json::as_object).unwrap_or(&fields);
    spelling::spelling_of(version.get("provider")?.as_str()?, unnamed)
}

/// What a caller says of a version.
const VERSION_FIELDS: [&str; 8] = [
    "commit_message",
    "input_variable_format",
    "provider",
    "model",
    "messages",
    "invocation_params",
    "provider_params",
    // Of the first spelling; later ones have it among the parameters.
    "tool_config",
];

/// Whether a field of this name is one that says something of a version.
pub(crate) fn is_version_field(name: &str) -> bool {
    VERSION_FIELDS.contains(&name)
}

/// `others` are keys of messages and parameters; a version itself has none.
pub(crate) fn version_of(fields: Object, others: Others, at: &str) -> Read<NewVersion> {
    let fields = Fields::of(fields, at, &VERSION_FIELDS)?;
    let commit_message = fields.required_text("commit_message")?;
    let provider = fields.required_text("provider")?;
    let provider = spelling::read_provider(&provider)
        .ok_or_else(|| fields.unknown("provider", &provider, &spelling::providers()))?;
    let input_variable_format = match fields.text("input_variable_format")? {
        None => VariableFormat::FString,
        Some(word) => spelling::read_format(&word)
            .ok_or_else(|| fields.unknown("input_variable_format", &word, &spelling::formats()))?,
    };
    let model = fields.text("model")?.unwrap_or_default();
    let given = fields.list("messages")?.ok_or_else(|| fields.missing("messages"))?;
    if given.is_empty() {
        return Err(Problem::invalid(format!("{at}messages is empty; a prompt needs one.")));
    }
    let messages =
        given.iter().enumerate().map(|(index, given)| message(given, others, &format!("{at}messages[{index}].")));
    let messages = messages.collect::<Read<_>>()?;
    let params = invocation_params(fields.object("invocation_params")?, others, at)?;
    let (known, extra) = params.0.into_iter().partition(|(name, _)| is_param(name));
    let mut invocation_params = Object(known);
    if let Some(config) = fields.object("tool_config")? {
        check(&config, TOOL_CONFIG, others, &format!("{at}tool_config."))?;
        invocation_params.set("tool_config", Json::Object(config));
    }
    let provider_params = provider_params(fields.object("provider_params")?, others, at)?;
    let content = PromptContent {
        messages,
        input_variable_format,
        provider,
        model,
        invocation_params,
        provider_params,
        extra: Object(extra),
    };
    Ok(NewVersion { commit_message, content })
}

const MESSAGE_FIELDS: [&str; 4] = ["role", "content", "tool_call_id", "tool_calls"];

fn message(given: &Json, others: Others, at: &str) -> Read<Message> {
    let Json::Object(given) = given else {
        return Err(Problem::unreadable(format!("{} is not an object.", at.trim_end_matches('.'))));
    };
    let fields = Fields::among(given.clone(), at, &MESSAGE_FIELDS, others)?;
    let role = fields.required_text("role")?;
    let role = spelling::read_role(&role).ok_or_else(|| fields.unknown("role", &role, &spelling::roles()))?;
    let mut message = Message::new(role, String::new());
    message.content = fields.text("content")?;
    message.tool_call_id = fields.text("tool_call_id")?;
    if let Some(calls) = fields.list("tool_calls")? {
        let calls =
            calls.iter().enumerate().map(|(index, call)| tool_call(call, others, &format!("{at}tool_calls[{index}].")));
        message.tool_calls = Some(Json::Array(calls.collect::<Read<_>>()?));
    }
    let is_other = |(name, value): &&(String, Json)| *value != Json::Null && !MESSAGE_FIELDS.contains(&name.as_str());
    message.other = Object(given.0.iter().filter(is_other).cloned().collect());
    // What is null is as good as absent, but for the text.
    let is_kept = |(name, value): &&(String, Json)| *value != Json::Null || name == "content";
    Ok(message.with_keys(given.0.iter().filter(is_kept).map(|(name, _)| name.clone()).collect()))
}

/// A call of a tool, its kind in the current spelling.
fn tool_call(given: &Json, others: Others, at: &str) -> Read<Json> {
    let Json::Object(call) = given else {
        return Err(Problem::unreadable(format!("{} is not an object.", at.trim_end_matches('.'))));
    };
    let fields = Fields::among(call.clone(), at, &["id", "type", "function"], others)?;
    fields.text("id")?;
    let kind = fields.required_text("type")?;
    if !spelling::is_one_of(&kind, &["FUNCTION"]) {
        return Err(fields.unknown("type", &kind, "FUNCTION"));
    }
    let function = fields.object("function")?.ok_or_else(|| fields.missing("function"))?;
    let function = Fields::among(function, &format!("{at}function."), &["name", "arguments"], others)?;
    function.required_text("name")?;
    function.required_text("arguments")?;
    let mut call = call.clone();
    call.set("type", Spelling::Current.other(&Json::String(kind)));
    Ok(Json::Object(call))
}

/// An object under construction whose numbers keep their digits.
fn entries<const N: usize>(entries: [(&str, Json); N]) -> Object {
    Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn text(value: &str) -> Json {
    Json::String(value.to_owned())
}

pub(crate) fn space(space: &SpaceRecord, caller: Caller) -> Value {
    let mut wire = json!({
        "id": space.id,
        "name": space.name,
        "description": space.description,
        "created_at": space.created_at,
    });
    if caller.reads_is_private() {
        wire["is_private"] = Value::Bool(false);
    }
    wire
}

pub(crate) fn prompt(prompt: &PromptRecord, user: &str) -> Object {
    let description = if prompt.description.is_empty() { Json::Null } else { text(&prompt.description) };
    entries([
        ("id", text(prompt.id.as_str())),
        ("name", text(&prompt.name)),
        ("description", description),
        ("space_id", text(prompt.space_id.as_str())),
        ("created_at", text(&prompt.created_at)),
        ("updated_at", text(&prompt.updated_at)),
        ("created_by_user_id", text(user)),
    ])
}

pub(crate) fn prompt_with_version(record: &PromptRecord, found: &VersionRecord, user: &str, caller: Caller) -> Object {
    let mut wire = prompt(record, user);
    wire.set("version", Json::Object(version(found, user, caller)));
    wire
}

pub(crate) fn version(version: &VersionRecord, user: &str, caller: Caller) -> Object {
    let Caller { spelling, .. } = caller;
    let content = &version.content;
    let messages = content.messages.iter().map(|message| {
        let mut wire = Object::default();
        let keys = message.keys();
        for key in &keys {
            let value = match *key {
                "role" => Some(text(spelling.role(message.role))),
                "content" => Some(message.content.as_deref().map_or(Json::Null, text)),
                "tool_call_id" => message.tool_call_id.as_deref().map(text),
                "tool_calls" => message.tool_calls.as_ref().map(|calls| tool_calls(calls, spelling)),
                _ => None,
            };
            if let Some(value) = value {
                wire.set(key, value);
            }
            // Clients look for it also where none was given.
            if *key == "role" && !keys.contains(&"content") {
                wire.set("content", Json::Null);
            }
        }
        Json::Object(wire)
    });
    let mut wire = entries([
        ("id", text(version.id.as_str())),
        ("prompt_id", text(version.prompt_id.as_str())),
        ("commit_hash", text(&version.commit_hash)),
        ("commit_message", text(&version.commit_message)),
        ("messages", Json::Array(messages.collect())),
        ("input_variable_format", text(spelling.format(content.input_variable_format))),
        ("provider", text(spelling.provider(content.provider))),
        ("model", text(&content.model)),
    ]);
    let params = params_of(content, caller);
    if spelling == Spelling::First
        && let Some(config) = params.get("tool_config")
    {
        wire.set("tool_config", config.clone());
    }
    if !params.is_empty() {
        wire.set("invocation_params", Json::Object(params));
    }
    let provider_params = provider_params_of(content, caller);
    if !provider_params.is_empty() {
        wire.set("provider_params", Json::Object(provider_params));
    }
    wire.set("created_at", text(&version.created_at));
    wire.set("created_by_user_id", text(user));
    wire.set("labels", Json::Array(version.labels.iter().map(|label| text(label)).collect()));
    if caller.is_touchstone()
        && let Some(content) = content_object(content)
    {
        wire.set("content", content);
    }
    wire
}

/// The names of what calls of tools say that the API does not know.
pub(crate) fn unknown_of_tool_calls(calls: &Json) -> Vec<String> {
    let calls = calls.as_array().unwrap_or_default().iter().filter_map(Json::as_object);
    calls.flat_map(|call| undocumented_of(call, TOOL_CALL, "tool_calls.")).collect()
}

/// Calls of tools with their kinds in `spelling`.
fn tool_calls(calls: &Json, spelling: Spelling) -> Json {
    let calls = calls.as_array().unwrap_or_default().iter().filter_map(Json::as_object).map(|call| {
        let mut call = documented_of(call, TOOL_CALL);
        if let Some(kind) = call.get("type").cloned() {
            call.set("type", spelling.other(&kind));
        }
        Json::Object(call)
    });
    Json::Array(calls.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, StatusCode};
    use touchstone_domain::prompt::sha256_hex;
    use touchstone_domain::{PromptId, VersionId};

    fn caller(spelling: Spelling) -> Caller {
        Caller::of(&HeaderMap::new(), spelling)
    }

    fn touchstone() -> Caller {
        let name = spelling::TOUCHSTONE.parse().expect("a header");
        Caller::of(&HeaderMap::from_iter([("sdk-package-name".parse().expect("a name"), name)]), Spelling::First)
    }

    fn status(body: &str) -> Option<StatusCode> {
        new_version(body.as_bytes(), caller(Spelling::Current)).err().map(|problem| problem.status)
    }

    fn record(version: NewVersion) -> VersionRecord {
        VersionRecord {
            id: VersionId("v".to_owned()),
            prompt_id: PromptId("p".to_owned()),
            commit_hash: version.content.commit_hash(),
            commit_message: version.commit_message,
            content: version.content,
            created_at: "t".to_owned(),
            labels: vec!["production".to_owned()],
        }
    }

    /// A version body with some of its fields replaced.
    fn with(change: &str) -> String {
        let mut body: Value = serde_json::from_str(
            r#"{"commit_message": "m", "provider": "OPEN_AI", "messages": [{"role": "USER", "content": "Hi"}]}"#,
        )
        .expect("JSON");
        let change: Value = serde_json::from_str(change).expect("JSON");
        for (name, value) in change.as_object().expect("an object") {
            body[name] = value.clone();
        }
        body.to_string()
    }

    #[test]
    fn what_cannot_be_read_is_told_from_what_is_not_right() {
        assert_eq!(status(&with("{}")), None);
        assert_eq!(
            status(&with(r#"{"invocation_params": {"response_format": {"json_schema": {"name": "s"}}}}"#)),
            None
        );
        for broken in [
            "",
            "[]",
            "{",
            r#"{"commit_message": 1}"#,
            &with(r#"{"messages": {}}"#),
            &with(r#"{"messages": ["Hi"]}"#),
            &with(r#"{"messages": [{"role": "USER", "content": 5}]}"#),
            &with(r#"{"invocation_params": {"max_tokens": 1.5}}"#),
            &with(r#"{"invocation_params": {"stop": "end"}}"#),
            &with(r#"{"model": 4}"#),
        ] {
            assert_eq!(status(broken), Some(StatusCode::BAD_REQUEST), "{broken}");
        }
        for wrong in [
            "{}",
            &with(r#"{"messages": []}"#),
            &with(r#"{"provider": "OpenAI"}"#),
            &with(r#"{"id": "x"}"#),
            &with(r#"{"commit_hash": "x"}"#),
            &with(r#"{"messages": [{"role": "DEVELOPER", "content": "x"}]}"#),
            &with(r#"{"messages": [{"role": "USER", "content": "x", "name": "y"}]}"#),
            &with(r#"{"invocation_params": {"seed": 1}}"#),
            &with(r#"{"input_variable_format": "JINJA"}"#),
            &with(r#"{"invocation_params": {"response_format": {"type": "XML"}}}"#),
            &with("{}").replace(r#""provider""#, r#""model":"a","model":"b","provider""#),
        ] {
            assert_eq!(status(wrong), Some(StatusCode::UNPROCESSABLE_ENTITY), "{wrong}");
        }
    }

    #[test]
    fn parameters_are_within_what_is_documented() {
        let with = |params: &str| with(&format!(r#"{{"invocation_params": {params}}}"#));
        for right in [
            r#"{"frequency_penalty": -2, "presence_penalty": 2.0}"#,
            r#"{"temperature": 7, "top_p": 3, "max_tokens": -1, "top_k": 0, "thinking_budget": -1}"#,
            r#"{"thinking_level": "high", "reasoning_effort": "xhigh", "verbosity": "medium"}"#,
            r#"{"reasoning_effort": "minimal", "verbosity": null}"#,
        ] {
            assert_eq!(status(&with(right)), None, "{right}");
        }
        for (name, value) in [
            ("frequency_penalty", "2.1"),
            ("presence_penalty", "-3"),
            ("presence_penalty", "1e9"),
            ("thinking_level", r#""medium""#),
            ("reasoning_effort", r#""HIGH""#),
            ("verbosity", r#""none""#),
        ] {
            let body = with(&format!(r#"{{"{name}": {value}}}"#));
            let problem = new_version(body.as_bytes(), caller(Spelling::First)).expect_err("refused");
            assert_eq!(problem.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
            assert!(problem.detail.starts_with(&format!("invocation_params.{name} is ")), "{}", problem.detail);
        }
        let file = object(with(r#"{"verbosity": "loud"}"#).as_bytes()).expect("an object");
        assert!(version_of(file, Others::Kept, "").is_ok(), "what a file holds is taken");
    }

    #[test]
    fn every_spelling_comes_in_and_goes_out_in_the_callers() {
        let body = r#"{"commit_message": " m ", "provider": "azureOpenAI", "input_variable_format": "mustache", "messages": [
            {"role": "assistant", "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": "{}"}}]}],
            "model": "gpt", "tool_config": {"tools": [{"b": 1, "a": 12345678901234567890}]},
            "invocation_params": {"max_tokens": 5, "response_format": {"type": "json_object"}, "temperature": 1.0}}"#;
        let made = new_version(body.as_bytes(), caller(Spelling::Current)).expect("a version");
        assert_eq!(made.commit_message, " m ", "nothing is trimmed");
        let record = record(made);
        let wire = |spelling| serde_json::to_string(&version(&record, "u", caller(spelling))).expect("JSON");
        let first = wire(Spelling::First);
        for part in [
            r#""provider":"azureOpenAI""#,
            r#""role":"assistant","content":null"#,
            r#""tool_config":{"tools":[{"b":1,"a":12345678901234567890}]},"invocation_params""#,
            r#""response_format":{"type":"json_object"},"temperature":1.0"#,
            r#""type":"function""#,
        ] {
            assert!(first.contains(part), "{part} in {first}");
        }
        let current = wire(Spelling::Current);
        for part in [
            r#""input_variable_format":"MUSTACHE","provider":"AZURE_OPEN_AI","model":"gpt","invocation_params":{"max_tokens":5"#,
            r#""type":"FUNCTION""#,
            r#""labels":["production"]}"#,
        ] {
            assert!(current.contains(part), "{part} in {current}");
        }
        assert!(!current.contains(r#""model":"gpt","tool_config""#), "later spellings have it among the parameters");
    }

    /// What the API's own fields cannot say: a provider, a message's key, a format, numbers of any size.
    const EXACT: &str = r#"{"messages":[{"role":"USER","content":"Hi {name}","name":"é"}],"input_variable_format":"NONE","provider":"gemini","model":"m","invocation_params":{"top_p":1.0},"provider_params":{"custom":{"b":1,"a":2}},"extra":{"seed":123456789012345678901234567890}}"#;

    #[test]
    fn another_touchstone_sends_and_gets_exact_content() {
        let body = format!(r#"{{"commit_message": "m", "content": {EXACT}}}"#);
        let made = new_version(body.as_bytes(), touchstone()).expect("a version");
        assert_eq!(made.content.canonical_json(), EXACT);
        let prompt = format!(r#"{{"space_id": "U3BhY2U6OTA1MDoxSmtS", "name": "n", "version": {body}}}"#);
        let prompt = new_prompt(prompt.as_bytes(), touchstone()).expect("a prompt");
        assert_eq!(prompt.version.content, made.content);
        assert!(new_version(with("{}").as_bytes(), touchstone()).is_ok(), "it may use the single fields too");
        let record = record(made);
        let wire = version(&record, "u", touchstone());
        let content = serde_json::to_string(wire.get("content").expect("content")).expect("JSON");
        assert_eq!(content, EXACT);
        assert_eq!(sha256_hex(content.as_bytes()), record.commit_hash, "one hash on both sides");
        assert_eq!(wire.get("provider"), Some(&text("CUSTOM")), "the other fields are those of the current spelling");
        assert_eq!(version(&record, "u", caller(Spelling::Current)).get("content"), None);
    }

    #[test]
    fn replies_have_documented_fields_only() {
        let content = r#"{"messages": [{"role": "ASSISTANT", "content": null, "name": "n", "tool_calls": [
              {"id": "1", "type": "FUNCTION", "index": 0, "function": {"name": "f", "arguments": "{}", "x": 1}}]}],
            "input_variable_format": "MUSTACHE", "provider": "open_ai", "model": "m",
            "invocation_params": {"stop": "end", "tool_config": {"tools": [{"any": 1}], "parallel": true}, "top_k": 4,
              "response_format": {"type": "JSON_SCHEMA", "x": 1, "json_schema": {"name": "s", "x": 1, "schema": {"x": 1}}}},
            "provider_params": {"region": "eu", "x": 1, "azure_params": {"x": 1}, "custom_provider_params": {"x": 1}},
            "extra": {"seed": 7}}"#;
        let body = format!(r#"{{"commit_message": "m", "content": {content}}}"#);
        let record = record(new_version(body.as_bytes(), touchstone()).expect("a version"));
        let first = serde_json::to_value(version(&record, "u", caller(Spelling::First))).expect("JSON");
        let call = json!({"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}});
        assert_eq!(first["messages"], json!([{"role": "assistant", "content": null, "tool_calls": [call]}]));
        let format = json!({"type": "json_schema", "json_schema": {"name": "s", "schema": {"x": 1}}});
        let tools = json!({"tools": [{"any": 1}]});
        assert_eq!(first["invocation_params"], json!({"tool_config": tools, "response_format": format}));
        let provider = json!({"region": "eu", "azure_params": {}, "custom_provider_params": {"x": 1}});
        assert_eq!(first["provider_params"], provider);
        let current = serde_json::to_value(version(&record, "u", caller(Spelling::Current))).expect("JSON");
        assert_eq!(current["provider_params"], json!({"region": "eu", "azure_params": {}}));
        assert_eq!(
            (&current["invocation_params"]["top_k"], &current["invocation_params"]["seed"]),
            (&json!(4), &json!(7))
        );
    }

    #[test]
    fn exact_content_is_whole_and_from_another_touchstone() {
        let status = |body: &str, caller| new_version(body.as_bytes(), caller).err().map(|problem| problem.status);
        let body = |content: &str| format!(r#"{{"commit_message": "m", "content": {content}}}"#);
        assert_eq!(status(&body(EXACT), caller(Spelling::Current)), Some(StatusCode::UNPROCESSABLE_ENTITY));
        assert_eq!(status(&body("[]"), touchstone()), Some(StatusCode::BAD_REQUEST));
        for wrong in [
            body("null"),
            body("{}"),
            body(&EXACT.replace(r#"[{"role":"USER","content":"Hi {name}","name":"é"}]"#, "[]")),
            body(&EXACT.replace("gemini", "else")),
            body(&EXACT.replace(r#""extra""#, r#""later""#)),
            body(&EXACT.replace(r#""model""#, r#""model":"x","model""#)),
            body(EXACT).replace(r#""commit_message": "m","#, ""),
            body(EXACT).replace(r#""commit_message""#, r#""messages": [], "commit_message""#),
        ] {
            assert_eq!(status(&wrong, touchstone()), Some(StatusCode::UNPROCESSABLE_ENTITY), "{wrong}");
        }
    }

    #[test]
    fn ids_are_of_the_documented_form() {
        assert!(checked_id("U3BhY2U6OTA1MDoxSmtS", "space").is_ok());
        for id in ["pr_001", "", "Prompt:1", "bm8gY29sb24", "//79"] {
            assert_eq!(
                checked_id(id, "prompt").map_err(|problem| problem.status),
                Err(StatusCode::BAD_REQUEST),
                "{id}"
            );
        }
    }
}
