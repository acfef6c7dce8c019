//! Our metrics beside those of other libraries, on the data of `tests/fixtures/metrics` (its README says how it was made).

use serde_json::Value;
use std::borrow::Cow;
use touchstone_domain::metrics::{
    Agreement, Area, BoxTally, CalibrationTally, ClassMetrics, ClassTally, ControlMeasure, ControlMetrics,
    ControlTally, FamilyTally, LatencyTally, Measure, NumberTally, PathTally, RankingTally, RunTally, ScoreTally,
    SetTally, Span, SpanTally, TaskMeasure, TextTally, kendall_tau,
};

const SEED: u64 = 7;

fn fixtures() -> Value {
    serde_json::from_str(include_str!("../../../../tests/fixtures/metrics/metrics.json")).expect("the fixture is JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

fn texts(value: &Value) -> Vec<String> {
    list(value).iter().map(|item| text(item).to_owned()).collect()
}

/// Holds what we say to each member of what they say.
#[track_caller]
fn check(ours: impl serde::Serialize, theirs: &Value) {
    fn compare(ours: &Value, theirs: &Value, place: &str) {
        match (ours, theirs) {
            (Value::Number(_), Value::Number(_)) => {
                let (ours, theirs) = (number(ours), number(theirs));
                assert!((ours - theirs).abs() <= 1e-9, "{place} is {ours}, and {theirs} for others");
            }
            (Value::Object(ours), Value::Object(theirs)) => {
                for (name, theirs) in theirs {
                    let ours = ours.get(name).unwrap_or_else(|| panic!("{place} lacks {name}"));
                    compare(ours, theirs, &format!("{place}.{name}"));
                }
            }
            (Value::Array(ours), Value::Array(theirs)) => {
                assert_eq!(ours.len(), theirs.len(), "{place}");
                for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                    compare(ours, theirs, &format!("{place}[{index}]"));
                }
            }
            _ => assert_eq!(ours, theirs, "{place}"),
        }
    }
    compare(&serde_json::to_value(ours).expect("metrics are JSON"), theirs, "");
}

/// What a control says once all of these are counted, however they come: at once, in two parts that are merged and read
/// again, and with others that are taken away again.
fn metrics(family: impl Fn() -> FamilyTally, measures: Vec<Measure<'_>>) -> ControlMetrics {
    let empty = || ControlTally::new("control", "Tag", family());
    let measured = |measure| ControlMeasure { score: 1.0, is_exact: true, measure };
    let measures: Vec<_> = measures.into_iter().map(measured).collect();
    let mut at_once = empty();
    measures.iter().for_each(|measure| at_once.add(measure));

    let (first, second) = measures.split_at(measures.len() / 3);
    let mut parts = [empty(), empty()];
    second.iter().for_each(|measure| parts[1].add(measure));
    // Taken away before it comes, as by one who counts beside.
    first.iter().for_each(|measure| parts[1].remove(measure));
    first.iter().chain(first).for_each(|measure| parts[0].add(measure));
    let [first, second] = parts.map(|part| {
        let written = serde_json::to_string(&part).expect("a tally is JSON");
        serde_json::from_str::<ControlTally>(&written).expect("a tally")
    });
    let mut merged = empty();
    merged.merge(&first);
    merged.merge(&second);

    let metrics = at_once.metrics(SEED);
    check(merged.metrics(SEED), &serde_json::to_value(&metrics).expect("metrics are JSON"));
    for measure in &measures {
        merged.remove(measure);
    }
    check(merged.metrics(SEED), &serde_json::to_value(empty().metrics(SEED)).expect("metrics are JSON"));
    metrics
}

fn classes(metrics: &ControlMetrics) -> &ClassMetrics {
    metrics.classes.as_ref().expect("there are classes")
}

#[test]
fn classes_are_those_of_scikit_learn() {
    for case in list(&fixtures()["classes"]) {
        let labels = texts(&case["labels"]);
        let chosen = |value: &'static str| (!value.is_empty()).then_some(Cow::Borrowed(value));
        let sides = [&case["truth"], &case["predicted"]].map(|side| texts(side).leak());
        let measures = sides[0]
            .iter()
            .zip(&*sides[1])
            .map(|(truth, predicted)| Measure::Class { truth: chosen(truth), predicted: chosen(predicted) });
        let metrics = metrics(|| FamilyTally::Classes(ClassTally::new(&labels)), measures.collect());
        let mut theirs = case.clone();
        theirs.as_object_mut().expect("members").retain(|name, _| !matches!(&**name, "labels" | "truth" | "predicted"));
        check(classes(&metrics), &theirs);
    }
}

#[test]
fn agreement_of_several_annotators_is_that_of_krippendorff() {
    let case = &fixtures()["agreement"];
    let mut agreement = Agreement::default();
    for unit in list(&case["units"]) {
        let classes: Vec<_> = list(unit).iter().map(Value::as_i64).collect();
        agreement.add(&classes, 1);
    }
    check(agreement.alpha(), &case["alpha"]);
}

#[test]
fn sets_are_those_of_scikit_learn() {
    let case = &fixtures()["sets"];
    let labels = texts(&case["labels"]);
    let sets = |side: &Value| -> Vec<Vec<Cow<'static, str>>> {
        list(side).iter().map(|set| texts(set).into_iter().map(Cow::Owned).collect()).collect()
    };
    let pairs = sets(&case["truth"]).into_iter().zip(sets(&case["predicted"]));
    let measures = pairs.map(|(truth, predicted)| Measure::Set { truth, predicted }).collect();
    let metrics = metrics(|| FamilyTally::Sets(SetTally::new(&labels)), measures);
    let sets = metrics.sets.expect("there are sets");
    check(sets.jaccard, &case["jaccard"]);
    check(sets.hamming, &case["hamming"]);
    for name in ["macro_f1", "micro_f1", "weighted_f1", "per_class"] {
        check(&serde_json::to_value(classes(&metrics)).expect("JSON")[name], &case[name]);
    }
}

#[test]
fn paths_count_with_their_beginnings_as_those_of_scikit_learn() {
    let case = &fixtures()["paths"];
    let path = |path: &Value| texts(path).into_iter().map(Cow::Owned).collect::<Vec<_>>();
    let paths = |side: &Value| {
        list(side).iter().map(|paths| list(paths).iter().map(path).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let pairs = paths(&case["truth"]).into_iter().zip(paths(&case["predicted"]));
    let measures = pairs.map(|(truth, predicted)| Measure::Paths { truth, predicted }).collect();
    let metrics = metrics(|| FamilyTally::Paths(PathTally::new(&[])), measures);
    let ours = serde_json::to_value(metrics.paths.expect("there are paths")).expect("JSON");
    for (name, theirs) in case.as_object().expect("members").iter().filter(|(_, value)| value.is_number()) {
        check(&ours[name], theirs);
    }
    let class = &classes(&metrics).per_class[0].class;
    assert_eq!(class, "A", "a path is named by its steps");
}

#[test]
fn spans_are_those_of_nervaluate() {
    let case = &fixtures()["spans"];
    let labels = texts(&case["labels"]);
    let spans = |side: &Value| -> Vec<Vec<Span<'static>>> {
        let span = |span: &Value| Span {
            label: Cow::Owned(text(&span["label"]).to_owned()),
            container: Cow::Borrowed(""),
            start: number(&span["start"]),
            end: number(&span["end"]),
        };
        list(side).iter().map(|spans| list(spans).iter().map(span).collect()).collect()
    };
    let pairs = spans(&case["truth"]).into_iter().zip(spans(&case["predicted"]));
    let measures = pairs.map(|(truth, predicted)| Measure::Spans { truth, predicted }).collect();
    let metrics = metrics(|| FamilyTally::Spans(SpanTally::new(&labels)), measures);
    let ours = metrics.spans.expect("there are spans");
    for scheme in ["strict", "exact", "partial", "by_type", "per_class"] {
        check(&serde_json::to_value(&ours).expect("JSON")[scheme], &case[scheme]);
    }
}

#[test]
fn numbers_are_those_of_scikit_learn_and_scipy() {
    for case in list(&fixtures()["numbers"]) {
        let pairs = list(&case["truth"]).iter().zip(list(&case["predicted"]));
        let mut measures = Vec::new();
        let mut exact = 0;
        for (truth, predicted) in pairs {
            let (truth, predicted) = (number(truth), number(predicted));
            exact += u32::from(truth == predicted);
            measures.push(Measure::Number { truth: Some(truth), predicted: Some(predicted) });
        }
        assert_eq!(u64::from(exact), case["exact"].as_u64().expect("a count"));
        let metrics = metrics(|| FamilyTally::Numbers(NumberTally::default()), measures);
        let ours = serde_json::to_value(metrics.numbers.expect("there are numbers")).expect("JSON");
        for name in ["mae", "rmse", "spearman", "quadratic_kappa"] {
            if !case[name].is_null() {
                check(&ours[name], &case[name]);
            }
        }
    }
}

#[test]
fn rankings_are_those_of_scipy() {
    let (mut measures, mut sum, mut count) = (Vec::new(), 0.0, 0);
    for case in list(&fixtures()["rankings"]) {
        let rank = |pair: &Value, side: usize| usize::try_from(pair[side].as_u64().expect("a rank")).expect("small");
        let ranks: Vec<_> = list(&case["ranks"]).iter().map(|pair| (rank(pair, 0), rank(pair, 1))).collect();
        let tau = kendall_tau(&ranks);
        check(tau, &case["tau"]);
        (sum, count) = (sum + tau.unwrap_or(0.0), count + u32::from(tau.is_some()));
        measures.push(Measure::Ranking { tau });
    }
    let metrics = metrics(|| FamilyTally::Rankings(RankingTally::default()), measures);
    check(metrics.ranking.expect("there are rankings").kendall_tau, &Value::from(sum / f64::from(count)));
}

#[test]
fn calibration_is_that_of_scikit_learn() {
    let case = &fixtures()["calibration"];
    let mut parts = [CalibrationTally::default(), CalibrationTally::default()];
    for (place, confidence) in list(&case["confidence"]).iter().enumerate() {
        let is_correct = case["correct"][place].as_bool().expect("yes or no");
        parts[place % 2].count(number(confidence), is_correct, 1);
        parts[place % 3 % 2].count(0.5, is_correct, 1);
        parts[0].count(0.5, is_correct, -1);
    }
    let [mut tally, other] = parts;
    tally.merge(&other);
    let metrics = tally.metrics().expect("confidences");
    check(&metrics.bins, &case["bins"]);
    check(metrics.ece, &case["ece"]);
    check(metrics.auroc, &case["auroc"]);
    let correct_above = |threshold: f64| {
        let kept = list(&case["confidence"]).iter().zip(list(&case["correct"]));
        let kept: Vec<_> = kept.filter(|(confidence, _)| number(confidence) >= threshold).collect();
        let correct = kept.iter().filter(|(_, correct)| correct.as_bool() == Some(true)).count();
        (correct as f64 / kept.len() as f64, kept.len() as f64 / 500.0)
    };
    assert!(!metrics.coverage.is_empty());
    for coverage in metrics.coverage {
        let (accuracy, share) = correct_above(coverage.threshold);
        assert!(accuracy >= coverage.accuracy && (share - coverage.coverage).abs() < 1e-9, "{coverage:?}");
        let more = list(&case["confidence"]).iter().map(number).filter(|confidence| *confidence < coverage.threshold);
        assert!(more.map(correct_above).all(|(accuracy, _)| accuracy < coverage.accuracy), "{coverage:?} is the most");
    }
}

#[test]
fn latencies_are_those_of_numpy_to_within_a_small_part() {
    let case = &fixtures()["latencies"];
    let mut parts = [LatencyTally::default(), LatencyTally::default()];
    for (place, latency) in list(&case["latency_ms"]).iter().enumerate() {
        let latency = u32::try_from(latency.as_u64().expect("a latency")).expect("small");
        parts[place % 2].count(latency, 1);
    }
    let [mut tally, other] = parts;
    tally.merge(&other);
    let ours = serde_json::to_value(tally.metrics().expect("latencies")).expect("JSON");
    for name in ["p50_ms", "p95_ms", "p99_ms"] {
        let (ours, theirs) = (number(&ours[name]), number(&case[name]));
        assert!((ours / theirs - 1.0).abs() <= 0.004, "{name} is {ours}, and {theirs} for others");
    }
    assert_eq!(list(&ours["bins"]).iter().map(|bin| number(&bin["count"])).sum::<f64>(), 2000.0);
}

/// Chance draws other resamples than SciPy's: the ends agree to 3 % of the width.
#[test]
fn means_have_the_bootstrap_intervals_of_scipy() {
    for case in list(&fixtures()["means"]) {
        let mut tally = ScoreTally::default();
        list(&case["scores"]).iter().for_each(|score| tally.count(number(score), 1));
        let mean = tally.mean(SEED).expect("scores");
        check(mean.value, &case["value"]);
        let off = |ours: f64, theirs: &Value| (ours - number(theirs)).abs() / (mean.high - mean.low);
        assert!(off(mean.low, &case["low"]) < 0.03 && off(mean.high, &case["high"]) < 0.03, "{mean:?}, not {case}");
    }
}

#[test]
fn boxes_match_that_share_half_of_their_union() {
    let area = |x: f64, width: f64, label: &'static str| Area {
        label: Cow::Borrowed(label),
        x,
        y: 0.0,
        width,
        height: 10.0,
        rotation: 0.0,
    };
    let truth = vec![area(0.0, 10.0, "car"), area(20.0, 10.0, "car"), area(40.0, 10.0, "bus")];
    // The first shares 8 of 10; the second 10 of 30; the third has another label; the last two share the same one.
    let predicted = vec![area(0.0, 8.0, "car"), area(20.0, 30.0, "car"), area(40.0, 10.0, "car")];
    let second = (vec![area(0.0, 10.0, "bus")], vec![area(0.0, 10.0, "bus"), area(1.0, 9.0, "bus")]);
    let measures = vec![Measure::Boxes { truth, predicted }, Measure::Boxes { truth: second.0, predicted: second.1 }];
    let metrics = metrics(|| FamilyTally::Boxes(BoxTally::new(&["bus".to_owned()])), measures);
    let boxes = metrics.boxes.expect("there are boxes");
    assert_eq!((boxes.precision, boxes.recall, boxes.f1), (2.0 / 5.0, 2.0 / 4.0, 4.0 / 9.0));
    assert_eq!(boxes.mean_iou, Some(0.9));
    let of_class =
        classes(&metrics).per_class.iter().map(|of| (of.class.as_str(), of.true_positives, of.support, of.predicted));
    assert_eq!(of_class.collect::<Vec<_>>(), [("bus", 1, 2, 2), ("car", 1, 2, 3)]);
}

#[test]
fn texts_are_alike_in_the_mean() {
    let text = |similarity, exact, token_f1| Measure::Text { similarity, exact, token_f1 };
    let measures = vec![text(0.1, false, 0.0), text(1.0, true, 1.0), text(0.7, false, 0.8)];
    let texts = metrics(|| FamilyTally::Texts(TextTally::default()), measures).texts.expect("there are texts");
    assert_eq!((texts.similarity, texts.token_f1, texts.exact), (0.6, 0.6, 1));
}

#[test]
fn a_side_that_is_preferred_is_seen() {
    let pair = |truth: &'static str, predicted: &'static str| Measure::Class {
        truth: (!truth.is_empty()).then_some(Cow::Borrowed(truth)),
        predicted: Some(Cow::Borrowed(predicted)),
    };
    let mut measures = vec![pair("", "left")];
    measures.extend(std::iter::repeat_n(pair("left", "left"), 50));
    measures.extend(std::iter::repeat_n(pair("right", "right"), 30));
    measures.extend(std::iter::repeat_n(pair("right", "left"), 15));
    measures.extend(std::iter::repeat_n(pair("left", "right"), 5));
    let metrics = metrics(|| FamilyTally::Pairwise(ClassTally::new(&[])), measures);
    let pairwise = metrics.pairwise.as_ref().expect("there are pairs");
    assert_eq!((pairwise.left_truth, pairwise.left_predicted, pairwise.compared), (55, 65, 100));
    let bias = pairwise.bias.expect("pairs");
    // 1.96 · √(0.2 - 0.1²) / 10
    assert!((bias.value - 0.1).abs() < 1e-12 && (bias.high - bias.value - 0.085_433).abs() < 1e-5, "{bias:?}");
    assert_eq!(classes(&metrics).per_class[0].class, "left");
}

#[test]
fn a_run_counts_what_was_measured_again() {
    let control = |exact: bool| ControlMeasure {
        score: f64::from(u8::from(exact)),
        is_exact: exact,
        measure: Measure::Class { truth: Some("a".into()), predicted: Some(if exact { "a" } else { "b" }.into()) },
    };
    let task = |exact: bool, confidence: Option<f64>| TaskMeasure {
        score: f64::from(u8::from(exact)),
        is_correct: exact,
        confidence,
        controls: vec![None, Some(control(exact))],
    };
    let tally = || {
        let control =
            |name| ControlTally::new(name, "Choices", FamilyTally::Classes(ClassTally::new(&["a".to_owned()])));
        RunTally::new(vec![control("unanswered"), control("class")])
    };
    let mut run = tally();
    run.add(Some(100), Some(&task(true, Some(0.9))));
    run.add(Some(200), Some(&task(false, Some(0.4))));
    run.add(None, None);
    let mut beside = tally();
    // Counted beside, before it is known there: ground truth of the second changes, the third gets some.
    beside.measured_again(Some(&task(false, Some(0.4))), Some(&task(true, Some(0.4))));
    beside.measured_again(None, Some(&task(false, None)));
    run.merge(&beside);
    let tallied = run.tallied();
    assert_eq!((tallied.predictions, tallied.scored, tallied.correct), (3, 3, 2));
    assert_eq!(run.mean_score(SEED).map(|mean| mean.value), Some(2.0 / 3.0));
    assert_eq!(run.latency().map(|latency| (latency.p50_ms, latency.p99_ms)), Some((100, 200)));
    let calibration = run.calibration().expect("two confidences");
    assert_eq!((calibration.bins.len(), calibration.auroc), (2, None), "both are correct now");
    let controls = run.controls(SEED);
    assert_eq!(controls.iter().map(|control| control.compared).collect::<Vec<_>>(), [0, 3]);
    assert_eq!((&controls[0].classes, controls[0].accuracy), (&None, None));
    let confusion = classes(&controls[1]).confusion.clone().expect("a matrix");
    assert_eq!(
        (confusion.labels, confusion.counts),
        (vec!["a".to_owned(), "b".to_owned()], vec![vec![2, 1], vec![0, 0]])
    );
}
