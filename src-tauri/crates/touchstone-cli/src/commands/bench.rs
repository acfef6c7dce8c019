use super::projects::text;
use crate::arguments::BenchCommand;
use crate::output::Report;
use serde_json::json;
use std::path::Path;
use std::time::Instant;
use touchstone_engine::imports::{ConfigSource, ImportTarget, NewImport};
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

/// Measures on a workspace of its own. `open` opens it.
pub(crate) async fn run(command: BenchCommand, open: impl FnOnce(&Path) -> Result<Engine>) -> Result<Report> {
    let BenchCommand::Import { tasks, db, config } = command;
    if db.exists() {
        return Err(Error::invalid(format!("{} is there already; name a file that is not", db.display())));
    }
    let bytes = std::fs::metadata(&tasks).map_or(0, |metadata| metadata.len());
    let config = match config {
        Some(path) => ConfigSource::File { path: text(&path)? },
        None => ConfigSource::Text { xml: CONFIG.to_owned() },
    };
    let import = NewImport {
        target: ImportTarget::New { name: "Bench".to_owned(), config },
        tasks_path: Some(text(&tasks)?),
        mapping: Vec::new(),
        skip_duplicates: false,
    };
    let start = Instant::now();
    let engine = open(&db)?;
    let report = engine.import_project(import).await?;
    // Closing brings what is in the journal into the file.
    drop(engine);
    let wall_s = start.elapsed().as_secs_f64();
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
    });
    let words = format!("{} tasks in {wall_s:.2} s: {rows_per_s:.0} a second, {mb_per_s:.1} MB/s", report.tasks);
    Ok(Report::done(json, words))
}

/// The most memory that this process has had; `None` where the system does not say.
fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}
