use super::{members, secret_from};
use crate::arguments::{Exchange, SpaceCommand};
use crate::output::{Report, counted, listed};
use serde_json::json;
use touchstone_engine::links::{LinkReport, NewLink, PromptChange};
use touchstone_engine::spaces::SpaceWords;
use touchstone_engine::{Engine, Error, Result};

pub(crate) async fn run(engine: &Engine, command: SpaceCommand) -> Result<Report> {
    match command {
        SpaceCommand::List => {
            let spaces = engine.spaces().await?;
            let headings = ["name", "prompts", "linked with", "id"];
            let rows = spaces
                .iter()
                .map(|space| {
                    let link = space.link.as_ref();
                    [
                        space.name.clone(),
                        space.prompt_count.to_string(),
                        link.map_or_else(String::new, |link| format!("{} at {}", link.remote_space_name, link.address)),
                        space.id.to_string(),
                    ]
                })
                .collect();
            Ok(Report::done(json!({ "spaces": spaces }), listed(headings, rows, "no spaces yet")))
        }
        SpaceCommand::Create { name, description } => {
            let id = engine.create_space(SpaceWords { name, description }).await?;
            Ok(Report::done(json!({ "space_id": id }), id.to_string()))
        }
        SpaceCommand::Remove { space } => {
            engine.delete_space(engine.space(space.clone()).await?.id).await?;
            Ok(Report::done(json!({ "removed": space }), format!("removed {space}")))
        }
        SpaceCommand::Link { space, url, remote, token_env, no_key } => {
            let space = engine.space(space).await?;
            let key = Some(secret_from(&token_env)?);
            let link = NewLink { address: url, remote_space: remote, key, until_quit: no_key };
            let link = engine.link_space(space.id, link).await?;
            let mut text = format!("{} follows {} at {}", space.name, link.remote_space_name, link.address);
            if no_key {
                text.push_str("; its key is not stored, so pull and push with --token-env");
            }
            Ok(Report::done(members(&link).into(), text))
        }
        SpaceCommand::Unlink { space } => {
            engine.unlink_space(engine.space(space.clone()).await?.id).await?;
            Ok(Report::done(json!({ "unlinked": space }), format!("unlinked {space}")))
        }
        SpaceCommand::Pull(exchange) => bring(engine, exchange, true).await,
        SpaceCommand::Push(exchange) => bring(engine, exchange, false).await,
    }
}

/// Pulls or pushes; it has failed where a change was refused, or left because of a conflict.
async fn bring(engine: &Engine, exchange: Exchange, is_pull: bool) -> Result<Report> {
    let space = engine.space(exchange.space).await?.id;
    if let Some(variable) = &exchange.token_env {
        engine.lend_link_key(space.clone(), secret_from(variable)?).await?;
    }
    let plan = engine.plan_link(space.clone()).await.map_err(|error| match error.field() {
        Some("key") if exchange.token_env.is_none() => {
            Error::invalid(format!("{error}; the variable that holds another can be named by --token-env"))
        }
        _ => error,
    })?;
    let changes = if is_pull { plan.pull } else { plan.push };
    let is_meant = |change: &&PromptChange| {
        change.can_apply && !exchange.dry_run && (exchange.with_conflicts || change.is_offered)
    };
    let ids: Vec<_> = changes.iter().filter(is_meant).map(|change| change.id.clone()).collect();
    let left = changes.iter().filter(|change| !change.conflicts.is_empty() && !ids.contains(&change.id)).count();
    let report = match ids.is_empty() {
        true => LinkReport::default(),
        false => engine.apply_link(space, ids).await?,
    };
    let done = if is_pull { report.pulled } else { report.pushed };
    let mut lines: Vec<_> = changes.iter().map(line).collect();
    if !exchange.dry_run {
        lines.push(format!("{done} {}, {left} left because of conflicts", if is_pull { "pulled" } else { "pushed" }));
    }
    lines.extend(plan.notes.iter().map(|note| format!("{}: {}", note.name, note.words.join("; "))));
    lines.push(format!("{} prompts are the same on both sides", plan.in_step));
    lines.extend(report.refused.iter().map(|why| format!("refused: {why}")));
    let mut json = members(&report);
    json.insert("changes".to_owned(), json!(changes));
    json.insert("notes".to_owned(), json!(plan.notes));
    json.insert("in_step".to_owned(), plan.in_step.into());
    json.insert("left".to_owned(), left.into());
    let ok = report.refused.is_empty() && (exchange.dry_run || left == 0);
    Ok(Report { ok, json: json.into(), text: lines.join("\n") })
}

/// A change in one line.
fn line(change: &PromptChange) -> String {
    let mut parts = Vec::new();
    if change.is_new {
        parts.push("new".to_owned());
    }
    if change.version_count > 0 {
        parts.push(counted(change.version_count, "version"));
    }
    for label in &change.labels {
        let place = |place: &Option<String>| place.clone().unwrap_or_else(|| "nothing".to_owned());
        parts.push(format!("{} from {} to {}", label.name, place(&label.from), place(&label.to)));
    }
    if change.description.is_some() {
        parts.push("description".to_owned());
    }
    parts.extend(change.notes.iter().cloned());
    parts.extend(change.conflicts.iter().map(|why| format!("conflict: {why}")));
    parts.extend(change.losses.iter().map(|lost| format!("loss: {lost}")));
    format!("{}: {}", change.name, parts.join("; "))
}
