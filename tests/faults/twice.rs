//! Two programs on one workspace.

use crate::support::{Desk, START, Server, count, word};
use serde_json::Value;

const TASKS: usize = 60;

/// What two programs say that were started at once.
fn both(desk: &Desk, first: &[&str], second: &[&str]) -> [(bool, Value); 2] {
    let programs = [desk.start(first), desk.start(second)];
    programs.map(|program| program.end())
}

#[test]
fn of_two_programs_that_resume_a_run_one_does_and_the_other_says_so() {
    let server = Server::well();
    let desk = Desk::new();
    desk.prompt_on(&server, TASKS);
    server.limit(Some(20));
    let program = desk.start(&START);
    server.until_answered(20);
    server.until_in_flight(8);
    let run = desk.run().expect("a run");
    let stopped = desk.get(&["run", "stop", word(&run, "run_id")]);
    assert_eq!(word(&stopped, "status"), "canceled");
    assert_eq!(word(&program.end().1, "status"), "canceled");
    server.hang_up();

    // Who has it has not finished before the other looks.
    let resume = ["run", "resume", word(&run, "run_id")];
    let programs = [desk.start(&resume), desk.start(&resume)];
    server.until_in_flight(8);
    std::thread::scope(|scope| {
        let (said, heard) = std::sync::mpsc::channel();
        for program in programs {
            let said = said.clone();
            scope.spawn(move || said.send(program.end()));
        }
        let (ok, loser) = heard.recv().expect("one of them ends");
        assert!(!ok && word(&loser["error"], "code") == "run_active", "{loser}");
        assert!(word(&loser["error"], "message").contains("already at work"), "{loser}");
        server.limit(None);
        let (ok, winner) = heard.recv().expect("the other ends");
        assert!(ok, "{winner}");
        assert_eq!((count(&winner, "done"), count(&winner, "failed")), (TASKS, 0), "{winner}");
        let asked = server.asked();
        assert_eq!(count(&winner, "requests"), asked.len(), "what was out when it was stopped counts too: {winner}");
        assert_eq!(asked.iter().filter(|asked| asked.is_answered).count(), TASKS, "nothing was asked by both");
    });
}

#[test]
fn two_runs_of_a_version_at_once_share_what_is_owned() {
    let server = Server::well();
    let desk = Desk::new();
    desk.prompt_on(&server, TASKS);
    let owned = desk.get(&["run", "start", "--prompt", "Topics", "--subset", "sample:40"]);
    assert_eq!(count(&owned, "requests"), 40, "{owned}");

    // Over all tasks and over those with ground truth, which are all: two runs, so that neither is refused.
    let [all, truth] = both(&desk, &START, &["run", "start", "--prompt", "Topics", "--subset", "ground-truth"]);
    for (ok, run) in [&all, &truth] {
        assert!(ok, "{run}");
        assert_eq!((count(run, "done"), count(run, "failed")), (TASKS, 0), "{run}");
        assert!(count(run, "cached") >= 40, "what was owned is not asked again: {run}");
        assert_eq!(count(run, "cached") + count(run, "requests"), TASKS, "{run}");
    }
    let (requests, sent) = (count(&all.1, "requests") + count(&truth.1, "requests"), server.asked().len());
    assert_eq!(sent, 40 + requests, "each request is counted by who sent it");
    let rows = [all, truth].map(|(_, run)| desk.rows(word(&run, "run_id")));
    assert!(rows[0].values().zip(rows[1].values()).all(|(one, other)| one["result"] == other["result"]));
}
