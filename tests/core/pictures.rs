//! Runs about pictures and documents: what is sent, what is paid once, and what fails before anything is sent.

use crate::support::{Asked, Desk, Gate, Reply, Server, by_text, draft, new_import, new_run, to_json, until};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use touchstone_engine::annotations::AnnotationContent;
use touchstone_engine::connections::{ConnectionEdit, NewConnection};
use touchstone_engine::domain::answer::answer_hash;
use touchstone_engine::domain::prompt::{Message, Provider, Role};
use touchstone_engine::domain::run::{RunStatus, Subset};
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::{ConnectionId, PromptId, RunId};
use touchstone_engine::requests::{ProblemCode, Severity};
use touchstone_engine::results::{ResultDetail, RowFilter, RowQuery, RowSort};
use touchstone_engine::runs::NewRun;
use touchstone_engine::settings::Settings;

const CONFIG: &str = r#"<View><Image name="picture" value="$picture"/>
  <Choices name="kind" toName="picture"><Choice value="Cat"/><Choice value="Dog"/></Choices></View>"#;

/// A green PNG of 8 × 4 pixels, and its beginning as it is sent.
const PNG: &[u8] = include_bytes!("../fixtures/green.png");
const PNG_SENT: &str = "data:image/png;base64,iVBORw0KGgo";

const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

fn cat(_: &Asked) -> Reply {
    Reply::Says(json!({ "kind": "Cat" }).to_string())
}

/// A picture in the desk's folder.
fn picture(desk: &Desk, name: &str, bytes: &[u8]) -> String {
    let path = desk.folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    path.to_str().expect("temporary paths are text").to_owned()
}

/// A project of these tasks, and a prompt on it that asks `connection` with `user`.
async fn prompt_on(desk: &Desk, config: &str, tasks: &[Value], connection: &ConnectionId, user: &str) -> PromptId {
    let tasks: Value = tasks.iter().map(|data| json!({ "data": data })).collect();
    let path = desk.write("tasks.json", &tasks.to_string());
    let project = desk.engine.import_project(new_import("Pictures", config, Some(path))).await.expect("imported");
    let prompt = desk.prompt(&project.project_id, connection).await;
    desk.engine.save_draft(prompt.clone(), draft(user, connection)).await.expect("the draft is saved");
    prompt
}

async fn ask_about(desk: &Desk, server: &Server, pictures: &[Value], user: &str) -> PromptId {
    let connection = desk.connect(server).await;
    let tasks: Vec<_> = pictures.iter().map(|picture| json!({ "picture": picture })).collect();
    prompt_on(desk, CONFIG, &tasks, &connection, user).await
}

async fn rows(desk: &Desk, run: &RunId) -> Vec<Value> {
    let query = RowQuery { filter: RowFilter::All, sort: RowSort::Position, search: String::new(), cell: None };
    let page = desk.result_rows(run.clone(), query, 0, 500).await;
    page.rows.iter().map(to_json).collect()
}

async fn detail(desk: &Desk, run: &RunId, place: usize) -> ResultDetail {
    let task = serde_json::from_value(rows(desk, run).await[place]["task_id"].clone()).expect("a task id");
    desk.engine.result(run.clone(), task).await.expect("a result")
}

/// The parts of the last message that was asked.
fn content(asked: &Asked) -> Value {
    asked.body["messages"].as_array().and_then(|all| all.last()).expect("a message")["content"].clone()
}

#[tokio::test]
async fn a_picture_is_sent_where_its_variable_stands_and_shown_by_its_hash() {
    let server = Server::start(cat);
    let desk = Desk::new();
    let file = picture(&desk, "a.png", PNG);
    let prompt = ask_about(&desk, &server, &[json!(file)], "What is on {picture}\nOne word.").await;
    let drafted = desk.engine.prompt(prompt.to_string()).await.expect("the prompt").draft.content;
    let preview = desk.engine.preview_request(prompt.clone(), drafted, 0).await.expect("a preview");
    assert!(preview.problems.is_empty(), "{:?}", preview.problems);
    let said = preview.messages[0].text();
    assert!(said.starts_with("What is on <image/png, ") && said.ends_with(">\nOne word."), "{said}");
    assert!(preview.prompt_tokens > 1_000, "a picture is no word");

    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.failed, run.requests), (RunStatus::Completed, 0, 1), "{:?}", run.reason);
    let asked = server.asked();
    let parts = content(&asked[0]);
    assert_eq!(parts[0], json!({ "type": "text", "text": "What is on " }));
    assert!(parts[1]["image_url"]["url"].as_str().is_some_and(|url| url.starts_with(PNG_SENT)), "{parts}");
    assert_eq!(parts[2], json!({ "type": "text", "text": "\nOne word." }));
    assert_eq!(asked[0].body["response_format"]["schema"]["required"], json!(["kind"]));

    let shown = detail(&desk, &run.id, 0).await;
    assert_eq!(shown.request, preview.body, "what is shown before and after");
    assert!(shown.request.contains("<image/png, ") && !shown.request.contains("iVBORw0KGgo"), "{}", shown.request);
    assert_eq!(rows(&desk, &run.id).await[0]["prediction"][0]["value"], json!({ "choices": ["Cat"] }));
    for entry in std::fs::read_dir(desk.folder.path()).expect("folder") {
        let bytes = std::fs::read(entry.expect("entry").path()).expect("file");
        assert!(!bytes.windows(11).any(|window| window == b"iVBORw0KGgo"), "no picture is stored in base64");
    }
}

#[tokio::test]
async fn a_picture_is_paid_once_and_asked_again_when_its_bytes_differ() {
    let server = Server::start(cat);
    let desk = Desk::new();
    let file = picture(&desk, "a.png", PNG);
    let twin = picture(&desk, "b.png", PNG);
    let prompt = ask_about(&desk, &server, &[json!(file), json!(twin)], "What is on {picture}").await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.done, run.requests, run.cached), (2, 1, 1), "the same picture by two names");
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.requests, run.cached), (0, 2));
    picture(&desk, "a.png", &[PNG, b"x"].concat());
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.requests, run.cached, server.asked().len()), (1, 1, 2));
}

#[tokio::test]
async fn media_that_cannot_be_sent_fail_their_task_before_anything_is_sent() {
    let server = Server::start(cat);
    let desk = Desk::new();
    desk.engine.set_settings(Settings { media_megabytes_max: 1, ..Settings::default() }).await.expect("set");
    let large = picture(&desk, "large.png", &vec![b'x'; 1_000_001]);
    let text = picture(&desk, "text.png", b"root:x:0:0");
    let pdf = picture(&desk, "a.pdf", b"%PDF-1.7 \n");
    let pictures = [json!(""), json!("/none.png"), json!(large), json!(text), json!(pdf)];
    let prompt = ask_about(&desk, &server, &pictures, "What is on {picture}").await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.failed, run.requests), (RunStatus::Completed, 5, 0), "{:?}", run.reason);
    let rows = rows(&desk, &run.id).await;
    let codes: Vec<_> = rows.iter().map(|row| row["error"]["code"].as_str().unwrap_or_default()).collect();
    let unusable = "media_unusable";
    assert_eq!(codes, ["media_missing", "media_missing", unusable, unusable, unusable]);
    assert_eq!(rows[0]["error"]["message"], "The picture cannot be sent: the task names none.");
    assert_eq!(rows[1]["error"]["message"], "The picture “/none.png” cannot be sent: there is no such file.");
    let words = rows[4]["error"]["message"].as_str().unwrap_or_default();
    assert!(words.contains("it is a PDF, and the labeling interface shows it as a picture"), "{words}");
    assert!(server.asked().is_empty());

    let drafted = desk.engine.prompt(prompt.to_string()).await.expect("the prompt").draft.content;
    let preview = desk.engine.preview_request(prompt, drafted, 1).await.expect("a preview");
    assert_eq!(preview.problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [ProblemCode::UnsentMedia]);
    assert!(preview.body.contains("not read: The picture “/none.png”"), "{}", preview.body);
}

/// A web server that replies 503 to its first `failing` callers, and with a picture to the others.
async fn web(failing: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/a.png", listener.local_addr().expect("bound"));
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            let mut received = vec![0; 8 << 10];
            let _ = stream.read(&mut received).await;
            let (status, body) = if number < failing { ("503 No", &b""[..]) } else { ("200 OK", PNG) };
            let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
        }
    });
    (url, asked)
}

#[tokio::test]
async fn a_picture_of_the_web_that_fails_for_a_moment_is_read_again() {
    let server = Server::start(cat);
    let desk = Desk::new();
    let (url, read) = web(2).await;
    let prompt = ask_about(&desk, &server, &[json!(url)], "What is on {picture}").await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.failed, run.requests), (RunStatus::Completed, 0, 1), "{:?}", run.reason);
    assert_eq!((run.retries, read.load(Ordering::SeqCst)), (0, 3), "reading is no request");
}

#[tokio::test]
async fn a_network_that_fails_pauses_the_run_and_blames_no_task() {
    let server = Server::start(cat);
    let desk = Desk::new();
    let (url, _) = web(usize::MAX).await;
    let prompt = ask_about(&desk, &server, &[json!(url), json!(url)], "What is on {picture}").await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done), (RunStatus::Paused, 0));
    assert!(run.reason.as_ref().is_some_and(|reason| reason.contains("says 503")), "{:?}", run.reason);
}

#[tokio::test]
async fn offline_a_run_waits_for_the_pictures_of_the_web_and_blames_no_task() {
    let server = Server::start(cat);
    let desk = Desk::new();
    let settings = desk.engine.settings().await.expect("settings");
    desk.engine.set_settings(Settings { offline: true, ..settings }).await.expect("switched on");
    let prompt = ask_about(&desk, &server, &[json!("http://192.0.2.1/a.png")], "What is on {picture}").await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.status, run.done, run.failed), (RunStatus::Paused, 0, 0));
    assert!(run.reason.as_ref().is_some_and(|reason| reason.contains("Offline is switched on")), "{:?}", run.reason);
}

#[tokio::test]
async fn several_pages_and_documents_are_sent_in_their_order() {
    let server = Server::start(cat);
    let desk = Desk::new();
    let config = r#"<View><Image name="pages" valueList="$pages"/><Pdf name="doc" value="$doc"/>
      <Choices name="kind" toName="pages"><Choice value="Cat"/></Choices></View>"#;
    let (page, doc) = (picture(&desk, "a.png", PNG), picture(&desk, "a.pdf", b"%PDF-1.7 \n"));
    let tasks = [json!({ "pages": [page, page], "doc": doc })];
    let connection = desk.connect(&server).await;
    let prompt = prompt_on(&desk, config, &tasks, &connection, "{pages}Terms:\n{doc}").await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!(run.failed, 0, "{:?}", rows(&desk, &run.id).await);
    let parts = content(&server.asked()[0]);
    let kinds: Vec<_> = parts.as_array().into_iter().flatten().map(|part| part["type"].clone()).collect();
    assert_eq!(kinds, ["image_url", "image_url", "text", "file"]);
    assert_eq!(parts[3]["file"]["file_data"], "data:application/pdf;base64,JVBERi0xLjcgCg==");
}

#[tokio::test]
async fn what_the_task_holds_itself_is_sent_and_scored() {
    let server = Server::start(|asked| {
        let kind = if content(asked)[1]["type"] == "file" { "Invoice" } else { "Plant" };
        Reply::Says(json!({ "kind": kind }).to_string())
    });
    let desk = Desk::new();
    let connection = desk.connect(&server).await;
    for (template, user, sent) in [
        ("image-class", "What is this? {image}", "data:image/png;base64,iVBORw0KGgo"),
        ("pdf-class", "What is this? {pdf}", "data:application/pdf;base64,JVBERi0"),
    ] {
        let project = desk.engine.import_template(template.to_owned(), None).await.expect("imported").project_id;
        let prompt = desk.prompt(&project, &connection).await;
        desk.engine.save_draft(prompt.clone(), draft(user, &connection)).await.expect("the draft is saved");
        let run = desk.run(&prompt, Subset::GroundTruth).await;
        assert_eq!((run.failed, run.scored, run.correct), (0, 6, 2), "{template}: {:?}", rows(&desk, &run.id).await);
        let part = &content(server.asked().last().expect("asked"))[1];
        let data = part["image_url"]["url"].as_str().or(part["file"]["file_data"].as_str());
        assert!(data.is_some_and(|data| data.starts_with(sent)), "{part}");
    }
}

#[tokio::test]
async fn what_the_prompt_does_not_show_is_not_asked() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let config = r#"<View><Image name="picture" value="$picture"/><Text name="text" value="$text"/>
      <Choices name="kind" toName="picture"><Choice value="Cat"/></Choices>
      <Choices name="topic" toName="text"><Choice value="Bug"/><Choice value="Praise"/></Choices></View>"#;
    let tasks = [json!({ "picture": "/none.png", "text": "crash" })];
    let connection = desk.connect(&server).await;
    let prompt = prompt_on(&desk, config, &tasks, &connection, "Topic of: {text}").await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!(run.failed, 0, "{:?}", rows(&desk, &run.id).await);
    assert_eq!(server.asked()[0].body["response_format"]["schema"]["required"], json!(["topic"]));
    let drafted = desk.engine.prompt(prompt.to_string()).await.expect("the prompt").draft.content;
    let preview = desk.engine.preview_request(prompt.clone(), drafted, 0).await.expect("a preview");
    let codes: Vec<_> = preview.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ProblemCode::UnshownObject, ProblemCode::UnusedVariable], "{:?}", preview.problems);

    let mut shows = draft("Topic of: {text}", &connection);
    shows.messages.insert(0, Message::new(Role::System, "See {picture}"));
    let preview = desk.engine.preview_request(prompt.clone(), shows.clone(), 0).await.expect("a preview");
    let errors = preview.problems.iter().filter(|problem| problem.severity == Severity::Error);
    assert_eq!(errors.map(|problem| problem.code).collect::<Vec<_>>(), [ProblemCode::MisplacedMedia]);
    desk.engine.save_draft(prompt.clone(), shows).await.expect("saved");
    let refused = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect_err("refused");
    assert!(refused.to_string().contains("Message 1 cannot hold the picture {picture}"), "{refused}");
}

#[tokio::test]
async fn a_type_of_picture_that_the_vendor_does_not_take_is_not_sent() {
    let server = Server::start(cat);
    let desk = Desk::new();
    let new = ConnectionEdit {
        base_url: Some(server.endpoint()),
        api_key: Some(Secret::new("planted".to_owned())),
        until_quit: true,
        ..ConnectionEdit::default()
    };
    let added = desk.engine.add_connection(NewConnection::of(Provider::Gemini, new)).await.expect("added");
    let connection = added.connection.id;
    let tasks = [json!({ "picture": picture(&desk, "a.gif", GIF) })];
    let prompt = prompt_on(&desk, CONFIG, &tasks, &connection, "What is on {picture}").await;
    let run = desk.run(&prompt, Subset::All).await;
    let rows = rows(&desk, &run.id).await;
    assert_eq!(rows[0]["error"]["code"], "media_unusable", "{rows:?}");
    let words = rows[0]["error"]["message"].as_str().unwrap_or_default();
    assert!(words.contains("Gemini takes no pictures of the type image/gif"), "{words}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn ground_truth_on_a_picture_that_is_edited_scores_the_run_again() {
    let server = Server::start(cat);
    let desk = Desk::new();
    let file = picture(&desk, "a.png", PNG);
    let prompt = ask_about(&desk, &server, &[json!(file)], "What is on {picture}").await;
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!(run.scored, 0);
    let task = detail(&desk, &run.id, 0).await.row.task_id;
    let region = json!({ "id": "r", "from_name": "kind", "to_name": "picture", "type": "choices", "value": { "choices": ["Cat"] } });
    let edit = AnnotationContent {
        id: None,
        result: vec![serde_json::from_value(region).expect("a region")],
        ground_truth: true,
    };
    desk.engine.save_annotation(task, edit).await.expect("saved");
    let run = desk.engine.run(run.id).await.expect("the run");
    assert_eq!((run.scored, run.correct), (1, 1));
}

#[tokio::test]
async fn a_request_of_text_alone_is_as_ever() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &json!([{ "data": { "text": "crash" } }])).await;
    let drafted = desk.engine.prompt(prompt.to_string()).await.expect("the prompt").draft.content;
    let preview = desk.engine.preview_request(prompt, drafted, 0).await.expect("a preview");
    let body: Value = serde_json::from_str(&preview.body).expect("JSON");
    let topic = json!({ "type": "string", "enum": ["Bug", "Praise"], "description": "Choices for text" });
    let wanted = json!({
        "model": "scripted",
        "messages": [{ "role": "user", "content": "Topic of: crash" }],
        "response_format": { "type": "json_object", "schema": {
            "type": "object",
            "properties": { "topic": topic },
            "required": ["topic"],
            "additionalProperties": false,
        } },
    });
    assert_eq!(body.to_string(), wanted.to_string());
    // The key of an answer from before pictures were sent: whoever owns it must not pay again.
    let key = answer_hash(Provider::Custom, "http://h/v1", &body.to_string());
    assert_eq!(key, "9f70efbc02431ceaa81eae67097cfc0b0c17105e50d1cddcfa8be1bcab7ca878");
}

#[tokio::test]
async fn no_more_pictures_are_in_memory_than_tasks_are_asked_about_and_each_is_read_once() {
    const TASKS: usize = 30;
    const AT_ONCE: u32 = 2;
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| Reply::After(Arc::clone(&held), Box::new(cat(asked))));
    let desk = Desk::new();
    let (url, read) = web(0).await;
    // Each is another file, as far as anybody knows.
    let pictures: Vec<_> =
        (0..TASKS).map(|number| json!({ "picture": format!("{url}?{number}"), "number": number })).collect();
    let connection = desk.connect(&server).await;
    let prompt = prompt_on(&desk, CONFIG, &pictures, &connection, "What is on {picture}, number {number}?").await;
    let new = NewRun { concurrency: Some(AT_ONCE), ..new_run(&prompt, Subset::All) };
    let run = desk.engine.start_run(new).await.expect("it starts").run_id;
    // Two are asked about, and two more are read while these are.
    until("as many are read as may be", async || server.asked().len() == 2 && read.load(Ordering::SeqCst) == 4).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(
        (server.asked().len(), read.load(Ordering::SeqCst)),
        (2, 4),
        "the others are not read before their turn"
    );
    gate.open();
    let run = desk.engine.wait_for_run(run).await.expect("it ends");
    assert_eq!((run.status, run.failed), (RunStatus::Completed, 0), "{:?}", run.reason);
    assert_eq!(read.load(Ordering::SeqCst), TASKS);
}
