//! Annotating by hand: what is kept, what is refused, and what follows for counts and scores.

use crate::support::{Asked, Desk, Gate, Reply, Server, by_text, new_run, region, task, until};
use serde_json::{Value, json};
use std::sync::Arc;
use touchstone_engine::ErrorCode;
use touchstone_engine::annotations::{AnnotationContent, MarkedTasks, TaskDetail};
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::{AnnotationId, ProjectId, RunId, TaskId};
use touchstone_engine::runs::RunSummary;
use touchstone_engine::tasks::{TaskRange, TaskSelection};

/// A finished run: "a crash" is right, "nice" has no ground truth, "a crash too" is wrong.
async fn finished(desk: &Desk) -> (Server, RunId, ProjectId, Vec<TaskId>) {
    let server = Server::start(|asked: &Asked| by_text(asked));
    let tasks = json!([task("a crash", Some("Bug")), task("nice", None), task("a crash too", Some("Praise"))]);
    let prompt = desk.prompt_on(&server, &tasks).await;
    let run = desk.run(&prompt, Subset::All).await;
    let project = desk.engine.projects().await.expect("projects").remove(0).id;
    let rows = desk.engine.tasks(project.clone(), 0, 10).await.expect("tasks").rows;
    (server, run.id, project, rows.into_iter().map(|row| row.id).collect())
}

async fn save(desk: &Desk, task: TaskId, id: Option<u32>, result: Value, ground_truth: bool) -> TaskDetail {
    let id = id.map(|id| serde_json::from_value(json!(id)).expect("an id"));
    let result = result.as_array().cloned().expect("a list");
    desk.engine.save_annotation(task, AnnotationContent { id, result, ground_truth }).await.expect("saved")
}

async fn run(desk: &Desk, id: &RunId) -> RunSummary {
    desk.engine.run(id.clone()).await.expect("run")
}

fn counts(run: &RunSummary) -> (u32, u32) {
    (run.scored, run.correct)
}

async fn project_counts(desk: &Desk) -> (u32, u32) {
    let project = desk.engine.projects().await.expect("projects").remove(0);
    (project.annotation_count, project.ground_truth_count)
}

#[tokio::test]
async fn a_new_ground_truth_is_counted_and_scores_what_was_predicted() {
    let desk = Desk::new();
    let (_server, run_id, _, tasks) = finished(&desk).await;
    assert_eq!((counts(&run(&desk, &run_id).await), project_counts(&desk).await), ((2, 1), (2, 2)));

    let mut choice = region("Praise");
    choice.as_object_mut().expect("a region").remove("id");
    let saved = save(&desk, tasks[1], None, json!([choice]), true).await;
    let annotation = &saved.annotations[0];
    assert_eq!((annotation.ground_truth, annotation.counts, saved.annotations.len()), (true, true, 1));
    assert_eq!(annotation.result[0]["id"].as_str().map(str::len), Some(10), "a region gets an id");
    assert!(annotation.completed_by.is_some() && annotation.created_at.is_some());
    assert_eq!((counts(&run(&desk, &run_id).await), project_counts(&desk).await), ((3, 2), (3, 3)));

    let id = serde_json::to_value(annotation.id).expect("an id").as_u64().and_then(|id| u32::try_from(id).ok());
    let changed = save(&desk, tasks[1], id, json!([region("Bug")]), true).await;
    assert_eq!(changed.annotations.len(), 1);
    assert!(changed.annotations[0].updated_at.is_some());
    assert_eq!((counts(&run(&desk, &run_id).await), project_counts(&desk).await), ((3, 1), (3, 3)));

    let draft = save(&desk, tasks[1], id, json!([region("Bug")]), false).await;
    assert_eq!((draft.row.ground_truth.is_none(), draft.annotations[0].counts), (true, false));
    assert_eq!((counts(&run(&desk, &run_id).await), project_counts(&desk).await), ((2, 1), (3, 2)));
}

#[tokio::test]
async fn the_newest_ground_truth_counts_and_a_deletion_can_be_undone() {
    let desk = Desk::new();
    let (_server, run_id, _, tasks) = finished(&desk).await;
    let two = save(&desk, tasks[0], None, json!([region("Praise")]), true).await;
    assert_eq!(two.annotations.iter().map(|annotation| annotation.counts).collect::<Vec<_>>(), [false, true]);
    assert_eq!((counts(&run(&desk, &run_id).await), project_counts(&desk).await), ((2, 0), (3, 2)));

    let deleted = desk.engine.delete_annotation(two.annotations[1].id).await.expect("deleted");
    assert_eq!((counts(&run(&desk, &run_id).await), project_counts(&desk).await), ((2, 1), (2, 2)));
    let back = desk.engine.restore_annotation(deleted).await.expect("restored");
    assert_eq!(back.annotations[1].result, two.annotations[1].result);
    assert_eq!(back.annotations[1].created_at, two.annotations[1].created_at);
    assert_eq!((counts(&run(&desk, &run_id).await), project_counts(&desk).await), ((2, 0), (3, 2)));
    let gone = desk.engine.delete_annotation(AnnotationId(9_999)).await.expect_err("there is no such annotation");
    assert_eq!(gone.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn marks_of_many_tasks_are_set_and_taken_at_once() {
    let desk = Desk::new();
    let (_server, run_id, project, _) = finished(&desk).await;
    let all = TaskSelection { view_id: None, ranges: vec![TaskRange { from: 0, to: 900 }] };
    let mark = async |mark: bool| {
        let marked = desk.engine.set_ground_truth(project.clone(), all.clone(), mark).await.expect("marked");
        (marked, counts(&run(&desk, &run_id).await), project_counts(&desk).await)
    };
    assert_eq!(mark(false).await, (MarkedTasks { changed: 2, unannotated: 0 }, (0, 0), (2, 0)));
    assert_eq!(mark(false).await, (MarkedTasks { changed: 0, unannotated: 0 }, (0, 0), (2, 0)));
    assert_eq!(mark(true).await, (MarkedTasks { changed: 2, unannotated: 1 }, (2, 1), (2, 2)));
}

#[tokio::test]
async fn a_ground_truth_made_while_its_task_is_being_asked_about_counts() {
    let desk = Desk::new();
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| Reply::After(Arc::clone(&held), Box::new(by_text(asked))));
    let prompt = desk.prompt_on(&server, &json!([task("nice", None)])).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("started").run_id;
    until("the task is asked about", async || server.asked_about("nice") == 1).await;
    let project = desk.engine.projects().await.expect("projects").remove(0).id;
    let id = desk.engine.tasks(project, 0, 1).await.expect("tasks").rows[0].id;
    save(&desk, id, None, json!([region("Praise")]), true).await;
    gate.open();
    let ended = desk.engine.wait_for_run(started).await.expect("ended");
    assert_eq!((ended.done, counts(&ended)), (1, (1, 1)), "it was scored though it had no ground truth when asked");
}

#[tokio::test]
async fn what_does_not_fit_the_config_is_refused_and_nothing_is_kept() {
    let desk = Desk::new();
    let (_server, _, _, tasks) = finished(&desk).await;
    for (result, words) in [
        (json!([region("Neither")]), "region 1 (choices) does not fit the control “topic”"),
        (json!([{ "from_name": "other", "to_name": "text", "type": "choices", "value": {} }]), "no control “other”"),
        (json!(["text"]), "entry 1 is no region"),
    ] {
        let content =
            AnnotationContent { id: None, result: result.as_array().cloned().expect("a list"), ground_truth: true };
        let error = desk.engine.save_annotation(tasks[1], content).await.expect_err("refused");
        assert!(error.code() == ErrorCode::Invalid && error.to_string().contains(words), "{error}");
    }
    assert_eq!(project_counts(&desk).await, (2, 2));
    let content = AnnotationContent { id: None, result: Vec::new(), ground_truth: true };
    let nowhere = desk.engine.save_annotation(TaskId(9_999), content).await.expect_err("no such task");
    assert_eq!(nowhere.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn what_does_not_fit_stays_until_it_is_taken_away() {
    let desk = Desk::new();
    let gone = json!({ "id": "g", "from_name": "gone", "to_name": "text", "type": "choices",
        "value": { "choices": ["Old"] } });
    let mut of_both = task("a crash", Some("Bug"));
    of_both["annotations"][0]["result"].as_array_mut().expect("regions").push(gone.clone());
    desk.import("Old", &json!([of_both])).await;
    let project = desk.engine.projects().await.expect("projects").remove(0).id;
    let task_id = desk.engine.tasks(project, 0, 1).await.expect("tasks").rows[0].id;
    let detail = desk.engine.task(task_id).await.expect("task");
    let id =
        serde_json::to_value(detail.annotations[0].id).expect("an id").as_u64().and_then(|id| u32::try_from(id).ok());

    let edited = save(&desk, task_id, id, json!([region("Praise"), gone]), true).await;
    assert_eq!(edited.annotations[0].result[1], gone);
    let mut other = gone.clone();
    other["value"]["choices"] = json!(["New"]);
    let content = AnnotationContent {
        id: Some(edited.annotations[0].id),
        result: vec![region("Praise"), other],
        ground_truth: true,
    };
    let refused = desk.engine.save_annotation(task_id, content).await.expect_err("it is none that was there");
    assert!(refused.to_string().contains("no control “gone”"), "{refused}");
    let without = save(&desk, task_id, id, json!([region("Praise")]), true).await;
    assert!(without.annotations[0].faults.is_empty());
}

#[tokio::test]
async fn a_skipped_task_that_is_answered_is_ground_truth() {
    let desk = Desk::new();
    let mut skipped = task("a crash", Some("Bug"));
    skipped["annotations"][0]["was_cancelled"] = json!(true);
    desk.import("Skipped", &json!([skipped])).await;
    assert_eq!(project_counts(&desk).await, (1, 0));
    let project = desk.engine.projects().await.expect("projects").remove(0).id;
    let task_id = desk.engine.tasks(project, 0, 1).await.expect("tasks").rows[0].id;
    let detail = desk.engine.task(task_id).await.expect("task");
    let id =
        serde_json::to_value(detail.annotations[0].id).expect("an id").as_u64().and_then(|id| u32::try_from(id).ok());
    let answered = save(&desk, task_id, id, json!([region("Bug")]), true).await;
    assert_eq!((answered.annotations[0].was_cancelled, answered.annotations[0].counts), (false, true));
    assert_eq!(project_counts(&desk).await, (1, 1));
}
