//! Runs of one connection go one after the other.

use crate::support::{Asked, Desk, Gate, Reply, Server, bugs, by_text, custom, draft, new_run, until};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use touchstone_engine::Engine;
use touchstone_engine::connections::{ConnectionEdit, NewConnection};
use touchstone_engine::domain::prompt::Provider;
use touchstone_engine::domain::run::{PauseCause, Repetition, RunStatus, Subset};
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::{ConnectionId, PromptId, RunId};
use touchstone_engine::drafts::DraftContent;
use touchstone_engine::runs::{AskedModel, NewRun};

/// A server that holds every answer back until the gate is open.
fn held_back() -> (Server, Arc<Gate>) {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    (Server::start(move |asked: &Asked| Reply::After(Arc::clone(&held), Box::new(by_text(asked)))), gate)
}

/// The draft's run over all tasks, so many times.
fn repeated(prompt: &PromptId, of: u32) -> Vec<NewRun> {
    let run = new_run(prompt, Subset::All);
    (1..=of).map(|number| NewRun { repetition: Repetition::among(number, of), ..run.clone() }).collect()
}

async fn start(engine: &Engine, runs: Vec<NewRun>) -> Vec<RunId> {
    let started = engine.start_runs(runs, None).await.expect("they start");
    started.into_iter().map(|started| started.run_id).collect()
}

/// Where each of these runs stands, and its place in the queue.
async fn stand(engine: &Engine, runs: &[RunId]) -> Vec<(RunStatus, Option<u32>)> {
    let mut all = Vec::new();
    for run in runs {
        let run = engine.run(run.clone()).await.expect("the run");
        all.push((run.status, run.queue_place));
    }
    all
}

const AT_WORK: (RunStatus, Option<u32>) = (RunStatus::InProgress, None);
const DONE: (RunStatus, Option<u32>) = (RunStatus::Completed, None);
const PAUSED: (RunStatus, Option<u32>) = (RunStatus::Paused, None);

fn queued(place: u32) -> (RunStatus, Option<u32>) {
    (RunStatus::Queued, Some(place))
}

async fn ends(engine: &Engine, run: &RunId) -> RunStatus {
    engine.wait_for_run(run.clone()).await.expect("it ends").status
}

#[tokio::test]
async fn runs_of_one_connection_go_one_after_the_other_and_those_of_another_beside_them() {
    let at_once = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&at_once);
    let server = Server::start(move |asked: &Asked| {
        noted.lock().expect("no panic").push(asked.body["messages"].clone());
        by_text(asked)
    });
    let (slow, gate) = held_back();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(6)).await;
    let other = desk.engine.add_connection(custom("other", slow.endpoint())).await.expect("added").connection.id;
    desk.has_answered(&other, "scripted");
    let elsewhere = Some(AskedModel { connection_id: Some(other), model: "other".to_owned() });
    let elsewhere = NewRun { model: elsewhere, ..new_run(&prompt, Subset::All) };
    let blocking = start(&desk.engine, vec![elsewhere]).await;
    until("it asks", async || slow.asked().len() == 6).await;

    let runs = start(&desk.engine, repeated(&prompt, 3)).await;
    for run in &runs {
        assert_eq!(ends(&desk.engine, run).await, RunStatus::Completed);
    }
    assert_eq!(stand(&desk.engine, &blocking).await, [AT_WORK], "it kept nobody waiting");
    let times = async |run: &RunId| {
        let run = desk.engine.run(run.clone()).await.expect("the run");
        (run.started_at.expect("begun"), run.finished_at.expect("ended"))
    };
    for pair in runs.windows(2) {
        assert!(times(&pair[0]).await.1 <= times(&pair[1]).await.0, "one after the other");
    }
    assert_eq!(at_once.lock().expect("no panic").len(), 18);
    gate.open();
    assert_eq!(ends(&desk.engine, &blocking[0]).await, RunStatus::Completed);
}

#[tokio::test]
async fn a_queued_run_says_its_place_and_is_started_at_once_paused_or_stopped() {
    let (server, gate) = held_back();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let runs = start(&desk.engine, repeated(&prompt, 5)).await;
    until("the first asks", async || server.asked().len() == 3).await;
    let engine = &desk.engine;
    assert_eq!(stand(engine, &runs).await, [AT_WORK, queued(1), queued(2), queued(3), queued(4)]);
    let active = engine.active_runs().await.expect("active runs");
    let told: Vec<_> = active.iter().map(|progress| progress.run.id.clone()).collect();
    assert_eq!(told, runs, "in their order");
    let words: Vec<_> = active.iter().filter_map(|progress| progress.waiting.as_deref()).skip(2).collect();
    assert_eq!(words[..2], ["Queued: number 2 on “scripted”.", "Queued: number 3 on “scripted”."]);

    engine.resume_run(runs[3].clone()).await.expect("started at once");
    until("both ask", async || server.asked().len() == 6).await;
    engine.pause_run(runs[1].clone()).await.expect("paused");
    engine.stop_run(runs[2].clone()).await.expect("stopped");
    let canceled = (RunStatus::Canceled, None);
    assert_eq!(stand(engine, &runs).await, [AT_WORK, PAUSED, canceled, AT_WORK, queued(2)]);
    assert_eq!(engine.run(runs[1].clone()).await.expect("run").reason, None, "by hand");

    gate.open();
    assert_eq!(ends(engine, &runs[4]).await, RunStatus::Completed);
    assert_eq!(stand(engine, &runs).await, [DONE, PAUSED, canceled, DONE, DONE], "what was taken out stays out");
    assert_eq!(server.asked().len(), 9);
}

#[tokio::test]
async fn a_run_of_another_program_waits_for_those_that_are_at_work() {
    let (server, gate) = held_back();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let first = start(&desk.engine, vec![new_run(&prompt, Subset::All)]).await.remove(0);
    until("it asks", async || server.asked().len() == 3).await;
    let other = desk.another_engine();
    let truth = new_run(&prompt, Subset::GroundTruth);
    let second = start(&other, vec![truth]).await.remove(0);
    let third = start(&desk.engine, vec![NewRun { subset: Subset::SAMPLE, ..new_run(&prompt, Subset::All) }]).await;
    assert_eq!(
        stand(&desk.engine, &[first.clone(), second.clone(), third[0].clone()]).await,
        [AT_WORK, queued(1), queued(2)]
    );
    gate.open();
    assert_eq!(
        (ends(&other, &second).await, ends(&other, &third[0]).await),
        (RunStatus::Completed, RunStatus::Completed)
    );
    assert_eq!(server.asked().len(), 3, "what the first had answered is owned");
}

/// Begins runs in a program that is killed once the server was asked so often.
async fn killed(desk: &Desk, runs: Vec<NewRun>, server: &Server, asked: usize) -> Vec<RunId> {
    let all = server.asked().len() + asked;
    desk.killed(async |engine| start(&engine, runs).await, async || server.asked().len() == all).await
}

#[tokio::test]
async fn the_queue_of_a_program_that_is_killed_is_offered_and_goes_on_in_its_order() {
    let (server, gate) = held_back();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let runs = killed(&desk, repeated(&prompt, 3), &server, 3).await;
    assert_eq!(stand(&desk.engine, &runs).await, [AT_WORK, queued(1), queued(2)], "nobody has noticed yet");
    assert_eq!(desk.abandon_runs("gone"), 3);
    assert_eq!(stand(&desk.engine, &runs).await, [PAUSED; 3], "nothing goes on unasked");
    let offered = desk.engine.offered_runs().await.expect("offers");
    let offered: Vec<_> = offered.into_iter().rev().map(|run| (run.id, run.started_at.is_some())).collect();
    let begun = [true, false, false];
    assert_eq!(offered, runs.iter().cloned().zip(begun).collect::<Vec<_>>(), "those that it had queued too");

    let back: Vec<_> = runs.iter().rev().cloned().collect();
    desk.engine.queue_runs(back).await.expect("all are resumed");
    until("the first asks", async || server.asked().len() == 6).await;
    assert_eq!(stand(&desk.engine, &runs).await, [AT_WORK, queued(1), queued(2)], "in the order that they had");
    let late = desk.engine.queue_runs(vec![runs[1].clone()]).await.expect_err("it is queued already");
    assert_eq!(late.code(), touchstone_engine::ErrorCode::RunActive);
    gate.open();
    assert_eq!(ends(&desk.engine, &runs[2]).await, RunStatus::Completed);
    assert_eq!(stand(&desk.engine, &runs).await, [DONE; 3]);
    let late = desk.engine.queue_runs(vec![runs[1].clone()]).await.expect_err("it is complete");
    assert_eq!(late.code(), touchstone_engine::ErrorCode::Invalid);
}

#[tokio::test]
async fn a_program_that_closes_takes_its_queue_along_and_leaves_that_of_others() {
    let (server, _gate) = held_back();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let other = desk.another_engine();
    let runs = start(&desk.engine, repeated(&prompt, 2)).await;
    let others = start(&other, vec![new_run(&prompt, Subset::GroundTruth)]).await;
    until("the first asks", async || server.asked().len() == 3).await;
    desk.engine.pause_runs().await.expect("it closes");
    assert_eq!(stand(&other, &runs).await, [PAUSED, PAUSED]);
    assert_eq!(desk.engine.offered_runs().await.expect("offers").len(), 2);
    until("the other's begins", async || stand(&other, &others).await == [AT_WORK]).await;
    other.stop_run(others[0].clone()).await.expect("stopped");
}

#[tokio::test]
async fn a_queued_run_that_cannot_begin_says_why_and_keeps_nobody_waiting() {
    let (server, gate) = held_back();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let runs = start(&desk.engine, repeated(&prompt, 3)).await;
    until("the first asks", async || server.asked().len() == 3).await;
    let connection: ConnectionId = desk.engine.run(runs[0].clone()).await.expect("run").connection_id;
    desk.store().change_connection_settings(&connection, |_| Ok("no settings".to_owned())).expect("broken");
    gate.open();
    assert_eq!(ends(&desk.engine, &runs[2]).await, RunStatus::Paused);
    assert_eq!(stand(&desk.engine, &runs).await, [DONE, PAUSED, PAUSED]);
    let run = desk.engine.run(runs[1].clone()).await.expect("run");
    assert!(run.reason.is_some_and(|reason| reason.contains("scripted")), "it is named");

    desk.store().change_connection_settings(&connection, |_| Ok("{}".to_owned())).expect("mended");
    desk.engine.save_draft(prompt.clone(), draft("Topic of: {text}", &connection)).await.expect("draft");
    desk.engine.queue_runs(runs[1..].to_vec()).await.expect("resumed");
    assert_eq!(ends(&desk.engine, &runs[2]).await, RunStatus::Completed);
}

/// A server that wants a key until it is told better.
fn refusing() -> (Server, Arc<AtomicBool>) {
    let is_mended = Arc::new(AtomicBool::new(false));
    let mended = Arc::clone(&is_mended);
    let server =
        Server::start(
            move |asked: &Asked| {
                if mended.load(Ordering::SeqCst) { by_text(asked) } else { Reply::status(401, "no such key") }
            },
        );
    (server, is_mended)
}

#[tokio::test]
async fn what_is_queued_behind_a_refused_run_asks_nothing_and_goes_on_with_it() {
    let (server, is_mended) = refusing();
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let engine = &desk.engine;
    let mut new = repeated(&prompt, 4);
    new[0].concurrency = Some(1);
    let runs = start(engine, new).await;
    until("all are paused", async || stand(engine, &runs).await == [PAUSED; 4]).await;
    let asked = server.asked().len();
    assert_eq!(asked, 1, "one question is enough to know");
    for (place, run) in runs.iter().enumerate() {
        let run = engine.run(run.clone()).await.expect("run");
        let reason = run.reason.expect("a reason");
        assert_eq!((run.cause, run.is_held), (Some(PauseCause::Refused), true), "{reason}");
        assert!(reason.contains("wants a key"), "the same cause: {reason}");
        assert_eq!(reason.contains("Nothing was asked for this run"), place > 0, "{reason}");
        assert!(reason.contains("Resume any of them once that is mended, and the others follow"), "{reason}");
    }
    assert_eq!(engine.offered_runs().await.expect("offers").len(), 4);

    engine.stop_run(runs[3].clone()).await.expect("it is not wanted any more");
    engine.resume_run(runs[1].clone()).await.expect("resumed too early");
    until("they wait again", async || {
        let mut wait = server.asked().len() > asked && stand(engine, &runs[..3]).await == [PAUSED; 3];
        for run in &runs[..3] {
            // A moment after it is paused.
            wait &= engine.run(run.clone()).await.expect("run").is_held;
        }
        wait
    })
    .await;
    is_mended.store(true, Ordering::SeqCst);
    let others = engine.resume_run(runs[2].clone()).await.expect("resumed");
    assert_eq!(others, runs[..2], "whichever is resumed, the others follow");
    for run in &runs[..3] {
        assert_eq!(ends(engine, run).await, RunStatus::Completed);
        let run = engine.run(run.clone()).await.expect("run");
        assert_eq!((run.cause, run.is_held, run.reason), (None, false, None));
    }
    assert_eq!(engine.run(runs[3].clone()).await.expect("run").status, RunStatus::Canceled, "it stays stopped");
    assert_eq!(engine.offered_runs().await.expect("offers").len(), 0);
}

#[tokio::test]
async fn a_model_that_nobody_knows_holds_up_its_own_runs_and_no_others() {
    const KNOWN: &str = "gpt-4.1-mini";
    let server = Server::start(|asked: &Asked| {
        let error = json!({ "message": "The model does not exist", "code": "model_not_found" });
        let unknown = Reply::Http { status: 404, headers: Vec::new(), body: json!({ "error": error }).to_string() };
        if asked.body["model"] == KNOWN { by_text(asked) } else { unknown }
    });
    let desk = Desk::new();
    let entered = ConnectionEdit { base_url: Some(server.endpoint()), ..ConnectionEdit::default() };
    let openai = NewConnection { without_key: true, ..NewConnection::of(Provider::OpenAi, entered) };
    let connection = desk.engine.add_connection(openai).await.expect("added").connection.id;
    desk.engine.lend_api_key(connection.to_string(), Secret::new("sk-planted".to_owned())).await.expect("a key");
    desk.has_answered(&connection, KNOWN);
    let project = desk.import("Feedback", &bugs(2)).await;
    let prompt = desk.prompt(&project, &connection).await;
    let content = draft("Topic of: {text}", &connection);
    let content = DraftContent { provider: Provider::OpenAi, model: "gpt-4.1".to_owned(), ..content };
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    let mut new = repeated(&prompt, 2);
    new[0].concurrency = Some(1);
    let known = Some(AskedModel { connection_id: Some(connection), model: KNOWN.to_owned() });
    new.insert(1, NewRun { model: known, ..new_run(&prompt, Subset::All) });
    let runs = start(&desk.engine, new).await;
    assert_eq!(ends(&desk.engine, &runs[1]).await, RunStatus::Completed, "another model is another matter");
    assert_eq!(stand(&desk.engine, &runs).await, [PAUSED, DONE, PAUSED]);
    let unknown = server.asked().into_iter().filter(|asked| asked.body["model"] != KNOWN).count();
    assert_eq!(unknown, 1, "the other run that would ask it waits");
}

#[tokio::test]
async fn what_another_program_queued_behind_a_refused_run_waits_too() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server =
        Server::start(move |_: &Asked| Reply::After(Arc::clone(&held), Box::new(Reply::status(401, "no such key"))));
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    let first = start(&desk.engine, vec![new_run(&prompt, Subset::All)]).await.remove(0);
    until("it asks", async || server.asked().len() == 1).await;
    let other = desk.another_engine();
    let second = start(&other, vec![new_run(&prompt, Subset::GroundTruth)]).await.remove(0);
    gate.open();
    assert_eq!((ends(&other, &second).await, ends(&other, &first).await), (RunStatus::Paused, RunStatus::Paused));
    assert_eq!(server.asked().len(), 1);
    // A new run is its user's own wish, and asks.
    let third = start(&other, vec![new_run(&prompt, Subset::SAMPLE)]).await.remove(0);
    assert_eq!(ends(&other, &third).await, RunStatus::Paused);
    assert_eq!(server.asked().len(), 2);
    assert!(!other.run(third).await.expect("run").is_held, "it keeps nobody waiting");
}
