use super::runs::find;
use crate::output::Report;
use serde_json::json;
use std::path::PathBuf;
use touchstone_engine::report::ReportOptions;
use touchstone_engine::{Engine, Result};

pub(crate) async fn run(
    engine: &Engine,
    run: &str,
    out: PathBuf,
    examples: u32,
    against: Option<&str>,
) -> Result<Report> {
    let run = find(engine, run).await?;
    let against = match against {
        Some(other) => Some(find(engine, other).await?.id),
        None => None,
    };
    let written = engine.write_report(run.id, ReportOptions { examples, against }, out).await?;
    let text = format!("report written to {}", written.path);
    Ok(Report::done(json!({ "out": written.path, "against": written.against }), text))
}
