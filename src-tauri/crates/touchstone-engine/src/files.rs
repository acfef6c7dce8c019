//! Writing the files that the user asked for, whole or not at all.

use crate::{Error, Result, clock};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use touchstone_store::StoreError;

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
        WriteFailure::Io(error) => Error::invalid(format!("“{}” could not be written: {error}", path.display())),
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
