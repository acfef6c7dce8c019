use super::runs::until_interrupted;
use crate::arguments::ProjectCommand;
use crate::output::{Report, listed};
use serde_json::json;
use std::path::Path;
use touchstone_engine::imports::{
    ConfigSource, ImportIssue, ImportReport, ImportTarget, IssueKind, Mapping, NewImport,
};
use touchstone_engine::{Engine, Error, Result};

/// Issues that are printed; a file may have all of them.
const ISSUES_LISTED: u32 = 1_000;

pub(crate) async fn run(engine: &Engine, command: ProjectCommand) -> Result<Report> {
    match command {
        ProjectCommand::Import { template: Some(template), name, .. } => {
            Ok(imported(&engine.import_template(template, name).await?))
        }
        ProjectCommand::Import { tasks, config, template: None, name, into, map, skip_duplicates } => {
            let target = match (into, config, name) {
                (Some(project), _, _) => {
                    ImportTarget::Existing { project_id: engine.project(project).await?.summary.id }
                }
                (None, Some(config), Some(name)) => {
                    ImportTarget::New { name, config: ConfigSource::File { path: text(&config)? } }
                }
                _ => return Err(Error::invalid("say --config and --name, --template, or --into")),
            };
            let mapping = map.into_iter().map(|(variable, column)| Mapping { variable, column }).collect();
            let tasks_path = tasks.as_deref().map(text).transpose()?;
            let import = NewImport { target, tasks_path, mapping, skip_duplicates };
            Ok(imported(&until_interrupted(engine.import_project(import), || engine.cancel_import()).await?))
        }
        ProjectCommand::Issues { project, out } => {
            let project = engine.project(project).await?.summary.id;
            if let Some(out) = out {
                let rows = engine.export_import_issues(project, out.clone()).await?;
                let text = format!("{rows} rows written to {}", out.display());
                return Ok(Report::done(json!({ "rows": rows, "out": out }), text));
            }
            let issues = engine.import_issues(project, 0, ISSUES_LISTED).await?;
            let lines: String = issues.rows.iter().map(issue_text).collect();
            Ok(Report::done(json!({ "total": issues.total, "issues": issues.rows }), lines))
        }
        ProjectCommand::CheckMedia { project } => {
            let project = engine.project(project).await?.summary.id;
            let check = until_interrupted(engine.check_media(project), || engine.cancel_media_check()).await?;
            let mut lines =
                format!("{} tasks, {} pieces, {} tasks with faults\n", check.tasks, check.pieces, check.faulty_tasks);
            for fault in &check.faults {
                let (task, object, source) = (fault.position + 1, &fault.object, &fault.source);
                lines.push_str(&format!("task {task}, {object}, “{source}”: {}\n", fault.problem));
            }
            let ok = check.faulty_tasks == 0 && !check.canceled;
            Ok(Report { json: super::members(&check).into(), text: lines, ok })
        }
        ProjectCommand::Rename { project, name } => {
            let id = engine.project(project).await?.summary.id;
            engine.rename_project(id.clone(), name).await?;
            let renamed = engine.project(id.0).await?.summary;
            let text = format!("renamed to {}", renamed.name);
            Ok(Report::done(json!({ "id": renamed.id, "name": renamed.name }), text))
        }
        ProjectCommand::List => {
            let projects = engine.projects().await?;
            let headings = ["name", "tasks", "ground truth", "id"];
            let rows = projects
                .iter()
                .map(|project| {
                    [
                        project.name.clone(),
                        project.task_count.to_string(),
                        project.ground_truth_count.to_string(),
                        project.id.to_string(),
                    ]
                })
                .collect();
            Ok(Report::done(json!({ "projects": projects }), listed(headings, rows, "no projects yet")))
        }
    }
}

fn imported(report: &ImportReport) -> Report {
    let mut lines = format!(
        "{} tasks, {} annotations, {} with ground truth, {} refused, {} duplicates\n",
        report.tasks, report.annotations, report.ground_truth, report.refused, report.duplicates
    );
    if report.ground_truth_implied > 0 {
        let implied = report.ground_truth_implied;
        lines.push_str(&format!("{implied} annotations did not say so and count as ground truth\n"));
    }
    for issue in &report.first_issues {
        lines.push_str(&issue_text(issue));
    }
    for warning in &report.warnings {
        lines.push_str(&format!("warning: {warning}\n"));
    }
    lines.push_str(report.project_id.as_str());
    Report::done(super::members(report).into(), lines)
}

pub(super) fn issue_text(issue: &ImportIssue) -> String {
    let what = match issue.kind {
        IssueKind::Refused => "refused",
        IssueKind::Duplicate => "is a duplicate",
        IssueKind::Changed => "was changed",
    };
    let place = match (issue.remote_id, issue.line) {
        (Some(id), _) => format!("task {id}"),
        (None, Some(line)) => format!("item {} (line {line})", issue.item),
        (None, None) => format!("item {}", issue.item),
    };
    format!("{place} {what}: {}\n", issue.message)
}

pub(super) fn text(path: &Path) -> Result<String> {
    match path.to_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(Error::invalid(format!("“{}” is not a file name in UTF-8", path.display()))),
    }
}
