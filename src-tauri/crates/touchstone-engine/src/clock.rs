//! The one place where the engine reads the clock, draws random ids and asks who is at work.

use std::time::Duration;
use uuid::Uuid;

/// Now, as RFC 3339 in UTC with milliseconds: always as long, so that texts sort as times do.
pub(crate) fn now() -> String {
    format!("{:.3}", jiff::Timestamp::now())
}

/// Today in UTC, as `2026-01-02`.
pub(crate) fn today() -> String {
    now()[..10].to_owned()
}

/// So many days before now, as [`now`] writes it.
pub(crate) fn days_ago(days: i64) -> String {
    format!("{:.3}", jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days))
}

/// So many milliseconds after a moment that [`now`] wrote, or before it, in its spelling; text that is no moment stays.
pub(crate) fn later(moment: &str, ms: i64) -> String {
    let sum = moment
        .parse::<jiff::Timestamp>()
        .ok()
        .and_then(|moment| moment.checked_add(jiff::SignedDuration::from_millis(ms)).ok());
    sum.map_or_else(|| moment.to_owned(), |sum| format!("{sum:.3}"))
}

/// The minute that begins after `wait` from now, in this computer's time: `14:05`, with its day where that is not today.
pub(crate) fn minute_in(wait: Duration) -> String {
    let now = jiff::Zoned::now();
    let wait = jiff::SignedDuration::try_from(wait).unwrap_or(jiff::SignedDuration::ZERO);
    let Ok(then) = now.checked_add(wait + jiff::SignedDuration::from_mins(1)) else { return "a long time".to_owned() };
    let form = if then.date() == now.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    then.strftime(form).to_string()
}

/// A moment in any spelling of RFC 3339, as text that sorts as time does: in UTC, with microseconds. Text that is no
/// such moment stays as it is.
pub(crate) fn sortable(moment: &str) -> String {
    // As it is already, which is how Label Studio writes them, and quicker seen than read.
    const SPELLING: &[u8] = b"0000-00-00T00:00:00.000000Z";
    let is_like = |(byte, like): (u8, &u8)| if *like == b'0' { byte.is_ascii_digit() } else { byte == *like };
    if moment.len() == SPELLING.len() && moment.bytes().zip(SPELLING).all(is_like) {
        return moment.to_owned();
    }
    match moment.parse::<jiff::Timestamp>() {
        Ok(moment) => format!("{moment:.6}"),
        Err(_) => moment.to_owned(),
    }
}

/// A moment of another program in any spelling of RFC 3339, as [`now`] writes it; text that is no such moment is now.
pub(crate) fn moment(text: &str) -> String {
    match text.parse::<jiff::Timestamp>() {
        Ok(moment) => format!("{moment:.3}"),
        Err(_) => now(),
    }
}

/// A moment in milliseconds since 1970, as [`now`] writes it.
pub(crate) fn written(ms: i64) -> String {
    format!("{:.3}", jiff::Timestamp::from_millisecond(ms).unwrap_or_default())
}

/// When a file was written, as [`now`] writes it.
pub(crate) fn of_file(written: std::time::SystemTime) -> String {
    format!("{:.3}", jiff::Timestamp::try_from(written).unwrap_or_default())
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

/// Ten random characters, as Label Studio's editor names regions.
pub(crate) fn region_id() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    Uuid::new_v4().as_bytes()[..10].iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % 64])).collect()
}

/// Who saves versions and annotates on this computer, by the name of the account.
pub(crate) fn author() -> String {
    let named = |variable| std::env::var(variable).ok().filter(|name| !name.trim().is_empty());
    named("USER").or_else(|| named("USERNAME")).unwrap_or_else(|| "unknown".to_owned())
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
    fn moments_of_any_spelling_sort_as_time_does() {
        let spellings = ["2026-01-01T12:30:00+05:00", "2026-01-01T08:00:00Z", "2026-01-01T08:00:00.5Z"];
        let mut sorted = spellings.map(super::sortable);
        sorted.sort();
        assert_eq!(sorted, spellings.map(super::sortable), "07:30, 08:00:00 and 08:00:00.5 in UTC");
        assert_eq!(super::sortable("last week"), "last week");
    }

    #[test]
    fn times_have_one_length_so_that_they_sort_as_text() {
        for _ in 0..100 {
            assert_eq!(super::now().len(), "2026-01-02T03:04:05.678Z".len(), "{}", super::now());
        }
    }
}
