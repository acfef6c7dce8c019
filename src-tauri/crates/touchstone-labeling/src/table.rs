//! Rows of comma- or tab-separated text, with the types that Label Studio gives them.
//!
//! Label Studio reads such files with pandas: a column is of whole numbers, numbers, truth values or texts as a whole,
//! what spells "not available" is an empty text, a repeated heading gets a number, and short rows are padded.

use crate::numbers;
use serde_json::{Map, Value};

/// What pandas takes for "not available".
const NOT_AVAILABLE: [&str; 19] = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
];

/// Reads a table whose first line holds the headings. The error says in words what is wrong.
pub(crate) fn rows(text: &str, separator: char) -> Result<Vec<Map<String, Value>>, String> {
    let mut lines = records(text.strip_prefix('\u{feff}').unwrap_or(text), separator)?.into_iter();
    let Some(headings) = lines.next() else { return Err("it is empty".to_owned()) };
    let headings = distinct(headings);
    let mut lines: Vec<Vec<String>> = lines.collect();
    // Rows that are longer than the headings begin with an index, which is no data.
    let index = lines.first().map_or(0, |first| first.len().saturating_sub(headings.len()));
    for (number, line) in lines.iter_mut().enumerate() {
        if line.len() > headings.len() + index {
            return Err(format!("row {} has {} cells, {} were expected", number + 1, line.len(), headings.len()));
        }
        line.drain(..index.min(line.len()));
        line.resize(headings.len(), String::new());
    }
    let columns: Vec<Column> =
        (0..headings.len()).map(|column| Column::of(lines.iter().map(|line| line[column].as_str()))).collect();
    let row = |line: Vec<String>| {
        let cells = line.into_iter().zip(&columns).map(|(cell, column)| column.value(cell));
        headings.iter().cloned().zip(cells).collect()
    };
    Ok(lines.into_iter().map(row).collect())
}

/// Splits into lines of cells. Quotes hold separators and line ends; doubled they stand for themselves. Blank lines
/// are skipped.
fn records(text: &str, separator: char) -> Result<Vec<Vec<String>>, String> {
    let mut records = Vec::new();
    let mut record: Vec<String> = Vec::new();
    let mut cell = String::new();
    let (mut quoted, mut was_quoted) = (false, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if quoted {
            match letter {
                '"' if letters.peek() == Some(&'"') => {
                    letters.next();
                    cell.push('"');
                }
                '"' => quoted = false,
                other => cell.push(other),
            }
            continue;
        }
        match letter {
            '"' if cell.is_empty() && !was_quoted => (quoted, was_quoted) = (true, true),
            '\n' | '\r' => {
                if letter == '\r' && letters.peek() == Some(&'\n') {
                    letters.next();
                }
                end_record(&mut records, &mut record, &mut cell, was_quoted);
                was_quoted = false;
            }
            other if other == separator => {
                record.push(std::mem::take(&mut cell));
                was_quoted = false;
            }
            other => cell.push(other),
        }
    }
    if quoted {
        return Err("a quote is not closed".to_owned());
    }
    end_record(&mut records, &mut record, &mut cell, was_quoted);
    Ok(records)
}

fn end_record(records: &mut Vec<Vec<String>>, record: &mut Vec<String>, cell: &mut String, was_quoted: bool) {
    let is_blank = record.is_empty() && !was_quoted && cell.trim().is_empty();
    record.push(std::mem::take(cell));
    let record = std::mem::take(record);
    if !is_blank {
        records.push(record);
    }
}

/// Gives unnamed and repeated headings a number.
pub(crate) fn distinct(headings: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let named = headings.into_iter().enumerate().map(|(column, heading)| match heading.is_empty() {
        true => format!("Unnamed: {column}"),
        false => heading,
    });
    named
        .map(|heading| {
            let mut unique = heading.clone();
            for number in 1.. {
                if seen.insert(unique.clone()) {
                    break;
                }
                unique = format!("{heading}.{number}");
            }
            unique
        })
        .collect()
}

/// The type of a column.
enum Column {
    Integers,
    Numbers,
    TruthValues,
    Texts,
}

impl Column {
    fn of<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> Column {
        let given = cells.clone().filter(|cell| !NOT_AVAILABLE.contains(cell));
        let has_gaps = cells.clone().count() > given.clone().count();
        if given.clone().next().is_none() {
            Column::Texts
        } else if !has_gaps && given.clone().all(|cell| plain_integer(cell).is_some()) {
            Column::Integers
        } else if given.clone().all(|cell| plain_number(cell).is_some()) {
            Column::Numbers
        } else if given.clone().all(|cell| truth_value(cell).is_some()) {
            Column::TruthValues
        } else {
            Column::Texts
        }
    }

    fn value(&self, cell: String) -> Value {
        if NOT_AVAILABLE.contains(&cell.as_str()) {
            return Value::from("");
        }
        let typed = match self {
            Column::Integers => plain_integer(&cell).map(Value::from),
            Column::Numbers => plain_number(&cell).map(Value::from),
            Column::TruthValues => truth_value(&cell).map(Value::from),
            Column::Texts => None,
        };
        typed.unwrap_or(Value::String(cell))
    }
}

fn plain_integer(cell: &str) -> Option<i64> {
    numbers::integer(cell).filter(|_| !cell.contains('_'))
}

fn plain_number(cell: &str) -> Option<f64> {
    numbers::finite(cell).filter(|_| !cell.contains('_'))
}

fn truth_value(cell: &str) -> Option<bool> {
    match cell {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn table(text: &str) -> Result<Value, String> {
        rows(text, ',').map(|rows| rows.into_iter().map(Value::Object).collect())
    }

    #[test]
    fn a_column_has_one_type() {
        assert_eq!(
            table("id,n,flag,text\n00123,1,true,12\n7,,false,x\n"),
            Ok(json!([
                {"id": 123, "n": 1.0, "flag": true, "text": "12"},
                {"id": 7, "n": "", "flag": false, "text": "x"},
            ]))
        );
    }

    #[test]
    fn quotes_hold_separators_and_line_ends() {
        assert_eq!(
            table("a,a,\r\n\"x, \"\"y\"\"\nz\",1\r\n\r\n"),
            Ok(json!([{"a": "x, \"y\"\nz", "a.1": 1, "Unnamed: 2": ""}]))
        );
        assert_eq!(table("a\n\"x"), Err("a quote is not closed".to_owned()));
    }

    #[test]
    fn a_row_must_not_be_longer_than_the_first() {
        assert_eq!(table("a,b\n1,2\n1,2,3\n"), Err("row 2 has 3 cells, 2 were expected".to_owned()));
        assert_eq!(table("a\nx,1\n"), Ok(json!([{"a": 1}])), "an index column is no data");
    }
}
