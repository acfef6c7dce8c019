//! Values that must not be seen: keys and tokens.

use serde::{Deserialize, Deserializer};
use std::fmt;
use zeroize::Zeroize;

/// A secret on its way from the user to the keychain, or from the keychain to one request.
///
/// It has no `Serialize`, so it cannot reach the database, an IPC reply or an export by accident, and its `Debug`
/// redacts. `Deserialize` exists because the command that stores a key receives it over IPC. Its memory is overwritten when
/// it goes; copies that others make of it on its way, such as an HTTP library of a header, are theirs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize = String>(T);

impl<T: Zeroize> Secret<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Call it only where it leaves for the keychain or a request header.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl<'de, T: Deserialize<'de> + Zeroize> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;
    use std::cell::Cell;
    use zeroize::Zeroize;

    #[test]
    fn debug_output_never_shows_a_secret() {
        assert_eq!(format!("{:?}", Some(Secret::new("sk-123".to_owned()))), "Some(<redacted>)");
    }

    #[test]
    fn a_secret_that_goes_is_overwritten() {
        struct Watched<'c>(&'c Cell<u32>);
        impl Zeroize for Watched<'_> {
            fn zeroize(&mut self) {
                self.0.set(self.0.get() + 1);
            }
        }
        let overwritten = Cell::new(0);
        drop(Secret::new(Watched(&overwritten)));
        assert_eq!(overwritten.get(), 1);
        let mut text = "sk-123".to_owned();
        text.zeroize();
        assert!(text.is_empty(), "what a text is overwritten by");
    }
}
