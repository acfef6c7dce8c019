//! The built program on a workspace of its own, and a model server on loopback.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A single choice between two classes.
pub(crate) const CONFIG: &str = r#"<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text" choice="single">
    <Choice value="Bug"/>
    <Choice value="Praise"/>
  </Choices>
</View>"#;

/// A folder with a workspace. The folder goes with it.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("temporary folder") }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file beside the workspace and gives back its path.
    pub(crate) fn write(&self, name: &str, content: &str) -> String {
        let path = self.folder().join(name);
        std::fs::write(&path, content).expect("file is written");
        path.to_str().expect("temporary paths are text").to_owned()
    }

    /// The program with these arguments on this workspace, with a key in `KEY` and where no keychain answers.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_touchstone"));
        command
            .arg("--workspace")
            .arg(self.folder().join("workspace.touchstone"))
            .args(arguments)
            .env("HOME", self.folder())
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .env("KEY", KEY)
            .stdin(Stdio::null());
        command
    }

    /// What the program says with `--json`, and whether it ends well.
    pub(crate) fn ask(&self, arguments: &[&str]) -> (bool, Value) {
        let output = self.command(&[arguments, &["--json"]].concat()).output().expect("the program starts");
        assert!(!said(&output).contains(KEY), "no key is ever printed: {}", said(&output));
        (output.status.success(), last_line(&output))
    }

    /// What the program says with `--json` when it ends well.
    #[track_caller]
    pub(crate) fn get(&self, arguments: &[&str]) -> Value {
        let (ok, json) = self.ask(arguments);
        assert!(ok, "{arguments:?}: {json}");
        json
    }

    /// The code and the message of the error that the program ends with.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &[&str]) -> (String, String) {
        let (ok, json) = self.ask(arguments);
        assert!(!ok, "{arguments:?}: {json}");
        let text = |name: &str| json["error"][name].as_str().unwrap_or_else(|| panic!("{name} of {json}")).to_owned();
        (text("code"), text("message"))
    }

    /// Imports a project of these texts and truths.
    pub(crate) fn import(&self, name: &str, tasks: &[(&str, &str)]) -> Value {
        let tasks: Vec<_> = tasks.iter().map(|(text, topic)| task(text, topic)).collect();
        let tasks = self.write("tasks.json", &json!(tasks).to_string());
        let config = self.write("config.xml", CONFIG);
        self.get(&["project", "import", &tasks, "--config", &config, "--name", name])
    }

    /// A prompt “Topics” on a project of these texts, that asks the server as the model “m”.
    pub(crate) fn prompt_on(&self, server: &Server, tasks: &[(&str, &str)]) {
        self.import("Feedback", tasks);
        let endpoint = server.endpoint.as_str();
        self.get(&["connection", "add", "--provider", "custom", "--name", "m", "--endpoint", endpoint, "--no-key"]);
        let words = ["--user", "Topic of: {text}"];
        let aim = ["prompt", "create", "--name", "Topics", "--project", "Feedback", "--connection", "m"];
        self.get(&[&aim[..], &words].concat());
    }

    /// Fails if the key stands in any file of the folder.
    #[track_caller]
    pub(crate) fn assert_holds_no_key(&self) {
        let mut folders = vec![self.folder().to_owned()];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let content = std::fs::read(&path).expect("a file");
                let holds = content.windows(KEY.len()).any(|part| part == KEY.as_bytes());
                assert!(!holds, "{} holds the key", path.display());
                files += 1;
            }
        }
        assert!(files > 0, "the workspace is among the files");
    }
}

/// What the environment variable `KEY` holds.
pub(crate) const KEY: &str = "sk-planted-0123456789";

fn task(text: &str, topic: &str) -> Value {
    let truth = json!({"from_name": "topic", "to_name": "text", "type": "choices", "value": {"choices": [topic]}});
    json!({"data": {"text": text}, "annotations": [{"ground_truth": true, "result": [truth]}]})
}

pub(crate) fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

/// The JSON on the last line of standard output.
#[track_caller]
pub(crate) fn last_line(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.trim_end().lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

/// What a server is sent.
pub(crate) struct Request {
    /// Method and path, as `GET /v1/models?limit=9`.
    pub target: String,
    pub authorization: Option<String>,
    pub body: Value,
}

/// Answers each request by a rule, on a port of its own, until the test ends.
pub(crate) struct Server {
    pub endpoint: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// `rule` gives the status and the body of the reply to a request.
    pub(crate) fn start(rule: impl Fn(&Request) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let endpoint = format!("http://{}/v1", listener.local_addr().expect("bound"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (kept, rule) = (Arc::clone(&requests), Arc::new(rule));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, rule) = (Arc::clone(&kept), Arc::clone(&rule));
                std::thread::spawn(move || {
                    // A caller that was stopped goes away in the middle.
                    let _ = serve(&stream.expect("a caller"), &*rule, &kept);
                });
            }
        });
        Self { endpoint, requests }
    }

    /// A model that takes every text with “crash” in it for a bug.
    pub(crate) fn model() -> Self {
        Self::start(|request| {
            let text = request.body["messages"].to_string();
            answer(if text.contains("crash") { "Bug" } else { "Praise" })
        })
    }

    /// What was received since the last call.
    pub(crate) fn received(&self) -> Vec<Request> {
        std::mem::take(&mut *self.requests.lock().expect("no test panicked"))
    }
}

/// A chat reply that chooses `topic`.
pub(crate) fn answer(topic: &str) -> (u16, Value) {
    let message = json!({"role": "assistant", "content": json!({"topic": topic}).to_string()});
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 2});
    (200, json!({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}))
}

fn serve(
    mut stream: &TcpStream,
    rule: &dyn Fn(&Request) -> (u16, Value),
    kept: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut authorization, mut first) = (0, None, String::new());
    reader.read_line(&mut first)?;
    let target = first.trim().trim_end_matches(" HTTP/1.1").to_owned();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap_or(0),
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                authorization = Some(value.to_owned());
            }
            _ if line.trim().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request = Request { target, authorization, body: serde_json::from_slice(&body).unwrap_or_default() };
    let (status, reply) = rule(&request);
    kept.lock().expect("no test panicked").push(request);
    let reply = reply.to_string();
    write!(
        stream,
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{reply}",
        reply.len()
    )
}
