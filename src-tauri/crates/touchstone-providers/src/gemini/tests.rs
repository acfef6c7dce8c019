use super::*;
use crate::testing::{PLANTED, ask, at, check_failures, client, http, ok, planted, request, server, taken_apart};

fn model(base: &str) -> GeminiModel {
    GeminiModel::new(client(), planted(), &at(base))
}

fn answer(finish: &str) -> Value {
    json!({
        "candidates": [{"content": {"role": "model", "parts": [
            {"text": "hm", "thought": true}, {"text": "{\"label\":"}, {"text": "\"a\"}"},
        ]}, "finishReason": finish}],
        "usageMetadata": {"promptTokenCount": 5000, "cachedContentTokenCount": 4096, "candidatesTokenCount": 10, "thoughtsTokenCount": 90, "totalTokenCount": 5100},
        "modelVersion": "gemini-3.8-flash",
        "responseId": "r1",
    })
}

#[tokio::test]
async fn the_request_is_the_documented_one_and_thoughts_are_billed_output() {
    let (base, served) = server(vec![ok(&answer("STOP"))]).await;
    let params = json!({"max_tokens": 900, "reasoning_effort": "low", "stop": ["X"], "safetySettings": []});
    let reply = ask(&model(&base), &request("gemini-3.8-flash", params)).await.expect("an answer");
    assert_eq!(reply.content, "{\"label\":\"a\"}");
    let want = Usage {
        prompt_tokens: Some(5000),
        completion_tokens: Some(100),
        cached_tokens: Some(4096),
        cache_write_tokens: None,
        reasoning_tokens: Some(90),
    };
    assert_eq!((reply.usage, reply.request_id.as_deref()), (want, Some("r1")));
    let received = served.await.expect("served").remove(0);
    let (line, head, sent) = taken_apart(&received);
    assert_eq!(line, "POST /v1beta/models/gemini-3.8-flash:generateContent HTTP/1.1");
    assert!(head.contains(&format!("x-goog-api-key: {PLANTED}")), "{head}");
    let want = json!({
        "systemInstruction": {"parts": [{"text": "You label."}]},
        "contents": [{"role": "user", "parts": [
            {"text": "Review: "}, {"inlineData": {"mimeType": "image/png", "data": "UE5H"}}, {"text": "fine"},
        ]}],
        "safetySettings": [],
        "generationConfig": {
            "responseMimeType": "application/json",
            "responseJsonSchema": {
                "type": "object",
                "properties": {"label": {"type": "string", "enum": ["a", "b"]}, "stars": {"type": "integer", "maximum": 5}},
                "required": ["label"],
            },
            "maxOutputTokens": 900,
            "thinkingConfig": {"thinkingLevel": "LOW"},
            "stopSequences": ["X"],
        },
    });
    assert_eq!(sent, want);
}

#[test]
fn two_models_are_two_answers_though_the_model_is_in_the_address() {
    let model = model("http://127.0.0.1:1");
    assert_ne!(model.body(&request("a", json!({}))), model.body(&request("b", json!({}))));
    let (id, sent) = split(&model.body(&request("models/a b", json!({}))));
    assert_eq!(id, "a%20b");
    assert!(sent.get("model").is_none(), "{sent}");
}

#[test]
fn each_generation_is_told_to_think_in_its_own_way() {
    let model = model("http://127.0.0.1:1");
    let thinking = |id: &str, params: Value| {
        let request = request(id, params);
        let told: Vec<_> = model.left_out(&request).into_iter().map(|left| left.name).collect();
        (model.body(&request)["generationConfig"]["thinkingConfig"].clone(), told.join(","))
    };
    let none = String::new;
    assert_eq!(
        thinking("gemini-2.5-flash", json!({"reasoning_effort": "none"})),
        (json!({"thinkingBudget": 0}), none())
    );
    assert_eq!(thinking("gemini-2.5-flash", json!({"thinking_budget": 512})), (json!({"thinkingBudget": 512}), none()));
    assert_eq!(
        thinking("gemini-2.5-flash", json!({"thinking_level": "low"})),
        (Value::Null, "thinking_level".to_owned())
    );
    assert_eq!(
        thinking("gemini-3.8-flash", json!({"thinking_budget": 512})),
        (Value::Null, "thinking_budget".to_owned())
    );
    assert_eq!(
        thinking("gemini-3.8-flash", json!({"thinking_level": "high"})),
        (json!({"thinkingLevel": "HIGH"}), none())
    );
    assert_eq!(
        thinking("gemini-3.1-pro-preview", json!({"reasoning_effort": "none"})),
        (Value::Null, "reasoning_effort".to_owned())
    );
    let sampled = request("gemini-3.8-flash", json!({"temperature": 1, "verbosity": "low"}));
    assert_eq!(model.left_out(&sampled).len(), 2);
    let sampled = model.body(&request("gemini-3.5-flash", json!({"temperature": 1, "top_p": 0.5})));
    assert_eq!(
        (&sampled["generationConfig"]["temperature"], &sampled["generationConfig"]["topP"]),
        (&json!(1), &json!(0.5))
    );
}

#[tokio::test]
async fn what_is_no_answer_is_told_apart_and_was_paid_for() {
    let blocked =
        json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 12}});
    let silent =
        json!({"candidates": [{"finishReason": "MALFORMED_RESPONSE"}], "usageMetadata": {"promptTokenCount": 12}});
    for (body, kind, code) in [
        (blocked, ChatErrorKind::Filtered, "PROHIBITED_CONTENT"),
        (answer("SAFETY"), ChatErrorKind::Filtered, "SAFETY"),
        (answer("MAX_TOKENS"), ChatErrorKind::Truncated, "MAX_TOKENS"),
        (silent, ChatErrorKind::Refused, "MALFORMED_RESPONSE"),
    ] {
        let (base, _served) = server(vec![ok(&body)]).await;
        let error = ask(&model(&base), &request("m", json!({}))).await.expect_err(code);
        assert_eq!((error.kind, error.vendor.code.as_deref()), (kind, Some(code)));
        assert!(error.usage.prompt_tokens.is_some());
    }
    let empty = json!({"usageMetadata": {"promptTokenCount": 12}});
    let (base, _served) = server(vec![ok(&empty)]).await;
    let reply = ask(&model(&base), &request("m", json!({}))).await.expect("an answer without words");
    assert_eq!((reply.content.as_str(), reply.usage.completion_tokens), ("", Some(0)), "zeros are left out");
}

#[tokio::test]
async fn recorded_failures_are_sorted_by_what_to_do() {
    let cases = include_str!("../../../../../tests/fixtures/providers/gemini.json");
    check_failures(cases, &[], |base| Box::new(model(base))).await;
}

#[tokio::test]
async fn only_models_that_can_be_asked_are_listed() {
    let list = json!({"models": [
        {"name": "models/gemini-3.8-flash", "displayName": "Gemini 3.8 Flash", "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536, "supportedGenerationMethods": ["generateContent", "countTokens"]},
        {"name": "models/embedding", "supportedGenerationMethods": ["embedContent"]},
    ]});
    let (base, served) = server(vec![ok(&list)]).await;
    let models = model(&base).models().await.expect("a list").expect("a list");
    assert_eq!(models.len(), 1);
    assert_eq!((models[0].id.as_str(), models[0].context_tokens), ("gemini-3.8-flash", Some(1_048_576)));
    let received = served.await.expect("served").remove(0);
    assert!(received.starts_with("GET /v1beta/models?pageSize=1000 HTTP") && !received.contains("key="), "{received}");
}

#[test]
fn a_base_url_may_carry_the_version() {
    let endpoint = |base: &str| model(base).endpoint().to_owned();
    assert_eq!(endpoint("https://gateway.example/google/"), "https://gateway.example/google/v1beta");
    assert_eq!(endpoint("https://gateway.example/v1"), "https://gateway.example/v1");
}

#[tokio::test]
async fn a_gateway_that_knows_no_schema_is_asked_for_json_or_in_words() {
    let unknown = |name: &str| {
        let words = format!(
            "Invalid JSON payload received. Unknown name \"{name}\" at 'generation_config': Cannot find field."
        );
        let error = json!({"code": 400, "status": "INVALID_ARGUMENT", "message": words});
        http("400 Bad Request", "", &json!({"error": error}).to_string())
    };
    let says = |text: &str| {
        ok(
            &json!({"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}], "usageMetadata": {}}),
        )
    };
    let (base, served) = server(vec![unknown("responseJsonSchema"), says("{\"a\":1}"), says("{}")]).await;
    let gateway = GeminiModel::new(client(), planted(), &at(&base));
    assert!(gateway.must_be_probed());
    assert_eq!(crate::probe(&gateway, "m").await, Ok(StructuredMode::JsonObject));
    let received = served.await.expect("served");
    let (_, _, sent) = taken_apart(&received[1]);
    assert_eq!(sent["generationConfig"]["responseMimeType"], "application/json");
    assert_eq!(sent["generationConfig"].get("responseJsonSchema"), None);

    let (base, _served) = server(vec![unknown("responseJsonSchema"), unknown("responseMimeType")]).await;
    let gateway = GeminiModel::new(client(), planted(), &at(&base));
    assert_eq!(crate::probe(&gateway, "m").await, Ok(StructuredMode::Instruction));
    assert!(!GeminiModel::new(client(), planted(), &Options::default()).must_be_probed());
}

#[tokio::test]
async fn tokens_are_counted_of_the_whole_request() {
    let (base, served) = server(vec![ok(&json!({"totalTokens": 31})), http("500 No", "", "{}")]).await;
    let model = GeminiModel::new(client(), planted(), &at(&base));
    let body = model.body(&request("models/gemini-3.8-flash", json!({})));
    assert_eq!(model.count_tokens(&body).await, Ok(Some(31)));
    assert!(model.counts_tokens() && model.count_tokens(&body).await.is_err());
    let served = served.await.expect("served");
    let (line, head, sent) = taken_apart(&served[0]);
    assert_eq!(line, "POST /v1beta/models/gemini-3.8-flash:countTokens HTTP/1.1");
    assert!(head.contains(&format!("x-goog-api-key: {PLANTED}")), "{head}");
    let whole = &sent["generateContentRequest"];
    assert_eq!(
        (&whole["model"], sent.as_object().map(serde_json::Map::len)),
        (&json!("models/gemini-3.8-flash"), Some(1))
    );
    assert!(whole["contents"].is_array() && whole["systemInstruction"].is_object(), "{sent}");
    assert!(whole["generationConfig"]["responseJsonSchema"].is_object(), "{sent}");
}

#[tokio::test]
async fn likelihoods_are_asked_for_along_with_the_test_question() {
    let list = || ok(&json!({"models": []}));
    let answer = |told: Value| {
        ok(
            &json!({"candidates": [{"content": {"parts": [{"text": "{\"ready\":\"yes\"}"}]}, "finishReason": "STOP", "logprobsResult": told}]}),
        )
    };
    let told = json!({"chosenCandidates": [{"token": "{", "logProbability": -0.1}]});
    let refused = json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "Logprobs is not enabled for this model."}});
    let refused = http("400 Bad Request", "", &refused.to_string());
    for (replies, want) in [
        (vec![list(), answer(told)], true),
        (vec![list(), answer(json!(null))], false),
        (vec![list(), refused, answer(json!(null))], false),
    ] {
        let (base, served) = server(replies).await;
        let report = model(&base).test("gemini-3.8-flash").await;
        assert_eq!((report.ok, report.logprobs), (true, Some(want)), "{}", report.message);
        let received = served.await.expect("served");
        let asked = |at: usize| taken_apart(&received[at]).2["generationConfig"]["responseLogprobs"].clone();
        assert_eq!(asked(1), true);
        assert!(received.len() == 2 || asked(2).is_null(), "what is refused is left out");
    }
}
