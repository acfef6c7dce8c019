//! How long answers took.

use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// Bits of a latency that are kept: it is known to within 1/256 of itself.
const BITS: u32 = 8;

/// Whether a bar of the chart ends at 1, 2 or 5 of these, in milliseconds.
const DECADES: std::ops::Range<u32> = 0..9;

/// How long answers took, in milliseconds. A quantile is the smallest latency that such a share of the answers does not
/// exceed (Hyndman & Fan (1996), definition 1), to within 0.4 %.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LatencyMetrics {
    pub p50_ms: u32,
    pub p95_ms: u32,
    pub p99_ms: u32,
    /// Ascending without gaps, from the first that is not empty to the last.
    pub bins: Vec<LatencyBin>,
}

/// Answers that took longer than the bin before says, and no longer than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LatencyBin {
    pub up_to_ms: u32,
    pub count: u32,
}

/// Latencies, counted by their first eight bits. Source: the buckets of HdrHistogram (Tene, 2013).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LatencyTally {
    /// By the latency in the middle of those that are counted together.
    counts: BTreeMap<u32, i64>,
}

/// The middle of the latencies that are counted together with this.
fn middle(latency_ms: u32) -> u32 {
    let left_out = (u32::BITS - latency_ms.leading_zeros()).saturating_sub(BITS);
    let half = (1u32 << left_out) / 2;
    (latency_ms >> left_out << left_out) + half
}

impl LatencyTally {
    /// Counts a latency `times` more, -1 to take it away.
    pub fn count(&mut self, latency_ms: u32, times: i64) {
        let latency_ms = middle(latency_ms);
        let count = self.counts.entry(latency_ms).or_default();
        *count += times;
        if *count == 0 {
            self.counts.remove(&latency_ms);
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (&latency_ms, &count) in &other.counts {
            *self.counts.entry(latency_ms).or_default() += count;
        }
        self.counts.retain(|_, count| *count != 0);
    }

    /// `None` without any.
    pub fn metrics(&self) -> Option<LatencyMetrics> {
        let counts = || self.counts.iter().filter(|(_, count)| **count > 0).map(|(&latency, &count)| (latency, count));
        let all: i64 = counts().map(|(_, count)| count).sum();
        let quantile = |percent: i64| {
            let mut up_to = 0;
            let found = counts().find(|(_, count)| {
                up_to += count;
                up_to * 100 >= all * percent
            });
            found.map(|(latency, _)| latency)
        };
        Some(LatencyMetrics { p50_ms: quantile(50)?, p95_ms: quantile(95)?, p99_ms: quantile(99)?, bins: self.bins() })
    }

    fn bins(&self) -> Vec<LatencyBin> {
        let ends = DECADES.flat_map(|decade| [1, 2, 5].map(|first| first * 10u32.pow(decade))).chain([u32::MAX]);
        let mut counts = self.counts.iter().filter(|(_, count)| **count > 0).peekable();
        let mut bins: Vec<LatencyBin> = Vec::new();
        for up_to_ms in ends {
            let mut sum = 0;
            while let Some((_, &count)) = counts.next_if(|(latency_ms, _)| **latency_ms <= up_to_ms) {
                sum += count;
            }
            if sum > 0 || !bins.is_empty() {
                bins.push(LatencyBin { up_to_ms, count: super::shown(sum) });
            }
            if counts.peek().is_none() {
                break;
            }
        }
        bins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_known_to_within_a_small_part_of_itself() {
        for latency_ms in (0..100_000).chain([u32::MAX - 1, u32::MAX]) {
            let off = middle(latency_ms).abs_diff(latency_ms);
            assert!(f64::from(off) <= f64::from(latency_ms) / 256.0, "{latency_ms} is off by {off}");
        }
    }

    #[test]
    fn bars_end_at_round_numbers() {
        let mut tally = LatencyTally::default();
        assert_eq!(tally.metrics(), None);
        for (latency_ms, times) in [(3, 1), (20, 2), (21, 4), (800, 3)] {
            tally.count(latency_ms, times);
        }
        let metrics = tally.metrics().expect("latencies");
        let bins: Vec<_> = metrics.bins.iter().map(|bin| (bin.up_to_ms, bin.count)).collect();
        assert_eq!(bins, [(5, 1), (10, 0), (20, 2), (50, 4), (100, 0), (200, 0), (500, 0), (1000, 3)]);
        assert_eq!((metrics.p50_ms, metrics.p95_ms, metrics.p99_ms), (21, 802, 802));
        tally.count(800, -3);
        assert_eq!(tally.metrics().expect("latencies").bins.last().map(|bin| bin.up_to_ms), Some(50));
    }
}
