use super::*;
use crate::testing::{PLANTED, ask, at, check_failures, client, http, ok, planted, request, server, taken_apart};

fn model(base: &str) -> AnthropicModel {
    AnthropicModel::new(client(), planted(), &at(base))
}

fn answer(stop: &str) -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-5-5",
        "content": [
            {"type": "thinking", "thinking": "hm"},
            {"type": "text", "text": "{\"label\":"},
            {"type": "text", "text": "\"a\"}"},
        ],
        "stop_reason": stop,
        "usage": {
            "input_tokens": 100, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 3000,
            "output_tokens": 50, "output_tokens_details": {"thinking_tokens": 30},
        },
    })
}

#[tokio::test]
async fn the_request_is_the_documented_one_and_cached_input_is_input() {
    let (base, served) = server(vec![http("200 OK", "request-id: req_1\r\n", &answer("end_turn").to_string())]).await;
    let params = json!({"stop": "END", "reasoning_effort": "none", "max_completion_tokens": 900});
    let reply = ask(&model(&base), &request("claude-haiku-5-5", params)).await.expect("an answer");
    assert_eq!(reply.content, "{\"label\":\"a\"}");
    let want = Usage {
        prompt_tokens: Some(3120),
        completion_tokens: Some(50),
        cached_tokens: Some(3000),
        cache_write_tokens: Some(20),
        reasoning_tokens: Some(30),
    };
    assert_eq!((reply.usage, reply.request_id.as_deref()), (want, Some("req_1")));
    let received = served.await.expect("served").remove(0);
    let (line, head, sent) = taken_apart(&received);
    assert_eq!(line, "POST /v1/messages HTTP/1.1");
    for header in [&format!("x-api-key: {PLANTED}"), "anthropic-version: 2026-10-21", "content-type: application/json"]
    {
        assert!(head.contains(header), "{header} in {head}");
    }
    let want = json!({
        "model": "claude-haiku-5-5",
        "max_tokens": 900,
        "system": [{"type": "text", "text": "You label."}],
        "messages": [{"role": "user", "content": [
            {"type": "text", "text": "Review: "},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "UE5H"}},
            {"type": "text", "text": "fine"},
        ]}],
        "stop_sequences": ["END"],
        "thinking": {"type": "disabled"},
        "output_config": {"format": {"type": "json_schema", "schema": {
            "type": "object",
            "properties": {
                "label": {"type": "string", "enum": ["a", "b"]},
                "stars": {"type": "integer", "description": "maximum: 5"},
            },
            "required": ["label"],
            "additionalProperties": false,
        }}},
    });
    assert_eq!(sent, want);
}

#[tokio::test]
async fn the_older_version_is_spoken_where_sampling_is_still_told() {
    let (base, served) = server(vec![ok(&answer("end_turn"))]).await;
    let model = model(&base);
    let old = request("claude-haiku-4-5", json!({"temperature": 0}));
    ask(&model, &old).await.expect("an answer");
    assert!(served.await.expect("served")[0].contains("anthropic-version: 2023-06-01"));
    assert_eq!(model.left_out(&old), []);
    let new = request(
        "claude-opus-5-5",
        json!({"temperature": 0, "reasoning_effort": "none", "seed": 1, "thinking_budget": 9}),
    );
    let told: Vec<_> = model.left_out(&new).into_iter().map(|left| left.name).collect();
    assert_eq!(told, ["temperature", "reasoning_effort", "seed", "thinking_budget"]);
    let sent = model.body(&new);
    assert_eq!(version(&sent).1, "2026-10-21");
    assert_eq!(sent["max_tokens"], OUTPUT_TOKENS_DEFAULT, "the API demands one");
    let deep = model.body(&request("claude-opus-5-5", json!({"reasoning_effort": "high"})));
    assert_eq!(deep["output_config"]["effort"], "high");
}

#[tokio::test]
async fn a_refusal_is_a_reply_that_was_paid_for() {
    let mut refused = answer("refusal");
    refused["stop_details"] = json!({"type": "refusal", "category": "bio", "explanation": "Not this."});
    for (body, kind, code) in [
        (refused, ChatErrorKind::Refused, "bio"),
        (answer("max_tokens"), ChatErrorKind::Truncated, "max_tokens"),
        (answer("model_context_window_exceeded"), ChatErrorKind::Truncated, "model_context_window_exceeded"),
    ] {
        let (base, _served) = server(vec![ok(&body)]).await;
        let error = ask(&model(&base), &request("m", json!({}))).await.expect_err(code);
        assert_eq!((error.kind, error.vendor.code.as_deref()), (kind, Some(code)));
        assert_eq!((error.usage.prompt_tokens, error.said.as_deref()), (Some(3120), Some("{\"label\":\"a\"}")));
    }
}

#[tokio::test]
async fn a_refusal_without_a_reason_is_told_without_one() {
    let (base, _served) = server(vec![ok(&answer("refusal"))]).await;
    let error = ask(&model(&base), &request("m", json!({}))).await.expect_err("refused");
    assert_eq!((error.message.as_str(), error.vendor.code.as_deref()), ("m refused.", Some("refusal")));
}

#[test]
fn a_long_beginning_that_is_shared_is_kept_by_the_vendor_and_no_part_of_the_key() {
    let model = model("http://127.0.0.1:1");
    let asked = |system: &str, shares_beginning| {
        let mut request = request("claude-haiku-5-5", json!({}));
        request.messages[0] = ChatMessage::new(Role::System, system);
        let before = model.body(&request);
        request.shares_beginning = shares_beginning;
        let body = model.body(&request);
        assert_eq!(before, body, "an answer from before is owned");
        serde_json::from_str::<Value>(&super::written(&body, &request)).expect("JSON")
    };
    let long = "You label. ".repeat(200);
    let mark = json!([{"type": "text", "text": long, "cache_control": {"type": "ephemeral"}}]);
    assert_eq!(asked(&long, true)["system"], mark);
    assert_eq!(asked(&long, false)["system"][0].get("cache_control"), None);
    assert_eq!(asked("You label.", true)["system"][0].get("cache_control"), None);
    assert_eq!(asked("", true).get("system"), None);
}

#[test]
fn a_pdf_is_a_document_block() {
    let mut request = request("claude-haiku-5-5", json!({}));
    let pdf = crate::Media::new("application/pdf", *b"PDF");
    request.messages[1].content = vec![Part::Pdf(pdf)];
    let want = r#"{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"UERG"}}"#;
    let sent = crate::media::written(&model("http://127.0.0.1:1").body(&request), &request);
    assert!(sent.contains(want), "{sent}");
}

#[tokio::test]
async fn recorded_failures_are_sorted_by_what_to_do() {
    let cases = include_str!("../../../../../tests/fixtures/providers/anthropic.json");
    check_failures(cases, &[], |base| Box::new(model(base))).await;
}

#[tokio::test]
async fn all_pages_of_models_are_read() {
    let first = json!({"data": [{"id": "a", "max_input_tokens": 1_000_000, "lifecycle": "active", "capabilities": {"image_input": {"supported": true}}}], "has_more": true, "last_id": "a"});
    let second = json!({"data": [{"id": "b", "retires_at": "2026-11-30T00:00:00Z", "lifecycle": "deprecated"}, {"id": "c", "lifecycle": "retired"}], "has_more": false, "last_id": "c"});
    let (base, served) = server(vec![ok(&first), ok(&second)]).await;
    let models = model(&base).models().await.expect("a list").expect("a list");
    assert_eq!(models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["a", "b"], "retired ones are gone");
    assert_eq!((models[0].context_tokens, models[0].has_vision), (Some(1_000_000), Some(true)));
    let received = served.await.expect("served");
    assert!(received[1].starts_with("GET /v1/models?limit=1000&after_id=a HTTP"), "{}", received[1]);
}

#[tokio::test]
async fn a_test_says_that_a_model_is_missing() {
    let missing = http(
        "404 Not Found",
        "",
        "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\"message\":\"model: x\"}}",
    );
    let (base, served) = server(vec![ok(&json!({"data": []})), missing]).await;
    let report = model(&format!("{base}/v1/")).test("x").await;
    assert_eq!((report.ok, report.fault), (false, Some(Fault::Model)), "{}", report.message);
    let received = served.await.expect("served");
    assert!(
        received[0].starts_with("GET /v1/models?limit=1 HTTP") && received[1].starts_with("POST /v1/messages HTTP")
    );
}

#[tokio::test]
async fn a_gateway_that_knows_no_schema_is_asked_by_a_tool() {
    let refused = || {
        let error =
            json!({"type": "invalid_request_error", "message": "output_config: Extra inputs are not permitted"});
        http("400 Bad Request", "", &json!({"type": "error", "error": error}).to_string())
    };
    let used = || {
        let blocks = json!([
            {"type": "text", "text": "I label it."},
            {"type": "tool_use", "id": "t", "name": "labels", "input": {"label": "a"}},
        ]);
        ok(&json!({"content": blocks, "stop_reason": "tool_use", "usage": {}}))
    };
    let (base, served) = server(vec![refused(), used(), used()]).await;
    let gateway = model(&base);
    assert!(gateway.must_be_probed());
    assert_eq!(crate::probe(&gateway, "m").await, Ok(StructuredMode::JsonObjectWithSchema));
    let received = served.await.expect("served");
    let (_, _, sent) = taken_apart(&received[1]);
    assert_eq!(sent["tool_choice"], json!({"type": "tool", "name": "labels"}));
    assert_eq!(sent["tools"][0]["input_schema"]["required"], json!(["label"]));
    assert_eq!(sent.get("output_config"), None);

    let no_tools = || {
        let error = json!({"type": "invalid_request_error", "message": "tool_choice: this model takes no tools"});
        http("400 Bad Request", "", &json!({"type": "error", "error": error}).to_string())
    };
    let (base, _served) = server(vec![refused(), no_tools()]).await;
    assert_eq!(crate::probe(&model(&base), "m").await, Ok(StructuredMode::Instruction));

    let thinks = ChatRequest {
        structure: Some(StructuredMode::JsonObjectWithSchema),
        ..request("m", json!({"thinking_budget": 1024}))
    };
    assert_eq!(gateway.body(&thinks)["tool_choice"], json!({"type": "auto"}));

    let own = AnthropicModel::new(client(), planted(), &Options::default());
    assert!(!own.must_be_probed() && own.structures("m") == STRUCTURES, "the vendor's own models know the field");
}

#[tokio::test]
async fn tokens_are_counted_without_what_only_an_answer_needs() {
    let (base, served) = server(vec![ok(&json!({"input_tokens": 31})), http("404 No", "", "{}")]).await;
    let model = AnthropicModel::new(client(), planted(), &at(&base));
    let body = model.body(&request("claude-haiku-4-5", json!({"temperature": 0, "stop": ["x"]})));
    assert_eq!(model.count_tokens(&body).await, Ok(Some(31)));
    assert!(model.counts_tokens() && model.count_tokens(&body).await.is_err());
    let served = served.await.expect("served");
    let (line, head, sent) = taken_apart(&served[0]);
    assert_eq!(line, "POST /v1/messages/count_tokens HTTP/1.1");
    assert!(head.contains(&format!("x-api-key: {PLANTED}")) && head.contains("anthropic-version: "), "{head}");
    let names: Vec<_> = sent.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(names, ["model", "system", "messages", "output_config"]);
}
