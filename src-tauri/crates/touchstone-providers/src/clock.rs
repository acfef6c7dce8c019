//! The one place of this crate that reads the time of day: dates from other machines are held against it, and a
//! sign-in is dated.

use std::time::SystemTime;

#[expect(clippy::disallowed_methods, reason = "the only clock that a date from another machine can be held against")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
