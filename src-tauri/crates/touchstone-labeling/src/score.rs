//! Scores of a prediction against ground truth, per control and task.
//!
//! The rules are our own, built of standard definitions, because Label Studio's are not public: equality for single
//! choices, Jaccard for sets, normalised distance for numbers, Levenshtein for texts, F1 at half overlap for spans and
//! boxes. Every score is in 0..=1. The conformance README states them in full.

use crate::config::{Config, Control};
use crate::fillable::Capabilities;
use crate::kind::Kind;
use crate::levenshtein;
use crate::measure::ranking;
use crate::region::Region;
use crate::satisfy::{canonical, same};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;
use touchstone_domain::metrics::matching::{Extent, one_to_one, pairs};
use touchstone_domain::metrics::{Area, ControlMeasure, Measure, OVERLAP_MIN, Span, TaskMeasure, token_f1};

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
        self.scores(fillable.into_iter().map(|filled| filled.control).collect(), truth, guess)
    }

    /// Compares two sides on every control, as the conformance rules do.
    pub(crate) fn score_all(&self, truth: &[Region], guess: &[Region]) -> TaskScore {
        self.scores(self.controls().iter().collect(), truth, guess)
    }

    fn scores(&self, controls: Vec<&Control>, truth: &[Region], guess: &[Region]) -> TaskScore {
        let measure = self.measured(controls.iter().copied(), truth, guess);
        let scores = controls.into_iter().zip(measure.controls).map(|(control, measure)| ControlScore {
            name: control.name.clone(),
            score: measure.as_ref().map(|measure| measure.score),
            exact: measure.map(|measure| measure.is_exact),
        });
        TaskScore { score: measure.score, correct: measure.is_correct, controls: scores.collect() }
    }

    /// What a prediction says beside ground truth on these controls.
    pub(crate) fn measured<'c, 'm>(
        &self,
        controls: impl Iterator<Item = &'c Control>,
        truth: &'m [Region],
        guess: &'m [Region],
    ) -> TaskMeasure<'m> {
        let controls: Vec<_> = controls.map(|control| self.measure_control(control, truth, guess)).collect();
        let (mut counted, mut sum, mut is_correct) = (0u32, 0.0, true);
        for control in controls.iter().flatten() {
            counted += 1;
            sum += control.score;
            is_correct &= control.is_exact;
        }
        let score = if counted == 0 { 1.0 } else { sum / f64::from(counted) };
        TaskMeasure { score, is_correct, confidence: None, controls }
    }

    fn measure_control<'m>(
        &self,
        control: &Control,
        truth: &'m [Region],
        guess: &'m [Region],
    ) -> Option<ControlMeasure<'m>> {
        let (truth, guess) = (values_of(control, truth), values_of(control, guess));
        (!truth.is_empty() || !guess.is_empty()).then(|| self.compare(control, &truth, &guess))
    }

    /// What two sides say, one of which at least has a region.
    fn compare<'m>(&self, control: &Control, truth: &Values<'m>, guess: &Values<'m>) -> ControlMeasure<'m> {
        match control.kind {
            Kind::Choices if control.multiple() => {
                let (truth, guess) = (chosen(truth, "choices"), chosen(guess, "choices"));
                let (score, is_exact) = sets(&truth, &guess);
                ControlMeasure {
                    score,
                    is_exact,
                    measure: Measure::Set { truth: labels(truth), predicted: labels(guess) },
                }
            }
            Kind::Choices => {
                let (truth, guess) = (chosen(truth, "choices"), chosen(guess, "choices"));
                let is_exact = truth == guess;
                all_or_nothing(is_exact, Measure::Class { truth: class(truth), predicted: class(guess) })
            }
            Kind::Taxonomy => {
                let (score, is_exact) = sets(&chosen(truth, "taxonomy"), &chosen(guess, "taxonomy"));
                let measure = Measure::Paths { truth: paths(truth), predicted: paths(guess) };
                ControlMeasure { score, is_exact, measure }
            }
            Kind::Pairwise => {
                let is_exact = members(truth, "selected") == members(guess, "selected");
                let (truth, predicted) = (chosen(truth, "selected"), chosen(guess, "selected"));
                all_or_nothing(is_exact, Measure::Class { truth: class(truth), predicted: class(predicted) })
            }
            Kind::DateTime => all_or_nothing(members(truth, "datetime") == members(guess, "datetime"), Measure::Other),
            #[allow(clippy::cast_precision_loss)]
            Kind::Rating => {
                let range = control.max_rating().filter(|maximum| *maximum > 0).map(|maximum| maximum as f64);
                numbers(first_number(truth, "rating"), first_number(guess, "rating"), range)
            }
            Kind::Number => {
                let range = control.bound("min").zip(control.bound("max")).map(|(minimum, maximum)| maximum - minimum);
                let range = range.filter(|range| *range > 0.0);
                numbers(first_number(truth, "number"), first_number(guess, "number"), range)
            }
            Kind::TextArea => texts(&texts_of(truth), &texts_of(guess)),
            Kind::Labels | Kind::HyperTextLabels | Kind::ParagraphLabels | Kind::TimeSeriesLabels => {
                let (truth, predicted) = (labelled(control, truth, span), labelled(control, guess, span));
                let (score, is_exact) = f1(&truth, &predicted);
                ControlMeasure { score, is_exact, measure: Measure::Spans { truth, predicted } }
            }
            Kind::Rectangle | Kind::RectangleLabels => {
                let (truth, predicted) = (labelled(control, truth, area), labelled(control, guess, area));
                let (score, is_exact) = f1(&truth, &predicted);
                ControlMeasure { score, is_exact, measure: Measure::Boxes { truth, predicted } }
            }
            Kind::Ranker => {
                let tau = ranking(self, control, truth, guess);
                all_or_nothing(values_agree(truth, guess), Measure::Ranking { tau })
            }
            _ => all_or_nothing(values_agree(truth, guess), Measure::Other),
        }
    }
}

/// The values of a control's regions on one side.
pub(crate) type Values<'m> = Vec<&'m Map<String, Value>>;

fn values_of<'m>(control: &Control, regions: &'m [Region]) -> Values<'m> {
    let mine = regions.iter().filter(|region| region.from_name == control.name && region.kind != "relation");
    mine.map(|region| &region.value).collect()
}

fn all_or_nothing(is_exact: bool, measure: Measure<'_>) -> ControlMeasure<'_> {
    ControlMeasure { score: f64::from(u8::from(is_exact)), is_exact, measure }
}

/// Something that was chosen. A text is not the same as another value that is written like it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Chosen<'m> {
    is_text: bool,
    /// What is no text stands in its canonical form.
    text: Cow<'m, str>,
}

impl<'m> Chosen<'m> {
    fn of(value: &'m Value) -> Self {
        match value {
            Value::String(text) => Self { is_text: true, text: Cow::Borrowed(text) },
            other => Self { is_text: false, text: Cow::Owned(canonical(other)) },
        }
    }
}

/// Everything under `key`, each once, in order.
fn chosen<'m>(side: &Values<'m>, key: &str) -> Vec<Chosen<'m>> {
    let mut chosen = Vec::new();
    for item in side.iter().filter_map(|value| value.get(key)) {
        match item {
            Value::Array(items) => chosen.extend(items.iter().map(Chosen::of)),
            other => chosen.push(Chosen::of(other)),
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

fn labels(chosen: Vec<Chosen<'_>>) -> Vec<Cow<'_, str>> {
    chosen.into_iter().map(|chosen| chosen.text).collect()
}

/// The one class that was chosen. Where there are several, though one alone was asked for, they are one of their own.
fn class(chosen: Vec<Chosen<'_>>) -> Option<Cow<'_, str>> {
    let labels = labels(chosen);
    if labels.len() > 1 { Some(Cow::Owned(labels.join(", "))) } else { labels.into_iter().next() }
}

/// The paths of a Taxonomy, each once; one that is no list is a path of one step.
fn paths<'m>(side: &Values<'m>) -> Vec<Vec<Cow<'m, str>>> {
    let steps = |path: &'m Value| match path {
        Value::Array(steps) => steps.iter().map(|step| Chosen::of(step).text).collect(),
        other => vec![Chosen::of(other).text],
    };
    let items = side.iter().filter_map(|value| value.get("taxonomy"));
    let paths: BTreeSet<Vec<_>> = items
        .flat_map(|item| match item {
            Value::Array(paths) => paths.iter().map(steps).collect(),
            other => vec![steps(other)],
        })
        .collect();
    paths.into_iter().collect()
}

/// What is under `key`, region by region.
fn members(side: &Values<'_>, key: &str) -> Vec<String> {
    side.iter().map(|value| value.get(key).map(canonical).unwrap_or_default()).collect()
}

/// Of what was chosen on either side, the share that was on both.
#[allow(clippy::cast_precision_loss)]
fn sets(truth: &[Chosen<'_>], guess: &[Chosen<'_>]) -> (f64, bool) {
    let shared = truth.iter().filter(|chosen| guess.binary_search(chosen).is_ok()).count();
    let union = truth.len() + guess.len() - shared;
    (if union == 0 { 1.0 } else { shared as f64 / union as f64 }, truth == guess)
}

fn first_number(side: &Values<'_>, key: &str) -> Option<f64> {
    side.first()?.get(key)?.as_f64()
}

/// The distance of two numbers in relation to the range they can have; without a range they agree or not.
fn numbers<'m>(truth: Option<f64>, guess: Option<f64>, range: Option<f64>) -> ControlMeasure<'m> {
    let measure = Measure::Number { truth, predicted: guess };
    let (Some(truth), Some(guess)) = (truth, guess) else { return all_or_nothing(false, measure) };
    let distance = (truth - guess).abs();
    let is_exact = distance <= NUMBER_TOLERANCE;
    let score = range.map_or(f64::from(u8::from(is_exact)), |range| (1.0 - distance / range).max(0.0));
    ControlMeasure { score, is_exact, measure }
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

/// In the mean of all places at which either side has a text.
#[allow(clippy::cast_precision_loss)]
fn texts<'m>(truth: &[&str], guess: &[&str]) -> ControlMeasure<'m> {
    let places = truth.len().max(guess.len());
    let mean = |alike: fn(&str, &str) -> f64| match places {
        0 => 1.0,
        _ => truth.iter().zip(guess).map(|(truth, guess)| alike(truth, guess)).sum::<f64>() / places as f64,
    };
    let (similarity, exact) = (mean(levenshtein::similarity), truth == guess);
    let measure = Measure::Text { similarity, exact, token_f1: mean(token_f1) };
    ControlMeasure { score: similarity, is_exact: exact, measure }
}

/// Regions as label and extent; one with two labels counts twice, one of a control without labels has the label "".
fn labelled<'m, T>(
    control: &Control,
    side: &Values<'m>,
    extent: impl Fn(&'m Map<String, Value>, Cow<'m, str>) -> T,
) -> Vec<T> {
    let mut labelled = Vec::new();
    for &value in side {
        match control.kind.answer_key() {
            Some(key) => {
                let labels = value.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
                labelled.extend(labels.map(|label| extent(value, Cow::Borrowed(label))));
            }
            None => labelled.push(extent(value, Cow::Borrowed(""))),
        }
    }
    labelled
}

/// F1 of extents with the same label that overlap enough, matched one to one, the best overlap first. Exact if both
/// sides have the same extents.
fn f1<E: Extent>(truth: &[E], guess: &[E]) -> (f64, bool) {
    let enough = pairs(truth, guess).into_iter().filter(|pair| pair.has_same_label && pair.overlap >= OVERLAP_MIN);
    // Of equal overlaps the equal extents come first, so that a perfect match is always found.
    let matched = one_to_one(enough, |_| 0);
    let equal = matched.iter().filter(|pair| pair.is_same_place).count();
    let total = truth.len() + guess.len();
    #[allow(clippy::cast_precision_loss)]
    let score = if total == 0 { 1.0 } else { 2.0 * matched.len() as f64 / total as f64 };
    (score, equal == truth.len() && equal == guess.len())
}

fn span<'m>(value: &'m Map<String, Value>, label: Cow<'m, str>) -> Span<'m> {
    let number = |key: &str| value.get(key).and_then(number);
    if let (Some(start), Some(end)) = (number("start"), number("end"))
        && (start < end || value.get("startOffset").is_none_or(Value::is_null))
    {
        return Span { label, container: Cow::Borrowed(""), start, end };
    }
    let global = |key: &str| value.get("globalOffsets").and_then(|offsets| offsets.get(key)).and_then(Value::as_f64);
    if let (Some(start), Some(end)) = (global("start"), global("end")) {
        return Span { label, container: Cow::Borrowed(""), start, end };
    }
    let written = |key: &str| value.get(key).map(canonical).unwrap_or_default();
    Span {
        label,
        container: Cow::Owned(format!("{} {}", written("start"), written("end"))),
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

fn area<'m>(value: &'m Map<String, Value>, label: Cow<'m, str>) -> Area<'m> {
    let member = |key: &str| value.get(key).and_then(number).unwrap_or(0.0);
    Area {
        label,
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
