//! Where a quote stands in a text.
//!
//! Models quote well and count badly, so the quote decides and the offsets only choose among its places. Letter case
//! is ignored by lower-casing both sides; nothing else is folded. Offsets are Unicode code points, as in Label Studio.

use crate::letters::is_alphanumeric;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// A text in which quotes of one control are placed, one after the other.
pub(crate) struct Source {
    letters: Vec<char>,
    lower: Vec<char>,
    /// For each lower-case letter the letter it comes from; only U+0130 becomes two.
    origins: Vec<usize>,
    /// End by start of the ranges that are given away; they do not overlap.
    taken: BTreeMap<usize, usize>,
    /// Places by lower-cased quote: models quote the same word over and over.
    places: HashMap<Vec<char>, Vec<Range<usize>>>,
}

impl Source {
    pub(crate) fn new(text: &str) -> Self {
        let letters: Vec<char> = text.chars().collect();
        // The whole text at once, because the lower case of a Greek sigma depends on what follows it.
        let lower: Vec<char> = text.to_lowercase().chars().collect();
        let origins =
            letters.iter().enumerate().flat_map(|(at, letter)| letter.to_lowercase().map(move |_| at)).collect();
        Source { letters, lower, origins, taken: BTreeMap::new(), places: HashMap::new() }
    }

    /// The text of a range; as much of it as there is.
    pub(crate) fn slice(&self, range: Range<usize>) -> String {
        let end = range.end.min(self.letters.len());
        self.letters[range.start.min(end)..end].iter().collect()
    }

    /// Whether the quote occurs at all, taken or not.
    pub(crate) fn contains(&mut self, quote: &str) -> bool {
        !self.places(quote).is_empty()
    }

    /// Takes the best free place of `quote`: one that stands as a word by itself before any that is part of a word,
    /// then the nearest to `hint`, then the first. `None` if the quote does not occur or all its places are taken.
    pub(crate) fn place(&mut self, quote: &str, hint: Option<f64>) -> Option<Range<usize>> {
        let places = self.places(quote).to_vec();
        #[allow(clippy::cast_precision_loss)]
        let distance = |place: &Range<usize>| hint.map_or(0.0, |hint| (place.start as f64 - hint).abs());
        let best = places
            .into_iter()
            .filter(|place| self.is_free(place))
            .min_by(|a, b| (!self.is_word(a)).cmp(&!self.is_word(b)).then(distance(a).total_cmp(&distance(b))))?;
        self.taken.insert(best.start, best.end);
        Some(best)
    }

    fn places(&mut self, quote: &str) -> &[Range<usize>] {
        let quote: Vec<char> = quote.to_lowercase().chars().collect();
        self.places.entry(quote).or_insert_with_key(|quote| {
            // A match that begins or ends inside the two letters of one original letter is none.
            let begins = |at: usize| at == 0 || self.origins[at - 1] != self.origins[at];
            occurrences(&self.lower, quote)
                .into_iter()
                .map(|start| (start, start + quote.len()))
                .filter(|&(start, end)| begins(start) && (end == self.lower.len() || begins(end)))
                .map(|(start, end)| self.origins[start]..self.origins[end - 1] + 1)
                .collect()
        })
    }

    fn is_free(&self, place: &Range<usize>) -> bool {
        let before = self.taken.range(..place.end).next_back();
        before.is_none_or(|(_, &end)| end <= place.start)
    }

    fn is_word(&self, place: &Range<usize>) -> bool {
        let alphanumeric =
            |at: Option<usize>| at.and_then(|at| self.letters.get(at)).copied().is_some_and(is_alphanumeric);
        !alphanumeric(place.start.checked_sub(1)) && !alphanumeric(Some(place.end))
    }
}

/// Every place of `quote` in `text`, overlapping ones too, in time linear in both (Knuth, Morris and Pratt).
fn occurrences(text: &[char], quote: &[char]) -> Vec<usize> {
    if quote.is_empty() || quote.len() > text.len() {
        return Vec::new();
    }
    // borders[i]: how many letters of the quote still match if the letter after the first i + 1 does not.
    let mut borders = vec![0; quote.len()];
    let mut matched = 0;
    for at in 1..quote.len() {
        while matched > 0 && quote[at] != quote[matched] {
            matched = borders[matched - 1];
        }
        matched += usize::from(quote[at] == quote[matched]);
        borders[at] = matched;
    }
    let mut found = Vec::new();
    matched = 0;
    for (at, letter) in text.iter().enumerate() {
        while matched > 0 && *letter != quote[matched] {
            matched = borders[matched - 1];
        }
        matched += usize::from(*letter == quote[matched]);
        if matched == quote.len() {
            found.push(at + 1 - matched);
            matched = borders[matched - 1];
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places quotes one after the other in `text`, each with its hint.
    fn placed(text: &str, quotes: &[(&str, usize)]) -> Vec<Option<Range<usize>>> {
        let mut source = Source::new(text);
        #[allow(clippy::cast_precision_loss)]
        quotes.iter().map(|(quote, hint)| source.place(quote, Some(*hint as f64))).collect()
    }

    #[test]
    fn a_word_by_itself_wins_over_the_hint() {
        assert_eq!(placed("BOCA CHICA, CA 92276", &[("CA", 2)]), [Some(12..14)]);
        assert_eq!(placed("concatenate", &[("cat", 0)]), [Some(3..6)], "part of a word if there is nothing else");
    }

    #[test]
    fn the_hint_chooses_among_words_and_taken_places_are_out() {
        let apples = "Apple pie, Apple juice, pineapple";
        assert_eq!(placed(apples, &[("Apple", 9)]), [Some(11..16)]);
        assert_eq!(
            placed(apples, &[("apple", 0), ("apple", 0), ("apple", 0), ("apple", 0)]),
            [Some(0..5), Some(11..16), Some(28..33), None]
        );
        assert_eq!(placed("aXa", &[("a", 1)]), [Some(0..1)], "the lower of two places equally near");
    }

    #[test]
    fn offsets_are_code_points_of_the_original() {
        assert_eq!(placed("👩‍🚀 Ada", &[("ada", 0)]), [Some(4..7)]);
        assert_eq!(placed("İzmir ve Ankara", &[("Ankara", 0), ("i", 0)]), [Some(9..15), Some(3..4)]);
        assert_eq!(placed("ΟΔΟΣ, οδός", &[("οδος", 0)]), [Some(0..4)], "a final sigma is lower-cased as one");
    }

    #[test]
    fn a_combining_mark_is_a_boundary() {
        assert_eq!(placed("cafe\u{301} cafe", &[("cafe", 0)]), [Some(0..4)]);
        assert_eq!(placed("नामा नाम", &[("नाम", 0)]), [Some(0..3)]);
        assert_eq!(placed("東京都と東京", &[("東京", 4)]), [Some(4..6)], "a letter without spaces around is not");
    }

    #[test]
    fn a_repetitive_text_takes_linear_time() {
        let text = "a".repeat(200_000);
        assert_eq!(occurrences(&text.chars().collect::<Vec<_>>(), &['a'; 100_000]).len(), 100_001);
    }

    #[test]
    fn an_empty_quote_is_nowhere() {
        assert_eq!(placed("text", &[("", 1)]), [None]);
    }
}
