//! What was found of a run's results under a query, as task ids in order: a page is a slice of it, so scrolling neither
//! searches nor sorts again, and pages of one view fit together.
//!
//! A thread of its own looks for them and adds what it finds, so that the first page is there long before the last result has
//! been looked at.

use super::cells::Cell;
use super::shown::Shown;
use super::{RowFilter, RowQuery, Stamp};
use crate::reviews::Queue;
use crate::{Error, Inner, Result};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use touchstone_domain::TaskId;
use touchstone_store::RunRow;

/// Views that are remembered: the one on the screen, the one before it, and some for other windows and processes.
const VIEWS_MAX: usize = 4;

/// While a run writes, a view is made anew no more often than this, so that its pages hold still in between, and than ten times
/// as long as making it took.
const VIEW_AGE_MIN: Duration = Duration::from_secs(1);
const VIEW_AGE_IN_MAKINGS: u32 = 10;

/// Results that make a first page.
const FIRST_PAGE: usize = 200;

/// How long opening a view waits for its first page, or its end.
const FIRST_PAGE_WAIT: Duration = Duration::from_millis(100);

/// Results that are found before they are told, once there is a first page.
const TOLD_TOGETHER: usize = 1024;

/// What makes two views the same.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    run_key: i64,
    query: RowQuery,
}

/// What a view is made of; it is made anew once that is another.
#[derive(Clone, Debug, PartialEq)]
struct State {
    stamp: Stamp,
    beside: Beside,
}

/// What a run is held against.
#[derive(Clone, Debug, PartialEq)]
enum Beside {
    Nothing,
    /// The queue that was made then.
    Queue(Instant),
    /// The runs that it may be held against, and how much they have done: which of them it is, is found with the results.
    Runs(Vec<(i64, u32)>),
}

pub(crate) struct View {
    key: Key,
    state: State,
    made: Instant,
    found: Mutex<Found>,
    grown: Condvar,
    is_closed: AtomicBool,
}

#[derive(Default)]
struct Found {
    tasks: Vec<TaskId>,
    is_final: bool,
    failure: Option<Error>,
    /// How long making it took.
    took: Duration,
}

impl View {
    /// How many results were found, whether these are all, and the tasks of those from `offset` on, at most `limit`.
    pub(super) fn page(&self, offset: u32, limit: u32) -> Result<(u32, bool, Vec<TaskId>)> {
        let mut found = self.found();
        if let Some(failure) = found.failure.take() {
            // It is made anew for whoever asks next.
            return Err(failure);
        }
        let start = found.tasks.len().min(offset as usize);
        let end = found.tasks.len().min(start + limit as usize);
        let total = u32::try_from(found.tasks.len()).unwrap_or(u32::MAX);
        Ok((total, found.is_final, found.tasks[start..end].to_vec()))
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, tasks: &mut Vec<TaskId>) {
        self.found().tasks.append(tasks);
        self.grown.notify_all();
    }

    fn end(&self, outcome: Result<()>) {
        let mut found = self.found();
        found.is_final = true;
        found.took = self.made.elapsed();
        found.failure = outcome.err();
        self.grown.notify_all();
    }

    /// Looks for the results of the run.
    fn fill(&self, inner: &Inner, run: &RunRow, cell: Option<&Cell>, queue: Option<&Queue>) {
        let (mut tasks, mut told) = (Vec::new(), 0);
        let shown = Shown { inner, run, query: &self.key.query, cell, queue };
        let outcome = shown.each(
            || self.unless_closed(),
            |task| {
                tasks.push(task);
                if tasks.len() >= if told < FIRST_PAGE { FIRST_PAGE } else { TOLD_TOGETHER } {
                    told += tasks.len();
                    self.add(&mut tasks);
                }
            },
        );
        self.add(&mut tasks);
        self.end(outcome);
    }

    fn unless_closed(&self) -> ControlFlow<()> {
        if self.is_closed.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// The views that were looked at last, last used first.
#[derive(Default)]
pub(crate) struct Views {
    views: Mutex<Vec<Arc<View>>>,
    edits: AtomicU64,
}

impl Views {
    /// Annotations were edited, or the config that they are read by: nothing that was found before holds.
    pub(crate) fn note_edit(&self) {
        self.edits.fetch_add(1, Ordering::SeqCst);
    }

    /// How often that was so.
    pub(crate) fn edits(&self) -> u64 {
        self.edits.load(Ordering::SeqCst)
    }

    /// The view of `run` under `query`, with a first page of it or all there is. It is made anew when the run has written
    /// since, but while the run is at work only once it has some age.
    pub(super) fn open(&self, inner: &Arc<Inner>, run: &RunRow, query: &RowQuery) -> Result<Arc<View>> {
        let key = Key { run_key: run.key, query: query.clone() };
        let mut is_active = run.status.is_active();
        let (queue, beside) = match query.filter {
            RowFilter::NeedsReview => {
                let queue = inner.reviews.open(inner, run)?;
                let made = queue.made();
                (Some(queue), Beside::Queue(made))
            }
            RowFilter::Changed => {
                let earlier = inner.store.earlier_runs(run)?;
                is_active |= earlier.iter().any(|before| before.status.is_active());
                (None, Beside::Runs(earlier.iter().map(|before| (before.key, before.done)).collect()))
            }
            _ => (None, Beside::Nothing),
        };
        let state = State { stamp: Stamp::of(inner, run)?, beside };
        if let Some(view) = self.remembered(&key, &state, is_active) {
            return Ok(view);
        }
        let cell = query.cell.clone().map(|filter| Cell::of(inner, run, filter)).transpose()?.flatten();
        let view = Arc::new(View {
            key,
            state,
            made: Instant::now(),
            found: Mutex::default(),
            grown: Condvar::new(),
            is_closed: AtomicBool::new(false),
        });
        self.add(&view);
        let (looking, inner, run) = (Arc::clone(&view), Arc::clone(inner), run.clone());
        std::thread::Builder::new()
            .name("result-view".to_owned())
            .spawn(move || looking.fill(&inner, &run, cell.as_ref(), queue.as_deref()))
            .map_err(|error| Error::Internal(anyhow::Error::new(error).context("starting to look for results")))?;
        let is_short = |found: &mut Found| !found.is_final && found.tasks.len() < FIRST_PAGE;
        drop(view.grown.wait_timeout_while(view.found(), FIRST_PAGE_WAIT, is_short));
        Ok(view)
    }

    fn remembered(&self, key: &Key, state: &State, is_active: bool) -> Option<Arc<View>> {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let place = views.iter().position(|view| view.key == *key)?;
        let view = &views[place];
        let found = view.found();
        let is_young = !found.is_final || view.made.elapsed() < VIEW_AGE_MIN.max(found.took * VIEW_AGE_IN_MAKINGS);
        let is_current =
            view.state == *state && found.failure.is_none() || (is_active && is_young && view.state.stamp.done > 0);
        drop(found);
        if !is_current {
            return None;
        }
        views[..=place].rotate_right(1);
        Some(Arc::clone(&views[0]))
    }

    /// Closes those that it takes the place of, or has no room for: nobody waits for them.
    fn add(&self, view: &Arc<View>) {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept = vec![Arc::clone(view)];
        for other in views.drain(..) {
            if other.key == view.key || kept.len() >= VIEWS_MAX {
                other.is_closed.store(true, Ordering::Relaxed);
            } else {
                kept.push(other);
            }
        }
        *views = kept;
    }
}

/// The tasks of all results of a run under `query`, in its order. They are looked for anew, beside the views that are
/// remembered: those may be closed before their end.
pub(crate) fn found(inner: &Inner, run: &RunRow, query: &RowQuery) -> Result<Vec<TaskId>> {
    let cell = query.cell.clone().map(|filter| Cell::of(inner, run, filter)).transpose()?.flatten();
    let mut tasks = Vec::new();
    let shown = Shown { inner, run, query, cell: cell.as_ref(), queue: None };
    shown.each(|| ControlFlow::Continue(()), |task| tasks.push(task))?;
    Ok(tasks)
}
