//! Files that the user named: texts read up to a size, and what was asked for written whole or not at all.

use crate::{Error, Result, clock};
use std::fs::File;
use std::io::{BufWriter, Read};
use std::path::{Path, PathBuf};
use touchstone_domain::text::file_problem;
use touchstone_store::StoreError;

/// Why a text was not read, as the end of a sentence about its file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    #[error("could not be read: {}", file_problem(.0))]
    Io(#[from] std::io::Error),
    #[error("is a folder")]
    Folder,
    /// A pipe would be waited for without end.
    #[error("is no file")]
    NoFile,
    #[error("is larger than {}", size(*.0))]
    TooLarge(u64),
    #[error("is not UTF-8 text")]
    NoText,
}

fn size(bytes: u64) -> String {
    if bytes < 1 << 20 { format!("{} kB", bytes >> 10) } else { format!("{} MB", bytes >> 20) }
}

/// The text of a file of `bytes_max` bytes at most; a larger one is not read on.
pub(crate) fn read_text(path: &Path, bytes_max: u64) -> std::result::Result<String, Unread> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(Unread::Folder);
    }
    if !metadata.is_file() {
        return Err(Unread::NoFile);
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        return Err(Unread::TooLarge(bytes_max));
    }
    String::from_utf8(bytes).map_err(|_| Unread::NoText)
}

/// Why a file was not written.
pub(crate) enum WriteFailure {
    /// It could not be written to.
    Io(std::io::Error),
    /// What it was to hold could not be had.
    Content(Error),
}

impl From<std::io::Error> for WriteFailure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<csv::Error> for WriteFailure {
    fn from(error: csv::Error) -> Self {
        Self::Io(error.into())
    }
}

impl From<Error> for WriteFailure {
    fn from(error: Error) -> Self {
        Self::Content(error)
    }
}

impl From<StoreError> for WriteFailure {
    fn from(error: StoreError) -> Self {
        Self::Content(error.into())
    }
}

/// Writes what `fill` gives to `path`. A file that is there is replaced once the new one is complete, so it is never
/// half of either.
pub(crate) fn write_file<T>(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> std::result::Result<T, WriteFailure>,
) -> Result<T> {
    let part = part_path(path)?;
    let written = write_part(&part, fill).and_then(|value| {
        std::fs::rename(&part, path)?;
        Ok(value)
    });
    if written.is_err()
        && let Err(error) = std::fs::remove_file(&part)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "removing {}", part.display());
    }
    written.map_err(|failure| match failure {
        WriteFailure::Content(error) => error,
        WriteFailure::Io(error) => {
            Error::invalid(format!("“{}” could not be written: {}", path.display(), file_problem(&error)))
        }
    })
}

fn write_part<T>(
    part: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> std::result::Result<T, WriteFailure>,
) -> std::result::Result<T, WriteFailure> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(part)?);
    let value = fill(&mut out)?;
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(value)
}

/// A new name beside `path`: renaming replaces a file in one step only within a folder.
fn part_path(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| Error::invalid(format!("“{}” is not a file's name", path.display())))?;
    let mut part = std::ffi::OsString::from(".");
    part.push(name);
    part.push(format!(".{}.part", clock::new_id()));
    Ok(path.with_file_name(part))
}
