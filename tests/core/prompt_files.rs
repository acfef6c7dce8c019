//! Prompts into files and out of them: ours exactly, those of other programs as far as they say it.

use crate::support::{Desk, Server, bugs, by_text};
use serde_json::{Value, json};
use touchstone_engine::domain::PromptId;
use touchstone_engine::domain::json::Json;
use touchstone_engine::domain::prompt::{Provider, Role};
use touchstone_engine::domain::template::VariableFormat;
use touchstone_engine::prompt_files::{ImportedPrompts, PromptFormat};

async fn import(desk: &Desk, name: &str, content: &Value) -> ImportedPrompts {
    let path = desk.folder.path().join(name);
    std::fs::write(&path, content.to_string()).expect("a file");
    desk.engine.import_prompts(vec![path]).await.expect("imported")
}

/// A prompt with two versions, a label and a draft that was changed since.
async fn written(desk: &Desk) -> PromptId {
    let server = Server::start(by_text);
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    let mut content = desk.engine.prompt(prompt.to_string()).await.expect("prompt").draft.content;
    let Json::Object(extra) = serde_json::from_str(r#"{"seed":12345678901234567890,"b":1.0,"a":2}"#).expect("JSON")
    else {
        panic!("an object")
    };
    content.extra = extra;
    for text in ["One: {text}", "Two: {text} {\"k\": 1}"] {
        content.messages[0].content = Some(text.to_owned());
        desk.engine.save_draft(prompt.clone(), content.clone()).await.expect("draft");
        desk.engine.save_version(prompt.clone(), Some(format!("Says {text}"))).await.expect("version");
    }
    let newest = desk.engine.version_page(prompt.clone(), String::new(), 0, 1).await.expect("versions").rows.remove(0);
    desk.engine.move_label(newest.id, "production".to_owned()).await.expect("labelled");
    content.messages[0].content = Some("Draft: {text}".to_owned());
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    desk.engine.set_prompt_folder(vec![prompt.clone()], "a/b".to_owned()).await.expect("folder");
    prompt
}

#[tokio::test]
async fn our_own_files_keep_everything() {
    let desk = Desk::new();
    let prompt = written(&desk).await;
    let path = desk.folder.path().join("prompts.json");
    desk.engine.export_prompts(Vec::new(), PromptFormat::Touchstone, path.clone()).await.expect("exported");
    let first = std::fs::read_to_string(&path).expect("a file");
    let other = Desk::new();
    let imported = other.engine.import_prompts(vec![path.clone()]).await.expect("imported");
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    let again = desk.folder.path().join("again.json");
    other.engine.export_prompts(Vec::new(), PromptFormat::Touchstone, again.clone()).await.expect("exported");
    assert_eq!(std::fs::read_to_string(&again).expect("a file"), first, "byte for byte");
    let copy = other.engine.prompt(imported.prompts[0].id.to_string()).await.expect("prompt");
    let original = desk.engine.prompt(prompt.to_string()).await.expect("prompt");
    assert_eq!(copy.draft.content.messages, original.draft.content.messages);
    assert!(copy.draft.changed);
    // Where the name is taken, the next free one is.
    assert_eq!(
        other.engine.import_prompts(vec![path]).await.expect("imported").prompts[0].name,
        format!("{} 2", original.summary.name)
    );
}

#[tokio::test]
async fn a_version_that_is_not_what_its_hash_says_is_refused() {
    let desk = Desk::new();
    written(&desk).await;
    let path = desk.folder.path().join("prompts.json");
    desk.engine.export_prompts(Vec::new(), PromptFormat::Touchstone, path.clone()).await.expect("exported");
    let spoilt = std::fs::read_to_string(&path).expect("a file").replace("One: ", "Won: ");
    std::fs::write(&path, spoilt).expect("a file");
    let imported = desk.engine.import_prompts(vec![path]).await.expect("read");
    assert!(imported.prompts.is_empty() && imported.refused[0].contains("not what its hash says"), "{imported:?}");
}

#[tokio::test]
async fn what_other_programs_write_is_read() {
    let desk = Desk::new();
    let arize = json!({ "id": "x", "name": "From Arize", "description": null, "space_id": "s", "version": {
        "id": "y", "commit_hash": "z", "commit_message": "m", "provider": "open_ai", "model": "gpt",
        "input_variable_format": "mustache", "messages": [{ "role": "user", "content": "Hi {{name}}" }],
        "invocation_params": { "max_tokens": 5, "seed": 7 }, "labels": ["live"] } });
    let phoenix = json!({ "data": { "name": "From Phoenix", "description": "d", "model_provider": "ANTHROPIC",
        "model_name": "claude", "template_format": "F_STRING", "template_type": "CHAT",
        "template": { "type": "chat", "messages": [
            { "role": "system", "content": "Sort." },
            { "role": "ai", "content": [{ "type": "text", "text": "Yes" }] }] },
        "invocation_parameters": { "type": "anthropic", "anthropic": { "max_tokens": 9 } } } });
    let langfuse = json!([
        { "name": "From Langfuse", "version": 2, "type": "chat", "labels": ["production", "latest"], "config": {},
          "prompt": [{ "role": "user", "content": "Second {{x}}" }], "commitMessage": "why" },
        { "name": "From Langfuse", "version": 1, "type": "text", "labels": [], "config": { "model": "m", "temperature": 0.5 },
          "prompt": "First {{x}}" },
    ]);
    let mut read = Vec::new();
    for (name, content) in [("arize.json", arize), ("phoenix.json", phoenix), ("langfuse.json", langfuse)] {
        let imported = import(&desk, name, &content).await;
        assert!(imported.refused.is_empty(), "{:?}", imported.refused);
        let id = imported.prompts[0].id.clone();
        let draft = desk.engine.prompt(id.to_string()).await.expect("prompt");
        read.push((draft.summary, draft.draft.content));
    }
    let (summary, content) = &read[0];
    assert_eq!((summary.name.as_str(), summary.labels[0].name.as_str()), ("From Arize", "live"));
    assert_eq!((content.provider, content.input_variable_format), (Provider::OpenAi, VariableFormat::Mustache));
    assert_eq!(content.extra.get("seed"), Some(&Json::Number("7".to_owned())), "the API has no such parameter");
    let (summary, content) = &read[1];
    assert_eq!((summary.name.as_str(), content.provider), ("From Phoenix", Provider::Anthropic));
    assert_eq!((content.messages[1].role, content.messages[1].text()), (Role::Assistant, "Yes"));
    let (summary, content) = &read[2];
    assert_eq!((summary.version_count, content.messages[0].text()), (2, "Second {{x}}"));
    assert_eq!(
        summary.labels.iter().map(|label| (label.name.as_str(), label.number)).collect::<Vec<_>>(),
        [("production", 2)]
    );
}

#[tokio::test]
async fn other_formats_are_written_so_that_they_can_be_read() {
    let desk = Desk::new();
    let prompt = written(&desk).await;
    for format in [PromptFormat::Arize, PromptFormat::Phoenix, PromptFormat::Langfuse] {
        let path = desk.folder.path().join(format!("{format:?}.json"));
        desk.engine.export_prompts(vec![prompt.clone()], format, path.clone()).await.expect("exported");
        let imported = desk.engine.import_prompts(vec![path]).await.expect("imported");
        assert!(imported.refused.is_empty(), "{format:?}: {:?}", imported.refused);
        let versions = if format == PromptFormat::Phoenix { 1 } else { 2 };
        assert_eq!(imported.prompts[0].version_count, versions, "{format:?}");
        let content = desk.engine.prompt(imported.prompts[0].id.to_string()).await.expect("prompt").draft.content;
        let text = match format {
            PromptFormat::Langfuse => "Two: {{text}} {\"k\": 1}",
            _ => "Two: {text} {\"k\": 1}",
        };
        assert_eq!(content.messages[0].text(), text, "{format:?}");
    }
}

#[tokio::test]
async fn what_is_no_prompt_is_refused_in_words() {
    let desk = Desk::new();
    for (content, why) in [
        (json!(5), "it holds no prompt"),
        (json!({ "name": "x" }), "no format that is known"),
        (json!({ "name": "x", "version": { "messages": [] } }), "commit_message is missing"),
        (json!({ "format": "touchstone-prompts", "form": 2, "prompts": [] }), "newer Touchstone"),
        (json!([{ "name": "x", "prompt": [{ "role": "king", "content": "" }] }]), "no role"),
    ] {
        let imported = import(&desk, "odd.json", &content).await;
        assert!(imported.refused.len() == 1 && imported.refused[0].contains(why), "{:?}", imported.refused);
    }
}
