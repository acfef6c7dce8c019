//! Importing: all of it or nothing, in every format, and in words why.

use crate::support::{CONFIG, Desk, bugs, new_import, region, task};
use serde_json::{Value, json};
use touchstone_engine::ErrorCode;
use touchstone_engine::configs::config_templates;
use touchstone_engine::domain::ProjectId;
use touchstone_engine::imports::{ConfigSource, ImportReport, ImportTarget, IssueKind, Mapping, NewImport, TaskFormat};

async fn import(desk: &Desk, name: &str, config: &str, tasks: &str) -> touchstone_engine::Result<ImportReport> {
    let target = ImportTarget::New {
        name: name.to_owned(),
        config: ConfigSource::File { path: desk.write("config.xml", config) },
    };
    let tasks_path = Some(desk.write("tasks.json", tasks));
    desk.engine.import_project(NewImport { target, ..new_import(name, config, tasks_path) }).await
}

/// The data of a project's tasks, in its order.
async fn data(desk: &Desk, project: &ProjectId) -> Vec<Value> {
    let page = desk.engine.tasks(project.clone(), 0, 100).await.expect("tasks");
    page.rows.into_iter().map(|row| Value::from(row.data)).collect()
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
    let items: Vec<_> = report.first_issues.iter().map(|issue| (issue.kind, issue.item)).collect();
    assert_eq!(items, [(IssueKind::Refused, 2), (IssueKind::Refused, 4)]);

    let project = desk.engine.project("Feedback".to_owned()).await.expect("found by its name");
    assert_eq!((project.summary.task_count, project.summary.ground_truth_count), (3, 1));
    assert_eq!(project.summary.controls, ["Choices topic"]);
    assert_eq!((project.summary.ineligible, project.variables), (None, vec!["text".to_owned()]));
    let texts: Vec<_> = data(&desk, &project.summary.id).await.iter().map(|data| data["text"].clone()).collect();
    assert_eq!(texts, ["a crash", "nice", "canceled"], "in the file's order");
}

#[tokio::test]
async fn every_template_brings_tasks_that_can_be_used_offline() {
    let desk = Desk::new();
    let mut pieces = 0;
    for template in config_templates().expect("the templates") {
        let id = template.id;
        let report = desk.engine.import_template(id.to_owned(), None).await.expect(id);
        let (tasks, refused) = (template.task_count, report.refused + report.duplicates);
        assert_eq!(
            (report.tasks, report.ground_truth, report.ground_truth_implied, refused),
            (tasks, tasks, 0, 0),
            "{id}"
        );
        assert_eq!((&report.warnings, &report.first_issues), (&Vec::new(), &Vec::new()), "{id}");
        let project = desk.engine.project(template.title.to_owned()).await.expect("called as the template").summary;
        assert_eq!(
            (project.id, project.is_sample, project.ineligible),
            (report.project_id.clone(), false, None),
            "{id}"
        );
        if template.group == "Images and documents" {
            let media = desk.engine.check_media(report.project_id).await.expect("media are checked");
            assert_eq!(media.faults.len(), 0, "{id}: {:?}", media.faults);
            pieces += media.pieces;
        }
    }
    assert_eq!(pieces, 18, "six of each of the three templates");
}

#[tokio::test]
async fn a_template_finds_a_free_name_unless_it_is_given_one() {
    let desk = Desk::new();
    let import =
        async |name: Option<&str>| desk.engine.import_template("dates".to_owned(), name.map(str::to_owned)).await;
    for (given, name) in [(None, "Dates"), (None, "Dates 2"), (Some(" When? "), "When?")] {
        let report = import(given).await.expect("imported");
        let project = desk.engine.project(report.project_id.to_string()).await.expect("there");
        assert_eq!(project.summary.name, name);
    }
    for (given, code) in [("Dates", ErrorCode::NameTaken), ("  ", ErrorCode::Invalid)] {
        assert_eq!(import(Some(given)).await.map(|_| ()).map_err(|error| error.code()), Err(code), "{given:?}");
    }
    let unknown = desk.engine.import_template("none".to_owned(), None).await;
    assert_eq!(unknown.map(|_| ()).map_err(|error| error.code()), Err(ErrorCode::NotFound));
}

#[tokio::test]
async fn a_broken_item_is_refused_alone_with_its_line() {
    let desk = Desk::new();
    let tasks = "[{\"text\": \"one\"},\n{\"text\": one},\n{\"text\": \"two\"}]";
    let report = import(&desk, "Feedback", CONFIG, tasks).await.expect("import");
    assert_eq!((report.tasks, report.refused), (2, 1));
    let issue = &report.first_issues[0];
    assert_eq!((issue.file.as_str(), issue.item, issue.line), ("tasks.json", 2, Some(2)));
    assert!(issue.message.contains("JSON"), "{}", issue.message);
}

#[tokio::test]
async fn every_format_makes_the_same_tasks() {
    let desk = Desk::new();
    let tasks = [
        ("a.json", r#"[{"text": "one"}, {"text": "zwei; drei"}]"#.as_bytes(), TaskFormat::LabelStudioJson),
        ("a.jsonl", b"{\"text\": \"one\"}\n\n{\"text\": \"zwei; drei\"}\n", TaskFormat::JsonLines),
        ("a.csv", b"\xef\xbb\xbftext\r\none\r\n\"zwei; drei\"\r\n", TaskFormat::Csv),
        ("a.tsv", b"text\none\nzwei; drei\n", TaskFormat::Tsv),
        ("a.txt", b"one\nzwei; drei\n", TaskFormat::Text),
    ];
    for (name, content, format) in tasks {
        let path = desk.folder.path().join(name);
        std::fs::write(&path, content).expect("file is written");
        let path = path.to_str().expect("text").to_owned();
        let plan = desk.engine.plan_import(vec![path.clone()], None).await.expect("plan");
        assert_eq!((plan.format, plan.preview.len()), (Some(format), 2), "{name}");
        let report = desk.engine.import_project(new_import(name, CONFIG, Some(path))).await.expect(name);
        assert_eq!(data(&desk, &report.project_id).await, [json!({"text": "one"}), json!({"text": "zwei; drei"})]);
    }
}

/// A file with a column `body` of texts and a column `stars` of whole numbers, one of which is missing.
fn parquet_file(path: &std::path::Path, count: u32) {
    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    let schema = "message rows { required binary body (UTF8); optional int64 stars; }";
    let schema = std::sync::Arc::new(parquet::schema::parser::parse_message_type(schema).expect("a schema"));
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_compression(parquet::basic::Compression::SNAPPY)
        .build();
    let file = std::fs::File::create(path).expect("a file");
    let mut writer =
        parquet::file::writer::SerializedFileWriter::new(file, schema, properties.into()).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let texts: Vec<_> = (0..count).map(|n| ByteArray::from(format!("text {n}").into_bytes())).collect();
    let mut column = group.next_column().expect("a column").expect("there is one");
    column.typed::<ByteArrayType>().write_batch(&texts, None, None).expect("texts");
    column.close().expect("written");
    let present: Vec<i16> = (0..count).map(|n| i16::from(n != 1)).collect();
    let stars: Vec<i64> = (0..i64::from(count)).filter(|n| *n != 1).collect();
    let mut column = group.next_column().expect("a column").expect("there is one");
    column.typed::<Int64Type>().write_batch(&stars, Some(&present), None).expect("numbers");
    column.close().expect("written");
    group.close().expect("written");
    writer.close().expect("written");
}

#[tokio::test]
async fn the_rows_of_a_parquet_file_are_tasks() {
    let desk = Desk::new();
    let path = desk.folder.path().join("rows.parquet");
    parquet_file(&path, 3_000);
    let tasks_path = path.to_str().expect("text").to_owned();
    let plan = desk.engine.plan_import(vec![tasks_path.clone()], None).await.expect("plan");
    assert_eq!((plan.format, plan.preview.len()), (Some(TaskFormat::Parquet), 20));
    let mapping = vec![Mapping { variable: "text".to_owned(), column: "body".to_owned() }];
    let import = NewImport { mapping, ..new_import("Rows", CONFIG, Some(tasks_path.clone())) };
    let report = desk.engine.import_project(import.clone()).await.expect("import");
    assert_eq!((report.tasks, report.refused), (3_000, 0));
    let rows = data(&desk, &report.project_id).await;
    assert_eq!(rows[1], json!({"body": "text 1", "stars": null, "text": "text 1"}));
    assert_eq!(rows[2]["stars"], 2);

    let good = std::fs::read(&path).expect("the file");
    let import = NewImport { mapping: import.mapping, ..new_import("Damaged", CONFIG, import.tasks_path) };
    for end in [good.len() / 2, good.len() - 10, 0] {
        std::fs::write(&path, &good[..end]).expect("cut");
        let error = desk.engine.import_project(import.clone()).await.expect_err("it is cut");
        assert!(error.to_string().contains("rows.parquet"), "{error}");
    }
    let mut bad = good.clone();
    bad[8..400].fill(0xff);
    std::fs::write(&path, &bad).expect("damaged");
    let error = desk.engine.import_project(import).await.expect_err("it is damaged");
    assert!(error.to_string().contains("rows.parquet"), "{error}");
}

#[tokio::test]
async fn a_folder_of_images_and_one_of_texts_are_tasks() {
    let desk = Desk::new();
    let folder = desk.folder.path().join("my pictures");
    std::fs::create_dir_all(folder.join("more")).expect("folder");
    for name in ["b é.png", "a.JPG", "more/c.webp", ".hidden.png", "notes.txt"] {
        std::fs::write(folder.join(name), b"x").expect("file");
    }
    let path = folder.to_str().expect("text").to_owned();
    let config =
        r#"<View><Image name="i" value="$photo"/><Choices name="c" toName="i"><Choice value="A"/></Choices></View>"#;
    let plan = desk.engine.plan_import(vec![path.clone()], None).await.expect("plan");
    assert_eq!((plan.format, plan.suggested_name.as_str()), (Some(TaskFormat::ImageFolder), "my pictures"));
    let report = desk.engine.import_project(new_import("Pictures", config, Some(path.clone()))).await.expect("import");
    let urls: Vec<_> = data(&desk, &report.project_id)
        .await
        .iter()
        .filter_map(|data| data["photo"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(urls.len(), 3, "{urls:?}");
    assert!(urls.iter().all(|url| url.starts_with("file:///")), "{urls:?}");
    assert!(urls[0].ends_with("/my%20pictures/a.JPG") && urls[1].ends_with("/b%20%C3%A9.png"), "{urls:?}");
    assert!(urls[2].ends_with("/more/c.webp"), "{urls:?}");
    let error = desk.engine.import_project(new_import("Texts", CONFIG, Some(path))).await.expect_err("no image");
    assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("tasks_path")), "{error}");

    let folder = desk.folder.path().join("texts");
    std::fs::create_dir(&folder).expect("folder");
    std::fs::write(folder.join("a.txt"), "one\ntwo").expect("file");
    std::fs::write(folder.join("b.md"), [0xff, 0xfe]).expect("file");
    let path = folder.to_str().expect("text").to_owned();
    let report = desk.engine.import_project(new_import("Texts", CONFIG, Some(path))).await.expect("import");
    assert_eq!(data(&desk, &report.project_id).await, [json!({"text": "one\ntwo"})]);
    assert_eq!((report.refused, report.first_issues[0].item), (1, 2));
    assert!(report.first_issues[0].message.contains("b.md"), "{}", report.first_issues[0].message);
}

#[tokio::test]
async fn columns_are_mapped_to_variables() {
    let desk = Desk::new();
    let path = desk.write("feedback.csv", "id;Review;lang\n00123;\"all; good\";en\n7;bad\n8;a;b;c\n");
    let target = ImportTarget::New { name: "F".to_owned(), config: ConfigSource::Text { xml: CONFIG.to_owned() } };
    let plan = desk.engine.plan_import(vec![path.clone()], Some(target)).await.expect("plan");
    let names: Vec<_> = plan.columns.iter().map(|column| (column.name.as_str(), column.sample.as_str())).collect();
    assert_eq!(names, [("id", "00123"), ("Review", "all; good"), ("lang", "en")]);
    let mapping = vec![Mapping { variable: "text".to_owned(), column: "Review".to_owned() }];
    assert_eq!((&plan.mapping, plan.unmapped.len(), plan.problems.len()), (&mapping, 0, 0), "{:?}", plan.problems);
    assert_eq!(plan.preview.iter().map(|row| row.problem.is_some()).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!((plan.preview[2].item, plan.preview[2].line), (3, Some(4)));

    let import = NewImport { mapping, ..new_import("Feedback", CONFIG, Some(path.clone())) };
    let report = desk.engine.import_project(import).await.expect("import");
    assert_eq!((report.tasks, report.refused), (2, 1));
    let first = json!({"id": "00123", "Review": "all; good", "lang": "en", "text": "all; good"});
    assert_eq!(data(&desk, &report.project_id).await[0], first, "values stay as they are");
    let error = desk.engine.import_project(new_import("Again", CONFIG, Some(path))).await.expect_err("no mapping");
    assert!(error.to_string().contains("“text”"), "{error}");
}

#[tokio::test]
async fn tasks_are_added_to_a_project_that_is_there() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(2)).await;
    let tasks_path =
        Some(desk.write("more.jsonl", "{\"text\": \"crash number 2.\"}\n{\"text\": \"new\"}\n\n{\"text\": \"new\"}\n"));
    let target = ImportTarget::Existing { project_id: project.clone() };
    let more = NewImport { target, tasks_path, mapping: Vec::new(), skip_duplicates: false };
    let report = desk.engine.import_project(more.clone()).await.expect("import");
    assert_eq!((report.project_id.clone(), report.tasks, report.ground_truth), (project.clone(), 3, 0));
    assert_eq!(report.duplicates, 2, "{:?}", report.first_issues);
    let lines: Vec<_> = report.first_issues.iter().map(|issue| (issue.item, issue.line, issue.kind)).collect();
    assert_eq!(lines, [(1, Some(1), IssueKind::Duplicate), (3, Some(4), IssueKind::Duplicate)]);
    let detail = desk.engine.project(project.to_string()).await.expect("project");
    assert_eq!((detail.summary.task_count, detail.summary.ground_truth_count), (5, 2));
    let page = desk.engine.tasks(project.clone(), 0, 10).await.expect("tasks");
    assert_eq!(page.rows.iter().map(|row| row.position).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);

    let again = NewImport { skip_duplicates: true, ..more };
    let report = desk.engine.import_project(again).await.expect("import");
    assert_eq!((report.tasks, report.duplicates), (0, 3), "all of it was there");
    assert_eq!(desk.engine.tasks(project, 0, 10).await.expect("tasks").total, 5);
}

#[tokio::test]
async fn issues_are_kept_paged_and_written_to_a_file() {
    let desk = Desk::new();
    let tasks = json!([task("a", None), 1, { "text": "b, \"quoted\"" }, { "x": 1 }, task("a", None),
        { "data": { "text": "c" }, "predictions": [7] }]);
    let report = import(&desk, "Feedback", CONFIG, &tasks.to_string()).await.expect("import");
    assert_eq!((report.refused, report.duplicates, report.warnings.len()), (2, 1, 1));
    let issues = desk.engine.import_issues(report.project_id.clone(), 1, 2).await.expect("issues");
    assert_eq!(issues.total, 4);
    assert_eq!(issues.rows.iter().map(|row| row.item).collect::<Vec<_>>(), [4, 6]);
    assert_eq!(issues.rows[1].kind, IssueKind::Changed);
    let path = desk.folder.path().join("issues.csv");
    assert_eq!(desk.engine.export_import_issues(report.project_id, path.clone()).await.expect("written"), 4);
    let written = std::fs::read_to_string(path).expect("file");
    assert!(written.starts_with("kind,file,item,line,task,message\nrefused,tasks.json,2,1,,"), "{written}");
    assert_eq!(written.lines().count(), 5, "{written}");
}

#[tokio::test]
async fn a_project_may_begin_without_tasks() {
    let desk = Desk::new();
    let report = desk.engine.import_project(new_import("Empty", CONFIG, None)).await.expect("made");
    assert_eq!(report.tasks, 0);
    let target = ImportTarget::Existing { project_id: report.project_id };
    let nothing = NewImport { target, ..new_import("", CONFIG, None) };
    assert_eq!(desk.engine.import_project(nothing).await.expect_err("nothing to do").field(), Some("tasks_path"));
    let unknown = ImportTarget::Existing { project_id: ProjectId("none".to_owned()) };
    let unknown = NewImport { target: unknown, ..new_import("", CONFIG, None) };
    assert_eq!(desk.engine.import_project(unknown).await.expect_err("no such").code(), ErrorCode::NotFound);
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
async fn a_canceled_import_keeps_nothing_and_the_next_may_start() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(1)).await;
    let many: String = (0..400_000).map(|n| format!("{{\"text\": \"task {n}\"}}\n")).collect();
    let tasks_path = Some(desk.write("many.jsonl", &many));
    let target = ImportTarget::Existing { project_id: project.clone() };
    let import = NewImport { target, ..new_import("", CONFIG, tasks_path) };
    let engine = desk.engine.clone();
    let running = tokio::spawn(async move { engine.import_project(import).await });
    let has_begun = async || desk.recorder.reports().iter().any(|report| report["tasks"].as_u64() > Some(1));
    crate::support::until("progress is told", has_begun).await;
    let second = desk.engine.import_project(new_import("Second", CONFIG, None)).await.expect_err("one at a time");
    assert_eq!(second.code(), ErrorCode::Invalid);
    desk.engine.cancel_import();
    assert_eq!(running.await.expect("it ends").expect_err("canceled").code(), ErrorCode::Canceled);
    assert_eq!(desk.engine.tasks(project, 0, 1).await.expect("tasks").total, 1);
    desk.engine.import_project(new_import("Second", CONFIG, None)).await.expect("nothing is in the way");
}

#[tokio::test]
async fn chosen_files_are_told_apart_before_anything_is_imported() {
    let desk = Desk::new();
    let (config, tasks, other) =
        (desk.write("a.xml", CONFIG), desk.write("my_tasks.json", "[]"), desk.write("b.docx", ""));
    let plan = desk.engine.plan_import(vec![tasks.clone(), config.clone()], None).await.expect("plan");
    assert_eq!((plan.config_path, plan.tasks_path), (Some(config.clone()), Some(tasks)));
    assert_eq!((plan.suggested_name.as_str(), plan.problems.len()), ("my tasks", 0));
    assert!(plan.config.is_some_and(|preview| preview.ineligible.is_none()));
    let plan = desk.engine.plan_import(vec![other], None).await.expect("plan");
    assert_eq!(plan.problems.len(), 3, "{:?}", plan.problems);
    let plan = desk.engine.plan_import(vec![config], None).await.expect("plan");
    assert_eq!(plan.problems, [""; 0], "a project may begin without tasks");
    let broken = desk.write("broken.json", "{\"a\": ");
    let plan = desk.engine.plan_import(vec![broken], None).await.expect("plan");
    assert!(plan.problems.iter().any(|problem| problem.contains("broken.json")), "{:?}", plan.problems);
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
        space_id: None,
    };
    let error = desk.engine.create_prompt(prompt).await.expect_err("no prompt can aim at it");
    assert_eq!(error.field(), Some("project_id"));
}
