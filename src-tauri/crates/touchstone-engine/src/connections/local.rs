//! Models on this computer: found when somebody asks, tested when somebody asks, and made a connection at one click.

use super::check::{Known, TestRecord, TestStep, tested};
use super::questions::Questions;
use super::settings::Measured;
use super::{
    ConnectionEdit, ConnectionSettings, NewConnection, Pricing, SavedConnection, access, form, models, summary,
};
use crate::{Changed, Engine, Error, Inner, Result};
use serde::Serialize;
use specta::Type;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use touchstone_domain::ConnectionId;
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_net::{Purpose, parse_address};
use touchstone_providers::{
    ChatModel, LOCAL_PORTS, LocalKind, LocalProblem, Speed, StructuredMode, find_local_servers, find_locked_server,
    measure_speed, test_in,
};
use touchstone_store::{ConnectionRow, SecretKind};

/// More ports than this are not looked at in one go: this finds servers that somebody knows of, and scans nothing.
const PORTS_MAX: usize = 16;

/// How long a model may take for its first answer: a large one has to be read from the disk before.
const FIRST_TIME_MAX: Duration = Duration::from_secs(180);

/// How long it may then take to find out what else it can do: whoever waits sees which question it is at, and can cancel.
const FINDING_OUT_TIME_MAX: Duration = Duration::from_secs(180);

/// A model server on this computer, and what it serves.
#[derive(Clone, Debug, Serialize, Type)]
pub struct LocalServer {
    pub kind: LocalKind,
    /// Its maker's name for it.
    pub name: String,
    pub port: u16,
    pub endpoint: String,
    pub version: Option<String>,
    pub models: Vec<LocalModel>,
    /// Models that are not offered: they embed or rank and do not answer, or answer from another computer.
    pub left_out: u32,
    /// Why it offers none now.
    pub problem: Option<LocalProblem>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct LocalModel {
    pub id: String,
    /// What one request may hold, if the server says so before it is asked.
    pub context_tokens: Option<u32>,
    pub has_vision: Option<bool>,
    /// The connection that asks it already.
    pub connection_name: Option<String>,
    /// What the last test of it found since this program started.
    pub test: Option<LocalTest>,
}

/// What a test of a model on this computer found. A connection that is made of it keeps it.
#[derive(Clone, Debug, Serialize, Type)]
pub struct LocalTest {
    pub record: TestRecord,
    pub context_tokens: Option<u32>,
    /// `None` if it does not answer, or is too slow to be measured.
    pub speed: Option<Speed>,
}

/// How far the test of a model on this computer has come.
#[derive(Clone, Debug, Serialize, Type)]
pub struct LocalTestProgress {
    pub port: u16,
    pub model: String,
    pub step: TestStep,
    /// Of the speed: how many requests at once are tried.
    pub parallel: Option<u32>,
}

/// What this process found out about models on this computer.
#[derive(Default)]
pub(crate) struct LocalTests {
    found: Mutex<HashMap<(u16, String), LocalTest>>,
    /// Who was found on which port, of those that run their models themselves.
    kinds: Mutex<HashMap<u16, LocalKind>>,
    /// Ends the test at work.
    at_work: Mutex<Option<CancellationToken>>,
}

impl LocalTests {
    fn of(&self, port: u16, model: &str) -> Option<LocalTest> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.get(&(port, model.to_owned())).cloned()
    }

    fn keep(&self, port: u16, model: &str, test: LocalTest) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert((port, model.to_owned()), test);
    }

    fn kind_on(&self, port: u16) -> Option<LocalKind> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner).get(&port).copied()
    }

    fn note(&self, server: &touchstone_providers::LocalServer) {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        match server.kind {
            LocalKind::Other => kinds.remove(&server.port),
            kind => kinds.insert(server.port, kind),
        };
    }

    fn begin(&self) -> Result<CancellationToken> {
        let mut at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        if at_work.is_some() {
            // Two at once would measure each other.
            return Err(Error::invalid("another model is being tested; wait for it or cancel it"));
        }
        Ok(at_work.insert(CancellationToken::new()).clone())
    }
}

/// Ends the turn of a test, however it ends.
struct Turn<'t>(&'t LocalTests);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.at_work.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Engine {
    /// Looks for model servers on these ports of this computer, or without any on those where Ollama, LM Studio,
    /// llama.cpp, vLLM and SGLang listen. No model is made to answer. A server that lists its models for a key only is asked
    /// again with that of a connection to it.
    pub async fn find_local_servers(&self, ports: Vec<u16>) -> Result<Vec<LocalServer>> {
        if ports.len() > PORTS_MAX || ports.contains(&0) {
            return Err(Error::invalid_field("port", format!("give at most {PORTS_MAX} ports, from 1 to 65535")));
        }
        let ports = if ports.is_empty() { LOCAL_PORTS.to_vec() } else { ports };
        let found = self.listening(&ports).await?;
        self.blocking(move |inner| {
            let connections = inner.store.connections()?;
            Ok(found.into_iter().map(|server| described(inner, &connections, server)).collect())
        })
        .await
    }

    /// Tests what a model on this computer can do: whether it answers, how it is held to a schema, pictures, documents,
    /// likelihoods, what it may hold, how fast it is and how many requests at once help. Connections that ask it already go
    /// by what is found from then on. One test at a time; see [`Self::cancel_local_test`].
    pub async fn test_local_model(&self, port: u16, model: String) -> Result<LocalTest> {
        let tests = &self.inner.local_tests;
        let cancel = tests.begin()?;
        let _turn = Turn(tests);
        let test = tokio::select! {
            test = self.tested_locally(port, &model) => test?,
            () = cancel.cancelled() => return Err(Error::Canceled),
        };
        tests.keep(port, &model, test.clone());
        let found = test.clone();
        if self.blocking(move |inner| brought_up_to_date(inner, port, &model, &found)).await? {
            self.changed(Changed::Connections);
        }
        Ok(test)
    }

    /// Ends the test at work; what the model is asked at the moment is given up.
    pub fn cancel_local_test(&self) {
        if let Some(cancel) = &*self.inner.local_tests.at_work.lock().unwrap_or_else(PoisonError::into_inner) {
            cancel.cancel();
        }
    }

    /// Makes a connection to a model on this computer. What a test of it found is kept, and runs use it.
    pub async fn add_local_model(&self, port: u16, model: String) -> Result<SavedConnection> {
        let saved = self.blocking(move |inner| added(inner, port, &model)).await?;
        self.changed(Changed::Connections);
        Ok(saved)
    }

    async fn listening(&self, ports: &[u16]) -> Result<Vec<touchstone_providers::LocalServer>> {
        let client = self.inner.network.client(Purpose::Check);
        let mut found = find_local_servers(&client, ports).await;
        for server in found.iter_mut().filter(|server| server.problem == Some(LocalProblem::NeedsKey)) {
            let port = server.port;
            if let Some((key, _)) = self.blocking(move |inner| key(inner, port)).await?
                && let Some(open) = find_locked_server(&client, port, key).await
            {
                *server = open;
            }
        }
        found.iter().for_each(|server| self.inner.local_tests.note(server));
        Ok(found)
    }

    /// Which of the servers that run models themselves answers where a connection to this computer leads, if it is one.
    pub(super) async fn local_kind(&self, row: &ConnectionRow, model: &str) -> Result<Option<LocalKind>> {
        let Some(port) = row.endpoint.as_deref().and_then(port_of).filter(|port| leads_to(row, *port)) else {
            return Ok(None);
        };
        let server = self.listening(&[port]).await?.pop();
        Ok(server.filter(|server| answers_itself(server, model)).map(|server| server.kind))
    }

    async fn tested_locally(&self, port: u16, id: &str) -> Result<LocalTest> {
        let told = |step, parallel| {
            let model = id.to_owned();
            self.inner.sink.local_test(LocalTestProgress { port, model, step, parallel });
        };
        let key = self.blocking(move |inner| key(inner, port)).await?.map(|(key, _)| key);
        let model: Arc<dyn ChatModel> = access::local(&self.inner, endpoint(port), key).map_err(Error::invalid)?.into();
        told(TestStep::Answer, None);
        let questions = Questions::new(&*model, Pricing::Free { is_assumed: false });
        let first = test_in(&questions, id, StructuredMode::JsonObjectWithSchema, FIRST_TIME_MAX).await;
        let (record, form) =
            tested(&questions, id, first, Known::NOTHING, FINDING_OUT_TIME_MAX, |step| told(step, None)).await;
        if !record.ok {
            return Ok(LocalTest { record, context_tokens: None, speed: None });
        }
        told(TestStep::Speed, Some(1));
        // Asked now, because some servers know it only of models that they have loaded.
        let servers = self.listening(&[port]).await?;
        let listed = servers.into_iter().flat_map(|server| server.models).find(|listed| listed.id == id);
        let (context_tokens, slots) = listed.map_or((None, None), |listed| (listed.context_tokens, listed.slots));
        let told = |parallel| told(TestStep::Speed, Some(parallel));
        let speed = measure_speed(&model, id, form, slots, told).await.ok();
        Ok(LocalTest { record, context_tokens, speed })
    }
}

fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}/v1")
}

fn described(inner: &Inner, connections: &[ConnectionRow], server: touchstone_providers::LocalServer) -> LocalServer {
    let models = server.models.into_iter().map(|model| {
        let asked = connections.iter().find(|row| asks(row, server.port, &model.id));
        LocalModel {
            connection_name: asked.map(|row| row.name.clone()),
            test: inner.local_tests.of(server.port, &model.id),
            context_tokens: model.context_tokens,
            has_vision: model.has_vision,
            id: model.id,
        }
    });
    LocalServer {
        models: models.collect(),
        kind: server.kind,
        name: server.kind.label().to_owned(),
        port: server.port,
        endpoint: server.endpoint,
        version: server.version,
        left_out: server.left_out,
        problem: server.problem,
    }
}

/// Whether a connection leads to this model.
fn asks(row: &ConnectionRow, port: u16, model: &str) -> bool {
    leads_to(row, port) && models::models(row).iter().any(|id| id == model)
}

/// Whether a connection leads to the server on this port, by whichever name of this computer.
fn leads_to(row: &ConnectionRow, port: u16) -> bool {
    let at = row.endpoint.as_deref().unwrap_or_default();
    let hosts = ["127.0.0.1", "localhost", "[::1]"];
    hosts.iter().any(|host| at == format!("http://{host}:{port}/v1"))
}

/// The port of an endpoint of plain http.
fn port_of(endpoint: &str) -> Option<u16> {
    let address = parse_address(endpoint).filter(|address| !address.is_encrypted)?;
    address.host.rsplit_once(':').map_or(Some(80), |(_, port)| port.parse().ok())
}

/// Whether a server runs the model itself. Ollama passes some on to its cloud, and does not offer them here.
fn answers_itself(server: &touchstone_providers::LocalServer, model: &str) -> bool {
    let is_it = |id: &str| id == model || id.strip_suffix(":latest") == Some(model);
    match server.kind {
        LocalKind::Other => false,
        LocalKind::Ollama => server.models.iter().any(|listed| is_it(&listed.id)),
        LocalKind::LmStudio | LocalKind::LlamaCpp | LocalKind::Vllm | LocalKind::Sglang => true,
    }
}

/// The key that a connection to the server on this port has for it, and whether it was only lent. One that cannot be read is
/// none: a look is no reason to fail.
fn key(inner: &Inner, port: u16) -> Result<Option<(Secret, bool)>> {
    let connections = inner.store.connections()?;
    let mut leading = connections.iter().filter(|row| leads_to(row, port));
    Ok(leading.find_map(|row| {
        let key = access::stored(inner, row, SecretKind::ApiKey).ok().flatten()?;
        Some((key, inner.keychain.find_in_memory(row.id.as_str(), SecretKind::ApiKey).is_some()))
    }))
}

fn added(inner: &Inner, port: u16, model: &str) -> Result<SavedConnection> {
    let test = inner.local_tests.of(port, model);
    let name = free_name(inner, port, model)?;
    // What another connection to the server has.
    let (api_key, is_lent) = key(inner, port)?.unzip();
    let entered = ConnectionEdit {
        name: Some(name),
        model: Some(model.to_owned()),
        endpoint: Some(endpoint(port)),
        api_key,
        until_quit: is_lent.unwrap_or(false),
        ..ConnectionEdit::default()
    };
    let mut saved = form::add(inner, NewConnection::of(Provider::Custom, entered))?;
    let id = saved.connection.id.clone();
    let kind = inner.local_tests.kind_on(port);
    models::change_settings(inner, &id, |settings| settings.local_kind = kind)?;
    if let Some(test) = test {
        remember(inner, &id, model, &test)?;
    }
    saved.connection = summary(inner.store.connection(id.as_str())?);
    Ok(saved)
}

/// Gives what a test found to the connections that ask the model already; whether there are any. A model that gave no
/// answer was not measured, and what was known of it stays.
fn brought_up_to_date(inner: &Inner, port: u16, model: &str, test: &LocalTest) -> Result<bool> {
    if !test.record.ok {
        return Ok(false);
    }
    let mut connections = inner.store.connections()?;
    connections.retain(|row| asks(row, port, model));
    let kind = inner.local_tests.kind_on(port);
    for row in &connections {
        models::change_settings(inner, &row.id, |settings| settings.local_kind = kind)?;
        remember(inner, &row.id, model, test)?;
    }
    Ok(!connections.is_empty())
}

/// Keeps with a connection what a test of one of its models found.
fn remember(inner: &Inner, id: &ConnectionId, model: &str, test: &LocalTest) -> Result<()> {
    let LocalTest { record, context_tokens, speed } = test;
    let json = serde_json::to_string(record).map_err(|error| Error::Internal(error.into()))?;
    inner.store.set_connection_test(id, &json)?;
    models::change_settings(inner, id, |settings: &mut ConnectionSettings| {
        if let Some(form) = record.structure {
            settings.structures.insert(model.to_owned(), form);
        }
        let abilities = record.abilities.unwrap_or_default();
        let measured = Measured { abilities, context_tokens: *context_tokens, speed: *speed };
        settings.measured.insert(model.to_owned(), measured);
    })?;
    Ok(())
}

/// What to call the connection: the model's id, of a file its name, and where that is taken the port as well.
fn free_name(inner: &Inner, port: u16, model: &str) -> Result<String> {
    let taken: Vec<_> = inner.store.connections()?.into_iter().map(|row| row.name).collect();
    let name = short(model);
    let mut names = [name.to_owned(), format!("{name} on port {port}")].into_iter();
    names.find(|name| !taken.contains(name)).ok_or_else(|| {
        let words = format!("there is a connection called “{name} on port {port}” already");
        Error::invalid_field("name", words)
    })
}

/// The name of a model's file, or the id of a model that is none.
fn short(model: &str) -> &str {
    let name = model.rsplit(['/', '\\']).next().unwrap_or(model);
    let is_file = model.starts_with('/') || model.contains('\\') || model.ends_with(".gguf");
    if is_file && !name.is_empty() { name.trim_end_matches(".gguf") } else { model }
}

/// How many requests at once a test found to help.
pub(crate) fn parallel(row: &ConnectionRow, model: &str) -> Option<usize> {
    let speed = ConnectionSettings::of(row).measured.get(model)?.speed?;
    usize::try_from(speed.parallel).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_its_name_and_a_model_by_its_id() {
        assert_eq!(short("/models/SmolLM2-135M.Q4_1.gguf"), "SmolLM2-135M.Q4_1");
        assert_eq!(short(r"C:\models\a.gguf"), "a");
        assert_eq!(short("Qwen/Qwen3-8B"), "Qwen/Qwen3-8B");
        assert_eq!(short("qwen3:8b"), "qwen3:8b");
        assert_eq!(short("org/model.gguf"), "model");
    }
}
