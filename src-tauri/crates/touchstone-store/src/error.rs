//! What can go wrong with the workspace file, by what the caller does about it.

use rusqlite::ErrorCode;
use std::path::Path;
use touchstone_domain::text::file_problem;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The user picks another name.
    #[error("the name “{0}” is already taken")]
    NameTaken(String),
    #[error("there is no {what} “{which}”")]
    NotFound { what: &'static str, which: String },
    /// `found` are those that are meant perhaps, in words.
    #[error("several are called “{which}”: {}; say which {what} by its id", found.join(", "))]
    Ambiguous { what: &'static str, which: String, found: Vec<String> },
    /// Another process holds the file longer than we wait.
    #[error("the workspace is locked by another program; try again when it has finished")]
    Locked,
    #[error("the disk is full; free some space and try again")]
    DiskFull,
    #[error("the workspace file cannot be written; check its permissions and those of its folder")]
    ReadOnly,
    #[error(
        "{0} is not a Touchstone workspace; if it was one, its beginning is damaged: restore a backup of it by `touchstone workspace restore`"
    )]
    NotAWorkspace(String),
    #[error("the workspace was written by a newer Touchstone (format {found}, this one reads up to {newest})")]
    Newer { found: i64, newest: i64 },
    /// What SQLite found.
    #[error(
        "the workspace file is damaged ({0}). Restore a backup of it, or salvage what can be read into a new workspace; in a terminal by `touchstone workspace restore` or `touchstone workspace salvage`"
    )]
    Damaged(String),
    #[error(
        "the workspace is left as it is: a backup is kept beside it before it is brought up to date, and that failed: {0}"
    )]
    NotBackedUp(Box<StoreError>),
    /// What takes its place would be taken from under another program.
    #[error("another program has the workspace open; close it and try again")]
    InUse,
    /// A file beside the workspace, or one that the user named.
    #[error("{path}: {reason}")]
    File { path: String, reason: String },
    /// Nobody can act on it: a bug.
    #[error("the workspace file could not be used: {0}")]
    Database(rusqlite::Error),
}

impl StoreError {
    pub(crate) fn file(path: &Path, error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull,
            _ => Self::File { path: path.display().to_string(), reason: file_problem(&error) },
        }
    }

    pub(crate) fn not_found(what: &'static str, which: impl ToString) -> Self {
        Self::NotFound { what, which: which.to_string() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Database(error),
        }
    }
}

/// Turns the violation of a unique index into [`StoreError::NameTaken`].
pub(crate) fn name_taken(name: &str) -> impl FnOnce(rusqlite::Error) -> StoreError + '_ {
    move |error| match &error {
        rusqlite::Error::SqliteFailure(failure, _)
            if failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE =>
        {
            StoreError::NameTaken(name.to_owned())
        }
        _ => error.into(),
    }
}

pub type Result<T> = std::result::Result<T, StoreError>;
