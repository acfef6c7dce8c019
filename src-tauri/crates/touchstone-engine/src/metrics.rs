//! The metrics of a run: how good its predictions are, what they cost, how long they took.
//!
//! They are made of what is counted of the run (`touchstone_domain::metrics`), which the journal and the edits of ground truth
//! keep up to date in the workspace. Where that is missing, or has missed something, it is made anew of the predictions.

use crate::projects::stored_config;
use crate::requests::{capabilities_for, media_fields};
use crate::runs::content_of;
use crate::{Engine, Error, Inner, Result, dollars};
use serde::Serialize;
use specta::Type;
use std::ops::RangeInclusive;
use touchstone_domain::RunId;
use touchstone_domain::metrics::SEED;
use touchstone_domain::metrics::{
    Calibration, ControlMetrics, Interval, LatencyMetrics, RunTally, Tallied, TaskMeasure,
};
use touchstone_domain::run::RunStatus;
use touchstone_domain::stats::Accuracy;
use touchstone_labeling::{Capabilities, Config, RegionReader};
use touchstone_store::{CountedPrediction, RunRow};

/// A tally that is made anew is made so again where predictions were scored meanwhile, and then taken as it is.
const MADE_ANEW_MAX: u32 = 3;

/// How good the predictions of a run are.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub struct RunMetrics {
    pub run_id: RunId,
    /// Tasks with ground truth and a usable answer.
    pub scored: u32,
    pub failed: u32,
    /// Tasks with a usable answer and no ground truth.
    pub unscored: u32,
    /// Of the scored tasks, those on which every counted control matches exactly; `None` where nothing was scored.
    pub accuracy: Option<Accuracy>,
    /// The same if failed tasks with ground truth counted as wrong.
    pub if_failed_wrong: Option<Accuracy>,
    /// Mean of the tasks' scores, in [0, 1].
    pub mean_score: Option<Interval>,
    /// Those that the model was asked for, in the config's order.
    pub controls: Vec<ControlMetrics>,
    /// `None` unless predictions say how sure they are.
    pub calibration: Option<Calibration>,
    /// Of all answers, owned ones too; `None` without any.
    pub latency: Option<LatencyMetrics>,
    pub cost: CostMetrics,
}

/// What a run took.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub struct CostMetrics {
    /// `None` when the price of one of its replies is not known.
    pub total_usd: Option<f64>,
    /// By the tasks that it asked about; `None` also where all answers were owned.
    pub per_task_usd: Option<f64>,
    /// Of answers that it asked for; owned ones were paid by another.
    #[specta(type = f64)]
    pub prompt_tokens: u64,
    #[specta(type = f64)]
    pub completion_tokens: u64,
}

impl Engine {
    /// The metrics of a run as it stands; of one that another program is at work on, as it stood a few seconds ago.
    pub async fn run_metrics(&self, id: RunId) -> Result<RunMetrics> {
        if self.inner.active.has(&id) {
            let known = id.clone();
            let key = self.blocking(move |inner| Ok(inner.store.run(&known)?.key)).await?;
            self.inner.store.journal().hand_over(key).await?;
        }
        self.blocking(move |inner| {
            let (run, tally) = tally(inner, &id, false)?;
            Ok(metrics(&run, &tally))
        })
        .await
    }
}

fn metrics(run: &RunRow, tally: &RunTally) -> RunMetrics {
    let asked_about = run.done.saturating_sub(run.cached);
    let total_usd = (run.unpriced == 0).then(|| dollars::of_picos(run.cost_picos));
    RunMetrics {
        run_id: run.id.clone(),
        scored: run.scored,
        failed: run.failed,
        unscored: run.done.saturating_sub(run.scored).saturating_sub(run.failed),
        accuracy: Accuracy::of(run.correct, run.scored),
        if_failed_wrong: Accuracy::of(run.correct, run.scored.saturating_add(run.failed_with_truth)),
        mean_score: tally.mean_score(SEED),
        controls: tally.controls(SEED),
        calibration: tally.calibration(),
        latency: tally.latency(),
        cost: CostMetrics {
            total_usd,
            per_task_usd: total_usd.filter(|_| asked_about > 0).map(|total| total / f64::from(asked_about)),
            prompt_tokens: run.prompt_tokens,
            completion_tokens: run.completion_tokens,
        },
    }
}

/// Has all counted that a run has predicted which this program is about to go on with.
pub(crate) fn count_before(inner: &Inner, id: &RunId) -> Result<()> {
    tally(inner, id, true).map(drop)
}

/// A run and what is counted of it, which is made anew, and kept, where the workspace has less. `is_mine`: this program has
/// its lease, and has counted nothing of it yet.
pub(crate) fn tally(inner: &Inner, id: &RunId, is_mine: bool) -> Result<(RunRow, RunTally)> {
    let mut tries = 0;
    loop {
        let (run, kept) = inner.store.run_with_tally(id)?;
        let counts = Tallied { predictions: run.done.into(), scored: run.scored.into(), correct: run.correct.into() };
        // What a run at work counts is in the workspace a moment after its predictions.
        let is_counted_beside = run.status == RunStatus::InProgress && !is_mine;
        let counts_something = |tally: &RunTally| tally.tallied().predictions > 0;
        let is_current = |tally: &RunTally| is_counted_beside || tally.tallied() == counts;
        if let Some(tally) = kept.filter(|tally| counts_something(tally) && is_current(tally)) {
            return Ok((run, tally));
        }
        if is_counted_beside || run.done == 0 {
            let tally = made_anew(inner, &run)?;
            return Ok((run, tally));
        }
        let changes = inner.store.expect_tally(run.key)?;
        let tally = made_anew(inner, &run)?;
        let owner = is_mine.then_some(inner.owner.as_str());
        tries += 1;
        if inner.store.keep_tally(run.key, owner, changes, &tally)? || tries == MADE_ANEW_MAX {
            return Ok((run, tally));
        }
    }
}

/// Counts the predictions of a run, in two threads.
fn made_anew(inner: &Inner, run: &RunRow) -> Result<RunTally> {
    let config = stored_config(&inner.store.project_by_key(run.project_key)?)?;
    let asked = capabilities_for(&media_fields(&content_of(inner, run)?, &config));
    let halves = inner.store.prediction_halves(run.key)?;
    let mut all = RunTally::new(config.tallies(asked));
    let counted = std::thread::scope(|scope| {
        let config = &config;
        let threads: Vec<_> =
            halves.into_iter().map(|half| scope.spawn(move || count(inner, run.key, half, config, asked))).collect();
        threads.into_iter().map(|thread| thread.join()).collect::<Vec<_>>()
    });
    for half in counted {
        match half {
            Ok(tally) => all.merge(&tally?),
            Err(_) => return Err(Error::Internal(anyhow::anyhow!("counting the predictions of a run ended early"))),
        }
    }
    Ok(all)
}

fn count(
    inner: &Inner,
    run_key: i64,
    tasks: RangeInclusive<i64>,
    config: &Config,
    asked: Capabilities,
) -> Result<RunTally> {
    let mut tally = RunTally::new(config.tallies(asked));
    let (mut truths, mut guesses) = (RegionReader::default(), RegionReader::default());
    inner.store.scan_predictions(run_key, tasks, |CountedPrediction { latency_ms, scored }| {
        match scored {
            None => tally.add(latency_ms, None),
            Some(scored) => {
                let (truth, guess) = (truths.read(scored.ground_truth), guesses.read(scored.result));
                let measure = config.measure(truth, guess, asked);
                // Runs keep their scores when the config changes.
                let measure = TaskMeasure { score: scored.score, is_correct: scored.is_correct, ..measure };
                tally.add(latency_ms, Some(&measure));
            }
        }
    })?;
    Ok(tally)
}
