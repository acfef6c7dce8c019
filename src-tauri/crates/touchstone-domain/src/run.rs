//! What a run covers and where it stands.

use serde::{Deserialize, Serialize};
use specta::Type;
use std::fmt;

/// How many tasks a sample has unless the user says otherwise. Source: Label Studio Prompts.
pub const SAMPLE_TASKS: u32 = 20;

/// Which tasks of the project a run covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Subset {
    All,
    /// So many tasks: the first ones in the project's order or, with a seed, those that chance picks.
    Sample {
        tasks: u32,
        seed: Option<u32>,
    },
    /// Every task that has ground truth.
    GroundTruth,
    /// Those with ground truth that are there to improve a prompt on: not held out.
    GroundTruthDev,
    /// Those with ground truth that are held out (see [`crate::task::is_held_out`]).
    GroundTruthHeldOut,
    /// Tasks that were picked by hand.
    Custom,
}

impl Subset {
    /// The sample that is taken unless the user says otherwise.
    pub const SAMPLE: Self = Self::Sample { tasks: SAMPLE_TASKS, seed: None };

    /// The subset that its `Display` spells, as `sample:50@7` or `ground-truth-dev`; `sample` is [`Self::SAMPLE`]. `None` for
    /// any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "all" => Self::All,
            "sample" => Self::SAMPLE,
            "ground-truth" => Self::GroundTruth,
            "ground-truth-dev" => Self::GroundTruthDev,
            "ground-truth-held-out" => Self::GroundTruthHeldOut,
            "custom" => Self::Custom,
            _ => {
                let size = text.strip_prefix("sample:")?;
                let (tasks, seed) = match size.split_once('@') {
                    Some((tasks, seed)) => (tasks, Some(seed.parse().ok()?)),
                    None => (size, None),
                };
                Self::Sample { tasks: tasks.parse().ok().filter(|tasks| *tasks > 0)?, seed }
            }
        })
    }
}

impl fmt::Display for Subset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Sample { tasks, seed: None } => write!(f, "sample:{tasks}"),
            Self::Sample { tasks, seed: Some(seed) } => write!(f, "sample:{tasks}@{seed}"),
            Self::GroundTruth => f.write_str("ground-truth"),
            Self::GroundTruthDev => f.write_str("ground-truth-dev"),
            Self::GroundTruthHeldOut => f.write_str("ground-truth-held-out"),
            Self::Custom => f.write_str("custom"),
        }
    }
}

/// How often the same can be asked on purpose.
pub const REPETITIONS_MAX: u32 = 10;

/// Which of several runs that ask exactly the same one is. Each has answers of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
pub struct Repetition {
    /// From 1.
    pub number: u32,
    /// How many were asked for together.
    pub of: u32,
}

impl Repetition {
    /// Number `number` of `of`; `None` where there is only one.
    pub fn among(number: u32, of: u32) -> Option<Self> {
        (of > 1).then_some(Self { number, of })
    }
}

impl fmt::Display for Repetition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "repetition {} of {}", self.number, self.of)
    }
}

/// Which tasks of its subset a run covers, by what runs that asked the same made of them before: runs of the same version,
/// the same model and the same repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// No such run has a usable answer for it.
    Missing,
    /// It failed in the newest such run that attended to it.
    Failed,
}

impl Only {
    const EVERY: [Self; 2] = [Self::Missing, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Failed => "failed",
        }
    }

    /// The filter that [`Self::as_str`] spells; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|only| only.as_str() == text)
    }
}

/// Where the task at a position stands in the order that a seed draws tasks in: the first N of it are a sample of N, so that a
/// smaller sample is part of a larger one. Source: the finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
pub fn draw(position: u32, seed: u32) -> i64 {
    let mut z = ((u64::from(seed) << 32) | u64::from(position)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)).cast_signed()
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Made, and waits until it is its turn: runs of one connection go one after the other.
    Queued,
    InProgress,
    /// Ended before its last task by hand or by something that can be mended (a crash, a rejected key); it can be resumed.
    Paused,
    Completed,
    /// Ended by something that resuming does not mend.
    Failed,
    /// Stopped by the user; its results are kept.
    Canceled,
}

impl RunStatus {
    const EVERY: [Self; 6] =
        [Self::Queued, Self::InProgress, Self::Paused, Self::Completed, Self::Failed, Self::Canceled];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// The status that [`Self::as_str`] spells; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether some process is at work on it, or will be once it is its turn.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Queued | Self::InProgress)
    }
}

/// Why a run is paused, where that decides what is to be done about it; its reason says so in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PauseCause {
    /// Offline is on, and what it asks or shows is elsewhere.
    Offline,
    /// Who is asked refuses whatever is asked: a rejected key, no money, an unknown model. Runs that were queued behind it wait
    /// for the same.
    Refused,
    /// What its own money stop leaves cannot pay for the next answer.
    MoneyStop,
    /// What the daily budget of all runs leaves cannot.
    DailyBudget,
}

impl PauseCause {
    const EVERY: [Self; 4] = [Self::Offline, Self::Refused, Self::MoneyStop, Self::DailyBudget];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Refused => "refused",
            Self::MoneyStop => "money_stop",
            Self::DailyBudget => "daily_budget",
        }
    }

    /// The cause that [`Self::as_str`] spells; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|cause| cause.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subset_is_read_as_it_is_spelled() {
        let sample = |tasks, seed| Subset::Sample { tasks, seed };
        for (text, subset) in [
            ("all", Subset::All),
            ("sample:50", sample(50, None)),
            ("sample:50@7", sample(50, Some(7))),
            ("ground-truth", Subset::GroundTruth),
            ("ground-truth-dev", Subset::GroundTruthDev),
            ("ground-truth-held-out", Subset::GroundTruthHeldOut),
            ("custom", Subset::Custom),
        ] {
            assert_eq!((Subset::parse(text), subset.to_string().as_str()), (Some(subset), text));
        }
        assert_eq!(Subset::parse("sample"), Some(sample(20, None)), "as older workspaces have it");
        for text in ["", "sample:", "sample:0", "sample:x", "sample:5@", "sample:5@x", "sample:-1", "every"] {
            assert_eq!(Subset::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_tenth_of_the_tasks_gives_about_a_tenth_of_a_sample() {
        let mut drawn: Vec<u32> = (0..10_000).collect();
        drawn.sort_by_key(|position| draw(*position, 7));
        for tenth in 0..10 {
            let from_it = drawn[..1000].iter().filter(|position| *position / 1000 == tenth).count();
            assert!((60..=140).contains(&from_it), "{from_it} of the tenth number {tenth}");
        }
        assert_ne!(draw(0, 7), draw(0, 8), "another seed, another order");
    }
}
