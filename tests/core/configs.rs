//! Changing the labeling config of a project: what it would do, what it does, and what is refused.

use crate::support::{Asked, CONFIG, Desk, Server, by_text, region, task};
use serde_json::{Value, json};
use touchstone_engine::ErrorCode;
use touchstone_engine::configs::{ClassRename, MissingVariable, RemovedControl, RemovedLabel};
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::{ProjectId, RunId, TaskId};

/// A finished run over "a crash", which is a Bug, "nice", which nobody annotated, and "a crash too", a Praise.
async fn finished(desk: &Desk) -> (Server, RunId, ProjectId, Vec<TaskId>) {
    let server = Server::start(|asked: &Asked| by_text(asked));
    let tasks = json!([task("a crash", Some("Bug")), task("nice", None), task("a crash too", Some("Praise"))]);
    let prompt = desk.prompt_on(&server, &tasks).await;
    let run = desk.run(&prompt, Subset::All).await;
    let project = desk.engine.projects().await.expect("projects").remove(0).id;
    let rows = desk.engine.tasks(project.clone(), 0, 10).await.expect("tasks").rows;
    (server, run.id, project, rows.into_iter().map(|row| row.id).collect())
}

fn rename(from: &str, to: &str) -> Vec<ClassRename> {
    vec![ClassRename { control: "topic".to_owned(), from: from.to_owned(), to: to.to_owned() }]
}

async fn chosen(desk: &Desk, task: TaskId) -> Value {
    let detail = desk.engine.task(task).await.expect("the task");
    detail.annotations[0].result[0]["value"]["choices"].clone()
}

#[tokio::test]
async fn what_a_change_would_do_to_annotations_is_told_beforehand() {
    let desk = Desk::new();
    let (_server, _, project, tasks) = finished(&desk).await;
    let impact = async |xml: String, renames| {
        desk.engine.config_impact(project.clone(), xml, renames).await.expect("it can be told")
    };
    let same = impact(CONFIG.to_owned(), Vec::new()).await;
    assert_eq!((same.annotations, same.invalid_annotations, same.removed_labels.len()), (2, 0, 0));

    let without = impact(CONFIG.replace("Bug", "Defect").replace("$text", "$body"), Vec::new()).await;
    let lost = RemovedLabel { control: "topic".to_owned(), label: "Bug".to_owned(), annotations: 1 };
    assert_eq!(without.removed_labels, [lost]);
    assert_eq!((without.invalid_annotations, without.ground_truths), (1, 1));
    assert_eq!(without.missing_variables, [MissingVariable { variable: "body".to_owned(), tasks: 3 }]);

    let renamed = impact(CONFIG.replace("Bug", "Defect"), rename("Bug", "Defect")).await;
    assert_eq!(renamed.invalid_annotations, 0, "a renamed class is not lost");

    let other = impact(CONFIG.replace("topic", "subject"), Vec::new()).await;
    assert_eq!(other.removed_controls, [RemovedControl { control: "topic".to_owned(), annotations: 2 }]);
    let kind = impact(
        r#"<View><Text name="text" value="$text"/><TextArea name="topic" toName="text"/></View>"#.to_owned(),
        Vec::new(),
    );
    let kind = kind.await;
    assert_eq!((kind.changed_controls[0].to.as_str(), kind.changed_controls[0].annotations), ("TextArea", 2));
    assert_eq!(chosen(&desk, tasks[0]).await, json!(["Bug"]), "looking changes nothing");
}

#[tokio::test]
async fn a_renamed_class_is_renamed_in_annotations_and_predictions_and_scores_stay() {
    let desk = Desk::new();
    let (_server, run_id, project, tasks) = finished(&desk).await;
    let before = desk.engine.run(run_id.clone()).await.expect("run");
    let xml = CONFIG.replace("Bug", "Defect");
    let saved = desk.engine.save_config(project.clone(), xml.clone(), rename("Bug", "Defect")).await.expect("saved");
    assert_eq!((saved.config_xml, saved.summary.annotation_count), (xml, 2));
    assert_eq!((chosen(&desk, tasks[0]).await, chosen(&desk, tasks[2]).await), (json!(["Defect"]), json!(["Praise"])));
    let after = desk.engine.run(run_id.clone()).await.expect("run");
    assert_eq!((before.scored, before.correct), (after.scored, after.correct));

    // The prediction was renamed too: it is right once the ground truth is what the model said.
    let mut detail = desk.engine.task(tasks[2]).await.expect("the task");
    let annotation = detail.annotations.remove(0);
    let content = touchstone_engine::annotations::AnnotationContent {
        id: Some(annotation.id),
        result: vec![region("Defect")],
        ground_truth: true,
    };
    desk.engine.save_annotation(tasks[2], content).await.expect("saved");
    let after = desk.engine.run(run_id).await.expect("run");
    assert_eq!((after.scored, after.correct), (2, 2));
}

#[tokio::test]
async fn what_cannot_be_kept_changes_nothing() {
    let desk = Desk::new();
    let (_server, _, project, tasks) = finished(&desk).await;
    let save = async |xml: &str, renames| {
        let refused = desk.engine.save_config(project.clone(), xml.to_owned(), renames).await.expect_err("refused");
        assert_eq!(refused.code(), ErrorCode::Invalid);
        refused.to_string()
    };
    assert!(save("<View>", Vec::new()).await.starts_with("the labeling config cannot be read"));
    let nowhere = save(CONFIG, rename("Bug", "Defect")).await;
    assert_eq!(nowhere, "“topic” has no class “Defect” to rename to; nothing was changed");
    assert_eq!(chosen(&desk, tasks[0]).await, json!(["Bug"]));
    let detail = desk.engine.project(project.0).await.expect("the project");
    assert_eq!(detail.config_xml, CONFIG);
}
