//! Connections.

use crate::{Page, text};
use serde_json::{Value, json};

/// What the form of a Custom LLM sends.
pub(crate) fn custom(name: &str, endpoint: &str) -> Value {
    let mut connection = new_connection("custom");
    connection["name"] = json!(name);
    connection["endpoint"] = json!(endpoint);
    connection
}

fn new_connection(provider: &str) -> Value {
    let mut connection = edit();
    connection["provider"] = json!(provider);
    connection["without_key"] = json!(false);
    connection
}

/// An edit that changes nothing.
pub(crate) fn edit() -> Value {
    json!({
        "name": null, "endpoint": null, "base_url": null, "deployment": null, "model": null, "base_model": null, "batch_deployment": null,
        "project_id": null, "location": null, "api_key": null, "auth_token": null, "credentials": null,
        "credentials_path": null, "headers": null, "proxy": null, "custom_ca": null, "concurrency": null, "budget_micros": null,
        "until_quit": false,
    })
}

#[test]
fn a_connection_is_added_edited_and_removed() {
    let page = Page::open();
    let connection = custom("llama", "http://127.0.0.1:9/v1");
    let added = page.ok("add_connection", json!({ "connection": connection }))["connection"].clone();
    assert_eq!(
        (&added["name"], &added["provider"], &added["key_storage"]),
        (&json!("llama"), &json!("custom"), &json!("none"))
    );
    let id = text(&added["id"]);

    let mut edit = edit();
    edit["endpoint"] = json!("http://127.0.0.1:9/v2");
    edit["concurrency"] = json!(4);
    edit["headers"] = json!([{ "name": "X-Team", "value": "labels" }]);
    edit["until_quit"] = json!(true);
    let edited = page.ok("edit_connection", json!({ "connectionId": id, "edit": edit }))["connection"].clone();
    assert_eq!((&edited["endpoint"], &edited["concurrency"]), (&json!("http://127.0.0.1:9/v2"), &json!(4)));
    assert_eq!(edited["header_names"], json!(["x-team"]));

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
    let record = page.ok("test_connection", json!({ "connectionId": "practice", "model": null }));
    assert_eq!(record["ok"], true, "{record}");
}

#[test]
fn models_are_added_removed_and_asked_for() {
    let page = Page::open();
    let mut connection = new_connection("open_ai");
    connection["api_key"] = json!("sk-ant-0123456789");
    connection["base_url"] = json!(null);
    connection["until_quit"] = json!(true);
    let saved = page.ok("add_connection", json!({ "connection": connection }));
    assert_eq!(saved["warnings"], json!(["This looks like a key of Anthropic, and the connection is for OpenAI."]));
    let connection = &saved["connection"];
    assert_eq!((&connection["name"], &connection["key_hint"]), (&json!("OpenAI"), &json!("6789")));
    let id = &connection["id"];
    let model = |model: &str| json!({ "connectionId": id, "model": model });
    let offers = |connection: &Value, id: &str| {
        connection["models"].as_array().expect("a list").iter().any(|model| model["id"] == id)
    };
    assert!(offers(&page.ok("add_model", model("gpt-9")), "gpt-9"));
    let price = json!({ "input": "0.15", "output": "0.6", "cached": null });
    let priced = json!({ "connectionId": id, "model": "gpt-9", "price": price });
    let price_of = |connection: &Value| {
        let models = connection["models"].as_array().cloned().expect("a list");
        models.into_iter().find(|model| model["id"] == "gpt-9").expect("offered")["price"].clone()
    };
    let price = price_of(&page.ok("set_model_price", priced));
    assert_eq!((&price["input_micros"], &price["is_own"]), (&json!(150_000), &json!(true)));
    let reset = json!({ "connectionId": id, "model": "gpt-9", "price": null });
    assert_eq!(price_of(&page.ok("set_model_price", reset)), json!(null), "the catalogue does not know it");
    assert!(!offers(&page.ok("remove_model", model("gpt-9")), "gpt-9"));
    page.refused("refresh_models", json!({ "connectionId": "practice" }), "invalid");
}

#[test]
fn models_on_this_computer_are_looked_for_where_it_is_said() {
    let page = Page::open();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    assert_eq!(page.ok("find_local_servers", json!({ "ports": [port] })), json!([]), "nothing listens there");
    page.refused("find_local_servers", json!({ "ports": [0] }), "invalid");
    let test = page.ok("test_local_model", json!({ "port": port, "model": "tiny" }));
    assert_eq!((&test["record"]["ok"], &test["record"]["fault"]), (&json!(false), &json!("nothing_listening")));
    page.ok("cancel_local_test", json!({}));
    let added = page.ok("add_local_model", json!({ "port": port, "model": "tiny" }))["connection"].clone();
    assert_eq!(added["endpoint"], format!("http://127.0.0.1:{port}/v1"));
}
