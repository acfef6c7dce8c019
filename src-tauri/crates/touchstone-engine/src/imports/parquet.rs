//! Rows of a Parquet file, one at a time.

use super::source::Each;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;
use std::fs::File;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use touchstone_labeling::{Place, Refusal, TaskRules};

/// Reads the rows of a file of `bytes` bytes until `each` breaks. Of a file that is read in columns nobody can say how
/// far the reading is, so `bytes_done` follows the rows.
///
/// A column is a key of the data: texts, numbers, truth values and null as they are, lists and groups as JSON, moments as
/// text, bytes that are no text in Base64.
pub(super) fn read_rows(
    file: File,
    bytes: u64,
    rules: &TaskRules,
    bytes_done: &AtomicU64,
    each: Each<'_>,
) -> Result<(), String> {
    // The library panics over some files that lie about themselves; nothing of ours is half done then.
    catch_unwind(AssertUnwindSafe(|| read(file, bytes, rules, bytes_done, each)))
        .unwrap_or_else(|_| Err("it is damaged".to_owned()))
}

fn read(file: File, bytes: u64, rules: &TaskRules, bytes_done: &AtomicU64, each: Each<'_>) -> Result<(), String> {
    let broken = |error: parquet::errors::ParquetError| format!("it is not a Parquet file that can be read: {error}");
    let reader = SerializedFileReader::new(file).map_err(broken)?;
    let rows = u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or(0).max(1);
    for (index, row) in reader.get_row_iter(None).map_err(broken)?.enumerate() {
        let task = match row.map_err(broken)?.to_json_value() {
            Value::Object(data) => rules.data(data),
            _ => Err(Refusal::new("it is not a row of columns")),
        };
        let item = index as u64 + 1;
        bytes_done.store(bytes / rows * item.min(rows), Ordering::Relaxed);
        if each(Place { item, line: None }, task) == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}
