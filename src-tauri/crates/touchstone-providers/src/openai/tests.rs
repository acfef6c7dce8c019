use super::*;
use crate::chat::{Fault, Usage};
use crate::testing::{PLANTED, ask, at, check_failures, client, http, ok, planted, request, server, taken_apart};
use serde_json::json;
use touchstone_net::parse_address;

fn model(base: &str) -> OpenAiModel {
    OpenAiModel::new(client(), planted(), &at(base))
}

fn answer(message: Value, finish: &str) -> Value {
    json!({
        "id": "chatcmpl-1",
        "model": "gpt-6-luna-2026-10-01",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": 1500, "completion_tokens": 40, "total_tokens": 1540,
            "prompt_tokens_details": {"cached_tokens": 1024, "cache_write_tokens": 128},
            "completion_tokens_details": {"reasoning_tokens": 30},
        },
    })
}

#[tokio::test]
async fn the_request_is_the_documented_one_and_the_answer_keeps_what_it_cost() {
    let body = answer(json!({"role": "assistant", "content": "{\"label\":\"a\"}", "refusal": null}), "stop");
    let (base, served) = server(vec![http("200 OK", "x-request-id: req_9\r\n", &body.to_string())]).await;
    let request = request("gpt-6-luna", json!({"max_tokens": 500, "reasoning_effort": "low"}));
    let reply = ask(&model(&base), &request).await.expect("an answer");
    assert_eq!(reply.content, "{\"label\":\"a\"}");
    let want = Usage {
        prompt_tokens: Some(1500),
        completion_tokens: Some(40),
        cached_tokens: Some(1024),
        cache_write_tokens: Some(128),
        reasoning_tokens: Some(30),
    };
    assert_eq!(reply.usage, want);
    assert_eq!((reply.model.as_deref(), reply.request_id.as_deref()), (Some("gpt-6-luna-2026-10-01"), Some("req_9")));
    let received = served.await.expect("served").remove(0);
    let (line, head, sent) = taken_apart(&received);
    assert_eq!(line, "POST /v1/chat/completions HTTP/1.1");
    assert!(head.contains(&format!("authorization: bearer {PLANTED}")), "{head}");
    let want = json!({
        "model": "gpt-6-luna",
        "messages": [
            {"role": "system", "content": "You label."},
            {"role": "user", "content": [
                {"type": "text", "text": "Review: "},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,UE5H"}},
                {"type": "text", "text": "fine"},
            ]},
        ],
        "response_format": {"type": "json_schema", "json_schema": {"name": "labels", "strict": true, "schema": {
            "type": "object",
            "properties": {
                "label": {"type": "string", "enum": ["a", "b"]},
                "stars": {"type": ["integer", "null"], "maximum": 5},
            },
            "required": ["label", "stars"],
            "additionalProperties": false,
        }}},
        "max_completion_tokens": 500,
        "reasoning_effort": "low",
    });
    assert_eq!(sent, want);
}

#[test]
fn what_a_model_refuses_is_left_out_and_told() {
    let model = model("http://127.0.0.1:1");
    let params = json!({"temperature": 0, "top_k": 3, "seed": 7, "reasoning_effort": "none", "response_format": {"type": "text"}});
    let told = |id: &str| {
        let left_out = model.left_out(&request(id, params.clone()));
        left_out.into_iter().map(|left| format!("{}: {}", left.name, left.reason)).collect::<Vec<_>>()
    };
    let form = "response_format: the form of answers is that of the labeling config";
    assert_eq!(
        told("gpt-6.1-sol"),
        [
            "temperature: gpt-6.1-sol does not take it",
            "top_k: this provider has no such parameter",
            "reasoning_effort: gpt-6.1-sol takes the levels low, medium, high, xhigh, max",
            form,
        ]
    );
    let sent = model.body(&request("gpt-6.1-sol", params.clone()));
    assert_eq!((sent.get("temperature"), sent.get("reasoning_effort"), &sent["seed"]), (None, None, &json!(7)));
    assert_eq!(sent["response_format"]["type"], "json_schema", "the form is that of the config");
    assert_eq!(
        told("gpt-4.1"),
        ["top_k: this provider has no such parameter", "reasoning_effort: gpt-4.1 takes no level of effort", form]
    );
    assert_eq!(model.body(&request("gpt-4.1", params.clone()))["temperature"], 0);
    let unknown = told("gpt-9");
    assert_eq!(unknown, ["top_k: this provider has no such parameter", form], "of an unknown model nothing is assumed");
}

#[test]
fn a_weaker_rung_says_the_schema_in_words() {
    let model = model("http://127.0.0.1:1");
    let mut request = request("gpt-6-luna", json!({}));
    request.structure = Some(StructuredMode::JsonObject);
    let sent = model.body(&request);
    assert_eq!(sent["response_format"], json!({"type": "json_object"}));
    let system = sent["messages"][0]["content"].as_str().expect("still a text");
    assert!(
        system.starts_with("You label.\n\nAnswer with one JSON object") && system.contains("\"maximum\":5"),
        "{system}"
    );
    request.structure = Some(StructuredMode::Instruction);
    request.messages.remove(0);
    let sent = model.body(&request);
    assert_eq!(sent.get("response_format"), None);
    assert!(sent["messages"][0]["content"][3]["text"].as_str().is_some_and(|text| text.contains("JSON Schema")));
}

#[test]
fn a_pdf_is_a_file_part() {
    let mut request = request("gpt-6-luna", json!({}));
    let pdf = crate::Media::new("application/pdf", *b"PDF");
    request.messages[1].content = vec![crate::Part::Pdf(pdf)];
    let want = r#"[{"type":"file","file":{"filename":"document.pdf","file_data":"data:application/pdf;base64,UERG"}}]"#;
    let sent = crate::media::written(&model("http://127.0.0.1:1").body(&request), &request);
    assert!(sent.contains(want), "{sent}");
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart_and_was_paid_for() {
    for (message, finish, kind) in [
        (json!({"content": "{\"la", "refusal": null}), "length", ChatErrorKind::Truncated),
        (json!({"content": null, "refusal": "I can't."}), "stop", ChatErrorKind::Refused),
        (json!({"content": "", "refusal": null}), "content_filter", ChatErrorKind::Filtered),
    ] {
        let (base, _served) = server(vec![ok(&answer(message, finish))]).await;
        let error = ask(&model(&base), &request("gpt-6-luna", json!({}))).await.expect_err(finish);
        assert_eq!(error.kind, kind);
        assert_eq!(error.usage.completion_tokens, Some(40), "{kind:?}");
        let said = error.said.as_deref();
        assert_eq!(said.is_some(), kind != ChatErrorKind::Filtered, "{said:?}");
    }
}

#[tokio::test]
async fn recorded_failures_are_sorted_by_what_to_do() {
    let cases = include_str!("../../../../../tests/fixtures/providers/openai.json");
    check_failures(cases, &[], |base| Box::new(model(base))).await;
}

#[tokio::test]
async fn a_test_asks_for_models_first_and_stops_at_a_wrong_key() {
    let wrong = http("401 Unauthorized", "", "{\"error\": {\"message\": \"no\", \"code\": \"invalid_api_key\"}}");
    let (base, served) = server(vec![wrong]).await;
    let report = model(&base).test("gpt-6-luna").await;
    assert_eq!((report.ok, report.fault), (false, Some(crate::Fault::Key)), "{}", report.message);
    assert!(served.await.expect("served")[0].starts_with("GET /v1/models HTTP"), "nothing else is asked");

    let scoped = http("403 Forbidden", "", "{\"error\": {\"message\": \"Missing scopes: api.model.read\"}}");
    let works = ok(&answer(json!({"content": "{\"ready\":\"yes\"}"}), "stop"));
    let (base, _served) = server(vec![scoped, works]).await;
    let report = model(&base).test("gpt-6-luna").await;
    assert!(
        report.ok && report.message.ends_with("The key may not list models, which does no harm."),
        "{}",
        report.message
    );
    assert!(report.latency_ms.is_some());
}

#[tokio::test]
async fn a_step_of_a_test_that_takes_too_long_fails_with_its_time() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let mut model = model(&format!("http://{}", listener.local_addr().expect("bound")));
    assert_eq!(model.line.test_timeout.as_secs(), 10, "what the window says");
    model.line.test_timeout = std::time::Duration::from_millis(100);
    let report = model.test("gpt-6-luna").await;
    assert_eq!(report.fault, Some(Fault::Timeout), "{}", report.message);
    assert!(report.message.contains("did not answer within 0.1 s"), "{}", report.message);
    assert!(report.latency_ms.is_some_and(|latency| (100..5_000).contains(&latency)), "{:?}", report.latency_ms);
}

#[tokio::test]
async fn a_test_finds_the_missing_v1_of_a_gateway() {
    let lost = || http("404 Not Found", "", "{\"detail\":\"Not Found\"}");
    let (base, served) = server(vec![lost(), lost(), ok(&json!({"data": [{"id": "gpt-6-luna"}]}))]).await;
    let report = model(&format!("{base}/team")).test("gpt-6-luna").await;
    assert_eq!(report.suggested_endpoint, Some(format!("{base}/team/v1")), "{}", report.message);
    assert!(served.await.expect("served")[2].starts_with("GET /team/v1/models HTTP"));
}

#[test]
fn only_a_gateway_is_asked_in_every_form() {
    let vendor = OpenAiModel::new(client(), planted(), &Options::default());
    let with_schema = StructuredMode::JsonObjectWithSchema;
    assert!(!vendor.structures("m").contains(&with_schema));
    assert!(model("https://gateway.example").structures("m").contains(&with_schema));
}

#[tokio::test]
async fn models_are_listed_with_the_day_on_which_they_end() {
    let list = json!({"data": [{"id": "gpt-6-luna"}, {"id": "gpt-4o", "shutdown_date": "2027-01-14"}]});
    let (base, _served) = server(vec![ok(&list)]).await;
    let models = model(&base).models().await.expect("a list").expect("a list");
    assert_eq!(models[1].id, "gpt-4o");
    assert_eq!(models[1].retires.as_deref(), Some("2027-01-14"));
}

#[test]
fn a_base_url_replaces_all_before_the_vendors_paths() {
    let endpoint = |base: &str| model(base).endpoint().to_owned();
    assert_eq!(endpoint("https://gateway.example/openai/v1/"), "https://gateway.example/openai/v1");
    assert_eq!(endpoint("https://gateway.example"), "https://gateway.example/v1");
    assert_eq!(OpenAiModel::new(client(), planted(), &Options::default()).endpoint(), "https://api.openai.com/v1");
}

#[test]
fn debug_output_shows_no_key() {
    let mut options = at("http://127.0.0.1:1");
    options.headers.push(("X-Gateway-Key".to_owned(), planted()));
    let shown = format!("{:?} {options:?}", OpenAiModel::new(client(), planted(), &options));
    assert!(!shown.contains(PLANTED), "{shown}");
}

#[tokio::test]
async fn headers_of_the_user_go_along() {
    let (base, served) = server(vec![ok(&answer(json!({"content": "{}"}), "stop"))]).await;
    let mut options = at(&base);
    options.headers.push(("OpenAI-Project".to_owned(), crate::testing::planted()));
    ask(&OpenAiModel::new(client(), planted(), &options), &request("m", json!({}))).await.expect("an answer");
    let received = served.await.expect("served").remove(0);
    assert!(taken_apart(&received).1.contains("openai-project: sk-planted"), "{received}");
    assert!(parse_address(&base).is_some());
}
