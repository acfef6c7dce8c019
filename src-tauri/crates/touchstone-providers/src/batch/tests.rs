use super::*;
use crate::chat::{ChatErrorKind, ChatModel};
use crate::gemini::GeminiModel;
use crate::openai::OpenAiModel;
use crate::testing::{at, client, http, ok, planted, server, taken_apart};
use crate::{Access, AnthropicModel, connect};
use serde_json::json;

const MODEL: &str = "m";

fn keys() -> Vec<String> {
    ["a", "b", "c", "d"].map(str::to_owned).to_vec()
}

fn batch(api: &dyn BatchApi) -> NewBatch {
    let bodies = [json!({"model": MODEL, "messages": ["1"]}), json!({"model": MODEL, "messages": ["2"]})];
    let lines = bodies.iter().zip(keys()).map(|(body, key)| api.line(&key, body)).collect();
    NewBatch { name: "touchstone r 1".to_owned(), body: bodies[0].clone(), lines }
}

fn openai(base: &str) -> OpenAiModel {
    OpenAiModel::new(client(), planted(), &at(base))
}

/// What became of each request: the text that came, or the code of a failure.
fn told(mut results: Vec<BatchResult>) -> Vec<(String, String)> {
    results.sort_by(|left, right| left.key.cmp(&right.key));
    let said = |result: BatchResult| match result.outcome {
        Ok(reply) => (result.key, format!("{} {:?}", reply.content, reply.usage.prompt_tokens)),
        Err(error) => (result.key, error.kind.code().to_owned()),
    };
    results.into_iter().map(said).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, said)| ((*key).to_owned(), (*said).to_owned())).collect()
}

#[tokio::test]
async fn openais_batch_is_a_file_of_the_online_bodies() {
    let replies = vec![ok(&json!({"id": "file-1"})), ok(&json!({"id": "batch_1", "status": "validating"}))];
    let (base, served) = server(replies).await;
    let model = openai(&base);
    assert_eq!(model.submit(&batch(&model)).await.expect("submitted"), "batch_1");
    let received = served.await.expect("served");
    let (head, form) = received[0].split_once("\r\n\r\n").expect("a form");
    assert!(head.starts_with("POST /v1/files HTTP"), "{head}");
    assert!(head.to_lowercase().contains("content-type: multipart/form-data; boundary="), "{head}");
    assert!(form.contains("name=\"purpose\"\r\n\r\nbatch\r\n"), "{form}");
    let line =
        r#"{"custom_id":"b","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":["2"]}}"#;
    assert!(form.contains(&format!("\n{line}\r\n--")), "{form}");
    let (order, head, body) = taken_apart(&received[1]);
    assert_eq!(order, "POST /v1/batches HTTP/1.1");
    assert!(head.contains("authorization: bearer "), "{head}");
    assert_eq!((&body["input_file_id"], &body["completion_window"]), (&json!("file-1"), &json!("24h")));
    assert_eq!(body["metadata"], json!({"touchstone": "touchstone r 1"}));
}

#[tokio::test]
async fn openais_results_come_from_both_files_and_what_expired_is_left_out() {
    let answer = json!({
        "model": "m-1",
        "choices": [{"message": {"content": "fine"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 1},
    });
    let output = json!({"custom_id": "b", "response": {"status_code": 200, "request_id": "req_1", "body": answer}, "error": null});
    let long =
        json!({"error": {"message": "This model's maximum context length is 10", "code": "context_length_exceeded"}});
    let errors = [
        json!({"custom_id": "c", "response": null, "error": {"code": "batch_expired", "message": "too late"}}),
        json!({"custom_id": "a", "response": {"status_code": 400, "body": long}, "error": null}),
        json!({"custom_id": "d", "response": null, "error": {"code": "request_timeout", "message": "timed out"}}),
    ];
    let errors = errors.iter().map(|line| format!("{line}\n")).collect::<String>();
    let done = json!({"id": "batch_1", "status": "expired", "output_file_id": "out", "error_file_id": "err"});
    let replies = vec![ok(&done), ok(&done), http("200 OK", "", &format!("{output}\n")), http("200 OK", "", &errors)];
    let (base, served) = server(replies).await;
    let model = openai(&base);
    assert_eq!(model.status("batch_1").await.expect("a status"), BatchStatus::Ended);
    let results = model.results("batch_1", &keys(), MODEL).await.expect("results");
    assert_eq!(results[0].outcome.as_ref().expect("answered").request_id.as_deref(), Some("req_1"));
    let want = [("a", "context_too_long"), ("b", "fine Some(7)"), ("d", "server_error")];
    assert_eq!(told(results), pairs(&want));
    let received = served.await.expect("served");
    assert!(received[3].starts_with("GET /v1/files/err/content HTTP"), "{}", received[3]);
}

#[tokio::test]
async fn a_batch_that_was_refused_as_a_whole_says_why_and_one_at_work_how_far_it_is() {
    let failed =
        json!({"status": "failed", "errors": {"data": [{"code": "token_limit_exceeded", "message": "Enqueued"}]}});
    let works = json!({"status": "in_progress", "request_counts": {"total": 9, "completed": 4, "failed": 1}});
    let (base, _served) = server(vec![ok(&failed), ok(&works)]).await;
    let model = openai(&base);
    assert_eq!(model.status("b").await.expect("a status"), BatchStatus::Failed("Enqueued".to_owned()));
    assert_eq!(model.status("b").await.expect("a status"), BatchStatus::Working { done: 5 });
}

#[tokio::test]
async fn a_batch_whose_id_was_lost_is_found_by_its_name() {
    let other = json!({"id": "batch_9", "metadata": null});
    let ours = json!({"id": "batch_1", "metadata": {"touchstone": "touchstone r 1"}});
    let pages = [
        json!({"data": [other], "has_more": true}),
        json!({"data": [ours], "has_more": false}),
        json!({"data": [other], "has_more": false}),
    ];
    let (base, served) = server(pages.iter().map(ok).collect()).await;
    let model = openai(&base);
    let keys = keys();
    let mark = BatchMark { name: "touchstone r 1", since: "2026-11-28T10:00:00.000Z", keys: &keys };
    assert_eq!(model.find(mark).await.expect("a list"), Found::Id("batch_1".to_owned()));
    assert_eq!(model.find(mark).await.expect("a list"), Found::Nothing);
    let received = served.await.expect("served");
    assert!(received[1].starts_with("GET /v1/batches?limit=100&after=batch_9 HTTP"), "{}", received[1]);
}

#[tokio::test]
async fn azure_asks_a_deployment_of_its_own_for_batches() {
    let access = |batch_deployment: Option<&str>| Access::AzureOpenAi {
        endpoint: "https://res.openai.azure.com".to_owned(),
        deployment: "online".to_owned(),
        key: planted(),
        base_model: None,
        batch_deployment: batch_deployment.map(str::to_owned),
        is_dated: false,
    };
    let (base, served) = server(vec![ok(&json!({"status": "in_progress"}))]).await;
    let without = connect(client(), access(None), &at(&base)).expect("a model");
    assert!(without.batches().is_none(), "the deployment that answers online answers no batches");
    let model = connect(client(), access(Some(" nightly ")), &at(&base)).expect("a model");
    let api = model.batches().expect("batches");
    let line: Value = serde_json::from_str(&api.line("a", &json!({"model": "online"}))).expect("a line");
    assert_eq!(line["body"]["model"], "nightly");
    api.status("batch_1").await.expect("a status");
    let received = served.await.expect("served").remove(0);
    let (line, head, _) = taken_apart(&received);
    assert_eq!(line, "GET /openai/v1/batches/batch_1 HTTP/1.1");
    assert!(head.contains("api-key: "), "{head}");
}

#[tokio::test]
async fn anthropics_batch_holds_the_online_bodies_and_its_version() {
    let (base, served) = server(vec![ok(&json!({"id": "msgbatch_1", "processing_status": "in_progress"}))]).await;
    let model = AnthropicModel::new(client(), planted(), &at(&base));
    let mut sampled = batch(&model);
    sampled.body["temperature"] = json!(0);
    assert_eq!(model.submit(&sampled).await.expect("submitted"), "msgbatch_1");
    let received = served.await.expect("served").remove(0);
    let (line, head, body) = taken_apart(&received);
    assert_eq!(line, "POST /v1/messages/batches HTTP/1.1");
    assert!(head.contains("anthropic-version: 2023-06-01"), "{head}");
    assert_eq!(body["requests"][1], json!({"custom_id": "b", "params": {"model": "m", "messages": ["2"]}}));
}

fn anthropics_line(key: &str, result: Value) -> String {
    format!("{}\n", json!({"custom_id": key, "result": result}))
}

#[tokio::test]
async fn anthropics_results_are_sorted_as_those_of_single_requests_are() {
    let message = json!({
        "model": "m-1",
        "content": [{"type": "text", "text": "fine"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 7, "output_tokens": 1},
    });
    let error = json!({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}});
    let lines = [
        anthropics_line("d", json!({"type": "expired"})),
        anthropics_line("b", json!({"type": "succeeded", "message": message})),
        anthropics_line("a", json!({"type": "errored", "error": error})),
        anthropics_line("c", json!({"type": "errored", "error": {"type": "invalid_request_error", "message": "no"}})),
    ];
    let replies = vec![
        ok(&json!({"processing_status": "in_progress", "request_counts": {"processing": 3, "succeeded": 1}})),
        ok(&json!({"processing_status": "ended", "results_url": "https://elsewhere.example/results"})),
        http("200 OK", "", &lines.concat()),
    ];
    let (base, served) = server(replies).await;
    let model = AnthropicModel::new(client(), planted(), &at(&base));
    assert_eq!(model.status("msgbatch_1").await.expect("a status"), BatchStatus::Working { done: 1 });
    assert_eq!(model.status("msgbatch_1").await.expect("a status"), BatchStatus::Ended);
    let results = model.results("msgbatch_1", &keys(), MODEL).await.expect("results");
    assert_eq!(told(results), pairs(&[("a", "overloaded"), ("b", "fine Some(7)"), ("c", "bad_request")]));
    let received = served.await.expect("served");
    assert!(received[2].starts_with("GET /v1/messages/batches/msgbatch_1/results HTTP"), "{}", received[2]);
}

#[tokio::test]
async fn a_batch_without_a_name_is_told_by_the_keys_of_its_results_once_it_has_ended() {
    let batch = |id: &str, status: &str, requests: u32, at: &str| {
        let counts = json!({"processing": 0, "succeeded": requests, "errored": 0, "canceled": 0, "expired": 0});
        json!({"id": id, "processing_status": status, "request_counts": counts, "created_at": at})
    };
    let late = "2026-11-28T10:00:09.123456Z";
    let list = |batches: Vec<Value>| ok(&json!({"data": batches, "has_more": false}));
    let result = |key: &str| http("200 OK", "", &anthropics_line(key, json!({"type": "expired"})));
    let early = batch("early", "ended", 4, "2026-11-28T09:59:59Z");
    let replies = vec![
        list(vec![batch("x", "in_progress", 4, late), batch("y", "ended", 3, late), early.clone()]),
        list(vec![batch("x", "ended", 4, late), early.clone()]),
        result("c"),
        list(vec![batch("x", "ended", 4, late), early]),
        result("of somebody else"),
    ];
    let (base, _served) = server(replies).await;
    let model = AnthropicModel::new(client(), planted(), &at(&base));
    let keys = keys();
    let mark = BatchMark { name: "touchstone r 1", since: "2026-11-28T10:00:00.000Z", keys: &keys };
    assert_eq!(model.find(mark).await.expect("a list"), Found::Undecided);
    assert_eq!(model.find(mark).await.expect("a list"), Found::Id("x".to_owned()));
    assert_eq!(model.find(mark).await.expect("a list"), Found::Nothing);
}

#[tokio::test]
async fn geminis_batch_stands_in_the_order_and_its_results_in_the_operation() {
    let reply = |text: &str| {
        json!({
            "candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 1},
        })
    };
    let inlined = json!([
        {"metadata": {"key": "b"}, "response": reply("fine")},
        {"response": reply("second")},
        {"metadata": {"key": "a"}, "error": {"code": 13, "message": "internal"}},
        {"metadata": {"key": "d"}, "error": {"code": 1, "message": "canceled"}},
    ]);
    let works = json!({"metadata": {"state": "BATCH_STATE_RUNNING", "batchStats": {"successfulRequestCount": "2"}}});
    let ended = json!({
        "name": "batches/1",
        "metadata": {"state": "BATCH_STATE_SUCCEEDED"},
        "done": true,
        "response": {"inlinedResponses": {"inlinedResponses": inlined}},
    });
    let failed =
        json!({"metadata": {"state": "JOB_STATE_FAILED"}, "done": true, "error": {"code": 3, "message": "no"}});
    let order = json!({"name": "batches/1", "metadata": {"state": "BATCH_STATE_PENDING"}});
    let (base, served) = server([&order, &works, &ended, &failed].map(ok).to_vec()).await;
    let model = GeminiModel::new(client(), planted(), &at(&base));
    assert_eq!(model.submit(&batch(&model)).await.expect("submitted"), "batches/1");
    assert_eq!(model.status("batches/1").await.expect("a status"), BatchStatus::Working { done: 2 });
    let results = model.results("batches/1", &keys(), MODEL).await.expect("results");
    let want = [("a", "server_error"), ("b", "fine Some(7)"), ("b", "second Some(7)")];
    assert_eq!(told(results), pairs(&want), "a key that did not come back is told by its place");
    assert_eq!(model.status("batches/1").await.expect("a status"), BatchStatus::Failed("no".to_owned()));
    let received = served.await.expect("served");
    let (line, _, body) = taken_apart(&received[0]);
    assert_eq!(line, "POST /v1beta/models/m:batchGenerateContent HTTP/1.1");
    let want = json!({"request": {"messages": ["1"]}, "metadata": {"key": "a"}});
    assert_eq!(body["batch"]["inputConfig"]["requests"]["requests"][0], want);
    assert_eq!(body["batch"]["displayName"], "touchstone r 1");
    assert!(received[1].starts_with("GET /v1beta/batches/1 HTTP"), "{}", received[1]);
}

#[tokio::test]
async fn each_vendor_is_asked_to_cancel_in_its_own_words() {
    for (name, path) in [
        ("openai", "POST /v1/batches/batches%2F1/cancel"),
        ("anthropic", "POST /v1/messages/batches/batches%2F1/cancel"),
        ("gemini", "POST /v1beta/batches/1:cancel"),
    ] {
        let (base, served) = server(vec![ok(&json!({}))]).await;
        let access = match name {
            "openai" => Access::OpenAi { key: planted() },
            "anthropic" => Access::Anthropic { key: planted() },
            _ => Access::Gemini { key: planted() },
        };
        let model = connect(client(), access, &at(&base)).expect("a model");
        model.batches().expect("batches").cancel("batches/1").await.expect("asked");
        let received = served.await.expect("served").remove(0);
        assert!(received.starts_with(&format!("{path} HTTP")), "{received}");
    }
}

#[tokio::test]
async fn a_failed_call_for_results_is_a_failure_like_any_other() {
    let (base, _served) = server(vec![http("503 Busy", "", "")]).await;
    let model = AnthropicModel::new(client(), planted(), &at(&base));
    let error = model.results("x", &keys(), MODEL).await.expect_err("no results");
    assert_eq!(error.kind, ChatErrorKind::Overloaded, "{error}");
    assert_eq!(model.endpoint(), base);
}
