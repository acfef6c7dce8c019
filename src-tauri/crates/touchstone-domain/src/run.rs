//! What a run covers and where it stands.

use serde::{Deserialize, Serialize};
use specta::Type;

/// How many tasks a sample has unless the user says otherwise. Source: Label Studio Prompts.
pub const SAMPLE_TASKS: u32 = 20;

/// Which tasks of the project a run covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Subset {
    All,
    /// The first [`SAMPLE_TASKS`] tasks, in the project's order.
    Sample,
    /// Every task that has ground truth.
    GroundTruth,
    /// Those with ground truth that are there to improve a prompt on: not held out.
    GroundTruthDev,
    /// Those with ground truth that are held out (see [`crate::task::is_held_out`]).
    GroundTruthHeldOut,
}

impl Subset {
    const EVERY: [Self; 5] =
        [Self::All, Self::Sample, Self::GroundTruth, Self::GroundTruthDev, Self::GroundTruthHeldOut];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Sample => "sample",
            Self::GroundTruth => "ground-truth",
            Self::GroundTruthDev => "ground-truth-dev",
            Self::GroundTruthHeldOut => "ground-truth-held-out",
        }
    }

    /// The subset that [`Self::as_str`] spells; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|subset| subset.as_str() == text)
    }
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    Pending,
    InProgress,
    /// Ended before its last task by something that can be mended (a crash, a rejected key); it can be resumed.
    Paused,
    Completed,
    /// Ended by something that resuming does not mend.
    Failed,
    /// Stopped by the user; its results are kept.
    Canceled,
}

impl RunStatus {
    const EVERY: [Self; 6] =
        [Self::Pending, Self::InProgress, Self::Paused, Self::Completed, Self::Failed, Self::Canceled];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
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

    /// Whether some process is, or is about to be, at work on it.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress)
    }
}
