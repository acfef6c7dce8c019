//! The tasks of a run that wait before they are asked again: how many, until when, and why.

use super::lock;
use crate::runs::pacing::span;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Instant;

/// So many requests that fail one after the other are what a run says of itself, whatever else holds it.
const FAILED_MIN: u32 = 2;

#[derive(Default)]
pub(super) struct Retries(Mutex<State>);

#[derive(Default)]
struct State {
    begun: u64,
    /// When each that waits is asked again.
    due: BTreeSet<(Instant, u64)>,
    /// What the last of them waits for.
    trouble: String,
    /// Requests that failed since one was answered, but for those that came too fast.
    failed: u32,
}

/// One task that waits, until this is dropped.
pub(super) struct Waiting<'r> {
    retries: &'r Retries,
    due: (Instant, u64),
}

impl Retries {
    /// A task waits until `until`, for what `trouble` says in sentences.
    pub(super) fn wait(&self, until: Instant, trouble: String) -> Waiting<'_> {
        let mut state = lock(&self.0);
        state.begun += 1;
        let due = (until, state.begun);
        state.due.insert(due);
        state.trouble = trouble;
        Waiting { retries: self, due }
    }

    pub(super) fn count(&self) -> usize {
        lock(&self.0).due.len()
    }

    /// A request failed and is worth asking again, or was answered, whatever was said.
    pub(super) fn ended(&self, is_answered: bool) {
        let mut state = lock(&self.0);
        state.failed = if is_answered { 0 } else { state.failed.saturating_add(1) };
    }

    /// That nothing but failures comes back, in words.
    pub(super) fn failing(&self, now: Instant) -> Option<String> {
        let state = lock(&self.0);
        // Those that do not wait are out.
        let wait = state.due.first().map(|(next, _)| next.saturating_duration_since(now)).unwrap_or_default();
        let again =
            if wait.is_zero() { "trying again now".to_owned() } else { format!("trying again in {}", span(wait)) };
        (state.failed >= FAILED_MIN)
            .then(|| format!("The last {} requests failed; {again}. {}", state.failed, state.trouble))
    }

    /// How many wait, in words.
    pub(super) fn words(&self) -> Option<String> {
        let state = lock(&self.0);
        match state.due.len() {
            0 => None,
            1 => Some(format!("1 task will be asked again. {}", state.trouble)),
            waiting => Some(format!("{waiting} tasks will be asked again. {}", state.trouble)),
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        lock(&self.retries.0).due.remove(&self.due);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_run_whose_requests_all_fail_says_how_many_and_when_it_tries_again() {
        let now = Instant::now();
        let retries = Retries::default();
        assert_eq!((retries.words(), retries.failing(now)), (None, None));
        let boom = || "It said 500.".to_owned();
        let mut waiting: Vec<_> = [3, 2].map(|seconds| retries.wait(now + Duration::from_secs(seconds), boom())).into();
        retries.ended(false);
        assert_eq!(retries.failing(now), None, "one failure is none of the server");
        assert_eq!(retries.words().as_deref(), Some("2 tasks will be asked again. It said 500."));
        retries.ended(false);
        let words = |now| retries.failing(now);
        assert_eq!(words(now).as_deref(), Some("The last 2 requests failed; trying again in 2 s. It said 500."));
        let later = now + Duration::from_secs(2);
        assert_eq!(words(later).as_deref(), Some("The last 2 requests failed; trying again now. It said 500."));
        waiting.pop();
        assert_eq!(retries.words().as_deref(), Some("1 task will be asked again. It said 500."));
        retries.ended(true);
        assert_eq!(retries.failing(now), None);
    }
}
