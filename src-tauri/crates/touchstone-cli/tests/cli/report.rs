//! What leaves the program of a run: results as a table, and reports.

use crate::support::{Desk, Server, answer};
use serde_json::{Value, json};

/// A run of “Topics”: three right, one wrong.
fn run(desk: &Desk, server: &Server) -> String {
    desk.prompt_on(server, &[("a crash", "Bug"), ("a glitch", "Bug"), ("=well", "Praise"), ("crash", "Bug")]);
    let run = desk.get(&["run", "start", "--prompt", "Topics", "--subset", "all"]);
    run["run_id"].as_str().expect("an id").to_owned()
}

fn model() -> Server {
    Server::start(|request| {
        answer(if request.body["messages"].to_string().contains("crash") { "Bug" } else { "Praise" })
    })
}

fn path(desk: &Desk, name: &str) -> String {
    desk.folder().join(name).to_str().expect("temporary paths are text").to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).expect("the file")
}

#[test]
fn a_report_has_the_numbers_of_the_metrics() {
    let (desk, server) = (Desk::new(), model());
    let run = run(&desk, &server);
    let (page, text) = (path(&desk, "report.html"), path(&desk, "report.md"));
    let written = desk.get(&["report", &run[..13], "--out", &page]);
    assert_eq!(written, json!({ "out": page, "against": null }));
    desk.get(&["report", &run, "--out", &text, "--examples", "3"]);
    let (page, text) = (read(&page), read(&text));
    let metrics = desk.get(&["run", "metrics", &run]);
    let percent = |value: &Value| format!("{:.1}", value.as_f64().expect("a number") * 100.0);
    let mut numbers = vec![percent(&metrics["macro_f1"]), percent(&metrics["weighted_f1"])];
    for name in ["value", "low", "high"] {
        numbers.push(percent(&metrics["accuracy"][name]));
    }
    for class in metrics["per_class"].as_array().expect("classes") {
        for of in ["precision", "recall", "f1"] {
            let [value, low, high] =
                [of.to_owned(), format!("{of}_low"), format!("{of}_high")].map(|name| percent(&class[name]));
            numbers.push(format!("{value}\u{202f}% ({low}–{high})"));
        }
    }
    for number in numbers {
        assert!(page.contains(&number) && text.contains(&number), "{number} is missing in {text}");
    }
    assert!(text.contains("a glitch") && !page.contains("a glitch"), "tasks are shown on request");

    let (code, message) = desk.refused(&["report", &run, "--out", &path(&desk, "report.pdf")]);
    assert_eq!(code, "invalid");
    assert!(message.contains("end in .html or .md"), "{message}");
    let again = desk.get(&["run", "start", "--prompt", "Topics", "--subset", "all"]);
    let again = again["run_id"].as_str().expect("an id");
    let beside = desk.get(&["report", again, "--out", &path(&desk, "again.md"), "--against", &run]);
    assert_eq!(beside["against"], json!(run));
}

#[test]
fn results_are_exported_as_a_table_under_a_filter() {
    let (desk, server) = (Desk::new(), model());
    let run = run(&desk, &server);
    let out = path(&desk, "results.csv");
    let export = |more: &[&str]| {
        let arguments = ["export", "predictions", "--run", &run, "--format", "csv", "--out", &out];
        let written = desk.get(&[&arguments[..], more].concat());
        let text = read(&out);
        assert_eq!(text.lines().count(), 1 + usize::try_from(written["rows"].as_u64().expect("a count")).expect("few"));
        text
    };
    let all = export(&[]);
    assert!(all.starts_with("task_id,text,prediction_topic,ground_truth_topic,match_topic,outcome,"), "{all}");
    assert!(all.contains(",'=well,Praise,Praise,true,correct,1,"), "no formula: {all}");
    let wrong = export(&["--filter", "wrong"]);
    assert!(wrong.lines().count() == 2 && wrong.contains(",a glitch,Praise,Bug,false,wrong,0,"), "{wrong}");
    assert_eq!(export(&["--filter", "correct", "--search", "CRASH"]).lines().count(), 3);
}
