//! Runs: started, steered from another terminal, queued, and what they cover.

use crate::support::{Desk, KEY, Server, answer, last_line, said};
use crate::{TASKS, list};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The JSON of each line that the program says, and whether it ends well.
fn lines(desk: &Desk, arguments: &[&str]) -> (bool, Vec<Value>) {
    let output = desk.command(&[arguments, &["--json"]].concat()).output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

#[test]
fn versions_models_and_repetitions_are_a_run_each() {
    let (desk, server) = (Desk::new(), Server::model());
    desk.prompt_on(&server, &TASKS);
    let endpoint = server.endpoint.as_str();
    desk.get(&["connection", "add", "--provider", "custom", "--name", "n/2", "--endpoint", endpoint, "--no-key"]);
    desk.get(&["version", "create", "Topics", "--user", "Which topic? {text}"]);
    let all = ["--prompt", "Topics", "--subset", "all"];
    let wanted = ["--version", "1", "--version", "2", "--model", "m", "--model", "n/2/n/2", "--repetitions", "2"];
    let estimate = desk.get(&[&["run", "estimate"], &all[..], &wanted].concat());
    assert_eq!((&estimate["tasks"], &estimate["requests"]), (&json!(32), &json!(32)));
    server.received();

    let start = [&["run", "start"], &all[..], &wanted].concat();
    let (ok, runs) = lines(&desk, &start);
    let told: Vec<_> = runs
        .iter()
        .map(|run| {
            let repetition = run["repetition"]["number"].as_u64().unwrap_or_default();
            let version = run["version_number"].as_u64().unwrap_or_default();
            (version, run["model"].as_str().unwrap_or_default(), repetition, run["is_other_model"] == true)
        })
        .collect();
    let of = |version, [own, other]: [&'static str; 2]| {
        [(version, own, 1, false), (version, own, 2, false), (version, other, 1, true), (version, other, 2, true)]
    };
    assert_eq!((ok, told), (true, [of(1, ["m", "n/2"]), of(2, ["m", "n/2"])].concat()), "{runs:?}");
    assert!(runs.iter().all(|run| run["requests"] == 4 && run["status"] == "completed"), "{runs:?}");
    assert_eq!(server.received().len(), 32);

    let (ok, runs) = lines(&desk, &start);
    assert!(ok && runs.len() == 8 && runs.iter().all(|run| run["cached"] == 4), "{runs:?}");
    assert_eq!(server.received().len(), 0, "nothing is paid twice");
    let listed = desk.command(&["run", "list", "--prompt", "Topics"]).output().expect("it starts");
    assert!(said(&listed).contains("n/2, repetition 2 of 2"), "{}", said(&listed));
    let path = desk.folder().join("out.json");
    let run = runs[7]["run_id"].as_str().expect("an id");
    let out = ["--format", "label-studio", "--out", path.to_str().expect("text")];
    desk.get(&[&["export", "predictions", "--run", run], &out[..]].concat());
    let tasks: Value = serde_json::from_slice(&std::fs::read(&path).expect("it was written")).expect("JSON");
    assert_eq!(tasks[0]["predictions"][0]["model_version"], "Topics v2, n/2, repetition 2 of 2");

    for (wanted, words) in [
        (["--model", "m", "--model", "unknown"], "“m” offers no model “unknown”"),
        (["--version", "2", "--version", "9"], "9"),
        (["--version", "2", "--version", "v2"], "version 2 with m was chosen twice"),
        (["--model", "n/2/n/2", "--repetitions", "11"], "11"),
    ] {
        let (_, message) = desk.refused(&[&["run", "start"], &all[..], &wanted].concat());
        assert!(message.contains(words), "{message}");
    }
    let two = ["--model", "m", "--model", "n/2/n/2", "--key-env", "KEY"];
    let (_, message) = desk.refused(&[&["run", "start"], &all[..], &two].concat());
    assert!(message.contains("--key-env is for one connection"), "{message}");
    assert_eq!(list(&desk.get(&["run", "list"]), "runs").len(), 16, "what is refused starts nothing");
}

#[test]
fn what_is_owned_is_asked_anew_where_that_is_said() {
    let (desk, server) = (Desk::new(), Server::model());
    desk.prompt_on(&server, &TASKS);
    let all = ["--prompt", "Topics", "--subset", "all"];
    desk.get(&[&["run", "start"], &all[..]].concat());
    server.received();
    let with = |command: &str, more: &[&str]| desk.get(&[&["run", command], &all[..], more].concat());
    assert_eq!(with("estimate", &[])["requests"], 0);
    assert_eq!(with("estimate", &["--ask-again"])["requests"], 4);
    let run = with("start", &["--ask-again"]);
    assert_eq!((&run["requests"], &run["cached"], &run["repetition"]["number"]), (&json!(4), &json!(0), &json!(2)));
    assert_eq!(server.received().len(), 4);
    let owned = desk.command(&[&["run", "start"], &all[..]].concat()).output().expect("it starts");
    assert!(said(&owned).contains("every answer was reused: nothing was asked"), "{}", said(&owned));
}

#[test]
fn several_runs_end_well_only_if_each_does() {
    let server = Server::start(|request| match request.body["model"].as_str() {
        Some("n") => (401, json!({ "error": { "message": "no such key" } })),
        _ => answer("Bug"),
    });
    let desk = Desk::new();
    desk.prompt_on(&server, &TASKS);
    let endpoint = server.endpoint.as_str();
    desk.get(&["connection", "add", "--provider", "custom", "--name", "n", "--endpoint", endpoint, "--no-key"]);
    let models = ["--model", "n/n", "--model", "m"];
    let (ok, runs) = lines(&desk, &[&["run", "start", "--prompt", "Topics", "--subset", "all"], &models[..]].concat());
    let statuses: Vec<_> = runs.iter().map(|run| (run["model"].as_str(), run["status"].as_str())).collect();
    assert_eq!((ok, statuses), (false, vec![(Some("n"), Some("paused")), (Some("m"), Some("completed"))]));
}

#[test]
fn a_run_on_a_server_takes_the_key_from_the_environment_and_leaves_it_nowhere() {
    let (desk, server) = (Desk::new(), Server::model());
    desk.prompt_on(&server, &TASKS);
    let tested = desk.get(&["connection", "list"]);
    assert!(list(&tested, "connections").iter().any(|connection| connection["name"] == "m"));
    let start = ["run", "start", "--prompt", "Topics", "--subset", "all", "--key-env", "KEY"];
    let run = desk.get(&start);
    assert_eq!(
        ["total", "done", "correct", "failed", "requests"].map(|name| run[name].as_u64()),
        [4, 4, 3, 0, 4].map(Some)
    );
    assert_eq!((run["accuracy"].as_f64(), run["prompt_tokens"].as_u64()), (Some(0.75), Some(40)));
    let received = server.received();
    assert_eq!(received.len(), 4);
    for request in received {
        assert_eq!(request.authorization, Some(format!("Bearer {KEY}")));
        assert_eq!(request.body["response_format"]["type"], "json_object");
    }
    let again = desk.get(&start);
    assert_eq!((again["cached"].as_u64(), again["accuracy"].as_f64()), (Some(4), Some(0.75)));
    assert!(server.received().is_empty(), "what is owned is not asked for again");
    desk.assert_holds_no_key();
}

#[test]
fn a_refused_key_ends_the_run_and_is_not_repeated() {
    let desk = Desk::new();
    let server = Server::start(|request| {
        let sent = request.authorization.as_deref().unwrap_or("nothing");
        (401, json!({"error": {"message": format!("Incorrect API key provided: {sent}."), "code": "invalid_api_key"}}))
    });
    desk.prompt_on(&server, &TASKS);
    let (ok, run) = desk.ask(&["run", "start", "--prompt", "Topics", "--subset", "all", "--key-env", "KEY"]);
    assert!(!ok && run["status"] == "paused", "one task is enough to know: {run}");
    assert_eq!(run["done"], 0, "nothing counts as failed that can be asked again: {run}");
    let reason = run["reason"].as_str().expect("a reason");
    assert!(reason.contains("rejected the key"), "{reason}");
    let (ok, test) = desk.ask(&["connection", "test", "m", "--key-env", "KEY"]);
    assert!(!ok && test["ok"] == false, "{test}");
    desk.assert_holds_no_key();
}

#[cfg(unix)]
#[test]
fn one_run_that_is_resumed_takes_along_what_was_queued_behind_it_when_its_key_was_refused() {
    let desk = Desk::new();
    let server = Server::start(|request| match request.authorization {
        Some(_) => answer("Praise"),
        None => (401, json!({"error": {"message": "no such key"}})),
    });
    desk.prompt_on(&server, &TASKS);
    let start = ["run", "start", "--prompt", "Topics", "--subset", "all", "--repetitions", "3", "--concurrency", "1"];
    let (ok, runs) = lines(&desk, &start);
    let stand: Vec<_> = runs.iter().map(|run| (run["status"].as_str(), run["cause"].as_str())).collect();
    assert_eq!((ok, stand), (false, vec![(Some("paused"), Some("refused")); 3]));
    assert_eq!(server.received().len(), 1, "the others asked nothing");
    let second = runs[1]["run_id"].as_str().expect("an id");
    let (ok, resumed) = lines(&desk, &["run", "resume", second, "--key-env", "KEY"]);
    let ids: Vec<_> = resumed.iter().map(|run| run["run_id"].clone()).collect();
    assert_eq!(ids, [1, 0, 2].map(|place| runs[place]["run_id"].clone()), "the others follow");
    assert!(ok && resumed.iter().all(|run| run["status"] == "completed"), "{resumed:?}");
}

#[test]
fn an_interrupt_stops_the_run_and_keeps_its_results() {
    let desk = Desk::new();
    let server = Server::start(|request| {
        if !request.body["messages"].to_string().contains("love") {
            std::thread::sleep(Duration::from_secs(30));
        }
        answer("Praise")
    });
    desk.prompt_on(&server, &TASKS);
    let mut start = desk.command(&["run", "start", "--prompt", "Topics", "--subset", "all", "--json"]);
    let running = start.stdout(std::process::Stdio::piped()).spawn().expect("the program starts");
    let patience = std::time::Instant::now();
    let done = |runs: &Value| list(runs, "runs").first().and_then(|run| run["done"].as_u64()) == Some(1);
    while !done(&desk.get(&["run", "list"])) {
        assert!(patience.elapsed() < Duration::from_secs(60), "one task is answered at once");
        std::thread::sleep(Duration::from_millis(50));
    }
    let killed = std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(killed.expect("kill is there").success());
    let output = running.wait_with_output().expect("it ends");
    let run = last_line(&output);
    assert!(!output.status.success(), "not what was asked for: {run}");
    assert_eq!(["status", "done", "correct"].map(|name| &run[name]), [&json!("canceled"), &json!(1), &json!(1)]);
}

#[test]
fn another_terminal_limits_and_pauses_a_run_that_goes_on_later() {
    let desk = Desk::new();
    let server = Server::start(|_| {
        std::thread::sleep(Duration::from_millis(300));
        answer("Praise")
    });
    let texts: Vec<_> = (0..40).map(|number| format!("number {number}")).collect();
    let tasks: Vec<_> = texts.iter().map(|text| (text.as_str(), "Praise")).collect();
    desk.prompt_on(&server, &tasks);
    let start = ["run", "start", "--prompt", "Topics", "--subset", "all", "--concurrency", "1", "--json"];
    let running = desk.command(&start).stdout(std::process::Stdio::piped()).spawn().expect("the program starts");
    let patience = std::time::Instant::now();
    let at_work = loop {
        let runs = desk.get(&["run", "list"]);
        if let Some(run) = list(&runs, "runs").first().filter(|run| run["done"].as_u64() > Some(0)) {
            break run["run_id"].as_str().expect("an id").to_owned();
        }
        assert!(patience.elapsed() < Duration::from_secs(60), "it starts to work");
        std::thread::sleep(Duration::from_millis(50));
    };
    let said = desk.get(&["run", "concurrency", &at_work, "2"]);
    assert_eq!(said, json!({ "run_id": at_work, "concurrency": 2 }));
    let paused = desk.get(&["run", "pause", &at_work]);
    assert_eq!((&paused["status"], &paused["reason"], &paused["failed"]), (&json!("paused"), &json!(null), &json!(0)));
    let output = running.wait_with_output().expect("it ends");
    assert!(!output.status.success(), "not what was asked for");
    assert_eq!(last_line(&output)["status"], "paused");
    assert_eq!(desk.refused(&["run", "pause", &at_work]).0, "invalid");

    let shown = desk.get(&["run", "show", &at_work]);
    assert_eq!(shown["done"], shown["requests"], "every call came home");
    let run = desk.get(&["run", "resume", &at_work, "--concurrency", "32"]);
    assert_eq!(["done", "requests"].map(|name| &run[name]), [&json!(40), &json!(40)], "{run}");
    assert_eq!(desk.ask(&["run", "stop", &at_work]).1["status"], "completed", "there was nothing to stop");
}

#[test]
fn another_terminal_is_told_what_limits_a_run_and_what_its_pause_waits_for() {
    let desk = Desk::new();
    let gate = Arc::new(AtomicBool::new(false));
    let open = Arc::clone(&gate);
    let server = Server::start(move |_| {
        while !open.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(10));
        }
        answer("Praise")
    });
    desk.prompt_on(&server, &TASKS);
    let start = ["run", "start", "--prompt", "Topics", "--subset", "all", "--json"];
    let running = desk.command(&start).stdout(std::process::Stdio::piped()).spawn().expect("the program starts");
    let patience = std::time::Instant::now();
    let shown = loop {
        let runs = desk.get(&["run", "list"]);
        if let Some(run) = list(&runs, "runs").first() {
            let shown = desk.get(&["run", "show", run["run_id"].as_str().expect("an id")]);
            if shown["waiting"].is_string() {
                break shown;
            }
        }
        assert!(patience.elapsed() < Duration::from_secs(60), "it says what limits it");
        std::thread::sleep(Duration::from_millis(100));
    };
    let words = shown["waiting"].as_str().unwrap_or_default();
    assert!(words.starts_with("Waiting for the first answer; 4 requests are out"), "{words}");
    let id = shown["run_id"].as_str().expect("an id");
    let mut pausing = desk.command(&["run", "pause", id]);
    let pausing = pausing.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn();
    let mut pausing = pausing.expect("the program starts");
    let mut first = String::new();
    let mut said = std::io::BufReader::new(pausing.stderr.take().expect("it is piped"));
    std::io::BufRead::read_line(&mut said, &mut first).expect("a line");
    assert!(first.starts_with("Pausing once the 4 requests that are out are answered"), "{first}");
    gate.store(true, Ordering::SeqCst);
    pausing.wait().expect("it ends");
    assert_eq!(last_line(&running.wait_with_output().expect("it ends"))["done"], 4);
}

#[test]
fn a_run_waits_for_another_terminals_and_several_go_on_one_after_the_other() {
    let desk = Desk::new();
    let is_slow = Arc::new(AtomicBool::new(true));
    let slow = Arc::clone(&is_slow);
    let server = Server::start(move |_| {
        while slow.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(10));
        }
        answer("Praise")
    });
    desk.prompt_on(&server, &TASKS);
    let starts = |arguments: &[&str]| {
        let start = ["run", "start", "--prompt", "Topics", "--subset"];
        let mut command = desk.command(&[&start[..], arguments, &["--json"]].concat());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("it starts")
    };
    let newest_first = || list(&desk.get(&["run", "list"]), "runs").clone();
    let patience = std::time::Instant::now();
    let until = |count: usize| loop {
        let runs = newest_first();
        if runs.len() == count && runs.last().is_some_and(|run| run["status"] == "in_progress") {
            break runs;
        }
        assert!(patience.elapsed() < Duration::from_secs(60), "they are made: {runs:?}");
        std::thread::sleep(Duration::from_millis(50));
    };
    let first = starts(&["all"]);
    until(1);
    let second = starts(&["ground-truth", "--repetitions", "3"]);
    let runs = until(4);
    let stands: Vec<_> = runs.iter().map(|run| (run["status"].clone(), run["queue_place"].clone())).collect();
    let queued = |place: u32| (json!("queued"), json!(place));
    assert_eq!(stands, [queued(3), queued(2), queued(1), (json!("in_progress"), json!(null))]);
    let id = |index: usize| runs[index]["run_id"].as_str().expect("an id");
    let shown = desk.command(&["run", "show", id(0)]).output().expect("it starts");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.starts_with("Queued: number 3 on “") && shown.contains("queued: 0 of 4 tasks"), "{shown}");

    assert_eq!(desk.get(&["run", "stop", id(0)])["status"], "canceled");
    assert_eq!(desk.get(&["run", "pause", id(1)])["status"], "paused");
    assert_eq!(desk.get(&["run", "stop", id(3)])["status"], "canceled");
    is_slow.store(false, Ordering::SeqCst);
    assert!(!first.wait_with_output().expect("it ends").status.success());
    let output = second.wait_with_output().expect("it ends");
    assert!(!output.status.success(), "one of them was stopped");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Queued: the next on “") && said.contains("`run resume "), "{said}");
    let statuses: Vec<_> = newest_first().iter().map(|run| run["status"].clone()).collect();
    assert_eq!(statuses, ["canceled", "paused", "completed", "canceled"]);

    let (ok, resumed) = lines(&desk, &["run", "resume", id(3), id(1), id(0)]);
    assert!(ok, "{resumed:?}");
    let done: Vec<_> = resumed.iter().map(|run| run["run_id"].as_str().unwrap_or_default()).collect();
    assert_eq!(done, [id(3), id(1), id(0)], "in the order in which they were named");
}

#[test]
fn a_run_covers_a_sample_a_file_or_what_is_left() {
    let desk = Desk::new();
    let server = Server::start(|_| answer("Praise"));
    desk.prompt_on(&server, &TASKS);
    let start = |subset: &str, more: &[&str]| {
        let run = desk.get(&[&["run", "start", "--prompt", "Topics", "--subset", subset][..], more].concat());
        (run["subset"].as_str().expect("a text").to_owned(), run["total"].clone(), run["run_id"].clone())
    };
    let (subset, total, _) = start("sample:2@7", &[]);
    assert_eq!((subset.as_str(), total), ("sample:2@7", json!(2)));
    let (_, total, left) = start("all", &["--only", "missing"]);
    assert_eq!(total, json!(TASKS.len() - 2));
    let shown = desk.get(&["run", "show", left.as_str().expect("an id")]);
    assert_eq!(
        (&shown["only"], &shown["tokens"]),
        (
            &json!("missing"),
            &json!(
                shown["prompt_tokens"].as_u64().expect("a number")
                    + shown["completion_tokens"].as_u64().expect("a number")
            )
        )
    );

    let out = desk.folder().join("predictions.jsonl");
    let path = out.to_str().expect("temporary paths are text");
    desk.get(&["export", "predictions", "--run", left.as_str().expect("an id"), "--format", "jsonl", "--out", path]);
    let ids: Vec<Value> = std::fs::read_to_string(&out)
        .expect("the export")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["task_id"].clone())
        .collect();
    let list = desk.write("tasks.json", &json!(ids).to_string());
    let (subset, total, _) = start(&format!("custom:{list}"), &[]);
    assert_eq!((subset.as_str(), total), ("custom", json!(ids.len())));

    let again = ["run", "start", "--prompt", "Topics", "--subset", "ground-truth:dev", "--only", "failed"];
    assert!(desk.refused(&again).1.contains("none of these tasks failed"));
    assert!(desk.refused(&["run", "start", "--prompt", "Topics", "--subset", "half"]).1.contains("sample:N@SEED"));
}

#[test]
fn a_run_says_how_good_it_is() {
    let (desk, server) = (Desk::new(), Server::model());
    desk.prompt_on(&server, &TASKS);
    let run = desk.get(&["run", "start", "--prompt", "Topics", "--subset", "all"]);
    let run = run["run_id"].as_str().expect("an id");
    let metrics = desk.get(&["run", "metrics", run]);
    let part = |value: &Value, names: &[&str]| -> Value { names.iter().map(|name| value[*name].clone()).collect() };
    assert_eq!(part(&metrics, &["scored", "failed", "unscored", "mean_score"]), json!([4, 0, 0, 0.75]), "{metrics}");
    assert_eq!(part(&metrics["accuracy"], &["value", "correct", "scored"]), json!([0.75, 3, 4]), "{metrics}");
    let low = metrics["accuracy"]["low"].as_f64().expect("a number");
    assert!((low - 0.3006).abs() < 1e-4, "{low}");
    // Two of three bugs are found, and the praise beside one of them.
    assert_eq!(part(&metrics, &["control", "kappa", "micro_f1"]), json!(["topic", 0.5, 0.75]), "{metrics}");
    assert_eq!(metrics["confusion"], json!({"labels": ["Bug", "Praise"], "counts": [[2, 1], [0, 1]]}), "{metrics}");
    let classes = ["class", "precision", "support", "predicted", "true_positives"];
    assert_eq!(part(&metrics["per_class"][0], &classes), json!(["Bug", 1.0, 3, 2, 2]), "{metrics}");
    let of_class = |name: &str| metrics["per_class"][1][name].as_f64().expect("a number");
    assert!(of_class("f1_low") < of_class("f1") && of_class("f1") < of_class("f1_high"), "{metrics}");
    assert_eq!(metrics["controls"][0]["compared"], 4, "{metrics}");

    let shown = desk.command(&["run", "metrics", &run[..8]]).output().expect("it starts");
    let shown = said(&shown);
    for words in ["accuracy    75.0 %", "topic (Choices)", "kappa 0.500", "true \\ predicted  Bug  Praise"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let (code, _) = desk.refused(&["run", "metrics", "nothing"]);
    assert_eq!(code, "not_found");
}
