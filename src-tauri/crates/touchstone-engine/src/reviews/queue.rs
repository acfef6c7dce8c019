//! The queues that were looked at last: what is in doubt of a run, as task ids with a rank.
//!
//! A thread of its own finds it, as with the views of results (`results/views.rs`), so that the first page is there long before
//! all of a million predictions were looked at. What is decided here leaves its queue, and what is taken back returns to it;
//! anything else that a queue depends on has it made anew.

use super::doubts::{Doubt, Doubter, Reasons};
use super::{ReviewCounts, ReviewReason};
use crate::projects::stored_config;
use crate::results::Stamp;
use crate::{Error, Inner, Result};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use touchstone_domain::TaskId;
use touchstone_store::RunRow;

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
    stamp: Stamp,
    /// The other runs, and how much they have done.
    others: Vec<(i64, u32)>,
    /// How often a prediction was decided about, or that was taken back.
    review_changes: i64,
}

impl State {
    fn of(inner: &Inner, run: &RunRow, others: &[RunRow]) -> Result<Self> {
        Ok(Self {
            stamp: Stamp::of(inner, run)?,
            others: others.iter().map(|other| (other.key, other.done)).collect(),
            review_changes: run.review_changes,
        })
    }

    /// As things stand.
    pub(super) fn now(inner: &Inner, run: &RunRow) -> Result<Self> {
        let run = inner.store.run(&run.id)?;
        Self::of(inner, &run, Doubter::of(inner, &run)?.others())
    }

    /// What it is after decisions that moved it, if nothing but these has. What was predicted meanwhile is none of it: it is
    /// still to be looked at.
    fn moved_by(&self, moves: &Moves, now: Self) -> Option<Self> {
        let count = i64::try_from(moves.tasks.len()).unwrap_or(i64::MAX);
        let is_all =
            now.stamp.edits == self.stamp.edits + moves.edits && now.review_changes == self.review_changes + count;
        let stamp = Stamp { done: self.stamp.done, ..now.stamp };
        is_all.then(|| Self { stamp, others: self.others.clone(), review_changes: now.review_changes })
    }
}

/// Decisions that were made together, or taken back.
#[derive(Default)]
pub(super) struct Moves {
    /// What they were about, ascending.
    pub(super) tasks: Vec<TaskId>,
    /// Edits of annotations that it took.
    pub(super) edits: u64,
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
    /// Until somebody was told.
    failure: Option<Error>,
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
            (true, Some(failure)) => Err(failure),
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
            // It may have been made while they were taken back, and hold some already.
            let is_missing =
                |doubt: &&Doubt| found.doubts.binary_search_by_key(&doubt.task, |known| known.task).is_err();
            let missing: Vec<_> = doubts.iter().filter(is_missing).copied().collect();
            found.add(&missing);
            found.doubts.sort_by_key(|doubt| doubt.task);
        }
        found.is_final
    }

    /// Decisions that moved what it was made of are in it. `false` if something else has moved that too.
    fn follow(&self, before: &State, moves: &Moves, now: State) -> bool {
        let mut state = self.state();
        let moved = if *state == *before { state.moved_by(moves, now) } else { None };
        moved.map(|moved| *state = moved).is_some()
    }

    /// Whether it still holds for a run that has this state; `is_active` while that, or one beside it, is at work.
    fn is_current(&self, state: &State, is_active: bool) -> bool {
        let found = self.found();
        let is_young = !found.is_final || self.made.elapsed() < AGE_MIN.max(found.took * AGE_IN_MAKINGS);
        !found.has_failed && (*self.state() == *state || (is_active && is_young && state.stamp.done > 0))
    }
}

/// Finds what is in doubt, as long as anybody has the queue.
fn fill(queue: &Weak<Queue>, inner: &Inner, run: &RunRow, others: Vec<RunRow>) -> Result<()> {
    let config = stored_config(&inner.store.project_by_key(run.project_key)?)?;
    Doubter::beside(inner, run, others).each(&config, |doubts| {
        let Some(queue) = queue.upgrade() else { return ControlFlow::Break(()) };
        queue.found().add(&doubts);
        queue.grown.notify_all();
        ControlFlow::Continue(())
    })
}

/// Ends a queue when it goes, also where finding panics: nobody waits for ever.
struct Ending {
    queue: Weak<Queue>,
    /// `None` until finding has come to its end.
    outcome: Option<Result<()>>,
}

impl Ending {
    fn with(mut self, outcome: Result<()>) {
        self.outcome = Some(outcome);
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let Some(queue) = self.queue.upgrade() else { return };
        let mut found = queue.found();
        found.is_final = true;
        found.took = queue.made.elapsed();
        found.has_failed = !matches!(self.outcome, Some(Ok(())));
        if let Some(Err(error)) = self.outcome.take() {
            tracing::warn!(%error, "looking for predictions to review");
            found.failure = Some(error);
        }
        queue.grown.notify_all();
    }
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
        self.open_beside(inner, run, Doubter::of(inner, run)?.others())
    }

    fn open_beside(&self, inner: &Arc<Inner>, run: &RunRow, others: &[RunRow]) -> Result<Arc<Queue>> {
        let state = State::of(inner, run, others)?;
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
        let ending = Ending { queue: Arc::downgrade(&queue), outcome: None };
        let (inner, run, others) = (Arc::clone(inner), run.clone(), others.to_vec());
        std::thread::Builder::new()
            .name("review-queue".to_owned())
            .spawn(move || {
                let outcome = fill(&ending.queue, &inner, &run, others);
                ending.with(outcome);
            })
            .map_err(|error| Error::Internal(anyhow::Error::new(error).context("starting to look for doubts")))?;
        queues.insert(0, Arc::clone(&queue));
        queues.truncate(QUEUES_MAX);
        Ok(queue)
    }

    /// The same beside these runs, with all of it, or what was found in a tenth of a second.
    pub(super) fn open_with_page(&self, inner: &Arc<Inner>, run: &RunRow, others: &[RunRow]) -> Result<Arc<Queue>> {
        let queue = self.open_beside(inner, run, others)?;
        drop(queue.grown.wait_timeout_while(queue.found(), END_WAIT, |found| !found.is_final));
        Ok(queue)
    }

    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decisions were made; before, the run had this state.
    pub(super) fn note_decided(&self, inner: &Inner, run: &RunRow, before: &State, moves: &Moves) {
        let Some(queue) = self.known(run.key) else { return };
        queue.remove(&moves.tasks);
        match State::now(inner, run) {
            // Where more has moved, it is made anew when its age allows.
            Ok(now) => drop(queue.follow(before, moves, now)),
            Err(error) => self.forget_for(&error, run),
        }
    }

    /// Decisions were taken back; before, the run had this state.
    pub(super) fn note_undone(&self, inner: &Inner, run: &RunRow, before: &State, moves: &Moves) {
        let Some(queue) = self.known(run.key) else { return };
        let put_back = || -> Result<bool> {
            if moves.tasks.len() > PUT_BACK_MAX {
                return Ok(false);
            }
            let config = stored_config(&inner.store.project_by_key(run.project_key)?)?;
            let doubts = Doubter::of(inner, run)?.among(&config, &moves.tasks)?;
            Ok(queue.put_back(&doubts) && queue.follow(before, moves, State::now(inner, run)?))
        };
        match put_back() {
            Ok(true) => {}
            Ok(false) => self.forget(run),
            Err(error) => self.forget_for(&error, run),
        }
    }

    /// The queue of a run is made anew for whoever asks next.
    pub(super) fn forget(&self, run: &RunRow) {
        self.queues().retain(|queue| queue.run_key != run.key);
    }

    /// What was decided is kept, whether or not a queue could follow it.
    fn forget_for(&self, error: &Error, run: &RunRow) {
        tracing::warn!(%error, "bringing a review queue up to date");
        self.forget(run);
    }

    fn known(&self, run_key: i64) -> Option<Arc<Queue>> {
        self.queues().iter().find(|queue| queue.run_key == run_key).cloned()
    }

    fn queues(&self) -> MutexGuard<'_, Vec<Arc<Queue>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State { stamp: Stamp::default(), others: vec![(2, 5)], review_changes: 3 }
    }

    fn queue() -> Arc<Queue> {
        Arc::new(Queue {
            run_key: 1,
            made: Instant::now(),
            state: Mutex::new(state()),
            found: Mutex::default(),
            grown: Condvar::new(),
        })
    }

    #[test]
    fn nobody_waits_for_a_queue_whose_thread_panicked() {
        let queue = queue();
        let ending = Ending { queue: Arc::downgrade(&queue), outcome: None };
        let finding = std::thread::spawn(move || {
            let _ending = ending;
            panic!("as finding would");
        });
        assert!(matches!(queue.all(Reasons::any_of(&[])), Err(Error::Internal(_))));
        assert!(queue.behind(None, 1).is_err());
        assert!(finding.join().is_err());
    }

    #[test]
    fn a_queue_follows_decisions_but_nothing_that_was_written_beside_them() {
        let moves = Moves { tasks: vec![TaskId(1), TaskId(2)], edits: 1 };
        let moved = |edits, review_changes, done| {
            let queue = queue();
            let stamp = Stamp { edits, done, ..Stamp::default() };
            let now = State { stamp, others: vec![(2, 6)], review_changes };
            let has_followed = queue.follow(&state(), &moves, now);
            (has_followed, queue.state().clone())
        };
        let own = State { stamp: Stamp { edits: 1, ..Stamp::default() }, review_changes: 5, ..state() };
        assert_eq!(moved(1, 5, 0), (true, own.clone()), "what other runs have answered is still to be read");
        assert_eq!(moved(1, 5, 7), (true, own), "and so is what the run itself has");
        assert_eq!(moved(2, 5, 0), (false, state()), "somebody has edited annotations");
        assert_eq!(moved(1, 6, 0), (false, state()), "another program has decided");
    }

    #[test]
    fn what_is_put_back_is_there_once() {
        let queue = queue();
        let doubts = [3, 1, 2].map(|task| Doubt::failed(TaskId(task)));
        queue.found().add(&doubts[1..]);
        assert!(!queue.put_back(&doubts), "more is being looked for");
        Ending { queue: Arc::downgrade(&queue), outcome: None }.with(Ok(()));
        assert!(queue.put_back(&doubts));
        let all = queue.all(Reasons::any_of(&[])).expect("all of it");
        assert_eq!((all, queue.found().counts.failed), (vec![TaskId(1), TaskId(2), TaskId(3)], 3));
    }
}
