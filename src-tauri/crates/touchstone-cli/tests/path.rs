//! The built program, from an import to an export, against a real server on loopback.

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const CONFIG: &str = r#"<View>
  <Text name="text" value="$text"/>
  <Choices name="tone" toName="text"><Choice value="Good"/><Choice value="Bad"/></Choices>
</View>"#;

/// A workspace in a folder of its own, without a keychain: no session bus, and none that could be started.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        desk.write("config.xml", CONFIG);
        let task = |text: &str, tone: &str| {
            json!({"data": {"text": text}, "annotations": [{"ground_truth": true, "result": [
                {"id": "a", "from_name": "tone", "to_name": "text", "type": "choices", "value": {"choices": [tone]}},
            ]}]})
        };
        let tasks = json!([task("a good day", "Good"), task("a bad day", "Bad"), task("a good joke", "Bad")]);
        desk.write("tasks.json", &tasks.to_string());
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file in a temporary folder");
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_touchstone"))
            .current_dir(self.folder.path())
            .args(["--workspace", "desk.touchstone", "--json"])
            .args(arguments)
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("the built program starts")
    }

    /// The last line of a command that succeeds.
    #[track_caller]
    fn ok(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments, &[]);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        last_line(&output)
    }

    /// The code and message of a command that fails.
    #[track_caller]
    fn fails(&self, arguments: &[&str]) -> (String, String) {
        let output = self.run(arguments, &[]);
        assert!(!output.status.success(), "{arguments:?} succeeded");
        let error = last_line(&output)["error"].clone();
        let text = |member: &str| error[member].as_str().expect("an error has a code and a message").to_owned();
        (text("code"), text("message"))
    }

    fn import(&self) -> Value {
        self.ok(&["project", "import", "tasks.json", "--config", "config.xml", "--name", "Days"])
    }
}

#[track_caller]
fn last_line(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.lines().last().unwrap_or_default()).expect("the last line is one JSON object")
}

/// A chat server that says "Good" to everything, and only to who has the key.
struct Server {
    endpoint: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn start(key: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let endpoint = format!("http://{}/v1", listener.local_addr().expect("bound"));
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                // A caller that hangs up early is a failure that the test itself sees.
                let _ = answer(stream, key);
            }
        });
        Self { endpoint, requests }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn answer(mut stream: TcpStream, key: Option<&str>) -> std::io::Result<()> {
    let mut request = String::new();
    let mut part = [0; 4096];
    while !is_complete(&request) {
        let length = stream.read(&mut part)?;
        if length == 0 {
            return Ok(());
        }
        request.push_str(&String::from_utf8_lossy(&part[..length]));
    }
    let lower = request.to_ascii_lowercase();
    let (status, body) = match key {
        Some(key) if !lower.contains(&format!("authorization: bearer {key}\r\n")) => {
            ("401 Unauthorized", json!({"error": {"message": "no such key"}}))
        }
        _ => {
            let content = if request.contains("\\\"ready\\\"") { r#"{"ready": "yes"}"# } else { r#"{"tone": "Good"}"# };
            let message = json!({"role": "assistant", "content": content});
            let usage = json!({"prompt_tokens": 10, "completion_tokens": 2});
            ("200 OK", json!({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}))
        }
    };
    let body = body.to_string();
    write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn is_complete(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn create(desk: &Desk, connection: &str) -> Value {
    desk.ok(&[
        "prompt",
        "create",
        "--name",
        "Tone",
        "--project",
        "Days",
        "--connection",
        connection,
        "--user",
        "Tone? {text}",
    ])
}

#[test]
fn demo_makes_the_sample_and_tells_of_the_better_run() {
    let desk = Desk::new();
    let run = desk.ok(&["demo"]);
    assert_eq!(run["status"], "completed");
    assert!(run["accuracy"].as_f64().expect("it is scored") > 0.6, "{run}");
    assert_eq!(desk.ok(&["run", "list"])["runs"].as_array().map(Vec::len), Some(2));
    assert_eq!(desk.ok(&["demo"])["run_id"], run["run_id"], "a second demo makes nothing");
}

#[test]
fn the_path_from_an_import_to_an_export() {
    let desk = Desk::new();
    let server = Server::start(None);
    let imported = desk.import();
    assert_eq!(imported["tasks"], 3);
    assert_eq!((&imported["ground_truth"], &imported["refused"]), (&json!(3), &json!(0)));

    let endpoint = server.endpoint.as_str();
    desk.ok(&["connection", "add", "--provider", "custom", "--name", "llama", "--endpoint", endpoint]);
    assert_eq!(desk.ok(&["connection", "test", "llama"])["ok"], true);
    let created = create(&desk, "llama");
    assert_eq!(created["commit_hash"].as_str().map(str::len), Some(64));

    let asked_before = server.requests();
    let run = desk.ok(&["run", "start", "--prompt", "Tone", "--subset", "ground-truth"]);
    for (member, want) in [("total", 3), ("done", 3), ("correct", 1), ("failed", 0)] {
        assert_eq!(run[member], want, "{member} of {run}");
    }
    assert!((run["accuracy"].as_f64().expect("scored") - 1.0 / 3.0).abs() < 1e-9);
    assert_eq!(server.requests() - asked_before, 3);

    let again = desk.ok(&["run", "start", "--prompt", "Tone", "--version", "1", "--subset", "all"]);
    assert_eq!((&again["cached"], &again["requests"]), (&json!(3), &json!(0)));
    assert_eq!(server.requests() - asked_before, 3, "nothing is paid for twice");

    let id = run["run_id"].as_str().expect("an id");
    let rows = desk.ok(&["export", "predictions", "--run", id, "--format", "jsonl", "--out", "out.jsonl"]);
    assert_eq!(rows["rows"], 3);
    let lines = std::fs::read_to_string(desk.path("out.jsonl")).expect("the export");
    let first: Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["result"][0]["value"]["choices"], json!(["Good"]));
    assert_eq!((&first["correct"], &first["score"], &first["error"]), (&json!(true), &json!(1.0), &Value::Null));
    desk.ok(&["export", "predictions", "--run", id, "--format", "label-studio", "--out", "out.json"]);
    let tasks: Value =
        serde_json::from_slice(&std::fs::read(desk.path("out.json")).expect("the export")).expect("JSON");
    assert_eq!(tasks[0]["predictions"][0]["result"][0]["type"], "choices");
}

#[test]
fn a_version_is_made_only_of_what_changed() {
    let desk = Desk::new();
    desk.import();
    let created = create(&desk, "practice");
    let same = desk.ok(&["version", "create", "Tone", "--user", "Tone? {text}"]);
    assert_eq!((&same["unchanged"], &same["version_id"]), (&json!(true), &created["version_id"]));
    let next = desk.ok(&["version", "create", "Tone", "--system", "Be strict.", "--message", "Stricter"]);
    assert_eq!((&next["unchanged"], &next["number"]), (&json!(false), &json!(2)));
    let versions = desk.ok(&["version", "list", "Tone"]);
    assert_eq!(versions["versions"][0]["message"], "Stricter");
}

#[test]
fn without_a_keychain_a_key_is_given_for_one_call_and_found_nowhere() {
    const KEY: &str = "sk-planted-4711";
    let desk = Desk::new();
    desk.import();
    let server = Server::start(Some(KEY));
    let add = ["connection", "add", "--provider", "custom", "--name", "llama", "--endpoint", &server.endpoint];
    let refused = desk.run(&[&add[..], &["--key-env", "PLANTED"]].concat(), &[("PLANTED", KEY)]);
    assert!(!refused.status.success());
    assert_eq!(last_line(&refused)["error"]["code"], "keychain_unavailable");
    assert_eq!(desk.ok(&["connection", "list"])["connections"].as_array().map(Vec::len), Some(1), "only practice");

    desk.ok(&[&add[..], &["--no-key"]].concat());
    assert!(!desk.run(&["connection", "test", "llama"], &[]).status.success(), "the server wants a key");
    let tested = desk.run(&["connection", "test", "llama", "--key-env", "PLANTED"], &[("PLANTED", KEY)]);
    assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stdout));
    create(&desk, "llama");
    let start = ["run", "start", "--prompt", "Tone", "--subset", "sample"];
    let unkeyed = desk.run(&start, &[]);
    assert!(!unkeyed.status.success());
    assert_eq!(last_line(&unkeyed)["status"], "paused", "a rejected key ends the run at once");
    let run = desk.run(&[&start[..], &["--key-env", "PLANTED"]].concat(), &[("PLANTED", KEY)]);
    assert_eq!(last_line(&run)["status"], "completed");

    for output in [&refused, &tested, &unkeyed, &run] {
        let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        assert!(!contains(&said, KEY), "a key is never printed");
    }
    for entry in std::fs::read_dir(desk.folder.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        assert!(!contains(&read(&path), KEY), "{} holds the key", path.display());
    }
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_default()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn what_is_wrong_is_said_in_words_and_leaves_nothing() {
    let desk = Desk::new();
    desk.write("broken.xml", "<View>");
    desk.write("doctype.xml", "<!DOCTYPE x><View/>");
    desk.write("object.json", "{\"data\": 5");
    let import =
        |tasks: &str, config: &str| desk.fails(&["project", "import", tasks, "--config", config, "--name", "Days"]);
    assert!(import("tasks.json", "broken.xml").1.contains("broken.xml"));
    assert!(import("tasks.json", "doctype.xml").1.to_lowercase().contains("doctype"));
    assert!(import("object.json", "config.xml").1.contains("object.json"));
    assert_eq!(import("tasks.json", "none.xml").0, "invalid");
    assert_eq!(desk.ok(&["project", "list"])["projects"], json!([]), "nothing is half imported");

    desk.import();
    assert_eq!(import("tasks.json", "config.xml").0, "name_taken");
    create(&desk, "practice");
    assert_eq!(desk.fails(&["run", "start", "--prompt", "None", "--subset", "all"]).0, "not_found");
    assert!(
        desk.fails(&["run", "start", "--prompt", "Tone", "--version", "7", "--subset", "all"])
            .1
            .contains("latest is 1")
    );
    let missing = [
        "connection",
        "add",
        "--provider",
        "custom",
        "--name",
        "m",
        "--endpoint",
        "http://127.0.0.1:1",
        "--key-env",
        "NONE",
    ];
    assert!(desk.fails(&missing).1.contains("NONE is not set"));
}
