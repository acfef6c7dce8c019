//! How long two runs over a million tasks take to compare, and the metrics of one. Run with
//! `cargo bench -p touchstone-engine --bench comparison`; making the runs takes some minutes before.
//!
//! Goals: metrics within two seconds where nothing is counted yet, and within 100 ms after any change from there on.

use divan::Bencher;
use divan::counter::ItemsCount;
use serde_json::json;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use touchstone_engine::annotations::AnnotationContent;
use touchstone_engine::comparison::{ComparedQuery, ComparedSegment};
use touchstone_engine::connections::PRACTICE;
use touchstone_engine::domain::json::Object;
use touchstone_engine::domain::prompt::{Message, Provider, Role};
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::template::VariableFormat;
use touchstone_engine::domain::{ConnectionId, RunId};
use touchstone_engine::drafts::DraftContent;
use touchstone_engine::imports::{ConfigSource, ImportTarget, NewImport};
use touchstone_engine::metrics::RunMetrics;
use touchstone_engine::prompts::NewPrompt;
use touchstone_engine::runs::NewRun;
use touchstone_engine::{Engine, Keychain, Silent};
use touchstone_store::Store;

const TASKS: usize = 1_000_000;

/// Rows that a window shows at once.
const SCREEN_ROWS: u32 = 50;

const CONFIG: &str = r#"<View><Text name="text" value="$text"/><Choices name="topic" toName="text">
  <Choice value="Bug"/><Choice value="Praise"/><Choice value="Question"/></Choices></View>"#;

/// What two versions say of the classes. The practice model goes by such words.
const VERSIONS: [&str; 2] = [
    "Bug: it crashed.\nPraise: love.\nQuestion: how.",
    "Bug: it crashed, or it is broken.\nPraise: love, like.\nQuestion: how, where.",
];

const TEXTS: [(&str, &str); 6] = [
    ("It crashed when I opened", "Bug"),
    ("I love the look of", "Praise"),
    ("How do I export", "Question"),
    ("There is something broken in", "Bug"),
    ("I like what you did with", "Praise"),
    ("Where do I find", "Question"),
];

fn main() {
    divan::main();
}

struct Bench {
    runtime: Runtime,
    engine: Engine,
    workspace: PathBuf,
    runs: Vec<RunId>,
    _folder: TempDir,
}

static BENCH: LazyLock<Bench> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = Runtime::new().expect("threads");
    let workspace = folder.path().join("workspace.touchstone");
    let engine = open(&workspace);
    let runs = runtime.block_on(runs(&engine, &write_tasks(folder.path())));
    Bench { runtime, engine, workspace, runs, _folder: folder }
});

fn open(workspace: &Path) -> Engine {
    Engine::open(workspace, Keychain::none(), Arc::new(Silent)).expect("the workspace opens")
}

/// Tasks with ground truth, as Label Studio exports them.
fn write_tasks(folder: &Path) -> String {
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
            "annotations": [{ "result": [region], "ground_truth": true }],
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
        assert_eq!(run.scored as usize, TASKS, "{:?}", run.reason);
        runs.push(run.id);
    }
    runs
}

/// By a program that was just opened.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn compare_runs(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    bencher.counter(ItemsCount::new(TASKS)).with_inputs(|| open(&bench.workspace)).bench_local_values(|engine| {
        let comparison = bench.runtime.block_on(engine.compare_runs(bench.runs.clone())).expect("compared");
        assert_eq!(comparison.shared as usize, TASKS);
        comparison
    });
}

/// Once the runs were compared.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn a_page_of_fixed_tasks(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    let query =
        ComparedQuery { run_ids: bench.runs.clone(), other: bench.runs[1].clone(), segment: ComparedSegment::Fixed };
    bencher.bench_local(|| {
        let rows = bench.engine.compared_rows(query.clone(), 100_000, SCREEN_ROWS);
        let page = bench.runtime.block_on(rows).expect("a page");
        assert_eq!(page.rows.len(), SCREEN_ROWS as usize);
        page
    });
}

/// Where nothing is counted, as in a workspace of an older program.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn metrics_of_predictions(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    let store = Store::open(&bench.workspace).expect("the workspace opens");
    let run_key = store.run(&bench.runs[0]).expect("the run").key;
    let forget = || store.forget_tally(run_key).expect("forgotten");
    bencher.counter(ItemsCount::new(TASKS)).with_inputs(forget).bench_local_values(|()| metrics(bench));
}

/// From what is counted beside the predictions.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn metrics_from_counts(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    metrics(bench);
    bencher.bench_local(|| metrics(bench));
}

/// A task gets another ground truth, and its runs other metrics.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn metrics_after_an_edit(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    let project = bench.runtime.block_on(bench.engine.projects()).expect("projects").remove(0).id;
    let task = bench.runtime.block_on(bench.engine.tasks(project, 7, 1)).expect("a task").rows.remove(0).id;
    let mut topics = ["Bug", "Praise"].into_iter().cycle();
    metrics(bench);
    bencher.bench_local(|| {
        let value = json!({ "choices": [topics.next()] });
        let region = json!({ "from_name": "topic", "to_name": "text", "type": "choices", "value": value });
        let content = AnnotationContent { id: None, result: vec![region], ground_truth: true };
        bench.runtime.block_on(bench.engine.save_annotation(task, content)).expect("saved");
        metrics(bench)
    });
}

fn metrics(bench: &Bench) -> RunMetrics {
    let metrics = bench.runtime.block_on(bench.engine.run_metrics(bench.runs[0].clone())).expect("metrics");
    assert_eq!(metrics.controls[0].compared as usize, TASKS);
    metrics
}
