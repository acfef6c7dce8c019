//! Runs that ask by batch, against a server that takes batches as each vendor does.

use crate::providers::Cloud;
use crate::support::{Asked, Desk, Reply, Server, bugs, draft, new_run, task, until};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use touchstone_engine::Engine;
use touchstone_engine::connections::{ConnectionEdit, NewConnection, NewPrice};
use touchstone_engine::domain::json::{Json, Object};
use touchstone_engine::domain::prompt::Provider;
use touchstone_engine::domain::run::{Repetition, RunStatus, Subset};
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::{ConnectionId, PromptId, RunId};
use touchstone_engine::drafts::DraftContent;
use touchstone_engine::runs::{BatchRules, EstimatedCost, NewRun, RunLimit, RunSummary};
use touchstone_engine::settings::Settings;

const KEY: &str = "sk-0123456789";

/// What one answer costs online, in millionths of a dollar: 11 tokens for $2 a million and 3 for $8 a million.
const ONLINE: u64 = 46;
const IN_A_BATCH: u64 = 23;

const DIALECTS: [Provider; 4] = [Provider::OpenAi, Provider::AzureOpenAi, Provider::Anthropic, Provider::Gemini];

/// What becomes of a request in a batch.
enum Outcome {
    Says(&'static str),
    Fails(u16, &'static str),
    /// The vendor did not come to it.
    Expired,
}

const BUG: Outcome = Outcome::Says(r#"{"topic": "Bug"}"#);

/// A batch that the vendor took.
struct Taken {
    name: String,
    /// Key and body.
    requests: Vec<(String, String)>,
    is_canceled: bool,
}

/// What a vendor does with batches.
struct Shop {
    taken: Vec<Taken>,
    file: String,
    outcome: fn(&str) -> Outcome,
    /// Batches are at work and do not end.
    is_busy: bool,
    /// The next order is taken, and its reply is lost.
    loses_reply: bool,
    /// The next order is taken, and never replied to.
    is_silent: bool,
    /// The next order fails with this status, and is not taken.
    fails: Option<u16>,
    /// Batches are refused as a whole.
    refuses: bool,
    /// Batches are not canceled.
    refuses_cancel: bool,
    /// Every request online is refused with this status.
    rejects_online: Option<u16>,
    /// Looks at batches that are refused, each with a wait of a second.
    hurries: u32,
    /// When it was asked for a batch, and about one.
    orders: Vec<Instant>,
    looks: Vec<Instant>,
    /// Requests that were asked online.
    online: Vec<String>,
}

struct Vendor {
    dialect: Provider,
    server: Server,
    shop: Arc<Mutex<Shop>>,
}

impl Vendor {
    fn start(dialect: Provider, outcome: fn(&str) -> Outcome) -> Self {
        let shop = Shop {
            taken: Vec::new(),
            file: String::new(),
            outcome,
            is_busy: false,
            loses_reply: false,
            is_silent: false,
            fails: None,
            refuses: false,
            refuses_cancel: false,
            rejects_online: None,
            hurries: 0,
            orders: Vec::new(),
            looks: Vec::new(),
            online: Vec::new(),
        };
        let shop = Arc::new(Mutex::new(shop));
        let served = Arc::clone(&shop);
        let server = Server::start(move |asked| {
            let mut shop = served.lock().unwrap_or_else(PoisonError::into_inner);
            // Azure speaks as OpenAI does.
            shop.reply(if dialect == Provider::AzureOpenAi { Provider::OpenAi } else { dialect }, asked)
        });
        Self { dialect, server, shop }
    }

    fn shop(&self) -> MutexGuard<'_, Shop> {
        self.shop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many requests each batch had.
    fn sizes(&self) -> Vec<usize> {
        self.shop().taken.iter().map(|taken| taken.requests.len()).collect()
    }

    fn online(&self) -> usize {
        self.shop().online.len()
    }

    fn online_about(&self, text: &str) -> usize {
        self.shop().online.iter().filter(|body| body.contains(text)).count()
    }
}

fn ok(body: &Value) -> Reply {
    Reply::Http { status: 200, headers: Vec::new(), body: body.to_string() }
}

fn too_fast() -> Reply {
    let headers = vec![("retry-after", "1".to_owned())];
    Reply::Http { status: 429, headers, body: json!({"error": {"message": "slow down"}}).to_string() }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Shop {
    fn reply(&mut self, dialect: Provider, asked: &Asked) -> Reply {
        let line = asked.head.lines().next().unwrap_or_default();
        let mut words = line.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let path = path.split('?').next().unwrap_or_default();
        let index = path.split(['/', ':']).find_map(|part| part.strip_prefix("taken-")?.parse::<usize>().ok());
        match dialect {
            _ if self.refuses_cancel && path.ends_with("cancel") => Reply::status(403, "not with this key"),
            _ if path.ends_with("cancel") => {
                self.taken[index.expect("a batch")].is_canceled = true;
                ok(&json!({}))
            }
            _ if path.contains("/files") && method == "POST" => {
                self.file = text(&asked.body);
                ok(&json!({"id": "file-in"}))
            }
            _ if method == "POST" && (path.ends_with("batches") || path.ends_with(":batchGenerateContent")) => {
                self.orders.push(asked.at);
                self.order(dialect, &asked.body)
            }
            Provider::OpenAi if path.contains("/files/") => {
                let rest = path.rsplit('/').nth(1).unwrap_or_default();
                let (what, index) = rest.split_once('-').unwrap_or_default();
                lines(&self.results(dialect, index.parse().expect("a file"), what == "err"))
            }
            Provider::Anthropic if path.ends_with("/results") => {
                lines(&self.results(dialect, index.expect("a batch"), false))
            }
            _ if method == "GET" && path.contains("batches") => match index {
                Some(index) => {
                    self.looks.push(asked.at);
                    let is_hurried = self.hurries > 0;
                    self.hurries = self.hurries.saturating_sub(1);
                    if is_hurried { too_fast() } else { ok(&self.shown(dialect, index)) }
                }
                None => {
                    let all: Vec<_> = (0..self.taken.len()).rev().map(|index| self.shown(dialect, index)).collect();
                    ok(&json!({"data": all, "operations": all, "has_more": false}))
                }
            },
            _ => {
                self.online.push(asked.body.to_string());
                match self.rejects_online {
                    Some(status) => Reply::status(status, "not like this"),
                    None => ok(&answer(dialect, r#"{"topic": "Bug"}"#)),
                }
            }
        }
    }

    fn order(&mut self, dialect: Provider, order: &Value) -> Reply {
        match self.fails.take() {
            Some(429) => return too_fast(),
            Some(status) => return Reply::status(status, "not now"),
            None => {}
        }
        let pair = |key: &Value, body: &Value| (text(key), body.to_string());
        let (name, requests) = match dialect {
            Provider::OpenAi => {
                let lines = self.file.lines().filter(|line| line.starts_with('{'));
                let lines = lines.map(|line| serde_json::from_str::<Value>(line).expect("JSON Lines"));
                let requests = lines.map(|line| pair(&line["custom_id"], &line["body"])).collect();
                (text(&order["metadata"]["touchstone"]), requests)
            }
            Provider::Anthropic => {
                let requests = order["requests"].as_array().into_iter().flatten();
                (String::new(), requests.map(|request| pair(&request["custom_id"], &request["params"])).collect())
            }
            _ => {
                let requests = order["batch"]["inputConfig"]["requests"]["requests"].as_array().into_iter().flatten();
                let requests = requests.map(|request| pair(&request["metadata"]["key"], &request["request"]));
                (text(&order["batch"]["displayName"]), requests.collect())
            }
        };
        self.taken.push(Taken { name, requests, is_canceled: false });
        if std::mem::take(&mut self.is_silent) {
            return Reply::Never;
        }
        if std::mem::take(&mut self.loses_reply) {
            return Reply::BreaksOff;
        }
        ok(&self.shown(dialect, self.taken.len() - 1))
    }

    fn shown(&self, dialect: Provider, index: usize) -> Value {
        let taken = &self.taken[index];
        let requests = taken.requests.len();
        let is_over = !self.is_busy || taken.is_canceled;
        match dialect {
            Provider::OpenAi => json!({
                "id": format!("taken-{index}"),
                "status": if self.refuses { "failed" } else if is_over { "completed" } else { "in_progress" },
                "errors": {"data": [{"message": "Enqueued token limit reached."}]},
                "request_counts": {"total": requests, "completed": 1, "failed": 0},
                "output_file_id": format!("out-{index}"),
                "error_file_id": format!("err-{index}"),
                "metadata": {"touchstone": taken.name},
            }),
            Provider::Anthropic => json!({
                "id": format!("taken-{index}"),
                "processing_status": if is_over { "ended" } else { "in_progress" },
                "request_counts": {"processing": requests - 1, "succeeded": 1},
                "created_at": "2999-01-01T00:00:00Z",
            }),
            _ => json!({
                "name": format!("batches/taken-{index}"),
                "done": is_over,
                "metadata": {
                    "displayName": taken.name,
                    "state": if is_over { "BATCH_STATE_SUCCEEDED" } else { "BATCH_STATE_RUNNING" },
                    "batchStats": {"successfulRequestCount": "1"},
                },
                "response": {"inlinedResponses": {"inlinedResponses": self.results(dialect, index, false)}},
            }),
        }
    }

    /// In another order than that of the requests.
    fn results(&self, dialect: Provider, index: usize, failed: bool) -> Vec<Value> {
        let taken = &self.taken[index];
        let mut results = Vec::new();
        for (number, (key, body)) in taken.requests.iter().enumerate().rev() {
            // What was answered before somebody canceled.
            let outcome = if taken.is_canceled && number > 0 { Outcome::Expired } else { (self.outcome)(body) };
            let is_failed = !matches!(outcome, Outcome::Says(_));
            if dialect == Provider::OpenAi && is_failed != failed {
                continue;
            }
            results.push(match dialect {
                Provider::OpenAi => match outcome {
                    Outcome::Says(said) => {
                        json!({"custom_id": key, "response": {"status_code": 200, "body": answer(dialect, said)}})
                    }
                    Outcome::Fails(status, said) => {
                        let body = json!({"error": {"message": said}});
                        json!({"custom_id": key, "response": {"status_code": status, "body": body}})
                    }
                    Outcome::Expired => json!({"custom_id": key, "response": null, "error": {"code": "batch_expired"}}),
                },
                Provider::Anthropic => match outcome {
                    Outcome::Says(said) => {
                        json!({"custom_id": key, "result": {"type": "succeeded", "message": answer(dialect, said)}})
                    }
                    Outcome::Fails(status, said) => {
                        let kind = if status == 400 { "invalid_request_error" } else { "api_error" };
                        let error = json!({"type": "error", "error": {"type": kind, "message": said}});
                        json!({"custom_id": key, "result": {"type": "errored", "error": error}})
                    }
                    Outcome::Expired => json!({"custom_id": key, "result": {"type": "expired"}}),
                },
                _ => match outcome {
                    Outcome::Says(said) => json!({"metadata": {"key": key}, "response": answer(dialect, said)}),
                    Outcome::Fails(status, said) => {
                        let code = if status == 400 { 3 } else { 13 };
                        json!({"metadata": {"key": key}, "error": {"code": code, "message": said}})
                    }
                    Outcome::Expired => json!({"metadata": {"key": key}, "error": {"code": 1, "message": "canceled"}}),
                },
            });
        }
        results
    }
}

fn lines(values: &[Value]) -> Reply {
    let body = values.iter().map(|value| format!("{value}\n")).collect();
    Reply::Http { status: 200, headers: Vec::new(), body }
}

/// An answer in a vendor's words.
fn answer(dialect: Provider, said: &str) -> Value {
    match dialect {
        Provider::OpenAi => json!({
            "model": "gpt-4.1",
            "choices": [{"message": {"content": said}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 11, "completion_tokens": 3},
        }),
        Provider::Anthropic => json!({
            "content": [{"type": "text", "text": said}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 11, "output_tokens": 3},
        }),
        _ => json!({
            "candidates": [{"content": {"parts": [{"text": said}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 3},
        }),
    }
}

/// In more of a hurry than people are.
const RULES: BatchRules = BatchRules {
    look_first: Duration::from_millis(20),
    look_max: Duration::from_millis(50),
    listed_within: Duration::ZERO,
    cancel_within: Duration::from_secs(10),
    requests_max: 1_000,
};

fn model(dialect: Provider) -> &'static str {
    match dialect {
        Provider::OpenAi => "gpt-4.1",
        Provider::AzureOpenAi => "by-the-minute",
        Provider::Anthropic => "claude-haiku-4-5",
        _ => "gemini-2.5-flash",
    }
}

async fn connect(desk: &Desk, vendor: &Vendor) -> ConnectionId {
    let is_azure = vendor.dialect == Provider::AzureOpenAi;
    let base = vendor.server.endpoint().trim_end_matches("/v1").to_owned();
    let of_azure = |text: &str| is_azure.then(|| text.to_owned());
    let entered = ConnectionEdit {
        base_url: (!is_azure).then(|| vendor.server.endpoint()),
        endpoint: of_azure(&base),
        deployment: of_azure(model(vendor.dialect)),
        batch_deployment: of_azure("by-the-day"),
        base_model: of_azure("gpt-4.1"),
        api_key: Some(Secret::new(KEY.to_owned())),
        until_quit: true,
        ..ConnectionEdit::default()
    };
    let new = NewConnection::of(vendor.dialect, entered);
    let id = desk.engine.add_connection(new).await.expect("added").connection.id;
    if !matches!(vendor.dialect, Provider::OpenAi | Provider::AzureOpenAi) {
        let price = NewPrice { input: "2".to_owned(), output: "8".to_owned(), cached: None };
        let model = model(vendor.dialect).to_owned();
        desk.engine.set_model_price(id.to_string(), model, Some(price)).await.expect("priced");
    }
    id
}

fn content(dialect: Provider, connection: &ConnectionId) -> DraftContent {
    let limit = ("max_tokens".to_owned(), Json::from(&json!(10)));
    DraftContent {
        model: model(dialect).to_owned(),
        provider: dialect,
        invocation_params: Object([limit].into_iter().collect()),
        ..draft("Topic of {text}", connection)
    }
}

/// A prompt over these tasks that asks `vendor`.
async fn prompt_over(desk: &Desk, vendor: &Vendor, tasks: &Value) -> PromptId {
    desk.engine.set_batch_rules(RULES);
    let connection = connect(desk, vendor).await;
    let project = desk.import("Feedback", tasks).await;
    let prompt = desk.prompt(&project, &connection).await;
    desk.engine.save_draft(prompt.clone(), content(vendor.dialect, &connection)).await.expect("draft");
    prompt
}

async fn start(engine: &Engine, prompt: &PromptId) -> RunId {
    let new = NewRun { batch: true, ..new_run(prompt, Subset::All) };
    engine.start_run(new).await.expect("it starts").run_id
}

async fn run(engine: &Engine, prompt: &PromptId) -> RunSummary {
    let id = start(engine, prompt).await;
    engine.wait_for_run(id).await.expect("it ends")
}

fn reason(run: &RunSummary) -> &str {
    run.reason.as_deref().unwrap_or_default()
}

/// Waits until the run waits for a batch at the vendor.
async fn until_out(engine: &Engine, id: &RunId) {
    until("its batch is out", async || {
        let batch = engine.run(id.clone()).await.expect("the run").batch.expect("by batch");
        batch.open > 0 && batch.submitted_at.is_some()
    })
    .await;
}

#[tokio::test]
async fn a_batch_is_answered_at_half_the_price_and_its_answers_are_owned_by_runs_online() {
    for dialect in DIALECTS {
        let vendor = Vendor::start(dialect, |_| BUG);
        let desk = Desk::new();
        let prompt = prompt_over(&desk, &vendor, &bugs(6)).await;
        let batch = run(&desk.engine, &prompt).await;
        assert_eq!((batch.status, batch.done, batch.failed), (RunStatus::Completed, 6, 0), "{}", reason(&batch));
        assert_eq!((vendor.online(), vendor.sizes()), (1, vec![5]), "one is asked first, to see whether all can be");
        assert_eq!((batch.requests, batch.correct, batch.unpriced), (6, 6, 0), "{dialect:?}");
        assert_eq!(batch.cost_micros, ONLINE + 5 * IN_A_BATCH, "{dialect:?}");
        let sums = batch.batch.expect("by batch");
        assert_eq!((sums.parts, sums.open, sums.requests, sums.done), (1, 0, 5, 5));
        assert_eq!(sums.waiting, None);

        let online = desk.run(&prompt, Subset::All).await;
        assert_eq!((online.done, online.cached, online.requests), (6, 6, 0), "{dialect:?}");
        assert!(online.batch.is_none());
        let again = run(&desk.engine, &prompt).await;
        assert_eq!((again.cached, again.requests, vendor.sizes().len()), (6, 0, 1), "nothing is handed over twice");
    }
}

#[tokio::test]
async fn what_one_batch_does_not_hold_goes_into_several_and_equal_requests_into_one() {
    let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
    let desk = Desk::new();
    let mut tasks = bugs(10);
    let twin = task("crash number 7.", None);
    tasks.as_array_mut().expect("tasks").push(twin);
    let prompt = prompt_over(&desk, &vendor, &tasks).await;
    desk.engine.set_batch_rules(BatchRules { requests_max: 4, ..RULES });
    let run = run(&desk.engine, &prompt).await;
    assert_eq!((run.status, run.done, run.cached), (RunStatus::Completed, 11, 1), "{}", reason(&run));
    assert_eq!((vendor.online(), vendor.sizes()), (1, vec![4, 4, 1]));
    let names: Vec<_> = vendor.shop().taken.iter().map(|taken| taken.name.clone()).collect();
    assert_eq!(names, [1, 2, 3].map(|part| format!("touchstone {} {part}", run.id)));
    assert_eq!(run.cost_micros, ONLINE + 9 * IN_A_BATCH);
}

#[tokio::test]
async fn what_failed_for_a_while_or_expired_or_cannot_be_used_is_finished_online() {
    for dialect in DIALECTS {
        let vendor = Vendor::start(dialect, |body| match body {
            body if body.contains("number 2.") => Outcome::Expired,
            body if body.contains("number 3.") => Outcome::Fails(500, "broke"),
            body if body.contains("number 4.") => Outcome::Fails(400, "not this one"),
            body if body.contains("number 5.") => Outcome::Says("no idea"),
            _ => BUG,
        });
        let desk = Desk::new();
        let prompt = prompt_over(&desk, &vendor, &bugs(6)).await;
        let run = run(&desk.engine, &prompt).await;
        assert_eq!((run.status, run.done, run.failed), (RunStatus::Completed, 6, 1), "{dialect:?} {}", reason(&run));
        let online = [1, 2, 3, 4, 5, 6].map(|number| vendor.online_about(&format!("number {number}.")));
        assert_eq!(online, [1, 1, 1, 0, 1, 0], "{dialect:?}");
        // Two of the batch are paid for: the one that is fine, and the one that cannot be used.
        assert_eq!(run.cost_micros, 4 * ONLINE + 2 * IN_A_BATCH, "{dialect:?}");
        assert_eq!(run.correct, 5);
        assert_eq!(
            run.requests,
            1 + 5 + 3,
            "{dialect:?}: one before the batch, those of the batch, and the rest online"
        );
    }
}

#[tokio::test]
async fn a_batch_whose_reply_was_lost_is_found_at_the_vendor_and_not_paid_twice() {
    for dialect in DIALECTS {
        let vendor = Vendor::start(dialect, |_| BUG);
        vendor.shop().loses_reply = true;
        let desk = Desk::new();
        let prompt = prompt_over(&desk, &vendor, &bugs(4)).await;
        let run = run(&desk.engine, &prompt).await;
        assert_eq!((run.status, run.done, run.requests), (RunStatus::Completed, 4, 4), "{}", reason(&run));
        assert_eq!((vendor.online(), vendor.sizes()), (1, vec![3]), "{dialect:?}");
    }
}

#[tokio::test]
async fn a_batch_that_the_vendor_never_got_is_handed_over_again() {
    for status in [500, 429] {
        let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
        vendor.shop().fails = Some(status);
        let desk = Desk::new();
        let prompt = prompt_over(&desk, &vendor, &bugs(4)).await;
        let run = run(&desk.engine, &prompt).await;
        assert_eq!((run.status, run.done, run.requests), (RunStatus::Completed, 4, 4), "{}", reason(&run));
        assert_eq!((vendor.online(), vendor.sizes()), (1, vec![3]), "{status}");
        let orders = vendor.shop().orders.clone();
        assert_eq!(orders.len(), 2);
        let wanted = if status == 429 { Duration::from_secs(1) } else { Duration::ZERO };
        assert!(orders[1] - orders[0] >= wanted, "it said how long to wait");
    }
}

#[tokio::test]
async fn a_vendor_that_wants_to_be_left_alone_is_and_looks_become_fewer() {
    let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
    vendor.shop().is_busy = true;
    vendor.shop().hurries = 1;
    let desk = Desk::new();
    let prompt = prompt_over(&desk, &vendor, &bugs(4)).await;
    let (look_first, look_max) = (Duration::from_millis(50), Duration::from_millis(200));
    desk.engine.set_batch_rules(BatchRules { look_first, look_max, ..RULES });
    let id = start(&desk.engine, &prompt).await;
    until("it is looked at", async || vendor.shop().looks.len() == 1).await;
    until("it says why it waits", async || {
        let active = desk.engine.active_runs().await.expect("runs");
        active.iter().any(|run| run.waiting.as_deref().is_some_and(|why| why.contains("slow down")))
    })
    .await;
    until("it is looked at often", async || vendor.shop().looks.len() == 6).await;
    let looks = vendor.shop().looks.clone();
    assert!(looks[1] - looks[0] >= Duration::from_secs(1), "it said how long to wait");
    // The second look brings the news that one is done; from there on each wait is twice the one before.
    for (pair, wait) in looks[1..].windows(2).zip([50, 100, 200, 200]) {
        assert!(pair[1] - pair[0] >= Duration::from_millis(wait), "{wait} ms");
    }
    vendor.shop().is_busy = false;
    let run = desk.engine.wait_for_run(id).await.expect("it ends");
    assert_eq!((run.status, run.done, vendor.sizes()), (RunStatus::Completed, 4, vec![3]), "{}", reason(&run));
}

#[tokio::test]
async fn what_is_owned_already_is_not_handed_over() {
    let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
    let desk = Desk::new();
    let prompt = prompt_over(&desk, &vendor, &bugs(6)).await;
    desk.run(&prompt, Subset::Sample { tasks: 3, seed: None }).await;
    let run = run(&desk.engine, &prompt).await;
    assert_eq!((run.status, run.done, run.cached), (RunStatus::Completed, 6, 3), "{}", reason(&run));
    assert_eq!((vendor.online(), vendor.sizes()), (4, vec![2]), "three by the sample, one to see whether all can be");
    assert_eq!(run.cost_micros, ONLINE + 2 * IN_A_BATCH);
}

#[tokio::test]
async fn a_program_that_ends_between_the_order_and_its_reply_finds_the_batch_at_its_next_start() {
    let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
    vendor.shop().is_silent = true;
    let desk = Desk::new();
    let prompt = prompt_over(&desk, &vendor, &bugs(4)).await;
    let id = start(&desk.engine, &prompt).await;
    until("it is taken", async || vendor.sizes() == [3]).await;
    desk.engine.pause_runs().await.expect("closed");
    let left = desk.engine.run(id.clone()).await.expect("the run");
    assert_eq!(left.status, RunStatus::Paused);

    let next = next_start(&desk, &id).await;
    let run = next.wait_for_run(id).await.expect("it ends");
    assert_eq!((run.status, run.done, run.requests), (RunStatus::Completed, 4, 4), "{}", reason(&run));
    assert_eq!((vendor.online(), vendor.sizes()), (1, vec![3]));
}

/// The program, started again and given the key, as its keychain would. It takes the run up by itself.
async fn next_start(desk: &Desk, id: &RunId) -> Engine {
    let next = desk.another_engine();
    next.set_batch_rules(RULES);
    next.lend_api_key("OpenAI".to_owned(), Secret::new(KEY.to_owned())).await.expect("lent");
    tokio::spawn(next.clone().watch());
    until("it is taken up", async || next.run(id.clone()).await.expect("the run").status != RunStatus::Paused).await;
    next
}

#[tokio::test]
async fn a_run_waits_for_its_batch_while_the_program_is_closed_and_goes_on_unasked() {
    let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
    vendor.shop().is_busy = true;
    let desk = Desk::new();
    let prompt = prompt_over(&desk, &vendor, &bugs(5)).await;
    let id = start(&desk.engine, &prompt).await;
    until_out(&desk.engine, &id).await;
    until("it says so", async || {
        let active = desk.engine.active_runs().await.expect("runs");
        active.iter().any(|run| run.waiting.as_deref().is_some_and(|why| why.contains("1 of 4 requests are done")))
    })
    .await;
    desk.engine.pause_runs().await.expect("closed");
    let left = desk.engine.run(id.clone()).await.expect("the run");
    assert_eq!((left.status, left.done), (RunStatus::Paused, 1));
    assert_eq!(left.reason, None, "nothing is wrong");
    let waiting = left.batch.and_then(|batch| batch.waiting).expect("it waits");
    assert!(waiting.starts_with("Waiting for the batch at OpenAI (handed over on 20"), "{waiting}");
    assert!(waiting.ends_with("ready within 24 hours); 1 of 4 requests are done."), "{waiting}");
    let interrupted = desk.engine.offered_runs().await.expect("runs");
    assert!(interrupted.is_empty(), "nobody has to be asked whether it should go on");

    vendor.shop().is_busy = false;
    let next = next_start(&desk, &id).await;
    let run = next.wait_for_run(id).await.expect("it ends");
    assert_eq!((run.status, run.done, run.requests), (RunStatus::Completed, 5, 5), "{}", reason(&run));
    assert_eq!((vendor.online(), vendor.sizes()), (1, vec![4]), "it was handed over once");
    assert_eq!(run.cost_micros, ONLINE + 4 * IN_A_BATCH);
}

#[tokio::test]
async fn a_budget_of_a_day_counts_a_batch_that_no_program_is_at_work_on() {
    let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
    vendor.shop().is_busy = true;
    let desk = Desk::new();
    let prompt = prompt_over(&desk, &vendor, &bugs(5)).await;
    // Nobody has set a limit when it is handed over.
    let id = start(&desk.engine, &prompt).await;
    until_out(&desk.engine, &id).await;
    desk.engine.pause_runs().await.expect("closed");
    // Room for an answer, but not beside what the batch of four may cost.
    let settings = Settings { budget_micros: Some(2_000), ..Settings::default() };
    desk.engine.set_settings(settings).await.expect("set");
    let online = NewRun { repetition: Repetition::among(2, 2), ..new_run(&prompt, Subset::All) };
    let asked = vendor.online();
    let started = desk.engine.start_run(online).await.expect("it starts");
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.status, vendor.online()), (RunStatus::Paused, asked), "{}", reason(&run));
    assert!(
        reason(&run).starts_with("All runs together may cost $0.002 a day, of which $0.000046 are spent, $0.00"),
        "{}",
        reason(&run)
    );
    assert!(reason(&run).contains(" may be charged for batches that are out, and"), "{}", reason(&run));

    vendor.shop().is_busy = false;
    let next = next_start(&desk, &id).await;
    let batch = next.wait_for_run(id).await.expect("it ends");
    assert_eq!((batch.status, batch.done), (RunStatus::Completed, 5), "it was handed over, whatever the budget is now");
    next.resume_run(run.id.clone()).await.expect("resumed");
    let run = next.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, run.done), (RunStatus::Completed, 5), "what it cost was less: {}", reason(&run));
}

#[tokio::test]
async fn a_stop_cancels_the_batch_and_keeps_what_it_had_answered() {
    for was_closed in [false, true] {
        let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
        vendor.shop().is_busy = true;
        let desk = Desk::new();
        let prompt = prompt_over(&desk, &vendor, &bugs(5)).await;
        let id = start(&desk.engine, &prompt).await;
        until_out(&desk.engine, &id).await;
        if was_closed {
            desk.engine.pause_runs().await.expect("closed");
        }
        desk.engine.stop_run(id.clone()).await.expect("stopped");
        let run = desk.engine.run(id.clone()).await.expect("the run");
        assert!(vendor.shop().taken[0].is_canceled);
        assert_eq!((run.status, run.done, run.reason.as_deref()), (RunStatus::Canceled, 2, None), "{was_closed}");
        assert_eq!(run.cost_micros, ONLINE + IN_A_BATCH);

        desk.engine.resume_run(id.clone()).await.expect("resumed");
        let run = desk.engine.wait_for_run(id).await.expect("it ends");
        assert_eq!((run.status, run.done, vendor.online()), (RunStatus::Completed, 5, 4), "the rest is asked online");
        assert_eq!(vendor.sizes(), [4]);
    }
}

#[tokio::test]
async fn a_run_whose_batch_cannot_be_canceled_is_not_stopped_and_says_so() {
    for was_closed in [false, true] {
        let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
        vendor.shop().is_busy = true;
        let desk = Desk::new();
        let prompt = prompt_over(&desk, &vendor, &bugs(5)).await;
        let id = start(&desk.engine, &prompt).await;
        until_out(&desk.engine, &id).await;
        if was_closed {
            desk.engine.pause_runs().await.expect("closed");
        }
        vendor.shop().refuses_cancel = true;
        let refused = desk.engine.stop_run(id.clone()).await.expect_err("it goes on at the vendor").to_string();
        assert!(
            refused.contains("its batch goes on at the vendor") && refused.contains("not with this key"),
            "{refused}"
        );
        let run = desk.engine.run(id.clone()).await.expect("the run");
        assert_eq!(run.status, RunStatus::Paused, "{was_closed}");
        assert!(!reason(&run).is_empty() && run.batch.as_ref().is_some_and(|batch| batch.open == 1), "{was_closed}");

        vendor.shop().refuses_cancel = false;
        desk.engine.stop_run(id.clone()).await.expect("stopped");
        assert!(vendor.shop().taken[0].is_canceled);
        assert_eq!(desk.engine.run(id).await.expect("the run").status, RunStatus::Canceled, "{was_closed}");
    }
}

#[tokio::test]
async fn a_stop_from_another_program_leaves_a_run_paused_whose_batch_cannot_be_canceled() {
    let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
    vendor.shop().is_busy = true;
    let desk = Desk::new();
    let prompt = prompt_over(&desk, &vendor, &bugs(5)).await;
    let id = start(&desk.engine, &prompt).await;
    until_out(&desk.engine, &id).await;
    vendor.shop().refuses_cancel = true;
    desk.another_engine().stop_run(id.clone()).await.expect("its owner is asked");
    let run = desk.engine.wait_for_run(id).await.expect("it ends");
    assert_eq!(run.status, RunStatus::Paused, "{}", reason(&run));
    assert!(reason(&run).starts_with("The batch could not be canceled"), "{}", reason(&run));
    assert!(run.batch.is_some_and(|batch| batch.open == 1));
}

#[tokio::test]
async fn a_batch_that_could_cost_more_than_is_left_is_not_handed_over() {
    let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
    let desk = Desk::new();
    let prompt = prompt_over(&desk, &vendor, &bugs(30)).await;
    let limit_micros = Some(5_000);
    let new = NewRun { batch: true, limit_micros, ..new_run(&prompt, Subset::All) };
    let id = desk.engine.start_run(new).await.expect("it starts").run_id;
    let run = desk.engine.wait_for_run(id.clone()).await.expect("it ends");
    assert_eq!((run.status, run.done, vendor.sizes()), (RunStatus::Paused, 1, vec![]), "{}", reason(&run));
    assert!(reason(&run).contains("and the batch may cost up to $"), "{}", reason(&run));

    desk.engine.set_run_limit(id.clone(), RunLimit { limit_micros: Some(100_000) }).await.expect("raised");
    desk.engine.resume_run(id.clone()).await.expect("resumed");
    let run = desk.engine.wait_for_run(id).await.expect("it ends");
    assert_eq!((run.status, run.done, vendor.sizes()), (RunStatus::Completed, 30, vec![28]), "{}", reason(&run));
    assert_eq!(vendor.online(), 2, "one each time that nothing is out");
}

#[tokio::test]
async fn parts_that_do_not_fit_the_limit_together_are_handed_over_one_after_the_other() {
    let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
    let desk = Desk::new();
    let prompt = prompt_over(&desk, &vendor, &bugs(13)).await;
    desk.engine.set_batch_rules(BatchRules { requests_max: 4, ..RULES });
    // A part of four can cost some 3,000, and costs 92.
    let new = NewRun { batch: true, limit_micros: Some(5_000), ..new_run(&prompt, Subset::All) };
    let id = desk.engine.start_run(new).await.expect("it starts").run_id;
    let run = desk.engine.wait_for_run(id).await.expect("it ends");
    assert_eq!((run.status, run.done, vendor.sizes()), (RunStatus::Completed, 13, vec![4, 4, 4]), "{}", reason(&run));
}

#[tokio::test]
async fn a_batch_that_is_refused_as_a_whole_pauses_the_run_in_the_vendors_words() {
    let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
    vendor.shop().refuses = true;
    let desk = Desk::new();
    let prompt = prompt_over(&desk, &vendor, &bugs(4)).await;
    let run = run(&desk.engine, &prompt).await;
    assert_eq!((run.status, run.done), (RunStatus::Paused, 1));
    assert!(reason(&run).contains("asked nothing of it: “Enqueued token limit reached”"), "{}", reason(&run));
    vendor.shop().refuses = false;
    desk.engine.resume_run(run.id.clone()).await.expect("resumed");
    let run = desk.engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, run.done, vendor.sizes()), (RunStatus::Completed, 4, vec![3, 2]), "{}", reason(&run));
    assert_eq!(vendor.online(), 2, "it goes by batch again");
}

#[tokio::test]
async fn what_was_refused_for_no_fault_of_the_requests_pauses_the_run_and_goes_into_another_batch() {
    let vendor = Vendor::start(Provider::OpenAi, |_| Outcome::Fails(401, "no such key"));
    let desk = Desk::new();
    let prompt = prompt_over(&desk, &vendor, &bugs(4)).await;
    let run = run(&desk.engine, &prompt).await;
    assert_eq!((run.status, run.done, run.failed), (RunStatus::Paused, 1, 0), "{}", reason(&run));
    assert!(reason(&run).contains("rejected the key"), "{}", reason(&run));
    vendor.shop().outcome = |_| BUG;
    desk.engine.resume_run(run.id.clone()).await.expect("resumed");
    let run = desk.engine.wait_for_run(run.id).await.expect("it ends");
    assert_eq!((run.status, run.done, vendor.sizes()), (RunStatus::Completed, 4, vec![3, 3]), "{}", reason(&run));
}

#[tokio::test]
async fn what_would_be_refused_of_all_is_found_out_before_anything_is_handed_over() {
    let vendor = Vendor::start(Provider::OpenAi, |_| BUG);
    vendor.shop().rejects_online = Some(401);
    let desk = Desk::new();
    let prompt = prompt_over(&desk, &vendor, &bugs(12)).await;
    let rejected = run(&desk.engine, &prompt).await;
    assert_eq!((rejected.status, rejected.done, vendor.online()), (RunStatus::Paused, 0, 1), "{}", reason(&rejected));
    assert!(reason(&rejected).contains("rejected the key"), "{}", reason(&rejected));

    vendor.shop().rejects_online = Some(400);
    let rejected = run(&desk.engine, &prompt).await;
    assert_eq!((rejected.status, rejected.failed), (RunStatus::Paused, 10), "{}", reason(&rejected));
    assert!(reason(&rejected).contains("10 tasks in a row failed in the same way"), "{}", reason(&rejected));
    assert_eq!(vendor.sizes(), Vec::<usize>::new(), "a day later it would have said the same of each");
}

#[tokio::test]
async fn a_batch_is_refused_where_there_is_none_before_anything_is_sent() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    for (provider, words) in [
        (Provider::Custom, "Custom takes no batches"),
        (Provider::Foundry, "Azure AI Foundry takes no batches"),
        (Provider::VertexAi, "Vertex AI takes no batches"),
        (Provider::AzureOpenAi, "Azure OpenAI answers batches by a deployment of their own"),
    ] {
        let new = cloud.new_connection(provider);
        let connection = desk.engine.add_connection(new).await.expect("added").connection;
        let model = connection.models.first().map_or("m", |model| &model.id).to_owned();
        let price = NewPrice { input: "2".to_owned(), output: "8".to_owned(), cached: None };
        desk.engine.set_model_price(connection.id.to_string(), model.clone(), Some(price)).await.expect("priced");
        let project = desk.import(words, &bugs(2)).await;
        let prompt = desk.prompt(&project, &connection.id).await;
        let draft = DraftContent { model, provider, ..draft("Topic of {text}", &connection.id) };
        desk.engine.save_draft(prompt.clone(), draft).await.expect("draft");
        let new = NewRun { batch: true, ..new_run(&prompt, Subset::All) };
        let estimate = desk.engine.estimate_run(new.clone()).await.expect("estimated");
        assert!(
            estimate.batch_refused.as_deref().is_some_and(|why| why.contains(words)),
            "{:?}",
            estimate.batch_refused
        );
        let batch_micros = |cost| matches!(cost, EstimatedCost::Known { batch_micros: Some(_), .. });
        assert!(!batch_micros(estimate.cost), "{provider:?}: {:?}", estimate.cost);
        let refused = desk.engine.start_run(new).await.expect_err("no batches there");
        assert_eq!(refused.field(), Some("batch"), "{refused}");
        assert!(refused.to_string().contains(words), "{refused}");
        assert!(desk.engine.runs(Some(prompt)).await.expect("runs").is_empty());
    }
    assert_eq!(cloud.server.asked().len(), 0, "nothing was sent");
}

#[tokio::test]
async fn an_estimate_says_what_a_batch_costs_where_the_vendor_takes_it() {
    for dialect in DIALECTS {
        let vendor = Vendor::start(dialect, |_| BUG);
        let desk = Desk::new();
        let prompt = prompt_over(&desk, &vendor, &bugs(6)).await;
        let estimate = desk.engine.estimate_run(new_run(&prompt, Subset::All)).await.expect("estimated");
        assert_eq!(estimate.batch_refused, None);
        let EstimatedCost::Known { micros, batch_micros: Some(batch) } = estimate.cost else {
            panic!("{dialect:?}: {:?}", estimate.cost)
        };
        assert_eq!((batch.low, batch.high), (micros.low.div_ceil(2), micros.high.div_ceil(2)), "{dialect:?}");
    }
}
