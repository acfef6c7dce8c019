//! Media of tasks: what is read, what is refused and why, and the check of a whole project.

use crate::support::{Desk, new_import, to_json};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use touchstone_engine::ErrorCode;
use touchstone_engine::domain::{ProjectId, TaskId};
use touchstone_engine::settings::Settings;

const CONFIG: &str = r#"<View><Image name="picture" value="$picture"/>
  <Choices name="kind" toName="picture"><Choice value="Cat"/></Choices></View>"#;

/// A green PNG of 8 × 4 pixels.
const PNG: &[u8] = include_bytes!("../fixtures/green.png");

/// An HTTP server with files of every kind of trouble; counts what it was asked.
struct Web {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Web {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    let mut received = vec![0; 8 << 10];
                    let length = stream.read(&mut received).await.unwrap_or(0);
                    let head = String::from_utf8_lossy(&received[..length]).into_owned();
                    let reply = answer(head.split(' ').nth(1).unwrap_or_default());
                    // Whoever has heard enough hangs up.
                    let _ = stream.write_all(&reply).await;
                });
            }
        });
        Self { url, asked }
    }
}

fn answer(path: &str) -> Vec<u8> {
    let head = |line: &str, more: &str| format!("HTTP/1.1 {line}\r\nConnection: close\r\n{more}\r\n").into_bytes();
    match path {
        "/a.png" => [head("200 OK", &format!("Content-Length: {}\r\n", PNG.len())), PNG.to_vec()].concat(),
        "/moved.png" => head("302 Found", "Location: /a.png\r\nContent-Length: 0\r\n"),
        "/round.png" => head("302 Found", "Location: /round.png\r\nContent-Length: 0\r\n"),
        "/out.png" => head("302 Found", "Location: file:///etc/passwd\r\nContent-Length: 0\r\n"),
        "/cut.png" => [head("200 OK", ""), PNG[..40].to_vec()].concat(),
        "/page" => [head("200 OK", "Content-Type: image/png\r\n"), b"<html>not found</html>".to_vec()].concat(),
        "/claims" => head("200 OK", "Content-Length: 99999999999\r\n"),
        "/endless" => [head("200 OK", ""), vec![b'x'; 3 << 20]].concat(),
        _ => head("404 Not Found", "Content-Length: 0\r\n"),
    }
}

async fn import(desk: &Desk, pictures: &[Value]) -> (ProjectId, Vec<TaskId>) {
    let tasks: Value = pictures.iter().map(|picture| json!({ "data": { "picture": picture } })).collect();
    let path = desk.write("tasks.json", &tasks.to_string());
    let id = desk.engine.import_project(new_import("Pictures", CONFIG, Some(path))).await.expect("imported").project_id;
    let rows = desk.engine.tasks(id.clone(), 0, 100).await.expect("tasks").rows;
    (id, rows.into_iter().map(|row| row.id).collect())
}

/// What is told of the media of a task: `image/png 8×4`, or why it cannot be used.
async fn told(desk: &Desk, task: TaskId) -> Vec<String> {
    let infos = desk.engine.media_info(task, "picture".to_owned()).await.expect("the task is there");
    let words = infos.into_iter().map(|info| match info.problem {
        Some(problem) => problem,
        None => format!(
            "{} {}×{}",
            info.mime.unwrap_or_default(),
            info.width.unwrap_or_default(),
            info.height.unwrap_or_default()
        ),
    });
    words.collect()
}

#[tokio::test]
async fn pictures_are_read_from_where_tasks_say_and_all_else_is_refused_with_its_reason() {
    let desk = Desk::new();
    let web = Web::start().await;
    let host = web.url.trim_start_matches("http://").to_owned();
    let file = desk.folder.path().join("a b.png");
    std::fs::write(&file, PNG).expect("written");
    let text = desk.write("secret.txt", "root:x:0:0");
    desk.engine.set_settings(Settings { media_megabytes_max: 1, ..Settings::default() }).await.expect("set");
    let fine = "image/png 8×4".to_owned();
    let cases = [
        (json!(file), fine.clone()),
        (json!(format!("file://{}", file.display()).replace(' ', "%20")), fine.clone()),
        (json!(format!("{}/a.png", web.url)), fine.clone()),
        (json!(format!("{}/moved.png", web.url)), fine),
        (json!(text), "it is neither a picture nor a PDF".to_owned()),
        (json!(desk.folder.path().join("none.png")), "there is no such file".to_owned()),
        (json!(desk.folder.path()), "it is no file".to_owned()),
        (json!("/dev/zero"), "it is no file".to_owned()),
        (json!(format!("{}/none.png", web.url)), format!("{host} says 404")),
        (json!(format!("{}/cut.png", web.url)), "it is damaged".to_owned()),
        (json!(format!("{}/page", web.url)), "it is neither a picture nor a PDF".to_owned()),
        (json!(format!("{}/claims", web.url)), "it is larger than 1 MB, the limit in the settings".to_owned()),
        (json!(format!("{}/endless", web.url)), "it is larger than 1 MB, the limit in the settings".to_owned()),
        (
            json!(format!("{}/round.png", web.url)),
            format!("{host}: it leads on to too many other addresses, or to one that is none of the web"),
        ),
        (
            json!(format!("{}/out.png", web.url)),
            format!("{host}: it leads on to too many other addresses, or to one that is none of the web"),
        ),
        (
            json!("pictures/a.png"),
            "it is neither an address nor a whole path; where it begins is not known here".to_owned(),
        ),
    ];
    let (_, tasks) = import(&desk, &cases.clone().map(|(picture, _)| picture)).await;
    for ((picture, expected), task) in cases.into_iter().zip(tasks) {
        assert_eq!(told(&desk, task).await, [expected], "{picture}");
    }
}

#[tokio::test]
async fn what_was_read_is_kept_until_its_file_changes() {
    let desk = Desk::new();
    let web = Web::start().await;
    let file = desk.folder.path().join("a.png");
    std::fs::write(&file, PNG).expect("written");
    let (_, tasks) = import(&desk, &[json!(format!("{}/a.png", web.url)), json!(file)]).await;
    for _ in 0..3 {
        let media = desk.engine.media(tasks[0], "picture".to_owned(), 0, None).await.expect("a picture");
        assert_eq!((media.bytes.as_slice(), media.mime), (PNG, "image/png"));
    }
    assert_eq!(web.asked.load(Ordering::Relaxed), 1, "asked once, shown often");
    let elsewhere = desk.engine.media_here(tasks[0], "picture".to_owned(), 0, Some(64)).await.expect_err("on the web");
    assert_eq!(elsewhere.to_string(), "it is not on this machine");
    desk.engine.media_here(tasks[1], "picture".to_owned(), 0, Some(64)).await.expect("a file");
    assert_eq!(web.asked.load(Ordering::Relaxed), 1, "nobody else is asked");
    desk.engine.media(tasks[1], "picture".to_owned(), 0, Some(64)).await.expect("a picture");
    std::fs::write(&file, "no more").expect("written");
    let gone = desk.engine.media(tasks[1], "picture".to_owned(), 0, Some(64)).await.expect_err("changed");
    assert_eq!(gone.code(), ErrorCode::Invalid);
    let none = desk.engine.media(tasks[0], "picture".to_owned(), 1, None).await.expect_err("there is one only");
    assert_eq!(none.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_picture_is_made_smaller_to_the_side_that_is_asked_for() {
    let desk = Desk::new();
    let file = desk.folder.path().join("a.png");
    std::fs::write(&file, PNG).expect("written");
    let (_, tasks) = import(&desk, &[json!(file)]).await;
    let small = desk.engine.media(tasks[0], "picture".to_owned(), 0, Some(4)).await.expect("a picture");
    let copy = desk.folder.path().join("small");
    std::fs::write(&copy, &small.bytes).expect("written");
    let (_, tasks) = {
        let path = desk.write("more.json", &json!([{ "data": { "picture": copy } }]).to_string());
        let import = new_import("Small", CONFIG, Some(path));
        let id = desk.engine.import_project(import).await.expect("imported").project_id;
        let rows = desk.engine.tasks(id.clone(), 0, 1).await.expect("tasks").rows;
        (id, rows.into_iter().map(|row| row.id).collect::<Vec<_>>())
    };
    assert!(told(&desk, tasks[0]).await[0].ends_with(" 4×2"));
}

#[tokio::test]
async fn a_project_is_checked_and_each_fault_is_listed_with_its_task() {
    let desk = Desk::new();
    let web = Web::start().await;
    let good = format!("{}/a.png", web.url);
    let pictures = [json!(good), json!("s3://bucket/a.png?sig=x"), json!([good, "nowhere.png"]), json!("")];
    let (project, _) = import(&desk, &pictures).await;
    let check = desk.engine.check_media(project.clone()).await.expect("checked");
    assert_eq!((check.tasks, check.pieces, check.faulty_tasks, check.canceled), (4, 5, 3, false), "{check:?}");
    let faults: Vec<_> = check.faults.iter().map(|fault| (fault.position, fault.source.as_str())).collect();
    assert_eq!(faults, [(1, "s3://bucket/a.png"), (2, "nowhere.png"), (3, "")]);
    assert_eq!(check.faults[0].object, "picture");

    desk.engine.set_settings(Settings { media_from_web: false, ..Settings::default() }).await.expect("set");
    let check = desk.engine.check_media(project).await.expect("checked");
    assert_eq!(check.faulty_tasks, 4);
    assert!(check.faults[0].problem.contains("in the settings"), "{}", to_json(&check.faults[0]));
}
