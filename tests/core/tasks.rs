//! Views of tasks: what they find, in which order, and that they hold still; and the split of ground truth.

use crate::support::{Desk, Server, by_text, new_run, region, task};
use serde_json::{Value, json};
use std::time::Duration;
use touchstone_engine::ErrorCode;
use touchstone_engine::annotations::{AnnotationContent, MarkedTasks};
use touchstone_engine::domain::ProjectId;
use touchstone_engine::domain::run::Subset;
use touchstone_engine::imports::{ImportTarget, NewImport};
use touchstone_engine::tasks::{TaskPage, TaskRange, TaskSelection, TaskView};

async fn open(desk: &Desk, project: &ProjectId, filters: Value, sort: Value) -> TaskView {
    let query = serde_json::from_value(json!({ "filters": filters, "sort": sort })).expect("a query");
    let view = desk.engine.open_tasks(project.clone(), query).await.expect("the view opens");
    let Some(id) = &view.view_id else { return view };
    let is_done =
        || desk.recorder.reports().iter().any(|told| told["view_id"] == **id && told["total_is_final"] == true);
    while !is_done() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    view
}

async fn page(desk: &Desk, view: &TaskView, offset: u32, limit: u32) -> TaskPage {
    let id = view.view_id.clone().expect("a view of its own");
    desk.engine.view_rows(id, offset, limit).await.expect("a page")
}

/// The positions that a view has under these filters and this sort.
async fn positions(desk: &Desk, project: &ProjectId, filters: Value, sort: Value) -> Vec<u32> {
    let view = open(desk, project, filters, sort).await;
    let page = page(desk, &view, 0, 500).await;
    assert_eq!(page.total as usize, page.rows.len());
    page.rows.into_iter().map(|row| row.position).collect()
}

fn by(field: &str, descending: bool) -> Value {
    json!({ "by": { "kind": "field", "field": field }, "descending": descending })
}

/// Five tasks: 0 and 3 have ground truth, 4 an annotation that is none.
async fn five(desk: &Desk) -> ProjectId {
    let mut tasks = [
        task("The app crashes on start", Some("Bug")),
        task("LOVELY \"app\"", None),
        task("Über-fast, text 10", None),
        task("Text 9", Some("Praise")),
        task("nothing", Some("Bug")),
    ];
    tasks[0]["data"]["size"] = json!(10);
    tasks[1]["data"]["size"] = json!(9.5);
    tasks[3]["data"]["size"] = json!("large");
    tasks[4]["annotations"][0]["ground_truth"] = json!(false);
    desk.import("Feedback", &json!(tasks)).await
}

#[tokio::test]
async fn labeling_begins_at_the_first_task_without_an_annotation_of_those_that_are_shown() {
    let desk = Desk::new();
    let project = five(&desk).await;
    let says = |text: &str| json!([{ "kind": "any_contains", "text": text }]);
    for (filters, sort, first) in [
        (json!([]), json!(null), Some(1)),
        (json!([]), by("text", true), Some(2)),
        (says("text"), json!(null), Some(2)),
        // All of these have one.
        (says("nothing"), json!(null), Some(4)),
        (says("nowhere"), json!(null), None),
    ] {
        let query = serde_json::from_value(json!({ "filters": filters, "sort": sort })).expect("a query");
        let found = desk.engine.first_to_label(project.clone(), query).await.expect("found");
        assert_eq!(found, first, "{filters} {sort}");
    }
    assert!(desk.recorder.reports().iter().all(|told| told["view_id"].is_null()), "nobody is told of a view");
}

#[tokio::test]
async fn each_filter_finds_its_tasks() {
    let desk = Desk::new();
    let project = five(&desk).await;
    for (filters, expected) in [
        (json!([{ "kind": "any_contains", "text": "APP" }]), vec![0, 1]),
        (json!([{ "kind": "any_contains", "text": "\"APP\"" }]), vec![1]),
        (json!([{ "kind": "any_contains", "text": "über" }]), vec![2]),
        (json!([{ "kind": "any_contains", "text": "text" }]), vec![2, 3]),
        (json!([{ "kind": "any_contains", "text": "size" }]), vec![]),
        (json!([{ "kind": "field_contains", "field": "size", "text": "LARGE" }]), vec![3]),
        (json!([{ "kind": "field_contains", "field": "text", "text": "large" }]), vec![]),
        (json!([{ "kind": "ground_truth", "has": true }]), vec![0, 3]),
        (json!([{ "kind": "ground_truth", "has": false }]), vec![1, 2, 4]),
        (json!([{ "kind": "annotated", "has": true }]), vec![0, 3, 4]),
        (json!([{ "kind": "annotated", "has": false }]), vec![1, 2]),
        (json!([{ "kind": "label", "control": "topic", "label": "Bug" }]), vec![0]),
        (json!([{ "kind": "label", "control": "other", "label": "Bug" }]), vec![]),
        (json!([{ "kind": "any_contains", "text": "t" }, { "kind": "ground_truth", "has": true }]), vec![0, 3]),
    ] {
        assert_eq!(positions(&desk, &project, filters.clone(), json!(null)).await, expected, "{filters}");
    }
    let all = open(&desk, &project, json!([]), json!(null)).await;
    assert_eq!((all.view_id, all.total, all.total_is_final), (None, 5, true), "all in order needs no view");
}

#[tokio::test]
async fn tasks_are_sorted_by_a_field_and_filtered_in_that_order() {
    let desk = Desk::new();
    let project = five(&desk).await;
    assert_eq!(positions(&desk, &project, json!([]), by("size", false)).await, [1, 0, 3, 2, 4]);
    assert_eq!(positions(&desk, &project, json!([]), by("text", false)).await, [1, 4, 3, 0, 2]);
    assert_eq!(positions(&desk, &project, json!([]), by("text", true)).await, [2, 0, 3, 4, 1]);
    let filters = json!([{ "kind": "any_contains", "text": "t" }]);
    assert_eq!(positions(&desk, &project, filters.clone(), by("text", false)).await, [4, 3, 0, 2]);
    let last_first = json!({ "by": { "kind": "position" }, "descending": true });
    assert_eq!(positions(&desk, &project, filters, last_first).await, [4, 3, 2, 0]);
}

#[tokio::test]
async fn a_view_holds_still_while_tasks_are_added_and_a_new_one_has_them() {
    let desk = Desk::new();
    let project = five(&desk).await;
    let view = open(&desk, &project, json!([]), by("text", false)).await;
    desk.import("Between", &json!([task("aardvark elsewhere", None)])).await;
    let more = desk.write("more.json", &json!([task("aardvark", None)]).to_string());
    let target = ImportTarget::Existing { project_id: project.clone() };
    let import = NewImport { target, tasks_path: Some(more), mapping: Vec::new(), skip_duplicates: false };
    desk.engine.import_project(import).await.expect("more tasks");
    let held: Vec<_> = page(&desk, &view, 0, 500).await.rows.into_iter().map(|row| row.position).collect();
    assert_eq!(held, [1, 4, 3, 0, 2]);
    assert_eq!(page(&desk, &view, 3, 1).await.rows[0].position, 0, "a page is a part of the whole");
    assert_eq!(positions(&desk, &project, json!([]), by("text", false)).await, [5, 1, 4, 3, 0, 2]);
    let found = json!([{ "kind": "any_contains", "text": "aardvark" }]);
    assert_eq!(positions(&desk, &project, found, json!(null)).await, [5], "another project's tasks lie between");
}

#[tokio::test]
async fn rows_of_a_view_are_marked_and_no_others() {
    let desk = Desk::new();
    let project = five(&desk).await;
    // In the order of the view: 4, 3, 0, 2.
    let filters = json!([{ "kind": "any_contains", "text": "t" }]);
    let view = open(&desk, &project, filters, by("text", false)).await;
    let rows = |from, to| TaskRange { from, to };
    let two = TaskSelection { view_id: view.view_id.clone(), ranges: vec![rows(0, 1), rows(3, 4), rows(3, 90)] };
    let marked = desk.engine.set_ground_truth(project.clone(), two, true).await.expect("marked");
    assert_eq!(marked, MarkedTasks { changed: 1, unannotated: 1 });
    let truth = json!([{ "kind": "ground_truth", "has": true }]);
    assert_eq!(positions(&desk, &project, truth, json!(null)).await, [0, 3, 4]);
    let gone = TaskSelection { view_id: Some("none".to_owned()), ranges: vec![rows(0, 1)] };
    let refused = desk.engine.set_ground_truth(project, gone, true).await.expect_err("no such view");
    assert_eq!(refused.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn ground_truth_is_split_the_same_way_everywhere() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let tasks: Value = (0..40).map(|number| task(&format!("crash {number}"), Some("Bug"))).collect();
    let prompt = desk.prompt_on(&server, &tasks).await;
    let project = desk.engine.projects().await.expect("projects").remove(0);
    let side = async |held_out: bool| {
        positions(&desk, &project.id, json!([{ "kind": "split", "held_out": held_out }]), json!(null)).await
    };
    let (dev, held_out) = (side(false).await, side(true).await);
    assert_eq!(held_out.len(), project.held_out_count as usize);
    assert_eq!(dev.len() + held_out.len(), 40);
    assert!((8..=32).contains(&held_out.len()), "about half: {}", held_out.len());
    for (subset, expected) in [(Subset::GroundTruthDev, dev.len()), (Subset::GroundTruthHeldOut, held_out.len())] {
        let started = desk.engine.start_run(new_run(&prompt, subset)).await.expect("the run starts");
        let run = desk.engine.wait_for_run(started.run_id).await.expect("the run ends");
        assert_eq!((run.total as usize, run.done as usize, run.subset), (expected, expected, subset));
    }

    let reversed: Value = tasks.as_array().expect("tasks").iter().rev().cloned().collect();
    let again = desk.import("The same backwards", &reversed).await;
    let backwards = json!([{ "kind": "split", "held_out": true }]);
    let mirrored: Vec<_> = positions(&desk, &again, backwards, json!(null))
        .await
        .into_iter()
        .map(|position| 39 - position)
        .rev()
        .collect();
    assert_eq!(mirrored, held_out, "decided by the content alone");

    let row = desk.engine.tasks(project.id.clone(), held_out[0], 1).await.expect("rows").rows.remove(0);
    assert!(row.held_out);
    let annotation = desk.engine.task(row.id).await.expect("task").annotations[0].id;
    let counted = async || desk.engine.project(project.id.to_string()).await.expect("project").summary.held_out_count;
    desk.engine.delete_annotation(annotation).await.expect("deleted");
    assert_eq!(counted().await, project.held_out_count - 1);
    let content = AnnotationContent { id: None, result: vec![region("Bug")], ground_truth: true };
    desk.engine.save_annotation(row.id, content).await.expect("saved");
    assert_eq!(counted().await, project.held_out_count);
}
