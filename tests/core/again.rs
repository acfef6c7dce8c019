//! Answers that cannot be used: the conversation goes on, and nothing of it is paid for twice.

use crate::support::{Asked, Desk, Gate, Reply, Server, by_text, draft, new_run, task, to_json, until};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use touchstone_engine::connections::{ConnectionEdit, NewConnection};
use touchstone_engine::domain::json::{Json, Object};
use touchstone_engine::domain::prompt::Provider;
use touchstone_engine::domain::run::{RunStatus, Subset};
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::{ConnectionId, PromptId, RunId};
use touchstone_engine::drafts::DraftContent;
use touchstone_engine::export::ExportFormat;
use touchstone_engine::results::{ResultDetail, RowFilter, RowQuery, RowSort};
use touchstone_engine::runs::RunSummary;

async fn detail(desk: &Desk, run: &RunId) -> ResultDetail {
    let query = RowQuery { filter: RowFilter::All, sort: RowSort::Position, search: String::new(), cell: None };
    let page = desk.result_rows(run.clone(), query, 0, 1).await;
    desk.engine.result(run.clone(), page.rows[0].task_id).await.expect("a result")
}

/// How many messages a conversation has.
fn length(asked: &Asked) -> usize {
    asked.body["messages"].as_array().map_or(0, Vec::len)
}

/// Outside the schema at first, and right once that was said.
fn mends_itself(asked: &Asked) -> Reply {
    if length(asked) == 1 { Reply::class("Weather") } else { by_text(asked) }
}

fn one_task() -> Value {
    json!([task("crash", Some("Bug"))])
}

#[tokio::test]
async fn an_answer_outside_the_schema_is_asked_for_once_more_with_what_is_wrong() {
    let server = Server::start(mends_itself);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &one_task()).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.failed, run.correct), (RunStatus::Completed, 0, 1), "{:?}", run.reason);
    assert_eq!(
        (run.requests, run.retries, run.prompt_tokens, run.completion_tokens),
        (2, 1, 22, 6),
        "both are counted"
    );
    let why = "topic: “Weather” is none of Bug, Praise";
    let messages = server.asked()[1].body["messages"].clone();
    assert_eq!(messages[1], json!({ "role": "assistant", "content": r#"{"topic":"Weather"}"# }));
    let correction = messages[2]["content"].as_str().unwrap_or_default();
    assert!(messages[2]["role"] == "user" && correction.contains(why), "{messages}");
    let schema = server.asked()[0].body["response_format"]["schema"].to_string();
    assert!(correction.ends_with(&schema), "it may be that nobody showed it to the model: {messages}");

    let shown = detail(&desk, &run.id).await;
    assert_eq!((shown.attempts, shown.row.prompt_tokens, shown.row.completion_tokens), (2, Some(22), Some(6)));
    assert_eq!(shown.answer.as_deref(), Some(r#"{"topic":"Bug"}"#));
    let again = shown.asked_again.expect("it was asked again");
    assert_eq!((again.answer.as_str(), again.why.as_str()), (r#"{"topic":"Weather"}"#, why));
    let request: Value = serde_json::from_str(&shown.request).expect("JSON");
    assert_eq!(
        (request["messages"].clone(), shown.has_changed),
        (messages, false),
        "what is shown is what was sent last"
    );

    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.requests, run.cached, run.correct, server.asked().len()), (0, 1, 1, 2), "neither is paid twice");
    assert!(detail(&desk, &run.id).await.asked_again.is_some());
}

#[tokio::test]
async fn both_answers_are_priced() {
    let server = Server::start(|asked: &Asked| {
        let topic = if length(asked) == 1 { "Weather" } else { "Bug" };
        let body = json!({
            "choices": [{ "message": { "content": json!({ "topic": topic }).to_string() }, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 1_000_000, "completion_tokens": 0 },
        });
        Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() }
    });
    let desk = Desk::new();
    let connection = openai(&desk, &server, "gpt-4.1").await;
    let project = desk.import("Feedback", &one_task()).await;
    let prompt = desk.prompt(&project, &connection).await;
    let mut content = draft("Topic of: {text}", &connection);
    content.model = "gpt-4.1".to_owned();
    desk.engine.save_draft(prompt.clone(), content).await.expect("saved");
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.correct, run.cost_micros, run.unpriced), (1, 2 * 2_000_000, 0), "{:?}", run.reason);
    assert_eq!(detail(&desk, &run.id).await.row.cost_usd, Some(4.0));
}

#[tokio::test]
async fn what_a_cache_gave_and_what_was_thought_are_told_of_both_answers() {
    let server = Server::start(|asked: &Asked| {
        let topic = if length(asked) == 1 { "Weather" } else { "Bug" };
        let body = json!({
            "choices": [{ "message": { "content": json!({ "topic": topic }).to_string() }, "finish_reason": "stop" }],
            "usage": {
                "prompt_tokens": 1_000,
                "completion_tokens": 30,
                "prompt_tokens_details": { "cached_tokens": 640 },
                "completion_tokens_details": { "reasoning_tokens": 20 },
            },
        });
        Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() }
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &one_task()).await;
    let sums = |run: &RunSummary| [run.prompt_tokens, run.completion_tokens, run.cached_tokens, run.reasoning_tokens];
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!(sums(&run), [2_000, 60, 1_280, 40], "{:?}", run.reason);
    let shown = detail(&desk, &run.id).await;
    assert_eq!((shown.cached_tokens, shown.reasoning_tokens), (Some(1_280), Some(40)));
    let path = desk.folder.path().join("out.jsonl");
    desk.engine.export_predictions(run.id, ExportFormat::Jsonl, None, path.clone()).await.expect("exported");
    let line: Value = serde_json::from_slice(&std::fs::read(path).expect("the file")).expect("one line");
    assert_eq!(line["tokens"], json!({ "prompt": 2_000, "completion": 60, "cached": 1_280, "reasoning": 40 }));

    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.cached, sums(&run)), (1, [0; 4]), "they are of the run that asked");
    let shown = detail(&desk, &run.id).await;
    assert_eq!((shown.cached_tokens, shown.reasoning_tokens), (Some(640), Some(20)), "of the answer that is owned");
}

#[tokio::test]
async fn what_is_outside_twice_fails_and_another_run_begins_anew() {
    let server = Server::start(|_: &Asked| Reply::class("Weather"));
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &one_task()).await;
    for asked in [2, 4] {
        let run = desk.run(&prompt, Subset::All).await;
        assert_eq!((run.status, run.failed, run.requests), (RunStatus::Completed, 1, 2));
        assert_eq!(server.asked().len(), asked, "exactly once more");
        let shown = detail(&desk, &run.id).await;
        assert_eq!(to_json(&shown.row.error)["code"], "outside_schema");
        assert_eq!(shown.asked_again.expect("it was").why, "topic: “Weather” is none of Bug, Praise");
    }
    assert_eq!(server.asked().iter().map(length).collect::<Vec<_>>(), [1, 3, 1, 3]);
}

#[tokio::test]
async fn an_answer_without_json_is_asked_for_within_the_budget_of_three() {
    let server = Server::start(|asked: &Asked| match (asked.text(), length(asked)) {
        (text, 7) if text.contains("crash") => by_text(asked),
        (_, length) => Reply::Says(format!("It is about the weather, I said {length} times.")),
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &json!([task("crash", Some("Bug")), task("rain", None)])).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.correct, run.failed), (RunStatus::Completed, 1, 1), "{:?}", run.reason);
    assert_eq!((run.requests, run.retries, server.asked().len()), (8, 6, 8));
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.correct, run.failed, run.cached), (1, 1, 1));
    assert_eq!((run.requests, run.retries, server.asked().len()), (4, 3, 12), "what failed is begun anew");
    let run = desk.run(&prompt, Subset::Sample { tasks: 1, seed: None }).await;
    assert_eq!((run.cached, run.requests), (1, 0), "found at the end of its conversation");
    let shown = detail(&desk, &run.id).await;
    let again = shown.asked_again.expect("it was");
    assert_eq!((again.answer.as_str(), again.times), ("It is about the weather, I said 5 times.", 3));
    assert_eq!(again.why, "the answer holds no JSON object");
    let request: Value = serde_json::from_str(&shown.request).expect("JSON");
    assert_eq!(request["messages"].as_array().map(Vec::len), Some(7), "the whole conversation");
    let owned = desk.engine.estimate_run(new_run(&prompt, Subset::All)).await.expect("estimated");
    assert_eq!((owned.owned, owned.requests), (1, 1));
}

#[tokio::test]
async fn answers_without_json_and_failures_share_the_budget() {
    let failed = Arc::new(AtomicBool::new(false));
    let server = Server::start(move |asked: &Asked| match length(asked) {
        3 if !failed.swap(true, Ordering::SeqCst) => Reply::status(500, "boom"),
        _ => Reply::Says("No idea.".to_owned()),
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &one_task()).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.failed, run.requests, run.retries), (RunStatus::Completed, 1, 4, 3));
    assert_eq!(server.asked().iter().map(length).collect::<Vec<_>>(), [1, 3, 3, 5]);
}

#[tokio::test]
async fn a_conversation_goes_on_where_it_was_however_long_it_is() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| match length(asked) {
        5 => Reply::After(Arc::clone(&held), Box::new(Reply::Says("Still no idea.".to_owned()))),
        _ => Reply::Says("No idea.".to_owned()),
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &one_task()).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("it starts");
    until("the third is asked", async || server.asked().len() == 3).await;
    desk.engine.stop_run(started.run_id.clone()).await.expect("it stops");
    gate.open();
    desk.engine.resume_run(started.run_id.clone()).await.expect("it resumes");
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.status, run.failed), (RunStatus::Completed, 1), "{:?}", run.reason);
    let lengths: Vec<_> = server.asked().iter().map(length).collect();
    assert_eq!(lengths, [1, 3, 5, 5, 7], "what was answered is not asked again, and no more than the budget is");
}

#[tokio::test]
async fn tasks_that_ask_the_same_in_vain_pay_for_it_once() {
    let server = Server::start(|_: &Asked| Reply::class("Weather"));
    let desk = Desk::new();
    let prompt =
        desk.prompt_on(&server, &json!([task("crash", Some("Bug")), task("crash", None), task("crash", None)])).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.failed, run.requests), (RunStatus::Completed, 3, 2), "{:?}", run.reason);
    let again = desk.run(&prompt, Subset::All).await;
    assert_eq!((again.failed, again.requests), (3, 2), "another run begins anew");
}

#[tokio::test]
async fn a_run_that_ends_between_the_two_goes_on_with_the_second() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| match length(asked) {
        1 => Reply::class("Weather"),
        _ => Reply::After(Arc::clone(&held), Box::new(by_text(asked))),
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &one_task()).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("it starts");
    until("the second is asked", async || server.asked().len() == 2).await;
    // Another process sees already what a kill would leave behind.
    let left = desk.another_engine().run(started.run_id.clone()).await.expect("the run");
    assert_eq!((left.done, left.requests, left.prompt_tokens), (0, 1, 11), "the first answer is kept and counted");
    desk.engine.stop_run(started.run_id.clone()).await.expect("it stops");
    gate.open();
    desk.engine.resume_run(started.run_id.clone()).await.expect("it resumes");
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!(
        (run.status, run.correct, run.requests),
        (RunStatus::Completed, 1, 3),
        "two that were sent, and one more"
    );
    assert_eq!(server.asked().iter().map(length).collect::<Vec<_>>(), [1, 3, 3], "the first is not asked again");
    assert!(detail(&desk, &run.id).await.asked_again.is_some());
}

#[tokio::test]
async fn an_outage_between_the_two_leaves_the_task_open() {
    let is_down = Arc::new(AtomicBool::new(true));
    let down = Arc::clone(&is_down);
    let server = Server::start(move |asked: &Asked| match length(asked) {
        1 => Reply::class("Weather"),
        _ if down.load(Ordering::SeqCst) => Reply::status(500, "boom"),
        _ => by_text(asked),
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &one_task()).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done, run.requests, run.retries), (RunStatus::Paused, 0, 5, 4), "{:?}", run.reason);
    is_down.store(false, Ordering::SeqCst);
    desk.engine.resume_run(run.id.clone()).await.expect("it resumes");
    let run = desk.engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, run.correct, run.requests), (RunStatus::Completed, 1, 6));
}

#[tokio::test]
async fn what_broke_off_was_refused_or_held_back_is_not_asked_again() {
    let server = Server::start(|asked: &Asked| {
        let (finish, message) = match asked.text() {
            text if text.contains("long") => ("length", json!({ "content": "{\"topic\": \"B" })),
            text if text.contains("refused") => ("stop", json!({ "content": null, "refusal": "No." })),
            _ => ("content_filter", json!({ "content": "" })),
        };
        let body = json!({ "choices": [{ "message": message, "finish_reason": finish }], "usage": {} });
        Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() }
    });
    let desk = Desk::new();
    let tasks = json!([task("long", None), task("refused", None), task("filtered", None)]);
    let prompt = desk.prompt_on(&server, &tasks).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.failed, run.requests, server.asked().len()), (3, 3, 3));
}

/// OpenAI as a server of ours stands for it, where `model` has answered before.
async fn openai(desk: &Desk, server: &Server, model: &str) -> ConnectionId {
    let new = ConnectionEdit {
        base_url: Some(server.endpoint()),
        api_key: Some(Secret::new("sk-planted".to_owned())),
        until_quit: true,
        ..ConnectionEdit::default()
    };
    let id = desk.engine.add_connection(NewConnection::of(Provider::OpenAi, new)).await.expect("added").connection.id;
    desk.has_answered(&id, model);
    id
}

/// Refuses a member of the body as OpenAI does.
fn refuses(asked: &Asked, name: &str) -> Option<Reply> {
    asked.body.get(name)?;
    let message = format!("Unsupported parameter: '{name}' is not supported with this model.");
    let error = json!({ "message": message, "param": name, "code": "unsupported_parameter" });
    Some(Reply::Http { status: 400, headers: Vec::new(), body: json!({ "error": error }).to_string() })
}

/// A prompt with these parameters that asks a model that nobody knows about one task.
async fn with_params(desk: &Desk, server: &Server, params: &[(&str, Value)]) -> (PromptId, DraftContent) {
    let connection = openai(desk, server, "gpt-9").await;
    let project = desk.import("Feedback", &one_task()).await;
    let prompt = desk.prompt(&project, &connection).await;
    let mut content = draft("Topic of: {text}", &connection);
    content.model = "gpt-9".to_owned();
    content.invocation_params = object(params);
    desk.engine.save_draft(prompt.clone(), content.clone()).await.expect("saved");
    (prompt, content)
}

fn object(params: &[(&str, Value)]) -> Object {
    Object(params.iter().map(|(name, value)| ((*name).to_owned(), Json::from(value))).collect())
}

#[tokio::test]
async fn a_parameter_that_the_server_refuses_is_left_out_said_and_remembered() {
    let server = Server::start(|asked: &Asked| {
        refuses(asked, "temperature").or_else(|| refuses(asked, "seed")).unwrap_or_else(|| by_text(asked))
    });
    let desk = Desk::new();
    let params = [("temperature", json!(0.5)), ("seed", json!(7.0)), ("top_p", json!(0.5))];
    let (prompt, mut content) = with_params(&desk, &server, &params).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.correct, run.requests), (RunStatus::Completed, 1, 3), "{:?}", run.reason);
    let notes = ["temperature is not sent: gpt-9 refused it.", "seed is not sent: gpt-9 refused it."];
    assert_eq!(run.notes, notes);
    let asked = &server.asked()[2].body;
    assert_eq!((asked.get("temperature"), asked.get("seed"), &asked["top_p"]), (None, None, &json!(0.5)));
    assert!(asked.get("response_format").is_some(), "the form of the answer stays");

    let shown = detail(&desk, &run.id).await;
    assert!(!shown.has_changed && !shown.request.contains("temperature"), "{}", shown.request);
    let preview = desk.engine.preview_request(prompt.clone(), content.clone(), 0).await.expect("a preview");
    assert_eq!(preview.body, shown.request, "the next request is without them too");
    let said: Vec<_> = preview.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(said, notes);
    let again = desk.run(&prompt, Subset::All).await;
    assert_eq!((again.requests, again.cached), (0, 1), "the answer is owned by what was really asked");

    // Another value may be taken: it is tried.
    content.invocation_params = object(&[("temperature", json!(1))]);
    desk.engine.save_draft(prompt.clone(), content).await.expect("saved");
    let other = desk.run(&prompt, Subset::All).await;
    assert_eq!((other.status, other.correct, other.requests), (RunStatus::Completed, 1, 2), "{:?}", other.reason);
}

#[tokio::test]
async fn the_form_of_the_answer_and_its_limit_are_never_left_out() {
    for name in ["response_format", "max_completion_tokens"] {
        let server = Server::start(move |asked: &Asked| refuses(asked, name).unwrap_or_else(|| by_text(asked)));
        let desk = Desk::new();
        let (prompt, _) = with_params(&desk, &server, &[("max_tokens", json!(50))]).await;
        let run = desk.run(&prompt, Subset::All).await;
        assert_eq!((run.status, run.done, server.asked().len()), (RunStatus::Paused, 0, 1), "{name}: {:?}", run.reason);
    }
}
