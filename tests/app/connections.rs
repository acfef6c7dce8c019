//! Connections.

use crate::{Page, text};
use serde_json::json;

#[test]
fn a_connection_is_added_edited_and_removed() {
    let page = Page::open();
    let connection = json!({
        "name": "llama", "endpoint": "http://127.0.0.1:9/v1",
        "api_key": null, "auth_token": null, "until_quit": false,
    });
    let added = page.ok("add_connection", json!({ "connection": connection }));
    assert_eq!(
        (&added["name"], &added["provider"], &added["key_storage"]),
        (&json!("llama"), &json!("custom"), &json!("none"))
    );
    let id = text(&added["id"]);

    let edit = json!({ "endpoint": "http://127.0.0.1:9/v2", "api_key": null, "auth_token": null, "until_quit": false });
    let edited = page.ok("edit_connection", json!({ "connectionId": id, "edit": edit }));
    assert_eq!(edited["endpoint"], "http://127.0.0.1:9/v2");

    let names = |page: &Page| {
        let listed = page.ok("list_connections", json!({}));
        listed.as_array().expect("a list").iter().map(|row| text(&row["name"])).collect::<Vec<_>>()
    };
    assert_eq!(names(&page), ["llama", "practice"]);
    page.refused("add_connection", json!({ "connection": connection }), "name_taken");
    page.ok("remove_connection", json!({ "connectionId": id }));
    assert_eq!(names(&page), ["practice"]);
    assert!(page.has_heard(r#"{"kind":"connections"}"#), "the page is told to read connections again");
}

#[test]
fn a_test_says_how_it_went() {
    let page = Page::open();
    let record = page.ok("test_connection", json!({ "connectionId": "practice" }));
    assert_eq!(record["ok"], true, "{record}");
}
