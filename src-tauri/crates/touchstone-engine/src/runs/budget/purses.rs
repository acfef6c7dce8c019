//! Purses: what was paid out of each, and what may yet have to be.

use crate::dollars::usd;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use touchstone_domain::ConnectionId;
use touchstone_store::{Lost, RunRow};

/// The purses that the runs of this program share, each for a day; that of a run is its own.
#[derive(Default)]
pub(in crate::runs) struct Purses {
    connections: Mutex<HashMap<ConnectionId, Arc<Purse>>>,
    pub(super) all: Arc<Purse>,
}

impl Purses {
    pub(super) fn of_connection(&self, connection: &ConnectionId) -> Arc<Purse> {
        let mut purses = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(purses.entry(connection.clone()).or_default())
    }
}

/// What was paid and what may yet have to be.
#[derive(Default)]
pub(super) struct Purse {
    state: Mutex<Spent>,
    /// Something was given back, or a new day began, or a limit changed.
    pub(super) changed: Notify,
}

/// In picodollars.
#[derive(Default)]
pub(super) struct Spent {
    /// In UTC; empty while it was never used, and for a run, which has no days.
    day: String,
    pub(super) own: Paid,
    others: Paid,
    /// What batches may cost that are out, and that no run of this program is at work on.
    pub(super) out: u64,
    pub(super) reserved: u64,
}

/// What was paid, in picodollars, and what may have been.
#[derive(Clone, Copy, Default)]
pub(super) struct Paid {
    pub(super) picos: u64,
    pub(super) lost: Lost,
}

impl Paid {
    pub(super) fn plus(self, other: Self) -> Self {
        Self { picos: self.picos.saturating_add(other.picos), lost: self.lost.plus(other.lost) }
    }

    /// What is known in two places, of which either may lag behind.
    fn max(self, other: Self) -> Self {
        let lost = if other.lost.picos > self.lost.picos { other.lost } else { self.lost };
        Self { picos: self.picos.max(other.picos), lost }
    }

    pub(super) fn gone(self) -> u64 {
        self.picos.saturating_add(self.lost.picos)
    }

    /// “$1.2 are spent, and $0.05 may have been charged for 4 answers whose cost is not known”
    pub(super) fn words(self) -> String {
        let spent = format!("{} are spent", usd(self.picos));
        match self.lost {
            Lost { picos: 0, .. } => spent,
            Lost { calls: 1, picos } => {
                format!("{spent}, and {} may have been charged for an answer whose cost is not known", usd(picos))
            }
            Lost { calls, picos } => {
                format!("{spent}, and {} may have been charged for {calls} answers whose cost is not known", usd(picos))
            }
        }
    }
}

impl Spent {
    pub(super) fn paid(&self) -> Paid {
        self.own.plus(self.others)
    }

    /// What is gone, or will be without this program.
    pub(super) fn gone(&self) -> u64 {
        self.paid().gone().saturating_add(self.out)
    }
}

impl Purse {
    pub(super) fn lock(&self) -> MutexGuard<'_, Spent> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of a run that has paid this much before it is taken up.
    pub(super) fn of_run(run: &RunRow) -> Self {
        let others = Paid { picos: run.cost_picos, lost: run.lost };
        Self { state: Mutex::new(Spent { others, ..Spent::default() }), changed: Notify::new() }
    }

    /// This program paid on `day`. A purse that was not used on it looks at what is written down first.
    pub(super) fn pay(&self, day: &str, cost_picos: u64) {
        let mut spent = self.lock();
        if spent.day == day {
            spent.own.picos = spent.own.picos.saturating_add(cost_picos);
        }
    }

    /// What the workspace knows to be paid on `day`, and to be out. Runs may learn in another order than they looked.
    pub(super) fn learn(&self, day: &str, own: Paid, others: Paid, out: u64) {
        let mut spent = self.lock();
        if spent.day.as_str() > day {
            return;
        }
        if spent.day != day {
            day.clone_into(&mut spent.day);
            (spent.own, spent.others) = (Paid::default(), Paid::default());
        }
        // What this program paid may not be written down yet.
        spent.own = spent.own.max(own);
        spent.others = spent.others.max(others);
        spent.out = out;
    }
}
