//! The key file of a service account, read where it lies: the page names its path and never learns what it holds.

use crate::{Error, Result};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use touchstone_domain::secret::Secret;

/// Key files have two kilobytes or three.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// What the file at `path` holds. The words of a refusal repeat nothing of it.
pub(super) fn read(path: &Path) -> Result<Secret> {
    let name = path.display();
    let refuse = |words: String| Error::invalid_field("credentials", words);
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => refuse(format!("there is no file “{name}”")),
        _ => refuse(format!("“{name}” could not be read: {error}")),
    };
    // Before it is opened: a pipe would be waited for without end.
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "a folder" } else { "no file" };
        return Err(refuse(format!("“{name}” is {what}; choose the key file of a service account")));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(refuse(format!("“{name}” is too large for the key file of a service account")));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Secret::new(text)),
        Err(_) => Err(refuse(format!("“{name}” is no text; choose the JSON file of the service account’s key"))),
    }
}
