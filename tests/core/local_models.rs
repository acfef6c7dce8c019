//! Models on this computer: found, tested and made a connection, on a server that speaks as vLLM does.

use crate::support::{Asked, Desk, Gate, Reply, Server, bugs, by_text, custom, draft, new_import, new_run, until};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use touchstone_engine::ErrorCode;
use touchstone_engine::connections::{
    ConnectionEdit, LocalKind, LocalModel, LocalProblem, NewConnection, NewPrice, StructuredMode,
};
use touchstone_engine::domain::prompt::Provider;
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::requests::{Problem, ProblemCode};

const MODEL: &str = "org/tiny";

/// Ignores the schema of `json_object`, holds the model to that of `json_schema`, sees no pictures and takes no files,
/// tells likelihoods.
fn vllm(asked: &Asked) -> Reply {
    let path = asked.head.split(' ').nth(1).unwrap_or_default();
    let json = |body: Value| Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() };
    match path {
        "/v1/models" => json(json!({"data": [{"id": MODEL, "owned_by": "vllm", "max_model_len": 4096}]})),
        "/version" => json(json!({"version": "0.20.1"})),
        _ => answer(asked),
    }
}

fn answer(asked: &Asked) -> Reply {
    let body = asked.body.to_string();
    let is_held = asked.body["response_format"]["type"] == "json_schema";
    let content = if body.contains("image_url") {
        return Reply::status(400, "this model takes no image");
    } else if body.contains("file_data") {
        return Reply::status(400, "Unknown part type: file");
    } else if body.contains("zebra") {
        if is_held { json!({"label": "a"}).to_string() } else { "zebra".to_owned() }
    } else if body.contains("ready") {
        json!({"ready": "yes"}).to_string()
    } else if body.contains("story") {
        json!({"story": "Once."}).to_string()
    } else {
        return by_text(asked);
    };
    let logprobs = json!({"content": [{"token": "{", "logprob": -0.5}]});
    let body = json!({
        "choices": [{
            "message": {"role": "assistant", "content": content},
            "finish_reason": "stop",
            "logprobs": if asked.body["logprobs"] == true { logprobs } else { Value::Null },
        }],
        "usage": {"prompt_tokens": 11, "completion_tokens": 20},
    });
    Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() }
}

/// How often it was asked with this word anywhere in the request.
fn asked_with(server: &Server, word: &str) -> usize {
    server.asked().iter().filter(|asked| asked.body.to_string().contains(word)).count()
}

fn port(server: &Server) -> u16 {
    let endpoint = server.endpoint();
    let port = endpoint.trim_end_matches("/v1").rsplit(':').next().and_then(|port| port.parse().ok());
    port.expect("an address has a port")
}

async fn found(desk: &Desk, server: &Server) -> LocalModel {
    let mut servers = desk.engine.find_local_servers(vec![port(server)]).await.expect("a look");
    assert_eq!((servers.len(), servers[0].kind, servers[0].endpoint.clone()), (1, LocalKind::Vllm, server.endpoint()));
    assert_eq!((servers[0].name.as_str(), servers[0].version.as_deref()), ("vLLM", Some("0.20.1")));
    servers.remove(0).models.remove(0)
}

#[tokio::test]
async fn a_model_is_found_tested_added_and_asked_as_was_measured() {
    let desk = Desk::new();
    let server = Server::start(vllm);
    let model = found(&desk, &server).await;
    assert_eq!((model.id.as_str(), model.context_tokens), (MODEL, Some(4096)));
    assert!(model.test.is_none() && model.connection_name.is_none());
    assert!(server.asked().iter().all(|asked| asked.head.starts_with("GET ")), "looking makes no model answer");

    let test = desk.engine.test_local_model(port(&server), MODEL.to_owned()).await.expect("a test");
    let abilities = test.record.abilities.expect("what it can do");
    assert!(test.record.ok, "{}", test.record.message);
    assert_eq!(test.record.structure, Some(StructuredMode::JsonSchema), "the form that it is really held to");
    assert_eq!((abilities.schema, abilities.json), (Some(true), Some(true)));
    assert_eq!((abilities.images, abilities.pdf, abilities.logprobs), (Some(false), Some(false), Some(true)));
    let speed = test.speed.expect("its speed");
    assert!(speed.tokens_per_second.is_some_and(|rate| rate > 0.0) && (1..=16).contains(&speed.parallel), "{speed:?}");
    let steps: Vec<_> =
        desk.recorder.reports().iter().filter_map(|told| told["step"].as_str().map(str::to_owned)).collect();
    assert_eq!(steps[..4], ["answer", "schema", "abilities", "speed"]);

    let saved = desk.engine.add_local_model(port(&server), MODEL.to_owned()).await.expect("added").connection;
    assert_eq!((saved.name.as_str(), saved.endpoint.as_deref()), (MODEL, Some(server.endpoint().as_str())));
    let info = &saved.models[0];
    assert!(info.is_free && !info.is_assumed_free, "vLLM runs its models itself");
    assert_eq!((info.context_tokens, info.has_vision, info.has_pdf), (Some(4096), Some(false), Some(false)));
    assert_eq!(info.speed, Some(speed));
    assert!(saved.last_test.is_some_and(|test| test.ok), "what was tested need not be tested again");
    let again = found(&desk, &server).await;
    assert_eq!(again.connection_name.as_deref(), Some(MODEL));
    assert!(again.test.is_some());
    let error = desk.engine.add_local_model(port(&server), MODEL.to_owned()).await.map(|saved| saved.connection.name);
    assert_eq!(error.expect("a second one has another name"), format!("{MODEL} on port {}", port(&server)));

    // What is known is not asked again, and a run holds the model as was found.
    let questions = || ["zebra", "image_url", "file_data"].map(|word| asked_with(&server, word));
    let before = questions();
    assert_eq!(before[1..], [1, 1], "a picture and a document that are refused are shown once");
    desk.engine.test_connection(MODEL.to_owned(), None).await.expect("a test");
    assert_eq!(questions(), before);
    let project = desk.import("Feedback", &bugs(6)).await;
    let prompt = desk.prompt(&project, &saved.id).await;
    let mut content = draft("Topic of: {text}", &saved.id);
    content.model = MODEL.to_owned();
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.correct, run.failed), (6, 0));
    let asked = server.asked();
    let run: Vec<_> = asked.iter().filter(|asked| asked.text().contains("Topic of")).collect();
    assert!(run.iter().all(|asked| asked.body["response_format"]["type"] == "json_schema"));
    assert!(run.iter().all(|asked| asked.body["model"] == MODEL));
}

#[tokio::test]
async fn a_test_of_a_model_brings_the_connections_to_it_up_to_date() {
    let desk = Desk::new();
    let server = Server::start(vllm);
    let entered = ConnectionEdit {
        name: Some("By hand".to_owned()),
        model: Some(MODEL.to_owned()),
        endpoint: Some(server.endpoint().replace("127.0.0.1", "localhost")),
        ..ConnectionEdit::default()
    };
    let new = NewConnection::of(Provider::Custom, entered);
    let saved = desk.engine.add_connection(new).await.expect("a connection").connection;
    assert!(saved.models[0].structure.is_none() && saved.last_test.is_none());
    let test = desk.engine.test_local_model(port(&server), MODEL.to_owned()).await.expect("a test");
    let known = desk.engine.connections().await.expect("connections");
    let known = known.iter().find(|known| known.id == saved.id).expect("it is still there");
    let model = &known.models[0];
    assert_eq!((model.structure, model.has_vision), (Some(StructuredMode::JsonSchema), Some(false)));
    assert_eq!((model.context_tokens, model.speed), (Some(4096), test.speed));
    assert!(known.last_test.as_ref().is_some_and(|test| test.ok));
}

#[tokio::test]
async fn a_model_is_asked_about_a_document_unless_a_test_found_that_it_reads_none() {
    let reads = |asked: &Asked| {
        let is_about_page = asked.body.to_string().contains("file_data");
        if is_about_page { Reply::Says(json!({ "word": "lantern" }).to_string()) } else { vllm(asked) }
    };
    let blind = Server::start(vllm);
    let sighted = Server::start(reads);
    for (server, can) in [(&blind, false), (&sighted, true)] {
        let desk = Desk::new();
        let connection = desk.connect(server).await;
        let config = r#"<View><Pdf name="doc" value="$doc"/>
          <Choices name="kind" toName="doc"><Choice value="Terms"/></Choices></View>"#;
        let path = desk.write("tasks.json", r#"[{"data": {"doc": "/none.pdf"}}]"#);
        let project = desk.engine.import_project(new_import("Files", config, Some(path))).await.expect("imported");
        let prompt = desk.prompt(&project.project_id, &connection).await;
        let content = draft("What is {doc}", &connection);
        desk.engine.save_draft(prompt.clone(), content.clone()).await.expect("draft");
        let preview = || desk.engine.preview_request(prompt.clone(), content.clone(), 0);
        let is_refused = |problems: &[Problem]| {
            problems
                .iter()
                .any(|problem| problem.code == ProblemCode::UnreadableObject && problem.message.contains("PDF"))
        };
        assert!(!is_refused(&preview().await.expect("a preview").problems), "nothing is denied untested");
        let test = desk.engine.test_connection(connection.to_string(), None).await.expect("a test");
        assert!(test.ok, "{}", test.message);
        assert_eq!(test.abilities.and_then(|abilities| abilities.pdf), Some(can));
        assert_eq!(asked_with(server, "file_data"), 1, "one question");
        assert_eq!(is_refused(&preview().await.expect("a preview").problems), !can);
        let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await;
        assert_eq!(started.is_err(), !can, "{:?}", started.err());
    }
}

#[tokio::test]
async fn a_run_has_no_more_requests_in_flight_than_were_measured_to_help() {
    let desk = Desk::new();
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| {
        if asked.text().contains("Topic of") {
            return Reply::After(Arc::clone(&held), Box::new(by_text(asked)));
        }
        // The server has one thread, so this computer works on one request at a time; for long enough that what the
        // machine does beside it does not matter.
        std::thread::sleep(Duration::from_millis(if asked.text().contains("story") { 500 } else { 50 }));
        vllm(asked)
    });
    let test = desk.engine.test_local_model(port(&server), MODEL.to_owned()).await.expect("a test");
    assert_eq!(test.speed.map(|speed| speed.parallel), Some(1));
    let saved = desk.engine.add_local_model(port(&server), MODEL.to_owned()).await.expect("added").connection;
    let project = desk.import("Feedback", &bugs(12)).await;
    let prompt = desk.prompt(&project, &saved.id).await;
    let mut content = draft("Topic of: {text}", &saved.id);
    content.model = MODEL.to_owned();
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    until("it asks", async || server.asked_about("Topic of") > 0).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(server.asked_about("Topic of"), 1, "the settings would let it ask more at once");
    gate.open();
    let run = desk.engine.wait_for_run(started.run_id).await.expect("the run ends");
    assert_eq!((run.correct, run.failed), (12, 0));
}

#[tokio::test]
async fn a_test_is_canceled_and_another_waits_for_its_turn() {
    let desk = Desk::new();
    let server = Server::start(|asked: &Asked| if asked.head.starts_with("GET ") { vllm(asked) } else { Reply::Never });
    let engine = desk.engine.clone();
    let at = port(&server);
    let test = tokio::spawn(async move { engine.test_local_model(at, MODEL.to_owned()).await });
    until("it is asked", async || server.asked_about("ready") > 0).await;
    let second = desk.engine.test_local_model(at, MODEL.to_owned()).await.expect_err("one at a time");
    assert_eq!(second.code(), ErrorCode::Invalid);
    desk.engine.cancel_local_test();
    let ended = test.await.expect("it ends").expect_err("canceled");
    assert_eq!(ended.code(), ErrorCode::Canceled);
    assert!(found(&desk, &server).await.test.is_none(), "nothing is kept");
}

#[tokio::test]
async fn a_port_must_be_one() {
    let desk = Desk::new();
    for ports in [vec![0], (1..=17).collect()] {
        let error = desk.engine.find_local_servers(ports).await.expect_err("refused");
        assert_eq!(error.field(), Some("port"));
    }
}

#[tokio::test]
async fn a_server_that_wants_a_key_lists_its_models_for_that_of_a_connection_to_it() {
    const KEY: &str = "local-7d1f";
    let server = Server::start(|asked| {
        if asked.head.contains(&format!("Bearer {KEY}")) { vllm(asked) } else { Reply::status(401, "Unauthorized") }
    });
    let desk = Desk::new();
    let look = async || desk.engine.find_local_servers(vec![port(&server)]).await.expect("a look").remove(0);
    assert_eq!((look().await.problem, look().await.models.len()), (Some(LocalProblem::NeedsKey), 0));

    let entered = ConnectionEdit {
        name: Some("tiny".to_owned()),
        model: Some(MODEL.to_owned()),
        endpoint: Some(server.endpoint()),
        api_key: Some(Secret::new(KEY.to_owned())),
        until_quit: true,
        ..ConnectionEdit::default()
    };
    desk.engine.add_connection(NewConnection::of(Provider::Custom, entered)).await.expect("added");
    let open = look().await;
    assert_eq!((open.kind, open.problem), (LocalKind::Vllm, None));
    assert_eq!(open.models[0].connection_name.as_deref(), Some("tiny"));
    let test = desk.engine.test_local_model(port(&server), MODEL.to_owned()).await.expect("a test");
    assert!(test.record.ok && test.speed.is_some(), "{}", test.record.message);
    desk.engine.add_local_model(port(&server), MODEL.to_owned()).await.expect("one more");
    let second = desk.engine.connections().await.expect("a list").pop().expect("it is there");
    let test = desk.engine.test_connection(second.id.to_string(), None).await.expect("a test");
    assert!(test.ok, "it has the key too: {}", test.message);
}

#[tokio::test]
async fn what_may_be_a_gateway_counts_as_free_and_says_so_until_it_is_known_or_priced() {
    let is_known = Arc::new(AtomicBool::new(false));
    let known = Arc::clone(&is_known);
    let server = Server::start(move |asked: &Asked| match asked.head.starts_with("GET ") {
        true if known.load(Ordering::SeqCst) => vllm(asked),
        true => Reply::status(404, "no such path"),
        false => answer(asked),
    });
    let desk = Desk::new();
    let id = desk.engine.add_connection(custom("scripted", server.endpoint())).await.expect("added").connection.id;
    let free = async || {
        let connection = desk.engine.connection("scripted".to_owned()).await.expect("it is there");
        (connection.models[0].is_free, connection.models[0].is_assumed_free)
    };
    let project = desk.import("Feedback", &bugs(2)).await;
    let prompt = desk.prompt(&project, &id).await;
    let estimate = async || desk.engine.estimate_run(new_run(&prompt, Subset::All)).await.expect("an estimate");
    let test = async || desk.engine.test_connection("scripted".to_owned(), None).await.expect("a test");
    assert!(test().await.ok);
    assert_eq!((free().await, estimate().await.is_assumed_free), ((true, true), true));
    is_known.store(true, Ordering::SeqCst);
    assert!(test().await.ok);
    assert_eq!((free().await, estimate().await.is_assumed_free), ((true, false), false), "its answers say who it is");

    let moved = ConnectionEdit {
        endpoint: Some(server.endpoint().replace("127.0.0.1", "localhost")),
        ..ConnectionEdit::default()
    };
    desk.engine.edit_connection(id.clone(), moved).await.expect("moved");
    assert_eq!(free().await, (true, true), "somebody else may answer there");
    let price = NewPrice { input: "1".to_owned(), output: "2".to_owned(), cached: None };
    desk.engine.set_model_price(id.to_string(), "scripted".to_owned(), Some(price)).await.expect("priced");
    assert_eq!((free().await, estimate().await.is_assumed_free), ((false, false), false));
}
