//! How fast a server is asked, over real requests: by what it refuses, and by what it says of its limits. How long that takes
//! is held to simulated servers in the engine's own tests.

use crate::support::{Asked, Desk, Gate, Reply, Server, bugs, by_text, completion, new_run, until};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use touchstone_engine::domain::PromptId;
use touchstone_engine::domain::run::{RunStatus, Subset};

/// Longer than any of these tests takes, and no longer than a run waits in silence.
const LONG: &str = "100";

const SECOND: Duration = Duration::from_secs(1);

/// A refusal for the rate that wants a wait of so many seconds.
fn slow_down(seconds: &str) -> Reply {
    Reply::Http { status: 429, headers: vec![("retry-after", seconds.to_owned())], body: "{}".to_owned() }
}

/// Starts a run, waits until it says why it waits in words that begin so, does `look`, and stops it.
async fn until_it_says(desk: &Desk, prompt: &PromptId, words: &str, look: impl AsyncFn()) {
    let run = desk.engine.start_run(new_run(prompt, Subset::All)).await.expect("the run starts").run_id;
    until(words, async || {
        let runs = desk.engine.active_runs().await.expect("runs");
        runs.iter().any(|run| run.waiting.as_ref().is_some_and(|said| said.starts_with(words)))
    })
    .await;
    look().await;
    desk.engine.stop_run(run).await.expect("it stops");
}

#[tokio::test]
async fn a_rate_limit_costs_no_task_however_often_it_is_refused() {
    // Each task six times, which is more than it may fail, while others get through.
    let refused = Mutex::new(HashMap::new());
    let server = Server::start(move |asked: &Asked| {
        let mut refused = refused.lock().expect("no panic");
        let times: &mut u32 = refused.entry(asked.text().to_owned()).or_default();
        *times += 1;
        if *times > 6 { by_text(asked) } else { slow_down("0") }
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(12)).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.correct, run.failed), (RunStatus::Completed, 12, 0), "{:?}", run.reason);
    assert_eq!((run.requests, run.retries), (12 * 7, 12 * 6), "what was answered was not asked for again");
}

#[tokio::test]
async fn a_server_that_refuses_everything_is_left_alone_for_as_long_as_it_says() {
    let server = Server::start(|_: &Asked| slow_down(LONG));
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(60)).await;
    until_it_says(&desk, &prompt, "The server asked to slow down; going on in ", async || {
        let asked = server.asked().len();
        assert!(asked <= 24, "no more than are alive, but it was {asked}");
    })
    .await;
}

#[tokio::test]
async fn nothing_leaves_while_the_server_wants_a_wait_and_one_goes_ahead_after_it() {
    // After twenty answers it refuses for two seconds, and then whatever comes first once more.
    let refuses_until = Mutex::new(Vec::new());
    let server = Server::start(move |asked: &Asked| {
        let mut until = refuses_until.lock().expect("no panic");
        if asked.number > 20 && until.is_empty() {
            until.push(asked.at + SECOND * 2);
        }
        match until.len() {
            1 if asked.at < until[0] => slow_down("2"),
            1 => {
                until.push(asked.at + SECOND);
                slow_down("1")
            }
            2 if asked.at < until[1] => slow_down("1"),
            _ => by_text(asked),
        }
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(60)).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.correct, run.failed), (RunStatus::Completed, 60, 0), "{:?}", run.reason);
    let asked = server.asked();
    let refused = asked[20].at;
    let since = asked[20..].iter().map(|asked| asked.at.duration_since(refused));
    // What was on its way when the first refusal came back is among the eight that may be in flight.
    let volley = since.clone().filter(|at| *at < SECOND).count();
    assert!(volley <= 8, "{volley} came at once");
    assert_eq!(since.clone().filter(|at| (SECOND / 2..SECOND * 2).contains(at)).count(), 0, "it is left alone");
    assert_eq!(since.clone().filter(|at| (SECOND * 2..SECOND * 3).contains(at)).count(), 1, "one goes ahead");
}

#[tokio::test]
async fn one_refusal_among_many_holds_back_its_own_task_only() {
    // It is refused once others have come that left after it.
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| match asked.number {
        10 => Reply::After(Arc::clone(&held), Box::new(slow_down(LONG))),
        20 => {
            gate.open();
            by_text(asked)
        }
        _ => by_text(asked),
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(60)).await;
    until_it_says(&desk, &prompt, "1 task will be asked again.", async || {
        until("all others are answered", async || {
            desk.engine.active_runs().await.expect("runs").iter().all(|run| run.run.correct == 59)
        })
        .await;
        assert_eq!(server.asked().len(), 60, "and it waits");
    })
    .await;
}

#[tokio::test]
async fn a_limit_that_the_server_announces_is_kept_to() {
    let refused = Arc::new(AtomicU32::new(0));
    let counting = Arc::clone(&refused);
    let server = Server::start(move |asked: &Asked| {
        let left = 40_usize.checked_sub(asked.number);
        let headers = vec![
            ("x-ratelimit-limit-requests", "40".to_owned()),
            ("x-ratelimit-remaining-requests", left.unwrap_or(0).to_string()),
            ("x-ratelimit-reset-requests", "60s".to_owned()),
        ];
        match by_text(asked) {
            Reply::Says(content) if left.is_some() => Reply::Http { status: 200, headers, body: completion(&content) },
            _ => {
                counting.fetch_add(1, Ordering::SeqCst);
                Reply::Http { status: 429, headers, body: "{}".to_owned() }
            }
        }
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(120)).await;
    until_it_says(&desk, &prompt, "Requests per minute ", async || {}).await;
    assert_eq!(refused.load(Ordering::SeqCst), 0, "it was known what was left");
}

#[tokio::test]
async fn a_server_of_this_computer_is_asked_at_the_users_limit_from_the_start() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| match asked.number {
        1 => by_text(asked),
        _ => Reply::After(Arc::clone(&held), Box::new(by_text(asked))),
    });
    let desk = Desk::new();
    desk.store().set_setting("concurrency", "24").expect("setting");
    let prompt = desk.prompt_on(&server, &bugs(60)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("all that may be in flight is", async || server.asked().len() == 25).await;
    until("it is said what the limit is", async || {
        let runs = desk.engine.active_runs().await.expect("runs");
        runs.iter().any(|run| run.waiting.as_deref() == Some("24 at once is your limit."))
    })
    .await;
    gate.open();
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.correct, server.in_flight_max()), (60, 24));
}
