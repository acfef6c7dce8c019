//! Values that must not be seen: keys and tokens.

use serde::{Deserialize, Deserializer};
use std::fmt;

/// A secret on its way from the user to the keychain, or from the keychain to one request.
///
/// It has no `Serialize`, so it cannot reach the database, an IPC reply or an export by accident, and its `Debug`
/// redacts. `Deserialize` exists because the command that stores a key receives it over IPC.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Call it only where it leaves for the keychain or a request header.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_output_never_shows_a_secret() {
        assert_eq!(format!("{:?}", Some(Secret::new("sk-123"))), "Some(<redacted>)");
    }
}
