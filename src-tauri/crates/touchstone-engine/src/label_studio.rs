//! Label Studio servers: projects that come from one, and predictions that are given back.
//!
//! `servers.rs` connects them and knows their tokens, `projects.rs` lists what they have, `pull.rs` brings a project here and what
//! changed of it since (`spool.rs` keeps what was read until all of it is there, `merge.rs` brings it into a project that is
//! here), and `push.rs` gives predictions of a run back (`told.rs` says what there is to give and what is there already).

mod merge;
mod projects;
mod pull;
mod push;
mod servers;
mod spool;
mod told;

pub use projects::{ServerProject, ServerProjectPage};
pub use pull::{ConfigChange, GoneTasks, PullOptions, PullPlan, PullProgress, PullReport};
pub use push::{OtherVersions, Push, PushOptions, PushPlan, PushProgress, PushReport, PushState};
pub use servers::{Edition, LabelStudioServer, NewServer, ServerReport, TokenKind};

pub(crate) use push::Pushing;
pub(crate) use servers::{Clients, client_of};

use serde::Serialize;
use specta::Type;
use touchstone_domain::ServerId;
use touchstone_store::ProjectLinkRow;

/// Where a project came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct ProjectLink {
    pub server_id: ServerId,
    pub server_name: String,
    #[specta(type = f64)]
    pub remote_id: i64,
    /// As it is called there.
    pub title: String,
    /// Its page there.
    pub url: String,
    /// `None` until all of it was pulled once.
    pub pulled_at: String,
}

pub(crate) fn project_link(row: ProjectLinkRow) -> ProjectLink {
    ProjectLink {
        url: page(&row.address, row.remote_id),
        server_id: row.server_id,
        server_name: row.server_name,
        remote_id: row.remote_id,
        title: row.title,
        pulled_at: row.pulled_at,
    }
}

/// The page of a project, for a browser.
fn page(address: &str, remote_id: i64) -> String {
    format!("{address}/projects/{remote_id}/data")
}
