use crate::output::Report;
use serde_json::json;
use std::io::BufRead;
use touchstone_engine::labeling::vectors::answer_line;
use touchstone_engine::{Error, Result};

/// Answers each line as it comes, so that a caller may feed them one by one.
pub(crate) fn answer() -> Result<Report> {
    let mut count = 0;
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.map_err(|error| Error::invalid(format!("standard input could not be read: {error}")))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer =
            answer_line(&line).map_err(|error| Error::invalid(format!("line {} is not JSON: {error}", count + 1)))?;
        crate::output::line(&answer.to_string());
        count += 1;
    }
    Ok(Report { json: json!({ "vectors": count }), text: String::new(), ok: true })
}
