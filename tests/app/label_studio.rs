//! Label Studio servers, by a scripted one that knows one project of one task.

use crate::{Page, text};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";

/// Serves until the test ends; the address that it is at.
fn scripted_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("its address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A connection that breaks off is the client's to tell.
            let _ = answer(stream);
        }
    });
    address
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut first, mut length, mut is_signed_in) = (String::new(), 0, false);
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("content-length:") {
            length = bytes.trim().parse().unwrap_or(0);
        }
        is_signed_in |= line == format!("authorization: token {TOKEN}");
    }
    reader.take(length).read_to_end(&mut Vec::new())?;
    let path = first.split(' ').nth(1).unwrap_or_default();
    let (status, body) = if is_signed_in || path.starts_with("/api/version") {
        reply(path).map_or(("404 Not Found", json!({ "detail": "Not found." })), |body| ("200 OK", body))
    } else {
        ("401 Unauthorized", json!({ "detail": "Invalid token." }))
    };
    let body = body.to_string();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn reply(path: &str) -> Option<Value> {
    let project = json!({
        "id": 7, "title": "Feedback", "description": "", "task_number": 1, "total_annotations_number": 0, "ground_truth_number": 0,
        "label_config": r#"<View><Text name="t" value="$text"/><Choices name="c" toName="t"><Choice value="Bug"/></Choices></View>"#,
    });
    let task = json!({
        "id": 31, "data": { "text": "It crashed." }, "annotations": [], "predictions": [],
        "updated_at": "2026-01-02T03:04:05.000006Z",
    });
    Some(match path {
        "/api/version" | "/api/version/" => json!({ "release": "1.23.2", "edition": "Community" }),
        _ if path.starts_with("/api/current-user/whoami") => {
            json!({ "id": 1, "email": "anna@example.org", "first_name": "Anna", "last_name": "" })
        }
        _ if path.starts_with("/api/projects/7") => project,
        _ if path.starts_with("/api/projects") => json!({ "count": 1, "results": [project] }),
        _ if path.starts_with("/api/ml") => json!([]),
        _ if path.starts_with("/api/tasks") => json!({ "tasks": [task], "total": 1 }),
        _ => return None,
    })
}

#[test]
fn a_project_is_pulled_from_a_server_that_is_connected_checked_and_removed() {
    let (page, address) = (Page::open(), scripted_server());
    let server = |name: &str, token: Option<&str>| json!({ "name": name, "address": address, "token": token, "until_quit": true, "proxy": null, "custom_ca": null });
    let refused = page.refused("look_at_server", json!({ "server": server("Work", Some("wrong")) }), "server_sign_in");
    assert_eq!(refused["field"], "token");
    let report = page.ok("look_at_server", json!({ "server": server("Work", Some(TOKEN)) }));
    assert_eq!((&report["version"], &report["user"]), (&json!("1.23.2"), &json!("Anna")));
    let id = page.ok("connect_server", json!({ "server": server("Work", Some(TOKEN)) }))["id"].clone();
    page.refused("connect_server", json!({ "server": server("Work", Some(TOKEN)) }), "name_taken");
    let edited = page.ok("edit_server", json!({ "serverId": id, "server": server("Office", None) }));
    assert_eq!(edited["name"], "Office");
    page.ok("check_server", json!({ "serverId": id }));
    let listed = page.ok("server_projects", json!({ "serverId": id, "search": "", "page": 1 }));
    assert_eq!((&listed["total"], &listed["projects"][0]["title"]), (&json!(1), &json!("Feedback")));
    let shown = page.ok("server_project", json!({ "serverId": id, "remoteId": 7 }));
    assert_eq!((&shown["updated_at"], &shown["warning"]), (&json!("2026-01-02T03:04:05.000006Z"), &Value::Null));

    let plan = page.ok("plan_pull", json!({ "serverId": id, "remoteId": 7 }));
    assert_eq!((&plan["is_new"], &plan["new"]), (&json!(true), &json!(1)));
    page.ok("cancel_pull", json!({}));
    let pulled = page.ok(
        "pull_project",
        json!({ "serverId": id, "remoteId": 7, "options": { "take_config": true, "gone": "leave" } }),
    );
    assert_eq!((&pulled["new"], &pulled["tasks"], &pulled["gone"]), (&json!(1), &json!(1), &json!(0)));
    let again = page.ok(
        "pull_project",
        json!({ "serverId": id, "remoteId": 7, "options": { "take_config": false, "gone": "remove" } }),
    );
    assert_eq!((&again["project_id"], &again["new"]), (&pulled["project_id"], &json!(0)));
    assert_eq!(page.ok("label_studio_servers", json!({}))[0]["linked"], 1);

    page.refused("open_linked_project", json!({ "projectId": "01900000-0000-7000-8000-000000000000" }), "not_found");
    page.ok("remove_server", json!({ "serverId": id }));
    assert_eq!(page.ok("label_studio_servers", json!({})), json!([]));
    assert!(page.has_heard(r#""kind":"label_studio""#));
    assert!(!page.has_heard(TOKEN), "a token goes in and never out");
}

#[test]
fn a_run_that_is_not_there_is_given_back_to_nobody() {
    let page = Page::open();
    let options = json!({ "other_versions": "beside", "annotations": false, "ground_truth": false, "prelabel": false });
    let run = text(&json!("01900000-0000-7000-8000-000000000000"));
    page.refused("plan_push", json!({ "runId": run, "options": options }), "not_found");
    page.refused("push_run", json!({ "runId": run, "options": options }), "not_found");
    assert_eq!(page.ok("pushes", json!({})), json!([]));
    page.refused("resume_push", json!({ "pushId": 1 }), "not_found");
    page.ok("cancel_push", json!({ "pushId": 1 }));
}
