//! The parameters that a user set, held against what a model takes.
//!
//! Nothing is sent that the user did not set. What the model is known to refuse is left out and told; of a model that
//! is not in the catalogue nothing is known, so everything is sent and the server decides.

use crate::catalogue::Model;
use crate::chat::{ChatRequest, LeftOut};
use serde_json::Value;

/// What is known of the model that is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'m> {
    pub model: Option<&'m Model>,
    /// Parameters by their Arize names that this vendor has no field for.
    pub foreign: &'static [&'static str],
    /// It is told to think.
    pub thinks: bool,
}

impl Rules<'_> {
    /// Nothing is known, so everything goes.
    pub(crate) const ANY: Self = Self { model: None, foreign: &[], thinks: false };
}

/// What a request has of its own, whoever is asked: who answers, what is asked, and that the answer comes in one piece.
const OWN: [&str; 8] =
    ["model", "messages", "contents", "input", "system", "system_instruction", "stream", "stream_options"];

/// Why the parameter `name` is not sent.
pub(crate) fn refusal(name: &str, value: &Value, rules: Rules<'_>) -> Option<String> {
    if OWN.contains(&name) {
        return Some("it is no parameter, each request has its own".to_owned());
    }
    if rules.foreign.contains(&name) {
        return Some("this provider has no such parameter".to_owned());
    }
    let model = rules.model?;
    if model.refuses.iter().any(|refused| refused == name) {
        return Some(format!("{} does not take it", model.id));
    }
    if rules.thinks && model.refuses_thinking.iter().any(|refused| refused == name) {
        return Some(format!("{} takes it only where reasoning_effort is none", model.id));
    }
    if name == "reasoning_effort" {
        let efforts = model.reasoning.as_ref()?;
        let asked = value.as_str().unwrap_or_default();
        if efforts.is_empty() {
            return Some(format!("{} takes no level of effort", model.id));
        }
        if !efforts.iter().any(|effort| effort == asked) {
            return Some(match efforts.as_slice() {
                [only] if only == "none" => format!("{} takes no level of effort but none, which is without", model.id),
                levels => format!("{} takes the levels {}", model.id, levels.join(", ")),
            });
        }
    }
    None
}

/// What a value can be, wherever the parameter is known.
#[derive(Clone, Copy)]
enum Kind {
    Number(f64, f64),
    Whole(f64, f64),
    Text,
    Texts,
    Yes,
}

/// The parameters that are the same everywhere, by their Arize names. Servers know many more, which are theirs to judge. The
/// limits of those that the editor has a field for are the field's.
const KINDS: [(&str, Kind, &str); 14] = [
    ("temperature", Kind::Number(0.0, 2.0), "a number from 0 to 2"),
    ("top_p", Kind::Number(0.0, 1.0), "a number from 0 to 1"),
    ("min_p", Kind::Number(0.0, 1.0), "a number from 0 to 1"),
    // Some servers take -1 for all tokens.
    ("top_k", Kind::Whole(-1.0, 1e9), "a whole number"),
    ("max_tokens", Kind::Whole(1.0, 1e6), "a whole number from 1 to 1,000,000"),
    ("max_completion_tokens", Kind::Whole(1.0, 1e6), "a whole number from 1 to 1,000,000"),
    ("seed", Kind::Whole(f64::MIN, f64::MAX), "a whole number"),
    ("n", Kind::Whole(1.0, 128.0), "a whole number from 1 to 128"),
    ("frequency_penalty", Kind::Number(-2.0, 2.0), "a number from -2 to 2"),
    ("presence_penalty", Kind::Number(-2.0, 2.0), "a number from -2 to 2"),
    ("stop", Kind::Texts, "a text or a list of texts"),
    ("reasoning_effort", Kind::Text, "a level such as \"low\""),
    ("logprobs", Kind::Yes, "true or false"),
    ("top_logprobs", Kind::Whole(0.0, 20.0), "a whole number from 0 to 20"),
];

/// What the parameter `name` must be, where `value` is none that it can have: “a number from 0 to 2”. Nothing is said of
/// parameters that are not known here; null is no value.
pub fn expected_instead(name: &str, value: &Value) -> Option<&'static str> {
    let (_, kind, expected) = KINDS.into_iter().find(|(known, ..)| *known == name)?;
    let in_range = |least: f64, most: f64| value.as_f64().filter(|number| (least..=most).contains(number));
    let fits = match kind {
        Kind::Number(least, most) => in_range(least, most).is_some(),
        Kind::Whole(least, most) => in_range(least, most).is_some_and(|number| number.fract() == 0.0),
        Kind::Text => value.is_string(),
        Kind::Texts => match value {
            Value::Array(texts) => texts.iter().all(Value::is_string),
            other => other.is_string(),
        },
        Kind::Yes => value.is_boolean(),
    };
    (!fits && !value.is_null()).then_some(expected)
}

/// Whether nothing is known against asking a model for the likelihood of its tokens.
pub(crate) fn takes_logprobs(model: Option<&Model>) -> bool {
    model.is_none_or(|model| !model.refuses.iter().any(|name| name == "logprobs"))
}

/// Whether `request` tells the model to think, by a level that is not none.
pub(crate) fn thinks(request: &ChatRequest) -> bool {
    request.params.get("reasoning_effort").and_then(Value::as_str).is_some_and(|effort| effort != "none")
}

/// The parameters of `request` for which `why` has a reason, and the form of the answer, which is never given by one.
pub(crate) fn left_out(request: &ChatRequest, why: impl Fn(&str, &Value) -> Option<String>) -> Vec<LeftOut> {
    let reason = |name: &str, value: &Value| match name {
        "response_format" => Some("the form of answers is that of the labeling config".to_owned()),
        _ => why(name, value),
    };
    let params = request.params.iter();
    params.filter_map(|(name, value)| Some(LeftOut { name: name.clone(), reason: reason(name, value)? })).collect()
}

/// The most tokens that a request lets its answers have, as it is sent; `None` if it does not say, and the model's own
/// limit holds.
pub fn output_tokens_max(body: &Value, model_max: Option<u32>) -> Option<u32> {
    let limits = [&body["max_completion_tokens"], &body["max_tokens"], &body["generationConfig"]["maxOutputTokens"]];
    let limit = limits.into_iter().find_map(Value::as_u64).or(model_max.map(u64::from))?;
    // Each of several answers has it for itself.
    let answers = [&body["n"], &body["generationConfig"]["candidateCount"]].into_iter().find_map(Value::as_u64);
    u32::try_from(limit.saturating_mul(answers.unwrap_or(1))).ok()
}

/// The value of the output limit under either of its names.
pub(crate) fn output_limit(request: &ChatRequest) -> Option<&Value> {
    ["max_completion_tokens", "max_tokens"].iter().find_map(|name| request.params.get(*name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find_model;
    use serde_json::json;
    use touchstone_domain::prompt::Provider;

    #[test]
    fn what_a_request_has_of_its_own_is_no_parameter() {
        let refused = |name| refusal(name, &json!(true), Rules::ANY).is_some();
        assert!(refused("model") && refused("messages") && refused("stream"));
        assert!(!refused("temperature") && !refused("foo"));
    }

    #[test]
    fn some_models_take_a_temperature_as_long_as_they_are_not_told_to_think() {
        let model = find_model(Provider::OpenAi, "gpt-5.4");
        let refused = |thinks| refusal("temperature", &json!(0), Rules { model, foreign: &[], thinks });
        assert_eq!(refused(false), None);
        assert_eq!(refused(true).as_deref(), Some("gpt-5.4 takes it only where reasoning_effort is none"));
    }

    #[test]
    fn values_that_no_server_takes_are_told_with_what_is_expected() {
        for (name, value, expected) in [
            ("temperature", json!("hot"), Some("a number from 0 to 2")),
            ("temperature", json!(2.5), Some("a number from 0 to 2")),
            ("temperature", json!(true), Some("a number from 0 to 2")),
            ("max_tokens", json!(0), Some("a whole number from 1 to 1,000,000")),
            ("top_p", json!(3), Some("a number from 0 to 1")),
            ("seed", json!(1.5), Some("a whole number")),
            ("stop", json!(3), Some("a text or a list of texts")),
            ("stop", json!(["a", 3]), Some("a text or a list of texts")),
            ("temperature", json!(0), None),
            ("temperature", json!(null), None),
            ("max_tokens", json!(1), None),
            ("seed", json!(12_345_678_901_234_567_890_u64), None),
            ("seed", json!(-1), None),
            ("stop", json!("\n"), None),
            ("stop", json!(["a", "b"]), None),
            ("top_k", json!(-1), None),
            ("repeat_penalty", json!("whatever its server takes"), None),
        ] {
            assert_eq!(expected_instead(name, &value), expected, "{name} {value}");
        }
    }

    #[test]
    fn the_longest_answers_are_those_of_the_request_or_of_the_model_as_many_as_are_asked_for() {
        for (body, model_max, most) in [
            (json!({ "max_tokens": 10 }), Some(100), Some(10)),
            (json!({ "max_completion_tokens": 10, "n": 3 }), None, Some(30)),
            (json!({ "generationConfig": { "maxOutputTokens": 10, "candidateCount": 2 } }), None, Some(20)),
            (json!({}), Some(100), Some(100)),
            (json!({ "n": 3 }), Some(100), Some(300)),
            (json!({ "generationConfig": { "candidateCount": 2 } }), Some(100), Some(200)),
            (json!({ "n": 3 }), None, None),
            (json!({ "max_tokens": u64::MAX, "n": 2 }), None, None),
        ] {
            assert_eq!(output_tokens_max(&body, model_max), most, "{body}");
        }
    }
}
