//! The one place where the engine reads the clock and draws random ids.

use uuid::Uuid;

/// Now, as RFC 3339 in UTC with milliseconds: always as long, so that texts sort as times do.
pub(crate) fn now() -> String {
    format!("{:.3}", jiff::Timestamp::now())
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// A new id; later ids sort after earlier ones.
pub(crate) fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// Four random letters or digits, the end of a wire id.
pub(crate) fn tail() -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    Uuid::new_v4().as_bytes()[..4].iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % 62])).collect()
}

/// A random number in [0, 1), for jitter.
pub(crate) fn random_share() -> f64 {
    let (high, _) = Uuid::new_v4().as_u64_pair();
    // The version's four bits lie below these 48.
    (high >> 16) as f64 / (1_u64 << 48) as f64
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_have_one_length_so_that_they_sort_as_text() {
        for _ in 0..100 {
            assert_eq!(super::now().len(), "2026-01-02T03:04:05.678Z".len(), "{}", super::now());
        }
    }
}
