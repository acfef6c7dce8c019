//! How fast a server is asked, over real requests: by what it refuses, and by what it says of its limits.

use crate::support::{Asked, Desk, Gate, Reply, Server, bugs, by_text, new_run, until};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use touchstone_engine::domain::run::{RunStatus, Subset};

/// What a run was told to wait for, each reason once.
fn reasons(desk: &Desk) -> Vec<String> {
    let mut reasons = Vec::new();
    for report in desk.recorder.reports() {
        if let Some(words) = report["waiting"].as_str().map(str::to_owned)
            && !reasons.contains(&words)
        {
            reasons.push(words);
        }
    }
    reasons
}

/// A server that answers `quota` requests in each window of `window`, and refuses the others. Says how long to wait, and
/// beside each answer what is left if it `announces` that.
fn limited(quota: u64, window: Duration, announces: bool) -> (Server, Arc<Mutex<u32>>) {
    let refused = Arc::new(Mutex::new(0));
    let counting = Arc::clone(&refused);
    let state = Mutex::new((None::<Instant>, 0_u64));
    let server = Server::start(move |asked: &Asked| {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let began = state.0.filter(|began| began.elapsed() < window).unwrap_or_else(|| {
            state.1 = 0;
            Instant::now()
        });
        state.0 = Some(began);
        let left = window.saturating_sub(began.elapsed()).as_millis().max(1);
        state.1 += 1;
        let is_refused = state.1 > quota;
        let mut headers = Vec::new();
        if announces {
            headers.push(("x-ratelimit-limit-requests", quota.to_string()));
            headers.push(("x-ratelimit-remaining-requests", quota.saturating_sub(state.1).to_string()));
            headers.push(("x-ratelimit-reset-requests", format!("{left}ms")));
        }
        if is_refused {
            *counting.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            headers.push(("retry-after-ms", left.to_string()));
            return Reply::Http { status: 429, headers, body: "{}".to_owned() };
        }
        match by_text(asked) {
            Reply::Says(content) => Reply::Http { status: 200, headers, body: crate::support::completion(&content) },
            reply => reply,
        }
    });
    (server, refused)
}

#[tokio::test]
async fn in_a_storm_of_refusals_every_task_is_answered_once() {
    let (server, refused) = limited(50, Duration::from_secs(2), false);
    let desk = Desk::new();
    desk.store().set_setting("concurrency", "32").expect("setting");
    let prompt = desk.prompt_on(&server, &bugs(240)).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.correct, run.failed), (RunStatus::Completed, 240, 0), "{:?}", run.reason);
    let refused = *refused.lock().expect("no panic");
    assert_eq!(run.requests, 240 + refused, "what was answered was not asked for again");
    // Five windows were used up: each may refuse what was under way, and little more.
    assert!(refused <= 5 * 32, "{refused} were refused");
    assert!(server.in_flight_max() <= 32);
    let reasons = reasons(&desk);
    assert!(
        reasons.iter().any(|words| words.starts_with("The server asked to slow down; going on in ")),
        "{reasons:?}"
    );
}

#[tokio::test]
async fn a_limit_that_the_server_announces_is_kept_to() {
    let (server, refused) = limited(40, Duration::from_secs(2), true);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(120)).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.correct, run.failed), (RunStatus::Completed, 120, 0), "{:?}", run.reason);
    let refused = *refused.lock().expect("no panic");
    assert!(refused <= 8, "{refused} were refused, though it was known what was left");
    let reasons = reasons(&desk);
    assert!(reasons.iter().any(|words| words.starts_with("Requests per minute ")), "{reasons:?}");
}

#[tokio::test]
async fn a_server_of_this_computer_is_asked_at_the_users_limit_from_the_start() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| Reply::After(Arc::clone(&held), Box::new(by_text(asked))));
    let desk = Desk::new();
    desk.store().set_setting("concurrency", "24").expect("setting");
    let prompt = desk.prompt_on(&server, &bugs(60)).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("all that may be in flight is", async || server.asked().len() == 24).await;
    until("it is said what the limit is", async || {
        let runs = desk.engine.active_runs().await.expect("runs");
        runs.iter().any(|run| run.waiting.as_deref() == Some("24 at once is your limit."))
    })
    .await;
    gate.open();
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.correct, server.in_flight_max()), (60, 24));
}

#[tokio::test]
async fn one_refusal_among_many_holds_back_its_own_task_only() {
    let server = Server::start(|asked: &Asked| match asked.number {
        10 => {
            Reply::Http { status: 429, headers: vec![("retry-after", "1".to_owned())], body: Value::Null.to_string() }
        }
        _ => by_text(asked),
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(60)).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.correct, run.retries), (60, 1));
    let asked = server.asked();
    let again = asked.iter().rposition(|later| later.text() == asked[9].text()).expect("it was asked again");
    assert!(again > 30, "others were asked while it waited, but it came as number {again}");
    assert!(asked[again].at.duration_since(asked[9].at) >= Duration::from_secs(1));
}
