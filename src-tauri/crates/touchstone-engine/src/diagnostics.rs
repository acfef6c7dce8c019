//! What somebody who is to help needs to know of this computer and its workspace, as one text that the user reads before
//! it is given to anybody: sizes, counts, settings and the last lines of the log. No names, no contents, no secrets.

use crate::logs::{last_crash, last_lines, redacted};
use crate::workspace::bytes_on_disk;
use crate::{Engine, Result, clock};
use std::fmt::Write;
use std::path::Path;

/// So many lines of the log go along.
const LINES: usize = 200;

/// The program that asks.
pub struct Program<'p> {
    pub name: &'p str,
    pub version: &'p str,
    /// Where its logs and crash reports are.
    pub logs: &'p Path,
}

/// `engine` is the open workspace, or why it could not be opened, in words.
pub async fn diagnostics(program: &Program<'_>, engine: std::result::Result<&Engine, &str>) -> String {
    let Program { name, version, logs } = program;
    let mut text = format!("{name} {version}\n{}\n", clock::now());
    let os = std::env::consts::OS;
    put(&mut text, "system", &format!("{os} {}{}", std::env::consts::ARCH, distribution()));
    put(&mut text, "processors", &std::thread::available_parallelism().map_or(0, usize::from).to_string());
    match engine {
        Ok(engine) => match engine.about_workspace().await {
            Ok(about) => text.push_str(&about),
            Err(error) => put(&mut text, "workspace", &format!("could not be read: {error}")),
        },
        Err(problem) => put(&mut text, "workspace", &format!("could not be opened: {problem}")),
    }
    if let Some(crash) = last_crash(logs) {
        let _ = write!(text, "\nThe last crash\n{}\n", crash.text.trim_end());
    }
    let lines = last_lines(logs, LINES);
    let _ = write!(text, "\nThe last {} lines of the log\n{}\n", lines.len(), lines.join("\n"));
    without_home(&redacted(&text))
}

impl Engine {
    async fn about_workspace(&self) -> Result<String> {
        let settings = self.settings().await?;
        let keychain = self.keychain_available().await;
        let damage = self.found_damage();
        self.blocking(move |inner| {
            let mut text = String::new();
            put(&mut text, "keychain", if keychain { "answers" } else { "does not answer" });
            let bytes = bytes_on_disk(inner.store.path()).unwrap_or(0);
            put(&mut text, "workspace", &format!("{bytes} bytes"));
            put(&mut text, "not closed last time", if inner.store.was_cut_short() { "yes" } else { "no" });
            for problem in damage.iter().flat_map(|damage| &damage.problems) {
                put(&mut text, "damage", problem);
            }
            for (table, rows) in inner.store.row_counts()? {
                put(&mut text, table, &rows.to_string());
            }
            for (provider, connections) in inner.store.connection_counts()? {
                put(&mut text, &format!("connections by {provider}"), &connections.to_string());
            }
            // Of what somebody set there is nothing but numbers and switches.
            put(&mut text, "settings", &serde_json::to_string(&settings).unwrap_or_default());
            Ok(text)
        })
        .await
    }
}

fn put(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name}: {value}");
}

/// What Linux calls itself, as in “, Debian GNU/Linux 13”.
fn distribution() -> String {
    let about = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = about.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map(|name| format!(", {}", name.trim_matches('"'))).unwrap_or_default()
}

/// The name of the user's account stands in paths.
fn without_home(text: &str) -> String {
    match std::env::home_dir().as_deref().and_then(Path::to_str) {
        Some(home) if home.len() > 1 => text.replace(home, "~"),
        _ => text.to_owned(),
    }
}
