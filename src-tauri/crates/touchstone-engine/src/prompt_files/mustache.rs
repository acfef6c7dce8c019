//! Texts and variables in mustache, where text that looks like a tag stays text.

use super::Read;
use touchstone_domain::template::{self, VariableFormat, flat};

pub(super) enum Piece {
    Text(String),
    /// By its path.
    Variable(String),
}

/// One of our templates in mustache that fills in the same. The error says what has no word there.
pub(super) fn written(template: &str, format: VariableFormat) -> Read<String> {
    // The clients of other programs know no delimiters but the usual ones.
    if format == VariableFormat::Mustache {
        return match template.contains("{{=") {
            true => Err("its templates have no word for other delimiters".to_owned()),
            false => Ok(template.to_owned()),
        };
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for piece in flat(template, format).map_err(|tag| format!("its templates have no word for “{tag}”"))? {
        match (piece, pieces.last_mut()) {
            (template::Piece::Text(more), Some(Piece::Text(text))) => text.push_str(more),
            (template::Piece::Text(text), _) => pieces.push(Piece::Text(text.to_owned())),
            (template::Piece::Variable(variable), _) => {
                let path = dotted(variable.path)
                    .ok_or_else(|| format!("a variable cannot be called “{}” there", variable.path))?;
                pieces.push(Piece::Variable(path));
            }
        }
    }
    match has_tag(&pieces) {
        true => Err("its templates have no word for a “{{” that stays as it is".to_owned()),
        false => Ok(spelled(&pieces)),
    }
}

/// A path with dots alone; `None` where it leads to an item of a list, which mustache cannot name.
fn dotted(path: &str) -> Option<String> {
    let steps = path.split(['.', '[']).map(|step| step.trim_end_matches(']'));
    let steps: Vec<_> = steps.collect();
    let has_place = steps.iter().skip(1).any(|step| step.parse::<i64>().is_ok());
    (!has_place).then(|| steps.join("."))
}

/// Whether mustache would find a tag where there is text.
pub(super) fn has_tag(pieces: &[Piece]) -> bool {
    pieces.iter().enumerate().any(|(place, piece)| match piece {
        Piece::Text(text) => text.contains("{{") || (text.ends_with('{') && place + 1 < pieces.len()),
        Piece::Variable(_) => false,
    })
}

pub(super) fn spelled(pieces: &[Piece]) -> String {
    let with = |variable: &dyn Fn(&str) -> String| -> String {
        let pieces = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable(path) => variable(path),
        });
        pieces.collect()
    };
    if !has_tag(pieces) {
        return with(&|path| VariableFormat::Mustache.written(path));
    }
    // Delimiters that no text has: `<`, and more `%` than stand together anywhere.
    let runs = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.split(|char| char != '%').map(str::len).max().unwrap_or_default(),
        Piece::Variable(_) => 0,
    });
    let signs = "%".repeat(runs.max().unwrap_or_default() + 1);
    // The line of a tag that changes them is not shown, so the text begins on the next.
    format!("{{{{=<{signs} {signs}>=}}}}\n{}", with(&|path| format!("<{signs}{path}{signs}>")))
}
