use super::runs;
use crate::arguments::{ExportCommand, FormatArgument, ProjectFormatArgument};
use crate::output::Report;
use serde_json::json;
use touchstone_engine::export::ExportFormat;
use touchstone_engine::project_export::{ProjectExport, ProjectFormat};
use touchstone_engine::{Engine, Result};

pub(crate) async fn run(engine: &Engine, command: ExportCommand) -> Result<Report> {
    match command {
        ExportCommand::Predictions { run, format, out } => {
            let format = match format {
                FormatArgument::Jsonl => ExportFormat::Jsonl,
                FormatArgument::LabelStudio => ExportFormat::LabelStudio,
            };
            let run = runs::find(engine, &run).await?;
            let rows = engine.export_predictions(run.id, format, out.clone()).await?;
            let text = format!("{rows} rows written to {}", out.display());
            Ok(Report::done(json!({ "rows": rows, "out": out }), text))
        }
        ExportCommand::Project { project, format, out, run, annotated } => {
            let project = engine.project(project).await?.summary.id;
            let format = match format {
                ProjectFormatArgument::LabelStudio => ProjectFormat::LabelStudio,
                ProjectFormatArgument::JsonMin => ProjectFormat::JsonMin,
                ProjectFormatArgument::Csv => ProjectFormat::Csv,
                ProjectFormatArgument::Jsonl => ProjectFormat::Jsonl,
            };
            let run_id = match run {
                Some(run) => Some(runs::find(engine, &run).await?.id),
                None => None,
            };
            let path = super::projects::text(&out)?;
            let options = ProjectExport { format, path, only_annotated: annotated, run_id };
            let exported = engine.export_project(project, options).await?;
            let text = format!("{} tasks written to {}", exported.tasks, exported.path);
            Ok(Report::done(super::members(&exported).into(), text))
        }
    }
}
