//! Secrets cross the boundary inward only.

use crate::Page;
use crate::connections::{custom, edit};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

const KEY: &str = "sk-planted-8d1f0c";
const TOKEN: &str = "token-planted-77ab21";
const HEADER: &str = "header-planted-4c90e7";

/// An endpoint that refuses every key and, as some do, repeats it in its answer.
fn indiscreet_endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut request = [0; 8192];
            let _ = stream.read(&mut request);
            let body =
                json!({ "error": { "message": format!("Incorrect API key provided: {KEY}, {TOKEN}, {HEADER}") } })
                    .to_string();
            let head = "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nConnection: close";
            let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    format!("http://{address}/v1")
}

#[test]
fn no_reply_event_or_file_holds_a_secret() {
    let page = Page::open();
    let endpoint = indiscreet_endpoint();
    let with_secrets = |endpoint: &str| {
        let mut connection = custom("llama", endpoint);
        connection["api_key"] = json!(KEY);
        connection["auth_token"] = json!(TOKEN);
        connection["headers"] = json!([{ "name": "x-team", "value": HEADER }]);
        connection["until_quit"] = json!(true);
        connection
    };
    let added = page.ok("add_connection", json!({ "connection": with_secrets(&endpoint) }))["connection"].clone();
    assert_eq!((&added["has_api_key"], &added["has_auth_token"]), (&json!(true), &json!(true)));
    let id = added["id"].clone();

    let record = page.ok("test_connection", json!({ "connectionId": id, "model": null }));
    assert_eq!(record["ok"], false, "the endpoint refuses: {record}");
    let mut edit = edit();
    edit["api_key"] = json!(KEY);
    edit["until_quit"] = json!(true);
    page.ok("edit_connection", json!({ "connectionId": id, "edit": edit }));
    // Refusals may repeat what was sent; they must not repeat this.
    page.refused("add_connection", json!({ "connection": with_secrets("no endpoint") }), "invalid");
    let mut account = custom("llama", &endpoint);
    account["provider"] = json!("vertex_ai");
    account["credentials"] = json!(format!("{{\"type\": \"service_account\", \"private_key\": \"{KEY}\"}}"));
    page.refused("add_connection", json!({ "connection": account }), "invalid");
    page.call("add_connection", json!({ "connection": { "api_key": KEY, "auth_token": [TOKEN] } }))
        .expect_err("malformed");
    page.ok("list_connections", json!({}));

    // The planted endpoint also answers a run.
    let prompt = page.prompt("Topics");
    let mut content = crate::draft("What is it about? {text}");
    content["connection_id"] = id;
    content["model"] = json!("llama");
    page.ok("save_draft", json!({ "promptId": prompt, "content": content }));
    page.ok("preview_request", json!({ "promptId": prompt, "content": content, "position": 0 }));
    let run = json!({ "prompt_id": prompt, "version_id": null, "subset": { "kind": "all" }, "batch": false, "ask_again": false });
    let run = page.ok("start_run", json!({ "run": run }))["run_id"].clone();
    crate::runs::finished(&page, run.as_str().expect("an id"));
    let query = json!({ "filter": "all", "sort": "position", "search": "" });
    page.ok("result_rows", json!({ "runId": run, "query": query, "offset": 0, "limit": 10 }));

    for secret in [KEY, TOKEN, HEADER] {
        for heard in page.heard() {
            assert!(!heard.contains(secret), "the page was sent a secret: {heard}");
        }
        search(page.folder.path(), secret.as_bytes());
    }
}

/// Panics if any file under `folder` holds `secret`.
fn search(folder: &Path, secret: &[u8]) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            search(&path, secret);
        } else {
            let content = std::fs::read(&path).expect("a file");
            let holds = content.windows(secret.len()).any(|window| window == secret);
            assert!(!holds, "{} holds a secret", path.display());
        }
    }
}
