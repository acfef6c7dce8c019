//! What a run's predictions say, as it goes on and as its ground truth changes.

use crate::support::{Asked, Desk, Gate, Reply, Server, bugs, by_text, new_run, region, task, until};
use serde_json::json;
use std::sync::Arc;
use touchstone_engine::annotations::AnnotationContent;
use touchstone_engine::configs::ClassRename;
use touchstone_engine::domain::metrics::ClassMetrics;
use touchstone_engine::domain::run::{RunStatus, Subset};
use touchstone_engine::domain::{ProjectId, RunId, TaskId};
use touchstone_engine::metrics::RunMetrics;
use touchstone_engine::tasks::{TaskRange, TaskSelection};
use touchstone_engine::{Engine, ErrorCode};

async fn metrics(engine: &Engine, run: &RunId) -> RunMetrics {
    engine.run_metrics(run.clone()).await.expect("metrics")
}

fn classes(metrics: &RunMetrics) -> &ClassMetrics {
    metrics.controls[0].classes.as_ref().expect("a choice has classes")
}

/// Labels, and counts by truth.
fn confusion(metrics: &RunMetrics) -> (Vec<&str>, Vec<Vec<u32>>) {
    let confusion = classes(metrics).confusion.as_ref().expect("one class of several");
    (confusion.labels.iter().map(String::as_str).collect(), confusion.counts.clone())
}

/// The metrics of a run that is over, which must be kept, and the same that are made of its predictions.
async fn check(desk: &Desk, run: &RunId) -> RunMetrics {
    let store = desk.store();
    let (row, kept) = store.run_with_tally(run).expect("the run");
    let counted = kept.expect("its tally is kept").tallied();
    let of_run = (i64::from(row.done), i64::from(row.scored), i64::from(row.correct));
    assert_eq!((counted.predictions, counted.scored, counted.correct), of_run, "the tally has missed nothing");
    let kept = metrics(&desk.engine, run).await;
    store.forget_tally(row.key).expect("forgotten");
    assert_eq!(metrics(&desk.engine, run).await, kept, "it counts what is predicted");
    kept
}

/// A run over: three right, one wrong, one without ground truth, one failed.
async fn finished(desk: &Desk) -> (Server, RunId, ProjectId, Vec<TaskId>) {
    let server = Server::start(
        |asked: &Asked| {
            if asked.text().contains("broken") { Reply::status(400, "no") } else { by_text(asked) }
        },
    );
    let tasks = json!([
        task("a crash", Some("Bug")),
        task("a crash too", Some("Praise")),
        task("nice", None),
        task("broken", Some("Bug")),
        task("well done", Some("Praise")),
        task("one more crash", Some("Bug")),
    ]);
    let prompt = desk.prompt_on(&server, &tasks).await;
    let run = desk.run(&prompt, Subset::All).await;
    let project = desk.engine.projects().await.expect("projects").remove(0).id;
    let rows = desk.engine.tasks(project.clone(), 0, 10).await.expect("tasks").rows;
    (server, run.id, project, rows.into_iter().map(|row| row.id).collect())
}

async fn annotate(desk: &Desk, task: TaskId, class: &str, ground_truth: bool) {
    let content = AnnotationContent { id: None, result: vec![region(class)], ground_truth };
    desk.engine.save_annotation(task, content).await.expect("saved");
}

#[tokio::test]
async fn a_run_says_how_good_its_predictions_are() {
    let desk = Desk::new();
    let (_server, run, _, _) = finished(&desk).await;
    let metrics = check(&desk, &run).await;
    assert_eq!((metrics.scored, metrics.failed, metrics.unscored), (4, 1, 1));
    let accuracy = metrics.accuracy.expect("some were scored");
    assert_eq!((accuracy.correct, accuracy.scored, accuracy.value), (3, 4, 0.75));
    assert_eq!(metrics.if_failed_wrong.map(|accuracy| (accuracy.correct, accuracy.scored)), Some((3, 5)));
    assert_eq!(metrics.mean_score.map(|mean| mean.value), Some(0.75));
    assert!(metrics.mean_score.is_some_and(|mean| mean.low < 0.75 && mean.high > 0.75));
    let control = &metrics.controls[0];
    assert_eq!((control.name.as_str(), control.tag.as_str(), control.compared), ("topic", "Choices", 4));
    assert_eq!(confusion(&metrics), (vec!["Bug", "Praise"], vec![vec![2, 0], vec![1, 1]]));
    let bug = &classes(&metrics).per_class[0];
    assert_eq!((bug.support, bug.predicted, bug.true_positives), (2, 3, 2));
    assert_eq!(classes(&metrics).kappa, Some(0.5));
    assert_eq!(metrics.calibration, None, "no model says how sure it is");
    // The failed one brought no answer.
    assert_eq!(metrics.latency.expect("answers took time").bins.iter().map(|bin| bin.count).sum::<u32>(), 5);
    assert_eq!((metrics.cost.total_usd, metrics.cost.per_task_usd), (Some(0.0), Some(0.0)));

    let gone = desk.engine.run_metrics(RunId("gone".to_owned())).await.expect_err("there is no such run");
    assert_eq!(gone.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn metrics_follow_every_change_of_ground_truth() {
    let desk = Desk::new();
    let (_server, run, project, tasks) = finished(&desk).await;
    // Gets one, is given another, both wrong and right.
    annotate(&desk, tasks[2], "Praise", true).await;
    assert_eq!(confusion(&check(&desk, &run).await).1, [[2, 0], [1, 2]]);
    annotate(&desk, tasks[0], "Praise", true).await;
    let metrics = check(&desk, &run).await;
    assert_eq!((confusion(&metrics).1, metrics.accuracy.map(|of| of.correct)), (vec![vec![1, 0], vec![2, 2]], Some(3)));
    // Of a failed task nothing is counted but that it failed.
    annotate(&desk, tasks[3], "Praise", true).await;
    assert_eq!(check(&desk, &run).await, metrics);

    let all = TaskSelection { view_id: None, ranges: vec![TaskRange { from: 0, to: 9 }] };
    desk.engine.set_ground_truth(project.clone(), all.clone(), false).await.expect("unmarked");
    let none = check(&desk, &run).await;
    assert_eq!((none.scored, none.unscored, none.mean_score, none.accuracy), (0, 5, None, None));
    assert_eq!((none.controls[0].compared, &none.controls[0].classes), (0, &None));
    desk.engine.set_ground_truth(project, all, true).await.expect("marked");
    assert_eq!(check(&desk, &run).await.scored, 5);
}

#[tokio::test]
async fn metrics_follow_renamed_classes() {
    let desk = Desk::new();
    let (_server, run, project, _) = finished(&desk).await;
    let before = check(&desk, &run).await;
    let xml = crate::support::CONFIG.replace("\"Bug\"", "\"Defect\"");
    let rename = ClassRename { control: "topic".to_owned(), from: "Bug".to_owned(), to: "Defect".to_owned() };
    desk.engine.save_config(project, xml, vec![rename]).await.expect("saved");
    let after = metrics(&desk.engine, &run).await;
    assert_eq!(confusion(&after), (vec!["Defect", "Praise"], confusion(&before).1));
    assert_eq!(check(&desk, &run).await, after);
}

#[tokio::test]
async fn a_run_of_an_older_workspace_is_counted_once_it_is_looked_at() {
    let desk = Desk::new();
    let (_server, run, _, _) = finished(&desk).await;
    let before = metrics(&desk.engine, &run).await;
    let store = desk.store();
    let key = store.run(&run).expect("the run").key;
    store.forget_tally(key).expect("forgotten");
    assert_eq!(metrics(&desk.another_engine(), &run).await, before);
    let (_, kept) = store.run_with_tally(&run).expect("the run");
    assert_eq!(kept.expect("it is kept").tallied().predictions, 6);
}

/// Answers all but the last of four tasks at once.
fn holding_the_last_back() -> (Server, Arc<Gate>) {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let script = move |asked: &Asked| match asked.text().contains("number 4") {
        true => Reply::After(Arc::clone(&held), Box::new(by_text(asked))),
        false => by_text(asked),
    };
    (Server::start(script), gate)
}

#[tokio::test]
async fn metrics_of_a_run_at_work_are_those_of_what_is_done() {
    let desk = Desk::new();
    let (server, gate) = holding_the_last_back();
    let prompt = desk.prompt_on(&server, &bugs(4)).await;
    let run = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("started").run_id;
    let none = metrics(&desk.engine, &run).await;
    assert_eq!(none.controls.len(), 1, "what it is asked for is known from the start: {none:?}");
    until("three are done", async || desk.engine.run(run.clone()).await.expect("run").done == 3).await;
    let some = metrics(&desk.engine, &run).await;
    assert_eq!((some.scored, some.controls[0].compared, confusion(&some).1), (3, 3, vec![vec![3]]));
    assert_eq!(metrics(&desk.another_engine(), &run).await, some, "another program knows of it");

    // A task that is done, and one that is out, get another ground truth meanwhile.
    let project = desk.engine.projects().await.expect("projects").remove(0).id;
    let tasks = desk.engine.tasks(project, 0, 10).await.expect("tasks").rows;
    annotate(&desk, tasks[0].id, "Praise", true).await;
    assert_eq!(confusion(&metrics(&desk.engine, &run).await).1, [[2, 0], [1, 0]]);
    annotate(&desk, tasks[3].id, "Praise", true).await;
    gate.open();
    desk.engine.wait_for_run(run.clone()).await.expect("over");
    let over = metrics(&desk.engine, &run).await;
    assert_eq!((over.accuracy.map(|of| of.correct), confusion(&over).1), (Some(2), vec![vec![2, 0], vec![2, 0]]));
    assert_eq!(check(&desk, &run).await, over);
}

#[tokio::test]
async fn a_run_that_is_paused_and_resumed_is_counted_on() {
    let desk = Desk::new();
    let (server, gate) = holding_the_last_back();
    let prompt = desk.prompt_on(&server, &bugs(4)).await;
    let wanted = touchstone_engine::runs::NewRun { concurrency: Some(1), ..new_run(&prompt, Subset::All) };
    let run = desk.engine.start_run(wanted).await.expect("started").run_id;
    until("the last is asked about", async || server.asked_about("number 4") == 1).await;
    desk.engine.stop_run(run.clone()).await.expect("stopped");
    assert_eq!(desk.engine.wait_for_run(run.clone()).await.expect("over").status, RunStatus::Canceled);
    assert_eq!(check(&desk, &run).await.scored, 3);
    gate.open();
    desk.engine.resume_run(run.clone()).await.expect("resumed");
    desk.engine.wait_for_run(run.clone()).await.expect("over");
    assert_eq!(confusion(&check(&desk, &run).await).1, [[4]]);
}

#[tokio::test]
async fn what_a_program_that_is_gone_did_not_count_is_counted_by_the_next() {
    let desk = Desk::new();
    let (server, gate) = holding_the_last_back();
    let prompt = desk.prompt_on(&server, &bugs(4)).await;
    let run = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("started").run_id;
    until("three are done", async || desk.engine.run(run.clone()).await.expect("run").done == 3).await;
    assert_eq!(desk.abandon_runs("gone"), 1);
    let next = desk.another_engine();
    assert_eq!(metrics(&next, &run).await.controls[0].compared, 3);
    next.resume_run(run.clone()).await.expect("resumed");
    gate.open();
    next.wait_for_run(run.clone()).await.expect("over");
    until("the first has let go", async || desk.engine.pause_runs().await.is_ok()).await;
    assert_eq!(metrics(&next, &run).await.controls[0].compared, 4);
    assert_eq!(metrics(&desk.engine, &run).await, metrics(&next, &run).await);
}
