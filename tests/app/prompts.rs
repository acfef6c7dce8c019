//! Prompts, drafts and versions.

use crate::{Page, draft, text};
use serde_json::json;

#[test]
fn a_prompt_is_created_edited_deleted_and_restored() {
    let page = Page::open();
    let id = page.prompt("Topics");
    let detail = page.ok("get_prompt", json!({ "promptId": id }));
    assert_eq!((&detail["summary"]["name"], &detail["variables"][0]["name"]), (&json!("Topics"), &json!("text")));

    page.ok("edit_prompt", json!({ "promptId": id, "name": "Themes", "description": "What it is about" }));
    let listed = page.ok("list_prompts", json!({}));
    assert_eq!((&listed[0]["name"], &listed[0]["description"]), (&json!("Themes"), &json!("What it is about")));

    page.ok("delete_prompt", json!({ "promptId": id }));
    assert_eq!(page.ok("list_prompts", json!({})), json!([]));
    page.ok("restore_prompt", json!({ "promptId": id }));
    assert_eq!(page.ok("list_prompts", json!({}))[0]["id"], id.as_str());
}

#[test]
fn a_draft_is_saved_previewed_and_discarded() {
    let page = Page::open();
    let id = page.prompt("Topics");
    page.ok("save_version", json!({ "promptId": id, "message": "" }));
    let content = draft("Quite another question about {text}");
    let saved = page.ok("save_draft", json!({ "promptId": id, "content": content }));
    assert_eq!((&saved["changed"], &saved["based_on"]), (&json!(true), &json!(1)));
    assert_eq!(page.ok("get_prompt", json!({ "promptId": id }))["draft"]["content"], content);

    let preview = page.ok("preview_request", json!({ "promptId": id, "content": content, "position": 0 }));
    assert_eq!(preview["messages"][0]["content"], "Quite another question about Rain and weather all day");
    assert_eq!(preview["problems"], json!([]));

    let draft = page.ok("discard_draft", json!({ "promptId": id }));
    assert_eq!(
        (&draft["changed"], &draft["content"]["messages"][0]["content"]),
        (&json!(false), &json!("What is it about? {text}"))
    );
}

#[test]
fn versions_are_saved_listed_read_and_restored() {
    let page = Page::open();
    let id = page.prompt("Topics");
    let first = page.ok("save_version", json!({ "promptId": id, "message": "First" }));
    assert_eq!((&first["unchanged"], &first["version"]["number"]), (&json!(false), &json!(1)));
    assert_eq!(page.ok("save_version", json!({ "promptId": id, "message": "Again" }))["unchanged"], true);
    page.ok("save_draft", json!({ "promptId": id, "content": draft("Topic of {text}?") }));
    page.ok("save_version", json!({ "promptId": id, "message": "Shorter" }));

    let versions = page.ok("list_versions", json!({ "promptId": id }));
    assert_eq!((&versions[0]["message"], &versions[1]["message"]), (&json!("Shorter"), &json!("First")));
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
