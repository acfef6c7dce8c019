//! How a model is held to a schema where nobody knows before it is asked.

use crate::support::{Asked, Desk, Reply, Server, bugs, by_text, custom, draft};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use touchstone_engine::connections::{ConnectionEdit, NewConnection, StructuredMode};
use touchstone_engine::domain::prompt::Provider;
use touchstone_engine::domain::run::{RunStatus, Subset};
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::{ConnectionId, PromptId};
use touchstone_engine::results::{RowFilter, RowQuery, RowSort};

fn form(asked: &Asked) -> &str {
    asked.body["response_format"]["type"].as_str().unwrap_or("none")
}

/// The answers of a model that its server holds to the schema.
fn held(asked: &Asked) -> Reply {
    if asked.text().contains("zebra") {
        Reply::Says(json!({ "label": "a" }).to_string())
    } else if asked.text().contains("ready") {
        Reply::Says(json!({ "ready": "yes" }).to_string())
    } else {
        by_text(asked)
    }
}

/// And of one that may say what it likes.
fn free(asked: &Asked) -> Reply {
    Reply::Says(if asked.text().contains("zebra") { "zebra" } else { "I think that it is a bug." }.to_owned())
}

fn refused(message: &str, code: Option<&str>) -> Reply {
    let error = json!({ "message": message, "param": "response_format", "code": code });
    Reply::Http { status: 400, headers: Vec::new(), body: json!({ "error": error }).to_string() }
}

/// A connection that nobody has tested or asked, and a prompt on it about so many tasks.
async fn untested(desk: &Desk, provider: Provider, server: &Server, tasks: usize) -> PromptId {
    let entered = ConnectionEdit { until_quit: true, ..ConnectionEdit::default() };
    let base = server.endpoint().trim_end_matches("/v1").to_owned();
    let key = Some(Secret::new("sk-planted".to_owned()));
    let entered = match provider {
        Provider::Custom => custom("scripted", server.endpoint()).entered,
        Provider::OpenAi | Provider::Anthropic | Provider::Gemini => {
            ConnectionEdit { base_url: Some(base), api_key: key, ..entered }
        }
        _ => {
            let name = Some("scripted".to_owned());
            let deployment = name.clone().filter(|_| provider == Provider::AzureOpenAi);
            let model = name.filter(|_| provider == Provider::Foundry);
            ConnectionEdit { endpoint: Some(base), deployment, model, api_key: key, ..entered }
        }
    };
    let id = desk.engine.add_connection(NewConnection::of(provider, entered)).await.expect("added").connection.id;
    let project = desk.import("Feedback", &bugs(tasks)).await;
    desk.prompt(&project, &id).await
}

async fn ask_otherwise(desk: &Desk, prompt: &PromptId, connection: &ConnectionId, words: &str) {
    desk.engine.save_draft(prompt.clone(), draft(words, connection)).await.expect("saved");
}

async fn connection_of(desk: &Desk) -> touchstone_engine::connections::ConnectionSummary {
    let connections = desk.engine.connections().await.expect("connections");
    connections.into_iter().find(|row| row.provider != Provider::Practice).expect("one was added")
}

#[tokio::test]
async fn a_run_finds_out_what_holds_a_model_that_ignores_the_usual_form() {
    let server = Server::start(|asked: &Asked| if form(asked) == "json_schema" { held(asked) } else { free(asked) });
    let desk = Desk::new();
    let prompt = untested(&desk, Provider::Custom, &server, 12).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.failed, run.correct), (RunStatus::Completed, 0, 12), "{:?}", run.reason);
    assert_eq!(server.asked_about("zebra"), 2, "it is found out once, whoever was in flight");
    let in_vain = server.asked().iter().filter(|asked| form(asked) == "json_object").count();
    assert!((1..=8).contains(&in_vain), "those that were in flight already: {in_vain}");
    assert_eq!((run.requests as usize, run.probes), (12 + in_vain + 2, 2), "what was asked in vain is counted");
    assert_eq!(run.prompt_tokens, 11 * u64::from(run.requests), "and what finding out took");

    let query = RowQuery { filter: RowFilter::All, sort: RowSort::Position, search: String::new(), cell: None };
    let rows = desk.result_rows(run.id.clone(), query, 0, 1).await.rows;
    let detail = desk.engine.result(run.id, rows[0].task_id).await.expect("a result");
    assert!(detail.request.contains("json_schema") && !detail.has_changed, "{}", detail.request);

    let again = desk.run(&prompt, Subset::All).await;
    assert_eq!((again.cached, again.requests), (12, 0), "what was answered is owned");
    let models = connection_of(&desk).await.models;
    assert_eq!(models[0].structure, Some(StructuredMode::JsonSchema), "it is remembered");
}

#[tokio::test]
async fn what_answered_as_usual_once_is_asked_as_usual() {
    let server = Server::start(|asked: &Asked| match asked.text() {
        text if text.contains("Topic again") && asked.body["messages"].as_array().map(Vec::len) == Some(1) => {
            free(asked)
        }
        _ => by_text(asked),
    });
    let desk = Desk::new();
    let prompt = untested(&desk, Provider::Custom, &server, 1).await;
    assert_eq!(desk.run(&prompt, Subset::All).await.requests, 1, "nothing is asked where the first form works");
    let connection = connection_of(&desk).await;
    assert_eq!(connection.models[0].structure, None, "one answer proves nothing");
    ask_otherwise(&desk, &prompt, &connection.id, "Topic again: {text}").await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.correct, run.requests, server.asked_about("zebra")), (1, 2, 0), "it goes on in words");
}

#[tokio::test]
async fn every_provider_of_the_chat_format_climbs_in_runs_and_in_tests() {
    for provider in [Provider::OpenAi, Provider::AzureOpenAi, Provider::Foundry, Provider::Custom] {
        let server = Server::start(|asked: &Asked| {
            if asked.head.starts_with("GET ") {
                Reply::Http { status: 200, headers: Vec::new(), body: json!({ "data": [] }).to_string() }
            } else {
                match (form(asked), asked.body["response_format"].get("schema")) {
                    ("json_schema", _) => refused("response_format type json_schema is not supported", None),
                    (_, Some(_)) => refused("'response_format' not supported", Some("unsupported_parameter")),
                    _ => held(asked),
                }
            }
        });
        let desk = Desk::new();
        let prompt = untested(&desk, provider, &server, 3).await;
        let run = desk.run(&prompt, Subset::All).await;
        assert_eq!(
            (run.status, run.correct, run.failed),
            (RunStatus::Completed, 3, 0),
            "{provider:?}: {:?}",
            run.reason
        );
        let found = connection_of(&desk).await;
        let structure = found.models.iter().find_map(|model| model.structure);
        let listed = provider != Provider::OpenAi;
        assert_eq!(structure, listed.then_some(StructuredMode::JsonObject), "{provider:?}: of what is offered");
        let model = Some("scripted".to_owned());
        let test = desk.engine.test_connection(found.name, model).await.expect("a test");
        assert_eq!(
            (test.ok, test.structure),
            (true, Some(StructuredMode::JsonObject)),
            "{provider:?}: {}",
            test.message
        );
        assert!(test.about_form.is_some_and(|words| words.starts_with("The server refuses ")), "{}", test.message);

        let desk = Desk::new();
        untested(&desk, provider, &server, 1).await;
        let name = connection_of(&desk).await.name;
        let test = desk.engine.test_connection(name, Some("scripted".to_owned())).await.expect("a test");
        assert_eq!(
            (test.ok, test.structure),
            (true, Some(StructuredMode::JsonObject)),
            "{provider:?}: {}",
            test.message
        );
    }
}

#[tokio::test]
async fn a_test_says_that_a_server_ignores_the_form_and_which_one_is_used() {
    for provider in [Provider::Custom, Provider::AzureOpenAi] {
        let server = Server::start(|asked: &Asked| match form(asked) {
            _ if asked.head.starts_with("GET ") => Reply::status(404, "no list"),
            "none" if asked.text().contains("ready") => held(asked),
            _ => free(asked),
        });
        let desk = Desk::new();
        untested(&desk, provider, &server, 1).await;
        let name = connection_of(&desk).await.name;
        for _ in 0..2 {
            let test = desk.engine.test_connection(name.clone(), None).await.expect("a test");
            assert_eq!((test.ok, test.structure), (true, Some(StructuredMode::Instruction)), "{}", test.message);
            let words = test.about_form.expect("a sentence");
            assert!(
                words.starts_with("The server ignores ") && words.contains("; runs ask by words in the prompt"),
                "{words}"
            );
            assert!(test.message.ends_with(&words), "{}", test.message);
        }
    }
    let server = Server::start(|asked: &Asked| if asked.text().contains("ready") { held(asked) } else { free(asked) });
    let desk = Desk::new();
    untested(&desk, Provider::Custom, &server, 1).await;
    let test = desk.engine.test_connection("scripted".to_owned(), None).await.expect("a test");
    assert!(test.about_form.is_some_and(|words| words.starts_with("The server ignores ")), "it obeys the words alone");
    let server = Server::start(held);
    let desk = Desk::new();
    untested(&desk, Provider::Custom, &server, 1).await;
    let test = desk.engine.test_connection("scripted".to_owned(), None).await.expect("a test");
    assert_eq!(test.about_form, None, "{}", test.message);
}

/// A gateway of a vendor's own words that does not know their field for a schema.
fn without_schema(asked: &Asked) -> Reply {
    let ok = |body: Value| Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() };
    let whole = asked.body.to_string();
    let said = match () {
        () if whole.contains("zebra") => json!({ "label": "a" }),
        () if whole.contains("ready") => json!({ "ready": "yes" }),
        () => json!({ "topic": "Bug" }),
    };
    let body = &asked.body;
    if asked.head.starts_with("GET ") {
        Reply::status(404, "no list")
    } else if body["generationConfig"].get("responseJsonSchema").is_some() {
        Reply::status(400, "Unknown name \"responseJsonSchema\" at 'generation_config': Cannot find field.")
    } else if body["contents"].is_array() {
        let content = json!({ "parts": [{ "text": said.to_string() }] });
        ok(json!({ "candidates": [{ "content": content, "finishReason": "STOP" }], "usageMetadata": {} }))
    } else if body["tools"].is_array() {
        let used = json!([{ "type": "tool_use", "id": "t", "name": "labels", "input": said }]);
        ok(json!({ "content": used, "stop_reason": "tool_use", "usage": {} }))
    } else {
        Reply::status(400, "output_config: Extra inputs are not permitted")
    }
}

#[tokio::test]
async fn gateways_of_other_words_climb_down_in_runs_and_in_tests() {
    for (provider, mode) in
        [(Provider::Anthropic, StructuredMode::JsonObjectWithSchema), (Provider::Gemini, StructuredMode::JsonObject)]
    {
        let server = Server::start(without_schema);
        let desk = Desk::new();
        let prompt = untested(&desk, provider, &server, 3).await;
        let run = desk.run(&prompt, Subset::All).await;
        assert_eq!((run.status, run.failed, run.done), (RunStatus::Completed, 0, 3), "{provider:?}: {:?}", run.reason);
        let again = desk.run(&prompt, Subset::All).await;
        assert_eq!((again.cached, again.requests), (3, 0), "{provider:?}: what was found out is remembered");

        let desk = Desk::new();
        untested(&desk, provider, &server, 1).await;
        let name = connection_of(&desk).await.name;
        let test = desk.engine.test_connection(name, Some("scripted".to_owned())).await.expect("a test");
        assert_eq!((test.ok, test.structure), (true, Some(mode)), "{provider:?}: {}", test.message);
        assert!(test.about_form.is_some_and(|words| words.starts_with("The server refuses ")), "{}", test.message);
    }
}

/// A resource of Azure that knows the addresses of a date alone.
fn dated(asked: &Asked) -> Reply {
    match asked.head.contains("/openai/deployments/") {
        true => held(asked),
        false => Reply::Http {
            status: 404,
            headers: Vec::new(),
            body: json!({ "error": { "code": "404", "message": "Resource not found" } }).to_string(),
        },
    }
}

#[tokio::test]
async fn a_run_finds_the_dated_address_of_azure_and_pays_nothing_twice() {
    let server = Server::start(dated);
    let desk = Desk::new();
    let prompt = untested(&desk, Provider::AzureOpenAi, &server, 6).await;
    let in_vain = || server.asked().iter().filter(|asked| !asked.head.contains("/openai/deployments/")).count();
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.correct, run.requests), (RunStatus::Completed, 6, 6), "{:?}", run.reason);
    let first = in_vain();
    assert!((1..=6).contains(&first), "those that were in flight already: {first}");

    let connection = connection_of(&desk).await;
    ask_otherwise(&desk, &prompt, &connection.id, "Topic again: {text}").await;
    assert_eq!(desk.run(&prompt, Subset::All).await.requests, 6);
    assert_eq!(in_vain(), first, "it is remembered");
    let test = desk.engine.test_connection(connection.name.clone(), None).await.expect("a test");
    assert!(test.ok && test.suggested_endpoint.is_none(), "{}", test.message);
    ask_otherwise(&desk, &prompt, &connection.id, "Topic of: {text}").await;
    let again = desk.run(&prompt, Subset::All).await;
    assert_eq!((again.cached, again.requests), (6, 0), "what was answered stays owned");
}

#[tokio::test]
async fn fault_with_the_schema_itself_is_no_reason_to_ask_otherwise() {
    let invalid = "Invalid schema for response_format 'labels': schema must have type 'object'";
    let server = Server::start(move |_: &Asked| refused(invalid, Some("invalid_json_schema")));
    let desk = Desk::new();
    let prompt = untested(&desk, Provider::OpenAi, &server, 1).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, server.asked_about("zebra")), (RunStatus::Paused, 0));
    assert!(run.reason.is_some_and(|words| words.contains("Invalid schema")));
}

#[tokio::test]
async fn a_failure_while_finding_out_pauses_the_run_and_resuming_finds_out() {
    let is_mended = Arc::new(AtomicBool::new(false));
    let mended = Arc::clone(&is_mended);
    let server = Server::start(move |asked: &Asked| match form(asked) {
        "json_schema" if mended.load(Ordering::SeqCst) => held(asked),
        "json_schema" => Reply::status(401, "bad key"),
        _ => free(asked),
    });
    let desk = Desk::new();
    let prompt = untested(&desk, Provider::Custom, &server, 1).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done, server.asked().len()), (RunStatus::Paused, 0, 2));
    assert!(run.reason.as_ref().is_some_and(|words| words.contains("wants a key")), "{:?}", run.reason);
    is_mended.store(true, Ordering::SeqCst);
    desk.engine.resume_run(run.id.clone()).await.expect("it resumes");
    let run = desk.engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, run.correct), (RunStatus::Completed, 1), "{:?}", run.reason);
    assert_eq!((run.requests, run.probes), (2 + 3, 3), "one that was refused, and two that found out");
    assert_eq!(server.asked_about("Topic of"), 2, "what was answered in vain is not asked again");
}

/// Of each question about a task its form, messages it has, and the last of them.
fn asked_about_tasks(server: &Server) -> Vec<(String, usize, String)> {
    let asked = server.asked();
    let tasks = asked.iter().filter(|asked| asked.text().contains("Topic of"));
    let told = tasks.map(|asked| {
        let messages = asked.body["messages"].as_array().expect("messages");
        let last = messages.last().expect("a message")["content"].to_string();
        (form(asked).to_owned(), messages.len(), last)
    });
    told.collect()
}

#[tokio::test]
async fn an_answer_without_json_is_asked_for_again_with_what_is_wrong_whatever_the_form() {
    for does_better in [false, true] {
        let server = Server::start(move |asked: &Asked| match asked.body["messages"].as_array().map(Vec::len) {
            Some(3) if does_better => by_text(asked),
            _ => free(asked),
        });
        let desk = Desk::new();
        let prompt = untested(&desk, Provider::Custom, &server, 1).await;
        let run = desk.run(&prompt, Subset::All).await;
        assert_eq!((run.correct, run.failed), if does_better { (1, 0) } else { (0, 1) }, "{:?}", run.reason);
        let asked_for_it: u32 = if does_better { 2 } else { 4 };
        assert_eq!(run.requests - run.probes, asked_for_it, "one task, and more questions within its budget");
        assert_eq!(run.probes as usize, server.asked_about("zebra"));
        let asked = asked_about_tasks(&server);
        let turns: Vec<_> = asked.iter().map(|(form, messages, _)| (form.as_str(), *messages)).collect();
        let all = [("json_object", 1), ("none", 3), ("none", 5), ("none", 7)];
        assert_eq!(turns, all[..asked_for_it as usize], "the server ignores every schema");
        assert!(asked[1].2.contains("This answer cannot be used: the answer holds no JSON object"), "{}", asked[1].2);
        let structure = connection_of(&desk).await.models[0].structure;
        assert_eq!(structure, does_better.then_some(StructuredMode::Instruction), "kept only if it did better");

        let again = desk.run(&prompt, Subset::All).await;
        let (cached, requests) = if does_better { (1, 0) } else { (0, 4) };
        assert_eq!((again.cached, again.requests - again.probes), (cached, requests), "what was answered is owned");
    }
}

#[tokio::test]
async fn a_form_of_words_on_trial_is_remembered_by_the_run_that_goes_on_after_it_ended() {
    let is_mended = Arc::new(AtomicBool::new(false));
    let mended = Arc::clone(&is_mended);
    let server = Server::start(move |asked: &Asked| match asked.body["messages"].as_array().map(Vec::len) {
        Some(3) if mended.load(Ordering::SeqCst) => by_text(asked),
        Some(3) => Reply::status(401, "bad key"),
        _ => free(asked),
    });
    let desk = Desk::new();
    let prompt = untested(&desk, Provider::Custom, &server, 1).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done), (RunStatus::Paused, 0), "{:?}", run.reason);
    assert_eq!(connection_of(&desk).await.models[0].structure, None, "nobody knows yet whether it is any better");
    is_mended.store(true, Ordering::SeqCst);
    let engine = desk.another_engine();
    engine.resume_run(run.id.clone()).await.expect("it resumes");
    let resumed = engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((resumed.status, resumed.correct), (RunStatus::Completed, 1), "{:?}", resumed.reason);
    assert_eq!(resumed.probes, run.probes, "it was found out already");
    assert_eq!(connection_of(&desk).await.models[0].structure, Some(StructuredMode::Instruction));
}

#[tokio::test]
async fn a_server_that_refuses_every_form_is_said_to_with_its_words() {
    let server = Server::start(|asked: &Asked| match form(asked) {
        "none" => held(asked),
        _ => refused("response_format is not supported here.", None),
    });
    let desk = Desk::new();
    untested(&desk, Provider::Custom, &server, 1).await;
    for _ in 0..2 {
        let test = desk.engine.test_connection("scripted".to_owned(), None).await.expect("a test");
        assert_eq!((test.ok, test.structure), (true, Some(StructuredMode::Instruction)), "{}", test.message);
        let words = test.about_form.expect("a sentence");
        let said = "The server refuses every form that an answer can be asked for in (“response_format is not supported here”)";
        assert!(words.starts_with(said), "{words}");
    }
}
