//! Where a quote stands in a text.
//!
//! Models quote well and count badly, so the quote decides and the offsets only choose among its places. Letter case
//! is ignored by lower-casing both sides; nothing else is folded. Offsets are Unicode code points, as in Label Studio.

use crate::letters::is_alphanumeric;
use memchr::memmem;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// A text in which quotes of one control are placed, one after the other.
pub(crate) struct Source {
    text: String,
    lower: String,
    /// `None` where letters are bytes, on both sides.
    letters: Option<Letters>,
    /// End by start of the ranges that are given away; they do not overlap.
    taken: BTreeMap<usize, usize>,
    /// Places by lower-cased quote: models quote the same word over and over.
    places: HashMap<String, Vec<Range<usize>>>,
    /// How many places are kept in all.
    places_kept: usize,
}

/// A letter that is not ASCII, and so has more bytes than one.
struct Wide {
    /// Which letter of the text it is.
    letter: usize,
    /// Its bytes in the text.
    bytes: Range<usize>,
    /// Its bytes in the lower-cased text; those of two letters, of U+0130.
    lower: Range<usize>,
}

/// Where the letters of a text are: all between two wide ones have a byte each.
struct Letters {
    wide: Vec<Wide>,
    /// Letters of the text.
    count: usize,
}

/// Beyond so many places the kept ones are forgotten: an answer must not choose how much memory it takes.
const PLACES_KEPT_MAX: usize = 1 << 20;

/// Up to this many bytes a quote is looked for by comparing, which is fastest in all but repetitive texts.
const COMPARED_BYTES_MAX: usize = 128;

impl Source {
    pub(crate) fn new(text: &str) -> Self {
        let (lower, letters) = match text.is_ascii() {
            true => (text.to_ascii_lowercase(), None),
            false => {
                let (lower, letters) = Letters::lowered(text);
                (lower, Some(letters))
            }
        };
        let (taken, places) = (BTreeMap::new(), HashMap::new());
        Source { text: text.to_owned(), lower, letters, taken, places, places_kept: 0 }
    }

    /// Whether there is nothing to quote.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text of a range; as much of it as there is.
    pub(crate) fn slice(&self, range: Range<usize>) -> &str {
        let byte = |letter: usize| match &self.letters {
            None => letter.min(self.text.len()),
            Some(letters) => letters.byte(letter.min(letters.count)),
        };
        let end = byte(range.end);
        &self.text[byte(range.start).min(end)..end]
    }

    /// Whether the quote occurs at all, taken or not.
    pub(crate) fn contains(&mut self, quote: &str) -> bool {
        let quote = quote.to_lowercase();
        self.find(&quote);
        self.places.get(&quote).is_some_and(|places| !places.is_empty())
    }

    /// Takes the best free place of `quote`: one that stands as a word by itself before any that is part of a word,
    /// then the nearest to `hint`, then the first. `None` if the quote does not occur or all its places are taken.
    pub(crate) fn place(&mut self, quote: &str, hint: Option<f64>) -> Option<Range<usize>> {
        let quote = quote.to_lowercase();
        self.find(&quote);
        #[allow(clippy::cast_precision_loss)]
        let distance = |place: &Range<usize>| hint.map_or(0.0, |hint| (place.start as f64 - hint).abs());
        let free = self.places.get(&quote)?.iter().filter(|place| self.is_free(place));
        let ranked = free.map(|place| (!self.is_word(place), distance(place), place));
        let (_, _, best) = ranked.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))?;
        let best = best.clone();
        self.taken.insert(best.start, best.end);
        Some(best)
    }

    /// Sees to it that the places of a lower-cased quote are known.
    fn find(&mut self, quote: &str) {
        if self.places.contains_key(quote) {
            return;
        }
        let found = occurrences(self.lower.as_bytes(), quote.as_bytes()).into_iter();
        let found = found.map(|start| start..start + quote.len());
        let places: Vec<_> = match &self.letters {
            None => found.collect(),
            Some(letters) => found.filter_map(|bytes| letters.place(bytes)).collect(),
        };
        if self.places_kept + places.len() > PLACES_KEPT_MAX {
            self.places.clear();
            self.places_kept = 0;
        }
        self.places_kept += places.len();
        self.places.insert(quote.to_owned(), places);
    }

    fn is_free(&self, place: &Range<usize>) -> bool {
        let before = self.taken.range(..place.end).next_back();
        before.is_none_or(|(_, &end)| end <= place.start)
    }

    fn is_word(&self, place: &Range<usize>) -> bool {
        let byte = |letter: usize| self.letters.as_ref().map_or(letter, |letters| letters.byte(letter));
        let before = self.text[..byte(place.start)].chars().next_back();
        let after = self.text[byte(place.end)..].chars().next();
        !before.is_some_and(is_alphanumeric) && !after.is_some_and(is_alphanumeric)
    }
}

impl Letters {
    /// The text in lower case, and where its letters are.
    fn lowered(text: &str) -> (String, Letters) {
        let mut lower = String::with_capacity(text.len());
        let (mut wide, mut count, mut rest) = (Vec::new(), 0, text);
        while let Some(at) = rest.bytes().position(|byte| !byte.is_ascii()) {
            let (ascii, from_wide) = rest.split_at(at);
            push_lower_ascii(&mut lower, ascii);
            count += at;
            let start = text.len() - from_wide.len();
            let (lower_start, mut letters) = (lower.len(), from_wide.chars());
            lower.extend(letters.next().into_iter().flat_map(char::to_lowercase));
            rest = letters.as_str();
            let end = text.len() - rest.len();
            wide.push(Wide { letter: count, bytes: start..end, lower: lower_start..lower.len() });
            count += 1;
        }
        push_lower_ascii(&mut lower, rest);
        count += rest.len();
        if text.contains('Σ') {
            // Its lower case depends on what follows it; both that there are have two bytes.
            lower = text.to_lowercase();
        }
        (lower, Letters { wide, count })
    }

    /// The byte of the text at which a letter begins; its end, behind the last one.
    fn byte(&self, letter: usize) -> usize {
        match self.wide.partition_point(|wide| wide.letter < letter).checked_sub(1) {
            None => letter,
            Some(before) => self.wide[before].bytes.end + letter - self.wide[before].letter - 1,
        }
    }

    /// How many letters of the text are before a byte of the lower-cased one; `None` inside the two letters that one
    /// letter became.
    fn before(&self, byte: usize) -> Option<usize> {
        match self.wide.partition_point(|wide| wide.lower.start < byte).checked_sub(1) {
            None => Some(byte),
            Some(last) => {
                let wide = &self.wide[last];
                Some(wide.letter + 1 + byte.checked_sub(wide.lower.end)?)
            }
        }
    }

    /// The letters of a range of bytes of the lower-cased text; `None` if it begins or ends inside the two letters
    /// that one letter became.
    fn place(&self, bytes: Range<usize>) -> Option<Range<usize>> {
        Some(self.before(bytes.start)?..self.before(bytes.end)?)
    }
}

fn push_lower_ascii(lower: &mut String, ascii: &str) {
    let from = lower.len();
    lower.push_str(ascii);
    lower[from..].make_ascii_lowercase();
}

/// Every place of `quote` in `text`, overlapping ones too, in time linear in both.
fn occurrences(text: &[u8], quote: &[u8]) -> Vec<usize> {
    if quote.is_empty() || quote.len() > text.len() {
        return Vec::new();
    }
    if quote.len() > COMPARED_BYTES_MAX {
        return occurrences_by_borders(text, quote);
    }
    let finder = memmem::Finder::new(quote);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(offset) = finder.find(&text[from..]) {
        found.push(from + offset);
        from += offset + 1;
    }
    found
}

/// The same in time linear in both whatever they are (Knuth, Morris and Pratt).
fn occurrences_by_borders(text: &[u8], quote: &[u8]) -> Vec<usize> {
    // borders[i]: how many bytes of the quote still match if the byte after the first i + 1 does not.
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
    for (at, byte) in text.iter().enumerate() {
        while matched > 0 && *byte != quote[matched] {
            matched = borders[matched - 1];
        }
        matched += usize::from(*byte == quote[matched]);
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
        assert_eq!(occurrences(text.as_bytes(), &[b'a'; 100_000]).len(), 100_001);
        assert_eq!(occurrences(text.as_bytes(), &[b'a'; 100]).len(), 199_901);
    }

    #[test]
    fn an_empty_quote_is_nowhere() {
        assert_eq!(placed("text", &[("", 1)]), [None]);
    }
}
