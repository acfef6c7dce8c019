//! Copies of a workspace beside it, and putting one in its place.
//!
//! A copy has another name until it is whole, checked and on the disk; what takes a workspace's place sets that aside first.
//! Nothing here needs a [`crate::Store`], so that it works on a file that cannot be opened any more.

use crate::check::{self, Depth};
use crate::database::{APPLICATION_ID, newest_schema};
use crate::error::{Result, StoreError};
use rusqlite::backup::{Backup as Copying, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How many of each kind are kept beside the workspace.
const KEPT: usize = 3;

/// How long a look at a file waits for the end of another program's writing.
const WAIT: Duration = Duration::from_secs(5);

/// What SQLite puts beside a file while programs have it open, and the file itself last.
const PARTS: [&str; 3] = ["-wal", "-shm", ""];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BackupKind {
    /// Made before migrations changed the workspace, which had this schema then.
    BeforeMigration(i64),
    /// What a backup was put in the place of; counted upwards.
    Replaced(i64),
}

/// A copy that lies beside a workspace.
#[derive(Clone, Debug)]
pub struct Backup {
    pub path: PathBuf,
    pub kind: BackupKind,
    pub bytes: u64,
    pub written: SystemTime,
}

/// The copies beside the workspace at `path`, the newest of each kind first.
pub fn backups(path: &Path) -> Result<Vec<Backup>> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(Vec::new());
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| StoreError::file(folder, error))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| StoreError::file(folder, error))?;
        let Some(kind) = entry.file_name().to_str().and_then(|entry| kind_of(entry.strip_prefix(name)?)) else {
            continue;
        };
        let facts = entry.metadata().map_err(|error| StoreError::file(&entry.path(), error))?;
        let written = facts.modified().map_err(|error| StoreError::file(&entry.path(), error))?;
        found.push(Backup { path: path.with_file_name(entry.file_name()), kind, bytes: facts.len(), written });
    }
    found.sort_by_key(|backup| std::cmp::Reverse(backup.kind));
    Ok(found)
}

/// By what follows the workspace's name: `.schema-27.backup`, `.replaced-1.backup`.
fn kind_of(ending: &str) -> Option<BackupKind> {
    let (kind, number) = ending.strip_prefix('.')?.strip_suffix(".backup")?.split_once('-')?;
    let number = number.parse().ok()?;
    match kind {
        "schema" => Some(BackupKind::BeforeMigration(number)),
        "replaced" => Some(BackupKind::Replaced(number)),
        _ => None,
    }
}

/// Copies the workspace at `path`, which others may be writing to, as it is at one moment. What is at `to` is replaced once the
/// copy is whole and found undamaged.
pub fn back_up(path: &Path, to: &Path) -> Result<()> {
    if is_same(path, to) {
        return Err(StoreError::File {
            path: to.display().to_string(),
            reason: "that is the workspace itself".to_owned(),
        });
    }
    let part = beside(to, ".part");
    let outcome = copy(path, &part).and_then(|()| into_place(&part, to));
    if outcome.is_err() {
        // What is left of it is of no use; that it cannot be removed matters less than what went wrong.
        let _ = fs::remove_file(&part);
    }
    outcome
}

/// The copy that is made before a workspace with this schema is changed by migrations.
pub(crate) fn before_migration(path: &Path, schema: i64) -> Result<()> {
    back_up(path, &beside(path, &format!(".schema-{schema}.backup")))
        .and_then(|()| keep_newest(path, |kind| matches!(kind, BackupKind::BeforeMigration(_))))
        .map_err(|error| StoreError::NotBackedUp(Box::new(error)))
}

/// Puts a copy of `backup` in the place of the workspace at `path`, which is set aside.
pub fn restore(path: &Path, backup: &Path) -> Result<()> {
    prepare_restore(path, backup)?;
    finish_restore(path)
}

/// The same when the workspace is opened next: for a program that has it open itself.
pub fn prepare_restore(path: &Path, backup: &Path) -> Result<()> {
    let facts = fs::metadata(backup).map_err(|error| StoreError::file(backup, error))?;
    let source = look(backup)?;
    let application: i32 = source.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let schema: i64 = source.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if application != APPLICATION_ID || facts.len() == 0 {
        return Err(StoreError::NotAWorkspace(backup.display().to_string()));
    }
    if schema > newest_schema() {
        return Err(StoreError::Newer { found: schema, newest: newest_schema() });
    }
    drop(source);
    back_up(backup, &waiting(path))
}

/// Puts what [`prepare_restore`] made in its place, if there is something.
pub(crate) fn finish_restore(path: &Path) -> Result<()> {
    let waiting = waiting(path);
    if !waiting.exists() {
        return Ok(());
    }
    if path.exists() {
        close_off(path)?;
    }
    let last = backups(path)?.into_iter().filter_map(|backup| match backup.kind {
        BackupKind::Replaced(number) => Some(number),
        BackupKind::BeforeMigration(_) => None,
    });
    let aside = beside(path, &format!(".replaced-{}.backup", last.max().unwrap_or(0) + 1));
    // The file last: one without its log is found again if this breaks off, a log without its file would be taken for that of
    // what comes in its place.
    for part in PARTS {
        let from = beside(path, part);
        if from.exists() {
            fs::rename(&from, beside(&aside, part)).map_err(|error| StoreError::file(&from, error))?;
        }
    }
    fs::rename(&waiting, path).map_err(|error| StoreError::file(&waiting, error))?;
    keep_folder(path)?;
    keep_newest(path, |kind| matches!(kind, BackupKind::Replaced(_)))
}

fn waiting(path: &Path) -> PathBuf {
    beside(path, ".restore")
}

/// Writes what is in the log into the file, which SQLite does only where nobody else has it open.
fn close_off(path: &Path) -> Result<()> {
    let closed = look(path).and_then(|file| {
        file.busy_timeout(Duration::from_secs(1))?;
        Ok(file.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get::<_, String>(0))?)
    });
    match closed {
        Ok(mode) if mode == "delete" => Ok(()),
        Ok(_) | Err(StoreError::Locked) => Err(StoreError::InUse),
        // Damaged as it is, nobody can be at work in it. It is set aside with its log.
        Err(_) => Ok(()),
    }
}

/// A connection that changes nothing of a file that is there.
pub(crate) fn look(path: &Path) -> Result<Connection> {
    fs::metadata(path).map_err(|error| StoreError::file(path, error))?;
    // A reader of a file with a log writes to the memory that its readers share, so read-only would not do.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(WAIT)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(|error| {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => StoreError::NotAWorkspace(path.display().to_string()),
            _ => error.into(),
        }
    })?;
    Ok(connection)
}

fn copy(path: &Path, part: &Path) -> Result<()> {
    let source = look(path)?;
    remove(part)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(part, flags)?;
    // It is thrown away unless it gets whole, and brought to the disk at once in the end.
    copy.pragma_update(None, "journal_mode", "OFF")?;
    copy.pragma_update(None, "synchronous", "OFF")?;
    {
        let copying = Copying::new(&source, &mut copy)?;
        // All pages in one step are those of one moment.
        while !matches!(copying.step(-1)?, StepResult::Done) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    // So that it is one file, which can be read where nothing can be written.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    match check::problems(&copy, Depth::Quick)?.into_iter().next() {
        Some(problem) => Err(StoreError::Damaged(problem)),
        None => Ok(()),
    }
}

/// Brings a file to the disk and gives it its name.
pub(crate) fn into_place(part: &Path, to: &Path) -> Result<()> {
    File::options()
        .write(true)
        .open(part)
        .and_then(|file| file.sync_all())
        .map_err(|error| StoreError::file(part, error))?;
    fs::rename(part, to).map_err(|error| StoreError::file(to, error))?;
    keep_folder(to)
}

/// Brings the names in the folder of `path` to the disk, where a system lets one.
fn keep_folder(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| StoreError::file(folder, error))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Removes all but the newest of one kind.
fn keep_newest(path: &Path, is_meant: impl Fn(BackupKind) -> bool) -> Result<()> {
    for backup in backups(path)?.iter().filter(|backup| is_meant(backup.kind)).skip(KEPT) {
        for part in PARTS {
            remove(&beside(&backup.path, part))?;
        }
    }
    Ok(())
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::file(path, error)),
        _ => Ok(()),
    }
}

fn is_same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

/// The path with something after its name.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::workspace_with_version;
    use crate::{Store, check};

    /// What prompts are called in the workspace.
    fn prompts(path: &Path) -> Vec<String> {
        let file = look(path).expect("a workspace");
        let mut names = file.prepare("SELECT name FROM prompt ORDER BY key").expect("prompts");
        names.query_map([], |row| row.get(0)).expect("their names").map(|name| name.expect("text")).collect()
    }

    fn rename_prompt(store: &Store, name: &str) {
        store.write(|transaction| Ok(transaction.execute("UPDATE prompt SET name = ?1", [name])?)).expect("renamed");
    }

    fn files(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().expect("text")).collect();
        names.sort();
        names
    }

    #[test]
    fn a_backup_is_one_file_with_what_was_committed() {
        let (folder, store, _) = workspace_with_version();
        let to = folder.path().join("kept");
        let uncommitted = store.write(|transaction| {
            transaction.execute("UPDATE prompt SET name = 'Not yet'", [])?;
            back_up(store.path(), &to)
        });
        uncommitted.expect("others may write meanwhile");
        assert_eq!(prompts(&to), ["Prompt"]);
        rename_prompt(&store, "Later");
        back_up(store.path(), &to).expect("another takes its place");
        assert_eq!(prompts(&to), ["Later"]);
        assert!(check(&to, Depth::Whole).expect("checked").problems.is_empty());
        drop(store);
        assert_eq!(files(folder.path()), ["kept", "workspace.touchstone"], "nothing else is left");
    }

    #[test]
    fn a_backup_that_cannot_be_made_leaves_the_one_that_is_there() {
        let (folder, store, _) = workspace_with_version();
        let to = folder.path().join("kept");
        back_up(store.path(), &to).expect("a backup");
        let text = "no database, but as long as the header of one would be at the least".repeat(20);
        let other = folder.path().join("other");
        fs::write(&other, text).expect("a file");
        assert!(matches!(back_up(&other, &to), Err(StoreError::NotAWorkspace(_))));
        assert!(matches!(back_up(&folder.path().join("none"), &to), Err(StoreError::File { .. })));
        let no_folder = folder.path().join("none/kept");
        assert!(back_up(store.path(), &no_folder).is_err());
        assert!(matches!(back_up(store.path(), store.path()), Err(StoreError::File { .. })), "not over itself");
        assert_eq!(prompts(&to), ["Prompt"]);
        assert!(files(folder.path()).iter().all(|name| !name.contains("part")), "{:?}", files(folder.path()));
    }

    #[test]
    fn a_restored_backup_takes_the_place_of_the_workspace_which_is_kept() {
        let (folder, store, _) = workspace_with_version();
        let path = store.path().to_owned();
        let to = folder.path().join("kept");
        back_up(&path, &to).expect("a backup");
        rename_prompt(&store, "Later");
        assert!(matches!(restore(&path, &to), Err(StoreError::InUse)), "a program has it open");
        drop(store);
        // It waits for the next who opens the workspace.
        let store = Store::open(&path).expect("the backup");
        assert_eq!(prompts(&path), ["Prompt"]);
        let kept = backups(&path).expect("backups");
        assert_eq!(kept.iter().map(|backup| backup.kind).collect::<Vec<_>>(), [BackupKind::Replaced(1)]);
        assert_eq!(prompts(&kept[0].path), ["Later"]);
        drop(store);
        for _ in 0..4 {
            restore(&path, &to).expect("restored at once");
        }
        let kept = backups(&path).expect("backups");
        assert_eq!(kept.iter().map(|backup| backup.kind).collect::<Vec<_>>(), [5, 4, 3].map(BackupKind::Replaced));
    }

    #[test]
    fn what_is_no_workspace_of_this_program_is_not_restored() {
        let (folder, store, _) = workspace_with_version();
        let path = store.path().to_owned();
        drop(store);
        let other = folder.path().join("other");
        Connection::open(&other).and_then(|c| c.execute_batch("CREATE TABLE mine (x)")).expect("a file");
        assert!(matches!(restore(&path, &other), Err(StoreError::NotAWorkspace(_))));
        let empty = folder.path().join("empty");
        fs::write(&empty, "").expect("a file");
        assert!(matches!(restore(&path, &empty), Err(StoreError::NotAWorkspace(_))));
        let newer = folder.path().join("newer");
        back_up(&path, &newer).expect("a backup");
        Connection::open(&newer).and_then(|c| c.pragma_update(None, "user_version", 99)).expect("aged");
        assert!(matches!(restore(&path, &newer), Err(StoreError::Newer { found: 99, .. })));
        assert_eq!(prompts(&path), ["Prompt"]);
        assert!(backups(&path).expect("none").is_empty());
    }

    #[test]
    fn a_restore_that_broke_off_is_finished_by_whoever_opens_the_workspace() {
        let (folder, store, _) = workspace_with_version();
        let path = store.path().to_owned();
        let to = folder.path().join("kept");
        back_up(&path, &to).expect("a backup");
        drop(store);
        prepare_restore(&path, &to).expect("prepared");
        // As if it had ended between the two names.
        fs::rename(&path, beside(&path, ".replaced-1.backup")).expect("set aside");
        drop(Store::open(&path).expect("the backup"));
        assert_eq!(prompts(&path), ["Prompt"]);
        assert!(!waiting(&path).exists());
    }
}
