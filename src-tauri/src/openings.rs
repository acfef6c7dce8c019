//! What the program is asked to open from outside: by its arguments, by a second start of it, by the system. All of it
//! waits in one queue until the page takes it, which shows it and does nothing else: a link never runs or writes
//! anything, an import and another workspace are confirmed there.

use crate::ipc::events::{AppEvent, emit};
use crate::state::App;
use crate::window;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use specta::Type;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager, Runtime};
use touchstone_engine::domain::{ProjectId, PromptId, RunId};

/// The scheme of links to places in a workspace: `touchstone://prompt/ID`, `touchstone://run/ID`, `touchstone://project/ID`.
const SCHEME: &str = "touchstone";

/// The ending of workspace files.
const WORKSPACE: &str = "touchstone";

/// Longer than any id, and short enough to be shown.
const LINK_LENGTH_MAX: usize = 200;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Opening {
    /// Files, or a folder, to import.
    Import {
        paths: Vec<String>,
    },
    /// A workspace file, to work with instead of the open one.
    Workspace {
        path: String,
    },
    Prompt {
        id: PromptId,
    },
    Run {
        id: RunId,
    },
    Project {
        id: ProjectId,
    },
    /// A file that is called like a workspace, and is none or cannot be read.
    NoWorkspace {
        reason: String,
    },
    /// A link that leads nowhere.
    Unknown {
        link: String,
    },
}

/// What these arguments ask for, files relative to `folder`, or as the URLs that some desktops hand over instead. What
/// starts with a dash is an option and asks for nothing.
pub(crate) fn of_arguments(arguments: impl IntoIterator<Item = OsString>, folder: &Path) -> Vec<Opening> {
    let (links, files): (Vec<_>, Vec<_>) = arguments
        .into_iter()
        .filter(|argument| !argument.is_empty() && !argument.to_string_lossy().starts_with('-'))
        .partition(|argument| is_link(argument));
    let links = links.iter().map(|link| of_link(&link.to_string_lossy()));
    let files = files.iter().map(|file| path_of_url(file).unwrap_or_else(|| folder.join(file)));
    of_files(files).into_iter().chain(links).collect()
}

/// The path that `file:///…` names.
fn path_of_url(argument: &OsStr) -> Option<PathBuf> {
    let url = argument.to_str().filter(|argument| argument.starts_with("file://"))?;
    url.parse::<tauri::Url>().ok()?.to_file_path().ok()
}

/// What these files ask for: workspaces one by one, everything else together.
pub(crate) fn of_files(paths: impl IntoIterator<Item = PathBuf>) -> Vec<Opening> {
    let is_workspace = |path: &PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(WORKSPACE));
    let (workspaces, others): (Vec<_>, Vec<_>) = paths.into_iter().partition(is_workspace);
    let workspaces = window::texts(workspaces).into_iter().map(|path| Opening::Workspace { path });
    let others = window::texts(others);
    let import = (!others.is_empty()).then_some(Opening::Import { paths: others });
    workspaces.chain(import).collect()
}

/// The same, but that a workspace which is none says so before the user is asked about it.
pub(crate) fn looked_at(opening: Opening) -> Opening {
    match &opening {
        Opening::Workspace { path } => match touchstone_engine::require_workspace(Path::new(path)) {
            Ok(()) => opening,
            Err(error) => {
                tracing::info!("a file was not opened as a workspace");
                Opening::NoWorkspace { reason: error.to_string() }
            }
        },
        _ => opening,
    }
}

/// What the system asks for by URLs: files and links.
#[cfg(any(target_os = "macos", test))]
pub(crate) fn of_urls(urls: &[tauri::Url]) -> Vec<Opening> {
    let (files, links): (Vec<_>, Vec<_>) = urls.iter().partition(|url| url.scheme() == "file");
    let files = files.into_iter().filter_map(|url| url.to_file_path().ok());
    of_files(files).into_iter().chain(links.into_iter().map(|url| of_link(url.as_str()))).collect()
}

/// Puts them into the queue, tells the page, and brings the window to the front.
pub(crate) fn ask<R: Runtime>(app: &AppHandle<R>, openings: Vec<Opening>) {
    // Before the program stands there is nobody to tell; the system may ask that early.
    if let Some(state) = app.try_state::<App>() {
        state.ask_to_open(openings);
        emit(app, AppEvent::Opened);
    }
    window::raise(app);
}

fn is_link(argument: &OsStr) -> bool {
    let text = argument.to_string_lossy();
    text.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME))
}

fn of_link(link: &str) -> Opening {
    place_of(link).unwrap_or_else(|| {
        tracing::info!("a link was refused");
        Opening::Unknown { link: link.chars().take(LINK_LENGTH_MAX).collect() }
    })
}

/// The place that a link names. Whether it is there, the page finds out.
fn place_of(link: &str) -> Option<Opening> {
    let (_, place) = link.split_once("://").filter(|_| link.len() <= LINK_LENGTH_MAX)?;
    let (kind, id) = place.trim_end_matches('/').split_once('/')?;
    let id = percent_decode_str(id).decode_utf8().ok()?.into_owned();
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b'+' | b'/');
    if id.is_empty() || !id.bytes().all(is_id) {
        return None;
    }
    match kind.to_ascii_lowercase().as_str() {
        "prompt" => Some(Opening::Prompt { id: PromptId(id) }),
        "run" => Some(Opening::Run { id: RunId(id) }),
        "project" => Some(Opening::Project { id: ProjectId(id) }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arguments: &[&str]) -> Vec<Opening> {
        of_arguments(arguments.iter().map(OsString::from), Path::new("/work"))
    }

    #[test]
    fn files_are_imported_together_and_a_workspace_is_opened() {
        let absolute = |name: &str| Path::new("/work").join(name).to_str().expect("text").to_owned();
        let paths = vec!["/data/config.xml".to_owned(), absolute("tasks.json")];
        assert_eq!(of(&["--flag", "/data/config.xml", "", "tasks.json"]), [Opening::Import { paths }]);
        assert_eq!(of(&["Team.Touchstone"]), [Opening::Workspace { path: absolute("Team.Touchstone") }]);
        assert_eq!(of(&["--safe"]), []);
        let paths = vec!["/data/my tasks.json".to_owned(), absolute("file:/tasks.json")];
        assert_eq!(of(&["file:///data/my%20tasks.json", "file:/tasks.json"]), [Opening::Import { paths }]);
    }

    #[test]
    fn a_link_names_a_place() {
        // Browsers end a link with a slash.
        for link in ["touchstone://prompt/UHJvbXB0OjE6YWJj", "TOUCHSTONE://Prompt/UHJvbXB0OjE6YWJj/"] {
            assert_eq!(of(&[link]), [Opening::Prompt { id: PromptId("UHJvbXB0OjE6YWJj".to_owned()) }], "{link}");
        }
        let run = Opening::Run { id: RunId("0198-a".to_owned()) };
        let project = Opening::Project { id: ProjectId("0198-b=".to_owned()) };
        assert_eq!(of(&["touchstone://run/0198-a", "touchstone://project/0198-b%3D"]), [run, project]);
    }

    #[test]
    fn every_other_link_leads_nowhere() {
        let long = format!("touchstone://prompt/{}", "a".repeat(1000));
        for link in [
            "touchstone:",
            "touchstone://",
            "touchstone://prompt",
            "touchstone://prompt/",
            "touchstone://delete/1",
            "touchstone://prompt/1?run=now",
            "touchstone://prompt/<b>",
            "touchstone://prompt/%00",
            "touchstone://prompt/%ff",
            "touchstone:prompt/1",
            &long,
        ] {
            let shown = link.chars().take(LINK_LENGTH_MAX).collect();
            assert_eq!(of(&[link]), [Opening::Unknown { link: shown }], "{link}");
        }
    }

    #[test]
    fn the_system_may_give_urls() {
        let urls = ["touchstone://run/1", "file:///data/my%20tasks.json"].map(|url| url.parse().expect("a URL"));
        let paths = vec!["/data/my tasks.json".to_owned()];
        assert_eq!(of_urls(&urls), [Opening::Import { paths }, Opening::Run { id: RunId("1".to_owned()) }]);
    }
}
