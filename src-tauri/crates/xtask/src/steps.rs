//! Steps, one after the other: each is announced and timed, and the first that fails ends the row with its name.

use anyhow::{Context, Result};
use std::time::{Duration, Instant};

#[derive(Default)]
pub(crate) struct Steps {
    taken: Vec<(&'static str, Duration)>,
}

impl Steps {
    pub(crate) fn take(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("\n== {name}");
        let started = Instant::now();
        let outcome = step();
        let took = started.elapsed();
        self.taken.push((name, took));
        let word = if outcome.is_ok() { "done" } else { "FAILED" };
        println!("== {name}: {word} in {}", seconds(took));
        if outcome.is_err() {
            println!("\n{}", self.table());
        }
        outcome.with_context(|| format!("the step “{name}” failed"))
    }

    /// One line for each step that was taken, with its time, and their sum.
    pub(crate) fn table(&self) -> String {
        let total = ("all", self.taken.iter().map(|(_, took)| *took).sum());
        let width = self.taken.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let lines =
            self.taken.iter().chain([&total]).map(|(name, took)| format!("{name:width$}  {:>8}", seconds(*took)));
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_is_named_and_timed() {
        let mut steps = Steps::default();
        steps.take("first", || Ok(())).expect("passes");
        let error = steps.take("second", || anyhow::bail!("broken")).expect_err("fails");
        assert_eq!(format!("{error:#}"), "the step “second” failed: broken");
        let table = steps.table();
        assert!(table.lines().map(|line| line.split(' ').next().unwrap_or_default()).eq(["first", "second", "all"]));
    }
}
