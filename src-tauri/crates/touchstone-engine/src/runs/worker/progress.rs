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
            waiting: Some(self.waiting_for(run.total.saturating_sub(run.done))),
            worker: RunWorker::Here,
            run: RunSummary { wall_ms, ..run },
        }
    }

    /// Why it is not faster now, in words, with so many tasks that are not done.
    pub(super) fn waiting_for(&self, left: u32) -> String {
        let now = Instant::now();
        let (out, longest) = (self.out.count(), self.out.longest(now));
        if self.closing.is_cancelled() {
            let pausing = longest.map(|longest| out::pausing(out, longest));
            return pausing.unwrap_or_else(|| "Keeping what was received.".to_owned());
        }
        let is_short = || {
            let is_waited = self.budget.as_ref().is_some_and(|budget| budget.is_waited_for());
            is_waited.then(|| "What is left to spend is reserved for the requests in flight.".to_owned())
        };
        self.batch_words()
            .or_else(|| self.out.silence(now).map(|silence| silence.words()))
            .or_else(|| self.lane.held_back())
            .or_else(|| self.retries.failing(now))
            .or_else(is_short)
            .or_else(|| self.out.first_wait(now))
            .or_else(|| self.lane.queued())
            .or_else(|| self.retries.words())
            .or_else(|| self.lane.at_ceiling(out as usize))
            .unwrap_or_else(|| under_way(out, left))
    }

    pub(super) async fn tell_progress(&self, told: &mut Option<Told>) {
        let key = self.run.id.clone();
        let run = match self.engine.blocking(move |inner| Ok(inner.store.run(&key)?)).await {
            Ok(run) => run,
            Err(error) => return tracing::warn!(%error, "reading the progress of a run"),
        };
        lock(&self.meter).read(Instant::now(), run.done);
        let progress = self.progress(summary(&self.engine.inner, &run, &self.about()));
        lock(&self.waiting).clone_from(&progress.waiting);
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

/// What goes on where nothing holds a run.
fn under_way(out: u32, left: u32) -> String {
    match (out, left) {
        (1.., 1) => "The last task is under way.".to_owned(),
        (1.., left) if left <= out => format!("The last {left} tasks are under way."),
        (1.., _) => "As fast as this computer prepares requests and keeps answers.".to_owned(),
        (0, 0) => "Keeping what was received.".to_owned(),
        (0, _) => "Preparing the next requests.".to_owned(),
    }
}
