//! One file per noun. Each translates arguments into calls of the engine, and what comes back into a report.

pub(crate) mod bench;
pub(crate) mod comparison;
pub(crate) mod configs;
pub(crate) mod connections;
pub(crate) mod demo;
pub(crate) mod exports;
pub(crate) mod label_studio;
pub(crate) mod network;
pub(crate) mod projects;
pub(crate) mod prompts;
pub(crate) mod report;
pub(crate) mod reviews;
pub(crate) mod runs;
pub(crate) mod serve;
pub(crate) mod settings;
pub(crate) mod spaces;
pub(crate) mod templates;
pub(crate) mod vectors;
pub(crate) mod versions;
pub(crate) mod workspace;

use crate::output::shown;
use serde_json::{Map, Value};
use touchstone_engine::connections::Retirement;
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::stats::Accuracy;
use touchstone_engine::domain::text::tenths;
use touchstone_engine::{Error, Result};

/// The secret in an environment variable.
fn secret_from(variable: &str) -> Result<Secret> {
    match std::env::var(variable) {
        Ok(value) if !value.trim().is_empty() => Ok(Secret::new(value)),
        Ok(_) => Err(Error::invalid(format!("the environment variable {variable} is empty"))),
        Err(_) => Err(Error::invalid(format!("the environment variable {variable} is not set"))),
    }
}

/// The members of a struct, to pick from and add to.
fn members(value: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// The members of a struct, with its `id` under a name that says whose it is, first.
fn members_with_id(value: &impl serde::Serialize, name: &str) -> Map<String, Value> {
    let mut members = members(value);
    let id = members.shift_remove("id").unwrap_or_default();
    members.shift_insert(0, name.to_owned(), id);
    members
}

/// Until when a model answers, under the names that a list of models has them by.
fn add_retirement(json: &mut Value, retirement: Option<&Retirement>) {
    json["retires"] = retirement.map(|retirement| retirement.retires.as_str()).into();
    json["is_retired"] = retirement.is_some_and(|retirement| retirement.is_retired).into();
}

/// “stops to answer on 2027-01-14”
fn retirement_text(retirement: &Retirement) -> String {
    let Retirement { retires, is_retired } = retirement;
    format!("{} to answer on {retires}", if *is_retired { "stopped" } else { "stops" })
}

/// `text` after a line that the days of `model` are counted, if they are.
fn with_retirement(text: String, model: &str, retirement: Option<&Retirement>) -> String {
    match retirement {
        Some(retirement) => format!("{} {}\n{text}", shown(model), retirement_text(retirement)),
        None => text,
    }
}

fn accuracy_text(accuracy: Option<Accuracy>) -> String {
    match accuracy {
        Some(accuracy) => format!(
            "{} % ({}–{}), {} of {}",
            tenths(accuracy.value),
            tenths(accuracy.low),
            tenths(accuracy.high),
            accuracy.correct,
            accuracy.scored
        ),
        None => "not scored".to_owned(),
    }
}
