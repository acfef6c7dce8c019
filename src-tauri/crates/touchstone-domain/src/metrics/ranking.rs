//! Items in an order.

use super::ExactSum;
use serde::{Deserialize, Serialize};
use specta::Type;

/// How alike orders are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct RankingMetrics {
    /// Mean of Kendall's tau over the tasks whose sides share at least two items, in [-1, 1]; `None` without any.
    pub kendall_tau: Option<f64>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RankingTally {
    rankings: i64,
    tau: ExactSum,
}

impl RankingTally {
    /// Counts a ranking `times` more, -1 to take it away.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn count(&mut self, tau: Option<f64>, times: i64) {
        if let Some(tau) = tau {
            self.rankings += times;
            self.tau.add(times as f64 * tau);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.rankings += other.rankings;
        self.tau.merge(&other.tau);
    }

    pub fn metrics(&self) -> RankingMetrics {
        RankingMetrics { kendall_tau: self.tau.mean(self.rankings) }
    }
}

/// Kendall's tau-b of the ranks that two sides give the same items, in [-1, 1], in a time that grows with the square of their
/// number. `None` where a side ties all of them, and of fewer than two. Source: Kendall (1945), The Treatment of Ties in
/// Ranking Problems.
#[allow(clippy::cast_precision_loss)]
pub fn kendall_tau(ranks: &[(usize, usize)]) -> Option<f64> {
    let (mut agreeing, mut first_apart, mut second_apart) = (0i64, 0i64, 0i64);
    for (place, one) in ranks.iter().enumerate() {
        for other in &ranks[..place] {
            let orders = (one.0.cmp(&other.0) as i64, one.1.cmp(&other.1) as i64);
            agreeing += orders.0 * orders.1;
            first_apart += orders.0.abs();
            second_apart += orders.1.abs();
        }
    }
    let most = (first_apart as f64 * second_apart as f64).sqrt();
    (most > 0.0).then(|| (agreeing as f64 / most).clamp(-1.0, 1.0))
}
