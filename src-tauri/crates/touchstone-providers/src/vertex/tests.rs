use super::*;
use crate::testing::{ask, at, check_failures, client, http, ok, request, server, taken_apart};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};

const FILE: &str = include_str!("../../../../../tests/fixtures/providers/service-account.json");
const PUBLIC_KEY: &str = include_str!("../../../../../tests/fixtures/providers/service-account.pub.pem");

/// The recorded file, with some members replaced.
fn file(changes: Value) -> String {
    let mut file: Value = serde_json::from_str(FILE).expect("JSON");
    for (name, value) in changes.as_object().expect("members") {
        file[name] = value.clone();
    }
    file.to_string()
}

fn account(base: &str) -> ServiceAccount {
    ServiceAccount::parse(&file(json!({"token_uri": format!("{base}/token")}))).expect("an account")
}

fn model(base: &str) -> VertexModel {
    model_in(base, "global")
}

fn model_in(base: &str, location: &str) -> VertexModel {
    VertexModel::new(client(), account(base), None, Some(location), &at(base)).expect("a model")
}

fn token(name: &str, seconds: u32) -> String {
    ok(&json!({"access_token": name, "expires_in": seconds, "token_type": "Bearer"}))
}

fn answer() -> String {
    ok(
        &json!({"candidates": [{"content": {"parts": [{"text": "{\"ready\":\"yes\"}"}]}, "finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 3}}),
    )
}

#[tokio::test]
async fn a_claim_that_this_machine_signed_is_exchanged_for_a_token_once() {
    let (base, served) = server(vec![token("ya29.one", 3599), answer(), answer()]).await;
    let model = model(&base);
    let question = request("gemini-3.8-flash", json!({}));
    for _ in 0..2 {
        assert_eq!(ask(&model, &question).await.expect("an answer").content, "{\"ready\":\"yes\"}");
    }
    let received = served.await.expect("served");
    let (line, head, _) = taken_apart(&received[0]);
    assert_eq!(line, "POST /token HTTP/1.1");
    assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
    let (_, form) = received[0].split_once("\r\n\r\n").expect("a form");
    let assertion = form
        .strip_prefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=")
        .expect("the documented form");
    assert_eq!(decode_header(assertion).expect("a header").kid.as_deref(), Some("kid-1"));
    let mut wanted = Validation::new(jsonwebtoken::Algorithm::RS256);
    wanted.set_audience(&["https://oauth2.googleapis.com/token"]);
    let key = DecodingKey::from_rsa_pem(PUBLIC_KEY.as_bytes()).expect("a key");
    let claims = decode::<Value>(assertion, &key, &wanted).expect("signed by the account's key").claims;
    assert_eq!(claims["iss"], "labeler@labels-1.iam.gserviceaccount.com");
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/cloud-platform");
    assert_eq!(claims["exp"].as_u64().expect("a time") - claims["iat"].as_u64().expect("a time"), 3600);
    for asked in &received[1..] {
        let (line, head, sent) = taken_apart(asked);
        assert_eq!(
            line,
            "POST /v1/projects/labels-1/locations/global/publishers/google/models/gemini-3.8-flash:generateContent HTTP/1.1"
        );
        assert!(head.contains("authorization: bearer ya29.one"), "{head}");
        assert_eq!(sent.get("model"), None);
    }
}

#[tokio::test]
async fn many_tasks_make_one_sign_in() {
    let (base, served) = server([vec![token("ya29.one", 3599)], vec![answer(); 8]].concat()).await;
    let model = std::sync::Arc::new(model(&base));
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let model = std::sync::Arc::clone(&model);
        asking.spawn(async move { ask(model.as_ref(), &request("m", json!({}))).await });
    }
    for reply in asking.join_all().await {
        reply.expect("an answer");
    }
    let received = served.await.expect("served");
    assert_eq!(received.iter().filter(|asked| asked.starts_with("POST /token")).count(), 1);
}

#[tokio::test]
async fn ten_calls_after_a_token_ended_make_one_sign_in() {
    // The first one is as good as ended when it comes.
    let replies = [vec![token("one", 300), answer(), token("two", 3599)], vec![answer(); 10]].concat();
    let (base, served) = server(replies).await;
    let model = std::sync::Arc::new(model(&base));
    ask(model.as_ref(), &request("m", json!({}))).await.expect("an answer");
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let model = std::sync::Arc::clone(&model);
        asking.spawn(async move { ask(model.as_ref(), &request("m", json!({}))).await });
    }
    for reply in asking.join_all().await {
        reply.expect("an answer");
    }
    let received = served.await.expect("served");
    let signed_in: Vec<_> = (0..received.len()).filter(|at| received[*at].starts_with("POST /token")).collect();
    assert_eq!(signed_in, [0, 2], "once at first, and once for all ten");
    assert!(received[3..].iter().all(|asked| asked.contains("Bearer two")));
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends() {
    let (base, served) = server(vec![token("one", 300), answer(), token("two", 3599), answer(), answer()]).await;
    let model = model(&base);
    for _ in 0..3 {
        ask(&model, &request("m", json!({}))).await.expect("an answer");
    }
    let received = served.await.expect("served");
    assert!(
        received[1].contains("Bearer one") && received[3].contains("Bearer two") && received[4].contains("Bearer two")
    );
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_replaced_once() {
    let no =
        || http("401 Unauthorized", "", "{\"error\":{\"code\":401,\"status\":\"UNAUTHENTICATED\",\"message\":\"no\"}}");
    let (base, served) = server(vec![token("one", 3599), no(), token("two", 3599), answer()]).await;
    ask(&model(&base), &request("m", json!({}))).await.expect("an answer");
    assert!(served.await.expect("served")[3].contains("Bearer two"));
    let (base, _served) = server(vec![token("one", 3599), no(), token("two", 3599), no()]).await;
    let error = ask(&model(&base), &request("m", json!({}))).await.expect_err("no");
    assert_eq!(error.kind, ChatErrorKind::KeyRejected, "{error}");
}

#[tokio::test]
async fn a_refused_claim_is_explained_without_the_key() {
    let now = httpdate::fmt_http_date(crate::clock::now());
    let refusal = |status: &str, date: &str, error: &str, description: &str| {
        let body = json!({"error": error, "error_description": description}).to_string();
        http(status, &format!("Date: {date}\r\n"), &body)
    };
    let long_ago = "Wed, 21 Oct 2015 07:28:00 GMT";
    for (reply, kind, words) in [
        (
            refusal("400 Bad", &now, "invalid_grant", "Invalid JWT Signature."),
            ChatErrorKind::KeyRejected,
            "it was deleted",
        ),
        (
            refusal("400 Bad", &now, "invalid_grant", "Invalid grant: account not found"),
            ChatErrorKind::KeyRejected,
            "has no service account",
        ),
        (
            refusal("400 Bad", long_ago, "invalid_grant", "Check your iat and exp values."),
            ChatErrorKind::KeyRejected,
            "This computer's clock is",
        ),
        (refusal("400 Bad", &now, "invalid_scope", "Invalid scope."), ChatErrorKind::KeyRejected, "refuses to sign"),
        (refusal("503 Busy", &now, "unavailable", "later"), ChatErrorKind::Overloaded, "no room"),
        (http("200 OK", "", "{}"), ChatErrorKind::Malformed, "sent no token"),
        (
            http("404 Not Found", "", "nothing"),
            ChatErrorKind::NotFound,
            "has nothing at this address. It said: “nothing”.",
        ),
    ] {
        let (base, _served) = server(vec![reply]).await;
        let model = model(&base);
        let error = ask(&model, &request("m", json!({}))).await.expect_err(words);
        assert!(error.kind == kind && error.message.contains(words), "{words}: {error:?}");
        let shown = format!("{error:?} {model:?}");
        assert!(!shown.contains("PRIVATE") && !shown.contains("MII"), "{shown}");
    }
}

#[tokio::test]
async fn recorded_failures_are_sorted_by_what_to_do() {
    let cases = include_str!("../../../../../tests/fixtures/providers/vertex.json");
    check_failures(cases, &[token("ya29.planted", 3599)], |base| Box::new(model_in(base, "us-central1"))).await;
}

#[tokio::test]
async fn another_location_is_recommended_where_there_is_a_better_one() {
    let missing = || http("404 Not Found", "", &json!({"error": {"code": 404, "status": "NOT_FOUND"}}).to_string());
    for (location, fault, says) in
        [("us-central1", Fault::Region, "“global” offers most models"), ("global", Fault::Model, "has no model “m”")]
    {
        let (base, _served) = server(vec![token("ya29.planted", 3599), missing()]).await;
        let error = ask(&model_in(&base, location), &request("m", json!({}))).await.expect_err("not there");
        assert!(error.fault == fault && error.message.contains(says), "{location}: {error}");
    }
}

#[tokio::test]
async fn a_test_counts_tokens_before_it_asks() {
    let (base, served) = server(vec![token("one", 3599), ok(&json!({"totalTokens": 1})), answer()]).await;
    let report = model(&base).test("gemini-3.8-flash").await;
    assert!(report.ok, "{}", report.message);
    assert!(served.await.expect("served")[1].contains("gemini-3.8-flash:countTokens HTTP"));
}

#[tokio::test]
async fn tokens_are_counted_with_system_message_and_schema() {
    let (base, served) = server(vec![token("one", 3599), ok(&json!({"totalTokens": 31}))]).await;
    let (model, request) = (model(&base), request("gemini-3.8-flash", json!({"max_tokens": 9})));
    let counted = model.count_tokens(&model.body(&request)).await;
    assert_eq!((counted, model.counts_tokens()), (Ok(Some(31)), true));
    let served = served.await.expect("served");
    let (line, _, sent) = taken_apart(&served[1]);
    assert!(line.ends_with("gemini-3.8-flash:countTokens HTTP/1.1"), "{line}");
    let names: Vec<_> = sent.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(names, ["contents", "systemInstruction", "generationConfig"]);
    assert!(sent["generationConfig"]["responseJsonSchema"].is_object(), "{sent}");
}

#[test]
fn the_place_decides_the_host() {
    let endpoint = |project: Option<&str>, location: Option<&str>| {
        let account = ServiceAccount::parse(FILE).expect("an account");
        VertexModel::new(client(), account, project, location, &Options::default())
            .map(|model| model.endpoint().to_owned())
    };
    let google = |host: &str, project: &str, location: &str| {
        Ok(format!("https://{host}/v1/projects/{project}/locations/{location}"))
    };
    assert_eq!(endpoint(None, None), google("aiplatform.googleapis.com", "labels-1", "global"));
    assert_eq!(
        endpoint(Some("example.com:labels-1"), None),
        google("aiplatform.googleapis.com", "example.com:labels-1", "global"),
        "a project of a domain"
    );
    assert_eq!(endpoint(Some(" p "), Some("EU")), google("aiplatform.eu.rep.googleapis.com", "p", "eu"));
    assert_eq!(
        endpoint(None, Some("us-central1")),
        google("us-central1-aiplatform.googleapis.com", "labels-1", "us-central1")
    );
    assert!(endpoint(None, Some("evil.example/")).is_err());
    assert!(endpoint(Some("a/b"), None).is_err());
}

#[test]
fn files_that_cannot_sign_in_are_refused_in_words() {
    let words = |json: &str| ServiceAccount::parse(json).expect_err("refused");
    for (json, want) in [
        ("nonsense".to_owned(), "this is not JSON"),
        ("{}".to_owned(), "not the key file of a service account"),
        (file(json!({"type": "authorized_user"})), "a person's own credentials"),
        (file(json!({"type": "external_account"})), "lend an identity"),
        (file(json!({"type": "impersonated_service_account"})), "borrow a service account"),
        (file(json!({"private_key": ""})), "no private_key"),
        (
            file(json!({"private_key": "-----BEGIN PRIVATE KEY-----\nsk-planted\n-----END PRIVATE KEY-----\n"})),
            "private_key is damaged",
        ),
        (file(json!({"client_email": null})), "no client_email"),
        (file(json!({"universe_domain": "example.org"})), "another cloud"),
        (file(json!({"token_uri": "https://oauth2.googleapis.com.evil.example/token"})), "not Google's"),
        (file(json!({"token_uri": "https://evilgoogleapis.com/token"})), "not Google's"),
        (file(json!({"token_uri": "http://oauth2.googleapis.com/token"})), "not Google's"),
    ] {
        let said = words(&json);
        assert!(said.contains(want) && !said.contains("planted"), "{want}: {said}");
    }
}

#[test]
fn what_is_stored_is_enough_and_fits_every_keychain() {
    let account = ServiceAccount::parse(&format!("\u{feff} {FILE}")).expect("an account");
    let stored = account.stored();
    assert!(stored.expose().len() <= 2560, "{} bytes", stored.expose().len());
    let again = ServiceAccount::parse(stored.expose()).expect("the same account");
    assert_eq!((again.project_id(), again.client_email()), (Some("labels-1"), account.client_email()));
    assert!(!format!("{account:?}").contains("PRIVATE"));
}
