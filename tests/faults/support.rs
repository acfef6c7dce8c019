//! The program on a workspace of its own, and a model server on loopback that can be held, and counts what it is asked and
//! what left it in full.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Long enough for anything that happens at all, on a slow machine too.
const DEADLINE: Duration = Duration::from_secs(120);

pub(crate) const CLASSES: [&str; 3] = ["Bug", "Praise", "Question"];

const CONFIG: &str = r#"<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text" choice="single">
    <Choice value="Bug"/><Choice value="Praise"/><Choice value="Question"/>
  </Choices>
</View>"#;

/// SplitMix64. Source: Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators".
pub(crate) struct Random(u64);

impl Random {
    /// By the seed, and a number that tells its uses apart.
    pub(crate) fn of(stream: u64) -> Self {
        let seed = std::env::var("TOUCHSTONE_FAULTS_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(42_u64);
        println!("TOUCHSTONE_FAULTS_SEED={seed}");
        Self(seed.wrapping_mul(1_000_003).wrapping_add(stream))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).expect("a usize fits");
        usize::try_from(self.next() % end).expect("less than a usize")
    }
}

/// What every task begins with, and no question of a connection's test has.
const TASK_WORD: &str = "ticket ";

/// The answer to every question of a connection's test.
const TEST_ANSWER: &str = r#"{"ready":"yes","label":"a"}"#;

/// The text of a task, which tells it from every other.
pub(crate) fn text(number: usize) -> String {
    format!("{TASK_WORD}{number}.")
}

/// The number in a task's text.
pub(crate) fn number(text: &str) -> usize {
    let digits = text.split(TASK_WORD).nth(1).and_then(|rest| rest.split('.').next());
    digits.and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("{text:?} is no task's text"))
}

/// What the server says to a task.
pub(crate) fn class(number: usize) -> &'static str {
    CLASSES[number % CLASSES.len()]
}

/// A folder with a workspace, and the program on it. The folder goes with it.
pub(crate) struct Desk {
    _temporary: Option<TempDir>,
    folder: PathBuf,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let temporary = tempfile::tempdir().expect("temporary folder");
        Self { folder: temporary.path().to_owned(), _temporary: Some(temporary) }
    }

    /// In a folder of somebody else.
    #[cfg(target_os = "linux")]
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), _temporary: None }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.file("workspace.touchstone")
    }

    /// The program with these arguments on this workspace, where no keychain answers.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_touchstone"));
        command
            .arg("--workspace")
            .arg(self.workspace())
            .args(arguments)
            .arg("--json")
            .env("HOME", &self.folder)
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .env("NO_PROXY", "*")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Program {
        Program::start(self.command(arguments))
    }

    /// What the program says, and whether it ends well.
    pub(crate) fn ask(&self, arguments: &[&str]) -> (bool, Value) {
        self.start(arguments).end()
    }

    /// What the program says when it ends well.
    #[track_caller]
    pub(crate) fn get(&self, arguments: &[&str]) -> Value {
        let (ok, json) = self.ask(arguments);
        assert!(ok, "{arguments:?}: {json}");
        json
    }

    /// A prompt “Topics” that asks the server about so many tasks, each with ground truth. One in seven of those is not what
    /// the server says.
    pub(crate) fn prompt_on(&self, server: &Server, tasks: usize) {
        let task = |number: usize| {
            let truth = class(if number.is_multiple_of(7) { number + 1 } else { number });
            let value = json!({"choices": [truth]});
            let region = json!({"from_name": "topic", "to_name": "text", "type": "choices", "value": value});
            json!({"data": {"text": text(number)}, "annotations": [{"ground_truth": true, "result": [region]}]})
        };
        self.import(&(0..tasks).map(task).collect());
        let endpoint = server.endpoint();
        self.get(&["connection", "add", "--provider", "custom", "--name", "m", "--endpoint", &endpoint, "--no-key"]);
        // How the model is held to the schema is known from here on: no run finds it out between its tasks.
        self.get(&["connection", "test", "m"]);
        let words = ["--user", "Topic of: {text}"];
        self.get(
            &[&["prompt", "create", "--name", "Topics", "--project", "P", "--connection", "m"][..], &words].concat(),
        );
    }

    /// A project “P” of these tasks.
    pub(crate) fn import(&self, tasks: &Value) {
        let (tasks_path, config_path) = (self.file("tasks.json"), self.file("config.xml"));
        std::fs::write(&tasks_path, tasks.to_string()).expect("file is written");
        std::fs::write(&config_path, CONFIG).expect("file is written");
        let path = |path: &Path| path.to_str().expect("temporary paths are text").to_owned();
        self.get(&["project", "import", &path(&tasks_path), "--config", &path(&config_path), "--name", "P"]);
    }

    /// The run of this workspace, if there is one.
    pub(crate) fn run(&self) -> Option<Value> {
        self.get(&["run", "list"])["runs"].as_array().and_then(|runs| runs.first().cloned())
    }

    /// What is kept of a run, by the number of its task.
    pub(crate) fn rows(&self, run: &str) -> BTreeMap<usize, Value> {
        let out = self.file("rows.jsonl");
        let path = out.to_str().expect("temporary paths are text");
        self.get(&["export", "predictions", "--run", run, "--format", "jsonl", "--out", path]);
        let lines = std::fs::read_to_string(&out).expect("rows are written");
        let rows = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("a row is JSON"));
        rows.map(|row| (number(row["data"]["text"].as_str().unwrap_or_default()), row)).collect()
    }

    /// Waits until nobody is at work on the run, whose program was killed: until its lease is old.
    #[track_caller]
    pub(crate) fn wait_for_lease(&self) {
        let run = self.run().expect("a run");
        // One that was not begun is nobody's, and is paused at once.
        let was_queued = word(&run, "status") == "queued";
        // It waits for whoever is at work, and says that nobody is if that is known already.
        self.ask(&["run", "pause", word(&run, "run_id")]);
        let run = self.run().expect("a run");
        assert_eq!(word(&run, "status"), "paused", "{run}");
        assert!(was_queued || word(&run, "reason").contains("that was at work on it ended"), "{run}");
    }
}

pub(crate) const START: [&str; 6] = ["run", "start", "--prompt", "Topics", "--subset", "all"];

/// The program at work.
pub(crate) struct Program(Option<Child>);

impl Program {
    pub(crate) fn start(mut command: Command) -> Self {
        Self(Some(command.spawn().expect("the program starts")))
    }

    /// Kills it as nobody can be asked to die: SIGKILL.
    pub(crate) fn kill(mut self) {
        let mut child = self.0.take().expect("it was not waited for");
        child.kill().expect("it was not waited for");
        child.wait().expect("it is ours");
    }

    /// What it says, and whether it ends well.
    pub(crate) fn end(mut self) -> (bool, Value) {
        let child = self.0.take().expect("it was not waited for");
        let output = child.wait_with_output().expect("it is ours");
        (output.status.success(), last_line(&output))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that failed leaves none behind.
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The JSON on the last line of standard output.
#[track_caller]
fn last_line(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.trim_end().lines().last().unwrap_or_default();
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {text}{said} ({})", output.status))
}

/// A text member; empty if there is none.
pub(crate) fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

#[track_caller]
pub(crate) fn count(value: &Value, name: &str) -> usize {
    let count = value[name].as_u64().unwrap_or_else(|| panic!("{name} of {value}"));
    usize::try_from(count).expect("it fits")
}

/// A run without what no two runs share: ids and times.
pub(crate) fn without_times(run: &Value) -> Map<String, Value> {
    let own =
        ["run_id", "prompt_id", "version_id", "connection_id", "created_at", "started_at", "finished_at", "wall_s"];
    let mut run = run.as_object().cloned().unwrap_or_default();
    run.retain(|name, _| !own.contains(&name.as_str()));
    run
}

/// A request as the server received it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Counted from 1 over all requests.
    pub(crate) number: usize,
    /// Of the task.
    pub(crate) task: usize,
    /// Which time that this is asked of the task, from 1.
    pub(crate) time: usize,
    /// The conversation goes on after an answer that could not be used.
    pub(crate) is_second: bool,
    /// Its reply was handed to the system to the last byte.
    pub(crate) is_answered: bool,
}

/// What the server does with a request.
pub(crate) enum Reply {
    /// A chat completion whose content is this.
    Says(String),
    /// One that stopped at its output limit.
    CutOff(String),
    Http {
        status: u16,
        headers: &'static str,
        body: String,
    },
    /// Half of a chat completion, then the connection ends.
    BreaksOff,
    /// The connection ends without a word.
    Closes,
    /// Nothing, until [`Server::hang_up`].
    Hangs,
    /// After a while.
    After(Duration, Box<Reply>),
    /// Piece by piece, with a pause before each.
    Trickles(Duration, Box<Reply>),
}

impl Reply {
    pub(crate) fn class(class: &str) -> Self {
        Self::Says(json!({ "topic": class }).to_string())
    }

    pub(crate) fn status(status: u16, headers: &'static str) -> Self {
        Self::Http { status, headers, body: json!({ "error": { "message": "not now" } }).to_string() }
    }
}

type Script = dyn Fn(&Asked) -> Reply + Send + Sync;

/// Answers each request as its script says, on a port of its own, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    script: Box<Script>,
    desk: Mutex<Counter>,
    changed: Condvar,
}

/// Where the server stands.
#[derive(Default)]
struct Counter {
    asked: Vec<Asked>,
    times: HashMap<(usize, bool), usize>,
    in_flight: usize,
    in_flight_max: usize,
    /// Requests beyond this number wait.
    limit: Option<usize>,
    /// How often it hung up. Whoever waits since before that gives up.
    hung_up: usize,
    connections: HashMap<u64, TcpStream>,
    connections_ever: u64,
    is_closed: bool,
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Counter> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the server to come where `holds` is true.
    #[track_caller]
    fn until(&self, what: &str, mut holds: impl FnMut(&Counter) -> bool) {
        let began = Instant::now();
        let mut counter = self.lock();
        while !holds(&counter) {
            let left = DEADLINE.checked_sub(began.elapsed()).unwrap_or_else(|| panic!("it never came to: {what}"));
            counter = self.changed.wait_timeout(counter, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Counter) -> T) -> T {
        let changed = change(&mut self.lock());
        self.changed.notify_all();
        changed
    }
}

impl Server {
    pub(crate) fn start(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let state = State { script: Box::new(script), desk: Mutex::default(), changed: Condvar::new() };
        let mut server = Self { address: SocketAddr::from(([127, 0, 0, 1], 0)), state: Arc::new(state) };
        server.open();
        server
    }

    /// Says to each task what [`class`] says.
    pub(crate) fn well() -> Self {
        Self::start(|asked| Reply::class(class(asked.task)))
    }

    /// Listens, at the address that it had before if it had one.
    pub(crate) fn open(&mut self) {
        let listener = TcpListener::bind(self.address).expect("its port is free");
        self.address = listener.local_addr().expect("it is bound");
        self.state.change(|counter| counter.is_closed = false);
        let state = Arc::clone(&self.state);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let Ok(connection) = connection else { continue };
                let Ok(handle) = connection.try_clone() else { continue };
                let number = {
                    let mut counter = state.lock();
                    if counter.is_closed {
                        return;
                    }
                    counter.connections_ever += 1;
                    let number = counter.connections_ever;
                    counter.connections.insert(number, handle);
                    number
                };
                let state = Arc::clone(&state);
                std::thread::spawn(move || {
                    // A caller that was killed goes away in the middle.
                    let _ = serve(&connection, &state);
                    let _ = connection.shutdown(Shutdown::Both);
                    state.change(|counter| counter.connections.remove(&number));
                });
            }
        });
    }

    /// Is gone: its connections break off, and nothing listens at its address.
    pub(crate) fn close(&self) {
        self.state.change(|counter| counter.is_closed = true);
        // The listener sees that it is to end when somebody comes.
        let _ = TcpStream::connect(self.address);
        self.hang_up();
        let began = Instant::now();
        while TcpStream::connect(self.address).is_ok() {
            assert!(began.elapsed() < DEADLINE, "the listener never ended");
            std::thread::yield_now();
        }
    }

    /// Breaks off every connection and waits until none is left: from then on, what was asked is known.
    #[track_caller]
    pub(crate) fn hang_up(&self) {
        self.state.change(|counter| {
            counter.hung_up += 1;
            for connection in counter.connections.values() {
                let _ = connection.shutdown(Shutdown::Both);
            }
        });
        self.state.until("no connection is left", |counter| counter.connections.is_empty());
    }

    /// From now on only requests up to this number are answered; others wait.
    pub(crate) fn limit(&self, limit: Option<usize>) {
        self.state.change(|counter| counter.limit = limit);
    }

    #[track_caller]
    pub(crate) fn until_asked(&self, requests: usize) {
        self.state.until(&format!("{requests} requests"), |counter| counter.asked.len() >= requests);
    }

    /// Waits until so many replies have left in full.
    #[track_caller]
    pub(crate) fn until_answered(&self, replies: usize) {
        let is_answered = |asked: &&Asked| asked.is_answered;
        self.state.until(&format!("{replies} replies"), |counter| {
            counter.asked.iter().filter(is_answered).count() >= replies
        });
    }

    #[track_caller]
    pub(crate) fn until_in_flight(&self, requests: usize) {
        self.state.until(&format!("{requests} in flight"), |counter| counter.in_flight == requests);
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.lock().asked.clone()
    }

    /// How many requests it had at once, at most.
    pub(crate) fn in_flight_max(&self) -> usize {
        self.state.lock().in_flight_max
    }
}

/// Starts a program that is at work on a run of eight requests at once, and waits until so many are answered and all others
/// that may be are under way.
#[track_caller]
pub(crate) fn under_way<P>(server: &Server, answered: usize, start: impl FnOnce() -> P) -> P {
    server.limit(Some(answered));
    let program = start();
    server.until_answered(answered);
    server.until_in_flight(8);
    program
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.change(|counter| {
            counter.is_closed = true;
            counter.hung_up += 1;
            for connection in counter.connections.values() {
                let _ = connection.shutdown(Shutdown::Both);
            }
        });
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(connection: &TcpStream, state: &State) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection);
    while let Some(body) = read_request(&mut reader)? {
        if !body.to_string().contains(TASK_WORD) {
            (&*connection).write_all(http(200, "", &completion(TEST_ANSWER, "stop")).as_bytes())?;
            continue;
        }
        let (asked, hung_up) = state.change(|counter| {
            let (task, is_second) = question(&body);
            let times = counter.times.entry((task, is_second)).or_default();
            *times += 1;
            let time = *times;
            let number = counter.asked.len() + 1;
            let asked = Asked { number, task, time, is_second, is_answered: false };
            counter.asked.push(asked.clone());
            counter.in_flight += 1;
            counter.in_flight_max = counter.in_flight_max.max(counter.in_flight);
            (asked, counter.hung_up)
        });
        let outcome = answer(connection, state, &asked, hung_up);
        state.change(|counter| {
            counter.in_flight -= 1;
            counter.asked[asked.number - 1].is_answered = matches!(outcome, Ok(Left::InFull));
        });
        if matches!(outcome?, Left::Closed) {
            break;
        }
    }
    Ok(())
}

/// How a reply left.
enum Left {
    InFull,
    /// Not in full; the connection ends here.
    Closed,
}

fn answer(mut connection: &TcpStream, state: &State, asked: &Asked, hung_up: usize) -> std::io::Result<Left> {
    let is_held = |counter: &Counter| counter.limit.is_some_and(|limit| asked.number > limit);
    let is_gone = |counter: &Counter| counter.hung_up > hung_up;
    let wait = |held: &dyn Fn(&Counter) -> bool| {
        let counter = state.lock();
        let waits = |counter: &mut Counter| held(counter) && !is_gone(counter);
        let counter = state.changed.wait_while(counter, waits).unwrap_or_else(PoisonError::into_inner);
        is_gone(&counter)
    };
    if wait(&is_held) {
        return Ok(Left::Closed);
    }
    let mut reply = (state.script)(asked);
    let mut pause = None;
    let wire = loop {
        reply = match reply {
            Reply::After(time, then) => {
                std::thread::sleep(time);
                *then
            }
            Reply::Trickles(time, then) => {
                pause = Some(time);
                *then
            }
            Reply::Says(content) => break http(200, "", &completion(&content, "stop")),
            Reply::CutOff(content) => break http(200, "", &completion(&content, "length")),
            Reply::Http { status, headers, body } => break http(status, headers, &body),
            Reply::BreaksOff => {
                let whole = http(200, "", &completion("{\"topic\": \"Bug\"}", "stop"));
                connection.write_all(&whole.as_bytes()[..whole.len() - 40])?;
                return Ok(Left::Closed);
            }
            Reply::Closes => return Ok(Left::Closed),
            Reply::Hangs => {
                wait(&|_| true);
                return Ok(Left::Closed);
            }
        };
    };
    match pause {
        None => connection.write_all(wire.as_bytes())?,
        Some(time) => {
            for piece in wire.as_bytes().chunks(wire.len().div_ceil(8)) {
                std::thread::sleep(time);
                connection.write_all(piece)?;
            }
        }
    }
    Ok(Left::InFull)
}

/// The task that a body asks about, and whether it goes on after an answer.
fn question(body: &Value) -> (usize, bool) {
    let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let asked = messages.iter().find(|message| message["role"] == "user");
    let is_second = messages.iter().any(|message| message["role"] == "assistant");
    (number(asked.and_then(|asked| asked["content"].as_str()).unwrap_or_default()), is_second)
}

fn read_request(reader: &mut impl BufRead) -> std::io::Result<Option<Value>> {
    let Some((_, body)) = read(reader)? else { return Ok(None) };
    // A question for the list of models has none.
    Ok(Some(if body.is_empty() { Value::Null } else { serde_json::from_str(&body)? }))
}

/// The first line of a request and its body; `None` once there is no more.
pub(crate) fn read(reader: &mut impl BufRead) -> std::io::Result<Option<(String, String)>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((first, String::from_utf8_lossy(&body).into_owned())))
}

/// `headers` are lines, each with its end.
fn http(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

fn completion(content: &str, finish_reason: &str) -> String {
    let message = json!({"role": "assistant", "content": content});
    let choices = json!([{"index": 0, "message": message, "finish_reason": finish_reason}]);
    let usage = json!({"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14});
    json!({"id": "c1", "object": "chat.completion", "model": "m", "choices": choices, "usage": usage}).to_string()
}

/// Says that a test cannot be done on this computer. A build server must be able to do every one.
#[cfg(target_os = "linux")]
pub(crate) fn skipped<T>(why: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "this must not be skipped here: {why}");
    // Past the harness, which shows what a test prints only if it fails.
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "skipped: {name}: {why}");
    None
}
