//! A million tasks and two runs over them, which take some minutes to make. Where `TOUCHSTONE_BENCH_FOLDER` names a folder, they are kept in
//! it, with what benchmarks change of them, and found again.

use serde_json::json;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use touchstone_engine::connections::PRACTICE;
use touchstone_engine::domain::json::Object;
use touchstone_engine::domain::prompt::{Message, Provider, Role};
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::template::VariableFormat;
use touchstone_engine::domain::{ConnectionId, RunId};
use touchstone_engine::drafts::DraftContent;
use touchstone_engine::imports::{ConfigSource, ImportTarget, NewImport};
use touchstone_engine::prompts::NewPrompt;
use touchstone_engine::runs::NewRun;
use touchstone_engine::{Engine, Keychain, Silent};

pub(crate) const TASKS: usize = 1_000_000;

/// Rows that a window shows at once.
pub(crate) const SCREEN_ROWS: u32 = 50;

const CONFIG: &str = r#"<View><Text name="text" value="$text"/><Choices name="topic" toName="text">
  <Choice value="Bug"/><Choice value="Praise"/><Choice value="Question"/></Choices></View>"#;

/// What two versions say of the classes. The practice model goes by such words.
const VERSIONS: [&str; 2] = [
    "Bug: it crashed.\nPraise: love.\nQuestion: how.",
    "Bug: it crashed, or it is broken.\nPraise: love.\nQuestion: export, find.",
];

const TEXTS: [(&str, &str); 6] = [
    ("It crashed when I opened", "Bug"),
    ("I love the look of", "Praise"),
    ("How do I export", "Question"),
    ("There is something broken in", "Bug"),
    ("I like what you did with", "Praise"),
    ("Where do I find", "Question"),
];

pub(crate) struct Bench {
    pub(crate) runtime: Runtime,
    pub(crate) engine: Engine,
    pub(crate) workspace: PathBuf,
    pub(crate) runs: Vec<RunId>,
    _folder: TempDir,
}

impl Bench {
    /// A run of each version over all tasks, which have ground truth or not.
    pub(crate) fn new(have_truth: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let runtime = Runtime::new().expect("threads");
        let kept = std::env::var_os("TOUCHSTONE_BENCH_FOLDER").map(PathBuf::from);
        let name = if have_truth { "with-truth" } else { "without-truth" };
        let workspace = kept.as_deref().unwrap_or(folder.path()).join(name).with_extension("touchstone");
        let list = workspace.with_extension("runs");
        let engine = open(&workspace);
        let runs = match std::fs::read_to_string(&list) {
            Ok(known) => known.lines().map(|id| RunId(id.to_owned())).collect(),
            Err(_) => {
                let runs = runtime.block_on(runs(&engine, &write_tasks(folder.path(), have_truth)));
                let ids: Vec<_> = runs.iter().map(RunId::as_str).collect();
                std::fs::write(&list, ids.join("\n")).expect("written");
                runs
            }
        };
        Self { runtime, engine, workspace, runs, _folder: folder }
    }
}

pub(crate) fn open(workspace: &Path) -> Engine {
    Engine::open(workspace, Keychain::none(), Arc::new(Silent)).expect("the workspace opens")
}

/// Tasks as Label Studio exports them.
fn write_tasks(folder: &Path, have_truth: bool) -> String {
    let path = folder.join("tasks.json");
    let mut file = BufWriter::new(std::fs::File::create(&path).expect("the temporary folder has room"));
    for number in 0..TASKS {
        let (words, topic) = TEXTS[number % TEXTS.len()];
        let region = json!({
            "id": format!("r{number}"), "from_name": "topic", "to_name": "text", "type": "choices", "value": { "choices": [topic] },
        });
        let task = json!({
            "id": number,
            "data": { "text": format!("{words} page {number} of the report.") },
            "annotations": if have_truth { json!([{ "result": [region], "ground_truth": true }]) } else { json!([]) },
        });
        write!(file, "{}{task}", if number == 0 { "[" } else { ",\n" }).expect("written");
    }
    file.write_all(b"]").and_then(|()| file.flush()).expect("written");
    path.to_str().expect("temporary paths are text").to_owned()
}

/// A run of each version over all tasks.
async fn runs(engine: &Engine, tasks: &str) -> Vec<RunId> {
    let target = ImportTarget::New { name: "Bench".to_owned(), config: ConfigSource::Text { xml: CONFIG.to_owned() } };
    let import = NewImport { target, tasks_path: Some(tasks.to_owned()), mapping: Vec::new(), skip_duplicates: false };
    let project_id = engine.import_project(import).await.expect("the tasks are imported").project_id;
    let prompt = NewPrompt { name: "Topics".to_owned(), description: String::new(), project_id, space_id: None };
    let prompt_id = engine.create_prompt(prompt).await.expect("a prompt");
    let mut runs = Vec::new();
    for version in VERSIONS {
        let draft = DraftContent {
            messages: vec![Message::new(Role::System, version), Message::new(Role::User, "{text}")],
            input_variable_format: VariableFormat::FString,
            connection_id: Some(ConnectionId(PRACTICE.to_owned())),
            model: "practice".to_owned(),
            provider: Provider::Practice,
            invocation_params: Object::default(),
            provider_params: Object::default(),
            extra: Object::default(),
        };
        engine.save_draft(prompt_id.clone(), draft).await.expect("saved");
        let run = NewRun {
            prompt_id: prompt_id.clone(),
            version_id: None,
            model: None,
            repetition: None,
            ask_again: false,
            subset: Subset::All,
            picked: None,
            only: None,
            concurrency: None,
            batch: false,
            limit_micros: None,
        };
        let started = engine.start_run(run).await.expect("started").run_id;
        let run = engine.wait_for_run(started).await.expect("over");
        assert_eq!(run.done as usize, TASKS, "{:?}", run.reason);
        runs.push(run.id);
    }
    runs
}
