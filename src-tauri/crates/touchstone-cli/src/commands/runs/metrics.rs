//! The metrics of a run, in words and for scripts.

use crate::commands::{accuracy_text, members};
use crate::output::{Report, columns, shown};
use serde_json::{Map, Value, json};
use touchstone_engine::domain::metrics::{ClassMetrics, Confusion, ControlMetrics, Interval, PerClass, SpanScheme};
use touchstone_engine::metrics::RunMetrics;

/// Classes of a matrix that is shown as a table, so that it fits a terminal.
const MATRIX_CLASSES_MAX: usize = 12;

pub(super) fn report(metrics: &RunMetrics) -> Report {
    Report::done(json(metrics), text(metrics))
}

fn json(metrics: &RunMetrics) -> Value {
    let mut all = members(metrics);
    let classed = metrics.controls.iter().find_map(|control| Some((&control.name, control.classes.as_ref()?)));
    let mean = metrics.mean_score;
    all.insert("mean_score".to_owned(), json!(mean.map(|mean| mean.value)));
    all.insert("mean_score_low".to_owned(), json!(mean.map(|mean| mean.low)));
    all.insert("mean_score_high".to_owned(), json!(mean.map(|mean| mean.high)));
    all.insert("control".to_owned(), json!(classed.map(|(name, _)| name)));
    let mut classes = classed.map(|(_, classes)| members(classes)).unwrap_or_default();
    for name in ["macro_f1", "weighted_f1", "micro_f1", "kappa", "alpha", "per_class", "confusion"] {
        all.insert(name.to_owned(), classes.remove(name).unwrap_or_default());
    }
    all.insert("per_class".to_owned(), json!(classed.map(|(_, classes)| per_class(classes))));
    all.into()
}

/// Each class with its numbers beside their ends.
fn per_class(classes: &ClassMetrics) -> Vec<Value> {
    let row = |of: &PerClass| {
        let mut row = Map::new();
        row.insert("class".to_owned(), json!(of.class));
        for (name, interval) in [("precision", of.precision), ("recall", of.recall), ("f1", of.f1)] {
            row.insert(name.to_owned(), json!(interval.map(|interval| interval.value)));
            row.insert(format!("{name}_low"), json!(interval.map(|interval| interval.low)));
            row.insert(format!("{name}_high"), json!(interval.map(|interval| interval.high)));
        }
        row.insert("support".to_owned(), json!(of.support));
        row.insert("predicted".to_owned(), json!(of.predicted));
        row.insert("true_positives".to_owned(), json!(of.true_positives));
        row.into()
    };
    classes.per_class.iter().map(row).collect()
}

fn text(metrics: &RunMetrics) -> String {
    let mut lines = vec![
        [
            "scored".to_owned(),
            format!("{}, {} failed, {} without ground truth", metrics.scored, metrics.failed, metrics.unscored),
        ],
        ["accuracy".to_owned(), accuracy_text(metrics.accuracy)],
    ];
    let mut line = |name: &str, value: String| lines.push([name.to_owned(), value]);
    if metrics.failed > 0 && metrics.if_failed_wrong.is_some() {
        line("if failed is wrong", accuracy_text(metrics.if_failed_wrong));
    }
    if let Some(mean) = metrics.mean_score {
        line("mean score", with_ends(mean));
    }
    if let Some(latency) = &metrics.latency {
        line("latency", format!("p50 {} ms, p95 {} ms, p99 {} ms", latency.p50_ms, latency.p95_ms, latency.p99_ms));
    }
    line(
        "cost",
        match (metrics.cost.total_usd, metrics.cost.per_task_usd) {
            (Some(total), Some(per_task)) => format!("${total}, ${per_task} a task"),
            (Some(total), None) => format!("${total}"),
            (None, _) => "price unknown".to_owned(),
        },
    );
    if let Some(calibration) = &metrics.calibration {
        let auroc = calibration.auroc.map(|auroc| format!(", AUROC {auroc:.3}")).unwrap_or_default();
        line("calibration", format!("error {:.3}{auroc}", calibration.ece));
    }
    let mut text = columns(&lines);
    for control in metrics.controls.iter().filter(|control| control.compared > 0) {
        text.push_str(&format!(
            "\n{} ({}): {}\n",
            shown(&control.name),
            shown(&control.tag),
            accuracy_text(control.accuracy)
        ));
        text.push_str(&columns(&control_lines(control)));
        if let Some(classes) = &control.classes {
            text.push_str(&columns(&class_lines(classes)));
            if let Some(confusion) = &classes.confusion {
                text.push_str(&matrix(confusion));
            }
        }
    }
    text
}

/// “0.75 (0.50–1.00)”
fn with_ends(interval: Interval) -> String {
    format!("{:.2} ({:.2}–{:.2})", interval.value, interval.low, interval.high)
}

fn or_none(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

fn control_lines(control: &ControlMetrics) -> Vec<[String; 2]> {
    let mut lines = Vec::new();
    let mut line = |name: &str, value: String| lines.push([name.to_owned(), value]);
    if let Some(mean) = control.mean_score {
        line("mean score", with_ends(mean));
    }
    if let Some(classes) = &control.classes {
        let ClassMetrics { macro_f1, weighted_f1, micro_f1, .. } = classes;
        line("F1", format!("macro {macro_f1:.3}, weighted {weighted_f1:.3}, micro {micro_f1:.3}"));
        if classes.confusion.is_some() {
            line("agreement", format!("kappa {}, alpha {}", or_none(classes.kappa), or_none(classes.alpha)));
        }
    }
    if let Some(sets) = control.sets {
        line("labels", format!("Jaccard {:.3}, Hamming loss {:.3}", sets.jaccard, sets.hamming));
    }
    if let Some(paths) = control.paths {
        line("paths", format!("F1 {:.3}, hierarchical F1 {:.3}", paths.f1, paths.hierarchical_f1));
    }
    if let Some(spans) = &control.spans {
        let scheme = |of: &SpanScheme| {
            let SpanScheme { precision, recall, f1, .. } = of;
            format!("F1 {f1:.3}, precision {precision:.3}, recall {recall:.3}")
        };
        line("spans, strict", scheme(&spans.strict));
        line("spans, exact", scheme(&spans.exact));
        line("spans, partial", scheme(&spans.partial));
        line("spans, by type", scheme(&spans.by_type));
        line("mean overlap", or_none(spans.mean_iou));
    }
    if let Some(boxes) = &control.boxes {
        let (f1, precision, recall) = (boxes.f1, boxes.precision, boxes.recall);
        line("boxes", format!("F1 {f1:.3}, precision {precision:.3}, recall {recall:.3}"));
        line("mean overlap", or_none(boxes.mean_iou));
    }
    if let Some(numbers) = &control.numbers {
        line("error", format!("mean {:.3}, root of mean square {:.3}", numbers.mae, numbers.rmse));
        let (spearman, kappa) = (or_none(numbers.spearman), or_none(numbers.quadratic_kappa));
        line("agreement", format!("rank correlation {spearman}, quadratic kappa {kappa}"));
    }
    if let Some(texts) = &control.texts {
        line("texts", format!("similarity {:.3}, F1 of words {:.3}", texts.similarity, texts.token_f1));
    }
    if let Some(ranking) = &control.ranking {
        line("order", format!("Kendall's tau {}", or_none(ranking.kendall_tau)));
    }
    if let Some(bias) = control.pairwise.as_ref().and_then(|pairwise| pairwise.bias) {
        line("bias to the left", with_ends(bias));
    }
    lines
}

fn class_lines(classes: &ClassMetrics) -> Vec<[String; 5]> {
    let mut rows = vec![["class", "precision", "recall", "F1", "support"].map(str::to_owned)];
    let ends = |interval: Option<Interval>| interval.map_or_else(|| "–".to_owned(), with_ends);
    let row =
        |of: &PerClass| [shown(&of.class), ends(of.precision), ends(of.recall), ends(of.f1), of.support.to_string()];
    rows.extend(classes.per_class.iter().map(row));
    rows
}

fn matrix(confusion: &Confusion) -> String {
    let Confusion { labels, counts } = confusion;
    if labels.len() > MATRIX_CLASSES_MAX {
        return String::new();
    }
    let name = |label: &String| if label.is_empty() { "(nothing)".to_owned() } else { shown(label) };
    let heading = std::iter::once("true \\ predicted".to_owned()).chain(labels.iter().map(name)).collect();
    let row = |(label, counts): (&String, &Vec<u32>)| -> Vec<String> {
        std::iter::once(name(label)).chain(counts.iter().map(u32::to_string)).collect()
    };
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(labels.iter().zip(counts).map(row)).collect();
    columns(&rows)
}
