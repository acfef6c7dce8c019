//! The tasks that the results of a run show under a query.
//!
//! Most filters are the store's. What needs review, or has changed, is told by holding the run against others: it is found a few
//! tasks at a time, in the order of the tasks, and the rest of the query is asked of those.

use super::cells::{Cell, CellFilter};
use super::{RowFilter, RowQuery, RowSort};
use crate::comparison::Sameness;
use crate::projects::stored_config;
use crate::reviews::{Doubter, Queue};
use crate::{Inner, Result};
use std::ops::ControlFlow;
use touchstone_domain::TaskId;
use touchstone_store::{ResultFilter, ResultQuery, ResultSort, RunRow};

/// Answers that are held against those of another run together, and the first of them: a screen is not to wait for more than it
/// shows.
const COMPARED_TOGETHER: u32 = 4_096;
const COMPARED_FIRST: u32 = 512;

/// Of so many that were found, the store sorts those alone; more are picked from all in their order.
const SORTED_ALONE_MAX: usize = 16_384;

/// The filter as the store has it; `None` for one that holds the run against others.
pub(crate) fn stored_filter(filter: RowFilter) -> Option<ResultFilter> {
    match filter {
        RowFilter::All => Some(ResultFilter::All),
        RowFilter::Correct => Some(ResultFilter::Correct),
        RowFilter::Wrong => Some(ResultFilter::Wrong),
        RowFilter::Failed => Some(ResultFilter::Failed),
        RowFilter::Unscored => Some(ResultFilter::Unscored),
        RowFilter::NeedsReview | RowFilter::Changed => None,
    }
}

fn stored_sort(sort: RowSort) -> ResultSort {
    match sort {
        RowSort::Position => ResultSort::Position,
        RowSort::ScoreAscending => ResultSort::ScoreAscending,
        RowSort::ScoreDescending => ResultSort::ScoreDescending,
        RowSort::ConfidenceAscending => ResultSort::ConfidenceAscending,
        RowSort::ConfidenceDescending => ResultSort::ConfidenceDescending,
        RowSort::LatencyAscending => ResultSort::LatencyAscending,
        RowSort::LatencyDescending => ResultSort::LatencyDescending,
        RowSort::CostAscending => ResultSort::CostAscending,
        RowSort::CostDescending => ResultSort::CostDescending,
    }
}

/// A query of a run's results.
pub(crate) struct Shown<'s> {
    pub(crate) inner: &'s Inner,
    pub(crate) run: &'s RunRow,
    pub(crate) query: &'s RowQuery,
    /// That of the query.
    pub(crate) cell: Option<&'s Cell>,
    /// The run's queue, where somebody has it.
    pub(crate) queue: Option<&'s Queue>,
}

impl Shown<'_> {
    /// Tells the tasks in the order of the query, until it breaks. `still` says whether anybody waits for more.
    pub(crate) fn each(&self, still: impl Fn() -> ControlFlow<()>, mut each: impl FnMut(TaskId)) -> Result<()> {
        if stored_filter(self.query.filter).is_some() {
            return self.stored(None, &still, &mut each).map(drop);
        }
        if self.query.sort == RowSort::Position {
            return self.each_found(|tasks| self.found(tasks, &still, &mut each));
        }
        let mut found = Vec::new();
        self.each_found(|tasks| {
            found.extend(tasks);
            Ok(still())
        })?;
        if found.len() <= SORTED_ALONE_MAX {
            return self.stored(Some(found), &still, &mut each).map(drop);
        }
        let is_found = |task: &TaskId| found.binary_search(task).is_ok();
        self.stored(None, &still, &mut |task| {
            if is_found(&task) {
                each(task)
            }
        })
        .map(drop)
    }

    /// What the query tells of these tasks, which it found.
    fn found(
        &self,
        tasks: Vec<TaskId>,
        still: &impl Fn() -> ControlFlow<()>,
        each: &mut impl FnMut(TaskId),
    ) -> Result<ControlFlow<()>> {
        if !self.query.search.is_empty() || self.query.cell.is_some() {
            return self.stored(Some(tasks), still, each);
        }
        tasks.into_iter().for_each(each);
        Ok(still())
    }

    /// What the store tells of the query, among these tasks or all.
    fn stored(
        &self,
        among: Option<Vec<TaskId>>,
        still: &impl Fn() -> ControlFlow<()>,
        each: &mut impl FnMut(TaskId),
    ) -> Result<ControlFlow<()>> {
        let query = ResultQuery {
            filter: stored_filter(self.query.filter).unwrap_or(ResultFilter::All),
            sort: stored_sort(self.query.sort),
            search: self.query.search.clone(),
            cell: self.cell.map(Cell::hints),
            error: self.query.cell.as_ref().and_then(CellFilter::error).map(str::to_owned),
            among,
        };
        let mut flow = still();
        if flow.is_break() {
            return Ok(flow);
        }
        self.inner.store.each_result(self.run.key, &query, |task, sides| {
            let is_elsewhere =
                self.cell.zip(sides).is_some_and(|(cell, sides)| !cell.counts(sides.truth, sides.prediction));
            if !is_elsewhere {
                each(task);
            }
            flow = still();
            flow
        })?;
        Ok(flow)
    }

    /// Tells what needs review, or has changed, by task, until it breaks.
    fn each_found(&self, each: impl FnMut(Vec<TaskId>) -> Result<ControlFlow<()>>) -> Result<()> {
        match (self.query.filter, self.queue) {
            (RowFilter::Changed, _) => self.each_changed(each),
            (_, Some(queue)) => each_behind(queue, each),
            (_, None) => self.each_doubt(each),
        }
    }

    fn each_doubt(&self, mut each: impl FnMut(Vec<TaskId>) -> Result<ControlFlow<()>>) -> Result<()> {
        let config = stored_config(&self.inner.store.project_by_key(self.run.project_key)?)?;
        let mut outcome = Ok(());
        Doubter::of(self.inner, self.run)?.each(&config, |doubts| {
            each(doubts.iter().map(|doubt| doubt.task).collect()).unwrap_or_else(|error| {
                outcome = Err(error);
                ControlFlow::Break(())
            })
        })?;
        outcome
    }

    fn each_changed(&self, mut each: impl FnMut(Vec<TaskId>) -> Result<ControlFlow<()>>) -> Result<()> {
        let store = &self.inner.store;
        let Some(before) = store.run_before(self.run)? else { return Ok(()) };
        let config = stored_config(&store.project_by_key(self.run.project_key)?)?;
        let mut same = Sameness::by(&config);
        let (mut after, mut limit) = (None, COMPARED_FIRST);
        loop {
            let answers = store.answers_after(self.run.key, after, limit)?;
            let Some(last) = answers.last() else { return Ok(()) };
            (after, limit) = (Some(last.task_id), COMPARED_TOGETHER);
            let tasks: Vec<_> = answers.iter().map(|answer| answer.task_id).collect();
            let mut changed = Vec::new();
            store.each_answer_among(before.key, &tasks, |place, other| {
                let own = answers[place].result.as_deref().unwrap_or_default();
                if !same.of(own.as_bytes(), other.result) {
                    changed.push(tasks[place]);
                }
            })?;
            if each(changed)?.is_break() {
                return Ok(());
            }
        }
    }
}

fn each_behind(queue: &Queue, mut each: impl FnMut(Vec<TaskId>) -> Result<ControlFlow<()>>) -> Result<()> {
    let mut after = None;
    while let Some(tasks) = queue.behind(after, COMPARED_TOGETHER as usize)? {
        after = tasks.last().copied();
        if each(tasks)?.is_break() {
            break;
        }
    }
    Ok(())
}
