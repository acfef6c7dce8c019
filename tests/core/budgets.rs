//! Money: a run's own stop, its connection's budget and the one of all runs, none of which is ever passed.

use crate::support::{Asked, Desk, Gate, Reply, Server, bugs, by_text, custom, draft, new_run, until};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use touchstone_engine::Engine;
use touchstone_engine::connections::{ConnectionEdit, NewConnection, NewPrice};
use touchstone_engine::domain::json::{Json, Object};
use touchstone_engine::domain::prompt::Provider;
use touchstone_engine::domain::run::{PauseCause, RunStatus, Subset};
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::{ConnectionId, PromptId};
use touchstone_engine::drafts::DraftContent;
use touchstone_engine::results::{RowFilter, RowQuery, RowSort};
use touchstone_engine::runs::{NewRun, RunLimit, RunSummary};
use touchstone_engine::settings::Settings;

/// What one call of these tests costs: 11 tokens for $2 a million and 3 for $8 a million.
const ONE: u64 = 46;

/// Tokens that an answer may have in these tests, so that the most that a call can cost is not far from what it does.
const OUTPUT_MAX: u32 = 10;

fn keyed(budget_micros: Option<u64>) -> ConnectionEdit {
    ConnectionEdit { budget_micros, until_quit: true, ..ConnectionEdit::default() }
}

async fn openai(desk: &Desk, server: &Server) -> ConnectionId {
    let entered = ConnectionEdit {
        base_url: Some(server.endpoint()),
        api_key: Some(Secret::new("sk-0123456789".to_owned())),
        ..keyed(None)
    };
    let new = NewConnection::of(Provider::OpenAi, entered);
    desk.engine.add_connection(new).await.expect("added").connection.id
}

fn priced(words: &str, connection: &ConnectionId) -> DraftContent {
    let limit = ("max_tokens".to_owned(), Json::from(&json!(OUTPUT_MAX)));
    DraftContent {
        model: "gpt-4.1".to_owned(),
        provider: Provider::OpenAi,
        invocation_params: Object([limit].into_iter().collect()),
        ..draft(words, connection)
    }
}

async fn prompt_of(desk: &Desk, connection: &ConnectionId, tasks: usize) -> PromptId {
    let project = desk.import("Feedback", &bugs(tasks)).await;
    let prompt = desk.prompt(&project, connection).await;
    desk.engine.save_draft(prompt.clone(), priced("Topic of {text}", connection)).await.expect("draft");
    prompt
}

async fn run_for(engine: &Engine, prompt: &PromptId, limit_micros: Option<u64>) -> RunSummary {
    let new = NewRun { limit_micros, ..new_run(prompt, Subset::All) };
    let started = engine.start_run(new).await.expect("it starts");
    engine.wait_for_run(started.run_id).await.expect("it ends")
}

fn stop(micros: u64) -> RunLimit {
    RunLimit { limit_micros: Some(micros) }
}

fn reason(run: &RunSummary) -> &str {
    run.reason.as_deref().unwrap_or_default()
}

#[tokio::test]
async fn a_run_pauses_before_it_passes_its_money_stop_and_goes_on_with_a_higher_one() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 60).await;
    let limit = 40 * ONE;
    let run = run_for(&desk.engine, &prompt, Some(limit)).await;
    assert_eq!((run.status, run.limit_micros), (RunStatus::Paused, Some(limit)), "{}", reason(&run));
    assert!(reason(&run).starts_with("The run may cost $0.00184, of which $"), "{}", reason(&run));
    assert!(reason(&run).ends_with("Raise its money stop to go on."), "{}", reason(&run));
    assert!(run.cost_micros <= limit && run.done > 0, "{} of {limit}", run.cost_micros);
    assert_eq!((run.done, run.requests), (server.asked().len() as u32, run.done), "what was paid for came home");
    assert_eq!(run.cost_micros, u64::from(run.done) * ONE);

    let refused = desk.engine.set_run_limit(run.id.clone(), stop(0)).await.expect_err("nothing is no stop");
    assert_eq!(refused.field(), Some("limit_micros"));
    desk.engine.set_run_limit(run.id.clone(), stop(100 * limit)).await.expect("raised");
    desk.engine.resume_run(run.id.clone()).await.expect("resumed");
    let run = desk.engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, run.done, run.requests), (RunStatus::Completed, 60, 60), "{}", reason(&run));
}

#[tokio::test]
async fn a_server_that_counts_more_than_it_was_sent_is_learnt_by_one_call_that_goes_alone() {
    // Ten thousand tokens of its own, which are $0.02: far more than all that it is sent.
    let server = Server::start(|asked| {
        let class = if asked.text().contains("crash") { "Bug" } else { "Praise" };
        let message = json!({ "role": "assistant", "content": json!({ "topic": class }).to_string() });
        let body = json!({
            "choices": [{ "message": message, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 10_011, "completion_tokens": 3 },
        });
        Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() }
    });
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 60).await;
    let each = 20_000 + ONE;
    let run = run_for(&desk.engine, &prompt, Some(10 * each)).await;
    assert_eq!(run.status, RunStatus::Paused, "{}", reason(&run));
    assert!(reason(&run).ends_with("Raise its money stop to go on."), "{}", reason(&run));
    assert!((5 * each..=10 * each).contains(&run.cost_micros), "{} of {}", run.cost_micros, 10 * each);
}

/// A gateway that does not take the strongest form, and knows the questions of probes and tests.
fn without_schemas(asked: &Asked) -> Reply {
    match asked.text() {
        _ if asked.head.starts_with("GET ") => Reply::status(404, "no list"),
        _ if asked.body["response_format"]["type"] == "json_schema" => {
            let error = json!({ "message": "json_schema is not supported", "param": "response_format" });
            Reply::Http { status: 400, headers: Vec::new(), body: json!({ "error": error }).to_string() }
        }
        text if text.contains("zebra") => Reply::Says(json!({ "label": "a" }).to_string()),
        text if text.contains("ready") => Reply::Says(json!({ "ready": "yes" }).to_string()),
        _ => by_text(asked),
    }
}

#[tokio::test]
async fn finding_out_the_form_is_paid_for_within_the_limits_and_counted_with_the_run() {
    let server = Server::start(without_schemas);
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 1).await;
    // A question of a probe may have an answer of a thousand tokens, which is more than this.
    let run = run_for(&desk.engine, &prompt, Some(4000)).await;
    assert_eq!((run.status, run.requests, run.probes), (RunStatus::Paused, 1, 0), "{}", reason(&run));
    assert!(reason(&run).ends_with("Raise its money stop to go on."), "{}", reason(&run));
    assert_eq!(server.asked_about("zebra"), 0);

    desk.engine.set_run_limit(run.id.clone(), stop(100_000)).await.expect("raised");
    desk.engine.resume_run(run.id.clone()).await.expect("resumed");
    let run = desk.engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, run.done), (RunStatus::Completed, 1), "{}", reason(&run));
    // One rung is refused at its first question, and the next holds twice.
    assert_eq!((run.requests, run.probes), (3 + 3, 3));
    assert_eq!((run.cost_micros, run.prompt_tokens), (3 * ONE, 3 * 11), "what was refused is not paid");
    let rows = desk.result_rows(run.id.clone(), all_rows(), 0, 1).await.rows;
    let detail = desk.engine.result(run.id, rows[0].task_id).await.expect("a result");
    assert_eq!(detail.attempts, 2, "the task itself took no more");

    let settings = Settings { budget_micros: Some(3 * ONE + 1), ..Settings::default() };
    desk.engine.set_settings(settings).await.expect("a budget for all runs");
    desk.engine.save_draft(prompt.clone(), priced("Of what is {text}?", &connection)).await.expect("another version");
    let run = run_for(&desk.engine, &prompt, None).await;
    assert!(reason(&run).contains("of which $0.000138 are spent"), "it counts for the day: {}", reason(&run));
}

#[tokio::test]
async fn what_a_test_takes_is_told_with_it_and_counts_for_the_day() {
    let server = Server::start(without_schemas);
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let test = desk.engine.test_connection(connection.to_string(), Some("gpt-4.1".to_owned())).await.expect("tested");
    assert!(test.ok, "{}", test.message);
    let usage = test.usage.expect("it was paid");
    // Twice what found out the form, and once the answer in it.
    assert_eq!((usage.questions, usage.prompt_tokens, usage.completion_tokens), (3, Some(33), Some(9)));
    assert_eq!(usage.cost_usd, Some(0.000_138));
    let kept = desk.engine.connection(connection.to_string()).await.expect("a connection").last_test.expect("tested");
    assert_eq!(kept.usage, Some(usage));

    for other in [false, true] {
        // One that worked on the day before looks at what is written down, and so does another program.
        let engine = if other { desk.another_engine() } else { desk.engine.clone() };
        let settings = Settings { budget_micros: Some(3 * ONE + 1), ..Settings::default() };
        engine.set_settings(settings).await.expect("a budget for all runs");
        if other {
            let key = Secret::new("sk-0123456789".to_owned());
            engine.lend_api_key(connection.to_string(), key).await.expect("lent");
        }
        let project = desk.import(&format!("Feedback {other}"), &bugs(1)).await;
        let prompt = desk.prompt(&project, &connection).await;
        engine.save_draft(prompt.clone(), priced("Topic of {text}", &connection)).await.expect("draft");
        let run = run_for(&engine, &prompt, None).await;
        assert!(reason(&run).contains("of which $0.000138 are spent"), "{other}: {}", reason(&run));
    }
}

fn all_rows() -> RowQuery {
    RowQuery { filter: RowFilter::All, sort: RowSort::Position, search: String::new(), cell: None }
}

#[tokio::test]
async fn replies_without_usage_are_counted_as_such() {
    let server = Server::start(without_usage);
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 3).await;
    let run = run_for(&desk.engine, &prompt, None).await;
    assert_eq!((run.status, run.correct), (RunStatus::Completed, 3), "{}", reason(&run));
    assert_eq!((run.uncounted, run.unpriced, run.cost_usd), (3, 3, None));
}

#[tokio::test]
async fn calls_for_less_than_a_micro_dollar_add_up_and_reach_a_money_stop() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 60).await;
    let price = NewPrice { input: "0.02".to_owned(), output: "0.02".to_owned(), cached: None };
    let set = desk.engine.set_model_price(connection.to_string(), "gpt-4.1".to_owned(), Some(price)).await;
    set.expect("priced");
    // 14 tokens for two cents a million.
    let one = 2.8e-7;
    // The most that one can cost are some twelve millionths.
    let limit = 20;
    let run = run_for(&desk.engine, &prompt, Some(limit)).await;
    assert_eq!(run.status, RunStatus::Paused, "{} of 60 for {:?}", run.done, run.cost_usd);
    assert!(run.done > 8 && run.done < 60, "{}", run.done);
    let cost = run.cost_usd.expect("known");
    assert!((cost - f64::from(run.done) * one).abs() < 1e-12, "{cost}");
    assert_eq!(run.cost_micros, (cost * 1e6).ceil() as u64, "rounded up once");
    assert!(reason(&run).starts_with("The run may cost $0.00002, of which $0.0000"), "{}", reason(&run));

    desk.engine.set_run_limit(run.id.clone(), stop(10 * limit)).await.expect("raised");
    desk.engine.resume_run(run.id.clone()).await.expect("resumed");
    let run = desk.engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.done, run.cost_usd, run.cost_micros), (60, Some(60.0 * 280_000.0 / 1e12), 17));

    let settings = Settings { budget_micros: Some(limit), ..Settings::default() };
    desk.engine.set_settings(settings).await.expect("a budget for all runs");
    desk.engine.save_draft(prompt.clone(), priced("Of what is {text}?", &connection)).await.expect("another version");
    let run = run_for(&desk.engine, &prompt, None).await;
    assert_eq!(run.status, RunStatus::Paused, "what was paid before counts for the day: {:?}", run.cost_usd);
}

#[tokio::test]
async fn the_most_that_calls_in_flight_can_cost_is_reserved() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| Reply::After(Arc::clone(&held), Box::new(by_text(asked))));
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 20).await;
    // The bodies of these requests have some 600 bytes, each taken for a token of $2 a million: few of eight fit.
    let new = NewRun { limit_micros: Some(4000), ..new_run(&prompt, Subset::All) };
    let started = desk.engine.start_run(new).await.expect("it starts");
    until("it waits for money", async || {
        let active = desk.engine.active_runs().await.expect("runs");
        let waits = active.iter().any(|run| run.waiting.as_deref().is_some_and(|why| why.contains("reserved")));
        waits && !server.asked().is_empty()
    })
    .await;
    assert!(server.asked().len() <= 4, "{}", server.asked().len());
    gate.open();
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.status, run.done), (RunStatus::Completed, 20), "the answers were cheap: {}", reason(&run));
    assert!(server.in_flight_max() <= 4);
}

#[tokio::test]
async fn who_waits_for_money_does_not_skip_the_wait_that_the_server_asks_for() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |_: &Asked| {
        let headers = vec![("retry-after", "100".to_owned())];
        let refusal = Reply::Http { status: 429, headers, body: "{}".to_owned() };
        Reply::After(Arc::clone(&held), Box::new(refusal))
    });
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 20).await;
    let run_says = async |words: &str| {
        let active = desk.engine.active_runs().await.expect("runs");
        active.iter().any(|run| run.waiting.as_deref().is_some_and(|why| why.contains(words)))
    };
    // One fits, and what it does not cost is for the next.
    let new = NewRun { limit_micros: Some(1300), ..new_run(&prompt, Subset::All) };
    let run = desk.engine.start_run(new).await.expect("it starts").run_id;
    until("the others wait for money", async || run_says("reserved").await && !server.asked().is_empty()).await;
    gate.open();
    until("the server is left alone", async || run_says("The server asked to slow down").await).await;
    desk.engine.pause_run(run.clone()).await.expect("it is asked to pause");
    let run = desk.engine.wait_for_run(run).await.expect("it pauses");
    assert_eq!((server.asked().len(), run.requests, run.failed), (1, 1, 0), "{}", reason(&run));
}

#[tokio::test]
async fn a_limit_that_could_not_be_kept_is_refused_before_anything_is_made() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 2).await;
    let mut content = priced("Topic of {text}", &connection);
    content.model = "gpt-unheard-of".to_owned();
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    let new = || NewRun { limit_micros: Some(1_000_000), ..new_run(&prompt, Subset::All) };
    let refused = desk.engine.start_run(new()).await.expect_err("no price");
    assert_eq!(refused.field(), Some("limit_micros"));
    let words = "a money stop could not be kept: the price of gpt-unheard-of is not known";
    assert!(refused.to_string().contains(words), "{refused}");
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.unpriced, run.cost_usd), (RunStatus::Completed, 2, None), "without one it runs");

    // With a price by the user's own words, and no word about how long an answer may get.
    let (id, model) = (connection.to_string(), "gpt-unheard-of".to_owned());
    desk.engine.add_model(id.clone(), model.clone()).await.expect("added");
    let price = NewPrice { input: "2".to_owned(), output: "8".to_owned(), cached: None };
    desk.engine.set_model_price(id, model, Some(price)).await.expect("priced");
    let mut content = priced("Label {text}", &connection);
    content.model = "gpt-unheard-of".to_owned();
    content.invocation_params = Object::default();
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    let refused = desk.engine.start_run(new()).await.expect_err("no length");
    assert!(refused.to_string().contains("how long an answer of gpt-unheard-of can get"), "{refused}");
    assert_eq!(desk.engine.runs(Some(prompt.clone())).await.expect("runs").len(), 1, "nothing is left behind");
    let versions = desk.engine.version_page(prompt.clone(), String::new(), 0, 10).await.expect("versions").total;
    assert_eq!(versions, 1, "nor is a version: only the one that ran was made");

    // What is asked on this computer is free, and keeps every limit.
    let here = desk.engine.add_connection(custom("here", server.endpoint())).await.expect("added").connection.id;
    desk.engine.save_draft(prompt.clone(), draft("Topic of {text}", &here)).await.expect("draft");
    let run = run_for(&desk.engine, &prompt, Some(1)).await;
    assert_eq!((run.status, run.cost_micros), (RunStatus::Completed, 0), "{}", reason(&run));
}

#[tokio::test]
async fn a_reply_that_does_not_say_what_it_took_counts_as_the_most() {
    let body = json!({ "choices": [{ "message": { "content": "{\"topic\": \"Bug\"}" }, "finish_reason": "stop" }] });
    let server = Server::start(move |_| Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() });
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 20).await;
    let run = run_for(&desk.engine, &prompt, Some(4000)).await;
    assert_eq!(run.status, RunStatus::Paused, "{}", reason(&run));
    assert!((1..=5).contains(&run.done) && run.unpriced == run.done, "{}", run.done);
}

/// A server that says nothing of what its replies took.
fn without_usage(asked: &Asked) -> Reply {
    let said = json!({ "topic": if asked.text().contains("crash") { "Bug" } else { "Praise" } }).to_string();
    let body = json!({ "choices": [{ "message": { "content": said }, "finish_reason": "stop" }] });
    Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() }
}

/// Another program on the same workspace, with the key of the connection.
async fn another_program(desk: &Desk, connection: &ConnectionId) -> Engine {
    let engine = desk.another_engine();
    let key = Secret::new("sk-0123456789".to_owned());
    engine.lend_api_key(connection.to_string(), key).await.expect("lent");
    engine
}

#[tokio::test]
async fn what_replies_without_usage_may_have_cost_counts_for_the_run_in_every_program() {
    for (reply, answers) in [(without_usage as fn(&Asked) -> Reply, true), (|_| Reply::BreaksOff, false)] {
        let server = Server::start(reply);
        let desk = Desk::new();
        let connection = openai(&desk, &server).await;
        let prompt = prompt_of(&desk, &connection, 20).await;
        let run = run_for(&desk.engine, &prompt, Some(4000)).await;
        let asked = server.asked().len();
        let lost = u32::try_from(asked).expect("few");
        assert_eq!((run.status, run.cause), (RunStatus::Paused, Some(PauseCause::MoneyStop)), "{}", reason(&run));
        assert_eq!((run.cost_micros, run.lost, run.done > 0), (0, lost, answers), "it is not shown as spent");
        assert!((1..=4000).contains(&run.lost_micros), "{}", run.lost_micros);
        let words = if lost == 1 { "for an answer".to_owned() } else { format!("for {lost} answers") };
        let words = format!("may have been charged {words} whose cost is not known");
        assert!(reason(&run).contains("of which $0.00 are spent, and $"), "{}", reason(&run));
        assert!(reason(&run).contains(&words), "{}", reason(&run));

        let other = another_program(&desk, &connection).await;
        other.resume_run(run.id.clone()).await.expect("resumed");
        let again = other.wait_for_run(run.id.clone()).await.expect("it ends");
        assert_eq!((again.status, server.asked().len()), (RunStatus::Paused, asked), "nothing came back");
        assert!(reason(&again).contains(&words), "{}", reason(&again));

        let lower = other.set_run_limit(run.id.clone(), stop(run.lost_micros - 1)).await.expect_err("it is gone");
        assert_eq!(lower.field(), Some("limit_micros"));
        assert!(lower.to_string().contains(&words), "{lower}");
        other.set_run_limit(run.id, stop(run.lost_micros)).await.expect("no less than what is gone");
    }
}

#[tokio::test]
async fn what_replies_without_usage_may_have_cost_counts_for_the_day_in_every_program() {
    for is_of_connection in [true, false] {
        let server = Server::start(without_usage);
        let desk = Desk::new();
        let connection = openai(&desk, &server).await;
        let prompt = prompt_of(&desk, &connection, 20).await;
        // What was asked before anybody set a limit counts too.
        let first = NewRun { limit_micros: None, ..new_run(&prompt, Subset::Sample { tasks: 1, seed: None }) };
        let first = desk.engine.start_run(first).await.expect("it starts").run_id;
        let first = desk.engine.wait_for_run(first).await.expect("it ends");
        assert_eq!((first.done, first.lost, first.lost_micros > 0), (1, 1, true));
        let budget = Some(first.lost_micros * 3 + 100);
        if is_of_connection {
            desk.engine.edit_connection(connection.clone(), keyed(budget)).await.expect("a budget");
        } else {
            let settings = Settings { budget_micros: budget, ..Settings::default() };
            desk.engine.set_settings(settings).await.expect("a budget");
        }
        let run = run_for(&desk.engine, &prompt, None).await;
        assert_eq!((run.status, run.done < 20), (RunStatus::Paused, true), "{}", reason(&run));
        assert_eq!(run.cause, (!is_of_connection).then_some(PauseCause::DailyBudget));
        let asked = server.asked().len();
        assert!((2..=4).contains(&asked), "{asked}");
        let other = another_program(&desk, &connection).await;
        other.resume_run(run.id.clone()).await.expect("resumed");
        let run = other.wait_for_run(run.id).await.expect("it ends");
        assert_eq!((run.status, server.asked().len()), (RunStatus::Paused, asked), "{}", reason(&run));
        assert!(reason(&run).contains(&format!("for {asked} answers whose cost is not known")), "{}", reason(&run));
    }
}

#[tokio::test]
async fn a_stop_that_cannot_pay_for_one_answer_is_said_before() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 20).await;
    let with = |limit_micros| NewRun { limit_micros, ..new_run(&prompt, Subset::All) };
    let short = async |limit| desk.engine.estimate_run(with(limit)).await.expect("an estimate").short;
    assert_eq!((short(None).await, short(Some(1_000_000)).await), (None, None));
    let words = short(Some(1)).await.expect("it cannot pay");
    assert!(words.starts_with("one answer may cost up to $0.00"), "{words}");
    assert!(words.ends_with("which is more than its money stop; set the stop higher"), "{words}");

    let mut long = priced("Topic of {text}", &connection);
    long.invocation_params = Object([("max_tokens".to_owned(), Json::from(&json!(30_000)))].into_iter().collect());
    desk.engine.save_draft(prompt.clone(), long).await.expect("draft");
    let words = short(Some(10_000)).await.expect("it cannot pay");
    assert!(words.starts_with("one answer may cost up to $0.24"), "{words}");
    assert!(words.ends_with("set max_tokens (Max tokens) lower or the stop higher"), "{words}");
    let run = run_for(&desk.engine, &prompt, Some(10_000)).await;
    assert_eq!((run.status, run.cause), (RunStatus::Paused, Some(PauseCause::MoneyStop)));
    assert!(
        reason(&run).contains("most of it for the longest that max_tokens (Max tokens) allows"),
        "{}",
        reason(&run)
    );

    desk.engine.set_settings(Settings { budget_micros: Some(5_000), ..Settings::default() }).await.expect("a budget");
    let words = short(Some(1_000_000)).await.expect("it cannot pay");
    assert!(words.contains("more than the $0.005 that are left today of the budget of all runs"), "{words}");
}

#[tokio::test]
async fn the_runs_of_a_connection_and_of_a_day_share_their_budgets() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 10).await;
    let free = run_for(&desk.engine, &prompt, None).await;
    assert_eq!((free.status, free.cost_micros), (RunStatus::Completed, 10 * ONE));

    // What was spent today counts already.
    let limit = 10 * ONE + 4000;
    let edited = desk.engine.edit_connection(connection.clone(), keyed(Some(limit))).await.expect("edited").connection;
    assert_eq!(edited.budget_micros, Some(limit));
    desk.engine.save_draft(prompt.clone(), priced("What is {text} about?", &connection)).await.expect("draft");
    let run = run_for(&desk.engine, &prompt, None).await;
    assert_eq!((run.status, run.done), (RunStatus::Completed, 10), "{}", reason(&run));
    let limit = 20 * ONE + 500;
    desk.engine.edit_connection(connection.clone(), keyed(Some(limit))).await.expect("edited");
    desk.engine.save_draft(prompt.clone(), priced("Which topic has {text}?", &connection)).await.expect("draft");
    let run = run_for(&desk.engine, &prompt, None).await;
    assert_eq!((run.status, run.done), (RunStatus::Paused, 0), "no call fits: {}", reason(&run));
    assert!(
        reason(&run).starts_with("“OpenAI” may cost $0.00142 a day, of which $0.00092 are spent"),
        "{}",
        reason(&run)
    );
    assert_eq!(server.asked().len(), 20);

    // Another program on the workspace knows what this one paid.
    let other = desk.another_engine();
    let settings = Settings { budget_micros: Some(limit), ..Settings::default() };
    other.set_settings(settings).await.expect("set");
    desk.engine.edit_connection(connection.clone(), keyed(Some(0))).await.expect("edited");
    other.lend_api_key(connection.to_string(), Secret::new("sk-0123456789".to_owned())).await.expect("lent");
    other.resume_run(run.id.clone()).await.expect("resumed");
    let run = other.wait_for_run(run.id).await.expect("it ends");
    assert!(reason(&run).starts_with("All runs together may cost $0.00142 a day"), "{}", reason(&run));
    other.set_settings(Settings::default()).await.expect("set");
    other.resume_run(run.id.clone()).await.expect("resumed");
    let run = other.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, run.done, run.cost_micros), (RunStatus::Completed, 10, 10 * ONE), "{}", reason(&run));
}

#[tokio::test]
async fn what_is_asked_of_a_deployment_that_only_its_name_tells_has_no_price_to_keep_a_limit_by() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let entered = ConnectionEdit {
        endpoint: Some(server.endpoint().trim_end_matches("/v1").to_owned()),
        deployment: Some("gpt-4.1".to_owned()),
        api_key: Some(Secret::new("azure-0123456789".to_owned())),
        ..keyed(None)
    };
    let new = NewConnection::of(Provider::AzureOpenAi, entered);
    let unknown = desk.engine.add_connection(new).await.expect("added").connection.id;
    let prompt = prompt_of(&desk, &unknown, 2).await;
    let of = |connection: &ConnectionId| DraftContent {
        provider: Provider::AzureOpenAi,
        ..priced("Topic of {text}", connection)
    };
    desk.engine.save_draft(prompt.clone(), of(&unknown)).await.expect("draft");
    let new = NewRun { limit_micros: Some(1_000_000), ..new_run(&prompt, Subset::All) };
    let refused = desk.engine.start_run(new).await.expect_err("it may be any model");
    assert!(refused.to_string().contains("only its name says which model gpt-4.1 is"), "{refused}");
    assert!(
        refused.to_string().contains("by `touchstone connection edit`"),
        "in the words of a terminal too: {refused}"
    );
    let known = ConnectionEdit { base_model: Some("gpt-4.1".to_owned()), ..ConnectionEdit::default() };
    desk.engine.edit_connection(unknown, known).await.expect("changed");
    let run = run_for(&desk.engine, &prompt, Some(1_000_000)).await;
    assert_eq!((run.status, run.done), (RunStatus::Completed, 2), "{}", reason(&run));
}

#[tokio::test]
async fn a_call_whose_answer_got_lost_counts_as_the_most_also_when_the_run_goes_on() {
    let server = Server::start(|_| Reply::BreaksOff);
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 20).await;
    let run = run_for(&desk.engine, &prompt, Some(4000)).await;
    assert_eq!((run.status, run.done, run.cost_micros), (RunStatus::Paused, 0, 0), "{}", reason(&run));
    assert!(reason(&run).starts_with("The run may cost $0.004, of which $"), "{}", reason(&run));
    let asked = server.asked().len();
    assert!((1..=5).contains(&asked), "{asked}");
    desk.engine.resume_run(run.id.clone()).await.expect("resumed");
    let run = desk.engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, server.asked().len()), (RunStatus::Paused, asked), "nothing came back");
}

#[tokio::test]
async fn what_was_in_flight_when_its_program_was_killed_counts_as_the_most() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| match asked.number {
        1 => by_text(asked),
        _ => Reply::After(Arc::clone(&held), Box::new(by_text(asked))),
    });
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 20).await;
    // Few calls fit; see above.
    let new = NewRun { limit_micros: Some(4000), ..new_run(&prompt, Subset::All) };
    let begin = async move |engine: Engine| {
        engine.lend_api_key(connection.to_string(), Secret::new("sk-0123456789".to_owned())).await.expect("lent");
        engine.start_run(new).await.expect("it starts").run_id
    };
    let id = desk.killed(begin, async || server.asked().len() >= 3).await;
    let in_flight = u32::try_from(server.asked().len() - 1).expect("few");
    assert_eq!(desk.abandon_runs("gone"), 1);
    let run = desk.engine.run(id.clone()).await.expect("run");
    // At most five fit, some of which may not have reached the server, and as many again are written down as are out.
    assert!((in_flight..=2 * 5).contains(&run.lost), "{} of {in_flight}", run.lost);
    assert!(run.lost_micros > 10 * ONE * u64::from(in_flight), "{} is no more than what they cost", run.lost_micros);
    assert!(run.cost_micros + run.lost_micros <= 4000, "{} and {}", run.cost_micros, run.lost_micros);

    gate.open();
    let asked = server.asked().len();
    desk.engine.resume_run(id.clone()).await.expect("resumed");
    let run = desk.engine.wait_for_run(id).await.expect("it ends");
    assert_eq!(run.status, RunStatus::Paused, "what may have been charged leaves no room for all: {}", reason(&run));
    assert!(reason(&run).contains("may have been charged for"), "{}", reason(&run));
    let since = u64::try_from(server.asked().len() - asked).expect("few");
    assert!(since * ONE + run.lost_micros <= 4000, "{since} calls beside {}", run.lost_micros);
}

/// A server that breaks the second call off, and asks to wait before it is asked again.
#[tokio::test]
async fn a_call_that_was_lost_counts_though_its_program_is_killed_while_the_task_waits() {
    let server = Server::start(|asked: &Asked| if asked.number == 1 { by_text(asked) } else { Reply::BreaksOff });
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 2).await;
    let new = NewRun { limit_micros: Some(100_000), ..new_run(&prompt, Subset::All) };
    let begin = async move |engine: Engine| {
        engine.lend_api_key(connection.to_string(), Secret::new("sk-0123456789".to_owned())).await.expect("lent");
        engine.start_run(new).await.expect("it starts").run_id
    };
    let id = desk.killed(begin, async || server.asked().len() >= 3).await;
    let asked = u64::try_from(server.asked().len()).expect("few");
    assert_eq!(desk.abandon_runs("gone"), 1);
    let run = desk.engine.run(id).await.expect("run");
    assert!(run.lost >= 1 && run.lost_micros > 10 * ONE * (asked - 2), "{} for {asked} calls", run.lost_micros);
    assert!(run.lost_micros < 20_000, "{} is no more than some calls can cost", run.lost_micros);
}

#[tokio::test]
async fn a_second_question_is_kept_within_the_limit_too() {
    let second = Server::start(|_| Reply::Says("nothing of the kind".to_owned()));
    let desk = Desk::new();
    let connection = openai(&desk, &second).await;
    let prompt = prompt_of(&desk, &connection, 20).await;
    // The answer itself is cheap: what limits is the room that each call must have.
    let limit = 20 * ONE;
    let run = run_for(&desk.engine, &prompt, Some(limit + 1500)).await;
    assert_eq!(run.status, RunStatus::Paused, "{}", reason(&run));
    assert!(run.cost_micros <= limit + 1500, "{}", run.cost_micros);
    assert_eq!(run.cost_micros, u64::from(run.requests) * ONE, "every reply is counted once");
}

#[tokio::test]
async fn a_refused_parameter_costs_nothing_and_the_question_without_it_is_kept_within_the_limit() {
    let picky = Server::start(|asked: &Asked| match asked.body.get("top_k") {
        Some(_) => Reply::Http {
            status: 400,
            headers: Vec::new(),
            body: json!({ "error": { "message": "Unsupported parameter: 'top_k'", "param": "top_k",
                "code": "unsupported_parameter" } })
            .to_string(),
        },
        None => by_text(asked),
    });
    let desk = Desk::new();
    let connection = openai(&desk, &picky).await;
    let prompt = prompt_of(&desk, &connection, 20).await;
    let mut content = priced("Which topic is {text}?", &connection);
    let params = content.invocation_params.0.into_iter();
    content.invocation_params = Object(params.chain([("top_k".to_owned(), Json::from(&json!(3)))]).collect());
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    let run = run_for(&desk.engine, &prompt, Some(20 * ONE + 1500)).await;
    assert_eq!((run.status, run.done), (RunStatus::Completed, 20), "a refusal is free: {}", reason(&run));
}

#[tokio::test]
async fn a_budget_that_is_set_while_a_run_is_at_work_holds_for_it() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let first = AtomicBool::new(true);
    let server = Server::start(move |asked: &Asked| {
        let reply = Box::new(by_text(asked));
        if first.swap(false, Ordering::SeqCst) { *reply } else { Reply::After(Arc::clone(&held), reply) }
    });
    let desk = Desk::new();
    let connection = openai(&desk, &server).await;
    let prompt = prompt_of(&desk, &connection, 60).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("it starts");
    until("it asks", async || server.asked().len() == 9).await;
    let settings = Settings { budget_micros: Some(1), ..Settings::default() };
    desk.engine.set_settings(settings).await.expect("set");
    gate.open();
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.status, run.done), (RunStatus::Paused, 9), "what was out came home: {}", reason(&run));
    assert!(reason(&run).starts_with("All runs together may cost $0.000001 a day"), "{}", reason(&run));
    desk.engine.set_settings(Settings::default()).await.expect("set");
    desk.engine.resume_run(run.id.clone()).await.expect("resumed");
    let run = desk.engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, run.done, run.requests), (RunStatus::Completed, 60, 60), "{}", reason(&run));
}
