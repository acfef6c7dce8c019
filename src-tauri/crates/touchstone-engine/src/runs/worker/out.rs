//! The requests of a run that are out: since when, and whether anything still comes back.

use super::lock;
use crate::runs::pacing::span;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use touchstone_providers::ASK_TIMEOUT;

/// Servers take their time; what is shorter than this is no silence.
const SILENCE_MIN: Duration = Duration::from_secs(5);

/// Before the first answer a server may have to load its model.
const FIRST_SILENCE_MIN: Duration = Duration::from_secs(10);

/// A silence is so many times as long as an answer usually takes.
const USUAL_TIMES: u32 = 4;

/// The weight of the newest answer in how long one usually takes: one of 8.
const NEWEST: u32 = 8;

#[derive(Default)]
pub(super) struct Out(Mutex<State>);

#[derive(Default)]
struct State {
    sent: u64,
    /// By their numbers, which grow: the first has been out for longest.
    left_at: BTreeMap<u64, Instant>,
    /// When one came back last.
    back_at: Option<Instant>,
    /// How long an answer usually takes.
    usual: Option<Duration>,
}

/// One request that is out, until this is dropped.
pub(super) struct Away<'o> {
    out: &'o Out,
    number: u64,
    left_at: Instant,
}

/// That nothing comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    lasts: Duration,
    out: usize,
    longest: Duration,
}

impl Out {
    pub(super) fn send(&self, now: Instant) -> Away<'_> {
        let mut state = lock(&self.0);
        state.sent += 1;
        let number = state.sent;
        state.left_at.insert(number, now);
        Away { out: self, number, left_at: now }
    }

    /// How many are out.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(lock(&self.0).left_at.len()).unwrap_or(u32::MAX)
    }

    /// That requests are out and nothing has come back for much longer than an answer usually takes.
    pub(super) fn silence(&self, now: Instant) -> Option<Silence> {
        let state = lock(&self.0);
        let (_, first) = state.left_at.first_key_value()?;
        let since = state.back_at.map_or(*first, |back_at| back_at.max(*first));
        let lasts = now.saturating_duration_since(since);
        let least = state.usual.map_or(FIRST_SILENCE_MIN, |usual| SILENCE_MIN.max(usual * USUAL_TIMES));
        let longest = now.saturating_duration_since(*first);
        (lasts >= least).then(|| Silence { lasts, out: state.left_at.len(), longest })
    }

    /// That requests are out and nothing at all has come back yet, in words.
    pub(super) fn first_wait(&self, now: Instant) -> Option<String> {
        let state = lock(&self.0);
        let (_, first) = state.left_at.first_key_value().filter(|_| state.back_at.is_none())?;
        let longest = passed(now.saturating_duration_since(*first));
        Some(match state.left_at.len() {
            1 => format!("Waiting for the first answer; 1 request is out, for {longest}."),
            out => format!("Waiting for the first answer; {out} requests are out, the longest for {longest}."),
        })
    }

    /// For how long the one that has been out for longest is.
    pub(super) fn longest(&self, now: Instant) -> Option<Duration> {
        lock(&self.0).left_at.first_key_value().map(|(_, left_at)| now.saturating_duration_since(*left_at))
    }
}

impl Away<'_> {
    /// The server said something. How long answers take shows in those only that it worked for.
    pub(super) fn is_back(&self, is_answer: bool, now: Instant) {
        let mut state = lock(&self.out.0);
        state.back_at = Some(now);
        if is_answer {
            let took = now.saturating_duration_since(self.left_at);
            state.usual = Some(state.usual.map_or(took, |usual| usual - usual / NEWEST + took / NEWEST));
        }
    }
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        lock(&self.out.0).left_at.remove(&self.number);
    }
}

impl Silence {
    pub(super) fn words(&self) -> String {
        let (lasts, longest, limit) = (passed(self.lasts), passed(self.longest), span(ASK_TIMEOUT));
        match self.out {
            1 => format!("No answer for {lasts}; 1 request is out, for {longest}, and is given up after {limit}."),
            out => format!(
                "No answer for {lasts}; {out} requests are out, the longest for {longest}, and are given up after {limit}."
            ),
        }
    }
}

/// That a run pauses once `out` requests are back, the longest of which has been out for so long.
pub(super) fn pausing(out: u32, longest: Duration) -> String {
    let (longest, limit) = (passed(longest), span(ASK_TIMEOUT));
    match out {
        1 => format!(
            "Pausing once the request that is out is answered; it is out for {longest}, and given up after {limit}."
        ),
        out => format!(
            "Pausing once the {out} requests that are out are answered; the longest is out for {longest}, and each is given \
             up after {limit}."
        ),
    }
}

/// `42 s`, `4 min`; rounded down, as it has passed.
fn passed(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds <= 90 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silence(out: &Out, now: Instant) -> Option<String> {
        out.silence(now).map(|silence| silence.words())
    }

    #[test]
    fn a_server_that_hangs_is_named_once_it_takes_much_longer_than_usual() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let out = Out::default();
        assert_eq!(silence(&out, at(60_000)), None, "nothing is out");
        let first = out.send(at(0));
        assert_eq!(
            out.first_wait(at(3_200)).as_deref(),
            Some("Waiting for the first answer; 1 request is out, for 3 s.")
        );
        assert_eq!(silence(&out, at(9_900)), None, "it may load its model");
        assert!(silence(&out, at(10_000)).is_some());
        first.is_back(true, at(2_000));
        assert_eq!(out.first_wait(at(2_000)), None, "it is there");
        drop(first);

        let _hanging: Vec<_> = (0..7).map(|_| out.send(at(2_000))).collect();
        let last = out.send(at(4_000));
        assert_eq!(out.count(), 8);
        assert_eq!(silence(&out, at(9_900)), None, "an answer took 2 s");
        assert_eq!(
            silence(&out, at(42_000)).as_deref(),
            Some("No answer for 40 s; 8 requests are out, the longest for 40 s, and are given up after 5 min.")
        );
        last.is_back(false, at(42_000));
        assert_eq!(silence(&out, at(43_000)), None, "a refusal is a sign of life");
        assert_eq!(out.longest(at(43_000)), Some(Duration::from_secs(41)));
    }

    #[test]
    fn the_time_between_requests_is_no_silence() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let out = Out::default();
        let first = out.send(at(0));
        first.is_back(true, at(1));
        drop(first);
        let _second = out.send(at(60));
        assert_eq!(silence(&out, at(64)), None, "nothing was out before");
        assert_eq!(
            silence(&out, at(65)).as_deref(),
            Some("No answer for 5 s; 1 request is out, for 5 s, and is given up after 5 min.")
        );
    }

    #[test]
    fn a_pause_names_how_long_it_can_take() {
        let waits = |out, seconds| pausing(out, Duration::from_secs(seconds));
        assert_eq!(
            waits(8, 200),
            "Pausing once the 8 requests that are out are answered; the longest is out for 3 min, and each is given up \
             after 5 min."
        );
        assert!(waits(1, 2).starts_with("Pausing once the request that is out is answered; it is out for 2 s,"));
    }
}
