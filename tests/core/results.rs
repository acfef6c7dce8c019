//! Results as a table, one by one, and as files.

use crate::support::{Asked, Desk, Reply, Server, by_text, new_run, task};
use serde_json::{Value, json};
use touchstone_engine::ErrorCode;
use touchstone_engine::annotations::AnnotationContent;
use touchstone_engine::domain::RunId;
use touchstone_engine::domain::run::Subset;
use touchstone_engine::export::ExportFormat;
use touchstone_engine::results::{CellFilter, ClassOutcome, ResultRow, RowFilter, RowPage, RowQuery, RowSort};
use touchstone_engine::runs::{NewRun, Picked};

/// A run over: right, wrong, without ground truth, failed, right.
async fn finished(desk: &Desk) -> (Server, RunId) {
    let server = Server::start(
        |asked: &Asked| {
            if asked.text().contains("broken") { Reply::status(400, "no") } else { by_text(asked) }
        },
    );
    let tasks = json!([
        task("a crash", Some("Bug")),
        task("a crash 100% \"quoted\"", Some("Praise")),
        task("nice", None),
        task("broken", Some("Bug")),
        { "id": 4711, "data": { "text": "Größe ok" }, "annotations": [
            { "result": [crate::support::region("Praise")], "ground_truth": true },
        ] },
    ]);
    let prompt = desk.prompt_on(&server, &tasks).await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.done, run.failed), (5, 1));
    (server, run.id)
}

async fn page(desk: &Desk, run: &RunId, filter: RowFilter, sort: RowSort, search: &str) -> RowPage {
    let query = RowQuery { filter, sort, search: search.to_owned(), cell: None };
    desk.result_rows(run.clone(), query, 0, 100).await
}

fn positions(page: &RowPage) -> Vec<u32> {
    page.rows.iter().map(|row| row.position).collect()
}

#[tokio::test]
async fn failures_are_told_by_what_they_have_in_common() {
    let desk = Desk::new();
    let server = Server::start(|asked: &Asked| match asked.text() {
        text if text.contains("broken") => Reply::status(400, text),
        text if text.contains("long") => Reply::Says("no JSON".to_owned()),
        _ => by_text(asked),
    });
    let tasks = json!([task("broken 1", None), task("fine", None), task("long", None), task("broken 2", None)]);
    let prompt = desk.prompt_on(&server, &tasks).await;
    let run = desk.run(&prompt, Subset::All).await;
    let errors = desk.engine.run_errors(run.id.clone()).await.expect("errors");
    let told: Vec<_> = errors.iter().map(|error| (error.code.as_str(), error.count)).collect();
    assert_eq!(told, [("bad_request", 2), ("not_json", 1)]);
    assert!(errors[0].message.contains("broken 2"), "{}", errors[0].message);

    let cell = Some(CellFilter::Error { code: "bad_request".to_owned() });
    let query = RowQuery { filter: RowFilter::All, sort: RowSort::Position, search: String::new(), cell: cell.clone() };
    let found = desk.result_rows(run.id.clone(), query, 0, 100).await;
    assert_eq!(positions(&found), [0, 3]);
    let picked = Picked::Results { run_id: run.id, filter: RowFilter::All, search: "broken 2".to_owned(), cell };
    let again = NewRun { picked: Some(picked), ..new_run(&prompt, Subset::Custom) };
    assert_eq!(desk.engine.run_size(again).await.expect("a size"), 1);
}

#[tokio::test]
async fn rows_are_filtered_searched_and_sorted() {
    let desk = Desk::new();
    let (_server, run) = finished(&desk).await;
    let by_position = RowSort::Position;
    for (filter, search, want) in [
        (RowFilter::All, "", vec![0, 1, 2, 3, 4]),
        (RowFilter::Correct, "", vec![0, 4]),
        (RowFilter::Wrong, "", vec![1]),
        (RowFilter::Failed, "", vec![3]),
        (RowFilter::Unscored, "", vec![2]),
        (RowFilter::All, "CRASH", vec![0, 1]),
        (RowFilter::Correct, "crash", vec![0]),
        (RowFilter::All, "0%", vec![1]),
        (RowFilter::All, "\"quoted\"", vec![1]),
        (RowFilter::All, "Größe", vec![4]),
        (RowFilter::All, "_", vec![]),
    ] {
        let found = page(&desk, &run, filter, by_position, search).await;
        assert_eq!(positions(&found), want, "{filter:?} {search:?}");
        assert_eq!(found.total as usize, want.len());
    }
    let ascending = page(&desk, &run, RowFilter::All, RowSort::ScoreAscending, "").await;
    assert_eq!(positions(&ascending), [1, 0, 4, 2, 3], "what has no score comes last");
    let descending = page(&desk, &run, RowFilter::All, RowSort::ScoreDescending, "").await;
    assert_eq!(positions(&descending), [0, 4, 1, 2, 3]);
}

#[tokio::test]
async fn a_cell_of_a_table_of_metrics_shows_its_tasks() {
    let desk = Desk::new();
    let (_server, run) = finished(&desk).await;
    let pair = |truth: &str, predicted: &str| CellFilter::Confusion {
        control: "topic".to_owned(),
        truth: truth.to_owned(),
        predicted: predicted.to_owned(),
    };
    let class =
        |class: &str, outcome| CellFilter::Class { control: "topic".to_owned(), class: class.to_owned(), outcome };
    let elsewhere =
        CellFilter::Confusion { control: "tone".to_owned(), truth: "Bug".to_owned(), predicted: "Bug".to_owned() };
    for (cell, filter, want) in [
        (pair("Bug", "Bug"), RowFilter::All, vec![0]),
        (pair("Praise", "Bug"), RowFilter::All, vec![1]),
        (pair("Bug", "Praise"), RowFilter::All, vec![]),
        (pair("Praise", "Bug"), RowFilter::Correct, vec![]),
        (class("Praise", ClassOutcome::Tp), RowFilter::All, vec![4]),
        (class("Bug", ClassOutcome::Fp), RowFilter::All, vec![1]),
        (class("Praise", ClassOutcome::Fn), RowFilter::Wrong, vec![1]),
        (class("Bug", ClassOutcome::Fn), RowFilter::All, vec![]),
        (elsewhere, RowFilter::All, vec![]),
    ] {
        let query = RowQuery { filter, sort: RowSort::Position, search: String::new(), cell: Some(cell) };
        let found = desk.result_rows(run.clone(), query.clone(), 0, 100).await;
        assert_eq!(positions(&found), want, "{query:?}");
        assert!(found.total_is_final);
    }
}

#[tokio::test]
async fn what_another_program_scores_shows_though_the_counts_stay() {
    let desk = Desk::new();
    let (_server, run) = finished(&desk).await;
    let wrong = async || positions(&page(&desk, &run, RowFilter::Wrong, RowSort::Position, "").await);
    assert_eq!(wrong().await, [1]);
    let before = desk.engine.run(run.clone()).await.expect("a run");
    let project = desk.engine.projects().await.expect("projects").remove(0).id;
    let other = desk.another_engine();
    for (row, class) in desk.engine.tasks(project, 0, 2).await.expect("tasks").rows.into_iter().zip(["Praise", "Bug"]) {
        let result = vec![crate::support::region(class)];
        let truth = AnnotationContent { id: None, result, ground_truth: true };
        other.save_annotation(row.id, truth).await.expect("annotated");
    }
    let after = desk.engine.run(run.clone()).await.expect("a run");
    assert_eq!((after.scored, after.correct), (before.scored, before.correct));
    assert_eq!(wrong().await, [0]);
}

#[tokio::test]
async fn pages_of_a_view_fit_together() {
    let desk = Desk::new();
    let (_server, run) = finished(&desk).await;
    let mut seen: Vec<u32> = Vec::new();
    for offset in [0, 2, 4, 6] {
        let query = RowQuery { filter: RowFilter::All, sort: RowSort::Position, search: String::new(), cell: None };
        let page = desk.result_rows(run.clone(), query, offset, 2).await;
        assert_eq!(page.total, 5);
        seen.extend(page.rows.iter().map(|row: &ResultRow| row.position));
    }
    assert_eq!(seen, [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn a_row_opens_to_the_exact_request_and_the_answer_as_it_came() {
    let desk = Desk::new();
    let (server, run) = finished(&desk).await;
    let rows = page(&desk, &run, RowFilter::All, RowSort::Position, "").await.rows;
    let wrong = desk.engine.result(run.clone(), rows[1].task_id).await.expect("detail");
    assert_eq!((wrong.row.correct, wrong.row.score), (Some(false), Some(0.0)));
    assert_eq!(wrong.answer.as_deref(), Some(r#"{"topic":"Bug"}"#));
    assert_eq!(wrong.endpoint, Some(server.endpoint()));
    assert_eq!(wrong.controls.len(), 1);
    assert_eq!((wrong.controls[0].name.as_str(), wrong.controls[0].exact), ("topic", Some(false)));
    assert_eq!(wrong.annotations.len(), 1);
    let shown: Value = serde_json::from_str(&wrong.request).expect("the request is JSON");
    let sent = server.asked().into_iter().find(|asked| asked.text().contains("quoted")).expect("it was asked");
    assert_eq!(shown, sent.body, "what is shown is what was sent");

    let failed = desk.engine.result(run.clone(), rows[3].task_id).await.expect("detail");
    assert_eq!(failed.row.error.as_ref().map(|error| error.code.as_str()), Some("bad_request"));
    assert_eq!((failed.row.prediction.is_none(), failed.answer, failed.attempts), (true, None, 1));
    assert!(failed.controls.is_empty());

    desk.engine.remove_connection("scripted".to_owned()).await.expect("removed");
    let later = desk.engine.result(run.clone(), rows[1].task_id).await.expect("detail");
    assert_eq!(later.endpoint, None);
    assert_eq!(serde_json::from_str::<Value>(&later.request).expect("JSON"), sent.body, "the words are still known");
    assert_eq!(desk.engine.run(run).await.expect("run").connection_name, None);
}

#[tokio::test]
async fn predictions_are_exported_as_json_lines() {
    let desk = Desk::new();
    let (_server, run) = finished(&desk).await;
    let path = desk.folder.path().join("out.jsonl");
    std::fs::write(&path, "what was there before").expect("an old file");
    let rows = desk.engine.export_predictions(run, ExportFormat::Jsonl, None, path.clone()).await.expect("export");
    assert_eq!(rows, 5);
    let text = std::fs::read_to_string(path).expect("the file");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert_eq!(lines.len(), 5);
    let keys: Vec<_> = lines[0].as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["task_id", "data", "result", "correct", "score", "error", "tokens", "cost_usd"]);
    assert_eq!(lines[0]["data"], json!({ "text": "a crash" }));
    assert_eq!(lines[0]["result"][0]["value"], json!({ "choices": ["Bug"] }));
    assert_eq!(lines[0]["tokens"], json!({ "prompt": 11, "completion": 3, "cached": null, "reasoning": null }));
    let correct: Vec<_> = lines.iter().map(|line| line["correct"].clone()).collect();
    assert_eq!(correct, [json!(true), json!(false), Value::Null, Value::Null, json!(true)]);
    assert_eq!((&lines[3]["result"], &lines[3]["error"]["code"]), (&Value::Null, &json!("bad_request")));
    assert_eq!(lines[3]["error"]["vendor"]["status"], 400);
    assert_eq!(lines[0]["cost_usd"], 0.0, "a server on this computer costs nothing");
    assert_eq!(lines[4]["task_id"], 4711, "the id that it came with");
}

#[tokio::test]
async fn results_are_exported_as_a_table_of_what_the_filter_leaves_and_in_its_order() {
    let desk = Desk::new();
    let server =
        Server::start(
            |asked: &Asked| {
                if asked.text().contains("broken") { Reply::status(400, "=no") } else { by_text(asked) }
            },
        );
    let truth = |class: &str| json!([{ "result": [crate::support::region(class)], "ground_truth": true }]);
    let tasks = json!([
        { "id": 4711, "data": { "text": "=crash(1), \"quoted\"", "score": -2 }, "annotations": truth("Bug") },
        { "data": { "text": "nice", "tags": ["a", "b"] }, "annotations": truth("Bug") },
        task("broken", Some("Bug")),
        task("well", None),
    ]);
    let prompt = desk.prompt_on(&server, &tasks).await;
    let run = desk.run(&prompt, Subset::All).await.id;
    let export = async |query: Option<RowQuery>| {
        let path = desk.folder.path().join("out.csv");
        let rows =
            desk.engine.export_predictions(run.clone(), ExportFormat::Csv, query, path.clone()).await.expect("export");
        let text = std::fs::read_to_string(path).expect("the file");
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), rows as usize + 1, "{text}");
        lines
    };
    let all = export(None).await;
    assert_eq!(
        all[0],
        "task_id,text,_data_score,tags,prediction_topic,ground_truth_topic,match_topic,outcome,score,confidence,error_code,\
         error_message,cached,attempts,prompt_tokens,completion_tokens,cached_tokens,reasoning_tokens,cost_usd,latency_ms,\
         repaired,review"
    );
    let is = |line: &str, start: &str, end: &str| {
        assert!(line.starts_with(start) && line.ends_with(end), "{line}\n{start} … {end}");
    };
    is(&all[1], "4711,\"'=crash(1), \"\"quoted\"\"\",-2,,Bug,Bug,true,correct,1,,,,false,1,11,3,,,0,", ",false,");
    is(&all[2], "", ",false,");
    assert!(all[2].contains(",nice,,\"[\"\"a\"\",\"\"b\"\"]\",Praise,Bug,false,wrong,0,"), "{}", all[2]);
    assert!(all[3].contains(",broken,,,,Bug,,failed,,,bad_request,"), "{}", all[3]);
    assert!(all[4].contains(",well,,,Praise,,,unscored,,,,,false,1,11,3,"), "{}", all[4]);

    let query = |filter, sort, search: &str| Some(RowQuery { filter, sort, search: search.to_owned(), cell: None });
    let wrong = export(query(RowFilter::Wrong, RowSort::Position, "")).await;
    assert_eq!(wrong.len(), 2);
    assert!(wrong[0].starts_with("task_id,text,tags,"), "only the fields of what is written: {}", wrong[0]);
    let scored = export(query(RowFilter::All, RowSort::ScoreAscending, "")).await;
    assert!(scored[1].contains(",nice,") && scored[2].starts_with("4711,"), "{scored:?}");
    assert_eq!(export(query(RowFilter::All, RowSort::Position, "QUOTED")).await.len(), 2);
    assert_eq!(export(query(RowFilter::All, RowSort::Position, "nowhere")).await.len(), 1, "a heading alone");

    // The other formats go by the filter too.
    let path = desk.folder.path().join("out.jsonl");
    let failed = query(RowFilter::Failed, RowSort::Position, "");
    assert_eq!(desk.engine.export_predictions(run, ExportFormat::Jsonl, failed, path).await.expect("export"), 1);
}

#[tokio::test]
async fn predictions_are_exported_for_label_studio() {
    let desk = Desk::new();
    let (_server, run) = finished(&desk).await;
    let path = desk.folder.path().join("out.json");
    let rows =
        desk.engine.export_predictions(run, ExportFormat::LabelStudio, None, path.clone()).await.expect("export");
    let tasks: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(&path).expect("the file")).expect("a list of tasks");
    assert_eq!((rows, tasks.len()), (5, 5));
    let prediction = &tasks[0]["predictions"][0];
    assert!(prediction["model_version"].as_str().is_some_and(|name| name.ends_with(" v1")), "{prediction}");
    assert_eq!(prediction["score"], 1.0);
    assert_eq!(prediction["result"][0]["from_name"], "topic");
    assert_eq!(tasks[3]["predictions"], json!([]), "a failed task has none");
    assert_eq!((&tasks[0].get("id"), &tasks[4]["id"]), (&None, &json!(4711)));

    // What was exported can be imported again.
    let tasks_path = path.to_str().expect("a text path").to_owned();
    let import = crate::support::new_import("Back again", crate::support::CONFIG, Some(tasks_path));
    assert_eq!(desk.engine.import_project(import).await.expect("import").tasks, 5);
}

#[tokio::test]
async fn an_export_that_cannot_be_written_leaves_nothing() {
    let desk = Desk::new();
    let (_server, run) = finished(&desk).await;
    let folder = desk.folder.path().join("missing");
    let error = desk.engine.export_predictions(run.clone(), ExportFormat::Jsonl, None, folder.join("out")).await;
    assert_eq!(error.expect_err("no such folder").code(), ErrorCode::Invalid);
    // A folder is in the way: the file is written beside it, but cannot take its place.
    std::fs::create_dir(&folder).expect("folder");
    std::fs::write(folder.join("inside"), "").expect("file");
    desk.engine.export_predictions(run, ExportFormat::Jsonl, None, folder).await.expect_err("a folder is no file");
    let leftovers: Vec<_> = std::fs::read_dir(desk.folder.path())
        .expect("folder")
        .filter_map(|entry| entry.expect("entry").file_name().into_string().ok())
        .filter(|name| name.ends_with(".part"))
        .collect();
    assert!(leftovers.is_empty(), "{leftovers:?}");
}
