//! Projects.

use crate::{CONFIG, Page, tasks, text};
use serde_json::json;

#[test]
fn a_project_is_planned_and_imported() {
    let page = Page::open();
    let config_path = page.file("config.xml", CONFIG);
    let tasks_path = page.file("news.json", &tasks().to_string());
    let plan = page.ok("plan_import", json!({ "paths": [tasks_path, config_path] }));
    assert_eq!((&plan["config_path"], &plan["tasks_path"]), (&json!(config_path), &json!(tasks_path)));
    assert_eq!((&plan["suggested_name"], &plan["problems"]), (&json!("news"), &json!([])));

    let project = json!({ "name": "News", "config_path": config_path, "tasks_path": tasks_path });
    let report = page.ok("import_project", json!({ "project": project }));
    assert_eq!((&report["tasks"], &report["ground_truth"], &report["refused"]), (&json!(4), &json!(3), &json!(0)));
    assert!(page.has_heard(r#""bytes_done""#), "progress is told");
    page.refused("import_project", json!({ "project": project }), "name_taken");
    page.ok("cancel_import", json!({}));

    let id = text(&report["project_id"]);
    assert_eq!(page.ok("list_projects", json!({}))[0]["id"], id.as_str());
    let detail = page.ok("get_project", json!({ "projectId": id }));
    assert_eq!((&detail["summary"]["name"], &detail["variables"]), (&json!("News"), &json!(["text"])));
    let rows = page.ok("task_rows", json!({ "projectId": id, "offset": 1, "limit": 2 }));
    assert_eq!((&rows["total"], &rows["rows"][0]["data"]["text"]), (&json!(4), &json!("The music of the evening")));
}

#[test]
fn a_project_goes_into_the_bin_and_comes_back() {
    let page = Page::open();
    let id = page.project("News");
    page.ok("delete_project", json!({ "projectId": id }));
    assert_eq!(page.ok("list_projects", json!({})), json!([]));
    page.ok("restore_project", json!({ "projectId": id }));
    assert_eq!(page.ok("list_projects", json!({}))[0]["id"], id.as_str());
}
