//! Commands of the page. Each translates a call into one of the engine and its result back, and does nothing else;
//! dialogs and preferences, which the engine does not know, are handled here.

pub(crate) mod annotations;
pub(crate) mod app;
pub(crate) mod comparison;
pub(crate) mod configs;
pub(crate) mod connections;
pub(crate) mod diagnostics;
pub(crate) mod exports;
pub(crate) mod gold;
pub(crate) mod imports;
pub(crate) mod label_studio;
pub(crate) mod links;
pub(crate) mod local_api;
pub(crate) mod media;
pub(crate) mod network;
pub(crate) mod projects;
pub(crate) mod prompt_files;
pub(crate) mod prompts;
pub(crate) mod results;
pub(crate) mod reviews;
pub(crate) mod runs;
pub(crate) mod settings;
pub(crate) mod spaces;
pub(crate) mod tasks;
pub(crate) mod versions;
pub(crate) mod workspace;

use crate::ipc::IpcError;
use std::io;
use std::path::Path;

/// What every command answers.
type Reply<T> = Result<T, IpcError>;

/// Shows a folder in the system's file manager.
fn show_folder(folder: &Path) -> Reply<()> {
    open::that_detached(folder).map_err(|error| unshown(folder, &error))
}

fn unshown(folder: &Path, error: &io::Error) -> IpcError {
    IpcError::internal(format!("the folder {} could not be shown: {error}", folder.display()))
}
