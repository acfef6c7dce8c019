//! What earlier runs tell of a run: how many tokens its requests and answers have, and how long it takes.

use super::count::Counted;
use super::{EstimateBasis, Span};
use crate::projects::stored_config;
use crate::requests::{BYTES_PER_TOKEN, Template};
use crate::tasks::stored_data;
use crate::versions::parsed;
use crate::{Inner, Result};
use touchstone_domain::ConnectionId;
use touchstone_domain::prompt::{PromptContent, Provider};
use touchstone_domain::run::{SAMPLE_TASKS, Subset};
use touchstone_store::{AskedRun, PromptRow};

/// Earlier runs that are looked at.
const RUNS_MAX: u32 = 30;

/// Tasks of them whose tokens are looked at.
const ANSWERS_MAX: u32 = 200;

/// Runs whose pace is compared.
const PACES_MAX: usize = 5;

/// Such a run may be faster or slower than any before it.
const PACE_SLACK: f64 = 1.25;

/// By rule of thumb, requests have between so much and so much of one token for [`BYTES_PER_TOKEN`] bytes: tokenizers
/// differ, and so do languages.
const THUMB: (f64, f64) = (0.7, 1.5);

/// The 90th percentile of a normal distribution, and what few answers add to it. Approximates Student's distribution from
/// above.
const SPREAD: (f64, f64) = (1.282, 1.8);

/// What a single answer says of a sum, as a share of it: few that are alike may be so by chance.
const HUMILITY: f64 = 0.3;

/// What earlier runs took.
pub(super) struct Learned {
    pub basis: EstimateBasis,
    answers: Vec<Answer>,
    /// Of the input, what was read from a cache; of this version only.
    pub cached_share: f64,
    /// How long a task takes at the fastest and at the slowest, in milliseconds.
    pace: Option<(f64, f64)>,
}

/// What the requests about one task came to.
#[derive(Clone, Copy, Debug)]
struct Answer {
    /// Of its first request.
    weight: f64,
    input: f64,
    output: f64,
    cached_share: f64,
}

impl Learned {
    /// What runs of the model that `content` asks took.
    pub(super) fn of(
        inner: &Inner,
        content: &PromptContent,
        version_key: Option<i64>,
        prompt: &PromptRow,
        connection: &ConnectionId,
    ) -> Result<Self> {
        let model = (content.provider.as_str(), content.model.as_str());
        let runs = inner.store.asked_runs(model, version_key, prompt.key, RUNS_MAX)?;
        let pace = pace(runs.iter().filter(|run| run.connection_id == *connection));
        let is_of_version = |run: &AskedRun| Some(run.version_key) == version_key;
        let is_of_prompt = |run: &AskedRun| run.prompt_key == prompt.key;
        type Which<'w> = &'w dyn Fn(&AskedRun) -> bool;
        type Called = fn(u32) -> EstimateBasis;
        let tiers: [(Which<'_>, Called); 3] = [
            (&is_of_version, |answers| EstimateBasis::Version { answers }),
            (&is_of_prompt, |answers| EstimateBasis::Prompt { answers }),
            (&|_| true, |answers| EstimateBasis::Model { answers }),
        ];
        for (which, called) in tiers {
            let runs: Vec<_> = runs.iter().filter(|run| which(run)).collect();
            let mut answers = Vec::new();
            for run in &runs {
                let room = ANSWERS_MAX - u32::try_from(answers.len()).unwrap_or(ANSWERS_MAX);
                if room == 0 {
                    break;
                }
                answers.extend(answers_of(inner, run, room)?);
            }
            if answers.is_empty() {
                continue;
            }
            let mut basis = called(u32::try_from(answers.len()).unwrap_or(u32::MAX));
            let is_version = matches!(basis, EstimateBasis::Version { .. });
            if let [run] = runs.as_slice()
                && is_version
                && matches!(run.subset, Subset::Sample { tasks, .. } if tasks <= SAMPLE_TASKS)
            {
                basis = EstimateBasis::Pilot { tasks: run.done };
            }
            let cached_share = if is_version { mean(answers.iter().map(|answer| answer.cached_share)) } else { 0.0 };
            return Ok(Self { basis, answers, cached_share, pace });
        }
        Ok(Self { basis: EstimateBasis::RuleOfThumb, answers: Vec::new(), cached_share: 0.0, pace })
    }

    /// Where nothing better is known: with the tokens that a vendor counts for some requests, beside their weights.
    pub(super) fn count(&mut self, by: Provider, counts: &[(u64, u32)]) {
        if counts.is_empty() || self.basis != EstimateBasis::RuleOfThumb {
            return;
        }
        self.basis = EstimateBasis::Counted { tasks: u32::try_from(counts.len()).unwrap_or(u32::MAX), by };
        let answer = |&(weight, tokens): &(u64, u32)| Answer {
            weight: weight as f64,
            input: tokens.into(),
            output: 0.0,
            cached_share: 0.0,
        };
        self.answers = counts.iter().map(answer).collect();
    }

    /// Tokens of input of all requests, with what is asked again.
    pub(super) fn input(&self, counted: &Counted) -> Span {
        let weight = counted.weight as f64;
        let ratios = || self.answers.iter().map(|answer| answer.input / answer.weight);
        match self.basis {
            EstimateBasis::RuleOfThumb => {
                let tokens = weight / BYTES_PER_TOKEN as f64;
                Span::around(tokens * THUMB.0, tokens * THUMB.1)
            }
            EstimateBasis::Pilot { .. } | EstimateBasis::Version { .. } | EstimateBasis::Counted { .. } => {
                let sum = |value: fn(&Answer) -> f64| self.answers.iter().map(value).sum::<f64>();
                let ratio = sum(|answer| answer.input) / sum(|answer| answer.weight);
                let off = self.answers.iter().map(|answer| answer.input - ratio * answer.weight);
                self.around(weight * ratio, deviation(off), counted.requests)
            }
            EstimateBasis::Prompt { .. } | EstimateBasis::Model { .. } => {
                let (low, high) = most_of(ratios());
                Span::around(weight * low, weight * high)
            }
        }
    }

    /// Tokens of output of so many requests, with what is asked again; `by_schema` is what one can have where no answer says
    /// more.
    pub(super) fn output(&self, requests: u32, by_schema: (u64, Option<u64>)) -> Option<Span> {
        let outputs = || self.answers.iter().map(|answer| answer.output);
        let count = f64::from(requests);
        Some(match self.basis {
            EstimateBasis::RuleOfThumb | EstimateBasis::Counted { .. } => {
                let (low, high) = (by_schema.0, by_schema.1?);
                let all = |tokens: u64| tokens.saturating_mul(requests.into());
                Span { low: all(low.min(high)), high: all(high) }
            }
            EstimateBasis::Pilot { .. } | EstimateBasis::Version { .. } => {
                self.around(mean(outputs()) * count, deviation(outputs()), requests)
            }
            EstimateBasis::Prompt { .. } | EstimateBasis::Model { .. } => {
                let (low, high) = most_of(outputs());
                Span::around(low * count, high * count)
            }
        })
    }

    /// How long so many requests take.
    pub(super) fn time_ms(&self, requests: u32) -> Option<Span> {
        let (fastest, slowest) = self.pace?;
        let count = f64::from(requests);
        Some(Span::around(count * fastest / PACE_SLACK, count * slowest * PACE_SLACK))
    }

    /// Around a sum of so many that each deviate by so much, as the mean of the answers does too.
    fn around(&self, sum: f64, deviation: f64, count: u32) -> Span {
        if count == 0 {
            return Span::default();
        }
        let (known, wanted) = (self.answers.len() as f64, f64::from(count));
        let spread = SPREAD.0 + SPREAD.1 / (known - 1.0).max(1.0);
        let half = spread * deviation * wanted * (1.0 / known + 1.0 / wanted).sqrt();
        let half = half.max(sum * HUMILITY / known.sqrt());
        Span::around(sum - half, sum + half)
    }
}

/// What up to `limit` tasks of a run took.
fn answers_of(inner: &Inner, run: &AskedRun, limit: u32) -> Result<Vec<Answer>> {
    let config = stored_config(&inner.store.project_by_key(run.project_key)?)?;
    let template = Template::new(parsed(&run.version_content)?, &config, None, Vec::new());
    let mut answers = Vec::new();
    for usage in inner.store.task_usage(run.key, limit)? {
        let data = stored_data(&usage.data);
        let schema = config.for_task(&data).prompt_schema(template.capabilities()).into();
        let Ok(filled) = template.filled(&schema, &data) else { continue };
        let last_input = usage.last_prompt_tokens.filter(|tokens| *tokens > 0).map(f64::from);
        let cached = usage.cached_tokens.map(f64::from);
        answers.push(Answer {
            weight: filled.weight() as f64,
            input: usage.prompt_tokens.into(),
            output: usage.completion_tokens.into(),
            cached_share: cached.zip(last_input).map_or(0.0, |(cached, input)| (cached / input).min(1.0)),
        });
    }
    Ok(answers)
}

/// How long a task took in the fastest and in the slowest of the runs that asked most.
fn pace<'r>(runs: impl Iterator<Item = &'r AskedRun>) -> Option<(f64, f64)> {
    let mut runs: Vec<_> = runs.filter(|run| run.wall_ms > 0 && run.asked > 0).collect();
    runs.sort_by_key(|run| std::cmp::Reverse(run.asked));
    let paces = runs.iter().take(PACES_MAX).map(|run| run.wall_ms as f64 / f64::from(run.asked));
    paces.fold(None, |known: Option<(f64, f64)>, pace| {
        Some(known.map_or((pace, pace), |(fastest, slowest)| (fastest.min(pace), slowest.max(pace))))
    })
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}

/// The standard deviation of a population that these are a sample of; 0 for a single one.
fn deviation(values: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let (count, mean) = (values.len() as f64, mean(values.clone()));
    let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
    (squares / (count - 1.0).max(1.0)).sqrt()
}

/// The 10th and the 90th percentile of these, and no less than their mean lies between: few long ones weigh more than
/// many short ones.
fn most_of(values: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, f64) {
    let mean = mean(values.clone());
    let mut sorted: Vec<_> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted.get(((sorted.len() - 1) as f64 * share).round() as usize).copied().unwrap_or(mean);
    (at(0.1).min(mean), at(0.9).max(mean))
}
