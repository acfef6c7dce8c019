//! Prompts of Langfuse (`prompt`, `config`, `labels`): every version on its own, its messages in mustache.
//!
//! Its `config` is free, so it holds all that is beside the messages, by our names; its messages are texts with a role,
//! and what else a message of ours has is refused by name.

use super::foreign::{Case, message, parameters, respelled, unsaid};
use super::{FoundVersion, History, Read, alone_or_listed, mustache, object, text, texts};
use crate::Result;
use crate::versions::parsed;
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::{Message, PromptContent, Provider, Role};
use touchstone_domain::template::VariableFormat;

pub(super) fn written(history: &History, refused: &mut Vec<String>) -> Result<Option<Json>> {
    let mut versions = Vec::new();
    for version in &history.versions {
        let content = parsed(&version.content)?;
        let said = said(&content).and_then(|messages| Ok((messages, config(&content)?)));
        let (messages, config) = match said {
            Ok(said) => said,
            Err(why) => {
                refused.push(unsaid(history, version, "Langfuse", &why));
                continue;
            }
        };
        let labels = history.labels_of(version);
        versions.push(Json::Object(object([
            ("name", text(&history.prompt.name)),
            ("version", Json::Number(version.number.to_string())),
            ("type", text("chat")),
            ("prompt", Json::Array(messages)),
            ("config", Json::Object(config)),
            ("labels", Json::Array(labels.iter().map(|label| text(label)).collect())),
            ("tags", Json::Array(Vec::new())),
            ("commitMessage", text(&version.commit_message)),
        ])));
    }
    if history.versions.is_empty() {
        refused.push(format!("“{}” has no version yet; save one first", history.prompt.name));
    }
    Ok((!versions.is_empty()).then(|| alone_or_listed(versions)))
}

fn said(content: &PromptContent) -> Read<Vec<Json>> {
    let messages = content.messages.iter().map(|message| {
        let more = [("tool_calls", message.tool_calls.is_some()), ("tool_call_id", message.tool_call_id.is_some())];
        let more = more.into_iter().find_map(|(name, is_there)| is_there.then_some(name));
        if let Some(name) = more.or(message.other.0.first().map(|(name, _)| name.as_str())) {
            return Err(format!("its messages have no place for “{name}”"));
        }
        let words = mustache::written(message.text(), content.input_variable_format)?;
        Ok(Json::Object(object([("role", text(message.role.as_str())), ("content", text(&words))])))
    });
    messages.collect()
}

fn config(content: &PromptContent) -> Read<Object> {
    let mut config = object([("provider", text(content.provider.as_str())), ("model", text(&content.model))]);
    let provider_params = (!content.provider_params.is_empty())
        .then(|| ("provider_params".to_owned(), Json::Object(content.provider_params.clone())));
    for (name, value) in content.invocation_params.0.iter().chain(&provider_params).chain(&content.extra.0) {
        if config.get(name).is_some() {
            return Err(format!("its config has a place for one “{name}” only"));
        }
        let is_format = name == "response_format";
        config.set(name, if is_format { respelled(value, Case::Lower) } else { value.clone() });
    }
    Ok(config)
}

pub(super) fn read(fields: &Object, prompt: &Json) -> Read<FoundVersion> {
    let messages = match prompt {
        Json::String(words) => vec![Message::new(Role::User, words.clone())],
        Json::Array(given) => given.iter().map(chat_message).collect::<Read<Vec<_>>>()?,
        _ => return Err("its prompt is neither a text nor a list of messages".to_owned()),
    };
    let mut config = fields.get("config").and_then(Json::as_object).cloned().unwrap_or_default();
    let model = taken(&mut config, "model", |value| value.as_str().map(str::to_owned));
    let provider = taken(&mut config, "provider", |value| value.as_str().and_then(provider));
    let provider_params = taken(&mut config, "provider_params", |value| value.as_object().cloned());
    if let Some(format) = config.get("response_format").map(|format| respelled(format, Case::Upper)) {
        config.set("response_format", format);
    }
    let (invocation_params, extra) = parameters(config);
    let content = PromptContent {
        messages,
        input_variable_format: VariableFormat::Mustache,
        provider: provider.unwrap_or(Provider::Custom),
        model: model.unwrap_or_default(),
        invocation_params,
        provider_params: provider_params.unwrap_or_default(),
        extra,
    };
    let message = fields.get("commitMessage").and_then(Json::as_str).map(str::to_owned);
    let mut labels = texts(fields.get("labels"));
    // Langfuse puts it on the newest by itself.
    labels.retain(|label| label != "latest");
    Ok(FoundVersion::of(&content, message, labels))
}

/// Takes what is read under a name out of `config`, where it can be read.
fn taken<T>(config: &mut Object, name: &str, read: impl Fn(&Json) -> Option<T>) -> Option<T> {
    let value = config.get(name).and_then(read)?;
    config.remove(name);
    Some(value)
}

/// By our word, however it is put together.
fn provider(word: &str) -> Option<Provider> {
    let plain = |word: &str| word.replace(['_', '-', ' '], "").to_ascii_lowercase();
    Provider::ALL.into_iter().find(|known| plain(known.as_str()) == plain(word))
}

fn chat_message(json: &Json) -> Read<Message> {
    let word = |name: &str| json.as_object().and_then(|fields| fields.get(name)?.as_str());
    if word("type") == Some("placeholder") {
        let name = word("name").unwrap_or_default();
        let what = format!("it has a placeholder “{name}” for messages that are put in when it is used");
        return Err(format!("{what}, which a prompt here cannot hold"));
    }
    let mut message = message(json, &|words| Ok(words.to_owned()))?;
    // A word for what it is anyway.
    if message.other.get("type").and_then(Json::as_str) == Some("chatmessage") {
        message.other.remove("type");
    }
    Ok(message)
}
