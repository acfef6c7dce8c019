//! What is done for many tasks at once, before each goes its own way: requests are written, and what is owned of them is
//! looked up. To wake a thread for a look into the store costs more than the look.
//!
//! Whoever has looked up holds the right to ask from before the look, so nothing can be answered in between and be asked
//! again. Only tasks that are alive are looked up: what they hold, they give back without waiting for any that is not.

use super::{End, Question, Work};
use crate::runs::flights::Flight;
use crate::runs::replies::{Replies, Turn};
use crate::tasks::stored_data;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use touchstone_store::PendingTask;

/// A task that is about to be attended to.
pub(super) struct Prepared {
    pub question: Question,
    /// `None` where it must be made by the task itself: its request cannot be written, needs media, or is being asked.
    pub opening: Option<Opening>,
}

/// How a task begins.
pub(super) struct Opening {
    pub turn: Turn,
    pub flight: Flight,
    /// What is kept of the replies to the request.
    pub replies: Replies,
}

impl Work {
    /// Prepares tasks that are attended to at once now.
    pub(super) async fn prepared(&self, tasks: Vec<PendingTask>) -> Vec<Prepared> {
        let mut prepared = Vec::with_capacity(tasks.len());
        let mut begun = Vec::with_capacity(tasks.len());
        for task in tasks {
            let question = Question { data: stored_data(&task.data), task };
            // A bug that a task uncovers is met again by the task itself, and fails it there.
            if let Ok(Some((turn, flight))) = catch_unwind(AssertUnwindSafe(|| self.begun(&question))) {
                begun.push((prepared.len(), turn, flight));
            }
            prepared.push(Prepared { question, opening: None });
            // Those that are answered meanwhile go first: a place for a request may wait for them.
            tokio::task::yield_now().await;
        }
        let hashes: Vec<_> = begun.iter().map(|(_, turn, _)| turn.hash.clone()).collect();
        match self.engine.blocking(move |inner| Replies::read_all(inner, &hashes)).await {
            Ok(all) => {
                for ((index, turn, flight), replies) in begun.into_iter().zip(all) {
                    prepared[index].opening = Some(Opening { turn, flight, replies });
                }
                prepared
            }
            Err(error) => {
                self.end(End::Paused(error.to_string()));
                Vec::new()
            }
        }
    }

    fn begun(&self, question: &Question) -> Option<(Turn, Flight)> {
        let filled = self.filled(&question.data).ok().filter(|filled| filled.wanted.is_empty())?;
        let turn = self.turn(Arc::new(filled.with(Vec::new())));
        let flight = self.engine.inner.active.flights.try_board(&turn.hash).ok()?;
        Some((turn, flight))
    }
}
