//! What a server is, and who we are there.

use crate::line::Question;
use crate::{Asked, Client, TokenKind};
use serde::Deserialize;

/// A server, and its user who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// As `1.23.2`.
    pub version: String,
    pub edition: Edition,
    pub user: User,
    /// What the user is in their organization. The community edition has no roles.
    pub role: Option<Role>,
    /// What the user may do there, in the server's words, such as `projects.change`; empty where it does not say.
    pub permissions: Vec<String>,
    pub token: TokenKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    Community,
    Enterprise,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub email: String,
    /// First and last name; empty for none.
    pub name: String,
}

/// What somebody is in an organization of the enterprise edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    Owner,
    Administrator,
    Manager,
    Reviewer,
    Annotator,
    Deactivated,
    NotActivated,
    /// One that came later, by its code.
    Other(String),
}

impl Role {
    fn of(code: &str) -> Self {
        match code {
            "OW" => Self::Owner,
            "AD" => Self::Administrator,
            "MA" => Self::Manager,
            "RE" => Self::Reviewer,
            "AN" => Self::Annotator,
            "DI" => Self::Deactivated,
            "NO" => Self::NotActivated,
            other => Self::Other(other.to_owned()),
        }
    }

    /// What Label Studio calls it.
    pub fn label(&self) -> &str {
        match self {
            Self::Owner => "Owner",
            Self::Administrator => "Administrator",
            Self::Manager => "Manager",
            Self::Reviewer => "Reviewer",
            Self::Annotator => "Annotator",
            Self::Deactivated => "Deactivated",
            Self::NotActivated => "Not activated",
            Self::Other(code) => code,
        }
    }
}

impl Server {
    /// Projects, tasks and annotations can be read.
    pub fn may_read(&self) -> bool {
        self.may(&["projects.view", "tasks.view"])
    }

    /// Snapshots can be made.
    pub fn may_export(&self) -> bool {
        self.may(&["projects.change"])
    }

    /// Predictions can be added, in bulk, and removed.
    pub fn may_predict(&self) -> bool {
        self.may(&["projects.change", "predictions.any"])
    }

    /// Annotations can be added, and marked as ground truth.
    pub fn may_annotate(&self) -> bool {
        self.may(&["annotations.create", "annotations.change"])
    }

    fn may(&self, wanted: &[&str]) -> bool {
        self.permissions.is_empty()
            || wanted.iter().all(|wanted| self.permissions.iter().any(|permission| permission == wanted))
    }
}

#[derive(Deserialize)]
struct Version {
    release: String,
    edition: Option<String>,
}

#[derive(Deserialize)]
struct WhoAmI {
    email: String,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    organization_membership: Option<Membership>,
    #[serde(default)]
    permissions: Vec<String>,
}

#[derive(Deserialize)]
struct Membership {
    role: Option<String>,
}

impl Client {
    /// What the server is, and who the token signs in.
    pub async fn server(&self) -> Asked<Server> {
        let version: Version = self.line.read(&Question::get("/api/version/", "version")).await?;
        let who: WhoAmI = self.line.read(&Question::get("/api/current-user/whoami", "user")).await?;
        let is_enterprise = version.edition.is_some_and(|edition| edition.eq_ignore_ascii_case("enterprise"));
        let role = who.organization_membership.and_then(|membership| membership.role);
        Ok(Server {
            version: version.release,
            edition: if is_enterprise { Edition::Enterprise } else { Edition::Community },
            user: User { email: who.email, name: format!("{} {}", who.first_name, who.last_name).trim().to_owned() },
            role: role.map(|code| Role::of(&code)),
            permissions: who.permissions,
            token: self.line.sign_in.kind,
        })
    }
}
