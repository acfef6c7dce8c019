//! Comparing runs on the tasks that they share: which is better, what changed, and row by row.
//!
//! `comparison/side_by_side.rs` reads what the runs say of each task, and remembers it as long as it holds: the comparison,
//! and every page of its rows, are made of that. What the numbers mean is in [`touchstone_domain::comparison`].

mod measured;
mod sameness;
mod side_by_side;
mod versions;
mod words;

pub(crate) use sameness::Sameness;
pub(crate) use side_by_side::Comparisons;
pub use versions::VersionScore;
pub use words::in_points;
pub(crate) use words::signed;

use crate::projects::stored_config;
use crate::runs::content_of;
use crate::tasks::{stored_data, stored_regions};
use crate::{Engine, Error, Inner, Result, dollars};
use measured::measured;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use side_by_side::{Marks, Pair, SideBySide};
use specta::Type;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use touchstone_domain::comparison::{ClassChange, RUNS_MAX, Verdict, class_changes, frontier, holm};
use touchstone_domain::metrics::SEED;
use touchstone_domain::metrics::{ControlMetrics, Interval};
use touchstone_domain::stats::Accuracy;
use touchstone_domain::{PromptId, RunId, TaskId, VersionId};
use touchstone_labeling::{Config, Region};
use touchstone_store::{ResultRow, RunRow};

/// Rows of one page at most.
const PAGE_ROWS_MAX: u32 = 500;

/// Runs side by side, on the tasks that all of them have answered.
#[derive(Clone, Debug, Serialize, Type)]
pub struct Comparison {
    /// In the order in which they were named.
    pub runs: Vec<ComparedRun>,
    /// Tasks that all of them have answered.
    pub answered: u32,
    /// Those of the answered tasks that were scored in all of them: what accuracies and verdicts are about.
    pub shared: u32,
    /// Each run but the first, beside the first.
    pub pairs: Vec<PairedVerdict>,
    /// The runs of which none of the others is more accurate for as little, or cheaper and as accurate; the cheapest first. A
    /// run whose cost is not known is not among them.
    pub frontier: Vec<RunId>,
}

/// One of the runs. Accuracy, scores and F1 are those on the shared tasks, latency is that on the answered ones; cost and
/// failures are of all tasks that the run covers.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ComparedRun {
    pub run_id: RunId,
    pub prompt_id: PromptId,
    pub prompt_name: String,
    pub version_id: VersionId,
    pub version: u32,
    pub model: String,
    /// `None` where no shared task is scored.
    pub accuracy: Option<Accuracy>,
    pub mean_score: Option<Interval>,
    /// Mean of the classes' F1 of the first control that has classes; `None` where none has.
    pub macro_f1: Option<f64>,
    /// What a task costs where it is asked for; `None` when a price is not known.
    pub cost_per_task_usd: Option<f64>,
    /// 95 of 100 answers took no longer, owned ones when they were asked for.
    pub p95_ms: Option<u32>,
    pub failed: u32,
}

/// What is known of one run beside another.
#[derive(Clone, Debug, Serialize, Type)]
pub struct PairedVerdict {
    pub run_id: RunId,
    pub baseline_id: RunId,
    /// The run's accuracy minus the baseline's, in [-1, 1]; `None` where no shared task is scored.
    pub difference: Option<Interval>,
    /// The same of the mean scores.
    pub score_difference: Option<Interval>,
    /// Of the exact McNemar test.
    pub mcnemar_p: f64,
    /// Adjusted for how many runs are compared, by Holm; equal to `mcnemar_p` for one pair.
    pub adjusted_p: f64,
    pub both_correct: u32,
    /// Wrong in the baseline, correct in the run.
    pub fixed: u32,
    /// Correct in the baseline, wrong in the run.
    pub broken: u32,
    pub both_wrong: u32,
    /// Answered tasks, scored or not, for which the runs predict something else.
    pub different: u32,
    pub verdict: Verdict,
    /// Tasks with ground truth that would probably tell the runs apart; `None` where that is settled, or cannot be said.
    pub more_tasks_needed: Option<u32>,
    /// The classes that occur in the truth of the shared tasks.
    pub per_class: Vec<ClassChange>,
}

/// Some of the answered tasks, by what one run says of them beside the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ComparedSegment {
    All,
    /// Wrong in the first run, correct in the other.
    Fixed,
    /// Correct in the first run, wrong in the other.
    Broken,
    /// The runs predict something else, whether or not the task has ground truth.
    Different,
    /// The runs predict the same.
    Same,
}

#[derive(Clone, Debug, Deserialize, Type)]
pub struct ComparedQuery {
    /// As for the comparison: the first is what the others are compared with.
    pub run_ids: Vec<RunId>,
    /// The run that the segment is about: one of the others.
    pub other: RunId,
    pub segment: ComparedSegment,
}

/// What one run says of a task.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ComparedPrediction {
    pub prediction: Vec<Region>,
    /// `None` when the task has no ground truth.
    pub correct: Option<bool>,
    pub score: Option<f64>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ComparedRow {
    pub task_id: TaskId,
    pub position: u32,
    pub data: Map<String, Value>,
    pub ground_truth: Option<Vec<Region>>,
    /// One for each run, in their order.
    pub predictions: Vec<ComparedPrediction>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ComparedPage {
    /// Rows of the whole segment.
    pub total: u32,
    pub rows: Vec<ComparedRow>,
}

impl Engine {
    /// Compares two to four runs of one project, of any prompts and models, on the tasks that all of them have answered; each
    /// with the first. Refused with [`crate::ErrorCode::DifferentProjects`] or [`crate::ErrorCode::NoSharedTasks`].
    pub async fn compare_runs(&self, runs: Vec<RunId>) -> Result<Comparison> {
        self.blocking(move |inner| compared(inner, &runs)).await
    }

    /// Rows `offset..offset + limit` of the tasks that a comparison is about, in the project's order.
    pub async fn compared_rows(&self, query: ComparedQuery, offset: u32, limit: u32) -> Result<ComparedPage> {
        self.blocking(move |inner| {
            let compared = Compared::of(inner, &query.run_ids)?;
            let other = query.run_ids[1..].iter().position(|run| *run == query.other);
            let other = other.ok_or_else(|| Error::invalid("choose one of the compared runs other than the first"))?;
            let tasks = compared.side_by_side.tasks_where(|marks| is_in(query.segment, marks, other + 1));
            let start = tasks.len().min(offset as usize);
            let end = tasks.len().min(start + limit.min(PAGE_ROWS_MAX) as usize);
            Ok(ComparedPage {
                total: u32::try_from(tasks.len()).unwrap_or(u32::MAX),
                rows: compared.rows(inner, &tasks[start..end])?,
            })
        })
        .await
    }
}

/// See [`Engine::compare_runs`].
pub(crate) fn compared(inner: &Inner, runs: &[RunId]) -> Result<Comparison> {
    Compared::of(inner, runs)?.comparison(inner)
}

/// The other run is told by its place.
fn is_in(segment: ComparedSegment, marks: Marks, other: usize) -> bool {
    let is_scored = marks.are_scored();
    match segment {
        ComparedSegment::All => true,
        ComparedSegment::Fixed => is_scored && !marks.is_correct(0) && marks.is_correct(other),
        ComparedSegment::Broken => is_scored && marks.is_correct(0) && !marks.is_correct(other),
        ComparedSegment::Different => marks.differs(other),
        ComparedSegment::Same => !marks.differs(other),
    }
}

/// Runs that can be compared, and what they say.
struct Compared {
    config: Config,
    runs: Vec<RunRow>,
    side_by_side: Arc<SideBySide>,
}

impl Compared {
    fn of(inner: &Inner, ids: &[RunId]) -> Result<Self> {
        if !(2..=RUNS_MAX).contains(&ids.len()) {
            return Err(Error::invalid(format!("choose two to {RUNS_MAX} runs to compare")));
        }
        if ids.iter().collect::<HashSet<_>>().len() < ids.len() {
            return Err(Error::invalid("a run is chosen twice; compare runs that are not the same"));
        }
        let runs: Vec<_> = ids.iter().map(|id| inner.store.run(id)).collect::<std::result::Result<_, _>>()?;
        let project = inner.store.project_by_key(runs[0].project_key)?;
        if let Some(stranger) = runs.iter().find(|run| run.project_key != project.key) {
            let other = inner.store.project_by_key(stranger.project_key)?;
            return Err(Error::DifferentProjects(project.name, other.name));
        }
        let config = stored_config(&project)?;
        let side_by_side = inner.comparisons.of(inner, &runs, &config)?;
        if side_by_side.answered() == 0 {
            return Err(Error::NoSharedTasks);
        }
        Ok(Self { config, runs, side_by_side })
    }

    fn comparison(&self, inner: &Inner) -> Result<Comparison> {
        let shared = self.side_by_side.scored();
        let controls = measured(inner, &self.runs, &self.config, shared)?;
        let sides = self.runs.iter().zip(self.side_by_side.runs());
        let runs: Vec<_> = sides
            .zip(&controls)
            .map(|((run, side), controls)| {
                let (prompt_id, prompt_name) = inner.store.prompt_by_key(run.prompt_key)?;
                Ok(ComparedRun {
                    run_id: run.id.clone(),
                    prompt_id,
                    prompt_name,
                    version_id: run.version_id.clone(),
                    version: run.version_number,
                    model: content_of(inner, run)?.model,
                    accuracy: Accuracy::of(side.correct, shared),
                    mean_score: side.scores.mean(SEED),
                    macro_f1: controls.iter().find_map(|control| Some(control.classes.as_ref()?.macro_f1)),
                    cost_per_task_usd: cost_per_task_usd(inner, run)?,
                    p95_ms: side.latency.metrics().map(|latency| latency.p95_ms),
                    failed: run.failed,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Comparison {
            answered: self.side_by_side.answered(),
            shared,
            pairs: self.pairs(&controls),
            frontier: on_frontier(&runs),
            runs,
        })
    }

    fn pairs(&self, controls: &[Vec<ControlMetrics>]) -> Vec<PairedVerdict> {
        let pairs = self.side_by_side.pairs();
        let p_values: Vec<_> = pairs.iter().map(|pair| pair.counts.mcnemar_p()).collect();
        let adjusted = holm(&p_values);
        let others = self.runs[1..].iter().zip(&controls[1..]).zip(pairs);
        others
            .zip(p_values.iter().zip(adjusted))
            .map(|(((run, of_run), Pair { counts, scores, different }), (&mcnemar_p, adjusted_p))| PairedVerdict {
                run_id: run.id.clone(),
                baseline_id: self.runs[0].id.clone(),
                difference: counts.difference(),
                score_difference: scores.mean(),
                mcnemar_p,
                adjusted_p,
                both_correct: counts.both_correct,
                fixed: counts.fixed,
                broken: counts.broken,
                both_wrong: counts.both_wrong,
                different: *different,
                verdict: counts.verdict(adjusted_p),
                more_tasks_needed: counts.more_tasks_needed(adjusted_p, pairs.len()),
                per_class: class_changes(&controls[0], of_run),
            })
            .collect()
    }

    fn rows(&self, inner: &Inner, tasks: &[TaskId]) -> Result<Vec<ComparedRow>> {
        let (first, others) = self.runs.split_first().expect("two runs at least: checked when they were read");
        let mut rows: Vec<ComparedRow> = Vec::with_capacity(tasks.len());
        for row in inner.store.results(first.key, tasks)? {
            rows.push(ComparedRow {
                task_id: row.task_id,
                position: row.position,
                data: stored_data(&row.data),
                ground_truth: row.ground_truth.as_deref().map(stored_regions),
                predictions: vec![prediction(&row)],
            });
        }
        for run in others {
            let results = inner.store.results(run.key, tasks)?;
            let of_task: HashMap<_, _> = results.iter().map(|row| (row.task_id, row)).collect();
            // What all have answered stays answered, but for a project that was emptied meanwhile.
            rows.retain(|row| of_task.contains_key(&row.task_id));
            for row in &mut rows {
                row.predictions.push(prediction(of_task[&row.task_id]));
            }
        }
        Ok(rows)
    }
}

fn prediction(row: &ResultRow) -> ComparedPrediction {
    ComparedPrediction {
        prediction: row.result.as_deref().map(stored_regions).unwrap_or_default(),
        correct: row.correct,
        score: row.score,
    }
}

/// What a task costs where it is asked for. An answer that was owned cost the run nothing, which says nothing of its version and
/// model: where all were, it is what they cost when they were asked for.
fn cost_per_task_usd(inner: &Inner, run: &RunRow) -> Result<Option<f64>> {
    let asked = run.done.saturating_sub(run.cached);
    if asked == 0 {
        let owned = inner.store.owned_cost_picos(run.key)?;
        return Ok(owned.map(|(picos, answers)| dollars::of_picos(picos) / f64::from(answers)));
    }
    Ok((run.unpriced == 0).then(|| dollars::of_picos(run.cost_picos) / f64::from(asked)))
}

fn on_frontier(runs: &[ComparedRun]) -> Vec<RunId> {
    let known: Vec<_> = runs.iter().filter_map(|run| Some((run, run.cost_per_task_usd.zip(run.accuracy)?))).collect();
    let points: Vec<_> = known.iter().map(|(_, (cost, accuracy))| (*cost, accuracy.value)).collect();
    frontier(&points).into_iter().map(|place| known[place].0.run_id.clone()).collect()
}
