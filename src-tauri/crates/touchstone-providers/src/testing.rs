//! A server on loopback that replies as a test says.

use crate::chat::{ChatError, ChatMessage, ChatModel, ChatReply, ChatRequest, Part};
use crate::line::Options;
use crate::media::Media;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use touchstone_domain::prompt::Role;
use touchstone_domain::secret::Secret;
use touchstone_net::{Client, Network, Purpose};

/// Serves the replies in turn, one connection each, and gives back the base URL and what was received.
pub(crate) async fn server(replies: Vec<String>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("bound"));
    let served = tokio::spawn(async move {
        let mut received = Vec::new();
        for reply in replies {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let mut request = Vec::new();
            let mut part = vec![0; 64 << 10];
            loop {
                let length = stream.read(&mut part).await.expect("a request");
                request.extend_from_slice(&part[..length]);
                if length == 0 || is_complete(&request) {
                    break;
                }
            }
            stream.write_all(reply.as_bytes()).await.expect("a reader");
            received.push(String::from_utf8_lossy(&request).into_owned());
        }
        received
    });
    (base, served)
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

pub(crate) fn http(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The secret that tests plant, in every place that must not show it.
pub(crate) const PLANTED: &str = "sk-planted-4711";

pub(crate) fn planted() -> Secret {
    Secret::new(PLANTED.to_owned())
}

/// Options that send everything to `base`.
pub(crate) fn at(base: &str) -> Options {
    Options { base_url: Some(base.to_owned()), headers: Vec::new() }
}

/// One for all tests: the first call reads the system's certificates, which takes a while.
pub(crate) fn client() -> Client {
    static NETWORK: LazyLock<Network> = LazyLock::new(|| Network::new(Arc::new(())));
    NETWORK.client(Purpose::Model)
}

/// A question about a picture, with a schema of two properties of which one is optional.
pub(crate) fn request(model: &str, params: Value) -> ChatRequest {
    let picture = Media::new("image/png", *b"PNG");
    let mut asked = ChatMessage::new(Role::User, "Review: ");
    asked.content.extend([Part::Image(picture), Part::Text("fine".to_owned())]);
    ChatRequest {
        model: model.to_owned(),
        messages: vec![ChatMessage::new(Role::System, "You label."), asked],
        schema: json!({
            "type": "object",
            "properties": {"label": {"type": "string", "enum": ["a", "b"]}, "stars": {"type": "integer", "maximum": 5}},
            "required": ["label"],
        })
        .into(),
        structure: None,
        params: params.as_object().expect("parameters by name").clone(),
        inputs: Vec::new(),
        shares_beginning: false,
    }
}

pub(crate) async fn ask(model: &dyn ChatModel, request: &ChatRequest) -> Result<ChatReply, ChatError> {
    model.ask(request, &model.body(request)).await
}

pub(crate) fn ok(body: &Value) -> String {
    http("200 OK", "", &body.to_string())
}

/// What a request carried: its first line, its head in lower case, its body.
pub(crate) fn taken_apart(received: &str) -> (&str, String, Value) {
    let (head, body) = received.split_once("\r\n\r\n").expect("a request");
    let line = head.lines().next().expect("a request line");
    (line, head.to_ascii_lowercase(), serde_json::from_str(body).unwrap_or_default())
}

/// Asks once for each recorded failure of `cases`, and holds the error to what stands beside it. `before` is what the
/// server replies to earlier calls of the same question.
pub(crate) async fn check_failures(cases: &str, before: &[String], model_at: impl Fn(&str) -> Box<dyn ChatModel>) {
    let cases: Vec<Value> = serde_json::from_str(cases).expect("recorded failures");
    for case in cases {
        let name = case["name"].as_str().expect("a name");
        let header = |(name, value): (&String, &Value)| format!("{name}: {}\r\n", value.as_str().unwrap_or_default());
        let headers: String = case["headers"].as_object().into_iter().flatten().map(header).collect();
        let body = case["body"].as_str().map_or_else(|| case["body"].to_string(), str::to_owned);
        let mut replies = before.to_vec();
        replies.push(http(&format!("{} Recorded", case["status"]), &headers, &body));
        let (base, _served) = server(replies).await;
        let model = model_at(&base);
        let error = ask(model.as_ref(), &request("m", json!({}))).await.expect_err(name);
        assert_eq!(
            (error.kind.code(), error.fault.code()),
            (text(&case["kind"]), text(&case["fault"])),
            "{name}: {error}"
        );
        if let Some(words) = case["words"].as_str() {
            assert!(error.message.contains(words), "{name}: {}", error.message);
        }
        for (got, wanted) in
            [(&error.vendor.code, "code"), (&error.vendor.request_id, "request_id"), (&error.vendor.param, "param")]
        {
            if let Some(want) = case[wanted].as_str() {
                assert_eq!(got.as_deref(), Some(want), "{name}: {wanted}");
            }
        }
        assert_eq!(error.retry_after_ms.map(u64::from), case["wait_ms"].as_u64(), "{name}");
        if let Some(retry) = case["retry"].as_bool() {
            assert_eq!(error.is_retryable(), retry, "{name}");
        }
        assert_eq!(error.vendor.status.map(u64::from), case["status"].as_u64(), "{name}");
        let shown = format!("{error} {error:?} {:?}", model.endpoint());
        assert!(!shown.contains("planted"), "{name}: {shown}");
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
