//! What the program prints: the result on standard output, everything else on standard error.
//!
//! Nothing here fails: a reader that went away, as `head` does, must not turn a finished run into a failed one.

use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use touchstone_engine::connections::{LocalTestProgress, TestStep};
use touchstone_engine::imports::ImportProgress;
use touchstone_engine::label_studio::{PullProgress, PushProgress};
use touchstone_engine::media::MediaProgress;
use touchstone_engine::runs::RunProgress;
use touchstone_engine::tasks::TaskViewProgress;
use touchstone_engine::{Changed, Error, ErrorCode, Sink};

/// What a command found or did.
pub(crate) struct Report {
    /// For scripts: an object on a line; of a list, one on each.
    pub json: Value,
    /// For people; lines.
    pub text: String,
    /// Whether what was asked for was done.
    pub ok: bool,
}

impl Report {
    pub(crate) fn done(json: Value, text: impl Into<String>) -> Self {
        Self { json, text: text.into(), ok: true }
    }
}

pub(crate) fn tell(report: &Report, json: bool) -> ExitCode {
    if json {
        match &report.json {
            Value::Array(each) => each.iter().for_each(|json| line(&json.to_string())),
            one => line(&one.to_string()),
        }
    } else if !report.text.is_empty() {
        line(report.text.trim_end());
    }
    if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

pub(crate) fn complain(error: &Error, json: bool) -> ExitCode {
    let message = match error {
        Error::NoToken { why, .. } => format!("{why}; name the environment variable that holds it: --token-env VAR"),
        _ if error.code() == ErrorCode::KeychainUnavailable => format!(
            "{error}; store none by --no-key, and name the variable that holds it with each command that needs it (see its help)"
        ),
        _ => error.to_string(),
    };
    remark(&format!("touchstone: {message}\n"));
    if json {
        let error = json!({"code": error.code(), "message": message, "field": error.field()});
        line(&json!({ "error": error }).to_string());
    }
    ExitCode::FAILURE
}

/// Prints the help that was asked for, or why the command line cannot be read.
pub(crate) fn explain(error: &clap::Error) -> ExitCode {
    // A closed terminal is no reason to fail.
    let _ = error.print();
    if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        let text = error.to_string();
        let (reason, _usage) = text.split_once("\n\n").unwrap_or((&text, ""));
        let reason = reason.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ");
        line(&json!({"error": {"code": ErrorCode::Invalid, "message": reason, "field": null}}).to_string());
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// One line on standard output.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Something to know, beside the result.
pub(crate) fn remark(text: &str) {
    let _ = write!(std::io::stderr(), "{text}");
}

/// Longest text of somebody else that is shown on a line, in characters.
const SHOWN_CHARS_MAX: usize = 200;

/// A text of somebody else, such as a server's name for its model, that cannot steer the terminal or fill it.
pub(crate) fn shown(text: &str) -> String {
    let is_long = text.chars().nth(SHOWN_CHARS_MAX).is_some();
    let chars = text.chars().take(SHOWN_CHARS_MAX);
    let line: String = chars
        .map(|char| if char.is_control() { char.escape_default().to_string() } else { char.to_string() })
        .collect();
    if is_long { line + "…" } else { line }
}

/// “1 task”, “2 tasks”.
pub(crate) fn counted(count: impl Into<u64>, what: &str) -> String {
    let count = count.into();
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

/// Rows as columns, as wide as their widest cell; the last one is left ragged.
pub(crate) fn columns(rows: &[impl AsRef<[String]>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.as_ref().get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..rows.first().map_or(0, |row| row.as_ref().len())).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<_> =
            row.as_ref().iter().zip(widths.iter().copied()).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Rows as columns under their headings, or in words that there are none.
pub(crate) fn listed<const N: usize>(headings: [&str; N], mut rows: Vec<[String; N]>, none: &str) -> String {
    if rows.is_empty() {
        return none.to_owned();
    }
    rows.insert(0, headings.map(str::to_uppercase));
    columns(&rows)
}

/// Shows progress on one line that is written over, where somebody is looking.
pub(crate) struct Progress {
    shown: bool,
}

impl Progress {
    pub(crate) fn on_terminal() -> Self {
        Self { shown: std::io::stderr().is_terminal() }
    }

    fn show(&self, line: &str) {
        if self.shown {
            remark(&format!("\r\x1b[2K{line}"));
        }
    }
}

impl Sink for Progress {
    fn changed(&self, _: Changed) {}

    fn run_progress(&self, progress: RunProgress) {
        let run = &progress.run;
        if !run.status.is_active() {
            return self.show("");
        }
        let mut line = format!("{} of {} tasks", run.done, run.total);
        if run.failed > 0 {
            line.push_str(&format!(", {} failed", run.failed));
        }
        if let Some(rate) = progress.rate {
            line.push_str(&format!(", {rate:.1} a second"));
        }
        if let Some(waiting) = &progress.waiting {
            line.push_str(&format!(" – {waiting}"));
        }
        self.show(&line);
    }

    fn media_progress(&self, progress: MediaProgress) {
        self.show(&format!("{} of {} tasks, {} with faults", progress.tasks, progress.total, progress.faulty_tasks));
    }

    fn local_test(&self, progress: LocalTestProgress) {
        let what = match (progress.step, progress.parallel) {
            (TestStep::Answer, _) => "a first answer".to_owned(),
            (TestStep::Schema, _) => "what form it is held to".to_owned(),
            (TestStep::Abilities, _) => "pictures and likelihoods".to_owned(),
            (TestStep::Speed, Some(2..)) => format!("how fast {} at once are", progress.parallel.unwrap_or(1)),
            (TestStep::Speed, _) => "how fast it is".to_owned(),
        };
        self.show(&format!("testing {}: {what}", progress.model));
    }

    fn import_progress(&self, progress: ImportProgress) {
        if progress.bytes_done >= progress.bytes_total {
            return self.show("");
        }
        self.show(&format!("{} tasks read", progress.tasks));
    }

    fn task_view(&self, _: TaskViewProgress) {}

    fn pull_progress(&self, progress: PullProgress) {
        if progress.done >= progress.total {
            return self.show("");
        }
        if progress.bytes > 0 {
            return self.show(&format!("{} MB of the project read", progress.bytes / 1_000_000));
        }
        self.show(&format!("{} of {} tasks read", progress.done, progress.total));
    }

    fn push_progress(&self, progress: PushProgress) {
        if progress.done >= progress.total {
            return self.show("");
        }
        self.show(&format!("{} of {} tasks looked at", progress.done, progress.total));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_calls_its_model_stays_on_its_line() {
        assert_eq!(shown("qwen3:8b"), "qwen3:8b");
        assert_eq!(shown("a\nb\u{1b}[2J"), "a\\nb\\u{1b}[2J");
        assert_eq!(shown(&"ü".repeat(300)), "ü".repeat(200) + "…");
    }
}
