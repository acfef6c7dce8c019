//! Versions and labels.

use crate::{Page, draft, text};
use serde_json::json;

#[test]
fn versions_are_saved_listed_read_and_restored() {
    let page = Page::open();
    let id = page.prompt("Topics");
    let first = page.ok("save_version", json!({ "promptId": id, "message": "First" }));
    assert_eq!((&first["unchanged"], &first["version"]["number"]), (&json!(false), &json!(1)));
    assert_eq!(page.ok("save_version", json!({ "promptId": id, "message": "Again" }))["unchanged"], true);
    page.ok("save_draft", json!({ "promptId": id, "content": draft("Topic of {text}?") }));
    page.ok("save_version", json!({ "promptId": id, "message": "Shorter" }));

    let page_of = |search: &str| json!({ "promptId": id, "search": search, "offset": 0, "limit": 10 });
    let versions = page.ok("list_versions", page_of(""))["rows"].clone();
    assert_eq!((&versions[0]["message"], &versions[1]["message"]), (&json!("Shorter"), &json!("First")));
    assert_eq!(page.ok("list_versions", page_of("SHORTER"))["total"], 1);
    let version = text(&versions[1]["id"]);
    let detail = page.ok("get_version", json!({ "versionId": version }));
    assert_eq!(detail["content"]["messages"][0]["content"], "What is it about? {text}");
    let draft = page.ok("restore_version", json!({ "versionId": version }));
    assert_eq!(
        (&draft["based_on"], &draft["content"]["messages"][0]["content"]),
        (&json!(1), &json!("What is it about? {text}"))
    );
    assert!(page.has_heard(&format!(r#"{{"kind":"prompt","prompt_id":"{id}"}}"#)), "the page is told to read it again");
}

#[test]
fn a_label_is_moved_and_removed_and_a_version_duplicated() {
    let page = Page::open();
    let id = page.prompt("Topics");
    let saved = page.ok("save_version", json!({ "promptId": id, "message": "" }));
    let version = text(&saved["version"]["id"]);
    page.ok("move_label", json!({ "versionId": version, "name": "production" }));
    assert_eq!(page.ok("get_version", json!({ "versionId": version }))["summary"]["labels"], json!(["production"]));
    page.ok("remove_label", json!({ "versionId": version, "name": "production" }));
    let moves = page.ok("list_label_moves", json!({ "promptId": id }));
    assert_eq!((&moves[0]["from"], &moves[0]["to"], &moves[1]["to"]), (&json!(1), &json!(null), &json!(1)));
    let copy = page.ok("duplicate_version", json!({ "versionId": version, "name": "Copy" }));
    assert_eq!(page.ok("get_prompt", json!({ "promptId": copy }))["summary"]["version_count"], 1);
}

#[test]
fn a_version_comes_as_code_and_that_of_the_practice_model_as_a_reason() {
    let page = Page::open();
    let id = page.prompt("Topics");
    let saved = page.ok("save_version", json!({ "promptId": id, "message": "" }));
    let code = json!({ "versionId": saved["version"]["id"], "position": null });
    let refused = page.refused("version_code", code, "invalid");
    assert!(text(&refused["message"]).contains("practice model"), "{refused}");
}
