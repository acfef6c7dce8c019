//! Against a real server on loopback, one scripted reply a test.

use super::*;
use crate::chat::{ChatErrorKind, ChatMessage, Usage};
use crate::testing::{client, http, server};
use serde_json::{Map, json};
use std::time::Duration;
use tokio::net::TcpListener;
use touchstone_domain::prompt::Role;

async fn serve_v1(replies: Vec<String>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let (base, served) = server(replies).await;
    (format!("{base}/v1"), served)
}

fn answer(content: &str) -> String {
    let body = json!({
        "choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 3},
    });
    http("200 OK", "", &body.to_string())
}

fn request() -> ChatRequest {
    let mut params = Map::new();
    params.insert("temperature".to_owned(), json!(0.5));
    ChatRequest {
        model: "m".to_owned(),
        messages: vec![ChatMessage::new(Role::User, "Hi")],
        schema: json!({"type": "object"}).into(),
        structure: None,
        params,
        inputs: Vec::new(),
        shares_beginning: false,
    }
}

fn model(endpoint: &str) -> CustomModel {
    let key = Some(Secret::new("sk-planted".to_owned()));
    CustomModel::new(client(), endpoint.to_owned(), key, None)
}

async fn ask(model: &CustomModel) -> Result<ChatReply, ChatError> {
    let request = request();
    model.ask(&request, &model.body(&request)).await
}

/// How the call ends that is answered with `reply`.
async fn outcome(reply: String) -> Result<ChatReply, ChatError> {
    let (endpoint, _served) = serve_v1(vec![reply]).await;
    ask(&model(&endpoint)).await
}

async fn kind(reply: String) -> ChatErrorKind {
    let error = outcome(reply).await.expect_err("no answer");
    assert!(!error.message.contains("sk-planted"), "an error never shows the key: {}", error.message);
    error.kind
}

#[tokio::test]
async fn an_answer_comes_with_its_usage_and_the_request_is_the_documented_one() {
    let (endpoint, served) = serve_v1(vec![answer("{\"a\":1}")]).await;
    let reply = ask(&model(&endpoint)).await.expect("an answer");
    assert_eq!(reply.content, "{\"a\":1}");
    let want = Usage { prompt_tokens: Some(12), completion_tokens: Some(3), ..Usage::default() };
    assert_eq!(reply.usage, want);
    let received = served.await.expect("served").remove(0);
    assert!(received.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{received}");
    assert!(received.to_ascii_lowercase().contains("authorization: bearer sk-planted\r\n"), "{received}");
    let want = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_object","schema":{"type":"object"}},"temperature":0.5}"#;
    assert!(received.ends_with(want), "{received}");
}

#[tokio::test]
async fn the_auth_token_is_the_bearer_alone_and_a_header_beside_a_key() {
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    for (key, want) in [(None, "authorization: bearer tok\r\n"), (secret("key"), "x-auth-token: tok\r\n")] {
        let (endpoint, served) = serve_v1(vec![answer("{}")]).await;
        let model = CustomModel::new(client(), endpoint, key, secret("tok"));
        ask(&model).await.expect("an answer");
        let received = served.await.expect("served").remove(0).to_ascii_lowercase();
        assert!(received.contains(want), "{received}");
    }
}

#[tokio::test]
async fn statuses_are_told_apart_by_what_to_do_about_them() {
    use ChatErrorKind::*;
    let json = |status: &str, body: Value| http(status, "", &body.to_string());
    assert_eq!(kind(json("401 Unauthorized", json!({"error": {"message": "bad key"}}))).await, KeyRejected);
    assert_eq!(kind(json("403 Forbidden", json!({"detail": "no"}))).await, NotPermitted);
    assert_eq!(kind(json("404 Not Found", json!({"error": "model not found"}))).await, NotFound);
    assert_eq!(kind(json("429 Too Many", json!({"error": {"type": "insufficient_quota"}}))).await, OutOfMoney);
    assert_eq!(kind(json("400 Bad", json!({"error": {"code": "context_length_exceeded"}}))).await, ContextTooLong);
    assert_eq!(kind(json("400 Bad", json!({"error": "'response_format' is no good"}))).await, BadRequest);
    assert_eq!(kind(http("503 Loading", "", "model is loading")).await, Overloaded);
    assert_eq!(kind(http("405 Method Not Allowed", "", "")).await, NotFound);
    assert_eq!(kind(json("400 Bad", json!({"error": {"type": "auth_error"}}))).await, KeyRejected);
    assert_eq!(kind(json("402 Payment Required", json!({}))).await, OutOfMoney);
    assert_eq!(kind(json("429 Too Many", json!({"error": {"code": "rate_limit_exceeded"}}))).await, RateLimited);
    assert_eq!(kind(json("500 Oops", json!({"error": {"message": "boom"}}))).await, ServerError);
    assert_eq!(kind(http("408 Request Timeout", "", "")).await, Timeout);
    let meant = json!({"error": {"code": 429, "message": "busy"}});
    assert_eq!(kind(json("200 OK", meant)).await, RateLimited, "a gateway's error in the body");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_takes_no_key_along() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let target = elsewhere.local_addr().expect("bound");
    let reply = http("307 Temporary Redirect", &format!("Location: http://{target}/v1/chat/completions\r\n"), "");
    let error = outcome(reply).await.expect_err("no answer");
    assert_eq!(error.kind, ChatErrorKind::NotFound);
    assert!(error.message.contains("points to another address"), "{}", error.message);
    let caller = tokio::time::timeout(Duration::from_millis(200), elsewhere.accept()).await;
    assert!(caller.is_err(), "nobody calls where the redirect points");
}

#[tokio::test]
async fn a_key_that_a_server_repeats_is_not_shown() {
    let filler = "x".repeat(290);
    for body in [
        json!({"error": {"message": "Incorrect API key provided: sk-planted."}}).to_string(),
        json!({"error": {"message": format!("{filler} sk-planted")}}).to_string(),
        "No entry for sk-planted".to_owned(),
    ] {
        let error = outcome(http("401 Unauthorized", "", &body)).await.expect_err("refused");
        assert!(error.message.contains("rejected the key"), "{}", error.message);
        assert!(!error.message.contains("sk-p"), "not even its beginning: {}", error.message);
    }
}

#[tokio::test]
async fn without_a_key_the_words_for_401_do_not_blame_one() {
    let (endpoint, _served) = serve_v1(vec![http("401 Unauthorized", "", "")]).await;
    let host = endpoint["http://".len()..].trim_end_matches("/v1").to_owned();
    let model = CustomModel::new(client(), endpoint, None, None);
    let error = ask(&model).await.expect_err("refused");
    assert_eq!(error.message, format!("{host} wants a key, and this connection has none."));
}

#[tokio::test]
async fn what_the_user_did_not_set_is_not_sent_and_what_he_set_cannot_replace_the_question() {
    let mut request = request();
    request.params.clear();
    let model = model("http://127.0.0.1:1/v1");
    let names = |request: &ChatRequest| {
        let body = model.body(request);
        body.as_object().expect("an object").keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&request), ["model", "messages", "response_format"]);
    for (name, value) in [("top_p", json!(0.5)), ("max_completion_tokens", json!(9)), ("model", json!("other"))] {
        request.params.insert(name.to_owned(), value);
    }
    assert_eq!(names(&request), ["model", "messages", "response_format", "top_p", "max_tokens"]);
    assert_eq!(model.body(&request)["model"], "m");
}

#[tokio::test]
async fn an_answer_without_words_or_usage_is_an_answer() {
    for content in [json!(null), json!("")] {
        let body = json!({"choices": [{"message": {"content": content}, "finish_reason": "stop"}]});
        let reply = outcome(http("200 OK", "", &body.to_string())).await.expect("an answer");
        assert_eq!((reply.content.as_str(), reply.usage), ("", Usage::default()));
    }
}

#[tokio::test]
async fn replies_that_are_no_answer_are_told_apart() {
    use ChatErrorKind::*;
    let choice = |choice: Value| http("200 OK", "", &json!({"choices": [choice]}).to_string());
    assert_eq!(kind(http("200 OK", "", "<!DOCTYPE html><html>")).await, Malformed);
    assert_eq!(kind(http("200 OK", "", "{\"choices\": [{\"mess")).await, Malformed);
    assert_eq!(kind(http("200 OK", "", "{\"hello\": 1}")).await, Malformed);
    assert_eq!(kind(http("200 OK", "", "{\"error\": \"overloaded\"}")).await, Malformed);
    assert_eq!(kind("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"cho".to_owned()).await, Network);
    assert_eq!(kind(choice(json!({"message": {"content": "{\"a"}, "finish_reason": "length"}))).await, Truncated);
    assert_eq!(kind(choice(json!({"message": {"content": null, "refusal": "No."}}))).await, Refused);
    assert_eq!(kind(choice(json!({"message": {"content": ""}, "finish_reason": "content_filter"}))).await, Filtered);
}

#[tokio::test]
async fn the_wait_that_a_server_asks_for_is_read_in_every_form() {
    for (headers, want) in [
        ("Retry-After: 2\r\n", Some(2000)),
        ("retry-after-ms: 150\r\n", Some(150)),
        ("Date: Wed, 21 Oct 2026 07:28:00 GMT\r\nRetry-After: Wed, 21 Oct 2026 07:28:05 GMT\r\n", Some(5000)),
        ("Retry-After: soon\r\n", None),
        ("", None),
    ] {
        let error = outcome(http("429 Too Many Requests", headers, "{}")).await.expect_err("limited");
        assert_eq!((error.kind, error.retry_after_ms), (ChatErrorKind::RateLimited, want), "{headers}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_times_out_in_words() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut model = model(&format!("http://{}", listener.local_addr().expect("bound")));
    model.line.ask_timeout = Duration::from_millis(100);
    model.line.test_timeout = Duration::from_millis(100);
    let error = ask(&model).await.expect_err("no answer");
    assert_eq!(error.kind, ChatErrorKind::Timeout);
    assert!(error.message.ends_with("did not answer within 0.1 s."), "{}", error.message);
    let report = model.test("m").await;
    assert!(!report.ok && report.message.contains("It may still be loading its model"), "{}", report.message);
    assert!(report.message.contains("did not answer within 0.1 s"), "{}", report.message);
    assert!(report.latency_ms.is_some_and(|latency| (100..5_000).contains(&latency)), "{:?}", report.latency_ms);
}

fn list() -> String {
    http("200 OK", "", &json!({"data": [{"id": "m"}]}).to_string())
}

#[tokio::test]
async fn a_key_is_proven_for_nothing_where_there_is_a_list_of_models() {
    let ready = || answer("{\"ready\": \"yes\"}");
    let (endpoint, served) = serve_v1(vec![http("401 Unauthorized", "", "no")]).await;
    let report = model(&endpoint).test("m").await;
    assert_eq!((report.ok, report.fault, report.took), (false, Some(Fault::Key), None), "{}", report.message);
    assert!(served.await.expect("served")[0].starts_with("GET /v1/models HTTP/1.1"));
    for (no_list, words) in [
        (http("404 Not Found", "", ""), "in the form that was asked for."),
        (http("405 Method Not Allowed", "", ""), "in the form that was asked for."),
        (http("500 Oops", "", "<html>"), "in the form that was asked for."),
        (http("200 OK", "", "<html>"), "in the form that was asked for."),
        (String::new(), "in the form that was asked for."),
        (http("403 Forbidden", "", "{}"), "The key may not list models, which does no harm."),
    ] {
        let (endpoint, _served) = serve_v1(vec![no_list, ready()]).await;
        let report = model(&endpoint).test("m").await;
        assert!(report.ok && report.message.ends_with(words), "{}", report.message);
    }
    let (endpoint, served) = serve_v1(vec![ready()]).await;
    assert!(CustomModel::new(client(), endpoint, None, None).test("m").await.ok);
    assert!(served.await.expect("served")[0].starts_with("POST "), "without a key there is nothing to prove");
}

#[tokio::test]
async fn a_test_says_what_works_and_what_does_not() {
    let (endpoint, served) = serve_v1(vec![list(), answer("{\"ready\": \"yes\"}")]).await;
    let report = model(&endpoint).test("m").await;
    assert!(report.ok && report.message.starts_with("Works: m answered in"), "{}", report.message);
    let received = served.await.expect("served").remove(1);
    assert!(received.contains("\"max_tokens\":"), "a small model might go on until its context is full: {received}");
    assert!(received.contains("\"additionalProperties\":false"), "{received}");

    let (endpoint, _served) = serve_v1(vec![list(), answer("Yes, I am ready.")]).await;
    let report = model(&endpoint).test("m").await;
    assert!(!report.ok && report.message.contains("not in the form that was asked for"), "{}", report.message);

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let host = listener.local_addr().expect("bound").to_string();
    drop(listener);
    let report = model(&format!("http://{host}/v1")).test("m").await;
    assert_eq!(report.message, format!("Nothing is listening on {host}. Is the server running?"));
    assert!(report.latency_ms.is_some(), "a failure takes its time as well");
}

#[tokio::test]
async fn a_test_finds_the_missing_v1() {
    let nothing = || http("404 Not Found", "", "");
    let (endpoint, _served) = serve_v1(vec![nothing(), nothing(), list()]).await;
    let without = endpoint.trim_end_matches("/v1");
    let report = model(without).test("m").await;
    assert_eq!(report.suggested_endpoint, Some(endpoint));
}

#[tokio::test]
async fn an_answer_that_repeats_the_key_is_kept_without_it() {
    let (endpoint, _served) = serve_v1(vec![answer("{\"why\": \"sk-planted-4711 said so\"}")]).await;
    let key = Some(Secret::new("sk-planted-4711".to_owned()));
    let model = CustomModel::new(client(), endpoint, key, None);
    let reply = ask(&model).await.expect("an answer");
    assert_eq!(reply.content, "{\"why\": \"<key> said so\"}");
}

#[tokio::test]
async fn recorded_failures_are_sorted_by_what_to_do() {
    let cases = include_str!("../../../../../tests/fixtures/providers/custom.json");
    crate::testing::check_failures(cases, &[], |base| Box::new(self::model(base))).await;
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_accepts_and_says_nothing_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    for scheme in ["socks5h", "http"] {
        let proxy = touchstone_net::Proxy::parse(&format!("{scheme}://{address}")).expect("a proxy");
        let route = touchstone_net::Route { proxy: Some(proxy), authorities: None };
        let model = CustomModel::new(client().by(route), "https://model.invalid/v1".to_owned(), None, None);
        let report = model.test("m").await;
        assert_eq!(report.fault, Some(Fault::Timeout), "{}", report.message);
        assert!(report.message.contains(&format!("he proxy {address}")), "{}", report.message);
        assert!(!report.message.contains("loading its model"), "{}", report.message);
        let error = ask(&model).await.expect_err("no connection");
        assert_eq!(error.kind, ChatErrorKind::Network, "nothing was sent, so nothing is paid: {error}");
        assert!(error.message.contains(&format!("within 10 s through the proxy {address}")), "{error}");
    }
}

#[test]
fn a_stronger_rung_is_asked_for_where_a_probe_found_one() {
    let mut request = request();
    request.structure = Some(StructuredMode::JsonSchema);
    let format = &model("http://127.0.0.1:1/v1").body(&request)["response_format"];
    assert_eq!((&format["type"], &format["json_schema"]["strict"]), (&json!("json_schema"), &json!(true)));
}
