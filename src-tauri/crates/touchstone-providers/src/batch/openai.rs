//! Batches of OpenAI, which Azure has too: a file of JSON Lines is uploaded, results are files as well.

use super::{
    BatchApi, BatchLimits, BatchMark, BatchResult, BatchStatus, Found, NewBatch, PAGES_MAX, count, enclosed, lines,
    required, segment,
};
use crate::azure::AzureModel;
use crate::chat::{ChatError, ChatErrorKind};
use crate::chat_format;
use crate::line::Line;
use crate::openai::OpenAiModel;
use async_trait::async_trait;
use serde_json::{Value, json};

/// The vendor takes 50,000 requests and 200 MB; half of that is held in memory.
const LIMITS: BatchLimits = BatchLimits { requests: 50_000, bytes: 100_000_000 };

/// The member of a batch's metadata that has our name for it.
const NAME: &str = "touchstone";

/// Where batches are spoken of.
struct Place<'p> {
    line: &'p Line,
    base: String,
}

fn line(key: &str, body: &Value) -> String {
    json!({"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": body}).to_string()
}

impl Place<'_> {
    async fn submit(&self, batch: &NewBatch) -> Result<String, ChatError> {
        let Self { line, base } = self;
        let reader = line.reader(batch.body["model"].as_str().unwrap_or_default());
        let content = batch.lines.join("\n");
        let file =
            line.upload(&format!("{base}/files"), &[("purpose", "batch")], ("touchstone.jsonl", &content)).await?;
        let file = required(&reader, &file, &reader.json(&file)?["id"])?;
        let order = json!({
            "input_file_id": file,
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "metadata": {NAME: batch.name},
        });
        let reply = line.hand_over(&format!("{base}/batches"), &[], order.to_string()).await?;
        required(&reader, &reply, &reader.json(&reply)?["id"])
    }

    async fn find(&self, mark: BatchMark<'_>) -> Result<Found, ChatError> {
        let Self { line, base } = self;
        let mut after = String::new();
        for _ in 0..PAGES_MAX {
            let reply = line.get(&format!("{base}/batches?limit=100{after}"), &[]).await?;
            let page = line.reader("").json(&reply)?;
            let batches = page["data"].as_array().map(Vec::as_slice).unwrap_or_default();
            if let Some(found) = batches.iter().find(|batch| batch["metadata"][NAME] == mark.name) {
                return Ok(Found::Id(required(&line.reader(""), &reply, &found["id"])?));
            }
            match batches.last().and_then(|batch| batch["id"].as_str()) {
                Some(last) if page["has_more"] == true => after = format!("&after={}", segment(last)),
                _ => break,
            }
        }
        Ok(Found::Nothing)
    }

    async fn batch(&self, id: &str) -> Result<Value, ChatError> {
        let reply = self.line.get(&format!("{}/batches/{}", self.base, segment(id)), &[]).await?;
        self.line.reader("").json(&reply)
    }

    async fn status(&self, id: &str) -> Result<BatchStatus, ChatError> {
        let batch = self.batch(id).await?;
        Ok(match batch["status"].as_str() {
            Some("completed" | "expired" | "cancelled") => BatchStatus::Ended,
            Some("failed") => {
                let said = batch["errors"]["data"][0]["message"].as_str().unwrap_or("it does not say why");
                BatchStatus::Failed(self.line.reader("").quoted(said))
            }
            _ => {
                let counts = &batch["request_counts"];
                BatchStatus::Working { done: count(&counts["completed"]).saturating_add(count(&counts["failed"])) }
            }
        })
    }

    async fn results(&self, id: &str, model: &str) -> Result<Vec<BatchResult>, ChatError> {
        let reader = self.line.reader(model);
        let batch = self.batch(id).await?;
        let mut results = Vec::new();
        // Either may be missing, and a batch that expired or was canceled has both.
        for file in ["output_file_id", "error_file_id"] {
            let Some(file) = batch[file].as_str().filter(|file| !file.is_empty()) else { continue };
            let reply = self.line.download(&format!("{}/files/{}/content", self.base, segment(file)), &[]).await?;
            results.extend(lines(&reader, &reply)?.iter().filter_map(|line| self.result(line, model)));
        }
        Ok(results)
    }

    fn result(&self, line: &Value, model: &str) -> Option<BatchResult> {
        let key = line["custom_id"].as_str()?.to_owned();
        let reader = self.line.reader(model);
        let response = &line["response"];
        let outcome = match (response["status_code"].as_u64(), line["error"]["code"].as_str()) {
            (_, Some("batch_expired" | "batch_cancelled")) => return None,
            (Some(status), _) => {
                let reply = enclosed(u16::try_from(status).unwrap_or(500), &response["body"]);
                chat_format::read(&reader, &reply, 0).map(|mut reply| {
                    let id = response["request_id"].as_str().map(|id| reader.quoted(id));
                    reply.request_id = reply.request_id.or(id);
                    reply
                })
            }
            (None, code) => {
                let said = reader.quoted(line["error"]["message"].as_str().or(code).unwrap_or("it does not say why"));
                let words = format!("{} did not answer this request of the batch. It said: “{said}”.", reader.host);
                Err(ChatError::new(ChatErrorKind::ServerError, words))
            }
        };
        Some(BatchResult { key, outcome })
    }

    async fn cancel(&self, id: &str) -> Result<(), ChatError> {
        let url = format!("{}/batches/{}/cancel", self.base, segment(id));
        let reply = self.line.hand_over(&url, &[], "{}".to_owned()).await?;
        self.line.reader("").json(&reply).map(|_| ())
    }
}

#[async_trait]
impl BatchApi for OpenAiModel {
    fn limits(&self) -> BatchLimits {
        LIMITS
    }

    fn line(&self, key: &str, body: &Value) -> String {
        line(key, body)
    }

    async fn submit(&self, batch: &NewBatch) -> Result<String, ChatError> {
        self.batches_at().submit(batch).await
    }

    async fn find(&self, mark: BatchMark<'_>) -> Result<Found, ChatError> {
        self.batches_at().find(mark).await
    }

    async fn status(&self, id: &str) -> Result<BatchStatus, ChatError> {
        self.batches_at().status(id).await
    }

    async fn results(&self, id: &str, _: &[String], model: &str) -> Result<Vec<BatchResult>, ChatError> {
        self.batches_at().results(id, model).await
    }

    async fn cancel(&self, id: &str) -> Result<(), ChatError> {
        self.batches_at().cancel(id).await
    }
}

impl OpenAiModel {
    fn batches_at(&self) -> Place<'_> {
        Place { line: self.line(), base: self.line().endpoint.clone() }
    }
}

/// By a deployment of its own: one for batches answers nothing else, and the other way round.
#[async_trait]
impl BatchApi for AzureModel {
    fn limits(&self) -> BatchLimits {
        LIMITS
    }

    fn line(&self, key: &str, body: &Value) -> String {
        let mut body = body.clone();
        body["model"] = Value::from(self.batch_deployment());
        line(key, &body)
    }

    async fn submit(&self, batch: &NewBatch) -> Result<String, ChatError> {
        self.batches_at().submit(batch).await
    }

    async fn find(&self, mark: BatchMark<'_>) -> Result<Found, ChatError> {
        self.batches_at().find(mark).await
    }

    async fn status(&self, id: &str) -> Result<BatchStatus, ChatError> {
        self.batches_at().status(id).await
    }

    async fn results(&self, id: &str, _: &[String], model: &str) -> Result<Vec<BatchResult>, ChatError> {
        self.batches_at().results(id, model).await
    }

    async fn cancel(&self, id: &str) -> Result<(), ChatError> {
        self.batches_at().cancel(id).await
    }
}

impl AzureModel {
    fn batches_at(&self) -> Place<'_> {
        Place { line: self.line(), base: self.v1() }
    }
}
