mod local;

use super::secret_from;
use crate::arguments::{AddedConnection, AddedProvider, ConnectionCommand, EnteredConnection, KeySource};
use crate::output::{Report, columns, listed, shown};
use serde_json::json;
use std::io::{ErrorKind, Read};
use std::path::Path;
use touchstone_engine::connections::{
    ConnectionEdit, EnteredHeader, ModelInfo, NewConnection, NewPrice, Retirement, SavedConnection, certificates_pem,
};
use touchstone_engine::domain::prompt::Provider;
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::text::file_problem;
use touchstone_engine::{Engine, Error, Result};

/// Longer than any key, short enough that a wrong pipe is noticed.
const KEY_BYTES_MAX: u64 = 64 << 10;

/// Longer than any bundle of certificates that is taken.
const FILE_BYTES_MAX: u64 = 512 << 10;

pub(crate) async fn run(engine: &Engine, command: ConnectionCommand) -> Result<Report> {
    match command {
        ConnectionCommand::Add(added) => {
            let KeySource { key_env, key_stdin, credentials, .. } = &added.entered.key;
            let is_keyless = key_env.is_none() && !key_stdin && credentials.is_none();
            let saved = engine.add_connection(new_connection(added)?).await.map_err(|error| match error.field() {
                Some(field @ "api_key") if is_keyless => Error::invalid_field(
                    field,
                    format!("{error}, by --key-env VAR or --key-stdin; --no-key stores none"),
                ),
                Some(field @ "credentials") if is_keyless => Error::invalid_field(
                    field,
                    format!("{error}, by --credentials FILE, --key-env VAR or --key-stdin; --no-key stores none"),
                ),
                _ => error,
            })?;
            Ok(report("added", &saved))
        }
        ConnectionCommand::Edit(edited) => {
            let connection = engine.connection(edited.connection).await?;
            let is_vertex = connection.provider == Provider::VertexAi;
            let mut entered = entered_of(edited.entered, is_vertex, &connection.header_names, &edited.remove_header)?;
            let removed = |is_meant: bool| is_meant.then(|| Secret::new(String::new()));
            let key = if is_vertex { &mut entered.credentials } else { &mut entered.api_key };
            *key = removed(edited.remove_key).or(key.take());
            entered.auth_token = removed(edited.remove_auth_token).or(entered.auth_token);
            let saved = engine.edit_connection(connection.id, entered).await?;
            Ok(report("changed", &saved))
        }
        ConnectionCommand::List => {
            let connections = engine.connections().await?;
            let headings = ["name", "provider", "address", "last test"];
            let rows = connections
                .iter()
                .map(|connection| {
                    [
                        connection.name.clone(),
                        connection.provider.as_str().to_owned(),
                        match connection.base_url.as_ref().or(connection.endpoint.as_ref()) {
                            Some(address) => address.clone(),
                            None if connection.provider == Provider::Practice => {
                                "built in, not a language model".to_owned()
                            }
                            None => String::new(),
                        },
                        connection.last_test.as_ref().map_or_else(String::new, |test| test.message.clone()),
                    ]
                })
                .collect();
            Ok(Report::done(json!({ "connections": connections }), listed(headings, rows, "no connections yet")))
        }
        ConnectionCommand::Test { connection, model, key_env } => {
            lend(engine, &connection, key_env).await?;
            let record = engine.test_connection(connection.clone(), model).await?;
            let abilities = local::abilities_words(&record).unwrap_or_default();
            let mut text = if record.ok && !abilities.is_empty() {
                format!("{}\n{abilities}", record.message)
            } else {
                local::test_words(&record)
            };
            if let Some(usage) = &record.usage {
                text = format!("{text}\n{}", local::usage_words(usage));
            }
            let offered = engine.connection(connection.clone()).await?.models;
            if offered.iter().any(|model| Some(&model.id) == record.model.as_ref() && model.is_assumed_free) {
                text = format!("{text}\n{ASSUMED_FREE}");
            }
            let retirement = match &record.model {
                Some(model) => engine.retirement(connection, model.clone()).await?,
                None => None,
            };
            let mut json = super::members(&record).into();
            super::add_retirement(&mut json, retirement.as_ref());
            let model = record.model.as_deref().unwrap_or_default();
            Ok(Report { ok: record.ok, text: super::with_retirement(text, model, retirement.as_ref()), json })
        }
        ConnectionCommand::Discover { ports, models, test, add } => {
            local::discover(engine, ports, &models, test || add, add).await
        }
        ConnectionCommand::Models { connection, refresh, add, remove, key_env } => {
            lend(engine, &connection, key_env).await?;
            let connection = match (refresh, add, remove) {
                (true, _, _) => engine.refresh_models(connection).await?,
                (_, Some(id), _) => engine.add_model(connection, id).await?,
                (_, _, Some(id)) => engine.remove_model(connection, id).await?,
                (false, None, None) => engine.connection(connection).await?,
            };
            let headings = ["model", "tokens", "price", "can", "retires", "refuses"];
            let rows = connection.models.iter().map(model_row).collect();
            Ok(Report::done(super::members(&connection).into(), listed(headings, rows, "no models yet")))
        }
        ConnectionCommand::Price { connection, model, input, output, cached, reset: _ } => {
            let price = input.zip(output).map(|(input, output)| NewPrice { input, output, cached });
            let connection = engine.set_model_price(connection, model.clone(), price).await?;
            let rows: Vec<_> = connection.models.iter().filter(|info| info.id == model).map(model_row).collect();
            Ok(Report::done(super::members(&connection).into(), columns(&rows)))
        }
        ConnectionCommand::Remove { connection } => {
            engine.remove_connection(connection.clone()).await?;
            Ok(Report::done(json!({ "removed": connection }), format!("removed {connection}")))
        }
    }
}

/// What a model's price rests on that is only counted as free.
const ASSUMED_FREE: &str = "It counts as free, because it runs on this computer. If it passes requests on to a paid \
                            service, enter what that takes, by `touchstone connection price`.";

fn new_connection(added: AddedConnection) -> Result<NewConnection> {
    let provider = match added.provider {
        AddedProvider::Openai => Provider::OpenAi,
        AddedProvider::Gemini => Provider::Gemini,
        AddedProvider::Vertex => Provider::VertexAi,
        AddedProvider::Anthropic => Provider::Anthropic,
        AddedProvider::AzureOpenai => Provider::AzureOpenAi,
        AddedProvider::AzureFoundry => Provider::Foundry,
        AddedProvider::Custom => Provider::Custom,
    };
    let mut entered = added.entered;
    if added.no_key {
        entered.key = KeySource { header_env: entered.key.header_env, ..KeySource::default() };
    }
    let entered = entered_of(entered, provider == Provider::VertexAi, &[], &[])?;
    Ok(NewConnection { provider, without_key: added.no_key, entered })
}

/// What is entered, with what its variables and files hold. `header_names` are those that the connection has.
fn entered_of(
    entered: EnteredConnection,
    is_vertex: bool,
    header_names: &[String],
    removed: &[String],
) -> Result<ConnectionEdit> {
    let (key, auth_token) = secrets(&entered.key)?;
    let credentials_path = entered.key.credentials.as_deref().map(super::projects::text).transpose()?;
    // What signs in to Vertex AI is a file, wherever it comes from.
    let (api_key, credentials) = if is_vertex { (None, key) } else { (key, None) };
    let custom_ca = match entered.custom_ca {
        Some(path) if path.as_os_str().is_empty() => Some(String::new()),
        path => path.as_deref().map(certificates).transpose()?,
    };
    Ok(ConnectionEdit {
        name: entered.name,
        endpoint: entered.endpoint,
        base_url: entered.base_url,
        deployment: entered.deployment,
        model: entered.model,
        base_model: entered.base_model,
        batch_deployment: entered.batch_deployment,
        project_id: entered.project_id,
        location: entered.location,
        api_key,
        auth_token,
        credentials,
        credentials_path,
        headers: headers(&entered.key.header_env, header_names, removed)?,
        proxy: entered.proxy,
        custom_ca,
        concurrency: entered.concurrency,
        budget_micros: entered.budget_usd,
        until_quit: false,
    })
}

/// All headers that the connection has from now on; `None` where none is added or removed.
fn headers(added: &[String], before: &[String], removed: &[String]) -> Result<Option<Vec<EnteredHeader>>> {
    if added.is_empty() && removed.is_empty() {
        return Ok(None);
    }
    if let Some(unknown) =
        removed.iter().find(|name| !before.iter().any(|known| known.eq_ignore_ascii_case(name.trim())))
    {
        return Err(Error::invalid_field("headers", format!("the connection sends no header {}", unknown.trim())));
    }
    let mut headers = Vec::new();
    for text in added {
        let words = "a header is given as NAME=VAR, the variable that holds its value";
        let (name, variable) = text.split_once('=').ok_or_else(|| Error::invalid_field("headers", words))?;
        headers.push(EnteredHeader { name: name.to_owned(), value: Some(secret_from(variable)?) });
    }
    for name in before {
        let is_same = |other: &str| other.trim().eq_ignore_ascii_case(name);
        if !removed.iter().any(|name| is_same(name)) && !headers.iter().any(|header| is_same(&header.name)) {
            headers.push(EnteredHeader { name: name.clone(), value: None });
        }
    }
    Ok(Some(headers))
}

fn report(done: &str, saved: &SavedConnection) -> Report {
    let connection = &saved.connection;
    let mut text = format!("{done} {} ({})", connection.name, connection.id);
    for warning in &saved.warnings {
        text = format!("{warning}\n{text}");
    }
    let mut members = super::members_with_id(connection, "connection_id");
    members.insert("warnings".to_owned(), json!(saved.warnings));
    Report::done(members.into(), text)
}

/// How much a model takes and gives, what a million tokens cost, what it reads, how it thinks and how fast it is, until when
/// it answers, and what it is not sent.
fn model_row(model: &ModelInfo) -> [String; 6] {
    // Prices are far below 2^53 millionths.
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    let dollars =
        |micros: Option<u64>| micros.map_or_else(|| "?".to_owned(), |micros| format!("${}", micros as f64 / 1e6));
    let price = model.price.as_ref().filter(|_| !model.is_free).map_or_else(
        || {
            let words = match (model.is_free, model.is_assumed_free) {
                (true, true) => "counted as free, on this computer",
                (true, false) => "free, on this computer",
                (false, _) => "price unknown",
            };
            words.to_owned()
        },
        |price| {
            let mut words = format!("{} in, {} out", dollars(price.input_micros), dollars(price.output_micros));
            if price.cached_micros.is_some() {
                words.push_str(&format!(", {} cached", dollars(price.cached_micros)));
            }
            if let (input @ Some(_), output @ Some(_)) = (price.batch_input_micros, price.batch_output_micros) {
                words.push_str(&format!(", by batch {} in, {} out", dollars(input), dollars(output)));
            }
            if price.has_tiers {
                words.push_str(", long inputs more");
            }
            if price.is_own {
                words.push_str(" (your price)");
            }
            words
        },
    );
    let tokens = [(model.context_tokens, "tokens"), (model.output_tokens_max, "of output")]
        .into_iter()
        .filter_map(|(count, what)| Some(format!("{} {what}", count?)));
    let reads = [(model.has_vision, "images"), (model.has_pdf, "PDF")]
        .into_iter()
        .filter(|(reads, _)| *reads == Some(true))
        .map(|(_, what)| format!("reads {what}"));
    let levels = model.reasoning.as_ref().filter(|levels| !levels.is_empty());
    let reasons = levels.map(|levels| effort_words(levels));
    let refuses =
        if model.refuses.is_empty() { String::new() } else { format!("does not take {}", model.refuses.join(", ")) };
    let retirement = |retires: &String| Retirement { retires: retires.clone(), is_retired: model.is_retired };
    let retires = model.retires.as_ref().map_or_else(String::new, |day| super::retirement_text(&retirement(day)));
    let can: Vec<_> = reads.chain(reasons).chain(model.speed.map(local::speed_words)).collect();
    [shown(&model.id), tokens.collect::<Vec<_>>().join(", "), price, can.join(", "), retires, refuses]
}

/// The levels of effort that a model takes: “effort low|high, also without reasoning”.
fn effort_words(levels: &[String]) -> String {
    let (without, with): (Vec<_>, Vec<_>) = levels.iter().map(String::as_str).partition(|level| *level == "none");
    match (with.is_empty(), without.is_empty()) {
        (true, _) => "reasoning can be switched off (effort none), and has no levels".to_owned(),
        (false, true) => format!("effort {}", with.join("|")),
        (false, false) => format!("effort {}, also without reasoning (none)", with.join("|")),
    }
}

/// Gives the engine the key in `variable`, if one is named, for this process only.
async fn lend(engine: &Engine, connection: &str, variable: Option<String>) -> Result<()> {
    match variable {
        Some(variable) => engine.lend_api_key(connection.to_owned(), secret_from(&variable)?).await,
        None => Ok(()),
    }
}

/// The API key and the auth token that are to be stored.
fn secrets(source: &KeySource) -> Result<(Option<Secret>, Option<Secret>)> {
    let api_key = match &source.key_env {
        Some(variable) => Some(secret_from(variable)?),
        None if source.key_stdin => Some(key_from_stdin()?),
        None => None,
    };
    Ok((api_key, source.auth_token_env.as_deref().map(secret_from).transpose()?))
}

pub(super) fn certificates(path: &Path) -> Result<String> {
    let read = std::fs::File::open(path).and_then(|file| {
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    let shown = path.display();
    let bytes = read.map_err(|error| match error.kind() {
        ErrorKind::NotFound => Error::invalid_field(
            "custom_ca",
            format!("there is no file {shown}; give the path of the authority's certificate, as PEM or DER"),
        ),
        _ => Error::invalid_field(
            "custom_ca",
            format!("the certificates in {shown} could not be read: {}", file_problem(&error)),
        ),
    })?;
    certificates_pem(&bytes)
}

fn key_from_stdin() -> Result<Secret> {
    let mut key = String::new();
    std::io::stdin()
        .take(KEY_BYTES_MAX)
        .read_to_string(&mut key)
        .map_err(|error| Error::invalid(format!("the key could not be read from standard input: {error}")))?;
    if key.trim().is_empty() {
        return Err(Error::invalid("no key came on standard input"));
    }
    Ok(Secret::new(key))
}
