//! Testing a connection: whether it answers, and how its model can be held to a schema.

use super::{ConnectionSettings, PRACTICE, access, models};
use crate::{Changed, Engine, Error, Result, clock};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::time::Duration;
use touchstone_domain::prompt::Provider;
use touchstone_providers::{ChatModel, Fault, StructuredMode, TestReport, probe, test_in};

/// How long it may take to find out how a model is held to a schema: some calls to a model that thinks.
const PROBE_TIME_MAX: Duration = Duration::from_secs(60);

/// What a test of a connection found, in words.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct TestRecord {
    pub ok: bool,
    pub message: String,
    /// What to look at, if it is not ok: `key`, `permission`, `model`, `deployment`, `endpoint`, `region`, `quota`,
    /// `dns`, `tls`, `nothing_listening`, `network`, `timeout`, `server`, `request` or `answer`.
    pub fault: Option<String>,
    pub latency_ms: Option<u32>,
    /// An endpoint that answers where this one does not.
    pub suggested_endpoint: Option<String>,
    /// The model that was asked.
    pub model: Option<String>,
    /// The model that answered, as the server names it.
    pub answered_by: Option<String>,
    /// How it is held to a schema; `None` if that was not found out.
    pub structure: Option<StructuredMode>,
    pub tested_at: String,
}

impl Engine {
    /// Asks a model of the connection one short question, the first one it offers unless `model` is given, and remembers,
    /// in words, how it went. Finds out, once for each model, how it is held to a schema.
    pub async fn test_connection(&self, id_or_name: String, model: Option<String>) -> Result<TestRecord> {
        let (row, asked) = self
            .blocking(move |inner| {
                let row = inner.store.connection(&id_or_name)?;
                let asked = access::model(inner, &row)?;
                Ok((row, asked))
            })
            .await?;
        let id = model.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
        let id = id.or_else(|| models(&row).into_iter().next());
        let id = id.ok_or_else(|| Error::invalid_field("model", format!("“{}” offers no model", row.name)))?;
        let (record, found) = if row.id.as_str() == PRACTICE {
            (works_always(), None)
        } else {
            tested(&*asked, &id, ConnectionSettings::of(&row).structure(&id)).await
        };
        let json = serde_json::to_string(&record).map_err(|error| Error::Internal(error.into()))?;
        self.blocking(move |inner| {
            inner.store.set_connection_test(&row.id, &json)?;
            if let Some(mode) = found {
                models::change_settings(inner, &row.id, |settings| {
                    settings.structures.insert(id, mode);
                })?;
            }
            Ok(())
        })
        .await?;
        self.changed(Changed::Connections);
        Ok(record)
    }
}

fn works_always() -> TestRecord {
    TestRecord {
        ok: true,
        message: "Works. It is built in, needs no key and no network, and is not a language model.".to_owned(),
        fault: None,
        latency_ms: Some(0),
        suggested_endpoint: None,
        model: None,
        answered_by: None,
        structure: None,
        tested_at: clock::now(),
    }
}

/// How a test of the model `id` went, and how it is to be held to a schema from now on if that was found out just now.
async fn tested(
    model: &dyn ChatModel,
    id: &str,
    known: Option<StructuredMode>,
) -> (TestRecord, Option<StructuredMode>) {
    let mut record = record_of(id, model.test(id).await);
    let found = match model.provider() {
        // A custom server is asked as ever for as long as that works: the answers that are owned are kept under what was
        // asked for them.
        Provider::Custom if record.ok => None,
        Provider::Custom if is_about_form(&record) => match another_form(model, id).await {
            Some((mode, report)) => {
                let message = format!("{}; {}.", report.message.trim_end_matches('.'), mode.label());
                record = TestRecord { message, ..record_of(id, report) };
                Some(mode)
            }
            None => None,
        },
        Provider::Custom => None,
        _ if record.ok && known.is_none() => probed(model, id).await,
        _ => None,
    };
    record.structure = found.or(known);
    (record, found)
}

fn record_of(id: &str, report: TestReport) -> TestRecord {
    TestRecord {
        ok: report.ok,
        message: report.message,
        fault: report.fault.map(|fault| fault.code().to_owned()),
        latency_ms: report.latency_ms,
        suggested_endpoint: report.suggested_endpoint,
        model: Some(id.to_owned()),
        answered_by: report.model,
        structure: None,
        tested_at: clock::now(),
    }
}

/// Whether the server may have stumbled over how the form of the answer was asked for. Local servers say 500 then.
fn is_about_form(record: &TestRecord) -> bool {
    [Fault::Request, Fault::Answer, Fault::Server].iter().any(|fault| record.fault.as_deref() == Some(fault.code()))
}

async fn probed(model: &dyn ChatModel, id: &str) -> Option<StructuredMode> {
    tokio::time::timeout(PROBE_TIME_MAX, probe(model, id)).await.ok()?.ok()
}

/// Another way than the usual one in which a custom server really answers.
async fn another_form(model: &dyn ChatModel, id: &str) -> Option<(StructuredMode, TestReport)> {
    let mode = probed(model, id).await.filter(|mode| *mode != StructuredMode::JsonObjectWithSchema)?;
    let report = test_in(model, id, mode, PROBE_TIME_MAX).await;
    report.ok.then_some((mode, report))
}
