use crate::arguments::{ConfigCommand, NewConfig};
use crate::output::{Report, listed};
use serde_json::json;
use std::path::Path;
use touchstone_engine::configs::{ClassRename, ConfigImpact, check_config, config_templates};
use touchstone_engine::domain::ProjectId;
use touchstone_engine::imports::read_config_file;
use touchstone_engine::labeling::ProblemSeverity;
use touchstone_engine::{Engine, Error, Result};

/// Answers what is about a config alone; `None` for what is about a project.
pub(crate) fn without_workspace(command: &ConfigCommand) -> Option<Result<Report>> {
    match command {
        ConfigCommand::Check { file } => Some(check(file)),
        ConfigCommand::Template { id } => Some(template(id.as_deref())),
        ConfigCommand::Impact(_) | ConfigCommand::Save(_) => None,
    }
}

pub(crate) async fn run(engine: &Engine, command: ConfigCommand) -> Result<Report> {
    match command {
        ConfigCommand::Impact(new) => {
            let (project, xml, renames) = read(engine, new).await?;
            let impact = engine.config_impact(project, xml, renames).await?;
            Ok(Report::done(super::members(&impact).into(), impact_text(&impact)))
        }
        ConfigCommand::Save(new) => {
            let (project, xml, renames) = read(engine, new).await?;
            let saved = engine.save_config(project, xml, renames).await?;
            let mut text = format!("the labeling config of “{}” is changed\n", saved.summary.name);
            for fault in &saved.config_faults {
                text.push_str(&format!("Label Studio would not save it: {fault}\n"));
            }
            let json = json!({
                "project_id": saved.summary.id,
                "config_faults": saved.config_faults,
                "variables": saved.variables,
            });
            Ok(Report::done(json, text))
        }
        ConfigCommand::Check { file } => check(&file),
        ConfigCommand::Template { id } => template(id.as_deref()),
    }
}

async fn read(engine: &Engine, new: NewConfig) -> Result<(ProjectId, String, Vec<ClassRename>)> {
    let xml = config_text(&new.file)?;
    Ok((engine.project(new.project).await?.summary.id, xml, new.rename))
}

fn config_text(file: &Path) -> Result<String> {
    let path = file.to_str().ok_or_else(|| Error::invalid(format!("{} is not a UTF-8 path", file.display())))?;
    read_config_file(path)
}

fn check(file: &Path) -> Result<Report> {
    let check = check_config(&config_text(file)?);
    let eligible = check.error.is_none() && check.ineligible.is_none();
    let problems: Vec<_> = check.error.into_iter().chain(check.problems).collect();
    let valid = problems.iter().all(|problem| problem.severity != ProblemSeverity::Error);
    let mut text = String::new();
    for problem in &problems {
        let severity = match problem.severity {
            ProblemSeverity::Error => "error",
            ProblemSeverity::Warning => "warning",
            ProblemSeverity::Info => "info",
        };
        text.push_str(&format!("line {}: {severity}: {}\n", problem.line, problem.message));
    }
    match &check.ineligible {
        Some(reason) => text.push_str(&format!("No prompt can aim at it. {reason}\n")),
        None if eligible => text.push_str("A prompt can aim at it.\n"),
        None => {}
    }
    let json = json!({
        "valid": valid,
        "eligible": eligible,
        "ineligible": check.ineligible,
        "variables": check.variables,
        "problems": problems,
    });
    Ok(Report { json, text, ok: valid })
}

fn template(id: Option<&str>) -> Result<Report> {
    let templates = config_templates()?;
    let Some(id) = id else {
        let rows = templates
            .iter()
            .map(|template| [template.id, template.group, template.description].map(str::to_owned))
            .collect();
        return Ok(Report::done(
            json!({ "templates": templates }),
            listed(["id", "group", "description"], rows, "no templates"),
        ));
    };
    let template = templates.into_iter().find(|template| template.id == id);
    let template = template.ok_or_else(|| Error::not_found("template", id))?;
    Ok(Report::done(super::members(&template).into(), template.xml.to_owned()))
}

fn impact_text(impact: &ConfigImpact) -> String {
    let mut text = format!(
        "{} annotations looked at; {} would not fit any more, {} of them ground truth\n",
        impact.annotations, impact.invalid_annotations, impact.ground_truths
    );
    for removed in &impact.removed_controls {
        text.push_str(&format!("{} is gone: {} annotations\n", removed.control, removed.annotations));
    }
    for removed in &impact.removed_labels {
        let (control, label) = (&removed.control, &removed.label);
        text.push_str(&format!("{control} has no “{label}” any more: {} annotations\n", removed.annotations));
    }
    for changed in &impact.changed_controls {
        let (control, from, to) = (&changed.control, &changed.from, &changed.to);
        text.push_str(&format!("{control} is a {to} instead of a {from}: {} annotations\n", changed.annotations));
    }
    for missing in &impact.missing_variables {
        text.push_str(&format!("{} tasks have nothing for {}\n", missing.tasks, missing.variable));
    }
    text
}
