//! The Arize prompts API: what its clients send and read, a server for them on loopback, and a client of our own.
//!
//! The crate knows HTTP, the API's three spellings and its rules about fields. It must never learn where prompts are
//! kept: whoever serves them implements [`Prompts`].
//!
//! Start reading at [`server::serve`], then `wire.rs` (bodies in and out), `params.rs` (the parameters in them) and
//! `spelling.rs` (who gets which words).

pub mod client;
mod cursor;
mod fields;
pub mod files;
mod guard;
mod listener;
mod params;
mod problem;
pub mod prompts;
pub mod server;
pub mod spelling;
mod wire;

pub use prompts::{
    NewPrompt, NewVersion, Page, PromptFilter, PromptRecord, Prompts, Refusal, SpaceRecord, VersionRecord, Which,
};
pub use server::{ServeError, Served, serve};
pub use spelling::Spelling;
