use crate::arguments::{PromptCommand, PromptFormatArgument, SnippetLanguageArgument, Words};
use crate::output::{Report, counted, listed, remark};
use serde_json::json;
use std::path::Path;
use touchstone_engine::connections::ConnectionSummary;
use touchstone_engine::domain::SpaceId;
use touchstone_engine::domain::json::Object;
use touchstone_engine::domain::prompt::{Message, Role};
use touchstone_engine::domain::text::file_problem;
use touchstone_engine::drafts::DraftContent;
use touchstone_engine::prompt_files::PromptFormat;
use touchstone_engine::prompts::{NewPrompt, PromptDetail, PromptSummary};
use touchstone_engine::snippets::SnippetLanguage;
use touchstone_engine::{Engine, Error, Result};

pub(crate) async fn run(engine: &Engine, command: PromptCommand) -> Result<Report> {
    match command {
        PromptCommand::Create { name, description, space, project, connection, words } => {
            // Everything that can be wrong is looked at before anything is made.
            let connection = find_connection(engine, &connection).await?;
            let project = engine.project(project).await?;
            let Some(user) = &words.user else { return Err(Error::invalid("give the prompt's text by --user")) };
            let user = text(user)?;
            if user.trim().is_empty() {
                return Err(Error::invalid("the user message is empty; a prompt needs one"));
            }
            let system = words.system.as_deref().map(text).transpose()?;
            let params = words.params.as_deref().map(params_of).transpose()?;
            let space_id = wanted_space(engine, space).await?;
            let prompt = NewPrompt { name, description, project_id: project.summary.id, space_id };
            let id = engine.create_prompt(prompt).await?;
            let mut content = engine.prompt(id.to_string()).await?.draft.content;
            content.messages = system.into_iter().map(|text| Message::new(Role::System, text)).collect();
            content.messages.push(Message::new(Role::User, user));
            ask(&mut content, &connection, words.model.as_deref());
            if let Some(params) = params {
                content.invocation_params = params;
            }
            engine.save_draft(id.clone(), content).await?;
            let version = engine.save_version(id.clone(), words.message).await?.version;
            Ok(Report::done(
                json!({
                    "prompt_id": id, "version_id": version.id, "number": version.number,
                    "commit_hash": version.commit_hash,
                }),
                format!("{id} v{} {}", version.number, version.commit_hash),
            ))
        }
        PromptCommand::Move { prompts, space } => {
            let space = engine.space(space).await?;
            let mut ids = Vec::new();
            for prompt in prompts {
                ids.push(engine.prompt(prompt).await?.summary.id);
            }
            let moved = ids.len();
            engine.move_prompts(ids, space.id.clone()).await?;
            let text = format!("moved {moved} to {}", space.name);
            Ok(Report::done(json!({ "moved": moved, "space_id": space.id }), text))
        }
        PromptCommand::Export { prompts, space, format, out } => {
            let mut ids = Vec::new();
            for prompt in &prompts {
                ids.push(find_prompt(engine, prompt.clone(), space.as_deref()).await?.summary.id);
            }
            if let Some(space) = space.filter(|_| prompts.is_empty()) {
                let space = engine.space(space).await?;
                let of_it = engine.prompts().await?.into_iter().filter(|prompt| prompt.space_id == space.id);
                ids.extend(of_it.map(|prompt| prompt.id));
                if ids.is_empty() {
                    return Err(Error::invalid(format!("the space “{}” has no prompts", space.name)));
                }
            }
            let format = match format {
                PromptFormatArgument::Touchstone => PromptFormat::Touchstone,
                PromptFormatArgument::Arize => PromptFormat::Arize,
                PromptFormatArgument::Phoenix => PromptFormat::Phoenix,
                PromptFormatArgument::Langfuse => PromptFormat::Langfuse,
                PromptFormatArgument::Promptfoo => PromptFormat::Promptfoo,
            };
            let written = engine.export_prompts(ids, format, out).await?;
            let mut lines = format!("{} written to {}\n", counted(written.prompts, "prompt"), written.path);
            for why in &written.refused {
                lines.push_str(&format!("refused: {why}\n"));
            }
            Ok(Report { json: super::members(&written).into(), text: lines, ok: written.refused.is_empty() })
        }
        PromptCommand::Import { files, space } => {
            let space = wanted_space(engine, space).await?;
            let imported = engine.import_prompts(files, space).await?;
            let mut lines = String::new();
            for prompt in &imported.prompts {
                let (id, name, space) = (&prompt.id, &prompt.name, &imported.space_name);
                let versions = counted(prompt.version_count, "version");
                lines.push_str(&format!("{id} {name} with {versions} in {space}\n"));
            }
            for why in &imported.refused {
                lines.push_str(&format!("refused: {why}\n"));
            }
            Ok(Report { json: super::members(&imported).into(), text: lines, ok: imported.refused.is_empty() })
        }
        PromptCommand::Snippet { prompt, version, language, task } => {
            let prompt = find_prompt(engine, prompt.prompt, prompt.space.as_deref()).await?.summary;
            let version = match (version, prompt.latest_version) {
                (Some(wanted), _) => engine.find_version(prompt.id, wanted).await?.id,
                (None, Some(latest)) => latest.id,
                (None, None) => return Err(Error::invalid("the prompt has no version yet; save one first")),
            };
            let mut code = engine.version_code(version, task.map(|task| task - 1)).await?;
            if let Some(language) = language {
                let wanted = match language {
                    SnippetLanguageArgument::Curl => SnippetLanguage::Curl,
                    SnippetLanguageArgument::Python => SnippetLanguage::Python,
                    SnippetLanguageArgument::Typescript => SnippetLanguage::Typescript,
                };
                code.snippets.retain(|snippet| snippet.language == wanted);
            }
            for why in &code.left_out {
                remark(&format!("{why}\n"));
            }
            if !code.environment.is_empty() {
                remark(&format!("The code reads {} from the environment.\n", code.environment.join(" and ")));
            }
            let text: Vec<_> = code.snippets.iter().map(|snippet| snippet.code.as_str()).collect();
            Ok(Report::done(super::members(&code).into(), text.join("\n")))
        }
        PromptCommand::List => {
            let prompts = engine.prompts().await?;
            let headings = ["name", "space", "project", "newest", "best accuracy", "id"];
            let rows = prompts
                .iter()
                .map(|prompt| {
                    [
                        prompt.name.clone(),
                        prompt.space_name.clone(),
                        prompt.project_name.clone().unwrap_or_default(),
                        prompt
                            .latest_version
                            .as_ref()
                            .map_or_else(String::new, |version| format!("v{}", version.number)),
                        super::accuracy_text(prompt.best_accuracy),
                        prompt.id.to_string(),
                    ]
                })
                .collect();
            Ok(Report::done(json!({ "prompts": prompts }), listed(headings, rows, "no prompts yet")))
        }
    }
}

/// The space with this id or name, if one is named.
async fn wanted_space(engine: &Engine, space: Option<String>) -> Result<Option<SpaceId>> {
    match space {
        Some(space) => Ok(Some(engine.space(space).await?.id)),
        None => Ok(None),
    }
}

/// The prompt with this id or name, where a space is given among those of that space.
pub(super) async fn find_prompt(engine: &Engine, id_or_name: String, space: Option<&str>) -> Result<PromptDetail> {
    let Some(space) = space else { return engine.prompt(id_or_name).await };
    let space = engine.space(space.to_owned()).await?;
    let is_it = |prompt: &&PromptSummary| prompt.id.as_str() == id_or_name || prompt.name == id_or_name;
    let prompts = engine.prompts().await?;
    let found = prompts.iter().filter(|prompt| prompt.space_id == space.id).find(is_it);
    let Some(found) = found else {
        return Err(Error::invalid(format!("there is no prompt “{id_or_name}” in the space “{}”", space.name)));
    };
    engine.prompt(found.id.to_string()).await
}

/// The connection with this id or name.
pub(super) async fn find_connection(engine: &Engine, id_or_name: &str) -> Result<ConnectionSummary> {
    let connections = engine.connections().await?;
    let is_it = |connection: &&ConnectionSummary| connection.id.as_str() == id_or_name || connection.name == id_or_name;
    connections.iter().find(is_it).cloned().ok_or_else(|| Error::not_found("connection", id_or_name))
}

/// Aims `content` at a connection's model: the given one, else its first.
pub(super) fn ask(content: &mut DraftContent, connection: &ConnectionSummary, model: Option<&str>) {
    content.connection_id = Some(connection.id.clone());
    if let Some(model) = model.or(connection.models.first().map(|model| model.id.as_str())) {
        content.model = model.to_owned();
    }
}

/// Parameters as they are entered.
fn params_of(json: &str) -> Result<Object> {
    serde_json::from_str(json).map_err(|error| Error::invalid(format!("--params is no JSON object: {error}")))
}

/// Replaces the messages and parameters that `words` gives; a system message goes first, a user message last.
pub(super) fn reword(content: &mut DraftContent, words: &Words) -> Result<()> {
    if let Some(params) = &words.params {
        content.invocation_params = params_of(params)?;
        // The window keeps those here that the API has no name for.
        content.extra = Object::default();
    }
    for (role, given) in [(Role::System, &words.system), (Role::User, &words.user)] {
        let Some(given) = given else { continue };
        let message = Message::new(role, text(given)?);
        match content.messages.iter_mut().find(|known| known.role == role) {
            Some(known) => *known = message,
            None if role == Role::System => content.messages.insert(0, message),
            None => content.messages.push(message),
        }
    }
    Ok(())
}

/// The text itself, or the content of the file that `@FILE` names.
fn text(given: &str) -> Result<String> {
    match given.strip_prefix('@') {
        None => Ok(given.to_owned()),
        Some(path) => std::fs::read_to_string(Path::new(path))
            .map_err(|error| Error::invalid(format!("“{path}” could not be read: {}", file_problem(&error)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_take_the_place_of_all_that_were_set_also_in_the_window() {
        let mut content: DraftContent = serde_json::from_value(json!({
            "messages": [],
            "input_variable_format": "F_STRING",
            "connection_id": null,
            "provider": "custom",
            "model": "m",
            "invocation_params": { "temperature": 1 },
            "provider_params": {},
            "extra": { "seed": 42 },
        }))
        .expect("a draft");
        let params = Some(r#"{"max_tokens": 9}"#.to_owned());
        let words = Words { user: None, system: None, model: None, params, message: None };
        reword(&mut content, &words).expect("parameters");
        assert!(content.extra.0.is_empty());
        assert_eq!(serde_json::to_value(&content.invocation_params).expect("JSON"), json!({ "max_tokens": 9 }));
    }
}
