//! Batches of Anthropic: one JSON of requests, results as JSON Lines. They have no names, so one whose id was lost is told
//! by the keys of its results.

use super::{
    BatchApi, BatchLimits, BatchMark, BatchResult, BatchStatus, Found, NewBatch, PAGES_MAX, count, enclosed, lines,
    required, segment,
};
use crate::anthropic::{self, AnthropicModel};
use crate::chat::ChatError;
use async_trait::async_trait;
use serde_json::{Value, json};

/// The vendor takes 100,000 requests and 256 MB; less is held in memory.
const LIMITS: BatchLimits = BatchLimits { requests: 50_000, bytes: 100_000_000 };

/// What the vendor says of a batch as a whole is the same in each of its versions.
const HEADERS: &[(&str, &str)] = &[anthropic::VERSION];

/// As much of a moment as everybody spells alike, to the second.
const SECOND: usize = "2026-01-02T03:04:05".len();

impl AnthropicModel {
    fn batches(&self, rest: &str) -> String {
        format!("{}/v1/messages/batches{rest}", self.line().endpoint)
    }

    async fn keyed(&self, id: &str) -> Result<Vec<Value>, ChatError> {
        // The address that a batch names for its results is not asked: the key goes nowhere but where the user sent it.
        let reply = self.line().download(&self.batches(&format!("/{}/results", segment(id))), HEADERS).await?;
        lines(&self.line().reader(""), &reply)
    }

    fn result(&self, line: &Value, model: &str) -> Option<BatchResult> {
        let key = line["custom_id"].as_str()?.to_owned();
        let reader = self.line().reader(model);
        let result = &line["result"];
        let outcome = match result["type"].as_str()? {
            "succeeded" => anthropic::read(&reader, &enclosed(200, &result["message"]), 0),
            "errored" => {
                let said = &result["error"];
                let body = if said["error"].is_object() { said.clone() } else { json!({"error": said}) };
                let status = status_of(body["error"]["type"].as_str().unwrap_or_default());
                anthropic::read(&reader, &enclosed(status, &body), 0)
            }
            // Expired or canceled: it was never asked.
            _ => return None,
        };
        Some(BatchResult { key, outcome })
    }
}

/// The status with which a failure of this type is told outside of batches.
fn status_of(kind: &str) -> u16 {
    match kind {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    }
}

#[async_trait]
impl BatchApi for AnthropicModel {
    fn limits(&self) -> BatchLimits {
        LIMITS
    }

    fn line(&self, key: &str, body: &Value) -> String {
        json!({"custom_id": key, "params": body}).to_string()
    }

    async fn submit(&self, batch: &NewBatch) -> Result<String, ChatError> {
        let reader = self.line().reader(batch.body["model"].as_str().unwrap_or_default());
        let json = format!("{{\"requests\":[{}]}}", batch.lines.join(","));
        let reply = self.line().hand_over(&self.batches(""), &[anthropic::version(&batch.body)], json).await?;
        required(&reader, &reply, &reader.json(&reply)?["id"])
    }

    async fn find(&self, mark: BatchMark<'_>) -> Result<Found, ChatError> {
        let since = mark.since.get(..SECOND).unwrap_or(mark.since);
        let mut after = String::new();
        let mut found = Found::Nothing;
        for _ in 0..PAGES_MAX {
            let reply = self.line().get(&self.batches(&format!("?limit=100{after}")), HEADERS).await?;
            let page = self.line().reader("").json(&reply)?;
            let batches = page["data"].as_array().map(Vec::as_slice).unwrap_or_default();
            for batch in batches {
                let made = batch["created_at"].as_str().unwrap_or_default();
                if made.get(..SECOND).unwrap_or(made) < since {
                    return Ok(found);
                }
                let counts = batch["request_counts"].as_object().into_iter().flatten();
                let requests = counts.fold(0_usize, |sum, (_, requests)| sum + count(requests) as usize);
                if requests != mark.keys.len() {
                    continue;
                }
                let id = required(&self.line().reader(""), &reply, &batch["id"])?;
                if batch["processing_status"] != "ended" {
                    found = Found::Undecided;
                } else if let Some(first) = self.keyed(&id).await?.first()
                    && mark.keys.iter().any(|key| first["custom_id"] == key.as_str())
                {
                    return Ok(Found::Id(id));
                }
            }
            match page["last_id"].as_str() {
                Some(last) if page["has_more"] == true => after = format!("&after_id={}", segment(last)),
                _ => break,
            }
        }
        Ok(found)
    }

    async fn status(&self, id: &str) -> Result<BatchStatus, ChatError> {
        let reply = self.line().get(&self.batches(&format!("/{}", segment(id))), HEADERS).await?;
        let batch = self.line().reader("").json(&reply)?;
        if batch["processing_status"] == "ended" {
            return Ok(BatchStatus::Ended);
        }
        let counts = batch["request_counts"].as_object().into_iter().flatten();
        let done = counts.filter(|(state, _)| *state != "processing").map(|(_, requests)| count(requests));
        Ok(BatchStatus::Working { done: done.fold(0, u32::saturating_add) })
    }

    async fn results(&self, id: &str, _: &[String], model: &str) -> Result<Vec<BatchResult>, ChatError> {
        Ok(self.keyed(id).await?.iter().filter_map(|line| self.result(line, model)).collect())
    }

    async fn cancel(&self, id: &str) -> Result<(), ChatError> {
        let url = self.batches(&format!("/{}/cancel", segment(id)));
        let reply = self.line().hand_over(&url, HEADERS, "{}".to_owned()).await?;
        self.line().reader("").json(&reply).map(|_| ())
    }
}
