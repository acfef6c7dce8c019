use super::{accuracy_text, runs};
use crate::output::Report;
use touchstone_engine::runs::RunSummary;
use touchstone_engine::{Engine, Error, Result};

pub(crate) async fn run(engine: &Engine) -> Result<Report> {
    let prompt = engine.open_sample().await?;
    let mut known = engine.runs(Some(prompt)).await?;
    known.sort_by(|one, other| accuracy(one).total_cmp(&accuracy(other)));
    let better = known.last().ok_or_else(|| Error::invalid("the sample has no run"))?;
    let lines = known.iter().map(|run| format!("version {}: {}\n", run.version_number, accuracy_text(run.accuracy)));
    let mut report = runs::report(better);
    report.text.insert_str(0, &lines.collect::<String>());
    Ok(report)
}

/// What was never scored comes last.
fn accuracy(run: &RunSummary) -> f64 {
    run.accuracy.map_or(-1.0, |accuracy| accuracy.value)
}
