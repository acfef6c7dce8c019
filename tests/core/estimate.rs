//! What a run would take, before it is started: held against what runs then took.

use crate::support::{
    Asked, CONFIG, Desk, Reply, Server, bugs, by_text, custom, draft, new_import, new_run, task, to_json,
};
use serde_json::{Value, json};
use touchstone_engine::connections::{ConnectionEdit, NewConnection, NewPrice, PRACTICE};
use touchstone_engine::domain::json::{Json, Object};
use touchstone_engine::domain::prompt::Provider;
use touchstone_engine::domain::run::{Only, Repetition, RunStatus, Subset};
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::{ConnectionId, PromptId};
use touchstone_engine::drafts::DraftContent;
use touchstone_engine::network::ContactPurpose;
use touchstone_engine::runs::{
    CostUnknown, EstimateBasis, EstimatedCost, NewRun, Picked, RunEstimate, RunSummary, Span,
};
use touchstone_engine::tasks::{TaskRange, TaskSelection};

/// Answers with a token of input for three bytes of the question, and from 5 to 20 tokens of output.
fn counted(asked: &Asked) -> Reply {
    let body = json!({
        "choices": [{ "message": { "content": r#"{"topic": "Bug"}"# }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 40 + asked.text().len() / 3, "completion_tokens": 5 + asked.text().len() % 16 },
    });
    Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() }
}

/// Tasks whose texts are of many lengths.
fn texts(count: usize) -> Value {
    (0..count).map(|number| task(&format!("crash {number}: {}", "so it went ".repeat(number % 37)), None)).collect()
}

async fn openai(desk: &Desk, server: &Server) -> ConnectionId {
    let entered = ConnectionEdit {
        base_url: Some(server.endpoint()),
        api_key: Some(Secret::new("sk-0123456789".to_owned())),
        until_quit: true,
        ..ConnectionEdit::default()
    };
    desk.engine.add_connection(NewConnection::of(Provider::OpenAi, entered)).await.expect("added").connection.id
}

fn asking(model: &str, words: &str, connection: &ConnectionId) -> DraftContent {
    DraftContent { model: model.to_owned(), provider: Provider::OpenAi, ..draft(words, connection) }
}

/// A prompt that asks gpt-4.1, which costs $2 and $8 a million tokens.
async fn priced(desk: &Desk, server: &Server, tasks: &Value) -> (PromptId, ConnectionId) {
    let connection = openai(desk, server).await;
    let project = desk.import("Feedback", tasks).await;
    let prompt = desk.prompt(&project, &connection).await;
    let content = asking("gpt-4.1", "Topic of {text}", &connection);
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    (prompt, connection)
}

async fn estimate(desk: &Desk, new: NewRun) -> RunEstimate {
    desk.engine.estimate_run(new).await.expect("an estimate")
}

fn micros(estimate: &RunEstimate) -> Span {
    match estimate.cost {
        EstimatedCost::Known { micros, .. } => micros,
        other => panic!("its cost is not known: {other:?}"),
    }
}

#[track_caller]
fn check_holds(span: Span, real: u64, what: &str) {
    assert!((span.low..=span.high).contains(&real), "{what}: {real} is not within {span:?}");
}

/// Estimates, runs, and holds the one against the other.
async fn check_run(desk: &Desk, new: NewRun) -> (RunEstimate, RunSummary) {
    let estimate = estimate(desk, new.clone()).await;
    let started = desk.engine.start_run(new).await.expect("it starts");
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!(run.status, RunStatus::Completed, "{:?}", run.reason);
    assert_eq!(
        (estimate.tasks, estimate.owned, estimate.requests),
        (run.total, run.cached, run.requests - run.retries)
    );
    check_holds(estimate.input_tokens, run.prompt_tokens, "input");
    check_holds(estimate.output_tokens.expect("a range"), run.completion_tokens, "output");
    check_holds(micros(&estimate), run.cost_micros, "cost");
    (estimate, run)
}

#[tokio::test]
async fn an_estimate_holds_what_the_run_then_takes_and_is_better_after_a_pilot() {
    let server = Server::start(counted);
    let desk = Desk::new();
    let (prompt, _) = priced(&desk, &server, &texts(120)).await;
    let all = new_run(&prompt, Subset::All);
    let blind = estimate(&desk, all.clone()).await;
    assert_eq!((blind.basis, blind.time_ms), (EstimateBasis::RuleOfThumb, None));
    assert_eq!((blind.tasks, blind.looked_at, blind.owned, blind.requests), (120, 120, 0, 120));
    assert!(
        server.asked().is_empty() && desk.engine.runs(None).await.expect("runs").is_empty(),
        "nothing is done for it"
    );

    let (_, pilot) = check_run(&desk, new_run(&prompt, Subset::SAMPLE)).await;
    assert_eq!(pilot.requests, 20);
    let (learned, run) = check_run(&desk, all.clone()).await;
    assert_eq!((learned.basis, learned.owned), (EstimateBasis::Pilot { tasks: 20 }, 20));
    let width = |estimate: &RunEstimate| micros(estimate).high - micros(estimate).low;
    assert!(width(&learned) * 3 < width(&blind), "{:?} {:?}", micros(&learned), micros(&blind));
    let EstimatedCost::Known { micros, batch_micros: Some(batch) } = learned.cost else { panic!("{:?}", learned.cost) };
    assert!((micros.low / 2).abs_diff(batch.low) <= 100 && batch.high < micros.high, "half: {micros:?} {batch:?}");
    let time = learned.time_ms.expect("the pilot had a pace");
    assert!(time.low <= time.high && time.high < 600_000, "{time:?} for {} ms", run.wall_ms);

    // Everything is owned now.
    let owned = estimate(&desk, all).await;
    assert_eq!((owned.owned, owned.requests, owned.input_tokens), (120, 0, Span::default()));
    assert_eq!(owned.cost, EstimatedCost::Known { micros: Span::default(), batch_micros: None });

    // Another version of the prompt learns from this one; a prompt elsewhere, from the model alone.
    let connection = desk.engine.prompt(prompt.to_string()).await.expect("prompt").draft.content.connection_id;
    let connection = connection.expect("it has one");
    let content = asking("gpt-4.1", "Which topic has {text}?", &connection);
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    let (other, _) = check_run(&desk, new_run(&prompt, Subset::All)).await;
    assert!(matches!(other.basis, EstimateBasis::Prompt { answers } if answers >= 100), "{:?}", other.basis);
    let project = desk.import("Elsewhere", &texts(30)).await;
    let elsewhere = desk.prompt(&project, &connection).await;
    let content = asking("gpt-4.1", "What is it: {text}", &connection);
    desk.engine.save_draft(elsewhere.clone(), content).await.expect("draft");
    let (other, _) = check_run(&desk, new_run(&elsewhere, Subset::All)).await;
    assert!(matches!(other.basis, EstimateBasis::Model { answers } if answers >= 100), "{:?}", other.basis);
}

/// A connection of a vendor that counts tokens, to `server` in its place.
async fn vendor(desk: &Desk, provider: Provider, server: &Server) -> ConnectionId {
    let entered = ConnectionEdit {
        base_url: Some(server.endpoint().trim_end_matches("/v1").to_owned()),
        api_key: Some(Secret::new("sk-0123456789".to_owned())),
        until_quit: true,
        ..ConnectionEdit::default()
    };
    desk.engine.add_connection(NewConnection::of(provider, entered)).await.expect("added").connection.id
}

#[tokio::test]
async fn where_no_answer_tells_the_vendor_counts_a_few_tasks() {
    for (provider, model, path) in [
        (Provider::Anthropic, "claude-haiku-4-5", "POST /v1/messages/count_tokens "),
        (Provider::Gemini, "gemini-2.5-flash", "POST /v1beta/models/gemini-2.5-flash:countTokens "),
    ] {
        let server = Server::start(|asked: &Asked| {
            // A token for two bytes of what is asked about each task.
            let tokens = 1_000 + asked.body.to_string().len() / 2;
            let body = json!({ "input_tokens": tokens, "totalTokens": tokens });
            Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() }
        });
        let desk = Desk::new();
        let connection = vendor(&desk, provider, &server).await;
        let project = desk.import("Feedback", &texts(100)).await;
        let prompt = desk.prompt(&project, &connection).await;
        let content = DraftContent { provider, ..asking(model, "Topic of {text}", &connection) };
        desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
        let all = new_run(&prompt, Subset::All);
        let blind = estimate(&desk, all.clone()).await;
        assert_eq!((blind.basis, server.asked().len()), (EstimateBasis::RuleOfThumb, 0), "it is there before");

        let estimate = async || desk.engine.counted_estimate(vec![all.clone()], None).await.expect("an estimate");
        let counted = estimate().await;
        assert_eq!(counted.basis, EstimateBasis::Counted { tasks: 5, by: provider });
        let asked = server.asked();
        assert!(asked.len() == 5 && asked.iter().all(|asked| asked.head.starts_with(path)), "{}", asked[0].head);
        assert!(counted.input_tokens.low > 100 * 1_000, "by what the vendor counts: {:?}", counted.input_tokens);
        assert_eq!(
            (counted.output_tokens, counted.requests),
            (blind.output_tokens, 100),
            "of answers nothing is known"
        );
        assert!(micros(&counted).low > micros(&blind).low, "it is priced by it");
        assert_eq!(estimate().await.input_tokens, counted.input_tokens);
        assert_eq!(server.asked().len(), 5, "what was counted is not counted again");
        let repeated = (1..=2).map(|number| NewRun { repetition: Repetition::among(number, 2), ..all.clone() });
        let both = desk.engine.counted_estimate(repeated.collect(), None).await.expect("an estimate");
        assert_eq!((both.basis, server.asked().len()), (counted.basis, 5), "a repetition sends the same");

        let contacts = desk.engine.contacts().await.expect("contacts");
        assert!(contacts.iter().any(|contact| contact.purpose == ContactPurpose::Count), "it is listed");
        assert!(desk.engine.runs(None).await.expect("runs").is_empty(), "nothing is made for it");
    }
}

#[tokio::test]
async fn an_estimate_is_the_same_where_the_vendor_does_not_count_or_nobody_may_ask_it() {
    let server = Server::start(|_: &Asked| Reply::status(500, "no"));
    let desk = Desk::new();
    let project = desk.import("Feedback", &texts(30)).await;
    let (claude, gpt) =
        (vendor(&desk, Provider::Anthropic, &server).await, vendor(&desk, Provider::OpenAi, &server).await);
    for (connection, provider, model, calls) in [
        (claude.clone(), Provider::Anthropic, "claude-haiku-4-5", 5),
        (gpt, Provider::OpenAi, "gpt-4.1", 0),
        (ConnectionId(PRACTICE.to_owned()), Provider::Practice, PRACTICE, 0),
    ] {
        let prompt = desk.prompt(&project, &connection).await;
        let content = DraftContent { provider, ..asking(model, "Topic of {text}", &connection) };
        desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
        let all = new_run(&prompt, Subset::All);
        let before = server.asked().len();
        let counted = desk.engine.counted_estimate(vec![all.clone()], None).await.expect("an estimate");
        assert_eq!(to_json(&counted), to_json(&estimate(&desk, all).await), "{model}");
        assert_eq!(server.asked().len() - before, calls, "{model}");
        desk.engine.delete_prompt(prompt).await.expect("deleted");
    }
}

#[tokio::test]
async fn what_is_owned_shared_or_cannot_be_asked_is_counted_exactly() {
    let server = Server::start(|asked: &Asked| {
        let is_first = asked.body["messages"].as_array().is_some_and(|messages| messages.len() == 1);
        match asked.text() {
            text if text.contains("hopeless") => Reply::class("Weather"),
            text if text.contains("late") && is_first => Reply::class("Weather"),
            text if text.contains("refused") => Reply::status(400, "no"),
            _ => by_text(asked),
        }
    });
    let desk = Desk::new();
    let hinted = |text: &str| json!({ "data": { "text": text, "hint": "in a word" } });
    let mut tasks: Vec<_> = ["crash", "crash", "late", "hopeless", "refused"].map(hinted).to_vec();
    tasks.push(task("without a hint", None));
    tasks.extend(["one", "two", "two", "three"].map(hinted));
    let project = desk.import("Feedback", &Value::from(tasks)).await;
    let connection = desk.connect(&server).await;
    let prompt = desk.prompt(&project, &connection).await;
    desk.engine.save_draft(prompt.clone(), draft("Topic of {text}, {hint}", &connection)).await.expect("draft");
    let over = |subset, only| NewRun { only, ..new_run(&prompt, subset) };
    let counted = async |new| {
        let estimate = estimate(&desk, new).await;
        (estimate.tasks, estimate.owned, estimate.unaskable, estimate.requests)
    };

    assert_eq!(counted(over(Subset::All, None)).await, (10, 0, 1, 7), "two pairs ask the same");
    let first = desk.run(&prompt, Subset::Sample { tasks: 6, seed: None }).await;
    assert_eq!((first.done, first.failed), (6, 3), "{:?}", first.reason);
    assert_eq!(counted(over(Subset::All, None)).await, (10, 3, 1, 5), "an answer after a second question is one");
    assert_eq!(counted(over(Subset::All, Some(Only::Missing))).await, (7, 0, 1, 5));
    assert_eq!(counted(over(Subset::All, Some(Only::Failed))).await, (3, 0, 1, 2));
    assert_eq!(counted(over(Subset::Sample { tasks: 10, seed: Some(3) }, None)).await, (10, 3, 1, 5));
    let selection = TaskSelection { view_id: None, ranges: vec![TaskRange { from: 1, to: 4 }] };
    let picked = NewRun { picked: Some(Picked::Tasks { selection }), ..new_run(&prompt, Subset::Custom) };
    assert_eq!(counted(picked).await, (3, 2, 0, 1));

    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.cached, run.requests - run.retries), (3 + 1, 5), "the run agrees; the second “two” shares");
    for only in [Only::Missing, Only::Failed] {
        let nothing = over(Subset::Sample { tasks: 3, seed: None }, Some(only));
        let words = desk.engine.start_run(nothing.clone()).await.expect_err("nothing to run").to_string();
        let refused = desk.engine.estimate_run(nothing).await.expect_err("nothing to estimate").to_string();
        assert_eq!(refused, words);
    }
}

#[tokio::test]
async fn an_unknown_price_says_so_and_why_a_limit_could_not_be_kept() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let (prompt, connection) = priced(&desk, &server, &bugs(3)).await;
    let cost = async || estimate(&desk, new_run(&prompt, Subset::All)).await.cost;
    let unknown = |why| EstimatedCost::Unknown { why };
    let content = asking("gpt-unheard-of", "Topic of {text}", &connection);
    desk.engine.save_draft(prompt.clone(), content.clone()).await.expect("draft");
    assert_eq!(cost().await, unknown(CostUnknown::Price));
    let limited = NewRun { limit_micros: Some(1_000_000), ..new_run(&prompt, Subset::All) };
    let words = desk.engine.start_run(limited.clone()).await.expect_err("no price").to_string();
    assert_eq!(estimate(&desk, limited.clone()).await.refused, Some(words));
    assert_eq!(estimate(&desk, new_run(&prompt, Subset::All)).await.refused, None, "without a limit it runs");

    // With a price by the user's own words, and no word about how long an answer may get.
    let (id, model) = (connection.to_string(), "gpt-unheard-of".to_owned());
    desk.engine.add_model(id.clone(), model.clone()).await.expect("added");
    let price = NewPrice { input: "2".to_owned(), output: "8".to_owned(), cached: None };
    desk.engine.set_model_price(id, model, Some(price)).await.expect("priced");
    assert_eq!(cost().await, unknown(CostUnknown::AnswerLength));
    let words = desk.engine.start_run(limited.clone()).await.expect_err("no length").to_string();
    assert_eq!(estimate(&desk, limited.clone()).await.refused, Some(words));
    let bounded = Object([("max_tokens".to_owned(), Json::from(&json!(10)))].into_iter().collect());
    desk.engine
        .save_draft(prompt.clone(), DraftContent { invocation_params: bounded, ..content })
        .await
        .expect("draft");
    let bounded = estimate(&desk, limited).await;
    assert_eq!((bounded.refused.as_deref(), bounded.output_tokens.map(|tokens| tokens.high)), (None, Some(30)));
    assert!(micros(&bounded).high > 0);

    // Of a deployment only its name is known.
    let entered = ConnectionEdit {
        endpoint: Some(server.endpoint().trim_end_matches("/v1").to_owned()),
        deployment: Some("gpt-4.1".to_owned()),
        api_key: Some(Secret::new("azure-0123456789".to_owned())),
        until_quit: true,
        ..ConnectionEdit::default()
    };
    let azure = NewConnection::of(Provider::AzureOpenAi, entered);
    let azure = desk.engine.add_connection(azure).await.expect("added").connection.id;
    let content = DraftContent { provider: Provider::AzureOpenAi, ..asking("gpt-4.1", "Topic of {text}", &azure) };
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    assert_eq!(cost().await, unknown(CostUnknown::Model));

    // What is asked on this computer is free, and needs no key.
    let here = desk.engine.add_connection(custom("here", server.endpoint())).await.expect("added").connection.id;
    for connection in [here, ConnectionId(PRACTICE.to_owned())] {
        desk.engine.save_draft(prompt.clone(), draft("Topic of {text}", &connection)).await.expect("draft");
        assert_eq!(cost().await, EstimatedCost::Free);
    }
}

#[tokio::test]
async fn too_many_tasks_are_concluded_from_those_that_were_looked_at() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(5_000)).await;
    let prompt = desk.prompt(&project, &ConnectionId(PRACTICE.to_owned())).await;
    let run = desk.run(&prompt, Subset::Sample { tasks: 500, seed: None }).await;
    assert_eq!(run.done, 500);
    let all = estimate(&desk, new_run(&prompt, Subset::All)).await;
    assert_eq!(all.tasks, 5_000);
    assert!((500..5_000).contains(&all.looked_at), "{}", all.looked_at);
    // The first tenth is owned: a beginning of the tasks would say that all are.
    assert!((450..=550).contains(&all.owned), "{} by {}", all.owned, all.looked_at);
    assert!((all.owned + all.requests).abs_diff(5_000) <= 1, "{} and {}", all.owned, all.requests);
}

#[tokio::test]
async fn pictures_are_not_read_and_owned_where_the_version_has_an_answer() {
    let server = Server::start(|_| Reply::Says(json!({ "topic": "Bug" }).to_string()));
    let desk = Desk::new();
    let config = CONFIG.replace("Text name", "Image name");
    let files: Vec<_> = ["a.png", "b.png", "c.png"].map(|name| desk.folder.path().join(name)).to_vec();
    for (number, file) in files.iter().enumerate() {
        let bytes = [include_bytes!("../fixtures/green.png").as_slice(), &[number as u8]].concat();
        std::fs::write(file, bytes).expect("written");
    }
    let tasks: Value = files.iter().map(|file| json!({ "data": { "text": file } })).collect();
    let path = desk.write("pictures.json", &tasks.to_string());
    let project = desk.engine.import_project(new_import("Pictures", &config, Some(path))).await.expect("imported");
    let connection = desk.connect(&server).await;
    let prompt = desk.prompt(&project.project_id, &connection).await;
    let counts = async || {
        let estimate = estimate(&desk, new_run(&prompt, Subset::All)).await;
        (estimate.with_media, estimate.owned, estimate.requests, estimate.input_tokens.high > 2_000)
    };
    assert_eq!(counts().await, (3, 0, 3, true), "a picture is no word");
    let run = desk.run(&prompt, Subset::Sample { tasks: 2, seed: None }).await;
    assert_eq!((run.done, run.failed), (2, 0));
    std::fs::remove_file(&files[2]).expect("removed");
    let (with_media, owned, requests, _) = counts().await;
    assert_eq!((with_media, owned, requests), (3, 2, 1));
}
