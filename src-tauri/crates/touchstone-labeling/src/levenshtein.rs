//! How similar two texts are.

/// Of each text at most this many code points take part in the comparison after what both begin and end with is set
/// aside; the rest counts as different. It keeps one comparison below some thirty milliseconds.
const CHARS_MAX: usize = 5_000;

/// 1 - Levenshtein distance / length of the longer text, in code points; 1 for two empty texts. A lower bound where
/// more than 5,000 code points differ.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn similarity(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let longer = a.len().max(b.len());
    if longer == 0 { 1.0 } else { 1.0 - distance(&a, &b) as f64 / longer as f64 }
}

fn distance(a: &[char], b: &[char]) -> usize {
    let prefix = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    let (a, a_rest) = a.split_at(a.len().min(CHARS_MAX));
    let (b, b_rest) = b.split_at(b.len().min(CHARS_MAX));
    // One row of the usual table: row[j] is the distance of the letters of `a` so far to the first j of `b`.
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()] + a_rest.len().max(b_rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similarity_is_by_code_points() {
        for (a, b, wanted) in [
            ("", "", 1.0),
            ("", "abc", 0.0),
            ("hello", "help!", 0.6),
            ("kitten", "sitting", 4.0 / 7.0),
            ("né", "ne", 0.5),
            ("🚀a", "🚀b", 0.5),
        ] {
            assert!((similarity(a, b) - wanted).abs() < 1e-12, "{a} and {b}: {}", similarity(a, b));
        }
    }

    #[test]
    fn huge_texts_do_not_take_for_ever() {
        let (a, b) = ("ab".repeat(500_000), "cd".repeat(500_000));
        assert!(similarity(&a, &b) < 0.01);
        let changed = a.replacen("ba", "xx", 1);
        assert!(similarity(&a, &changed) > 0.99, "what is equal at both ends is not compared at length");
    }
}
