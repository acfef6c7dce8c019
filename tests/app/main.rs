//! Each command of the page once, through Tauri's mock runtime: that its name, arguments and reply are what the page
//! sends and reads. What the commands do is tested in `tests/core`. The two native dialogs need a display and are left
//! to the journeys' machine.

mod annotations;
mod app;
mod bindings;
mod configs;
mod connections;
mod imports;
mod label_studio;
mod local_api;
mod media;
mod network;
mod projects;
mod prompts;
mod reviews;
mod runs;
mod secrets;
mod settings;
mod spaces;
mod tasks;
mod versions;
mod workspace;

use serde_json::{Value, json};
use std::ffi::OsString;
use std::path::Path;
use std::sync::Mutex;
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets};
use tauri::webview::InvokeRequest;
use tauri::{App, WebviewWindow, WebviewWindowBuilder};
use tempfile::TempDir;
use touchstone_desktop::ipc::events::{AppEvent, MenuChosen, emit};
use touchstone_desktop::{Start, assemble};
use touchstone_engine::Keychain;

/// The program with a page to call from, on a folder of its own and without a keychain.
struct Page {
    folder: TempDir,
    window: WebviewWindow<MockRuntime>,
    /// Everything that the page was sent, replies and events, as text.
    heard: Mutex<Vec<String>>,
    app: App<MockRuntime>,
}

impl Page {
    fn open() -> Self {
        Self::open_with(|_| Vec::new())
    }

    /// `prepare` may put files into the data folder before the program starts; it says which the program is to open.
    fn open_with(prepare: impl FnOnce(&Path) -> Vec<OsString>) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let start =
            Start { folder: folder.path().join("data"), keychain: Keychain::none(), arguments: prepare(folder.path()) };
        let app = assemble(mock_builder(), mock_context(noop_assets()), |_| Ok(start)).expect("the program");
        let window = WebviewWindowBuilder::new(&app, "main", Default::default()).build().expect("a window");
        Self { folder, window, heard: Mutex::default(), app }
    }

    /// What the page gets for calling `command`, whose arguments are named as the bindings name them.
    fn call(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" }.parse().expect("a URL"),
            body: InvokeBody::Json(arguments),
            headers: Default::default(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        let reply =
            get_ipc_response(&self.window, request).map(|body| body.deserialize::<Value>().expect("a reply is JSON"));
        let text = reply.as_ref().map_or_else(Value::to_string, Value::to_string);
        self.heard.lock().expect("no panic").push(text);
        reply
    }

    #[track_caller]
    fn ok(&self, command: &str, arguments: Value) -> Value {
        self.call(command, arguments).unwrap_or_else(|error| panic!("{command} was refused: {error}"))
    }

    /// The refusal of `command`, which must have this code.
    #[track_caller]
    fn refused(&self, command: &str, arguments: Value, code: &str) -> Value {
        match self.call(command, arguments) {
            Err(error) => {
                assert_eq!(error["code"], code, "{error}");
                error
            }
            Ok(reply) => panic!("{command} was not refused: {reply}"),
        }
    }

    /// Everything that the page was sent up to now.
    fn heard(&self) -> Vec<String> {
        const LAST: &str = "the last of them";
        emit(self.app.handle(), AppEvent::MenuChosen(MenuChosen { command: LAST.to_owned() }));
        while !self.ok("next_events", json!({})).to_string().contains(LAST) {}
        self.heard.lock().expect("no panic").clone()
    }

    fn has_heard(&self, text: &str) -> bool {
        self.heard().iter().any(|heard| heard.contains(text))
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path.to_str().expect("a Unicode path").to_owned()
    }

    /// A project of four texts, three of them with ground truth; its id.
    fn project(&self, name: &str) -> String {
        let tasks_path = self.file("tasks.json", &tasks().to_string());
        text(&self.ok("import_project", json!({ "newImport": new_import(name, &tasks_path) }))["project_id"])
    }

    /// A prompt at a new project, its draft ready to run on the practice model; its id.
    fn prompt(&self, name: &str) -> String {
        let project = self.project(&format!("{name}'s project"));
        let prompt = json!({ "name": name, "description": "", "project_id": project });
        let prompt = text(&self.ok("create_prompt", json!({ "prompt": prompt })));
        self.ok("save_draft", json!({ "promptId": prompt, "content": draft("What is it about? {text}") }));
        prompt
    }
}

/// An import of tasks as they are into a new project.
fn new_import(name: &str, tasks_path: &str) -> Value {
    let target = json!({ "kind": "new", "name": name, "config": { "kind": "text", "xml": CONFIG } });
    json!({ "target": target, "tasks_path": tasks_path, "mapping": [], "skip_duplicates": false })
}

const CONFIG: &str = r#"<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text"><Choice value="Weather"/><Choice value="Music"/></Choices>
</View>"#;

fn tasks() -> Value {
    let task = |text: &str, topic: &str| {
        let choice =
            json!({ "from_name": "topic", "to_name": "text", "type": "choices", "value": { "choices": [topic] } });
        json!({ "data": { "text": text }, "annotations": [{ "result": [choice], "ground_truth": true }] })
    };
    json!([
        task("Rain and weather all day", "Weather"),
        task("The music of the evening", "Music"),
        task("Stormy weather", "Weather"),
        { "data": { "text": "Nobody has labeled this weather report" } },
    ])
}

/// A draft with one user message, for the practice model.
fn draft(message: &str) -> Value {
    json!({
        "messages": [{ "role": "USER", "content": message }],
        "input_variable_format": "F_STRING",
        "connection_id": "practice",
        "model": "practice",
        "provider": "practice",
        "invocation_params": {},
        "provider_params": {},
        "extra": {},
    })
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
