use super::*;
use crate::testing::{PLANTED, ask, at, check_failures, client, http, ok, planted, request, server, taken_apart};
use serde_json::json;

fn openai(endpoint: &str, deployment: &str) -> Result<AzureModel, String> {
    AzureModel::openai(client(), endpoint, deployment, planted(), None, &Options::default())
}

fn foundry(endpoint: &str, model: &str) -> Result<AzureModel, String> {
    AzureModel::foundry(client(), endpoint, model, planted(), &Options::default())
}

fn chat(content: &str) -> String {
    let body = json!({
        "model": "gpt-4o-2024-11-20",
        "prompt_filter_results": [{"prompt_index": 0}],
        "choices": [{"message": {"content": content}, "finish_reason": "stop", "content_filter_results": {}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    });
    ok(&body)
}

#[track_caller]
fn check(model: Result<AzureModel, String>, want: Result<(&str, &str), &str>) {
    let got = model.as_ref().map(|model| (model.endpoint(), model.target.deployment.as_str())).map_err(String::as_str);
    assert_eq!(got, want);
}

#[test]
fn every_form_of_a_pasted_endpoint_is_resolved() {
    let v1 = |host: &str| format!("https://{host}/openai/v1/chat/completions");
    for host in ["res.openai.azure.com", "res.cognitiveservices.azure.com", "res.services.ai.azure.com"] {
        check(openai(&format!(" https://{host}/ "), "d"), Ok((&v1(host), "d")));
        check(openai(&format!("https://{host}/openai/v1/chat/completions"), "d"), Ok((&v1(host), "d")));
        check(openai(&format!("https://{host}/openai/v1/"), "d"), Ok((&v1(host), "d")));
    }
    let dated = "https://res.openai.azure.com/openai/deployments/gpt6/chat/completions?api-version=2025-01-01-preview";
    check(openai(dated, "other"), Ok((dated, "gpt6")));
    check(openai(dated, ""), Ok((dated, "gpt6")));
    check(
        openai("https://res.openai.azure.com?api-version=2024-10-21", "d"),
        Ok(("https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21", "d")),
    );
    check(
        openai("https://apim.example/team/openai/deployments/d/chat/completions", ""),
        Ok(("https://apim.example/team/openai/deployments/d/chat/completions?api-version=2024-10-21", "d")),
    );
    check(
        openai("https://res.openai.azure.com/openai/v1?api-version=preview", "d"),
        Ok((&v1("res.openai.azure.com"), "d")),
    );
    check(openai("https://res.openai.azure.com", " "), Err("enter the name of the deployment"));
    check(
        openai("res.openai.azure.com", "d"),
        Err("the endpoint must start with https:// and name a host, for example https://my-resource.openai.azure.com"),
    );
    check(openai("", "d"), Err("enter the endpoint, for example https://my-resource.openai.azure.com"));
}

#[test]
fn an_address_names_its_deployment_or_something_that_does_not_chat() {
    let of = |path: &str| deployment_in(&format!("https://res.openai.azure.com{path}"));
    assert_eq!(of("/openai/deployments/gpt6/chat/completions?api-version=2024-10-21"), Ok(Some("gpt6".to_owned())));
    assert_eq!(of("/openai/v1/chat/completions"), Ok(None));
    assert_eq!(of(""), Ok(None));
    let words = of("/openai/deployments/ada/embeddings?api-version=2024-10-21").expect_err("refused");
    assert!(words.contains("/embeddings takes no chat"), "{words}");
}

#[test]
fn every_way_of_holding_a_model_may_work_where_azure_speaks_chat() {
    let rungs = |model: Result<AzureModel, String>| {
        let model = model.expect("a model");
        (model.structures("m").len(), model.must_be_probed())
    };
    let host = "https://res.services.ai.azure.com";
    assert_eq!(rungs(openai(host, "d")), (4, true));
    assert_eq!(rungs(foundry(&format!("{host}/models"), "kimi-k2.6")), (4, true));
    assert_eq!(rungs(foundry(host, "claude-opus-5-5")), (2, false));
}

#[test]
fn a_target_uri_of_foundry_says_what_is_spoken() {
    let host = "https://res.services.ai.azure.com";
    let at = |path: &str| format!("{host}{path}");
    check(foundry(host, "gpt-6-luna"), Ok((&at("/openai/v1/chat/completions"), "gpt-6-luna")));
    check(foundry(&at("/openai/v1/"), "grok-4.7"), Ok((&at("/openai/v1/chat/completions"), "grok-4.7")));
    check(foundry(&at("/api/projects/p"), "grok-4.7"), Ok((&at("/openai/v1/chat/completions"), "grok-4.7")));
    check(foundry(host, "claude-opus-5-5"), Ok((&at("/anthropic/v1/messages"), "claude-opus-5-5")));
    check(foundry(&at("/anthropic"), "my-claude"), Ok((&at("/anthropic/v1/messages"), "my-claude")));
    check(
        foundry(&at("/models/chat/completions?api-version=2024-05-01-preview"), "kimi-k2.6"),
        Ok((&at("/models/chat/completions?api-version=2024-05-01-preview"), "kimi-k2.6")),
    );
    check(
        foundry(&at("/openai/deployments/d/chat/completions?api-version=2024-10-21"), "m"),
        Ok((&at("/openai/deployments/d/chat/completions?api-version=2024-10-21"), "d")),
    );
    let own_host = "https://phi.eastus2.models.ai.azure.com";
    for path in ["", "/v1/chat/completions", "/chat/completions"] {
        check(
            foundry(&format!("{own_host}{path}"), "Phi-4"),
            Ok((&format!("{own_host}/v1/chat/completions"), "Phi-4")),
        );
    }
}

#[test]
fn a_base_url_replaces_the_host_and_keeps_the_path() {
    let model = AzureModel::openai(
        client(),
        "https://res.openai.azure.com",
        "d",
        planted(),
        None,
        &at("http://127.0.0.1:9/gate/"),
    );
    check(model, Ok(("http://127.0.0.1:9/gate/openai/v1/chat/completions", "d")));
}

#[tokio::test]
async fn each_form_is_sent_with_its_own_credential_and_words() {
    let message = ok(&json!({"content": [{"type": "text", "text": "{}"}], "stop_reason": "end_turn"}));
    for (path, model, reply, line, header, limit) in [
        (
            "/openai/v1",
            "gpt-4o",
            chat("{}"),
            "POST /openai/v1/chat/completions HTTP/1.1",
            "api-key",
            "max_completion_tokens",
        ),
        (
            "/models",
            "kimi-k2.6",
            chat("{}"),
            "POST /models/chat/completions?api-version=2024-05-01-preview HTTP/1.1",
            "api-key",
            "max_tokens",
        ),
        ("/anthropic", "claude-opus-5-5", message, "POST /anthropic/v1/messages HTTP/1.1", "x-api-key", "max_tokens"),
    ] {
        let (base, served) = server(vec![reply]).await;
        let model = foundry(&format!("{base}{path}"), model).expect("a model");
        ask(&model, &request("whatever", json!({"max_tokens": 70}))).await.expect("an answer");
        let received = served.await.expect("served").remove(0);
        let (asked, head, sent) = taken_apart(&received);
        assert_eq!(asked, line);
        assert!(head.contains(&format!("\r\n{header}: {PLANTED}")), "{head}");
        assert_eq!(head.contains("extra-parameters: pass-through"), path == "/models", "{head}");
        assert_eq!((&sent["model"], &sent[limit]), (&json!(model.target.deployment), &json!(70)), "{sent}");
    }
    let (base, served) = server(vec![chat("{}")]).await;
    let own_host = "https://phi.eastus2.models.ai.azure.com";
    let model = AzureModel::foundry(client(), own_host, "Phi-4", planted(), &at(&base)).expect("a model");
    ask(&model, &request("Phi-4", json!({}))).await.expect("an answer");
    assert!(served.await.expect("served")[0].to_lowercase().contains(&format!("authorization: bearer {PLANTED}")));
}

#[test]
fn the_base_model_decides_what_is_left_out() {
    let told = |deployment: &str, base_model: Option<&str>| {
        let model = AzureModel::openai(
            client(),
            "https://res.openai.azure.com",
            deployment,
            planted(),
            base_model,
            &Options::default(),
        );
        model.expect("a model").left_out(&request(deployment, json!({"temperature": 0}))).len()
    };
    assert_eq!(told("mine", None), 0, "nobody knows what it is");
    assert_eq!(told("mine", Some("gpt-6-luna")), 1);
    assert_eq!(told("gpt-6-luna", None), 1, "named after its model");
    assert_eq!(told("gpt-6-luna", Some("gpt-4o")), 0, "what the user says counts");
}

#[tokio::test]
async fn recorded_failures_are_sorted_by_what_to_do() {
    let cases = include_str!("../../../../../tests/fixtures/providers/azure.json");
    check_failures(cases, &[], |base| Box::new(openai(base, "m").expect("a model"))).await;
}

#[tokio::test]
async fn a_filtered_answer_is_no_answer() {
    let body = json!({"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}], "usage": {"prompt_tokens": 1}});
    let (base, _served) = server(vec![ok(&body)]).await;
    let error = ask(&openai(&base, "m").expect("a model"), &request("m", json!({}))).await.expect_err("filtered");
    assert_eq!(error.kind, ChatErrorKind::Filtered);
}

#[tokio::test]
async fn a_test_tells_the_deployment_from_the_address() {
    let list = || ok(&json!({"data": []}));
    let not_found = |code: &str, message: &str| {
        http("404 Not Found", "", &json!({"error": {"code": code, "message": message}}).to_string())
    };
    let (base, _served) = server(vec![list(), not_found("DeploymentNotFound", "none")]).await;
    let report = openai(&base, "d").expect("a model").test("d").await;
    assert_eq!((report.ok, report.fault, report.suggested_endpoint), (false, Some(Fault::Deployment), None));

    let lost = || not_found("404", "Resource not found");
    let (base, served) = server(vec![lost(), lost(), chat("{\"ready\":\"yes\"}")]).await;
    let model = openai(&base, "d").expect("a model");
    let identity = model.endpoint().to_owned();
    let report = model.test("d").await;
    assert_eq!((report.ok, report.suggested_endpoint), (true, None), "{}", report.message);
    assert!(
        report.message.ends_with("knows the addresses of a date alone, and is asked by them."),
        "{}",
        report.message
    );
    let received = served.await.expect("served");
    assert!(received[0].starts_with("GET /openai/v1/models HTTP"));
    assert!(received[2].starts_with("POST /openai/deployments/d/chat/completions?api-version=2024-10-21 HTTP"));
    assert!(model.has_found_dated());
    assert_eq!(model.endpoint(), identity, "answers stay owned");
    let wire = model.wire(&json!({})).expect("a wire");
    assert!(wire.url.ends_with("/openai/deployments/d/chat/completions?api-version=2024-10-21"), "{}", wire.url);

    let (base, served) = server(vec![list(), chat("{\"ready\":\"yes\"}")]).await;
    let model = openai(&base, "d").expect("a model").known_as(true);
    assert!(model.test("d").await.ok && !model.has_found_dated());
    let received = served.await.expect("served");
    assert!(received[0].starts_with("GET /openai/models?api-version=2024-10-21 HTTP"), "{}", received[0]);
    assert!(received[1].starts_with("POST /openai/deployments/d/"), "it is known");

    let (base, _served) = server(vec![lost(), lost(), lost()]).await;
    let model = openai(&base, "d").expect("a model");
    let report = model.test("d").await;
    assert_eq!((report.fault, model.has_found_dated()), (Some(Fault::Endpoint), false), "{}", report.message);

    let (base, _served) = server(vec![list(), chat("{\"ready\":\"yes\"}")]).await;
    let report = openai(&base, "d").expect("a model").test("d").await;
    assert_eq!((report.ok, report.model.as_deref()), (true, Some("gpt-4o-2024-11-20")), "{}", report.message);
}

#[tokio::test]
async fn a_key_is_proven_for_nothing_whatever_is_spoken() {
    let refused =
        || http("401 Unauthorized", "", &json!({"error": {"code": "401", "message": "Access denied"}}).to_string());
    let missing = || http("404 Not Found", "", &json!({"error": {"code": "404", "message": "nothing"}}).to_string());
    let message =
        || ok(&json!({"content": [{"type": "text", "text": "{\"ready\":\"yes\"}"}], "stop_reason": "end_turn"}));
    let said = || chat("{\"ready\":\"yes\"}");
    type Made = fn(&str) -> Result<AzureModel, String>;
    let cases: [(Made, &str, String); 5] = [
        (
            |base| openai(&format!("{base}?api-version=2025-01-01-preview"), "d"),
            "/openai/models?api-version=2025-01-01-preview",
            said(),
        ),
        (|base| foundry(base, "grok-4.7"), "/openai/v1/models", said()),
        (|base| foundry(&format!("{base}/models"), "kimi-k2.6"), "/openai/v1/models", said()),
        (|base| foundry(&format!("{base}/anthropic"), "my-claude"), "/anthropic/v1/models?limit=1", message()),
        (
            |base| {
                AzureModel::foundry(client(), "https://phi.eastus2.models.ai.azure.com", "Phi-4", planted(), &at(base))
            },
            "/info",
            said(),
        ),
    ];
    for (made, path, answer) in cases {
        let (base, served) = server(vec![refused()]).await;
        let report = made(&base).expect("a model").test("m").await;
        assert_eq!((report.ok, report.fault, report.took), (false, Some(Fault::Key), None), "{}", report.message);
        let received = served.await.expect("served");
        assert!(
            received[0].starts_with(&format!("GET {path} HTTP/1.1")) && received[0].contains(PLANTED),
            "{}",
            received[0]
        );
        // Where nothing is there that would tell, the question does.
        let (base, served) = server(vec![missing(), answer]).await;
        let report = made(&base).expect("a model").test("m").await;
        assert!(report.ok, "{path}: {}", report.message);
        assert!(served.await.expect("served")[1].starts_with("POST "), "{path}");
    }
}
