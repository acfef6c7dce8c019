//! Texts as people search them.

/// `text` for a search in any case of letters: what is folded holds what is folded of its parts.
pub fn folded(text: &str) -> String {
    let lower = text.to_lowercase();
    // A capital sigma is another small letter at the end of a word, though it stays the same letter.
    if lower.contains('ς') { lower.replace('ς', "σ") } else { lower }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sigma_is_one_letter_wherever_it_stands() {
        for (text, part) in
            [("ΟΔΟΣ", "οδος"), ("ΟΔΟΣ", "οδοσ"), ("ΣΟΦΟΣ ΑΝΗΡ", "σοφοΣ"), ("οδος", "ΟΣ"), ("Ünï", "üNÏ")]
        {
            assert!(folded(text).contains(&folded(part)), "{text} {part}");
        }
    }
}
