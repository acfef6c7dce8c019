//! Where there is no network: in a namespace of the kernel's that has nothing but a loopback, and that counts what was tried.

use crate::support::{Desk, said};
use crate::{CONFIG, TASKS};
use serde_json::json;
use std::collections::HashMap;
use std::process::{Command, Output};

/// Runs the program with each list of arguments, one after the other, in a namespace of their own. Gives back what it said, and
/// what the kernel counted there; `None`, and says why, where the kernel makes no such namespace.
#[expect(clippy::print_stderr, reason = "a test that is skipped says why")]
fn without_network(desk: &Desk, commands: &[&[&str]]) -> Option<(Output, HashMap<String, u64>)> {
    let possible = Command::new("unshare").args(["--map-root-user", "--net", "true"]).output();
    let why = match possible {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(said(&output)),
        Err(error) => Some(error.to_string()),
    };
    if let Some(why) = why {
        // The harness shows it with --nocapture; a test has no other word for it.
        eprintln!("skipped, for no network namespace can be made here: {}", why.trim());
        return None;
    }
    let mut script = "failed=0\n".to_owned();
    for arguments in commands {
        let words: Vec<_> = arguments.iter().map(|word| format!("'{}'", word.replace('\'', r"'\''"))).collect();
        script.push_str(&format!("\"$@\" {} || failed=1\n", words.join(" ")));
    }
    script.push_str("echo COUNTED\ncat /proc/net/snmp /proc/net/snmp6\nexit $failed\n");
    // The program with what each call begins with, as the other tests start it.
    let program = desk.command(&[]);
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "sh", "-c", &script, "sh"]).arg(program.get_program());
    command.args(program.get_args());
    for (name, value) in program.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let output = command.output().expect("it starts");
    let text = said(&output);
    let counted = text.split_once("COUNTED").map_or("", |(_, counted)| counted);
    Some((output, counters(counted)))
}

/// Of IPv4 and its protocols, a line of names before a line of numbers; of IPv6, a line each.
fn counters(text: &str) -> HashMap<String, u64> {
    let lines: Vec<_> = text.lines().collect();
    let mut counters = HashMap::new();
    for pair in lines.windows(2) {
        let (Some((protocol, names)), Some((of, numbers))) = (pair[0].split_once(':'), pair[1].split_once(':')) else {
            continue;
        };
        if protocol == of {
            for (name, number) in names.split_whitespace().zip(numbers.split_whitespace()) {
                counters.extend(number.parse().map(|number| (format!("{protocol}{name}"), number)));
            }
        }
    }
    for line in &lines {
        if let [name, number] = line.split_whitespace().collect::<Vec<_>>()[..]
            && let Ok(number) = number.parse()
        {
            counters.insert(name.to_owned(), number);
        }
    }
    counters
}

/// Connections and datagrams that were begun, also those that found no way out.
fn tried(counters: &HashMap<String, u64>) -> u64 {
    ["TcpActiveOpens", "UdpOutDatagrams", "Udp6OutDatagrams", "IpOutNoRoutes", "Ip6OutNoRoutes"]
        .iter()
        .map(|name| counters.get(*name).unwrap_or_else(|| panic!("the kernel counts {name}")))
        .sum()
}

#[test]
fn import_run_report_and_export_try_no_connection() {
    let desk = Desk::new();
    let tasks: Vec<_> = TASKS.iter().map(|(text, _)| json!({"data": {"text": text}})).collect();
    let tasks = desk.write("tasks.json", &json!(tasks).to_string());
    let config = desk.write("config.xml", CONFIG);
    let out = |name: &str| desk.folder().join(name).to_str().expect("text").to_owned();
    let (predictions, project, report, backup) = (out("p.jsonl"), out("p.json"), out("r.html"), out("kept"));
    let aim = ["--project", "Feedback", "--connection", "practice", "--user", "{text}"];
    let done = without_network(
        &desk,
        &[
            &["demo"],
            &["project", "import", &tasks, "--config", &config, "--name", "Feedback"],
            &[&["prompt", "create", "--name", "Topics"], &aim[..]].concat(),
            &["connection", "test", "practice"],
            &["run", "estimate", "--prompt", "Topics", "--subset", "all"],
            &["run", "start", "--prompt", "Topics", "--subset", "all"],
            &["run", "list"],
            &["export", "project", "--project", "Feedback", "--format", "label-studio", "--out", &project],
            &["workspace", "backup", &backup],
            &["workspace", "check"],
            &["network", "--json"],
        ],
    );
    let Some((output, counters)) = done else { return };
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains(r#""contacts":[]"#), "{}", said(&output));
    assert_eq!(tried(&counters), 0, "{counters:?}");
    // A run's id is known only now.
    let runs = desk.get(&["run", "list", "--prompt", "Topics"]);
    let run = runs["runs"][0]["run_id"].as_str().unwrap_or_else(|| panic!("a run: {runs}")).to_owned();
    let export = ["export", "predictions", "--run", &run, "--format", "jsonl", "--out", &predictions];
    let reported = ["report", &run, "--out", &report];
    let Some((output, counters)) = without_network(&desk, &[&export, &reported]) else { return };
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(tried(&counters), 0, "{counters:?}");
}

/// What the test above counts is counted.
#[test]
fn what_is_tried_where_there_is_no_network_is_seen() {
    let desk = Desk::new();
    let endpoint = "http://192.0.2.1/v1";
    desk.get(&["connection", "add", "--provider", "custom", "--name", "m", "--endpoint", endpoint, "--no-key"]);
    let Some((output, counters)) = without_network(&desk, &[&["connection", "test", "m"], &["network", "--json"]])
    else {
        return;
    };
    assert!(!output.status.success(), "there is no way to it: {}", said(&output));
    assert!(said(&output).contains("192.0.2.1"), "the attempt is listed: {}", said(&output));
    assert!(tried(&counters) > 0, "{counters:?}");
}
