//! Annotations of tasks.

use crate::Page;
use serde_json::json;

#[test]
fn a_task_is_annotated_and_marked() {
    let page = Page::open();
    let project = page.project("News");
    let rows = page.ok("task_rows", json!({ "projectId": project, "offset": 0, "limit": 10 }));
    let task = rows["rows"].as_array().and_then(|rows| rows.iter().find(|row| row["ground_truth"].is_null()));
    let task = task.expect("a task without ground truth")["id"].clone();
    assert_eq!(page.ok("get_task", json!({ "taskId": task }))["annotations"], json!([]));

    let region =
        json!({ "from_name": "topic", "to_name": "text", "type": "choices", "value": { "choices": ["Music"] } });
    let content = json!({ "id": null, "result": [region], "ground_truth": true });
    let saved = page.ok("save_annotation", json!({ "taskId": task, "content": content }));
    assert_eq!((&saved["annotations"][0]["counts"], &saved["project_id"]), (&json!(true), &json!(project)), "{saved}");
    assert!(page.has_heard(r#""kind":"annotations""#), "the change is told");
    let nonsense = json!({ "id": null, "result": [7], "ground_truth": true });
    page.refused("save_annotation", json!({ "taskId": task, "content": nonsense }), "invalid");

    let id = &saved["annotations"][0]["id"];
    let deleted = page.ok("delete_annotation", json!({ "annotationId": id }));
    page.ok("restore_annotation", json!({ "deleted": deleted }));
    let all = json!({ "view_id": null, "ranges": [{ "from": 0, "to": 1000 }] });
    let marked = page.ok("set_ground_truth", json!({ "projectId": project, "tasks": all, "mark": true }));
    assert_eq!(marked["changed"], 0, "{marked}");
    page.ok("mark_gold", json!({ "taskId": task, "mark": "ambiguous" }));
    let checked = page.ok("gold_check", json!({ "projectId": project }));
    assert_eq!((&checked["ambiguous"], &checked["total"]), (&json!([task]), &json!(0)), "{checked}");
    page.ok("mark_gold", json!({ "taskId": task, "mark": null }));
    let unmarked = page.ok("set_ground_truth", json!({ "projectId": project, "tasks": all, "mark": false }));
    assert!(unmarked["changed"].as_u64().is_some_and(|changed| changed > 0), "{unmarked}");
}
