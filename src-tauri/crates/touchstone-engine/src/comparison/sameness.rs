//! Whether two runs say the same of a task.

use crate::tasks::stored_regions;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use touchstone_labeling::{Capabilities, Config};
use touchstone_store::SidePrediction;

/// Pairs of predictions of which a thread remembers whether they are the same, which is all that there are of a choice
/// between few classes.
const KNOWN_PAIRS_MAX: usize = 10_000;

/// Whether two runs predict the same: equal on all controls, as a prediction is to ground truth where it is correct.
pub(crate) struct Sameness<'c> {
    config: &'c Config,
    /// Of pairs that were looked at, as [`stripped`] texts.
    known: HashMap<(String, String), bool>,
}

/// A region as far as it says something.
#[derive(Deserialize)]
struct Said<'r> {
    #[serde(borrow, default)]
    from_name: Cow<'r, str>,
    #[serde(borrow)]
    value: Option<&'r RawValue>,
}

/// Regions without their ids, which are made of the whole answer; `None` for what is no list of them.
fn stripped(result: &str) -> Option<String> {
    let regions: Vec<Said<'_>> = serde_json::from_str(result).ok()?;
    let mut text = String::with_capacity(result.len());
    for region in &regions {
        text.push_str(&region.from_name);
        text.push('\n');
        text.push_str(region.value.map_or("", RawValue::get));
        text.push('\n');
    }
    Some(text)
}

impl<'c> Sameness<'c> {
    pub(crate) fn by(config: &'c Config) -> Self {
        Self { config, known: HashMap::new() }
    }

    pub(super) fn holds(&mut self, first: &SidePrediction<'_>, other: &SidePrediction<'_>) -> bool {
        // What is the same is right or wrong alike.
        let are_apart = first.correct.zip(other.correct).is_some_and(|(first, other)| first != other);
        first.result == other.result || (!are_apart && self.of(first.result, other.result))
    }

    /// Of what two runs say, each as UTF-8 of a JSON list of regions.
    pub(crate) fn of(&mut self, first: &[u8], other: &[u8]) -> bool {
        if first == other {
            return true;
        }
        let [first, other] = [first, other].map(String::from_utf8_lossy);
        let Some(pair) = stripped(&first).zip(stripped(&other)) else { return false };
        if pair.0 == pair.1 {
            return true;
        }
        if let Some(known) = self.known.get(&pair) {
            return *known;
        }
        let is_same = self.config.score(&stored_regions(&first), &stored_regions(&other), Capabilities::ALL).correct;
        if self.known.len() < KNOWN_PAIRS_MAX {
            self.known.insert(pair, is_same);
        }
        is_same
    }
}
