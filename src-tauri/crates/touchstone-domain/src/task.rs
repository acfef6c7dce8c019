//! What the content of a task decides.

use sha2::{Digest, Sha256};

/// How many of a hundred tasks with ground truth are held out.
pub const HELD_OUT_PERCENT: i64 = 50;

/// Names the content of a task: the first 63 bits of the SHA-256 of its data as compact JSON, so never negative.
pub fn data_hash(data: &str) -> i64 {
    let digest = Sha256::digest(data.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first) & i64::MAX
}

/// Whether a task with this [`data_hash`] is held out: seen by no one who improves a prompt, and judged on at the end.
/// Decided by the content alone, so that a task stays on its side in every project, order and import.
pub fn is_held_out(data_hash: i64) -> bool {
    data_hash % 100 < HELD_OUT_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_half_of_the_tasks_are_held_out() {
        let held_out = (0..10_000).filter(|n| is_held_out(data_hash(&format!(r#"{{"n":{n}}}"#)))).count();
        assert!((4_800..5_200).contains(&held_out), "{held_out} of 10000");
    }

    #[test]
    fn the_hash_of_a_task_never_changes() {
        assert_eq!(data_hash(r#"{"text":"hello"}"#), 5_457_198_169_980_023_885);
    }
}
