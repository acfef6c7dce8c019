//! A workspace in a temporary folder, a server that answers by script, and the few steps that every test takes.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use touchstone_engine::connections::{ConnectionEdit, LocalTestProgress, NewConnection, PRACTICE};
use touchstone_engine::domain::json::Object;
use touchstone_engine::domain::prompt::{Message, Provider, Role};
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::template::VariableFormat;
use touchstone_engine::domain::{ConnectionId, ProjectId, PromptId, RunId};
use touchstone_engine::drafts::DraftContent;
use touchstone_engine::imports::{ConfigSource, ImportProgress, ImportTarget, NewImport};
use touchstone_engine::label_studio::{PullProgress, PushProgress};
use touchstone_engine::media::MediaProgress;
use touchstone_engine::prompts::NewPrompt;
use touchstone_engine::results::{RowPage, RowQuery};
use touchstone_engine::reviews::{ReviewPage, ReviewReason};
use touchstone_engine::runs::{NewRun, RunProgress, RunSummary};
use touchstone_engine::tasks::TaskViewProgress;
use touchstone_engine::{Changed, Engine, Keychain, Sink};
use touchstone_store::Lease;

/// A single choice between two classes.
pub(crate) const CONFIG: &str = r#"<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text" choice="single">
    <Choice value="Bug"/>
    <Choice value="Praise"/>
  </Choices>
</View>"#;

/// How long a test waits for something that must happen. Never reached by a test that passes.
const DEADLINE: Duration = Duration::from_secs(60);

/// Remembers, as JSON, everything that the engine reports.
#[derive(Default)]
pub(crate) struct Recorder {
    reports: Mutex<Vec<Value>>,
}

impl Recorder {
    fn record(&self, report: Value) {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).push(report);
    }

    pub(crate) fn reports(&self) -> Vec<Value> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Sink for Recorder {
    fn changed(&self, changed: Changed) {
        self.record(to_json(&changed));
    }

    fn run_progress(&self, progress: RunProgress) {
        self.record(to_json(&progress));
    }

    fn import_progress(&self, progress: ImportProgress) {
        self.record(to_json(&progress));
    }

    fn task_view(&self, progress: TaskViewProgress) {
        self.record(to_json(&progress));
    }

    fn media_progress(&self, progress: MediaProgress) {
        self.record(to_json(&progress));
    }

    fn local_test(&self, progress: LocalTestProgress) {
        self.record(to_json(&progress));
    }

    fn pull_progress(&self, progress: PullProgress) {
        self.record(to_json(&progress));
    }

    fn push_progress(&self, progress: PushProgress) {
        self.record(to_json(&progress));
    }
}

pub(crate) fn to_json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("replies are JSON")
}

/// An engine on a workspace of its own. The folder goes with it.
pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) folder: TempDir,
}

/// A connection to a Custom LLM without a key.
pub(crate) fn custom(name: &str, endpoint: String) -> NewConnection {
    let (name, endpoint) = (Some(name.to_owned()), Some(endpoint));
    NewConnection::of(Provider::Custom, ConnectionEdit { name, endpoint, ..ConnectionEdit::default() })
}

/// A page of what waits for a review, once all of it is found, as [`Desk::result_rows`].
pub(crate) async fn review_queue(
    engine: &Engine,
    run: &RunId,
    of: &[ReviewReason],
    [offset, limit]: [u32; 2],
) -> ReviewPage {
    for _ in 0..FINDING_TRIES {
        let found = engine.review_queue(run.clone(), of.to_vec(), offset, limit).await.expect("a queue");
        if found.total_is_final {
            return found;
        }
        tokio::time::sleep(FINDING_WAIT).await;
    }
    panic!("the queue was never all found");
}

const FINDING_TRIES: u32 = 1_000;
const FINDING_WAIT: Duration = Duration::from_millis(20);

impl Desk {
    pub(crate) fn new() -> Self {
        Self::in_folder(tempfile::tempdir().expect("temporary folder"))
    }

    pub(crate) fn in_folder(folder: TempDir) -> Self {
        let recorder = Arc::new(Recorder::default());
        let engine = open(&workspace_in(&folder), &recorder);
        Self { engine, recorder, folder }
    }

    /// A page of a run's results, once all of them are found: a busy machine may not have them within the moment that a
    /// page is waited for.
    pub(crate) async fn result_rows(&self, run: RunId, query: RowQuery, offset: u32, limit: u32) -> RowPage {
        for _ in 0..FINDING_TRIES {
            let found = self.engine.result_rows(run.clone(), query.clone(), offset, limit).await.expect("results");
            if found.total_is_final {
                return found;
            }
            tokio::time::sleep(FINDING_WAIT).await;
        }
        panic!("the results were never all found");
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        workspace_in(&self.folder)
    }

    /// A second engine on the same file, as another process would have.
    pub(crate) fn another_engine(&self) -> Engine {
        open(&self.workspace(), &Arc::new(Recorder::default()))
    }

    /// The workspace file, for what only another process could do to it.
    pub(crate) fn store(&self) -> touchstone_store::Store {
        touchstone_store::Store::open(&self.workspace()).expect("the workspace opens")
    }

    /// Time passes for leases only: whoever held one is gone. Gives back how many did.
    pub(crate) fn abandon_runs(&self, reason: &str) -> usize {
        let store = self.store();
        let leases = store.outdated_leases("another", i64::MAX, i64::MAX).expect("leases are read");
        let is_paused = |lease: &Lease| store.pause_abandoned_run(*lease, reason, "later").expect("it is paused");
        leases.iter().filter(|lease| is_paused(lease)).count()
    }

    /// What a program has begun that is killed once it is time: a runtime that is dropped in the middle of its work, without a
    /// goodbye.
    pub(crate) async fn killed<T: Send + 'static, F: Future<Output = T>>(
        &self,
        begin: impl FnOnce(Engine) -> F + Send + 'static,
        is_time: impl AsyncFnMut() -> bool,
    ) -> T {
        let path = self.workspace();
        let (told, known) = oneshot::channel();
        let (over, wait) = oneshot::channel::<()>();
        let program = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let engine = open(&path, &Arc::default());
                let begun = begin(engine.clone()).await;
                assert!(told.send(begun).is_ok(), "somebody listens");
                let _ = wait.await;
                drop(engine);
            });
            runtime.shutdown_background();
        });
        let begun = known.await.expect("it has begun");
        until("it is time", is_time).await;
        let _ = over.send(());
        program.await.expect("the program");
        begun
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("file is written");
        path.to_str().expect("temporary paths are text").to_owned()
    }

    pub(crate) async fn import(&self, name: &str, tasks: &Value) -> ProjectId {
        let tasks_path = self.write("tasks.json", &tasks.to_string());
        let import = new_import(name, CONFIG, Some(tasks_path));
        self.engine.import_project(import).await.expect("tasks are imported").project_id
    }

    /// A connection to `server`, whose model has answered before.
    pub(crate) async fn connect(&self, server: &Server) -> ConnectionId {
        let new = custom("scripted", server.endpoint());
        let id = self.engine.add_connection(new).await.expect("connection is added").connection.id;
        self.has_answered(&id, "scripted");
        id
    }

    /// The model has answered before in the form that it is usually asked in, so an answer outside of it is no reason to
    /// look for another form.
    pub(crate) fn has_answered(&self, connection: &ConnectionId, model: &str) {
        let change = |json: &str| {
            let mut settings: Value = serde_json::from_str(json)?;
            settings["answered"] = json!([model]);
            serde_json::to_string(&settings)
        };
        self.store().change_connection_settings(connection, change).expect("settings");
    }

    /// A prompt on `project` whose draft asks `connection`.
    pub(crate) async fn prompt(&self, project: &ProjectId, connection: &ConnectionId) -> PromptId {
        let prompt = NewPrompt {
            name: format!("Topics of {project}"),
            description: String::new(),
            project_id: project.clone(),
            space_id: None,
        };
        let id = self.engine.create_prompt(prompt).await.expect("prompt is created");
        self.engine.save_draft(id.clone(), draft("Topic of: {text}", connection)).await.expect("draft is saved");
        id
    }

    /// A project of these tasks and a prompt that asks `server` about them.
    pub(crate) async fn prompt_on(&self, server: &Server, tasks: &Value) -> PromptId {
        let project = self.import("Feedback", tasks).await;
        let connection = self.connect(server).await;
        self.prompt(&project, &connection).await
    }

    /// Runs the draft and waits for the end.
    pub(crate) async fn run(&self, prompt: &PromptId, subset: Subset) -> RunSummary {
        let started = self.engine.start_run(new_run(prompt, subset)).await.expect("the run starts");
        self.engine.wait_for_run(started.run_id).await.expect("the run ends")
    }
}

/// An import of tasks as they are into a new project.
pub(crate) fn new_import(name: &str, config: &str, tasks_path: Option<String>) -> NewImport {
    let config = ConfigSource::Text { xml: config.to_owned() };
    let target = ImportTarget::New { name: name.to_owned(), config };
    NewImport { target, tasks_path, mapping: Vec::new(), skip_duplicates: false }
}

fn workspace_in(folder: &TempDir) -> PathBuf {
    folder.path().join("workspace.touchstone")
}

pub(crate) fn open(path: &Path, recorder: &Arc<Recorder>) -> Engine {
    Engine::open(path, Keychain::none(), Arc::clone(recorder) as Arc<dyn Sink>).expect("the workspace opens")
}

pub(crate) fn new_run(prompt: &PromptId, subset: Subset) -> NewRun {
    NewRun {
        prompt_id: prompt.clone(),
        version_id: None,
        model: None,
        repetition: None,
        ask_again: false,
        subset,
        picked: None,
        only: None,
        concurrency: None,
        batch: false,
        limit_micros: None,
    }
}

pub(crate) fn draft(user: &str, connection: &ConnectionId) -> DraftContent {
    DraftContent {
        messages: vec![Message::new(Role::User, user)],
        input_variable_format: VariableFormat::FString,
        connection_id: Some(connection.clone()),
        model: "scripted".to_owned(),
        provider: if connection.as_str() == PRACTICE { Provider::Practice } else { Provider::Custom },
        invocation_params: Object::default(),
        provider_params: Object::default(),
        extra: Object::default(),
    }
}

/// A task of a Label Studio export, with ground truth if a class is given.
pub(crate) fn task(text: &str, truth: Option<&str>) -> Value {
    let annotations = match truth {
        None => json!([]),
        Some(class) => json!([{ "result": [region(class)], "ground_truth": true, "was_cancelled": false }]),
    };
    json!({ "data": { "text": text }, "annotations": annotations })
}

pub(crate) fn region(class: &str) -> Value {
    json!({ "id": "r1", "from_name": "topic", "to_name": "text", "type": "choices", "value": { "choices": [class] } })
}

/// `count` tasks with texts of their own and the ground truth that [`by_text`] answers.
pub(crate) fn bugs(count: usize) -> Value {
    (1..=count).map(|number| task(&format!("crash number {number}."), Some("Bug"))).collect()
}

/// Waits until `holds`, looking again and again.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < DEADLINE, "it never came to: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// One request as the server received it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Counted from 1 over all requests.
    pub(crate) number: usize,
    /// Request line and headers.
    pub(crate) head: String,
    /// A text where it is no JSON.
    pub(crate) body: Value,
    pub(crate) at: Instant,
    /// How many the server had with it.
    pub(crate) in_flight: usize,
}

impl Asked {
    /// The question: the text of the first user message. What comes after it goes on from an answer.
    pub(crate) fn text(&self) -> &str {
        let mut messages = self.body["messages"].as_array().into_iter().flatten();
        messages
            .find(|message| message["role"] == "user")
            .and_then(|asked| asked["content"].as_str())
            .unwrap_or_default()
    }
}

/// What the server does with a request.
pub(crate) enum Reply {
    /// A chat completion whose content is this.
    Says(String),
    Http {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Half of a chat completion, then the connection ends.
    BreaksOff,
    Never,
    /// Replies once the gate is open.
    After(Arc<Gate>, Box<Reply>),
}

impl Reply {
    pub(crate) fn class(class: &str) -> Self {
        Self::Says(json!({ "topic": class }).to_string())
    }

    pub(crate) fn status(status: u16, message: &str) -> Self {
        Self::Http { status, headers: Vec::new(), body: json!({ "error": { "message": message } }).to_string() }
    }
}

/// `Bug` for a text with a crash in it, `Praise` for any other.
pub(crate) fn by_text(asked: &Asked) -> Reply {
    Reply::class(if asked.text().contains("crash") { "Bug" } else { "Praise" })
}

/// Holds replies back until it is opened.
pub(crate) struct Gate(Semaphore);

impl Gate {
    pub(crate) fn closed() -> Arc<Self> {
        Arc::new(Self(Semaphore::new(0)))
    }

    pub(crate) fn open(&self) {
        self.0.close();
    }

    async fn pass(&self) {
        // Closing the semaphore is what opens the gate.
        let _ = self.0.acquire().await;
    }
}

type Script = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A server on loopback, on a thread of its own, that answers each request as its script says.
pub(crate) struct Server {
    address: std::net::SocketAddr,
    state: Arc<State>,
    _stop: oneshot::Sender<()>,
}

struct State {
    script: Box<Script>,
    asked: Mutex<Vec<Asked>>,
    in_flight: AtomicUsize,
    in_flight_max: AtomicUsize,
}

impl Server {
    pub(crate) fn start(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("sockets can be made nonblocking");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new(State {
            script: Box::new(script),
            asked: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            in_flight_max: AtomicUsize::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).expect("a listening socket");
                let accept = async {
                    while let Ok((connection, _)) = listener.accept().await {
                        tokio::spawn(serve(connection, Arc::clone(&serving)));
                    }
                };
                tokio::select! { () = accept => {}, _ = stopped => {} }
            });
        });
        Self { address, state, _stop: stop }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often it was asked about a text with `part` in it.
    pub(crate) fn asked_about(&self, part: &str) -> usize {
        self.asked().iter().filter(|asked| asked.text().contains(part)).count()
    }

    /// How many requests it has now.
    pub(crate) fn in_flight(&self) -> usize {
        self.state.in_flight.load(Ordering::SeqCst)
    }

    /// How many requests it had at once, at most.
    pub(crate) fn in_flight_max(&self) -> usize {
        self.state.in_flight_max.load(Ordering::SeqCst)
    }
}

/// An endpoint on which nothing listens.
pub(crate) fn dead_endpoint() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}/v1", listener.local_addr().expect("it is bound"))
}

async fn serve(connection: TcpStream, state: Arc<State>) {
    let mut connection = BufReader::new(connection);
    while let Some((head, body)) = read_request(&mut connection).await {
        let in_flight = state.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        state.in_flight_max.fetch_max(in_flight, Ordering::SeqCst);
        let asked = {
            let mut all = state.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let asked = Asked { number: all.len() + 1, head, body, at: Instant::now(), in_flight };
            all.push(asked.clone());
            asked
        };
        let mut reply = (state.script)(&asked);
        while let Reply::After(gate, then) = reply {
            gate.pass().await;
            reply = *then;
        }
        let breaks_off = matches!(reply, Reply::BreaksOff);
        let wire = match reply {
            Reply::Says(content) => http(200, &[], &completion(&content)),
            Reply::Http { status, headers, body } => http(status, &headers, &body),
            Reply::BreaksOff => {
                let whole = http(200, &[], &completion("{\"topic\": \"Bug\"}"));
                whole[..whole.len() - 40].to_owned()
            }
            Reply::Never => std::future::pending().await,
            Reply::After(..) => unreachable!("it was waited for above"),
        };
        state.in_flight.fetch_sub(1, Ordering::SeqCst);
        if connection.write_all(wire.as_bytes()).await.is_err() || breaks_off {
            return;
        }
    }
}

async fn read_request(connection: &mut BufReader<TcpStream>) -> Option<(String, Value)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if connection.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") { value.trim().parse().ok() } else { None }
    });
    let mut body = vec![0; length.unwrap_or(0)];
    connection.read_exact(&mut body).await.ok()?;
    let text = || if body.is_empty() { Value::Null } else { Value::from(String::from_utf8_lossy(&body)) };
    Some((head, serde_json::from_slice(&body).unwrap_or_else(|_| text())))
}

fn http(status: u16, headers: &[(&str, String)], body: &str) -> String {
    let mut head = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{head}\r\n{body}")
}

pub(crate) fn completion(content: &str) -> String {
    json!({
        "id": "c1",
        "object": "chat.completion",
        "model": "scripted",
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": content },
            "finish_reason": "stop",
        }],
        "usage": { "prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14 },
    })
    .to_string()
}
