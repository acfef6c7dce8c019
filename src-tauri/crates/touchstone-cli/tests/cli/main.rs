//! The built program, end to end: what a script sees of it. No keychain, no network but loopback, no home folder.

#[cfg(target_os = "linux")]
mod awake;
mod support;

use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::{CONFIG, Desk, KEY, Server, answer, last_line, said};

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

/// The JSON of each line that the program says, and whether it ends well.
fn lines(desk: &Desk, arguments: &[&str]) -> (bool, Vec<Value>) {
    let output = desk.command(&[arguments, &["--json"]].concat()).output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

#[test]
fn versions_models_and_repetitions_are_a_run_each() {
    let (desk, server) = (Desk::new(), Server::model());
    desk.prompt_on(&server, &TASKS);
    let endpoint = server.endpoint.as_str();
    desk.get(&["connection", "add", "--provider", "custom", "--name", "n/2", "--endpoint", endpoint, "--no-key"]);
    desk.get(&["version", "create", "Topics", "--user", "Which topic? {text}"]);
    let all = ["--prompt", "Topics", "--subset", "all"];
    let wanted = ["--version", "1", "--version", "2", "--model", "m", "--model", "n/2/n/2", "--repetitions", "2"];
    let estimate = desk.get(&[&["run", "estimate"], &all[..], &wanted].concat());
    assert_eq!((&estimate["tasks"], &estimate["requests"]), (&json!(32), &json!(32)));
    server.received();

    let start = [&["run", "start"], &all[..], &wanted].concat();
    let (ok, runs) = lines(&desk, &start);
    let told: Vec<_> = runs
        .iter()
        .map(|run| {
            let repetition = run["repetition"]["number"].as_u64().unwrap_or_default();
            let version = run["version_number"].as_u64().unwrap_or_default();
            (version, run["model"].as_str().unwrap_or_default(), repetition, run["is_other_model"] == true)
        })
        .collect();
    let of = |version, [own, other]: [&'static str; 2]| {
        [(version, own, 1, false), (version, own, 2, false), (version, other, 1, true), (version, other, 2, true)]
    };
    assert_eq!((ok, told), (true, [of(1, ["m", "n/2"]), of(2, ["m", "n/2"])].concat()), "{runs:?}");
    assert!(runs.iter().all(|run| run["requests"] == 4 && run["status"] == "completed"), "{runs:?}");
    assert_eq!(server.received().len(), 32);

    let (ok, runs) = lines(&desk, &start);
    assert!(ok && runs.len() == 8 && runs.iter().all(|run| run["cached"] == 4), "{runs:?}");
    assert_eq!(server.received().len(), 0, "nothing is paid twice");
    let listed = desk.command(&["run", "list", "--prompt", "Topics"]).output().expect("it starts");
    assert!(said(&listed).contains("n/2, repetition 2 of 2"), "{}", said(&listed));
    let path = desk.folder().join("out.json");
    let run = runs[7]["run_id"].as_str().expect("an id");
    let out = ["--format", "label-studio", "--out", path.to_str().expect("text")];
    desk.get(&[&["export", "predictions", "--run", run], &out[..]].concat());
    let tasks: Value = serde_json::from_slice(&std::fs::read(&path).expect("it was written")).expect("JSON");
    assert_eq!(tasks[0]["predictions"][0]["model_version"], "Topics v2, n/2, repetition 2 of 2");

    for (wanted, words) in [
        (["--model", "m", "--model", "unknown"], "“m” offers no model “unknown”"),
        (["--version", "2", "--version", "9"], "9"),
        (["--version", "2", "--version", "v2"], "version 2 with m was chosen twice"),
        (["--model", "n/2/n/2", "--repetitions", "11"], "11"),
    ] {
        let (_, message) = desk.refused(&[&["run", "start"], &all[..], &wanted].concat());
        assert!(message.contains(words), "{message}");
    }
    let two = ["--model", "m", "--model", "n/2/n/2", "--key-env", "KEY"];
    let (_, message) = desk.refused(&[&["run", "start"], &all[..], &two].concat());
    assert!(message.contains("--key-env is for one connection"), "{message}");
    assert_eq!(list(&desk.get(&["run", "list"]), "runs").len(), 16, "what is refused starts nothing");
}

#[test]
fn several_runs_end_well_only_if_each_does() {
    let server = Server::start(|request| match request.body["model"].as_str() {
        Some("n") => (401, json!({ "error": { "message": "no such key" } })),
        _ => answer("Bug"),
    });
    let desk = Desk::new();
    desk.prompt_on(&server, &TASKS);
    let endpoint = server.endpoint.as_str();
    desk.get(&["connection", "add", "--provider", "custom", "--name", "n", "--endpoint", endpoint, "--no-key"]);
    let models = ["--model", "n/n", "--model", "m"];
    let (ok, runs) = lines(&desk, &[&["run", "start", "--prompt", "Topics", "--subset", "all"], &models[..]].concat());
    let statuses: Vec<_> = runs.iter().map(|run| (run["model"].as_str(), run["status"].as_str())).collect();
    assert_eq!((ok, statuses), (false, vec![(Some("n"), Some("paused")), (Some("m"), Some("completed"))]));
}

#[test]
fn a_run_on_a_server_takes_the_key_from_the_environment_and_leaves_it_nowhere() {
    let (desk, server) = (Desk::new(), Server::model());
    desk.prompt_on(&server, &TASKS);
    let tested = desk.get(&["connection", "list"]);
    assert!(list(&tested, "connections").iter().any(|connection| connection["name"] == "m"));
    let start = ["run", "start", "--prompt", "Topics", "--subset", "all", "--key-env", "KEY"];
    let run = desk.get(&start);
    assert_eq!(
        ["total", "done", "correct", "failed", "requests"].map(|name| run[name].as_u64()),
        [4, 4, 3, 0, 4].map(Some)
    );
    assert_eq!((run["accuracy"].as_f64(), run["prompt_tokens"].as_u64()), (Some(0.75), Some(40)));
    let received = server.received();
    assert_eq!(received.len(), 4);
    for request in received {
        assert_eq!(request.authorization, Some(format!("Bearer {KEY}")));
        assert_eq!(request.body["response_format"]["type"], "json_object");
    }
    let again = desk.get(&start);
    assert_eq!((again["cached"].as_u64(), again["accuracy"].as_f64()), (Some(4), Some(0.75)));
    assert!(server.received().is_empty(), "what is owned is not asked for again");
    desk.assert_holds_no_key();
}

#[test]
fn a_refused_key_ends_the_run_and_is_not_repeated() {
    let desk = Desk::new();
    let server = Server::start(|request| {
        let sent = request.authorization.as_deref().unwrap_or("nothing");
        (401, json!({"error": {"message": format!("Incorrect API key provided: {sent}."), "code": "invalid_api_key"}}))
    });
    desk.prompt_on(&server, &TASKS);
    let (ok, run) = desk.ask(&["run", "start", "--prompt", "Topics", "--subset", "all", "--key-env", "KEY"]);
    assert!(!ok && run["status"] == "paused", "one task is enough to know: {run}");
    assert_eq!(run["done"], 0, "nothing counts as failed that can be asked again: {run}");
    let reason = run["reason"].as_str().expect("a reason");
    assert!(reason.contains("rejected the key"), "{reason}");
    let (ok, test) = desk.ask(&["connection", "test", "m", "--key-env", "KEY"]);
    assert!(!ok && test["ok"] == false, "{test}");
    desk.assert_holds_no_key();
}

#[test]
fn a_connection_is_tested_in_words() {
    let desk = Desk::new();
    let server = Server::start(|request| {
        if request.authorization != Some(format!("Bearer {KEY}")) {
            return (401, json!({"error": {"message": "no such key"}}));
        }
        let message = json!({"role": "assistant", "content": "{\"ready\": \"yes\"}"});
        (200, json!({"choices": [{"message": message, "finish_reason": "stop"}]}))
    });
    let add = ["connection", "add", "--provider", "custom", "--no-key"];
    desk.get(&[&add[..], &["--name", "up", "--endpoint", &server.endpoint]].concat());
    let (ok, test) = desk.ask(&["connection", "test", "up"]);
    assert!(!ok && test["message"].as_str().is_some_and(|text| text.contains("wants a key")), "{test}");
    assert_eq!(desk.get(&["connection", "test", "up", "--key-env", "KEY"])["ok"], true);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound");
    desk.get(&[&add[..], &["--name", "down", "--endpoint", &format!("http://{closed}/v1")]].concat());
    let (ok, test) = desk.ask(&["connection", "test", "down"]);
    assert!(!ok);
    assert_eq!(test["message"], format!("Nothing is listening on {closed}. Is the server running?"));
    desk.get(&["connection", "remove", "down"]);
    assert_eq!(desk.refused(&["connection", "test", "down"]).0, "not_found");
}

/// A server that lists two models, takes every test for what it is, and labels like [`Server::model`].
fn vendor() -> Server {
    Server::start(|request| {
        if request.authorization != Some(format!("Bearer {KEY}")) {
            return (401, json!({"error": {"message": "no such key"}}));
        }
        if request.body.is_null() {
            return (200, json!({"data": [{"id": "gpt-6-luna"}, {"id": "tts-1"}]}));
        }
        let asked = request.body.to_string();
        let content = if asked.contains("zebra") {
            json!({"label": "b"})
        } else if asked.contains("ready") {
            json!({"ready": "yes"})
        } else {
            json!({"topic": if asked.contains("crash") { "Bug" } else { "Praise" }})
        };
        let message = json!({"role": "assistant", "content": content.to_string()});
        let usage = json!({
            "prompt_tokens": 1_000,
            "completion_tokens": 200,
            "prompt_tokens_details": {"cached_tokens": 500},
            "completion_tokens_details": {"reasoning_tokens": 80}
        });
        (200, json!({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}))
    })
}

#[test]
fn a_vendor_is_added_tested_and_run_and_the_cost_is_told() {
    let (desk, server) = (Desk::new(), vendor());
    let add = ["connection", "add", "--provider", "openai", "--base-url", &server.endpoint, "--no-key"];
    let added = desk.get(&add);
    assert_eq!(
        [&added["name"], &added["provider"], &added["has_api_key"], &added["warnings"]],
        [&json!("OpenAI"), &json!("open_ai"), &json!(false), &json!([])]
    );
    let (_, message) = desk.refused(&add);
    assert!(message.contains("already") && message.contains("replace its API key"), "{message}");

    let (_, message) = desk.refused(&["connection", "test", "OpenAI"]);
    assert!(message.contains("API key") && message.contains("touchstone connection edit"), "{message}");
    let test = desk.get(&["connection", "test", "OpenAI", "--model", "gpt-5.4", "--key-env", "KEY"]);
    assert_eq!((&test["model"], &test["structure"]), (&json!("gpt-5.4"), &json!("json_schema")));

    let models = |arguments: &[&str]| {
        let listed = desk.get(&[&["connection", "models", "OpenAI"], arguments].concat());
        list(&listed, "models").iter().map(|model| model["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert!(models(&[]).len() > 3, "those of the catalogue");
    assert_eq!(models(&["--refresh", "--key-env", "KEY"]), ["gpt-6-luna"]);
    assert_eq!(models(&["--add", "gpt-9"]), ["gpt-6-luna", "gpt-9"]);
    assert_eq!(models(&["--remove", "gpt-9"]), ["gpt-6-luna"]);
    let price = &desk.get(&["connection", "models", "OpenAI"])["models"][0]["price"];
    assert_eq!((&price["input_micros"], &price["output_micros"]), (&json!(100_000), &json!(500_000)));
    assert_eq!((&price["cached_micros"], &price["batch_input_micros"]), (&json!(10_000), &json!(50_000)));

    desk.import("Feedback", &TASKS);
    let aim = ["prompt", "create", "--name", "Topics", "--project", "Feedback", "--connection", "OpenAI"];
    desk.get(&[&aim[..], &["--model", "gpt-6-luna", "--user", "Topic of: {text}"]].concat());
    let estimate = ["run", "estimate", "--prompt", "Topics", "--subset", "all"];
    let before = desk.get(&estimate);
    assert_eq!((&before["requests"], &before["owned"], &before["looked_at"]), (&json!(4), &json!(0), &json!(4)));
    assert_eq!((&before["cost"], &before["basis"]), (&json!("known"), &json!("rule_of_thumb")), "no key is needed");
    assert_eq!((&before["time_s_low"], &before["refused"]), (&Value::Null, &Value::Null), "{before}");
    let ends = |name: &str| ["low", "high"].map(|end| before[format!("{name}_{end}")].as_f64().expect("a number"));
    for name in ["input_tokens", "output_tokens", "cost_usd", "batch_usd"] {
        let [low, high] = ends(name);
        assert!(0.0 < low && low <= high, "{name}: {before}");
    }
    let run = desk.get(&["run", "start", "--prompt", "Topics", "--subset", "all", "--key-env", "KEY"]);
    assert_eq!((&run["status"], &run["correct"]), (&json!("completed"), &json!(3)), "{run}");
    let after = desk.get(&estimate);
    assert_eq!((&after["requests"], &after["owned"], &after["cost_usd_high"]), (&json!(0), &json!(4), &json!(0.0)));
    assert_eq!((&after["basis"], &after["basis_answers"]), (&json!("version"), &json!(4)), "{after}");
    let output = desk.command(&estimate).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.starts_with("4 tasks: 0 requests, 4 answers owned already\n"), "{said}");
    // Four times 500 × $0.10, 500 × $0.01 and 200 × $0.50 for a million.
    assert_eq!((&run["cost_micros"], &run["cost_usd"], &run["unpriced"]), (&json!(620), &json!(0.00062), &json!(0)));
    assert_eq!(
        (&run["tokens"], &run["cached_tokens"], &run["reasoning_tokens"]),
        (&json!(4800), &json!(2000), &json!(320))
    );
    let output = desk.command(&["run", "show", run["run_id"].as_str().expect("an id")]).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("\n4000 tokens in (2000 cached), 800 out (320 reasoning), $0.00062\n"), "{said}");

    let price = ["connection", "price", "OpenAI", "gpt-6-luna"];
    let priced = desk.get(&[&price[..], &["--input", "3", "--output", "0.000001"]].concat());
    let own = &priced["models"][0]["price"];
    assert_eq!((&own["input_micros"], &own["output_micros"]), (&json!(3_000_000), &json!(1)));
    assert_eq!((&own["is_own"], &priced["models"][0]["listed_price"]["input_micros"]), (&json!(true), &json!(100_000)));
    let output = desk.command(&["connection", "models", "OpenAI"]).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("$3 in, $0.000001 out, by batch $1.5 in, $0.000001 out (your price)"), "{said}");
    for words in [
        " tokens, ",
        " of output",
        "reads images, reads PDF, effort low|",
        ", also without reasoning (none)",
        "does not take temperature",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    for (wrong, words) in [("-1", "less than nothing"), ("1,5", "after a point"), ("20000", "more than $10000")] {
        let (code, message) = desk.refused(&[&price[..], &["--input", wrong, "--output", "1"]].concat());
        assert!(code == "invalid" && message.contains(words), "{message}");
    }
    assert_eq!(desk.get(&[&price[..], &["--reset"]].concat())["models"][0]["price"]["is_own"], false);

    let code = desk.get(&["prompt", "snippet", "Topics", "--version", "v1", "--task", "2", "--language", "python"]);
    assert_eq!((&code["position"], &code["environment"]), (&json!(1), &json!(["OPENAI_API_KEY"])));
    assert_eq!((list(&code, "snippets").len(), &code["snippets"][0]["language"]), (1, &json!("python")));
    let output = desk.command(&["prompt", "snippet", "Topics", "--language", "curl"]).output().expect("it starts");
    let (code, remark) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(code.contains(&format!("curl '{}/chat/completions' \\\n", server.endpoint)), "{code}");
    assert_eq!(remark, "The code reads OPENAI_API_KEY from the environment.\n");

    desk.get(&["connection", "models", "OpenAI", "--add", "gpt-4"]);
    desk.get(&["version", "create", "Topics", "--model", "gpt-4"]);
    let start = ["run", "start", "--prompt", "Topics", "--subset", "all", "--key-env", "KEY"];
    let output = desk.command(&start).output().expect("the program starts");
    let remark = String::from_utf8_lossy(&output.stderr);
    assert!(remark.starts_with("gpt-4 was retired on 2026-10-23; asking it all the same."), "{remark}");
    let run = last_line(&desk.command(&[&start[..], &["--json"]].concat()).output().expect("it starts"));
    let shown = desk.get(&["run", "show", run["run_id"].as_str().expect("an id")]);
    let (_, test) = desk.ask(&["connection", "test", "OpenAI", "--model", "gpt-4", "--key-env", "KEY"]);
    let models = desk.get(&["connection", "models", "OpenAI"]);
    let listed = list(&models, "models").iter().find(|model| model["id"] == "gpt-4").expect("it was added");
    for said in [&run, &shown, &test, listed] {
        assert_eq!((&said["retires"], &said["is_retired"]), (&json!("2026-10-23"), &json!(true)), "{said}");
    }
    desk.assert_holds_no_key();
}

#[test]
fn a_proxy_of_the_environment_is_named_where_it_fails() {
    let desk = Desk::new();
    let far = ["--name", "far", "--endpoint", "https://model.invalid/v1", "--no-key"];
    desk.get(&[&["connection", "add", "--provider", "custom"], &far[..]].concat());
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound");
    for (variable, scheme) in [("HTTPS_PROXY", "http"), ("ALL_PROXY", "socks5"), ("ALL_PROXY", "socks5h")] {
        let mut command = desk.command(&["connection", "test", "far"]);
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
            command.env_remove(name);
        }
        let output = command.env(variable, format!("{scheme}://me:secret@{nowhere}")).output().expect("it starts");
        let words = said(&output);
        let start = format!("The proxy {nowhere}, which the system's settings or HTTPS_PROXY");
        assert!(words.contains(&start) && words.contains("nothing is listening there"), "{scheme}: {words}");
        assert!(!words.contains("secret"), "{words}");
    }
}

#[test]
fn what_a_support_ticket_needs_is_shown_where_a_vendor_refuses() {
    let error =
        json!({"message": "Incorrect API key provided.", "type": "invalid_request_error", "code": "invalid_api_key"});
    let server = Server::start(move |_| (401, json!({"error": error, "request_id": "req_4711"})));
    let desk = Desk::new();
    desk.prompt_on(&server, &[("It crashes", "Bug")]);
    let (ok, test) = desk.ask(&["connection", "test", "m"]);
    let vendor = &test["vendor"];
    assert_eq!((ok, &vendor["code"], &vendor["request_id"]), (false, &json!("invalid_api_key"), &json!("req_4711")));
    let run = last_line(
        &desk
            .command(&["run", "start", "--prompt", "Topics", "--subset", "all", "--json"])
            .output()
            .expect("it starts"),
    );
    let reason = run["reason"].as_str().expect("why it paused");
    let text = said(&desk.command(&["connection", "test", "m"]).output().expect("it starts"));
    for words in [reason, &text] {
        assert!(words.contains("code: invalid_api_key, request id: req_4711)"), "{words}");
    }
}

#[test]
fn each_provider_is_added_in_its_own_words() {
    let desk = Desk::new();
    let account =
        desk.write("account.json", include_str!("../../../../../tests/fixtures/providers/service-account.json"));
    let azure =
        ["--endpoint", "https://labels.openai.azure.com", "--deployment", "mini", "--base-model", "gpt-5.4-mini"];
    let vertex = ["--credentials", &account, "--project-id", "labels-1", "--location", "eu"];
    let foundry = ["--endpoint", "https://labels.services.ai.azure.com", "--model", "grok-4.7"];
    for (provider, words, name) in [
        ("gemini", &[][..], "Gemini"),
        ("anthropic", &["--name", "Claude"], "Claude"),
        ("vertex", &vertex, "Vertex AI"),
        ("azure-openai", &azure, "mini"),
        ("azure-foundry", &foundry, "grok-4.7"),
    ] {
        let added = desk.get(&[&["connection", "add", "--provider", provider, "--no-key"], words].concat());
        assert_eq!(added["name"], name);
    }
    let listed = desk.get(&["connection", "list"]);
    let named = |name: &str| list(&listed, "connections").iter().find(|row| row["name"] == name).expect("it is listed");
    assert_eq!((&named("mini")["deployment"], &named("mini")["base_model"]), (&json!("mini"), &json!("gpt-5.4-mini")));
    assert_eq!((&named("Vertex AI")["location"], &named("Vertex AI")["has_api_key"]), (&json!("eu"), &json!(false)));
    assert_eq!(named("grok-4.7")["models"][0]["context_tokens"], 500_000);
    let add = ["connection", "add", "--no-key", "--provider"];
    for (wrong, field) in [
        (&["openai", "--deployment", "d"][..], "deployment"),
        (&["azure-openai", "--deployment", "d"], "endpoint"),
        (&["custom", "--endpoint", "http://127.0.0.1:9/v1"], "name"),
    ] {
        let (ok, said) = desk.ask(&[&add[..], wrong].concat());
        assert_eq!((ok, &said["error"]["field"]), (false, &json!(field)), "{said}");
    }
    let missing = desk.folder().join("nothing.json");
    let edit = ["connection", "edit", "Vertex AI", "--credentials", missing.to_str().expect("text")];
    let (ok, said) = desk.ask(&edit);
    assert_eq!((ok, &said["error"]["field"]), (false, &json!("credentials")), "{said}");
    assert!(desk.refused(&edit).1.contains("nothing.json"));
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_keychain_no_key_is_stored_and_the_way_out_is_said() {
    let desk = Desk::new();
    let add = ["connection", "add", "--provider", "custom", "--name", "m", "--endpoint", "http://127.0.0.1:9/v1"];
    for source in [["--key-env", "KEY"], ["--auth-token-env", "KEY"]] {
        let (code, message) = desk.refused(&[&add[..], &source].concat());
        assert_eq!(code, "keychain_unavailable");
        assert!(message.contains("nothing was stored") && message.contains("--no-key"), "{message}");
    }
    assert_eq!(list(&desk.get(&["connection", "list"]), "connections").len(), 1, "only the practice model is there");
    let added = desk.get(&[&add[..], &["--key-env", "KEY", "--no-key"]].concat());
    assert_eq!((&added["has_api_key"], &added["key_storage"]), (&json!(false), &json!("none")));
    desk.assert_holds_no_key();
}

#[test]
fn names_that_are_taken_or_unknown_are_said_and_nothing_is_made() {
    let desk = Desk::new();
    desk.import("Feedback", &TASKS);
    let tasks = desk.folder().join("tasks.json");
    let config = desk.folder().join("config.xml");
    let import = ["project", "import", tasks.to_str().expect("text"), "--config", config.to_str().expect("text")];
    assert_eq!(desk.refused(&[&import[..], &["--name", "Feedback"]].concat()).0, "name_taken");
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

#[cfg(unix)]
#[test]
fn an_interrupt_stops_the_run_and_keeps_its_results() {
    let desk = Desk::new();
    let server = Server::start(|request| {
        if !request.body["messages"].to_string().contains("love") {
            std::thread::sleep(Duration::from_secs(30));
        }
        answer("Praise")
    });
    desk.prompt_on(&server, &TASKS);
    let mut start = desk.command(&["run", "start", "--prompt", "Topics", "--subset", "all", "--json"]);
    let running = start.stdout(std::process::Stdio::piped()).spawn().expect("the program starts");
    let patience = std::time::Instant::now();
    let done = |runs: &Value| list(runs, "runs").first().and_then(|run| run["done"].as_u64()) == Some(1);
    while !done(&desk.get(&["run", "list"])) {
        assert!(patience.elapsed() < Duration::from_secs(60), "one task is answered at once");
        std::thread::sleep(Duration::from_millis(50));
    }
    let killed = std::process::Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(killed.expect("kill is there").success());
    let output = running.wait_with_output().expect("it ends");
    let run = last_line(&output);
    assert!(!output.status.success(), "not what was asked for: {run}");
    assert_eq!(["status", "done", "correct"].map(|name| &run[name]), [&json!("canceled"), &json!(1), &json!(1)]);
}

#[test]
fn another_terminal_limits_and_pauses_a_run_that_goes_on_later() {
    let desk = Desk::new();
    let server = Server::start(|_| {
        std::thread::sleep(Duration::from_millis(300));
        answer("Praise")
    });
    let texts: Vec<_> = (0..40).map(|number| format!("number {number}")).collect();
    let tasks: Vec<_> = texts.iter().map(|text| (text.as_str(), "Praise")).collect();
    desk.prompt_on(&server, &tasks);
    let start = ["run", "start", "--prompt", "Topics", "--subset", "all", "--concurrency", "1", "--json"];
    let running = desk.command(&start).stdout(std::process::Stdio::piped()).spawn().expect("the program starts");
    let patience = std::time::Instant::now();
    let at_work = loop {
        let runs = desk.get(&["run", "list"]);
        if let Some(run) = list(&runs, "runs").first().filter(|run| run["done"].as_u64() > Some(0)) {
            break run["run_id"].as_str().expect("an id").to_owned();
        }
        assert!(patience.elapsed() < Duration::from_secs(60), "it starts to work");
        std::thread::sleep(Duration::from_millis(50));
    };
    let said = desk.get(&["run", "concurrency", &at_work, "2"]);
    assert_eq!(said, json!({ "run_id": at_work, "concurrency": 2 }));
    let paused = desk.get(&["run", "pause", &at_work]);
    assert_eq!((&paused["status"], &paused["reason"], &paused["failed"]), (&json!("paused"), &json!(null), &json!(0)));
    let output = running.wait_with_output().expect("it ends");
    assert!(!output.status.success(), "not what was asked for");
    assert_eq!(last_line(&output)["status"], "paused");
    assert_eq!(desk.refused(&["run", "pause", &at_work]).0, "invalid");

    let shown = desk.get(&["run", "show", &at_work]);
    assert_eq!(shown["done"], shown["requests"], "every call came home");
    let run = desk.get(&["run", "resume", &at_work, "--concurrency", "32"]);
    assert_eq!(["done", "requests"].map(|name| &run[name]), [&json!(40), &json!(40)], "{run}");
    assert_eq!(desk.ask(&["run", "stop", &at_work]).1["status"], "completed", "there was nothing to stop");
}

#[test]
fn a_run_waits_for_another_terminals_and_several_go_on_one_after_the_other() {
    let desk = Desk::new();
    let is_slow = Arc::new(AtomicBool::new(true));
    let slow = Arc::clone(&is_slow);
    let server = Server::start(move |_| {
        while slow.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(10));
        }
        answer("Praise")
    });
    desk.prompt_on(&server, &TASKS);
    let starts = |arguments: &[&str]| {
        let start = ["run", "start", "--prompt", "Topics", "--subset"];
        let mut command = desk.command(&[&start[..], arguments, &["--json"]].concat());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("it starts")
    };
    let newest_first = || list(&desk.get(&["run", "list"]), "runs").clone();
    let patience = std::time::Instant::now();
    let until = |count: usize| loop {
        let runs = newest_first();
        if runs.len() == count && runs.last().is_some_and(|run| run["status"] == "in_progress") {
            break runs;
        }
        assert!(patience.elapsed() < Duration::from_secs(60), "they are made: {runs:?}");
        std::thread::sleep(Duration::from_millis(50));
    };
    let first = starts(&["all"]);
    until(1);
    let second = starts(&["ground-truth", "--repetitions", "3"]);
    let runs = until(4);
    let stands: Vec<_> = runs.iter().map(|run| (run["status"].clone(), run["queue_place"].clone())).collect();
    let queued = |place: u32| (json!("queued"), json!(place));
    assert_eq!(stands, [queued(3), queued(2), queued(1), (json!("in_progress"), json!(null))]);
    let id = |index: usize| runs[index]["run_id"].as_str().expect("an id");
    let shown = desk.command(&["run", "show", id(0)]).output().expect("it starts");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.starts_with("Queued: number 3 on “") && shown.contains("queued: 0 of 4 tasks"), "{shown}");

    assert_eq!(desk.get(&["run", "stop", id(0)])["status"], "canceled");
    assert_eq!(desk.get(&["run", "pause", id(1)])["status"], "paused");
    assert_eq!(desk.get(&["run", "stop", id(3)])["status"], "canceled");
    is_slow.store(false, Ordering::SeqCst);
    assert!(!first.wait_with_output().expect("it ends").status.success());
    let output = second.wait_with_output().expect("it ends");
    assert!(!output.status.success(), "one of them was stopped");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Queued: the next on “") && said.contains("`run resume "), "{said}");
    let statuses: Vec<_> = newest_first().iter().map(|run| run["status"].clone()).collect();
    assert_eq!(statuses, ["canceled", "paused", "completed", "canceled"]);

    let (ok, resumed) = lines(&desk, &["run", "resume", id(3), id(1), id(0)]);
    assert!(ok, "{resumed:?}");
    let done: Vec<_> = resumed.iter().map(|run| run["run_id"].as_str().unwrap_or_default()).collect();
    assert_eq!(done, [id(3), id(1), id(0)], "in the order in which they were named");
}

#[test]
fn a_run_covers_a_sample_a_file_or_what_is_left() {
    let desk = Desk::new();
    let server = Server::start(|_| answer("Praise"));
    desk.prompt_on(&server, &TASKS);
    let start = |subset: &str, more: &[&str]| {
        let run = desk.get(&[&["run", "start", "--prompt", "Topics", "--subset", subset][..], more].concat());
        (run["subset"].as_str().expect("a text").to_owned(), run["total"].clone(), run["run_id"].clone())
    };
    let (subset, total, _) = start("sample:2@7", &[]);
    assert_eq!((subset.as_str(), total), ("sample:2@7", json!(2)));
    let (_, total, left) = start("all", &["--only", "missing"]);
    assert_eq!(total, json!(TASKS.len() - 2));
    let shown = desk.get(&["run", "show", left.as_str().expect("an id")]);
    assert_eq!(
        (&shown["only"], &shown["tokens"]),
        (
            &json!("missing"),
            &json!(
                shown["prompt_tokens"].as_u64().expect("a number")
                    + shown["completion_tokens"].as_u64().expect("a number")
            )
        )
    );

    let out = desk.folder().join("predictions.jsonl");
    let path = out.to_str().expect("temporary paths are text");
    desk.get(&["export", "predictions", "--run", left.as_str().expect("an id"), "--format", "jsonl", "--out", path]);
    let ids: Vec<Value> = std::fs::read_to_string(&out)
        .expect("the export")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["task_id"].clone())
        .collect();
    let list = desk.write("tasks.json", &json!(ids).to_string());
    let (subset, total, _) = start(&format!("custom:{list}"), &[]);
    assert_eq!((subset.as_str(), total), ("custom", json!(ids.len())));

    let again = ["run", "start", "--prompt", "Topics", "--subset", "ground-truth:dev", "--only", "failed"];
    assert!(desk.refused(&again).1.contains("none of these tasks failed"));
    assert!(desk.refused(&["run", "start", "--prompt", "Topics", "--subset", "half"]).1.contains("sample:N@SEED"));
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

#[test]
fn offline_nothing_but_this_machine_is_asked_and_the_list_of_hosts_says_so() {
    let desk = Desk::new();
    let server = Server::model();
    let add = |name: &str, endpoint: &str| {
        desk.get(&["connection", "add", "--provider", "custom", "--name", name, "--endpoint", endpoint]);
    };
    add("near", &server.endpoint);
    add("far", "http://192.0.2.1/v1");
    let code = |arguments: &[&str]| desk.refused(arguments).0;
    assert_eq!(code(&["--offline", "connection", "test", "far"]), "offline");
    desk.get(&["settings", "--stay-offline", "true"]);
    assert_eq!(code(&["connection", "test", "far"]), "offline", "the setting is obeyed");
    let (_, tested) = desk.ask(&["connection", "test", "near"]);
    assert_eq!(tested["fault"], "answer", "it was asked, and answers another question: {tested}");
    let network = desk.get(&["network"]);
    assert_eq!(network["offline"], true);
    let hosts: Vec<_> = list(&network, "contacts").iter().map(|contact| &contact["host"]).collect();
    assert!(hosts.len() == 1 && server.endpoint.contains(hosts[0].as_str().expect("a host")), "{network}");
    assert!(list(&desk.get(&["network", "--clear"]), "contacts").is_empty());
}

#[test]
fn a_connection_is_changed_and_what_is_not_named_stays() {
    let desk = Desk::new();
    let server = Server::model();
    let add = ["connection", "add", "--provider", "custom", "--name", "m", "--endpoint", "http://127.0.0.1:9/v1"];
    desk.get(&[&add[..], &["--concurrency", "3"]].concat());
    let edit = ["connection", "edit", "m", "--endpoint", server.endpoint.as_str(), "--proxy", "http://127.0.0.1:9"];
    let edited = desk.get(&edit);
    assert_eq!((&edited["endpoint"], &edited["proxy"]), (&json!(server.endpoint), &json!("http://127.0.0.1:9")));
    assert_eq!(edited["concurrency"], 3, "it was not named");
    let edited = desk.get(&["connection", "edit", "m", "--proxy", "", "--concurrency", "0"]);
    assert_eq!((&edited["proxy"], &edited["concurrency"]), (&Value::Null, &Value::Null));
    let header = |header: &str| desk.refused(&["connection", "edit", "m", "--header-env", header]);
    assert_eq!(header("x-team=KEY").0, "keychain_unavailable", "a value is a secret");
    let (code, message) = header("Authorization=KEY");
    assert_eq!(code, "invalid");
    assert!(message.contains("key in its own field"), "{message}");
    let unknown = desk.refused(&["connection", "edit", "m", "--remove-header", "x-typo"]);
    assert_eq!(unknown, ("invalid".to_owned(), "the connection sends no header x-typo".to_owned()));
    let ca = desk.write("ca.pem", "no certificate");
    assert!(desk.refused(&["connection", "edit", "m", "--custom-ca", &ca]).1.contains("no certificate in it"));
    desk.assert_holds_no_key();
}

#[test]
fn what_is_not_found_on_this_computer_is_no_success() {
    let desk = Desk::new();
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port().to_string();
    let (code, message) = desk.refused(&["connection", "discover", "--port", &port, "--model", "m"]);
    assert!(code == "invalid" && message.contains("--test or --add"), "{message}");
    desk.get(&["connection", "discover", "--port", &port]);
    let (is_done, said) = desk.ask(&["connection", "discover", "--port", &port, "--add", "--model", "m"]);
    assert!(!is_done, "{said}");
    assert_eq!(said["problems"][0], "m: no server on this computer has it");
}
