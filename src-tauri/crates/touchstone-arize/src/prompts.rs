//! What the server asks of whoever keeps the prompts.

use async_trait::async_trait;
use serde_json::Value;
use touchstone_domain::prompt::PromptContent;
use touchstone_domain::{PromptId, SpaceId, VersionId};

#[derive(Clone, Debug)]
pub struct SpaceRecord {
    pub id: SpaceId,
    pub name: String,
    pub description: String,
    pub created_at: String,
}

#[derive(Clone, Debug)]
pub struct PromptRecord {
    pub id: PromptId,
    pub name: String,
    /// Empty for none.
    pub description: String,
    pub space_id: SpaceId,
    pub created_at: String,
    pub updated_at: String,
}

#[derive(Clone, Debug)]
pub struct VersionRecord {
    pub id: VersionId,
    pub prompt_id: PromptId,
    pub commit_hash: String,
    pub commit_message: String,
    pub content: PromptContent,
    pub created_at: String,
    /// Names that point to it now.
    pub labels: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct NewVersion {
    pub commit_message: String,
    pub content: PromptContent,
}

#[derive(Clone, Debug)]
pub struct NewPrompt {
    pub space_id: SpaceId,
    pub name: String,
    pub description: String,
    pub version: NewVersion,
}

/// What a list of prompts is narrowed to; texts are letters in any case that a name holds.
#[derive(Clone, Debug, Default)]
pub struct PromptFilter {
    pub space_id: Option<SpaceId>,
    pub space_name: Option<String>,
    pub name: Option<String>,
}

/// Part of a list, and where the next part begins: JSON that is given back as it is, `None` at the end.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<Value>,
}

/// Which version of a prompt.
#[derive(Clone, Debug)]
pub enum Which {
    Latest,
    Version(VersionId),
    Label(String),
}

/// Why a call is not answered.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("a prompt called “{0}” is there already")]
    NameTaken(String),
    /// A place in a list that this list does not have.
    #[error("the cursor does not belong to this list")]
    BadCursor,
    /// It cannot be done while something else goes on, in words for the caller.
    #[error("{0}")]
    InUse(String),
    /// Something stands in the way that may be gone soon, such as a lock.
    #[error("the workspace is busy; try again")]
    Busy,
    /// Nothing that a caller should read about; it was logged.
    #[error("something went wrong")]
    Internal,
}

type Answer<T> = Result<T, Refusal>;

/// The keeper of the prompts.
#[async_trait]
pub trait Prompts: Send + Sync + 'static {
    /// Who creates things here, in the API's form of an id.
    async fn user_id(&self) -> Answer<String>;
    async fn spaces(&self, name: Option<String>, after: Option<Value>, limit: u32) -> Answer<Page<SpaceRecord>>;
    /// Whether there is a space of this id.
    async fn has_space(&self, id: SpaceId) -> Answer<bool>;
    /// Those that have a version, last updated first; changes while the list is read move nothing in it.
    async fn list(&self, filter: PromptFilter, after: Option<Value>, limit: u32) -> Answer<Page<PromptRecord>>;
    async fn create(&self, prompt: NewPrompt) -> Answer<(PromptRecord, VersionRecord)>;
    async fn get(&self, id: PromptId, which: Which) -> Answer<(PromptRecord, VersionRecord)>;
    async fn describe(&self, id: PromptId, description: String) -> Answer<PromptRecord>;
    async fn delete(&self, id: PromptId) -> Answer<()>;
    /// Newest first.
    async fn versions(&self, id: PromptId, after: Option<Value>, limit: u32) -> Answer<Page<VersionRecord>>;
    async fn create_version(&self, id: PromptId, version: NewVersion) -> Answer<VersionRecord>;
    async fn version(&self, id: VersionId) -> Answer<VersionRecord>;
    /// Replaces the labels of a version; those that others hold move.
    async fn set_labels(&self, id: VersionId, labels: Vec<String>) -> Answer<VersionRecord>;
    async fn delete_label(&self, id: VersionId, label: String) -> Answer<()>;
}
