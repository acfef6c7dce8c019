//! What a run would take, for people and for scripts.

use crate::commands::members;
use crate::output::Report;
use serde_json::{Map, Value, json};
use touchstone_engine::dollars;
use touchstone_engine::domain::text::duration;
use touchstone_engine::runs::{CostUnknown, EstimateBasis, EstimatedCost, RunEstimate, Span};

/// `limit_micros` is what all of it may cost, if there is a limit.
pub(super) fn report(estimate: &RunEstimate, limit_micros: Option<u64>) -> Report {
    let RunEstimate { tasks, owned, unaskable, with_media, requests, looked_at, .. } = estimate;
    let mut lines = vec![format!("{tasks} tasks: {requests} requests, {owned} answers reused")];
    if *unaskable > 0 {
        lines.push(format!(
            "{unaskable} tasks cannot be asked: they have no value for a variable, or nothing to choose from"
        ));
    }
    if *with_media > 0 {
        lines.push(format!("{with_media} tasks show files, which were not read"));
    }
    if looked_at < tasks {
        lines.push(format!("concluded from {looked_at} of the tasks"));
    }
    let output = estimate.output_tokens.map_or("an unknown number".to_owned(), |tokens| range(tokens, whole));
    lines.push(format!("{} tokens of input, {output} of output", range(estimate.input_tokens, whole)));
    lines.push(match estimate.cost {
        EstimatedCost::Free if estimate.is_assumed_free => {
            "counted as free, as it is asked on this computer; if it passes requests on to a paid service, see `connection price`"
                .to_owned()
        }
        EstimatedCost::Free => "free: it is asked on this computer".to_owned(),
        EstimatedCost::Known { micros, batch_micros } => {
            let batch = batch_micros.map(|micros| format!(", {} as a batch", range(micros, usd)));
            format!("{}{}", range(micros, usd), batch.unwrap_or_default())
        }
        EstimatedCost::Unknown { why: CostUnknown::Price } => "price unknown; see `connection price`".to_owned(),
        EstimatedCost::Unknown { why: CostUnknown::Model } => {
            "price unknown: only its name says which model it is; name its base model or its price".to_owned()
        }
        EstimatedCost::Unknown { why: CostUnknown::AnswerLength } => {
            "cost unknown: nobody says how long an answer can get; run a sample first".to_owned()
        }
    });
    if let (EstimatedCost::Known { micros, .. }, Some(limit)) = (estimate.cost, limit_micros)
        && let Some(affordable) = affordable(*requests, micros, limit)
    {
        let most = range(affordable, whole);
        lines.push(format!("the limit of {} ends it after about {most} of the {requests} requests", usd(limit)));
    }
    if let Some(time) = estimate.time_ms {
        lines.push(range(time, duration));
    }
    lines.push(match estimate.basis {
        EstimateBasis::Pilot { tasks } => format!("by a pilot of {tasks} tasks"),
        EstimateBasis::Version { answers } => format!("by {answers} answers of this version"),
        EstimateBasis::Prompt { answers } => format!("by {answers} answers of the prompt's other versions"),
        EstimateBasis::Model { answers } => format!("by {answers} answers of the same model to other prompts"),
        EstimateBasis::Counted { tasks, by } => format!(
            "input counted by {} on {tasks} tasks, output by rule of thumb; `run start --subset sample` is a pilot",
            by.label()
        ),
        EstimateBasis::RuleOfThumb => "by rule of thumb; `run start --subset sample` is a pilot".to_owned(),
    });
    lines.extend(estimate.refused.clone());
    lines.extend(estimate.short.clone());
    Report::done(json_of(estimate), lines.join("\n"))
}

/// How many of the requests a limit pays for; `None` where it is likely to pay for all.
fn affordable(requests: u32, cost_micros: Span, limit_micros: u64) -> Option<Span> {
    let of = |cost: u64| (u64::from(requests) * limit_micros).checked_div(cost).unwrap_or(u64::MAX);
    let [low, high] = [cost_micros.high, cost_micros.low].map(|cost| of(cost).min(requests.into()));
    (low < requests.into()).then_some(Span { low, high })
}

fn json_of(estimate: &RunEstimate) -> Value {
    let mut members = members(estimate);
    for name in ["input_tokens", "output_tokens", "cost", "time_ms", "basis"] {
        members.shift_remove(name);
    }
    let refused = ["refused", "short", "batch_refused"].map(|name| (name.to_owned(), members.shift_remove(name)));
    spread(&mut members, "input_tokens", Some(estimate.input_tokens), Value::from);
    spread(&mut members, "output_tokens", estimate.output_tokens, Value::from);
    let (cost, why, micros, batch) = match estimate.cost {
        EstimatedCost::Free => ("free", None, Some(Span::default()), None),
        EstimatedCost::Known { micros, batch_micros } => ("known", None, Some(micros), batch_micros),
        EstimatedCost::Unknown { why } => ("unknown", Some(why), None, None),
    };
    members.insert("cost".to_owned(), json!(cost));
    members.insert("cost_unknown".to_owned(), json!(why));
    spread(&mut members, "cost_usd", micros, |micros| json!(dollars::of_micros(micros)));
    spread(&mut members, "batch_usd", batch, |micros| json!(dollars::of_micros(micros)));
    spread(&mut members, "time_s", estimate.time_ms, |ms| json!(seconds(ms)));
    let (basis, answers) = match estimate.basis {
        EstimateBasis::Pilot { tasks } => ("pilot", tasks),
        EstimateBasis::Version { answers } => ("version", answers),
        EstimateBasis::Prompt { answers } => ("prompt", answers),
        EstimateBasis::Model { answers } => ("model", answers),
        EstimateBasis::Counted { tasks, .. } => ("counted", tasks),
        EstimateBasis::RuleOfThumb => ("rule_of_thumb", 0),
    };
    members.insert("basis".to_owned(), json!(basis));
    members.insert("basis_answers".to_owned(), json!(answers));
    members.extend(refused.map(|(name, why)| (name, why.unwrap_or_default())));
    members.into()
}

/// The two ends of a span as members.
fn spread(members: &mut Map<String, Value>, name: &str, span: Option<Span>, shown: impl Fn(u64) -> Value) {
    members.insert(format!("{name}_low"), span.map(|span| shown(span.low)).unwrap_or_default());
    members.insert(format!("{name}_high"), span.map(|span| shown(span.high)).unwrap_or_default());
}

/// “120 to 180”, or “120” where both are the same.
fn range(span: Span, shown: impl Fn(u64) -> String) -> String {
    let (low, high) = (shown(span.low), shown(span.high));
    if low == high { low } else { format!("{low} to {high}") }
}

fn whole(count: u64) -> String {
    count.to_string()
}

fn usd(micros: u64) -> String {
    let digits = if micros < 10_000 { 6 } else { 2 };
    format!("${:.digits$}", dollars::of_micros(micros))
}

/// Milliseconds are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "see above")]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_below_the_cost_is_said_as_the_requests_that_it_pays_for() {
        let paid = |low, high, limit| affordable(400, Span { low, high }, limit).map(|paid| (paid.low, paid.high));
        assert_eq!(paid(40_000, 40_000, 5_000), Some((50, 50)));
        assert_eq!(paid(20_000, 80_000, 40_000), Some((200, 400)), "it may do for all");
        assert_eq!(paid(20_000, 80_000, 80_000), None);
        assert_eq!(paid(0, 80_000, 40_000), Some((200, 400)));
    }
}
