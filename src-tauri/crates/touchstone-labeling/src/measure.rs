//! What predictions say beside ground truth, for counting. The rules of scores are in `score.rs`.

use crate::config::{Config, Control};
use crate::fillable::Capabilities;
use crate::kind::Kind;
use crate::region::Region;
use crate::schema::buckets;
use crate::score::Values;
use serde_json::Value;
use std::collections::HashMap;
use touchstone_domain::metrics::{
    BoxTally, ClassTally, ControlTally, FamilyTally, NumberTally, PathTally, RankingTally, SetTally, SpanTally,
    TaskMeasure, TextTally, kendall_tau,
};

/// Items of a ranking that are looked at: a comparison takes the square of their number.
const RANKED_MAX: usize = 500;

impl Config {
    /// What a prediction says beside ground truth, both of one task, on the controls that a prompt can fill with a model that
    /// can read `capabilities`, with the scores of [`Config::score`].
    pub fn measure<'m>(&self, truth: &'m [Region], guess: &'m [Region], capabilities: Capabilities) -> TaskMeasure<'m> {
        let fillable = self.fillable(capabilities).controls;
        let measure = self.measured(fillable.into_iter().map(|filled| filled.control), truth, guess);
        TaskMeasure { confidence: confidence(guess), ..measure }
    }

    /// Tallies that count nothing yet, for the controls of [`Config::measure`] in their order.
    pub fn tallies(&self, capabilities: Capabilities) -> Vec<ControlTally> {
        let fillable = self.fillable(capabilities).controls;
        let tally = |control: &Control| ControlTally::new(&control.name, &control.tag, family(control));
        fillable.into_iter().map(|filled| tally(filled.control)).collect()
    }
}

/// How sure a prediction is of its least certain region, in [0, 1], as Label Studio has it with each; `None` unless all of
/// them say.
pub fn confidence(guess: &[Region]) -> Option<f64> {
    let score = |region: &Region| region.other.get("score")?.as_f64().filter(|score| (0.0..=1.0).contains(score));
    guess.iter().map(score).try_fold(None, |least: Option<f64>, score| {
        let score = score?;
        Some(Some(least.map_or(score, |least| least.min(score))))
    })?
}

/// What is counted of a control, by the measure that `score.rs` makes of it.
fn family(control: &Control) -> FamilyTally {
    let labels = &control.labels;
    match control.kind {
        Kind::Choices if control.multiple() => FamilyTally::Sets(SetTally::new(labels)),
        Kind::Choices => FamilyTally::Classes(ClassTally::new(labels)),
        Kind::Taxonomy => FamilyTally::Paths(PathTally::new(control.paths())),
        Kind::Pairwise => FamilyTally::Pairwise(ClassTally::new(&["left".to_owned(), "right".to_owned()])),
        Kind::Rating | Kind::Number => FamilyTally::Numbers(NumberTally::default()),
        Kind::TextArea => FamilyTally::Texts(TextTally::default()),
        Kind::Labels | Kind::HyperTextLabels | Kind::ParagraphLabels | Kind::TimeSeriesLabels => {
            FamilyTally::Spans(SpanTally::new(labels))
        }
        Kind::Rectangle | Kind::RectangleLabels => FamilyTally::Boxes(BoxTally::new(labels)),
        Kind::Ranker => FamilyTally::Rankings(RankingTally::default()),
        _ => FamilyTally::Other,
    }
}

/// Kendall's tau of the items that both sides rank: through the buckets in the config's order, and down each of them.
pub(crate) fn ranking(config: &Config, control: &Control, truth: &Values<'_>, guess: &Values<'_>) -> Option<f64> {
    let buckets = buckets(config, control);
    let ranks = |side: &Values<'_>| -> HashMap<String, usize> {
        let rankings: Vec<_> = side.iter().filter_map(|value| value.get("ranker")).collect();
        let lists = buckets.iter().flat_map(|bucket| rankings.iter().map(move |ranking| ranking.get(bucket)));
        let items = lists.flatten().filter_map(Value::as_array).flatten().filter_map(Value::as_str);
        let mut ranks = HashMap::new();
        for (rank, item) in items.take(RANKED_MAX).enumerate() {
            ranks.entry(item.to_owned()).or_insert(rank);
        }
        ranks
    };
    let (truth, guess) = (ranks(truth), ranks(guess));
    let shared = truth.iter().filter_map(|(item, rank)| Some((*rank, *guess.get(item)?)));
    kendall_tau(&shared.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use touchstone_domain::metrics::{ControlMetrics, Measure};

    const CONTROLS: &str = r#"<Text name="t" value="$t"/><List name="l" value="$l"/><Image name="i" value="$i"/>
        <Choices name="class" toName="t"><Choice value="A"/><Choice value="B"/></Choices>
        <Choices name="set" toName="t" choice="multiple"><Choice value="A"/><Choice value="B"/></Choices>
        <Taxonomy name="path" toName="t"><Choice value="A"><Choice value="B"/><Choice value="C"/></Choice></Taxonomy>
        <Labels name="span" toName="t"><Label value="P"/></Labels>
        <RectangleLabels name="box" toName="i"><Label value="P"/></RectangleLabels>
        <Rating name="rating" toName="t"/><TextArea name="text" toName="t"/><DateTime name="date" toName="t"/>
        <Pairwise name="pair" toName="t,i"/>
        <Ranker name="order" toName="l"><Bucket name="good"/><Bucket name="bad"/></Ranker>"#;

    fn config() -> Config {
        Config::parse(&format!("<View>{CONTROLS}</View>")).expect("the config is well-formed")
    }

    fn regions(values: &Value) -> Vec<Region> {
        let values = values.as_object().expect("values by control");
        let region = |(control, value): (&String, &Value)| json!({"from_name": control, "type": "x", "value": value});
        values.iter().map(|value| Region::from_json(region(value))).collect()
    }

    /// What is said of each control that either side answers.
    fn metrics(truth: &Value, guess: &Value) -> HashMap<String, ControlMetrics> {
        let (config, truth, guess) = (config(), regions(truth), regions(guess));
        let measure = config.measure(&truth, &guess, Capabilities::ALL);
        let score = config.score(&truth, &guess, Capabilities::ALL);
        assert_eq!((measure.score, measure.is_correct), (score.score, score.correct));
        let mut tallies = config.tallies(Capabilities::ALL);
        assert_eq!(measure.controls.len(), tallies.len());
        for ((tally, control), score) in tallies.iter_mut().zip(&measure.controls).zip(&score.controls) {
            assert_eq!(tally.name, score.name);
            assert_eq!(control.as_ref().map(|control| control.score), score.score);
            assert_eq!(control.as_ref().map(|control| control.is_exact), score.exact);
            if let Some(control) = control {
                tally.add(control);
            }
        }
        let metrics = tallies.into_iter().map(|tally| (tally.name.clone(), tally.metrics(1)));
        metrics.filter(|(_, metrics)| metrics.compared > 0).collect()
    }

    #[test]
    fn every_control_is_counted_by_what_it_asks_for() {
        let at = |start: u32| json!({"start": start, "end": 10, "labels": ["P"]});
        let area = |x: u32| json!({"x": x, "y": 0, "width": 10, "height": 10, "rectanglelabels": ["P"]});
        let truth = json!({
            "class": {"choices": ["A"]}, "set": {"choices": ["A"]}, "path": {"taxonomy": [["A", "B"]]},
            "span": at(0), "box": area(0), "rating": {"rating": 2}, "text": {"text": ["one two"]},
            "date": {"datetime": "2026-01-01"}, "pair": {"selected": "left"},
            "order": {"ranker": {"good": ["a", "b"], "bad": ["c"]}},
        });
        let guess = json!({
            "class": {"choices": ["B"]}, "set": {"choices": ["B", "A"]}, "path": {"taxonomy": [["A", "C"]]},
            "span": at(4), "box": area(2), "rating": {"rating": 4}, "text": {"text": ["one three"]},
            "date": {"datetime": "2026-01-02"}, "pair": {"selected": "right"},
            "order": {"ranker": {"good": ["a", "c"], "bad": ["b"]}},
        });
        let metrics = metrics(&truth, &guess);
        assert_eq!(metrics.len(), 10);
        let confusion = metrics["class"].classes.as_ref().and_then(|of| of.confusion.clone()).expect("a matrix");
        assert_eq!(confusion.counts, [[0, 1], [0, 0]]);
        assert_eq!(metrics["set"].sets.map(|sets| (sets.jaccard, sets.hamming)), Some((0.5, 0.5)));
        assert_eq!(metrics["path"].paths.map(|paths| (paths.f1, paths.hierarchical_f1)), Some((0.0, 0.5)));
        let spans = metrics["span"].spans.as_ref().expect("spans");
        assert_eq!((spans.strict.f1, spans.by_type.f1, spans.partial.f1, spans.mean_iou), (0.0, 1.0, 0.5, Some(0.6)));
        assert_eq!(metrics["box"].boxes.and_then(|boxes| boxes.mean_iou), Some(80.0 / 120.0));
        assert_eq!(metrics["rating"].numbers.map(|numbers| (numbers.pairs, numbers.mae)), Some((1, 2.0)));
        let texts = metrics["text"].texts.expect("texts");
        assert_eq!((texts.token_f1, texts.exact), (0.5, 0));
        assert_eq!(metrics["date"].accuracy.map(|accuracy| accuracy.value), Some(0.0));
        assert_eq!(metrics["pair"].pairwise.as_ref().map(|of| (of.left_truth, of.left_predicted)), Some((1, 0)));
        // Of three pairs one is in another order.
        assert_eq!(metrics["order"].ranking.and_then(|of| of.kendall_tau), Some(1.0 / 3.0));
    }

    #[test]
    fn a_side_that_says_nothing_is_compared_all_the_same() {
        let truth = json!({"class": {"choices": ["A"]}, "rating": {"rating": 2}, "pair": {"selected": "left"}});
        let metrics = metrics(&truth, &json!({"class": {"choices": []}}));
        let confusion = metrics["class"].classes.as_ref().and_then(|of| of.confusion.clone()).expect("a matrix");
        assert_eq!(
            (confusion.labels, confusion.counts),
            (vec!["A".to_owned(), String::new()], vec![vec![0, 1], vec![0, 0]])
        );
        assert_eq!((metrics["rating"].compared, metrics["rating"].numbers), (1, None));
        assert_eq!((metrics["pair"].compared, &metrics["pair"].pairwise), (1, &None));
    }

    #[test]
    fn a_prediction_is_as_sure_as_its_least_certain_region() {
        let guess = |scores: Value| -> Vec<Region> {
            let region = |score: &Value| Region::from_json(json!({"from_name": "class", "score": score}));
            scores.as_array().expect("scores").iter().map(region).collect()
        };
        for (scores, confidence) in [
            (json!([0.9, 0.25, 1]), Some(0.25)),
            (json!([0.9, null]), None),
            (json!([0.9, 90]), None),
            (json!([]), None),
        ] {
            let guess = guess(scores);
            assert_eq!(config().measure(&[], &guess, Capabilities::ALL).confidence, confidence);
        }
    }

    #[test]
    fn several_choices_where_one_is_asked_for_are_a_class_of_their_own() {
        let (truth, guess) = (regions(&json!({"class": {"choices": ["B", "A"]}})), regions(&json!({})));
        let measure = config().measure(&truth, &guess, Capabilities::ALL);
        let measures: Vec<_> = measure.controls.into_iter().flatten().map(|control| control.measure).collect();
        assert_eq!(measures, [Measure::Class { truth: Some("A, B".into()), predicted: None }]);
    }
}
