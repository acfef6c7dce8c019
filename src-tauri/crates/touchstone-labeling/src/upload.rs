//! Whole files of any kind that Label Studio takes, with its rules: one bad item refuses the file.
//!
//! The program itself reads JSON item by item ([`crate::read_tasks`]) and is kinder; this is what conformance is held
//! to.

use crate::config::Config;
use crate::import::{ImportedTask, Loader, TaskRules, read_items};
use crate::table;
use serde_json::{Map, Value};
use std::ops::ControlFlow;

/// What Label Studio lets be uploaded that is neither a list of tasks nor a text.
const MEDIA: [&str; 15] =
    ["bmp", "flac", "gif", "jpg", "jpeg", "m4a", "mp3", "ogg", "png", "svg", "wav", "mp4", "webm", "webp", "pdf"];

/// Reads a file that was uploaded. The error says in words why the file is refused.
pub(crate) fn upload(config: &Config, filename: &str, content: &str) -> Result<Vec<ImportedTask>, String> {
    let rules = TaskRules::new(config, Loader::Upload);
    let extension = extension(filename);
    let tasks = match extension {
        "json" => return some(json(&rules, content)?),
        "csv" => {
            let first_line = content.lines().next().unwrap_or_default();
            let count = |separator| first_line.matches(separator).count();
            table::rows(content, if count(';') > count(',') { ';' } else { ',' })?
        }
        "tsv" => table::rows(content, '\t')?,
        "txt" => lines(content).into_iter().map(|line| rules.single(line)).collect(),
        _ if rules.key_count() > 1 => return Err("a file that is one task needs a config with one data key".to_owned()),
        "html" | "htm" | "xml" => vec![rules.single(content)],
        // The check whether a file may be uploaded ignores case, the choice of its reader does not.
        _ if is_known(&extension.to_lowercase()) => vec![rules.single(&format!("/data/upload/1/{filename}"))],
        _ => return Err(format!("files of the type .{extension} cannot be uploaded")),
    };
    let task = |data| rules.task(Value::Object(Map::from_iter([("data".to_owned(), Value::Object(data))])));
    some(tasks.into_iter().map(task).collect::<Result<_, _>>().map_err(|refusal| refusal.message)?)
}

/// Reads a file that lies in a storage bucket. The error says in words why the file is refused.
pub(crate) fn storage(config: &Config, content: &str) -> Result<Vec<ImportedTask>, String> {
    let rules = TaskRules::new(config, Loader::Storage);
    let trimmed = content.trim_start();
    if !trimmed.starts_with(['[', '{']) {
        return Err("it holds neither a list of tasks nor a task".to_owned());
    }
    if trimmed.starts_with('[') || serde_json::from_str::<Value>(content).is_ok() {
        return json(&rules, content);
    }
    let lines = content.lines().map(str::trim).filter(|line| !line.is_empty());
    let task = |line| {
        let item = serde_json::from_str(line).map_err(|error: serde_json::Error| error.to_string())?;
        rules.task(item).map_err(|refusal| refusal.message)
    };
    lines.map(task).collect()
}

fn extension(filename: &str) -> &str {
    filename.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn is_known(extension: &str) -> bool {
    MEDIA.contains(&extension) || matches!(extension, "csv" | "htm" | "html" | "json" | "tsv" | "txt" | "xml")
}

/// The tasks of a JSON text.
fn json(rules: &TaskRules, content: &str) -> Result<Vec<ImportedTask>, String> {
    let mut tasks = Vec::new();
    let mut refused = None;
    read_items(content.as_bytes(), rules, |place, task| match task {
        Ok(task) => {
            tasks.push(task);
            ControlFlow::Continue(())
        }
        Err(refusal) => {
            refused = Some(format!("item {} was refused because {}", place.item, refusal.message));
            ControlFlow::Break(())
        }
    })
    .map_err(|error| error.to_string())?;
    refused.map_or(Ok(tasks), Err)
}

/// An upload without any task is refused.
fn some(tasks: Vec<ImportedTask>) -> Result<Vec<ImportedTask>, String> {
    if tasks.is_empty() { Err("it has no tasks".to_owned()) } else { Ok(tasks) }
}

/// Splits where Python's `splitlines` does; blank lines are lines.
fn lines(text: &str) -> Vec<&str> {
    let ends = |letter: char| {
        matches!(letter, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
    };
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(ends).unwrap_or(rest.len());
        lines.push(&rest[..end]);
        rest = &rest[end..];
        rest = rest.strip_prefix("\r\n").unwrap_or_else(|| {
            let mut letters = rest.chars();
            letters.next();
            letters.as_str()
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_python_ends_them() {
        assert_eq!(lines("a\r\nb\n\nc\u{2028}d\n"), ["a", "b", "", "c", "d"]);
        assert_eq!(lines(""), Vec::<&str>::new());
    }

    #[test]
    fn only_known_files_can_be_uploaded() {
        let config = Config::parse(r#"<View><Text name="t" value="$t"/></View>"#).expect("the config is well-formed");
        let data = |filename: &str| upload(&config, filename, "x").map(|tasks| Value::from(tasks[0].data.clone()));
        assert_eq!(data("a.txt"), Ok(serde_json::json!({"t": "x"})));
        assert_eq!(data("a.html"), Ok(serde_json::json!({"t": "x"})));
        assert_eq!(data("T.CSV"), Ok(serde_json::json!({"t": "/data/upload/1/T.CSV"})));
        assert_eq!(data("a.jsonl"), Err("files of the type .jsonl cannot be uploaded".to_owned()));
    }
}
