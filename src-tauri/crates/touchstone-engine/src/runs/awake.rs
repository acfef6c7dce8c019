//! Keeps the computer from falling asleep by itself while any run is at work. Whoever sends it to sleep is obeyed.

use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the systems show as the reason why the computer stays awake.
const WHY: &str = "A run is at work";

#[derive(Default)]
pub(super) struct Awake(Mutex<Holders>);

#[derive(Default)]
struct Holders {
    count: usize,
    /// Lets go of the computer when it is dropped.
    watch: Option<Sender<()>>,
}

/// Keeps the computer awake for as long as it lives.
pub(super) struct Held<'a>(&'a Awake);

impl Awake {
    pub(super) fn hold(&self) -> Held<'_> {
        let mut holders = self.lock();
        holders.count += 1;
        if holders.watch.is_none() {
            holders.watch = watch();
        }
        Held(self)
    }

    fn lock(&self) -> MutexGuard<'_, Holders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut holders = self.0.lock();
        holders.count -= 1;
        if holders.count == 0 {
            holders.watch = None;
        }
    }
}

/// A thread that keeps the computer awake until the sender is dropped: Windows ties it to the thread that asks, and Linux
/// answers over a bus that may be slow.
fn watch() -> Option<Sender<()>> {
    let (sender, dropped) = mpsc::channel::<()>();
    let keep = move || {
        let mut wanted = keepawake::Builder::default();
        wanted.idle(true).app_name("Touchstone").reason(WHY);
        match wanted.create() {
            Ok(_awake) => {
                // An error is all that ever comes: nothing is sent.
                let _ = dropped.recv();
            }
            // A server without a desktop does not fall asleep either.
            Err(error) => tracing::debug!(%error, "keeping the computer awake"),
        }
    };
    std::thread::Builder::new().name("awake".to_owned()).spawn(keep).ok().map(|_| sender)
}
