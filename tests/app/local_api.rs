//! The local API's settings and token.

use crate::Page;
use serde_json::json;

#[test]
fn the_local_api_is_turned_on_with_a_token_and_off_again() {
    let page = Page::open();
    let before = page.ok("local_api", json!({}));
    assert_eq!((&before["settings"]["enabled"], &before["address"]), (&json!(false), &json!(null)));
    let mut settings = before["settings"].clone();
    settings["enabled"] = json!(true);
    // A port that is free now; another program may take it meanwhile, which is told and no failure.
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    settings["port"] = json!(free.port());
    page.refused("set_local_api", json!({ "settings": settings }), "invalid");

    let token = page.ok("make_local_api_token", json!({ "untilQuit": true }));
    assert!(token.as_str().is_some_and(|token| token.len() > 40));
    let on = page.ok("set_local_api", json!({ "settings": settings }));
    assert!(on["address"].is_string() || on["problem"].is_string(), "{on}");
    settings["enabled"] = json!(false);
    assert_eq!(page.ok("set_local_api", json!({ "settings": settings }))["address"], json!(null));
    let other = page.ok("make_local_api_token", json!({ "untilQuit": true }));
    assert_ne!(token, other);
}
