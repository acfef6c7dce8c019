//! Errors as the page sees them.

use serde::Serialize;
use specta::Type;
use touchstone_engine::{Error, ErrorCode};

/// `code` is for branching, `message` for reading; `field` names the form field at fault, if one is.
#[derive(Clone, Debug, Serialize, Type)]
pub struct IpcError {
    pub code: ErrorCode,
    pub message: String,
    pub field: Option<String>,
}

impl IpcError {
    /// Something that the user cannot mend where it happens.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::Internal, message: message.into(), field: None }
    }
}

impl From<Error> for IpcError {
    fn from(error: Error) -> Self {
        if matches!(error.code(), ErrorCode::Internal) {
            tracing::error!("{error}");
        }
        Self { code: error.code(), message: error.to_string(), field: error.field().map(str::to_owned) }
    }
}
