//! Which tasks a run covers: samples, picked ones, and those that earlier runs left open.

use crate::support::{Asked, Desk, Reply, Server, bugs, by_text, draft, new_run, task};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use touchstone_engine::ErrorCode;
use touchstone_engine::domain::run::{Only, RunStatus, Subset};
use touchstone_engine::domain::{PromptId, RunId, TaskId};
use touchstone_engine::results::{RowFilter, RowQuery, RowSort};
use touchstone_engine::runs::{NewRun, Picked, RunSummary};
use touchstone_engine::tasks::{TaskRange, TaskSelection};

fn over(prompt: &PromptId, subset: Subset, only: Option<Only>) -> NewRun {
    NewRun { only, ..new_run(prompt, subset) }
}

async fn run(desk: &Desk, new: NewRun) -> RunSummary {
    let size = desk.engine.run_size(new.clone()).await.expect("it is counted");
    let started = desk.engine.start_run(new).await.expect("the run starts");
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.status, run.total, run.done), (RunStatus::Completed, size, size), "as it was counted before");
    run
}

/// The positions and ids of the tasks that have a result in a run.
async fn covered(desk: &Desk, run: &RunId) -> Vec<(u32, TaskId)> {
    let query = RowQuery { filter: RowFilter::All, sort: RowSort::Position, search: String::new(), cell: None };
    let page = desk.result_rows(run.clone(), query, 0, 500).await;
    page.rows.iter().map(|row| (row.position, row.task_id)).collect()
}

async fn positions(desk: &Desk, run: &RunId) -> BTreeSet<u32> {
    covered(desk, run).await.into_iter().map(|(position, _)| position).collect()
}

#[tokio::test]
async fn a_random_sample_is_the_same_for_the_same_seed_and_part_of_a_larger_one() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(200)).await;
    let sample = async |tasks, seed| {
        let run = run(&desk, new_run(&prompt, Subset::Sample { tasks, seed })).await;
        positions(&desk, &run.id).await
    };
    assert_eq!(sample(3, None).await, BTreeSet::from([0, 1, 2]));
    let drawn = sample(30, Some(7)).await;
    assert!(drawn.len() == 30 && drawn.iter().any(|position| *position >= 100), "{drawn:?}");
    assert_eq!(sample(30, Some(7)).await, drawn);
    assert!(sample(10, Some(7)).await.is_subset(&drawn));
    assert_ne!(sample(30, Some(8)).await, drawn);
    assert_eq!(sample(1000, Some(7)).await.len(), 200, "no more than there are");
    let none = desk.engine.start_run(new_run(&prompt, Subset::Sample { tasks: 0, seed: None })).await;
    assert!(none.expect_err("none").to_string().contains("at least one"));
}

#[tokio::test]
async fn only_what_has_no_answer_and_only_what_failed_last_are_run() {
    let is_mended = Arc::new(AtomicBool::new(false));
    let mended = Arc::clone(&is_mended);
    let server = Server::start(move |asked: &Asked| {
        let fails = asked.text().contains("odd") && !mended.load(Ordering::SeqCst);
        if fails { Reply::status(400, "no") } else { by_text(asked) }
    });
    let desk = Desk::new();
    let tasks: Value = ["a crash", "odd crash", "a nice one", "odd and nice", "fine", "lovely"]
        .iter()
        .map(|text| task(text, Some("Bug")))
        .collect();
    let prompt = desk.prompt_on(&server, &tasks).await;
    let refused = async |new| desk.engine.start_run(new).await.expect_err("nothing to run").to_string();

    assert!(refused(over(&prompt, Subset::All, Some(Only::Failed))).await.contains("never run"));
    let versions = desk.engine.version_page(prompt.clone(), String::new(), 0, 9).await.expect("versions");
    assert!(versions.rows.is_empty(), "what may not run is not saved");

    let first = run(&desk, new_run(&prompt, Subset::Sample { tasks: 4, seed: None })).await;
    assert_eq!(first.failed, 2);
    let size = async |only| desk.engine.run_size(over(&prompt, Subset::All, Some(only))).await.expect("counted");
    assert_eq!((size(Only::Failed).await, size(Only::Missing).await), (2, 4));

    let failed = run(&desk, over(&prompt, Subset::All, Some(Only::Failed))).await;
    assert_eq!((failed.failed, failed.only), (2, Some(Only::Failed)));
    assert_eq!(positions(&desk, &failed.id).await, BTreeSet::from([1, 3]));
    is_mended.store(true, Ordering::SeqCst);
    let missing = run(&desk, over(&prompt, Subset::All, Some(Only::Missing))).await;
    assert_eq!(positions(&desk, &missing.id).await, BTreeSet::from([1, 3, 4, 5]), "failed ones have no answer either");
    assert_eq!((size(Only::Failed).await, size(Only::Missing).await), (0, 0));
    assert!(refused(over(&prompt, Subset::All, Some(Only::Missing))).await.contains("already"));
    assert!(refused(over(&prompt, Subset::All, Some(Only::Failed))).await.contains("none of these"));

    // Another version has its own answers.
    let connection = desk.engine.prompt(prompt.to_string()).await.expect("prompt").draft.content.connection_id;
    let content = draft("Which topic has {text}?", &connection.expect("it has one"));
    let before = desk.engine.prompt(prompt.to_string()).await.expect("prompt").draft.content;
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft");
    assert_eq!((size(Only::Failed).await, size(Only::Missing).await), (0, 6));

    // A draft that says again what an earlier version does has its answers, saved or not.
    desk.engine.save_version(prompt.clone(), None).await.expect("saved");
    desk.engine.save_draft(prompt.clone(), before).await.expect("draft");
    let all = desk.engine.estimate_run(new_run(&prompt, Subset::All)).await.expect("estimated");
    assert_eq!((all.owned, all.requests, size(Only::Missing).await), (6, 0, 0), "on the same basis");
    assert!(refused(over(&prompt, Subset::All, Some(Only::Missing))).await.contains("an earlier version says"));
    desk.engine.save_version(prompt.clone(), None).await.expect("saved");
    assert_eq!(size(Only::Missing).await, 0);
}

#[tokio::test]
async fn picked_tasks_and_the_results_in_sight_are_run_and_stay_picked() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(30)).await;
    let custom = |picked| NewRun { picked: Some(picked), ..new_run(&prompt, Subset::Custom) };
    let ranges = [(2, 4), (3, 5), (28, 99)].map(|(from, to)| TaskRange { from, to });
    let selection = TaskSelection { view_id: None, ranges: ranges.to_vec() };
    let first = run(&desk, custom(Picked::Tasks { selection })).await;
    assert_eq!((first.subset, first.requests), (Subset::Custom, 5));
    assert_eq!(positions(&desk, &first.id).await, BTreeSet::from([2, 3, 4, 28, 29]));

    let search = "number 3.".to_owned();
    let shown = Picked::Results { run_id: first.id.clone(), filter: RowFilter::Correct, search, cell: None };
    let again = run(&desk, custom(shown)).await;
    assert_eq!((again.total, again.cached), (1, 1));

    let nothing = Picked::Results { run_id: first.id, filter: RowFilter::Failed, search: String::new(), cell: None };
    let refused = desk.engine.start_run(custom(nothing)).await.expect_err("none failed");
    assert!(refused.to_string().contains("picked"), "{refused}");
    let refused = desk.engine.start_run(new_run(&prompt, Subset::Custom)).await.expect_err("none were picked");
    assert_eq!(refused.code(), ErrorCode::Invalid);
}

#[tokio::test]
async fn a_file_lists_tasks_by_their_ids_one_a_line_or_as_json() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(9)).await;
    let all = covered(&desk, &desk.run(&prompt, Subset::All).await.id).await;
    let id = |position: usize| all[position].1.0;
    for (name, content) in [
        ("lines.txt", format!("{}\r\n{}\n\n{}\n{}", id(4), id(1), id(8), id(1))),
        ("list.json", json!([id(1), id(8), id(4)]).to_string()),
    ] {
        let path = desk.write(name, &content);
        let new = new_run(&prompt, Subset::Custom);
        let started = desk.engine.start_runs(vec![new], Some(path.into())).await.expect("the run starts").remove(0);
        let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
        assert_eq!(positions(&desk, &run.id).await, BTreeSet::from([1, 4, 8]), "{name}");
    }
    let refused = async |content: &str| refused_list(&desk, &prompt, content).await;
    let words = refused(&format!("{}\nseven", id(0))).await;
    assert!(words.contains("line 2 of wrong.txt") && words.contains("seven"), "{words}");
    assert!(refused("999999").await.contains("“999999” is no task of “Feedback”"));
    assert!(refused("\n").await.contains("no task was picked"));
}

/// Why the tasks of a file cannot be run.
async fn refused_list(desk: &Desk, prompt: &PromptId, content: &str) -> String {
    let path = desk.write("wrong.txt", content);
    let new = new_run(prompt, Subset::Custom);
    desk.engine.start_runs(vec![new], Some(path.into())).await.expect_err("refused").to_string()
}

#[tokio::test]
async fn the_ids_of_a_file_are_those_that_tasks_came_with() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let ids = [Some(70), Some(3), Some(500), None, Some(70)];
    let tasks: Value = (1..)
        .zip(ids)
        .map(|(number, id)| {
            let mut task = task(&format!("crash number {number}"), Some("Bug"));
            if let Some(id) = id {
                task["id"] = json!(id);
            }
            task
        })
        .collect();
    let prompt = desk.prompt_on(&server, &tasks).await;
    let all = covered(&desk, &desk.run(&prompt, Subset::All).await.id).await;
    let own = |position: usize| all[position].1.0;
    let path = desk.write("ids.txt", &format!("500\n{}\n3", own(3)));
    let new = new_run(&prompt, Subset::Custom);
    let started = desk.engine.start_runs(vec![new], Some(path.into())).await.expect("the run starts").remove(0);
    let run = desk.engine.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!(positions(&desk, &run.id).await, BTreeSet::from([1, 2, 3]));

    let words = refused_list(&desk, &prompt, "500\n\n70").await;
    assert!(words.starts_with("line 3 of wrong.txt: “70” is the id of several tasks of “Feedback”"), "{words}");
    assert!(words.contains("number 1 and 5"), "{words}");
    let words = refused_list(&desk, &prompt, &format!("500\n{}", own(0))).await;
    assert!(words.contains("line 2 of wrong.txt") && words.contains("is no task"), "no export shows it: {words}");
}

#[tokio::test]
async fn a_paused_run_of_picked_tasks_goes_on_with_them() {
    let server = Server::start(|_: &Asked| Reply::Never);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(50)).await;
    let sample = Subset::Sample { tasks: 5, seed: Some(3) };
    let started = desk.engine.start_run(new_run(&prompt, sample)).await.expect("the run starts");
    let twice = desk.engine.start_run(new_run(&prompt, sample)).await.expect_err("it is at work");
    assert_eq!(twice.code(), ErrorCode::RunActive);
    desk.engine.pause_runs().await.expect("the program closes");

    let mended = Server::start(by_text);
    let edit = touchstone_engine::connections::ConnectionEdit {
        endpoint: Some(mended.endpoint()),
        ..touchstone_engine::connections::ConnectionEdit::default()
    };
    let connection = desk.engine.prompt(prompt.to_string()).await.expect("prompt").draft.content.connection_id;
    desk.engine.edit_connection(connection.expect("one"), edit).await.expect("edited");
    let other = desk.another_engine();
    other.resume_run(started.run_id.clone()).await.expect("it resumes");
    let run = other.wait_for_run(started.run_id).await.expect("it ends");
    assert_eq!((run.status, run.subset, run.done), (RunStatus::Completed, sample, 5));
    assert_eq!(mended.asked().len(), 5);
}
