//! One call at a time for one request: two tasks that ask exactly the same do not pay twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The requests that are being asked now, by their hash; over all runs of the process.
#[derive(Default)]
pub(super) struct Flights {
    open: Arc<Mutex<HashMap<String, watch::Receiver<()>>>>,
}

/// The right to ask a request, until it is dropped.
pub(super) struct Flight {
    open: Arc<Mutex<HashMap<String, watch::Receiver<()>>>>,
    hash: String,
    _landed: watch::Sender<()>,
}

impl Flights {
    /// Waits until nobody asks this request. Whoever waited looks for an owned answer before asking.
    pub(super) async fn board(&self, hash: &str) -> Flight {
        loop {
            match self.try_board(hash) {
                Ok(flight) => return flight,
                // Nothing is ever sent: this ends, with an error, when the flight is dropped.
                Err(mut underway) => _ = underway.changed().await,
            }
        }
    }

    /// The right to ask this request, or when whoever has it is done.
    pub(super) fn try_board(&self, hash: &str) -> Result<Flight, watch::Receiver<()>> {
        let mut open = lock(&self.open);
        if let Some(underway) = open.get(hash) {
            return Err(underway.clone());
        }
        let (landed, underway) = watch::channel(());
        open.insert(hash.to_owned(), underway);
        Ok(Flight { open: Arc::clone(&self.open), hash: hash.to_owned(), _landed: landed })
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        lock(&self.open).remove(&self.hash);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn the_same_request_waits_and_another_does_not() {
        let flights = Flights::default();
        let first = flights.board("a").await;
        let _other = flights.board("b").await;
        let second = flights.board("a");
        tokio::pin!(second);
        assert!((&mut second).now_or_never().is_none(), "the first is still underway");
        drop(first);
        second.await;
    }
}
