use super::connections::certificates;
use super::projects::issue_text;
use super::runs::{find, until_interrupted};
use super::{members, secret_from};
use crate::arguments::LabelStudioCommand;
use crate::output::{Report, counted, listed};
use serde_json::json;
use similar::TextDiff;
use touchstone_engine::label_studio::{
    ConfigChange, Edition, GoneTasks, LabelStudioServer, NewServer, OtherVersions, PullOptions, PullPlan, PullReport,
    PushOptions, PushPlan, PushReport, PushState, ServerProject, ServerReport, TokenKind,
};
use touchstone_engine::{Engine, Error, Result};

pub(crate) async fn run(engine: &Engine, command: LabelStudioCommand) -> Result<Report> {
    match command {
        LabelStudioCommand::Connect { name, url, token_env, no_key, proxy, custom_ca } => {
            let custom_ca = custom_ca.as_deref().map(certificates).transpose()?;
            let token = Some(secret_from(&token_env)?);
            let server = NewServer { name, address: url, token, until_quit: no_key, proxy, custom_ca };
            let (server, ServerReport { abilities, token_kind, .. }) = engine.connect_server(server).await?;
            let token = match token_kind {
                TokenKind::Personal => "personal access token",
                TokenKind::Legacy => "legacy token",
            };
            let mut text = format!("{}, by a {token}\nit lets its user {}", words(&server), and(&abilities));
            if no_key {
                text.push_str("\nits token is not stored, so the other commands take --token-env");
            }
            let mut json = members(&server);
            json.insert("token_kind".to_owned(), json!(token_kind));
            json.insert("abilities".to_owned(), json!(abilities));
            Ok(Report::done(json.into(), text))
        }
        LabelStudioCommand::Servers => {
            let servers = engine.label_studio_servers().await?;
            let rows = servers.iter().map(|server| [words(server)]).collect();
            Ok(Report::done(json!({ "servers": servers }), listed(["server"], rows, "no servers yet")))
        }
        LabelStudioCommand::Remove { server, force } => {
            let found = engine.label_studio_server(server.clone(), None).await?;
            if found.linked > 0 && !force {
                return Err(Error::invalid(format!(
                    "{} of the projects here came from “{}”: without it they are not pulled again, nor their runs given back, \
                     even if it is connected anew; --force removes it all the same",
                    found.linked, found.name
                )));
            }
            engine.remove_server(found.id).await?;
            Ok(Report::done(json!({ "removed": server }), format!("removed {server}; projects that came from it stay")))
        }
        LabelStudioCommand::Projects { server, search, details, token_env } => {
            let server = server_of(engine, server, token_env).await?;
            projects(engine, &server, search.unwrap_or_default(), details).await
        }
        LabelStudioCommand::Pull { server, project, take_config, keep_gone, remove_gone, dry_run, token_env } => {
            let server = server_of(engine, server, token_env).await?;
            let gone = match (keep_gone, remove_gone) {
                (false, false) => GoneTasks::Leave,
                (true, _) => GoneTasks::Keep,
                (false, true) => GoneTasks::Remove,
            };
            if dry_run {
                let plan = engine.plan_pull(server.id, project).await?;
                return Ok(Report::done(members(&plan).into(), pull_words(&plan, take_config, gone)));
            }
            let pulling = engine.pull_project(server.id, project, PullOptions { take_config, gone });
            Ok(pulled(&until_interrupted(pulling, || engine.cancel_pull()).await?))
        }
        LabelStudioCommand::Push { server, run, replace, annotations, ground_truth, prelabel, dry_run, token_env } => {
            let server = server_of(engine, server, token_env).await?;
            let run = find(engine, &run).await?;
            if engine.link_of_run(run.id.clone()).await?.server_id != server.id {
                let words = format!("the project of this run did not come from “{}”", server.name);
                return Err(Error::invalid(words));
            }
            let other_versions = if replace { OtherVersions::Replace } else { OtherVersions::Beside };
            let options = PushOptions { other_versions, annotations, ground_truth, prelabel };
            if dry_run {
                let plan = engine.plan_push(run.id, options).await?;
                return Ok(Report::done(members(&plan).into(), plan_words(&plan, options)));
            }
            Ok(pushed(&until_interrupted(engine.push_run(run.id, options), || engine.stop_pushes()).await?))
        }
        LabelStudioCommand::Waiting { all, drop } => {
            let mut pushes = engine.pushes().await?;
            if let Some(id) = drop {
                let place = pushes.iter().position(|push| push.id == id);
                pushes.remove(place.ok_or_else(|| Error::invalid(format!("nothing of the list has the id {id}")))?);
                engine.cancel_push(id).await?;
            }
            pushes.retain(|push| all || push.state != PushState::Done);
            let headings = ["id", "version", "to", "state", "reason"];
            let rows = pushes
                .iter()
                .map(|push| {
                    let state = members(push).remove("state").and_then(|state| state.as_str().map(str::to_owned));
                    [
                        push.id.to_string(),
                        format!("{} v{}", push.prompt_name, push.version),
                        format!("{} on {}", push.title, push.server_name),
                        state.unwrap_or_default(),
                        push.reason.clone().unwrap_or_default(),
                    ]
                })
                .collect();
            Ok(Report::done(json!({ "pushes": pushes }), listed(headings, rows, "nothing waits to be given back")))
        }
    }
}

async fn server_of(engine: &Engine, name: String, token_env: Option<String>) -> Result<LabelStudioServer> {
    let token = token_env.map(|variable| secret_from(&variable)).transpose()?;
    engine.label_studio_server(name, token).await
}

async fn projects(engine: &Engine, server: &LabelStudioServer, search: String, details: bool) -> Result<Report> {
    let mut all: Vec<ServerProject> = Vec::new();
    for page in 1.. {
        let found = engine.server_projects(server.id.clone(), search.clone(), page).await?;
        let is_last = found.projects.is_empty();
        all.extend(found.projects);
        if is_last || all.len() >= found.total as usize {
            break;
        }
    }
    if details {
        for project in &mut all {
            *project = engine.server_project(server.id.clone(), project.id).await?;
        }
    }
    let none = if search.is_empty() { "no projects" } else { "no projects with this in their title" };
    let headings = ["id", "title", "tasks", "annotations", "ground truth", "changed", "here", "note"];
    let rows = all
        .iter()
        .map(|project| {
            [
                project.id.to_string(),
                project.title.clone(),
                project.tasks.to_string(),
                project.annotations.to_string(),
                project.ground_truths.map_or_else(String::new, |count| count.to_string()),
                project.updated_at.clone().unwrap_or_default(),
                project.project_id.as_ref().map_or_else(String::new, |_| "yes".to_owned()),
                project.ineligible.as_ref().or(project.warning.as_ref()).cloned().unwrap_or_default(),
            ]
        })
        .collect();
    let told = all.iter().map(|project| {
        let mut told = members(project);
        if !details {
            // Nobody asked the server for them.
            told.retain(|name, _| !matches!(name.as_str(), "updated_at" | "warning"));
        }
        told
    });
    Ok(Report::done(json!({ "projects": told.collect::<Vec<_>>() }), listed(headings, rows, none)))
}

fn words(server: &LabelStudioServer) -> String {
    let version = server.version.as_deref().unwrap_or("?");
    let user = server.user.as_deref().unwrap_or("?");
    let role = server.role.as_deref().map(|role| format!(", {role}")).unwrap_or_default();
    let edition = match server.edition {
        Some(Edition::Community) => ", Community",
        Some(Edition::Enterprise) => ", Enterprise",
        None => "",
    };
    format!("{}: {}, Label Studio {version}{edition}, as {user}{role}", server.name, server.address)
}

fn pulled(report: &PullReport) -> Report {
    let PullReport { new, changed, kept_here, gone, removed, config_taken, report: import } = report;
    let mut text = format!("{}, {changed} changed, {} refused", counted(*new, "new task"), import.refused);
    let others = [
        (kept_here, "edited here, so left as they are"),
        (gone, "gone there, and kept here"),
        (removed, "gone there, and removed here with their annotations and predictions"),
    ];
    for (count, what) in others {
        if *count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    if *config_taken {
        text.push_str(", and its labeling config is that of there now");
    }
    text.push_str(&format!(
        "\nthe project has {}, {}, {} with ground truth\n",
        counted(import.tasks, "task"),
        counted(import.annotations, "annotation"),
        import.ground_truth
    ));
    for issue in &import.first_issues {
        text.push_str(&issue_text(issue));
    }
    for warning in &import.warnings {
        text.push_str(&format!("warning: {warning}\n"));
    }
    text.push_str(import.project_id.as_str());
    Report::done(members(report).into(), text)
}

/// What a pull would do with what was chosen.
fn pull_words(plan: &PullPlan, take_config: bool, gone: GoneTasks) -> String {
    let mut text = format!(
        "{}: {} there, {} new, {} changed, {} gone there, {} with annotations of yours",
        plan.title,
        counted(plan.tasks, "task"),
        plan.new,
        plan.changed,
        plan.gone,
        plan.edited_here
    );
    match gone {
        GoneTasks::Leave if plan.gone > 0 => {
            text.push_str(
                "\nthose that are gone stay; --keep-gone tells of them no more, --remove-gone removes them here",
            );
        }
        GoneTasks::Keep if plan.gone > 0 => {
            text.push_str("\nthose that are gone would stay, and be told of no more");
        }
        GoneTasks::Remove if plan.gone + plan.kept > 0 => text.push_str(&format!(
            "\n{} would be removed here, with their annotations and what runs predicted for them; it cannot be undone",
            counted(plan.gone + plan.kept, "task")
        )),
        _ => {}
    }
    if let Some(ConfigChange { before, after, faults, ineligible }) = &plan.config {
        text.push_str(if take_config {
            "\nits labeling config is another there, and would be taken:\n"
        } else {
            "\nits labeling config is another there; --take-config takes it:\n"
        });
        let diff = TextDiff::from_lines(before, after);
        text.push_str(&diff.unified_diff().missing_newline_hint(false).header("here", "there").to_string());
        for fault in faults {
            text.push_str(&format!("\nLabel Studio would object to it: {fault}"));
        }
        if let Some(why) = ineligible {
            text.push_str(&format!("\nno prompt could aim at the project with it: {why}"));
        }
    }
    text
}

/// What a push would write with what was chosen: what was asked for is told of even where there is none of it.
fn plan_words(plan: &PushPlan, options: PushOptions) -> String {
    let PushOptions { other_versions, annotations, ground_truth, prelabel } = options;
    let mut text = format!(
        "“{}” to {} on {}: {} to write, {} there already",
        plan.model_version,
        plan.title,
        plan.server_name,
        counted(plan.predictions, "prediction"),
        plan.unchanged
    );
    let mut line = |is_asked: bool, count: u32, what: &str, becomes: &str| {
        if is_asked || count > 0 {
            text.push_str(&format!("\n{} {becomes}", counted(count, what)));
        }
    };
    let of_data = "to write of data that changed there since; a new run predicts from that of now";
    line(false, plan.of_other_data, "prediction", of_data);
    let replaces = other_versions == OtherVersions::Replace;
    line(replaces, plan.replaced, "prediction", "of other versions to delete");
    line(annotations, plan.annotations, "annotation", "to write");
    line(ground_truth, plan.ground_truths, "ground-truth mark", "to set");
    line(false, plan.failed_tasks, "task", "of the run without a prediction, because it failed");
    line(false, plan.not_there, "task", "of the run not there");
    if let Some(waiting) = &plan.waiting {
        text.push_str(&format!("\nit would wait: {waiting}"));
        return text;
    }
    text.push_str(&match &plan.prelabels_with {
        Some(named) if *named == plan.model_version => "\ntasks that nobody annotated begin with it there".to_owned(),
        Some(named) if prelabel => {
            format!("\ntasks that nobody annotated would begin with it there, and no more with “{named}”")
        }
        Some(named) => {
            format!("\nthe project there names “{named}” for tasks that nobody annotated; --prelabel changes that")
        }
        None if prelabel => "\ntasks that nobody annotated would begin with it there, and no more empty".to_owned(),
        None => "\ntasks that nobody annotated begin empty there; with --prelabel, with this".to_owned(),
    });
    if plan.prelabels_replaced > 0 && !prelabel {
        let deleted = counted(plan.prelabels_replaced, "prediction");
        text.push_str(&format!("\n{deleted} of that version would be deleted, and their tasks begin empty"));
    }
    text
}

fn pushed(report: &PushReport) -> Report {
    let mut text = format!(
        "{} written, {} unchanged, {} failed as “{}”",
        report.written, report.unchanged, report.failed, report.model_version
    );
    let others = [
        (report.replaced, "prediction", "of other versions deleted"),
        (report.annotations, "annotation", "written"),
        (report.ground_truths, "ground-truth mark", "set"),
        (report.not_there, "task", "not there"),
    ];
    for (count, what, became) in others.into_iter().filter(|(count, ..)| *count > 0) {
        text.push_str(&format!(", {} {became}", counted(count, what)));
    }
    for reason in &report.reasons {
        text.push_str(&format!("\n{reason}"));
    }
    if report.prelabels {
        text.push_str("\ntasks that nobody annotated begin with it there from now on");
    }
    if let Some(waiting) = &report.waiting {
        text.push_str(&format!("\nthe rest waits: {waiting}"));
    }
    Report { json: members(report).into(), text, ok: report.failed == 0 && report.waiting.is_none() }
}

/// "a, b and c"; for none of them, that there is none.
fn and(parts: &[String]) -> String {
    match parts {
        [] => "do nothing that is needed here".to_owned(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}
