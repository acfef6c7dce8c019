//! Prompts into files and out of them: ours exactly, those of other programs as far as they say it.

use crate::support::{Desk, Server, bugs, by_text};
use serde_json::{Value, json};
use touchstone_engine::ErrorCode;
use touchstone_engine::domain::json::Json;
use touchstone_engine::domain::prompt::{Provider, Role};
use touchstone_engine::domain::template::{VariableFormat, render};
use touchstone_engine::domain::{PromptId, SpaceId};
use touchstone_engine::drafts::DraftContent;
use touchstone_engine::prompt_files::{ImportedPrompts, PromptFormat};
use touchstone_engine::prompts::NewPrompt;
use touchstone_engine::spaces::SpaceWords;

async fn import(desk: &Desk, name: &str, content: &Value) -> ImportedPrompts {
    let path = desk.folder.path().join(name);
    std::fs::write(&path, content.to_string()).expect("a file");
    desk.engine.import_prompts(vec![path], None).await.expect("imported")
}

/// A prompt with two versions, a label that was on both and a draft that was changed since.
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
    let rows = desk.engine.version_page(prompt.clone(), String::new(), 0, 2).await.expect("versions").rows;
    for version in rows.into_iter().rev() {
        desk.engine.move_label(version.id, "production".to_owned()).await.expect("labelled");
    }
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
    let imported = other.engine.import_prompts(vec![path.clone()], None).await.expect("imported");
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    let again = desk.folder.path().join("again.json");
    other.engine.export_prompts(Vec::new(), PromptFormat::Touchstone, again.clone()).await.expect("exported");
    assert_eq!(std::fs::read_to_string(&again).expect("a file"), first, "byte for byte");
    let copy = other.engine.prompt(imported.prompts[0].id.to_string()).await.expect("prompt");
    let original = desk.engine.prompt(prompt.to_string()).await.expect("prompt");
    assert_eq!(copy.draft.content.messages, original.draft.content.messages);
    assert!(copy.draft.changed);
    assert_eq!(other.engine.label_moves(imported.prompts[0].id.clone()).await.expect("moves").len(), 2);
    // Where the name is taken, the next free one is.
    assert_eq!(
        other.engine.import_prompts(vec![path], None).await.expect("imported").prompts[0].name,
        format!("{} 2", original.summary.name)
    );
}

#[tokio::test]
async fn prompts_keep_their_order_in_the_list_through_a_file() {
    let desk = Desk::new();
    for name in ["One", "Two", "Three"] {
        take(&desk, &[(name, &[content("F_STRING", "{x}")])]).await;
    }
    let listed = async |desk: &Desk| {
        let prompts = desk.engine.prompts().await.expect("prompts").into_iter();
        prompts.map(|prompt| (prompt.id, prompt.name)).unzip::<_, _, Vec<_>, Vec<_>>()
    };
    let (ids, names) = listed(&desk).await;
    assert_eq!(names, ["Three", "Two", "One"]);
    for format in [
        PromptFormat::Touchstone,
        PromptFormat::Arize,
        PromptFormat::Phoenix,
        PromptFormat::Langfuse,
        PromptFormat::Promptfoo,
    ] {
        for ids in [Vec::new(), ids.clone()] {
            let path = desk.folder.path().join("all");
            desk.engine.export_prompts(ids, format, path.clone()).await.expect("exported");
            let there = Desk::new();
            there.engine.import_prompts(vec![path], None).await.expect("imported");
            assert_eq!(listed(&there).await.1, names, "{format:?}");
        }
    }
}

#[tokio::test]
async fn prompts_come_into_the_space_that_is_wanted() {
    let desk = Desk::new();
    let words = SpaceWords { name: "Team".to_owned(), description: String::new() };
    let team = desk.engine.create_space(words).await.expect("space");
    let path = desk.folder.path().join("tone.json");
    std::fs::write(&path, json!({ "name": "Tone", "prompt": "Which? {{text}}" }).to_string()).expect("a file");
    let at_first = desk.engine.import_prompts(vec![path.clone()], None).await.expect("imported");
    let imported = desk.engine.import_prompts(vec![path.clone()], Some(team.clone())).await.expect("imported");
    assert_eq!((&imported.space_id, imported.space_name.as_str()), (&team, "Team"));
    assert_ne!(at_first.space_id, team);
    let prompt = desk.engine.prompt(imported.prompts[0].id.to_string()).await.expect("prompt").summary;
    assert_eq!((prompt.space_id, prompt.name.as_str()), (team, "Tone"), "a name is taken in its own space only");
    let nowhere = desk.engine.import_prompts(vec![path], Some(SpaceId("nowhere".to_owned()))).await;
    assert_eq!(nowhere.expect_err("no such space").code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_version_that_is_not_what_its_hash_says_is_refused() {
    let desk = Desk::new();
    written(&desk).await;
    let path = desk.folder.path().join("prompts.json");
    desk.engine.export_prompts(Vec::new(), PromptFormat::Touchstone, path.clone()).await.expect("exported");
    let spoilt = std::fs::read_to_string(&path).expect("a file").replace("One: ", "Won: ");
    std::fs::write(&path, spoilt).expect("a file");
    let imported = desk.engine.import_prompts(vec![path], None).await.expect("read");
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
async fn replies_of_other_servers_are_read_as_they_come() {
    let desk = Desk::new();
    let text = json!({ "data": { "description": "d", "model_provider": "ANTHROPIC", "model_name": "claude",
        "template": { "type": "string", "template": "Hello {x}" }, "template_type": "STR",
        "template_format": "F_STRING",
        "invocation_parameters": { "type": "anthropic", "anthropic": { "max_tokens": 100, "seed": 7 } } } });
    let imported = import(&desk, "text.json", &text).await;
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    let read = contents(&desk, &imported.prompts[0].id).await.remove(0);
    assert_eq!((read.messages.len(), read.messages[0].role, read.messages[0].text()), (1, Role::User, "Hello {x}"));
    assert_eq!(read.invocation_params.to_map(), *json!({ "max_tokens": 100 }).as_object().expect("one"));
    assert_eq!(read.extra.to_map(), *json!({ "seed": 7 }).as_object().expect("one"), "no parameter that is known");

    let version = |words: &str| {
        json!({ "id": words, "prompt_id": "x", "commit_hash": words, "commit_message": words,
            "messages": [{ "role": "USER", "content": words }], "input_variable_format": "F_STRING",
            "provider": "OPEN_AI", "model": "g", "created_at": "2024-01-02T12:00:00Z", "created_by_user_id": "u" })
    };
    let versions = [version("second"), version("first")];
    let list = json!({ "prompt_versions": versions, "pagination": { "has_more": false } });
    let imported = import(&desk, "Tone.json", &list).await;
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    assert_eq!((imported.prompts[0].name.as_str(), imported.prompts[0].version_count), ("Tone", 2));
    let read = contents(&desk, &imported.prompts[0].id).await;
    assert_eq!((read[0].messages[0].text(), read[1].messages[0].text()), ("first", "second"));

    for (name, content) in [
        ("marked.json", json!({ "name": "Marked", "prompt": "Hi {{x}}" }).to_string()),
        ("marked.yaml", "prompts:\n  - Hi {{x}}\n".to_owned()),
    ] {
        let path = desk.folder.path().join(name);
        std::fs::write(&path, format!("\u{feff}{content}")).expect("a file");
        let imported = desk.engine.import_prompts(vec![path], None).await.expect("imported");
        assert!(imported.refused.is_empty() && imported.prompts.len() == 1, "{name}: {:?}", imported.refused);
    }
}

#[tokio::test]
async fn other_formats_are_written_so_that_they_can_be_read() {
    let desk = Desk::new();
    let prompt = written(&desk).await;
    for format in [PromptFormat::Arize, PromptFormat::Phoenix, PromptFormat::Langfuse] {
        let path = desk.folder.path().join(format!("{format:?}.json"));
        desk.engine.export_prompts(vec![prompt.clone()], format, path.clone()).await.expect("exported");
        let imported = desk.engine.import_prompts(vec![path], None).await.expect("imported");
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
        (
            json!({ "name": "x", "prompt": [{ "type": "placeholder", "name": "history" }] }),
            "a placeholder “history” for",
        ),
    ] {
        let imported = import(&desk, "odd.json", &content).await;
        assert!(imported.refused.len() == 1 && imported.refused[0].contains(why), "{:?}", imported.refused);
    }
}

/// Takes prompts of our own format, of which only names and contents are given.
async fn take(desk: &Desk, prompts: &[(&str, &[Value])]) -> Vec<PromptId> {
    let prompts = prompts.iter().map(|(name, contents)| {
        let versions: Vec<_> = contents.iter().map(|content| json!({ "content": content })).collect();
        json!({ "name": name, "versions": versions })
    });
    let file = json!({ "format": "touchstone-prompts", "form": 1, "prompts": prompts.collect::<Vec<_>>() });
    let imported = import(desk, "ours.json", &file).await;
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    imported.prompts.into_iter().map(|prompt| prompt.id).collect()
}

fn content(format: &str, user: &str) -> Value {
    json!({
        "messages": [{ "role": "USER", "content": user }], "input_variable_format": format, "provider": "practice",
        "model": "practice", "invocation_params": {}, "provider_params": {}, "extra": {},
    })
}

async fn contents(desk: &Desk, prompt: &PromptId) -> Vec<DraftContent> {
    let rows = desk.engine.version_page(prompt.clone(), String::new(), 0, 1000).await.expect("versions").rows;
    let mut contents = Vec::new();
    for row in rows.into_iter().rev() {
        contents.push(desk.engine.version(row.id).await.expect("a version").content);
    }
    contents
}

/// A config in a folder of its own, with other files beside it.
async fn import_config(desk: &Desk, config: &str, others: &[(&str, &str)]) -> ImportedPrompts {
    let folder = desk.folder.path().join("config");
    std::fs::create_dir_all(folder.join("prompts")).expect("a folder");
    for (name, text) in others {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    let path = folder.join("promptfooconfig.yaml");
    std::fs::write(&path, config).expect("a file");
    desk.engine.import_prompts(vec![path], None).await.expect("imported")
}

#[tokio::test]
async fn a_config_of_promptfoo_has_every_version_beside_its_model() {
    let desk = Desk::new();
    let mut first = content("F_STRING", "Which tone?\n\n  {text}\n");
    first["provider"] = json!("open_ai");
    first["model"] = json!("gpt-4o-mini");
    first["invocation_params"] = json!({
        "temperature": 0.0, "stop": ["yes"], "response_format": { "type": "JSON_OBJECT" },
        "tool_config": { "tools": [{ "type": "function", "function": { "name": "f" } }], "tool_choice": "auto" },
    });
    first["extra"] = json!({ "seed": 7 });
    let mut second = first.clone();
    second["messages"] = json!([
        { "role": "SYSTEM", "content": "Say {{\"tone\": …}} or {{{{x}}}}." }, { "role": "USER", "content": "{text}" },
        { "role": "ASSISTANT", "content": null, "tool_calls": [
            { "id": "1", "type": "FUNCTION", "function": { "name": "f", "arguments": "{\"a\":\"{{b}}\"}" } }] },
        { "role": "TOOL", "content": "1", "tool_call_id": "1" },
    ]);
    let mut third = content("NONE", "Write {{ env.HOME }} as it is.");
    third["invocation_params"] = json!({ "max_tokens": 5 });
    let mut other = content("MUSTACHE", "{{text}}");
    other["provider"] = json!("gemini");
    other["model"] = json!("gemini-pro");
    other["invocation_params"] = json!({ "max_tokens": 5, "top_p": 0.5, "verbosity": "low" });
    let ids = take(&desk, &[("Tone", &[first, second, third]), ("Other", &[other])]).await;
    let path = desk.folder.path().join("promptfooconfig.yaml");
    desk.engine.export_prompts(ids.clone(), PromptFormat::Promptfoo, path.clone()).await.expect("exported");
    let written = std::fs::read_to_string(&path).expect("a file");
    assert_eq!(written, include_str!("../fixtures/promptfooconfig.yaml"), "{written}");

    let there = Desk::new();
    let imported = there.engine.import_prompts(vec![path], None).await.expect("imported");
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    let found: Vec<_> = imported.prompts.iter().map(|prompt| (prompt.name.as_str(), prompt.version_count)).collect();
    assert_eq!(found, [("Tone", 3), ("Other", 1)]);
    let before = contents(&desk, &ids[0]).await;
    let after = contents(&there, &imported.prompts[0].id).await;
    for place in 0..2 {
        let (before, after) = (&before[place], &after[place]);
        assert_eq!((after.provider, &after.model, &after.extra), (before.provider, &before.model, &before.extra));
        assert_eq!(after.invocation_params, before.invocation_params);
    }
    assert_eq!(after[1].messages[2..], before[1].messages[2..], "calls of tools too");
    assert_eq!(after[2].input_variable_format, VariableFormat::Verbatim);
    assert_eq!(after[2].messages, before[2].messages);
    assert_eq!(after[2].invocation_params, before[2].invocation_params, "without a model they are the prompt's");
    let other = contents(&there, &imported.prompts[1].id).await.remove(0);
    assert_eq!((other.provider, other.model.as_str()), (Provider::Gemini, "gemini-pro"));
    assert_eq!(other.invocation_params.to_map(), *json!({ "max_tokens": 5, "top_p": 0.5 }).as_object().expect("one"));
}

/// A prompt of one version, with calls of a tool, and what is beside its messages.
fn with_tools() -> Value {
    let mut content = content("F_STRING", "Look {x} up");
    content["provider"] = json!("open_ai");
    content["messages"] = json!([
        { "role": "USER", "content": "Look {x} up" },
        { "role": "ASSISTANT", "content": null, "tool_calls": [
            { "id": "c", "type": "FUNCTION", "function": { "name": "f", "arguments": "{\"z\":1,\"a\":2}" } }] },
        { "role": "TOOL", "content": "r", "tool_call_id": "c" },
        { "role": "ASSISTANT", "content": "So", "tool_calls": [
            { "id": "d", "type": "FUNCTION", "function": { "name": "f", "arguments": "{}" } }] },
    ]);
    content["invocation_params"] = json!({
        "temperature": 0.5,
        "tool_config": {
            "tools": [{ "type": "function", "function": { "name": "f", "parameters": { "z": 1, "a": 2 } } },
                { "type": "web_search" }],
            "tool_choice": { "type": "function", "function": { "name": "f" } },
        },
        "response_format": { "type": "JSON_SCHEMA", "json_schema": { "name": "n", "schema": { "z": 1, "a": 2 } } },
    });
    content["extra"] = json!({ "seed": 7, "top_a": 1, "parallel_tool_calls": false });
    content
}

#[tokio::test]
async fn calls_of_tools_and_forms_of_answers_go_to_phoenix_and_come_back() {
    let desk = Desk::new();
    let mut anthropic = with_tools();
    anthropic["provider"] = json!("anthropic");
    anthropic["invocation_params"] = json!({ "max_tokens": 5000, "stop": ["end"], "top_k": 3 });
    anthropic["extra"] = json!({ "thinking": { "type": "enabled", "budget_tokens": 2000 } });
    let mut gemini = content("NONE", "{x}");
    gemini["provider"] = json!("gemini");
    gemini["invocation_params"] = json!({ "max_tokens": 5, "stop": ["end"] });
    let ids = take(&desk, &[("Tools", &[with_tools()]), ("Claude", &[anthropic]), ("Gemini", &[gemini])]).await;
    for id in &ids {
        let path = desk.folder.path().join("phoenix.json");
        desk.engine.export_prompts(vec![id.clone()], PromptFormat::Phoenix, path.clone()).await.expect("exported");
        let imported = desk.engine.import_prompts(vec![path.clone()], None).await.expect("imported");
        assert!(imported.refused.is_empty(), "{:?}", imported.refused);
        let (before, after) = (contents(&desk, id).await, contents(&desk, &imported.prompts[0].id).await);
        assert_eq!(after[0].messages, before[0].messages);
        assert_eq!(after[0].invocation_params.to_map(), before[0].invocation_params.to_map());
        assert_eq!(after[0].extra.to_map(), before[0].extra.to_map());
        let written: Value = serde_json::from_slice(&std::fs::read(&path).expect("a file")).expect("JSON");
        let parameters = &written["version"]["invocation_parameters"];
        match written["prompt"]["name"].as_str().expect("a name") {
            "Tools" => {
                assert_eq!(written["version"]["template"]["messages"][2]["content"][0]["tool_call_id"], "c");
                let tools = &written["version"]["tools"];
                assert_eq!(tools["tools"][1], json!({ "type": "raw", "raw": { "type": "web_search" } }));
                assert_eq!(tools["tool_choice"], json!({ "type": "specific_function", "function_name": "f" }));
                assert_eq!(written["version"]["response_format"]["type"], "json_schema");
                let openai = json!({ "temperature": 0.5, "seed": 7, "extra_body": { "top_a": 1 } });
                assert_eq!(parameters["openai"], openai);
            }
            "Claude" => {
                let anthropic = &parameters["anthropic"];
                assert_eq!(
                    (&anthropic["stop_sequences"], &anthropic["extra_body"]["top_k"]),
                    (&json!(["end"]), &json!(3))
                );
            }
            _ => assert_eq!(parameters["google"], json!({ "max_output_tokens": 5, "stop_sequences": ["end"] })),
        }
    }
}

#[tokio::test]
async fn what_phoenix_takes_is_read_as_well_as_what_it_gives() {
    let desk = Desk::new();
    let version = json!({ "description": "First", "model_provider": "OPENAI", "model_name": "gpt",
        "template_type": "CHAT", "template_format": "MUSTACHE",
        "template": { "type": "chat", "messages": [{ "role": "user", "content": "Sort {{x}}" }] },
        "invocation_parameters": { "type": "openai", "openai": {} } });
    let taken = json!({ "prompt": { "name": "sorter", "description": "Sorts" }, "version": version });
    let flat = json!({ "name": "sorter", "description": "Sorts", "version": version });
    for (file, name) in [(&taken, "sorter"), (&flat, "sorter 2"), (&json!([taken, flat]), "sorter 3")] {
        let imported = import(&desk, "phoenix.json", file).await;
        assert!(imported.refused.is_empty(), "{:?}", imported.refused);
        assert_eq!(imported.prompts[0].name, name);
        let prompt = desk.engine.prompt(imported.prompts[0].id.to_string()).await.expect("prompt");
        assert_eq!(prompt.summary.description, "Sorts");
        assert_eq!(prompt.draft.content.messages[0].text(), "Sort {{x}}");
        let path = desk.folder.path().join("written.json");
        let ids = vec![prompt.summary.id];
        desk.engine.export_prompts(ids, PromptFormat::Phoenix, path.clone()).await.expect("exported");
        let written: Value = serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
        assert_eq!(written, json!({ "prompt": { "name": name, "description": "Sorts" }, "version": version }));
    }
}

#[tokio::test]
async fn what_phoenix_cannot_say_is_named() {
    let desk = Desk::new();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut content = with_tools();
        change(&mut content);
        content
    };
    for (content, why) in [
        (changed(&|content| content["messages"][0]["name"] = json!("n")), "“name”"),
        (changed(&|content| content["messages"][1]["tool_calls"][0]["id"] = Value::Null), "no id"),
        (changed(&|content| content["messages"][1]["tool_calls"][0]["index"] = json!(1)), "“index”"),
        (changed(&|content| content["messages"][1]["tool_call_id"] = json!("c")), "answers a call"),
        (changed(&|content| content["invocation_params"]["tool_config"]["parallel"] = json!(1)), "“parallel”"),
        (changed(&|content| content["invocation_params"]["tool_config"]["tools"] = json!([])), "“tool_choice”"),
        (
            changed(&|content| content["invocation_params"]["tool_config"]["tool_choice"] = json!("any")),
            "“tool_choice”",
        ),
        (
            changed(&|content| content["invocation_params"]["response_format"]["type"] = json!("JSON_OBJECT")),
            "“json_object”",
        ),
        (changed(&|content| content["provider_params"] = json!({ "region": "eu" })), "“region”"),
        (changed(&|content| content["provider"] = json!("gemini")), "“seed”"),
    ] {
        let ids = take(&desk, &[("Tone", &[content])]).await;
        let name = desk.engine.prompt(ids[0].to_string()).await.expect("prompt").summary.name;
        let path = desk.folder.path().join("x.json");
        let error =
            desk.engine.export_prompts(ids, PromptFormat::Phoenix, path).await.expect_err("refused").to_string();
        assert!(error.contains(&format!("version 1 of “{name}”")) && error.contains(why), "{why}: {error}");
    }
    let template = |part: Value| {
        json!({ "name": "x", "model_provider": "OPENAI", "template": { "type": "chat", "messages": [
            { "role": "user", "content": [part] }] } })
    };
    let imported = import(&desk, "x.json", &template(json!({ "type": "image" }))).await;
    assert!(imported.refused[0].contains("“image”"), "{:?}", imported.refused);
    let result = json!({ "type": "tool_result", "tool_call_id": "c", "tool_result": { "a": 1 } });
    let imported = import(&desk, "x.json", &template(result)).await;
    let message = &contents(&desk, &imported.prompts[0].id).await[0].messages[0];
    assert_eq!((message.role, message.text(), message.tool_call_id.as_deref()), (Role::Tool, "{\"a\":1}", Some("c")));
}

#[tokio::test]
async fn templates_fill_in_the_same_after_they_went_through_langfuse() {
    let data = json!({ "x": "{{y}}", "y": "why", "user": { "name": "Ann", "first-name": "A" } });
    let data = data.as_object().expect("an object");
    let templates = [
        ("F_STRING", "Which? {x}", Some("Which? {{x}}")),
        ("F_STRING", "{{x}} {y}", Some("{x} {{y}}")),
        ("F_STRING", "{\"a\":{\"b\":{x}}} {} {user[name]}", Some("{\"a\":{\"b\":{{x}}}} {} {{user.name}}")),
        ("F_STRING", "{{x}} {user.first-name} <% %%>", None),
        ("F_STRING", "{{\"a\": \"{x}\"}}", Some("{\"a\": \"{{x}}\"}")),
        ("MUSTACHE", "{{#user}}{{name}}{{/user}} {x}", Some("{{#user}}{{name}}{{/user}} {x}")),
        ("NONE", "{x} {y} }} <%x%>", Some("{x} {y} }} <%x%>")),
    ];
    let desk = Desk::new();
    let made: Vec<_> = templates.iter().map(|(format, template, _)| content(format, template)).collect();
    let id = take(&desk, &[("All", &made)]).await.remove(0);
    let path = desk.folder.path().join("all.json");
    desk.engine.export_prompts(vec![id], PromptFormat::Langfuse, path.clone()).await.expect("exported");
    let imported = desk.engine.import_prompts(vec![path], None).await.expect("imported");
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    let came = contents(&desk, &imported.prompts[0].id).await;
    for ((format, template, expected), came) in templates.into_iter().zip(came) {
        let format = serde_json::from_value(json!(format)).expect("a format");
        let written = came.messages[0].text();
        assert_eq!(came.input_variable_format, VariableFormat::Mustache);
        assert!(expected.is_none_or(|expected| written == expected), "{template:?} became {written:?}");
        let text = render(written, came.input_variable_format, data);
        assert_eq!(text, render(template, format, data), "{template:?} became {written:?}");
    }
}

#[tokio::test]
async fn what_is_beside_the_messages_goes_to_langfuse_and_comes_back_exactly() {
    let desk = Desk::new();
    let text = r#"{"format":"touchstone-prompts","form":1,"prompts":[{"name":"Exact","versions":[{"content":{
        "messages":[{"role":"USER","content":"{x}"}],"input_variable_format":"F_STRING","provider":"azure_open_ai",
        "model":"m","invocation_params":{"max_tokens":12345678901234567890123,"temperature":-0,
        "response_format":{"type":"JSON_SCHEMA","json_schema":{"name":"n","schema":{"z":1,"a":2.0}}},
        "tool_config":{"tools":[{"type":"function"}]}},
        "provider_params":{"azure_params":{"azure_deployment_name":"d"}},"extra":{"b":1E400,"a":1.0}}}]}]}"#;
    let path = desk.folder.path().join("exact.json");
    std::fs::write(&path, text).expect("a file");
    let id = desk.engine.import_prompts(vec![path.clone()], None).await.expect("imported").prompts.remove(0).id;
    desk.engine.export_prompts(vec![id.clone()], PromptFormat::Langfuse, path.clone()).await.expect("exported");
    let imported = desk.engine.import_prompts(vec![path], None).await.expect("imported");
    let (before, after) =
        (contents(&desk, &id).await.remove(0), contents(&desk, &imported.prompts[0].id).await.remove(0));
    assert_eq!((after.provider, &after.model), (Provider::AzureOpenAi, &before.model));
    assert_eq!(after.invocation_params, before.invocation_params);
    assert_eq!((after.provider_params, after.extra), (before.provider_params, before.extra));

    // What others write there, and calls of tools in a chat.
    let given = json!({ "name": "Theirs", "config": { "provider": "openai", "seed": 7 }, "prompt": [
        { "type": "chatmessage", "role": "assistant", "content": null, "tool_calls": [
            { "id": "c", "type": "function", "function": { "name": "f", "arguments": "{}" } }] },
        { "role": "tool", "content": "r", "tool_call_id": "c" } ] });
    let imported = import(&desk, "theirs.json", &given).await;
    let came = contents(&desk, &imported.prompts[0].id).await.remove(0);
    assert_eq!((came.provider, came.extra.get("seed")), (Provider::OpenAi, Some(&Json::Number("7".to_owned()))));
    assert!(came.messages[0].tool_calls.is_some() && came.messages[0].other.is_empty());
    assert_eq!(came.messages[1].tool_call_id.as_deref(), Some("c"));
}

#[tokio::test]
async fn what_langfuse_cannot_say_is_named() {
    let desk = Desk::new();
    let mut twice = content("NONE", "x");
    twice["extra"] = json!({ "model": "other" });
    let mut named = content("NONE", "x");
    named["messages"][0]["name"] = json!("n");
    for (content, why) in [
        (content("F_STRING", "{items[0]}"), "“items[0]”"),
        (content("F_STRING", "{a.b[-1].c}"), "“a.b[-1].c”"),
        (content("F_STRING", "{{{{x}}}}"), "“{{”"),
        (content("F_STRING", "{{{x}}}"), "“{{”"),
        (content("NONE", "{{x}} {y}"), "“{{”"),
        (content("MUSTACHE", "{{=<% %>=}}{{x}} <%y%>"), "other delimiters"),
        (with_tools(), "“tool_calls”"),
        (named, "“name”"),
        (twice, "“model”"),
    ] {
        let ids = take(&desk, &[("Tone", &[content])]).await;
        let path = desk.folder.path().join("x.json");
        let error =
            desk.engine.export_prompts(ids, PromptFormat::Langfuse, path).await.expect_err("refused").to_string();
        assert!(error.contains("version 1 of “Tone") && error.contains(why), "{why}: {error}");
    }
}

#[tokio::test]
async fn templates_fill_in_the_same_after_they_went_through_promptfoo() {
    let data = json!({ "x": "{{y}}", "user": { "name": "Ann", "first-name": "A" }, "items": ["one", { "n": 1 }] });
    let data = data.as_object().expect("an object");
    let templates = [
        ("F_STRING", "Which? {x}"),
        ("F_STRING", "{x}"),
        ("F_STRING", "{{\"a\": \"{x}\"}} and {{x}} and {{{{x}}}}"),
        ("F_STRING", "{\"a\":{\"b\":{x}}} {} {{ }} {{{user.name}}}"),
        ("F_STRING", "{items[0]} {user.first-name} {items[1].n} {{all}}"),
        ("F_STRING", "Is 1/2 *more*? Yes. No."),
        ("F_STRING", "5"),
        ("F_STRING", "[\"{x}\"]"),
        ("F_STRING", "- role: {x}"),
        ("F_STRING", "file://{x}"),
        ("F_STRING", "{% if {x} %} {# no #} {{% %}} C:\\dir"),
        ("F_STRING", " \r\n\ttabs {x} \u{a0}\u{feff}\u{0} \n\n"),
        ("F_STRING", "true"),
        ("MUSTACHE", "{{ x }} {{{x}}} {{& user.name }}{{! why }}"),
        ("MUSTACHE", "{{=<% %>=}}\n<% x %> {{x}} <% user.first-name %>{"),
        ("MUSTACHE", "{ {x} {{x}}}"),
        ("NONE", "{{x}} {x} {% raw %}{{ '{{' }}{% endraw %} {{ env.HOME }}"),
    ];
    let desk = Desk::new();
    let made: Vec<_> = templates.iter().map(|(format, template)| content(format, template)).collect();
    let id = take(&desk, &[("All", &made)]).await.remove(0);
    let path = desk.folder.path().join("all.yml");
    desk.engine.export_prompts(vec![id], PromptFormat::Promptfoo, path.clone()).await.expect("exported");
    let imported = desk.engine.import_prompts(vec![path], None).await.expect("imported");
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    let came = contents(&desk, &imported.prompts[0].id).await;
    for ((format, template), came) in templates.into_iter().zip(came) {
        let format = serde_json::from_value(json!(format)).expect("a format");
        let [message] = came.messages.as_slice() else { panic!("{template:?} became {:?}", came.messages) };
        let text = render(message.text(), came.input_variable_format, data);
        assert_eq!(text, render(template, format, data), "{template:?} became {:?}", message.text());
    }
}

#[tokio::test]
async fn a_version_that_promptfoo_cannot_say_is_named() {
    let desk = Desk::new();
    for (name, bad, why) in [
        ("Lists", content("MUSTACHE", "{{#items}}{{.}}{{/items}}"), "“{{#items}}”"),
        ("Names", content("F_STRING", "{a-b}"), "“a-b”"),
        ("Environment", content("F_STRING", "{env.HOME}"), "“env.HOME”"),
        (
            "Reference",
            {
                let mut content = content("NONE", "x");
                content["invocation_params"] = json!({ "response_format": { "json_schema": { "$ref": "#/a" } } });
                content
            },
            "“$ref”",
        ),
    ] {
        let ids = take(&desk, &[(name, &[content("NONE", "x"), bad.clone()])]).await;
        let path = desk.folder.path().join("x.yaml");
        let written = desk.engine.export_prompts(ids, PromptFormat::Promptfoo, path.clone()).await.expect("exported");
        let [refused] = written.refused.as_slice() else { panic!("{:?}", written.refused) };
        assert!(refused.contains(&format!("version 2 of “{name}”")) && refused.contains(why), "{refused}");
        let config = std::fs::read_to_string(&path).expect("a file");
        assert!(config.contains(&format!("{name} (v1)")) && !config.contains("(v2)"), "{config}");
        let nothing = desk.folder.path().join("nothing.yaml");
        let alone = take(&desk, &[("Alone", &[bad])]).await;
        let error = desk.engine.export_prompts(alone, PromptFormat::Promptfoo, nothing.clone()).await;
        assert!(error.expect_err("refused").to_string().contains(why) && !nothing.exists(), "nothing is left to write");
    }
}

#[tokio::test]
async fn a_version_that_cannot_be_said_does_not_keep_the_others_from_a_file() {
    let desk = Desk::new();
    let mut bad = content("F_STRING", "{items[0]} {a-b}");
    bad["messages"][0]["name"] = json!("n");
    let good = content("F_STRING", "{x}");
    take(&desk, &[("Mixed", &[good.clone(), bad.clone()]), ("Good", &[good]), ("Bad", &[bad])]).await;
    for (format, prompts) in [
        (PromptFormat::Promptfoo, 2),
        (PromptFormat::Langfuse, 2),
        (PromptFormat::Phoenix, 1),
        (PromptFormat::Arize, 3),
    ] {
        let path = desk.folder.path().join("all");
        let written = desk.engine.export_prompts(Vec::new(), format, path.clone()).await.expect("exported");
        assert_eq!(written.prompts, prompts, "{format:?}");
        let refused = if format == PromptFormat::Arize { 0 } else { 2 };
        assert_eq!(written.refused.len(), refused, "{format:?}: {:?}", written.refused);
        let there = Desk::new();
        let imported = there.engine.import_prompts(vec![path], None).await.expect("imported");
        assert_eq!(imported.prompts.len(), prompts as usize, "{format:?}: {:?}", imported.refused);
    }
}

#[tokio::test]
async fn a_prompt_without_a_version_is_not_in_a_config() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(1)).await;
    let new = NewPrompt { name: "Draft".to_owned(), description: String::new(), project_id: project, space_id: None };
    let draft = desk.engine.create_prompt(new).await.expect("prompt");
    let path = desk.folder.path().join("all.yaml");
    let alone = desk.engine.export_prompts(vec![draft], PromptFormat::Promptfoo, path.clone()).await;
    assert!(alone.expect_err("refused").to_string().contains("save one first"));
    take(&desk, &[("Tone", &[content("F_STRING", "Which tone? {text}")])]).await;
    let written =
        desk.engine.export_prompts(Vec::new(), PromptFormat::Promptfoo, path.clone()).await.expect("exported");
    assert_eq!(written.prompts, 1);
    let imported = desk.engine.import_prompts(vec![path], None).await.expect("imported");
    assert_eq!(imported.prompts.iter().map(|prompt| prompt.name.as_str()).collect::<Vec<_>>(), ["Tone 2"]);
}

#[tokio::test]
async fn a_config_that_people_wrote_is_read() {
    let config = r#"
description: Support
x-shared: &shared { temperature: 0.5, apiKey: sk-planted, headers: { Authorization: planted }, apiHost: planted }
prompts:
  - 'Translate {{ text }} to {{ user["language"] }}'
  - |
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [{"type": "text", "text": "{{ text }}"}]}]
  - |-
    - role: system
      content: Sort {{ text }}.
    - role: user
      content: "{{ text }}"
  - id: labelled-by-id
    raw: Hello {{ name }}
  - { label: Parameters, raw: 'One {{ a }}', config: { max_tokens: 9 } }
  - { id: 'file://prompts/chat.json', label: Chat }
  - file://prompts/several.txt
  - prompts/plain.md
  - file://prompts/chat.yaml
  - { label: Literal, raw: '{% raw %}{{ "a": 1 }}{% endraw %}' }
  - { label: Both, raw: 'Say {% raw %}{{x}}{% endraw %} to {{ x }}' }
  - { label: Listed, raw: 'First: {{ items[0] }}' }
providers:
  - id: openai:chat:gpt-4o
    prompts: [Chat, 'labelled-*']
    config: { <<: *shared, seed: 3, tools: [{ type: function }], tool_choice: auto, stop: end, topP: 1 }
  - { id: 'vertex:gemini-2', prompts: [Both], config: { maxOutputTokens: 10, stopSequences: [a] } }
  - ollama:chat:llama3:8b: { prompts: [Literal] }
  - { id: 'azureopenai:chat:mine', prompts: [Parameters], config: { max_tokens: 1, temperature: 1 } }
  - { id: 'file://own.js', prompts: [Listed] }
tests:
  - vars: { text: x }
"#;
    let desk = Desk::new();
    let imported = import_config(
        &desk,
        config,
        &[
            ("prompts/chat.json", r#"[{"role": "user", "content": "Chat {{ x }}"}]"#),
            ("prompts/several.txt", "First {{ x }}\n\nof it\n---\n\n---\nSecond\n"),
            ("prompts/plain.md", "# Plain\n{{ x }}\n"),
            ("prompts/chat.yaml", "- role: assistant\n  content: &a Yes\n- role: user\n  content: |\n    No {{ x }}\n"),
        ],
    )
    .await;
    assert_eq!(
        imported.refused,
        Vec::<String>::new(),
        "every form is read; the numbers come from names that are there more than once"
    );
    let mut read = Vec::new();
    for prompt in &imported.prompts {
        let content = contents(&desk, &prompt.id).await.remove(0);
        let texts: Vec<_> = content.messages.iter().map(|message| message.text().to_owned()).collect();
        let params = serde_json::to_string(&content.invocation_params).expect("JSON");
        let extra = serde_json::to_string(&content.extra).expect("JSON");
        assert!(!format!("{content:?}").contains("planted"), "no secret comes in");
        read.push((
            prompt.name.as_str(),
            content.provider,
            content.model,
            content.input_variable_format,
            texts,
            params + &extra,
        ));
    }
    let m = VariableFormat::Mustache;
    let none = "{}{}";
    let row = |name, provider, model: &str, format, texts: &[&str], params: &str| {
        let texts = texts.iter().map(|&text| text.to_owned()).collect();
        (name, provider, model.to_owned(), format, texts, params.to_owned())
    };
    assert_eq!(
        read,
        [
            row("Support", Provider::Custom, "", m, &["Translate {{text}} to {{user.language}}"], none),
            row("Support 2", Provider::Custom, "", m, &["Be brief.", "{{text}}"], none),
            row("Support 3", Provider::Custom, "", m, &["Sort {{text}}.", "{{text}}"], none),
            row(
                "labelled-by-id",
                Provider::OpenAi,
                "gpt-4o",
                m,
                &["Hello {{name}}"],
                r#"{"temperature":0.5,"top_p":1,"stop":["end"],"tool_config":{"tools":[{"type":"function"}],"tool_choice":"auto"}}{"seed":3}"#
            ),
            row(
                "Parameters",
                Provider::AzureOpenAi,
                "mine",
                m,
                &["One {{a}}"],
                r#"{"temperature":1,"max_tokens":9}{}"#
            ),
            row(
                "Chat",
                Provider::OpenAi,
                "gpt-4o",
                m,
                &["Chat {{x}}"],
                r#"{"temperature":0.5,"top_p":1,"stop":["end"],"tool_config":{"tools":[{"type":"function"}],"tool_choice":"auto"}}{"seed":3}"#
            ),
            row("several", Provider::Custom, "", m, &["First {{x}}\n\nof it"], none),
            row("several 2", Provider::Custom, "", m, &["Second"], none),
            row("plain", Provider::Custom, "", m, &["# Plain\n{{x}}\n"], none),
            row("chat", Provider::Custom, "", m, &["Yes", "No {{x}}\n"], none),
            row("Literal", Provider::Custom, "llama3:8b", VariableFormat::Verbatim, &["{{ \"a\": 1 }}"], none),
            row(
                "Both",
                Provider::VertexAi,
                "gemini-2",
                m,
                &["{{=<% %>=}}\nSay {{x}} to <%x%>"],
                r#"{"max_tokens":10,"stop":["a"]}{}"#
            ),
            row("Listed", Provider::Custom, "", VariableFormat::FString, &["First: {items[0]}"], none),
        ]
    );
}

#[tokio::test]
async fn a_config_in_json_and_one_prompt_alone_are_read_too() {
    let desk = Desk::new();
    let config =
        json!({ "description": "Two words", "prompts": "Hello {{x}}", "providers": "anthropic:messages:claude" });
    for name in ["config.json", "config.yaml", "config.txt"] {
        let imported = import(&desk, name, &config).await;
        assert!(imported.refused.is_empty(), "{name}: {:?}", imported.refused);
        let content = contents(&desk, &imported.prompts[0].id).await.remove(0);
        assert_eq!((content.provider, content.model.as_str()), (Provider::Anthropic, "claude"));
    }
    let path = desk.folder.path().join("unnamed");
    std::fs::write(&path, "# By hand\nprompts: { a.txt: First, b.txt: Second }\n").expect("a file");
    std::fs::write(desk.folder.path().join("a.txt"), "A").expect("a file");
    let imported = desk.engine.import_prompts(vec![path], None).await.expect("imported");
    assert_eq!(imported.prompts.iter().map(|prompt| prompt.name.as_str()).collect::<Vec<_>>(), ["First"]);
    assert!(imported.refused[0].contains("“b.txt” could not be read"), "{:?}", imported.refused);
}

#[tokio::test]
async fn what_a_config_may_not_bring_in_is_refused_one_by_one() {
    let desk = Desk::new();
    std::fs::write(desk.folder.path().join("secret.txt"), "planted").expect("a file");
    let absolute = desk.folder.path().join("secret.txt");
    let folder = desk.folder.path().join("config");
    std::fs::create_dir_all(folder.join("prompts")).expect("a folder");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&absolute, folder.join("linked.txt")).expect("a link");
    #[cfg(not(unix))]
    std::fs::write(folder.join("linked.txt"), "").expect("a file");
    let absolute = serde_json::to_string(&format!("file://{}", absolute.display())).expect("JSON");
    let cases = [
        (absolute.as_str(), "outside of the config's folder"),
        ("file://../secret.txt", "outside of the config's folder"),
        ("file://prompts/../../secret.txt", "outside of the config's folder"),
        ("file://linked.txt", if cfg!(unix) { "outside of the config's folder" } else { "the file is empty" }),
        ("file://folder.txt", "is not a file"),
        ("file://nowhere.txt", "could not be read"),
        ("file://prompts/*.txt", "is a pattern"),
        ("file://make.js:prompt", "programs are not run"),
        ("make.py", "programs are not run"),
        ("exec:./make.sh", "programs are not run"),
        ("file://table.csv", "no kind of file"),
        ("https://example.com/prompt.txt", "nothing is fetched"),
        ("langfuse://prompt:1", "nothing is fetched"),
        ("file://binary.md", "not text in UTF-8"),
        ("file://nested.json", "names files inside"),
        ("file://aliases.yaml", "too large or too complex"),
        ("'{% if x %}yes{% endif %}'", "“{% if x %}” on line 1"),
        ("\"one\\n{{ x | upper }}\"", "“{{ x | upper }}” on line 2"),
        ("'{# why #} x'", "“{# why #}”"),
        ("'{\"a\": 1}'", "no list of messages"),
        ("'[{\"role\": \"user\", \"content\": {{ x | dump }} }]'", "JSON only once it is filled in"),
        ("'[{\"role\": \"king\", \"content\": \"x\"}]'", "no role"),
        ("'[{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]'", "no text"),
        ("'[{\"role\": \"user\", \"content\": \"x\", \"name\": \"{{ x }}\"}]'", "beside the text"),
        ("{ label: Nothing }", "it has no text"),
        ("{ raw: [1] }", "it has no text"),
        ("{ $ref: '#/x' }", "it has no text"),
        ("5", "neither text nor an object"),
        ("{ raw: x, config: { temperature: warm } }", "“temperature”"),
        ("{ raw: x, config: { tools: 'file://tools.json' } }", "“tools”"),
    ];
    std::fs::create_dir_all(folder.join("folder.txt")).expect("a folder");
    std::fs::write(folder.join("binary.md"), [0xff, 0xfe, 0x00]).expect("a file");
    let mut config = "prompts:\n  - taken\n".to_owned();
    for (entry, _) in &cases {
        config.push_str(&format!("  - {entry}\n"));
    }
    let others = [
        ("nested.json", r#"[{"role": "user", "content": "file://../secret.txt"}]"#),
        ("aliases.yaml", "- role: user\n  content: &a x\n- role: user\n  content: *a\n"),
    ];
    let imported = import_config(&desk, &config, &others).await;
    assert_eq!(imported.prompts.len(), 1, "the rest is taken");
    assert_eq!(imported.refused.len(), cases.len(), "{:#?}", imported.refused);
    for (why, (entry, expected)) in imported.refused.iter().zip(&cases) {
        assert!(why.contains(expected) && !why.contains("planted"), "{entry}: {why}");
    }
    assert!(imported.refused[0].starts_with("“promptfooconfig.yaml”: prompt 2"), "{}", imported.refused[0]);
}

#[tokio::test]
async fn hostile_yaml_is_refused_in_words() {
    let mut bomb = "prompts: [x]\na: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for place in 1..20 {
        let inside = vec![format!("*a{}", place - 1); 9].join(", ").replace("*a0", "*a");
        bomb.push_str(&format!("a{place}: &a{place} [{inside}]\n"));
    }
    let long = format!("a: &a \"{}\"\nprompts: [{}]\n", "x".repeat(1 << 20), vec!["*a"; 90].join(", "));
    let wide = format!("prompts: [{}]\n", "x, ".repeat(1_000_000));
    for (config, why) in [
        (bomb, "too large or too complex"),
        (long, "too large or too complex"),
        (wide, "too large or too complex"),
        (format!("prompts: {}", "[".repeat(1_000_000)), "recursion limit"),
        (format!("prompts:\n{}", "- ".repeat(1_000_000)), "too large or too complex"),
        ("prompts: *x".to_owned(), "it is not YAML"),
        ("prompts: [x]\nprompts: [y]".to_owned(), "duplicate"),
        ("prompts: [x]\n--- {}\n".to_owned(), "single YAML document"),
        ("prompts: {{x}}".to_owned(), "it is not YAML"),
        ("prompts: \"\\q\"".to_owned(), "it is not YAML"),
        ("prompts:".to_owned(), "it has no prompts"),
        ("prompts: []".to_owned(), "it has no prompts"),
        ("prompts: 5".to_owned(), "it has no prompts"),
        ("providers: [x]".to_owned(), "it has no prompts"),
        (format!("prompts: [{}]", "x, ".repeat(10_001)), "more than 10000 prompts"),
        ("- x".to_owned(), "no config of promptfoo"),
        (String::new(), "no config of promptfoo"),
        ("\u{0}".to_owned(), "it is not YAML"),
    ] {
        let desk = Desk::new();
        let imported = import_config(&desk, &config, &[]).await;
        let start: String = config.chars().take(40).collect();
        assert!(imported.prompts.is_empty() && imported.refused.len() == 1, "{start:?}: {imported:?}");
        assert!(imported.refused[0].contains(why), "{start:?}: {}", imported.refused[0]);
    }
    // Wrong types where something else is expected cost nothing but themselves.
    let desk = Desk::new();
    let odd = "description: [1]\nprompts: [x]\nproviders: { a: 1 }\ntargets: 5\ntests: !!js/function 'x'\n";
    let imported = import_config(&desk, odd, &[]).await;
    assert_eq!((imported.prompts.len(), imported.refused.len()), (1, 0), "{:?}", imported.refused);
}
