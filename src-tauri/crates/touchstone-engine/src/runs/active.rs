//! The runs that this process is at work on.

use super::awake::Awake;
use super::budget::Purses;
use super::flights::Flights;
use super::others::Others;
use super::pacing::Pacing;
use super::queue::Queue;
use super::worker::Work;
use super::{LEASE_LOOKED_AT, RunSummary};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::watch;
use touchstone_domain::{ConnectionId, RunId, TaskId};
use touchstone_store::Lease;

/// The runs of this process, and what they share.
#[derive(Default)]
pub(crate) struct ActiveRuns {
    runs: Mutex<HashMap<RunId, Active>>,
    pub(super) flights: Flights,
    pub(super) awake: Awake,
    pub(super) queue: Queue,
    pub(super) others: Others,
    /// Paused runs that this process goes on with by itself.
    looked_after: Mutex<HashSet<RunId>>,
    /// Tasks whose annotations were edited while any run was at work.
    edited: Mutex<HashSet<TaskId>>,
    pacing: Mutex<HashMap<ConnectionId, Arc<Pacing>>>,
    pub(super) purses: Purses,
    /// The leases of other processes that are out of date, and since when they were seen so, by a clock that nobody sets.
    outdated: Mutex<HashMap<Lease, Instant>>,
}

struct Active {
    work: Arc<Work>,
    /// Turns `Some` when the run is over.
    ended: watch::Receiver<Option<RunSummary>>,
}

impl ActiveRuns {
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Whether this process is at work on the run.
    pub(crate) fn has(&self, id: &RunId) -> bool {
        self.lock().contains_key(id)
    }

    /// Remembers tasks that were edited, if a run is at work that may have read them before.
    pub(crate) fn note_edited(&self, tasks: &[TaskId]) {
        if !self.is_empty() {
            self.edited.lock().unwrap_or_else(PoisonError::into_inner).extend(tasks);
        }
    }

    /// The tasks that were edited while a run was at work; once none is, they are forgotten.
    pub(crate) fn edited(&self) -> Vec<TaskId> {
        let mut edited = self.edited.lock().unwrap_or_else(PoisonError::into_inner);
        let tasks = edited.iter().copied().collect();
        if self.is_empty() {
            edited.clear();
        }
        tasks
    }

    /// Of the leases that are out of date now, those that have been so for long enough: nobody renews them.
    pub(super) fn abandoned(&self, leases: &[Lease], now: Instant) -> Vec<Lease> {
        let mut outdated = self.outdated.lock().unwrap_or_else(PoisonError::into_inner);
        outdated.retain(|lease, _| leases.contains(lease));
        let is_abandoned =
            |lease: &Lease| now.duration_since(*outdated.entry(*lease).or_insert(now)) >= LEASE_LOOKED_AT;
        leases.iter().copied().filter(is_abandoned).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Active>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, id: RunId, work: Arc<Work>, ended: watch::Receiver<Option<RunSummary>>) {
        self.lock().insert(id, Active { work, ended });
    }

    pub(super) fn remove(&self, id: &RunId) {
        self.lock().remove(id);
    }

    pub(super) fn work(&self, id: &RunId) -> Option<Arc<Work>> {
        self.lock().get(id).map(|active| Arc::clone(&active.work))
    }

    pub(super) fn ended(&self, id: &RunId) -> Option<watch::Receiver<Option<RunSummary>>> {
        self.lock().get(id).map(|active| active.ended.clone())
    }

    pub(super) fn every(&self) -> Vec<(RunId, Arc<Work>)> {
        self.lock().iter().map(|(id, active)| (id.clone(), Arc::clone(&active.work))).collect()
    }

    /// The run goes on by itself.
    pub(super) fn look_after(&self, id: &RunId) {
        self.looked_after.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
    }

    pub(super) fn leave_alone(&self, id: &RunId) {
        self.looked_after.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    pub(super) fn is_looked_after(&self, id: &RunId) -> bool {
        self.looked_after.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    /// What a server allows, it allows all runs that ask it.
    pub(super) fn pacing(&self, connection: &ConnectionId) -> Arc<Pacing> {
        let mut pacing = self.pacing.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(pacing.entry(connection.clone()).or_default())
    }
}
