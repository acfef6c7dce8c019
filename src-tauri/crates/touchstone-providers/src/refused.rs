//! Which parameter a server refused, of those that the user set.
//!
//! What is sent with every request and is no parameter (the model, the messages, the form of the answer) is never named,
//! and neither is the output limit: without it an answer may cost any amount.

use crate::chat::{ChatError, ChatErrorKind, ChatRequest};

const NEVER: [&str; 6] = ["model", "messages", "response_format", "max_tokens", "max_completion_tokens", "tool_config"];

/// Parameters by their Arize names that vendors call otherwise.
const SPELLINGS: &[(&str, &[&str])] = &[
    ("top_p", &["topP"]),
    ("top_k", &["topK"]),
    ("stop", &["stop_sequences", "stopSequences"]),
    ("frequency_penalty", &["frequencyPenalty"]),
    ("presence_penalty", &["presencePenalty"]),
    ("reasoning_effort", &["effort", "thinkingLevel", "thinking_level", "thinking"]),
    ("logprobs", &["responseLogprobs", "response_logprobs"]),
    ("thinking_level", &["thinkingLevel"]),
    ("thinking_budget", &["thinkingBudget", "budget_tokens", "thinking"]),
];

/// What servers say of a parameter that they do not take, in lower case; of one that is only out of its range they do not.
const REFUSALS: [&str; 8] = [
    "unsupported",
    "not support",
    "not permitted",
    "not allowed",
    "unknown",
    "unrecognized",
    "deprecated",
    "cannot find field",
];

/// The parameter of `request`, by its Arize name, that the server does not take, if that is why it failed.
pub fn refused_param(request: &ChatRequest, error: &ChatError) -> Option<String> {
    if !matches!(error.kind, ChatErrorKind::Unsupported | ChatErrorKind::BadRequest) {
        return None;
    }
    let vendor = &error.vendor;
    let said = vendor.message.as_deref().unwrap_or_default();
    let is_refusal = || {
        let said = said.to_lowercase();
        REFUSALS.iter().any(|words| said.contains(words))
    };
    if !matches!(vendor.status, Some(400 | 422)) || !(error.kind == ChatErrorKind::Unsupported || is_refusal()) {
        return None;
    }
    let named = vendor.param.as_deref().map(last_step);
    let is_named = |spelling: &str| match named {
        Some(named) => named == spelling,
        None => names(said, spelling),
    };
    let mut set = request.params.keys().filter(|name| !NEVER.contains(&name.as_str()));
    set.find(|name| spellings(name).any(is_named)).cloned()
}

fn spellings(name: &str) -> impl Iterator<Item = &str> {
    let others = SPELLINGS.iter().find(|(arize, _)| *arize == name).map_or(&[][..], |(_, others)| others);
    std::iter::once(name).chain(others.iter().copied())
}

/// The member that a path such as `generation_config.top_k` leads to.
fn last_step(path: &str) -> &str {
    path.rsplit(['.', '/']).next().unwrap_or(path)
}

/// Whether `said` names a member as such: in quotes, or before a colon as `output_config.effort: …`.
fn names(said: &str, member: &str) -> bool {
    let in_quotes = ["`", "'", "\""].iter().any(|quote| said.contains(&format!("{quote}{member}{quote}")));
    in_quotes || said.split_once(':').is_some_and(|(path, _)| last_step(path.trim()) == member)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::request;
    use serde_json::json;

    #[track_caller]
    fn check(kind: ChatErrorKind, param: Option<&str>, said: &str, want: Option<&str>) {
        let params = json!({
            "temperature": 0.5, "top_k": 3, "reasoning_effort": "low", "max_tokens": 5, "response_format": {}, "stop": "x"
        });
        let mut error = ChatError::new(kind, "");
        error.vendor.status = Some(400);
        error.vendor.param = param.map(str::to_owned);
        error.vendor.message = Some(said.to_owned());
        assert_eq!(refused_param(&request("m", params), &error).as_deref(), want, "{said}");
    }

    #[test]
    fn a_refused_parameter_is_found_in_every_vendors_words() {
        use ChatErrorKind::{BadRequest, Filtered, Unsupported};
        let openai = "Unsupported value: 'temperature' does not support 0.8 with this model.";
        check(Unsupported, Some("temperature"), openai, Some("temperature"));
        check(Unsupported, None, "temperature: Extra inputs are not permitted", Some("temperature"));
        check(Unsupported, None, "output_config.effort: Extra inputs are not permitted", Some("reasoning_effort"));
        check(BadRequest, None, "Unknown name \"topK\" at 'generation_config': Cannot find field.", Some("top_k"));
        check(BadRequest, Some("top_k"), "top_k is not supported", Some("top_k"));
        check(BadRequest, Some("temperature"), "temperature must be at most 2", None);
        check(BadRequest, None, "It is unknown when the server will stop", None);
        check(Unsupported, Some("response_format"), "Unsupported parameter", None);
        check(Unsupported, Some("max_tokens"), "Unsupported parameter", None);
        check(Unsupported, Some("messages"), "Unsupported parameter", None);
        check(Unsupported, None, "Invalid schema for response_format 'labels'", None);
        check(Filtered, Some("temperature"), "unsupported", None);
    }
}
