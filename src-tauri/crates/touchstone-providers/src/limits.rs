//! What servers tell of their limits beside an answer or a refusal: how much of each is left, and when it is whole again.

use crate::chat::{ChatError, ChatReply};
use crate::clock;
use crate::reply::{duration_ms, whole_ms};
use std::time::SystemTime;
use touchstone_net::Reply;

/// What a limit is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    Requests,
    Tokens,
    InputTokens,
    OutputTokens,
}

impl LimitKind {
    pub const EVERY: [Self; 4] = [Self::Requests, Self::Tokens, Self::InputTokens, Self::OutputTokens];

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "requests" => Self::Requests,
            "tokens" => Self::Tokens,
            "input-tokens" => Self::InputTokens,
            "output-tokens" => Self::OutputTokens,
            _ => return None,
        })
    }
}

/// How much of a limit is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// All of it; never 0.
    pub limit: u64,
    pub remaining: u64,
    /// Milliseconds until it is whole again.
    pub reset_ms: u32,
}

/// What a server said of its limits, by [`LimitKind`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    told: [Option<Allowance>; LimitKind::EVERY.len()],
}

impl Limits {
    pub fn of(&self, kind: LimitKind) -> Option<Allowance> {
        self.told[kind as usize]
    }

    /// The limits that are told, each with what it is of.
    pub fn told(&self) -> impl Iterator<Item = (LimitKind, Allowance)> {
        LimitKind::EVERY.into_iter().filter_map(|kind| Some((kind, self.of(kind)?)))
    }

    /// With what is left of `kind`.
    #[must_use]
    pub fn with(mut self, kind: LimitKind, allowance: Allowance) -> Self {
        self.told[kind as usize] = Some(allowance);
        self
    }

    /// Those of a reply: `x-ratelimit-remaining-tokens` and kin as OpenAI and many others write them, or
    /// `anthropic-ratelimit-tokens-remaining`. A limit counts only where all three of its headers can be read: Azure sends -1
    /// and 0 for what it does not tell. `None` where there is none, which costs a look at the names alone.
    pub(crate) fn read(reply: &Reply) -> Option<Box<Self>> {
        let mut found = [Told::default(); LimitKind::EVERY.len()];
        let mut has_any = false;
        for (name, value) in reply.headers() {
            let Some((kind, what)) = parts(name) else { continue };
            let told = &mut found[kind as usize];
            match what {
                "limit" => told.limit = value.trim().parse().ok().filter(|limit| *limit > 0),
                "remaining" => told.remaining = value.trim().parse().ok(),
                "reset" => told.reset_ms = reset_ms(reply, value.trim()),
                _ => continue,
            }
            has_any = true;
        }
        if !has_any {
            return None;
        }
        let limits = Self { told: found.map(Told::whole) };
        limits.told().next().is_some().then(|| Box::new(limits))
    }
}

#[derive(Clone, Copy, Default)]
struct Told {
    limit: Option<u64>,
    remaining: Option<u64>,
    reset_ms: Option<u32>,
}

impl Told {
    fn whole(self) -> Option<Allowance> {
        Some(Allowance { limit: self.limit?, remaining: self.remaining?, reset_ms: self.reset_ms? })
    }
}

/// What limit a header is about, and what it says of it.
fn parts(name: &str) -> Option<(LimitKind, &str)> {
    if let Some(rest) = name.strip_prefix("x-ratelimit-") {
        let (what, kind) = rest.split_once('-')?;
        return Some((LimitKind::named(kind)?, what));
    }
    let (kind, what) = name.strip_prefix("anthropic-ratelimit-")?.rsplit_once('-')?;
    Some((LimitKind::named(kind)?, what))
}

/// A duration, bare seconds, or a moment as Anthropic writes it, which is held against the server's own clock.
fn reset_ms(reply: &Reply, text: &str) -> Option<u32> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(whole_ms(seconds * 1000.0));
    }
    if let Some(ms) = duration_ms(text) {
        return Some(ms);
    }
    let until = SystemTime::from(text.parse::<jiff::Timestamp>().ok()?);
    let now = reply.header("date").and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or_else(clock::now);
    Some(until.duration_since(now).map_or(0, |wait| whole_ms(wait.as_secs_f64() * 1000.0)))
}

/// What `reply` was read as, with what it tells of limits.
pub(crate) fn noted(reply: &Reply, read: Result<ChatReply, ChatError>) -> Result<ChatReply, ChatError> {
    let limits = Limits::read(reply);
    match read {
        Ok(read) => Ok(ChatReply { limits, ..read }),
        Err(error) => Err(ChatError { limits, ..error }),
    }
}

#[cfg(test)]
mod tests;
