use crate::Page;
use serde_json::{Value, json};

#[test]
fn the_workspace_is_checked_backed_up_and_salvaged_and_no_other_file_takes_its_place() {
    let page = Page::open();
    page.project("Tones");
    let file = page.ok("workspace_file", json!({}));
    assert!(file["path"].as_str().is_some_and(|path| path.ends_with("workspace.touchstone")), "{file}");
    assert_eq!((&file["backups"], &file["damage"]), (&json!([]), &Value::Null));
    let check = page.ok("check_workspace", json!({}));
    assert_eq!((&check["is_whole"], &check["problems"]), (&json!(true), &json!([])));
    let copy = page.folder.path().join("copy.touchstone");
    assert_eq!(page.ok("back_up_workspace", json!({ "path": copy }))["is_whole"], true);
    let salvaged = page.ok("salvage_workspace", json!({ "path": page.folder.path().join("salvaged.touchstone") }));
    let tasks = salvaged["tables"].as_array().expect("a list").iter().find(|table| table["name"] == "task");
    assert_eq!(tasks.map(|table| (&table["kept"], &table["lost"])), Some((&json!(4), &json!(0))));
    page.refused("salvage_workspace", json!({ "path": copy }), "invalid");
    let other = page.file("other.touchstone", "Dear diary, this is no database.");
    page.refused("restore_workspace", json!({ "path": other }), "invalid");
}

#[test]
fn diagnostics_are_one_text_and_a_crash_is_told_once_it_was() {
    let page = Page::open();
    page.project("Tones");
    let text = page.ok("diagnostics", json!({}));
    assert!(text.as_str().is_some_and(|text| text.starts_with("Touchstone ")), "{text}");
    assert_eq!(page.ok("crash_report", json!({})), Value::Null);
    page.ok("dismiss_crash_report", json!({}));
}
