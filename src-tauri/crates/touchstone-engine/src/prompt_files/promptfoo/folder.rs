//! The files that a config names, read inside its own folder only: a config may come from anywhere, and must not bring
//! what else is on this machine into a prompt.

use super::super::{FILE_BYTES_MAX, Read};
use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use touchstone_domain::text::file_problem;

/// What promptfoo runs, and we do not.
const PROGRAMS: [&str; 17] = [
    "js", "cjs", "mjs", "ts", "cts", "mts", "py", "sh", "bash", "exe", "bat", "cmd", "ps1", "rb", "pl", "go", "prompty",
];
/// Other endings by which promptfoo takes a text of one line for a file.
const OTHERS: [&str; 9] = ["txt", "md", "j2", "json", "jsonl", "yaml", "yml", "csv", "xlsx"];

/// Prompts that stand on other servers.
const SERVERS: [&str; 3] = ["portkey://", "langfuse://", "helicone://"];

pub(super) struct Folder {
    /// `None` where the config's folder cannot be told.
    root: Option<PathBuf>,
    /// A config may name one file many times.
    bytes_left: u64,
}

/// A file's text and the ending of its name, in lower case.
pub(super) struct Named {
    pub(super) text: String,
    pub(super) ending: String,
    pub(super) stem: String,
}

impl Folder {
    pub(super) fn of(config: &Path) -> Self {
        let root = config.parent().and_then(|folder| {
            std::fs::canonicalize(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }).ok()
        });
        Self { root, bytes_left: FILE_BYTES_MAX }
    }

    /// The file that `raw` names; `None` where it is a prompt itself.
    pub(super) fn named(&mut self, raw: &str) -> Option<Read<Named>> {
        let is_address = ["http://", "https://"].iter().any(|scheme| raw.starts_with(scheme));
        if SERVERS.iter().any(|server| raw.starts_with(server)) || (is_address && !raw.contains(char::is_whitespace)) {
            return Some(Err(format!("“{raw}” is on a server, and nothing is fetched")));
        }
        if raw.starts_with("exec:") {
            return Some(Err(format!("“{raw}” is a program, and programs are not run")));
        }
        let name = match raw.strip_prefix("file://") {
            Some(name) => name,
            None if looks_like_file(raw) => raw,
            None => return None,
        };
        Some(self.read(name))
    }

    fn read(&mut self, name: &str) -> Read<Named> {
        if name.contains(['*', '?', '[', '{']) {
            return Err(format!("“{name}” is a pattern for names of files; name each file"));
        }
        let path = Path::new(name);
        if endings(name).any(|ending| PROGRAMS.contains(&ending.as_str())) {
            return Err(format!("“{name}” is a program, and programs are not run"));
        }
        let ending = ending(name);
        if !["txt", "md", "j2", "json", "yaml", "yml"].contains(&ending.as_str()) {
            return Err(format!("“{name}” is no kind of file that a prompt is read from"));
        }
        let outside = || format!("“{name}” is outside of the config's folder, where nothing is read");
        if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(outside());
        }
        let unreadable = |error: std::io::Error| format!("“{name}” could not be read: {}", file_problem(&error));
        let root = self.root.as_ref().ok_or_else(|| format!("“{name}” could not be found"))?;
        // What links lead to counts, not where they stand.
        let path = std::fs::canonicalize(root.join(path)).map_err(unreadable)?;
        if !path.starts_with(root) {
            return Err(outside());
        }
        // A pipe would be waited for.
        if !std::fs::metadata(&path).map_err(unreadable)?.is_file() {
            return Err(format!("“{name}” is not a file"));
        }
        let mut bytes = Vec::new();
        File::open(&path)
            .and_then(|file| file.take(self.bytes_left + 1).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        let length = bytes.len() as u64;
        self.bytes_left = self.bytes_left.checked_sub(length).ok_or_else(|| {
            format!("“{name}” is too large: the files of one config have {} MB together", FILE_BYTES_MAX >> 20)
        })?;
        let text = String::from_utf8(bytes).map_err(|_| format!("“{name}” is not text in UTF-8"))?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Named { text, ending, stem })
    }
}

/// Whether promptfoo takes a text for a file's name, by its end.
fn looks_like_file(raw: &str) -> bool {
    let is_known = |ending: String| PROGRAMS.contains(&ending.as_str()) || OTHERS.contains(&ending.as_str());
    !raw.contains('\n') && endings(raw).any(is_known)
}

/// Of a name, and of what stands before a colon in it, after which a program's function is named.
fn endings(name: &str) -> impl Iterator<Item = String> {
    name.rsplit(':').take(2).map(ending)
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}
