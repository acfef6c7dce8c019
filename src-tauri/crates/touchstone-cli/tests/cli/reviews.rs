//! Predictions that are worth a look, listed and decided about.

use crate::list;
use crate::support::{Desk, Server, answer};
use serde_json::{Value, json};

/// Ids of tasks with why they are there, in the order of the list.
fn listed(queue: &Value) -> Vec<(i64, &Value)> {
    list(queue, "tasks").iter().map(|task| (task["task_id"].as_i64().expect("an id"), &task["reasons"])).collect()
}

#[test]
fn a_queue_is_listed_by_the_ids_of_exports_and_decided_about_by_them() {
    let desk = Desk::new();
    let server = Server::start(|request| {
        let text = request.body["messages"].to_string();
        answer(if text.contains("crash") || text.contains("Second") { "Bug" } else { "Praise" })
    });
    desk.prompt_on(&server, &[("a crash that is known", "Bug")]);
    let tasks = json!([{ "id": 70, "data": { "text": "a crash" } }, { "id": 71, "data": { "text": "nice" } }]);
    let path = desk.write("more.json", &tasks.to_string());
    desk.get(&["project", "import", &path, "--into", "Feedback"]);
    desk.get(&["version", "create", "Topics", "--user", "Second: {text}"]);
    let start = ["run", "start", "--prompt", "Topics", "--subset", "all", "--version"];
    let runs = ["1", "2"].map(|version| desk.get(&[&start[..], &[version]].concat()));
    let run = runs[1]["run_id"].as_str().expect("an id");

    let queue = desk.get(&["review", run]);
    assert_eq!(listed(&queue), [(71, &json!(["disagreement"]))], "{queue}");
    let counts = ["total", "failed", "disagreement", "low_confidence"].map(|name| queue[name].as_u64());
    assert_eq!(counts, [1, 0, 1, 0].map(Some));
    let task = &list(&queue, "tasks")[0];
    assert_eq!((&task["answered"], &task["differing"], &task["confidence"]), (&json!(1), &json!(1), &Value::Null));
    let decided = desk.get(&["review", run, "--accept", "71", "70", "--ground-truth"]);
    assert_eq!((&decided["decided"], &decided["passed_over"]), (&json!(2), &json!(0)), "{decided}");
    assert!(listed(&desk.get(&["review", run])).is_empty());
    assert_eq!(desk.get(&["run", "show", run])["correct"], 3);
    let batch = decided["batch"].as_i64().expect("a number").to_string();
    let (_, message) = desk.refused(&["review", runs[0]["run_id"].as_str().expect("an id"), "--undo", &batch]);
    assert!(message.contains("another run"), "{message}");
    assert_eq!(desk.get(&["review", run, "--undo", &batch]), json!({ "undone": 2 }));
    assert_eq!(listed(&desk.get(&["review", run])), [(71, &json!(["disagreement"]))]);
    let (code, message) = desk.refused(&["review", run, "--undo", &batch]);
    assert!(code == "invalid" && message.contains("taken back already"), "{message}");
    let (code, message) = desk.refused(&["review", run, "--reject", "72"]);
    assert!(code == "invalid" && message.contains("“72” is no task of “Feedback”"), "{message}");
}
