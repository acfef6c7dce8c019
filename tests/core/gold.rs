//! Ground truth that good runs contradict.

use crate::support::{Asked, Desk, Reply, Server, draft, region, task};
use serde_json::json;
use touchstone_engine::ErrorCode;
use touchstone_engine::annotations::AnnotationContent;
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::{ProjectId, TaskId};
use touchstone_engine::gold::{GoldCheck, GoldMark};

/// Answers “Bug”, but “Praise” where the text says that this version does.
fn by_version(asked: &Asked) -> Reply {
    let (version, text) = asked.text().split_once(": ").expect("a version and a text");
    Reply::class(if text.contains(version) { "Praise" } else { "Bug" })
}

/// Three versions over 30 tasks that are “Bug”. Then two that are said to be “Praise”: all three deny the first; of the second
/// two say so, one agrees. On the last two one version is wrong alone, and all are.
async fn finished() -> (Desk, Server, ProjectId, Vec<TaskId>) {
    let desk = Desk::new();
    let server = Server::start(by_version);
    let mut tasks: Vec<_> = (0..30).map(|number| task(&format!("crash {number}"), Some("Bug"))).collect();
    tasks.extend([
        task("nice", Some("Praise")),
        task("quite nice v3", Some("Praise")),
        task("odd v1", Some("Bug")),
        task("none says so", None),
    ]);
    let project = desk.import("Feedback", &json!(tasks)).await;
    let connection = desk.connect(&server).await;
    let prompt = desk.prompt(&project, &connection).await;
    for version in ["v1", "v2", "v3"] {
        let words = draft(&format!("{version}: {{text}}"), &connection);
        desk.engine.save_draft(prompt.clone(), words).await.expect("saved");
        desk.run(&prompt, Subset::All).await;
    }
    let rows = desk.engine.tasks(project.clone(), 0, 50).await.expect("tasks").rows;
    (desk, server, project, rows.into_iter().map(|row| row.id).collect())
}

async fn check(desk: &Desk, project: &ProjectId) -> GoldCheck {
    desk.engine.gold_check(project.clone()).await.expect("the check")
}

fn suspects(check: &GoldCheck) -> Vec<u32> {
    check.suspects.iter().map(|suspect| suspect.position).collect()
}

#[tokio::test]
async fn tasks_on_which_good_runs_agree_against_ground_truth_are_named_the_most_suspicious_first() {
    let (desk, _server, project, tasks) = finished().await;
    let found = check(&desk, &project).await;
    assert_eq!(found.runs.iter().map(|run| run.version).collect::<Vec<_>>(), [3, 2, 1], "the most accurate first");
    assert_eq!((suspects(&found), found.total), (vec![30, 31], 2));
    let [first, second] = &found.suspects[..] else { panic!("two are suspected") };
    assert_eq!((first.agreeing.len(), first.answered, second.agreeing.len()), (3, 3, 2));
    assert_eq!(first.proposed[0].value["choices"], json!(["Bug"]));
    assert_eq!(first.ground_truth[0].value["choices"], json!(["Praise"]));
    assert!(first.weight > second.weight && second.weight > 0.0);

    // What is corrected is scored at once, and what it was before stays.
    let before: Vec<_> = found.runs.iter().map(|run| run.accuracy.correct).collect();
    let result = vec![region("Bug")];
    let content = AnnotationContent { id: None, result, ground_truth: true };
    let corrected = desk.engine.save_annotation(tasks[30], content).await.expect("corrected");
    assert_eq!(corrected.annotations.len(), 2);
    let found = check(&desk, &project).await;
    assert_eq!(suspects(&found), [31]);
    let after: Vec<_> = found.runs.iter().map(|run| run.accuracy.correct).collect();
    assert_eq!(after, before.iter().map(|correct| correct + 1).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_kept_is_not_named_again() {
    let (desk, _server, project, tasks) = finished().await;
    desk.engine.mark_gold(tasks[30], Some(GoldMark::Kept)).await.expect("kept");
    let found = check(&desk, &project).await;
    assert_eq!((suspects(&found), found.kept), (vec![31], vec![tasks[30]]));
    desk.engine.mark_gold(tasks[30], None).await.expect("taken back");
    assert_eq!(suspects(&check(&desk, &project).await), [30, 31]);

    // It was kept as it is, not whatever it becomes.
    desk.engine.mark_gold(tasks[30], Some(GoldMark::Kept)).await.expect("kept");
    let id = desk.engine.task(tasks[30]).await.expect("a task").annotations[0].id;
    let edit = |class: &str| AnnotationContent { id: Some(id), result: vec![region(class)], ground_truth: true };
    desk.engine.save_annotation(tasks[30], edit("Bug")).await.expect("corrected");
    assert_eq!(suspects(&check(&desk, &project).await), [31], "all agree with it now");
}

#[tokio::test]
async fn an_ambiguous_task_is_no_ground_truth_until_that_is_taken_back() {
    let (desk, _server, project, tasks) = finished().await;
    let scored = |found: &GoldCheck| found.runs.iter().map(|run| run.accuracy.scored).collect::<Vec<_>>();
    let before = check(&desk, &project).await;
    desk.engine.mark_gold(tasks[31], Some(GoldMark::Ambiguous)).await.expect("marked");
    let found = check(&desk, &project).await;
    assert_eq!((suspects(&found), found.ambiguous.clone()), (vec![30], vec![tasks[31]]));
    assert_eq!(scored(&found), [32, 32, 32]);
    desk.engine.mark_gold(tasks[31], None).await.expect("taken back");
    let found = check(&desk, &project).await;
    assert_eq!((suspects(&found), scored(&found)), (vec![30, 31], scored(&before)));
    assert!(found.ambiguous.is_empty());

    let refused = desk.engine.mark_gold(tasks[33], Some(GoldMark::Kept)).await.expect_err("it has none");
    assert_eq!(refused.code(), ErrorCode::Invalid);
}
