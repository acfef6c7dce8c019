use super::prompts::{ask, find_connection, find_prompt, reword};
use crate::arguments::{VersionCommand, Words};
use crate::output::{Report, listed};
use serde_json::json;
use touchstone_engine::{Engine, Result};

pub(crate) async fn run(engine: &Engine, command: VersionCommand) -> Result<Report> {
    match command {
        VersionCommand::List { prompt } => {
            let prompt = find_prompt(engine, prompt.prompt, prompt.space.as_deref()).await?;
            let versions = engine.version_page(prompt.summary.id, String::new(), 0, u32::MAX).await?.rows;
            let headings = ["version", "hash", "best accuracy", "saved", "labels", "message"];
            let rows = versions
                .iter()
                .map(|version| {
                    [
                        format!("v{}", version.number),
                        version.commit_hash.chars().take(12).collect(),
                        super::accuracy_text(version.best_accuracy),
                        version.created_at.clone(),
                        version.labels.join(", "),
                        version.message.clone(),
                    ]
                })
                .collect();
            Ok(Report::done(json!({ "versions": versions }), listed(headings, rows, "no versions yet")))
        }
        VersionCommand::Label { prompt, version, label, remove } => {
            let prompt = find_prompt(engine, prompt.prompt, prompt.space.as_deref()).await?.summary.id;
            let id = engine.find_version(prompt.clone(), version).await?.id;
            if remove {
                engine.remove_label(id.clone(), label).await?;
            } else {
                engine.move_label(id.clone(), label).await?;
            }
            let version = engine.version(id).await?.summary;
            Ok(Report::done(
                json!({
                    "prompt_id": prompt, "version_id": version.id, "number": version.number, "labels": version.labels,
                }),
                format!("v{} {}", version.number, version.labels.join(", ")),
            ))
        }
        VersionCommand::Create { prompt, connection, words } => {
            let prompt = find_prompt(engine, prompt.prompt, prompt.space.as_deref()).await?;
            let id = prompt.summary.id;
            let Words { user, system, model, params, message: _ } = &words;
            let says_nothing = user.is_none() && system.is_none() && model.is_none() && params.is_none();
            let saved = if says_nothing && connection.is_none() {
                engine.save_version(id.clone(), words.message).await?
            } else {
                // What somebody has not saved yet is neither saved for them nor written over.
                let mut content = match prompt.summary.latest_version.filter(|_| prompt.draft.changed) {
                    Some(latest) => engine.version(latest.id).await?.content,
                    None => prompt.draft.content,
                };
                reword(&mut content, &words)?;
                if let Some(connection) = connection {
                    ask(&mut content, &find_connection(engine, &connection).await?, words.model.as_deref());
                } else if let Some(model) = words.model {
                    content.model = model;
                }
                engine.add_version(id.clone(), content, words.message).await?
            };
            let version = saved.version;
            let unchanged = if saved.unchanged { " unchanged" } else { "" };
            Ok(Report::done(
                json!({
                    "prompt_id": id, "version_id": version.id, "number": version.number,
                    "commit_hash": version.commit_hash, "unchanged": saved.unchanged,
                }),
                format!("v{}{unchanged} {}", version.number, version.commit_hash),
            ))
        }
    }
}
