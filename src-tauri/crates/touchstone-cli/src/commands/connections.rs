use super::secret_from;
use crate::arguments::{AddedProvider, ConnectionCommand, KeySource};
use crate::output::{Report, columns};
use serde_json::json;
use std::io::Read;
use touchstone_engine::connections::NewConnection;
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::{Engine, Error, Result};

pub(crate) async fn run(engine: &Engine, command: ConnectionCommand) -> Result<Report> {
    match command {
        ConnectionCommand::Add { provider: AddedProvider::Custom, name, endpoint, key } => {
            let (api_key, auth_token) = secrets(&key)?;
            let connection = NewConnection { name, endpoint, api_key, auth_token, until_quit: false };
            let added = engine.add_connection(connection).await?;
            let text = format!("added {} ({})", added.name, added.id);
            Ok(Report::done(super::members_with_id(&added, "connection_id").into(), text))
        }
        ConnectionCommand::List => {
            let connections = engine.connections().await?;
            let rows: Vec<_> = connections
                .iter()
                .map(|connection| {
                    [
                        connection.name.clone(),
                        connection.provider.as_str().to_owned(),
                        match connection.endpoint.as_deref() {
                            Some(endpoint) => endpoint.to_owned(),
                            None => "built in, not a language model".to_owned(),
                        },
                        connection.last_test.as_ref().map_or_else(String::new, |test| test.message.clone()),
                    ]
                })
                .collect();
            Ok(Report::done(json!({ "connections": connections }), columns(&rows)))
        }
        ConnectionCommand::Test { connection, key_env } => {
            if let Some(variable) = key_env {
                engine.lend_api_key(connection.clone(), secret_from(&variable)?).await?;
            }
            let record = engine.test_connection(connection).await?;
            Ok(Report { ok: record.ok, text: record.message.clone(), json: super::members(&record).into() })
        }
        ConnectionCommand::Remove { connection } => {
            engine.remove_connection(connection.clone()).await?;
            Ok(Report::done(json!({ "removed": connection }), format!("removed {connection}")))
        }
    }
}

/// The API key and the auth token that are to be stored.
fn secrets(source: &KeySource) -> Result<(Option<Secret>, Option<Secret>)> {
    if source.no_key {
        return Ok((None, None));
    }
    let api_key = match &source.key_env {
        Some(variable) => Some(secret_from(variable)?),
        None if source.key_stdin => Some(key_from_stdin()?),
        None => None,
    };
    Ok((api_key, source.auth_token_env.as_deref().map(secret_from).transpose()?))
}

fn key_from_stdin() -> Result<Secret> {
    /// Longer than any key, short enough that a wrong pipe is noticed.
    const KEY_BYTES_MAX: u64 = 64 << 10;
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
