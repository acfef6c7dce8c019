use super::prompts::{ask, find_connection, reword};
use crate::arguments::VersionCommand;
use crate::output::{Report, columns};
use serde_json::json;
use touchstone_engine::domain::PromptId;
use touchstone_engine::prompts::VersionSummary;
use touchstone_engine::{Engine, Error, Result};

/// Shortest start of a commit hash that is taken for one.
const HASH_START_MIN: usize = 6;

pub(crate) async fn run(engine: &Engine, command: VersionCommand) -> Result<Report> {
    match command {
        VersionCommand::List { prompt } => {
            let prompt = engine.prompt(prompt).await?;
            let versions = engine.versions(prompt.summary.id).await?;
            let rows: Vec<_> = versions
                .iter()
                .map(|version| {
                    [
                        format!("v{}", version.number),
                        version.commit_hash.chars().take(12).collect(),
                        super::accuracy_text(version.best_accuracy),
                        version.created_at.clone(),
                        version.message.clone(),
                    ]
                })
                .collect();
            Ok(Report::done(json!({ "versions": versions }), columns(&rows)))
        }
        VersionCommand::Create { prompt, connection, words } => {
            let prompt = engine.prompt(prompt).await?;
            let id = prompt.summary.id;
            let mut content = prompt.draft.content;
            reword(&mut content, &words)?;
            if let Some(connection) = connection {
                ask(&mut content, &find_connection(engine, &connection).await?, words.model.as_deref());
            } else if let Some(model) = words.model {
                content.model = model;
            }
            engine.save_draft(id.clone(), content).await?;
            let saved = engine.save_version(id.clone(), words.message).await?;
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

/// The version of a prompt that `wanted` names: a number, an id, or the start of a commit hash.
pub(super) async fn find(engine: &Engine, prompt: PromptId, wanted: &str) -> Result<VersionSummary> {
    let number: Option<u32> = wanted.strip_prefix('v').unwrap_or(wanted).parse().ok();
    let versions = engine.versions(prompt).await?;
    let is_it = |version: &&VersionSummary| {
        Some(version.number) == number
            || version.id.as_str() == wanted
            || (wanted.len() >= HASH_START_MIN && version.commit_hash.starts_with(wanted))
    };
    versions.into_iter().find(|version| is_it(&version)).ok_or_else(|| Error::not_found("version", wanted))
}
