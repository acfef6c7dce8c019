//! The built program, end to end: what a script sees of it. No keychain, no network but loopback, no home folder.

#[cfg(target_os = "linux")]
mod awake;
mod comparison;
mod connections;
mod label_studio;
#[cfg(target_os = "linux")]
mod loopback;
mod report;
mod reviews;
mod runs;
mod support;
mod workspace;

use serde_json::{Value, json};
use std::time::Duration;
use support::{CONFIG, Desk, Server, answer, last_line, said};

const TASKS: [(&str, &str); 4] = [
    ("It crashed again", "Bug"),
    ("I love it", "Praise"),
    ("A crash on start", "Bug"),
    ("The button does nothing", "Bug"),
];

fn list<'v>(value: &'v Value, name: &str) -> &'v Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("{name} of {value}"))
}

#[test]
fn the_demo_ends_with_the_better_of_two_real_runs() {
    let desk = Desk::new();
    let demo = desk.get(&["demo"]);
    assert_eq!((&demo["status"], &demo["failed"]), (&json!("completed"), &json!(0)));
    let runs = desk.get(&["run", "list"]);
    let accuracies: Vec<_> = list(&runs, "runs").iter().map(|run| run["accuracy"].as_f64().expect("scored")).collect();
    let [newer, older] = accuracies[..] else { panic!("two runs: {runs}") };
    assert!(newer > older, "better definitions score better: {newer} against {older}");
    assert_eq!(demo["accuracy"].as_f64(), Some(newer));
    let share = demo["correct"].as_f64().expect("a count") / demo["scored"].as_f64().expect("a count");
    assert!((share - newer).abs() < 1e-9, "accuracy is correct / scored");
    assert_eq!(desk.get(&["demo"])["run_id"], demo["run_id"], "asked again, the sample is there already");
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_workspace_it_is_the_one_that_the_window_opens() {
    let window: Value = serde_json::from_str(include_str!("../../../../../tauri.conf.json")).expect("JSON");
    let desk = Desk::new();
    desk.import("Elsewhere", &TASKS);
    let listed = |data: Option<&str>| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_touchstone"));
        command.env("HOME", desk.folder()).env_remove("XDG_DATA_HOME");
        if let Some(data) = data {
            command.env("XDG_DATA_HOME", desk.folder().join(data));
        }
        let output = command.args(["project", "list", "--json"]).output().expect("the program starts");
        assert!(output.status.success(), "{}", said(&output));
        assert!(list(&last_line(&output), "projects").is_empty(), "that of the window is empty");
        let folder = desk.folder().join(data.unwrap_or(".local/share"));
        folder.join(window["identifier"].as_str().expect("a text")).join("workspace.touchstone")
    };
    for data in [None, Some("data")] {
        let path = listed(data);
        assert!(path.is_file(), "{}", path.display());
    }
}

#[test]
fn a_list_has_headings_and_says_what_there_is_none_of() {
    let desk = Desk::new();
    let shown = || {
        let output = desk.command(&["project", "list"]).output().expect("the program starts");
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(shown(), "no projects yet\n");
    desk.import("Feedback", &TASKS);
    let text = shown();
    let lines: Vec<_> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(lines[0], ["NAME", "TASKS", "GROUND", "TRUTH", "ID"]);
    assert_eq!((lines.len(), &lines[1][..3]), (2, &["Feedback", "4", "4"][..]));
}

#[test]
fn a_project_goes_all_the_way_on_the_practice_model() {
    let desk = Desk::new();
    let imported = desk.import("Feedback", &TASKS);
    assert_eq!(
        ["tasks", "annotations", "ground_truth", "refused"].map(|name| imported[name].as_u64()),
        [4, 4, 4, 0].map(Some)
    );
    assert_eq!(list(&desk.get(&["project", "list"]), "projects")[0]["id"], imported["project_id"]);

    let system =
        format!("@{}", desk.write("system.txt", "Bug: a crash, or something that does nothing.\nPraise: love."));
    let project = imported["project_id"].as_str().expect("an id");
    let aim = ["--name", "Topics", "--project", project, "--connection", "practice"];
    let words = ["--system", system.as_str(), "--user", "{text}", "--message", "First try"];
    let created = desk.get(&[&["prompt", "create"], &aim[..], &words].concat());
    let versions = desk.get(&["version", "list", "Topics"]);
    let first = &list(&versions, "versions")[0];
    assert_eq!((&first["id"], &first["message"]), (&created["version_id"], &json!("First try")));
    assert_eq!(first["commit_hash"], created["commit_hash"]);

    let again = desk.get(&["version", "create", "Topics", "--user", "{text}"]);
    assert_eq!((&again["unchanged"], &again["version_id"]), (&json!(true), &created["version_id"]));
    let reworded = ["--user", "Feedback: {text}", "--message", "Say what it is"];
    let second = desk.get(&[&["version", "create", "Topics"], &reworded[..]].concat());
    assert_eq!((&second["unchanged"], &second["number"]), (&json!(false), &json!(2)));
    assert_eq!(list(&desk.get(&["version", "list", "Topics"]), "versions")[0]["message"], "Say what it is");

    let hash = created["commit_hash"].as_str().expect("a hash");
    for version in ["1", "v1", &hash[..8], created["version_id"].as_str().expect("an id")] {
        let run = desk.get(&["run", "start", "--prompt", "Topics", "--version", version, "--subset", "all"]);
        assert_eq!((&run["version_number"], &run["status"]), (&json!(1), &json!("completed")), "{version}");
    }
    let latest = desk.get(&["run", "start", "--prompt", "Topics", "--subset", "ground-truth"]);
    assert_eq!((&latest["version_number"], &latest["total"], &latest["done"]), (&json!(2), &json!(4), &json!(4)));
    let id = latest["run_id"].as_str().expect("an id");
    assert_eq!(desk.get(&["run", "show", id]), latest);
    assert_eq!(list(&desk.get(&["run", "list", "--prompt", "Topics"]), "runs").len(), 5);
    let cooler = desk.get(&["version", "create", "Topics", "--params", r#"{"temperature": 0}"#]);
    assert_eq!((&cooler["unchanged"], &cooler["number"]), (&json!(false), &json!(3)));
    let (_, message) = desk.refused(&["version", "create", "Topics", "--params", "0"]);
    assert!(message.starts_with("--params is no JSON object"), "{message}");

    let out = desk.folder().join("out.jsonl");
    let path = out.to_str().expect("text");
    let export = ["export", "predictions", "--run", id, "--format"];
    assert_eq!(desk.get(&[&export[..], &["jsonl", "--out", path]].concat())["rows"], 4);
    let text = std::fs::read_to_string(&out).expect("it was written");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let correct = lines.iter().filter(|line| line["correct"] == true).count();
    assert_eq!(latest["correct"], correct, "the file tells of the same run");
    let fields: Vec<_> = lines[0].as_object().expect("an object").keys().collect();
    assert_eq!(fields, ["task_id", "data", "result", "correct", "score", "error", "tokens", "cost_usd"]);
    assert_eq!(desk.get(&[&export[..], &["label-studio", "--out", path]].concat())["rows"], 4);
    let tasks: Value = serde_json::from_slice(&std::fs::read(&out).expect("it was written")).expect("JSON");
    assert_eq!(tasks[0]["predictions"][0]["result"][0]["from_name"], "topic");
}

#[test]
fn names_that_are_taken_or_unknown_are_said_and_nothing_is_made() {
    let desk = Desk::new();
    desk.import("Feedback", &TASKS);
    let tasks = desk.folder().join("tasks.json");
    let config = desk.folder().join("config.xml");
    let import = ["project", "import", tasks.to_str().expect("text"), "--config", config.to_str().expect("text")];
    assert_eq!(desk.refused(&[&import[..], &["--name", "Feedback"]].concat()).0, "name_taken");
    desk.import("News", &TASKS);
    assert_eq!(desk.refused(&["project", "rename", "News", "Feedback"]).0, "name_taken");
    assert_eq!(desk.get(&["project", "rename", "News", "World news"])["name"], "World news");
    let create = ["prompt", "create", "--user", "{text}", "--name"];
    for aim in [
        ["P", "--project", "Nothing", "--connection", "practice"],
        ["P", "--project", "Feedback", "--connection", "nothing"],
    ] {
        let (_, message) = desk.refused(&[&create[..], &aim].concat());
        assert!(message.to_lowercase().contains("nothing"), "the message names it: {message}");
    }
    let aim = ["P", "--project", "Feedback", "--connection", "practice"];
    desk.get(&[&create[..], &aim].concat());
    assert_eq!(desk.refused(&[&create[..], &aim].concat()).0, "name_taken");
    assert_eq!(list(&desk.get(&["prompt", "list"]), "prompts").len(), 1);
    let start = ["run", "start", "--subset", "all", "--prompt"];
    assert_eq!(desk.refused(&[&start[..], &["Q"]].concat()).0, "not_found");
    assert!(desk.refused(&[&start[..], &["P", "--version", "7"]].concat()).1.contains("no version “7”"));
    let (_, message) = desk.refused(&[&start[..], &["P", "--key-env", "NO_SUCH_VARIABLE"]].concat());
    assert_eq!(message, "the environment variable NO_SUCH_VARIABLE is not set");
}

#[test]
fn files_that_are_no_project_are_refused_whole() {
    let desk = Desk::new();
    let config = desk.write("config.xml", CONFIG);
    let tasks = desk.write("tasks.json", r#"[{"text": "a"}]"#);
    for (config, tasks, culprit) in [
        (desk.write("broken.xml", "<View><Text name='t'"), tasks.clone(), "broken.xml"),
        (desk.write("doctype.xml", &format!("<!DOCTYPE View>{CONFIG}")), tasks.clone(), "DOCTYPE"),
        (config.clone(), desk.write("empty.json", ""), "empty.json"),
        (config.clone(), desk.write("object.json", r#"{"a": "#), "object.json"),
        (config, desk.folder().join("missing.json").to_str().expect("text").to_owned(), "missing.json"),
    ] {
        let (code, message) = desk.refused(&["project", "import", &tasks, "--config", &config, "--name", "P"]);
        assert_eq!(code, "invalid", "{message}");
        assert!(message.contains(culprit) && !message.contains('\n'), "one sentence that names it: {message}");
    }
    assert!(list(&desk.get(&["project", "list"]), "projects").is_empty(), "nothing is half made");
}

#[test]
fn tables_are_imported_added_to_and_exported() {
    let desk = Desk::new();
    let config = desk.write("config.xml", CONFIG);
    let table = desk.write("a.csv", "id;words\n1;one\n2;two\n");
    let import = ["project", "import", &table];
    let made = desk.get(&[&import[..], &["--config", &config, "--name", "P", "--map", "text=words"]].concat());
    assert_eq!((made["tasks"].as_u64(), made["duplicates"].as_u64()), (Some(2), Some(0)));
    let more = desk.get(&[&import[..], &["--into", "P", "--map", "text=words", "--skip-duplicates"]].concat());
    assert_eq!((more["tasks"].as_u64(), more["duplicates"].as_u64()), (Some(0), Some(2)));
    assert_eq!(more["project_id"], made["project_id"]);
    let issues = desk.get(&["project", "issues", "P"]);
    assert_eq!((issues["total"].as_u64(), &issues["issues"][0]["kind"]), (Some(2), &json!("duplicate")));
    let out = desk.folder().join("issues.csv").to_str().expect("text").to_owned();
    assert_eq!(desk.get(&["project", "issues", "P", "--out", &out])["rows"], 2);

    let out = desk.folder().join("p.jsonl").to_str().expect("text").to_owned();
    let export = ["export", "project", "--project", "P", "--out", &out, "--format"];
    assert_eq!(desk.get(&[&export[..], &["jsonl"]].concat())["tasks"], 2);
    assert_eq!(std::fs::read_to_string(&out).expect("the file").lines().count(), 2);
    assert_eq!(desk.get(&[&export[..], &["csv", "--annotated"]].concat())["tasks"], 0);
    assert_eq!(desk.refused(&["project", "import", &table, "--into", "Q"]).0, "not_found");
    assert!(desk.refused(&["project", "import", &table]).1.contains("--config"));
}

#[test]
fn a_template_is_imported_with_its_own_tasks() {
    let desk = Desk::new();
    let import = ["project", "import", "--template"];
    let made = desk.get(&[&import[..], &["dates"]].concat());
    assert_eq!((&made["tasks"], &made["ground_truth"], &made["refused"]), (&json!(6), &json!(6), &json!(0)), "{made}");
    let template = desk.get(&["config", "template", "dates"]);
    assert_eq!((&template["task_count"], &template["controls"]), (&json!(6), &json!(["DateTime"])), "{template}");
    desk.get(&[&import[..], &["pdf-class", "--name", "Papers"]].concat());
    assert_eq!(desk.get(&["project", "check-media", "Papers"])["pieces"], 6);
    let projects = desk.get(&["project", "list"]);
    let names: Vec<_> = list(&projects, "projects").iter().map(|project| &project["name"]).collect();
    assert!(names.contains(&&json!("Dates")) && names.contains(&&json!("Papers")), "{projects}");
    assert!(desk.refused(&[&import[..], &["none"]].concat()).1.contains("entities"), "those that there are, are told");
}

#[test]
fn a_bench_of_an_import_makes_its_own_workspace() {
    let desk = Desk::new();
    let tasks = desk.write("tasks.json", r#"[{"text": "a"}, {"text": "b"}]"#);
    let db = desk.folder().join("bench.db").to_str().expect("text").to_owned();
    let bench = ["bench", "import", &tasks, "--db", &db];
    let measured = desk.get(&bench);
    assert_eq!((measured["n"].as_u64(), measured["annotations"].as_u64()), (Some(2), Some(0)));
    assert!(["wall_s", "rows_per_s", "mb_per_s"].iter().all(|name| measured[*name].as_f64() > Some(0.0)), "{measured}");
    assert!(desk.refused(&bench).1.contains("is there already"));
}

#[test]
fn a_bench_of_a_run_asks_what_the_config_says_and_keeps_a_prediction_of_each_task() {
    let desk = Desk::new();
    let asked = json!({
        "prompt": "Bug, praise or “R&D”?\n\nReview: {text}", "text_field": "body", "from_name": "topic",
        "labels": ["Praise", "R&D", "Bug"], "temperature": 0, "max_tokens": 64, "max_retries": 3,
    });
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let truth = json!({"from_name": "topic", "to_name": "text", "type": "choices",
                               "value": {"choices": [if number < 5 { "R&D" } else { "Bug" }]}});
            json!({"data": {"body": format!("Text {number}")}, "annotations": [{"ground_truth": true, "result": [truth]}]})
        })
        .collect();
    let in_flight = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let most = std::sync::Arc::clone(&in_flight);
    let underway = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |request| {
        use std::sync::atomic::Ordering::SeqCst;
        most.fetch_max(underway.fetch_add(1, SeqCst) + 1, SeqCst);
        std::thread::sleep(Duration::from_millis(30));
        underway.fetch_sub(1, SeqCst);
        let text = request.body["messages"][0]["content"].as_str().unwrap_or_default();
        if text.ends_with("Text 7") { (200, json!({"choices": []})) } else { answer("R&D") }
    });
    let (tasks, config) =
        (desk.write("tasks.json", &json!(tasks).to_string()), desk.write("c.json", &asked.to_string()));
    let db = desk.folder().join("bench.db").to_str().expect("text").to_owned();
    let on = ["--tasks", &tasks, "--config", &config, "--endpoint", &server.endpoint, "--db", &db];
    let bench = [&["bench", "run", "--model", "m", "--concurrency", "3"], &on[..]].concat();
    let output = desk.command(&bench).output().expect("the program starts");
    assert!(output.status.success(), "a task that failed is a result: {}", said(&output));
    let measured = last_line(&output);
    let counts = ["n", "concurrency", "correct", "failures", "requests"].map(|name| measured[name].as_u64());
    assert_eq!(counts, [20, 3, 5, 1, 23].map(Some), "{measured}");
    assert!(["wall_s", "run_s"].iter().all(|name| measured[*name].as_f64() > Some(0.0)), "{measured}");
    assert_eq!(in_flight.load(std::sync::atomic::Ordering::SeqCst), 3, "no more at once than was said, and no fewer");
    let received = server.received();
    let [first, ..] = &received[..] else { panic!("nothing was asked") };
    let body = &first.body;
    assert_eq!((&body["model"], &body["temperature"], &body["max_tokens"]), (&json!("m"), &json!(0), &json!(64)));
    let said = body["messages"][0]["content"].as_str().expect("a text");
    assert!(said.starts_with("Bug, praise or “R&D”?\n\nReview: Text "), "{said}");
    assert_eq!(list(body, "messages").len(), 1);
    let form = &body["response_format"]["json_schema"];
    assert_eq!((&form["strict"], &form["schema"]["required"]), (&json!(true), &json!(["topic"])));
    assert_eq!(form["schema"]["properties"]["topic"]["enum"], asked["labels"]);
    assert!(desk.refused(&bench).1.contains("is there already"));

    let mut listing = std::process::Command::new(env!("CARGO_BIN_EXE_touchstone"));
    let kept = listing.args(["--workspace", &db, "run", "list", "--json"]).output().expect("the program starts");
    let kept = last_line(&kept);
    let run = &list(&kept, "runs")[0];
    assert_eq!((&run["done"], &run["failed"], &run["status"]), (&json!(20), &json!(1), &json!("completed")));
}

#[test]
fn a_command_line_that_cannot_be_read_is_told_to_scripts_too() {
    let desk = Desk::new();
    let (code, message) = desk.refused(&["run", "start", "--prompt", "P"]);
    assert_eq!(code, "invalid");
    assert!(message.contains("--subset"), "{message}");
}

#[test]
fn without_json_people_get_a_sentence_on_standard_error() {
    let output = Desk::new().command(&["run", "show", "none"]).output().expect("the program starts");
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    assert_eq!(said(&output), "touchstone: there is no run “none”\n");
}

#[test]
fn vectors_are_answered_line_by_line() {
    let desk = Desk::new();
    let mut command = desk.command(&["labeling-vectors"]);
    let vectors = desk.write("vectors.jsonl", &format!("{}\n", json!({"id": "v", "kind": "config", "config": CONFIG})));
    let output = command.stdin(std::fs::File::open(vectors).expect("it was written")).output().expect("it starts");
    let answer = last_line(&output);
    assert_eq!((&answer["id"], &answer["controls"][0]["name"]), (&json!("v"), &json!("topic")));
}

#[test]
fn a_config_is_checked_and_changed_with_what_it_does_to_annotations() {
    let desk = Desk::new();
    let checked = desk.get(&["config", "check", &desk.write("good.xml", CONFIG)]);
    assert_eq!(
        (&checked["valid"], &checked["eligible"], &checked["problems"]),
        (&json!(true), &json!(true), &json!([]))
    );
    let spoilt = desk.write("spoilt.xml", &CONFIG.replace("toName=\"text\"", "toName=\"txt\""));
    let (ok, checked) = desk.ask(&["config", "check", &spoilt]);
    assert_eq!((ok, &checked["problems"][0]["line"]), (false, &json!(3)), "{checked}");
    let template = desk.get(&["config", "template", "sentiment"]);
    assert!(template["sample"]["text"].is_string(), "{template}");
    assert!(list(&desk.get(&["config", "template"]), "templates").len() > 10);

    desk.import("Feedback", &TASKS);
    let changed = desk.write("changed.xml", &CONFIG.replace("Bug", "Defect"));
    let lost = desk.get(&["config", "impact", "Feedback", &changed]);
    assert_eq!((&lost["annotations"], &lost["invalid_annotations"]), (&json!(4), &json!(3)), "{lost}");
    let renamed = ["Feedback", changed.as_str(), "--rename", "topic:Bug=Defect"];
    let kept = desk.get(&[&["config", "impact"], &renamed[..]].concat());
    assert_eq!(kept["invalid_annotations"], 0, "{kept}");
    let saved = desk.get(&[&["config", "save"], &renamed[..]].concat());
    assert_eq!(saved["config_faults"], json!([]));
    assert_eq!(desk.get(&["config", "impact", "Feedback", &changed])["invalid_annotations"], 0);
}

#[test]
fn prompts_go_to_promptfoo_and_come_back_and_what_does_not_is_said() {
    let desk = Desk::new();
    desk.import("Feedback", &TASKS);
    let aim =
        ["--name", "Topics", "--project", "Feedback", "--connection", "practice", "--user", "Which topic? {text}"];
    desk.get(&[&["prompt", "create"], &aim[..]].concat());
    let out = desk.folder().join("promptfooconfig.yaml");
    let path = out.to_str().expect("text");
    let written = desk.get(&["prompt", "export", "Topics", "--format", "promptfoo", "--out", path]);
    assert_eq!((&written["prompts"], &written["path"]), (&json!(1), &json!(path)));
    let text = std::fs::read_to_string(&out).expect("it was written");
    assert!(text.contains("  - label: Topics (v1)\n    raw: Which topic? {{text}}\n"), "{text}");
    let imported = desk.get(&["prompt", "import", path]);
    assert_eq!((&imported["prompts"][0]["name"], &imported["refused"]), (&json!("Topics 2"), &json!([])));
    desk.get(&["space", "create", "--name", "Team"]);
    let imported = desk.get(&["prompt", "import", path, "--space", "Team"]);
    assert_eq!((&imported["prompts"][0]["name"], &imported["space_name"]), (&json!("Topics"), &json!("Team")));
    assert_eq!(desk.refused(&["prompt", "import", path, "--space", "Nowhere"]).0, "not_found");
    let (ok, partly) = desk.ask(&["prompt", "import", &desk.write("more.yaml", "prompts: [taken, '{{ x | upper }}']")]);
    assert!(!ok && list(&partly, "prompts").len() == 1 && list(&partly, "refused").len() == 1, "{partly}");
    desk.get(&["version", "create", "Topics", "--space", "Team", "--user", "{{#text}}x{{/text}}"]);
    let (ok, partly) =
        desk.ask(&["prompt", "export", "Topics", "--space", "Team", "--format", "promptfoo", "--out", path]);
    let refused = list(&partly, "refused");
    assert!(!ok && partly["prompts"] == 1 && refused.len() == 1, "{partly}");
    assert!(refused[0].as_str().is_some_and(|why| why.contains("version 2 of “Topics”")), "{partly}");
}

#[test]
fn a_new_version_leaves_what_somebody_has_not_saved_alone() {
    let desk = Desk::new();
    let content = |user: &str| {
        json!({
            "messages": [{ "role": "SYSTEM", "content": "Sort." }, { "role": "USER", "content": user }],
            "input_variable_format": "F_STRING", "provider": "practice", "model": "practice",
            "invocation_params": {}, "provider_params": {}, "extra": {},
        })
    };
    let prompt = json!({ "name": "Topics", "versions": [{ "content": content("First {text}") }],
        "draft": { "based_on": 1, "content": content("Mine {text}") } });
    let file = json!({ "format": "touchstone-prompts", "form": 1, "prompts": [prompt] });
    desk.get(&["prompt", "import", &desk.write("topics.json", &file.to_string())]);
    let out = desk.folder().join("out.json");
    let path = out.to_str().expect("text");
    let kept = || {
        desk.get(&["prompt", "export", "Topics", "--out", path]);
        let text = std::fs::read_to_string(&out).expect("it was written");
        serde_json::from_str::<Value>(&text).expect("JSON")["prompts"][0].clone()
    };
    let newest = |prompt: &Value| list(prompt, "versions").last().expect("a version")["content"].clone();
    let before = kept();
    assert_eq!(before["draft"]["content"], content("Mine {text}"));
    desk.get(&["version", "create", "Topics", "--user", "Theirs {text}"]);
    let after = kept();
    assert_eq!(after["draft"], before["draft"], "it is behind now");
    assert_eq!(newest(&after), content("Theirs {text}"), "nothing of the draft is in it");

    let saved = desk.get(&["version", "create", "Topics", "--message", "Mine"]);
    assert_eq!(saved["number"], 3);
    let after = kept();
    assert_eq!((newest(&after), &after["draft"]["based_on"]), (content("Mine {text}"), &json!(3)));
}

#[test]
fn a_name_of_several_prompts_is_told_apart_by_its_space() {
    let desk = Desk::new();
    desk.import("Feedback", &TASKS);
    desk.get(&["space", "create", "--name", "Team"]);
    let aim = ["prompt", "create", "--name", "Topics", "--project", "Feedback", "--connection", "practice"];
    let here = desk.get(&[&aim[..], &["--user", "Here {text}"]].concat());
    let there = desk.get(&[&aim[..], &["--user", "There {text}", "--space", "Team"]].concat());
    let (_, message) = desk.refused(&["version", "list", "Topics"]);
    for (prompt, space) in [(&here, "Default"), (&there, "Team")] {
        let id = prompt["prompt_id"].as_str().expect("an id");
        assert!(message.contains(&format!("{id} in the space “{space}”")), "{message}");
        let labelled = desk.get(&["version", "label", "Topics", "1", "production", "--space", space]);
        assert_eq!(labelled["prompt_id"], prompt["prompt_id"]);
        assert_eq!(list(&desk.get(&["version", "list", "Topics", "--space", space]), "versions").len(), 1);
    }
    let more = desk.get(&["version", "create", "Topics", "--space", "Team", "--user", "More {text}"]);
    assert_eq!((&more["prompt_id"], &more["number"]), (&there["prompt_id"], &json!(2)));
    let out = desk.folder().join("topics.json");
    let path = out.to_str().expect("text");
    for arguments in [&["prompt", "export", "Topics", "--space", "Team"][..], &["prompt", "export", "--space", "Team"]]
    {
        assert_eq!(desk.get(&[arguments, &["--out", path]].concat())["prompts"], json!(1));
        let text = std::fs::read_to_string(&out).expect("it was written");
        assert!(text.contains("There {text}") && !text.contains("Here {text}"), "{text}");
    }
    let (_, message) = desk.refused(&["version", "list", "Other", "--space", "Team"]);
    assert_eq!(message, "there is no prompt “Other” in the space “Team”");
}

/// A field is named in the help of the command, and so in `touchstone help`.
#[test]
fn the_help_names_every_field() {
    let desk = Desk::new();
    let run = desk.get(&["demo"]);
    let prompt = list(&desk.get(&["prompt", "list"]), "prompts")[0]["name"].as_str().expect("a name").to_owned();
    let help = said(&desk.command(&["help"]).output().expect("the program starts"));
    let version = desk.get(&["version", "create", &prompt, "--user", "{text}"]);
    let test = desk.get(&["connection", "test", "practice"]);
    let named = |command: &str, object: &Value| {
        let (_, after) = help.split_once(&format!("\n  {command}\n")).unwrap_or_else(|| panic!("{command}: {help}"));
        let fields = after.split("\n\n").next().unwrap_or_default();
        for field in object.as_object().unwrap_or_else(|| panic!("{command}: {object}")).keys() {
            let mut words = fields.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            assert!(words.any(|word| word == field), "{field} of {command} in: {fields}");
        }
    };
    let first = |arguments: &[&str], name: &str| list(&desk.get(arguments), name)[0].clone();
    named("run start", &run);
    named("run estimate", &desk.get(&["run", "estimate", "--prompt", &prompt, "--subset", "all"]));
    named("version create", &version);
    named("version label", &desk.get(&["version", "label", &prompt, "1", "production"]));
    named("connection test", &test);
    named("project list", &first(&["project", "list"], "projects"));
    named("connection list", &first(&["connection", "list"], "connections"));
    named("prompt list", &first(&["prompt", "list"], "prompts"));
    let copy = desk.folder().join("copy").to_str().expect("text").to_owned();
    let salvaged = desk.folder().join("salvaged").to_str().expect("text").to_owned();
    named("workspace backup", &desk.get(&["workspace", "backup", &copy]));
    named("workspace restore", &desk.get(&["workspace", "restore", &copy]));
    let checked = desk.get(&["workspace", "check"]);
    named("workspace check", &checked);
    named("workspace check", &checked["backups"][0]);
    let salvage = desk.get(&["workspace", "salvage", "--out", &salvaged]);
    named("workspace salvage", &salvage);
    named("workspace salvage", &salvage["tables"][0]);
    let config = desk.write("config.xml", CONFIG);
    named("config check", &desk.get(&["config", "check", &config]));
    named("config template", &first(&["config", "template"], "templates"));
    named("version list", &first(&["version", "list", &prompt], "versions"));
    named("project import", &desk.import("Feedback", &TASKS));
    named("config impact", &desk.get(&["config", "impact", "Feedback", &config]));
    named("config save", &desk.get(&["config", "save", "Feedback", &config]));
    let endpoint = "http://127.0.0.1:9/v1";
    let add = ["connection", "add", "--provider", "custom", "--name", "m", "--endpoint", endpoint, "--no-key"];
    named("connection add", &desk.get(&add));
    desk.get(&["version", "create", &prompt, "--connection", "m", "--user", "{text}!"]);
    named("prompt snippet", &desk.get(&["prompt", "snippet", &prompt]));
    named("connection remove", &desk.get(&["connection", "remove", "m"]));
    let aim = ["--name", "P", "--project", "Feedback", "--connection", "practice", "--user", "{text}"];
    named("prompt create", &desk.get(&[&["prompt", "create"], &aim[..]].concat()));
}

/// How a command is called, which is not broken.
fn is_call(line: &str) -> bool {
    line.starts_with("Usage: ")
}

/// Paragraphs are broken by the width of the terminal, and by nothing else.
#[test]
fn the_help_fits_the_terminal() {
    let desk = Desk::new();
    let help = |arguments: &[&str], width: usize| {
        said(&desk.command(arguments).env("COLUMNS", width.to_string()).output().expect("the program starts"))
    };
    for width in [60, 80, 100] {
        for arguments in [&["help"][..], &["run", "start", "--help"], &["labelstudio", "push", "-h"]] {
            let help = help(arguments, width);
            let long: Vec<_> = help.lines().filter(|line| line.chars().count() > width && !is_call(line)).collect();
            assert!(long.is_empty(), "{arguments:?} at {width}: {long:?}");
        }
        let start = help(&["run", "start", "--help"], width);
        let (about, rest) = start.split_once("Usage: ").expect("how it is called");
        let (_, fields) = rest.split_once("Fields of its JSON:\n").expect("the fields come last");
        for paragraph in about.split("\n\n").chain([fields.trim_end()]) {
            let lines: Vec<_> = paragraph.lines().collect();
            for pair in lines.windows(2) {
                let word = pair[1].split_whitespace().next().unwrap_or_default();
                let whole = pair[0].chars().count() + 1 + word.chars().count();
                assert!(whole > width, "at {width} there is room for {word:?} after {:?}", pair[0]);
            }
        }
    }
}

#[test]
fn what_is_missing_is_said_in_words_of_the_command_line() {
    let desk = Desk::new();
    let shown = |arguments: &[&str]| said(&desk.command(arguments).output().expect("the program starts"));
    let message = |arguments: &[&str]| desk.refused(arguments).1;
    assert_eq!(shown(&["run", "list"]), "no runs yet\n");
    assert_eq!(shown(&["project", "list"]), "no projects yet\n");
    assert_eq!(shown(&["prompt", "list"]), "no prompts yet\n");
    assert_eq!(shown(&["labelstudio", "servers"]), "no servers yet\n");
    assert_eq!(message(&["settings", "--concurrency", "900"]), "--concurrency: choose a number from 1 to 512");
    assert!(shown(&["settings", "--budget-usd", "2.5"]).contains("\n--budget-usd           2.5\n"));
    assert_eq!(
        message(&["connection", "add", "--provider", "openai"]),
        "enter the API key, by --key-env VAR or --key-stdin; --no-key stores none"
    );
    assert_eq!(
        message(&["connection", "add", "--provider", "vertex"]),
        "enter the credentials file, by --credentials FILE, --key-env VAR or --key-stdin; --no-key stores none"
    );
    assert!(message(&["settings", "--budget-usd", "2000000"]).starts_with("--budget-usd: "));
    let hidden = shown(&[]);
    assert!(hidden.contains("bench, demo, help]") && !hidden.contains("vectors"), "{hidden}");
    let inner = shown(&["run", "--json"]);
    assert!(inner.contains("start") && !inner.contains("connection"), "those of the command itself: {inner}");
    let similar = shown(&["label"]);
    assert!(similar.contains("labelstudio") && !similar.contains("vectors"), "{similar}");
}
