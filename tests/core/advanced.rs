//! What few connections need: headers, a proxy, an authority of their own, a limit of requests at once.

use crate::support::{Asked, Desk, Gate, Reply, Server, bugs, by_text, custom, draft, new_run, to_json, until};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use std::sync::Arc;
use touchstone_engine::ErrorCode;
use touchstone_engine::connections::{ConnectionEdit, EnteredHeader, KeyStorage, NewConnection, certificates_pem};
use touchstone_engine::domain::run::{PauseCause, RunStatus, Subset};
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::{ConnectionId, RunId};
use touchstone_engine::settings::Settings;

const PLANTED: &str = "team-planted-4711";

fn header(name: &str, value: Option<&str>) -> EnteredHeader {
    EnteredHeader { name: name.to_owned(), value: value.map(|value| Secret::new(value.to_owned())) }
}

fn with_headers(endpoint: String, headers: Vec<EnteredHeader>) -> NewConnection {
    let mut new = custom("scripted", endpoint);
    new.entered.headers = Some(headers);
    new.entered.until_quit = true;
    new
}

/// Whether the server's last request carried this line.
fn carried(server: &Server, line: &str) -> bool {
    server.asked().last().is_some_and(|asked| asked.head.contains(&format!("{line}\r\n")))
}

#[tokio::test]
async fn headers_are_sent_with_every_request_and_never_shown() {
    // Repeats what it was sent, as some do.
    let server = Server::start(|_: &Asked| Reply::Http {
        status: 400,
        headers: Vec::new(),
        body: json!({ "error": { "message": format!("bad team {PLANTED}") } }).to_string(),
    });
    let desk = Desk::new();
    let entered = vec![header("X-Team", Some(PLANTED)), header("x-room", Some("4"))];
    let mut unkept = with_headers(server.endpoint(), vec![header("X-Team", Some(PLANTED))]);
    unkept.entered.until_quit = false;
    let refused = desk.engine.add_connection(unkept).await.expect_err("no keychain answers");
    assert_eq!(refused.code(), ErrorCode::KeychainUnavailable);
    let added = desk.engine.add_connection(with_headers(server.endpoint(), entered)).await.expect("added").connection;
    assert_eq!(added.header_names, ["x-team", "x-room"]);
    assert_eq!(added.key_storage, KeyStorage::UntilQuit);

    let record = desk.engine.test_connection("scripted".to_owned(), None).await.expect("tested");
    assert!(carried(&server, &format!("x-team: {PLANTED}")) && carried(&server, "x-room: 4"));
    let project = desk.import("Feedback", &bugs(2)).await;
    let prompt = desk.prompt(&project, &added.id).await;
    desk.run(&prompt, Subset::All).await;

    // A value that is left out stays; a name that is left out goes.
    let headers = Some(vec![header("X-Team", None)]);
    let edit = ConnectionEdit { headers, until_quit: true, ..ConnectionEdit::default() };
    let edited = desk.engine.edit_connection(added.id.clone(), edit).await.expect("edited").connection;
    assert_eq!(edited.header_names, ["x-team"]);
    desk.engine.test_connection("scripted".to_owned(), None).await.expect("tested");
    assert!(carried(&server, &format!("x-team: {PLANTED}")) && !carried(&server, "x-room: 4"));

    let told = format!("{} {} {}", to_json(&record), to_json(&added), to_json(&desk.recorder.reports()));
    assert!(!told.contains(PLANTED), "{told}");
    let file = std::fs::read(desk.workspace()).expect("the workspace");
    assert!(!file.windows(PLANTED.len()).any(|part| part == PLANTED.as_bytes()), "the workspace holds a value");

    let edit = ConnectionEdit { headers: Some(Vec::new()), until_quit: true, ..ConnectionEdit::default() };
    let edited = desk.engine.edit_connection(added.id, edit).await.expect("edited").connection;
    assert_eq!((edited.header_names.len(), edited.key_storage), (0, KeyStorage::None));
    desk.engine.test_connection("scripted".to_owned(), None).await.expect("tested");
    assert!(!server.asked().last().expect("asked").head.contains("x-team"));
}

#[tokio::test]
async fn an_edit_that_is_refused_leaves_the_headers_as_they_were() {
    let server = Server::start(|_: &Asked| Reply::class("Bug"));
    let desk = Desk::new();
    let entered = vec![header("X-Team", Some(PLANTED))];
    let added = desk.engine.add_connection(with_headers(server.endpoint(), entered)).await.expect("added").connection;
    desk.engine.add_connection(custom("other", server.endpoint())).await.expect("added");
    let headers = Some(vec![header("X-Team", Some("another"))]);
    let edit =
        ConnectionEdit { name: Some("other".to_owned()), headers, until_quit: true, ..ConnectionEdit::default() };
    let refused = desk.engine.edit_connection(added.id, edit).await.expect_err("the name is taken");
    assert_eq!(refused.code(), ErrorCode::NameTaken);
    desk.engine.test_connection("scripted".to_owned(), None).await.expect("tested");
    assert!(carried(&server, &format!("x-team: {PLANTED}")));
}

#[tokio::test]
async fn a_header_that_requests_set_themselves_is_refused_at_its_field() {
    let desk = Desk::new();
    let entered = vec![header("Authorization", Some(PLANTED))];
    let refused = desk.engine.add_connection(with_headers("http://127.0.0.1:9".to_owned(), entered)).await;
    let error = refused.expect_err("refused");
    assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("headers")));
    assert!(!error.to_string().contains(PLANTED), "{error}");
}

/// A connection to another machine, behind a proxy that answers in its place.
async fn behind(desk: &Desk, proxy: &Server) -> ConnectionId {
    let mut new = custom("far", "http://model.invalid/v1".to_owned());
    new.entered.proxy = Some(proxy.endpoint().trim_end_matches("/v1").to_owned());
    desk.engine.add_connection(new).await.expect("added").connection.id
}

#[tokio::test]
async fn a_connection_is_reached_through_its_proxy_and_answers_from_there_are_owned() {
    let proxy = Server::start(by_text);
    let desk = Desk::new();
    let far = behind(&desk, &proxy).await;
    let project = desk.import("Feedback", &bugs(3)).await;
    let prompt = desk.prompt(&project, &far).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done, run.failed), (RunStatus::Completed, 3, 0), "{:?}", run.reason);
    let head = &proxy.asked()[0].head;
    assert!(head.starts_with("POST http://model.invalid/v1/chat/completions HTTP/1.1\r\n"), "{head}");
    let contacts = desk.engine.contacts().await.expect("contacts");
    let far_host = contacts.iter().find(|contact| contact.host == "model.invalid").expect("it was asked");
    assert!(!far_host.is_loopback);
    let proxy_host = contacts.iter().find(|contact| contact.is_loopback).expect("the proxy was contacted for it");
    assert_eq!(proxy_host.requests, far_host.requests);

    let settings = desk.engine.settings().await.expect("settings");
    desk.engine.set_settings(Settings { offline: true, ..settings }).await.expect("offline");
    let again = desk.run(&prompt, Subset::All).await;
    assert_eq!((again.status, again.cached, again.requests), (RunStatus::Completed, 3, 0), "{:?}", again.reason);
    assert_eq!(proxy.asked().len(), 3);
}

#[tokio::test]
async fn switching_offline_on_pauses_a_run_that_is_under_way() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let proxy = Server::start(move |_| Reply::After(Arc::clone(&held), Box::new(Reply::class("Bug"))));
    let desk = Desk::new();
    let far = behind(&desk, &proxy).await;
    let project = desk.import("Feedback", &bugs(2)).await;
    let prompt = desk.prompt(&project, &far).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("started");
    until("it is asked", async || proxy.asked().len() == 2).await;
    let settings = desk.engine.settings().await.expect("settings");
    desk.engine.set_settings(Settings { offline: true, ..settings }).await.expect("offline");
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.status, run.done), (RunStatus::Paused, 0));
    assert!(run.reason.as_deref().is_some_and(|why| why.contains("Offline is switched on")), "{:?}", run.reason);
    gate.open();
}

#[tokio::test]
async fn runs_that_offline_paused_say_what_becomes_of_them_and_go_on_by_themselves_where_a_program_stays() {
    let proxy = Server::start(by_text);
    let desk = Desk::new();
    let far = behind(&desk, &proxy).await;
    let project = desk.import("Feedback", &bugs(2)).await;
    let prompt = desk.prompt(&project, &far).await;
    let settings = desk.engine.settings().await.expect("settings");
    let switch = async |offline| {
        desk.engine.set_settings(Settings { offline, ..settings.clone() }).await.expect("it is turned");
    };
    let stands = async |run: &RunId| {
        let run = desk.engine.run(run.clone()).await.expect("the run");
        (run.status, run.cause, run.reason.unwrap_or_default())
    };
    let offline = (RunStatus::Paused, Some(PauseCause::Offline));
    switch(true).await;
    let left = desk.run(&prompt, Subset::GroundTruth).await.id;
    let (status, cause, reason) = stands(&left).await;
    assert_eq!((status, cause), offline);
    assert!(
        reason.ends_with("and model.invalid is not on it."),
        "a program that ends with its run cannot go on: {reason}"
    );

    let watching = tokio::spawn(desk.engine.clone().watch());
    until("it stays", async || {
        let run = desk.run(&prompt, Subset::All).await;
        desk.engine.stop_run(run.id).await.expect("stopped");
        run.reason.is_some_and(|reason| reason.ends_with("The run goes on by itself once Offline is off."))
    })
    .await;
    let waits = desk.run(&prompt, Subset::All).await;
    assert_eq!((waits.status, waits.cause, waits.requests), (RunStatus::Paused, Some(PauseCause::Offline), 0));

    switch(false).await;
    until("it goes on", async || stands(&waits.id).await.0 == RunStatus::Completed).await;
    let (status, cause, reason) = stands(&left).await;
    assert_eq!((status, cause), offline, "nobody said that it goes on");
    assert_eq!(reason, "It paused because Offline was on. Offline is off now: resume to go on.");
    desk.engine.resume_run(left.clone()).await.expect("resumed");
    let run = desk.engine.wait_for_run(left).await.expect("it ends");
    assert_eq!((run.status, run.cause, run.reason), (RunStatus::Completed, None, None));
    watching.abort();
}

#[tokio::test]
async fn a_proxy_that_does_not_answer_is_named() {
    let desk = Desk::new();
    let mut new = custom("far", "http://model.invalid/v1".to_owned());
    let nowhere = crate::support::dead_endpoint();
    new.entered.proxy = Some(nowhere.trim_end_matches("/v1").to_owned());
    desk.engine.add_connection(new).await.expect("added");
    let record = desk.engine.test_connection("far".to_owned(), None).await.expect("tested");
    let words = format!(
        "The proxy {} cannot be reached: nothing is listening there. Is it running?",
        nowhere.trim_start_matches("http://").trim_end_matches("/v1")
    );
    assert_eq!((record.message, record.fault.as_deref()), (words, Some("nothing_listening")));
    assert!(record.latency_ms.is_some(), "how long it took");
}

#[tokio::test]
async fn a_proxy_that_lets_nothing_through_is_told_from_a_server_that_hangs_up() {
    let proxy = Server::start(|_| Reply::status(502, "no"));
    let desk = Desk::new();
    let mut new = custom("far", "https://model.invalid/v1".to_owned());
    let address = proxy.endpoint().trim_end_matches("/v1").to_owned();
    new.entered.proxy = Some(address.clone());
    desk.engine.add_connection(new).await.expect("added");
    let record = desk.engine.test_connection("far".to_owned(), None).await.expect("tested");
    let host = address.trim_start_matches("http://");
    assert_eq!(record.message, format!("The proxy {host} did not let the connection to model.invalid through."));
}

#[tokio::test]
async fn what_cannot_be_a_proxy_or_a_certificate_is_refused_at_its_field() {
    let desk = Desk::new();
    let id =
        desk.engine.add_connection(custom("near", "http://127.0.0.1:9".to_owned())).await.expect("added").connection.id;
    let edit = |proxy: &str, custom_ca: &str| ConnectionEdit {
        proxy: Some(proxy.to_owned()),
        custom_ca: Some(custom_ca.to_owned()),
        ..ConnectionEdit::default()
    };
    for (proxy, custom_ca, field) in [
        ("http://me:planted@proxy.example.com", "", "proxy"),
        ("", "-----BEGIN PRIVATE KEY-----\nplanted\n-----END PRIVATE KEY-----", "custom_ca"),
    ] {
        let error = desk.engine.edit_connection(id.clone(), edit(proxy, custom_ca)).await.expect_err("refused");
        assert_eq!(error.field(), Some(field));
        assert!(!error.to_string().contains("planted"), "{error}");
    }
    let authority = include_str!("../fixtures/authority.pem");
    let kept = desk.engine.edit_connection(id.clone(), edit("socks5://127.0.0.1:1080", authority)).await.expect("kept");
    assert_eq!(kept.connection.proxy.as_deref(), Some("socks5://127.0.0.1:1080"));
    assert_eq!(kept.connection.custom_ca.as_deref(), Some(authority));
    desk.engine.test_connection("near".to_owned(), None).await.expect("this machine needs no proxy");
    let removed = desk.engine.edit_connection(id, edit("", "")).await.expect("removed").connection;
    assert_eq!((removed.proxy, removed.custom_ca), (None, None));
}

#[test]
fn a_file_of_certificates_may_be_text_or_bytes_and_nothing_else() {
    let pem = include_str!("../fixtures/authority.pem");
    assert_eq!(certificates_pem(pem.as_bytes()).expect("text"), pem);
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = BASE64_STANDARD.decode(base64).expect("base64");
    let kept = certificates_pem(&der).expect("bytes");
    let without_lines = |pem: &str| pem.split_whitespace().collect::<String>();
    assert_eq!(without_lines(&kept), without_lines(pem));
    for other in [&der[..40], b"\xff\xfeno text"] {
        let error = certificates_pem(other).expect_err("refused");
        assert_eq!(error.field(), Some("custom_ca"));
        assert!(error.to_string().contains("holds no certificate; export"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_not_taken_for_one_with_a_wrong_certificate() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let endpoint = server.endpoint().replace("http:", "https:");
    desk.engine.add_connection(custom("near", endpoint)).await.expect("added");
    let record = desk.engine.test_connection("near".to_owned(), None).await.expect("tested");
    assert_eq!(record.fault.as_deref(), Some("tls"));
    let words = &record.message;
    assert!(words.contains("let its address begin with http://") && !words.contains("custom CA"), "{words}");
}

#[tokio::test]
async fn a_connection_takes_no_more_at_once_than_it_may_over_all_runs() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |_| Reply::After(Arc::clone(&held), Box::new(Reply::class("Bug"))));
    let desk = Desk::new();
    let mut new = custom("scripted", server.endpoint());
    new.entered.concurrency = Some(2);
    let connection = desk.engine.add_connection(new).await.expect("added").connection;
    assert_eq!(connection.concurrency, Some(2));
    let project = desk.import("Feedback", &bugs(12)).await;
    let prompt = desk.prompt(&project, &connection.id).await;
    let mut runs = Vec::new();
    for words in ["Topic of {text}", "What is {text} about?"] {
        desk.engine.save_draft(prompt.clone(), draft(words, &connection.id)).await.expect("draft");
        runs.push(desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("started").run_id);
    }
    until("its places are taken", async || server.asked().len() >= 2).await;
    gate.open();
    for run in runs {
        let run = desk.engine.wait_for_run(run).await.expect("it ends");
        assert_eq!((run.status, run.done, run.failed), (RunStatus::Completed, 12, 0), "{:?}", run.reason);
    }
    assert_eq!(server.in_flight_max(), 2);
    let edit = ConnectionEdit { concurrency: Some(513), ..ConnectionEdit::default() };
    let refused = desk.engine.edit_connection(connection.id.clone(), edit).await.expect_err("too many");
    assert_eq!(refused.field(), Some("concurrency"));
    let edit = ConnectionEdit { concurrency: Some(0), ..ConnectionEdit::default() };
    let edited = desk.engine.edit_connection(connection.id, edit).await.expect("edited");
    assert_eq!(edited.connection.concurrency, None);
}
