//! Scores of a prediction against ground truth, per control and task.
//!
//! The rules are our own, built of standard definitions, because Label Studio's are not public: equality for single
//! choices, Jaccard for sets, normalised distance for numbers, Levenshtein for texts, F1 at half overlap for spans and
//! boxes. Every score is in 0..=1. The conformance README states them in full.

use crate::config::{Config, Control};
use crate::fillable::Capabilities;
use crate::kind::Kind;
use crate::levenshtein;
use crate::region::Region;
use crate::satisfy::{canonical, same};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Two spans or boxes of the same label match from this overlap on.
const OVERLAP_MIN: f64 = 0.5;

/// Two numbers this close are the same number.
const NUMBER_TOLERANCE: f64 = 1e-9;

/// How well a guess matches the truth on one task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskScore {
    /// The mean over the counted controls, 1 when there is none.
    pub score: f64,
    /// Every counted control matches exactly.
    pub correct: bool,
    /// One entry per control that was looked at, in the config's order.
    pub controls: Vec<ControlScore>,
}

/// How well a guess matches the truth on one control; both are `None` where neither side answered it, and such a
/// control is not counted.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlScore {
    pub name: String,
    pub score: Option<f64>,
    pub exact: Option<bool>,
}

impl Config {
    /// Compares a prediction with ground truth, both of one task, on the controls that a prompt can fill with a model
    /// that can read `capabilities`: what a model is not asked it cannot get wrong.
    pub fn score(&self, truth: &[Region], guess: &[Region], capabilities: Capabilities) -> TaskScore {
        let fillable = self.fillable(capabilities).controls;
        score(fillable.into_iter().map(|filled| filled.control).collect(), truth, guess)
    }

    /// Compares two sides on every control, as the conformance rules do.
    pub(crate) fn score_all(&self, truth: &[Region], guess: &[Region]) -> TaskScore {
        score(self.controls().iter().collect(), truth, guess)
    }
}

fn score(controls: Vec<&Control>, truth: &[Region], guess: &[Region]) -> TaskScore {
    let controls: Vec<_> = controls.into_iter().map(|control| score_control(control, truth, guess)).collect();
    let counted: Vec<f64> = controls.iter().filter_map(|control| control.score).collect();
    #[allow(clippy::cast_precision_loss)]
    let mean = if counted.is_empty() { 1.0 } else { counted.iter().sum::<f64>() / counted.len() as f64 };
    TaskScore { score: mean, correct: controls.iter().all(|control| control.exact != Some(false)), controls }
}

/// The values of a control's regions on one side.
type Values<'a> = Vec<&'a Map<String, Value>>;

fn score_control(control: &Control, truth: &[Region], guess: &[Region]) -> ControlScore {
    let (truth, guess) = (values_of(control, truth), values_of(control, guess));
    let (score, exact) = if truth.is_empty() && guess.is_empty() {
        (None, None)
    } else {
        let (score, exact) = compare(control, &truth, &guess);
        (Some(score), Some(exact))
    };
    ControlScore { name: control.name.clone(), score, exact }
}

fn values_of<'a>(control: &Control, regions: &'a [Region]) -> Values<'a> {
    let mine = regions.iter().filter(|region| region.from_name == control.name && region.kind != "relation");
    mine.map(|region| &region.value).collect()
}

/// Score and exactness of two sides, one of which at least has a region.
fn compare(control: &Control, truth: &Values<'_>, guess: &Values<'_>) -> (f64, bool) {
    match control.kind {
        Kind::Choices if control.multiple() => sets(&chosen(truth, "choices"), &chosen(guess, "choices")),
        Kind::Choices => all_or_nothing(chosen(truth, "choices") == chosen(guess, "choices")),
        Kind::Taxonomy => sets(&chosen(truth, "taxonomy"), &chosen(guess, "taxonomy")),
        Kind::Pairwise => all_or_nothing(members(truth, "selected") == members(guess, "selected")),
        Kind::DateTime => all_or_nothing(members(truth, "datetime") == members(guess, "datetime")),
        #[allow(clippy::cast_precision_loss)]
        Kind::Rating => {
            let range = control.max_rating().filter(|maximum| *maximum > 0).map(|maximum| maximum as f64);
            numbers(first_number(truth, "rating"), first_number(guess, "rating"), range)
        }
        Kind::Number => {
            let range = control.bound("min").zip(control.bound("max")).map(|(minimum, maximum)| maximum - minimum);
            numbers(first_number(truth, "number"), first_number(guess, "number"), range.filter(|range| *range > 0.0))
        }
        Kind::TextArea => texts(&texts_of(truth), &texts_of(guess)),
        Kind::Labels | Kind::HyperTextLabels | Kind::ParagraphLabels | Kind::TimeSeriesLabels => {
            let extents = |side: &Values<'_>| labelled(control, side, span);
            f1(extents(truth), extents(guess), Span::overlap)
        }
        Kind::Rectangle | Kind::RectangleLabels => {
            let extents = |side: &Values<'_>| labelled(control, side, rectangle);
            f1(extents(truth), extents(guess), Rectangle::overlap)
        }
        _ => all_or_nothing(values_agree(truth, guess)),
    }
}

fn all_or_nothing(agree: bool) -> (f64, bool) {
    (f64::from(u8::from(agree)), agree)
}

/// Everything under `key`, each once; texts and paths alike in their canonical form.
fn chosen(side: &Values<'_>, key: &str) -> BTreeSet<String> {
    let items = side.iter().filter_map(|value| value.get(key));
    items
        .flat_map(|item| match item {
            Value::Array(items) => items.iter().map(canonical).collect(),
            other => vec![canonical(other)],
        })
        .collect()
}

/// What is under `key`, region by region.
fn members(side: &Values<'_>, key: &str) -> Vec<String> {
    side.iter().map(|value| value.get(key).map(canonical).unwrap_or_default()).collect()
}

#[allow(clippy::cast_precision_loss)]
fn sets(truth: &BTreeSet<String>, guess: &BTreeSet<String>) -> (f64, bool) {
    let union = truth.union(guess).count();
    let shared = truth.intersection(guess).count();
    (if union == 0 { 1.0 } else { shared as f64 / union as f64 }, truth == guess)
}

fn first_number(side: &Values<'_>, key: &str) -> Option<f64> {
    side.first()?.get(key)?.as_f64()
}

/// The distance of two numbers in relation to the range they can have; without a range they agree or not.
fn numbers(truth: Option<f64>, guess: Option<f64>, range: Option<f64>) -> (f64, bool) {
    let (Some(truth), Some(guess)) = (truth, guess) else { return (0.0, false) };
    let distance = (truth - guess).abs();
    let exact = distance <= NUMBER_TOLERANCE;
    let score = range.map_or(f64::from(u8::from(exact)), |range| (1.0 - distance / range).max(0.0));
    (score, exact)
}

/// The texts of all regions in their order.
fn texts_of<'a>(side: &Values<'a>) -> Vec<&'a str> {
    let items = side.iter().filter_map(|value| value.get("text"));
    items
        .flat_map(|item| match item {
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            other => other.as_str().into_iter().collect::<Vec<_>>(),
        })
        .collect()
}

#[allow(clippy::cast_precision_loss)]
fn texts(truth: &[&str], guess: &[&str]) -> (f64, bool) {
    let positions = truth.len().max(guess.len());
    let sum: f64 = truth.iter().zip(guess).map(|(truth, guess)| levenshtein::similarity(truth, guess)).sum();
    (if positions == 0 { 1.0 } else { sum / positions as f64 }, truth == guess)
}

/// Regions as label and extent; one with two labels counts twice, one of a control without labels has the label "".
fn labelled<T: Clone>(control: &Control, side: &Values<'_>, extent: fn(&Map<String, Value>) -> T) -> Vec<(String, T)> {
    let mut labelled = Vec::new();
    for value in side {
        let extent = extent(value);
        match control.kind.answer_key() {
            Some(key) => {
                let labels = value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                labelled.extend(labels.map(|label| (label.to_owned(), extent.clone())));
            }
            None => labelled.push((String::new(), extent)),
        }
    }
    labelled
}

/// F1 of extents with the same label that overlap enough, matched one to one, the best overlap first. Exact if both
/// sides have the same extents.
fn f1<T: PartialEq>(truth: Vec<(String, T)>, guess: Vec<(String, T)>, overlap: fn(&T, &T) -> f64) -> (f64, bool) {
    let mut pairs = Vec::new();
    for (truth_index, (truth_label, truth)) in truth.iter().enumerate() {
        for (guess_index, (guess_label, guess)) in guess.iter().enumerate() {
            if truth_label == guess_label {
                let overlap = if truth == guess { 1.0 } else { overlap(truth, guess) };
                if overlap >= OVERLAP_MIN {
                    pairs.push((overlap, truth == guess, truth_index, guess_index));
                }
            }
        }
    }
    // Of equal overlaps the equal extents first, so that a perfect match is always found.
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then((a.2, a.3).cmp(&(b.2, b.3))));
    let (mut truth_taken, mut guess_taken) = (vec![false; truth.len()], vec![false; guess.len()]);
    let (mut matched, mut equal) = (0, 0);
    for (_, is_equal, truth_index, guess_index) in pairs {
        if !truth_taken[truth_index] && !guess_taken[guess_index] {
            (truth_taken[truth_index], guess_taken[guess_index]) = (true, true);
            matched += 1;
            equal += usize::from(is_equal);
        }
    }
    let total = truth.len() + guess.len();
    #[allow(clippy::cast_precision_loss)]
    let score = if total == 0 { 1.0 } else { 2.0 * matched as f64 / total as f64 };
    (score, equal == truth.len() && equal == guess.len())
}

/// Where a span is: from `start` to `end` in what `container` names.
#[derive(Clone, PartialEq)]
struct Span {
    /// The paragraph or the XPaths of spans that count inside them; empty for spans that count from the beginning.
    container: String,
    start: f64,
    end: f64,
}

impl Span {
    /// Intersection over union.
    fn overlap(&self, other: &Span) -> f64 {
        let shared = self.end.min(other.end) - self.start.max(other.start);
        let union = self.end.max(other.end) - self.start.min(other.start);
        if self.container == other.container && shared > 0.0 && union > 0.0 { shared / union } else { 0.0 }
    }
}

fn span(value: &Map<String, Value>) -> Span {
    let number = |key: &str| value.get(key).and_then(number);
    if let (Some(start), Some(end)) = (number("start"), number("end"))
        && (start < end || value.get("startOffset").is_none_or(Value::is_null))
    {
        return Span { container: String::new(), start, end };
    }
    let global = |key: &str| value.get("globalOffsets").and_then(|offsets| offsets.get(key)).and_then(Value::as_f64);
    if let (Some(start), Some(end)) = (global("start"), global("end")) {
        return Span { container: String::new(), start, end };
    }
    let written = |key: &str| value.get(key).map(canonical).unwrap_or_default();
    Span {
        container: format!("{} {}", written("start"), written("end")),
        start: number("startOffset").unwrap_or(0.0),
        end: number("endOffset").unwrap_or(0.0),
    }
}

/// A number, or a text that spells one: old exports hold both.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => crate::numbers::finite(text),
        other => other.as_f64(),
    }
}

#[derive(Clone, PartialEq)]
struct Rectangle {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    rotation: f64,
}

impl Rectangle {
    /// Intersection over union of the boxes before they are rotated.
    fn overlap(&self, other: &Rectangle) -> f64 {
        let shared_width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let shared_height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        if shared_width <= 0.0 || shared_height <= 0.0 {
            return 0.0;
        }
        let shared = shared_width * shared_height;
        shared / (self.width * self.height + other.width * other.height - shared)
    }
}

fn rectangle(value: &Map<String, Value>) -> Rectangle {
    let member = |key: &str| value.get(key).and_then(number).unwrap_or(0.0);
    Rectangle {
        x: member("x"),
        y: member("y"),
        width: member("width"),
        height: member("height"),
        rotation: member("rotation"),
    }
}

/// Whether both sides have the same values, in any order.
fn values_agree(truth: &Values<'_>, guess: &Values<'_>) -> bool {
    let sorted = |side: &Values<'_>| {
        let mut side: Vec<_> = side.iter().map(|value| canonical(&without_nulls(value))).collect();
        side.sort();
        side
    };
    let ordered = || truth.iter().zip(guess).all(|(a, b)| same(&without_nulls(a), &without_nulls(b)));
    truth.len() == guess.len() && (ordered() || sorted(truth) == sorted(guess))
}

/// A null member is no member.
fn without_nulls(value: &Map<String, Value>) -> Value {
    value.iter().filter(|(_, member)| !member.is_null()).map(|(key, member)| (key.clone(), member.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scored(control: &str, truth: &[Value], guess: &[Value]) -> (Option<f64>, Option<bool>) {
        let config = Config::parse(&format!(r#"<View><Text name="t" value="$t"/>{control}</View>"#))
            .expect("the config is well-formed");
        let regions = |values: &[Value]| -> Vec<Region> {
            let region = |value: &Value| json!({"from_name": "c", "to_name": "t", "type": "x", "value": value});
            values.iter().map(|value| Region::from_json(region(value))).collect()
        };
        let score = config.score_all(&regions(truth), &regions(guess)).controls.remove(0);
        (score.score, score.exact)
    }

    #[test]
    fn a_control_that_neither_side_answers_is_not_counted() {
        assert_eq!(scored(r#"<Rating name="c" toName="t"/>"#, &[], &[]), (None, None));
        let config = Config::parse("<View/>").expect("the config is well-formed");
        assert_eq!(
            config.score(&[], &[], Capabilities::ALL),
            TaskScore { score: 1.0, correct: true, controls: Vec::new() }
        );
    }

    #[test]
    fn numbers_lose_by_distance_where_the_range_is_known() {
        let rating = r#"<Rating name="c" toName="t" maxRating="4"/>"#;
        assert_eq!(scored(rating, &[json!({"rating": 4})], &[json!({"rating": 3})]), (Some(0.75), Some(false)));
        let free = r#"<Number name="c" toName="t" min="0" max="$last"/>"#;
        assert_eq!(scored(free, &[json!({"number": 4})], &[json!({"number": 4.0})]), (Some(1.0), Some(true)));
        assert_eq!(scored(free, &[json!({"number": 4})], &[json!({"number": 5})]), (Some(0.0), Some(false)));
        assert_eq!(scored(free, &[json!({"number": 4})], &[]), (Some(0.0), Some(false)));
    }

    #[test]
    fn each_truth_matches_one_guess() {
        let labels = r#"<Labels name="c" toName="t"><Label value="P"/><Label value="Q"/></Labels>"#;
        let at = |start: u32, end: u32, labels: &[&str]| json!({"start": start, "end": end, "labels": labels});
        let (score, exact) = scored(labels, &[at(0, 10, &["P"])], &[at(0, 10, &["P"]), at(5, 10, &["P"])]);
        assert_eq!((score, exact), (Some(2.0 / 3.0), Some(false)));
        let two = [at(0, 10, &["P", "Q"])];
        assert_eq!(scored(labels, &two, &two), (Some(1.0), Some(true)));
        assert_eq!(scored(labels, &[at(0, 10, &["P"])], &[at(5, 10, &["P"])]), (Some(1.0), Some(false)));
        assert_eq!(scored(labels, &[at(0, 10, &["P"])], &[at(0, 10, &["Q"])]), (Some(0.0), Some(false)));
    }

    #[test]
    fn a_span_in_a_paragraph_counts_inside_it() {
        let labels = r#"<ParagraphLabels name="c" toName="t"><Label value="P"/></ParagraphLabels>"#;
        let at = |paragraph: &str, end: u32| json!({"start": paragraph, "end": paragraph, "startOffset": 0, "endOffset": end, "paragraphlabels": ["P"]});
        assert_eq!(scored(labels, &[at("1", 10)], &[at("1", 6)]), (Some(1.0), Some(false)));
        assert_eq!(scored(labels, &[at("1", 10)], &[at("2", 10)]), (Some(0.0), Some(false)));
    }
}
