//! YAML, read as far as JSON goes and within the limits of a file that people write.

use super::Read;
use crate::{Error, Result};
use serde_json::Value;
use serde_saphyr::UserMessageFormatter;
use serde_saphyr::options::NonFiniteFloatPolicy;
use touchstone_domain::json::Json;

/// A document whose size and nesting stay within the reader's budget, with at most `aliases_max` aliases; numbers that are
/// no 64-bit integers become doubles, and infinite ones texts. The error says what is wrong, and where.
pub(super) fn read(text: &str, aliases_max: usize) -> Read<Json> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_aliases: aliases_max },
        // As YAML 1.2 has them: `yes` and `on` are texts.
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    let value: Value = serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| format!("it is not YAML: {}", error.render_with_formatter(&UserMessageFormatter)))?;
    Ok(Json::from(&value))
}

/// Texts of several lines stand as they are, one below the other.
pub(super) fn written(value: &Value) -> Result<String> {
    let options = serde_saphyr::ser_options! {
        compact_list_indent: false,
        // A long line stays one.
        folded_wrap_chars: usize::MAX,
    };
    serde_saphyr::to_string_with_options(value, options)
        .map_err(|error| Error::Internal(anyhow::Error::new(error).context("writing YAML")))
}
