//! Places that are taken by turns, and whose number can change while they are in use.

use super::lock;
use std::sync::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};

pub(super) struct Places {
    semaphore: Semaphore,
    /// Places that are gone and still in use, or not yet found to be gone.
    owed: Mutex<usize>,
}

impl Places {
    pub(super) fn new(number: usize) -> Self {
        Self { semaphore: Semaphore::new(number), owed: Mutex::default() }
    }

    /// Makes more places, or takes some away: a place in use is gone once it is free.
    pub(super) fn resize(&self, from: usize, to: usize) {
        let mut owed = lock(&self.owed);
        if to > from {
            let kept = (*owed).min(to - from);
            *owed -= kept;
            self.semaphore.add_permits(to - from - kept);
        } else {
            *owed += from - to;
        }
    }

    /// Waits for a place.
    pub(super) async fn take(&self) -> SemaphorePermit<'_> {
        loop {
            let place = self.semaphore.acquire().await.expect("the semaphores of a run are never closed");
            let mut owed = lock(&self.owed);
            if *owed == 0 {
                return place;
            }
            *owed -= 1;
            place.forget();
        }
    }

    /// Frees a place that was taken and forgotten.
    pub(super) fn give_back(&self) {
        self.semaphore.add_permits(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn fewer_places_are_taken_at_once_as_soon_as_those_in_use_are_free() {
        let places = Places::new(3);
        let mut taken = vec![places.take().await, places.take().await, places.take().await];
        places.resize(3, 1);
        for left in [2, 1] {
            taken.pop();
            assert!(places.take().now_or_never().is_none(), "{left} are in use");
        }
        taken.pop();
        taken.push(places.take().await);
        places.resize(1, 3);
        places.resize(3, 2);
        taken.push(places.take().await);
        assert!(places.take().now_or_never().is_none(), "two are in use");
    }
}
