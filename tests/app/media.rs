//! Media of tasks: what is told of it, and the check of a project.

use crate::Page;
use serde_json::json;

#[test]
fn media_is_looked_at_and_a_project_is_checked() {
    let page = Page::open();
    let project = page.project("News");
    let rows = page.ok("task_rows", json!({ "projectId": project, "offset": 0, "limit": 1 }));
    let task = &rows["rows"][0]["id"];
    let infos = page.ok("media_info", json!({ "taskId": task, "variable": "text" }));
    assert!(infos[0]["problem"].is_string() && infos[0]["kind"].is_null(), "a text is no media: {infos}");
    assert_eq!(page.ok("media_info", json!({ "taskId": task, "variable": "none" })), json!([]));
    page.refused("check_media", json!({ "projectId": project }), "invalid");
    page.ok("cancel_media_check", json!({}));
}
