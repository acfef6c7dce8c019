//! The review queue of a run.

use crate::runs::finished;
use crate::{Page, text};
use serde_json::{Value, json};

#[test]
fn predictions_are_listed_decided_about_and_given_back() {
    let page = Page::open();
    let prompt = page.prompt("Topics");
    let run = json!({ "prompt_id": prompt, "version_id": null, "subset": { "kind": "all" }, "batch": false, "ask_again": false });
    let id = text(&page.ok("start_run", json!({ "run": run }))["run_id"]);
    finished(&page, &id);
    let project = page.ok("get_prompt", json!({ "promptId": prompt }))["summary"]["project_id"].clone();
    let runs = page.ok("review_runs", json!({ "projectId": project }));
    assert_eq!((&runs[0]["run_id"], &runs[0]["decided"]), (&json!(id), &json!(0)), "{runs}");
    assert_eq!(page.ok("changed_since", json!({ "runId": id })), Value::Null);
    let queue = json!({ "runId": id, "reasons": ["failed", "low_confidence"], "offset": 0, "limit": 10 });
    let nothing = page.ok("review_queue", queue);
    assert_eq!((&nothing["total"], &nothing["items"]), (&json!(0), &json!([])), "{nothing}");

    let query = json!({ "filter": "unscored", "sort": "confidence_ascending", "search": "" });
    let rows = page.ok("result_rows", json!({ "runId": id, "query": query, "offset": 0, "limit": 10 }));
    let tasks = json!({ "kind": "these", "task_ids": [rows["rows"][0]["task_id"]] });
    let accept = json!({ "kind": "accept", "ground_truth": true });
    let decided = page.ok("decide_reviews", json!({ "runId": id, "tasks": tasks, "verdict": accept }));
    assert_eq!((&decided["decided"], &decided["passed_over"]), (&json!(1), &json!(0)), "{decided}");
    assert!(page.has_heard(r#""kind":"annotations""#), "the change is told");
    assert_eq!(page.ok("get_run", json!({ "runId": id }))["scored"], 4);
    let all = json!({ "kind": "all", "reasons": [] });
    page.refused("decide_reviews", json!({ "runId": id, "tasks": all, "verdict": { "kind": "reject" } }), "invalid");
    assert_eq!(page.ok("undo_reviews", json!({ "batch": decided["batch"] })), 1);
    assert_eq!(page.ok("get_run", json!({ "runId": id }))["scored"], 3);
}
