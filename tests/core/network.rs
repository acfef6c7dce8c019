//! What leaves this machine: the list of hosts that were contacted, and the Offline switch.

use crate::support::{Desk, Reply, Server, bugs, custom, to_json, until};
use serde_json::json;
use touchstone_engine::connections::{ConnectionEdit, NewConnection};
use touchstone_engine::domain::prompt::Provider;
use touchstone_engine::domain::run::{RunStatus, Subset};
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::{ConnectionId, TaskId};
use touchstone_engine::network::{ContactPurpose, HostContacts};
use touchstone_engine::settings::Settings;
use touchstone_engine::{Engine, ErrorCode};

/// Of a block of addresses that nobody has: what is sent there would be lost, and a test would wait for it.
const ELSEWHERE: &str = "http://192.0.2.1:11434/v1";

async fn switch(engine: &Engine, offline: bool) {
    let settings = engine.settings().await.expect("settings");
    engine.set_settings(Settings { offline, ..settings }).await.expect("the switch is turned");
}

async fn elsewhere(engine: &Engine) -> ConnectionId {
    engine.add_connection(custom("far", ELSEWHERE.to_owned())).await.expect("added").connection.id
}

fn found(contacts: &[HostContacts], purpose: ContactPurpose) -> &HostContacts {
    contacts.iter().find(|contact| contact.purpose == purpose).expect("it was contacted")
}

#[tokio::test]
async fn who_was_contacted_is_listed_and_outlives_the_program() {
    let server = Server::start(|_| Reply::class("Bug"));
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    desk.run(&prompt, Subset::All).await;
    desk.engine.test_connection("scripted".to_owned(), None).await.expect("tested");
    let contacts = desk.engine.contacts().await.expect("contacts");
    let model = found(&contacts, ContactPurpose::Model);
    assert_eq!((model.requests, model.is_loopback), (3, true));
    assert!(server.endpoint().contains(&model.host), "{}", model.host);
    assert!(model.bytes_sent > 300 && model.bytes_received > 100, "{model:?}");
    assert!(found(&contacts, ContactPurpose::Check).requests >= 1, "a test is told from a run");
    let told = to_json(&contacts).to_string();
    assert!(!told.contains("/v1") && !told.contains("crash"), "neither paths nor what was said: {told}");
    assert_eq!(to_json(&desk.another_engine().contacts().await.expect("contacts")), to_json(&contacts));

    desk.engine.clear_contacts().await.expect("cleared");
    assert!(desk.engine.contacts().await.expect("contacts").is_empty());
    assert!(desk.recorder.reports().contains(&json!({ "kind": "contacts" })), "the window is told");
}

#[tokio::test]
async fn a_host_where_nothing_answered_is_told_from_one_that_did() {
    let server = Server::start(|_| Reply::class("Bug"));
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    desk.run(&prompt, Subset::All).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
    desk.engine.add_connection(custom("gone", format!("http://{nobody}/v1"))).await.expect("added");
    assert!(!desk.engine.test_connection("gone".to_owned(), None).await.expect("a test").ok);
    let contacts = desk.engine.contacts().await.expect("contacts");
    let of = |host: &str| contacts.iter().find(|contact| host.contains(&contact.host)).expect("listed");
    let (there, gone) = (of(&server.endpoint()), of(&nobody.to_string()));
    assert_eq!((there.has_answered, gone.has_answered), (true, false));
    assert_eq!((gone.bytes_sent, gone.bytes_received), (0, 0), "nothing of it left this program");
}

#[tokio::test]
async fn contacts_are_written_down_unasked() {
    let server = Server::start(|_| Reply::class("Bug"));
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    desk.run(&prompt, Subset::All).await;
    until("the list is written", async || !desk.store().contacts().expect("contacts").is_empty()).await;
}

#[tokio::test]
async fn offline_a_run_elsewhere_is_paused_before_anything_is_sent() {
    let desk = Desk::new();
    let far = elsewhere(&desk.engine).await;
    switch(&desk.engine, true).await;
    let project = desk.import("Feedback", &bugs(3)).await;
    let prompt = desk.prompt(&project, &far).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done, run.requests), (RunStatus::Paused, 0, 0));
    let reason = run.reason.expect("a reason");
    assert!(reason.contains("Offline is switched on, in Settings → Network or by --offline"), "{reason}");
    assert!(reason.contains("192.0.2.1"), "{reason}");
    assert!(desk.engine.contacts().await.expect("contacts").is_empty());
}

#[tokio::test]
async fn offline_a_model_on_this_machine_is_asked_as_ever() {
    let server = Server::start(|_| Reply::class("Bug"));
    let desk = Desk::new();
    switch(&desk.engine, true).await;
    let prompt = desk.prompt_on(&server, &bugs(2)).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done, run.failed), (RunStatus::Completed, 2, 0), "{:?}", run.reason);
}

#[tokio::test]
async fn offline_is_said_by_a_code_of_its_own_wherever_something_would_be_sent() {
    let desk = Desk::new();
    let engine = &desk.engine;
    elsewhere(engine).await;
    let entered = ConnectionEdit {
        api_key: Some(Secret::new("sk-0123456789".to_owned())),
        until_quit: true,
        ..ConnectionEdit::default()
    };
    engine.add_connection(NewConnection::of(Provider::OpenAi, entered)).await.expect("added");
    switch(engine, true).await;
    let code = |error: touchstone_engine::Error| error.code();
    let tested = engine.test_connection("far".to_owned(), None).await;
    assert_eq!(tested.map(drop).map_err(code), Err(ErrorCode::Offline));
    let connection = engine.connection("far".to_owned()).await.expect("it is there");
    assert!(connection.last_test.is_none(), "the switch says nothing about the connection");
    let listed = engine.refresh_models("OpenAI".to_owned()).await;
    assert_eq!(listed.map(drop).map_err(code), Err(ErrorCode::Offline));
    let offered = engine.connection("OpenAI".to_owned()).await.expect("it is there").models;
    assert!(!offered.is_empty(), "the catalogue needs no network");
    let looked = engine.look_at_link("https://api.arize.com".to_owned(), None).await;
    assert_eq!(looked.map(drop).map_err(code), Err(ErrorCode::Offline));
    desk.import("Feedback", &json!([{ "data": { "text": "http://192.0.2.1/a.png" } }])).await;
    let media = engine.media(TaskId(1), "text".to_owned(), 0, None).await;
    assert_eq!(media.map(drop).map_err(code), Err(ErrorCode::Offline));
    let info = engine.media_info(TaskId(1), "text".to_owned()).await.expect("looked at");
    assert!(info[0].problem.as_deref().is_some_and(|why| why.contains("Offline is switched on")), "{info:?}");
}

#[tokio::test]
async fn the_switch_outlives_the_program_and_another_program_obeys_it() {
    let desk = Desk::new();
    elsewhere(&desk.engine).await;
    let other = desk.another_engine();
    let watching = tokio::spawn(other.clone().watch());
    switch(&desk.engine, true).await;
    // It would wait for an answer that never comes; whoever is offline says so at once.
    let is_offline = async |engine: &Engine| {
        let tested =
            tokio::time::timeout(std::time::Duration::from_millis(200), engine.test_connection("far".to_owned(), None));
        tested.await.is_ok_and(|tested| tested.is_err_and(|error| error.code() == ErrorCode::Offline))
    };
    until("the other one obeys", async || is_offline(&other).await).await;
    watching.abort();
    assert!(is_offline(&desk.another_engine()).await, "it is on when the workspace is opened again");
    assert!(desk.another_engine().settings().await.expect("settings").offline);
}

#[tokio::test]
async fn a_program_can_stay_offline_on_its_own() {
    let desk = Desk::new();
    elsewhere(&desk.engine).await;
    desk.engine.force_offline();
    switch(&desk.engine, false).await;
    let tested = desk.engine.test_connection("far".to_owned(), None).await;
    assert_eq!(tested.map(drop).map_err(|error| error.code()), Err(ErrorCode::Offline));
    assert!(!desk.engine.settings().await.expect("settings").offline, "it is no matter of the workspace");
}
