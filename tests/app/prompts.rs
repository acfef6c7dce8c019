//! Prompts and their drafts.

use crate::{Page, draft};
use serde_json::json;

#[test]
fn a_prompt_is_created_edited_deleted_and_restored() {
    let page = Page::open();
    let id = page.prompt("Topics");
    let detail = page.ok("get_prompt", json!({ "promptId": id }));
    assert_eq!((&detail["summary"]["name"], &detail["variables"][0]["name"]), (&json!("Topics"), &json!("text")));

    page.ok(
        "edit_prompt",
        json!({ "promptId": id, "name": "Themes", "description": "What it is about", "spaceId": null }),
    );
    let listed = page.ok("list_prompts", json!({}));
    assert_eq!((&listed[0]["name"], &listed[0]["description"]), (&json!("Themes"), &json!("What it is about")));

    page.ok("delete_prompt", json!({ "promptId": id }));
    assert_eq!(page.ok("list_prompts", json!({})), json!([]));
    assert_eq!(page.ok("list_deleted_prompts", json!({}))[0]["name"], "Themes");
    page.ok("restore_prompt", json!({ "promptId": id, "name": null }));
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
    let back = page.ok("restore_draft", json!({ "promptId": id, "content": content, "basedOn": 1 }));
    assert_eq!((&back["changed"], &back["based_on"], &back["content"]), (&json!(true), &json!(1), &content));
}

#[test]
fn prompts_go_into_a_file_and_come_back() {
    let page = Page::open();
    let id = page.prompt("Topics");
    page.ok("save_version", json!({ "promptId": id, "message": "First" }));
    let path = page.file("prompts.json", "");
    let written = page.ok("export_prompts", json!({ "promptIds": [], "format": "touchstone", "path": path }));
    assert_eq!(written["prompts"], 1);
    let imported = page.ok("import_prompts", json!({ "paths": [path] }));
    assert_eq!((&imported["prompts"][0]["name"], &imported["refused"]), (&json!("Topics 2"), &json!([])));
    let space = page.ok("create_space", json!({ "space": { "name": "Team", "description": "" } }));
    let imported = page.ok("import_prompts", json!({ "paths": [path], "spaceId": space }));
    assert_eq!((&imported["prompts"][0]["name"], &imported["space_name"]), (&json!("Topics"), &json!("Team")));
}

#[test]
fn a_prompt_is_found_put_into_a_folder_and_aimed() {
    let page = Page::open();
    let id = page.prompt("Topics");
    assert_eq!(page.ok("find_prompts", json!({ "text": "what IS it" })), json!([id]));
    page.ok("set_prompt_folder", json!({ "promptIds": [id], "folder": "support/mail" }));
    let project = page.ok("get_prompt", json!({ "promptId": id }))["project"]["id"].clone();
    page.ok("set_prompt_project", json!({ "promptId": id, "projectId": project }));
    let summary = &page.ok("get_prompt", json!({ "promptId": id }))["summary"];
    assert_eq!((&summary["folder"], &summary["project_id"]), (&json!("support/mail"), &project));
}
