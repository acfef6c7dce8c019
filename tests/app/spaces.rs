//! Spaces, and a link between two of the program.

use crate::{Page, text};
use serde_json::json;

#[test]
fn a_space_is_made_renamed_filled_and_removed() {
    let page = Page::open();
    let words = |name: &str| json!({ "name": name, "description": "" });
    let team = text(&page.ok("create_space", json!({ "space": words("Team") })));
    let refused = page.refused("create_space", json!({ "space": words("Team") }), "name_taken");
    assert_eq!(refused["field"], "name");
    page.ok("edit_space", json!({ "spaceId": team, "space": words("Support") }));
    let prompt = page.prompt("Topics");
    page.ok("move_prompts", json!({ "promptIds": [prompt], "spaceId": team }));
    let spaces = page.ok("list_spaces", json!({}));
    assert_eq!((&spaces[1]["name"], &spaces[1]["prompt_count"]), (&json!("Support"), &json!(1)));
    page.refused("delete_space", json!({ "spaceId": team }), "invalid");
    page.ok("move_prompts", json!({ "promptIds": [prompt], "spaceId": spaces[0]["id"] }));
    page.ok("delete_space", json!({ "spaceId": team }));
    assert!(page.has_heard(r#""kind":"spaces""#));
}

#[test]
fn a_space_follows_one_of_another_program() {
    let (ours, theirs) = (Page::open(), Page::open());
    let prompt = theirs.prompt("Topics");
    theirs.ok("save_version", json!({ "promptId": prompt, "message": "First" }));
    let token = text(&theirs.ok("make_local_api_token", json!({ "untilQuit": true })));
    let mut settings = theirs.ok("local_api", json!({}))["settings"].clone();
    settings["enabled"] = json!(true);
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    settings["port"] = json!(free.port());
    let served = theirs.ok("set_local_api", json!({ "settings": settings }));
    let address = served["address"].as_str().expect("the port was free a moment ago");

    ours.refused("look_at_link", json!({ "address": address, "key": null }), "invalid");
    let target = ours.ok("look_at_link", json!({ "address": address, "key": token }));
    assert_eq!((&target["is_touchstone"], &target["spaces"][0]["name"]), (&json!(true), &json!("Default")));
    let space = ours.ok("list_spaces", json!({}))[0]["id"].clone();
    let link = json!({
        "address": address, "remote_space": target["spaces"][0]["id"], "key": token, "until_quit": true,
    });
    ours.ok("link_space", json!({ "spaceId": space, "link": link }));
    let plan = ours.ok("plan_link", json!({ "spaceId": space }));
    assert_eq!((&plan["pull"][0]["name"], &plan["push"]), (&json!("Topics"), &json!([])));
    let report = ours.ok("apply_link", json!({ "spaceId": space, "changeIds": [plan["pull"][0]["id"]] }));
    assert_eq!((&report["pulled"], &report["refused"]), (&json!(1), &json!([])));
    assert_eq!(ours.ok("list_prompts", json!({}))[0]["name"], "Topics");
    ours.ok("unlink_space", json!({ "spaceId": space }));
    assert_eq!(ours.ok("list_spaces", json!({}))[0]["link"], json!(null));
    assert!(!ours.has_heard(&token), "a key goes in and never out");
}
