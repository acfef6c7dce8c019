//! How long imports and views of tasks take. Run with `cargo bench -p touchstone-engine`. For a million tasks, and against
//! another program on the same file, see `touchstone bench import` and `touchstone bench tasks`.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use touchstone_engine::domain::ProjectId;
use touchstone_engine::imports::{ConfigSource, ImportTarget, NewImport};
use touchstone_engine::tasks::{TaskFilter, TaskQuery, TaskSort, TaskSortKey};
use touchstone_engine::{Engine, Keychain, Silent};

const TASKS: usize = 20_000;

/// Rows that a window shows at once.
const SCREEN_ROWS: u32 = 50;

const CONFIG: &str = r#"<View><Text name="text" value="$text"/><Choices name="tone" toName="text">
  <Choice value="good"/><Choice value="bad"/></Choices></View>"#;

fn main() {
    divan::main();
}

/// Tasks with an annotation each, as Label Studio exports them.
fn write_tasks(path: &Path) {
    let task = |number: usize| {
        let tone = if number.is_multiple_of(3) { "bad" } else { "good" };
        let region = json!({ "id": "r", "from_name": "tone", "to_name": "text", "type": "choices", "value": { "choices": [tone] } });
        json!({
            "id": number,
            "data": { "text": format!("{} The kettle came on day {number} and boils quickly.", number * 7919 % TASKS), "shop": number % 50 },
            "annotations": [{ "result": [region], "ground_truth": number.is_multiple_of(2) }],
        })
    };
    let tasks: Vec<_> = (0..TASKS).map(task).collect();
    std::fs::write(path, json!(tasks).to_string()).expect("the temporary folder has room");
}

struct Bench {
    runtime: Runtime,
    folder: TempDir,
    tasks: PathBuf,
}

static BENCH: LazyLock<Bench> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tasks = folder.path().join("tasks.json");
    write_tasks(&tasks);
    Bench { runtime: Runtime::new().expect("threads"), folder, tasks }
});

impl Bench {
    /// Imports the tasks into a new workspace.
    fn import(&self, name: &str) -> (Engine, ProjectId) {
        let path = self.folder.path().join(name);
        let engine = Engine::open(&path, Keychain::none(), Arc::new(Silent)).expect("a new workspace");
        let target =
            ImportTarget::New { name: "Bench".to_owned(), config: ConfigSource::Text { xml: CONFIG.to_owned() } };
        let tasks_path = Some(self.tasks.to_str().expect("temporary paths are text").to_owned());
        let import = NewImport { target, tasks_path, mapping: Vec::new(), skip_duplicates: false };
        let report = self.runtime.block_on(engine.import_project(import)).expect("the tasks are imported");
        (engine, report.project_id)
    }
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn import(bencher: Bencher<'_, '_>) {
    let bytes = std::fs::metadata(&BENCH.tasks).map_or(0, |metadata| metadata.len());
    let mut number = 0;
    bencher
        .counter(ItemsCount::new(TASKS))
        .counter(BytesCount::new(bytes))
        .with_inputs(|| {
            number += 1;
            format!("import-{number}")
        })
        .bench_local_values(|name| BENCH.import(&name));
}

/// Until the first rows of the view are read.
fn first_rows(bencher: Bencher<'_, '_>, name: &str, filters: &[TaskFilter], sort: Option<&TaskSort>) {
    let (engine, project) = BENCH.import(name);
    bencher.counter(ItemsCount::new(TASKS)).bench_local(|| {
        BENCH.runtime.block_on(async {
            let query = TaskQuery { filters: filters.to_vec(), sort: sort.cloned() };
            let view = engine.open_tasks(project.clone(), query).await.expect("the view opens");
            let view_id = view.view_id.expect("a view of its own");
            loop {
                let page = engine.view_rows(view_id.clone(), 0, SCREEN_ROWS).await.expect("a page");
                if !page.rows.is_empty() {
                    return page;
                }
                tokio::time::sleep(Duration::from_micros(100)).await;
            }
        })
    });
}

fn contains(text: &str) -> TaskFilter {
    TaskFilter::FieldContains { field: "text".to_owned(), text: text.to_owned() }
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn rows_that_contain(bencher: Bencher<'_, '_>) {
    first_rows(bencher, "contains", &[contains("DAY 1")], None);
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn rows_with_a_label(bencher: Bencher<'_, '_>) {
    let label = TaskFilter::Label { control: "tone".to_owned(), label: "bad".to_owned() };
    first_rows(bencher, "label", &[label], None);
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn rows_that_contain_sorted(bencher: Bencher<'_, '_>) {
    let sort = TaskSort { by: TaskSortKey::Field { field: "text".to_owned() }, descending: false };
    first_rows(bencher, "sorted", &[contains("kettle")], Some(&sort));
}
