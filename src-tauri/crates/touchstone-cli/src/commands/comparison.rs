use super::runs::find;
use crate::output::{Report, columns, shown};
use serde_json::{Value, json};
use touchstone_engine::comparison::{ComparedRun, in_points};
use touchstone_engine::domain::metrics::Interval;
use touchstone_engine::domain::stats::Accuracy;
use touchstone_engine::{Engine, Error, Result};

pub(crate) async fn run(engine: &Engine, a: &str, b: &str) -> Result<Report> {
    let (a, b) = (find(engine, a).await?.id, find(engine, b).await?.id);
    let comparison = engine.compare_runs(vec![a, b]).await?;
    let ([a, b], [pair]) = (comparison.runs.as_slice(), comparison.pairs.as_slice()) else {
        return Err(Error::invalid("two runs are compared at a time"));
    };
    let json = json!({
        "shared": comparison.shared,
        "a": accuracy(a.accuracy),
        "b": accuracy(b.accuracy),
        "difference": pair.difference,
        "mcnemar_p": pair.mcnemar_p,
        "fixed": pair.fixed,
        "broken": pair.broken,
        "verdict": pair.verdict,
        "more_tasks_needed": pair.more_tasks_needed,
    });
    let cell = |words: &str, value: String| [words.to_owned(), value];
    let rows = [
        cell("A", format!("{}  {}", super::accuracy_text(a.accuracy), name(a))),
        cell("B", format!("{}  {}", super::accuracy_text(b.accuracy), name(b))),
        cell("difference", pair.difference.map_or_else(|| "not scored".to_owned(), in_points)),
        cell("fixed, broken", format!("{} and {} of {} tasks", pair.fixed, pair.broken, comparison.shared)),
        cell(
            "McNemar's p",
            match pair.mcnemar_p {
                p if p < 0.0001 => "< 0.0001".to_owned(),
                p => format!("{p:.4}"),
            },
        ),
    ];
    Ok(Report::done(json, format!("{}\n{}", pair.sentence(comparison.shared, "B", "A"), columns(&rows))))
}

fn accuracy(accuracy: Option<Accuracy>) -> Value {
    let interval = accuracy.map(|Accuracy { value, low, high, .. }| Interval { value, low, high });
    json!(interval)
}

/// “Topics v2, gpt-6-luna”
fn name(run: &ComparedRun) -> String {
    format!("{} v{}, {}", shown(&run.prompt_name), run.version, shown(&run.model))
}
