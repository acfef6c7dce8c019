//! Importing projects: all of it or nothing, and in words why.

use crate::support::{CONFIG, Desk, Server, bugs, by_text, draft, new_run, region, task};
use serde_json::json;
use touchstone_engine::ErrorCode;
use touchstone_engine::domain::run::Subset;
use touchstone_engine::imports::{ImportReport, NewProject};

async fn import(desk: &Desk, name: &str, config: &str, tasks: &str) -> touchstone_engine::Result<ImportReport> {
    let project = NewProject {
        name: name.to_owned(),
        config_path: desk.write("config.xml", config),
        tasks_path: desk.write("tasks.json", tasks),
    };
    desk.engine.import_project(project).await
}

#[tokio::test]
async fn an_import_reports_what_it_took_and_what_it_refused() {
    let desk = Desk::new();
    let tasks = json!([
        task("a crash", Some("Bug")),
        "not a task",
        task("nice", None),
        { "data": [1, 2] },
        { "data": { "text": "canceled" }, "annotations": [
            { "result": [region("Bug")], "ground_truth": true, "was_cancelled": true },
        ] },
    ]);
    let report = import(&desk, "Feedback", CONFIG, &tasks.to_string()).await.expect("import");
    assert_eq!((report.tasks, report.annotations, report.ground_truth, report.refused), (3, 2, 1, 2));
    let items: Vec<_> = report.first_refusals.iter().map(|refusal| refusal.item).collect();
    assert_eq!(items, [2, 4]);

    let project = desk.engine.project("Feedback".to_owned()).await.expect("found by its name");
    assert_eq!((project.summary.task_count, project.summary.ground_truth_count), (3, 1));
    assert_eq!(project.summary.controls, ["Choices topic"]);
    assert_eq!((project.summary.ineligible, project.variables), (None, vec!["text".to_owned()]));
    let page = desk.engine.tasks(project.summary.id, 1, 10).await.expect("tasks");
    assert_eq!(page.total, 3);
    let texts: Vec<_> = page.rows.iter().map(|row| row.data["text"].clone()).collect();
    assert_eq!(texts, ["nice", "canceled"], "in the file's order");
}

#[tokio::test]
async fn a_plain_list_of_objects_is_tasks_too() {
    let desk = Desk::new();
    let report = import(&desk, "Plain", CONFIG, r#"[{"text": "one"}, {"text": "two"}]"#).await.expect("import");
    assert_eq!((report.tasks, report.annotations, report.refused), (2, 0, 0));
}

#[tokio::test]
async fn what_cannot_be_imported_is_said_and_leaves_nothing() {
    let desk = Desk::new();
    let good = bugs(2).to_string();
    let unclosed = "<View>\n  <Text name=\"text\" value=\"$text\">\n</View>";
    let doctype = format!("<!DOCTYPE View [<!ENTITY e \"x\">]>{CONFIG}");
    let cut = &good[..good.len() - 10];
    for (config, tasks, field, part) in [
        (unclosed, good.as_str(), "config_path", "line 3"),
        (doctype.as_str(), good.as_str(), "config_path", "DOCTYPE"),
        ("", good.as_str(), "config_path", "config.xml"),
        (CONFIG, "", "tasks_path", "tasks.json"),
        (CONFIG, "[]", "tasks_path", "no tasks"),
        (CONFIG, "42", "tasks_path", "tasks.json"),
        (CONFIG, "<html></html>", "tasks_path", "tasks.json"),
        (CONFIG, cut, "tasks_path", "tasks.json"),
        (CONFIG, "[1, 2]", "tasks_path", "item 1"),
    ] {
        let error = import(&desk, "Feedback", config, tasks).await.expect_err(part);
        assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some(field)), "{error}");
        assert!(error.to_string().contains(part), "“{error}” does not say {part:?}");
        assert!(desk.engine.projects().await.expect("projects").is_empty(), "half an import was kept: {error}");
    }
    import(&desk, "Feedback", CONFIG, &good).await.expect("the name is still free");
    let taken = import(&desk, "Feedback", CONFIG, &good).await.expect_err("taken");
    assert_eq!((taken.code(), taken.field()), (ErrorCode::NameTaken, Some("name")));
    let nameless = import(&desk, " ", CONFIG, &good).await.expect_err("no name");
    assert_eq!(nameless.field(), Some("name"));
}

#[tokio::test]
async fn chosen_files_are_told_apart_before_anything_is_imported() {
    let desk = Desk::new();
    let (config, tasks, other) =
        (desk.write("a.xml", CONFIG), desk.write("my_tasks.json", "[]"), desk.write("b.csv", ""));
    let plan = desk.engine.plan_import(vec![tasks.clone(), config.clone()]).await.expect("plan");
    assert_eq!((plan.config_path, plan.tasks_path), (Some(config), Some(tasks)));
    assert_eq!((plan.suggested_name.as_str(), plan.problems.len()), ("my tasks", 0));
    assert!(plan.config.is_some_and(|preview| preview.ineligible.is_none()));
    let plan = desk.engine.plan_import(vec![other]).await.expect("plan");
    assert_eq!(plan.problems.len(), 3, "{:?}", plan.problems);
}

#[tokio::test]
async fn a_run_is_refused_where_the_model_cannot_see_what_it_is_about() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let config = r#"<View><Image name="photo" value="$image"/><Choices name="mood" toName="photo"><Choice value="Calm"/><Choice value="Tense"/></Choices></View>"#;
    let report = import(&desk, "Pictures", config, r#"[{"image": "a.png"}]"#).await.expect("import");
    let project = desk.engine.project(report.project_id.to_string()).await.expect("project");
    assert_eq!(project.summary.ineligible, None, "another model may see it");

    let connection = desk.connect(&server).await;
    let prompt = desk.prompt(&report.project_id, &connection).await;
    let content = draft("Mood of: {image}", &connection);
    desk.engine.save_draft(prompt.clone(), content.clone()).await.expect("draft is saved");
    let preview = desk.engine.preview_request(prompt.clone(), content, 0).await.expect("preview");
    let reason = "Choices “mood” cannot be asked: it is about the Image “photo”, and the model cannot see images.";
    assert_eq!(preview.problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>(), [reason]);
    let error = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect_err("nothing can be asked");
    assert!(error.to_string().contains(reason), "{error}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_config_that_no_prompt_can_fill_says_so() {
    let desk = Desk::new();
    let config = r#"<View><Image name="image" value="$image"/><BrushLabels name="brush" toName="image"><Label value="A"/></BrushLabels></View>"#;
    let report = import(&desk, "Pictures", config, r#"[{"image": "a.png"}]"#).await.expect("import");
    let project = desk.engine.project(report.project_id.to_string()).await.expect("project");
    assert!(project.summary.ineligible.is_some_and(|reason| reason.contains("brush")));
    let prompt = touchstone_engine::prompts::NewPrompt {
        name: "Topics".to_owned(),
        description: String::new(),
        project_id: report.project_id,
    };
    let error = desk.engine.create_prompt(prompt).await.expect_err("no prompt can aim at it");
    assert_eq!(error.field(), Some("project_id"));
}

#[tokio::test]
async fn a_project_comes_back_from_the_bin() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(1)).await;
    desk.engine.delete_project(project.clone()).await.expect("into the bin");
    assert!(desk.engine.projects().await.expect("projects").is_empty());
    desk.engine.restore_project(project).await.expect("restored");
    assert_eq!(desk.engine.projects().await.expect("projects").len(), 1);
}
