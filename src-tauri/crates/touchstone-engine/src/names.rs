//! What everything that has a name may be called.

use crate::{Error, Result};

/// The name as it is typed, unless it is empty or has more than `chars_max` characters; `of` says what it is of: “the prompt”.
pub(crate) fn checked_name<'a>(name: &'a str, of: &str, chars_max: usize) -> Result<&'a str> {
    if name.trim().is_empty() {
        return Err(Error::invalid_field("name", format!("enter a name for {of}")));
    }
    if name.chars().count() > chars_max {
        return Err(Error::invalid_field("name", format!("a name has at most {chars_max} characters")));
    }
    Ok(name)
}
