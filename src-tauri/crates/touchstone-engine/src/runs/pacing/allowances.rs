//! What servers announce of their limits, and what of it is left for the next requests.
//!
//! Some begin a new window each minute, others let a limit fill up again all the time, and their headers look alike. One rule
//! fits both: the first half of a limit is anyone's, what is left of the second is spread evenly over the time until the
//! limit is whole. A window is used up just as it ends; a limit that fills up stays half full, where it gives out what it
//! takes in.

use super::words::{Hold, MINUTE, Used};
use std::time::Duration;
use tokio::time::Instant;
use touchstone_providers::{Allowance, LimitKind, Limits, Usage};

const KINDS: usize = LimitKind::EVERY.len();

/// Nothing is foretold beyond so many times what a limit takes until it is whole.
const LONGEST: f64 = 1000.0;

/// The weight of the newest request in what one takes.
const NEWEST: f64 = 0.125;

#[derive(Default)]
pub(super) struct Allowances {
    windows: [Option<Window>; KINDS],
    /// Tokens that a request takes: those of the prompt that no cache held, and those of the answer.
    tokens: Option<(f64, f64)>,
}

#[derive(Clone, Copy)]
struct Window {
    limit: f64,
    /// What is left for requests that have not left yet.
    left: f64,
    until: Instant,
    /// The request whose end told of it.
    told_by: u64,
}

impl Allowances {
    /// What a request is likely to take; tokens are not known before the first answer.
    fn cost(&self, kind: LimitKind) -> f64 {
        let (input, output) = self.tokens.unwrap_or_default();
        match kind {
            LimitKind::Requests => 1.0,
            LimitKind::Tokens => input + output,
            LimitKind::InputTokens => input,
            LimitKind::OutputTokens => output,
        }
    }

    fn every(&self) -> impl Iterator<Item = (LimitKind, Window)> {
        LimitKind::EVERY.into_iter().zip(self.windows).filter_map(|(kind, window)| Some((kind, window?)))
    }

    /// A request took this.
    pub(super) fn spent(&mut self, usage: &Usage) {
        let Some(prompt) = usage.prompt_tokens else { return };
        let input = f64::from(prompt.saturating_sub(usage.cached_tokens.unwrap_or(0)));
        let output = f64::from(usage.completion_tokens.unwrap_or(0));
        self.tokens = Some(match self.tokens {
            None => (input, output),
            Some((inputs, outputs)) => (inputs + (input - inputs) * NEWEST, outputs + (output - outputs) * NEWEST),
        });
    }

    /// The server told of its limits as request `number` ended, while `others` were in flight. It may not have counted those.
    /// Where it asked for a `wait` too, what is used up is worth another try after that, whenever it will be whole again: a
    /// limit that fills up has room for one request long before.
    pub(super) fn told(&mut self, limits: &Limits, number: u64, others: usize, wait: Option<Duration>, now: Instant) {
        for (kind, told) in limits.told() {
            let reset = Duration::from_millis(told.reset_ms.into());
            let lasts = wait.filter(|_| self.is_used_up(kind, told)).map_or(reset, |wait| wait.min(reset));
            let known = self.windows[kind as usize].filter(|known| known.until > now);
            if known.is_none_or(|known| known.told_by < number) {
                self.windows[kind as usize] = Some(Window {
                    limit: told.limit as f64,
                    left: told.remaining as f64 - self.cost(kind) * others as f64,
                    until: now + lasts,
                    told_by: number,
                });
            }
        }
    }

    /// Whether `limits` say that one of them has no room for a request.
    pub(super) fn told_nothing_left(&self, limits: Option<&Limits>) -> bool {
        let mut told = limits.into_iter().flat_map(Limits::told);
        told.any(|(kind, told)| self.is_used_up(kind, told))
    }

    fn is_used_up(&self, kind: LimitKind, told: Allowance) -> bool {
        told.remaining == 0 || (told.remaining as f64) < self.cost(kind)
    }

    /// One more request leaves.
    pub(super) fn take(&mut self) {
        for kind in LimitKind::EVERY {
            let cost = self.cost(kind);
            if let Some(window) = &mut self.windows[kind as usize] {
                window.left -= cost;
            }
        }
    }

    /// What holds the next request back because it may be used up by those `in_flight`.
    pub(super) fn used_up(&self, in_flight: usize, now: Instant) -> Option<Hold> {
        let mut holds = self.every().filter_map(|(kind, window)| {
            let cost = self.cost(kind);
            if window.until > now {
                return (window.left < cost).then(|| Hold::UsedUp(window.used(kind)));
            }
            // It is whole again, and what is in flight comes off it. Where the server has not told more since, one request
            // may always go.
            let is_full = in_flight > 0 && window.limit < cost * (in_flight + 1) as f64;
            is_full.then_some(Hold::Full)
        });
        // The one that lasts longest; what waits for news waits without an end.
        let first = holds.next()?;
        Some(holds.fold(first, |longest, hold| if hold.until() > longest.until() { hold } else { longest }))
    }

    /// The time between two requests, where what is left must last, and what it is.
    pub(super) fn interval(&self, now: Instant) -> Option<(Duration, Used)> {
        let spread = self.every().filter_map(|(kind, window)| {
            let cost = self.cost(kind);
            let must_last = window.until > now && window.left * 2.0 < window.limit && window.left >= cost && cost > 0.0;
            must_last.then(|| {
                let interval = window.until.duration_since(now).mul_f64(cost / window.left);
                (interval, window.used(kind))
            })
        });
        spread.max_by_key(|(interval, _)| *interval)
    }

    /// How long so many requests take by what is announced, if any of it holds them back. Where it is not known how soon a
    /// limit is whole again after that, it goes on at its pace of now.
    pub(super) fn time_for(&self, requests: f64, now: Instant) -> Option<Duration> {
        let each = self.every().filter_map(|(kind, window)| {
            let cost = self.cost(kind);
            let is_in_force = window.until > now && cost > 0.0;
            if is_in_force { window.time_for(requests * cost, now) } else { None }
        });
        each.max()
    }
}

impl Window {
    /// How long so much takes: the first half of the limit at once, the second spread over what is left of the time, and what
    /// goes beyond it in the minutes after that.
    fn time_for(&self, wanted: f64, now: Instant) -> Option<Duration> {
        let (left, rest) = (self.left.max(0.0), self.until.duration_since(now));
        let at_once = (left - self.limit / 2.0).max(0.0);
        if wanted <= at_once {
            return None;
        }
        if wanted <= left {
            return Some(rest.mul_f64((wanted - at_once) / (left - at_once)));
        }
        if rest <= MINUTE {
            return Some(rest + Duration::from_secs(60).mul_f64((wanted - left) / self.limit));
        }
        (left > 0.0).then(|| rest.mul_f64((wanted / left).min(LONGEST)))
    }

    fn used(&self, kind: LimitKind) -> Used {
        Used { kind, used: (self.limit - self.left).clamp(0.0, self.limit), limit: self.limit, until: self.until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(allowances: &mut Allowances, kind: LimitKind, remaining: u64, number: u64, others: usize, now: Instant) {
        let limits = Limits::default().with(kind, Allowance { limit: 1000, remaining, reset_ms: 30_000 });
        allowances.told(&limits, number, others, None, now);
    }

    #[test]
    fn what_is_used_up_is_tried_again_after_the_wait_that_was_asked_for() {
        let now = Instant::now();
        let wait = Duration::from_secs(1);
        for (remaining, until) in [(0, now + wait), (400, now + Duration::from_secs(360))] {
            let mut allowances = Allowances::default();
            let limits =
                Limits::default().with(LimitKind::Tokens, Allowance { limit: 1000, remaining, reset_ms: 360_000 });
            allowances.spent(&Usage { prompt_tokens: Some(90), ..Usage::default() });
            allowances.told(&limits, 1, 0, Some(wait), now);
            assert_eq!(allowances.windows[LimitKind::Tokens as usize].map(|window| window.until), Some(until));
            assert_eq!(allowances.used_up(0, now + wait), None, "one request has room, or its try");
        }
    }

    #[test]
    fn the_first_half_is_free_and_the_second_is_spread() {
        let now = Instant::now();
        let mut allowances = Allowances::default();
        told(&mut allowances, LimitKind::Requests, 600, 1, 0, now);
        assert_eq!(allowances.interval(now), None);
        told(&mut allowances, LimitKind::Requests, 310, 2, 10, now);
        let (interval, used) = allowances.interval(now).expect("it must last");
        assert_eq!(interval.as_millis(), 100, "300 in 30 seconds");
        assert_eq!((used.used, used.limit), (700.0, 1000.0));
        told(&mut allowances, LimitKind::Requests, 900, 1, 0, now);
        assert!(allowances.interval(now).is_some(), "what an earlier request tells is older");
        for _ in 0..300 {
            assert_eq!(allowances.used_up(0, now), None);
            allowances.take();
        }
        let until = now + Duration::from_secs(30);
        assert_eq!(allowances.used_up(0, now).and_then(|hold| hold.until()), Some(until));
        assert_eq!(allowances.used_up(0, until), None, "it is whole again");
        assert_eq!(allowances.used_up(1000, until), Some(Hold::Full), "but for those that have left");
    }

    #[test]
    fn what_a_limit_does_not_hold_waits_for_the_next_minutes() {
        let now = Instant::now();
        let mut allowances = Allowances::default();
        let seconds = |allowances: &Allowances, requests| {
            allowances.time_for(requests, now).map(|time| time.as_secs_f64().round() as u64)
        };
        assert_eq!(seconds(&allowances, 52.0), None, "nothing is announced");
        let limits = |remaining, reset_ms| {
            let allowance = Allowance { limit: 30, remaining, reset_ms };
            Limits::default().with(LimitKind::Requests, allowance)
        };
        allowances.told(&limits(28, 59_000), 1, 0, None, now);
        assert_eq!(seconds(&allowances, 13.0), None, "the first half goes at once");
        assert_eq!(seconds(&allowances, 52.0), Some(59 + 48));
        allowances.told(&limits(14, 58_000), 2, 0, None, now);
        assert_eq!(seconds(&allowances, 7.0), Some(29), "at the pace of the spread");
        assert_eq!(seconds(&allowances, 52.0), Some(58 + 76));
        allowances.told(&limits(0, 58_000), 3, 0, None, now);
        assert_eq!(seconds(&allowances, 52.0), Some(58 + 104));
        allowances.told(&limits(10, 3_600_000), 4, 0, None, now);
        assert_eq!(seconds(&allowances, 20.0), Some(7_200), "of a day nobody says when it begins");
    }

    #[test]
    fn tokens_go_by_what_requests_took() {
        let now = Instant::now();
        let mut allowances = Allowances::default();
        told(&mut allowances, LimitKind::Tokens, 250, 1, 0, now);
        assert_eq!(allowances.used_up(8, now), None, "not known yet");
        let usage = Usage { prompt_tokens: Some(90), completion_tokens: Some(35), ..Usage::default() };
        allowances.spent(&Usage { cached_tokens: Some(25), ..usage });
        told(&mut allowances, LimitKind::Tokens, 250, 2, 1, now);
        assert_eq!(allowances.interval(now).map(|(interval, _)| interval.as_secs()), Some(20), "100 of 150");
        allowances.take();
        assert!(matches!(allowances.used_up(2, now), Some(Hold::UsedUp(_))), "one more would overrun it");
        let nothing = Limits::default().with(LimitKind::Tokens, Allowance { limit: 1000, remaining: 99, reset_ms: 1 });
        assert!(allowances.told_nothing_left(Some(&nothing)));
        assert!(!allowances.told_nothing_left(None));
    }

    #[test]
    fn a_request_larger_than_the_limit_still_gets_its_try() {
        let now = Instant::now();
        let mut allowances = Allowances::default();
        allowances.spent(&Usage { prompt_tokens: Some(5_000), ..Usage::default() });
        told(&mut allowances, LimitKind::InputTokens, 1000, 1, 0, now);
        assert!(allowances.used_up(0, now).is_some());
        assert_eq!(allowances.used_up(0, now + Duration::from_secs(30)), None);
    }
}
