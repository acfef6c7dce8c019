//! The nouns and rules of Touchstone: prompts and their immutable versions, the template language, runs, statistics.
//!
//! Nothing here does I/O, is async, or reads a clock: ids, times and data are passed in, so every rule can be tested
//! as a function. It must never learn about SQLite, HTTP, Tauri or Label Studio's XML.
//!
//! Start reading at [`prompt`], then [`template`] (what a run sends), [`stats`] and [`metrics`] (what a run may claim) and
//! [`comparison`] (what two may).

pub mod answer;
pub mod comparison;
pub mod id;
pub mod json;
pub mod metrics;
pub mod prompt;
pub mod run;
pub mod secret;
pub mod stats;
pub mod task;
pub mod template;
pub mod text;

pub use id::{AnnotationId, ConnectionId, ProjectId, PromptId, RunId, ServerId, SpaceId, TaskId, VersionId};
