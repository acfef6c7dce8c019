//! The verdict on two runs in a sentence, as the window says it.

use super::PairedVerdict;
use touchstone_domain::comparison::{SHARED_MIN, Verdict};
use touchstone_domain::metrics::Interval;

impl PairedVerdict {
    /// “B is better than A by 3.2 points (0.4 to 6.1), likely real: 31 fixed, 15 broken.” `shared` is the comparison's, `run` and
    /// `baseline` are what the two are called.
    pub fn sentence(&self, shared: u32, run: &str, baseline: &str) -> String {
        let Some(difference) = self.difference.filter(|_| shared > 0) else {
            return format!(
                "Cannot tell {run} from {baseline}: no task that both have answered has ground truth; mark some tasks as ground \
                 truth."
            );
        };
        if self.different == 0 {
            let tasks = if shared == 1 { "the one task".to_owned() } else { format!("all {shared} tasks") };
            return format!("{run} and {baseline} answered alike on {tasks}.");
        }
        let Self { fixed, broken, .. } = self;
        let counts = format!("{fixed} fixed, {broken} broken");
        let Interval { value, low, high } = difference;
        let between = in_points(difference);
        let by = |value, low, high| format!("{} points ({})", points(value), points_between(low, high));
        match self.verdict {
            Verdict::Better => {
                format!("{run} is better than {baseline} by {}, likely real: {counts}.", by(value, low, high))
            }
            Verdict::Worse => {
                format!("{run} is worse than {baseline} by {}, likely real: {counts}.", by(-value, -high, -low))
            }
            Verdict::Same => format!("{run} and {baseline} do equally well: {counts}, a difference of {between}."),
            Verdict::CannotTell => {
                let told = format!(
                    "Cannot tell whether {run} is better than {baseline}: {counts} of {shared}, a difference of {between}."
                );
                match self.more_tasks_needed {
                    Some(1) => format!("{told} About 1 more ground truth is needed."),
                    Some(more) => format!("{told} About {} more ground truths are needed.", about(more)),
                    None if shared < SHARED_MIN => format!("{told} So few tasks cannot say."),
                    // Nothing speaks for either: no number of tasks is known to do.
                    None if fixed == broken => told,
                    None => format!("{told} More ground truth is needed."),
                }
            }
        }
    }
}

/// “+3.2 points (−1.4 to 7.8)”
pub fn in_points(of: Interval) -> String {
    format!("{} points ({})", signed(of.value), points_between(of.low, of.high))
}

/// “−1.4 to 7.8”: with a word between, since a dash would look like another minus.
fn points_between(low: f64, high: f64) -> String {
    format!("{} to {}", points(low), points(high))
}

/// “3.2”, “−1.4”; what rounds to nothing has no sign.
fn points(difference: f64) -> String {
    // What lies halfway is rounded up, as the window does it.
    let text = format!("{:.1}", (difference.abs() * 1000.0).round() / 10.0);
    if difference < 0.0 && text != "0.0" { format!("−{text}") } else { text }
}

/// “+3.2”, “−1.4”: points of a difference of shares.
pub(crate) fn signed(difference: f64) -> String {
    let text = points(difference);
    if difference > 0.0 && text != "0.0" { format!("+{text}") } else { text }
}

/// No more digits than are known of it: two, rounded up.
fn about(count: u32) -> u32 {
    let step = 10u32.pow(count.checked_ilog10().unwrap_or(0).saturating_sub(1));
    count.div_ceil(step).saturating_mul(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_tasks_has_two_digits() {
        assert_eq!(
            [1, 9, 10, 42, 99, 100, 118, 291, 991, 19_622_197].map(about),
            [1, 9, 10, 42, 99, 100, 120, 300, 1_000, 20_000_000]
        );
        assert_eq!(about(u32::MAX), u32::MAX);
    }

    #[test]
    fn differences_are_said_in_points() {
        assert_eq!([0.032, -0.014, 0.0001, -0.0001].map(points), ["3.2", "−1.4", "0.0", "0.0"]);
        assert_eq!([0.032, -0.014, 0.0001, -0.0001].map(signed), ["+3.2", "−1.4", "0.0", "0.0"]);
        assert_eq!(in_points(Interval { value: 0.032, low: -0.014, high: 0.078 }), "+3.2 points (−1.4 to 7.8)");
    }
}
