//! How accurate the versions of a prompt are, one after the other.

use super::cost_per_task_usd;
use crate::runs::content_of;
use crate::{Engine, Result};
use serde::Serialize;
use specta::Type;
use std::collections::HashSet;
use touchstone_domain::run::RunStatus;
use touchstone_domain::stats::Accuracy;
use touchstone_domain::{PromptId, RunId, VersionId};

/// The latest that is known of a version with one model.
#[derive(Clone, Debug, Serialize, Type)]
pub struct VersionScore {
    pub run_id: RunId,
    pub version_id: VersionId,
    pub version: u32,
    pub model: String,
    /// When the run was started.
    pub created_at: String,
    pub accuracy: Option<Accuracy>,
    /// What a task costs where it is asked for; `None` when a price is not known.
    pub cost_per_task_usd: Option<f64>,
}

impl Engine {
    /// The latest completed run of each version of a prompt with each model, oldest first. Runs over what another had left,
    /// which was missing or had failed, are passed over: they say nothing of the rest.
    pub async fn version_scores(&self, prompt: PromptId) -> Result<Vec<VersionScore>> {
        self.blocking(move |inner| {
            let prompt = inner.store.prompt(prompt.as_str())?;
            let mut seen = HashSet::new();
            let mut scores = Vec::new();
            for run in inner.store.runs(Some(prompt.key))? {
                if run.status != RunStatus::Completed || run.only.is_some() {
                    continue;
                }
                let content = content_of(inner, &run)?;
                if seen.insert((run.version_number, content.provider, content.model.clone())) {
                    scores.push(VersionScore {
                        cost_per_task_usd: cost_per_task_usd(inner, &run)?,
                        accuracy: Accuracy::of(run.correct, run.scored),
                        run_id: run.id,
                        version_id: run.version_id,
                        version: run.version_number,
                        model: content.model,
                        created_at: run.created_at,
                    });
                }
            }
            scores.reverse();
            Ok(scores)
        })
        .await
    }
}
