//! Talking to models: one trait, one file per provider.
//!
//! [`ChatModel`] is the neutral call; an adapter translates it into one provider's words and sorts what comes back into
//! kinds that the engine acts on. An adapter asks once: retries, pacing and bookkeeping are the engine's business, and
//! what an answer means is the labeling crate's.
//!
//! Start reading at `chat.rs`, then `chat_format.rs` and `custom.rs`; `anthropic.rs` and `gemini.rs` speak otherwise.
//! `schema.rs` brings one schema into each vendor's subset, `catalogue.rs` knows models and prices, `local.rs` finds the
//! servers of this computer, `batch.rs` speaks of many requests at once, and `probe.rs` and `abilities.rs` find out what a model can do where it is asked.

mod abilities;
mod anthropic;
mod azure;
mod batch;
mod body;
mod catalogue;
mod chat;
mod chat_format;
mod check;
mod clock;
mod connect;
mod custom;
mod endpoint;
mod gemini;
mod json;
mod keys;
mod limits;
mod line;
mod local;
mod media;
mod openai;
mod params;
mod practice;
mod probe;
mod refused;
mod reply;
mod schema;
mod structured;
#[cfg(test)]
mod testing;
mod vertex;
mod wire;

pub use abilities::{Abilities, AbilitySource, AbilitySources, Speed, measure_speed, reads_pdf, sees_images};
pub use anthropic::AnthropicModel;
pub use azure::{deployment_id, deployment_in};
pub use batch::{BatchApi, BatchLimits, BatchMark, BatchResult, BatchStatus, Found, NewBatch};
pub use body::Body;
pub use catalogue::{Model, Prices, Tier, find_model, may_chat, models_of};
pub use chat::{
    Asker, ChatError, ChatErrorKind, ChatMessage, ChatModel, ChatReply, ChatRequest, Fault, KeyCheck, LeftOut,
    ListedModel, Logprobs, Part, Usage, VendorWords,
};
pub use check::{TestReport, test_in};
pub use connect::{Access, connect};
pub use endpoint::parse_endpoint;
pub use json::json_of;
pub use keys::key_warning;
pub use limits::{Allowance, LimitKind, Limits};
pub use line::{ASK_TIMEOUT, Options};
pub use local::{
    LOCAL_PORTS, LocalKind, LocalModel, LocalProblem, LocalServer, find_local_servers, find_locked_server,
};
pub use media::{Media, MediaLimits};
pub use params::{expected_instead, output_tokens_max};
pub use practice::PRACTICE_MODEL_ID;
pub use probe::{enforces, is_about_form, probe};
pub use refused::refused_param;
pub use schema::Schema;
pub use structured::StructuredMode;
pub use vertex::{ServiceAccount, vertex_endpoint, vertex_wire};
pub use wire::{SecretPlace, Speech, Wire};
