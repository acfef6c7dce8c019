//! Runs under control: paused and limited by hand, here and from another process.

use crate::support::{Asked, Desk, Gate, Reply, Server, bugs, by_text, custom, draft, new_run, until};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use touchstone_engine::domain::run::{Only, RunStatus, Subset};
use touchstone_engine::runs::{NewRun, RunWorker};
use touchstone_engine::{Engine, ErrorCode};

/// A server that holds every answer back until the gate is open.
fn held_back() -> (Server, Arc<Gate>) {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    (Server::start(move |asked: &Asked| Reply::After(Arc::clone(&held), Box::new(by_text(asked)))), gate)
}

/// Long enough for a request to be sent that should not be.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(150)).await;
}

async fn limit(engine: &Engine) -> u32 {
    engine.active_runs().await.expect("active runs").first().expect("one is at work").concurrency
}

#[tokio::test]
async fn a_pause_awaits_what_is_out_asks_nothing_more_and_resuming_goes_on() {
    let (server, gate) = held_back();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(40)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("as many are out as may be", async || server.asked().len() == 8).await;

    desk.engine.pause_run(started.run_id.clone()).await.expect("it is asked to pause");
    let active = desk.engine.active_runs().await.expect("active runs");
    assert!(active[0].is_pausing, "its calls are out");
    assert!(active[0].waiting.as_ref().is_some_and(|words| words.contains('8')), "{:?}", active[0].waiting);
    gate.open();
    let run = desk.engine.wait_for_run(started.run_id.clone()).await.expect("it pauses");
    assert_eq!((run.status, run.reason), (RunStatus::Paused, None), "nothing went wrong");
    assert_eq!((run.done, run.requests, server.asked().len()), (8, 8, 8), "what was paid for came home");

    desk.engine.resume_run(run.id.clone()).await.expect("it resumes");
    let run = desk.engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, run.done, run.requests), (RunStatus::Completed, 40, 40));
    assert_eq!(server.asked().len(), 40, "none was asked twice");
    let late = desk.engine.pause_run(run.id).await.expect_err("it is complete");
    assert_eq!(late.code(), ErrorCode::Invalid);
}

#[tokio::test]
async fn who_stops_a_run_that_is_pausing_waits_for_nothing() {
    let server = Server::start(|_: &Asked| Reply::Never);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("it asks", async || server.asked().len() == 3).await;
    desk.engine.pause_run(started.run_id.clone()).await.expect("it is asked to pause");
    a_moment().await;
    assert_eq!(desk.engine.run(started.run_id.clone()).await.expect("run").status, RunStatus::InProgress);
    desk.engine.stop_run(started.run_id.clone()).await.expect("it stops");
    assert_eq!(desk.engine.run(started.run_id).await.expect("run").status, RunStatus::Canceled);
}

#[tokio::test]
async fn a_run_whose_last_answers_come_home_while_it_pauses_is_complete() {
    let (server, gate) = held_back();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("all are asked", async || server.asked().len() == 3).await;
    desk.engine.pause_run(started.run_id.clone()).await.expect("it is asked to pause");
    gate.open();
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.status, run.done), (RunStatus::Completed, 3));
}

#[tokio::test]
async fn another_process_pauses_and_limits_a_run() {
    let (server, gate) = held_back();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(40)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("as many are out as may be", async || server.asked().len() == 8).await;

    let other = desk.another_engine();
    assert_eq!(limit(&other).await, 8);
    other.set_run_concurrency(started.run_id.clone(), 11).await.expect("it is said");
    until("more are out", async || server.asked().len() == 11).await;
    assert_eq!((limit(&desk.engine).await, limit(&other).await), (11, 11));

    other.pause_run(started.run_id.clone()).await.expect("it is asked to pause");
    assert!(other.active_runs().await.expect("active runs")[0].is_pausing);
    until("the owner has heard", async || desk.engine.active_runs().await.expect("runs")[0].is_pausing).await;
    gate.open();
    let run = other.wait_for_run(started.run_id).await.expect("it pauses");
    assert_eq!((run.status, run.done, server.asked().len()), (RunStatus::Paused, 11, 11));
}

#[tokio::test]
async fn a_run_that_ended_with_its_program_is_offered_until_it_goes_on_or_is_stopped() {
    let (server, gate) = held_back();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let interrupted = async || desk.engine.offered_runs().await.expect("runs");
    let run = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts").run_id;
    until("it asks", async || server.asked().len() == 3).await;
    assert!(interrupted().await.is_empty(), "it is at work");
    desk.engine.pause_runs().await.expect("the program closes");
    assert_eq!(interrupted().await[0].id, run);

    gate.open();
    desk.engine.resume_run(run.clone()).await.expect("it resumes");
    desk.engine.wait_for_run(run.clone()).await.expect("it ends");
    assert!(interrupted().await.is_empty(), "it is complete");

    let (slow, _gate) = held_back();
    let other = desk.engine.add_connection(custom("other", slow.endpoint())).await.expect("connection").connection.id;
    desk.engine.save_draft(prompt.clone(), draft("Which of: {text}", &other)).await.expect("draft");
    let run = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts").run_id;
    until("it asks", async || slow.asked().len() == 3).await;
    desk.engine.pause_run(run.clone()).await.expect("paused by hand");
    desk.engine.pause_runs().await.expect("the program closes");
    assert_eq!(interrupted().await.len(), 1, "it closed before the calls came home");
    desk.engine.stop_run(run).await.expect("stopped");
    assert!(interrupted().await.is_empty(), "whoever stopped it does not want it");
}

/// A server whose gate can be changed: what was asked before waits for the old one.
fn held_back_in_turns() -> (Server, Arc<Mutex<Arc<Gate>>>) {
    let gate = Arc::new(Mutex::new(Gate::closed()));
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| {
        let gate = Arc::clone(&held.lock().expect("no panic"));
        Reply::After(gate, Box::new(by_text(asked)))
    });
    (server, gate)
}

/// Lets those go that wait, and holds back what is asked from now on.
fn next_turn(gate: &Mutex<Arc<Gate>>) {
    std::mem::replace(&mut *gate.lock().expect("no panic"), Gate::closed()).open();
}

#[tokio::test]
async fn the_limit_of_a_run_changes_in_its_midst_and_stays_with_it() {
    let (server, gate) = held_back_in_turns();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(120)).await;
    let mut new = new_run(&prompt, Subset::All);
    new.concurrency = Some(0);
    let refused = desk.engine.start_run(new.clone()).await.expect_err("none at once");
    assert_eq!(refused.field(), Some("concurrency"));

    new.concurrency = Some(12);
    let started = desk.engine.start_run(new).await.expect("the run starts");
    until("it begins with what was said", async || server.asked().len() == 12).await;
    desk.engine.set_run_concurrency(started.run_id.clone(), 2).await.expect("fewer");
    next_turn(&gate);
    until("those beyond came home", async || server.asked().len() == 14).await;
    next_turn(&gate);
    until("as many are out as before", async || server.asked().len() == 16).await;
    desk.engine.pause_run(started.run_id.clone()).await.expect("it is asked to pause");
    next_turn(&gate);
    desk.engine.wait_for_run(started.run_id.clone()).await.expect("it pauses");
    let out: Vec<_> = server.asked()[12..].iter().map(|asked| asked.in_flight).collect();
    assert!(out.len() == 4 && out.iter().all(|out| *out <= 2), "{out:?}");

    desk.engine.resume_run(started.run_id.clone()).await.expect("it resumes");
    until("it goes on", async || server.asked().len() == 18).await;
    assert_eq!(limit(&desk.engine).await, 2, "it is still as it was said");
    desk.engine.set_run_concurrency(started.run_id.clone(), 16).await.expect("more");
    until("more are out", async || server.asked().len() > 18).await;
    next_turn(&gate);
    until("as many are out as was said", async || server.in_flight() == 16).await;
    // Nothing is held back any more.
    gate.lock().expect("no panic").open();
    let run = desk.engine.wait_for_run(started.run_id.clone()).await.expect("it ends");
    assert_eq!((run.status, run.done, run.requests), (RunStatus::Completed, 120, 120));
    assert_eq!(server.in_flight_max(), 16);
    let late = desk.engine.set_run_concurrency(started.run_id, 4).await.expect_err("it is complete");
    assert_eq!(late.code(), ErrorCode::Invalid);
}

#[tokio::test]
async fn failures_of_a_server_are_no_results_of_a_run_that_is_stopped_before_anything_was_answered() {
    let server = Server::start(|asked: &Asked| match asked.text().contains("number 1.") {
        true => Reply::Never,
        false => {
            Reply::Http { status: 500, headers: vec![("x-should-retry", "false".to_owned())], body: String::new() }
        }
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(4)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("only the first is out", async || server.asked().len() == 4 && server.in_flight() == 1).await;
    desk.engine.stop_run(started.run_id.clone()).await.expect("stopped");
    let run = desk.engine.run(started.run_id).await.expect("run");
    assert_eq!((run.status, run.done, run.failed), (RunStatus::Canceled, 0, 0), "they are asked again if it goes on");
}

#[tokio::test]
async fn at_every_moment_a_run_says_why_it_is_not_faster() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(400)).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done), (RunStatus::Completed, 400), "{:?}", run.reason);
    for report in desk.recorder.reports() {
        let is_over = report["run"]["status"] != "in_progress";
        assert_eq!(report["waiting"].is_null(), is_over, "{report}");
    }
}

#[tokio::test]
async fn a_server_that_fails_is_named_while_it_does_and_what_becomes_of_the_tasks_when_the_run_pauses() {
    let server = Server::start(|_: &Asked| Reply::status(500, "boom"));
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(5)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("it is named", async || {
        let runs = desk.engine.active_runs().await.expect("runs");
        let is_named =
            |words: &String| words.starts_with("The last ") && words.contains(" requests failed; trying again ");
        runs.iter().any(|run| run.waiting.as_ref().is_some_and(is_named))
    })
    .await;
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it pauses");
    let reason = run.reason.expect("a reason");
    assert_eq!((run.status, run.done, run.failed), (RunStatus::Paused, 0, 0), "{reason}");
    assert!(reason.ends_with("These tasks stay open, and are asked again when the run is resumed."), "{reason}");
    let failed = NewRun { only: Some(Only::Failed), ..new_run(&prompt, Subset::All) };
    let refused = desk.engine.start_run(failed).await.expect_err("none failed").to_string();
    assert!(refused.contains("run 1 is paused with 5 tasks open") && refused.contains("resume it"), "{refused}");
}

#[tokio::test]
async fn a_run_waits_for_a_server_that_is_gone_for_as_long_as_it_was_told() {
    let is_there = Arc::new(AtomicBool::new(false));
    let there = Arc::clone(&is_there);
    let server = Server::start(
        move |asked: &Asked| {
            if there.load(Ordering::SeqCst) { by_text(asked) } else { Reply::BreaksOff }
        },
    );
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(12)).await;
    desk.engine.keep_trying();
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    let run = desk.engine.wait_out(started.run_id.clone(), Duration::from_millis(300)).await.expect("its time is over");
    let reason = run.reason.expect("a reason");
    assert_eq!(run.status, RunStatus::Paused, "{reason}");
    assert!(!reason.contains("goes on by itself"), "nobody looks after it any more: {reason}");

    desk.engine.resume_run(started.run_id.clone()).await.expect("resumed");
    let waiting = tokio::spawn({
        let (engine, id) = (desk.engine.clone(), started.run_id.clone());
        async move { engine.wait_out(id, Duration::from_secs(60)).await }
    });
    until("it has paused", async || {
        desk.engine.run(started.run_id.clone()).await.expect("run").status == RunStatus::Paused
    })
    .await;
    is_there.store(true, Ordering::SeqCst);
    let run = waiting.await.expect("no panic").expect("it ends");
    assert_eq!((run.status, run.done, run.failed), (RunStatus::Completed, 12, 0), "{:?}", run.reason);
}

#[tokio::test]
async fn a_run_whose_server_was_gone_goes_on_by_itself_where_a_program_stays() {
    let is_there = Arc::new(AtomicBool::new(false));
    let there = Arc::clone(&is_there);
    let server = Server::start(
        move |asked: &Asked| {
            if there.load(Ordering::SeqCst) { by_text(asked) } else { Reply::BreaksOff }
        },
    );
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(30)).await;
    let run = desk.run(&prompt, Subset::All).await;
    let words = "The run goes on by itself once it is reached again.";
    let reason = run.reason.expect("a reason");
    assert_eq!((run.status, run.done), (RunStatus::Paused, 0), "{reason}");
    assert!(!reason.contains(words), "a program that ends with its run cannot: {reason}");

    let watching = tokio::spawn(desk.engine.clone().watch());
    desk.engine.resume_run(run.id.clone()).await.expect("resumed");
    let paused = desk.engine.wait_for_run(run.id.clone()).await.expect("it pauses again");
    assert!(paused.reason.as_deref().is_some_and(|reason| reason.ends_with(words)), "{:?}", paused.reason);
    is_there.store(true, Ordering::SeqCst);
    until("it is complete", async || {
        desk.engine.run(run.id.clone()).await.expect("run").status == RunStatus::Completed
    })
    .await;
    assert_eq!(desk.engine.run(run.id).await.expect("run").done, 30);
    watching.abort();
}

#[tokio::test]
async fn a_higher_limit_reaches_a_run_at_once_though_nothing_is_answered() {
    let (server, gate) = held_back();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(60)).await;
    let mut new = new_run(&prompt, Subset::All);
    new.concurrency = Some(1);
    let run = desk.engine.start_run(new).await.expect("the run starts").run_id;
    until("it begins with what was said", async || server.asked().len() == 1).await;
    desk.engine.set_run_concurrency(run.clone(), 24).await.expect("more");
    until("as many are out as was said", async || server.asked().len() == 24).await;
    gate.open();
    let run = desk.engine.wait_for_run(run).await.expect("it ends");
    assert_eq!((run.status, run.done, server.in_flight_max()), (RunStatus::Completed, 60, 24));
}

#[tokio::test]
async fn progress_is_told_at_most_ten_times_a_second_and_its_last_word_is_exact() {
    const TASKS: usize = 600;
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(TASKS)).await;
    let began = Instant::now();
    let run = desk.run(&prompt, Subset::All).await;
    let took = began.elapsed();
    assert_eq!((run.status, run.done), (RunStatus::Completed, 600), "{:?}", run.reason);
    let reports = desk.recorder.reports();
    let told: Vec<_> = reports.iter().filter_map(|report| report["run"]["done"].as_u64()).collect();
    // One more when it begins, and one when it ends.
    let most = took.as_millis() / 100 + 2;
    assert!(told.len() as u128 <= most, "{} in {took:?}", told.len());
    assert!(told.is_sorted() && told.last() == Some(&600), "{told:?}");
}

#[tokio::test]
async fn a_server_that_hangs_is_named_and_another_program_sees_who_is_at_work() {
    let (server, gate) = held_back();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(5)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("all are out", async || server.asked().len() == 5).await;
    let other = desk.another_engine();
    let seen = other.active_runs().await.expect("runs").remove(0);
    assert_eq!((seen.worker, seen.in_flight), (RunWorker::Elsewhere, 0), "only who asks knows what is out");

    let look = async || desk.engine.active_runs().await.expect("runs").remove(0);
    let words = look().await.waiting.unwrap_or_default();
    assert!(words.starts_with("Waiting for the first answer; 5 requests are out, the longest for "), "{words}");
    let seen = async || other.active_runs().await.expect("runs").remove(0);
    until("the other is told why", async || {
        seen().await.waiting.is_some_and(|words| words.starts_with("Waiting for the first answer; 5 "))
    })
    .await;
    until("it is named", async || look().await.waiting.is_some_and(|words| words.starts_with("No answer for"))).await;
    let silent = look().await;
    let words = silent.waiting.unwrap_or_default();
    assert!(
        words.contains("; 5 requests are out, the longest for ") && words.ends_with("given up after 5 min."),
        "{words}"
    );
    assert_eq!((silent.worker, silent.rate, silent.eta_ms), (RunWorker::Here, None, None), "nothing is promised");
    let kept = other.run(started.run_id.clone()).await.expect("run");
    assert!(kept.wall_ms >= 5_000, "its time goes on for whoever looks: {} ms", kept.wall_ms);
    assert_eq!(kept.requests, 0, "what is out is counted with its task");

    desk.engine.pause_run(started.run_id.clone()).await.expect("paused");
    let words = look().await.waiting.unwrap_or_default();
    assert!(words.contains("each is given up after 5 min"), "{words}");
    until("the other is told so", async || {
        seen().await.waiting.is_some_and(|words| words.starts_with("Pausing once "))
    })
    .await;
    gate.open();
    let run = desk.engine.wait_for_run(started.run_id).await.expect("ended");
    assert_eq!((run.done, run.requests), (5, 5));
    assert!(run.wall_ms < 60_000 && run.wall_ms >= kept.wall_ms, "and is counted once: {} ms", run.wall_ms);
}
