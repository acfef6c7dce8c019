//! Whole projects as files, and back.

use crate::support::{CONFIG, Desk, new_import};
use serde_json::{Value, json};
use touchstone_engine::ErrorCode;
use touchstone_engine::domain::ProjectId;
use touchstone_engine::project_export::{ProjectExport, ProjectFormat};

/// Two annotated tasks, one whose only annotation was canceled, and one that nobody looked at.
fn tasks() -> Value {
    let choice = |topic: &str| {
        json!({ "id": "r", "from_name": "topic", "to_name": "text", "type": "choices",
        "origin": "manual", "value": { "choices": [topic] } })
    };
    json!([
        { "id": 41, "data": { "text": "a, b", "topic": "given", "n": 3, "list": [1] }, "meta": { "from": "x" },
          "annotations": [
            { "id": 7, "completed_by": 3, "result": [choice("Bug")], "ground_truth": true, "was_cancelled": false,
              "created_at": "2026-01-02T03:04:05.000000Z", "updated_at": "2026-01-02T03:05:00Z", "lead_time": 4.2 },
            { "id": 8, "completed_by": { "id": 4, "email": "a@example.org" }, "result": [choice("Praise")],
              "ground_truth": false, "created_at": "2026-02-02T03:04:05.000000Z" },
          ],
          "predictions": [{ "model_version": "m", "score": 0.5, "result": [choice("Bug")] }] },
        { "id": 42, "data": { "text": "c" }, "annotations": [
            { "result": [], "ground_truth": true, "was_cancelled": true }] },
        { "id": 43, "data": { "text": "d" } },
    ])
}

async fn export(desk: &Desk, project: &ProjectId, format: ProjectFormat, only_annotated: bool) -> (u32, String) {
    let path = desk.folder.path().join("out").to_str().expect("text").to_owned();
    let options = ProjectExport { format, path: path.clone(), only_annotated, run_id: None };
    let exported = desk.engine.export_project(project.clone(), options).await.expect("written");
    assert_eq!(exported.path, path);
    (exported.tasks, std::fs::read_to_string(path).expect("the file"))
}

#[tokio::test]
async fn a_full_export_keeps_everything_and_comes_back() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &tasks()).await;
    let (written, text) = export(&desk, &project, ProjectFormat::LabelStudio, false).await;
    let exported: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((written, exported.as_array().map(Vec::len)), (3, Some(3)));
    let (given, first) = (&tasks()[0], &exported[0]);
    for member in ["id", "data", "meta", "predictions"] {
        assert_eq!(first[member], given[member], "{member}");
    }
    assert_eq!(first["annotations"][0], given["annotations"][0]);
    assert_eq!(first["annotations"][1]["completed_by"]["email"], "a@example.org");
    assert_eq!((&exported[2]["meta"], &exported[2]["annotations"]), (&json!({}), &json!([])));

    let again = desk.write("again.json", &text);
    let report = desk.engine.import_project(new_import("Again", CONFIG, Some(again))).await.expect("import");
    assert_eq!((report.tasks, report.annotations, report.ground_truth, report.refused), (3, 3, 1, 0));
    assert_eq!(export(&desk, &report.project_id, ProjectFormat::LabelStudio, false).await, (3, text.clone()));

    let (written, lines) = export(&desk, &project, ProjectFormat::Jsonl, true).await;
    assert_eq!((written, lines.lines().count()), (1, 1));
    assert_eq!(serde_json::from_str::<Value>(&lines).expect("JSON"), *first);
}

#[tokio::test]
async fn flat_exports_have_a_record_per_annotation_newest_first() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &tasks()).await;
    let (written, text) = export(&desk, &project, ProjectFormat::JsonMin, false).await;
    let records: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(written, 3);
    let expected = json!([
        { "text": "a, b", "topic": "Praise", "n": 3, "list": [1], "id": 41, "annotator": "a@example.org",
          "annotation_id": 8, "created_at": "2026-02-02T03:04:05.000000Z", "updated_at": null, "lead_time": null },
        { "text": "a, b", "topic": "Bug", "n": 3, "list": [1], "id": 41, "annotator": 3,
          "annotation_id": 7, "created_at": "2026-01-02T03:04:05.000000Z", "updated_at": "2026-01-02T03:05:00Z",
          "lead_time": 4.2 },
        { "text": "d", "id": 43, "annotator": null, "annotation_id": null, "created_at": null, "updated_at": null,
          "lead_time": null },
    ]);
    assert_eq!(records, expected);
    let (_, text) = export(&desk, &project, ProjectFormat::Csv, true).await;
    assert_eq!(
        text,
        "id,text,_data_topic,n,list,topic,annotator,annotation_id,created_at,updated_at,lead_time\n\
         41,\"a, b\",given,3,[1],Praise,a@example.org,8,2026-02-02T03:04:05.000000Z,,\n\
         41,\"a, b\",given,3,[1],Bug,3,7,2026-01-02T03:04:05.000000Z,2026-01-02T03:05:00Z,4.2\n"
    );
}

#[tokio::test]
async fn the_predictions_of_a_run_go_along() {
    let desk = Desk::new();
    let server = crate::support::Server::start(crate::support::by_text);
    let prompt = desk.prompt_on(&server, &crate::support::bugs(2)).await;
    let run = desk.run(&prompt, touchstone_engine::domain::run::Subset::All).await;
    let project = desk.engine.projects().await.expect("projects").remove(0).id;
    let path = desk.folder.path().join("out").to_str().expect("text").to_owned();
    let options =
        ProjectExport { format: ProjectFormat::LabelStudio, path, only_annotated: false, run_id: Some(run.id) };
    let exported = desk.engine.export_project(project.clone(), options.clone()).await.expect("written");
    let tasks: Value = serde_json::from_str(&std::fs::read_to_string(exported.path).expect("file")).expect("JSON");
    let prediction = &tasks[1]["predictions"][0];
    assert!(prediction["model_version"].as_str().is_some_and(|version| version.ends_with(" v1")), "{prediction}");
    assert_eq!((&prediction["score"], &prediction["result"][0]["from_name"]), (&json!(1.0), &json!("topic")));

    let flat = ProjectExport { format: ProjectFormat::Csv, ..options.clone() };
    assert_eq!(desk.engine.export_project(project, flat).await.expect_err("no place for them").field(), Some("run_id"));
    let other = desk.import("Other", &tasks).await;
    let error = desk.engine.export_project(other, options).await.expect_err("of another project");
    assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("run_id")));
}
