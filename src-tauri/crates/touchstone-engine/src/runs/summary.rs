//! What people and files are told of a run.

use super::asked::content_of;
use super::queue;
use super::start::allowed;
use super::worker::waiting;
use crate::connections::{ConnectionSettings, model_without_secrets};
use crate::dollars;
use crate::prompts::connection_name;
use crate::requests::left_out;
use crate::settings::Settings;
use crate::{Inner, Result};
use serde::Serialize;
use specta::Type;
use std::collections::HashMap;
use touchstone_domain::prompt::Provider;
use touchstone_domain::run::{Only, PauseCause, Repetition, RunStatus, Subset};
use touchstone_domain::stats::Accuracy;
use touchstone_domain::{ConnectionId, PromptId, RunId, VersionId};
use touchstone_providers::StructuredMode;
use touchstone_store::{ConnectionRow, OtherModel, RunRow};

#[derive(Clone, Debug, Serialize, Type)]
pub struct RunSummary {
    pub id: RunId,
    pub number: u32,
    pub prompt_id: PromptId,
    pub version_id: VersionId,
    pub version_number: u32,
    /// Which of several runs that ask the same; `None` for the only one.
    pub repetition: Option<Repetition>,
    pub subset: Subset,
    pub only: Option<Only>,
    pub status: RunStatus,
    /// Why it paused or failed, in words; a run that is paused without a reason was paused by hand.
    pub reason: Option<String>,
    pub cause: Option<PauseCause>,
    /// It waits for the same as others that ask its connection: they go on together.
    pub is_held: bool,
    /// It is paused because its program ended, by a crash or because it was closed.
    pub is_interrupted: bool,
    pub total: u32,
    pub done: u32,
    pub correct: u32,
    pub scored: u32,
    pub failed: u32,
    /// Tasks whose answer was owned already.
    pub cached: u32,
    /// Requests of tasks that were answered, failed, or were let go at a pause. One that is out, or whose task is asked again, is
    /// counted with its task.
    pub requests: u32,
    /// Those of the requests that found out in which form the model answers.
    pub probes: u32,
    pub retries: u32,
    /// Tokens of answers that this run asked for; owned ones were paid by another.
    #[specta(type = f64)]
    pub prompt_tokens: u64,
    #[specta(type = f64)]
    pub completion_tokens: u64,
    /// The part of `prompt_tokens` that was read from a cache.
    #[specta(type = f64)]
    pub cached_tokens: u64,
    /// The part of `completion_tokens` that the model thought.
    #[specta(type = f64)]
    pub reasoning_tokens: u64,
    /// What its replies cost, added up exactly, whatever part of a micro-dollar each of them is; `None` when the price of one
    /// is not known.
    pub cost_usd: Option<f64>,
    /// What those of its replies cost whose price is known, in millionths of a dollar, as limits are. Only this sum is
    /// rounded, up: whole numbers are exact beyond Rust, and what cost something is never nothing.
    #[specta(type = f64)]
    pub cost_micros: u64,
    /// Replies that were paid and whose price is not known.
    pub unpriced: u32,
    /// Replies that were paid and whose tokens the server did not count.
    pub uncounted: u32,
    /// Calls that may be charged for though nobody says what.
    pub lost: u32,
    /// What they may have cost at the most, in millionths of a dollar, which counts against limits and is no part of its cost.
    #[specta(type = f64)]
    pub lost_micros: u64,
    /// What it may cost, in millionths of a dollar; `None` for whatever it costs.
    #[specta(type = Option<f64>)]
    pub limit_micros: Option<u64>,
    pub accuracy: Option<Accuracy>,
    /// The accuracy if failed tasks with ground truth counted as wrong, in [0, 1].
    pub accuracy_with_failed: Option<f64>,
    /// Mean score of the scored tasks, in [0, 1].
    pub mean_score: Option<f64>,
    /// How many runs of its connection go before it, while it is queued.
    pub queue_place: Option<u32>,
    /// Where its batches stand, if it asks by batch.
    pub batch: Option<RunBatch>,
    /// What of its parameters is not sent, and why, in sentences.
    pub notes: Vec<String>,
    /// The model that is asked, which may be another than the version names.
    pub model: String,
    /// The version names another.
    pub is_other_model: bool,
    pub provider: Provider,
    pub connection_id: ConnectionId,
    /// `None` once the connection is removed.
    pub connection_name: Option<String>,
    pub created_at: String,
    pub started_at: Option<String>,
    pub finished_at: Option<String>,
    /// Time at work, without pauses; while it is at work, up to the second.
    #[specta(type = f64)]
    pub wall_ms: u64,
}

impl RunSummary {
    /// What it waits for while it is queued, in words.
    pub fn queued_words(&self) -> Option<String> {
        queue::words(self.queue_place?, self.connection_name.as_deref())
    }
}

/// Where the batches of a run stand.
#[derive(Clone, Debug, Serialize, Type)]
pub struct RunBatch {
    /// What was handed over, split to what the vendor takes.
    pub parts: u32,
    /// Those of the parts that are still out.
    pub open: u32,
    /// Of all parts.
    pub requests: u32,
    /// Those of the requests that have an outcome, as the vendor said last.
    pub done: u32,
    /// When the first part that is still out was handed over.
    pub submitted_at: Option<String>,
    /// What is waited for, in words; `None` when nothing is out.
    pub waiting: Option<String>,
}

/// What a summary says of a run beside its row.
#[derive(Clone, Debug)]
pub(super) struct About {
    /// What of its parameters is not sent, in sentences.
    pub notes: Vec<String>,
    pub model: String,
    pub provider: Provider,
    pub connection_name: Option<String>,
}

/// The versions and connections of the runs in a list, each read once.
pub(super) struct Library<'i> {
    inner: &'i Inner,
    connections: Vec<ConnectionRow>,
    /// By version, connection and what is asked in place of the version's own model.
    known: HashMap<(VersionId, ConnectionId, Option<OtherModel>), About>,
}

impl<'i> Library<'i> {
    pub(super) fn open(inner: &'i Inner) -> Result<Self> {
        Ok(Self { inner, connections: inner.store.connections()?, known: HashMap::new() })
    }

    pub(super) fn about(&mut self, run: &RunRow) -> Result<About> {
        let key = (run.version_id.clone(), run.connection_id.clone(), run.other_model.clone());
        if let Some(about) = self.known.get(&key) {
            return Ok(about.clone());
        }
        let content = content_of(self.inner, run)?;
        let connection = self.connections.iter().find(|row| row.id == run.connection_id);
        let asked = connection.and_then(|row| Some((row, model_without_secrets(self.inner, row)?.model)));
        let notes =
            asked.map(|(row, model)| left_out(&content, &ConnectionSettings::of(row).refused(&content.model), &*model));
        let about = About {
            notes: notes.unwrap_or_default(),
            connection_name: connection_name(&self.connections, Some(&run.connection_id)),
            model: content.model,
            provider: content.provider,
        };
        self.known.insert(key, about.clone());
        Ok(about)
    }

    pub(super) fn concurrency(&self, settings: &Settings, run: &RunRow, model: &str) -> u32 {
        let connection = self.connections.iter().find(|row| row.id == run.connection_id);
        let allowed = connection.map(|row| allowed(settings, run, row, model));
        allowed.and_then(|allowed| u32::try_from(allowed).ok()).unwrap_or(settings.concurrency)
    }
}

pub(super) fn stored_summary(inner: &Inner, id: &RunId) -> Result<RunSummary> {
    let run = inner.store.run(id)?;
    let about = Library::open(inner)?.about(&run)?;
    Ok(summary(inner, &run, &about))
}

pub(super) fn summary(inner: &Inner, run: &RunRow, about: &About) -> RunSummary {
    RunSummary {
        id: run.id.clone(),
        number: run.number,
        prompt_id: run.prompt_id.clone(),
        version_id: run.version_id.clone(),
        version_number: run.version_number,
        repetition: run.repetition(),
        subset: run.subset,
        only: run.only,
        status: run.status,
        reason: reason(inner, run),
        cause: run.cause,
        is_held: run.is_held,
        is_interrupted: run.is_interrupted,
        total: run.total,
        done: run.done,
        correct: run.correct,
        scored: run.scored,
        failed: run.failed,
        cached: run.cached,
        requests: run.requests,
        probes: run.probes,
        retries: run.retries,
        prompt_tokens: run.prompt_tokens,
        completion_tokens: run.completion_tokens,
        cached_tokens: run.cached_tokens,
        reasoning_tokens: run.reasoning_tokens,
        cost_usd: (run.unpriced == 0).then(|| dollars::of_picos(run.cost_picos)),
        cost_micros: dollars::micros_up(run.cost_picos),
        unpriced: run.unpriced,
        uncounted: run.uncounted,
        lost: run.lost.calls,
        lost_micros: dollars::micros_up(run.lost.picos),
        limit_micros: run.limit_micros,
        accuracy: Accuracy::of(run.correct, run.scored),
        accuracy_with_failed: Accuracy::of(run.correct, run.scored + run.failed_with_truth)
            .map(|accuracy| accuracy.value),
        mean_score: (run.scored > 0).then(|| run.score_sum / f64::from(run.scored)),
        queue_place: run.queue_place,
        batch: run.batch.as_ref().map(|sums| RunBatch {
            parts: sums.parts,
            open: sums.open,
            requests: sums.requests,
            done: sums.done,
            submitted_at: sums.submitted_at.clone(),
            waiting: (sums.open > 0).then(|| waiting(about.provider, sums)),
        }),
        notes: about.notes.clone(),
        model: about.model.clone(),
        is_other_model: run.other_model.is_some(),
        provider: about.provider,
        connection_id: run.connection_id.clone(),
        connection_name: about.connection_name.clone(),
        created_at: run.created_at.clone(),
        started_at: run.started_at.clone(),
        finished_at: run.finished_at.clone(),
        wall_ms: run.wall_ms,
    }
}

/// Why a run is paused or failed, and whether it goes on by itself, as it stands now.
fn reason(inner: &Inner, run: &RunRow) -> Option<String> {
    let kept = run.reason.as_ref()?;
    let is_offline = inner.network.is_offline();
    Some(match (run.cause, inner.active.is_looked_after(&run.id)) {
        (Some(PauseCause::Offline), goes_on) if !is_offline => {
            let next = if goes_on { "the run goes on by itself" } else { "resume to go on" };
            format!("It paused because Offline was on. Offline is off now: {next}.")
        }
        (Some(PauseCause::Offline), true) => format!("{kept} The run goes on by itself once Offline is off."),
        (_, true) => format!("{kept} The run goes on by itself once it is reached again."),
        (_, false) => kept.clone(),
    })
}

/// How the model of a run is held to the schema: from its start to its end, unless nobody knew and its first answer was
/// outside the form.
pub(crate) fn structure(run: &RunRow) -> Option<StructuredMode> {
    serde_json::from_value(run.structure.as_deref()?.into()).ok()
}

/// The accuracy that promises most: the one with the highest lower end of its interval, so that three right answers out
/// of three do not beat 170 out of 200. Runs that are still at work do not count.
pub(crate) fn best_accuracy<'r>(runs: impl Iterator<Item = &'r RunRow>) -> Option<Accuracy> {
    runs.filter(|run| !run.status.is_active())
        .filter_map(|run| Accuracy::of(run.correct, run.scored))
        .max_by(|one, other| one.low.total_cmp(&other.low))
}

/// When the last thing happened to a run.
pub(crate) fn happened_at(run: &RunRow) -> String {
    run.finished_at.as_ref().or(run.started_at.as_ref()).unwrap_or(&run.created_at).clone()
}
