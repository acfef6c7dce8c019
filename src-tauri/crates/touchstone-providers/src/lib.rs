//! Talking to models: one trait, one file per provider.
//!
//! [`ChatModel`] is the neutral call; an adapter translates it into one provider's words and sorts what comes back into
//! kinds that the engine acts on. An adapter asks once: retries, pacing and bookkeeping are the engine's business, and
//! what an answer means is the labeling crate's.
//!
//! Start reading at `chat.rs`, then `custom.rs`.

mod chat;
mod custom;
mod endpoint;
mod json;
mod practice;

pub use chat::{ChatError, ChatErrorKind, ChatMessage, ChatModel, ChatReply, ChatRequest, Usage};
pub use custom::{CustomModel, TestReport};
pub use endpoint::parse_endpoint;
pub use json::json_of;
pub use practice::{PRACTICE_MODEL_ID, PracticeModel};
