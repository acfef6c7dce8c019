//! Those who attend to the tasks of a run.
//!
//! Each is an async task that sees one labeling task through after the other, so that the room for all that happens to one
//! is made once for each of them and not for each task. What is handed to them is taken up at once: there is one of them at
//! least for each task that is not done.

use super::ahead::Prepared;
use super::lock;
use std::collections::VecDeque;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

pub(super) struct Attendants {
    shared: Arc<Shared>,
    all: JoinSet<()>,
}

struct Shared {
    handed: Mutex<VecDeque<Prepared>>,
    /// As many places as tasks are handed over and not yet taken up.
    waiting: Semaphore,
    /// Tasks that were handed over and are not done.
    undone: AtomicUsize,
    /// Who hands over wants to hear once no more than so many are undone.
    tell_at: AtomicUsize,
    told: Notify,
}

impl Attendants {
    pub(super) fn new() -> Self {
        let shared = Shared {
            handed: Mutex::default(),
            waiting: Semaphore::new(0),
            undone: AtomicUsize::new(0),
            tell_at: AtomicUsize::new(0),
            told: Notify::new(),
        };
        Self { shared: Arc::new(shared), all: JoinSet::new() }
    }

    /// Tasks that were handed over and are not done.
    pub(super) fn undone(&self) -> usize {
        self.shared.undone.load(Ordering::SeqCst)
    }

    /// Hands over `tasks`, which `attend` sees through, one in each call.
    pub(super) fn hand_over<F>(&mut self, tasks: Vec<Prepared>, attend: impl Fn(Prepared) -> F + Clone + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let handed = tasks.len();
        let undone = self.shared.undone.fetch_add(handed, Ordering::SeqCst) + handed;
        lock(&self.shared.handed).extend(tasks);
        self.shared.waiting.add_permits(handed);
        while self.all.len() < undone {
            // Boxed: the runtime moves what it is given several times.
            self.all.spawn(Box::pin(Arc::clone(&self.shared).attend(attend.clone())));
        }
    }

    /// Waits until at most `undone` tasks are not done.
    pub(super) async fn at_most(&self, undone: usize) {
        self.shared.tell_at.store(undone, Ordering::SeqCst);
        while self.undone() > undone {
            self.shared.told.notified().await;
        }
    }
}

impl Shared {
    async fn attend<F: Future<Output = ()>>(self: Arc<Self>, attend: impl Fn(Prepared) -> F) {
        loop {
            self.waiting.acquire().await.expect("the semaphore is never closed").forget();
            let task = lock(&self.handed).pop_front().expect("one for each place");
            let _done = Done(&self);
            attend(task).await;
        }
    }
}

/// Tells that a task is done when it is dropped, also by a panic.
struct Done<'s>(&'s Shared);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        let undone = self.0.undone.fetch_sub(1, Ordering::SeqCst) - 1;
        if undone <= self.0.tell_at.load(Ordering::SeqCst) {
            self.0.told.notify_one();
        }
    }
}
