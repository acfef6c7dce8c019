//! Files whose items are lines: JSON lines, texts, and tables of comma- or tab-separated cells.
//!
//! Cells and lines stay the texts they are. Label Studio guesses types, which turns `00123` into 123; a prompt should see
//! what the file says.

use super::{ImportError, Place, Refusal};
use crate::import::items::ITEM_BYTES_MAX;
use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value};
use std::io::{BufRead, Read};
use std::ops::ControlFlow;

/// What becomes of a line that holds nothing but blanks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum BlankLines {
    Skipped,
    Kept,
}

/// Gives every line to `each`, without its end, until it breaks. A line that is not UTF-8 or larger than an item may be
/// is refused.
pub(super) fn read_lines(
    mut reader: impl BufRead,
    blank: BlankLines,
    mut each: impl FnMut(Place, Result<&str, Refusal>) -> ControlFlow<()>,
) -> Result<(), ImportError> {
    let mut bytes = Vec::new();
    let mut place = Place { item: 0, line: Some(0) };
    loop {
        bytes.clear();
        let read =
            (&mut reader).take(ITEM_BYTES_MAX as u64 + 1).read_until(b'\n', &mut bytes).map_err(ImportError::Io)?;
        if read == 0 {
            return Ok(());
        }
        place.line = place.line.map(|line| line + 1);
        let is_too_large = read > ITEM_BYTES_MAX && bytes.last() != Some(&b'\n');
        if is_too_large {
            skip_line(&mut reader)?;
        }
        while matches!(bytes.last(), Some(b'\n' | b'\r')) {
            bytes.pop();
        }
        if blank == BlankLines::Skipped && bytes.trim_ascii().is_empty() {
            continue;
        }
        place.item += 1;
        let line = match std::str::from_utf8(&bytes) {
            _ if is_too_large => Err(too_large()),
            Ok(line) => Ok(line),
            Err(_) => Err(not_text()),
        };
        if each(place, line).is_break() {
            return Ok(());
        }
    }
}

fn skip_line(reader: &mut impl BufRead) -> Result<(), ImportError> {
    loop {
        let buffer = reader.fill_buf().map_err(ImportError::Io)?;
        let (length, is_found) = match memchr::memchr(b'\n', buffer) {
            Some(end) => (end + 1, true),
            None => (buffer.len(), false),
        };
        reader.consume(length);
        if is_found || length == 0 {
            return Ok(());
        }
    }
}

pub(super) fn not_text() -> Refusal {
    Refusal::new("it is not UTF-8 text")
}

pub(super) fn too_large() -> Refusal {
    Refusal::new(format!("it is larger than {} MB", ITEM_BYTES_MAX >> 20))
}

/// Gives every row below the headings to `each`, as data, until it breaks. A short row is padded with empty texts, a
/// long one and one that is not UTF-8 are refused.
pub(super) fn read_table(
    mut reader: impl BufRead,
    separator: Option<u8>,
    mut each: impl FnMut(Place, Result<Map<String, Value>, Refusal>) -> ControlFlow<()>,
) -> Result<(), ImportError> {
    let first_line = first_line(reader.fill_buf().map_err(ImportError::Io)?);
    let separator = separator.unwrap_or_else(|| more_frequent(first_line));
    // Behind a row the table stands after its line end, but between the two bytes of one that has two.
    let lines_begun = u64::from(!first_line.ends_with(b"\r"));
    // A last line without an end is given one, so that this holds for it too.
    let reader = reader.chain(&b"\n"[..]);
    let mut table = ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(reader);
    let mut record = ByteRecord::new();
    let mut headings: Option<Vec<String>> = None;
    let mut place = Place { item: 0, line: None };
    while table.read_byte_record(&mut record).map_err(|error| ImportError::Io(error.into()))? {
        let lines_inside = record.iter().map(|cell| memchr::memchr_iter(b'\n', cell).count() as u64).sum::<u64>();
        place.line = Some(table.position().line().saturating_sub(lines_inside + lines_begun).max(1));
        let Some(headings) = &headings else {
            let cells: Option<Vec<_>> =
                record.iter().map(|cell| std::str::from_utf8(cell).ok().map(str::to_owned)).collect();
            let Some(cells) = cells else { return Err(ImportError::Headings) };
            headings = Some(crate::table::distinct(cells));
            continue;
        };
        // A blank line is none; a row of one empty cell cannot be told from it.
        if record.len() == 1 && record.get(0).is_some_and(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        place.item += 1;
        if each(place, row(headings, &record)).is_break() {
            return Ok(());
        }
    }
    if headings.is_none() { Err(ImportError::Empty) } else { Ok(()) }
}

fn row(headings: &[String], record: &ByteRecord) -> Result<Map<String, Value>, Refusal> {
    if record.len() > headings.len() {
        return Err(Refusal::new(format!("it has {} cells, but there are {} headings", record.len(), headings.len())));
    }
    let cells = record.iter().map(Some).chain(std::iter::repeat(None));
    let cell = |(heading, cell): (&String, Option<&[u8]>)| {
        let text = std::str::from_utf8(cell.unwrap_or_default())
            .map_err(|_| Refusal::new(format!("its cell “{heading}” is not UTF-8 text")))?;
        Ok((heading.clone(), Value::from(text)))
    };
    headings.iter().zip(cells).map(cell).collect()
}

fn first_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == b'\n').next().unwrap_or_default()
}

/// The separator of comma-separated text: `;` if its first line has more of them than commas.
fn more_frequent(first_line: &[u8]) -> u8 {
    let count = |separator| memchr::memchr_iter(separator, first_line).count();
    if count(b';') > count(b',') { b';' } else { b',' }
}
