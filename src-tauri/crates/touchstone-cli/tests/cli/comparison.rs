//! Two runs compared.

use crate::support::{Desk, Server, answer, said};
use serde_json::json;

/// A model to which a glitch is a bug only where it is asked for anything “broken”.
fn model() -> Server {
    Server::start(|request| {
        let text = request.body["messages"].to_string();
        let is_bug = text.contains("crash") || (text.contains("broken") && text.contains("glitch"));
        answer(if is_bug { "Bug" } else { "Praise" })
    })
}

/// The ids of the runs of two versions over 60 tasks, of which the second one is right on 15 more.
fn two_runs(desk: &Desk, server: &Server) -> [String; 2] {
    let text = |number: u32| {
        let what = if number.is_multiple_of(4) { "a glitch" } else { "a crash" };
        format!("{what}, number {number}")
    };
    let texts: Vec<_> = (0..60).map(text).collect();
    let tasks: Vec<_> = texts.iter().map(|text| (text.as_str(), "Bug")).collect();
    desk.prompt_on(server, &tasks);
    desk.get(&["version", "create", "Topics", "--user", "Is anything broken? {text}"]);
    ["1", "2"].map(|version| {
        let run = desk.get(&["run", "start", "--prompt", "Topics", "--version", version, "--subset", "all"]);
        run["run_id"].as_str().expect("an id").to_owned()
    })
}

#[test]
fn the_better_of_two_runs_is_told_with_how_certain_that_is() {
    let (desk, server) = (Desk::new(), model());
    let [a, b] = two_runs(&desk, &server);
    let compared = desk.get(&["compare", &a, &b[..13]]);
    let fields: Vec<_> = compared.as_object().expect("an object").keys().map(String::as_str).collect();
    let wanted = ["shared", "a", "b", "difference", "mcnemar_p", "fixed", "broken", "verdict", "more_tasks_needed"];
    assert_eq!(fields, wanted);
    assert_eq!((&compared["shared"], &compared["fixed"], &compared["broken"]), (&json!(60), &json!(15), &json!(0)));
    assert_eq!((&compared["verdict"], &compared["more_tasks_needed"]), (&json!("better"), &json!(null)));
    assert_eq!(compared["mcnemar_p"].as_f64(), Some(0.5f64.powi(14)));
    for (name, value) in [("a", 0.75), ("b", 1.0), ("difference", 0.25)] {
        let interval = compared[name].as_object().unwrap_or_else(|| panic!("{name} of {compared}"));
        let numbers: Vec<_> = interval.values().map(|number| number.as_f64().expect("a number")).collect();
        assert_eq!(interval.keys().collect::<Vec<_>>(), ["value", "low", "high"]);
        assert!(numbers[0] == value && numbers[1] <= value && value <= numbers[2], "{compared}");
    }
    let text = said(&desk.command(&["compare", &b, &a]).output().expect("it starts"));
    let first = text.lines().next().expect("a sentence");
    assert!(first.starts_with("B is worse than A by 25.0 points ("), "{text}");
    assert!(first.ends_with("), likely real: 0 fixed, 15 broken."), "{text}");
    assert!(text.contains("Topics v1, m") && text.contains("75.0 %"), "{text}");
    let same = said(&desk.command(&["compare", &a, &two_of_one(&desk)]).output().expect("it starts"));
    assert!(same.starts_with("B and A answered alike on all 60 tasks.\n"), "{same}");
}

/// Another run of the first version.
fn two_of_one(desk: &Desk) -> String {
    let run = desk.get(&["run", "start", "--prompt", "Topics", "--version", "1", "--subset", "all"]);
    run["run_id"].as_str().expect("an id").to_owned()
}

#[test]
fn runs_that_share_no_tasks_are_refused_with_a_code() {
    let (desk, server) = (Desk::new(), model());
    let [a, _] = two_runs(&desk, &server);
    let (code, message) = desk.refused(&["compare", &a, &a]);
    assert_eq!(code, "invalid", "{message}");
    desk.import("Others", &[("a crash", "Bug")]);
    desk.get(&["prompt", "create", "--name", "Other", "--project", "Others", "--connection", "m", "--user", "{text}"]);
    let other = desk.get(&["run", "start", "--prompt", "Other", "--subset", "all"]);
    let other = other["run_id"].as_str().expect("an id").to_owned();
    let (code, message) = desk.refused(&["compare", &a, &other]);
    assert_eq!(code, "different_projects", "{message}");
    assert!(message.contains("“Feedback” and “Others”"), "{message}");
    let tasks: Vec<_> = (0..2).map(|number| desk.write(&format!("{number}.txt"), &format!("{}", number + 1))).collect();
    let runs: Vec<_> = tasks
        .iter()
        .map(|file| {
            let subset = format!("custom:{file}");
            let run = desk.get(&["run", "start", "--prompt", "Topics", "--subset", &subset]);
            run["run_id"].as_str().expect("an id").to_owned()
        })
        .collect();
    let (code, message) = desk.refused(&["compare", &runs[0], &runs[1]]);
    assert_eq!(code, "no_shared_tasks", "{message}");
    assert!(message.contains("run each over the same tasks"), "{message}");
}
