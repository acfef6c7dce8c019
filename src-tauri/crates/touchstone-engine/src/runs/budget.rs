//! Money: nothing is asked that could cost more than there is left.
//!
//! What a call costs is known when its reply is there. Before it is sent, the most that it can cost is reserved: its
//! whole request as tokens of one byte, and the longest answer that it allows. So a limit is never passed, whatever the
//! calls in flight come to; near it there are fewer of them. A server may count more than it was sent, as a gateway does that
//! adds words of its own: under a limit, the first call of a run goes alone, and by what its reply cost beyond the most, as by
//! that of each later one, those after it reserve more. What a call that brought no answer cost is not known, and it
//! counts as the most; so does one whose price is not known. That is written down with what became of its task
//! ([`Lost`]), so that it counts for every program and when the run goes on. What calls may cost is written down before they are
//! in flight, too: should their program be killed, nobody will say what became of them, and they count as the most.
//!
//! A run has its own limit, its connection one for a day, and all runs together one for a day; those of a day may be set
//! and changed while runs are at work. What tests of connections cost counts for the day too. The runs of this program share
//! what they reserve; what another program on the workspace paid is known a second later, and what it has in flight is not. A
//! batch that is out counts as the most that it can cost, whether or not any program is at work on it.

mod purses;

pub(super) use purses::Purses;

use super::worker::Counted;
use crate::connections::{ConnectionSettings, Lengths, Pricing, lengths, where_to};
use crate::dollars::{picos, usd};
use crate::requests::bare_body;
use crate::runs::Turn;
use crate::settings::Settings;
use crate::{Engine, Error, Inner, Result, clock};
use purses::{Paid, Purse, Spent};
use serde_json::Value;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use touchstone_domain::ConnectionId;
use touchstone_domain::prompt::{PromptContent, Provider};
use touchstone_domain::run::PauseCause;
use touchstone_providers::{ChatModel, Part, output_tokens_max};
use touchstone_store::{ConnectionRow, Lost, RunRow};

/// No limit, where one would stand.
const UNLIMITED: u64 = u64::MAX;

/// Who set a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Run,
    Connection,
    Day,
}

struct Bound {
    by: By,
    /// In picodollars, or [`UNLIMITED`].
    limit_picos: AtomicU64,
    purse: Arc<Purse>,
}

impl Bound {
    fn limit(&self) -> u64 {
        self.limit_picos.load(Ordering::Relaxed)
    }

    fn is_set(&self) -> bool {
        self.limit() != UNLIMITED
    }

    fn has_room(&self, spent: &Spent, picos: u64) -> bool {
        spent.gone().saturating_add(spent.reserved).saturating_add(picos) <= self.limit()
    }
}

/// Why there is no money for a call.
#[derive(Debug)]
pub(super) enum Short {
    /// So much is reserved for calls in flight, in picodollars, and may come back.
    Wait(u64),
    /// There will be none.
    Never(Shortage),
}

/// Why a run pauses for want of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shortage {
    pub words: String,
    /// Whose limit it is, where that decides where it is changed.
    pub cause: Option<PauseCause>,
}

/// What there is no money for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Answer {
        /// Most of what it can cost is for its length.
        is_long: bool,
    },
    /// To a question that finds out the form of answers, whose length is no matter of the version.
    Form,
    Batch,
}

/// The limits of one run, and what a call of it can cost.
pub(super) struct Budget {
    bounds: [Bound; 3],
    money: Money,
    /// Calls of this run that have something reserved.
    in_flight: Mutex<u32>,
    /// Calls of this run that wait for room.
    waiting: AtomicU32,
    /// What the first reply told; see [`First`].
    first: Mutex<First>,
    /// The most that a reply cost beyond the most that its call could cost by what was sent, in picodollars.
    beyond: AtomicU64,
    out: Mutex<Out>,
    /// Held while what may be in flight is written down, so that calls that begin together wait for one of them.
    writing: tokio::sync::Mutex<()>,
}

/// Calls of a run under a limit that are in flight, but for those of a batch, which is written down itself.
#[derive(Default)]
struct Out {
    calls: u32,
    /// The most that they can cost, in picodollars.
    picos: u64,
    written: Written,
}

/// What a run may have cost at the most, with so many calls in flight, should its program be killed.
#[derive(Clone, Copy, Default)]
struct Written {
    calls: u32,
    gone_max: u64,
}

/// The first call under a limit, which goes alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum First {
    #[default]
    Unasked,
    InFlight,
    /// It is known what a call comes to.
    Answered,
}

/// Room for one call, until it is known what it cost. Dropped without a word, it cost nothing.
pub(super) struct Reserved<'b> {
    budget: &'b Budget,
    picos: u64,
    /// The most that it can cost by what is sent, also where no limit is set and nothing is reserved; 0 where that is not known.
    most: u64,
    /// No other call of the run is in flight until it is known what this one cost.
    is_first: bool,
    /// It is one of the calls that are out.
    is_call: bool,
}

/// What a run may spend, and what its calls can cost.
pub(super) struct Money {
    limits: Limits,
    connection_id: ConnectionId,
    connection_name: String,
    pricing: Pricing,
    lengths: Lengths,
    /// Why no limit could be kept, and what to do, in words.
    unkept: Option<String>,
}

/// In picodollars; `None` where there is no limit.
#[derive(Clone, Copy)]
struct Limits {
    run: Option<u64>,
    connection: Option<u64>,
    day: Option<u64>,
}

impl Limits {
    fn of_a_day(inner: &Inner, connection: &ConnectionSettings) -> Result<Self> {
        let day = Settings::read(inner)?.budget_micros;
        Ok(Self { run: None, connection: connection.budget_micros.map(picos), day: day.map(picos) })
    }

    fn by(&self, by: By) -> Option<u64> {
        match by {
            By::Run => self.run,
            By::Connection => self.connection,
            By::Day => self.day,
        }
    }

    /// The first that is set, as it is called.
    fn named(&self, connection: &str) -> Option<String> {
        let named = [
            self.run.map(|_| "a money stop".to_owned()),
            self.connection.map(|_| format!("the daily budget of “{connection}”")),
            self.day.map(|_| "the daily budget of the settings".to_owned()),
        ];
        named.into_iter().flatten().next()
    }
}

impl Money {
    /// What holds for a run of `content` with a limit of its own; `None` if it is free. Refused where a limit is set and it
    /// cannot be told what a call may cost.
    pub(super) fn of(
        inner: &Inner,
        limit_micros: Option<u64>,
        connection: &ConnectionRow,
        content: &PromptContent,
        model: &dyn ChatModel,
    ) -> Result<Option<Self>> {
        let pricing = Pricing::of(connection, &content.model);
        if pricing.is_free() {
            return Ok(None);
        }
        let settings = ConnectionSettings::of(connection);
        let limits = Limits { run: limit_micros.map(picos), ..Limits::of_a_day(inner, &settings)? };
        let lengths = lengths(connection, &settings, &content.model);
        let asked = &content.model;
        let unkept = if pricing.most_picos(1, 1, false).is_none() {
            Some(if !pricing.is_guess() {
                format!("the price of {asked} is not known; enter it, {}, or", where_to("price"))
            } else if content.provider == Provider::AzureOpenAi {
                format!("only its name says which model {asked} is; enter its base model, {}, or", where_to("edit"))
            } else {
                format!("only its name says which model {asked} is; enter its price, {}, or", where_to("price"))
            })
        } else if output_tokens_max(&bare_body(content, model), lengths.output).is_none() {
            Some(format!("it is not known how long an answer of {asked} can get; set the parameter max_tokens, or"))
        } else {
            None
        };
        if let (Some(why), Some(limit)) = (&unkept, limits.named(&connection.name)) {
            let words = format!("{limit} could not be kept: {why} take the limit away");
            return Err(Error::invalid_field("limit_micros", words));
        }
        learn(inner, &connection.id, limits)?;
        Ok(Some(Self {
            limits,
            connection_id: connection.id.clone(),
            connection_name: connection.name.clone(),
            pricing,
            lengths,
            unkept,
        }))
    }

    /// The most that a call can cost which sends `body`, of so many bytes where it shows no files; in words why that is not
    /// known.
    pub(super) fn most(
        &self,
        body: &Value,
        length: Option<usize>,
        is_batch: bool,
    ) -> std::result::Result<Most, String> {
        if let Some(why) = &self.unkept {
            return Err(why.clone());
        }
        let context = self.lengths.context;
        // No token is shorter than a byte; what pictures count is the vendor's affair, and fits into the context.
        let bytes = |length| u32::try_from(length).unwrap_or(u32::MAX).min(context.unwrap_or(u32::MAX));
        let input = length.map(bytes).or(context);
        let input = input.ok_or("it is not known what a picture costs at most;")?;
        let output = output_tokens_max(body, self.lengths.output);
        let output = output.ok_or("it is not known how long an answer can get;")?;
        let picos = |output| self.pricing.most_picos(input, output, is_batch);
        let (most, sent) = picos(output).zip(picos(0)).ok_or("it is not known what such a call costs;")?;
        Ok(Most { picos: most, is_long: most / 2 > sent })
    }

    pub(super) fn is_limited(&self) -> bool {
        self.limits.run.or(self.limits.connection).or(self.limits.day).is_some()
    }

    /// That a run which is about to be started could not pay for its dearest call, and what to do, in words.
    pub(super) fn shortage(&self, inner: &Inner, dearest: Most) -> Option<String> {
        let purses = &inner.active.purses;
        let left = |limit: Option<u64>, purse: &Purse| limit.map(|limit| limit.saturating_sub(purse.lock().gone()));
        let of_connection = || purses.of_connection(&self.connection_id);
        let short = |left: &u64| *left < dearest.picos;
        let (of, raise) = if self.limits.run.as_ref().is_some_and(short) {
            ("than its money stop".to_owned(), "the stop")
        } else if let Some(left) = left(self.limits.connection, &of_connection()).filter(short) {
            (
                format!("than the {} that are left today of the budget of “{}”", usd(left), self.connection_name),
                "the budget",
            )
        } else if let Some(left) = left(self.limits.day, &purses.all).filter(short) {
            (format!("than the {} that are left today of the budget of all runs", usd(left)), "the budget")
        } else {
            return None;
        };
        let lower = if dearest.is_long { "set max_tokens (Max tokens) lower or " } else { "set " };
        Some(format!("one answer may cost up to {}, which is more {of}; {lower}{raise} higher", usd(dearest.picos)))
    }
}

/// The most that a call can cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Most {
    pub picos: u64,
    /// The greater part of it is for the longest answer that it allows.
    pub is_long: bool,
}

/// Looks at what was paid today, by whomever, where a limit of a day is set.
fn learn(inner: &Inner, connection: &ConnectionId, limits: Limits) -> Result<()> {
    if limits.connection.or(limits.day).is_none() {
        return Ok(());
    }
    let day = clock::today();
    let (mut own, mut others, mut out) = (Paid::default(), Paid::default(), 0_u64);
    let purses = &inner.active.purses;
    let mut of_connection = (Paid::default(), Paid::default(), 0);
    for spent in inner.store.spending(&day, &inner.owner)? {
        let by_own = Paid { picos: spent.own_picos, lost: spent.own_lost };
        let by_others = Paid { picos: spent.others_picos, lost: spent.others_lost };
        if spent.connection_id == *connection {
            of_connection = (by_own, by_others, spent.out_picos);
        }
        own = own.plus(by_own);
        others = others.plus(by_others);
        out = out.saturating_add(spent.out_picos);
    }
    let (of_own, of_others, of_out) = of_connection;
    purses.of_connection(connection).learn(&day, of_own, of_others, of_out);
    purses.all.learn(&day, own, others, out);
    Ok(())
}

/// What a test of a connection paid just now, in picodollars. It leaves runs the less for the day; whoever tests a
/// connection is not held up by what they spent.
pub(crate) fn pay_for_test(inner: &Inner, connection: &ConnectionId, cost_picos: u64) -> Result<()> {
    if cost_picos > 0 {
        let day = clock::today();
        let purses = &inner.active.purses;
        // Before it is written down: whoever reads that in between takes the greater of the two.
        for purse in [&purses.of_connection(connection), &purses.all] {
            purse.pay(&day, cost_picos);
        }
        inner.store.add_spending(&day, connection, &inner.owner, cost_picos)?;
    }
    Ok(())
}

impl Budget {
    /// Of a run that has spent something already, or nothing.
    pub(super) fn new(inner: &Inner, money: Money, run: &RunRow) -> Self {
        let purses = &inner.active.purses;
        let bound = |by, purse| {
            let limit_picos = AtomicU64::new(money.limits.by(by).unwrap_or(UNLIMITED));
            Bound { by, limit_picos, purse }
        };
        let bounds = [
            bound(By::Run, Arc::new(Purse::of_run(run))),
            bound(By::Connection, purses.of_connection(&money.connection_id)),
            bound(By::Day, Arc::clone(&purses.all)),
        ];
        Self {
            bounds,
            money,
            in_flight: Mutex::default(),
            waiting: AtomicU32::new(0),
            first: Mutex::default(),
            beyond: AtomicU64::new(0),
            out: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
        }
    }

    /// Looks at the limits of a day and at what was paid, again and again while the run is at work.
    pub(super) async fn keep_up(self: &Arc<Self>, engine: &Engine) {
        let budget = Arc::clone(self);
        let looked = engine.blocking(move |inner| {
            let id = &budget.money.connection_id;
            let connection = inner.store.connection(id.as_str())?;
            let of_a_day = Limits::of_a_day(inner, &ConnectionSettings::of(&connection))?;
            let limits = Limits { run: budget.money.limits.run, ..of_a_day };
            learn(inner, id, limits)?;
            for bound in &budget.bounds {
                let limit = limits.by(bound.by).unwrap_or(UNLIMITED);
                bound.limit_picos.store(limit, Ordering::Relaxed);
            }
            for bound in &budget.bounds {
                bound.purse.changed.notify_waiters();
            }
            Ok(())
        });
        if let Err(error) = looked.await {
            tracing::warn!(%error, "reading what may be spent today");
        }
    }

    /// The most that a call can cost; an error says why that is not known.
    fn most(&self, turn: &Turn, is_batch: bool) -> std::result::Result<Most, Shortage> {
        let is_text = |part: &Part| matches!(part, Part::Text(_));
        let is_all_text = turn.request.messages.iter().all(|message| message.content.iter().all(is_text));
        let length = is_all_text.then(|| turn.body.text().len());
        self.money.most(&turn.body, length, is_batch).map_err(|why| {
            let cause = self.bounds.iter().any(|bound| bound.by == By::Run && bound.is_set());
            Shortage {
                words: format!("The limit cannot be kept: {why} take the limit away to go on."),
                cause: cause.then_some(PauseCause::MoneyStop),
            }
        })
    }

    fn is_limited(&self) -> bool {
        self.bounds.iter().any(Bound::is_set)
    }

    /// Reserves what a call can cost, if there is so much now.
    pub(super) fn take(&self, turn: &Turn) -> std::result::Result<Reserved<'_>, Short> {
        self.take_for(turn, false)
    }

    fn take_for(&self, turn: &Turn, is_about_form: bool) -> std::result::Result<Reserved<'_>, Short> {
        let most = self.most(turn, false);
        if !self.is_limited() {
            let mut reserved = self.reserve(0, Next::Form)?;
            reserved.most = most.unwrap_or_default().picos;
            return Ok(reserved);
        }
        let Most { picos: most, is_long } = most.map_err(Short::Never)?;
        let picos = most.saturating_add(self.beyond.load(Ordering::Relaxed));
        let mut first = self.first();
        let is_first = match *first {
            First::Answered => false,
            First::InFlight => return Err(Short::Wait(picos)),
            First::Unasked => true,
        };
        let next = if is_about_form { Next::Form } else { Next::Answer { is_long } };
        let mut reserved = self.reserve(picos, next)?;
        (reserved.most, reserved.is_first, reserved.is_call) = (most, is_first, true);
        {
            let mut out = self.out();
            out.calls += 1;
            out.picos += picos;
        }
        if is_first {
            *first = First::InFlight;
        }
        Ok(reserved)
    }

    /// What is to be written down before all that is out may be in flight, if it is more than is written: as much again as is out, so
    /// that few calls wait for the disk, but not beyond what the run may cost.
    ///
    /// It is a bound of all that the run may have cost, and not of what is out alone, so it covers what came back and is not
    /// committed yet, such as a call that was lost and whose task waits to be asked again.
    fn to_write(&self) -> Option<Written> {
        // In this order: what comes back in between counts twice rather than not at all.
        let (calls, picos, written) = {
            let out = self.out();
            (out.calls, out.picos, out.written)
        };
        let [run, ..] = &self.bounds;
        let gone = run.purse.lock().gone().saturating_add(picos);
        let is_more = calls > written.calls || gone > written.gone_max;
        is_more.then(|| Written {
            calls: calls.saturating_mul(2).max(written.calls),
            gone_max: gone.saturating_add(picos).min(run.limit()).max(gone).max(written.gone_max),
        })
    }

    fn out(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn first(&self) -> MutexGuard<'_, First> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves what a question about the form of answers can cost, once there is so much. An error says why there never will
    /// be.
    pub(super) async fn room_for(&self, turn: &Turn) -> std::result::Result<Reserved<'_>, Shortage> {
        loop {
            match self.take_for(turn, true) {
                Ok(room) => return Ok(room),
                Err(Short::Never(shortage)) => return Err(shortage),
                Err(Short::Wait(picos)) => self.wait_for(picos).await,
            }
        }
    }

    /// The most that a request can cost inside of a batch. An error says why that is not known, where a limit is set;
    /// one that is set while the batch is out knows it too, if it can be known.
    pub(super) fn most_of_batch(&self, turn: &Turn) -> std::result::Result<u64, Shortage> {
        let most = self.most(turn, true).map(|most| most.picos);
        if self.is_limited() { most } else { Ok(most.unwrap_or(0)) }
    }

    /// Reserves what a batch can cost, if there is so much now.
    pub(super) fn take_for_batch(&self, picos: u64) -> std::result::Result<Reserved<'_>, Short> {
        self.reserve(picos, Next::Batch)
    }

    /// Reserves what a batch can cost that was handed over before, even if no limit leaves room for it by now.
    pub(super) fn hold(&self, picos: u64) -> Reserved<'_> {
        for bound in &self.bounds {
            bound.purse.lock().reserved += picos;
        }
        *self.in_flight() += 1;
        Reserved { budget: self, picos, most: picos, is_first: false, is_call: false }
    }

    fn reserve(&self, picos: u64, next: Next) -> std::result::Result<Reserved<'_>, Short> {
        let mut in_flight = self.in_flight();
        match self.try_reserve(picos) {
            Ok(()) => {
                *in_flight += 1;
                Ok(Reserved { budget: self, picos, most: picos, is_first: false, is_call: false })
            }
            Err(full) if self.may_hope(full, picos, *in_flight) => Err(Short::Wait(picos)),
            Err(full) => Err(Short::Never(self.used_up(&self.bounds[full], next, picos))),
        }
    }

    /// Returns once so much may be there, or never will be. It is not reserved: until it is taken, the server may have
    /// asked for a wait.
    pub(super) async fn wait_for(&self, picos: u64) {
        let _waiting = Counted::new(&self.waiting);
        loop {
            // Listened to before anything is looked at, or what changes in between would be missed.
            let mut changes: Vec<_> =
                self.bounds.iter().map(|bound| Box::pin(bound.purse.changed.notified())).collect();
            for change in &mut changes {
                change.as_mut().enable();
            }
            let full = if *self.first() == First::InFlight {
                0
            } else {
                let in_flight = self.in_flight();
                match self.bounds.iter().position(|bound| !bound.has_room(&bound.purse.lock(), picos)) {
                    Some(full) if self.may_hope(full, picos, *in_flight) => full,
                    _ => return,
                }
            };
            changes.swap_remove(full).await;
        }
    }

    /// Whether a purse that is too empty may have room later. What is in flight comes home first: it is paid for.
    fn may_hope(&self, full: usize, picos: u64, in_flight: u32) -> bool {
        let bound = &self.bounds[full];
        in_flight > 0 || bound.purse.lock().gone().saturating_add(picos) <= bound.limit()
    }

    fn in_flight(&self) -> MutexGuard<'_, u32> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves in every purse, or in none: then it says which one is too empty.
    fn try_reserve(&self, picos: u64) -> std::result::Result<(), usize> {
        for (index, bound) in self.bounds.iter().enumerate() {
            let mut spent = bound.purse.lock();
            if !bound.has_room(&spent, picos) {
                drop(spent);
                self.give_back(&self.bounds[..index], picos);
                return Err(index);
            }
            spent.reserved += picos;
        }
        Ok(())
    }

    fn give_back(&self, bounds: &[Bound], picos: u64) {
        for bound in bounds {
            bound.purse.lock().reserved -= picos;
            bound.purse.changed.notify_waiters();
        }
    }

    fn used_up(&self, bound: &Bound, next: Next, picos: u64) -> Shortage {
        let spent = bound.purse.lock();
        let (limit, paid) = (usd(bound.limit()), spent.paid().words());
        let out = match spent.out {
            0 => String::new(),
            out => format!(", {} may be charged for batches that are out", usd(out)),
        };
        drop(spent);
        let (what, why) = match next {
            Next::Answer { is_long: true } => (
                "the next answer",
                ", most of it for the longest that max_tokens (Max tokens) allows: a version with fewer costs less",
            ),
            Next::Answer { is_long: false } => ("the next answer", ""),
            Next::Form => ("a question about the form of answers", ""),
            Next::Batch => ("the batch", ""),
        };
        let next = format!("of which {paid}{out}, and {what} may cost up to {}{why}", usd(picos));
        let cause = match bound.by {
            By::Run => Some(PauseCause::MoneyStop),
            By::Connection => None,
            By::Day => Some(PauseCause::DailyBudget),
        };
        let words = match bound.by {
            By::Run => format!("The run may cost {limit}, {next}. Raise its money stop to go on."),
            By::Connection => format!(
                "“{}” may cost {limit} a day, {next}. Raise its budget, {}, or resume tomorrow (UTC).",
                self.money.connection_name,
                where_to("edit")
            ),
            By::Day => format!(
                "All runs together may cost {limit} a day, {next}. Raise the budget in the settings, or resume tomorrow \
                 (UTC)."
            ),
        };
        Shortage { words, cause }
    }

    /// Whether a call waits for what is reserved for others.
    pub(super) fn is_waited_for(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

impl Reserved<'_> {
    /// Returns once it is written down that the call may be in flight; only then is it sent. An error says why it cannot be.
    pub(super) async fn write_down(&self, engine: &Engine, run_key: i64) -> std::result::Result<(), Shortage> {
        let budget = self.budget;
        if !self.is_call || budget.to_write().is_none() {
            return Ok(());
        }
        let _alone = budget.writing.lock().await;
        // Who wrote before may have written enough.
        let Some(Written { calls, gone_max }) = budget.to_write() else { return Ok(()) };
        let written =
            engine.blocking(move |inner| Ok(inner.store.keep_calls_out(run_key, &inner.owner, calls, gone_max)?));
        let words = match written.await {
            Ok(true) => {
                budget.out().written = Written { calls, gone_max };
                return Ok(());
            }
            Ok(false) => "Another program has taken the run over.".to_owned(),
            Err(error) => {
                format!("What calls in flight may cost could not be written down, so none is made: {error}")
            }
        };
        Err(Shortage { words, cause: None })
    }

    /// The call cost this; `None` if its price is not known, which is not nothing. Gives back what is to be written down of
    /// it beside the cost.
    pub(super) fn settle(mut self, cost_picos: Option<u64>) -> Lost {
        self.budget.beyond.fetch_max(cost_picos.unwrap_or(0).saturating_sub(self.most), Ordering::Relaxed);
        if std::mem::take(&mut self.is_first) {
            *self.budget.first() = First::Answered;
        }
        match cost_picos {
            Some(cost) => {
                self.pay(cost);
                Lost::default()
            }
            None => self.count_lost(true),
        }
    }

    /// A part of what it is reserved for cost this.
    pub(super) fn pay(&self, cost_picos: u64) {
        self.count(Paid { picos: cost_picos, lost: Lost::default() });
    }

    /// It was sent, and nobody will say what it cost. Gives back what is to be written down.
    pub(super) fn lose(self) -> Lost {
        self.count_lost(true)
    }

    /// Nobody will say what a call cost, which may be all that is reserved, or is counted with another.
    pub(super) fn count_lost(&self, is_all: bool) -> Lost {
        let picos = if is_all { self.picos.max(self.most) } else { 0 };
        let lost = Lost { calls: 1, picos };
        self.count(Paid { picos: 0, lost });
        lost
    }

    fn count(&self, paid: Paid) {
        for bound in &self.budget.bounds {
            let mut spent = bound.purse.lock();
            spent.own = spent.own.plus(paid);
        }
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        if self.is_first {
            *self.budget.first() = First::Unasked;
        }
        *self.budget.in_flight() -= 1;
        if self.is_call {
            let mut out = self.budget.out();
            out.calls -= 1;
            out.picos -= self.picos;
        }
        self.budget.give_back(&self.budget.bounds, self.picos);
    }
}

/// Refuses, in words, a money stop below what is gone of it already.
pub(super) fn check_raised(run: &RunRow, limit_micros: Option<u64>) -> Result<()> {
    let paid = Paid { picos: run.cost_picos, lost: run.lost };
    match limit_micros {
        Some(limit) if picos(limit) < paid.gone() => {
            let words = format!("of run {}, {}; enter at least {}", run.number, paid.words(), usd(paid.gone()));
            Err(Error::invalid_field("limit_micros", words))
        }
        _ => Ok(()),
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
