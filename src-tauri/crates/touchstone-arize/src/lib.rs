//! The Arize prompts API on loopback: what its clients send and read, and a server for them.
//!
//! The crate knows HTTP, the API's three spellings and its rules about fields. It must never learn where prompts are
//! kept: whoever serves them implements [`Prompts`].
//!
//! Start reading at [`server::serve`], then `wire.rs` (bodies in and out) and `spelling.rs` (who gets which words).

mod cursor;
pub mod files;
mod guard;
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
