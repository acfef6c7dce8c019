//! What somebody who is to help is told of this computer, and what is known of the workspace file.

use crate::support::{Desk, Reply, Server, bugs, custom};
use touchstone_engine::diagnostics::{Program, diagnostics};
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::logs::{LogFile, keep_crash};
use touchstone_engine::workspace;

const KEY: &str = "planted-0123456789abcdef";

#[tokio::test]
async fn diagnostics_say_how_much_there_is_and_not_what() {
    let server = Server::start(|_| Reply::class("Bug"));
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    desk.run(&prompt, Subset::All).await;
    let mut connection = custom("Confidential server", server.endpoint());
    connection.entered.api_key = Some(Secret::new(KEY.to_owned()));
    connection.entered.until_quit = true;
    desk.engine.add_connection(connection).await.expect("added");
    let logs = desk.folder.path().join("logs");
    let log = LogFile::open(&logs).expect("a log");
    log.add(&format!("ERROR the server said: api_key={KEY}\nsomething else\n")).expect("written");
    keep_crash(&logs, &format!("it crashed with Bearer {KEY}")).expect("kept");

    let program = Program { name: "Touchstone", version: "1.2.3", logs: &logs };
    let text = diagnostics(&program, Ok(&desk.engine)).await;
    for part in [
        "Touchstone 1.2.3\n",
        "\ntask: 3\n",
        "\nprediction: 3\n",
        "\nanswer: 3\n",
        "\nconnections by custom: ",
        "concurrency",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(text.contains("it crashed with Bearer <redacted>") && text.ends_with("something else\n"), "{text}");
    let project = desk.engine.projects().await.expect("projects").remove(0);
    for part in [KEY, "Confidential", &project.name, "Topic", server.endpoint().as_str()] {
        assert!(!text.contains(part), "{part} in {text}");
    }
    let text = diagnostics(&program, Err("the workspace is damaged")).await;
    assert!(text.contains("workspace: could not be opened: the workspace is damaged"), "{text}");
}

#[tokio::test]
async fn a_workspace_that_was_not_closed_is_looked_at_in_the_background() {
    let desk = Desk::new();
    desk.import("Feedback", &bugs(400)).await;
    let path = desk.workspace();
    desk.engine.settle().await.expect("settled");
    let recorder = std::sync::Arc::clone(&desk.recorder);
    let copy = desk.folder.path().join("copy.touchstone");
    // A log that was not written into the file: the program was ended in the middle.
    desk.import("More", &bugs(3)).await;
    for ending in ["", "-wal"] {
        let beside = |path: &std::path::Path| std::path::PathBuf::from(format!("{}{ending}", path.display()));
        std::fs::copy(beside(&path), beside(&copy)).expect("copied");
    }
    let mut bytes = std::fs::read(&copy).expect("the file");
    // A page of task texts, which nothing reads at the start.
    let at = bytes.windows(17).rposition(|text| text == b"crash number 200.").expect("a task's text");
    bytes[at / 4096 * 4096..][..4096].fill(0xff);
    std::fs::write(&copy, bytes).expect("damaged");
    let engine = crate::support::open(&copy, &recorder);
    assert_eq!(engine.found_damage(), None, "nothing is looked at before the window shows");
    tokio::spawn(engine.clone().watch());
    let found = async {
        while engine.found_damage().is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), found).await.expect("it is found");
    let damage = engine.found_damage().expect("found");
    assert!(!damage.is_whole && !damage.problems.is_empty(), "{damage:?}");
    assert!(recorder.reports().iter().any(|report| report.to_string().contains(r#""kind":"workspace""#)), "and told");
    assert!(workspace::check(&path).await.expect("checked").is_whole, "the other one is whole");
}
