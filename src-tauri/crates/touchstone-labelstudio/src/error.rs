//! Why a server gave nothing.

use crate::TokenKind;
use touchstone_net::NetError;

/// Why a call brought nothing. Texts are for the user, begin with the server's host or end in a sentence of its own, and never
/// hold a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("{host} could not be asked: {error}")]
    Unreachable { host: String, error: NetError },
    /// The token is wrong, was revoked or ended, or its kind is switched off in the organization.
    #[error("{host} does not take this {}{words}; make a new one under Account & Settings there", .kind.label())]
    SignIn { host: String, kind: TokenKind, words: String },
    #[error("{host} does not let this user do that{words}")]
    Forbidden { host: String, words: String },
    /// It was deleted, never was, or is another organization's.
    #[error("{host} has no such {what}, or none that this user may see")]
    NotFound { host: String, what: &'static str },
    /// As [`Self::NotFound`], of a project that was asked for by its id.
    #[error("{host} has no project with the id {id}, or none that this user may see")]
    NoProject { host: String, id: i64 },
    #[error("{host} asks to wait; try again later")]
    Busy { host: String },
    /// The server itself, or a proxy before it, failed.
    #[error("{host} failed with status {status}{words}")]
    Failed { host: String, status: u16, words: String },
    #[error("{host} did not accept this (status {status}){words}")]
    Refused { host: String, status: u16, words: String },
    /// The address leads on to another one, which is not asked with the token.
    #[error("{host} leads on to {to}; if that is Label Studio, enter its address instead")]
    Moved { host: String, to: String },
    /// Something answers, but with something else.
    #[error("{host} does not answer as Label Studio does; check the address")]
    NotLabelStudio { host: String },
    /// A snapshot could not be kept on this machine.
    #[error("what {host} sent could not be kept: {words}")]
    NotKept { host: String, words: String },
}

impl Error {
    /// It may pass by itself, so that the same call is worth another try later. What was written may be there already.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { error, .. } => {
                !matches!(error, NetError::InvalidUrl | NetError::InvalidCredential | NetError::TooLarge(_))
            }
            Self::Busy { .. } | Self::Failed { .. } => true,
            _ => false,
        }
    }
}
