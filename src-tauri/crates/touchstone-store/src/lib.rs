//! Everything that Touchstone keeps on this machine: the workspace file (SQLite) and the keychain.
//!
//! This is the only crate that names rusqlite and keyring. One file per feature holds its rows and its statements; JSON
//! columns are text here, because what they mean is the engine's business. Calls block. A secret has one way in and one
//! way out, [`Keychain`], and never touches the file.
//!
//! Start reading at `migrations/001_workspace.sql`, then [`Store`].

mod annotations;
mod backups;
mod batches;
mod check;
mod comparison;
mod configs;
mod connections;
mod contacts;
mod coverage;
mod database;
mod error;
mod estimates;
mod exports;
#[cfg(test)]
mod fixture;
mod gold;
mod imports;
mod journal;
mod keychain;
mod label_studio;
mod labels;
mod links;
mod projects;
mod prompts;
mod queue;
mod removal;
mod results;
mod reviews;
mod runs;
mod salvage;
mod settings;
mod spaces;
mod tallies;
mod tasks;
mod versions;

pub use annotations::{ScoredPrediction, StoredAnnotation, TaskEdit};
pub use backups::{Backup, BackupKind, back_up, backups, prepare_restore, restore};
pub use batches::{BatchRow, BatchSums, NewBatch};
pub use check::{Check, Depth, bytes_on_disk, check};
pub use comparison::SidePrediction;
pub use configs::{ConfigSaved, NewConfig, Rewrite};
pub use connections::{ConnectionRow, KeyStorage, Spending};
pub use contacts::{ContactRow, ContactSum};
pub use coverage::{Coverage, Positions};
pub use database::{Store, is_workspace};
pub use error::{Result, StoreError};
pub use estimates::{AskedRun, TaskUsage};
pub use exports::{ExportedAnnotation, ExportedTask, Snapshot};
pub use gold::{GoldMarkRow, GoldRunRow};
pub use imports::{
    ImportFailure, ImportIssueRow, ImportTarget, Imported, NewAnnotation, NewProject, NewTask, TaskWriter,
};
pub use journal::{AnswerRow, Counted, Entry, Journal, Lost, PredictionRow, Scored};
pub use keychain::{Keychain, KeychainError, SecretKind};
pub use label_studio::{GivenPrediction, LinkedId, ProjectLinkRow, PulledLink, PushRow, PushState, ServerRow};
pub use labels::{LabelMoveRow, LabelRow};
pub use links::{Brought, BroughtVersion, KnownPrompt, PromptLinkRow, SpaceLinkRow};
pub use projects::ProjectRow;
pub use prompts::{DraftRow, NewPrompt, PromptFilter, PromptPlace, PromptRow};
pub use queue::QueuedRun;
pub use removal::TasksRemoved;
pub use results::{CellHints, ErrorRow, ResultFilter, ResultQuery, ResultRow, ResultSort, Sides};
pub use reviews::{ReviewRow, ReviewedPrediction};
pub use runs::{Beat, Lease, NewRun, OtherModel, PendingTask, RunEnd, RunRow, Wishes};
pub use salvage::{SalvagedTable, salvage};
pub use spaces::SpaceRow;
pub use tallies::{CountedPrediction, ScannedScore};
pub use tasks::{AnnotationRow, ScanColumns, ScannedTask, TaskCondition, TaskRow};
pub use versions::{DraftThen, VersionContent, VersionRow};
