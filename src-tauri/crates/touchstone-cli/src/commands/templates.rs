use crate::output::{Report, line};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::BufRead;
use touchstone_engine::domain::template::{VariableFormat, check, variables};
use touchstone_engine::{Error, Result};

#[derive(Deserialize)]
struct Asked {
    format: VariableFormat,
    template: String,
}

/// What the editor's own grammar is held to: the variables of each template, with places in UTF-16 units, and whether it
/// can be filled at all.
pub(crate) fn answer() -> Result<Report> {
    for given in std::io::stdin().lock().lines() {
        let given = given.map_err(|error| Error::invalid(format!("standard input could not be read: {error}")))?;
        let Asked { format, template } =
            serde_json::from_str(&given).map_err(|error| Error::invalid(format!("a line is no template: {error}")))?;
        let place = |at: usize| template[..at].encode_utf16().count();
        let found: Vec<_> = variables(&template, format)
            .iter()
            .map(|found| json!({ "path": found.path, "from": place(found.range.start), "to": place(found.range.end) }))
            .collect();
        line(&json!({ "variables": found, "broken": check(&template, format).is_err() }).to_string());
    }
    Ok(Report::done(Value::Null, ""))
}
