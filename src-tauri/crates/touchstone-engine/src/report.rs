//! A run written up as one file that is read anywhere and sent around: what was asked, how good the answers are, and how sure
//! that is.
//!
//! `facts.rs` gathers what is known, `content.rs` puts it into words and numbers, and `html.rs` and `markdown.rs` only write
//! those down, so that both say the same. A report holds nothing that is secret, and shows tasks only where examples are asked
//! for. Start reading at `content.rs`.

mod chart;
mod content;
mod facts;
mod html;
mod markdown;
mod words;

use crate::files::write_file;
use crate::{Engine, Error, Result, clock};
use facts::Facts;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::io::Write;
use std::path::{Path, PathBuf};
use touchstone_domain::RunId;

/// Examples of one report at most: it is to be read.
const EXAMPLES_MAX: u32 = 200;

#[derive(Clone, Debug, Default, Deserialize, Type)]
pub struct ReportOptions {
    /// So many tasks that went wrong are shown with their data, the worst first, then those that failed.
    pub examples: u32,
    /// What it is compared with; `None` for the newest run of an earlier version of its prompt, else of another model, else any
    /// other one, over tasks that it has answered too.
    pub against: Option<RunId>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct WrittenReport {
    pub path: String,
    /// The run that it is compared with; `None` where there is none.
    pub against: Option<RunId>,
}

/// One table, chart or text after the other, under headings.
struct Report {
    title: String,
    /// When and by what it was written; all else is the same whenever it is written.
    byline: String,
    sections: Vec<Section>,
}

struct Section {
    title: &'static str,
    blocks: Vec<Block>,
}

enum Block {
    Heading(String),
    Text(String),
    /// What is to be known before the numbers are believed.
    Warning(String),
    Verdict(touchstone_domain::comparison::Verdict, String),
    Cards(Vec<Card>),
    /// Names with what is said of them.
    List(Vec<(String, String)>),
    Table(Table),
    Matrix(Matrix),
    /// Drawn where that can be; its numbers stand in a table beside it.
    Chart(Chart),
    /// A text as it is; one that is folded opens at a press.
    Quote {
        title: String,
        text: String,
        is_folded: bool,
    },
}

struct Card {
    title: &'static str,
    value: String,
    words: String,
}

struct Table {
    caption: String,
    /// The first column names the rows.
    columns: Vec<&'static str>,
    /// The cells are words; else numbers, which stand one below the other.
    is_text: bool,
    rows: Vec<Vec<String>>,
}

/// What was taken for what: a row for each class of the truth.
struct Matrix {
    caption: String,
    classes: Vec<String>,
    counts: Vec<Vec<u32>>,
}

enum Chart {
    Bars(chart::Bars),
    Reliability(chart::Reliability),
}

/// What a report is written as; the ending of a file says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// A page of its own, which loads nothing.
    Html,
    /// GitHub's Markdown, without charts.
    Markdown,
}

impl ReportFormat {
    fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
        match ending.as_str() {
            "html" | "htm" => Ok(Self::Html),
            "md" | "markdown" => Ok(Self::Markdown),
            _ => Err(Error::invalid_field(
                "path",
                format!("“{}” says neither HTML nor Markdown; let its name end in .html or .md", path.display()),
            )),
        }
    }
}

impl Engine {
    /// Writes a report of the run to `path`, as HTML or Markdown by its ending. A file that is there is replaced once the new
    /// one is complete.
    ///
    /// Refused as a comparison is, where a run to compare it with is named.
    pub async fn write_report(&self, run: RunId, options: ReportOptions, path: PathBuf) -> Result<WrittenReport> {
        let format = ReportFormat::of(&path)?;
        if options.examples > EXAMPLES_MAX {
            return Err(Error::invalid_field("examples", format!("a report shows {EXAMPLES_MAX} examples at most")));
        }
        let metrics = self.run_metrics(run.clone()).await?;
        let summary = self.run(run).await?;
        self.blocking(move |inner| {
            let facts = Facts::of(inner, summary, metrics, &options)?;
            let report = content::report(&facts, &clock::now());
            let text = match format {
                ReportFormat::Html => html::written(&report),
                ReportFormat::Markdown => markdown::written(&report),
            };
            write_file(&path, |out| Ok(out.write_all(text.as_bytes())?))?;
            let against = facts.comparison.as_ref().map(|comparison| comparison.runs[0].run_id.clone());
            Ok(WrittenReport { path: path.to_string_lossy().into_owned(), against })
        })
        .await
    }
}
