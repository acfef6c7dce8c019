//! Parameters of calls and of providers: which there are, what they may be, and who reads which.

use crate::fields::{Fields, Read};
use crate::problem::Problem;
use crate::spelling::{self, Caller, Spelling};
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::PromptContent;

/// Parameters that every client knows.
const BASE_PARAMS: [&str; 9] = [
    "temperature",
    "max_tokens",
    "max_completion_tokens",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "stop",
    "response_format",
    "tool_config",
];

/// Parameters that came with the second spelling.
const LATER_PARAMS: [&str; 5] = ["top_k", "thinking_level", "thinking_budget", "reasoning_effort", "verbosity"];

/// The words that the documentation lists for a parameter, of all models together.
const WORDS: [(&str, &[&str]); 3] = [
    ("thinking_level", &["low", "high"]),
    ("reasoning_effort", &["none", "minimal", "low", "medium", "high", "xhigh"]),
    ("verbosity", &["low", "medium", "high"]),
];

/// The parameters for which the documentation gives a range: −2 to 2.
const PENALTIES: [&str; 2] = ["frequency_penalty", "presence_penalty"];

/// Whether the API knows a parameter of this name.
pub(crate) fn is_param(name: &str) -> bool {
    BASE_PARAMS.contains(&name) || LATER_PARAMS.contains(&name)
}

/// The parameters of a call as they are kept: their words in the current spelling, those that are null left out.
pub(crate) fn invocation_params(given: Option<Object>, at: &str) -> Read<Object> {
    let Some(given) = given else { return Ok(Object::default()) };
    let at = format!("{at}invocation_params.");
    let known: Vec<_> = BASE_PARAMS.into_iter().chain(LATER_PARAMS).collect();
    let fields = Fields::of(given.clone(), &at, &known)?;
    for name in ["temperature", "top_p", "frequency_penalty", "presence_penalty"] {
        fields.typed(name, "a number", |value| matches!(value, Json::Number(_)))?;
    }
    for name in ["max_tokens", "max_completion_tokens", "top_k", "thinking_budget"] {
        fields.typed(name, "a whole number", Json::is_integer)?;
    }
    for name in ["thinking_level", "reasoning_effort", "verbosity"] {
        fields.text(name)?;
    }
    for stop in fields.list("stop")?.unwrap_or_default() {
        if stop.as_str().is_none() {
            return Err(Problem::unreadable(format!("{at}stop is not a list of texts.")));
        }
    }
    if let Some(config) = fields.object("tool_config")? {
        tool_config(&config, &format!("{at}tool_config."))?;
    }
    let mut kept = given;
    if let Some(mut format) = fields.object("response_format")? {
        let at = format!("{at}response_format.");
        let inside = Fields::of(format.clone(), &at, &["type", "json_schema"])?;
        // Clients leave it out for a text.
        let kind = inside.text("type")?;
        let kinds = ["TEXT", "JSON_OBJECT", "JSON_SCHEMA"];
        if let Some(kind) = kind.as_ref().filter(|kind| !spelling::is_one_of(kind, &kinds)) {
            return Err(inside.unknown("type", kind, &kinds.join(", ")));
        }
        if let Some(schema) = inside.object("json_schema")? {
            let at = format!("{at}json_schema.");
            let schema = Fields::of(schema, &at, &["name", "description", "schema", "strict"])?;
            schema.text("name")?;
            schema.text("description")?;
            schema.object("schema")?;
            schema.typed("strict", "true or false", |value| matches!(value, Json::Bool(_)))?;
        }
        match kind {
            Some(kind) => format.set("type", Spelling::Current.other(&Json::String(kind))),
            None => drop(format.remove("type")),
        }
        kept.set("response_format", Json::Object(format));
    }
    // A parameter that is null is one that was not set.
    kept.0.retain(|(_, value)| *value != Json::Null);
    Ok(kept)
}

/// Refuses parameters outside of what the documentation says of their values. Of most it says nothing: there the provider
/// of the model knows better.
pub(crate) fn check_documented(params: &Object, at: &str) -> Read<()> {
    for name in PENALTIES {
        if let Some(Json::Number(digits)) = params.get(name)
            && !digits.parse::<f64>().is_ok_and(|penalty| (-2.0..=2.0).contains(&penalty))
        {
            return Err(Problem::invalid(format!("{at}invocation_params.{name} is {digits}; it can be -2 to 2.")));
        }
    }
    for (name, words) in WORDS {
        if let Some(word) = params.get(name).and_then(Json::as_str).filter(|word| !words.contains(word)) {
            let words = words.join(", ");
            return Err(Problem::invalid(format!("{at}invocation_params.{name} is “{word}”; it can be {words}.")));
        }
    }
    Ok(())
}

/// Looks at the tools and the choice among them, which are kept as they are given.
pub(crate) fn tool_config(config: &Object, at: &str) -> Read<()> {
    let fields = Fields::of(config.clone(), at, &["tools", "tool_choice"])?;
    for tool in fields.list("tools")?.unwrap_or_default() {
        if tool.as_object().is_none() {
            return Err(Problem::unreadable(format!("{at}tools is not a list of objects.")));
        }
    }
    Ok(())
}

/// The parameters of a provider as they are kept; they are not tied to the provider of the version.
pub(crate) fn provider_params(given: Option<Object>, at: &str) -> Read<Object> {
    let Some(mut given) = given else { return Ok(Object::default()) };
    let at = format!("{at}provider_params.");
    let known = [
        "azure_params",
        "anthropic_headers",
        "anthropic_version",
        "bedrock_options",
        "region",
        // Of the first two spellings.
        "custom_provider_params",
    ];
    let fields = Fields::of(given.clone(), &at, &known)?;
    fields.text("anthropic_version")?;
    fields.text("region")?;
    fields.object("custom_provider_params")?;
    if let Some(azure) = fields.object("azure_params")? {
        let known = ["azure_deployment_name", "azure_openai_endpoint", "azure_openai_version"];
        let azure = Fields::of(azure, &format!("{at}azure_params."), &known)?;
        for name in known {
            azure.text(name)?;
        }
    }
    if let Some(headers) = fields.object("anthropic_headers")? {
        let at = format!("{at}anthropic_headers.");
        for beta in Fields::of(headers, &at, &["anthropic_beta"])?.list("anthropic_beta")?.unwrap_or_default() {
            if beta.as_str().is_none() && *beta != Json::Null {
                return Err(Problem::unreadable(format!("{at}anthropic_beta is not a list of texts.")));
            }
        }
    }
    if let Some(options) = fields.object("bedrock_options")? {
        let options = Fields::of(options, &format!("{at}bedrock_options."), &["use_converse_endpoint"])?;
        options.typed("use_converse_endpoint", "true or false", |value| matches!(value, Json::Bool(_)))?;
    }
    given.0.retain(|(_, value)| *value != Json::Null);
    Ok(given)
}

/// The parameters that the caller reads, what goes into the body as it is among them.
pub(crate) fn params_of(content: &PromptContent, caller: Caller) -> Object {
    let all = content.invocation_params.0.iter().chain(&content.extra.0);
    let read = all.filter(|(name, _)| caller.reads_unknown_params() || BASE_PARAMS.contains(&name.as_str()));
    let mut params = Object::default();
    for (name, value) in read {
        if params.get(name).is_none() {
            params.set(name, value.clone());
        }
    }
    if let Some(Json::Object(mut format)) = params.get("response_format").cloned() {
        if let Some(kind) = format.get("type").cloned() {
            format.set("type", caller.spelling.other(&kind));
        }
        params.set("response_format", Json::Object(format));
    }
    params
}
