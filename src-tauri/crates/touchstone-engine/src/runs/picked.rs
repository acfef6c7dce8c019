//! The tasks of a custom subset: chosen in a table, shown by the results of a run, or listed in a file.

use crate::results::{Cell, CellFilter, RowFilter, RowQuery, RowSort, Shown, stored_filter};
use crate::tasks::TaskSelection;
use crate::{Error, Inner, Result};
use anyhow::Context;
use serde::Deserialize;
use specta::Type;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;
use touchstone_domain::RunId;
use touchstone_domain::text::file_problem;
use touchstone_store::{Positions, ProjectRow, RunRow};

/// Tasks of a project that were picked by hand.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Picked {
    /// Chosen in a table of the project's tasks.
    Tasks { selection: TaskSelection },
    /// Those that the results of a run show: under a filter, whose data contains the text of a search, which is empty for
    /// any, and which a table of metrics counts in a cell.
    Results { run_id: RunId, filter: RowFilter, search: String, cell: Option<CellFilter> },
}

impl Picked {
    pub(super) fn positions(&self, inner: &Inner, project: &ProjectRow) -> Result<Positions> {
        match self {
            Self::Tasks { selection } => Ok(selection.positions(inner, project)?.into_iter().collect()),
            Self::Results { run_id, filter, search, cell } => {
                let run = inner.store.run(run_id)?;
                if run.project_key != project.key {
                    return Err(Error::invalid(format!("run {} is over the tasks of another project", run.number)));
                }
                shown(inner, &run, *filter, search, cell.as_ref())
            }
        }
    }
}

/// The positions of the tasks that the results of a run show.
fn shown(
    inner: &Inner,
    run: &RunRow,
    filter: RowFilter,
    search: &str,
    wanted: Option<&CellFilter>,
) -> Result<Positions> {
    if let (None, Some(filter)) = (wanted, stored_filter(filter)) {
        return Ok(inner.store.result_positions(run.key, filter, search)?);
    }
    let cell = wanted.map(|wanted| Cell::of(inner, run, wanted.clone())).transpose()?.flatten();
    let query = RowQuery { filter, sort: RowSort::Position, search: search.to_owned(), cell: wanted.cloned() };
    let shown = Shown { inner, run, query: &query, cell: cell.as_ref(), queue: None };
    let mut tasks = Vec::new();
    shown.each(|| ControlFlow::Continue(()), |task| tasks.push(task))?;
    Ok(inner.store.positions_of(run.project_key, &tasks)?)
}

/// Characters of something in a file that are said back; an id is shorter.
const WORD_MAX: usize = 40;

/// An id that a file lists, and where.
struct Listed {
    id: i64,
    line: u32,
    /// Of the task that has it.
    position: Option<u32>,
    /// Of another that has it too.
    other: Option<u32>,
}

/// The tasks whose ids stand in a file: one a line, or as a JSON list. An id is the one that exports give to a task: that which
/// it was imported with, or else its id in this workspace. The file is read byte by byte; memory holds what it lists.
pub(super) fn listed(inner: &Inner, project: &ProjectRow, path: &Path) -> Result<Positions> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let refused = |line: u32, why: String| Error::invalid(format!("line {line} of {name}: {why}"));
    let mut listed = read(path, refused)?;
    listed.sort_by_key(|one| (one.id, one.line));
    listed.dedup_by_key(|one| one.id);
    inner.store.each_shown_id(project.key, |id, position| {
        if let Ok(index) = listed.binary_search_by_key(&id, |one| one.id) {
            let one = &mut listed[index];
            match one.position {
                None => one.position = Some(position),
                Some(_) => one.other = Some(position),
            }
        }
    })?;
    let wrong = listed.iter().filter(|one| one.position.is_none() || one.other.is_some());
    if let Some(Listed { id, line, position, other }) = wrong.min_by_key(|one| one.line) {
        let why = match (position, other) {
            (Some(one), Some(other)) => format!(
                "“{id}” is the id of several tasks of “{}”, among them its tasks number {} and {}; pick these by hand in \
                 the window",
                project.name,
                one + 1,
                other + 1
            ),
            _ => format!("“{id}” is no task of “{}”", project.name),
        };
        return Err(refused(*line, why));
    }
    Ok(listed.iter().filter_map(|one| one.position).collect())
}

/// The ids that a file lists, in its order.
fn read(path: &Path, refused: impl Fn(u32, String) -> Error) -> Result<Vec<Listed>> {
    let file = File::open(path)
        .map_err(|error| Error::invalid(format!("{} cannot be read: {}", path.display(), file_problem(&error))))?;
    let mut listed = Vec::new();
    let mut word = Vec::new();
    let mut line = 1;
    for byte in BufReader::new(file).bytes().chain([Ok(b'\n')]) {
        let byte = byte.with_context(|| format!("reading {}", path.display()))?;
        if !byte.is_ascii_whitespace() && !b"[],\"".contains(&byte) {
            if word.len() < WORD_MAX {
                word.push(byte);
            }
            continue;
        }
        if !word.is_empty() {
            let text = String::from_utf8_lossy(&word);
            let id = text.parse().map_err(|_| refused(line, format!("“{text}” is no id of a task")))?;
            listed.push(Listed { id, line, position: None, other: None });
            word.clear();
        }
        line += u32::from(byte == b'\n');
    }
    Ok(listed)
}
