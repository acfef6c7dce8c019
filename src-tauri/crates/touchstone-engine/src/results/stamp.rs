//! What the results of a run change with.

use crate::{Inner, Result};
use touchstone_store::RunRow;

/// What was made of a run's results holds while they have this: the queue of what is worth a look, a view, and a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Stamp {
    pub(crate) run_key: i64,
    pub(crate) done: u32,
    // These move when ground truth does.
    pub(crate) scored: u32,
    pub(crate) correct: u32,
    pub(crate) score_sum: f64,
    /// It moves with any prediction that is written or scored, whichever program did, also where the counts stay the same.
    pub(crate) tally_changes: Option<i64>,
    /// The labeling config that results are read by.
    pub(crate) config_hash: String,
    /// Edits of annotations and configs, here.
    pub(crate) edits: u64,
}

impl Stamp {
    pub(crate) fn of(inner: &Inner, run: &RunRow) -> Result<Self> {
        let RunRow { key: run_key, done, scored, correct, score_sum, .. } = *run;
        Ok(Self {
            run_key,
            done,
            scored,
            correct,
            score_sum,
            tally_changes: inner.store.tally_changes(run_key)?,
            config_hash: inner.store.project_by_key(run.project_key)?.config_hash,
            edits: inner.views.edits(),
        })
    }
}
