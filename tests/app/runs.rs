//! Runs, their results and exports.

use crate::{Page, text};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The run once it is no longer at work.
pub(crate) fn finished(page: &Page, run: &str) -> Value {
    let started = Instant::now();
    loop {
        let now = page.ok("get_run", json!({ "runId": run }));
        if now["status"] != "queued" && now["status"] != "in_progress" {
            return now;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "the run does not end: {now}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_run_goes_to_its_end_and_shows_its_results() {
    let page = Page::open();
    let prompt = page.prompt("Topics");
    let run = json!({ "prompt_id": prompt, "version_id": null, "subset": { "kind": "all" }, "batch": false, "ask_again": false });
    assert_eq!(page.ok("run_size", json!({ "run": run })), 4);
    let estimate = page.ok("estimate_run", json!({ "run": run }));
    assert_eq!((&estimate["tasks"], &estimate["owned"]), (&json!(4), &json!(0)), "{estimate}");
    assert_eq!((&estimate["cost"], &estimate["time_ms"]), (&json!({ "kind": "free" }), &Value::Null), "{estimate}");
    let started = page.ok("start_run", json!({ "run": run }));
    assert_eq!((&started["saved_version"], &started["version"]["number"]), (&json!(true), &json!(1)));
    let id = text(&started["run_id"]);
    let run = finished(&page, &id);
    assert_eq!((&run["status"], &run["done"], &run["scored"]), (&json!("completed"), &json!(4), &json!(3)), "{run}");
    assert!(run["accuracy"]["value"].as_f64().is_some_and(|value| (0.0..=1.0).contains(&value)), "{run}");
    assert_eq!(page.ok("active_runs", json!({})), json!([]));
    assert_eq!(page.ok("offered_runs", json!({})), json!([]));
    assert_eq!(page.ok("list_runs", json!({ "promptId": prompt }))[0]["id"], id.as_str());
    assert!(page.has_heard(r#""in_flight""#), "progress is told");

    let query = json!({ "filter": "all", "sort": "position", "search": "music" });
    let rows = page.ok("result_rows", json!({ "runId": id, "query": query, "offset": 0, "limit": 10 }));
    assert_eq!((&rows["total"], &rows["rows"][0]["position"]), (&json!(1), &json!(1)), "{rows}");
    let task = &rows["rows"][0]["task_id"];
    let result = page.ok("get_result", json!({ "runId": id, "taskId": task }));
    assert_eq!((&result["row"]["task_id"], &result["controls"][0]["name"]), (task, &json!("topic")), "{result}");
    let metrics = page.ok("run_metrics", json!({ "runId": id }));
    assert_eq!((&metrics["scored"], &metrics["controls"][0]["compared"]), (&json!(3), &json!(3)), "{metrics}");
    assert_eq!(page.ok("run_errors", json!({ "runId": id })), json!([]));

    let path = page.folder.path().join("predictions.jsonl");
    let written = page.ok("export_predictions", json!({ "runId": id, "format": "jsonl", "query": null, "path": path }));
    assert_eq!(written, 4);
    assert_eq!(std::fs::read_to_string(path).expect("the export").lines().count(), 4);
    let path = page.folder.path().join("report.html");
    let options = json!({ "examples": 2, "against": null });
    let written = page.ok("write_report", json!({ "runId": id, "options": options, "path": path }));
    assert_eq!(written, json!({ "path": path, "against": null }));
    assert!(std::fs::read_to_string(path).expect("the report").starts_with("<!DOCTYPE html>"));
}

#[test]
fn several_runs_are_estimated_and_started_together() {
    let page = Page::open();
    let prompt = page.prompt("Topics");
    let repeated = |number: u32| {
        json!({
            "prompt_id": prompt, "version_id": null, "model": { "connection_id": null, "model": "practice" },
            "repetition": { "number": number, "of": 2 }, "subset": { "kind": "all" }, "batch": false, "ask_again": false,
        })
    };
    let runs = json!([repeated(1), repeated(2)]);
    for command in ["estimate_runs", "counted_estimate"] {
        assert_eq!(page.ok(command, json!({ "runs": runs }))["tasks"], 8, "{command}");
    }
    let started = page.ok("start_runs", json!({ "runs": runs }));
    let ids: Vec<_> = started.as_array().expect("a list").iter().map(|started| text(&started["run_id"])).collect();
    for (number, id) in ids.iter().enumerate() {
        let run = finished(&page, id);
        assert_eq!((&run["repetition"]["number"], &run["done"]), (&json!(number + 1), &json!(4)), "{run}");
    }

    let compared = page.ok("compare_runs", json!({ "runIds": ids }));
    assert_eq!(
        (&compared["shared"], &compared["pairs"][0]["verdict"]),
        (&json!(3), &json!("cannot_tell")),
        "{compared}"
    );
    let query = json!({ "run_ids": ids, "other": ids[1], "segment": "same" });
    let rows = page.ok("compared_rows", json!({ "query": query, "offset": 0, "limit": 10 }));
    assert_eq!(rows["total"], 4, "{rows}");
    assert!(page.ok("version_scores", json!({ "promptId": prompt })).is_array());
    page.refused("compare_runs", json!({ "runIds": [ids[0]] }), "invalid");
    page.refused("start_runs", json!({ "runs": [] }), "invalid");
    page.refused("estimate_runs", json!({ "runs": [] }), "invalid");
}

#[test]
fn an_ended_run_is_neither_stopped_nor_resumed() {
    let page = Page::open();
    let prompt = page.prompt("Topics");
    let run = json!({ "prompt_id": prompt, "version_id": null, "subset": { "kind": "ground-truth" }, "batch": false, "ask_again": false });
    let id = text(&page.ok("start_run", json!({ "run": run }))["run_id"]);
    let ended = finished(&page, &id);
    // Whether these are refused or have nothing to do is the engine's matter; the run stays as it ended.
    for command in ["stop_run", "resume_run"] {
        drop(page.call(command, json!({ "runId": id })));
        assert_eq!(finished(&page, &id)["status"], ended["status"], "after {command}");
    }
    page.refused("queue_runs", json!({ "runIds": [id] }), "invalid");
    page.refused("stop_run", json!({ "runId": "no such run" }), "not_found");
    page.refused("resume_run", json!({ "runId": "no such run" }), "not_found");
    page.refused("pause_run", json!({ "runId": id }), "invalid");
    page.ok("set_run_limit", json!({ "runId": id, "limit": { "limit_micros": 5 } }));
    assert_eq!(finished(&page, &id)["limit_micros"], 5);
    page.refused("set_run_limit", json!({ "runId": id, "limit": { "limit_micros": 0 } }), "invalid");
    page.refused("set_run_concurrency", json!({ "runId": id, "concurrency": 2 }), "invalid");
}
