//! Parameters of calls and of providers: which there are, what they may be, and who reads which. Source: the generated
//! clients, of which those before 8.59 refuse every field of an object that they do not know.

use crate::fields::{Documented, Kind, Others, Read, check, documented, documented_of, kind_of, undocumented_of};
use crate::problem::Problem;
use crate::spelling::{self, Caller, Spelling};
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::PromptContent;

/// Parameters that every client knows.
const BASE_PARAMS: &Documented = &[
    ("temperature", Kind::Number),
    ("max_tokens", Kind::WholeNumber),
    ("max_completion_tokens", Kind::WholeNumber),
    ("top_p", Kind::Number),
    ("frequency_penalty", Kind::Number),
    ("presence_penalty", Kind::Number),
    ("stop", Kind::Texts),
    ("response_format", Kind::Fields(RESPONSE_FORMAT)),
    ("tool_config", Kind::Fields(TOOL_CONFIG)),
];

/// Parameters that came with the second spelling.
const LATER_PARAMS: &Documented = &[
    ("top_k", Kind::WholeNumber),
    ("thinking_level", Kind::Text),
    ("thinking_budget", Kind::WholeNumber),
    ("reasoning_effort", Kind::Text),
    ("verbosity", Kind::Text),
];

const RESPONSE_FORMAT: &Documented = &[("type", Kind::Text), ("json_schema", Kind::Fields(JSON_SCHEMA))];

const JSON_SCHEMA: &Documented =
    &[("name", Kind::Text), ("description", Kind::Text), ("schema", Kind::AnyObject), ("strict", Kind::Truth)];

pub(crate) const TOOL_CONFIG: &Documented = &[("tools", Kind::Objects), ("tool_choice", Kind::Anything)];

/// A call of a tool by the assistant.
pub(crate) const TOOL_CALL: &Documented = &[
    ("id", Kind::Text),
    ("type", Kind::Text),
    ("function", Kind::Fields(&[("name", Kind::Text), ("arguments", Kind::Text)])),
];

const PROVIDER_PARAMS: &Documented = &[
    ("azure_params", Kind::Fields(AZURE_PARAMS)),
    ("anthropic_headers", Kind::Fields(&[("anthropic_beta", Kind::TextsOrNulls)])),
    ("anthropic_version", Kind::Text),
    ("bedrock_options", Kind::Fields(&[("use_converse_endpoint", Kind::Truth)])),
    ("region", Kind::Text),
    // Of clients before 8.24.
    ("custom_provider_params", Kind::AnyObject),
];

const AZURE_PARAMS: &Documented = &[
    ("azure_deployment_name", Kind::Text),
    ("azure_openai_endpoint", Kind::Text),
    ("azure_openai_version", Kind::Text),
];

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
    kind_of(BASE_PARAMS, name).or(kind_of(LATER_PARAMS, name)).is_some()
}

/// The names of parameters of a call and of its provider that the API does not know, as far down as it knows any.
pub(crate) fn unknown_params(content: &PromptContent) -> Vec<String> {
    let mut names = undocumented_of(&content.invocation_params, &[BASE_PARAMS, LATER_PARAMS].concat(), "");
    names.extend(content.extra.0.iter().map(|(name, _)| name.clone()));
    names.extend(undocumented_of(&content.provider_params, PROVIDER_PARAMS, ""));
    names
}

/// The parameters of a call as they are kept: their words in the current spelling, those that are null left out.
pub(crate) fn invocation_params(given: Option<Object>, others: Others, at: &str) -> Read<Object> {
    let Some(mut params) = given else { return Ok(Object::default()) };
    let at = format!("{at}invocation_params.");
    check(&params, &[BASE_PARAMS, LATER_PARAMS].concat(), others, &at)?;
    if let Some(Json::Object(mut format)) = params.get("response_format").cloned() {
        // Clients leave it out for a text.
        match format.get("type").and_then(Json::as_str).map(str::to_owned) {
            Some(kind) => {
                let kinds = ["TEXT", "JSON_OBJECT", "JSON_SCHEMA"];
                if others == Others::Refused && !spelling::is_one_of(&kind, &kinds) {
                    let kinds = kinds.join(", ");
                    return Err(Problem::invalid(format!("{at}response_format.type is “{kind}”; it can be {kinds}.")));
                }
                format.set("type", Spelling::Current.other(&Json::String(kind)));
            }
            None => drop(format.remove("type")),
        }
        params.set("response_format", Json::Object(format));
    }
    // A parameter that is null is one that was not set.
    params.0.retain(|(_, value)| *value != Json::Null);
    Ok(params)
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

/// The parameters of a provider as they are kept; they are not tied to the provider of the version.
pub(crate) fn provider_params(given: Option<Object>, others: Others, at: &str) -> Read<Object> {
    let Some(mut params) = given else { return Ok(Object::default()) };
    check(&params, PROVIDER_PARAMS, others, &format!("{at}provider_params."))?;
    params.0.retain(|(_, value)| *value != Json::Null);
    Ok(params)
}

/// The parameters that the caller reads, what goes into the body as it is among them.
pub(crate) fn params_of(content: &PromptContent, caller: Caller) -> Object {
    let reads_all = caller.reads_unknown_params();
    let mut params = Object::default();
    for (name, value) in content.invocation_params.0.iter().chain(&content.extra.0) {
        let kind = kind_of(BASE_PARAMS, name).or_else(|| kind_of(LATER_PARAMS, name).filter(|_| reads_all));
        let value = match kind {
            Some(kind) => documented(value, kind),
            None => reads_all.then(|| value.clone()),
        };
        if let Some(value) = value.filter(|_| params.get(name).is_none()) {
            params.set(name, value);
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

/// The parameters of the provider that the caller reads.
pub(crate) fn provider_params_of(content: &PromptContent, caller: Caller) -> Object {
    let mut params = documented_of(&content.provider_params, PROVIDER_PARAMS);
    if !caller.reads_custom_provider_params() {
        params.remove("custom_provider_params");
    }
    params
}
