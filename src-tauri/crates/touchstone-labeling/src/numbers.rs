//! Numbers in texts, read the way Label Studio's Python reads them: blanks around them and `_` between digits are
//! allowed, so `" 7 "`, `1e2` and `1_000` are numbers.

use serde_json::{Number, Value};

/// Python's `float(text)`; may be infinite or not a number.
pub(crate) fn float(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = without_underscores(text)?;
    let unsigned = digits.trim_start_matches(['+', '-']);
    let named = ["inf", "infinity", "nan"].iter().any(|name| unsigned.eq_ignore_ascii_case(name));
    // Rust reads everything that Python reads, except for the underscores.
    (named || unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.'))
        .then(|| digits.parse().ok())
        .flatten()
}

/// A finite number in a text.
pub(crate) fn finite(text: &str) -> Option<f64> {
    float(text).filter(|number| number.is_finite())
}

/// Python's `int(text)`.
pub(crate) fn integer(text: &str) -> Option<i64> {
    without_underscores(text.trim())?.parse().ok()
}

/// A whole number as JSON integer, any other as it is; `null` for what JSON cannot hold.
pub(crate) fn json(number: f64) -> Value {
    // Beyond 2^53 not every integer is a double, so writing digits would claim too much.
    if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 {
        #[allow(clippy::cast_possible_truncation)]
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// The integer that a JSON number is, also if it is written `4.0`.
pub(crate) fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| match json(number.as_f64()?) {
        Value::Number(whole) => whole.as_i64(),
        _ => None,
    })
}

/// `None` if an underscore is not between two digits.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let between_digits = |at: usize| {
        let digit = |index: Option<usize>| index.and_then(|index| bytes.get(index)).is_some_and(u8::is_ascii_digit);
        digit(at.checked_sub(1)) && digit(Some(at + 1))
    };
    let fine = bytes.iter().enumerate().all(|(at, &byte)| byte != b'_' || between_digits(at));
    fine.then(|| text.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_manners() {
        assert_eq!(float(" 7 "), Some(7.0));
        assert_eq!(float("1e2"), Some(100.0));
        assert_eq!(float("1_000"), Some(1000.0));
        assert_eq!(float("1__0"), None);
        assert_eq!(float("$last"), None);
        assert_eq!(float(""), None);
        assert_eq!(finite("inf"), None);
        assert_eq!(integer("+4"), Some(4));
        assert_eq!(integer("4.0"), None);
        assert_eq!(json(4.0), Value::from(4));
        assert_eq!(json(0.5), Value::from(0.5));
    }
}
