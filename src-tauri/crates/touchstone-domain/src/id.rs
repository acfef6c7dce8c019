//! Identities, one type each, so that a prompt's id cannot be passed where a run's is wanted.

use serde::{Deserialize, Serialize};
use specta::Type;
use std::fmt;

macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text_id! {
    /// A space; spelled as the Arize prompts API spells ids (see [`wire_id`]).
    SpaceId,
    /// A prompt; spelled as the Arize prompts API spells ids (see [`wire_id`]).
    PromptId,
    /// A version of a prompt; spelled as the Arize prompts API spells ids (see [`wire_id`]).
    VersionId,
    /// A model provider connection; a UUID.
    ConnectionId,
    /// A Label Studio server; a UUID.
    ServerId,
    /// A labeling project; a UUID.
    ProjectId,
    /// A run of one version over one subset; a UUID.
    RunId,
}

/// A task: its row in the workspace file, unique over all projects, at least 1. Label Studio's own task id, where the
/// task came with one, is kept beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(transparent)]
pub struct TaskId(#[specta(type = u32)] pub i64);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An annotation of a task: its row in the workspace file, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(transparent)]
pub struct AnnotationId(#[specta(type = u32)] pub i64);

impl fmt::Display for AnnotationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The Arize form of an id: standard base64 of `Kind:number:tail`, for example `Prompt:123:1JkR`.
///
/// `tail` is four ASCII letters or digits, so that two workspaces do not hand out the same id for their first prompt.
/// Alphanumeric ASCII and colons never yield `+` or `/`, which keeps the id safe in a URL path.
pub fn wire_id(kind: &str, number: i64, tail: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let plain = format!("{kind}:{number}:{tail}");
    let mut wire = String::with_capacity(plain.len().div_ceil(3) * 4);
    for chunk in plain.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 63;
            wire.push(if place > chunk.len() { '=' } else { char::from(ALPHABET[digit as usize]) });
        }
    }
    wire
}

#[cfg(test)]
mod tests {
    use super::wire_id;

    #[test]
    fn ids_are_spelled_as_the_arize_api_spells_them() {
        assert_eq!(wire_id("Space", 9050, "1JkR"), "U3BhY2U6OTA1MDoxSmtS");
        assert_eq!(wire_id("User", 1, "nNbC"), "VXNlcjoxOm5OYkM=");
        assert_eq!(wire_id("DatasetVersion", 1, "aBcD"), "RGF0YXNldFZlcnNpb246MTphQmNE");
    }
}
