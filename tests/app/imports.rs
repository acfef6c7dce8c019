//! Imports, and exports of whole projects.

use crate::{CONFIG, Page, new_import, tasks, text};
use serde_json::json;

#[test]
fn a_project_is_planned_and_imported() {
    let page = Page::open();
    let config_path = page.file("config.xml", CONFIG);
    let tasks_path = page.file("news.json", &tasks().to_string());
    let plan = page.ok("plan_import", json!({ "paths": [tasks_path, config_path], "target": null }));
    assert_eq!((&plan["config_path"], &plan["tasks_path"]), (&json!(config_path), &json!(tasks_path)));
    assert_eq!((&plan["suggested_name"], &plan["problems"]), (&json!("news"), &json!([])));
    assert_eq!((&plan["format"], &plan["columns"][0]["name"]), (&json!("label_studio_json"), &json!("text")));
    assert_eq!(plan["preview"].as_array().map(Vec::len), Some(4));

    let config = json!({ "kind": "file", "path": config_path });
    let mut import = new_import("News", &tasks_path);
    import["target"]["config"] = config;
    let report = page.ok("import_project", json!({ "newImport": import }));
    assert_eq!((&report["tasks"], &report["ground_truth"], &report["refused"]), (&json!(4), &json!(3), &json!(0)));
    assert!(page.has_heard(r#""bytes_done""#), "progress is told");
    page.refused("import_project", json!({ "newImport": import }), "name_taken");
    page.ok("cancel_import", json!({}));

    let id = text(&report["project_id"]);
    assert_eq!(page.ok("list_projects", json!({}))[0]["id"], id.as_str());
    let detail = page.ok("get_project", json!({ "projectId": id }));
    assert_eq!((&detail["summary"]["name"], &detail["variables"]), (&json!("News"), &json!(["text"])));
    let rows = page.ok("task_rows", json!({ "projectId": id, "offset": 1, "limit": 2 }));
    assert_eq!((&rows["total"], &rows["rows"][0]["data"]["text"]), (&json!(4), &json!("The music of the evening")));
}

#[test]
fn a_template_is_imported_with_its_tasks() {
    let page = Page::open();
    let report = page.ok("import_template", json!({ "id": "entities", "name": null }));
    assert_eq!((&report["tasks"], &report["ground_truth"]), (&json!(6), &json!(6)));
    assert_eq!(page.ok("list_projects", json!({}))[0]["name"], "Named entities");
    page.refused("import_template", json!({ "id": "entities", "name": "Named entities" }), "name_taken");
    page.refused("import_template", json!({ "id": "none", "name": null }), "not_found");
}

#[test]
fn what_an_import_did_not_take_is_listed_and_saved() {
    let page = Page::open();
    let id = page.project("News");
    let more = page.file("more.csv", "text\nStormy weather\na,b\n");
    let mut import = new_import("", &more);
    import["target"] = json!({ "kind": "existing", "project_id": id });
    let report = page.ok("import_project", json!({ "newImport": import }));
    assert_eq!((&report["tasks"], &report["refused"], &report["duplicates"]), (&json!(1), &json!(1), &json!(1)));
    let issues = page.ok("import_issues", json!({ "projectId": id, "offset": 0, "limit": 10 }));
    assert_eq!((&issues["total"], &issues["rows"][0]["kind"]), (&json!(2), &json!("refused")));
    assert_eq!((&issues["rows"][0]["line"], &issues["rows"][1]["kind"]), (&json!(3), &json!("duplicate")));
    let path = page.file("issues.csv", "");
    assert_eq!(page.ok("export_import_issues", json!({ "projectId": id, "path": path })), json!(2));
    assert_eq!(std::fs::read_to_string(path).expect("the file").lines().count(), 3);
}

#[test]
fn a_project_is_exported() {
    let page = Page::open();
    let id = page.project("News");
    let path = page.file("out.json", "");
    let options = json!({ "format": "label_studio", "path": path, "only_annotated": true, "run_id": null });
    let exported = page.ok("export_project", json!({ "projectId": id, "options": options }));
    assert_eq!(exported, json!({ "tasks": 3, "path": path }));
    assert!(std::fs::read_to_string(path).expect("the file").contains("The music of the evening"));
}
