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
}

impl Rules<'_> {
    /// Nothing is known, so everything goes.
    pub(crate) const ANY: Self = Self { model: None, foreign: &[] };
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
    if name == "reasoning_effort" {
        let efforts = model.reasoning.as_ref()?;
        let asked = value.as_str().unwrap_or_default();
        if efforts.is_empty() {
            return Some(format!("{} takes no level of effort", model.id));
        }
        if !efforts.iter().any(|effort| effort == asked) {
            return Some(format!("{} takes {}", model.id, efforts.join(", ")));
        }
    }
    None
}

/// The parameters of `request` for which `why` has a reason. The form of the answer is no parameter: it is always that
/// of the labeling config.
pub(crate) fn left_out(request: &ChatRequest, why: impl Fn(&str, &Value) -> Option<String>) -> Vec<LeftOut> {
    let params = request.params.iter().filter(|(name, _)| *name != "response_format");
    params.filter_map(|(name, value)| Some(LeftOut { name: name.clone(), reason: why(name, value)? })).collect()
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
    use serde_json::json;

    #[test]
    fn what_a_request_has_of_its_own_is_no_parameter() {
        let refused = |name| refusal(name, &json!(true), Rules::ANY).is_some();
        assert!(refused("model") && refused("messages") && refused("stream"));
        assert!(!refused("temperature") && !refused("foo"));
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
