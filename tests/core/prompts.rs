//! Drafts that are never lost, versions that never change.

use crate::support::{Desk, Server, bugs, by_text, draft, new_import, open};
use serde_json::{Value, json};
use std::sync::Arc;
use touchstone_engine::ErrorCode;
use touchstone_engine::connections::PRACTICE;
use touchstone_engine::domain::json::Json;
use touchstone_engine::domain::prompt::Role;
use touchstone_engine::domain::template::VariableFormat;
use touchstone_engine::domain::{ConnectionId, PromptId, VersionId};
use touchstone_engine::prompts::{NewPrompt, PromptDetail};
use touchstone_engine::requests::Severity;

fn practice() -> ConnectionId {
    ConnectionId(PRACTICE.to_owned())
}

async fn detail(desk: &Desk, id: &PromptId) -> PromptDetail {
    desk.engine.prompt(id.to_string()).await.expect("the prompt is there")
}

#[tokio::test]
async fn a_first_draft_names_the_classes_and_shows_the_data() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &json!([{ "text": "It crashed.", "source": "mail" }])).await;
    let new =
        NewPrompt { name: " Topics ".to_owned(), description: String::new(), project_id: project, space_id: None };
    let id = desk.engine.create_prompt(new).await.expect("prompt");
    let prompt = detail(&desk, &id).await;
    assert_eq!(prompt.summary.name, " Topics ", "a name is kept as it is typed");
    let messages = &prompt.draft.content.messages;
    assert_eq!(messages.iter().map(|message| message.role).collect::<Vec<_>>(), [Role::System, Role::User]);
    for part in ["topic", "Bug", "Praise", "{text}"] {
        assert!(messages[1].text().contains(part), "{:?} lacks {part}", messages[1].text());
    }
    assert!(!messages[1].text().contains("{source}"), "the labeling interface does not show it");
    assert_eq!((prompt.draft.based_on, prompt.draft.changed, prompt.summary.has_draft), (None, true, true));
    assert_eq!(prompt.draft.content.connection_id, None, "nothing was used before");
    let variables: Vec<_> = prompt.variables.iter().map(|one| (one.name.as_str(), one.sample.as_str())).collect();
    assert_eq!(variables, [("text", "It crashed."), ("source", "mail")]);
}

#[tokio::test]
async fn a_first_draft_names_all_classes_or_none() {
    let desk = Desk::new();
    let first = question_over(&desk, (0..1_000).map(|number| format!("Class {number:04}")).collect()).await;
    for number in [0, 199, 200, 999] {
        let class = format!("Class {number:04}");
        assert!(first.contains(&class), "the model is to use only those listed, and {class} is not");
    }
    let larger =
        question_over(&desk, (0..200).map(|number| format!("{number} {}", "long ".repeat(100))).collect()).await;
    assert!(larger.contains("choose one: the classes that the schema names") && !larger.contains("long"), "{larger}");
}

/// What a first draft asks a model that is to choose one of the classes.
async fn question_over(desk: &Desk, classes: Vec<String>) -> String {
    let choices: String = classes.iter().map(|class| format!(r#"<Choice value="{class}"/>"#)).collect();
    let config = format!(
        r#"<View><Text name="text" value="$text"/><Choices name="topic" toName="text" choice="single">{choices}</Choices></View>"#
    );
    let tasks = desk.write("tasks.json", &json!([{ "text": "It crashed." }]).to_string());
    let project = desk
        .engine
        .import_project(new_import(&format!("{} classes", classes.len()), &config, Some(tasks)))
        .await
        .expect("import")
        .project_id;
    let name = format!("Over {} classes", classes.len());
    let new = NewPrompt { name, description: String::new(), project_id: project, space_id: None };
    let id = desk.engine.create_prompt(new).await.expect("prompt");
    let messages = detail(desk, &id).await.draft.content.messages;
    assert!(messages[0].text().contains("Where classes are listed, use only those"), "{:?}", messages[0].text());
    messages[1].text().to_owned()
}

#[tokio::test]
async fn a_new_prompt_asks_the_connection_that_was_used_last() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    desk.prompt_on(&server, &bugs(1)).await;
    let project = desk.import("More", &bugs(1)).await;
    let new = NewPrompt { name: "Next".to_owned(), description: String::new(), project_id: project, space_id: None };
    let id = desk.engine.create_prompt(new).await.expect("prompt");
    let content = detail(&desk, &id).await.draft.content;
    assert!(content.connection_id.is_some());
    assert_eq!(content.model, "scripted");
}

#[tokio::test]
async fn names_are_needed_and_unique_outside_the_bin() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(1)).await;
    let create = async |name: &str| {
        let new = NewPrompt {
            name: name.to_owned(),
            description: String::new(),
            project_id: project.clone(),
            space_id: None,
        };
        desk.engine.create_prompt(new).await
    };
    let first = create("Topics").await.expect("prompt");
    for (name, code) in
        [("Topics", ErrorCode::NameTaken), ("  ", ErrorCode::Invalid), (&"x".repeat(501), ErrorCode::Invalid)]
    {
        let error = create(name).await.expect_err("refused");
        assert_eq!((error.code(), error.field()), (code, Some("name")), "{name:?}");
    }
    desk.engine.delete_prompt(first.clone()).await.expect("into the bin");
    let second = create("Topics").await.expect("the bin does not count");
    let taken = desk.engine.restore_prompt(first.clone(), None).await.expect_err("the name is taken now");
    assert_eq!(taken.code(), ErrorCode::NameTaken);
    desk.engine.edit_prompt(second, "Others".to_owned(), "New words".to_owned(), None).await.expect("renamed");
    desk.engine.restore_prompt(first, None).await.expect("restored");
    let mut names: Vec<_> =
        desk.engine.prompts().await.expect("prompts").into_iter().map(|prompt| prompt.name).collect();
    names.sort();
    assert_eq!(names, ["Others", "Topics"]);
}

#[tokio::test]
async fn a_restored_prompt_brings_its_project_back() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(1)).await;
    let prompt = desk.prompt(&project, &practice()).await;
    let in_use = desk.engine.delete_project(project.clone()).await.expect_err("a prompt aims at it");
    assert_eq!(in_use.code(), ErrorCode::ProjectInUse);
    desk.engine.delete_prompt(prompt.clone()).await.expect("prompt into the bin");
    desk.engine.delete_project(project.clone()).await.expect("project into the bin");
    desk.engine.restore_prompt(prompt.clone(), None).await.expect("restored");
    assert_eq!(detail(&desk, &prompt).await.summary.project_id, Some(project));
}

#[tokio::test]
async fn a_draft_survives_the_program() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(1)).await;
    let prompt = desk.prompt(&project, &practice()).await;
    let content = draft("Half a senten {text}", &practice());
    desk.engine.save_draft(prompt.clone(), content.clone()).await.expect("draft");
    // No goodbye: another engine on the file sees what a new process would.
    let reopened = open(&desk.workspace(), &Arc::default());
    let found = reopened.prompt(prompt.to_string()).await.expect("prompt").draft;
    assert_eq!((found.content, found.changed), (content, true));
}

#[tokio::test]
async fn a_version_is_its_content_and_saving_it_twice_makes_one() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(1)).await;
    let prompt = desk.prompt(&project, &practice()).await;
    let saved = desk.engine.save_version(prompt.clone(), Some(" ".to_owned())).await.expect("version");
    assert!(!saved.unchanged);
    assert_eq!((saved.version.number, saved.version.message.as_str()), (1, "Version 1"));
    let content = draft("Topic of: {text}", &practice());
    let hash = content.clone().into_content().commit_hash();
    assert_eq!(saved.version.commit_hash, hash);

    let again = desk.engine.save_version(prompt.clone(), Some("Again".to_owned())).await.expect("nothing to save");
    assert_eq!((again.unchanged, again.version.id), (true, saved.version.id.clone()));
    let state = detail(&desk, &prompt).await;
    assert_eq!((state.draft.changed, state.summary.has_draft, state.summary.version_count), (false, false, 1));

    desk.engine.save_draft(prompt.clone(), draft("Topic of: {text} ", &practice())).await.expect("draft");
    let state = detail(&desk, &prompt).await;
    assert_eq!((state.draft.changed, state.draft.based_on), (true, Some(1)), "a trailing blank is content");
    let second = desk.engine.save_version(prompt.clone(), Some("A blank".to_owned())).await.expect("version").version;
    assert_eq!((second.number, second.message.as_str()), (2, "A blank"));
    let numbers: Vec<_> = desk
        .engine
        .version_page(prompt, String::new(), 0, 100)
        .await
        .expect("versions")
        .rows
        .into_iter()
        .map(|version| version.number)
        .collect();
    assert_eq!(numbers, [2, 1], "newest first");
    let first = desk.engine.version(saved.version.id).await.expect("version");
    assert_eq!((first.content, first.summary.commit_hash), (content, hash), "the first is as it was");
    let unknown = desk.engine.version(VersionId("none".to_owned())).await.expect_err("no such version");
    assert_eq!(unknown.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_restored_version_is_a_draft_that_runs_as_that_version() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(2)).await;
    let prompt = desk.prompt(&project, &practice()).await;
    let first = desk.engine.save_version(prompt.clone(), None).await.expect("version").version;
    desk.engine.save_draft(prompt.clone(), draft("Second: {text}", &practice())).await.expect("draft");
    desk.engine.save_version(prompt.clone(), None).await.expect("version");

    let restored = desk.engine.restore_version(first.id.clone()).await.expect("restored");
    assert_eq!((restored.based_on, restored.changed), (Some(1), false));
    assert!(detail(&desk, &prompt).await.summary.has_draft, "it differs from the latest version");
    let started = desk
        .engine
        .start_run(crate::support::new_run(&prompt, touchstone_engine::domain::run::Subset::All))
        .await
        .expect("the run starts");
    assert_eq!((started.version.id, started.saved_version), (first.id.clone(), false));
    desk.engine.wait_for_run(started.run_id).await.expect("it ends");

    desk.engine.save_draft(prompt.clone(), draft("Third: {text}", &practice())).await.expect("draft");
    let discarded = desk.engine.discard_draft(prompt.clone()).await.expect("discarded");
    assert_eq!(discarded.content.messages[0].text(), "Topic of: {text}", "back to the version it started from");

    // The way back from restoring brings the base of the draft that was there, too.
    let mine = draft("Mine: {text}", &practice());
    let back = desk.engine.restore_draft(prompt.clone(), mine.clone(), Some(2)).await.expect("brought back");
    assert_eq!((back.based_on, back.changed, back.content.messages), (Some(2), true, mine.messages.clone()));
    let unknown = desk.engine.restore_draft(prompt.clone(), mine, Some(9)).await.expect_err("there is no v9");
    assert_eq!(unknown.code(), ErrorCode::Invalid);
    desk.engine.restore_version(first.id.clone()).await.expect("restored");

    // Saving the restored draft makes the newest version say what the first said.
    let third = desk.engine.save_version(prompt, None).await.expect("version");
    assert_eq!((third.unchanged, third.version.number), (false, 3));
    assert_eq!(third.version.commit_hash, first.commit_hash);
}

#[tokio::test]
async fn a_version_of_a_program_leaves_an_unsaved_draft_alone() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(1)).await;
    let prompt = desk.prompt(&project, &practice()).await;
    let first = desk.engine.save_version(prompt.clone(), None).await.expect("version").version;
    desk.engine.save_draft(prompt.clone(), draft("Mine: {text}", &practice())).await.expect("draft");
    let theirs = draft("Theirs: {text}", &practice());
    let second = desk.engine.add_version(prompt.clone(), theirs.clone(), Some(" Why ".to_owned())).await;
    let second = second.expect("version").version;
    assert_eq!((second.number, second.message.as_str()), (first.number + 1, "Why"));
    assert_eq!(desk.engine.version(second.id.clone()).await.expect("version").content, theirs);
    let kept = detail(&desk, &prompt).await.draft;
    assert_eq!((kept.content.messages[0].text(), kept.based_on), ("Mine: {text}", Some(first.number)));
    let again = desk.engine.add_version(prompt.clone(), theirs, None).await.expect("the same");
    assert!(again.unchanged && again.version.id == second.id);
    assert_eq!(detail(&desk, &prompt).await.draft.content, kept.content);

    // One that says nothing of its own follows.
    desk.engine.restore_version(first.id).await.expect("restored");
    let third = draft("Third: {text}", &practice());
    desk.engine.add_version(prompt.clone(), third.clone(), None).await.expect("version");
    let followed = detail(&desk, &prompt).await.draft;
    assert_eq!((followed.content, followed.based_on, followed.changed), (third, Some(second.number + 1), false));
}

#[tokio::test]
async fn a_search_finds_what_stands_in_quotes() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(1)).await;
    let prompt = desk.prompt(&project, &practice()).await;
    let words = "say \"hello\" back\\slash\n{\"a\":{\"b\":1}} {text}";
    desk.engine.save_draft(prompt.clone(), draft(words, &practice())).await.expect("draft");
    desk.engine.save_version(prompt.clone(), None).await.expect("version");
    for wanted in ["say \"hello\"", "SAY \"HELLO", "back\\slash", "slash\n{", "{\"a\":{", "é"] {
        let is_there = wanted != "é";
        let found = desk.engine.find_prompts(wanted.to_owned()).await.expect("prompts");
        assert_eq!(found.contains(&prompt), is_there, "{wanted}");
        let page = desk.engine.version_page(prompt.clone(), wanted.to_owned(), 0, 10).await.expect("versions");
        assert_eq!(page.total, u32::from(is_there), "{wanted}");
    }
}

#[tokio::test]
async fn a_search_looks_into_texts_and_not_into_the_json_around_them() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(1)).await;
    let prompt = desk.prompt(&project, &practice()).await;
    let mut said = draft("Sort: {text}", &practice());
    said.model = "oak-2".to_owned();
    said.messages.push(serde_json::from_value(json!({ "role": "ASSISTANT", "content": null, "tool_calls": [
        { "id": "call-9", "type": "FUNCTION", "function": { "name": "look_up", "arguments": "{\"word\":\"Ärger\"}" } }] }))
        .expect("a message"));
    let object = |value: Value| serde_json::from_value(value).expect("an object");
    said.invocation_params = object(json!({ "stop": ["Enough"], "tool_config": { "tools": [{ "type": "function",
        "function": { "name": "weather", "parameters": { "type": "object", "properties": { "town": {
            "type": ["string", "null"], "description": "Where it rains" } } } } }] } }));
    said.extra = object(json!({ "reasoning": { "effort": "medium" } }));
    desk.engine.save_draft(prompt.clone(), said).await.expect("draft");
    desk.engine.save_version(prompt.clone(), Some("Why".to_owned())).await.expect("version");
    let found = async |wanted: &str| {
        let found = desk.engine.find_prompts(wanted.to_owned()).await.expect("prompts").contains(&prompt);
        let page = desk.engine.version_page(prompt.clone(), wanted.to_owned(), 0, 10).await.expect("versions");
        (found, page.total)
    };
    for wanted in ["sort:", "LOOK_UP", "{\"word\":\"ärger\"}", "enough", "weather", "it RAINS", "Medium", "OAK"] {
        assert_eq!(found(wanted).await, (true, 1), "{wanted}");
    }
    for wanted in [
        "content",
        "model",
        "role",
        "USER",
        "assistant",
        "F_STRING",
        "function",
        "call-9",
        "arguments",
        "null",
        "town",
        "object",
        "effort",
        "stop",
        "[",
        "\":",
    ] {
        let is_said = wanted == "\":";
        assert_eq!(found(wanted).await, (is_said, u32::from(is_said)), "{wanted}");
    }
}

#[tokio::test]
async fn losing_the_connection_is_no_change_of_content() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    let version = desk.engine.save_version(prompt.clone(), None).await.expect("version").version;
    desk.engine.remove_connection("scripted".to_owned()).await.expect("removed");
    let state = detail(&desk, &prompt).await;
    assert_eq!((state.draft.content.connection_id.clone(), state.draft.changed), (None, false));
    // The editor saves what it shows.
    let draft = desk.engine.save_draft(prompt.clone(), state.draft.content).await.expect("draft");
    assert!(!draft.changed);

    // A connection that offers the model can stand in for the one that is gone.
    let connection = desk.connect(&server).await;
    let restored = desk.engine.restore_version(version.id).await.expect("restored");
    assert_eq!(restored.content.connection_id, Some(connection));
}

/// Saves `text` as a version of the prompt's.
async fn saved(desk: &Desk, prompt: &PromptId, text: &str) -> VersionId {
    let mut content = detail(desk, prompt).await.draft.content;
    content.messages[0].content = Some(text.to_owned());
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    desk.engine.save_version(prompt.clone(), Some(format!("Says {text}"))).await.expect("version").version.id
}

#[tokio::test]
async fn labels_move_and_every_move_is_kept() {
    let desk = Desk::new();
    let server = Server::start(by_text);
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    let first = saved(&desk, &prompt, "One: {text}").await;
    let second = saved(&desk, &prompt, "Two: {text}").await;
    let engine = &desk.engine;
    engine.move_label(first.clone(), "production".to_owned()).await.expect("labelled");
    engine.move_label(second.clone(), "production".to_owned()).await.expect("promoted");
    let summary = detail(&desk, &prompt).await.summary;
    let labels: Vec<_> = summary.labels.iter().map(|label| (label.name.as_str(), &label.version_id)).collect();
    assert_eq!(labels, [("production", &second)]);
    engine.move_label(first.clone(), "production".to_owned()).await.expect("rolled back");
    let found = engine.find_version(prompt.clone(), "production".to_owned()).await.expect("by label");
    assert_eq!((found.id, found.labels), (first.clone(), vec!["production".to_owned()]));
    let refused = engine.remove_label(second, "production".to_owned()).await.expect_err("it points elsewhere");
    assert_eq!(refused.code(), ErrorCode::NotFound);
    engine.remove_label(first, "production".to_owned()).await.expect("removed");
    let moves = engine.label_moves(prompt).await.expect("moves");
    let moves: Vec<_> = moves.iter().map(|step| (step.from, step.to)).collect();
    let numbers = (summary.version_count - 1, summary.version_count);
    let (one, two) = (Some(numbers.0), Some(numbers.1));
    assert_eq!(moves, [(one, None), (two, one), (one, two), (None, one)]);
}

#[tokio::test]
async fn versions_are_found_by_what_they_say_and_by_their_message() {
    let desk = Desk::new();
    let server = Server::start(by_text);
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    for text in ["Ärger: {text}", "Freude: {text}", "ÄRGER again: {text}"] {
        saved(&desk, &prompt, text).await;
    }
    let find = async |search: &str, offset, limit| {
        desk.engine.version_page(prompt.clone(), search.to_owned(), offset, limit).await.expect("versions")
    };
    let all = find("", 0, 100).await;
    assert_eq!(all.total as usize, all.rows.len());
    let found = find("ärger", 0, 100).await;
    assert_eq!((found.total, found.rows.len()), (2, 2), "in any case of letters");
    assert_eq!(find("says freude", 0, 100).await.rows[0].message, "Says Freude: {text}");
    let second = find("ärger", 1, 1).await;
    assert_eq!((second.total, second.rows[0].number), (2, found.rows[1].number));
    assert_eq!(find("100%", 0, 100).await.total, 0, "nothing is a wildcard");
}

#[tokio::test]
async fn content_goes_through_the_window_unharmed() {
    let desk = Desk::new();
    let server = Server::start(by_text);
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    let mut content = detail(&desk, &prompt).await.draft.content;
    let json = |text: &str| serde_json::from_str::<Json>(text).expect("JSON");
    let Json::Object(extra) = json(r#"{"seed":12345678901234567890,"logit_bias":{"50":-1.0,"7":2},"far":1e400}"#)
    else {
        panic!("an object")
    };
    content.extra = extra;
    desk.engine.save_draft(prompt.clone(), content.clone()).await.expect("draft");
    // What a page gives back: doubles, null for what is beyond them, and whole-number keys in their order.
    let mut page = content.clone();
    let Json::Object(extra) = json(r#"{"logit_bias":{"7":2,"50":-1},"far":null,"seed":12345678901234567000}"#) else {
        panic!("an object")
    };
    page.extra = extra;
    page.messages[0].content = Some("Else: {text}".to_owned());
    let draft = desk.engine.save_draft(prompt.clone(), page).await.expect("draft");
    assert_eq!(draft.content.extra, content.extra);
    assert_eq!(draft.content.messages[0].text(), "Else: {text}");
}

#[tokio::test]
async fn a_section_that_is_not_closed_is_said_and_not_run() {
    let desk = Desk::new();
    let server = Server::start(by_text);
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    let mut content = detail(&desk, &prompt).await.draft.content;
    content.input_variable_format = VariableFormat::Mustache;
    content.messages[0].content = Some("Topic of: {{text}}{{#more}}".to_owned());
    let preview = desk.engine.preview_request(prompt.clone(), content.clone(), 0).await.expect("preview");
    let said: Vec<_> = preview.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert!(said.contains(&"Message 1 cannot be filled: section “more” is not closed."), "{said:?}");
    content.messages[0].content = Some("Topic of: {{text}}{{text.nothing}}".to_owned());
    let preview = desk.engine.preview_request(prompt, content, 0).await.expect("preview");
    assert_eq!(preview.messages[0].text(), "Topic of: crash number 1.");
    let stops = preview.problems.iter().any(|problem| matches!(problem.severity, Severity::Error));
    assert!(!stops, "what is missing inside of a value is nothing: {:?}", preview.problems);
}

#[tokio::test]
async fn a_version_is_duplicated_as_a_prompt_of_its_own() {
    let desk = Desk::new();
    let server = Server::start(by_text);
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    let version = saved(&desk, &prompt, "One: {text}").await;
    let copy = desk.engine.duplicate_version(version.clone(), "Copy".to_owned()).await.expect("duplicated");
    let copy = detail(&desk, &copy).await;
    let original = desk.engine.version(version).await.expect("version");
    assert_eq!(copy.draft.content, original.content);
    assert_eq!((copy.summary.version_count, copy.draft.changed), (1, false));
}

#[tokio::test]
async fn the_bin_gives_back_under_another_name() {
    let desk = Desk::new();
    let server = Server::start(by_text);
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    let version = saved(&desk, &prompt, "One: {text}").await;
    let summary = detail(&desk, &prompt).await.summary;
    desk.engine.delete_prompt(prompt.clone()).await.expect("into the bin");
    let bin = desk.engine.deleted_prompts().await.expect("bin");
    assert_eq!(bin.iter().map(|prompt| prompt.name.as_str()).collect::<Vec<_>>(), [summary.name.as_str()]);
    let refused = desk.engine.duplicate_version(version, summary.name.clone()).await;
    assert!(refused.is_err(), "what is in the bin is not duplicated");
    assert_eq!(desk.store().purge_prompts("2000-01-01").expect("looked"), 0, "it is not there for so long");
    desk.engine.restore_prompt(prompt.clone(), Some("Back".to_owned())).await.expect("restored");
    assert_eq!(detail(&desk, &prompt).await.summary.name, "Back");
    assert!(desk.engine.deleted_prompts().await.expect("bin").is_empty());
    desk.engine.delete_prompt(prompt.clone()).await.expect("into the bin again");
    assert_eq!(desk.store().purge_prompts("9999-01-01").expect("emptied"), 1, "with its versions");
    assert!(desk.engine.deleted_prompts().await.expect("bin").is_empty());
}

#[tokio::test]
async fn prompts_are_found_by_name_description_and_text() {
    let desk = Desk::new();
    let server = Server::start(by_text);
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    saved(&desk, &prompt, "Zebra: {text}").await;
    desk.engine.edit_prompt(prompt.clone(), "Tiere".to_owned(), "Über Tiere".to_owned(), None).await.expect("renamed");
    for text in ["zebra", "TIERE", "über"] {
        let found = desk.engine.find_prompts(text.to_owned()).await.expect("found");
        assert!(found.len() == 1 && found[0] == prompt, "{text}: {found:?}");
    }
    assert!(desk.engine.find_prompts("lion".to_owned()).await.expect("found").is_empty());
    desk.engine.set_prompt_folder(vec![prompt.clone()], "/ a //b/".to_owned()).await.expect("moved");
    assert_eq!(detail(&desk, &prompt).await.summary.folder, "a/b");
}
