//! Finding in a prompt what it says about each class.

use super::words::{is_unspaced, is_word_char, words};

/// Marks that may open a line before a class name: lists, tables, quotes, emphasis.
const OPENING_MARKS: &[char] =
    &[' ', '\t', '-', '*', '•', '+', '#', '>', '|', '"', '“', '„', '«', '\'', '`', '_', '[', '<', '{'];

/// Marks that may close a class name before its definition.
const CLOSING_MARKS: &[char] = &['*', '_', '"', '”', '“', '»', '\'', '`', ']', '>'];

/// Words that may stand between a class name that opens a line and its definition.
const DEFINING_WORDS: &[&str] = &["are", "covers", "for", "if", "includes", "is", "means", "when"];

const SENTENCE_ENDS: &[char] = &['.', '!', '?', '。', '！', '？'];

/// What a piece of a prompt says about a class, without the class's name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Evidence<'p> {
    Definition(&'p str),
    /// The words around the name in a sentence.
    Mention(&'p str),
}

/// Everything that `instructions` says about the classes called `names`, by the class's place in `names`.
///
/// A definition follows its class's name: `- Billing: invoices, refunds`, `Billing – …`, `**Billing** …`,
/// `| Billing | … |`, `Billing (…)`, or a heading with the lines under it. A sentence that names one class is weaker
/// evidence for it; a mere list of the classes is none.
pub(super) fn read<'p>(instructions: &'p str, names: &[&str]) -> Vec<(usize, Evidence<'p>)> {
    let mut found = Vec::new();
    let mut open: Option<Open> = None;
    for line in instructions.lines() {
        let indent = line.len() - line.trim_start().len();
        let starts = definition_starts(line, names);
        if !starts.is_empty() {
            open = add_definitions(line, indent, &starts, &mut found);
        } else if let Some(class) = bare_name(line, names) {
            let is_heading = line.starts_with('#') || line.contains("**");
            open = Some(Open { class, indent, is_heading, has_text: false });
        } else if line.trim().is_empty() {
            // A blank line may separate a heading from its text; after text it ends a definition.
            open = open.filter(|open| open.is_heading && !open.has_text);
        } else if let Some(open) = open.as_mut().filter(|open| open.goes_on(line, indent)) {
            open.has_text = true;
            found.push((open.class, Evidence::Definition(line)));
        } else {
            open = None;
            add_mentions(line, names, &mut found);
        }
    }
    found
}

/// A definition that the next lines may go on with.
struct Open {
    class: usize,
    /// How far the line with the class's name is indented.
    indent: usize,
    is_heading: bool,
    has_text: bool,
}

impl Open {
    fn goes_on(&self, line: &str, indent: usize) -> bool {
        indent > self.indent || (self.is_heading && !line.starts_with('#'))
    }
}

/// A class name in a line, in bytes.
struct Place {
    class: usize,
    start: usize,
    end: usize,
}

/// A class name in a line with where the text of its definition starts.
struct Start {
    place: Place,
    text: usize,
}

fn add_definitions<'p>(
    line: &'p str,
    indent: usize,
    starts: &[Start],
    found: &mut Vec<(usize, Evidence<'p>)>,
) -> Option<Open> {
    let opens_line = starts[0].place.start == opening(line);
    let shares_line = starts.len() > 1 || !opens_line;
    for (at, start) in starts.iter().enumerate() {
        let end = starts.get(at + 1).map_or(line.len(), |next| next.place.start);
        let text = definition(line, start.text, end, shares_line);
        found.push((start.place.class, Evidence::Definition(text)));
    }
    let class = starts[0].place.class;
    let has_text = line[starts[0].text..].chars().any(is_word_char);
    (!shares_line).then_some(Open { class, indent, is_heading: !has_text, has_text })
}

/// The part of `line[start..end]` that belongs to the definition: what the brackets hold, or, where several
/// definitions share a line of prose, the first sentence.
fn definition(line: &str, start: usize, end: usize, shares_line: bool) -> &str {
    let text = &line[start..end];
    let bracket = match line[..start].chars().next_back() {
        Some('(') => ')',
        Some('（') => '）',
        _ if shares_line => return text.find(SENTENCE_ENDS).map_or(text, |end| &text[..end]),
        _ => return text,
    };
    match text.split_once(bracket) {
        // `Billing (money): invoices` goes on after the bracket; `Billing (money), Login (…)` does not.
        Some((held, rest)) if !rest.trim_start().starts_with([':', '-', '–', '—']) => held,
        _ => text,
    }
}

/// The class names of a line that definitions follow.
fn definition_starts(line: &str, names: &[&str]) -> Vec<Start> {
    let opening = opening(line);
    let places = places(line, names, Some(opening)).into_iter();
    places
        .filter_map(|place| {
            let text = definition_start(line, place.end, place.start == opening)?;
            Some(Start { place, text })
        })
        .collect()
}

/// Where the definition starts after a class name that ends at `end`, if there is one.
fn definition_start(line: &str, end: usize, opens_line: bool) -> Option<usize> {
    let closed = line[end..].trim_start_matches(CLOSING_MARKS);
    let rest = closed.trim_start();
    let is_emphasised = closed.len() < line.len() - end;
    let is_apart = rest.len() < closed.len();
    let at = line.len() - rest.len();
    let mark = rest.chars().next()?;
    match mark {
        ':' | '：' | '=' | '→' | '⇒' | '—' | '–' | '(' | '（' => Some(at + mark.len_utf8()),
        '|' if opens_line => Some(at + 1),
        // A hyphen that touches the name is part of a longer word.
        '-' if is_apart => Some(at + 1),
        _ if opens_line && is_apart => {
            let first = words(rest).into_iter().next().map(|word| word.text.to_lowercase());
            let defines = is_emphasised || first.is_some_and(|word| DEFINING_WORDS.contains(&word.as_str()));
            defines.then_some(at)
        }
        _ => None,
    }
}

/// The class whose name is all that a line holds.
fn bare_name(line: &str, names: &[&str]) -> Option<usize> {
    let opening = opening(line);
    let place = places(line, names, Some(opening)).into_iter().next()?;
    (place.start == opening && !line[place.end..].chars().any(is_word_char)).then_some(place.class)
}

/// The bytes of list, quote and emphasis marks that open a line: `  - **`, `2. `, `| "`.
fn opening(line: &str) -> usize {
    let marks = |text: &str| text.len() - text.trim_start_matches(OPENING_MARKS).len();
    let first = marks(line);
    let rest = &line[first..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    match rest.as_bytes().get(digits) {
        Some(b'.' | b')') if digits > 0 => first + digits + 1 + marks(&rest[digits + 1..]),
        _ => first,
    }
}

/// Where class names stand in `line`, from left to right, the longest one at each place. A name must be written as it
/// is ("bug" is a word, "Bug" the class), unless it opens the line.
fn places(line: &str, names: &[&str], opening: Option<usize>) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    let mut before = None;
    for (start, char) in line.char_indices() {
        let is_within = before.replace(char).is_some_and(|before| belong_together(before, char));
        if is_within || found.last().is_some_and(|last| start < last.end) {
            continue;
        }
        let longest = names
            .iter()
            .enumerate()
            .filter_map(|(class, name)| {
                let end = name_end(line, start, name, opening != Some(start))?;
                Some(Place { class, start, end })
            })
            .reduce(|best, place| if place.end > best.end { place } else { best });
        found.extend(longest);
    }
    found
}

/// The end of `name` if it stands at `start` of `line` as words of their own.
fn name_end(line: &str, start: usize, name: &str, keep_case: bool) -> Option<usize> {
    let mut rest = line[start..].chars();
    let mut end = start;
    for wanted in name.chars() {
        let found = rest.next()?;
        if found != wanted && (keep_case || !found.to_lowercase().eq(wanted.to_lowercase())) {
            return None;
        }
        end += found.len_utf8();
    }
    let last = name.chars().next_back()?;
    let stands_alone = !rest.next().is_some_and(|next| belong_together(last, next));
    stands_alone.then_some(end)
}

/// Whether two neighbouring characters are of one word. Where there are no blanks between words, a name may stand
/// anywhere.
fn belong_together(before: char, after: char) -> bool {
    is_word_char(before) && is_word_char(after) && !is_unspaced(before) && !is_unspaced(after)
}

fn add_mentions<'p>(line: &'p str, names: &[&str], found: &mut Vec<(usize, Evidence<'p>)>) {
    for sentence in line.split(SENTENCE_ENDS) {
        let places = places(sentence, names, None);
        let Some(first) = places.first() else { continue };
        if places.iter().all(|place| place.class == first.class) {
            add_around(sentence, first, found);
            continue;
        }
        let clauses: Vec<_> = clauses(sentence)
            .into_iter()
            .map(|clause| (clause, self::places(clause, names, None)))
            .filter(|(_, places)| !places.is_empty())
            .collect();
        let bare = clauses.iter().filter(|(clause, places)| !says_more(clause, places)).count();
        // "one of Billing, Login or Shipping" lists the classes and says nothing about any.
        if bare * 2 < clauses.len() {
            for (clause, places) in clauses.iter().filter(|(_, places)| places.len() == 1) {
                add_around(clause, &places[0], found);
            }
        }
    }
}

fn add_around<'p>(text: &'p str, place: &Place, found: &mut Vec<(usize, Evidence<'p>)>) {
    found.push((place.class, Evidence::Mention(&text[..place.start])));
    found.push((place.class, Evidence::Mention(&text[place.end..])));
}

/// Whether a clause has content besides the class names in it.
fn says_more(clause: &str, places: &[Place]) -> bool {
    words(clause)
        .iter()
        .any(|word| word.has_content && !places.iter().any(|place| (place.start..place.end).contains(&word.start)))
}

/// A sentence in the parts that commas, semicolons, "and" and "or" make of it.
fn clauses(sentence: &str) -> Vec<&str> {
    sentence
        .split([',', ';', '、', '，', '；'])
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" or "))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["Billing", "Login", "Feature request"];

    #[track_caller]
    fn check(prompt: &str, want: &[(usize, Evidence<'_>)]) {
        let trimmed: Vec<_> = read(prompt, &NAMES)
            .into_iter()
            .map(|(class, evidence)| match evidence {
                Evidence::Definition(text) => (class, Evidence::Definition(text.trim())),
                Evidence::Mention(text) => (class, Evidence::Mention(text.trim())),
            })
            .filter(|(_, evidence)| !matches!(evidence, Evidence::Mention("")))
            .collect();
        assert_eq!(trimmed, want, "{prompt:?}");
    }

    #[test]
    fn lines_that_open_with_a_class_define_it() {
        let money = (0, Evidence::Definition("invoices, refunds"));
        for prompt in [
            "- Billing: invoices, refunds",
            "Billing - invoices, refunds",
            "* **Billing** – invoices, refunds",
            "1. \"Billing\" = invoices, refunds",
            "Billing → invoices, refunds",
            "**Billing** invoices, refunds",
            "## Billing\n\ninvoices, refunds\n\n## Rules",
            "- Billing\n  invoices, refunds\n",
            "BILLING: invoices, refunds",
        ] {
            let found = read(prompt, &NAMES);
            assert!(
                found.iter().any(|(class, evidence)| *class == money.0
                    && matches!(evidence, Evidence::Definition(text) if text.trim() == "invoices, refunds")),
                "{prompt:?} gives {found:?}"
            );
        }
    }

    #[test]
    fn tables_and_brackets_define_too() {
        check("| Billing | invoices |", &[(0, Evidence::Definition("invoices |"))]);
        check(
            "Choose Billing (invoices, refunds), Login (passwords) or Feature request (wishes).",
            &[
                (0, Evidence::Definition("invoices, refunds")),
                (1, Evidence::Definition("passwords")),
                (2, Evidence::Definition("wishes")),
            ],
        );
    }

    #[test]
    fn definitions_may_share_a_line() {
        check(
            "Billing: invoices; Login: passwords. Answer in one word.",
            &[(0, Evidence::Definition("invoices;")), (1, Evidence::Definition("passwords"))],
        );
    }

    #[test]
    fn a_list_of_classes_defines_nothing() {
        check("Classify the ticket as Billing, Login or Feature request.", &[]);
        check("Billing\nLogin\nFeature request\n\nTicket:", &[]);
    }

    #[test]
    fn a_sentence_about_one_class_is_evidence_for_it() {
        check("Anything about passwords is Login. Be brief.", &[(1, Evidence::Mention("Anything about passwords is"))]);
        check(
            "Choose Login for passwords and Billing for money.",
            &[
                (1, Evidence::Mention("Choose")),
                (1, Evidence::Mention("for passwords")),
                (0, Evidence::Mention("for money")),
            ],
        );
    }

    #[test]
    fn the_word_is_not_the_class() {
        check("The customer may mention a billing address.", &[]);
        check("The loginless user is a Billings case.", &[]);
    }

    #[test]
    fn names_in_scripts_without_blanks_are_found() {
        let found = read("账单：发票和退款。登录：密码", &["账单", "登录"]);
        assert_eq!(found, [(0, Evidence::Definition("发票和退款")), (1, Evidence::Definition("密码"))]);
    }
}
