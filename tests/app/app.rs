//! The program itself: what it is, its window, its preferences.

use crate::{Page, text};
use serde_json::json;

#[test]
fn the_page_learns_where_it_is() {
    let page = Page::open();
    let info = page.ok("app_info", json!({}));
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
    assert!(text(&info["workspace_path"]).ends_with("workspace.touchstone"), "{info}");
    assert!(info["workspace_problem"].is_null(), "{info}");
    assert_eq!(info["keychain_available"], false, "tests have no keychain");
    assert!(!text(&info["locale"]).is_empty());
}

#[test]
fn a_workspace_that_cannot_be_opened_is_explained() {
    let page = Page::open_with(|folder| {
        std::fs::create_dir(folder.join("data")).expect("a folder");
        let other = "not a database, but long enough to be taken for the header of one".repeat(20);
        std::fs::write(folder.join("data/workspace.touchstone"), other).expect("a file");
        Vec::new()
    });
    let info = page.ok("app_info", json!({}));
    assert!(text(&info["workspace_problem"]).contains("is not a Touchstone workspace"), "{info}");
    let error = page.refused("list_prompts", json!({}), "internal");
    assert_eq!(error["message"], info["workspace_problem"]);
    page.ok("preferences", json!({}));
}

#[test]
fn the_window_can_be_shown() {
    let page = Page::open();
    page.ok("window_ready", json!({}));
}

#[test]
fn what_the_program_was_started_with_is_handed_over_once() {
    let page = Page::open_with(|folder| vec![folder.join("config.xml").into(), "touchstone://run/1".into()]);
    let openings = page.ok("take_openings", json!({}));
    assert_eq!(openings.as_array().map(Vec::len), Some(2), "{openings}");
    assert_eq!(openings[0]["kind"], "import");
    assert!(text(&openings[0]["paths"][0]).ends_with("config.xml"), "{openings}");
    assert_eq!(openings[1], json!({ "kind": "run", "id": "1" }));
    assert_eq!(page.ok("take_openings", json!({})), json!([]));
}

#[test]
fn the_workspace_that_is_open_is_not_opened_again() {
    let page = Page::open_with(|folder| vec![folder.join("data/workspace.touchstone").into()]);
    assert_eq!(page.ok("take_openings", json!({})), json!([]));
}

#[test]
fn dropped_files_ask_for_what_they_are() {
    let page = Page::open();
    page.ok("list_projects", json!({}));
    let workspace = page.folder.path().join("data/workspace.touchstone");
    let openings = page.ok("openings_of", json!({ "paths": ["/data/a.xml", workspace, "/data/c.json"] }));
    assert_eq!(
        openings,
        json!([
            { "kind": "workspace", "path": workspace },
            { "kind": "import", "paths": ["/data/a.xml", "/data/c.json"] },
        ])
    );
    let openings = page.ok("openings_of", json!({ "paths": [page.file("notes.touchstone", "Dear diary")] }));
    assert_eq!(openings[0]["kind"], "no_workspace");
    assert!(text(&openings[0]["reason"]).contains("notes.touchstone is not a Touchstone workspace"), "{openings}");
}

#[test]
fn a_file_that_is_no_workspace_does_not_become_it() {
    let page = Page::open();
    let path = page.file("notes.touchstone", "Dear diary");
    let error = page.refused("switch_workspace", json!({ "path": path }), "invalid");
    assert!(text(&error["message"]).contains("is not a Touchstone workspace"), "{error}");
    let error = page.refused("switch_workspace", json!({ "path": "/nowhere/at/all.touchstone" }), "invalid");
    assert!(text(&error["message"]).contains("could not be read"), "{error}");
    assert!(!page.folder.path().join("data/preferences.json").exists(), "nothing is kept");
}

#[test]
fn the_window_takes_its_commands() {
    let page = Page::open();
    page.ok("toggle_fullscreen", json!({}));
    page.ok("stay_open", json!({}));
    let command = json!({ "id": "app.quit", "title": "Quit", "accelerator": "CmdOrCtrl+Q", "enabled": true });
    page.ok("set_menu", json!({ "sections": [{ "title": "File", "groups": [[command]] }] }));
    page.ok("quit", json!({ "isAnswered": false }));
    assert!(!page.has_heard("\"runs\""), "nothing is at work, so nothing is asked");
}

#[test]
fn preferences_are_kept() {
    let page = Page::open();
    let untouched = json!({ "theme": "system", "sidebar_collapsed": false, "compact_rows": false });
    assert_eq!(page.ok("preferences", json!({})), untouched);
    let chosen = json!({ "theme": "dark", "sidebar_collapsed": true, "compact_rows": true });
    page.ok("set_preferences", json!({ "preferences": chosen }));
    assert_eq!(page.ok("preferences", json!({})), chosen);
    let file = std::fs::read_to_string(page.folder.path().join("data/preferences.json")).expect("the file");
    assert!(file.contains("dark"), "{file}");
}

#[test]
fn the_sample_opens() {
    let page = Page::open();
    let prompt = page.ok("open_sample", json!({}));
    assert_eq!(page.ok("list_prompts", json!({}))[0]["id"], prompt);
    assert_eq!(page.ok("open_sample", json!({})), prompt, "the same one the second time");
}
