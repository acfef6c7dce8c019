use super::runs;
use crate::output::Report;
use touchstone_engine::runs::RunSummary;
use touchstone_engine::{Engine, Error, Result};

pub(crate) async fn run(engine: &Engine) -> Result<Report> {
    let prompt = engine.open_sample().await?;
    let runs = engine.runs(Some(prompt)).await?;
    let value = |run: &&RunSummary| run.accuracy.map_or(0.0, |accuracy| accuracy.value);
    let better = runs.iter().max_by(|a, b| value(a).total_cmp(&value(b)));
    better.map(runs::report).ok_or_else(|| Error::invalid("the sample has no run"))
}
