//! Where a run stands, as it is told while it is at work.

use super::{Work, lock};
use crate::runs::summary::summary;
use crate::runs::{RunProgress, RunSummary};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// What is news of a run's progress, as it was told last.
pub(super) type Told = (u32, u32, u32, bool, Option<String>);

impl Work {
    /// The progress to tell beside `run`, which must be of this run.
    pub(in crate::runs) fn progress(&self, run: RunSummary) -> RunProgress {
        let meter = lock(&self.meter);
        RunProgress {
            rate: meter.rate(),
            eta_ms: meter.eta_ms(run.total.saturating_sub(run.done)),
            in_flight: self.in_flight.load(Ordering::Relaxed),
            concurrency: u32::try_from(self.concurrency.load(Ordering::Relaxed)).unwrap_or(u32::MAX),
            is_pausing: self.closing.is_cancelled() && !self.cancel.is_cancelled(),
            waiting: self.waiting_for(),
            run,
        }
    }

    fn waiting_for(&self) -> Option<String> {
        if self.closing.is_cancelled() {
            return match self.in_flight.load(Ordering::Relaxed) {
                0 => None,
                1 => Some("Pausing once the request that is out is answered.".to_owned()),
                out => Some(format!("Pausing once the {out} requests that are out are answered.")),
            };
        }
        if let Some(words) = self.batch_words() {
            return Some(words);
        }
        if let Some(words) = self.lane.held_back() {
            return Some(words);
        }
        match self.waiting.load(Ordering::Relaxed) {
            0 if self.budget.as_ref().is_some_and(|budget| budget.is_waited_for()) => {
                Some("What is left to spend is reserved for the requests in flight.".to_owned())
            }
            0 => self.lane.at_ceiling(self.in_flight.load(Ordering::Relaxed) as usize),
            1 => Some(format!("1 task will be asked again. {}", lock(&self.trouble))),
            waiting => Some(format!("{waiting} tasks will be asked again. {}", lock(&self.trouble))),
        }
    }

    pub(super) async fn tell_progress(&self, told: &mut Option<Told>) {
        let key = self.run.id.clone();
        let run = match self.engine.blocking(move |inner| Ok(inner.store.run(&key)?)).await {
            Ok(run) => run,
            Err(error) => return tracing::warn!(%error, "reading the progress of a run"),
        };
        lock(&self.meter).read(Instant::now(), run.done);
        let mut progress = self.progress(summary(&self.engine.inner, &run, &self.about()));
        progress.run.wall_ms += self.worked_ms();
        let RunProgress { in_flight, concurrency, is_pausing, .. } = progress;
        let news = Some((progress.run.done, in_flight, concurrency, is_pausing, progress.waiting.clone()));
        if *told != news {
            *told = news;
            self.engine.inner.sink.run_progress(progress);
        }
    }
}
