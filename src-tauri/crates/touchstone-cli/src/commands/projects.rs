use crate::arguments::ProjectCommand;
use crate::output::{Report, columns};
use serde_json::json;
use std::path::Path;
use touchstone_engine::imports::NewProject;
use touchstone_engine::{Engine, Error, Result};

pub(crate) async fn run(engine: &Engine, command: ProjectCommand) -> Result<Report> {
    match command {
        ProjectCommand::Import { tasks, config, name } => {
            let project = NewProject { name, config_path: text(&config)?, tasks_path: text(&tasks)? };
            let report = engine.import_project(project).await?;
            let mut lines = format!(
                "{} tasks, {} annotations, {} with ground truth, {} refused\n",
                report.tasks, report.annotations, report.ground_truth, report.refused
            );
            for refusal in &report.first_refusals {
                lines.push_str(&format!("item {} refused: {}\n", refusal.item, refusal.message));
            }
            for warning in &report.warnings {
                lines.push_str(&format!("warning: {warning}\n"));
            }
            lines.push_str(report.project_id.as_str());
            Ok(Report::done(super::members(&report).into(), lines))
        }
        ProjectCommand::List => {
            let projects = engine.projects().await?;
            let rows: Vec<_> = projects
                .iter()
                .map(|project| {
                    [
                        project.name.clone(),
                        format!("{} tasks", project.task_count),
                        format!("{} with ground truth", project.ground_truth_count),
                        project.id.to_string(),
                    ]
                })
                .collect();
            Ok(Report::done(json!({ "projects": projects }), columns(&rows)))
        }
    }
}

fn text(path: &Path) -> Result<String> {
    match path.to_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(Error::invalid(format!("“{}” is not a file name in UTF-8", path.display()))),
    }
}
