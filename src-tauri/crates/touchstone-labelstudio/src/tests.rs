//! What the client sends, and what it makes of replies.

mod enterprise;

use crate::testing::{LEGACY, PERSONAL, client_of, http, json, served, taken_apart};
use crate::{
    Client, Edition, Error, NewAnnotation, NewPrediction, RemotePrediction, SnapshotState, TaskQuery, TokenKind,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::value::RawValue;
use std::num::NonZeroU32;
use touchstone_net::NetError;

const VERSION: &str = r#"{"release":"1.23.2","label-studio-os-package":{"version":"1.23.2"},"edition":"Community"}"#;
const WHO: &str = r#"{"id":1,"first_name":"Ada","last_name":"","username":"a","email":"ada@example.org","avatar":null,
    "active_organization":1,"active_organization_meta":{"title":"Label Studio","email":"ada@example.org"},
    "permissions":["projects.view","projects.change","tasks.view","predictions.any","annotations.create"]}"#;
const NOTHING: &str = r#"{"tasks":[],"total":0,"total_annotations":0,"total_predictions":0}"#;

/// An access token that holds for so many seconds, as the server makes them.
fn access(name: &str, seconds: u64) -> String {
    let claims = format!(r#"{{"token_type":"access","iat":1000,"exp":{},"name":"{name}"}}"#, 1_000 + seconds);
    format!("e30.{}.planted-{name}", BASE64_URL_SAFE_NO_PAD.encode(claims))
}

fn exchanged(token: &str) -> String {
    json(200, &format!(r#"{{"access":"{token}"}}"#))
}

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).expect("JSON")
}

fn limit(rows: u32) -> NonZeroU32 {
    NonZeroU32::new(rows).expect("not zero")
}

/// The name of an error's kind.
fn kind(error: &Error) -> String {
    let shown = format!("{error:?}");
    shown.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

/// What a failed look at a project says, with its kind.
async fn failure(token: &str, replies: Vec<String>) -> (String, String) {
    let (client, _served) = served(token, replies).await;
    let error = client.project(3).await.expect_err("refused");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("planted"), "{shown}");
    (kind(&error), error.to_string().replace(client.host(), "HOST"))
}

#[tokio::test]
async fn a_legacy_token_signs_in_as_it_is() {
    let (client, served) = served(&format!(" {LEGACY}\n"), vec![json(200, VERSION), json(200, WHO)]).await;
    let server = client.server().await.expect("a server");
    assert_eq!((&*server.version, server.edition, server.token), ("1.23.2", Edition::Community, TokenKind::Legacy));
    assert_eq!((&*server.user.name, &*server.user.email), ("Ada", "ada@example.org"));
    assert_eq!(server.role, None);
    assert!(server.may_read() && server.may_export() && server.may_predict() && !server.may_annotate());
    for request in served.await.expect("served") {
        let token = format!("\r\nauthorization: token {}\r\n", LEGACY.to_ascii_lowercase());
        assert!(taken_apart(&request).1.contains(&token), "{request}");
    }
}

#[tokio::test]
async fn a_personal_token_is_exchanged_once_for_many_calls() {
    let replies = vec![exchanged(&access("first", 300)), json(200, VERSION), json(200, WHO), json(200, NOTHING)];
    let (client, served) = served(PERSONAL, replies).await;
    assert_eq!(client.server().await.expect("a server").token, TokenKind::Personal);
    client.clone().task_ids(3, None, limit(9)).await.expect("no tasks");
    let received = served.await.expect("served");
    let (line, head, body) = taken_apart(&received[0]);
    assert_eq!((line, body), ("POST /api/token/refresh/", &*format!(r#"{{"refresh":"{PERSONAL}"}}"#)));
    assert!(!head.contains("authorization"), "{head}");
    for request in &received[1..] {
        assert!(request.contains(&format!("Bearer {}\r\n", access("first", 300))), "{request}");
        assert!(!request.contains(PERSONAL), "the token itself only makes others");
    }
}

#[tokio::test]
async fn an_access_token_is_renewed_before_it_ends_and_when_it_is_not_taken() {
    // The first holds no longer than what is kept in hand.
    let replies = vec![
        exchanged(&access("first", 30)),
        json(200, NOTHING),
        exchanged(&access("second", 300)),
        json(401, r#"{"detail":"Given token not valid for any token type"}"#),
        exchanged(&access("third", 300)),
        json(200, NOTHING),
    ];
    let (client, served) = served(PERSONAL, replies).await;
    for _ in 0..2 {
        client.task_ids(3, None, limit(9)).await.expect("no tasks");
    }
    let received = served.await.expect("served");
    assert!(received[3].contains("planted-second") && received[5].contains("planted-third"));
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_a_matter_of_signing_in() {
    let no = json(401, r#"{"detail":"Token is blacklisted","code":"token_not_valid"}"#);
    let (code, words) = failure(PERSONAL, vec![no.clone()]).await;
    assert_eq!(code, "SignIn");
    assert_eq!(
        words,
        "HOST does not take this personal access token: Token is blacklisted; make a new one under Account & Settings there"
    );
    let again = vec![exchanged(&access("first", 300)), no.clone(), exchanged(&access("second", 300)), no.clone()];
    assert_eq!(failure(PERSONAL, again).await.0, "SignIn");
    assert!(failure(LEGACY, vec![no]).await.1.contains("legacy token: Token is blacklisted;"));
}

#[tokio::test]
async fn no_token_is_in_an_error_that_repeats_it() {
    let second = access("second", 300);
    let words = format!(r#"{{"detail":"{PERSONAL} {second} {LEGACY} may not"}}"#);
    let (client, _served) = served(PERSONAL, vec![exchanged(&second), json(403, &words)]).await;
    let error = client.project(3).await.expect_err("refused");
    assert!(matches!(&error, Error::Forbidden { words, .. } if words.starts_with(": <token> <token> ")), "{error}");
    assert!(!format!("{client:?}").contains("planted"), "{client:?}");
    let (_, words) = failure(LEGACY, vec![json(403, &format!(r#"{{"detail":"Token {LEGACY} may not"}}"#))]).await;
    assert_eq!(words, "HOST does not let this user do that: Token <token> may not");
}

#[tokio::test]
async fn what_reads_is_asked_again_while_the_server_fails_or_asks_to_wait() {
    let wait = http(429, "Retry-After: 0\r\nContent-Type: application/json\r\n", "{}");
    let (client, served_ok) = served(LEGACY, vec![json(502, ""), wait.clone(), json(200, NOTHING)]).await;
    client.task_ids(3, None, limit(9)).await.expect("the third time");
    assert_eq!(served_ok.await.expect("served").len(), 3);
    let (code, words) = failure(LEGACY, vec![json(500, r#"{"detail":"out of memory."}"#); 3]).await;
    assert_eq!((&*code, &*words), ("Failed", "HOST failed with status 500: out of memory"));
    assert_eq!(failure(LEGACY, vec![wait; 3]).await.0, "Busy");
    let long = http(429, "Retry-After: 3600\r\n", "");
    assert_eq!(failure(LEGACY, vec![long]).await.0, "Busy", "an hour is not waited for");
    // Whoever hangs up is asked again as well.
    let (client, _served) = served(LEGACY, vec![String::new(), json(200, NOTHING)]).await;
    client.task_ids(3, None, limit(9)).await.expect("the second time");
}

#[tokio::test]
async fn what_writes_is_not_repeated_where_it_may_have_been_done() {
    let result = raw("[]");
    let prediction = NewPrediction { task: 7, result: &result, score: None, model_version: "m" };
    let one = [prediction];
    let (client, served_once) = served(LEGACY, vec![json(500, "{}")]).await;
    let error = client.add_predictions(3, &one).await.expect_err("failed");
    assert!(error.is_passing() && matches!(error, Error::Failed { status: 500, .. }), "{error}");
    assert_eq!(served_once.await.expect("served").len(), 1);
    let (client, _served) = served(LEGACY, vec![String::new()]).await;
    let error = client.add_predictions(3, &one).await.expect_err("cut off");
    assert!(error.is_passing() && matches!(error, Error::Unreachable { .. }), "{error}");
    let (client, served_twice) = served(LEGACY, vec![http(429, "", ""), json(201, r#"{"created":1}"#)]).await;
    assert_eq!(client.add_predictions(3, &one).await, Ok(1), "what asks to wait did nothing");
    assert_eq!(served_twice.await.expect("served").len(), 2);
}

#[tokio::test]
async fn what_is_not_label_studio_is_said_to_be_something_else() {
    let page = |status| http(status, "Content-Type: text/html\r\n", "<html>Welcome</html>");
    for reply in [page(200), page(404), page(401), json(200, "[]"), json(200, r#"{"name":"x"}"#), json(405, "{}")] {
        let (code, words) = failure(LEGACY, vec![reply]).await;
        assert_eq!(
            (&*code, &*words),
            ("NotLabelStudio", "HOST does not answer as Label Studio does; check the address")
        );
    }
    assert_eq!(failure(PERSONAL, vec![page(404)]).await.0, "NotLabelStudio");
    let gone = json(404, r#"{"detail":"No Project matches the given query."}"#);
    assert_eq!(
        failure(LEGACY, vec![gone]).await,
        ("NoProject".to_owned(), "HOST has no project with the id 3, or none that this user may see".to_owned())
    );
}

#[tokio::test]
async fn what_is_gone_is_said_with_a_page_where_no_slash_ends_the_path() {
    let page = || http(404, "Content-Type: text/html\r\n", "<!doctype html>");
    let (client, _served) = served(LEGACY, vec![page(), page(), page()]).await;
    let gone = client.add_predictions(3, &[]).await.expect_err("gone");
    assert!(matches!(gone, Error::NotFound { what: "project", .. }), "{gone}");
    let gone = client.snapshot(3, 4).await.expect_err("gone");
    assert!(matches!(gone, Error::NotFound { what: "snapshot", .. }), "{gone}");
    client.delete_snapshot(3, 4).await.expect("gone already");
}

#[tokio::test]
async fn a_redirect_to_another_host_gets_no_token() {
    let (elsewhere, served_elsewhere) = served(LEGACY, vec![http(200, "Content-Type: image/png\r\n", "PNG")]).await;
    let to = elsewhere.file_url(3, "/data/upload/3/a.png").expect("a file");
    // A call is not followed at all, and the place is told without what stands behind it.
    let login = format!("Location: http://{}/login?secret=planted\r\n", elsewhere.host());
    let (code, words) = failure(LEGACY, vec![http(302, &login, "")]).await;
    assert_eq!(code, "Moved");
    assert!(words.starts_with(&format!("HOST leads on to http://{};", elsewhere.host())), "{words}");
    // A file is followed to where it is.
    let signed = http(303, &format!("Location: {to}?signature=1\r\n"), "");
    let own = http(302, "Location: /data/upload/3/b.png\r\n", "");
    let (client, served_here) = served(LEGACY, vec![own, signed]).await;
    let url = client.file_url(3, "s3://bucket/a.png").expect("a file");
    let file = client.file(&url, 1 << 10).await.expect("a picture");
    assert_eq!(file, b"PNG");
    for request in served_here.await.expect("served") {
        assert!(request.contains(LEGACY), "{request}");
    }
    let received = served_elsewhere.await.expect("served");
    assert!(received[0].starts_with("GET /data/upload/3/a.png?signature=1 "), "{received:?}");
    assert!(!received[0].to_ascii_lowercase().contains("authorization"), "{received:?}");
}

#[tokio::test]
async fn a_file_that_is_gone_or_too_large_is_said_so() {
    let (client, _served) = served(LEGACY, vec![http(404, "", ""), http(200, "", "too large")]).await;
    let url = client.file_url(3, "/data/upload/3/a.png").expect("a file");
    assert!(matches!(client.file(&url, 4).await, Err(Error::NotFound { what: "file", .. })));
    let error = client.file(&url, 4).await.expect_err("too large");
    assert!(matches!(error, Error::Unreachable { error: NetError::TooLarge(4), .. }), "{error}");
}

#[tokio::test]
async fn projects_come_by_pages_and_titles() {
    let page = r#"{"count":101,"next":null,"previous":null,"results":[{"id":3,"title":"Tickets","description":null,
        "label_config":"<View/>","task_number":5000,"total_annotations_number":12,"ground_truth_number":4,
        "created_at":"2026-11-29T20:00:00.000000Z","is_draft":false}]}"#;
    let (client, served) = served(LEGACY, vec![json(200, page), json(200, "[]"), json(200, r#"[{"id":1}]"#)]).await;
    let page = client.projects(2, " tick & co ").await.expect("a page");
    assert_eq!((page.total, page.items.len()), (101, 1));
    let project = &page.items[0];
    assert_eq!((project.tasks, project.annotations, project.ground_truths), (5_000, 12, Some(4)));
    assert_eq!((&*project.description, &project.workspace), ("", &None));
    assert_eq!(client.has_ml_backend(3).await, Ok(false));
    assert_eq!(client.has_ml_backend(3).await, Ok(true));
    let received = served.await.expect("served");
    let (line, ..) = taken_apart(&received[0]);
    assert!(line.starts_with("GET /api/projects/?page=2&page_size=100&include=id,title,"), "{line}");
    assert!(line.ends_with("&title=tick%20%26%20co"), "{line}");
    assert_eq!(taken_apart(&received[1]).0, "GET /api/ml/?project=3");
}

/// The query of a request for tasks.
fn query(request: &str) -> serde_json::Value {
    let (line, ..) = taken_apart(request);
    let url = url::Url::parse(&format!("http://a{}", line.trim_start_matches("GET "))).expect("an address");
    let query = url.query_pairs().find(|(name, _)| name == "query").expect("a query").1.into_owned();
    serde_json::from_str(&query).expect("JSON")
}

#[tokio::test]
async fn tasks_come_behind_the_last_one_and_as_they_are() {
    let tasks = r#"{"total":7,"tasks":[{"id":8,"data":{"n":1.0,"seed":12345678901234567890123},
        "updated_at":"2026-11-29T20:00:00Z","annotations":[],"predictions":[]}]}"#;
    let (client, served) = served(LEGACY, vec![json(200, tasks), json(200, NOTHING)]).await;
    let since = Some("2026-11-29T19:00:00Z".to_owned());
    let asked = TaskQuery { after_id: Some(7), changed_since: since };
    let page = client.tasks(3, &asked).await.expect("a page");
    assert_eq!((page.total, page.tasks[0].id), (7, 8));
    assert!(page.tasks[0].json.get().contains("12345678901234567890123"), "to the last digit");
    client.tasks(3, &TaskQuery::default()).await.expect("a page");
    let received = served.await.expect("served");
    let (line, ..) = taken_apart(&received[0]);
    let wanted = "GET /api/tasks/?project=3&page=1&page_size=1000&resolve_uri=false&fields=all&omit=drafts,";
    assert!(line.starts_with(wanted), "{line}");
    let wanted = serde_json::json!({
        "filters": {"conjunction": "and", "items": [
            {"filter": "filter:tasks:id", "operator": "greater", "type": "Number", "value": 7},
            {"filter": "filter:tasks:updated_at", "operator": "greater_or_equal", "type": "Datetime",
             "value": "2026-11-29T19:00:00.000000Z"},
        ]},
        "ordering": ["tasks:id"],
    });
    assert_eq!(query(&received[0]), wanted);
}

#[tokio::test]
async fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let large = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n".to_owned();
    let replies = vec![large.clone(), large, json(200, NOTHING), json(200, NOTHING)];
    let (client, served) = served(LEGACY, replies).await;
    for _ in 0..2 {
        client.tasks(3, &TaskQuery::default()).await.expect("a page");
    }
    let sizes: Vec<_> = served
        .await
        .expect("served")
        .iter()
        .map(|request| {
            let size = request.split("page_size=").nth(1).expect("a size");
            size.split('&').next().expect("a size").to_owned()
        })
        .collect();
    assert_eq!(sizes, ["1000", "500", "250", "250"], "and it is remembered");
}

#[tokio::test]
async fn the_last_change_and_ids_are_asked_for_alone() {
    let newest = r#"{"total":9,"tasks":[{"id":4,"updated_at":"2026-11-29T20:00:00.5Z"}]}"#;
    // Of five, two at once.
    let ids = [r#"{"total":9,"tasks":[{"id":4},{"id":6}]}"#, r#"{"total":7,"tasks":[{"id":7},{"id":9}]}"#];
    let ids = [ids[0], ids[1], r#"{"total":5,"tasks":[{"id":10}]}"#, r#"{"total":1,"tasks":[{"id":11}]}"#];
    let replies = [newest, NOTHING].into_iter().chain(ids).map(|body| json(200, body)).collect();
    let (client, served) = served(LEGACY, replies).await;
    assert_eq!(client.changed_at(3).await, Ok(Some("2026-11-29T20:00:00.5Z".to_owned())));
    assert_eq!(client.changed_at(3).await, Ok(None));
    assert_eq!(client.task_ids(3, Some(2), limit(5)).await, Ok(vec![4, 6, 7, 9, 10]));
    assert_eq!(client.task_ids(3, Some(10), limit(5_000)).await, Ok(vec![11]), "there are no more");
    let received = served.await.expect("served");
    assert!(received[0].contains("&page_size=1&") && received[0].contains("&include=id,updated_at&"));
    assert_eq!(query(&received[0]), serde_json::json!({"ordering": ["-tasks:updated_at"]}));
    assert!(received[3].contains("&page_size=3&") && received[3].contains("&include=id&"));
    assert_eq!(query(&received[3])["filters"]["items"][0]["value"], 6);
}

#[tokio::test]
async fn named_tasks_come_as_many_at_once_as_fit() {
    let of = |ids: &[i64], total: usize| {
        let task = |id: &i64| {
            let prediction = format!(
                r#"{{"id":{id}0,"model_version":"m@1","score":0.5,"result":[{{"value":{{"x":1.10}}}}],"task":{id}}}"#
            );
            format!(r#"{{"id":{id},"predictions":[{prediction}]}}"#)
        };
        let tasks = ids.iter().map(task).collect::<Vec<_>>().join(",");
        json(200, &format!(r#"{{"total":{total},"tasks":[{tasks}]}}"#))
    };
    let large = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n".to_owned();
    // Four at once are too large, and of the first half the server gives one at a time.
    let replies = vec![large, of(&[1], 2), of(&[2], 1), of(&[4], 1)];
    let (client, served) = served(LEGACY, replies).await;
    let found = client.tasks_by_id(3, &[4, 2, 1, 3, 2]).await.expect("tasks");
    assert_eq!(found.iter().map(|found| found.id).collect::<Vec<_>>(), [1, 2, 4], "the third is not there");
    let task: serde_json::Map<String, serde_json::Value> = serde_json::from_str(found[0].json.get()).expect("a task");
    let prediction: RemotePrediction = serde_json::from_value(task["predictions"][0].clone()).expect("a prediction");
    assert_eq!((prediction.id, prediction.model_version.as_deref(), prediction.score), (10, Some("m@1"), Some(0.5)));
    assert!(found[0].json.get().contains(r#""result":[{"value":{"x":1.10}}]"#), "as it came");
    let included = |request: &String| query(request)["selectedItems"]["included"].to_string();
    let asked: Vec<_> = served.await.expect("served").iter().map(included).collect();
    assert_eq!(asked, ["[1,2,3,4]", "[1,2]", "[2]", "[3,4]"]);
}

#[tokio::test]
async fn predictions_are_added_in_one_and_removed_one_by_one() {
    let refused = r#"{"status_code":400,"detail":"Validation error","validation_errors":{"non_field_errors":
        ["Prediction 0: Score must be between 0.00 and 1.00 inclusive, got 2.0","Prediction 1: no"]}}"#;
    let replies = vec![
        json(201, r#"{"created":1}"#),
        json(400, refused),
        http(204, "", ""),
        json(404, r#"{"detail":"No Prediction matches the given query."}"#),
    ];
    let (client, served) = served(LEGACY, replies).await;
    let (first, second) = (raw(r#"[{"id":"a","value":{"x":1.10}}]"#), raw("[]"));
    let predictions = [
        NewPrediction { task: 7, result: &first, score: Some(0.25), model_version: "m@1" },
        NewPrediction { task: 8, result: &second, score: None, model_version: "m@1" },
    ];
    assert_eq!(client.add_predictions(3, &predictions).await, Ok(1), "what did not fit is not counted");
    let error = client.add_predictions(3, &predictions).await.expect_err("refused");
    assert!(
        error.to_string().ends_with(
            "(status 400): Prediction 0: Score must be between 0.00 and 1.00 inclusive, got \
        2.0; Prediction 1: no"
        ),
        "{error}"
    );
    assert!(!error.is_passing());
    assert_eq!(client.remove_prediction(70).await, Ok(true));
    assert_eq!(client.remove_prediction(71).await, Ok(false));
    let received = served.await.expect("served");
    let (line, _, body) = taken_apart(&received[0]);
    assert_eq!(line, "POST /api/projects/3/import/predictions");
    let wanted = r#"[{"task":7,"result":[{"id":"a","value":{"x":1.10}}],"score":0.25,"model_version":"m@1"},"#
        .to_owned()
        + r#"{"task":8,"result":[],"model_version":"m@1"}]"#;
    assert_eq!(body, wanted);
    assert_eq!(taken_apart(&received[3]).0, "DELETE /api/predictions/71/");
}

#[tokio::test]
async fn an_annotation_is_added_once_however_often_it_is_tried() {
    let twice = json(409, r#"{"detail":"Annotation with this unique id already exists"}"#);
    let replies = vec![json(201, r#"{"id":12,"result":[]}"#), json(500, "{}"), twice, json(200, r#"{"id":12}"#)];
    let (client, served) = served(LEGACY, replies).await;
    let result = raw("[]");
    let annotation = NewAnnotation { unique_id: "0190-1", result: &result, ground_truth: true };
    assert_eq!(client.add_annotation(7, &annotation).await, Ok(Some(12)));
    assert_eq!(client.add_annotation(7, &annotation).await, Ok(None), "it was there after the failure");
    assert_eq!(client.set_ground_truth(12, false).await, Ok(()));
    let received = served.await.expect("served");
    let (line, _, body) = taken_apart(&received[2]);
    assert_eq!(line, "POST /api/tasks/7/annotations/");
    assert_eq!(body, r#"{"unique_id":"0190-1","result":[],"ground_truth":true}"#);
    let (line, _, body) = taken_apart(&received[3]);
    assert_eq!((line, body), ("PATCH /api/annotations/12/", r#"{"ground_truth":false}"#));
}

#[tokio::test]
async fn a_project_begins_with_one_version_or_with_none() {
    let of = |version: &str, shown: bool| {
        json(200, &format!(r#"{{"id":7,"model_version":"{version}","show_collab_predictions":{shown}}}"#))
    };
    let replies = vec![of("", true), of("m@1", true), of("m@1", false), json(200, "{}")];
    let (client, served) = served(LEGACY, replies).await;
    for wanted in [None, Some("m@1"), None] {
        assert_eq!(client.project(7).await.expect("a project").prelabels_with.as_deref(), wanted);
    }
    assert_eq!(client.prelabel_with(7, "m@2").await, Ok(()));
    let received = served.await.expect("served");
    let (line, _, body) = taken_apart(&received[3]);
    assert_eq!((line, body), ("PATCH /api/projects/7/", r#"{"model_version":"m@2","show_collab_predictions":true}"#));
}

#[tokio::test]
async fn a_snapshot_whose_answer_was_lost_is_found_by_its_title() {
    let list = r#"[{"id":5,"title":"other","status":"completed"},
        {"id":4,"title":"ours","status":"in_progress","counters":{"task_number":0}}]"#;
    let ready = r#"{"id":4,"title":"ours","status":"completed","counters":{"task_number":9}}"#;
    let replies = vec![json(504, ""), json(200, list), json(200, ready), http(204, "", ""), json(404, "{}")];
    let (client, served) = served(LEGACY, replies).await;
    let snapshot = client.start_snapshot(3, "ours").await.expect("a snapshot");
    assert_eq!((snapshot.id, snapshot.state), (4, SnapshotState::UnderWay));
    let snapshot = client.snapshot(3, 4).await.expect("a snapshot");
    assert_eq!(snapshot.state, SnapshotState::Ready);
    client.delete_snapshot(3, 4).await.expect("deleted");
    client.delete_snapshot(3, 4).await.expect("deleted already");
    let received = served.await.expect("served");
    assert!(received[0].contains(r#""title":"ours""#), "{}", received[0]);
    assert_eq!(taken_apart(&received[3]).0, "DELETE /api/projects/3/exports/4");
}

#[tokio::test]
async fn a_snapshot_that_breaks_off_goes_on_where_it_was() {
    let whole = r#"[{"id":1},{"id":2}]"#;
    let (first, rest) = whole.split_at(10);
    let broken = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{first}", whole.len());
    let replies = vec![
        exchanged(&access("first", 300)),
        broken,
        json(401, "{}"),
        exchanged(&access("second", 300)),
        http(206, &format!("Content-Range: bytes 10-18/{}\r\n", whole.len()), rest),
        http(416, &format!("Content-Range: bytes */{}\r\n", whole.len()), ""),
    ];
    let (client, served) = served(PERSONAL, replies).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("snapshot.json");
    let mut told = Vec::new();
    client.download_snapshot(3, 4, &path, |bytes| told.push(bytes)).await.expect("a file");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), whole);
    assert_eq!((told.first(), told.last()), (Some(&10), Some(&19)));
    client.download_snapshot(3, 4, &path, |_| {}).await.expect("it is whole already");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), whole);
    let received = served.await.expect("served");
    assert!(received[1].starts_with("GET /api/projects/3/exports/4/download?exportType=JSON "), "{}", received[1]);
    assert!(!received[1].contains("range:") && received[4].contains("range: bytes=10-"), "{received:?}");
}

#[tokio::test]
async fn a_snapshot_of_a_server_that_gives_no_rest_begins_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("snapshot.json");
    std::fs::write(&path, "[{\"id\":1},{\"id").expect("a beginning");
    let other = http(416, "Content-Range: bytes */7\r\n", "");
    let (client, served) = served(LEGACY, vec![other, http(200, "", "[]")]).await;
    client.download_snapshot(3, 4, &path, |_| {}).await.expect("a file");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "[]");
    let received = served.await.expect("served");
    assert!(!received[1].contains("range:"), "{received:?}");
}

#[tokio::test]
async fn what_is_no_snapshot_leaves_the_file_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("snapshot.json");
    std::fs::write(&path, "[{").expect("a beginning");
    let page = |status| http(status, "Content-Type: text/html\r\n", "<html/>");
    let (client, _served) = served(LEGACY, vec![page(200), page(404)]).await;
    for code in ["NotLabelStudio", "NotFound"] {
        let error = client.download_snapshot(3, 4, &path, |_| {}).await.expect_err("no file");
        assert_eq!(kind(&error), code);
    }
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "[{");
    let error = client.download_snapshot(3, 4, folder.path(), |_| {}).await.expect_err("a folder is no file");
    assert!(matches!(error, Error::NotKept { .. }), "{error}");
}

#[test]
fn a_call_can_be_made_from_any_thread() {
    fn is_send(_: impl Send) {}
    let client: Client = client_of("http://127.0.0.1:1");
    is_send(client.server());
    is_send(client.file("", 1));
    is_send(client.download_snapshot(1, 1, std::path::Path::new(""), |_| {}));
    is_send(client.start_snapshot(1, ""));
    is_send(client.tasks_by_id(1, &[]));
    is_send(client.tasks(1, &TaskQuery::default()));
}
