//! Running a prompt: what is asked, what is asked again, what is kept, and who may be at work.

use crate::support::{
    Asked, Desk, Gate, Reply, Server, bugs, by_text, custom, dead_endpoint, draft, new_import, new_run, region, task,
    to_json, until,
};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use touchstone_engine::connections::{ConnectionEdit, PRACTICE};
use touchstone_engine::domain::json::{Json, Object};
use touchstone_engine::domain::run::{RunStatus, Subset};
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::{ConnectionId, RunId};
use touchstone_engine::drafts::DraftContent;
use touchstone_engine::requests::ProblemCode;
use touchstone_engine::results::{RowFilter, RowQuery, RowSort};
use touchstone_engine::{Engine, ErrorCode};

/// Every result of a run.
async fn rows(desk: &Desk, run: &RunId) -> Vec<Value> {
    let query = RowQuery { filter: RowFilter::All, sort: RowSort::Position, search: String::new(), cell: None };
    let page = desk.result_rows(run.clone(), query, 0, 500).await;
    page.rows.iter().map(to_json).collect()
}

async fn has_done(engine: &Engine, run: &RunId, done: u32) -> bool {
    engine.run(run.clone()).await.is_ok_and(|run| run.done == done)
}

/// A server that answers the first `answered` requests at once and holds the others back until the gate is open.
fn server_with_gate(answered: usize) -> (Server, Arc<Gate>) {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| {
        if asked.number <= answered {
            by_text(asked)
        } else {
            Reply::After(Arc::clone(&held), Box::new(by_text(asked)))
        }
    });
    (server, gate)
}

/// Asserts that none of the first `answered` requests was made again.
fn assert_not_asked_again(server: &Server, answered: usize) {
    let asked = server.asked();
    for first in &asked[..answered] {
        assert_eq!(server.asked_about(first.text()), 1, "{:?} had been answered", first.text());
    }
}

#[tokio::test]
async fn a_parameter_that_no_server_takes_is_refused_before_anything_is_sent() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(2)).await;
    let saved = desk.engine.prompt(prompt.to_string()).await.expect("a prompt").draft.content;
    let params = |values: serde_json::Value| {
        let values = values.as_object().expect("an object").iter();
        Object(values.map(|(name, value)| (name.clone(), Json::from(value))).collect())
    };
    let draft = DraftContent {
        invocation_params: params(json!({ "temperature": "hot", "max_tokens": 0 })),
        extra: params(json!({ "stop": 3, "seed": 1.5, "repeat_penalty": "whatever" })),
        ..saved
    };
    let preview = desk.engine.preview_request(prompt.clone(), draft.clone(), 0).await.expect("a preview");
    let invalid = preview.problems.iter().filter(|problem| problem.code == ProblemCode::ParameterInvalid);
    let words: Vec<_> = invalid.map(|problem| problem.message.as_str()).collect();
    let expected = [
        "The parameter temperature is \"hot\", and must be a number from 0 to 2.",
        "The parameter max_tokens is 0, and must be a whole number from 1 to 1,000,000.",
        "The parameter stop is 3, and must be a text or a list of texts.",
        "The parameter seed is 1.5, and must be a whole number.",
    ];
    assert_eq!(words, expected);
    desk.engine.save_draft(prompt.clone(), draft).await.expect("a draft may be anything");
    let refused = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect_err("refused");
    for words in expected {
        assert!(refused.to_string().contains(words), "{refused}");
    }
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn accuracy_is_over_tasks_with_ground_truth_and_a_prediction() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let tasks = json!([
        task("crash at start", Some("Bug")),
        task("crash, and I like it", Some("Praise")),
        task("lovely", Some("Praise")),
        task("fine", None),
    ]);
    let prompt = desk.prompt_on(&server, &tasks).await;

    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!(run.status, RunStatus::Completed);
    assert_eq!((run.total, run.done, run.failed), (4, 4, 0));
    assert_eq!((run.correct, run.scored), (2, 3));
    assert_eq!((run.requests, run.retries, run.cached), (4, 0, 0));
    assert_eq!((run.prompt_tokens, run.completion_tokens), (44, 12));
    assert_eq!((run.cost_usd, run.unpriced), (Some(0.0), 0), "a server on this computer costs nothing");
    let accuracy = run.accuracy.expect("tasks were scored");
    assert!((accuracy.value - 2.0 / 3.0).abs() < 1e-9);

    let truth = desk.run(&prompt, Subset::GroundTruth).await;
    assert_eq!((truth.total, truth.scored, truth.correct), (3, 3, 2));
    assert_eq!(truth.version_number, run.version_number, "an unchanged draft runs the version it is");

    let versions = desk.engine.version_page(prompt.clone(), String::new(), 0, 100).await.expect("versions").rows;
    assert_eq!(versions.len(), 1);
    assert_eq!((versions[0].run_count, versions[0].best_accuracy.map(|best| best.correct)), (2, Some(2)));
    let listed = desk.engine.prompts().await.expect("prompts");
    assert_eq!(listed[0].best_accuracy.map(|best| best.scored), Some(3));
    assert_eq!(listed[0].last_run.as_ref().map(|last| last.status), Some(RunStatus::Completed));
}

#[tokio::test]
async fn a_sample_is_the_first_twenty_tasks() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(25)).await;
    let run = desk.run(&prompt, Subset::SAMPLE).await;
    assert_eq!((run.total, run.done), (20, 20));
    assert_eq!(server.asked_about("number 21."), 0);
    assert!(server.in_flight_max() <= 8, "the usual concurrency is 8, it had {}", server.in_flight_max());
}

#[tokio::test]
async fn a_repeated_run_asks_nothing() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(30)).await;
    let first = desk.run(&prompt, Subset::All).await;
    assert_eq!((first.requests, server.asked().len()), (30, 30));

    let second = desk.run(&prompt, Subset::All).await;
    assert_eq!(server.asked().len(), 30, "every answer was owned");
    assert_eq!((second.cached, second.requests, second.prompt_tokens), (30, 0, 0));
    assert_eq!((second.correct, second.scored), (first.correct, first.scored));
    assert_eq!((first.number, second.number), (1, 2));
}

#[tokio::test]
async fn tasks_that_ask_the_same_share_one_request() {
    let (server, gate) = server_with_gate(0);
    let desk = Desk::new();
    let tasks: Value = (0..20).map(|_| task("crash", Some("Bug"))).collect();
    let prompt = desk.prompt_on(&server, &tasks).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("the first is asked", async || server.asked().len() == 1).await;
    gate.open();
    let run = desk.engine.wait_for_run(started.run_id).await.expect("the run ends");
    assert_eq!((run.done, run.requests, run.cached), (20, 1, 19));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn faults_that_pass_are_asked_again() {
    // Each text has its fault, once or twice; then it is answered.
    let server = {
        let seen = std::sync::Mutex::new(std::collections::HashMap::<String, u32>::new());
        Server::start(move |asked: &Asked| {
            let mut seen = seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let times = seen.entry(asked.text().to_owned()).or_default();
            *times += 1;
            match (asked.text(), *times) {
                (text, 1 | 2) if text.contains("failing") => Reply::status(500, "boom"),
                (text, 1) if text.contains("breaking") => Reply::BreaksOff,
                (text, 1) if text.contains("html") => {
                    Reply::Http { status: 200, headers: Vec::new(), body: "<html>Sign in</html>".to_owned() }
                }
                (text, 1) if text.contains("half") => Reply::Says("{\"topic\": \"Bu".to_owned()),
                (text, 1) if text.contains("outside") => Reply::class("Weather"),
                _ => by_text(asked),
            }
        })
    };
    let desk = Desk::new();
    let texts = ["failing crash", "breaking crash", "html crash", "half crash", "outside crash", "plain crash"];
    let tasks: Value = texts.iter().map(|text| task(text, Some("Bug"))).collect();
    let prompt = desk.prompt_on(&server, &tasks).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.failed, run.correct), (RunStatus::Completed, 0, 6), "{:?}", run.reason);
    assert_eq!((run.requests, run.retries), (12, 6));
    assert_eq!(server.asked().len(), 12);
    // Answers that could not be used were paid for too.
    assert_eq!(run.completion_tokens, 3 * 8);
}

#[tokio::test]
async fn a_server_that_asks_to_wait_is_left_alone_for_so_long() {
    let server = Server::start(|asked: &Asked| {
        if asked.number == 1 {
            Reply::Http { status: 429, headers: vec![("retry-after", "1".to_owned())], body: "{}".to_owned() }
        } else {
            by_text(asked)
        }
    });
    let desk = Desk::new();
    desk.store().set_setting("concurrency", "1").expect("setting");
    let prompt = desk.prompt_on(&server, &bugs(4)).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.correct, run.retries), (RunStatus::Completed, 4, 1));
    assert_eq!(server.in_flight_max(), 1, "the concurrency that was set");
    let asked = server.asked();
    for later in &asked[1..] {
        let waited = later.at.duration_since(asked[0].at);
        assert!(waited >= Duration::from_secs(1), "the whole connection pauses, but one came after {waited:?}");
    }
    let told = desk
        .recorder
        .reports()
        .iter()
        .any(|report| report["waiting"].as_str().is_some_and(|words| words.contains("asked to slow down")));
    assert!(told, "progress says why it waits");
}

#[tokio::test]
async fn a_rejected_key_pauses_at_once_and_resuming_goes_on() {
    let is_mended = Arc::new(AtomicBool::new(false));
    let mended = Arc::clone(&is_mended);
    let server =
        Server::start(
            move |asked: &Asked| {
                if mended.load(Ordering::SeqCst) { by_text(asked) } else { Reply::status(401, "bad key") }
            },
        );
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(40)).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done, run.failed), (RunStatus::Paused, 0, 0), "no task is to blame");
    assert!(run.reason.as_ref().is_some_and(|reason| reason.contains("key")), "{:?}", run.reason);
    let asked = server.asked().len();
    assert!((1..=8).contains(&asked), "none is asked after the first refusal but those in flight");
    assert!(run.requests as usize >= asked, "what was sent is counted: {} of {asked}", run.requests);

    is_mended.store(true, Ordering::SeqCst);
    desk.engine.resume_run(run.id.clone()).await.expect("it resumes");
    let run = desk.engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, run.done, run.correct, run.reason), (RunStatus::Completed, 40, 40, None));
    let again = desk.engine.resume_run(run.id).await.expect_err("nothing is left");
    assert_eq!(again.code(), ErrorCode::Invalid);
}

#[tokio::test]
async fn what_is_in_flight_when_a_run_pauses_by_itself_is_still_awaited() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| match asked.number {
        4 => Reply::status(401, "bad key"),
        _ => Reply::After(Arc::clone(&held), Box::new(by_text(asked))),
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(40)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("it asks nothing more", async || {
        desk.engine.active_runs().await.expect("runs").iter().any(|run| run.is_pausing)
    })
    .await;
    gate.open();
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    let asked = server.asked().len() as u32;
    assert_eq!((run.status, run.requests), (RunStatus::Paused, asked), "{:?}", run.reason);
    assert!(asked <= 8 && run.done == asked - 1, "{} of {asked}", run.done);
    assert_eq!(run.prompt_tokens, u64::from(run.done) * 11, "what was paid for is counted");
}

#[tokio::test]
async fn a_server_that_wants_a_long_wait_is_not_waited_for_in_silence() {
    // Too fast, no room, and a server that fails: each may say when it is better.
    for status in [429, 503, 529, 500] {
        let server = Server::start(move |_: &Asked| Reply::Http {
            status,
            headers: vec![("retry-after", "3600".to_owned())],
            body: json!({ "error": { "message": "slow down" } }).to_string(),
        });
        let desk = Desk::new();
        let prompt = desk.prompt_on(&server, &bugs(3)).await;
        let run = desk.run(&prompt, Subset::All).await;
        assert_eq!((run.status, run.done, run.failed), (RunStatus::Paused, 0, 0), "{status}: {:?}", run.reason);
        let says_when = run.reason.as_deref().is_some_and(|why| why.contains("Resume after "));
        assert!(says_when, "{status}: {:?}", run.reason);
        assert!(server.asked().len() <= 3, "{status}: none is asked again");
    }
}

#[tokio::test]
async fn unusable_answers_are_kept_as_evidence_and_asked_for_again_by_another_run() {
    let is_mended = Arc::new(AtomicBool::new(false));
    let mended = Arc::clone(&is_mended);
    let server = Server::start(move |asked: &Asked| {
        if asked.text().contains("odd") && !mended.load(Ordering::SeqCst) {
            Reply::class("Weather")
        } else {
            by_text(asked)
        }
    });
    let desk = Desk::new();
    let tasks = json!([task("odd crash", Some("Bug")), task("crash", Some("Bug"))]);
    let prompt = desk.prompt_on(&server, &tasks).await;

    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done, run.failed), (RunStatus::Completed, 2, 1));
    assert_eq!((run.correct, run.scored), (1, 1), "failed is not wrong");
    assert_eq!(run.accuracy_with_failed, Some(0.5));
    assert_eq!(server.asked_about("odd"), 2, "it was asked for once more, with what is wrong");
    let rows = rows(&desk, &run.id).await;
    assert_eq!(rows[0]["error"]["code"], "outside_schema");
    let task_id = serde_json::from_value(rows[0]["task_id"].clone()).expect("a task id");
    let detail = desk.engine.result(run.id, task_id).await.expect("detail");
    assert_eq!(detail.answer.as_deref(), Some(r#"{"topic":"Weather"}"#));
    assert_eq!(detail.attempts, 2);

    is_mended.store(true, Ordering::SeqCst);
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.failed, run.correct, run.cached, run.requests), (0, 2, 1, 1));
    assert_eq!(server.asked_about("odd"), 3);
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.correct, run.cached, run.requests), (2, 2, 0), "now it is owned");
}

#[tokio::test]
async fn each_failure_says_what_it_is() {
    let server = Server::start(|asked: &Asked| match asked.text() {
        text if text.contains("failing") => Reply::status(500, "boom"),
        text if text.contains("html") => {
            Reply::Http { status: 200, headers: Vec::new(), body: "<html>Sign in</html>".to_owned() }
        }
        text if text.contains("breaking") => Reply::BreaksOff,
        text if text.contains("prose") => Reply::Says("It is a bug.".to_owned()),
        text if text.contains("half") => Reply::Says("{\"topic\": \"Bu".to_owned()),
        text if text.contains("outside") => Reply::class("Weather"),
        text if text.contains("refused") => Reply::status(400, "no"),
        _ => by_text(asked),
    });
    let desk = Desk::new();
    let titles = ["failing", "html", "breaking", "prose", "half", "outside", "refused", "", "crash"];
    let tasks: Value = titles
        .iter()
        .map(|title| match *title {
            "" => json!({ "text": "this one has no title" }),
            title => json!({ "text": "something", "title": title }),
        })
        .collect();
    let prompt = desk.prompt_on(&server, &tasks).await;
    let connection = desk.engine.prompt(prompt.to_string()).await.expect("prompt").draft.content.connection_id;
    let content = draft("Topic of: {title}", &connection.expect("it has one"));
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done, run.failed), (RunStatus::Completed, 9, 8), "{:?}", run.reason);
    let rows = rows(&desk, &run.id).await;
    let codes: Vec<_> = rows.iter().map(|row| row["error"]["code"].as_str().unwrap_or("-")).collect();
    assert_eq!(
        codes,
        [
            "server_error",
            "malformed",
            "network",
            "not_json",
            "not_json",
            "outside_schema",
            "bad_request",
            "missing_variables",
            "-"
        ]
    );
    let missing = rows[7]["error"]["message"].as_str().unwrap_or_default();
    assert!(missing.contains("{title}"), "{missing}");
    assert_eq!(rows[7]["latency_ms"], Value::Null, "nothing is sent for a task without its variable");
    assert_eq!(server.asked_about("refused"), 1, "asking again would not help");
}

#[tokio::test]
async fn a_server_that_is_down_pauses_the_run_and_blames_no_task() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(3)).await;
    let connection =
        desk.engine.add_connection(custom("down", dead_endpoint())).await.expect("connection").connection.id;
    let prompt = desk.prompt(&project, &connection).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done), (RunStatus::Paused, 0));
    assert_eq!((run.requests, run.retries), (12, 9), "three tasks, each asked four times");
    assert!(run.reason.as_ref().is_some_and(|reason| reason.contains("127.0.0.1")), "{:?}", run.reason);

    let edit = ConnectionEdit { endpoint: Some(server.endpoint()), ..ConnectionEdit::default() };
    desk.engine.edit_connection(connection, edit).await.expect("endpoint is mended");
    desk.engine.resume_run(run.id.clone()).await.expect("it resumes");
    let run = desk.engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, run.correct), (RunStatus::Completed, 3));
}

#[tokio::test]
async fn ten_equal_failures_in_a_row_pause_the_run() {
    let server = Server::start(|_: &Asked| Reply::status(400, "response_format is not supported"));
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(60)).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!(run.status, RunStatus::Paused);
    assert!(run.failed >= 10 && run.done < 60, "{} of {} failed", run.failed, run.done);
    let reason = run.reason.expect("a reason");
    assert!(reason.contains("10 tasks in a row") && reason.contains("response_format"), "{reason}");
}

#[tokio::test]
async fn stopping_keeps_results_and_gives_up_what_is_in_flight() {
    let (server, gate) = server_with_gate(5);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(20)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("five are done", async || has_done(&desk.engine, &started.run_id, 5).await).await;

    let twice = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect_err("it is at work");
    assert_eq!(twice.code(), ErrorCode::RunActive);
    let deleted = desk.engine.delete_prompt(prompt.clone()).await.expect_err("it is at work");
    assert_eq!(deleted.code(), ErrorCode::RunActive);
    assert_eq!(desk.engine.active_runs().await.expect("active runs").len(), 1);

    desk.engine.stop_run(started.run_id.clone()).await.expect("it stops");
    let run = desk.engine.run(started.run_id.clone()).await.expect("run");
    assert_eq!((run.status, run.done, run.correct, run.failed), (RunStatus::Canceled, 5, 5, 0));
    assert!(desk.engine.active_runs().await.expect("active runs").is_empty());

    gate.open();
    desk.engine.resume_run(started.run_id.clone()).await.expect("it resumes");
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.status, run.done, run.correct), (RunStatus::Completed, 20, 20));
    assert_not_asked_again(&server, 5);
}

#[tokio::test]
async fn another_process_can_stop_a_run_but_not_take_it() {
    let server = Server::start(|_: &Asked| Reply::Never);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("it asks", async || !server.asked().is_empty()).await;

    let other = desk.another_engine();
    let taken = other.resume_run(started.run_id.clone()).await.expect_err("the lease is held");
    assert_eq!(taken.code(), ErrorCode::RunActive);
    assert_eq!(other.active_runs().await.expect("active runs")[0].run.id, started.run_id);
    other.stop_run(started.run_id.clone()).await.expect("asks it to stop");
    let run = other.wait_for_run(started.run_id.clone()).await.expect("it ends");
    assert_eq!(run.status, RunStatus::Canceled);
    assert_eq!(desk.engine.run(started.run_id).await.expect("run").status, RunStatus::Canceled);
}

#[tokio::test]
async fn a_run_whose_process_is_gone_resumes_without_paying_twice() {
    let (server, gate) = server_with_gate(12);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(30)).await;

    // The first process: a runtime that is dropped in the middle of its work, without a goodbye.
    let path = desk.workspace();
    let wanted = prompt.clone();
    let run = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let run = runtime.block_on(async {
            let engine = crate::support::open(&path, &Arc::default());
            let started = engine.start_run(new_run(&wanted, Subset::All)).await.expect("the run starts");
            until("twelve are done", async || has_done(&engine, &started.run_id, 12).await).await;
            started.run_id
        });
        runtime.shutdown_background();
        run
    })
    .await
    .expect("the first process");

    assert_eq!(desk.abandon_runs("gone"), 1);
    let paused = desk.engine.run(run.clone()).await.expect("run");
    assert_eq!((paused.status, paused.done, paused.correct), (RunStatus::Paused, 12, 12));

    gate.open();
    desk.engine.resume_run(run.clone()).await.expect("it resumes");
    let run = desk.engine.wait_for_run(run).await.expect("it ends");
    assert_eq!((run.status, run.done, run.correct), (RunStatus::Completed, 30, 30));
    assert_not_asked_again(&server, 12);
}

#[tokio::test]
async fn who_loses_the_lease_ends_quietly() {
    let (server, gate) = server_with_gate(0);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("it asks", async || server.asked().len() == 3).await;
    desk.abandon_runs("gone");
    let run = desk.engine.wait_for_run(started.run_id.clone()).await.expect("it ends");
    assert_eq!((run.status, run.reason.as_deref()), (RunStatus::Paused, Some("gone")), "it changes nothing");

    gate.open();
    let other = desk.another_engine();
    other.resume_run(started.run_id.clone()).await.expect("the other takes it");
    let run = other.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.status, run.correct), (RunStatus::Completed, 3));
}

#[tokio::test]
async fn a_program_that_closes_pauses_its_runs() {
    let server = Server::start(|_: &Asked| Reply::Never);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    desk.engine.pause_runs().await.expect("paused");
    let run = desk.engine.run(started.run_id).await.expect("run");
    assert_eq!(run.status, RunStatus::Paused);
    assert!(run.reason.is_some_and(|reason| reason.contains("closed")));
}

#[tokio::test]
async fn a_run_that_cannot_work_is_refused_in_words_and_saves_no_version() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let project = desk.import("Feedback", &json!([{ "text": "crash" }, { "text": "nice" }])).await;
    let connection = desk.connect(&server).await;
    let prompt = desk.prompt(&project, &connection).await;
    let refused =
        async |subset| desk.engine.start_run(new_run(&prompt, subset)).await.expect_err("refused").to_string();

    assert!(refused(Subset::GroundTruth).await.contains("ground truth"));
    for (user, connection, part) in [
        ("Topic?", Some(&connection), "no variable"),
        ("Topic of {title}?", Some(&connection), "{title}"),
        (" ", Some(&connection), "user message"),
        ("Topic of {text}?", None, "a model"),
    ] {
        let mut content = draft(user, &ConnectionId(String::new()));
        content.connection_id = connection.cloned();
        desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
        let words = refused(Subset::All).await;
        assert!(words.contains(part), "{words:?} does not say {part:?}");
    }
    let versions = desk.engine.version_page(prompt.clone(), String::new(), 0, 100).await.expect("versions").rows;
    assert!(versions.is_empty(), "what may not run is not saved");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_changed_draft_is_saved_before_it_runs_and_a_version_can_be_run_again() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(2)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    assert!(started.saved_version);
    assert_eq!((started.version.number, started.version.message.as_str()), (1, "Version 1"));
    desk.engine.wait_for_run(started.run_id).await.expect("it ends");

    let connection = started.version.connection_id.clone().expect("a connection");
    desk.engine.save_draft(prompt.clone(), draft("And this: {text}", &connection)).await.expect("draft");
    let second = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    assert_eq!((second.saved_version, second.version.number), (true, 2));
    desk.engine.wait_for_run(second.run_id).await.expect("it ends");

    let mut first_again = new_run(&prompt, Subset::All);
    first_again.version_id = Some(started.version.id);
    let third = desk.engine.start_run(first_again).await.expect("the run starts");
    assert_eq!((third.saved_version, third.version.number), (false, 1));
    let run = desk.engine.wait_for_run(third.run_id).await.expect("it ends");
    assert_eq!((run.cached, run.version_number), (2, 1));
    let numbers: Vec<_> = desk
        .engine
        .runs(Some(prompt))
        .await
        .expect("runs")
        .iter()
        .map(|run| (run.number, run.version_number))
        .collect();
    assert_eq!(numbers, [(3, 1), (2, 2), (1, 1)], "newest first");
}

#[tokio::test]
async fn the_practice_model_runs_for_free() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(10)).await;
    let prompt = desk.prompt(&project, &ConnectionId(PRACTICE.to_owned())).await;
    let user = "Which topic is it?\n- Bug: a crash or an error\n- Praise: somebody likes it\n\n{text}";
    let mut content = draft(user, &ConnectionId(PRACTICE.to_owned()));
    content.model = PRACTICE.to_owned();
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done, run.failed), (RunStatus::Completed, 10, 0), "{:?}", run.reason);
    assert_eq!((run.cost_usd, run.connection_name.as_deref()), (Some(0.0), Some(PRACTICE)));
    assert_eq!(run.correct, 10, "the definition names what the texts say");
}

#[tokio::test]
async fn a_secret_is_sent_and_found_nowhere_else() {
    const PLANTED: &str = "sk-planted-5f0c9a";
    // A server that repeats the key in its error, as some do.
    let server = Server::start(|asked: &Asked| match asked.text() {
        text if text.contains("echo") => Reply::status(400, &format!("not with {}", asked.head)),
        _ => by_text(asked),
    });
    let desk = Desk::new();
    let tasks = json!([task("crash", Some("Bug")), task("echo", Some("Bug"))]);
    let project = desk.import("Feedback", &tasks).await;
    let mut connection = custom("scripted", server.endpoint());
    connection.entered.api_key = Some(Secret::new(PLANTED.to_owned()));
    connection.entered.until_quit = true;
    let connection = desk.engine.add_connection(connection).await.expect("connection").connection;
    let prompt = desk.prompt(&project, &connection.id).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.correct, run.failed), (1, 1));
    assert!(server.asked().iter().all(|asked| asked.head.contains(&format!("Bearer {PLANTED}"))), "the server got it");

    let export = desk.folder.path().join("predictions.jsonl");
    let format = touchstone_engine::export::ExportFormat::Jsonl;
    desk.engine.export_predictions(run.id.clone(), format, None, export).await.expect("export");
    let mut said = vec![to_json(&connection), to_json(&run)];
    said.extend(desk.recorder.reports());
    said.extend(desk.engine.connections().await.expect("connections").iter().map(to_json));
    for row in rows(&desk, &run.id).await {
        let task = serde_json::from_value(row["task_id"].clone()).expect("a task id");
        said.push(to_json(&desk.engine.result(run.id.clone(), task).await.expect("detail")));
    }
    assert!(said.iter().all(|reply| !reply.to_string().contains(PLANTED)), "a reply or an event shows the secret");
    let mut files = 0;
    for entry in std::fs::read_dir(desk.folder.path()).expect("folder") {
        let bytes = std::fs::read(entry.expect("entry").path()).expect("file");
        assert!(!bytes.windows(PLANTED.len()).any(|window| window == PLANTED.as_bytes()), "a file holds the secret");
        files += 1;
    }
    assert!(files >= 4, "workspace, its log, inputs and the export were looked at");
}

#[tokio::test]
async fn the_newest_ground_truth_counts() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let annotation = |class: &str, at: &str| json!({ "result": [region(class)], "ground_truth": true, "was_cancelled": false, "created_at": at });
    let tasks = json!([{
        "data": { "text": "crash" },
        "annotations": [
            annotation("Bug", "2026-02-01T00:00:00Z"),
            // Older, although it reads as later: it is two hours before midnight in UTC.
            annotation("Praise", "2026-02-01T03:00:00+05:00"),
        ],
    }]);
    let prompt = desk.prompt_on(&server, &tasks).await;
    assert_eq!(desk.run(&prompt, Subset::All).await.correct, 1);
}

/// A small file system.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts one on a folder, if this computer lets the test do so.
    fn mount(folder: &Path) -> Option<Self> {
        let output = Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(folder).output();
        output.is_ok_and(|output| output.status.success()).then(|| Self(folder.to_owned()))
    }

    /// Takes all the space that is left; removing the file gives it back.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = File::create(&path).expect("an empty file has room");
        while file.write_all(&[0; 4096]).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: files of the engine may be open for a moment yet.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[tokio::test]
async fn each_task_is_asked_with_its_own_choices() {
    const DYNAMIC: &str = r#"<View><Text name="text" value="$text"/>
      <Choices name="topic" toName="text" value="$options"/></View>"#;
    // Chooses the last of what it is offered.
    let server = Server::start(|asked: &Asked| {
        let body = asked.body.to_string();
        Reply::class(if body.contains("Hardware") { "Hardware" } else { "Late" })
    });
    let desk = Desk::new();
    let tasks = json!([
        { "data": { "text": "one", "options": ["Software", "Hardware"] } },
        { "data": { "text": "two", "options": [{ "value": "Early" }, { "value": "Late" }] } },
        { "data": { "text": "three", "options": "none" } },
        { "data": { "text": "four", "options": ["Never"] } },
    ]);
    let path = desk.write("tasks.json", &tasks.to_string());
    let import = new_import("Choices of their own", DYNAMIC, Some(path));
    let project = desk.engine.import_project(import).await.expect("imported").project_id;
    let connection = desk.connect(&server).await;
    let prompt = desk.prompt(&project, &connection).await;
    let run = desk.run(&prompt, Subset::All).await;
    let rows = rows(&desk, &run.id).await;
    let chosen: Vec<_> = rows.iter().map(|row| row["prediction"][0]["value"]["choices"][0].as_str()).collect();
    assert_eq!(chosen, [Some("Hardware"), Some("Late"), None, None], "{rows:?}");
    assert_eq!(rows[2]["error"]["code"], "nothing_to_choose", "{}", rows[2]);
    assert_eq!(server.asked_about("three"), 0, "what has no answer is not paid for");

    let first = desk.engine.tasks(project, 0, 1).await.expect("tasks").rows[0].id;
    let outline = desk.engine.task(first).await.expect("task").outline.expect("a config of its own");
    let classes: Vec<_> = outline.nodes[2].classes.iter().map(|class| class.value.as_str()).collect();
    assert_eq!(classes, ["Software", "Hardware"]);
}

#[tokio::test]
async fn a_full_disk_pauses_the_run_with_that_reason() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        return eprintln!("skipped: this computer does not let the test mount a small file system");
    };
    let (server, gate) = server_with_gate(3);
    let desk = Desk::in_folder(folder);
    let prompt = desk.prompt_on(&server, &bugs(400)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("three are done", async || has_done(&desk.engine, &started.run_id, 3).await).await;
    let filler = disk.fill();
    gate.open();
    let run = desk.engine.wait_for_run(started.run_id.clone()).await.expect("it ends");
    assert_eq!(run.status, RunStatus::Paused);
    assert!(run.reason.as_ref().is_some_and(|reason| reason.contains("disk is full")), "{:?}", run.reason);

    std::fs::remove_file(filler).expect("space is made");
    until("the pause is recorded", async || {
        desk.engine.run(started.run_id.clone()).await.is_ok_and(|run| run.status == RunStatus::Paused)
    })
    .await;
    desk.engine.resume_run(started.run_id.clone()).await.expect("it resumes");
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.status, run.correct), (RunStatus::Completed, 400), "{:?}", run.reason);
}
