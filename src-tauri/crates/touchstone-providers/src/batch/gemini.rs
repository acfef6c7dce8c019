//! Batches of Gemini: requests stand inside the order for them, and results inside the operation that it becomes.

use super::{
    BatchApi, BatchLimits, BatchMark, BatchResult, BatchStatus, Found, NewBatch, PAGES_MAX, enclosed, required,
};
use crate::chat::ChatError;
use crate::gemini::{self, GeminiModel, split};
use async_trait::async_trait;
use serde_json::{Value, json};
use touchstone_net::Reply;

/// The vendor takes 20 MB without a file. What it answers stands in one reply, thoughts signed, so it must not be too many.
const LIMITS: BatchLimits = BatchLimits { requests: 2_000, bytes: 18_000_000 };

impl GeminiModel {
    /// A batch's id is `batches/…`.
    fn operation(&self, id: &str, rest: &str) -> String {
        let path: Vec<_> = id.split('/').map(super::segment).collect();
        format!("{}/{}{rest}", self.line().endpoint, path.join("/"))
    }

    /// An operation that failed has an error and is none.
    fn read(&self, reply: &Reply) -> Result<Value, ChatError> {
        let reader = self.line().reader("");
        match serde_json::from_slice(&reply.body) {
            Ok(operation) if (200..300).contains(&reply.status) => Ok(operation),
            _ => reader.json(reply),
        }
    }

    fn result(&self, item: &Value, fallback: Option<&String>, model: &str) -> Option<BatchResult> {
        let key = item["metadata"]["key"].as_str().or(fallback.map(String::as_str))?.to_owned();
        let reader = self.line().reader(model);
        let reply = match item.get("error") {
            Some(error) if !error.is_null() => enclosed(status_of(&error["code"])?, &json!({"error": error})),
            _ => enclosed(200, item.get("response")?),
        };
        Some(BatchResult { key, outcome: gemini::read(&reader, &reply, 0) })
    }
}

/// The HTTP status of a code of gRPC; `None` for what was never asked.
fn status_of(code: &Value) -> Option<u16> {
    Some(match code.as_u64() {
        Some(1) => return None,
        Some(3 | 9 | 11) => 400,
        Some(16) => 401,
        Some(7) => 403,
        Some(5) => 404,
        Some(8) => 429,
        Some(14) => 503,
        Some(4) => 504,
        Some(status @ 400..600) => u16::try_from(status).unwrap_or(500),
        _ => 500,
    })
}

/// The end of a state's name, which the vendor's libraries begin with another word.
fn state(operation: &Value) -> &str {
    let state = operation["metadata"]["state"].as_str().unwrap_or_default();
    state.rsplit_once("_STATE_").map_or(state, |(_, state)| state)
}

#[async_trait]
impl BatchApi for GeminiModel {
    fn limits(&self) -> BatchLimits {
        LIMITS
    }

    fn line(&self, key: &str, body: &Value) -> String {
        json!({"request": split(body).1, "metadata": {"key": key}}).to_string()
    }

    async fn submit(&self, batch: &NewBatch) -> Result<String, ChatError> {
        let (model, _) = split(&batch.body);
        let json = format!(
            "{{\"batch\":{{\"displayName\":{},\"inputConfig\":{{\"requests\":{{\"requests\":[{}]}}}}}}}}",
            Value::from(batch.name.as_str()),
            batch.lines.join(",")
        );
        let url = format!("{}/models/{model}:batchGenerateContent", self.line().endpoint);
        let reply = self.line().hand_over(&url, &[], json).await?;
        let reader = self.line().reader(batch.body["model"].as_str().unwrap_or_default());
        required(&reader, &reply, &reader.json(&reply)?["name"])
    }

    async fn find(&self, mark: BatchMark<'_>) -> Result<Found, ChatError> {
        let mut page_token = String::new();
        for _ in 0..PAGES_MAX {
            let url = format!("{}/batches?pageSize=100{page_token}", self.line().endpoint);
            let reply = self.line().get(&url, &[]).await?;
            let page = self.line().reader("").json(&reply)?;
            let mut operations = page["operations"].as_array().into_iter().flatten();
            if let Some(found) = operations.find(|operation| operation["metadata"]["displayName"] == mark.name) {
                return Ok(Found::Id(required(&self.line().reader(""), &reply, &found["name"])?));
            }
            match page["nextPageToken"].as_str().filter(|token| !token.is_empty()) {
                Some(token) => page_token = format!("&pageToken={}", super::segment(token)),
                None => break,
            }
        }
        Ok(Found::Nothing)
    }

    async fn status(&self, id: &str) -> Result<BatchStatus, ChatError> {
        // Once it has ended, its results stand in it.
        let operation = self.read(&self.line().download(&self.operation(id, ""), &[]).await?)?;
        Ok(match state(&operation) {
            "SUCCEEDED" | "CANCELLED" | "EXPIRED" => BatchStatus::Ended,
            "FAILED" => {
                let said = operation["error"]["message"].as_str().unwrap_or("it does not say why");
                BatchStatus::Failed(self.line().reader("").quoted(said))
            }
            _ => {
                let stats = &operation["metadata"]["batchStats"];
                // Numbers of 64 bits come as texts.
                let count = |name: &str| match &stats[name] {
                    Value::String(text) => text.parse().unwrap_or(0),
                    number => super::count(number),
                };
                let done = count("successfulRequestCount").saturating_add(count("failedRequestCount"));
                BatchStatus::Working { done }
            }
        })
    }

    async fn results(&self, id: &str, keys: &[String], model: &str) -> Result<Vec<BatchResult>, ChatError> {
        let operation = self.read(&self.line().download(&self.operation(id, ""), &[]).await?)?;
        let outputs = [&operation["response"], &operation["metadata"]["output"]];
        let listed = |output: &&'_ Value| {
            let inlined = &output["inlinedResponses"];
            inlined.as_array().or_else(|| inlined["inlinedResponses"].as_array()).cloned()
        };
        let items = outputs.iter().find_map(listed).unwrap_or_default();
        // They stand in the order of the requests, which tells whose they are should their keys not come back.
        let is_whole = items.len() == keys.len();
        let keyed = items.iter().enumerate().map(|(index, item)| (item, keys.get(index).filter(|_| is_whole)));
        Ok(keyed.filter_map(|(item, key)| self.result(item, key, model)).collect())
    }

    async fn cancel(&self, id: &str) -> Result<(), ChatError> {
        let reply = self.line().hand_over(&self.operation(id, ":cancel"), &[], "{}".to_owned()).await?;
        self.read(&reply).map(|_| ())
    }
}
