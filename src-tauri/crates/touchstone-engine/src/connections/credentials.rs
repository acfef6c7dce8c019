//! The key file of a service account, read where it lies: the page names its path and never learns what it holds.

use crate::files::{Unread, read_text};
use crate::{Error, Result};
use std::io::ErrorKind;
use std::path::Path;
use touchstone_domain::secret::Secret;

/// Key files have two kilobytes or three.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// What the file at `path` holds. The words of a refusal repeat nothing of it.
pub(super) fn read(path: &Path) -> Result<Secret> {
    let name = path.display();
    match read_text(path, FILE_BYTES_MAX) {
        Ok(text) => Ok(Secret::new(text)),
        Err(unread) => Err(Error::invalid_field(
            "credentials",
            match unread {
                Unread::Io(error) if error.kind() == ErrorKind::NotFound => format!("there is no file “{name}”"),
                Unread::Io(_) => format!("“{name}” {unread}"),
                unread => format!("“{name}” {unread}; choose the JSON file of the service account’s key"),
            },
        )),
    }
}
