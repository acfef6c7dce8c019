//! Code of a version asks exactly what a run asks; here curl does, against the server that the run asked.

use crate::providers::{Cloud, PLANTED, add};
use crate::support::{Asked, Desk, bugs, draft, new_import, task, to_json};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use touchstone_engine::ErrorCode;
use touchstone_engine::connections::{ConnectionEdit, NewConnection};
use touchstone_engine::domain::json::{Json, Object};
use touchstone_engine::domain::prompt::{Message, Provider, Role};
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::template::VariableFormat;
use touchstone_engine::domain::{ConnectionId, PromptId};
use touchstone_engine::settings::Settings;
use touchstone_engine::snippets::{SnippetLanguage, VersionCode};

/// Ends literals, expands in a shell, or turns text around, if it is let.
const NASTY: &str = "It's a \"crash\" of `id` for $5 (${HOME} $(id) \\n %s)\r\n\tJSON\nünï ⚡ {text} \u{202e}\u{2028}";

/// The headers that say what is asked, and with what key.
const TOLD: &[&str] = &[
    "content-type",
    "authorization",
    "api-key",
    "x-api-key",
    "x-goog-api-key",
    "x-auth-token",
    "anthropic-version",
    "extra-parameters",
];

/// A prompt with a text that is hard to quote, and parameters.
async fn prompt(desk: &Desk, connection: &ConnectionId, model: &str) -> PromptId {
    let project = desk.import("Feedback", &json!([task(NASTY, None)])).await;
    let prompt = desk.prompt(&project, connection).await;
    let mut content = draft("Topic of \"{text}\",\nthat is '{text}'?", connection);
    // Doubled braces are braces.
    let rules = NASTY.replace('{', "{{").replace('}', "}}");
    content.messages.insert(0, Message::new(Role::System, rules));
    content.model = model.to_owned();
    content.invocation_params = params(json!({ "max_tokens": 900, "top_p": 0.25 }));
    content.extra = params(json!({ "x_own": { "it's": ["$PATH", null, true, 1e-7] } }));
    desk.engine.save_draft(prompt.clone(), content).await.expect("the draft is saved");
    prompt
}

fn params(members: Value) -> Object {
    let members = members.as_object().cloned().expect("an object");
    Object(members.into_iter().map(|(name, value)| (name, Json::from(&value))).collect())
}

async fn code_of(desk: &Desk, prompt: &PromptId) -> VersionCode {
    let version = desk.engine.version_page(prompt.clone(), String::new(), 0, 1).await.expect("versions").rows.remove(0);
    desk.engine.version_code(version.id, None).await.expect("there is code")
}

fn snippet(code: &VersionCode, language: SnippetLanguage) -> &str {
    let found = code.snippets.iter().find(|snippet| snippet.language == language);
    &found.expect("every language is there").code
}

/// Method and path, the headers that matter, and the body.
fn told(asked: &Asked) -> (String, BTreeMap<String, String>, Value) {
    let mut lines = asked.head.lines();
    let request = lines.next().unwrap_or_default().to_owned();
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    (request, headers.filter(|(name, _)| TOLD.contains(&name.as_str())).collect(), asked.body.clone())
}

/// Runs the code of a shell, with the key in every variable that it reads.
#[cfg(unix)]
fn shell(folder: &Path, code: &str, environment: &[String]) {
    use std::os::unix::fs::PermissionsExt;
    // Stands for Google's own program.
    let gcloud = folder.join("gcloud");
    std::fs::write(&gcloud, format!("#!/bin/sh\necho {PLANTED}\n")).expect("a program");
    std::fs::set_permissions(&gcloud, std::fs::Permissions::from_mode(0o755)).expect("it may run");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    command.args(["-euc", code]).env("PATH", path).env("NO_PROXY", "*").env("no_proxy", "*");
    let output = command.envs(environment.iter().map(|name| (name, PLANTED))).output().expect("bash runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}\n{code}");
}

/// What the run asked and what curl asks are the same; the other languages can be read.
#[cfg(unix)]
async fn asks_what_a_run_asks(new: NewConnection, cloud: &Cloud, model: &str, environment: &[&str]) {
    let desk = Desk::new();
    let connection = add(&desk, new).await.connection;
    let prompt = prompt(&desk, &connection.id, model).await;
    code_asks_what_the_run_asks(&desk, cloud, &prompt, environment).await;
}

/// The same of a prompt that is there.
#[cfg(unix)]
async fn code_asks_what_the_run_asks(desk: &Desk, cloud: &Cloud, prompt: &PromptId, environment: &[&str]) {
    let run = desk.run(prompt, Subset::All).await;
    assert_eq!(run.failed, 0, "{:?}", run.reason);
    let sent = cloud.server.asked().pop().expect("the run asked");
    let code = code_of(desk, prompt).await;
    assert_eq!((code.version_number, code.position), (1, 0));
    assert_eq!(code.environment, environment);
    assert!(!to_json(&code).to_string().contains(PLANTED), "no key is in any code");

    shell(desk.folder.path(), snippet(&code, SnippetLanguage::Curl), &code.environment);
    let asked = cloud.server.asked().pop().expect("curl asked");
    assert_eq!(asked.number, sent.number + 1);
    assert_eq!(told(&asked), told(&sent));

    for (language, program, file, arguments) in [
        (SnippetLanguage::Python, "python3", "snippet.py", ["-m", "py_compile"].as_slice()),
        (SnippetLanguage::Typescript, "node", "snippet.mjs", &["--check"]),
    ] {
        let path = desk.write(file, snippet(&code, language));
        let output = Command::new(program).args(arguments).arg(path).output().expect("the language is installed");
        assert!(output.status.success(), "{}\n{}", String::from_utf8_lossy(&output.stderr), snippet(&code, language));
    }
}

/// Each provider with a model of it, and where its key is looked for.
#[cfg(unix)]
const EACH: [(Provider, &str, &str); 7] = [
    (Provider::OpenAi, "gpt-6-luna", "OPENAI_API_KEY"),
    (Provider::Anthropic, "claude-haiku-5-5", "ANTHROPIC_API_KEY"),
    (Provider::Gemini, "gemini-3.8-flash", "GEMINI_API_KEY"),
    (Provider::VertexAi, "gemini-3.8-flash", "GOOGLE_APPLICATION_CREDENTIALS"),
    (Provider::AzureOpenAi, "my-deployment", "AZURE_OPENAI_API_KEY"),
    (Provider::Foundry, "deepseek-v4-flash", "AZURE_AI_API_KEY"),
    (Provider::Custom, "llama3.2", "LLM_API_KEY"),
];

#[cfg(unix)]
#[tokio::test]
async fn code_asks_each_provider_what_a_run_asks() {
    for (provider, model, environment) in EACH {
        let cloud = Cloud::start();
        asks_what_a_run_asks(cloud.new_connection(provider), &cloud, model, &[environment]).await;
    }
}

/// A green PNG of 8 × 4 pixels.
const PNG: &[u8] = include_bytes!("../fixtures/green.png");

/// Pictures and a document: by their paths, in a list, in an object, in the task itself, and one of them twice.
async fn prompt_with_files(desk: &Desk, connection: &ConnectionId, model: &str) -> PromptId {
    let config = r#"<View><Image name="page" value="$page"/><Image name="more" valueList="$more"/>
      <Pdf name="scan" value="$doc.scan"/><Text name="text" value="$text"/>
      <Choices name="topic" toName="page"><Choice value="Bug"/><Choice value="Praise"/></Choices></View>"#;
    let kept = |name: &str, bytes: &[u8]| {
        let path = desk.folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path.to_str().expect("temporary paths are text").to_owned()
    };
    let (page, scan) = (kept("it's $HOME.png", PNG), kept("scan.pdf", b"%PDF-1.7 \xfb\xff\xbe\n"));
    let here = format!("data:image/png;base64,{}", BASE64_STANDARD.encode(PNG));
    let data = json!({ "page": page, "more": [here, page], "doc": { "scan": scan }, "text": NASTY });
    let path = desk.write("tasks.json", &json!([{ "data": data }]).to_string());
    let project =
        desk.engine.import_project(new_import("Pages", config, Some(path))).await.expect("imported").project_id;
    let prompt = desk.prompt(&project, connection).await;
    let mut content = draft("Topic of {page}\n`{text}` {more} and {doc.scan}?", connection);
    content.model = model.to_owned();
    desk.engine.save_draft(prompt.clone(), content).await.expect("the draft is saved");
    prompt
}

#[cfg(unix)]
#[tokio::test]
async fn code_sends_each_provider_the_files_that_a_run_sends() {
    for (provider, model, environment) in EACH {
        // The catalogue knows of Foundry's own that it sees no pictures.
        let model = if provider == Provider::Foundry { "my-own" } else { model };
        let cloud = Cloud::start();
        let desk = Desk::new();
        let mut new = cloud.new_connection(provider);
        new.entered.model = new.entered.model.map(|_| model.to_owned());
        let connection = add(&desk, new).await.connection;
        let prompt = prompt_with_files(&desk, &connection.id, model).await;
        code_asks_what_the_run_asks(&desk, &cloud, &prompt, &[environment]).await;
        let python = snippet(&code_of(&desk, &prompt).await, SnippetLanguage::Python).to_owned();
        let page = desk.folder.path().join("it's $HOME.png");
        for line in [
            format!("page = base64.b64encode(Path(\"{}\").read_bytes()).decode()\n", page.display()),
            "\nmore_0 = \"iVBORw0".to_owned(),
            "\ndoc_scan = base64.".to_owned(),
            "\ntext = ".to_owned(),
        ] {
            assert!(python.contains(&line), "{line}: {python}");
        }
        assert!(!python.contains("more_1") && !python.contains("smaller"), "{python}");
    }
}

#[tokio::test]
async fn code_says_what_a_run_makes_smaller_and_what_cannot_be_sent() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    let connection = add(&desk, cloud.new_connection(Provider::Custom)).await.connection;
    let prompt = prompt_with_files(&desk, &connection.id, "llama3.2").await;
    desk.engine.set_settings(Settings { media_side_px: 256, ..Settings::default() }).await.expect("set");
    let large = image::RgbImage::from_pixel(512, 16, image::Rgb([7, 8, 9]));
    let page = desk.folder.path().join("it's $HOME.png");
    large.save(&page).expect("written");
    let version = desk.engine.save_version(prompt.clone(), None).await.expect("saved").version;
    let code = desk.engine.version_code(version.id.clone(), None).await.expect("there is code");
    for snippet in &code.snippets {
        let said = snippet.code.matches("A run makes this picture smaller first, to 256 pixels").count();
        assert_eq!(said, 1, "{}", snippet.code);
        assert!(snippet.code.contains("data:image/png;base64,"), "the type of the file as it is: {}", snippet.code);
    }
    std::fs::remove_file(page).expect("removed");
    let refused = desk.engine.version_code(version.id, None).await.expect_err("the picture is gone");
    assert_eq!(refused.code(), ErrorCode::Invalid);
    assert!(refused.to_string().ends_with("cannot be sent: there is no such file."), "{refused}");
}

#[cfg(unix)]
#[tokio::test]
async fn code_goes_where_an_azure_address_leads() {
    let dated = "/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21";
    for (provider, path, model, environment) in [
        (Provider::AzureOpenAi, dated, "my-deployment", "AZURE_OPENAI_API_KEY"),
        (Provider::Foundry, "/models/chat/completions", "phi-4", "AZURE_AI_API_KEY"),
        (Provider::Foundry, "/anthropic/v1/messages", "claude-haiku-5-5", "ANTHROPIC_FOUNDRY_API_KEY"),
    ] {
        let cloud = Cloud::start();
        let mut new = cloud.new_connection(provider);
        new.entered.endpoint = Some(format!("{}{path}", cloud.base()));
        new.entered.model = new.entered.model.map(|_| model.to_owned());
        asks_what_a_run_asks(new, &cloud, model, &[environment]).await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn code_for_an_own_server_has_both_of_its_secrets_or_none() {
    let cloud = Cloud::start();
    let mut new = cloud.new_connection(Provider::Custom);
    new.entered.auth_token = Some(Secret::new(PLANTED.to_owned()));
    asks_what_a_run_asks(new, &cloud, "llama3.2", &["LLM_API_KEY", "X_AUTH_TOKEN"]).await;
    let cloud = Cloud::start();
    let mut new = cloud.new_connection(Provider::Custom);
    new.entered.api_key = None;
    asks_what_a_run_asks(new, &cloud, "llama3.2", &[]).await;
}

#[tokio::test]
async fn values_of_the_task_are_inputs_of_the_code() {
    let cloud = Cloud::start();
    let desk = Desk::new();
    let connection = add(&desk, cloud.new_connection(Provider::OpenAi)).await.connection;
    let project = desk.import("Feedback", &bugs(3)).await;
    let prompt = desk.prompt(&project, &connection.id).await;
    let mut content = draft("Topic of {text}?", &connection.id);
    content.model = "gpt-6-luna".to_owned();
    content.invocation_params = params(json!({ "temperature": 0.5 }));
    desk.engine.save_draft(prompt.clone(), content.clone()).await.expect("saved");
    let version = desk.engine.save_version(prompt.clone(), None).await.expect("saved").version;
    let code = desk.engine.version_code(version.id.clone(), Some(1)).await.expect("there is code");
    assert_eq!(code.position, 1);
    assert_eq!(code.left_out, ["temperature is not sent: gpt-6-luna does not take it."]);
    let python = snippet(&code, SnippetLanguage::Python);
    for line in ["# The inputs; here they are those of task 2.", "text = \"crash number 2.\"", "f\"Topic of {text}?\""]
    {
        assert!(python.contains(line), "{python}");
    }
    let typescript = snippet(&code, SnippetLanguage::Typescript);
    for line in ["const text = \"crash number 2.\";", "`Topic of ${text}?`"] {
        assert!(typescript.contains(line), "{typescript}");
    }
    let refused = desk.engine.version_code(version.id, Some(3)).await.expect_err("there are three tasks");
    assert_eq!((refused.code(), refused.to_string().as_str()), (ErrorCode::Invalid, "“Feedback” has 3 tasks"));

    // What a value decides cannot be an input: the text is filled in.
    content.input_variable_format = VariableFormat::Mustache;
    content.messages = vec![Message::new(Role::User, "{{#text}}Topic of {{text}}?{{/text}}")];
    desk.engine.save_draft(prompt.clone(), content).await.expect("saved");
    desk.engine.save_version(prompt.clone(), None).await.expect("saved");
    let code = code_of(&desk, &prompt).await;
    let python = snippet(&code, SnippetLanguage::Python);
    assert!(python.contains("\"Topic of crash number 1.?\"") && !python.contains("The inputs"), "{python}");
}

#[tokio::test]
async fn what_has_no_code_says_why() {
    let desk = Desk::new();
    let project = desk.import("Feedback", &bugs(1)).await;
    let practice = ConnectionId("practice".to_owned());
    let prompt = desk.prompt(&project, &practice).await;
    let version = desk.engine.save_version(prompt.clone(), None).await.expect("saved").version;
    let refused = desk.engine.version_code(version.id, None).await.expect_err("nobody could be asked");
    assert!(refused.to_string().contains("practice model"), "{refused}");

    let cloud = Cloud::start();
    let connection = add(&desk, cloud.new_connection(Provider::Custom)).await.connection;
    let content = draft("Topic of {missing}: {text}", &connection.id);
    desk.engine.save_draft(prompt.clone(), content).await.expect("saved");
    let version = desk.engine.save_version(prompt.clone(), None).await.expect("saved").version;
    let refused = desk.engine.version_code(version.id.clone(), None).await.expect_err("a value is missing");
    assert_eq!(refused.to_string(), "the task has no value for missing");
    desk.engine.remove_connection(connection.name).await.expect("removed");
    let refused = desk.engine.version_code(version.id, None).await.expect_err("nobody to ask");
    assert!(refused.to_string().contains("is gone"), "{refused}");
}

#[tokio::test]
async fn code_for_vertex_needs_no_account_where_the_project_is_named() {
    let desk = Desk::new();
    let entered = ConnectionEdit { project_id: Some("p-1".to_owned()), ..ConnectionEdit::default() };
    let new = NewConnection { without_key: true, ..NewConnection::of(Provider::VertexAi, entered) };
    let connection = add(&desk, new).await.connection;
    let prompt = prompt(&desk, &connection.id, "gemini-3.8-flash").await;
    desk.engine.save_version(prompt.clone(), None).await.expect("saved");
    let code = code_of(&desk, &prompt).await;
    let curl = snippet(&code, SnippetLanguage::Curl);
    let url = "https://aiplatform.googleapis.com/v1/projects/p-1/locations/global/publishers/google/models/\
               gemini-3.8-flash:generateContent";
    assert!(curl.contains(url), "{curl}");
}
