//! A Label Studio server from the command line: what is listed of it, and a push that is interrupted. The real one is in
//! tests/label-studio.

use crate::list;
use crate::support::{CONFIG, Desk, Server, last_line, said};
use serde_json::{Value, json};
use std::process::{Child, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

const TASKS: i64 = 3;

/// A stopped program ends within this, on a busy machine too; a held request is held for longer.
const MOMENT: Duration = Duration::from_secs(5);
const HELD: Duration = Duration::from_secs(8);

/// What a server has, and which request it holds up.
#[derive(Default)]
struct There {
    predictions: Mutex<Vec<Value>>,
    /// Its labeling config, once it is another than that of before.
    config: Mutex<Option<String>>,
    /// Requests whose target contains this are answered late. They are done for that.
    held: Mutex<Option<&'static str>>,
    /// So many were held.
    holding: Mutex<u32>,
    is_held: Condvar,
}

impl There {
    fn answer(&self, target: &str, body: &Value) -> (u16, Value) {
        let reply = self.done(target, body);
        if self.held.lock().expect("no test panicked").is_some_and(|held| target.contains(held)) {
            *self.holding.lock().expect("no test panicked") += 1;
            self.is_held.notify_all();
            std::thread::sleep(HELD);
        }
        // What is held takes effect at its end, as a transaction of the server does.
        match reply {
            Done::Said(reply) => (200, reply),
            Done::Predicted(mut predictions) => {
                let created = predictions.len();
                self.predictions.lock().expect("no test panicked").append(&mut predictions);
                (201, json!({ "created": created }))
            }
            Done::Nothing => (404, json!({ "detail": "Not found." })),
        }
    }

    fn done(&self, target: &str, body: &Value) -> Done {
        let path = target.split('?').next().unwrap_or_default().trim_end_matches('/');
        let config = self.config.lock().expect("no test panicked").clone().unwrap_or_else(|| CONFIG.to_owned());
        let project = json!({
            "id": 7, "title": "Feedback", "label_config": config, "task_number": TASKS, "total_annotations_number": 0,
            "ground_truth_number": 0,
        });
        Done::Said(match path {
            "GET /api/version" => json!({ "release": "1.23.2", "edition": "Community" }),
            "GET /api/current-user/whoami" => json!({ "id": 1, "email": "anna@example.org" }),
            "GET /api/projects" => json!({ "count": 1, "results": [project] }),
            "GET /api/projects/7" => project,
            "GET /api/ml" => json!([{ "id": 1 }]),
            "GET /api/tasks" => self.tasks(),
            "POST /api/projects/7/import/predictions" => {
                return Done::Predicted(body.as_array().expect("a list").clone());
            }
            _ => return Done::Nothing,
        })
    }

    fn tasks(&self) -> Value {
        let predictions = self.predictions.lock().expect("no test panicked");
        let task = |id: i64| {
            let of_it = predictions.iter().zip(1..).filter(|(prediction, _)| prediction["task"] == id);
            let predictions: Vec<_> = of_it
                .map(|(prediction, key): (_, i64)| {
                    let (version, result) = (&prediction["model_version"], &prediction["result"]);
                    json!({ "id": key, "model_version": version, "result": result, "score": 1.0 })
                })
                .collect();
            let data = json!({ "text": format!("crash {id}") });
            json!({ "id": id, "data": data, "annotations": [], "predictions": predictions,
                    "updated_at": "2026-01-02T03:04:05.000000Z" })
        };
        json!({ "total": TASKS, "tasks": (1..=TASKS).map(task).collect::<Vec<_>>() })
    }
}

enum Done {
    Said(Value),
    Predicted(Vec<Value>),
    Nothing,
}

/// A workspace that is connected to a server with one project, where no keychain answers.
struct At {
    desk: Desk,
    there: Arc<There>,
    server: Server,
}

const TOKEN: [&str; 2] = ["--token-env", "KEY"];

impl At {
    fn new() -> Self {
        let (desk, there) = (Desk::new(), Arc::new(There::default()));
        let own = Arc::clone(&there);
        let server = Server::start(move |request| own.answer(&request.target, &request.body));
        let at = Self { desk, there, server };
        let connected = at.desk.get(&at.connecting("Work"));
        assert_eq!(list(&connected, "abilities").len(), 4, "{connected}");
        at
    }

    fn connecting<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        let url = self.server.endpoint.trim_end_matches("/v1");
        [&["labelstudio", "connect", "--name", name, "--url", url, "--no-key"], &TOKEN[..]].concat()
    }

    /// What a command says to people.
    fn text(&self, words: &[&str]) -> String {
        said(&self.desk.command(&[words, &TOKEN].concat()).output().expect("the program starts"))
    }

    /// A run over its project, of a model that finds bugs.
    fn run(&self) -> (String, Server) {
        let pulled = self.desk.get(&[&["labelstudio", "pull", "Work", "7"], &TOKEN[..]].concat());
        let project = pulled["project_id"].as_str().expect("an id");
        let model = Server::model();
        let endpoint = model.endpoint.as_str();
        self.desk.get(&[
            "connection",
            "add",
            "--provider",
            "custom",
            "--name",
            "m",
            "--endpoint",
            endpoint,
            "--no-key",
        ]);
        let aim = ["prompt", "create", "--name", "Topics", "--project", project, "--connection", "m"];
        self.desk.get(&[&aim[..], &["--user", "Topic of: {text}"]].concat());
        let run = self.desk.get(&["run", "start", "--prompt", "Topics", "--subset", "all"]);
        (run["run_id"].as_str().expect("an id").to_owned(), model)
    }

    fn hold(&self, held: Option<&'static str>) {
        *self.there.held.lock().expect("no test panicked") = held;
    }

    fn push(&self, run: &str) -> Value {
        self.desk.ask(&[&["labelstudio", "push", "Work", "--run", run], &TOKEN[..]].concat()).1
    }

    fn waiting(&self, words: &[&str]) -> Vec<(String, String)> {
        let told = self.desk.get(&[&["labelstudio", "waiting"], words].concat());
        let text = |push: &Value, name: &str| push[name].as_str().unwrap_or_default().to_owned();
        list(&told, "pushes").iter().map(|push| (text(push, "state"), text(push, "reason"))).collect()
    }
}

#[test]
fn what_costs_a_request_for_each_project_is_only_told_where_it_was_asked_for() {
    let at = At::new();
    let projects = |words: &[&str]| {
        let listed = at.desk.get(&[&["labelstudio", "projects", "Work"], words, &TOKEN].concat());
        list(&listed, "projects")[0].clone()
    };
    let names = |project: &Value| project.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let short = projects(&[]);
    let known = [
        "id",
        "title",
        "description",
        "tasks",
        "annotations",
        "ground_truths",
        "workspace",
        "ineligible",
        "project_id",
    ];
    assert_eq!(names(&short).iter().filter(|name| !known.contains(&name.as_str())).count(), 0, "{short}");
    let whole = projects(&["--details"]);
    assert_eq!(whole["updated_at"], "2026-01-02T03:04:05.000000Z");
    assert!(whole["warning"].as_str().is_some_and(|warning| warning.contains("backend is connected")), "{whole}");
    let help = said(&at.desk.command(&["labelstudio", "projects", "--help"]).output().expect("the program starts"));
    let untold: Vec<_> = names(&whole).into_iter().filter(|name| !help.contains(name.as_str())).collect();
    assert!(untold.is_empty(), "the help names {untold:?} not");
}

#[test]
fn a_server_is_connected_once() {
    let at = At::new();
    let (code, message) = at.desk.refused(&at.connecting("Again"));
    assert_eq!((&*code, &*message), ("invalid", "“Work” is this server already, with the same user: use that one"));
}

#[test]
fn a_config_that_is_another_there_is_shown_line_by_line() {
    let at = At::new();
    let pull = ["labelstudio", "pull", "Work", "7", "--dry-run"];
    assert!(at.text(&pull).starts_with("Feedback: 3 tasks there, 3 new"), "{}", at.text(&pull));
    at.text(&pull[..4]);
    assert!(!at.text(&pull).contains("config"), "it is the same");
    let other = CONFIG.replace("Praise", "Thanks");
    *at.there.config.lock().expect("no test panicked") = Some(other);
    let told = at.text(&pull);
    for line in ["--take-config takes it", "-    <Choice value=\"Praise\"/>", "+    <Choice value=\"Thanks\"/>"] {
        assert!(told.contains(line), "{line} in {told}");
    }
    assert!(!told.contains("-  <Text"), "what stays is no difference: {told}");
}

#[test]
fn a_plan_tells_of_what_was_asked_for_even_where_there_is_none_of_it() {
    let at = At::new();
    let (run, _model) = at.run();
    let plan =
        |words: &[&str]| at.text(&[&["labelstudio", "push", "Work", "--run", &run, "--dry-run"], words].concat());
    let told = plan(&[]);
    assert!(told.contains("3 predictions to write, 0 there already") && !told.contains("annotation to"), "{told}");
    let told = plan(&["--annotations", "--ground-truth", "--replace", "--prelabel"]);
    for line in [
        "0 annotations to write",
        "0 ground-truth marks to set",
        "0 predictions of other versions to delete",
        "would begin with it there, and no more empty",
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }
}

#[test]
fn a_project_that_never_was_is_not_said_to_be_gone() {
    let at = At::new();
    let (code, message) = at.desk.refused(&[&["labelstudio", "pull", "Work", "99"], &TOKEN[..]].concat());
    assert_eq!(code, "not_found");
    assert!(message.ends_with(" has no project with the id 99, or none that this user may see"), "{message}");
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_keychain_it_is_said_how_a_command_gets_the_token() {
    let at = At::new();
    let (run, _model) = at.run();
    for words in [&["projects", "Work"][..], &["pull", "Work", "7"], &["push", "Work", "--run", &run]] {
        let (code, message) = at.desk.refused(&[&["labelstudio"], words].concat());
        assert_eq!(code, "keychain_unavailable");
        assert!(message.starts_with("the token of “Work” cannot be read: "), "{message}");
        assert!(message.ends_with("; name the environment variable that holds it: --token-env VAR"), "{message}");
    }
    let connect = ["labelstudio", "connect", "--name", "Other", "--url", "http://127.0.0.1:9"];
    let (_, message) = at.desk.refused(&[&connect[..], &TOKEN].concat());
    assert!(!message.contains("--token-env VAR"), "it was given there: {message}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_push_ends_at_once_and_the_next_goes_on() {
    let at = At::new();
    let (run, _model) = at.run();
    assert!(at.waiting(&[]).is_empty());
    at.hold(Some("/api/tasks"));
    let stopped = stopped(&at, &run, "-INT");
    assert_eq!((&stopped["written"], stopped["waiting"].is_string()), (&json!(0), true), "{stopped}");
    let reason = "it was stopped before its end; push again to go on".to_owned();
    assert_eq!(at.waiting(&[]), [("failed".to_owned(), reason)]);
    let told = at.desk.get(&["labelstudio", "waiting"]);
    let id = list(&told, "pushes")[0]["id"].to_string();
    assert!(at.waiting(&["--drop", &id]).is_empty(), "it is in the list no more");
    assert_eq!(at.desk.refused(&["labelstudio", "waiting", "--drop", &id]).0, "invalid");
    at.hold(None);
    let asked = Instant::now();
    assert_eq!(at.push(&run)["written"], TASKS);
    assert!(asked.elapsed() < HELD, "nothing is waited for where nothing was being written");
    assert!(at.waiting(&[]).is_empty(), "what is done waits no more, and takes the place of what was stopped");
    assert_eq!(at.waiting(&["--all"]), [("done".to_owned(), String::new())]);
}

#[cfg(unix)]
#[test]
fn what_a_stopped_push_was_writing_is_not_written_twice() {
    let at = At::new();
    let (run, _model) = at.run();
    at.hold(Some("/import/predictions"));
    let stopped = stopped(&at, &run, "-TERM");
    assert_eq!(stopped["written"], 0, "nobody knows of it: {stopped}");
    let why = stopped["waiting"].as_str().expect("a reason");
    assert!(why.starts_with("it was stopped while its server was writing"), "{why}");
    let pushed = at.push(&run);
    assert_eq!(["written", "unchanged"].map(|name| &pushed[name]), [&json!(0), &json!(TASKS)], "{pushed}");
    assert_eq!(at.there.predictions.lock().expect("no test panicked").len(), 3);
}

/// What a push says that is sent a signal while the server holds its request.
#[cfg(unix)]
fn stopped(at: &At, run: &str, signal: &str) -> Value {
    let mut command = at.desk.command(&[&["labelstudio", "push", "Work", "--run", run, "--json"], &TOKEN[..]].concat());
    let pushing: Child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut holding = at.there.holding.lock().expect("no test panicked");
    while *holding == 0 {
        let (held, timeout) =
            at.there.is_held.wait_timeout(holding, Duration::from_secs(60)).expect("no test panicked");
        assert!(!timeout.timed_out(), "the push asks its server");
        holding = held;
    }
    drop(holding);
    let asked = Instant::now();
    let killed = std::process::Command::new("kill").args([signal, &pushing.id().to_string()]).status();
    assert!(killed.expect("kill is there").success());
    let output: Output = pushing.wait_with_output().expect("it ends");
    assert!(asked.elapsed() < MOMENT, "it ended after {:?}", asked.elapsed());
    assert!(!output.status.success(), "not what was asked for");
    last_line(&output)
}
