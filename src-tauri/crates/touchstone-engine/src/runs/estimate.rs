//! What a run would take if it were started now: requests, tokens, money and time. Nothing is made or sent for it, and
//! neither keys nor media are read, but where somebody waits for the vendor's own count of the tokens of a few tasks.
//!
//! `estimate/count.rs` looks at the tasks, `learn.rs` at what earlier runs took, and where there are none `vendor.rs`
//! asks the vendor for how long requests are, and `lengths.rs` looks at the schema for how long answers can get. Every
//! amount is a range: from the 10th to the 90th percentile of what such a run comes to, as far as the earlier answers
//! tell, or, by rule of thumb, from the least that is likely to the most that is possible.

mod count;
mod learn;
mod lengths;
mod vendor;

use super::NewRun;
use super::budget::Money;
use super::start::{Plan, repetition};
use super::worker;
use crate::connections::{ConnectionSettings, Pricing, known_model, lengths, model_without_secrets, provider};
use crate::dollars::micros_up;
use crate::requests::{Template, bare_body};
use crate::{Engine, Error, Inner, Result};
use count::{Counted, Look, Sample};
use learn::Learned;
use serde::Serialize;
use serde_json::Value;
use specta::Type;
use std::path::Path;
use touchstone_domain::json::Json;
use touchstone_domain::prompt::{PromptContent, Provider};
use touchstone_providers::{Usage, output_tokens_max};
use touchstone_store::{ConnectionRow, RunRow};
pub(crate) use vendor::Counts;

/// From the least to the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Type)]
pub struct Span {
    #[specta(type = f64)]
    pub low: u64,
    #[specta(type = f64)]
    pub high: u64,
}

impl Span {
    /// Between two amounts, whichever is less, in whole numbers around them.
    fn around(one: f64, other: f64) -> Self {
        Self { low: one.min(other).max(0.0).floor() as u64, high: one.max(other).max(0.0).ceil() as u64 }
    }
}

/// What a run would take.
#[derive(Clone, Debug, Serialize, Type)]
pub struct RunEstimate {
    /// Tasks that it covers.
    pub tasks: u32,
    /// Those of them whose answer is owned already. Where `looked_at` is less than `tasks`, this and the next three are
    /// concluded from those tasks, which lie evenly among all.
    pub owned: u32,
    /// Those that cannot be asked: they have no value for a variable, or nothing to choose from.
    pub unaskable: u32,
    /// Those that show pictures or documents. Files are not read for an estimate: such an answer is taken for owned where an
    /// earlier run of the same version has one.
    pub with_media: u32,
    /// Requests that would be sent, without what is asked again; tasks with the same request share one.
    pub requests: u32,
    pub looked_at: u32,
    pub input_tokens: Span,
    /// With what the model thinks. `None` where nobody says how long an answer can get.
    pub output_tokens: Option<Span>,
    pub cost: EstimatedCost,
    /// Some of it counts as free because it is asked on this computer, where what answers may pass requests on to a service
    /// that is paid.
    pub is_assumed_free: bool,
    /// By the pace of earlier runs of the same model through the same connection; `None` without any.
    pub time_ms: Option<Span>,
    pub basis: EstimateBasis,
    /// Why such a run would be refused: it has a limit of money that could not be kept. In words, those of the refusal.
    pub refused: Option<String>,
    /// That its limit of money cannot pay for the dearest of its requests, and what to do, in words: it would pause there.
    pub short: Option<String>,
    /// Why it would be refused as a batch, in words; `None` where the vendor takes it.
    pub batch_refused: Option<String>,
}

/// In millionths of a dollar, all calls together and then rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EstimatedCost {
    /// It is asked on this computer.
    Free,
    Known {
        micros: Span,
        /// What the vendor takes for the same in a batch; `None` where it takes none, or has no such price.
        batch_micros: Option<Span>,
    },
    /// Which is not nothing.
    Unknown { why: CostUnknown },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CostUnknown {
    /// Nobody says what the model costs.
    Price,
    /// Only its name says which model it is.
    Model,
    /// Nobody says how long an answer can get, and there is none yet.
    AnswerLength,
}

/// What tokens and cost are concluded from, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EstimateBasis {
    /// One run of this version over a small sample of so many tasks.
    Pilot { tasks: u32 },
    /// So many answers of earlier runs of this version.
    Version { answers: u32 },
    /// So many answers to other versions of the prompt by the same model.
    Prompt { answers: u32 },
    /// So many answers of the same model to other prompts.
    Model { answers: u32 },
    /// The vendor's count of the input of so many tasks, and what the schema and the model's limits let answers be.
    Counted { tasks: u32, by: Provider },
    /// The lengths of the requests, and what the schema and the model's limits let answers be.
    RuleOfThumb,
}

impl Engine {
    /// What such a run would take if it were started now. Refused in the words in which the run would be.
    pub async fn estimate_run(&self, run: NewRun) -> Result<RunEstimate> {
        self.estimate_runs(vec![run], None).await
    }
}

/// What is known of a run before it is started.
pub(super) struct Known {
    pub connection: ConnectionRow,
    counted: Counted,
    /// Some of its requests, for the vendor to count; empty where that is of no use, or the vendor does not.
    samples: Vec<Sample>,
    learned: Learned,
    /// How many tokens an answer can have at the least and at the most.
    by_schema: (u64, Option<u64>),
    pricing: Pricing,
    refused: Option<String>,
    short: Option<String>,
    batch_refused: Option<String>,
}

/// Looks at such a run. It is one of so many that are looked at while somebody waits.
pub(super) fn look(inner: &Inner, new: &NewRun, tasks: Option<&Path>, together: u32) -> Result<Known> {
    let plan = Plan::of(inner, new, tasks)?;
    let positions = inner.store.covered_positions(&plan.project, &plan.coverage(new))?;
    if positions.is_empty() {
        return Err(plan.nothing_to_run(new));
    }
    let (content, connection) = plan.asked(inner, new)?;
    let silenced = model_without_secrets(inner, &connection)
        .ok_or_else(|| Error::invalid(format!("“{}” cannot be asked as it is now", connection.name)))?;
    let settings = ConnectionSettings::of(&connection);
    let (money, refused) = kept(Money::of(inner, new.limit_micros, &connection, &content, &*silenced.model))?;
    let money = money.filter(Money::is_limited);
    let batch_refused = worker::check_batch(&*silenced.model, &content, &plan.config).err();
    let batch_refused = batch_refused.map(|error| error.to_string());
    let pricing = Pricing::of(&connection, &content.model);
    let most = lengths(&connection, &settings, &content.model).output;
    let bare = bare_body(&content, &*silenced.model);
    let most = output_tokens_max(&bare, most);
    let may_think = may_think(&connection, &settings, &content);

    let version_key = plan.version.as_ref().map(|version| version.key);
    let learned = Learned::of(inner, &content, version_key, &plan.prompt, &connection.id)?;
    let (structure, left_out) = (settings.structure(&content.model), settings.refused(&content.model));
    let template = Template::new(content, &plan.config, structure, left_out);
    let schema = plan.config.prompt_schema(template.capabilities());
    let by_schema = lengths::answer_tokens(&schema, may_think, most);
    let is_alike = |run: &&RunRow| {
        !new.ask_again && run.connection_id == connection.id && run.config_hash == plan.project.config_hash
    };
    let answered_in = plan.before.iter().filter(is_alike).map(|run| run.key).collect();
    let look = Look {
        inner,
        project: &plan.project,
        config: &plan.config,
        template: &template,
        asked: template.capabilities(),
        schema: schema.into(),
        silenced: &silenced,
        connection: &connection,
        repetition: repetition(inner, new)?.map_or(1, |repetition| repetition.number),
        answered_in,
        money: money.as_ref(),
        is_batch: new.batch,
    };
    let (counted, mut samples) = look.at(positions, together)?;
    let short = money.and_then(|money| {
        let with_media = (counted.with_media > 0).then(|| money.most(&bare, None, new.batch).ok()).flatten();
        let dearest = counted.dearest.into_iter().chain(with_media).max_by_key(|most| most.picos)?;
        money.shortage(inner, dearest).filter(|_| counted.requests > 0)
    });
    let is_of_use = learned.basis == EstimateBasis::RuleOfThumb && !pricing.is_free();
    if !is_of_use || !silenced.model.counts_tokens() {
        samples.clear();
    }
    Ok(Known { connection, counted, samples, learned, by_schema, pricing, refused, short, batch_refused })
}

impl Known {
    pub(super) fn estimate(&self) -> RunEstimate {
        let Self { counted, learned, .. } = self;
        let tokens = Tokens {
            requests: counted.requests,
            input: learned.input(counted),
            output: learned.output(counted.requests, self.by_schema),
            cached_share: learned.cached_share,
        };
        RunEstimate {
            tasks: counted.tasks,
            owned: counted.owned,
            unaskable: counted.unaskable,
            with_media: counted.with_media,
            requests: counted.requests,
            looked_at: counted.looked_at,
            input_tokens: tokens.input,
            output_tokens: tokens.output,
            cost: tokens.cost(&self.pricing, self.batch_refused.is_none()),
            is_assumed_free: self.pricing.is_assumed_free(),
            time_ms: learned.time_ms(counted.requests),
            basis: learned.basis,
            refused: self.refused.clone(),
            short: self.short.clone(),
            batch_refused: self.batch_refused.clone(),
        }
    }
}

/// What holds for the run, or why a limit could not be kept, if that is what stands in the way.
fn kept(money: Result<Option<Money>>) -> Result<(Option<Money>, Option<String>)> {
    match money {
        Ok(money) => Ok((money, None)),
        Err(error) if error.field() == Some("limit_micros") => Ok((None, Some(error.to_string()))),
        Err(error) => Err(error),
    }
}

/// Whether answers may hold more than what the schema asks for. Of a model that is not known this is not known either.
fn may_think(connection: &ConnectionRow, settings: &ConnectionSettings, content: &PromptContent) -> bool {
    let effort = content.invocation_params.get("reasoning_effort").map(Json::to_value);
    if provider(connection) == Provider::Practice || effort == Some(Value::from("none")) {
        return false;
    }
    let efforts = known_model(connection, settings, &content.model).and_then(|known| known.reasoning.as_ref());
    efforts.is_none_or(|efforts| !efforts.is_empty())
}

/// What all requests of a run come to.
struct Tokens {
    requests: u32,
    input: Span,
    output: Option<Span>,
    /// Of the input, what was read from a cache before, in [0, 1].
    cached_share: f64,
}

impl Tokens {
    fn cost(&self, pricing: &Pricing, takes_batches: bool) -> EstimatedCost {
        if pricing.is_free() {
            return EstimatedCost::Free;
        }
        if self.requests == 0 {
            return EstimatedCost::Known { micros: Span::default(), batch_micros: None };
        }
        let unknown = |why| EstimatedCost::Unknown { why };
        if pricing.is_guess() {
            return unknown(CostUnknown::Model);
        }
        if pricing.most_picos(1, 1, false).is_none() {
            return unknown(CostUnknown::Price);
        }
        let Some(output) = self.output else { return unknown(CostUnknown::AnswerLength) };
        match self.priced(pricing, output, false) {
            Some(micros) => {
                let batch_micros = if takes_batches { self.priced(pricing, output, true) } else { None };
                EstimatedCost::Known { micros, batch_micros }
            }
            None => unknown(CostUnknown::Price),
        }
    }

    /// At the least as much is read from a cache as before, at the most nothing. Each call is priced by itself, as it is
    /// when it is paid.
    fn priced(&self, pricing: &Pricing, output: Span, is_batch: bool) -> Option<Span> {
        let requests = u64::from(self.requests);
        let tokens = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let picos = |input: u64, output: u64, cached_share: f64| {
            let usage = Usage {
                prompt_tokens: Some(tokens(input)),
                completion_tokens: Some(tokens(output)),
                cached_tokens: Some(tokens((input as f64 * cached_share) as u64)),
                ..Usage::default()
            };
            Some(pricing.expected_picos(&usage, is_batch)?.saturating_mul(requests))
        };
        let (input_low, output_low) = (self.input.low / requests, output.low / requests);
        let high = picos(self.input.high.div_ceil(requests), output.high.div_ceil(requests), 0.0)?;
        let low = picos(input_low, output_low, self.cached_share).or_else(|| picos(input_low, output_low, 0.0))?;
        Some(Span { low: micros_up(low.min(high)), high: micros_up(high) })
    }
}

/// What `part` of the tasks that were looked at is of all.
fn of_all(part: u64, counted: (u32, u32)) -> u64 {
    let (looked_at, tasks) = (u128::from(counted.0.max(1)), u128::from(counted.1));
    u64::try_from((u128::from(part) * tasks + looked_at / 2) / looked_at).unwrap_or(u64::MAX)
}
