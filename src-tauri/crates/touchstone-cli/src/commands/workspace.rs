use crate::arguments::WorkspaceCommand;
use crate::output::{Report, columns};
use serde_json::json;
use std::path::Path;
use touchstone_engine::workspace::{self, BackupReason, SalvagedTable};
use touchstone_engine::{Error, Result};

/// Looks after the file at `path`, which need not be one that opens.
pub(crate) async fn run(path: &Path, command: WorkspaceCommand) -> Result<Report> {
    match command {
        WorkspaceCommand::Check => check(path).await,
        WorkspaceCommand::Backup { file } => {
            let file = absolute(&file)?;
            let copy = workspace::back_up(path, file.clone()).await?;
            let text = format!("{}: {} bytes", file.display(), copy.bytes);
            Ok(Report::done(json!({ "out": file.display().to_string(), "bytes": copy.bytes }), text))
        }
        WorkspaceCommand::Restore { file } => {
            let file = absolute(&file)?;
            workspace::restore(path, file.clone()).await?;
            let replaced = workspace::backups(path).await?;
            let replaced = replaced.into_iter().find(|backup| backup.reason == BackupReason::Replaced);
            let kept = replaced.map(|backup| backup.path);
            let text = match &kept {
                Some(kept) => format!("restored {}; what it took the place of is {kept}", file.display()),
                None => format!("restored {}", file.display()),
            };
            Ok(Report::done(json!({ "restored": file.display().to_string(), "replaced": kept }), text))
        }
        WorkspaceCommand::Salvage { out } => salvage(path, &absolute(&out)?).await,
    }
}

async fn check(path: &Path) -> Result<Report> {
    let found = workspace::check(path).await?;
    let backups = workspace::backups(path).await?;
    let mut text = if found.is_whole {
        format!("whole: {} bytes, format {}", found.bytes, found.schema)
    } else {
        format!(
            "damaged, in SQLite's words:\n{}\n`touchstone workspace restore FILE` puts a backup in its place; \
             `touchstone workspace salvage --out FILE` makes a new workspace of what can be read of it",
            found.problems.join("\n")
        )
    };
    let rows: Vec<_> = backups
        .iter()
        .map(|backup| {
            let reason = match backup.reason {
                BackupReason::Update => "before its format changed",
                BackupReason::Replaced => "a backup took its place",
            };
            [backup.path.clone(), reason.to_owned(), format!("{} bytes", backup.bytes), backup.written_at.clone()]
        })
        .collect();
    if !rows.is_empty() {
        text.push_str(&format!("\nbackups:\n{}", columns(&rows)));
    }
    let mut json = super::members(&found);
    json.insert("backups".to_owned(), json!(backups));
    Ok(Report { json: json.into(), text, ok: found.is_whole })
}

async fn salvage(path: &Path, out: &Path) -> Result<Report> {
    let salvaged = workspace::salvage(path, out.to_owned()).await?;
    let is_complete = !salvaged.tables.iter().any(SalvagedTable::is_incomplete);
    let rows: Vec<_> = salvaged
        .tables
        .iter()
        .filter(|table| table.kept > 0 || table.is_incomplete())
        .map(|table| {
            let lost = table.lost.map_or_else(|| "some".to_owned(), |lost| lost.to_string());
            let counts = format!("{} kept, {lost} lost, {} left out with those", table.kept, table.orphaned);
            [table.name.clone(), counts]
        })
        .collect();
    let text = format!("{}\n{}", out.display(), columns(&rows));
    let tables = json!(salvaged.tables);
    Ok(Report::done(json!({ "out": salvaged.path, "is_complete": is_complete, "tables": tables }), text))
}

fn absolute(path: &Path) -> Result<std::path::PathBuf> {
    std::path::absolute(path).map_err(|error| Error::invalid(format!("{}: {error}", path.display())))
}
