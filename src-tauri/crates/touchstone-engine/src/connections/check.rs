//! Testing a connection: whether it answers, how its model can be held to a schema, and what else it can do.

use super::questions::{Questions, TestUsage};
use super::{ConnectionSettings, PRACTICE, Pricing, access, models, provider};
use crate::results::VendorError;
use crate::runs::pay_for_test;
use crate::{Changed, Engine, Error, Result, clock};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::time::Duration;
use tokio::time::Instant;
use touchstone_domain::prompt::Provider;
use touchstone_net::Purpose;
use touchstone_providers::{
    Abilities, AbilitySources, Asker, ChatError, ChatModel, Fault, StructuredMode, TestReport, enforces, find_model,
    probe, reads_pdf, sees_images, test_in,
};
use touchstone_store::ConnectionRow;

/// How long it may take, after a vendor's model has answered, to find out how it is held to a schema, and what it reads
/// where nobody says so. What is not found out then is for another test.
const FINDING_OUT_TIME_MAX: Duration = Duration::from_secs(10);

/// The same of a custom server's model, with all else that it can do, and of any that does not answer as usual: that is
/// known of nobody but by asking, and runs go by it.
const CUSTOM_TIME_MAX: Duration = Duration::from_secs(60);

/// How much is repeated of what a server says about the form of answers, in characters.
const SAID_CHARS_MAX: usize = 200;

/// Which of its questions a test is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TestStep {
    /// One short answer, for which the server may first have to load the model.
    Answer,
    /// How the model is held to a schema.
    Schema,
    /// Pictures, documents and likelihoods.
    Abilities,
    /// How fast it is; of models on this computer only.
    Speed,
}

/// What a test of a connection found, in words.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct TestRecord {
    pub ok: bool,
    pub message: String,
    /// What to look at, if it is not ok: `key`, `permission`, `model`, `deployment`, `endpoint`, `region`, `quota`,
    /// `dns`, `authority`, `tls`, `nothing_listening`, `network`, `timeout`, `server`, `request` or `answer`.
    pub fault: Option<String>,
    /// Of the answer, or of what failed; `None` in records of older versions that failed.
    pub latency_ms: Option<u32>,
    /// An endpoint that answers where this one does not.
    pub suggested_endpoint: Option<String>,
    /// The model that was asked.
    pub model: Option<String>,
    /// The model that answered, as the server names it.
    pub answered_by: Option<String>,
    /// How it is held to a schema; `None` if that was not found out.
    pub structure: Option<StructuredMode>,
    /// In a sentence, what became of the form that is asked for as usual, where the server does not keep it.
    pub about_form: Option<String>,
    /// What the vendor said of a failure; of an answer the id that it is found by. `None` where it said nothing.
    pub vendor: Option<VendorError>,
    /// What the model can do there; `None` in records of older versions.
    pub abilities: Option<Abilities>,
    /// Which of it this test tried, and where the rest is known from; `None` in records of older versions.
    pub ability_sources: Option<AbilitySources>,
    /// What its questions took; `None` where none was billed, and in records of older versions.
    pub usage: Option<TestUsage>,
    pub tested_at: String,
}

impl Engine {
    /// Asks a model of the connection one short question, the first one it offers unless `model` is given, and remembers,
    /// in words, how it went. Finds out, once for each model, how it is held to a schema and what else it can do, where
    /// neither the catalogue nor what is known of the model that answered says it. What its questions cost counts for the
    /// budgets of the day. Refused where Offline is switched on, which says nothing about the connection.
    pub async fn test_connection(&self, id_or_name: String, model: Option<String>) -> Result<TestRecord> {
        let (row, asked) = self
            .blocking(move |inner| {
                let row = inner.store.connection(&id_or_name)?;
                let asked = access::model(inner, &row, Purpose::Check)?;
                Ok((row, asked))
            })
            .await?;
        let id = model.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
        let id = id.or_else(|| models::models(&row).into_iter().next());
        let id = id.ok_or_else(|| Error::invalid_field("model", format!("“{}” offers no model", row.name)))?;
        let questions = Questions::new(&*asked, Pricing::of(&row, &id));
        let (record, found) = if row.id.as_str() == PRACTICE {
            (works_always(), None)
        } else {
            let first = asked.test(&id).await;
            questions.count(first.took.as_ref(), first.model.as_deref());
            let is_custom = provider(&row) == Provider::Custom;
            let time_max = if is_custom || !first.ok { CUSTOM_TIME_MAX } else { FINDING_OUT_TIME_MAX };
            tested(&questions, &id, first, Known::of(&row, &id), time_max, |_| {}).await
        };
        if record.fault.as_deref() == Some(Fault::Offline.code()) {
            return Err(Error::Offline);
        }
        let json = serde_json::to_string(&record).map_err(|error| Error::Internal(error.into()))?;
        let is_custom = provider(&row) == Provider::Custom;
        // Found out once, and only where it matters what a call costs.
        let kind = match Pricing::of(&row, &id).is_assumed_free() && record.ok {
            true => self.local_kind(&row, &id).await?,
            false => None,
        };
        let (works, abilities, is_dated) = (record.ok, record.abilities.unwrap_or_default(), asked.has_found_dated());
        let cost_picos = questions.cost_picos();
        self.blocking(move |inner| {
            pay_for_test(inner, &row.id, cost_picos)?;
            inner.store.set_connection_test(&row.id, &json)?;
            let stated = Known::stated(&row, &id);
            // What the catalogue says is not written down: a newer one may know better.
            let beside = if is_custom { abilities } else { abilities.beside(stated) };
            if found.is_some() || is_dated || kind.is_some() || works && (is_custom || beside != Abilities::UNKNOWN) {
                models::change_settings(inner, &row.id, |settings| {
                    settings.is_dated |= is_dated;
                    settings.local_kind = kind.or(settings.local_kind);
                    if let Some(mode) = found {
                        settings.structures.insert(id.clone(), mode);
                    }
                    if works && (is_custom || beside != Abilities::UNKNOWN) {
                        settings.measured.entry(id).or_default().abilities = beside;
                    }
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
        about_form: None,
        vendor: None,
        abilities: None,
        ability_sources: None,
        usage: None,
        tested_at: clock::now(),
    }
}

/// What is known of a model before it is tested.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    structure: Option<StructuredMode>,
    abilities: Abilities,
    /// What of it tests found out.
    tried: Abilities,
    /// Nobody asked it for answers yet. Those that are owned are kept under what was asked for them.
    is_unused: bool,
}

impl Known {
    /// Nothing, of a model that no connection asks.
    pub(super) const NOTHING: Self =
        Self { structure: None, abilities: Abilities::UNKNOWN, tried: Abilities::UNKNOWN, is_unused: true };

    fn of(row: &ConnectionRow, id: &str) -> Self {
        let settings = ConnectionSettings::of(row);
        let structure = settings.structure(id);
        let stated = Self::stated(row, id);
        let measured = settings.measured.get(id).map(|measured| measured.abilities).unwrap_or_default();
        let tried = measured.or(Abilities::UNKNOWN.with_structure(structure));
        Self {
            structure,
            abilities: measured.or(stated),
            tried,
            is_unused: row.last_test.is_none() && row.prompts == 0,
        }
    }

    /// What is known of it without any test of what it can read.
    fn stated(row: &ConnectionRow, id: &str) -> Abilities {
        let settings = ConnectionSettings::of(row);
        Abilities::known(provider(row), models::known_model(row, &settings, id), settings.structure(id))
    }
}

/// How a test of the model `id` went whose first answer is `first`, and how it is to be held to a schema from now on if
/// that was found out just now, within `time_max` for all questions together.
pub(super) async fn tested(
    questions: &Questions<'_>,
    id: &str,
    first: TestReport,
    known: Known,
    time_max: Duration,
    told: impl Fn(TestStep),
) -> (TestRecord, Option<StructuredMode>) {
    let until = Instant::now() + time_max;
    let model = questions.model();
    let may_be_form = first.is_about_form || may_be_form(model.provider(), first.fault);
    let usual = usual(model);
    // A server that answered and did not keep to the form took no offence at it.
    let (is_ignored, is_refused) = (first.ok || first.fault == Some(Fault::Answer), first.is_about_form);
    let said = first.vendor.message.clone();
    // An answer that asked along comes anew with each test.
    let mut tried = Abilities { logprobs: first.logprobs, ..Abilities::UNKNOWN };
    let mut record = record_of(id, first);
    told(TestStep::Schema);
    let mut abilities = tried.or(known.abilities);
    let mut held = None;
    let found = match model.provider() {
        // A custom server is asked as ever for as long as that works, unless that does not hold the model to the schema.
        Provider::Custom if record.ok && abilities.schema.is_none() => {
            let better;
            (held, better) = held_by(questions, id, known, until).await;
            (abilities, tried) = (abilities.with_structure(held), tried.with_structure(held));
            better
        }
        // Proven by a version that did not write down by what.
        Provider::Custom if record.ok && known.structure.is_none() && abilities.schema == Some(true) => {
            Some(StructuredMode::JsonObjectWithSchema)
        }
        _ if may_be_form && model.must_be_probed() => match another_form(questions, id, known, until).await {
            Some((mode, report)) => {
                record = record_of(id, report);
                tried = tried.with_structure(Some(mode));
                Some(mode)
            }
            None => None,
        },
        Provider::Custom => None,
        _ if record.ok && known.structure.is_none() => {
            let found = probed(questions, id, until).await;
            tried = tried.with_structure(found);
            found
        }
        _ => None,
    };
    let used = found.or(known.structure);
    // Of a form that is not proven it is said what became of it.
    record.structure = used.or(held);
    if record.ok {
        let refuses_all =
            is_refused && used == Some(StructuredMode::Instruction) && refuses_the_others(questions, id, until).await;
        let what = match (is_refused, is_ignored) {
            _ if refuses_all => {
                format!("refuses every form that an answer can be asked for in{}", quoted(said.as_deref()))
            }
            (true, _) => format!("refuses {}", usual.asked_by()),
            (false, true) => format!("ignores {}", usual.asked_by()),
            (false, false) => format!("stumbles over {}", usual.asked_by()),
        };
        record.about_form = match (used, held) {
            (Some(mode), _) if mode != usual => Some(format!("The server {what}; runs ask by {}.", mode.asked_by())),
            (_, Some(mode)) if Some(mode) != used && mode != usual => {
                Some(format!("The server ignores {}; answers are held to the schema here.", usual.asked_by()))
            }
            _ => None,
        };
        if let Some(words) = &record.about_form {
            record.message = format!("{} {words}", record.message);
        }
    }
    abilities = abilities.with_structure(found);
    if record.ok {
        // A deployment may be called anything; its answer names the model behind it.
        let behind = record.answered_by.as_deref().and_then(|name| find_model(model.provider(), name));
        abilities = abilities.or(Abilities::known(model.provider(), behind, None));
        told(TestStep::Abilities);
        let form = used;
        if abilities.images.is_none() {
            tried.images = in_time(until, sees_images(questions, id, form)).await;
        }
        if abilities.pdf.is_none() {
            tried.pdf = in_time(until, reads_pdf(questions, id, form)).await;
        }
        if abilities.logprobs.is_none() {
            let told = in_time(until, model.gives_logprobs(id)).await.flatten();
            questions.count(told.and_then(|told| told.took).as_ref(), record.answered_by.as_deref());
            tried.logprobs = told.map(|told| told.are_given);
        }
        abilities = tried.or(abilities);
    }
    record.abilities = Some(abilities);
    record.ability_sources = Some(AbilitySources::of(abilities, tried, known.tried));
    record.usage = questions.usage();
    (record, found)
}

/// The form that really holds a custom server's model, and one to use from now on that holds it better than the usual
/// one. No other is used once answers may be owned, unless the usual one fails.
async fn held_by(
    questions: &Questions<'_>,
    id: &str,
    known: Known,
    until: Instant,
) -> (Option<StructuredMode>, Option<StructuredMode>) {
    let used = known.structure.unwrap_or(StructuredMode::JsonObjectWithSchema);
    match in_time(until, enforces(questions, id, used)).await {
        Some(true) => (Some(used), Some(used)),
        Some(false) => match probed(questions, id, until).await {
            Some(StructuredMode::JsonSchema) if known.is_unused => {
                (Some(StructuredMode::JsonSchema), Some(StructuredMode::JsonSchema))
            }
            // It could be held to the schema, and is held to JSON by what is asked for.
            Some(StructuredMode::JsonSchema) => (Some(StructuredMode::JsonObject), None),
            weaker if known.is_unused => (weaker, weaker),
            weaker => (weaker, None),
        },
        None => (None, None),
    }
}

async fn in_time<T>(until: Instant, question: impl Future<Output = std::result::Result<T, ChatError>>) -> Option<T> {
    tokio::time::timeout_at(until, question).await.ok()?.ok()
}

fn record_of(id: &str, report: TestReport) -> TestRecord {
    let is_said = report.vendor.status.is_some() || report.vendor.request_id.is_some();
    TestRecord {
        vendor: is_said.then(|| VendorError::from(&report.vendor)),
        ok: report.ok,
        message: report.message,
        fault: report.fault.map(|fault| fault.code().to_owned()),
        latency_ms: report.latency_ms,
        suggested_endpoint: report.suggested_endpoint,
        model: Some(id.to_owned()),
        answered_by: report.model,
        structure: None,
        about_form: None,
        abilities: None,
        ability_sources: None,
        usage: None,
        tested_at: clock::now(),
    }
}

/// The form in which a model is asked unless another one is known to hold it.
fn usual(model: &dyn ChatModel) -> StructuredMode {
    match model.provider() {
        Provider::Custom => StructuredMode::JsonObjectWithSchema,
        _ => StructuredMode::JsonSchema,
    }
}

/// Whether a server may have stumbled over how the form of the answer was asked for, though it does not say so. Servers that
/// anybody may have written say anything then, or 500; those that speak as a vendor does tell a fault of the request from it.
fn may_be_form(provider: Provider, fault: Option<Fault>) -> bool {
    match fault {
        Some(Fault::Answer) => true,
        Some(Fault::Request | Fault::Server) => provider == Provider::Custom,
        _ => false,
    }
}

/// What a server said, behind words of ours.
fn quoted(said: Option<&str>) -> String {
    let said = said.map(|said| said.trim().trim_end_matches('.')).filter(|said| !said.is_empty());
    said.map(|said| format!(" (“{}”)", said.chars().take(SAID_CHARS_MAX).collect::<String>())).unwrap_or_default()
}

/// Whether a server that refused the usual form refuses all others, too.
async fn refuses_the_others(questions: &Questions<'_>, id: &str, until: Instant) -> bool {
    let model = questions.model();
    for &mode in model.structures(id) {
        if mode != usual(model) && mode != StructuredMode::Instruction {
            let left = until.duration_since(Instant::now());
            if !test_in(questions, id, mode, left).await.is_about_form {
                return false;
            }
        }
    }
    true
}

async fn probed(questions: &Questions<'_>, id: &str, until: Instant) -> Option<StructuredMode> {
    in_time(until, probe(questions, id)).await
}

/// Another way than the usual one in which a server really answers: the one that is known, else the strongest.
async fn another_form(
    questions: &Questions<'_>,
    id: &str,
    known: Known,
    until: Instant,
) -> Option<(StructuredMode, TestReport)> {
    let left = || until.duration_since(Instant::now());
    // The usual one was just asked in vain.
    if let Some(mode) = known.structure.filter(|mode| *mode != usual(questions.model())) {
        let report = test_in(questions, id, mode, left()).await;
        if report.ok {
            return Some((mode, report));
        }
    }
    let mode = probed(questions, id, until).await?;
    let report = test_in(questions, id, mode, left()).await;
    report.ok.then_some((mode, report))
}
