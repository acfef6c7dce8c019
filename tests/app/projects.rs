//! Projects.

use crate::Page;
use serde_json::json;

#[test]
fn a_project_is_renamed() {
    let page = Page::open();
    let id = page.project("News");
    page.ok("rename_project", json!({ "projectId": id, "name": "World news" }));
    assert_eq!(page.ok("list_projects", json!({}))[0]["name"], "World news");
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
