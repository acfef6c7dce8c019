//! Money: nothing is asked that could cost more than there is left.
//!
//! What a call costs is known when its reply is there. Before it is sent, the most that it can cost is reserved: its
//! whole request as tokens of one byte, and the longest answer that it allows. So a limit is never passed, whatever the
//! calls in flight come to; near it there are fewer of them. What a call that brought no answer cost is not known, and it
//! counts as the most until this program ends; so does one whose price is not known.
//!
//! A run has its own limit, its connection one for a day, and all runs together one for a day. The runs of this program
//! share what they reserve; what another program on the workspace paid is known a second later, and what it has in
//! flight is not.

use super::dollars;
use super::worker::Counted;
use crate::connections::{ConnectionSettings, Lengths, Pricing, lengths};
use crate::requests::bare_body;
use crate::runs::Turn;
use crate::settings::Settings;
use crate::{Engine, Error, Inner, Result, clock};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use touchstone_domain::ConnectionId;
use touchstone_domain::prompt::PromptContent;
use touchstone_providers::{ChatModel, Part, output_tokens_max};
use touchstone_store::ConnectionRow;

/// The purses of this program that its runs share, each for a day.
#[derive(Default)]
pub(super) struct Purses {
    connections: Mutex<HashMap<ConnectionId, Arc<Purse>>>,
    all: Arc<Purse>,
}

impl Purses {
    fn of(&self, connection: &ConnectionId) -> Arc<Purse> {
        let mut purses = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(purses.entry(connection.clone()).or_default())
    }
}

/// What was paid and what may yet have to be.
#[derive(Default)]
struct Purse {
    state: Mutex<Spent>,
    /// Something was given back, or a new day began.
    changed: Notify,
}

/// In millionths of a dollar.
#[derive(Default)]
struct Spent {
    /// In UTC; empty while it was never used.
    day: String,
    own: u64,
    others: u64,
    reserved: u64,
}

impl Spent {
    fn paid(&self) -> u64 {
        self.own.saturating_add(self.others)
    }
}

impl Purse {
    fn lock(&self) -> MutexGuard<'_, Spent> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the workspace knows to be paid on `day`.
    fn learn(&self, day: &str, own: u64, others: u64) {
        let mut spent = self.lock();
        if spent.day != day {
            day.clone_into(&mut spent.day);
            spent.own = 0;
        }
        // What this program paid may not be written down yet.
        spent.own = spent.own.max(own);
        spent.others = others;
        drop(spent);
        self.changed.notify_waiters();
    }
}

/// Who set a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Run,
    Connection,
    Day,
}

struct Bound {
    by: By,
    limit_micros: u64,
    purse: Arc<Purse>,
}

/// The limits of one run, and what a call of it can cost.
pub(super) struct Budget {
    bounds: Vec<Bound>,
    money: Money,
    /// Calls of this run that have something reserved.
    in_flight: Mutex<u32>,
    /// Calls of this run that wait for room.
    waiting: AtomicU32,
}

/// Room for one call, until it is known what it cost. Dropped without a word, it cost nothing.
pub(super) struct Reserved<'b> {
    budget: &'b Budget,
    micros: u64,
}

/// What a run may spend, and what its calls can cost.
pub(super) struct Money {
    /// Who set a limit, and how high, in millionths of a dollar.
    limits: Vec<(By, u64)>,
    connection_id: ConnectionId,
    connection_name: String,
    pricing: Pricing,
    lengths: Lengths,
}

impl Money {
    /// What holds for a run of `content` with a limit of its own; `None` if no limit does, or if it is free. Refused where it
    /// cannot be told what a call may cost.
    pub(super) fn of(
        inner: &Inner,
        limit_micros: Option<u64>,
        connection: &ConnectionRow,
        content: &PromptContent,
        model: &dyn ChatModel,
    ) -> Result<Option<Self>> {
        let settings = ConnectionSettings::of(connection);
        let by_day = Settings::read(inner)?.budget_micros;
        let limits = [(By::Run, limit_micros), (By::Connection, settings.budget_micros), (By::Day, by_day)];
        let limits: Vec<_> = limits.into_iter().filter_map(|(by, limit)| Some((by, limit?))).collect();
        let pricing = Pricing::of(connection, &content.model);
        let Some((by, _)) = limits.first().filter(|_| !matches!(pricing, Pricing::Free)) else { return Ok(None) };
        let limit = match by {
            By::Run => "a money stop".to_owned(),
            By::Connection => format!("the daily budget of “{}”", connection.name),
            By::Day => "the daily budget of the settings".to_owned(),
        };
        if pricing.most_micros(1, 1).is_none() {
            let words = format!(
                "the price of {} is not known, so {limit} could not be kept; enter its price in the API Keys window, or \
                 take the limit away",
                content.model
            );
            return Err(Error::invalid_field("limit_micros", words));
        }
        let lengths = lengths(connection, &settings, &content.model);
        if output_tokens_max(&bare_body(content, model)).or(lengths.output).is_none() {
            let words = format!(
                "it is not known how long an answer of {} can get, so {limit} could not be kept; set the parameter \
                 max_tokens, or take the limit away",
                content.model
            );
            return Err(Error::invalid_field("limit_micros", words));
        }
        Ok(Some(Self {
            limits,
            connection_id: connection.id.clone(),
            connection_name: connection.name.clone(),
            pricing,
            lengths,
        }))
    }
}

impl Budget {
    /// Of a run that has spent something already, or nothing.
    pub(super) fn new(inner: &Inner, money: Money, spent_micros: u64) -> Result<Self> {
        let purses = &inner.active.purses;
        let bounds = money.limits.iter().map(|(by, limit_micros)| {
            let purse = match by {
                By::Run => {
                    let own = Purse::default();
                    own.lock().others = spent_micros;
                    Arc::new(own)
                }
                By::Connection => purses.of(&money.connection_id),
                By::Day => Arc::clone(&purses.all),
            };
            Bound { by: *by, limit_micros: *limit_micros, purse }
        });
        let budget = Self { bounds: bounds.collect(), money, in_flight: Mutex::default(), waiting: AtomicU32::new(0) };
        budget.learn(inner)?;
        Ok(budget)
    }

    /// Looks at what was paid today, by whomever.
    fn learn(&self, inner: &Inner) -> Result<()> {
        let day = clock::today();
        let spending = inner.store.spending(&day, &inner.owner)?;
        for bound in &self.bounds {
            let counts = |id: &ConnectionId| bound.by == By::Day || *id == self.money.connection_id;
            let paid = spending.iter().filter(|spent| counts(&spent.connection_id));
            let (own, others) = paid.fold((0, 0), |(own, others), spent| {
                (spent.own_micros.saturating_add(own), spent.others_micros.saturating_add(others))
            });
            if bound.by != By::Run {
                bound.purse.learn(&day, own, others);
            }
        }
        Ok(())
    }

    /// The same, again and again while the run is at work.
    pub(super) async fn keep_up(self: &Arc<Self>, engine: &Engine) {
        let budget = Arc::clone(self);
        if let Err(error) = engine.blocking(move |inner| budget.learn(inner)).await {
            tracing::warn!(%error, "reading what was spent today");
        }
    }

    /// The most that a call can cost, in millionths of a dollar.
    fn most_micros(&self, turn: &Turn) -> Option<u64> {
        let is_text = |part: &Part| matches!(part, Part::Text(_));
        let is_all_text = turn.request.messages.iter().all(|message| message.content.iter().all(is_text));
        // No token is shorter than a byte; what pictures count is the vendor's affair, and fits into the context.
        let bytes = || u32::try_from(turn.body.to_string().len()).unwrap_or(u32::MAX);
        let input = if is_all_text {
            bytes().min(self.money.lengths.context.unwrap_or(u32::MAX))
        } else {
            self.money.lengths.context?
        };
        self.money.pricing.most_micros(input, output_tokens_max(&turn.body).or(self.money.lengths.output)?)
    }

    /// Waits until there is room for a call. An error says, in words, why there will be none.
    pub(super) async fn reserve(&self, turn: &Turn) -> std::result::Result<Reserved<'_>, String> {
        let Some(micros) = self.most_micros(turn) else {
            return Err(
                "It is not known how much a picture of this model costs at most, so the limit could not be kept. \
                        Take the limit away to go on."
                    .to_owned(),
            );
        };
        loop {
            // Listened to before anything is looked at, or what changes in between would be missed.
            let mut changes: Vec<_> =
                self.bounds.iter().map(|bound| Box::pin(bound.purse.changed.notified())).collect();
            for change in &mut changes {
                change.as_mut().enable();
            }
            let full = {
                let mut in_flight = self.in_flight();
                let Err(full) = self.try_reserve(micros) else {
                    *in_flight += 1;
                    return Ok(Reserved { budget: self, micros });
                };
                let bound = &self.bounds[full];
                let has_hope = bound.purse.lock().paid().saturating_add(micros) <= bound.limit_micros;
                // What is in flight comes home first: it is paid for.
                if !has_hope && *in_flight == 0 {
                    return Err(self.used_up(bound, micros));
                }
                full
            };
            let _waiting = Counted::new(&self.waiting);
            changes.swap_remove(full).await;
        }
    }

    fn in_flight(&self) -> MutexGuard<'_, u32> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves in every purse, or in none: then it says which one is too empty.
    fn try_reserve(&self, micros: u64) -> std::result::Result<(), usize> {
        for (index, bound) in self.bounds.iter().enumerate() {
            let mut spent = bound.purse.lock();
            let used = spent.paid().saturating_add(spent.reserved);
            if used.saturating_add(micros) > bound.limit_micros {
                drop(spent);
                self.give_back(&self.bounds[..index], micros);
                return Err(index);
            }
            spent.reserved += micros;
        }
        Ok(())
    }

    fn give_back(&self, bounds: &[Bound], micros: u64) {
        for bound in bounds {
            bound.purse.lock().reserved -= micros;
            bound.purse.changed.notify_waiters();
        }
    }

    fn used_up(&self, bound: &Bound, micros: u64) -> String {
        let (limit, paid) = (usd(bound.limit_micros), usd(bound.purse.lock().paid()));
        let next = format!("of which {paid} are spent, and the next answer may cost up to {}", usd(micros));
        match bound.by {
            By::Run => format!("The run may cost {limit}, {next}. Raise its money stop to go on."),
            By::Connection => format!(
                "“{}” may cost {limit} a day, {next}. Raise its budget in the API Keys window, or resume tomorrow (UTC).",
                self.money.connection_name
            ),
            By::Day => format!(
                "All runs together may cost {limit} a day, {next}. Raise the budget in the settings, or resume tomorrow \
                 (UTC)."
            ),
        }
    }

    /// Whether a call waits for what is reserved for others.
    pub(super) fn is_waited_for(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

impl Reserved<'_> {
    /// The call cost this; `None` if its price is not known, which is not nothing.
    pub(super) fn settle(self, cost_micros: Option<u64>) {
        let cost = cost_micros.unwrap_or(self.micros);
        for bound in &self.budget.bounds {
            let mut spent = bound.purse.lock();
            spent.own = spent.own.saturating_add(cost);
        }
    }

    /// It was sent, and nobody will say what it cost.
    pub(super) fn lose(self) {
        self.settle(None);
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        *self.budget.in_flight() -= 1;
        self.budget.give_back(&self.budget.bounds, self.micros);
    }
}

/// The most that any limit may say: a million dollars.
const LIMIT_MICROS_MAX: u64 = 1_000_000_000_000;

/// Refuses an amount that is no limit.
pub(crate) fn check_limit(field: &'static str, limit_micros: Option<u64>) -> Result<()> {
    match limit_micros {
        Some(limit) if !(1..=LIMIT_MICROS_MAX).contains(&limit) => {
            Err(Error::invalid_field(field, "enter more than $0 and at most $1,000,000"))
        }
        _ => Ok(()),
    }
}

/// An amount for people: whole cents, or as many digits as it takes.
pub(super) fn usd(micros: u64) -> String {
    if micros.is_multiple_of(10_000) {
        return format!("${:.2}", dollars(micros));
    }
    format!("${}", format!("{:.6}", dollars(micros)).trim_end_matches('0'))
}
