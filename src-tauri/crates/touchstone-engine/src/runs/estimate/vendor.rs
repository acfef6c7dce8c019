//! The vendor's own count of the tokens of a few requests, where no earlier answer tells how long they are. It is free, counts
//! as the vendor bills, and sends what those tasks say; what was counted is kept while the program lives.
//!
//! Nobody has to wait for it: an estimate without it is there before, and it stands where the vendor does not answer.

use super::{Known, RunEstimate};
use crate::connections::{model, provider};
use crate::runs::NewRun;
use crate::runs::together::{look_at_all, sum};
use crate::{Engine, Result};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use touchstone_net::Purpose;
use touchstone_providers::ChatModel;

/// How long somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Requests that are counted for several runs together, unless these are more: one is counted of each.
const COUNTED_MAX: usize = 25;

/// Counts that are kept.
const KEPT_MAX: usize = 10_000;

/// What vendors counted, by the hashes of the requests.
#[derive(Default)]
pub(crate) struct Counts(Mutex<HashMap<String, u32>>);

impl Counts {
    fn of(&self, hash: &str) -> Option<u32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(hash).copied()
    }

    fn keep(&self, hash: String, tokens: u32) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(hash, tokens);
    }
}

impl Engine {
    /// The same as [`Self::estimate_runs`], by the vendor's count of the tokens of up to five tasks where no earlier answer tells
    /// and the vendor has such a call. Takes up to ten seconds; offline, or where the vendor does not count, it is the same.
    pub async fn counted_estimate(&self, runs: Vec<NewRun>, tasks: Option<PathBuf>) -> Result<RunEstimate> {
        let mut all = self.blocking(move |inner| look_at_all(inner, &runs, tasks.as_deref())).await?;
        let each = COUNTED_MAX / all.len().max(1);
        all.iter_mut().for_each(|run| run.samples.truncate(each.max(1)));
        self.count(&all).await;
        for run in &mut all {
            let counted = |(hash, weight): (&str, u64)| Some((weight, self.inner.counts.of(hash)?));
            let samples = run.samples.iter().map(|sample| (sample.hash.as_str(), sample.weight));
            let counts: Vec<_> = samples.filter_map(counted).collect();
            run.learned.count(provider(&run.connection), &counts);
        }
        Ok(sum(&all))
    }

    /// Has the samples of these runs counted, all at once, as far as they are not yet and the vendors answer in time.
    async fn count(&self, runs: &[Known]) {
        let mut models: HashMap<_, Option<Arc<dyn ChatModel>>> = HashMap::new();
        let mut asked = HashSet::new();
        let mut calls = FuturesUnordered::new();
        for Known { connection, samples, .. } in runs {
            for sample in samples {
                if self.inner.counts.of(&sample.hash).is_some() || !asked.insert(&sample.hash) {
                    continue;
                }
                if !models.contains_key(&connection.id) {
                    let row = connection.clone();
                    let model = self.blocking(move |inner| model(inner, &row, Purpose::Count)).await;
                    // Such as a key that is not stored: the start of the run says so.
                    models.insert(&connection.id, model.ok().map(Arc::from));
                }
                let Some(Some(model)) = models.get(&connection.id).cloned() else { continue };
                calls.push(async move { (&sample.hash, model.count_tokens(&sample.body).await) });
            }
        }
        let over = tokio::time::sleep(PATIENCE);
        tokio::pin!(over);
        loop {
            let counted = tokio::select! {
                counted = calls.next() => counted,
                () = &mut over => return,
            };
            match counted {
                Some((hash, Ok(Some(tokens)))) => self.inner.counts.keep(hash.clone(), tokens),
                Some((_, Ok(None))) => {}
                Some((_, Err(error))) => tracing::debug!(%error, "having tokens counted for an estimate"),
                None => return,
            }
        }
    }
}
