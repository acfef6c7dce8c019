//! Amounts of dollars: read as people type them, and shown to them.
//!
//! What is typed, limits and prices, is a whole number of millionths. What calls cost, and all that is added up of it or
//! held against it, is counted in picodollars, millionths of these: a call costs its tokens times the millionths that a
//! million of them cost, so that nothing is rounded, and a thousand calls for a third of a millionth each cost what they do.

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

const PICOS_OF_MICRO: u64 = 1_000_000;

/// Millionths of a dollar as picodollars.
pub(crate) fn picos(micros: u64) -> u64 {
    micros.saturating_mul(PICOS_OF_MICRO)
}

/// Picodollars as whole millionths of a dollar, rounded up: what costs something is never nothing.
pub(crate) fn micros_up(picos: u64) -> u64 {
    picos.div_ceil(PICOS_OF_MICRO)
}

/// Picodollars as dollars for files and for the page; sums are made before.
pub fn of_picos(picos: u64) -> f64 {
    picos as f64 / 1e12
}

/// Millionths of a dollar as dollars for files.
pub fn of_micros(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// Below this many picodollars, each digit is shown.
const SHOWN_WHOLE: u64 = 100 * PICOS_OF_MICRO;

/// Picodollars for people: whole cents, or as many digits as it takes, to the millionth of a dollar where that says enough.
pub(crate) fn usd(picos: u64) -> String {
    let exact = if picos < SHOWN_WHOLE {
        format!("{:.12}", of_picos(picos))
    } else {
        format!("{:.6}", of_micros(picos.saturating_add(PICOS_OF_MICRO / 2) / PICOS_OF_MICRO))
    };
    let cents = exact.find('.').map_or(exact.len(), |point| point + 3);
    format!("${}", &exact[..exact.trim_end_matches('0').len().max(cents)])
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
            assert_eq!(usd(picos(micros)), shown);
        }
    }

    #[test]
    fn what_costs_less_than_a_millionth_is_not_shown_as_nothing() {
        for (picos, shown) in [
            (1, "$0.000000000001"),
            (300_000, "$0.0000003"),
            (12_345_678, "$0.000012345678"),
            (123_456_789, "$0.000123"),
            (499_999_999_999, "$0.50"),
            (u64::MAX, "$18446744.073709"),
        ] {
            assert_eq!(usd(picos), shown);
        }
        assert_eq!([0, 1, 1_000_000, 1_000_001].map(micros_up), [0, 1, 1, 2]);
    }

    proptest! {
        #[test]
        fn every_micro_dollar_is_read_as_it_is_written(wanted in 0..=10_000_000_000_u64) {
            let text = format!("{}.{:06}", wanted / 1_000_000, wanted % 1_000_000);
            prop_assert_eq!(parsed(&text), Ok(wanted));
        }
    }
}
