//! A client of a Label Studio server: who signs in, its projects with their tasks and annotations, whole or what changed,
//! its files, and predictions and annotations for it.
//!
//! It knows HTTP and the server's API, of the community edition (1.23) as it is installed, and of the enterprise edition as
//! its public client describes it. What it reads of tasks it hands on as it came. It must never learn what is done with it:
//! the store, runs, and what of an annotation is right.
//!
//! Start reading at [`Client`], then `line.rs` (what is asked again, and what is not) and `sign_in.rs`.

mod address;
mod annotations;
mod client;
mod error;
mod files;
mod line;
mod predictions;
mod projects;
mod server;
mod sign_in;
mod snapshots;
mod tasks;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use address::parse_address;
pub use annotations::NewAnnotation;
pub use client::Client;
pub use error::Error;
pub use predictions::{NewPrediction, RemotePrediction};
pub use projects::{Page, RemoteProject, Workspace};
pub use server::{Edition, Role, Server, User};
pub use sign_in::TokenKind;
pub use snapshots::{Snapshot, SnapshotState};
pub use tasks::{RemoteTask, TaskPage, TaskQuery};

/// What comes of asking a server.
pub type Asked<T> = std::result::Result<T, Error>;
