//! What was read of a server's project, kept in a folder beside the workspace until all of it is there: a pull that ends midway
//! goes on from it.

use crate::{Error, Inner, Result};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use touchstone_domain::ServerId;
use touchstone_labelstudio::RemoteTask;

/// How far reading has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// The pull reads what was changed then or later; all, if `None`.
    pub since: Option<String>,
    /// The newest change on the server before reading began: whatever is read, it is not older.
    pub changed_at: Option<String>,
    /// The last task that was read.
    pub after_id: Option<i64>,
    /// Length of each file up to it.
    pub new_bytes: u64,
    pub known_bytes: u64,
    pub read: u32,
    /// Title of the snapshot that is read in one piece instead.
    pub snapshot: Option<String>,
}

pub(super) struct Spool {
    folder: PathBuf,
    pub head: Head,
    /// Nobody else is at the folder as long as it is locked.
    _lock: File,
    new: File,
    known: File,
}

impl Spool {
    /// Goes on with what was read for the same purpose, or begins anew with `head`.
    pub(super) fn open(inner: &Inner, server: &ServerId, remote_id: i64, head: Head) -> Result<Self> {
        let folder = folder_of(inner, server, remote_id);
        let lock = locked(&folder)?;
        let kept = std::fs::read(folder.join(HEAD)).ok();
        let kept = kept.and_then(|kept| serde_json::from_slice::<Head>(&kept).ok());
        let kept = kept.filter(|kept| kept.since == head.since && kept.snapshot.is_some() == head.snapshot.is_some());
        let is_new = kept.is_none();
        let spool = Self::at(folder, lock, kept.unwrap_or(head)).map_err(|error| not_kept(&error))?;
        if is_new {
            spool.forget_snapshot()?;
            spool.keep_head().map_err(|error| not_kept(&error))?;
        }
        Ok(spool)
    }

    fn at(folder: PathBuf, lock: File, head: Head) -> io::Result<Self> {
        let file = |name: &str, length: u64| -> io::Result<File> {
            let file = OpenOptions::new().create(true).append(true).open(folder.join(name))?;
            // What came after the last whole page is read again.
            file.set_len(length)?;
            Ok(file)
        };
        let (new, known) = (file(NEW, head.new_bytes)?, file(KNOWN, head.known_bytes)?);
        Ok(Self { folder, head, _lock: lock, new, known })
    }

    fn keep_head(&self) -> io::Result<()> {
        let part = self.folder.join("head.part");
        std::fs::write(&part, serde_json::to_vec(&self.head).expect("numbers and texts"))?;
        std::fs::rename(part, self.folder.join(HEAD))
    }

    /// Keeps a page, whose tasks the project here has already where `is_known` says so.
    pub(super) fn add(&mut self, tasks: &[RemoteTask], is_known: impl Fn(i64) -> Result<bool>) -> Result<()> {
        let mut lines = [Vec::new(), Vec::new()];
        for task in tasks {
            let lines = &mut lines[usize::from(is_known(task.id)?)];
            // A reply may be written over several lines: within JSON, that is between its parts only.
            lines.extend(task.json.get().bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
            lines.push(b'\n');
        }
        let keep = |spool: &mut Self| -> io::Result<()> {
            spool.new.write_all(&lines[0])?;
            spool.known.write_all(&lines[1])?;
            spool.head.new_bytes += lines[0].len() as u64;
            spool.head.known_bytes += lines[1].len() as u64;
            spool.head.read += u32::try_from(tasks.len()).unwrap_or(u32::MAX);
            spool.head.after_id = tasks.last().map(|task| task.id).or(spool.head.after_id);
            spool.keep_head()
        };
        keep(self).map_err(|error| not_kept(&error))
    }

    pub(super) fn has_known(&self) -> bool {
        self.head.known_bytes > 0
    }

    pub(super) fn has_new(&self) -> bool {
        self.head.new_bytes > 0 || self.head.snapshot.is_some()
    }

    /// Tasks that the project here has not, a line each.
    pub(super) fn new_tasks(&self) -> PathBuf {
        self.folder.join(NEW)
    }

    /// Tasks that it has, as they are now, a line each.
    pub(super) fn known_tasks(&self) -> PathBuf {
        self.folder.join(KNOWN)
    }

    /// Where a snapshot goes: one JSON list.
    pub(super) fn snapshot(&self) -> PathBuf {
        self.folder.join("snapshot.json")
    }

    /// What was read of a snapshot that is gone.
    pub(super) fn forget_snapshot(&self) -> Result<()> {
        match std::fs::remove_file(self.snapshot()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(not_kept(&error)),
            _ => Ok(()),
        }
    }

    /// All of it is in the workspace.
    pub(super) fn remove(self) {
        let folder = self.folder.clone();
        // Some systems remove no file that is open.
        drop(self);
        discard(&folder);
    }
}

fn locked(folder: &Path) -> Result<File> {
    let lock = std::fs::create_dir_all(folder).and_then(|()| File::create(folder.join("lock")));
    let lock = lock.map_err(|error| not_kept(&error))?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Error::invalid("another program is pulling this project; wait for it"),
        TryLockError::Error(error) => not_kept(&error),
    })?;
    Ok(lock)
}

const HEAD: &str = "head.json";
const NEW: &str = "new.jsonl";
const KNOWN: &str = "known.jsonl";

fn folder_of(inner: &Inner, server: &ServerId, remote_id: i64) -> PathBuf {
    let mut folder = inner.store.path().as_os_str().to_owned();
    folder.push("-pulls");
    Path::new(&folder).join(format!("{server}-{remote_id}"))
}

fn discard(folder: &Path) {
    if folder.exists()
        && let Err(error) = std::fs::remove_dir_all(folder)
    {
        tracing::warn!(%error, "removing what was read of a server's project");
    }
    if let Some(pulls) = folder.parent() {
        // It stays where another pull has something in it.
        let _ = std::fs::remove_dir(pulls);
    }
}

fn not_kept(error: &io::Error) -> Error {
    Error::invalid(format!("what is read of the server could not be kept beside the workspace: {error}"))
}
