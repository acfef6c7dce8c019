//! Whom the program contacts, and whether it may.

use crate::Page;
use crate::connections::custom;
use serde_json::json;

#[test]
fn contacts_are_listed_and_forgotten() {
    let page = Page::open();
    let connection = custom("llama", "http://127.0.0.1:9/v1");
    let id = page.ok("add_connection", json!({ "connection": connection }))["connection"]["id"].clone();
    page.ok("test_connection", json!({ "connectionId": id, "model": null }));
    let contacts = page.ok("list_contacts", json!({}));
    assert_eq!((&contacts[0]["host"], &contacts[0]["purpose"]), (&json!("127.0.0.1:9"), &json!("check")));
    page.ok("clear_contacts", json!({}));
    assert_eq!(page.ok("list_contacts", json!({})), json!([]));
    assert!(page.has_heard(r#"{"kind":"contacts"}"#), "the page is told to read the list again");
}

#[test]
fn offline_is_told_by_a_code_of_its_own() {
    let page = Page::open();
    let connection = custom("far", "http://192.0.2.1/v1");
    let id = page.ok("add_connection", json!({ "connection": connection }))["connection"]["id"].clone();
    let mut settings = page.ok("settings", json!({}));
    settings["offline"] = json!(true);
    page.ok("set_settings", json!({ "settings": settings }));
    page.refused("test_connection", json!({ "connectionId": id, "model": null }), "offline");
}
