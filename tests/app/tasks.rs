//! Views of tasks.

use crate::Page;
use serde_json::json;

#[test]
fn a_view_is_opened_and_paged() {
    let page = Page::open();
    let project = page.project("News");
    let query = json!({ "filters": [], "sort": { "by": { "kind": "position" }, "descending": true } });
    let view = page.ok("open_tasks", json!({ "projectId": project, "query": query }));
    let all = page.ok("task_rows", json!({ "projectId": project, "viewId": null, "offset": 0, "limit": 500 }));
    let page_of = json!({ "projectId": project, "viewId": view["view_id"], "offset": 0, "limit": 500 });
    let reversed = page.ok("task_rows", page_of);
    assert_eq!(view["total"], all["total"], "{view}");
    let mut rows = all["rows"].as_array().expect("rows").clone();
    rows.reverse();
    assert_eq!(reversed["rows"].as_array(), Some(&rows));

    let closed = json!({ "projectId": project, "viewId": "gone", "offset": 0, "limit": 1 });
    page.refused("task_rows", closed, "not_found");
}

#[test]
fn labeling_begins_at_the_first_task_without_an_annotation() {
    let page = Page::open();
    let project = page.project("News");
    let query = json!({ "filters": [], "sort": { "by": { "kind": "position" }, "descending": false } });
    let all = page.ok("task_rows", json!({ "projectId": project, "viewId": null, "offset": 0, "limit": 500 }));
    let rows = all["rows"].as_array().expect("rows");
    let is_annotated = |row: &serde_json::Value| row["annotation_count"].as_u64().is_some_and(|count| count > 0);
    let first = rows.iter().position(|row| !is_annotated(row)).unwrap_or(0);
    assert_eq!(page.ok("first_to_label", json!({ "projectId": project, "query": query })), json!(first));
}
