//! Runs that other programs are at work on, as far as the workspace tells.

use super::meter::Meter;
use super::{LEASE_LOOKED_AT, LEASE_STALE_MS};
use serde::Serialize;
use specta::Type;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use touchstone_store::RunRow;

/// A lease is renewed every second; so long without, and its program does not answer.
const SILENT: Duration = Duration::from_secs(3);

/// The same before it was seen to be renewed: a program that was killed is met as often then as one that is busy.
const SILENT_UNSEEN: Duration = Duration::from_secs(2);

/// Who is at work on a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RunWorker {
    /// This program; nobody yet, while it is queued.
    Here,
    /// Another program on this workspace.
    Elsewhere,
    /// A program that does not answer. After so long it counts as gone, and the run can be resumed.
    Silent {
        #[specta(type = f64)]
        gone_in_ms: u64,
    },
}

/// What is known of a run of another program.
#[derive(Debug, PartialEq)]
pub(super) struct Other {
    pub worker: RunWorker,
    pub rate: Option<f64>,
    pub eta_ms: Option<u64>,
}

/// What was seen of such runs, by their keys.
#[derive(Default)]
pub(super) struct Others(Mutex<HashMap<i64, Seen>>);

struct Seen {
    beat_ms: Option<i64>,
    /// Since when the lease was not seen to be renewed, by a clock that nobody sets.
    since: Instant,
    /// It was renewed while somebody looked. Before, only the clock of the other program tells how old it is.
    is_alive: bool,
    meter: Meter,
}

/// What the workspace says of such a run.
pub(super) struct Said {
    pub run_key: i64,
    pub beat_ms: Option<i64>,
    pub done: u32,
    pub total: u32,
}

impl Said {
    pub(super) fn of(run: &RunRow) -> Self {
        Self { run_key: run.key, beat_ms: run.lease_beat_ms, done: run.done, total: run.total }
    }
}

impl Others {
    /// Looks at a run once more; about once a second tells its rate.
    pub(super) fn look(&self, said: &Said, now_ms: i64, now: Instant) -> Other {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, one| now.duration_since(one.since) < 10 * SILENT);
        let one = seen.entry(said.run_key).or_insert_with(|| Seen {
            beat_ms: said.beat_ms,
            since: now,
            is_alive: false,
            meter: Meter::default(),
        });
        if one.beat_ms != said.beat_ms {
            (one.beat_ms, one.since, one.is_alive) = (said.beat_ms, now, true);
        }
        one.meter.read(now, said.done);
        let watched = now.duration_since(one.since);
        let by_clock = said.beat_ms.and_then(|beat_ms| u64::try_from(now_ms.saturating_sub(beat_ms)).ok());
        let age = if one.is_alive { watched } else { watched.max(Duration::from_millis(by_clock.unwrap_or(0))) };
        if age < if one.is_alive { SILENT } else { SILENT_UNSEEN } {
            return Other {
                worker: RunWorker::Elsewhere,
                rate: one.meter.rate(),
                eta_ms: one.meter.eta_ms(said.total.saturating_sub(said.done)),
            };
        }
        let gone = Duration::from_millis(LEASE_STALE_MS.unsigned_abs()) + LEASE_LOOKED_AT;
        let left = gone.saturating_sub(age).max(Duration::from_secs(1));
        let gone_in_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        Other { worker: RunWorker::Silent { gone_in_ms }, rate: None, eta_ms: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEAT: i64 = 1_000_000;

    fn said(beat_ms: i64, done: u32) -> Said {
        Said { run_key: 1, beat_ms: Some(beat_ms), done, total: 100 }
    }

    #[test]
    fn the_pace_of_another_program_shows_in_what_it_has_done() {
        let (others, start) = (Others::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let first = others.look(&said(BEAT, 10), BEAT + 500, at(0));
        assert_eq!(first, Other { worker: RunWorker::Elsewhere, rate: None, eta_ms: None });
        let next = others.look(&said(BEAT + 1000, 20), BEAT + 1500, at(1));
        assert_eq!(next, Other { worker: RunWorker::Elsewhere, rate: Some(10.0), eta_ms: Some(8_000) });
    }

    #[test]
    fn a_program_that_renews_nothing_does_not_answer_whatever_its_clock_says() {
        let (others, start) = (Others::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let silent = |seconds: u64| RunWorker::Silent { gone_in_ms: seconds * 1000 };
        // It was killed 2 s before the window opened, or 4 s.
        assert_eq!(Others::default().look(&said(BEAT, 80), BEAT + 2_000, at(0)).worker, silent(11));
        assert_eq!(others.look(&said(BEAT, 80), BEAT + 4_000, at(0)).worker, silent(9));
        assert_eq!(others.look(&said(BEAT, 80), BEAT + 12_800, at(9)).worker, silent(1), "it is about to be paused");
        // Another computer, whose clock is behind by a minute.
        let others = Others::default();
        assert_eq!(others.look(&said(BEAT, 80), BEAT + 60_000, at(0)).worker, silent(1));
        assert_eq!(others.look(&said(BEAT + 1000, 80), BEAT + 61_000, at(1)).worker, RunWorker::Elsewhere);
        assert_eq!(others.look(&said(BEAT + 1000, 80), BEAT + 63_000, at(3)).worker, RunWorker::Elsewhere);
        assert_eq!(others.look(&said(BEAT + 1000, 80), BEAT + 66_000, at(6)).worker, silent(8));
    }
}
