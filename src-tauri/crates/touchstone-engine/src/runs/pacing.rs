//! How fast a connection is asked: how many requests it has in flight, and when the next may leave.
//!
//! There is one [`Pacing`] for each connection, which all runs of the process share: what a server allows, it allows the
//! account, not the run. A run opens a [`Lane`], asks it for a [`Permit`] before each request and tells the permit how that
//! ended. From this, and from what servers announce, it is decided
//! - how many requests may be in flight (`climb.rs`),
//! - how long nothing is asked after refusals, and at what rate it goes on (`refusals.rs`),
//! - how what is left of a limit is spread over the time until it is whole again (`allowances.rs`).
//!
//! What else a request needs, such as money, it takes in the moment in which it may leave, so nothing is held while it waits.
//!
//! Where nothing limits, a request takes a short lock three times and no timer. `tries.rs` holds the budget of a task, and
//! `words.rs` says why it is not faster.

mod allowances;
mod climb;
mod refusals;
#[cfg(test)]
mod simulated;
mod tries;
mod words;

use super::meter::WINDOW;
use allowances::Allowances;
use climb::{Climb, Position};
use refusals::Refusals;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;
use touchstone_providers::{ChatError, ChatErrorKind, ChatReply, Limits, Usage};
use words::{Hold, Used};

use tries::WAIT_MAX;
pub(super) use tries::{RETRIES_MAX, Tries, Verdict, backoff};
pub(super) use words::span;

/// Requests that were held back may catch up with what they missed within so long: timers are exact to a millisecond.
const CATCH_UP: Duration = Duration::from_millis(20);

/// What holds for everything that is asked of one connection.
#[derive(Default)]
pub(super) struct Pacing {
    state: Mutex<State>,
    /// Whoever has it looks when the next request may leave. The others queue for it, so there is one timer at most.
    turn: tokio::sync::Mutex<()>,
    queued: AtomicUsize,
    /// Something happened that may let the next request leave.
    news: Notify,
}

/// How far a run may go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// Requests that the run may have in flight at once.
    pub ceiling: usize,
    /// Those that its connection takes, over all runs.
    pub connection_limit: Option<usize>,
    /// Those that a test found to help.
    pub measured: Option<usize>,
    /// It starts at its ceiling: the server is on this machine, or it is known how much helps.
    pub at_once: bool,
    /// The model is inside this program: what it waits for is the processor.
    pub is_built_in: bool,
}

/// A run's way to its connection, for as long as the run is at work.
pub(super) struct Lane {
    pacing: Arc<Pacing>,
    id: u64,
}

/// One request in flight.
pub(super) struct Permit {
    pacing: Arc<Pacing>,
    number: u64,
    left_at: Instant,
    has_ended: bool,
}

/// How a request ended, as far as pacing looks at it.
struct Outcome<'o> {
    kind: OutcomeKind,
    /// How long the server asked to wait, if its task is worth asking again.
    wait: Option<Duration>,
    usage: Usage,
    limits: Option<&'o Limits>,
}

#[derive(Clone, Copy)]
enum OutcomeKind {
    /// The server took it and worked on it.
    Answered,
    /// The server had no room for it.
    Refused { is_for_rate: bool },
    /// Says nothing about how much the server takes.
    Failed,
}

impl<'o> Outcome<'o> {
    fn of(asked: &'o Result<ChatReply, ChatError>) -> Self {
        use ChatErrorKind::{Filtered, Overloaded, RateLimited, Refused, Truncated};
        match asked {
            Ok(reply) => {
                let limits = reply.limits.as_deref();
                Self { kind: OutcomeKind::Answered, wait: None, usage: reply.usage, limits }
            }
            Err(error) => {
                let kind = match error.kind {
                    Truncated | Refused | Filtered => OutcomeKind::Answered,
                    RateLimited | Overloaded => OutcomeKind::Refused { is_for_rate: error.kind == RateLimited },
                    _ => OutcomeKind::Failed,
                };
                let wait = error.retry_after_ms.filter(|_| error.is_retryable());
                let wait = wait.map(|wait| Duration::from_millis(wait.into()));
                Self { kind, wait, usage: error.usage, limits: error.limits.as_deref() }
            }
        }
    }
}

#[derive(Default)]
struct State {
    lanes: Vec<(u64, Reach)>,
    lanes_opened: u64,
    climb: Climb,
    refusals: Refusals,
    allowances: Allowances,
    in_flight: usize,
    /// Those of them whose end is not known yet.
    out: usize,
    /// Requests that have left; the number of the last one.
    sent: u64,
    answered: u64,
    /// When the last request was due that was held to a rate.
    due_at: Option<Instant>,
    /// Why the next request waits, or the last one did.
    hold: Option<Hold>,
    /// When as many were in flight as may be, last.
    full_at: Option<Instant>,
}

/// What was full a moment ago is so between two answers.
const FULL_LATELY: Duration = Duration::from_secs(1);

impl State {
    /// Requests that may be in flight at most, over all runs.
    fn ceiling(&self) -> usize {
        let runs = self.lanes.iter().map(|(_, reach)| reach.ceiling).max().unwrap_or(1);
        let limits = self.lanes.iter().filter_map(|(_, reach)| reach.connection_limit);
        limits.min().unwrap_or(usize::MAX).min(runs).max(1)
    }

    /// Requests that may be in flight now.
    fn at_once(&self) -> usize {
        self.climb.limit().min(self.ceiling())
    }

    fn position(&self, now: Instant) -> Position {
        Position { now, sent: self.sent, in_flight: self.in_flight, out: self.out, ceiling: self.ceiling() }
    }

    /// Falls once it is clear that the server refuses whatever comes.
    fn decide(&mut self, now: Instant) {
        let position = self.position(now);
        if let Some(row) = self.refusals.decide(position) {
            self.climb.fall(row > 1 || !self.refusals.is_storm(), position);
        }
    }

    /// A request ended, and that says nothing about how much the server takes.
    fn ended(&mut self, number: u64, now: Instant) {
        self.refusals.ended(number, None);
        self.decide(now);
    }

    /// Whether a request may leave now, or what holds it back.
    fn admit(&mut self, now: Instant) -> Result<(), Hold> {
        self.decide(now);
        let hold = self.held_by(now);
        if hold.is_some() || self.in_flight == 0 {
            self.hold = hold;
        }
        if hold == Some(Hold::Full) {
            self.full_at = Some(now);
        }
        hold.map_or(Ok(()), Err)
    }

    /// The number of a request that leaves.
    fn leave(&mut self, now: Instant) -> u64 {
        if let Some((interval, _)) = self.interval(now) {
            let due = self.due_at.map_or(now, |due| due + interval);
            self.due_at = Some(due.max(now.checked_sub(CATCH_UP).unwrap_or(now)));
        }
        self.sent += 1;
        self.in_flight += 1;
        self.out += 1;
        if self.in_flight >= self.at_once() {
            self.full_at = Some(now);
        }
        self.allowances.take();
        self.sent
    }

    fn held_by(&self, now: Instant) -> Option<Hold> {
        if let Some(pause) = self.refusals.paused(now) {
            return Some(Hold::Paused(pause));
        }
        if self.in_flight >= self.at_once() {
            return Some(Hold::Full);
        }
        if let Some(hold) = self.allowances.used_up(self.in_flight, now) {
            return Some(hold);
        }
        let (interval, why) = self.interval(now)?;
        let due = self.due_at? + interval;
        (due > now).then_some(match why {
            Some(used) => Hold::Spread { used, due },
            None => Hold::Rate { per_second: 1.0 / interval.as_secs_f64(), due },
        })
    }

    /// The time between two requests, where they are held to a rate, and the limit that is spread so, if any.
    fn interval(&self, now: Instant) -> Option<(Duration, Option<Used>)> {
        let spread = self.allowances.interval(now).map(|(interval, used)| (interval, Some(used)));
        let rate = self.refusals.interval(now).map(|interval| (interval, None));
        spread.into_iter().chain(rate).max_by_key(|(interval, _)| *interval)
    }

    fn record(&mut self, number: u64, left_at: Instant, outcome: &Outcome<'_>, now: Instant) -> Verdict {
        self.out -= 1;
        self.allowances.spent(&outcome.usage);
        if let Some(limits) = outcome.limits {
            self.allowances.told(limits, number, self.in_flight.saturating_sub(1), outcome.wait, now);
        }
        // Whoever asked pauses, and says so. Those who resume have a reason to, so nothing is held back for so long.
        if let Some(wait) = outcome.wait.filter(|wait| *wait > WAIT_MAX) {
            self.ended(number, now);
            return Verdict::TooLong(wait);
        }
        let position = self.position(now);
        match outcome.kind {
            OutcomeKind::Answered => {
                self.answered += 1;
                self.refusals.answered(number, left_at, now);
                if let Some(share) = self.climb.answered(number, now.duration_since(left_at), position) {
                    self.refusals.slow_down(share, now);
                }
                self.decide(now);
                Verdict::Fault
            }
            OutcomeKind::Failed => {
                self.ended(number, now);
                Verdict::Fault
            }
            OutcomeKind::Refused { is_for_rate } => {
                let is_used_up = is_for_rate && self.allowances.told_nothing_left(outcome.limits);
                let pause = self.refusals.refused(number, outcome.wait, is_used_up, self.at_once(), position);
                if let Some(row) = pause {
                    self.climb.fall(row > 1, position);
                } else if let Some(share) = self.climb.refused(number, is_for_rate, position) {
                    self.refusals.slow_down(share, now);
                }
                self.decide(now);
                match self.refusals.hopeless_for(now) {
                    Some(since) => Verdict::Hopeless(since),
                    None if is_for_rate => Verdict::TooFast { answered: self.answered },
                    None => Verdict::Fault,
                }
            }
        }
    }
}

impl Pacing {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A way for a run. The first after all others were closed begins anew with how much is asked at once; what the server
    /// asked to wait for, and what it said of its limits, still holds.
    pub(super) fn open(self: &Arc<Self>, reach: Reach) -> Lane {
        let mut state = self.lock();
        if state.lanes.is_empty() {
            state.climb = Climb::new(reach.at_once);
            state.refusals.begin_anew();
            (state.hold, state.full_at) = (None, None);
        }
        state.lanes_opened += 1;
        let id = state.lanes_opened;
        state.lanes.push((id, reach));
        Lane { pacing: Arc::clone(self), id }
    }

    fn admit<T, E>(self: &Arc<Self>, take: &mut impl FnMut() -> Result<T, E>) -> Result<Result<(Permit, T), E>, Hold> {
        let now = Instant::now();
        let mut state = self.lock();
        state.admit(now)?;
        Ok(take().map(|taken| {
            let number = state.leave(now);
            (Permit { pacing: Arc::clone(self), number, left_at: now, has_ended: false }, taken)
        }))
    }

    /// Wakes whoever has the turn.
    fn tell(&self) {
        if self.queued.load(Ordering::SeqCst) > 0 {
            self.news.notify_one();
        }
    }
}

impl Lane {
    /// Waits until one more request may leave, and has it `take` in that moment what else it needs. If that is not there it
    /// does not leave, and whoever asked waits for it elsewhere.
    pub(super) async fn admit<T, E>(&self, mut take: impl FnMut() -> Result<T, E>) -> Result<(Permit, T), E> {
        let pacing = &self.pacing;
        if pacing.queued.load(Ordering::SeqCst) == 0
            && let Ok(admitted) = pacing.admit(&mut take)
        {
            return admitted;
        }
        let _queued = Queued::new(&pacing.queued);
        let _turn = pacing.turn.lock().await;
        loop {
            let until = match pacing.admit(&mut take) {
                Ok(admitted) => return admitted,
                Err(hold) => hold.until(),
            };
            match until {
                None => pacing.news.notified().await,
                Some(until) => tokio::select! {
                    () = pacing.news.notified() => {}
                    () = tokio::time::sleep_until(until) => {}
                },
            }
        }
    }

    /// Changes how many requests the run may have in flight. Those that are out beyond it come home first.
    pub(super) fn set_ceiling(&self, ceiling: usize) {
        for (id, reach) in &mut self.pacing.lock().lanes {
            if *id == self.id {
                reach.ceiling = ceiling.max(1);
            }
        }
        self.pacing.tell();
    }

    /// Why the server lets its requests wait now, in words.
    pub(super) fn held_back(&self) -> Option<String> {
        let now = Instant::now();
        let state = self.pacing.lock();
        if let Some(pause) = state.refusals.paused(now) {
            return Hold::Paused(pause).words(now);
        }
        let is_waited = self.pacing.queued.load(Ordering::SeqCst) > 0;
        state.hold.filter(|_| is_waited)?.words(now)
    }

    /// That its requests wait because as many are in flight as may be, in words.
    pub(super) fn queued(&self) -> Option<String> {
        let is_waited = self.pacing.queued.load(Ordering::SeqCst) > 0;
        let state = self.pacing.lock();
        state.hold.filter(|hold| is_waited && *hold == Hold::Full).and_then(|_| self.full(&state))
    }

    fn full(&self, state: &State) -> Option<String> {
        let (limit, ceiling) = (state.climb.limit(), state.ceiling());
        if limit < ceiling {
            return Some(words::climbing(limit, ceiling, state.climb.fell()));
        }
        Some(words::ceiling(&Reach { ceiling, ..*self.reach(state)? }))
    }

    /// How fast its next requests go, in requests a second, and how long so many take: as fast as was `measured`, and no
    /// faster than its connection allows from now on.
    pub(super) fn forecast(&self, requests: u32, measured: Option<f64>) -> (Option<f64>, Option<Duration>) {
        let now = Instant::now();
        let state = self.pacing.lock();
        let is_waited = self.pacing.queued.load(Ordering::SeqCst) > 0;
        let requests = f64::from(requests);
        let announced = state.allowances.time_for(requests, now);
        let at = |rate: f64| Duration::try_from_secs_f64(requests / rate).ok();
        let learned = state.refusals.interval(now).map(|interval| 1.0 / interval.as_secs_f64());
        if let Some(pause) = state.refusals.paused(now) {
            let waits = pause.until.duration_since(now);
            let after = learned.or(measured).and_then(at);
            return (measured.filter(|_| waits < WINDOW), after.max(announced).map(|time| waits + time));
        }
        match state.hold.filter(|_| is_waited) {
            Some(Hold::UsedUp(_)) => (None, announced),
            Some(Hold::Spread { .. }) => {
                let pace = state.interval(now).map_or(f64::INFINITY, |(interval, _)| 1.0 / interval.as_secs_f64());
                (measured.map(|rate| rate.min(pace)), announced.or_else(|| at(pace)))
            }
            Some(Hold::Rate { per_second, .. }) => {
                (measured.map(|rate| rate.min(per_second)), at(per_second).max(announced))
            }
            Some(Hold::Paused(_) | Hold::Full) | None => {
                let alone = measured.and_then(at);
                // Nothing is promised before anything was measured.
                (measured, alone.map(|time| announced.map_or(time, |announced| time.max(announced))))
            }
        }
    }

    fn reach<'s>(&self, state: &'s State) -> Option<&'s Reach> {
        state.lanes.iter().find(|(id, _)| *id == self.id).map(|(_, reach)| reach)
    }

    /// That it is a limit of how many may be in flight which holds it, in words: the run's own, if `in_flight` requests of
    /// the run do reach it, or the one for all runs, if it was reached a moment ago.
    pub(super) fn at_ceiling(&self, in_flight: usize) -> Option<String> {
        let now = Instant::now();
        let state = self.pacing.lock();
        let reach = self.reach(&state)?;
        if in_flight >= reach.ceiling {
            return Some(words::ceiling(reach));
        }
        let is_full = state.full_at.is_some_and(|at| now.duration_since(at) < FULL_LATELY);
        is_full.then(|| self.full(&state)).flatten()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.pacing.lock().lanes.retain(|(id, _)| *id != self.id);
    }
}

impl Permit {
    /// Learns from how the request ended, and says what that means for its task. Its place is free once it is dropped.
    pub(super) fn outcome(&mut self, asked: &Result<ChatReply, ChatError>) -> Verdict {
        self.has_ended = true;
        let outcome = Outcome::of(asked);
        let verdict = self.pacing.lock().record(self.number, self.left_at, &outcome, Instant::now());
        if outcome.limits.is_some() {
            self.pacing.tell();
        }
        verdict
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.pacing.lock();
        state.in_flight -= 1;
        if !self.has_ended {
            state.out -= 1;
            state.ended(self.number, Instant::now());
        }
        drop(state);
        self.pacing.tell();
    }
}

/// Counts those who wait, for as long as they do.
struct Queued<'q>(&'q AtomicUsize);

impl<'q> Queued<'q> {
    fn new(queued: &'q AtomicUsize) -> Self {
        queued.fetch_add(1, Ordering::SeqCst);
        Self(queued)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
