//! The tasks of a custom subset: chosen in a table, shown by the results of a run, or listed in a file.

use crate::results::{Cell, CellFilter, RowFilter, stored_filter};
use crate::tasks::TaskSelection;
use crate::{Error, Inner, Result};
use anyhow::Context;
use serde::Deserialize;
use specta::Type;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;
use touchstone_domain::{RunId, TaskId};
use touchstone_store::{Positions, ProjectRow, ResultQuery, ResultSort, RunRow};

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
fn shown(inner: &Inner, run: &RunRow, filter: RowFilter, search: &str, cell: Option<&CellFilter>) -> Result<Positions> {
    let Some(cell) = cell else { return Ok(inner.store.result_positions(run.key, stored_filter(filter), search)?) };
    let cell = Cell::of(inner, run, cell.clone())?;
    let query = ResultQuery {
        filter: stored_filter(filter),
        sort: ResultSort::Position,
        search: search.to_owned(),
        cell: Some(cell.hints()),
    };
    let mut tasks = Vec::new();
    inner.store.each_result(run.key, &query, |task, sides| {
        if sides.is_some_and(|sides| cell.counts(sides.truth, sides.prediction)) {
            tasks.push(task);
        }
        ControlFlow::Continue(())
    })?;
    Ok(inner.store.positions_of(run.project_key, &tasks)?.into_iter().flatten().collect())
}

/// Characters of something in a file that are said back; an id is shorter.
const WORD_MAX: usize = 40;

/// Tasks of a file that are looked up at a time.
const TASKS_TOGETHER: usize = 1000;

/// The tasks whose ids stand in a file: one a line, or as a JSON list. It is read byte by byte, so its size does not matter.
pub(super) fn listed(inner: &Inner, project: &ProjectRow, path: &Path) -> Result<Positions> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let file =
        File::open(path).map_err(|error| Error::invalid(format!("{} cannot be read: {error}", path.display())))?;
    let refused =
        |line: u32, text: &str, why: &str| Error::invalid(format!("line {line} of {name}: “{text}” is no {why}"));
    let mut positions = Positions::default();
    let mut found = Vec::new();
    let mut look_up = |found: &mut Vec<(u32, TaskId)>| {
        let ids: Vec<_> = found.iter().map(|(_, task)| *task).collect();
        for ((line, task), position) in found.drain(..).zip(inner.store.positions_of(project.key, &ids)?) {
            let Some(position) = position else {
                return Err(refused(line, &task.to_string(), &format!("task of “{}”", project.name)));
            };
            positions.insert(position);
        }
        Ok(())
    };
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
            let task = text.parse().map(TaskId).map_err(|_| refused(line, &text, "id of a task"))?;
            found.push((line, task));
            word.clear();
        }
        if found.len() == TASKS_TOGETHER {
            look_up(&mut found)?;
        }
        line += u32::from(byte == b'\n');
    }
    look_up(&mut found)?;
    Ok(positions)
}
