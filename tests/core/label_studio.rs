//! A project that goes both ways with a Label Studio server, and what may go wrong between, by a scripted server. The real one is
//! in tests/label-studio.

use crate::support::{CONFIG, Desk, Server, by_text, region, task};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use touchstone_engine::annotations::AnnotationContent;
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::{ProjectId, RunId, ServerId};
use touchstone_engine::label_studio::{
    GoneTasks, NewServer, OtherVersions, PullOptions, PullPlan, PullReport, PushOptions, PushReport, PushState,
};
use touchstone_engine::reviews::{ReviewTasks, ReviewVerdict};
use url::Url;

const PROJECT: i64 = 7;

/// What a server has, and what it does with the next write of predictions.
#[derive(Default)]
struct There {
    /// Each with its annotations.
    tasks: Vec<Value>,
    /// As the server lists them, with their task.
    predictions: Vec<Value>,
    moment: u32,
    ids: i64,
    failing: Failing,
    /// A class that the config there has not: predictions of it are left out without a word.
    unknown: Option<&'static str>,
    /// Tasks that it counts and does not list.
    hidden: usize,
    /// The version that tasks begin with that nobody annotated.
    prelabels_with: String,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Failing {
    #[default]
    No,
    BeforeTheWrite,
    AfterTheWrite,
}

#[derive(Clone)]
struct LabelStudio {
    address: String,
    there: Arc<Mutex<There>>,
}

impl There {
    fn id(&mut self) -> i64 {
        self.ids += 1;
        100 + self.ids
    }

    fn add_task(&mut self, id: i64, text: &str, truth: Option<&str>) {
        let annotation = self.id();
        let truths: Vec<_> = truth.into_iter().map(|class| annotation_of(annotation, class)).collect();
        self.tasks.push(json!({ "id": id, "data": { "text": text }, "annotations": truths }));
        self.touch(id);
    }

    fn task(&mut self, id: i64) -> &mut Value {
        self.tasks.iter_mut().find(|task| task["id"] == id).expect("a task")
    }

    fn touch(&mut self, id: i64) {
        self.moment += 1;
        let moment = format!("2026-01-02T03:04:05.{:06}Z", self.moment);
        self.task(id)["updated_at"] = json!(moment);
    }

    fn given(&self, model_version: &str) -> Vec<i64> {
        let of_it = self.predictions.iter().filter(|prediction| prediction["model_version"] == model_version);
        of_it.map(|prediction| prediction["task"].as_i64().expect("an id")).collect()
    }

    fn predict(&mut self, prediction: &Value) -> bool {
        let unknown = self.unknown.is_some_and(|class| prediction["result"].to_string().contains(class));
        if !unknown {
            let mut prediction = prediction.clone();
            prediction["id"] = json!(self.id());
            self.predictions.push(prediction);
        }
        !unknown
    }

    /// Status and body.
    fn answer(&mut self, method: &str, url: &Url, body: &Value) -> (u16, Value) {
        let path = url.path().trim_end_matches('/');
        let id_in =
            |before: &str, after: &str| -> Option<i64> { path.strip_prefix(before)?.strip_suffix(after)?.parse().ok() };
        match (method, path) {
            (_, "/api/version") => (200, json!({ "release": "1.23.2", "edition": "Community" })),
            (_, "/api/current-user/whoami") => (200, json!({ "id": 1, "email": "anna@example.org" })),
            ("GET", "/api/projects/7") => (200, self.project()),
            ("PATCH", "/api/projects/7") => {
                assert_eq!(body["show_collab_predictions"], true);
                self.prelabels_with = body["model_version"].as_str().expect("a version").to_owned();
                (200, self.project())
            }
            ("GET", "/api/tasks") => (200, self.page(url)),
            ("POST", "/api/projects/7/import/predictions") => {
                let failing = std::mem::take(&mut self.failing);
                if failing == Failing::BeforeTheWrite {
                    return (503, json!({ "detail": "It is overloaded." }));
                }
                let given = body.as_array().expect("a list");
                let created = given.iter().filter(|prediction| self.predict(prediction)).count();
                if failing == Failing::AfterTheWrite {
                    return (504, json!({ "detail": "It took too long." }));
                }
                (201, json!({ "created": created }))
            }
            ("DELETE", _) if let Some(id) = id_in("/api/predictions/", "") => {
                self.predictions.retain(|prediction| prediction["id"] != id);
                (204, Value::Null)
            }
            ("POST", _) if let Some(task) = id_in("/api/tasks/", "/annotations") => {
                let annotations = self.task(task)["annotations"].as_array().expect("a list").clone();
                if annotations.iter().any(|known| known["unique_id"] == body["unique_id"]) {
                    return (409, json!({ "detail": "It is there." }));
                }
                let mut added = body.clone();
                added["id"] = json!(self.id());
                added["was_cancelled"] = json!(false);
                self.task(task)["annotations"].as_array_mut().expect("a list").push(added.clone());
                self.touch(task);
                (201, added)
            }
            _ => (404, json!({ "detail": "Not found." })),
        }
    }

    fn project(&self) -> Value {
        json!({
            "id": PROJECT, "title": "Feedback", "label_config": CONFIG, "task_number": self.tasks.len() + self.hidden,
            "total_annotations_number": 0, "ground_truth_number": 0,
            "model_version": self.prelabels_with, "show_collab_predictions": true,
        })
    }

    fn page(&self, url: &Url) -> Value {
        let asked = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let query: Value = asked("query").and_then(|query| serde_json::from_str(&query).ok()).unwrap_or_default();
        let rows: usize = asked("page_size").and_then(|rows| rows.parse().ok()).unwrap_or(30);
        let filters = query["filters"]["items"].as_array().cloned().unwrap_or_default();
        let holds = |task: &Value| {
            let named = query["selectedItems"]["included"].as_array();
            named.is_none_or(|named| named.contains(&task["id"]))
                && filters.iter().all(|filter| match filter["filter"].as_str() {
                    Some("filter:tasks:id") => task["id"].as_i64() > filter["value"].as_i64(),
                    _ => task["updated_at"].as_str() >= filter["value"].as_str(),
                })
        };
        let mut found: Vec<Value> = self.tasks.iter().filter(|task| holds(task)).cloned().collect();
        match query["ordering"][0].as_str() {
            Some("-tasks:updated_at") => found.sort_by_key(|task| std::cmp::Reverse(task["updated_at"].to_string())),
            _ => found.sort_by_key(|task| task["id"].as_i64()),
        }
        let total = found.len();
        found.truncate(rows);
        for task in &mut found {
            let of_it = self.predictions.iter().filter(|prediction| prediction["task"] == task["id"]);
            task["predictions"] = of_it.cloned().collect();
        }
        json!({ "total": total, "tasks": found })
    }
}

fn annotation_of(id: i64, class: &str) -> Value {
    json!({ "id": id, "result": [region(class)], "ground_truth": true, "was_cancelled": false })
}

impl LabelStudio {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("its address"));
        let there: Arc<Mutex<There>> = Arc::default();
        let shared = Arc::clone(&there);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A connection that breaks off is the client's to tell.
                let _ = answer(stream, &shared);
            }
        });
        Self { address, there }
    }

    fn there(&self) -> MutexGuard<'_, There> {
        self.there.lock().expect("no test panicked in it")
    }
}

fn answer(mut stream: TcpStream, there: &Mutex<There>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body)?;
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let url = Url::parse(&format!("http://there{path}")).expect("a path");
    let body = serde_json::from_slice(&body).unwrap_or_default();
    let (status, reply) = there.lock().expect("no test panicked in it").answer(method, &url, &body);
    let reply = if status == 204 { String::new() } else { reply.to_string() };
    write!(
        stream,
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{reply}",
        reply.len()
    )
}

/// A server with six tasks, of which the first three have ground truth, and a workspace that is connected to it.
struct At {
    desk: Desk,
    label_studio: LabelStudio,
    server: ServerId,
}

impl At {
    async fn new() -> Self {
        let (desk, label_studio) = (Desk::new(), LabelStudio::start());
        for id in 1..=6 {
            let text = if id % 2 == 0 { format!("crash {id}") } else { format!("love {id}") };
            label_studio.there().add_task(id, &text, (id <= 3).then_some("Bug"));
        }
        let server = NewServer {
            name: "Work".to_owned(),
            address: label_studio.address.clone(),
            token: Some(Secret::new("0123456789".to_owned())),
            until_quit: true,
            proxy: None,
            custom_ca: None,
        };
        let (server, _) = desk.engine.connect_server(server).await.expect("connected");
        Self { desk, label_studio, server: server.id }
    }

    fn there(&self) -> MutexGuard<'_, There> {
        self.label_studio.there()
    }

    async fn pull_with(&self, gone: GoneTasks) -> PullReport {
        let options = PullOptions { take_config: false, gone };
        self.desk.engine.pull_project(self.server.clone(), PROJECT, options).await.expect("pulled")
    }

    async fn pull(&self) -> (ProjectId, [u32; 4]) {
        let report = self.pull_with(GoneTasks::Leave).await;
        let counts = [report.new, report.changed, report.kept_here, report.gone];
        (report.report.project_id, counts)
    }

    async fn plan(&self) -> PullPlan {
        self.desk.engine.plan_pull(self.server.clone(), PROJECT).await.expect("a plan")
    }

    /// A run over all of the project.
    async fn run(&self, model: &Server) -> RunId {
        let (project, _) = self.pull().await;
        let connection = self.desk.connect(model).await;
        let prompt = self.desk.prompt(&project, &connection).await;
        self.desk.run(&prompt, Subset::All).await.id
    }

    async fn push(&self, run: &RunId, options: PushOptions) -> PushReport {
        self.desk.engine.push_run(run.clone(), options).await.expect("pushed")
    }
}

#[tokio::test]
async fn what_changed_there_comes_and_what_was_edited_here_stays() {
    let at = At::new().await;
    assert!(at.plan().await.is_new);
    let (project, counts) = at.pull().await;
    assert_eq!(counts, [6, 0, 0, 0]);
    let tasks = at.desk.engine.tasks(project.clone(), 0, 6).await.expect("tasks").rows;
    let first = at.desk.engine.task(tasks[0].id).await.expect("a task").annotations.remove(0);
    let edit = AnnotationContent { id: Some(first.id), result: vec![region("Praise")], ground_truth: true };
    at.desk.engine.save_annotation(tasks[0].id, edit).await.expect("edited");
    {
        let mut there = at.there();
        // Theirs of the first changes too; the second is another text; the third has no annotation, the fourth is gone.
        there.task(1)["annotations"][0]["ground_truth"] = json!(false);
        there.task(2)["data"]["text"] = json!("love it after all");
        there.task(3)["annotations"] = json!([]);
        for id in 1..=3 {
            there.touch(id);
        }
        there.tasks.retain(|task| task["id"] != 4);
        there.add_task(9, "crash 9", None);
    }
    let plan = at.plan().await;
    assert_eq!((plan.new, plan.changed, plan.gone, plan.edited_here), (1, 3, 1, 1));
    assert_eq!(at.pull().await, (project.clone(), [1, 2, 1, 1]));
    assert_eq!(at.pull().await.1, [0, 0, 0, 1], "and no more");
    let texts = at.desk.engine.tasks(project, 0, 9).await.expect("tasks").rows;
    assert_eq!(texts.len(), 7, "what is gone there stays here");
    assert_eq!(texts[1].data["text"], "love it after all");
    let of = async |row: usize| at.desk.engine.task(texts[row].id).await.expect("a task").annotations;
    assert_eq!(of(0).await[0].result, [region("Praise")]);
    assert!(of(2).await.is_empty());
}

#[tokio::test]
async fn a_push_says_which_predictions_are_of_data_that_changed_since() {
    let (at, model) = (At::new().await, Server::start(by_text));
    let run = at.run(&model).await;
    let plan = async |run: &RunId| {
        let plan = at.desk.engine.plan_push(run.clone(), PushOptions::default()).await.expect("a plan");
        (plan.predictions, plan.of_other_data)
    };
    assert_eq!(plan(&run).await, (6, 0));
    {
        let mut there = at.there();
        there.task(2)["data"]["text"] = json!("love it after all");
        there.task(3)["annotations"] = json!([]);
        for id in 2..=3 {
            there.touch(id);
        }
    }
    at.pull().await;
    // What was found for a plan of a moment ago holds for other options, and not for other data.
    assert_eq!(plan(&run).await, (6, 1));
    let prompt = at.desk.engine.run(run).await.expect("the run").prompt_id;
    let again = at.desk.run(&prompt, Subset::All).await.id;
    assert_eq!(plan(&again).await, (6, 0), "one that began since is of the data of now");
}

#[tokio::test]
async fn what_is_gone_there_is_kept_or_removed_by_a_word_of_its_own() {
    let (at, model) = (At::new().await, Server::start(by_text));
    let run = at.run(&model).await;
    let (project, _) = at.pull().await;
    let asked = async || {
        let plan = at.plan().await;
        (plan.gone, plan.kept)
    };
    at.there().tasks.retain(|task| task["id"] != 2);
    assert_eq!(asked().await, (1, 0));
    assert_eq!(at.pull_with(GoneTasks::Keep).await.gone, 1);
    assert_eq!(asked().await, (0, 1), "it is not asked about again");
    assert_eq!(at.pull().await.1, [0, 0, 0, 0]);
    at.there().add_task(2, "crash 2", Some("Bug"));
    at.pull().await;
    at.there().tasks.retain(|task| ![2, 5].contains(&task["id"].as_i64().expect("an id")));
    assert_eq!(asked().await, (2, 0), "what was there again is asked about once more");
    at.pull_with(GoneTasks::Keep).await;
    at.there().tasks.retain(|task| task["id"] != 1);
    assert_eq!(asked().await, (1, 2));

    let before = at.desk.engine.run(run.clone()).await.expect("the run");
    assert_eq!((before.total, before.done, before.scored), (6, 6, 3));
    let report = at.pull_with(GoneTasks::Remove).await;
    assert_eq!((report.gone, report.removed, report.report.tasks), (0, 3, 3), "with those that were kept before");
    assert_eq!((report.report.annotations, report.report.ground_truth), (1, 1));
    assert_eq!(asked().await, (0, 0));
    let rows = at.desk.engine.tasks(project.clone(), 0, 9).await.expect("tasks").rows;
    let left: Vec<_> = rows.iter().map(|row| (row.position, row.data["text"].as_str())).collect();
    assert_eq!(left, [(0, Some("love 3")), (1, Some("crash 4")), (2, Some("crash 6"))]);
    let after = at.desk.engine.run(run.clone()).await.expect("the run");
    assert_eq!((after.total, after.done, after.scored, after.correct), (3, 3, 1, 0), "“love 3” is no bug to the model");
    assert_eq!((after.requests, after.prompt_tokens), (before.requests, before.prompt_tokens), "what it cost was paid");
    let pushed = at.push(&run, PushOptions::default()).await;
    assert_eq!((pushed.written, pushed.failed), (3, 0));
    at.there().add_task(9, "crash 9", None);
    assert_eq!(at.pull().await.1, [1, 0, 0, 0], "and goes on as before");
    let prompt = after.prompt_id.clone();
    assert_eq!(at.desk.run(&prompt, Subset::All).await.done, 4);
}

#[tokio::test]
async fn tasks_there_begin_with_what_was_given_back_only_where_that_is_chosen() {
    let (at, model) = (At::new().await, Server::start(by_text));
    let run = at.run(&model).await;
    let begins_with =
        async || at.desk.engine.plan_push(run.clone(), PushOptions::default()).await.expect("a plan").prelabels_with;
    let pushed = at.push(&run, PushOptions::default()).await;
    assert_eq!((pushed.written, pushed.prelabels, begins_with().await), (6, false, None));
    let prelabel = PushOptions { prelabel: true, ..PushOptions::default() };
    let pushed = at.push(&run, prelabel).await;
    assert_eq!((pushed.written, pushed.prelabels), (0, true));
    assert_eq!(begins_with().await, Some(pushed.model_version.clone()));
    assert!(!at.push(&run, prelabel).await.prelabels, "it does already");
    at.there().prelabels_with = "Other @1".to_owned();
    at.push(&run, PushOptions::default()).await;
    assert_eq!(begins_with().await.as_deref(), Some("Other @1"), "another one stays");
}

#[tokio::test]
async fn a_plan_counts_what_would_be_deleted_of_what_tasks_begin_with() {
    let (at, model) = (At::new().await, Server::start(by_text));
    let run = at.run(&model).await;
    let replace = PushOptions { other_versions: OtherVersions::Replace, ..PushOptions::default() };
    let model_version = at.push(&run, PushOptions::default()).await.model_version;
    let (prompt, _) = model_version.split_once(" @").expect("its hash");
    let earlier = format!("{prompt} @0123456789");
    for task in [1, 2] {
        let prediction = json!({ "task": task, "model_version": earlier, "result": [region("Praise")] });
        at.there().predict(&prediction);
    }
    // Of the version itself, and another one than that which the run has: it is replaced by what is called the same.
    at.there().predict(&json!({ "task": 3, "model_version": model_version, "result": [region("Praise")] }));
    for (named, options, want) in [
        (&*earlier, replace, 2),
        (&*earlier, PushOptions::default(), 0),
        (&*model_version, replace, 0),
        ("Other @0123456789", replace, 0),
    ] {
        at.there().prelabels_with = named.to_owned();
        // What was found a moment ago would hold for other options.
        at.push(&run, PushOptions::default()).await;
        let plan = at.desk.engine.plan_push(run.clone(), options).await.expect("a plan");
        assert_eq!((plan.prelabels_with.as_deref(), plan.prelabels_replaced), (Some(named), want));
        assert!(plan.covers_all, "each task there has a prediction of the run");
    }
    at.there().add_task(9, "crash 9", None);
    at.push(&run, PushOptions::default()).await;
    assert!(!at.desk.engine.plan_push(run, replace).await.expect("a plan").covers_all);
}

#[tokio::test]
async fn nothing_is_removed_where_a_server_does_not_list_all_of_its_tasks() {
    let at = At::new().await;
    at.pull().await;
    {
        let mut there = at.there();
        there.hidden = 3;
        there.tasks.truncate(3);
    }
    let report = at.pull_with(GoneTasks::Remove).await;
    assert_eq!((report.gone, report.removed, report.report.tasks), (3, 0, 6));
    let [warning] = &report.report.warnings[..] else { panic!("{:?}", report.report.warnings) };
    assert!(warning.starts_with("no task was removed: the server counts 6 tasks and lists 3"), "{warning}");
}

#[tokio::test]
async fn problems_of_a_pull_name_tasks_by_their_ids_there() {
    let at = At::new().await;
    at.pull().await;
    {
        let mut there = at.there();
        there.add_task(21, "twice", None);
        there.add_task(22, "twice", None);
        there.add_task(23, "love 1", None);
        there.add_task(24, "nothing", None);
        there.task(24)["data"] = json!({ "other": 1 });
        there.task(2)["data"] = json!({ "other": 1 });
        there.touch(2);
    }
    let report = at.pull_with(GoneTasks::Leave).await.report;
    let mut named: Vec<_> =
        report.first_issues.iter().map(|issue| (issue.remote_id, issue.line, issue.message.as_str())).collect();
    named.sort_unstable();
    let lacks = "its data has no “text”, which the Text of the config shows";
    assert_eq!(
        named,
        [
            (Some(22), None, "its data equals that of task 21"),
            (Some(23), None, "its data equals that of a task that the project had before"),
            (Some(24), None, lacks),
        ]
    );
    assert_eq!(report.warnings, [format!("task 2 stays as it is here, because there {lacks}")]);
    let kept = at.desk.engine.import_issues(report.project_id, 0, 9).await.expect("issues").rows;
    assert_eq!(kept.len(), 3);
    assert!(kept.iter().all(|issue| issue.remote_id.is_some()), "{kept:?}");
}

#[tokio::test]
async fn a_look_changes_nothing_and_a_project_in_the_bin_keeps_its_link_until_another_takes_its_place() {
    let at = At::new().await;
    let (project, _) = at.pull().await;
    at.desk.engine.delete_project(project.clone()).await.expect("in the bin");
    assert!(at.plan().await.is_new);
    at.desk.engine.restore_project(project.clone()).await.expect("restored");
    assert_eq!(at.pull().await, (project.clone(), [0, 0, 0, 0]));
    at.desk.engine.delete_project(project.clone()).await.expect("in the bin");
    let (second, counts) = at.pull().await;
    assert_eq!((second != project, counts), (true, [6, 0, 0, 0]));
}

#[tokio::test]
async fn nothing_is_written_twice_whatever_becomes_of_a_write() {
    let (at, model) = (At::new().await, Server::start(by_text));
    let run = at.run(&model).await;
    let plan = at.desk.engine.plan_push(run.clone(), PushOptions::default()).await.expect("a plan");
    assert_eq!((plan.predictions, plan.unchanged, plan.waiting), (6, 0, None));
    for (failing, want) in [(Failing::BeforeTheWrite, (6, 0)), (Failing::AfterTheWrite, (0, 6))] {
        at.there().predictions.clear();
        at.there().failing = failing;
        let report = at.push(&run, PushOptions::default()).await;
        assert_eq!((report.written, report.failed), (0, 0));
        let why = report.waiting.expect("it waits");
        assert!(why.ends_with("; what it was writing may be there, which the next push tells"), "{why}");
        let waiting = at.desk.engine.pushes().await.expect("pushes").remove(0);
        assert_eq!(waiting.state, PushState::Waiting);
        let report = at.desk.engine.resume_push(waiting.id).await.expect("pushed");
        assert_eq!((report.written, report.unchanged), want);
        let mut given = at.there().given(&plan.model_version);
        given.sort_unstable();
        assert_eq!(given, [1, 2, 3, 4, 5, 6]);
    }
    assert_eq!(at.desk.engine.pushes().await.expect("pushes").remove(0).state, PushState::Done);
}

#[tokio::test]
async fn what_a_server_leaves_out_is_told_and_takes_the_place_of_nothing() {
    let (at, model) = (At::new().await, Server::start(by_text));
    let run = at.run(&model).await;
    let version = at.desk.engine.plan_push(run.clone(), PushOptions::default()).await.expect("a plan").model_version;
    let (prompt, _) = version.split_once('@').expect("prompt and hash");
    {
        let mut there = at.there();
        let names = [
            format!("{prompt}@0123456789"),
            format!("{version}, another model"),
            format!("{prompt}@home"),
            "another tool".to_owned(),
        ];
        for task in [1, 2] {
            for name in &names {
                there.predict(&json!({ "task": task, "model_version": name, "score": null, "result": [] }));
            }
        }
        there.unknown = Some("Bug");
    }
    let replace = PushOptions { other_versions: OtherVersions::Replace, ..PushOptions::default() };
    let report = at.push(&run, replace).await;
    // Three texts are of a crash.
    assert_eq!((report.written, report.failed, report.replaced), (3, 3, 1));
    assert!(report.reasons[0].contains("do not fit the labeling config"), "{:?}", report.reasons);
    let there = at.there();
    assert_eq!(there.given(&format!("{prompt}@0123456789")), [2], "what nothing took the place of stays");
    for name in [format!("{version}, another model"), format!("{prompt}@home"), "another tool".to_owned()] {
        assert_eq!(there.given(&name), [1, 2], "{name}");
    }
}

#[tokio::test]
async fn what_came_from_no_server_is_given_back_to_none() {
    let (desk, model) = (Desk::new(), Server::start(by_text));
    let prompt = desk.prompt_on(&model, &json!([task("crash", None)])).await;
    let run = desk.run(&prompt, Subset::All).await.id;
    for refused in [
        desk.engine.plan_push(run.clone(), PushOptions::default()).await.map(drop),
        desk.engine.push_run(run.clone(), PushOptions::default()).await.map(drop),
    ] {
        let error = refused.expect_err("there is nobody to give it to");
        assert!(error.to_string().contains("came from no Label Studio server"), "{error}");
    }
    assert_eq!(desk.engine.pushes().await.expect("pushes"), []);
}

#[tokio::test]
async fn what_was_accepted_becomes_an_annotation_there_once_and_comes_home() {
    let (at, model) = (At::new().await, Server::start(by_text));
    let run = at.run(&model).await;
    let (project, _) = at.pull().await;
    let fifth = at.desk.engine.tasks(project.clone(), 4, 1).await.expect("tasks").rows.remove(0).id;
    assert_eq!(at.push(&run, PushOptions::default()).await.written, 6);
    // It has ground truth, and with it a score, from now on.
    let accept = ReviewVerdict::Accept { ground_truth: true };
    at.desk
        .engine
        .decide_reviews(run.clone(), ReviewTasks::These { task_ids: vec![fifth] }, accept)
        .await
        .expect("decided");
    let options = PushOptions { annotations: true, ground_truth: true, ..PushOptions::default() };
    let plan = at.desk.engine.plan_push(run.clone(), options).await.expect("a plan");
    assert_eq!((plan.predictions, plan.annotations, plan.ground_truths), (0, 1, 1));
    let given = at.push(&run, options).await;
    assert_eq!((given.written, given.annotations, given.ground_truths), (0, 1, 1));
    let again = at.push(&run, options).await;
    assert_eq!((again.annotations, again.ground_truths, again.unchanged), (0, 0, 6));
    assert_eq!(at.there().task(5)["annotations"].as_array().expect("a list").len(), 1);
    at.pull().await;
    assert_eq!(at.desk.engine.task(fifth).await.expect("a task").annotations.len(), 1, "it is the same one");
    assert_eq!(at.pull().await.1, [0, 0, 0, 0]);
}
