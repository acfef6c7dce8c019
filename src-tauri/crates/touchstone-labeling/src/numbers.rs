//! Numbers in texts, read the way Label Studio's Python reads them: blanks around them and `_` between digits are
//! allowed, so `" 7 "`, `1e2` and `1_000` are numbers.

use serde_json::{Number, Value};

/// Python's `float(text)`; may be infinite or not a number.
pub(crate) fn float(text: &str) -> Option<f64> {
    let digits = plain(text.trim())?;
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
    plain(text.trim())?.parse().ok()
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

/// Digits of any script as those of ASCII, and no underscores; `None` if one of those is not between two digits.
fn plain(text: &str) -> Option<String> {
    if text.is_ascii() {
        return without_underscores(text);
    }
    let digit = |letter: char| {
        let code = u32::from(letter);
        let zero = ZEROS[..ZEROS.partition_point(|&zero| zero <= code)].last().filter(|&&zero| code < zero + 10)?;
        char::from_digit(code - zero, 10)
    };
    let ascii: String = text.chars().map(|letter| digit(letter).unwrap_or(letter)).collect();
    without_underscores(&ascii)
}

/// The zeros of the scripts of Unicode (category Nd) beyond ASCII; the other nine digits follow each.
#[rustfmt::skip]
const ZEROS: [u32; 65] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66,
    0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810,
    0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x11066, 0x110F0,
    0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950,
    0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC,
    0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
];

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
        assert_eq!(integer("٣"), Some(3));
        assert_eq!(float("१_०.५"), Some(10.5));
        assert_eq!(float("ⅷ"), None);
        assert_eq!(json(4.0), Value::from(4));
        assert_eq!(json(0.5), Value::from(0.5));
    }
}
