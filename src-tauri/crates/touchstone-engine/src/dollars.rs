//! Amounts of dollars, in millionths: read as people type them, and shown to them.

/// No more decimals than millionths show.
const DECIMALS_MAX: usize = 6;

/// An amount of dollars as it is typed, “2.5” or “$0.15”, exactly, in millionths; in words why it is none, otherwise.
pub fn parsed(text: &str) -> Result<u64, String> {
    let typed = text.trim();
    let amount = typed.strip_prefix('$').unwrap_or(typed).trim_start();
    if amount.is_empty() {
        return Err("enter an amount in dollars, for example 0.15".to_owned());
    }
    if amount.starts_with(['-', '−']) {
        return Err("it is not less than nothing".to_owned());
    }
    if amount.contains(',') {
        return Err("write the amount without commas and its decimals after a point, for example 0.15".to_owned());
    }
    let (whole, decimals) = amount.split_once('.').unwrap_or((amount, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + decimals.len() == 0 || !is_number(whole) || !is_number(decimals) {
        return Err(format!("“{typed}” is no amount; enter dollars, for example 0.15"));
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > DECIMALS_MAX {
        return Err(format!("at most {DECIMALS_MAX} decimals: a millionth of a dollar is the least"));
    }
    let micros = format!("{}{decimals:0<6}", whole.trim_start_matches('0')).parse();
    micros.map_err(|_| format!("“{typed}” is more than anybody has; check the amount"))
}

/// An amount for files; sums are made of the millionths.
pub fn dollars(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// An amount for people: whole cents, or as many digits as it takes.
pub(crate) fn usd(micros: u64) -> String {
    if micros.is_multiple_of(10_000) {
        return format!("${:.2}", dollars(micros));
    }
    format!("${}", format!("{:.6}", dollars(micros)).trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_to_the_micro_dollar() {
        for (text, want) in [
            ("0.15", 150_000),
            ("3", 3_000_000),
            (" $2.50 ", 2_500_000),
            (".5", 500_000),
            ("1.", 1_000_000),
            ("0", 0),
            ("0.000001", 1),
            ("0.1000000000", 100_000),
            ("0007", 7_000_000),
            ("10000", 10_000_000_000),
        ] {
            assert_eq!(parsed(text), Ok(want), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_in_words() {
        for (text, words) in [
            ("", "enter an amount"),
            ("$", "enter an amount"),
            ("-1", "less than nothing"),
            ("0,15", "after a point"),
            ("1,000.00", "without commas"),
            ("free", "“free” is no amount"),
            (".", "no amount"),
            ("1e3", "no amount"),
            ("0.1.2", "no amount"),
            ("٣", "no amount"),
            ("0.0000001", "at most 6 decimals"),
            ("99999999999999999999999999", "check the amount"),
        ] {
            let why = parsed(text).expect_err(text);
            assert!(why.contains(words), "{text}: {why}");
        }
    }

    #[test]
    fn amounts_are_shown_in_cents_or_as_exactly_as_they_are() {
        for (micros, shown) in [(0, "$0.00"), (2_500_000, "$2.50"), (460, "$0.00046"), (1, "$0.000001")] {
            assert_eq!(usd(micros), shown);
        }
    }

    proptest! {
        #[test]
        fn every_micro_dollar_is_read_as_it_is_written(wanted in 0..=10_000_000_000_u64) {
            let text = format!("{}.{:06}", wanted / 1_000_000, wanted % 1_000_000);
            prop_assert_eq!(parsed(&text), Ok(wanted));
        }
    }
}
