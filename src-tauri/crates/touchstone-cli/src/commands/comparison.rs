use super::runs::find;
use crate::output::{Report, columns, shown};
use serde_json::{Value, json};
use touchstone_engine::comparison::{ComparedRun, PairedVerdict};
use touchstone_engine::domain::comparison::{SAME_WITHIN, SHARED_MIN, Verdict};
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
        cell("difference", pair.difference.map_or_else(|| "not scored".to_owned(), points)),
        cell("fixed, broken", format!("{} and {} of {} tasks", pair.fixed, pair.broken, comparison.shared)),
        cell("McNemar's p", format!("{:.4}", pair.mcnemar_p)),
    ];
    Ok(Report::done(json, format!("{}\n{}", sentence(pair, comparison.shared), columns(&rows))))
}

fn accuracy(accuracy: Option<Accuracy>) -> Value {
    let interval = accuracy.map(|Accuracy { value, low, high, .. }| Interval { value, low, high });
    json!(interval)
}

/// “Topics v2, gpt-6-luna”
fn name(run: &ComparedRun) -> String {
    format!("{} v{}, {}", shown(&run.prompt_name), run.version, shown(&run.model))
}

/// “+3.2 points (0.4 to 6.0)”
fn points(difference: Interval) -> String {
    let Interval { value, low, high } = difference;
    format!("{:+.1} points ({:.1} to {:.1})", value * 100.0, low * 100.0, high * 100.0)
}

/// The verdict in words.
fn sentence(pair: &PairedVerdict, shared: u32) -> String {
    let by = pair.difference.map_or(0.0, |difference| difference.value.abs() * 100.0);
    let PairedVerdict { fixed, broken, .. } = pair;
    let changed = format!("{fixed} fixed, {broken} broken");
    let few = if shared < SHARED_MIN { format!("; {shared} tasks are too few") } else { String::new() };
    match (pair.verdict, pair.more_tasks_needed) {
        (Verdict::Better, _) => format!("B is better than A by {by:.1} points, likely real: {changed}"),
        (Verdict::Worse, _) => format!("B is worse than A by {by:.1} points, likely real: {changed}"),
        (Verdict::Same, _) => {
            format!("A and B are equally accurate, within {:.0} point: {changed}", SAME_WITHIN * 100.0)
        }
        (Verdict::CannotTell, _) if shared == 0 => {
            "Cannot tell: no task that both answered has ground truth; mark some tasks as ground truth".to_owned()
        }
        (Verdict::CannotTell, Some(more)) => {
            format!(
                "Cannot tell whether B is better than A: {changed}{few}; about {} more tasks with ground truth needed",
                about(more)
            )
        }
        (Verdict::CannotTell, None) => format!("Cannot tell whether B is better than A: {changed}{few}"),
    }
}

/// No more digits than are known of it: two, rounded up.
fn about(count: u32) -> u32 {
    let step = 10u32.pow(count.checked_ilog10().unwrap_or(0).saturating_sub(1));
    count.div_ceil(step).saturating_mul(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_tasks_has_two_digits() {
        assert_eq!(
            [1, 9, 10, 42, 99, 100, 118, 291, 991, 19_622_197].map(about),
            [1, 9, 10, 42, 99, 100, 120, 300, 1_000, 20_000_000]
        );
        assert_eq!(about(u32::MAX), u32::MAX);
    }
}
