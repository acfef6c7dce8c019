use super::runs;
use crate::arguments::{ExportCommand, FilterArgument, FormatArgument, ProjectFormatArgument};
use crate::output::Report;
use serde_json::json;
use touchstone_engine::export::ExportFormat;
use touchstone_engine::project_export::{ProjectExport, ProjectFormat};
use touchstone_engine::results::{RowFilter, RowQuery, RowSort};
use touchstone_engine::{Engine, Result};

pub(crate) async fn run(engine: &Engine, command: ExportCommand) -> Result<Report> {
    match command {
        ExportCommand::Predictions { run, format, filter, search, out } => {
            let format = match format {
                FormatArgument::Jsonl => ExportFormat::Jsonl,
                FormatArgument::Csv => ExportFormat::Csv,
                FormatArgument::LabelStudio => ExportFormat::LabelStudio,
            };
            let run = runs::find(engine, &run).await?;
            let filter = match filter {
                FilterArgument::All => RowFilter::All,
                FilterArgument::Correct => RowFilter::Correct,
                FilterArgument::Wrong => RowFilter::Wrong,
                FilterArgument::Failed => RowFilter::Failed,
                FilterArgument::Unscored => RowFilter::Unscored,
                FilterArgument::NeedsReview => RowFilter::NeedsReview,
                FilterArgument::Changed => RowFilter::Changed,
            };
            let query = RowQuery { filter, sort: RowSort::Position, search, cell: None };
            let rows = engine.export_predictions(run.id, format, Some(query), out.clone()).await?;
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
