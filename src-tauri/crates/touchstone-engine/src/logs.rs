//! What a program writes down of its own work, on this computer only: a log of bounded size, and a report of each crash.
//!
//! Whatever is written passes [`redacted`]: secrets have no way into texts (`Secret` shows nothing), and this is for what
//! somebody else says, such as a server that repeats a key in its error.

use crate::clock;
use serde::Serialize;
use specta::Type;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// So many files there are at most, of so many bytes each.
const FILES: usize = 5;
const FILE_BYTES_MAX: u64 = 2_000_000;

/// So many crash reports are kept.
const CRASHES: usize = 5;

/// The end of the name of a crash report that was shown already.
const SEEN: &str = ".seen.txt";

/// A log in a folder: `touchstone.log`, and older ones as `touchstone.1.log` up to `touchstone.4.log`.
pub struct LogFile {
    folder: PathBuf,
    open: Mutex<(File, u64)>,
}

impl LogFile {
    /// Goes on with the log in `folder`, which is made if it is not there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let file = File::options().create(true).append(true).open(log_path(folder, 0))?;
        let bytes = file.metadata()?.len();
        Ok(Self { folder: folder.to_owned(), open: Mutex::new((file, bytes)) })
    }

    /// Adds a text of whole lines.
    pub fn add(&self, text: &str) -> io::Result<()> {
        let text = redacted(text);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.1 > 0 && open.1 + text.len() as u64 > FILE_BYTES_MAX {
            *open = (self.rotated()?, 0);
        }
        open.0.write_all(text.as_bytes())?;
        open.1 += text.len() as u64;
        Ok(())
    }

    /// Moves each file to the next place, the last one out, and begins a new one.
    fn rotated(&self) -> io::Result<File> {
        for place in (0..FILES - 1).rev() {
            match fs::rename(log_path(&self.folder, place), log_path(&self.folder, place + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        File::options().create(true).append(true).open(log_path(&self.folder, 0))
    }
}

fn log_path(folder: &Path, place: usize) -> PathBuf {
    folder.join(if place == 0 { "touchstone.log".to_owned() } else { format!("touchstone.{place}.log") })
}

/// The last lines of the log in `folder`, at most so many; none where there is no log.
pub fn last_lines(folder: &Path, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for place in 0..FILES {
        let Ok(bytes) = fs::read(log_path(folder, place)) else { break };
        let text = redacted(&String::from_utf8_lossy(&bytes));
        lines.splice(0..0, text.lines().map(str::to_owned));
        if lines.len() >= most {
            break;
        }
    }
    lines.split_off(lines.len().saturating_sub(most))
}

/// What a program wrote down when a part of it crashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct CrashReport {
    pub path: String,
    pub text: String,
    /// Nobody was shown it yet.
    pub is_new: bool,
}

/// Keeps a crash report beside the log, and of older ones the newest.
pub fn keep_crash(folder: &Path, about: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let now = clock::now();
    // Windows has no colons in names.
    let path = folder.join(format!("crash-{}.txt", now.replace(':', "")));
    fs::write(&path, redacted(&format!("{now}\n{about}")))?;
    let mut crashes = crashes(folder);
    let older = crashes.len().saturating_sub(CRASHES);
    for path in crashes.drain(..older) {
        fs::remove_file(path)?;
    }
    Ok(path)
}

/// The newest crash report in `folder`.
pub fn last_crash(folder: &Path) -> Option<CrashReport> {
    let path = crashes(folder).pop()?;
    let text = redacted(&String::from_utf8_lossy(&fs::read(&path).ok()?));
    let is_new = !path.to_string_lossy().ends_with(SEEN);
    Some(CrashReport { path: path.display().to_string(), text, is_new })
}

/// Remembers that the crash reports in `folder` were shown.
pub fn note_crashes_seen(folder: &Path) -> io::Result<()> {
    for path in crashes(folder) {
        let name = path.to_string_lossy();
        if let Some(name) = name.strip_suffix(".txt").filter(|_| !name.ends_with(SEEN)) {
            fs::rename(&path, format!("{name}{SEEN}"))?;
        }
    }
    Ok(())
}

/// From the oldest to the newest.
fn crashes(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut crashes: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with("crash-") && name.ends_with(".txt"))
        })
        .collect();
    crashes.sort();
    crashes
}

/// What stands in place of what may be a secret.
const REDACTED: &str = "<redacted>";

/// Shorter values are words and numbers; no secret that opens anything is as short.
const SECRET_CHARS_MIN: usize = 8;

/// How the secrets of vendors begin.
const BEGINNINGS: [&str; 10] = ["sk-", "sk_", "AIza", "gsk_", "xai-", "ya29.", "hf_", "ghp_", "eyJ", "AKIA"];

/// What stands before a secret, with a blank between.
const SCHEMES: [&str; 3] = ["bearer", "basic", "token"];

/// Parts of names whose values are secrets.
const NAMES: [&str; 6] = ["key", "token", "secret", "password", "authorization", "credential"];

/// The text without what may be a secret: what begins like the keys of vendors, what follows a scheme of signing in, values
/// under a name that says so, and a user's name and password in an address.
pub fn redacted(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut before = "";
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(|char| !is_secret_char(char)).unwrap_or(rest.len());
        if word == 0 {
            let next = rest.find(is_secret_char).unwrap_or(rest.len());
            kept.push_str(&rest[..next]);
            rest = &rest[next..];
            continue;
        }
        let at = text.len() - rest.len();
        let (found, after) = rest.split_at(word);
        let gap = &text[..at];
        let is_named = |before: &str| {
            let before = before.to_ascii_lowercase();
            NAMES.iter().any(|name| before.contains(name))
        };
        // The name's quote, the sign, blanks and the value's quote.
        let sign = gap.trim_end_matches(['"', '\'', ' ', '\\']);
        let is_value = (sign.ends_with('=') || sign.ends_with(':')) && is_named(before) && holds_no_line(gap, before);
        let is_credential = gap.ends_with(' ') && SCHEMES.contains(&before.to_ascii_lowercase().as_str());
        let is_password = after.starts_with('@') && (gap.ends_with("://") || gap.ends_with(':') && has_address(&kept));
        let is_secret = found.len() >= SECRET_CHARS_MIN
            && (BEGINNINGS.iter().any(|beginning| found.starts_with(beginning))
                || (is_value && !found.bytes().all(|byte| byte.is_ascii_digit()))
                || is_credential);
        // What follows a scheme after a name, as in “authorization: Bearer …”, is looked at next.
        let is_scheme = SCHEMES.contains(&found.to_ascii_lowercase().as_str());
        kept.push_str(if is_password || (is_secret && !is_scheme) { REDACTED } else { found });
        before = found;
        rest = after;
    }
    kept
}

fn is_secret_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.' | '+' | '/' | '~' | '%')
}

/// Whether the name that a value belongs to stands on the same line.
fn holds_no_line(gap: &str, before: &str) -> bool {
    gap.rfind(before).is_some_and(|at| !gap[at..].contains('\n'))
}

/// Whether what was kept ends with the beginning of an address: `https://ann:`.
fn has_address(kept: &str) -> bool {
    kept.rfind("://").is_some_and(|at| !kept[at + 3..].contains(|char: char| char.is_whitespace() || char == '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_left_out() {
        for (text, kept) in [
            (
                "refused: Incorrect API key provided: sk-proj-0123456789abcdef.",
                "refused: Incorrect API key provided: <redacted>",
            ),
            ("authorization: Bearer abcdef0123456789", "authorization: Bearer <redacted>"),
            (r#"{"api_key": "abcdef0123456789", "n": 1}"#, r#"{"api_key": "<redacted>", "n": 1}"#),
            (r#"{\"x-goog-api-key\":\"abcdef0123456789\"}"#, r#"{\"x-goog-api-key\":\"<redacted>\"}"#),
            ("GET http://127.0.0.1/v1?key=abcdef0123456789&alt=sse", "GET http://127.0.0.1/v1?key=<redacted>&alt=sse"),
            (
                "proxy http://ann:s3cret@proxy.example:3128 refused",
                "proxy http://ann:<redacted>@proxy.example:3128 refused",
            ),
            ("AIzaSyA-0123456789 and eyJhbGciOi.eyJzdWIi.sig", "<redacted> and <redacted>"),
        ] {
            assert_eq!(redacted(text), kept, "{text}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "prompt_tokens: 1234567890, key: a",
            "the workspace could not be opened: /home/ann/work.touchstone\nkey\n: abcdefghijkl",
            "asked https://api.example.org/v1/chat in 120 ms – “Tickets”",
            "",
        ] {
            assert_eq!(redacted(text), text);
        }
    }

    #[test]
    fn a_log_is_five_files_of_two_megabytes_at_the_most() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let line = format!("{}\n", "a".repeat(99_999));
        let log = LogFile::open(folder.path()).expect("a log");
        for _ in 0..130 {
            log.add(&line).expect("written");
        }
        log.add("the last: token=abcdef0123456789\n").expect("written");
        let mut sizes: Vec<_> = fs::read_dir(folder.path())
            .expect("the folder")
            .map(|entry| entry.expect("an entry").metadata().expect("its size").len())
            .collect();
        sizes.sort_unstable();
        assert_eq!(sizes.len(), FILES);
        assert!(sizes.iter().all(|bytes| *bytes <= FILE_BYTES_MAX), "{sizes:?}");
        let lines = last_lines(folder.path(), 30);
        assert_eq!(lines.len(), 30, "from several files");
        assert_eq!(lines[29], "the last: token=<redacted>");
        drop(log);
        LogFile::open(folder.path()).and_then(|log| log.add("again\n")).expect("it goes on");
        assert_eq!(last_lines(folder.path(), 2), ["the last: token=<redacted>", "again"]);
        assert!(last_lines(&folder.path().join("none"), 9).is_empty());
    }

    #[test]
    fn the_last_crash_is_new_until_it_was_seen_and_older_ones_go() {
        let folder = tempfile::tempdir().expect("temporary folder");
        assert_eq!(last_crash(folder.path()), None);
        for number in 0..7 {
            keep_crash(folder.path(), &format!("crash {number} with sk-0123456789")).expect("kept");
            // Their names are moments.
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        assert_eq!(crashes(folder.path()).len(), CRASHES);
        let crash = last_crash(folder.path()).expect("the last");
        assert!(crash.is_new && crash.text.ends_with("\ncrash 6 with <redacted>"), "{crash:?}");
        note_crashes_seen(folder.path()).expect("noted");
        let seen = last_crash(folder.path()).expect("the last");
        assert_eq!((seen.is_new, &seen.text), (false, &crash.text));
        keep_crash(folder.path(), "another").expect("kept");
        assert!(last_crash(folder.path()).is_some_and(|crash| crash.is_new));
    }
}
