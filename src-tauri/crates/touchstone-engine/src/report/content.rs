//! What a report says, section by section.

use super::chart::{Bars, Reliability};
use super::facts::{Example, Facts};
use super::words::{
    class, coefficient, cost, count, coverage, duration, in_words, interval, model_name, moment, of_accuracy, percent,
    rounded, share, shortened, small_sample, whole_percent,
};
use super::{Block, Card, Chart, Matrix, Report, Section, Table};
use crate::comparison::{ComparedRun, Comparison, PairedVerdict, in_points, signed};
use crate::projects::pretty;
use serde_json::Value;
use touchstone_domain::comparison::ClassChange;
use touchstone_domain::metrics::{
    Calibration, ClassMetrics, Confusion, ControlMetrics, LatencyMetrics, PairwiseMetrics, PerClass, SpanMetrics,
    SpanScheme,
};
use touchstone_domain::run::RunStatus;
use touchstone_domain::text::number;
use touchstone_store::ErrorRow;

/// Classes of one chart or matrix: of more, the most frequent.
const CLASSES_MAX: usize = 30;

/// Classes of which a comparison shows the change.
const CHANGES_MAX: usize = 30;

/// Letters of one value of an example.
const VALUE_CHARS_MAX: usize = 600;

/// What is said of the run that `facts` are about. `now` is when.
pub(super) fn report(facts: &Facts, now: &str) -> Report {
    let sections = [
        Some(Section { title: "Result", blocks: result(facts) }),
        Some(Section { title: "Comparison", blocks: comparison(facts) }),
        section("Alignment", facts.metrics.controls.iter().flat_map(control).collect()),
        facts.metrics.calibration.as_ref().map(|of| Section { title: "Confidence", blocks: confidence(of) }),
        section("Failures", failures(facts)),
        section("Examples", facts.examples.iter().flat_map(example).collect()),
        Some(Section { title: "Run", blocks: run(facts) }),
        Some(Section { title: "Prompt", blocks: prompt(facts) }),
        Some(Section { title: "Labeling config", blocks: config(facts) }),
    ];
    Report {
        title: format!("{}, version {}: run {}", facts.prompt_name, facts.run.version_number, facts.run.number),
        byline: format!("Written {} by Touchstone {}", moment(now), env!("CARGO_PKG_VERSION")),
        sections: sections.into_iter().flatten().collect(),
    }
}

/// Nothing where there is nothing to say.
fn section(title: &'static str, blocks: Vec<Block>) -> Option<Section> {
    (!blocks.is_empty()).then_some(Section { title, blocks })
}

fn named(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

fn result(facts: &Facts) -> Vec<Block> {
    let metrics = &facts.metrics;
    let mut blocks = Vec::new();
    if facts.run.status != RunStatus::Completed {
        let (done, total) = (number(facts.run.done), number(facts.run.total));
        blocks.push(Block::Warning(format!(
            "The run is not complete: it has attended to {done} of {total} tasks ({}). What follows is about these.",
            status(facts.run.status)
        )));
    }
    match &metrics.accuracy {
        None => blocks.push(Block::Warning(
            "Nothing could be compared with ground truth, so nothing is known of how good the answers are. Mark some tasks as \
             ground truth: their answers are scored at once, without asking again."
                .to_owned(),
        )),
        Some(accuracy) => blocks.extend(small_sample(accuracy).map(Block::Warning)),
    }
    let card = |title, value: String, words: String| Card { title, value, words };
    let failed_words = match (metrics.failed, &metrics.if_failed_wrong) {
        (0, _) => "every task was answered".to_owned(),
        (_, None) => "not counted as wrong".to_owned(),
        (_, Some(of)) => format!("not counted as wrong; accuracy {} if they were", share(of_accuracy(of))),
    };
    blocks.push(Block::Cards(vec![
        match &metrics.accuracy {
            None => card("Accuracy", "Not scored".to_owned(), String::new()),
            Some(of) => card(
                "Accuracy",
                percent(of.value),
                format!("{}; {} of {} correct", interval(of_accuracy(of)), number(of.correct), number(of.scored)),
            ),
        },
        match metrics.mean_score {
            None => card("Mean score", "Not scored".to_owned(), String::new()),
            Some(of) => card("Mean score", percent(of.value), interval(of)),
        },
        card("Failed", number(metrics.failed), failed_words),
        card("Not scored", number(metrics.unscored), "answered, without ground truth".to_owned()),
        card(
            "Cost of a task",
            cost(metrics.cost.per_task_usd),
            metrics.cost.total_usd.map(|total| format!("{} in all", cost(Some(total)))).unwrap_or_default(),
        ),
        match &metrics.latency {
            None => card("Time of an answer", "–".to_owned(), String::new()),
            Some(of) => card(
                "Time of an answer",
                duration(of.p50_ms.into()),
                format!("half are faster; p95 {}", duration(of.p95_ms.into())),
            ),
        },
    ]));
    blocks
}

/// Beside the run before, on the tasks that both have answered.
fn comparison(facts: &Facts) -> Vec<Block> {
    let compared =
        facts.comparison.as_ref().and_then(|of| Some((of, of.runs.first()?, of.runs.get(1)?, of.pairs.first()?)));
    let Some((Comparison { answered, shared, .. }, baseline, run, pair)) = compared else {
        let words = "No other run of this prompt was found over tasks that this one has answered, so nothing is said of whether \
                     it is better than another.";
        return vec![Block::Text(words.to_owned())];
    };
    let names = names(baseline, run);
    let tasks = if shared == answered {
        format!("On {} that both have answered and that have ground truth", count(*shared, "task"))
    } else {
        format!("On {} with ground truth, of {} that both have answered", count(*shared, "task"), number(*answered))
    };
    let test = match pair.mcnemar_p {
        p if p < 0.001 => "p < 0.001".to_owned(),
        p => format!("p = {p:.3}"),
    };
    let accuracy = |of: &ComparedRun| of.accuracy.map_or_else(|| "not scored".to_owned(), |of| share(of_accuracy(&of)));
    let macro_f1 = |of: &ComparedRun| of.macro_f1.map_or_else(|| "–".to_owned(), percent);
    let latency = |of: &ComparedRun| of.p95_ms.map_or_else(|| "–".to_owned(), |ms| duration(ms.into()));
    let row = |name: &str, value: &dyn Fn(&ComparedRun) -> String| vec![name.to_owned(), value(baseline), value(run)];
    let mut blocks = vec![
        Block::Verdict(pair.verdict, pair.sentence(*shared, &names[1], &names[0])),
        Block::Text(format!("{tasks}. McNemar's exact test: {test}.")),
        Block::Table(Table {
            caption: format!("{} and {}", names[0], names[1]),
            columns: vec!["", "Other run", "This run"],
            is_text: true,
            rows: vec![
                row("Prompt", &|of| format!("{}, version {}", of.prompt_name, of.version)),
                row("Model", &|of| model_name(&of.model)),
                row("Accuracy", &accuracy),
                row("Macro F1", &macro_f1),
                row("Cost of a task", &|of| cost(of.cost_per_task_usd)),
                row("p95", &latency),
                row("Failed, of all its tasks", &|of| number(of.failed)),
            ],
        }),
    ];
    blocks.extend(changes(pair));
    blocks
}

/// What the two are called where one is told from the other by it.
fn names(baseline: &ComparedRun, run: &ComparedRun) -> [String; 2] {
    let name = |of: &ComparedRun| -> String {
        if baseline.prompt_id != run.prompt_id {
            format!("“{}” version {}", of.prompt_name, of.version)
        } else if baseline.version != run.version {
            format!("version {}", of.version)
        } else if baseline.model != run.model {
            model_name(&of.model)
        } else if of.run_id == run.run_id {
            "this run".to_owned()
        } else {
            "the run before".to_owned()
        }
    };
    [name(baseline), name(run)]
}

fn changes(pair: &PairedVerdict) -> Option<Block> {
    let mut changes: Vec<&ClassChange> = pair.per_class.iter().collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.support));
    changes.truncate(CHANGES_MAX);
    let is_one = changes.iter().all(|change| change.control == changes[0].control);
    let row = |change: &&ClassChange| {
        let name = class(&change.class);
        let difference = format!("{} points", signed(change.f1_after - change.f1_before));
        vec![
            if is_one { name } else { format!("{}: {name}", change.control) },
            percent(change.f1_before),
            percent(change.f1_after),
            difference,
            number(change.support),
        ]
    };
    (!changes.is_empty()).then(|| {
        Block::Table(Table {
            caption: "F1 of each class in both runs".to_owned(),
            columns: vec!["Class", "Other run", "This run", "Change", "Support"],
            is_text: false,
            rows: changes.iter().map(row).collect(),
        })
    })
}

fn control(of: &ControlMetrics) -> Vec<Block> {
    let Some(accuracy) = of.accuracy else { return Vec::new() };
    let mut measures = vec![named(
        "Exactly right",
        format!("{}; {} of {}", share(of_accuracy(&accuracy)), number(accuracy.correct), number(accuracy.scored)),
    )];
    measures.extend(of.mean_score.map(|mean| named("Mean score", share(mean))));
    measures.extend(of.classes.iter().flat_map(class_measures));
    measures.extend(families(of));
    let mut blocks = vec![
        Block::Heading(format!("{} ({}, compared in {})", of.name, of.tag, count(of.compared, "task"))),
        Block::List(measures),
    ];
    if let Some(classes) = &of.classes {
        blocks.extend(per_class(&of.name, classes));
        blocks.extend(classes.confusion.as_ref().map(|confusion| Block::Matrix(matrix(&of.name, confusion))));
    }
    blocks.extend(of.spans.as_ref().map(|spans| Block::Table(schemes(&of.name, spans))));
    blocks
}

fn class_measures(of: &ClassMetrics) -> Vec<(String, String)> {
    let mut measures = vec![
        named("Macro F1", percent(of.macro_f1)),
        named("Weighted F1", percent(of.weighted_f1)),
        named("Micro F1", percent(of.micro_f1)),
    ];
    measures.extend(of.kappa.map(|kappa| named("Cohen's kappa", coefficient(kappa))));
    measures.extend(of.alpha.map(|alpha| named("Krippendorff's alpha", coefficient(alpha))));
    measures
}

/// What goes with the control's tag.
fn families(of: &ControlMetrics) -> Vec<(String, String)> {
    let exact = |exact: u32, of: u32| named("Exactly the same", format!("{} of {}", number(exact), number(of)));
    let mut measures = Vec::new();
    if let Some(sets) = of.sets {
        measures.push(named("Jaccard", percent(sets.jaccard)));
        measures.push(named("Hamming loss", percent(sets.hamming)));
    }
    if let Some(paths) = of.paths {
        let three = |precision, recall, f1| {
            format!("{} (precision {}, recall {})", percent(f1), percent(precision), percent(recall))
        };
        measures.push(named("F1 of paths", three(paths.precision, paths.recall, paths.f1)));
        let hierarchical = three(paths.hierarchical_precision, paths.hierarchical_recall, paths.hierarchical_f1);
        measures.push(named("Hierarchical F1", hierarchical));
    }
    if let Some(spans) = &of.spans {
        measures.push(named("Mean overlap of spans", coefficient(spans.mean_iou)));
    }
    if let Some(boxes) = &of.boxes {
        let (precision, recall) = (percent(boxes.precision), percent(boxes.recall));
        measures.push(named("F1 of boxes", format!("{} (precision {precision}, recall {recall})", percent(boxes.f1))));
        measures.push(named("Mean overlap of boxes", coefficient(boxes.mean_iou)));
    }
    if let Some(numbers) = of.numbers {
        measures.push(named("Mean absolute error", rounded(numbers.mae, 3)));
        measures.push(named("Root mean squared error", rounded(numbers.rmse, 3)));
        measures.push(named("Spearman", coefficient(numbers.spearman)));
        measures.extend(numbers.quadratic_kappa.map(|kappa| named("Quadratic kappa", coefficient(kappa))));
        measures.push(exact(numbers.exact, numbers.pairs));
    }
    if let Some(texts) = of.texts {
        measures.push(named("Similarity of texts", percent(texts.similarity)));
        measures.push(named("Token F1", percent(texts.token_f1)));
        measures.push(exact(texts.exact, of.compared));
    }
    if let Some(ranking) = of.ranking {
        measures.push(named("Kendall's tau", coefficient(ranking.kendall_tau)));
    }
    if let Some(PairwiseMetrics { left_truth, left_predicted, compared, bias }) = of.pairwise {
        let of_all = |count: u32| format!("{} of {}", number(count), number(compared));
        measures.push(named("First in truth", of_all(left_truth)));
        measures.push(named("First answered", of_all(left_predicted)));
        measures.extend(bias.map(|bias| named("Position bias", in_points(bias))));
    }
    measures
}

fn per_class(control: &str, of: &ClassMetrics) -> Vec<Block> {
    let or_dash = |of: Option<_>| of.map_or_else(|| "–".to_owned(), share);
    let row = |of: &PerClass| {
        vec![
            class(&of.class),
            or_dash(of.precision),
            or_dash(of.recall),
            or_dash(of.f1),
            number(of.support),
            number(of.predicted),
            number(of.true_positives),
        ]
    };
    let mut frequent: Vec<_> = of.per_class.iter().filter(|of| of.f1.is_some()).collect();
    frequent.sort_by_key(|of| std::cmp::Reverse(of.support));
    let left_out = frequent.len().saturating_sub(CLASSES_MAX);
    frequent.truncate(CLASSES_MAX);
    let bars: Vec<_> = frequent.into_iter().filter_map(|of| Some((class(&of.class), of.f1?))).collect();
    let mut blocks = Vec::new();
    if !bars.is_empty() {
        let title = match left_out {
            0 => format!("F1 of each class of {control}, with its 95 % interval"),
            _ => format!("F1 of the {CLASSES_MAX} most frequent classes of {control}, with its 95 % interval"),
        };
        blocks.push(Block::Chart(Chart::Bars(Bars { title, bars })));
    }
    if !of.per_class.is_empty() {
        blocks.push(Block::Table(Table {
            caption: format!("Classes of {control}"),
            columns: vec!["Class", "Precision", "Recall", "F1", "Support", "Predicted", "Right"],
            is_text: false,
            rows: of.per_class.iter().map(row).collect(),
        }));
    }
    blocks
}

/// With more classes than can be looked at, the least frequent are one.
fn matrix(control: &str, Confusion { labels, counts }: &Confusion) -> Matrix {
    let caption = format!("Confusion matrix of {control}: rows are the truth, columns what was answered");
    let size = |at: usize| -> u64 {
        // That nothing was chosen is no class like the others: it stays.
        if labels[at].is_empty() {
            return u64::MAX;
        }
        let row: u64 = counts[at].iter().map(|count| u64::from(*count)).sum();
        row + counts.iter().map(|row| u64::from(row[at])).sum::<u64>()
    };
    let mut kept: Vec<_> = (0..labels.len()).collect();
    kept.sort_by_key(|at| std::cmp::Reverse(size(*at)));
    kept.truncate(CLASSES_MAX);
    kept.sort_unstable();
    let mut classes: Vec<_> = kept.iter().map(|at| class(&labels[*at])).collect();
    if kept.len() < labels.len() {
        classes.push(format!("{} others", labels.len() - kept.len()));
    }
    let place = |at: usize| kept.binary_search(&at).unwrap_or(kept.len());
    let mut merged = vec![vec![0u32; classes.len()]; classes.len()];
    for (truth, row) in counts.iter().enumerate() {
        for (predicted, count) in row.iter().enumerate() {
            merged[place(truth)][place(predicted)] += count;
        }
    }
    Matrix { caption, classes, counts: merged }
}

fn schemes(control: &str, of: &SpanMetrics) -> Table {
    let row = |name: &str, of: &SpanScheme| {
        let mut row = vec![name.to_owned()];
        row.extend([of.precision, of.recall, of.f1].map(percent));
        row.extend([of.correct, of.incorrect, of.partial, of.missed, of.spurious].map(number));
        row
    };
    Table {
        caption: format!("Spans of {control}, by the schemes of SemEval 2013, task 9"),
        columns: vec!["Scheme", "Precision", "Recall", "F1", "Correct", "Incorrect", "Partial", "Missed", "Spurious"],
        is_text: false,
        rows: vec![
            row("Strict: same bounds, same label", &of.strict),
            row("Exact: same bounds, any label", &of.exact),
            row("Partial: overlap counts half, any label", &of.partial),
            row("Type: overlap, same label", &of.by_type),
        ],
    }
}

fn confidence(Calibration { bins, ece, auroc, coverage }: &Calibration) -> Vec<Block> {
    let told = auroc
        .map(|auroc| format!(" Confidence tells right from wrong by {} (AUROC; 0.50 is chance).", coefficient(auroc)));
    let mut blocks = vec![
        Block::Text(format!(
            "Confidence is {} off on the average (ECE).{} On the dashed line it would be as right as it is sure.",
            percent(*ece),
            told.unwrap_or_default()
        )),
        Block::Chart(Chart::Reliability(Reliability { bins: bins.clone() })),
        Block::Table(Table {
            caption: "Accuracy by confidence".to_owned(),
            columns: vec!["Confidence", "Mean", "Accuracy", "Answers"],
            is_text: false,
            rows: bins
                .iter()
                .map(|bin| {
                    vec![
                        format!("{} to {}", whole_percent(bin.low), whole_percent(bin.high)),
                        percent(bin.confidence),
                        percent(bin.accuracy),
                        number(bin.count),
                    ]
                })
                .collect(),
        }),
    ];
    if !coverage.is_empty() {
        blocks.push(Block::Table(Table {
            caption: "How many answers can be had at an accuracy".to_owned(),
            columns: vec!["To have right", "Take answers at least so sure", "Which are of all"],
            is_text: false,
            rows: coverage
                .iter()
                .map(|of| match of.coverage > 0.0 {
                    true => vec![percent(of.accuracy), percent(of.threshold), percent(of.coverage)],
                    false => vec![percent(of.accuracy), "–".to_owned(), "none reaches it".to_owned()],
                })
                .collect(),
        }));
    }
    blocks
}

/// The words of a server may repeat what it was asked, so they are told with examples only.
fn failures(facts: &Facts) -> Vec<Block> {
    let has_words = !facts.examples.is_empty();
    let row = |error: &ErrorRow| {
        let mut row = vec![error.code.replace('_', " "), number(error.count)];
        row.extend(has_words.then(|| shortened(&error.message, VALUE_CHARS_MAX)));
        row
    };
    let mut columns = vec!["Cause", "Tasks"];
    columns.extend(has_words.then_some("In the words of the last"));
    let rows: Vec<_> = facts.errors.iter().map(row).collect();
    let caption = "Why tasks have no usable answer".to_owned();
    if rows.is_empty() { Vec::new() } else { vec![Block::Table(Table { caption, columns, is_text: true, rows })] }
}

fn example(of: &Example) -> Vec<Block> {
    let shown = |value: &Value| shortened(&in_words(value), VALUE_CHARS_MAX);
    let title = match (&of.error, of.score) {
        (Some(_), _) => format!("Task {}: failed", of.task_id),
        (None, Some(score)) => format!("Task {}: wrong, score {}", of.task_id, percent(score)),
        (None, None) => format!("Task {}: wrong", of.task_id),
    };
    let mut said: Vec<_> = of.data.iter().map(|(field, value)| (field.clone(), shown(value))).collect();
    for (control, truth, answer) in &of.controls {
        said.push((format!("{control}, ground truth"), shown(truth)));
        if of.error.is_none() {
            said.push((format!("{control}, answer"), shown(answer)));
        }
    }
    said.extend(
        of.error.as_ref().map(|(code, message)| (format!("Error {code}"), shortened(message, VALUE_CHARS_MAX))),
    );
    vec![Block::Heading(title), Block::List(said)]
}

fn status(of: RunStatus) -> &'static str {
    match of {
        RunStatus::Queued => "queued",
        RunStatus::InProgress => "at work",
        RunStatus::Paused => "paused",
        RunStatus::Completed => "completed",
        RunStatus::Failed => "failed",
        RunStatus::Canceled => "stopped",
    }
}

fn run(facts: &Facts) -> Vec<Block> {
    let run = &facts.summary;
    let mut said = vec![
        named("Project", facts.project.name.as_str()),
        named("Model", model_name(&run.model)),
        named("Provider", run.provider.label()),
    ];
    said.extend(run.connection_name.as_deref().map(|name| named("Connection", name)));
    said.extend(
        run.repetition.map(|repetition| named("Repetition", format!("{} of {}", repetition.number, repetition.of))),
    );
    said.push(named(
        "Tasks",
        format!("{}: {} of {}", coverage(run.subset, run.only), number(run.done), number(run.total)),
    ));
    said.push(named("Status", status(run.status)));
    said.push(named("Made", moment(&run.created_at)));
    said.extend(run.started_at.as_deref().map(|at| named("Started", moment(at))));
    said.extend(run.finished_at.as_deref().map(|at| named("Ended", moment(at))));
    said.extend(run.started_at.as_ref().map(|_| named("Time at work", duration(run.wall_ms))));
    let again = if run.retries > 0 { format!(", {} of them again", number(run.retries)) } else { String::new() };
    said.push(named("Requests", format!("{}{again}", number(run.requests))));
    if run.cached > 0 {
        said.push(named("Answers that were reused", number(run.cached)));
    }
    let part = |of: u64, words: &str| if of > 0 { format!(" ({} {words})", number(of)) } else { String::new() };
    said.push(named("Tokens in", format!("{}{}", number(run.prompt_tokens), part(run.cached_tokens, "from a cache"))));
    said.push(named(
        "Tokens out",
        format!("{}{}", number(run.completion_tokens), part(run.reasoning_tokens, "thought")),
    ));
    said.push(named("Cost", total_cost(facts)));
    if let Some(LatencyMetrics { p50_ms, p95_ms, p99_ms, .. }) = &facts.metrics.latency {
        let [p50, p95, p99] = [p50_ms, p95_ms, p99_ms].map(|ms| duration(u64::from(*ms)));
        said.push(named("Time of an answer", format!("p50 {p50}, p95 {p95}, p99 {p99}")));
    }
    let mut blocks = vec![Block::List(said)];
    blocks.extend(run.notes.iter().map(|note| Block::Text(note.clone())));
    blocks
}

/// What is known of it, and that the rest is not known.
fn total_cost(facts: &Facts) -> String {
    let run = &facts.summary;
    match run.cost_usd {
        Some(usd) => cost(Some(usd)),
        None if facts.run.cost_picos == 0 => cost(None),
        None => {
            let known = crate::dollars::usd(facts.run.cost_picos);
            format!("{known}, and {} replies of unknown price", number(run.unpriced))
        }
    }
}

fn prompt(facts: &Facts) -> Vec<Block> {
    let content = &facts.content;
    let mut said = vec![
        named("Version", format!("{}: {}", facts.version.number, facts.version.commit_message)),
        named("Hash", facts.version.commit_hash.as_str()),
        named("Saved", format!("{} by {}", moment(&facts.version.created_at), facts.version.author)),
    ];
    for (name, object) in [
        ("Parameters", &content.invocation_params),
        ("Parameters of the provider", &content.provider_params),
        ("Further parameters", &content.extra),
    ] {
        if !object.is_empty() {
            said.push(named(name, Value::Object(object.to_map()).to_string()));
        }
    }
    if facts.summary.is_other_model {
        said.push(named("Model", "another than the version names was asked in this run"));
    }
    let mut blocks = vec![Block::List(said)];
    blocks.extend(content.messages.iter().map(|message| {
        let calls = message.tool_calls.as_ref().map(|calls| pretty(&calls.to_value())).unwrap_or_default();
        let text = [message.text(), &calls].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
        Block::Quote { title: format!("Message: {}", message.role.as_str()), text, is_folded: false }
    }));
    blocks
}

fn config(facts: &Facts) -> Vec<Block> {
    let mut blocks = Vec::new();
    if facts.project.config_hash != facts.run.config_hash {
        blocks.push(Block::Text("It was changed after the run began; this is what it is now.".to_owned()));
    }
    let text = facts.project.config_xml.clone();
    blocks.push(Block::Quote { title: format!("Config of “{}”", facts.project.name), text, is_folded: true });
    blocks
}
