//! What a use case can refuse, by who acts on it.
//!
//! Variants are what the user can mend and what a caller branches on ([`ErrorCode`]); everything else is
//! [`Error::Internal`]. Texts say what is wrong and what to do; they never hold a secret.

use serde::{Deserialize, Serialize};
use specta::Type;
use touchstone_labelstudio as label_studio;
use touchstone_net::NetError;
use touchstone_store::{ImportFailure, KeychainError, StoreError};

/// For branching, in the UI and in scripts. Texts may change; codes do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    NameTaken,
    NotFound,
    Invalid,
    KeychainUnavailable,
    Offline,
    /// A Label Studio server is out of reach or failed; the same may work later.
    ServerUnreachable,
    /// It does not take the token.
    ServerSignIn,
    ProjectInUse,
    RunActive,
    NoSharedTasks,
    DifferentProjects,
    Canceled,
    Internal,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something the user gave cannot be used. `field` names the form field at fault, if it is one.
    #[error("{message}")]
    Invalid { field: Option<&'static str>, message: String },
    #[error("{0}; nothing was stored")]
    KeychainUnavailable(KeychainError),
    #[error("{}", NetError::Offline)]
    Offline,
    #[error("{prompts} {} at this project; delete {} first", if *prompts == 1 { "prompt aims" } else { "prompts aim" }, if *prompts == 1 { "it" } else { "them" })]
    ProjectInUse { prompts: u32 },
    #[error("run {0} is already at work; if its program was killed just now, it can be resumed in 15 seconds")]
    RunActive(u32),
    #[error(
        "these runs share no tasks: there is none that all of them have answered; run each over the same tasks to compare them"
    )]
    NoSharedTasks,
    #[error("these runs are over different projects, “{0}” and “{1}”; compare runs of one project")]
    DifferentProjects(String, String),
    #[error("canceled; nothing was kept")]
    Canceled,
    /// There is no token to sign in with at a Label Studio server; `why` says it without what to do.
    #[error("{why}; enter it again")]
    NoToken { why: String, keychain: Option<KeychainError> },
    /// A Label Studio server.
    #[error(transparent)]
    Server(label_studio::Error),
    #[error(transparent)]
    Store(StoreError),
    #[error("{0:#}")]
    Internal(anyhow::Error),
}

impl Error {
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid { field: None, message: message.into() }
    }

    pub fn invalid_field(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { field: Some(field), message: message.into() }
    }

    pub fn not_found(what: &'static str, which: impl Into<String>) -> Self {
        Self::Store(StoreError::NotFound { what, which: which.into() })
    }

    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid { .. } => ErrorCode::Invalid,
            Self::KeychainUnavailable(_) | Self::NoToken { keychain: Some(_), .. } => ErrorCode::KeychainUnavailable,
            Self::NoToken { keychain: None, .. } => ErrorCode::Invalid,
            Self::Offline => ErrorCode::Offline,
            Self::ProjectInUse { .. } => ErrorCode::ProjectInUse,
            Self::RunActive(_) => ErrorCode::RunActive,
            Self::NoSharedTasks => ErrorCode::NoSharedTasks,
            Self::DifferentProjects(..) => ErrorCode::DifferentProjects,
            Self::Canceled => ErrorCode::Canceled,
            Self::Server(error) => match error {
                label_studio::Error::Unreachable { error: NetError::Offline, .. } => ErrorCode::Offline,
                label_studio::Error::SignIn { .. } => ErrorCode::ServerSignIn,
                label_studio::Error::NotFound { .. } | label_studio::Error::NoProject { .. } => ErrorCode::NotFound,
                error if error.is_passing() => ErrorCode::ServerUnreachable,
                _ => ErrorCode::Invalid,
            },
            Self::Store(StoreError::NameTaken(_)) => ErrorCode::NameTaken,
            Self::Store(StoreError::NotFound { .. }) => ErrorCode::NotFound,
            Self::Store(
                StoreError::Ambiguous { .. }
                | StoreError::NotAWorkspace(_)
                | StoreError::Newer { .. }
                | StoreError::InUse
                | StoreError::File { .. },
            ) => ErrorCode::Invalid,
            Self::Store(_) | Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// It may pass by itself: a Label Studio server is out of reach, or failed.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, Self::Server(error) if error.is_passing())
    }

    /// The form field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Invalid { field, .. } => *field,
            Self::Store(StoreError::NameTaken(_)) => Some("name"),
            Self::NoToken { .. } | Self::Server(label_studio::Error::SignIn { .. }) => Some("token"),
            _ => None,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<label_studio::Error> for Error {
    fn from(error: label_studio::Error) -> Self {
        Self::Server(error)
    }
}

impl From<KeychainError> for Error {
    fn from(error: KeychainError) -> Self {
        Self::KeychainUnavailable(error)
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<ImportFailure<Error>> for Error {
    fn from(failure: ImportFailure<Error>) -> Self {
        match failure {
            ImportFailure::Store(error) => error.into(),
            ImportFailure::Aborted(error) => error,
        }
    }
}

pub type Result<T> = std::result::Result<T, Error>;
