//! Sums of doubles that lose nothing.

use serde::{Deserialize, Serialize};

/// Beyond this a term counts as this: a million squares of it still have a sum.
const TERM_MAX: f64 = 1e300;

/// A sum of doubles without rounding: what is taken away again leaves no trace, and the order of the terms does not matter.
///
/// It is kept as doubles that do not overlap, the smallest first; two or three of them as a rule. Source: Shewchuk (1997),
/// Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates, the algorithm of Python's `math.fsum`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExactSum {
    parts: Vec<f64>,
}

impl ExactSum {
    /// A term that is no number is left out.
    pub fn add(&mut self, term: f64) {
        if term.is_nan() {
            return;
        }
        let mut term = term.clamp(-TERM_MAX, TERM_MAX);
        let mut kept = 0;
        for place in 0..self.parts.len() {
            let mut part = self.parts[place];
            if term.abs() < part.abs() {
                std::mem::swap(&mut term, &mut part);
            }
            let sum = term + part;
            let rest = part - (sum - term);
            if rest != 0.0 {
                self.parts[kept] = rest;
                kept += 1;
            }
            term = sum;
        }
        self.parts.truncate(kept);
        if term != 0.0 {
            self.parts.push(term);
        }
    }

    pub fn subtract(&mut self, term: f64) {
        self.add(-term);
    }

    pub fn merge(&mut self, other: &Self) {
        for &part in &other.parts {
            self.add(part);
        }
    }

    pub fn value(&self) -> f64 {
        self.parts.iter().rev().sum()
    }

    /// `None` of nothing.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn mean(&self, terms: i64) -> Option<f64> {
        (terms > 0).then(|| self.value() / terms as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_away_leaves_no_trace() {
        let mut sum = ExactSum::default();
        for term in [0.1, 1e300, -3.5, 1e-300, f64::NAN] {
            sum.add(term);
        }
        for term in [1e300, 0.1, 1e-300] {
            sum.subtract(term);
        }
        assert_eq!(sum.value(), -3.5);
        sum.subtract(-3.5);
        assert!(sum.parts.is_empty(), "{sum:?}");
    }

    #[test]
    fn the_order_does_not_matter() {
        let terms: Vec<f64> = (1..=1000).map(|term| 1.0 / f64::from(term)).collect();
        let sum = |terms: &mut dyn Iterator<Item = &f64>| {
            let mut sum = ExactSum::default();
            terms.for_each(|term| sum.add(*term));
            sum
        };
        let (forwards, backwards) = (sum(&mut terms.iter()), sum(&mut terms.iter().rev()));
        assert_eq!(forwards.value(), backwards.value());
        let mut merged = sum(&mut terms[..300].iter());
        merged.merge(&sum(&mut terms[300..].iter()));
        assert_eq!(merged.value(), forwards.value());
        let read: ExactSum = serde_json::from_str(&serde_json::to_string(&merged).expect("JSON")).expect("a sum");
        assert_eq!(read.value(), merged.value());
    }

    #[test]
    fn what_is_too_large_is_cut() {
        let mut sum = ExactSum::default();
        (0..1_000).for_each(|_| sum.add(f64::INFINITY));
        assert!(sum.value().is_finite());
    }
}
