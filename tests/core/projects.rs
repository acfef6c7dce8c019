//! Projects: what their prompts can ask, into the bin and out of it.

use crate::support::{Desk, Server, bugs, by_text, draft, new_import, new_run};
use touchstone_engine::ErrorCode;
use touchstone_engine::connections::{ConnectionEdit, NewConnection};
use touchstone_engine::domain::prompt::Provider;
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::requests::Severity;

#[tokio::test]
async fn a_run_is_refused_where_the_model_cannot_see_what_it_is_about() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let config = r#"<View><Image name="photo" value="$image"/><Choices name="mood" toName="photo"><Choice value="Calm"/><Choice value="Tense"/></Choices></View>"#;
    let tasks_path = Some(desk.write("tasks.json", r#"[{"image": "a.png"}]"#));
    let report = desk.engine.import_project(new_import("Pictures", config, tasks_path)).await.expect("import");
    let project = desk.engine.project(report.project_id.to_string()).await.expect("project");
    assert_eq!(project.summary.ineligible, None, "another model may see it");

    let new = ConnectionEdit {
        base_url: Some(server.endpoint()),
        api_key: Some(Secret::new("sk-none".to_owned())),
        until_quit: true,
        ..ConnectionEdit::default()
    };
    let added = desk.engine.add_connection(NewConnection::of(Provider::OpenAi, new)).await.expect("connection");
    let connection = added.connection.id;
    let prompt = desk.prompt(&report.project_id, &connection).await;
    let mut content = draft("Mood of: {image}", &connection);
    content.model = "gpt-3.5-turbo".to_owned();
    desk.engine.save_draft(prompt.clone(), content.clone()).await.expect("draft is saved");
    let preview = desk.engine.preview_request(prompt.clone(), content, 0).await.expect("preview");
    let reason = "Choices “mood” cannot be asked: it is about the Image “photo”, and the model cannot see images.";
    let errors = preview.problems.iter().filter(|problem| problem.severity == Severity::Error);
    assert_eq!(errors.map(|problem| problem.message.as_str()).collect::<Vec<_>>(), [reason]);
    let error = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect_err("nothing can be asked");
    assert!(error.to_string().contains(reason), "{error}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_project_is_renamed_where_its_new_name_is_free() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(1)).await;
    desk.import("News", &bugs(1)).await;
    for (name, code) in
        [("News", ErrorCode::NameTaken), ("  ", ErrorCode::Invalid), (&"n".repeat(1_000), ErrorCode::Invalid)]
    {
        let error = desk.engine.rename_project(project.clone(), name.to_owned()).await.expect_err("no such name");
        assert_eq!((error.code(), error.field()), (code, Some("name")), "{error}");
    }
    assert_eq!(desk.engine.project("Feedback".to_owned()).await.expect("as it was").summary.id, project);
    desk.engine.rename_project(project.clone(), " Tickets ".to_owned()).await.expect("renamed");
    assert_eq!(desk.engine.project(project.to_string()).await.expect("project").summary.name, "Tickets");
    desk.engine.delete_project(project.clone()).await.expect("into the bin");
    let error = desk.engine.rename_project(project, "Bugs".to_owned()).await.expect_err("in the bin");
    assert_eq!(error.code(), ErrorCode::NotFound);
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
