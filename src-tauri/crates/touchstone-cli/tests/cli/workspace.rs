//! The workspace file itself, looked after from a terminal.

use crate::support::Desk;
use crate::{TASKS, list};
use serde_json::json;

#[test]
fn a_backup_is_restored_over_what_came_after_it() {
    let desk = Desk::new();
    desk.import("Feedback", &TASKS);
    let file = desk.folder().join("kept").to_str().expect("text").to_owned();
    let copied = desk.get(&["workspace", "backup", &file]);
    assert!(copied["bytes"].as_u64() > Some(0), "{copied}");
    desk.import("Later", &TASKS);
    let checked = desk.get(&["workspace", "check"]);
    assert_eq!(
        (&checked["is_whole"], &checked["problems"], &checked["backups"]),
        (&json!(true), &json!([]), &json!([]))
    );

    let restored = desk.get(&["workspace", "restore", &file]);
    let names = |desk: &Desk| -> Vec<_> {
        let projects = desk.get(&["project", "list"]);
        list(&projects, "projects").iter().map(|project| project["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(&desk), ["Feedback"]);
    let checked = desk.get(&["workspace", "check"]);
    let [backup] = &list(&checked, "backups")[..] else { panic!("what was there is kept: {checked}") };
    assert_eq!((&backup["reason"], &backup["path"]), (&json!("replaced"), &restored["replaced"]));
    desk.get(&["workspace", "restore", backup["path"].as_str().expect("a path")]);
    assert_eq!(names(&desk).len(), 2, "and comes back as well");

    let tasks = desk.folder().join("tasks.json").to_str().expect("text").to_owned();
    assert!(desk.refused(&["workspace", "restore", &tasks]).1.contains("is not a Touchstone workspace"));
    assert!(desk.refused(&["workspace", "restore", "/nothing/there"]).1.contains("/nothing/there"));
    assert_eq!(names(&desk).len(), 2);
}

#[test]
fn a_damaged_workspace_is_told_from_a_whole_one_and_salvaged() {
    let desk = Desk::new();
    desk.import("Feedback", &TASKS);
    let path = desk.folder().join("workspace.touchstone");
    let mut bytes = std::fs::read(&path).expect("the workspace");
    // What stands on a page after the first, which holds the list of tables: text of the labeling config.
    let at = bytes.windows(11).rposition(|text| text == br#"choice="sin"#).expect("the config stands in it");
    let page = at / 4096 * 4096;
    bytes[page..page + 4096].fill(0xff);
    std::fs::write(&path, bytes).expect("damaged");
    let (ok, checked) = desk.ask(&["workspace", "check"]);
    assert_eq!((ok, &checked["is_whole"]), (false, &json!(false)));
    assert!(!list(&checked, "problems").is_empty(), "{checked}");
    let output = desk.command(&["workspace", "check"]).output().expect("the program starts");
    let words = String::from_utf8(output.stdout).expect("text");
    assert!(words.starts_with("damaged") && words.contains("`touchstone workspace salvage --out FILE`"), "{words}");
    let (_, message) = desk.refused(&["project", "list"]);
    assert!(message.contains("damaged") && message.contains("touchstone workspace salvage"), "{message}");

    let out = desk.folder().join("salvaged").to_str().expect("text").to_owned();
    let salvaged = desk.get(&["workspace", "salvage", "--out", &out]);
    assert_eq!((&salvaged["is_complete"], &salvaged["out"]), (&json!(false), &json!(out)));
    let table = |name: &str| {
        let tables = list(&salvaged, "tables");
        tables.iter().find(|table| table["name"] == name).unwrap_or_else(|| panic!("{name}: {salvaged}")).clone()
    };
    assert_eq!(table("project")["kept"], 0, "its one row stood there");
    assert_eq!(table("task")["orphaned"], 4, "tasks belong to a project");
    assert_eq!(table("space")["kept"], 1);
    assert!(desk.refused(&["workspace", "salvage", "--out", &out]).1.contains("choose another name"));
    desk.get(&["workspace", "restore", &out]);
    assert!(list(&desk.get(&["project", "list"]), "projects").is_empty(), "it is a workspace like any other");
}
