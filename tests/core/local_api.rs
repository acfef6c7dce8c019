//! The local API as programs meet it: over HTTP, byte for byte.

use crate::support::{Desk, Gate, Reply as Answer, Server, bugs, new_run};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use touchstone_arize::Served;
use touchstone_engine::domain::PromptId;
use touchstone_engine::domain::prompt::sha256_hex;
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::local_api::ApiSpelling;

const TOKEN: &str = "a-token-of-this-test";

/// Callers that say who they are.
const FIRST: &str = "sdk-package-name: arize\r\nsdk-version: 8.17.0\r\n";
const SECOND: &str = "sdk-package-name: arize\r\nsdk-version: 8.39.0\r\n";
const TOUCHSTONE: &str = "sdk-package-name: touchstone\r\nsdk-version: 0.1.0\r\n";

/// Ids of the right form that nothing has.
const NO_SPACE: &str = "U3BhY2U6OTA1MDoxSmtS";
const NO_PROMPT: &str = "UHJvbXB0Ojk5OmFCY0Q%3D";

/// A workspace that is served.
struct Api {
    desk: Desk,
    served: Served,
}

struct Reply {
    status: u16,
    /// Status line and headers, in lower case.
    head: String,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}{}", self.head, self.body))
    }

    /// Asserts that it is a problem of this status, and gives what the problem says.
    fn refused(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}{}", self.head, self.body);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.head);
        assert_eq!(self.header("content-length"), Some(self.body.len().to_string().as_str()), "{}", self.head);
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(problem["title"].is_string() && problem["type"].is_string(), "{problem}");
        problem["detail"].as_str().expect("what is wrong").to_owned()
    }
}

impl Api {
    async fn new() -> Self {
        let desk = Desk::new();
        let token = Secret::new(TOKEN.to_owned());
        let served = desk.engine.serve(0, token, ApiSpelling::Current).await.expect("a free port");
        Self { desk, served }
    }

    /// Sends these bytes and reads to the end of the connection.
    async fn send(&self, request: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(("127.0.0.1", self.served.port())).await.expect("it listens");
        stream.write_all(request).await.expect("whoever is refused may send to the end");
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).await.expect("and comes to read why");
        let reply = String::from_utf8(reply).expect("text");
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
        Reply { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    async fn call_as(&self, headers: &str, method: &str, target: &str, body: &str) -> Reply {
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n\
             content-length: {}\r\n{headers}\r\n",
            body.len()
        );
        self.send((head + body).as_bytes()).await
    }

    async fn get(&self, target: &str) -> Reply {
        self.call_as("", "GET", target, "").await
    }

    async fn post(&self, target: &str, body: &Value) -> Reply {
        self.call_as("", "POST", target, &body.to_string()).await
    }

    async fn space(&self) -> String {
        self.get("/v2/spaces").await.json()["spaces"][0]["id"].as_str().expect("an id").to_owned()
    }

    /// Makes a prompt of one version and gives it back.
    async fn prompt(&self, name: &str) -> Value {
        let prompt = json!({"space_id": self.space().await, "name": name, "version": version()});
        let made = self.post("/v2/prompts", &prompt).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()
    }
}

fn version() -> Value {
    json!({
        "commit_message": "m",
        "provider": "OPEN_AI",
        "messages": [{"role": "USER", "content": "Hi {name}"}],
    })
}

/// An id as clients write it into a path.
fn in_path(id: &Value) -> String {
    id.as_str().expect("an id").replace('=', "%3D")
}

#[tokio::test]
async fn what_is_no_http_or_too_long_is_refused_with_a_problem() {
    let api = Api::new().await;
    for nonsense in [
        "nonsense\r\n\r\n",
        "GET /v2/prompts HTTP/9.7\r\n\r\n",
        "GET /v2/prompts HTTP/1.1\r\nno header\r\n\r\n",
        "POST /v2/prompts HTTP/1.1\r\ncontent-length: many\r\n\r\n",
        "GET /v2/\u{1}prompts HTTP/1.1\r\n\r\n",
    ] {
        api.send(nonsense.as_bytes()).await.refused(400);
    }
    for bytes in [20_000, 65_000, 66_000, 200_000] {
        let detail = api.get(&format!("/v2/prompts?name={}", "x".repeat(bytes))).await.refused(414);
        assert_eq!(detail, "The path and the query are too long.", "{bytes}");
    }
    for (count, bytes) in [(1, 64_000), (1, 400_000), (1, 3_000_000), (150, 1), (50, 5000)] {
        let headers: String = (0..count).map(|number| format!("x-{number}: {}\r\n", "x".repeat(bytes))).collect();
        api.call_as(&headers, "GET", "/v2/prompts", "").await.refused(431);
    }
    assert_eq!(api.get(&format!("/v2/prompts?name={}", "x".repeat(255))).await.status, 200);
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let api = Api::new().await;
    let prompt = api.prompt("Tone").await;
    let (id, version) = (in_path(&prompt["id"]), in_path(&prompt["version"]["id"]));
    for (target, status) in [
        ("/v2/spaces".to_owned(), 200),
        ("/v2/prompts?limit=1".to_owned(), 200),
        (format!("/v2/prompts/{id}"), 200),
        (format!("/v2/prompts/{id}/versions"), 200),
        (format!("/v2/prompt-versions/{version}"), 200),
        (format!("/v2/prompts/{id}/labels/production"), 404),
        ("/v2/prompts?limit=0".to_owned(), 400),
    ] {
        let (get, head) = (api.get(&target).await, api.call_as("", "HEAD", &target, "").await);
        assert_eq!((get.status, head.status), (status, status), "{target}");
        for name in ["content-type", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{target}");
        }
        assert_eq!(head.body, "", "{target}");
    }
    let labels = format!("/v2/prompt-versions/{version}/labels");
    assert_eq!(api.call_as("", "HEAD", &labels, "").await.status, 405, "it takes PUT only");
    let options = api.call_as("", "OPTIONS", "/v2/prompts", "").await;
    options.refused(405);
    assert_eq!(options.header("allow"), Some("get, head, post"), "and no page of the web is let in");
    assert!(!options.head.contains("access-control"));
}

#[tokio::test]
async fn only_programs_of_this_machine_that_know_the_token_are_answered() {
    let api = Api::new().await;
    let token = format!("authorization: Bearer {TOKEN}\r\n");
    for (headers, status) in [
        (format!("host: localhost\r\n{token}"), 200),
        (format!("host: rebound.example.org\r\n{token}"), 403),
        (format!("host: 127.0.0.1\r\nhost: 127.0.0.1\r\n{token}"), 400),
        (token.clone(), 400),
        ("host: 127.0.0.1\r\n".to_owned(), 401),
        ("host: 127.0.0.1\r\nauthorization: Bearer wrong\r\n".to_owned(), 401),
    ] {
        let request = format!("GET /v2/prompts HTTP/1.1\r\nconnection: close\r\n{headers}\r\n");
        let reply = api.send(request.as_bytes()).await;
        assert_eq!(reply.status, status, "{headers}");
        if status != 200 {
            reply.refused(status);
        }
    }
}

#[tokio::test]
async fn a_list_is_read_page_by_page_whatever_is_written_meanwhile() {
    let api = Api::new().await;
    let first = api.prompt("P0").await;
    for number in 1..5 {
        api.prompt(&format!("P{number}")).await;
    }
    let mut seen = Vec::new();
    let mut target = "/v2/prompts?limit=2&name=p".to_owned();
    let last = loop {
        let page = api.get(&target).await.json();
        seen.extend(page["prompts"].as_array().expect("prompts").iter().map(|prompt| prompt["name"].clone()));
        api.prompt(&format!("Later {}", seen.len())).await;
        let versions = format!("/v2/prompts/{}/versions", in_path(&first["id"]));
        assert_eq!(api.post(&versions, &version()).await.status, 201);
        let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { break page };
        target = format!("/v2/prompts?limit=2&name=p&cursor={cursor}");
    };
    assert_eq!(json!(seen), json!(["P4", "P3", "P2", "P1", "P0"]));
    assert_eq!(last["pagination"], json!({"has_more": false}), "no cursor where nothing follows");

    let page = api.get("/v2/prompts?limit=1&name=p").await.json();
    let cursor = page["pagination"]["next_cursor"].as_str().expect("more");
    let versions = format!("/v2/prompts/{}/versions", in_path(&first["id"]));
    let page = api.get(&format!("{versions}?limit=1")).await.json();
    let version_cursor = page["pagination"]["next_cursor"].as_str().expect("more");
    let other = format!("/v2/prompts/{}/versions", in_path(&api.prompt("Other").await["id"]));
    assert_eq!(api.get(&format!("{versions}?cursor={version_cursor}")).await.status, 200);
    for target in [
        format!("/v2/prompts?name=q&cursor={cursor}"),
        format!("/v2/prompts?cursor={cursor}"),
        format!("/v2/spaces?name=p&cursor={cursor}"),
        format!("{versions}?cursor={cursor}"),
        format!("{other}?cursor={version_cursor}"),
        "/v2/prompts?cursor=".to_owned(),
        "/v2/prompts?limit=0".to_owned(),
        "/v2/prompts?limit=101".to_owned(),
        "/v2/prompts?limit=abc".to_owned(),
        "/v2/prompts?limit=".to_owned(),
        "/v2/prompts?limit=1&limit=1".to_owned(),
        "/v2/prompts?name=a&name=b".to_owned(),
        "/v2/prompts?name=%FF".to_owned(),
        format!("/v2/prompts?name={}", "x".repeat(256)),
        format!("/v2/prompts?space_name={}", "x".repeat(256)),
        "/v2/prompts?space_id=".to_owned(),
        "/v2/spaces?org_id=acme".to_owned(),
        "/v2/spaces?limit=101".to_owned(),
    ] {
        api.get(&target).await.refused(400);
    }
    assert_eq!(api.get("/v2/prompts?limit=100&unknown=1&unknown=2").await.status, 200);
}

#[tokio::test]
async fn a_scope_that_is_not_there_is_an_error_since_the_current_spelling() {
    let api = Api::new().await;
    for (list, target) in
        [("prompts", format!("/v2/prompts?space_id={NO_SPACE}")), ("spaces", format!("/v2/spaces?org_id={NO_SPACE}"))]
    {
        api.get(&target).await.refused(404);
        let reply = api.call_as(SECOND, "GET", &target, "").await.json();
        assert_eq!(reply, json!({list: [], "pagination": {"has_more": false}}));
    }
    assert_eq!(api.get("/v2/prompts?space_name=nothing+like+it").await.json()["prompts"], json!([]));
}

#[tokio::test]
async fn paths_are_split_before_they_are_decoded() {
    let api = Api::new().await;
    let prompt = api.prompt("Tone").await;
    let other = api.prompt("Other").await;
    let (id, version) = (in_path(&prompt["id"]), in_path(&prompt["version"]["id"]));
    let labels = format!("/v2/prompt-versions/{version}/labels");
    assert_eq!(api.call_as("", "PUT", &labels, r#"{"labels": ["a/b c", "é"]}"#).await.status, 200);
    for (target, status) in [
        (format!("/v2/prompts/{id}/labels/a%2Fb%20c"), 200),
        (format!("/v2/prompts/{id}/labels/%C3%A9"), 200),
        (format!("/v2/prompts/{id}/labels/a/b%20c"), 404),
        (format!("/v2/prompts/{id}/labels/%FF"), 400),
        (format!("/v2/prompts/{id}/labels/"), 404),
        (format!("/v2/prompts/{id}?label=a/b+c"), 200),
        (format!("/v2/prompts/{id}?label="), 404),
        (format!("/v2/prompts/{id}?version_id={version}"), 200),
        (format!("/v2/prompts/{id}?version_id={}", in_path(&other["version"]["id"])), 404),
        (format!("/v2/prompts/{id}?version_id=v1"), 400),
        (format!("/v2/prompts/{id}?version_id={version}&label=%C3%A9"), 400),
        (format!("/v2/prompts/{id}/"), 404),
        ("/v2/prompts/".to_owned(), 400),
        ("/v2/prompts/pr_001".to_owned(), 400),
        (format!("/v2/prompts/{NO_PROMPT}"), 404),
        (format!("/v2/prompts/{NO_PROMPT}/versions"), 404),
        (format!("/v2/prompt-versions/{NO_PROMPT}"), 404),
        ("//v2/prompts".to_owned(), 404),
        ("/v2".to_owned(), 404),
        (format!("http://127.0.0.1/v2/prompts/{id}"), 200),
    ] {
        let reply = api.get(&target).await;
        assert_eq!(reply.status, status, "{target}: {}", reply.body);
        if status != 200 {
            reply.refused(status);
        }
    }
}

#[tokio::test]
async fn what_is_created_must_be_right() {
    let api = Api::new().await;
    let space = api.space().await;
    api.prompt("Tone").await;
    let body = |change: Value| {
        let mut body = json!({"space_id": space, "name": "New", "version": version()});
        for (name, value) in change.as_object().expect("changes") {
            body[name] = value.clone();
        }
        body
    };
    for (change, status) in [
        (json!({"name": "Tone"}), 409),
        (json!({"name": ""}), 422),
        (json!({"name": null}), 422),
        (json!({"name": 5}), 400),
        (json!({"space_id": "s_1"}), 400),
        (json!({"space_id": NO_SPACE}), 422),
        (json!({"id": "x"}), 422),
        (json!({"version": {}}), 422),
        (json!({"version": []}), 400),
    ] {
        api.post("/v2/prompts", &body(change)).await.refused(status);
    }
    let prompt = api.post("/v2/prompts", &body(json!({"description": "What for"}))).await.json();
    assert_eq!(prompt["description"], "What for");
    let target = format!("/v2/prompts/{}", in_path(&prompt["id"]));
    for (change, status) in [("{}", 422), (r#"{"name": "x"}"#, 422), (r#"{"description": 1}"#, 400), ("[]", 400)] {
        api.call_as("", "PATCH", &target, change).await.refused(status);
    }
    let described = api.call_as("", "PATCH", &target, r#"{"description": null}"#).await.json();
    assert_eq!((&described["description"], &described["version"]), (&json!(null), &json!(null)), "a prompt alone");
    let versions = format!("{target}/versions");
    api.post(&format!("/v2/prompts/{NO_PROMPT}/versions"), &version()).await.refused(404);
    api.post(&versions, &json!({"commit_message": "m"})).await.refused(422);
    assert_eq!(api.post(&versions, &version()).await.status, 201);
    let gone = api.call_as("", "DELETE", &target, "").await;
    assert_eq!((gone.status, gone.body.as_str()), (204, ""));
    api.get(&target).await.refused(404);
    api.get(&format!("/v2/prompt-versions/{}", in_path(&prompt["version"]["id"]))).await.refused(404);
}

#[tokio::test]
async fn labels_are_set_as_each_spelling_has_it() {
    let api = Api::new().await;
    let prompt = api.prompt("Tone").await;
    let id = in_path(&prompt["id"]);
    let later = api.post(&format!("/v2/prompts/{id}/versions"), &version()).await.json();
    let labels = format!("/v2/prompt-versions/{}/labels", in_path(&prompt["version"]["id"]));
    let put = async |caller: &str, body: &str| api.call_as(caller, "PUT", &labels, body).await;
    let set = put("", r#"{"labels": ["production", "b", "Production", "b"]}"#).await.json();
    assert_eq!((&set["labels"], &set["id"]), (&json!(["Production", "b", "production"]), &prompt["version"]["id"]));
    let moved = format!("/v2/prompt-versions/{}/labels", in_path(&later["id"]));
    assert_eq!(api.call_as("", "PUT", &moved, r#"{"labels": ["b"]}"#).await.json()["labels"], json!(["b"]));
    let first = api.get(&format!("/v2/prompt-versions/{}", in_path(&prompt["version"]["id"]))).await.json();
    assert_eq!(first["labels"], json!(["Production", "production"]), "a label moves");
    for (body, status) in [
        ("{}", 422),
        (r#"{"labels": null}"#, 422),
        (r#"{"labels": "b"}"#, 400),
        (r#"{"labels": [1]}"#, 400),
        (r#"{"labels": [""]}"#, 422),
        (r#"{"labels": [], "more": 1}"#, 422),
    ] {
        put("", body).await.refused(status);
    }
    put(FIRST, r#"{"labels": []}"#).await.refused(422);
    assert_eq!(put(FIRST, r#"{"labels": ["a"]}"#).await.json(), json!({"labels": ["a"]}));
    assert_eq!(put(SECOND, r#"{"labels": []}"#).await.json(), json!({"labels": []}));
    api.call_as("", "DELETE", &format!("{labels}/b"), "").await.refused(404);
    assert_eq!(api.call_as("", "DELETE", &format!("{moved}/b"), "").await.status, 204);
}

#[tokio::test]
async fn another_touchstone_reads_and_sends_versions_exactly() {
    let (one, two) = (Api::new().await, Api::new().await);
    let content = r#"{"messages":[{"role":"USER","content":"Hi {name}","name":"é"}],"input_variable_format":"NONE","provider":"gemini","model":"m","invocation_params":{"thinking_level":"medium","top_p":1.0},"provider_params":{},"extra":{"seed":123456789012345678901234567890}}"#;
    let body = format!(r#"{{"commit_message": "m", "content": {content}}}"#);
    let create = format!(r#"{{"space_id": "{}", "name": "Tone", "version": {body}}}"#, one.space().await);
    one.call_as("", "POST", "/v2/prompts", &create).await.refused(422);
    let made = one.call_as(TOUCHSTONE, "POST", "/v2/prompts", &create).await;
    assert!(made.body.contains(&format!(r#""content":{content}"#)), "{}", made.body);
    assert_eq!(made.json()["version"]["commit_hash"], sha256_hex(content.as_bytes()));
    let versions = format!("/v2/prompts/{}/versions", in_path(&made.json()["id"]));
    let read = one.call_as(TOUCHSTONE, "GET", &versions, "").await;
    assert!(read.body.contains(content), "{}", read.body);
    let plain = one.get(&versions).await.json();
    assert_eq!(plain["prompt_versions"][0]["provider"], "CUSTOM");
    assert_eq!(plain["prompt_versions"][0]["content"], json!(null), "others read what is documented");

    let copy = format!("/v2/prompts/{}/versions", in_path(&two.prompt("Copy").await["id"]));
    let copied = two.call_as(TOUCHSTONE, "POST", &copy, &body).await;
    assert_eq!((copied.status, &copied.json()["commit_hash"]), (201, &made.json()["version"]["commit_hash"]));
    two.call_as("", "POST", &copy, &body).await.refused(422);
}

#[tokio::test]
async fn a_prompt_that_runs_is_deleted_later() {
    let api = Api::new().await;
    let gate = Gate::closed();
    let model = Server::start({
        let gate = Arc::clone(&gate);
        move |_| Answer::After(Arc::clone(&gate), Box::new(Answer::class("Bug")))
    });
    let prompt: PromptId = api.desk.prompt_on(&model, &bugs(1)).await;
    assert_eq!(api.get("/v2/prompts").await.json()["prompts"], json!([]), "what has no version yet is not listed");
    let run = api.desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    let target = format!("/v2/prompts/{}", prompt.as_str().replace('=', "%3D"));
    assert_eq!(api.get("/v2/prompts").await.json()["prompts"][0]["id"], prompt.as_str());
    let detail = api.call_as("", "DELETE", &target, "").await.refused(409);
    assert!(detail.contains("run 1"), "{detail}");
    gate.open();
    api.desk.engine.wait_for_run(run.run_id).await.expect("the run ends");
    assert_eq!(api.call_as("", "DELETE", &target, "").await.status, 204);
}
