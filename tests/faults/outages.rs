//! An endpoint that vanishes in the midst of a run, and comes back.

use crate::support::{Desk, START, Server, count, under_way, word};
use std::time::{Duration, Instant};

const TASKS: usize = 60;

#[test]
fn a_server_that_is_gone_pauses_the_run_and_one_that_is_back_is_asked_the_rest() {
    let mut server = Server::well();
    let desk = Desk::new();
    desk.prompt_on(&server, TASKS);
    let program = under_way(&server, 20, || desk.start(&START));
    server.close();
    let (ok, run) = program.end();
    assert!(!ok && word(&run, "status") == "paused", "{run}");
    let place = server.endpoint();
    let place = place.trim_start_matches("http://").trim_end_matches("/v1");
    assert!(word(&run, "reason").contains(place), "it says who is gone: {run}");
    assert_eq!((count(&run, "done"), count(&run, "failed")), (20, 0), "an outage is no result of a task: {run}");
    let kept = desk.rows(word(&run, "run_id"));

    // Still gone: it says so again, and blames no task.
    let (ok, run) = desk.ask(&["run", "resume", word(&run, "run_id")]);
    assert!(!ok && word(&run, "status") == "paused" && word(&run, "reason").contains(place), "{run}");
    assert_eq!((count(&run, "done"), count(&run, "failed")), (20, 0), "{run}");

    server.limit(None);
    server.open();
    let run = desk.get(&["run", "resume", word(&run, "run_id")]);
    assert_eq!((count(&run, "done"), count(&run, "failed"), count(&run, "cached")), (TASKS, 0, 0), "{run}");
    let rows = desk.rows(word(&run, "run_id"));
    assert!(kept.iter().all(|(task, row)| rows.get(task) == Some(row)), "what was kept stays");
    let answered: Vec<_> = server.asked().into_iter().filter(|asked| asked.is_answered).collect();
    assert_eq!(answered.len(), TASKS, "each task was answered once");
}

#[test]
fn a_run_that_is_told_to_keep_trying_outlives_an_outage() {
    let mut server = Server::well();
    let desk = Desk::new();
    desk.prompt_on(&server, TASKS);
    let program = under_way(&server, 20, || desk.start(&[&START[..], &["--keep-trying", "5"]].concat()));
    server.close();
    let began = Instant::now();
    while desk.run().is_none_or(|run| word(&run, "status") != "paused") {
        assert!(began.elapsed() < Duration::from_secs(60), "it pauses");
        std::thread::sleep(Duration::from_millis(100));
    }
    server.limit(None);
    server.open();
    let (ok, run) = program.end();
    assert!(ok, "{run}");
    assert_eq!((count(&run, "done"), count(&run, "failed")), (TASKS, 0), "{run}");
}

#[test]
fn a_server_that_is_gone_for_a_moment_costs_nothing_but_the_moment() {
    let mut server = Server::well();
    let desk = Desk::new();
    desk.prompt_on(&server, TASKS);
    let program = under_way(&server, 20, || desk.start(&START));
    server.close();
    server.limit(None);
    server.open();
    let (ok, run) = program.end();
    assert!(ok, "{run}");
    assert_eq!((count(&run, "done"), count(&run, "failed")), (TASKS, 0), "{run}");
    assert!(count(&run, "retries") >= 8, "what was out when it went was asked again: {run}");
}
