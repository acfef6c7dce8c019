//! Marking pieces of a text: examples that a label's definition gives, and what dates, numbers, addresses and names
//! look like.

use super::classes::Classes;
use super::words::words;

/// Longer phrases of a definition describe; they are no examples to look for.
const EXAMPLE_WORDS_MAX: usize = 4;

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
];

const DAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "today",
    "tomorrow",
    "yesterday",
    "tonight",
];

const TITLES: &[&str] = &["dr", "mr", "mrs", "ms", "prof"];

const COMPANY_FORMS: &[&str] =
    &["ag", "bank", "co", "company", "corp", "gmbh", "group", "inc", "institute", "llc", "ltd", "plc", "university"];

/// Words before a name that make it a place.
const PLACE_WORDS: &[&str] = &["at", "from", "in", "near", "to"];

/// A piece of the text under one label, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Place of the label in its control.
    pub(super) label: usize,
}

/// What a label's name and definition say it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Date,
    Number,
    Address,
    Person,
    Organisation,
    Place,
    Name,
}

/// Words of a label by the kind that they tell; the first hit counts.
const KIND_WORDS: &[(Kind, &[&str])] = &[
    (Kind::Address, &["email", "emails", "link", "links", "mail", "url", "urls", "website"]),
    (Kind::Date, &["date", "dates", "day", "deadline", "days", "month", "time", "times", "year", "years"]),
    (
        Kind::Number,
        &[
            "age",
            "amount",
            "amounts",
            "code",
            "cost",
            "id",
            "money",
            "number",
            "numbers",
            "percentage",
            "phone",
            "price",
            "prices",
            "quantity",
            "sum",
        ],
    ),
    (Kind::Person, &["author", "people", "per", "person", "persons"]),
    (
        Kind::Organisation,
        &["companies", "company", "org", "organisation", "organisations", "organization", "organizations"],
    ),
    (
        Kind::Place,
        &["cities", "city", "countries", "country", "gpe", "loc", "location", "locations", "place", "places"],
    ),
    (Kind::Name, &["brand", "brands", "name", "names", "product", "products", "title"]),
];

/// The pieces of `text` that match the labels, from left to right, none overlapping another.
pub(super) fn spans(text: &str, labels: &Classes<'_>) -> Vec<Span> {
    let mut candidates = examples(text, labels);
    let kinds: Vec<_> = (0..labels.names().len()).map(|label| kind(labels, label)).collect();
    let chunks = chunks(text);
    for kind in [Kind::Date, Kind::Address, Kind::Number] {
        if let Some(label) = kinds.iter().position(|found| *found == Some(kind)) {
            let pieces = match kind {
                Kind::Date => dates(&chunks),
                Kind::Address => alone(&chunks, is_address),
                _ => alone(&chunks, is_number),
            };
            candidates.extend(pieces.into_iter().map(|(start, end)| Span { start, end, label }));
        }
    }
    for (start, end, kind) in names(&chunks) {
        let of_kind = |wanted| kinds.iter().position(|found| *found == Some(wanted));
        let label = match kind {
            Some(kind) => of_kind(kind).or_else(|| of_kind(Kind::Name)),
            None => [Kind::Person, Kind::Name, Kind::Organisation, Kind::Place].into_iter().find_map(of_kind),
        };
        candidates.extend(label.map(|label| Span { start, end, label }));
    }
    // Surer kinds of evidence come first and keep their place.
    let mut kept: Vec<Span> = Vec::new();
    for span in candidates {
        if kept.iter().all(|other| span.end <= other.start || other.end <= span.start) {
            kept.push(span);
        }
    }
    kept.sort_by_key(|span| span.start);
    kept
}

/// Where the text has a phrase that a definition names, longer phrases first.
fn examples(text: &str, labels: &Classes<'_>) -> Vec<Span> {
    let words = words(text);
    let mut found = Vec::new();
    for label in 0..labels.names().len() {
        for phrase in labels.phrases(label) {
            let phrase = self::words(phrase);
            if phrase.len() > EXAMPLE_WORDS_MAX || !phrase.iter().any(|word| word.has_content) {
                continue;
            }
            for window in words.windows(phrase.len()) {
                if window.iter().zip(&phrase).all(|(word, wanted)| word.stem == wanted.stem) {
                    found.push(Span { start: window[0].start, end: window[window.len() - 1].end(), label });
                }
            }
        }
    }
    found.sort_by_key(|span| (std::cmp::Reverse(span.end - span.start), span.start));
    found
}

fn kind(labels: &Classes<'_>, label: usize) -> Option<Kind> {
    let name = super::classes::spaced(labels.names()[label]);
    let told = std::iter::once(name.as_str()).chain(labels.phrases(label).iter().map(String::as_str));
    told.flat_map(words).find_map(|word| {
        let lower = word.text.to_lowercase();
        KIND_WORDS.iter().find(|(_, words)| words.contains(&lower.as_str())).map(|(kind, _)| *kind)
    })
}

/// A piece of the text between blanks, without the punctuation around it.
struct Chunk<'t> {
    text: &'t str,
    start: usize,
    /// Punctuation stood before or after it.
    follows_mark: bool,
    precedes_mark: bool,
}

impl Chunk<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    fn lower(&self) -> String {
        self.text.to_lowercase()
    }

    fn is_any_of(&self, list: &[&str]) -> bool {
        list.contains(&self.lower().as_str())
    }

    fn is_capitalised(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }
}

fn chunks(text: &str) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let mut at = 0;
    for piece in text.split_inclusive(char::is_whitespace) {
        let is_mark = |char: char| !char.is_alphanumeric() && !matches!(char, '$' | '€' | '£' | '¥' | '%' | '@' | '+');
        let opened = piece.trim_start_matches(is_mark);
        let trimmed = opened.trim_end_matches(is_mark);
        if !trimmed.is_empty() {
            chunks.push(Chunk {
                text: trimmed,
                start: at + piece.len() - opened.len(),
                follows_mark: opened.len() < piece.len(),
                precedes_mark: trimmed.len() < opened.trim_end().len(),
            });
        }
        at += piece.len();
    }
    chunks
}

fn alone(chunks: &[Chunk<'_>], is_wanted: impl Fn(&str) -> bool) -> Vec<(usize, usize)> {
    chunks.iter().filter(|chunk| is_wanted(chunk.text)).map(|chunk| (chunk.start, chunk.end())).collect()
}

fn is_address(text: &str) -> bool {
    text.contains("://") || text.starts_with("www.") || text.split_once('@').is_some_and(|(_, host)| host.contains('.'))
}

fn is_number(text: &str) -> bool {
    text.chars().any(|char| char.is_ascii_digit()) && !text.chars().any(char::is_alphabetic)
}

/// Days, times, and runs of chunks around a month's name.
fn dates(chunks: &[Chunk<'_>]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < chunks.len() {
        let run = chunks[at..].iter().take_while(|chunk| chunk.is_any_of(MONTHS) || is_day_or_year(chunk.text)).count();
        // "May" is a month only beside a number.
        if run >= 2 && chunks[at..at + run].iter().any(|chunk| chunk.is_any_of(MONTHS)) {
            found.push((chunks[at].start, chunks[at + run - 1].end()));
            at += run;
            continue;
        }
        if chunks[at].is_any_of(DAYS) || is_date(chunks[at].text) {
            found.push((chunks[at].start, chunks[at].end()));
        }
        at += 1;
    }
    found
}

/// 2024-05-07, 7/5/2024, 7.5.24, 10:30.
fn is_date(text: &str) -> bool {
    let has_parts = |separator, parts| {
        text.split(separator).count() == parts
            && text.split(separator).all(|part| (1..=4).contains(&part.len()) && is_digits(part))
    };
    has_parts('-', 3) || has_parts('/', 3) || has_parts('.', 3) || has_parts(':', 2)
}

/// 7, 7th, 2024.
fn is_day_or_year(text: &str) -> bool {
    let number = ["st", "nd", "rd", "th"].iter().find_map(|ending| text.strip_suffix(ending)).unwrap_or(text);
    matches!(number.len(), 1 | 2 | 4) && is_digits(number)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Runs of capitalised words, each with what the words around it make of it.
fn names(chunks: &[Chunk<'_>]) -> Vec<(usize, usize, Option<Kind>)> {
    let is_part = |chunk: &Chunk<'_>| {
        chunk.is_capitalised() && words(chunk.text).iter().any(|word| word.has_content) && !chunk.is_any_of(TITLES)
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < chunks.len() {
        if !is_part(&chunks[at]) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < chunks.len() && is_part(&chunks[end]) && !chunks[end - 1].precedes_mark && !chunks[end].follows_mark
        {
            end += 1;
        }
        let last = &chunks[end - 1];
        let before = at.checked_sub(1).map(|before| &chunks[before]);
        let is_acronym = last.text.len() > 1 && last.text.chars().all(char::is_uppercase);
        let kind = if before.is_some_and(|before| before.is_any_of(TITLES)) {
            Some(Kind::Person)
        } else if last.is_any_of(COMPANY_FORMS) || is_acronym {
            Some(Kind::Organisation)
        } else if before.is_some_and(|before| before.is_any_of(PLACE_WORDS)) {
            Some(Kind::Place)
        } else {
            None
        };
        found.push((chunks[at].start, last.end(), kind));
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(prompt: &str, labels: &[&str], text: &str, want: &[(&str, &str)]) {
        let classes = Classes::read(prompt, labels.to_vec());
        let got: Vec<_> =
            spans(text, &classes).into_iter().map(|span| (labels[span.label], &text[span.start..span.end])).collect();
        assert_eq!(got, want, "{text:?}");
    }

    #[test]
    fn names_are_told_apart_by_the_words_around_them() {
        check(
            "",
            &["PER", "ORG", "LOC"],
            "Mr. Jonas Hill of Acme Ltd flew to New York, where Zoë waited.",
            &[("PER", "Jonas Hill"), ("ORG", "Acme Ltd"), ("LOC", "New York"), ("PER", "Zoë")],
        );
    }

    #[test]
    fn dates_numbers_and_addresses_are_known_by_their_form() {
        check(
            "",
            &["Date", "Price", "E-mail"],
            "Paid €29.99 on 7 May 2024, again on 2024-06-07; may I ask jo@example.org?",
            &[("Price", "€29.99"), ("Date", "7 May 2024"), ("Date", "2024-06-07"), ("E-mail", "jo@example.org")],
        );
    }

    #[test]
    fn examples_of_a_definition_are_found_in_any_form() {
        check(
            "- Symptom: headache, sore throat, cough\n- Drug: aspirin",
            &["Symptom", "Drug"],
            "Headaches and a sore throat; took Aspirin.",
            &[("Symptom", "Headaches"), ("Symptom", "sore throat"), ("Drug", "Aspirin")],
        );
        check("症状：头痛、发烧", &["症状"], "我头痛，没有发烧", &[("症状", "头痛"), ("症状", "发烧")]);
    }
}
