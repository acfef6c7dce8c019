mod asking;

use super::projects::text;
use crate::arguments::BenchCommand;
use crate::output::Report;
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};
use touchstone_engine::imports::{ConfigSource, ImportTarget, NewImport};
use touchstone_engine::tasks::{TaskFilter, TaskQuery, TaskSort, TaskSortKey};
use touchstone_engine::{Engine, Error, Result};

/// What a text and its sentiment are labeled with.
const CONFIG: &str = r#"<View>
  <Text name="text" value="$text"/>
  <Choices name="sentiment" toName="text">
    <Choice value="negative"/>
    <Choice value="neutral"/>
    <Choice value="positive"/>
  </Choices>
</View>"#;

/// Measures on the workspace that the command names. `open` opens it.
pub(crate) async fn run(command: BenchCommand, open: impl FnOnce(&Path) -> Result<Engine>) -> Result<Report> {
    match command {
        BenchCommand::Import { tasks, db, config } => import(&tasks, &db, config.as_deref(), open).await,
        BenchCommand::Run { tasks, config, endpoint, model, concurrency, db } => {
            let work = asking::Work {
                tasks: text(&tasks)?,
                asked: asking::Asked::read(&config)?,
                endpoint,
                model,
                concurrency,
            };
            absent(&db)?;
            work.measured(|| open(&db)).await
        }
        BenchCommand::Tasks { db } => tasks(&open(&db)?).await,
    }
}

async fn import(
    tasks: &Path,
    db: &Path,
    config: Option<&Path>,
    open: impl FnOnce(&Path) -> Result<Engine>,
) -> Result<Report> {
    absent(db)?;
    let bytes = std::fs::metadata(tasks).map_or(0, |metadata| metadata.len());
    let config = match config {
        Some(path) => ConfigSource::File { path: text(path)? },
        None => ConfigSource::Text { xml: CONFIG.to_owned() },
    };
    let import = NewImport {
        target: ImportTarget::New { name: "Bench".to_owned(), config },
        tasks_path: Some(text(tasks)?),
        mapping: Vec::new(),
        skip_duplicates: false,
    };
    let start = Instant::now();
    let engine = open(db)?;
    let opening = start.elapsed();
    // What a person sees: what the file is and its first rows, then the import, then the first rows of the table.
    let start = Instant::now();
    let plan = engine.plan_import(vec![text(tasks)?], Some(import.target.clone())).await?;
    let preview_ms = start.elapsed().as_secs_f64() * 1e3;
    if let Some(problem) = plan.problems.first() {
        return Err(Error::invalid(problem.clone()));
    }
    let start = Instant::now();
    let report = engine.import_project(import).await?;
    let imported = Instant::now();
    engine.tasks(report.project_id.clone(), 0, SCREEN_ROWS).await?;
    let first_rows_ms = imported.elapsed().as_secs_f64() * 1e3;
    // Closing brings what is in the journal into the file.
    drop(engine);
    let wall_s = (opening + start.elapsed()).as_secs_f64();
    let rows_per_s = f64::from(report.tasks) / wall_s;
    #[expect(clippy::cast_precision_loss, reason = "files are far below 2^53 bytes")]
    let mb_per_s = bytes as f64 / 1e6 / wall_s;
    let json = json!({
        "n": report.tasks,
        "annotations": report.annotations,
        "wall_s": wall_s,
        "rows_per_s": rows_per_s,
        "mb_per_s": mb_per_s,
        "peak_rss_mb": peak_rss_mb(),
        "preview_ms": preview_ms,
        "first_rows_ms": first_rows_ms,
    });
    let words = format!(
        "{} tasks in {wall_s:.2} s: {rows_per_s:.0} a second, {mb_per_s:.1} MB/s; preview in {preview_ms:.0} ms, \
         first rows {first_rows_ms:.0} ms after the import",
        report.tasks
    );
    Ok(Report::done(json, words))
}

/// What is measured is never added to something else.
fn absent(db: &Path) -> Result<()> {
    if db.exists() {
        return Err(Error::invalid(format!("{} is there already; name a file that is not", db.display())));
    }
    Ok(())
}

/// Rows that a window shows at once.
const SCREEN_ROWS: u32 = 50;

/// How long the first rows of a view are waited for; all of the views below have some.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Opens views of the largest project, each as the window does, and takes the time until its first rows are read.
async fn tasks(engine: &Engine) -> Result<Report> {
    let projects = engine.projects().await?;
    let project = projects
        .into_iter()
        .max_by_key(|project| project.task_count)
        .ok_or_else(|| Error::invalid("The workspace has no project; `touchstone bench import` makes one"))?;
    // As the window does, which shows all tasks before anybody filters them.
    let first = engine.tasks(project.id.clone(), 0, SCREEN_ROWS).await?;
    let Some(data) = first.rows.first().map(|row| &row.data) else {
        return Err(Error::invalid(format!("“{}” has no tasks", project.name)));
    };
    let (field, value) = data
        .iter()
        .find_map(|(field, value)| value.as_str().map(|value| (field.clone(), value)))
        .ok_or_else(|| Error::invalid(format!("The tasks of “{}” have no field that is a text", project.name)))?;
    let word = value.split(' ').next_back().unwrap_or(value).to_owned();
    let contains = |text: &str| TaskFilter::FieldContains { field: field.clone(), text: text.to_owned() };
    let by_field = |descending| Some(TaskSort { by: TaskSortKey::Field { field: field.clone() }, descending });
    let views = [
        ("an order by a field for the first time", vec![], by_field(false)),
        ("an order by a field", vec![], by_field(true)),
        ("has ground truth", vec![TaskFilter::GroundTruth { has: true }], None),
        ("contains a letter", vec![contains("e")], None),
        ("contains the first task's last word", vec![contains(&word)], None),
        ("contains a letter, in the order of a field", vec![contains("e")], by_field(false)),
        ("contains the first task's last word, in the order of a field", vec![contains(&word)], by_field(false)),
        (
            "held out and contains a letter, in the order of a field",
            vec![TaskFilter::Split { held_out: true }, contains("e")],
            by_field(true),
        ),
    ];
    let mut measured = Vec::new();
    let mut lines = vec![format!("{} tasks", project.task_count)];
    for (what, filters, sort) in views {
        let start = Instant::now();
        let view = engine.open_tasks(project.id.clone(), TaskQuery { filters, sort }).await?;
        let view_id = view.view_id.expect("a view that is filtered or sorted");
        let mut page = engine.view_rows(view_id.clone(), 0, SCREEN_ROWS).await?;
        while page.rows.is_empty() && start.elapsed() < LONGEST_WAIT {
            tokio::time::sleep(Duration::from_millis(1)).await;
            page = engine.view_rows(view_id.clone(), 0, SCREEN_ROWS).await?;
        }
        let ms = start.elapsed().as_secs_f64() * 1e3;
        lines.push(format!("{ms:6.0} ms: {what}, {} rows", page.rows.len()));
        measured.push(json!({ "view": what, "first_page_ms": ms, "rows": page.rows.len() }));
    }
    Ok(Report::done(json!({ "n": project.task_count, "views": measured }), lines.join("\n")))
}

/// The most memory that this process has had; `None` where the system does not say.
fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}
