//! Media of the Label Studio server that a project came from: what was uploaded to it, and what it signs addresses of.

use super::MediaError;
use crate::label_studio::client_of;
use crate::{Inner, Result};
use touchstone_labelstudio::{Client, Error as ServerError};
use touchstone_net::NetError;

/// The server that a project came from, signed in.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    client: Client,
    remote_id: i64,
}

impl Home {
    /// `None` where the project came from no server; in words why nobody can sign in there.
    pub(super) fn of(inner: &Inner, project_key: i64) -> Result<Option<std::result::Result<Self, String>>> {
        let Some(link) = inner.store.project_link(project_key)? else { return Ok(None) };
        let server = inner.store.server(link.server_id.as_str())?;
        let client = client_of(inner, &server).map_err(|error| error.to_string());
        Ok(Some(client.map(|client| Self { client, remote_id: link.remote_id })))
    }

    /// The address there of what a task names, if it is one of this server's.
    pub(super) fn url(&self, text: &str) -> Option<String> {
        self.client.file_url(self.remote_id, text)
    }

    pub(super) async fn file(
        &self,
        url: &str,
        limit: usize,
        megabytes: u32,
    ) -> std::result::Result<Vec<u8>, MediaError> {
        self.client.file(url, limit).await.map_err(|error| match error {
            ServerError::Unreachable { error: NetError::Offline, .. } => MediaError::Offline,
            ServerError::Unreachable { error: NetError::TooLarge(_), .. } => MediaError::TooLarge(megabytes),
            ServerError::Unreachable { host, error } => MediaError::Network { host, error },
            ServerError::NotFound { host, .. } => MediaError::Status { host, status: 404 },
            ServerError::Failed { host, status, .. } | ServerError::Refused { host, status, .. } => {
                MediaError::Status { host, status }
            }
            ServerError::Busy { host } => MediaError::Status { host, status: 429 },
            other => MediaError::Unreadable(other.to_string()),
        })
    }
}
