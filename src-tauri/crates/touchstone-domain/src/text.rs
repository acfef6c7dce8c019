//! Texts as people search and read them.

/// `text` for a search in any case of letters: what is folded holds what is folded of its parts.
pub fn folded(text: &str) -> String {
    let lower = text.to_lowercase();
    // A capital sigma is another small letter at the end of a word, though it stays the same letter.
    if lower.contains('ς') { lower.replace('ς', "σ") } else { lower }
}

/// A share in per cent, to a tenth: “87.1”. What lies halfway is rounded up, as the window does it, and not to the even digit.
pub fn tenths(share: f64) -> String {
    format!("{:.1}", (share * 1000.0).round() / 10.0)
}

/// How long something took, for people: “840 ms”, “1.4 s”; “< 1 ms” of what was too fast to be measured.
pub fn duration(ms: u64) -> String {
    match ms {
        0 => "< 1 ms".to_owned(),
        1..1_000 => format!("{ms} ms"),
        // Tenths, rounded, without a detour by numbers that are not exact.
        _ => {
            let tenths = (ms + 50) / 100;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
    }
}

/// “1,234,567”
pub fn number(value: impl Into<u64>) -> String {
    let digits = value.into().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Why a file could not be used, without the number that the system has for it.
pub fn file_problem(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it is not there".to_owned(),
        std::io::ErrorKind::PermissionDenied => {
            "you may not use it; check its permissions and those of its folder".to_owned()
        }
        _ => {
            let text = error.to_string();
            text.split(" (os error ").next().unwrap_or(&text).to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_the_window() {
        assert_eq!([0u32, 999, 1_000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_file_that_cannot_be_used_says_why_without_a_number() {
        let of = |error| file_problem(&error);
        assert_eq!(of(std::fs::read("/nowhere/at/all").expect_err("no such file")), "it is not there");
        let words = of(std::io::Error::from_raw_os_error(21));
        assert!(!words.is_empty() && !words.contains("os error"), "{words}");
    }

    #[test]
    fn no_duration_is_shown_as_nothing() {
        for (ms, words) in
            [(0, "< 1 ms"), (4, "4 ms"), (999, "999 ms"), (1_000, "1.0 s"), (1_950, "2.0 s"), (61_249, "61.2 s")]
        {
            assert_eq!(duration(ms), words);
        }
    }

    #[test]
    fn a_share_halfway_is_rounded_up() {
        assert_eq!([37.0 / 80.0, 0.8, 1.0].map(tenths), ["46.3", "80.0", "100.0"]);
    }

    #[test]
    fn a_sigma_is_one_letter_wherever_it_stands() {
        for (text, part) in
            [("ΟΔΟΣ", "οδος"), ("ΟΔΟΣ", "οδοσ"), ("ΣΟΦΟΣ ΑΝΗΡ", "σοφοΣ"), ("οδος", "ΟΣ"), ("Ünï", "üNÏ")]
        {
            assert!(folded(text).contains(&folded(part)), "{text} {part}");
        }
    }
}
