//! A run that asks by batch: everything that is not owned is handed over to the vendor, fetched once the vendor is done, and
//! kept as if it had been asked one by one. What is still open then is asked online by the ordinary work.
//!
//! Nothing is paid twice:
//! - Each request has its answer's hash for a key, so that an answer is owned by every later run, online or not.
//! - A batch is written down before it is handed over, and the vendor's id as soon as it is known. Of one without an id the
//!   vendor's list is searched before anything of it is asked again.
//! - What comes is kept through the journal; a program that is killed meanwhile fetches the rest again.
//!
//! The first task is asked online, before anything is handed over: a batch is looked at late, and what a vendor refuses of
//! one request it would refuse of all.
//!
//! While the program is closed the run is paused, and says that it waits for its batch; it is taken up when the program
//! starts again. `batch/part.rs` gathers what is handed over, `batch/kept.rs` keeps what comes.

mod kept;
mod part;

use super::{End, Work, lock};
use crate::connections::where_to;
use crate::requests::media_fields;
use crate::runs::budget::{Reserved, Short};
use crate::{Engine, Error, Result, clock};
use part::{Part, Source};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use touchstone_domain::RunId;
use touchstone_domain::prompt::{PromptContent, Provider};
use touchstone_labeling::Config;
use touchstone_providers::{BatchApi, BatchMark, BatchStatus, ChatError, ChatErrorKind, ChatModel, Found};
use touchstone_store::BatchRow;

/// How batches are handed over and looked after. Tests are in more of a hurry than vendors are.
#[derive(Clone, Copy, Debug)]
pub struct BatchRules {
    /// The first look after a batch was handed over; each further one may take twice as long.
    pub look_first: Duration,
    pub look_max: Duration,
    /// How long a vendor may take to list a batch that was handed over, and of which no reply came.
    pub listed_within: Duration,
    /// How long a stopped run waits for what its batches have answered.
    pub cancel_within: Duration,
    /// Requests in one batch at most, whatever the vendor takes.
    pub requests_max: usize,
}

impl Default for BatchRules {
    fn default() -> Self {
        Self {
            look_first: Duration::from_secs(15),
            look_max: Duration::from_secs(300),
            listed_within: Duration::from_secs(120),
            cancel_within: Duration::from_secs(30),
            requests_max: usize::MAX,
        }
    }
}

/// What a run that asks by batch knows beside other runs.
pub(super) struct Batching {
    rules: BatchRules,
    /// What it waits for, in words; `None` while nothing is out.
    words: Mutex<Option<String>>,
}

/// A vendor's clock and ours may differ by this much.
const CLOCKS_DIFFER_MS: i64 = 600_000;

/// What is out, and what of its cost is set aside.
#[derive(Default)]
struct Out<'w> {
    batches: Vec<BatchRow>,
    rooms: HashMap<i64, Reserved<'w>>,
    /// What the vendor was last asked in vain, in words.
    trouble: Option<String>,
    /// How long the vendor wants to be left alone, at the least.
    wanted_wait: Duration,
}

impl Out<'_> {
    /// The vendor cannot be asked now.
    fn note(&mut self, error: &ChatError) {
        self.trouble = Some(error.message.clone());
        let wanted = Duration::from_millis(error.retry_after_ms.unwrap_or(0).into());
        self.wanted_wait = self.wanted_wait.max(wanted);
    }
}

/// What became of a batch that was to be handed over.
enum HandedOver {
    Yes,
    /// It is to be tried again once others have ended, or after a while.
    Later(Part),
    /// The run ends.
    No,
}

impl Engine {
    /// Changes how batches are looked after, for the runs that begin or go on from now on.
    pub fn set_batch_rules(&self, rules: BatchRules) {
        *lock(&self.inner.batch_rules) = rules;
    }

    /// Goes on with the runs that wait for a batch and that nobody is at work on because their program ended, but for those
    /// that were taken up before.
    pub(crate) async fn take_up_batches(&self, taken_up: &mut HashSet<RunId>) {
        let waiting = match self.blocking(|inner| Ok(inner.store.waiting_batch_runs()?)).await {
            Ok(waiting) => waiting,
            Err(error) => return tracing::warn!(%error, "looking for runs that wait for a batch"),
        };
        for id in waiting {
            if !taken_up.insert(id.clone()) {
                continue;
            }
            // It stays as it is, and says that it waits; it can be resumed by hand.
            if let Err(error) = self.resume_run(id).await {
                tracing::warn!(%error, "going on with a run that waits for its batch");
            }
        }
    }
}

impl Batching {
    pub(super) fn new(rules: BatchRules) -> Self {
        Self { rules, words: Mutex::default() }
    }
}

impl Work {
    /// What the run waits for at the vendor, in words.
    pub(super) fn batch_words(&self) -> Option<String> {
        self.batch.as_ref().and_then(|batch| lock(&batch.words).clone())
    }

    /// Sees every task through: by batch, and what is open then online.
    pub(super) async fn attend_by_batch(self: Arc<Self>) {
        let work = Arc::clone(&self);
        let Some(batch) = &work.batch else { return };
        let Some(api) = work.model.batches() else {
            // The connection has changed since.
            let to = self.about.provider.label();
            return self.end(End::Paused(format!("{to} takes no batches by this connection any more.")));
        };
        if let Err(error) = self.ask_by_batch(api, batch).await {
            self.end(End::Paused(error.to_string()));
        }
        if self.closing.is_cancelled() {
            return;
        }
        let _awake = work.engine.inner.active.awake.hold();
        self.attend_to_all().await;
    }

    async fn ask_by_batch(&self, api: &dyn BatchApi, batch: &Batching) -> Result<()> {
        let run_key = self.run.key;
        let mut out = Out {
            batches: self.engine.blocking(move |inner| Ok(inner.store.open_batches(run_key)?)).await?,
            ..Out::default()
        };
        if let Some(budget) = &self.budget {
            // They were handed over, whatever the limits are now.
            let rooms = out.batches.iter().map(|batch| (batch.key, budget.hold(batch.most_picos)));
            out.rooms = rooms.collect();
            // Until now they counted as what nobody here is at work on.
            budget.keep_up(&self.engine).await;
        }
        self.say(batch, &out).await;
        let outcome = self.until_all_is_back(api, batch, &mut out).await;
        if matches!(*lock(&self.end), Some(End::Stopped)) {
            let canceled = self.cancel(api, batch, &mut out).await.unwrap_or_else(|error| Some(error.to_string()));
            if let Some(why) = canceled {
                // It would be charged for though the run is over.
                let to = self.about.provider.label();
                let words = format!(
                    "The batch could not be canceled, and {to} goes on with it: {why} Stop the run once that is mended, or resume \
                     it to fetch the answers."
                );
                *lock(&self.end) = Some(End::Paused(words));
            }
            *lock(&batch.words) = (!out.batches.is_empty()).then(|| self.canceling());
        } else {
            self.say(batch, &out).await;
        }
        outcome
    }

    async fn until_all_is_back<'w>(&'w self, api: &dyn BatchApi, batch: &Batching, out: &mut Out<'w>) -> Result<()> {
        let rules = batch.rules;
        let mut source = Source::new(&self.run);
        let mut ready = None;
        // Who comes back may find that it is over.
        let mut wait = if out.batches.is_empty() { rules.look_first } else { Duration::ZERO };
        loop {
            while !self.closing.is_cancelled() {
                let next = match ready.take() {
                    Some(part) => Some(part),
                    None => self.next_part(api, rules, &mut source).await?,
                };
                let Some(part) = next else { break };
                match self.hand_over(api, part, out).await? {
                    HandedOver::Yes => {}
                    HandedOver::Later(part) => {
                        ready = Some(part);
                        break;
                    }
                    HandedOver::No => return Ok(()),
                }
            }
            self.say(batch, out).await;
            if out.batches.is_empty() && ready.is_none() {
                return Ok(());
            }
            let wait_now = wait.max(std::mem::take(&mut out.wanted_wait));
            if self.unless_closing(tokio::time::sleep(wait_now)).await.is_none() {
                return Ok(());
            }
            out.trouble = None;
            if let Some(why) = self.held_back() {
                self.end(End::Offline(why));
                return Ok(());
            }
            let looked = self.unless_given_up(self.look(api, batch, out, &mut source)).await;
            // What it had begun to keep is kept, and the rest fetched again.
            let Some(has_news) = looked.transpose()? else { return Ok(()) };
            wait = if has_news { rules.look_first } else { (wait * 2).clamp(rules.look_first, rules.look_max) };
        }
    }

    async fn hand_over<'w>(&'w self, api: &dyn BatchApi, mut part: Part, out: &mut Out<'w>) -> Result<HandedOver> {
        if let Some(why) = self.held_back() {
            self.end(End::Offline(why));
            return Ok(HandedOver::No);
        }
        let room = match self.budget.as_ref().map(|budget| budget.take_for_batch(part.most_picos)).transpose() {
            Ok(room) => room,
            // What is out may cost less than is set aside for it.
            Err(Short::Wait(_)) => {
                out.trouble = Some("What is left to spend is reserved for what is out.".to_owned());
                return Ok(HandedOver::Later(part));
            }
            Err(Short::Never(shortage)) => {
                self.end(End::Short(shortage));
                return Ok(HandedOver::No);
            }
        };
        let (run_key, requests, most_picos) = (self.run.key, part.requests.clone(), part.most_picos);
        let row = self
            .engine
            .blocking(move |inner| {
                let now = clock::now();
                let new = touchstone_store::NewBatch { run_key, requests: &requests, most_picos, now: &now };
                Ok(inner.store.insert_batch(&new)?)
            })
            .await?;
        let key = row.key;
        part.batch.name = self.batch_name(&row);
        out.batches.push(row);
        out.rooms.extend(room.map(|room| (key, room)));
        let Some(submitted) = self.unless_given_up(api.submit(&part.batch)).await else { return Ok(HandedOver::No) };
        let error = match submitted {
            Ok(id) => {
                self.identify(key, id, clock::now(), out).await?;
                return Ok(HandedOver::Yes);
            }
            Err(error) => error,
        };
        if is_uncertain(&error) {
            out.note(&error);
            return Ok(HandedOver::Yes);
        }
        self.void(key, out).await?;
        if matches!(error.kind, ChatErrorKind::RateLimited | ChatErrorKind::Overloaded) {
            out.note(&error);
            return Ok(HandedOver::Later(part));
        }
        self.end(End::Paused(error.message));
        Ok(HandedOver::No)
    }

    /// Looks at everything that is out. Gives back whether anything came of it.
    async fn look<'w>(
        &'w self,
        api: &dyn BatchApi,
        batch: &Batching,
        out: &mut Out<'w>,
        source: &mut Source,
    ) -> Result<bool> {
        let mut has_news = false;
        for row in out.batches.clone().iter().filter(|row| row.vendor_id.is_none()) {
            match self.look_for(api, batch, row, out, source).await? {
                Ok(is_news) => has_news |= is_news,
                Err(error) => self.met(error, out),
            }
        }
        for row in &out.batches.clone() {
            let Some(id) = &row.vendor_id else { continue };
            match self.look_at(api, row, id, out).await? {
                Ok(is_news) => has_news |= is_news,
                Err(error) if error.vendor.status == Some(404) => {
                    self.void(row.key, out).await?;
                    let words =
                        "does not know the batch any more. What it had answered cannot be fetched; resume to ask";
                    self.end(End::Paused(format!("{} {words} anew.", self.about.provider.label())));
                }
                Err(error) => self.met(error, out),
            }
        }
        Ok(has_news)
    }

    /// The vendor did not say where a batch stands: it is looked at again, if that may help.
    fn met(&self, error: ChatError, out: &mut Out<'_>) {
        if error.is_retryable() { out.note(&error) } else { self.end(End::Paused(error.message)) }
    }

    /// Looks at a batch that the vendor has.
    async fn look_at<'w>(
        &'w self,
        api: &dyn BatchApi,
        row: &BatchRow,
        id: &str,
        out: &mut Out<'w>,
    ) -> Result<std::result::Result<bool, ChatError>> {
        let key = row.key;
        match api.status(id).await {
            Ok(BatchStatus::Working { done }) if done == row.done => Ok(Ok(false)),
            Ok(BatchStatus::Working { done }) => {
                self.engine.blocking(move |inner| Ok(inner.store.batch_counted(key, done)?)).await?;
                out.batches.iter_mut().filter(|row| row.key == key).for_each(|row| row.done = done);
                Ok(Ok(true))
            }
            Ok(BatchStatus::Failed(said)) => {
                self.void(key, out).await?;
                let to = self.about.provider.label();
                self.end(End::Paused(format!(
                    "{to} refused the batch, and asked nothing of it: “{}”. Resume to hand it over again.",
                    said.trim_end_matches('.')
                )));
                Ok(Ok(true))
            }
            Ok(BatchStatus::Ended) => self.merge(api, row, id, out).await,
            Err(error) => Ok(Err(error)),
        }
    }

    /// Looks for a batch of which it is not known whether the vendor has it.
    async fn look_for(
        &self,
        api: &dyn BatchApi,
        batch: &Batching,
        row: &BatchRow,
        out: &mut Out<'_>,
        source: &mut Source,
    ) -> Result<std::result::Result<bool, ChatError>> {
        let key = row.key;
        let hashes = self.engine.blocking(move |inner| Ok(inner.store.batch_hashes(key)?)).await?;
        let since = clock::later(&row.created_at, -CLOCKS_DIFFER_MS);
        let name = self.batch_name(row);
        match api.find(BatchMark { name: &name, since: &since, keys: &hashes }).await {
            Ok(Found::Id(id)) => {
                self.identify(key, id, row.created_at.clone(), out).await?;
                Ok(Ok(true))
            }
            Ok(Found::Nothing) => {
                let within = i64::try_from(batch.rules.listed_within.as_millis()).unwrap_or(i64::MAX);
                let is_over = clock::later(&row.created_at, within) <= clock::now();
                if is_over {
                    self.void(key, out).await?;
                    // Its tasks are handed over again.
                    source.begin_anew();
                }
                Ok(Ok(is_over))
            }
            Ok(Found::Undecided) => Ok(Ok(false)),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Asks the vendor to give up what is out, and keeps what came by then. Gives back why some of it goes on.
    async fn cancel<'w>(&'w self, api: &dyn BatchApi, batch: &Batching, out: &mut Out<'w>) -> Result<Option<String>> {
        *lock(&batch.words) = Some(self.canceling());
        let until = tokio::time::Instant::now() + batch.rules.cancel_within;
        let silence = || format!("{} did not answer.", self.about.provider.label());
        let mut source = Source::new(&self.run);
        // One whose id is not known is looked for first.
        let Ok(looked) = tokio::time::timeout_at(until, self.look(api, batch, out, &mut source)).await else {
            return Ok(Some(silence()));
        };
        looked?;
        let mut refused = Vec::new();
        for row in &out.batches {
            let Some(id) = &row.vendor_id else { continue };
            match tokio::time::timeout_at(until, api.cancel(id)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => refused.push((row.key, error.message)),
                Err(_) => refused.push((row.key, silence())),
            }
        }
        let mut wait = batch.rules.look_first.min(Duration::from_secs(1));
        // Those that had ended by then are fetched, whether or not they could be canceled.
        while let Ok(looked) = tokio::time::timeout_at(until, self.look(api, batch, out, &mut source)).await {
            looked?;
            if out.batches.iter().all(|row| refused.iter().any(|(key, _)| *key == row.key)) {
                break;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
        Ok(refused.into_iter().find(|(key, _)| out.batches.iter().any(|row| row.key == *key)).map(|(_, why)| why))
    }

    /// What the vendor shows a batch as.
    fn batch_name(&self, row: &BatchRow) -> String {
        format!("touchstone {} {}", self.run.id, row.part)
    }

    /// Keeps the vendor's id of a batch, and since when the vendor has it.
    async fn identify(&self, key: i64, id: String, since: String, out: &mut Out<'_>) -> Result<()> {
        out.batches.iter_mut().filter(|row| row.key == key).for_each(|row| row.vendor_id = Some(id.clone()));
        self.engine.blocking(move |inner| Ok(inner.store.batch_submitted(key, &id, &since)?)).await
    }

    /// Nothing of a batch was asked.
    async fn void(&self, key: i64, out: &mut Out<'_>) -> Result<()> {
        out.batches.retain(|row| row.key != key);
        out.rooms.remove(&key);
        self.engine.blocking(move |inner| Ok(inner.store.void_batch(key)?)).await
    }

    fn canceling(&self) -> String {
        format!("{} is giving up the batch. Resume to fetch what it had answered by then.", self.about.provider.label())
    }

    /// Says what the run waits for.
    async fn say(&self, batch: &Batching, out: &Out<'_>) {
        let mut words = None;
        if !out.batches.is_empty() {
            let id = self.run.id.clone();
            match self.engine.blocking(move |inner| Ok(inner.store.run(&id)?)).await {
                Ok(row) => words = row.batch.map(|sums| waiting(self.about.provider, &sums)),
                Err(error) => return tracing::warn!(%error, "reading where the batches of a run stand"),
            }
        }
        let words: Vec<_> = words.into_iter().chain(out.trouble.clone()).collect();
        *lock(&batch.words) = Some(words.join(" ")).filter(|words| !words.is_empty());
    }
}

/// Whether the vendor may have taken what was handed over, although it did not say so.
fn is_uncertain(error: &ChatError) -> bool {
    use ChatErrorKind::{Malformed, Network, Offline, ServerError, Timeout};
    matches!(error.kind, Malformed | Network | Offline | ServerError | Timeout)
}

/// “Waiting for the batch at OpenAI: 40 of 120 requests are done. It was handed over on 2026-11-28 at 18:00 UTC, and is ready
/// within 24 hours of that.”
pub(crate) fn waiting(provider: Provider, sums: &touchstone_store::BatchSums) -> String {
    let (to, requests) = (provider.label(), sums.requests);
    let what = if sums.open == 1 { "the batch".to_owned() } else { format!("{} batches", sums.open) };
    let since = match sums.submitted_at.as_deref().and_then(|at| Some((at.get(..10)?, at.get(11..16)?))) {
        Some((day, time)) => format!("handed over on {day} at {time} UTC, ready within 24 hours"),
        None => "being handed over".to_owned(),
    };
    format!("Waiting for {what} at {to} ({since}); {} of {requests} requests are done.", sums.done)
}

/// Refuses, in words, what cannot be asked by batch.
pub(crate) fn check_batch(model: &dyn ChatModel, content: &PromptContent, config: &Config) -> Result<()> {
    let provider = content.provider;
    // Without its account, Vertex AI is looked at in Gemini's place, which takes batches.
    let why = if model.batches().is_none() || model.provider() != provider {
        match provider {
            Provider::AzureOpenAi => {
                format!(
                    "Azure OpenAI answers batches by a deployment of their own; enter its name, {}",
                    where_to("edit")
                )
            }
            _ => format!("{} takes no batches; run it online", provider.label()),
        }
    } else if !media_fields(content, config).is_empty() {
        "a prompt that shows pictures or documents runs online: files are too large for a batch".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::invalid_field("batch", why))
}
