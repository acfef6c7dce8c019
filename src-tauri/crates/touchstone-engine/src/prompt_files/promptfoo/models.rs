//! promptfoo's providers: which model is asked, with which parameters, of which prompts.
//!
//! Of a provider's `config` only what is listed here is ever read, so keys, headers and addresses stay where they are.
//! Source: promptfoo 0.120, its providers' documentation.

use super::super::Read;
use super::super::foreign::{Case, respelled};
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::{PromptContent, Provider};

/// Families of providers that are no model's name: programs, files, other servers, promptfoo's own.
const NO_MODELS: [&str; 16] = [
    "echo",
    "exec",
    "file",
    "package",
    "python",
    "golang",
    "ruby",
    "http",
    "https",
    "ws",
    "wss",
    "webhook",
    "browser",
    "mcp",
    "promptfoo",
    "manual-input",
];
/// Kinds of calls that stand between a family and a model.
const KINDS: [&str; 5] = ["chat", "completion", "messages", "responses", "converse"];

#[derive(Clone, Copy)]
enum Kind {
    Number,
    Whole,
    Word,
    Texts,
    Object,
    Objects,
    Any,
}

/// Parameters by our names, with those of Google's models, and with others that mean the same.
const PARAMETERS: [(&str, Option<&str>, &[&str], Kind); 11] = [
    ("temperature", Some("temperature"), &[], Kind::Number),
    ("max_tokens", Some("maxOutputTokens"), &["maxTokens", "max_output_tokens"], Kind::Whole),
    ("max_completion_tokens", None, &[], Kind::Whole),
    ("top_p", Some("topP"), &[], Kind::Number),
    ("top_k", Some("topK"), &[], Kind::Whole),
    ("frequency_penalty", None, &[], Kind::Number),
    ("presence_penalty", None, &[], Kind::Number),
    ("stop", Some("stopSequences"), &["stop_sequences"], Kind::Texts),
    ("reasoning_effort", None, &[], Kind::Word),
    ("verbosity", None, &[], Kind::Word),
    ("response_format", None, &[], Kind::Object),
];

/// A provider of a config.
pub(super) struct Asked {
    id: String,
    pub(super) config: Object,
    /// Which prompts it is asked with; all where nothing is said.
    prompts: Option<Vec<String>>,
}

/// The providers of a config, also under their other name there.
pub(super) fn asked(config: &Object) -> Vec<Asked> {
    let one = |given: &Json| match given {
        Json::String(id) => Asked { id: id.clone(), config: Object::default(), prompts: None },
        Json::Object(given) => match (given.get("id"), given.0.first()) {
            (Some(id), _) => Asked::of(id.as_str().unwrap_or_default(), given),
            (None, Some((id, Json::Object(inside)))) => Asked::of(id, inside),
            _ => Asked::of("", given),
        },
        _ => Asked::of("", &Object::default()),
    };
    match config.get("providers").or_else(|| config.get("targets")) {
        Some(Json::Array(several)) => several.iter().map(one).collect(),
        Some(Json::Null) | None => Vec::new(),
        Some(only) => vec![one(only)],
    }
}

impl Asked {
    fn of(id: &str, given: &Object) -> Self {
        let prompts = given.get("prompts").and_then(Json::as_array);
        Self {
            id: given.get("id").and_then(Json::as_str).unwrap_or(id).to_owned(),
            config: given.get("config").and_then(Json::as_object).cloned().unwrap_or_default(),
            prompts: prompts.map(|names| names.iter().filter_map(Json::as_str).map(str::to_owned).collect()),
        }
    }

    /// Whether it is asked with the prompt that is known by any of `names`.
    pub(super) fn is_asked_with(&self, names: &[&str]) -> bool {
        let Some(prompts) = &self.prompts else { return true };
        prompts.iter().any(|wanted| {
            names.iter().any(|name| {
                let rest = name.strip_prefix(wanted.trim_end_matches('*'));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':') || wanted.ends_with('*'))
            })
        })
    }

    /// `None` where no model is named.
    pub(super) fn model(&self) -> Option<(Provider, &str)> {
        let (family, rest) = self.id.split_once(':')?;
        let model = match rest.split_once(':') {
            Some((kind, model)) if KINDS.contains(&kind) => model,
            _ => rest,
        };
        // A name that is made of the environment is none.
        if NO_MODELS.contains(&family) || model.is_empty() || KINDS.contains(&model) || model.contains("{{") {
            return None;
        }
        let provider = match family {
            "openai" => Provider::OpenAi,
            "azure" | "azureopenai" => Provider::AzureOpenAi,
            "anthropic" => Provider::Anthropic,
            "vertex" => Provider::VertexAi,
            "google" | "palm" => Provider::Gemini,
            "bedrock" => Provider::AwsBedrock,
            _ => Provider::Custom,
        };
        Some((provider, model))
    }
}

/// The provider of a version; `None` where there is none that promptfoo could ask without being told more.
pub(super) fn id(content: &PromptContent) -> Option<String> {
    let family = match content.provider {
        Provider::OpenAi => "openai:chat",
        Provider::AzureOpenAi => "azure:chat",
        Provider::Anthropic => "anthropic:messages",
        Provider::VertexAi => "vertex",
        Provider::Gemini => "google",
        Provider::AwsBedrock => "bedrock:converse",
        Provider::Foundry | Provider::Custom | Provider::Practice => return None,
    };
    (!content.model.is_empty()).then(|| format!("{family}:{}", content.model))
}

/// A config's parameters as a version keeps them, and those that are extra ones there.
pub(super) fn parameters(config: &Object) -> Read<(Object, Object)> {
    let mut params = Object::default();
    for (name, of_google, others, kind) in PARAMETERS {
        let spellings = [name].into_iter().chain(of_google).chain(others.iter().copied());
        take(&mut params, name, spellings.into_iter().find_map(|name| config.get(name)), kind)?;
    }
    let mut tools = Object::default();
    take(&mut tools, "tools", config.get("tools"), Kind::Objects)?;
    take(&mut tools, "tool_choice", config.get("tool_choice"), Kind::Any)?;
    if !tools.is_empty() {
        params.set("tool_config", Json::Object(tools));
    }
    let mut extra = Object::default();
    take(&mut extra, "seed", config.get("seed"), Kind::Number)?;
    Ok((params, extra))
}

fn take(into: &mut Object, name: &str, value: Option<&Json>, kind: Kind) -> Read<()> {
    let Some(value) = value.filter(|value| **value != Json::Null) else { return Ok(()) };
    let is_text = |value: &Json| value.as_str().is_some();
    let is_list_of = |is_one: fn(&Json) -> bool| value.as_array().is_some_and(|items| items.iter().all(is_one));
    let value = match kind {
        Kind::Number if matches!(value, Json::Number(_)) => value.clone(),
        Kind::Whole if value.is_integer() => value.clone(),
        Kind::Word if is_text(value) => value.clone(),
        Kind::Texts if is_text(value) => Json::Array(vec![value.clone()]),
        Kind::Texts if is_list_of(is_text) => value.clone(),
        Kind::Object if value.as_object().is_some() => respelled(value, Case::Upper),
        Kind::Objects if is_list_of(|item| item.as_object().is_some()) => value.clone(),
        Kind::Any => value.clone(),
        _ => return Err(format!("its parameter “{name}” is not what such a parameter can be")),
    };
    into.set(name, value);
    Ok(())
}

/// What promptfoo knows of a version's parameters.
pub(super) fn config(content: &PromptContent) -> Read<Object> {
    let is_google = matches!(content.provider, Provider::Gemini | Provider::VertexAi);
    let params = &content.invocation_params;
    let mut config = Object::default();
    for (name, of_google, ..) in PARAMETERS {
        let known = if is_google { of_google } else { Some(name) };
        if let (Some(known), Some(value)) = (known, params.get(name)) {
            config.set(known, if name == "response_format" { respelled(value, Case::Lower) } else { value.clone() });
        }
    }
    for (name, value) in params.get("tool_config").and_then(Json::as_object).iter().flat_map(|tools| &tools.0) {
        config.set(name, value.clone());
    }
    // Earlier versions kept it among the others.
    if let Some(seed) = content.extra.get("seed").or_else(|| params.get("seed")) {
        config.set("seed", seed.clone());
    }
    match config.0.iter().find(|(name, value)| refers(value, name == "tools")) {
        Some((name, _)) => Err(format!("its {name} has a “$ref”, which promptfoo would look for in its own file")),
        None => Ok(config),
    }
}

/// Whether there is a reference in `json`, but for the parameters of functions among tools, which promptfoo leaves alone.
fn refers(json: &Json, in_tools: bool) -> bool {
    match json {
        Json::Array(items) => items.iter().any(|item| refers(item, in_tools)),
        Json::Object(object) => object
            .0
            .iter()
            .any(|(name, value)| name == "$ref" || (!(in_tools && name == "parameters") && refers(value, in_tools))),
        _ => false,
    }
}
