//! A report as Markdown (GitHub's: CommonMark with tables), whose text nothing in a name or a task can break out of.

use super::{Block, Card, Matrix, Report, Table};
use touchstone_domain::comparison::Verdict;

pub(super) fn written(report: &Report) -> String {
    let mut blocks = vec![format!("# {}", inline(&report.title)), format!("*{}*", inline(&report.byline))];
    for section in &report.sections {
        blocks.push(format!("## {}", section.title));
        blocks.extend(section.blocks.iter().filter_map(block));
    }
    blocks.join("\n\n") + "\n"
}

/// `None` for what can only be drawn: its numbers stand in a table.
fn block(block: &Block) -> Option<String> {
    Some(match block {
        Block::Heading(text) => format!("### {}", inline(text)),
        Block::Text(text) => inline(text),
        Block::Warning(text) => format!("> **Note:** {}", inline(text)),
        Block::Verdict(verdict, words) => format!("> **{}:** {}", verdict_word(*verdict), inline(words)),
        Block::Cards(cards) => table(&["", "", ""], true, &cards.iter().map(card).collect::<Vec<_>>()),
        Block::List(said) => {
            let items: Vec<_> =
                said.iter().map(|(name, value)| format!("- **{}:** {}", inline(name), inline(value))).collect();
            items.join("\n")
        }
        Block::Table(Table { caption, columns, is_text, rows }) => {
            format!("**{}**\n\n{}", inline(caption), table(columns, *is_text, rows))
        }
        Block::Matrix(Matrix { caption, classes, counts }) => {
            let columns: Vec<_> =
                std::iter::once("Truth ↓ Answer →").chain(classes.iter().map(String::as_str)).collect();
            let rows: Vec<Vec<String>> = classes
                .iter()
                .zip(counts)
                .map(|(class, counts)| {
                    std::iter::once(class.clone()).chain(counts.iter().map(u32::to_string)).collect()
                })
                .collect();
            format!("**{}**\n\n{}", inline(caption), table(&columns, false, &rows))
        }
        Block::Chart(_) => return None,
        Block::Quote { title, text, .. } => format!("**{}**\n\n{}", inline(title), fenced(text)),
    })
}

fn card(Card { title, value, words }: &Card) -> Vec<String> {
    vec![(*title).to_owned(), value.clone(), words.clone()]
}

pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "Better",
        Verdict::Worse => "Worse",
        Verdict::CannotTell => "Cannot tell",
        Verdict::Same => "The same",
    }
}

fn table(columns: &[&str], is_text: bool, rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let mut lines = vec![line(&columns.iter().map(|column| inline(column)).collect::<Vec<_>>())];
    let rules: Vec<_> =
        (0..columns.len()).map(|column| if column == 0 || is_text { "---" } else { "---:" }.to_owned()).collect();
    lines.push(line(&rules));
    lines.extend(rows.iter().map(|row| line(&row.iter().map(|cell| inline(cell)).collect::<Vec<_>>())));
    lines.join("\n")
}

/// A text on one line that means nothing but itself: every ASCII punctuation that Markdown could read is escaped.
fn inline(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    // Spaces that hold together stay as they are.
    let is_break = |char: char| char.is_whitespace() && !matches!(char, '\u{a0}' | '\u{202f}');
    for word in text.split(is_break).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        for (place, char) in word.char_indices() {
            let is_read_anywhere =
                matches!(char, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '!');
            // Of a list, a heading or a rule.
            let is_read_in_front = line.is_empty() && place == 0 && matches!(char, '#' | '-' | '+' | '=');
            let is_number = || !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
            let is_numbered = matches!(char, '.' | ')') && place + 1 == word.len() && is_number();
            if is_read_anywhere || is_read_in_front || is_numbered {
                line.push('\\');
            }
            // What is left of control characters steers no terminal either.
            line.push(if char.is_control() { '\u{fffd}' } else { char });
        }
    }
    // An address would become a link.
    line.replace("://", ":\u{200b}//").replace("www.", "www\\.")
}

/// A text between fences that are longer than any in it.
fn fenced(text: &str) -> String {
    let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}", text.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::{fenced, inline};

    #[test]
    fn a_text_means_nothing_but_itself() {
        for (text, want) in [
            ("a | b", r"a \| b"),
            ("<script>", r"\<script\>"),
            ("![x](y)", r"\!\[x\](y)"),
            ("# no\n\nheading", r"\# no heading"),
            ("1. no list", r"1\. no list"),
            ("- none", r"\- none"),
            ("75.0 of 4.", "75.0 of 4."),
            ("**bold** `code` _x_ ~~y~~", r"\*\*bold\*\* \`code\` \_x\_ \~\~y\~\~"),
            ("&lt;", r"\&lt;"),
            ("-3  and\n87.1\u{202f}%", "\\-3 and 87.1\u{202f}%"),
            ("\u{1b}[31m", "\u{fffd}\\[31m"),
        ] {
            assert_eq!(inline(text), want);
        }
        assert!(!inline("https://example.org").contains("://"));
    }

    #[test]
    fn no_text_ends_its_own_fence() {
        assert_eq!(fenced("a\n```\nb\n"), "````text\na\n```\nb\n````");
        assert_eq!(fenced(""), "```text\n\n```");
    }
}
