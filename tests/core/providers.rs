//! Every provider from its key to what a run cost, against a server on loopback that speaks for all of them.

use crate::support::{Asked, Desk, Reply, Server, bugs, draft, task, to_json};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use touchstone_engine::ErrorCode;
use touchstone_engine::connections::{
    AbilitySource, ConnectionEdit, KeyStorage, NewConnection, NewPrice, SavedConnection, StructuredMode,
};
use touchstone_engine::domain::ConnectionId;
use touchstone_engine::domain::json::{Json, Object};
use touchstone_engine::domain::prompt::Provider;
use touchstone_engine::domain::run::{RunStatus, Subset};
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::requests::{ProblemCode, Severity};
use touchstone_engine::results::{RowFilter, RowQuery, RowSort};

pub(crate) const PLANTED: &str = "sk-planted-5f0c9a-4711";

/// The beginning of the private key in [`SERVICE_ACCOUNT`].
const PRIVATE_KEY_PART: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDZqUO6mgu55u2F";

const SERVICE_ACCOUNT: &str = include_str!("../fixtures/providers/service-account.json");

/// What the server counts of every answer.
const TOKENS_IN: u64 = 1_100;
const TOKENS_OUT: u64 = 300;

/// All vendors in one.
pub(crate) struct Cloud {
    pub(crate) server: Server,
    rejects_keys: Arc<AtomicBool>,
}

impl Cloud {
    /// Asks the first task's request to slow down.
    pub(crate) fn start() -> Self {
        let rejects_keys = Arc::new(AtomicBool::new(false));
        let rejects = Arc::clone(&rejects_keys);
        let was_fast = AtomicBool::new(false);
        let server = Server::start(move |asked: &Asked| {
            let is_label = asked.body.to_string().contains("Topic of");
            if rejects.load(Ordering::SeqCst) {
                rejected(asked)
            } else if is_label && !was_fast.swap(true, Ordering::SeqCst) {
                slow_down()
            } else {
                reply(asked, &said(asked))
            }
        });
        Self { server, rejects_keys }
    }

    pub(crate) fn base(&self) -> String {
        self.server.endpoint().trim_end_matches("/v1").to_owned()
    }

    /// What a user enters for each provider.
    pub(crate) fn new_connection(&self, provider: Provider) -> NewConnection {
        let key = Some(Secret::new(format!(" {PLANTED}\n")));
        let new = ConnectionEdit { until_quit: true, ..ConnectionEdit::default() };
        let entered = match provider {
            Provider::VertexAi => ConnectionEdit {
                credentials: Some(Secret::new(SERVICE_ACCOUNT.replace("https://oauth2.googleapis.com", &self.base()))),
                base_url: Some(self.base()),
                ..new
            },
            Provider::AzureOpenAi => ConnectionEdit {
                endpoint: Some(self.base()),
                deployment: Some("my-deployment".to_owned()),
                base_model: Some("gpt-5.4-mini".to_owned()),
                api_key: key,
                ..new
            },
            Provider::Foundry => ConnectionEdit {
                endpoint: Some(self.base()),
                model: Some("deepseek-v4-flash".to_owned()),
                api_key: key,
                ..new
            },
            Provider::Custom => ConnectionEdit {
                endpoint: Some(self.server.endpoint()),
                name: Some("llama3.2".to_owned()),
                api_key: key,
                ..new
            },
            _ => ConnectionEdit { base_url: Some(self.base()), api_key: key, ..new },
        };
        NewConnection::of(provider, entered)
    }
}

/// The text that a request deserves.
fn said(asked: &Asked) -> String {
    let body = asked.body.to_string();
    let answer = if body.contains("zebra") {
        json!({ "label": "a" })
    } else if body.contains("ready") {
        json!({ "ready": "yes" })
    } else {
        json!({ "topic": if body.contains("crash") { "Bug" } else { "Praise" } })
    };
    answer.to_string()
}

/// `text` in the words of whoever is spoken to.
fn reply(asked: &Asked, text: &str) -> Reply {
    let path = asked.head.split(' ').nth(1).unwrap_or_default();
    let body = if path.ends_with("/token") {
        json!({ "access_token": PLANTED, "expires_in": 3600 })
    } else if path.contains(":countTokens") {
        json!({ "totalTokens": 1 })
    } else if path.contains(":generateContent") {
        json!({
            "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": "STOP" }],
            "usageMetadata": { "promptTokenCount": TOKENS_IN, "candidatesTokenCount": TOKENS_OUT },
            "responseId": "request-1",
        })
    } else if path.ends_with("/messages") {
        json!({
            "content": [{ "type": "text", "text": text }],
            "stop_reason": "end_turn",
            "usage": { "input_tokens": TOKENS_IN, "output_tokens": TOKENS_OUT },
            "request_id": "request-1",
        })
    } else if path.contains("/models") {
        json!({
            "data": [{ "id": "gpt-6-luna" }, { "id": "gpt-5.4-2026-03-05" }, { "id": "gpt-99-new" }, { "id": "whisper-1" }],
            "models": [{ "name": "models/gemini-3.8-flash", "supportedGenerationMethods": ["generateContent"] }],
        })
    } else {
        json!({
            "choices": [{ "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": TOKENS_IN, "completion_tokens": TOKENS_OUT },
        })
    };
    let headers = vec![("x-request-id", "request-1".to_owned())];
    Reply::Http { status: 200, headers, body: body.to_string() }
}

fn slow_down() -> Reply {
    let headers = vec![("retry-after-ms", "80".to_owned())];
    Reply::Http { status: 429, headers, body: json!({ "error": { "message": "slow down" } }).to_string() }
}

/// A refusal that repeats the key, as some servers do.
fn rejected(asked: &Asked) -> Reply {
    if asked.head.contains("/token") {
        let body = json!({ "error": "invalid_grant", "error_description": "Invalid JWT Signature." });
        return Reply::Http { status: 400, headers: Vec::new(), body: body.to_string() };
    }
    Reply::status(401, &format!("Incorrect API key provided: {PLANTED}"))
}

/// The same, with something entered otherwise.
fn with(mut new: NewConnection, change: impl FnOnce(&mut ConnectionEdit)) -> NewConnection {
    change(&mut new.entered);
    new
}

pub(crate) async fn add(desk: &Desk, new: NewConnection) -> SavedConnection {
    desk.engine.add_connection(new).await.expect("the connection is added")
}

async fn ask(desk: &Desk, connection: &ConnectionId, model: &str) -> touchstone_engine::domain::PromptId {
    let project = desk.import("Feedback", &bugs(3)).await;
    let prompt = desk.prompt(&project, connection).await;
    let mut content = draft("Topic of: {text}", connection);
    content.model = model.to_owned();
    desk.engine.save_draft(prompt.clone(), content).await.expect("the draft is saved");
    prompt
}

/// Adds, tests and runs; the cost of one answer in millionths of a dollar is `cost`.
async fn goes_all_the_way(provider: Provider, name: &str, model: &str, cost: u64) {
    let cloud = Cloud::start();
    let desk = Desk::new();
    let saved = add(&desk, cloud.new_connection(provider)).await;
    let connection = &saved.connection;
    assert_eq!((connection.name.as_str(), saved.warnings.len()), (name, usize::from(warns(provider))), "{saved:?}");
    let is_vertex = provider == Provider::VertexAi;
    assert_eq!(connection.key_hint.as_deref(), (!is_vertex).then_some("4711"));
    assert_eq!(connection.account.is_some(), is_vertex);
    assert!(connection.has_api_key && connection.key_added_at.is_some());
    assert_eq!(connection.models[0].id, model, "{:?}", connection.models);
    let mut replies = vec![to_json(&saved)];

    let test = desk.engine.test_connection(name.to_owned(), None).await.expect("a test always reports");
    assert!(test.ok, "{provider:?}: {}", test.message);
    // Custom servers are asked as ever, for as long as that holds their model to the schema.
    let structure = match provider {
        Provider::Custom => StructuredMode::JsonObjectWithSchema,
        _ => StructuredMode::JsonSchema,
    };
    assert_eq!((test.structure, test.model.as_deref()), (Some(structure), Some(model)));
    let abilities = test.abilities.expect("what it can do");
    assert_eq!(abilities.schema, Some(true), "{provider:?}");
    let of_catalogue = !matches!(provider, Provider::Custom | Provider::Foundry);
    assert_eq!(abilities.images, Some(of_catalogue), "{provider:?}: of the catalogue, or because it sees nothing");
    let probed = cloud.server.asked().iter().filter(|asked| asked.body.to_string().contains("zebra")).count();
    desk.engine.test_connection(name.to_owned(), None).await.expect("again");
    let again = cloud.server.asked().iter().filter(|asked| asked.body.to_string().contains("zebra")).count();
    assert_eq!(probed, again, "what a model can do is found out once");

    let prompt = ask(&desk, &connection.id, model).await;
    let preview = desk.engine.prompt(prompt.to_string()).await.expect("the prompt").draft.content;
    let preview = desk.engine.preview_request(prompt.clone(), preview, 0).await.expect("a preview");
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.correct, run.failed), (RunStatus::Completed, 3, 0), "{:?}", run.reason);
    assert_eq!((run.requests, run.retries), (4, 1), "one was asked to slow down");
    assert_eq!((run.prompt_tokens, run.completion_tokens), (3 * TOKENS_IN, 3 * TOKENS_OUT));
    assert_eq!((run.cost_micros, run.unpriced), (3 * cost, 0), "{provider:?}");
    let dollars = run.cost_usd.expect("its price is known");
    assert!((dollars - (3 * cost) as f64 / 1e6).abs() < 1e-12);
    let query = RowQuery { filter: RowFilter::All, sort: RowSort::Position, search: String::new(), cell: None };
    let rows = desk.result_rows(run.id.clone(), query, 0, 10).await.rows;
    let detail = desk.engine.result(run.id.clone(), rows[0].task_id).await.expect("a result");
    assert_eq!((detail.request, detail.endpoint), (preview.body, preview.endpoint), "what is shown before and after");
    assert_eq!(detail.request_id.as_deref(), Some("request-1"));
    assert!(!detail.has_changed && detail.asked_again.is_none(), "{provider:?} was asked just that");
    let owned = desk.run(&prompt, Subset::All).await;
    assert_eq!((owned.cached, owned.cost_usd), (3, Some(0.0)), "what is owned is paid");

    cloud.rejects_keys.store(true, Ordering::SeqCst);
    let test = desk.engine.test_connection(name.to_owned(), None).await.expect("a test always reports");
    assert_eq!((test.ok, test.fault.as_deref()), (false, Some("key")), "{}", test.message);
    replies.extend([to_json(&test), to_json(&run), to_json(&rows)]);
    replies.extend(desk.recorder.reports());
    replies.extend(desk.engine.connections().await.expect("connections").iter().map(to_json));
    assert_holds_no_secret(&desk, &replies);
}

/// The planted key looks like one of OpenAI; a gateway or an own server may take it all the same.
fn warns(provider: Provider) -> bool {
    matches!(provider, Provider::AzureOpenAi | Provider::Foundry)
}

fn assert_holds_no_secret(desk: &Desk, replies: &[Value]) {
    for secret in [PLANTED, PRIVATE_KEY_PART] {
        assert!(replies.iter().all(|reply| !reply.to_string().contains(secret)), "a reply shows a secret");
        for entry in std::fs::read_dir(desk.folder.path()).expect("folder") {
            let bytes = std::fs::read(entry.expect("entry").path()).expect("file");
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "a file holds a secret");
        }
    }
}

#[tokio::test]
async fn openai_goes_all_the_way() {
    // 1,100 × $0.10 and 300 × $0.50 for a million.
    goes_all_the_way(Provider::OpenAi, "OpenAI", "gpt-6-luna", 260).await;
}

#[tokio::test]
async fn gemini_goes_all_the_way() {
    goes_all_the_way(Provider::Gemini, "Gemini", "gemini-3.8-flash", price("gemini-3.8-flash", Provider::Gemini)).await;
}

#[tokio::test]
async fn vertex_goes_all_the_way() {
    let cost = price("gemini-3.8-flash", Provider::Gemini);
    goes_all_the_way(Provider::VertexAi, "Vertex AI", "gemini-3.8-flash", cost).await;
}

#[tokio::test]
async fn anthropic_goes_all_the_way() {
    let cost = price("claude-haiku-5-5", Provider::Anthropic);
    goes_all_the_way(Provider::Anthropic, "Anthropic", "claude-haiku-5-5", cost).await;
}

#[tokio::test]
async fn azure_openai_goes_all_the_way() {
    let cost = price("gpt-5.4-mini", Provider::OpenAi);
    goes_all_the_way(Provider::AzureOpenAi, "my-deployment", "my-deployment", cost).await;
}

#[tokio::test]
async fn azure_foundry_goes_all_the_way() {
    let cost = price("deepseek-v4-flash", Provider::Foundry);
    goes_all_the_way(Provider::Foundry, "deepseek-v4-flash", "deepseek-v4-flash", cost).await;
}

#[tokio::test]
async fn a_custom_server_on_this_computer_goes_all_the_way_for_free() {
    goes_all_the_way(Provider::Custom, "llama3.2", "llama3.2", 0).await;
}

/// What one answer costs by the catalogue, reckoned here once more.
fn price(model: &str, provider: Provider) -> u64 {
    let model = touchstone_providers::find_model(provider, model).expect("the catalogue has it");
    let tier = &model.prices.0[0];
    let picos = TOKENS_IN * tier.input.expect("a price") + TOKENS_OUT * tier.output.expect("a price");
    (picos + 500_000) / 1_000_000
}

/// A server whose every answer names `behind` as the model that gave it, and which does not see what it is shown.
fn deployment_of(behind: Option<&'static str>) -> Server {
    Server::start(move |asked: &Asked| {
        let Reply::Http { status, headers, body } = reply(asked, &said(asked)) else { return slow_down() };
        let mut body: Value = serde_json::from_str(&body).expect("JSON");
        body["model"] = json!(behind);
        Reply::Http { status, headers, body: body.to_string() }
    })
}

#[tokio::test]
async fn what_a_deployment_can_read_is_known_by_the_model_that_answers_or_asked() {
    for provider in [Provider::AzureOpenAi, Provider::Foundry] {
        for (behind, can) in [(Some("gpt-4.1-2025-04-14"), true), (None, false), (Some("our-own"), false)] {
            let server = deployment_of(behind);
            let desk = Desk::new();
            let entered = ConnectionEdit {
                endpoint: Some(server.endpoint().trim_end_matches("/v1").to_owned()),
                deployment: (provider == Provider::AzureOpenAi).then(|| "team-a".to_owned()),
                model: (provider == Provider::Foundry).then(|| "team-a".to_owned()),
                api_key: Some(Secret::new(PLANTED.to_owned())),
                until_quit: true,
                ..ConnectionEdit::default()
            };
            add(&desk, NewConnection::of(provider, entered)).await;
            let test = desk.engine.test_connection("team-a".to_owned(), None).await.expect("a test");
            let abilities = test.abilities.expect("what it can do");
            assert_eq!((abilities.images, abilities.pdf), (Some(can), Some(can)), "{provider:?} {behind:?}");
            let connections = desk.engine.connections().await.expect("connections");
            let info = connections.iter().flat_map(|one| &one.models).find(|model| model.id == "team-a").expect("it");
            assert_eq!((info.has_vision, info.has_pdf), (Some(can), Some(can)), "runs go by it");
            let asked = server.asked().len();
            desk.engine.test_connection("team-a".to_owned(), None).await.expect("again");
            assert!(server.asked().len() - asked <= 2, "it is found out once");
        }
    }
}

#[tokio::test]
async fn a_key_is_removed_for_another_one_to_be_added() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    for provider in [
        Provider::OpenAi,
        Provider::Gemini,
        Provider::VertexAi,
        Provider::Anthropic,
        Provider::AzureOpenAi,
        Provider::Foundry,
        Provider::Custom,
    ] {
        let added = add(&desk, cloud.new_connection(provider)).await.connection;
        let edit = |text: &str| {
            let secret = Some(Secret::new(text.to_owned()));
            let edit = ConnectionEdit { until_quit: true, ..ConnectionEdit::default() };
            match provider {
                Provider::VertexAi => ConnectionEdit { credentials: secret, ..edit },
                _ => ConnectionEdit { api_key: secret, ..edit },
            }
        };
        let bare = desk.engine.edit_connection(added.id.clone(), edit("")).await.expect("removed").connection;
        assert!(!bare.has_api_key && bare.key_hint.is_none() && bare.account.is_none(), "{provider:?}");
        assert_eq!(bare.key_storage, KeyStorage::None, "{provider:?}");
        let tested = desk.engine.test_connection(added.name.clone(), None).await;
        assert_eq!(
            tested.is_ok(),
            provider == Provider::Custom,
            "{provider:?} is asked without a key, or is not asked"
        );
        let key = match provider {
            Provider::VertexAi => SERVICE_ACCOUNT.replace("https://oauth2.googleapis.com", &cloud.base()),
            _ => format!("api_key: \"{PLANTED}\","),
        };
        let again = desk.engine.edit_connection(added.id, edit(&key)).await.expect("added again").connection;
        assert_eq!((again.has_api_key, again.key_hint), (true, added.key_hint), "{provider:?}");
        assert_eq!(again.endpoint, added.endpoint, "{provider:?}");
    }
}

#[tokio::test]
async fn addresses_and_ids_are_taken_as_they_are_pasted() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    let text = |text: &str| Some(text.to_owned());
    let gateway = with(cloud.new_connection(Provider::OpenAi), |entered| {
        entered.base_url = Some(format!("OPENAI_BASE_URL=\"{}/\"", cloud.base()));
    });
    let added = add(&desk, gateway).await.connection;
    assert_eq!(added.base_url, Some(cloud.base()));
    let own = with(cloud.new_connection(Provider::Custom), |entered| {
        entered.endpoint = Some(format!("'{}',", cloud.server.endpoint()));
        entered.name = text("meta-llama%2FLlama-4");
    });
    let own = add(&desk, own).await.connection;
    assert_eq!((own.endpoint, own.name.as_str()), (Some(cloud.server.endpoint()), "meta-llama/Llama-4"));
    for (wrong, field) in [
        (with(cloud.new_connection(Provider::Custom), |entered| entered.name = text("gpt%206")), "name"),
        (with(cloud.new_connection(Provider::Foundry), |entered| entered.model = text("gpt%206")), "model"),
        (with(cloud.new_connection(Provider::AzureOpenAi), |entered| entered.deployment = text("a%0Ab")), "deployment"),
    ] {
        let error = desk.engine.add_connection(wrong).await.expect_err("refused");
        assert_eq!(error.field(), Some(field), "{error}");
    }
    let listed = desk.engine.add_model("OpenAI".to_owned(), "\"gpt-9\"".to_owned()).await.expect("added");
    assert!(listed.models.iter().any(|model| model.id == "gpt-9"));
}

#[tokio::test]
async fn vendors_with_one_account_have_one_connection() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    for provider in [Provider::OpenAi, Provider::Gemini, Provider::VertexAi, Provider::Anthropic] {
        add(&desk, cloud.new_connection(provider)).await;
        let second = with(cloud.new_connection(provider), |entered| entered.name = Some("Another".to_owned()));
        let error = desk.engine.add_connection(second).await.expect_err("there is one");
        assert_eq!(error.code(), ErrorCode::Invalid);
        assert!(error.to_string().contains("replace its"), "{error}");
    }
    for (provider, deployment) in [(Provider::AzureOpenAi, "one"), (Provider::AzureOpenAi, "two")] {
        let new = with(cloud.new_connection(provider), |entered| entered.deployment = Some(deployment.to_owned()));
        assert_eq!(add(&desk, new).await.connection.name, deployment);
    }
}

#[tokio::test]
async fn a_deployment_in_azure_has_one_connection_however_its_address_is_pasted() {
    let desk = Desk::new();
    let new = |endpoint: &str, deployment: &str, name: &str| {
        NewConnection::of(
            Provider::AzureOpenAi,
            ConnectionEdit {
                name: Some(name.to_owned()),
                endpoint: Some(endpoint.to_owned()),
                deployment: (!deployment.is_empty()).then(|| deployment.to_owned()),
                api_key: Some(Secret::new(PLANTED.to_owned())),
                until_quit: true,
                ..ConnectionEdit::default()
            },
        )
    };
    let first = add(&desk, new("https://team.openai.azure.com", "Labels", "ours")).await.connection;
    let uri = "https://team.openai.azure.com/openai/deployments/labels/chat/completions?api-version=2024-10-21";
    for (endpoint, deployment) in [
        ("https://team.openai.azure.com", "Labels"),
        ("https://TEAM.OpenAI.Azure.com/", "labels"),
        ("https://team.openai.azure.com/openai/v1", "labels"),
        ("https://team.cognitiveservices.azure.com", "labels"),
        (uri, ""),
    ] {
        let error = desk.engine.add_connection(new(endpoint, deployment, "twice")).await.expect_err(endpoint);
        assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("deployment")), "{endpoint}: {error}");
        assert!(error.to_string().contains("of this resource already (“ours”)"), "{error}");
    }
    let other = add(&desk, new("https://team.openai.azure.com", "other", "other")).await.connection;
    add(&desk, new("https://team-b.openai.azure.com", "labels", "theirs")).await;
    let moved =
        |deployment: &str| ConnectionEdit { deployment: Some(deployment.to_owned()), ..ConnectionEdit::default() };
    let error = desk.engine.edit_connection(other.id, moved("LABELS")).await.expect_err("it has one");
    assert!(error.to_string().contains("(“ours”)"), "{error}");
    desk.engine.edit_connection(first.id, moved("labels")).await.expect("it is itself");
}

#[tokio::test]
async fn a_model_at_an_endpoint_of_foundry_has_one_connection() {
    let desk = Desk::new();
    let new = |endpoint: &str, model: &str, name: &str| {
        let entered = ConnectionEdit {
            name: Some(name.to_owned()),
            endpoint: Some(endpoint.to_owned()),
            model: Some(model.to_owned()),
            api_key: Some(Secret::new(PLANTED.to_owned())),
            until_quit: true,
            ..ConnectionEdit::default()
        };
        NewConnection::of(Provider::Foundry, entered)
    };
    add(&desk, new("https://team.services.ai.azure.com", "deepseek-v4-pro", "ours")).await;
    for endpoint in ["https://TEAM.services.ai.azure.com/", "https://team.services.ai.azure.com/openai/v1"] {
        let error = desk.engine.add_connection(new(endpoint, "DeepSeek-V4-Pro", "twice")).await.expect_err(endpoint);
        assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("model")), "{endpoint}: {error}");
        assert!(error.to_string().contains("of this resource already (“ours”)"), "{error}");
    }
    add(&desk, new("https://team.services.ai.azure.com", "deepseek-v4-flash", "another model")).await;
    add(&desk, new("https://team-b.services.ai.azure.com", "deepseek-v4-pro", "another resource")).await;
}

#[tokio::test]
async fn what_a_catalogue_says_of_a_model_is_all_there() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    let models = add(&desk, cloud.new_connection(Provider::OpenAi)).await.connection.models;
    let luna = models.iter().find(|model| model.id == "gpt-6-luna").expect("it is offered");
    let price = luna.price.as_ref().expect("a price");
    assert_eq!(
        (price.cached_micros, price.batch_input_micros, price.batch_output_micros),
        (Some(10_000), Some(50_000), Some(250_000))
    );
    assert!(luna.output_tokens_max.is_some_and(|most| most > 1_000));
    assert!(luna.reasoning.as_ref().is_some_and(|levels| levels.iter().any(|level| level == "low")), "{luna:?}");
    assert!(luna.refuses.iter().any(|name| name == "temperature"), "{luna:?}");
    let vertex = add(&desk, cloud.new_connection(Provider::VertexAi)).await.connection.models;
    let price = vertex[0].price.as_ref().expect("a price");
    assert!(price.input_micros.is_some() && price.batch_input_micros.is_none(), "it takes no batches: {price:?}");
    let own = desk.engine.add_connection(cloud.new_connection(Provider::Custom)).await.expect("added").connection;
    assert!(own.models[0].is_free && own.models[0].price.is_none(), "{own:?}");
    let price = NewPrice { input: "1".to_owned(), output: "2".to_owned(), cached: None };
    let id = own.models[0].id.clone();
    let own = desk.engine.set_model_price(own.id.to_string(), id, Some(price)).await.expect("priced");
    let price = own.models[0].price.as_ref().expect("a price");
    assert!(!own.models[0].is_free && price.batch_output_micros.is_none(), "{price:?}");
    let old = models.iter().find(|model| model.id == "gpt-4.1").expect("it is offered");
    assert_eq!((old.reasoning.as_deref(), old.refuses.len()), (Some(&[][..]), 0), "it reasons by no levels");
}

#[tokio::test]
async fn why_no_list_of_models_came_is_said_with_what_to_do() {
    for (status, what) in [(401, "Enter another key."), (503, "Ask again later; the models that are listed here stay.")]
    {
        let server = Server::start(move |_: &Asked| Reply::status(status, "no"));
        let desk = Desk::new();
        let entered = ConnectionEdit {
            base_url: Some(server.endpoint().trim_end_matches("/v1").to_owned()),
            api_key: Some(Secret::new(PLANTED.to_owned())),
            until_quit: true,
            ..ConnectionEdit::default()
        };
        add(&desk, NewConnection::of(Provider::OpenAi, entered)).await;
        let error = desk.engine.refresh_models("OpenAI".to_owned()).await.expect_err("it failed").to_string();
        assert!(error.ends_with(what) && error.len() > what.len() + 20, "{error}");
    }
}

#[tokio::test]
async fn what_each_provider_needs_is_said_by_field() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    let text = |text: &str| Some(text.to_owned());
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    let new = |provider| cloud.new_connection(provider);
    let target_uri = |deployment: &str| {
        format!("{}/openai/deployments/{deployment}/chat/completions?api-version=2024-10-21", cloud.base())
    };
    let embeddings = target_uri("my-deployment").replace("chat/completions", "embeddings");
    for (wrong, field) in [
        (with(new(Provider::OpenAi), |entered| entered.api_key = None), "api_key"),
        (with(new(Provider::Anthropic), |entered| entered.api_key = secret("\" \"")), "api_key"),
        (with(new(Provider::Gemini), |entered| entered.base_url = text("gateway")), "base_url"),
        (with(new(Provider::OpenAi), |entered| entered.deployment = text("d")), "deployment"),
        (with(new(Provider::OpenAi), |entered| entered.auth_token = secret("t")), "auth_token"),
        (with(new(Provider::VertexAi), |entered| entered.credentials = None), "credentials"),
        (with(new(Provider::VertexAi), |entered| entered.credentials = secret("{\"type\":")), "credentials"),
        (with(new(Provider::VertexAi), |entered| entered.project_id = text("a b")), "project_id"),
        (with(new(Provider::VertexAi), |entered| entered.location = text("over there")), "location"),
        (with(new(Provider::VertexAi), |entered| entered.location = text(&"a".repeat(256))), "location"),
        (with(new(Provider::AzureOpenAi), |entered| entered.deployment = text(" ")), "deployment"),
        (with(new(Provider::AzureOpenAi), |entered| entered.deployment = text(&"d".repeat(513))), "deployment"),
        (with(new(Provider::AzureOpenAi), |entered| entered.endpoint = None), "endpoint"),
        (with(new(Provider::AzureOpenAi), |entered| entered.endpoint = text(&target_uri("other"))), "deployment"),
        (with(new(Provider::AzureOpenAi), |entered| entered.endpoint = text(&embeddings)), "endpoint"),
        (with(new(Provider::Foundry), |entered| entered.model = None), "model"),
        (with(new(Provider::Custom), |entered| entered.name = None), "name"),
    ] {
        let words = format!("{wrong:?}");
        let error = desk.engine.add_connection(wrong).await.expect_err("refused");
        assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some(field)), "{words}: {error}");
    }
    assert_eq!(desk.engine.connections().await.expect("connections").len(), 1, "only the practice model is there");
    let by_uri = with(new(Provider::AzureOpenAi), |entered| {
        (entered.endpoint, entered.deployment) = (text(&target_uri("named")), None);
    });
    let named = add(&desk, by_uri).await.connection;
    assert_eq!((named.name.as_str(), named.deployment.as_deref()), ("named", Some("named")));
    let moved = ConnectionEdit { endpoint: text(&target_uri("moved")), ..ConnectionEdit::default() };
    let moved = desk.engine.edit_connection(named.id, moved).await.expect("another address is pasted").connection;
    assert_eq!(moved.deployment.as_deref(), Some("moved"));
    let keyless = with(new(Provider::OpenAi), |entered| entered.api_key = None);
    let later = NewConnection { without_key: true, ..keyless };
    add(&desk, later).await;
    let error = desk.engine.test_connection("OpenAI".to_owned(), None).await.expect_err("no key is there");
    assert!(error.to_string().contains("API key"), "{error}");
    desk.engine.lend_api_key("OpenAI".to_owned(), Secret::new(PLANTED.to_owned())).await.expect("lent");
    assert!(desk.engine.test_connection("OpenAI".to_owned(), None).await.expect("a test").ok);
}

#[tokio::test]
async fn a_key_file_is_read_where_it_lies_and_nothing_of_it_is_said() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    let file = SERVICE_ACCOUNT.replace("https://oauth2.googleapis.com", &cloud.base());
    let at = |path: String| {
        with(cloud.new_connection(Provider::VertexAi), |entered| {
            entered.credentials = None;
            entered.credentials_path = Some(path);
        })
    };
    let folder = desk.folder.path().to_str().expect("temporary paths are text").to_owned();
    let half = &file[..file.len() / 2];
    for (path, words) in [
        (desk.write("film.mov", &" ".repeat((64 << 10) + 1)), "is larger than 64 kB"),
        (format!("{folder}/none.json"), "there is no file"),
        (folder.clone(), "is a folder"),
        (desk.write("half.json", half), "this is not JSON"),
        (desk.write("empty.json", ""), "this is not JSON"),
        (desk.write("own.json", r#"{"type": "authorized_user"}"#), "a person's own credentials"),
    ] {
        let error = desk.engine.add_connection(at(path.clone())).await.expect_err("refused");
        assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("credentials")), "{path}: {error}");
        let said = error.to_string();
        assert!(said.contains(words) && !said.contains("PRIVATE KEY"), "{path}: {said}");
    }
    let latin = desk.folder.path().join("latin.json");
    std::fs::write(&latin, b"{\"type\": \"\xe4\"}").expect("written");
    let error = desk.engine.add_connection(at(latin.to_str().expect("text").to_owned())).await.expect_err("refused");
    assert!(error.to_string().contains("is not UTF-8 text"), "{error}");

    // As large as is taken, with the mark that Windows puts before a text.
    let mut whole = format!("\u{feff}{file}");
    whole.push_str(&" ".repeat((64 << 10) - whole.len()));
    let path = desk.write("key.json", &whole);
    let added = add(&desk, at(path.clone())).await.connection;
    assert!(added.has_api_key && added.account.is_some_and(|account| account.contains('@')));
    assert!(desk.engine.test_connection("Vertex AI".to_owned(), None).await.expect("a test").ok);
    let replaced = ConnectionEdit { credentials_path: Some(path), until_quit: true, ..ConnectionEdit::default() };
    assert!(desk.engine.edit_connection(added.id.clone(), replaced).await.expect("edited").connection.has_api_key);
    let misplaced = with(cloud.new_connection(Provider::OpenAi), |entered| entered.credentials_path = Some(folder));
    let error = desk.engine.add_connection(misplaced).await.expect_err("it takes no such secret");
    assert_eq!(error.field(), Some("credentials"));
}

#[tokio::test]
async fn the_list_of_the_provider_narrows_what_is_offered_and_hands_add_to_it() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    let added = add(&desk, cloud.new_connection(Provider::OpenAi)).await.connection;
    assert!(added.models.len() > 3 && added.models_listed_at.is_none());
    let listed = desk.engine.refresh_models("OpenAI".to_owned()).await.expect("a list");
    let ids = |models: &[touchstone_engine::connections::ModelInfo]| {
        models.iter().map(|model| model.id.clone()).collect::<Vec<_>>()
    };
    // What the catalogue and the list both have, and what is newer than the catalogue and may chat.
    assert_eq!(ids(&listed.models), ["gpt-6-luna", "gpt-5.4", "gpt-99-new"]);
    assert!(listed.models[2].price.is_none() && !listed.models[2].is_added);
    let luna = &listed.models[0];
    assert_eq!(luna.price.as_ref().and_then(|price| price.input_micros), Some(100_000));
    let more = desk.engine.add_model("OpenAI".to_owned(), " gpt-9 ".to_owned()).await.expect("added");
    assert_eq!(ids(&more.models), ["gpt-6-luna", "gpt-5.4", "gpt-99-new", "gpt-9"]);
    assert!(more.models[3].is_added && more.models[3].price.is_none(), "nothing is known of it");
    let error = desk.engine.add_model("OpenAI".to_owned(), "gpt-9".to_owned()).await.expect_err("it is there");
    assert_eq!(error.field(), Some("model"));
    desk.engine.remove_model("OpenAI".to_owned(), "gpt-6-luna".to_owned()).await.expect_err("it was not added");
    let less = desk.engine.remove_model("OpenAI".to_owned(), "gpt-9".to_owned()).await.expect("removed");
    assert_eq!(ids(&less.models), ["gpt-6-luna", "gpt-5.4", "gpt-99-new"]);

    let new_key = ConnectionEdit {
        api_key: Some(Secret::new("sk-another-one-0815".to_owned())),
        until_quit: true,
        ..ConnectionEdit::default()
    };
    let edited = desk.engine.edit_connection(added.id, new_key).await.expect("edited").connection;
    assert_eq!((edited.key_hint.as_deref(), edited.base_url.is_some()), (Some("0815"), true));
    assert!(edited.models.len() > 3, "another key may be let to other models");

    add(&desk, cloud.new_connection(Provider::Custom)).await;
    let error = desk.engine.add_model("llama3.2".to_owned(), "b".to_owned()).await.expect_err("it is one model");
    assert!(error.to_string().contains("one model"), "{error}");
    add(&desk, cloud.new_connection(Provider::VertexAi)).await;
    desk.engine.refresh_models("Vertex AI".to_owned()).await.expect_err("it lists none");
}

#[tokio::test]
async fn what_is_not_sent_and_what_ends_is_said_before_a_run() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    let connection = add(&desk, cloud.new_connection(Provider::OpenAi)).await.connection;
    let prompt = ask(&desk, &connection.id, "gpt-6-luna").await;
    let problems = async |model: &str| {
        let mut content = draft("Topic of: {text}", &connection.id);
        content.model = model.to_owned();
        let temperature: Json = serde_json::from_str("0.5").expect("a number");
        content.invocation_params = Object(vec![("temperature".to_owned(), temperature)]);
        let preview = desk.engine.preview_request(prompt.clone(), content, 0).await.expect("a preview");
        let problems = preview.problems.into_iter();
        problems.map(|problem| (problem.severity, problem.code, problem.message)).collect::<Vec<_>>()
    };
    let left_out = "temperature is not sent: gpt-6-luna does not take it.".to_owned();
    assert_eq!(problems("gpt-6-luna").await, [(Severity::Warning, ProblemCode::ParameterLeftOut, left_out)]);
    let found = problems("gpt-4").await;
    let [(Severity::Warning, ProblemCode::ModelRetires, words)] = &found[..] else { panic!("{found:?}") };
    assert!(words.starts_with("gpt-4 stopped to answer on 2026-10-23"), "{words}");
}

#[tokio::test]
async fn what_was_paid_and_is_no_answer_is_priced_and_kept() {
    let server = Server::start(|asked: &Asked| {
        let text = asked.text();
        let mut body = json!({
            "choices": [{ "message": { "content": "{\"topic\": \"Bu" }, "finish_reason": "length" }],
            "usage": { "prompt_tokens": TOKENS_IN, "completion_tokens": TOKENS_OUT },
        });
        if text.contains("refused") {
            body["choices"][0] =
                json!({ "message": { "content": null, "refusal": "I will not." }, "finish_reason": "stop" });
        } else if text.contains("too long") {
            let error = json!({ "message": "Too many tokens.", "code": "context_length_exceeded" });
            let headers = vec![("x-request-id", "request-7".to_owned())];
            return Reply::Http { status: 400, headers, body: json!({ "error": error }).to_string() };
        }
        Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() }
    });
    let desk = Desk::new();
    let entered = ConnectionEdit {
        base_url: Some(server.endpoint()),
        api_key: Some(Secret::new(PLANTED.to_owned())),
        until_quit: true,
        ..ConnectionEdit::default()
    };
    let connection = add(&desk, NewConnection::of(Provider::OpenAi, entered)).await.connection;
    let tasks = json!([task("truncated", None), task("refused", None), task("too long", None)]);
    let project = desk.import("Feedback", &tasks).await;
    let prompt = desk.prompt(&project, &connection.id).await;
    let mut content = draft("Topic of: {text}", &connection.id);
    content.model = "gpt-6-luna".to_owned();
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.failed, run.requests), (RunStatus::Completed, 3, 3), "none is worth asking again");
    assert_eq!((run.cost_micros, run.unpriced), (2 * 260, 0));
    let query = RowQuery { filter: RowFilter::All, sort: RowSort::Position, search: String::new(), cell: None };
    let rows = desk.result_rows(run.id.clone(), query, 0, 10).await.rows;
    let codes: Vec<_> = rows.iter().map(|row| row.error.as_ref().expect("failed").code.as_str()).collect();
    assert_eq!(codes, ["truncated", "refused", "context_too_long"]);
    assert_eq!(rows.iter().map(|row| row.cost_usd).collect::<Vec<_>>(), [Some(0.00026), Some(0.00026), Some(0.0)]);
    let vendor = rows[2].error.as_ref().and_then(|error| error.vendor.clone()).expect("it said something");
    assert_eq!((vendor.status, vendor.code.as_deref()), (Some(400), Some("context_length_exceeded")));
    assert_eq!(vendor.request_id.as_deref(), Some("request-7"));
    let detail = desk.engine.result(run.id.clone(), rows[1].task_id).await.expect("a result");
    assert_eq!(detail.answer.as_deref(), Some("I will not."), "how it refused can be looked at");
}

#[tokio::test]
async fn an_unknown_price_makes_the_cost_unknown_and_not_zero() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    let connection = add(&desk, cloud.new_connection(Provider::OpenAi)).await.connection;
    let prompt = ask(&desk, &connection.id, "gpt-9").await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.correct, run.cost_usd, run.cost_micros, run.unpriced), (3, None, 0, 3));
}

#[tokio::test]
async fn a_custom_server_that_knows_another_form_only_is_asked_in_that_form() {
    let server = Server::start(|asked: &Asked| match asked.body["response_format"]["type"].as_str() {
        Some("json_object") => Reply::status(400, "response_format.type must be json_schema or text"),
        _ => reply(asked, &said(asked)),
    });
    let desk = Desk::new();
    let entered = ConnectionEdit {
        name: Some("picky".to_owned()),
        endpoint: Some(server.endpoint()),
        ..ConnectionEdit::default()
    };
    let connection = add(&desk, NewConnection::of(Provider::Custom, entered)).await.connection;
    let prompt = ask(&desk, &connection.id, "picky").await;
    let test = desk.engine.test_connection("picky".to_owned(), None).await.expect("a test");
    assert!(test.ok, "{}", test.message);
    assert_eq!(test.structure, Some(StructuredMode::JsonSchema));
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.correct, run.failed), (3, 0));
    assert!(
        server.asked().iter().rev().take(3).all(|asked| asked.body["response_format"]["type"] == "json_schema"),
        "it is remembered"
    );
}

#[tokio::test]
async fn a_price_of_the_users_own_counts_from_then_on() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    let connection = add(&desk, cloud.new_connection(Provider::OpenAi)).await.connection;
    let prompt = ask(&desk, &connection.id, "gpt-6-luna").await;
    let price = |input: &str, output: &str, cached: Option<&str>| {
        let cached = cached.map(str::to_owned);
        Some(NewPrice { input: input.to_owned(), output: output.to_owned(), cached })
    };
    let set = |model: &str, price| desk.engine.set_model_price("OpenAI".to_owned(), model.to_owned(), price);
    let before = desk.run(&prompt, Subset::SAMPLE).await;
    assert_eq!(before.cost_micros, 3 * 260);

    let changed = set("gpt-6-luna", price("2", "10.5", Some("0.25"))).await.expect("the price is kept");
    let luna = &changed.models[0];
    let own = luna.price.as_ref().expect("a price");
    assert!(own.is_own && !own.has_tiers, "{own:?}");
    let amounts = (own.input_micros, own.output_micros, own.cached_micros);
    assert_eq!(amounts, (Some(2_000_000), Some(10_500_000), Some(250_000)));
    let listed = luna.listed_price.as_ref().expect("the catalogue's stays in sight");
    assert_eq!((listed.input_micros, listed.is_own), (Some(100_000), false));

    // Another question, as what was answered is owned.
    let mut content = draft("Topic of all: {text}", &connection.id);
    content.model = "gpt-6-luna".to_owned();
    desk.engine.save_draft(prompt.clone(), content).await.expect("saved");
    let after = desk.run(&prompt, Subset::All).await;
    // 1,100 × $2 and 300 × $10.50 for a million.
    assert_eq!((after.cost_micros, after.unpriced), (3 * 5_350, 0));
    let runs = desk.engine.runs(Some(prompt)).await.expect("runs");
    let old = runs.iter().find(|run| run.id == before.id).expect("it is kept");
    assert_eq!(old.cost_micros, before.cost_micros, "what was paid is paid");

    let reset = set("gpt-6-luna", None).await.expect("the catalogue's holds again");
    assert_eq!(reset.models[0].price.as_ref().and_then(|price| price.input_micros), Some(100_000));
    for (model, wrong, field) in [
        ("gpt-6-luna", price("-1", "1", None), "input"),
        ("gpt-6-luna", price("1", "a lot", None), "output"),
        ("gpt-6-luna", price("1", "1", Some("20000")), "cached"),
        ("gpt-0", price("1", "1", None), "model"),
    ] {
        let refused = set(model, wrong).await.expect_err("refused");
        assert_eq!((refused.code(), refused.field()), (ErrorCode::Invalid, Some(field)), "{refused}");
    }
    let practice =
        desk.engine.set_model_price("practice".to_owned(), "practice".to_owned(), price("1", "1", None)).await;
    assert!(practice.expect_err("refused").to_string().contains("costs nothing"));
}

#[tokio::test]
async fn an_own_servers_model_costs_what_the_user_says() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    let connection = add(&desk, cloud.new_connection(Provider::Custom)).await.connection;
    assert!(connection.models[0].price.is_none(), "nobody knows it");
    let price = NewPrice { input: "0.5".to_owned(), output: "2".to_owned(), cached: None };
    let id = connection.models[0].id.clone();
    desk.engine.set_model_price(connection.name, id.clone(), Some(price)).await.expect("kept");
    let prompt = ask(&desk, &connection.id, &id).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.cost_micros, run.unpriced), (3 * (550 + 600), 0));
}

#[tokio::test]
async fn likelihoods_are_asked_for_along_and_each_ability_says_where_it_is_known_from() {
    use AbilitySource::{Catalogue, EarlierTest, Test};
    for (takes_them, gives_them) in [(true, true), (true, false), (false, false)] {
        let server = Server::start(move |asked: &Asked| {
            let wants_them = asked.body["logprobs"] == true;
            if wants_them && !takes_them {
                let error =
                    json!({"message": "Unsupported parameter.", "param": "logprobs", "code": "unsupported_parameter"});
                return Reply::Http { status: 400, headers: Vec::new(), body: json!({ "error": error }).to_string() };
            }
            let Reply::Http { status, headers, body } = reply(asked, &said(asked)) else { return slow_down() };
            let mut body: Value = serde_json::from_str(&body).expect("JSON");
            if wants_them && gives_them {
                body["choices"][0]["logprobs"] = json!({"content": [{"token": "{", "logprob": -0.25}]});
            }
            Reply::Http { status, headers, body: body.to_string() }
        });
        let desk = Desk::new();
        let entered = ConnectionEdit {
            base_url: Some(server.endpoint()),
            api_key: Some(Secret::new(PLANTED.to_owned())),
            until_quit: true,
            ..ConnectionEdit::default()
        };
        add(&desk, NewConnection::of(Provider::OpenAi, entered)).await;
        let test = async || {
            let model = Some("gpt-4.1".to_owned());
            let record = desk.engine.test_connection("OpenAI".to_owned(), model).await.expect("a test");
            assert!(record.ok, "{}", record.message);
            (record.abilities.expect("what it can do"), record.ability_sources.expect("where from"))
        };
        let (abilities, from) = test().await;
        assert_eq!((abilities.logprobs, from.logprobs), (Some(gives_them), Some(Test)), "takes: {takes_them}");
        assert_eq!((from.schema, from.images, from.pdf), (Some(Test), Some(Catalogue), Some(Catalogue)));
        assert_eq!(server.asked_about("ready"), if takes_them { 1 } else { 2 }, "no question more is paid for it");
        let (_, from) = test().await;
        assert_eq!((from.schema, from.images, from.logprobs), (Some(EarlierTest), Some(Catalogue), Some(Test)));
    }
}
