//! Connections: where secrets go, and what a test of one says.

use crate::support::{Asked, Desk, Reply, Server, by_text, custom, dead_endpoint};
use touchstone_engine::ErrorCode;
use touchstone_engine::connections::{
    ConnectionEdit, EnteredHeader, KeyStorage, NewConnection, NewPrice, PRACTICE, TestRecord,
};
use touchstone_engine::domain::prompt::Provider;
use touchstone_engine::domain::secret::Secret;

fn connection(name: &str, endpoint: String, api_key: Option<&str>) -> NewConnection {
    let mut new = custom(name, endpoint);
    new.entered.api_key = api_key.map(|key| Secret::new(key.to_owned()));
    new
}

async fn tested(desk: &Desk, name: &str, endpoint: String) -> TestRecord {
    desk.engine.add_connection(connection(name, endpoint, None)).await.expect("connection");
    desk.engine.test_connection(name.to_owned(), None).await.expect("a test always reports")
}

#[tokio::test]
async fn a_name_or_a_models_id_of_several_lines_is_refused() {
    let desk = Desk::new();
    let endpoint = || "http://127.0.0.1:9/v1".to_owned();
    for name in ["two\nlines", "a\u{1b}[2Jb", "a\u{2028}b"] {
        let error = desk.engine.add_connection(custom(name, endpoint())).await.expect_err(name);
        assert_eq!(error.field(), Some("name"), "{error}");
        assert!(error.to_string().contains("one line"), "{error}");
    }
    let id = desk.engine.add_connection(custom("near", endpoint())).await.expect("added").connection.id;
    let edit = ConnectionEdit { model: Some("a\nb".to_owned()), ..ConnectionEdit::default() };
    assert_eq!(desk.engine.edit_connection(id, edit).await.expect_err("refused").field(), Some("model"));
    let mut vendors = NewConnection::of(Provider::OpenAi, ConnectionEdit::default());
    vendors.without_key = true;
    desk.engine.add_connection(vendors).await.expect("added");
    let error = desk.engine.add_model("OpenAI".to_owned(), "gpt\n7".to_owned()).await.expect_err("refused");
    assert_eq!(error.field(), Some("model"), "{error}");
}

#[tokio::test]
async fn without_a_keychain_a_key_is_kept_in_memory_or_not_at_all() {
    let desk = Desk::new();
    let server = Server::start(by_text);
    let refused = connection("keyed", server.endpoint(), Some("sk-1"));
    let error = desk.engine.add_connection(refused).await.expect_err("no keychain answers");
    assert_eq!(error.code(), ErrorCode::KeychainUnavailable);
    assert!(!error.to_string().contains("sk-1"));
    assert_eq!(desk.engine.connections().await.expect("connections").len(), 1, "only the practice model is there");

    let mut kept = connection("keyed", server.endpoint(), Some(" \"sk-1\" "));
    kept.entered.until_quit = true;
    let added = desk.engine.add_connection(kept).await.expect("connection").connection;
    assert_eq!((added.has_api_key, added.key_storage), (true, KeyStorage::UntilQuit));
    desk.engine.test_connection("keyed".to_owned(), None).await.expect("test");
    let asked = server.asked();
    assert!(asked[0].head.contains("Bearer sk-1\r\n"), "what a paste brings along is taken off");

    // Another process does not have it, and says so before it asks.
    let other = desk.another_engine();
    let error = other.test_connection("keyed".to_owned(), None).await.expect_err("the key is not here");
    assert!(error.to_string().contains("API key"), "{error}");
    other.lend_api_key("keyed".to_owned(), Secret::new("sk-2".to_owned())).await.expect("lent");
    other.test_connection("keyed".to_owned(), None).await.expect("test");
    assert!(server.asked().last().is_some_and(|asked| asked.head.contains("Bearer sk-2\r\n")));

    let edit = ConnectionEdit { api_key: Some(Secret::new(String::new())), ..ConnectionEdit::default() };
    let edited = desk.engine.edit_connection(added.id, edit).await.expect("the key is removed").connection;
    assert_eq!((edited.has_api_key, edited.key_storage), (false, KeyStorage::None));
}

#[tokio::test]
async fn a_test_says_in_words_how_it_went() {
    let desk = Desk::new();
    let works = Server::start(|_: &Asked| Reply::Says(r#"{"ready": "yes"}"#.to_owned()));
    let rejects = Server::start(|_: &Asked| Reply::status(401, "bad key"));
    let html = Server::start(|_: &Asked| Reply::Http {
        status: 200,
        headers: vec![("content-type", "text/html".to_owned())],
        body: "<html>Welcome</html>".to_owned(),
    });
    let record = tested(&desk, "works", works.endpoint()).await;
    assert!(record.ok && record.latency_ms.is_some(), "{}", record.message);
    for (name, endpoint) in [("rejects", rejects.endpoint()), ("html", html.endpoint()), ("down", dead_endpoint())] {
        let record = tested(&desk, name, endpoint).await;
        assert!(!record.ok && !record.message.is_empty(), "{name}: {}", record.message);
    }
    let listed = desk.engine.connections().await.expect("connections");
    let remembered = listed.iter().find(|row| row.name == "works").and_then(|row| row.last_test.clone());
    assert!(remembered.is_some_and(|test| test.ok), "the last test is remembered");
    let practice = desk.engine.test_connection(PRACTICE.to_owned(), None).await.expect("test");
    assert!(practice.ok && practice.message.contains("not a language model"));
}

#[tokio::test]
async fn what_a_connection_needs_is_checked() {
    let desk = Desk::new();
    let server = Server::start(by_text);
    desk.engine.add_connection(connection("one", server.endpoint(), None)).await.expect("connection");
    for (name, endpoint, code, field) in [
        ("one", server.endpoint(), ErrorCode::NameTaken, "name"),
        (PRACTICE, server.endpoint(), ErrorCode::NameTaken, "name"),
        (" ", server.endpoint(), ErrorCode::Invalid, "name"),
        ("two", String::new(), ErrorCode::Invalid, "endpoint"),
        ("two", "ftp://example.org".to_owned(), ErrorCode::Invalid, "endpoint"),
        ("two", "http://user:pass@127.0.0.1/v1".to_owned(), ErrorCode::Invalid, "endpoint"),
    ] {
        let error = desk.engine.add_connection(connection(name, endpoint.clone(), None)).await.expect_err("refused");
        assert_eq!((error.code(), error.field()), (code, Some(field)), "{name:?} {endpoint:?}");
    }
    desk.engine.remove_connection(PRACTICE.to_owned()).await.expect_err("it is part of the program");
    desk.engine.remove_connection("one".to_owned()).await.expect("removed");
    let gone = desk.engine.test_connection("one".to_owned(), None).await.expect_err("it is gone");
    assert_eq!(gone.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn only_what_changes_how_a_connection_is_reached_makes_it_untested() {
    let desk = Desk::new();
    let server = Server::start(|_: &Asked| Reply::Says(r#"{"ready": "yes"}"#.to_owned()));
    let mut new = connection("works", server.endpoint(), Some("sk-1"));
    new.entered.model = Some("scripted".to_owned());
    new.entered.until_quit = true;
    let header = |value: Option<&str>| {
        let value = value.map(|value| Secret::new(value.to_owned()));
        Some(vec![EnteredHeader { name: "x-team".to_owned(), value }])
    };
    new.entered.headers = header(Some("one"));
    let id = desk.engine.add_connection(new).await.expect("added").connection.id;
    let proxy = server.endpoint().trim_end_matches("/v1").to_owned();
    let text = |text: &str| Some(text.to_owned());
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    let none = || ConnectionEdit { until_quit: true, ..ConnectionEdit::default() };
    for (what, edit, is_tested) in [
        ("nothing", none(), true),
        ("its limit", ConnectionEdit { concurrency: Some(3), ..none() }, true),
        ("its budget", ConnectionEdit { budget_micros: Some(5_000_000), ..none() }, true),
        ("its name", ConnectionEdit { name: text("works well"), ..none() }, true),
        ("a header that stays", ConnectionEdit { headers: header(None), ..none() }, true),
        ("a header's value", ConnectionEdit { headers: header(Some("two")), ..none() }, false),
        ("no header", ConnectionEdit { headers: Some(Vec::new()), ..none() }, false),
        ("another model", ConnectionEdit { model: text("other"), ..none() }, false),
        ("another key", ConnectionEdit { api_key: secret("sk-2"), ..none() }, false),
        ("no key", ConnectionEdit { api_key: secret(""), ..none() }, false),
        ("another address", ConnectionEdit { endpoint: text(&format!("{proxy}/v1/")), ..none() }, true),
        ("another address", ConnectionEdit { endpoint: text(&format!("{proxy}/v2")), ..none() }, false),
        ("a proxy", ConnectionEdit { proxy: Some(proxy.clone()), ..none() }, false),
    ] {
        desk.engine.test_connection(id.to_string(), None).await.expect("a test");
        let edited = desk.engine.edit_connection(id.clone(), edit).await.expect("edited").connection;
        assert_eq!(edited.last_test.is_some(), is_tested, "{what}");
    }
    desk.engine.test_connection(id.to_string(), None).await.expect("a test");
    let price = NewPrice { input: "1".to_owned(), output: "2".to_owned(), cached: None };
    let priced = desk.engine.set_model_price(id.to_string(), "other".to_owned(), Some(price)).await.expect("priced");
    assert!(priced.last_test.is_some(), "a price");

    // Called as its model, it asks another by another name.
    let called =
        desk.engine.add_connection(connection("m", server.endpoint(), None)).await.expect("added").connection.id;
    desk.engine.test_connection("m".to_owned(), None).await.expect("a test");
    let edit = ConnectionEdit { name: text("n"), ..none() };
    assert!(desk.engine.edit_connection(called, edit).await.expect("edited").connection.last_test.is_none());
}
