//! The queues that were looked at last: what is in doubt of a run, as task ids with a rank.
//!
//! A thread of its own finds it, as with the views of results (`results/views.rs`), so that the first page is there long before
//! all of a million predictions were looked at. What is decided here leaves its queue, and what is taken back returns to it;
//! anything else that a queue depends on has it made anew.

use super::doubts::{Doubt, Doubter, Reasons};
use super::{ReviewCounts, ReviewReason};
use crate::projects::stored_config;
use crate::{Error, Inner, Result};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use touchstone_domain::TaskId;
use touchstone_store::{RunRow, StoreError};

/// Queues that are remembered: the one on the screen and the one before it.
const QUEUES_MAX: usize = 2;

/// While a run is at work, its queue is made anew no more often than this, and than ten times as long as making it took.
const AGE_MIN: Duration = Duration::from_secs(1);
const AGE_IN_MAKINGS: u32 = 10;

/// How long opening a queue waits for its end.
const END_WAIT: Duration = Duration::from_millis(100);

/// How long somebody who follows a queue waits before looking again.
const GROWTH_WAIT: Duration = Duration::from_millis(100);

/// Beyond so many tasks that are taken back, a queue is made anew.
const PUT_BACK_MAX: usize = 2_048;

/// What a queue is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    done: u32,
    // These move when ground truth does.
    scored: u32,
    correct: u32,
    /// The other runs, and how much they have done.
    others: Vec<(i64, u32)>,
    /// How many were decided about, and the last decision.
    decided: (u32, i64),
    /// Edits of annotations and configs, here.
    edits: u64,
}

impl State {
    fn of(inner: &Inner, run: &RunRow, others: &[RunRow]) -> Result<Self> {
        Ok(Self {
            done: run.done,
            scored: run.scored,
            correct: run.correct,
            others: others.iter().map(|other| (other.key, other.done)).collect(),
            decided: inner.store.decided(run.key)?,
            edits: inner.views.edits(),
        })
    }

    /// As things stand.
    pub(super) fn now(inner: &Inner, run: &RunRow) -> Result<Self> {
        let run = inner.store.run(&run.id)?;
        Self::of(inner, &run, Doubter::of(inner, &run)?.others())
    }
}

pub(crate) struct Queue {
    run_key: i64,
    made: Instant,
    state: Mutex<State>,
    found: Mutex<Found>,
    grown: Condvar,
}

#[derive(Default)]
struct Found {
    /// By task.
    doubts: Vec<Doubt>,
    /// The same, the most doubtful first; made when a page is asked for.
    sorted: Option<Vec<Doubt>>,
    counts: ReviewCounts,
    /// What was decided about while more was looked for.
    decided: HashSet<TaskId>,
    is_final: bool,
    /// How long making it took.
    took: Duration,
    has_failed: bool,
    failure: Option<StoreError>,
}

impl Found {
    fn add(&mut self, doubts: &[Doubt]) {
        for doubt in doubts.iter().filter(|doubt| !self.decided.contains(&doubt.task)) {
            count(&mut self.counts, doubt.reasons, true);
            self.doubts.push(*doubt);
            self.sorted = None;
        }
    }

    /// Fails where making it has failed.
    fn check(&mut self) -> Result<()> {
        match (self.has_failed, self.failure.take()) {
            (false, _) => Ok(()),
            (true, Some(failure)) => Err(failure.into()),
            (true, None) => Err(Error::Internal(anyhow::anyhow!("what is to be reviewed could not be read"))),
        }
    }
}

fn count(counts: &mut ReviewCounts, reasons: Reasons, is_there: bool) {
    let by_reason = [
        (ReviewReason::Failed, &mut counts.failed),
        (ReviewReason::Disagreement, &mut counts.disagreement),
        (ReviewReason::LowConfidence, &mut counts.low_confidence),
    ];
    for (_, count) in by_reason.into_iter().filter(|(reason, _)| reasons.has(*reason)) {
        *count = if is_there { *count + 1 } else { count.saturating_sub(1) };
    }
}

/// A piece of a queue.
pub(super) struct Piece {
    pub(super) total: u32,
    pub(super) is_final: bool,
    pub(super) counts: ReviewCounts,
    pub(super) tasks: Vec<TaskId>,
}

impl Queue {
    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells queues apart.
    pub(crate) fn made(&self) -> Instant {
        self.made
    }

    /// From `offset` on, at most `limit`, of those that are there for one of these reasons.
    pub(super) fn piece(&self, reasons: Reasons, offset: u32, limit: u32) -> Result<Piece> {
        let mut guard = self.found();
        guard.check()?;
        let Found { doubts, sorted, counts, is_final, .. } = &mut *guard;
        let sorted = sorted.get_or_insert_with(|| {
            let mut sorted = doubts.clone();
            sorted.sort_unstable_by_key(Doubt::place);
            sorted
        });
        let wanted = || sorted.iter().filter(|doubt| doubt.reasons.meets(reasons));
        Ok(Piece {
            total: u32::try_from(wanted().count()).unwrap_or(u32::MAX),
            is_final: *is_final,
            counts: *counts,
            tasks: wanted().skip(offset as usize).take(limit as usize).map(|doubt| doubt.task).collect(),
        })
    }

    /// All that are there for one of these reasons, by task; waits until all are found.
    pub(super) fn all(&self, reasons: Reasons) -> Result<Vec<TaskId>> {
        let mut found =
            self.grown.wait_while(self.found(), |found| !found.is_final).unwrap_or_else(PoisonError::into_inner);
        found.check()?;
        Ok(found.doubts.iter().filter(|doubt| doubt.reasons.meets(reasons)).map(|doubt| doubt.task).collect())
    }

    /// What is behind a task, by task, at most `limit`; waits until something is, and is `None` when nothing will be.
    pub(crate) fn behind(&self, after: Option<TaskId>, limit: usize) -> Result<Option<Vec<TaskId>>> {
        let mut found = self.found();
        loop {
            found.check()?;
            let start = found.doubts.partition_point(|doubt| after.is_some_and(|after| doubt.task <= after));
            if start < found.doubts.len() {
                return Ok(Some(found.doubts[start..].iter().take(limit).map(|doubt| doubt.task).collect()));
            }
            if found.is_final {
                return Ok(None);
            }
            found = self.grown.wait_timeout(found, GROWTH_WAIT).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// These tasks, which ascend, are not in doubt any more.
    pub(super) fn remove(&self, tasks: &[TaskId]) {
        let mut guard = self.found();
        let Found { doubts, sorted, counts, decided, is_final, .. } = &mut *guard;
        let is_kept = |doubt: &Doubt| tasks.binary_search(&doubt.task).is_err();
        for doubt in doubts.iter().filter(|doubt| !is_kept(doubt)) {
            count(counts, doubt.reasons, false);
        }
        doubts.retain(is_kept);
        if let Some(sorted) = sorted {
            sorted.retain(is_kept);
        }
        if !*is_final {
            decided.extend(tasks);
        }
    }

    /// `false` if it has to be made anew for that.
    fn put_back(&self, doubts: &[Doubt]) -> bool {
        let mut found = self.found();
        if found.is_final {
            found.decided.clear();
            found.add(doubts);
            found.doubts.sort_by_key(|doubt| doubt.task);
        }
        found.is_final
    }

    /// Whether it still holds for a run that has this state; `is_active` while that, or one beside it, is at work.
    fn is_current(&self, state: &State, is_active: bool) -> bool {
        let found = self.found();
        let is_young = !found.is_final || self.made.elapsed() < AGE_MIN.max(found.took * AGE_IN_MAKINGS);
        !found.has_failed && (*self.state() == *state || (is_active && is_young && state.done > 0))
    }
}

/// Finds what is in doubt, as long as anybody has the queue.
fn fill(queue: &Weak<Queue>, inner: &Inner, run: &RunRow) {
    let outcome = stored_config(&match inner.store.project_by_key(run.project_key) {
        Ok(project) => project,
        Err(failure) => return end(queue, Err(failure.into())),
    })
    .and_then(|config| {
        Doubter::of(inner, run)?.each(&config, |doubts| {
            let Some(queue) = queue.upgrade() else { return ControlFlow::Break(()) };
            queue.found().add(&doubts);
            queue.grown.notify_all();
            ControlFlow::Continue(())
        })
    });
    end(queue, outcome);
}

fn end(queue: &Weak<Queue>, outcome: Result<()>) {
    let Some(queue) = queue.upgrade() else { return };
    let mut found = queue.found();
    found.is_final = true;
    found.took = queue.made.elapsed();
    if let Err(error) = outcome {
        tracing::warn!(%error, "looking for predictions to review");
        found.has_failed = true;
        found.failure = match error {
            Error::Store(failure) => Some(failure),
            _ => None,
        };
    }
    queue.grown.notify_all();
}

/// The queues that were looked at last, last used first.
#[derive(Default)]
pub(crate) struct Queues {
    queues: Mutex<Vec<Arc<Queue>>>,
    /// Held by whoever decides, so that what a queue is made of moves by one decision at a time.
    turn: Mutex<()>,
}

impl Queues {
    /// The queue of a run; it is made anew where something has changed since, but while a run is at work only once it has some
    /// age.
    pub(crate) fn open(&self, inner: &Arc<Inner>, run: &RunRow) -> Result<Arc<Queue>> {
        let others = Doubter::of(inner, run)?.others().to_vec();
        let state = State::of(inner, run, &others)?;
        let is_active = run.status.is_active() || others.iter().any(|other| other.status.is_active());
        let mut queues = self.queues();
        let place = queues.iter().position(|queue| queue.run_key == run.key);
        let known = place.map(|place| queues.remove(place));
        if let Some(queue) = known.filter(|queue| queue.is_current(&state, is_active)) {
            queues.insert(0, Arc::clone(&queue));
            return Ok(queue);
        }
        let queue = Arc::new(Queue {
            run_key: run.key,
            made: Instant::now(),
            state: Mutex::new(state),
            found: Mutex::default(),
            grown: Condvar::new(),
        });
        let (finding, inner, run) = (Arc::downgrade(&queue), Arc::clone(inner), run.clone());
        std::thread::Builder::new()
            .name("review-queue".to_owned())
            .spawn(move || fill(&finding, &inner, &run))
            .map_err(|error| Error::Internal(anyhow::Error::new(error).context("starting to look for doubts")))?;
        queues.insert(0, Arc::clone(&queue));
        queues.truncate(QUEUES_MAX);
        Ok(queue)
    }

    /// The same with all of it, or what was found in a tenth of a second.
    pub(super) fn open_with_page(&self, inner: &Arc<Inner>, run: &RunRow) -> Result<Arc<Queue>> {
        let queue = self.open(inner, run)?;
        drop(queue.grown.wait_timeout_while(queue.found(), END_WAIT, |found| !found.is_final));
        Ok(queue)
    }

    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These tasks, which ascend, were decided about; before, the run had this state.
    pub(super) fn note_decided(&self, inner: &Inner, run: &RunRow, before: &State, tasks: &[TaskId]) -> Result<()> {
        let Some(queue) = self.known(run.key) else { return Ok(()) };
        queue.remove(tasks);
        moved(&queue, before, State::now(inner, run)?);
        Ok(())
    }

    /// Decisions about these tasks, which ascend, were taken back.
    pub(super) fn note_undone(&self, inner: &Inner, run: &RunRow, before: &State, tasks: &[TaskId]) -> Result<()> {
        let Some(queue) = self.known(run.key) else { return Ok(()) };
        let config = stored_config(&inner.store.project_by_key(run.project_key)?)?;
        if tasks.len() <= PUT_BACK_MAX && queue.put_back(&Doubter::of(inner, run)?.among(&config, tasks)?) {
            moved(&queue, before, State::now(inner, run)?);
        } else {
            self.queues().retain(|queue| queue.run_key != run.key);
        }
        Ok(())
    }

    fn known(&self, run_key: i64) -> Option<Arc<Queue>> {
        self.queues().iter().find(|queue| queue.run_key == run_key).cloned()
    }

    fn queues(&self) -> MutexGuard<'_, Vec<Arc<Queue>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a queue was made of has moved by a decision that it knows of.
fn moved(queue: &Queue, before: &State, after: State) {
    let mut state = queue.state();
    if *state == *before {
        *state = after;
    }
}
