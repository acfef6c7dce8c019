//! The workspace file itself: whether it is whole, copies of it, and what can be read of a damaged one.
//!
//! All of this works on a path, because a file that is damaged opens no [`Engine`].

use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::Serialize;
use specta::Type;
use std::path::{Path, PathBuf};
use touchstone_store::{self as store, Backup, BackupKind, Depth};

/// What a look at a workspace file found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct WorkspaceCheck {
    pub is_whole: bool,
    /// What is wrong, in the database's words: the first hundred.
    pub problems: Vec<String>,
    #[specta(type = f64)]
    pub bytes: u64,
    /// The format of the file: how many migrations it has had.
    #[specta(type = f64)]
    pub schema: i64,
}

/// A copy beside the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct WorkspaceBackup {
    pub path: String,
    pub reason: BackupReason,
    #[specta(type = f64)]
    pub bytes: u64,
    /// RFC 3339.
    pub written_at: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum BackupReason {
    /// A newer Touchstone changed the format of the workspace after it.
    Update,
    /// A backup was put in its place.
    Replaced,
}

/// What became of a damaged workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct SalvagedWorkspace {
    /// The new workspace.
    pub path: String,
    pub tables: Vec<SalvagedTable>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct SalvagedTable {
    pub name: String,
    #[specta(type = f64)]
    pub kept: u64,
    /// Rows that could not be read; null where some could not and nothing says how many.
    #[specta(type = Option<f64>)]
    pub lost: Option<u64>,
    /// Rows left out because what they belong to is lost.
    #[specta(type = f64)]
    pub orphaned: u64,
}

impl SalvagedTable {
    /// Whether something of it is not in the new workspace.
    pub fn is_incomplete(&self) -> bool {
        self.lost != Some(0) || self.orphaned > 0
    }
}

/// Looks at the whole file, as long as that takes; others may have it open.
pub async fn check(path: &Path) -> Result<WorkspaceCheck> {
    on_disk(path, |path| looked_at(path, Depth::Whole)).await
}

/// The copies beside the workspace, the newest of each kind first.
pub async fn backups(path: &Path) -> Result<Vec<WorkspaceBackup>> {
    on_disk(path, |path| Ok(store::backups(path)?.into_iter().map(WorkspaceBackup::of).collect())).await
}

/// Copies the workspace as it is at this moment; a file at `to` is replaced by a copy that is whole.
pub async fn back_up(path: &Path, to: PathBuf) -> Result<WorkspaceCheck> {
    on_disk(path, move |path| {
        store::back_up(path, &to)?;
        looked_at(&to, Depth::Quick)
    })
    .await
}

/// Puts a copy of `backup` in the place of the workspace, which no program may have open and which is kept beside it.
pub async fn restore(path: &Path, backup: PathBuf) -> Result<()> {
    on_disk(path, move |path| Ok(store::restore(path, &backup)?)).await
}

/// The same when the workspace is opened next, by a program that has it open now.
pub async fn restore_at_next_start(path: &Path, backup: PathBuf) -> Result<()> {
    on_disk(path, move |path| Ok(store::prepare_restore(path, &backup)?)).await
}

/// Makes a new workspace at `to`, where no file is, of what can be read of this one.
pub async fn salvage(path: &Path, to: PathBuf) -> Result<SalvagedWorkspace> {
    on_disk(path, move |path| {
        let tables = store::salvage(path, &to)?.into_iter().map(|table| SalvagedTable {
            name: table.name,
            kept: table.kept,
            lost: table.lost,
            orphaned: table.orphaned,
        });
        Ok(SalvagedWorkspace { tables: tables.collect(), path: to.display().to_string() })
    })
    .await
}

/// What the workspace at `path` takes on the disk, in bytes; `None` where there is no file.
pub fn bytes_on_disk(path: &Path) -> Option<u64> {
    store::bytes_on_disk(path)
}

impl Engine {
    /// What was found wrong with the workspace since it was opened: it is looked at in the background where the last program did
    /// not close it.
    pub fn found_damage(&self) -> Option<WorkspaceCheck> {
        self.inner.damage.get().cloned()
    }

    /// Looks at a workspace that was not closed, once, beside whatever else is done.
    pub(crate) async fn check_after_cut(&self) {
        if !self.inner.store.was_cut_short() {
            return;
        }
        match self.blocking(|inner| looked_at(inner.store.path(), Depth::Quick)).await {
            Ok(check) if check.is_whole => {}
            Ok(check) => self.inner.note_damage(check),
            Err(error) => tracing::warn!(%error, "looking at the workspace, which was not closed"),
        }
    }
}

impl Inner {
    fn note_damage(&self, check: WorkspaceCheck) {
        tracing::error!(problems = ?check.problems, "the workspace is damaged");
        if self.damage.set(check).is_ok() {
            self.changed(Changed::Workspace);
        }
    }
}

impl WorkspaceBackup {
    fn of(backup: Backup) -> Self {
        let reason = match backup.kind {
            BackupKind::BeforeMigration(_) => BackupReason::Update,
            BackupKind::Replaced(_) => BackupReason::Replaced,
        };
        let Backup { path, bytes, written, .. } = backup;
        Self { path: path.display().to_string(), reason, bytes, written_at: clock::of_file(written) }
    }
}

fn looked_at(path: &Path, depth: Depth) -> Result<WorkspaceCheck> {
    let store::Check { bytes, schema, problems } = store::check(path, depth)?;
    Ok(WorkspaceCheck { is_whole: problems.is_empty(), problems, bytes, schema })
}

/// Does work that blocks off the async threads.
async fn on_disk<T: Send + 'static>(path: &Path, work: impl FnOnce(&Path) -> Result<T> + Send + 'static) -> Result<T> {
    let path = path.to_owned();
    match tokio::task::spawn_blocking(move || work(&path)).await {
        Ok(outcome) => outcome,
        Err(panic) => Err(Error::Internal(anyhow::anyhow!("a background task ended early: {panic}"))),
    }
}
