//! Failures, and how many of one kind come in a row.

use super::End;
use crate::runs::outage::is_outage;
use touchstone_store::Entry;

/// So many equal failures in a row are no matter of the tasks.
pub(super) const EQUAL_FAILURES_MAX: u32 = 10;

/// Why a task has no usable answer.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub code: &'static str,
    pub message: String,
    /// JSON of what the provider said of it.
    pub vendor: Option<String>,
    /// It says nothing about this task: a network or a server that fails. Such a task is worth asking again later.
    pub is_systemic: bool,
}

/// Failures in a row. Those that are systemic are not committed before it is known that they were not the beginning of
/// an outage: if they were, the run pauses and their tasks are asked again when it is resumed.
#[derive(Default)]
pub(super) struct Streak {
    code: &'static str,
    pub message: String,
    pub length: u32,
    pub held: Vec<Entry>,
    /// At least one request was answered usably since the run was taken up.
    pub had_answer: bool,
}

impl Failure {
    pub(super) fn of_task(code: &'static str, message: String) -> Self {
        Self { code, message, vendor: None, is_systemic: false }
    }

    pub(super) fn bug() -> Self {
        Self::of_task("internal", "An error inside Touchstone: this task could not be worked on.".to_owned())
    }
}

impl Streak {
    /// What was held back was an outage: its tasks stay open, to be asked again when the run is resumed.
    pub(super) fn given_up(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.held).into_iter().map(|entry| Entry { is_given_up: true, ..entry }).collect()
    }

    /// Why the run pauses, and what becomes of the tasks that are held back.
    pub(super) fn with_open(&self, reason: String) -> String {
        match self.held.len() {
            0 => reason,
            1 => format!("{reason} The task stays open, and is asked again when the run is resumed."),
            _ => format!("{reason} These tasks stay open, and are asked again when the run is resumed."),
        }
    }

    /// The end that the run comes to by these failures, for this reason.
    pub(super) fn end(&self, reason: String) -> End {
        if is_outage(self.code) { End::Unreached(reason) } else { End::Paused(reason) }
    }

    /// A request was answered usably: what was held back was no outage, and is due.
    pub(super) fn broken(&mut self) -> Vec<Entry> {
        self.length = 0;
        self.had_answer = true;
        std::mem::take(&mut self.held)
    }

    /// One more failure. Gives back what is due to be committed.
    pub(super) fn add(&mut self, entry: Entry, failure: Failure) -> Vec<Entry> {
        let mut due = Vec::new();
        if self.code != failure.code {
            self.code = failure.code;
            self.length = 0;
            due = std::mem::take(&mut self.held);
        }
        self.length += 1;
        self.message = failure.message;
        // What was paid for is committed at once.
        if failure.is_systemic && entry.answers.is_empty() {
            self.held.push(entry);
        } else {
            due.push(entry);
        }
        due
    }
}
