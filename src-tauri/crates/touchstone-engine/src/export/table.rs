//! The results of a run as a table for spreadsheets: a row for each, a column for everything that is known of it.

use super::{Results, Written};
use crate::project_export::answers;
use crate::projects::stored_config;
use crate::requests::{capabilities_for, media_fields};
use crate::runs::content_of;
use crate::tasks::stored_regions;
use crate::{Error, Inner, Result, dollars};
use serde_json::{Map, Value};
use std::io::Write;
use touchstone_labeling::{Capabilities, Config};
use touchstone_store::{ResultRow, RunRow};

/// The columns behind those of the controls.
const LAST: [&str; 15] = [
    "outcome",
    "score",
    "confidence",
    "error_code",
    "error_message",
    "cached",
    "attempts",
    "prompt_tokens",
    "completion_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "cost_usd",
    "latency_ms",
    "repaired",
    "review",
];

/// What is the same for all rows.
struct Table {
    config: Config,
    asked: Capabilities,
    /// The fields that data has, in the order in which they occur first.
    fields: Vec<String>,
    /// Those that the model was asked to fill, in the config's order.
    controls: Vec<String>,
}

/// Writes the results, after a first look at all of them for the fields of their data.
pub(super) fn write(inner: &Inner, run: &RunRow, results: &Results<'_>, out: &mut impl Write) -> Written<u32> {
    let config = stored_config(&inner.store.project_by_key(run.project_key)?)?;
    let asked = capabilities_for(&media_fields(&content_of(inner, run)?, &config));
    let controls = config.tallies(asked).into_iter().map(|tally| tally.name).collect();
    let mut fields = Map::new();
    results.each(|row| {
        for (field, _) in data(row)? {
            fields.entry(field).or_insert(Value::Null);
        }
        Ok(())
    })?;
    let table = Table { config, asked, fields: fields.into_iter().map(|(field, _)| field).collect(), controls };
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(table.heading())?;
    let written = results.each(|row| Ok(writer.write_record(table.row(row)?)?))?;
    writer.flush()?;
    Ok(written)
}

impl Table {
    /// A field of the data that is called like another column is marked, as in the table of a whole project.
    fn heading(&self) -> Vec<String> {
        let of_control = |control: &String| {
            [format!("prediction_{control}"), format!("ground_truth_{control}"), format!("match_{control}")]
        };
        let controls: Vec<_> = self.controls.iter().flat_map(of_control).collect();
        let is_taken =
            |field: &String| field == "task_id" || LAST.contains(&field.as_str()) || controls.contains(field);
        let named = |field: &String| if is_taken(field) { format!("_data_{field}") } else { field.clone() };
        let mut heading = vec!["task_id".to_owned()];
        heading.extend(self.fields.iter().map(named));
        heading.extend(controls);
        heading.extend(LAST.map(str::to_owned));
        heading.into_iter().map(inert).collect()
    }

    fn row(&self, row: &ResultRow) -> Result<Vec<String>> {
        let regions = |json: &Option<String>| json.as_deref().map(stored_regions).unwrap_or_default();
        let (truth, guess) = (regions(&row.ground_truth), regions(&row.result));
        let measure = self.config.measure(&truth, &guess, self.asked);
        let said = |json: &Option<String>| json.as_deref().map(|json| answers(&self.config, json)).unwrap_or_default();
        let (true_answers, predicted) = (said(&row.ground_truth), said(&row.result));
        let is_compared = row.ground_truth.is_some() && row.result.is_some();

        let data = data(row)?;
        let mut cells = vec![row.source_id.unwrap_or(row.task_id.0).to_string()];
        cells.extend(self.fields.iter().map(|field| text(data.get(field))));
        for (control, measure) in self.controls.iter().zip(&measure.controls) {
            cells.push(text(predicted.get(control)));
            cells.push(text(true_answers.get(control)));
            cells.push(or_empty(measure.as_ref().filter(|_| is_compared).map(|measure| measure.is_exact)));
        }
        let outcome = match (&row.error, row.correct) {
            (Some(_), _) => "failed",
            (None, Some(true)) => "correct",
            (None, Some(false)) => "wrong",
            (None, None) => "unscored",
        };
        let (code, message) = row.error.clone().unwrap_or_default();
        let last: [String; LAST.len()] = [
            outcome.to_owned(),
            or_empty(row.score),
            or_empty(row.confidence),
            inert(code),
            inert(message),
            row.cached.to_string(),
            row.attempts.to_string(),
            or_empty(row.prompt_tokens),
            or_empty(row.completion_tokens),
            or_empty(row.cached_tokens),
            or_empty(row.reasoning_tokens),
            or_empty(row.cost_picos.map(dollars::of_picos)),
            or_empty(row.latency_ms),
            row.repairs.is_some().to_string(),
            row.review.clone().unwrap_or_default(),
        ];
        cells.extend(last);
        Ok(cells)
    }
}

fn data(row: &ResultRow) -> Result<Map<String, Value>> {
    serde_json::from_str(&row.data).map_err(|error| Error::Internal(error.into()))
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => inert(text.clone()),
        Some(other) => match alone(other) {
            Some(Value::String(text)) => inert(text.clone()),
            Some(number) => number.to_string(),
            None => other.to_string(),
        },
    }
}

/// The one number or text that is said, such as a rating; of anything else a cell has the JSON.
fn alone(value: &Value) -> Option<&Value> {
    let members = match value {
        Value::Object(members) => members,
        Value::Array(items) => match &items[..] {
            [Value::Object(members)] => members,
            _ => return None,
        },
        _ => return None,
    };
    let mut values = members.values();
    values.next().filter(|value| values.len() == 0 && matches!(value, Value::String(_) | Value::Number(_)))
}

fn or_empty(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it, a number stays.
/// Source: OWASP, CSV Injection.
fn inert(text: String) -> String {
    const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let is_number = || text.parse().is_ok_and(f64::is_finite);
    if text.starts_with(BEGINNINGS) && !is_number() { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::{inert, text};
    use serde_json::json;

    #[test]
    fn what_is_said_alone_needs_no_json() {
        for (value, cell) in [
            (json!([{"rating": 4}]), "4"),
            (json!({"number": 2.5}), "2.5"),
            (json!("Bug"), "Bug"),
            (json!(null), ""),
            (json!({"choices": ["Bug", "Billing"]}), r#"{"choices":["Bug","Billing"]}"#),
            (json!([{"rating": 4}, {"rating": 5}]), r#"[{"rating":4},{"rating":5}]"#),
        ] {
            assert_eq!(text(Some(&value)), cell);
        }
    }

    #[test]
    fn no_text_is_a_formula() {
        for text in ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "-inf", "-"] {
            assert_eq!(inert(text.to_owned()), format!("'{text}"));
        }
        for text in ["", "a=b", "-12.5", "+3", "'=1", " =1"] {
            assert_eq!(inert(text.to_owned()), text);
        }
    }
}
