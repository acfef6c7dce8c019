//! Texts that a model wrote.

use super::ExactSum;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::HashMap;

/// How alike texts are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct TextMetrics {
    /// Mean of 1 - edit distance / length of the longer text, in [0, 1].
    pub similarity: f64,
    /// Mean of the F1 of shared words, in [0, 1]; see [`token_f1`].
    pub token_f1: f64,
    pub exact: u32,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TextTally {
    texts: i64,
    exact: i64,
    similarity: ExactSum,
    token_f1: ExactSum,
}

impl TextTally {
    /// Counts the texts `times` more, -1 to take them away.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn count(&mut self, similarity: f64, is_exact: bool, token_f1: f64, times: i64) {
        self.texts += times;
        self.exact += if is_exact { times } else { 0 };
        self.similarity.add(times as f64 * similarity);
        self.token_f1.add(times as f64 * token_f1);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.texts += other.texts;
        self.exact += other.exact;
        self.similarity.merge(&other.similarity);
        self.token_f1.merge(&other.token_f1);
    }

    /// `None` of nothing.
    pub fn metrics(&self) -> Option<TextMetrics> {
        Some(TextMetrics {
            similarity: self.similarity.mean(self.texts)?,
            token_f1: self.token_f1.mean(self.texts)?,
            exact: super::shown(self.exact),
        })
    }
}

/// F1 of the words that two texts share, each as often as it occurs, in [0, 1]: without regard to case, ASCII punctuation and
/// the English articles. Where one has no words, 1 if neither has. Source: Rajpurkar et al. (2016, 2018), SQuAD, official
/// evaluation script 2.0.
#[allow(clippy::cast_precision_loss)]
pub fn token_f1(truth: &str, predicted: &str) -> f64 {
    let (truth, predicted) = (normalized(truth), normalized(predicted));
    let (truth, predicted): (Vec<_>, Vec<_>) = (words(&truth).collect(), words(&predicted).collect());
    if truth.is_empty() || predicted.is_empty() {
        return f64::from(u8::from(truth.is_empty() && predicted.is_empty()));
    }
    let mut left: HashMap<&str, usize> = HashMap::new();
    for word in &truth {
        *left.entry(word).or_default() += 1;
    }
    let is_shared = |word: &&&str| {
        let left = left.get_mut(**word).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    };
    let shared = predicted.iter().filter(is_shared).count();
    2.0 * shared as f64 / (truth.len() + predicted.len()) as f64
}

fn normalized(text: &str) -> String {
    text.to_lowercase().chars().filter(|letter| !letter.is_ascii_punctuation()).collect()
}

fn words(normalized: &str) -> impl Iterator<Item = &str> {
    normalized.split_whitespace().filter(|word| !matches!(*word, "a" | "an" | "the"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_shared_as_often_as_both_have_them() {
        for (truth, predicted, wanted) in [
            ("The cat sat.", "a cat sat", 1.0),
            ("cat cat dog", "cat dog dog", 2.0 / 3.0),
            ("one two", "three", 0.0),
            ("the", "!", 1.0),
            ("the", "cat", 0.0),
            ("Émile’s pen", "émile’s PEN", 1.0),
        ] {
            assert!((token_f1(truth, predicted) - wanted).abs() < 1e-12, "{truth} and {predicted}");
        }
    }
}
