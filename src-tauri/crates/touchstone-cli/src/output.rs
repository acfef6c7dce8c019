//! What the program prints: the result on standard output, everything else on standard error.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the only place of this program that prints")]

use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use touchstone_engine::projects::ImportProgress;
use touchstone_engine::runs::RunProgress;
use touchstone_engine::{Changed, Error, Sink};

/// What a command found or did.
pub(crate) struct Report {
    /// For scripts.
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
        println!("{}", report.json);
    } else if !report.text.is_empty() {
        println!("{}", report.text.trim_end());
    }
    if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

pub(crate) fn complain(error: &Error, json: bool) -> ExitCode {
    eprintln!("touchstone: {error}");
    if json {
        println!("{}", json!({"error": {"code": error.code(), "message": error.to_string(), "field": error.field()}}));
    }
    ExitCode::FAILURE
}

/// Rows as columns, as wide as their widest cell; the last one is left ragged.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let cells: Vec<_> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
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
            // A broken terminal must not end a paid run.
            let _ = write!(std::io::stderr(), "\r\x1b[2K{line}").and_then(|()| std::io::stderr().flush());
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

    fn import_progress(&self, progress: ImportProgress) {
        if progress.bytes_done >= progress.bytes_total {
            return self.show("");
        }
        self.show(&format!("{} tasks read", progress.tasks));
    }
}

/// One line of a result that has many.
pub(crate) fn line(value: &Value) {
    println!("{value}");
}
