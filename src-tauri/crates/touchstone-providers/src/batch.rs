//! Batches: many requests handed over at once, answered within a day at about half the price.
//!
//! What is asked is exactly what is asked online: a line holds the same body, and a reply is read by the same code, so that
//! an answer is one wherever it came from. Here a vendor's dialect is spoken once for each call; when to look again, what to
//! keep and what to pay is the engine's business.

mod anthropic;
mod gemini;
mod openai;

use crate::chat::{ChatError, ChatReply};
use crate::line::{Line, no_reply};
use crate::reply::Reader;
use async_trait::async_trait;
use serde_json::Value;
use std::time::Duration;
use touchstone_net::{Call, Method, Reply};

/// How long handing over or fetching a batch may take.
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(900);

/// Longest list of results that is read, in bytes.
const RESULTS_BYTES_MAX: usize = 1 << 30;

/// Pages of a vendor's list of batches that are looked through: the newest stand on the first.
const PAGES_MAX: u32 = 20;

/// What one batch may hold: what the vendor takes, and no more than is held in memory at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    pub requests: usize,
    /// Of all its lines.
    pub bytes: usize,
}

/// A batch about to be handed over.
#[derive(Clone, Debug, Default)]
pub struct NewBatch {
    /// What the vendor shows it as, where it takes a name.
    pub name: String,
    /// The body of one of its requests: all ask the same model in the same way.
    pub body: Value,
    /// As [`BatchApi::line`] writes them.
    pub lines: Vec<String>,
}

/// What a batch is found by of which it is not known whether the vendor has it.
#[derive(Clone, Copy, Debug)]
pub struct BatchMark<'m> {
    pub name: &'m str,
    /// Not before this moment, in RFC 3339 and UTC.
    pub since: &'m str,
    /// Those of its requests, in their order.
    pub keys: &'m [String],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The vendor has it under this id.
    Id(String),
    /// The vendor does not have it.
    Nothing,
    /// The vendor has one that may be it, and cannot be told before it has ended.
    Undecided,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchStatus {
    /// So many of its requests have an outcome, as far as the vendor says.
    Working { done: u32 },
    /// Its results can be read; some of its requests may have none.
    Ended,
    /// It was refused as a whole, in the vendor's words. Nothing of it was asked.
    Failed(String),
}

/// The outcome of one request.
#[derive(Clone, Debug)]
pub struct BatchResult {
    pub key: String,
    pub outcome: Result<ChatReply, ChatError>,
}

/// A provider's batches. Ids are the vendor's.
#[async_trait]
pub trait BatchApi: Send + Sync {
    fn limits(&self) -> BatchLimits;

    /// One request as it stands in a batch. `key` has at most 64 letters and digits; `body` is one of
    /// [`crate::ChatModel::body`], without media.
    fn line(&self, key: &str, body: &Value) -> String;

    /// Hands a batch over, and gives back its id. Once: no retry.
    async fn submit(&self, batch: &NewBatch) -> Result<String, ChatError>;

    /// Looks for a batch whose id was lost.
    async fn find(&self, mark: BatchMark<'_>) -> Result<Found, ChatError>;

    async fn status(&self, id: &str) -> Result<BatchStatus, ChatError>;

    /// The outcomes of a batch that has ended, in any order. What the vendor did not come to, because the batch expired or was
    /// canceled, is left out. `keys` are those of its requests, in their order; `model` is who was asked, for words.
    async fn results(&self, id: &str, keys: &[String], model: &str) -> Result<Vec<BatchResult>, ChatError>;

    /// Asks to give up what is not answered yet. Results can be read once the batch has ended.
    async fn cancel(&self, id: &str) -> Result<(), ChatError>;
}

impl Line {
    /// Posts JSON that may be large.
    async fn hand_over(&self, url: &str, headers: &[(&'static str, &'static str)], json: String) -> Posted {
        self.post(url, headers, json, TRANSFER_TIMEOUT).await.map(|(reply, _)| reply)
    }

    /// Posts a file of JSON Lines.
    async fn upload(&self, url: &str, fields: &[(&str, &str)], file: (&str, &str)) -> Posted {
        let sent = self.client.post_file(url, &self.credentials, fields, file, TRANSFER_TIMEOUT).await;
        sent.map_err(|error| no_reply(&self.client, url, &self.host, error, TRANSFER_TIMEOUT))
    }

    /// Gets what may be large.
    async fn download(&self, url: &str, headers: &[(&'static str, &'static str)]) -> Posted {
        let call = Call { method: Method::Get, headers, credentials: &self.credentials, json: None };
        let got = self.client.call_for(url, call, RESULTS_BYTES_MAX, TRANSFER_TIMEOUT).await;
        got.map_err(|error| no_reply(&self.client, url, &self.host, error, TRANSFER_TIMEOUT))
    }
}

type Posted = Result<Reply, ChatError>;

/// The lines of a file of JSON Lines. One that cannot be read is as if it were not there.
fn lines(reader: &Reader<'_>, reply: &Reply) -> Result<Vec<Value>, ChatError> {
    if !(200..300).contains(&reply.status) {
        // It is a failure, which the reader sorts.
        reader.json(reply)?;
    }
    let lines = reply.body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

/// A reply that stands inside a batch's results.
fn enclosed(status: u16, body: &Value) -> Reply {
    Reply::enclosed(status, body.to_string().into_bytes())
}

/// A member that a vendor's reply must have.
fn required(reader: &Reader<'_>, reply: &Reply, text: &Value) -> Result<String, ChatError> {
    let text = text.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    text.ok_or_else(|| reader.malformed(reply, format!("{} sent JSON that is not a batch.", reader.host)))
}

fn count(value: &Value) -> u32 {
    crate::reply::tokens(value).unwrap_or(0)
}

/// An id of the vendor, which was stored, as one segment of an address.
fn segment(id: &str) -> String {
    crate::gemini::path_segment(id)
}

#[cfg(test)]
mod tests;
