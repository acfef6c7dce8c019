use super::runs;
use crate::arguments::{ExportCommand, FormatArgument};
use crate::output::Report;
use serde_json::json;
use touchstone_engine::export::ExportFormat;
use touchstone_engine::{Engine, Result};

pub(crate) async fn run(engine: &Engine, command: ExportCommand) -> Result<Report> {
    let ExportCommand::Predictions { run, format, out } = command;
    let format = match format {
        FormatArgument::Jsonl => ExportFormat::Jsonl,
        FormatArgument::LabelStudio => ExportFormat::LabelStudio,
    };
    let run = runs::find(engine, &run).await?;
    let rows = engine.export_predictions(run.id, format, out.clone()).await?;
    let text = format!("{rows} rows written to {}", out.display());
    Ok(Report::done(json!({ "rows": rows, "out": out }), text))
}
