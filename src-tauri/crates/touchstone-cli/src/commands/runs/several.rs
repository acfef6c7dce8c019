//! The runs that one command starts: each of the versions, asked of each of the models, so many times.

use crate::arguments::{OnlyArgument, RunOf, SubsetArgument};
use crate::output::{Report, remark, shown};
use serde_json::Value;
use std::path::PathBuf;
use touchstone_engine::connections::{ConnectionSummary, Retirement};
use touchstone_engine::domain::ConnectionId;
use touchstone_engine::domain::run::{Only, Repetition, Subset};
use touchstone_engine::runs::{AskedModel, NewRun};
use touchstone_engine::versions::VersionSummary;
use touchstone_engine::{Engine, Error, Result};

pub(super) struct Several {
    /// By version, model and repetition.
    pub runs: Vec<NewRun>,
    /// The file that lists their tasks.
    pub tasks: Option<PathBuf>,
    /// Whom they ask for which model, each once.
    asked: Vec<(ConnectionId, String)>,
}

impl Several {
    pub(super) async fn of(engine: &Engine, wanted: RunOf) -> Result<Self> {
        let RunOf { prompt, versions, models, repetitions, ask_again, subset, limit_usd, only } = wanted;
        let prompt = engine.prompt(prompt).await?.summary;
        let mut named = Vec::new();
        for version in versions {
            named.push(engine.find_version(prompt.id.clone(), version).await?);
        }
        if named.is_empty() {
            let latest = prompt.latest_version;
            let latest = latest.ok_or_else(|| Error::invalid("the prompt has no version yet; save one first"))?;
            named.push(engine.version(latest.id).await?.summary);
        }
        let (subset, tasks) = match subset {
            SubsetArgument::Named(subset) => (subset, None),
            SubsetArgument::Custom(path) => (Subset::Custom, Some(path)),
        };
        let connections = if models.is_empty() { Vec::new() } else { engine.connections().await? };
        let (mut runs, mut asked) = (Vec::new(), Vec::new());
        for version in named {
            let models = match models.as_slice() {
                [] => vec![None],
                models => models.iter().map(|model| Some(asked_model(&connections, &version, model))).collect(),
            };
            for model in models {
                let connection = model.as_ref().and_then(|model| model.connection_id.clone());
                if let Some(connection) = connection.or_else(|| version.connection_id.clone()) {
                    let id = model.as_ref().map_or(&version.model, |asked| &asked.model).clone();
                    if !asked.contains(&(connection.clone(), id.clone())) {
                        asked.push((connection, id));
                    }
                }
                runs.extend((1..=repetitions).map(|number| NewRun {
                    prompt_id: prompt.id.clone(),
                    version_id: Some(version.id.clone()),
                    model: model.clone(),
                    repetition: Repetition::among(number, repetitions),
                    ask_again,
                    subset,
                    picked: None,
                    only: only.map(filter),
                    concurrency: None,
                    batch: false,
                    limit_micros: limit_usd,
                }));
            }
        }
        Ok(Self { runs, tasks, asked })
    }

    /// The one connection that is asked. A key is for one, and shown to no other.
    pub(super) fn connection(&self) -> Result<&ConnectionId> {
        let Some((connection, _)) = self.asked.first() else {
            return Err(Error::invalid("the version names no connection"));
        };
        if self.asked.iter().any(|(other, _)| other != connection) {
            return Err(Error::invalid("--key-env is for one connection, and these runs ask several"));
        }
        Ok(connection)
    }

    /// Says that a model answers no more before it is asked all the same: whoever calls it by another name may know better.
    pub(super) async fn warn_of_retirement(&self, engine: &Engine) -> Result<()> {
        for (connection, model) in &self.asked {
            let retirement = engine.retirement(connection.to_string(), model.clone()).await?;
            if let Some(Retirement { retires, .. }) = retirement.filter(|retirement| retirement.is_retired) {
                remark(&format!("{} was retired on {retires}; asking it all the same.\n", shown(model)));
            }
        }
        Ok(())
    }
}

/// The model that a name means: an id that the version's connection offers, or else `CONNECTION/ID`, since ids have slashes
/// of their own.
fn asked_model(connections: &[ConnectionSummary], version: &VersionSummary, name: &str) -> AskedModel {
    let own = connections.iter().find(|row| Some(&row.id) == version.connection_id.as_ref());
    let is_own = name == version.model || own.is_some_and(|row| row.models.iter().any(|model| model.id == name));
    let elsewhere = connections.iter().find_map(|row| {
        let after = |start: &str| name.strip_prefix(start)?.strip_prefix('/');
        let model = after(&row.name).or_else(|| after(row.id.as_str()))?;
        Some(AskedModel { connection_id: Some(row.id.clone()), model: model.to_owned() })
    });
    elsewhere.filter(|_| !is_own).unwrap_or_else(|| AskedModel { connection_id: None, model: name.to_owned() })
}

fn filter(only: OnlyArgument) -> Only {
    match only {
        OnlyArgument::Missing => Only::Missing,
        OnlyArgument::Failed => Only::Failed,
    }
}

/// One report of several; a run that was started alone has its own.
pub(super) fn report(mut reports: Vec<Report>) -> Report {
    match reports.pop() {
        Some(only) if reports.is_empty() => only,
        last => {
            reports.extend(last);
            let text: Vec<_> = reports.iter().map(|report| report.text.as_str()).collect();
            Report {
                text: text.join("\n\n"),
                ok: reports.iter().all(|report| report.ok),
                json: Value::Array(reports.into_iter().map(|report| report.json).collect()),
            }
        }
    }
}
