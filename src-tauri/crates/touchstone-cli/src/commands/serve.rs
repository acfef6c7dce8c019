use super::secret_from;
use crate::arguments::SpellingArgument;
use crate::output::{self, Report};
use serde_json::json;
use std::io::BufRead;
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::local_api::ApiSpelling;
use touchstone_engine::{Engine, Error, Result};

/// Serves until the program is interrupted. `token_env` names the variable with the token; without one it is the first
/// line of standard input.
pub(crate) async fn run(
    engine: &Engine,
    port: u16,
    token_env: Option<&str>,
    spelling: SpellingArgument,
) -> Result<Report> {
    let token = match token_env {
        Some(variable) => secret_from(variable)?,
        None => first_line()?,
    };
    let (spelling, word) = match spelling {
        SpellingArgument::First => (ApiSpelling::First, "first"),
        SpellingArgument::Second => (ApiSpelling::Second, "second"),
        SpellingArgument::Current => (ApiSpelling::Current, "current"),
    };
    let served = engine.serve(port, token, spelling).await?;
    output::line(&json!({ "address": served.address(), "port": served.port(), "spelling": word }).to_string());
    super::runs::interrupt().await;
    served.stop().await;
    Ok(Report { json: json!({}), text: String::new(), ok: true })
}

fn first_line() -> Result<Secret> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Error::invalid(format!("the token could not be read: {error}")))?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}
