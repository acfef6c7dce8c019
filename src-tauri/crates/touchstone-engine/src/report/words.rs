//! Numbers as the window writes them, in English.

use crate::dollars;
use serde_json::Value;
use touchstone_domain::metrics::{Interval, PATH_STEP};
use touchstone_domain::run::{Only, Subset};
use touchstone_domain::stats::Accuracy;
use touchstone_domain::text::{number, tenths};
use touchstone_providers::PRACTICE_MODEL_ID;

/// An interval wider than this leaves open whether a prompt is any good.
const TELLING_WIDTH: f64 = 0.2;

/// Stands between a number and its percent sign.
const THIN: char = '\u{202f}';

/// Where something stands, which nobody reads.
const PLACES: [&str; 12] = [
    "start",
    "end",
    "startOffset",
    "endOffset",
    "globalOffsets",
    "x",
    "y",
    "width",
    "height",
    "rotation",
    "original_width",
    "original_height",
];

/// A value of a task, or what is said on a control, to be read: classes, paths, numbers, “Person: “Ada””.
pub(super) fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "nothing".to_owned(),
        Value::Array(items) => {
            let word = |item: &Value| match item {
                Value::Array(path) => path.iter().map(in_words).collect::<Vec<_>>().join(PATH_STEP),
                other => in_words(other),
            };
            items.iter().map(word).collect::<Vec<_>>().join(", ")
        }
        Value::Object(members) => {
            let is_told = |name: &String| name != "text" && !PLACES.contains(&name.as_str());
            let told: Vec<_> =
                members.iter().filter(|(name, _)| is_told(name)).map(|(_, member)| in_words(member)).collect();
            match (told.join(", "), members.get("text")) {
                (told, Some(text)) if told.is_empty() => in_words(text),
                (told, Some(text)) => format!("{told}: “{}”", in_words(text)),
                (told, None) => match ["x", "y"].map(|name| members.get(name).and_then(Value::as_f64)) {
                    [Some(x), Some(y)] => format!("{told} at {x:.0}, {y:.0}"),
                    _ => told,
                },
            }
        }
        other => other.to_string(),
    }
}

/// What a model is called; nobody may take the built-in one for a language model.
pub(super) fn model_name(id: &str) -> String {
    match id {
        PRACTICE_MODEL_ID => "Practice model (offline, not a language model)".to_owned(),
        id => id.to_owned(),
    }
}

/// “1 task”, “12,345 tasks”
pub(super) fn count(count: impl Into<u64>, one: &str) -> String {
    let count = count.into();
    format!("{} {one}{}", number(count), if count == 1 { "" } else { "s" })
}

/// “87.1 %”
pub(super) fn percent(share: f64) -> String {
    format!("{}{THIN}%", tenths(share))
}

/// “87 %”
pub(super) fn whole_percent(share: f64) -> String {
    format!("{:.0}{THIN}%", (share * 100.0).round())
}

/// “87.1 % (83.5–90.0)”
pub(super) fn share(of: Interval) -> String {
    format!("{} {}", percent(of.value), bounds(of))
}

/// “(83.5–90.0)”, as the window writes it.
fn bounds(of: Interval) -> String {
    format!("({}–{})", tenths(of.low), tenths(of.high))
}

/// “95 % interval (83.5–90.0)”
pub(super) fn interval(of: Interval) -> String {
    format!("95{THIN}% interval {}", bounds(of))
}

pub(super) fn of_accuracy(accuracy: &Accuracy) -> Interval {
    let &Accuracy { value, low, high, .. } = accuracy;
    Interval { value, low, high }
}

/// “0.81”, and a dash of what is not known.
pub(super) fn coefficient(value: impl Into<Option<f64>>) -> String {
    value.into().map_or_else(|| "–".to_owned(), |value| rounded(value, 2))
}

/// What rounds to nothing has no sign, and a minus is as wide as a plus.
pub(super) fn rounded(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let is_nothing = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if value < 0.0 && !is_nothing { format!("−{text}") } else { text }
}

/// “$0.52”; what is not known is never nothing.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(super) fn cost(usd: Option<f64>) -> String {
    usd.map_or_else(|| "price unknown".to_owned(), |usd| dollars::usd((usd.max(0.0) * 1e12).round() as u64))
}

/// “850 ms”, “1.9 s”, “4 min 12 s”
pub(super) fn duration(ms: u64) -> String {
    if ms < 60_000 {
        return touchstone_domain::text::duration(ms);
    }
    let (minutes, seconds) = (ms / 60_000, ms / 1_000 % 60);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min {seconds} s"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// “2026-11-29 16:50 UTC”; text that is no moment stays.
pub(super) fn moment(at: &str) -> String {
    match (at.get(..10), at.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day} {minute} UTC"),
        _ => at.to_owned(),
    }
}

/// What so few tasks cannot say; `None` where the interval is narrow enough to go by.
pub(super) fn small_sample(accuracy: &Accuracy) -> Option<String> {
    let &Accuracy { correct, scored, low, high, .. } = accuracy;
    (high - low > TELLING_WIDTH).then(|| {
        format!(
            "{} of {} correct is {}: the true value could be anywhere in between. More ground truth, and a run over it, make \
             the interval narrower.",
            number(correct),
            number(scored),
            share(of_accuracy(accuracy))
        )
    })
}

/// “All tasks, only failed”
pub(super) fn coverage(subset: Subset, only: Option<Only>) -> String {
    let tasks = match subset {
        Subset::All => "All tasks".to_owned(),
        Subset::Sample { tasks, seed: None } => format!("First {}", count(tasks, "task")),
        Subset::Sample { tasks, seed: Some(seed) } => format!("{} at random, seed {seed}", count(tasks, "task")),
        Subset::GroundTruth => "Ground truth".to_owned(),
        Subset::GroundTruthDev => "Ground truth, not held out".to_owned(),
        Subset::GroundTruthHeldOut => "Ground truth, held out".to_owned(),
        Subset::Custom => "Picked tasks".to_owned(),
    };
    match only {
        None => tasks,
        Some(Only::Missing) => format!("{tasks}, only without an answer"),
        Some(Only::Failed) => format!("{tasks}, only failed"),
    }
}

/// A class as it is called; the one without a name is that nothing was chosen.
pub(super) fn class(name: &str) -> String {
    if name.is_empty() { "nothing chosen".to_owned() } else { name.to_owned() }
}

/// The beginning of a text that is longer than it is shown.
pub(super) fn shortened(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => text.to_owned(),
        Some((end, _)) => {
            let chars = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
            format!("{}… ({} characters in all)", &text[..end], number(chars))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_said_is_read_and_not_parsed() {
        for (value, words) in [
            (json!(null), "–"),
            (json!(["Bug", "Billing"]), "Bug, Billing"),
            (json!([["Food", "Fruit"], ["Toys"]]), "Food / Fruit, Toys"),
            (json!({"choices": ["Bug", "Billing"]}), "Bug, Billing"),
            (json!([{"rating": 4}]), "4"),
            (json!([{"start": 0, "end": 3, "text": "Ada", "labels": ["Person"]}]), "Person: “Ada”"),
            (json!([{"x": 10.2, "y": 20, "width": 5, "height": 5, "rectanglelabels": ["Car"]}]), "Car at 10, 20"),
            (json!({"text": ["Two.", "Three."]}), "Two., Three."),
            (json!([]), "nothing"),
        ] {
            assert_eq!(in_words(&value), words, "{value}");
        }
    }

    #[test]
    fn numbers_are_written_as_in_the_window() {
        assert_eq!([(1u32, "task"), (2_000, "task")].map(|(of, one)| count(of, one)), ["1 task", "2,000 tasks"]);
        assert_eq!(percent(37.0 / 80.0), "46.3\u{202f}%", "halfway is up");
        assert_eq!(share(Interval { value: 0.871, low: 0.835, high: 0.9 }), "87.1\u{202f}% (83.5–90.0)");
        assert_eq!([Some(-0.004), Some(-0.5), None].map(coefficient), ["0.00", "−0.50", "–"]);
        assert_eq!(
            [None, Some(0.0), Some(0.52), Some(0.000_042)].map(cost),
            ["price unknown", "$0.00", "$0.52", "$0.000042"]
        );
        assert_eq!([850, 1_900, 252_000, 3_900_000].map(duration), ["850 ms", "1.9 s", "4 min 12 s", "1 h 5 min"]);
        assert_eq!(moment("2026-11-29T16:50:07.123Z"), "2026-11-29 16:50 UTC");
    }

    #[test]
    fn a_small_sample_says_what_it_cannot_say() {
        let words = |correct, scored| small_sample(&Accuracy::of(correct, scored).expect("scored"));
        let said = words(15, 18).expect("few");
        assert!(
            said.starts_with(
                "15 of 18 correct is 83.3\u{202f}% (60.8–94.2): the true value could be anywhere in between."
            ),
            "{said}"
        );
        assert_eq!(words(850, 1_000), None);
    }

    #[test]
    fn a_long_text_is_shortened_between_letters() {
        assert_eq!(shortened("löwe", 4), "löwe");
        assert_eq!(shortened("löwen", 2), "lö… (5 characters in all)");
    }
}
