//! Where a run stands, as it is told while it is at work.

use super::{Work, lock, out};
use crate::runs::summary::summary;
use crate::runs::{RunProgress, RunSummary, RunWorker};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// What is news of a run's progress, as it was told last; its rate in tenths.
pub(super) type Told = (u32, u32, u32, bool, Option<String>, Option<u64>);

impl Work {
    /// The progress to tell beside `run`, which must be of this run.
    pub(in crate::runs) fn progress(&self, run: RunSummary) -> RunProgress {
        let (rate, left) = match self.out.silence(Instant::now()) {
            Some(_) => (None, None),
            None => self.lane.forecast(run.total.saturating_sub(run.done), lock(&self.meter).rate()),
        };
        let wall_ms = run.wall_ms + self.worked_ms().saturating_sub(self.wall_kept_ms.load(Ordering::Relaxed));
        RunProgress {
            rate,
            eta_ms: left.map(|left| u64::try_from(left.as_millis()).unwrap_or(u64::MAX)),
            in_flight: self.out.count(),
            concurrency: u32::try_from(self.concurrency.load(Ordering::Relaxed)).unwrap_or(u32::MAX),
            is_pausing: self.closing.is_cancelled() && !self.cancel.is_cancelled(),
            waiting: self.waiting_for(),
            worker: RunWorker::Here,
            run: RunSummary { wall_ms, ..run },
        }
    }

    fn waiting_for(&self) -> Option<String> {
        if self.closing.is_cancelled() {
            return self.out.longest(Instant::now()).map(|longest| out::pausing(self.out.count(), longest));
        }
        if let Some(words) = self.batch_words() {
            return Some(words);
        }
        if let Some(silence) = self.out.silence(Instant::now()) {
            return Some(silence.words());
        }
        if let Some(words) = self.lane.held_back() {
            return Some(words);
        }
        match self.waiting.load(Ordering::Relaxed) {
            0 if self.budget.as_ref().is_some_and(|budget| budget.is_waited_for()) => {
                Some("What is left to spend is reserved for the requests in flight.".to_owned())
            }
            0 => self.lane.at_ceiling(self.out.count() as usize),
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
        let progress = self.progress(summary(&self.engine.inner, &run, &self.about()));
        let RunProgress { in_flight, concurrency, is_pausing, rate, .. } = progress;
        // It falls while nothing is done, too.
        let tenths = rate.map(|rate| (rate * 10.0).round() as u64);
        let news = Some((progress.run.done, in_flight, concurrency, is_pausing, progress.waiting.clone(), tenths));
        if *told != news {
            *told = news;
            self.engine.inner.sink.run_progress(progress);
        }
    }
}
