//! Several runs at once: one for each version, model and repetition that was chosen.
//!
//! They are runs like any other, and those of one connection go one after the other (`runs/queue.rs`); each is paused,
//! resumed, counted and paid for by itself. Here they are refused or made together, and estimated together.

use super::estimate::Known;
use super::start::{Made, Ready, start};
use super::{EstimateBasis, EstimatedCost, NewRun, RunEstimate, Span, StartedRun, estimate};
use crate::{Changed, Engine, Error, Inner, Result};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use touchstone_domain::ConnectionId;

/// Runs that are started at once, at most.
const TOGETHER_MAX: usize = 50;

impl Engine {
    /// Starts each of these runs, in this order; see [`Self::start_run`]. Unless all of them can be made, none is. `tasks` is a
    /// file of the ids of the tasks of a custom subset, one a line or as a JSON list.
    pub async fn start_runs(&self, runs: Vec<NewRun>, tasks: Option<PathBuf>) -> Result<Vec<StartedRun>> {
        let made = self
            .blocking(move |inner| {
                let ready = ready(inner, &runs, tasks.as_deref())?;
                start(inner, &runs, ready)
            })
            .await?;
        if let Some(Made { prompt_id, .. }) = made.iter().find(|made| made.started.saved_version) {
            self.changed(Changed::Prompt { prompt_id: prompt_id.clone() });
            self.changed(Changed::Prompts);
        }
        let mut started = Vec::with_capacity(made.len());
        for made in made {
            match made.setup {
                Some(setup) => self.launch(setup),
                None => {
                    self.attend_queue();
                    self.changed(Changed::Runs { prompt_id: made.prompt_id });
                }
            }
            started.push(made.started);
        }
        Ok(started)
    }

    /// What all of these runs would take; a task counts once for each run that covers it. Refused in the words in which
    /// they would be.
    pub async fn estimate_runs(&self, runs: Vec<NewRun>, tasks: Option<PathBuf>) -> Result<RunEstimate> {
        self.blocking(move |inner| Ok(sum(&look_at_all(inner, &runs, tasks.as_deref())?))).await
    }
}

/// Looks at all of these runs for an estimate.
pub(super) fn look_at_all(inner: &Inner, runs: &[NewRun], tasks: Option<&Path>) -> Result<Vec<Known>> {
    check_number(runs)?;
    let together = u32::try_from(runs.len()).unwrap_or(u32::MAX);
    runs.iter().map(|run| estimate::look(inner, run, tasks, together)).collect()
}

/// What several runs take together.
pub(super) fn sum(runs: &[Known]) -> RunEstimate {
    sum_of(&runs.iter().map(|run| (run.connection.id.clone(), run.estimate())).collect::<Vec<_>>())
}

fn check_number(runs: &[NewRun]) -> Result<()> {
    match runs.len() {
        0 => Err(Error::invalid("choose what to run")),
        1..=TOGETHER_MAX => Ok(()),
        many => Err(Error::invalid(format!("these are {many} runs; choose at most {TOGETHER_MAX}"))),
    }
}

/// All of them, checked; the first that cannot be started refuses all.
fn ready(inner: &Inner, runs: &[NewRun], tasks: Option<&Path>) -> Result<Vec<Ready>> {
    check_number(runs)?;
    let mut known = HashSet::new();
    let mut each = Vec::with_capacity(runs.len());
    for run in runs {
        let ready = Ready::of(inner, run, tasks)?;
        let Ready { plan, content, connection, .. } = &ready;
        let version = plan.version.as_ref().map(|version| version.number);
        let repetition = run.repetition.map_or(1, |repetition| repetition.number);
        let asked = (version, connection.id.clone(), content.model.clone(), repetition);
        if !known.insert(asked.clone()) {
            let (version, _, model, _) = asked;
            let version = version.map_or("the draft".to_owned(), |number| format!("version {number}"));
            return Err(Error::invalid(format!("{version} with {model} was chosen twice")));
        }
        each.push(ready);
    }
    Ok(each)
}

/// What is not known of one is not known of all, and they rest on the weakest basis.
fn sum_of(estimates: &[(ConnectionId, RunEstimate)]) -> RunEstimate {
    let each = || estimates.iter().map(|(_, estimate)| estimate);
    let count = |of: fn(&RunEstimate) -> u32| each().map(of).fold(0, u32::saturating_add);
    let basis = each().map(|estimate| estimate.basis).max_by_key(|basis| doubt(*basis));
    RunEstimate {
        tasks: count(|estimate| estimate.tasks),
        owned: count(|estimate| estimate.owned),
        unaskable: count(|estimate| estimate.unaskable),
        with_media: count(|estimate| estimate.with_media),
        requests: count(|estimate| estimate.requests),
        looked_at: count(|estimate| estimate.looked_at),
        input_tokens: each().map(|estimate| estimate.input_tokens).fold(Span::default(), plus),
        output_tokens: each().try_fold(Span::default(), |sum, estimate| Some(plus(sum, estimate.output_tokens?))),
        cost: each().map(|estimate| estimate.cost).reduce(costs).unwrap_or(EstimatedCost::Free),
        is_assumed_free: each().any(|estimate| estimate.is_assumed_free),
        time_ms: time(estimates),
        basis: basis.unwrap_or(EstimateBasis::RuleOfThumb),
        refused: each().find_map(|estimate| estimate.refused.clone()),
        short: each().find_map(|estimate| estimate.short.clone()),
        batch_refused: each().find_map(|estimate| estimate.batch_refused.clone()),
    }
}

fn plus(one: Span, other: Span) -> Span {
    Span { low: one.low.saturating_add(other.low), high: one.high.saturating_add(other.high) }
}

fn costs(one: EstimatedCost, other: EstimatedCost) -> EstimatedCost {
    use EstimatedCost::{Free, Known, Unknown};
    match (one, other) {
        (Unknown { why }, _) | (_, Unknown { why }) => Unknown { why },
        (Free, Free) => Free,
        (Free, known @ Known { .. }) | (known @ Known { .. }, Free) => known,
        (Known { micros, batch_micros }, Known { micros: more, batch_micros: more_by_batch }) => Known {
            micros: plus(micros, more),
            batch_micros: batch_micros.zip(more_by_batch).map(|(one, other)| plus(one, other)),
        },
    }
}

/// Runs of one connection share what it allows, and take their times one after the other; others do not wait for them.
fn time(estimates: &[(ConnectionId, RunEstimate)]) -> Option<Span> {
    let mut by_connection: HashMap<&ConnectionId, Span> = HashMap::new();
    for (connection, estimate) in estimates {
        let sum = by_connection.entry(connection).or_default();
        *sum = plus(*sum, estimate.time_ms?);
    }
    by_connection
        .into_values()
        .reduce(|one, other| Span { low: one.low.max(other.low), high: one.high.max(other.high) })
}

/// The better a basis the less, and the more answers it has.
fn doubt(basis: EstimateBasis) -> (u32, std::cmp::Reverse<u32>) {
    let (rank, answers) = match basis {
        EstimateBasis::Version { answers } => (0, answers),
        EstimateBasis::Pilot { tasks } => (1, tasks),
        EstimateBasis::Prompt { answers } => (2, answers),
        EstimateBasis::Model { answers } => (3, answers),
        EstimateBasis::Counted { tasks, .. } => (4, tasks),
        EstimateBasis::RuleOfThumb => (5, 0),
    };
    (rank, std::cmp::Reverse(answers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::CostUnknown;

    fn estimate(cost: EstimatedCost, time_ms: Option<u64>, basis: EstimateBasis) -> RunEstimate {
        let span = |amount| Span { low: amount, high: 2 * amount };
        RunEstimate {
            tasks: 10,
            owned: 4,
            unaskable: 0,
            with_media: 0,
            requests: 6,
            looked_at: 10,
            input_tokens: span(100),
            output_tokens: Some(span(20)),
            cost,
            is_assumed_free: cost == EstimatedCost::Free,
            time_ms: time_ms.map(span),
            basis,
            refused: None,
            short: None,
            batch_refused: None,
        }
    }

    fn of(connection: &str, estimate: RunEstimate) -> (ConnectionId, RunEstimate) {
        (ConnectionId(connection.to_owned()), estimate)
    }

    #[test]
    fn runs_of_one_connection_wait_for_each_other_and_those_of_another_do_not() {
        let known = |low, high| EstimatedCost::Known { micros: Span { low, high }, batch_micros: None };
        let by = EstimateBasis::Version { answers: 9 };
        let all = sum_of(&[
            of("a", estimate(known(5, 7), Some(1_000), by)),
            of("a", estimate(known(1, 2), Some(500), EstimateBasis::RuleOfThumb)),
            of("b", estimate(EstimatedCost::Free, Some(1_200), by)),
        ]);
        assert_eq!((all.tasks, all.owned, all.requests), (30, 12, 18));
        assert_eq!((all.input_tokens, all.cost), (Span { low: 300, high: 600 }, known(6, 9)));
        assert!(all.is_assumed_free, "of one of them it is not sure that it costs nothing");
        assert_eq!(all.time_ms, Some(Span { low: 1_500, high: 3_000 }), "b is done by then");
        assert_eq!(all.basis, EstimateBasis::RuleOfThumb, "the sum is no better than the worst of it");
    }

    #[test]
    fn what_is_not_known_of_one_is_not_known_of_all() {
        let unknown = EstimatedCost::Unknown { why: CostUnknown::Price };
        let by = EstimateBasis::Pilot { tasks: 20 };
        let all = sum_of(&[
            of("a", estimate(EstimatedCost::Free, Some(1_000), by)),
            of("b", RunEstimate { output_tokens: None, ..estimate(unknown, None, by) }),
        ]);
        assert_eq!((all.cost, all.time_ms, all.output_tokens), (unknown, None, None));
    }
}
