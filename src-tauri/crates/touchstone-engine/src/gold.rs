//! Ground truth that may be wrong: tasks on which good runs agree with each other and not with it.
//!
//! What is found is a suspicion, and whoever knows the task decides: corrects it (a new annotation as ground truth, see
//! `annotations.rs`), keeps it, or says that the task has no one right answer. Scores follow at once, of runs that ended long
//! ago too, and what was ground truth before stays as an annotation.

use crate::annotations::{edit, subject};
use crate::projects::stored_config;
use crate::requests::{capabilities_for, media_fields};
use crate::runs::content_of;
use crate::tasks::{stored_data, stored_regions};
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specta::Type;
use touchstone_domain::stats::Accuracy;
use touchstone_domain::{ProjectId, RunId, TaskId};
use touchstone_labeling::{Capabilities, Config, Region};
use touchstone_store::{GoldMarkRow, GoldRunRow, ResultRow};

/// Runs whose word counts, at most: the most accurate.
const RUNS_MAX: u32 = 6;

/// Scored tasks below which nobody knows how good a run is.
const SCORED_MIN: u32 = 20;

/// A run that is right less often says little about ground truth.
const ACCURACY_MIN: f64 = 0.6;

/// Accuracies beyond these are as likely luck: a run that was never wrong does not outvote all others.
const ACCURACY_MAX: f64 = 0.98;

/// Tasks that are looked at, those that the most runs answered wrongly first.
const LOOKED_AT_MAX: u32 = 20_000;

/// Tasks that are named at once, the most suspicious first.
const NAMED_MAX: usize = 500;

/// Tasks whose results are read at a time.
const READ_TOGETHER: usize = 256;

/// A run whose word counts.
#[derive(Clone, Debug, Serialize, Type)]
pub struct GoldRun {
    pub run_id: RunId,
    pub prompt_name: String,
    pub version: u32,
    pub model: String,
    pub accuracy: Accuracy,
}

/// A task whose ground truth good runs contradict.
#[derive(Clone, Debug, Serialize, Type)]
pub struct GoldSuspect {
    pub task_id: TaskId,
    pub position: u32,
    pub data: Map<String, Value>,
    pub ground_truth: Vec<Region>,
    /// What they say instead.
    pub proposed: Vec<Region>,
    /// Those that say so, the most accurate first.
    pub agreeing: Vec<RunId>,
    /// How many of the runs answered the task at all.
    pub answered: u32,
    /// The sum of the log odds of the agreeing runs' accuracies less that of those which say what the ground truth says: above
    /// 0, and as in a vote in which each run counts for how often it is right.
    pub weight: f64,
}

/// What was decided about a task's ground truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum GoldMark {
    /// It is right, whatever runs say.
    Kept,
    /// There is no one right answer: it is no ground truth any more.
    Ambiguous,
}

impl GoldMark {
    fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// The ground truth of a project as good runs see it.
#[derive(Clone, Debug, Serialize, Type)]
pub struct GoldCheck {
    /// The newest finished run of each version and model that is right often enough, the most accurate first. Fewer than two
    /// cannot agree.
    pub runs: Vec<GoldRun>,
    /// The most suspicious first.
    pub suspects: Vec<GoldSuspect>,
    /// How many there are, also those beyond the ones that are named.
    pub total: u32,
    /// Tasks whose ground truth was kept, and those that are said to be ambiguous, in the project's order.
    pub kept: Vec<TaskId>,
    pub ambiguous: Vec<TaskId>,
}

impl Engine {
    /// Looks for ground truth of a project that good runs contradict.
    pub async fn gold_check(&self, project_id: ProjectId) -> Result<GoldCheck> {
        self.blocking(move |inner| check(inner, &project_id)).await
    }

    /// Decides about the ground truth that a task has, or takes the last decision back. A task that was ambiguous has the
    /// ground truth again that it had.
    pub async fn mark_gold(&self, task_id: TaskId, mark: Option<GoldMark>) -> Result<()> {
        let project_id = self
            .blocking(move |inner| {
                let (project, config) = subject(inner, task_id)?;
                let before = inner.store.gold_mark(task_id)?;
                let truth = inner.store.stored_annotations(task_id)?.into_iter().find(|annotation| annotation.counts);
                let decided = match (mark, &truth, &before) {
                    (None, ..) => None,
                    (Some(mark), Some(truth), _) => Some(GoldMarkRow {
                        mark: mark.word().to_owned(),
                        annotation_id: truth.id,
                        result: truth.row.result.clone(),
                    }),
                    // Its mark was taken away when it was found ambiguous.
                    (Some(mark), None, Some(before)) => {
                        Some(GoldMarkRow { mark: mark.word().to_owned(), ..before.clone() })
                    }
                    (Some(_), None, None) => {
                        return Err(Error::invalid("the task has no ground truth that could be decided about"));
                    }
                };
                let is_truth = mark != Some(GoldMark::Ambiguous);
                let of = decided.as_ref().or(before.as_ref()).map(|row| row.annotation_id);
                let now = clock::now();
                edit(inner, &project, &config, &[task_id], |task| {
                    task.set_gold_mark(decided.as_ref(), &now)?;
                    let annotation = task.annotations()?.into_iter().find(|annotation| Some(annotation.id) == of);
                    match annotation.filter(|annotation| annotation.row.ground_truth != is_truth) {
                        Some(annotation) => task.update(annotation.id, &annotation.row.result, is_truth, &now),
                        None => Ok(()),
                    }
                })?;
                Ok(project.id)
            })
            .await?;
        self.changed(Changed::Annotations { project_id });
        Ok(())
    }
}

/// A run, what it was asked for, and what its word counts.
struct Voter {
    run: GoldRun,
    run_key: i64,
    asked: Capabilities,
    log_odds: f64,
}

fn check(inner: &Inner, id: &ProjectId) -> Result<GoldCheck> {
    let project = inner.store.project(id.as_str())?;
    let config = stored_config(&project)?;
    let rows = inner.store.gold_runs(project.key, SCORED_MIN, RUNS_MAX)?;
    let voters: Vec<Voter> =
        rows.iter().filter_map(|row| voter(inner, &config, row).transpose()).collect::<Result<_>>()?;
    let keys: Vec<i64> = voters.iter().map(|voter| voter.run_key).collect();
    let mut suspects = Vec::new();
    if keys.len() > 1 {
        for tasks in inner.store.contradicted(&keys, LOOKED_AT_MAX)?.chunks(READ_TOGETHER) {
            let results: Vec<Vec<ResultRow>> =
                keys.iter().map(|key| inner.store.results(*key, tasks)).collect::<std::result::Result<_, _>>()?;
            for task in tasks {
                let answers: Vec<_> = results
                    .iter()
                    .zip(&voters)
                    .filter_map(|(rows, voter)| Some((voter, rows.iter().find(|row| row.task_id == *task)?)))
                    .collect();
                if let Some(suspect) = suspect(&config, &answers)
                    && !is_kept(inner, *task, &suspect)?
                {
                    suspects.push(suspect);
                }
            }
        }
    }
    suspects.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.position.cmp(&b.position)));
    let total = u32::try_from(suspects.len()).unwrap_or(u32::MAX);
    suspects.truncate(NAMED_MAX);
    Ok(GoldCheck {
        runs: voters.into_iter().map(|voter| voter.run).collect(),
        suspects,
        total,
        kept: inner.store.gold_marked(project.key, GoldMark::Kept.word())?,
        ambiguous: inner.store.gold_marked(project.key, GoldMark::Ambiguous.word())?,
    })
}

/// `None` of a run that is wrong too often.
fn voter(inner: &Inner, config: &Config, row: &GoldRunRow) -> Result<Option<Voter>> {
    let run_id = RunId(row.run_id.clone());
    let Some(accuracy) = Accuracy::of(row.correct, row.scored).filter(|accuracy| accuracy.value >= ACCURACY_MIN) else {
        return Ok(None);
    };
    let run = inner.store.run(&run_id)?;
    let content = content_of(inner, &run)?;
    let prompt = inner.store.prompt(run.prompt_id.as_str())?;
    let share = accuracy.value.min(ACCURACY_MAX);
    Ok(Some(Voter {
        run_key: row.run_key,
        asked: capabilities_for(&media_fields(&content, config)),
        log_odds: (share / (1.0 - share)).ln(),
        run: GoldRun { run_id, prompt_name: prompt.name, version: run.version_number, model: content.model, accuracy },
    }))
}

/// What runs say of one task, if those that agree against its ground truth outweigh those that agree with it.
fn suspect(config: &Config, answers: &[(&Voter, &ResultRow)]) -> Option<GoldSuspect> {
    let (_, row) = answers.first()?;
    let against: Vec<_> = answers
        .iter()
        .filter(|(_, row)| row.correct == Some(false))
        .filter_map(|(voter, row)| Some((*voter, stored_regions(row.result.as_deref()?))))
        .collect();
    let with: f64 = answers.iter().filter(|(_, row)| row.correct == Some(true)).map(|(voter, _)| voter.log_odds).sum();
    let weight = |camp: &[usize]| camp.iter().map(|voter| against[*voter].0.log_odds).sum::<f64>() - with;
    let mut camps: Vec<Vec<usize>> = Vec::new();
    for (index, (voter, says)) in against.iter().enumerate() {
        let agrees = |camp: &&mut Vec<usize>| config.score(&against[camp[0]].1, says, voter.asked).correct;
        match camps.iter_mut().find(agrees) {
            Some(camp) => camp.push(index),
            None => camps.push(vec![index]),
        }
    }
    let camp = camps.into_iter().filter(|camp| camp.len() > 1).max_by(|a, b| weight(a).total_cmp(&weight(b)))?;
    let weight = weight(&camp);
    (weight > 0.0).then(|| GoldSuspect {
        task_id: row.task_id,
        position: row.position,
        data: stored_data(&row.data),
        ground_truth: row.ground_truth.as_deref().map(stored_regions).unwrap_or_default(),
        proposed: against[camp[0]].1.clone(),
        agreeing: camp.iter().map(|voter| against[*voter].0.run.run_id.clone()).collect(),
        answered: u32::try_from(answers.len()).unwrap_or(u32::MAX),
        weight,
    })
}

/// Whether somebody has kept this very ground truth.
fn is_kept(inner: &Inner, task: TaskId, suspect: &GoldSuspect) -> Result<bool> {
    let mark = inner.store.gold_mark(task)?;
    Ok(mark.is_some_and(|row| row.mark == GoldMark::Kept.word() && stored_regions(&row.result) == suspect.ground_truth))
}
